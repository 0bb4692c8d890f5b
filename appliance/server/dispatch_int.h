/* SPDX-License-Identifier: MIT */
/*
 * A message on its way to the provider's security server: which addresses
 * there are, which one is used, and the connection to it. Rule:
 * interop/xroad-messages.md 2.2, 2.9.
 */
#pragma once

#ifndef IN_SERVER
# error "dispatch_int.h is private to appliance/server"
#endif

#include <stdbool.h>

#include "http_client.h"
#include "server_int.h"

struct dispatch {
	struct server *s;
	const struct globalconf *g;
	const struct client_id *provider;
	const struct server_id *target; /* the server addressed, or NULL */
	/* Filled by the caller: header lines, source, on_head, sink and ctx;
	   url, time-outs, TLS and the judge are ours. The source runs after
	   the peer is proved to host the provider. */
	struct http_call call;
	/* True from the moment the source ran: no other address is tried then,
	   so that nothing is sent twice. */
	const bool *begun;
	/* Set to our certificate that the connection shows, before the source
	   runs; valid until dispatch_send() returns. */
	struct bytes *own;
	/* Set to where it went, or would have gone first; in the arena. May
	   be NULL. */
	const char **address;
};

/* Which of several servers answered first, for a while. Thread-safe. */
struct favourites;
struct favourites *favourites_new(void);
void favourites_free(struct favourites **f);

/* Has this server a certificate of its own? X-Road asks before it reads what
   an information system sends (verifyCanProcess). FAULT_SSL_AUTH. */
int dispatch_ready(struct server *s, struct err *e);

/* Sends to one server of the provider and takes its answer. Faults: those of
   peer_addresses() and http_call(); FAULT_SSL_AUTH without an active
   authentication certificate of our own, or with its token locked. */
int dispatch_send(const struct dispatch *d, struct arena *a, struct err *e);
