/* SPDX-License-Identifier: MIT */
/*
 * What is doubtful about an OpenAPI document: the administrator is asked
 * before it is taken. The kinds of trouble are those that X-Road's parser
 * reports; the document works without their being mended.
 */
#include "description_int.h"

#include <stdarg.h>
#include <string.h>

#include "mem.h"
#include "text.h"

struct check {
	struct arena *a;
	const json_t *doc;
	struct openapi *out;
	json_t *ids; /* operationIds seen */
	bool v30;
};

static const struct {
	const char *key, *method;
} METHOD[] = {
	{ "get", "GET" },
	{ "put", "PUT" },
	{ "post", "POST" },
	{ "delete", "DELETE" },
	{ "options", "OPTIONS" },
	{ "head", "HEAD" },
	{ "patch", "PATCH" },
	{ "trace", "TRACE" },
};

static const char *const ROOT[] = { "openapi", "info", "servers", "paths",
	"components", "security", "tags", "externalDocs", "webhooks",
	"jsonSchemaDialect", NULL };
static const char *const INFO[] = { "title", "summary", "description",
	"termsOfService", "contact", "license", "version", NULL };
static const char *const PATH[] = { "$ref", "summary", "description", "servers",
	"parameters", "get", "put", "post", "delete", "options", "head",
	"patch", "trace", NULL };
static const char *const OPERATION[] = { "tags", "summary", "description",
	"externalDocs", "operationId", "parameters", "requestBody", "responses",
	"callbacks", "deprecated", "security", "servers", NULL };

const char *
openapi_method(const char *key)
{
	for (size_t i = 0; i < sizeof(METHOD) / sizeof(METHOD[0]); i++)
		if (str_equal(METHOD[i].key, key))
			return METHOD[i].method;
	return NULL;
}

static void warn(struct check *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void
warn(struct check *c, const char *fmt, ...)
{
	va_list ap;

	if (c->out->warnings == OPENAPI_WARNINGS_MAX)
		return;
	va_start(ap, fmt);
	c->out->warning[c->out->warnings++] = arena_vprintf(c->a, fmt, ap);
	va_end(ap);
}

/* Members that the specification does not know; extensions are welcome. */
static void
check_known(struct check *c, const json_t *obj, const char *const *known,
	const char *where)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)obj, key, v)
	{
		size_t i = 0;
		while (known[i] && !str_equal(known[i], key))
			i++;
		if (!known[i] && !str_prefix(key, "x-"))
			warn(c, "attribute %s%s is unexpected", where, key);
	}
}

static void
check_info(struct check *c)
{
	const json_t *info = json_sub(c->doc, "info");
	static const char *const need[] = { "title", "version" };

	if (!info) {
		warn(c, "attribute info is missing");
		return;
	}
	check_known(c, info, INFO, "info.");
	for (size_t i = 0; i < 2; i++)
		if (!json_object_get(info, need[i]))
			warn(c, "attribute info.%s is missing", need[i]);
}

/* "#/components/parameters/x" within the document, or the object itself. */
static const json_t *
referred(struct check *c, const json_t *p)
{
	static const char place[] = "#/components/parameters/";
	const char *ref = json_str(p, "$ref");

	if (!ref)
		return p;
	if (!str_prefix(ref, place))
		return NULL;
	return json_sub(json_sub(json_sub(c->doc, "components"), "parameters"),
		ref + strlen(place));
}

/* Whether the list declares it; a reference that leads out of the document
   gets the benefit of the doubt. */
static bool
declares(struct check *c, const json_t *list, const char *name)
{
	json_t *item;
	size_t i;

	json_each(item, i, list) {
		const json_t *p = referred(c, item);
		if (!p || (str_equal(json_str(p, "in"), "path") &&
				  str_equal(json_str(p, "name"), name)))
			return true;
	}
	return false;
}

/* Every {name} of the path must be a parameter. */
static void
check_params(struct check *c, const char *path, const json_t *item,
	const json_t *op, const char *method)
{
	const char *p = path;

	while ((p = strchr(p, '{'))) {
		size_t n = strcspn(++p, "}/");
		const char *name = arena_strndup(c->a, p, n);
		if (p[n] == '}' &&
			!declares(c, json_list(op, "parameters"), name) &&
			!declares(c, json_list(item, "parameters"), name))
			warn(c,
				"paths.'%s'(%s): path parameter %s is not "
				"declared",
				path, method, name);
	}
}

static void
check_operation(struct check *c, const char *path, const json_t *item,
	const char *key, const json_t *op)
{
	const char *id = json_str(op, "operationId");
	const char *where = arena_printf(c->a, "paths.'%s'(%s).", path, key);

	if (!json_is_object(op)) {
		warn(c, "attribute paths.'%s'(%s) is not of type `object`",
			path, key);
		return;
	}
	check_known(c, op, OPERATION, where);
	if (c->v30 && !json_sub(op, "responses"))
		warn(c, "attribute %sresponses is missing", where);
	if (id && json_object_get(c->ids, id))
		warn(c, "attribute %soperationId is repeated", where);
	if (id)
		json_object_set_new(c->ids, id, json_true());
	check_params(c, path, item, op, key);
}

static void
check_paths(struct check *c)
{
	const char *path, *key;
	json_t *item, *v;

	json_object_foreach(json_sub(c->doc, "paths"), path, item)
	{
		if (str_prefix(path, "x-"))
			continue;
		if (*path != '/')
			warn(c, "paths.'%s' should start with /", path);
		if (!json_is_object(item)) {
			warn(c, "attribute paths.'%s' is not of type `object`",
				path);
			continue;
		}
		check_known(
			c, item, PATH, arena_printf(c->a, "paths.'%s'.", path));
		json_object_foreach(item, key, v) if (openapi_method(key))
			check_operation(c, path, item, key, v);
	}
}

static void
check_servers(struct check *c)
{
	const json_t *list = json_object_get(c->doc, "servers");
	json_t *server;
	size_t i;

	if (list && !json_is_array(list))
		warn(c, "attribute servers is not of type `array`");
	json_each(server, i, list)
		if (!json_str(server, "url"))
			warn(c, "attribute servers[%zu].url is missing", i);
}

void
openapi_check(struct arena *a, const json_t *doc, struct openapi *out)
{
	struct check c = { a, doc, out, json_keep(a, json_object()), false };
	const char *version;

	out->warning =
		arena_array(a, OPENAPI_WARNINGS_MAX, sizeof(*out->warning));
	version = json_str(doc, "openapi");
	c.v30 = version && str_prefix(version, "3.0");
	check_known(&c, doc, ROOT, "");
	check_info(&c);
	check_servers(&c);
	if (!json_sub(doc, "paths") &&
		(c.v30 || (!json_sub(doc, "components") &&
				  !json_sub(doc, "webhooks"))))
		warn(&c, "attribute paths is missing");
	check_paths(&c);
}
