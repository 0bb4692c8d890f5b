/* SPDX-License-Identifier: MIT */
/*
 * Lists of addresses and networks, as X-Road's whitelists have them:
 * "127.0.0.0/8, ::1".
 */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct whitelist;

/* Lives in the arena; an empty text is an empty list. FAULT_CONFIG. */
int whitelist_read(struct arena *a, const char *text, struct whitelist **out,
	struct err *e);
/* False also for what is no address, and for a list that is NULL. */
bool whitelist_has(const struct whitelist *w, const char *address);
/* Is it the text of an IP address? */
bool address_is_ip(const char *s);
