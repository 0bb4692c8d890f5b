/* SPDX-License-Identifier: MIT */
/*
 * The rows of contract.def as parts of an OpenAPI 3.0 document: what is judged
 * is what is told.
 */
#include "contract_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

static json_t *
typed(const char *type)
{
	json_t *j = json_object();

	json_put_str(j, "type", type);
	return j;
}

static json_t *
text_schema(const struct member *m)
{
	json_t *j = typed("string");

	json_put_int(j, "minLength", m->low);
	json_put_int(j, "maxLength", m->high);
	return j;
}

static json_t *
word_schema(const struct member *m)
{
	json_t *j = typed("string"), *list = json_array();

	for (const char *w = m->words; *w;) {
		size_t n = strcspn(w, "|");

		json_array_append_new(list, json_stringn(w, n));
		w += n + (w[n] == '|');
	}
	json_put_new(j, "enum", list);
	return j;
}

static json_t *
number_schema(const struct member *m)
{
	json_t *j = typed("integer");

	json_put_int(j, "minimum", m->low);
	json_put_int(j, "maximum", m->high);
	return j;
}

/* A text, or a number for its digits. */
static json_t *
digits_schema(const struct member *m)
{
	json_t *j = json_object(), *list = json_array();

	json_array_append_new(list, text_schema(m));
	json_array_append_new(list, typed("integer"));
	json_put_new(j, "anyOf", list);
	return j;
}

static json_t *
any_schema(const struct member *m)
{
	(void)m;
	return json_object();
}

static json_t *shape_ref(const struct member *shape, json_t *schemas);

static json_t *
list_of(json_t *items)
{
	json_t *j = typed("array");

	json_put_new(j, "items", items);
	return j;
}

static json_t *
member_schema(const struct member *m, json_t *schemas)
{
	static const struct {
		json_t *(*make)(const struct member *m);
		enum kind kind;
		bool list;
	} rows[] = { { text_schema, KIND_IDENT, false },
		{ text_schema, KIND_TEXT, false },
		{ text_schema, KIND_LINES, false },
		{ text_schema, KIND_SECRET, false },
		{ digits_schema, KIND_DIGITS, false },
		{ any_schema, KIND_ANY, false },
		{ word_schema, KIND_WORD, false },
		{ number_schema, KIND_NUMBER, false },
		{ text_schema, KIND_TEXTS, true },
		{ word_schema, KIND_WORDS, true } };
	json_t *j;

	if (m->part) {
		j = shape_ref(m->part, schemas);
		return m->kind == KIND_LIST ? list_of(j) : j;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].kind == m->kind) {
			j = rows[i].make(m);
			return rows[i].list ? list_of(j) : j;
		}
	return typed("boolean");
}

/* A reference to the shape, which is in `schemas` from then on. */
static json_t *
shape_ref(const struct member *shape, json_t *schemas)
{
	struct arena *a = arena_new();
	json_t *ref = json_object();

	json_put_str(ref, "$ref",
		arena_printf(a, "#/components/schemas/%s", shape->name));
	arena_free(&a);
	if (!json_object_get(schemas, shape->name)) {
		json_t *j = typed("object"), *all = json_object();
		json_t *must = json_array();

		json_put_new(schemas, shape->name, j);
		for (const struct member *m = shape + 1; m->kind != KIND_END;
			m++) {
			json_put_new(all, m->name, member_schema(m, schemas));
			if (m->must)
				json_array_append_new(
					must, json_text_new(m->name));
		}
		json_put_new(j, "properties", all);
		if (json_array_size(must))
			json_put_new(j, "required", json_incref(must));
		json_decref(must);
	}
	return ref;
}

static void
parameter(json_t *list, const char *in, const char *name, bool must,
	json_t *schema)
{
	json_t *j = json_object();

	json_put_str(j, "in", in);
	json_put_str(j, "name", name);
	json_put_bool(j, "required", must);
	json_put_new(j, "schema", schema);
	json_array_append_new(list, j);
}

static void
pieces(json_t *list, const char *path)
{
	struct arena *a = arena_new();

	while ((path = strchr(path, '{'))) {
		size_t n = strcspn(++path, "}");

		parameter(list, "path", arena_strndup(a, path, n), true,
			typed("string"));
	}
	arena_free(&a);
}

static json_t *
content_of(const char *type, json_t *schema)
{
	json_t *all = json_object(), *one = json_object();

	json_put_new(one, "schema", schema);
	json_put_new(all, type, one);
	return all;
}

static json_t *
body_of(const struct contract *c, json_t *schemas)
{
	static const char *const types[] = { [MEDIA_NONE] = NULL,
		[MEDIA_JSON] = "application/json",
		[MEDIA_BYTES] = "application/octet-stream",
		[MEDIA_FORM] = "multipart/form-data" };
	json_t *schema, *j;

	if (c->media == MEDIA_JSON)
		schema = shape_ref(c->body, schemas);
	else
		schema = typed(c->media == MEDIA_FORM ? "object" : "string");
	if (c->media == MEDIA_BYTES)
		json_put_str(schema, "format", "binary");
	j = json_object();
	json_put_new(j, "content", content_of(types[c->media], schema));
	return j;
}

/* {"status", "error": {"code", "metadata", "validation_errors"}, "warnings"} */
static void
answers(json_t *operation, const struct contract *c)
{
	static const struct {
		const char *status, *says;
	} rows[] = { { "default",
			     "refused: an error code and what it is about" },
		{ "2XX", "done" } };
	json_t *all = json_object(), *file;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *one = json_object();

		json_put_str(one, "description", rows[i].says);
		json_put_new(all, rows[i].status, one);
	}
	if (c && *c->makes) {
		file = typed("string");
		json_put_str(file, "format", "binary");
		json_put_new(json_object_get(all, "2XX"), "content",
			content_of(c->makes, file));
	}
	json_put_new(operation, "responses", all);
}

void
contract_describe(const struct contract *c, const char *path, json_t *operation,
	json_t *schemas)
{
	json_t *list = json_array();

	pieces(list, path);
	for (const struct member *m = c ? c->query + 1 : NULL;
		m && m->kind != KIND_END; m++)
		parameter(list, "query", m->name, m->must,
			member_schema(m, schemas));
	if (json_array_size(list))
		json_put_new(operation, "parameters", json_incref(list));
	json_decref(list);
	if (c && c->media != MEDIA_NONE)
		json_put_new(operation, "requestBody", body_of(c, schemas));
	answers(operation, c);
}
