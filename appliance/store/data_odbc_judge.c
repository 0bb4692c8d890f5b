/* SPDX-License-Identifier: MIT */
/*
 * What a statement for ODBC may do. The databases behind it do not tell what a
 * statement uses, so its words are taken for the worst: a word that is the name
 * of a table, or before a "." of another database, counts as using it, a word
 * before a "(" is a function. Text that some databases would cut into words in
 * another way is refused. What the database user may do remains the limit.
 */
#include <string.h>

#include "clock.h"
#include "data_odbc_int.h"
#include "mem.h"
#include "text.h"

enum { USED_MAX = 500, WORD_MAX = 200 };

/* May stand before a "(": words of SQL, types, functions that only compute. */
static const char *const harmless[] = { "abs", "all", "and", "any", "as", "asc",
	"ascii", "avg", "between", "bigint", "binary", "by", "case", "cast",
	"ceil", "ceiling", "char", "char_length", "character_length",
	"charindex", "coalesce", "concat", "concat_ws", "convert", "count",
	"cume_dist", "curdate", "current_date", "current_time",
	"current_timestamp", "curtime", "date", "date_add", "date_format",
	"date_sub", "dateadd", "datediff", "datefromparts", "datepart",
	"datetime", "day", "dayofmonth", "dayofweek", "dayofyear", "decimal",
	"decode", "dense_rank", "distinct", "else", "exists", "exp", "extract",
	"field", "first_value", "floor", "format", "from", "greatest",
	"group_concat", "having", "hex", "hour", "if", "ifnull", "iif", "in",
	"insert", "instr", "int", "integer", "interval", "isnull", "join",
	"json_extract", "json_object", "json_table", "json_unquote",
	"json_value", "lag", "last_day", "last_value", "lateral", "lcase",
	"lead", "least", "left", "len", "length", "like", "limit", "listagg",
	"ln", "locate", "log", "log10", "lower", "lpad", "ltrim", "max", "mid",
	"min", "minute", "mod", "month", "monthname", "nchar", "not", "now",
	"nth_value", "ntile", "nullif", "number", "numeric", "nvarchar", "nvl",
	"nvl2", "octet_length", "on", "or", "over", "partition", "percent_rank",
	"position", "pow", "power", "quarter", "rand", "rank", "regexp_replace",
	"regexp_substr", "repeat", "replace", "reverse", "right", "round",
	"row_number", "rpad", "rtrim", "second", "select", "set", "sign",
	"signed", "some", "space", "sqrt", "stddev", "str_to_date",
	"string_agg", "substr", "substring", "substring_index", "sum", "then",
	"time", "timestamp", "timestampdiff", "to_char", "to_date", "to_number",
	"to_timestamp", "trim", "trunc", "truncate", "ucase", "unhex", "union",
	"unix_timestamp", "unsigned", "upper", "using", "utc_timestamp",
	"value", "values", "varbinary", "varchar", "variance", "week",
	"weekday", "when", "where", "with", "year", NULL };

/* Never, whatever is permitted: they leave the database or its schema. */
static const char *const never[] = { "into", "outfile", "dumpfile", "load_file",
	"infile", "sleep", "benchmark", "get_lock", "release_lock",
	"information_schema", "performance_schema", "mysql", "sys", "master",
	"msdb", "tempdb", "sysobjects", "syscat", "sysibm", "openrowset",
	"openquery", "opendatasource", "xp_cmdshell", "exec", "execute", "call",
	"utl_file", "utl_http", "dbms_pipe", "dbms_lock", "waitfor",
	"procedure", "sys_exec", "sys_eval", NULL };

struct reading {
	const struct command *command;
	const char **table; /* every name of a table that there is */
	struct arena *arena;
	struct description *out; /* or NULL */
	int ret;
	struct err *e;
};

static void
note(const char **list, size_t *n, const char *name)
{
	for (size_t i = 0; i < *n; i++)
		if (str_iequal(list[i], name))
			return;
	if (*n < USED_MAX)
		list[(*n)++] = name;
}

static bool
refuse(struct reading *r, const char *what, const char *name)
{
	r->ret = fail(r->e, FAULT_DATA_DENIED,
		"%s %.100s is not permitted here", what, name);
	return false;
}

static bool
table_word(struct reading *r, const char *word)
{
	if (r->out)
		note(r->out->table, &r->out->tables, word);
	return !r->command->tables || data_listed(r->command->tables, word) ||
	       refuse(r, "the table", word);
}

/* Strings with rules of their own: E'\'', q'[']', nq'[']'. */
static bool
begins_string(const char *s, size_t n)
{
	return s[n] == '\'' && ((n == 1 && strchr("eEqQ", *s)) ||
				       (n == 2 && strchr("qQ", s[1])));
}

static bool
word(void *ctx, const char *s, size_t n, char next)
{
	struct reading *r = ctx;
	char *name = arena_strndup(r->arena, s, n);
	bool into = str_iequal(name, "into") && r->command->write;

	if (begins_string(s, n))
		return refuse(r, "a string that begins with", name);
	if (!into && data_listed(never, name))
		return refuse(r, "what is called", name);
	if (data_listed(r->table, name) ||
		(next == '.' && data_listed(r->table,
					arena_printf(r->arena, "%s.", name))))
		return table_word(r, name);
	if (next != '(' || into || data_listed(harmless, name))
		return true;
	if (r->out)
		note(r->out->function, &r->out->functions, name);
	return data_listed(r->command->functions, name) ||
	       refuse(r, "the function", name);
}

/* Tables, and other databases with a "." behind their name. */
static int
read_names(struct link *l, const struct command *c, struct arena *a,
	const char ***out, struct err *e)
{
	struct odbc *o = l->own;
	const char **list;
	uint32_t n;

	frame_begin(&o->out, WIRE_TABLES);
	if (odbc_ask(
		    l, WIRE_NAMES, clock_ticks() + l->ds->config.connect_ms, e))
		return -1;
	n = frame_u32(&o->frame);
	if (n > WIRE_NAMES_MAX)
		return odbc_broken(l, e);
	if (n == WIRE_NAMES_MAX && c->tables)
		return fail(e, FAULT_DATA_DENIED,
			"the database has more tables than can be told apart: "
			"%d; give its user fewer",
			WIRE_NAMES_MAX - 1);
	list = arena_array(a, n + 1, sizeof(*list));
	for (uint32_t i = 0; i < n; i++) {
		struct bytes b = frame_bytes(&o->frame);

		list[i] = arena_strndup(
			a, b.data ? (const char *)b.data : "", b.len);
	}
	if (!frame_done(&o->frame))
		return odbc_broken(l, e);
	*out = list;
	return 0;
}

/* Comments end at one place for some databases and at another for others. */
static bool
is_nested(const char *sql)
{
	const char *s = sql, *inner, *end;

	for (; (s = strstr(s, "/*")) != NULL; s++) {
		inner = strstr(s + 2, "/*");
		end = strstr(s + 2, "*/");
		if (inner && end && inner < end)
			return true;
	}
	return false;
}

static bool
has_lone_return(const char *sql)
{
	while ((sql = strchr(sql, '\r')) != NULL)
		if (*++sql != '\n')
			return true;
	return false;
}

/* What databases, or settings of one, read in different ways: then a part of
   the statement could pass for a string or a comment. */
static int
clear_text(const char *sql, enum sql_dialect d, struct err *e)
{
	if (strstr(sql, "/*!") || strstr(sql, "/*M!") || strchr(sql, '{'))
		return fail(e, FAULT_DATA_DENIED,
			"comments that are executed and ODBC escapes are not "
			"permitted here");
	if (is_nested(sql) || has_lone_return(sql))
		return fail(e, FAULT_DATA_DENIED,
			"comments in comments and carriage returns by "
			"themselves are not permitted here");
	if (strstr(sql, "\\'") || strstr(sql, "\\\""))
		return fail(e, FAULT_DATA_DENIED,
			"a backslash before a quote is not permitted here; "
			"double the quote");
	if (d == SQL_MYSQL ? strstr(sql, "@@") != NULL
			   : sqltext_has_sign(sql, d, "[`@$"))
		return fail(e, FAULT_DATA_DENIED, "%s is not permitted here",
			d == SQL_MYSQL ? "@@" : "any of [ ` @ $");
	return 0;
}

int
odbc_judge(struct link *l, struct command *c, struct arena *a,
	struct description *out, struct err *e)
{
	enum sql_dialect d = l->ds->driver->dialect(l->ds);
	struct arena *own = arena_new();
	struct reading r = { .command = c, .arena = a ? a : own, .e = e };

	r.out = out;
	r.ret = clear_text(c->sql, d, e);
	if (!r.ret)
		r.ret = read_names(l, c, own, &r.table, e);
	if (!r.ret)
		sqltext_words(c->sql, d, word, &r);
	arena_free(&own);
	return r.ret;
}
