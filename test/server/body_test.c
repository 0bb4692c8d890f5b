/* SPDX-License-Identifier: MIT */
/*
 * Bodies of every size and SOAP attachments between two security servers over
 * their real doors. The service is a child process that speaks HTTP by hand,
 * so that it can stream, cut and refuse; so does the information system.
 */
#define IN_SERVER 1

#include "net.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "faultpoint.h"
#include "file.h"
#include "mem.h"
#include "messagelog_int.h"
#include "param.h"
#include "soap.h"
#include "tap.h"
#include "text.h"
#include "transport.h"

enum { PIECE = 60000, HEAD_MAX = 64 * 1024, WAIT_S = 600, MIB = 1 << 20 };

static struct net n;
static int raw_port; /* of the child */
static pid_t raw_child;

#define RAW    "/r1/JP/COM/2000/Data/raw"
#define CLIENT "X-Road-Client: JP/GOV/1000/Portal\r\n"

/* ---- bytes whose place is known ---- */

static uint8_t
pattern(int64_t i)
{
	return (uint8_t)(i * 31 + i / 251);
}

static void
fill(uint8_t *p, int64_t at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = pattern(at + (int64_t)i);
}

/* ---- HTTP by hand ---- */

struct line {
	int fd;
	uint8_t buf[HEAD_MAX];
	size_t at, len;
	char head[HEAD_MAX];
};

/* 0 at the end, -1 when it broke. */
static long
take(struct line *l, void *p, size_t want)
{
	if (l->at == l->len) {
		ssize_t got = read(l->fd, l->buf, sizeof(l->buf));

		if (got <= 0)
			return got;
		l->at = 0;
		l->len = (size_t)got;
	}
	if (want > l->len - l->at)
		want = l->len - l->at;
	memcpy(p, l->buf + l->at, want);
	l->at += want;
	return (long)want;
}

/* Lines up to and with the empty one, as one string. */
static bool
take_head(struct line *l)
{
	size_t len = 0;

	while (len + 1 < sizeof(l->head) && take(l, l->head + len, 1) == 1) {
		l->head[++len] = '\0';
		if (len >= 4 && memcmp(l->head + len - 4, "\r\n\r\n", 4) == 0)
			return true;
	}
	return false;
}

static bool
take_line(struct line *l, char *out, size_t max)
{
	size_t len = 0;

	while (len + 1 < max && take(l, out + len, 1) == 1)
		if (out[len++] == '\n') {
			out[len] = '\0';
			return true;
		}
	return false;
}

/* A body as it was received. */
struct got {
	int64_t len;
	bool whole; /* framing ended as it should */
	bool right; /* every byte in its place */
};

static void
take_bytes(struct line *l, int64_t len, struct got *g)
{
	static uint8_t piece[PIECE];

	while (len > 0) {
		size_t want = len < PIECE ? (size_t)len : PIECE;
		long got = take(l, piece, want);

		if (got <= 0) {
			g->whole = false;
			return;
		}
		for (long i = 0; i < got; i++)
			g->right = g->right && piece[i] == pattern(g->len + i);
		g->len += got;
		len -= got;
	}
}

static const char *
head_value(const struct line *l, const char *name, char *out, size_t max)
{
	const char *p = strcasestr(l->head, name);

	*out = '\0';
	if (!p)
		return NULL;
	p += strlen(name);
	snprintf(out, max, "%.*s", (int)strcspn(p, "\r\n"), p);
	return out;
}

static struct got
take_body(struct line *l)
{
	struct got g = { 0, true, true };
	char text[64];
	long long size;

	if (head_value(l, "\r\nContent-Length: ", text, sizeof(text))) {
		take_bytes(l, atoll(text), &g);
		return g;
	}
	if (!head_value(
		    l, "\r\nTransfer-Encoding: chunked", text, sizeof(text)))
		return g;
	do {
		if (!take_line(l, text, sizeof(text))) {
			g.whole = false;
			return g;
		}
		size = strtoll(text, NULL, 16);
		take_bytes(l, size, &g);
		g.whole = g.whole && take_line(l, text, sizeof(text));
	} while (size && g.whole);
	return g;
}

static bool
put(int fd, const void *p, size_t len)
{
	const char *at = p;

	while (len) {
		ssize_t done = send(fd, at, len, MSG_NOSIGNAL);

		if (done <= 0)
			return false;
		at += done;
		len -= (size_t)done;
	}
	return true;
}

static bool
put_text(int fd, const char *text)
{
	return put(fd, text, strlen(text));
}

/* `len` bytes of the pattern, as one run or in chunks. */
static bool
put_body(int fd, int64_t len, bool chunked)
{
	static uint8_t piece[PIECE + 64];
	bool ok = true;

	for (int64_t at = 0; ok && at < len;) {
		size_t size = len - at < PIECE ? (size_t)(len - at) : PIECE;
		char line[32];

		snprintf(line, sizeof(line), "%zx\r\n", size);
		ok = !chunked || put_text(fd, line);
		fill(piece, at, size);
		ok = ok && put(fd, piece, size) &&
		     (!chunked || put_text(fd, "\r\n"));
		at += (int64_t)size;
	}
	return ok;
}

/* ---- the service ---- */

struct trouble {
	const char *path;
	const char *answer; /* head; then `send` bytes, then the end */
	int64_t send;
};
static const struct trouble troubles[] = {
	{ "/cut-length", "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n",
		200000 },
	{ "/cut-short", "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n", 200 },
	{ "/cut-chunks",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"7\r\nabcdefg\r\n",
		0 },
	{ "/cut-head", "HTTP/1.1 200 OK\r\nContent-Le", 0 },
	{ "/no-answer", "", 0 },
	{ "/204", "HTTP/1.1 204 No Content\r\nX-Own: 1\r\n\r\n", 0 },
	{ "/304", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", 0 },
	{ "/empty", "HTTP/1.1 200 Fine\r\nContent-Length: 0\r\n\r\n", 0 },
};

/* "/raw/size/<n>?len=<expected>": the answer is n bytes of the pattern; the
   request's body is told about in X-Got. */
static void
serve_size(struct line *l, const char *path)
{
	bool chunked = strstr(path, "chunked") != NULL;
	bool head = strncmp(l->head, "HEAD ", 5) == 0;
	struct got g = take_body(l);
	long long size = atoll(path + strlen("/size/"));
	char text[256], framing[64];

	snprintf(framing, sizeof(framing),
		chunked ? "Transfer-Encoding: chunked" : "Content-Length: %lld",
		size);
	snprintf(text, sizeof(text),
		"HTTP/1.1 200 OK\r\nX-Got: %lld %d %d\r\nX-Framing: %s\r\n"
		"%s\r\n\r\n",
		(long long)g.len, g.whole, g.right,
		strcasestr(l->head, "\r\nTransfer-Encoding: chunked")
			? "chunks"
			: "length",
		framing);
	if (put_text(l->fd, text) && !head && put_body(l->fd, size, chunked) &&
		chunked)
		put_text(l->fd, "0\r\n\r\n");
}

static void
serve_one(struct line *l)
{
	const char *path;
	char *end;

	if (!take_head(l))
		return;
	path = strstr(l->head, "/raw");
	end = path ? strchr(path, ' ') : NULL;
	if (!end)
		return;
	*end = '\0';
	path += 4;
	end[0] = ' ';
	if (strncmp(path, "/size/", 6) == 0) {
		serve_size(l, path);
		return;
	}
	take_body(l);
	for (size_t i = 0; i < sizeof(troubles) / sizeof(*troubles); i++) {
		const struct trouble *t = &troubles[i];

		if (strncmp(path, t->path, strlen(t->path)) == 0 &&
			put_text(l->fd, t->answer))
			put_body(l->fd, t->send, false);
	}
}

/* One connection, one request. */
static void
serve(int door)
{
	static struct line l;

	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		l.at = l.len = 0;
		l.fd = accept(door, NULL, NULL);
		if (l.fd < 0)
			_exit(0);
		serve_one(&l);
		shutdown(l.fd, SHUT_WR);
		close(l.fd);
	}
}

static void
raw_fork(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int door = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "127.31.0.1", &at.sin_addr);
	if (bind(door, (struct sockaddr *)&at, len) || listen(door, 16) ||
		getsockname(door, (struct sockaddr *)&at, &len))
		ok_m(false, "the service's door");
	raw_port = ntohs(at.sin_port);
	raw_child = fork();
	if (!raw_child)
		serve(door);
	close(door);
}

/* ---- the information system ---- */

struct reply {
	int status;
	struct got body;
	char *head, *code, *got, *framing;
};

static int
dial(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct timeval wait = { WAIT_S, 0 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_port = htons((uint16_t)n.town.http);
	inet_pton(AF_INET, TOWN_ADDRESS, &at.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)))
		ok_m(false, "connect");
	return fd;
}

static char *
value(const struct line *l, const char *name)
{
	char text[512];

	head_value(l, name, text, sizeof(text));
	return arena_strdup(n.a, text);
}

static struct reply
take_reply(int fd, bool head_only)
{
	static struct line l;
	struct reply r = { .status = -1 };

	l.fd = fd;
	l.at = l.len = 0;
	if (!take_head(&l))
		return r;
	r.status = atoi(l.head + strlen("HTTP/1.1 "));
	r.head = arena_strdup(n.a, l.head);
	r.code = value(&l, "\r\nX-Road-Error: ");
	r.got = value(&l, "\r\nX-Got: ");
	r.framing = value(&l, "\r\nX-Framing: ");
	if (!head_only && r.status != 204 && r.status != 304)
		r.body = take_body(&l);
	else
		r.body = (struct got){ 0, true, true };
	return r;
}

struct ask {
	const char *method, *path;
	int64_t len; /* -1: no body */
	bool chunked, expect;
	int64_t cut; /* > 0: only so many are sent */
};

static struct reply
ask(const struct ask *q)
{
	bool chunked = q->chunked && q->len >= 0;
	struct reply r;
	char head[1024], framing[80] = "";
	int fd = dial();

	if (q->len >= 0)
		snprintf(framing, sizeof(framing),
			chunked ? "Transfer-Encoding: chunked\r\n"
				: "Content-Length: %lld\r\n",
			(long long)q->len);
	snprintf(head, sizeof(head),
		"%s " RAW "%s HTTP/1.1\r\nHost: x\r\n" CLIENT
		"%s%sConnection: close\r\n\r\n",
		q->method, q->path, framing,
		q->expect ? "Expect: 100-continue\r\n" : "");
	put_text(fd, head);
	if (q->expect) {
		r = take_reply(fd, true);
		is_int(r.status, 100);
	}
	if (q->len > 0)
		put_body(fd, q->cut ? q->cut : q->len, chunked);
	if (chunked && !q->cut)
		put_text(fd, "0\r\n\r\n");
	if (q->cut)
		shutdown(fd, SHUT_WR);
	r = take_reply(fd, str_equal(q->method, "HEAD"));
	close(fd);
	return r;
}

/* ---- REST ---- */

static void
both_ways(int64_t size, bool chunked)
{
	char path[64], want[64];
	struct ask q = { "POST", path, size, chunked, false, 0 };
	struct reply r;

	snprintf(path, sizeof(path), "/size/%lld%s", (long long)size,
		chunked ? "?chunked" : "");
	snprintf(want, sizeof(want), "%lld 1 1", (long long)size);
	r = ask(&q);
	ok_m(r.status == 200 && str_equal(r.got, want) && r.body.whole &&
			r.body.right && r.body.len == size,
		"%lld bytes both ways%s: %d %s, service \"%s\", back %lld",
		(long long)size, chunked ? " in chunks" : "", r.status, r.code,
		r.got, (long long)r.body.len);
	is_str(r.framing, "length");
}

static void
test_edges(void)
{
	static const int64_t from[] = { 0, 4090, 8180, 16380, 65530 };
	static const int64_t to[] = { 2, 4105, 8200, 16390, 65545 };

	for (size_t k = 0; k < sizeof(from) / sizeof(*from); k++)
		for (int64_t size = from[k]; size <= to[k]; size++)
			both_ways(size, size % 2);
	both_ways(3 * MIB + 1, false);
	both_ways(3 * MIB + 1, true);
}

static void
test_verbs(void)
{
	static const char *const verb[] = { "DELETE", "GET", "HEAD", "OPTIONS",
		"PATCH", "POST", "PUT", "TRACE" };

	for (size_t i = 0; i < sizeof(verb) / sizeof(*verb); i++) {
		bool carried = verb[i][0] == 'P';
		struct ask q = { verb[i], "/size/70000", 70000, i % 2, false,
			0 };
		struct reply r = ask(&q);

		ok_m(r.status == 200 && r.body.right &&
				r.body.len == (str_equal(verb[i], "HEAD")
							      ? 0
							      : 70000) &&
				str_equal(
					r.got, carried ? "70000 1 1" : "0 1 1"),
			"%s: %d %s, service \"%s\", back %lld", verb[i],
			r.status, r.code, r.got, (long long)r.body.len);
		q.len = -1;
		r = ask(&q);
		ok_m(r.status == 200 && str_equal(r.got, "0 1 1"),
			"%s without a body: %d %s", verb[i], r.status, r.got);
	}
}

static void
test_bodiless(void)
{
	static const char *const method[] = { "GET", "POST", "HEAD" };
	static const struct {
		const char *path;
		int status;
	} row[] = { { "/204", 204 }, { "/304", 304 }, { "/empty", 200 } };

	for (size_t i = 0; i < 9; i++) {
		struct ask q = { method[i / 3], row[i % 3].path, -1, false,
			false, 0 };
		struct reply r = ask(&q);

		ok_m(r.status == row[i % 3].status && r.body.len == 0,
			"%s %s: %d %s", q.method, q.path, r.status, r.code);
	}
}

static void
test_expect(void)
{
	struct ask q = { "POST", "/size/10", 100000, false, true, 0 };
	struct reply r = ask(&q);

	is_int(r.status, 200);
	is_str(r.got, "100000 1 1");
}

/* Whoever breaks off, the other side is told, and the next message goes. */
static void
test_cut(void)
{
	static const char *const path[] = { "/cut-length", "/cut-short",
		"/cut-chunks", "/cut-head", "/no-answer" };
	struct ask q = { "POST", NULL, 100000, false, false, 0 };
	struct reply r;

	for (size_t i = 0; i < sizeof(path) / sizeof(*path); i++) {
		q.path = path[i];
		r = ask(&q);
		is_int(r.status, 500);
		ok_m(str_equal(r.code, "server.serverproxy.io_error"), "%s: %s",
			path[i], r.code);
	}
	for (int chunked = 0; chunked < 2; chunked++) {
		q = (struct ask){ "POST", "/size/5", 100000, chunked, false,
			50000 };
		r = ask(&q);
		ok_m(r.status != 200, "a client that stops: %d %s", r.status,
			r.status > 0 ? r.code : "");
	}
	both_ways(1000, false);
}

/* The disk is full at the n-th write of both servers together: which of them
   meets it is a matter of their pace, but each refuses with its own fault. */
static void
test_disk_full(void)
{
	static const char *const code[] = {
		"server.clientproxy.logging_failed",
		"server.serverproxy.logging_failed",
	};
	struct ask q = { "POST", "/size/5", 200000, false, false, 0 };
	bool seen[2] = { false, false };

	for (int k = 0; k < 12 && !(seen[0] && seen[1]); k++) {
		struct reply r;
		int who;

		fault_arm("spool.write", k, 1);
		r = ask(&q);
		fault_disarm();
		who = str_equal(r.code, code[1]);
		ok_m(r.status == 500 && str_equal(r.code, code[who]),
			"write %d fails: %d %s", k, r.status, r.code);
		seen[who] = true;
	}
	ok_m(seen[0] && seen[1], "either server refuses when its disk is full");
	both_ways(200000, false);
}

/* The provider refuses while the body is still coming: its fault arrives all
   the same. */
static void
test_early_refusal(void)
{
	struct ask q = { "POST", "/size/5", 40 * MIB, false, false, 0 };
	struct reply r;

	node_restart(&n, &n.firm, "proxy", "max-message-size", "1000000");
	for (int i = 0; i < 3; i++) {
		r = ask(&q);
		is_int(r.status, 500);
		is_str(r.code, "server.serverproxy.service_failed.too_large");
		q.len = 1200000;
	}
	node_restart(&n, &n.firm, "proxy", "max-message-size", "4294967296");
	both_ways(1200000, false);
}

/* ---- large bodies: memory and disk ---- */

static int64_t
proc_value(const char *file, const char *name)
{
	char text[4096];
	FILE *f = fopen(file, "r");
	size_t len = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	const char *p;

	text[len] = '\0';
	if (f)
		fclose(f);
	p = strstr(text, name);
	return p ? atoll(p + strlen(name)) : -1;
}

static void
peak_reset(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (f) {
		fputs("5", f);
		fclose(f);
	}
}

/* Both servers and the information system are this process. */
static void
test_large(int64_t size)
{
	enum { GROWTH_KB = 32 * 1024 };
	int64_t before, peak, written;

	node_restart(
		&n, &n.town, "message-log", "message-body-logging", "false");
	node_restart(
		&n, &n.firm, "message-log", "message-body-logging", "false");
	both_ways(3 * MIB, false);
	peak_reset();
	before = proc_value("/proc/self/status", "VmRSS:");
	written = proc_value("/proc/self/io", "\nwrite_bytes: ");
	both_ways(size, true);
	peak = proc_value("/proc/self/status", "VmHWM:");
	written = proc_value("/proc/self/io", "\nwrite_bytes: ") - written;
	ok_m(peak - before < GROWTH_KB,
		"%lld MB both ways: memory grows by %lld kB",
		(long long)(size / MIB), (long long)(peak - before));
	ok_m(written <= 2 * size * 22 / 10, "two servers write %lld MB to disk",
		(long long)(written / MIB));
}

int
main(void)
{
	const char *mb = getenv("MACHILINK_BODY_MB");
	struct service_row raw = { "REST", "raw", "", NULL, 10, false, false,
		&TOWN_PORTAL };

	raw_fork(); /* before the signers: it must not hold their sockets */
	net_fork(&n, "body");
	net_open(&n);
	raw.url = arena_printf(n.a, "http://127.31.0.1:%d/raw", raw_port);
	node_service(&n.firm, n.firm_data, &raw);
	node_restart(&n, &n.firm, "proxy", "max-message-size", "4294967296");
	node_restart(&n, &n.town, "proxy", "max-message-size", "4294967296");
	test_edges();
	test_verbs();
	test_bodiless();
	test_expect();
	test_cut();
	test_disk_full();
	test_early_refusal();
	test_large((mb ? atoll(mb) : 64) * MIB);
	net_close(&n);
	kill(raw_child, SIGTERM);
	waitpid(raw_child, NULL, 0);
	return tap_done();
}
