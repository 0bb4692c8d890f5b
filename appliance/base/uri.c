/* SPDX-License-Identifier: MIT */
/*
 * Percent encoding: RFC 3986 path segments and HTML form values.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"
#include "text_int.h"

static const char upper_digit[] = "0123456789ABCDEF";

static bool
ascii_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static bool
in_set(char c, const char *set)
{
	return c != '\0' && (ascii_alnum(c) || strchr(set, c));
}

/* RFC 3986 section 3.3 pchar, without the percent triplet. */
static bool
segment_char(char c)
{
	return in_set(c, "-._~!$'()*,;&=@:+");
}

/* java.net.URLEncoder's own set. */
static bool
form_char(char c)
{
	return in_set(c, "-._*");
}

static char *
percent_encode(struct arena *a, const char *s, bool (*plain)(char), bool form)
{
	char *out = arena_alloc(a, strlen(s) * 3 + 1), *to = out;

	for (; *s; s++) {
		if (plain(*s)) {
			*to++ = *s;
		} else if (form && *s == ' ') {
			*to++ = '+';
		} else {
			*to++ = '%';
			*to++ = upper_digit[(unsigned char)*s >> 4];
			*to++ = upper_digit[(unsigned char)*s & 15];
		}
	}
	return out;
}

char *
segment_encode(struct arena *a, const char *s)
{
	return percent_encode(a, s, segment_char, false);
}

char *
form_encode(struct arena *a, const char *s)
{
	return percent_encode(a, s, form_char, true);
}

/* The byte of the %XX at s; -1 if there is none. */
static int
percent_value(const char *s, size_t n)
{
	int hi, lo;

	if (n < 3 || s[0] != '%')
		return -1;
	hi = hex_value(s[1]);
	lo = hex_value(s[2]);
	return hi < 0 || lo < 0 ? -1 : hi << 4 | lo;
}

static int
percent_decode(struct arena *a, const char *s, size_t n, bool form, char **out,
	struct err *e)
{
	char *to = arena_alloc(a, n + 1);
	size_t i, len = 0;
	int v;

	*out = NULL;
	for (i = 0; i < n; i++) {
		if (s[i] == '%') {
			v = percent_value(s + i, n - i);
			if (v <= 0)
				return fail(e, FAULT_BAD_REQUEST,
					"bad percent encoding at %zu", i + 1);
			to[len++] = (char)v;
			i += 2;
		} else if (form && s[i] == '+') {
			to[len++] = ' ';
		} else if (s[i] == '\0' || (!form && !segment_char(s[i]))) {
			return fail(e, FAULT_BAD_REQUEST,
				"a character that must be percent-encoded "
				"at %zu",
				i + 1);
		} else {
			to[len++] = s[i];
		}
	}
	if (!utf8_valid(to, len))
		return fail(e, FAULT_BAD_REQUEST, "not valid UTF-8");
	*out = to;
	return 0;
}

int
segment_decode(
	struct arena *a, const char *s, size_t n, char **out, struct err *e)
{
	return percent_decode(a, s, n, false, out, e);
}

int
form_decode(struct arena *a, const char *s, size_t n, char **out, struct err *e)
{
	return percent_decode(a, s, n, true, out, e);
}

const char *
query_get(struct arena *a, const char *query, const char *key)
{
	const char *end, *eq;
	char *name, *value;

	for (; query && *query; query = *end ? end + 1 : end) {
		end = query + strcspn(query, "&");
		eq = memchr(query, '=', (size_t)(end - query));
		if (!eq)
			eq = end;
		if (form_decode(a, query, (size_t)(eq - query), &name, NULL) !=
				0 ||
			strcmp(name, key) != 0)
			continue;
		if (eq == end)
			return "";
		if (form_decode(a, eq + 1, (size_t)(end - eq - 1), &value,
			    NULL) != 0)
			return NULL;
		return value;
	}
	return NULL;
}
