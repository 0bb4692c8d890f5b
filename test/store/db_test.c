/* SPDX-License-Identifier: MIT */
/*
 * Tests of the store: opening, migrations, statements, transactions, guards,
 * several threads.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "demo_schema.h"
#include "err.h"
#include "faultpoint.h"
#include "file.h"
#include "job.h"
#include "mem.h"
#include "tap.h"

static const struct db_schema demo = DEMO_SCHEMA(3);

static const char *
fresh(struct arena *a)
{
	static int n;

	return arena_printf(a, "%s/demo-%d.db", tap_dir(), n++);
}

static int64_t
count_all(struct db *db)
{
	struct db_conn *c = db_take(db);
	struct query *q = db_query(c, Q_DEMO_COUNT_ALL);
	int64_t n = query_next(q) ? query_int(q, 0) : -1;

	if (query_end(q, NULL) != 0)
		n = -1;
	db_give(c);
	return n;
}

static int64_t
put(struct db *db, const char *name, struct err *e)
{
	struct db_conn *c = db_take(db);
	int64_t n = db_run(c, Q_DEMO_PUT, e, db_text(name), db_text("s"));

	db_give(c);
	return n;
}

static void
test_open(struct arena *a)
{
	const char *path = fresh(a);
	struct err e = ERR_INIT;
	struct stat st;
	struct db *db;

	is_int(db_open(&db, &demo, path, DB_READONLY, &e), -1);
	is_int(e.fault, FAULT_NOT_FOUND);
	ok(!db && !file_exists(path));
	is_int(db_open(&db, &demo, path, DB_EVIDENCE, NULL), 0);
	is_int(stat(path, &st), 0);
	is_int(st.st_mode & 0777, 0600);
	is_int(put(db, "one", NULL), 1);
	db_close(&db);
	ok(db == NULL);
	db_close(&db);
	is_int(db_open(&db, &demo, path, 0, NULL), 0);
	is_int(count_all(db), 1);
	db_close(&db);
	err_reset(&e);
	is_int(db_open(&db, &demo, "/nonexistent/x.db", 0, &e), -1);
	is_int(e.fault, FAULT_DATABASE);
}

static void
test_migrations(struct arena *a)
{
	static const struct db_schema first = {
		.name = "demo", .migration = demo_migration, .n_migrations = 1
	};
	static const struct db_schema second = {
		.name = "demo", .migration = demo_migration, .n_migrations = 2
	};
	static const struct db_schema other = { .name = "other" };
	const char *path = fresh(a);
	struct err e = ERR_INIT;
	struct db *db;

	is_int(db_open(&db, &first, path, 0, NULL), 0);
	db_close(&db);
	is_int(db_open(&db, &demo, path, DB_READONLY, &e), -1);
	ok(strstr(e.text, "waits for its owner") != NULL);
	is_int(db_open(&db, &second, path, 0, NULL), 0);
	db_close(&db);
	is_int(db_open(&db, &demo, path, 0, NULL), 0);
	is_int(count_all(db), 0);
	db_close(&db);
	err_reset(&e);
	is_int(db_open(&db, &second, path, 0, &e), -1);
	is_int(e.fault, FAULT_DATABASE);
	ok(strstr(e.text,
		   "has version 3, this program knows versions up to 2") !=
		NULL);
	err_reset(&e);
	is_int(db_open(&db, &other, path, 0, &e), -1);
	ok(strstr(e.text, "is not the database 'other'") != NULL);
	err_reset(&e);
	file_write(path,
		bytes_str("this is a text file and not a database, "
			  "and it is long enough for a header of one "
			  "which has a hundred bytes at least"),
		FILE_PRIVATE, NULL);
	is_int(db_open(&db, &demo, path, 0, &e), -1);
	ok(strstr(e.text, "the file is not a database") != NULL);
}

/* A migration that fails half-way leaves the version before it, whole. */
static void
test_migration_fails(struct arena *a)
{
	static const struct db_migration bad[] = {
		{ 1, "good", "CREATE TABLE t (x INTEGER) STRICT;" },
		{ 2, "bad",
			"INSERT INTO t VALUES (1); INSERT INTO u VALUES (1)" },
	};
	static const struct db_migration ends[] = {
		{ 1, "ends", "CREATE TABLE t (x INTEGER); COMMIT;" },
	};
	static const struct db_statement rows[] = {
		{ "rows", "SELECT count(*) FROM t" },
	};
	struct db_schema two = { "demo", bad, 2, NULL, 0 };
	struct db_schema one = { "demo", bad, 1, rows, 1 };
	struct db_schema end = { "demo", ends, 1, NULL, 0 };
	const char *path = fresh(a);
	struct err e = ERR_INIT;
	struct db_conn *c;
	struct query *q;
	struct db *db;

	is_int(db_open(&db, &two, path, 0, &e), -1);
	ok(strstr(e.text, "no such table: u") != NULL);
	is_int(db_open(&db, &one, path, 0, NULL), 0);
	c = db_take(db);
	q = db_query(c, 0);
	ok(query_next(q) && query_int(q, 0) == 0);
	query_end(q, NULL);
	db_give(c);
	db_close(&db);
	err_reset(&e);
	is_int(db_open(&db, &end, fresh(a), 0, &e), -1);
	ok(strstr(e.text, "ended its transaction") != NULL);
}

static void
test_typo_stops_start(struct arena *a)
{
	static const char *const bad[] = { "SELEC 1", "SELECT x FROM nowhere",
		"SELECT 1; SELECT 2", "", "-- nothing" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct db_statement s = { "the_name", bad[i] };
		struct db_schema schema = { "demo", NULL, 0, &s, 1 };
		struct err e = ERR_INIT;
		struct db *db;

		ok_m(db_open(&db, &schema, fresh(a), 0, &e) == -1 &&
				strstr(e.text, "the_name"),
			"refused at open: '%s'", bad[i]);
	}
}

static void
test_values(struct db *db)
{
	struct db_conn *c = db_take(db);
	struct arena *a = arena_new();
	struct query *q = db_query(c, Q_DEMO_VALUES, db_text("t\xc3\xa9"),
		db_int(INT64_MIN), db_blob("a\0b", 3), db_real(0.5), db_null());
	struct bytes b;

	ok(query_next(q));
	is_str(query_text(q, 0), "t\xc3\xa9");
	ok(query_int(q, 1) == INT64_MIN);
	b = query_blob_dup(a, q, 2);
	is_bytes(b.data, b.len, "a\0b", 3);
	ok(query_real(q, 3) == 0.5);
	ok(query_null(q, 4) && !query_null(q, 0));
	is_str(query_text(q, 4), NULL);
	is_int(query_int(q, 4), 0);
	is_str(query_text_dup(a, q, 4), NULL);
	ok(!query_next(q));
	ok(!query_next(q));
	is_int(query_end(q, NULL), 0);
	q = db_query(c, Q_DEMO_VALUES, db_text(NULL), db_text(""),
		db_blob(NULL, 0), db_null(), db_null());
	ok(query_next(q));
	ok(query_null(q, 0) && !query_null(q, 1) && !query_null(q, 2));
	is_str(query_text(q, 1), "");
	is_int(query_end(q, NULL), 0);
	db_give(c);
	arena_free(&a);
}

static void
test_statements(struct db *db)
{
	struct db_conn *c = db_take(db);
	struct err e = ERR_INIT;
	struct query *q, *inner;
	int64_t id;
	int pairs = 0;

	is_int(db_run(c, Q_DEMO_PUT, NULL, db_text("a"), db_null()), 1);
	id = db_last_id(c);
	is_int(db_run(c, Q_DEMO_PUT, NULL, db_text("b"), db_null()), 1);
	is_int(db_run(c, Q_DEMO_PUT, &e, db_text("a"), db_null()), -1);
	is_int(e.fault, FAULT_CONFLICT);
	err_reset(&e);
	is_int(db_run(c, Q_DEMO_PUT_CHILD, &e, db_int(id + 100)), -1);
	is_int(e.fault, FAULT_CONFLICT);
	err_reset(&e);
	is_int(db_run(c, Q_DEMO_PUT_CHILD, &e, db_null()), -1);
	is_int(e.fault, FAULT_DATABASE);
	is_int(db_run(c, Q_DEMO_PUT_CHILD, NULL, db_int(id)), 1);
	is_int(db_run(c, Q_DEMO_ALL, NULL), 0);
	/* the same statement inside of itself */
	q = db_query(c, Q_DEMO_ALL);
	while (query_next(q)) {
		inner = db_query(c, Q_DEMO_ALL);
		while (query_next(inner))
			pairs++;
		is_int(query_end(inner, NULL), 0);
	}
	is_int(query_end(q, NULL), 0);
	is_int(pairs, 4);
	q = db_query(c, Q_DEMO_RETURNING, db_text("n"), db_text("b"));
	ok(query_next(q) && query_int(q, 0) == id + 1);
	is_int(query_end(q, NULL), 0);
	is_int(db_run(c, Q_DEMO_DELETE, NULL, db_int(id + 1)), 1);
	is_int(db_run(c, Q_DEMO_DELETE, NULL, db_int(id + 1)), 0);
	db_give(c);
}

static void
test_transactions(struct db *db)
{
	struct db_conn *c = db_take(db);
	int64_t before = count_all(db);
	struct err e = ERR_INIT;

	is_int(db_begin(c, NULL), 0);
	is_int(db_run(c, Q_DEMO_PUT, NULL, db_text("t1"), db_null()), 1);
	is_int(count_all(db), before); /* another connection */
	db_rollback(c);
	is_int(count_all(db), before);
	is_int(db_begin(c, NULL), 0);
	is_int(db_run(c, Q_DEMO_PUT, NULL, db_text("t1"), db_null()), 1);
	is_int(db_commit(c, NULL), 0);
	is_int(count_all(db), before + 1);
	/* left open: undone, and the next writer is not kept out */
	is_int(db_begin(c, NULL), 0);
	is_int(db_run(c, Q_DEMO_PUT, NULL, db_text("t2"), db_null()), 1);
	db_query(c, Q_DEMO_ALL);
	db_give(c);
	is_int(count_all(db), before + 1);
	is_int(put(db, "t3", NULL), 1);
	fault_arm("store.commit", 0, 1);
	c = db_take(db);
	is_int(db_begin(c, NULL), 0);
	is_int(db_run(c, Q_DEMO_PUT, NULL, db_text("t4"), db_null()), 1);
	is_int(db_commit(c, &e), -1);
	is_int(e.fault, FAULT_DATABASE);
	ok(strstr(e.text, "the disk is full") != NULL);
	fault_disarm();
	db_give(c);
	is_int(count_all(db), before + 2);
	fault_arm("store.write", 0, 1);
	is_int(put(db, "t5", NULL), -1);
	fault_disarm();
}

static int
put_two(struct db_conn *c, void *arg, struct err *e)
{
	const char *const *name = arg;

	if (db_run(c, Q_DEMO_PUT, e, db_text(name[0]), db_null()) < 0)
		return -1;
	return db_run(c, Q_DEMO_PUT, e, db_text(name[1]), db_null()) < 0 ? -1
									 : 0;
}

static void
test_transact(struct db *db)
{
	const char *good[] = { "x1", "x2" }, *bad[] = { "x3", "x1" };
	int64_t before = count_all(db);
	struct err e = ERR_INIT;

	is_int(db_transact(db, put_two, good, NULL), 0);
	is_int(db_transact(db, put_two, bad, &e), -1);
	is_int(e.fault, FAULT_CONFLICT);
	is_int(count_all(db), before + 2);
}

static void
test_guards(struct arena *a)
{
	const char *path = fresh(a);
	struct err e = ERR_INIT;
	struct db *db, *view;
	struct db_conn *c;
	struct query *q;

	is_int(db_open(&db, &demo, path, 0, NULL), 0);
	put(db, "seen", NULL);
	is_int(db_open(&view, &demo, path, DB_VIEWS, NULL), 0);
	c = db_take(view);
	q = db_query(c, Q_DEMO_VIEW);
	ok(query_next(q));
	is_str(query_text(q, 0), "seen");
	is_int(query_end(q, NULL), 0);
	q = db_query(c, Q_DEMO_ALL);
	ok(!query_next(q));
	is_int(query_end(q, &e), -1);
	is_int(e.fault, FAULT_DATABASE);
	q = db_query(c, Q_DEMO_VIEW_WITH);
	ok(!query_next(q));
	is_int(query_end(q, NULL), -1);
	is_int(db_run(c, Q_DEMO_PUT, NULL, db_text("x"), db_null()), -1);
	is_int(db_begin(c, NULL), 0);
	is_int(db_run(c, Q_DEMO_VIEW, NULL), 0);
	is_int(db_commit(c, NULL), 0);
	db_give(c);
	db_close(&view);
	is_int(db_open(&view, &demo, path, DB_READONLY, NULL), 0);
	is_int(count_all(view), 1);
	err_reset(&e);
	is_int(put(view, "x", &e), -1);
	ok(strstr(e.text, "the file cannot be written") != NULL);
	db_close(&view);
	db_close(&db);
}

struct crowd {
	struct db *db;
	int n; /* of this thread */
	int failed;
};

static void
crowd_run(void *ctx)
{
	struct crowd *w = ctx;
	char name[32], two[32];
	const char *pair[2] = { name, two };
	int i;

	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "w%d-%d", w->n, i);
		snprintf(two, sizeof(two), "w%d-%d'", w->n, i);
		if (i % 2 ? put(w->db, name, NULL) != 1
			  : db_transact(w->db, put_two, pair, NULL) != 0)
			w->failed++;
		if (count_all(w->db) < 0)
			w->failed++;
	}
}

/* More threads than the pool has connections. */
static void
test_threads(struct arena *a)
{
	struct crowd w[24] = { 0 };
	struct worker *t[24];
	struct db *db;
	int i, failed = 0;

	is_int(db_open(&db, &demo, fresh(a), 0, NULL), 0);
	for (i = 0; i < 24; i++) {
		w[i].db = db;
		w[i].n = i;
		worker_start(&t[i], "crowd", crowd_run, &w[i], NULL);
	}
	for (i = 0; i < 24; i++) {
		worker_join(&t[i]);
		failed += w[i].failed;
	}
	is_int(failed, 0);
	is_int(count_all(db), 24 * 75);
	db_close(&db);
}

static void
test_nested_take(struct db *db)
{
	struct db_conn *c[40];
	int i;

	for (i = 0; i < 40; i++)
		c[i] = db_take(db);
	for (i = 0; i < 40; i++)
		db_give(c[i]);
	ok(count_all(db) >= 0);
}

int
main(void)
{
	struct arena *a = arena_new();
	struct db *db;

	test_open(a);
	test_migrations(a);
	test_migration_fails(a);
	test_typo_stops_start(a);
	is_int(db_open(&db, &demo, fresh(a), 0, NULL), 0);
	test_values(db);
	test_statements(db);
	test_transactions(db);
	test_transact(db);
	test_nested_take(db);
	db_close(&db);
	test_guards(a);
	test_threads(a);
	arena_free(&a);
	return tap_done();
}
