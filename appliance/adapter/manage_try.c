/* SPDX-License-Identifier: MIT */
/*
 * Administration: what a database says about a statement, and trying a service
 * before anybody else sees it. The draft is read exactly as the file would be;
 * what a write changes is rolled back.
 */
#include <string.h>

#include "clock.h"
#include "datasource.h"
#include "err.h"
#include "json_io.h"
#include "manage.h"
#include "mem.h"
#include "text.h"

enum { TRY_ROWS = 100, TRY_TEXT_MAX = 4 * 1024 * 1024 };

/* The database alone, with this service in it or none. */
static int
draft(struct request *r, struct adapter *ad, const json_t *source,
	json_t *service, struct catalog **out, struct err *e)
{
	json_t *root = json_keep(request_arena(r), json_object());
	json_t *alone = json_copy((json_t *)(uintptr_t)source);
	struct err why = ERR_INIT;
	struct buf b;
	int ret;

	json_put_new(alone, "dbServices", json_array());
	json_array_append(json_list(alone, "dbServices"), service);
	json_put_new(root, "dbSources", json_array());
	json_array_append_new(json_list(root, "dbSources"), alone);
	buf_init(&b, SERVICES_FILE_MAX);
	json_write(&b, root, JSON_PLAIN);
	ret = buf_ok(&b, "the draft", &why);
	if (!ret)
		ret = catalog_read(out, ad->conf, bytes_buf(&b),
			json_str(service, "name"), &why);
	buf_done(&b);
	return ret ? manage_fail(r, &why, e) : 0;
}

/* ---- proposals ---- */

static void
put_texts(json_t *j, const char *key, const char **text, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_text_new(text[i]));
	json_put_new(j, key, list);
}

static json_t *
fields_json(const struct data_field *f, size_t n, bool param)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *j = json_object();
		bool is_list = f[i].kind == DATA_LIST;

		json_put_str(j, "name", f[i].name);
		json_put_str(j, "type",
			is_list && param ? "LIST" : service_type_of(f[i].kind));
		if (is_list && param)
			json_put_str(j, "itemType", service_type_of(f[i].item));
		json_put_str(j, "databaseType", f[i].type);
		json_put_bool(j, "guessed", f[i].kind == DATA_UNKNOWN);
		if (f[i].table)
			json_put_str(j, "table", f[i].table);
		if (f[i].column)
			json_put_str(j, "column", f[i].column);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *
description_json(const struct description *d, const char *plan)
{
	json_t *j = json_object();

	json_put_new(j, "params", fields_json(d->param, d->params, true));
	json_put_new(j, "result", fields_json(d->column, d->columns, false));
	put_texts(j, "tables", d->table, d->tables);
	put_texts(j, "functions", d->function, d->functions);
	json_put_str(j, "plan", plan);
	return j;
}

static int
describe(struct request *r, struct datasource *ds, const json_t *body,
	json_t **out, struct err *e)
{
	struct arena *a = request_arena(r);
	struct command_text text = { .write = json_bool(body, "write", false) };
	struct command *c = NULL;
	struct description d;
	struct err why = ERR_INIT;
	const char *plan = "";
	int ret = -1;

	text.sql = json_str(body, "sqlTemplate");
	if (!text.sql)
		text.sql = "";
	if (!optional_texts(a, (json_t *)(uintptr_t)body, "tables",
		    &text.tables, &why) &&
		!optional_texts(a, (json_t *)(uintptr_t)body, "functions",
			&text.functions, &why) &&
		!command_new(&c, ds, &text, &why) &&
		!command_describe(c, a, &d, &why)) {
		(void)command_plan(c, a, &plan, NULL);
		*out = description_json(&d, plan);
		ret = 0;
	}
	command_free(&c);
	return ret ? manage_fail(r, &why, e) : 0;
}

int
manage_propose(struct request *r, void *state, struct err *e)
{
	struct adapter *ad = state;
	json_t *body, *root, *source, *shell, *j = NULL;
	const char *id;
	struct catalog *c;
	int ret;

	if (manage_body(r, &body, e) || manage_file(r, ad, &root, e))
		return -1;
	id = json_str(body, "database");
	if (manage_find_source(r, root, id ? id : "", &source, NULL, e))
		return -1;
	/* off: only opens the database, for writing when asked to */
	shell = json_keep(request_arena(r), json_object());
	json_put_str(shell, "name", "draft");
	json_put_str(shell, "status", "DRAFT");
	json_put_from(shell, "write", body, "write");
	if (draft(r, ad, source, shell, &c, e))
		return -1;
	ret = describe(r, c->source[0].data, body, &j, e);
	catalog_free(&c);
	return ret ? -1 : manage_reply(r, 200, j, NULL, e);
}

/* ---- trying ---- */

/* The stored service of that name, or the one in the body with its database. */
static int
what_to_try(struct request *r, struct adapter *ad, json_t *body,
	json_t **source, json_t **service, struct err *e)
{
	const char *name = json_str(body, "service"), *id = NULL;
	json_t *given = json_sub(body, "service"), *root;

	if (manage_file(r, ad, &root, e))
		return -1;
	if (given) {
		*service = manage_service_bare(request_arena(r), given);
		id = json_str(given, "database");
		if (!json_str(*service, "name"))
			json_put_str(*service, "name", "draft");
	} else if (manage_find_service(r, root, name ? name : "", NULL, NULL,
			   service, &id, e)) {
		return -1;
	}
	json_object_del(*service, "status");
	return manage_find_source(r, root, id ? id : "", source, NULL, e);
}

static json_t *
refusal(const struct call *c, const struct err *why)
{
	json_t *j = manage_fault(c->arena, why);

	if (c->complaint.param) {
		json_put_str(j, "message_ja", c->complaint.ja);
		json_put_str(j, "parameter", c->complaint.param);
	}
	return j;
}

/* Runs it: rows and how long it took, or why not. */
static void
run(struct call *c, json_t *parameters, json_t *j)
{
	const struct json_limits limits = { .bytes = TRY_TEXT_MAX };
	struct outcome how = { 0 };
	struct rowout o = { .form = rowform_find("json"),
		.service = c->service };
	struct err why = ERR_INIT;
	json_t *answer = NULL;
	struct buf out;
	int ret;

	buf_init(&out, TRY_TEXT_MAX);
	o.out = &out;
	c->begun = clock_micros();
	ret = (parameters && call_add_object(c, parameters, (struct bytes){ 0 },
				     &why)) ||
	      call_grant(c, &why);
	if (!ret)
		ret = service_run(c, &o, &how, &why);
	json_put_new(j, "milliseconds",
		json_real((double)(clock_micros() - c->begun) / 1000));
	call_end(c, ret, &why);
	if (!ret)
		ret = json_parse(
			c->arena, bytes_buf(&out), &limits, &answer, &why);
	buf_done(&out);
	if (ret)
		json_put_new(j, "refused", refusal(c, &why));
	else
		json_object_update(j, answer);
}

static int
try(struct request *r, struct adapter *ad, const struct catalog *draft_of,
	json_t *parameters, struct err *e)
{
	struct data_service s = draft_of->service[0];
	json_t *j = json_object();
	const char *plan = "";
	void *user = request_user(r); /* a call puts itself there */
	struct call *c;

	if (s.row_cap > TRY_ROWS)
		s.row_cap = TRY_ROWS;
	c = call_new(r, ad, &s);
	c->json = true;
	c->rehearse = s.write;
	c->trial = true;
	c->door = "TRIAL";
	c->who = request_name(r);
	run(c, parameters, j);
	request_set_user(r, user);
	if (!command_plan(s.command, c->arena, &plan, NULL))
		json_put_str(j, "plan", plan);
	if (s.write)
		json_put_bool(j, "rolledBack", true);
	return manage_reply(r, 200, j, NULL, e);
}

int
manage_try(struct request *r, void *state, struct err *e)
{
	struct adapter *ad = state;
	json_t *body, *source, *service;
	struct catalog *c;
	int ret;

	if (manage_body(r, &body, e) ||
		what_to_try(r, ad, body, &source, &service, e) ||
		draft(r, ad, source, service, &c, e))
		return -1;
	ret = try(r, ad, c, json_sub(body, "parameters"), e);
	catalog_free(&c);
	return ret;
}
