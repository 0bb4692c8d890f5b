/* SPDX-License-Identifier: MIT */
/*
 * Names as XML elements. Java's parsers, X-Road's among them, know the names
 * of XML 1.0 up to its fourth edition, not those of the fifth; a column like
 * 災害種別_崖崩れ、土石流 is none to them. What does not fit becomes _xHHHH_,
 * as in SQL/XML (ISO 9075-14, 9.1).
 */
#include <ctype.h>
#include <string.h>

#include "adapter_int.h"
#include "mem.h"

/* XML 1.0, fourth edition, appendix B from U+3000 on: may begin a name. */
static const unsigned letter[][2] = {
	{ 0x3007, 0x3007 },
	{ 0x3021, 0x3029 },
	{ 0x3041, 0x3094 },
	{ 0x30a1, 0x30fa },
	{ 0x3105, 0x312c },
	{ 0x4e00, 0x9fa5 },
	{ 0xac00, 0xd7a3 },
};
/* May stand further on: combining characters and extenders. */
static const unsigned more[][2] = {
	{ 0x3005, 0x3005 },
	{ 0x302a, 0x302f },
	{ 0x3031, 0x3035 },
	{ 0x3099, 0x309a },
	{ 0x309d, 0x309e },
	{ 0x30fc, 0x30fe },
};

static bool
within(unsigned c, const unsigned (*row)[2], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (c >= row[i][0] && c <= row[i][1])
			return true;
	return false;
}

#define WITHIN(c, rows) within(c, rows, sizeof(rows) / sizeof(*(rows)))

/* The next character of a name that the catalog accepted: ASCII or three
   bytes of UTF-8. */
static unsigned
next_char(const unsigned char **p)
{
	const unsigned char *s = *p;

	if (*s < 0x80)
		return *(*p)++;
	*p += 3;
	return (s[0] & 0x0fu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
}

static bool
fits(unsigned c, bool first)
{
	if (c < 0x80)
		return isalpha((int)c) || c == '_' ||
		       (!first && (isdigit((int)c) || c == '-' || c == '.'));
	return WITHIN(c, letter) || (!first && WITHIN(c, more));
}

const char *
name_element(struct arena *a, const char *name)
{
	const unsigned char *p = (const unsigned char *)name, *from;
	const char *element;
	struct buf b;

	buf_init(&b, NAME_MAX_LEN * 3);
	for (from = p; *p; from = p) {
		unsigned c = next_char(&p);

		if (fits(c, b.len == 0))
			buf_add(&b, from, (size_t)(p - from));
		else
			buf_fmt(&b, "_x%04X_", c);
	}
	element = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return element;
}
