/* SPDX-License-Identifier: MIT */
/*
 * The one byte buffer. Grows up to a mandatory ceiling; always NUL-ended; may
 * hold NULs. Appending past `max` sets `over` and drops the bytes: check once
 * at the end with buf_ok(). All building of text, XML, JSON and HTTP goes
 * through it.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct buf {
	char *data; /* never NULL after buf_init */
	size_t len;
	size_t cap;
	size_t max;
	bool over;
	bool secret; /* wiped when grown or freed */
};

/* A borrowed run of bytes. */
struct bytes {
	const uint8_t *data;
	size_t len;
};

#define bytes_of(p, n) ((struct bytes){ (const uint8_t *)(p), (n) })
struct bytes bytes_str(const char *s);
struct bytes bytes_buf(const struct buf *b);
bool bytes_equal(struct bytes a, struct bytes b);

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);
void buf_reset(struct buf *b);
/* 0, or -1 with FAULT_TOO_LARGE naming `what`. */
int buf_ok(const struct buf *b, const char *what, struct err *e);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_bytes(struct buf *b, struct bytes s);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_int(struct buf *b, int64_t v);
void buf_fmt(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void buf_vfmt(struct buf *b, const char *fmt, va_list ap);
/* XML character data and attribute values: & < > " ' and CR, plus control
   characters that XML 1.0 cannot hold replaced by U+FFFD. */
void buf_xml(struct buf *b, const char *s);
void buf_xml_n(struct buf *b, const char *s, size_t n);
/* A JSON string with its quotes. */
void buf_json(struct buf *b, const char *s);
void buf_json_n(struct buf *b, const char *s, size_t n);
void buf_base64(struct buf *b, const void *p, size_t n);
void buf_hex(struct buf *b, const void *p, size_t n); /* lower case */
/* Removes n bytes from the front. */
void buf_drop(struct buf *b, size_t n);
/* Keeps the first n bytes, and forgets that more was refused. */
void buf_cut(struct buf *b, size_t n);
