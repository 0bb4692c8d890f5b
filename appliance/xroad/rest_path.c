/* SPDX-License-Identifier: MIT */
/*
 * Paths for access rights. Where the right is one to a pattern: decoded once,
 * and refused whenever a provider's own decoder could see other segments than
 * we do. Where it is one to the whole service: only the way out is barred, as
 * X-Road does. Patterns of endpoints.
 * Rule: interop/xroad-messages.md 7 (path normalisation, endpoint matching).
 */
#include <stdint.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "rest.h"
#include "text.h"

static int
denied(struct err *e, const char *why)
{
	return fail(e, FAULT_ACCESS_DENIED, "the path is ambiguous: %s", why);
}

static bool
hex(char c)
{
	return c && strchr("0123456789abcdefABCDEF", c) != NULL;
}

/* "." or "..", also with path parameters behind ("..;x"). */
static bool
dot_segment(const char *s)
{
	size_t n = strcspn(s, ";");

	return (n == 1 && s[0] == '.') ||
	       (n == 2 && s[0] == '.' && s[1] == '.');
}

static int
segment_check(const char *s, struct err *e)
{
	const char *p;

	if (dot_segment(s))
		return denied(e, "a dot segment");
	for (p = s; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return denied(e, "a control character");
		if (strchr("/\\?#", *p))
			return denied(e, "an encoded delimiter");
		if (*p == '%' && hex(p[1]) && hex(p[2]))
			return denied(e, "encoded twice");
	}
	return 0;
}

int
rest_path_normalize(struct arena *a, const char *raw, char **out, struct err *e)
{
	const char *p = raw, *end;
	char *text, *path = arena_strdup(a, "");

	*out = NULL;
	if (*raw == '\0') {
		*out = path;
		return 0;
	}
	if (*raw != '/')
		return denied(e, "it does not begin with a slash");
	for (p = raw; *p == '/'; p = end) {
		p++;
		end = p + strcspn(p, "/");
		if (end == p && *end)
			return denied(e, "an empty segment");
		if (segment_decode(a, p, (size_t)(end - p), &text, NULL) != 0)
			return denied(e, "a malformed segment");
		if (segment_check(text, e) != 0)
			return -1;
		path = arena_printf(a, "%s/%s", path, text);
	}
	*out = path;
	return 0;
}

/* ---- inside the service? ---- */

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return (c | 0x20) - 'a' + 10;
}

/* Percent triplets become bytes; others stay. False: something that is no
   triplet stands behind a percent sign, or a control character came out. */
static bool
decode(struct arena *a, const char *s, char **out)
{
	char *end = arena_alloc(a, strlen(s) + 1);
	bool good = true;

	*out = end;
	while (*s) {
		char c = *s++;

		if (c == '%' && hex(s[0]) && hex(s[1])) {
			c = (char)(digit(s[0]) << 4 | digit(s[1]));
			s += 2;
		} else if (c == '%') {
			good = false;
		}
		if ((unsigned char)c < ' ' || c == 0x7f)
			good = false;
		*end++ = c ? c : ' ';
	}
	return good;
}

/* Without empty and "." segments; "x/.." vanishes, other ".." stay. */
static char *
collapse(struct arena *a, const char *s)
{
	char *out = arena_alloc(a, strlen(s) + 2), *end = out;

	while (*s) {
		size_t n;

		s += strspn(s, "/");
		n = strcspn(s, "/");
		if (n == 2 && s[0] == '.' && s[1] == '.' && end > out &&
			strcmp(end - 3 < out ? out : end - 3, "/..") != 0) {
			while (*--end != '/')
				;
			*end = '\0';
		} else if (n && !(n == 1 && *s == '.')) {
			*end++ = '/';
			memcpy(end, s, n);
			end += n;
			*end = '\0';
		}
		s += n;
	}
	return out;
}

int
rest_path_inside(struct arena *a, const char *raw, struct err *e)
{
	char *once, *twice;

	if (!decode(a, raw, &once))
		return fail(e, FAULT_INTERNAL,
			"the path has a malformed percent encoding or a "
			"control character");
	(void)decode(a, collapse(a, once), &twice);
	if (strstr(twice, ".."))
		return denied(e, "it leads out of the service");
	return 0;
}

/* ---- patterns ---- */

enum token { TOKEN_LITERAL, TOKEN_PART, TOKEN_ANY };

/* Takes one token off the pattern. */
static enum token
token_next(const char **pattern, char *literal)
{
	const char *p = *pattern;

	if (p[0] == '*' && p[1] == '*') {
		*pattern = p + 2;
		return TOKEN_ANY;
	}
	*pattern = p + 1;
	if (*p == '*')
		return TOKEN_PART;
	if (*p == '\\' && (p[1] == '*' || p[1] == '\\'))
		*pattern = ++p + 1;
	*literal = *p;
	return TOKEN_LITERAL;
}

/* at[j]: the pattern so far matches the first j bytes of the path. */
static void
step(uint8_t *at, const char *path, size_t n, enum token t, char literal)
{
	size_t j;

	if (t == TOKEN_LITERAL) {
		for (j = n; j > 0; j--)
			at[j] = at[j - 1] && path[j - 1] == literal;
		at[0] = 0;
		return;
	}
	for (j = 1; j <= n; j++)
		if (at[j - 1] && (t == TOKEN_ANY || path[j - 1] != '/'))
			at[j] = 1;
}

bool
rest_path_match(const char *pattern, const char *path)
{
	size_t n = strlen(path);
	uint8_t *at;
	bool match;

	if (str_equal(pattern, "**"))
		return true;
	at = mem_alloc(n + 1);
	at[0] = 1;
	while (*pattern) {
		char literal = '\0';
		enum token t = token_next(&pattern, &literal);

		step(at, path, n, t, literal);
	}
	match = at[n];
	mem_free(at);
	return match;
}
