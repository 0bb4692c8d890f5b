/* SPDX-License-Identifier: MIT */
/*
 * TLS policies and connections, server and client, with client certificates.
 * The HTTP server runs its connections through tls_conn; the HTTP client
 * library gets the same policy through tls_client_apply(). Policies:
 * interop/xroad-messages.md 1.8 (information systems), 2.1 (security servers),
 * xroad-center-admin.md 2.1 (center). Contexts are immutable and thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cert.h"

struct err;
struct key;
struct tls;
struct tls_conn;

enum tls_policy {
	TLS_PEER,    /* 5500: TLS 1.2; CBC suites of X-Road first, then GCM */
	TLS_WEB,     /* 4000, 8443, 4001: TLS 1.2 and 1.3, AEAD only */
	TLS_SERVICE, /* towards services: as TLS_WEB plus ECDHE/DHE CBC */
};
enum tls_client_auth { TLS_AUTH_NONE, TLS_AUTH_OPTIONAL, TLS_AUTH_REQUIRED };

/*
 * Judges the peer during the handshake; chain leaf first as sent. Return 0 to
 * go on; -1 with e set aborts the handshake. The default (NULL) accepts any
 * certificate: the handler looks at tls_peer() then.
 */
typedef int tls_judge_fn(void *ctx, struct cert_list chain, struct err *e);

struct tls_options {
	enum tls_policy policy;
	enum tls_client_auth client_auth; /* servers */
	struct key *key; /* own key; referenced; may be remote for TLS_PEER */
	struct cert_list
		chain; /* own certificate and intermediates; referenced */
	struct cert_list ca_names; /* certificate_authorities; may be empty */
	tls_judge_fn *judge;
	void *judge_ctx;
	int handshake_timeout_ms; /* 0: 30000 */
};
int tls_server_new(
	struct tls **out, const struct tls_options *o, struct err *e);
int tls_client_new(
	struct tls **out, const struct tls_options *o, struct err *e);
struct tls *tls_ref(struct tls *t);
void tls_unref(struct tls **t);
/* DER of its own certificate, borrowed; empty when it has none. */
struct bytes tls_own(const struct tls *t);

/* ---- connections over a connected socket (server side) ---- */
int tls_accept(struct tls_conn **out, struct tls *t, int fd, struct err *e);
/* >0 bytes, 0 closed by peer, -1 error or time-out: then tls_alive() tells. */
int tls_read(struct tls_conn *c, void *p, size_t n, int timeout_ms);
int tls_write(struct tls_conn *c, const void *p, size_t n, int timeout_ms);
bool tls_pending(const struct tls_conn *c);
/* It has not failed: after a time-out one can go on. */
bool tls_alive(const struct tls_conn *c);
void tls_close(struct tls_conn **c); /* close_notify, frees; not the fd */
/* Peer's certificates, leaf first; n = 0 when none. Valid while c lives. */
struct cert_list tls_peer(const struct tls_conn *c);
const char *tls_version(const struct tls_conn *c);
/* Client side over a socket, for tests and the authentication service. */
int tls_connect(struct tls_conn **out, struct tls *t, int fd,
	const char *server_name, struct err *e);

/*
 * Applies a client context to the HTTP client library's own TLS
 * configuration (an mbedtls_ssl_config *). The judge's error text is kept per
 * call in *slot so that the caller can report it. slot outlives the handshake.
 */
struct tls_slot {
	struct tls *tls;
	struct err *e;       /* the judge's verdict; may be NULL */
	tls_judge_fn *judge; /* instead of the context's, unless NULL */
	void *judge_ctx;
	struct cert *peer[CHAIN_MAX]; /* references, drop with tls_slot_done */
	size_t peers;
};
int tls_client_apply(void *ssl_config, struct tls_slot *slot);
/* That library reads its highest version before it lets us apply: tell it
   beforehand. True: TLS 1.2 only. */
bool tls_only_12(const struct tls *t);
void tls_slot_done(struct tls_slot *slot);
