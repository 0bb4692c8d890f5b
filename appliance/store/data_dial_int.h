/* SPDX-License-Identifier: MIT */
/*
 * A TCP connection with an end to the waiting.
 */
#pragma once

#ifndef IN_STORE
# error "data_dial_int.h is private to appliance/store"
#endif

#include <stdbool.h>

struct err;

/* host: a name or an address; all its addresses are tried in turn.
   FAULT_UNKNOWN_HOST, FAULT_NETWORK. */
int data_dial(
	int *fd, const char *host, int port, int timeout_ms, struct err *e);
/* No IPv4 or IPv6 address. */
bool data_dial_is_name(const char *host);
