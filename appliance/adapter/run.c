/* SPDX-License-Identifier: MIT */
/*
 * Running a data service: parameters are only ever bound, rows come out as
 * JSON or XML. Arrays stay arrays with one row; null is null, not missing.
 */
#include "adapter_int.h"

#include <string.h>

#include "err.h"
#include "sqldata.h"
#include "text.h"

static const struct argument *
argument_of(const struct argument *arg, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_equal(arg[i].name, name))
			return &arg[i];
	return NULL;
}

/* Each argument names a parameter, and each only once. */
static int
check_arguments(const struct data_service *s, const struct argument *arg,
	size_t args, struct err *e)
{
	for (size_t i = 0; i < args; i++) {
		size_t j = 0;

		while (j < s->params &&
			!str_equal(s->param[j].name, arg[i].name))
			j++;
		if (j == s->params)
			return fail(e, FAULT_BAD_REQUEST,
				"there is no parameter \"%.100s\"",
				arg[i].name);
		if (argument_of(arg, i, arg[i].name))
			return fail(e, FAULT_BAD_REQUEST,
				"parameter \"%.100s\" is given twice",
				arg[i].name);
	}
	return 0;
}

static int
bind_all(const struct data_service *s, struct sqldata *q,
	const struct argument *arg, size_t args, struct err *e)
{
	if (check_arguments(s, arg, args, e))
		return -1;
	for (size_t i = 0; i < s->params; i++) {
		const struct field *f = &s->param[i];
		const struct argument *given = argument_of(arg, args, f->name);

		if (!given && !f->optional)
			return fail(e, FAULT_BAD_REQUEST,
				"parameter \"%s\" is missing", f->name);
		if (given && given->value && value_bind(q, f, given->value, e))
			return -1;
	}
	return 0;
}

static int
write_row(const struct data_service *s, struct sqldata *q, enum row_form form,
	struct buf *out, struct err *e)
{
	buf_str(out, form == ROWS_JSON ? "{" : "<row>");
	for (size_t i = 0; i < s->results; i++) {
		if (i && form == ROWS_JSON)
			buf_char(out, ',');
		if (value_write(q, &s->result[i], form, out, e))
			return -1;
	}
	buf_str(out, form == ROWS_JSON ? "}" : "</row>");
	return 0;
}

static int
write_rows(const struct data_service *s, struct sqldata *q, enum row_form form,
	struct buf *out, struct err *e)
{
	const char *sep = "";
	int more;

	buf_str(out, form == ROWS_JSON ? "{\"rows\":[" : "<rows>");
	while ((more = sqldata_next(q, e)) == 1) {
		buf_str(out, sep);
		if (write_row(s, q, form, out, e))
			return -1;
		if (out->over)
			return fail(e, FAULT_LIMIT,
				"the answer of data service \"%s\" is larger "
				"than %zu bytes; ask for less",
				s->name, out->max);
		sep = form == ROWS_JSON ? "," : "";
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

/* The owner of the database may have changed it since the catalogue was read. */
static int
check_columns(const struct data_service *s, struct sqldata *q, struct err *e)
{
	for (size_t i = 0; i < s->results; i++)
		if (!str_equal(sqldata_column(q, s->result[i].column),
			    s->result[i].name))
			return fail(e, FAULT_DATABASE,
				"the database of \"%s\" has changed: column "
				"\"%s\" is not where it was; restart the "
				"adapter",
				s->name, s->result[i].name);
	return 0;
}

static int
run_statement(const struct data_service *s, struct sqldata *q,
	enum row_form form, struct buf *out, struct err *e)
{
	struct err why = ERR_INIT;

	sqldata_start(q, s->row_cap, s->time_cap_ms);
	if (!write_rows(s, q, form, out, &why))
		return 0;
	if (why.fault == FAULT_LIMIT && !out->over)
		return fail(e, FAULT_LIMIT,
			"data service \"%s\" took longer than the %lld ms it "
			"is allowed",
			s->name, (long long)s->time_cap_ms);
	if (e && !err_set(e))
		*e = why;
	return -1;
}

/* A file that is gone or refused now is our fault, not the caller's. */
static int
open_database(const struct data_service *s, struct sqldata **q, struct err *e)
{
	struct err why = ERR_INIT;

	if (!sqldata_open(q, s->file, s->sql, s->table, &why))
		return 0;
	return fail(e, FAULT_DATABASE,
		"the database of data service \"%s\" cannot be used: %s",
		s->name, why.text);
}

int
service_ready(const struct data_service *s, struct err *e)
{
	struct sqldata *q = NULL;
	int ret = open_database(s, &q, e);

	if (!ret)
		ret = check_columns(s, q, e);
	sqldata_close(&q);
	return ret;
}

static int
run_on(const struct data_service *s, struct sqldata *q,
	const struct argument *arg, size_t args, enum row_form form,
	struct buf *out, struct err *e)
{
	/* a statement that waited meets a changed schema when it runs */
	if (bind_all(s, q, arg, args, e) || check_columns(s, q, e) ||
		run_statement(s, q, form, out, e) || check_columns(s, q, e))
		return -1;
	return 0;
}

int
service_run(const struct data_service *s, const struct argument *arg,
	size_t args, enum row_form form, struct buf *out, struct err *e)
{
	struct file_number file = idle_number(s->file);
	struct sqldata *q = idle_take(s->idle, &file);
	struct err why = ERR_INIT;
	size_t before = out->len;
	int ret = -1;

	if (q)
		ret = run_on(s, q, arg, args, form, out, &why);
	if (!q || (ret && why.fault == FAULT_DATABASE)) {
		sqldata_close(&q); /* what opening says now is what counts */
		buf_cut(out, before);
		err_reset(&why);
		if (!open_database(s, &q, &why))
			ret = run_on(s, q, arg, args, form, out, &why);
	}
	if (!ret)
		idle_give(s->idle, q, &file);
	else
		sqldata_close(&q);
	if (ret && e)
		*e = why;
	return ret;
}
