/* SPDX-License-Identifier: MIT */
/*
 * The calls that run. When a caller has gone away, nobody wants the rows: the
 * statement is cancelled in its database. That may wait for the database, so
 * threads of their own do it, one at a time for each database: one that hangs
 * keeps one thread, and the calls of others are cancelled meanwhile. The list
 * is not locked while somebody waits; only the call itself waits, if it ends.
 */
#include <pthread.h>

#include "adapter_int.h"
#include "datasource.h"
#include "job.h"
#include "mem.h"

enum { HANDS = 4 }; /* databases that may hang before others wait */

struct watch {
	pthread_mutex_t lock; /* guards the list, states and stopping */
	pthread_cond_t due;   /* somebody is gone, or stopping */
	pthread_cond_t done;  /* something was cancelled */
	struct watched *first;
	bool stopping;
	struct worker *hand[HANDS];
};

static bool
is_busy(const struct watch *w, const struct datasource *source)
{
	const struct watched *x = w->first;

	while (x && !(x->state == CANCELLING && x->source == source))
		x = x->next;
	return x;
}

/* Somebody who is gone, and whose database no other hand waits for. */
static struct watched *
find_gone(const struct watch *w)
{
	struct watched *x = w->first;

	while (x && (x->state != CALLER_GONE || is_busy(w, x->source)))
		x = x->next;
	return x;
}

/* Once is enough: the call goes on cancelling by itself. */
static void
hand_work(void *ctx)
{
	struct watch *w = ctx;
	struct watched *x;

	pthread_mutex_lock(&w->lock);
	while (!w->stopping) {
		x = find_gone(w);
		if (!x) {
			pthread_cond_wait(&w->due, &w->lock);
			continue;
		}
		x->state = CANCELLING;
		pthread_mutex_unlock(&w->lock);
		cursor_cancel(x->cursor);
		pthread_mutex_lock(&w->lock);
		x->state = CANCELLED;
		pthread_cond_broadcast(&w->done);
	}
	pthread_mutex_unlock(&w->lock);
}

int
watch_new(struct watch **out, struct err *e)
{
	struct watch *w = mem_alloc(sizeof(*w));

	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->due, NULL);
	pthread_cond_init(&w->done, NULL);
	for (size_t i = 0; i < HANDS; i++)
		if (worker_start(&w->hand[i], "cancelling", hand_work, w, e)) {
			watch_free(&w);
			return -1;
		}
	*out = w;
	return 0;
}

void
watch_free(struct watch **out)
{
	struct watch *w = *out;

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_broadcast(&w->due);
	pthread_mutex_unlock(&w->lock);
	for (size_t i = 0; i < HANDS; i++)
		worker_join(&w->hand[i]);
	pthread_cond_destroy(&w->due);
	pthread_cond_destroy(&w->done);
	pthread_mutex_destroy(&w->lock);
	mem_free(w);
	*out = NULL;
}

void
watch_begin(struct watch *w, struct watched *x)
{
	pthread_mutex_lock(&w->lock);
	x->before = &w->first;
	x->next = w->first;
	if (x->next)
		x->next->before = &x->next;
	w->first = x;
	pthread_mutex_unlock(&w->lock);
}

void
watch_end(struct watch *w, struct watched *x)
{
	pthread_mutex_lock(&w->lock);
	while (x->state == CANCELLING)
		pthread_cond_wait(&w->done, &w->lock);
	*x->before = x->next;
	if (x->next)
		x->next->before = x->before;
	pthread_mutex_unlock(&w->lock);
}

void
watch_look(struct watch *w)
{
	bool due = false;

	pthread_mutex_lock(&w->lock);
	for (struct watched *x = w->first; x; x = x->next) {
		if (x->state == WATCHED && request_gone(x->request))
			x->state = CALLER_GONE;
		due = due || x->state == CALLER_GONE;
	}
	if (due)
		pthread_cond_broadcast(&w->due);
	pthread_mutex_unlock(&w->lock);
}
