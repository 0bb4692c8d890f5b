/* SPDX-License-Identifier: MIT */
/*
 * From what is there to what is wanted, step by step: outer things before
 * inner ones, in the order of the tables; removals at the end.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "plan.h"
#include "text.h"

enum { SHOWN_MAX = 160, KEY_MAX = 1024 * 1024 };

struct removal {
	struct removal *next; /* the one found before */
	const struct plan_step *step;
};

/* A thing with something to be changed at the end. */
struct ending {
	struct ending *next;
	struct plan_step *step;
	bool fresh;
};

struct walk {
	const struct plan_walk *w;
	struct removal *last;
	struct ending *end, **end_tail;
	struct err *e;
};

static struct plan_step *
step_new(struct walk *k, const struct plan_step *like)
{
	struct plan_step *s = arena_new_of(k->w->a, struct plan_step);

	*s = *like;
	return s;
}

static bool
scalar(const struct plan_field *f)
{
	return f->type < PLAN_MAP && !(f->flags & PLAN_HINT);
}

/* Line ends and what stands behind the last line do not count in files. */
static bool
same_text(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	while (n && strchr(" \r\n", a[n - 1]))
		n--;
	while (m && strchr(" \r\n", b[m - 1]))
		m--;
	return n == m && !memcmp(a, b, n);
}

static bool
blank(const json_t *v)
{
	return !v || json_is_null(v) ||
	       (json_is_integer(v) && !json_number_value(v)) ||
	       (json_is_string(v) && !json_string_length(v)) ||
	       (json_is_array(v) && !json_array_size(v)) ||
	       (json_is_object(v) && !json_object_size(v));
}

/* Whether b says all that a says. */
static bool
says(const json_t *b, const json_t *a)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)a, key, v)
	{
		if (!blank(v) && !json_equal(v, json_object_get(b, key)))
			return false;
	}
	return true;
}

static bool
same(const struct plan_field *f, const json_t *a, const json_t *b)
{
	if (f->flags & PLAN_BLANK)
		return says(a, b) && says(b, a);
	if (f->type == PLAN_FILE && json_is_string(a) && json_is_string(b))
		return same_text(json_string_value(a), json_string_value(b));
	return json_equal(a, b);
}

enum { WAITS = PLAN_LAST | PLAN_END };

/* when: PLAN_LAST, PLAN_END, or 0 for what does not wait. */
static unsigned
differences(const struct plan_step *s, unsigned when)
{
	unsigned bits = 0, bit = 1;

	for (const struct plan_field *f = s->kind->field; f->name;
		f++, bit <<= 1) {
		json_t *want = json_object_get(s->want, f->name);

		if (want && scalar(f) && when == (f->flags & WAITS) &&
			!same(f, want, json_object_get(s->have, f->name)))
			bits |= bit;
	}
	return bits;
}

static int
check_once(struct walk *k, const struct plan_step *s, unsigned differs)
{
	unsigned bit = 1;

	for (const struct plan_field *f = s->kind->field; f->name;
		f++, bit <<= 1) {
		const char *want = json_str(s->want, f->name);
		const char *have = json_str(s->have, f->name);

		if ((differs & bit) && (f->flags & PLAN_ONCE) && have)
			return fail(k->e, FAULT_CONFLICT,
				"the %s of the %s%s%s is \"%s\" and cannot "
				"become \"%s\"",
				f->name, s->kind->name, *s->id ? " " : "",
				s->id, have, want ? want : "?");
	}
	return 0;
}

static int
do_step(struct walk *k, struct plan_step *s)
{
	json_t *now = s->have;

	if (k->w->step(k->w->ctx, s, &now, k->e))
		return -1;
	s->have = now;
	return 0;
}

static int
change(struct walk *k, struct plan_step *s, bool follow, unsigned when)
{
	unsigned differs = differences(s, when);

	if (!differs || check_once(k, s, differs))
		return differs ? -1 : 0;
	s->verb = PLAN_CHANGE;
	s->differs = differs;
	s->follow = follow;
	return do_step(k, s);
}

/* ---- sets ---- */

static bool
holds(const json_t *list, const json_t *text)
{
	json_t *v;
	size_t i;

	json_each(v, i, list)
		if (json_equal(v, text))
			return true;
	return false;
}

/* A new list in the arena of what is in `a` and not in `b`. */
static json_t *
less(struct walk *k, const json_t *a, const json_t *b)
{
	json_t *out = json_keep(k->w->a, json_array()), *v;
	size_t i;

	json_each(v, i, a)
		if (!holds(b, v))
			json_array_append(out, v);
	return out;
}

static bool
exclusive(const json_t *thing, const char *name)
{
	return json_list_has(json_list(thing, "exclusive"), name);
}

static int
walk_set(struct walk *k, struct plan_step *thing, const struct plan_field *f)
{
	json_t *want = json_list(thing->want, f->name);
	json_t *have = json_list(thing->have, f->name);
	struct plan_step *s = step_new(k, thing);

	s->verb = PLAN_SET;
	s->field = f;
	s->follow = false;
	s->add = less(k, want, have);
	s->del = less(k, exclusive(thing->want, f->name) ? have : NULL, want);
	if (!json_array_size(s->add) && !json_array_size(s->del))
		return 0;
	if (do_step(k, s))
		return -1;
	thing->have = s->have;
	return 0;
}

/* ---- things in things ---- */

static int walk_thing(struct walk *k, struct plan_step *s);

static json_t *
find(struct walk *k, const struct plan_kind *kind, const json_t *list,
	const char *id)
{
	json_t *v;
	size_t i;

	json_each(v, i, list)
		if (str_equal(plan_identity(k->w->a, kind, v), id))
			return v;
	return NULL;
}

static int
walk_one(struct walk *k, const struct plan_step *thing,
	const struct plan_kind *kind, json_t *want, json_t *have)
{
	struct plan_step like = { .kind = kind,
		.id = plan_identity(k->w->a, kind, want),
		.want = want,
		.have = have,
		.parent = thing };

	return walk_thing(k, step_new(k, &like));
}

/* A code of * means each one that is there and not named itself. */
static int
walk_each(struct walk *k, const struct plan_step *thing,
	const struct plan_field *f, const json_t *any)
{
	json_t *have = json_list(thing->have, f->name), *v, *want;
	size_t i;

	json_each(v, i, have) {
		const char *id = plan_identity(k->w->a, f->kind, v);

		if (find(k, f->kind, json_list(thing->want, f->name), id))
			continue;
		want = json_keep(k->w->a, json_copy((json_t *)(uintptr_t)any));
		json_put_str(want, "code", id);
		if (walk_one(k, thing, f->kind, want, v))
			return -1;
	}
	return 0;
}

static void
queue_removals(struct walk *k, const struct plan_step *thing,
	const struct plan_field *f)
{
	json_t *want = json_list(thing->want, f->name), *v;
	json_t *have = json_list(thing->have, f->name);
	size_t i;

	json_each(v, i, have) {
		struct plan_step like = { .verb = PLAN_REMOVE,
			.kind = f->kind,
			.id = plan_identity(k->w->a, f->kind, v),
			.have = v,
			.parent = thing };
		struct removal *r;

		if (json_object_get(v, "_keep") ||
			find(k, f->kind, want, like.id) ||
			find(k, f->kind, want, "*"))
			continue;
		r = arena_new_of(k->w->a, struct removal);
		r->step = step_new(k, &like);
		r->next = k->last;
		k->last = r;
	}
}

static void
queue_end(struct walk *k, const struct plan_step *s, bool fresh)
{
	struct ending *end = arena_new_of(k->w->a, struct ending);

	end->step = step_new(k, s);
	end->fresh = fresh;
	*k->end_tail = end;
	k->end_tail = &end->next;
}

static int
walk_list(struct walk *k, const struct plan_step *thing,
	const struct plan_field *f)
{
	json_t *have = json_list(thing->have, f->name), *v;
	size_t i;

	json_each(v, i, json_list(thing->want, f->name)) {
		const char *id = plan_identity(k->w->a, f->kind, v);
		int ret;

		if (str_equal(id, "*") && thing->have)
			ret = walk_each(k, thing, f, v);
		else
			ret = walk_one(k, thing, f->kind, v,
				find(k, f->kind, have, id));
		if (ret)
			return -1;
	}
	if (exclusive(thing->want, f->name))
		queue_removals(k, thing, f);
	return 0;
}

static int
walk_thing(struct walk *k, struct plan_step *s)
{
	bool fresh = !s->have;

	if (fresh) {
		s->verb = PLAN_ADD;
		if (do_step(k, s))
			return -1;
		if (k->w->doing && !s->have)
			return 0;
	}
	if (s->have && change(k, s, fresh, 0))
		return -1;
	s = step_new(k, s); /* the one before may be kept by whoever did it */
	for (const struct plan_field *f = s->kind->field; f->name; f++) {
		if (!json_object_get(s->want, f->name) ||
			(f->flags & PLAN_HINT))
			continue;
		if ((f->type == PLAN_TEXTS || f->type == PLAN_CERTS) &&
			walk_set(k, s, f))
			return -1;
		if (f->type == PLAN_THINGS && walk_list(k, s, f))
			return -1;
	}
	if (!s->have)
		return 0;
	if (differences(s, PLAN_END))
		queue_end(k, s, fresh);
	return change(k, step_new(k, s), fresh, PLAN_LAST);
}

int
plan_walk(const struct plan_walk *w, const struct plan_kind *kind, json_t *want,
	json_t *have, struct err *e)
{
	struct walk k = { .w = w, .e = e, .end_tail = &k.end };
	struct plan_step like = {
		.kind = kind, .id = "", .want = want, .have = have
	};
	json_t *now;

	if (walk_thing(&k, step_new(&k, &like)))
		return -1;
	for (struct ending *x = k.end; x; x = x->next)
		if (change(&k, x->step, x->fresh, PLAN_END))
			return -1;
	for (struct removal *r = k.last; r; r = r->next) {
		now = r->step->have;
		if (w->step(w->ctx, r->step, &now, e))
			return -1;
	}
	return 0;
}

/* ---- words for people ---- */

/* Texts of one line as they are, others by their length. */
static void
tell_value(struct buf *b, const json_t *j)
{
	const char *s = json_string_value(j);

	if (!j)
		buf_char(b, '-');
	else if (!s)
		json_write(b, j, JSON_PLAIN);
	else if (strlen(s) > SHOWN_MAX || strpbrk(s, "\r\n"))
		buf_fmt(b, "(%zu bytes)", strlen(s));
	else
		buf_json(b, s);
}

static void
tell_differences(struct buf *b, const struct plan_step *s)
{
	const char *sep = ": ";
	unsigned bit = 1;

	for (const struct plan_field *f = s->kind->field; f->name;
		f++, bit <<= 1) {
		if (!(s->differs & bit))
			continue;
		buf_fmt(b, "%s%s", sep, f->name);
		sep = ", ";
		if (f->type == PLAN_VALUE)
			continue; /* too much for a line */
		buf_char(b, ' ');
		tell_value(b, json_object_get(s->have, f->name));
		buf_str(b, " -> ");
		tell_value(b, json_object_get(s->want, f->name));
	}
}

static void
tell_fields(struct buf *b, const struct plan_step *s)
{
	const char *sep = ": ";

	for (const struct plan_field *f = s->kind->field; f->name; f++) {
		json_t *v = json_object_get(s->want, f->name);

		if (!v || !scalar(f) || (f->flags & PLAN_KEY) ||
			f->type == PLAN_VALUE)
			continue;
		buf_fmt(b, "%s%s ", sep, f->name);
		tell_value(b, v);
		sep = ", ";
	}
}

static void
tell_set(struct buf *b, const struct plan_step *s)
{
	json_t *v;
	size_t i;

	buf_fmt(b, ": %s", s->field->name);
	json_each(v, i, s->add) {
		buf_str(b, " + ");
		tell_value(b, v);
	}
	json_each(v, i, s->del) {
		buf_str(b, " - ");
		tell_value(b, v);
	}
}

/* The things around it, the outermost first. */
static void
tell_around(struct buf *b, const struct plan_step *s)
{
	if (!s || !*s->id)
		return;
	tell_around(b, s->parent);
	if (s->parent && *s->parent->id)
		buf_str(b, " / ");
	buf_str(b, s->id);
}

char *
plan_step_key(struct arena *a, const struct plan_step *s)
{
	char *out;
	struct buf b;

	buf_init(&b, KEY_MAX);
	buf_fmt(&b, "%s|%s|", s->kind->name, s->field ? s->field->name : "");
	tell_around(&b, s);
	out = arena_strdup(a, b.data);
	buf_done(&b);
	return out;
}

void
plan_tell(struct buf *b, const struct plan_step *s, bool japanese)
{
	static const char sign[] = { [PLAN_ADD] = '+',
		[PLAN_CHANGE] = '~',
		[PLAN_SET] = '~',
		[PLAN_REMOVE] = '-' };

	buf_fmt(b, "%c %s", sign[s->verb],
		japanese ? s->kind->name_ja : s->kind->name);
	if (*s->id)
		buf_fmt(b, " %s", s->id);
	if (s->parent && *s->parent->id) {
		buf_str(b, " (");
		tell_around(b, s->parent);
		buf_char(b, ')');
	}
	if (s->verb == PLAN_CHANGE)
		tell_differences(b, s);
	else if (s->verb == PLAN_ADD)
		tell_fields(b, s);
	else if (s->verb == PLAN_SET)
		tell_set(b, s);
}
