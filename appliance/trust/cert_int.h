/* SPDX-License-Identifier: MIT */
/*
 * The inside of a certificate, for the reader and the path builder.
 */
#pragma once
#ifndef IN_TRUST
# error "cert_int.h is private to trust/"
#endif

#include <stdatomic.h>

#include "trust_int.h"

enum { SERIAL_MAX = 64 };

struct cert {
	atomic_int refs;
	uint8_t *der;
	size_t len;
	struct bytes tbs, alg_der, signature; /* all point into der */
	struct bytes issuer, subject, serial;
	struct sign_alg alg; /* digest DIGEST_NONE: not supported */
	struct key *key;
	int64_t not_before, not_after;
	int key_usage, ext_usage; /* -1: absent */
	bool ca;
	int path_len; /* -1: none */
	bool unknown_critical;
	unsigned seen;       /* rows of the extension table already met */
	struct bytes key_id; /* subject key identifier */
	struct bytes ocsp_url, dns_name;
	/* of der: certificates are found by them, with every message */
	struct digest sha1, sha256;
};

/* OIDs of the bits of enum ext_usage, one after the other. */
void ext_usage_put(struct buf *b, unsigned usage);
