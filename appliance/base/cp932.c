/* SPDX-License-Identifier: MIT */
/*
 * CP932 to Unicode and back. One table in the order of the codes; the way back
 * looks into a second one, sorted by character.
 */
#include "cp932.h"

#include <stdlib.h>

#include "cp932_table.h"
#include "text_int.h"

enum {
	GETA_LEAD = 0x81,
	GETA_TRAIL = 0xac, /* 〓: no type for this character */
	SELECTOR_FIRST = 0xe0100,
	SELECTOR_LAST = 0xe01ef,
	SELECTOR_OLD_FIRST = 0xfe00,
	SELECTOR_OLD_LAST = 0xfe0f,
};

static int
by_char(const void *key, const void *row)
{
	uint32_t c = *(const uint32_t *)key;
	const struct cp932_row *r = row;

	return (c > r->c) - (c < r->c);
}

static int
by_code(const void *key, const void *row)
{
	uint32_t code = *(const uint32_t *)key;
	const struct cp932_row *r = row;

	return (code > r->code) - (code < r->code);
}

/* The same character of JIS X 0208 to others than Microsoft, Microsoft's. */
static const uint32_t twins[][2] = {
	{ 0x2212, 0xff0d }, /* minus */
	{ 0x301c, 0xff5e }, /* wave dash */
	{ 0x2014, 0x2015 }, /* dash */
	{ 0x2016, 0x2225 }, /* double line */
	{ 0x00a2, 0xffe0 }, /* cent */
	{ 0x00a3, 0xffe1 }, /* pound */
	{ 0x00ac, 0xffe2 }, /* not */
};

size_t
cp932_of(uint32_t c, uint8_t out[2])
{
	const struct cp932_row *r;

	for (size_t i = 0; i < sizeof(twins) / sizeof(*twins); i++)
		if (c == twins[i][0])
			c = twins[i][1];

	if (c < 0x80) {
		out[0] = (uint8_t)c;
		return 1;
	}
	r = bsearch(
		&c, cp932_by_char, (size_t)CP932_CHARS, sizeof(*r), by_char);
	if (!r)
		return 0;
	if (r->code < 0x100) {
		out[0] = (uint8_t)r->code;
		return 1;
	}
	out[0] = (uint8_t)(r->code >> 8);
	out[1] = (uint8_t)(r->code & 0xff);
	return 2;
}

static bool
is_selector(uint32_t c)
{
	return (c >= SELECTOR_FIRST && c <= SELECTOR_LAST) ||
	       (c >= SELECTOR_OLD_FIRST && c <= SELECTOR_OLD_LAST);
}

static void
note(struct cp932_report *r, uint32_t c, int64_t row, const char *column)
{
	r->count++;
	if (r->told < CP932_TOLD)
		r->lost[r->told++] = (struct cp932_lost){ c, row, column };
}

void
cp932_write(struct buf *b, const char *s, size_t n, struct cp932_report *report,
	int64_t row, const char *column)
{
	size_t at = 0, used, len;
	uint8_t code[2];

	for (; at < n; at += used) {
		uint32_t c = utf8_next(s + at, n - at, &used);

		len = cp932_of(c, code);
		if (!len) {
			note(report, c, row, column);
			if (is_selector(c))
				continue;
			code[0] = GETA_LEAD;
			code[1] = GETA_TRAIL;
			len = 2;
		}
		buf_add(b, code, len);
	}
}

static void
add_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_char(b, (char)c);
	} else if (c < 0x800) {
		buf_char(b, (char)(0xc0 | c >> 6));
		buf_char(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_char(b, (char)(0xe0 | c >> 12));
		buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(b, (char)(0x80 | (c & 0x3f)));
	}
}

bool
cp932_read(struct buf *b, const void *p, size_t n)
{
	const uint8_t *s = p;
	const struct cp932_row *r;

	for (size_t at = 0; at < n; at++) {
		uint32_t code = s[at];

		if (code < 0x80) {
			buf_char(b, (char)code);
			continue;
		}
		if (!(code >= 0xa1 && code <= 0xdf)) {
			if (at + 1 == n)
				return false;
			code = code << 8 | s[++at];
		}
		r = bsearch(&code, cp932_by_code, (size_t)CP932_CODES,
			sizeof(*r), by_code);
		if (!r)
			return false;
		add_utf8(b, r->c);
	}
	return true;
}
