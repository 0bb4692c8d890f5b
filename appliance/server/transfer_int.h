/* SPDX-License-Identifier: MIT */
/*
 * Transfers: answers that left about a person. Each is durable before its first
 * byte leaves, is told to Personal-Link without anybody's code, and counted
 * once whatever crashes in between: to the own cache, which keeps its day for
 * findUsage, and, under a consent, through the cache to the center. What the
 * center does not know stays here and is offered again; when cache or center
 * lost rows they call themselves by another name and are told everything again.
 */
#pragma once

#ifndef IN_SERVER
# error "transfer_int.h is private to appliance/server"
#endif

#include <stdbool.h>
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
	const char *subject;
	const char *reference; /* of the consent; NULL: needs none */
	const char *purpose;   /* or NULL */
	const char *items;     /* JSON [code] */
	const char *words;     /* without consent: JSON {ja, en}; else NULL */
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
/* Tells all that wait: how many are where they belong now, or -1 when some
   could not be told. poll: also asks caches that nothing waits for whether they
   lost something. */
int64_t transfer_report(struct messagelog *m, bool poll, struct err *e);
int64_t transfer_job(void *server);
/* Removes what was reported and is older than [machilink] usage-keep-days. */
int transfer_forget(struct messagelog *m, struct err *e);
