/* SPDX-License-Identifier: MIT */
/*
 * One reading statement over somebody's SQLite file. The statement comes from
 * the operator's configuration, the values from peers, the data from anybody:
 * each is limited.
 */
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "sqldata.h"
#include "store_int.h"

enum {
	PROGRESS_OPS = 1000, /* virtual machine steps between looks at time */
	PARAMS_MAX = 64,
	LOCK_MS = 1000, /* longest wait for the file's owner */
};

struct sqldata {
	sqlite3 *handle;
	sqlite3_stmt *stmt;
	struct guard guard;
	int64_t until; /* clock_ticks() */
	int64_t rows_left;
	bool capped;
	bool ended;
};

static const struct {
	int what;
	int value;
} limit_table[] = {
	{ SQLITE_LIMIT_LENGTH, SQLDATA_VALUE_MAX },
	{ SQLITE_LIMIT_SQL_LENGTH, SQLDATA_SQL_MAX },
	{ SQLITE_LIMIT_COLUMN, 500 },
	{ SQLITE_LIMIT_EXPR_DEPTH, 200 },
	{ SQLITE_LIMIT_COMPOUND_SELECT, 50 },
	{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000 },
	{ SQLITE_LIMIT_VARIABLE_NUMBER, PARAMS_MAX },
	{ SQLITE_LIMIT_ATTACHED, 0 },
};

/* sqlite3_progress_handler(): non-zero interrupts. */
static int
time_is_up(void *ctx)
{
	const struct sqldata *s = ctx;

	return clock_ticks() >= s->until;
}

static int
file_open(struct sqldata *s, const char *path, struct err *e)
{
	size_t i;
	int rc;

	if (!file_exists(path))
		return fail(e, FAULT_NOT_FOUND, "there is no file %s", path);
	rc = sqlite3_open_v2(path, &s->handle,
		SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return fail(e, FAULT_DATABASE, "%s cannot be opened: %s", path,
			sqlite3_errstr(rc));
	sqlite3_busy_timeout(s->handle, LOCK_MS);
	sqlite3_db_config(s->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_exec(
		s->handle, "PRAGMA cell_size_check = ON", NULL, NULL, NULL);
	for (i = 0; i < sizeof(limit_table) / sizeof(limit_table[0]); i++)
		sqlite3_limit(
			s->handle, limit_table[i].what, limit_table[i].value);
	guard_install(s->handle, &s->guard);
	return 0;
}

static int
prepare_failed(struct sqldata *s, int rc, struct err *e)
{
	const char *said = sqlite3_errmsg(s->handle);

	if (rc == SQLITE_AUTH)
		return fail(e, FAULT_FORBIDDEN,
			"the statement does more than it may: %s", said);
	if (rc == SQLITE_ERROR || rc == SQLITE_TOOBIG)
		return fail(e, FAULT_BAD_REQUEST,
			"the statement is not valid: %s", said);
	return fail(e, FAULT_DATABASE, "the database cannot be read: %s", said);
}

static int
params_check(const struct sqldata *s, struct err *e)
{
	int i, n = sqlite3_bind_parameter_count(s->stmt);

	for (i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(s->stmt, i);

		if (!name || *name == '?')
			return fail(e, FAULT_BAD_REQUEST,
				"the statement has a parameter without a name; "
				"write :name");
	}
	return 0;
}

static int
statement_prepare(struct sqldata *s, const char *sql, struct err *e)
{
	sqlite3_stmt *second = NULL;
	const char *tail = NULL;
	int rc;

	if (strlen(sql) > SQLDATA_SQL_MAX)
		return fail(e, FAULT_TOO_LARGE,
			"the statement is larger than %d bytes",
			SQLDATA_SQL_MAX);
	s->guard.with = sql_has_word(sql, "with");
	rc = sqlite3_prepare_v2(s->handle, sql, -1, &s->stmt, &tail);
	if (rc != SQLITE_OK)
		return prepare_failed(s, rc, e);
	rc = sqlite3_prepare_v2(s->handle, tail, -1, &second, NULL);
	sqlite3_finalize(second);
	if (!s->stmt || rc != SQLITE_OK || second)
		return fail(e, FAULT_BAD_REQUEST,
			"exactly one statement is expected");
	if (!sqlite3_stmt_readonly(s->stmt) ||
		sqlite3_stmt_isexplain(s->stmt) ||
		sqlite3_column_count(s->stmt) == 0)
		return fail(
			e, FAULT_FORBIDDEN, "the statement must be a SELECT");
	return params_check(s, e);
}

int
sqldata_open(struct sqldata **out, const char *path, const char *sql,
	const char *const *tables, struct err *e)
{
	struct sqldata *s = mem_alloc(sizeof(*s));

	*out = NULL;
	s->ended = true;
	s->guard.table = tables;
	if (file_open(s, path, e) != 0 || statement_prepare(s, sql, e) != 0) {
		sqldata_close(&s);
		return -1;
	}
	*out = s;
	return 0;
}

void
sqldata_close(struct sqldata **s)
{
	if (!*s)
		return;
	sqlite3_finalize((*s)->stmt);
	sqlite3_close((*s)->handle);
	mem_free(*s);
	*s = NULL;
}

const char *
sqldata_param(const struct sqldata *s, int i)
{
	const char *name = sqlite3_bind_parameter_name(s->stmt, i + 1);

	return name ? name + 1 : NULL;
}

const char *
sqldata_column(const struct sqldata *s, int i)
{
	if (i < 0 || i >= sqlite3_column_count(s->stmt))
		return NULL;
	return sqlite3_column_name(s->stmt, i);
}

const char *
sqldata_decltype(const struct sqldata *s, int i)
{
	const char *type = sqlite3_column_decltype(s->stmt, i);

	return type ? type : "";
}

/* Index for sqlite3_bind_*(), 0 if there is none. */
static int
param_index(const struct sqldata *s, const char *name, struct err *e)
{
	const char *have;
	int i;

	for (i = 0; (have = sqldata_param(s, i)); i++)
		if (strcmp(have, name) == 0)
			return i + 1;
	fail(e, FAULT_BAD_REQUEST, "the statement has no parameter '%s'", name);
	return 0;
}

static int
bound(int rc, const char *name, struct err *e)
{
	if (rc == SQLITE_OK)
		return 0;
	return fail(e, FAULT_BAD_REQUEST, "the value of '%s' is refused: %s",
		name, sqlite3_errstr(rc));
}

int
sqldata_text(struct sqldata *s, const char *name, const char *v, struct err *e)
{
	int i = param_index(s, name, e);

	if (i == 0)
		return -1;
	return bound(sqlite3_bind_text64(s->stmt, i, v, v ? strlen(v) : 0,
			     SQLITE_TRANSIENT, SQLITE_UTF8),
		name, e);
}

int
sqldata_int(struct sqldata *s, const char *name, int64_t v, struct err *e)
{
	int i = param_index(s, name, e);

	return i ? bound(sqlite3_bind_int64(s->stmt, i, v), name, e) : -1;
}

int
sqldata_real(struct sqldata *s, const char *name, double v, struct err *e)
{
	int i = param_index(s, name, e);

	return i ? bound(sqlite3_bind_double(s->stmt, i, v), name, e) : -1;
}

int
sqldata_blob(struct sqldata *s, const char *name, struct bytes v, struct err *e)
{
	int i = param_index(s, name, e);

	if (i == 0)
		return -1;
	return bound(sqlite3_bind_blob64(s->stmt, i,
			     v.data ? (const void *)v.data : "", v.len,
			     SQLITE_TRANSIENT),
		name, e);
}

void
sqldata_start(struct sqldata *s, int64_t rows, int64_t ms)
{
	sqlite3_reset(s->stmt);
	s->until = clock_ticks() + ms;
	s->rows_left = rows;
	s->capped = false;
	s->ended = false;
	sqlite3_progress_handler(s->handle, PROGRESS_OPS, time_is_up, s);
}

/* The run is over: releases the read lock on the owner's file. */
static int
run_end(struct sqldata *s)
{
	s->ended = true;
	sqlite3_progress_handler(s->handle, 0, NULL, NULL);
	sqlite3_reset(s->stmt);
	return 0;
}

int
sqldata_next(struct sqldata *s, struct err *e)
{
	int rc;

	if (s->ended)
		return 0;
	rc = sqlite3_step(s->stmt);
	if (rc == SQLITE_ROW && s->rows_left > 0) {
		s->rows_left--;
		return 1;
	}
	s->capped = rc == SQLITE_ROW;
	if (rc == SQLITE_INTERRUPT)
		fail(e, FAULT_LIMIT,
			"the statement took longer than it is allowed to");
	else if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		fail(e, FAULT_DATABASE, "the statement failed: %s",
			sqlite3_errmsg(s->handle));
	run_end(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}

bool
sqldata_capped(const struct sqldata *s)
{
	return s->capped;
}

void
sqldata_reset(struct sqldata *s)
{
	run_end(s);
	sqlite3_clear_bindings(s->stmt);
}

enum sqldata_type
sqldata_type_of(struct sqldata *s, int col)
{
	static const enum sqldata_type type[] = {
		[SQLITE_INTEGER] = SQLDATA_INT,
		[SQLITE_FLOAT] = SQLDATA_REAL,
		[SQLITE_TEXT] = SQLDATA_TEXT,
		[SQLITE_BLOB] = SQLDATA_BLOB,
		[SQLITE_NULL] = SQLDATA_NULL,
	};

	return type[sqlite3_column_type(s->stmt, col)];
}

const char *
sqldata_get_text(struct sqldata *s, int col)
{
	return (const char *)sqlite3_column_text(s->stmt, col);
}

int64_t
sqldata_get_int(struct sqldata *s, int col)
{
	return sqlite3_column_int64(s->stmt, col);
}

double
sqldata_get_real(struct sqldata *s, int col)
{
	return sqlite3_column_double(s->stmt, col);
}

struct bytes
sqldata_get_blob(struct sqldata *s, int col)
{
	const void *p = sqlite3_column_blob(s->stmt, col);

	return bytes_of(p, (size_t)sqlite3_column_bytes(s->stmt, col));
}
