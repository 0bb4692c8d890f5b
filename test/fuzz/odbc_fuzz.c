/* SPDX-License-Identifier: MIT */
/*
 * What an ODBC companion answers, read by the adapter: frames, shapes, rows
 * and errors.
 */
#define IN_STORE 1
#include <stdlib.h>

#include "data_odbc_int.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
read_rows(struct frame *f, struct arena *a)
{
	struct cell cell[3];
	int64_t affected;
	uint32_t rows;
	bool more;

	if (odbc_read_rows(f, &more, &affected, &rows))
		return;
	while (rows-- && !odbc_read_row(f, a, cell, 3))
		;
}

static void
hear(void *ctx, const struct data_table *t, const struct data_field *c)
{
	(void)ctx;
	if (!t->name || !c->name || !c->type)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct odbc_prepared p = { .arena = arena_new() };
	struct err e = ERR_INIT;
	struct frame f;

	frame_open(&f, bytes_of(data, n));
	if (f.type == WIRE_SHAPE)
		(void)odbc_read_shape(&f, &p, 2);
	else if (f.type == WIRE_ROWS)
		read_rows(&f, p.arena);
	else if (f.type == WIRE_LISTED)
		(void)odbc_read_list(&f, p.arena, hear, NULL);
	else if (f.type == WIRE_ERROR)
		(void)odbc_read_error(&f, &e);
	arena_free(&p.arena);
	return 0;
}
