/* SPDX-License-Identifier: MIT */
/*
 * Connections to one of several places: the fastest wins, the dead and the
 * deaf do not hold it up, nothing that may have been done is asked for twice,
 * silence is noticed, and an address is never sent as a server name.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "err.h"
#include "http_client.h"
#include "http_kit.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "tls.h"

#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

enum { SOON_MS = 15000, DEAF_MS = 400 };

static struct http_client *client;
static struct arena *arena;
static struct http_answer answer;
static struct err fault;
static const char *reached;

/* ---- a place: an address, a port, and what happens there ---- */

struct spot {
	const char *address;
	int listener, port;
	/* one letter per request: k answer and keep, c answer and close, d drop
	   unanswered, s stay silent, t trickle the answer; a new connection
	   begins after c and d */
	const char *acts;
	int requests, connections;
	char got[8192]; /* of the last request */
	pthread_t thread;
};

static int
spot_listen(struct spot *s, int backlog)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)s->port) };
	socklen_t n = sizeof(sa);
	int on = 1;

	inet_pton(AF_INET, s->address, &sa.sin_addr);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(s->listener, (struct sockaddr *)&sa, sizeof(sa)) ||
		listen(s->listener, backlog) ||
		getsockname(s->listener, (struct sockaddr *)&sa, &n))
		abort();
	s->port = ntohs(sa.sin_port);
	return s->port;
}

static bool
spot_read(struct spot *s, int fd)
{
	size_t n = 0;

	s->got[0] = '\0';
	while (!strstr(s->got, "\r\n\r\n")) {
		ssize_t r = recv(fd, s->got + n, sizeof(s->got) - 1 - n, 0);
		if (r <= 0)
			return false;
		n += (size_t)r;
		s->got[n] = '\0';
	}
	return true;
}

static void
trickle(int fd)
{
	static const char text[] = OK_REPLY;
	struct pollfd none = { .fd = -1 };

	for (size_t i = 0; i < sizeof(text) - 1; i += 4) {
		poll(&none, 1, DEAF_MS / 8);
		kit_send(fd, text + i,
			sizeof(text) - 1 - i < 4 ? sizeof(text) - 1 - i : 4);
	}
}

static void *
spot_run(void *p)
{
	struct spot *s = p;
	int fd = -1;

	for (const char *act = s->acts; *act; act++) {
		while (fd < 0 || !spot_read(s, fd)) {
			if (fd >= 0)
				close(fd);
			fd = accept(s->listener, NULL, NULL);
			s->connections++;
		}
		s->requests++;
		if (*act == 'k' || *act == 'c')
			kit_send(fd, OK_REPLY, strlen(OK_REPLY));
		else if (*act == 's')
			kit_receive(fd, NULL);
		else if (*act == 't')
			trickle(fd);
		if (*act == 'k' || *act == 't')
			continue;
		close(fd);
		fd = -1;
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void
spot_start(struct spot *s, const char *address, int port, const char *acts)
{
	*s = (struct spot){ .address = address, .port = port, .acts = acts };
	spot_listen(s, 8);
	pthread_create(&s->thread, NULL, spot_run, s);
}

static void
spot_stop(struct spot *s)
{
	pthread_join(s->thread, NULL);
	close(s->listener);
}

/* ---- calls ---- */

static int
go(const struct http_place *place, size_t n, struct http_call c)
{
	arena_reset(arena);
	err_reset(&fault);
	if (!c.method)
		c.method = "GET";
	c.url = "http://localhost:5500/";
	c.place = place;
	c.places = n;
	c.reached = &reached;
	if (!c.connect_timeout_ms)
		c.connect_timeout_ms = SOON_MS;
	c.total_timeout_ms = 20000;
	reached = NULL;
	return http_call(client, arena, &c, &answer, &fault);
}

static void
test_race(void)
{
	const char *live = "127.34.1.1", *dead = "127.34.1.2";
	struct http_call c = { .method = "GET" };
	struct spot s;

	spot_start(&s, live, 0, "ccc");
	struct http_place two[] = { { dead, s.port }, { live, s.port } };
	struct http_place named[] = { { "no-such-name.invalid", s.port },
		{ live, s.port }, { dead, s.port } };
	is_int(go(two, 2, c), 0);
	is_str(reached ? reached : "", live);
	ok_m(strstr(s.got, "\r\nHost: localhost:5500\r\n") != NULL,
		"the Host is the URL's");
	is_int(go(named, 3, c), 0);
	is_str(reached ? reached : "", live);
	is_int(go(two + 1, 1, c), 0);
	spot_stop(&s);
	is_int(s.connections, 3);
	is_int(go(two, 2, c), -1);
	is_int(fault.fault, FAULT_NETWORK);
	ok_m(strstr(fault.text, dead) && strstr(fault.text, live),
		"both are named: %s", fault.text);
	ok_m(!reached, "nobody was reached");
	is_int(go(named, 1, c), -1);
	is_int(fault.fault, FAULT_UNKNOWN_HOST);
}

/* A listener whose queue is full answers nobody. */
static void
test_deaf(void)
{
	struct spot deaf = { .address = "127.34.1.3" }, s;
	struct http_call c = { .connect_timeout_ms = DEAF_MS };
	struct sockaddr_in sa = { .sin_family = AF_INET };
	int fd[8];
	int64_t begun;

	spot_listen(&deaf, 0);
	inet_pton(AF_INET, deaf.address, &sa.sin_addr);
	sa.sin_port = htons((uint16_t)deaf.port);
	for (int i = 0; i < 8; i++) {
		fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fd[i], (struct sockaddr *)&sa, sizeof(sa));
	}
	spot_start(&s, "127.34.1.4", 0, "c");
	struct http_place both[] = { { deaf.address, deaf.port },
		{ s.address, s.port } };
	is_int(go(both, 2, c), 0);
	is_str(reached ? reached : "", s.address);
	spot_stop(&s);
	begun = clock_ticks();
	is_int(go(both, 1, c), -1);
	is_int(fault.fault, FAULT_NETWORK);
	ok_m(clock_ticks() - begun >= DEAF_MS &&
			clock_ticks() - begun < SOON_MS,
		"the time-out holds: %s", fault.text);
	for (int i = 0; i < 8; i++)
		close(fd[i]);
	close(deaf.listener);
}

/* A name with addresses of both families, one of which has a listener. */
static void
test_families(void)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int six = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct http_call c = { .method = "GET" };
	socklen_t n = sizeof(sa);
	struct spot s;

	spot_start(&s, "127.0.0.1", 0, "c");
	struct http_place name = { "localhost", s.port };
	is_int(go(&name, 1, c), 0);
	is_str(reached ? reached : "", "localhost");
	spot_stop(&s);
	if (six < 0 || bind(six, (struct sockaddr *)&sa, sizeof(sa)) ||
		listen(six, 8) ||
		getsockname(six, (struct sockaddr *)&sa, &n)) {
		tap_skip("IPv6 is not on this machine");
	} else {
		s = (struct spot){ .listener = six, .acts = "c" };
		struct http_place place = { "::1", ntohs(sa.sin6_port) };
		pthread_create(&s.thread, NULL, spot_run, &s);
		is_int(go(&place, 1, c), 0);
		is_str(reached ? reached : "", "::1");
		pthread_join(s.thread, NULL);
	}
	close(six);
}

/* Kept connections: reused, replaced when found closed, and a request that
   may have arrived is repeated only where that does no harm. */
static void
test_kept(void)
{
	static const struct {
		const char *method, *acts;
		int rc, requests, connections;
		const char *body;
	} row[] = {
		{ "POST", "kk", 0, 2, 1, "body" },
		{ "POST", "cc", 0, 2, 2, "body" },
		{ "POST", "kd", -1, 2, 1, "body" },
		{ "GET", "kdk", 0, 3, 2, "body" },
		{ "PUT", "kdk", 0, 3, 2, "body" },
		{ "PATCH", "kd", -1, 2, 1, "body" },
		{ "POST", "kd", -1, 2, 1, "" },
		{ "PATCH", "kd", -1, 2, 1, "" },
		{ "POST", "kk", 0, 2, 1, "" },
		{ "POST", "cc", 0, 2, 2, "" },
		{ "PUT", "kdk", 0, 3, 2, "" },
		{ "BREW", "kd", -1, 2, 1, "" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct http_call c = { .method = row[i].method,
			.pool_key = "kept",
			.body = bytes_str(row[i].body),
			.has_body = !str_equal(row[i].method, "GET") };
		struct spot s;
		spot_start(&s, "127.34.1.5", 0, row[i].acts);
		struct http_place place = { s.address, s.port };
		is_int(go(&place, 1, c), 0);
		ok_m(go(&place, 1, c) == row[i].rc, "%s after %s: %s",
			row[i].method, row[i].acts, fault.text);
		if (row[i].rc)
			is_int(fault.fault, FAULT_IO);
		else
			is_str(reached ? reached : "", s.address);
		http_client_keep(client, 256, 0);
		http_client_tidy(client);
		http_client_keep(client, 256, 20000);
		spot_stop(&s);
		is_int(s.requests, row[i].requests);
		is_int(s.connections, row[i].connections);
	}
}

static void
test_silence(void)
{
	struct http_call c = { .read_timeout_ms = DEAF_MS };
	int64_t begun = clock_ticks();
	struct spot s;

	spot_start(&s, "127.34.1.6", 0, "s");
	struct http_place place = { s.address, s.port };
	is_int(go(&place, 1, c), -1);
	is_int(fault.fault, FAULT_IO);
	ok_m(clock_ticks() - begun < SOON_MS, "told soon: %s", fault.text);
	spot_stop(&s);
	spot_start(&s, "127.34.1.6", 0, "t");
	place.port = s.port;
	begun = clock_ticks();
	ok_m(go(&place, 1, c) == 0, "a slow answer is waited for");
	ok_m(clock_ticks() - begun > DEAF_MS, "longer than one silence");
	spot_stop(&s);
}

/* ---- server names ---- */

static void
hello_of(const char *host, char *hello, size_t max)
{
	struct spot s = { .address = "127.34.1.7" };
	struct tls_options o = { .policy = TLS_SERVICE };
	struct http_call c = { .method = "GET", .total_timeout_ms = 300 };
	struct tls *tls = NULL;
	ssize_t n;
	int fd;

	is_int(tls_client_new(&tls, &o, NULL), 0);
	spot_listen(&s, 8);
	c.tls = tls;
	c.url = arena_printf(arena, "https://%s:%d/", host, s.port);
	c.connect_to = arena_printf(arena, "%s:%d", s.address, s.port);
	(void)http_call(client, arena, &c, &answer, NULL);
	fd = accept(s.listener, NULL, NULL);
	n = recv(fd, hello, max - 1, 0);
	hello[n > 0 ? n : 0] = '\0';
	for (ssize_t i = 0; i < n; i++)
		if (!hello[i])
			hello[i] = '.';
	close(fd);
	close(s.listener);
	tls_unref(&tls);
}

static void
test_server_name(void)
{
	static char hello[4096];

	hello_of("a.name.example", hello, sizeof(hello));
	ok_m(strstr(hello, "a.name.example") != NULL, "a name is sent");
	hello_of("127.34.1.7", hello, sizeof(hello));
	ok_m(*hello && !strstr(hello, "127.34.1.7"), "an address is not");
	hello_of("[::1]", hello, sizeof(hello));
	ok_m(*hello && !strstr(hello, "::1"), "of neither family");
}

int
main(void)
{
	arena = arena_new();
	is_int(http_startup(NULL), 0);
	is_int(http_client_new(&client, NULL), 0);
	test_race();
	test_deaf();
	test_families();
	test_kept();
	test_silence();
	test_server_name();
	http_client_free(&client);
	arena_free(&arena);
	http_shutdown();
	return tap_done();
}
