/* SPDX-License-Identifier: MIT */
/*
 * Days of the Japanese calendar. An era begins on the day the one before it
 * ends; the Gregorian calendar counts from 明治6年 on.
 */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "japanese.h"
#include "mem.h"
#include "text.h"

enum {
	FIRST_YEAR = 1873, /* of the Gregorian calendar in Japan */
	LAST_YEAR = 9999,
	ERA_DIGITS = 2,
	YEAR_DIGITS = 4,
};

static const struct era {
	const char *kanji, *sign, *letter, *brief;
	int before;         /* the year before its first */
	const char *begins; /* 2019-05-01 */
} eras[] = {
	{ "令和", "㋿", "R", "令", 2018, "2019-05-01" },
	{ "平成", "㍻", "H", "平", 1988, "1989-01-08" },
	{ "昭和", "㍼", "S", "昭", 1925, "1926-12-25" },
	{ "大正", "㍽", "T", "大", 1911, "1912-07-30" },
	{ "明治", "㍾", "M", "明", 1867, "1868-10-23" },
};
enum { ERAS = sizeof(eras) / sizeof(*eras) };

static const struct era *
era_of_day(const char *iso)
{
	for (size_t i = 0; i < ERAS; i++)
		if (strcmp(iso, eras[i].begins) >= 0)
			return &eras[i];
	return NULL;
}

/* The era that p begins with; p goes behind it. */
static const struct era *
read_era(const char **p)
{
	for (size_t i = 0; i < ERAS; i++) {
		const struct era *e = &eras[i];
		const char *form[] = { e->kanji, e->sign, e->letter, e->brief };

		for (size_t j = 0; j < sizeof(form) / sizeof(*form); j++)
			if (str_iprefix(*p, form[j])) {
				*p += strlen(form[j]);
				return e;
			}
	}
	return NULL;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
read_number(const char **p, size_t most, int *out)
{
	size_t n = 0;

	for (*out = 0; is_digit(**p) && n < most; (*p)++, n++)
		*out = *out * 10 + (**p - '0');
	return n > 0;
}

/* What stands between: 年 and 月, or twice the same of . / - */
static bool
read_mark(const char **p, const char *kanji, char *plain)
{
	if (str_prefix(*p, kanji)) {
		*p += strlen(kanji);
		return !*plain || *plain == 'k' ? (*plain = 'k', true) : false;
	}
	if (!**p || !strchr("./-", **p) || (*plain && *plain != **p))
		return false;
	*plain = *(*p)++;
	return true;
}

/* 20261121 */
static bool
read_compact(const char *p, struct civil *c)
{
	return strlen(p) == 8 && read_number(&p, YEAR_DIGITS, &c->year) &&
	       read_number(&p, 2, &c->month) && read_number(&p, 2, &c->day) &&
	       !*p;
}

/* 令和 元年 5月 1日, as forms leave room; but 1 2 is not 12. */
static char *
drop_blanks(char *text)
{
	char *to = text;

	for (const char *s = text; *s; s++)
		if (*s != ' ' || (to > text && is_digit(to[-1]) &&
					 is_digit(s[strspn(s, " ")])))
			*to++ = *s;
	*to = '\0';
	return text;
}

static bool
read_parts(const char *p, struct civil *c, const struct era **era)
{
	char mark = 0;

	*era = NULL;
	if (read_compact(p, c))
		return true;
	*era = read_era(&p);
	if (*era && str_prefix(p, "元")) {
		p += strlen("元");
		c->year = 1;
	} else if (!read_number(
			   &p, *era ? ERA_DIGITS : YEAR_DIGITS, &c->year)) {
		return false;
	}
	if (*era && c->year)
		c->year += (*era)->before;
	if (!read_mark(&p, "年", &mark) || !read_number(&p, 2, &c->month) ||
		!read_mark(&p, "月", &mark) || !read_number(&p, 2, &c->day))
		return false;
	if (mark == 'k') {
		if (!str_prefix(p, "日"))
			return false;
		p += strlen("日");
	}
	return !*p;
}

/* Is there such a day? The calendar turns 31 April into 1 May. */
static bool
is_day(const struct civil *c)
{
	struct civil same;

	if (c->year < FIRST_YEAR || c->year > LAST_YEAR || c->month < 1 ||
		c->month > 12 || c->day < 1 || c->day > 31)
		return false;
	civil_from_seconds(civil_seconds(c), &same);
	return same.month == c->month && same.day == c->day;
}

bool
wareki_read(const char *text, char iso[DAY_TEXT_LEN + 1])
{
	struct arena *a = arena_new();
	struct civil c = { 0 };
	const struct era *era;
	char *s = drop_blanks(str_trim(text_narrow(a, text)));
	bool good = read_parts(s, &c, &era) && is_day(&c);

	if (good) {
		snprintf(iso, DAY_TEXT_LEN + 1, "%04u-%02u-%02u",
			(unsigned)c.year % 10000, (unsigned)c.month % 100,
			(unsigned)c.day % 100);
		good = !era || era == era_of_day(iso);
	}
	arena_free(&a);
	return good;
}

bool
wareki_write(const char *iso, char out[WAREKI_TEXT_MAX])
{
	struct civil c = { 0 };
	const struct era *era, *none;

	if (strlen(iso) != DAY_TEXT_LEN || !read_parts(iso, &c, &none) ||
		none || !is_day(&c))
		return false;
	era = era_of_day(iso);
	if (c.year - era->before == 1)
		snprintf(out, WAREKI_TEXT_MAX, "%s元年%d月%d日", era->kanji,
			c.month, c.day);
	else
		snprintf(out, WAREKI_TEXT_MAX, "%s%d年%d月%d日", era->kanji,
			c.year - era->before, c.month, c.day);
	return true;
}
