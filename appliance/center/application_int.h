/* SPDX-License-Identifier: MIT */
/*
 * What members-to-be and members ask the operator for: member codes, server
 * certificates, access permissions. Each has a state and a history that is only
 * added to. Private to this folder. Functions that take a db_conn work inside
 * the caller's transaction.
 *
 *	submitted -> approved | rejected | returned | withdrawn
 *	returned  -> submitted | withdrawn
 */
#pragma once

#include "center_int.h"
#include "json_io.h"

struct application;

struct application_kind {
	const char *name;
	unsigned who; /* enum admin_role: these decide */
	/* Reads x->content anew into what is kept of it; sets x->subject and
	   x->provider. FAULT_BAD_REQUEST, FAULT_NOT_FOUND. */
	int (*check)(struct db_conn *c, struct arena *a, struct application *x,
		struct err *e);
	/* What approving does besides; may set x->serial. May be NULL. */
	int (*carry_out)(struct center *ct, struct db_conn *c, struct arena *a,
		struct application *x, struct err *e);
};

/* In the request's arena. */
struct application {
	const struct application_kind *kind;
	int64_t id, version; /* version: the number of its steps */
	int64_t created_at, updated_at;
	const char *state, *organization, *contact, *mail;
	const char *subject;  /* whom or what it is about, for lists */
	const char *provider; /* of the service asked for, encoded, or NULL */
	const char *serial;   /* of the certificate issued upon it, or NULL */
	const json_t *content;
};

/* One thing done to an application. */
struct application_move {
	const char *to;
	const char *from[3]; /* states, NULL-ended */
	bool decides;        /* takes the kind's roles */
	bool carries_out;
};
enum application_do {
	APPLICATION_APPROVE,
	APPLICATION_RETURN,
	APPLICATION_REJECT,
	APPLICATION_WITHDRAW,
	APPLICATION_RESUBMIT,
	APPLICATION_DOS
};
extern const struct application_move application_moves[APPLICATION_DOS];

/* NULL: no such kind, no such state. */
const struct application_kind *application_kind(const char *name);
bool application_state_known(const char *name);
/* One row of application_get or applications; faults come from its JSON. */
int application_read(struct arena *a, struct query *q, struct application *out,
	struct err *e);
/* FAULT_NOT_FOUND application_not_found. */
int application_get(struct db_conn *c, struct arena *a, int64_t id,
	struct application *out, struct err *e);
/* Checks and stores a new one and its first step. */
int application_add(struct db_conn *c, struct arena *a, struct application *x,
	const char *who, const char *note, struct err *e);
/* Takes x, as application_get() gave it in this transaction, to its next
   state, does what goes with it, writes the step. FAULT_CONFLICT
   application_invalid_state. For APPLICATION_RESUBMIT x has the new values. */
int application_move(struct center *ct, struct db_conn *c, struct arena *a,
	struct application *x, enum application_do what, const char *who,
	const char *note, struct err *e);
