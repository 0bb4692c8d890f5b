/* SPDX-License-Identifier: MIT */
/*
 * Management requests as this security server sends them: authCertReg straight
 * to the registration service, the others as X-Road messages of the owner
 * through our own door for information systems, so that they are signed,
 * logged and time-stamped like any other. Rule: xroad-center-admin.md 2.1.
 */
#pragma once

#ifndef IN_SERVER
# error "mgmt_send_int.h is private to appliance/server"
#endif

#include "mgmt.h"
#include "server_int.h"

/* Fills server and signing side of the order, sends it, *id is the center's
   number for it. The center's fault comes back as it was (foreign). */
int management_send(struct server *s, struct arena *a, struct mgmt_order *o,
	int64_t *id, struct err *e);
/* One call at our own door for information systems, as the owner's; path
   without the slash. Fills url, TLS and time limits of the call. */
struct http_call;
struct http_answer;
int own_door_call(struct server *s, struct arena *a, const char *path,
	struct http_call *call, struct http_answer *out, struct err *e);
/* authCertReg; `key_id` is the signer's id of the authentication key. */
int management_send_auth(struct server *s, struct arena *a,
	struct mgmt_order *o, const char *key_id, int64_t *id, struct err *e);
