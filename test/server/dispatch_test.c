/* SPDX-License-Identifier: MIT */
/*
 * A provider on several servers: "Twin" is at the firm and at DEAD_ADDRESS,
 * where an impostor opens a door with a certificate that nobody registered.
 * Every message arrives exactly once, whoever answers first; the winner is
 * remembered and forgotten; silence ends a call; who is in maintenance is not
 * asked.
 */
#define IN_SERVER 1

#include <arpa/inet.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "err.h"
#include "mem.h"
#include "net.h"
#include "proxy_int.h"
#include "tap.h"
#include "text.h"
#include "tls.h"

#define TWIN_ECHO "/r1/JP/COM/2000/Twin/echo"

enum { ROUNDS = 20 };

static struct net n;
static int door;          /* the impostor's socket */
static pthread_t keeper;  /* who stands behind it */
static struct tls *tls;   /* with its certificate */
static atomic_int knocks; /* hand-shakes begun there */
static atomic_int served; /* hand-shakes that came through */

/* A connection that lost the race says nothing. */
static void *
keep_door(void *ctx)
{
	int fd;

	(void)ctx;
	while ((fd = accept(door, NULL, NULL)) >= 0) {
		struct tls_conn *c = NULL;
		char byte;
		if (recv(fd, &byte, 1, MSG_PEEK) > 0) {
			atomic_fetch_add(&knocks, 1);
			if (!tls_accept(&c, tls, fd, NULL))
				atomic_fetch_add(&served, 1);
			tls_close(&c);
		}
		close(fd);
	}
	return NULL;
}

static void
impostor_open(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)n.peer_port) };
	struct tls_options o = { .policy = TLS_PEER,
		.client_auth = TLS_AUTH_OPTIONAL,
		.key = n.stranger_auth.key,
		.chain = { &n.stranger_auth.cert, 1 } };
	int on = 1;

	inet_pton(AF_INET, DEAD_ADDRESS, &sa.sin_addr);
	door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ok(!bind(door, (struct sockaddr *)&sa, sizeof(sa)) &&
		!listen(door, 64));
	ok(!tls_server_new(&tls, &o, NULL));
	ok(!pthread_create(&keeper, NULL, keep_door, NULL));
}

static void
impostor_close(void)
{
	shutdown(door, SHUT_RDWR);
	pthread_join(keeper, NULL);
	close(door);
	tls_unref(&tls);
}

static void
town_is(const char *key, const char *value)
{
	node_restart(&n, &n.town, "proxy", key, value);
}

/* Asks `times` times; how many succeeded. */
static int
ask(int times)
{
	int good = 0;

	for (int i = 0; i < times; i++)
		good += is_get(&n, TWIN_ECHO, "twin").status == 200;
	return good;
}

static void
test_impostor(void)
{
	struct evidence *list;
	int calls = net_seen(&n).calls;

	town_is("client-fastest-connecting-ssl-uri-cache-period", "0");
	is_int(ask(ROUNDS), ROUNDS);
	ok_m(atomic_load(&knocks) > 0, "the impostor was the fastest at times");
	is_int(atomic_load(&served), 0);
	ok_m(net_seen(&n).calls == calls + ROUNDS, "each call arrived once");
	is_int(node_evidence(&n, &n.town, &TOWN_PORTAL, "twin", &list),
		2 * ROUNDS);
}

static void
test_favourite(void)
{
	int before;

	town_is("client-fastest-connecting-ssl-uri-cache-period", "3600");
	is_int(ask(1), 1);
	before = atomic_load(&knocks);
	is_int(ask(ROUNDS), ROUNDS);
	is_int(atomic_load(&knocks), before);
	/* it goes, the other one is tried and found wanting */
	http_stop(&n.firm.s.peer);
	struct http_answer a = is_get(&n, TWIN_ECHO, NULL);
	is_str(is_error(&a), "server.clientproxy.ssl_authentication_failed");
	ok_m(atomic_load(&knocks) > before, "the others were tried");
	ok(!proxy_reload_tls(&n.firm.s, NULL));
	is_int(ask(1), 1);
	is_int(atomic_load(&served), 0);
}

static void
test_nobody(void)
{
	http_stop(&n.firm.s.peer);
	impostor_close();
	struct http_answer a = is_get(&n, TWIN_ECHO, NULL);
	is_str(is_error(&a), "server.clientproxy.network_error");
	ok_m(text_has(a.body, FIRM_ADDRESS) && text_has(a.body, DEAD_ADDRESS),
		"both addresses are named");
	ok(!proxy_reload_tls(&n.firm.s, NULL));
	is_int(ask(1), 1);
}

/* The firm's server goes away between messages: kept connections are stale. */
static void
test_stale(void)
{
	int calls;

	town_is("pool-enable-connection-reuse", "true");
	is_int(ask(3), 3);
	calls = net_seen(&n).calls;
	http_stop(&n.firm.s.peer);
	ok(!proxy_reload_tls(&n.firm.s, NULL));
	is_int(ask(3), 3);
	is_int(net_seen(&n).calls, calls + 3);
	node_restart(&n, &n.firm, "proxy",
		"server-support-clients-pooled-connections", "false");
	is_int(ask(3), 3);
	node_restart(&n, &n.firm, "proxy",
		"server-support-clients-pooled-connections", "true");
}

static void
test_silence(void)
{
	const struct service_say slow = { .status = 200, .delay_ms = 1800 };
	const struct service_say fine = { .status = 200 };
	struct http_answer a;

	net_say(&n, &slow);
	town_is("client-httpclient-timeout", "400");
	a = is_get(&n, ECHO, "silent");
	is_str(is_error(&a), "server.clientproxy.io_error");
	ok_m(text_has(a.body, "in time"), "said so");
	net_say(&n, &fine);
	town_is("client-httpclient-timeout", "0");
	is_int(is_get(&n, ECHO, NULL).status, 200);
}

/* ---- maintenance mode ---- */

static struct http_answer
ask_server(const char *path, const char *server)
{
	const struct http_header h[] = { { "X-Road-Client",
						 "JP/GOV/1000/Portal" },
		{ "X-Road-Security-Server", server } };
	const struct is_call c = { .method = "GET",
		.path = path,
		.header = h,
		.headers = server ? 2 : 1 };

	return is_call(&n, &n.town, &c);
}

static void
test_maintenance(void)
{
	static const struct {
		const char *path, *server, *code, *text;
	} row[] = {
		{ "/r1/JP/COM/4000/Gone/echo", NULL,
			"server.clientproxy.maintenance_mode",
			"Security server with address \\\"" DEAD_ADDRESS
			"\\\" is in maintenance mode. Message from "
			"\\\"" DEAD_ADDRESS "\\\" administrator: back soon" },
		{ "/r1/JP/COM/4000/Gone/echo", "JP/COM/4000/ss4",
			"server.clientproxy.maintenance_mode",
			"Security server \\\"SERVER:JP/COM/4000/ss4\\\" with "
			"address \\\"" DEAD_ADDRESS
			"\\\" is in maintenance mode. Message from "
			"\\\"SERVER:JP/COM/4000/ss4\\\" administrator: back "
			"soon" },
		{ TWIN_ECHO, "JP/COM/4000/ss4",
			"server.clientproxy.maintenance_mode", "back soon" },
		{ TWIN_ECHO, "JP/COM/2000/ss2", "", "" },
		{ TWIN_ECHO, NULL, "", "" },
	};
	int before;

	impostor_open();
	n.maintenance = true;
	net_publish(&n);
	town_is("client-fastest-connecting-ssl-uri-cache-period", "0");
	before = atomic_load(&knocks);
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct http_answer a = ask_server(row[i].path, row[i].server);
		is_str(is_error(&a), row[i].code);
		if (*row[i].text)
			ok_m(text_has(a.body, row[i].text), "%.*s",
				(int)a.body.len, (const char *)a.body.data);
	}
	is_int(ask(ROUNDS), ROUNDS);
	ok_m(atomic_load(&knocks) == before,
		"who is in maintenance is not asked");
	n.maintenance = false;
	net_publish(&n);
	impostor_close();
}

int
main(void)
{
	net_fork(&n, "dispatch");
	net_open(&n);
	impostor_open();
	town_is("pool-enable-connection-reuse", "false");
	test_impostor();
	test_favourite();
	test_nobody();
	test_stale();
	test_silence();
	test_maintenance();
	net_close(&n);
	return tap_done();
}
