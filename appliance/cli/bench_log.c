/* SPDX-License-Identifier: MIT */
/*
 * A long message log against a short one: how fast records are inserted and
 * found. Both stand side by side and are measured in turns, so that what else
 * the machine does falls on both. The long one is filled with short records
 * (nothing depends on the size of those that lie there); what is measured are
 * records of the usual size, committed in groups as the server does.
 */
#include "bench_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "logsearch.h"
#include "mem.h"
#include "messagelog_row.h"
#include "messagelog_sql.h"
#include "param.h"
#include "text.h"

enum {
	SHORT_LOG = 10000,
	FILL_GROUP = 50000,
	FILL_MAX_MS = 30 * 60 * 1000,
	GROUP = 64,                       /* records of one commit */
	GROUPS = LOG_INDEX_CHUNK / GROUP, /* of a turn: indexed in it */
	TURNS = 9,                        /* the middle one counts */
	LOOKUPS = 400,
	MESSAGE_SHORT = 40,
	SIGNATURE_SHORT = 60,
	MESSAGE = 900,
	SIGNATURE = 6000,
	PARTIES = 150,
	MINUTE_MS = 60000,
};

struct log_bench {
	const char *dir;
	struct conf *conf;
	struct db *db;
	struct group_writer *writer;
	struct messagelog *reader;
	int64_t n;    /* records in it */
	size_t group; /* of the next transaction */
	size_t message, signature;
	uint8_t *bytes;         /* content: the same for all */
	double insert[TURNS];   /* records/s */
	double search[LOOKUPS]; /* ms */
};

/* Message ids are random UUIDs, but this one can be asked for again. */
static void
message_id(char out[UUID_LEN + 1], int64_t i)
{
	uint64_t x = (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t y;

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	y = (x ^ x >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	y ^= y >> 32;
	snprintf(out, UUID_LEN + 1, "%08x-%04x-4%03x-8%03x-%08x%04x",
		(unsigned)(x >> 32), (unsigned)(x >> 16 & 0xffff),
		(unsigned)(x & 0xfff), (unsigned)(y >> 52),
		(unsigned)(y >> 20 & 0xffffffff), (unsigned)(y & 0xffff));
}

static int
add_group(struct db_conn *c, void *arg, struct err *e)
{
	struct log_bench *l = arg;
	char id[UUID_LEN + 1], client[64], service[64];

	for (size_t k = 0; k < l->group; k++) {
		int64_t i = l->n + (int64_t)k;

		message_id(id, i / 2);
		snprintf(client, sizeof(client), "JP/GOV/%06d/Portal",
			(int)(i / 2 % PARTIES));
		snprintf(service, sizeof(service), "JP/COM/%06d/Data/get/v1",
			(int)(i / 6 % PARTIES));
		const struct log_row row = {
			.time = MINUTE_MS + i,
			.query_id = id,
			.request_id = id,
			.response = i & 1,
			.rest = true,
			.as_client = true,
			.cls = "GOV",
			.code = "000001",
			.subsystem = "Portal",
			.client = client,
			.service = service,
			.message = bytes_of(l->bytes, l->message),
			.signature = { .xml = bytes_of(
					       l->bytes, l->signature) },
		};
		int64_t record;

		if (log_row_add(c, NULL, &row, &record, e))
			return -1;
	}
	return 0;
}

static int
insert(struct log_bench *l, size_t records, struct err *e)
{
	l->group = records;
	if (db_transact(l->db, add_group, l, e))
		return -1;
	l->n += (int64_t)records;
	return log_index(l->db, l->writer, NULL, e) < 0 ? -1 : 0;
}

static int
log_open(struct bench *b, struct log_bench *l, const char *dir, struct err *e)
{
	l->dir = dir;
	l->bytes = arena_alloc(b->a, SIGNATURE);
	random_bytes(l->bytes, SIGNATURE);
	l->conf = conf_defaults();
	return dir_make(dir, e) ||
	       conf_set(l->conf, "machilink", "data-dir", dir, e) ||
	       db_open(&l->db, &schema_messagelog,
		       conf_data_path(l->conf, "messagelog.db"), DB_EVIDENCE,
		       e) ||
	       writer_open(&l->writer, l->db, 0, e);
}

static void
log_close(struct log_bench *l)
{
	messagelog_close(&l->reader);
	writer_close(&l->writer);
	if (l->db)
		db_close(&l->db);
	conf_free(&l->conf);
}

/* Short records; as many as time allows. */
static int
fill(struct log_bench *l, int64_t records, struct err *e)
{
	int64_t until = clock_ticks() + FILL_MAX_MS;

	l->message = MESSAGE_SHORT;
	l->signature = SIGNATURE_SHORT;
	while (l->n < records && clock_ticks() < until) {
		int64_t left = records - l->n;

		if (insert(l, left < FILL_GROUP ? (size_t)left : FILL_GROUP, e))
			return -1;
	}
	l->message = MESSAGE;
	l->signature = SIGNATURE;
	return 0;
}

static int
insert_turn(struct log_bench *l, int turn, struct err *e)
{
	int64_t begun = clock_micros();

	for (int i = 0; i < GROUPS; i++)
		if (insert(l, GROUP, e))
			return -1;
	l->insert[turn] =
		(double)GROUPS * GROUP * 1e6 / (double)(clock_micros() - begun);
	return 0;
}

/* Both records of an exchange that may lie anywhere. */
static int
search_once(struct log_bench *l, int k, int64_t records, struct err *e)
{
	struct arena *a = arena_new();
	struct log_page page = { 0 };
	char id[UUID_LEN + 1];
	struct log_query q = { .message_id = id };
	uint64_t pick;
	int64_t begun;
	int ret;

	random_bytes(&pick, sizeof(pick));
	message_id(id, (int64_t)(pick % (uint64_t)(records / 2)));
	begun = clock_micros();
	ret = log_search(l->reader, a, &q, &page, e);
	l->search[k] = (double)(clock_micros() - begun) / 1000;
	if (!ret && page.n != 2)
		ret = fail(e, FAULT_INTERNAL, "%s was found %zu times", id,
			page.n);
	arena_free(&a);
	return ret;
}

static int
by_size(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return a < b ? -1 : a > b;
}

static void
say(struct bench *b, const char *which, struct log_bench *l)
{
	struct stat st = { 0 };

	(void)stat(conf_data_path(l->conf, "messagelog.db"), &st);
	qsort(l->insert, TURNS, sizeof(double), by_size);
	qsort(l->search, LOOKUPS, sizeof(double), by_size);
	bench_say(b, arena_printf(b->a, "log-%s-records", which), (double)l->n,
		"");
	bench_say(b, arena_printf(b->a, "log-%s-size", which),
		(double)st.st_size / (1024 * 1024), "MiB");
	bench_say(b, arena_printf(b->a, "log-%s-insert", which),
		l->insert[TURNS / 2], "records/s");
	bench_say(b, arena_printf(b->a, "log-%s-search-p50", which),
		l->search[LOOKUPS / 2], "ms");
	bench_say(b, arena_printf(b->a, "log-%s-search-p99", which),
		l->search[LOOKUPS * 99 / 100], "ms");
	bench_say(b, arena_printf(b->a, "log-%s-search-max", which),
		l->search[LOOKUPS - 1], "ms");
}

static int
measure(struct log_bench *small, struct log_bench *large, struct err *e)
{
	int64_t few = small->n, many = large->n;

	for (int i = 0; i < TURNS; i++)
		if (insert_turn(small, i, e) || insert_turn(large, i, e))
			return -1;
	if (messagelog_read(&small->reader, small->conf, e) ||
		messagelog_read(&large->reader, large->conf, e))
		return -1;
	for (int i = 0; i < LOOKUPS; i++)
		if (search_once(small, i, few, e) ||
			search_once(large, i, many, e))
			return -1;
	return 0;
}

/* Where the long log is made: gigabytes belong beside what was built. */
static const char *
log_parent(void)
{
	const char *tmp = getenv("TMPDIR");

	return file_exists("build/.") ? "build" : tmp && *tmp ? tmp : "/tmp";
}

int
bench_log(struct bench *b, struct err *e)
{
	char *dir = arena_printf(b->a, "%s/bench-log-XXXXXX", log_parent());
	struct log_bench small = { 0 }, large = { 0 };
	int64_t begun;
	int ret = -1;

	if (!mkdtemp(dir))
		return fail(e, FAULT_IO, "cannot make %s", dir);
	begun = clock_ticks();
	if (log_open(b, &small, path_join(b->a, dir, "small"), e) ||
		log_open(b, &large, path_join(b->a, dir, "large"), e) ||
		fill(&small, SHORT_LOG, e) || fill(&large, b->log_records, e))
		goto out;
	bench_say(b, "log-fill", (double)(clock_ticks() - begun) / 1000, "s");
	if (measure(&small, &large, e))
		goto out;
	say(b, "short", &small);
	say(b, "long", &large);
	bench_say(b, "log-insert-long-to-short",
		100 * large.insert[TURNS / 2] / small.insert[TURNS / 2], "%");
	ret = 0;
out:
	log_close(&small);
	log_close(&large);
	(void)dir_remove(dir, NULL);
	return ret;
}
