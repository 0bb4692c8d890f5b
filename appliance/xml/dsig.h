/* SPDX-License-Identifier: MIT */
/*
 * XML Signature mechanics without any trust decision: reads ds:Signature,
 * checks the signature value and same-document references. The profile (what
 * must be referenced, whose certificate) is the caller's.
 * Rule: W3C xmldsig-core, narrowed by interop/xroad-messages.md 3.3.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "cert.h"
#include "digest.h"
#include "xml.h"

struct arena;
struct err;

#define NS_DSIG "http://www.w3.org/2000/09/xmldsig#"

/* 30 as in X-Road; same-document ones cost a canonicalisation each. */
enum { DSIG_REFERENCES_MAX = 30, DSIG_INTERNAL_MAX = 4 };

struct dsig_reference {
	const char *uri;       /* never NULL: "#id" or "/name" */
	const char *id, *type; /* or NULL */
	enum c14n how;         /* same-document ones: default or by Transform */
	struct digest digest;
};
struct dsig {
	const struct xml_node *node, *info; /* ds:Signature, ds:SignedInfo */
	const char *id;                     /* or NULL */
	enum c14n how;                      /* of SignedInfo */
	struct sign_alg alg;
	struct dsig_reference ref[DSIG_REFERENCES_MAX];
	size_t refs;
	struct bytes value;           /* decoded SignatureValue */
	struct cert *cert[CHAIN_MAX]; /* KeyInfo's, arena's care */
	size_t certs;
};

/*
 * Reads a signature of the accepted form: known canonicalisation, at most one
 * Transform (a canonicalisation, on same-document references only), no SHA-1,
 * no reference twice. FAULT_MALFORMED_SIGNATURE.
 */
int dsig_read(struct arena *a, const struct xml_node *signature,
	struct dsig *out, struct err *e);
/* The digest of an element as the reference wants it. 0, or
   FAULT_INVALID_SIGNATURE_VALUE when it differs. */
int dsig_check_node(const struct dsig_reference *r, const struct xml_node *n,
	struct err *e);
/* The reference's digest equals this one (same algorithm). */
int dsig_check_digest(
	const struct dsig_reference *r, const struct digest *d, struct err *e);
/* Resolves and checks every same-document reference. */
int dsig_check_internal(const struct dsig *d, struct err *e);
/* SignatureValue over the canonical SignedInfo by this certificate's key.
   FAULT_INVALID_SIGNATURE_VALUE. */
int dsig_check_value(const struct dsig *d, const struct cert *c, struct err *e);
/* DigestMethod and DigestValue below n; FAULT_MALFORMED_SIGNATURE. */
int dsig_read_digest(struct arena *a, const struct xml_node *n,
	struct digest *out, struct err *e);
/* base64 text of an element; FAULT_MALFORMED_SIGNATURE naming `what`. */
int dsig_read_base64(struct arena *a, const struct xml_node *n,
	const char *what, struct bytes *out, struct err *e);
