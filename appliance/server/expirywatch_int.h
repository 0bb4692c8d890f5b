/* SPDX-License-Identifier: MIT */
/*
 * Every certificate this server depends on, with its end: own ones, the
 * internal TLS certificate, those of authorities, OCSP responders,
 * time-stamping services and configuration sources.
 */
#pragma once

#ifndef IN_SERVER
# error "expirywatch_int.h is private to appliance/server"
#endif

#include "expirybook.h"
#include "server_int.h"

/* Calls fn for each, until it returns non-zero. */
int expirywatch_each(struct server *s, struct arena *a,
	int (*fn)(void *ctx, const struct watched *w, struct err *e), void *ctx,
	struct err *e);
/* Tells in log and mail what reached a threshold since the last time. */
int expirywatch_round(struct server *s, struct err *e);
