/* SPDX-License-Identifier: MIT */
/*
 * Times of recurring work as Quartz cron expressions, the form of X-Road's
 * archive-interval and clean-interval: second minute hour day-of-month month
 * day-of-week [year], in the machine's time zone. Rule:
 * interop/xroad-messages.md 4.6.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;

enum {
	CRON_TEXT_MAX = 256,
	CRON_YEAR_MIN = 1970,
	CRON_YEAR_MAX = 2099,
	CRON_YEARS = CRON_YEAR_MAX - CRON_YEAR_MIN + 1,
};

/* One bit per value that the field accepts. Plain values. */
struct cron {
	uint64_t second, minute, hour;
	uint64_t day;     /* of the month, bits 1 to 31 */
	uint64_t month;   /* bits 1 to 12 */
	uint64_t weekday; /* bits 1 Sunday to 7 Saturday */
	bool year[CRON_YEARS];
};

/* Fields are *, ?, a number, a name (JAN, MON), a-b, a/step, a-b/step, and
   lists of these by commas. Exactly one of day-of-month and day-of-week is ?.
   A range may run over the end (FRI-MON, 22-4) except in the year. L, W and #
   are refused. FAULT_CONFIG with the field and what is wrong with it. */
int cron_parse(const char *text, struct cron *out, struct err *e);

/* The first moment after this one (ms since 1970) that the expression names,
   or 0 when there is none until the end of 2099. A local time that does not
   exist because clocks are set forward is skipped. */
int64_t cron_next(const struct cron *c, int64_t after);
