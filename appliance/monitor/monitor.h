/* SPDX-License-Identifier: MIT */
/*
 * What was exchanged with whom, how often, how fast: a record per exchange
 * with X-Road's operational monitoring fields (interop/xroad-messages.md 6.1),
 * kept for days; use by hour and day, kept for years; numbers for Prometheus.
 *
 * The role "monitor" runs by itself wherever a role runs that exchanges
 * something, and starts before it. It is derived data: whatever happens here,
 * no exchange fails or waits for it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "role.h"

struct arena;
struct err;
struct monitor;

extern const struct role role_monitor;
/* That of this process, NULL: there is none (or it has not started). Every
   function below takes NULL for a monitor that does nothing. */
struct monitor *monitor_of(const struct role_env *env);

/* ---- one exchange ---- */
enum monitor_side {
	MONITOR_PROVIDER, /* X-Road's Producer */
	MONITOR_CONSUMER, /* X-Road's Client */
	MONITOR_ADAPTER,  /* a data service behind the provider: ours alone */
	MONITOR_SIDES
};
enum monitor_text {
#define WHO(id, name)       MT_##id,
#define WORD(id, name, max) MT_##id,
#define FREE(id, name, max) MT_##id,
#include "field.def"
	MT_COUNT
};
enum monitor_number {
#define MOMENT(id, name) MN_##id,
#define NUMBER(id, name) MN_##id,
#include "field.def"
	MN_COUNT
};
struct monitor_exchange {
	enum monitor_side side;
	bool succeeded;
	int64_t number[MN_COUNT];   /* -1: absent */
	const char *text[MT_COUNT]; /* NULL: absent; borrowed */
};
/* Nothing known but that it came in now. */
void monitor_exchange_begin(struct monitor_exchange *x, enum monitor_side side);
/* Takes a copy into a bounded queue, in a microsecond; the oldest gives way when
   it is full. Texts are cut to X-Road's sizes. Thread-safe. */
void monitor_add(struct monitor *m, const struct monitor_exchange *x);
/* Writes what waits and returns then: for tests and before a query. -1: the
   database could not take it; it waits on. */
int monitor_flush(struct monitor *m, struct err *e);

/* The services that this machine offers now, as "I/C/M/S/service[/version]",
   so that unused ones can be told. */
struct monitor_offer {
	const char *service, *title;
};
int monitor_offers(struct monitor *m, const struct monitor_offer *offer,
	size_t n, struct err *e);

/* ---- X-Road's queries (6.3) ---- */
enum { OPDATA_RECORDS_MAX = 10000, OPDATA_OFFSET_S = 60 };
struct opdata_query {
	int64_t from, to; /* s of monitoringDataTs, inclusive */
	/* Four pieces of a client; instance NULL: no filter. `only`: what the
	   caller may see, as client or provider; `provider`: whose services
	   it asks for. */
	const char *only[4], *provider[4];
	const char *const *field; /* none: all */
	size_t fields;
	bool internal_ip; /* is shown */
};
struct opdata_answer {
	int64_t count, next_from; /* next_from 0: all there is */
	struct bytes json;        /* {"records":[...]}, in the arena */
};
bool opdata_field_known(const char *name);
int opdata_read(struct monitor *m, struct arena *a,
	const struct opdata_query *q, struct opdata_answer *out, struct err *e);

/* What the provider's side did: X-Road's health data. */
struct opdata_statistic {
	double least, mean, most, deviation;
};
struct opdata_health {
	const char *service[6], *service_type; /* pieces; "" absent */
	int64_t last_ok, last_failed;          /* ms; 0 never */
	int64_t ok, failed;                    /* in the period */
	/* of the successful ones */
	struct opdata_statistic duration, request, response;
};
enum { OPDATA_PERIOD_S = 600 };
int64_t monitor_started(const struct monitor *m); /* ms */
int opdata_health(struct monitor *m, struct arena *a,
	struct opdata_health **out, size_t *n, struct err *e);

/* How many requests came per interval of `minutes`; both ends of [from, to) in
   ms, on whole intervals. */
struct opdata_interval {
	int64_t from, ok, failed;
};
enum { OPDATA_INTERVALS_MAX = 10000 };
struct opdata_filter {
	int side;               /* enum monitor_side, -1: any */
	const char *member[4];  /* client or provider; [0] NULL: any */
	const char *service[6]; /* [0] NULL: any; [5] NULL: any version */
};
int opdata_intervals(struct monitor *m, struct arena *a,
	const struct opdata_filter *f, int64_t from, int64_t to,
	int64_t minutes, struct opdata_interval **out, size_t *n,
	struct err *e);

/* The answer of GET /machilink/usage for so many days until today, by pair,
   with those before; trend: that of /machilink/usage/trend by day.
   For measuring. */
int monitor_page(struct monitor *m, struct arena *a, int64_t days, bool trend,
	struct buf *out, struct err *e);

/* ---- numbers for Prometheus ---- */
/* A role's own gauges: called at each scrape, on the scraping thread. */
struct metrics;
typedef void metrics_fn(void *ctx, struct metrics *out);
/* Until monitor_forget() with the same ctx, which waits for a running call. */
void monitor_watch(struct monitor *m, metrics_fn *fn, void *ctx);
void monitor_forget(struct monitor *m, void *ctx);
enum metrics_kind { METRICS_GAUGE, METRICS_COUNTER };
/* Begins a metric; its samples follow at once. */
void metrics_family(struct metrics *out, enum metrics_kind kind,
	const char *name, const char *help);
/* label: name, value, name, value ... NULL; or NULL for none. */
void metrics_sample(
	struct metrics *out, const char *const *label, double value);
