/* SPDX-License-Identifier: MIT */
/*
 * The clock and the calendar: proleptic Gregorian, UTC, no leap seconds, no
 * time zone files.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "err.h"
#include "text.h"

#define OFFSET_MIN (-4000000000)
#define OFFSET_MAX 4000000000

enum { DAY_SECONDS = 86400, ERA_DAYS = 146097, YEAR_MAX = 9999 };

enum { FOLLOW_MS = 50 };

/* Milliseconds added to the real time; zero outside tests. */
static _Atomic int64_t clock_offset;
/* File that the offset is read from again and again, or NULL; when it was read
   last, in ticks. Tests only. */
static const char *_Atomic clock_file;
static _Atomic int64_t clock_followed;

static int64_t
clock_read(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The offset as the file has it now. */
static void
clock_follow(const char *file)
{
	int64_t ticks = clock_read(CLOCK_MONOTONIC), seconds;
	int64_t last = atomic_load(&clock_followed);
	char text[32] = "";
	FILE *f;

	if (ticks < last + FOLLOW_MS ||
		!atomic_compare_exchange_strong(&clock_followed, &last, ticks))
		return;
	f = fopen(file, "re");
	if (!f)
		return;
	if (fgets(text, sizeof(text), f)) {
		text[strcspn(text, "\n")] = '\0';
		if (!int_parse(text, OFFSET_MIN, OFFSET_MAX, &seconds, NULL))
			clock_shift(seconds * 1000);
	}
	fclose(f);
}

int64_t
clock_now(void)
{
	const char *file = atomic_load(&clock_file);

	if (file)
		clock_follow(file);
	return clock_read(CLOCK_REALTIME) + atomic_load(&clock_offset);
}

/* Floor, also before 1970. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t
clock_seconds(void)
{
	return floor_div(clock_now(), 1000);
}

int64_t
clock_micros(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t
clock_ticks(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

void
clock_shift(int64_t ms)
{
	atomic_store(&clock_offset, ms);
}

void
clock_allow_environment(void)
{
	const char *s = getenv("MACHILINK_CLOCK_OFFSET");
	int64_t seconds;

	if (s && int_parse(s, OFFSET_MIN, OFFSET_MAX, &seconds, NULL) == 0)
		clock_shift(seconds * 1000);
	atomic_store(&clock_file, getenv("MACHILINK_CLOCK_FILE"));
}

/*
 * Days since 1970-01-01. Years begin in March here, so that the leap day is
 * the last day of a year and every 400 years are alike.
 */
static int64_t
civil_days(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = floor_div(y, 400);
	int64_t of_era = y - era * 400;
	int64_t from_march = (month + 9) % 12;
	int64_t of_year = (153 * from_march + 2) / 5 + day - 1;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

int64_t
civil_seconds(const struct civil *c)
{
	return civil_days(c->year, c->month, c->day) * DAY_SECONDS +
	       c->hour * 3600 + c->minute * 60 + c->second;
}

void
civil_from_seconds(int64_t s, struct civil *out)
{
	int64_t days = floor_div(s, DAY_SECONDS);
	int64_t rest = s - days * DAY_SECONDS;
	int64_t z = days + 719468;
	int64_t era = floor_div(z, ERA_DAYS);
	int64_t d = z - era * ERA_DAYS; /* day of the era */
	int64_t y = (d - d / 1460 + d / 36524 - d / 146096) / 365;
	int64_t of_year = d - (365 * y + y / 4 - y / 100);
	int64_t from_march = (5 * of_year + 2) / 153;

	out->day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
	out->month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
	out->year = (int)(y + era * 400 + (out->month <= 2));
	out->hour = (int)(rest / 3600);
	out->minute = (int)(rest % 3600 / 60);
	out->second = (int)(rest % 60);
}

static void
civil_from_ms(int64_t ms, struct civil *out)
{
	civil_from_seconds(floor_div(ms, 1000), out);
}

const char *
time_iso(char out[TIME_TEXT_MAX], int64_t ms)
{
	struct civil c;

	civil_from_ms(ms, &c);
	snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year,
		c.month, c.day, c.hour, c.minute, c.second);
	return out;
}

const char *
time_iso_ms(char out[TIME_TEXT_MAX], int64_t ms)
{
	struct civil c;
	int rest = (int)(ms - floor_div(ms, 1000) * 1000);

	civil_from_ms(ms, &c);
	snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
		c.year, c.month, c.day, c.hour, c.minute, c.second, rest);
	return out;
}

const char *
time_compact(char out[TIME_TEXT_MAX], int64_t ms)
{
	struct civil c;

	civil_from_ms(ms, &c);
	snprintf(out, TIME_TEXT_MAX, "%04d%02d%02d%02d%02d%02d", c.year,
		c.month, c.day, c.hour, c.minute, c.second);
	return out;
}

/* Exactly n digits at *s; moves on. -1 if there are fewer. */
static int
take_digits(const char **s, int n)
{
	int v = 0;

	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + (**s - '0');
	}
	return v;
}

static bool
take_char(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static int
month_days(int year, int month)
{
	static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool
civil_valid(const struct civil *c)
{
	return c->year >= 1 && c->year <= YEAR_MAX && c->month >= 1 &&
	       c->month <= 12 && c->day >= 1 &&
	       c->day <= month_days(c->year, c->month) && c->hour >= 0 &&
	       c->hour <= 23 && c->minute >= 0 && c->minute <= 59 &&
	       c->second >= 0 && c->second <= 59;
}

static bool
take_civil(const char **s, struct civil *c)
{
	c->year = take_digits(s, 4);
	if (c->year < 0 || !take_char(s, '-'))
		return false;
	c->month = take_digits(s, 2);
	if (c->month < 0 || !take_char(s, '-'))
		return false;
	c->day = take_digits(s, 2);
	if (c->day < 0 || !(take_char(s, 'T') || take_char(s, 't')))
		return false;
	c->hour = take_digits(s, 2);
	if (c->hour < 0 || !take_char(s, ':'))
		return false;
	c->minute = take_digits(s, 2);
	if (c->minute < 0 || !take_char(s, ':'))
		return false;
	c->second = take_digits(s, 2);
	return civil_valid(c);
}

/* ".123456" as milliseconds, the rest cut off; -1 without a digit. */
static int
take_fraction(const char **s)
{
	int ms = 0, weight = 100, n = 0;

	if (!take_char(s, '.'))
		return 0;
	for (; **s >= '0' && **s <= '9'; (*s)++, n++) {
		ms += (**s - '0') * weight;
		weight /= 10;
	}
	return n ? ms : -1;
}

/* "Z" or "+09:00" to the end of the text, in seconds. */
static bool
take_zone(const char *s, int *seconds)
{
	int sign = *s == '-' ? -1 : 1, hour, minute;

	if (*s == 'Z' || *s == 'z') {
		*seconds = 0;
		return s[1] == '\0';
	}
	if (!take_char(&s, '+') && !take_char(&s, '-'))
		return false;
	hour = take_digits(&s, 2);
	if (hour < 0 || hour > 14 || !take_char(&s, ':'))
		return false;
	minute = take_digits(&s, 2);
	if (minute < 0 || minute > 59 || *s != '\0')
		return false;
	*seconds = sign * (hour * 3600 + minute * 60);
	return true;
}

int
time_parse(const char *s, int64_t *ms, struct err *e)
{
	struct civil c;
	int fraction, zone;

	if (!s || !take_civil(&s, &c) || (fraction = take_fraction(&s)) < 0 ||
		!take_zone(s, &zone))
		return fail(e, FAULT_BAD_REQUEST,
			"not a date and time with a time zone");
	*ms = (civil_seconds(&c) - zone) * 1000 + fraction;
	return 0;
}
