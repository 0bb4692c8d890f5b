/* SPDX-License-Identifier: MIT */
/* "Who used my data, when, for what", and the signed proofs of decisions. */
#include "err.h"
#include "mem.h"
#include "resident_int.h"
#include "text.h"

static size_t
offset_of(struct page *p)
{
	const char *query = request_query(p->r);
	const char *text = query_get(p->a, query ? query : "", "from");
	int64_t from = 0;

	if (!text || int_parse(text, 0, 1000000, &from, NULL))
		return 0;
	return (size_t)from;
}

static void
put_row(struct page *p, const struct transfer *t)
{
	html_put(p->out, "<tr><td>");
	put_moment(p, t->at);
	html_put(p->out,
		"</td><td>%s</td><td><a href=\"%s\">%s</a><br>%s</td>"
		"<td>%s</td><td>%s</td></tr>",
		pick(p, t->consumer), path_of(p, "/consent/%s", t->reference),
		pick(p, t->service),
		items_text(p, &t->named, t->items, p->ja ? "、" : ", "),
		pick(p, t->purpose), pick(p, t->provider));
}

static void
put_table(struct page *p, const struct transfer *t, size_t n)
{
	html_put(p->out,
		"<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		"aria-label=\"%s\"><table><thead><tr><th scope=\"col\">%s</th>"
		"<th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
		"<th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr>"
		"</thead><tbody>",
		say(p, W_HISTORY), say(p, W_WHEN), say(p, W_RECEIVER),
		say(p, W_SERVICE), say(p, W_PURPOSE), say(p, W_SOURCE));
	for (size_t i = 0; i < n; i++)
		put_row(p, &t[i]);
	html_put(p->out, "</tbody></table></div>");
}

int
history_page(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	struct consent_viewer v = page_viewer(p);
	size_t n, from = offset_of(p);
	struct transfer *t;

	(void)state;
	if (consent_transfers(p->res->book, &v, from, p->a, &t, &n, e))
		return -1;
	page_begin(p, say(p, W_HISTORY));
	html_put(p->out, "<p>%s</p>", say(p, W_HISTORY_LEAD));
	if (n)
		put_table(p, t, n);
	else
		html_put(p->out, "<p>%s</p>", say(p, W_NO_HISTORY));
	if (n == CONSENTS_PAGE)
		html_put(p->out, "<p><a href=\"%s\">%s</a></p>",
			path_of(p, "/history?from=%zu", from + n),
			say(p, W_NEXT));
	return page_send(p, 200, e);
}

int
evidence_file(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	struct consent_viewer v = page_viewer(p);
	struct bytes container;
	int64_t step;

	(void)state;
	if (int_parse(request_segment(r, "step"), 1, INT64_MAX, &step, NULL))
		return link_refuse(e, LINK_NO_CONSENT);
	if (consent_container(p->res->book, &v, step, p->a, &container, e))
		return -1;
	if (!container.len)
		return page_go(p, e, "/%s/consents", page_lang(p));
	return page_file(p,
		arena_printf(p->a, "consent-%lld.asice", (long long)step),
		"application/vnd.etsi.asic-e+zip", container, e);
}
