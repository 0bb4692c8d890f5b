/* SPDX-License-Identifier: MIT */
/*
 * Shared by the two files about OCSP: the identifier of a certificate.
 */
#pragma once
#ifndef IN_TRUST
# error "ocsp_int.h is private to trust/"
#endif

#include "ocsp.h"
#include "trust_int.h"

void ocsp_cert_id_put(struct buf *b, enum digest_alg alg, const struct cert *c,
	const struct cert *issuer);
/* Fills alg, hashes, serial; all borrowed from tlv. */
int ocsp_cert_id_read(
	struct bytes tlv, struct ocsp_request *out, struct err *e);
