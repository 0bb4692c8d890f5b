/* SPDX-License-Identifier: MIT */
/*
 * Tests of percent encoding: path segments, form values, query strings.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

static void
test_segment(struct arena *a)
{
	static const struct {
		const char *plain, *coded;
	} row[] = {
		{ "", "" },
		{ "abcXYZ019-._~!$'()*,;&=@:+", "abcXYZ019-._~!$'()*,;&=@:+" },
		{ "a b", "a%20b" },
		{ "a/b?c#d%", "a%2Fb%3Fc%23d%25" },
		{ "\xe6\x97\xa5", "%E6%97%A5" },
		{ "\"<>\\^`{|}[]", "%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D" },
	};
	size_t i;
	char *out;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		is_str(segment_encode(a, row[i].plain), row[i].coded);
		is_int(segment_decode(a, row[i].coded, strlen(row[i].coded),
			       &out, NULL),
			0);
		is_str(out, row[i].plain);
	}
	is_int(segment_decode(a, "%e6%97%a5", 9, &out, NULL), 0);
	is_str(out, "\xe6\x97\xa5");
}

static void
test_segment_refused(struct arena *a)
{
	static const char *const bad[] = { "%", "%2", "%zz", "%00", "a b",
		"a/b", "a?b", "a#b", "a\"", "\xe6\x97\xa5", "%E6%97", "%C0%AF",
		"%ED%A0%80", "%FF", "a[b]", "\t" };
	size_t i;
	char *out;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = ERR_INIT;

		ok_m(segment_decode(a, bad[i], strlen(bad[i]), &out, &e) ==
					-1 &&
				err_set(&e) && !out,
			"refused: '%s'", bad[i]);
	}
	is_int(segment_decode(a, "a\0b", 3, &out, NULL), -1);
	is_int(segment_decode(a, "ab%4", 3, &out, NULL), -1);
}

static void
test_form(struct arena *a)
{
	char *out;

	is_str(form_encode(a, "a b-._*~!/\xe6\x97\xa5"),
		"a+b-._*%7E%21%2F%E6%97%A5");
	is_int(form_decode(a, "a+b%2Bc", 7, &out, NULL), 0);
	is_str(out, "a b+c");
	is_int(form_decode(a, "%", 1, &out, NULL), -1);
	is_int(form_decode(a, "%00", 3, &out, NULL), -1);
	is_int(form_decode(a, "\xff", 1, &out, NULL), -1);
}

static void
test_query(struct arena *a)
{
	const char *q = "a=1&b=x+y%26z&flag&c=&a=2&%64=dee&bad=%zz";

	is_str(query_get(a, q, "a"), "1");
	is_str(query_get(a, q, "b"), "x y&z");
	is_str(query_get(a, q, "flag"), "");
	is_str(query_get(a, q, "c"), "");
	is_str(query_get(a, q, "d"), "dee");
	is_str(query_get(a, q, "bad"), NULL);
	is_str(query_get(a, q, "x"), NULL);
	is_str(query_get(a, "", "x"), NULL);
	is_str(query_get(a, NULL, "x"), NULL);
	is_str(query_get(a, "&&x=1&", "x"), "1");
	is_str(query_get(a, "x=a=b", "x"), "a=b");
}

static void
test_utf8(void)
{
	static const struct {
		const char *text;
		bool valid;
	} row[] = {
		{ "", true },
		{ "ascii", true },
		{ "\xc2\x80", true },
		{ "\xdf\xbf", true },
		{ "\xe0\xa0\x80", true },
		{ "\xef\xbf\xbf", true },
		{ "\xf0\x90\x80\x80", true },
		{ "\xf4\x8f\xbf\xbf", true },
		{ "\x80", false },
		{ "\xc0\x80", false },
		{ "\xc1\xbf", false },
		{ "\xe0\x9f\xbf", false },
		{ "\xed\xa0\x80", false },
		{ "\xf0\x8f\xbf\xbf", false },
		{ "\xf4\x90\x80\x80", false },
		{ "\xf5\x80\x80\x80", false },
		{ "\xe6\x97", false },
		{ "\xe6\x97x", false },
		{ "\xff", false },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ok_m(utf8_valid(row[i].text, strlen(row[i].text)) ==
				row[i].valid,
			"UTF-8 row %zu", i);
	ok(utf8_valid("a\0b", 3));
}

int
main(void)
{
	struct arena *a = arena_new();

	test_segment(a);
	test_segment_refused(a);
	test_form(a);
	test_query(a);
	test_utf8();
	arena_free(&a);
	return tap_done();
}
