/* SPDX-License-Identifier: MIT */
/*
 * Taking over certificates for keys of ours: by an administrator, over ACME, by
 * the renewal job.
 */
#pragma once

#ifndef IN_SERVER
# error "certimport_int.h is private to appliance/server"
#endif

#include "keys_int.h"
#include "model_int.h"

struct import {
	struct cert *cert;
	/* May the caller bring one of this use? NULL: yes. */
	int (*permit)(void *ctx, enum key_usage_type usage, struct err *e);
	void *ctx;
	bool inactive; /* a signing certificate waits to be activated */
	/* what was found */
	enum key_usage_type usage;
	const struct k_key *key;
	struct client_id member; /* signing */
	const char *refusal;     /* code for the administrator, or NULL */
	int status;              /* HTTP's */
};
/* 0 and the certificate in the arena; -1 with refusal and status set when the
   administrator is to blame. */
int cert_import(struct server *s, struct arena *a, struct import *in,
	const struct k_cert **out, struct err *e);
/* The approved authority that issued it, or NULL. Lives as long as g. */
const struct gc_approved_ca *cert_authority(
	const struct globalconf *g, const struct cert *c);
