/* SPDX-License-Identifier: MIT */
/*
 * What building and verifying hash chains share: the DER list that a step's
 * digest is computed over (interop/xroad-messages.md 3.5).
 */
#pragma once
#ifndef IN_XROAD
# error "hashchain_int.h is private to appliance/xroad"
#endif

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "digest.h"

struct buf;

#define NS_HASHCHAIN "http://cyber.ee/hashchain"

enum {
	HASHCHAIN_STEPS_MAX = 256,
	DIGEST_LIST_MAX = 8 * 1024 * 1024, /* bytes of one step's list */
};

struct arena;
struct bytes;
struct hashchain_input;
/* Whether both documents have the usual form and are good; false says nothing.
   Sets `used` of the inputs. */
bool hashchain_quick(struct arena *a, struct bytes result, struct bytes chain,
	struct hashchain_input *in, size_t n);

/* As hashchain_verify(), of any form. */
struct err;
int hashchain_any(struct arena *a, struct bytes result, struct bytes chain,
	struct hashchain_input *in, size_t n, bool lenient, struct err *e);

/* Appends one SingleDigest: value, algorithm URI, no transforms. */
void digest_list_add(struct buf *list, const struct digest *d);
/* H(SEQUENCE OF SingleDigest) of what was appended. */
void digest_list_hash(
	const struct buf *list, enum digest_alg alg, struct digest *out);
