/* SPDX-License-Identifier: MIT */
/*
 * Wrong passwords per address: how many, for how long, and that neither many
 * addresses nor a right password in between opens the door again.
 */
#define IN_CONSOLE 1
#include <stdio.h>

#include "console_int.h"
#include "tap.h"

static int64_t now = 1000;
#define AWAY "203.0.113.9"
#define HOME "192.0.2.1"

static int64_t
ticks(void)
{
	return now;
}

static int
wrong_ones(struct guesses *g, const char *address)
{
	int n = 0;

	while (n < 1000 && guess_begin(g, address))
		n++;
	return n;
}

static void
test_one(void)
{
	struct guesses *g = guesses_new(ticks);

	is_int(wrong_ones(g, "192.0.2.1"), GUESSES_MAX);
	ok(!guess_begin(g, "192.0.2.1"));
	ok(!guess_begin(g, "::ffff:192.0.2.1"));
	ok(guess_begin(g, "192.0.2.2"));
	now += (int64_t)GUESS_WINDOW * 1000 - 1;
	ok(!guess_begin(g, "192.0.2.1"));
	now += 1;
	is_int(wrong_ones(g, "192.0.2.1"), GUESSES_MAX);
	guesses_free(&g);
	ok(!g);
}

static void
test_right(void)
{
	struct guesses *g = guesses_new(ticks);
	int n = 0;

	for (int i = 0; i < 1000; i++) {
		n += guess_begin(g, "192.0.2.1");
		guess_right(g, "192.0.2.1");
	}
	is_int(n, 1000); /* right ones cost nothing */
	for (n = 0; guess_begin(g, "192.0.2.1"); n++) {
		if (guess_begin(g, "192.0.2.1")) /* one's own account */
			guess_right(g, "192.0.2.1");
	}
	is_int(n, GUESSES_MAX); /* and forgive nothing */
	guesses_free(&g);
}

static void
test_network(void)
{
	struct guesses *g = guesses_new(ticks);

	is_int(wrong_ones(g, "2001:db8:1:2::1"), GUESSES_MAX);
	ok(!guess_begin(g, "2001:db8:1:2:ffff::9"));
	ok(guess_begin(g, "2001:db8:1:3::1"));
	guesses_free(&g);
}

static void
test_many(void)
{
	struct guesses *g = guesses_new(ticks);
	char address[32];

	is_int(wrong_ones(g, "192.0.2.1"), GUESSES_MAX);
	for (int i = 0; i < 5000; i++) {
		snprintf(address, sizeof(address), "10.0.%d.%d", i / 256,
			i % 256);
		if (!guess_begin(g, address))
			ok_m(false, "%s is refused", address);
	}
	ok(!guess_begin(g, "192.0.2.1"));
	guesses_free(&g);
}

/* A name waits longer with each wrong one, and not for ever. */
static void
test_names(void)
{
	struct guesses *g = guess_names_new(ticks);
	int64_t wait = NAME_WAIT;

	for (int i = 0; i < NAME_GUESSES - 1; i++)
		is_int(guess_name_begin(g, "admin", AWAY), 0);
	is_int(guess_name_begin(g, "admin", AWAY), 0);
	is_int(guess_name_begin(g, "admin", AWAY), NAME_WAIT);
	is_int(guess_name_begin(g, "other", AWAY), 0);
	for (int i = 0; i < 10; i++) {
		now += wait * 1000 - 1;
		ok(guess_name_begin(g, "admin", AWAY) == 1); /* second */
		now++;
		is_int(guess_name_begin(g, "admin", AWAY), 0);
		wait = wait * 2 < NAME_WAIT_MAX ? wait * 2 : NAME_WAIT_MAX;
		is_int(guess_name_begin(g, "admin", AWAY), wait);
	}
	is_int(wait, NAME_WAIT_MAX);
	now += wait * 1000;
	is_int(guess_name_begin(g, "admin", AWAY), 0);
	guess_name_right(
		g, "admin", AWAY, false); /* the code is still missing */
	ok(guess_name_begin(g, "admin", AWAY) > 0);
	now += wait * 1000;
	is_int(guess_name_begin(g, "admin", AWAY), 0);
	guess_name_right(g, "admin", AWAY, true);
	is_int(guess_name_begin(g, "admin", AWAY), 0);
	guesses_free(&g);
}

/* Strangers do not lock out who signs in from where they always do. */
static void
test_known(void)
{
	struct guesses *g = guess_names_new(ticks);

	is_int(guess_name_begin(g, "admin", HOME), 0);
	guess_name_right(g, "admin", HOME, false); /* no code yet: not known */
	is_int(guess_name_begin(g, "half", HOME), 0);
	guess_name_right(g, "half", HOME, false);
	is_int(guess_name_begin(g, "admin", HOME), 0);
	guess_name_right(g, "admin", HOME, true);
	for (int i = 0; i < NAME_GUESSES; i++) {
		is_int(guess_name_begin(g, "admin", AWAY), 0);
		is_int(guess_name_begin(g, "half", AWAY), 0);
	}
	ok(guess_name_begin(g, "admin", AWAY) > 0);
	ok(guess_name_begin(g, "half", HOME) > 0);
	is_int(guess_name_begin(g, "admin", HOME), 0);
	guess_name_right(g, "admin", HOME, true);
	ok(guess_name_begin(g, "admin", AWAY) > 0); /* still */
	/* nor may somebody at home guess without end */
	for (int i = 0; i < NAME_GUESSES; i++)
		is_int(guess_name_begin(g, "admin", HOME), 0);
	ok(guess_name_begin(g, "admin", HOME) > 0);
	/* an administrator lets everybody in again */
	guess_name_right(g, "admin", NULL, true);
	is_int(guess_name_begin(g, "admin", AWAY), 0);
	guesses_free(&g);
}

/* Who signs in often stays known. */
static void
test_known_many(void)
{
	struct guesses *g = guess_names_new(ticks);
	char name[32];

	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "user %d", i);
		(void)guess_name_begin(g, name, HOME);
		guess_name_right(g, name, HOME, true);
		(void)guess_name_begin(g, "admin", HOME);
		guess_name_right(g, "admin", HOME, true);
	}
	for (int i = 0; i < NAME_GUESSES; i++)
		(void)guess_name_begin(g, "admin", AWAY);
	ok(guess_name_begin(g, "admin", AWAY) > 0);
	is_int(guess_name_begin(g, "admin", HOME), 0);
	guesses_free(&g);
}

int
main(void)
{
	test_one();
	test_right();
	test_network();
	test_many();
	test_names();
	test_known();
	test_known_many();
	return tap_done();
}
