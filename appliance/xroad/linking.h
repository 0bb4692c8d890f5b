/* SPDX-License-Identifier: MIT */
/*
 * The linking information of message-log archives: every container of an
 * archive and every archive of a group is chained to the one before, so that
 * nothing can be taken out, put in or changed unnoticed.
 * Rule: interop/xroad-messages.md 4.6. Bytes in, bytes out.
 */
#pragma once

#include <stddef.h>

#include "asic.h"
#include "buf.h"
#include "digest.h"

struct arena;
struct err;

/* Name of the entry that holds it: the last one of an archive. */
#define LINKING_NAME "linkinginfo"

enum {
	LINKING_SIZE_MAX = 64 * 1024 * 1024,
	LINKING_HEX_MAX = 2 * DIGEST_MAX,
	LINKING_NAME_MAX = 1024, /* bytes of a file name in it */
};

struct linking {
	const char *previous;      /* lower-case hex; "" in the first archive */
	const char *previous_file; /* "" in the first archive */
	enum digest_alg alg;
	const struct linking_entry {
		const char *digest; /* lower-case hex */
		const char *name;
	} * entry;
	size_t n; /* at least 1 */
};

/* The digest that stands for a container: over the hex text of the one before
   ("" for the very first) followed by the hex text of the container's own.
   `previous` and `out` may be the same. */
void linking_next(enum digest_alg alg, const char *previous,
	struct bytes container, char out[LINKING_HEX_MAX + 1]);

/* Writing: the head once ("" and "" for the first archive of a group), then a
   line per container. Names have no space, CR or LF (assert). */
void linking_head(struct buf *out, const char *previous,
	const char *previous_file, enum digest_alg alg);
void linking_line(struct buf *out, const char *digest, const char *name);

/* FAULT_INVALID_MESSAGE with the line number and what is wrong in it;
   FAULT_TOO_LARGE; FAULT_UNSUPPORTED_ALGORITHM. */
int linking_read(
	struct arena *a, struct bytes text, struct linking *out, struct err *e);

/* Every container has its line, every line its container, and the digests lead
   from one to the next. FAULT_INVALID_REFERENCE: a container without a line or
   a line without a container; FAULT_INVALID_HASH_CHAIN: a digest is not what
   the container gives; both name it. */
int linking_verify(struct arena *a, const struct linking *l,
	const struct zip_entry *container, size_t n, struct err *e);

/* The digest that the next archive names as its previous one. */
const char *linking_last(const struct linking *l);
