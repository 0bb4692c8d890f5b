/* SPDX-License-Identifier: MIT */
/*
 * The client against our own server and against a scripted peer: what goes
 * over the wire, what is reported back, and every way a call can fail.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "err.h"
#include "http_client.h"
#include "http_kit.h"
#include "http_server.h"
#include "log.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

enum { BIG = 32 * 1024 * 1024, PIECE = 64 * 1024 };

static struct http_server *server;
static struct http_client *client;
static struct arena *arena;
static struct http_answer answer;
static struct err fault;

/* ---- a peer that answers with fixed bytes and keeps what it got ---- */

struct script {
	int listener, port;
	const char *reply;
	const char *until; /* the request is complete with this */
	int connections;   /* to serve, one exchange each */
	char got[65536];
	sem_t closed; /* counts the connections that ended */
	pthread_t thread;
};

static void *
script_run(void *p)
{
	struct script *s = p;

	for (int i = 0; i < s->connections; i++) {
		int fd = accept(s->listener, NULL, NULL);
		size_t n = 0;
		ssize_t r;

		if (fd < 0)
			break; /* script_stop(): fewer came */
		s->got[0] = '\0';
		while (!strstr(s->got, s->until) && n < sizeof(s->got) - 1 &&
			(r = recv(fd, s->got + n, sizeof(s->got) - 1 - n, 0)) >
				0) {
			n += (size_t)r;
			s->got[n] = '\0';
		}
		if (s->reply)
			kit_send(fd, s->reply, strlen(s->reply));
		else
			kit_receive(fd, NULL); /* until the client gives up */
		close(fd);
		sem_post(&s->closed);
	}
	return NULL;
}

static void
script_start(struct script *s, const char *until, const char *reply, int times)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(sa);

	*s = (struct script){
		.reply = reply, .until = until, .connections = times
	};
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->listener, (struct sockaddr *)&sa, sizeof(sa)) ||
		listen(s->listener, 8) ||
		getsockname(s->listener, (struct sockaddr *)&sa, &n))
		abort();
	s->port = ntohs(sa.sin_port);
	sem_init(&s->closed, 0, 0);
	pthread_create(&s->thread, NULL, script_run, s);
}

/* The peer's end of the connection is closed, so the next call can see it. */
static void
script_wait(struct script *s)
{
	while (sem_wait(&s->closed))
		;
}

static void
script_stop(struct script *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	sem_destroy(&s->closed);
}

/* ---- calls ---- */

static int
call_it(struct http_call *c, int port, const char *rest)
{
	arena_reset(arena);
	err_reset(&fault);
	if (!c->method)
		c->method = "GET";
	if (!c->total_timeout_ms)
		c->total_timeout_ms = 20000;
	c->url = arena_printf(arena, "http://127.0.0.1:%d%s", port, rest);
	return http_call(client, arena, c, &answer, &fault);
}

static bool
body_is(const char *s)
{
	return answer.body.len == strlen(s) &&
	       !memcmp(answer.body.data, s, answer.body.len);
}

static void
test_verbatim(void)
{
	static const struct http_header h[] = { { "x-LAST", "1" },
		{ "X-Empty", "" }, { "a", "b  c" }, { "A", "2" },
		{ "Content-Type", "text/xml; charset=UTF-8" } };
	static const char target[] =
		"/r1/%2e%2F;a:b/../x//y/./\xe7\x94?q=../%zz&[]|\"";
	struct http_call c = { .header = h, .headers = 5 };
	struct script s;

	script_start(&s, "\r\n\r\n",
		"HTTP/1.1 207 Half  Done\r\nSet-Cookie: a=b\r\n"
		"x-lower:v\r\nX-Two: 1\r\nx-two:\t2 \r\nX-None:\r\n"
		"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
		1);
	is_int(call_it(&c, s.port, target), 0);
	script_stop(&s);
	is_str(s.got,
		arena_printf(arena,
			"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nx-LAST: 1\r\n"
			"X-Empty:\r\na: b  c\r\nA: 2\r\n"
			"Content-Type: text/xml; charset=UTF-8\r\n\r\n",
			target, s.port));
	is_int(answer.status, 207);
	is_str(answer.reason, "Half  Done");
	is_int((long long)answer.headers, 7);
	is_str(answer.header[1].name, "x-lower");
	is_str(answer.header[1].value, "v");
	is_str(answer.header[3].value, "2");
	is_str(answer.header[4].value, "");
	is_str(answer_header(&answer, "x-tWo"), "2");
	ok(!answer_header(&answer, "absent"));
	ok(body_is("abc"));
}

static void
test_methods(void)
{
	static const char *const verb[] = { "DELETE", "OPTIONS", "PATCH",
		"POST", "PUT", "TRACE", "GET", "X-OWN" };
	struct script s;
	char want[64];

	for (size_t i = 0; i < sizeof(verb) / sizeof(*verb); i++) {
		struct http_call c = { .method = verb[i],
			.has_body = true,
			.body = bytes_str("hello") };
		script_start(&s, "hello",
			"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 1);
		is_int(call_it(&c, s.port, ""), 0);
		script_stop(&s);
		snprintf(want, sizeof(want), "%s / HTTP/1.1\r\n", verb[i]);
		ok(str_prefix(s.got, want));
		ok(str_suffix(s.got, "Content-Length: 5\r\n\r\nhello"));
		ok(!strstr(s.got, "Expect") && !strstr(s.got, "Accept") &&
			!strstr(s.got, "User-Agent") &&
			!strstr(s.got, "Content-Type"));
		is_str(answer.reason, "");
	}
	struct http_call head = { .method = "HEAD" };
	script_start(&s, "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", 1);
	is_int(call_it(&head, s.port, "/?q"), 0);
	script_stop(&s);
	ok(str_prefix(s.got, "HEAD /?q HTTP/1.1\r\n"));
	is_str(answer_header(&answer, "Content-Length"), "99");
	struct http_call empty = { .method = "POST", .has_body = true };
	script_start(&s, "\r\n\r\n",
		"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
		"Content-Length: 0\r\n\r\n",
		1);
	is_int(call_it(&empty, s.port, "?q"), 0);
	script_stop(&s);
	ok(str_prefix(s.got, "POST /?q HTTP/1.1\r\n"));
	ok(strstr(s.got, "Content-Length: 0\r\n"));
	is_int(answer.status, 302);
}

/* ---- streams ---- */

struct stream {
	size_t left;    /* to send */
	size_t fail_at; /* 0: never */
	size_t got;     /* received */
	int heads;
	int refuse_head;
	struct err *never;
};

static long
source(void *ctx, void *p, size_t n, struct err *e)
{
	struct stream *s = ctx;

	if (s->fail_at && s->left <= s->fail_at)
		return fail(e, FAULT_CONFLICT, "source broke");
	if (n > s->left)
		n = s->left;
	memset(p, 'x', n);
	s->left -= n;
	return (long)n;
}

static int
on_head(void *ctx, int status, const char *reason, const struct http_header *h,
	size_t n, struct err *e)
{
	struct stream *s = ctx;

	(void)reason;
	(void)h;
	(void)n;
	s->heads++;
	if (s->refuse_head)
		return fail(e, FAULT_HTTP, "status %d", status);
	return 0;
}

static int
sink(void *ctx, const void *p, size_t n, struct err *e)
{
	struct stream *s = ctx;

	(void)p;
	(void)e;
	s->got += n;
	return 0;
}

static int
do_echo(struct request *r, void *state, struct err *e)
{
	char piece[PIECE];
	long n;

	(void)state;
	if (reply_begin(r, 200, NULL, 0, -1, e))
		return -1;
	while ((n = request_read(r, piece, sizeof(piece), e)) > 0)
		if (reply_write(r, piece, (size_t)n, e))
			return -1;
	return n < 0 ? -1 : reply_end(r, e);
}

static int
do_count(struct request *r, void *state, struct err *e)
{
	char piece[PIECE];
	int64_t sum = 0;
	long n;

	(void)state;
	while ((n = request_read(r, piece, sizeof(piece), e)) > 0)
		sum += n;
	if (n < 0)
		return -1;
	return reply_send(r, 200, "text/plain",
		bytes_str(
			arena_printf(request_arena(r), "%lld", (long long)sum)),
		e);
}

static int
do_peer(struct request *r, void *state, struct err *e)
{
	(void)state;
	return reply_send(
		r, 200, "text/plain", bytes_str(request_header(r, "X")), e);
}

static const struct route routes[] = {
	{ "POST", "/echo", 2u * BIG, 0, do_echo },
	{ "POST", "/count", 2u * BIG, 0, do_count },
	{ "POST", "/small", 10, 0, do_count },
	{ "GET", "/x", 0, 0, do_peer },
	{ NULL, NULL, 0, 0, NULL },
};

static size_t
resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long size = 0, pages = 0;

	if (f && fscanf(f, "%lu %lu", &size, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * 4096;
}

static void
test_streams(int port)
{
	struct stream s = { .left = BIG };
	struct http_call c = { .method = "POST",
		.source = source,
		.on_head = on_head,
		.sink = sink,
		.ctx = &s };
	size_t before = resident();

	is_int(call_it(&c, port, "/echo"), 0);
	is_int((long long)s.got, BIG);
	is_int(s.heads, 1);
	ok(resident() < before + BIG / 4);
	s = (struct stream){ .left = 10 };
	c.sink = NULL;
	is_int(call_it(&c, port, "/count"), 0);
	ok(body_is("10"));
	s = (struct stream){ .left = 0 };
	is_int(call_it(&c, port, "/count"), 0);
	ok(body_is("0"));
	s = (struct stream){ .left = BIG, .fail_at = BIG / 2 };
	is_int(call_it(&c, port, "/count"), -1);
	is_int(fault.fault, FAULT_CONFLICT);
	is_str(fault.text, "source broke");
	s = (struct stream){ .left = 10, .refuse_head = 1 };
	is_int(call_it(&c, port, "/count"), -1);
	is_int(fault.fault, FAULT_HTTP);
	/* A server that refuses in the middle of the body is heard. */
	s = (struct stream){ .left = BIG };
	is_int(call_it(&c, port, "/small"), 0);
	is_int(answer.status, 413);
	ok(s.left > 0);
	struct http_call small = { .method = "POST",
		.has_body = true,
		.body = bytes_str("12345678901"),
		.answer_max = 10 };
	is_int(call_it(&small, port, "/echo"), -1);
	is_int(fault.fault, FAULT_TOO_LARGE);
	small.answer_max = 11;
	is_int(call_it(&small, port, "/echo"), 0);
	ok(body_is("12345678901"));
}

/* ---- failures ---- */

static void
broken(const char *reply, enum fault want)
{
	struct http_call c = { 0 };
	struct script s;

	script_start(&s, "\r\n\r\n", reply, 1);
	is_int(call_it(&c, s.port, "/"), -1);
	is_int(fault.fault, want);
	ok(strstr(fault.text, arena_printf(arena, "127.0.0.1:%d", s.port)));
	tap_note("%s", fault.text);
	script_stop(&s);
}

static void
test_failures(void)
{
	static char many[4096] = "HTTP/1.1 200 OK\r\n";
	struct http_call c = { 0 };
	struct script s;

	broken("", FAULT_IO);
	broken("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", FAULT_IO);
	broken("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
		FAULT_IO);
	broken("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	       "3\r\nabc\r\n",
		FAULT_IO);
	broken("HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", FAULT_IO);
	broken("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", FAULT_IO);
	broken("nonsense\r\n\r\n", FAULT_IO);
	for (int i = 0; i <= HTTP_HEADERS_MAX; i++)
		strcat(many, "a: b\r\n");
	strcat(many, "\r\n");
	broken(many, FAULT_TOO_LARGE);

	script_start(&s, "\r\n\r\n", NULL, 1);
	c.total_timeout_ms = 200;
	is_int(call_it(&c, s.port, "/"), -1);
	is_int(fault.fault, FAULT_IO);
	ok(strstr(fault.text, "no answer in time"));
	script_stop(&s);
	is_int(call_it(&c, s.port, "/"), -1); /* nobody listens any more */
	is_int(fault.fault, FAULT_NETWORK);
	ok(strstr(fault.text, "Connection refused"));
	tap_note("%s", fault.text);
}

static void
bad_url(const char *url, enum fault want)
{
	struct http_call c = { .method = "GET", .url = url };

	err_reset(&fault);
	arena_reset(arena);
	is_int(http_call(client, arena, &c, &answer, &fault), -1);
	is_int(fault.fault, want);
	tap_note("%s", fault.text);
}

static void
test_addresses(void)
{
	struct http_header bad = { "X", "a\r\nY: b" };
	struct http_call c = { .header = &bad, .headers = 1 };
	struct script s;

	bad_url("http://nobody.invalid/", FAULT_UNKNOWN_HOST);
	bad_url("https://127.0.0.1:1/", FAULT_SSL_AUTH);
	bad_url("ftp://127.0.0.1/", FAULT_SERVICE_MALFORMED_URL);
	bad_url("file:///etc/passwd", FAULT_SERVICE_MALFORMED_URL);
	bad_url("http://", FAULT_SERVICE_MALFORMED_URL);
	bad_url("http://127.0.0.1:1/a b", FAULT_SERVICE_MALFORMED_URL);
	bad_url("http://127.0.0.1:99999/", FAULT_SERVICE_MALFORMED_URL);
	is_int(call_it(&c, 1, "/"), -1);
	is_int(fault.fault, FAULT_BAD_REQUEST);

	script_start(&s, "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1);
	struct http_call to = { .method = "GET",
		.url = "http://service.example:81/x",
		.total_timeout_ms = 20000 };
	to.connect_to = arena_printf(arena, "127.0.0.1:%d", s.port);
	is_int(http_call(client, arena, &to, &answer, &fault), 0);
	script_stop(&s);
	ok(str_prefix(
		s.got, "GET /x HTTP/1.1\r\nHost: service.example:81\r\n"));
}

static void
test_pool(int port)
{
	static const char keep[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
				   "\r\nok";
	struct http_header x = { "X", "1" };
	struct http_call c = { .pool_key = "a", .header = &x, .headers = 1 };
	struct script s;

	is_int(call_it(&c, port, "/x"), 0);
	int64_t first = answer.connect_ms;
	is_int(call_it(&c, port, "/x"), 0);
	ok(first >= 0 && answer.connect_ms == 0);
	/* The same key for two addresses: each has its own connection. */
	struct listener l2 = { .name = "two",
		.address = "127.0.0.1",
		.threads = 2,
		.routes = routes };
	struct http_server *two = NULL;
	ok(http_serve(&two, &l2, NULL) == 0);
	is_int(call_it(&c, http_port(two), "/x"), 0);
	ok(answer.status == 200);
	is_int(call_it(&c, port, "/x"), 0);
	is_int(answer.connect_ms, 0);
	http_stop(&two);
	/* A peer that closes after each answer costs nothing but time. */
	script_start(&s, "\r\n\r\n", keep, 3);
	for (int i = 0; i < 3; i++) {
		is_int(call_it(&c, s.port, "/"), 0);
		ok(body_is("ok"));
	}
	script_stop(&s);
	/* Also when the body is a stream, which cannot be sent twice. */
	script_start(&s, "x\r\n0\r\n\r\n", keep, 3);
	for (int i = 0; i < 3; i++) {
		struct stream body = { .left = 100 };
		struct http_call up = { .method = "POST",
			.source = source,
			.ctx = &body,
			.pool_key = "b" };
		is_int(call_it(&up, s.port, "/"), 0);
		if (err_set(&fault))
			tap_note("%s", fault.text);
		else
			script_wait(&s);
	}
	script_stop(&s);
}

struct load {
	int port, good;
	pthread_t thread;
};

static void *
load_run(void *p)
{
	struct load *l = p;
	struct arena *a = arena_new();

	for (int i = 0; i < 50; i++) {
		char text[32], url[64];
		struct http_header x = { "X", text };
		struct http_call c = { .method = "GET",
			.url = url,
			.header = &x,
			.headers = 1,
			.pool_key = i % 2 ? "one" : "two" };
		struct http_answer out;

		snprintf(text, sizeof(text), "%d-%p", i, (void *)l);
		snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", l->port);
		if (http_call(client, a, &c, &out, NULL) == 0 &&
			out.status == 200 && out.body.len == strlen(text) &&
			!memcmp(out.body.data, text, out.body.len))
			l->good++;
		arena_reset(a);
	}
	arena_free(&a);
	return NULL;
}

static void
test_threads(int port)
{
	enum { N = 8 };
	struct load l[N];
	int good = 0;

	for (int i = 0; i < N; i++) {
		l[i] = (struct load){ .port = port };
		pthread_create(&l[i].thread, NULL, load_run, &l[i]);
	}
	for (int i = 0; i < N; i++) {
		pthread_join(l[i].thread, NULL);
		good += l[i].good;
	}
	is_int(good, 50 * N);
}

int
main(void)
{
	struct listener l = { .name = "test",
		.address = "127.0.0.1",
		.threads = 16,
		.routes = routes };

	log_level_set(LOG_ERROR);
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	arena = arena_new();
	ok(http_startup(&fault) == 0);
	ok(http_client_new(&client, &fault) == 0);
	ok(http_serve(&server, &l, &fault) == 0);
	test_verbatim();
	test_methods();
	test_streams(http_port(server));
	test_failures();
	test_addresses();
	test_pool(http_port(server));
	test_threads(http_port(server));
	http_client_free(&client);
	http_stop(&server);
	http_shutdown();
	arena_free(&arena);
	return tap_done();
}
