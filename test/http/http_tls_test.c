/* SPDX-License-Identifier: MIT */
/*
 * HTTPS: our client, curl and openssl against our server, with and without
 * client certificates; judges on both sides; policies per listener; a context
 * swapped while running; kept connections.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "http_kit.h"
#include "http_server.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "tls.h"

enum {
	BIG = 8 * 1024 * 1024,
	PATIENT_MS = 60000,
	SHORT_MS = 500, /* for who says nothing */
	OUT_MAX = 65536
};

struct party {
	struct key *key;
	struct cert *cert;
};
static struct party town, company, stranger, renewed;
static struct http_client *client;
static struct arena *arena;
static struct http_answer answer;
static struct err fault;
static atomic_int judged;

static void
party_make(struct party *p, const char *cn)
{
	struct rdn name = { "CN", cn };
	struct err e = ERR_INIT;
	int64_t now = clock_now();
	struct cert_template t = { .subject = &name,
		.subjects = 1,
		.serial = 1,
		.not_before = now - 60000,
		.not_after = now + 3600000,
		.path_len = -1,
		.key_usage = KU_DIGITAL_SIGNATURE };

	ok(key_generate(&p->key, KEY_RSA, 2048, &e) == 0);
	t.key = p->key;
	ok(cert_issue(&p->cert, &t, NULL, p->key, &e) == 0);
	if (err_set(&e))
		tap_note("%s", e.text);
}

static void
party_free(struct party *p)
{
	cert_unref(&p->cert);
	key_unref(&p->key);
}

/* Accepts exactly the certificate of ctx. */
static int
judge(void *ctx, struct cert_list chain, struct err *e)
{
	struct party *p = ctx;

	atomic_fetch_add(&judged, 1);
	if (chain.n && cert_equal(chain.item[0], p->cert))
		return 0;
	return fail(e, FAULT_INCORRECT_CERTIFICATE, "not whom we expected");
}

static int handshake_ms = PATIENT_MS;

static struct tls *
context(bool server, enum tls_policy policy, enum tls_client_auth auth,
	struct party *own, struct party *expected)
{
	struct err e = ERR_INIT;
	struct tls *t = NULL;
	struct tls_options o = { .policy = policy,
		.client_auth = auth,
		.judge = expected ? judge : NULL,
		.judge_ctx = expected,
		.handshake_timeout_ms = handshake_ms };

	if (own) {
		o.key = own->key;
		o.chain = (struct cert_list){ &own->cert, 1 };
	}
	ok((server ? tls_server_new : tls_client_new)(&t, &o, &e) == 0);
	if (err_set(&e))
		tap_note("%s", e.text);
	return t;
}

/* ---- the server ---- */

static int
do_who(struct request *r, void *state, struct err *e)
{
	struct cert_list c = request_certs(r);
	char *text = arena_printf(request_arena(r), "tls %d certs %zu %s",
		request_is_tls(r), c.n,
		c.n ? cert_subject_text(c.item[0], request_arena(r)) : "-");

	(void)state;
	return reply_send(r, 200, "text/plain", bytes_str(text), e);
}

static int
do_echo(struct request *r, void *state, struct err *e)
{
	char piece[10000];
	long n;

	(void)state;
	if (reply_begin(r, 200, NULL, 0, -1, e))
		return -1;
	while ((n = request_read(r, piece, sizeof(piece), e)) > 0)
		if (reply_write(r, piece, (size_t)n, e))
			return -1;
	return n < 0 ? -1 : reply_end(r, e);
}

static const struct route routes[] = {
	{ "GET", "/who", 0, 0, do_who },
	{ "POST", "/echo", 2u * BIG, 0, do_echo },
	{ NULL, NULL, 0, 0, NULL },
};

static struct http_server *
serve(enum tls_policy policy, enum tls_client_auth auth, struct party *expected)
{
	struct tls *t = context(true, policy, auth, &town, expected);
	struct listener l = { .name = "tls",
		.address = "127.0.0.1",
		.threads = 8,
		.tls = t,
		.routes = routes,
		.read_timeout_ms = 20000 };
	struct http_server *s = NULL;
	struct err e = ERR_INIT;

	ok(http_serve(&s, &l, &e) == 0);
	tls_unref(&t);
	return s;
}

/* ---- calls ---- */

static int
call_it(struct http_call *c, struct http_server *s, const char *path)
{
	arena_reset(arena);
	err_reset(&fault);
	if (!c->method)
		c->method = "GET";
	c->total_timeout_ms = PATIENT_MS;
	c->url = arena_printf(
		arena, "https://localhost:%d%s", http_port(s), path);
	c->connect_to = arena_printf(arena, "127.0.0.1:%d", http_port(s));
	return http_call(client, arena, c, &answer, &fault);
}

static bool
body_is(const char *s)
{
	return answer.body.len == strlen(s) &&
	       !memcmp(answer.body.data, s, answer.body.len);
}

static void
test_mutual(void)
{
	struct http_server *s = serve(TLS_PEER, TLS_AUTH_REQUIRED, &company);
	struct tls *good = context(false, TLS_PEER, 0, &company, &town);
	struct tls *bare = context(false, TLS_PEER, 0, NULL, NULL);
	struct tls *other = context(false, TLS_PEER, 0, &stranger, NULL);
	struct tls *fussy = context(false, TLS_PEER, 0, &company, &stranger);
	struct http_call c = { .tls = good };

	is_int(call_it(&c, s, "/who"), 0);
	if (err_set(&fault))
		tap_note("%s", fault.text);
	ok(body_is("tls 1 certs 1 CN=company"));
	is_int((long long)answer.peer.n, 1);
	ok(answer.peer.n && cert_equal(answer.peer.item[0], town.cert));
	c.tls = bare;
	is_int(call_it(&c, s, "/who"), -1);
	is_int(fault.fault, FAULT_SSL_AUTH);
	tap_note("no certificate: %s", fault.text);
	c.tls = other;
	is_int(call_it(&c, s, "/who"), -1);
	is_int(fault.fault, FAULT_SSL_AUTH);
	tap_note("server's judge: %s", fault.text);
	c.tls = fussy;
	is_int(call_it(&c, s, "/who"), -1);
	is_int(fault.fault, FAULT_INCORRECT_CERTIFICATE);
	is_str(fault.text, "not whom we expected");
	c.judge = judge; /* the call's judge goes before the context's */
	c.judge_ctx = &town;
	is_int(call_it(&c, s, "/who"), 0);
	tls_unref(&good);
	tls_unref(&bare);
	tls_unref(&other);
	tls_unref(&fussy);
	http_stop(&s);
}

static void
test_optional(void)
{
	struct http_server *s = serve(TLS_WEB, TLS_AUTH_OPTIONAL, NULL);
	struct tls *with = context(false, TLS_SERVICE, 0, &company, NULL);
	struct tls *without = context(false, TLS_SERVICE, 0, NULL, NULL);
	struct http_call c = { .tls = with };

	is_int(call_it(&c, s, "/who"), 0);
	ok(body_is("tls 1 certs 1 CN=company"));
	c.tls = without;
	is_int(call_it(&c, s, "/who"), 0);
	ok(body_is("tls 1 certs 0 -"));
	tls_unref(&with);
	tls_unref(&without);
	http_stop(&s);
}

static void
test_kept(void)
{
	struct http_server *s = serve(TLS_PEER, TLS_AUTH_REQUIRED, &company);
	struct tls *t = context(false, TLS_PEER, 0, &company, NULL);
	struct http_call c = {
		.tls = t, .pool_key = "town", .judge = judge, .judge_ctx = &town
	};

	atomic_store(&judged, 0);
	is_int(call_it(&c, s, "/who"), 0);
	is_int(atomic_load(&judged), 2); /* both ends */
	ok(answer.connect_ms > 0);
	is_int(call_it(&c, s, "/who"), 0);
	is_int(atomic_load(&judged), 3); /* the remembered chain */
	is_int(answer.connect_ms, 0);
	ok(answer.peer.n && cert_equal(answer.peer.item[0], town.cert));
	c.judge_ctx = &stranger;
	is_int(call_it(&c, s, "/who"), -1);
	is_int(fault.fault, FAULT_INCORRECT_CERTIFICATE);
	/* Another context under the same key is another connection. */
	c.judge_ctx = &town;
	is_int(call_it(&c, s, "/who"), 0);
	struct tls *next = context(false, TLS_PEER, 0, &company, NULL);
	c.tls = next;
	is_int(call_it(&c, s, "/who"), 0);
	ok(answer.connect_ms > 0);
	tls_unref(&t);
	tls_unref(&next);
	http_stop(&s);
}

static void
test_swap(void)
{
	struct http_server *s = serve(TLS_PEER, TLS_AUTH_NONE, NULL);
	struct tls *fresh = context(true, TLS_PEER, 0, &renewed, NULL);
	struct tls *t = context(false, TLS_PEER, 0, NULL, NULL);
	struct http_call kept = { .tls = t, .pool_key = "swap" };
	struct http_call c = { .tls = t };

	is_int(call_it(&kept, s, "/who"), 0);
	http_set_tls(s, fresh);
	tls_unref(&fresh);
	is_int(call_it(&c, s, "/who"), 0);
	ok(cert_equal(answer.peer.item[0], renewed.cert));
	is_int(call_it(&kept, s, "/who"), 0);
	ok(cert_equal(answer.peer.item[0], town.cert));
	tls_unref(&t);
	http_stop(&s);
}

/* ---- large bodies ---- */

struct stream {
	size_t left, got;
	bool bad;
};

static long
source(void *ctx, void *p, size_t n, struct err *e)
{
	struct stream *s = ctx;

	(void)e;
	if (n > s->left)
		n = s->left;
	memset(p, 'x', n);
	s->left -= n;
	return (long)n;
}

static int
sink(void *ctx, const void *p, size_t n, struct err *e)
{
	struct stream *s = ctx;

	(void)e;
	for (size_t i = 0; i < n; i++)
		s->bad = s->bad || ((const char *)p)[i] != 'x';
	s->got += n;
	return 0;
}

static void *
stream_run(void *p)
{
	struct http_call *c = p;
	struct arena *a = arena_new();
	struct http_answer out;

	if (http_call(client, a, c, &out, NULL))
		((struct stream *)c->ctx)->bad = true;
	arena_free(&a);
	return NULL;
}

static void
test_large(void)
{
	enum { N = 4 };
	struct http_server *s = serve(TLS_WEB, TLS_AUTH_NONE, NULL);
	struct tls *t = context(false, TLS_WEB, 0, NULL, NULL);
	struct stream st[N];
	struct http_call c[N];
	pthread_t thread[N];
	char url[64];

	snprintf(url, sizeof(url), "https://127.0.0.1:%d/echo", http_port(s));
	for (int i = 0; i < N; i++) {
		st[i] = (struct stream){ .left = BIG };
		c[i] = (struct http_call){ .method = "POST",
			.url = url,
			.source = source,
			.sink = sink,
			.ctx = &st[i],
			.tls = t };
		pthread_create(&thread[i], NULL, stream_run, &c[i]);
	}
	for (int i = 0; i < N; i++) {
		pthread_join(thread[i], NULL);
		ok(!st[i].bad);
		is_int((long long)st[i].got, BIG);
	}
	tls_unref(&t);
	http_stop(&s);
}

/* ---- other people's clients ---- */

static const char *
run(const char *const *argv)
{
	static char out[OUT_MAX];

	out[0] = '\0';
	tap_run(argv, out, sizeof(out));
	return out;
}

static void
test_curl(void)
{
	struct http_server *s = serve(TLS_WEB, TLS_AUTH_OPTIONAL, NULL);
	char url[64];
	const char *argv[] = { "curl", "-sk", "--noproxy", "*", "--max-time",
		"60", url, url, NULL };

	snprintf(url, sizeof(url), "https://127.0.0.1:%d/who", http_port(s));
	const char *out = run(argv);
	is_int(kit_count(out, "tls 1 certs 0 -"), 2);
	http_stop(&s);
}

static const char *
openssl(struct http_server *s, const char *version, const char *suite)
{
	char at[32];
	const char *argv[] = { "openssl", "s_client", "-connect", at, version,
		suite ? "-cipher" : "-brief", suite ? suite : "-brief", NULL };

	snprintf(at, sizeof(at), "127.0.0.1:%d", http_port(s));
	return run(argv);
}

static void
test_policy(void)
{
	struct http_server *peer = serve(TLS_PEER, TLS_AUTH_NONE, NULL);
	struct http_server *web = serve(TLS_WEB, TLS_AUTH_NONE, NULL);
	static const char cbc[] = "ECDHE-RSA-AES256-SHA384";

	ok(strstr(openssl(peer, "-tls1_2", cbc), cbc));
	ok(strstr(openssl(peer, "-tls1_2", "DHE-RSA-AES256-SHA256"),
		"Cipher is DHE-RSA-AES256-SHA256"));
	ok(!strstr(openssl(peer, "-tls1_3", NULL), "CONNECTION ESTABLISHED"));
	ok(strstr(openssl(web, "-tls1_3", NULL), "CONNECTION ESTABLISHED"));
	ok(strstr(openssl(web, "-tls1_2", NULL), "CONNECTION ESTABLISHED"));
	ok(!strstr(openssl(web, "-tls1_1", NULL), "CONNECTION ESTABLISHED"));
	ok(!strstr(openssl(web, "-tls1_2", cbc), "Cipher is ECDHE"));
	http_stop(&peer);
	http_stop(&web);
}

static void
test_silent(void)
{
	handshake_ms = SHORT_MS;
	struct http_server *s = serve(TLS_WEB, TLS_AUTH_NONE, NULL);
	handshake_ms = PATIENT_MS;
	int64_t begun = clock_ticks();
	int fd = kit_connect(http_port(s));

	is_str(kit_receive(fd, NULL), ""); /* nothing sent */
	ok(clock_ticks() - begun >= SHORT_MS - 50);
	ok(clock_ticks() - begun < 40 * SHORT_MS);
	close(fd);
	ok(!strstr(kit_exchange(http_port(s),
			   "GET /who HTTP/1.1\r\nHost: h\r\n\r\n"),
		"HTTP/1.1"));
	/* It still serves. */
	struct tls *own = context(true, TLS_WEB, TLS_AUTH_NONE, &town, NULL);
	struct tls *t = context(false, TLS_WEB, 0, NULL, NULL);
	struct http_call c = { .tls = t };
	http_set_tls(s, own);
	tls_unref(&own);
	is_int(call_it(&c, s, "/who"), 0);
	tls_unref(&t);
	http_stop(&s);
}

/* A peer that says nothing does not hold up the end. */
static void
test_stop(void)
{
	struct tls_options o = {
		.policy = TLS_WEB, .key = town.key, .chain = { &town.cert, 1 }
	};
	struct http_server *s = serve(TLS_WEB, TLS_AUTH_NONE, NULL);
	struct tls *patient = NULL;
	struct err e = ERR_INIT;

	ok(tls_server_new(&patient, &o, &e) == 0); /* 30 s to shake hands */
	http_set_tls(s, patient);
	int quiet = kit_connect(http_port(s));
	kit_send(quiet, "\x16\x03\x01", 3);
	/* Another connection behind it proves that the first is being served. */
	struct tls *ct = context(false, TLS_WEB, 0, NULL, NULL);
	struct http_call c = { .tls = ct, .pool_key = "stop" };
	is_int(call_it(&c, s, "/who"), 0);
	int64_t begun = clock_ticks();
	http_stop(&s);
	ok(clock_ticks() - begun < 25000);
	close(quiet);
	tls_unref(&ct);
	tls_unref(&patient);
}

int
main(void)
{
	log_level_set(LOG_ERROR);
	arena = arena_new();
	ok(http_startup(&fault) == 0);
	ok(http_client_new(&client, &fault) == 0);
	party_make(&town, "town");
	party_make(&company, "company");
	party_make(&stranger, "stranger");
	party_make(&renewed, "renewed");
	test_mutual();
	test_optional();
	test_kept();
	test_swap();
	test_large();
	test_curl();
	test_policy();
	test_silent();
	test_stop();
	http_client_free(&client);
	http_shutdown();
	arena_free(&arena);
	party_free(&town);
	party_free(&company);
	party_free(&stranger);
	party_free(&renewed);
	return tap_done();
}
