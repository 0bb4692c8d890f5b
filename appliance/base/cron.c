/* SPDX-License-Identifier: MIT */
/*
 * Quartz cron expressions: parsing into bit sets, and the next moment.
 */
#include "cron.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "text.h"

enum { NAME_LEN = 3, MINUTE = 60, HOUR = 3600, DAY = 86400, FIELDS = 7 };

struct field {
	const char *name;
	int low, high;
	const char *names; /* three letters each, the first is `low` */
	bool any_day;      /* may be ? */
};

static const struct field fields[FIELDS] = {
	{ "second", 0, 59, "", false },
	{ "minute", 0, 59, "", false },
	{ "hour", 0, 23, "", false },
	{ "day of month", 1, 31, "", true },
	{ "month", 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", false },
	{ "day of week", 1, 7, "SUNMONTUEWEDTHUFRISAT", true },
	{ "year", CRON_YEAR_MIN, CRON_YEAR_MAX, "", false },
};
enum { F_SECOND, F_MINUTE, F_HOUR, F_DAY, F_MONTH, F_WEEKDAY, F_YEAR };

struct reader {
	const struct field *f;
	const char *text; /* of the whole field, for the message */
	const char *p;
	struct err *e;
};

static int
refuse(const struct reader *r, const char *why)
{
	return fail(
		r->e, FAULT_CONFIG, "%s '%s': %s", r->f->name, r->text, why);
}

static int
read_number(struct reader *r, int64_t low, int64_t high, int *out)
{
	char digits[8] = "";
	size_t n = 0;
	int64_t v;

	while (isdigit((unsigned char)r->p[n]))
		n++;
	if (!n || n >= sizeof(digits))
		return refuse(r, "a number is expected");
	memcpy(digits, r->p, n);
	if (int_parse(digits, low, high, &v, NULL))
		return refuse(r, "a number is out of its range");
	r->p += n;
	*out = (int)v;
	return 0;
}

static int
read_value(struct reader *r, int *out)
{
	const struct field *f = r->f;
	char name[NAME_LEN + 1] = "";

	if (!isalpha((unsigned char)*r->p))
		return read_number(r, f->low, f->high, out);
	for (int i = 0; i < NAME_LEN && r->p[i]; i++)
		name[i] = (char)toupper((unsigned char)r->p[i]);
	for (int i = 0; f->names[i]; i += NAME_LEN)
		if (!memcmp(f->names + i, name, NAME_LEN)) {
			*out = f->low + i / NAME_LEN;
			r->p += NAME_LEN;
			return 0;
		}
	return refuse(r, "there is no such name here (L, W and # are not "
			 "taken)");
}

static void
set(const struct field *f, int value, uint64_t *bits, bool *year)
{
	if (year)
		year[value - f->low] = true;
	else
		*bits |= UINT64_C(1) << value;
}

/* One item of a list: *, a, a-b, each with /step. */
static int
read_item(struct reader *r, uint64_t *bits, bool *year)
{
	const struct field *f = r->f;
	int from = f->low, to = f->high, step = 1, size = f->high - f->low + 1;
	bool open = true;

	if (*r->p == '*') {
		r->p++;
	} else if (*r->p != '/') {
		if (read_value(r, &from))
			return -1;
		open = *r->p == '/';
		if (*r->p == '-') {
			r->p++;
			if (read_value(r, &to))
				return -1;
		} else if (!open) {
			to = from;
		}
	}
	if (*r->p == '/') {
		r->p++;
		if (read_number(r, 1, size, &step))
			return -1;
	}
	if (to < from && year)
		return refuse(r, "the range runs backwards");
	if (to < from)
		to += size;
	for (int v = from; v <= to; v += step)
		set(f, v > f->high ? v - size : v, bits, year);
	return 0;
}

static int
read_field(struct reader *r, uint64_t *bits, bool *year)
{
	do {
		if (read_item(r, bits, year))
			return -1;
	} while (*r->p == ',' && *++r->p);
	if (*r->p || r->p[-1] == ',')
		return refuse(r, "it is not a list of values, ranges and "
				 "steps");
	return 0;
}

static int
read_fields(char *const *text, int n, struct cron *out, struct err *e)
{
	uint64_t unused = 0;
	uint64_t *bits[FIELDS] = { &out->second, &out->minute, &out->hour,
		&out->day, &out->month, &out->weekday, &unused };
	bool any[FIELDS] = { false };

	for (int i = 0; i < FIELDS; i++) {
		struct reader r = { &fields[i], i < n ? text[i] : "*", NULL,
			e };

		any[i] = fields[i].any_day && str_equal(r.text, "?");
		r.p = any[i] ? "*" : r.text;
		if (read_field(&r, bits[i], i == F_YEAR ? out->year : NULL))
			return -1;
	}
	if (any[F_DAY] == any[F_WEEKDAY])
		return fail(e, FAULT_CONFIG,
			"exactly one of day of month and day of week must be "
			"'?'");
	return 0;
}

int
cron_parse(const char *text, struct cron *out, struct err *e)
{
	char copy[CRON_TEXT_MAX], *part[FIELDS + 1], *save = NULL, *p;
	size_t len = strlen(text);
	int n = 0;

	*out = (struct cron){ 0 };
	if (len >= sizeof(copy))
		return fail(e, FAULT_CONFIG,
			"a cron expression has fewer than %d characters",
			CRON_TEXT_MAX);
	memcpy(copy, text, len + 1);
	for (p = strtok_r(copy, " \t", &save); p && n <= FIELDS;
		p = strtok_r(NULL, " \t", &save))
		part[n++] = p;
	if (n != FIELDS && n != FIELDS - 1)
		return fail(e, FAULT_CONFIG,
			"a cron expression has six or seven fields: second "
			"minute hour day-of-month month day-of-week [year]");
	return read_fields(part, n, out, e);
}

static bool
has(uint64_t bits, int value)
{
	return bits >> value & 1;
}

static bool
day_matches(const struct cron *c, const struct tm *t)
{
	int year = t->tm_year + 1900;

	return year >= CRON_YEAR_MIN && year <= CRON_YEAR_MAX &&
	       c->year[year - CRON_YEAR_MIN] && has(c->month, t->tm_mon + 1) &&
	       has(c->day, t->tm_mday) && has(c->weekday, t->tm_wday + 1);
}

/* The beginning of the next local day. */
static time_t
next_day(time_t at, const struct tm *t)
{
	time_t next =
		at + DAY - t->tm_hour * HOUR - t->tm_min * MINUTE - t->tm_sec;
	struct tm n;

	localtime_r(&next, &n);
	/* clocks were set: an hour too far, or not far enough */
	if (n.tm_mday != t->tm_mday)
		next -= n.tm_hour * HOUR + n.tm_min * MINUTE;
	return next;
}

int64_t
cron_next(const struct cron *c, int64_t after)
{
	time_t at = (time_t)(after / 1000) + 1;
	struct tm t;

	for (;;) {
		localtime_r(&at, &t);
		if (t.tm_year + 1900 > CRON_YEAR_MAX)
			return 0;
		if (!day_matches(c, &t))
			at = next_day(at, &t);
		else if (!has(c->hour, t.tm_hour))
			at += HOUR - t.tm_min * MINUTE - t.tm_sec;
		else if (!has(c->minute, t.tm_min))
			at += MINUTE - t.tm_sec;
		else if (!has(c->second, t.tm_sec))
			at++;
		else
			return (int64_t)at * 1000;
	}
}
