/* SPDX-License-Identifier: MIT */
/*
 * The ODBC driver of datasource.h: each connection is a companion process that
 * loads the database's own driver.
 */
#include <ctype.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "data_odbc_int.h"
#include "mem.h"
#include "text.h"

static bool
is_mysql(const struct datasource *ds)
{
	static const char *const names[] = { "maria", "mysql", "maodbc",
		"myodbc", NULL }; /* drivers, or their files */
	const char *s = ds->config.odbc_driver;

	for (; s && *s; s++)
		for (size_t i = 0; names[i]; i++)
			if (str_iprefix(s, names[i]))
				return true;
	return false;
}

static enum sql_dialect
od_dialect(const struct datasource *ds)
{
	return is_mysql(ds) ? SQL_MYSQL : SQL_OTHER;
}

static int
od_open(struct datasource *ds, struct err *e)
{
	const struct datasource_config *c = &ds->config;

	if (c->odbc_driver && c->host && c->user)
		return 0;
	return fail(e, FAULT_CONFIG,
		"data source \"%.100s\" needs the name of its ODBC driver, "
		"host and user",
		c->name);
}

static int64_t
soon(const struct link *l)
{
	return clock_ticks() + l->ds->config.connect_ms + DATA_TRANSIT_MS;
}

static int
od_connect(struct link *l, struct err *e)
{
	const struct datasource_config *c = &l->ds->config;
	struct odbc *o = mem_alloc(sizeof(*o));
	const char *const text[] = { c->odbc_driver, c->host, c->database,
		c->user, c->password, c->ca_file,
		is_mysql(l->ds) ? "utf8mb4" : "" };

	l->own = o;
	o->fd = o->cancel_fd = -1;
	o->texts = arena_new();
	buf_init(&o->out, FRAME_MAX);
	buf_init(&o->in, FRAME_MAX);
	o->out.secret = true;
	o->cell = mem_array(WIRE_COLUMNS_MAX, sizeof(*o->cell));
	if (odbc_spawn(l, e))
		return -1;
	frame_begin(&o->out, WIRE_OPEN);
	for (size_t i = 0; i < sizeof(text) / sizeof(*text); i++)
		frame_put_str(&o->out, text[i]);
	frame_put_u32(&o->out, (uint32_t)c->port);
	frame_put_u8(&o->out, (uint8_t)c->tls);
	frame_put_u8(&o->out, l->write);
	frame_put_u32(&o->out, (uint32_t)(c->connect_ms + 999) / 1000);
	return odbc_ask(l, WIRE_OPENED, soon(l), e);
}

static void
od_disconnect(struct link *l)
{
	struct odbc *o = l->own;

	odbc_kill(l);
	buf_done(&o->out);
	buf_done(&o->in);
	arena_free(&o->texts);
	mem_free(o->cell);
	mem_free(o);
}

/* The companion ends only when it crashed: then its socket is closed. */
static bool
od_alive(struct link *l)
{
	const struct odbc *o = l->own;
	char byte;

	return recv(o->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

static int
od_ping(struct link *l, struct err *e)
{
	struct odbc *o = l->own;

	frame_begin(&o->out, WIRE_PING);
	return odbc_ask(l, WIRE_DONE, soon(l), e);
}

static int
judge_once(struct link *l, struct command *c, struct err *e)
{
	int64_t since = atomic_load(&c->judged);

	if (since && clock_ticks() - since < ODBC_JUDGED_MS)
		return 0;
	if (odbc_judge(l, c, NULL, NULL, e))
		return -1;
	atomic_store(&c->judged, clock_ticks());
	return 0;
}

static int
od_prepare(struct link *l, struct prepared *p, struct err *e)
{
	struct odbc *o = l->own;
	struct odbc_prepared *s = mem_alloc(sizeof(*s));

	p->own = s;
	s->arena = arena_new();
	s->id = ++o->serial;
	if (judge_once(l, p->command, e))
		return -1;
	frame_begin(&o->out, WIRE_PREPARE);
	frame_put_u32(&o->out, s->id);
	frame_put_str(&o->out, p->command->sql);
	if (odbc_ask(l, WIRE_SHAPE, soon(l), e))
		return -1;
	s->there = true;
	if (odbc_read_shape(&o->frame, s, p->command->text.uses))
		return odbc_broken(l, e);
	if (!p->command->write && s->columns == 0)
		return fail(
			e, FAULT_DATA_DENIED, "the statement must be a SELECT");
	return 0;
}

static void
od_forget(struct link *l, struct prepared *p)
{
	struct odbc *o = l->own;
	struct odbc_prepared *s = p->own;

	if (!s)
		return;
	if (s->there && !l->broken && !l->closing && !o->running) {
		frame_begin(&o->out, WIRE_DROP);
		frame_put_u32(&o->out, s->id);
		if (odbc_ask(l, WIRE_DONE, soon(l), NULL))
			l->broken = true;
	}
	arena_free(&s->arena);
	mem_free(s);
}

static int
od_describe(struct link *l, struct prepared *p, struct arena *a,
	struct description *out, struct err *e)
{
	const struct odbc_prepared *s = p->own;
	const struct sqltext *t = &p->command->text;

	out->table = arena_array(a, DATA_COLUMNS_MAX, sizeof(*out->table));
	out->function =
		arena_array(a, DATA_COLUMNS_MAX, sizeof(*out->function));
	if (odbc_judge(l, p->command, a, out, e))
		return -1;
	out->column = arena_array(a, s->columns + 1, sizeof(*out->column));
	out->columns = s->columns;
	for (size_t i = 0; i < s->columns; i++) {
		out->column[i] = s->column[i];
		out->column[i].name = arena_strdup(a, s->column[i].name);
		out->column[i].type = arena_strdup(a, s->column[i].type);
	}
	for (size_t i = 0; i < t->uses; i++)
		if (s->use[i] != DATA_UNKNOWN)
			out->param[t->use[i].param].kind = s->use[i];
	return 0;
}

static int
od_tables(struct link *l, data_column_fn *fn, void *ctx, struct err *e)
{
	struct odbc *o = l->own;
	struct arena *a = arena_new();
	int ret;

	frame_begin(&o->out, WIRE_LIST);
	ret = odbc_ask(l, WIRE_LISTED, soon(l), e);
	if (!ret && odbc_read_list(&o->frame, a, fn, ctx))
		ret = odbc_broken(l, e);
	arena_free(&a);
	return ret;
}

static int
od_plan(struct link *l, struct prepared *p, struct buf *out, struct err *e)
{
	(void)l;
	(void)p;
	(void)e;
	buf_str(out, "ODBC shows no plan.\n");
	return 0;
}

static const char *
od_column(const struct prepared *p, int col)
{
	const struct odbc_prepared *s = p->own;

	return (size_t)col < s->columns ? s->column[col].name : NULL;
}

/* ---- running ---- */

static void
od_cancel(struct link *l)
{
	const struct odbc *o = l->own;

	(void)send(o->cancel_fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* A cancel that came before the statement ran was lost: it is repeated. */
static enum frame_io
listen_for(struct cursor *q)
{
	struct odbc *o = q->link->own;
	enum frame_io io;
	int64_t turn;

	do {
		turn = clock_ticks() + CANCEL_TURN_MS;
		if (turn > q->until)
			turn = q->until;
		if (turn > q->wait_at)
			turn = q->wait_at;
		io = frame_recv(o->fd, &o->in, turn);
		if (io == FRAME_LATE)
			cursor_lull(q);
		if (io == FRAME_LATE && atomic_load(&q->cancelled))
			od_cancel(q->link);
	} while (io == FRAME_LATE && turn < q->until);
	return io;
}

/* Asks; when the time is up the statement is cancelled, and the companion
   ended if it does not hear. */
static int
ask_in_time(struct cursor *q, enum wire_type want, struct err *e)
{
	struct link *l = q->link;
	struct odbc *o = l->own;
	enum frame_io io;

	frame_end(&o->out);
	io = frame_send(o->fd, &o->out, soon(l));
	buf_reset(&o->in);
	if (io == FRAME_OK)
		io = listen_for(q);
	if (io == FRAME_LATE) {
		od_cancel(l);
		io = frame_recv(o->fd, &o->in, clock_ticks() + DATA_TRANSIT_MS);
		if (io == FRAME_OK)
			frame_open(&o->frame, frame_body(&o->in));
		l->broken = io != FRAME_OK;
		return fail(e, FAULT_DATA_SLOW,
			"the database did not answer in time");
	}
	if (io != FRAME_OK) {
		l->broken = true;
		return fail(e, FAULT_DATA_GONE, "the ODBC companion has ended");
	}
	return odbc_heard(l, want, e);
}

/* What the database no longer accepts is prepared again. */
static int
failed(struct cursor *q, const struct err *why, struct err *e)
{
	if (why->fault == FAULT_DATA_STATEMENT ||
		why->fault == FAULT_DATA_DENIED)
		q->prepared->stale = true;
	if (e && !err_set(e))
		*e = *why;
	return -1;
}

static int
fetch(struct cursor *q, struct err *e)
{
	struct odbc *o = q->link->own;
	const struct odbc_prepared *s = q->prepared->own;

	frame_begin(&o->out, WIRE_FETCH);
	if (ask_in_time(q, WIRE_ROWS, e))
		return -1;
	if (odbc_read_rows(&o->frame, &o->more, &q->affected, &o->rows) ||
		(o->rows && s->columns == 0))
		return odbc_broken(q->link, e);
	return 0;
}

static int
od_next(struct cursor *q, struct err *e)
{
	struct odbc *o = q->link->own;
	struct odbc_prepared *s = q->prepared->own;
	struct err why = ERR_INIT;

	while (o->rows == 0) {
		if (!o->more)
			return 0;
		if (fetch(q, &why))
			return failed(q, &why, e);
	}
	o->rows--;
	arena_reset(o->texts);
	if (odbc_read_row(&o->frame, o->texts, o->cell, s->columns))
		return odbc_broken(q->link, e);
	return 1;
}

static int
od_start(struct cursor *q, struct err *e)
{
	struct odbc *o = q->link->own;
	const struct odbc_prepared *s = q->prepared->own;
	const struct sqltext *t = &q->command->text;
	struct err why = ERR_INIT;

	q->begun = false;
	frame_begin(&o->out, WIRE_RUN);
	frame_put_u32(&o->out, s->id);
	frame_put_u32(&o->out, (uint32_t)q->limits.ms);
	frame_put_u32(&o->out, (uint32_t)t->uses);
	for (size_t i = 0; i < t->uses; i++)
		odbc_put_cell(&o->out, &q->value[t->use[i].param]);
	if (o->out.over || o->out.len > FRAME_MAX)
		return fail(e, FAULT_DATA_TYPE, "the values are too large");
	o->running = true;
	o->rows = 0;
	o->more = true;
	if (ask_in_time(q, WIRE_DONE, &why))
		return failed(q, &why, e);
	q->begun = q->command->write;
	return od_next(q, e);
}

static void
od_cell(struct cursor *q, int col, struct cell *out)
{
	const struct odbc *o = q->link->own;

	*out = o->cell[col];
}

static int
od_finish(struct cursor *q, bool commit, struct err *e)
{
	struct odbc *o = q->link->own;

	if (!o->running)
		return 0;
	o->running = false;
	if (q->link->broken)
		return commit && q->command->write
			       ? fail(e, FAULT_DATA_GONE,
					 "the connection broke before the end")
			       : 0;
	if (atomic_load(&q->cancelled)) {
		/* the byte may still be on its way */
		q->link->broken = true;
		if (!commit || !q->command->write)
			return 0;
		return fail(
			e, FAULT_DATA_CANCELLED, "the statement was cancelled");
	}
	frame_begin(&o->out, WIRE_END);
	frame_put_u8(&o->out, commit && q->command->write);
	return odbc_ask(q->link, WIRE_DONE, soon(q->link), e);
}

const struct driver driver_odbc = {
	.name = "odbc",
	.style = SQLTEXT_MARKED,
	.dialect = od_dialect,
	.open = od_open,
	.connect = od_connect,
	.disconnect = od_disconnect,
	.alive = od_alive,
	.ping = od_ping,
	.prepare = od_prepare,
	.forget = od_forget,
	.describe = od_describe,
	.plan = od_plan,
	.column = od_column,
	.start = od_start,
	.next = od_next,
	.cell = od_cell,
	.finish = od_finish,
	.cancel = od_cancel,
	.tables = od_tables,
};
