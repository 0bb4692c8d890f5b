/* SPDX-License-Identifier: MIT */
/* Reading of command-line options by rows, and complaining about them. */
#include "cli.h"
#include "cli_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "text.h"

int
complain(int code, const char *fmt, ...)
{
	va_list ap;

	fputs("machilink: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return code;
}

int
complain_err(int code, const struct err *e)
{
	return complain(code, "%s", e->text);
}

static const struct option_row *
find(const struct option_row *rows, const char *name, size_t n)
{
	for (; rows->name; rows++)
		if (strlen(rows->name) == n && !strncmp(rows->name, name, n))
			return rows;
	return NULL;
}

static const char *
nearest(const struct option_row *rows, const char *name)
{
	const char *best = NULL;
	unsigned least = 4;

	for (; rows->name; rows++) {
		unsigned d = str_distance(rows->name, name);

		if (d < least) {
			least = d;
			best = rows->name;
		}
	}
	return best;
}

static int
unknown(const struct option_row *rows, const char *arg)
{
	const char *best = nearest(rows, arg + 2);

	if (best)
		return complain(
			-1, "unknown option %s; did you mean --%s?", arg, best);
	return complain(-1, "unknown option %s", arg);
}

int
options_read(const struct option_row *rows, int *argc, char **argv)
{
	int words = 0;

	for (int i = 0; i < *argc; i++) {
		const char *arg = argv[i];
		const char *eq = strchr(arg, '=');
		const struct option_row *row;

		if (!str_prefix(arg, "--")) {
			argv[words++] = argv[i];
			continue;
		}
		row = find(rows, arg + 2,
			eq ? (size_t)(eq - arg - 2) : strlen(arg + 2));
		if (!row)
			return unknown(rows, arg);
		if (row->given)
			*row->given = true;
		if (!row->value)
			continue;
		if (eq)
			*row->value = eq + 1;
		else if (i + 1 < *argc)
			*row->value = argv[++i];
		else
			return complain(-1, "--%s needs a value", row->name);
	}
	*argc = words;
	return 0;
}
