/* SPDX-License-Identifier: MIT */
/*
 * Semantic versions, read in place: numbers may be of any length.
 */
#include "version.h"

#include <string.h>

#define DIGITS "0123456789"
#define WORD   DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-"

/* A number without leading zeros at *p; moves behind it. */
static bool
number(const char **p)
{
	size_t n = strspn(*p, DIGITS);
	bool good = n && (n == 1 || **p != '0');

	*p += n;
	return good;
}

/* Words with dots between; numbers among them without leading zeros if
   `strict`. */
static bool
words(const char **p, bool strict)
{
	for (;; (*p)++) {
		size_t n = strspn(*p, WORD), digits = strspn(*p, DIGITS);
		if (!n || (strict && n == digits && n > 1 && **p == '0'))
			return false;
		*p += n;
		if (**p != '.')
			return true;
	}
}

bool
version_valid(const char *s)
{
	for (int i = 0; i < 3; i++) {
		if (!number(&s) || (i < 2 && *s++ != '.'))
			return false;
	}
	if (*s == '-' && (s++, !words(&s, true)))
		return false;
	if (*s == '+' && (s++, !words(&s, false)))
		return false;
	return !*s;
}

/* Numbers by size, before words; words by their bytes. */
static int
piece_compare(const char *a, size_t na, const char *b, size_t nb)
{
	bool da = strspn(a, DIGITS) >= na, db = strspn(b, DIGITS) >= nb;
	int c;

	if (da != db)
		return da ? -1 : 1;
	if (da && na != nb)
		return na < nb ? -1 : 1;
	c = memcmp(a, b, na < nb ? na : nb);
	return c ? c : (na > nb) - (na < nb);
}

/* Pieces up to `end`; the longer list is the larger one. */
static int
list_compare(const char **pa, const char **pb, const char *end)
{
	const char *a = *pa, *b = *pb;
	int c = 0;

	while (!c) {
		size_t na = strcspn(a, end), nb = strcspn(b, end);
		c = piece_compare(a, na, b, nb);
		a += na;
		b += nb;
		if (c || *a != '.' || *b != '.') {
			c = c ? c : (*a == '.') - (*b == '.');
			break;
		}
		a++, b++;
	}
	*pa = a;
	*pb = b;
	return c;
}

int
version_compare(const char *a, const char *b)
{
	int c = list_compare(&a, &b, ".-+");

	if (c)
		return c;
	if (*a != '-' || *b != '-') /* a release is larger than before it */
		return (*b == '-') - (*a == '-');
	a++, b++;
	return list_compare(&a, &b, ".+");
}
