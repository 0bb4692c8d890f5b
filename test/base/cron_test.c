/* SPDX-License-Identifier: MIT */
/* Quartz cron expressions: what is taken, what is refused, what comes next. */
#include "cron.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "err.h"
#include "tap.h"

static void
zone(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

/* The moments after `from`, one after the other. */
static void
comes(const char *text, const char *from, int n, const char *const *want)
{
	struct cron c;
	struct err e = ERR_INIT;
	char got[TIME_TEXT_MAX];
	int64_t at;

	if (cron_parse(text, &c, &e) || time_parse(from, &at, &e)) {
		ok_m(false, "%s: %s", text, e.text);
		return;
	}
	for (int i = 0; i < n; i++) {
		at = cron_next(&c, at);
		is_str(at ? time_iso(got, at) : "never", want[i]);
	}
}
#define COMES(text, from, ...)                                               \
 comes(text, from, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), \
	 (const char *[]){ __VA_ARGS__ })

static void
test_next(void)
{
	zone("UTC0");
	/* X-Road's defaults */
	COMES("0 0 0/6 1/1 * ? *", "2026-11-21T09:54:00Z",
		"2026-11-21T12:00:00Z", "2026-11-21T18:00:00Z",
		"2026-11-22T00:00:00Z");
	COMES("0 0 0/12 1/1 * ? *", "2026-12-31T12:00:00Z",
		"2027-01-01T00:00:00Z");
	/* as in the manuals */
	COMES("0 * * * * ?", "2026-11-21T09:54:59Z", "2026-11-21T09:55:00Z",
		"2026-11-21T09:56:00Z");
	COMES("0 0/10 * 1/1 * ? *", "2026-11-21T09:51:00Z",
		"2026-11-21T10:00:00Z", "2026-11-21T10:10:00Z");
	COMES("30 15 3 ? * MON-FRI", "2026-11-20T03:15:30Z",
		"2026-11-23T03:15:30Z");
	COMES("0 0 12 ? * 2,4", "2026-11-21T00:00:00Z", "2026-11-23T12:00:00Z",
		"2026-11-25T12:00:00Z");
	COMES("0 0 0 31 * ?", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z");
	COMES("0 0 0 29 feb ?", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z");
	COMES("*/20 5-6 4 1 1 ? 2027", "2026-01-01T00:00:00Z",
		"2027-01-01T04:05:00Z", "2027-01-01T04:05:20Z");
	COMES("0 0 22-2/2 * * ?", "2026-01-01T03:00:00Z",
		"2026-01-01T22:00:00Z", "2026-01-02T00:00:00Z",
		"2026-01-02T02:00:00Z", "2026-01-02T22:00:00Z");
	COMES("0 0 0 ? * FRI-MON", "2026-11-16T00:00:00Z",
		"2026-11-20T00:00:00Z");
	COMES("0 0 0 1 1 ? 2020", "2026-01-01T00:00:00Z", "never");
	COMES("0 0 0 30 2 ?", "2026-01-01T00:00:00Z", "never");
	COMES("/15 0 0 1 1 ? 2030/5", "2026-01-01T00:00:00Z",
		"2030-01-01T00:00:00Z", "2030-01-01T00:00:15Z");
}

static void
test_zone(void)
{
	zone("JST-9");
	COMES("0 0 0/6 1/1 * ? *", "2026-11-21T09:54:00Z",
		"2026-11-21T15:00:00Z", "2026-11-21T21:00:00Z");
	/* clocks go forward at 02:00 on 2026-03-29, back on 2026-10-25 */
	zone("CET-1CEST,M3.5.0,M10.5.0/3");
	COMES("0 30 2 * * ?", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z");
	COMES("0 0 0 * * ?", "2026-03-28T12:00:00Z", "2026-03-28T23:00:00Z",
		"2026-03-29T22:00:00Z");
	COMES("0 0 0 * * ?", "2026-10-24T12:00:00Z", "2026-10-24T22:00:00Z",
		"2026-10-25T23:00:00Z");
	zone("UTC0");
}

static void
test_refused(void)
{
	static const char *const bad[] = { "", "0", "0 0 0 * *",
		"0 0 0 * * ? * *", "60 0 0 * * ?", "0 60 0 * * ?",
		"0 0 24 * * ?", "0 0 0 0 * ?", "0 0 0 32 * ?", "0 0 0 * 13 ?",
		"0 0 0 ? * 8", "0 0 0 ? * 0", "0 0 0 * * *", "0 0 0 ? * ?",
		"0 0 0 L * ?", "0 0 0 15W * ?", "0 0 0 ? * 6#3", "0 0 0 ? * 6L",
		"0 0 0 * JAM ?", "0,,1 0 0 * * ?", "0, 0 0 * * ?",
		",0 0 0 * * ?", "1- 0 0 * * ?", "-1 0 0 * * ?",
		"1-2-3 0 0 * * ?", "0/0 0 0 * * ?", "0/61 0 0 * * ?",
		"0/ 0 0 * * ?", "? 0 0 * * ?", "0 0 0 * * ? 2100",
		"0 0 0 * * ? 1969", "0 0 0 * * ? 2030-2020",
		"99999999999 0 0 * * ?", "0 0 0 * * ?x", "*x 0 0 * * ?",
		"0 0 0 * * MO", "é 0 0 * * ?" };
	struct cron c;
	char big[CRON_TEXT_MAX + 50];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = ERR_INIT;

		ok_m(cron_parse(bad[i], &c, &e) && e.fault == FAULT_CONFIG,
			"'%s' is refused: %s", bad[i], e.text);
	}
	memset(big, ' ', sizeof(big));
	memcpy(big + sizeof(big) - 14, "0 0 0 * * ? *", 14);
	ok(cron_parse(big, &c, NULL));
}

int
main(void)
{
	test_next();
	test_zone();
	test_refused();
	return tap_done();
}
