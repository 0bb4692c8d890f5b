/* SPDX-License-Identifier: MIT */
/*
 * What comes out of the database as text of its declared kind. What does not
 * fit is refused, so the contract never lies.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasource.h"
#include "japanese.h"
#include "kind_int.h"
#include "text.h"

static bool
made(struct buf *scratch, struct bytes *out)
{
	*out = bytes_buf(scratch);
	return !scratch->over;
}

void
real_text(double d, char out[REAL_TEXT_MAX])
{
	for (int n = 15; n <= 17; n++) {
		snprintf(out, REAL_TEXT_MAX, "%.*g", n, d);
		if (strtod(out, NULL) == d)
			return;
	}
}

/* Any value as a text. */
bool
write_text(const struct kind *k, const struct cell *v, struct buf *scratch,
	struct bytes *out)
{
	char plain[REAL_TEXT_MAX];

	(void)k;
	switch (v->kind) {
	case CELL_TEXT:
		*out = v->text;
		return utf8_valid((const char *)out->data, out->len);
	case CELL_BLOB: buf_base64(scratch, v->text.data, v->text.len); break;
	case CELL_REAL:
		real_text(v->real, plain);
		buf_str(scratch, plain);
		break;
	case CELL_INT: buf_fmt(scratch, "%lld", (long long)v->number); break;
	case CELL_BOOL: buf_str(scratch, v->number ? "true" : "false"); break;
	case CELL_NULL:
	case CELL_LIST: return false;
	}
	return made(scratch, out);
}

/* A number of any kind: exact in n if it is a whole one, else only in d. */
static bool
number_of(const struct cell *v, int64_t *n, double *d, bool *whole)
{
	const char *text = (const char *)v->text.data;

	*whole = v->kind == CELL_INT || v->kind == CELL_BOOL;
	*n = v->number;
	*d = (double)v->number;
	if (*whole)
		return true;
	if (v->kind == CELL_TEXT) {
		*whole = !int_parse(text, INT64_MIN, INT64_MAX, n, NULL);
		return number_read(text, d);
	}
	if (v->kind != CELL_REAL || !isfinite(v->real))
		return false;
	*d = v->real;
	*whole = *d == floor(*d) && fabs(*d) < 9e15;
	if (*whole)
		*n = (int64_t)*d;
	return true;
}

bool
write_int(const struct kind *k, const struct cell *v, struct buf *scratch,
	struct bytes *out)
{
	int64_t n;
	double d;
	bool whole;

	if (!number_of(v, &n, &d, &whole) || !whole || !int_fits(k, n))
		return false;
	buf_int(scratch, n);
	return made(scratch, out);
}

bool
write_real(const struct kind *k, const struct cell *v, struct buf *scratch,
	struct bytes *out)
{
	char plain[REAL_TEXT_MAX];
	int64_t n;
	double d;
	bool whole;

	(void)k;
	if (!number_of(v, &n, &d, &whole))
		return false;
	real_text(d, plain);
	buf_str(scratch, plain);
	return made(scratch, out);
}

/* An exact number of the database keeps its digits: 12.30. XML knows no
   exponent of a decimal, JSON no leading '+', '.5' or '05'. */
bool
write_decimal(const struct kind *k, const struct cell *v, struct buf *scratch,
	struct bytes *out)
{
	const char *s = (const char *)v->text.data, *p = s;

	if (v->kind == CELL_INT)
		return write_int(kind_find("LONG"), v, scratch, out);
	if (v->kind == CELL_TEXT && number_is(s)) {
		p += *p == '-';
		if (*p >= '0' && *p <= '9' &&
			(*p != '0' || p[1] == '.' || !p[1]) &&
			!strpbrk(p, "eE") && p[strlen(p) - 1] != '.') {
			*out = v->text;
			return true;
		}
	}
	return write_real(k, v, scratch, out);
}

bool
write_bool(const struct kind *k, const struct cell *v, struct buf *scratch,
	struct bytes *out)
{
	int64_t n;
	double d;
	bool whole;

	(void)k;
	(void)scratch;
	if (!number_of(v, &n, &d, &whole) || !whole || (n != 0 && n != 1))
		return false;
	*out = bytes_str(n ? "true" : "false");
	return true;
}

bool
write_day(const struct kind *k, const struct cell *v, struct buf *scratch,
	struct bytes *out)
{
	(void)k;
	(void)scratch;
	*out = v->text;
	return v->kind == CELL_TEXT &&
	       moment_is((const char *)v->text.data, true);
}

/* Databases often have a blank where ISO 8601 has its T, and PostgreSQL a
   zone without minutes. */
bool
write_moment(const struct kind *k, const struct cell *v, struct buf *scratch,
	struct bytes *out)
{
	size_t n;

	(void)k;
	if (v->kind != CELL_TEXT || v->text.len > MOMENT_MAX)
		return false;
	buf_bytes(scratch, v->text);
	n = scratch->len;
	if (n > DAY_TEXT_LEN && scratch->data[DAY_TEXT_LEN] == ' ')
		scratch->data[DAY_TEXT_LEN] = 'T';
	if (n > DAY_TEXT_LEN + 3 && strchr("+-", scratch->data[n - 3]))
		buf_str(scratch, ":00");
	return moment_is(scratch->data, false) && made(scratch, out);
}

bool
write_blob(const struct kind *k, const struct cell *v, struct buf *scratch,
	struct bytes *out)
{
	(void)k;
	if (v->kind != CELL_BLOB && v->kind != CELL_TEXT)
		return false;
	buf_base64(scratch, v->text.data, v->text.len);
	return made(scratch, out);
}

bool
write_wareki(const struct kind *k, const struct cell *v, struct buf *scratch,
	struct bytes *out)
{
	char text[WAREKI_TEXT_MAX];

	(void)k;
	if (v->kind != CELL_TEXT ||
		!wareki_write((const char *)v->text.data, text))
		return false;
	buf_str(scratch, text);
	return made(scratch, out);
}
