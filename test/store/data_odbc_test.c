/* SPDX-License-Identifier: MIT */
/*
 * Tests of data sources over ODBC: a real MariaDB, its driver from Debian, and
 * our companion process, which is killed, too.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "data_kit.h"
#include "datasource.h"
#include "err.h"
#include "file.h"
#include "maria_server.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

#define ADDRESS "127.18.0.3"

static const char town_sql[] =
	"CREATE DATABASE town CHARACTER SET utf8mb4; USE town;"
	"CREATE TABLE site (id int PRIMARY KEY, name varchar(200) NOT NULL, "
	"lat double, fee decimal(10,2), day date, seen datetime, photo "
	"longblob, big bigint, note longtext) ENGINE=InnoDB;"
	"INSERT INTO site VALUES (1, '𠮷野 葛城', 35.5, 12.30, '2026-04-01', "
	"'2026-04-01 09:00:00', x'00ff10', 9007199254740993, "
	"repeat('あ', 100000));"
	"INSERT INTO site (id, name) SELECT seq, concat('site ', seq) FROM "
	"seq_2_to_20000;"
	"CREATE TABLE secret (word text); INSERT INTO secret VALUES ('xyzzy');"
	"CREATE TABLE stock (id int PRIMARY KEY, n int CHECK (n >= 0)) "
	"ENGINE=InnoDB;"
	"INSERT INTO stock VALUES (1, 10), (2, 20), (3, 30);"
	"CREATE TABLE old (name varchar(50)) CHARACTER SET cp932;"
	"INSERT INTO old VALUES ('髙橋①ﾊﾟ');"
	"CREATE VIEW open_site AS SELECT id, name FROM site;"
	"CREATE VIEW words AS SELECT word FROM secret;"
	"CREATE TABLE 2026_secret (word text);"
	"CREATE TABLE `$purse` (word text);"
	"CREATE DATABASE village; CREATE TABLE village.hidden (word text);"
	"CREATE USER clerk@'%' IDENTIFIED BY 'a}b;c''クラーク';"
	"GRANT SELECT, INSERT, UPDATE, DELETE ON town.* TO clerk@'%';"
	"GRANT SELECT ON village.* TO clerk@'%';";

static const struct data_town town = {
	.sites = 20000,
	.slow = "SELECT count(*) FROM site a, site b, site c WHERE a.name > "
		"b.name AND b.name > c.name",
	.stock = data_kit_stock,
};

static struct maria_server *server;
static const char *companion;
static const char usual_driver[] = "MariaDB Unicode";

static struct datasource *
source_with(const char *driver, const char *host, const char *password,
	enum data_tls tls, const char *ca)
{
	struct datasource_config c = { .name = "town",
		.driver = "odbc",
		.odbc_driver = driver,
		.companion = companion,
		.host = host,
		.port = server->port,
		.database = "town",
		.user = "clerk",
		.password = password,
		.tls = tls,
		.ca_file = ca,
		.writable = true,
		.pool_max = 3,
		.wait_ms = 50 };

	return data_kit_open(&c);
}

static struct datasource *
source(const char *password)
{
	return source_with(usual_driver, ADDRESS, password, DATA_TLS_OFF, NULL);
}

static void
test_judged(struct datasource *ds)
{
	static const struct data_verdict row[] = {
		{ "SELECT ?", NULL, NULL, FAULT_DATA_STATEMENT },
		{ "SELECT word FROM `secret`", data_kit_sites, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT word FROM town.Secret", data_kit_sites, NULL,
			FAULT_DATA_DENIED },
		/* for MariaDB these are two signs, not a comment */
		{ "SELECT 1 --(SELECT word FROM secret)", data_kit_sites, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT count(*) FROM site s JOIN open_site o ON s.id = o.id",
			data_kit_sites, NULL, FAULT_NONE },
		{ "SELECT id --\x01 secret\n FROM site", data_kit_sites, NULL,
			FAULT_NONE },
		{ "SELECT word FROM 2026_secret", data_kit_sites, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT word FROM $purse", data_kit_sites, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT word FROM village.hidden", data_kit_sites, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT word FROM `village` /**/ . hidden", data_kit_sites,
			NULL, FAULT_DATA_DENIED },
		{ "SELECT town.site.id AS village FROM town.site",
			data_kit_sites, NULL, FAULT_NONE },
		/* they depend on a setting of the server */
		{ "SELECT '\\', (SELECT word FROM secret), ' ' FROM site --'",
			data_kit_sites, NULL, FAULT_DATA_DENIED },
		{ "SELECT '\\\\' FROM site", NULL, NULL, FAULT_DATA_DENIED },
		{ "SELECT @@datadir", NULL, NULL, FAULT_DATA_DENIED },
		{ "SELECT * FROM mysql.user", NULL, NULL, FAULT_DATA_DENIED },
		{ "SELECT * FROM information_schema.tables", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT sleep (5)", NULL, NULL, FAULT_DATA_DENIED },
		{ "SELECT load_file('/etc/passwd')", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT 1 INTO OUTFILE '/tmp/x'", NULL, NULL,
			FAULT_DATA_DENIED },
		{ "SELECT 1 /*! INTO @a */", NULL, NULL, FAULT_DATA_DENIED },
		{ "SELECT {fn now()}", NULL, NULL, FAULT_DATA_DENIED },
		{ "SELECT user()", NULL, NULL, FAULT_DATA_DENIED },
		{ "SHOW TABLES", NULL, NULL, FAULT_DATA_DENIED },
		{ "SELECT 'secret', \"secret\" FROM site", NULL, NULL,
			FAULT_NONE },
		{ "SELECT s.name, count(*), max(o.id) FROM site s JOIN "
		  "open_site o ON (s.id = o.id) WHERE s.name LIKE "
		  "concat(:a, '%') AND s.id IN (1, 2) GROUP BY s.name",
			data_kit_sites, NULL, FAULT_NONE },
	};

	data_judged(ds, row, sizeof(row) / sizeof(*row));
}

/* A driver of unknown name: text that databases read in different ways. */
static void
test_unknown(struct arena *a)
{
	static const char *const denied[] = { "SELECT [it's], 1 FROM site --'",
		"SELECT 1 /* /* */ ' */ FROM secret --'",
		"SELECT q'x ' x', 1 FROM secret --'",
		"SELECT E'\\', (SELECT word FROM secret), ' ' FROM site",
		"SELECT e'x' FROM site", "SELECT $$ ' $$ FROM secret --'",
		"SELECT * FROM site@village", "SELECT `'`, 1 FROM secret --'",
		"SELECT 1 -- \r FROM secret", "SELECT word FROM secret",
		"SELECT word FROM village.hidden", NULL };
	static const char lib[] = "/usr/lib/x86_64-linux-gnu/odbc/libmaodbc.so";
	const char *link = path_join(a, tap_dir(), "plain.so");
	struct datasource *ds;

	if (access(lib, R_OK) || symlink(lib, link)) {
		tap_skip("the driver's file is not where Debian has it");
		return;
	}
	ds = source_with(link, ADDRESS, "a}b;c'クラーク", DATA_TLS_OFF, NULL);
	is_int(datasource_health(ds, NULL), 0);
	for (size_t i = 0; denied[i]; i++) {
		struct command_text t = { .sql = denied[i],
			.tables = data_kit_sites };
		struct err e = ERR_INIT;

		is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), -1);
		if (!ok_m(e.fault == FAULT_DATA_DENIED, "judged: %s",
			    denied[i]))
			tap_note("%s (%s)", e.text, e.code);
	}
	datasource_close(&ds);
}

static void
check_first(struct cursor *q)
{
	struct cell v;

	is_int(cursor_next(q, NULL), 1);
	cursor_cell(q, 0, &v);
	ok(v.kind == CELL_INT && v.number == 1);
	cursor_cell(q, 1, &v);
	is_int(v.kind, CELL_TEXT);
	is_str((const char *)v.text.data, "𠮷野 葛城");
	cursor_cell(q, 2, &v);
	ok(v.kind == CELL_REAL && v.real == 35.5);
	cursor_cell(q, 3, &v);
	is_str((const char *)v.text.data, "12.30");
	cursor_cell(q, 4, &v);
	is_str((const char *)v.text.data, "2026-04-01");
	cursor_cell(q, 5, &v);
	ok(strncmp((const char *)v.text.data, "2026-04-01 09:00:00", 19) == 0);
	cursor_cell(q, 6, &v);
	is_int(v.kind, CELL_BLOB);
	is_bytes(v.text.data, v.text.len, "\x00\xff\x10", 3);
	cursor_cell(q, 7, &v);
	is_int(v.number, 9007199254740993);
	cursor_cell(q, 8, &v);
	is_int(v.text.len, 300000);
}

static void
test_reading(struct datasource *ds)
{
	struct command_text t = {
		.sql = "SELECT * FROM site WHERE id IN (:a, :b) OR photo = "
		       ":photo OR name = :name OR fee = :fee OR id = :a "
		       "ORDER BY id",
		.tables = data_kit_sites
	};
	struct command_text cp932 = { .sql = "SELECT name FROM old WHERE name "
					     "LIKE :n" };
	struct cell value[] = {
		int_cell(2),
		{ .kind = CELL_NULL },
		{ .kind = CELL_BLOB, .text = bytes_of("\x00\xff\x10", 3) },
		text_cell("𠮷野 葛城"),
		{ .kind = CELL_REAL, .real = 12.3 },
	};
	struct cell v = text_cell("髙橋%");
	struct arena *a = arena_new();
	struct description d;
	struct command *c;
	struct cursor *q;

	is_int(command_new(&c, ds, &t, NULL), 0);
	is_int(command_describe(c, a, &d, NULL), 0);
	is_int(d.params, 5);
	is_int(d.columns, 9);
	is_str(d.column[1].name, "name");
	is_int(d.column[3].kind, DATA_DECIMAL);
	is_int(d.column[6].kind, DATA_BLOB);
	is_int(d.tables, 1);
	for (int round = 0; round < 2; round++) {
		is_int(cursor_open(&q, c, NULL), 0);
		for (size_t i = 0; i < 5; i++)
			is_int(cursor_bind(q, i, &value[i], NULL), 0);
		is_int(cursor_start(q, &data_kit_usual, NULL), 0);
		check_first(q);
		is_int(cursor_next(q, NULL), 1);
		is_int(cursor_next(q, NULL), 0);
		cursor_close(&q);
	}
	command_free(&c);
	is_int(command_new(&c, ds, &cp932, NULL), 0);
	is_int(cursor_open(&q, c, NULL), 0);
	is_int(cursor_bind(q, 0, &v, NULL), 0);
	is_int(cursor_start(q, &data_kit_usual, NULL), 0);
	is_int(cursor_next(q, NULL), 1);
	cursor_cell(q, 0, &v);
	is_str((const char *)v.text.data, "髙橋①ﾊﾟ");
	cursor_close(&q);
	command_free(&c);
	arena_free(&a);
}

/* For who writes a statement: tables, views and their columns. */
static void
test_tables(struct datasource *ds)
{
	struct arena *a = arena_new();
	struct data_table *t = NULL;
	size_t n = 0, found = 0;

	is_int(datasource_tables(ds, a, &t, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		ok(t[i].columns > 0);
		if (!str_equal(t[i].name, "site"))
			continue;
		found++;
		ok(!t[i].view && !t[i].schema);
		is_int((long long)t[i].columns, 9);
		is_str(t[i].column[1].name, "name");
		is_int(t[i].column[3].kind, DATA_DECIMAL);
		is_int(t[i].column[6].kind, DATA_BLOB);
	}
	is_int((long long)found, 1);
	arena_free(&a);
}

/* Every companion there is. */
static void
kill_companions(void)
{
	DIR *d = opendir("/proc");
	struct dirent *p;
	char path[300], text[100];

	while (d && (p = readdir(d)) != NULL) {
		int pid = atoi(p->d_name), parent = 0;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%s/stat", p->d_name);
		f = pid > 0 ? fopen(path, "r") : NULL;
		if (f &&
			fscanf(f, "%*d (%90[^)]) %*c %d", text, &parent) == 2 &&
			parent == getpid() && strstr(text, "machilink-odbc"))
			kill(pid, SIGKILL);
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
}

static void
test_deaths(struct datasource *ds)
{
	struct command_text t = { .sql = "SELECT name FROM site WHERE id < 6" };
	struct err e = ERR_INIT;

	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), 5);
	kill_companions();
	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), 5);
	maria_server_kill(server);
	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), -1);
	is_int(e.fault, FAULT_DATA_GONE);
	ok(maria_server_start(server));
	/* a database that was gone is left alone for a moment */
	for (int64_t until = clock_ticks() + 400; clock_ticks() < until;)
		;
	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), 5);
	maria_server_kill(server);
	ok(maria_server_start(server));
	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), 5);
	is_int(datasource_health(ds, NULL), 0);
}

static void
test_tls(struct arena *a)
{
	static const char password[] = "a}b;c'クラーク";
	char *ca = path_join(a, server->dir, "ca.pem");
	char *other = path_join(a, server->dir, "other.pem");

	data_healthy(source_with(
		usual_driver, ADDRESS, password, DATA_TLS_FULL, ca));
	ok(maria_server_sql(server,
		"ALTER USER clerk@'%' IDENTIFIED BY 'a}b;c''クラーク' REQUIRE "
		"SSL"));
	data_healthy(source_with(
		usual_driver, ADDRESS, password, DATA_TLS_FULL, ca));
	data_unhealthy(source_with(usual_driver, ADDRESS, password,
			       DATA_TLS_OFF, NULL),
		FAULT_DATA_LOGIN, password);
	data_unhealthy(source_with(usual_driver, ADDRESS, password,
			       DATA_TLS_FULL, other),
		FAULT_DATA_GONE, password);
	/* the certificate is for another address */
	data_unhealthy(source_with(usual_driver, "127.18.0.4", password,
			       DATA_TLS_FULL, ca),
		FAULT_DATA_GONE, password);
}

int
main(void)
{
	struct arena *a = arena_new();
	const char *build = getenv("BUILD_DIR");
	struct datasource *ds;

	companion = path_join(
		a, build ? build : "build/debug", "../odbc/machilink-odbc");
	if (access(companion, X_OK) != 0) {
		tap_skip("the companion is not built: make odbc");
		arena_free(&a);
		return tap_done();
	}
	server = maria_server_new(a, ADDRESS);
	if (!server) {
		tap_skip("MariaDB is not installed or does not start");
		arena_free(&a);
		return tap_done();
	}
	ok(maria_server_sql(server, town_sql));
	ds = source("a}b;c'クラーク");
	data_reads(ds, &town);
	is_str(maria_server_ask(server,
		       "SELECT count(*) FROM "
		       "information_schema.processlist WHERE "
		       "user = 'clerk' AND info LIKE '%site a%'"),
		"0");
	test_judged(ds);
	test_unknown(a);
	test_tables(ds);
	test_reading(ds);
	/* 100 MB */
	data_stream(ds,
		"SELECT a.id, repeat('x', 1000) AS x FROM site a, site b WHERE "
		"b.id < 7 AND a.id <= 20000",
		120000);
	data_writes(ds, &town);
	is_str(maria_server_ask(server, "SELECT sum(n) FROM town.stock"), "63");
	data_unhealthy(source("wrong"), FAULT_DATA_LOGIN, "wrong");
	data_pool(source("a}b;c'クラーク"), 3);
	test_deaths(ds);
	datasource_close(&ds);
	test_tls(a);
	maria_server_free(server);
	arena_free(&a);
	return tap_done();
}
