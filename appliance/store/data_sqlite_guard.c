/* SPDX-License-Identifier: MIT */
/*
 * What a statement over somebody's SQLite file may do. SQLite asks while it
 * compiles the statement, before anything runs; all that is not listed here is
 * refused: PRAGMA, ATTACH, transactions, schema changes, system tables, and
 * functions that are not known to be harmless.
 *
 * A view may be read although its tables may not, a trigger may change tables
 * that the statement may not. SQLite names the view or trigger through which a
 * table is reached, but uses the name of a common table expression in the same
 * place; so a statement with a WITH gets no such favour.
 */
#include <stdio.h>
#include <string.h>

#include "data_sqlite_int.h"
#include "mem.h"
#include "text.h"

/* Built-in functions that only compute. */
static const char *const harmless[] = { "abs", "acos", "acosh", "asin", "asinh",
	"atan", "atan2", "atanh", "avg", "bm25", "ceil", "ceiling", "char",
	"coalesce", "concat", "concat_ws", "cos", "cosh", "count", "cume_dist",
	"current_date", "current_time", "current_timestamp", "date", "datetime",
	"degrees", "dense_rank", "exp", "first_value", "floor", "format",
	"glob", "group_concat", "hex", "highlight", "if", "ifnull", "iif",
	"instr", "julianday", "lag", "last_value", "lead", "length", "like",
	"likelihood", "likely", "ln", "log", "log10", "log2", "lower", "ltrim",
	"match", "max", "median", "min", "mod", "nth_value", "ntile", "nullif",
	"octet_length", "percent_rank", "percentile", "pi", "pow", "power",
	"printf", "quote", "radians", "random", "rank", "regexp", "replace",
	"round", "row_number", "rtrim", "sign", "sin", "sinh", "snippet",
	"soundex", "sqrt", "strftime", "string_agg", "substr", "substring",
	"sum", "tan", "tanh", "time", "timediff", "total", "trim", "trunc",
	"typeof", "unhex", "unicode", "unixepoch", "unlikely", "upper",
	"zeroblob", "->", "->>", NULL };

static bool
is_system(const char *table)
{
	return str_iprefix(table, "sqlite_") || str_iprefix(table, "pragma_") ||
	       str_iequal(table, "dbstat");
}

static void
note(const char **list, size_t *n, struct arena *a, const char *name)
{
	for (size_t i = 0; i < *n; i++)
		if (str_iequal(list[i], name))
			return;
	if (*n < WARDEN_NAMES_MAX)
		list[(*n)++] = arena_strdup(a, name);
}

static int
refuse(struct warden *w, const char *what, const char *name)
{
	if (!*w->refused)
		snprintf(w->refused, sizeof(w->refused), "%s %.100s", what,
			name ? name : "");
	return SQLITE_DENY;
}

/* json_each() and json_tree() look like tables. */
static bool
table_allowed(const struct warden *w, const char *name)
{
	const char *const *tables = w->command->tables;

	if (!name || is_system(name))
		return false;
	return !tables || str_iequal(name, "json_each") ||
	       str_iequal(name, "json_tree") || data_listed(tables, name);
}

/* via: the view or trigger that does it, or NULL. */
static int
touch(struct warden *w, const char *what, const char *table, const char *via)
{
	bool system = !table || is_system(table);

	if (w->noted && table)
		note(w->noted->table, &w->noted->tables, w->arena,
			via && !w->with ? via : table);
	if (table_allowed(w, table))
		return SQLITE_OK;
	if (!system && !w->with && table_allowed(w, via))
		return SQLITE_OK;
	return refuse(w, what, table);
}

static int
call(struct warden *w, const char *name)
{
	if (w->noted)
		note(w->noted->function, &w->noted->functions, w->arena, name);
	if (data_listed(harmless, name) || str_iprefix(name, "json"))
		return SQLITE_OK;
	if (data_listed(w->command->functions, name) &&
		!str_iequal(name, "load_extension"))
		return SQLITE_OK;
	return refuse(w, "the function", name);
}

/* sqlite3_set_authorizer(): the meaning of a and b depends on the action. */
static int
warden_check(void *ctx, int action, const char *a, const char *b,
	const char *database, const char *via)
{
	static const struct {
		int action;
		const char *what;
	} change[] = {
		{ SQLITE_INSERT, "adding to" },
		{ SQLITE_UPDATE, "changing" },
		{ SQLITE_DELETE, "deleting from" },
	};
	struct warden *w = ctx;

	(void)database;
	if (w->ours || action == SQLITE_SELECT || action == SQLITE_RECURSIVE)
		return SQLITE_OK;
	if (!w->command)
		return SQLITE_DENY;
	if (action == SQLITE_FUNCTION)
		return call(w, b);
	if (action == SQLITE_READ)
		return touch(w, "reading", a, via);
	for (size_t i = 0; i < sizeof(change) / sizeof(*change); i++)
		if (action == change[i].action && w->command->write)
			return touch(w, change[i].what, a, via);
	return refuse(w, "what this statement does", "");
}

void
warden_install(sqlite3 *handle, struct warden *w)
{
	sqlite3_set_authorizer(handle, warden_check, w);
}
