/* SPDX-License-Identifier: MIT */
/*
 * The queue of the trace and who empties it.
 */
#include "trace.h"

#include <pthread.h>
#include <string.h>

#include "adapter_int.h"
#include "adapter_sql.h"
#include "clock.h"
#include "datasource.h"
#include "db.h"
#include "err.h"
#include "japanese.h"
#include "log.h"
#include "mem.h"
#include "text.h"

enum {
	ENTRY_MAX = 8 * 1024, /* bytes of one entry's texts */
	PARAMS_MAX = 4 * 1024,
	TIDY_ROWS = 5000,
	DAY_MS = 86400000,
};

enum {
	T_SERVICE,
	T_VERSION,
	T_DATABASE,
	T_DOOR,
	T_WHO,
	T_PERSON,
	T_MESSAGE,
	T_PARAMS,
	T_OUTCOME,
	TEXTS
};

/* Its texts stand one after another behind it; NULL: none. */
struct entry {
	struct entry *next;
	int64_t time, rows, affected, micros;
	bool write, failed;
	const char *text[TEXTS];
};
struct trace {
	struct db *db;
	int64_t keep_ms, rows;
	pthread_mutex_t lock; /* guards what follows */
	struct entry *first, **last;
	struct trace_state state;
};

struct trace *
trace_new(struct db *db, int64_t days, int64_t rows)
{
	struct trace *t = mem_alloc(sizeof(*t));

	t->db = db;
	t->keep_ms = days * DAY_MS;
	t->rows = rows;
	t->last = &t->first;
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void
trace_free(struct trace **t)
{
	if (!*t)
		return;
	trace_write(*t);
	pthread_mutex_destroy(&(*t)->lock);
	mem_free(*t);
	*t = NULL;
}

void
trace_state(struct trace *t, struct trace_state *out)
{
	pthread_mutex_lock(&t->lock);
	*out = t->state;
	pthread_mutex_unlock(&t->lock);
}

/* ---- an entry ---- */

static const struct field *
field_of(const struct data_service *s, const char *name)
{
	for (size_t i = 0; i < s->params; i++)
		if (str_equal(s->param[i].name, name))
			return &s->param[i];
	return NULL;
}

/* Nobody's personal data: what is declared so, what looks like a My Number, and
   what the service does not know. */
static bool
is_hidden(const struct field *f, const char *value)
{
	size_t from, to;

	return !f || f->personal || f->mynumber ||
	       mynumber_find(value, strlen(value), &from, &to);
}

static void
put_value(struct buf *b, const struct field *f, const char *value)
{
	char cut[TRACE_VALUE_MAX + 1];
	size_t n;

	if (!value) {
		buf_str(b, "null");
		return;
	}
	if (is_hidden(f, value)) {
		buf_str(b, "\"***\"");
		return;
	}
	n = strlen(value);
	if (n <= TRACE_VALUE_MAX) {
		buf_json(b, value);
		return;
	}
	for (n = TRACE_VALUE_MAX; n && (value[n] & 0xc0) == 0x80; n--)
		;
	memcpy(cut, value, n);
	cut[n] = '\0';
	buf_json(b, cut);
}

static void
put_argument(
	struct buf *b, const struct data_service *s, const struct argument *arg)
{
	const struct field *f = field_of(s, arg->name);

	buf_json(b, f ? arg->name : "?");
	buf_char(b, ':');
	if (arg->list)
		buf_char(b, '[');
	for (size_t i = 0; i < arg->values; i++) {
		if (i)
			buf_char(b, ',');
		put_value(b, f, arg->value[i]);
	}
	if (arg->list)
		buf_char(b, ']');
	else if (!arg->values)
		buf_str(b, "null");
}

static const char *
params_text(const struct call *c)
{
	const char *text = "{\"...\":\"***\"}"; /* too many of them */
	struct buf b;

	if (!c->args)
		return "{}";
	buf_init(&b, PARAMS_MAX);
	buf_char(&b, '{');
	for (size_t i = 0; i < c->args; i++) {
		if (i)
			buf_char(&b, ',');
		put_argument(&b, c->service, &c->arg[i]);
	}
	buf_char(&b, '}');
	if (!b.over)
		text = arena_strndup(c->arena, b.data, b.len);
	buf_done(&b);
	return text;
}

static struct entry *
entry_new(const struct call *c, const char *const *text)
{
	size_t size[TEXTS], all = 0;
	struct entry *x;
	char *p;

	for (size_t i = 0; i < TEXTS; i++) {
		size[i] = text[i] ? strnlen(text[i], ENTRY_MAX) + 1 : 0;
		all += size[i];
	}
	x = mem_alloc(sizeof(*x) + all);
	p = (char *)(x + 1);
	for (size_t i = 0; i < TEXTS; i++) {
		if (!text[i])
			continue;
		memcpy(p, text[i], size[i] - 1);
		x->text[i] = p;
		p += size[i];
	}
	x->rows = c->rows;
	x->affected = c->affected;
	x->write = c->service->write;
	x->micros = clock_micros() - c->begun;
	return x;
}

/* Takes it. */
static void
push(struct trace *t, struct entry *x)
{
	bool full;

	pthread_mutex_lock(&t->lock);
	x->time = clock_now();
	t->state.calls++;
	t->state.failed += x->failed;
	t->state.rows += x->rows;
	t->state.micros += x->micros;
	full = t->state.waiting >= TRACE_QUEUE_MAX;
	if (!t->keep_ms || full) {
		t->state.lost += full;
	} else {
		*t->last = x;
		t->last = &x->next;
		t->state.waiting++;
		x = NULL;
	}
	pthread_mutex_unlock(&t->lock);
	mem_free(x);
}

void
trace_add(struct trace *t, const struct call *c, int ret, const struct err *e)
{
	const struct data_service *s = c->service;
	const char *text[TEXTS] = {
		[T_SERVICE] = s->name,
		[T_VERSION] = s->version,
		[T_DATABASE] = s->from->id,
		[T_DOOR] = c->door,
		[T_WHO] = c->who ? c->who : request_peer(c->request),
		[T_PERSON] = c->person,
		[T_MESSAGE] = c->message,
		[T_PARAMS] = params_text(c),
		[T_OUTCOME] = "ok",
	};
	struct entry *x;

	if (ret)
		text[T_OUTCOME] = *e->code ? e->code : fault_code(e->fault);
	x = entry_new(c, text);
	x->failed = ret != 0;
	push(t, x);
}

/* ---- writing ---- */

static int
write_entries(struct db_conn *c, void *arg, struct err *e)
{
	for (const struct entry *x = arg; x; x = x->next)
		if (db_run(c, Q_ADAPTER_CALL_ADD, e, db_int(x->time),
			    db_text(x->text[T_SERVICE]),
			    db_text(x->text[T_VERSION]),
			    db_text(x->text[T_DATABASE]),
			    db_text(x->text[T_DOOR]), db_text(x->text[T_WHO]),
			    db_text(x->text[T_PERSON]),
			    db_text(x->text[T_MESSAGE]),
			    db_text(x->text[T_PARAMS]), db_int(x->rows),
			    x->write ? db_int(x->affected) : db_null(),
			    db_int(x->micros), db_text(x->text[T_OUTCOME])) < 0)
			return -1;
	return 0;
}

void
trace_write(struct trace *t)
{
	struct err e = ERR_INIT;
	struct entry *first, *next;
	int64_t n;
	int ret;

	pthread_mutex_lock(&t->lock);
	first = t->first;
	n = t->state.waiting;
	t->first = NULL;
	t->last = &t->first;
	t->state.waiting = 0;
	pthread_mutex_unlock(&t->lock);
	if (!first)
		return;
	ret = db_transact(t->db, write_entries, first, &e);
	if (ret)
		log_err("the trace of data services", &e);
	pthread_mutex_lock(&t->lock);
	t->state.written += ret ? 0 : n;
	t->state.lost += ret ? n : 0;
	pthread_mutex_unlock(&t->lock);
	for (; first; first = next) {
		next = first->next;
		mem_free(first);
	}
}

bool
trace_tidy(struct trace *t)
{
	struct db_conn *c = db_take(t->db);
	struct err e = ERR_INIT;
	int64_t n = db_run(c, Q_ADAPTER_CALLS_TIDY, &e,
		db_int(clock_now() - t->keep_ms), db_int(t->rows),
		db_int(TIDY_ROWS));

	db_give(c);
	if (n < 0)
		log_err("the trace of data services", &e);
	return n == TIDY_ROWS;
}

/* ---- searching ---- */

static json_t *
found(struct query *q)
{
	static const char *const member[] = { "service", "version", "database",
		"interface", "client", "user_id", "message_id" };
	json_t *j = json_object();
	char when[TIME_TEXT_MAX];
	const char *params = query_text(q, 9);

	json_put_int(j, "id", query_int(q, 0));
	json_put_str(j, "time", time_iso_ms(when, query_int(q, 1)));
	for (int i = 0; i < 7; i++)
		if (query_text(q, 2 + i))
			json_put_str(j, member[i], query_text(q, 2 + i));
	json_put_new(j, "parameters",
		params ? json_loads(params, JSON_ALLOW_NUL, NULL) : NULL);
	json_put_int(j, "rows", query_int(q, 10));
	if (!query_null(q, 11))
		json_put_int(j, "affected", query_int(q, 11));
	json_put_new(
		j, "milliseconds", json_real((double)query_int(q, 12) / 1000));
	json_put_str(j, "outcome", query_text(q, 13));
	return j;
}

/* The entries that ended in [from, to) stand between these. */
static int
bounds(struct db_conn *c, const struct trace_search *s, int64_t *low,
	int64_t *high, struct err *e)
{
	const int64_t time[2] = { s->from, s->to };
	int64_t *const out[2] = { low, high };

	*low = 0;
	*high = s->before > 0 ? s->before : INT64_MAX;
	for (int i = 0; i < 2; i++) {
		struct query *q;

		if (!time[i])
			continue;
		q = db_query(c, Q_ADAPTER_CALL_FROM, db_int(time[i]));
		if (query_next(q)) {
			int64_t id = query_int(q, 0);

			*out[i] = i && *high < id ? *high : id;
		} else if (!i) {
			*low = INT64_MAX;
		}
		if (query_end(q, e))
			return -1;
	}
	return 0;
}

static int
search(struct db_conn *c, const struct trace_search *s, json_t *calls,
	struct err *e)
{
	int id = s->service ? Q_ADAPTER_CALLS_OF_SERVICE
		 : s->who   ? Q_ADAPTER_CALLS_OF_WHO
			    : Q_ADAPTER_CALLS;
	struct db_arg arg[10] = { 0 };
	struct query *q;
	int64_t low, high;

	if (bounds(c, s, &low, &high, e))
		return -1;
	arg[0] = db_int(high);
	arg[1] = db_int(low);
	arg[2] = db_int(s->limit);
	arg[3] = db_int(s->slow);
	arg[4] = db_text(s->outcome);
	arg[5] = db_text(s->database);
	arg[6] = db_text(s->message);
	if (s->service) {
		arg[7] = db_text(s->service);
		arg[8] = db_text(s->who);
	} else if (s->who) {
		arg[7] = db_text(s->who);
	}
	q = db_query_args(c, id, arg);
	while (query_next(q))
		json_array_append_new(calls, found(q));
	return query_end(q, e);
}

int
trace_find(struct trace *t, struct arena *a, const struct trace_search *s,
	json_t **out, struct err *e)
{
	struct db_conn *c = db_take(t->db);
	json_t *calls = json_array();
	size_t n;
	int ret;

	*out = json_keep(a, json_object());
	json_put_new(*out, "calls", calls);
	ret = search(c, s, calls, e);
	db_give(c);
	n = json_array_size(calls);
	if (!ret && n && (int64_t)n == s->limit)
		json_put_from(*out, "next", json_array_get(calls, n - 1), "id");
	return ret;
}
