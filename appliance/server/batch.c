/* SPDX-License-Identifier: MIT */
/*
 * Batch signing without a thread of its own: the head of a certificate's
 * queue signs for all that stand behind it, then hands over to the new head.
 * An idle server loses nothing: the lone caller signs at once, on its own
 * thread. A head that was handed the queue waits a little while messages keep
 * coming, because a signature costs as much for one as for many.
 */
#include "batch_int.h"

#include <assert.h>
#include <pthread.h>
#include <time.h>

#include "clock.h"
#include "err.h"
#include "mem.h"

enum {
	GATHER_MS = 10, /* the longest wait for company */
	QUIET_MS = 4,   /* nobody came for so long: nobody will */
	MS = 1000,
	NS_PER_MS = 1000000,
};

/* One waiting message; lives on its caller's stack. */
struct ticket {
	struct ticket *next;
	const struct signing *signing;
	struct hashchain_item item;
	struct arena *a;
	struct signature *out;
	struct err *e;
	int ret;
	bool lead, done; /* it is to sign; it was signed for */
	pthread_cond_t turn;
};

/* A certificate that signs at the moment. */
struct lane {
	struct lane *next;
	const struct cert *cert; /* of the ticket that leads: it is alive */
	struct ticket *head, **tail;
	size_t queued;
	int64_t last; /* clock_ticks() when the last one came */
};

struct batcher {
	pthread_mutex_t lock; /* guards lanes and tickets in them */
	struct lane *lane;
	pthread_condattr_t turns; /* by the clock of clock_ticks() */
};

struct batcher *
batcher_new(void)
{
	struct batcher *b = mem_alloc(sizeof(*b));

	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&b->turns);
	pthread_condattr_setclock(&b->turns, CLOCK_MONOTONIC);
	return b;
}

void
batcher_free(struct batcher **b)
{
	if (!*b)
		return;
	assert(!(*b)->lane);
	pthread_condattr_destroy(&(*b)->turns);
	pthread_mutex_destroy(&(*b)->lock);
	mem_free(*b);
	*b = NULL;
}

/* ---- under the lock ---- */

/* Queues the ticket; the first one of an idle certificate leads. */
static struct lane *
enter(struct batcher *b, struct ticket *t)
{
	struct lane *l = b->lane;

	while (l && !cert_equal(l->cert, t->signing->cert))
		l = l->next;
	if (!l) {
		l = mem_alloc(sizeof(*l));
		l->cert = t->signing->cert;
		l->tail = &l->head;
		l->next = b->lane;
		b->lane = l;
		t->lead = true;
	}
	*l->tail = t;
	l->tail = &t->next;
	l->queued++;
	l->last = clock_ticks();
	return l;
}

/* Waits while the batch grows. */
static void
gather(struct batcher *b, struct lane *l, struct ticket *t)
{
	int64_t end = clock_ticks() + GATHER_MS, until;

	for (;;) {
		until = l->last + QUIET_MS < end ? l->last + QUIET_MS : end;
		if (l->queued >= BATCH_MAX || clock_ticks() >= until)
			return;
		struct timespec at = { .tv_sec = (time_t)(until / MS),
			.tv_nsec = (long)(until % MS) * NS_PER_MS };
		pthread_cond_timedwait(&t->turn, &b->lock, &at);
	}
}

/* The leader and those behind it, up to the limit. */
static size_t
take(struct lane *l, struct ticket *batch[BATCH_MAX])
{
	size_t n = 0;

	while (l->head && n < BATCH_MAX) {
		batch[n++] = l->head;
		l->head = l->head->next;
	}
	l->queued -= n;
	if (!l->head)
		l->tail = &l->head;
	return n;
}

/* Wakes the others of the batch; the next in the queue leads. */
static void
leave(struct batcher *b, struct lane *l, struct ticket *batch[], size_t n)
{
	struct lane **p = &b->lane;

	for (size_t i = 1; i < n; i++) {
		batch[i]->done = true;
		pthread_cond_signal(&batch[i]->turn);
	}
	if (l->head) {
		l->cert = l->head->signing->cert;
		l->head->lead = true;
		pthread_cond_signal(&l->head->turn);
		return;
	}
	while (*p != l)
		p = &(*p)->next;
	*p = l->next;
	mem_free(l);
}

size_t
batcher_waiting(struct batcher *b)
{
	size_t n = 0;

	pthread_mutex_lock(&b->lock);
	for (const struct lane *l = b->lane; l; l = l->next)
		for (const struct ticket *t = l->head; t; t = t->next)
			n++;
	pthread_mutex_unlock(&b->lock);
	return n;
}

/* ---- signing; the batch is nobody else's ---- */

static struct bytes
copy(struct arena *a, struct bytes b)
{
	return b.len ? bytes_of(arena_memdup(a, b.data, b.len), b.len) : b;
}

static void
hand_out(struct ticket *t, const struct signature *s)
{
	t->out->xml = copy(t->a, s->xml);
	t->out->hashchain_result = copy(t->a, s->hashchain_result);
	t->out->hashchain = copy(t->a, s->hashchain);
}

static void
sign(struct ticket *batch[], size_t n)
{
	struct hashchain_item item[BATCH_MAX];
	struct signature out[BATCH_MAX];
	struct signing by = *batch[0]->signing;
	struct arena *a = arena_new();
	struct err why = ERR_INIT;
	int ret;

	by.time = clock_now(); /* some came after the leader */
	for (size_t i = 0; i < n; i++)
		item[i] = batch[i]->item;
	ret = signature_make_batch(a, &by, item, n, out, &why);
	for (size_t i = 0; i < n; i++) {
		batch[i]->ret = ret;
		if (!ret)
			hand_out(batch[i], &out[i]);
		else
			fail(batch[i]->e, why.fault, "%s", why.text);
	}
	arena_free(&a);
}

int
batch_sign(struct batcher *b, struct arena *a, const struct signing *s,
	const struct hashchain_part *part, size_t parts, struct signature *out,
	struct err *e)
{
	struct ticket t = { .signing = s,
		.item = { part, parts },
		.a = a,
		.out = out,
		.e = e };
	struct ticket *batch[BATCH_MAX];
	struct lane *l;
	size_t n;

	pthread_cond_init(&t.turn, &b->turns);
	pthread_mutex_lock(&b->lock);
	l = enter(b, &t);
	if (!t.lead) {
		while (!t.lead && !t.done)
			pthread_cond_wait(&t.turn, &b->lock);
		if (t.lead)
			gather(b, l, &t);
	}
	if (t.lead) {
		n = take(l, batch);
		assert(n && batch[0] == &t);
		pthread_mutex_unlock(&b->lock);
		sign(batch, n);
		pthread_mutex_lock(&b->lock);
		leave(b, l, batch, n);
	}
	pthread_mutex_unlock(&b->lock);
	pthread_cond_destroy(&t.turn);
	return t.ret;
}
