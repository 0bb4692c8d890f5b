/* SPDX-License-Identifier: MIT */
/*
 * How others would read a request: names that some framework takes for the
 * same, and bodies that the service would decode otherwise than we do. Whoever
 * asks about a person must not be able to show us one and the service another.
 */
#include "consent_int.h"

#include <string.h>

#include "mem.h"
#include "rest.h"
#include "text.h"
#include "transport.h"

/* CGI makes '_' of what is no letter or digit, PHP of '.', ' ' and '['. */
static char
plain(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if ((unsigned char)c < 0x80 && !(c >= 'a' && c <= 'z') &&
		!(c >= '0' && c <= '9'))
		return '_';
	return c;
}

/* "id[]" and "id[0]" are id's, too. */
bool
consent_name_like(const char *have, const char *name)
{
	have += strspn(have, " \t\r\n");
	for (; *have && *name; have++, name++)
		if (plain(*have) != plain(*name))
			return false;
	return !*name && (!*have || *have == '[');
}

/* The next character with its case folded; U+017F and U+212A fold to letters of
   ASCII, which is where Go's encoding/json differs from others. */
static char
folded(const char **p)
{
	static const struct {
		const char *text;
		char to;
	} odd[] = { { "\xc5\xbf", 's' }, { "\xe2\x84\xaa", 'k' } };
	char c;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		if (str_prefix(*p, odd[i].text)) {
			*p += strlen(odd[i].text);
			return odd[i].to;
		}
	c = *(*p)++;
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
consent_member_like(const char *have, const char *name)
{
	while (*have && *name)
		if (folded(&have) != folded(&name))
			return false;
	return !*have && !*name;
}

/* The one header of that name; *n counts all that look like it. */
static const char *
header_alone(const struct rest_request *q, const char *name, size_t *n)
{
	const char *value = NULL;

	*n = 0;
	for (size_t i = 0; i < q->headers; i++)
		if (consent_name_like(q->header[i].name, name)) {
			value = q->header[i].value;
			++*n;
			*n += !str_iequal(q->header[i].name, name);
		}
	return value;
}

static char *
trimmed(struct arena *a, const char *text)
{
	return str_trim(arena_strdup(a, text));
}

/* As it was sent, not compressed. */
static bool
as_sent(struct arena *a, const struct rest_request *q)
{
	size_t n;
	const char *coding = header_alone(q, "Content-Encoding", &n);

	return !n || (n == 1 && (str_iequal(trimmed(a, coding), "identity") ||
					!*trimmed(a, coding)));
}

static bool
utf8(struct arena *a, const char *type)
{
	const char *charset = mime_param(a, type, "charset");

	return !charset || str_iequal(charset, "UTF-8") ||
	       str_iequal(charset, "UTF8") || str_iequal(charset, "US-ASCII");
}

bool
consent_body_is(struct arena *a, const struct rest_request *q, const char *what)
{
	size_t n, len = strlen(what);
	const char *type = header_alone(q, "Content-Type", &n);
	const char *base, *tail;

	if (!as_sent(a, q) || n > 1)
		return false;
	if (!n || !*trimmed(a, type))
		return true;
	type = trimmed(a, type);
	base = mime_base(a, type);
	tail = strrchr(base, '/');
	if (!tail || strlen(tail) <= len)
		return false;
	tail += strlen(tail) - len;
	return str_iequal(tail, what) && (tail[-1] == '/' || tail[-1] == '+') &&
	       utf8(a, type);
}

bool
consent_body_form(struct arena *a, const struct rest_request *q)
{
	size_t n;
	const char *type = header_alone(q, "Content-Type", &n), *base;

	if (n > 1)
		return true;
	base = n ? mime_base(a, trimmed(a, type)) : "";
	return str_iequal(base, "application/x-www-form-urlencoded") ||
	       str_iequal(base, "multipart/form-data");
}
