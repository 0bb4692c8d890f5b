/* SPDX-License-Identifier: MIT */
/*
 * What each kind of parameter takes and refuses, how columns are written, and
 * the rules of a field with the sentences for those who do not keep them.
 */
#include "kind.h"

#include <string.h>

#include "datasource.h"
#include "err.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

/* What is bound, as text; NULL: refused. */
static const char *
bound(struct arena *a, const char *kind, const char *text)
{
	const struct kind *k = kind_find(kind);
	struct cell v;
	char real[REAL_TEXT_MAX];

	if (!k->read(k, a, text, &v))
		return NULL;
	if (v.kind == CELL_INT)
		return arena_printf(a, "%lld", (long long)v.number);
	if (v.kind == CELL_BOOL)
		return v.number ? "true" : "false";
	if (v.kind == CELL_REAL) {
		real_text(v.real, real);
		return arena_strdup(a, real);
	}
	return arena_strndup(a, (const char *)v.text.data, v.text.len);
}

static void
test_read(struct arena *a)
{
	static const char *const row[][3] = {
		{ "STRING", "𠮷野家 葛󠄀城 ｱ①",
			"𠮷野家 葛󠄀城 ｱ①" },
		{ "INTEGER", "-2147483648", "-2147483648" },
		{ "INTEGER", "2147483648", NULL },
		{ "INTEGER", "1.0", NULL },
		{ "LONG", "9223372036854775807", "9223372036854775807" },
		{ "DOUBLE", "1e3", "1000" },
		{ "DOUBLE", "0x10", NULL },
		{ "DECIMAL", "12345678901234567890.12345",
			"12345678901234567890.12345" },
		{ "DECIMAL", "1,5", NULL },
		{ "BOOLEAN", "TRUE", "true" },
		{ "BOOLEAN", "はい", NULL },
		{ "DATE", "2028-02-29", "2028-02-29" },
		{ "DATE", "2026-02-29", NULL },
		{ "TIMESTAMP", "2026-11-21T06:42:00+09:00",
			"2026-11-21T06:42:00+09:00" },
		{ "TIMESTAMP", "2026-11-21", NULL },
		{ "BINARY", "44GC", "あ" },
		{ "BINARY", "4", NULL },
		{ "CORPORATE_NUMBER", "６０００020271004", "6000020271004" },
		{ "CORPORATE_NUMBER", "T7123456789012", "7123456789012" },
		{ "CORPORATE_NUMBER", "Ｔ７−１２３４−５６７８−９０１２",
			"7123456789012" },
		{ "CORPORATE_NUMBER", "6000020271005", NULL },
		{ "CORPORATE_NUMBER", "-6000020271004", NULL },
		{ "CORPORATE_NUMBER", "600002027100", NULL },
		{ "TOWN_CODE", "011002", "011002" },
		{ "TOWN_CODE", "01100", "011002" },
		{ "TOWN_CODE", "０１１００２", "011002" },
		{ "TOWN_CODE", "011003", NULL },
		{ "TOWN_CODE", "481002", NULL },
		{ "POSTAL_CODE", "〒530-0001", "5300001" },
		{ "POSTAL_CODE", "５３０－０００１", "5300001" },
		{ "POSTAL_CODE", "5300001", "5300001" },
		{ "POSTAL_CODE", "53-00001", NULL },
		{ "POSTAL_CODE", "530001", NULL },
		{ "PHONE", "06-6208-8181", "0662088181" },
		{ "PHONE", "（０６）６２０８－８１８１", "0662088181" },
		{ "PHONE", "+81-90-1234-5678", "09012345678" },
		{ "PHONE", "+81 (0)90 1234 5678", "09012345678" },
		{ "PHONE", "+81-06-6208-8181", "0662088181" },
		{ "PHONE", "００６６２０８８１８１", NULL },
		{ "PHONE", "+819012345678", "09012345678" },
		{ "PHONE", "110", NULL },
		{ "PHONE", "090-1234-567a", NULL },
		{ "PHONE", "+81", NULL },
		{ "PHONE", "", NULL },
		{ "KANA", "ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ" },
		{ "KANA", "やまだ", NULL },
		{ "KANA", "山田", NULL },
		{ "WAREKI", "令和元年5月1日", "2019-05-01" },
		{ "WAREKI", "R6.4.1", "2024-04-01" },
		{ "WAREKI", "平成31年5月1日", NULL },
		{ "WAREKI", "令和　元年　５月　１日", "2019-05-01" },
		{ "WAREKI", "昭64.1.7", "1989-01-07" },
		{ "WAREKI", "20190430", "2019-04-30" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		tap_note("%s %s", row[i][0], row[i][1]);
		is_str(bound(a, row[i][0], row[i][1]), row[i][2]);
	}
}

static const char *
written(struct arena *a, const char *kind, const struct cell *v)
{
	const struct kind *k = kind_find(kind);
	struct buf scratch;
	struct bytes text;
	char *out = NULL;

	buf_init(&scratch, 1000);
	if (k->write(k, v, &scratch, &text))
		out = arena_strndup(a, (const char *)text.data, text.len);
	buf_done(&scratch);
	return out;
}

static void
test_write(struct arena *a)
{
	static const char *const row[][3] = {
		{ "STRING", "𠮷", "𠮷" },
		{ "STRING", "\x8b\x67", NULL },
		{ "LONG", "12", "12" },
		{ "LONG", "many", NULL },
		{ "DECIMAL", "12.30", "12.30" },
		{ "DECIMAL", "-0.10", "-0.10" },
		{ "DECIMAL", ".5", "0.5" },
		{ "DECIMAL", "1.", "1" },
		{ "DECIMAL", "NaN", NULL },
		{ "BOOLEAN", "1", "true" },
		{ "BOOLEAN", "2", NULL },
		{ "DATE", "2026-11-21", "2026-11-21" },
		{ "TIMESTAMP", "2026-11-21 06:42:00.5+09",
			"2026-11-21T06:42:00.5+09:00" },
		{ "TIMESTAMP", "2026-11-21 06:42:00", "2026-11-21T06:42:00" },
		{ "WAREKI", "2026-11-21", "令和8年11月21日" },
		{ "PHONE", "内線 12", "内線 12" },
	};
	struct cell v = { .kind = CELL_TEXT };

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		v.text = bytes_str(row[i][1]);
		is_str(written(a, row[i][0], &v), row[i][2]);
	}
	v = (struct cell){ .kind = CELL_REAL, .real = 0.1 };
	is_str(written(a, "DOUBLE", &v), "0.1");
	is_str(written(a, "LONG", &v), NULL);
	is_str(written(a, "STRING", &v), "0.1");
	v = (struct cell){ .kind = CELL_BLOB, .text = bytes_str("あ") };
	is_str(written(a, "BINARY", &v), "44GC");
	is_str(written(a, "LONG", &v), NULL);
}

static void
refused(struct arena *a, const struct field *f, const char *text,
	const char *en, const char *ja)
{
	struct complaint c = { 0 };
	struct err e = ERR_INIT;
	struct cell v;

	ok_m(field_read(f, a, text, &v, &c, &e) == -1, "refused: %s", text);
	is_int(e.fault, FAULT_BAD_REQUEST);
	is_str(c.en, en);
	is_str(c.ja, ja);
	is_str(c.param, f->name);
}

static bool
taken(struct arena *a, const struct field *f, const char *text)
{
	struct complaint c = { 0 };
	struct cell v;

	return !field_read(f, a, text, &v, &c, NULL);
}

static void
test_rules(struct arena *a)
{
	static const char *allowed[] = { "北", "南" };
	struct field f = { .name = "x", .kind = kind_find("STRING") };
	struct err e = ERR_INIT;

	f.rules = RULES_NONE;
	f.rules.longest = 2;
	ok(!rules_check(a, &f, &e));
	ok(taken(a, &f, "𠮷野"));
	refused(a, &f, "𠮷野家",
		"parameter \"x\" is too long: at most 2 characters are expected",
		"パラメーター「x」は 2 文字以内で指定してください。");
	f.rules = RULES_NONE;
	f.rules.allowed = allowed;
	f.rules.allowed_n = 2;
	refused(a, &f, "東",
		"parameter \"x\": \"東\" is none of the allowed values 北, 南",
		"パラメーター「x」の値「東」は使えません。北, 南 "
		"のいずれかにしてください。");
	f.rules = RULES_NONE;
	f.rules.pattern = "[あいう]{3}|[0-9]+";
	ok(!rules_check(a, &f, &e));
	ok(taken(a, &f, "あいう"));
	ok(taken(a, &f, "42"));
	ok(!taken(a, &f, "あい"));
	ok(!taken(a, &f, "あいう4"));
	f.rules.pattern = "\\d+";
	ok(rules_check(a, &f, &e));
	f.rules.pattern = "[ぁ-ん]";
	ok(rules_check(a, &f, NULL));
	f.rules.pattern = "(";
	ok(rules_check(a, &f, NULL));
	f.rules = RULES_NONE;
	refused(a, &f, "番号 1234-5678-9018",
		"parameter \"x\" holds an Individual Number (My Number), which "
		"this service does not take",
		"パラメーター「x」に個人番号(マイナンバー)が含まれています。この"
		"サービスでは使えません。");
	f.mynumber = true;
	ok(taken(a, &f, "1234-5678-9018"));
	f.mynumber = false;
	f.kind = kind_find("DOUBLE");
	ok(taken(a, &f, "35.123456789018"));
	ok(!taken(a, &f, "123456789018"));
	f.kind = kind_find("BINARY");
	ok(!taken(a, &f, "bm8uIDEyMzQ1Njc4OTAxOA=="));
}

/* The same value written in another way. */
static void
test_allowed(struct arena *a)
{
	static const char *postal[] = { "530-0001" }, *number[] = { "5" };
	struct field f = { .name = "x", .kind = kind_find("POSTAL_CODE") };

	f.rules = RULES_NONE;
	f.rules.allowed = postal;
	f.rules.allowed_n = 1;
	ok(taken(a, &f, "〒５３０ー０００１"));
	ok(!taken(a, &f, "530-0002"));
	f.rules.allowed = number;
	f.kind = kind_find("DECIMAL");
	ok(taken(a, &f, "5.00"));
	ok(!taken(a, &f, "5.01"));
	f.kind = kind_find("STRING");
	ok(!taken(a, &f, "5.00"));
}

static void
test_ranges(struct arena *a)
{
	struct field f = { .name = "n", .kind = kind_find("LONG") };
	struct err e = ERR_INIT;

	f.rules = RULES_NONE;
	f.rules.least = "1";
	f.rules.greatest = "9007199254740993";
	ok(!rules_check(a, &f, &e));
	ok(taken(a, &f, "9007199254740993"));
	ok(!taken(a, &f, "9007199254740994"));
	refused(a, &f, "0",
		"parameter \"n\": \"0\" is too small: at least 1 is expected",
		"パラメーター「n」の値「0」は 1 以上にしてください。");
	f.kind = kind_find("DECIMAL");
	f.rules.greatest = "2.5";
	ok(taken(a, &f, "2.50"));
	ok(!taken(a, &f, "2.51"));
	f.kind = kind_find("WAREKI");
	f.rules.least = "平成31年4月30日";
	f.rules.greatest = NULL;
	ok(!rules_check(a, &f, &e));
	ok(taken(a, &f, "R1.5.1"));
	ok(!taken(a, &f, "H31.4.29"));
	f.kind = kind_find("STRING");
	ok(rules_check(a, &f, &e));
	f.kind = kind_find("LONG");
	f.rules = RULES_NONE;
	f.fallback = "x";
	ok(rules_check(a, &f, NULL));
	f.personal = true;
	f.fallback = NULL;
	refused(a, &f, "secret",
		"parameter \"n\": \"***\" is not a whole number (type LONG)",
		"パラメーター「n」の値「***」が正しくありません。整数で指定して"
		"ください。");
}

int
main(void)
{
	struct arena *a = arena_new();

	test_read(a);
	test_write(a);
	test_rules(a);
	test_allowed(a);
	test_ranges(a);
	arena_free(&a);
	return tap_done();
}
