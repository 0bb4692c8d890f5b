/* SPDX-License-Identifier: MIT */
/*
 * Running a prepared command on PostgreSQL, row by row. A reading command is
 * its own transaction, which the session's default makes read-only; a writing
 * one has BEGIN READ WRITE and COMMIT around it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "data_pg_int.h"
#include "mem.h"
#include "text.h"

enum { NUMBER_TEXT_MAX = 40 };

/* How long to wait for the end of what statement_timeout ends at q->until. */
static int64_t
patience(const struct cursor *q)
{
	return q->until == INT64_MAX ? INT64_MAX : q->until + DATA_TRANSIT_MS;
}

static int
set_timeout(struct cursor *q, struct err *e)
{
	struct pg *g = q->link->own;
	char sql[64];

	if (g->timeout_ms == q->limits.ms)
		return 0;
	snprintf(sql, sizeof(sql), "SET statement_timeout = %lld",
		(long long)(q->limits.ms > 0 ? q->limits.ms : 0));
	if (pg_exec(q->link, sql, NULL, 0, NULL, e))
		return -1;
	g->timeout_ms = q->limits.ms;
	return 0;
}

struct values {
	const char *text[SQLTEXT_PARAMS_MAX];
	int len[SQLTEXT_PARAMS_MAX];
	int binary[SQLTEXT_PARAMS_MAX];
};

static const char *
number_text(struct arena *a, const struct cell *v)
{
	char text[INT_TEXT_MAX];

	if (v->kind == CELL_REAL)
		return arena_printf(a, "%.17g", v->real);
	return arena_strndup(a, text, int_text(text, v->number));
}

static int
list_text(
	struct arena *a, const struct cell *v, const char **out, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, DATA_VALUE_MAX);
	pg_array(v, &b);
	ret = buf_ok(&b, "a list", NULL);
	*out = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	if (ret)
		return fail(e, FAULT_DATA_TYPE, "a list is too large");
	return 0;
}

/* Bytes go as they are to a bytea; a bool to a number as 0 and 1. */
static int
value_of(struct cursor *q, const PGresult *about, size_t i, struct values *v,
	struct err *e)
{
	const struct cell *c = &q->value[i];
	enum data_kind want = pg_kind(PQparamtype(about, (int)i), NULL);

	switch (c->kind) {
	case CELL_NULL: break;
	case CELL_BOOL:
		if (want == DATA_BOOL || want == DATA_TEXT)
			v->text[i] = c->number ? "true" : "false";
		else
			v->text[i] = c->number ? "1" : "0";
		break;
	case CELL_INT:
	case CELL_REAL: v->text[i] = number_text(q->arena, c); break;
	case CELL_TEXT: v->text[i] = (const char *)c->text.data; break;
	case CELL_BLOB:
		if (want != DATA_BLOB)
			return fail(e, FAULT_DATA_TYPE,
				"the parameter is no bytea");
		v->text[i] = (const char *)c->text.data;
		v->len[i] = (int)c->text.len;
		v->binary[i] = 1;
		break;
	case CELL_LIST: return list_text(q->arena, c, &v->text[i], e);
	}
	return 0;
}

static int
send_run(struct cursor *q, struct err *e)
{
	struct pg *g = q->link->own;
	struct pg_statement *s = q->prepared->own;
	struct values v = { 0 };
	size_t n = q->command->text.params;

	for (size_t i = 0; i < n; i++)
		if (value_of(q, s->about, i, &v, e))
			return -1;
	if (!PQsendQueryPrepared(
		    g->conn, s->name, (int)n, v.text, v.len, v.binary, 0)) {
		q->link->broken = true;
		return fail(e, FAULT_DATA_GONE, "the connection is gone");
	}
	g->busy = true;
	(void)PQsetSingleRowMode(g->conn);
	return 0;
}

int
pg_start(struct cursor *q, struct err *e)
{
	q->begun = false;
	if (set_timeout(q, e))
		return -1;
	if (q->command->write) {
		if (pg_exec(q->link, "BEGIN READ WRITE", NULL, 0, NULL, e))
			return -1;
		q->begun = true;
	}
	if (send_run(q, e))
		return -1;
	return pg_next(q, e);
}

/* A cancel that came before the statement ran was lost: it is repeated. */
static int
result_of(struct cursor *q, PGresult **out, struct err *e)
{
	int64_t until = patience(q), now = clock_ticks();
	struct err why = ERR_INIT;
	int64_t turn;

	for (;; now = clock_ticks()) {
		turn = now + CANCEL_TURN_MS < until ? now + CANCEL_TURN_MS
						    : until;
		if (turn > q->wait_at)
			turn = q->wait_at;
		err_reset(&why);
		if (!pg_result(q->link, turn, out, &why))
			return 0;
		if (why.fault != FAULT_DATA_SLOW || turn == until)
			break;
		cursor_lull(q);
		if (atomic_load(&q->cancelled))
			pg_cancel(q->link);
	}
	if (e && !err_set(e))
		*e = why;
	return -1;
}

int
pg_next(struct cursor *q, struct err *e)
{
	struct pg *g = q->link->own;
	ExecStatusType status;
	int rc = 0;

	for (;;) {
		PQclear(g->row);
		g->row = NULL;
		if (result_of(q, &g->row, e))
			return -1;
		if (!g->row)
			return rc;
		status = PQresultStatus(g->row);
		if (status == PGRES_SINGLE_TUPLE) {
			arena_reset(g->cells);
			return 1;
		}
		if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
			q->affected = strtoll(PQcmdTuples(g->row), NULL, 10);
		else
			rc = pg_fail(q->link, q->prepared, g->row, e);
	}
}

/* Reads what is left: a little at once, else it is cancelled. */
static void
drain(struct cursor *q)
{
	struct pg *g = q->link->own;
	int64_t until = clock_ticks() + PG_DRAIN_MS;
	bool cancelled = false, heard = false;
	PGresult *r = NULL;

	for (int rows = 0; g->busy; rows++) {
		if (rows > PG_DRAIN_ROWS && !cancelled)
			until = 0;
		if (pg_result(q->link, until, &r, NULL)) {
			if (cancelled || q->link->broken) {
				q->link->broken = true;
				return;
			}
			cancelled = true;
			pg_cancel(q->link);
			until = clock_ticks() + DATA_TRANSIT_MS;
			continue;
		}
		heard = heard || PQresultStatus(r) == PGRES_FATAL_ERROR;
		PQclear(r);
	}
	/* a cancel that is still on its way would hit the next statement */
	if (cancelled && !heard)
		q->link->broken = true;
}

static int
transaction_end(struct cursor *q, bool commit, struct err *e)
{
	struct pg *g = q->link->own;
	int ret;

	if (q->link->broken)
		return fail(e, FAULT_DATA_GONE,
			"the connection broke before COMMIT");
	if (PQtransactionStatus(g->conn) == PQTRANS_IDLE)
		return 0;
	if (commit && atomic_load(&q->cancelled)) {
		q->link->broken = true;
		return fail(
			e, FAULT_DATA_CANCELLED, "the statement was cancelled");
	}
	ret = pg_exec(
		q->link, commit ? "COMMIT" : "ROLLBACK", NULL, 0, NULL, e);
	if (ret && commit && !q->link->broken)
		(void)pg_exec(q->link, "ROLLBACK", NULL, 0, NULL, NULL);
	return ret;
}

int
pg_end(struct cursor *q, bool commit, struct err *e)
{
	struct pg *g = q->link->own;
	int ret = 0;

	PQclear(g->row);
	g->row = NULL;
	if (!q->link->broken)
		drain(q);
	if (q->command->write)
		ret = transaction_end(q, commit, commit ? e : NULL);
	if (atomic_load(&q->cancelled))
		q->link->broken = true;
	return commit ? ret : 0;
}
