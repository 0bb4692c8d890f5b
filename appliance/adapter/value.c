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
#include "sqldata.h"
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
bind_blob(
	struct sqldata *q, const struct field *f, const char *v, struct err *e)
{
	struct arena *a = arena_new();
	struct bytes data;
	int ret;

	if (base64_decode(a, v, strlen(v), &data, NULL))
		ret = misfit(f, v, e);
	else
		ret = sqldata_blob(q, f->name, data, e);
	arena_free(&a);
	return ret;
}

static int
bind_bool(
	struct sqldata *q, const struct field *f, const char *v, struct err *e)
{
	bool yes = str_iequal(v, "true") || str_equal(v, "1");

	if (!yes && !str_iequal(v, "false") && !str_equal(v, "0"))
		return misfit(f, v, e);
	return sqldata_int(q, f->name, yes, e);
}

int
value_bind(
	struct sqldata *q, const struct field *f, const char *v, struct err *e)
{
	double d;
	int64_t n;

	switch (f->type->kind) {
	case FIELD_INT:
		return read_int(f->type, v, &n) ? sqldata_int(q, f->name, n, e)
						: misfit(f, v, e);
	case FIELD_REAL:
		return read_real(v, &d) ? sqldata_real(q, f->name, d, e)
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
	return sqldata_text(q, f->name, v, e);
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
plain_text(struct sqldata *q, const struct field *f, char out[REAL_TEXT_MAX])
{
	enum sqldata_type type = sqldata_type_of(q, f->column);
	const char *text = sqldata_get_text(q, f->column);
	int64_t n = 0;
	double d = 0;

	if (type == SQLDATA_BLOB || !read_real(text, &d))
		return false;
	if (f->type->kind == FIELD_REAL) {
		/* not from the text: SQLite writes 15 digits there */
		if (type == SQLDATA_REAL)
			d = sqldata_get_real(q, f->column);
		real_text(d, out);
		return true;
	}
	if (type == SQLDATA_REAL && d == floor(d) && fabs(d) < 9e15)
		n = (int64_t)d;
	else if (int_parse(text, INT64_MIN, INT64_MAX, &n, NULL))
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
put_blob(struct sqldata *q, int col, enum row_form form, struct buf *out)
{
	struct bytes blob = sqldata_get_blob(q, col);

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

	if (!text || strlen(text) > MOMENT_MAX)
		return false;
	snprintf(iso, sizeof(iso), "%s", text);
	if (!date && strlen(iso) > DATE_LEN && iso[DATE_LEN] == ' ')
		iso[DATE_LEN] = 'T';
	if (!is_moment(iso, date))
		return false;
	put_text(form, iso, out);
	return true;
}

static bool
put_value(struct sqldata *q, const struct field *f, enum row_form form,
	struct buf *out)
{
	enum sqldata_type type = sqldata_type_of(q, f->column);
	char plain[REAL_TEXT_MAX];

	switch (f->type->kind) {
	case FIELD_INT:
	case FIELD_REAL:
	case FIELD_BOOL:
		if (!plain_text(q, f, plain))
			return false;
		buf_str(out, plain);
		return true;
	case FIELD_DATE:
	case FIELD_TIME:
		return type == SQLDATA_TEXT &&
		       put_moment(f, sqldata_get_text(q, f->column), form, out);
	case FIELD_BLOB:
		put_blob(q, f->column, form, out);
		return type == SQLDATA_BLOB || type == SQLDATA_TEXT;
	case FIELD_TEXT: break;
	}
	if (type == SQLDATA_BLOB)
		put_blob(q, f->column, form, out);
	else if (type == SQLDATA_REAL) {
		real_text(sqldata_get_real(q, f->column), plain);
		put_text(form, plain, out);
	} else {
		put_text(form, sqldata_get_text(q, f->column), out);
	}
	return true;
}

int
value_write(struct sqldata *q, const struct field *f, enum row_form form,
	struct buf *out, struct err *e)
{
	bool null = sqldata_type_of(q, f->column) == SQLDATA_NULL;
	bool good = true;

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
		good = put_value(q, f, form, out);
	if (!null && form == ROWS_XML)
		buf_fmt(out, "</%s>", f->element);
	if (!good)
		return fail(e, FAULT_DATABASE,
			"column \"%s\": the database holds a value that is not "
			"of the declared type %s",
			f->name, f->type->name);
	return 0;
}
