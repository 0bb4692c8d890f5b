/* SPDX-License-Identifier: MIT */
/*
 * Tests of reading somebody's SQLite file: one statement, only reading, named
 * parameters, caps.
 */
#include <string.h>

#include "db.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "sqldata.h"
#include "tap.h"

static const struct db_migration shop_migration[] = {
	{ 1, "shop",
		"CREATE TABLE site (id INTEGER PRIMARY KEY, name TEXT,"
		" lat REAL, picture BLOB);"
		"CREATE TABLE secret (word TEXT);"
		"CREATE VIEW open_site AS SELECT id, name FROM site;"
		"CREATE VIEW words AS SELECT word FROM secret;"
		"INSERT INTO secret VALUES ('xyzzy');"
		"INSERT INTO site VALUES (1, 'Matsue', 35.5, x'00ff'),"
		" (2, 'Izumo', 35.25, NULL), (3, 'Oki', NULL, NULL);" },
};
static const struct db_schema shop = {
	.name = "shop", .migration = shop_migration, .n_migrations = 1
};

static const char *const sites_only[] = { "site", "OPEN_site", NULL };
static const char *const view_only[] = { "open_site", NULL };

static void
test_refused(const char *path)
{
	static const struct {
		const char *sql;
		const char *const *tables;
		enum fault fault;
	} row[] = {
		{ "", NULL, FAULT_BAD_REQUEST },
		{ "-- nothing", NULL, FAULT_BAD_REQUEST },
		{ "SELEC 1", NULL, FAULT_BAD_REQUEST },
		{ "SELECT 1; SELECT 2", NULL, FAULT_BAD_REQUEST },
		{ "SELECT 1; bad", NULL, FAULT_BAD_REQUEST },
		{ "SELECT * FROM nowhere", NULL, FAULT_BAD_REQUEST },
		{ "SELECT ?", NULL, FAULT_BAD_REQUEST },
		{ "SELECT ?1", NULL, FAULT_BAD_REQUEST },
		{ "DELETE FROM site", NULL, FAULT_FORBIDDEN },
		{ "INSERT INTO site (id) VALUES (9)", NULL, FAULT_FORBIDDEN },
		{ "UPDATE site SET name = 'x' RETURNING id", NULL,
			FAULT_FORBIDDEN },
		{ "CREATE TABLE t (x)", NULL, FAULT_FORBIDDEN },
		{ "CREATE TEMP TABLE t (x)", NULL, FAULT_FORBIDDEN },
		{ "PRAGMA user_version", NULL, FAULT_FORBIDDEN },
		{ "PRAGMA writable_schema = 1", NULL, FAULT_FORBIDDEN },
		{ "ATTACH '/tmp/x.db' AS x", NULL, FAULT_FORBIDDEN },
		{ "BEGIN", NULL, FAULT_FORBIDDEN },
		{ "VACUUM INTO '/tmp/x.db'", NULL, FAULT_FORBIDDEN },
		{ "EXPLAIN SELECT 1", NULL, FAULT_FORBIDDEN },
		{ "SELECT word FROM secret", sites_only, FAULT_FORBIDDEN },
		{ "SELECT count(*) FROM secret", sites_only, FAULT_FORBIDDEN },
		{ "SELECT id FROM site WHERE name IN (SELECT word FROM secret)",
			sites_only, FAULT_FORBIDDEN },
		{ "SELECT word FROM words", sites_only, FAULT_FORBIDDEN },
		{ "SELECT name FROM sqlite_master", sites_only,
			FAULT_FORBIDDEN },
		{ "SELECT name FROM site", view_only, FAULT_FORBIDDEN },
		{ "WITH open_site AS (SELECT word FROM secret) "
		  "SELECT * FROM open_site",
			view_only, FAULT_FORBIDDEN },
		{ "SELECT * FROM (SELECT word FROM secret) AS open_site",
			view_only, FAULT_FORBIDDEN },
		{ "/* */ with/**/open_site(a) AS (SELECT word FROM secret) "
		  "SELECT a FROM open_site",
			view_only, FAULT_FORBIDDEN },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err e = ERR_INIT;
		struct sqldata *s;

		if (!ok_m(sqldata_open(&s, path, row[i].sql, row[i].tables,
				  &e) == -1 &&
				    !s && e.fault == row[i].fault,
			    "refused: %s", row[i].sql))
			tap_note("%s (%s)", e.text, e.code);
		sqldata_close(&s);
	}
}

/* Refused by us, or absent from the library: both will do. */
static void
test_extension(const char *path)
{
	struct sqldata *s;

	is_int(sqldata_open(&s, path, "SELECT load_extension('x')", NULL, NULL),
		-1);
}

static void
test_allowed(const char *path)
{
	static const struct {
		const char *sql;
		const char *const *tables;
	} row[] = {
		{ "SELECT word FROM secret;", NULL },
		{ "SELECT 1 -- and a comment", sites_only },
		{ "SELECT name FROM open_site", view_only },
		{ "SELECT name FROM SITE ORDER BY lower(name)", sites_only },
		{ "WITH w AS (SELECT id FROM site) SELECT * FROM w",
			sites_only },
		{ "SELECT count(*) FROM site s JOIN open_site o ON s.id = o.id",
			sites_only },
		{ "SELECT name AS \"with\" FROM open_site /* with */",
			view_only },
		{ "VALUES (1), (2)", sites_only },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err e = ERR_INIT;
		struct sqldata *s;

		if (!ok_m(sqldata_open(
				  &s, path, row[i].sql, row[i].tables, &e) == 0,
			    "allowed: %s", row[i].sql))
			tap_note("%s (%s)", e.text, e.code);
		sqldata_close(&s);
	}
}

static void
test_reading(const char *path)
{
	struct err e = ERR_INIT;
	struct sqldata *s;
	struct bytes b;

	is_int(sqldata_open(&s, path,
		       "SELECT id, name, lat, picture, upper(name) AS big "
		       "FROM site WHERE name = :name OR lat < $lat OR id = @id "
		       "OR picture = :pic ORDER BY id",
		       sites_only, NULL),
		0);
	is_str(sqldata_param(s, 0), "name");
	is_str(sqldata_param(s, 1), "lat");
	is_str(sqldata_param(s, 2), "id");
	is_str(sqldata_param(s, 3), "pic");
	is_str(sqldata_param(s, 4), NULL);
	is_str(sqldata_column(s, 1), "name");
	is_str(sqldata_column(s, 4), "big");
	is_str(sqldata_column(s, 5), NULL);
	is_str(sqldata_decltype(s, 0), "INTEGER");
	is_str(sqldata_decltype(s, 4), "");
	is_int(sqldata_text(s, "nome", "x", &e), -1);
	is_int(e.fault, FAULT_BAD_REQUEST);
	is_int(sqldata_next(s, NULL), 0); /* not started */
	is_int(sqldata_text(s, "name", "Matsue", NULL), 0);
	sqldata_start(s, 10, 10000);
	is_int(sqldata_next(s, NULL), 1);
	is_int(sqldata_type_of(s, 0), SQLDATA_INT);
	is_int(sqldata_get_int(s, 0), 1);
	is_int(sqldata_type_of(s, 1), SQLDATA_TEXT);
	is_str(sqldata_get_text(s, 1), "Matsue");
	is_int(sqldata_type_of(s, 2), SQLDATA_REAL);
	ok(sqldata_get_real(s, 2) == 35.5);
	is_int(sqldata_type_of(s, 3), SQLDATA_BLOB);
	b = sqldata_get_blob(s, 3);
	is_bytes(b.data, b.len, "\x00\xff", 2);
	is_int(sqldata_next(s, NULL), 0);
	is_int(sqldata_next(s, NULL), 0);
	sqldata_reset(s);
	sqldata_start(s, 10, 10000);
	is_int(sqldata_next(s, NULL), 0); /* nothing is bound: nothing found */
	is_int(sqldata_int(s, "id", 2, NULL), 0);
	is_int(sqldata_real(s, "lat", 35.3, NULL), 0);
	is_int(sqldata_blob(s, "pic", bytes_of("\x00\xff", 2), NULL), 0);
	sqldata_start(s, 10, 10000);
	is_int(sqldata_next(s, NULL), 1);
	is_int(sqldata_get_int(s, 0), 1);
	is_int(sqldata_next(s, NULL), 1);
	is_int(sqldata_type_of(s, 3), SQLDATA_NULL);
	is_int(sqldata_next(s, NULL), 0);
	ok(!sqldata_capped(s));
	sqldata_close(&s);
	ok(s == NULL);
}

static void
test_caps(const char *path)
{
	struct err e = ERR_INIT;
	struct sqldata *s;

	is_int(sqldata_open(&s, path, "SELECT id FROM site", NULL, NULL), 0);
	sqldata_start(s, 2, 10000);
	is_int(sqldata_next(s, NULL), 1);
	is_int(sqldata_next(s, NULL), 1);
	is_int(sqldata_next(s, NULL), 0);
	ok(sqldata_capped(s));
	is_int(sqldata_next(s, NULL), 0);
	sqldata_start(s, 3, 10000);
	while (sqldata_next(s, NULL) == 1)
		;
	ok(!sqldata_capped(s));
	sqldata_close(&s);
	is_int(sqldata_open(&s, path,
		       "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT "
		       "i + 1 FROM n) SELECT count(*) FROM n",
		       NULL, NULL),
		0);
	sqldata_start(s, 10, 20);
	is_int(sqldata_next(s, &e), -1);
	is_int(e.fault, FAULT_LIMIT);
	sqldata_close(&s);
	err_reset(&e);
	is_int(sqldata_open(&s, path, "SELECT zeroblob(900000000)", NULL, NULL),
		0);
	sqldata_start(s, 10, 10000);
	is_int(sqldata_next(s, &e), -1);
	is_int(e.fault, FAULT_DATABASE);
	sqldata_close(&s);
}

static void
test_files(struct arena *a)
{
	char *path = path_join(a, tap_dir(), "not.db");
	struct err e = ERR_INIT;
	struct sqldata *s;

	is_int(sqldata_open(&s, path, "SELECT 1", NULL, &e), -1);
	is_int(e.fault, FAULT_NOT_FOUND);
	ok(!file_exists(path));
	err_reset(&e);
	file_write(path,
		bytes_str("a text, and by no means a database, though "
			  "it has more than a hundred bytes, which is "
			  "what the header of one has"),
		FILE_PUBLIC, NULL);
	is_int(sqldata_open(&s, path, "SELECT * FROM t", NULL, &e), -1);
	is_int(e.fault, FAULT_DATABASE);
}

int
main(void)
{
	struct arena *a = arena_new();
	char *path = path_join(a, tap_dir(), "shop.db");
	struct db *db;

	is_int(db_open(&db, &shop, path, 0, NULL), 0);
	test_refused(path);
	test_extension(path);
	test_allowed(path);
	test_reading(path);
	test_caps(path);
	db_close(&db);
	test_reading(path);
	test_files(a);
	arena_free(&a);
	return tap_done();
}
