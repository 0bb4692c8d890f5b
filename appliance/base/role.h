/* SPDX-License-Identifier: MIT */
/*
 * What a role is: one constant that names everything it owns and does.
 * main() runs the roles the configuration names; `machilink map` prints the
 * graph; a test checks that every call has a server and every table one owner.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct conf;
struct err;
struct route; /* http_server.h */
struct signer;
struct token; /* signer.h */

/* X-Road's administration roles (interop/xroad-center-admin.md 4.1): the
   flags of an administration route say who may call it. */
enum admin_role {
	ADMIN_SO = 1 << 0,  /* XROAD_SECURITY_OFFICER */
	ADMIN_RO = 1 << 1,  /* XROAD_REGISTRATION_OFFICER */
	ADMIN_SA = 1 << 2,  /* XROAD_SERVICE_ADMINISTRATOR */
	ADMIN_SYS = 1 << 3, /* XROAD_SYSTEM_ADMINISTRATOR */
	ADMIN_OBS = 1 << 4, /* XROAD_SECURITYSERVER_OBSERVER */
	ADMIN_ANY = 0x1f,
	ADMIN_PUBLIC = 1 << 8, /* no authentication */
};

/* A listener or an outgoing call, for the map: "5500" "message exchange". */
struct role_port {
	const char *name; /* same word on the calling and the serving side */
	const char *protocol; /* https mutual, http, soap ... */
	int param;            /* enum param_id of the port, or -1 */
};

/* What every role gets at start. Borrowed for the role's whole life. */
struct role_env {
	const struct conf *conf;
	struct signer *signer;     /* the process that holds private keys */
	const struct token *token; /* those in hardware */
	size_t tokens;
	/* Every role this process runs, in start order; for the dashboard. A
	   state is NULL until that role has started. */
	const struct role_run *run;
	size_t runs;
};

struct role;
struct role_run {
	const struct role *role;
	void *state;
};

enum { ROLE_LABEL_MAX = 512 };

struct role {
	const char *name; /* the word in [machilink] roles */
	const char *summary;
	const char *const *owns;  /* databases it writes, NULL-ended */
	const char *const *reads; /* "database.v_view" it reads, NULL-ended */
	const struct role_port *serves; /* ends with name NULL */
	const struct role_port *calls;  /* ends with name NULL */
	/* Administration API below /api/v1, mounted by the dashboard role on
	   port 4000 behind its authentication; flags are enum admin_role. The
	   state of start() is the handlers' state. May be NULL. */
	const struct route *admin; /* ends with method NULL */
	int (*start)(void **state, const struct role_env *env, struct err *e);
	void (*stop)(void *state);
	/* Who the machine is in this role, for its backups: X-Road's server id
	   or instance, "" before initialisation. Needs no state: it looks into
	   the data directory of the configuration. May be NULL. */
	int (*label)(const struct conf *c, char *out, unsigned long max,
		struct err *e);
	/* Writes one JSON object describing its health; may be NULL. */
	int (*health)(void *state, char *out, unsigned long max);
};
