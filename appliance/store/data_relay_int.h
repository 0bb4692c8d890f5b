/* SPDX-License-Identifier: MIT */
/*
 * TLS for libpq, which has none in this program: libpq connects to a Unix
 * socket in a private directory, the relay connects to the server, asks for
 * TLS (PostgreSQL's SSLRequest), verifies who answers, and passes bytes on.
 * Connections that cancel go the same way.
 */
#pragma once

#ifndef IN_STORE
# error "data_relay_int.h is private to appliance/store"
#endif

#include "datasource.h"

struct relay;

/* config: host, tls, ca_file, connect_ms; borrowed. FAULT_CONFIG when there
   are no authorities to verify with. */
int relay_open(struct relay **out, const struct datasource_config *config,
	int port, struct err *e);
/* Cuts what goes on. NULL is fine. */
void relay_close(struct relay **r);
/* The directory of the socket, which is named for the port. */
const char *relay_dir(const struct relay *r);
/* If the last connection failed here: why, instead of what e holds. */
void relay_failure(struct relay *r, struct err *e);
