/* SPDX-License-Identifier: MIT */
/*
 * The calls that run. When a caller has gone away, nobody wants the rows: the
 * statement is cancelled in its database.
 */
#include <pthread.h>

#include "adapter_int.h"
#include "datasource.h"
#include "mem.h"

struct watch {
	pthread_mutex_t lock; /* guards first and the list */
	struct watched *first;
};

struct watch *
watch_new(void)
{
	struct watch *w = mem_alloc(sizeof(*w));

	pthread_mutex_init(&w->lock, NULL);
	return w;
}

void
watch_free(struct watch **w)
{
	if (!*w)
		return;
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
	*x->before = x->next;
	if (x->next)
		x->next->before = x->before;
	pthread_mutex_unlock(&w->lock);
}

void
watch_look(struct watch *w)
{
	pthread_mutex_lock(&w->lock);
	for (struct watched *x = w->first; x; x = x->next)
		if (request_gone(x->request))
			cursor_cancel(x->cursor);
	pthread_mutex_unlock(&w->lock);
}
