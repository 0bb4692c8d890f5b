/* SPDX-License-Identifier: MIT */
/*
 * Telling transfers to the own cache of Personal-Link, which keeps their days,
 * and through it to the center. Either may hear of one twice; its id is counted
 * once.
 */
#include "transfer_int.h"

#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "http_client.h"
#include "ident.h"
#include "json_io.h"
#include "mem.h"
#include "messagelog_int.h"
#include "messagelog_sql.h"
#include "param.h"
#include "text.h"

enum {
	BATCH = 1000, /* what the door takes at once */
	CONNECT_MS = 5000,
	TOTAL_MS = 20000,
	ANSWER_MAX = 64 * 1024,
	BODY_MAX = 1024 * 1024,
	LISTS_MAX = 256 * 1024, /* bytes of items and words in one message */
	RENEW_BATCH = 10000,    /* numbers in one transaction */
};

/* Rows of one provider in one message. */
struct batch {
	struct messagelog *m;
	struct arena *a;
	const char *provider;
	int64_t number[BATCH];
	const char *id[BATCH];
	bool consented[BATCH];
	size_t n;
	size_t lists; /* bytes of items and words */
	json_t *list;
	json_t *refused; /* ids; NULL: none */
};

/* ---- the messages ---- */

/* The door of the role personal-link, on this machine or beside it. */
static char *
door_url(const struct conf *c, struct arena *a, const char *path)
{
	const char *host = conf_text(c, P_LINK_ADDRESS);

	if (str_equal(host, "0.0.0.0") || str_equal(host, "::"))
		host = "127.0.0.1";
	return arena_printf(a,
		strchr(host, ':') ? "http://[%s]:%lld%s" : "http://%s:%lld%s",
		host, (long long)conf_int(c, P_LINK_PORT), path);
}

static int
call_door(struct batch *b, const char *path, struct bytes body, json_t **out,
	struct err *e)
{
	const struct http_header h[] = { { "Content-Type", "application/json" },
		{ "X-Road-Client", b->provider } };
	struct http_call call = {
		.method = "POST",
		.url = door_url(b->m->conf, b->a, path),
		.header = h,
		.headers = 2,
		.body = body,
		.has_body = true,
		.answer_max = ANSWER_MAX,
		.connect_timeout_ms = CONNECT_MS,
		.total_timeout_ms = TOTAL_MS,
		.pool_key = "personal-link",
	};
	struct http_answer answer = { 0 };
	const char *why;

	if (http_call(b->m->http, b->a, &call, &answer, e))
		return -1;
	if (json_parse(b->a, answer.body, NULL, out, NULL))
		*out = json_keep(b->a, json_object());
	if (answer.status == 200)
		return 0;
	why = json_str(json_sub(*out, "error"), "cause");
	return fail(e, FAULT_HTTP,
		"the role personal-link answered %d to %s of %s: %s",
		answer.status, path, b->provider,
		why ? why : json_str(json_sub(*out, "error"), "message"));
}

/* The list below `key`, with the number of those that the center refuses. */
static int
send(struct batch *b, const char *path, const char *key, int64_t refused,
	json_t **out, struct err *e)
{
	json_t *doc = json_keep(b->a, json_object());
	struct buf text;
	int ret;

	json_put_new(doc, key, json_incref(b->list));
	if (refused >= 0)
		json_put_int(doc, "refused", refused);
	buf_init(&text, BODY_MAX);
	json_write(&text, doc, JSON_PLAIN);
	ret = buf_ok(&text, "the report", e) ||
			      call_door(b, path, bytes_buf(&text), out, e)
		      ? -1
		      : 0;
	buf_done(&text);
	return ret;
}

/* ---- rows ---- */

static json_t *
row_begin(struct batch *b, struct query *q)
{
	char time[TIME_TEXT_MAX];
	json_t *one = json_object();

	b->number[b->n] = query_int(q, 0);
	b->id[b->n] = query_text_dup(b->a, q, 1);
	b->consented[b->n] = !query_null(q, 3);
	b->n++;
	json_put_str(one, "id", query_text(q, 1));
	json_put_str(one, "at", time_iso_ms(time, query_int(q, 2)));
	json_put_str(one, "reference", query_text(q, 3));
	json_array_append_new(b->list, one);
	return one;
}

static json_t *
parsed(struct batch *b, const char *text)
{
	json_t *j;

	text = text ? text : "[]";
	b->lists += strlen(text);
	if (json_parse(b->a, bytes_str(text), NULL, &j, NULL))
		j = json_keep(b->a, json_array());
	return json_incref(j);
}

/* What is left goes in the next message. */
static bool
full(const struct batch *b)
{
	return b->n == BATCH || b->lists >= LISTS_MAX;
}

/* Rules of findUsage know services without their version. */
static const char *
target_of(struct arena *a, const char *service)
{
	struct service_id id;

	if (service_id_parse(a, service, &id, NULL))
		return service;
	id.version = NULL;
	return service_id_path(a, &id);
}

static void
unkept_row(struct batch *b, struct query *q)
{
	json_t *one = row_begin(b, q);

	if (!query_null(q, 3))
		return;
	json_put_str(one, "userId", query_text(q, 4));
	json_put_str(one, "subsystem", query_text(q, 5));
	json_put_str(
		one, "target", target_of(b->a, query_text_dup(b->a, q, 6)));
	json_put_str(one, "purpose", query_text(q, 7));
	json_put_new(one, "words", parsed(b, query_text(q, 8)));
}

static void
waiting_row(struct batch *b, struct query *q)
{
	json_put_new(row_begin(b, q), "items", parsed(b, query_text(q, 4)));
}

static int
batch_read(struct batch *b, int statement,
	void (*row)(struct batch *b, struct query *q), struct err *e)
{
	struct db_conn *c = db_take(b->m->db);
	struct query *q = statement == Q_MESSAGELOG_TRANSFERS_UNKEPT
				  ? db_query(c, statement, db_text(b->provider),
					    db_int(BATCH))
				  : db_query(c, statement, db_text(b->provider),
					    db_int(BATCH), db_int(clock_now()));
	int ret;

	b->n = b->lists = 0;
	b->list = json_keep(b->a, json_array());
	while (!full(b) && query_next(q))
		row(b, q);
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

/* Which statement is for a row of the batch. */
typedef int mark_fn(const struct batch *b, size_t i);

static int
as_kept(const struct batch *b, size_t i)
{
	(void)b;
	(void)i;
	return Q_MESSAGELOG_TRANSFERS_KEPT;
}

static int
as_answered(const struct batch *b, size_t i)
{
	return json_list_has(b->refused, b->id[i])
		       ? Q_MESSAGELOG_TRANSFERS_REFUSE
		       : Q_MESSAGELOG_TRANSFERS_REPORTED;
}

/* Rows that follow each other at once. */
static int
mark(struct db_conn *c, const struct batch *b, mark_fn *as, struct err *e)
{
	for (size_t i = 0, end; i < b->n; i = end) {
		int statement = as(b, i);

		for (end = i + 1; end < b->n &&
				  b->number[end] == b->number[end - 1] + 1 &&
				  as(b, end) == statement;
			end++)
			;
		if (db_run(c, statement, e, db_int(clock_now()),
			    db_int(b->number[i]),
			    db_int(b->number[end - 1])) < 0)
			return -1;
	}
	return 0;
}

static int
mark_kept(struct db_conn *c, void *arg, struct err *e)
{
	return mark(c, arg, as_kept, e);
}

static int
mark_answered(struct db_conn *c, void *arg, struct err *e)
{
	return mark(c, arg, as_answered, e);
}

/* ---- who lost rows ---- */

struct peer {
	const char *provider, *cache, *center; /* NULL: not said */
	int64_t from, to;                      /* numbers to be told again */
	bool cache_lost, center_lost;
};

static int
peer_read(struct messagelog *m, struct arena *a, struct peer *p, struct err *e)
{
	struct db_conn *c = db_take(m->db);
	struct query *q = db_query(
		c, Q_MESSAGELOG_TRANSFER_PEER_GET, db_text(p->provider));

	if (query_next(q)) {
		const char *cache = query_text_dup(a, q, 0);
		const char *center = query_text_dup(a, q, 1);

		p->cache_lost =
			cache && p->cache && !str_equal(cache, p->cache);
		p->center_lost =
			center && p->center && !str_equal(center, p->center);
	}
	if (query_end(q, e)) {
		db_give(c);
		return -1;
	}
	q = db_query(c, Q_MESSAGELOG_TRANSFERS_LAST);
	p->to = query_next(q) ? query_int(q, 0) + 1 : 0;
	db_give(c);
	return query_end(q, e);
}

static int
renew(struct db_conn *c, void *arg, struct err *e)
{
	const struct peer *p = arg;
	const struct db_arg who = db_text(p->provider);
	const struct db_arg from = db_int(p->from);
	const struct db_arg to = db_int(p->from + RENEW_BATCH);

	if (p->cache_lost &&
		db_run(c, Q_MESSAGELOG_TRANSFERS_UNKEEP, e, who, from, to) < 0)
		return -1;
	return p->center_lost && db_run(c, Q_MESSAGELOG_TRANSFERS_UNREPORT, e,
					 who, from, to) < 0
		       ? -1
		       : 0;
}

static int
peer_put(struct db_conn *c, void *arg, struct err *e)
{
	const struct peer *p = arg;

	return db_run(c, Q_MESSAGELOG_TRANSFER_PEER_PUT, e,
		       db_text(p->provider), db_text(p->cache),
		       db_text(p->center)) < 0
		       ? -1
		       : 0;
}

/* The names are written last: a crash before begins again. */
static int
meet(struct batch *b, const json_t *answer, struct err *e)
{
	struct peer p = { .provider = b->provider,
		.cache = json_str(answer, "cache"),
		.center = json_str(answer, "center") };

	if (peer_read(b->m, b->a, &p, e))
		return -1;
	for (; (p.cache_lost || p.center_lost) && p.from < p.to;
		p.from += RENEW_BATCH)
		if (writer_submit(b->m->writer, renew, &p, e))
			return -1;
	return writer_submit(b->m->writer, peer_put, &p, e);
}

/* ---- telling ---- */

static int
count_refused(struct batch *b, int64_t *out, struct err *e)
{
	struct db_conn *c = db_take(b->m->db);
	struct query *q = db_query(
		c, Q_MESSAGELOG_TRANSFERS_REFUSED, db_text(b->provider));
	int ret;

	*out = query_next(q) ? query_int(q, 0) : 0;
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

/* *more: there may be others. */
static int
keep_some(struct batch *b, bool poll, int64_t *done, bool *more, struct err *e)
{
	int64_t refused;
	json_t *answer;

	*more = false;
	if (batch_read(b, Q_MESSAGELOG_TRANSFERS_UNKEPT, unkept_row, e))
		return -1;
	if (!b->n && !poll)
		return 0;
	if (count_refused(b, &refused, e) ||
		send(b, "/usages", "usages", refused, &answer, e) ||
		(b->n && writer_submit(b->m->writer, mark_kept, b, e)) ||
		meet(b, answer, e))
		return -1;
	for (size_t i = 0; i < b->n; i++)
		*done += !b->consented[i];
	*more = full(b);
	return 0;
}

static int
report_some(
	struct batch *b, bool poll, int64_t *done, bool *more, struct err *e)
{
	json_t *answer;

	(void)poll;
	*more = false;
	if (batch_read(b, Q_MESSAGELOG_TRANSFERS_WAITING, waiting_row, e))
		return -1;
	if (!b->n)
		return 0;
	if (send(b, "/transfers", "transfers", -1, &answer, e))
		return -1;
	b->refused = json_list(answer, "refused");
	if (writer_submit(b->m->writer, mark_answered, b, e))
		return -1;
	*done += (int64_t)(b->n - json_array_size(b->refused));
	*more = full(b);
	return 0;
}

typedef int some_fn(
	struct batch *b, bool poll, int64_t *done, bool *more, struct err *e);

static int
all(struct messagelog *m, const char *provider, some_fn *some, bool poll,
	int64_t *done, struct err *e)
{
	bool more = true;
	int ret = 0;

	while (!ret && more) {
		struct batch *b = mem_alloc(sizeof(*b));

		b->m = m;
		b->a = arena_new();
		b->provider = provider;
		ret = some(b, poll, done, &more, e);
		arena_free(&b->a);
		mem_free(b);
		poll = false;
	}
	return ret;
}

static int
providers(struct messagelog *m, struct arena *a, json_t **out, struct err *e)
{
	struct db_conn *c = db_take(m->db);
	struct query *q = db_query(
		c, Q_MESSAGELOG_TRANSFER_PROVIDERS, db_int(clock_now()));
	int ret;

	*out = json_keep(a, json_array());
	while (query_next(q))
		json_array_append_new(*out, json_text_new(query_text(q, 0)));
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

/* What goes to the center the cache keeps on the way; it is told alone what
   the center need not hear, or cannot now. */
static int
tell(struct messagelog *m, const char *provider, bool poll, int64_t *done,
	struct err *e)
{
	int ret = all(m, provider, report_some, false, done, e);
	struct err why = ERR_INIT;

	if (!all(m, provider, keep_some, poll, done, &why))
		return ret;
	if (!ret && e)
		*e = why;
	return -1;
}

/* One that cannot be told holds up no other. */
int64_t
transfer_report(struct messagelog *m, bool poll, struct err *e)
{
	struct arena *a = arena_new();
	json_t *list, *one;
	int64_t done = 0;
	size_t i;
	int ret;

	ret = providers(m, a, &list, e);
	json_each(one, i, list) {
		const char *who = json_string_value(one);
		struct err why = ERR_INIT;

		if (tell(m, who, poll, &done, &why)) {
			ret = -1;
			if (e)
				*e = why;
		}
	}
	arena_free(&a);
	return ret ? -1 : done;
}
