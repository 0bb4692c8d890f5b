/* SPDX-License-Identifier: MIT */
/*
 * The fastest of several connections. A name may stand for many addresses of
 * both families; all of them take part.
 */
#include "dial_int.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "mem.h"

enum { RACERS_MAX = 64, PORT_TEXT_MAX = 16 };

struct race {
	struct pollfd fd[RACERS_MAX]; /* fd -1: out of the race */
	size_t place[RACERS_MAX];
	size_t n, running;
	bool known; /* at least one name is */
	int error;  /* errno of the last failure */
	const char *unknown;
};

static void
drop(struct race *r, size_t i, int error)
{
	close(r->fd[i].fd);
	r->fd[i].fd = -1;
	r->running--;
	r->error = error;
}

static void
start(struct race *r, size_t place, const struct addrinfo *ai)
{
	size_t i = r->n;
	int fd;

	if (i == RACERS_MAX)
		return;
	fd = socket(
		ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		r->error = errno;
		return;
	}
	r->fd[i] = (struct pollfd){ .fd = fd, .events = POLLOUT };
	r->place[i] = place;
	r->n++;
	r->running++;
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) && errno != EINPROGRESS)
		drop(r, i, errno);
}

static void
start_all(struct race *r, const struct http_place *place, size_t n)
{
	struct addrinfo hint = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV };
	struct addrinfo *ai;
	char port[PORT_TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		int rc;
		snprintf(port, sizeof(port), "%d", place[i].port);
		rc = getaddrinfo(place[i].host, port, &hint, &ai);
		if (rc) {
			r->unknown = gai_strerror(rc);
			continue;
		}
		r->known = true;
		for (struct addrinfo *p = ai; p; p = p->ai_next)
			start(r, i, p);
		freeaddrinfo(ai);
	}
}

/* The first that stands, -1 if none does yet. */
static long
finished(struct race *r)
{
	for (size_t i = 0; i < r->n; i++) {
		socklen_t len = sizeof(int);
		int error = 0;
		if (r->fd[i].fd < 0 || !r->fd[i].revents)
			continue;
		getsockopt(r->fd[i].fd, SOL_SOCKET, SO_ERROR, &error, &len);
		if (!error)
			return (long)i;
		drop(r, i, error);
	}
	return -1;
}

static long
run(struct race *r, int timeout_ms)
{
	int64_t until = clock_ticks() + timeout_ms;
	long first = -1;

	while (first < 0 && r->running) {
		int64_t left = until - clock_ticks();
		int rc = left <= 0 ? 0 : poll(r->fd, r->n, (int)left);
		if (rc == 0) {
			r->error = ETIMEDOUT;
			break;
		}
		if (rc > 0)
			first = finished(r);
	}
	return first;
}

static const char *
places_text(struct arena *a, const struct http_place *place, size_t n)
{
	const char *text = "";

	for (size_t i = 0; i < n; i++)
		text = arena_printf(a, "%s%s%s:%d", text, i ? ", " : "",
			place[i].host, place[i].port);
	return text;
}

static int
nobody(const struct race *r, const struct http_place *place, size_t n,
	struct err *e)
{
	struct arena *a = arena_new();
	const char *where = places_text(a, place, n);

	if (!r->known)
		fail(e, FAULT_UNKNOWN_HOST, "%s: the host name is unknown (%s)",
			where, r->unknown);
	else
		fail(e, FAULT_NETWORK, "%s: no connection (%s)", where,
			strerror(r->error));
	arena_free(&a);
	return -1;
}

int
dial(const struct http_place *place, size_t n, int timeout_ms, size_t *winner,
	int *fd, struct err *e)
{
	struct race r = { .n = 0 };
	long first;

	start_all(&r, place, n);
	first = run(&r, timeout_ms);
	for (size_t i = 0; i < r.n; i++)
		if ((long)i != first && r.fd[i].fd >= 0)
			close(r.fd[i].fd);
	if (first < 0)
		return nobody(&r, place, n, e);
	*winner = r.place[first];
	*fd = r.fd[first].fd;
	return 0;
}
