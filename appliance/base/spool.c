/* SPDX-License-Identifier: MIT */
/*
 * Spools and segments. Small additions are gathered in memory and written in
 * pieces of SPOOL_MEMORY bytes; what waits there is readable like the rest.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "faultpoint.h"
#include "mem.h"
#include "spool.h"

struct spool {
	const char *folder;
	int64_t max;
	int fd;          /* -1: everything is in tail */
	int64_t written; /* bytes in the file */
	struct buf tail; /* what follows them */
	struct arena *a;
};

static void
spool_done(void *p)
{
	struct spool *s = p;

	if (s->fd >= 0)
		close(s->fd);
	buf_done(&s->tail);
}

struct spool *
spool_new(struct arena *a, const char *folder, int64_t max)
{
	struct spool *s = arena_new_of(a, struct spool);

	s->a = a;
	s->folder = folder && *folder ? folder : "/tmp";
	s->max = max;
	s->fd = -1;
	buf_init(&s->tail, SPOOL_MEMORY);
	arena_defer(a, spool_done, s);
	return s;
}

int64_t
spool_len(const struct spool *s)
{
	return s->written + (int64_t)s->tail.len;
}

bool
spool_on_disk(const struct spool *s)
{
	return s->fd >= 0;
}

static int
spool_fail(const struct spool *s, int code, struct err *e)
{
	return fail(e, FAULT_LOGGING_FAILED, "a body cannot be kept in %s: %s",
		s->folder, strerror(code));
}

/* A file without a name; file systems that have none get one for a moment. */
static int
file_open(struct spool *s, struct err *e)
{
	char *path;

	s->fd = open(s->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd >= 0)
		return 0;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return spool_fail(s, errno, e);
	path = arena_printf(s->a, "%s/.body-XXXXXX", s->folder);
	s->fd = mkostemp(path, O_CLOEXEC);
	if (s->fd < 0)
		return spool_fail(s, errno, e);
	unlink(path);
	return 0;
}

static int
file_write(struct spool *s, const char *p, size_t n, struct err *e)
{
	if (s->fd < 0 && file_open(s, e))
		return -1;
	while (n) {
		ssize_t got = fault_at("spool.write")
				      ? (errno = ENOSPC, -1)
				      : pwrite(s->fd, p, n, s->written);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return spool_fail(s, got ? errno : ENOSPC, e);
		p += got;
		n -= (size_t)got;
		s->written += got;
	}
	return 0;
}

/* What could not be written whole stays counted once: in the file what got
   there, in the tail the rest. */
static int
tail_flush(struct spool *s, struct err *e)
{
	int64_t before = s->written;
	int ret = file_write(s, s->tail.data, s->tail.len, e);

	buf_drop(&s->tail, (size_t)(s->written - before));
	return ret;
}

int
spool_add(struct spool *s, const void *p, size_t n, struct err *e)
{
	if (n > (uint64_t)(s->max - spool_len(s)))
		return fail(e, FAULT_TOO_LARGE,
			"the body is larger than %lld bytes",
			(long long)s->max);
	if (s->tail.len + n > SPOOL_MEMORY && tail_flush(s, e))
		return -1;
	if (n > SPOOL_MEMORY)
		return file_write(s, p, n, e);
	buf_add(&s->tail, p, n);
	return 0;
}

int
spool_read(
	const struct spool *s, int64_t at, void *out, size_t n, struct err *e)
{
	char *p = out;

	assert(at >= 0 && (int64_t)n <= spool_len(s) - at);
	while (n && at < s->written) {
		int64_t left = s->written - at;
		size_t want = (int64_t)n < left ? n : (size_t)left;
		ssize_t got = pread(s->fd, p, want, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return fail(e, FAULT_IO,
				"a kept body cannot be read back: %s",
				got ? strerror(errno) : "the file is short");
		p += got;
		at += got;
		n -= (size_t)got;
	}
	if (n)
		memcpy(p, s->tail.data + (at - s->written), n);
	return 0;
}

/* ---- segments ---- */

struct segment
segment_of(struct bytes b)
{
	return (struct segment){ .data = b.data, .len = (int64_t)b.len };
}

struct segment
segment_in(const struct spool *s, int64_t at, int64_t len)
{
	assert(at >= 0 && len >= 0 && len <= spool_len(s) - at);
	return (struct segment){ .spool = s, .at = at, .len = len };
}

int
segment_read(
	const struct segment *g, int64_t at, void *p, size_t n, struct err *e)
{
	assert(at >= 0 && (int64_t)n <= g->len - at);
	if (g->spool)
		return spool_read(g->spool, g->at + at, p, n, e);
	if (n)
		memcpy(p, g->data + at, n);
	return 0;
}

int
segment_load(struct arena *a, const struct segment *g, size_t max,
	struct bytes *out, struct err *e)
{
	uint8_t *p;

	*out = bytes_of(g->data, (size_t)g->len);
	if ((uint64_t)g->len > max)
		return fail(e, FAULT_TOO_LARGE, "%lld bytes are more than %zu",
			(long long)g->len, max);
	if (!g->spool)
		return 0;
	if (g->at >= g->spool->written) {
		out->data = (const uint8_t *)g->spool->tail.data + g->at -
			    g->spool->written;
		return 0;
	}
	p = arena_alloc(a, (size_t)g->len + 1);
	out->data = p;
	return segment_read(g, 0, p, (size_t)g->len, e);
}

struct segments
segments_of(struct arena *a)
{
	return (struct segments){ .a = a };
}

void
segments_add(struct segments *l, struct segment g)
{
	if (g.len == 0)
		return;
	if (l->n == l->cap) {
		struct segment *old = l->item;

		l->cap = l->cap ? 2 * l->cap : 8;
		l->item = arena_array(l->a, l->cap, sizeof(*l->item));
		if (l->n)
			memcpy(l->item, old, l->n * sizeof(*old));
	}
	l->item[l->n++] = g;
	l->len += g.len;
}

void
segments_bytes(struct segments *l, struct bytes b)
{
	segments_add(l, segment_of(b));
}

long
segments_read(const struct segments *l, int64_t at, void *out, size_t n,
	struct err *e)
{
	char *p = out;

	assert(at >= 0);
	for (size_t i = 0; i < l->n && n; i++) {
		const struct segment *g = &l->item[i];
		int64_t left = g->len - at;
		size_t take;

		if (left <= 0) {
			at -= g->len;
			continue;
		}
		take = (int64_t)n < left ? n : (size_t)left;
		if (segment_read(g, at, p, take, e))
			return -1;
		p += take;
		n -= take;
		at = 0;
	}
	return p - (char *)out;
}
