/* SPDX-License-Identifier: MIT */
/*
 * Tests of JSON in and out: limits, members, repaired text.
 */
#include <string.h>

#include "err.h"
#include "json_io.h"
#include "mem.h"
#include "tap.h"

static json_t *
parse(struct arena *a, const char *text)
{
	struct err e = ERR_INIT;
	json_t *j;

	if (json_parse(a, bytes_str(text), NULL, &j, &e) != 0)
		tap_note("%s: %s", text, e.text);
	return j;
}

static void
test_refused(struct arena *a)
{
	static const char *const bad[] = { "", " ", "{", "[1,]", "{\"a\":1}x",
		"{\"a\":1,\"a\":2}", "1", "\"text\"", "null", "[\"\xff\"]",
		"[\"\\u0000\"]", "[\"\\ud800\"]", "['a']", "{a:1}", "[01]",
		"[NaN]", "[1e999]" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = ERR_INIT;
		json_t *j;

		ok_m(json_parse(a, bytes_str(bad[i]), NULL, &j, &e) == -1 &&
				!j && e.fault == FAULT_BAD_REQUEST,
			"refused: %s", bad[i]);
	}
	ok(parse(a, "[]") != NULL);
	ok(parse(a, "\xef\xbb\xbf[]") != NULL); /* as some editors write */
	ok(!parse(a, "\xef\xbb\xbf"));
	ok(!parse(a, "\xef\xbb\xbf\xef\xbb\xbf[]"));
}

static void
test_limits(struct arena *a)
{
	static const struct {
		const char *text;
		struct json_limits limit;
		int ret;
	} row[] = {
		{ "[1,2,3]", { .bytes = 7 }, 0 },
		{ "[1,2,3]", { .bytes = 6 }, -1 },
		{ "[[[1]]]", { .depth = 3 }, 0 },
		{ "[[[1]]]", { .depth = 2 }, -1 },
		{ "[\"[[[[\"]", { .depth = 1 }, 0 },
		{ "[\"\\\"[[[[\"]", { .depth = 1 }, 0 },
		{ "[[],[],[]]", { .depth = 2 }, 0 },
		{ "[1,2,3]", { .elements = 3 }, 0 },
		{ "[1,2,3]", { .elements = 2 }, -1 },
		{ "[\",,,,\"]", { .elements = 1 }, 0 },
		{ "[{},{},{}]", { .elements = 4 }, -1 },
	};
	char deep[2 * JSON_DEPTH + 3];
	json_t *j;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err e = ERR_INIT;
		int ret = json_parse(
			a, bytes_str(row[i].text), &row[i].limit, &j, &e);

		ok_m(ret == row[i].ret &&
				(ret == 0 || e.fault == FAULT_TOO_LARGE),
			"limit row %zu: %s", i, row[i].text);
	}
	memset(deep, '[', JSON_DEPTH + 1);
	memset(deep + JSON_DEPTH + 1, ']', JSON_DEPTH + 1);
	is_int(json_parse(
		       a, bytes_of(deep, 2 * JSON_DEPTH + 2), NULL, &j, NULL),
		-1);
	is_int(json_parse(
		       a, bytes_of(deep + 1, 2 * JSON_DEPTH), NULL, &j, NULL),
		0);
}

static const char member_text[] =
	"{\"s\":\"text\",\"e\":\"\",\"i\":-5,\"b\":true,\"n\":null,"
	"\"l\":[1,2],\"o\":{\"x\":1},\"r\":1.5}";

static void
test_lenient(struct arena *a)
{
	const json_t *j = parse(a, member_text);

	is_str(json_str(j, "s"), "text");
	is_str(json_str(j, "e"), "");
	is_str(json_str(j, "i"), NULL);
	is_str(json_str(j, "none"), NULL);
	is_str(json_str(NULL, "s"), NULL);
	is_int(json_int(j, "i", 9), -5);
	is_int(json_int(j, "r", 9), 9);
	is_int(json_int(NULL, "i", 9), 9);
	ok(json_bool(j, "b", false) && json_bool(j, "s", true));
	is_int((long long)json_array_size(json_list(j, "l")), 2);
	ok(!json_list(j, "o") && json_sub(j, "o") && !json_sub(j, "l"));
}

/* Each row is one call on the members above; `says` is the refusal. */
static void
test_demanded(struct arena *a)
{
	const json_t *j = parse(a, member_text);
	const char *s = NULL;
	int64_t i = 0;
	bool b = false;
	json_t *v = NULL;
	struct err e = ERR_INIT;

	is_int(json_need_str(j, "s", 4, &s, NULL), 0);
	is_str(s, "text");
	is_int(json_need_str(j, "s", 3, &s, &e), -1);
	is_str(e.text, "'s' is longer than 3 bytes");
	is_int(e.fault, FAULT_BAD_REQUEST);
	err_reset(&e);
	is_int(json_need_str(j, "e", 4, &s, &e), -1);
	is_str(e.text, "'e' is missing");
	is_int(json_need_str(j, "n", 4, &s, NULL), -1);
	err_reset(&e);
	is_int(json_need_str(j, "i", 4, &s, &e), -1);
	is_str(e.text, "'i' must be a text");
	is_int(json_need_int(j, "i", -5, 0, &i, NULL), 0);
	is_int(i, -5);
	err_reset(&e);
	is_int(json_need_int(j, "i", 0, 9, &i, &e), -1);
	is_str(e.text, "'i' must be a whole number from 0 to 9");
	is_int(json_need_int(j, "r", 0, 9, &i, NULL), -1);
	is_int(json_need_bool(j, "b", &b, NULL), 0);
	ok(b);
	is_int(json_need_bool(j, "i", &b, NULL), -1);
	is_int(json_need_list(j, "l", 2, &v, NULL), 0);
	is_int(json_need_list(j, "l", 1, &v, NULL), -1);
	is_int(json_need_list(j, "o", 1, &v, NULL), -1);
	is_int(json_need_sub(j, "o", &v, NULL), 0);
	is_int(json_need_sub(j, "none", &v, NULL), -1);
	is_int(json_need_sub(NULL, "o", &v, NULL), -1);
}

static void
test_optional(struct arena *a)
{
	const json_t *j = parse(a, member_text);
	const char *s = "as it was";
	int64_t i = 7;
	bool b = true;

	is_int(json_opt_str(j, "none", 9, &s, NULL), 0);
	is_int(json_opt_str(j, "n", 9, &s, NULL), 0);
	is_int(json_opt_str(j, "e", 9, &s, NULL), 0);
	is_str(s, "as it was");
	is_int(json_opt_str(j, "i", 9, &s, NULL), -1);
	is_int(json_opt_str(j, "s", 9, &s, NULL), 0);
	is_str(s, "text");
	is_int(json_opt_int(j, "none", 0, 9, &i, NULL), 0);
	is_int(i, 7);
	is_int(json_opt_int(j, "i", 0, 9, &i, NULL), -1);
	is_int(json_opt_bool(j, "none", &b, NULL), 0);
	ok(b);
	is_int(json_opt_bool(j, "s", &b, NULL), -1);
}

static void
test_building(struct arena *a)
{
	json_t *o = json_keep(a, json_object()), *l = json_array();
	struct buf b;

	json_put_str(o, "z", "a\"b");
	json_put_str(o, "null", NULL);
	json_put_str(o, "bad", "x\xff\xe6\x97y\xe6\x97\xa5");
	json_put_int(o, "i", INT64_MIN);
	json_put_bool(o, "b", false);
	json_array_append_new(l, json_text_new("t"));
	json_put_new(o, "l", l);
	buf_init(&b, 1000);
	json_write(&b, o, JSON_PLAIN);
	is_str(b.data,
		"{\"z\":\"a\\\"b\",\"null\":null,"
		"\"bad\":\"x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdy\xe6\x97\xa5\","
		"\"i\":-9223372036854775808,\"b\":false,\"l\":[\"t\"]}");
	buf_reset(&b);
	json_object_del(o, "bad");
	json_write(&b, o, JSON_SORTED);
	is_str(b.data, "{\"b\":false,\"i\":-9223372036854775808,\"l\":[\"t\"],"
		       "\"null\":null,\"z\":\"a\\\"b\"}");
	buf_reset(&b);
	json_write(&b, json_list(o, "l"), JSON_PRETTY);
	is_str(b.data, "[\n  \"t\"\n]");
	buf_done(&b);
	buf_init(&b, 5);
	json_write(&b, o, JSON_PLAIN);
	is_int(buf_ok(&b, "the answer", NULL), -1);
	buf_done(&b);
}

static void
test_each(struct arena *a)
{
	const json_t *j = parse(a, "{\"l\":[1,2,3]}");
	json_int_t sum = 0;
	json_t *item;
	size_t i;

	json_each(item, i, json_list(j, "l"))
		sum += json_integer_value(item);
	is_int(sum, 6);
	json_each(item, i, json_list(j, "none"))
		sum = 0;
	is_int(sum, 6);
}

static void
test_lists(struct arena *a)
{
	const json_t *j = parse(a, "{\"l\":[\"a\",\"b\"],\"n\":[null],"
				   "\"z\":null,\"s\":\"t\"}");
	json_t *to = json_keep(a, json_object());

	ok(json_list_has(json_list(j, "l"), "b"));
	ok(!json_list_has(json_list(j, "l"), "c"));
	ok(!json_list_has(json_list(j, "l"), NULL));
	ok(json_list_has(json_list(j, "n"), NULL));
	ok(!json_list_has(NULL, "a"));
	ok(!json_list_has(NULL, NULL));
	json_put_from(to, "list", j, "l");
	json_put_from(to, "z", j, "z");
	json_put_from(to, "x", j, "none");
	json_put_from(to, "y", NULL, "l");
	ok(json_list(to, "list") == json_list(j, "l"));
	is_int(json_object_size(to), 1);
}

int
main(void)
{
	struct arena *a = arena_new();

	test_refused(a);
	test_limits(a);
	test_lenient(a);
	test_demanded(a);
	test_optional(a);
	test_building(a);
	test_each(a);
	test_lists(a);
	arena_free(&a);
	return tap_done();
}
