/* SPDX-License-Identifier: MIT */
/*
 * A TCP connection with an end to the waiting.
 */
#include "data_dial_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"

enum { PORT_TEXT_MAX = 12 };

bool
data_dial_is_name(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) != 1 &&
	       inet_pton(AF_INET6, host, address) != 1;
}

/* 0 connected, or an errno. */
static int
await(int fd, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t n = sizeof(int);
	int code = 0, got;

	do {
		int64_t left = until - clock_ticks();

		got = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &n))
		return errno;
	return code;
}

static int
try_one(const struct addrinfo *ai, int64_t until, int *code)
{
	int one = 1;
	int fd = socket(
		ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0) {
		*code = errno;
		return -1;
	}
	*code = connect(fd, ai->ai_addr, ai->ai_addrlen) ? errno : 0;
	if (*code == EINPROGRESS)
		*code = await(fd, until);
	if (*code) {
		close(fd);
		return -1;
	}
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	return fd;
}

int
data_dial(int *fd, const char *host, int port, int timeout_ms, struct err *e)
{
	struct addrinfo hint = { .ai_socktype = SOCK_STREAM }, *all = NULL;
	int64_t until = clock_ticks() + timeout_ms;
	char text[PORT_TEXT_MAX];
	int code;

	*fd = -1;
	snprintf(text, sizeof(text), "%d", port);
	code = getaddrinfo(host, text, &hint, &all);
	if (code)
		return fail(e, FAULT_UNKNOWN_HOST, "%.200s is not known: %s",
			host, gai_strerror(code));
	code = ECONNREFUSED;
	for (struct addrinfo *ai = all; ai && *fd < 0; ai = ai->ai_next)
		*fd = try_one(ai, until, &code);
	freeaddrinfo(all);
	if (*fd >= 0)
		return 0;
	return fail(e, FAULT_NETWORK, "no connection to %.200s port %d: %s",
		host, port, strerror(code));
}
