/* SPDX-License-Identifier: MIT */
/*
 * Digests and the names standards give to algorithms: XML Signature URIs,
 * JCA names (X-Road's x-hash-algorithm, signature-algorithm-id), OIDs.
 * Rule: interop/xroad-messages.md 3.4, xroad-center-admin.md 1.4 and 2.3.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct err;

enum digest_alg {
	DIGEST_NONE,
	DIGEST_SHA1,
	DIGEST_SHA224,
	DIGEST_SHA256,
	DIGEST_SHA384,
	DIGEST_SHA512,
};
enum { DIGEST_MAX = 64 };

/* A digest value with its algorithm; plain value. */
struct digest {
	enum digest_alg alg;
	size_t len;
	uint8_t value[DIGEST_MAX];
};

void digest_of(
	enum digest_alg alg, const void *p, size_t n, struct digest *out);
bool digest_equal(const struct digest *a, const struct digest *b);
size_t digest_size(enum digest_alg alg);

/* HMAC (RFC 2104). */
void digest_mac(enum digest_alg alg, struct bytes key, struct bytes data,
	struct digest *out);

/* Incremental form. */
struct hasher;
struct hasher *hasher_new(enum digest_alg alg);
void hasher_add(struct hasher *h, const void *p, size_t n);
void hasher_done(struct hasher **h, struct digest *out); /* frees */
void hasher_free(struct hasher **h); /* without a result; NULL is fine */

/* Names. by_* return DIGEST_NONE when unknown; names compare without case. */
const char *digest_uri(enum digest_alg alg);
const char *digest_jca(enum digest_alg alg); /* "SHA-512" */
enum digest_alg digest_by_uri(const char *uri);
enum digest_alg digest_by_jca(const char *name);

enum sign_scheme { SIGN_RSA_PKCS1, SIGN_RSA_PSS, SIGN_ECDSA };
struct sign_alg {
	enum sign_scheme scheme;
	enum digest_alg digest;
};
/* 0 or -1 with FAULT_UNSUPPORTED_ALGORITHM. SHA-1 is parsed (old evidence);
   the caller decides whether it may be trusted. */
int sign_alg_by_uri(const char *uri, struct sign_alg *out, struct err *e);
int sign_alg_by_jca(const char *name, struct sign_alg *out, struct err *e);
const char *sign_alg_uri(struct sign_alg a);
const char *sign_alg_jca(struct sign_alg a); /* "SHA512withRSA" */
