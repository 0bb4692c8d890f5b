/* SPDX-License-Identifier: MIT */
/*
 * Pages by a key: a service names a column of its result whose values are
 * unique ("pageKey"), and a page is what stands after the last value of the
 * page before. Rows that come or go meanwhile move nothing, and the database
 * finds the place by its index. The statement becomes the inner one of
 *
 *	SELECT * FROM (...) WHERE "key" > :_after ORDER BY "key" LIMIT :_rows
 *
 * One row more than the page is read: it says whether there is another page.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter_int.h"
#include "datasource.h"
#include "err.h"
#include "mem.h"
#include "page.h"
#include "sqltext.h"
#include "text.h"

static void
drop_command(void *command)
{
	struct command *c = command;

	command_free(&c);
}

static int
make(struct arena *a, struct data_service *s, const struct command_text *inner,
	bool after, struct command **out, struct err *e)
{
	struct command_text text = *inner;
	struct description d;
	struct sqltext t;

	/* without its ';' and what comes after that */
	if (sqltext_parse(a, inner->sql,
		    str_equal(datasource_driver(s->source), "sqlite")
			    ? SQL_SQLITE
			    : SQL_POSTGRESQL,
		    &t, e))
		return -1;
	text.sql = arena_printf(a,
		"SELECT * FROM (\n%s\n) AS machilink_page %s%s%s ORDER BY "
		"\"%s\" LIMIT :_rows",
		t.sql, after ? "WHERE \"" : "", after ? s->page_key : "",
		after ? "\" > :_after" : "", s->page_key);
	if (command_new(out, s->source, &text, e))
		return -1;
	arena_defer(a, drop_command, *out);
	return command_describe(*out, a, &d, e);
}

int
page_commands(struct arena *a, struct data_service *s,
	const struct command_text *text, struct err *e)
{
	struct err why = ERR_INIT;
	size_t i = 0;

	if (!s->page_key)
		return 0;
	if (s->write || str_equal(datasource_driver(s->source), "odbc"))
		return fail(e, FAULT_CONFIG,
			"pageKey is for services that read from SQLite or "
			"PostgreSQL");
	while (i < s->results && !str_equal(s->result[i].name, s->page_key))
		i++;
	if (i == s->results)
		return fail(e, FAULT_CONFIG,
			"pageKey \"%s\" is no column of the result",
			s->page_key);
	s->key_column = s->result[i].column;
	if (make(a, s, text, false, &s->page_first, &why) ||
		make(a, s, text, true, &s->page_next, &why))
		return fail(e, FAULT_CONFIG,
			"the statement cannot be read in pages: %s", why.text);
	s->ordered = true;
	return 0;
}

static bool
by_key(const struct call *c)
{
	return c->page && c->service->page_key;
}

struct command *
page_command(const struct call *c)
{
	const struct data_service *s = c->service;

	if (!by_key(c))
		return s->command;
	return c->after ? s->page_next : s->page_first;
}

/* A parameter of ours. */
static int
bind(const struct call *c, struct cursor *q, const char *name,
	const struct cell *v, struct err *e)
{
	const struct command *cmd = page_command(c);
	size_t i = 0;

	while (!str_equal(command_param(cmd, i), name))
		i++;
	return cursor_bind(q, i, v, e);
}

int
page_bind(const struct call *c, struct cursor *q, struct err *e)
{
	struct cell rows = { .kind = CELL_INT, .number = page_rows(c) };

	if (!by_key(c))
		return 0;
	if (c->after && bind(c, q, "_after", c->after, e))
		return -1;
	return bind(c, q, "_rows", &rows, e);
}

int64_t
page_rows(const struct call *c)
{
	if (!c->page)
		return c->service->row_cap;
	return by_key(c) ? c->page + 1 : c->offset + c->page;
}

/* The letter and the text of a value; nothing for what cannot be a place. */
static void
put_place(struct buf *b, const struct cell *v)
{
	if (v->kind == CELL_INT)
		buf_fmt(b, "i%lld", (long long)v->number);
	else if (v->kind == CELL_REAL)
		buf_fmt(b, "r%.17g", v->real);
	else if (v->kind == CELL_TEXT && v->text.len <= PAGE_KEY_TEXT &&
		 !(v->text.len && memchr(v->text.data, 0, v->text.len)))
		buf_fmt(b, "t%.*s", (int)v->text.len,
			(const char *)v->text.data);
}

int
page_row(const struct call *c, struct cursor *q, const struct buf *before,
	struct buf *place, struct err *e)
{
	char last[PAGE_KEY_TEXT + 2];
	struct cell v;

	if (!by_key(c))
		return 0;
	snprintf(last, sizeof(last), "%s", before->data);
	buf_reset(place);
	cursor_cell(q, c->service->key_column, &v);
	put_place(place, &v);
	if (!place->len || str_equal(place->data, last))
		return fail(e, FAULT_DATABASE,
			"column \"%s\" cannot be the pageKey of data service "
			"\"%s\": a value is missing, too long or there twice",
			c->service->page_key, c->service->name);
	return 0;
}

int
place_read(struct call *c, struct bytes place)
{
	char *text =
		arena_strndup(c->arena, (const char *)place.data, place.len);
	struct cell *v = arena_new_of(c->arena, struct cell);
	char *end = NULL;

	if (place.len < 1 || strlen(text) != place.len)
		return -1;
	if (!c->service->page_key)
		return *text == 'o' ? int_parse(text + 1, 0, INT64_MAX / 2,
					      &c->offset, NULL)
				    : -1;
	c->after = v;
	switch (*text++) {
	case 'i':
		v->kind = CELL_INT;
		return int_parse(text, INT64_MIN, INT64_MAX, &v->number, NULL);
	case 'r':
		v->kind = CELL_REAL;
		v->real = strtod(text, &end);
		return *text && !*end ? 0 : -1;
	case 't':
		v->kind = CELL_TEXT;
		v->text = bytes_str(text);
		return 0;
	default: return -1;
	}
}
