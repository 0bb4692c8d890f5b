/* SPDX-License-Identifier: MIT */
/*
 * The store: one database file per concern, opened by its one owner.
 *
 * The SQL lives in sqlite/<database>/: NNNN-what.sql migrations and
 * queries.sql with named statements; packaging/embed/sql.pl turns them into
 * <database>_sql.h with Q_<DATABASE>_<NAME> and schema_<database>. There is no
 * SQL anywhere else and only bound values.
 *
 *	struct db_conn *c = db_take(db);
 *	struct query *q = db_query(c, Q_SERVER_CLIENTS, db_text(status));
 *	while (query_next(q))
 *		add(query_text(q, 0), query_int(q, 1));
 *	ret = query_end(q, e);
 *	db_give(c);
 *
 * Faults: FAULT_CONFLICT for a UNIQUE, PRIMARY KEY or FOREIGN KEY violation,
 * FAULT_DATABASE with a sentence for everything else (disk full, busy, ...).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct err;

struct db_migration {
	int number; /* 1, 2, 3 ... becomes user_version */
	const char *name;
	const char *sql; /* any number of statements, no BEGIN or COMMIT */
};

struct db_statement {
	const char *name;
	const char *sql; /* exactly one statement */
};

/* Generated; a test may write one by hand. */
struct db_schema {
	const char *name; /* the database: "messagelog" */
	const struct db_migration *migration;
	size_t n_migrations;
	const struct db_statement *statement; /* index: Q_<DATABASE>_<NAME> */
	size_t n_statements;
};

enum db_flags {
	DB_EVIDENCE = 1 << 0, /* a commit survives a power cut */
	DB_READONLY = 1 << 1, /* no writing, no migration */
	/* Somebody else's database: read-only, and only its v_ views. Named
	   statements that read more cannot be used through this handle. */
	DB_VIEWS = 1 << 2,
};

struct db;
struct db_conn;

/* Opens (creating it, mode 0600, unless read-only), migrates and prepares
   every statement, so that a typo stops the start. A database that is newer
   than the program or belongs to another program is refused. */
int db_open(struct db **out, const struct db_schema *schema, const char *path,
	unsigned flags, struct err *e);
/* Every connection must have been given back. */
void db_close(struct db **db);

/* A connection for this thread until db_give(). Never NULL; waits when all
   are in use. Cheap. db_give() rolls back what was not committed. */
struct db_conn *db_take(struct db *db);
void db_give(struct db_conn *c);

/* A bound value, in the order of the statement's parameters. Text and blob
   are copied by db_query() and only looked at by db_run(). */
struct db_arg {
	char type; /* t i d b n; 0 at the end */
	union {
		int64_t i;
		double d;
		struct bytes b;
	};
};

static inline struct db_arg
db_blob(const void *p, size_t n)
{
	return (struct db_arg){ .type = 'b', .b = bytes_of(p, n) };
}

static inline struct db_arg
db_text(const char *s) /* NULL binds null */
{
	return (struct db_arg){ .type = s ? 't' : 'n', .b = bytes_str(s) };
}

static inline struct db_arg
db_int(int64_t v)
{
	return (struct db_arg){ .type = 'i', .i = v };
}

static inline struct db_arg
db_real(double v)
{
	return (struct db_arg){ .type = 'd', .d = v };
}

static inline struct db_arg
db_null(void)
{
	return (struct db_arg){ .type = 'n' };
}

enum { DB_ARGS_MAX = 31 };

/* Begins a statement; never NULL, errors wait for query_end(). */
#define db_query(c, id, ...) \
 db_query_args((c), (id), (const struct db_arg[DB_ARGS_MAX + 1]){ __VA_ARGS__ })
/* Runs a statement to its end: rows changed, or -1. */
#define db_run(c, id, e, ...) \
 db_run_args((c), (id), (e),  \
	 (const struct db_arg[DB_ARGS_MAX + 1]){ __VA_ARGS__ })

struct query;
struct query *db_query_args(
	struct db_conn *c, int id, const struct db_arg *arg);
int64_t db_run_args(
	struct db_conn *c, int id, struct err *e, const struct db_arg *arg);
/* True while there is a row. */
bool query_next(struct query *q);
/* Column values of the row, columns from 0. Text and blob are borrowed until
   the next query_next() or query_end(); null gives NULL, 0, 0.0, no bytes. */
const char *query_text(struct query *q, int col);
int64_t query_int(struct query *q, int col);
double query_real(struct query *q, int col);
struct bytes query_blob(struct query *q, int col);
bool query_null(struct query *q, int col);
/* The text (NULL stays NULL), the blob in the arena. */
char *query_text_dup(struct arena *a, struct query *q, int col);
struct bytes query_blob_dup(struct arena *a, struct query *q, int col);
/* Ends the statement: 0, or -1 if anything failed since db_query(). */
int query_end(struct query *q, struct err *e);

/* Rowid of the last INSERT of this connection. */
int64_t db_last_id(struct db_conn *c);

/* BEGIN IMMEDIATE. One writer at a time; the others wait up to 10 s. A thread
   that holds a transaction must not write through a second connection. */
int db_begin(struct db_conn *c, struct err *e);
int db_commit(struct db_conn *c, struct err *e); /* failed: rolled back */
void db_rollback(struct db_conn *c);

typedef int db_fn(struct db_conn *c, void *arg, struct err *e);
/* Takes a connection, runs fn in a transaction, commits unless it failed. */
int db_transact(struct db *db, db_fn *fn, void *arg, struct err *e);

/* A whole, consistent copy of a database file that others may be writing: one
   file, mode 0600, without journals. `to` must not exist. */
int db_copy(const char *from, const char *to, struct err *e);
/* Whether the file is a database whose pages and indexes are in order. */
int db_sound(const char *path, struct err *e);

/*
 * Group commit: one thread gathers what several threads submit and commits it
 * at once (design.md section 5).
 */
struct group_writer;
/* wait_ms: how long a group may wait to become as large as the last one. */
int writer_open(struct group_writer **out, struct db *db, int64_t wait_ms,
	struct err *e);
/* Blocks until what fn wrote is committed (durable with DB_EVIDENCE). fn runs
   on the writer's thread: its failure undoes only its own work. It runs again
   when another of its group failed, so it sets what it answers and adds to
   nothing. A failed commit is everybody's failure. */
int writer_submit(struct group_writer *w, db_fn *fn, void *arg, struct err *e);
/* Commits what is queued, then ends. No submit may come any more. */
void writer_close(struct group_writer **w);
