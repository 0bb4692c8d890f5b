/* SPDX-License-Identifier: MIT */
/* What a rule "needs consent" is made of, and what it must be. */
#include "consent_int.h"

#include <string.h>

#include "err.h"
#include "text.h"

static const char *const WORD[CONSENT_PLACES] = {
	[CONSENT_FIXED] = "fixed",
	[CONSENT_HEADER] = "header",
	[CONSENT_QUERY] = "query",
	[CONSENT_JSON] = "json",
	[CONSENT_XPATH] = "xpath",
	[CONSENT_PARAMETER] = "parameter",
};

const char *
consent_place_word(enum consent_place p)
{
	return WORD[p];
}

enum consent_place
consent_place_by_word(const char *word)
{
	enum consent_place p = CONSENT_FIXED;

	while (p < CONSENT_PLACES && !str_equal(WORD[p], word))
		p++;
	return p;
}

/* SOAP messages have no header, query or JSON that the signature covers. */
static int
check_where(const struct consent_where *w, const json_t *namespaces, bool soap,
	struct err *e)
{
	if (!w->name || !*w->name)
		return fail(e, FAULT_BAD_REQUEST,
			"\"name\" is missing: say where in the request the "
			"value is");
	if (soap && (w->in == CONSENT_HEADER || w->in == CONSENT_QUERY ||
			    w->in == CONSENT_JSON))
		return fail(e, FAULT_BAD_REQUEST,
			"in a SOAP service values are found by xpath or "
			"parameter, not by %s",
			WORD[w->in]);
	if (w->in == CONSENT_JSON && *w->name != '/')
		return fail(e, FAULT_BAD_REQUEST,
			"\"%.200s\" is not a JSON pointer: it begins with /",
			w->name);
	if (w->in == CONSENT_HEADER && str_iprefix(w->name, "x-machilink-"))
		return fail(e, FAULT_BAD_REQUEST,
			"headers X-Machilink-... are not taken from outside: "
			"choose another name than %.200s",
			w->name);
	return w->in == CONSENT_XPATH
		       ? consent_xpath_check(w->name, namespaces, e)
		       : 0;
}

static int
check_subject(const struct consent_where *w, const json_t *namespaces,
	bool soap, struct err *e)
{
	if (w->in == CONSENT_FIXED)
		return fail(e, FAULT_BAD_REQUEST,
			"the person's identifier cannot be fixed: say where "
			"it is found");
	return check_where(w, namespaces, soap, e);
}

int
consent_rule_check(const struct consent_rule *r, bool soap, struct err *e)
{
	return check_subject(&r->subject, r->namespaces, soap, e) ||
			       check_where(&r->purpose, r->namespaces, soap, e)
		       ? -1
		       : 0;
}

int
record_rule_check(const struct record_rule *r, bool soap, struct err *e)
{
	if (check_subject(&r->subject, r->namespaces, soap, e))
		return -1;
	if (!r->purpose.name)
		return 0;
	if (r->purpose.in == CONSENT_FIXED &&
		strlen(r->purpose.name) > CONSENT_VALUE_MAX)
		return fail(e, FAULT_BAD_REQUEST,
			"the purpose's code has more than %d bytes",
			CONSENT_VALUE_MAX);
	return check_where(&r->purpose, r->namespaces, soap, e);
}
