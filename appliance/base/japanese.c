/* SPDX-License-Identifier: MIT */
/*
 * Widths of letters, kana, and My Number.
 */
#include "japanese.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "text.h"
#include "text_int.h"

enum {
	WIDE_FIRST = 0xff01, /* ！ */
	WIDE_LAST = 0xff5e,  /* ～ */
	WIDE_STEP = 0xfee0,
	WIDE_BLANK = 0x3000,
	KANA_FIRST = 0xff61, /* ｡ */
	KANA_LAST = 0xff9f,  /* ﾟ */
	VOICED = 0xff9e,
	PLOSIVE = 0xff9f,
	GROUP = 4, /* digits of a My Number as it is printed */
};

static const unsigned hyphens[] = { 0x2010, 0x2011, 0x2012, 0x2013, 0x2014,
	0x2015, 0x2212, 0xff70, 0x30fc };

/* The character at s and its bytes. */
static size_t
step(const char *s, size_t len, unsigned *c)
{
	size_t used;

	*c = utf8_next(s, len, &used);
	return used;
}

static unsigned
narrow_of(unsigned c)
{
	if (c >= WIDE_FIRST && c <= WIDE_LAST)
		return c - WIDE_STEP;
	if (c == WIDE_BLANK)
		return ' ';
	for (size_t i = 0; i < sizeof(hyphens) / sizeof(*hyphens); i++)
		if (c == hyphens[i])
			return '-';
	return c;
}

char *
text_narrow(struct arena *a, const char *s)
{
	char *out = arena_strdup(a, s), *to = out;
	const char *end = s + strlen(s);

	while (s < end) {
		unsigned c;
		size_t n = step(s, (size_t)(end - s), &c);
		unsigned ascii = narrow_of(c);

		if (ascii < 0x80) {
			*to++ = (char)ascii;
		} else {
			memcpy(to, s, n);
			to += n;
		}
		s += n;
	}
	*to = '\0';
	return out;
}

/* U+FF61 to U+FF9D, then the voiced and the plosive of those that have one. */
static const char wide[][4] = { "。", "「", "」", "、", "・", "ヲ", "ァ", "ィ",
	"ゥ", "ェ", "ォ", "ャ", "ュ", "ョ", "ッ", "ー", "ア", "イ", "ウ", "エ",
	"オ", "カ", "キ", "ク", "ケ", "コ", "サ", "シ", "ス", "セ", "ソ", "タ",
	"チ", "ツ", "テ", "ト", "ナ", "ニ", "ヌ", "ネ", "ノ", "ハ", "ヒ", "フ",
	"ヘ", "ホ", "マ", "ミ", "ム", "メ", "モ", "ヤ", "ユ", "ヨ", "ラ", "リ",
	"ル", "レ", "ロ", "ワ", "ン", "゛", "゜" };

/* A kana with the mark that follows it; NULL when they do not join. In Unicode
   the voiced kana follows the plain one, the plosive the voiced one. */
static bool
joined(const char *plain, unsigned mark, char out[4])
{
	static const char takes[] = "カキクケコサシスセソタチツテトハヒフヘホ";
	const char *found = strstr(takes, plain);
	bool h = found && strstr("ハヒフヘホ", plain);

	if (mark == VOICED && str_equal(plain, "ウ")) {
		memcpy(out, "ヴ", 4);
		return true;
	}
	if (!found || (mark == PLOSIVE && !h) ||
		(mark != VOICED && mark != PLOSIVE))
		return false;
	memcpy(out, plain, 4);
	/* the last byte of UTF-8; チ U+30C1 to ヂ stays within its block, or
	   carries into the second byte */
	for (unsigned i = 0; i < (mark == VOICED ? 1u : 2u); i++) {
		unsigned char *p = (unsigned char *)out;

		if (p[2] == 0xbf) {
			p[2] = 0x80;
			p[1]++;
		} else {
			p[2]++;
		}
	}
	return true;
}

char *
kana_wide(struct arena *a, const char *s)
{
	const char *end = s + strlen(s);
	char *out = arena_alloc(a, (size_t)(end - s) + 1), *to = out;

	while (s < end) {
		unsigned c, mark = 0;
		size_t n = step(s, (size_t)(end - s), &c), more = 0;
		char one[4];

		if (c < KANA_FIRST || c > KANA_LAST) {
			memcpy(to, s, n);
			to += n;
			s += n;
			continue;
		}
		s += n;
		if (s < end)
			more = step(s, (size_t)(end - s), &mark);
		if (more && joined(wide[c - KANA_FIRST], mark, one))
			s += more;
		else
			memcpy(one, wide[c - KANA_FIRST], 4);
		memcpy(to, one, 3);
		to += 3;
	}
	*to = '\0';
	return out;
}

bool
kana_is(const char *s)
{
	const char *end = s + strlen(s);

	if (s == end)
		return false;
	while (s < end) {
		unsigned c;

		s += step(s, (size_t)(end - s), &c);
		if (!((c >= 0x30a1 && c <= 0x30fe) || c == ' ' ||
			    c == WIDE_BLANK))
			return false;
	}
	return true;
}

/* field-notes.md 6.1; the last digit checks the eleven before it. */
static bool
checks(const char digit[MYNUMBER_LEN])
{
	int sum = 0, rest;

	for (int n = 1; n < MYNUMBER_LEN; n++)
		sum += (digit[MYNUMBER_LEN - 1 - n] - '0') *
		       (n <= 6 ? n + 1 : n - 5);
	rest = sum % 11;
	return digit[MYNUMBER_LEN - 1] - '0' == (rest <= 1 ? 0 : 11 - rest);
}

bool
mynumber_is(long long n)
{
	char text[24];

	return n >= 0 && n < 1000000000000LL &&
	       snprintf(text, sizeof(text), "%012lld", n) == MYNUMBER_LEN &&
	       n >= 100000000000LL && checks(text);
}

/* One character; the ASCII one that it stands for. */
static size_t
next_narrow(const char *s, size_t len, unsigned *c)
{
	size_t n;

	if (!len)
		return *c = 0;
	n = step(s, len, c);
	*c = narrow_of(*c);
	return n;
}

struct digits {
	size_t from, to;
	size_t n;
	char digit[MYNUMBER_LEN];
};

/* The digits at `at`; none is fine. */
static void
read_digits(const char *s, size_t len, size_t at, struct digits *out)
{
	unsigned c;
	size_t n;

	out->from = out->to = at;
	out->n = 0;
	while ((n = next_narrow(s + out->to, len - out->to, &c)) && c >= '0' &&
		c <= '9') {
		if (out->n < MYNUMBER_LEN)
			out->digit[out->n] = (char)c;
		out->n++;
		out->to += n;
	}
}

/* After one hyphen or blank. */
static void
read_more(const char *s, size_t len, size_t at, struct digits *out)
{
	unsigned c;
	size_t n = next_narrow(s + at, len - at, &c);

	*out = (struct digits){ .from = at, .to = at };
	if (n && (c == '-' || c == ' '))
		read_digits(s, len, at + n, out);
}

static bool
is_grouped(const char *s, size_t len, const struct digits *first, size_t *to)
{
	struct digits more, end;
	char all[MYNUMBER_LEN];
	size_t at = first->to;

	memcpy(all, first->digit, GROUP);
	for (int i = 1; i < 3; i++) {
		read_more(s, len, at, &more);
		if (more.n != GROUP)
			return false;
		memcpy(all + (size_t)i * GROUP, more.digit, GROUP);
		at = more.to;
	}
	read_more(s, len, at, &end);
	*to = at;
	return end.n != GROUP && checks(all);
}

bool
mynumber_find(const char *s, size_t len, size_t *from, size_t *to)
{
	bool after = false; /* a group of four and one separator */
	bool point = false; /* digits and a decimal point */
	size_t at = 0, n;
	struct digits d;
	unsigned c;

	while (at < len) {
		read_digits(s, len, at, &d);
		if (!d.n) {
			at += next_narrow(s + at, len - at, &c);
			after = point = false;
			continue;
		}
		*from = d.from;
		*to = d.to;
		if ((d.n == MYNUMBER_LEN && !point && checks(d.digit)) ||
			(d.n == GROUP && !after && is_grouped(s, len, &d, to)))
			return true;
		at = d.to;
		n = next_narrow(s + at, len - at, &c);
		after = d.n == GROUP && n && (c == '-' || c == ' ');
		point = n && c == '.';
		at += n;
	}
	return false;
}

bool
mynumber_in_bytes(struct bytes b)
{
	const char *s = (const char *)b.data;
	size_t from, to;

	return b.len >= MYNUMBER_LEN && utf8_valid(s, b.len) &&
	       mynumber_find(s, b.len, &from, &to);
}
