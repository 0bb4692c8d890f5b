/* SPDX-License-Identifier: MIT */
/*
 * Every database of the product: its migrations run, every named statement
 * prepares, every table is STRICT, a second open changes nothing.
 */
#include <string.h>

#include "db.h"
#include "err.h"
#include "mem.h"
#include "tap.h"

#define SCHEMA(name) \
 extern const struct db_schema schema_##name __attribute__((weak));
SCHEMA(adapter)
SCHEMA(center)
SCHEMA(console)
SCHEMA(link)
SCHEMA(messagelog)
SCHEMA(monitor)
SCHEMA(opendata)
SCHEMA(server)

static const struct {
	const char *name;
	const struct db_schema *schema;
} schema_row[] = {
	{ "adapter", &schema_adapter },
	{ "center", &schema_center },
	{ "console", &schema_console },
	{ "link", &schema_link },
	{ "messagelog", &schema_messagelog },
	{ "monitor", &schema_monitor },
	{ "opendata", &schema_opendata },
	{ "server", &schema_server },
};

static const struct db_statement check[] = {
	{ "loose", "SELECT name FROM pragma_table_list WHERE schema = 'main'"
		   " AND type = 'table' AND strict = 0"
		   " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'" },
	{ "tables", "SELECT count(*) FROM pragma_table_list"
		    " WHERE schema = 'main' AND type = 'table'" },
	{ "dangling", "SELECT count(*) FROM pragma_foreign_key_check" },
};

static void
check_tables(const struct db_schema *schema, const char *path)
{
	struct db_schema ours = *schema;
	struct db_conn *c;
	struct query *q;
	struct db *db;
	int loose = 0;

	ours.statement = check;
	ours.n_statements = sizeof(check) / sizeof(check[0]);
	if (!ok(db_open(&db, &ours, path, 0, NULL) == 0))
		return;
	c = db_take(db);
	q = db_query(c, 0);
	while (query_next(q)) {
		tap_note("not STRICT: %s", query_text(q, 0));
		loose++;
	}
	is_int(query_end(q, NULL), 0);
	is_int(loose, 0);
	q = db_query(c, 1);
	ok(query_next(q) && query_int(q, 0) > 0);
	query_end(q, NULL);
	q = db_query(c, 2);
	ok(query_next(q) && query_int(q, 0) == 0);
	query_end(q, NULL);
	db_give(c);
	db_close(&db);
}

static void
check_schema(struct arena *a, const char *name, const struct db_schema *schema)
{
	char *path = arena_printf(a, "%s/%s.db", tap_dir(), name);
	struct err e = ERR_INIT;
	struct db *db;

	is_str(schema->name, name);
	if (!ok_m(db_open(&db, schema, path, DB_EVIDENCE, &e) == 0, "%s opens",
		    name)) {
		tap_note("%s", e.text);
		return;
	}
	db_close(&db);
	is_int(db_open(&db, schema, path, DB_READONLY, NULL), 0);
	db_close(&db);
	is_int(db_open(&db, schema, path, DB_VIEWS, NULL), 0);
	db_close(&db);
	check_tables(schema, path);
}

int
main(void)
{
	struct arena *a = arena_new();
	size_t i;

	for (i = 0; i < sizeof(schema_row) / sizeof(schema_row[0]); i++) {
		if (schema_row[i].schema)
			check_schema(
				a, schema_row[i].name, schema_row[i].schema);
		else
			tap_skip(schema_row[i].name);
	}
	arena_free(&a);
	return tap_done();
}
