/* SPDX-License-Identifier: MIT */
/*
 * Administration: asking a database how it is and what it has, and what the
 * adapter itself knows and does.
 */
#include <string.h>

#include "clock.h"
#include "datasource.h"
#include "err.h"
#include "json_io.h"
#include "manage.h"
#include "mem.h"
#include "text.h"

static const char *const kind_word[] = {
	[DATA_UNKNOWN] = "unknown",
	[DATA_TEXT] = "text",
	[DATA_INT] = "integer",
	[DATA_LONG] = "long",
	[DATA_REAL] = "real",
	[DATA_DECIMAL] = "decimal",
	[DATA_BOOL] = "boolean",
	[DATA_DATE] = "date",
	[DATA_TIMESTAMP] = "timestamp",
	[DATA_BLOB] = "binary",
	[DATA_LIST] = "list",
};

/* {"ok", "milliseconds"} or with "error", and the pool. */
static json_t *
asked(struct arena *a, struct datasource *ds)
{
	struct datasource_state state;
	struct err why = ERR_INIT;
	int64_t begun = clock_micros();
	bool good = !datasource_test(ds, &why);
	json_t *j = json_object(), *pool = json_object();

	json_put_bool(j, "ok", good);
	json_put_new(j, "milliseconds",
		json_real((double)(clock_micros() - begun) / 1000));
	if (!good)
		json_put_new(j, "error", manage_fault(a, &why));
	datasource_state(ds, &state);
	json_put_int(pool, "open", state.open);
	json_put_int(pool, "idle", state.idle);
	json_put_int(pool, "connected", state.connected);
	json_put_int(pool, "lost", state.lost);
	json_put_new(j, "connections", pool);
	return j;
}

/* A catalog of this database alone, so that a test is what saving would be. */
static int
draft(struct request *r, struct adapter *ad, json_t *item, struct catalog **out,
	struct err *e)
{
	json_t *root = json_keep(request_arena(r), json_object());
	struct err why = ERR_INIT;
	struct buf b;
	int ret;

	json_put_new(root, "dbSources", json_array());
	json_array_append(json_list(root, "dbSources"), item);
	buf_init(&b, SERVICES_FILE_MAX);
	json_write(&b, root, JSON_PLAIN);
	ret = buf_ok(&b, "the database", &why);
	if (!ret)
		ret = catalog_read(out, ad->conf, bytes_buf(&b), "", &why);
	buf_done(&b);
	return ret ? manage_fail(r, &why, e) : 0;
}

int
manage_source_test(struct request *r, void *state, struct err *e)
{
	struct adapter *ad = state;
	json_t *body, *root, *stored = NULL, *j;
	struct catalog *c;
	const char *id;

	if (manage_body(r, &body, e) || manage_file(r, ad, &root, e))
		return -1;
	id = json_str(body, "id");
	if (id)
		(void)manage_find_source(r, root, id, &stored, NULL, NULL);
	request_set_japanese(r, NULL); /* a new one is none that is missing */
	json_object_del(body, "dbServices");
	if (manage_password(r, ad, body, stored, e) ||
		draft(r, ad, body, &c, e))
		return -1;
	j = asked(request_arena(r), c->source[0].data);
	catalog_free(&c);
	return manage_reply(r, 200, j, NULL, e);
}

/* Of the catalog in force. */
static int
find_live(struct request *r, struct adapter *ad, struct datasource **out,
	struct err *e)
{
	struct arena *a = request_arena(r);
	const struct catalog *c = shelf_of(ad->shelf, r);
	const char *id = request_segment(r, "id");

	for (size_t i = 0; i < c->sources; i++)
		if (str_equal(c->source[i].id, id)) {
			*out = c->source[i].data;
			return 0;
		}
	return manage_refuse(r, FAULT_NOT_FOUND, NULL,
		arena_printf(
			a, "データベース「%.100s」は使われていません。", id),
		arena_printf(a, "no database \"%.100s\" is in force", id), e);
}

int
manage_source_health(struct request *r, void *state, struct err *e)
{
	struct datasource *ds = NULL;

	if (find_live(r, state, &ds, e))
		return -1;
	return manage_reply(r, 200, asked(request_arena(r), ds), NULL, e);
}

static json_t *
table_json(const struct data_table *t)
{
	json_t *j = json_object(), *list = json_array();

	if (t->schema)
		json_put_str(j, "schema", t->schema);
	json_put_str(j, "name", t->name);
	json_put_bool(j, "view", t->view);
	for (size_t i = 0; i < t->columns; i++) {
		const struct data_field *f = &t->column[i];
		json_t *one = json_object();

		json_put_str(one, "name", f->name);
		json_put_str(one, "databaseType", f->type);
		json_put_str(one, "kind", kind_word[f->kind]);
		json_put_str(one, "type", service_type_of(f->kind));
		json_array_append_new(list, one);
	}
	json_put_new(j, "columns", list);
	return j;
}

int
manage_source_tables(struct request *r, void *state, struct err *e)
{
	struct err why = ERR_INIT;
	struct data_table *t = NULL;
	struct datasource *ds = NULL;
	json_t *list;
	size_t n = 0;

	if (find_live(r, state, &ds, e))
		return -1;
	if (datasource_tables(ds, request_arena(r), &t, &n, &why))
		return manage_fail(r, &why, e);
	list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, table_json(&t[i]));
	return manage_reply(r, 200, list, NULL, e);
}

/* ---- the adapter itself ---- */

int
manage_kinds(struct request *r, void *state, struct err *e)
{
	json_t *list = json_array();
	const struct kind *k;

	(void)state;
	for (size_t i = 0; (k = kind_row(i)); i++) {
		json_t *j = json_object();

		json_put_str(j, "name", k->name);
		json_put_str(j, "expects", k->want);
		json_put_str(j, "expects_ja", k->want_ja);
		if (k->example)
			json_put_str(j, "example", k->example);
		json_put_bool(j, "hasRange", k->number || k->moment);
		json_array_append_new(list, j);
	}
	return manage_reply(r, 200, list, NULL, e);
}

int
manage_state(struct request *r, void *state, struct err *e)
{
	struct adapter *ad = state;
	const struct catalog *c = shelf_of(ad->shelf, r);
	char trouble[ERR_TEXT_MAX];
	struct trace_state t;
	json_t *j = json_object(), *calls = json_object();
	int64_t asleep = 0;

	for (size_t i = 0; i < c->services; i++)
		asleep += c->service[i].asleep != NULL;
	shelf_trouble(ad->shelf, trouble);
	trace_state(ad->trace, &t);
	json_put_int(j, "services", (int64_t)c->services);
	json_put_int(j, "asleep", asleep);
	if (*trouble) /* the file of now is not the one in force */
		json_put_str(j, "trouble", trouble);
	json_put_int(calls, "total", t.calls);
	json_put_int(calls, "failed", t.failed);
	json_put_int(calls, "rows", t.rows);
	json_put_int(calls, "milliseconds", t.micros / 1000);
	json_put_int(calls, "traced", t.written);
	json_put_int(calls, "waiting", t.waiting);
	json_put_int(calls, "lost", t.lost);
	json_put_new(j, "calls", calls);
	return manage_reply(r, 200, j, NULL, e);
}
