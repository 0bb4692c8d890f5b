/* SPDX-License-Identifier: MIT */
/*
 * The chain of the audit: rows of several writers at once, each change of a
 * row, a row taken out, rows of before there was a chain; names of acts.
 */
#define IN_CONSOLE 1
#include <stdio.h>
#include <string.h>

#include "audit_int.h"
#include "console_sql.h"
#include "db.h"
#include "digest.h"
#include "err.h"
#include "file.h"
#include "job.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

enum { WRITERS = 4, EACH = 25 };

static const struct audit_row act = { .who = "admin",
	.address = "192.0.2.1",
	.method = "POST",
	.target = "/api/v1/clients",
	.status = 201,
	.event = "Add client",
	.detail = "{\"client\":{\"member_code\":\"<\\\"役場\\\">\"}}" };

static void
write_many(void *ctx)
{
	struct err e = ERR_INIT;

	for (int i = 0; i < EACH; i++)
		if (audit_write(ctx, &act, &e))
			break;
}

static void
test_writers(struct db *db)
{
	struct worker *w[WRITERS];
	struct audit_state s;

	for (int i = 0; i < WRITERS; i++)
		ok(!worker_start(&w[i], "writer", write_many, db, NULL));
	for (int i = 0; i < WRITERS; i++)
		worker_join(&w[i]);
	ok(!audit_check(db, &s, NULL));
	is_int(s.rows, WRITERS * EACH);
	is_int(s.head, WRITERS * EACH);
	is_int(s.broken, 0);
	is_int(s.before, 0);
	is_int((int)strlen(s.hash), AUDIT_HASH);
}

/* ---- what somebody with the file could do, as statements ---- */
enum {
	FREE_UPDATE,
	FREE_DELETE,
	BAD_WHO,
	BAD_STATUS,
	BAD_DETAIL,
	BAD_TIME,
	BAD_EVENT,
	TAKE_OUT,
	UNCHAIN,
	STATEMENTS
};
static const struct db_statement tampering[STATEMENTS] = {
	{ "a", "DROP TRIGGER IF EXISTS audit_no_update" },
	{ "b", "DROP TRIGGER IF EXISTS audit_no_delete" },
	{ "c", "UPDATE audit SET who = 'somebody' WHERE id = ?1" },
	{ "d", "UPDATE audit SET status = 403 WHERE id = ?1" },
	{ "e", "UPDATE audit SET detail = '' WHERE id = ?1" },
	{ "f", "UPDATE audit SET time = time + 1 WHERE id = ?1" },
	{ "g", "UPDATE audit SET event = 'Add member' WHERE id = ?1" },
	{ "h", "DELETE FROM audit WHERE id = ?1" },
	{ "i", "UPDATE audit SET hash = '' WHERE id <= ?1" },
};

static int
tamper(const char *path, int what, int64_t id, struct err *e)
{
	struct db_schema schema = schema_console;
	struct db_conn *c;
	struct db *db;
	int64_t n;

	schema.statement = tampering;
	schema.n_statements = STATEMENTS;
	if (db_open(&db, &schema, path, 0, e))
		return -1;
	c = db_take(db);
	n = db_run(c, what, e, db_int(id));
	db_give(c);
	db_close(&db);
	return n < 0 ? -1 : 0;
}

static int
tamper_free(const char *path, int what)
{
	struct db_schema schema = schema_console;
	struct db_conn *c;
	struct db *db;
	int64_t n;

	schema.statement = tampering;
	schema.n_statements = STATEMENTS;
	if (db_open(&db, &schema, path, 0, NULL))
		return -1;
	c = db_take(db);
	n = db_run(c, what, NULL, { 0 });
	db_give(c);
	db_close(&db);
	return n < 0 ? -1 : 0;
}

static void
make(const char *path)
{
	struct db *db;

	ok(!db_open(&db, &schema_console, path, 0, NULL));
	for (int i = 0; i < 9; i++)
		ok(!audit_write(db, &act, NULL));
	db_close(&db);
}

static void
test_tampering(const char *dir)
{
	struct arena *a = arena_new();

	for (int what = BAD_WHO; what < STATEMENTS; what++) {
		char *path = arena_printf(a, "%s/%d.db", dir, what);
		struct err e = ERR_INIT;
		struct audit_state s;
		struct db *db;

		make(path);
		ok(tamper(path, what, 4, &e) != 0); /* the trigger */
		ok(strstr(e.text, "only added to") != NULL);
		is_int(tamper_free(path, FREE_UPDATE), 0);
		is_int(tamper_free(path, FREE_DELETE), 0);
		is_int(tamper(path, what, 4, NULL), 0);
		ok(!db_open(&db, &schema_console, path, 0, NULL));
		ok(!audit_check(db, &s, NULL));
		is_int(s.broken, what == TAKE_OUT || what == UNCHAIN ? 5 : 4);
		db_close(&db);
	}
	arena_free(&a);
}

/* Rows of version 1 of the database have no hash: the chain goes on from how
   many they were. */
static void
test_before(const char *dir)
{
	static const struct db_statement old[] = { { "old",
		"INSERT INTO audit (time, who, address, method, target, status)"
		" VALUES (1, 'a', 'b', 'c', 'd', 200)" } };
	struct db_schema schema = schema_console;
	struct arena *a = arena_new();
	const char *path = path_join(a, dir, "before.db");
	struct audit_state s;
	struct db_conn *c;
	struct db *db;

	schema.n_migrations = 1;
	schema.statement = old;
	schema.n_statements = 1;
	ok(!db_open(&db, &schema, path, 0, NULL));
	c = db_take(db);
	for (int i = 0; i < 3; i++)
		is_int(db_run(c, 0, NULL, { 0 }), 1);
	db_give(c);
	db_close(&db);
	make(path);
	ok(!db_open(&db, &schema_console, path, 0, NULL));
	ok(!audit_check(db, &s, NULL));
	is_int(s.before, 3);
	is_int(s.rows, 9);
	is_int(s.head, 12);
	is_int(s.broken, 0);
	db_close(&db);
	arena_free(&a);
}

static void
test_names(void)
{
	is_str(audit_event('S', "POST", "/api/v1/clients"), "Add client");
	is_str(audit_event('S', "PUT", "/api/v1/clients/{x}/register"),
		"Register client");
	is_str(audit_event('C', "POST", "/api/v1/initialization"),
		"Initialize central server");
	is_str(audit_event('S', "POST", "/api/v1/initialization"),
		"Initialize server configuration");
	is_str(audit_event('S', "POST", "/login"), "Log in user");
	is_str(audit_event('S', "POST", "/api/v1/login"), "Log in user");
	is_str(audit_event('C', "POST", "/api/v1/clients"), "");
}

/* Who reads the audit reads what was done, not an address. */
static void
test_every_act_has_a_name(void)
{
	static const struct {
		char api;
		const char *method, *path;
	} row[] = {
#define TAKES(api, method, path, query, media, body, makes) \
 { #api[0], method, "/api/v1" path },
#include "contract.def"
#undef TAKES
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (!str_equal(row[i].method, "GET") &&
			!*audit_event(row[i].api, row[i].method, row[i].path))
			ok_m(false, "%c %s %s is in audit_event.def",
				row[i].api, row[i].method, row[i].path);
	ok(sizeof(row) / sizeof(row[0]) > 100);
}

int
main(void)
{
	struct arena *a = arena_new();
	const char *dir = tap_dir();
	struct db *db;

	ok(!db_open(
		&db, &schema_console, path_join(a, dir, "many.db"), 0, NULL));
	test_writers(db);
	db_close(&db);
	test_tampering(dir);
	test_before(dir);
	test_names();
	test_every_act_has_a_name();
	arena_free(&a);
	return tap_done();
}
