/* SPDX-License-Identifier: MIT */
/*
 * The calls that run. When a caller has gone away, nobody wants the rows: the
 * statement is cancelled in its database. That may wait for the database, so
 * the list is not locked meanwhile; only the call itself waits, if it ends.
 */
#include <pthread.h>

#include "adapter_int.h"
#include "datasource.h"
#include "mem.h"

struct watch {
	pthread_mutex_t lock; /* guards first and the list */
	pthread_cond_t idle;  /* nothing is being cancelled */
	struct watched *first;
	struct watched *busy; /* is being cancelled, or NULL */
};

struct watch *
watch_new(void)
{
	struct watch *w = mem_alloc(sizeof(*w));

	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->idle, NULL);
	return w;
}

void
watch_free(struct watch **w)
{
	if (!*w)
		return;
	pthread_cond_destroy(&(*w)->idle);
	pthread_mutex_destroy(&(*w)->lock);
	mem_free(*w);
	*w = NULL;
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
	while (w->busy == x)
		pthread_cond_wait(&w->idle, &w->lock);
	*x->before = x->next;
	if (x->next)
		x->next->before = x->before;
	pthread_mutex_unlock(&w->lock);
}

/* Once is enough: the call goes on cancelling by itself. */
static struct watched *
find_gone(const struct watch *w)
{
	struct watched *x = w->first;

	while (x && (x->cancelled || !request_gone(x->request)))
		x = x->next;
	return x;
}

void
watch_look(struct watch *w)
{
	struct watched *x;

	pthread_mutex_lock(&w->lock);
	while ((x = find_gone(w))) {
		x->cancelled = true;
		w->busy = x;
		pthread_mutex_unlock(&w->lock);
		cursor_cancel(x->cursor);
		pthread_mutex_lock(&w->lock);
		w->busy = NULL;
		pthread_cond_broadcast(&w->idle);
	}
	pthread_mutex_unlock(&w->lock);
}
