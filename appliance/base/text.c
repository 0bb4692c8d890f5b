/* SPDX-License-Identifier: MIT */
/*
 * Comparing, trimming, numbers, random text. ASCII only; no locale.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "err.h"
#include "log.h"
#include "mem.h"
#include "text.h"

enum { DISTANCE_MAX = 16, DISTANCE_TEXT = 96 };

static unsigned char
ascii_lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool
str_equal(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
str_iequal(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	for (; ascii_lower(*a) == ascii_lower(*b); a++, b++)
		if (*a == '\0')
			return true;
	return false;
}

bool
str_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_iprefix(const char *s, const char *prefix)
{
	for (; *prefix; s++, prefix++)
		if (ascii_lower(*s) != ascii_lower(*prefix))
			return false;
	return true;
}

bool
str_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool
ct_equal(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *p = a, *q = b;
	uint8_t differ = 0;
	size_t i;

	for (i = 0; i < n; i++)
		differ |= (uint8_t)(p[i] ^ q[i]);
	return differ == 0;
}

static bool
int_digits(const char *s)
{
	if (*s == '-')
		s++;
	return *s != '\0' && strspn(s, "0123456789") == strlen(s);
}

int
int_parse(const char *s, int64_t lo, int64_t hi, int64_t *out, struct err *e)
{
	long long v;

	if (!s || !int_digits(s))
		return fail(e, FAULT_BAD_REQUEST, "not a whole number");
	errno = 0;
	v = strtoll(s, NULL, 10);
	if (errno != 0 || v < lo || v > hi)
		return fail(e, FAULT_BAD_REQUEST,
			"not between %" PRId64 " and %" PRId64, lo, hi);
	*out = v;
	return 0;
}

size_t
int_text(char out[INT_TEXT_MAX], int64_t v)
{
	char digit[INT_TEXT_MAX], *p = digit + sizeof(digit);
	uint64_t left = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	size_t n;

	do
		*--p = (char)('0' + left % 10);
	while (left /= 10);
	if (v < 0)
		*--p = '-';
	n = (size_t)(digit + sizeof(digit) - p);
	memcpy(out, p, n);
	out[n] = '\0';
	return n;
}

void
random_bytes(void *p, size_t n)
{
	uint8_t *to = p;
	ssize_t got;

	while (n > 0) {
		got = getrandom(to, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			log_error("the kernel gives no random bytes: %s",
				strerror(errno));
			abort();
		}
		to += got;
		n -= (size_t)got;
	}
}

void
random_letters(char *out, size_t n)
{
	static const char letter[52] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	enum { SOME = 64 };
	uint8_t r[SOME];
	size_t i = 0, left = 0;

	while (i < n) {
		if (!left)
			random_bytes(r, left = sizeof(r));
		if (r[--left] < 4 * 52)
			out[i++] = letter[r[left] % 52];
	}
	mem_wipe(r, sizeof(r));
	out[n] = '\0';
}

void
uuid_from(const uint8_t from[UUID_BYTES], char out[UUID_LEN + 1])
{
	static const char hex[] = "0123456789abcdef";
	enum { VERSION_AT = 6, VARIANT_AT = 8 };
	char *p = out;

	for (size_t i = 0; i < UUID_BYTES; i++) {
		uint8_t c = from[i];

		if (i == VERSION_AT)
			c = (uint8_t)((c & 0x0f) | 0x40);
		if (i == VARIANT_AT)
			c = (uint8_t)((c & 0x3f) | 0x80);
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = hex[c >> 4];
		*p++ = hex[c & 15];
	}
	*p = '\0';
}

void
uuid_make(char out[UUID_LEN + 1])
{
	uint8_t r[UUID_BYTES];

	random_bytes(r, sizeof(r));
	uuid_from(r, out);
}

void
str_lower(char *s)
{
	for (; *s; s++)
		*s = (char)ascii_lower(*s);
}

char *
str_trim(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strlen(s);
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	s[n] = '\0';
	return s;
}

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned
str_distance(const char *a, const char *b)
{
	unsigned row[DISTANCE_TEXT + 1];
	size_t n = strlen(a), m = strlen(b), i, j;

	if (n > DISTANCE_TEXT || m > DISTANCE_TEXT)
		return strcmp(a, b) == 0 ? 0 : DISTANCE_MAX;
	for (j = 0; j <= m; j++)
		row[j] = (unsigned)j;
	for (i = 1; i <= n; i++) {
		unsigned corner = row[0];

		row[0] = (unsigned)i;
		for (j = 1; j <= m; j++) {
			unsigned above = row[j];

			row[j] = least(above + 1, row[j - 1] + 1,
				corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[m] < DISTANCE_MAX ? row[m] : DISTANCE_MAX;
}
