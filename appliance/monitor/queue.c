/* SPDX-License-Identifier: MIT */
/*
 * Exchanges on their way to the database: copies in a ring. When it is full
 * the oldest gives way and is counted, as in X-Road's buffer (6.1).
 */
#include "monitor_int.h"

#include <string.h>

#include "clock.h"
#include "mem.h"

struct queue {
	pthread_mutex_t lock; /* guards all below */
	struct monitor_exchange **ring;
	size_t max, first, n;
	int64_t lost;
};

static const size_t text_max[MT_COUNT] = {
#define WHO(id, name)       [MT_##id] = 255,
#define WORD(id, name, max) [MT_##id] = (max),
#define FREE(id, name, max) [MT_##id] = (max),
#include "field.def"
};

struct queue *
queue_new(size_t max)
{
	struct queue *q = mem_alloc(sizeof(*q));

	q->max = max;
	q->ring = mem_array(max, sizeof(void *));
	pthread_mutex_init(&q->lock, NULL);
	return q;
}

void
queue_free(struct queue **out)
{
	struct queue *q = *out;

	*out = NULL;
	if (!q)
		return;
	for (; q->n; q->n--, q->first = (q->first + 1) % q->max)
		mem_free(q->ring[q->first]);
	pthread_mutex_destroy(&q->lock);
	mem_free(q->ring);
	mem_free(q);
}

/* Bytes of a text that are kept: no character is cut in two. */
static size_t
kept(const char *s, size_t max)
{
	size_t n = strnlen(s, max + 1);

	if (n <= max)
		return n;
	n = max;
	while (n && ((uint8_t)s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* In one piece: the struct, then its texts. */
static struct monitor_exchange *
copy(const struct monitor_exchange *x)
{
	struct monitor_exchange *c;
	size_t len[MT_COUNT], n = sizeof(*c);
	char *at;

	for (size_t i = 0; i < MT_COUNT; i++) {
		len[i] = x->text[i] ? kept(x->text[i], text_max[i]) : 0;
		n += x->text[i] ? len[i] + 1 : 0;
	}
	c = mem_alloc(n);
	*c = *x;
	at = (char *)(c + 1);
	for (size_t i = 0; i < MT_COUNT; i++) {
		if (!x->text[i])
			continue;
		memcpy(at, x->text[i], len[i]);
		at[len[i]] = '\0';
		c->text[i] = at;
		at += len[i] + 1;
	}
	return c;
}

bool
queue_put(struct queue *q, const struct monitor_exchange *x)
{
	struct monitor_exchange *c = copy(x), *old = NULL;
	bool soon;

	pthread_mutex_lock(&q->lock);
	if (q->n == q->max) {
		old = q->ring[q->first];
		q->first = (q->first + 1) % q->max;
		q->n--;
		q->lost++;
	}
	q->ring[(q->first + q->n++) % q->max] = c;
	soon = q->n == QUEUE_SOON;
	pthread_mutex_unlock(&q->lock);
	mem_free(old);
	return soon;
}

size_t
queue_take(struct queue *q, struct monitor_exchange **out, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&q->lock);
	for (; q->n && n < max; q->n--, q->first = (q->first + 1) % q->max)
		out[n++] = q->ring[q->first];
	pthread_mutex_unlock(&q->lock);
	return n;
}

size_t
queue_waiting(struct queue *q)
{
	size_t n;

	pthread_mutex_lock(&q->lock);
	n = q->n;
	pthread_mutex_unlock(&q->lock);
	return n;
}

int64_t
queue_lost(struct queue *q)
{
	int64_t n;

	pthread_mutex_lock(&q->lock);
	n = q->lost;
	pthread_mutex_unlock(&q->lock);
	return n;
}

void
monitor_exchange_begin(struct monitor_exchange *x, enum monitor_side side)
{
	*x = (struct monitor_exchange){ .side = side };
	for (size_t i = 0; i < MN_COUNT; i++)
		x->number[i] = -1;
	x->number[MN_REQUEST_IN] = clock_now();
}
