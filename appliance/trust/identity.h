/* SPDX-License-Identifier: MIT */
/*
 * A self-signed TLS identity kept in two files (NAME.key 0600, NAME.crt): for
 * interfaces whose peers pin the certificate or ask a person to accept it.
 * Keys that sign evidence never come here: they live in the signer.
 */
#pragma once

#include "key.h"

struct cert;
struct err;

struct identity_plan {
	const char *dir, *name;
	const char *host;   /* DNS name or IP address; "" for localhost */
	enum key_type type; /* of a new key: RSA-2048, or P-256, made at once */
};
/* Loads DIR/NAME.key and DIR/NAME.crt, or makes new ones valid for 20 years.
   Both results are new references. */
int identity_load(const struct identity_plan *plan, struct key **key,
	struct cert **cert, struct err *e);
