/* SPDX-License-Identifier: MIT */
/*
 * Hash chains: Merkle trees over message parts and over signatures, as X-Road
 * writes them. Rule: interop/xroad-messages.md 3.5, 3.6 (limits of 3.6 item 5
 * included: depth 64, no transforms, no duplicate step ids, no cycles).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "digest.h"

struct arena;
struct err;

enum { HASHCHAIN_SIZE_MAX = 4 * 1024 * 1024, HASHCHAIN_DEPTH_MAX = 64 };

/* A named input: "/message.xml", "/attachment1", "/META-INF/signatures.xml".
   Of several parts of one message the first is the message. */
struct hashchain_part {
	const char *uri;
	struct digest digest;
};
struct hashchain_item { /* one message (or signature) */
	const struct hashchain_part *part;
	size_t parts;
};
struct hashchain_out {
	struct bytes result; /* HashChainResult document */
	struct bytes *chain; /* one HashChain document per item */
	struct digest top;
};
/* `name` is "sig-hashchain.xml" or "ts-hashchain.xml". SHA-512. */
int hashchain_build(struct arena *a, const char *name,
	const struct hashchain_item *item, size_t items,
	struct hashchain_out *out, struct err *e);

/* An input to verify with. */
struct hashchain_input {
	const char *uri;
	struct digest digest;
	bool required; /* unused: FAULT_HASHCHAIN_UNUSED_INPUTS */
	bool used;     /* set by the verifier */
};
/*
 * Chain files other than `chain` are not followed: FAULT_INVALID_REFERENCE.
 * lenient (containers): DataRefs without a supplied input count by their own
 * DigestValue, and one that differs from the input is
 * FAULT_INVALID_HASH_CHAIN_REF. Else (live) a DataRef without input is
 * FAULT_INVALID_REFERENCE, and the supplied digest takes its value's place.
 * An input may be given several times with digests by different algorithms.
 */
int hashchain_verify(struct arena *a, struct bytes result, struct bytes chain,
	struct hashchain_input *in, size_t n, bool lenient, struct err *e);
