/* SPDX-License-Identifier: MIT */
/*
 * The byte buffer and its escaping verbs. Peers' text enters XML and JSON only
 * through buf_xml() and buf_json().
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "mem.h"
#include "text.h"
#include "text_int.h"

/* Grows by a factor of BUF_QUICK until it is large, then doubles. */
enum { BUF_FIRST = 64, BUF_QUICK = 4, BUF_LARGE = 16 * 1024 };

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

struct bytes
bytes_str(const char *s)
{
	return bytes_of(s, s ? strlen(s) : 0);
}

struct bytes
bytes_buf(const struct buf *b)
{
	return bytes_of(b->data, b->len);
}

bool
bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
	b->cap = BUF_FIRST;
	b->data = mem_alloc(b->cap);
}

void
buf_done(struct buf *b)
{
	if (b->secret && b->data)
		mem_wipe(b->data, b->cap);
	mem_free(b->data);
	*b = (struct buf){ 0 };
}

void
buf_reset(struct buf *b)
{
	if (b->secret)
		mem_wipe(b->data, b->len);
	b->len = 0;
	b->over = false;
	b->data[0] = '\0';
}

int
buf_ok(const struct buf *b, const char *what, struct err *e)
{
	if (!b->over)
		return 0;
	return fail(e, FAULT_TOO_LARGE, "%s is larger than %zu bytes", what,
		b->max);
}

/* Room for n more bytes and the NUL; false sets over. */
static bool
buf_room(struct buf *b, size_t n)
{
	size_t cap;
	char *data;

	if (b->over || n > b->max || b->len > b->max - n) {
		b->over = true;
		return false;
	}
	if (b->len + n < b->cap)
		return true;
	cap = b->cap;
	while (cap <= b->len + n)
		cap = cap > SIZE_MAX / BUF_QUICK ? b->len + n + 1
		      : cap < BUF_LARGE          ? cap * BUF_QUICK
						 : cap * 2;
	if (b->secret) {
		data = mem_alloc(cap);
		memcpy(data, b->data, b->len);
		mem_wipe(b->data, b->cap);
		mem_free(b->data);
		b->data = data;
	} else {
		b->data = mem_grow(b->data, cap);
	}
	b->cap = cap;
	return true;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0 || !buf_room(b, n))
		return;
	memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_bytes(struct buf *b, struct bytes s)
{
	buf_add(b, s.data, s.len);
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_int(struct buf *b, int64_t v)
{
	char text[INT_TEXT_MAX];

	buf_add(b, text, int_text(text, v));
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(b, fmt, ap);
	va_end(ap);
}

void
buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
	size_t left = b->cap - b->len;
	va_list again;
	int n;

	if (b->over)
		return;
	va_copy(again, ap);
	n = vsnprintf(b->data + b->len, left, fmt, ap);
	assert(n >= 0);
	if ((size_t)n >= left || b->len + (size_t)n > b->max) {
		b->data[b->len] = '\0';
		if (buf_room(b, (size_t)n))
			vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
	}
	b->len += b->over ? 0 : (size_t)n;
	va_end(again);
}

/* XML 1.0 production [2] Char. */
static bool
xml_char(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	return c <= 0x10ffff && c != 0xfffe && c != 0xffff;
}

static const char *
xml_escape(uint32_t c)
{
	static const struct {
		uint32_t c;
		const char *text;
	} row[] = {
		{ '&', "&amp;" },
		{ '<', "&lt;" },
		{ '>', "&gt;" },
		{ '"', "&quot;" },
		{ '\'', "&#39;" },
		{ '\r', "&#13;" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (row[i].c == c)
			return row[i].text;
	return xml_char(c) ? NULL : REPLACEMENT;
}

void
buf_xml_n(struct buf *b, const char *s, size_t n)
{
	size_t i = 0, used, plain = 0;

	while (i < n) {
		const char *text = xml_escape(utf8_next(s + i, n - i, &used));

		if (text) {
			buf_add(b, s + plain, i - plain);
			buf_str(b, text);
			plain = i + used;
		}
		i += used;
	}
	buf_add(b, s + plain, n - plain);
}

void
buf_xml(struct buf *b, const char *s)
{
	buf_xml_n(b, s, strlen(s));
}

/* NULL if the character stands for itself; else its escape, in out if made. */
static const char *
json_escape(uint32_t c, char out[8])
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	const char *p;

	if (c == UINT32_MAX)
		return REPLACEMENT;
	if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
		return NULL;
	for (p = named; *p; p += 2) {
		if ((uint32_t)*p == c) {
			snprintf(out, 8, "\\%c", p[1]);
			return out;
		}
	}
	snprintf(out, 8, "\\u%04x", (unsigned)(c & 0xff));
	return out;
}

void
buf_json(struct buf *b, const char *s)
{
	buf_json_n(b, s, strlen(s));
}

void
buf_json_n(struct buf *b, const char *s, size_t n)
{
	size_t i = 0, used, plain = 0;
	char made[8];

	buf_char(b, '"');
	while (i < n) {
		const char *text =
			json_escape(utf8_next(s + i, n - i, &used), made);

		if (text) {
			buf_add(b, s + plain, i - plain);
			buf_str(b, text);
			plain = i + used;
		}
		i += used;
	}
	buf_add(b, s + plain, n - plain);
	buf_char(b, '"');
}

void
buf_drop(struct buf *b, size_t n)
{
	assert(n <= b->len);
	memmove(b->data, b->data + n, b->len - n + 1);
	b->len -= n;
}

void
buf_cut(struct buf *b, size_t n)
{
	assert(n <= b->len);
	b->len = n;
	b->over = false;
	b->data[n] = '\0';
}
