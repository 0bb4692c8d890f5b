/* SPDX-License-Identifier: MIT */
/*
 * Behind reverse proxies: whose word about the caller is believed, and how far
 * back. The test itself is at 127.0.0.1.
 */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "http_kit.h"
#include "http_server.h"
#include "log.h"
#include "mem.h"
#include "tap.h"
#include "whitelist.h"

static struct arena *a;
static int port;

static int
tell(struct request *r, void *state, struct err *e)
{
	const char *host = request_host(r);
	char *text = arena_printf(request_arena(r), "<%s %s %s>",
		request_peer(r), host ? host : "-",
		request_is_https(r) ? "https" : "http");

	(void)state;
	return reply_send(r, 200, "text/plain", bytes_str(text), e);
}

static const struct route routes[] = {
	{ "GET", "/", 0, 0, tell },
	{ NULL, NULL, 0, 0, NULL },
};

static struct http_server *
serve(const char *proxies)
{
	struct listener l = { .name = "test",
		.address = "127.0.0.1",
		.threads = 2,
		.routes = routes };
	struct http_server *s = NULL;
	struct whitelist *w = NULL;
	struct err e = ERR_INIT;

	ok(!whitelist_read(a, proxies, &w, &e));
	l.proxies = w;
	ok(!http_serve(&s, &l, &e));
	port = http_port(s);
	return s;
}

/* What the listener takes the caller for, given these header lines. */
static bool
is(const char *lines, const char *want)
{
	char text[2048];
	const char *got;

	snprintf(text, sizeof(text),
		"GET / HTTP/1.1\r\nHost: h\r\n%sConnection: close\r\n\r\n",
		lines);
	got = kit_exchange(port, text);
	if (strstr(got, want))
		return true;
	tap_note("%s: %s", lines, got);
	return false;
}

#define FOR(list) "X-Forwarded-For: " list "\r\n"

static void
test_stranger(void)
{
	struct http_server *s = serve("10.0.0.0/8");

	ok(is("", "<127.0.0.1 h http>"));
	ok(is(FOR("192.0.2.7"), "<127.0.0.1 h http>"));
	ok(is("X-Forwarded-Host: other\r\nX-Forwarded-Proto: https\r\n",
		"<127.0.0.1 h http>"));
	http_stop(&s);
	s = serve("");
	ok(is(FOR("192.0.2.7"), "<127.0.0.1 h http>"));
	http_stop(&s);
}

static void
test_proxy(void)
{
	struct http_server *s = serve("127.0.0.0/8, ::1, 10.0.0.0/8");

	ok(is("", "<127.0.0.1 h http>"));
	ok(is(FOR("192.0.2.7"), "<192.0.2.7 h http>"));
	ok(is(FOR("  192.0.2.7  "), "<192.0.2.7 h http>"));
	ok(is(FOR("2001:db8::5"), "<2001:db8::5 h http>"));
	ok(is(FOR("192.0.2.7:4711"), "<192.0.2.7 h http>"));
	ok(is(FOR("[2001:db8::5]:4711"), "<2001:db8::5 h http>"));
	/* through two proxies, and what strangers wrote before them */
	ok(is(FOR("192.0.2.7, 10.1.2.3"), "<192.0.2.7 h http>"));
	ok(is(FOR("192.0.2.66, 192.0.2.7"), "<192.0.2.7 h http>"));
	ok(is(FOR("127.0.0.1, 192.0.2.7,10.1.2.3"), "<192.0.2.7 h http>"));
	ok(is(FOR("192.0.2.66") FOR("192.0.2.7, 10.1.2.3"),
		"<192.0.2.7 h http>"));
	ok(is(FOR("192.0.2.7") FOR("10.1.2.3"), "<192.0.2.7 h http>"));
	ok(is(FOR("10.9.9.9, 10.1.2.3"), "<10.9.9.9 h http>"));
	/* no address: nothing before it is believed either */
	ok(is(FOR("192.0.2.7, unknown"), "<127.0.0.1 h http>"));
	ok(is(FOR("192.0.2.7, , 10.1.2.3"), "<10.1.2.3 h http>"));
	ok(is(FOR("192.0.2.7, <b>"), "<127.0.0.1 h http>"));
	ok(is(FOR(""), "<127.0.0.1 h http>"));
	ok(is("X-Forwarded-Host: town.example\r\nX-Forwarded-Proto: https\r\n",
		"<127.0.0.1 town.example https>"));
	http_stop(&s);
}

int
main(void)
{
	struct err e = ERR_INIT;

	log_level_set(LOG_ERROR);
	a = arena_new();
	ok(!http_startup(&e));
	test_stranger();
	test_proxy();
	http_shutdown();
	arena_free(&a);
	return tap_done();
}
