/* SPDX-License-Identifier: MIT */
/*
 * Keys: public keys that verify, private keys that sign. A private key is
 * either local (tests, TLS key of an internal interface) or remote: held by
 * the signer process and used through a callback. Users cannot tell.
 * Keys are immutable, reference counted and thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "digest.h"

struct arena;
struct err;
struct key;

enum key_type { KEY_RSA, KEY_EC };
enum { SIGNATURE_MAX = 1024 };

/* New local key. bits for RSA (2048..8192); EC is always P-256. */
int key_generate(
	struct key **out, enum key_type type, unsigned bits, struct err *e);
/* "RSA" or "EC", as parameters say it; FAULT_UNSUPPORTED_ALGORITHM. */
int key_type_parse(const char *word, enum key_type *out, struct err *e);
const char *key_type_word(enum key_type t);
/* PKCS#8/PKCS#1/SEC1 private key, DER or PEM; password may be NULL. */
int key_parse_private(struct key **out, struct bytes data, const char *password,
	struct err *e);
/* SubjectPublicKeyInfo, DER or PEM. */
int key_parse_public(struct key **out, struct bytes data, struct err *e);

/* Signs a digest; `der` ECDSA or raw RSA into out, *len set. */
typedef int key_sign_fn(void *ctx, struct sign_alg alg,
	const struct digest *digest, uint8_t out[SIGNATURE_MAX], size_t *len,
	struct err *e);
/* A private key elsewhere: public half here, signing through fn. free_ctx
   (may be NULL) runs when the last reference goes. */
int key_new_remote(struct key **out, struct bytes spki, key_sign_fn *fn,
	void *ctx, void (*free_ctx)(void *), struct err *e);

struct key *key_ref(struct key *k);
void key_unref(struct key **k); /* NULL is fine */

enum key_type key_type(const struct key *k);
unsigned key_bits(const struct key *k);
bool key_can_sign(const struct key *k);
bool key_same_public(const struct key *a, const struct key *b);
/* DER SubjectPublicKeyInfo in the arena. */
struct bytes key_spki(const struct key *k, struct arena *a);
/* The BIT STRING content of the SPKI: what OCSP hashes with SHA-1. */
struct bytes key_bits_string(const struct key *k, struct arena *a);
/* Local private key as PKCS#8 DER (fails for remote and public ones). The
   arena should be a secret one. */
int key_private_der(
	const struct key *k, struct arena *a, struct bytes *out, struct err *e);

/* The scheme a key signs with by default: RSA PKCS#1 v1.5 or ECDSA. */
struct sign_alg key_default_alg(const struct key *k, enum digest_alg d);

/* Signs a digest already computed. ECDSA gives ASN.1 DER. */
int key_sign_digest(struct key *k, struct sign_alg alg,
	const struct digest *digest, struct arena *a, struct bytes *out,
	struct err *e);
/* Digests data, then signs. */
int key_sign(struct key *k, struct sign_alg alg, struct bytes data,
	struct arena *a, struct bytes *out, struct err *e);
/* 0 when the signature is good, else FAULT_INVALID_SIGNATURE_VALUE. ECDSA
   expects DER. The key type must fit the scheme. */
int key_verify_digest(const struct key *k, struct sign_alg alg,
	const struct digest *digest, struct bytes sig, struct err *e);
int key_verify(const struct key *k, struct sign_alg alg, struct bytes data,
	struct bytes sig, struct err *e);

/* ECDSA forms: XML Signature uses r||s, X.509 and TLS use DER. */
int ecdsa_der_from_raw(
	struct arena *a, struct bytes raw, struct bytes *der, struct err *e);
int ecdsa_raw_from_der(struct arena *a, struct bytes der, size_t field,
	struct bytes *raw, struct err *e);
