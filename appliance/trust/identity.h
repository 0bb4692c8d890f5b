/* SPDX-License-Identifier: MIT */
/*
 * A self-signed TLS identity kept in two files (NAME.key 0600, NAME.crt): for
 * interfaces whose peers pin the certificate or ask a person to accept it.
 * Keys that sign evidence never come here: they live in the signer.
 */
#pragma once

struct cert;
struct err;
struct key;

/* Loads DIR/NAME.key and DIR/NAME.crt, or makes RSA-2048 ones for `host` (DNS
   name or IP address), valid for 20 years. Both results are new references. */
int identity_load(const char *dir, const char *name, const char *host,
	struct key **key, struct cert **cert, struct err *e);
