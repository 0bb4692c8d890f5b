/* SPDX-License-Identifier: MIT */
/* What an X-Road key configuration says, between its reader and its writer. */
#pragma once

#ifndef IN_SERVER
# error "keyimport_int.h is private to appliance/server"
#endif

#include "ident.h"
#include "keyimport.h"
#include "keys_int.h"

struct import_cert {
	struct cert *cert;
	const char *status;
	bool active, has_member;
	struct client_id member;
};
enum { IMPORT_KEYS_MAX = 1000, IMPORT_CERTS_MAX = 20 };
struct import_key {
	const char *id, *label;
	enum key_usage_type usage;
	struct key *key; /* with its private half */
	struct import_cert *cert;
	size_t certs;
};
struct import_set {
	struct arena *a; /* keys and certificates go with it */
	struct import_key *key;
	size_t keys;
	struct keyimport_sum sum;
};
/* Reads and proves; s->a is given. */
int keyimport_read(
	struct import_set *s, const char *dir, const char *pin, struct err *e);
