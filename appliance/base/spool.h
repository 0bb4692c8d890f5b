/* SPDX-License-Identifier: MIT */
/*
 * Bodies that may be too large for memory. A spool is an append-only store of
 * bytes: small in memory, beyond that in a temporary file that has no name and
 * vanishes with the process. A segment is a run of bytes somewhere, in memory
 * or in a spool; a list of them is a message that nobody holds as a whole.
 * Knows nothing about what the bytes mean.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct err;
struct spool;

enum { SPOOL_MEMORY = 64 * 1024 }; /* beyond, the bytes go to a file */

/* Lives in the arena and takes `max` bytes at most. `folder` (borrowed) holds
   the file, mode 0600; NULL or "": /tmp. Nothing is opened before it is
   needed. Used by one thread at a time. */
struct spool *spool_new(struct arena *a, const char *folder, int64_t max);
/* FAULT_TOO_LARGE; FAULT_LOGGING_FAILED with the system's reason (disk full). What was
   added before stays readable. Fault point: spool.write. */
int spool_add(struct spool *s, const void *p, size_t n, struct err *e);
int64_t spool_len(const struct spool *s);
bool spool_on_disk(const struct spool *s);
/* Exactly n bytes from `at` on; reading beyond the end is our mistake. */
int spool_read(
	const struct spool *s, int64_t at, void *p, size_t n, struct err *e);

/* A run of bytes: in memory when spool is NULL. Borrowed; plain value. */
struct segment {
	const struct spool *spool;
	const uint8_t *data;
	int64_t at, len;
};
struct segment segment_of(struct bytes b);
struct segment segment_in(const struct spool *s, int64_t at, int64_t len);
/* Exactly n bytes from `at` on, counted in the segment. */
int segment_read(
	const struct segment *g, int64_t at, void *p, size_t n, struct err *e);
/* The whole of it in memory: borrowed where it is there, else in the arena.
   FAULT_TOO_LARGE beyond max. */
int segment_load(struct arena *a, const struct segment *g, size_t max,
	struct bytes *out, struct err *e);

/* A list of segments, read as one run of bytes; lives in the arena. */
struct segments {
	struct arena *a;
	struct segment *item;
	size_t n, cap;
	int64_t len; /* of all together */
};
struct segments segments_of(struct arena *a);
void segments_add(struct segments *l, struct segment g);
void segments_bytes(struct segments *l, struct bytes b); /* not copied */
/* At most n bytes from `at` on: how many, 0 at the end, or -1. */
long segments_read(
	const struct segments *l, int64_t at, void *p, size_t n, struct err *e);
