/* SPDX-License-Identifier: MIT */
/*
 * What the columns of a list hold. A column is a number or a date when all of
 * its values are; codes, ids and telephone numbers stay text whatever they
 * look like, because their zeros count. Values are made one: 1,234 is 1234,
 * 令和8年4月1日 is 2026-04-01, and a municipality code gets the zero back that
 * a spreadsheet took.
 */
#include "opendata_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "japanese.h"
#include "mem.h"
#include "publicid.h"
#include "text.h"

enum { NUMBER_MAX = 40, INT_DIGITS = 15, MOSTLY = 2 };

static const char **
cell_at(const struct sheet *s, size_t row, size_t column)
{
	return &s->cell[row * s->columns + column];
}

/* Words in headings of what is written in digits and is no number. */
static bool
is_label(const char *heading)
{
	static const char *const word[] = { "コード", "番号", "電話", "FAX",
		"ＦＡＸ", "郵便", "カナ", "URL", "備考", "名称", "町字", "番地",
		NULL };

	for (size_t i = 0; word[i]; i++)
		if (strstr(heading, word[i]))
			return true;
	return str_iequal(heading, "ID") || str_suffix(heading, "ID");
}

/* Thousands' commas go, when they stand where they should. */
static bool
drop_commas(char *t)
{
	char *w = t, *comma = strchr(t, ',');

	if (!comma)
		return true;
	if (comma == t || comma - t > 4 || strchr(t, '.'))
		return false;
	for (const char *p = comma; *p == ','; p += 4)
		if (!isdigit((unsigned char)p[1]) ||
			!isdigit((unsigned char)p[2]) ||
			!isdigit((unsigned char)p[3]) || (p[4] && p[4] != ','))
			return false;
	for (const char *p = t; *p; p++)
		if (*p != ',')
			*w++ = *p;
	*w = '\0';
	return true;
}

static bool
as_number(struct arena *a, const char *text, bool real, const char **out)
{
	char *t = text_narrow(a, text);
	const char *p = t;
	size_t whole, part = 0;

	if (strlen(t) > NUMBER_MAX || !drop_commas(t))
		return false;
	p += *p == '-' || *p == '+';
	whole = strspn(p, "0123456789");
	if (whole > 1 && *p == '0')
		return false;
	if (p[whole] == '.')
		part = strspn(p + whole + 1, "0123456789") + 1;
	if (!whole || part == 1 || p[whole + part] || whole > INT_DIGITS ||
		(part && !real))
		return false;
	*out = *t == '+' ? t + 1 : t;
	return true;
}

static bool
as_date(struct arena *a, const char *text, const char **out)
{
	char iso[DAY_TEXT_LEN + 1];

	if (!wareki_read(text, iso))
		return false;
	*out = arena_strdup(a, iso);
	return true;
}

static bool
as(struct arena *a, enum datatable_kind kind, const char *text,
	const char **out)
{
	if (kind == DATATABLE_DATE)
		return as_date(a, text, out);
	return as_number(a, text, kind == DATATABLE_REAL, out);
}

/* How many values are of the kind; where the first is that is not. */
static size_t
count(const struct sheet *s, struct arena *a, size_t column,
	enum datatable_kind kind, size_t *values, size_t *odd)
{
	size_t good = 0;
	const char *made;

	*values = 0;
	*odd = s->rows;
	for (size_t r = 0; r < s->rows; r++) {
		const char *text = *cell_at(s, r, column);

		if (!text)
			continue;
		++*values;
		if (as(a, kind, text, &made))
			good++;
		else if (*odd == s->rows)
			*odd = r;
	}
	return good;
}

static void
tell_odd(struct sheet *s, size_t column, size_t row)
{
	const char *heading = s->heading[column];
	const char *text = *cell_at(s, row, column);

	sheet_note(s,
		arena_printf(s->arena,
			"列「%s」は %d 行目が「%.60s」なので、文字列として扱い"
			"ます",
			heading, s->line[row], text),
		arena_printf(s->arena,
			"column \"%s\" is kept as text because of \"%.60s\" in "
			"line %d",
			heading, text, s->line[row]));
}

static void
rewrite(struct sheet *s, size_t column)
{
	for (size_t r = 0; r < s->rows; r++) {
		const char **cell = cell_at(s, r, column);

		if (*cell)
			(void)as(s->arena, s->column[column].kind, *cell, cell);
	}
}

static void
infer_column(struct sheet *s, size_t column)
{
	static const enum datatable_kind kind[] = { DATATABLE_INT,
		DATATABLE_REAL, DATATABLE_DATE };
	struct arena *scratch = arena_new();
	size_t values, odd, told = s->rows;

	for (size_t i = 0; i < sizeof(kind) / sizeof(*kind); i++) {
		size_t good = count(s, scratch, column, kind[i], &values, &odd);

		arena_reset(scratch);
		if (values && good == values) {
			s->column[column].kind = kind[i];
			rewrite(s, column);
			told = s->rows;
			break;
		}
		if (good * MOSTLY > values)
			told = odd;
	}
	arena_free(&scratch);
	if (told < s->rows)
		tell_odd(s, column, told);
}

/* Spreadsheets drop the zero of Hokkaido to Tochigi. */
static void
mend_codes(struct sheet *s, size_t column)
{
	struct publicid id;
	size_t mended = 0, bad = s->rows;

	for (size_t r = 0; r < s->rows; r++) {
		const char **cell = cell_at(s, r, column);
		char *text = *cell ? text_narrow(s->arena, *cell) : NULL;

		if (!text)
			continue;
		if (strlen(text) == PUBLICID_TOWN_LEN - 1) {
			publicid_read(arena_printf(s->arena, "0%s", text), &id);
			if (id.kind == PUBLICID_TOWN && id.good) {
				text = arena_printf(s->arena, "0%s", text);
				mended++;
			}
		}
		publicid_read(text, &id);
		if ((id.kind != PUBLICID_TOWN || !id.good) && bad == s->rows)
			bad = r;
		*cell = text;
	}
	if (mended)
		sheet_note(s,
			arena_printf(s->arena,
				"列「%s」: 失われた先頭の 0 を %zu 行で補いました",
				s->heading[column], mended),
			arena_printf(s->arena,
				"column \"%s\": the leading zero was put back "
				"in %zu rows",
				s->heading[column], mended));
	if (bad < s->rows)
		sheet_note(s,
			arena_printf(s->arena,
				"%d 行目: 「%.40s」は全国地方公共団体コードとして"
				"正しくありません(そのまま取り込みました)",
				s->line[bad], *cell_at(s, bad, column)),
			arena_printf(s->arena,
				"line %d: \"%.40s\" is no right municipality "
				"code (taken as it is)",
				s->line[bad], *cell_at(s, bad, column)));
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every row has a value, and each another one. *row: the first that has not,
   in no certain order for repeated ones. */
static bool
is_key(const struct sheet *s, size_t column)
{
	const char **value = mem_array(s->rows, sizeof(*value));
	bool good = true;

	for (size_t r = 0; good && r < s->rows; r++) {
		value[r] = *cell_at(s, r, column);
		good = value[r] != NULL;
	}
	if (good)
		qsort(value, s->rows, sizeof(*value), by_text);
	for (size_t r = 1; good && r < s->rows; r++)
		good = strcmp(value[r - 1], value[r]) != 0;
	mem_free(value);
	return good;
}

static void
find_key(struct sheet *s)
{
	static const char *const name[] = { "ID", "NO", "No.", "番号", NULL };
	int at = -1;

	for (size_t i = 0; name[i] && at < 0; i++)
		at = sheet_find(s, name[i]);
	if (at < 0 && !s->set && is_key(s, 0))
		at = 0;
	if (at < 0)
		return;
	if (s->column[at].kind != DATATABLE_REAL && is_key(s, (size_t)at)) {
		s->key = at;
		return;
	}
	sheet_note(s,
		arena_printf(s->arena,
			"列「%s」に空欄か重複があるので、ID で 1 件を取り出す"
			"サービスは作りません",
			s->heading[at]),
		arena_printf(s->arena,
			"column \"%s\" has empty or repeated values: there is "
			"no service for one row by its ID",
			s->heading[at]));
}

void
sheet_infer(struct sheet *s)
{
	for (size_t c = 0; c < s->columns; c++) {
		if ((int)c == s->code)
			mend_codes(s, c);
		else if (!is_label(s->heading[c]))
			infer_column(s, c);
	}
	find_key(s);
}
