/* SPDX-License-Identifier: MIT */
/*
 * A hostile neighbour, through real sockets: hundreds of connections, heads
 * that never end, bodies that trickle, replies that nobody takes. Another address is served meanwhile,
 * and the noise ends by itself.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>

#include "clock.h"
#include "err.h"
#include "http_kit.h"
#include "http_server.h"
#include "tap.h"
#include "text.h"

#define SERVER "127.34.0.1"
#define NOISY  "127.34.0.2"
#define CALM   "127.34.0.3"
#define GET    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

enum {
	THREADS = 8,
	CROWD = 120,
	WAITING = 60,
	PATIENCE_MS = 2500,
	LARGE = 32 << 20
};

static struct http_server *server;
static int crowd[CROWD];
/* large replies: being written now, begun ever */
static atomic_int large, larges;

static int
reply_large(struct request *r, struct err *e)
{
	static const char piece[64 * 1024];

	atomic_fetch_add(&large, 1);
	atomic_fetch_add(&larges, 1);
	if (reply_begin(r, 200, NULL, 0, LARGE, e))
		return -1;
	for (int i = 0; i < LARGE; i += (int)sizeof(piece))
		if (reply_write(r, piece, sizeof(piece), e)) {
			atomic_fetch_sub(&large, 1);
			return -1;
		}
	atomic_fetch_sub(&large, 1);
	return reply_end(r, e);
}

static int
serve(struct request *r, void *state, struct err *e)
{
	struct bytes body;

	(void)state;
	if (request_body(r, &body, e))
		return -1;
	if (str_equal(request_path(r), "/large"))
		return reply_large(r, e);
	return reply_send(r, 200, "text/plain", bytes_str("served"), e);
}

static void
start(bool one_request)
{
	static const struct route routes[] = { { "*", "*", 1 << 16, 0, serve },
		{ NULL, NULL, 0, 0, NULL } };
	struct listener l = { .name = "flood",
		.address = SERVER,
		.threads = THREADS,
		.waiting_max = WAITING,
		.read_timeout_ms = PATIENCE_MS,
		.idle_timeout_ms = PATIENCE_MS,
		.one_request = one_request,
		.routes = routes };
	struct err e = ERR_INIT;

	ok_m(!http_serve(&server, &l, &e), "%s", e.text);
}

static int
from(const char *address)
{
	struct sockaddr_in me = { .sin_family = AF_INET },
			   to = { .sin_family = AF_INET,
				   .sin_port =
					   htons((uint16_t)http_port(server)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &me.sin_addr);
	inet_pton(AF_INET, SERVER, &to.sin_addr);
	if (bind(fd, (struct sockaddr *)&me, sizeof(me)) ||
		connect(fd, (struct sockaddr *)&to, sizeof(to)))
		abort();
	return fd;
}

/* How long the calm one waits for its answer; -1 without one. */
static int64_t
served_in(void)
{
	int64_t begun = clock_ticks();
	int fd = from(CALM);
	const char *t;

	kit_send(fd, GET, strlen(GET));
	t = kit_receive(fd, NULL);
	close(fd);
	return strstr(t, "\r\n\r\nserved") ? clock_ticks() - begun : -1;
}

static void
calm_is_served(const char *while_what)
{
	for (int i = 0; i < 5; i++) {
		int64_t ms = served_in();
		ok_m(ms >= 0 && ms < PATIENCE_MS / 2, "%s: served in %lld ms",
			while_what, (long long)ms);
	}
}

static void
crowd_come(const char *text)
{
	for (int i = 0; i < CROWD; i++) {
		crowd[i] = from(NOISY);
		kit_send(crowd[i], text, strlen(text));
	}
}

/* How many were closed without an answer until now. */
static int
crowd_lost(void)
{
	int n = 0;
	char c;

	for (int i = 0; i < CROWD; i++) {
		ssize_t got = recv(crowd[i], &c, 1, MSG_DONTWAIT | MSG_PEEK);
		n += got == 0 || (got < 0 && errno != EAGAIN);
	}
	return n;
}

static void
crowd_go(void)
{
	for (int i = 0; i < CROWD; i++)
		close(crowd[i]);
}

static void
test_silent_crowd(void)
{
	crowd_come("");
	calm_is_served("silent connections");
	int lost = crowd_lost();
	ok_m(lost >= CROWD - WAITING - THREADS && lost < CROWD,
		"the oldest that waited gave way: %d", lost);
	crowd_go();
	calm_is_served("after them");
}

static void
test_half_heads(void)
{
	crowd_come("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
	calm_is_served("heads that do not end");
	crowd_go();
}

static void
test_half_bodies(void)
{
	crowd_come("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
		   "x");
	calm_is_served("bodies that do not come");
	crowd_go();
}

/* All at once, complete requests: nobody is forgotten. */
static void
test_busy(void)
{
	int answers = 0;

	for (int i = 0; i < WAITING; i++) {
		crowd[i] = from(NOISY);
		kit_send(crowd[i], GET, strlen(GET));
	}
	for (int i = 0; i < WAITING; i++) {
		answers +=
			strstr(kit_receive(crowd[i], NULL), "served") != NULL;
		close(crowd[i]);
	}
	is_int(answers, WAITING);
}

/* ---- one slow sender: it is a matter of time ---- */

/* Sends `head`, then a byte now and then until the server has enough. */
static const char *
dribble(const char *head, const char *byte, int64_t *took)
{
	int64_t begun = clock_ticks();
	struct pollfd p = { .fd = from(NOISY), .events = POLLIN };
	const char *t;

	kit_send(p.fd, head, strlen(head));
	while (poll(&p, 1, 100) == 0 && clock_ticks() < begun + KIT_WAIT_MS)
		kit_send(p.fd, byte, 1);
	t = kit_receive(p.fd, NULL);
	*took = clock_ticks() - begun;
	close(p.fd);
	return t;
}

static void
test_dribble(void)
{
	int64_t ms;
	const char *t = dribble("GET / HTTP/1.1\r\nX-Slow: ", "a", &ms);

	ok_m(str_prefix(t, "HTTP/1.1 408 ") && ms < 2 * PATIENCE_MS,
		"a head has %d ms in all: %lld ms, %.30s", PATIENCE_MS,
		(long long)ms, t);
	t = dribble("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n"
		    "\r\n",
		"a", &ms);
	ok_m(!strstr(t, "served") && ms < 4 * PATIENCE_MS,
		"a body has a least rate: %lld ms, %.30s", (long long)ms, t);
	t = dribble("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
		    "\r\n\r\n1;x=",
		"a", &ms);
	ok_m(!strstr(t, "served") && ms < 4 * PATIENCE_MS,
		"and a chunk's extension: %lld ms, %.30s", (long long)ms, t);
}

/* ---- and one slow reader ---- */

static int
narrow(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)http_port(server)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int room = 1, segment = 256;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof(segment));
	inet_pton(AF_INET, SERVER, &to.sin_addr);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		abort();
	return fd;
}

/* So many take `n` bytes each every tenth of a second, until the server writes
   to nobody any more; the milliseconds. */
static int64_t
sip(int readers, size_t n, int64_t most)
{
	static const char head[] = "GET /large HTTP/1.1\r\nHost: a\r\n"
				   "Connection: close\r\n\r\n";
	int64_t begun = clock_ticks();
	struct pollfd none = { .fd = -1 };
	static char piece[64 * 1024];
	int64_t ms;

	for (int i = 0; i < readers; i++) {
		crowd[i] = narrow();
		kit_send(crowd[i], head, sizeof(head) - 1);
	}
	do {
		for (int i = 0; i < readers; i++)
			recv(crowd[i], piece, n, MSG_DONTWAIT);
		poll(&none, 1, 100);
		ms = clock_ticks() - begun;
	} while (atomic_load(&large) && ms < most);
	for (int i = 0; i < readers; i++)
		close(crowd[i]);
	return ms;
}

static void
test_sip(void)
{
	enum { LONG_MS = 4 * PATIENCE_MS, BYTES = 800 };
	int64_t ms = sip(1, 10, LONG_MS);

	ok_m(ms < LONG_MS, "a reader has a least rate: %lld ms", (long long)ms);
	ms = sip(1, BYTES, LONG_MS);
	ok_m(ms >= LONG_MS, "one has time: %lld ms", (long long)ms);
	atomic_store(&larges, 0);
	sip(THREADS, BYTES, LONG_MS);
	ok_m(atomic_load(&larges) == THREADS,
		"among many the slow give way: %d of %d had their turn",
		atomic_load(&larges), THREADS);
}

static void
test_head_flood(void)
{
	static char head[200 * 1024];
	struct buf b;
	int fd;

	buf_init(&b, sizeof(head));
	buf_str(&b, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (int i = 0; i < HTTP_HEADERS_MAX + 1; i++)
		buf_fmt(&b, "X-%d: y\r\n", i);
	buf_str(&b, "\r\n");
	fd = from(NOISY);
	kit_send(fd, b.data, b.len);
	ok(str_prefix(kit_receive(fd, NULL), "HTTP/1.1 431 "));
	close(fd);
	buf_done(&b);
	memset(head, 'a', sizeof(head) - 1);
	memcpy(head, "GET / HTTP/1.1\r\nX: ", 19);
	fd = from(NOISY);
	kit_send(fd, head, sizeof(head) - 1);
	ok(str_prefix(kit_receive(fd, NULL), "HTTP/1.1 431 "));
	close(fd);
}

static void
test_one_request(void)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	int fd = from(CALM);
	const char *t;

	kit_send(fd, text, sizeof(text) - 1);
	t = kit_receive(fd, NULL);
	ok(strstr(t, "Connection: close") && strstr(t, "served"));
	close(fd);
}

int
main(void)
{
	ok(!http_startup(NULL));
	start(false);
	test_silent_crowd();
	test_half_heads();
	test_half_bodies();
	test_busy();
	test_dribble();
	test_sip();
	test_head_flood();
	http_stop(&server);
	start(true);
	test_one_request();
	http_stop(&server);
	http_shutdown();
	return tap_done();
}
