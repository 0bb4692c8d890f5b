/* SPDX-License-Identifier: MIT */
/*
 * Prepared statements that wait for the next call of their service: opening
 * the file and reading its schema costs more than the statement. A file that
 * was replaced or removed is noticed; one whose schema was changed is SQLite's
 * to notice. Whoever takes one has it alone.
 */
#include <pthread.h>
#include <sys/stat.h>

#include "adapter_int.h"
#include "clock.h"
#include "mem.h"
#include "sqldata.h"

enum { IDLE_MAX = 4, IDLE_MS = 10000 };

struct waiting {
	struct sqldata *q;
	struct file_number file;
	int64_t since; /* clock_ticks() */
};

struct idle {
	pthread_mutex_t lock; /* guards what follows */
	struct waiting item[IDLE_MAX];
	size_t n;
};

struct idle *
idle_new(void)
{
	struct idle *i = mem_alloc(sizeof(*i));

	pthread_mutex_init(&i->lock, NULL);
	return i;
}

void
idle_free(void *p)
{
	struct idle *i = p;

	while (i->n)
		sqldata_close(&i->item[--i->n].q);
	pthread_mutex_destroy(&i->lock);
	mem_free(i);
}

struct file_number
idle_number(const char *file)
{
	struct stat st;

	if (stat(file, &st))
		return (struct file_number){ 0 };
	return (struct file_number){ true, st.st_dev, st.st_ino };
}

struct sqldata *
idle_take(struct idle *i, const struct file_number *now)
{
	struct waiting w = { .q = NULL };

	pthread_mutex_lock(&i->lock);
	if (i->n)
		w = i->item[--i->n];
	pthread_mutex_unlock(&i->lock);
	if (w.q && (!now->known || now->dev != w.file.dev ||
			   now->ino != w.file.ino ||
			   clock_ticks() - w.since > IDLE_MS))
		sqldata_close(&w.q);
	return w.q;
}

void
idle_give(struct idle *i, struct sqldata *q, const struct file_number *of)
{
	struct waiting w = { q, *of, clock_ticks() };

	sqldata_reset(q);
	pthread_mutex_lock(&i->lock);
	if (of->known && i->n < IDLE_MAX) {
		i->item[i->n++] = w;
		q = NULL;
	}
	pthread_mutex_unlock(&i->lock);
	sqldata_close(&q);
}
