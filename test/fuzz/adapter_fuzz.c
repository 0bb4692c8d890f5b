/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: calls of data services. The first byte says what follows: 'j' a
 * JSON body, 'q' a query string, 's' a SOAP message, 'p' the place of a cursor
 * as it is before it is encrypted, 'c' a cursor. What is accepted runs on a
 * SQLite file, and its answer is JSON again; what is not has two sentences.
 */
#define IN_ADAPTER 1
#include "adapter_int.h"

#include <assert.h>
#include <string.h>

#include "datasource.h"
#include "db.h"
#include "err.h"
#include "mem.h"
#include "page.h"
#include "param.h"
#include "soap.h"
#include "tap.h"
#include "xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct db_migration step[] = {
	{ 1, "town",
		"CREATE TABLE site (id INTEGER PRIMARY KEY, name TEXT);"
		"INSERT INTO site VALUES (1, '中央公園'), (2, '市民会館'),"
		" (3, '葛󠄀城'), (4, ''), (5, '𠮷');" },
};
static const struct db_schema town = {
	.name = "town", .migration = step, .n_migrations = 1
};

static const char *const kinds[] = { "STRING", "INTEGER", "LONG", "DOUBLE",
	"DECIMAL", "BOOLEAN", "DATE", "TIMESTAMP", "BINARY", "CORPORATE_NUMBER",
	"TOWN_CODE", "POSTAL_CODE", "KANA", "PHONE", "WAREKI", NULL };
/* of the kind at the same place; the others have none */
static const char *const rules[] = {
	",\"maxLength\":20,\"pattern\":\"[^x]*\"",
	",\"minimum\":-5,\"maximum\":100",
	",\"values\":[1,2,9007199254740993]",
};

/* A service with a parameter of each kind and a list. */
static const char *
all_kinds(struct arena *a)
{
	const char *sql = "SELECT (SELECT count(*) FROM json_each(:many)) AS "
			  "many",
		   *params = "{\"name\":\"many\",\"type\":\"LIST\","
			     "\"itemType\":\"LONG\",\"required\":false,"
			     "\"maxItems\":3}";

	for (size_t i = 0; kinds[i]; i++) {
		sql = arena_printf(
			a, "%s, :%s AS \\\"%s\\\"", sql, kinds[i], kinds[i]);
		params = arena_printf(a,
			"%s,{\"name\":\"%s\",\"type\":\"%s\",\"required\":"
			"false%s}",
			params, kinds[i], kinds[i],
			i < sizeof(rules) / sizeof(*rules) ? rules[i] : "");
	}
	return arena_printf(a,
		"{\"name\":\"kinds\",\"sqlTemplate\":\"%s\",\"params\":[%s]}",
		sql, params);
}

static const char pages[] =
	"{\"name\":\"pages\",\"sqlTemplate\":\"SELECT id, name FROM site WHERE "
	"id > :least\",\"pageKey\":\"id\",\"params\":[{\"name\":\"least\","
	"\"type\":\"LONG\",\"default\":0,\"required\":false}]}";

struct town {
	struct arena *arena;
	struct conf *conf;
	struct watch *watch;
	struct source source;
	struct data_service kinds, pages;
};

static void
service(struct arena *a, const struct source *from, const char *text,
	struct data_service *s)
{
	json_t *item;

	assert(!json_parse(a, bytes_str(text), NULL, &item, NULL));
	s->name = json_str(item, "name");
	s->source = from->data;
	s->from = from;
	s->row_cap = 2;
	assert(!service_read(a, item, s, NULL));
}

/* Made once; it lives as long as the process. */
static struct town *
found_town(void)
{
	static struct town t;
	struct arena *a;
	struct db *db;
	json_t *item;

	if (t.conf)
		return &t;
	t.conf = conf_defaults();
	if (watch_new(&t.watch, NULL))
		abort();
	a = t.arena = arena_new();
	assert(!db_open(
		&db, &town, arena_printf(a, "%s/town.db", tap_dir()), 0, NULL));
	db_close(&db);
	assert(!json_parse(a,
		bytes_str("{\"databaseType\":\"SQLITE\",\"databaseName\":"
			  "\"town.db\"}"),
		NULL, &item, NULL));
	assert(!source_open(a, item, tap_dir(), t.conf, &t.source.data, NULL));
	service(a, &t.source, all_kinds(a), &t.kinds);
	service(a, &t.source, pages, &t.pages);
	return &t;
}

/* Runs what was understood. */
static int
run(struct call *c, struct err *e)
{
	struct rowout o = { .form = rowform_find("json"),
		.service = c->service };
	struct outcome how = { 0 };
	json_t *answer;
	struct buf out;
	int ret;

	buf_init(&out, 1 << 20);
	o.out = &out;
	ret = service_run(c, &o, &how, e);
	if (!ret) {
		assert(!json_parse(
			c->arena, bytes_buf(&out), NULL, &answer, NULL));
		assert(json_array_size(json_object_get(answer, "rows")) <= 2);
	}
	buf_done(&out);
	return ret;
}

static int
call_json(struct call *c, struct bytes text, struct err *e)
{
	json_t *body;

	c->json = true;
	return json_parse(c->arena, text, NULL, &body, e) ||
			       call_add_object(c, body, text, e) || run(c, e)
		       ? -1
		       : 0;
}

static int
call_query(struct call *c, struct bytes text, struct err *e)
{
	struct wish w = { 0 };
	const char *query =
		arena_strndup(c->arena, (const char *)text.data, text.len);

	return query_read(c, query, &w, true, e) || wish_page(c, &w, e) ||
			       run(c, e)
		       ? -1
		       : 0;
}

static int
call_soap(struct call *c, struct bytes text, struct err *e)
{
	struct xml_node *body;
	struct soap m;

	if (soap_parse(c->arena, text, "text/xml; charset=UTF-8", &m, e))
		return -1;
	body = xml_child(xml_root(m.doc), NS_SOAP, "Body");
	return elements_read(c, xml_child(body, NULL, NULL), e) || run(c, e)
		       ? -1
		       : 0;
}

static int
call_place(struct call *c, struct bytes place, struct err *e)
{
	c->page = 2;
	if (place_read(c, place))
		return fail(e, FAULT_BAD_REQUEST, "_cursor is not a cursor");
	return run(c, e);
}

static int
call_cursor(struct call *c, struct bytes text, struct err *e)
{
	c->page = 2;
	if (page_read(c,
		    arena_strndup(c->arena, (const char *)text.data, text.len),
		    e))
		return -1;
	return run(c, e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t key[PAGE_KEY_LEN];
	static const struct {
		char letter;
		bool pages;
		int (*call)(struct call *c, struct bytes text, struct err *e);
	} row[] = {
		{ 'j', false, call_json },
		{ 'q', false, call_query },
		{ 'Q', true, call_query },
		{ 's', false, call_soap },
		{ 'p', true, call_place },
		{ 'c', true, call_cursor },
	};
	struct town *t = found_town();
	struct arena *a = arena_new();
	struct call *c = arena_new_of(a, struct call);
	struct err e = ERR_INIT;

	c->arena = a;
	c->key = bytes_of(key, sizeof(key));
	c->watch = t->watch;
	for (size_t i = 0; n && i < sizeof(row) / sizeof(*row); i++) {
		if (row[i].letter != (char)data[0])
			continue;
		c->service = row[i].pages ? &t->pages : &t->kinds;
		if (row[i].call(c, bytes_of(data + 1, n - 1), &e))
			assert(err_set(&e) && *e.text && *sentence_ja(a, &e));
		break;
	}
	arena_free(&a);
	return 0;
}
