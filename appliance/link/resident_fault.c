/* SPDX-License-Identifier: MIT */
/*
 * Faults as pages: what happened, why, what to do, in the reader's language.
 * Personal-Link's own refusals have their sentences; what went wrong while
 * signing in and on the way gets one by its kind. Technical sentences are for
 * the log.
 */
#include "err.h"
#include "log.h"
#include "mem.h"
#include "resident_int.h"
#include "text.h"

struct fault_word {
	enum fault fault;
	int status;
	enum resident_word word;
};
static const struct fault_word rows[] = {
	{ FAULT_NOT_FOUND, 404, W_ERROR_NOT_FOUND },
	{ FAULT_INVALID_HTTP_METHOD, 405, W_ERROR_NOT_FOUND },
	{ FAULT_FORBIDDEN, 403, W_ERROR_DENIED },
	{ FAULT_UNAUTHORIZED, 401, W_ERROR_TOKEN },
	{ FAULT_CONFLICT, 403, W_ERROR_CSRF },
	{ FAULT_BAD_REQUEST, 400, W_ERROR_ATTEMPT },
	{ FAULT_INVALID_REQUEST, 400, W_ERROR_INPUT },
	{ FAULT_TOO_LARGE, 413, W_ERROR_INPUT },
	{ FAULT_LIMIT, 429, W_ERROR_BUSY },
	{ FAULT_NETWORK, 502, W_ERROR_PROVIDER },
	{ FAULT_UNKNOWN_HOST, 502, W_ERROR_PROVIDER },
	{ FAULT_SSL_AUTH, 502, W_ERROR_PROVIDER },
	{ FAULT_CONFIG, 502, W_ERROR_PROVIDER },
	{ FAULT_IO, 502, W_ERROR_PROVIDER },
	{ FAULT_NONE, 500, W_ERROR_INTERNAL },
};

static const struct fault_word *
row_of(enum fault f)
{
	const struct fault_word *row = rows;

	while (row->fault != FAULT_NONE && row->fault != f)
		row++;
	return row;
}

/* Words of a refusal are the model's own: the code says whose they are. */
static bool
is_refusal(const struct err *fault)
{
	return str_prefix(fault->code, "link.");
}

/* Refusals are clauses, as everywhere in this program. */
static const char *
sentence(const struct page *p, const char *clause)
{
	char first = *clause;

	if (first >= 'a' && first <= 'z')
		first = (char)(first - 'a' + 'A');
	return *clause ? arena_printf(p->a, "%c%s.", first, clause + 1) : "";
}

const char *
fault_sentence(const struct page *p, const struct err *fault)
{
	if (!is_refusal(fault))
		return say(p, row_of(fault->fault)->word);
	return p->ja ? link_refusal_ja(fault) : sentence(p, fault->text);
}

static int
status_of(const struct err *fault)
{
	return is_refusal(fault) ? fault_http(fault->fault)
				 : row_of(fault->fault)->status;
}

int
page_again(struct page *p, page_handler *show, const struct err *why,
	struct err *e)
{
	if (!is_refusal(why)) {
		*e = *why;
		return -1;
	}
	p->trouble = why;
	return show(p->r, p->res, e);
}

void
page_fault(struct request *r, const struct err *fault, void *state)
{
	struct page *p = page_of(r);
	int status = status_of(fault);

	if (!p)
		p = page_new(r, state);
	if (status >= 500)
		log_err("resident pages", fault);
	else
		log_info("resident pages: %s", fault->text);
	p->trouble = fault;
	page_begin(p, say(p, W_ERROR));
	if (status >= 500)
		html_put(p->out, "<p>%s</p>",
			say_with(p, W_ERROR_REFERENCE, request_id(r), NULL));
	html_put(p->out, "<p><a class=\"button\" href=\"%s\">%s</a></p>",
		path_of(p, "/"), say(p, W_TRY_AGAIN));
	(void)page_send(p, status, NULL);
}
