/* SPDX-License-Identifier: MIT */
/*
 * A self-signed TLS identity kept in two files (NAME.key 0600, NAME.crt): for
 * interfaces whose peers pin the certificate or ask a person to accept it.
 * Keys that sign evidence never come here: they live in the signer.
 */
#pragma once

#include "cert.h"
#include "key.h"

struct err;
struct tls;
struct tls_options;

struct identity_plan {
	const char *dir, *name;
	const char *host;   /* DNS name or IP address; "" for localhost */
	enum key_type type; /* of a new key: RSA-2048, or P-256, made at once */
};
/* Loads DIR/NAME.key and DIR/NAME.crt, or makes new ones valid for 20 years.
   Both results are new references. */
int identity_load(const struct identity_plan *plan, struct key **key,
	struct cert **cert, struct err *e);

/* The key with its certificate and what was delivered with it. */
struct identity {
	struct key *key;
	struct cert *chain[CHAIN_MAX]; /* the key's own first */
	size_t n;
};
void identity_done(struct identity *i); /* of zeroes is fine */
/* As identity_load(), with the whole chain. */
int identity_open(
	const struct identity_plan *plan, struct identity *out, struct err *e);
/* A server that shows the identity, as identity_open() has it; `o` says the
   rest, its key and chain do not count. */
int identity_serve(const struct identity_plan *plan,
	const struct tls_options *o, struct tls **out, struct err *e);
/* Puts a new key with a self-signed certificate in their place. A crash leaves
   the old pair or the new one. */
int identity_renew(
	const struct identity_plan *plan, struct identity *out, struct err *e);
/* Another certificate for the same key, leaf first: PEM of one or more, or one
   in DER. FAULT_INVALID_MESSAGE (no certificate), FAULT_KEY_NOT_FOUND (of
   another key), FAULT_CONFLICT (the same as before), FAULT_INVALID_CERT_PATH
   (one did not sign the one before it). */
int identity_replace(const struct identity_plan *plan, struct bytes certs,
	struct identity *out, struct err *e);
