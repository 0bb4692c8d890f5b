/* SPDX-License-Identifier: MIT */
/*
 * Public authorities: the roots of an operating system's CA bundle, for the
 * few servers that are known by name and not by the global configuration.
 * Path checks are the TLS library's (RFC 5280, RFC 6125), at its own clock.
 */
#pragma once

#include "cert.h"

struct err;
struct bundle; /* immutable, thread-safe */

/* PEM file; certificates the library cannot read are left out. FAULT_IO,
   FAULT_CONFIG when none is left. */
int bundle_open(struct bundle **out, const char *path, struct err *e);
/* The first bundle that the system has where systems have one: FAULT_CONFIG
   when there is none. */
int bundle_system(struct bundle **out, struct err *e);
void bundle_close(struct bundle **b); /* NULL is fine */
size_t bundle_size(const struct bundle *b);
/* Does a path lead from chain (leaf first) to one of the roots, and is the
   leaf for `host` (name or IP address; NULL: not asked)? FAULT_SSL_AUTH. */
int bundle_verify(const struct bundle *b, struct cert_list chain,
	const char *host, struct err *e);
