/* SPDX-License-Identifier: MIT */
/*
 * Route rows against raw paths: exact pieces, {name} pieces, a free rest.
 */
#include <string.h>

#include "buf.h"
#include "http_head.h"
#include "http_int.h"
#include "mem.h"

enum { ALLOW_MAX = 256 };

/* Walks pattern and path together. At {name} equal to `name` the piece is
   remembered. */
static bool
path_fits(const char *pattern, const char *path, const char *name,
	const char **piece, size_t *len)
{
	size_t want = name ? strlen(name) : 0;

	while (*pattern && *pattern != '*') {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		const char *close = strchr(pattern, '}');
		size_t n = strcspn(path, "/");
		if (!close || n == 0)
			return false;
		if (name && (size_t)(close - pattern - 1) == want &&
			!strncmp(pattern + 1, name, want)) {
			*piece = path;
			*len = n;
		}
		pattern = close + 1;
		path += n;
	}
	return *pattern == '*' || !*path;
}

static bool
method_fits(const char *row, const char *method)
{
	return str_equal(row, "*") || str_equal(row, method) ||
	       (str_equal(row, "GET") && str_equal(method, "HEAD"));
}

/* Adds a method that is not in the list yet; who has GET has HEAD. */
static void
allow_add(struct buf *list, const char *method)
{
	if (http_list_has(list->len ? list->data : "", method))
		return;
	if (list->len)
		buf_str(list, ", ");
	buf_str(list, method);
	if (str_equal(method, "GET"))
		buf_str(list, ", HEAD");
}

bool
route_open(const struct route *r)
{
	return str_suffix(r->path, "*") && !str_equal(r->path, "*");
}

const struct route *
route_find(const struct route *rows, const char *method, const char *path,
	struct arena *a, const char **allow)
{
	struct buf list;

	buf_init(&list, ALLOW_MAX);
	for (const struct route *r = rows; r->method; r++) {
		if (!path_fits(r->path, path, NULL, NULL, NULL) ||
			(list.len && route_open(r)))
			continue;
		if (method_fits(r->method, method)) {
			buf_done(&list);
			return r;
		}
		allow_add(&list, r->method);
	}
	*allow = arena_strdup(a, list.data);
	buf_done(&list);
	return NULL;
}

long
route_piece(const char *pattern, const char *path, const char *name,
	const char **start)
{
	size_t len = 0;

	*start = NULL;
	if (!path_fits(pattern, path, name, start, &len) || !*start)
		return -1;
	return (long)len;
}

bool
route_same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		if (*a == '{') {
			a += strcspn(a, "}");
			b += strcspn(b, "}");
			if (!*a || !*b)
				return false;
		}
		a++;
		b++;
	}
	return !*a && !*b;
}
