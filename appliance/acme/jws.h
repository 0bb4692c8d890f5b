/* SPDX-License-Identifier: MIT */
/*
 * JSON Web Signatures as ACME uses them (RFC 7515, RFC 8555 section 6): the
 * flattened form over a key of ours, RS256 or ES256, and the external account
 * binding, HS256.
 */
#pragma once

#include "buf.h"
#include "json_io.h"

struct arena;
struct err;
struct key;

/* Without padding (RFC 4648 section 5). */
char *base64url_encode(struct arena *a, const void *p, size_t n);
/* Either alphabet, padded or not. FAULT_BAD_REQUEST. */
int base64url_decode(
	struct arena *a, const char *s, struct bytes *out, struct err *e);

/* The public key (RFC 7517), members in the order of RFC 7638. A reference. */
int jwk_make(struct arena *a, const struct key *k, json_t **out, struct err *e);
/* base64url of its SHA-256 thumbprint (RFC 7638). */
int jwk_thumbprint(
	struct arena *a, const struct key *k, char **out, struct err *e);

struct jws_head {
	const char *url;
	const char *nonce; /* NULL: none */
	const char *kid;   /* the account; NULL: the key itself */
};
/* Signs the text; empty means POST-as-GET. The document is the caller's. */
int jws_sign(struct arena *a, struct key *k, const struct jws_head *h,
	struct bytes payload, json_t **out, struct err *e);
/* The account's key under an external account's MAC key (RFC 8555 7.3.4). */
int jws_bind(struct arena *a, const struct key *account,
	const struct jws_head *h, struct bytes mac_key, json_t **out,
	struct err *e);
