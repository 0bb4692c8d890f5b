/* SPDX-License-Identifier: MIT */
/*
 * TLS: our server and client against each other and against OpenSSL's, each
 * policy with the suites it promises, judges, and what must be refused.
 */
#include "tls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "job.h"
#include "key.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

enum { OUT_MAX = 32768 };

/* An end of a connection: key, certificate, files for OpenSSL. */
struct party {
	struct key *key;
	struct cert *cert;
	char *key_file, *cert_file;
};

struct world {
	struct arena *a;
	struct party ca, server, client, ec;
};

static int
remote_sign(void *ctx, struct sign_alg alg, const struct digest *digest,
	uint8_t out[SIGNATURE_MAX], size_t *len, struct err *e)
{
	struct arena *a = arena_new();
	struct bytes sig;
	int rc = key_sign_digest(ctx, alg, digest, a, &sig, e);
	if (rc == 0)
		memcpy(out, sig.data, sig.len);
	*len = rc ? 0 : sig.len;
	arena_free(&a);
	return rc;
}

static struct key *
as_remote(struct world *w, struct key *k)
{
	struct key *out = NULL;
	struct err e = ERR_INIT;
	if (key_new_remote(&out, key_spki(k, w->a), remote_sign, k, NULL, &e))
		ok_m(false, "%s", e.text);
	return out;
}

static void
party_make(struct world *w, struct party *p, const char *cn, enum key_type type,
	struct party *issuer)
{
	struct rdn name = { "CN", cn };
	struct err e = ERR_INIT;
	struct bytes der;
	int64_t now = clock_now();
	is_int(key_generate(&p->key, type, 2048, &e), 0);
	struct cert_template t = { .subject = &name,
		.subjects = 1,
		.key = p->key,
		.serial = 1,
		.not_before = now - 60000,
		.not_after = now + 3600000,
		.ca = !issuer,
		.path_len = -1,
		.key_usage = issuer ? KU_DIGITAL_SIGNATURE : KU_KEY_CERT_SIGN,
		.ext_usage = issuer ? EKU_CLIENT_AUTH : 0,
		.dns_name = "localhost" };
	is_int(cert_issue(&p->cert, &t, issuer ? issuer->cert : NULL,
		       issuer ? issuer->key : p->key, &e),
		0);
	p->key_file = arena_printf(w->a, "%s/%s.key", tap_dir(), cn);
	p->cert_file = arena_printf(w->a, "%s/%s.pem", tap_dir(), cn);
	is_int(key_private_der(p->key, w->a, &der, &e), 0);
	is_int(file_write(p->key_file,
		       bytes_str(pem_encode(w->a, "PRIVATE KEY", der)),
		       FILE_PRIVATE, &e),
		0);
	is_int(file_write(p->cert_file,
		       bytes_str(pem_encode(
			       w->a, "CERTIFICATE", cert_der(p->cert))),
		       FILE_PUBLIC, &e),
		0);
}

static struct tls_options
options(enum tls_policy policy, struct party *p)
{
	struct tls_options o = { .policy = policy,
		.handshake_timeout_ms = 10000 };
	if (p) {
		o.key = p->key;
		o.chain = (struct cert_list){ &p->cert, 1 };
	}
	return o;
}

/* ---- ours against ours ---- */

struct job_accept {
	struct tls *tls;
	int fd;
	struct err e;
	bool shaken;
	size_t peers;
	char version[16];
};

/* Echoes one message. */
static void
accept_one(void *ctx)
{
	struct job_accept *j = ctx;
	struct tls_conn *c = NULL;
	char text[64];
	if (tls_accept(&c, j->tls, j->fd, &j->e) == 0) {
		j->shaken = true;
		j->peers = tls_peer(c).n;
		snprintf(j->version, sizeof j->version, "%s", tls_version(c));
		int n = tls_read(c, text, sizeof text, 5000);
		if (n > 0)
			tls_write(c, text, (size_t)n, 5000);
		tls_close(&c);
	}
	shutdown(j->fd, SHUT_RDWR);
}

/* Runs a connection; 0 when both ends shook hands and an echo came back. */
static int
meet(const struct tls_options *so, const struct tls_options *co,
	struct job_accept *j, struct err *e)
{
	int fd[2], ret = -1;
	struct tls *client = NULL;
	struct tls_conn *c = NULL;
	struct worker *w;
	char text[64] = "";
	*j = (struct job_accept){ 0 };
	is_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	j->fd = fd[0];
	if (tls_server_new(&j->tls, so, e) || tls_client_new(&client, co, e) ||
		worker_start(&w, "server", accept_one, j, e)) {
		ok_m(false, "%s", e->text);
		return -1;
	}
	if (tls_connect(&c, client, fd[1], "localhost", e) == 0) {
		if (tls_write(c, "ping", 4, 5000) == 4 &&
			tls_read(c, text, sizeof text, 5000) == 4 &&
			tls_read(c, text + 8, 8, 5000) == 0)
			ret = strcmp(text, "ping");
		is_int((long long)tls_peer(c).n, 1);
	}
	tls_close(&c);
	shutdown(fd[1], SHUT_RDWR);
	worker_join(&w);
	close(fd[0]);
	close(fd[1]);
	tls_unref(&client);
	tls_unref(&j->tls);
	return ret;
}

static int
judge_cert(void *ctx, struct cert_list chain, struct err *e)
{
	if (cert_equal(chain.item[0], ctx))
		return 0;
	return fail(e, FAULT_INCORRECT_CERTIFICATE, "somebody else");
}

static void
test_ours(struct world *w)
{
	struct err e = ERR_INIT;
	struct job_accept j;
	struct tls_options s = options(TLS_PEER, &w->server),
			   c = options(TLS_PEER, &w->client);
	struct key *remote = as_remote(w, w->server.key),
		   *remote2 = as_remote(w, w->client.key);
	s.client_auth = TLS_AUTH_REQUIRED;
	s.ca_names = (struct cert_list){ &w->ca.cert, 1 };
	is_int(meet(&s, &c, &j, &e), 0);
	ok(j.peers == 1);
	is_str(j.version, "TLSv1.2");
	/* keys in the signer, judges on both sides */
	s.key = remote;
	c.key = remote2;
	s.judge = c.judge = judge_cert;
	s.judge_ctx = w->client.cert;
	c.judge_ctx = w->server.cert;
	is_int(meet(&s, &c, &j, &e), 0);
	/* a judge says no: server's, then client's */
	s.judge_ctx = w->ca.cert;
	is_int(meet(&s, &c, &j, &e), -1);
	ok(!j.shaken);
	is_int(j.e.fault, FAULT_INCORRECT_CERTIFICATE);
	is_str(j.e.text, "somebody else");
	s.judge_ctx = w->client.cert;
	c.judge_ctx = w->ca.cert;
	err_reset(&e);
	is_int(meet(&s, &c, &j, &e), -1);
	is_int(e.fault, FAULT_INCORRECT_CERTIFICATE);
	/* no client certificate */
	struct tls_options bare = options(TLS_PEER, NULL);
	err_reset(&e);
	is_int(meet(&s, &bare, &j, &e), -1);
	ok(!j.shaken);
	/* optional: with and without; self-signed goes through unjudged */
	s = options(TLS_WEB, &w->server);
	s.client_auth = TLS_AUTH_OPTIONAL;
	struct tls_options web = options(TLS_WEB, NULL);
	is_int(meet(&s, &web, &j, &e), 0);
	is_int((long long)j.peers, 0);
	is_str(j.version, "TLSv1.3");
	web = options(TLS_WEB, &w->ca);
	is_int(meet(&s, &web, &j, &e), 0);
	is_int((long long)j.peers, 1);
	web = options(TLS_WEB, &w->ec);
	is_int(meet(&s, &web, &j, &e), 0);
	/* TLS_WEB with a remote key falls back to 1.2 */
	s.key = remote;
	is_int(meet(&s, &web, &j, &e), 0);
	is_str(j.version, "TLSv1.2");
	key_unref(&remote);
	key_unref(&remote2);
}

static void
test_refused_options(struct world *w)
{
	struct err e = ERR_INIT;
	struct tls *t = NULL;
	struct tls_options o = options(TLS_PEER, NULL);
	is_int(tls_server_new(&t, &o, &e), -1);
	o = options(TLS_PEER, &w->server);
	o.key = w->client.key;
	err_reset(&e);
	is_int(tls_server_new(&t, &o, &e), -1);
	is_int(e.fault, FAULT_CERT_NOT_FOUND);
	struct key *remote = as_remote(w, w->ec.key);
	o = options(TLS_PEER, &w->ec);
	o.key = remote;
	err_reset(&e);
	is_int(tls_server_new(&t, &o, &e), -1);
	is_int(e.fault, FAULT_UNSUPPORTED_ALGORITHM);
	key_unref(&remote);
}

static void
test_timeout(struct world *w)
{
	struct tls_options o = options(TLS_WEB, &w->server);
	struct err e = ERR_INIT;
	struct tls *t = NULL;
	struct tls_conn *c = NULL;
	int fd[2];
	o.handshake_timeout_ms = 50;
	is_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	is_int(tls_server_new(&t, &o, &e), 0);
	int64_t start = clock_ticks();
	is_int(tls_accept(&c, t, fd[0], &e), -1);
	ok(clock_ticks() - start < 30000);
	is_int(e.fault, FAULT_NETWORK);
	/* noise instead of a ClientHello */
	err_reset(&e);
	is_int((long long)write(fd[1], "GET / HTTP/1.0\r\n\r\n", 18), 18);
	is_int(tls_accept(&c, t, fd[0], &e), -1);
	ok(!c);
	tls_unref(&t);
	close(fd[0]);
	close(fd[1]);
}

/* ---- against OpenSSL's client ---- */

static int
listen_on(int *port)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof at;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 4) ||
		getsockname(fd, (struct sockaddr *)&at, &len))
		ok_m(false, "no port");
	*port = ntohs(at.sin_port);
	return fd;
}

struct job_run {
	const char *const *argv;
	char out[OUT_MAX];
	int rc;
};

static void
run_one(void *ctx)
{
	struct job_run *j = ctx;
	j->rc = tap_run(j->argv, j->out, OUT_MAX);
}

/* openssl s_client with these words against a server with these options. */
static bool
s_client(const struct tls_options *o, const char *const *words,
	struct job_run *r, struct err *e)
{
	const char *argv[32] = { "openssl", "s_client" };
	int port, n = 2, fd = listen_on(&port);
	char address[32];
	struct tls *t = NULL;
	struct tls_conn *c = NULL;
	struct worker *w;
	snprintf(address, sizeof address, "127.0.0.1:%d", port);
	argv[n++] = "-connect";
	argv[n++] = address;
	for (; *words; words++)
		argv[n++] = *words;
	r->argv = argv;
	is_int(tls_server_new(&t, o, e), 0);
	is_int(worker_start(&w, "openssl", run_one, r, e), 0);
	int conn = accept(fd, NULL, NULL);
	bool good = tls_accept(&c, t, conn, e) == 0;
	if (good)
		tls_write(c, "hello\n", 6, 5000);
	tls_close(&c);
	shutdown(conn, SHUT_RDWR);
	close(conn);
	worker_join(&w);
	close(fd);
	tls_unref(&t);
	return good;
}

static void
test_s_client(struct world *w)
{
	static const char *const suites[] = { "ECDHE-RSA-AES256-SHA384",
		"DHE-RSA-AES256-SHA256", "ECDHE-RSA-AES256-GCM-SHA384" };
	static struct job_run r;
	struct err e = ERR_INIT;
	struct tls_options o = options(TLS_PEER, &w->server);
	struct key *remote = as_remote(w, w->server.key);
	o.key = remote;
	o.client_auth = TLS_AUTH_REQUIRED;
	o.ca_names = (struct cert_list){ &w->ca.cert, 1 };
	for (int i = 0; i < 3; i++) {
		const char *const words[] = { "-tls1_2", "-cipher", suites[i],
			"-cert", w->client.cert_file, "-key",
			w->client.key_file, "-CAfile", w->ca.cert_file, NULL };
		if (!ok(s_client(&o, words, &r, &e)))
			tap_note("%s %s", suites[i], e.text);
		ok(strstr(r.out, suites[i]) != NULL);
		ok(strstr(r.out, "Acceptable client certificate CA names\n"
				 "CN = ca") != NULL);
		err_reset(&e);
	}
	key_unref(&remote);
	o = options(TLS_PEER, &w->ec);
	const char *const ec[] = { "-tls1_2", "-cipher",
		"ECDHE-ECDSA-AES256-SHA384", NULL };
	ok(s_client(&o, ec, &r, &e));
	ok(strstr(r.out, "ECDHE-ECDSA-AES256-SHA384") != NULL);
	/* versions and missing certificates are refused */
	o = options(TLS_PEER, &w->server);
	const char *const new_only[] = { "-tls1_3", NULL };
	ok(!s_client(&o, new_only, &r, &e));
	const char *const old[] = { "-tls1_1", "-cipher", "ALL:@SECLEVEL=0",
		NULL };
	ok(!s_client(&o, old, &r, &e));
	o.client_auth = TLS_AUTH_REQUIRED;
	const char *const bare[] = { "-tls1_2", NULL };
	err_reset(&e);
	ok(!s_client(&o, bare, &r, &e));
	tap_note("%s", e.text);
	o = options(TLS_WEB, &w->server);
	const char *const cbc[] = { "-tls1_2", "-cipher",
		"ECDHE-RSA-AES256-SHA384", NULL };
	ok(!s_client(&o, cbc, &r, &e));
	ok(s_client(&o, new_only, &r, &e));
	ok(strstr(r.out, "TLSv1.3") != NULL);
	o = options(TLS_SERVICE, &w->server);
	ok(s_client(&o, cbc, &r, &e));
}

/* ---- against OpenSSL's server ---- */

/* s_server -naccept 1 prints ACCEPT when it listens; we just retry. */
static int
connect_to(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int64_t end = clock_ticks() + 60000;
	while (clock_ticks() < end) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
			return fd;
		close(fd);
	}
	return -1;
}

static bool
s_server(struct world *w, struct party *party, const struct tls_options *o,
	const char *const *words, struct job_run *r, struct err *e)
{
	const char *argv[32] = { "openssl", "s_server", "-naccept", "1",
		"-cert", party->cert_file, "-key", party->key_file, "-CAfile",
		w->ca.cert_file, "-www", "-accept" };
	int port, n = 12, probe = listen_on(&port);
	char text[32], answer[512];
	struct tls *t = NULL;
	struct tls_conn *c = NULL;
	struct worker *run;
	close(probe);
	snprintf(text, sizeof text, "127.0.0.1:%d", port);
	argv[n++] = text;
	for (; *words; words++)
		argv[n++] = *words;
	r->argv = argv;
	is_int(tls_client_new(&t, o, e), 0);
	is_int(worker_start(&run, "openssl", run_one, r, e), 0);
	int fd = connect_to(port);
	bool good = tls_connect(&c, t, fd, "localhost", e) == 0;
	if (good) {
		tls_write(c, "GET / HTTP/1.0\r\n\r\n", 18, 5000);
		good = tls_read(c, answer, sizeof answer, 5000) > 0;
	}
	tls_close(&c);
	shutdown(fd, SHUT_RDWR);
	close(fd);
	worker_join(&run);
	tls_unref(&t);
	return good;
}

static void
test_s_server(struct world *w)
{
	static const char *const suites[] = { "ECDHE-RSA-AES256-SHA384",
		"DHE-RSA-AES256-SHA256" };
	static struct job_run r;
	struct err e = ERR_INIT;
	struct tls_options o = options(TLS_PEER, &w->client);
	struct key *remote = as_remote(w, w->client.key);
	o.key = remote;
	for (int i = 0; i < 2; i++) {
		const char *const words[] = { "-tls1_2", "-cipher", suites[i],
			"-Verify", "2", "-verify_return_error", NULL };
		if (!ok(s_server(w, &w->server, &o, words, &r, &e)))
			tap_note("%s %s %s", suites[i], e.text, r.out);
		err_reset(&e);
	}
	const char *const ec[] = { "-tls1_2", "-cipher",
		"ECDHE-ECDSA-AES256-SHA384", NULL };
	ok(s_server(w, &w->ec, &o, ec, &r, &e));
	const char *const tls13[] = { "-tls1_3", NULL };
	ok(!s_server(w, &w->server, &o, tls13, &r, &e));
	key_unref(&remote);
	o = options(TLS_WEB, &w->client);
	const char *const both[] = { "-tls1_3", "-Verify", "2",
		"-verify_return_error", NULL };
	err_reset(&e);
	if (!ok(s_server(w, &w->server, &o, both, &r, &e)))
		tap_note("%s %s", e.text, r.out);
}

int
main(void)
{
	struct world w = { .a = arena_new() };
	party_make(&w, &w.ca, "ca", KEY_RSA, NULL);
	party_make(&w, &w.server, "server", KEY_RSA, &w.ca);
	party_make(&w, &w.client, "client", KEY_RSA, &w.ca);
	party_make(&w, &w.ec, "ec", KEY_EC, &w.ca);
	test_ours(&w);
	test_refused_options(&w);
	test_timeout(&w);
	test_s_client(&w);
	test_s_server(&w);
	struct party *all[] = { &w.ca, &w.server, &w.client, &w.ec };
	for (int i = 0; i < 4; i++) {
		key_unref(&all[i]->key);
		cert_unref(&all[i]->cert);
	}
	arena_free(&w.a);
	return tap_done();
}
