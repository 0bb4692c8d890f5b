/* SPDX-License-Identifier: MIT */
/*
 * TCP connections: of several places the one that answers first.
 */
#pragma once
#ifndef IN_HTTP
# error "dial_int.h is private to http/"
#endif

#include "http_client.h"

/* Connects to every address of every place at once and keeps the connection
   that stands first; the others are closed before anything is sent on them.
   The timeout counts from the last name that was looked up. *fd is the
   caller's, not blocking. FAULT_UNKNOWN_HOST when no name is known,
   FAULT_NETWORK. */
int dial(const struct http_place *place, size_t n, int timeout_ms,
	size_t *winner, int *fd, struct err *e);
