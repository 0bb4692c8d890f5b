/* SPDX-License-Identifier: MIT */
/*
 * The ACME client against a server of our own that verifies everything, and
 * against Pebble where it is installed (Debian: pebble): accounts with and
 * without external binding, nonces that are refused, slow and unwilling
 * servers, key change.
 */
#include "acme.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "acme_kit.h"
#include "file.h"
#include "jws.h"
#include "tls.h"

struct proof {
	pthread_mutex_t lock; /* guards both */
	char token[300], text[600];
	struct http_server *http;
};

static struct arena *a;
static struct proof proof;
static struct http_client *http;
static struct ca ca;
static struct key *account, *subject;
static int64_t waited;

/* ---- the name's own door ---- */

static int
show(struct request *r, void *state, struct err *e)
{
	struct proof *p = state;
	const char *token = strrchr(request_path(r), '/') + 1;
	char *text = NULL;

	pthread_mutex_lock(&p->lock);
	if (*p->token && str_equal(token, p->token))
		text = arena_strdup(request_arena(r), p->text);
	pthread_mutex_unlock(&p->lock);
	return text ? reply_send(r, 200, "text/plain", bytes_str(text), e)
		    : fail(e, FAULT_NOT_FOUND, "no such token");
}

static int
publish(void *ctx, const char *token, const char *text, struct err *e)
{
	struct proof *p = ctx;

	(void)e;
	pthread_mutex_lock(&p->lock);
	snprintf(p->token, sizeof(p->token), "%s", token);
	snprintf(p->text, sizeof(p->text), "%s", text);
	pthread_mutex_unlock(&p->lock);
	return 0;
}

static void
withdraw(void *ctx, const char *token)
{
	struct proof *p = ctx;

	pthread_mutex_lock(&p->lock);
	ok(str_equal(token, p->token));
	p->token[0] = '\0';
	pthread_mutex_unlock(&p->lock);
}

static int
no_wait(void *ctx, int64_t ms, struct err *e)
{
	(void)ctx, (void)e;
	waited += ms;
	return 0;
}

/* ---- orders ---- */

static struct bytes
csr(void)
{
	const struct rdn cn = { "CN", "ss1.example" };
	const struct cert_request r = { .subject = &cn,
		.subjects = 1,
		.dns_name = "ss1.example",
		.key_usage = KU_DIGITAL_SIGNATURE };
	struct bytes der;

	ok(!csr_make(subject, &r, a, &der, NULL));
	return der;
}

static struct acme_order
order(void)
{
	return (struct acme_order){ .name = "ss1.example",
		.csr = csr(),
		.not_after = clock_now() + 365 * (int64_t)86400000,
		.publish = publish,
		.withdraw = withdraw,
		.wait = no_wait,
		.ctx = &proof,
		.authorization_tries = 5,
		.certificate_tries = 5,
		.authorization_wait_ms = 10,
		.certificate_wait_ms = 10 };
}

/* From the directory to the certificate: the fault, FAULT_NONE. */
static enum fault
run(const struct acme_account *who, const char *profile, struct acme_order *o)
{
	struct acme_options opt = { .directory = arena_printf(a,
					    "http://127.0.0.1:%d/directory",
					    ca.port),
		.http = http,
		.profile = profile,
		.connect_timeout_ms = 2000,
		.read_timeout_ms = 5000 };
	struct acme_order usual = order();
	struct cert *chain[CHAIN_MAX];
	struct acme *s = NULL;
	struct err e = ERR_INIT;
	struct bytes pem;
	size_t n = 0;

	if (!acme_open(&s, &opt, &e) && !acme_login(s, account, who, &e) &&
		!acme_fetch(s, o ? o : &usual, a, &pem, &e)) {
		ok(!cert_parse_chain(chain, &n, pem, NULL) && n == 2 &&
			key_same_public(cert_key(chain[0]), subject));
		while (n)
			cert_unref(&chain[--n]);
	}
	acme_close(&s);
	if (err_set(&e))
		tap_note("%s: %s", e.code, e.text);
	ok(!strchr(e.text, '\n'));
	return e.fault;
}

static const struct acme_account plain = { .contact = "town@example.org" };

static void
test_good(void)
{
	is_int(run(&plain, NULL, NULL), FAULT_NONE);
	is_str(ca.contact, "mailto:town@example.org");
	is_int(ca.accounts, 1);
	is_int(run(&plain, "auth-profile", NULL), FAULT_NONE);
	is_int(ca.accounts, 1); /* the same key finds its account */
	ok(str_prefix(ca.agent, "profile_id=auth-profile X-Road/"));
	is_int(ca.forged, 0);
	is_int(ca.replays, 0);
}

static void
test_nonces(void)
{
	ca.spoil = 3;
	is_int(run(&plain, NULL, NULL), FAULT_NONE);
	ok(ca.spoiled > 0);
	is_int(ca.replays, 0);
	ca.spoil = 1; /* all of them */
	is_int(run(&plain, NULL, NULL), FAULT_ACME_ACCOUNT);
	ca.spoil = 0;
}

static void
test_slow(void)
{
	ca.slowness = 3;
	waited = 0;
	is_int(run(&plain, NULL, NULL), FAULT_NONE);
	ok(waited >= 60);
	ca.slowness = 50;
	is_int(run(&plain, NULL, NULL), FAULT_ACME_AUTHORIZATION_WAIT);
	ca.slowness = 0;
	ca.refuse_not_after = true;
	is_int(run(&plain, NULL, NULL), FAULT_NONE);
	ca.refuse_not_after = false;
}

static void
test_unwilling(void)
{
	struct acme_order o = order();
	int port = ca.proof_port;

	ca.no_http = true;
	is_int(run(&plain, NULL, NULL), FAULT_ACME_NO_HTTP);
	ca.no_http = false;
	ca.proof_port = 1;
	is_int(run(&plain, NULL, NULL), FAULT_ACME_AUTHORIZATION);
	ca.proof_port = port;
	o.csr = bytes_str("junk");
	is_int(run(&plain, NULL, &o), FAULT_ACME_FINALIZE);
	port = ca.port;
	ca.port = 1;
	is_int(run(&plain, NULL, NULL), FAULT_ACME_DIRECTORY);
	ca.port = port;
}

static void
test_binding(void)
{
	struct acme_account who = { .kid = "key_2",
		.mac_key = bytes_str("goodlongsecretwordthatisnotshort") };

	ca.eab_kid = "key_2";
	ca.eab_key = who.mac_key;
	key_unref(&account);
	ok(!key_generate(&account, KEY_RSA, 2048, NULL));
	is_int(run(&plain, NULL, NULL), FAULT_ACME_ACCOUNT);
	who.mac_key = bytes_str("another");
	is_int(run(&who, NULL, NULL), FAULT_ACME_ACCOUNT);
	who.mac_key = ca.eab_key;
	is_int(run(&who, NULL, NULL), FAULT_NONE);
	ca.eab_kid = NULL;
}

static void
test_key_change(void)
{
	struct acme_options opt = { .directory = arena_printf(a,
					    "http://127.0.0.1:%d/directory",
					    ca.port),
		.http = http };
	struct key *fresh = NULL;
	struct acme *s = NULL;
	int accounts = ca.accounts;

	ok(!key_generate(&fresh, KEY_RSA, 2048, NULL));
	ok(!acme_open(&s, &opt, NULL) && !acme_login(s, account, &plain, NULL));
	ok(!acme_change_key(s, fresh, NULL));
	acme_close(&s);
	is_int(ca.key_changes, 1);
	key_unref(&account);
	account = fresh;
	is_int(run(&plain, NULL, NULL), FAULT_NONE);
	is_int(ca.accounts, accounts);
}

/* ---- JWS ---- */

/* RFC 7638 section 3.1. */
static void
test_thumbprint(void)
{
	static const char text[] =
		"{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"0vx7agoebGcQSuuPiLJXZ"
		"ptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6"
		"tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl"
		"93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZg"
		"nYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4v"
		"MQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kE"
		"gU8awapJzKnqDKgw\"}";
	struct key *k = ca_key_of(a, ca_json(a, bytes_str(text)));
	char *print = NULL;

	ok(k && !jwk_thumbprint(a, k, &print, NULL));
	is_str(print, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
	key_unref(&k);
}

static void
test_base64(void)
{
	struct bytes b;

	is_str(base64url_encode(a, "\xff\xfe\xfd\xfc", 4), "__79_A");
	ok(!base64url_decode(a, "__79_A", &b, NULL) && b.len == 4);
	ok(!base64url_decode(a, "//79/A==", &b, NULL) && b.len == 4);
	ok(base64url_decode(a, "__79_", &b, NULL));
	ok(base64url_decode(a, "a b!", &b, NULL));
}

/* ---- Pebble ---- */

static int
really_wait(void *ctx, int64_t ms, struct err *e)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	(void)ctx, (void)e;
	nanosleep(&t, NULL);
	return 0;
}

static void
put(const char *name, const char *text)
{
	ok(!file_write(path_join(a, tap_dir(), name), bytes_str(text),
		FILE_PRIVATE, NULL));
}

static pid_t
pebble_start(int port, int proof_port, const char *eab)
{
	const struct rdn cn = { "CN", "127.0.0.1" };
	struct cert_template t = { .subject = &cn,
		.subjects = 1,
		.key = ca.ca_key,
		.serial = 9,
		.not_before = clock_now() - 1000,
		.not_after = clock_now() + 3600000,
		.path_len = -1,
		.key_usage = KU_DIGITAL_SIGNATURE,
		.ip = "127.0.0.1" };
	struct cert *c = NULL;
	struct bytes der;
	pid_t pid;

	ok(!cert_issue(&c, &t, NULL, ca.ca_key, NULL));
	ok(!key_private_der(ca.ca_key, a, &der, NULL));
	put("pebble.crt", pem_encode(a, "CERTIFICATE", cert_der(c)));
	put("pebble.key", pem_encode(a, "PRIVATE KEY", der));
	put("pebble.json",
		arena_printf(a,
			"{\"pebble\":{\"listenAddress\":\"127.0.0.1:%d\","
			"\"managementListenAddress\":\"127.0.0.1:%d\","
			"\"certificate\":\"%s/pebble.crt\",\"privateKey\":"
			"\"%s/pebble.key\",\"httpPort\":%d,\"tlsPort\":1%s}}",
			port, tap_port("127.0.0.1"), tap_dir(), tap_dir(),
			proof_port, eab));
	cert_unref(&c);
	pid = fork();
	if (!pid) {
		setenv("PEBBLE_VA_NOSLEEP", "1", 1);
		setenv("PEBBLE_WFE_NONCEREJECT", "20", 1);
		freopen("/dev/null", "w", stdout);
		freopen("/dev/null", "w", stderr);
		execlp("pebble", "pebble", "-config",
			path_join(a, tap_dir(), "pebble.json"), (char *)NULL);
		_exit(127);
	}
	return pid;
}

static int
pebble_open(struct acme **s, const struct acme_options *o, struct err *e)
{
	for (int i = 0; i < 2000; i++) {
		err_reset(e);
		if (!acme_open(s, o, e))
			return 0;
		(void)really_wait(NULL, 50, NULL);
	}
	return -1;
}

static void
pebble_run(const struct acme_options *o, const struct acme_account *who)
{
	struct acme_order want = order();
	struct cert *chain[CHAIN_MAX];
	struct acme *s = NULL;
	struct err e = ERR_INIT;
	struct bytes pem = { 0 };
	size_t n = 0;

	want.name = "localhost";
	want.wait = really_wait;
	want.authorization_wait_ms = want.certificate_wait_ms = 200;
	want.authorization_tries = want.certificate_tries = 300;
	{
		const struct rdn cn = { "CN", "localhost" };
		const struct cert_request r = {
			.subject = &cn, .subjects = 1, .dns_name = "localhost"
		};
		ok(!csr_make(subject, &r, a, &want.csr, NULL));
	}
	ok_m(!pebble_open(&s, o, &e), "%s", e.text);
	is_int(s ? acme_needs_binding(s) : -1, who->kid != NULL);
	ok_m(s && !acme_login(s, account, who, &e), "%s", e.text);
	ok_m(s && !acme_fetch(s, &want, a, &pem, &e), "%s", e.text);
	ok(!cert_parse_chain(chain, &n, pem, NULL) && n >= 2 &&
		key_same_public(cert_key(chain[0]), subject));
	while (n)
		cert_unref(&chain[--n]);
	acme_close(&s);
}

static void
test_pebble(void)
{
	const char *const which[] = { "sh", "-c", "command -v pebble", NULL };
	static const char secret[] =
		"zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9w"
		"G44nMEtx3MUAsUDkMTQ12W";
	struct tls_options t = { .policy = TLS_WEB };
	struct acme_options o = { .http = http, .connect_timeout_ms = 5000 };
	struct acme_account who = { .contact = "town@example.org" };
	int port = tap_port("127.0.0.1");
	pid_t pid;

	if (tap_run(which, NULL, 0)) {
		tap_skip("no pebble here");
		return;
	}
	ok(!tls_client_new(&o.tls, &t, NULL));
	o.directory = arena_printf(a, "https://127.0.0.1:%d/dir", port);
	pid = pebble_start(port, http_port(proof.http), "");
	pebble_run(&o, &who);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	port = tap_port("127.0.0.1");
	o.directory = arena_printf(a, "https://127.0.0.1:%d/dir", port);
	pid = pebble_start(port, http_port(proof.http),
		arena_printf(a,
			",\"externalAccountBindingRequired\":true,"
			"\"externalAccountMACKeys\":{\"kid-1\":\"%s\"}",
			secret));
	who.kid = "kid-1";
	ok(!base64url_decode(a, secret, &who.mac_key, NULL));
	pebble_run(&o, &who);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	tls_unref(&o.tls);
}

int
main(void)
{
	static const struct route routes[] = {
		{ "GET", "/.well-known/acme-challenge/*", 0, 0, show }, { 0 }
	};
	struct listener l = { .name = "proof",
		.address = "127.0.0.1",
		.threads = 4,
		.routes = routes,
		.state = &proof };
	const struct rdn cn = { "CN", "Test CA" };
	struct cert_template t = { .subject = &cn,
		.subjects = 1,
		.serial = 1,
		.not_before = clock_now() - 1000,
		.not_after = clock_now() + 86400000,
		.ca = true,
		.path_len = -1,
		.key_usage = KU_KEY_CERT_SIGN };
	struct key *ca_key = NULL;
	struct cert *ca_cert = NULL;

	a = arena_new();
	ok(!http_startup(NULL));
	pthread_mutex_init(&proof.lock, NULL);
	ok(!http_serve(&proof.http, &l, NULL));
	ok(!http_client_new(&http, NULL));
	ok(!key_generate(&ca_key, KEY_EC, 256, NULL));
	ok(!key_generate(&account, KEY_EC, 256, NULL));
	ok(!key_generate(&subject, KEY_EC, 256, NULL));
	t.key = ca_key;
	ok(!cert_issue(&ca_cert, &t, NULL, ca_key, NULL));
	ca_start(&ca, ca_key, ca_cert, http_port(proof.http));
	test_thumbprint();
	test_base64();
	test_good();
	test_nonces();
	test_slow();
	test_unwilling();
	test_binding();
	test_key_change();
	is_int(ca.forged, 0);
	test_pebble();
	ca_stop(&ca);
	http_stop(&proof.http);
	http_client_free(&http);
	key_unref(&ca_key);
	key_unref(&account);
	key_unref(&subject);
	cert_unref(&ca_cert);
	http_shutdown();
	arena_free(&a);
	return tap_done();
}
