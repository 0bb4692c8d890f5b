/* SPDX-License-Identifier: MIT */
/*
 * What the nouns of the monitor offer each other. Exchanges go from the queue
 * (queue.c) in groups into the database (record.c, tally.c) and into the
 * counters for Prometheus (series.c); the rest reads.
 */
#pragma once

#ifndef IN_MONITOR
# error "monitor_int.h is private to appliance/monitor"
#endif

#include <pthread.h>
#include <stdatomic.h>

#include "histogram.h"
#include "http_server.h"
#include "monitor.h"

struct conf;
struct db;
struct db_conn;
struct jobs;
struct tls;

enum {
	QUEUE_MAX = 20000,    /* X-Road's buffer */
	QUEUE_SOON = 1000,    /* waiting: written at once */
	GROUP_MAX = 5000,     /* written in one transaction */
	PAIRS_MAX = 20000,    /* beyond: counted under no name */
	PAIRS_FAILED = 10000, /* failures make no pairs beyond */
	WORDS_MAX = 50000,
	WRITE_MS = 1000,
};

/* Why an exchange failed: see blame.def. Rows are in the order of the columns
   fault_... of the database. */
enum blame {
	BLAME_REQUEST,
	BLAME_ACCESS,
	BLAME_NETWORK,
	BLAME_TRUST,
	BLAME_SERVICE,
	BLAME_SYSTEM, /* anything else */
	BLAMES
};
/* code NULL: failed without a fault (an error status of the service). */
enum blame blame_of(const char *code);
const char *blame_word(enum blame b);
const char *side_word(enum monitor_side s);
int side_by_word(const char *word); /* -1: none */

/* ---- dict.c: texts to numbers ---- */
struct dict;
struct dict *dict_new(size_t max);
void dict_free(struct dict **d);
void dict_reset(struct dict *d);
bool dict_get(const struct dict *d, const char *key, int64_t *value);
bool dict_full(const struct dict *d);
/* Not when it is full. */
void dict_put(struct dict *d, const char *key, int64_t value);

/* ---- queue.c: a ring of copies ---- */
struct queue;
struct queue *queue_new(size_t max);
void queue_free(struct queue **q);
/* Takes the copy; true when it is time to write. */
bool queue_put(struct queue *q, const struct monitor_exchange *x);
/* Takes up to max out, oldest first; to be freed with mem_free(). */
size_t queue_take(struct queue *q, struct monitor_exchange **out, size_t max);
size_t queue_waiting(struct queue *q);
int64_t queue_lost(struct queue *q);

/* ---- tally.c: use of a pair in a stretch of time ---- */
struct tally {
	int64_t calls, failures, blame[BLAMES];
	int64_t total_ms, max_ms, request_bytes, response_bytes;
	struct histogram latency;
};
void tally_exchange(struct tally *t, const struct monitor_exchange *x);
void tally_merge(struct tally *t, const struct tally *from);
struct query;
/* Adds columns `calls` to `histogram`. */
void tally_read(struct tally *t, struct query *q, int col);
/* Adds it to a row of usage_hour and of usage_day. */
int tally_store(struct db_conn *c, int64_t hour, int64_t pair,
	const struct tally *t, struct err *e);
/* The local day of an hour since 1970, as days since 1970. */
int64_t day_of_hour(int64_t hour);
int64_t day_of_ms(int64_t ms);

/* ---- record.c ---- */
struct recorder;
struct recorder *recorder_new(void);
void recorder_free(struct recorder **r);
/* Writes a group in one transaction; pair[i] is that of x[i]. */
int recorder_write(struct recorder *r, struct db *db,
	struct monitor_exchange *const *x, size_t n, int64_t *pair,
	struct err *e);
/* Numbers of words and pairs are read anew. */
void recorder_forget(struct recorder *r);

/* ---- pairs.c: who with whom ---- */
struct pair {
	int64_t id;
	enum monitor_side side;
	const char *who[MT_SERVICE_VERSION + 1]; /* by enum monitor_text */
	const char *service_type;
	const char *service, *consumer; /* "I/C/M[/S]/service[/version]" */
	int64_t first_use, last_ok, last_failed; /* ms, 0 never */
};
int pairs_load(struct db_conn *c, struct arena *a, struct pair **out, size_t *n,
	struct err *e);
const struct pair *pair_by_id(const struct pair *p, size_t n, int64_t id);

/* ---- series.c: counters since the start ---- */
struct series;
struct series *series_new(void);
void series_free(struct series **s);
void series_add(struct series *s, const struct monitor_exchange *x);
void series_write(struct series *s, struct metrics *out);

/* ---- metrics.c: the text for Prometheus, and its door ---- */
struct metrics {
	struct buf *out;
	const char *family;
};
void metrics_number(struct metrics *out, const char *name, const char *suffix,
	const char *const *label, double value);
void metrics_kind(struct metrics *out, const char *type, const char *name,
	const char *help);
int metrics_text(struct monitor *m, struct buf *out, struct err *e);
int metrics_open(struct monitor *m, struct err *e);
void metrics_close(struct monitor *m);

/* ---- the role ---- */
enum { WATCHERS_MAX = 8 };
struct watcher {
	metrics_fn *fn;
	void *ctx;
};
struct monitor {
	const struct conf *conf;
	struct db *db;
	struct queue *queue;
	struct recorder *recorder; /* of whoever holds writing */
	struct series *series;
	struct jobs *jobs;
	int64_t started;         /* ms */
	pthread_mutex_t writing; /* one writer at a time; guards pending */
	struct monitor_exchange *pending[GROUP_MAX]; /* taken, not written */
	size_t pendings;
	pthread_mutex_t lock; /* guards watchers and what failed */
	struct watcher watcher[WATCHERS_MAX];
	size_t watchers;
	char trouble[1024];                 /* last failure of writing, "" */
	atomic_llong written, last_written; /* records; ms */
	struct http_server *http;
	struct tls *tls;
	char *token;         /* of the metrics' reader, or NULL */
	struct arena *arena; /* of certificates that may read metrics */
	struct bytes *reader;
	size_t readers;
};

/* ---- usage_routes.c ---- */
extern const struct route monitor_routes[];
