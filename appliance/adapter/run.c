/* SPDX-License-Identifier: MIT */
/*
 * Running a data service: parameters are only ever bound, rows come out as
 * JSON or XML. Arrays stay arrays with one row; null is null, not missing.
 */
#include "adapter_int.h"

#include <stdbool.h>
#include <string.h>

#include "err.h"
#include "datasource.h"
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
bind_all(const struct data_service *s, struct cursor *q,
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
write_row(const struct data_service *s, struct cursor *q, enum row_form form,
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
write_rows(const struct data_service *s, struct cursor *q, enum row_form form,
	struct buf *out, struct err *e)
{
	const char *sep = "";
	int more;

	buf_str(out, form == ROWS_JSON ? "{\"rows\":[" : "<rows>");
	while ((more = cursor_next(q, e)) == 1) {
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
	if (cursor_capped(q))
		buf_str(out, form == ROWS_JSON ? ",\"truncated\":true"
					       : "<truncated>true</truncated>");
	if (form == ROWS_JSON)
		buf_char(out, '}');
	return buf_ok(out, "the answer of the data service", e);
}

/* The owner of the database may have changed it since the catalogue was read. */
static int
check_columns(const struct data_service *s, struct cursor *q, struct err *e)
{
	for (size_t i = 0; i < s->results; i++)
		if (!str_equal(cursor_column(q, s->result[i].column),
			    s->result[i].name))
			return fail(e, FAULT_DATABASE,
				"the database of \"%s\" has changed: column "
				"\"%s\" is not where it was; restart the "
				"adapter",
				s->name, s->result[i].name);
	return 0;
}

static bool
fault_is_data(enum fault f)
{
	return f >= FAULT_DATA_GONE && f <= FAULT_DATA_CONSTRAINT;
}

/* The time cap is told with its name; the other words are those of the data
   source. */
static int
tell(const struct data_service *s, const struct err *why, struct err *e)
{
	if (why->fault == FAULT_DATA_SLOW)
		return fail(e, FAULT_LIMIT,
			"data service \"%s\" took longer than the %lld ms it "
			"is allowed",
			s->name, (long long)s->time_cap_ms);
	if (fault_is_data(why->fault))
		return fail(e, why->fault,
			"the database of data service \"%s\" cannot be used: "
			"%s",
			s->name, why->text);
	if (e && !err_set(e))
		*e = *why;
	return -1;
}

static int
run_on(const struct data_service *s, struct cursor *q,
	const struct argument *arg, size_t args, enum row_form form,
	struct buf *out, struct err *e)
{
	struct cursor_limits limits = { .rows = s->row_cap,
		.ms = s->time_cap_ms };

	if (bind_all(s, q, arg, args, e) || cursor_start(q, &limits, e) ||
		check_columns(s, q, e) || write_rows(s, q, form, out, e))
		return -1;
	return 0;
}

int
service_ready(const struct data_service *s, struct err *e)
{
	struct cursor *q = NULL;
	struct err why = ERR_INIT;
	int ret = cursor_open(&q, s->command, &why);

	if (!ret)
		ret = check_columns(s, q, &why);
	cursor_close(&q);
	/* the operator's sentence: it may say where the database is */
	if (ret)
		return fail(e, why.fault,
			"data service \"%s\" cannot be used: %s (%s)", s->name,
			why.text, datasource_name(s->source));
	return 0;
}

int
service_run(const struct data_service *s, const struct argument *arg,
	size_t args, enum row_form form, struct buf *out, struct err *e)
{
	struct cursor *q = NULL;
	struct err why = ERR_INIT;
	int ret = cursor_open(&q, s->command, &why);

	if (!ret)
		ret = run_on(s, q, arg, args, form, out, &why);
	cursor_close(&q);
	return ret ? tell(s, &why, e) : 0;
}
