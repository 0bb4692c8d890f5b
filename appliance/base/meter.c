/* SPDX-License-Identifier: MIT */
/*
 * The meter of this process: one page that who measures sees too, and for each
 * thread what it works on since when.
 */
#include "meter.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { NAME_MAX_LEN = 4096, NS_PER_S = 1000000000 };

/* Measuring only: nothing that the program does depends on it. */
static _Atomic(struct meter_page *) meter;

static _Thread_local struct {
	enum meter_part part;
	int64_t since; /* CPU time of the thread */
} now;

static struct meter_page *
map(const char *folder, int64_t pid, int flags)
{
	char name[NAME_MAX_LEN];
	struct meter_page *p = MAP_FAILED;
	int fd;

	snprintf(name, sizeof(name), "%s/%lld", folder, (long long)pid);
	fd = open(name, O_RDWR | O_CLOEXEC | flags, 0600);
	if (fd < 0)
		return NULL;
	if (!(flags & O_CREAT) || !ftruncate(fd, sizeof(*p)))
		p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED,
			fd, 0);
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

void
meter_open(void)
{
	const char *folder = getenv("MACHILINK_METER");

	if (folder && *folder)
		atomic_store(&meter, map(folder, getpid(), O_CREAT));
}

struct meter_page *
meter_map(const char *folder, int64_t pid)
{
	return map(folder, pid, 0);
}

void
meter_unmap(struct meter_page *p)
{
	if (p)
		(void)munmap(p, sizeof(*p));
}

static enum meter_part
turn(struct meter_page *p, enum meter_part to)
{
	enum meter_part was = now.part;
	struct timespec t;
	int64_t at;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	at = (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
	if (was != METER_OTHER)
		atomic_fetch_add_explicit(
			&p->ns[was], at - now.since, memory_order_relaxed);
	now.part = to;
	now.since = at;
	return was;
}

enum meter_part
meter_to(enum meter_part to)
{
	struct meter_page *p =
		atomic_load_explicit(&meter, memory_order_relaxed);

	if (!p)
		return METER_OTHER;
	if (atomic_load_explicit(&p->on, memory_order_relaxed))
		return turn(p, to);
	now.part = METER_OTHER;
	return METER_OTHER;
}
