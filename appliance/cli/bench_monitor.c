/* SPDX-License-Identifier: MIT */
/*
 * The monitor's database after five years of a busy town, filled as the monitor
 * would have: how large it is, and how long its pages of a year take.
 */
#include "bench_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "histogram.h"
#include "mem.h"
#include "monitor.h"
#include "monitor_sql.h"
#include "param.h"
#include "text.h"

enum {
	PAIRS = 200,
	CALLS = 200000, /* a day */
	DAYS = 1827,
	HOUR_DAYS = 400,
	RECORD_DAYS = 7,
	HOURS = 24,
	DAY_MS = 86400 * 1000,
	YEAR = 365,
	LATENCY_MS = 40,
	REQUEST = 900,
	RESPONSE = 6000,
	PAGES = 9,   /* of each kind; the middle one counts */
	DRAWS = 200, /* latencies of a row */
	GROUP = 1000,
	GROUPS = 50,
};

struct fill {
	int64_t day, today; /* since 1970 */
	uint64_t state;     /* of the random numbers */
};

static int64_t
chance(struct fill *f, int64_t below)
{
	f->state =
		f->state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (int64_t)((f->state >> 33) % (uint64_t)below);
}

static int
fill_pairs(struct db_conn *c, void *arg, struct err *e)
{
	struct fill *f = arg;
	char code[32], service[32];

	for (int i = 0; i < PAIRS; i++) {
		snprintf(code, sizeof(code), "%013d", 2000 + i % 40);
		snprintf(service, sizeof(service), "service-%d", i / 4);
		if (db_run(c, Q_MONITOR_PAIR_ADD, e, db_int(MONITOR_PROVIDER),
			    db_text("JP"), db_text("COM"), db_text(code),
			    db_text("Portal"), db_text("JP"), db_text("GOV"),
			    db_text("9000020994014"), db_text("opendata"),
			    db_text(service), db_text(""), db_text("REST"),
			    db_int((f->today - DAYS) * DAY_MS)) < 0 ||
			db_run(c, Q_MONITOR_PAIR_USED, e, db_int(i + 1),
				db_int(f->today * DAY_MS), db_null(),
				db_text("REST")) < 0)
			return -1;
	}
	return 0;
}

static int
put_use(struct db_conn *c, struct fill *f, int statement, int64_t when,
	int64_t pair, int64_t calls, struct err *e)
{
	struct histogram h = { { 0 } };
	uint8_t packed[HISTOGRAM_BYTES];
	int64_t total = 0, draws = calls < DRAWS ? calls : DRAWS;

	for (int64_t i = 0; i < draws; i++) {
		int64_t ms = 5 + chance(f, LATENCY_MS) * (1 + chance(f, 4));

		histogram_add(&h, ms);
		total += ms;
	}
	return db_run(c, statement, e, db_int(when), db_int(pair),
		       db_int(calls), db_int(calls / 100), db_int(0),
		       db_int(calls / 200), db_int(calls / 200), db_int(0),
		       db_int(0), db_int(0), db_int(total * calls / draws),
		       db_int(200), db_int(calls * REQUEST),
		       db_int(calls * RESPONSE),
		       db_blob(packed, histogram_pack(&h, packed))) < 0
		       ? -1
		       : 0;
}

static int
put_records(struct db_conn *c, struct fill *f, struct err *e)
{
	char id[UUID_LEN + 1];

	for (int i = 0; i < CALLS; i++) {
		int64_t at = f->day * DAY_MS + (int64_t)i * DAY_MS / CALLS;

		uuid_make(id);
		if (db_run(c, Q_MONITOR_RECORD_ADD, e, db_int(at / 1000 + 1),
			    db_int(1 + chance(f, PAIRS)), db_int(1), db_int(at),
			    db_int(4), db_int(30), db_int(34), db_int(REQUEST),
			    db_int(RESPONSE), db_null(), db_null(), db_int(0),
			    db_int(0), db_int(200), db_int(1), db_int(2),
			    db_null(), db_null(), db_int(3), db_int(4),
			    db_int(5), db_null(), db_int(6), db_int(7),
			    db_null(), db_text(id), db_text("EE12345678901"),
			    db_null(), db_null(), db_text(id)) < 0)
			return -1;
	}
	return 0;
}

static int
fill_day(struct db_conn *c, void *arg, struct err *e)
{
	struct fill *f = arg;
	int64_t calls = CALLS / PAIRS;

	for (int64_t pair = 1; pair <= PAIRS; pair++) {
		if (put_use(c, f, Q_MONITOR_DAY_PUT, f->day, pair, calls, e))
			return -1;
		for (int h = 0; f->today - f->day < HOUR_DAYS && h < HOURS; h++)
			if (put_use(c, f, Q_MONITOR_HOUR_PUT,
				    f->day * HOURS + h, pair, calls / HOURS, e))
				return -1;
	}
	return f->today - f->day < RECORD_DAYS ? put_records(c, f, e) : 0;
}

static int
fill(const char *path, struct err *e)
{
	struct fill f = { .today = clock_now() / DAY_MS };
	struct db *db = NULL;
	int ret = db_open(&db, &schema_monitor, path, 0, e);

	if (!ret)
		ret = db_transact(db, fill_pairs, &f, e);
	for (f.day = f.today - DAYS + 1; !ret && f.day <= f.today; f.day++)
		ret = db_transact(db, fill_day, &f, e);
	if (db)
		db_close(&db);
	return ret;
}

static int
by_size(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return a < b ? -1 : a > b;
}

/* The middle one of several. */
static int
pages(struct bench *b, struct monitor *m, const char *name, bool trend,
	struct err *e)
{
	double ms[PAGES];

	for (int i = 0; i < PAGES; i++) {
		struct arena *a = arena_new();
		int64_t begun = clock_micros();
		struct buf out;
		int ret;

		buf_init(&out, 1 << 26);
		ret = monitor_page(m, a, YEAR, trend, &out, e);
		ms[i] = (double)(clock_micros() - begun) / 1000;
		buf_done(&out);
		arena_free(&a);
		if (ret)
			return -1;
	}
	qsort(ms, PAGES, sizeof(*ms), by_size);
	bench_say(b, name, ms[PAGES / 2], "ms");
	return 0;
}

/* Time of the processor, in microseconds. */
static double
spent(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static struct monitor_exchange
exchange(struct fill *f, char *service, size_t max, char *id)
{
	struct monitor_exchange x;

	monitor_exchange_begin(&x, MONITOR_PROVIDER);
	snprintf(service, max, "service-%d", (int)chance(f, PAIRS / 4));
	uuid_make(id);
	x.succeeded = true;
	x.number[MN_RESPONSE_OUT] =
		x.number[MN_REQUEST_IN] + chance(f, LATENCY_MS);
	x.number[MN_REQUEST_SIZE] = REQUEST;
	x.number[MN_RESPONSE_SIZE] = RESPONSE;
	x.text[MT_CLIENT_INSTANCE] = x.text[MT_SERVICE_INSTANCE] = "JP";
	x.text[MT_CLIENT_CLASS] = x.text[MT_SERVICE_CLASS] = "GOV";
	x.text[MT_CLIENT_CODE] = x.text[MT_SERVICE_CODE] = "9000020994014";
	x.text[MT_CLIENT_SUBSYSTEM] = x.text[MT_SERVICE_SUBSYSTEM] = "opendata";
	x.text[MT_SERVICE] = service;
	x.text[MT_SERVICE_TYPE] = "REST";
	x.text[MT_REST_METHOD] = "GET";
	x.text[MT_CLIENT_ADDRESS] = x.text[MT_SERVICE_ADDRESS] = "10.0.0.1";
	x.text[MT_MESSAGE_ID] = x.text[MT_REQUEST_ID] = id;
	return x;
}

/* What a record costs the exchange, and its way into the database. */
static int
record_cost(struct bench *b, struct monitor *m, struct err *e)
{
	struct fill f = { .today = 0 };
	double add = 0, write = 0, at;

	for (int g = 0; g < GROUPS; g++) {
		char service[32], id[UUID_LEN + 1];
		struct monitor_exchange x =
			exchange(&f, service, sizeof(service), id);

		at = spent();
		for (int i = 0; i < GROUP; i++)
			monitor_add(m, &x);
		add += spent() - at;
		at = spent();
		if (monitor_flush(m, e))
			return -1;
		write += spent() - at;
	}
	bench_say(b, "monitor-record-add", add / (GROUP * GROUPS), "us of CPU");
	bench_say(b, "monitor-record-write", write / (GROUP * GROUPS),
		"us of CPU");
	return 0;
}

static int
measure(struct bench *b, struct conf *conf, struct err *e)
{
	struct role_run run = { .role = &role_monitor };
	const struct role_env env = { .conf = conf, .run = &run, .runs = 1 };
	int ret = -1;

	if (role_monitor.start(&run.state, &env, e))
		return -1;
	if (!pages(b, run.state, "monitor-year-page", false, e) &&
		!pages(b, run.state, "monitor-year-trend", true, e) &&
		!record_cost(b, run.state, e))
		ret = 0;
	role_monitor.stop(run.state);
	return ret;
}

int
bench_monitor(struct bench *b, struct err *e)
{
	char *dir = arena_printf(b->a, "%s/bench-monitor-XXXXXX",
		file_exists("build/.") ? "build" : "/tmp");
	struct conf *conf = conf_defaults();
	int64_t begun = clock_ticks();
	struct stat st = { 0 };
	int ret = -1;

	if (!mkdtemp(dir))
		return fail(e, FAULT_IO, "cannot make %s", dir);
	if (conf_set(conf, "machilink", "data-dir", dir, e) ||
		fill(conf_data_path(conf, "monitor.db"), e))
		goto out;
	bench_say(
		b, "monitor-fill", (double)(clock_ticks() - begun) / 1000, "s");
	(void)stat(conf_data_path(conf, "monitor.db"), &st);
	bench_say(b, "monitor-five-years", (double)st.st_size / (1024 * 1024),
		"MiB");
	ret = measure(b, conf, e);
out:
	(void)dir_remove(dir, NULL);
	conf_free(&conf);
	return ret;
}
