/* SPDX-License-Identifier: MIT */
/* Who is let in next: turns, shares, what is dropped, threads that wait. */
#define IN_HTTP 1

#include "gate_int.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tap.h"

static uint8_t noisy[GATE_KEY], calm[GATE_KEY], third[GATE_KEY];
static int lost; /* items drop() saw */

static void
key_of(const char *text, uint8_t key[GATE_KEY])
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		gate_key((const struct sockaddr *)&v4, key);
	else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		gate_key((const struct sockaddr *)&v6, key);
}

static void
drop(const void *item)
{
	(void)item;
	lost++;
}

static bool
same(const char *a, const char *b)
{
	uint8_t ka[GATE_KEY], kb[GATE_KEY];

	key_of(a, ka);
	key_of(b, kb);
	return !memcmp(ka, kb, GATE_KEY);
}

static void
test_keys(void)
{
	ok(same("10.0.0.1", "::ffff:10.0.0.1"));
	ok(!same("10.0.0.1", "10.0.0.2"));
	ok(!same("::ffff:10.0.0.1", "::ffff:10.0.0.2"));
	ok(same("2001:db8::1", "2001:db8::ffff:1"));
	ok(!same("2001:db8::1", "2001:db8:0:1::1"));
}

static void
put(struct gate *g, const uint8_t *key, int item)
{
	int dropped = -1;

	ok(!gate_put(g, key, &item, false, &dropped));
}

static int
take(struct gate *g, struct gate_peer **held)
{
	int item = -1;

	ok(gate_take(g, held, &item));
	return item;
}

/* Ten of one, two of another: they take turns. */
static void
test_turns(void)
{
	struct gate *g = gate_new(20, 100, 100, sizeof(int));
	struct gate_peer *h[12] = { NULL };
	static const int want[] = { 0, 100, 1, 101, 2, 3, 4, 5 };

	for (int i = 0; i < 8; i++)
		put(g, noisy, i);
	put(g, calm, 100);
	put(g, calm, 101);
	for (int i = 0; i < 8; i++)
		is_int(take(g, &h[i]), want[i]);
	lost = 0;
	gate_free(&g, drop);
	is_int(lost, 2);
}

/* Ten threads, three quarters for one at most. */
static void
test_share(void)
{
	struct gate *g = gate_new(10, 75, 100, sizeof(int));
	struct gate_peer *h[10] = { NULL };

	for (int i = 0; i < 10; i++)
		put(g, noisy, i);
	for (int i = 0; i < 7; i++)
		is_int(take(g, &h[i]), i);
	ok(gate_crowded(g, h[0]));
	put(g, calm, 100);
	is_int(take(g, &h[7]), 100);
	ok_m(!gate_crowded(g, NULL), "nobody");
	put(g, third, 200); /* the first of an address: always */
	is_int(take(g, &h[8]), 200);
	/* one of the noisy goes: not another one of them comes */
	put(g, calm, 101);
	is_int(take(g, &h[0]), 101);
	lost = 0;
	gate_free(&g, drop);
	is_int(lost, 3);
}

static void
test_overflow(void)
{
	struct gate *g = gate_new(2, 75, 5, sizeof(int));
	int item = 100, dropped = -1;

	for (int i = 0; i < 5; i++)
		put(g, noisy, i);
	ok(gate_put(g, calm, &item, false, &dropped));
	is_int(dropped, 0);
	item = 5;
	ok_m(gate_put(g, noisy, &item, true, &dropped), "files run out");
	is_int(dropped, 1);
	lost = 0;
	gate_free(&g, drop);
	is_int(lost, 5);
}

/* ---- threads ---- */

enum { THREADS = 8, ROUNDS = 2000 };

static atomic_int taken[2];

static void *
worker(void *ctx)
{
	struct gate_peer *held = NULL;
	int item;

	while (gate_take(ctx, &held, &item))
		atomic_fetch_add(&taken[item], 1);
	ok_m(!held, "nothing is held after the stop");
	return NULL;
}

static void
test_threads(void)
{
	struct gate *g = gate_new(THREADS, 75, 2 * ROUNDS, sizeof(int));
	pthread_t t[THREADS];
	struct timespec ms = { 0, 1000000 };
	int dropped;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, worker, g);
	for (int i = 0; i < 2 * ROUNDS; i++) {
		int item = i & 1;
		(void)gate_put(g, item ? calm : noisy, &item, false, &dropped);
	}
	for (int i = 0; i < 10000 && atomic_load(&taken[0]) < ROUNDS; i++)
		nanosleep(&ms, NULL);
	for (int i = 0; i < 10000 && atomic_load(&taken[1]) < ROUNDS; i++)
		nanosleep(&ms, NULL);
	is_int(atomic_load(&taken[0]), ROUNDS);
	is_int(atomic_load(&taken[1]), ROUNDS);
	gate_stop(g);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	gate_free(&g, drop);
}

int
main(void)
{
	key_of("127.34.0.2", noisy);
	key_of("127.34.0.3", calm);
	key_of("127.34.0.4", third);
	test_keys();
	test_turns();
	test_share();
	test_overflow();
	test_threads();
	return tap_done();
}
