/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above
 * U+10FFFF.
 */
#include "text.h"
#include "text_int.h"

static const uint32_t utf8_least[5] = { 0, 0, 0x80, 0x800, 0x10000 };

static size_t
sequence_length(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c < 0xe0)
		return 2;
	if (c >= 0xe0 && c < 0xf0)
		return 3;
	if (c >= 0xf0 && c < 0xf5)
		return 4;
	return 0;
}

uint32_t
utf8_next(const char *s, size_t n, size_t *used)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i, len = sequence_length(p[0]);
	uint32_t c;

	*used = 1;
	if (len == 1)
		return p[0];
	if (len == 0 || len > n)
		return UINT32_MAX;
	c = p[0] & (0xffu >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return UINT32_MAX;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < utf8_least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return UINT32_MAX;
	*used = len;
	return c;
}

bool
utf8_valid(const char *s, size_t n)
{
	size_t i = 0, used;

	while (i < n) {
		if (utf8_next(s + i, n - i, &used) == UINT32_MAX)
			return false;
		i += used;
	}
	return true;
}
