/* SPDX-License-Identifier: MIT */
/*
 * Who asked what of which data service, and what came of it. Calls only put
 * their entry into a queue; a job writes what has gathered and takes away what
 * is too old. A full queue loses entries, which are counted: a trace never
 * stops a service.
 */
#pragma once

#ifndef IN_ADAPTER
# error "trace.h is private to appliance/adapter"
#endif

#include <stdint.h>

#include "json_io.h"

struct arena;
struct call;
struct db;
struct err;
struct trace;

enum {
	TRACE_QUEUE_MAX = 20000, /* entries that wait */
	TRACE_VALUE_MAX = 200,   /* characters of a parameter's value */
	TRACE_PAGE_MOST = 1000,
};

/* days: how long entries are kept, 0 keeps none; rows: how many at most. db is
   borrowed. */
struct trace *trace_new(struct db *db, int64_t days, int64_t rows);
/* Writes what waits. NULL inside is fine. */
void trace_free(struct trace **t);
/* The call has ended, with `ret` and `e` of who answered it. */
void trace_add(
	struct trace *t, const struct call *c, int ret, const struct err *e);
/* Writes what waits; one thread. */
void trace_write(struct trace *t);
/* Takes away a piece of what is too old: true when there may be more. */
bool trace_tidy(struct trace *t);

struct trace_state {
	int64_t calls, failed, rows, micros; /* since the start */
	int64_t written, lost, waiting;      /* entries */
};
void trace_state(struct trace *t, struct trace_state *out);

/* NULL, 0: any. */
struct trace_search {
	const char *service, *who, *database, *message;
	const char *outcome; /* "ok", "refused", or the code of a fault */
	int64_t from, to;    /* ms since 1970 */
	int64_t slow;        /* microseconds or more */
	int64_t before;      /* entries older than this one */
	int64_t limit;
};
/* {"calls": [...], "next": id}, newest first; in the arena. */
int trace_find(struct trace *t, struct arena *a, const struct trace_search *s,
	json_t **out, struct err *e);
