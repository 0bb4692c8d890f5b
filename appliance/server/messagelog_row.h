/* SPDX-License-Identifier: MIT */
/*
 * The rows of one record of the message log. For messagelog.c, for measuring
 * and for tests; everybody else calls messagelog_add().
 */
#pragma once

#include "db.h"
#include "signature.h"

/* Signature documents of the newest records; used by one thread, that which
   writes. What it remembers is proved against the database. */
struct log_shared;
struct log_shared *log_shared_new(void);
void log_shared_free(struct log_shared **s); /* NULL is fine */

struct log_row {
	int64_t time; /* ms since 1970 */
	const char *query_id, *request_id;
	bool response, rest, as_client;
	const char *cls, *code, *subsystem; /* the local party; last may NULL */
	const char *client, *service;       /* paths */
	struct bytes message;
	struct signature signature;
};
/* In the caller's transaction. shared may be NULL: the record has a signature
   document of its own. */
int log_row_add(struct db_conn *c, struct log_shared *shared,
	const struct log_row *r, int64_t *id, struct err *e);
