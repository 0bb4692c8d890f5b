/* SPDX-License-Identifier: MIT */
/*
 * Tests of data sources over a real PostgreSQL: what a statement may do,
 * descriptions, every type there and back, caps, cancelling, writes, wrong
 * passwords, restarts in the middle.
 */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "data_kit.h"
#include "datasource.h"
#include "err.h"
#include "file.h"
#include "job.h"
#include "mem.h"
#include "pg_server.h"
#include "tap.h"

#define ADDRESS "127.18.0.1"
#define OTHER   "127.18.0.2"

static const char town_sql[] =
	"CREATE TABLE site (id integer PRIMARY KEY, name text NOT NULL, "
	"lat double precision, fee numeric(10,2), open boolean, day date, "
	"seen timestamptz, photo bytea, code char(6), big bigint, "
	"extra jsonb);"
	"INSERT INTO site VALUES (1, '𠮷野 葛󠄀城', 35.5, 12.30, true, "
	"'2026-04-01', '2026-04-01 09:00+09', '\\x00ff10', '322016', "
	"9007199254740993, '{\"a\":1}');"
	"INSERT INTO site (id, name) SELECT n, 'site ' || n FROM "
	"generate_series(2, 20000) n;"
	"CREATE TABLE secret (word text); INSERT INTO secret VALUES ('xyzzy');"
	"CREATE TABLE denied (x int); CREATE TABLE \"Site\" (pin text);"
	"CREATE FUNCTION \"Twice\"(int) RETURNS int LANGUAGE sql AS "
	"'SELECT $1';"
	"CREATE VIEW open_site AS SELECT id, name FROM site;"
	"CREATE VIEW words AS SELECT word FROM secret;"
	"CREATE TABLE stock (id int PRIMARY KEY, n int CHECK (n >= 0));"
	"INSERT INTO stock VALUES (1, 10), (2, 20), (3, 30);"
	"CREATE FUNCTION leak() RETURNS text LANGUAGE sql AS "
	"'SELECT word FROM secret';"
	"CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS "
	"'SELECT $1 * 2';"
	"CREATE FUNCTION located(text) RETURNS text LANGUAGE sql AS "
	"'SELECT $1';"
	"CREATE SCHEMA other; CREATE TABLE other.site (pin text);"
	"CREATE ROLE clerk LOGIN PASSWORD 'クラーク ''';"
	"GRANT USAGE ON SCHEMA other TO clerk;"
	"GRANT SELECT ON other.site TO clerk;"
	"GRANT SELECT, UPDATE, INSERT, DELETE ON site, secret, stock, "
	"open_site, words TO clerk";

static const char *const sites_only[] = { "site", "open_site", NULL };
static const char *const twice_too[] = { "twice", "located", "pg_sleep",
	"pg_read_file", "set_config", "query_to_xml", "lowrite", NULL };
static const struct data_town town = {
	.sites = 20000,
	.slow = "SELECT count(*) FROM generate_series(1, 2000000000) n",
	.stock = data_kit_stock,
};

static struct pg_server *server;

static struct datasource_config
config_of(const char *host, const char *user, const char *password)
{
	return (struct datasource_config){ .name = "town",
		.driver = "postgresql",
		.host = host,
		.port = server->port,
		.database = "town",
		.user = user,
		.password = password,
		.tls = DATA_TLS_OFF,
		.writable = true,
		.pool_max = 4,
		.wait_ms = 50 };
}

static struct datasource *
source(const char *host, const char *user, const char *password)
{
	struct datasource_config c = config_of(host, user, password);

	return data_kit_open(&c);
}

static void
test_refused(struct datasource *ds)
{
	static const struct data_verdict row[] = {
		{ "SELECT $1", NULL, NULL, FAULT_DATA_STATEMENT },
		{ "WITH x AS (DELETE FROM stock RETURNING id) SELECT * FROM x",
			data_kit_stock, NULL, FAULT_DATA_DENIED },
		{ "SELECT * FROM (SELECT id FROM stock FOR UPDATE) s",
			data_kit_stock, NULL, FAULT_DATA_DENIED },
		{ "SELECT id FROM stock WHERE (:a IS NULL OR id = :a)",
			data_kit_stock, NULL, FAULT_NONE },
		{ "SET statement_timeout = 0", NULL, NULL, FAULT_DATA_DENIED },
		{ "COPY site TO STDOUT", NULL, NULL, FAULT_DATA_DENIED },
		{ "SELECT 1 WHERE EXISTS (SELECT FROM secret WHERE false)",
			sites_only, NULL, FAULT_DATA_DENIED },
		{ "TABLE secret", sites_only, NULL, FAULT_DATA_DENIED },
		{ "WITH site AS (SELECT word FROM secret) SELECT * FROM site",
			sites_only, NULL, FAULT_DATA_DENIED },
		{ "SELECT pin FROM other.site", sites_only, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT relname FROM pg_class", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT * FROM pg_catalog.pg_authid", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT * FROM information_schema.tables", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT leak()", sites_only, NULL, FAULT_DATA_DENIED },
		{ "SELECT twice(1)", NULL, NULL, FAULT_DATA_DENIED },
		{ "SELECT x FROM denied", NULL, NULL, FAULT_NONE },
		{ "SELECT pg_sleep(10)", NULL, NULL, FAULT_DATA_DENIED },
		{ "SELECT set_config('a.b', 'c', false)", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT pg_read_file('/etc/passwd')", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT query_to_xml('SELECT * FROM secret', true, true, '')",
			sites_only, NULL, FAULT_DATA_DENIED },
		{ "SELECT ts_stat('SELECT word FROM secret')", sites_only, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT current_setting('data_directory')", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT lo_import('/etc/passwd')", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT * FROM generate_series(1, 2), LATERAL (SELECT "
		  "count(*) FROM secret) x",
			sites_only, NULL, FAULT_DATA_DENIED },
	};

	data_judged(ds, row, sizeof(row) / sizeof(*row));
}

static void
test_allowed(struct datasource *ds)
{
	static const struct data_verdict row[] = {
		{ "SELECT count(*), max(s.name), string_agg(o.name, ',') FROM "
		  "site s JOIN open_site o USING (id) GROUP BY day",
			sites_only, NULL, FAULT_NONE },
		{ "SELECT twice(id) FROM site", sites_only, twice_too,
			FAULT_NONE },
		{ "SELECT located(name) FROM site", sites_only, twice_too,
			FAULT_NONE },
		{ "SELECT now(), seen + interval '1 day', day::timestamptz, "
		  "to_char(seen, 'YYYY'), extract(year FROM day), "
		  "lower(name) || ':x', extra->>'a' FROM site WHERE name LIKE "
		  ":a::text || '%' AND day BETWEEN :from AND :to",
			sites_only, NULL, FAULT_NONE },
		{ "SELECT id, row_number() OVER (ORDER BY id) FROM site WHERE "
		  "id = ANY(:ids)",
			sites_only, NULL, FAULT_NONE },
		{ "SELECT 'a :relid 1259 ' AS \" :relid 1259 \"", sites_only,
			NULL, FAULT_NONE },
		{ "VALUES (1), (2)", sites_only, NULL, FAULT_NONE },
	};
	static const char *const hopeless[] = { "SELECT pg_sleep(1)",
		"SELECT pg_read_file('x')", "SELECT set_config('a.b','',true)",
		"SELECT query_to_xml('', true, true, '')",
		"SELECT lowrite(1, 'x')", NULL };
	struct err e = ERR_INIT;
	size_t i;

	data_judged(ds, row, sizeof(row) / sizeof(*row));
	for (i = 0; hopeless[i]; i++) {
		struct command_text t = { .sql = hopeless[i],
			.functions = twice_too };

		ok_m(data_judge(ds, &t, &e) == FAULT_DATA_DENIED,
			"nobody may permit: %s", hopeless[i]);
	}
}

static void
test_description(struct datasource *ds)
{
	struct command_text t = {
		.sql = "SELECT s.id, o.name AS n, fee, upper(s.name) AS u, "
		       "seen, photo FROM site s JOIN open_site o USING (id) "
		       "WHERE id = :id AND day > :day AND s.name = ANY(:names) "
		       "AND fee < :fee AND :id > 0"
	};
	struct arena *a = arena_new();
	struct description d;
	struct command *c;
	const char *plan;

	is_int(command_new(&c, ds, &t, NULL), 0);
	is_int(command_describe(c, a, &d, NULL), 0);
	is_int(d.params, 4);
	is_str(d.param[0].type, "integer");
	is_int(d.param[0].kind, DATA_INT);
	is_int(d.param[1].kind, DATA_DATE);
	is_int(d.param[2].kind, DATA_LIST);
	is_int(d.param[2].item, DATA_TEXT);
	is_int(d.param[3].kind, DATA_DECIMAL);
	is_int(d.columns, 6);
	is_str(d.column[1].name, "n");
	is_str(d.column[1].table, "open_site");
	is_str(d.column[1].column, "name");
	is_str(d.column[2].type, "numeric(10,2)");
	is_int(d.column[2].kind, DATA_DECIMAL);
	is_str(d.column[3].table, NULL);
	is_int(d.column[4].kind, DATA_TIMESTAMP);
	is_int(d.column[5].kind, DATA_BLOB);
	is_int(d.tables, 2);
	is_int(command_plan(c, a, &plan, NULL), 0);
	ok(strstr(plan, "site") != NULL);
	command_free(&c);
	arena_free(&a);
}

static void
check_first(struct cursor *q)
{
	struct cell v;

	cursor_cell(q, 0, &v);
	is_int(v.kind, CELL_INT);
	is_int(v.number, 1);
	is_str(cell_text(q, 1), "𠮷野 葛󠄀城");
	cursor_cell(q, 2, &v);
	ok(v.kind == CELL_REAL && v.real == 35.5);
	is_str(cell_text(q, 3), "12.30");
	cursor_cell(q, 4, &v);
	ok(v.kind == CELL_BOOL && v.number == 1);
	is_str(cell_text(q, 5), "2026-04-01");
	ok(strncmp(cell_text(q, 6), "2026-0", 6) == 0);
	cursor_cell(q, 7, &v);
	is_int(v.kind, CELL_BLOB);
	is_bytes(v.text.data, v.text.len, "\x00\xff\x10", 3);
	is_str(cell_text(q, 8), "322016");
	cursor_cell(q, 9, &v);
	is_int(v.number, 9007199254740993);
	is_str(cell_text(q, 10), "{\"a\": 1}");
}

static void
test_reading(struct datasource *ds)
{
	struct command_text t = {
		.sql = "SELECT * FROM site WHERE id = ANY(:ids) OR photo = "
		       ":photo OR (name = :name AND open = :open AND lat = "
		       ":lat AND day = :day AND fee = :fee) ORDER BY id",
		.tables = sites_only
	};
	struct cell id[] = { int_cell(2), int_cell(3) };
	struct cell value[] = {
		{ .kind = CELL_LIST, .item = id, .items = 2 },
		{ .kind = CELL_BLOB, .text = bytes_of("\x00\xff\x10", 3) },
		text_cell("𠮷野 葛󠄀城"),
		{ .kind = CELL_BOOL, .number = 1 },
		{ .kind = CELL_REAL, .real = 35.5 },
		text_cell("2026-04-01"),
		text_cell("12.3"),
	};
	struct command *c;
	struct cursor *q;
	struct cell v;

	is_int(command_new(&c, ds, &t, NULL), 0);
	for (int round = 0; round < 3; round++) {
		is_int(cursor_open(&q, c, NULL), 0);
		is_str(cursor_column(q, 1), "name");
		is_str(cursor_column(q, 11), NULL);
		for (size_t i = round == 2 ? 2 : 0; i < 7; i++)
			is_int(cursor_bind(q, i, &value[i], NULL), 0);
		is_int(cursor_start(q, &data_kit_usual, NULL), 0);
		is_int(cursor_next(q, NULL), 1);
		check_first(q);
		for (int i = 0; i < (round == 2 ? 0 : 2); i++) {
			is_int(cursor_next(q, NULL), 1);
			cursor_cell(q, 2, &v);
			is_int(v.kind, CELL_NULL);
		}
		is_int(cursor_next(q, NULL), 0);
		ok(!cursor_capped(q));
		cursor_close(&q);
	}
	command_free(&c);
}

static void
test_faults(struct datasource *ds)
{
	static const struct {
		const char *sql;
		int value; /* 0: a text */
		enum fault fault;
	} row[] = {
		{ "SELECT 1 / :a::int", -1, FAULT_DATA_DIVISION },
		{ "SELECT 1 FROM site WHERE id = :a", 0, FAULT_DATA_TYPE },
		{ "SELECT :a::date", 0, FAULT_DATA_TYPE },
		{ "SELECT :a::int * 2147483647", 5, FAULT_DATA_TYPE },
		{ "SELECT x FROM denied WHERE x = :a", 1, FAULT_DATA_DENIED },
		{ "SELECT count(*) FROM generate_series(1, 2000000000) n WHERE "
		  "n = :a",
			1, FAULT_DATA_SLOW },
		{ "WITH x AS (DELETE FROM stock WHERE id > :a RETURNING id) "
		  "SELECT * FROM x",
			1, FAULT_DATA_DENIED },
	};
	struct cursor_limits brief = { .rows = 10, .ms = 200 };

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct command_text t = { .sql = row[i].sql };
		struct cell v = row[i].value ? int_cell(row[i].value)
					     : text_cell("hidden-value");
		struct err e = ERR_INIT;

		if (row[i].value < 0)
			v = int_cell(0);
		is_int(data_run(ds, &t, &v, &brief, NULL, &e), -1);
		if (!ok_m(e.fault == row[i].fault, "fault: %s", row[i].sql))
			tap_note("%s (%s)", e.text, e.code);
		ok(!strstr(e.text, "SELECT") && !strstr(e.text, "hidden"));
	}
}

static void
test_caps(struct datasource *ds)
{
	static const struct command_text endless = {
		.sql = "SELECT generate_series(1, 100000000), "
		       "repeat('x', 1000)"
	};
	struct cursor_limits two = { .rows = 2, .ms = 10000 };
	struct datasource_state s;
	struct err e = ERR_INIT;
	int64_t begun = clock_ticks();

	is_int(data_run(ds, &endless, NULL, &two, NULL, &e),
		DATA_KIT_CAPPED + 2);
	ok(clock_ticks() - begun < 5000);
	datasource_state(ds, &s);
	ok(s.open <= 2);
}

static void
test_writes(struct datasource *ds)
{
	struct command_text gone = { .sql = "DELETE FROM stock WHERE id >= :a "
					    "RETURNING id",
		.write = true };
	struct command_text sneaky = {
		.sql = "INSERT INTO stock (n) SELECT length(word) FROM secret",
		.tables = data_kit_stock,
		.write = true
	};
	struct cell two = int_cell(2);
	struct err e = ERR_INIT;
	int64_t n = 0;

	data_writes(ds, &town);
	is_str(pg_server_ask(server, "SELECT sum(n) FROM stock"), "63");
	is_int(data_judge(ds, &sneaky, &e), FAULT_DATA_DENIED);
	is_int(data_run(ds, &gone, &two, &data_kit_usual, &n, &e), 2);
	is_int(n, 2);
	is_str(pg_server_ask(server, "SELECT sum(n) FROM stock"), "11");
}

static void
cancel_now(void *ctx)
{
	cursor_cancel(ctx);
}

/* Before, while and after the statement is sent: never lost. */
static void
test_cancel_early(struct datasource *ds)
{
	struct command_text t = { .sql = town.slow };
	struct err e = ERR_INIT;
	struct worker *w;
	struct command *c;
	struct cursor *q;
	int wrong = 0;

	is_int(command_new(&c, ds, &t, NULL), 0);
	for (int i = 0; i < 20; i++) {
		/* another time cap each: so that it is set first */
		struct cursor_limits limits = { .ms = 100000 + i };

		if (cursor_open(&q, c, NULL) ||
			worker_start(&w, "cancel", cancel_now, q, NULL)) {
			wrong++;
			break;
		}
		err_reset(&e);
		if (cursor_start(q, &limits, &e) != -1 ||
			e.fault != FAULT_DATA_CANCELLED)
			wrong++;
		worker_join(&w);
		cursor_close(&q);
	}
	is_int(wrong, 0);
	command_free(&c);
}

static void
test_cancel(struct datasource *ds)
{
	data_cancelled(ds, town.slow);
	is_str(pg_server_ask(server, "SELECT count(*) FROM pg_stat_activity "
				     "WHERE usename = 'clerk' AND state = "
				     "'active'"),
		"0");
}

static void
test_login(void)
{
	data_unhealthy(
		source(ADDRESS, "clerk", "wrong"), FAULT_DATA_LOGIN, "wrong");
	data_unhealthy(
		source(ADDRESS, "clerk", NULL), FAULT_DATA_LOGIN, ADDRESS);
	data_healthy(source(ADDRESS, "clerk", "クラーク '"));
	data_unhealthy(source("127.18.0.99", "clerk", "x"), FAULT_DATA_GONE,
		"127.18.0.99");
}

/* Names that differ in case are different things. */
static void
test_case(struct datasource *ds)
{
	static const char *const both[] = { "Site", "Twice", NULL };
	struct command_text t = { .sql = "SELECT pin FROM \"Site\"",
		.tables = sites_only };
	struct err e = ERR_INIT;

	is_int(data_judge(ds, &t, &e), FAULT_DATA_DENIED);
	t.tables = both;
	is_int(data_judge(ds, &t, &e), FAULT_NONE);
	t.sql = "SELECT name FROM SITE";
	is_int(data_judge(ds, &t, &e), FAULT_DATA_DENIED);
	t.tables = sites_only;
	is_int(data_judge(ds, &t, &e), FAULT_NONE);
	t.sql = "SELECT \"Twice\"(2)";
	t.functions = twice_too;
	is_int(data_judge(ds, &t, &e), FAULT_DATA_DENIED);
	t.functions = both;
	is_int(data_judge(ds, &t, &e), FAULT_NONE);
}

/* No statement can be analysed: it is said why, to the author of one and to
   whoever looks at the source. */
static void
all_refused(enum fault f, const char *word)
{
	struct datasource *ds = source(server->dir, "clerk", NULL);
	struct command_text t = { .sql = "SELECT name FROM site" };
	struct err e = ERR_INIT;

	is_int(data_judge(ds, &t, &e), f);
	ok_m(strstr(e.text, word) != NULL, "author: %s", e.text);
	err_reset(&e);
	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), -1);
	ok_m(e.fault == f && strstr(e.text, word), "run: %s", e.text);
	err_reset(&e);
	is_int(datasource_health(ds, &e), -1);
	ok_m(e.fault == f && strstr(e.text, word), "health: %s", e.text);
	datasource_close(&ds);
}

static void
test_no_analysis(void)
{
	struct arena *a = arena_new();
	char *signal_file = path_join(a, server->dir, "data/standby.signal");

	is_int(pg_server_sql(server, NULL,
		       "REVOKE TEMPORARY ON DATABASE town FROM PUBLIC"),
		1);
	all_refused(FAULT_DATA_TEMPORARY, "TEMPORARY");
	is_int(pg_server_sql(server, NULL,
		       "GRANT TEMPORARY ON DATABASE town TO PUBLIC"),
		1);
	pg_server_stop(server, "fast");
	is_int(file_write(signal_file, bytes_str(""), FILE_PUBLIC, NULL), 0);
	ok(pg_server_start(server));
	all_refused(FAULT_DATA_STANDBY, "standby");
	pg_server_stop(server, "fast");
	is_int(file_remove(signal_file, NULL), 0);
	ok(pg_server_start(server));
	arena_free(&a);
}

/* The server is killed and comes back: what waits in the pool is dead. */
static void
test_restart(struct datasource *ds)
{
	struct command_text t = { .sql = "SELECT name FROM site WHERE id < 6" };
	struct command_text w = { .sql = "UPDATE stock SET n = n + 1",
		.write = true };
	struct err e = ERR_INIT;
	struct command *c;
	struct cursor *q, *p;
	int64_t n;

	is_int(data_run(ds, &w, NULL, &data_kit_usual, &n, &e), 0);
	is_int(command_new(&c, ds, &t, NULL), 0);
	is_int(cursor_open(&q, c, NULL), 0); /* taken over the restart */
	is_int(cursor_open(&p, c, NULL), 0);
	is_int(cursor_start(p, &data_kit_usual, NULL), 0);
	cursor_close(&p);
	pg_server_stop(server, "immediate");
	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), -1);
	is_int(e.fault, FAULT_DATA_GONE);
	ok(pg_server_start(server));
	for (int64_t until = clock_ticks() + 400; clock_ticks() < until;)
		;
	is_int(cursor_start(q, &data_kit_usual, &e), 0);
	is_int(cursor_next(q, NULL), 1);
	cursor_close(&q);
	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), 5);
	is_int(data_run(ds, &w, NULL, &data_kit_usual, &n, &e), 0);
	/* restarted between two calls: nobody notices */
	pg_server_stop(server, "immediate");
	ok(pg_server_start(server));
	is_int(data_run(ds, &w, NULL, &data_kit_usual, &n, &e), 0);
	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), 5);
	is_int(datasource_health(ds, NULL), 0);
	/* in the middle of the rows */
	t.sql = "SELECT n, repeat('x', 10000) FROM generate_series(1, 100000) "
		"n";
	command_free(&c);
	is_int(command_new(&c, ds, &t, NULL), 0);
	is_int(cursor_open(&q, c, NULL), 0);
	is_int(cursor_start(q, &(struct cursor_limits){ .ms = 20000 }, NULL),
		0);
	is_int(cursor_next(q, NULL), 1);
	pg_server_stop(server, "immediate");
	err_reset(&e);
	while ((n = cursor_next(q, &e)) == 1)
		;
	is_int(n, -1);
	is_int(e.fault, FAULT_DATA_GONE);
	cursor_close(&q);
	command_free(&c);
	ok(pg_server_start(server));
}

/* The owner changes the table under prepared statements. */
static void
test_schema_change(struct datasource *ds)
{
	struct command_text t = { .sql = "SELECT * FROM stock" };
	struct err e = ERR_INIT;
	struct command *c;
	struct cursor *q;

	is_int(command_new(&c, ds, &t, NULL), 0);
	is_int(cursor_open(&q, c, NULL), 0);
	is_int(cursor_start(q, &data_kit_usual, NULL), 0);
	cursor_close(&q);
	ok(pg_server_sql(server, NULL, "ALTER TABLE stock ADD note text"));
	is_int(cursor_open(&q, c, NULL), 0);
	is_int(cursor_start(q, &data_kit_usual, &e), 0);
	is_str(cursor_column(q, 2), "note");
	cursor_close(&q);
	ok(pg_server_sql(server, NULL, "DROP TABLE stock"));
	is_int(cursor_open(&q, c, NULL), 0);
	is_int(cursor_start(q, &data_kit_usual, &e), -1);
	is_int(e.fault, FAULT_DATA_STATEMENT);
	ok(!strstr(e.text, "stock"));
	cursor_close(&q);
	command_free(&c);
}

static struct datasource *
tls_source(struct arena *a, const char *host, const char *ca, enum data_tls tls)
{
	struct datasource_config c = config_of(host, "clerk", "クラーク '");

	c.tls = tls;
	c.ca_file = ca ? path_join(a, server->dir, ca) : NULL;
	return data_kit_open(&c);
}

static void
test_tls(struct arena *a)
{
	struct command_text t = { .sql = "SELECT name FROM site" };
	struct cursor_limits none = { 0 };
	struct err e = ERR_INIT;
	struct datasource *ds;

	/* the server has no TLS yet */
	data_unhealthy(tls_source(a, ADDRESS, NULL, DATA_TLS_FULL),
		FAULT_DATA_GONE, ADDRESS);
	ok(pg_server_tls(server));
	ds = tls_source(a, ADDRESS, "ca.pem", DATA_TLS_FULL);
	is_int(data_run(ds, &t, NULL, &none, NULL, &e), 20000);
	is_str(pg_server_ask(server, "SELECT ssl, version FROM pg_stat_ssl "
				     "JOIN pg_stat_activity USING (pid) WHERE "
				     "usename = 'clerk'"),
		"t|TLSv1.3");
	test_cancel(ds);
	test_faults(ds);
	pg_server_stop(server, "immediate");
	ok(pg_server_start(server));
	is_int(data_run(ds, &t, NULL, &none, NULL, &e), 20000);
	datasource_close(&ds);
	data_unhealthy(tls_source(a, ADDRESS, "other.pem", DATA_TLS_FULL),
		FAULT_DATA_GONE, ADDRESS);
	/* the certificate is for another address */
	data_unhealthy(tls_source(a, OTHER, "ca.pem", DATA_TLS_FULL),
		FAULT_DATA_GONE, OTHER);
	data_healthy(tls_source(a, OTHER, "ca.pem", DATA_TLS_CA));
}

int
main(void)
{
	struct arena *a = arena_new();
	struct datasource *ds;

	server = pg_server_new(
		a, ADDRESS, "-c listen_addresses=" ADDRESS "," OTHER);
	if (!server) {
		tap_skip("PostgreSQL is not installed or does not start");
		return tap_done();
	}
	is_int(pg_server_sql(server, "postgres", "CREATE DATABASE town"), 1);
	is_int(pg_server_sql(server, NULL, town_sql), 1);
	ds = source(server->dir, "clerk", NULL);
	data_reads(ds, &town);
	test_refused(ds);
	test_allowed(ds);
	test_description(ds);
	test_case(ds);
	test_reading(ds);
	test_faults(ds);
	test_caps(ds);
	/* 200 MB */
	data_stream(ds, "SELECT generate_series(1, 100000), repeat('x', 2000)",
		100000);
	test_cancel(ds);
	test_cancel_early(ds);
	test_login();
	data_pool(source(ADDRESS, "clerk", "クラーク '"), 4);
	test_no_analysis();
	test_writes(ds);
	datasource_close(&ds);
	test_tls(a);
	ds = source(ADDRESS, "clerk", "クラーク '");
	test_restart(ds);
	test_schema_change(ds);
	datasource_close(&ds);
	pg_server_free(server);
	arena_free(&a);
	return tap_done();
}
