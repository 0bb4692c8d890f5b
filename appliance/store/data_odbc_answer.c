/* SPDX-License-Identifier: MIT */
/*
 * Reading what the ODBC companion says, and writing values for it.
 */
#include <string.h>

#include "data_odbc_int.h"
#include "mem.h"
#include "text.h"

enum { TEXT_MAX = 600 };

static char *
text_of(struct arena *a, struct bytes b)
{
	return arena_strndup(a, b.data ? (const char *)b.data : "", b.len);
}

static const enum data_kind kind[WIRE_KINDS] = {
	[WIRE_IS_TEXT] = DATA_TEXT,
	[WIRE_IS_INT] = DATA_INT,
	[WIRE_IS_LONG] = DATA_LONG,
	[WIRE_IS_REAL] = DATA_REAL,
	[WIRE_IS_DECIMAL] = DATA_DECIMAL,
	[WIRE_IS_BOOL] = DATA_BOOL,
	[WIRE_IS_DATE] = DATA_DATE,
	[WIRE_IS_TIMESTAMP] = DATA_TIMESTAMP,
	[WIRE_IS_BLOB] = DATA_BLOB,
};

/* Text is also what drivers say that do not know. */
static int
read_uses(struct frame *f, struct odbc_prepared *p, size_t n)
{
	p->use = arena_array(p->arena, n + 1, sizeof(*p->use));
	for (size_t i = 0; i < n; i++) {
		uint32_t k = frame_u32(f);

		if (f->bad || k >= WIRE_KINDS)
			return -1;
		p->use[i] = k == WIRE_IS_TEXT ? DATA_UNKNOWN : kind[k];
	}
	return 0;
}

static int
read_listed(struct frame *f, struct arena *a, struct data_table *t,
	struct data_field *c)
{
	struct bytes schema = frame_bytes(f), table = frame_bytes(f);
	bool view = frame_u8(f) != 0;
	struct bytes column = frame_bytes(f), type = frame_bytes(f);
	uint32_t k = frame_u32(f);

	if (f->bad || schema.len > TEXT_MAX || table.len > TEXT_MAX ||
		column.len > TEXT_MAX || type.len > TEXT_MAX || k >= WIRE_KINDS)
		return -1;
	*t = (struct data_table){
		.schema = schema.len ? text_of(a, schema) : NULL,
		.name = text_of(a, table),
		.view = view,
	};
	*c = (struct data_field){
		.name = text_of(a, column),
		.type = text_of(a, type),
		.kind = kind[k],
	};
	return 0;
}

int
odbc_read_list(struct frame *f, struct arena *a, data_column_fn *fn, void *ctx)
{
	struct data_table t;
	struct data_field c;

	while (frame_u8(f) == 1) {
		if (read_listed(f, a, &t, &c))
			return -1;
		fn(ctx, &t, &c);
	}
	return frame_done(f) ? 0 : -1;
}

int
odbc_read_shape(struct frame *f, struct odbc_prepared *p, size_t params)
{
	uint32_t n = frame_u32(f), columns = frame_u32(f);

	if (f->bad || n != params || columns > WIRE_COLUMNS_MAX)
		return -1;
	p->columns = columns;
	p->column = arena_array(p->arena, columns + 1, sizeof(*p->column));
	for (uint32_t i = 0; i < columns; i++) {
		struct bytes name = frame_bytes(f), type = frame_bytes(f);
		uint32_t k = frame_u32(f);

		if (f->bad || name.len > TEXT_MAX || type.len > TEXT_MAX ||
			k >= WIRE_KINDS)
			return -1;
		p->column[i].name = text_of(p->arena, name);
		p->column[i].type = text_of(p->arena, type);
		p->column[i].kind = kind[k];
	}
	return !read_uses(f, p, n) && frame_done(f) ? 0 : -1;
}

int
odbc_read_rows(struct frame *f, bool *more, int64_t *affected, uint32_t *rows)
{
	*more = frame_u8(f) != 0;
	*affected = frame_i64(f);
	*rows = frame_u32(f);
	return f->bad || *affected < 0 ? -1 : 0;
}

static int
read_cell(struct frame *f, struct arena *a, struct cell *out)
{
	uint8_t tag = frame_u8(f);
	struct bytes b;

	*out = (struct cell){ .kind = CELL_NULL };
	if (tag == WIRE_INT) {
		out->kind = CELL_INT;
		out->number = frame_i64(f);
	} else if (tag == WIRE_REAL) {
		out->kind = CELL_REAL;
		out->real = frame_real(f);
	} else if (tag == WIRE_TEXT || tag == WIRE_BLOB) {
		b = frame_bytes(f);
		out->kind = tag == WIRE_TEXT ? CELL_TEXT : CELL_BLOB;
		out->text = bytes_of(text_of(a, b), b.len);
	} else if (tag != WIRE_NULL) {
		return -1;
	}
	return f->bad ? -1 : 0;
}

int
odbc_read_row(struct frame *f, struct arena *a, struct cell *cell, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (read_cell(f, a, &cell[i]))
			return -1;
	return 0;
}

/* The first row that fits: its number, unless 0, and the beginning of the
   SQLSTATE. Numbers are MariaDB's and MySQL's. */
static const struct {
	const char *state;
	int native;
	enum fault fault;
} errors[] = {
	{ "", 1044, FAULT_DATA_LOGIN }, /* no right to the database */
	{ "", 1045, FAULT_DATA_LOGIN },
	{ "", 1049, FAULT_DATA_LOGIN }, /* unknown database */
	{ "", 1698, FAULT_DATA_LOGIN },
	{ "42", 1142, FAULT_DATA_DENIED },
	{ "42", 1143, FAULT_DATA_DENIED },
	{ "42", 1370, FAULT_DATA_DENIED },
	{ "42", 1227, FAULT_DATA_DENIED },
	{ "", 1792, FAULT_DATA_DENIED }, /* read-only transaction */
	{ "", 1317, FAULT_DATA_SLOW },   /* interrupted */
	{ "", 1969, FAULT_DATA_SLOW },   /* max_statement_time */
	{ "", 3024, FAULT_DATA_SLOW },
	{ "", 1205, FAULT_DATA_SLOW }, /* lock wait */
	{ "", 1365, FAULT_DATA_DIVISION },
	{ "", 1040, FAULT_DATA_BUSY }, /* too many connections */
	{ "", 2002, FAULT_DATA_GONE },
	{ "", 2003, FAULT_DATA_GONE },
	{ "", 2006, FAULT_DATA_GONE },
	{ "", 2013, FAULT_DATA_GONE },
	{ "", 2026, FAULT_DATA_GONE }, /* TLS */
	{ "", 1366, FAULT_DATA_TYPE }, /* incorrect value */
	{ "", 1264, FAULT_DATA_TYPE },
	{ "", 4025, FAULT_DATA_CONSTRAINT },
	{ "08", 0, FAULT_DATA_GONE },
	{ "IM00", 0, FAULT_CONFIG }, /* no such driver */
	{ "01000", 0, FAULT_CONFIG },
	{ "28", 0, FAULT_DATA_LOGIN },
	{ "HYT0", 0, FAULT_DATA_SLOW },
	{ "HY008", 0, FAULT_DATA_SLOW },
	{ "22012", 0, FAULT_DATA_DIVISION },
	{ "22", 0, FAULT_DATA_TYPE },
	{ "07006", 0, FAULT_DATA_TYPE },
	{ "23", 0, FAULT_DATA_CONSTRAINT },
	{ "25006", 0, FAULT_DATA_DENIED },
	{ "42501", 0, FAULT_DATA_DENIED },
	{ "42", 0, FAULT_DATA_STATEMENT },
};

int
odbc_read_error(struct frame *f, struct err *e)
{
	struct bytes state = frame_bytes(f);
	int64_t native = frame_i64(f);
	struct bytes text = frame_bytes(f);
	enum fault fault = FAULT_DATABASE;

	if (!frame_done(f) || state.len > TEXT_MAX)
		return fail(e, FAULT_DATABASE,
			"the ODBC companion does not make sense");
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		size_t n = strlen(errors[i].state);

		if ((errors[i].native && errors[i].native != native) ||
			n > state.len ||
			memcmp(errors[i].state, state.data, n) != 0)
			continue;
		fault = errors[i].fault;
		break;
	}
	return fail(e, fault, "%.*s (%.*s, %lld)",
		(int)(text.len < TEXT_MAX ? text.len : TEXT_MAX),
		text.data ? (const char *)text.data : "", (int)state.len,
		state.data ? (const char *)state.data : "", (long long)native);
}

void
odbc_put_cell(struct buf *out, const struct cell *v)
{
	struct buf list;

	switch (v->kind) {
	case CELL_INT:
	case CELL_BOOL:
		frame_put_u8(out, WIRE_INT);
		frame_put_i64(out, v->number);
		return;
	case CELL_REAL:
		frame_put_u8(out, WIRE_REAL);
		frame_put_real(out, v->real);
		return;
	case CELL_TEXT:
	case CELL_BLOB:
		frame_put_u8(out, v->kind == CELL_TEXT ? WIRE_TEXT : WIRE_BLOB);
		frame_put_bytes(out, v->text);
		return;
	case CELL_LIST:
		buf_init(&list, DATA_VALUE_MAX);
		data_list_json(v, &list);
		frame_put_u8(out, WIRE_TEXT);
		frame_put_bytes(out, bytes_buf(&list));
		out->over = out->over || list.over;
		buf_done(&list);
		return;
	case CELL_NULL: break;
	}
	frame_put_u8(out, WIRE_NULL);
}
