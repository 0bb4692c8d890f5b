/* SPDX-License-Identifier: MIT */
/*
 * Reading a request: what came on the request line and in the header fields,
 * who sent it, and the body within the row's limit.
 */
#include <assert.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "err.h"
#include "http_head.h"
#include "http_int.h"
#include "mem.h"
#include "tls.h"

enum { READ_PIECE = 16 * 1024, MS_PER_SECOND = 1000 };

struct arena *
request_arena(struct request *r)
{
	return r->arena;
}

const char *
request_method(const struct request *r)
{
	return r->method;
}

const char *
request_target(const struct request *r)
{
	return r->target;
}

const char *
request_path(const struct request *r)
{
	return r->path;
}

const char *
request_query(const struct request *r)
{
	return r->query;
}

const struct route *
request_route(const struct request *r)
{
	return r->route;
}

const char *
request_segment(struct request *r, const char *name)
{
	const char *start;
	char *out = NULL;
	long n;

	assert(r->route);
	n = route_piece(r->route->path, r->path, name, &start);
	if (n < 0 || segment_decode(r->arena, start, (size_t)n, &out, NULL))
		return NULL;
	return out;
}

size_t
request_headers(const struct request *r, const struct http_header **out)
{
	*out = r->head->header;
	return r->head->headers;
}

const char *
request_header(const struct request *r, const char *name)
{
	return http_header_find(r->head->header, r->head->headers, name);
}

const char *
request_peer(const struct request *r)
{
	return r->peer;
}

bool
request_takes_chunks(const struct request *r)
{
	return r->head->minor > 0;
}

bool
request_is_tls(const struct request *r)
{
	return r->worker->tls != NULL;
}

struct cert_list
request_certs(const struct request *r)
{
	if (!r->worker->tls)
		return (struct cert_list){ NULL, 0 };
	return tls_peer(r->worker->tls);
}

const char *
request_id(const struct request *r)
{
	return r->id;
}

void
request_set_user(struct request *r, void *user)
{
	r->user = user;
}

void *
request_user(const struct request *r)
{
	return r->user;
}

void
request_set_rights(struct request *r, unsigned rights)
{
	r->rights = rights;
}

unsigned
request_rights(const struct request *r)
{
	return r->rights;
}

void
request_set_name(struct request *r, const char *name)
{
	r->name = name;
}

void
request_set_japanese(struct request *r, const char *text)
{
	r->japanese = text;
}

const char *
request_japanese(const struct request *r)
{
	return r->japanese;
}

const char *
request_name(const struct request *r)
{
	return r->name ? r->name : "";
}

/* The peer sent "Expect: 100-continue" and we want the body now. */
static void
go_on(struct request *r)
{
	static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";

	if (r->continue_due && !r->status)
		mg_write(r->conn, line, sizeof(line) - 1);
	r->continue_due = false;
}

/* X-Road's message doors call it io_error; over plain HTTP it is the caller's
   fault. */
static int
body_broken(struct request *r, struct err *e)
{
	r->close = true;
	return fail(e, r->server->row.error ? FAULT_IO : FAULT_BAD_REQUEST,
		r->worker->body.slow
			? "the request body came too slowly"
			: "the request body ended before its announced end");
}

long
request_read(struct request *r, void *p, size_t n, struct err *e)
{
	int64_t max = r->route ? (int64_t)r->route->body_max : 0;
	int got;

	if (r->ended || n == 0)
		return 0;
	go_on(r);
	got = mg_read(r->conn, p, n < READ_PIECE ? n : READ_PIECE);
	if (got < 0 || (got == 0 && !r->head->chunked))
		return body_broken(r, e);
	r->read += got;
	r->ended = r->head->chunked ? got == 0 : r->read == r->length;
	if (r->read > max) {
		r->close = true;
		return fail(e, FAULT_TOO_LARGE,
			"the request body is larger than %lld bytes",
			(long long)max);
	}
	return got;
}

int
request_body(struct request *r, struct bytes *out, struct err *e)
{
	size_t max = r->route ? r->route->body_max : 0;
	struct buf b;
	char piece[READ_PIECE];
	long n;

	*out = r->body;
	if (r->kept)
		return 0;
	buf_init(&b, max);
	while ((n = request_read(r, piece, sizeof(piece), e)) > 0)
		buf_add(&b, piece, (size_t)n);
	if (n < 0) {
		buf_done(&b);
		return -1;
	}
	*out = bytes_buf(&b);
	arena_defer(r->arena, mem_free, b.data); /* the arena's now */
	request_set_body(r, *out);
	return 0;
}

void
request_set_body(struct request *r, struct bytes body)
{
	r->kept = true;
	r->body = body;
}

int64_t
request_unread(const struct request *r)
{
	if (r->ended)
		return 0;
	return r->head->chunked ? -1 : r->length - r->read;
}

bool
request_gone(const struct request *r)
{
	struct pollfd p = { .fd = glue_socket(r->conn), .events = POLLRDHUP };

	return p.fd >= 0 && poll(&p, 1, 0) > 0 &&
	       (p.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

/* A sender that is still sending would lose our reply to a reset. */
void
request_linger(struct request *r)
{
	int fd = glue_socket(r->conn);
	int64_t until = clock_ticks() + LINGER_MS;
	char sink[READ_PIECE];

	if (fd < 0)
		return;
	if (!r->worker->tls)
		shutdown(fd, SHUT_WR);
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = until - clock_ticks();

		if (left <= 0 || poll(&p, 1, (int)left) <= 0 ||
			recv(fd, sink, sizeof(sink), MSG_DONTWAIT) <= 0)
			return;
	}
}
