/* SPDX-License-Identifier: MIT */
/* The role's health: one JSON object for the dashboard and the lab. */
#pragma once

#ifndef IN_SERVER
# error "health_int.h is private to appliance/server"
#endif

/* role.health; state is the struct server. */
int server_health(void *state, char *out, unsigned long max);
