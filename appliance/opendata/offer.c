/* SPDX-License-Identifier: MIT */
/*
 * The services of a list, as services.json has them: every row with filters
 * (municipality code, name or its kana, the columns that people look for), and
 * one row by its ID.
 */
#include "opendata_int.h"

#include <ctype.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

enum {
	SQL_MAX = 64 * 1024,
	FILTERS_MAX = 3,
	CHOICES_MAX = 50, /* distinct values of a column that is a choice */
};

static const char *const type_word[] = {
	[DATATABLE_TEXT] = "STRING",
	[DATATABLE_INT] = "LONG",
	[DATATABLE_REAL] = "DOUBLE",
	[DATATABLE_DATE] = "DATE",
};

static void
put_name(struct buf *b, const char *name)
{
	buf_char(b, '"');
	buf_str(b, name); /* column_name() left no quote in it */
	buf_char(b, '"');
}

static char *
table_of(const struct sheet *s, const struct opendata_names *n)
{
	char *table = arena_strdup(s->arena, n->service);

	for (char *p = table; *p; p++)
		if (*p == '-')
			*p = '_';
	return table;
}

/* SQL knows a parameter by letters, digits, '_' and everything beyond ASCII. */
static bool
may_be_param(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < 0x80 &&
			!isalnum((unsigned char)*name) && *name != '_')
			return false;
	return true;
}

/* A column of few values is one that people choose from. */
static bool
is_choice(const struct sheet *s, size_t column)
{
	const char *seen[CHOICES_MAX];
	size_t n = 0;

	for (size_t r = 0; r < s->rows; r++) {
		const char *v = s->cell[r * s->columns + column];
		size_t i = 0;

		while (v && i < n && !str_equal(seen[i], v))
			i++;
		if (!v || i < n)
			continue;
		if (n == CHOICES_MAX)
			return false;
		seen[n++] = v;
	}
	return n > 1 && n * 2 <= s->rows;
}

static bool
is_other(const struct sheet *s, size_t column)
{
	int c = (int)column;

	return c != s->key && c != s->code && c != s->name && c != s->kana &&
	       may_be_param(s->column[column].name);
}

/* Columns to filter by, beside code and name: at most FILTERS_MAX. */
static size_t
choose_filters(const struct sheet *s, size_t out[FILTERS_MAX])
{
	size_t n = 0;

	if (s->set) {
		for (size_t i = 0; i < FILTERS_MAX && s->set->filter[i]; i++) {
			int c = sheet_find(s, s->set->filter[i]);

			if (c >= 0 && is_other(s, (size_t)c))
				out[n++] = (size_t)c;
		}
		return n;
	}
	for (size_t c = 0; c < s->columns && n < FILTERS_MAX; c++)
		if (s->column[c].kind == DATATABLE_TEXT && is_other(s, c) &&
			is_choice(s, c))
			out[n++] = c;
	return n;
}

static json_t *
add_param(json_t *params, const char *name, const char *type, bool required,
	const char *text)
{
	json_t *p = json_object();

	json_put_str(p, "name", name);
	json_put_str(p, "type", type);
	json_put_bool(p, "required", required);
	json_put_str(p, "description", text);
	json_array_append_new(params, p);
	return p;
}

static void
and_where(struct buf *sql, bool *first)
{
	buf_str(sql, *first ? " WHERE " : " AND ");
	*first = false;
}

static void
write_filters(const struct sheet *s, struct buf *sql, json_t *params)
{
	size_t filter[FILTERS_MAX], n = choose_filters(s, filter);
	bool first = true;

	if (s->code >= 0) {
		and_where(sql, &first);
		buf_str(sql, "(:municipality_code IS NULL OR ");
		put_name(sql, s->column[s->code].name);
		buf_str(sql, " = :municipality_code)");
		add_param(params, "municipality_code", "STRING", false,
			s->heading[s->code]);
	}
	if (s->name >= 0) {
		and_where(sql, &first);
		buf_str(sql, "(:name IS NULL OR instr(");
		put_name(sql, s->column[s->name].name);
		buf_str(sql, ", :name) > 0");
		if (s->kana >= 0) {
			buf_str(sql, " OR instr(");
			put_name(sql, s->column[s->kana].name);
			buf_str(sql, ", :name) > 0");
		}
		buf_char(sql, ')');
		add_param(params, "name", "STRING", false,
			arena_printf(s->arena, "%s(一部でもよい)",
				s->heading[s->name]));
	}
	for (size_t i = 0; i < n; i++) {
		const struct datatable_column *c = &s->column[filter[i]];

		and_where(sql, &first);
		buf_fmt(sql, "(:%s IS NULL OR ", c->name);
		put_name(sql, c->name);
		buf_fmt(sql, " = :%s)", c->name);
		add_param(params, c->name, type_word[c->kind], false,
			s->heading[filter[i]]);
	}
}

static json_t *
results(const struct sheet *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->columns; i++) {
		json_t *o = json_object();

		json_put_str(o, "name", s->column[i].name);
		json_put_str(o, "type", type_word[s->column[i].kind]);
		if (!str_equal(s->column[i].name, s->heading[i]))
			json_put_str(o, "description", s->heading[i]);
		json_array_append_new(list, o);
	}
	return list;
}

static void
write_select(const struct sheet *s, const char *table, struct buf *sql)
{
	buf_str(sql, "SELECT ");
	for (size_t i = 0; i < s->columns; i++) {
		if (i)
			buf_str(sql, ", ");
		put_name(sql, s->column[i].name);
	}
	buf_fmt(sql, " FROM %s", table);
}

static json_t *
service(const struct sheet *s, const struct opendata_names *n, bool one)
{
	json_t *o = json_object(), *params = json_array(),
	       *tables = json_array();
	char *table = table_of(s, n);
	struct buf sql;

	buf_init(&sql, SQL_MAX);
	write_select(s, table, &sql);
	if (one) {
		const struct datatable_column *c = &s->column[s->key];

		buf_str(&sql, " WHERE ");
		put_name(&sql, c->name);
		buf_str(&sql, " = :id");
		add_param(params, "id", type_word[c->kind], true,
			s->heading[s->key]);
	} else {
		write_filters(s, &sql, params);
		buf_str(&sql, " ORDER BY rowid");
	}
	json_put_str(o, "name", one ? opendata_by_id(s, n) : n->service);
	json_put_str(o, "displayName",
		one ? arena_printf(s->arena, "%s(1 件)", n->title) : n->title);
	json_array_append_new(tables, json_text_new(table));
	json_put_new(o, "tables", tables);
	json_put_str(o, "sqlTemplate", sql.data);
	json_put_new(o, "params", params);
	json_put_new(o, "result", results(s));
	buf_done(&sql);
	return o;
}

const char *
opendata_by_id(const struct sheet *s, const struct opendata_names *n)
{
	return s->key < 0 ? NULL
			  : arena_printf(s->arena, "%s-by-id", n->service);
}

/* The source on this file; made if it is not there. */
static json_t *
source_of(json_t *sources, const char *database)
{
	json_t *item;
	size_t i;

	json_each(item, i, sources) {
		if (str_iequal(json_str(item, "databaseType"), "SQLITE") &&
			str_equal(json_str(item, "databaseName"), database) &&
			json_list(item, "dbServices"))
			return item;
	}
	item = json_object();
	json_put_str(item, "id", "opendata");
	json_put_str(item, "displayName", "オープンデータ");
	json_put_str(item, "databaseType", "SQLITE");
	json_put_str(item, "databaseName", database);
	json_put_new(item, "dbServices", json_array());
	json_array_append_new(sources, item);
	return item;
}

/* Takes the services of this name out of the source; FAULT_CONFLICT when it
   is somewhere else. */
static int
take_out(json_t *sources, const json_t *ours, const char *name, struct err *e)
{
	json_t *source, *item;
	size_t i, j;

	json_each(source, i, sources) {
		json_t *list = json_list(source, "dbServices");

		for (j = json_array_size(list); j-- > 0;) {
			item = json_array_get(list, j);
			if (!str_equal(json_str(item, "name"), name))
				continue;
			if (source != ours)
				return fail(e, FAULT_CONFLICT,
					"service \"%s\" is there already, on "
					"another database; choose another name "
					"with --name",
					name);
			json_array_remove(list, j);
		}
	}
	return 0;
}

int
opendata_offer(const struct sheet *s, const struct opendata_names *n,
	const char *database, json_t *root, struct err *e)
{
	const char *by_id = opendata_by_id(s, n);
	char *always = arena_printf(s->arena, "%s-by-id", n->service);
	json_t *sources = json_list(root, "dbSources"), *source, *list;

	if (!sources) {
		sources = json_array();
		json_put_new(root, "dbSources", sources);
	}
	source = source_of(sources, database);
	list = json_list(source, "dbServices");
	if (take_out(sources, source, n->service, e) ||
		take_out(sources, source, always, e))
		return -1;
	json_array_append_new(list, service(s, n, false));
	if (by_id)
		json_array_append_new(list, service(s, n, true));
	return 0;
}
