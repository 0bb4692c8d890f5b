/* SPDX-License-Identifier: MIT */
/*
 * The companion's statements: preparing, running, fetching.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "odbc_int.h"

/* SQL types as kinds; others are text. */
static const struct {
	SQLSMALLINT type;
	enum wire_kind kind;
} kinds[] = {
	{ SQL_BIT, WIRE_IS_BOOL },
	{ SQL_TINYINT, WIRE_IS_INT },
	{ SQL_SMALLINT, WIRE_IS_INT },
	{ SQL_INTEGER, WIRE_IS_INT },
	{ SQL_BIGINT, WIRE_IS_LONG },
	{ SQL_REAL, WIRE_IS_REAL },
	{ SQL_FLOAT, WIRE_IS_REAL },
	{ SQL_DOUBLE, WIRE_IS_REAL },
	{ SQL_DECIMAL, WIRE_IS_DECIMAL },
	{ SQL_NUMERIC, WIRE_IS_DECIMAL },
	{ SQL_TYPE_DATE, WIRE_IS_DATE },
	{ SQL_TYPE_TIMESTAMP, WIRE_IS_TIMESTAMP },
	{ SQL_BINARY, WIRE_IS_BLOB },
	{ SQL_VARBINARY, WIRE_IS_BLOB },
	{ SQL_LONGVARBINARY, WIRE_IS_BLOB },
};

enum wire_kind
odbc_kind(SQLSMALLINT type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].type == type)
			return kinds[i].kind;
	return WIRE_IS_TEXT;
}

static struct odbc_statement *
find(struct companion *c, uint32_t id)
{
	for (size_t i = 0; i < STATEMENTS_MAX; i++)
		if (c->statement[i].handle && c->statement[i].id == id)
			return &c->statement[i];
	return NULL;
}

static struct odbc_statement *
place(struct companion *c)
{
	for (size_t i = 0; i < STATEMENTS_MAX; i++)
		if (!c->statement[i].handle)
			return &c->statement[i];
	return NULL;
}

static int
describe(struct companion *c, struct odbc_statement *s, SQLSMALLINT i)
{
	SQLCHAR name[NAME_TEXT_MAX] = "", type[NAME_TEXT_MAX] = "";
	SQLSMALLINT n, scale, nullable;
	SQLULEN size;

	if (!SQL_SUCCEEDED(SQLDescribeCol(s->handle, (SQLUSMALLINT)(i + 1),
		    name, sizeof(name), &n, &s->column[i].type, &size, &scale,
		    &nullable)))
		return -1;
	SQLColAttribute(s->handle, (SQLUSMALLINT)(i + 1), SQL_DESC_TYPE_NAME,
		type, sizeof(type), &n, NULL);
	s->column[i].kind = odbc_kind(s->column[i].type);
	frame_put_str(&c->answer, (const char *)name);
	frame_put_str(&c->answer, (const char *)type);
	frame_put_u32(&c->answer, s->column[i].kind);
	return 0;
}

/* Many drivers do not know, and say text. */
static enum wire_kind
param_kind(struct odbc_statement *s, SQLSMALLINT i)
{
	SQLSMALLINT type, scale, nullable;
	SQLULEN size;

	if (!SQL_SUCCEEDED(SQLDescribeParam(s->handle, (SQLUSMALLINT)(i + 1),
		    &type, &size, &scale, &nullable)))
		return WIRE_IS_TEXT;
	return odbc_kind(type);
}

static int
shape(struct companion *c, struct odbc_statement *s)
{
	if (!SQL_SUCCEEDED(SQLNumParams(s->handle, &s->params)) ||
		!SQL_SUCCEEDED(SQLNumResultCols(s->handle, &s->columns)) ||
		s->columns > WIRE_COLUMNS_MAX || s->params > WIRE_USES_MAX)
		return -1;
	frame_begin(&c->answer, WIRE_SHAPE);
	frame_put_u32(&c->answer, (uint32_t)s->params);
	frame_put_u32(&c->answer, (uint32_t)s->columns);
	for (SQLSMALLINT i = 0; i < s->columns; i++)
		if (describe(c, s, i))
			return -1;
	for (SQLSMALLINT i = 0; i < s->params; i++)
		frame_put_u32(&c->answer, param_kind(s, i));
	return 0;
}

static void
drop(struct odbc_statement *s)
{
	SQLFreeHandle(SQL_HANDLE_STMT, s->handle);
	s->handle = NULL;
}

int
odbc_prepare(struct companion *c, struct frame *f)
{
	uint32_t id = frame_u32(f);
	struct bytes sql = frame_bytes(f);
	struct odbc_statement *s = place(c);
	SQLCHAR *text;
	SQLRETURN rc;

	if (!frame_done(f) || !s || sql.len > WIRE_SQL_MAX || find(c, id))
		return -1;
	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &s->handle)))
		return odbc_error(c, SQL_HANDLE_DBC, c->dbc);
	s->id = id;
	text = mem_alloc(sql.len + 1);
	memcpy(text, sql.data, sql.len);
	rc = SQLPrepare(s->handle, text, (SQLINTEGER)sql.len);
	mem_free(text);
	if (!SQL_SUCCEEDED(rc) || shape(c, s)) {
		odbc_error(c, SQL_HANDLE_STMT, s->handle);
		drop(s);
	}
	return 0;
}

int
odbc_drop(struct companion *c, struct frame *f)
{
	struct odbc_statement *s = find(c, frame_u32(f));

	if (!frame_done(f) || !s || s == c->running)
		return -1;
	drop(s);
	return odbc_done(c);
}

/* ---- running ---- */

/* What a parameter points to until the statement has run. */
struct bound {
	int64_t number;
	double real;
	SQLLEN len;
};

static SQLRETURN
bind(struct odbc_statement *s, SQLUSMALLINT i, struct bound *v, struct frame *f)
{
	uint8_t tag = frame_u8(f);
	SQLSMALLINT ctype = SQL_C_CHAR, type = SQL_VARCHAR;
	SQLPOINTER data = NULL;
	struct bytes b = { 0 };
	SQLULEN size = 1;

	v->len = SQL_NULL_DATA;
	if (tag == WIRE_INT) {
		v->number = frame_i64(f);
		ctype = SQL_C_SBIGINT;
		type = SQL_BIGINT;
		data = &v->number;
		v->len = sizeof(v->number);
		size = 20;
	} else if (tag == WIRE_REAL) {
		v->real = frame_real(f);
		ctype = SQL_C_DOUBLE;
		type = SQL_DOUBLE;
		data = &v->real;
		v->len = sizeof(v->real);
		size = 15;
	} else if (tag == WIRE_TEXT || tag == WIRE_BLOB) {
		b = frame_bytes(f);
		data = (SQLPOINTER)(uintptr_t)b.data;
		v->len = (SQLLEN)b.len;
		size = b.len ? b.len : 1;
		if (tag == WIRE_BLOB) {
			ctype = SQL_C_BINARY;
			type = SQL_LONGVARBINARY;
		} else if (b.len > 4000) {
			type = SQL_LONGVARCHAR;
		}
	} else if (tag != WIRE_NULL) {
		f->bad = true;
	}
	return SQLBindParameter(s->handle, i, SQL_PARAM_INPUT, ctype, type,
		size, 0, data, v->len == SQL_NULL_DATA ? 0 : v->len, &v->len);
}

static void
set_timeout(struct odbc_statement *s, uint32_t ms)
{
	SQLULEN seconds = ms ? (ms + 999) / 1000 : 0;

	SQLSetStmtAttr(s->handle, SQL_ATTR_QUERY_TIMEOUT,
		(SQLPOINTER)(uintptr_t)seconds, 0);
}

static int
execute(struct companion *c, struct odbc_statement *s)
{
	SQLRETURN rc;

	odbc_busy(c, s->handle);
	rc = SQLExecute(s->handle);
	if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA)
		return odbc_error(c, SQL_HANDLE_STMT, s->handle);
	c->running = s;
	c->affected = 0;
	if (s->columns == 0 &&
		!SQL_SUCCEEDED(SQLRowCount(s->handle, &c->affected)))
		c->affected = 0;
	return odbc_done(c);
}

int
odbc_run(struct companion *c, struct frame *f)
{
	struct odbc_statement *s = find(c, frame_u32(f));
	uint32_t ms = frame_u32(f), n = frame_u32(f);
	struct bound *v;
	SQLRETURN rc = SQL_SUCCESS;
	int ret = -1;

	if (f->bad || !s || c->running || n != (uint32_t)s->params)
		return -1;
	v = mem_array(n + 1, sizeof(*v));
	SQLFreeStmt(s->handle, SQL_RESET_PARAMS);
	for (uint32_t i = 0; i < n && SQL_SUCCEEDED(rc) && !f->bad; i++)
		rc = bind(s, (SQLUSMALLINT)(i + 1), &v[i], f);
	if (!SQL_SUCCEEDED(rc)) {
		ret = odbc_error(c, SQL_HANDLE_STMT, s->handle);
	} else if (frame_done(f)) {
		set_timeout(s, ms);
		ret = execute(c, s);
	}
	mem_free(v);
	return ret;
}

/* A value that may be long, piece by piece; SQL_NO_DATA: null. */
static SQLRETURN
get_long(struct companion *c, SQLHSTMT h, SQLUSMALLINT col, SQLSMALLINT ctype)
{
	SQLRETURN rc;
	SQLLEN n;

	buf_reset(&c->value);
	for (;;) {
		size_t room = ctype == SQL_C_CHAR ? CHUNK - 1 : CHUNK;

		rc = SQLGetData(h, col, ctype, c->chunk, CHUNK, &n);
		if (rc == SQL_NO_DATA)
			return SQL_SUCCESS;
		if (!SQL_SUCCEEDED(rc))
			return rc;
		if (n == SQL_NULL_DATA)
			return SQL_NO_DATA;
		if (n != SQL_NO_TOTAL && (size_t)n < room)
			room = (size_t)n;
		buf_add(&c->value, c->chunk, room);
		if (rc == SQL_SUCCESS || c->value.over)
			return SQL_SUCCESS;
	}
}

static SQLRETURN
put_number(struct companion *c, SQLHSTMT h, SQLUSMALLINT col, bool real)
{
	SQLBIGINT number = 0;
	SQLDOUBLE d = 0;
	SQLRETURN rc;
	SQLLEN n = 0;

	if (real)
		rc = SQLGetData(h, col, SQL_C_DOUBLE, &d, sizeof(d), &n);
	else
		rc = SQLGetData(
			h, col, SQL_C_SBIGINT, &number, sizeof(number), &n);
	if (!SQL_SUCCEEDED(rc))
		return rc;
	if (n == SQL_NULL_DATA) {
		frame_put_u8(&c->answer, WIRE_NULL);
	} else if (real) {
		frame_put_u8(&c->answer, WIRE_REAL);
		frame_put_real(&c->answer, d);
	} else {
		frame_put_u8(&c->answer, WIRE_INT);
		frame_put_i64(&c->answer, number);
	}
	return SQL_SUCCESS;
}

static SQLRETURN
put_cell(struct companion *c, struct odbc_statement *s, SQLSMALLINT i)
{
	enum wire_kind k = s->column[i].kind;
	SQLUSMALLINT col = (SQLUSMALLINT)(i + 1);
	bool blob = k == WIRE_IS_BLOB;
	SQLRETURN rc;

	if (k == WIRE_IS_INT || k == WIRE_IS_LONG || k == WIRE_IS_BOOL)
		return put_number(c, s->handle, col, false);
	if (k == WIRE_IS_REAL)
		return put_number(c, s->handle, col, true);
	rc = get_long(c, s->handle, col, blob ? SQL_C_BINARY : SQL_C_CHAR);
	if (rc == SQL_NO_DATA) {
		frame_put_u8(&c->answer, WIRE_NULL);
		return SQL_SUCCESS;
	}
	if (!SQL_SUCCEEDED(rc))
		return rc;
	frame_put_u8(&c->answer, blob ? WIRE_BLOB : WIRE_TEXT);
	frame_put_bytes(&c->answer, bytes_buf(&c->value));
	if (c->value.over)
		c->answer.over = true;
	return SQL_SUCCESS;
}

static int
too_large(struct companion *c)
{
	odbc_busy(c, NULL);
	frame_begin(&c->answer, WIRE_ERROR);
	frame_put_str(&c->answer, "22001");
	frame_put_i64(&c->answer, 0);
	frame_put_str(&c->answer, "a value or row is too large");
	return 0;
}

/* Where the fields of ROWS stand that are known at its end. */
enum { AT_MORE = FRAME_HEAD + 1, AT_COUNT = AT_MORE + 1 + 8 };

static void
rows_close(struct companion *c, bool more, uint32_t rows)
{
	c->answer.data[AT_MORE] = (char)more;
	for (int i = 0; i < 4; i++)
		c->answer.data[AT_COUNT + i] = (char)(rows >> (8 * (3 - i)));
}

int
odbc_fetch(struct companion *c, struct frame *f)
{
	struct odbc_statement *s = c->running;
	int64_t until = clock_ticks() + WIRE_BATCH_MS;
	SQLRETURN rc = SQL_SUCCESS;
	uint32_t rows = 0;

	if (!frame_done(f) || !s)
		return -1;
	frame_begin(&c->answer, WIRE_ROWS);
	frame_put_u8(&c->answer, 0);
	frame_put_i64(&c->answer, c->affected);
	frame_put_u32(&c->answer, 0);
	while (s->columns && c->answer.len < WIRE_BATCH && !c->answer.over &&
		(!rows || clock_ticks() < until)) {
		rc = SQLFetch(s->handle);
		for (SQLSMALLINT i = 0; i < s->columns && SQL_SUCCEEDED(rc);
			i++)
			rc = put_cell(c, s, i);
		if (!SQL_SUCCEEDED(rc))
			break;
		rows++;
	}
	if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA)
		return odbc_error(c, SQL_HANDLE_STMT, s->handle);
	if (c->answer.over)
		return too_large(c);
	rows_close(c, s->columns && rc != SQL_NO_DATA, rows);
	return 0;
}

int
odbc_end(struct companion *c, struct frame *f)
{
	SQLSMALLINT how = frame_u8(f) ? SQL_COMMIT : SQL_ROLLBACK;

	if (!frame_done(f))
		return -1;
	odbc_busy(c, NULL);
	if (c->running)
		SQLFreeStmt(c->running->handle, SQL_CLOSE);
	c->running = NULL;
	if (c->write && !SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, c->dbc, how)))
		return odbc_error(c, SQL_HANDLE_DBC, c->dbc);
	return odbc_done(c);
}
