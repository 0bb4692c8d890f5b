/* SPDX-License-Identifier: MIT */
/*
 * Transfers under a consent: written with the record of the answer, reported
 * to the own cache of Personal-Link until that has them, which tells the
 * center. A report may be sent twice; its id is counted once.
 */
#include "transfer_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "http_client.h"
#include "job.h"
#include "json_io.h"
#include "log.h"
#include "mem.h"
#include "messagelog_int.h"
#include "messagelog_sql.h"
#include "param.h"
#include "text.h"

enum {
	BATCH = 200,
	ID_RANDOM = 16,
	ROUND_MS = 500,
	RETRY_MS = 5000,
	ANSWER_MAX = 64 * 1024,
	BODY_MAX = 1024 * 1024,
	DAY_MS = 24 * 3600 * 1000,
};

/* ---- writing ---- */

void
transfer_id(struct arena *a, struct transfer_row *t)
{
	uint8_t random[ID_RANDOM];

	random_bytes(random, sizeof(random));
	t->id = hex_encode(a, random, sizeof(random));
}

int
transfer_write(struct db_conn *c, const struct transfer_row *t, struct err *e)
{
	return db_run(c, Q_MESSAGELOG_TRANSFER_ADD, e, db_text(t->id),
		       db_int(clock_now()), db_text(t->query_id),
		       db_text(t->client), db_text(t->service),
		       db_text(t->provider), db_text(t->subject),
		       db_text(t->reference), db_text(t->purpose),
		       db_text(t->items)) < 0
		       ? -1
		       : 0;
}

static int
add_alone(struct db_conn *c, void *arg, struct err *e)
{
	return transfer_write(c, arg, e);
}

int
transfer_add(struct messagelog *m, const struct transfer_row *t, struct err *e)
{
	struct transfer_row copy = *t;
	struct err cause = ERR_INIT;

	if (!writer_submit(m->writer, add_alone, &copy, &cause))
		return 0;
	log_err("transfers", &cause);
	return fail(
		e, FAULT_LOGGING_FAILED, "the message log cannot be written");
}

/* ---- reporting ---- */

/* What waits of one provider, which is that of the first row. */
struct waiting {
	struct arena *a;
	const char *provider;
	int64_t number[BATCH];
	size_t n;
	json_t *list;
};

static void
waiting_row(struct waiting *w, struct query *q)
{
	char time[TIME_TEXT_MAX];
	json_t *one = json_object(), *items;

	if (json_parse(w->a, bytes_str(query_text(q, 5)), NULL, &items, NULL))
		items = json_keep(w->a, json_array());
	json_put_str(one, "id", query_text(q, 2));
	json_put_str(one, "reference", query_text(q, 3));
	json_put_str(one, "at", time_iso_ms(time, query_int(q, 4)));
	json_put_new(one, "items", json_incref(items));
	json_array_append_new(w->list, one);
	w->number[w->n++] = query_int(q, 0);
}

static int
waiting_read(
	struct messagelog *m, int64_t after, struct waiting *w, struct err *e)
{
	struct db_conn *c = db_take(m->db);
	struct query *q = db_query(c, Q_MESSAGELOG_TRANSFERS_WAITING,
		db_int(after), db_int(BATCH));
	int ret;

	w->list = json_keep(w->a, json_array());
	while (query_next(q)) {
		if (!w->provider)
			w->provider = query_text_dup(w->a, q, 1);
		if (!str_equal(w->provider, query_text(q, 1)))
			break;
		waiting_row(w, q);
	}
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

static int
mark(struct db_conn *c, void *arg, struct err *e)
{
	const struct waiting *w = arg;

	for (size_t i = 0; i < w->n; i++)
		if (db_run(c, Q_MESSAGELOG_TRANSFER_REPORTED, e,
			    db_int(clock_now()), db_int(w->number[i])) < 0)
			return -1;
	return 0;
}

/* The door of the role personal-link, on this machine or beside it. */
static char *
door_url(const struct conf *c, struct arena *a)
{
	const char *host = conf_text(c, P_LINK_ADDRESS);

	if (str_equal(host, "0.0.0.0") || str_equal(host, "::"))
		host = "127.0.0.1";
	return arena_printf(a,
		strchr(host, ':') ? "http://[%s]:%lld/transfers"
				  : "http://%s:%lld/transfers",
		host, (long long)conf_int(c, P_LINK_PORT));
}

static int
send(struct messagelog *m, struct waiting *w, struct err *e)
{
	json_t *doc = json_keep(w->a, json_object());
	const struct http_header h[] = { { "Content-Type", "application/json" },
		{ "X-Road-Client", w->provider } };
	struct http_call call = {
		.method = "POST",
		.url = door_url(m->conf, w->a),
		.header = h,
		.headers = 2,
		.has_body = true,
		.answer_max = ANSWER_MAX,
		.connect_timeout_ms = RETRY_MS,
		.total_timeout_ms = 4 * RETRY_MS,
		.pool_key = "personal-link",
	};
	struct http_answer answer = { 0 };
	struct buf b;
	int ret;

	json_put_new(doc, "transfers", json_incref(w->list));
	buf_init(&b, BODY_MAX);
	json_write(&b, doc, JSON_PLAIN);
	call.body = bytes_buf(&b);
	ret = buf_ok(&b, "the report", e) ||
			      http_call(m->http, w->a, &call, &answer, e)
		      ? -1
		      : 0;
	buf_done(&b);
	if (!ret && answer.status != 200)
		ret = fail(e, FAULT_HTTP,
			"the role personal-link answered %d to reports of %s",
			answer.status, w->provider);
	return ret;
}

int64_t
transfer_report(struct messagelog *m, struct err *e)
{
	int64_t done = 0, after = 0;
	int ret = 0;

	for (;;) {
		struct waiting w = { .a = arena_new() };
		struct err why = ERR_INIT;
		bool failed;
		size_t n;

		failed =
			waiting_read(m, after, &w, &why) ||
			(w.n && (send(m, &w, &why) || writer_submit(m->writer,
							      mark, &w, &why)));
		if (failed) { /* another provider's may go */
			ret = -1;
			if (e)
				*e = why;
		}
		n = w.n;
		after = n ? w.number[n - 1] : 0;
		done += failed ? 0 : (int64_t)n;
		arena_free(&w.a);
		if (!n)
			return ret ? -1 : done;
	}
}

static int
forget(struct db_conn *c, void *arg, struct err *e)
{
	return db_run(c, Q_MESSAGELOG_TRANSFERS_OLD, e,
		       db_int(*(const int64_t *)arg)) < 0
		       ? -1
		       : 0;
}

int64_t
transfer_job(void *ctx)
{
	struct server *s = ctx;
	struct err e = ERR_INIT;
	int64_t n = transfer_report(s->log, &e);

	if (n > 0)
		log_debug("%lld transfers were reported", (long long)n);
	if (n >= 0) {
		s->transfer_trouble = false;
		return ROUND_MS;
	}
	if (!s->transfer_trouble) /* once */
		log_warning("transfers wait to be reported: %s", e.text);
	s->transfer_trouble = true;
	return RETRY_MS;
}

int
transfer_forget(struct messagelog *m, struct err *e)
{
	int64_t before = clock_now() - conf_int(m->conf, P_USAGE_DAYS) * DAY_MS;

	return writer_submit(m->writer, forget, &before, e);
}
