/* SPDX-License-Identifier: MIT */
/*
 * What the user of the connection may look at: tables and views of its
 * database with their columns, for who writes a statement.
 */
#include <string.h>

#include "mem.h"
#include "odbc_int.h"
#include "text.h"

enum {
	SCHEMA = 2, /* columns of SQLTables() and SQLColumns() */
	TABLE = 3,
	KIND = 4, /* of SQLTables() */
	COLUMN = 4,
	TYPE = 5,
	TYPE_NAME = 6,
};

struct listed {
	char *schema, *name;
	bool view;
};

struct listing {
	struct arena *a;
	struct listed *table; /* WIRE_TABLES_MAX */
	size_t tables;
	uint32_t columns;
};

static const char *
text_at(struct listing *l, SQLHSTMT s, SQLUSMALLINT i)
{
	SQLCHAR text[NAME_TEXT_MAX] = "";
	SQLLEN n = 0;

	if (!SQL_SUCCEEDED(
		    SQLGetData(s, i, SQL_C_CHAR, text, sizeof(text), &n)) ||
		n <= 0)
		return "";
	return arena_strdup(l->a, (const char *)text);
}

static void
read_tables(struct listing *l, SQLHSTMT s)
{
	static SQLCHAR wanted[] = "TABLE,VIEW";

	if (!SQL_SUCCEEDED(
		    SQLTables(s, NULL, 0, NULL, 0, NULL, 0, wanted, SQL_NTS)))
		return;
	while (l->tables < WIRE_TABLES_MAX && SQL_SUCCEEDED(SQLFetch(s))) {
		struct listed *t = &l->table[l->tables];

		t->schema = arena_strdup(l->a, text_at(l, s, SCHEMA));
		t->name = arena_strdup(l->a, text_at(l, s, TABLE));
		t->view = str_equal(text_at(l, s, KIND), "VIEW");
		l->tables += *t->name && !str_iequal(t->schema, "sys") &&
			     !str_iequal(t->schema, "information_schema");
	}
}

static const struct listed *
find(const struct listing *l, const char *schema, const char *name)
{
	for (size_t i = 0; i < l->tables; i++)
		if (str_equal(l->table[i].name, name) &&
			str_equal(l->table[i].schema, schema))
			return &l->table[i];
	return NULL;
}

static void
put_column(struct companion *c, struct listing *l, SQLHSTMT s)
{
	const char *schema = text_at(l, s, SCHEMA);
	const char *name = text_at(l, s, TABLE), *column, *type;
	const struct listed *t = find(l, schema, name);
	SQLSMALLINT code = 0;
	SQLLEN n;

	if (!t)
		return;
	column = text_at(l, s, COLUMN);
	SQLGetData(s, TYPE, SQL_C_SSHORT, &code, sizeof(code), &n);
	type = text_at(l, s, TYPE_NAME);
	frame_put_u8(&c->answer, 1);
	frame_put_str(&c->answer, schema);
	frame_put_str(&c->answer, name);
	frame_put_u8(&c->answer, t->view);
	frame_put_str(&c->answer, column);
	frame_put_str(&c->answer, type);
	frame_put_u32(&c->answer, odbc_kind(code));
	l->columns++;
}

static SQLRETURN
read_columns(struct companion *c, struct listing *l, SQLHSTMT s)
{
	SQLRETURN rc = SQLColumns(s, NULL, 0, NULL, 0, NULL, 0, NULL, 0);

	while (SQL_SUCCEEDED(rc) && l->columns < WIRE_NAMES_MAX &&
		c->answer.len < FRAME_MAX / 2 &&
		SQL_SUCCEEDED(rc = SQLFetch(s)))
		put_column(c, l, s);
	return rc;
}

int
odbc_list(struct companion *c, struct frame *f)
{
	struct listing l = { 0 };
	SQLHSTMT s;

	if (!frame_done(f))
		return -1;
	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &s)))
		return odbc_error(c, SQL_HANDLE_DBC, c->dbc);
	l.a = arena_new();
	l.table = arena_array(l.a, WIRE_TABLES_MAX, sizeof(*l.table));
	read_tables(&l, s);
	SQLFreeStmt(s, SQL_CLOSE);
	frame_begin(&c->answer, WIRE_LISTED);
	if (read_columns(c, &l, s) == SQL_ERROR)
		odbc_error(c, SQL_HANDLE_STMT, s);
	else
		frame_put_u8(&c->answer, 0);
	arena_free(&l.a);
	SQLFreeHandle(SQL_HANDLE_STMT, s);
	return 0;
}
