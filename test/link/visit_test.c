/* SPDX-License-Identifier: MIT */
/* Visits: how long they last, who makes room, what a sign-in may answer. */
#define IN_LINK 1
#include "resident_int.h"

#include <string.h>

#include "mem.h"
#include "tap.h"
#include "text.h"

static int64_t now = 1000;

static int64_t
ticks(void)
{
	return now;
}

static void
life(struct visits *v)
{
	struct visit x = { .person = 7 }, got;
	char old[OIDC_TOKEN_LEN + 1];

	visit_begin(v, &x);
	is_int((long long)strlen(x.id), OIDC_TOKEN_LEN);
	ok(!str_equal(x.id, x.secret));
	ok(visit_find(v, x.id, &got));
	is_int(got.person, 7);
	ok(!visit_find(v, "", &got));
	ok(!visit_find(v, x.secret, &got));
	now += 599;
	ok(visit_find(v, x.id, &got)); /* activity */
	now += 599;
	ok(visit_find(v, x.id, &got));
	now += 600;
	ok(!visit_find(v, x.id, &got)); /* idle */
	visit_begin(v, &x);
	for (int i = 0; i < 5; i++) {
		now += 500;
		ok(visit_find(v, x.id, &got));
	}
	now += 500;
	ok(!visit_find(v, x.id, &got)); /* the longest time */
	visit_begin(v, &x);
	memcpy(old, x.id, sizeof(old));
	visit_renew(v, &x);
	ok(!visit_find(v, old, &got));
	ok(visit_find(v, x.id, &got));
	visit_end(v, x.id);
	ok(!visit_find(v, x.id, &got));
	visit_keep(v, &x); /* does not bring it back */
	ok(!visit_find(v, x.id, &got));
	visit_begin(v, &x);
	visits_end_of(v, 8);
	ok(visit_find(v, x.id, &got));
	visits_end_of(v, 7);
	ok(!visit_find(v, x.id, &got));
}

/* A flood of strangers does not sign anybody out. */
static void
flood(struct visits *v)
{
	struct visit mine = { .person = 7 }, got;

	visit_begin(v, &mine);
	for (int i = 0; i < 5000; i++) {
		struct visit x = { .person = 0 };

		visit_begin(v, &x);
	}
	ok(visit_find(v, mine.id, &got));
}

static void
attempts(struct visits *v)
{
	struct visit x = { .provider = 1, .trying = true, .ja = true }, again;
	struct oidc_attempt t;
	bool ja = false;

	visit_begin(v, &x);
	oidc_token(x.attempt.state);
	visit_keep(v, &x);
	ok(visit_find(v, x.id, &again));
	ok(!visit_attempt(v, x.id, 0, &t, &ja)); /* another provider */
	ok(!visit_attempt(v, x.secret, 1, &t, &ja));
	ok(visit_attempt(v, x.id, 1, &t, &ja));
	is_str(t.state, x.attempt.state);
	ok(ja);
	ok(!visit_attempt(v, x.id, 1, &t, &ja)); /* once */
	visit_keep(v, &again); /* a slow request does not bring it back */
	ok(!visit_attempt(v, x.id, 1, &t, &ja));
	oidc_token(x.attempt.state);
	visit_keep(v, &x); /* begun anew */
	ok(visit_attempt(v, x.id, 1, &t, &ja));
}

static void
tokens(void)
{
	struct arena *a = arena_new();
	struct visit x = { .person = 0 }, y = { .person = 0 };
	const char *one;

	oidc_token(x.secret);
	oidc_token(y.secret);
	one = visit_token(a, &x, "/ja/logout");
	is_str(visit_token(a, &x, "/ja/logout"), one);
	ok(!str_equal(visit_token(a, &x, "/en/logout"), one));
	ok(!str_equal(visit_token(a, &y, "/ja/logout"), one));
	arena_free(&a);
}

/* Both languages have a sentence, with the same values in it. */
static void
words(void)
{
	for (int w = 0; w < W_COUNT; w++) {
		const char *ja = resident_word(true, (enum resident_word)w);
		const char *en = resident_word(false, (enum resident_word)w);

		if (!*ja || !*en || !strstr(ja, "{1}") != !strstr(en, "{1}") ||
			!strstr(ja, "{2}") != !strstr(en, "{2}"))
			ok_m(false, "word %d: %s / %s", w, ja, en);
	}
	ok(W_COUNT > 100);
}

int
main(void)
{
	struct visits *v = visits_new(600, 2900, ticks);

	life(v);
	flood(v);
	attempts(v);
	tokens();
	words();
	visits_free(&v);
	return tap_done();
}
