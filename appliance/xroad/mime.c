/* SPDX-License-Identifier: MIT */
/*
 * Values of MIME headers: base types and parameters (RFC 2045 section 5.1).
 */
#include <string.h>

#include "mem.h"
#include "text.h"
#include "transport.h"

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

/* End of one ;-separated piece; semicolons inside "..." do not count. */
static const char *
piece_end(const char *s)
{
	bool quoted = false;

	for (; *s; s++) {
		if (quoted && *s == '\\' && s[1])
			s++;
		else if (*s == '"')
			quoted = !quoted;
		else if (*s == ';' && !quoted)
			break;
	}
	return s;
}

/* The value between p and end: trimmed, quotes and escapes taken off. */
static char *
value_take(struct arena *a, const char *p, const char *end)
{
	char *out = arena_alloc(a, (size_t)(end - p) + 1), *to = out;

	while (p < end && blank(*p))
		p++;
	while (end > p && blank(end[-1]))
		end--;
	if (p == end || *p != '"')
		return memcpy(out, p, (size_t)(end - p));
	for (p++; p < end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		*to++ = *p;
	}
	return out;
}

static bool
name_is(const char *p, const char *end, const char *name)
{
	while (p < end && blank(*p))
		p++;
	while (end > p && blank(end[-1]))
		end--;
	return strlen(name) == (size_t)(end - p) && str_iprefix(p, name);
}

char *
mime_param(struct arena *a, const char *content_type, const char *name)
{
	const char *p = content_type, *end, *eq;

	if (!p)
		return NULL;
	for (p = piece_end(p); *p == ';'; p = end) {
		end = piece_end(++p);
		eq = memchr(p, '=', (size_t)(end - p));
		if (eq && name_is(p, eq, name))
			return value_take(a, eq + 1, end);
	}
	return NULL;
}

char *
mime_base(struct arena *a, const char *content_type)
{
	char *out;

	if (!content_type)
		return arena_strdup(a, "");
	out = arena_strndup(a, content_type, strcspn(content_type, ";"));
	out = str_trim(out);
	str_lower(out);
	return out;
}
