/* SPDX-License-Identifier: MIT */
/*
 * Tests of comparing, trimming, numbers, UUIDs and the nearest name.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "tap.h"
#include "text.h"

static void
test_comparing(void)
{
	ok(str_equal("a", "a") && !str_equal("a", "A"));
	ok(str_equal(NULL, NULL) && !str_equal(NULL, "") &&
		!str_equal("", NULL));
	ok(str_iequal("aBc", "AbC") && !str_iequal("abc", "abcd"));
	ok(str_iequal(NULL, NULL) && !str_iequal("x", NULL));
	ok(str_prefix("abc", "ab") && str_prefix("abc", ""));
	ok(!str_prefix("a", "ab"));
	ok(str_iprefix("Content-Type: x", "content-type:"));
	ok(!str_iprefix("a", "ab"));
	ok(str_suffix("a.xml", ".xml") && !str_suffix("xml", ".xml"));
	ok(ct_equal("abc", "abc", 3) && !ct_equal("abc", "abd", 3));
	ok(ct_equal("", "", 0));
}

static void
test_number_text(void)
{
	static const int64_t row[] = { 0, 1, -1, 9, 10, -10, 42, 1000000,
		INT32_MIN, INT64_MAX, INT64_MIN, INT64_MIN + 1 };

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		char text[INT_TEXT_MAX], want[40];
		size_t n = int_text(text, row[i]);

		snprintf(want, sizeof(want), "%lld", (long long)row[i]);
		is_str(text, want);
		is_int((long long)n, (long long)strlen(want));
	}
}

static void
test_numbers(void)
{
	static const struct {
		const char *text;
		int64_t lo, hi, want;
		int ret;
	} row[] = {
		{ "0", 0, 10, 0, 0 },
		{ "10", 0, 10, 10, 0 },
		{ "11", 0, 10, 0, -1 },
		{ "-1", 0, 10, 0, -1 },
		{ "-5", -10, 10, -5, 0 },
		{ "007", 0, 10, 7, 0 },
		{ "", 0, 10, 0, -1 },
		{ "-", -10, 10, 0, -1 },
		{ " 1", 0, 10, 0, -1 },
		{ "1 ", 0, 10, 0, -1 },
		{ "+1", 0, 10, 0, -1 },
		{ "0x1", 0, 10, 0, -1 },
		{ "1e3", 0, 10000, 0, -1 },
		{ "9223372036854775807", 0, INT64_MAX, INT64_MAX, 0 },
		{ "9223372036854775808", 0, INT64_MAX, 0, -1 },
		{ NULL, 0, 10, 0, -1 },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err e = ERR_INIT;
		int64_t v = 0;
		int ret = int_parse(row[i].text, row[i].lo, row[i].hi, &v, &e);

		ok_m(ret == row[i].ret && v == row[i].want &&
				err_set(&e) == (ret != 0),
			"int_parse '%s'", row[i].text ? row[i].text : "NULL");
	}
}

static void
test_random(void)
{
	char a[UUID_LEN + 1], b[UUID_LEN + 1], letters[41];

	uuid_make(a);
	uuid_make(b);
	is_int((long long)strlen(a), UUID_LEN);
	is_int((long long)strspn(a, "0123456789abcdef-"), UUID_LEN);
	ok(a[8] == '-' && a[13] == '-' && a[18] == '-' && a[23] == '-');
	is_int(a[14], '4');
	ok(strchr("89ab", a[19]) != NULL);
	ok(strcmp(a, b) != 0);
	uuid_from((const uint8_t[UUID_BYTES]){ 0, 0x11, 0x22, 0x33, 0x44, 0x55,
			  0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
			  0xff },
		a);
	is_str(a, "00112233-4455-4677-8899-aabbccddeeff");
	uuid_from((const uint8_t[UUID_BYTES]){ [6] = 0xff, [8] = 0xff }, a);
	is_str(a, "00000000-0000-4f00-bf00-000000000000");
	random_letters(letters, 40);
	is_int((long long)strlen(letters), 40);
	is_int((long long)strspn(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  "abcdefghijklmnopqrstuvwxyz"),
		40);
	random_letters(letters, 0);
	is_str(letters, "");
}

static void
test_changing(void)
{
	char text[] = " \tAbC \t", blank[] = " \t ", empty[] = "";

	str_lower(text);
	is_str(text, " \tabc \t");
	is_str(str_trim(text), "abc");
	is_str(str_trim(blank), "");
	is_str(str_trim(empty), "");
}

static void
test_distance(void)
{
	char huge[400];

	memset(huge, 'x', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	is_int(str_distance("", ""), 0);
	is_int(str_distance("abc", "abc"), 0);
	is_int(str_distance("abc", "abd"), 1);
	is_int(str_distance("abc", "ac"), 1);
	is_int(str_distance("", "abc"), 3);
	is_int(str_distance("kitten", "sitting"), 3);
	is_int(str_distance("aaaaaaaaaaaaaaaaaaaaaaaa", "b"), 16);
	is_int(str_distance(huge, "a"), 16);
	is_int(str_distance(huge, huge), 0);
}

int
main(void)
{
	test_comparing();
	test_numbers();
	test_number_text();
	test_random();
	test_changing();
	test_distance();
	return tap_done();
}
