/* SPDX-License-Identifier: MIT */
/*
 * Who may speak for a client: each connection type against plain HTTP, TLS
 * without certificate, with the registered one, with another one and with the
 * server's own; REST and SOAP; certificates that come and go while connections
 * stay open; the common tools as clients.
 */
#define IN_SERVER 1

#include <string.h>

#include "cert.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "key.h"
#include "mem.h"
#include "net.h"
#include "proxy_int.h"
#include "server_sql.h"
#include "tap.h"
#include "text.h"
#include "tls.h"

#define SECURE "/r1/JP/COM/2000/Data/secure"
#define NO     "server.clientproxy.ssl_authentication_failed"

enum { SECURE_ROW = 3 }; /* the town's row of TOWN_TLS */

static struct net n;
static struct party own; /* the internal TLS certificate of the town */

enum who { PLAIN, NAMELESS, REGISTERED, STRANGER, SERVER, WHO_MAX };
static const char *const who_name[] = { "plain", "no certificate",
	"registered certificate", "unknown certificate", "server's own" };
static struct tls *tls[WHO_MAX];

static struct tls *
context(const struct party *p)
{
	struct tls_options o = { .policy = TLS_SERVICE };
	struct tls *t = NULL;
	struct err e = ERR_INIT;

	if (p) {
		o.key = p->key;
		o.chain = (struct cert_list){ &p->cert, 1 };
	}
	ok_m(!tls_client_new(&t, &o, &e), "%s", e.text);
	return t;
}

static const char *
code_of(struct tls *t)
{
	const struct http_header h = { "X-Road-Client", "JP/GOV/1000/Secure" };
	const struct is_call c = { .method = "GET",
		.path = SECURE,
		.header = &h,
		.headers = 1,
		.tls = t };
	struct http_answer a = is_call(&n, &n.town, &c);

	return a.status < 0 ? "no answer" : is_error(&a);
}

static void
town_rows_run(enum server_query q, struct db_arg one, struct db_arg two)
{
	struct db_conn *c = db_take(n.town.s.db);
	struct err e = ERR_INIT;

	ok_m(db_run(c, q, &e, one, two) >= 0, "%s", e.text);
	db_give(c);
	node_touch(&n.town);
}

static void
connection(const char *type)
{
	town_rows_run(
		Q_SERVER_CLIENT_CONNECTION, db_text(type), db_int(SECURE_ROW));
}

static void
test_types(void)
{
	static const struct {
		const char *type;
		const char *want[WHO_MAX];
	} row[] = {
		{ "HTTP", { "", "", "", "", "" } },
		{ "HTTPS_NO_AUTH", { NO, "", "", "", "" } },
		{ "HTTPS", { NO, NO, "", NO, "" } },
	};

	for (size_t i = 0; i < 3; i++) {
		connection(row[i].type);
		for (int w = 0; w < WHO_MAX; w++) {
			const char *got = code_of(tls[w]);
			ok_m(str_equal(got, row[i].want[w]), "%s, %s: \"%s\"",
				row[i].type, who_name[w], got);
		}
	}
}

/* One connection, kept: what the database says counts, request by request. */
static void
test_runtime(void)
{
	struct digest d;
	const char *hash;

	cert_digest(n.hub_cert.cert, DIGEST_SHA256, &d);
	hash = hex_encode(n.a, d.value, d.len);
	is_str(code_of(tls[REGISTERED]), "");
	town_rows_run(
		Q_SERVER_CLIENT_CERT_DELETE, db_int(SECURE_ROW), db_text(hash));
	is_str(code_of(tls[REGISTERED]), NO);
	is_str(code_of(tls[STRANGER]), NO);
	node_client_cert(&n.town, SECURE_ROW, n.stranger_auth.cert);
	node_touch(&n.town);
	is_str(code_of(tls[STRANGER]), "");
	is_str(code_of(tls[REGISTERED]), NO);
	node_client_cert(&n.town, SECURE_ROW, n.hub_cert.cert);
	node_touch(&n.town);
	is_str(code_of(tls[REGISTERED]), "");
	connection("HTTPS_NO_AUTH");
	is_str(code_of(tls[NAMELESS]), "");
	connection("HTTPS");
	is_str(code_of(tls[NAMELESS]), NO);
}

/* Expired: a warning, or a refusal if so wished. */
static void
test_validity(void)
{
	struct party old =
		net_issue(&n, KEY_EC, PARTY_AUTH, "GOV", "1000", NULL, -1);
	struct tls *t = context(&old);

	node_client_cert(&n.town, SECURE_ROW, old.cert);
	node_touch(&n.town);
	is_str(code_of(t), "");
	node_restart(&n, &n.town, "proxy",
		"enforce-client-is-cert-validity-period-check", "true");
	is_str(code_of(t), NO);
	is_str(code_of(tls[REGISTERED]), "");
	tls_unref(&t);
	party_drop(&old);
}

/* ---- curl and openssl ---- */

static const char *
pem_file(const char *name, const char *label, struct bytes der)
{
	const char *path = path_join(n.a, tap_dir(), name);

	ok(!file_write(path, bytes_str(pem_encode(n.a, label, der)),
		FILE_PRIVATE, NULL));
	return path;
}

static const char *
run(const char *const *argv)
{
	static char out[65536];

	(void)tap_run(argv, out, sizeof(out));
	return out;
}

static void
test_tools(void)
{
	struct bytes der;
	const char *url = arena_printf(
		n.a, "https://" TOWN_ADDRESS ":%d" SECURE, n.town.https);
	const char *cert =
		pem_file("is.crt", "CERTIFICATE", cert_der(n.hub_cert.cert));
	const char *key;
	const char *who = "X-Road-Client: JP/GOV/1000/Secure";

	if (tap_run((const char *const[]){ "curl", "--version", NULL }, NULL,
		    0)) {
		tap_skip("curl is not installed");
		return;
	}
	ok(!key_private_der(n.hub_cert.key, n.a, &der, NULL));
	key = pem_file("is.key", "PRIVATE KEY", der);
	const char *const with[] = { "curl", "-sk", "-m", "20", "--cert", cert,
		"--key", key, "-H", who, "-w", "=%{http_code}", url, NULL };
	const char *const without[] = { "curl", "-sk", "-m", "20", "-H", who,
		"-w", "=%{http_code}", url, NULL };
	const char *got = run(with);
	ok_m(strstr(got, "=200"), "curl with the certificate: %s", got);
	got = run(without);
	ok_m(strstr(got, "=500") && strstr(got, NO), "curl without: %s", got);
	const char *const s_client[] = { "sh", "-c",
		"echo | timeout 20 openssl s_client -tls1_2 -connect \"$0\" "
		"-cipher ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA256",
		arena_printf(n.a, TOWN_ADDRESS ":%d", n.town.https), NULL };
	got = run(s_client);
	ok_m(strstr(got, "Cipher    : ECDHE-"),
		"an old information system connects");
}

int
main(void)
{
	struct service_say fine = { .status = 200 };

	net_fork(&n, "is_auth");
	net_open(&n);
	net_say(&n, &fine);
	ok(!internal_tls(n.town.conf, &own.key, &own.cert, NULL));
	tls[NAMELESS] = context(NULL);
	tls[REGISTERED] = context(&n.hub_cert);
	tls[STRANGER] = context(&n.stranger_auth);
	tls[SERVER] = context(&own);
	test_types();
	test_runtime();
	test_tools();
	test_validity();
	for (int w = 0; w < WHO_MAX; w++)
		tls_unref(&tls[w]);
	party_drop(&own);
	net_close(&n);
	return tap_done();
}
