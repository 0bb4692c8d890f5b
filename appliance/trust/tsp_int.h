/* SPDX-License-Identifier: MIT */
/*
 * What reading and writing of time stamps share: object identifiers, sets,
 * and BER made DER.
 */
#pragma once
#ifndef IN_TRUST
# error "tsp_int.h is private to trust/"
#endif

#include "trust_int.h"

#define OID_SIGNED_DATA     "1.2.840.113549.1.7.2"
#define OID_TST_INFO        "1.2.840.113549.1.9.16.1.4"
#define OID_CONTENT_TYPE    "1.2.840.113549.1.9.3"
#define OID_MESSAGE_DIGEST  "1.2.840.113549.1.9.4"
#define OID_SIGNING_CERT    "1.2.840.113549.1.9.16.2.12"
#define OID_SIGNING_CERT_V2 "1.2.840.113549.1.9.16.2.47"

enum {
	TSP_NONCE_MAX = 64, /* bytes; 8 to 20 are usual */
	TSP_ATTRIBUTES_MAX = 32,
	TSP_BER_DEPTH = 32,
};

/*
 * One BER element as DER as far as lengths go: indefinite lengths get definite
 * ones, octet strings in pieces become whole (older BouncyCastle writes both).
 * What has neither is left as it is, byte for byte. Nothing may follow.
 */
int ber_to_der(
	struct arena *a, struct bytes ber, struct bytes *der, struct err *e);
/* Nothing left? FAULT_INVALID_MESSAGE otherwise. */
int der_end(const struct der *d, const char *what, struct err *e);
/* A SET OF as DER wants it: elements sorted. Reorders `item`. */
void der_put_set_of(struct buf *b, int tag, struct bytes *item, size_t n);
/* MessageImprint. FAULT_UNSUPPORTED_ALGORITHM for a digest unknown to us. */
int imprint_read(struct der *d, struct digest *out, struct err *e);
void imprint_put(struct buf *b, const struct digest *imprint);
