/* SPDX-License-Identifier: MIT */
/*
 * The heading of a list: names that services may have, and what the columns
 * are that every list has under a few names. Widths of letters differ from
 * file to file (料金(基本), 料金（基本）), so they are compared as one.
 */
#include "opendata_int.h"

#include <ctype.h>
#include <string.h>

#include "err.h"
#include "japanese.h"
#include "mem.h"
#include "text.h"

enum { NAME_BYTES_MAX = 100 };

int
sheet_find(const struct sheet *s, const char *heading)
{
	const char *want = text_narrow(s->arena, heading);

	for (size_t i = 0; i < s->columns; i++)
		if (str_iequal(text_narrow(s->arena, s->heading[i]), want))
			return (int)i;
	return -1;
}

/* Full-width forms of ASCII stand 0xfee0 further on. */
static void
put_wide(struct buf *b, char c)
{
	unsigned u = (unsigned char)c + 0xfee0u;

	buf_char(b, (char)(0xe0 | u >> 12));
	buf_char(b, (char)(0x80 | (u >> 6 & 0x3f)));
	buf_char(b, (char)(0x80 | (u & 0x3f)));
}

/* As adapter/field.c takes names: ASCII letters, digits, "_-.", CJK. */
static size_t
put_char(struct buf *b, const unsigned char *p)
{
	size_t n = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
	unsigned c = n == 3 ? (*p & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 |
				      (p[2] & 0x3fu)
			    : 0;

	if (n == 1 && (isalnum(*p) || strchr("_-.", *p)))
		buf_char(b, (char)*p);
	else if (n == 1 && *p > ' ' && *p < 0x7f)
		put_wide(b, (char)*p);
	else if ((c >= 0x3001 && c <= 0xd7ff) || (c >= 0xf900 && c <= 0xfdcf) ||
		 (c >= 0xfdf0 && c <= 0xfffd))
		buf_add(b, p, 3);
	else
		buf_char(b, '_');
	return n;
}

static char *
column_name(struct arena *a, const char *heading)
{
	const unsigned char *p = (const unsigned char *)heading;
	struct buf b;
	char *out;

	buf_init(&b, NAME_BYTES_MAX + 4);
	if (*p < 0x80 && !isalpha(*p) && *p != '_')
		buf_char(&b, '_');
	while (*p && b.len < NAME_BYTES_MAX - 3)
		p += put_char(&b, p);
	out = arena_strdup(a, b.data);
	buf_done(&b);
	return out;
}

static int
first_of(const struct sheet *s, const char *const *name)
{
	int at = -1;

	for (; *name && at < 0; name++)
		at = sheet_find(s, *name);
	return at;
}

static void
roles(struct sheet *s)
{
	static const char *const code[] = { "全国地方公共団体コード",
		"都道府県コード又は市区町村コード", "市区町村コード",
		"団体コード", NULL };
	static const char *const name[] = { "名称", "施設名称",
		"介護サービス事業所名称", "イベント名", "地域名", "施設名",
		"事業所名", "名前", "件名", "品名", "name", NULL };
	static const char *const kana[] = { "名称_カナ", "施設名称_カナ",
		"介護サービス事業所名称_カナ", "イベント名_カナ", "施設名_カナ",
		"フリガナ", "カナ", NULL };

	s->code = first_of(s, code);
	s->name = first_of(s, name);
	s->kana = first_of(s, kana);
	s->key = -1;
}

int
sheet_columns(struct sheet *s, struct err *e)
{
	s->column = arena_array(s->arena, s->columns, sizeof(*s->column));
	for (size_t i = 0; i < s->columns; i++) {
		s->column[i].name = column_name(s->arena, s->heading[i]);
		for (size_t j = 0; j < i; j++)
			if (str_iequal(s->column[i].name, s->column[j].name))
				return fail(e, FAULT_BAD_REQUEST,
					"two columns are called \"%.100s\"",
					s->heading[i]);
		if (!str_equal(s->column[i].name, s->heading[i]))
			sheet_note(s,
				arena_printf(s->arena,
					"列「%s」は、サービスでは「%s」になります",
					s->heading[i], s->column[i].name),
				arena_printf(s->arena,
					"column \"%s\" is called \"%s\" in "
					"services",
					s->heading[i], s->column[i].name));
	}
	roles(s);
	return 0;
}
