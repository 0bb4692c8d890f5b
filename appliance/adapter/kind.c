/* SPDX-License-Identifier: MIT */
/*
 * The table of kinds and how each reads a parameter. What people type in
 * Japanese (full-width digits, eras, half-width kana) becomes the one form
 * that databases keep.
 */
#include "kind.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "datasource.h"
#include "japanese.h"
#include "kind_int.h"
#include "mem.h"
#include "publicid.h"
#include "text.h"

enum { NUMBER_MAX = 64, POSTAL_LEN = 7, PHONE_SHORT = 10, PHONE_LONG = 11 };

static const char digits[] = "0123456789";

bool
number_is(const char *v)
{
	size_t n;

	v += *v == '-' || *v == '+';
	n = strspn(v, digits);
	v += n;
	if (*v == '.') {
		size_t m = strspn(v + 1, digits);

		v += m + 1;
		n += m;
	}
	if (n && (*v == 'e' || *v == 'E')) {
		v++;
		v += *v == '-' || *v == '+';
		n = strspn(v, digits);
		v += n;
	}
	return n && !*v;
}

bool
number_read(const char *v, double *out)
{
	if (strlen(v) >= NUMBER_MAX || !number_is(v))
		return false;
	*out = strtod(v, NULL);
	return isfinite(*out);
}

bool
int_fits(const struct kind *k, int64_t n)
{
	return !str_equal(k->xsd, "int") || (n >= INT32_MIN && n <= INT32_MAX);
}

bool
moment_is(const char *v, bool date)
{
	char text[MOMENT_MAX + DAY_TEXT_LEN + 1];
	size_t n = strlen(v);
	int64_t ms;

	if (n > MOMENT_MAX || (date && n != DAY_TEXT_LEN))
		return false;
	if (!date && !time_parse(v, &ms, NULL))
		return true;
	snprintf(text, sizeof(text), "%s%s", v, date ? "T00:00:00Z" : "Z");
	return !time_parse(text, &ms, NULL);
}

static bool
take(struct cell *out, const char *text)
{
	*out = (struct cell){ .kind = CELL_TEXT, .text = bytes_str(text) };
	return true;
}

static bool
read_text(
	const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	(void)k;
	return take(out, arena_strdup(a, v));
}

static bool
read_int(const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	(void)a;
	*out = (struct cell){ .kind = CELL_INT };
	return !int_parse(v, INT64_MIN, INT64_MAX, &out->number, NULL) &&
	       int_fits(k, out->number);
}

static bool
read_real(
	const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	(void)k;
	(void)a;
	*out = (struct cell){ .kind = CELL_REAL };
	return number_read(v, &out->real);
}

/* Exact: its digits go to the database as they are. */
static bool
read_decimal(
	const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	double d;

	(void)k;
	return number_read(v, &d) && take(out, arena_strdup(a, v));
}

static bool
read_bool(
	const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	bool yes = str_iequal(v, "true") || str_equal(v, "1");

	(void)k;
	(void)a;
	*out = (struct cell){ .kind = CELL_BOOL, .number = yes };
	return yes || str_iequal(v, "false") || str_equal(v, "0");
}

static bool
read_day(const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	(void)k;
	return moment_is(v, true) && take(out, arena_strdup(a, v));
}

static bool
read_moment(
	const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	(void)k;
	return moment_is(v, false) && take(out, arena_strdup(a, v));
}

static bool
read_blob(
	const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	(void)k;
	*out = (struct cell){ .kind = CELL_BLOB };
	return !base64_decode(a, v, strlen(v), &out->text, NULL);
}

static bool
read_corporate(
	const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	char *s = str_trim(text_narrow(a, v)), *to = s;
	struct publicid id;

	(void)k;
	/* T6-0000-2027-1004, as invoices have it */
	for (const char *p = s; *p; p++)
		if (*p != '-' || p == s || !p[1])
			*to++ = *p;
	*to = '\0';
	s += *s == 'T' && strlen(s) == PUBLICID_CORPORATE_LEN + 1;
	publicid_read(s, &id);
	return id.kind == PUBLICID_CORPORATE && id.good && take(out, s);
}

/* Five digits get their check digit. */
static bool
read_town(
	const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	struct publicid id;

	(void)k;
	publicid_read(str_trim(text_narrow(a, v)), &id);
	return (id.kind == PUBLICID_TOWN || id.kind == PUBLICID_TOWN_SHORT) &&
	       id.good && take(out, arena_strdup(a, id.town));
}

/* Without the characters of `drop`; false if others than digits are left. */
static bool
keep_digits(char *s, const char *drop)
{
	char *to = s;

	for (; *s; s++) {
		if (strchr(drop, *s))
			continue;
		if (*s < '0' || *s > '9')
			return false;
		*to++ = *s;
	}
	*to = '\0';
	return true;
}

/* 〒123-4567 becomes 1234567, as Japan Post's own table has it. */
static bool
read_postal(
	const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	char *s = str_trim(text_narrow(a, v));
	size_t len;

	(void)k;
	if (str_prefix(s, "〒"))
		s = str_trim(s + strlen("〒"));
	len = strlen(s);
	if (len == POSTAL_LEN + 1 && s[3] != '-')
		return false;
	return len <= POSTAL_LEN + 1 && keep_digits(s, "-") &&
	       strlen(s) == POSTAL_LEN && take(out, s);
}

static bool
read_phone(
	const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	char *s = str_trim(text_narrow(a, v));
	size_t len;

	(void)k;
	if (str_prefix(s, "+81")) {
		/* with the 0 or without it: +81-6-..., +81 (0)6-... */
		s += strlen("+81");
		s += strspn(s, "-() 0") - 1;
		*s = '0';
	}
	if (!keep_digits(s, "-() "))
		return false;
	len = strlen(s);
	return *s == '0' && s[1] != '0' &&
	       (len == PHONE_SHORT || len == PHONE_LONG) && take(out, s);
}

static bool
read_kana(
	const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	char *s = kana_wide(a, v);

	(void)k;
	return kana_is(s) && take(out, s);
}

static bool
read_wareki(
	const struct kind *k, struct arena *a, const char *v, struct cell *out)
{
	char *iso = arena_alloc(a, DAY_TEXT_LEN + 1);

	(void)k;
	return wareki_read(v, iso) && take(out, iso);
}

#define INT_ROW(name, xsd, format)                                          \
 {                                                                          \
  name, xsd, "integer", format, NULL, "a whole number", "整数", true, true, \
	  false, read_int, write_int                                        \
 }
#define REAL_ROW(name, xsd, format)                                         \
 {                                                                          \
  name, xsd, "number", format, NULL, "a number", "数値", true, true, false, \
	  read_real, write_real                                             \
 }
#define MOMENT_ROW(name)                                           \
 {                                                                 \
  name, "dateTime", "string", "date-time", NULL,                   \
	  "a time such as 2026-11-21T06:42:00Z",                   \
	  "2026-11-21T06:42:00Z のような日時", false, false, true, \
	  read_moment, write_moment                                \
 }
#define TEXT_ROW(name, example, want, want_ja, read)                           \
 {                                                                             \
  name, "string", "string", NULL, example, want, want_ja, false, false, false, \
	  read, write_text                                                     \
 }

static const struct kind kinds[] = {
	TEXT_ROW("STRING", NULL, "text", "文字列", read_text),
	INT_ROW("INTEGER", "int", "int32"),
	INT_ROW("INT", "int", "int32"),
	INT_ROW("INT32", "int", "int32"),
	INT_ROW("LONG", "long", "int64"),
	INT_ROW("INT64", "long", "int64"),
	REAL_ROW("DOUBLE", "double", "double"),
	REAL_ROW("FLOAT", "float", "float"),
	{ "DECIMAL", "decimal", "number", NULL, NULL, "a number", "数値", true,
		true, false, read_decimal, write_decimal },
	{ "BOOLEAN", "boolean", "boolean", NULL, NULL, "true or false",
		"true または false", true, false, false, read_bool,
		write_bool },
	{ "DATE", "date", "string", "date", NULL, "a date such as 2026-11-21",
		"2026-11-21 のような日付", false, false, true, read_day,
		write_day },
	MOMENT_ROW("TIMESTAMP"),
	MOMENT_ROW("DATETIME"),
	{ "BINARY", "base64Binary", "string", "byte", NULL, "base64", "Base64",
		false, false, false, read_blob, write_blob },
	TEXT_ROW("CORPORATE_NUMBER", "6000020271004",
		"a corporate number: 13 digits with a check digit that fits",
		"法人番号(検査数字の合う13桁)", read_corporate),
	TEXT_ROW("TOWN_CODE", "272035",
		"a municipality code: 6 digits with a check digit that fits, "
		"or 5 without",
		"全国地方公共団体コード(検査数字の合う6桁、または5桁)",
		read_town),
	TEXT_ROW("POSTAL_CODE", "530-0001", "a postal code such as 530-0001",
		"530-0001 のような郵便番号", read_postal),
	TEXT_ROW("KANA", "チュウオウコウエン", "katakana", "カタカナ",
		read_kana),
	TEXT_ROW("PHONE", "06-6208-8181",
		"a telephone number of Japan, 10 or 11 digits from 0 on",
		"0 から始まる10桁または11桁の電話番号", read_phone),
	{ "WAREKI", "string", "string", NULL, "令和8年11月21日",
		"a day such as 令和8年11月21日, R8.11.21 or 2026-11-21",
		"令和8年11月21日、R8.11.21、2026-11-21 のような日付", false,
		false, true, read_wareki, write_wareki },
};

const struct kind kind_any = TEXT_ROW(
	"ANY", NULL, "a text or a number", "文字列または数値", read_text);

const struct kind *
kind_row(size_t i)
{
	return i < sizeof(kinds) / sizeof(*kinds) ? &kinds[i] : NULL;
}

/* Other words for them, as a services.json of the Connector may have. */
static const struct {
	const char *word, *name;
} alias[] = {
	{ "TEXT", "STRING" },
	{ "SHORT", "INTEGER" },
	{ "NUMBER", "DECIMAL" },
	{ "DATE_TIME", "TIMESTAMP" },
	{ "DATE-TIME", "TIMESTAMP" },
	{ "BYTE", "BINARY" },
	{ "BASE64BINARY", "BINARY" },
	{ "BASE64_BINARY", "BINARY" },
};

const struct kind *
kind_find(const char *name)
{
	const struct kind *k;

	for (size_t i = 0; i < sizeof(alias) / sizeof(*alias); i++)
		if (str_iequal(alias[i].word, name))
			name = alias[i].name;
	for (size_t i = 0; (k = kind_row(i)); i++)
		if (str_iequal(k->name, name))
			return k;
	return NULL;
}
