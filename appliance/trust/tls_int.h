/* SPDX-License-Identifier: MIT */
/*
 * The inside of a TLS context, shared by its making and its connections.
 */
#pragma once
#ifndef IN_TRUST
# error "tls_int.h is private to trust/"
#endif

#include <stdatomic.h>

#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/x509_crt.h>

#include "tls.h"
#include "trust_int.h"

struct tls {
	atomic_int refs;
	bool server;
	enum tls_policy policy;
	enum tls_client_auth client_auth;
	int handshake_timeout_ms;
	tls_judge_fn *judge;
	void *judge_ctx;
	struct key *key;        /* NULL: none */
	mbedtls_pk_context *pk; /* the key, borrowed */
	mbedtls_x509_crt own;   /* own chain; version 0 when empty */
	mbedtls_x509_crt ca_names;
	mbedtls_x509_crt nobody; /* an anchor that no certificate has */
	mbedtls_ssl_ticket_context tickets;
	mbedtls_ssl_config conf;
};

/* What the library's verify callback fills in at the leaf, once. */
struct tls_peer_seen {
	tls_judge_fn *judge;
	void *judge_ctx;
	struct err *e;
	struct cert *peer[CHAIN_MAX];
	size_t peers;
};
/* Parses the chain as sent, asks the judge. 0 or a fatal library error. */
int tls_judge_peer(struct tls_peer_seen *seen, const mbedtls_x509_crt *chain);
/* Puts suites, versions, identity and client policy into a configuration. */
void tls_policy_apply(struct tls *t, mbedtls_ssl_config *conf);
/* Takes what the library would check by its own rules out of a certificate. */
void tls_lift_usage(mbedtls_x509_crt *crt);
