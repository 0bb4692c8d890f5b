/* SPDX-License-Identifier: MIT */
/*
 * Base64 (RFC 4648 section 4) and hexadecimal, both ways.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"
#include "text_int.h"

static const char base64_digit[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_digit[] = "0123456789abcdef";

/* Writes 4 * ((n + 2) / 3) characters. */
static void
base64_write(char *out, const uint8_t *p, size_t n)
{
	size_t i;
	uint32_t v;

	for (i = 0; i + 2 < n; i += 3) {
		v = (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2];
		*out++ = base64_digit[v >> 18];
		*out++ = base64_digit[v >> 12 & 63];
		*out++ = base64_digit[v >> 6 & 63];
		*out++ = base64_digit[v & 63];
	}
	if (i == n)
		return;
	v = (uint32_t)p[i] << 16;
	if (i + 1 < n)
		v |= (uint32_t)p[i + 1] << 8;
	*out++ = base64_digit[v >> 18];
	*out++ = base64_digit[v >> 12 & 63];
	*out++ = i + 1 < n ? base64_digit[v >> 6 & 63] : '=';
	*out = '=';
}

char *
base64_encode(struct arena *a, const void *p, size_t n)
{
	char *out = arena_alloc(a, (n + 2) / 3 * 4 + 1);

	base64_write(out, p, n);
	return out;
}

void
buf_base64(struct buf *b, const void *p, size_t n)
{
	const uint8_t *s = p;
	char out[4 * 256];
	size_t part;

	while (n > 0) {
		part = n < 3 * 256 ? n : 3 * 256;
		base64_write(out, s, part);
		buf_add(b, out, (part + 2) / 3 * 4);
		s += part;
		n -= part;
	}
}

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static bool
base64_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What is left after the last whole group: 0, 2 or 3 digits, then the
   padding that completes it, and no stray bits. */
static int
base64_end(uint32_t v, unsigned digits, unsigned pads, uint8_t *to, size_t *len)
{
	if (digits == 0)
		return pads == 0 ? 0 : -1;
	if (digits == 1 || digits + pads != 4)
		return -1;
	if (digits == 2) {
		to[(*len)++] = (uint8_t)(v >> 4);
		return (v & 15) == 0 ? 0 : -1;
	}
	to[(*len)++] = (uint8_t)(v >> 10);
	to[(*len)++] = (uint8_t)(v >> 2);
	return (v & 3) == 0 ? 0 : -1;
}

static int
base64_read(const char *s, size_t n, uint8_t *to, size_t *len)
{
	uint32_t v = 0;
	unsigned digits = 0, pads = 0;
	size_t i;
	int d;

	*len = 0;
	for (i = 0; i < n; i++) {
		if (base64_blank(s[i]))
			continue;
		if (s[i] == '=' && pads < 2) {
			pads++;
			continue;
		}
		d = base64_value(s[i]);
		if (d < 0 || pads > 0)
			return -1;
		v = v << 6 | (uint32_t)d;
		if (++digits == 4) {
			to[(*len)++] = (uint8_t)(v >> 16);
			to[(*len)++] = (uint8_t)(v >> 8);
			to[(*len)++] = (uint8_t)v;
			digits = 0;
			v = 0;
		}
	}
	return base64_end(v, digits, pads, to, len);
}

int
base64_decode(struct arena *a, const char *s, size_t n, struct bytes *out,
	struct err *e)
{
	uint8_t *to = arena_alloc(a, n / 4 * 3 + 4);
	size_t len;

	*out = (struct bytes){ 0 };
	if (base64_read(s, n, to, &len) != 0)
		return fail(e, FAULT_BAD_REQUEST, "not valid base64");
	*out = bytes_of(to, len);
	return 0;
}

int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
hex_decode(struct arena *a, const char *s, struct bytes *out, struct err *e)
{
	size_t i, n = strlen(s);
	uint8_t *to = arena_alloc(a, n / 2 + 1);

	*out = (struct bytes){ 0 };
	if (n % 2 != 0)
		return fail(e, FAULT_BAD_REQUEST,
			"an odd number of hexadecimal digits");
	for (i = 0; i < n; i += 2) {
		int hi = hex_value(s[i]), lo = hex_value(s[i + 1]);

		if (hi < 0 || lo < 0)
			return fail(e, FAULT_BAD_REQUEST,
				"not a hexadecimal digit at %zu", i + 1);
		to[i / 2] = (uint8_t)(hi << 4 | lo);
	}
	*out = bytes_of(to, n / 2);
	return 0;
}

char *
hex_encode(struct arena *a, const void *p, size_t n)
{
	const uint8_t *s = p;
	char *out = arena_alloc(a, n * 2 + 1);
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = hex_digit[s[i] >> 4];
		out[2 * i + 1] = hex_digit[s[i] & 15];
	}
	return out;
}

void
buf_hex(struct buf *b, const void *p, size_t n)
{
	const uint8_t *s = p;
	size_t i;

	for (i = 0; i < n; i++) {
		buf_char(b, hex_digit[s[i] >> 4]);
		buf_char(b, hex_digit[s[i] & 15]);
	}
}
