/* SPDX-License-Identifier: MIT */
/*
 * Finding records of the message log and taking them out as containers. Part
 * of the security server's face: the command line reads the database of a
 * running or a stopped server with it, without writing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct conf;
struct err;
struct messagelog;

/* The message log of this configuration for reading only. FAULT_NOT_FOUND when
   there is none, FAULT_DATABASE when it is of another version. */
int messagelog_read(
	struct messagelog **out, const struct conf *c, struct err *e);
void messagelog_close(struct messagelog **m); /* NULL is fine */

/* Makes a key for the encryption of messages, <directory>/<id>.key. It is used
   once messagelog-key-id names it. FAULT_CONFLICT when there is one of that
   name, FAULT_BAD_REQUEST for a name that is none. */
int log_key_make(const struct conf *c, const char *id, struct err *e);
const char *log_keys_dir(const struct conf *c);

enum {
	LOG_LIMIT_MAX = 500,
	LOG_SEARCH_MS = 2000, /* then a search answers what it has found */
};

/* What is wanted: every condition must hold. Zero: no condition. */
struct log_query {
	const char *message_id; /* exactly */
	const char *member;     /* I/C/M[/S], encoded: consumer or provider */
	const char *service;    /* I/C/M/S/service[/version], encoded */
	int64_t from, to;       /* ms since 1970, both included */
	bool rest, soap;        /* at most one */
	bool request, response; /* at most one */
	int64_t before;         /* only records with a smaller number */
	int64_t limit;          /* 1 to LOG_LIMIT_MAX; 0: 50 */
};
/* Sets a condition from text: message-id, member, service, from, to (RFC 3339
   or a date, UTC), protocol (rest, soap), direction (request, response),
   before, limit. FAULT_BAD_REQUEST names what is wrong. Borrows the value
   where it can, else it is in the arena. */
int log_query_set(struct arena *a, struct log_query *q, const char *name,
	const char *value, struct err *e);
/* The names that log_query_set() takes; ends with NULL. */
extern const char *const log_query_names[];

struct log_hit {
	int64_t id, time; /* number; when logged, ms since 1970 */
	const char *message_id, *client, *service;
	bool response, rest, as_client, stamped, archived;
};
struct log_page {
	const struct log_hit *hit; /* newest first */
	size_t n;
	int64_t next; /* `before` of the next page; 0: nothing is left */
};
/* In the arena. A page may have fewer hits than the limit, even none, and a
   `next`: the search took too long to go on at once. */
int log_search(struct messagelog *m, struct arena *a, const struct log_query *q,
	struct log_page *out, struct err *e);

/*
 * Brings what was logged into the table that searches use, some thousand
 * records at a time in the order of its keys (sqlite/messagelog/
 * 0006-lookup.sql). Fewer than LOG_INDEX_CHUNK may be left. How many records,
 * or -1. `stop` (NULL: never) ends it early.
 */
enum { LOG_INDEX_CHUNK = 8192 };
struct db;
struct group_writer;
struct jobs;
int64_t log_index(struct db *db, struct group_writer *w,
	const struct jobs *stop, struct err *e);

/* One record as a container; *name is its file name, in the arena.
   FAULT_NOT_FOUND; FAULT_TIMESTAMPING_FAILED when it has no time stamp yet. */
int log_container(struct messagelog *m, struct arena *a, int64_t id,
	struct buf *out, char **name, struct err *e);
