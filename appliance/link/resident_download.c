/* SPDX-License-Identifier: MIT */
/*
 * Everything about the person for machines: JSON whole, CSV by table. Texts of
 * organisations cannot become formulas of a spreadsheet.
 */
#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "resident_int.h"
#include "text.h"

enum { DOWNLOAD_MAX = 16 * 1024 * 1024, PAGES_MAX = 200 };

/* ---- JSON ---- */

static void
put_time(json_t *j, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	json_put_str(j, key, ms ? time_iso(text, ms) : NULL);
}

static json_t *
words_json(struct words w)
{
	json_t *j = json_object();

	json_put_str(j, "ja", w.ja);
	json_put_str(j, "en", w.en);
	return j;
}

static int
put_account_list(struct page *p, json_t *doc, struct err *e)
{
	json_t *list = json_array();
	struct account *x;
	size_t n;

	json_put_new(doc, "accounts", list);
	if (person_accounts(p->res->book, p->visit.person, p->a, &x, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_t *j = json_object();

		json_put_str(j, "issuer", x[i].issuer);
		json_put_str(j, "subject", x[i].subject);
		json_put_str(j, "level", x[i].level);
		put_time(j, "linkedAt", x[i].linked_at);
		put_time(j, "lastSignInAt", x[i].seen_at);
		json_array_append_new(list, j);
	}
	return 0;
}

static int
put_link_list(struct page *p, json_t *doc, struct err *e)
{
	json_t *list = json_array();
	struct idlink *x;
	int64_t whose;
	size_t n;

	json_put_new(doc, "links", list);
	if (page_whose(p, &whose, e) ||
		person_links(p->res->book, whose, p->a, &x, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_t *j = json_object();

		json_put_str(j, "organisation", x[i].organisation);
		json_put_new(j, "name",
			words_json(
				(struct words){ x[i].name_ja, x[i].name_en }));
		json_put_str(j, "identifier", x[i].pairwise);
		json_put_str(j, "state", x[i].state);
		put_time(j, "changedAt", x[i].changed_at);
		json_array_append_new(list, j);
	}
	return 0;
}

static int
put_step_list(
	struct page *p, json_t *consent, const char *reference, struct err *e)
{
	struct consent_viewer v = page_viewer(p);
	json_t *list = json_array();
	struct consent_step *s;
	size_t n;

	json_put_new(consent, "steps", list);
	if (consent_steps(p->res->book, &v, reference, p->a, &s, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_t *j = json_object();

		put_time(j, "at", s[i].at);
		json_put_str(j, "from", s[i].from);
		json_put_str(j, "to", s[i].to);
		json_put_str(j, "actor", s[i].actor);
		json_put_str(j, "reason", s[i].reason);
		json_put_new(j, "items", json_incref(s[i].items));
		put_time(j, "until", s[i].valid_to);
		json_array_append_new(list, j);
	}
	return 0;
}

static json_t *
consent_json(const struct consent *c)
{
	json_t *j = json_object();

	json_put_str(j, "reference", c->reference);
	json_put_str(j, "state", consent_state_name(c->state));
	json_put_str(j, "consumer", c->purpose.consumer);
	json_put_new(j, "consumerName", words_json(c->consumer));
	json_put_new(j, "purpose", words_json(c->purpose.title));
	json_put_new(j, "reason", words_json(c->purpose.reason));
	json_put_str(j, "provider", c->service.provider);
	json_put_new(j, "providerName", words_json(c->provider));
	json_put_new(j, "service", words_json(c->service.title));
	json_put_new(j, "legalBasis", words_json(c->service.legal));
	json_put_new(j, "asked", json_incref(c->asked));
	json_put_new(j, "items", json_incref(c->items));
	put_time(j, "requestedAt", c->requested_at);
	put_time(j, "from", c->valid_from);
	put_time(j, "until", c->valid_to);
	return j;
}

/* One row of what is listed in pages. */
typedef int consent_fn(
	struct page *p, const struct consent *c, void *ctx, struct err *e);
static int
each_consent(struct page *p, consent_fn *fn, void *ctx, struct err *e)
{
	struct consent_viewer v = page_viewer(p);
	struct consent *c;
	size_t n = CONSENTS_PAGE;

	for (size_t at = 0;
		n == CONSENTS_PAGE && at < (size_t)PAGES_MAX * CONSENTS_PAGE;
		at += n) {
		if (consent_list(p->res->book, &v, at, p->a, &c, &n, e))
			return -1;
		for (size_t i = 0; i < n; i++)
			if (fn(p, &c[i], ctx, e))
				return -1;
	}
	return 0;
}

typedef void transfer_fn(struct page *p, const struct transfer *t, void *ctx);
static int
each_transfer(struct page *p, transfer_fn *fn, void *ctx, struct err *e)
{
	struct consent_viewer v = page_viewer(p);
	struct transfer *t;
	size_t n = CONSENTS_PAGE;

	for (size_t at = 0;
		n == CONSENTS_PAGE && at < (size_t)PAGES_MAX * CONSENTS_PAGE;
		at += n) {
		if (consent_transfers(p->res->book, &v, at, p->a, &t, &n, e))
			return -1;
		for (size_t i = 0; i < n; i++)
			fn(p, &t[i], ctx);
	}
	return 0;
}

static int
add_consent(struct page *p, const struct consent *c, void *list, struct err *e)
{
	json_t *j = consent_json(c);

	json_array_append_new(list, j);
	return put_step_list(p, j, c->reference, e);
}

static void
add_transfer(struct page *p, const struct transfer *t, void *list)
{
	json_t *j = json_object();

	(void)p;
	json_put_str(j, "consent", t->reference);
	put_time(j, "at", t->at);
	json_put_new(j, "consumerName", words_json(t->consumer));
	json_put_new(j, "providerName", words_json(t->provider));
	json_put_new(j, "service", words_json(t->service));
	json_put_new(j, "purpose", words_json(t->purpose));
	json_put_new(j, "items", json_incref(t->items));
	json_array_append_new(list, j);
}

static int
write_json(struct page *p, struct buf *b, struct err *e)
{
	json_t *doc = json_keep(p->a, json_object());
	json_t *consents = json_array(), *transfers = json_array();

	put_time(doc, "madeAt", clock_now());
	json_put_new(doc, "consents", consents);
	json_put_new(doc, "transfers", transfers);
	if ((!p->visit.represented && put_account_list(p, doc, e)) ||
		put_link_list(p, doc, e) ||
		each_consent(p, add_consent, consents, e) ||
		each_transfer(p, add_transfer, transfers, e))
		return -1;
	json_write(b, doc, JSON_PRETTY);
	return 0;
}

/* ---- CSV (RFC 4180), UTF-8 with a mark for spreadsheets ---- */

static void
cell(struct buf *b, const char *s, bool last)
{
	buf_char(b, '"');
	if (*s && strchr("=+-@\t\r", *s))
		buf_char(b, '\'');
	for (; *s; s++) {
		if (*s == '"')
			buf_char(b, '"');
		buf_char(b, *s);
	}
	buf_str(b, last ? "\"\r\n" : "\",");
}

static const char *
time_cell(struct page *p, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	return ms ? arena_strdup(p->a, time_iso(text, ms)) : "";
}

static int
consent_row(struct page *p, const struct consent *c, void *ctx, struct err *e)
{
	struct buf *b = ctx;

	(void)e;
	cell(b, c->reference, false);
	cell(b, say(p, consent_state_word(c->state)), false);
	cell(b, pick(p, c->consumer), false);
	cell(b, pick(p, c->purpose.title), false);
	cell(b, pick(p, c->provider), false);
	cell(b, pick(p, c->service.title), false);
	cell(b, items_text(p, &c->service, c->items, "; "), false);
	cell(b, time_cell(p, c->requested_at), false);
	cell(b, time_cell(p, c->valid_to), true);
	return 0;
}

static void
transfer_row(struct page *p, const struct transfer *t, void *ctx)
{
	struct buf *b = ctx;

	cell(b, time_cell(p, t->at), false);
	cell(b, pick(p, t->consumer), false);
	cell(b, pick(p, t->purpose), false);
	cell(b, pick(p, t->provider), false);
	cell(b, pick(p, t->service), false);
	cell(b, items_text(p, &t->named, t->items, "; "), false);
	cell(b, t->reference, true);
}

static void
head_row(struct page *p, struct buf *b, const enum resident_word *w, size_t n)
{
	buf_str(b, "\xef\xbb\xbf");
	for (size_t i = 0; i < n; i++)
		cell(b, say(p, w[i]), i + 1 == n);
}

static int
write_consents(struct page *p, struct buf *b, struct err *e)
{
	static const enum resident_word head[] = { W_CONSENT, W_STATE, W_WHO,
		W_PURPOSE, W_SOURCE, W_SERVICE, W_ITEMS, W_WHEN, W_UNTIL };

	head_row(p, b, head, sizeof(head) / sizeof(*head));
	return each_consent(p, consent_row, b, e);
}

static int
write_transfers(struct page *p, struct buf *b, struct err *e)
{
	static const enum resident_word head[] = { W_WHEN, W_RECEIVER,
		W_PURPOSE, W_SOURCE, W_SERVICE, W_ITEMS, W_CONSENT };

	head_row(p, b, head, sizeof(head) / sizeof(*head));
	return each_transfer(p, transfer_row, b, e);
}

/* ---- the files ---- */

struct download {
	const char *file, *type;
	enum resident_word word;
	int (*write)(struct page *p, struct buf *b, struct err *e);
};
static const struct download downloads[] = {
	{ "personal-link.json", "application/json", W_DOWNLOAD_JSON,
		write_json },
	{ "consents.csv", "text/csv; charset=utf-8", W_DOWNLOAD_CONSENTS,
		write_consents },
	{ "transfers.csv", "text/csv; charset=utf-8", W_DOWNLOAD_TRANSFERS,
		write_transfers },
};
enum { DOWNLOADS = sizeof(downloads) / sizeof(*downloads) };

int
download_page(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);

	(void)state;
	page_begin(p, say(p, W_DOWNLOAD));
	html_put(p->out, "<p>%s</p><ul class=\"list\">",
		say(p, W_DOWNLOAD_LEAD));
	for (size_t i = 0; i < DOWNLOADS; i++)
		html_put(p->out, "<li><a href=\"%s\" download>%s</a></li>",
			path_of(p, "/download/%s", downloads[i].file),
			say(p, downloads[i].word));
	html_put(p->out, "</ul><p>%s</p>", say(p, W_DOWNLOAD_PROOF));
	return page_send(p, 200, e);
}

int
download_file(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	const char *kind = request_segment(r, "kind");
	struct buf b;
	int ret;

	(void)state;
	for (size_t i = 0; i < DOWNLOADS; i++) {
		if (!str_equal(kind, downloads[i].file))
			continue;
		buf_init(&b, DOWNLOAD_MAX);
		ret = downloads[i].write(p, &b, e);
		if (!ret)
			ret = buf_ok(&b, "the download", e);
		if (!ret)
			ret = page_file(p, downloads[i].file, downloads[i].type,
				bytes_buf(&b), e);
		buf_done(&b);
		return ret;
	}
	return fail(e, FAULT_NOT_FOUND, "no download %.40s", kind);
}
