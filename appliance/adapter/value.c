/* SPDX-License-Identifier: MIT */
/*
 * One value of a declared type: a parameter on its way into the statement, a
 * column on its way out. What does not fit its type is refused in both
 * directions, so the contract never lies.
 */
#include "adapter_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "datasource.h"
#include "text.h"

enum { NUMBER_MAX = 64, MOMENT_MAX = 40, DATE_LEN = 10 };

/* Decimal, optional fraction and exponent; what strtod() takes beyond that
   (hexadecimal, infinity, blanks) is no number here. */
static bool
is_number(const char *v)
{
	static const char digits[] = "0123456789";
	size_t n;

	v += *v == '-' || *v == '+';
	n = strspn(v, digits);
	v += n;
	if (*v == '.') {
		size_t m = strspn(v + 1, digits);

		v += m + 1;
		n += m;
	}
	if (n && (*v == 'e' || *v == 'E')) {
		v++;
		v += *v == '-' || *v == '+';
		n = strspn(v, digits);
		v += n;
	}
	return n && !*v;
}

static bool
read_real(const char *v, double *out)
{
	if (strlen(v) >= NUMBER_MAX || !is_number(v))
		return false;
	*out = strtod(v, NULL);
	return isfinite(*out);
}

static bool
fits_int(const struct field_type *t, int64_t n)
{
	return !str_equal(t->xsd, "int") || (n >= INT32_MIN && n <= INT32_MAX);
}

static bool
read_int(const struct field_type *t, const char *v, int64_t *out)
{
	return !int_parse(v, INT64_MIN, INT64_MAX, out, NULL) &&
	       fits_int(t, *out);
}

/* Date "2026-11-21"; moment "2026-11-21T06:42:00" with or without fraction
   and zone. */
static bool
is_moment(const char *v, bool date)
{
	char text[MOMENT_MAX + DATE_LEN + 1];
	size_t n = strlen(v);
	int64_t ms;

	if (n > MOMENT_MAX || (date && n != DATE_LEN))
		return false;
	if (!date && !time_parse(v, &ms, NULL))
		return true;
	snprintf(text, sizeof(text), "%s%s", v, date ? "T00:00:00Z" : "Z");
	return !time_parse(text, &ms, NULL);
}

static int
misfit(const struct field *f, const char *v, struct err *e)
{
	static const char *const want[] = {
		[FIELD_TEXT] = "text",
		[FIELD_INT] = "a whole number",
		[FIELD_REAL] = "a number",
		[FIELD_BOOL] = "true or false",
		[FIELD_DATE] = "a date such as 2026-11-21",
		[FIELD_TIME] = "a time such as 2026-11-21T06:42:00Z",
		[FIELD_BLOB] = "base64",
	};

	return fail(e, FAULT_BAD_REQUEST,
		"parameter \"%s\": \"%.40s\" is not %s (type %s)", f->name, v,
		want[f->type->kind], f->type->name);
}

static int
bind_number(struct cursor *q, const struct field *f, int64_t n, struct err *e)
{
	struct cell v = { .kind = CELL_INT, .number = n };

	return cursor_bind(q, (size_t)f->column, &v, e);
}

static int
bind_real(struct cursor *q, const struct field *f, double d, struct err *e)
{
	struct cell v = { .kind = CELL_REAL, .real = d };

	return cursor_bind(q, (size_t)f->column, &v, e);
}

static int
bind_text(struct cursor *q, const struct field *f, const char *s, struct err *e)
{
	struct cell v = { .kind = CELL_TEXT, .text = bytes_str(s) };

	return cursor_bind(q, (size_t)f->column, &v, e);
}

static int
bind_blob(struct cursor *q, const struct field *f, const char *v, struct err *e)
{
	struct cell cell = { .kind = CELL_BLOB };
	struct arena *a = arena_new();
	int ret;

	if (base64_decode(a, v, strlen(v), &cell.text, NULL))
		ret = misfit(f, v, e);
	else
		ret = cursor_bind(q, (size_t)f->column, &cell, e);
	arena_free(&a);
	return ret;
}

static int
bind_bool(struct cursor *q, const struct field *f, const char *v, struct err *e)
{
	bool yes = str_iequal(v, "true") || str_equal(v, "1");
	struct cell cell = { .kind = CELL_BOOL, .number = yes };

	if (!yes && !str_iequal(v, "false") && !str_equal(v, "0"))
		return misfit(f, v, e);
	return cursor_bind(q, (size_t)f->column, &cell, e);
}

int
value_bind(
	struct cursor *q, const struct field *f, const char *v, struct err *e)
{
	double d;
	int64_t n;

	switch (f->type->kind) {
	case FIELD_INT:
		return read_int(f->type, v, &n) ? bind_number(q, f, n, e)
						: misfit(f, v, e);
	case FIELD_REAL:
		return read_real(v, &d) ? bind_real(q, f, d, e)
					: misfit(f, v, e);
	case FIELD_DATE:
	case FIELD_TIME:
		if (!is_moment(v, f->type->kind == FIELD_DATE))
			return misfit(f, v, e);
		break;
	case FIELD_BOOL: return bind_bool(q, f, v, e);
	case FIELD_BLOB: return bind_blob(q, f, v, e);
	case FIELD_TEXT: break;
	}
	return bind_text(q, f, v, e);
}

void
real_text(double d, char out[REAL_TEXT_MAX])
{
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(out, REAL_TEXT_MAX, "%.*g", digits, d);
		if (strtod(out, NULL) == d)
			return;
	}
}

/* A column that must be a number or a truth, as JSON and XML both write it. */
static bool
plain_text(const struct cell *v, const struct field *f, char out[REAL_TEXT_MAX])
{
	const char *text = (const char *)v->text.data;
	int64_t n = v->number;
	double d = v->real;

	if (v->kind == CELL_BLOB ||
		(v->kind == CELL_TEXT && !read_real(text, &d)) ||
		(v->kind == CELL_REAL && !isfinite(d)))
		return false;
	if (f->type->kind == FIELD_REAL) {
		real_text(v->kind == CELL_INT ? (double)n : d, out);
		return true;
	}
	if (v->kind == CELL_REAL && d == floor(d) && fabs(d) < 9e15)
		n = (int64_t)d;
	else if (v->kind == CELL_REAL ||
		 (v->kind == CELL_TEXT &&
			 int_parse(text, INT64_MIN, INT64_MAX, &n, NULL)))
		return false;
	if (f->type->kind == FIELD_BOOL) {
		snprintf(out, REAL_TEXT_MAX, "%s", n ? "true" : "false");
		return n == 0 || n == 1;
	}
	snprintf(out, REAL_TEXT_MAX, "%lld", (long long)n);
	return fits_int(f->type, n);
}

static void
put_text(enum row_form form, const char *text, struct buf *out)
{
	if (form == ROWS_JSON)
		buf_json(out, text);
	else
		buf_xml(out, text);
}

static void
put_blob(struct bytes blob, enum row_form form, struct buf *out)
{
	if (form == ROWS_JSON)
		buf_char(out, '"');
	buf_base64(out, blob.data, blob.len);
	if (form == ROWS_JSON)
		buf_char(out, '"');
}

/* Databases often have a blank where ISO 8601 has its T. */
static bool
put_moment(const struct field *f, const char *text, enum row_form form,
	struct buf *out)
{
	char iso[MOMENT_MAX + 1];
	bool date = f->type->kind == FIELD_DATE;

	if (strlen(text) > MOMENT_MAX)
		return false;
	snprintf(iso, sizeof(iso), "%s", text);
	if (!date && strlen(iso) > DATE_LEN && iso[DATE_LEN] == ' ')
		iso[DATE_LEN] = 'T';
	if (!is_moment(iso, date))
		return false;
	put_text(form, iso, out);
	return true;
}

/* Any value as a text. */
static void
put_any(const struct cell *v, enum row_form form, struct buf *out)
{
	char plain[REAL_TEXT_MAX];

	switch (v->kind) {
	case CELL_BLOB: put_blob(v->text, form, out); return;
	case CELL_REAL: real_text(v->real, plain); break;
	case CELL_INT:
		snprintf(plain, sizeof(plain), "%lld", (long long)v->number);
		break;
	case CELL_BOOL:
		snprintf(plain, sizeof(plain), "%s",
			v->number ? "true" : "false");
		break;
	case CELL_NULL:
	case CELL_LIST:
	case CELL_TEXT: put_text(form, (const char *)v->text.data, out); return;
	}
	put_text(form, plain, out);
}

static bool
put_value(const struct cell *v, const struct field *f, enum row_form form,
	struct buf *out)
{
	char plain[REAL_TEXT_MAX];

	switch (f->type->kind) {
	case FIELD_INT:
	case FIELD_REAL:
	case FIELD_BOOL:
		if (!plain_text(v, f, plain))
			return false;
		buf_str(out, plain);
		return true;
	case FIELD_DATE:
	case FIELD_TIME:
		return v->kind == CELL_TEXT &&
		       put_moment(f, (const char *)v->text.data, form, out);
	case FIELD_BLOB:
		put_blob(v->text, form, out);
		return v->kind == CELL_BLOB || v->kind == CELL_TEXT;
	case FIELD_TEXT: break;
	}
	put_any(v, form, out);
	return true;
}

int
value_write(struct cursor *q, const struct field *f, enum row_form form,
	struct buf *out, struct err *e)
{
	struct cell v;
	bool null, good = true;

	cursor_cell(q, f->column, &v);
	null = v.kind == CELL_NULL;
	if (form == ROWS_JSON) {
		buf_json(out, f->name);
		buf_char(out, ':');
	} else {
		buf_fmt(out, null ? "<%s xsi:nil=\"true\"/>" : "<%s>",
			f->element);
	}
	if (null && form == ROWS_JSON)
		buf_str(out, "null");
	else if (!null)
		good = put_value(&v, f, form, out);
	if (!null && form == ROWS_XML)
		buf_fmt(out, "</%s>", f->element);
	if (!good)
		return fail(e, FAULT_DATABASE,
			"column \"%s\": the database holds a value that is not "
			"of the declared type %s",
			f->name, f->type->name);
	return 0;
}
