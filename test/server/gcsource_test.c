/* SPDX-License-Identifier: MIT */
/*
 * Where the configuration is asked for, and whom we believe to be an https
 * source: authority, host name, and either of them left out.
 */
#define IN_SERVER 1

#include "confclient_int.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "tap.h"
#include "text.h"
#include "tls.h"

#define HOST "127.34.6.1"

struct issued {
	struct key *key;
	struct cert *cert;
};

static struct arena *a;
static struct http_client *http;
static struct http_server *source;
static struct issued root, site;
static atomic_int asked;

static struct issued
issue(const struct issued *by, const char *ip)
{
	const struct rdn rdn = { "CN", ip ? ip : "Authority" };
	struct issued i = { NULL, NULL };
	struct cert_template t = { .subject = &rdn,
		.subjects = 1,
		.serial = 9,
		.not_before = clock_now() - 86400000,
		.not_after = clock_now() + 86400000,
		.ca = !ip,
		.path_len = -1,
		.key_usage = ip ? KU_DIGITAL_SIGNATURE : KU_KEY_CERT_SIGN,
		.dns_name = ip ? "source.example" : NULL,
		.ip = ip };

	ok(!key_generate(&i.key, KEY_EC, 256, NULL));
	t.key = i.key;
	ok(!cert_issue(
		&i.cert, &t, by ? by->cert : NULL, by ? by->key : i.key, NULL));
	return i;
}

static int
directory(struct request *r, void *state, struct err *e)
{
	(void)state;
	atomic_fetch_add(&asked, 1);
	return reply_send(r, 200, "text/plain", bytes_str("directory"), e);
}

/* A source whose Date does not follow this process's clock. */
static int64_t right_now;

static int
dated(struct request *r, void *state, struct err *e)
{
	static const char *const day[] = { "Thu", "Fri", "Sat", "Sun", "Mon",
		"Tue", "Wed" };
	static const char *const month[] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct civil c;
	struct http_header h = { "Date", NULL };

	(void)state;
	civil_from_seconds(right_now, &c);
	h.value = arena_printf(request_arena(r),
		"%s, %02d %s %04d %02d:%02d:%02d GMT",
		day[right_now / 86400 % 7], c.day, month[c.month - 1], c.year,
		c.hour, c.minute, c.second);
	return reply_send_headers(r, 200, &h, 1, bytes_str("directory"), e);
}

static const struct route fixed_routes[] = { { "GET", "*", 0, 0, dated },
	{ NULL, NULL, 0, 0, NULL } };

static void
source_open(void)
{
	static const struct route routes[] = { { "GET", "*", 0, 0, directory },
		{ NULL, NULL, 0, 0, NULL } };
	struct tls_options o = { .policy = TLS_SERVICE,
		.key = site.key,
		.chain = { &site.cert, 1 } };
	struct listener l = { .name = "source",
		.address = HOST,
		.threads = 4,
		.routes = routes };
	struct err e = ERR_INIT;

	ok(!tls_server_new(&l.tls, &o, &e));
	ok_m(!http_serve(&source, &l, &e), "%s", e.text);
	tls_unref(&l.tls);
}

static const char *
pem_file(const char *name, const struct cert *c)
{
	const char *path = path_join(a, tap_dir(), name);

	ok(!file_write(path,
		bytes_str(pem_encode(a, "CERTIFICATE", cert_der(c))),
		FILE_PUBLIC, NULL));
	return path;
}

/* ---- trust ---- */

static int
fetch(const char *roots, bool name, const char *host, struct err *e)
{
	struct conf *conf = conf_defaults();
	struct gc_versions versions = { .next = 0 };
	struct tls_options o = { .policy = TLS_SERVICE };
	struct gc_source_call call = {
		.conf = conf, .http = http, .versions = &versions
	};
	struct bundle *b = NULL;
	struct bytes out;
	int rc;

	ok(!conf_set(conf, "configuration-client",
		"global-conf-hostname-verification", name ? "true" : "false",
		NULL));
	ok(!tls_client_new(&call.tls, &o, NULL));
	if (roots)
		ok(!bundle_open(&b, roots, NULL));
	call.roots = b;
	rc = gc_directory(a, &call,
		arena_printf(a, "https://%s:%d/internalconf?version=6", host,
			http_port(source)),
		&out, e);
	tls_unref(&call.tls);
	bundle_close(&b);
	conf_free(&conf);
	return rc;
}

static void
test_trust(void)
{
	const char *good = pem_file("good.pem", root.cert);
	struct issued stranger = issue(NULL, NULL);
	const char *bad = pem_file("bad.pem", stranger.cert);
	const struct {
		const char *roots;
		bool name;
		const char *host;
		int rc;
	} row[] = {
		{ good, true, HOST, 0 },
		{ good, true, "localhost.example.invalid", -1 },
		{ bad, true, HOST, -1 },
		{ bad, false, HOST, -1 },
		{ NULL, true, HOST, 0 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct err e = ERR_INIT;
		int before = atomic_load(&asked);
		ok_m(fetch(row[i].roots, row[i].name, row[i].host, &e) ==
				row[i].rc,
			"row %zu: %s", i, e.text);
		is_int(atomic_load(&asked), before + (row[i].rc == 0));
	}
	key_unref(&stranger.key);
	cert_unref(&stranger.cert);
}

/* The certificate names 127.34.6.1; asked under another address. */
static void
test_names(void)
{
	const char *good = pem_file("good.pem", root.cert);
	struct err e = ERR_INIT;

	http_stop(&source);
	cert_unref(&site.cert);
	key_unref(&site.key);
	site = issue(&root, "127.34.6.9");
	source_open();
	ok_m(fetch(good, true, HOST, &e) == -1 && strstr(e.text, "not trusted"),
		"another name: %s", e.text);
	err_reset(&e);
	ok_m(!fetch(good, false, HOST, &e), "names are not looked at: %s",
		e.text);
}

/* Ten minutes either way are noticed, once, and forgotten. */
static void
test_clock(void)
{
	static const int64_t shift[] = { 0, 600000, 600000, 0, -600000, 0 };
	static const char *const said[] = { "", "s ahead of that of", "",
		"agrees with that of", "s behind that of",
		"agrees with that of" };
	struct conf *conf = conf_defaults();
	struct gc_versions versions = { .next = 0 };
	struct gc_source_call call = {
		.conf = conf, .http = http, .versions = &versions
	};
	const char *log = path_join(a, tap_dir(), "clock.log");
	struct http_server *fixed = NULL;
	struct bytes out, text;
	struct listener l = { .name = "fixed",
		.address = HOST,
		.threads = 2,
		.routes = fixed_routes };

	ok(!http_serve(&fixed, &l, NULL));
	for (size_t i = 0; i < sizeof(shift) / sizeof(*shift); i++) {
		(void)file_remove(log, NULL);
		ok(!log_open(log, NULL));
		right_now = clock_seconds();
		clock_shift(shift[i]);
		ok(!gc_directory(a, &call,
			arena_printf(a, "http://" HOST ":%d/x?version=6",
				http_port(fixed)),
			&out, NULL));
		clock_shift(0);
		ok(versions.seen &&
			llabs(versions.ahead - shift[i] / 1000) < 5);
		ok(!file_read(a, log, 1 << 16, &text, NULL));
		ok_m(*said[i] ? strstr((const char *)text.data, said[i]) != NULL
			      : text.len == 0,
			"%lld s: %.*s", (long long)shift[i] / 1000,
			(int)text.len, (const char *)text.data);
	}
	http_stop(&fixed);
	conf_free(&conf);
}

/* ---- the order of asking ---- */

static void
test_places(void)
{
	struct bytes cert = cert_der(root.cert);
	const struct gc_source known_source[] = {
		{ .address = "cs.example",
			.internal_cert = &cert,
			.internal_certs = 1 },
		{ .address = "cs2.example:8080",
			.internal_cert = &cert,
			.internal_certs = 1 },
	};
	const struct shared_params known = { .source = known_source,
		.sources = 2 };
	const struct gc_anchor_source at = { "http://[::1]:81/internalconf",
		&cert, 1 };
	const struct gc_anchor_source doors[] = { at,
		{ "https://[::1]:82/internalconf", &cert, 1 } };
	const struct gc_anchor anchor = { .source = &at, .sources = 1 };
	const struct gc_anchor both = { .source = doors, .sources = 2 };
	struct gc_location place[GC_LOCATIONS_MAX];
	struct gc_source_call call = { .tls = NULL };
	struct tls_options o = { .policy = TLS_SERVICE };
	int https = 0;
	size_t n;

	is_int(gc_locations(a, &call, &anchor, &known, "", place), 3);
	ok(!tls_client_new(&call.tls, &o, NULL));
	n = gc_locations(a, &call, &anchor, &known, "", place);
	is_int(n, 4);
	is_str(place[0].url, "https://cs.example/internalconf");
	for (size_t i = 0; i < n; i++)
		https += str_prefix(place[i].url, "https://");
	is_int(https, 1);
	/* TLS with a port of its own is where the anchor says so */
	is_int(gc_locations(a, &call, &both, NULL, "", place), 2);
	is_str(place[0].url, doors[1].url);
	is_str(place[1].url, at.url);
	tls_unref(&call.tls);
}

/* One address in parameters and anchor: either one's certificates will do. */
static void
test_join(void)
{
	const struct bytes one = bytes_str("one"), two = bytes_str("two");
	const struct bytes both[] = { one, two };
	const struct gc_source said = {
		.address = "cs", .internal_cert = &one, .internal_certs = 1
	};
	const struct shared_params known = { .source = &said, .sources = 1 };
	const struct gc_anchor_source at = { "http://cs/internalconf", both,
		2 };
	const struct gc_anchor anchor = { .source = &at, .sources = 1 };
	const struct gc_source_call call = { .tls = NULL };
	struct gc_location place[GC_LOCATIONS_MAX];

	is_int(gc_locations(a, &call, &anchor, &known, "", place), 1);
	is_int(place[0].certs, 2);
	ok(bytes_equal(place[0].cert[0], one));
	ok(bytes_equal(place[0].cert[1], two));
}

int
main(void)
{
	a = arena_new();
	ok(!http_startup(NULL));
	ok(!http_client_new(&http, NULL));
	root = issue(NULL, NULL);
	site = issue(&root, HOST);
	source_open();
	test_trust();
	test_names();
	test_places();
	test_join();
	test_clock();
	http_stop(&source);
	http_client_free(&http);
	key_unref(&root.key);
	cert_unref(&root.cert);
	key_unref(&site.key);
	cert_unref(&site.cert);
	arena_free(&a);
	http_shutdown();
	return tap_done();
}
