/* SPDX-License-Identifier: MIT */
/* The audit for pages and scripts: search, export, check. */
#include "audit_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "console_sql.h"
#include "db.h"
#include "err.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

enum { LIMIT = 50, LIMIT_MAX = 500, PAGE_MAX = 4 * 1024 * 1024 };
enum { CHUNK = 32 * 1024, LINE_MAX_BYTES = 1024 * 1024 };

struct filter {
	int64_t from, to, limit, offset;
	const char *who, *event, *address, *text;
	struct db_arg good;
};

static const char *
given(struct request *r, const char *key)
{
	const char *s = query_get(request_arena(r), request_query(r), key);

	return s && *s ? s : NULL;
}

static int
moment(struct request *r, const char *key, int64_t *out, struct err *e)
{
	const char *s = given(r, key);

	return s ? time_parse(s, out, e) : 0;
}

static int
number(struct request *r, const char *key, int64_t lo, int64_t hi, int64_t *out,
	struct err *e)
{
	const char *s = given(r, key);

	return s ? int_parse(s, lo, hi, out, e) : 0;
}

static int
filter_read(struct request *r, struct filter *f, struct err *e)
{
	const char *outcome = given(r, "outcome");

	*f = (struct filter){ .to = INT64_MAX,
		.limit = LIMIT,
		.who = given(r, "user"),
		.event = given(r, "event"),
		.address = given(r, "address"),
		.text = given(r, "text"),
		.good = outcome ? db_int(str_equal(outcome, "SUCCESS"))
				: db_null() };
	return moment(r, "from", &f->from, e) || moment(r, "to", &f->to, e) ||
			       number(r, "limit", 1, LIMIT_MAX, &f->limit, e) ||
			       number(r, "offset", 0, INT32_MAX, &f->offset, e)
		       ? -1
		       : 0;
}

static struct query *
find(struct db_conn *conn, const struct filter *f)
{
	return db_query(conn, Q_CONSOLE_AUDIT_FIND, db_int(f->from),
		db_int(f->to), db_text(f->who), db_text(f->event),
		db_text(f->address), f->good, db_text(f->text),
		db_int(f->limit), db_int(f->offset));
}

static json_t *
row_json(struct arena *a, const struct audit_row *x)
{
	json_t *j = json_object(), *detail;
	char time[TIME_TEXT_MAX];

	json_put_int(j, "id", x->id);
	json_put_str(j, "time", time_iso_ms(time, x->time));
	json_put_str(j, "user", x->who);
	json_put_str(j, "address", x->address);
	json_put_str(j, "event", x->event);
	json_put_str(j, "method", x->method);
	json_put_str(j, "target", x->target);
	json_put_int(j, "status", x->status);
	json_put_str(j, "outcome", x->status < 400 ? "SUCCESS" : "FAILURE");
	if (*x->detail &&
		!json_parse(a, bytes_str(x->detail), NULL, &detail, NULL))
		json_put_new(j, "detail", json_incref(detail));
	json_put_str(j, "hash", x->hash);
	return j;
}

static int
count(struct db_conn *conn, const struct filter *f, int64_t *n, struct err *e)
{
	struct query *q = db_query(conn, Q_CONSOLE_AUDIT_COUNT, db_int(f->from),
		db_int(f->to), db_text(f->who), db_text(f->event),
		db_text(f->address), f->good, db_text(f->text));

	*n = query_next(q) ? query_int(q, 0) : 0;
	return query_end(q, e);
}

int
audit_get(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	json_t *j, *items, *paging;
	struct db_conn *conn;
	struct filter f;
	struct query *q;
	int64_t total = 0;
	int ret;

	if (filter_read(r, &f, e))
		return -1;
	items = json_array();
	conn = db_take(c->db);
	q = find(conn, &f);
	while (query_next(q)) {
		struct audit_row x;

		audit_row_read(q, &x);
		json_array_append_new(items, row_json(request_arena(r), &x));
	}
	ret = query_end(q, e) || count(conn, &f, &total, e) ? -1 : 0;
	db_give(conn);
	j = json_keep(request_arena(r), json_object());
	paging = json_object();
	json_put_int(paging, "items", (int64_t)json_array_size(items));
	json_put_int(paging, "total_items", total);
	json_put_int(paging, "limit", f.limit);
	json_put_int(paging, "offset", f.offset);
	json_put_new(j, "items", items);
	json_put_new(j, "paging_metadata", paging);
	return ret ? -1 : reply_value(r, 200, json_incref(j), e);
}

/* ---- export ---- */

/* A cell that a spreadsheet would take for a formula begins with '. */
static void
csv_cell(struct buf *b, const char *s, char end)
{
	bool formula = *s && strchr("=+-@\t\r", *s);

	buf_char(b, '"');
	if (formula)
		buf_char(b, '\'');
	for (; *s; s++) {
		if (*s == '"')
			buf_char(b, '"');
		buf_char(b, *s);
	}
	buf_char(b, '"');
	if (end)
		buf_char(b, end);
	else
		buf_str(b, "\r\n");
}

static void
csv_row(struct buf *b, const struct audit_row *x)
{
	char time[TIME_TEXT_MAX];

	buf_fmt(b, "%lld,%s,", (long long)x->id, time_iso_ms(time, x->time));
	csv_cell(b, x->who, ',');
	csv_cell(b, x->address, ',');
	csv_cell(b, x->event, ',');
	csv_cell(b, x->method, ',');
	csv_cell(b, x->target, ',');
	buf_fmt(b, "%d,%s,", x->status,
		x->status < 400 ? "SUCCESS" : "FAILURE");
	csv_cell(b, x->detail, ',');
	csv_cell(b, x->hash, '\0');
}

struct format {
	const char *word, *type, *name, *head, *tail;
	void (*row)(struct request *r, struct buf *b, const struct audit_row *x,
		bool first);
};

static void
as_csv(struct request *r, struct buf *b, const struct audit_row *x, bool first)
{
	(void)r;
	(void)first;
	csv_row(b, x);
}

static void
as_json(struct request *r, struct buf *b, const struct audit_row *x, bool first)
{
	struct arena *a = arena_new();
	json_t *j = row_json(a, x);

	(void)r;
	buf_str(b, first ? "" : ",\n");
	json_write(b, j, JSON_PLAIN);
	json_decref(j);
	arena_free(&a);
}

static const struct format formats[] = {
	{ "csv", "text/csv; charset=utf-8", "audit.csv",
		"id,time,user,address,event,method,target,status,outcome,"
		"detail,hash\r\n",
		"", as_csv },
	{ "json", "application/json", "audit.json", "[", "]\n", as_json },
};

/* Rows go out as they are read: an audit of years does not stand in memory. */
static int
export_rows(struct request *r, struct console *c, const struct filter *f,
	const struct format *form, struct buf *b, struct err *e)
{
	struct db_conn *conn = db_take(c->db);
	struct query *q = find(conn, f);
	bool first = true;
	int ret = 0;

	while (!ret && query_next(q)) {
		struct audit_row x;

		audit_row_read(q, &x);
		form->row(r, b, &x, first);
		first = false;
		if (b->len >= CHUNK) {
			ret = reply_write(r, b->data, b->len, e);
			buf_reset(b);
		}
	}
	if (query_end(q, ret ? NULL : e))
		ret = -1;
	db_give(conn);
	buf_str(b, form->tail);
	if (!ret)
		ret = buf_ok(b, "the export", e) ||
				      reply_write(r, b->data, b->len, e)
			      ? -1
			      : 0;
	return ret;
}

int
audit_export(struct request *r, void *state, struct err *e)
{
	const char *word = given(r, "format");
	const struct format *form = &formats[str_equal(word, "json") ? 1 : 0];
	struct http_header h[] = { { "Content-Type", form->type },
		{ "Content-Disposition",
			arena_printf(request_arena(r),
				"attachment; filename=\"%s\"", form->name) },
		{ "Cache-Control", "no-store" },
		{ "X-Content-Type-Options", "nosniff" } };
	struct filter f;
	struct buf b;
	int ret;

	if (filter_read(r, &f, e))
		return -1;
	f.limit = -1;
	if (reply_begin(r, 200, h, sizeof(h) / sizeof(h[0]), -1, e))
		return -1;
	buf_init(&b, LINE_MAX_BYTES);
	if (str_equal(given(r, "bom"), "true") && form == &formats[0])
		buf_str(&b, "\xef\xbb\xbf");
	buf_str(&b, form->head);
	ret = export_rows(r, state, &f, form, &b, e);
	buf_done(&b);
	if (ret) {
		reply_abort(r);
		return -1;
	}
	return reply_end(r, e);
}

int
audit_events_get(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	json_t *j = json_keep(request_arena(r), json_object());
	json_t *items = json_array();
	struct db_conn *conn = db_take(c->db);
	struct query *q = db_query(conn, Q_CONSOLE_AUDIT_EVENTS, { 0 });
	int ret;

	while (query_next(q))
		json_array_append_new(items, json_text_new(query_text(q, 0)));
	ret = query_end(q, e);
	db_give(conn);
	json_put_new(j, "items", items);
	return ret ? -1 : reply_value(r, 200, json_incref(j), e);
}

int
audit_verification(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct audit_state s;
	json_t *j;

	if (audit_check(c->db, &s, e))
		return -1;
	j = json_object();
	json_put_bool(j, "intact", !s.broken);
	json_put_int(j, "rows", s.rows);
	json_put_int(j, "rows_before_chain", s.before);
	json_put_int(j, "head", s.head);
	json_put_str(j, "head_hash", s.hash);
	if (s.broken)
		json_put_int(j, "first_broken", s.broken);
	return reply_value(r, 200, j, e);
}
