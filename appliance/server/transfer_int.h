/* SPDX-License-Identifier: MIT */
/*
 * Transfers: answers that left under a person's consent. Each is durable before
 * its first byte leaves, is reported to Personal-Link without anybody's code,
 * and counted once whatever crashes in between.
 */
#pragma once

#ifndef IN_SERVER
# error "transfer_int.h is private to appliance/server"
#endif

#include <stdint.h>

struct arena;
struct db_conn;
struct err;
struct messagelog;

struct transfer_row {
	const char *id; /* of the report: transfer_id() */
	const char *query_id;
	const char *client;   /* I/C/M/S */
	const char *service;  /* I/C/M/S/service[/version] */
	const char *provider; /* I/C/M/S */
	const char *subject, *reference, *purpose;
	const char *items; /* JSON [code] */
};
/* Something random: consumers choose message ids, and nobody may hide a
   transfer behind another one. In the arena. */
void transfer_id(struct arena *a, struct transfer_row *t);
/* In the caller's transaction. */
int transfer_write(
	struct db_conn *c, const struct transfer_row *t, struct err *e);
/* By itself. FAULT_LOGGING_FAILED. */
int transfer_add(
	struct messagelog *m, const struct transfer_row *t, struct err *e);
/* Reports all that wait: how many, or -1. */
int64_t transfer_report(struct messagelog *m, struct err *e);
int64_t transfer_job(void *server);
/* Removes what was reported and is older than [machilink] usage-keep-days. */
int transfer_forget(struct messagelog *m, struct err *e);
