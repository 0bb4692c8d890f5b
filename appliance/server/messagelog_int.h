/* SPDX-License-Identifier: MIT */
/*
 * The message log's pieces: messagelog.c writes, stamper.c time-stamps,
 * evidence.c reads back and packs. Rule: interop/xroad-messages.md 4.1-4.5.
 */
#pragma once

#ifndef IN_SERVER
# error "messagelog_int.h is private to appliance/server"
#endif

#include <pthread.h>

#include "asic.h"
#include "db.h"
#include "server_int.h"

struct messagelog {
	const struct conf *conf;
	struct confclient *confclient;
	struct serverconf *sc;
	struct http_client *http;
	struct db *db;
	struct group_writer *writer;
	pthread_mutex_t stamping; /* one round at a time */
	pthread_mutex_t lock;     /* guards all below */
	struct messagelog_status status;
	int64_t failing_since; /* clock_now() of the first failure; 0 none */
};

/* Stamps this one record in the single form. */
int stamp_one(struct messagelog *m, int64_t id, struct err *e);

/* One record as a container; stamped false: no stamp yet. */
struct evidence {
	int64_t id;
	const char *query_id;
	bool response, stamped;
	struct asic asic;
};
enum { EVIDENCE_MAX = 1000 };
/* Records of a local party with this message id, oldest first, in the arena.
   What they are, not what they hold: that is evidence_get(). With *n above
   EVIDENCE_MAX there are more. */
struct evidence_row {
	int64_t id;
	const char *query_id;
	bool response, stamped;
};
int evidence_find(struct messagelog *m, struct arena *a, const char *query_id,
	const struct client_id *local, struct evidence_row **out, size_t *n,
	struct err *e);
/* FAULT_NOT_FOUND. */
int evidence_get(struct messagelog *m, struct arena *a, int64_t id,
	struct evidence *out, struct err *e);

/* Doors: GET /asic, /verificationconf and the page's exchanges. */
int asic_download(struct request *r, void *state, struct err *e);
int verificationconf_download(struct request *r, void *state, struct err *e);
int admin_exchanges(struct request *r, void *state, struct err *e);
int admin_exchange_container(struct request *r, void *state, struct err *e);
int admin_exchange_verify(struct request *r, void *state, struct err *e);
