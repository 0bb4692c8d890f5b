/* SPDX-License-Identifier: MIT */
/*
 * Widths, kana, days of the Japanese calendar, and My Number.
 */
#include <string.h>

#include "japanese.h"
#include "mem.h"
#include "tap.h"

static void
test_widths(struct arena *a)
{
	is_str(text_narrow(a, "０３－１２３４（代）　Ａｚ"), "03-1234(代) Az");
	is_str(text_narrow(a, "1ー2−3‐4"), "1-2-3-4");
	is_str(text_narrow(a, "𠮷野家"), "𠮷野家");
	is_str(kana_wide(a, "ｶﾞｷﾞﾌﾟﾋﾞﾍﾟｳﾞ"), "ガギプビペヴ");
	is_str(kana_wide(a, "ﾀﾞﾁﾞﾂﾞﾃﾞﾄﾞﾊﾞﾎﾟ"), "ダヂヅデドバポ");
	is_str(kana_wide(a, "ｱﾞ ﾊ゛ ｷｬｯﾄｰ｡"), "ア゛ ハ゛ キャットー。");
	is_str(kana_wide(a, "ﾊ"), "ハ");
	ok(kana_is("ヤマダ タロー・ヴ"));
	ok(!kana_is("やまだ"));
	ok(!kana_is("ﾔﾏﾀﾞ"));
	ok(!kana_is(""));
}

static void
test_wareki(void)
{
	static const char *const row[][2] = {
		{ "令和8年11月21日", "2026-11-21" },
		{ "令和元年5月1日", "2019-05-01" },
		{ "R6.4.1", "2024-04-01" },
		{ "R06.04.01", "2024-04-01" },
		{ "r6/4/1", "2024-04-01" },
		{ "Ｒ６．４．１", "2024-04-01" },
		{ "㋿6-4-1", "2024-04-01" },
		{ "平成31年4月30日", "2019-04-30" },
		{ "H1.1.8", "1989-01-08" },
		{ "昭和64年1月7日", "1989-01-07" },
		{ "S1.12.25", "1926-12-25" },
		{ "大正元年７月３０日", "1912-07-30" },
		{ "明治45年7月29日", "1912-07-29" },
		{ "M6.1.1", "1873-01-01" },
		{ "2026年11月21日", "2026-11-21" },
		{ "2026/2/3", "2026-02-03" },
		{ " 2026-11-21 ", "2026-11-21" },
		{ "S39.10.10", "1964-10-10" },
		{ "令和　元年　５月　１日", "2019-05-01" },
		{ "R 6. 4. 1", "2024-04-01" },
		{ "平31.4.30", "2019-04-30" },
		{ "令元.5.1", "2019-05-01" },
		{ "２０２４０４０１", "2024-04-01" },
	};
	static const char *const bad[] = { "", "令和", "令和8年", "R6.4",
		"R6.4/1", "平成31年5月1日", "令和元年4月30日", "昭和64年1月8日",
		"M5.12.31", "R6.13.1", "R6.2.30", "R0.1.1", "R7.2.29",
		"令和6年4月1", "R6.4.1x", "26-11-21", "1872-12-31", "X6.4.1",
		"R100.1.1", "元.4.1", "R6年4.1", "R1 2.4.1", "20240230",
		"2024041", "令.4.1" };
	char iso[DAY_TEXT_LEN + 1], text[WAREKI_TEXT_MAX];

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		ok_m(wareki_read(row[i][0], iso), "%s", row[i][0]);
		is_str(iso, row[i][1]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok_m(!wareki_read(bad[i], iso), "not a day: %s", bad[i]);
	ok(wareki_write("2019-05-01", text));
	is_str(text, "令和元年5月1日");
	ok(wareki_write("1989-01-07", text));
	is_str(text, "昭和64年1月7日");
	ok(!wareki_write("1872-12-31", text));
	ok(!wareki_write("2026-02-30", text));
}

static void
finds(const char *s, const char *want)
{
	size_t from, to;
	bool found = mynumber_find(s, strlen(s), &from, &to);

	ok_m(found == !!want, "%s", s);
	if (found && want)
		is_bytes(s + from, to - from, want, strlen(want));
}

static void
test_mynumber(void)
{
	finds("123456789018", "123456789018");
	finds("番号は123456789018です", "123456789018");
	finds("1234-5678-9018", "1234-5678-9018");
	finds("1234 5678 9018.", "1234 5678 9018");
	finds("１２３４５６７８９０１８", "１２３４５６７８９０１８");
	finds("2026 123456789018", "123456789018");
	finds("123456789012 123456789018", "123456789018");
	finds("123456789012", NULL);
	finds("1123456789018", NULL);
	finds("1234567890189", NULL);
	finds("1234-5678-9018-0000", NULL);
	finds("0000-1234-5678-9018", NULL);
	finds("", NULL);
	finds("35.123456789018", NULL);
	finds("{\"lat\":35.123456789018,\"n\":123456789018}", "123456789018");
	finds("123456789018.0", "123456789018");
	finds("No.123456789018", "123456789018");
	ok(mynumber_in_bytes(bytes_str("a 1234-5678-9018")));
	ok(!mynumber_in_bytes(bytes_str("\xff\xd8 123456789018")));
	ok(mynumber_is(123456789018));
	ok(!mynumber_is(123456789012));
	ok(!mynumber_is(-1));
	ok(!mynumber_is(1123456789018));
}

int
main(void)
{
	struct arena *a = arena_new();

	test_widths(a);
	test_wareki();
	test_mynumber();
	arena_free(&a);
	return tap_done();
}
