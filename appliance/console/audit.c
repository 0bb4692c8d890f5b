/* SPDX-License-Identifier: MIT */
/* The chain of audit rows: adding one, checking all. */
#include "audit_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "console_sql.h"
#include "db.h"
#include "digest.h"
#include "err.h"
#include "http_server.h"
#include "log.h"
#include "mem.h"
#include "text.h"

enum { ROW_MAX = 256 * 1024 };

const char *
audit_event(char api, const char *method, const char *path)
{
	static const struct {
		char api;
		const char *method, *path, *name;
	} rows[] = {
#define EVENT(api, method, path, name) { #api[0], method, path, name },
#include "audit_event.def"
#undef EVENT
	};
	static const char prefix[] = "/api/v1";
	const char *own =
		str_prefix(path, prefix) ? path + sizeof(prefix) - 1 : path;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((rows[i].api == api || rows[i].api == 'B') &&
			str_equal(rows[i].method, method) &&
			route_same(rows[i].path, own))
			return rows[i].name;
	return "";
}

/* SHA-256 over a JSON array: the hash before, then every column in its order.
   Anybody can compute it from an export. */
static const char *
hash_of(struct arena *a, const char *before, const struct audit_row *x)
{
	const char *const texts[] = { x->event, x->detail };
	struct digest d;
	struct buf b;

	buf_init(&b, ROW_MAX);
	buf_char(&b, '[');
	buf_json(&b, before);
	buf_fmt(&b, ",%lld,%lld,", (long long)x->id, (long long)x->time);
	buf_json(&b, x->who);
	buf_char(&b, ',');
	buf_json(&b, x->address);
	buf_char(&b, ',');
	buf_json(&b, x->method);
	buf_char(&b, ',');
	buf_json(&b, x->target);
	buf_fmt(&b, ",%d", x->status);
	for (size_t i = 0; i < 2; i++) {
		buf_char(&b, ',');
		buf_json(&b, texts[i]);
	}
	buf_char(&b, ']');
	digest_of(DIGEST_SHA256, b.data, b.len, &d);
	buf_done(&b);
	return hex_encode(a, d.value, d.len);
}

/* What the first row of the chain continues: how many rows have no hash. */
static const char *
before_first(struct arena *a, int64_t n)
{
	return arena_printf(a, "before:%lld", (long long)n);
}

struct adding {
	struct audit_row row;
	struct arena *arena;
};

static int
last_hash(struct db_conn *conn, struct adding *x, const char **hash,
	struct err *e)
{
	struct query *q = db_query(conn, Q_CONSOLE_AUDIT_LAST, { 0 });
	int64_t n;

	*hash = "";
	x->row.id = 1;
	if (query_next(q)) {
		x->row.id = query_int(q, 0) + 1;
		*hash = query_text_dup(x->arena, q, 1);
	}
	if (query_end(q, e))
		return -1;
	if (**hash)
		return 0;
	q = db_query(conn, Q_CONSOLE_AUDIT_BEFORE, { 0 });
	n = query_next(q) ? query_int(q, 0) : 0;
	*hash = before_first(x->arena, n);
	return query_end(q, e);
}

static int
add_do(struct db_conn *conn, void *arg, struct err *e)
{
	struct adding *x = arg;
	const struct audit_row *r = &x->row;
	const char *before;

	if (last_hash(conn, x, &before, e))
		return -1;
	return db_run(conn, Q_CONSOLE_AUDIT_ADD, e, db_int(r->id),
		       db_int(r->time), db_text(r->who), db_text(r->address),
		       db_text(r->method), db_text(r->target),
		       db_int(r->status), db_text(r->event), db_text(r->detail),
		       db_text(hash_of(x->arena, before, r))) < 0
		       ? -1
		       : 0;
}

int
audit_write(struct db *db, const struct audit_row *row, struct err *e)
{
	struct adding x = { .row = *row, .arena = arena_new() };
	int ret;

	x.row.time = clock_now();
	ret = db_transact(db, add_do, &x, e);
	arena_free(&x.arena);
	return ret;
}

void
audit_row_read(struct query *q, struct audit_row *out)
{
	*out = (struct audit_row){ .id = query_int(q, 0),
		.time = query_int(q, 1),
		.who = query_text(q, 2),
		.address = query_text(q, 3),
		.method = query_text(q, 4),
		.target = query_text(q, 5),
		.status = (int)query_int(q, 6),
		.event = query_text(q, 7),
		.detail = query_text(q, 8),
		.hash = query_text(q, 9) };
}

/* One more row: false when the chain breaks here. */
static bool
fits(struct arena *a, struct audit_state *s, const struct audit_row *x)
{
	if (!*x->hash && !s->rows) {
		s->before++;
		return true;
	}
	return x->id == s->head + 1 &&
	       str_equal(x->hash,
		       hash_of(a,
			       s->rows ? s->hash : before_first(a, s->before),
			       x));
}

int
audit_check(struct db *db, struct audit_state *out, struct err *e)
{
	struct arena *a = arena_new();
	struct db_conn *conn = db_take(db);
	struct query *q = db_query(conn, Q_CONSOLE_AUDIT_ALL, { 0 });
	int ret;

	*out = (struct audit_state){ .rows = 0 };
	while (!out->broken && query_next(q)) {
		struct audit_row x;

		audit_row_read(q, &x);
		if (!fits(a, out, &x)) {
			out->broken = x.id;
		} else if (*x.hash) {
			out->rows++;
			snprintf(out->hash, sizeof(out->hash), "%s", x.hash);
		}
		if (!out->broken)
			out->head = x.id;
		arena_reset(a);
	}
	ret = query_end(q, e);
	db_give(conn);
	arena_free(&a);
	return ret;
}

/* Is there a row with that number and hash? */
static int
has_row(struct db *db, int64_t number, const char *hash, bool *found,
	struct err *e)
{
	struct db_conn *conn = db_take(db);
	struct query *q = db_query(conn, Q_CONSOLE_AUDIT_ROW, db_int(number));
	int ret;

	*found = query_next(q) && str_equal(query_text(q, 0), hash);
	ret = query_end(q, e);
	db_give(conn);
	return ret;
}

int
console_audit_verify(const struct conf *c, int64_t number, const char *hash,
	struct audit_state *out, bool *found, struct err *e)
{
	struct db *db = NULL;
	int ret = -1;

	*found = false;
	if (!console_db_open(&db, c, e) && !audit_check(db, out, e))
		ret = hash ? has_row(db, number, hash, found, e) : 0;
	db_close(&db);
	return ret;
}

void
audit_note(struct db *db, const char *event, const char *target, int status)
{
	const struct audit_row row = { .who = "command line",
		.address = "",
		.method = "CLI",
		.target = target,
		.status = status,
		.event = event,
		.detail = "" };
	struct err e = ERR_INIT;

	if (audit_write(db, &row, &e))
		log_err("audit", &e);
}

void
console_audit(struct console *c, struct request *r, const char *who, int status,
	const char *detail)
{
	const struct audit_row row = {
		.who = who && *who ? who : "?",
		.address = request_peer(r),
		.method = request_method(r),
		.target = request_path(r),
		.status = status,
		.event = mount_event(c->mount, r),
		.detail = detail ? detail : "",
	};
	struct err e = ERR_INIT;

	if (audit_write(c->db, &row, &e))
		log_err("audit", &e);
}
