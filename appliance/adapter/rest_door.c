/* SPDX-License-Identifier: MIT */
/*
 * Data services over REST: POST with a JSON object, GET for those that only
 * read. Three names in the query string are ours, on both:
 *
 *	_format  json, xml, csv, csv-bom, csv-cp932; instead of Accept
 *	_limit   rows of a page; the answer then has "next" and a Link header
 *	         (RFC 8288) while there is more
 *	_cursor  the "next" of the page before
 *
 * Rows are sent as they come from the database. A fault after the first piece
 * breaks the answer off (its last chunk is missing); so does CSV with more rows
 * than the service may give, while JSON and XML say "truncated", and a short
 * CSV the header Truncated: true.
 *
 * CSV in CP932 has 〓 for what CP932 does not have; how often, and the first
 * places, are told in the header Unmapped-Characters.
 */
#include <stdio.h>
#include <string.h>

#include "adapter_int.h"
#include "cp932.h"
#include "err.h"
#include "json_io.h"
#include "log.h"
#include "mem.h"
#include "page.h"
#include "text.h"

enum { HEADERS_MAX = 8 };

static const struct data_service *
find_service(struct request *r, struct adapter *ad, struct err *e)
{
	const char *name = request_segment(r, "name");
	const struct data_service *s =
		catalog_find(shelf_of(ad->shelf, r), name ? name : "");

	if (!s)
		fail(e, FAULT_NOT_FOUND, "there is no data service \"%s\"",
			name ? name : "");
	return s;
}

static int
take_pair(struct call *c, struct wish *w, const char *key, const char *value,
	bool params, struct err *e)
{
	const struct {
		const char *name, **to;
	} ours[] = { { "_format", &w->format }, { "_limit", &w->limit },
		{ "_cursor", &w->cursor } };

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (str_equal(key, ours[i].name)) {
			if (*ours[i].to)
				return fail(e, FAULT_BAD_REQUEST,
					"%s is given twice", key);
			*ours[i].to = value;
			return 0;
		}
	if (!params)
		return fail(e, FAULT_BAD_REQUEST,
			"there is no query parameter \"%.100s\" of POST: "
			"parameters of the service are in the body",
			key);
	return call_add(c, key, value, e);
}

int
query_read(struct call *c, const char *p, struct wish *w, bool params,
	struct err *e)
{
	while (p && *p) {
		size_t len = strcspn(p, "&"), name = strcspn(p, "=&");
		char *key, *value = NULL;

		if (form_decode(c->arena, p, name, &key, e) ||
			(name < len && form_decode(c->arena, p + name + 1,
					       len - name - 1, &value, e)) ||
			take_pair(c, w, key, value ? value : "", params, e))
			return -1;
		p += len + (p[len] == '&');
	}
	return 0;
}

int
wish_page(struct call *c, const struct wish *w, struct err *e)
{
	const struct data_service *s = c->service;

	if (!w->limit && !w->cursor)
		return 0;
	if (!s->ordered)
		return fail(e, FAULT_BAD_REQUEST,
			"data service \"%s\" has no order of rows: it cannot "
			"be read in pages",
			s->name);
	c->page = s->row_cap;
	if (w->limit && int_parse(w->limit, 1, s->row_cap, &c->page, NULL))
		return fail(e, FAULT_BAD_REQUEST,
			"_limit must be a whole number from 1 to %lld",
			(long long)s->row_cap);
	return w->cursor ? page_read(c, w->cursor, e) : 0;
}

static int
read_form(struct call *c, const struct wish *w, const struct rowform **form,
	struct err *e)
{
	if (!w->format)
		return rowform_choose(c->arena,
			request_header(c->request, "Accept"), form, e);
	*form = rowform_find(w->format);
	if (!*form)
		return fail(e, FAULT_BAD_REQUEST,
			"_format can be json, xml, csv, csv-bom or csv-cp932");
	return 0;
}

/* "_cursor=...", however its letters are written. */
static bool
is_cursor(struct call *c, const char *pair)
{
	char *name = NULL;

	return !form_decode(c->arena, pair, strcspn(pair, "=&"), &name, NULL) &&
	       str_equal(name, "_cursor");
}

/* The same question with the cursor of the next page. */
static const char *
next_link(struct call *c, const char *next)
{
	const char *p = request_query(c->request);
	struct buf b;
	char *link;

	buf_init(&b, 64 * 1024);
	buf_fmt(&b, "<%s?", request_path(c->request));
	while (p && *p) {
		size_t len = strcspn(p, "&");

		if (len && !is_cursor(c, p)) {
			buf_add(&b, p, len);
			buf_char(&b, '&');
		}
		p += len + (p[len] == '&');
	}
	buf_fmt(&b, "_cursor=%s>; rel=\"next\"", next);
	link = b.over ? NULL : arena_strndup(c->arena, b.data, b.len);
	buf_done(&b);
	return link;
}

/* What CP932 does not have: "3; U+20BB7 row 1 name, ...". Names are encoded as
   in an address: headers are ASCII. */
static const char *
lost_text(struct arena *a, const struct cp932_report *r)
{
	const char *text = arena_printf(a, "%lld", (long long)r->count);

	for (size_t i = 0; i < r->told; i++)
		text = arena_printf(a, "%s%s U+%04X row %lld %s", text,
			i ? "," : ";", (unsigned)r->lost[i].c,
			(long long)r->lost[i].row,
			segment_encode(a, r->lost[i].column));
	return text;
}

static int
send_whole(struct call *c, struct rowout *o, const struct outcome *how,
	struct err *e)
{
	struct http_header h[HEADERS_MAX] = {
		{ "Content-Type", o->form->type },
		{ "Vary", "Accept" },
	};
	size_t n = 2;

	if (how->next)
		h[n++] =
			(struct http_header){ "Link", next_link(c, how->next) };
	if (h[n - 1].value == NULL)
		n--;
	if (how->capped && !how->next)
		h[n++] = (struct http_header){ "Truncated", "true" };
	if (o->lost && o->lost->count)
		h[n++] = (struct http_header){ "Unmapped-Characters",
			lost_text(c->arena, o->lost) };
	return reply_send_headers(c->request, 200, h, n, bytes_buf(o->out), e);
}

/* An answer of any length: pieces as they come. */
static int
send_piece(struct rowout *o, struct err *e)
{
	struct call *c = o->state;
	const struct http_header h[] = { { "Content-Type", o->form->type },
		{ "Vary", "Accept" } };

	if (!reply_begun(c->request) &&
		reply_begin(c->request, 200, h, sizeof(h) / sizeof(*h), -1, e))
		return -1;
	if (reply_write(c->request, o->out->data, o->out->len, e))
		return -1;
	buf_reset(o->out);
	return 0;
}

static int
answer(struct call *c, const struct rowform *form, struct err *e)
{
	struct outcome how = { 0 };
	struct rowout o = { .form = form, .service = c->service, .state = c };
	struct cp932_report lost = { 0 };
	struct buf out;
	int ret;

	buf_init(&out, ADAPTER_ANSWER_MAX);
	o.out = &out;
	if (form->cp932)
		o.lost = &lost;
	if (form->streams && !c->page && !c->service->write &&
		request_takes_chunks(c->request))
		o.flush = send_piece;
	ret = service_run(c, &o, &how, e);
	if (!reply_begun(c->request)) {
		ret = ret ? ret : send_whole(c, &o, &how, e);
	} else if (ret) {
		if (e->fault != FAULT_IO) /* the caller went away */
			log_err(arena_printf(c->arena,
					"data service %s, broken off",
					c->service->name),
				e);
		reply_abort(c->request);
	} else {
		ret = send_piece(&o, e);
		ret = ret ? ret : reply_end(c->request, e);
	}
	buf_done(&out);
	return ret;
}

static int
run(struct call *c, struct wish *w, struct err *e)
{
	const struct rowform *form;

	if (call_grant(c, e) || read_form(c, w, &form, e) || wish_page(c, w, e))
		return -1;
	return answer(c, form, e);
}

int
adapter_get(struct request *r, void *state, struct err *e)
{
	const struct data_service *s = find_service(r, state, e);
	struct wish w = { 0 };
	struct bytes body;
	struct call *c;

	if (!s)
		return -1;
	if (s->write)
		return fail(e, FAULT_INVALID_HTTP_METHOD,
			"data service \"%s\" changes data: use POST", s->name);
	if (request_body(r, &body, e))
		return -1;
	if (body.len)
		return fail(e, FAULT_BAD_REQUEST,
			"GET has its parameters in the address, not in a body");
	c = call_new(r, state, s);
	return call_end(c,
		query_read(c, request_query(r), &w, true, e) ? -1
							     : run(c, &w, e),
		e);
}

/* The parameters. A JSON text is taken whatever it is called; what is none and
   is called something else is told so. */
static int
read_body(struct call *c, struct bytes body, struct err *e)
{
	const char *type = request_header(c->request, "Content-Type");
	struct err why = ERR_INIT;
	json_t *root;

	if (!json_parse(c->arena, body, NULL, &root, &why))
		return call_add_object(c, root, body, e);
	if (type && *type && why.fault == FAULT_BAD_REQUEST &&
		!strcasestr(type, "json"))
		return fail(e, FAULT_MEDIA_TYPE,
			"the body is %.100s; parameters are a JSON object, "
			"application/json",
			type);
	*e = why;
	return -1;
}

int
adapter_post(struct request *r, void *state, struct err *e)
{
	const struct data_service *s = find_service(r, state, e);
	struct wish w = { 0 };
	struct bytes body;
	struct call *c;

	if (!s || request_body(r, &body, e))
		return -1;
	c = call_new(r, state, s);
	c->json = true;
	if (query_read(c, request_query(r), &w, false, e) ||
		(body.len && read_body(c, body, e)))
		return call_end(c, -1, e);
	return call_end(c, run(c, &w, e), e);
}
