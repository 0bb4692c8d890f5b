/* SPDX-License-Identifier: MIT */
/*
 * What the OCSP parts of the security server share: names of responses, the
 * fetching round, the responder's route.
 */
#pragma once

#ifndef IN_SERVER
# error "ocspstore_int.h is private to appliance/server"
#endif

#include "err.h"
#include "http_server.h"
#include "server_int.h"

enum { SHA1_HEX = 40, SHA256_HEX = 64 };

/* Lower-case hex of the certificate's SHA-1: the response's name. */
void cert_sha1_hex(const struct cert *c, char out[SHA1_HEX + 1]);

/* Changes whenever one of our own responses does. */
int64_t ocspstore_generation(struct ocspstore *s);
/* What a peer gave about its own certificate: kept in memory, looked at only
   when there is nothing of ours, verified by whoever uses it. */
int ocspstore_put_peer(struct ocspstore *s, const struct cert *c,
	struct bytes der, struct err *e);

/* What an OCSP responder of the network did last, since the start: `error` is
   unset when its answer was genuine (be it that the certificate is revoked). */
enum { RESPONDERS_MAX = 16, RESPONDER_URL_MAX = 512 };
struct ocsp_responder {
	char url[RESPONDER_URL_MAX];
	int64_t last_try; /* ms; 0 never */
	struct err error;
};
void ocspstore_note(
	struct ocspstore *s, const char *url, const struct err *why);
void ocspstore_responder(
	struct ocspstore *s, const char *url, struct ocsp_responder *out);

/* ---- responder.c ---- */
extern const struct route responder_routes[]; /* state: struct ocspstore */
int responder_start(struct server *s, struct err *e);
/* Error replies are plain text with status 500 (messages 2.3). */
void responder_error(struct request *r, const struct err *fault, void *state);
