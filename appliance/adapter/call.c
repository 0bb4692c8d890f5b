/* SPDX-License-Identifier: MIT */
/*
 * What somebody asks of a data service: arguments by name, checked against the
 * parameters and bound. Null is a value, missing is not.
 */
#include <stdlib.h>
#include <string.h>

#include "adapter_int.h"
#include "clock.h"
#include "datasource.h"
#include "err.h"
#include "japanese.h"
#include "json_io.h"
#include "mem.h"
#include "text.h"

enum { FIRST_VALUES = 8 };

struct call *
call_new(struct request *r, struct adapter *ad, const struct data_service *s)
{
	struct call *c = arena_new_of(request_arena(r), struct call);

	c->arena = request_arena(r);
	c->service = s;
	c->request = r;
	c->key = bytes_of(ad->page_key, PAGE_KEY_LEN);
	c->watch = ad->watch;
	c->trace = ad->trace;
	c->begun = clock_micros();
	c->door = "REST";
	c->who = request_header(r, "X-Road-Client");
	c->person = request_header(r, "X-Road-UserId");
	c->message = request_header(r, "X-Road-Id");
	request_set_user(r, c);
	return c;
}

int
call_end(struct call *c, int ret, const struct err *e)
{
	trace_add(c->trace, c, ret, e);
	return ret;
}

static struct argument *
argument_of(struct call *c, const char *name)
{
	for (size_t i = 0; i < c->args; i++)
		if (str_equal(c->arg[i].name, name))
			return &c->arg[i];
	return NULL;
}

static int
new_argument(
	struct call *c, const char *name, struct argument **out, struct err *e)
{
	if (c->args == FIELDS_MAX)
		return fail(e, FAULT_BAD_REQUEST, "more than %d parameters",
			FIELDS_MAX);
	*out = &c->arg[c->args++];
	**out = (struct argument){ .name = name };
	return 0;
}

/* Room for one more: doubles at powers of two. */
static void
add_value(struct arena *a, struct argument *arg, const char *value)
{
	size_t n = arg->values;

	if (n == 0 || (n >= FIRST_VALUES && (n & (n - 1)) == 0)) {
		const char **more =
			arena_array(a, n ? 2 * n : FIRST_VALUES, sizeof(*more));

		if (n)
			memcpy(more, arg->value, n * sizeof(*more));
		arg->value = more;
	}
	arg->value[arg->values++] = value;
}

int
call_add(struct call *c, const char *name, const char *value, struct err *e)
{
	struct argument *arg = argument_of(c, name);

	if (!arg && new_argument(c, name, &arg, e))
		return -1;
	if (arg->values > ITEMS_MOST)
		return 0; /* too many already: call_bind() says so */
	add_value(c->arena, arg, value);
	arg->list = arg->values > 1;
	return 0;
}

char *
json_scalar_text(struct arena *a, const json_t *v)
{
	if (json_is_string(v))
		return arena_strdup(a, json_string_value(v));
	if (json_is_integer(v))
		return arena_printf(
			a, "%lld", (long long)json_integer_value(v));
	if (json_is_real(v)) {
		char text[REAL_TEXT_MAX];

		real_text(json_real_value(v), text);
		return arena_strdup(a, text);
	}
	if (json_is_boolean(v))
		return arena_strdup(a, json_is_true(v) ? "true" : "false");
	return NULL;
}

static const struct field *
param_of(const struct data_service *s, const char *name)
{
	for (size_t i = 0; i < s->params; i++)
		if (str_equal(s->param[i].name, name))
			return &s->param[i];
	return NULL;
}

/* A JSON body: its value, and what is left of its text. */
struct body {
	struct arena *arena;
	const char *at, *end;
};

/* The digits of the next number, which a double may not hold. Values come in
   the order of the text; NULL when there is no text. */
static char *
next_number(struct body *b)
{
	static const char of_number[] = "+-.0123456789eE";
	const char *from;

	for (; b->at < b->end; b->at++) {
		if (*b->at == '-' || (*b->at >= '0' && *b->at <= '9'))
			break;
		if (*b->at != '"')
			continue;
		for (b->at++; b->at < b->end && *b->at != '"'; b->at++)
			b->at += *b->at == '\\';
	}
	if (b->at >= b->end)
		return NULL;
	from = b->at;
	while (b->at < b->end && *b->at && strchr(of_number, *b->at))
		b->at++;
	return arena_strndup(b->arena, from, (size_t)(b->at - from));
}

/* One value. exact: every digit of it counts. */
static void
add_json(struct body *b, struct argument *arg, const json_t *v, bool exact)
{
	char *text = json_scalar_text(b->arena, v), *digits;

	arg->truth = arg->truth || json_is_boolean(v);
	if (json_is_number(v)) {
		arg->number = true;
		digits = next_number(b);
		if (exact && digits)
			text = digits;
	}
	add_value(b->arena, arg, text);
}

static void
add_array(struct body *b, struct argument *arg, json_t *list, bool exact)
{
	json_t *item;
	size_t i;

	arg->list = true;
	json_each(item, i, list) {
		if (arg->values > ITEMS_MOST)
			return;
		arg->odd = json_is_array(item) || json_is_object(item);
		add_json(b, arg, item, exact);
		if (arg->odd)
			return;
	}
}

int
call_add_object(struct call *c, json_t *body, struct bytes text, struct err *e)
{
	const char *at = (const char *)text.data;
	struct body b = { c->arena, at, at ? at + text.len : at };
	struct argument *arg;
	const struct field *f;
	const char *key;
	json_t *v;
	bool exact;

	if (!json_is_object(body))
		return fail(e, FAULT_BAD_REQUEST,
			"the body must be a JSON object of parameters");
	json_object_foreach(body, key, v)
	{
		if (new_argument(c, key, &arg, e))
			return -1;
		f = param_of(c->service, key);
		exact = f && str_equal(f->kind->name, "DECIMAL");
		arg->odd = json_is_object(v);
		if (json_is_array(v))
			add_array(&b, arg, v, exact);
		else
			add_json(&b, arg, v, exact);
	}
	return 0;
}

/* JSON has types: true is no text, and 0600001 as a number has lost its zero. */
static bool
json_fits(const struct argument *arg, const struct field *f)
{
	bool truth = str_equal(f->kind->name, "BOOLEAN");

	return (!arg->truth || truth) &&
	       (!arg->number || f->kind->number || f->loose);
}

/* Whatever its type, a My Number is told by its own sentence, and not shown. */
static int
misfit(struct call *c, const struct argument *arg, const struct field *f,
	struct err *e)
{
	const char *text = arg->value[0];
	size_t from, to;

	if (text && !f->mynumber &&
		mynumber_find(text, strlen(text), &from, &to))
		return call_refuse(
			&c->complaint, MYNUMBER, f->name, NULL, "", NULL, e);
	return call_refuse(&c->complaint, MISFIT, f->name,
		f->personal ? NULL : text, f->kind->want, f->kind->want_ja, e);
}

/* Each argument names a parameter and has its shape. */
static int
check_arguments(struct call *c, struct err *e)
{
	for (size_t i = 0; i < c->args; i++) {
		const struct argument *arg = &c->arg[i];
		const struct field *f = param_of(c->service, arg->name);
		enum complaint_id id = COMPLAINTS;

		if (!f)
			id = UNKNOWN;
		else if (arg->odd)
			id = f->list ? NOT_LIST : NOT_SINGLE;
		else if (arg->list && !f->list)
			id = c->json ? NOT_SINGLE : TWICE;
		else if (f->list && !arg->list && c->json && arg->value[0])
			id = NOT_LIST;
		else if (!json_fits(arg, f))
			id = MISFIT;
		if (id == MISFIT)
			return misfit(c, arg, f, e);
		if (id != COMPLAINTS)
			return call_refuse(&c->complaint, id, arg->name, NULL,
				"", NULL, e);
	}
	return 0;
}

/* SQLite has no exact numbers: there they are compared as they are kept. */
static void
suit_driver(const struct data_service *s, const struct field *f, struct cell *v)
{
	double d;

	if (str_equal(f->kind->name, "DECIMAL") && v->kind == CELL_TEXT &&
		str_equal(datasource_driver(s->source), "sqlite")) {
		d = strtod((const char *)v->text.data, NULL);
		*v = (struct cell){ .kind = CELL_REAL, .real = d };
	}
}

static int
bind_list(struct call *c, struct cursor *q, const struct field *f,
	const struct argument *arg, struct err *e)
{
	struct cell v = { .kind = CELL_LIST };
	struct cell *item =
		arena_array(c->arena, arg->values + 1, sizeof(*item));
	const struct rules *r = &f->rules;
	int64_t n = (int64_t)arg->values;

	if (n < r->fewest || n > r->most)
		return call_refuse(&c->complaint, n < r->fewest ? FEW : MANY,
			f->name, NULL,
			arena_printf(c->arena, "%lld",
				(long long)(n < r->fewest ? r->fewest
							  : r->most)),
			NULL, e);
	for (size_t i = 0; i < arg->values; i++) {
		if (!arg->value[i])
			return call_refuse(&c->complaint, NULL_ITEM, f->name,
				NULL, "", NULL, e);
		if (field_read(f, c->arena, arg->value[i], &item[i],
			    &c->complaint, e))
			return -1;
		suit_driver(c->service, f, &item[i]);
	}
	v.item = item;
	v.items = arg->values;
	return cursor_bind(q, (size_t)f->column, &v, e);
}

static int
bind_one(struct call *c, struct cursor *q, const struct field *f, struct err *e)
{
	const struct argument usual = { .name = f->name,
		.value = f->items,
		.values = f->items_n,
		.list = true };
	const struct argument *arg = argument_of(c, f->name);
	const char *text = f->fallback;
	struct cell v;

	if (!arg && f->items)
		arg = &usual;
	if (arg) /* an empty list has no first value */
		text = arg->values ? arg->value[0] : NULL;
	if (!arg && !f->optional)
		return call_refuse(
			&c->complaint, MISSING, f->name, NULL, "", NULL, e);
	if (f->list && arg && (arg->list || text))
		return bind_list(c, q, f, arg, e);
	if (!text)
		return 0;
	if (field_read(f, c->arena, text, &v, &c->complaint, e))
		return -1;
	suit_driver(c->service, f, &v);
	return cursor_bind(q, (size_t)f->column, &v, e);
}

int
call_bind(struct call *c, struct cursor *q, struct err *e)
{
	if (check_arguments(c, e))
		return -1;
	for (size_t i = 0; i < c->service->params; i++)
		if (bind_one(c, q, &c->service->param[i], e))
			return -1;
	return 0;
}
