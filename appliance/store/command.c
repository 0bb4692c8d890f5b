/* SPDX-License-Identifier: MIT */
/*
 * Commands: a statement with its permissions, prepared once on each connection
 * it runs on, and what the database says about it.
 */
#include <assert.h>
#include <string.h>

#include "datasource_int.h"
#include "log.h"
#include "mem.h"
#include "text.h"

static const char *const *
list_copy(struct arena *a, const char *const *list)
{
	const char **copy;
	size_t n = 0;

	if (!list)
		return NULL;
	while (list[n])
		n++;
	copy = arena_array(a, n + 1, sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = arena_strdup(a, list[i]);
	return copy;
}

bool
data_listed(const char *const *list, const char *name)
{
	if (!name)
		return false;
	for (size_t i = 0; list && list[i]; i++)
		if (str_iequal(list[i], name))
			return true;
	return false;
}

static int
verb_check(const struct command *c, struct err *e)
{
	static const char *const reads[] = { "select", "with", "values",
		"table", NULL };
	static const char *const writes[] = { "insert", "update", "delete",
		"with", "replace", "merge", NULL };

	if (c->write && !c->ds->config.writable)
		return fail(e, FAULT_DATA_DENIED,
			"the data source \"%.100s\" is for reading only",
			c->ds->config.name);
	if (data_listed(c->write ? writes : reads, c->text.verb))
		return 0;
	if (data_listed(writes, c->text.verb))
		return fail(e, FAULT_DATA_DENIED,
			"the statement changes data, which is more than it may "
			"here");
	return fail(e, FAULT_DATA_DENIED,
		"the statement is not valid here: it must be %s",
		c->write ? "an INSERT, UPDATE or DELETE" : "a SELECT");
}

static void
take_lists(struct command *c, const char *const *lists)
{
	for (size_t i = 0; i < c->text.params; i++)
		for (size_t n = 0; lists && lists[n]; n++)
			c->text.list[i] |=
				str_equal(lists[n], c->text.param[i]);
}

/* Nothing would equal the JSON text that such a list is there. */
static int
check_lists(const struct sqltext *t, struct err *e)
{
	for (size_t i = 0; i < t->uses; i++)
		if (t->use[i].to && t->list[t->use[i].param])
			return fail(e, FAULT_DATA_STATEMENT,
				"this kind of database knows no IN (:%s) with "
				"a LIST: it gets the list as the text of a "
				"JSON array, for functions such as "
				"JSON_TABLE()",
				t->param[t->use[i].param]);
	return 0;
}

static int
command_read(struct command *c, const struct command_text *text, struct err *e)
{
	const struct driver *d = c->ds->driver;
	const char *sql = arena_strdup(c->arena, text->sql);
	struct buf b;
	int ret;

	if (sqltext_parse(c->arena, sql, d->dialect(c->ds), &c->text, e) ||
		verb_check(c, e))
		return -1;
	take_lists(c, text->lists);
	if (d->style == SQLTEXT_MARKED && check_lists(&c->text, e))
		return -1;
	buf_init(&b, 2 * SQLTEXT_MAX);
	sqltext_render(&c->text, d->style, &b);
	ret = buf_ok(&b, "the statement", e);
	c->sql = arena_strdup(c->arena, b.data);
	buf_done(&b);
	return ret;
}

int
command_new(struct command **out, struct datasource *ds,
	const struct command_text *text, struct err *e)
{
	struct command *c = mem_alloc(sizeof(*c));

	*out = NULL;
	c->ds = ds;
	atomic_fetch_add(&ds->refs, 1);
	atomic_init(&c->refs, 1);
	c->arena = arena_new();
	c->tables = list_copy(c->arena, text->tables);
	c->functions = list_copy(c->arena, text->functions);
	c->write = text->write;
	if (command_read(c, text, e)) {
		command_unref(c);
		return -1;
	}
	*out = c;
	return 0;
}

void
command_unref(struct command *c)
{
	struct datasource *ds = c->ds;

	if (atomic_fetch_sub(&c->refs, 1) > 1)
		return;
	arena_free(&c->arena);
	mem_free(c);
	datasource_unref(ds);
}

void
command_free(struct command **c)
{
	if (!*c)
		return;
	atomic_store(&(*c)->retired, true);
	command_unref(*c);
	*c = NULL;
}

const char *
command_param(const struct command *c, size_t i)
{
	return i < c->text.params ? c->text.param[i] : NULL;
}

size_t
command_params(const struct command *c)
{
	return c->text.params;
}

/* ---- prepared on a link ---- */

static void
prepared_forget(struct link *l, struct prepared **at)
{
	struct prepared *p = *at;
	struct command *c = p->command;

	*at = p->next;
	l->n_prepared--;
	l->ds->driver->forget(l, p);
	mem_free(p);
	command_unref(c);
}

void
link_forget_all(struct link *l, bool retired_only)
{
	struct prepared **at = &l->prepared;

	while (*at)
		if (!retired_only || (*at)->stale ||
			atomic_load(&(*at)->command->retired))
			prepared_forget(l, at);
		else
			at = &(*at)->next;
}

/* The one that was not used for the longest time. */
static void
forget_last(struct link *l)
{
	struct prepared **at = &l->prepared;

	while (*at && (*at)->next)
		at = &(*at)->next;
	if (*at)
		prepared_forget(l, at);
}

/* Found, and moved to the front. */
static struct prepared *
prepared_find(struct link *l, const struct command *c)
{
	struct prepared **at = &l->prepared, *p;

	while (*at && (*at)->command != c)
		at = &(*at)->next;
	p = *at;
	if (!p)
		return NULL;
	if (p->stale) {
		prepared_forget(l, at);
		return NULL;
	}
	*at = p->next;
	p->next = l->prepared;
	l->prepared = p;
	return p;
}

int
link_prepare(
	struct link *l, struct command *c, struct prepared **out, struct err *e)
{
	struct prepared *p = prepared_find(l, c);

	*out = p;
	if (p)
		return 0;
	if (l->n_prepared >= LINK_STATEMENTS_MAX)
		forget_last(l);
	p = mem_alloc(sizeof(*p));
	p->command = c;
	atomic_fetch_add(&c->refs, 1);
	p->next = l->prepared;
	l->prepared = p;
	l->n_prepared++;
	if (l->ds->driver->prepare(l, p, e)) {
		prepared_forget(l, &l->prepared);
		return -1;
	}
	*out = p;
	return 0;
}

/* ---- what the database says ---- */

typedef int ask_fn(
	struct link *l, struct prepared *p, void *ctx, struct err *e);

/* On a connection of the pool; once more on a new one if that was dead. */
static int
command_ask(struct command *c, ask_fn *ask, void *ctx, struct err *e)
{
	struct err why = ERR_INIT;
	struct prepared *p;
	struct link *l;
	bool again;
	int ret;

	for (bool used = true;; used = false) {
		if (link_take(c->ds, c->write, used, &l, e))
			return -1;
		err_reset(&why);
		ret = link_prepare(l, c, &p, &why);
		if (!ret)
			ret = ask(l, p, ctx, &why);
		again = ret && l->broken && !l->fresh;
		link_give(&l);
		if (!again)
			break;
	}
	if (ret && e && !err_set(e))
		*e = why;
	return ret;
}

struct question {
	struct arena *arena;
	struct description *description;
	struct buf *plan;
};

/* IN (:x) means a list, if there is no other use of it. */
static void
propose_lists(const struct sqltext *t, struct description *d)
{
	for (size_t p = 0; p < t->params; p++) {
		struct data_field *f = &d->param[p];
		bool all = f->kind != DATA_LIST;

		for (size_t i = 0; i < t->uses; i++)
			all = all && (t->use[i].param != p || t->use[i].to);
		if (!all)
			continue;
		f->item = f->kind;
		f->kind = DATA_LIST;
	}
}

static int
ask_description(struct link *l, struct prepared *p, void *ctx, struct err *e)
{
	struct question *q = ctx;
	const struct sqltext *t = &p->command->text;
	struct description *d = q->description;

	*d = (struct description){ 0 };
	d->params = t->params;
	d->param = arena_array(q->arena, t->params + 1, sizeof(*d->param));
	for (size_t i = 0; i < t->params; i++) {
		d->param[i].name = arena_strdup(q->arena, t->param[i]);
		d->param[i].type = "";
	}
	if (l->ds->driver->describe(l, p, q->arena, d, e))
		return -1;
	if (l->ds->driver->style != SQLTEXT_MARKED)
		propose_lists(t, d);
	return 0;
}

int
command_describe(struct command *c, struct arena *a, struct description *out,
	struct err *e)
{
	struct question q = { .arena = a, .description = out };

	return command_ask(c, ask_description, &q, e);
}

static int
ask_plan(struct link *l, struct prepared *p, void *ctx, struct err *e)
{
	struct question *q = ctx;

	buf_reset(q->plan);
	return l->ds->driver->plan(l, p, q->plan, e);
}

int
command_plan(
	struct command *c, struct arena *a, const char **out, struct err *e)
{
	enum { PLAN_MAX = 256 * 1024 };
	struct buf b;
	struct question q = { .plan = &b };
	int ret;

	buf_init(&b, PLAN_MAX);
	ret = command_ask(c, ask_plan, &q, e);
	if (!ret)
		*out = arena_strdup(a, b.data);
	buf_done(&b);
	return ret;
}

enum data_kind
data_kind_of(const char *type)
{
	static const struct {
		const char *prefix;
		enum data_kind kind;
	} row[] = {
		{ "BIGINT", DATA_LONG },
		{ "INT8", DATA_LONG },
		{ "INTERVAL", DATA_TEXT },
		{ "INT2", DATA_INT },
		{ "INT4", DATA_INT },
		{ "INT", DATA_LONG },
		{ "SMALLINT", DATA_INT },
		{ "TINYINT", DATA_INT },
		{ "MEDIUMINT", DATA_INT },
		{ "REAL", DATA_REAL },
		{ "DOUBLE", DATA_REAL },
		{ "FLOAT", DATA_REAL },
		{ "DECIMAL", DATA_DECIMAL },
		{ "NUMERIC", DATA_DECIMAL },
		{ "BOOL", DATA_BOOL },
		{ "DATETIME", DATA_TIMESTAMP },
		{ "DATE", DATA_DATE },
		{ "TIMESTAMP", DATA_TIMESTAMP },
		{ "BLOB", DATA_BLOB },
		{ "BYTEA", DATA_BLOB },
		{ "VARBINARY", DATA_BLOB },
		{ "BINARY", DATA_BLOB },
	};

	if (!type || !*type)
		return DATA_UNKNOWN;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		if (str_iprefix(type, row[i].prefix))
			return row[i].kind;
	return DATA_TEXT;
}
