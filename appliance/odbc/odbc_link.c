/* SPDX-License-Identifier: MIT */
/*
 * The companion's connection: opening it, its tables, its statements.
 */
#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "odbc_int.h"
#include "text.h"

enum { CATALOG = 1, TABLE = 3 }; /* columns of SQLTables() */

static SQLCHAR *
chars(const void *s)
{
	/* ODBC's input strings are not const */
	return (SQLCHAR *)(uintptr_t)s;
}

int
odbc_error(struct companion *c, SQLSMALLINT type, SQLHANDLE handle)
{
	SQLCHAR state[STATE_LEN + 1] = "HY000", text[NAME_TEXT_MAX] = "";
	SQLINTEGER native = 0;
	SQLSMALLINT n = 0;

	odbc_busy(c, NULL);
	if (!SQL_SUCCEEDED(SQLGetDiagRec(
		    type, handle, 1, state, &native, text, sizeof(text), &n)))
		snprintf((char *)text, sizeof(text),
			"the driver gives no reason");
	frame_begin(&c->answer, WIRE_ERROR);
	frame_put_str(&c->answer, (const char *)state);
	frame_put_i64(&c->answer, native);
	frame_put_str(&c->answer, (const char *)text);
	return 0;
}

int
odbc_done(struct companion *c)
{
	frame_begin(&c->answer, WIRE_DONE);
	frame_put_i64(&c->answer, 0);
	return 0;
}

/* NAME={value}; with '}' doubled, so that a value cannot add another. */
static void
put(struct buf *b, const char *name, struct bytes value)
{
	if (!value.len)
		return;
	buf_fmt(b, "%s={", name);
	for (size_t i = 0; i < value.len; i++) {
		buf_char(b, (char)value.data[i]);
		if (value.data[i] == '}')
			buf_char(b, '}');
	}
	buf_str(b, "};");
}

struct wish {
	struct bytes driver, host, database, user, password, ca, charset;
	uint32_t port, seconds;
	uint8_t tls, write;
};

static bool
read_wish(struct frame *f, struct wish *w)
{
	struct bytes *const text[] = { &w->driver, &w->host, &w->database,
		&w->user, &w->password, &w->ca, &w->charset };

	for (size_t i = 0; i < 7; i++)
		*text[i] = frame_bytes(f);
	w->port = frame_u32(f);
	w->tls = frame_u8(f);
	w->write = frame_u8(f);
	w->seconds = frame_u32(f);
	return frame_done(f);
}

static void
put_tls(struct buf *b, const struct wish *w)
{
	if (w->tls == 2) /* DATA_TLS_OFF */
		return;
	/* drivers do not know the certificate without the name */
	buf_str(b, "FORCETLS=1;SSLVERIFY=1;");
	buf_str(b, "Encrypt=yes;TrustServerCertificate=no;");
	put(b, "SSLCA", w->ca);
}

static void
write_string(struct buf *b, const struct wish *w)
{
	put(b, "DRIVER", w->driver);
	put(b, "SERVER", w->host);
	if (w->port)
		buf_fmt(b, "PORT=%u;", (unsigned)w->port);
	put(b, "DATABASE", w->database);
	put(b, "UID", w->user);
	put(b, "PWD", w->password);
	put(b, "CHARSET", w->charset);
	/* MariaDB: rows as they come, not all at once, from its driver 3.2 on;
	   before, it keeps a result whole */
	buf_str(b, "FORWARDONLY=1;STREAMRS=1;");
	put_tls(b, w);
}

static SQLRETURN
dial(struct companion *c, const struct wish *w)
{
	SQLSMALLINT n;
	SQLRETURN rc;
	struct buf b;

	SQLSetConnectAttr(c->dbc, SQL_ATTR_LOGIN_TIMEOUT,
		(SQLPOINTER)(uintptr_t)w->seconds, 0);
	if (!w->write)
		SQLSetConnectAttr(c->dbc, SQL_ATTR_ACCESS_MODE,
			(SQLPOINTER)SQL_MODE_READ_ONLY, 0);
	buf_init(&b, 64 * 1024);
	b.secret = true;
	write_string(&b, w);
	rc = SQLDriverConnect(c->dbc, NULL, chars(b.data), SQL_NTS, NULL, 0, &n,
		SQL_DRIVER_NOPROMPT);
	buf_done(&b);
	return rc;
}

/* MariaDB's and MySQL's own way to have the server refuse writes; others do
   not know it, and their driver's access mode has to do. */
static void
forbid_writes(struct companion *c)
{
	SQLHSTMT s;

	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &s)))
		return;
	SQLExecDirect(s, chars("SET SESSION TRANSACTION READ ONLY"), SQL_NTS);
	SQLFreeHandle(SQL_HANDLE_STMT, s);
}

int
odbc_connect(struct companion *c, struct frame *f)
{
	SQLCHAR product[NAME_TEXT_MAX] = "";
	struct wish w = { .port = 0 };
	SQLSMALLINT n;

	if (!read_wish(f, &w))
		return -1;
	if (!SQL_SUCCEEDED(
		    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &c->env)) ||
		!SQL_SUCCEEDED(SQLSetEnvAttr(c->env, SQL_ATTR_ODBC_VERSION,
			(SQLPOINTER)SQL_OV_ODBC3, 0)) ||
		!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, c->env, &c->dbc)))
		return -1;
	if (!SQL_SUCCEEDED(dial(c, &w)))
		return odbc_error(c, SQL_HANDLE_DBC, c->dbc);
	c->connected = true;
	c->write = w.write;
	SQLGetInfo(c->dbc, SQL_DBMS_NAME, product, sizeof(product), &n);
	if (c->write)
		SQLSetConnectAttr(c->dbc, SQL_ATTR_AUTOCOMMIT,
			(SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0);
	else
		forbid_writes(c);
	frame_begin(&c->answer, WIRE_OPENED);
	frame_put_str(&c->answer, (const char *)product);
	return 0;
}

void
odbc_disconnect(struct companion *c)
{
	if (c->connected && c->write)
		SQLEndTran(SQL_HANDLE_DBC, c->dbc, SQL_ROLLBACK);
	if (c->connected)
		SQLDisconnect(c->dbc);
}

int
odbc_ping(struct companion *c, struct frame *f)
{
	SQLUINTEGER dead = SQL_CD_FALSE;

	if (!frame_done(f))
		return -1;
	SQLGetConnectAttr(
		c->dbc, SQL_ATTR_CONNECTION_DEAD, &dead, sizeof(dead), NULL);
	if (dead != SQL_CD_TRUE)
		return odbc_done(c);
	frame_begin(&c->answer, WIRE_ERROR);
	frame_put_str(&c->answer, "08S01");
	frame_put_i64(&c->answer, 0);
	frame_put_str(&c->answer, "the connection is dead");
	return 0;
}

/* Adds a column of the rows; names of other databases get a "." behind. */
static SQLRETURN
add_names(struct companion *c, SQLHSTMT s, SQLUSMALLINT column,
	struct buf *names, uint32_t *count)
{
	SQLCHAR name[NAME_TEXT_MAX], own[NAME_TEXT_MAX] = "";
	char text[NAME_TEXT_MAX + 1];
	SQLSMALLINT len;
	SQLRETURN rc = SQL_NO_DATA;
	SQLLEN n;

	SQLGetInfo(c->dbc, SQL_DATABASE_NAME, own, sizeof(own), &len);
	while (*count < WIRE_NAMES_MAX && SQL_SUCCEEDED(rc = SQLFetch(s))) {
		if (!SQL_SUCCEEDED(SQLGetData(
			    s, column, SQL_C_CHAR, name, sizeof(name), &n)) ||
			n <= 0 ||
			(column == CATALOG &&
				str_iequal((char *)name, (char *)own)))
			continue;
		snprintf(text, sizeof(text), "%s%s", (char *)name,
			column == CATALOG ? "." : "");
		frame_put_str(names, text);
		(*count)++;
	}
	return SQL_SUCCEEDED(rc) ? SQL_NO_DATA : rc; /* enough */
}

/* Adds nothing for drivers without catalogs. */
static void
add_catalogs(struct companion *c, struct buf *names, uint32_t *count)
{
	SQLHSTMT s;

	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &s)))
		return;
	if (SQL_SUCCEEDED(
		    SQLTables(s, chars(SQL_ALL_CATALOGS), SQL_NTS, chars(""),
			    SQL_NTS, chars(""), SQL_NTS, chars(""), SQL_NTS)))
		add_names(c, s, CATALOG, names, count);
	SQLFreeHandle(SQL_HANDLE_STMT, s);
}

/* Names of the tables that the user can see, and of other databases. */
int
odbc_tables(struct companion *c, struct frame *f)
{
	struct buf names;
	uint32_t count = 0;
	SQLHSTMT s;

	if (!frame_done(f))
		return -1;
	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, c->dbc, &s)))
		return odbc_error(c, SQL_HANDLE_DBC, c->dbc);
	buf_init(&names, FRAME_MAX / 2);
	if (!SQL_SUCCEEDED(SQLTables(s, NULL, 0, NULL, 0, NULL, 0, NULL, 0)) ||
		add_names(c, s, TABLE, &names, &count) != SQL_NO_DATA) {
		odbc_error(c, SQL_HANDLE_STMT, s);
		SQLFreeHandle(SQL_HANDLE_STMT, s);
		buf_done(&names);
		return 0;
	}
	SQLFreeHandle(SQL_HANDLE_STMT, s);
	add_catalogs(c, &names, &count);
	frame_begin(&c->answer, WIRE_NAMES);
	frame_put_u32(&c->answer, count);
	buf_bytes(&c->answer, bytes_buf(&names));
	buf_done(&names);
	return 0;
}
