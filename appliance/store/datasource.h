/* SPDX-License-Identifier: MIT */
/*
 * Somebody else's database and one SQL statement at a time: what the adapter
 * publishes. Four nouns:
 *
 *	datasource   a database with its pool of connections
 *	command      one statement with its permissions; immutable
 *	description  what the database says about a command
 *	cursor       one run of a command on a connection of its own
 *
 *	datasource_open(&ds, &config, e);            at start, no connection yet
 *	command_new(&cmd, ds, &text, e);             no connection either
 *	command_describe(cmd, arena, &d, e);         when saved: checks it
 *
 *	cursor_open(&q, cmd, e)                      per call
 *	cursor_bind(q, 0, &cell, e) ...
 *	cursor_start(q, &limits, e)
 *	while ((rc = cursor_next(q, e)) == 1)
 *		cursor_cell(q, col, &cell) ...
 *	cursor_close(&q);                            always
 *
 * All of it works the same on every driver: "sqlite" (a file), "postgresql",
 * "odbc" (whatever has a driver for it, through a companion process). Who uses
 * it never sees a driver's own types, codes or words.
 *
 * Threads. datasource and command: any thread, at the same time. A cursor: one
 * thread, except for cursor_cancel().
 *
 * Safety. Values are only ever bound. A command that is not `write` runs on a
 * connection on which the database itself refuses writes (SQLite opened
 * read-only; PostgreSQL default_transaction_read_only). What the statement
 * reads, changes and calls is judged by the database's own analysis (SQLite's
 * authorizer on each connection; PostgreSQL's parsed query, again after five
 * minutes) before it runs, never by looking at the text. System tables, PRAGMA, ATTACH,
 * files, settings and sleeping are refused whatever is allowed. ODBC has no such
 * analysis to ask: there every name in the text that is a table's counts as
 * being used, every name before a "(" as a function, and what the database
 * user may do is the limit that counts: give it no more than it needs.
 *
 * PostgreSQL must be 14 or newer and no standby; the user needs the TEMPORARY
 * privilege on the database (it has, unless somebody took it away) for that
 * analysis, which is rolled back. Otherwise every statement is refused, with
 * FAULT_DATA_STANDBY or FAULT_DATA_TEMPORARY; health says so too. Without TLS a password is never sent as it
 * is (SCRAM only).
 *
 * Faults. Each says in one sentence what went wrong, without SQL, values or
 * credentials, so it may be shown to a caller. The database's own words go to
 * the log (never values). Only command_new(), command_describe(),
 * command_plan(), datasource_test() and datasource_tables() put the database's
 * words into e->text: they answer the author of the statement.
 *
 *	FAULT_DATA_GONE        not reachable, or it went away during the run
 *	FAULT_DATA_BUSY        every connection of the pool is taken (wait_ms)
 *	FAULT_DATA_SLOW        longer than limits.ms; it was cancelled
 *	FAULT_DATA_CANCELLED   by cursor_cancel()
 *	FAULT_DATA_LOGIN       user or password refused, or no such database
 *	FAULT_DATA_STANDBY     postgresql: a standby, which can check nothing
 *	FAULT_DATA_TEMPORARY   postgresql: no TEMPORARY privilege, the same
 *	FAULT_DATA_DENIED      not permitted: by us or by the database
 *	FAULT_DATA_STATEMENT   not one valid statement (any more)
 *	FAULT_DATA_TYPE        a value does not fit its type or its range
 *	FAULT_DATA_ROWS        more rows than limits.affected; rolled back
 *	FAULT_DATA_DIVISION    division by zero
 *	FAULT_DATA_CONSTRAINT  unique, foreign key, check, not null; rolled back
 *	FAULT_DATABASE         anything else
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct err;
struct command;
struct cursor;
struct datasource;

/* ---- data source ---- */

enum data_tls {
	DATA_TLS_FULL, /* certificate and host name verified: the default */
	DATA_TLS_CA,   /* the certificate only; with odbc as DATA_TLS_FULL */
	DATA_TLS_OFF,  /* none; for loopback and Unix sockets */
};

enum {
	DATA_POOL_DEFAULT = 8,
	DATA_POOL_MOST = 64,
	DATA_WAIT_MS = 2000,    /* for a connection of the pool */
	DATA_CONNECT_MS = 5000, /* until a connection stands */
	DATA_IDLE_MS = 60000,   /* then an unused connection is closed */
	DATA_LULL_MS = 20,      /* see cursor_on_wait() */
	DATA_TRANSIT_MS = 1000, /* beyond limits.ms, to hear of the end */
	DATA_VALUE_MAX = 16 * 1024 * 1024, /* bytes of one value */
	DATA_COLUMNS_MAX = 500,
	DATA_NAME_MAX = 200,
};

/* Everything is copied; the password is wiped when the source goes. NULL, 0:
   the default. */
struct datasource_config {
	const char *name;   /* for logs and sentences */
	const char *driver; /* "sqlite", "postgresql", "odbc" */
	const char *file;   /* sqlite: the file, absolute */
	const char *host;   /* an address, a name, or the directory of a Unix
	                       socket (postgresql) */
	int port;           /* 0: the driver's */
	const char *database;
	const char *user;
	const char *password;    /* secret */
	enum data_tls tls;       /* of no meaning on a Unix socket */
	const char *ca_file;     /* PEM; NULL: the system's authorities */
	const char *odbc_driver; /* odbc: as odbcinst.ini calls it */
	const char *companion;   /* odbc: the program; NULL: machilink-odbc
	                            beside this one */
	bool writable;           /* commands may have `write` */
	int pool_max, wait_ms, connect_ms, idle_ms;
};

/* Only checks that the description is whole: FAULT_CONFIG. The database need
   not be there. */
int datasource_open(struct datasource **out,
	const struct datasource_config *config, struct err *e);
/* Closes what is idle; what runs ends in peace, commands keep it alive. */
void datasource_close(struct datasource **ds);
const char *datasource_name(const struct datasource *ds);
const char *datasource_driver(const struct datasource *ds);
/* Asks the database something on a connection of the pool. */
int datasource_health(struct datasource *ds, struct err *e);
/* The same with the database's own words: for who sets the source up. */
int datasource_test(struct datasource *ds, struct err *e);

struct datasource_state {
	int open; /* connections, idle ones included */
	int idle;
	int64_t connected; /* since the start */
	int64_t lost;      /* that broke */
};
void datasource_state(struct datasource *ds, struct datasource_state *out);

/* What a parameter or a column holds, as a proposal. */
enum data_kind {
	DATA_UNKNOWN, /* an expression of SQLite; any parameter of it */
	DATA_TEXT,
	DATA_INT,  /* 32 bits or less */
	DATA_LONG, /* 64 bits */
	DATA_REAL,
	DATA_DECIMAL, /* exact: cells are CELL_TEXT, "12.30" */
	DATA_BOOL,
	DATA_DATE,      /* "2026-11-21" */
	DATA_TIMESTAMP, /* "2026-11-21 06:42:00.123", with "+09" if it has a
	                   zone */
	DATA_BLOB,
	DATA_LIST, /* parameters of = ANY(:list) in PostgreSQL; see item */
};
struct data_field {
	const char *name;
	const char *type; /* in the database's words, "" unknown */
	enum data_kind kind;
	enum data_kind item;        /* of a DATA_LIST */
	const char *table, *column; /* where a column comes from, or NULL */
};
/* A table or view that the user may read, with its columns. */
struct data_table {
	const char *schema; /* NULL: none, or the one that needs no name */
	const char *name;
	bool view;
	struct data_field *column;
	size_t columns;
};
enum { DATA_TABLES_MAX = 2000 };
/* Those of the database that are not the system's, at most DATA_TABLES_MAX, in
   order; in the arena. With the database's own words in e. FAULT_UNBACKED:
   this driver cannot tell. */
int datasource_tables(struct datasource *ds, struct arena *a,
	struct data_table **out, size_t *n, struct err *e);

/* ---- command ---- */

struct command_text {
	/* Parameters are :name (also $name and @name with sqlite); letters,
	   digits, '_' and everything beyond ASCII. A name may be used often. */
	const char *sql;
	/* Tables and views that may be read (with `write`: or changed),
	   NULL-ended, "table" or "schema.table", compared without case but
	   with postgresql, where site and "Site" are two tables; NULL
	   allows all but the system's. A view may be read although its tables
	   may not. A write needs those too that foreign keys refer to, and
	   (sqlite) the triggers it sets off. */
	const char *const *tables;
	/* Parameters that are bound to lists, NULL-ended, or NULL: for them
	   IN (:list) may be written, in every database but those of odbc. */
	const char *const *lists;
	/* Functions beyond the driver's own list of harmless ones. */
	const char *const *functions;
	/* INSERT, UPDATE, DELETE in a transaction. Needs a writable source. */
	bool write;
};

/* Copies the text; needs no database. FAULT_DATA_STATEMENT for what can be
   told from the text, FAULT_DATA_DENIED for a write where there may be none. */
int command_new(struct command **out, struct datasource *ds,
	const struct command_text *text, struct err *e);
/* Runs that go on keep it. NULL is fine. */
void command_free(struct command **c);
/* Names of the parameters in order of appearance, NULL past the last: their
   index is what cursor_bind() wants. */
const char *command_param(const struct command *c, size_t i);
size_t command_params(const struct command *c);

/* In the arena. Tables: what it reads and changes, with the schema where
   there is one; they are what an allow-list would have to hold. */
struct description {
	struct data_field *param;
	size_t params;
	struct data_field *column;
	size_t columns;
	const char **table;
	size_t tables;
	const char **function;
	size_t functions;
};
/* Connects, checks the statement and its permissions, and asks the database
   what it is made of. Runs nothing. */
int command_describe(struct command *c, struct arena *a,
	struct description *out, struct err *e);
/* The database's plan, one step a line, for people. Runs nothing. */
int command_plan(
	struct command *c, struct arena *a, const char **out, struct err *e);

/* ---- cursor ---- */

enum cell_kind {
	CELL_NULL,
	CELL_INT,
	CELL_REAL,
	CELL_BOOL,
	CELL_TEXT, /* UTF-8; also dates, times, decimals, JSON ... */
	CELL_BLOB,
	CELL_LIST, /* of values; parameters only */
};
/* A value on its way in or out. text: of CELL_TEXT and CELL_BLOB; what comes
   out has a NUL after it. */
struct cell {
	enum cell_kind kind;
	int64_t number; /* CELL_INT; CELL_BOOL 0 or 1 */
	double real;
	struct bytes text;
	const struct cell *item;
	size_t items;
};

struct cursor_limits {
	int64_t rows;     /* most rows delivered; 0: no limit */
	int64_t ms;       /* from the start to the last row; 0: no limit */
	int64_t affected; /* most rows changed; 0: no limit */
	bool rehearse;    /* a write is rolled back at its end */
};

/* Takes a connection of the pool and prepares the command on it, unless it is
   there already. */
int cursor_open(struct cursor **out, struct command *c, struct err *e);
/* By the index of command_param(). Values are copied; what is not bound is
   null. A list: PostgreSQL's array, elsewhere the text of a JSON array (SQLite:
   IN (SELECT value FROM json_each(:list))). Before cursor_start().
   FAULT_DATA_TYPE for text that is not UTF-8 or has a NUL, or is too large. */
int cursor_bind(
	struct cursor *q, size_t param, const struct cell *v, struct err *e);
/* Runs it up to the first row. A connection that turns out to be dead (the
   database was restarted) is replaced once, silently, if nothing can have
   happened on it. */
int cursor_start(
	struct cursor *q, const struct cursor_limits *limits, struct err *e);
/* 1 a row, 0 the end, -1 a fault; the end of a write is after its commit: only
   then has it happened. Constant memory whatever the number of rows; with odbc
   a driver may keep a result whole (MariaDB's before 3.2), in the companion,
   which has a ceiling of 1 GiB: set limits.rows there. */
int cursor_next(struct cursor *q, struct err *e);
/* While the database lets cursor_next() wait longer than DATA_LULL_MS for a
   row, fn is called, once, on the thread that waits: what is there can be sent.
   It must leave the cursor alone. NULL: nothing. */
void cursor_on_wait(struct cursor *q, void (*fn)(void *state), void *state);
/* After the end: the result had more rows than limits.rows. */
bool cursor_capped(const struct cursor *q);
/* After the end of a write: the rows it changed. */
int64_t cursor_affected(const struct cursor *q);
/* Names of the result's columns, NULL past the last; valid from
   cursor_open() to cursor_close(), but the database's owner may change them
   under a "SELECT *" until cursor_start(). */
const char *cursor_column(const struct cursor *q, int col);
/* Of the row; what it points to is borrowed until the next cursor_next(). */
void cursor_cell(struct cursor *q, int col, struct cell *out);
/* From any thread, while the cursor lives, any number of times: the run ends
   soon with FAULT_DATA_CANCELLED, in the database too. */
void cursor_cancel(struct cursor *q);
/* Ends the run (a write that did not come to its end is rolled back) and gives
   the connection back. NULL is fine. */
void cursor_close(struct cursor **q);
