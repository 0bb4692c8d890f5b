/* SPDX-License-Identifier: MIT */
/*
 * Port 5577 as other security servers use it: curl asks, our own client asks,
 * strangers ask for what is not there.
 */
#define IN_SERVER 1
#include "center_kit.h"
#include "file.h"
#include "ocspstore_int.h"

struct world {
	struct kit kit;
	struct arena *a;
	struct conf *conf;
	struct http_client *http;
	struct http_server *responder;
	struct confclient *confclient;
	struct globalconf *g;
	struct ocspstore *store;
	struct key *key;
	struct cert *cert;
};

static const char *
url(struct world *w, const char *query)
{
	return arena_printf(
		w->a, "http://127.0.0.1:%d/%s", http_port(w->responder), query);
}

static const char *
sha1(struct world *w, const struct cert *c)
{
	char *s = arena_alloc(w->a, SHA1_HEX + 1);

	cert_sha1_hex(c, s);
	return s;
}

/* curl's status line and headers, and the body behind them. */
static const char *
curl(struct world *w, const char *option, const char *at)
{
	static char out[1 << 16];
	const char *const argv[] = { "curl", "-s", "-i", "--max-time", "20",
		option, at, NULL };

	(void)w;
	memset(out, 0, sizeof(out));
	if (tap_run(argv, out, sizeof(out)) != 0)
		tap_note("curl failed: %s", at);
	return out;
}

static void
test_curl(struct world *w)
{
	const char *known = arena_printf(w->a, "?cert=%s", sha1(w, w->cert));
	const char *two =
		arena_printf(w->a, "?cert=%s&cert=%s&cert_hash=00&cert_hash=11",
			sha1(w, w->cert), sha1(w, w->cert));
	const char *out = curl(w, "-g", url(w, known));

	ok(strstr(out, " 200 ") != NULL);
	ok(strstr(out, "multipart/related") != NULL);
	ok(strstr(out, "application/ocsp-response") != NULL);
	out = curl(w, "-g", url(w, two));
	ok(strstr(out, " 200 ") != NULL);
	out = curl(w, "-g", url(w, ""));
	ok(strstr(out, " 500 ") != NULL);
	ok(strstr(out, "text/plain") != NULL);
	out = curl(w, "-g",
		url(w, "?cert=0123456789012345678901234567890123456789"));
	ok(strstr(out, " 500 ") != NULL);
	out = curl(w, "-g",
		url(w, arena_printf(w->a, "%s&cert=../../etc/passwd", known)));
	ok(strstr(out, " 500 ") != NULL);
	out = curl(w, "-I", url(w, ""));
	ok(strstr(out, " 200 ") != NULL);
	out = curl(w, "-XPOST", url(w, known));
	ok(strstr(out, " 500 ") != NULL);
}

/* Another server asks us, and keeps what it got only in memory. */
static void
test_peer(struct world *w)
{
	struct conf *conf = kit_conf(arena_printf(w->a, "%s/peer", tap_dir()));
	struct ocspstore *mine = NULL;
	struct cert *certs[] = { w->cert, w->cert };
	struct cert_list list = { certs, 2 };
	struct bytes got, want;
	struct err e = ERR_INIT;
	char port[16], path[1024];

	snprintf(port, sizeof(port), "%d", http_port(w->responder));
	ok(!conf_set(conf, "proxy", "ocsp-responder-port", port, &e));
	ok(!ocspstore_open(&mine, conf_data_path(conf, "ocsp"), &e));
	ok_m(!ocsp_fetch_peer(mine, conf, w->http, "127.0.0.1", list, &e),
		"peer %s", e.text);
	ok(!ocspstore_of(mine, w->a, w->cert, &got, &e));
	ok(!ocspstore_of(w->store, w->a, w->cert, &want, &e));
	is_bytes(got.data, got.len, want.data, want.len);
	snprintf(path, sizeof(path), "%s/%s.ocsp", conf_data_path(conf, "ocsp"),
		sha1(w, w->cert));
	ok(!file_exists(path));
	/* what a peer says never hides what our CA said */
	ok(!ocspstore_put(mine, w->cert, bytes_str("ours"), &e));
	ok(!ocspstore_put_peer(mine, w->cert, bytes_str("theirs"), &e));
	ok(!ocspstore_of(mine, w->a, w->cert, &got, &e));
	is_bytes(got.data, got.len, "ours", 4);
	certs[1] = w->kit.other_cert;
	is_int(ocsp_fetch_peer(mine, conf, w->http, "127.0.0.1", list, &e), -1);
	is_int(e.fault, FAULT_HTTP);
	ocspstore_close(&mine);
	conf_free(&conf);
}

static void
test_fetch(struct world *w)
{
	const char *dir = arena_printf(w->a, "%s/fetch", tap_dir());
	struct ocspstore *s = NULL;
	struct bytes der;
	struct err e = ERR_INIT;
	int64_t generation;

	ok(!ocspstore_open(&s, dir, &e));
	generation = ocspstore_generation(s);
	ok_m(!ocsp_fetch(s, w->g, w->http, w->cert, w->kit.ca, &e), "%s",
		e.text);
	ok(ocspstore_generation(s) != generation);
	ocspstore_close(&s);
	ok(!ocspstore_open(&s, dir, &e)); /* survives a restart */
	ok(!ocspstore_of(s, w->a, w->cert, &der, &e));
	ok(der.len > 100);
	/* stale: refused and not kept */
	w->kit.ocsp_age = 2 * 3600 * 1000;
	generation = ocspstore_generation(s);
	is_int(ocsp_fetch(s, w->g, w->http, w->cert, w->kit.ca, &e), -1);
	is_int(e.fault, FAULT_INCORRECT_VALIDATION_INFO);
	is_int(ocspstore_generation(s), generation);
	w->kit.ocsp_age = 0;
	err_reset(&e);
	w->kit.ocsp_status = OCSP_REVOKED;
	is_int(ocsp_fetch(s, w->g, w->http, w->cert, w->kit.ca, &e), -1);
	is_int(e.fault, FAULT_CERT_VALIDATION);
	ok(ocspstore_generation(s) != generation);
	w->kit.ocsp_status = OCSP_GOOD;
	ocspstore_close(&s);
}

/* Whether nextUpdate counts is the network's choice (NEXTUPDATE). */
static void
test_next_update(struct world *w)
{
	struct globalconf *g = NULL;
	struct err e = ERR_INIT;

	w->kit.ocsp_next_past = true;
	is_int(ocsp_fetch(w->store, w->g, w->http, w->cert, w->kit.ca, &e), -1);
	is_int(e.fault, FAULT_INCORRECT_VALIDATION_INFO);
	err_reset(&e);
	w->kit.options = "<verifyNextUpdate>false</verifyNextUpdate>\n";
	ok_m(!confclient_update(w->confclient, &e), "update %s", e.text);
	ok(!confclient_valid(w->confclient, &g, &e));
	ok_m(!ocsp_fetch(w->store, g, w->http, w->cert, w->kit.ca, &e),
		"nextUpdate does not count: %s", e.text);
	globalconf_unref(&g);
	w->kit.options = NULL;
	w->kit.ocsp_next_past = false;
}

static void
start(struct world *w)
{
	struct listener l = { .name = "responder",
		.address = "127.0.0.1",
		.threads = 4,
		.routes = responder_routes,
		.error = responder_error };
	const struct rdn name[] = { { "CN", "somebody" } };
	struct err e = ERR_INIT;

	w->a = arena_new();
	w->conf = kit_conf(tap_dir());
	kit_start(&w->kit);
	ok(!http_client_new(&w->http, &e));
	ok(!confclient_open(&w->confclient, w->conf, w->http, &e));
	ok_m(!confclient_set_anchor(w->confclient,
		     kit_anchor(&w->kit, w->a, KIT_INSTANCE), &e),
		"%s", e.text);
	ok(!confclient_valid(w->confclient, &w->g, &e));
	ok(!ocspstore_open(&w->store, conf_data_path(w->conf, "ocsp"), &e));
	ok(!key_generate(&w->key, KEY_EC, 256, &e));
	w->cert = kit_issue(&w->kit, w->key, name, 1, KU_DIGITAL_SIGNATURE,
		EKU_CLIENT_AUTH, 10);
	ok_m(!ocsp_fetch(w->store, w->g, w->http, w->cert, w->kit.ca, &e), "%s",
		e.text);
	l.state = w->store;
	ok(!http_serve(&w->responder, &l, &e));
}

static void
stop(struct world *w)
{
	http_stop(&w->responder);
	ocspstore_close(&w->store);
	globalconf_unref(&w->g);
	confclient_close(&w->confclient);
	http_client_free(&w->http);
	kit_stop(&w->kit);
	conf_free(&w->conf);
	key_unref(&w->key);
	cert_unref(&w->cert);
	arena_free(&w->a);
}

int
main(void)
{
	struct world w = { 0 };

	xml_startup();
	ok(!http_startup(NULL));
	start(&w);
	test_curl(&w);
	test_peer(&w);
	test_fetch(&w);
	test_next_update(&w);
	stop(&w);
	http_shutdown();
	xml_shutdown();
	return tap_done();
}
