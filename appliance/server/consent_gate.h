/* SPDX-License-Identifier: MIT */
/*
 * Is there a consent? Asked of the cache that the role personal-link keeps
 * (sqlite/link), through the views it publishes.
 */
#pragma once

#include <stdint.h>

#include "json_io.h"

struct arena;
struct conf;
struct err;

struct consent_gate;
/* The database is opened when it is first needed. */
struct consent_gate *consent_gate_new(const struct conf *c);
void consent_gate_free(struct consent_gate **g); /* NULL is fine */

struct consent_ask {
	const char *subject;   /* as the consumer calls the person */
	const char *subsystem; /* I/C/M/S of the consumer */
	const char *provider;  /* I/C/M */
	const char *target;    /* I/C/M/S/service */
	const char *purpose;   /* code */
	const json_t *items;
	int64_t max_age_s; /* 0: the declaration's */
};
struct consent_grant {
	const char *reference, *user_id, *purpose;
	const char *items_json; /* JSON [code]: given */
	const char *items;      /* codes, encoded, separated by commas */
};
/* FAULT_CONSENT_REQUIRED: there is none. FAULT_CONSENT_UNCERTAIN: it cannot
   be told, because the cache is old, restored or absent. The text has a
   reference that the log has too, with the reason. In the arena. */
int consent_check(struct consent_gate *g, const struct consent_ask *ask,
	struct arena *a, struct consent_grant *out, struct err *e);
