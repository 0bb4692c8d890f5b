/* SPDX-License-Identifier: MIT */
/*
 * Sessions of browsers: they end by themselves, by signing out and when there
 * are too many; the anti-forgery token is theirs alone.
 */
#define IN_CONSOLE 1
#include <stdio.h>
#include <string.h>

#include "console_int.h"
#include "role.h"
#include "tap.h"

enum { MINUTE = 60 * 1000, MANY = 300, IDLE = 1800, LONGEST = 36000 };
static int64_t now;

static int64_t
ticks(void)
{
	return now;
}

struct signed_in {
	char id[TOKEN_LEN + 1], csrf[TOKEN_LEN + 1];
};

static void
sign_in(struct sessions *s, const char *name, struct signed_in *x)
{
	struct caller who = { .roles = ADMIN_SYS };

	snprintf(who.name, sizeof(who.name), "%s", name);
	session_start(s, &who, "192.0.2.1", "browser", x->id, x->csrf);
}

static bool
known(struct sessions *s, const struct signed_in *x)
{
	struct caller out;

	return session_find(s, x->id, NULL, &out);
}

static void
test_tokens(void)
{
	struct sessions *s = sessions_new(ticks, IDLE, LONGEST);
	struct caller out = { .roles = 0 };
	struct signed_in a, b;

	sign_in(s, "a", &a);
	sign_in(s, "b", &b);
	ok(strlen(a.id) == TOKEN_LEN && strlen(a.csrf) == TOKEN_LEN);
	ok(strcmp(a.id, b.id) != 0 && strcmp(a.csrf, b.csrf) != 0);
	ok(strcmp(a.id, a.csrf) != 0);
	ok(session_find(s, a.id, a.csrf, &out));
	is_str(out.name, "a");
	is_int(out.roles, ADMIN_SYS);
	ok(!session_find(s, a.id, b.csrf, &out));
	ok(!session_find(s, a.id, "", &out));
	ok(!session_find(s, "", NULL, &out));
	ok(!session_find(s, a.csrf, NULL, &out));
	session_end(s, a.id);
	ok(!known(s, &a));
	ok(known(s, &b));
	session_end(s, "nobody's");
	sessions_free(&s);
	ok(!s);
}

static void
test_time(void)
{
	struct sessions *s = sessions_new(ticks, IDLE, LONGEST);
	struct signed_in a;

	sign_in(s, "a", &a);
	for (int i = 0; i < 10; i++) {
		now += 29 * MINUTE;
		ok(known(s, &a)); /* each call prolongs */
	}
	now += 30 * MINUTE + 1;
	ok(!known(s, &a));
	ok(!known(s, &a));
	sessions_free(&s);
}

static void
test_longest(void)
{
	struct sessions *s = sessions_new(ticks, IDLE, LONGEST);
	struct signed_in a;

	sign_in(s, "a", &a);
	for (int64_t t = 0; t < LONGEST / 60 - 20; t += 20) {
		now += 20 * MINUTE;
		ok(known(s, &a));
	}
	now += 20 * MINUTE;
	ok(!known(s, &a)); /* however busy it was */
	sessions_free(&s);
}

static void
test_list(void)
{
	struct sessions *s = sessions_new(ticks, IDLE, LONGEST);
	static struct session_view v[SESSIONS_MAX];
	struct signed_in a, b, c;

	sign_in(s, "a", &a);
	sign_in(s, "b", &b);
	sign_in(s, "a", &c);
	is_int((int)sessions_list(s, NULL, a.id, v), 3);
	is_int((int)sessions_list(s, "a", a.id, v), 2);
	is_str(v[0].name, "a");
	is_str(v[0].address, "192.0.2.1");
	is_str(v[0].agent, "browser");
	ok(v[0].number > v[1].number); /* newest first */
	ok(!v[0].own && v[1].own);
	ok(!session_end_number(s, v[0].number, "b")); /* not hers */
	ok(session_end_number(s, v[0].number, "a"));
	ok(!session_end_number(s, v[0].number, NULL));
	ok(!known(s, &c));
	sign_in(s, "a", &c);
	is_int((int)session_end_all(s, "a", a.id), 1);
	ok(known(s, &a) && !known(s, &c) && known(s, &b));
	is_int((int)session_end_all(s, "a", NULL), 1);
	ok(!known(s, &a) && known(s, &b));
	sessions_free(&s);
}

static void
test_room(void)
{
	struct sessions *s = sessions_new(ticks, IDLE, LONGEST);
	static struct signed_in all[MANY];
	size_t left = 0;

	for (size_t i = 0; i < MANY; i++) {
		now++;
		sign_in(s, "a", &all[i]);
	}
	for (size_t i = 0; i < MANY; i++)
		left += known(s, &all[i]);
	is_int((int)left, 256);
	ok(!known(s, &all[0]));
	ok(known(s, &all[MANY - 1]));
	sessions_free(&s);
}

int
main(void)
{
	test_tokens();
	test_time();
	test_longest();
	test_list();
	test_room();
	return tap_done();
}
