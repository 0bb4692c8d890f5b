/* SPDX-License-Identifier: MIT */
/*
 * What a statement does in PostgreSQL, by PostgreSQL's own analysis: the
 * statement becomes the body of a temporary function in a transaction that is
 * rolled back; the parsed body names every table and function it uses by its
 * number, whatever the text looked like. Views are not opened: whoever may
 * read a view may read what it shows.
 *
 * Built-in functions that only compute (immutable ones, casts, operators, and a
 * list) are free; others must be permitted by name, and those that reach files,
 * settings, other sessions or run SQL never are.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "data_pg_int.h"
#include "mem.h"
#include "text.h"

enum { USED_MAX = 500 };

static const char *const harmless[] = { "age", "array_agg", "array_to_json",
	"array_to_string", "clock_timestamp", "concat", "concat_ws", "count",
	"date_bin", "date_part", "date_trunc", "extract", "format",
	"gen_random_uuid", "generate_series", "json_agg", "json_agg_strict",
	"json_build_array", "json_build_object", "json_object_agg",
	"json_object_agg_strict", "json_object_agg_unique", "jsonb_agg",
	"jsonb_agg_strict", "jsonb_build_array", "jsonb_build_object",
	"jsonb_object_agg", "jsonb_object_agg_strict",
	"jsonb_object_agg_unique", "make_timestamptz", "now", "overlaps",
	"phraseto_tsquery", "plainto_tsquery", "quote_literal",
	"quote_nullable", "random", "row_to_json", "statement_timestamp",
	"string_agg", "timezone", "to_char", "to_date", "to_json", "to_jsonb",
	"to_number", "to_timestamp", "to_tsquery", "to_tsvector",
	"transaction_timestamp", "ts_headline", "websearch_to_tsquery", NULL };

/* Prefixes of built-in names that nobody may permit. */
static const char *const never[] = { "pg_", "lo_", "loread", "lowrite",
	"set_config", "query_to_", "cursor_to_", "table_to_", "schema_to_",
	"database_to_", "ts_stat", "ts_rewrite", "dblink", NULL };

/* The parsed body is text in which names have their blanks escaped, so what
   these patterns find are numbers of the analysis and nothing else. */
static const char uses_sql[] =
	"WITH body AS (SELECT prosqlbody::text AS t FROM pg_catalog.pg_proc "
	"WHERE oid = 'pg_temp.machilink_judged'::pg_catalog.regproc), "
	"rel AS (SELECT DISTINCT m[1]::pg_catalog.oid AS id FROM body, "
	"pg_catalog.regexp_matches(t, '[ {]:relid ([1-9][0-9]*)', 'g') m), "
	"fun AS (SELECT m[1]::pg_catalog.oid AS id, "
	"m[2] IN ('1', '2') AS cast FROM body, pg_catalog.regexp_matches(t, "
	"':funcid ([1-9][0-9]*) :funcresulttype [0-9]+ :funcretset [a-z]+ "
	":funcvariadic [a-z]+ :funcformat ([0-9])', 'g') m), "
	"raw AS (SELECT m[1]::pg_catalog.oid AS id FROM body, "
	"pg_catalog.regexp_matches(t, ':(?:funcid|aggfnoid|winfnoid|"
	"tsmhandler) ([1-9][0-9]*)', 'g') m), "
	"op AS (SELECT m[1]::pg_catalog.oid AS id FROM body, "
	"pg_catalog.regexp_matches(t, ':opfuncid ([1-9][0-9]*)', 'g') m) "
	"SELECT 'w', '', '', false, false FROM body "
	"WHERE t ~ ':hasModifyingCTE true' "
	"UNION SELECT 'l', '', '', false, false FROM body "
	"WHERE t ~ ':hasForUpdate true' "
	"UNION SELECT 't', n.nspname, c.relname, "
	"pg_catalog.pg_table_is_visible(c.oid), false "
	"FROM rel JOIN pg_catalog.pg_class c ON c.oid = rel.id "
	"JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
	"UNION SELECT 'f', n.nspname, p.proname, "
	"pg_catalog.pg_function_is_visible(p.oid), "
	"n.nspname = 'pg_catalog' AND (p.provolatile = 'i' OR NOT EXISTS "
	"(SELECT FROM raw WHERE raw.id = p.oid) OR (EXISTS (SELECT FROM fun "
	"WHERE fun.id = p.oid) AND NOT EXISTS (SELECT FROM fun WHERE fun.id = "
	"p.oid AND NOT fun.cast))) "
	"FROM (SELECT id FROM raw UNION SELECT id FROM op) u "
	"JOIN pg_catalog.pg_proc p ON p.oid = u.id "
	"JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace";

static bool
prefixed(const char *const *list, const char *name)
{
	for (size_t i = 0; list[i]; i++)
		if (str_iprefix(name, list[i]))
			return true;
	return false;
}

/* PostgreSQL's own names: site and "Site" are two tables. */
static bool
listed(const char *const *list, const char *name)
{
	for (size_t i = 0; list && list[i]; i++)
		if (str_equal(list[i], name))
			return true;
	return false;
}

struct used {
	bool table, visible, free;
	const char *schema, *name, *full;
};

static bool
table_allowed(const struct command *c, const struct used *u)
{
	if (str_equal(u->schema, "pg_catalog") ||
		str_equal(u->schema, "information_schema") ||
		str_prefix(u->schema, "pg_toast"))
		return false;
	return !c->tables || listed(c->tables, u->full) ||
	       (u->visible && listed(c->tables, u->name));
}

static bool
function_allowed(const struct command *c, const struct used *u)
{
	bool built_in = str_equal(u->schema, "pg_catalog");

	if (u->free || (built_in && listed(harmless, u->name)))
		return true;
	if (prefixed(never, u->name))
		return false;
	return listed(c->functions, u->full) ||
	       (u->visible && listed(c->functions, u->name));
}

static void
note(struct description *out, struct arena *a, const struct used *u)
{
	const char *name = arena_strdup(a, u->visible ? u->name : u->full);

	if (u->table && out->tables < USED_MAX)
		out->table[out->tables++] = name;
	else if (!u->table && !u->free && out->functions < USED_MAX)
		out->function[out->functions++] = name;
}

/* Changes that stand within a SELECT, and locks. */
static int
judge_deed(const struct command *c, char what, struct err *e)
{
	if (c->write)
		return 0;
	if (what == 'l')
		return fail(e, FAULT_DATA_DENIED,
			"the statement locks rows (FOR UPDATE, FOR SHARE), "
			"which is more than it may here");
	return fail(e, FAULT_DATA_DENIED,
		"the statement changes data, which is more than it may here");
}

static int
judge_uses(struct prepared *p, const PGresult *r, struct arena *a,
	struct description *out, struct err *e)
{
	struct arena *names = arena_new();
	int ret = 0;

	for (int i = 0; i < PQntuples(r); i++) {
		char what = *PQgetvalue(r, i, 0);
		struct used u = {
			.table = what == 't',
			.schema = PQgetvalue(r, i, 1),
			.name = PQgetvalue(r, i, 2),
			.visible = *PQgetvalue(r, i, 3) == 't',
			.free = *PQgetvalue(r, i, 4) == 't',
		};
		bool fine;

		if (what == 'w' || what == 'l') {
			ret = ret ? ret : judge_deed(p->command, what, e);
			continue;
		}
		u.full = arena_printf(names, "%s.%s", u.schema, u.name);
		if (out)
			note(out, a, &u);
		fine = u.table ? table_allowed(p->command, &u)
			       : function_allowed(p->command, &u);
		if (!fine && !ret)
			ret = fail(e, FAULT_DATA_DENIED,
				"%s %s is not permitted here",
				u.table ? "the table" : "the function",
				u.visible ? u.name : u.full);
	}
	arena_free(&names);
	return ret;
}

void
pg_param_types(const struct pg_statement *s, struct buf *out)
{
	buf_char(out, '{');
	for (int i = 0; i < PQnparams(s->about); i++)
		buf_fmt(out, "%s%u", i ? "," : "",
			(unsigned)PQparamtype(s->about, i));
	buf_char(out, '}');
}

/* "integer, text": the function's parameters. */
static int
signature(struct link *l, struct prepared *p, PGresult **out, struct err *e)
{
	static const char sql[] =
		"SELECT coalesce(string_agg(format_type(t, NULL), ', ' ORDER "
		"BY n), '') FROM unnest($1::oid[]) WITH ORDINALITY u(t, n)";
	const char *value[1];
	struct buf b;
	int ret;

	buf_init(&b, SQLTEXT_MAX);
	pg_param_types(p->own, &b);
	value[0] = b.data;
	ret = pg_exec(l, sql, value, 1, out, e);
	buf_done(&b);
	return ret;
}

static int
make_function(struct link *l, struct prepared *p, struct err *e)
{
	PGresult *types = NULL;
	struct buf b;
	int ret = signature(l, p, &types, e);

	if (ret)
		return ret;
	buf_init(&b, 4 * SQLTEXT_MAX);
	buf_fmt(&b,
		"CREATE FUNCTION pg_temp.machilink_judged(%s) RETURNS void "
		"LANGUAGE sql BEGIN ATOMIC %s\n; END",
		PQgetvalue(types, 0, 0), p->command->sql);
	PQclear(types);
	ret = buf_ok(&b, "the statement", e);
	if (!ret)
		ret = pg_exec(l, b.data, NULL, 0, NULL, e);
	buf_done(&b);
	return ret;
}

int
pg_analyses(struct link *l, struct err *e)
{
	static const char sql[] =
		"SELECT pg_catalog.pg_is_in_recovery(), pg_catalog."
		"has_database_privilege(current_database(), 'TEMPORARY')";
	PGresult *r = NULL;
	int ret;

	if (pg_exec(l, sql, NULL, 0, &r, e))
		return -1;
	if (*PQgetvalue(r, 0, 0) == 't')
		ret = fail(e, FAULT_DATA_STANDBY, "%s",
			fault_text(FAULT_DATA_STANDBY));
	else if (*PQgetvalue(r, 0, 1) != 't')
		ret = fail(e, FAULT_DATA_TEMPORARY, "%s",
			fault_text(FAULT_DATA_TEMPORARY));
	else
		ret = 0;
	PQclear(r);
	return ret;
}

/* What the database refused: this statement, or every one? */
static int
explain_failure(struct link *l, const struct err *why, struct err *e)
{
	struct err every = ERR_INIT;

	if (!l->broken && pg_analyses(l, &every) && !l->broken)
		why = &every;
	if (e && !err_set(e))
		*e = *why;
	return -1;
}

int
pg_judge(struct link *l, struct prepared *p, struct arena *a,
	struct description *out, struct err *e)
{
	struct err why = ERR_INIT;
	PGresult *r = NULL;
	int ret = pg_exec(l, "BEGIN READ WRITE", NULL, 0, NULL, &why);

	if (!ret)
		ret = make_function(l, p, &why);
	if (!ret)
		ret = pg_exec(l, uses_sql, NULL, 0, &r, &why);
	if (!l->broken && pg_exec(l, "ROLLBACK", NULL, 0, NULL, NULL))
		l->broken = true;
	if (ret)
		ret = explain_failure(l, &why, e);
	else
		ret = judge_uses(p, r, a, out, e);
	PQclear(r);
	return ret;
}

/* ---- types, for people ---- */

static void
column_list(const PGresult *about, char what, struct buf *out)
{
	buf_char(out, '{');
	for (int i = 0; i < PQnfields(about); i++) {
		long n = what == 't'   ? (long)PQftype(about, i)
			 : what == 'r' ? (long)PQftable(about, i)
			 : what == 'm' ? (long)PQfmod(about, i)
				       : (long)PQftablecol(about, i);

		buf_fmt(out, "%s%ld", i ? "," : "", n);
	}
	buf_char(out, '}');
}

static int
describe_columns(struct link *l, const struct pg_statement *s, struct arena *a,
	struct description *out, struct err *e)
{
	static const char sql[] =
		"SELECT format_type(t, nullif(m, -1)), c.relname, a.attname "
		"FROM unnest($1::oid[], $2::int[], $3::oid[], $4::int[]) WITH "
		"ORDINALITY u(t, m, r, k, n) LEFT JOIN pg_class c ON c.oid = r "
		"LEFT JOIN pg_attribute a ON a.attrelid = r AND a.attnum = k "
		"ORDER BY n";
	static const char what[] = "tmrk";
	int n = PQnfields(s->about);
	const char *value[4];
	PGresult *r = NULL;
	struct buf b[4];
	int ret;

	out->column = arena_array(a, (size_t)n + 1, sizeof(*out->column));
	for (int i = 0; i < 4; i++) {
		buf_init(&b[i], SQLTEXT_MAX);
		column_list(s->about, what[i], &b[i]);
		value[i] = b[i].data;
	}
	ret = pg_exec(l, sql, value, 4, &r, e);
	for (int i = 0; !ret && i < n && i < PQntuples(r); i++) {
		struct data_field *f = &out->column[out->columns++];

		f->name = arena_strdup(a, PQfname(s->about, i));
		f->type = arena_strdup(a, PQgetvalue(r, i, 0));
		f->kind = pg_kind(PQftype(s->about, i), &f->item);
		if (!PQgetisnull(r, i, 2)) {
			f->table = arena_strdup(a, PQgetvalue(r, i, 1));
			f->column = arena_strdup(a, PQgetvalue(r, i, 2));
		}
	}
	for (int i = 0; i < 4; i++)
		buf_done(&b[i]);
	PQclear(r);
	return ret;
}

static int
describe_params(struct link *l, const struct pg_statement *s, struct arena *a,
	struct description *out, struct err *e)
{
	static const char sql[] =
		"SELECT format_type(t, NULL) FROM unnest($1::oid[]) WITH "
		"ORDINALITY u(t, n) ORDER BY n";
	const char *value[1];
	PGresult *r = NULL;
	struct buf b;
	int ret;

	buf_init(&b, SQLTEXT_MAX);
	pg_param_types(s, &b);
	value[0] = b.data;
	ret = pg_exec(l, sql, value, 1, &r, e);
	buf_done(&b);
	for (int i = 0; !ret && i < PQntuples(r); i++) {
		struct data_field *f = &out->param[i];

		f->type = arena_strdup(a, PQgetvalue(r, i, 0));
		f->kind = pg_kind(PQparamtype(s->about, i), &f->item);
	}
	PQclear(r);
	return ret;
}

int
pg_describe(struct link *l, struct prepared *p, struct arena *a,
	struct description *out, struct err *e)
{
	out->table = arena_array(a, USED_MAX, sizeof(*out->table));
	out->function = arena_array(a, USED_MAX, sizeof(*out->function));
	if (pg_judge(l, p, a, out, e) ||
		describe_params(l, p->own, a, out, e) ||
		describe_columns(l, p->own, a, out, e))
		return -1;
	return 0;
}

/* As for any values: the plan that a much used statement gets. */
int
pg_plan(struct link *l, struct prepared *p, struct buf *out, struct err *e)
{
	const struct pg_statement *s = p->own;
	size_t n = p->command->text.params;
	PGresult *r = NULL;
	struct buf b;
	int ret;

	buf_init(&b, SQLTEXT_MAX);
	buf_fmt(&b, "EXPLAIN EXECUTE %s", s->name);
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, "%sNULL%s", i ? ", " : "(", i + 1 == n ? ")" : "");
	ret = pg_exec(l, "SET plan_cache_mode = force_generic_plan", NULL, 0,
		NULL, e);
	if (!ret)
		ret = pg_exec(l, b.data, NULL, 0, &r, e);
	if (!l->broken &&
		pg_exec(l, "SET plan_cache_mode = auto", NULL, 0, NULL, NULL))
		l->broken = true;
	for (int i = 0; !ret && i < PQntuples(r); i++)
		buf_fmt(out, "%s\n", PQgetvalue(r, i, 0));
	PQclear(r);
	buf_done(&b);
	return ret;
}
