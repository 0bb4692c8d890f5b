/* SPDX-License-Identifier: MIT */
/*
 * What has been proven already, so that the same proof is not computed again:
 * a bounded table of digests over everything the proof depends on, each
 * with the span of time in which the result cannot differ. Only successes are
 * kept, and a key that does not cover every input would be a hole: see
 * memo_key_add().
 */
#pragma once

#ifndef IN_XROAD
# error "memo_int.h is private to appliance/xroad"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "digest.h"

struct hasher;
struct memo; /* thread-safe */

struct memo *memo_new(void);
void memo_free(struct memo **m); /* NULL is fine */

/* A key is begun with the kind of proof; every input goes in with its length
   before it, so that no two lists of inputs give one key. */
struct memo_key {
	struct hasher *hasher;
	struct digest value;
};
void memo_key_begin(struct memo_key *k, const char *kind);
void memo_key_add(struct memo_key *k, struct bytes input);
void memo_key_end(struct memo_key *k);

/* Was it proven for a span that contains `at` (ms)? */
bool memo_has(struct memo *m, const struct memo_key *k, int64_t at);
/* It is proven from `from` to `until`, both included. */
void memo_put(
	struct memo *m, const struct memo_key *k, int64_t from, int64_t until);
