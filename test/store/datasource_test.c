/* SPDX-License-Identifier: MIT */
/*
 * Tests of data sources over SQLite: what a statement may do, descriptions,
 * values, caps, writes, cancelling, the pool, files that come and go.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data_kit.h"
#include "datasource.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "tap.h"

static const struct db_migration shop_migration[] = {
	{ 1, "shop",
		"CREATE TABLE site (id INTEGER PRIMARY KEY, name TEXT,"
		" lat REAL, picture BLOB);"
		"CREATE TABLE secret (word TEXT);"
		"CREATE TABLE log (what TEXT);"
		"CREATE VIEW open_site AS SELECT id, name FROM site;"
		"CREATE VIEW words AS SELECT word FROM secret;"
		"CREATE TABLE stock (id INTEGER PRIMARY KEY,"
		" site INTEGER NOT NULL REFERENCES site(id), n INTEGER"
		" CHECK (n >= 0));"
		"CREATE TRIGGER noted AFTER UPDATE ON stock BEGIN"
		" INSERT INTO log VALUES ('stock'); END;"
		"INSERT INTO secret VALUES ('xyzzy');"
		"INSERT INTO site VALUES (1, 'Matsue', 35.5, x'00ff'),"
		" (2, 'Izumo', 35.25, NULL), (3, 'Oki', NULL, NULL);"
		"INSERT INTO stock VALUES (1, 1, 10), (2, 1, 20), (3, 2, 30);" },
};
static const struct db_schema shop = {
	.name = "shop", .migration = shop_migration, .n_migrations = 1
};

static const char *const stock_site[] = { "stock", "site", NULL };
static const char *const stock_noted[] = { "stock", "noted", NULL };
static const char *const with_soundex[] = { "sqlite_version", NULL };

static const struct data_town town = {
	.sites = 3,
	.slow = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 "
		"FROM n) SELECT count(*) FROM n",
	.stock = stock_noted,
};

static struct datasource *
source(const char *path, bool writable, int pool)
{
	struct datasource_config c = { .name = "shop",
		.driver = "sqlite",
		.file = path,
		.writable = writable,
		.pool_max = pool,
		.wait_ms = 50 };

	return data_kit_open(&c);
}

static void
test_refused(struct datasource *ds)
{
	static const struct data_verdict row[] = {
		{ "SELECT 1; bad", NULL, NULL, FAULT_DATA_STATEMENT },
		{ "SELECT ?", NULL, NULL, FAULT_DATA_STATEMENT },
		{ "SELECT ?1", NULL, NULL, FAULT_DATA_STATEMENT },
		{ "SELECT :1", NULL, NULL, FAULT_DATA_STATEMENT },
		{ "SELEC 1", NULL, NULL, FAULT_DATA_DENIED },
		{ "UPDATE site SET name = 'x' RETURNING id", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "WITH x AS (SELECT 1) DELETE FROM site", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "CREATE TABLE t (x)", NULL, NULL, FAULT_DATA_DENIED },
		{ "PRAGMA user_version", NULL, NULL, FAULT_DATA_DENIED },
		{ "ATTACH '/tmp/x.db' AS x", NULL, NULL, FAULT_DATA_DENIED },
		{ "BEGIN", NULL, NULL, FAULT_DATA_DENIED },
		{ "VACUUM INTO '/tmp/x.db'", NULL, NULL, FAULT_DATA_DENIED },
		{ "SELECT name FROM sqlite_master", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT name FROM sqlite_schema", data_kit_sites, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT * FROM pragma_table_info('site')", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT * FROM (SELECT word FROM secret) AS open_site",
			data_kit_view, NULL, FAULT_DATA_DENIED },
		{ "/* */ with/**/open_site(a) AS (SELECT word FROM secret) "
		  "SELECT a FROM open_site",
			data_kit_view, NULL, FAULT_DATA_DENIED },
		{ "SELECT sqlite_version()", NULL, NULL, FAULT_DATA_DENIED },
		{ "SELECT last_insert_rowid()", NULL, NULL, FAULT_DATA_DENIED },
	};

	data_judged(ds, row, sizeof(row) / sizeof(*row));
}

static void
test_allowed(struct datasource *ds)
{
	static const struct data_verdict row[] = {
		{ "SELECT name FROM SITE ORDER BY lower(name)", data_kit_sites,
			NULL, FAULT_NONE },
		{ "SELECT name AS \"with\" FROM open_site /* with */",
			data_kit_view, NULL, FAULT_NONE },
		{ "SELECT count(*) FROM site s JOIN open_site o ON s.id = o.id",
			data_kit_sites, NULL, FAULT_NONE },
		{ "VALUES (1), (2)", data_kit_sites, NULL, FAULT_NONE },
		{ "SELECT id FROM site WHERE id IN "
		  "(SELECT value FROM json_each(:ids))",
			data_kit_sites, NULL, FAULT_NONE },
		{ "SELECT sqlite_version()", NULL, with_soundex, FAULT_NONE },
		{ "SELECT strftime('%Y', 'now'), round(lat, 1), "
		  "row_number() OVER (ORDER BY id) FROM site WHERE name LIKE "
		  ":a",
			NULL, NULL, FAULT_NONE },
	};

	data_judged(ds, row, sizeof(row) / sizeof(*row));
}

static void
test_description(struct datasource *ds)
{
	struct command_text t = { .sql = "SELECT id, o.name AS n, lat, "
					 "upper(s.name) FROM site s JOIN "
					 "open_site o USING (id) WHERE id = "
					 ":id OR lat > :lat OR id < :id" };
	struct arena *a = arena_new();
	struct description d;
	struct command *c;
	const char *plan;

	is_int(command_new(&c, ds, &t, NULL), 0);
	is_int(command_params(c), 2);
	is_str(command_param(c, 1), "lat");
	is_str(command_param(c, 2), NULL);
	is_int(command_describe(c, a, &d, NULL), 0);
	is_int(d.params, 2);
	is_str(d.param[0].name, "id");
	is_int(d.param[0].kind, DATA_UNKNOWN);
	is_int(d.columns, 4);
	is_str(d.column[1].name, "n");
	is_str(d.column[1].type, "TEXT");
	is_str(d.column[1].table, "site");
	is_str(d.column[1].column, "name");
	is_int(d.column[0].kind, DATA_LONG);
	is_int(d.column[2].kind, DATA_REAL);
	is_str(d.column[3].table, NULL);
	is_int(d.tables, 2);
	is_int(d.functions, 1);
	is_str(d.function[0], "upper");
	is_int(command_plan(c, a, &plan, NULL), 0);
	ok(strstr(plan, "site") != NULL);
	command_free(&c);
	arena_free(&a);
}

static void
check_matsue(struct cursor *q)
{
	struct cell v;

	is_str(cursor_column(q, 1), "name");
	is_str(cursor_column(q, 4), NULL);
	is_int(cursor_next(q, NULL), 1);
	cursor_cell(q, 0, &v);
	is_int(v.kind, CELL_INT);
	is_int(v.number, 1);
	cursor_cell(q, 1, &v);
	is_int(v.kind, CELL_TEXT);
	is_str((const char *)v.text.data, "Matsue");
	cursor_cell(q, 2, &v);
	is_int(v.kind, CELL_REAL);
	ok(v.real == 35.5);
	cursor_cell(q, 3, &v);
	is_int(v.kind, CELL_BLOB);
	is_bytes(v.text.data, v.text.len, "\x00\xff", 2);
}

static void
test_reading(struct datasource *ds)
{
	struct command_text t = {
		.sql = "SELECT id, name, lat, picture FROM site WHERE name = "
		       ":name OR id IN (SELECT value FROM json_each(:ids)) "
		       "OR picture = :pic ORDER BY id",
		.tables = data_kit_sites
	};
	struct cell id[] = { int_cell(2), int_cell(3) };
	struct cell list = { .kind = CELL_LIST, .item = id, .items = 2 };
	struct cell blob = { .kind = CELL_BLOB,
		.text = bytes_of("\x00\xff", 2) };
	struct cell name = text_cell("Matsue"), bad = text_cell("\xff");
	struct err e = ERR_INIT;
	struct command *c;
	struct cursor *q;

	is_int(command_new(&c, ds, &t, NULL), 0);
	is_int(cursor_open(&q, c, NULL), 0);
	is_int(cursor_next(q, NULL), 0); /* not started */
	is_int(cursor_bind(q, 0, &bad, &e), -1);
	is_int(e.fault, FAULT_DATA_TYPE);
	is_int(cursor_bind(q, 0, &name, NULL), 0);
	is_int(cursor_start(q, &data_kit_usual, NULL), 0);
	check_matsue(q);
	is_int(cursor_next(q, NULL), 0);
	is_int(cursor_next(q, NULL), 0);
	ok(!cursor_capped(q));
	cursor_close(&q);
	ok(q == NULL);
	is_int(cursor_open(&q, c, NULL), 0);
	is_int(cursor_start(q, &data_kit_usual, NULL), 0);
	is_int(cursor_next(q, NULL), 0); /* nothing is bound: nothing found */
	cursor_close(&q);
	is_int(cursor_open(&q, c, NULL), 0);
	is_int(cursor_bind(q, 1, &list, NULL), 0);
	is_int(cursor_bind(q, 2, &blob, NULL), 0);
	command_free(&c); /* the cursor goes on */
	is_int(cursor_start(q, &data_kit_usual, NULL), 0);
	check_matsue(q);
	is_int(cursor_next(q, NULL), 1);
	is_int(cursor_next(q, NULL), 1);
	is_int(cursor_next(q, NULL), 0);
	cursor_close(&q);
}

/* Larger than a value may be. */
static void
test_large(struct datasource *ds)
{
	static const struct command_text large = {
		.sql = "SELECT zeroblob(900000000)"
	};
	struct err e = ERR_INIT;

	is_int(data_run(ds, &large, NULL, &data_kit_usual, NULL, &e), -1);
	is_int(e.fault, FAULT_DATA_TYPE);
}

static const char *
count_of(struct datasource *ds, const char *table, char out[20])
{
	struct command_text t = { 0 };
	struct cell v = { 0 };
	struct command *c;
	struct cursor *q;
	char sql[100];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	t.sql = sql;
	is_int(command_new(&c, ds, &t, NULL), 0);
	is_int(cursor_open(&q, c, NULL), 0);
	is_int(cursor_start(q, &data_kit_usual, NULL), 0);
	is_int(cursor_next(q, NULL), 1);
	cursor_cell(q, 0, &v);
	snprintf(out, 20, "%lld", (long long)v.number);
	cursor_close(&q);
	command_free(&c);
	return out;
}

static void
test_writes(struct datasource *ds)
{
	struct command_text add = { .sql = "UPDATE stock SET n = n + :by",
		.tables = stock_noted,
		.write = true };
	struct command_text gone = { .sql = "DELETE FROM stock WHERE id >= :a "
					    "RETURNING id",
		.tables = stock_site,
		.write = true };
	struct command_text orphan = {
		.sql = "INSERT INTO stock (site, n) VALUES (99, :n)",
		.write = true
	};
	struct command_text sneaky = {
		.sql = "INSERT INTO stock (n) SELECT word FROM secret",
		.tables = data_kit_stock,
		.write = true
	};
	struct cell one = int_cell(1), two = int_cell(2);
	struct err e = ERR_INIT;
	int64_t n = 0;
	char text[20];

	data_writes(ds, &town);
	is_str(count_of(ds, "log", text), "3");
	is_int(data_run(ds, &orphan, &one, &data_kit_usual, &n, &e), -1);
	is_int(e.fault, FAULT_DATA_CONSTRAINT);
	is_int(data_run(ds, &gone, &two, &data_kit_usual, &n, &e), 2);
	is_int(n, 2);
	is_str(count_of(ds, "stock", text), "1");
	is_int(data_judge(ds, &sneaky, &e), FAULT_DATA_DENIED);
	add.tables =
		data_kit_stock; /* what the trigger does is not permitted */
	is_int(data_judge(ds, &add, &e), FAULT_DATA_DENIED);
	add.sql = "SELECT 1";
	is_int(data_judge(ds, &add, &e), FAULT_DATA_DENIED);
	add.sql = "WITH x AS (SELECT 1) SELECT * FROM x";
	is_int(data_judge(ds, &add, &e), FAULT_DATA_DENIED);
}

/* A write that is given up leaves nothing. */
static void
test_abandoned(struct datasource *ds)
{
	struct command_text t = { .sql = "INSERT INTO log VALUES ('a'), ('b') "
					 "RETURNING what",
		.write = true };
	struct command *c;
	struct cursor *q;
	char text[20];

	is_int(command_new(&c, ds, &t, NULL), 0);
	is_int(cursor_open(&q, c, NULL), 0);
	is_int(cursor_start(q, &data_kit_usual, NULL), 0);
	is_int(cursor_next(q, NULL), 1);
	cursor_close(&q);
	command_free(&c);
	is_str(count_of(ds, "log", text), "3");
}

/* Removed, no database, replaced, another schema. */
static void
test_files(struct arena *a, const char *path)
{
	char *moving = path_join(a, tap_dir(), "moving.db");
	static const struct command_text t = { .sql = "SELECT * FROM site" };
	struct datasource *ds = source(moving, false, 0);
	struct err e = ERR_INIT;
	struct bytes content;
	struct db *other;

	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), -1);
	is_int(e.fault, FAULT_DATA_GONE);
	ok(!strstr(e.text, "moving"));
	is_int(datasource_health(ds, NULL), -1);
	datasource_close(&ds);
	file_read(a, path, 1 << 20, &content, NULL);
	file_write(moving, content, FILE_PRIVATE, NULL);
	ds = source(moving, false, 0);
	is_int(datasource_health(ds, NULL), 0);
	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), 3);
	unlink(moving);
	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), -1);
	is_int(e.fault, FAULT_DATA_GONE);
	datasource_close(&ds);
	is_int(db_open(&other, &shop, moving, 0, NULL), 0);
	db_close(&other);
	ds = source(moving, false, 0);
	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), 3);
	file_write(moving,
		bytes_str("a text, and by no means a database, though "
			  "it has more than a hundred bytes, which is "
			  "what the header of one has"),
		FILE_PUBLIC, NULL);
	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), -1);
	is_int(e.fault, FAULT_DATA_GONE);
	datasource_close(&ds);
}

/* The owner changes the table while the statement waits in the pool. */
static void
test_schema_change(const char *path)
{
	static const struct command_text one = { .sql = "SELECT lat FROM "
							"site" };
	static const char change[] = "ALTER TABLE site RENAME COLUMN lat TO "
				     "latitude";
	const char *argv[] = { "sqlite3", path, change, NULL };
	struct datasource *ds = source(path, false, 1);
	struct err e = ERR_INIT;
	struct command *c;
	struct cursor *q;

	is_int(command_new(&c, ds, &one, NULL), 0);
	is_int(cursor_open(&q, c, NULL), 0);
	is_int(cursor_start(q, &data_kit_usual, NULL), 0);
	cursor_close(&q);
	is_int(tap_run(argv, NULL, 0), 0);
	is_int(cursor_open(&q, c, NULL), 0);
	is_int(cursor_start(q, &data_kit_usual, &e), -1);
	is_int(e.fault, FAULT_DATA_STATEMENT);
	ok(!strstr(e.text, "lat"));
	cursor_close(&q);
	command_free(&c);
	datasource_close(&ds);
}

static void
test_config(void)
{
	struct datasource_config c = { .name = "x", .driver = "oracle" };
	struct command_text t = { .sql = "DELETE FROM t", .write = true };
	struct datasource *ds;
	struct command *cmd;
	struct err e = ERR_INIT;

	is_int(datasource_open(&ds, &c, &e), -1);
	is_int(e.fault, FAULT_CONFIG);
	c.driver = "SQLite";
	err_reset(&e);
	is_int(datasource_open(&ds, &c, &e), -1);
	is_int(e.fault, FAULT_CONFIG);
	c.file = "/x";
	is_int(datasource_open(&ds, &c, NULL), 0);
	is_str(datasource_name(ds), "x");
	is_str(datasource_driver(ds), "sqlite");
	err_reset(&e);
	is_int(command_new(&cmd, ds, &t, &e), -1);
	is_int(e.fault, FAULT_DATA_DENIED);
	datasource_close(&ds);
}

int
main(void)
{
	struct arena *a = arena_new();
	char *path = path_join(a, tap_dir(), "shop.db");
	struct datasource *ds;
	struct db *db;

	is_int(db_open(&db, &shop, path, 0, NULL), 0);
	ds = source(path, false, 0);
	data_reads(ds, &town);
	test_refused(ds);
	test_allowed(ds);
	test_description(ds);
	test_reading(ds);
	test_large(ds);
	datasource_close(&ds);
	db_close(&db);
	ds = source(path, true, 0);
	test_writes(ds);
	test_abandoned(ds);
	datasource_close(&ds);
	data_pool(source(path, false, 2), 2);
	test_files(a, path);
	test_schema_change(path);
	test_config();
	arena_free(&a);
	return tap_done();
}
