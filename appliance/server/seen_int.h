/* SPDX-License-Identifier: MIT */
/*
 * What the monitor learns of an exchange, on both sides: who, what, when, how
 * large, and why it failed. Rule: interop/xroad-messages.md 6.1.
 */
#pragma once

#ifndef IN_SERVER
# error "seen_int.h is private to appliance/server"
#endif

#include "monitor.h"

struct err;
struct incoming;
struct outgoing;
struct rest_request;
struct soap;

/* The message was read. Borrowed until the end. */
void seen_soap(struct monitor_exchange *x, const struct soap *m);
void seen_rest(struct monitor_exchange *x, const struct rest_request *q);
/* A moment of it is now; only its first one counts. */
void seen_now(struct monitor_exchange *x, enum monitor_number moment);
/* The exchange is over, fault NULL: without failure. Hands it to the monitor,
   if there is one. */
void seen_outgoing(struct outgoing *o, const struct err *fault);
void seen_incoming(struct incoming *in, const struct err *fault);
