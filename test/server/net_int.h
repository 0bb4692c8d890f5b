/* SPDX-License-Identifier: MIT */
/* What the sources of the test network share among themselves. */
#pragma once

#include "net.h"

#include "keys_int.h"

/* A port that is free on every loopback address right now. */
int net_free_port(void);
/* Starts the center's doors and the fake services (hub.c). */
void hub_open(struct net *n);
