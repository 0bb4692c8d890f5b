/* SPDX-License-Identifier: MIT */
/*
 * Use of services over time: what is asked (usage_routes.c), counted (usage.c)
 * and shown as JSON or CSV (usage_write.c). Days are local ones, as numbers
 * since 1970.
 */
#pragma once

#ifndef IN_MONITOR
# error "usage_int.h is private to appliance/monitor"
#endif

#include "json_io.h"
#include "monitor_int.h"

enum usage_by { BY_PAIR, BY_SERVICE, BY_CONSUMER, BY_TOTAL, BY_COUNT };
enum usage_step { STEP_NONE, STEP_HOUR, STEP_DAY, STEP_MONTH, STEP_COUNT };
enum {
	USAGE_DAYS_MAX = 3660,
	USAGE_CELLS_MAX = 200000, /* groups times steps */
};

struct usage_query {
	int64_t from, to;               /* days, inclusive */
	int side;                       /* enum monitor_side, -1: all */
	const char *service, *consumer; /* exactly these; NULL: all */
	enum usage_by by;
	enum usage_step step;
	bool compare; /* with as many days before */
};
struct usage_group {
	const char *side, *service, *consumer; /* "" where `by` joins them */
	int64_t first_use, last_use;           /* ms, of all time; 0 never */
	int64_t days;                          /* with use, in the period */
	struct tally t, before;
	struct tally *step; /* by step, else NULL */
};
struct usage {
	struct usage_query q;
	struct usage_group *group; /* those with use, now or before */
	size_t groups;
	struct usage_group total;
	size_t steps;
};
/* In the arena. FAULT_BAD_REQUEST when it would be too much. */
int usage_read(struct monitor *m, struct arena *a, const struct usage_query *q,
	struct usage *out, struct err *e);

struct usage_offer {
	const char *service, *title;
	int64_t since, last_use; /* ms, 0 never */
};
/* Services offered here that nobody used since that moment (ms). */
int usage_unused(struct monitor *m, struct arena *a, int64_t since,
	struct usage_offer **out, size_t *n, struct err *e);

/* "2026-11-21"; of a step "2026-11-21T06:00" (local hour), "2026-11-21" or
   "2026-11". */
const char *usage_day_text(struct arena *a, int64_t day);
const char *usage_step_text(
	struct arena *a, const struct usage_query *q, size_t step);
/* The step of a local day, of an hour since 1970; -1: outside. */
int64_t usage_step_of(const struct usage_query *q, int64_t day, int64_t hour);
size_t usage_steps(const struct usage_query *q);

/* ---- usage_write.c ---- */
json_t *usage_json(struct arena *a, const struct usage *u);
json_t *usage_trend_json(struct arena *a, const struct usage *u);
void usage_csv(struct arena *a, const struct usage *u, struct buf *out);

/* ---- usage_routes.c, steps.c ---- */
struct request;
/* Replies with the value and drops the reference. */
int usage_reply_json(struct request *r, json_t *j, struct err *e);
/* Appends what was seen of a message's exchange around `near`, ms. */
int steps_find(struct monitor *m, const char *message, int64_t near,
	json_t *list, struct err *e);
int monitor_steps(struct request *r, void *state, struct err *e);
