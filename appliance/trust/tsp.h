/* SPDX-License-Identifier: MIT */
/*
 * Time-stamping (RFC 3161, CMS SignedData of RFC 5652), both ways.
 * Rules: interop/xroad-messages.md 4.3, xroad-center-admin.md 3.5.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "cert.h"
#include "digest.h"

struct arena;
struct err;
struct key;

enum { TSP_SIZE_MAX = 256 * 1024 };

/* TimeStampReq v1 with the imprint only: no nonce, policy, certReq. */
int tsp_request_make(const struct digest *imprint, struct arena *a,
	struct bytes *der, struct err *e);

struct tsp_request {
	struct digest imprint;
	struct bytes nonce; /* INTEGER content or empty */
	bool cert_req;
	const char *policy; /* dotted OID or NULL */
};
/* Borrows nothing. FAULT_UNSUPPORTED_ALGORITHM for the imprint's digest, else
   FAULT_INVALID_MESSAGE; extensions are refused. */
int tsp_request_parse(struct arena *a, struct bytes der,
	struct tsp_request *out, struct err *e);

struct tsp_signer {
	struct cert *cert; /* critical EKU timeStamping */
	struct key *key;
	const char *policy; /* dotted OID of the TSA's own policy */
};
/* Granted TimeStampResp; ESS signingCertificateV2 among signed attributes;
   the certificate is included when certReq. `serial` must be unique. */
int tsp_response_make(const struct tsp_request *r, const struct tsp_signer *s,
	int64_t gen_time, uint64_t serial, struct arena *a, struct bytes *der,
	struct err *e);
/* PKIStatus rejection with a PKIFailureInfo bit and text. */
struct bytes tsp_refusal_make(
	struct arena *a, int failure_bit, const char *text);

/* Takes the token out of a TimeStampResp: FAULT_TSA_NOT_GRANTED with the
   status text otherwise, FAULT_TSA_RESPONSE when malformed. */
int tsp_response_token(struct bytes response, struct arena *a,
	struct bytes *token, struct err *e);

struct tsp_token {
	int64_t gen_time; /* ms */
	struct digest imprint;
	struct bytes serial;
	struct cert *signer; /* borrowed from the policy's list */
};
/*
 * Verifies a token: CMS signature by one of `tsa` (found by signer id),
 * message digest attribute, signing-certificate attribute v1 or v2 matching,
 * imprint equal to `imprint` (NULL: not compared). BER is taken as well; SHA-1
 * signs nothing; validity and usage of the signer's certificate do not count
 * (the global configuration vouches for it). Lives in the arena.
 * FAULT_TSA_CERT, FAULT_TSA_SIGNER, FAULT_TSA_RESPONSE.
 */
int tsp_token_verify(struct bytes token, const struct digest *imprint,
	struct cert_list tsa, struct arena *a, struct tsp_token *out,
	struct err *e);
/* The token re-encoded with `signer` put first into its certificate set
   (unchanged but for BER when it is there already). FAULT_TSA_RESPONSE. */
int tsp_token_with_cert(struct bytes token, const struct cert *signer,
	struct arena *a, struct bytes *out, struct err *e);
