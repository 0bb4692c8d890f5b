/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the PostgreSQL driver.
 */
#pragma once

#ifndef IN_STORE
# error "data_pg_int.h is private to appliance/store"
#endif

#include <libpq-fe.h>

#include "datasource_int.h"

enum {
	PG_NAME_MAX = 32,
	PG_DRAIN_ROWS = 2000, /* read to the end rather than cancel */
	PG_DRAIN_MS = 20,
	PG_CANCEL_MS = 2000, /* for the connection that cancels */
	/* Trusted to be there so long after its last use: if it is not, the run
	   finds out and is begun again on a new one. */
	PG_TRUST_MS = 1000,
	PG_JUDGED_MS =
		5 * 60000, /* a verdict on a command is good for so long */
};

/* A connection. */
struct pg {
	PGconn *conn;
	PGcancelConn *cancel;
	pthread_mutex_t lock; /* guards cancel */
	int64_t timeout_ms;   /* statement_timeout of the session */
	uint64_t serial;      /* names of prepared statements */
	bool busy;            /* results are outstanding */
	PGresult *row;        /* of the cursor */
	struct arena *cells;  /* what is decoded of it */
};

/* A prepared statement. */
struct pg_statement {
	char name[PG_NAME_MAX];
	PGresult *about; /* PQdescribePrepared */
};

/* ---- data_pg_wait.c ---- */
/* Until until (clock_ticks()): the next result, NULL after the last.
   FAULT_DATA_SLOW, or FAULT_DATA_GONE and a broken link. */
int pg_result(struct link *l, int64_t until, PGresult **out, struct err *e);
/* Ends what was sent: the last result that is not NULL. A result that is an
   error is a fault. */
int pg_finish(struct link *l, int64_t until, PGresult **out, struct err *e);
/* Runs a statement of ours with text parameters. out: the caller's to clear,
   or NULL. */
int pg_exec(struct link *l, const char *sql, const char *const *value,
	int values, PGresult **out, struct err *e);
/* Asks the database to cancel what runs. Any thread. */
void pg_cancel(struct link *l);
/* The connection stands, or a fault. */
int pg_await_connection(struct link *l, struct err *e);

/* ---- data_pg_parse.c ---- */
/* Prepares the command under its name. */
int pg_parse(struct link *l, struct prepared *p, int64_t until, struct err *e);
/* What the server knows of a prepared statement; the caller's to clear. */
int pg_about(struct link *l, const char *name, int64_t until, PGresult **out,
	struct err *e);

/* ---- data_pg_fault.c ---- */
/* What the result says went wrong; marks link and statement. Returns -1. */
int pg_fail(
	struct link *l, struct prepared *p, const PGresult *r, struct err *e);
/* Why there is no connection. Returns -1. */
int pg_connect_failed(struct link *l, struct err *e);

/* ---- data_pg_judge.c ---- */
/* Can statements be analysed here at all? FAULT_DATA_STANDBY,
   FAULT_DATA_TEMPORARY. */
int pg_analyses(struct link *l, struct err *e);
/* May the command do what it does? Notes what it uses in out, unless NULL. */
int pg_judge(struct link *l, struct prepared *p, struct arena *a,
	struct description *out, struct err *e);
int pg_describe(struct link *l, struct prepared *p, struct arena *a,
	struct description *out, struct err *e);
int pg_plan(struct link *l, struct prepared *p, struct buf *out, struct err *e);
/* "{1,2}": types of a statement's parameters. */
void pg_param_types(const struct pg_statement *s, struct buf *out);

/* ---- data_pg_type.c ---- */
enum data_kind pg_kind(Oid type, enum data_kind *item);
/* A list as PostgreSQL's array text. */
void pg_array(const struct cell *list, struct buf *out);
/* A field of the result. Decoded into a. */
void pg_cell(
	struct arena *a, const PGresult *r, int row, int col, struct cell *out);

/* ---- data_pg_tables.c ---- */
int pg_tables(struct link *l, data_column_fn *fn, void *ctx, struct err *e);

/* ---- data_pg_run.c ---- */
int pg_start(struct cursor *q, struct err *e);
int pg_next(struct cursor *q, struct err *e);
int pg_end(struct cursor *q, bool commit, struct err *e);
