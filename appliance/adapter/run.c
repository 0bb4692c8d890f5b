/* SPDX-License-Identifier: MIT */
/*
 * Running a data service: parameters are only ever bound, rows come out as
 * JSON or XML. Arrays stay arrays with one row; null is null, not missing.
 */
#include "adapter_int.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "sqldata.h"
#include "text.h"

static const char *
value_of(const struct argument *arg, size_t n, const char *name, bool *given)
{
	for (size_t i = 0; i < n; i++)
		if (str_equal(arg[i].name, name)) {
			*given = true;
			return arg[i].value;
		}
	*given = false;
	return NULL;
}

static int
bind_real(
	struct sqldata *q, const struct field *f, const char *v, struct err *e)
{
	char *end;
	double d = strtod(v, &end);

	if (!*v || *end || d != d)
		return fail(e, FAULT_BAD_REQUEST,
			"parameter \"%s\": \"%.40s\" is not a number", f->name,
			v);
	return sqldata_real(q, f->name, d, e);
}

static int
bind_int(struct sqldata *q, const struct field *f, const char *v, struct err *e)
{
	int64_t n;

	if (int_parse(v, INT64_MIN, INT64_MAX, &n, NULL))
		return fail(e, FAULT_BAD_REQUEST,
			"parameter \"%s\": \"%.40s\" is not a whole number",
			f->name, v);
	return sqldata_int(q, f->name, n, e);
}

static int
bind_bool(
	struct sqldata *q, const struct field *f, const char *v, struct err *e)
{
	bool yes = str_iequal(v, "true") || str_equal(v, "1");

	if (!yes && !str_iequal(v, "false") && !str_equal(v, "0"))
		return fail(e, FAULT_BAD_REQUEST,
			"parameter \"%s\": \"%.40s\" is neither true nor "
			"false",
			f->name, v);
	return sqldata_int(q, f->name, yes, e);
}

static int
bind_one(struct sqldata *q, const struct field *f, const char *v, struct err *e)
{
	switch (f->type->kind) {
	case FIELD_INT: return bind_int(q, f, v, e);
	case FIELD_REAL: return bind_real(q, f, v, e);
	case FIELD_BOOL: return bind_bool(q, f, v, e);
	case FIELD_TEXT: break;
	}
	return sqldata_text(q, f->name, v, e);
}

static int
bind_all(const struct data_service *s, struct sqldata *q,
	const struct argument *arg, size_t args, struct err *e)
{
	for (size_t i = 0; i < s->params; i++) {
		const struct field *f = &s->param[i];
		bool given;
		const char *v = value_of(arg, args, f->name, &given);

		if (!given && !f->optional)
			return fail(e, FAULT_BAD_REQUEST,
				"parameter \"%s\" is missing", f->name);
		if (v && bind_one(q, f, v, e))
			return -1;
	}
	for (size_t i = 0; i < args; i++) {
		size_t j = 0;

		while (j < s->params &&
			!str_equal(s->param[j].name, arg[i].name))
			j++;
		if (j == s->params)
			return fail(e, FAULT_BAD_REQUEST,
				"there is no parameter \"%.40s\"", arg[i].name);
	}
	return 0;
}

static void
value_plain(struct sqldata *q, int col, struct buf *out)
{
	if (sqldata_type_of(q, col) == SQLDATA_REAL)
		buf_fmt(out, "%.15g", sqldata_get_real(q, col));
	else
		buf_fmt(out, "%lld", (long long)sqldata_get_int(q, col));
}

static void
value_json(struct sqldata *q, int col, const struct field *f, struct buf *out)
{
	struct bytes blob;

	switch (sqldata_type_of(q, col)) {
	case SQLDATA_NULL: buf_str(out, "null"); break;
	case SQLDATA_TEXT: buf_json(out, sqldata_get_text(q, col)); break;
	case SQLDATA_BLOB:
		blob = sqldata_get_blob(q, col);
		buf_char(out, '"');
		buf_base64(out, blob.data, blob.len);
		buf_char(out, '"');
		break;
	case SQLDATA_INT:
	case SQLDATA_REAL:
		if (f->type->kind == FIELD_BOOL) {
			buf_str(out,
				sqldata_get_int(q, col) ? "true" : "false");
			break;
		}
		if (f->type->kind == FIELD_TEXT)
			buf_char(out, '"');
		value_plain(q, col, out);
		if (f->type->kind == FIELD_TEXT)
			buf_char(out, '"');
		break;
	}
}

static void
value_xml(struct sqldata *q, int col, const struct field *f, struct buf *out)
{
	struct bytes blob;

	if (sqldata_type_of(q, col) == SQLDATA_NULL) {
		buf_fmt(out, "<%s xsi:nil=\"true\"/>", f->name);
		return;
	}
	buf_fmt(out, "<%s>", f->name);
	switch (sqldata_type_of(q, col)) {
	case SQLDATA_NULL: break;
	case SQLDATA_TEXT: buf_xml(out, sqldata_get_text(q, col)); break;
	case SQLDATA_BLOB:
		blob = sqldata_get_blob(q, col);
		buf_base64(out, blob.data, blob.len);
		break;
	case SQLDATA_INT:
	case SQLDATA_REAL: value_plain(q, col, out); break;
	}
	buf_fmt(out, "</%s>", f->name);
}

static void
row_json(const struct data_service *s, struct sqldata *q, struct buf *out)
{
	buf_char(out, '{');
	for (size_t i = 0; i < s->results; i++) {
		if (i)
			buf_char(out, ',');
		buf_json(out, s->result[i].name);
		buf_char(out, ':');
		value_json(q, (int)i, &s->result[i], out);
	}
	buf_char(out, '}');
}

static void
row_xml(const struct data_service *s, struct sqldata *q, struct buf *out)
{
	buf_str(out, "<row>");
	for (size_t i = 0; i < s->results; i++)
		value_xml(q, (int)i, &s->result[i], out);
	buf_str(out, "</row>");
}

static int
write_rows(const struct data_service *s, struct sqldata *q, enum row_form form,
	struct buf *out, struct err *e)
{
	const char *sep = "";
	int more;

	buf_str(out, form == ROWS_JSON ? "{\"rows\":[" : "<rows>");
	while ((more = sqldata_next(q, e)) == 1 && !out->over) {
		if (form == ROWS_XML) {
			row_xml(s, q, out);
			continue;
		}
		buf_str(out, sep);
		row_json(s, q, out);
		sep = ",";
	}
	if (more < 0)
		return -1;
	buf_str(out, form == ROWS_JSON ? "]" : "</rows>");
	if (sqldata_capped(q))
		buf_str(out, form == ROWS_JSON ? ",\"truncated\":true"
					       : "<truncated>true</truncated>");
	if (form == ROWS_JSON)
		buf_char(out, '}');
	return buf_ok(out, "the answer of the data service", e);
}

int
service_run(const struct data_service *s, const struct argument *arg,
	size_t args, enum row_form form, struct buf *out, struct err *e)
{
	struct sqldata *q = NULL;
	int ret = -1;

	if (sqldata_open(&q, s->file, s->sql, s->table, e) ||
		bind_all(s, q, arg, args, e))
		goto out;
	for (size_t i = 0; i < s->results; i++)
		if (!sqldata_column(q, (int)i)) {
			fail(e, FAULT_DATABASE,
				"the database of \"%s\" has changed: column "
				"\"%s\" is gone",
				s->name, s->result[i].name);
			goto out;
		}
	sqldata_start(q, s->row_cap, s->time_cap_ms);
	ret = write_rows(s, q, form, out, e);
out:
	sqldata_close(&q);
	return ret;
}
