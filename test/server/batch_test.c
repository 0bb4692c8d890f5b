/* SPDX-License-Identifier: MIT */
/*
 * Batch signing: who waits shares the next signature, everybody gets a
 * signature that holds for the own message and for no other, a failure is
 * that of those who shared it, and certificates do not wait for each other.
 */
#define IN_SERVER 1
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

#include "batch_int.h"
#include "job.h"
#include "xml.h"
#include "xroad/pki.inl"

enum { CALLERS_MAX = 140 };

static struct arena *a;
static struct pki pki;
static struct batcher *b;

/* A key whose first use waits until so many messages gather behind it. */
struct slow_key {
	struct key *real, *key;
	size_t await;
	int fail_at; /* which use fails; 0: none */
	atomic_int uses;
};

static int
slow_sign(void *ctx, struct sign_alg alg, const struct digest *digest,
	uint8_t out[SIGNATURE_MAX], size_t *len, struct err *e)
{
	struct slow_key *s = ctx;
	int use = atomic_fetch_add(&s->uses, 1) + 1;
	struct arena *mine;
	struct bytes sig;
	int ret;

	while (use == 1 && batcher_waiting(b) < s->await)
		sched_yield();
	if (use == s->fail_at)
		return fail(e, FAULT_TOKEN_NOT_ACTIVE, "on purpose");
	mine = arena_new();
	ret = key_sign_digest(s->real, alg, digest, mine, &sig, e);
	if (!ret) {
		memcpy(out, sig.data, sig.len);
		*len = sig.len;
	}
	arena_free(&mine);
	return ret;
}

static void
slow_start(struct slow_key *s, struct key *real, size_t await, int fail_at)
{
	struct err e = ERR_INIT;

	s->real = real;
	s->await = await;
	s->fail_at = fail_at;
	atomic_init(&s->uses, 0);
	ok_m(!key_new_remote(
		     &s->key, key_spki(real, a), slow_sign, s, NULL, &e),
		"%s", e.text);
}

struct caller {
	struct worker *worker;
	struct arena *a;
	struct signing by;
	struct hashchain_part part[2];
	size_t parts;
	struct signature out;
	struct err e;
	int ret;
};

static void
caller_run(void *ctx)
{
	struct caller *c = ctx;

	c->ret = batch_sign(b, c->a, &c->by, c->part, c->parts, &c->out, &c->e);
}

static void
part_set(struct hashchain_part *p, const char *uri, const char *text)
{
	p->uri = uri;
	digest_of(DIGEST_SHA512, text, strlen(text), &p->digest);
}

/* n callers at once; every third message has a second part. */
static struct caller *
callers_run(size_t n, struct key *key, bool ec)
{
	struct caller *c = arena_array(a, n, sizeof(*c));
	struct err e = ERR_INIT;

	for (size_t i = 0; i < n; i++) {
		c[i].a = arena_new();
		c[i].by = pki_signing(&pki, a, ec);
		if (key)
			c[i].by.key = key;
		part_set(&c[i].part[0], "/message.xml",
			arena_printf(a, "message %zu", i));
		part_set(&c[i].part[1], "/attachment1", "the same for all");
		c[i].parts = i % 3 == 2 ? 2 : 1;
		if (worker_start(&c[i].worker, "caller", caller_run, &c[i], &e))
			ok_m(false, "%s", e.text);
	}
	for (size_t i = 0; i < n; i++)
		worker_join(&c[i].worker);
	return c;
}

static void
callers_drop(struct caller *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		arena_free(&c[i].a);
}

static const struct client_id M1 = { "XX", "COM", "M1", NULL },
			      M2 = { "XX", "COM", "M2", NULL };

static int
judge(const struct signature *s, const struct hashchain_part *part,
	size_t parts, bool ec, struct err *e)
{
	struct signed_message m = { part, parts, false };
	struct signature_facts f;

	err_reset(e);
	return signature_verify(a, s, &m, pki.conf, ec ? &M2 : &M1,
		PKI_NOW + 1000, true, &f, e);
}

/* Everybody's own signature holds; with any other's message it does not. */
static void
judge_all(const struct caller *c, size_t n, bool ec)
{
	size_t good = 0, mixed = 0, crossed = 0;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < n; i++) {
		const struct caller *other = &c[(i + 3) % n];
		struct signature s = c[i].out;

		if (!c[i].ret && !judge(&s, c[i].part, c[i].parts, ec, &e))
			good++;
		mixed += judge(&s, other->part, other->parts, ec, &e) != 0;
		s.hashchain = other->out.hashchain;
		crossed += !s.hashchain.len || /* two that were alone */
			   judge(&s, c[i].part, c[i].parts, ec, &e) != 0;
	}
	is_int(good, n);
	is_int(mixed, n);
	/* a message alone under its signature has no steps that could differ */
	if (!ec)
		is_int(crossed, n);
}

static void
alone(void)
{
	struct caller *c = callers_run(1, NULL, false);
	struct err e = ERR_INIT;

	is_int(c->ret, 0);
	is_int(c->out.hashchain.len, 0);
	ok_m(!judge(&c->out, c->part, 1, false, &e), "%s", e.text);
	callers_drop(c, 1);
}

/* Nothing was signed lately: who comes first does not wait for company. */
static void
fresh(void)
{
	batcher_free(&b);
	b = batcher_new();
}

static void
together(size_t n, int uses)
{
	struct slow_key s = { 0 };
	struct caller *c;
	size_t chained = 0;

	fresh();
	slow_start(&s, pki.rsa.key, n - 1, 0);
	c = callers_run(n, s.key, false);
	is_int(atomic_load(&s.uses), uses);
	judge_all(c, n, false);
	for (size_t i = 0; i < n; i++)
		chained += c[i].out.hashchain.len > 0;
	ok(chained >= n - 1);
	is_int(batcher_waiting(b), 0);
	callers_drop(c, n);
	key_unref(&s.key);
}

/* The second signature fails: all that waited for it fail, nobody else. */
static void
failing(void)
{
	enum { N = 20 };
	struct slow_key s = { 0 };
	struct caller *c;
	size_t good = 0, bad = 0;

	fresh();
	slow_start(&s, pki.rsa.key, N - 1, 2);
	c = callers_run(N, s.key, false);
	for (size_t i = 0; i < N; i++) {
		good += !c[i].ret && !err_set(&c[i].e);
		bad += c[i].ret == -1 && c[i].e.fault == FAULT_TOKEN_NOT_ACTIVE;
	}
	is_int(good, 1);
	is_int(bad, N - 1);
	callers_drop(c, N);
	c = callers_run(1, s.key, false);
	is_int(c->ret, 0);
	callers_drop(c, 1);
	key_unref(&s.key);
}

/* A certificate that is busy does not hold up another one. */
static void
apart(void)
{
	struct slow_key s = { 0 };
	struct caller busy = { 0 }, *c;
	struct err e = ERR_INIT;

	fresh();
	slow_start(&s, pki.rsa.key, 1, 0);
	busy.a = arena_new();
	busy.by = pki_signing(&pki, a, false);
	busy.by.key = s.key;
	busy.parts = 1;
	part_set(&busy.part[0], "/message.xml", "slow");
	ok(!worker_start(&busy.worker, "caller", caller_run, &busy, &e));
	while (!atomic_load(&s.uses))
		sched_yield();
	c = callers_run(12, NULL, true); /* while the RSA key is at work */
	judge_all(c, 12, true);
	callers_drop(c, 12);
	c = callers_run(1, s.key, false); /* whom the busy one awaits */
	worker_join(&busy.worker);
	is_int(busy.ret, 0);
	is_int(c->ret, 0);
	callers_drop(c, 1);
	arena_free(&busy.a);
	key_unref(&s.key);
}

/* Right after others, the first one waits for company too. */
static void
lively(void)
{
	enum { N = 12 };
	struct slow_key s = { 0 };
	struct caller *c;

	together(BATCH_MAX, 2);
	slow_start(&s, pki.rsa.key, 0, 0);
	c = callers_run(N, s.key, false);
	judge_all(c, N, false);
	tap_note("%d signatures for %d messages", atomic_load(&s.uses), N);
	ok(atomic_load(&s.uses) <= N);
	is_int(batcher_waiting(b), 0);
	callers_drop(c, N);
	key_unref(&s.key);
}

int
main(void)
{
	xml_startup();
	a = arena_new();
	pki_start(&pki, a);
	b = batcher_new();
	alone();
	together(BATCH_MAX, 2);
	together(
		CALLERS_MAX, 1 + (CALLERS_MAX - 1 + BATCH_MAX - 1) / BATCH_MAX);
	failing();
	apart();
	lively();
	batcher_free(&b);
	pki_stop(&pki);
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
