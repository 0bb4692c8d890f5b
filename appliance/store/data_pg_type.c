/* SPDX-License-Identifier: MIT */
/*
 * PostgreSQL's types and values as neutral ones. Values come as text, which is
 * exact, except that numbers, truths and bytes are read.
 */
#include <stdlib.h>
#include <string.h>

#include "data_pg_int.h"
#include "mem.h"
#include "text.h"

/* Numbers of built-in types never change (pg_type.dat). */
static const struct {
	Oid type, list; /* and of its array */
	enum data_kind kind;
} row[] = {
	{ 16, 1000, DATA_BOOL }, { 17, 1001, DATA_BLOB },
	{ 20, 1016, DATA_LONG }, { 21, 1005, DATA_INT }, { 23, 1007, DATA_INT },
	{ 26, 1028, DATA_LONG }, /* oid */
	{ 700, 1021, DATA_REAL }, { 701, 1022, DATA_REAL },
	{ 1700, 1231, DATA_DECIMAL }, { 1082, 1182, DATA_DATE },
	{ 1114, 1115, DATA_TIMESTAMP }, { 1184, 1185, DATA_TIMESTAMP },
	{ 25, 1009, DATA_TEXT }, { 1042, 1014, DATA_TEXT },
	{ 1043, 1015, DATA_TEXT }, { 2950, 2951, DATA_TEXT }, /* uuid */
};

enum data_kind
pg_kind(Oid type, enum data_kind *item)
{
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		if (row[i].type == type)
			return row[i].kind;
		if (row[i].list == type) {
			if (item)
				*item = row[i].kind;
			return DATA_LIST;
		}
	}
	return DATA_TEXT;
}

static void
put_quoted(const char *s, size_t n, struct buf *out)
{
	buf_char(out, '"');
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '"' || s[i] == '\\')
			buf_char(out, '\\');
		buf_char(out, s[i]);
	}
	buf_char(out, '"');
}

static void
put_item(const struct cell *v, struct buf *out)
{
	switch (v->kind) {
	case CELL_INT: buf_fmt(out, "%lld", (long long)v->number); return;
	case CELL_BOOL: buf_char(out, v->number ? 't' : 'f'); return;
	case CELL_REAL: buf_fmt(out, "%.17g", v->real); return;
	case CELL_TEXT:
		put_quoted((const char *)v->text.data, v->text.len, out);
		return;
	case CELL_BLOB:
		buf_str(out, "\"\\\\x");
		buf_hex(out, v->text.data, v->text.len);
		buf_char(out, '"');
		return;
	case CELL_NULL:
	case CELL_LIST: break;
	}
	buf_str(out, "NULL");
}

void
pg_array(const struct cell *list, struct buf *out)
{
	buf_char(out, '{');
	for (size_t i = 0; i < list->items; i++) {
		if (i)
			buf_char(out, ',');
		put_item(&list->item[i], out);
	}
	buf_char(out, '}');
}

/* "\x00ff", as bytea_output = hex has it. */
static struct bytes
read_bytea(struct arena *a, const char *text, size_t n)
{
	struct bytes out = { 0 };

	if (n >= 2 && text[0] == '\\' && text[1] == 'x')
		(void)hex_decode(a, text + 2, &out, NULL);
	if (!out.data)
		out.data = arena_alloc(a, 1);
	return out;
}

void
pg_cell(struct arena *a, const PGresult *r, int line, int col, struct cell *out)
{
	const char *text = PQgetvalue(r, line, col);
	size_t n = (size_t)PQgetlength(r, line, col);

	if (PQgetisnull(r, line, col))
		return;
	out->kind = CELL_TEXT;
	out->text = bytes_of(text, n);
	switch (pg_kind(PQftype(r, col), NULL)) {
	case DATA_INT:
	case DATA_LONG:
		if (!int_parse(text, INT64_MIN, INT64_MAX, &out->number, NULL))
			out->kind = CELL_INT;
		break;
	case DATA_REAL:
		out->kind = CELL_REAL;
		out->real = strtod(text, NULL);
		break;
	case DATA_BOOL:
		out->kind = CELL_BOOL;
		out->number = *text == 't';
		break;
	case DATA_BLOB:
		out->kind = CELL_BLOB;
		out->text = read_bytea(a, text, n);
		break;
	case DATA_UNKNOWN:
	case DATA_TEXT:
	case DATA_DECIMAL:
	case DATA_DATE:
	case DATA_TIMESTAMP:
	case DATA_LIST: break;
	}
}
