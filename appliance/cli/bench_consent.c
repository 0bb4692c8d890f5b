/* SPDX-License-Identifier: MIT */
/*
 * One check of consent against a cache of a million consents, as the provider's
 * security server does it for each request.
 */
#include "bench_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "consent_gate.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "link_sql.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum {
	GROUP = 50000,
	CHECKS = 20000,
	WARM = 2000,
	HOUR_MS = 3600000,
};
#define TOWN      "JP/GOV/1000"
#define COMPANY   "JP/COM/2000"
#define TARGET    TOWN "/data/income"
#define SUBSYSTEM COMPANY "/loans"
#define HEX_LEN   32

struct consent_bench {
	struct db *db;
	int64_t n;
	double us[CHECKS];
};

/* Random identifiers that can be asked for again. */
static void
identifier(char out[HEX_LEN + 1], int64_t i, uint64_t salt)
{
	uint64_t x = ((uint64_t)i + salt * UINT64_C(0x2545f4914f6cdd1d)) *
		     UINT64_C(0x9e3779b97f4a7c15);
	uint64_t y;

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	y = (x ^ x >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	snprintf(out, HEX_LEN + 1, "%016" PRIx64 "%016" PRIx64, x, y);
}

/* Statements are the role's own: the rows are those that a cache has. */
static int
declare(struct db_conn *c, void *arg, struct err *e)
{
	int64_t now = clock_now();

	(void)arg;
	for (int i = 0; i < 2; i++)
		if (db_run(c, Q_LINK_ORGANISATION_PUT, e,
			    db_text(i ? TOWN : COMPANY), db_text("名"),
			    db_text("name"), db_null(), db_null(), db_null(),
			    db_int(0), db_int(1), db_int(0)) < 0)
			return -1;
	return db_run(c, Q_LINK_PLACE_FOUND, e, db_text("cache"), db_text("")) <
				       0 ||
			       db_run(c, Q_LINK_SERVICE_PUT, e, db_text("s"),
				       db_text(TOWN), db_text(TARGET),
				       db_text("所得"), db_text("income"),
				       db_text("所得"), db_text("income"),
				       db_text("[]"), db_text("法"),
				       db_text("law"), db_int(365), db_int(900),
				       db_null(), db_int(0),
				       db_text("valid")) < 0 ||
			       db_run(c, Q_LINK_PURPOSE_PUT, e, db_text("p"),
				       db_text(COMPANY), db_text(SUBSYSTEM),
				       db_text("loan"), db_text("融資"),
				       db_text("loan"), db_text("審査"),
				       db_text("check"),
				       db_text("https://company.invalid/"),
				       db_text("valid")) < 0 ||
			       db_run(c, Q_LINK_CONTACT_PUT, e, db_text(TOWN),
				       db_text("e"), db_int(1), db_int(1),
				       db_int(now), db_int(clock_ticks()),
				       db_text("another boot"), db_int(now)) < 0
		       ? -1
		       : 0;
}

static int
add_one(struct db_conn *c, int64_t i, int64_t now, struct err *e)
{
	char subject[HEX_LEN + 1], pairwise[HEX_LEN + 1];
	char reference[HEX_LEN + 1], user[32];

	identifier(subject, i, 1);
	identifier(pairwise, i, 2);
	identifier(reference, i, 3);
	snprintf(user, sizeof(user), "U%09" PRId64, i);
	if (db_run(c, Q_LINK_ID_CONVERSION_PUT, e, db_text(pairwise),
		    db_text(TOWN), db_null(), db_null()) < 0 ||
		db_run(c, Q_LINK_ID_LINK_PUT, e, db_text(pairwise),
			db_text("linked"), db_null()) < 0 ||
		db_run(c, Q_LINK_ID_PAIR_PUT, e, db_text(subject),
			db_text(COMPANY), db_text(TOWN), db_null(), db_null(),
			db_text(pairwise)) < 0 ||
		db_run(c, Q_LINK_USER_PUT, e, db_text(pairwise),
			db_text(user)) < 0)
		return -1;
	return db_run(c, Q_LINK_CONSENT_TAKE, e, db_text(reference),
		       db_text("s"), db_text("p"), db_text(subject),
		       db_text("[\"income\"]"), db_text("[\"income\"]"),
		       db_int(30), db_text("approved"), db_int(now - HOUR_MS),
		       db_int(now + 24 * HOUR_MS)) < 0
		       ? -1
		       : 0;
}

static int
add_group(struct db_conn *c, void *arg, struct err *e)
{
	struct consent_bench *l = arg;
	int64_t now = clock_now();

	for (int64_t i = 0; i < GROUP; i++)
		if (add_one(c, l->n + i, now, e))
			return -1;
	return 0;
}

static int
check_one(struct consent_gate *g, const struct consent_bench *l, int64_t i,
	struct err *e)
{
	const struct consent_ask ask = { .subsystem = SUBSYSTEM,
		.provider = TOWN,
		.target = TARGET,
		.purpose = "loan" };
	struct arena *a = arena_new();
	struct consent_ask one = ask;
	struct consent_grant grant;
	char subject[HEX_LEN + 1];
	int ret;

	identifier(subject, i * 7919 % l->n, 1);
	one.subject = subject;
	ret = consent_check(g, &one, a, &grant, e);
	arena_free(&a);
	return ret;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
measure(struct bench *b, struct consent_bench *l, const struct conf *conf,
	struct err *e)
{
	struct consent_gate *g = consent_gate_new(conf);
	double sum = 0;
	int ret = 0;

	for (int64_t i = 0; !ret && i < WARM + CHECKS; i++) {
		int64_t begun = clock_micros();

		ret = check_one(g, l, i, e);
		if (i >= WARM)
			l->us[i - WARM] = (double)(clock_micros() - begun);
	}
	consent_gate_free(&g);
	if (ret)
		return ret;
	for (size_t i = 0; i < CHECKS; i++)
		sum += l->us[i];
	qsort(l->us, CHECKS, sizeof(l->us[0]), by_size);
	bench_say(b, "consent-check-mean", sum / CHECKS, "us");
	bench_say(b, "consent-check-p50", l->us[CHECKS / 2], "us");
	bench_say(b, "consent-check-p99", l->us[CHECKS - CHECKS / 100], "us");
	return 0;
}

static int
in_folder(struct bench *b, const char *dir, struct err *e)
{
	struct consent_bench *l = arena_new_of(b->a, struct consent_bench);
	char *file = path_join(b->a, dir, "machilink.ini");
	char *text = arena_printf(b->a, "[machilink]\ndata-dir = %s\n", dir);
	struct conf *conf = NULL;
	int ret;

	ret = file_write(file, bytes_str(text), FILE_PRIVATE, e) ||
			      conf_load(&conf, file, e) ||
			      db_open(&l->db, &schema_link,
				      conf_data_path(conf, "link.db"), 0, e) ||
			      db_transact(l->db, declare, l, e)
		      ? -1
		      : 0;
	for (; !ret && l->n < b->consents; l->n += GROUP)
		ret = db_transact(l->db, add_group, l, e);
	if (!ret)
		bench_say(b, "consents", (double)l->n, "rows");
	if (!ret)
		ret = measure(b, l, conf, e);
	db_close(&l->db);
	conf_free(&conf);
	return ret;
}

int
bench_consent(struct bench *b, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = arena_printf(b->a, "%s/machilink-consent-XXXXXX",
		tmp && *tmp ? tmp : "/tmp");
	int ret;

	if (!mkdtemp(dir))
		return fail(e, FAULT_IO, "cannot make %s", dir);
	ret = in_folder(b, dir, e);
	(void)dir_remove(dir, NULL);
	return ret;
}
