/* SPDX-License-Identifier: MIT */
/*
 * The OpenAPI 3.0 document of the services between organisations, written from
 * the rows of interface.def: what a partner implements from, and what the
 * tests hold the services against.
 */
#include "door_int.h"

#include <string.h>

#include "mem.h"
#include "text.h"

struct field {
	const char *in, *name, *type, *text;
	bool needed;
};
struct operation {
	enum link_mode mode;
	int status;
	const char *method, *path, *name, *ja, *en;
	const struct field *field;
};

#define OPERATION(mode, method, path, name, ja, en, status) \
 static const struct field name##_fields[] = {
#define NEED(in, field, type, text)  { in, field, type, text, true },
#define MAYBE(in, field, type, text) { in, field, type, text, false },
#define END                     \
 {                              \
  NULL, NULL, NULL, NULL, false \
 }                              \
 }                              \
 ;
#include "interface.def"
#undef OPERATION
#undef NEED
#undef MAYBE
#undef END

static const struct operation operations[] = {
#define OPERATION(mode, method, path, name, ja, en, status) \
 { LINK_##mode, status, method, path, #name, ja, en, name##_fields },
#define NEED(in, field, type, text)
#define MAYBE(in, field, type, text)
#define END
#include "interface.def"
};
#undef OPERATION
#undef NEED
#undef MAYBE
#undef END

struct shape {
	const char *name, *text;
	const struct field *field;
};

#define SHAPE(name, text)            static const struct field name##_members[] = {
#define NEED(in, field, type, text)  { in, field, type, text, true },
#define MAYBE(in, field, type, text) { in, field, type, text, false },
#define END                     \
 {                              \
  NULL, NULL, NULL, NULL, false \
 }                              \
 }                              \
 ;
#include "shape.def"
#undef SHAPE
#undef NEED
#undef MAYBE
#undef END

static const struct shape shapes[] = {
#define SHAPE(name, text) { #name, text, name##_members },
#define NEED(in, field, type, text)
#define MAYBE(in, field, type, text)
#define END
#include "shape.def"
};

/* ---- types ---- */

/* A name of n bytes. */
static json_t *
ref_json(const char *name, size_t n)
{
	json_t *j = json_object();
	struct arena *a = arena_new();

	json_put_str(j, "$ref",
		arena_printf(a, "#/components/schemas/%.*s", (int)n, name));
	arena_free(&a);
	return j;
}

/* Words between blanks: as they are, or as shapes. */
static json_t *
words_list(const char *p, bool shape)
{
	json_t *list = json_array();

	while (*p) {
		size_t n = strcspn(p, " ");

		json_array_append_new(
			list, shape ? ref_json(p, n) : json_stringn(p, n));
		p += n + (p[n] == ' ');
	}
	return list;
}

static json_t *
scalar_json(const char *type)
{
	static const char enums[] = "enum:", one[] = "oneOf:";
	json_t *j = json_object();

	if (str_prefix(type, one)) {
		json_put_new(
			j, "oneOf", words_list(type + sizeof(one) - 1, true));
		return j;
	}
	json_put_str(j, "type", "string");
	if (str_prefix(type, enums))
		json_put_new(
			j, "enum", words_list(type + sizeof(enums) - 1, false));
	else if (str_equal(type, "id"))
		json_put_str(j, "pattern", "^[0-9a-f]{32}$");
	else if (str_equal(type, "date-time") || str_equal(type, "uri"))
		json_put_str(j, "format", type);
	else
		json_put_str(j, "type", type);
	return j;
}

static json_t *
single_json(const char *type, size_t n)
{
	struct arena *a = arena_new();
	json_t *j = *type >= 'A' && *type <= 'Z'
			    ? ref_json(type, n)
			    : scalar_json(arena_strndup(a, type, n));

	arena_free(&a);
	return j;
}

static json_t *
type_json(const char *type)
{
	size_t n = strlen(type);
	json_t *j = json_object();

	if (str_suffix(type, "[]")) {
		json_put_str(j, "type", "array");
		json_put_new(j, "items", single_json(type, n - 2));
		return j;
	}
	if (*type >= 'A' && *type <= 'Z') { /* beside a $ref nothing counts */
		json_t *all = json_array();

		json_array_append_new(all, ref_json(type, n));
		json_put_new(j, "allOf", all);
		return j;
	}
	json_decref(j);
	return scalar_json(type);
}

/* Members of the body ("body"), the answer ("answer") or a shape ("of"). */
static json_t *
object_json(const struct field *f, const char *in)
{
	json_t *j = json_object(), *members = json_object();
	json_t *needed = json_array();

	json_put_str(j, "type", "object");
	for (; f->in; f++) {
		json_t *one;

		if (!str_equal(f->in, in))
			continue;
		one = type_json(f->type);
		json_put_str(one, "description", f->text);
		json_put_new(members, f->name, one);
		if (f->needed)
			json_array_append_new(needed, json_text_new(f->name));
	}
	json_put_new(j, "properties", members);
	if (json_array_size(needed))
		json_put_new(j, "required", needed);
	else
		json_decref(needed);
	return j;
}

static json_t *
content_json(json_t *schema)
{
	json_t *j = json_object(), *media = json_object();
	json_t *inner = json_object();

	json_put_new(inner, "schema", schema);
	json_put_new(media, "application/json", inner);
	json_put_new(j, "content", media);
	return j;
}

static json_t *
parameters_json(const struct operation *o)
{
	json_t *list = json_array();

	for (const struct field *f = o->field; f->in; f++) {
		json_t *j;

		if (!str_equal(f->in, "path") && !str_equal(f->in, "query") &&
			!str_equal(f->in, "header"))
			continue;
		j = json_object();
		json_put_str(j, "name", f->name);
		json_put_str(j, "in", f->in);
		json_put_bool(j, "required", f->needed);
		json_put_str(j, "description", f->text);
		json_put_new(j, "schema", type_json(f->type));
		json_array_append_new(list, j);
	}
	return list;
}

static bool
has_body(const struct operation *o)
{
	for (const struct field *f = o->field; f->in; f++)
		if (str_equal(f->in, "body"))
			return true;
	return false;
}

static json_t *
refusal_json(void)
{
	json_t *j = content_json(ref_json("Refusal", strlen("Refusal")));

	json_put_str(j, "description",
		"refused: error.code says why (see the list of codes)");
	return j;
}

static json_t *
operation_json(struct arena *a, const struct operation *o)
{
	json_t *j = json_object(), *answers = json_object(), *good;

	json_put_str(j, "operationId", o->name);
	json_put_str(j, "summary", arena_printf(a, "%s / %s", o->ja, o->en));
	json_put_new(j, "parameters", parameters_json(o));
	if (has_body(o)) {
		json_t *body = content_json(object_json(o->field, "body"));

		json_put_bool(body, "required", true);
		json_put_new(j, "requestBody", body);
	}
	good = o->status == 204 ? json_object()
				: content_json(object_json(o->field, "answer"));
	json_put_str(good, "description", o->en);
	json_put_new(answers, arena_printf(a, "%d", o->status), good);
	json_put_new(answers, "default", refusal_json());
	json_put_new(j, "responses", answers);
	return j;
}

static json_t *
components_json(void)
{
	json_t *j = json_object(), *schemas = json_object();
	json_t *refusal = json_object(), *members = json_object();
	json_t *error = json_object(), *inner = json_object();
	static const char *const name[] = { "code", "message", "message_ja" };

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
		json_put_new(inner, name[i], type_json("string"));
	json_put_str(error, "type", "object");
	json_put_new(error, "properties", inner);
	json_put_new(members, "error", error);
	json_put_str(refusal, "type", "object");
	json_put_new(refusal, "properties", members);
	json_put_new(schemas, "Refusal", refusal);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		json_t *shape = object_json(shapes[i].field, "of");

		json_put_str(shape, "description", shapes[i].text);
		json_put_new(schemas, shapes[i].name, shape);
	}
	json_put_new(j, "schemas", schemas);
	return j;
}

static json_t *
paths_json(struct arena *a, enum link_mode mode)
{
	json_t *paths = json_object();

	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		const struct operation *o = &operations[i];
		json_t *path = json_object_get(paths, o->path);
		char *method = arena_strdup(a, o->method);

		if (o->mode != mode)
			continue;
		if (!path) {
			path = json_object();
			json_put_new(paths, o->path, path);
		}
		str_lower(method);
		json_put_new(path, method, operation_json(a, o));
	}
	return paths;
}

DOOR_HANDLER(door_openapi)
{
	struct link *l = state;
	json_t *j = json_object(), *info = json_object();
	bool center = l->book.mode == LINK_CENTER;

	json_put_str(j, "openapi", "3.0.3");
	json_put_str(info, "title",
		center ? "Personal-Link: center" : "Personal-Link: cache");
	json_put_str(info, "version", VERSION);
	json_put_new(j, "info", info);
	json_put_new(j, "paths", paths_json(request_arena(r), l->book.mode));
	json_put_new(j, "components", components_json());
	return door_reply(r, 200, j, e);
}
