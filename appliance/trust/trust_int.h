/* SPDX-License-Identifier: MIT */
/*
 * What the files of trust/ share among themselves: algorithm identifiers,
 * X.501 names, object identifiers, random numbers for the TLS library.
 */
#pragma once
#ifndef IN_TRUST
# error "trust_int.h is private to trust/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mbedtls/md.h>
#include <mbedtls/pk.h>

#include "buf.h"
#include "cert.h"
#include "der.h"
#include "digest.h"
#include "key.h"

/* ---- the TLS library ---- */
/* Its random number callback, fed by the kernel. ctx is not used. */
int trust_rng(void *ctx, unsigned char *out, size_t n);
/* Starts the library's crypto core once per process. */
void trust_start(void);
/* A library error as text, into out. */
const char *trust_error(int code, char *out, size_t max);
/* The key as the TLS library wants it; borrowed while k lives. Remote keys:
   RSA only (FAULT_UNSUPPORTED_ALGORITHM). */
int key_tls(struct key *k, mbedtls_pk_context **out, struct err *e);

mbedtls_md_type_t digest_md(enum digest_alg alg);

/* ---- algorithm identifiers (alg.c) ---- */
enum { OID_TEXT_MAX = 128 };
/* Reads an OID as dotted text. */
int oid_read(struct der *d, char out[OID_TEXT_MAX], struct err *e);
/* Reads and forgets an OID; true in *same if it is `dotted`. */
int oid_match(struct der *d, const char *dotted, bool *same, struct err *e);
/* DIGEST_NONE for an unknown algorithm: not an error here. */
int digest_alg_read(struct der *d, enum digest_alg *out, struct err *e);
void digest_alg_put(struct buf *b, enum digest_alg alg);
/* A signature algorithm we do not know gives digest DIGEST_NONE. */
int sign_alg_read(struct der *d, struct sign_alg *out, struct err *e);
/* Also rsaEncryption and id-ecPublicKey, which CMS allows in SignerInfo
   together with a digest algorithm given elsewhere. */
int sign_alg_read_cms(struct der *d, enum digest_alg digest,
	struct sign_alg *out, struct err *e);
void sign_alg_put(struct buf *b, struct sign_alg alg);

/* ---- X.501 names (name.c) ---- */
/* Well-formed? To be asked once, when a name comes in. */
int name_check(struct bytes der, struct err *e);
/* Equal as RFC 5280 7.1 compares: case and runs of spaces do not count. */
bool name_equal(struct bytes a, struct bytes b);
/* RFC 2253 as Java's X500Principal.getName() prints it. */
char *name_text(struct arena *a, struct bytes der);
/* Value of the first attribute with this OID, UTF-8, or NULL. */
char *name_get(struct arena *a, struct bytes der, const char *oid);
/* FAULT_BAD_REQUEST for an unknown short name or malformed value. */
int name_put(struct buf *b, const struct rdn *rdn, size_t n, struct err *e);

/* Is there such an attribute (name_put)? */
bool name_word(const char *word);

/* ---- certificates ---- */
/* The next PEM block of *text, which moves behind it: 1, 0 when there is none,
   -1. Label NULL takes any. */
int pem_next(struct arena *a, const char *label, struct bytes *text,
	struct bytes *der, struct err *e);
/* The serial number's INTEGER content exactly as encoded. */
struct bytes cert_serial_raw(const struct cert *c);
/* Content of a KeyUsage value: bits as enum key_usage. */
int key_usage_read(struct der *d, unsigned *out, struct err *e);
void key_usage_put(struct buf *b, unsigned usage);
/* Extension { oid, critical, OCTET STRING of value }. */
void extension_put(
	struct buf *b, const char *oid, bool critical, const struct buf *value);
void alt_name_put(struct buf *b, const char *dns, const char *ip);
/* SHA-1 of the public key bits: key identifiers and OCSP. */
void key_sha1(const struct key *k, struct digest *out);

/* tbs plus algorithm plus BIT STRING, in one SEQUENCE: certificates, PKCS#10
   and BasicOCSPResponse (which has `certs` after the signature, else NULL). */
int signed_put(struct buf *out, const struct buf *tbs, struct key *key,
	const struct buf *certs, struct err *e);
/* The digest a key of this size signs with. */
struct sign_alg key_cert_alg(const struct key *k);

/* Content to sign or hash grows in buffers of this limit. */
enum { DER_BUF_MAX = 512 * 1024 };
