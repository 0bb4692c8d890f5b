/* SPDX-License-Identifier: MIT */
/*
 * Changing the state of own certificates and clients, by hand or because the
 * global configuration says so (xroad-center-admin.md 2.6, 3.1).
 */
#pragma once

#ifndef IN_SERVER
# error "certstate_int.h is private to appliance/server"
#endif

#include "keys_int.h"
#include "model_int.h"

int cert_set_status(struct server *s, const struct k_cert *c,
	const char *status, struct err *e);
/* Activating proves the certificate first; why not is remembered with it. */
int cert_set_active(
	struct server *s, const struct k_cert *c, bool active, struct err *e);
/* Lets clients and authentication certificates follow. Not initialised: 0. */
int states_follow(struct server *s, struct err *e);
