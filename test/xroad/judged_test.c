/* SPDX-License-Identifier: MIT */
/*
 * Judged documents: found by their bytes alone, copied, whole for whoever
 * borrowed them when they lost their place, and when the table is gone.
 */
#define IN_XROAD 1
#include "judged_int.h"

#include <pthread.h>
#include <string.h>

#include "mem.h"
#include "tap.h"
#include "xades_int.h"

enum { ENTRIES = 32 }; /* of the table */

static struct bytes
name_of(struct arena *a, int i)
{
	return bytes_str(arena_printf(a, "<document n=\"%d\"/>", i));
}

/* A document whose parts say which one it is. */
static void
put(struct judged *j, int i)
{
	struct arena *a = arena_new();
	struct xades *x = arena_new_of(a, struct xades);

	x->properties_id = arena_printf(a, "properties-%d", i);
	x->sig.id = arena_printf(a, "id-%d", i);
	x->sig.refs = 1;
	x->sig.ref[0].uri = arena_printf(a, "/uri-%d", i);
	x->sig.value = bytes_str(arena_printf(a, "value-%d", i));
	x->ocsp[0] = x->sig.value;
	x->ocsps = 1;
	x->signing_time = i;
	judged_put(j, name_of(a, i), x);
	arena_free(&a);
}

static bool
whole(struct arena *a, const struct xades *x, int i)
{
	const char *value = arena_printf(a, "value-%d", i);

	return x->signing_time == i &&
	       strcmp(x->properties_id, arena_printf(a, "properties-%d", i)) ==
		       0 &&
	       strcmp(x->sig.id, arena_printf(a, "id-%d", i)) == 0 &&
	       strcmp(x->sig.ref[0].uri, arena_printf(a, "/uri-%d", i)) == 0 &&
	       bytes_equal(x->sig.value, bytes_str(value)) &&
	       bytes_equal(x->ocsp[0], bytes_str(value));
}

static const struct xades *
find(struct judged *j, struct arena *a, int i)
{
	struct judging mine;
	const struct xades *x = judged_await(j, a, name_of(a, i), &mine);

	if (!x)
		judged_done(j, &mine);
	return x;
}

static void
test_find(void)
{
	struct judged *j = judged_new();
	struct arena *a = arena_new();
	const struct xades *x;
	struct judging mine;

	ok(!find(j, a, 1));
	put(j, 1);
	put(j, 1); /* another thread was faster */
	x = find(j, a, 1);
	ok(x && whole(a, x, 1));
	ok(find(j, a, 1) == x);
	ok(!find(j, a, 2));
	ok(!judged_await(j, a, bytes_str("<document n=\"1\"/> "), &mine));
	judged_done(j, &mine);
	for (int i = 2; i <= ENTRIES + 1; i++)
		put(j, i);
	ok_m(!find(j, a, 1), "the oldest made place");
	ok_m(whole(a, x, 1), "who has it keeps it");
	ok(find(j, a, 2) && find(j, a, ENTRIES + 1));
	arena_free(&a);
	judged_free(&j);
	ok(!j);
	judged_free(&j);
}

/* The configuration was replaced, and freed, while a message was judged. */
static void
test_outlive(void)
{
	struct judged *j = judged_new();
	struct arena *a = arena_new(), *b = arena_new();
	const struct xades *x, *y;

	put(j, 7);
	x = find(j, a, 7);
	y = find(j, b, 7);
	judged_free(&j);
	ok(x == y && whole(a, x, 7));
	arena_free(&a);
	a = arena_new();
	ok_m(whole(a, y, 7), "the other borrower's");
	arena_free(&b);
	arena_free(&a);
}

/* ---- many at once ---- */

enum { THREADS = 4, ROUNDS = 2000, KINDS = ENTRIES + 8 };

struct worker {
	struct judged *j;
	pthread_t thread;
	int at, wrong, found;
	struct arena *last; /* borrows to the end */
};

static void *
work(void *p)
{
	struct worker *w = p;

	for (int i = 0; i < ROUNDS; i++) {
		int k = (i * 7 + w->at) % KINDS;
		const struct xades *x;

		arena_free(&w->last);
		w->last = arena_new();
		x = find(w->j, w->last, k);
		if (!x)
			put(w->j, k);
		else if (whole(w->last, x, k))
			w->found++;
		else
			w->wrong++;
	}
	return NULL;
}

static void *
leave(void *p)
{
	struct worker *w = p;

	arena_free(&w->last);
	return NULL;
}

static void
test_threads(void)
{
	struct judged *j = judged_new();
	struct worker w[THREADS];
	int found = 0;

	for (int i = 0; i < THREADS; i++) {
		w[i] = (struct worker){ .j = j, .at = i, .last = arena_new() };
		pthread_create(&w[i].thread, NULL, work, &w[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		is_int(w[i].wrong, 0);
		found += w[i].found;
		arena_free(&w[i].last);
		w[i].last = arena_new();
	}
	ok_m(found > 0, "%d found", found);
	put(j, 0);
	for (int i = 0; i < THREADS; i++)
		ok(find(j, w[i].last, 0));
	for (int i = 0; i < THREADS; i++)
		pthread_create(&w[i].thread, NULL, leave, &w[i]);
	judged_free(&j); /* meanwhile */
	for (int i = 0; i < THREADS; i++)
		pthread_join(w[i].thread, NULL);
}

/* ---- those of a batch come together ---- */

enum { BATCHES = 20, MEMBERS = 8 };

struct batch {
	struct judged *j;
	pthread_mutex_t lock;
	int judged[BATCHES], known[BATCHES];
	bool fails; /* the first verdict on each is a bad one */
};

static void *
member(void *p)
{
	struct batch *b = p;

	for (int k = 0; k < BATCHES; k++) {
		struct arena *a = arena_new();
		struct judging mine;
		const struct xades *x =
			judged_await(b->j, a, name_of(a, k), &mine);
		int turn;

		pthread_mutex_lock(&b->lock);
		turn = x ? b->known[k]++ : b->judged[k]++;
		pthread_mutex_unlock(&b->lock);
		if (!x) {
			if (turn || !b->fails)
				put(b->j, k);
			judged_done(b->j, &mine);
		}
		arena_free(&a);
	}
	return NULL;
}

static void
test_together(bool fails)
{
	struct batch b = { .j = judged_new(), .fails = fails };
	pthread_t thread[MEMBERS];
	int wrong = 0;

	pthread_mutex_init(&b.lock, NULL);
	for (int i = 0; i < MEMBERS; i++)
		pthread_create(&thread[i], NULL, member, &b);
	for (int i = 0; i < MEMBERS; i++)
		pthread_join(thread[i], NULL);
	for (int k = 0; k < BATCHES; k++)
		wrong += b.judged[k] != 1 + fails ||
			 b.known[k] != MEMBERS - 1 - fails;
	ok_m(!wrong, "judged %s",
		fails ? "once more after a bad verdict" : "once");
	pthread_mutex_destroy(&b.lock);
	judged_free(&b.j);
}

int
main(void)
{
	test_together(false);
	test_together(true);
	test_find();
	test_outlive();
	test_threads();
	return tap_done();
}
