/* SPDX-License-Identifier: MIT */
/*
 * One run of a command: values, limits, rows, its end. Faults leave here
 * without the database's words.
 */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "datasource_int.h"
#include "log.h"
#include "mem.h"
#include "text.h"

void
data_plain(const struct datasource *ds, struct err *e)
{
	/* the words for these may hold values */
	static const enum fault silent[] = { FAULT_DATA_TYPE,
		FAULT_DATA_CONSTRAINT, FAULT_DATA_CANCELLED, FAULT_DATA_BUSY };
	/* and these are ours */
	bool ours = e->fault == FAULT_DATA_BUSY || e->fault == FAULT_DATA_ROWS;

	for (size_t i = 0; i < sizeof(silent) / sizeof(*silent); i++)
		if (e->fault == silent[i])
			goto words;
	log_warning("data source %s: %s (%s)", ds->config.name, e->text,
		fault_code(e->fault));
words:
	if (!ours)
		snprintf(e->text, sizeof(e->text), "%s", fault_text(e->fault));
}

/* Passes the fault on in our words. Returns -1. */
static int
plainly(struct cursor *q, struct err *why, struct err *e)
{
	if (atomic_load(&q->cancelled) &&
		(why->fault == FAULT_DATA_SLOW ||
			why->fault == FAULT_DATABASE)) {
		err_reset(why);
		fail(why, FAULT_DATA_CANCELLED, "the statement was cancelled");
	}
	data_plain(q->command->ds, why);
	if (e && !err_set(e))
		*e = *why;
	return -1;
}

static void
link_set(struct cursor *q, struct link *l)
{
	pthread_mutex_lock(&q->lock);
	q->link = l;
	pthread_mutex_unlock(&q->lock);
}

static void
link_drop(struct cursor *q)
{
	struct link *l = q->link;

	link_set(q, NULL);
	q->prepared = NULL;
	if (!l)
		return;
	/* a cancel may still be on its way: it must not hit the next run */
	l->broken = l->broken || atomic_load(&q->cancelled);
	link_give(&l);
}

/* A link with the command prepared; a dead one is replaced by a new one. */
static int
link_get(struct cursor *q, bool used, struct err *e)
{
	struct command *c = q->command;
	struct link *l;
	bool again;

	for (;; used = false) {
		if (link_take(c->ds, c->write, used, &l, e))
			return -1;
		link_set(q, l);
		if (!link_prepare(l, c, &q->prepared, e))
			return 0;
		again = l->broken && !l->fresh;
		link_drop(q);
		if (!again)
			return -1;
		err_reset(e);
	}
}

int
cursor_open(struct cursor **out, struct command *c, struct err *e)
{
	struct cursor *q = mem_alloc(sizeof(*q));
	struct err why = ERR_INIT;

	*out = NULL;
	q->command = c;
	atomic_fetch_add(&c->refs, 1);
	pthread_mutex_init(&q->lock, NULL);
	q->wait_at = INT64_MAX;
	q->arena = arena_new();
	q->value = arena_array(q->arena, c->text.params + 1, sizeof(*q->value));
	if (link_get(q, true, &why)) {
		(void)plainly(q, &why, e);
		cursor_close(&q);
		return -1;
	}
	*out = q;
	return 0;
}

/* ---- values ---- */

static int
cell_check(const struct cell *v, struct err *e)
{
	const char *text = (const char *)v->text.data;

	if (v->kind != CELL_TEXT && v->kind != CELL_BLOB)
		return 0;
	if (v->text.len > DATA_VALUE_MAX)
		return fail(e, FAULT_DATA_TYPE,
			"a value is larger than %d bytes", DATA_VALUE_MAX);
	if (v->kind == CELL_TEXT && v->text.len &&
		(!utf8_valid(text, v->text.len) ||
			memchr(text, 0, v->text.len)))
		return fail(e, FAULT_DATA_TYPE,
			"a text is not valid UTF-8 or has a NUL in it");
	return 0;
}

static void
cell_copy(struct arena *a, const struct cell *from, struct cell *to)
{
	*to = *from;
	to->item = NULL;
	to->items = 0;
	if (from->kind == CELL_TEXT || from->kind == CELL_BLOB) {
		char *p = arena_alloc(a, from->text.len + 1);

		if (from->text.len)
			memcpy(p, from->text.data, from->text.len);
		to->text = bytes_of(p, from->text.len);
	}
}

int
cursor_bind(struct cursor *q, size_t param, const struct cell *v, struct err *e)
{
	struct cell *item;

	assert(q->state == CURSOR_NEW && param < q->command->text.params);
	if (cell_check(v, e))
		return -1;
	cell_copy(q->arena, v, &q->value[param]);
	if (v->kind != CELL_LIST)
		return 0;
	item = arena_array(q->arena, v->items + 1, sizeof(*item));
	for (size_t i = 0; i < v->items; i++) {
		assert(v->item[i].kind != CELL_LIST);
		if (cell_check(&v->item[i], e))
			return -1;
		cell_copy(q->arena, &v->item[i], &item[i]);
	}
	q->value[param].item = item;
	q->value[param].items = v->items;
	return 0;
}

static void
item_json(const struct cell *v, struct buf *out)
{
	switch (v->kind) {
	case CELL_INT: buf_fmt(out, "%lld", (long long)v->number); return;
	case CELL_BOOL: buf_str(out, v->number ? "true" : "false"); return;
	case CELL_REAL:
		if (isfinite(v->real)) {
			buf_fmt(out, "%.17g", v->real);
			return;
		}
		break;
	case CELL_TEXT: buf_json(out, (const char *)v->text.data); return;
	case CELL_BLOB:
		buf_char(out, '"');
		buf_base64(out, v->text.data, v->text.len);
		buf_char(out, '"');
		return;
	case CELL_NULL:
	case CELL_LIST: break;
	}
	buf_str(out, "null");
}

void
data_list_json(const struct cell *list, struct buf *out)
{
	buf_char(out, '[');
	for (size_t i = 0; i < list->items; i++) {
		if (i)
			buf_char(out, ',');
		item_json(&list->item[i], out);
	}
	buf_char(out, ']');
}

/* ---- the run ---- */

/* Ends the run; `commit` only when it came to its end. */
static int
run_end(struct cursor *q, bool commit, struct err *e)
{
	q->state = CURSOR_OVER;
	q->wait_at = INT64_MAX;
	if (!q->link)
		return 0;
	return q->link->ds->driver->finish(q, commit, e);
}

static int
start_once(struct cursor *q, struct err *e)
{
	if (atomic_load(&q->cancelled))
		return fail(
			e, FAULT_DATA_CANCELLED, "the statement was cancelled");
	q->first = q->link->ds->driver->start(q, e);
	q->link->fresh = q->link->fresh && q->first < 0;
	return q->first < 0 ? -1 : 0;
}

/* The connection was dead, or the schema has changed since it was prepared. */
static bool
try_again(struct cursor *q)
{
	bool again =
		!q->begun &&
		(q->link->broken || (q->prepared->stale && !q->link->fresh));

	if (again)
		(void)run_end(q, false, NULL);
	return again;
}

int
cursor_start(
	struct cursor *q, const struct cursor_limits *limits, struct err *e)
{
	struct err why = ERR_INIT;
	bool used;
	int ret;

	assert(q->state == CURSOR_NEW);
	q->limits = *limits;
	q->until = limits->ms > 0 ? clock_ticks() + limits->ms : INT64_MAX;
	q->rows_left = limits->rows > 0 ? limits->rows : INT64_MAX;
	ret = start_once(q, &why);
	if (ret && try_again(q)) {
		err_reset(&why);
		used = !q->link->broken;
		link_drop(q);
		ret = link_get(q, used, &why);
		if (!ret)
			ret = start_once(q, &why);
	}
	if (!ret) {
		q->state = CURSOR_FIRST;
		return 0;
	}
	(void)run_end(q, false, NULL);
	return plainly(q, &why, e);
}

/* All rows were read: what was changed becomes true. */
static int
run_complete(struct cursor *q, struct err *e)
{
	const struct cursor_limits *l = &q->limits;

	if (q->command->write && l->affected > 0 && q->affected > l->affected) {
		(void)run_end(q, false, NULL);
		return fail(e, FAULT_DATA_ROWS,
			"more than %lld rows would be changed; nothing was "
			"changed",
			(long long)l->affected);
	}
	return run_end(q, !l->rehearse, e);
}

void
cursor_on_wait(struct cursor *q, void (*fn)(void *state), void *state)
{
	q->on_wait = fn;
	q->wait_state = state;
}

void
cursor_lull(struct cursor *q)
{
	if (clock_ticks() < q->wait_at)
		return;
	q->wait_at = INT64_MAX;
	q->on_wait(q->wait_state);
}

static int
step(struct cursor *q, struct err *e)
{
	if (q->state == CURSOR_FIRST) {
		q->state = CURSOR_RUNS;
		return q->first;
	}
	if (atomic_load(&q->cancelled))
		return fail(
			e, FAULT_DATA_CANCELLED, "the statement was cancelled");
	if (q->on_wait)
		q->wait_at = clock_ticks() + DATA_LULL_MS;
	return q->link->ds->driver->next(q, e);
}

int
cursor_next(struct cursor *q, struct err *e)
{
	struct err why = ERR_INIT;
	int rc;

	if (q->state == CURSOR_OVER || q->state == CURSOR_NEW)
		return 0;
	while ((rc = step(q, &why)) == 1) {
		if (q->rows_left-- > 0)
			return 1;
		q->capped = true;
		if (!q->command->write)
			break;
		q->rows_left = 0; /* a write runs to its end */
	}
	if (rc == 1)
		(void)run_end(q, false, NULL);
	if (rc == 0)
		rc = run_complete(q, &why);
	if (rc == -1) {
		if (q->state != CURSOR_OVER)
			(void)run_end(q, false, NULL);
		return plainly(q, &why, e);
	}
	return 0;
}

bool
cursor_capped(const struct cursor *q)
{
	return q->capped;
}

int64_t
cursor_affected(const struct cursor *q)
{
	return q->affected;
}

const char *
cursor_column(const struct cursor *q, int col)
{
	if (!q->prepared || col < 0)
		return NULL;
	return q->link->ds->driver->column(q->prepared, col);
}

void
cursor_cell(struct cursor *q, int col, struct cell *out)
{
	assert(q->state == CURSOR_RUNS);
	*out = (struct cell){ .kind = CELL_NULL };
	q->link->ds->driver->cell(q, col, out);
}

void
cursor_cancel(struct cursor *q)
{
	atomic_store(&q->cancelled, true);
	pthread_mutex_lock(&q->lock);
	if (q->link)
		q->link->ds->driver->cancel(q->link);
	pthread_mutex_unlock(&q->lock);
}

void
cursor_close(struct cursor **out)
{
	struct cursor *q = *out;

	if (!q)
		return;
	if (q->state == CURSOR_FIRST || q->state == CURSOR_RUNS)
		(void)run_end(q, false, NULL);
	link_drop(q);
	arena_free(&q->arena);
	pthread_mutex_destroy(&q->lock);
	command_unref(q->command);
	mem_free(q);
	*out = NULL;
}
