/* SPDX-License-Identifier: MIT */
/*
 * What the HTTP tests share: sockets to a local port and whole exchanges over
 * them as text.
 */
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { KIT_MAX = 1 << 20, KIT_WAIT_MS = 60000 };

static inline int
kit_connect(int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0)
		abort();
	return fd;
}

static inline void
kit_send(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t got = send(fd, p, n, MSG_NOSIGNAL);
		if (got <= 0)
			return;
		p += got;
		n -= (size_t)got;
	}
}

/* Reads until the text holds `until` (NULL: until the end). Static buffer. */
static inline const char *
kit_receive(int fd, const char *until)
{
	static char text[KIT_MAX];
	size_t n = 0;

	text[0] = '\0';
	while (n + 1 < sizeof(text) && !(until && strstr(text, until))) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t got;

		if (poll(&p, 1, KIT_WAIT_MS) <= 0)
			break;
		got = recv(fd, text + n, sizeof(text) - 1 - n, 0);
		if (got <= 0)
			break;
		n += (size_t)got;
		text[n] = '\0';
	}
	return text;
}

/* Sends these bytes on a new connection, returns all that comes back. */
static inline const char *
kit_exchange(int port, const char *request)
{
	int fd = kit_connect(port);
	const char *text;

	kit_send(fd, request, strlen(request));
	text = kit_receive(fd, NULL);
	close(fd);
	return text;
}

static inline int
kit_count(const char *text, const char *word)
{
	int n = 0;

	for (const char *p = text; (p = strstr(p, word)); p += strlen(word))
		n++;
	return n;
}
