/* SPDX-License-Identifier: MIT */
/*
 * Tests of the calendar, of time texts and of the movable clock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "err.h"
#include "tap.h"

static const struct {
	const char *text; /* as time_iso_ms() writes it */
	int64_t ms;
} time_row[] = {
	{ "1970-01-01T00:00:00.000Z", 0 },
	{ "1969-12-31T23:59:59.999Z", -1 },
	{ "2000-02-29T12:34:56.789Z", 951827696789 },
	{ "2026-11-21T06:42:00.123Z", 1795243320123 },
	{ "1900-03-01T00:00:00.000Z", -2203891200000 },
	{ "9999-12-31T23:59:59.999Z", 253402300799999 },
};

static void
test_rows(void)
{
	char out[TIME_TEXT_MAX];
	size_t i;
	int64_t ms;

	for (i = 0; i < sizeof(time_row) / sizeof(time_row[0]); i++) {
		is_str(time_iso_ms(out, time_row[i].ms), time_row[i].text);
		is_int(time_parse(time_row[i].text, &ms, NULL), 0);
		is_int(ms, time_row[i].ms);
	}
	is_str(time_iso(out, 1795243320123), "2026-11-21T06:42:00Z");
	is_str(time_compact(out, 1795243320123), "20261121064200");
}

static void
test_every_day(void)
{
	struct civil c, before = { 1899, 12, 31, 0, 0, 0 };
	int64_t day, first = -25567, bad = 0; /* 1900-01-01 */

	for (day = first; day < first + 400 * 366; day++) {
		civil_from_seconds(day * 86400 + 3661, &c);
		bad += civil_seconds(&c) != day * 86400 + 3661;
		bad += c.hour != 1 || c.minute != 1 || c.second != 1;
		/* the day after: one more, or the first of the next month */
		bad += !(c.day == before.day + 1 && c.month == before.month) &&
		       !(c.day == 1 &&
			       (c.month == before.month + 1 ||
				       (c.month == 1 &&
					       c.year == before.year + 1)));
		before = c;
	}
	is_int(bad, 0);
}

static void
test_parse(void)
{
	static const char *const same[] = { "2026-11-21T06:42:00Z",
		"2026-11-21t06:42:00z", "2026-11-21T15:42:00+09:00",
		"2026-11-21T01:12:00-05:30", "2026-11-21T06:42:00.000Z",
		"2026-11-21T06:42:00.000999999Z", "2026-11-21T06:42:00+00:00" };
	static const char *const bad[] = { "", "2026-11-21",
		"2026-11-21T06:42:00", "2026-11-21 06:42:00Z",
		"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z",
		"2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
		"2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z",
		"2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+9:00",
		"2026-01-01T00:00:00+15:00", "2026-01-01T00:00:00+09:60",
		"26-01-01T00:00:00Z", "-026-01-01T00:00:00Z",
		"2026-1-01T00:00:00Z", "0000-01-01T00:00:00Z", " " };
	size_t i;
	int64_t ms;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		ok_m(time_parse(same[i], &ms, NULL) == 0 && ms == 1795243320000,
			"%s", same[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = ERR_INIT;

		ok_m(time_parse(bad[i], &ms, &e) == -1 && err_set(&e),
			"refused: '%s'", bad[i]);
	}
	is_int(time_parse(NULL, &ms, NULL), -1);
}

static void
test_moving(void)
{
	int64_t real = clock_now(), ticks = clock_ticks();

	clock_shift(3600 * 1000);
	ok(clock_now() - real >= 3600 * 1000);
	ok(clock_now() - real < 3700 * 1000);
	ok(clock_seconds() - real / 1000 >= 3599);
	ok(clock_ticks() - ticks < 100 * 1000);
	clock_shift(0);
	ok(clock_now() - real < 100 * 1000);
	setenv("MACHILINK_CLOCK_OFFSET", "-7200", 1);
	clock_allow_environment();
	ok(clock_now() - real < -7000 * 1000);
	clock_shift(0);
	setenv("MACHILINK_CLOCK_OFFSET", "yesterday", 1);
	clock_allow_environment();
	ok(clock_now() >= real);
}

/* The offset follows a file; what is no number there changes nothing. */
static void
test_following(void)
{
	static const char *const text[] = { "600\n", "soon\n", "-600", "" };
	static const int64_t want[] = { 600, 600, -600, -600 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/offset", tap_dir());
	unsetenv("MACHILINK_CLOCK_OFFSET");
	setenv("MACHILINK_CLOCK_FILE", path, 1);
	clock_shift(0);
	clock_allow_environment();
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		int64_t begun = clock_ticks(), real = 0;
		bool good = false;
		FILE *f = fopen(path, "w");

		fputs(text[i], f);
		fclose(f);
		/* it looks every 50 ms */
		while (clock_ticks() < begun + (good ? 120 : 20000)) {
			real = clock_now() - (int64_t)time(NULL) * 1000;
			good = real / 1000 >= want[i] - 5 &&
			       real / 1000 <= want[i] + 5;
		}
		ok_m(good, "\"%s\" is %lld s", text[i], (long long)real / 1000);
	}
}

int
main(void)
{
	test_rows();
	test_every_day();
	test_parse();
	test_moving();
	test_following();
	return tap_done();
}
