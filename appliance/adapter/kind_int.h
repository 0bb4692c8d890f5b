/* SPDX-License-Identifier: MIT */
/*
 * What the table of kinds is made of: the writers of columns, and what readers
 * and writers share.
 */
#pragma once

#ifndef IN_ADAPTER
# error "kind_int.h is private to appliance/adapter"
#endif

#include "kind.h"

enum { MOMENT_MAX = 40 };

/* Decimal, optional fraction and exponent; what strtod() takes beyond that
   (hexadecimal, infinity, blanks) is no number here. */
bool number_is(const char *v);
bool number_read(const char *v, double *out); /* finite ones */
bool int_fits(const struct kind *k, int64_t n);
/* Date "2026-11-21"; moment "2026-11-21T06:42:00" with or without fraction
   and zone. */
bool moment_is(const char *v, bool date);

typedef bool kind_write(const struct kind *k, const struct cell *v,
	struct buf *scratch, struct bytes *out);
kind_write write_text, write_int, write_real, write_decimal, write_bool,
	write_day, write_moment, write_blob, write_wareki;
