/* SPDX-License-Identifier: MIT */
/*
 * Writing of a whole table. Names come from people's files: they are quoted,
 * never trusted.
 */
#include "datatable.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "store_int.h"
#include "text.h"

enum { STATEMENT_MAX = 256 * 1024 };

static const char *const type_word[] = {
	[DATATABLE_TEXT] = "TEXT",
	[DATATABLE_INT] = "INTEGER",
	[DATATABLE_REAL] = "REAL",
	[DATATABLE_DATE] = "DATE",
};

static int
complain(sqlite3 *h, const struct datatable *t, struct err *e)
{
	return fail(e, FAULT_DATABASE, "%s, table %s: %s", t->path, t->name,
		h ? sqlite3_errmsg(h) : "no memory");
}

static void
quote(struct buf *b, const char *name)
{
	buf_char(b, '"');
	for (; *name; name++) {
		if (*name == '"')
			buf_char(b, '"');
		buf_char(b, *name);
	}
	buf_char(b, '"');
}

static int
exec(sqlite3 *h, const struct datatable *t, const char *sql, struct err *e)
{
	return sqlite3_exec(h, sql, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : complain(h, t, e);
}

static void
write_create(struct buf *b, const struct datatable *t)
{
	buf_str(b, "DROP TABLE IF EXISTS ");
	quote(b, t->name);
	buf_str(b, "; CREATE TABLE ");
	quote(b, t->name);
	for (size_t i = 0; i < t->columns; i++) {
		buf_str(b, i ? ", " : " (");
		quote(b, t->column[i].name);
		buf_fmt(b, " %s", type_word[t->column[i].kind]);
	}
	buf_char(b, ')');
}

static void
write_insert(struct buf *b, const struct datatable *t)
{
	buf_str(b, "INSERT INTO ");
	quote(b, t->name);
	for (size_t i = 0; i < t->columns; i++)
		buf_str(b, i ? ", ?" : " VALUES (?");
	buf_char(b, ')');
}

static int
bind(sqlite3_stmt *q, int at, enum datatable_kind kind, const char *text)
{
	int64_t n;

	if (!text)
		return sqlite3_bind_null(q, at);
	if (kind == DATATABLE_INT &&
		!int_parse(text, INT64_MIN, INT64_MAX, &n, NULL))
		return sqlite3_bind_int64(q, at, n);
	if (kind == DATATABLE_REAL)
		return sqlite3_bind_double(q, at, strtod(text, NULL));
	return sqlite3_bind_text(q, at, text, -1, SQLITE_STATIC);
}

static int
fill(sqlite3 *h, sqlite3_stmt *q, const struct datatable *t, struct err *e)
{
	for (size_t r = 0; r < t->rows; r++) {
		for (size_t c = 0; c < t->columns; c++)
			if (bind(q, (int)c + 1, t->column[c].kind,
				    t->cell[r * t->columns + c]) != SQLITE_OK)
				return complain(h, t, e);
		if (sqlite3_step(q) != SQLITE_DONE)
			return complain(h, t, e);
		sqlite3_reset(q);
	}
	return 0;
}

static int
insert(sqlite3 *h, const struct datatable *t, const char *sql, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int ret;

	if (sqlite3_prepare_v2(h, sql, -1, &q, NULL) != SQLITE_OK)
		return complain(h, t, e);
	ret = fill(h, q, t, e);
	sqlite3_finalize(q);
	return ret;
}

static int
add_index(sqlite3 *h, const struct datatable *t, const char *column,
	bool unique, struct err *e)
{
	struct buf b;
	int ret;

	if (!column)
		return 0;
	buf_init(&b, STATEMENT_MAX);
	buf_fmt(&b, "CREATE %sINDEX ", unique ? "UNIQUE " : "");
	buf_char(&b, '"');
	buf_fmt(&b, "%s_%s", t->name, unique ? "key" : "index");
	buf_str(&b, "\" ON ");
	quote(&b, t->name);
	buf_str(&b, " (");
	quote(&b, column);
	buf_char(&b, ')');
	ret = exec(h, t, b.data, e);
	buf_done(&b);
	return ret;
}

static int
write_all(sqlite3 *h, const struct datatable *t, struct err *e)
{
	struct buf create, add;
	int ret = -1;

	buf_init(&create, STATEMENT_MAX);
	buf_init(&add, STATEMENT_MAX);
	write_create(&create, t);
	write_insert(&add, t);
	if (!buf_ok(&create, "the table", e) && !exec(h, t, create.data, e) &&
		!insert(h, t, add.data, e) &&
		!add_index(h, t, t->unique, true, e))
		ret = add_index(h, t, t->index, false, e);
	buf_done(&create);
	buf_done(&add);
	return ret;
}

int
datatable_replace(const struct datatable *t, struct err *e)
{
	sqlite3 *h = NULL;
	int ret = -1;

	if (sqlite3_open_v2(t->path, &h,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			    SQLITE_OPEN_NOMUTEX,
		    NULL) != SQLITE_OK) {
		complain(h, t, e);
		goto out;
	}
	sqlite3_busy_timeout(h, BUSY_MS);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (exec(h, t, "BEGIN IMMEDIATE", e))
		goto out;
	ret = write_all(h, t, e) || exec(h, t, "COMMIT", e) ? -1 : 0;
out:
	sqlite3_close(h); /* rolls back what was not committed */
	return ret;
}
