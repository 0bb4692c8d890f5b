/* SPDX-License-Identifier: MIT */
/*
 * OpenAPI 3.0 and 3.1 documents, in JSON or YAML: which endpoints there are
 * and where the service is. References to other documents are not followed.
 */
#include "description_int.h"

#include <string.h>

#include "arena_list_int.h"
#include "err.h"
#include "mem.h"
#include "text.h"
#include "yaml_io.h"

static const struct json_limits limits = { DESCRIPTION_MAX, DESCRIPTION_DEPTH,
	DESCRIPTION_ELEMENTS };

int
openapi_read(struct arena *a, struct bytes text, json_t **out, struct err *e)
{
	const char *s = text.len ? (const char *)text.data : "";
	size_t i = 0;

	while (i < text.len && strchr(" \t\r\n", s[i]))
		i++;
	/* most of JSON is YAML, too: what is no JSON may still be that */
	if (i < text.len && s[i] == '{' &&
		!json_parse(a, text, &limits, out, NULL))
		return 0;
	return yaml_parse(a, text, &limits, out, e);
}

/* "/a/{x}/b{y}.{z}" -> "/a/ * /b*": within a segment, from the first brace to
   the last, as X-Road does. */
static char *
pattern_of(struct arena *a, const char *path)
{
	char *out = arena_alloc(a, strlen(path) + 1), *end = out;

	while (*path) {
		size_t segment = strcspn(path, "/");
		const char *open = memchr(path, '{', segment);
		const char *close =
			open ? memrchr(open, '}',
				       segment - (size_t)(open - path))
			     : NULL;

		if (close) {
			memcpy(end, path, (size_t)(open - path));
			end += open - path;
			*end++ = '*';
			segment -= (size_t)(close + 1 - path);
			path = close + 1;
		}
		memcpy(end, path, segment);
		end += segment;
		path += segment;
		if (*path == '/')
			*end++ = *path++;
	}
	return out;
}

/* Operations of one path; the same pattern may come from two paths. */
static int
ops_add(struct list *ops, const char *path, const json_t *item, json_t *seen,
	struct err *e)
{
	struct arena *a = ops->a;
	const char *pattern = pattern_of(a, path);
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)item, key, v)
	{
		const char *method = openapi_method(key);
		struct openapi_op *op;
		const char *whole;

		if (!method || !json_is_object(v))
			continue;
		whole = arena_printf(a, "%s %s", method, pattern);
		if (json_object_get(seen, whole))
			continue;
		if (ops->n == OPENAPI_OPS_MAX)
			return fail(e, FAULT_TOO_LARGE,
				"more than %d operations", OPENAPI_OPS_MAX);
		json_object_set_new(seen, whole, json_true());
		op = list_add(ops);
		*op = (struct openapi_op){ method, pattern };
	}
	return 0;
}

static int
ops_read(struct arena *a, const json_t *doc, struct openapi *out, struct err *e)
{
	json_t *seen = json_keep(a, json_object());
	const char *path;
	json_t *item;
	struct list ops = list_of(a, sizeof(struct openapi_op));

	json_object_foreach(json_sub(doc, "paths"), path,
		item) if (!str_prefix(path, "x-") &&
			  ops_add(&ops, path, item, seen, e)) return -1;
	out->op = ops.item;
	out->ops = ops.n;
	return 0;
}

/* No server at all means "/" (OpenAPI 3.0.3, 4.7.1). A template stays. */
static const char *
base_of(struct arena *a, const json_t *doc, const char *url)
{
	const json_t *first = json_array_get(json_list(doc, "servers"), 0);
	const char *server = first ? json_str(first, "url") : "/";

	if (!server)
		server = "";
	return strchr(server, '{') ? server : url_resolve(a, url, server);
}

static bool
supported(const char *version)
{
	return str_prefix(version, "3.0") || str_equal(version, "3.1") ||
	       str_prefix(version, "3.1.");
}

/* The version's text; YAML makes a number of "openapi: 3.1". */
static const char *
version_of(struct arena *a, const json_t *doc)
{
	const json_t *v = json_object_get(doc, "openapi");

	if (json_is_string(v))
		return json_string_value(v);
	return json_is_real(v) ? arena_printf(a, "%.1f", json_real_value(v))
			       : NULL;
}

int
openapi_parse(struct arena *a, struct bytes text, const char *url,
	struct openapi *out, struct err *e)
{
	const char *version;
	json_t *doc;

	*out = (struct openapi){ 0 };
	if (openapi_read(a, text, &doc, e))
		return -1;
	version = version_of(a, doc);
	if (!version)
		return fail(e, FAULT_BAD_REQUEST,
			"the document has no version: 'openapi' is missing");
	if (!supported(version))
		return fail(e, FAULT_INVALID_PROTOCOL_VERSION,
			"OpenAPI version %.32s not supported", version);
	if (ops_read(a, doc, out, e))
		return -1;
	out->base = base_of(a, doc, url);
	openapi_check(a, doc, out);
	return 0;
}

void
openapi_strip(struct arena *a, json_t *doc)
{
	json_t *list = json_list(doc, "servers"), *server;
	size_t i;

	json_each(server, i, list) {
		const char *url = json_str(server, "url");
		if (url && !(strchr(url, '{') && strchr(url, '}')))
			json_put_str(server, "url", url_path(a, url));
	}
}
