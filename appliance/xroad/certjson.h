/* SPDX-License-Identifier: MIT */
/*
 * A certificate as X-Road's administration interfaces show it, of the security
 * server and of the center alike (CertificateDetails).
 */
#pragma once

#include "json_io.h"

struct arena;
struct cert;

/* A new object. The hash is SHA-256 in lower-case hex. */
json_t *cert_details_json(struct arena *a, const struct cert *c);
