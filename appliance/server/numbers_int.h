/* SPDX-License-Identifier: MIT */
/* What this server tells the monitor about itself. */
#pragma once

#ifndef IN_SERVER
# error "numbers_int.h is private to appliance/server"
#endif

#include "monitor.h"
#include "server_int.h"

/* A metrics_fn; ctx is the struct server. */
metrics_fn numbers_write;
/* The services this server offers by now. */
int numbers_offers(struct server *s, struct err *e);
