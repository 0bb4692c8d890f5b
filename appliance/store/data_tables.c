/* SPDX-License-Identifier: MIT */
/*
 * The tables and views of somebody's database, for who writes a statement.
 */
#include <assert.h>
#include <string.h>

#include "datasource_int.h"
#include "mem.h"
#include "text.h"

struct gathering {
	struct arena *a;
	struct data_table *table;
	size_t n;
	size_t room; /* of the last table's columns */
};

static bool
same_table(const struct data_table *a, const struct data_table *b)
{
	return str_equal(a->name, b->name) && str_equal(a->schema, b->schema);
}

/* Doubles when it is full. */
static struct data_field *
next_column(struct gathering *g, struct data_table *t)
{
	struct data_field *more;

	if (t->columns == g->room) {
		g->room *= 2;
		more = arena_array(g->a, g->room, sizeof(*more));
		memcpy(more, t->column, t->columns * sizeof(*more));
		t->column = more;
	}
	return &t->column[t->columns++];
}

static void
gather(void *ctx, const struct data_table *t, const struct data_field *f)
{
	enum { FIRST = 16 };
	struct gathering *g = ctx;
	struct data_table *last = g->n ? &g->table[g->n - 1] : NULL;
	struct data_field *c;

	assert(g->table);
	if (!last || !same_table(last, t)) {
		if (g->n == DATA_TABLES_MAX)
			return;
		last = &g->table[g->n++];
		last->schema = arena_strdup(g->a, t->schema);
		last->name = arena_strdup(g->a, t->name);
		last->view = t->view;
		g->room = FIRST;
		last->column = arena_array(g->a, FIRST, sizeof(*c));
	}
	if (last->columns == DATA_COLUMNS_MAX)
		return;
	c = next_column(g, last);
	*c = *f;
	c->name = arena_strdup(g->a, f->name);
	c->type = arena_strdup(g->a, f->type);
}

int
datasource_tables(struct datasource *ds, struct arena *a,
	struct data_table **out, size_t *n, struct err *e)
{
	struct gathering g = { .a = a };
	struct link *l;
	int ret;

	if (!ds->driver->tables)
		return fail(e, FAULT_UNBACKED,
			"the tables of this kind of database cannot be listed; "
			"write their names into the statement");
	if (link_take(ds, false, true, &l, e))
		return -1;
	g.table = arena_array(a, DATA_TABLES_MAX, sizeof(*g.table));
	ret = ds->driver->tables(l, gather, &g, e);
	link_give(&l);
	*out = g.table;
	*n = g.n;
	return ret;
}
