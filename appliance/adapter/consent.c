/* SPDX-License-Identifier: MIT */
/*
 * Parameters that are not the caller's to give: the security server, which has
 * checked the person's consent, tells in headers of its own whom a request is
 * about and what was given (server/consent_int.h). In services.json:
 *
 *	{"name": "resident", "consent": "userId"}
 *
 * userId: the provider's own user ID (既存ID); reference: of the consent;
 * purpose: its code; items: the codes of the items given, separated by commas,
 * or a LIST of them. The contracts do not show such parameters.
 */
#include "adapter_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

struct part {
	const char *word, *header;
};
static const struct part parts[GRANT_PARTS] = {
	[GRANT_USER_ID] = { "userId", "X-Machilink-User-Id" },
	[GRANT_REFERENCE] = { "reference", "X-Machilink-Consent" },
	[GRANT_PURPOSE] = { "purpose", "X-Machilink-Purpose" },
	[GRANT_ITEMS] = { "items", "X-Machilink-Items" },
};

int
grant_read(json_t *item, struct field *f, struct err *e)
{
	const char *word = NULL;
	int part = GRANT_USER_ID;

	if (json_opt_str(item, "consent", NAME_MAX_LEN, &word, e))
		return -1;
	if (!word)
		return 0;
	while (part < GRANT_PARTS && !str_equal(word, parts[part].word))
		part++;
	if (part == GRANT_PARTS)
		return fail(e, FAULT_CONFIG,
			"\"%s\" has consent \"%.100s\"; it can be \"userId\", "
			"\"reference\", \"purpose\" or \"items\"",
			f->name, word);
	if (f->optional)
		return fail(e, FAULT_CONFIG,
			"\"%s\" comes from the consent: it has no default and "
			"cannot be left out",
			f->name);
	if (f->list && part != GRANT_ITEMS)
		return fail(e, FAULT_CONFIG,
			"\"%s\" is a LIST; of a consent, only its items are",
			f->name);
	f->grant = (enum grant_part)part;
	f->personal = f->personal || part == GRANT_USER_ID;
	return 0;
}

/* NULL unless it is there exactly once. */
static const char *
header_once(struct request *r, const char *name)
{
	const struct http_header *h;
	const char *value = NULL;
	size_t n = request_headers(r, &h), found = 0;

	for (size_t i = 0; i < n; i++)
		if (str_iequal(h[i].name, name)) {
			value = h[i].value;
			found++;
		}
	return found == 1 ? value : NULL;
}

/* The codes are encoded one by one; there may be none. */
static int
add_codes(struct call *c, const struct field *f, const char *p, struct err *e)
{
	json_t *j = json_keep(c->arena, json_object()), *list = json_array();

	json_put_new(j, f->name, list);
	while (p && *p) {
		size_t n = strcspn(p, ",");
		char *code;

		if (segment_decode(c->arena, p, n, &code, e))
			return -1;
		json_array_append_new(list, json_text_new(code));
		p += n + (p[n] == ',');
	}
	return call_add_object(c, j, (struct bytes){ 0 }, e);
}

static int
add_part(struct call *c, const struct field *f, struct err *e)
{
	const char *value = header_once(c->request, parts[f->grant].header);
	char *text;

	if (!value || (!*value && f->grant != GRANT_ITEMS))
		return fail(e, FAULT_FORBIDDEN,
			"data service \"%s\" runs with a person's consent "
			"alone, and the security server told of none: mark the "
			"service there as needing consent",
			c->service->name);
	if (f->list)
		return add_codes(c, f, value, e);
	return segment_decode(c->arena, value, strlen(value), &text, e) ||
			       call_add(c, f->name, text, e)
		       ? -1
		       : 0;
}

/* Whoever calls gave it: as if there were no such parameter. */
static int
refuse_given(struct call *c, const struct field *f, struct err *e)
{
	for (size_t i = 0; i < c->args; i++)
		if (str_equal(c->arg[i].name, f->name))
			return call_refuse(&c->complaint, UNKNOWN, f->name,
				NULL, "", NULL, e);
	return 0;
}

int
call_grant(struct call *c, struct err *e)
{
	const struct data_service *s = c->service;

	for (size_t i = 0; !c->trial && i < s->params; i++)
		if (s->param[i].grant && (refuse_given(c, &s->param[i], e) ||
						 add_part(c, &s->param[i], e)))
			return -1;
	return 0;
}
