/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files of the store: a connection, its prepared statements, and
 * the sentences for SQLite's result codes.
 */
#pragma once

#ifndef IN_STORE
# error "store_int.h is private to appliance/store"
#endif

#include <pthread.h>
#include <sqlite3.h>

#include "db.h"

enum {
	QUERY_WHY_MAX = 160, /* SQLite's message, cut */
	BUSY_MS = 10000,     /* longest wait for another writer */
	POOL_MAX = 16,       /* connections per database, see db_take() */
};

/* What a guarded handle may read; lives as long as the handle. */
struct guard {
	bool with; /* the statement being prepared has a WITH */
};

/* One named statement of one connection. */
struct query {
	struct db_conn *conn;
	const struct db_statement *statement;
	sqlite3_stmt *stmt; /* NULL until first used */
	int rc;     /* SQLITE_OK, SQLITE_ROW, SQLITE_DONE or what went wrong */
	bool busy;  /* between db_query() and query_end() */
	bool extra; /* second run of the same statement: freed at its end */
	bool gate;  /* it holds the database's gate */
	bool with;  /* its SQL has a WITH: see guard.c */
	char why[QUERY_WHY_MAX];
};

struct db_conn {
	struct db *db;
	struct db_conn *next; /* in the pool */
	sqlite3 *handle;
	bool taken;
	pthread_t owner;      /* while taken */
	bool gate;            /* a transaction of ours holds the gate */
	struct guard guard;   /* DB_VIEWS */
	struct query query[]; /* one per named statement */
};

struct db {
	const struct db_schema *schema;
	char *path;
	unsigned flags;
	pthread_mutex_t lock;   /* guards all below */
	pthread_cond_t changed; /* a connection or the gate became free */
	struct db_conn *conn;   /* pool */
	int n_conns;
	bool gate; /* some connection is writing */
};

/* Records what SQLite said as one sentence. Always returns -1. */
int db_fail(const struct db *db, int rc, const char *doing, const char *said,
	struct err *e);
/* Runs SQL without parameters. */
int conn_exec(struct db_conn *c, const char *sql, struct err *e);
/* The first column of the first row as a number. */
int conn_number(
	struct db_conn *c, const char *sql, int64_t *out, struct err *e);
/* Version and owner of the file, then the migrations that it lacks. */
int conn_migrate(struct db_conn *c, struct err *e);
/* Prepares statement i: SQLite's code, message in why. */
int conn_prepare(struct db_conn *c, size_t i, struct query *q);
/* Ends what a careless caller left open. */
void conn_settle(struct db_conn *c);
/* One writer at a time; false after BUSY_MS. */
bool gate_enter(struct db *db);
void gate_leave(struct db *db);

/* Installs an authorizer that lets statements only read what is called v_... */
void guard_install(sqlite3 *handle, struct guard *g);
