/* SPDX-License-Identifier: MIT */
/*
 * One data service as services.json declares it, checked against its database.
 */
#include <stdio.h>
#include <string.h>

#include "adapter_int.h"
#include "datasource.h"
#include "digest.h"
#include "err.h"
#include "json_io.h"
#include "mem.h"
#include "page.h"
#include "sqltext.h"
#include "text.h"

enum { TITLE_MAX = 500 };

const char *
service_type_of(enum data_kind k)
{
	static const char *const type[] = {
		[DATA_UNKNOWN] = "STRING",
		[DATA_TEXT] = "STRING",
		[DATA_INT] = "LONG",
		[DATA_LONG] = "LONG",
		[DATA_REAL] = "DOUBLE",
		[DATA_DECIMAL] = "DECIMAL",
		[DATA_BOOL] = "BOOLEAN",
		[DATA_DATE] = "DATE",
		[DATA_TIMESTAMP] = "TIMESTAMP",
		[DATA_BLOB] = "BINARY",
		[DATA_LIST] = "STRING",
	};

	return type[k];
}

/* Columns of the statement where the file declares none. */
static void
columns_of(struct arena *a, const struct description *d, struct data_service *s)
{
	struct field *f = arena_array(a, d->columns + 1, sizeof(*f));

	for (size_t i = 0; i < d->columns; i++) {
		f[i].name = d->column[i].name;
		f[i].rules = RULES_NONE;
		f[i].kind =
			d->column[i].kind == DATA_UNKNOWN
				? &kind_any
				: kind_find(service_type_of(d->column[i].kind));
		f[i].mynumber = s->mynumber == MYNUMBER_ALLOW;
	}
	s->result = f;
	s->results = d->columns;
}

/* Every parameter of the statement is declared, and the reverse. */
static int
check_params(struct data_service *s, struct err *e)
{
	const char *name;

	for (size_t n = 0; (name = command_param(s->command, n)); n++) {
		size_t i = 0;

		while (i < s->params && !str_equal(s->param[i].name, name))
			i++;
		if (i == s->params)
			return fail(e, FAULT_CONFIG,
				"the statement uses :%s, which is not declared "
				"in params",
				name);
	}
	for (size_t i = 0; i < s->params; i++) {
		size_t n = 0;

		while ((name = command_param(s->command, n)) &&
			!str_equal(name, s->param[i].name))
			n++;
		if (!name)
			return fail(e, FAULT_CONFIG,
				"parameter \"%s\" is declared, but the "
				"statement does not use it",
				s->param[i].name);
		s->param[i].column = (int)n;
	}
	return 0;
}

/* Finds each result among the columns; a name that two columns have is none. */
static int
check_results(const struct description *d, const struct data_service *s,
	struct err *e)
{
	struct field *f = s->result;

	for (size_t i = 0; i < s->results; i++) {
		int found = 0;

		if (field_name_check(f[i].name, "column", e))
			return -1;
		for (size_t n = 0; n < d->columns; n++) {
			if (!str_equal(d->column[n].name, f[i].name))
				continue;
			f[i].column = (int)n;
			found++;
		}
		if (found != 1)
			return fail(e, FAULT_CONFIG,
				found ? "two columns are called \"%s\"; use AS "
					"in the statement"
				      : "the statement has no column \"%s\"",
				f[i].name);
	}
	return 0;
}

static void
drop_command(void *command)
{
	struct command *c = command;

	command_free(&c);
}

static void
name_results(struct arena *a, struct data_service *s)
{
	for (size_t i = 0; i < s->results; i++)
		s->result[i].element = name_element(a, s->result[i].name);
}

static int
check_statement(struct arena *a, struct data_service *s,
	const struct command_text *text, struct err *e)
{
	struct description d;

	if (command_new(&s->command, s->source, text, e))
		return -1;
	arena_defer(a, drop_command, s->command);
	if (check_params(s, e))
		return -1;
	name_results(a, s);
	s->told = true;
	if (s->from->away) { /* asked once for all of its services */
		if (!err_set(e))
			*e = *s->from->away;
		return -1;
	}
	if (command_describe(s->command, a, &d, e))
		return -1;
	if (!s->results)
		columns_of(a, &d, s);
	if (check_results(&d, s, e))
		return -1;
	name_results(a, s);
	return 0;
}

/* The WSDL needs NAMEResponse and requestHeader for itself, and X-Road wants
   the code of the service as the element of the message. */
static int
check_reserved(struct arena *a, const char *name, struct err *e)
{
	if (!str_equal(name_element(a, name), name))
		return fail(e, FAULT_CONFIG,
			"SOAP has no element of this name; use letters, "
			"digits, kana and kanji");
	if (str_suffix(name, "Response") || str_equal(name, "requestHeader") ||
		str_equal(name, "Fault"))
		return fail(e, FAULT_CONFIG,
			"the name is reserved: SOAP uses it for answers");
	return 0;
}

/* What a write is allowed, and what it cannot have. */
static int
read_write(json_t *item, struct data_service *s, struct command_text *text,
	struct err *e)
{
	if (json_opt_bool(item, "write", &s->write, e) ||
		json_opt_int(
			item, "maxAffected", 1, ROWS_MOST, &s->affected_cap, e))
		return -1;
	text->write = s->write;
	if (s->affected_cap && !s->write)
		return fail(e, FAULT_CONFIG,
			"maxAffected is for services with \"write\": true");
	return 0;
}

/* Ours is more exact than the Connector's. */
static int
read_time(json_t *item, struct data_service *s, struct err *e)
{
	int64_t n = 0;

	if (json_opt_int(item, "queryTimeout", 1, TIME_MOST, &n, e))
		return -1;
	if (n)
		s->time_cap_ms = n > SECONDS_MOST ? n : n * 1000;
	return json_opt_int(
		item, "timeLimit", 1, TIME_MOST, &s->time_cap_ms, e);
}

static int
read_mynumber(json_t *item, struct data_service *s, struct err *e)
{
	static const char *const word[] = { [MYNUMBER_MASK] = "mask",
		[MYNUMBER_REFUSE] = "refuse",
		[MYNUMBER_ALLOW] = "allow" };
	const char *given = NULL;

	if (json_opt_str(item, "myNumber", NAME_MAX_LEN, &given, e))
		return -1;
	if (!given)
		return 0;
	for (size_t i = 0; i < sizeof(word) / sizeof(*word); i++)
		if (str_equal(given, word[i])) {
			s->mynumber = (enum mynumber)i;
			return 0;
		}
	return fail(e, FAULT_CONFIG,
		"myNumber is \"%.100s\"; it can be \"mask\", \"refuse\" or "
		"\"allow\"",
		given);
}

/* Of the statement: tokens of its pages fit no other one. */
static void
make_mark(struct data_service *s, const char *sql)
{
	struct digest d;

	digest_of(DIGEST_SHA256, sql, strlen(sql), &d);
	for (size_t i = 0; i < sizeof(s->mark) / 2; i++)
		snprintf(s->mark + 2 * i, 3, "%02x", d.value[i]);
}

static enum sql_dialect
dialect_of(const struct datasource *ds)
{
	const char *driver = datasource_driver(ds);

	if (str_equal(driver, "sqlite"))
		return SQL_SQLITE;
	return str_equal(driver, "postgresql") ? SQL_POSTGRESQL : SQL_OTHER;
}

/* Names of the parameters that are lists. */
static const char *const *
lists_of(struct arena *a, const struct data_service *s)
{
	const char **list = arena_array(a, s->params + 1, sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < s->params; i++)
		if (s->param[i].list)
			list[n++] = s->param[i].name;
	return list;
}

int
service_read(
	struct arena *a, json_t *item, struct data_service *s, struct err *e)
{
	struct command_text text = { 0 };

	s->title = s->name;
	if (field_name_check(s->name, "service", e) ||
		check_reserved(a, s->name, e) ||
		json_need_str(item, "sqlTemplate", SQLTEXT_MAX, &text.sql, e) ||
		json_opt_str(item, "pageKey", NAME_MAX_LEN, &s->page_key, e) ||
		json_opt_str(item, "displayName", TITLE_MAX, &s->title, e) ||
		json_opt_str(item, "category", NAME_MAX_LEN, &s->category, e) ||
		json_opt_str(item, "version", NAME_MAX_LEN, &s->version, e) ||
		json_opt_int(item, "rowLimit", 1, ROWS_MOST, &s->row_cap, e) ||
		read_time(item, s, e) || read_write(item, s, &text, e) ||
		read_mynumber(item, s, e) ||
		optional_texts(a, item, "tables", &text.tables, e) ||
		optional_texts(a, item, "functions", &text.functions, e) ||
		params_read(a, item, s, e) || results_read(a, item, s, e))
		return -1;
	text.lists = lists_of(a, s);
	make_mark(s, text.sql);
	s->ordered = !s->write &&
		     sqltext_has(text.sql, dialect_of(s->source), "order");
	return check_statement(a, s, &text, e) || page_commands(a, s, &text, e)
		       ? -1
		       : 0;
}
