/* SPDX-License-Identifier: MIT */
/*
 * The server over real sockets on a free port: routes, raw targets, verbs,
 * limits, chunks, keep-alive, errors, stopping.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "buf.h"
#include "clock.h"
#include "err.h"
#include "http_kit.h"
#include "http_server.h"
#include "log.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

enum { BIG = 8 * 1024 * 1024 };

static struct http_server *server;
static int port;
static atomic_int inside;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static bool gate_open;

/* Everything the request says, as text. */
static int
do_show(struct request *r, void *state, struct err *e)
{
	const struct http_header *h;
	size_t n = request_headers(r, &h);
	struct bytes body;
	struct buf b;
	int rc;

	(void)state;
	if (request_body(r, &body, e))
		return -1;
	buf_init(&b, 1 << 20);
	buf_fmt(&b, "[%s][%s][%s][%s]\n", request_method(r), request_target(r),
		request_path(r), request_query(r) ? request_query(r) : "-");
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, "<%s|%s>\n", h[i].name, h[i].value);
	buf_fmt(&b, "peer %s tls %d certs %zu id %zu\n", request_peer(r),
		request_is_tls(r), request_certs(r).n, strlen(request_id(r)));
	buf_fmt(&b, "body %zu:%.*s;", body.len, (int)body.len,
		(const char *)body.data);
	rc = reply_send(r, 200, "text/plain", bytes_buf(&b), e);
	buf_done(&b);
	return rc;
}

static int
do_segment(struct request *r, void *state, struct err *e)
{
	const char *a = request_segment(r, "a"), *b = request_segment(r, "b");
	const char *c = request_segment(r, "none");
	char *text = arena_printf(request_arena(r), "a=%s b=%s c=%s",
		a ? a : "NULL", b ? b : "NULL", c ? c : "NULL");

	(void)state;
	return reply_send(r, 200, "text/plain", bytes_str(text), e);
}

static int
do_stream(struct request *r, void *state, struct err *e)
{
	const struct http_header h[] = { { "X-CaSe", "Kept" }, { "x-two", "1" },
		{ "x-two", "2" }, { "X-Empty", "" },
		{ "Content-Length", "77" } };

	(void)state;
	if (reply_begin(r, 203, h, 5, -1, e) || reply_write(r, "one,", 4, e) ||
		reply_write(r, "", 0, e) || reply_write(r, "two", 3, e))
		return -1;
	return reply_end(r, e);
}

static int
do_reason(struct request *r, void *state, struct err *e)
{
	const struct http_header h = { "Date", "yesterday" };

	(void)state;
	return reply_reason(r, 299, "Warm & Fuzzy", &h, 1, bytes_str("x"), e);
}

static int
do_status(struct request *r, void *state, struct err *e)
{
	int64_t status = 0;

	(void)state;
	if (int_parse(request_segment(r, "n"), 200, 599, &status, e))
		return -1;
	return reply_send(r, (int)status, "text/plain", bytes_str("text"), e);
}

static int
do_fail(struct request *r, void *state, struct err *e)
{
	(void)state;
	if (str_equal(request_query(r), "late")) {
		if (reply_begin(r, 200, NULL, 0, -1, e) ||
			reply_write(r, "part", 4, e))
			return -1;
		return fail(e, FAULT_IO, "in the middle");
	}
	if (str_equal(request_query(r), "none"))
		return 0;
	if (str_equal(request_query(r), "header")) {
		struct http_header h = { "X", "a\r\nSet-Cookie: b" };
		return reply_begin(r, 200, &h, 1, 0, e);
	}
	if (str_equal(request_query(r), "abort")) {
		reply_begin(r, 200, NULL, 0, 10, e);
		reply_write(r, "12345", 5, e);
		reply_abort(r);
		return 0;
	}
	return fail(e, FAULT_CONFLICT, "a \"conflict\"");
}

/* Reads in small pieces and counts. */
static int
do_count(struct request *r, void *state, struct err *e)
{
	char piece[1000], text[40];
	int64_t sum = 0;
	long n;

	(void)state;
	while ((n = request_read(r, piece, sizeof(piece), e)) > 0)
		sum += n;
	if (n < 0)
		return -1;
	snprintf(text, sizeof(text), "%lld", (long long)sum);
	return reply_send(r, 200, "text/plain", bytes_str(text), e);
}

static int
do_big(struct request *r, void *state, struct err *e)
{
	static char piece[100000];

	(void)state;
	memset(piece, 'b', sizeof(piece));
	if (reply_begin(r, 200, NULL, 0, BIG, e))
		return -1;
	for (size_t left = BIG; left;) {
		size_t n = left < sizeof(piece) ? left : sizeof(piece);
		if (reply_write(r, piece, n, e))
			return -1;
		left -= n;
	}
	return reply_end(r, e);
}

static int
do_wait(struct request *r, void *state, struct err *e)
{
	(void)state;
	atomic_fetch_add(&inside, 1);
	pthread_mutex_lock(&lock);
	while (!gate_open)
		pthread_cond_wait(&opened, &lock);
	pthread_mutex_unlock(&lock);
	atomic_fetch_sub(&inside, 1);
	return reply_send(r, 200, "text/plain", bytes_str("waited"), e);
}

static int
guard(struct request *r, unsigned flags, void *state, struct err *e)
{
	(void)state;
	if (flags == 1)
		return fail(e, FAULT_FORBIDDEN, "not for you");
	if (flags == 2)
		return reply_send(r, 401, NULL, bytes_of("", 0), e) ? -1 : 1;
	request_set_user(r, arena_strdup(request_arena(r), "me"));
	return 0;
}

static int
do_user(struct request *r, void *state, struct err *e)
{
	(void)state;
	return reply_send(r, 200, "text/plain", bytes_str(request_user(r)), e);
}

static const struct route routes[] = {
	{ "GET", "/user", 0, 0, do_user },
	{ "GET", "/forbidden", 0, 1, do_user },
	{ "GET", "/unauthorized", 0, 2, do_user },
	{ "GET", "/p/{a}/q/{b}", 0, 0, do_segment },
	{ "GET", "/stream", 0, 0, do_stream },
	{ "GET", "/reason", 0, 0, do_reason },
	{ "GET", "/status/{n}", 0, 0, do_status },
	{ "*", "/fail", 0, 0, do_fail },
	{ "POST", "/count", 3 * BIG, 0, do_count },
	{ "GET", "/big", 0, 0, do_big },
	{ "GET", "/wait", 0, 0, do_wait },
	{ "POST", "/only", 10, 0, do_show },
	{ "PUT", "/only", 10, 0, do_show },
	{ "*", "/r1/*", 1000, 0, do_show },
	{ NULL, NULL, 0, 0, NULL },
};
static const struct route any_route[] = {
	{ "*", "*", 0, 0, do_show },
	{ NULL, NULL, 0, 0, NULL },
};

static void
start(void)
{
	struct listener l = { .name = "test",
		.address = "127.0.0.1",
		.threads = 16,
		.read_timeout_ms = 700,
		.idle_timeout_ms = 600,
		.routes = routes,
		.guard = guard };
	struct err e = ERR_INIT;

	ok(http_serve(&server, &l, &e) == 0);
	if (err_set(&e))
		tap_note("%s", e.text);
	port = http_port(server);
	ok(port > 0);
}

#define END "Connection: close\r\n\r\n"
#define H   " HTTP/1.1\r\nHost: h\r\n"

static const char *
get(const char *target)
{
	static char text[4096];

	snprintf(text, sizeof(text), "GET %s" H END, target);
	return kit_exchange(port, text);
}

static void
test_routes(void)
{
	ok(strstr(get("/user"), "\r\n\r\nme"));
	ok(str_prefix(get("/user/"), "HTTP/1.1 404 Not Found\r\n"));
	ok(strstr(get("/use"), "{\"error\":{\"code\":\"not_found\""));
	ok(str_prefix(get("/forbidden"), "HTTP/1.1 403 Forbidden\r\n"));
	ok(str_prefix(get("/unauthorized"), "HTTP/1.1 401 "));
	ok(strstr(get("/p/x%2Fy/q/%E7%94%BA"), "a=x/y b=\xe7\x94\xba c=NULL"));
	ok(strstr(get("/p/%zz/q/a"), "a=NULL b=a"));
	ok(strstr(get("/p//q/a"), " 404 "));
	ok(strstr(get("/p/a/q/b/c"), " 404 "));
	ok(strstr(get("/only"), " 405 Method Not Allowed\r\n"));
	ok(strstr(get("/only"), "\r\nAllow: POST, PUT\r\n"));
	ok(strstr(get("/only"), "application/json"));
}

static void
test_verbatim(void)
{
	const char *t = kit_exchange(port,
		"GET /r1/a%2Fb;c:d/../e//f/./\xe7?x=%20&y=../?z HTTP/1.1\r\n"
		"hOST: here\r\nX-A:1\r\nx-a:  2 \r\nX-a: \r\n"
		"Accept: a, b;q=\"1\tx\"\r\n" END);

	ok(strstr(t, "[GET][/r1/a%2Fb;c:d/../e//f/./\xe7?x=%20&y=../?z]"
		     "[/r1/a%2Fb;c:d/../e//f/./\xe7][x=%20&y=../?z]\n"
		     "<hOST|here>\n<X-A|1>\n<x-a|2>\n<X-a|>\n"
		     "<Accept|a, b;q=\"1\tx\">\n<Connection|close>\n"
		     "peer 127.0.0.1 tls 0 certs 0 id 36\n"));
	ok(strstr(kit_exchange(port, "OPTIONS *" H END), " 404 "));
	t = kit_exchange(port, "GET http://other:99/r1/x?y" H END);
	ok(strstr(t, "[GET][http://other:99/r1/x?y][/r1/x][y]"));
}

static void
test_verbs(void)
{
	static const char *const verb[] = { "DELETE", "GET", "OPTIONS", "PATCH",
		"POST", "PUT", "TRACE", "M-SEARCH" };
	char text[256], want[32];

	for (size_t i = 0; i < sizeof(verb) / sizeof(*verb); i++) {
		snprintf(text, sizeof(text),
			"%s /r1/x" H "Content-Length: 3\r\n" END "abc",
			verb[i]);
		snprintf(want, sizeof(want), "[%s][/r1/x]", verb[i]);
		const char *t = kit_exchange(port, text);
		ok(strstr(t, want) && strstr(t, "body 3:abc;"));
	}
	const char *t = kit_exchange(port, "HEAD /r1/x" H END);
	ok(str_prefix(t, "HTTP/1.1 200 OK\r\n"));
	ok(strstr(t, "\r\nContent-Length: "));
	ok(str_suffix(t, "\r\n\r\n"));
	t = kit_exchange(port, "HEAD /stream" H END);
	ok(!strstr(t, "chunked") && str_suffix(t, "\r\n\r\n"));
}

static void
test_replies(void)
{
	const char *t = get("/stream");

	ok(str_prefix(t, "HTTP/1.1 203 "));
	ok(strstr(t, "\r\nX-CaSe: Kept\r\nx-two: 1\r\nx-two: 2\r\n"
		     "X-Empty: \r\nDate: "));
	ok(strstr(t, "\r\nTransfer-Encoding: chunked\r\n"));
	ok(!strstr(t, "Content-Length") && !strstr(t, "Server:"));
	ok(str_suffix(t, "\r\n\r\n4\r\none,\r\n3\r\ntwo\r\n0\r\n\r\n"));
	is_int(kit_count(t, "\r\nDate: "), 1);
	ok(strstr(t, " GMT\r\n"));
	t = kit_exchange(port, "GET /stream HTTP/1.0\r\n\r\n");
	ok(!strstr(t, "chunked") && str_suffix(t, "\r\n\r\none,two"));
	t = get("/reason");
	ok(str_prefix(t, "HTTP/1.1 299 Warm & Fuzzy\r\nDate: yesterday\r\n"));
	is_int(kit_count(t, "Date: "), 1);
	t = get("/status/204");
	ok(!strstr(t, "Content-Length") && str_suffix(t, "\r\n\r\n"));
	t = get("/status/304");
	ok(!strstr(t, "Content-Length") && str_suffix(t, "\r\n\r\n"));
	ok(strstr(get("/status/404"), "Content-Length: 4\r\n"));
}

static void
test_errors(void)
{
	const char *t = get("/fail");

	ok(str_prefix(t, "HTTP/1.1 409 Conflict\r\n"));
	ok(str_suffix(t, "{\"error\":{\"code\":\"conflict\",\"message\":"
			 "\"a \\\"conflict\\\"\"}}"));
	t = get("/fail?late");
	ok(strstr(t, "4\r\npart") && !strstr(t, "\r\n0\r\n"));
	ok(strstr(get("/fail?none"), " 500 "));
	t = get("/fail?header");
	ok(strstr(t, " 500 ") && !strstr(t, "Set-Cookie"));
	t = get("/fail?abort");
	ok(strstr(t, "Content-Length: 10\r\n") && str_suffix(t, "12345"));
}

static void
test_bodies(void)
{
	const char *t;

	t = kit_exchange(port,
		"POST /r1/x" H "Transfer-Encoding: chunked\r\n" END
		"3;ext=1\r\nabc\r\n0A\r\n0123456789\r\n"
		"0\r\nTrailer: x\r\n\r\n");
	ok(strstr(t, "body 13:abc0123456789;"));
	t = kit_exchange(port,
		"POST /r1/x" H "Transfer-Encoding: chunked\r\n\r\nzz\r\n");
	ok(strstr(t, " 400 Bad Request") && strstr(t, "Connection: close"));
	t = kit_exchange(port, "POST /only" H "Content-Length: 11\r\n\r\n"
			       "01234567890");
	ok(strstr(t, " 413 ") && strstr(t, "\"too_large\""));
	t = kit_exchange(port,
		"POST /only" H "Transfer-Encoding: chunked\r\n\r\n"
		"b\r\n01234567890\r\n0\r\n\r\n");
	ok(strstr(t, " 413 ") && strstr(t, "Connection: close"));
	t = kit_exchange(
		port, "POST /only" H "Content-Length: 10\r\n" END "0123456789");
	ok(strstr(t, "body 10:0123456789;"));
	/* The sender stops: the reply says so after the read time-out. */
	t = kit_exchange(port, "POST /only" H "Content-Length: 10\r\n\r\n"
			       "01234");
	ok(strstr(t, " 400 ") && strstr(t, "Connection: close"));
}

static void
test_continue(void)
{
	int fd = kit_connect(port);
	static const char head[] = "POST /only" H "Content-Length: 3\r\n"
				   "Expect: 100-continue\r\n" END;
	static const char large[] = "POST /only" H "Content-Length: 300\r\n"
				    "Expect: 100-continue\r\n\r\n";
	const char *t;

	kit_send(fd, head, sizeof(head) - 1);
	t = kit_receive(fd, "\r\n\r\n");
	is_str(t, "HTTP/1.1 100 Continue\r\n\r\n");
	kit_send(fd, "abc", 3);
	ok(strstr(kit_receive(fd, NULL), "body 3:abc;"));
	close(fd);
	t = kit_exchange(port, large);
	ok(str_prefix(t, "HTTP/1.1 413 "));
}

static void
test_heads(void)
{
	static char text[80 * 1024];
	size_t n;
	const char *t = kit_exchange(port, "GET / HTTP/1.1\r\nA : b\r\n\r\n");

	ok(str_prefix(t, "HTTP/1.1 400 ") && strstr(t, "malformed"));
	ok(strstr(t, "application/json") && strstr(t, "Connection: close"));
	ok(str_prefix(
		kit_exchange(port, "GET / HTTP/3.0\r\n\r\n"), "HTTP/1.1 505 "));
	ok(str_prefix(kit_exchange(port, "GET /\n\n"), "HTTP/1.1 400 "));
	strcpy(text, "GET /user" H);
	n = strlen(text);
	for (int i = 0; i < HTTP_HEADERS_MAX; i++, n += 6)
		strcpy(text + n, "A: b\r\n");
	strcpy(text + n, "\r\n");
	ok(str_prefix(kit_exchange(port, text), "HTTP/1.1 431 "));
	memset(text, 'a', sizeof(text) - 1);
	memcpy(text, "GET /", 5);
	ok(str_prefix(kit_exchange(port, text), "HTTP/1.1 431 "));
	/* A head that never ends: 408 after the read time-out. */
	int64_t begun = clock_ticks();
	t = kit_exchange(port, "GET /user" H);
	ok(str_prefix(t, "HTTP/1.1 408 "));
	ok(clock_ticks() - begun < 15000);
}

static void
test_keep_alive(void)
{
	int fd = kit_connect(port);
	static const char two[] = "POST /only" H "Content-Length: 3\r\n\r\nabc"
				  "GET /user" H "\r\n";
	const char *t;

	kit_send(fd, two, sizeof(two) - 1);
	t = kit_receive(fd, "\r\n\r\nme");
	is_int(kit_count(t, "HTTP/1.1 200 OK"), 2);
	is_int(kit_count(t, "Connection:"), 0);
	/* An unread body does not become the next request. */
	static const char unread[] =
		"GET /forbidden" H "Transfer-Encoding: chunked\r\n\r\n"
		"5\r\nGET /\r\n0\r\n\r\nGET /user" H END;
	kit_send(fd, unread, sizeof(unread) - 1);
	t = kit_receive(fd, NULL);
	ok(strstr(t, " 403 ") && strstr(t, "Connection: close"));
	is_int(kit_count(t, "HTTP/1.1 "), 1);
	close(fd);
	t = kit_exchange(port,
		"GET /user HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
		"GET /user HTTP/1.0\r\n\r\n");
	is_int(kit_count(t, "HTTP/1.1 200 OK"), 2);
	is_int(kit_count(t, "Connection: keep-alive"), 1);
	/* Idle connections are closed without a word. */
	fd = kit_connect(port);
	is_str(kit_receive(fd, NULL), "");
	close(fd);
}

/* More kept connections than threads: nobody waits for an idle one. */
static void
test_crowd(void)
{
	enum { N = 40 };
	static const char text[] = "GET /user" H "\r\n";
	int fd[N], served = 0, closed = 0;

	for (int i = 0; i < N; i++) {
		fd[i] = kit_connect(port);
		kit_send(fd[i], text, sizeof(text) - 1);
		const char *t = kit_receive(fd[i], "\r\n\r\nme");
		served += str_prefix(t, "HTTP/1.1 200 OK");
		closed += strstr(t, "Connection: close") != NULL;
	}
	is_int(served, N);
	ok(closed > 0 && closed < N);
	for (int i = 0; i < N; i++)
		close(fd[i]);
}

static void
test_large(void)
{
	static char piece[1 << 16];
	int fd = kit_connect(port);
	char head[128];
	int64_t got = 0;
	ssize_t n;

	snprintf(head, sizeof(head),
		"POST /count" H "Content-Length: %d\r\n" END, 2 * BIG);
	kit_send(fd, head, strlen(head));
	for (int i = 0; i < 2 * BIG; i += (int)sizeof(piece))
		kit_send(fd, piece, sizeof(piece));
	ok(strstr(kit_receive(fd, NULL), "\r\n\r\n16777216"));
	close(fd);
	fd = kit_connect(port);
	kit_send(fd, "GET /big" H END, strlen("GET /big" H END));
	while ((n = recv(fd, piece, sizeof(piece), 0)) > 0)
		got += n;
	ok(got > BIG && got < BIG + 1000);
	close(fd);
}

static void *
one_request(void *p)
{
	static const char text[] = "GET /wait" H END;
	int fd = kit_connect(port);
	char got[512] = "";
	size_t n = 0;
	ssize_t r;

	kit_send(fd, text, sizeof(text) - 1);
	while (n < sizeof(got) - 1 &&
		(r = recv(fd, got + n, sizeof(got) - 1 - n, 0)) > 0)
		n += (size_t)r;
	close(fd);
	*(bool *)p = strstr(got, "waited") != NULL;
	return NULL;
}

static void *
open_gate(void *refusal)
{
	/* The stop below has begun to refuse before the handlers may end. */
	while (!strstr(kit_exchange(port, "GET /user" H END), refusal))
		;
	pthread_mutex_lock(&lock);
	gate_open = true;
	pthread_cond_broadcast(&opened);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void
stop_says(char *refusal)
{
	enum { N = 8 };
	pthread_t t[N], opener;
	bool good[N];

	gate_open = false;
	for (int i = 0; i < N; i++)
		pthread_create(&t[i], NULL, one_request, &good[i]);
	while (atomic_load(&inside) < N)
		sched_yield();
	ok_m(true, "%d requests at the same time", N);
	pthread_create(&opener, NULL, open_gate, refusal);
	http_stop(&server);
	ok(server == NULL && atomic_load(&inside) == 0);
	for (int i = 0; i < N; i++) {
		pthread_join(t[i], NULL);
		ok(good[i]);
	}
	pthread_join(opener, NULL);
}

static void
own_words(struct request *r, const struct err *fault, void *state)
{
	struct arena *a = request_arena(r);

	(void)state;
	(void)reply_send(r, 200, "text/plain",
		bytes_str(arena_printf(a, "fault: %s", fault->text)), NULL);
}

static void
test_stop(void)
{
	struct listener l = { .name = "third",
		.address = "127.0.0.1",
		.threads = 16,
		.routes = routes,
		.error = own_words };
	struct err e = ERR_INIT;
	char plain[] = " 503 ", protocol[] = "fault: the server is stopping";

	stop_says(plain);
	ok_m(http_serve(&server, &l, &e) == 0, "%s", e.text);
	port = http_port(server);
	stop_says(protocol);
}

static void
test_ports(void)
{
	struct listener l = { .name = "second",
		.address = "127.0.0.1",
		.port = port,
		.threads = 1,
		.routes = routes };
	struct http_server *s = NULL;
	struct err e = ERR_INIT;

	ok(http_serve(&s, &l, &e) == -1 && !s);
	is_int(e.fault, FAULT_NETWORK);
	ok(strstr(e.text, "is in use"));
	err_reset(&e);
	l.address = "nowhere";
	ok(http_serve(&s, &l, &e) == -1);
	ok(strstr(e.text, "not an IP address"));
	err_reset(&e);
	l.address = "192.0.2.1";
	ok(http_serve(&s, &l, &e) == -1);
	ok(strstr(e.text, "has no address 192.0.2.1"));
	err_reset(&e);
	l.address = "::";
	l.routes = any_route;
	l.port = 0;
	l.lower_case_headers = true;
	if (http_serve(&s, &l, &e) == 0) {
		const char *t = kit_exchange(http_port(s), "OPTIONS *" H END);
		ok(strstr(t, "[OPTIONS][*][*][-]"));
		ok(strstr(t, "peer 127.0.0.1 "));
		ok(strstr(t, "\r\ncontent-type: text/plain\r\ndate: "));
		http_stop(&s);
	} else
		tap_skip("no IPv6 here");
}

/* In a child without root's rights, before there are threads. */
static void
test_permission(void)
{
	struct listener l = { .name = "low",
		.address = "127.0.0.1",
		.port = 1,
		.threads = 1,
		.routes = routes };
	struct http_server *s = NULL;
	struct err e = ERR_INIT;
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (getuid() == 0 && setuid(65534))
			_exit(2);
		if (http_serve(&s, &l, &e) == 0)
			_exit(2);
		_exit(strstr(e.text, "no permission for port 1;") ? 0 : 1);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid &&
		WEXITSTATUS(status) == 2)
		tap_skip("low ports are free for all here");
	else
		ok(pid > 0 && WIFEXITED(status) && !WEXITSTATUS(status));
}

int
main(void)
{
	struct err e = ERR_INIT;

	log_level_set(LOG_ERROR);
	ok(http_startup(&e) == 0);
	test_permission();
	start();
	test_routes();
	test_verbatim();
	test_verbs();
	test_replies();
	test_errors();
	test_bodies();
	test_continue();
	test_heads();
	test_keep_alive();
	test_crowd();
	test_large();
	test_ports();
	test_stop();
	http_shutdown();
	return tap_done();
}
