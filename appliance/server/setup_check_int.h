/* SPDX-License-Identifier: MIT */
/*
 * The eight steps from an empty server to its first exchange, checked for real:
 * setup_check.def has the checks, setup_local.c and setup_probe.c run them.
 */
#pragma once

#ifndef IN_SERVER
# error "setup_check_int.h is private to appliance/server"
#endif

#include "admin_int.h"

/* FOUND_LATER: what it needs comes in a later step; says nothing yet. */
enum finding { FOUND_GOOD, FOUND_TODO, FOUND_WAITING, FOUND_BAD, FOUND_LATER };

/* What a check looks at; k, g may be NULL. */
struct looking {
	struct server *s;
	struct request *r;
	struct arena *a;
	const struct model *m;
	const struct key_model *k;
	const struct globalconf *g;
};
/* `why` is set for FOUND_BAD and may be otherwise; *about (in the arena) is what
   was found, such as a name, or stays NULL. */
#define SETUP_CHECK(name) \
 enum finding name(const struct looking *x, const char **about, struct err *why)

/* ---- setup_local.c ---- */
SETUP_CHECK(check_member);
SETUP_CHECK(check_address);
SETUP_CHECK(check_disk);
SETUP_CHECK(check_anchor);
SETUP_CHECK(check_globalconf);
SETUP_CHECK(check_identity);
SETUP_CHECK(check_token);
SETUP_CHECK(check_tsa_chosen);
SETUP_CHECK(check_sign_key);
SETUP_CHECK(check_auth_key);
SETUP_CHECK(check_sign_cert);
SETUP_CHECK(check_auth_cert);
SETUP_CHECK(check_auth_registered);
SETUP_CHECK(check_auth_good);
SETUP_CHECK(check_connections);
/* ---- setup_probe.c ---- */
SETUP_CHECK(check_name);
SETUP_CHECK(check_clock);
SETUP_CHECK(check_ocsp_port);
SETUP_CHECK(check_message_port);
SETUP_CHECK(check_sources);
SETUP_CHECK(check_tsa_answers);
SETUP_CHECK(check_exchange);

/* ---- admin_diag_peer.c ---- */
/* One signed listMethods, through our own door. server NULL: whoever has the
   target. *request_id (in the arena) is the exchange's, NULL if there is none.
   0 or -1 with why. */
int visit_rest(struct arena *a, struct server *s,
	const struct client_id *client, const struct client_id *target,
	const struct server_id *server, const char **request_id,
	struct err *why);
