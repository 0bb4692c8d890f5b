/* SPDX-License-Identifier: MIT */
/*
 * The letters of a file: UTF-8 when they are, else CP932 as office programs
 * write it. What is no character of CP932 becomes 〓 and is reported by line.
 */
#include "opendata_int.h"

#include <string.h>

#include "cp932.h"
#include "err.h"
#include "mem.h"
#include "text.h"

/* The bytes of the next character, 0 when they are none. */
static size_t
char_length(const uint8_t *p, size_t n)
{
	if (*p < 0x80 || (*p >= 0xa1 && *p <= 0xdf))
		return 1;
	return n > 1 && *p != 0x80 && *p != 0xa0 && *p < 0xfd ? 2 : 0;
}

/* F040 to F9FC: an office's own characters, which mean nothing elsewhere. */
static bool
is_gaiji(const uint8_t *p)
{
	return *p >= 0xf0 && *p <= 0xf9;
}

static void
lost(struct sheet *s, int line, const uint8_t *p, size_t n)
{
	s->unreadable++;
	sheet_note(s,
		arena_printf(s->arena,
			"%d 行目: CP932 にない文字(16 進 %02x%02x、外字など)を "
			"〓 に置き換えました",
			line, p[0], n > 1 ? p[1] : 0),
		arena_printf(s->arena,
			"line %d: a character that CP932 does not have (bytes "
			"%02x%02x) became 〓",
			line, p[0], n > 1 ? p[1] : 0));
}

static void
decode_cp932(struct sheet *s, struct bytes text, struct buf *b)
{
	const uint8_t *p = text.data, *end = p + text.len;
	int line = 1;

	while (p < end) {
		size_t left = (size_t)(end - p), n = char_length(p, left);
		size_t was = b->len;

		if (*p == '\n')
			line++;
		if (!n || is_gaiji(p) || !cp932_read(b, p, n)) {
			buf_cut(b, was);
			buf_str(b, "〓");
			lost(s, line, p, n);
			/* a trail byte that is a line's end is not one */
			n = n == 2 && p[1] >= 0x40 ? 2 : 1;
		}
		p += n;
	}
}

/* Zero bytes are in what spreadsheets call "Unicode text", and in no list. */
static int
refuse_foreign(struct bytes text, struct err *e)
{
	if (text.len >= 2 && text.data[0] == 'P' && text.data[1] == 'K')
		return fail(e, FAULT_BAD_REQUEST,
			"this is a spreadsheet (or a ZIP file), not CSV: open "
			"it and save the sheet as \"CSV UTF-8\"");
	if (text.len && memchr(text.data, 0, text.len))
		return fail(e, FAULT_BAD_REQUEST,
			"the file has zero bytes, as UTF-16 (\"Unicode text\") "
			"does: save it as \"CSV UTF-8\"");
	return 0;
}

int
sheet_decode(struct sheet *s, struct bytes text, char **out, struct err *e)
{
	struct buf b;
	int ret;

	if (refuse_foreign(text, e))
		return -1;
	s->encoding = "UTF-8";
	if (text.len >= 3 && !memcmp(text.data, "\xef\xbb\xbf", 3)) {
		text = bytes_of(text.data + 3, text.len - 3);
		s->encoding = "UTF-8 (BOM)";
	}
	if (utf8_valid((const char *)text.data, text.len)) {
		*out = arena_strndup(
			s->arena, (const char *)text.data, text.len);
		return 0;
	}
	s->encoding = "CP932";
	buf_init(&b, (size_t)4 * OPENDATA_BYTES_MAX);
	decode_cp932(s, text, &b);
	ret = buf_ok(&b, "the file", e);
	if (!ret)
		*out = arena_strndup(s->arena, b.data, b.len);
	buf_done(&b);
	if (!ret && s->unreadable * 10 > (int64_t)text.len)
		return fail(e, FAULT_BAD_REQUEST,
			"the file is neither UTF-8 nor CP932: save it as \"CSV "
			"UTF-8\"");
	return ret;
}
