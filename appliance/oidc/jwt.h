/* SPDX-License-Identifier: MIT */
/*
 * Signed tokens of an OpenID provider: JSON Web Tokens in compact form (RFC
 * 7519, RFC 7515 section 7.1), RS256 or ES256, and the sets of public keys
 * (RFC 7517) they are verified with. What a token says about its algorithm
 * only ever narrows what the key allows: "none" and keyed hashes do not exist
 * here, and a key of the other kind is refused (RFC 8725 sections 2.1, 3.1).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "json_io.h"

struct arena;
struct err;
struct key;

enum {
	JWT_MAX = 16 * 1024,
	JWKS_MAX = 256 * 1024,
	JWKS_KEYS_MAX = 64,
	JWK_ID_MAX = 256,
};

struct jwk {
	const char *kid; /* NULL: it has none */
	const char *alg; /* NULL: any that fits its kind */
	struct key *key; /* the arena's reference */
};
struct jwks {
	const struct jwk *item;
	size_t n;
};

/* The keys that may verify signatures: RSA of 2048 bits and more, P-256.
   Others, and those for other uses, are passed over (RFC 7517 section 5);
   private ones are FAULT_BAD_REQUEST, because they are published to us. */
int jwks_read(
	struct arena *a, struct bytes text, struct jwks *out, struct err *e);

/* A token as it came: nothing of it is true before jwt_verify(). */
struct jwt {
	const char *alg;
	const char *kid; /* or NULL */
	json_t *claims;
	struct bytes input, signature; /* what is signed, and with what */
};
/* FAULT_UNAUTHORIZED with what is wrong: not three parts, another algorithm,
   another type of token, extensions that must be understood (crit). */
int jwt_parse(
	struct arena *a, const char *token, struct jwt *out, struct err *e);

/* 0 when a key of the set signed the token. *unknown (may be NULL) tells that
   none did and the provider may have new ones, under a name of their own, the
   old one's or none. A token without
   kid needs a set with one fitting key (OpenID Connect Core section 10.1).
   FAULT_UNAUTHORIZED. */
int jwt_verify(const struct jwt *t, const struct jwks *keys, struct arena *a,
	bool *unknown, struct err *e);
