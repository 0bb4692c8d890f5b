/* SPDX-License-Identifier: MIT */
/*
 * Group commit. Submitters put a ticket into the queue and sleep on it; the
 * writer takes what is queued, runs each ticket, commits once and wakes them.
 * When a ticket fails, the others run again, now each in a savepoint: failures
 * are rare, and a savepoint keeps a copy of every page that changes. While it commits, the next group gathers by itself; it waits
 * longer (wait_ms at most) only to become as large as the last one was.
 */
#include <pthread.h>
#include <time.h>

#include "clock.h"
#include "err.h"
#include "job.h"
#include "mem.h"
#include "meter.h"
#include "store_int.h"

enum { GROUP_MAX = 512 };

struct ticket {
	struct ticket *next;
	db_fn *fn;
	void *arg;
	struct err *e;
	int ret;
	bool failed; /* by itself: the others run without it */
	/* its own: woken submitters do not queue for the writer's lock */
	pthread_mutex_t lock; /* guards done */
	bool done;
	pthread_cond_t finished;
};

struct group_writer {
	struct db *db;
	struct worker *worker;
	int64_t wait_ms;
	pthread_mutex_t lock; /* guards all below */
	size_t last;          /* size of the last group */
	pthread_cond_t more;
	struct ticket *head, **tail;
	size_t queued;
	bool idle; /* it waits for a first ticket */
	bool closing;
};

/* Waits for something to do and for company. The lock is held. */
static void
group_gather(struct group_writer *w)
{
	int64_t until;
	struct timespec t;

	while (!w->head && !w->closing) {
		w->idle = true;
		pthread_cond_wait(&w->more, &w->lock);
	}
	w->idle = false;
	until = clock_ticks() + w->wait_ms;
	t.tv_sec = (time_t)(until / 1000);
	t.tv_nsec = (long)(until % 1000) * 1000000;
	while (w->queued < w->last && !w->closing && clock_ticks() < until)
		pthread_cond_timedwait(&w->more, &w->lock, &t);
}

/* Detaches up to GROUP_MAX tickets. The lock is held. */
static struct ticket *
group_take(struct group_writer *w)
{
	struct ticket *first = w->head, **last = &w->head;
	size_t n = 0;

	while (*last && n < GROUP_MAX) {
		last = &(*last)->next;
		n++;
	}
	w->last = n;
	w->queued -= n;
	if (n == 0)
		return NULL;
	w->head = *last;
	if (!w->head)
		w->tail = &w->head;
	*last = NULL;
	return first;
}

/* -1 if the transaction is gone; the ticket's own failure is in its ret. */
static int
ticket_run(struct db_conn *c, struct ticket *t, struct err *why)
{
	if (conn_exec(c, "SAVEPOINT ticket", why) != 0)
		return -1;
	t->ret = t->fn(c, t->arg, t->e);
	conn_settle(c);
	if (sqlite3_get_autocommit(c->handle))
		return fail(why, FAULT_DATABASE,
			"database %s: the transaction of the group was undone "
			"by a failure of another record",
			c->db->schema->name);
	if (t->ret != 0 && conn_exec(c, "ROLLBACK TO ticket", why) != 0)
		return -1;
	return conn_exec(c, "RELEASE ticket", why);
}

/* 0 all is committed, 1 a ticket failed and nothing is written, -1 nothing can
   be written. */
static int
group_plain(struct db_conn *c, struct ticket *first, struct err *why)
{
	if (db_begin(c, why) != 0)
		return -1;
	for (struct ticket *t = first; t; t = t->next) {
		t->ret = t->fn(c, t->arg, t->e);
		conn_settle(c);
		if (t->ret == 0)
			continue;
		t->failed = true;
		db_rollback(c);
		return 1;
	}
	return db_commit(c, why);
}

/* The same without the tickets that have failed. */
static int
group_guarded(struct db_conn *c, struct ticket *first, struct err *why)
{
	int ret = db_begin(c, why);

	if (ret != 0)
		return -1;
	for (struct ticket *t = first; t && ret == 0; t = t->next)
		if (!t->failed)
			ret = ticket_run(c, t, why);
	if (ret == 0)
		return db_commit(c, why);
	db_rollback(c);
	return -1;
}

static void
group_run(struct db_conn *c, struct ticket *first)
{
	struct err why = ERR_INIT;
	struct ticket *t;
	int ret = group_plain(c, first, &why);

	if (ret > 0)
		ret = group_guarded(c, first, &why);
	if (ret == 0)
		return;
	for (t = first; t; t = t->next) {
		if (t->ret == 0 || !err_set(t->e))
			fail(t->e, why.fault, "%s", why.text);
		t->ret = -1;
	}
}

static void
writer_main(void *p)
{
	struct group_writer *w = p;
	struct db_conn *c = db_take(w->db);
	struct ticket *t, *next;
	enum meter_part was;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		group_gather(w);
		t = group_take(w);
		if (!t)
			break; /* closing, and nothing is left */
		pthread_mutex_unlock(&w->lock);
		was = meter_to(METER_LOG);
		group_run(c, t);
		meter_to(was);
		for (; t; t = next) {
			next = t->next;
			pthread_mutex_lock(&t->lock);
			t->done = true;
			pthread_cond_signal(&t->finished);
			pthread_mutex_unlock(&t->lock);
		}
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	db_give(c);
}

int
writer_open(struct group_writer **out, struct db *db, int64_t wait_ms,
	struct err *e)
{
	struct group_writer *w = mem_alloc(sizeof(*w));
	pthread_condattr_t attr;

	w->db = db;
	w->wait_ms = wait_ms;
	w->tail = &w->head;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->more, &attr);
	pthread_condattr_destroy(&attr);
	*out = w;
	if (worker_start(&w->worker, db->schema->name, writer_main, w, e) == 0)
		return 0;
	writer_close(out);
	return -1;
}

int
writer_submit(struct group_writer *w, db_fn *fn, void *arg, struct err *e)
{
	struct ticket t = { .fn = fn, .arg = arg, .e = e };

	pthread_cond_init(&t.finished, NULL);
	pthread_mutex_init(&t.lock, NULL);
	pthread_mutex_lock(&w->lock);
	*w->tail = &t;
	w->tail = &t.next;
	w->queued++;
	if (w->idle || w->queued == w->last) /* what it waits for */
		pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
	pthread_mutex_lock(&t.lock);
	while (!t.done)
		pthread_cond_wait(&t.finished, &t.lock);
	pthread_mutex_unlock(&t.lock);
	pthread_mutex_destroy(&t.lock);
	pthread_cond_destroy(&t.finished);
	return t.ret;
}

void
writer_close(struct group_writer **w)
{
	if (!*w)
		return;
	pthread_mutex_lock(&(*w)->lock);
	(*w)->closing = true;
	pthread_cond_signal(&(*w)->more);
	pthread_mutex_unlock(&(*w)->lock);
	worker_join(&(*w)->worker);
	pthread_cond_destroy(&(*w)->more);
	pthread_mutex_destroy(&(*w)->lock);
	mem_free(*w);
	*w = NULL;
}
