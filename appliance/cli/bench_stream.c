/* SPDX-License-Identifier: MIT */
/*
 * A long answer of the adapter: 100,000 rows as CSV, how soon it begins and
 * what it adds to the memory of the process. The first byte is counted from the
 * request, which is before the database's first row.
 */
#include "bench_int.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "mem.h"

enum { ROWS = 100000, TIMES = 5, STATUS_MAX = 16 * 1024 };

/* kB, of /proc/PID/status; -1 when it is not there. */
static int64_t
status_of(struct bench *b, int pid, const char *key)
{
	struct bytes text;
	const char *at;

	if (file_read(b->a, arena_printf(b->a, "/proc/%d/status", pid),
		    STATUS_MAX, &text, NULL))
		return -1;
	at = strstr((const char *)text.data, key);
	return at ? strtoll(at + strlen(key), NULL, 10) : -1;
}

struct reading {
	int64_t begun, first, end; /* us */
	size_t bytes, rows;
};

static int
read_all(int fd, const char *address, struct reading *r)
{
	static const char form[] =
		"GET /api/service/all?_format=csv HTTP/1.1\r\n"
		"Host: %s\r\nConnection: close\r\n\r\n";
	char text[200], piece[64 * 1024];
	int n = snprintf(text, sizeof(text), form, address);
	ssize_t got;

	r->begun = clock_micros();
	if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
		return -1;
	while ((got = recv(fd, piece, sizeof(piece), 0)) > 0) {
		if (!r->bytes)
			r->first = clock_micros();
		r->bytes += (size_t)got;
		for (ssize_t i = 1; i < got; i++)
			r->rows += piece[i] == '\n' && piece[i - 1] == '\r';
	}
	r->end = clock_micros();
	return got < 0 || r->rows < ROWS ? -1 : 0;
}

static int
read_once(const char *address, struct reading *r)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(BENCH_ADAPTER_PORT) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ret = -1;

	*r = (struct reading){ 0 };
	inet_pton(AF_INET, address, &to.sin_addr);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&to, sizeof(to)))
		ret = read_all(fd, address, r);
	if (fd >= 0)
		close(fd);
	return ret;
}

int
bench_stream(struct bench *b, void *state, const char *address, int pid,
	struct err *e)
{
	int64_t before = status_of(b, pid, "VmHWM:"), worst = 0;
	struct reading r = { 0 };

	(void)state;
	for (int i = 0; i < TIMES; i++) {
		if (read_once(address, &r))
			return fail(e, FAULT_HTTP,
				"the adapter failed to send %d rows", ROWS);
		if (r.first - r.begun > worst)
			worst = r.first - r.begun;
	}
	bench_say(b, "adapter-csv-100k-first", (double)worst / 1000,
		"ms to the first byte, slowest of 5");
	bench_say(b, "adapter-csv-100k",
		(double)r.bytes / (double)(r.end - r.begun), "MB/s");
	bench_say(b, "adapter-csv-100k-memory",
		(double)(status_of(b, pid, "VmHWM:") - before) / 1024,
		"MiB more than before");
	return 0;
}
