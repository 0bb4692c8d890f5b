/* SPDX-License-Identifier: MIT */
/*
 * What the commands share: the table of roles and reading of options.
 */
#pragma once

#ifndef IN_CLI
# error "cli_int.h is private to appliance/cli"
#endif

#include <stdbool.h>
#include <stddef.h>

struct err;
struct role;

/* Every role of the program in start order; ends with NULL. */
extern const struct role *const all_roles[];

/* "--name VALUE" or "--name" (value NULL: a switch). Rows end with name NULL.
   Words that are not options are kept in order at the front of argv. */
struct option_row {
	const char *name;   /* without the dashes */
	const char **value; /* or NULL */
	bool *given;        /* or NULL */
};
/* 0 and *argc = number of words, or -1 with a sentence on standard error. */
int options_read(const struct option_row *rows, int *argc, char **argv);

/* --lang if given, else the terminal's language. */
bool language_is_japanese(const char *option);

/* Prints "machilink: text" and returns code. */
int complain(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int complain_err(int code, const struct err *e);
