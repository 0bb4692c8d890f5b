/* SPDX-License-Identifier: MIT */
/*
 * Running a data service: parameters are only ever bound, rows come out in
 * the form the caller likes. Arrays stay arrays with one row; null is null,
 * not missing.
 */
#include "adapter_int.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "clock.h"
#include "cp932.h"
#include "datasource.h"
#include "err.h"
#include "japanese.h"
#include "mem.h"
#include "page.h"
#include "text.h"

/* What is sent at once, and how long a row may lie here meanwhile. */
enum { PIECE = 32 * 1024, LULL_MS = DATA_LULL_MS };

static int
refuse_mynumber(const struct field *f, struct err *e)
{
	return fail(e, FAULT_FORBIDDEN,
		"column \"%s\" holds an Individual Number (My Number), "
		"which this service does not give",
		f->name);
}

/* My Numbers become asterisks: personal numbers are nobody's business here
   unless the service says so. */
static int
guard_mynumber(struct rowout *o, const struct field *f, struct buf *scratch,
	struct bytes *text, struct err *e)
{
	size_t from, to, at = 0;
	struct buf clean;

	if (f->mynumber ||
		!mynumber_find((const char *)text->data, text->len, &from, &to))
		return 0;
	if (o->service->mynumber == MYNUMBER_REFUSE || f->kind->plain)
		return refuse_mynumber(f, e);
	buf_init(&clean, DATA_VALUE_MAX + 1);
	do {
		buf_add(&clean, text->data + at, from);
		for (int i = 0; i < MYNUMBER_LEN; i++)
			buf_char(&clean, '*');
		at += to;
	} while (mynumber_find(
		(const char *)text->data + at, text->len - at, &from, &to));
	buf_add(&clean, text->data + at, text->len - at);
	buf_reset(scratch);
	buf_bytes(scratch, bytes_buf(&clean));
	buf_done(&clean);
	*text = bytes_buf(scratch);
	o->bare = false;
	return 0;
}

/* Bytes of Shift_JIS, as old systems keep them. */
static bool
read_cp932(const struct cell *v, struct buf *scratch, struct bytes *text)
{
	if ((v->kind != CELL_TEXT && v->kind != CELL_BLOB) ||
		!cp932_read(scratch, v->text.data, v->text.len))
		return false;
	*text = bytes_buf(scratch);
	return true;
}

static int
write_cell(struct rowout *o, struct cursor *q, size_t i, struct buf *scratch,
	struct err *e)
{
	const struct field *f = &o->service->result[i];
	struct bytes text;
	struct cell v;

	cursor_cell(q, f->column, &v);
	if (v.kind == CELL_NULL) {
		o->form->cell(o, i, NULL);
		return 0;
	}
	/* nobody would see it in Base64 */
	if (v.kind == CELL_BLOB && !f->mynumber && !f->cp932 &&
		mynumber_in_bytes(v.text))
		return refuse_mynumber(f, e);
	buf_reset(scratch);
	if (!(f->cp932 ? read_cp932(&v, scratch, &text)
		       : f->kind->write(f->kind, &v, scratch, &text)))
		return fail(e, FAULT_DATABASE,
			"column \"%s\": the database holds a value that is not "
			"of the declared type %s",
			f->name, f->kind->name);
	o->bare = f->kind == &kind_any &&
		  (v.kind == CELL_INT ||
			  (v.kind == CELL_REAL && isfinite(v.real)));
	if (text.len >= MYNUMBER_LEN && guard_mynumber(o, f, scratch, &text, e))
		return -1;
	o->form->cell(o, i, &text);
	return 0;
}

static int
write_row(
	struct rowout *o, struct cursor *q, struct buf *scratch, struct err *e)
{
	o->form->row(o, true);
	for (size_t i = 0; i < o->service->results; i++)
		if (write_cell(o, q, i, scratch, e))
			return -1;
	o->form->row(o, false);
	o->rows++;
	if (o->out->over)
		return fail(e, FAULT_LIMIT,
			"the answer of data service \"%s\" is larger "
			"than %zu bytes; ask for less",
			o->service->name, o->out->max);
	return 0;
}

static int
send_rows(struct rowout *o, struct err *e)
{
	o->sent = clock_ticks();
	return o->flush(o, e);
}

/* The database lets wait: what is here is sent meanwhile. */
static void
on_wait(void *state)
{
	struct rowout *o = state;

	if (o->rows && o->out->len && !err_set(&o->stuck))
		(void)send_rows(o, &o->stuck);
}

/* Faults before the first piece are refusals; so it is not sent earlier than
   there is reason to. */
static int
send_due(struct rowout *o, struct err *e)
{
	if (!o->flush)
		return 0;
	if (err_set(&o->stuck)) {
		*e = o->stuck;
		return -1;
	}
	if (!o->sent)
		o->sent = clock_ticks();
	if (o->out->len < PIECE && clock_ticks() - o->sent < LULL_MS)
		return 0;
	return send_rows(o, e);
}

/* CSV cannot say that there is more: an answer that has begun breaks off. */
static int
check_whole(const struct call *c, const struct rowout *o,
	const struct outcome *how, struct err *e)
{
	if (!how->capped || !o->form->mute || !reply_begun(c->request))
		return 0;
	return fail(e, FAULT_LIMIT,
		"data service \"%s\" has more than the %lld rows it may "
		"give, and %s cannot say so; the answer was broken off",
		c->service->name, (long long)c->service->row_cap,
		o->form->name);
}

/* Rows of the page go out; the cursor of the next one stands in place. */
static int
write_page(struct call *c, struct cursor *q, struct rowout *o,
	struct buf *place, struct outcome *how, struct err *e)
{
	struct buf scratch, past;
	int64_t skip = c->offset;
	int more, ret = 0;

	buf_init(&scratch, 2 * DATA_VALUE_MAX);
	buf_init(&past, PAGE_TOKEN_MAX);
	while (!ret && (more = cursor_next(q, e)) == 1)
		if (skip) {
			skip--;
		} else if (c->page && o->rows == c->page) {
			how->capped = true;
			ret = page_row(c, q, place, &past, e);
		} else {
			ret = write_row(o, q, &scratch, e) ||
			      (c->page && page_row(c, q, place, place, e)) ||
			      send_due(o, e);
		}
	buf_done(&scratch);
	buf_done(&past);
	if (!ret && !more)
		how->capped = how->capped || cursor_capped(q);
	return ret || more < 0 ? -1 : 0;
}

static int
write_rows(struct call *c, struct cursor *q, struct rowout *o,
	struct outcome *how, struct err *e)
{
	struct buf place;
	int ret;

	buf_init(&place, PAGE_TOKEN_MAX);
	o->form->begin(o);
	if (o->flush)
		cursor_on_wait(q, on_wait, o);
	ret = write_page(c, q, o, &place, how, e);
	if (!ret) {
		how->write = c->service->write;
		how->affected = how->write ? cursor_affected(q) : 0;
		ret = check_whole(c, o, how, e);
	}
	if (!ret && c->page && how->capped)
		ret = page_token(c, o->rows, &place, &how->next, e);
	buf_done(&place);
	if (ret)
		return -1;
	o->form->end(o, how);
	return buf_ok(o->out, "the answer of the data service", e);
}

/* The owner of the database may have changed it since the catalogue was read. */
static int
check_columns(const struct data_service *s, struct cursor *q, struct err *e)
{
	for (size_t i = 0; i < s->results; i++)
		if (!str_equal(cursor_column(q, s->result[i].column),
			    s->result[i].name))
			return fail(e, FAULT_DATABASE,
				"the database of \"%s\" has changed: column "
				"\"%s\" is not where it was; restart the "
				"adapter",
				s->name, s->result[i].name);
	return 0;
}

static bool
fault_is_data(enum fault f)
{
	return f >= FAULT_DATA_GONE && f <= FAULT_DATA_CONSTRAINT;
}

/* What this call met; the next one may do better. */
static bool
is_of_call(enum fault f)
{
	static const enum fault own[] = { FAULT_DATA_TYPE, FAULT_DATA_ROWS,
		FAULT_DATA_DIVISION, FAULT_DATA_CONSTRAINT,
		FAULT_DATA_CANCELLED };

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (f == own[i])
			return true;
	return false;
}

/* The time cap is told with its name; the other words are those of the data
   source. */
static int
tell(const struct data_service *s, const struct err *why, struct err *e)
{
	if (why->fault == FAULT_DATA_SLOW)
		return fail(e, FAULT_LIMIT,
			"data service \"%s\" took longer than the %lld ms it "
			"is allowed",
			s->name, (long long)s->time_cap_ms);
	if (is_of_call(why->fault))
		return fail(e, why->fault,
			"data service \"%s\" could not do it: %s", s->name,
			why->text);
	if (fault_is_data(why->fault))
		return fail(e, why->fault,
			"the database of data service \"%s\" cannot be used: "
			"%s",
			s->name, why->text);
	if (e && !err_set(e))
		*e = *why;
	return -1;
}

static int
run_on(struct call *c, struct cursor *q, struct rowout *o, struct outcome *how,
	struct err *e)
{
	const struct data_service *s = c->service;
	struct cursor_limits limits = { .rows = page_rows(c),
		.ms = s->time_cap_ms,
		.affected = s->affected_cap,
		.rehearse = c->rehearse };

	if (call_bind(c, q, e) || page_bind(c, q, e) ||
		cursor_start(q, &limits, e) || check_columns(s, q, e) ||
		write_rows(c, q, o, how, e))
		return -1;
	return 0;
}

/* Without the words that are for administrators. */
static int
sleeps(const struct data_service *s, struct err *e)
{
	enum fault f = s->asleep->fault;

	if (!fault_is_data(f))
		f = FAULT_DATABASE;
	return fail(e, f,
		"data service \"%s\" cannot be used until its database has "
		"been asked about it: %s",
		s->name, fault_text(f));
}

int
service_ready(const struct data_service *s, struct err *e)
{
	struct cursor *q = NULL;
	struct err why = ERR_INIT;
	int ret;

	if (s->asleep)
		return fail(e, s->asleep->fault,
			"data service \"%s\" sleeps: %s (%s)", s->name,
			s->asleep->text, datasource_name(s->source));
	ret = cursor_open(&q, s->command, &why);
	if (!ret)
		ret = check_columns(s, q, &why);
	cursor_close(&q);
	/* the operator's sentence: it may say where the database is */
	if (ret)
		return fail(e, why.fault,
			"data service \"%s\" cannot be used: %s (%s)", s->name,
			why.text, datasource_name(s->source));
	return 0;
}

int
service_run(
	struct call *c, struct rowout *o, struct outcome *how, struct err *e)
{
	struct watched x = { .request = c->request,
		.source = c->service->source };
	struct err why = ERR_INIT;
	int ret;

	if (c->service->asleep)
		return sleeps(c->service, e);
	ret = cursor_open(&x.cursor, page_command(c), &why);
	if (!ret) {
		watch_begin(c->watch, &x);
		ret = run_on(c, x.cursor, o, how, &why);
		c->rows = o->rows;
		c->affected = how->affected;
		watch_end(c->watch, &x);
	}
	cursor_close(&x.cursor);
	return ret ? tell(c->service, &why, e) : 0;
}
