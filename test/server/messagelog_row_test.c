/* SPDX-License-Identifier: MIT */
/*
 * What records share: one signature document for a batch, whatever happened to
 * the transaction that brought it first; it goes with its last record. And a
 * log of before, whose records have everything in their row.
 */
#define IN_SERVER 1

#include "messagelog_row.h"

#include <string.h>

#include "err.h"
#include "file.h"
#include "logsearch.h"
#include "mem.h"
#include "messagelog_int.h"
#include "messagelog_sql.h"
#include "param.h"
#include "tap.h"
#include "text.h"

static struct arena *a;

struct place {
	struct conf *conf;
	struct messagelog *m;
};

static void
place_start(struct place *p, const char *name)
{
	const char *dir = path_join(a, tap_dir(), name);

	*p = (struct place){ .conf = conf_defaults() };
	dir_make(dir, NULL);
	conf_set(p->conf, "machilink", "data-dir", dir, NULL);
	conf_set(p->conf, "message-log", "commit-wait", "0", NULL);
	conf_set(p->conf, "message-log", "keep-records-for", "1", NULL);
}

static void
place_open(struct place *p)
{
	struct err e = ERR_INIT;

	ok_m(!messagelog_open(&p->m, p->conf, NULL, NULL, NULL, &e), "%s",
		e.text);
}

static void
place_stop(struct place *p)
{
	messagelog_close(&p->m);
	conf_free(&p->conf);
}

/* A number from this statement, in the log's database. */
static int64_t
number(struct place *p, const char *sql)
{
	const struct db_statement statement[] = { { "number", sql } };
	struct db_schema schema = schema_messagelog;
	struct err e = ERR_INIT;
	struct db *db = NULL;
	struct db_conn *c;
	struct query *q;
	int64_t n;

	schema.statement = statement;
	schema.n_statements = 1;
	if (db_open(&db, &schema, conf_data_path(p->conf, "messagelog.db"),
		    DB_READONLY, &e)) {
		ok_m(false, "%s", e.text);
		return -1;
	}
	c = db_take(db);
	q = db_query(c, 0, { 0 });
	n = query_next(q) ? query_int(q, 0) : -1;
	ok_m(!query_end(q, &e), "%s", e.text);
	db_give(c);
	db_close(&db);
	return n;
}

/* ---- a batch ---- */

struct adding {
	struct log_shared *shared;
	const char *xml, *chain;
	bool undone; /* fails after the row is written */
	int64_t id;
};

static int
add_in(struct db_conn *c, void *arg, struct err *e)
{
	struct adding *x = arg;
	const struct log_row row = { .time = 1,
		.query_id = "q",
		.request_id = "r",
		.rest = true,
		.cls = "GOV",
		.code = "1",
		.subsystem = "s",
		.client = "LAB/GOV/1/s",
		.service = "LAB/GOV/2/s/x",
		.message = bytes_str("message"),
		.signature = { bytes_str(x->xml),
			bytes_str(x->chain ? "result" : ""),
			bytes_str(x->chain ? x->chain : "") } };

	if (log_row_add(c, x->shared, &row, &x->id, e))
		return -1;
	return x->undone ? fail(e, FAULT_DATABASE, "undone") : 0;
}

static int64_t
add(struct place *p, struct log_shared *shared, const char *xml,
	const char *chain, bool undone)
{
	struct adding x = { shared, xml, chain, undone, 0 };
	struct err e = ERR_INIT;

	is_int(db_transact(p->m->db, add_in, &x, &e), undone ? -1 : 0);
	return x.id;
}

static void
holds(struct place *p, int64_t id, const char *xml, const char *chain)
{
	struct evidence v;
	struct err e = ERR_INIT;

	ok_m(!evidence_get(p->m, a, id, &v, &e), "%s", e.text);
	ok(bytes_equal(v.asic.signature.xml, bytes_str(xml)));
	ok(bytes_equal(v.asic.signature.hashchain, bytes_str(chain)));
	ok(bytes_equal(v.asic.signature.hashchain_result,
		bytes_str(*chain ? "result" : "")));
}

#define SIGNATURES "SELECT count(*) FROM signature"

static void
test_shared(void)
{
	struct log_shared *shared = log_shared_new();
	struct place p;
	int64_t id[2];

	place_start(&p, "shared");
	place_open(&p);
	/* the first one's transaction is undone: nobody may refer to it */
	add(&p, shared, "<a/>", "0", true);
	id[0] = add(&p, shared, "<a/>", "1", false);
	id[1] = add(&p, shared, "<a/>", "2", false);
	is_int(number(&p, SIGNATURES), 1);
	is_int(number(&p, "SELECT count(*) FROM waiting"), 1);
	is_int(number(&p, "SELECT count(*) FROM waiting WHERE length(hash) "
			  "= 64"),
		1);
	holds(&p, id[0], "<a/>", "1");
	holds(&p, id[1], "<a/>", "2");
	/* an undone one's number is another's now */
	add(&p, shared, "<b/>", "0", true);
	add(&p, shared, "<c/>", "1", false);
	id[0] = add(&p, shared, "<b/>", "2", false);
	holds(&p, id[0], "<b/>", "2");
	is_int(number(&p, SIGNATURES), 3);
	/* alone: nothing is compared */
	add(&p, shared, "<d/>", NULL, false);
	id[0] = add(&p, shared, "<d/>", NULL, false);
	holds(&p, id[0], "<d/>", "");
	is_int(number(&p, SIGNATURES), 5);
	/* more documents than are remembered */
	for (int i = 0; i < 100; i++)
		add(&p, shared, arena_printf(a, "<e%d/>", i), "1", false);
	id[0] = add(&p, shared, "<e0/>", "2", false);
	holds(&p, id[0], "<e0/>", "2");
	place_stop(&p);
	log_shared_free(&shared);
}

static int
stamp_in(struct db_conn *c, void *arg, struct err *e)
{
	int64_t stamp;

	(void)arg;
	if (db_run(c, Q_MESSAGELOG_STAMP_ADD, e, db_int(1), db_blob("token", 5),
		    db_blob("<result/>", 9)) < 0)
		return -1;
	stamp = db_last_id(c);
	if (db_run(c, Q_MESSAGELOG_SIGNATURE_STAMP, e, db_int(1), db_int(stamp),
		    db_blob("<chain/>", 8)) < 0)
		return -1;
	return db_run(c, Q_MESSAGELOG_WAITING_DROP, e, db_int(1)) < 0 ? -1 : 0;
}

/* One stamp for the batch; who comes later gets another. */
static void
test_stamped(void)
{
	struct log_shared *shared = log_shared_new();
	struct evidence v;
	struct place p;
	int64_t id[3];

	place_start(&p, "stamped");
	place_open(&p);
	id[0] = add(&p, shared, "<a/>", "1", false);
	id[1] = add(&p, shared, "<a/>", "2", false);
	ok(!db_transact(p.m->db, stamp_in, NULL, NULL));
	id[2] = add(&p, shared, "<a/>", "3", false);
	is_int(number(&p, SIGNATURES), 2);
	for (int i = 0; i < 3; i++) {
		ok(!evidence_get(p.m, a, id[i], &v, NULL));
		ok(v.stamped == (i < 2));
		is_int(v.asic.ts_token.len, i < 2 ? 5 : 0);
		is_int(v.asic.ts_chain.len, i < 2 ? 8 : 0);
	}
	is_int(number(&p, "SELECT count(*) FROM v_message WHERE stamped"), 2);
	is_int(messagelog_archive(p.m, NULL, NULL), 2);
	is_int(messagelog_archive(p.m, NULL, NULL), 0);
	/* document and stamp go with the last record */
	is_int(messagelog_clean(p.m, NULL, NULL), 2);
	is_int(number(&p, SIGNATURES), 1);
	is_int(number(&p, "SELECT count(*) FROM stamp"), 0);
	is_int(number(&p, "SELECT count(*) FROM signature_stamp"), 0);
	is_int(number(&p, "SELECT count(*) FROM archived"), 0);
	holds(&p, id[2], "<a/>", "3");
	place_stop(&p);
	log_shared_free(&shared);
}

/* ---- a log of before ---- */

/* Stamped and archived; stamped; waiting, of a batch. */
static void
make_old(struct place *p)
{
#define OLD                                                                    \
 "INSERT INTO record (time, query_id, request_id, response, rest, as_client, " \
 "member_class, member_code, subsystem_code, client, service, message, "       \
 "signature, hashchain_result, hashchain, signature_hash, stamp, "             \
 "stamp_chain, archive) VALUES (1, 'old', 'r', 0, 1, 1, 'GOV', '1', 's', "     \
 "'LAB/GOV/1/s', 'LAB/GOV/2/s/x', X'6d', X'73', "
	static const struct db_statement sql[] = {
		{ "stamp", "INSERT INTO stamp VALUES (1, 1, X'01', X'02')" },
		{ "archive", "INSERT INTO archive VALUES (1, 1, '', '/nowhere',"
			     " 'old.zip', '00', 1, 1)" },
		{ "archived", OLD "NULL, NULL, NULL, 1, X'63', 1)" },
		{ "stamped", OLD "NULL, NULL, NULL, 1, X'63', NULL)" },
		{ "waiting", OLD "X'726573756c74', X'31', zeroblob(64), NULL, "
				 "NULL, NULL)" },
		{ "recent", "INSERT INTO recent (record, message_id) "
			    "SELECT id, query_id FROM record" },
	};
	enum { STATEMENTS = sizeof(sql) / sizeof(*sql) };
	struct db_schema old = schema_messagelog;
	struct err e = ERR_INIT;
	struct db_conn *c;
	struct db *db;

	old.n_migrations = 6;
	old.statement = sql;
	old.n_statements = STATEMENTS;
	ok_m(!db_open(&db, &old, conf_data_path(p->conf, "messagelog.db"),
		     DB_EVIDENCE, &e),
		"%s", e.text);
	c = db_take(db);
	for (int i = 0; i < STATEMENTS; i++)
		ok_m(db_run(c, i, &e, { 0 }) > 0, "%s: %s", sql[i].name,
			e.text);
	db_give(c);
	db_close(&db);
}

static void
test_old(void)
{
	struct log_query find = { .message_id = "old" };
	struct log_page page;
	struct messagelog_status st;
	struct evidence v;
	struct place p;

	place_start(&p, "old");
	make_old(&p);
	place_open(&p);
	ok(!log_search(p.m, a, &find, &page, NULL));
	is_int(page.n, 3); /* newest first */
	ok(!page.hit[0].stamped && !page.hit[0].archived);
	ok(page.hit[1].stamped && !page.hit[1].archived);
	ok(page.hit[2].stamped && page.hit[2].archived);
	messagelog_status(p.m, &st);
	is_int(st.waiting, 1);
	holds(&p, 1, "s", "");
	holds(&p, 3, "s", "1");
	ok(!evidence_get(p.m, a, 2, &v, NULL));
	ok(bytes_equal(v.asic.ts_chain, bytes_str("c")));
	ok(bytes_equal(v.asic.ts_result, bytes_str("\2")));
	ok(bytes_equal(v.asic.ts_token, bytes_str("\1")));
	is_int(messagelog_archive(p.m, NULL, NULL), 1);
	is_int(messagelog_clean(p.m, NULL, NULL), 2);
	is_int(number(&p, "SELECT count(*) FROM stamp"), 0);
	is_int(number(&p, "SELECT count(*) FROM record"), 1);
	is_int(number(&p, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	place_stop(&p);
}

/* Releasing the records of a lost file reads no others. */
static void
test_lost(void)
{
	static const struct db_statement plan[] = {
		{ "new", "EXPLAIN QUERY PLAN SELECT record FROM archived "
			 "WHERE archive = ?1" },
		{ "old", "EXPLAIN QUERY PLAN SELECT id FROM record "
			 "WHERE archive = ?1" },
	};
	struct db_schema schema = schema_messagelog;
	struct err e = ERR_INIT;
	struct place p;
	struct db *db;

	place_start(&p, "lost");
	schema.statement = plan;
	schema.n_statements = 2;
	ok_m(!db_open(&db, &schema, conf_data_path(p.conf, "messagelog.db"),
		     DB_EVIDENCE, &e),
		"%s", e.text);
	for (int i = 0; i < 2; i++) {
		struct db_conn *c = db_take(db);
		struct query *q = db_query(c, i, db_int(1));

		ok(query_next(q));
		ok_m(str_prefix(query_text(q, 3), "SEARCH"), "%s",
			query_text(q, 3));
		is_int(query_end(q, NULL), 0);
		db_give(c);
	}
	db_close(&db);
	conf_free(&p.conf);
}

/* From one number to another, each with a document of its own. */
static int
fill(struct db_conn *c, void *arg, struct err *e)
{
	const int *range = arg;

	for (int i = range[0]; i <= range[1]; i++) {
		struct adding x = { .xml = "<s/>" };

		if (add_in(c, &x, e))
			return -1;
	}
	return 0;
}

static void
make_waiting(struct place *p, int from, int to)
{
	int range[] = { from, to };
	struct err e = ERR_INIT;

	ok_m(!db_transact(p->m->db, fill, range, &e), "%s", e.text);
}

/* A long queue is not counted at each look. */
static void
test_waiting(void)
{
	struct messagelog_status st;
	struct place p;

	place_start(&p, "waiting");
	place_open(&p);
	make_waiting(&p, 1, WAITING_FEW);
	messagelog_status(p.m, &st);
	is_int(st.waiting, WAITING_FEW);
	make_waiting(&p, WAITING_FEW + 1, WAITING_FEW + 1);
	messagelog_status(p.m, &st);
	is_int(st.waiting, WAITING_FEW + 1);
	make_waiting(&p, WAITING_FEW + 2, WAITING_FEW + 2);
	messagelog_status(p.m, &st);
	is_int(st.waiting, WAITING_FEW + 1);
	place_stop(&p);
}

int
main(void)
{
	a = arena_new();
	test_shared();
	test_stamped();
	test_old();
	test_waiting();
	test_lost();
	arena_free(&a);
	return tap_done();
}
