/* SPDX-License-Identifier: MIT */
/*
 * What a role is: one constant that names everything it owns and does.
 * main() runs the roles the configuration names; `machilink map` prints the
 * graph; a test checks that every call has a server and every table one owner.
 */
#pragma once

#include <stdint.h>

struct conf;
struct err;
struct signer;

/* A listener or an outgoing call, for the map: "5500" "message exchange". */
struct role_port {
	const char *name; /* same word on the calling and the serving side */
	const char *protocol; /* https mutual, http, soap ... */
	int param; /* enum param_id of the port, or -1 */
};

/* What every role gets at start. Borrowed for the role's whole life. */
struct role_env {
	const struct conf *conf;
	struct signer *signer; /* the process that holds private keys */
};

struct role {
	const char *name; /* the word in [machilink] roles */
	const char *summary;
	const char *const *owns; /* databases it writes, NULL-ended */
	const char *const *reads; /* "database.v_view" it reads, NULL-ended */
	const struct role_port *serves; /* ends with name NULL */
	const struct role_port *calls; /* ends with name NULL */
	int (*start)(void **state, const struct role_env *env, struct err *e);
	void (*stop)(void *state);
	/* Writes one JSON object describing its health; may be NULL. */
	int (*health)(void *state, char *out, unsigned long max);
};
