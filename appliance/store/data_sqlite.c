/* SPDX-License-Identifier: MIT */
/*
 * The SQLite driver of datasource.h: a file that belongs to somebody else.
 * Commands that read open it read-only. Time and cancelling are looked at by
 * SQLite's progress handler.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "data_sqlite_int.h"
#include "mem.h"
#include "text.h"

enum {
	PROGRESS_OPS = 1000, /* virtual machine steps between looks at time */
	LOCK_MS = 1000,      /* longest wait for the file's owner */
};

struct lite {
	sqlite3 *handle;
	struct warden warden;
	dev_t dev; /* of the file that was opened */
	ino_t ino;
	struct cursor *running;
};

static const struct {
	int what;
	int value;
} limit_table[] = {
	{ SQLITE_LIMIT_LENGTH, DATA_VALUE_MAX },
	{ SQLITE_LIMIT_SQL_LENGTH, 2 * SQLTEXT_MAX },
	{ SQLITE_LIMIT_COLUMN, DATA_COLUMNS_MAX },
	{ SQLITE_LIMIT_EXPR_DEPTH, 200 },
	{ SQLITE_LIMIT_COMPOUND_SELECT, 50 },
	{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000 },
	{ SQLITE_LIMIT_VARIABLE_NUMBER, SQLTEXT_PARAMS_MAX },
	{ SQLITE_LIMIT_ATTACHED, 0 },
};

/* SQLite's codes: extended ones first, else the primary one. */
static const struct {
	int code;
	enum fault fault;
} fault_table[] = {
	{ SQLITE_AUTH, FAULT_DATA_DENIED },
	{ SQLITE_READONLY, FAULT_DATA_DENIED },
	{ SQLITE_PERM, FAULT_DATA_DENIED },
	{ SQLITE_CONSTRAINT, FAULT_DATA_CONSTRAINT },
	{ SQLITE_MISMATCH, FAULT_DATA_TYPE },
	{ SQLITE_TOOBIG, FAULT_DATA_TYPE },
	{ SQLITE_RANGE, FAULT_DATA_TYPE },
	{ SQLITE_INTERRUPT, FAULT_DATA_SLOW },
	{ SQLITE_BUSY, FAULT_DATA_SLOW },
	{ SQLITE_LOCKED, FAULT_DATA_SLOW },
	{ SQLITE_CANTOPEN, FAULT_DATA_GONE },
	{ SQLITE_NOTADB, FAULT_DATA_GONE },
	{ SQLITE_IOERR, FAULT_DATA_GONE },
};

static enum fault
fault_of(int rc, enum fault other)
{
	for (size_t i = 0; i < sizeof(fault_table) / sizeof(*fault_table); i++)
		if (fault_table[i].code == (rc & 0xff))
			return fault_table[i].fault;
	return other;
}

static enum sql_dialect
lite_dialect(const struct datasource *ds)
{
	(void)ds;
	return SQL_SQLITE;
}

static int
lite_open(struct datasource *ds, struct err *e)
{
	if (ds->config.file && *ds->config.file == '/')
		return 0;
	return fail(e, FAULT_CONFIG,
		"data source \"%.100s\" needs the path of its file",
		ds->config.name);
}

/* sqlite3_progress_handler(): non-zero interrupts. */
static int
time_is_up(void *ctx)
{
	struct cursor *q = ((const struct lite *)ctx)->running;

	if (q)
		cursor_lull(q);
	return q && (atomic_load(&q->cancelled) || clock_ticks() >= q->until);
}

static void
lite_configure(struct link *l)
{
	struct lite *s = l->own;
	size_t i;

	sqlite3_extended_result_codes(s->handle, 1);
	sqlite3_busy_timeout(s->handle, LOCK_MS);
	sqlite3_db_config(s->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	sqlite3_exec(
		s->handle, "PRAGMA cell_size_check = ON", NULL, NULL, NULL);
	for (i = 0; i < sizeof(limit_table) / sizeof(limit_table[0]); i++)
		sqlite3_limit(
			s->handle, limit_table[i].what, limit_table[i].value);
	warden_install(s->handle, &s->warden);
	sqlite3_progress_handler(s->handle, PROGRESS_OPS, time_is_up, s);
}

static int
lite_connect(struct link *l, struct err *e)
{
	const char *file = l->ds->config.file;
	struct lite *s = mem_alloc(sizeof(*s));
	struct stat st;
	int rc;

	l->own = s;
	if (stat(file, &st))
		return fail(e, FAULT_DATA_GONE, "there is no file %s", file);
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	rc = sqlite3_open_v2(file, &s->handle,
		SQLITE_OPEN_NOMUTEX | (l->write ? SQLITE_OPEN_READWRITE
						: SQLITE_OPEN_READONLY),
		NULL);
	if (rc != SQLITE_OK)
		return fail(e, FAULT_DATA_GONE, "%s cannot be opened: %s", file,
			sqlite3_errstr(rc));
	lite_configure(l);
	return 0;
}

static void
lite_disconnect(struct link *l)
{
	struct lite *s = l->own;

	sqlite3_close(s->handle);
	mem_free(s);
}

/* A file that was replaced or removed is another one. */
static bool
lite_alive(struct link *l)
{
	const struct lite *s = l->own;
	struct stat st;

	return !stat(l->ds->config.file, &st) && st.st_dev == s->dev &&
	       st.st_ino == s->ino;
}

static int
lite_ping(struct link *l, struct err *e)
{
	struct lite *s = l->own;
	int rc;

	s->warden.ours = true;
	rc = sqlite3_exec(
		s->handle, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
	s->warden.ours = false;
	if (rc == SQLITE_OK)
		return 0;
	return fail(e, fault_of(rc, FAULT_DATABASE), "%s",
		sqlite3_errmsg(s->handle));
}

static int
prepare_failed(struct lite *s, int rc, struct err *e)
{
	const char *said = sqlite3_errmsg(s->handle);
	enum fault f = fault_of(rc, FAULT_DATA_STATEMENT);

	if (*s->warden.refused)
		f = FAULT_DATA_DENIED;
	if (f == FAULT_DATA_DENIED)
		return fail(e, f, "%s is not permitted here",
			*s->warden.refused ? s->warden.refused : said);
	if (f == FAULT_DATA_STATEMENT)
		return fail(e, f, "the statement is not valid: %s", said);
	return fail(e, f, "the database cannot be read: %s", said);
}

static int
statement_check(const struct command *c, sqlite3_stmt *stmt, struct err *e)
{
	if (sqlite3_stmt_isexplain(stmt) ||
		(!c->write && (!sqlite3_stmt_readonly(stmt) ||
				      sqlite3_column_count(stmt) == 0)))
		return fail(
			e, FAULT_DATA_DENIED, "the statement must be a SELECT");
	if (c->write && sqlite3_stmt_readonly(stmt))
		return fail(e, FAULT_DATA_DENIED,
			"the statement must be an INSERT, UPDATE or DELETE");
	if ((size_t)sqlite3_bind_parameter_count(stmt) != c->text.params)
		return fail(e, FAULT_DATA_STATEMENT,
			"the parameters of the statement are not clear");
	return 0;
}

static int
lite_compile(struct link *l, struct command *c, const char *sql,
	sqlite3_stmt **stmt, struct err *e)
{
	struct lite *s = l->own;
	const char *tail = NULL;
	int rc;

	s->warden.command = c;
	s->warden.with = sqltext_has(c->sql, SQL_SQLITE, "with");
	s->warden.refused[0] = '\0';
	rc = sqlite3_prepare_v3(
		s->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, &tail);
	if (rc != SQLITE_OK)
		return prepare_failed(s, rc, e);
	if (!*stmt || *tail)
		return fail(e, FAULT_DATA_STATEMENT,
			"exactly one statement is expected");
	return 0;
}

static int
lite_prepare(struct link *l, struct prepared *p, struct err *e)
{
	sqlite3_stmt *stmt = NULL;
	int ret = lite_compile(l, p->command, p->command->sql, &stmt, e);

	if (!ret)
		ret = statement_check(p->command, stmt, e);
	p->own = stmt;
	return ret;
}

static void
lite_forget(struct link *l, struct prepared *p)
{
	(void)l;
	sqlite3_finalize(p->own);
}

static const char *
lite_column(const struct prepared *p, int col)
{
	return col < sqlite3_column_count(p->own)
		       ? sqlite3_column_name(p->own, col)
		       : NULL;
}

static void
describe_columns(sqlite3_stmt *stmt, struct arena *a, struct description *out)
{
	int n = sqlite3_column_count(stmt);
	struct data_field *f = arena_array(a, (size_t)n + 1, sizeof(*f));

	for (int i = 0; i < n; i++) {
		const char *type = sqlite3_column_decltype(stmt, i);

		f[i].name = arena_strdup(a, sqlite3_column_name(stmt, i));
		f[i].type = arena_strdup(a, type ? type : "");
		f[i].kind = data_kind_of(type);
		f[i].table =
			arena_strdup(a, sqlite3_column_table_name(stmt, i));
		f[i].column =
			arena_strdup(a, sqlite3_column_origin_name(stmt, i));
	}
	out->column = f;
	out->columns = (size_t)n;
}

/* Compiles it again to hear what it touches. */
static int
lite_describe(struct link *l, struct prepared *p, struct arena *a,
	struct description *out, struct err *e)
{
	struct warden *w = &((struct lite *)l->own)->warden;
	sqlite3_stmt *stmt = NULL;
	int ret;

	out->table = arena_array(a, WARDEN_NAMES_MAX, sizeof(*out->table));
	out->function =
		arena_array(a, WARDEN_NAMES_MAX, sizeof(*out->function));
	w->arena = a;
	w->noted = out;
	ret = lite_compile(l, p->command, p->command->sql, &stmt, e);
	w->arena = NULL;
	w->noted = NULL;
	if (!ret)
		describe_columns(stmt, a, out);
	sqlite3_finalize(stmt);
	return ret;
}

static int
lite_plan(struct link *l, struct prepared *p, struct buf *out, struct err *e)
{
	struct lite *s = l->own;
	sqlite3_stmt *stmt = NULL;
	struct buf sql;
	int ret;

	buf_init(&sql, 3 * SQLTEXT_MAX);
	buf_fmt(&sql, "EXPLAIN QUERY PLAN %s", p->command->sql);
	s->warden.ours = true; /* the same was permitted without EXPLAIN */
	ret = lite_compile(l, p->command, sql.data, &stmt, e);
	while (!ret && sqlite3_step(stmt) == SQLITE_ROW)
		buf_fmt(out, "%s\n",
			(const char *)sqlite3_column_text(stmt, 3));
	s->warden.ours = false;
	sqlite3_finalize(stmt);
	buf_done(&sql);
	return ret;
}

/* ---- running ---- */

static int
bind_list(sqlite3_stmt *stmt, int i, const struct cell *v)
{
	struct buf b;
	int rc = SQLITE_TOOBIG;

	buf_init(&b, DATA_VALUE_MAX);
	data_list_json(v, &b);
	if (!b.over)
		rc = sqlite3_bind_text64(
			stmt, i, b.data, b.len, SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_done(&b);
	return rc;
}

/* The cursor's values outlive the run. */
static int
bind_one(sqlite3_stmt *stmt, int i, const struct cell *v)
{
	switch (v->kind) {
	case CELL_INT:
	case CELL_BOOL: return sqlite3_bind_int64(stmt, i, v->number);
	case CELL_REAL: return sqlite3_bind_double(stmt, i, v->real);
	case CELL_TEXT:
		return sqlite3_bind_text64(stmt, i, (const char *)v->text.data,
			v->text.len, SQLITE_STATIC, SQLITE_UTF8);
	case CELL_BLOB:
		return sqlite3_bind_blob64(
			stmt, i, v->text.data, v->text.len, SQLITE_STATIC);
	case CELL_LIST: return bind_list(stmt, i, v);
	case CELL_NULL: break;
	}
	return sqlite3_bind_null(stmt, i);
}

static int
own_sql(struct lite *s, const char *sql, struct err *e)
{
	int rc;

	s->warden.ours = true;
	rc = sqlite3_exec(s->handle, sql, NULL, NULL, NULL);
	s->warden.ours = false;
	if (rc == SQLITE_OK)
		return 0;
	return fail(e, fault_of(rc, FAULT_DATABASE), "%s: %s", sql,
		sqlite3_errmsg(s->handle));
}

static int
step(struct cursor *q, struct err *e)
{
	struct lite *s = q->link->own;
	int rc = sqlite3_step(q->prepared->own);
	enum fault f = fault_of(rc, FAULT_DATABASE);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE) {
		if (q->command->write)
			q->affected = sqlite3_changes64(s->handle);
		return 0;
	}
	/* SQLite compiles it again by itself when the schema has changed; what
	   it finds then is for a new connection to say */
	if ((rc & 0xff) == SQLITE_ERROR || f == FAULT_DATA_GONE ||
		f == FAULT_DATA_DENIED)
		q->prepared->stale = true;
	q->link->broken = f == FAULT_DATA_GONE || f == FAULT_DATABASE;
	return fail(
		e, f, "the statement failed: %s", sqlite3_errmsg(s->handle));
}

static int
lite_start(struct cursor *q, struct err *e)
{
	struct lite *s = q->link->own;
	sqlite3_stmt *stmt = q->prepared->own;

	/* both for SQLite's compiling it again */
	s->warden.command = q->command;
	s->warden.with = sqltext_has(q->command->sql, SQL_SQLITE, "with");
	s->running = q;
	for (size_t i = 0; i < q->command->text.params; i++) {
		int rc = bind_one(stmt, (int)i + 1, &q->value[i]);

		if (rc != SQLITE_OK)
			return fail(e, FAULT_DATA_TYPE,
				"the value of '%s' is refused: %s",
				q->command->text.param[i], sqlite3_errstr(rc));
	}
	if (q->command->write && own_sql(s, "BEGIN IMMEDIATE", e))
		return -1;
	return step(q, e);
}

static void
lite_cell(struct cursor *q, int col, struct cell *out)
{
	sqlite3_stmt *stmt = q->prepared->own;

	switch (sqlite3_column_type(stmt, col)) {
	case SQLITE_INTEGER:
		out->kind = CELL_INT;
		out->number = sqlite3_column_int64(stmt, col);
		return;
	case SQLITE_FLOAT:
		out->kind = CELL_REAL;
		out->real = sqlite3_column_double(stmt, col);
		return;
	case SQLITE_TEXT:
		out->kind = CELL_TEXT;
		out->text.data = sqlite3_column_text(stmt, col);
		break;
	case SQLITE_BLOB:
		out->kind = CELL_BLOB;
		out->text.data = sqlite3_column_blob(stmt, col);
		break;
	default: out->kind = CELL_NULL; return;
	}
	out->text.len = (size_t)sqlite3_column_bytes(stmt, col);
}

/* Resetting also releases the read lock on the owner's file. */
static int
lite_finish(struct cursor *q, bool commit, struct err *e)
{
	struct lite *s = q->link->own;
	sqlite3_stmt *stmt = q->prepared->own;
	int ret = 0;

	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	if (q->command->write && !sqlite3_get_autocommit(s->handle)) {
		if (commit)
			ret = own_sql(s, "COMMIT", e);
		if (!commit || ret) {
			s->running = NULL; /* this may take its time */
			(void)own_sql(s, "ROLLBACK", NULL);
		}
	}
	s->running = NULL;
	return ret;
}

/* The progress handler sees the cursor's flag. */
static void
lite_cancel(struct link *l)
{
	(void)l;
}

/* ---- what there is ---- */

static int
lite_tables(struct link *l, data_column_fn *fn, void *ctx, struct err *e)
{
	static const char sql[] =
		"SELECT m.name, m.type = 'view', p.name, p.type "
		"FROM sqlite_schema m, pragma_table_xinfo(m.name) p "
		"WHERE m.type IN ('table', 'view') AND p.hidden <> 1 "
		"AND m.name NOT LIKE 'sqlite@_%' ESCAPE '@' "
		"ORDER BY m.name, p.cid";
	struct lite *s = l->own;
	sqlite3_stmt *stmt = NULL;
	int rc;

	s->warden.ours = true;
	rc = sqlite3_prepare_v2(s->handle, sql, -1, &stmt, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *type = (const char *)sqlite3_column_text(stmt, 3);
		const struct data_table t = {
			.name = (const char *)sqlite3_column_text(stmt, 0),
			.view = sqlite3_column_int(stmt, 1) != 0,
		};
		const struct data_field f = {
			.name = (const char *)sqlite3_column_text(stmt, 2),
			.type = type ? type : "",
			.kind = data_kind_of(type),
		};

		fn(ctx, &t, &f);
		rc = SQLITE_OK;
	}
	s->warden.ours = false;
	if (rc != SQLITE_DONE)
		fail(e, fault_of(rc, FAULT_DATABASE), "%s",
			sqlite3_errmsg(s->handle));
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

const struct driver driver_sqlite = {
	.name = "sqlite",
	.style = SQLTEXT_NUMBERED,
	.dialect = lite_dialect,
	.open = lite_open,
	.connect = lite_connect,
	.disconnect = lite_disconnect,
	.alive = lite_alive,
	.ping = lite_ping,
	.prepare = lite_prepare,
	.forget = lite_forget,
	.describe = lite_describe,
	.plan = lite_plan,
	.column = lite_column,
	.start = lite_start,
	.next = step,
	.cell = lite_cell,
	.finish = lite_finish,
	.cancel = lite_cancel,
	.tables = lite_tables,
};
