/* SPDX-License-Identifier: MIT */
/*
 * How many requests one source address may send: buckets that fill again with
 * time, one for the second and one for the minute, as X-Road's services have
 * (interop/xroad-center-admin.md 5.1). A bounded table; the address that has
 * been silent for longest makes room.
 */
#pragma once
#ifndef IN_HTTP
# error "rate_int.h is private to http/"
#endif

#include <stdbool.h>
#include <stdint.h>

#include "gate_int.h"

enum { RATE_ADDRESSES_MAX = 1024 };

struct rate;

/* Requests per second and per minute, 0 or less: as many as come. NULL when neither is
   limited. */
struct rate *rate_new(int per_second, int per_minute, int64_t (*ticks)(void));
void rate_free(struct rate **r);
/* Takes one of the address; false when it has none left. NULL always gives.
   `address` is text as of request_peer(). */
/* The same for a caller who may be made to wait, so long as it asks for one
   thing after the other: milliseconds until it has one, which is taken; -1 when
   that would be more than `longest`. */
int64_t rate_wait(struct rate *r, const char *address, int64_t longest);
bool rate_take(struct rate *r, const char *address);
