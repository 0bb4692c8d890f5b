/* SPDX-License-Identifier: MIT */
/*
 * Plain scalars of the core schema (YAML 1.2.2 section 10.3.2).
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "yaml_io.h"

enum { NUMBER_MAX = 64 }; /* characters; longer ones are texts */

static const struct word {
	const char *text;
	json_type type;
} words[] = {
	{ "", JSON_NULL },
	{ "~", JSON_NULL },
	{ "null", JSON_NULL },
	{ "Null", JSON_NULL },
	{ "NULL", JSON_NULL },
	{ "true", JSON_TRUE },
	{ "True", JSON_TRUE },
	{ "TRUE", JSON_TRUE },
	{ "false", JSON_FALSE },
	{ "False", JSON_FALSE },
	{ "FALSE", JSON_FALSE },
};

static json_t *
word_value(const char *s)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].text, s) != 0)
			continue;
		if (words[i].type == JSON_NULL)
			return json_null();
		return json_boolean(words[i].type == JSON_TRUE);
	}
	return NULL;
}

static size_t
digits(const char *s, const char *of)
{
	return strspn(s, of);
}

static bool
is_whole(const char *s, const char *of)
{
	size_t n = digits(s, of);

	return n > 0 && !s[n];
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool
is_float(const char *s)
{
	size_t n;

	s += *s == '-' || *s == '+';
	n = digits(s, "0123456789");
	s += n;
	if (*s == '.') {
		size_t more = digits(s + 1, "0123456789");

		if (n + more == 0)
			return false;
		s += 1 + more;
	} else if (n == 0) {
		return false;
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		return is_whole(s, "0123456789");
	}
	return !*s;
}

static bool
is_special(const char *s)
{
	static const char *const special[] = { ".inf", ".Inf", ".INF", ".nan",
		".NaN", ".NAN" };
	size_t i;

	s += *s == '-' || *s == '+';
	for (i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (strcmp(special[i], s) == 0)
			return true;
	return false;
}

static json_t *
real_value(const char *s)
{
	double v = strtod(s, NULL);

	return isfinite(v) ? json_real(v) : NULL;
}

static json_t *
int_value(const char *s, int base)
{
	long long v;

	errno = 0;
	v = strtoll(s, NULL, base);
	if (errno != 0)
		return base == 10 ? real_value(s) : json_string(s);
	return json_integer(v);
}

static json_t *
number_value(const char *s)
{
	if (is_whole(s + (*s == '-' || *s == '+'), "0123456789"))
		return int_value(s, 10);
	if (strncmp(s, "0o", 2) == 0 && is_whole(s + 2, "01234567"))
		return int_value(s + 2, 8);
	if (strncmp(s, "0x", 2) == 0 &&
		is_whole(s + 2, "0123456789abcdefABCDEF"))
		return int_value(s + 2, 16);
	return is_float(s) ? real_value(s) : NULL;
}

json_t *
yaml_scalar(const char *text, size_t n)
{
	char s[NUMBER_MAX + 1];
	json_t *v;

	if (n > NUMBER_MAX || memchr(text, 0, n))
		return json_stringn(text, n);
	memcpy(s, text, n);
	s[n] = 0;
	v = word_value(s);
	if (v)
		return v;
	if (is_special(s))
		return NULL;
	v = number_value(s);
	if (v)
		return v;
	return is_float(s) ? NULL : json_stringn(text, n);
}
