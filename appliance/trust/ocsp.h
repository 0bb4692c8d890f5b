/* SPDX-License-Identifier: MIT */
/*
 * OCSP (RFC 6960), both ways, as X-Road uses it: one CertID with SHA-1, no
 * nonce. Rules: interop/xroad-messages.md 3.8, xroad-center-admin.md 3.4.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "cert.h"

struct arena;
struct err;
struct key;

enum { OCSP_SIZE_MAX = 64 * 1024 };
enum ocsp_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };

/* DER OCSPRequest for a certificate of `issuer`. */
int ocsp_request_make(const struct cert *c, const struct cert *issuer,
	struct arena *a, struct bytes *der, struct err *e);

/* A parsed request: the first CertID; raw CertID echoed in the answer. */
struct ocsp_request {
	struct bytes cert_id; /* DER, borrowed from the input copy */
	enum digest_alg alg;
	struct bytes issuer_name_hash, issuer_key_hash;
	struct bytes serial;
	struct bytes nonce; /* empty if none; echoed (OpenSSL clients) */
};
int ocsp_request_parse(struct arena *a, struct bytes der,
	struct ocsp_request *out, struct err *e);
/* Does the request ask about a certificate of this issuer? */
bool ocsp_request_for(const struct ocsp_request *r, const struct cert *issuer);

struct ocsp_answer {
	enum ocsp_status status;
	int64_t this_update, next_update; /* ms; next 0: absent */
	int64_t revoked_at;               /* ms, with OCSP_REVOKED */
};
/* Signed basic response, responder's certificate embedded. */
int ocsp_response_make(const struct ocsp_request *r,
	const struct ocsp_answer *answer, const struct cert *responder,
	struct key *responder_key, struct arena *a, struct bytes *der,
	struct err *e);
/* unauthorized (6), malformedRequest (1), internalError (2), tryLater (3). */
struct bytes ocsp_error_make(struct arena *a, int status);

struct ocsp_policy {
	int64_t at;          /* ms: the moment in question */
	int64_t freshness_s; /* ocspFreshnessSeconds */
	bool verify_next_update;
	/* responders the global configuration lists for this CA, and every CA
	   certificate: where a signer may be found */
	struct cert_list listed;
	struct cert_list cas;
};
/*
 * 0 when the response proves `c` (issued by `issuer`) good. Only the first
 * SingleResponse counts. FAULT_INCORRECT_VALIDATION_INFO with the reason
 * (not this certificate, stale, revoked, not authorised ...),
 * FAULT_CERT_VALIDATION when it says revoked or unknown.
 */
int ocsp_verify(struct bytes response, const struct cert *c,
	const struct cert *issuer, const struct ocsp_policy *p, struct err *e);
/* Reads what it says without trusting it (cache time, reports). */
int ocsp_peek(struct bytes response, struct ocsp_answer *out,
	int64_t *produced_at, struct err *e);
/* Serial of the first SingleResponse: to match a response to a certificate. */
bool ocsp_is_about(
	struct bytes response, const struct cert *c, const struct cert *issuer);
