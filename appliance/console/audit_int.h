/* SPDX-License-Identifier: MIT */
/*
 * The audit: who did what, from where, when, and how it ended. Rows are only
 * added, and each holds a hash over the one before and itself, so that a row
 * that was changed, removed or put between is noticed. Rows that were cut off
 * at the end are noticed by whoever kept a head (number and hash): the service
 * logs it when it starts, and `machilink audit verify` tells and takes it.
 */
#pragma once

#ifndef IN_CONSOLE
# error "audit_int.h is private to appliance/console"
#endif

#include <stdint.h>

#include "console.h"
#include "console_int.h"

struct contract;
struct db;
struct query;

/* A row; texts borrowed. */
struct audit_row {
	int64_t id, time; /* set by audit_write(); time in ms since 1970 */
	const char *who, *address, *method, *target;
	int status;         /* HTTP; 0: not known */
	const char *event;  /* X-Road's name, or "" */
	const char *detail; /* a JSON object, or "" */
	const char *hash;
};

/* ---- audit.c ---- */
/* Adds a row; id, time and hash of `row` are not looked at. */
int audit_write(struct db *db, const struct audit_row *row, struct err *e);
/* One of the command line. */
void audit_note(
	struct db *db, const char *event, const char *target, int status);
/* From the columns of audit_all or audit_find; texts until the next row. */
void audit_row_read(struct query *q, struct audit_row *out);
/* Looks at all rows. 0 also when the chain is broken: out->broken. */
int audit_check(struct db *db, struct audit_state *out, struct err *e);
/* The audit's name of an operation, "" if it has none; api as contract_find(),
   path: whole. */
const char *audit_event(char api, const char *method, const char *path);

/* ---- audit_detail.c ---- */
/* The members of a body that are no secrets, as a JSON text in the arena of r,
   NULL when there is nothing to tell. */
const char *audit_detail(struct request *r, const struct contract *c);

/* ---- audit_api.c ---- */
int audit_get(struct request *r, void *state, struct err *e);
int audit_export(struct request *r, void *state, struct err *e);
/* Names of the acts that the audit has: what can be asked for. */
int audit_events_get(struct request *r, void *state, struct err *e);
int audit_verification(struct request *r, void *state, struct err *e);
