/* SPDX-License-Identifier: MIT */
/*
 * Notices that a request waits. The center knows no address of anybody, so it
 * tells the organisations that are linked with the person and registered an
 * address for notices; these know how to reach their people. They hear their
 * own identifier of the person and where the pages are, not who asks for what.
 */
#include "clock.h"
#include "db.h"
#include "err.h"
#include "http_client.h"
#include "link_sql.h"
#include "log.h"
#include "mem.h"
#include "resident_int.h"
#include "resident_notice_int.h"
#include "text.h"

enum { ROUND = 20, MINUTE_MS = 60 * 1000 };
/* Waits after the first failure and the next; then it is given up. */
static const int64_t waits[] = { MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS,
	120 * MINUTE_MS, 720 * MINUTE_MS };
enum { WAITS = sizeof(waits) / sizeof(*waits) };

struct notice {
	const char *request, *organisation, *pairwise, *url;
	int64_t tries;
};

static int
due_in(struct db_conn *c, struct arena *a, struct notice *out, size_t *n,
	struct err *e)
{
	struct query *q;

	if (db_run(c, Q_LINK_NOTICE_FIND, e, db_int(clock_now())) < 0)
		return -1;
	*n = 0;
	q = db_query(c, Q_LINK_NOTICES_DUE, db_int(clock_now()));
	while (*n < ROUND && query_next(q))
		out[(*n)++] = (struct notice){ query_text_dup(a, q, 0),
			query_text_dup(a, q, 1), query_text_dup(a, q, 2),
			query_text_dup(a, q, 3), query_int(q, 4) };
	return query_end(q, e);
}

/* No connection of the database is held while somebody is called. */
static int
due(struct db *db, struct arena *a, struct notice *out, size_t *n,
	struct err *e)
{
	struct db_conn *c = db_take(db);
	int ret = due_in(c, a, out, n, e);

	db_give(c);
	return ret;
}

static int
tell(struct resident *res, struct arena *a, const struct notice *x,
	struct err *e)
{
	static const struct http_header head[] = {
		{ "Content-Type", "application/json" },
	};
	struct http_call call = { .method = "POST",
		.url = x->url,
		.header = head,
		.headers = 1,
		.has_body = true };
	struct http_answer answer;
	struct buf b;
	int ret;

	buf_init(&b, 4096);
	buf_str(&b, "{\"event\":\"consent-requested\",\"id\":");
	buf_json(&b, x->pairwise);
	buf_str(&b, ",\"page\":");
	buf_json(&b, res->base);
	buf_char(&b, '}');
	call.body = bytes_buf(&b);
	ret = buf_ok(&b, "the notice", e);
	if (!ret)
		ret = resident_call(res, a, &call, &answer, e);
	if (!ret && (answer.status < 200 || answer.status > 299))
		ret = fail(
			e, FAULT_IO, "%s answered %d", x->url, answer.status);
	buf_done(&b);
	return ret;
}

static int
note(struct db *db, const struct notice *x, const struct err *why,
	struct err *e)
{
	struct db_conn *c = db_take(db);
	bool over = !err_set(why) || x->tries >= WAITS;
	int64_t now = clock_now();
	int64_t changed;

	if (err_set(why))
		log_warning("notice to %s: %s%s", x->organisation, why->text,
			over ? "; given up" : "");
	changed = over ? db_run(c, Q_LINK_NOTICE_DONE, e, db_text(x->request),
				 db_text(x->organisation), db_int(now))
		       : db_run(c, Q_LINK_NOTICE_LATER, e, db_text(x->request),
				 db_text(x->organisation),
				 db_int(now + waits[x->tries]));
	db_give(c);
	return changed < 0 ? -1 : 0;
}

int
resident_notices(struct resident *res, struct err *e)
{
	struct arena *a = arena_new();
	struct db *db = res->book->db;
	struct notice x[ROUND];
	size_t n = 0;
	int ret = due(db, a, x, &n, e);

	for (size_t i = 0; !ret && i < n; i++) {
		struct err why = ERR_INIT;

		(void)tell(res, a, &x[i], &why);
		ret = note(db, &x[i], &why, e);
	}
	arena_free(&a);
	return ret;
}
