/* SPDX-License-Identifier: MIT */
/* Requests per address: what is given, refused, and given again. */
#define IN_HTTP 1

#include "rate_int.h"

#include <stdio.h>

#include "tap.h"

static int64_t now;

static int64_t
ticks(void)
{
	return now;
}

/* How many of n are given. */
static int
take(struct rate *r, const char *address, int n)
{
	int given = 0;

	while (n--)
		given += rate_take(r, address);
	return given;
}

/* Who may wait is told how long, and what it waits for is taken. */
static void
test_wait(void)
{
	struct rate *r = rate_new(20, -1, ticks);

	is_int(take(r, "10.0.0.1", 20), 20);
	for (int i = 1; i <= 5; i++)
		is_int(rate_wait(r, "10.0.0.1", 250), i * 50);
	is_int(rate_wait(r, "10.0.0.1", 250), -1);
	is_int(rate_wait(r, "10.0.0.1", 299), -1);
	is_int(rate_wait(r, "10.0.0.2", 250), 0);
	now += 300; /* six come back, five are owed */
	is_int(rate_wait(r, "10.0.0.1", 250), 0);
	is_int(rate_wait(r, "10.0.0.1", 250), 50);
	now += 3000;
	is_int(take(r, "10.0.0.1", 30), 20);
	rate_free(&r);
}

int
main(void)
{
	struct rate *r = rate_new(20, 60, ticks);
	char text[32];

	ok(rate_new(0, 0, ticks) == NULL);
	ok(rate_take(NULL, "10.0.0.1"));
	is_int(take(r, "10.0.0.1", 30), 20);
	is_int(take(r, "10.0.0.2", 30), 20);
	is_int(take(r, "::ffff:10.0.0.1", 1), 0);
	now += 100; /* a tenth of a second: two more */
	is_int(take(r, "10.0.0.1", 30), 2);
	now += 1000;
	is_int(take(r, "10.0.0.1", 30), 20);
	now += 1000; /* the minute's are nearly used up: 60 + 2 of refill */
	is_int(take(r, "10.0.0.1", 30), 20);
	now += 1000;
	is_int(take(r, "10.0.0.1", 30), 1);
	now += 60000;
	is_int(take(r, "10.0.0.1", 30), 20);
	is_int(take(r, "2001:db8::1", 15), 15);
	is_int(take(r, "2001:db8::ffff", 15), 5);
	/* many addresses: the one silent for longest is forgotten */
	for (int i = 0; i < RATE_ADDRESSES_MAX; i++) {
		now++;
		snprintf(text, sizeof(text), "10.1.%d.%d", i / 256, i % 256);
		take(r, text, 20);
	}
	is_int(take(r, text, 1), 0);
	is_int(take(r, "10.0.0.1", 30), 20);
	rate_free(&r);
	ok(r == NULL);
	r = rate_new(5, 0, ticks);
	is_int(take(r, "?", 9), 5);
	rate_free(&r);
	test_wait();
	return tap_done();
}
