/* SPDX-License-Identifier: MIT */
/* A declared state from its file: YAML, checked against the tables. */
#include "plan.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"
#include "yaml_io.h"

enum { NEAR = 4, WORD_TEXT = 255, TEXT_MAX = 256 * 1024 };

struct reading {
	struct arena *a;
	const char *file;
	const struct yaml_marks *marks;
	struct err *e;
};

/* The place: a key of a thing, or the n-th of a list (key NULL). */
struct place {
	const json_t *in;
	const char *key;
	size_t n;
};

static int
refuse(struct reading *r, struct place p, const char *why)
{
	size_t line = yaml_line(r->marks, p.in, p.key, p.n);

	if (!line)
		return fail(r->e, FAULT_BAD_REQUEST, "%s: %s", r->file, why);
	return fail(r->e, FAULT_BAD_REQUEST, "%s:%zu: %s", r->file, line, why);
}

static const char *
nearer(const char *best, unsigned *least, const char *name, const char *said)
{
	unsigned d = str_distance(name, said);

	if (d >= *least)
		return best;
	*least = d;
	return name;
}

static int
unknown_key(struct reading *r, const struct plan_kind *k, struct place p)
{
	const char *best = NULL;
	unsigned least = NEAR;

	for (const struct plan_field *f = k->field; f->name; f++)
		best = nearer(best, &least, f->name, p.key);
	best = nearer(best, &least, "exclusive", p.key);
	return refuse(r, p,
		best ? arena_printf(r->a,
			       "a %s has no \"%s\"; did you mean \"%s\"?",
			       k->name, p.key, best)
		     : arena_printf(
			       r->a, "a %s has no \"%s\"", k->name, p.key));
}

/* One of the words, which stand apart by single spaces. */
static bool
word_in(const char *words, const char *s)
{
	size_t n = strlen(s);

	for (const char *w = words; n; w = strchr(w, ' ') + 1) {
		if (!strncmp(w, s, n) && (!w[n] || w[n] == ' '))
			return true;
		if (!strchr(w, ' '))
			break;
	}
	return false;
}

static int
check_text(struct reading *r, const struct plan_field *f, const json_t *j,
	struct place p)
{
	const char *s = json_string_value(j);

	(void)f;
	if (!s)
		return refuse(r, p,
			"this must be a text; a number wants quotes here");
	if (!*s || strlen(s) > TEXT_MAX)
		return refuse(r, p, "a text that is empty or too long");
	return 0;
}

static int
check_word(struct reading *r, const struct plan_field *f, const json_t *j,
	struct place p)
{
	const char *s = json_string_value(j);

	if (s && word_in(f->words, s))
		return 0;
	return refuse(r, p,
		arena_printf(
			r->a, "\"%s\" must be one of: %s", f->name, f->words));
}

static int
check_value(struct reading *r, const struct plan_field *f, const json_t *j,
	struct place p)
{
	(void)f;
	return json_is_object(j) ? 0 : refuse(r, p, "this must be a mapping");
}

static int
check_map(struct reading *r, const struct plan_field *f, const json_t *j,
	struct place p)
{
	const char *key;
	json_t *v;

	if (!json_is_object(j))
		return refuse(r, p, "this must be a mapping of texts");
	json_object_foreach((json_t *)(uintptr_t)j, key, v)
	{
		if (check_text(r, f, v, (struct place){ j, key, 0 }))
			return -1;
	}
	return 0;
}

/* A set: nothing twice, and nothing but the field's words if it has some. */
static int
check_texts(struct reading *r, const struct plan_field *f, const json_t *j,
	struct place p)
{
	json_t *seen = json_keep(r->a, json_object()), *v;
	size_t i;

	if (!json_is_array(j) || json_array_size(j) > PLAN_LIST_MAX)
		return refuse(r, p, "this must be a list of texts");
	json_each(v, i, j) {
		struct place at = { j, NULL, i };

		if (check_text(r, f, v, at))
			return -1;
		if (f->words && !word_in(f->words, json_string_value(v)))
			return refuse(r, at,
				arena_printf(r->a, "this must be one of: %s",
					f->words));
		if (json_object_get(seen, json_string_value(v)))
			return refuse(r, at, "this stands in the list twice");
		json_object_set_new(seen, json_string_value(v), json_true());
	}
	return 0;
}

static int check_thing(struct reading *r, const struct plan_kind *k,
	const json_t *j, struct place p);

static int
check_things(struct reading *r, const struct plan_field *f, const json_t *j,
	struct place p)
{
	json_t *seen = json_keep(r->a, json_object()), *v;
	size_t i;

	if (!json_is_array(j) || json_array_size(j) > PLAN_LIST_MAX)
		return refuse(r, p, "this must be a list");
	json_each(v, i, j) {
		struct place at = { j, NULL, i };
		const char *id;

		if (check_thing(r, f->kind, v, at))
			return -1;
		id = plan_identity(r->a, f->kind, v);
		if (json_object_get(seen, id))
			return refuse(r, at,
				arena_printf(r->a,
					"the %s %s stands in the list twice",
					f->kind->name, id));
		json_object_set_new(seen, id, json_true());
	}
	return 0;
}

static int
check_int(struct reading *r, const struct plan_field *f, const json_t *j,
	struct place p)
{
	(void)f;
	return json_is_integer(j) && json_integer_value(j) >= 0
		       ? 0
		       : refuse(r, p, "this must be a whole number");
}

static int
check_bool(struct reading *r, const struct plan_field *f, const json_t *j,
	struct place p)
{
	(void)f;
	return json_is_boolean(j) ? 0
				  : refuse(r, p, "this must be true or false");
}

static int (*const checks[])(struct reading *r, const struct plan_field *f,
	const json_t *j, struct place p) = {
	[PLAN_TEXT] = check_text,
	[PLAN_INT] = check_int,
	[PLAN_BOOL] = check_bool,
	[PLAN_WORD] = check_word,
	[PLAN_FILE] = check_text,
	[PLAN_CERT] = check_text,
	[PLAN_VALUE] = check_value,
	[PLAN_MAP] = check_map,
	[PLAN_TEXTS] = check_texts,
	[PLAN_CERTS] = check_texts,
	[PLAN_THINGS] = check_things,
};

/* Names of lists of the same thing. */
static int
check_exclusive(struct reading *r, const struct plan_kind *k, const json_t *j,
	struct place p)
{
	static const struct plan_field names = { .type = PLAN_TEXTS };
	json_t *v;
	size_t i;

	if (check_texts(r, &names, j, p))
		return -1;
	json_each(v, i, j) {
		const struct plan_field *f =
			plan_field_of(k, json_string_value(v));

		if (!f || f->type < PLAN_TEXTS)
			return refuse(r, (struct place){ j, NULL, i },
				arena_printf(r->a, "\"%s\" is no list of a %s",
					json_string_value(v), k->name));
		if (!json_object_get(p.in, f->name))
			return refuse(r, (struct place){ j, NULL, i },
				arena_printf(r->a,
					"\"%s\" is exclusive but not given; "
					"an empty list says none",
					f->name));
	}
	return 0;
}

static int
check_needs(struct reading *r, const struct plan_kind *k, const json_t *j,
	struct place p)
{
	for (const struct plan_field *f = k->field; f->name; f++)
		if ((f->flags & PLAN_NEED) && !json_object_get(j, f->name))
			return refuse(r, p,
				arena_printf(r->a, "a %s needs \"%s\"", k->name,
					f->name));
	return 0;
}

static int
check_thing(struct reading *r, const struct plan_kind *k, const json_t *j,
	struct place p)
{
	const char *key;
	json_t *v;

	if (!json_is_object(j))
		return refuse(r, p,
			arena_printf(r->a, "a %s must be a mapping", k->name));
	json_object_foreach((json_t *)(uintptr_t)j, key, v)
	{
		const struct plan_field *f = plan_field_of(k, key);
		struct place at = { j, key, 0 };

		if (!strcmp(key, "exclusive")) {
			if (check_exclusive(r, k, v, at))
				return -1;
			continue;
		}
		if (!f)
			return unknown_key(r, k, at);
		if (checks[f->type](r, f, v, at))
			return -1;
	}
	return check_needs(r, k, j, p);
}

int
plan_read(struct arena *a, const char *name, struct bytes text,
	const struct plan_kind **kind, json_t **out, struct err *e)
{
	struct reading r = { .a = a, .file = name, .e = e };
	struct err why = ERR_INIT;
	const char *what;

	if (yaml_parse_marked(a, text, NULL, out, &r.marks, &why))
		return fail(e, why.fault, "%s: %s", name, why.text);
	what = json_str(*out, "machilink");
	*kind = str_equal(what, "server")   ? &plan_server
		: str_equal(what, "center") ? &plan_center
					    : NULL;
	if (!*kind)
		return refuse(&r, (struct place){ *out, "machilink", 0 },
			"it must say \"machilink: server\" or "
			"\"machilink: center\"");
	return check_thing(&r, *kind, *out, (struct place){ 0 });
}

/* ---- files behind names ---- */

static int
resolve_list(const struct plan_field *f, json_t *list, plan_resolve_fn *fn,
	void *ctx, struct err *e)
{
	const char *text;
	json_t *v;
	size_t i = 0;

	while ((v = json_array_get(list, i))) {
		if (f->type == PLAN_THINGS) {
			if (plan_resolve(f->kind, v, fn, ctx, e))
				return -1;
			i++;
			continue;
		}
		if (fn(ctx, f, json_string_value(v), &text, e))
			return -1;
		if (text)
			json_array_set_new(list, i++, json_text_new(text));
		else
			json_array_remove(list, i);
	}
	return 0;
}

int
plan_resolve(const struct plan_kind *k, json_t *thing, plan_resolve_fn *fn,
	void *ctx, struct err *e)
{
	for (const struct plan_field *f = k->field; f->name; f++) {
		json_t *v = json_object_get(thing, f->name);
		const char *text;

		if (!v)
			continue;
		if (f->type == PLAN_THINGS || f->type == PLAN_CERTS) {
			if (resolve_list(f, v, fn, ctx, e))
				return -1;
		} else if (f->type == PLAN_FILE || f->type == PLAN_CERT) {
			if (fn(ctx, f, json_string_value(v), &text, e))
				return -1;
			json_put_str(thing, f->name, text);
		}
	}
	return 0;
}

/* ---- names ---- */

static void
join(struct arena *a, char **id, const char *s)
{
	if (s)
		*id = **id ? arena_printf(a, "%s %s", *id, s)
			   : arena_strdup(a, s);
}

char *
plan_identity(struct arena *a, const struct plan_kind *k, const json_t *thing)
{
	char *id = arena_strdup(a, "");

	for (const struct plan_field *f = k->field; f->name; f++)
		if (f->flags & PLAN_KEY)
			join(a, &id, json_str(thing, f->name));
	for (const struct plan_field *f = k->field; f->name && !*id; f++)
		if (f->flags & PLAN_ELSE)
			join(a, &id, json_str(thing, f->name));
	return id;
}

static json_t *
clean_list(const struct plan_kind *k, const json_t *list)
{
	json_t *out = json_array(), *v;
	size_t i;

	json_each(v, i, list)
		json_array_append_new(out, plan_clean(k, v));
	return out;
}

json_t *
plan_clean(const struct plan_kind *k, const json_t *thing)
{
	json_t *out = json_object();

	for (const struct plan_field *f = k->field; f->name; f++) {
		json_t *v = json_object_get(thing, f->name);

		if (!v || (json_is_array(v) && !json_array_size(v)))
			continue;
		if (f->type == PLAN_THINGS)
			json_put_new(out, f->name, clean_list(f->kind, v));
		else
			json_put_new(out, f->name, json_incref(v));
	}
	return out;
}
