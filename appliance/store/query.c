/* SPDX-License-Identifier: MIT */
/*
 * Named statements: prepare, bind, step, columns. An error is kept in the
 * query, in SQLite's own words, before any other call can change them; it
 * comes out of query_end().
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "faultpoint.h"
#include "log.h"
#include "mem.h"
#include "sqltext.h"
#include "store_int.h"

static void
query_failed(struct query *q, int rc)
{
	q->rc = rc;
	snprintf(q->why, sizeof(q->why), "%s", sqlite3_errmsg(q->conn->handle));
}

/* Nothing but blanks and comments may follow the statement. */
static bool
tail_blank(sqlite3 *h, const char *tail)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(h, tail, -1, &stmt, NULL);
	bool blank = rc == SQLITE_OK && !stmt;

	sqlite3_finalize(stmt);
	return blank;
}

int
conn_prepare(struct db_conn *c, size_t i, struct query *q)
{
	const struct db_statement *s = &c->db->schema->statement[i];
	const char *tail = NULL;
	int rc;

	q->conn = c;
	q->statement = s;
	q->with = sqltext_has(s->sql, SQL_SQLITE, "with");
	c->guard.with = q->with;
	rc = sqlite3_prepare_v3(c->handle, s->sql, -1,
		SQLITE_PREPARE_PERSISTENT, &q->stmt, &tail);
	if (rc != SQLITE_OK) {
		query_failed(q, rc);
		return rc;
	}
	if (!q->stmt || !tail_blank(c->handle, tail)) {
		sqlite3_finalize(q->stmt);
		q->stmt = NULL;
		q->rc = SQLITE_ERROR;
		snprintf(q->why, sizeof(q->why), "not exactly one statement");
		return SQLITE_ERROR;
	}
	return SQLITE_OK;
}

/* The statement's own slot, or an extra one while that is in use. */
static struct query *
query_slot(struct db_conn *c, size_t i)
{
	struct query *q = &c->query[i];

	if (q->busy) {
		q = mem_alloc(sizeof(*q));
		q->extra = true;
	}
	q->busy = true;
	q->rc = SQLITE_OK;
	q->why[0] = '\0';
	if (!q->stmt)
		conn_prepare(c, i, q);
	return q;
}

static int
bind_one(sqlite3_stmt *stmt, int at, const struct db_arg *arg,
	sqlite3_destructor_type copy)
{
	const void *p = arg->b.data;

	if (arg->type == 't')
		return sqlite3_bind_text64(
			stmt, at, p, arg->b.len, copy, SQLITE_UTF8);
	if (arg->type == 'b')
		return sqlite3_bind_blob64(
			stmt, at, p ? p : "", arg->b.len, copy);
	if (arg->type == 'i')
		return sqlite3_bind_int64(stmt, at, arg->i);
	if (arg->type == 'd')
		return sqlite3_bind_double(stmt, at, arg->d);
	return sqlite3_bind_null(stmt, at);
}

static void
query_bind(
	struct query *q, const struct db_arg *arg, sqlite3_destructor_type copy)
{
	int i, rc, want = sqlite3_bind_parameter_count(q->stmt), given = 0;

	while (given < DB_ARGS_MAX && arg[given].type)
		given++;
	if (given != want)
		log_error("statement %s has %d parameters, not %d",
			q->statement->name, want, given);
	assert(given == want);
	for (i = 0; i < given && q->rc == SQLITE_OK; i++) {
		rc = bind_one(q->stmt, i + 1, &arg[i], copy);
		if (rc != SQLITE_OK)
			query_failed(q, rc);
	}
}

/* A statement that writes outside of a transaction is one by itself. */
static void
query_gate(struct query *q)
{
	if (sqlite3_stmt_readonly(q->stmt) ||
		!sqlite3_get_autocommit(q->conn->handle))
		return;
	q->gate = gate_enter(q->conn->db);
	if (!q->gate) {
		q->rc = SQLITE_BUSY;
		snprintf(q->why, sizeof(q->why), "no turn came");
	}
}

static struct query *
query_begin(struct db_conn *c, int id, const struct db_arg *arg,
	sqlite3_destructor_type copy)
{
	struct query *q;

	assert(id >= 0 && (size_t)id < c->db->schema->n_statements);
	q = query_slot(c, (size_t)id);
	if (q->rc == SQLITE_OK)
		query_bind(q, arg, copy);
	if (q->rc == SQLITE_OK)
		query_gate(q);
	return q;
}

struct query *
db_query_args(struct db_conn *c, int id, const struct db_arg *arg)
{
	return query_begin(c, id, arg, SQLITE_TRANSIENT);
}

bool
query_next(struct query *q)
{
	int rc;

	if (q->rc != SQLITE_OK && q->rc != SQLITE_ROW)
		return false;
	q->conn->guard.with = q->with;
	rc = sqlite3_step(q->stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		query_failed(q, rc);
	} else if (fault_at("store.write") && !sqlite3_stmt_readonly(q->stmt)) {
		q->rc = SQLITE_FULL;
		snprintf(q->why, sizeof(q->why), "store.write");
	} else {
		q->rc = rc;
	}
	return q->rc == SQLITE_ROW;
}

int
query_end(struct query *q, struct err *e)
{
	int rc = q->rc, ret = 0;

	if (rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE)
		ret = db_fail(q->conn->db, rc, q->statement->name, q->why, e);
	if (q->stmt) {
		sqlite3_reset(q->stmt);
		sqlite3_clear_bindings(q->stmt);
	}
	if (q->gate)
		gate_leave(q->conn->db);
	q->gate = false;
	q->busy = false;
	if (q->extra) {
		sqlite3_finalize(q->stmt);
		mem_free(q);
	}
	return ret;
}

int64_t
db_run_args(struct db_conn *c, int id, struct err *e, const struct db_arg *arg)
{
	struct query *q = query_begin(c, id, arg, SQLITE_STATIC);
	int64_t changes = 0;

	while (query_next(q))
		;
	if (q->rc == SQLITE_DONE && !sqlite3_stmt_readonly(q->stmt))
		changes = sqlite3_changes64(c->handle);
	return query_end(q, e) == 0 ? changes : -1;
}

void
conn_settle(struct db_conn *c)
{
	size_t i;

	for (i = 0; i < c->db->schema->n_statements; i++) {
		struct query *q = &c->query[i];

		if (q->busy) {
			log_error("database %s: statement %s was not ended",
				c->db->schema->name, q->statement->name);
			query_end(q, NULL);
		}
	}
}

const char *
query_text(struct query *q, int col)
{
	assert(q->rc == SQLITE_ROW);
	return (const char *)sqlite3_column_text(q->stmt, col);
}

int64_t
query_int(struct query *q, int col)
{
	assert(q->rc == SQLITE_ROW);
	return sqlite3_column_int64(q->stmt, col);
}

double
query_real(struct query *q, int col)
{
	assert(q->rc == SQLITE_ROW);
	return sqlite3_column_double(q->stmt, col);
}

struct bytes
query_blob(struct query *q, int col)
{
	const void *p;

	assert(q->rc == SQLITE_ROW);
	p = sqlite3_column_blob(q->stmt, col);
	return bytes_of(p, (size_t)sqlite3_column_bytes(q->stmt, col));
}

bool
query_null(struct query *q, int col)
{
	assert(q->rc == SQLITE_ROW);
	return sqlite3_column_type(q->stmt, col) == SQLITE_NULL;
}

char *
query_text_dup(struct arena *a, struct query *q, int col)
{
	return arena_strdup(a, query_text(q, col));
}

struct bytes
query_blob_dup(struct arena *a, struct query *q, int col)
{
	struct bytes b = query_blob(q, col);

	return bytes_of(arena_memdup(a, b.data, b.len), b.len);
}
