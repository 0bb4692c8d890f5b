/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: cron expressions of the configuration. What is taken names
 * moments that come later and later, and that the expression accepts.
 */
#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "cron.h"
#include "err.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t from = 1795254840000; /* 2026-11-21T09:54:00Z */

static bool
accepts(const struct cron *c, int64_t at)
{
	time_t t = (time_t)(at / 1000);
	struct tm m;

	gmtime_r(&t, &m);
	return (c->second >> m.tm_sec & 1) && (c->minute >> m.tm_min & 1) &&
	       (c->hour >> m.tm_hour & 1) && (c->month >> (m.tm_mon + 1) & 1) &&
	       ((c->day >> m.tm_mday & 1) ||
		       (c->weekday >> (m.tm_wday + 1) & 1)) &&
	       c->year[m.tm_year + 1900 - CRON_YEAR_MIN];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	char *s = arena_strndup(a, (const char *)data, size);
	struct err e = ERR_INIT;
	struct cron c;
	int64_t at = from, next;

	setenv("TZ", "UTC0", 1);
	tzset();
	if (cron_parse(s, &c, &e)) {
		assert(e.fault == FAULT_CONFIG && *e.text);
	} else {
		for (int i = 0; i < 3; i++) {
			next = cron_next(&c, at);
			if (!next)
				break;
			assert(next > at && next % 1000 == 0);
			assert(accepts(&c, next));
			at = next;
		}
	}
	arena_free(&a);
	return 0;
}
