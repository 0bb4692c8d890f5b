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
static const char *
sentence(const struct page *p, const struct err *fault,
	const struct fault_word *row)
{
	if (!str_prefix(fault->code, "link."))
		return say(p, row->word);
	return p->ja ? link_refusal_ja(fault) : fault->text;
}

void
page_fault(struct request *r, const struct err *fault, void *state)
{
	struct page *p = page_of(r);
	const struct fault_word *row = row_of(fault->fault);
	int status = str_prefix(fault->code, "link.") ? fault_http(fault->fault)
						      : row->status;

	if (!p)
		p = page_new(r, state);
	if (status >= 500)
		log_err("resident pages", fault);
	else
		log_info("resident pages: %s", fault->text);
	page_begin(p, say(p, W_ERROR));
	html_put(p->out, "<p role=\"alert\" class=\"error\">%s</p>",
		sentence(p, fault, row));
	if (status >= 500)
		html_put(p->out, "<p>%s</p>",
			say_with(p, W_ERROR_REFERENCE, request_id(r), NULL));
	html_put(p->out, "<p><a class=\"button\" href=\"%s\">%s</a></p>",
		path_of(p, "/"), say(p, W_TRY_AGAIN));
	(void)page_send(p, status, NULL);
}
