/* SPDX-License-Identifier: MIT */
/*
 * Parsing with limits. A scan over the raw text bounds depth and number of
 * elements before jansson allocates anything for them.
 */
#include <jansson.h>
#include <string.h>

#include "err.h"
#include "json_io.h"
#include "mem.h"
#include "text.h"

struct scan {
	size_t depth; /* now */
	size_t deepest;
	size_t elements;
};

/* Index after the string that begins before i. */
static size_t
scan_string(struct bytes text, size_t i)
{
	while (i < text.len && text.data[i] != '"')
		i += text.data[i] == '\\' ? 2 : 1;
	return i + 1;
}

static void
scan_text(struct bytes text, struct scan *s)
{
	size_t i = 0;

	while (i < text.len) {
		uint8_t c = text.data[i++];

		if (c == '"') {
			i = scan_string(text, i);
		} else if (c == '[' || c == '{') {
			s->elements++;
			if (++s->depth > s->deepest)
				s->deepest = s->depth;
		} else if (c == ']' || c == '}') {
			s->depth -= s->depth > 0;
		} else if (c == ',') {
			s->elements++;
		}
	}
}

static size_t
limit_or(size_t limit, size_t otherwise)
{
	return limit ? limit : otherwise;
}

static int
limits_check(struct bytes text, const struct json_limits *l, struct err *e)
{
	struct json_limits none = { 0 };
	struct scan s = { 0 };
	size_t max;

	if (!l)
		l = &none;
	max = limit_or(l->bytes, JSON_BYTES);
	if (text.len > max)
		return fail(e, FAULT_TOO_LARGE,
			"the JSON text is larger than %zu bytes", max);
	scan_text(text, &s);
	max = limit_or(l->depth, JSON_DEPTH);
	if (s.deepest > max)
		return fail(e, FAULT_TOO_LARGE,
			"the JSON value is nested deeper than %zu levels", max);
	max = limit_or(l->elements, JSON_ELEMENTS);
	if (s.elements > max)
		return fail(e, FAULT_TOO_LARGE,
			"the JSON value has more than %zu elements", max);
	return 0;
}

static void
value_release(void *p)
{
	json_decref(p);
}

json_t *
json_keep(struct arena *a, json_t *j)
{
	if (j)
		arena_defer(a, value_release, j);
	return j;
}

/* What jansson tells in its own words. */
static const char *
reason(const char *text)
{
	return str_prefix(text, "\\u0000 is not") ? "a text holds \\u0000"
						  : text;
}

/* The mark that some editors begin a file with; RFC 8259, section 8.1, lets a
   reader ignore it. */
static struct bytes
past_mark(struct bytes text)
{
	static const char mark[] = { '\xef', '\xbb', '\xbf' };
	bool there = text.len >= sizeof(mark) &&
		     !memcmp(text.data, mark, sizeof(mark));

	return there ? bytes_of(text.data + sizeof(mark),
			       text.len - sizeof(mark))
		     : text;
}

int
json_parse(struct arena *a, struct bytes text, const struct json_limits *limits,
	json_t **out, struct err *e)
{
	json_error_t why;

	*out = NULL;
	text = past_mark(text);
	if (limits_check(text, limits, e) != 0)
		return -1;
	*out = json_loadb(text.len ? (const char *)text.data : "", text.len,
		JSON_REJECT_DUPLICATES, &why);
	if (!*out)
		return fail(e, FAULT_BAD_REQUEST,
			"not valid JSON, line %d column %d: %s", why.line,
			why.column, reason(why.text));
	json_keep(a, *out);
	return 0;
}
