/* SPDX-License-Identifier: MIT */
/*
 * Tests of YAML in: the core schema, aliases and their limits, what is
 * refused; and YAML out, which must read back.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "tap.h"
#include "yaml_io.h"

static const char *
as_json(struct arena *a, const json_t *j)
{
	struct buf b;
	const char *s;

	buf_init(&b, 1 << 20);
	json_write(&b, j, JSON_PLAIN);
	s = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return s;
}

static const char *
yaml(struct arena *a, const char *text)
{
	struct err e = ERR_INIT;
	json_t *j;

	if (yaml_parse(a, bytes_str(text), NULL, &j, &e) != 0)
		return arena_printf(a, "%s", e.text);
	return as_json(a, j);
}

static void
test_values(struct arena *a)
{
	static const struct {
		const char *text, *want;
	} row[] = {
		{ "a: 1\nb: two\n", "{\"a\":1,\"b\":\"two\"}" },
		{ "- 1\n- [2, 3]\n- {x: y}\n", "[1,[2,3],{\"x\":\"y\"}]" },
		{ "{}", "{}" },
		{ "[~, null, Null, NULL, nUll]",
			"[null,null,null,null,\"nUll\"]" },
		{ "a:\nb: ''\n", "{\"a\":null,\"b\":\"\"}" },
		{ "[true, True, FALSE, yes, on, tRue]",
			"[true,true,false,\"yes\",\"on\",\"tRue\"]" },
		{ "[0, -7, +8, 012, 0o17, 0xff, 0b1, 1_000]",
			"[0,-7,8,12,15,255,\"0b1\",\"1_000\"]" },
		{ "[1.5, .5, 1., -2e3, 1e, ., 3.0.1, '1']",
			"[1.5,0.5,1.0,-2000.0,\"1e\",\".\",\"3.0.1\",\"1\"]" },
		{ "[9223372036854775807, 92233720368547758070]",
			"[9223372036854775807,9.2233720368547758e19]" },
		{ "[!!str 5, ! 6, !!int 7, !!float 8, !!null ~, !!bool true]",
			"[\"5\",\"6\",7,8,null,true]" },
		{ "200: ok\n~: x\ntrue: y\n",
			"{\"200\":\"ok\",\"~\":\"x\",\"true\":\"y\"}" },
		{ "a: |\n  one\n  two\nb: >\n  one\n  two\n",
			"{\"a\":\"one\\ntwo\\n\",\"b\":\"one two\\n\"}" },
		{ "a: \"\\u65e5\\x41\\n\" # a comment\n",
			"{\"a\":\"日A\\n\"}" },
		{ "# only\n---\n日本: 語\n...\n", "{\"日本\":\"語\"}" },
		{ "2026-11-21: 2026-11-21T10:00:00Z\n",
			"{\"2026-11-21\":\"2026-11-21T10:00:00Z\"}" },
		{ "<<: {a: 1}\n", "{\"<<\":{\"a\":1}}" },
		{ "a: &x {k: [1]}\nb: *x\nc: [*x]\n",
			"{\"a\":{\"k\":[1]},\"b\":{\"k\":[1]},"
			"\"c\":[{\"k\":[1]}]}" },
		{ "- &x 1\n- &x 2\n- *x\n", "[1,2,2]" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		is_str(yaml(a, row[i].text), row[i].want);
}

static void
test_refused(struct arena *a)
{
	static const char *const bad[] = { "", "# only a comment\n", "text",
		"1", "a: 1\na: 2\n", "{a: 1, a: 1}", "--- {}\n--- {}\n",
		"a: [1\n", "a: 'x\n", "a:\n\t- 1\n", "- !foo x\n",
		"!foo {a: 1}", "- !!int x\n", "- !!binary aGk=\n", "[.inf]",
		"[-.INF]", "[.nan]", "[1e999]", "- *x\n", "a: &x [*x]\n",
		"? [1]\n: 2\n", "? {a: b}\n: 2\n", "? &x a\n: 2\n", "[\"\\0\"]",
		"[\"\xff\"]", "[\"\x01\"]", "[\"\\ud800\"]",
		"%YAML 3.0\n--- {}\n", "@a: 1\n", "a: b: c\n" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = ERR_INIT;
		json_t *j;

		ok_m(yaml_parse(a, bytes_str(bad[i]), NULL, &j, &e) == -1 &&
				!j && e.fault == FAULT_BAD_REQUEST,
			"refused: %s (%s)", bad[i], e.text);
	}
}

/* Nine levels, each nine times the one before. */
static const char *
laughs(struct arena *a)
{
	struct buf b;
	const char *s;
	int i, k;

	buf_init(&b, 8192);
	buf_str(&b, "l0: &l0 [lol]\n");
	for (i = 1; i <= 9; i++) {
		buf_fmt(&b, "l%d: &l%d [", i, i);
		for (k = 0; k < 9; k++)
			buf_fmt(&b, "%s*l%d", k ? ", " : "", i - 1);
		buf_str(&b, "]\n");
	}
	s = arena_strdup(a, b.data);
	buf_done(&b);
	return s;
}

static enum fault
fault_of(struct arena *a, const char *text, struct json_limits limit)
{
	struct err e = ERR_INIT;
	json_t *j;

	return yaml_parse(a, bytes_str(text), &limit, &j, &e) ? e.fault
							      : FAULT_NONE;
}

static void
test_limits(struct arena *a)
{
	static const struct {
		const char *text;
		struct json_limits limit;
		enum fault want;
	} row[] = {
		{ "[1, 2]", { .bytes = 6 }, FAULT_NONE },
		{ "[1, 2]", { .bytes = 5 }, FAULT_TOO_LARGE },
		{ "[[[1]]]", { .depth = 3 }, FAULT_NONE },
		{ "[[[1]]]", { .depth = 2 }, FAULT_TOO_LARGE },
		{ "[1, 2]", { .elements = 3 }, FAULT_NONE },
		{ "[1, 2]", { .elements = 2 }, FAULT_TOO_LARGE },
		{ "[&x [1, 2], *x]", { .elements = 7 }, FAULT_NONE },
		{ "[&x [1, 2], *x]", { .elements = 6 }, FAULT_TOO_LARGE },
		{ "[&x abcdefghijkl, *x, *x]", { .bytes = 36 }, FAULT_NONE },
		{ "[&x abcdefghijkl, *x, *x]", { .bytes = 35 },
			FAULT_TOO_LARGE },
		{ "[&x [[1]], [*x]]", { .depth = 4 }, FAULT_NONE },
		{ "[&x [[1]], [*x]]", { .depth = 3 }, FAULT_TOO_LARGE },
		{ "[&x {a: {}}, {b: *x}]", { .depth = 3 }, FAULT_TOO_LARGE },
		{ "[[[[1]]], &x [1], [[*x]]]", { .depth = 4 }, FAULT_NONE },
		{ "[&x [[1]], &y [*x], &z [*y]]", { .depth = 5 }, FAULT_NONE },
		{ "[&x [[1]], &y [*x], &z [*y]]", { .depth = 4 },
			FAULT_TOO_LARGE },
		{ "[&x [[1], 2], &y [*x, [3]], [4, *y]]", { .depth = 4 },
			FAULT_TOO_LARGE },
		{ "[&x 1, [[*x]]]", { .depth = 3 }, FAULT_NONE },
	};
	struct buf b;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		is_int(fault_of(a, row[i].text, row[i].limit), row[i].want);
	is_int(fault_of(a, laughs(a), (struct json_limits){ 0 }),
		FAULT_TOO_LARGE);
	buf_init(&b, 1 << 20);
	for (i = 0; i < 100000; i++)
		buf_char(&b, '[');
	is_int(fault_of(a, b.data, (struct json_limits){ 0 }), FAULT_TOO_LARGE);
	buf_reset(&b);
	for (i = 0; i <= YAML_ANCHORS; i++)
		buf_fmt(&b, "- &a%zu 1\n", i);
	is_int(fault_of(a, b.data, (struct json_limits){ 0 }), FAULT_TOO_LARGE);
	buf_done(&b);
}

/* Every list holds the one before it, so the last is as deep as they are many:
   the text itself is flat, or nested to the limit once. */
static void
test_chain(struct arena *a)
{
	const struct json_limits roomy = { 0, 0, 1000000 };
	struct buf b;

	for (int inner = 1; inner <= YAML_DEPTH - 2; inner += 20) {
		buf_init(&b, 1 << 20);
		buf_str(&b, "- &a0 [x]\n");
		for (int i = 1; i < YAML_ANCHORS; i++) {
			buf_fmt(&b, "- &a%d ", i);
			for (int k = 0; k < inner; k++)
				buf_char(&b, '[');
			buf_fmt(&b, "*a%d", i - 1);
			for (int k = 0; k < inner; k++)
				buf_char(&b, ']');
			buf_char(&b, '\n');
		}
		ok(buf_ok(&b, "chain", NULL) == 0);
		is_int(fault_of(a, b.data, roomy), FAULT_TOO_LARGE);
		buf_done(&b);
	}
}

static void
test_write(struct arena *a)
{
	static const char json[] =
		"{\"openapi\":\"3.0.3\",\"n\":1,\"r\":1.5,\"t\":true,"
		"\"z\":null,\"words\":[\"yes\",\"No\",\"null\",\"~\",\"1\","
		"\"0x1\",\"2026-11-21\",\"\",\" a\",\"a: b\",\"# x\",\"*x\","
		"\"/pets/{id}\",\"日本\",\"one\\ntwo\\n\",\"\\u007f\\ufeff\","
		"\"tab\\t\",\"-\",\"'\",\"\\\"\",\"!x\"],\"e\":{},\"l\":[],"
		"\"200\":{\"a\":[[1],{\"b\":2}]},\"a key\":[{}]}";
	struct err e = ERR_INIT;
	json_t *j, *again;
	struct buf b;

	ok(json_parse(a, bytes_str(json), NULL, &j, &e) == 0);
	buf_init(&b, 8192);
	yaml_write(&b, j);
	ok(buf_ok(&b, "text", &e) == 0);
	tap_note("%s", b.data);
	ok(yaml_parse(a, bytes_buf(&b), NULL, &again, &e) == 0);
	is_str(as_json(a, again), as_json(a, j));
	ok(strstr(b.data, "\"yes\"") && strstr(b.data, "- /pets/{id}\n"));
	buf_done(&b);
}

int
main(void)
{
	struct arena *a = arena_new();

	test_values(a);
	test_refused(a);
	test_limits(a);
	test_chain(a);
	test_write(a);
	arena_free(&a);
	return tap_done();
}
