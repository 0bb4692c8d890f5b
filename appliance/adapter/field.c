/* SPDX-License-Identifier: MIT */
/*
 * Parameters and columns of a data service as services.json declares them.
 */
#include <ctype.h>
#include <string.h>

#include "adapter_int.h"
#include "datasource.h"
#include "err.h"
#include "json_io.h"
#include "mem.h"
#include "text.h"

enum { TEXT_MAX = 500, DEFAULT_MAX = 64 * 1024 };

/* ASCII letters, digits, "_-.", and the CJK, kana and full-width ranges (XML
   1.0, fifth edition, production 4). Returns the length in bytes, 0 when it
   does not fit. */
static size_t
name_char(const unsigned char *p, bool first)
{
	static const char more[] = "0123456789-.";
	unsigned c;

	if (*p < 0x80)
		return isalpha(*p) || *p == '_' || (!first && strchr(more, *p));
	if ((*p & 0xf0) != 0xe0)
		return 0;
	c = (*p & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	return (c >= 0x3001 && c <= 0xd7ff) || (c >= 0xf900 && c <= 0xfdcf) ||
			       (c >= 0xfdf0 && c <= 0xfffd)
		       ? 3
		       : 0;
}

/* Names become path pieces and JSON members, and XML elements (name.c). */
int
field_name_check(const char *name, const char *what, struct err *e)
{
	const unsigned char *p = (const unsigned char *)name;
	size_t len = strlen(name), n = 0;

	if (!len || len > NAME_MAX_LEN || !utf8_valid(name, len))
		n = 0;
	else
		while (*p && (n = name_char(p, p == (const void *)name)))
			p += n;
	if (!n)
		return fail(e, FAULT_CONFIG,
			"%s \"%.100s\": a name begins with a letter and has up "
			"to %d bytes of letters, digits, '_', '-' or '.'",
			what, name, NAME_MAX_LEN);
	return 0;
}

int
optional_list(json_t *item, const char *key, json_t **out, struct err *e)
{
	json_t *list = json_object_get(item, key);

	*out = json_is_null(list) ? NULL : list;
	if (*out && !json_is_array(*out))
		return fail(e, FAULT_CONFIG, "\"%s\" is not a list", key);
	return 0;
}

int
optional_texts(struct arena *a, json_t *item, const char *key,
	const char *const **out, struct err *e)
{
	const char **t;
	json_t *list, *one;
	size_t i;

	*out = NULL;
	if (optional_list(item, key, &list, e))
		return -1;
	if (!list)
		return 0;
	t = arena_array(a, json_array_size(list) + 1, sizeof(*t));
	json_each(one, i, list) {
		t[i] = json_string_value(one);
		if (!t[i])
			return fail(e, FAULT_CONFIG,
				"\"%s\" holds something that is not a name",
				key);
	}
	*out = t;
	return 0;
}

/* Single values as texts; *out is NULL when there is no such list. */
static int
optional_values(struct arena *a, json_t *item, const char *key, size_t most,
	const char ***out, size_t *n, struct err *e)
{
	json_t *list, *one;
	const char **v;
	size_t i;

	if (optional_list(item, key, &list, e))
		return -1;
	*n = json_array_size(list);
	if (!list)
		return 0;
	if (*n > most)
		return fail(e, FAULT_CONFIG, "\"%s\" has %zu entries", key, *n);
	*out = v = arena_array(a, *n + 1, sizeof(*v));
	json_each(one, i, list) {
		v[i] = json_scalar_text(a, one);
		if (!v[i])
			return fail(e, FAULT_CONFIG,
				"\"%s\" holds something that is not a single "
				"value",
				key);
	}
	return 0;
}

/* A text, a number or a truth as text; anything else is an error. */
static int
optional_value(struct arena *a, json_t *item, const char *key, const char **out,
	struct err *e)
{
	json_t *v = json_object_get(item, key);

	if (!v || json_is_null(v))
		return 0;
	*out = json_scalar_text(a, v);
	if (!*out || strlen(*out) > DEFAULT_MAX)
		return fail(
			e, FAULT_CONFIG, "\"%s\" is not a single value", key);
	return 0;
}

static int
read_allowed(struct arena *a, json_t *item, struct rules *r, struct err *e)
{
	if (optional_values(a, item, "values", ALLOWED_MAX, &r->allowed,
		    &r->allowed_n, e))
		return -1;
	if (r->allowed && !r->allowed_n)
		return fail(e, FAULT_CONFIG, "\"%s\" has %zu entries", "values",
			r->allowed_n);
	return 0;
}

static int
read_rules(struct arena *a, json_t *item, struct field *f, struct err *e)
{
	struct rules *r = &f->rules;

	if (json_opt_int(item, "minLength", 0, LENGTH_MOST, &r->shortest, e) ||
		json_opt_int(
			item, "maxLength", 0, LENGTH_MOST, &r->longest, e) ||
		json_opt_int(item, "minItems", 0, ITEMS_MOST, &r->fewest, e) ||
		json_opt_int(item, "maxItems", 0, ITEMS_MOST, &r->most, e) ||
		json_opt_str(item, "pattern", PATTERN_MAX, &r->pattern, e) ||
		optional_value(a, item, "minimum", &r->least, e) ||
		optional_value(a, item, "maximum", &r->greatest, e) ||
		(f->list ? optional_values(a, item, "default", ITEMS_MOST,
				   &f->items, &f->items_n, e)
			 : optional_value(
				   a, item, "default", &f->fallback, e)) ||
		read_allowed(a, item, r, e))
		return -1;
	if (!f->list && (r->fewest >= 0 || r->most >= 0))
		return fail(e, FAULT_CONFIG,
			"\"%s\" has minItems or maxItems, but is no LIST",
			f->name);
	if (f->list && r->most < 0)
		r->most = ITEMS_MOST;
	if (f->items && ((int64_t)f->items_n < r->fewest ||
				(int64_t)f->items_n > r->most))
		return fail(e, FAULT_CONFIG,
			"the default of \"%s\" has fewer values than minItems "
			"or more than maxItems",
			f->name);
	return rules_check(a, f, e);
}

/* "type" is ours; the other two are the Connector's, for results. */
static int
read_type(json_t *item, struct field *f, struct err *e)
{
	static const char *const key[] = { "type", "oasType", "xsdType" };
	const char *type = NULL;

	for (size_t i = 0; i < sizeof(key) / sizeof(*key) && !type; i++)
		if (json_opt_str(item, key[i], NAME_MAX_LEN, &type, e))
			return -1;
	f->list = type && str_iequal(type, "LIST");
	if (f->list) {
		type = NULL;
		if (json_opt_str(item, "itemType", NAME_MAX_LEN, &type, e))
			return -1;
	}
	f->kind = kind_find(type ? type : "STRING");
	if (!f->kind)
		return fail(e, FAULT_CONFIG, "\"%s\" has the unknown type %s",
			f->name, type);
	return 0;
}

/* The Connector calls every parameter a STRING and takes numbers for it. What
   has rules is ours, and means what it says. */
static bool
is_loose(const struct field *f)
{
	const struct rules *r = &f->rules;

	return str_equal(f->kind->name, "STRING") && r->shortest < 0 &&
	       r->longest < 0 && !r->pattern && !r->allowed;
}

static int
read_encoding(json_t *item, struct field *f, struct err *e)
{
	const char *name = NULL;

	if (json_opt_str(item, "encoding", NAME_MAX_LEN, &name, e))
		return -1;
	f->cp932 = name && (str_iequal(name, "CP932") ||
				   str_iequal(name, "Shift_JIS") ||
				   str_iequal(name, "windows-31j"));
	if (name && !f->cp932 && !str_iequal(name, "UTF-8"))
		return fail(e, FAULT_CONFIG,
			"\"%s\" has the unknown encoding %s", f->name, name);
	return 0;
}

static int
read_field(struct arena *a, json_t *item, const char *what, bool param,
	struct field *f, struct err *e)
{
	bool required = true;

	if (json_need_str(item, "name", NAME_MAX_LEN, &f->name, e) ||
		field_name_check(f->name, what, e) || read_type(item, f, e) ||
		json_opt_bool(item, "required", &required, e) ||
		json_opt_bool(item, "personal", &f->personal, e) ||
		json_opt_bool(item, "myNumber", &f->mynumber, e) ||
		json_opt_str(item, "description", TEXT_MAX, &f->title, e))
		return -1;
	f->element = name_element(a, f->name);
	f->rules = RULES_NONE;
	if (param ? read_rules(a, item, f, e) : read_encoding(item, f, e))
		return -1;
	f->optional = !required || f->fallback || f->items;
	f->loose = param && is_loose(f);
	if (param && grant_read(item, f, e))
		return -1;
	if (!param && f->list)
		return fail(e, FAULT_CONFIG,
			"column \"%s\" is a LIST, which only parameters are",
			f->name);
	return 0;
}

static int
read_fields(struct arena *a, json_t *service, bool param, struct field **out,
	size_t *n, struct err *e)
{
	const char *key = param ? "params" : "result";
	const char *what = param ? "parameter" : "column";
	json_t *list, *item;
	struct field *f;
	size_t i;

	if (optional_list(service, key, &list, e))
		return -1;
	if (json_array_size(list) > FIELDS_MAX)
		return fail(e, FAULT_CONFIG, "\"%s\" has over %d entries", key,
			FIELDS_MAX);
	f = arena_array(a, json_array_size(list) + 1, sizeof(*f));
	json_each(item, i, list) {
		if (read_field(a, item, what, param, &f[i], e))
			return -1;
		for (size_t j = 0; j < i; j++)
			if (str_equal(f[j].name, f[i].name))
				return fail(e, FAULT_CONFIG,
					"%s \"%s\" is there twice", what,
					f[i].name);
	}
	*out = f;
	*n = json_array_size(list);
	return 0;
}

/* How a caller asks for pages and forms, and what pages need; not names of
   parameters. */
static bool
is_ours(const char *name)
{
	static const char *const ours[] = { "_limit", "_cursor", "_format",
		"_after", "_rows" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (str_equal(name, ours[i]))
			return true;
	return false;
}

int
params_read(
	struct arena *a, json_t *service, struct data_service *s, struct err *e)
{
	if (read_fields(a, service, true, &s->param, &s->params, e))
		return -1;
	for (size_t i = 0; i < s->params; i++) {
		s->param[i].mynumber |= s->mynumber == MYNUMBER_ALLOW;
		if (is_ours(s->param[i].name))
			return fail(e, FAULT_CONFIG,
				"the name \"%s\" is reserved: callers ask for "
				"pages and forms with it",
				s->param[i].name);
	}
	return 0;
}

int
results_read(
	struct arena *a, json_t *service, struct data_service *s, struct err *e)
{
	if (read_fields(a, service, false, &s->result, &s->results, e))
		return -1;
	for (size_t i = 0; i < s->results; i++)
		s->result[i].mynumber |= s->mynumber == MYNUMBER_ALLOW;
	return 0;
}
