/* SPDX-License-Identifier: MIT */
/*
 * DER reading and writing (X.690). The reader takes definite lengths only and
 * never looks past its end; the writer appends to a buffer.
 */
#include "trust_int.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"

struct der
der_open(struct bytes b)
{
	return (struct der){ b.data, b.data ? b.data + b.len : NULL };
}

bool
der_more(const struct der *d)
{
	return d->p < d->end;
}

int
der_peek(const struct der *d)
{
	return der_more(d) ? d->p[0] : 0;
}

struct bytes
der_rest(const struct der *d)
{
	return (struct bytes){ d->p, (size_t)(d->end - d->p) };
}

/* Reads tag and length; leaves the cursor at the content. */
static int
der_header(struct der *d, int *tag, size_t *len, struct err *e)
{
	if (d->end - d->p < 2)
		return fail(e, FAULT_INVALID_MESSAGE, "DER: element missing");
	*tag = d->p[0];
	if ((*tag & 0x1f) == 0x1f)
		return fail(e, FAULT_INVALID_MESSAGE, "DER: long tag");
	size_t n = d->p[1];
	d->p += 2;
	if (n >= 0x80) {
		size_t count = n & 0x7f;
		if (count == 0 || count > 4 || (size_t)(d->end - d->p) < count)
			return fail(e, FAULT_INVALID_MESSAGE,
				"DER: length not supported");
		for (n = 0; count; count--)
			n = n << 8 | *d->p++;
	}
	if (n > (size_t)(d->end - d->p))
		return fail(e, FAULT_INVALID_MESSAGE, "DER: truncated element");
	*len = n;
	return 0;
}

int
der_read(struct der *d, int tag, struct der *inner, struct err *e)
{
	struct der at = *d;
	int found;
	size_t len;
	if (der_header(&at, &found, &len, e))
		return -1;
	if (found != tag)
		return fail(e, FAULT_INVALID_MESSAGE,
			"DER: tag %02x instead of %02x", (unsigned)found,
			(unsigned)tag);
	*inner = (struct der){ at.p, at.p + len };
	d->p = at.p + len;
	return 0;
}

int
der_any(struct der *d, struct bytes *tlv, struct err *e)
{
	struct der at = *d;
	int found;
	size_t len;
	if (der_header(&at, &found, &len, e))
		return -1;
	*tlv = bytes_of(d->p, (size_t)(at.p - d->p) + len);
	d->p = at.p + len;
	return 0;
}

int
der_int(struct der *d, int64_t *out, struct err *e)
{
	struct der in;
	int tag = der_peek(d) == DER_ENUMERATED ? DER_ENUMERATED : DER_INTEGER;
	if (der_read(d, tag, &in, e))
		return -1;
	size_t n = (size_t)(in.end - in.p);
	if (n == 0 || n > 8)
		return fail(e, FAULT_INVALID_MESSAGE,
			"DER: integer of %zu bytes", n);
	uint64_t v = in.p[0] & 0x80 ? UINT64_MAX : 0;
	for (; in.p < in.end; in.p++)
		v = v << 8 | *in.p;
	*out = (int64_t)v;
	return 0;
}

int
oid_read(struct der *d, char out[OID_TEXT_MAX], struct err *e)
{
	struct der in;
	struct buf b;
	int ret = -1;
	buf_init(&b, OID_TEXT_MAX - 1);
	if (der_read(d, DER_OID, &in, e))
		goto out;
	bool first = true;
	uint64_t v = 0;
	bool open = true; /* inside a number, or nothing read yet */
	for (; in.p < in.end; in.p++) {
		if (v >> 56)
			break;
		v = v << 7 | (*in.p & 0x7f);
		open = *in.p & 0x80;
		if (open)
			continue;
		if (first) {
			unsigned top = v < 80 ? (unsigned)(v / 40) : 2;
			buf_fmt(&b, "%u.%llu", top,
				(unsigned long long)(v - top * 40));
		} else {
			buf_fmt(&b, ".%llu", (unsigned long long)v);
		}
		first = false;
		v = 0;
	}
	if (open || in.p < in.end || b.over) {
		fail(e, FAULT_INVALID_MESSAGE, "DER: malformed OID");
		goto out;
	}
	memcpy(out, b.data, b.len + 1);
	ret = 0;
out:
	buf_done(&b);
	return ret;
}

int
oid_match(struct der *d, const char *dotted, bool *same, struct err *e)
{
	char oid[OID_TEXT_MAX];
	if (oid_read(d, oid, e))
		return -1;
	*same = strcmp(oid, dotted) == 0;
	return 0;
}

int
der_oid(struct der *d, struct arena *a, char **dotted, struct err *e)
{
	char oid[OID_TEXT_MAX];
	if (oid_read(d, oid, e))
		return -1;
	*dotted = arena_strdup(a, oid);
	return 0;
}

/* n digits at *p as a number; -1 if there are others. */
static int
digits(const uint8_t **p, const uint8_t *end, int n)
{
	int v = 0;
	if (end - *p < n)
		return -1;
	for (; n; n--, ++*p) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	return v;
}

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

/* Fraction of a second after '.', as ms; -1 when malformed. */
static int
fraction_ms(const uint8_t **p, const uint8_t *end)
{
	int ms = 0, weight = 100, n = 0;
	if (*p >= end || **p != '.')
		return 0;
	for (++*p; *p < end && **p >= '0' && **p <= '9'; ++*p, n++) {
		ms += weight * (**p - '0');
		weight /= 10;
	}
	return n ? ms : -1;
}

int
der_time(struct der *d, int64_t *ms, struct err *e)
{
	struct der in;
	bool utc = der_peek(d) == DER_UTC_TIME;
	if (der_read(d, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME, &in, e))
		return -1;
	struct civil c;
	c.year = digits(&in.p, in.end, utc ? 2 : 4);
	if (utc && c.year >= 0)
		c.year += c.year < 50 ? 2000 : 1900;
	c.month = digits(&in.p, in.end, 2);
	c.day = digits(&in.p, in.end, 2);
	c.hour = digits(&in.p, in.end, 2);
	c.minute = digits(&in.p, in.end, 2);
	c.second = 0;
	if (in.p < in.end && *in.p != 'Z')
		c.second = digits(&in.p, in.end, 2);
	int frac = utc ? 0 : fraction_ms(&in.p, in.end);
	if (c.year < 0 || c.month < 1 || c.month > 12 || c.day < 1 ||
		c.day > month_days(c.year, c.month) || c.hour < 0 ||
		c.hour > 23 || c.minute < 0 || c.minute > 59 || c.second < 0 ||
		c.second > 60 || frac < 0 || in.end - in.p != 1 || *in.p != 'Z')
		return fail(e, FAULT_INVALID_MESSAGE, "DER: malformed time");
	*ms = civil_seconds(&c) * 1000 + frac;
	return 0;
}

/* ---- writing ---- */

void
der_put(struct buf *b, int tag, const void *p, size_t n)
{
	buf_char(b, (char)tag);
	if (n < 0x80) {
		buf_char(b, (char)n);
	} else {
		int count = n < 0x100       ? 1
			    : n < 0x10000   ? 2
			    : n < 0x1000000 ? 3
					    : 4;
		buf_char(b, (char)(0x80 | count));
		for (int i = count - 1; i >= 0; i--)
			buf_char(b, (char)(n >> (8 * i)));
	}
	buf_add(b, p, n);
}

void
der_put_buf(struct buf *b, int tag, const struct buf *content)
{
	if (content->over)
		b->over = true;
	der_put(b, tag, content->data, content->len);
}

/* One base-128 number of an OID. */
static size_t
oid_arc(uint8_t *out, uint64_t v)
{
	size_t n = 1;
	for (uint64_t rest = v >> 7; rest; rest >>= 7)
		n++;
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)((v >> (7 * (n - 1 - i)) & 0x7f) |
				   (i + 1 < n ? 0x80 : 0));
	return n;
}

void
der_put_oid(struct buf *b, const char *dotted)
{
	uint8_t out[OID_TEXT_MAX * 2];
	size_t n = 0;
	uint64_t first = 0;
	int count = 0;
	for (const char *s = dotted; *s && n + 10 < sizeof out; count++) {
		uint64_t v = 0;
		for (; *s >= '0' && *s <= '9'; s++)
			v = v * 10 + (uint64_t)(*s - '0');
		if (*s == '.')
			s++;
		if (count == 0)
			first = v;
		else
			n += oid_arc(out + n, count == 1 ? first * 40 + v : v);
	}
	der_put(b, DER_OID, out, n);
}

void
der_put_int(struct buf *b, int64_t v)
{
	uint8_t out[8];
	size_t n = 8;
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)((uint64_t)v >> (8 * (7 - i)));
	const uint8_t *p = out;
	uint8_t sign = v < 0 ? 0xff : 0;
	while (n > 1 && p[0] == sign && (p[1] & 0x80) == (sign & 0x80))
		p++, n--;
	der_put(b, DER_INTEGER, p, n);
}

void
der_put_uint(struct buf *b, const void *p, size_t n)
{
	static const uint8_t zero[1];
	const uint8_t *s = p;
	while (n && !*s)
		s++, n--;
	if (n && !(s[0] & 0x80)) {
		der_put(b, DER_INTEGER, s, n);
		return;
	}
	struct buf in;
	buf_init(&in, DER_BUF_MAX);
	buf_add(&in, zero, 1);
	buf_add(&in, s, n);
	der_put_buf(b, DER_INTEGER, &in);
	buf_done(&in);
}

void
der_put_time(struct buf *b, int64_t ms)
{
	char text[TIME_TEXT_MAX];
	struct buf in;
	buf_init(&in, TIME_TEXT_MAX);
	buf_str(&in, time_compact(text, ms));
	buf_char(&in, 'Z');
	der_put_buf(b, DER_GENERALIZED_TIME, &in);
	buf_done(&in);
}
