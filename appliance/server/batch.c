/* SPDX-License-Identifier: MIT */
/*
 * Batch signing without a thread of its own: the head of a certificate's
 * queue signs for all that stand behind it, then hands over to the new head.
 * An idle server loses nothing: the lone caller signs at once, on its own
 * thread. A head that was handed the queue, or comes right after others, waits
 * a little while messages keep coming, because a signature costs as much for
 * one as for many.
 */
#include "batch_int.h"

#include <assert.h>
#include <pthread.h>
#include <time.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "meter.h"

enum {
	GATHER_MS = 10, /* the longest wait for company */
	QUIET_MS = 4,   /* nobody came for so long: nobody will */
	/* the same where many come: there the processor is what is short, and
	   who waits does not wait longer for it */
	MANY = 6,
	GATHER_MANY_MS = 20,
	QUIET_MANY_MS = 8,
	/* a queue that was emptied so lately fills again */
	SOME = 3,
	LATELY_MS = 25,
	LANES_KEPT = 16,
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
	/* its own: woken callers do not queue for the batcher's lock */
	pthread_mutex_t lock; /* guards the next line */
	bool lead, done;      /* it is to sign; it was signed for */
	pthread_cond_t turn;
};

/* A certificate that signs, or did lately. */
struct lane {
	struct lane *next;
	struct cert *cert;
	bool busy; /* somebody leads */
	struct ticket *head, **tail;
	size_t queued;
	size_t size;   /* of its last batch */
	int64_t last;  /* clock_ticks() when the last one came */
	int64_t ended; /* and when the last batch was signed */
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
	struct lane *l, *next;

	if (!*b)
		return;
	for (l = (*b)->lane; l; l = next) {
		assert(!l->busy);
		next = l->next;
		cert_unref(&l->cert);
		mem_free(l);
	}
	pthread_condattr_destroy(&(*b)->turns);
	pthread_mutex_destroy(&(*b)->lock);
	mem_free(*b);
	*b = NULL;
}

/* ---- under the lock ---- */

/* Certificates change in the course of years. */
static void
forget_idle(struct batcher *b)
{
	struct lane **p = &b->lane, *l;
	size_t n = 0;

	while ((l = *p)) {
		if (l->busy || ++n < LANES_KEPT) {
			p = &l->next;
			continue;
		}
		*p = l->next;
		cert_unref(&l->cert);
		mem_free(l);
	}
}

static struct lane *
lane_of(struct batcher *b, struct cert *cert)
{
	struct lane *l = b->lane;

	while (l && !cert_equal(l->cert, cert))
		l = l->next;
	if (l)
		return l;
	forget_idle(b);
	l = mem_alloc(sizeof(*l));
	l->cert = cert_ref(cert);
	l->tail = &l->head;
	l->next = b->lane;
	b->lane = l;
	return l;
}

/* Queues the ticket; the first one of an idle certificate leads. */
static struct lane *
enter(struct batcher *b, struct ticket *t, bool *first)
{
	struct lane *l = lane_of(b, t->signing->cert);

	*first = !l->busy;
	l->busy = true;
	*l->tail = t;
	l->tail = &t->next;
	l->queued++;
	l->last = clock_ticks();
	return l;
}

/* Nobody waits, but others are on their way. */
static bool
is_lively(const struct lane *l)
{
	return l->size >= SOME && clock_ticks() - l->ended < LATELY_MS;
}

/* Waits while the batch grows. */
static void
gather(struct batcher *b, struct lane *l, struct ticket *t)
{
	bool many = l->size >= MANY;
	int64_t end = clock_ticks() + (many ? GATHER_MANY_MS : GATHER_MS);
	int64_t quiet = many ? QUIET_MANY_MS : QUIET_MS, until;

	for (;;) {
		until = l->last + quiet < end ? l->last + quiet : end;
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
	l->size = n;
	if (!l->head)
		l->tail = &l->head;
	return n;
}

/* The next in the queue leads; NULL: the certificate is idle. */
static struct ticket *
leave(struct lane *l)
{
	l->ended = clock_ticks();
	l->busy = l->head != NULL;
	return l->head;
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

/* ---- without it ---- */

/* The ticket may be gone afterwards. */
static void
wake(struct ticket *t, bool *what)
{
	pthread_mutex_lock(&t->lock);
	*what = true;
	pthread_cond_signal(&t->turn);
	pthread_mutex_unlock(&t->lock);
}

/* Until it leads, or was signed for: then false. */
static bool
await_lead(struct ticket *t)
{
	bool lead;

	pthread_mutex_lock(&t->lock);
	while (!t->lead && !t->done)
		pthread_cond_wait(&t->turn, &t->lock);
	lead = t->lead;
	pthread_mutex_unlock(&t->lock);
	return lead;
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
	enum meter_part was;
	int ret;

	by.time = clock_now(); /* some came after the leader */
	for (size_t i = 0; i < n; i++)
		item[i] = batch[i]->item;
	was = meter_to(METER_SIGN);
	ret = signature_make_batch(a, &by, item, n, out, &why);
	meter_to(was);
	for (size_t i = 0; i < n; i++) {
		batch[i]->ret = ret;
		if (!ret)
			hand_out(batch[i], &out[i]);
		else
			fail(batch[i]->e, why.fault, "%s", why.text);
	}
	arena_free(&a);
}

/* Signs for all that have come, and hands over. */
static void
lead(struct batcher *b, struct lane *l, struct ticket *t)
{
	struct ticket *batch[BATCH_MAX], *next;
	size_t n;

	n = take(l, batch);
	assert(n && batch[0] == t);
	pthread_mutex_unlock(&b->lock);
	sign(batch, n);
	pthread_mutex_lock(&b->lock);
	next = leave(l);
	pthread_mutex_unlock(&b->lock);
	if (next)
		wake(next, &next->lead);
	for (size_t i = 1; i < n; i++)
		wake(batch[i], &batch[i]->done);
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
	struct lane *l;
	bool first;

	pthread_cond_init(&t.turn, &b->turns);
	pthread_mutex_init(&t.lock, NULL);
	pthread_mutex_lock(&b->lock);
	l = enter(b, &t, &first);
	if (first) {
		if (is_lively(l))
			gather(b, l, &t);
		lead(b, l, &t);
	} else {
		pthread_mutex_unlock(&b->lock);
		if (await_lead(&t)) {
			pthread_mutex_lock(&b->lock);
			gather(b, l, &t);
			lead(b, l, &t);
		}
	}
	pthread_mutex_destroy(&t.lock);
	pthread_cond_destroy(&t.turn);
	return t.ret;
}
