/* SPDX-License-Identifier: MIT */
/* What the tests of data sources share. */
#include "data_kit.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "job.h"
#include "mem.h"
#include "tap.h"

/* A sanitizer keeps what was freed for a while: 256 MB. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { GROWTH_KB = 400000 };
#else
enum { GROWTH_KB = 20000 };
#endif
enum { POOL_MOST = 8, CANCEL_AFTER_MS = 100, CANCELLED_MS = 30000 };

const struct cursor_limits data_kit_usual = { .rows = 10, .ms = 10000 };
const char *const data_kit_sites[] = { "site", "OPEN_site", NULL };
static const char *const exact[] = { "site", "open_site", NULL };
const char *const data_kit_view[] = { "open_site", NULL };
const char *const data_kit_stock[] = { "stock", NULL };

struct cell
text_cell(const char *s)
{
	return (struct cell){ .kind = CELL_TEXT, .text = bytes_str(s) };
}

struct cell
int_cell(int64_t n)
{
	return (struct cell){ .kind = CELL_INT, .number = n };
}

const char *
cell_text(struct cursor *q, int col)
{
	struct cell v;

	cursor_cell(q, col, &v);
	return v.kind == CELL_TEXT ? (const char *)v.text.data : NULL;
}

struct datasource *
data_kit_open(const struct datasource_config *c)
{
	struct datasource *ds;

	is_int(datasource_open(&ds, c, NULL), 0);
	return ds;
}

void
data_healthy(struct datasource *ds)
{
	struct err e = ERR_INIT;

	if (!is_int(datasource_health(ds, &e), 0))
		tap_note("%s (%s)", e.text, e.code);
	datasource_close(&ds);
}

void
data_unhealthy(struct datasource *ds, enum fault fault, const char *hidden)
{
	struct err e = ERR_INIT;

	is_int(datasource_health(ds, &e), -1);
	if (!is_int(e.fault, fault))
		tap_note("%s (%s)", e.text, e.code);
	ok(!strstr(e.text, "clerk") && !strstr(e.text, hidden));
	datasource_close(&ds);
}

enum fault
data_judge(struct datasource *ds, const struct command_text *t, struct err *e)
{
	struct arena *a = arena_new();
	struct description d;
	struct command *c;

	err_reset(e);
	if (!command_new(&c, ds, t, e))
		(void)command_describe(c, a, &d, e);
	command_free(&c);
	arena_free(&a);
	return e->fault;
}

int
data_run(struct datasource *ds, const struct command_text *t,
	const struct cell *v, const struct cursor_limits *limits,
	int64_t *affected, struct err *e)
{
	struct command *c;
	struct cursor *q = NULL;
	int rc = -1, rows = 0;

	err_reset(e);
	if (command_new(&c, ds, t, e) || cursor_open(&q, c, e) ||
		(v && cursor_bind(q, 0, v, e)) || cursor_start(q, limits, e))
		goto out;
	while ((rc = cursor_next(q, e)) == 1)
		rows++;
	if (affected)
		*affected = cursor_affected(q);
	if (cursor_capped(q))
		rows += DATA_KIT_CAPPED;
out:
	cursor_close(&q);
	command_free(&c);
	return rc ? -1 : rows;
}

void
data_judged(struct datasource *ds, const struct data_verdict *row, size_t rows)
{
	for (size_t i = 0; i < rows; i++) {
		struct command_text t = { .sql = row[i].sql,
			.tables = row[i].tables,
			.functions = row[i].functions };
		struct err e = ERR_INIT;

		if (!ok_m(data_judge(ds, &t, &e) == row[i].fault, "%s: %s",
			    row[i].fault == FAULT_NONE ? "allowed" : "refused",
			    row[i].sql))
			tap_note("%s (%s)", e.text, e.code);
	}
}

static long
resident_kb(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * 4;
}

void
data_stream(struct datasource *ds, const char *sql, int rows)
{
	struct command_text t = { .sql = sql };
	struct cursor_limits none = { 0 };
	struct err e = ERR_INIT;
	long before = resident_kb(), after;

	is_int(data_run(ds, &t, NULL, &none, NULL, &e), rows);
	after = resident_kb();
	if (!ok(after - before < GROWTH_KB))
		tap_note("%ld kB before, %ld kB after", before, after);
}

static void
cancel_it(void *ctx)
{
	int64_t until = clock_ticks() + CANCEL_AFTER_MS;

	while (clock_ticks() < until)
		;
	cursor_cancel(ctx);
}

void
data_cancelled(struct datasource *ds, const char *slow)
{
	struct command_text t = { .sql = slow };
	struct cursor_limits none = { 0 };
	struct err e = ERR_INIT;
	int64_t begun;
	struct worker *w;
	struct command *c;
	struct cursor *q;

	is_int(command_new(&c, ds, &t, NULL), 0);
	is_int(cursor_open(&q, c, NULL), 0);
	begun = clock_ticks();
	is_int(worker_start(&w, "cancel", cancel_it, q, NULL), 0);
	is_int(cursor_start(q, &none, &e), -1);
	is_int(e.fault, FAULT_DATA_CANCELLED);
	ok(clock_ticks() - begun < CANCELLED_MS);
	worker_join(&w);
	cursor_close(&q);
	command_free(&c);
}

static const struct data_verdict alike[] = {
	{ "", NULL, NULL, FAULT_DATA_STATEMENT },
	{ "-- nothing", NULL, NULL, FAULT_DATA_STATEMENT },
	{ "SELECT 1 FROM", NULL, NULL, FAULT_DATA_STATEMENT },
	{ "SELECT 1; SELECT 2", NULL, NULL, FAULT_DATA_STATEMENT },
	{ "SELECT * FROM nowhere", NULL, NULL, FAULT_DATA_STATEMENT },
	{ "DELETE FROM site", NULL, NULL, FAULT_DATA_DENIED },
	{ "INSERT INTO site (id) VALUES (9)", NULL, NULL, FAULT_DATA_DENIED },
	{ "CREATE TABLE t (x int)", NULL, NULL, FAULT_DATA_DENIED },
	{ "EXPLAIN SELECT 1", NULL, NULL, FAULT_DATA_DENIED },
	{ "SELECT word FROM secret", data_kit_sites, NULL, FAULT_DATA_DENIED },
	{ "SELECT count(*) FROM secret", data_kit_sites, NULL,
		FAULT_DATA_DENIED },
	{ "SELECT (SELECT word FROM secret) FROM site", data_kit_sites, NULL,
		FAULT_DATA_DENIED },
	{ "SELECT id FROM site WHERE name IN (SELECT word FROM secret)",
		data_kit_sites, NULL, FAULT_DATA_DENIED },
	{ "SELECT word FROM words", data_kit_sites, NULL, FAULT_DATA_DENIED },
	{ "SELECT name FROM site", data_kit_view, NULL, FAULT_DATA_DENIED },
	{ "WITH open_site AS (SELECT word FROM secret) "
	  "SELECT * FROM open_site",
		data_kit_view, NULL, FAULT_DATA_DENIED },
	{ "SELECT word FROM secret;", NULL, NULL, FAULT_NONE },
	{ "SELECT 1 -- and a comment", data_kit_sites, NULL, FAULT_NONE },
	{ "SELECT 'secret' FROM site", data_kit_sites, NULL, FAULT_NONE },
	{ "SELECT name FROM open_site", data_kit_view, NULL, FAULT_NONE },
	{ "SELECT * FROM site WHERE id = :id", data_kit_sites, NULL,
		FAULT_NONE },
	{ "SELECT count(*) FROM site s JOIN open_site o ON s.id = o.id", exact,
		NULL, FAULT_NONE },
	{ "WITH w AS (SELECT id FROM site) SELECT * FROM w", data_kit_sites,
		NULL, FAULT_NONE },
};

void
data_reads(struct datasource *ds, const struct data_town *town)
{
	static const struct command_text sites = { .sql = "SELECT id, name "
							  "FROM site" };
	struct command_text slow = { .sql = town->slow };
	struct cursor_limits two = { .rows = 2, .ms = 10000 }, none = { 0 };
	struct cursor_limits all = { .rows = town->sites };
	struct cursor_limits brief = { .rows = 2, .ms = 200 };
	struct err e = ERR_INIT;

	data_judged(ds, alike, sizeof(alike) / sizeof(*alike));
	is_int(data_run(ds, &sites, NULL, &none, NULL, &e), town->sites);
	is_int(data_run(ds, &sites, NULL, &all, NULL, &e), town->sites);
	is_int(data_run(ds, &sites, NULL, &two, NULL, &e), DATA_KIT_CAPPED + 2);
	is_int(data_run(ds, &slow, NULL, &brief, NULL, &e), -1);
	is_int(e.fault, FAULT_DATA_SLOW);
	ok(!strstr(e.text, "SELECT"));
	data_cancelled(ds, town->slow);
	is_int(data_run(ds, &sites, NULL, &none, NULL, &e), town->sites);
}

/* The update has happened once. */
static void
check_stock(struct datasource *ds)
{
	static const struct command_text t = {
		.sql = "SELECT id FROM stock WHERE n = id * 10 + 1"
	};
	static const struct command_text all = {
		.sql = "SELECT id FROM stock"
	};
	struct err e = ERR_INIT;

	is_int(data_run(ds, &t, NULL, &data_kit_usual, NULL, &e), 3);
	is_int(data_run(ds, &all, NULL, &data_kit_usual, NULL, &e), 3);
}

void
data_writes(struct datasource *ds, const struct data_town *town)
{
	static const struct data_verdict never[] = {
		{ "DROP TABLE stock", NULL, NULL, FAULT_DATA_DENIED },
		{ "INSERT INTO stock (id) SELECT length(word) FROM secret",
			data_kit_stock, NULL, FAULT_DATA_DENIED },
		{ "DELETE FROM site", data_kit_stock, NULL, FAULT_DATA_DENIED },
	};
	struct command_text add = { .sql = "UPDATE stock SET n = n + :by",
		.tables = town->stock,
		.write = true };
	struct command_text new = {
		.sql = "INSERT INTO stock (id, n) VALUES (:id, 1)",
		.write = true
	};
	struct cursor_limits some = { .ms = 10000, .affected = 2 };
	struct cell one = int_cell(1), low = int_cell(-100);
	struct err e = ERR_INIT;
	int64_t n = 0;

	is_int(data_run(ds, &add, &one, &data_kit_usual, &n, &e), 0);
	is_int(n, 3);
	check_stock(ds);
	is_int(data_run(ds, &add, &one, &some, &n, &e), -1);
	is_int(e.fault, FAULT_DATA_ROWS);
	is_int(data_run(ds, &add, &low, &data_kit_usual, &n, &e), -1);
	is_int(e.fault, FAULT_DATA_CONSTRAINT);
	is_int(data_run(ds, &new, &one, &data_kit_usual, &n, &e), -1);
	is_int(e.fault, FAULT_DATA_CONSTRAINT);
	check_stock(ds);
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
		struct command_text t = { .sql = never[i].sql,
			.tables = never[i].tables,
			.write = true };

		ok_m(data_judge(ds, &t, &e) == never[i].fault, "refused: %s",
			t.sql);
	}
}

void
data_pool(struct datasource *ds, int most)
{
	struct command_text t = { .sql = "SELECT 1" };
	struct datasource_state s;
	struct err e = ERR_INIT;
	struct cursor *q[POOL_MOST], *more = NULL;
	struct command *c;

	is_int(command_new(&c, ds, &t, NULL), 0);
	for (int i = 0; i < most; i++)
		is_int(cursor_open(&q[i], c, NULL), 0);
	is_int(cursor_open(&more, c, &e), -1);
	is_int(e.fault, FAULT_DATA_BUSY);
	cursor_close(&q[0]);
	is_int(cursor_open(&q[0], c, NULL), 0);
	datasource_state(ds, &s);
	is_int(s.open, most);
	is_int(s.idle, 0);
	is_int(s.connected, most);
	datasource_close(&ds); /* before its cursors */
	for (int i = 1; i < most; i++)
		cursor_close(&q[i]);
	command_free(&c);
	is_int(cursor_start(q[0], &data_kit_usual, NULL), 0);
	is_int(cursor_next(q[0], NULL), 1);
	cursor_close(&q[0]);
}
