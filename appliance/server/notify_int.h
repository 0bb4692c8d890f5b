/* SPDX-License-Identifier: MIT */
/*
 * Telling operators by mail: letters are queued, a job delivers them. Nobody
 * waits for a mail server, and nothing fails because of one.
 */
#pragma once

#ifndef IN_SERVER
# error "notify_int.h is private to appliance/server"
#endif

#include "server_int.h"
#include "wording.h"

struct outbox;
struct outbox *outbox_new(void);
void outbox_free(struct outbox **o); /* NULL is fine; drops what waits */

/* "INST/CLASS/CODE/SERVER" of this server, "" before initialisation. */
const char *notify_self(struct server *s, struct arena *a);
/* To the contact of `who` (INST:CLASS:CODE), if there is one; arg[0] is filled
   with notify_self(). `switched` is the parameter that permits it. */
void notify(struct server *s, int switched, const char *who, enum wording id,
	const char *const arg[WORDING_ARGS]);
/* Delivers what waits; the mail job. */
int64_t notify_deliver(void *server);
