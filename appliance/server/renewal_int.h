/* SPDX-License-Identifier: MIT */
/* The renewal of certificates over ACME; a job of the role. */
#pragma once

#ifndef IN_SERVER
# error "renewal_int.h is private to appliance/server"
#endif

#include "server_int.h"

/* Renews what is due, goes on with what was begun, retires what has an active
   successor. *wait_ms: until the next round. -1: it could not be looked. */
int renewal_round(struct server *s, int64_t *wait_ms, struct err *e);
