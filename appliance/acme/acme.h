/* SPDX-License-Identifier: MIT */
/*
 * An ACME client (RFC 8555): certificates from an authority that proves over
 * HTTP that the name asked for is ours. http-01 only, as X-Road (7.5 and
 * later; interop/xroad-center-admin.md 3.6). One session serves one thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct bundle;
struct err;
struct http_client;
struct key;
struct tls;
struct acme;

struct acme_options {
	const char *directory; /* URL; http is taken too: labs use it */
	struct http_client *http;
	struct tls *tls;            /* NULL: https is refused */
	const struct bundle *roots; /* NULL: any certificate is taken */
	const char *profile; /* certificate profile's id, or NULL; it travels in
				User-Agent with the CSR */
	int connect_timeout_ms, read_timeout_ms;
};
/* Reads the directory; the options are borrowed until acme_close(). Faults of
   this file: FAULT_ACME_*, by the step that failed. */
int acme_open(struct acme **out, const struct acme_options *o, struct err *e);
void acme_close(struct acme **a); /* NULL is fine */
/* The authority wants an account that it made out beforehand. */
bool acme_needs_binding(const struct acme *a);

struct acme_account {
	const char *contact;  /* mail address or NULL */
	const char *kid;      /* external account; NULL: none */
	struct bytes mac_key; /* of the external account */
};
/* Finds the account of this key or opens one, agreeing to the terms. The key
   is referenced. */
int acme_login(struct acme *a, struct key *key, const struct acme_account *who,
	struct err *e);
/* Does the server know an account of this key? 0 only when it says so. */
int acme_has_account(struct acme *a, struct key *key, bool *yes, struct err *e);
/* The account has this key from now on (7.3.5). */
int acme_change_key(struct acme *a, struct key *fresh, struct err *e);

struct acme_order {
	const char *name;  /* DNS name or IP address to be proved */
	struct bytes csr;  /* DER */
	int64_t not_after; /* ms; 0: as the authority likes */
	/* Shows `text` at /.well-known/acme-challenge/<token> of the name. The
	   token has letters, digits, '-' and '_' only. */
	int (*publish)(
		void *ctx, const char *token, const char *text, struct err *e);
	void (*withdraw)(void *ctx, const char *token);
	/* -1 gives up. */
	int (*wait)(void *ctx, int64_t ms, struct err *e);
	void *ctx;
	int authorization_tries, certificate_tries;
	int64_t authorization_wait_ms, certificate_wait_ms;
};
/* The certificate and its authorities as PEM, in the arena. */
int acme_fetch(struct acme *a, const struct acme_order *o, struct arena *to,
	struct bytes *pem, struct err *e);
