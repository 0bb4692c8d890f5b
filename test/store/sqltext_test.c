/* SPDX-License-Identifier: MIT */
/*
 * Tests of finding parameters in SQL text of several dialects.
 */
#include <string.h>

#include "buf.h"
#include "err.h"
#include "mem.h"
#include "sqltext.h"
#include "tap.h"

static const struct {
	enum sql_dialect dialect;
	const char *sql;
	const char *params; /* joined by blanks */
	const char *out;    /* NULL: refused */
} row[] = {
	{ SQL_POSTGRESQL, "SELECT :a, :b, :a", "a b", "SELECT $1, $2, $1" },
	{ SQL_POSTGRESQL, "SELECT :a::text, b::int FROM t", "a",
		"SELECT $1::text, b::int FROM t" },
	{ SQL_POSTGRESQL, "SELECT ':a' || \":b\" || :c", "c",
		"SELECT ':a' || \":b\" || $1" },
	{ SQL_POSTGRESQL, "SELECT 'it''s :a', :b", "b",
		"SELECT 'it''s :a', $1" },
	{ SQL_POSTGRESQL, "SELECT E'it\\'s :a', :b", "b",
		"SELECT E'it\\'s :a', $1" },
	{ SQL_POSTGRESQL, "SELECT 'back\\', :b", "b", "SELECT 'back\\', $1" },
	{ SQL_POSTGRESQL, "SELECT $$ :a ; $$, $x$ :b $$ $x$, :c", "c",
		"SELECT $$ :a ; $$, $x$ :b $$ $x$, $1" },
	{ SQL_POSTGRESQL, "SELECT :a -- :b\n, :c /* :d /* :e */ :f */", "a c",
		"SELECT $1 -- :b\n, $2 /* :d /* :e */ :f */" },
	{ SQL_POSTGRESQL, "SELECT x ? 'k', a[1:2] FROM t WHERE i=:i", "i",
		"SELECT x ? 'k', a[1:2] FROM t WHERE i=$1" },
	{ SQL_POSTGRESQL, "SELECT :氏名, :住所_1", "氏名 住所_1",
		"SELECT $1, $2" },
	{ SQL_POSTGRESQL, "SELECT f(x := :y)", "y", "SELECT f(x := $1)" },
	{ SQL_POSTGRESQL, "select 1 ; -- the end ; \n ; ", "", "select 1 " },
	{ SQL_POSTGRESQL, "SELECT $1", "", NULL },
	{ SQL_POSTGRESQL, "SELECT $$ abc", "", NULL },
	{ SQL_POSTGRESQL, "SELECT 'abc", "", NULL },
	{ SQL_POSTGRESQL, "SELECT /* /* */", "", NULL },
	{ SQL_POSTGRESQL, "SELECT 1; DROP TABLE t", "", NULL },
	{ SQL_POSTGRESQL, "SELECT 1; 'x'", "", NULL },
	{ SQL_POSTGRESQL, "", "", NULL },
	{ SQL_POSTGRESQL, " -- nothing", "", NULL },
	{ SQL_POSTGRESQL, "SELECT \xff", "", NULL },
	{ SQL_POSTGRESQL, "SELECT name$1 FROM t", "", "SELECT name$1 FROM t" },
	{ SQL_SQLITE, "SELECT :a, $b, @c, [:d], `:e`", "a b c",
		"SELECT ?1, ?2, ?3, [:d], `:e`" },
	{ SQL_SQLITE, "SELECT ?", "", NULL },
	{ SQL_SQLITE, "SELECT [x", "", NULL },
	{ SQL_SQLITE, "SELECT /* /* */ :a", "a", "SELECT /* /* */ ?1" },
	{ SQL_MYSQL, "SELECT :a, 'it\\'s :b', :a # :c", "a",
		"SELECT ?, 'it\\'s :b', ? # :c" },
	{ SQL_MYSQL, "SELECT \"x\\\" :b\", `:c`, @v", "",
		"SELECT \"x\\\" :b\", `:c`, @v" },
	{ SQL_MYSQL, "SELECT 1--:a -- :b\n, :c --\t:d", "a c",
		"SELECT 1--? -- :b\n, ? --\t:d" },
	{ SQL_MYSQL, "SELECT 1 --; DROP TABLE t", "", NULL },
	{ SQL_MYSQL, "SELECT ?", "", NULL },
	{ SQL_OTHER, "SELECT :a FROM [t] WHERE '\\' = :b", "a b",
		"SELECT ? FROM [t] WHERE '\\' = ?" },
};

static enum sqltext_style
style_of(enum sql_dialect d)
{
	if (d == SQL_POSTGRESQL)
		return SQLTEXT_DOLLAR;
	return d == SQL_SQLITE ? SQLTEXT_NUMBERED : SQLTEXT_MARKED;
}

static void
test_row(struct arena *a, size_t i)
{
	struct err e = ERR_INIT;
	struct sqltext t;
	struct buf b;

	if (sqltext_parse(a, row[i].sql, row[i].dialect, &t, &e)) {
		ok_m(!row[i].out && e.fault == FAULT_DATA_STATEMENT,
			"refused: %s", row[i].sql);
		return;
	}
	buf_init(&b, 10000);
	sqltext_render(&t, style_of(row[i].dialect), &b);
	is_str(b.data, row[i].out);
	buf_reset(&b);
	for (size_t n = 0; n < t.params; n++)
		buf_fmt(&b, "%s%s", n ? " " : "", t.param[n]);
	is_str(b.data, row[i].params);
	buf_done(&b);
}

/* IN (:a) with a list, and what comes before IS. */
static void
test_lists(struct arena *a)
{
	static const struct {
		enum sql_dialect dialect;
		enum sqltext_style style;
		const char *sql, *out;
	} list[] = {
		{ SQL_POSTGRESQL, SQLTEXT_DOLLAR,
			"SELECT 1 WHERE x IN (:a) AND y NOT /* :a */ IN( :a )",
			"SELECT 1 WHERE x = ANY($1) AND y <> ALL($1)" },
		{ SQL_POSTGRESQL, SQLTEXT_DOLLAR,
			"SELECT 1 WHERE x IN (:a, 1) AND f(:a) AND :a IN (2)",
			"SELECT 1 WHERE x IN ($1, 1) AND f($1) AND $1 IN (2)" },
		{ SQL_POSTGRESQL, SQLTEXT_DOLLAR,
			"SELECT 'in (:a)' AS \"in\" (:a), x in (:a::int[])",
			"SELECT 'in (:a)' AS \"in\" ($1), x in ($1::int[])" },
		{ SQL_POSTGRESQL, SQLTEXT_TYPING,
			"SELECT :a IS NULL OR :a is not null OR x = :a",
			"SELECT NULL IS NULL OR NULL is not null OR x = $1" },
		{ SQL_SQLITE, SQLTEXT_NUMBERED,
			"SELECT 1 WHERE x not in (:a) OR x IN\n(@a -- :a\n)",
			"SELECT 1 WHERE x not in (SELECT value FROM "
			"json_each(?1)) OR x IN\n(SELECT value FROM "
			"json_each(?1) -- :a\n)" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		struct sqltext t;
		struct buf b;

		is_int(sqltext_parse(a, list[i].sql, list[i].dialect, &t, NULL),
			0);
		t.list[0] = true;
		buf_init(&b, 10000);
		sqltext_render(&t, list[i].style, &b);
		is_str(b.data, list[i].out);
		buf_done(&b);
	}
}

static void
test_limits(struct arena *a)
{
	struct err e = ERR_INIT;
	struct sqltext t;
	struct buf b;

	buf_init(&b, 200000);
	buf_str(&b, "SELECT 0");
	for (int i = 0; i < SQLTEXT_PARAMS_MAX; i++)
		buf_fmt(&b, ", :p%d", i);
	is_int(sqltext_parse(a, b.data, SQL_SQLITE, &t, NULL), 0);
	is_int(t.params, SQLTEXT_PARAMS_MAX);
	buf_str(&b, ", :one_more");
	is_int(sqltext_parse(a, b.data, SQL_SQLITE, &t, &e), -1);
	is_int(e.fault, FAULT_DATA_STATEMENT);
	buf_reset(&b);
	buf_str(&b, "SELECT 1 /*");
	while (b.len < SQLTEXT_MAX)
		buf_char(&b, ' ');
	buf_str(&b, "*/");
	is_int(sqltext_parse(a, b.data, SQL_SQLITE, &t, NULL), -1);
	buf_done(&b);
}

static bool
join_word(void *ctx, const char *word, size_t n, char next)
{
	buf_fmt(ctx, "%.*s%c|", (int)n, word, next ? next : ' ');
	return true;
}

static void
test_every_word(void)
{
	static const struct {
		enum sql_dialect dialect;
		const char *sql, *words;
	} text[] = {
		{ SQL_MYSQL, "f (1a, $b) --(c) -- d", "f(|1a,|$b)|c)|" },
		{ SQL_MYSQL, "`a b` . c", "a b.|c |" },
		{ SQL_OTHER, "f(a#1) -- b\n'c' \"d\"", "f(|a#1)|d |" },
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++) {
		struct buf b;

		buf_init(&b, 1000);
		sqltext_words(text[i].sql, text[i].dialect, join_word, &b);
		is_str(b.data, text[i].words);
		buf_done(&b);
	}
	ok(sqltext_has_sign("SELECT [a]", SQL_OTHER, "@["));
	ok(!sqltext_has_sign(
		"SELECT '[', \"[\" -- [\n, a$b /* $ */", SQL_OTHER, "[$"));
}

static void
test_words(struct arena *a)
{
	struct sqltext t;

	is_int(sqltext_parse(a, "/* x */ (\"a\" WITH y", SQL_SQLITE, &t, NULL),
		0);
	is_str(t.verb, "with");
	ok(sqltext_has("SELECT 1 union", SQL_SQLITE, "UNION"));
	ok(!sqltext_has(
		"SELECT 'union', unions -- union", SQL_SQLITE, "union"));
	ok(!sqltext_has("SELECT 'union", SQL_SQLITE, "union"));
}

int
main(void)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		test_row(a, i);
	test_lists(a);
	test_limits(a);
	test_words(a);
	test_every_word();
	arena_free(&a);
	return tap_done();
}
