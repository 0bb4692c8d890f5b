/* SPDX-License-Identifier: MIT */
/*
 * Use by service, consumer and time: sums, comparison, trends, unused services,
 * CSV, views; what makes names up cannot fill the tables.
 */
#define IN_MONITOR 1
#include "usage_int.h"

#include "monitor_kit.h"

#include <time.h>

enum { DAY_MS = 86400 * 1000 };

static struct usage
ask(struct kit *k, struct arena *a, struct usage_query q)
{
	struct err e = ERR_INIT;
	struct usage u;

	ok_m(!usage_read(k->m, a, &q, &u, &e), "read: %s", e.text);
	return u;
}

static void
feed(struct kit *k, int64_t days_ago, int n, const char *service,
	const char *client, int64_t ms)
{
	clock_shift(-days_ago * DAY_MS);
	for (int i = 0; i < n; i++) {
		struct monitor_exchange x = kit_exchange(service, client, ms);

		monitor_add(k->m, &x);
	}
	kit_flush(k);
	clock_shift(0);
}

static struct usage_query
days(int64_t n)
{
	int64_t today = day_of_ms(clock_now());

	return (struct usage_query){
		.from = today - n + 1, .to = today, .side = -1
	};
}

static void
sums(struct kit *k)
{
	struct arena *a = arena_new();
	struct usage_query q = days(7);
	struct monitor_exchange x = kit_exchange("tax", "1001", 2000);
	struct usage u;

	feed(k, 0, 10, "tax", "1000", 20);
	feed(k, 2, 5, "tax", "1000", 40);
	feed(k, 2, 5, "tax", "1001", 40);
	feed(k, 3, 1, "map", "1001", 100);
	feed(k, 9, 4, "map", "1001", 10);
	x.succeeded = false;
	x.text[MT_FAULT_CODE] = "server.serverproxy.access_denied";
	monitor_add(k->m, &x);
	kit_flush(k);
	q.by = BY_SERVICE;
	q.compare = true;
	u = ask(k, a, q);
	is_int((long long)u.groups, 2);
	is_str(u.group[0].service, "JP/GOV/2000/Data/tax");
	is_int(u.group[0].t.calls, 21);
	is_int(u.group[0].t.failures, 1);
	is_int(u.group[0].t.blame[BLAME_ACCESS], 1);
	is_int(u.group[0].days, 2);
	is_int(u.group[0].t.max_ms, 2000);
	is_int(u.group[0].t.total_ms, 10 * 20 + 10 * 40 + 2000);
	is_int(u.group[0].before.calls, 0);
	is_int(u.group[1].t.calls, 1);
	is_int(u.group[1].before.calls, 4);
	is_int(u.total.t.calls, 22);
	is_int(u.total.days, 3);
	q.by = BY_PAIR;
	q.service = "JP/GOV/2000/Data/tax";
	q.consumer = "JP/COM/1001/Portal";
	u = ask(k, a, q);
	is_int((long long)u.groups, 1);
	is_int(u.group[0].t.calls, 6);
	q.side = MONITOR_CONSUMER;
	is_int((long long)ask(k, a, q).groups, 0);
	arena_free(&a);
}

static void
trend(struct kit *k)
{
	struct arena *a = arena_new();
	struct usage_query q = days(4);
	struct usage u;
	int64_t n = 0;

	q.by = BY_TOTAL;
	q.step = STEP_DAY;
	u = ask(k, a, q);
	is_int((long long)u.steps, 4);
	is_int(u.group[0].step[3].calls, 11);
	is_int(u.group[0].step[1].calls, 10);
	is_int(u.group[0].step[2].calls, 0);
	is_str(usage_step_text(a, &q, 3), usage_day_text(a, q.to));
	q.step = STEP_HOUR;
	u = ask(k, a, q);
	is_int((long long)u.steps, 96);
	for (size_t i = 72; i < 96; i++)
		n += u.group[0].step[i].calls;
	is_int(n, 11);
	q.step = STEP_MONTH;
	u = ask(k, a, q);
	for (size_t i = n = 0; i < u.steps; i++)
		n += u.group[0].step[i].calls;
	is_int(n, 22);
	arena_free(&a);
}

/* Bounds of a day are the machine's, not Greenwich's. */
static void
local_days(void)
{
	setenv("TZ", "JST-9", 1);
	tzset();
	/* 2026-11-21T15:00:00Z is midnight in Tokyo */
	is_int(day_of_ms(1795273200000) - day_of_ms(1795273200000 - 3600000),
		1);
	is_int(day_of_ms(1795273200000), 20779);
	setenv("TZ", "UTC0", 1);
	tzset();
	is_int(day_of_ms(1795273200000), 20778);
}

static void
csv(struct kit *k)
{
	struct monitor_exchange x = kit_exchange("=cmd|'\"", "1000", 1);
	struct arena *a = arena_new();
	struct usage_query q = days(1);
	struct usage u;
	struct buf b;

	x.text[MT_SERVICE_INSTANCE] = "=SUM(A1)";
	monitor_add(k->m, &x);
	kit_flush(k);
	q.compare = true;
	u = ask(k, a, q);
	buf_init(&b, 1 << 20);
	usage_csv(a, &u, &b);
	ok(strstr(b.data, "side,service,consumer,calls,failures,") == b.data);
	ok(strstr(b.data, "\"'=SUM(A1)/GOV/2000/Data/=cmd|'\"\"\"") != NULL);
	ok(strstr(b.data, "\"JP/GOV/2000/Data/tax\",\"JP/COM/1000/Portal\","
			  "10,0,0,0,0,0,0,0,20.0,") != NULL);
	buf_done(&b);
	arena_free(&a);
}

static void
unused(struct kit *k)
{
	const struct monitor_offer offer[] = {
		{ "JP/GOV/2000/Data/tax", "Tax" },
		{ "JP/GOV/2000/Data/never", "Never" },
	};
	struct arena *a = arena_new();
	struct usage_offer *o;
	struct err e = ERR_INIT;
	size_t n;

	ok(!monitor_offers(k->m, offer, 2, &e));
	ok(!usage_unused(k->m, a, clock_now() - DAY_MS, &o, &n, &e));
	is_int((long long)n, 1);
	is_str(o[0].service, "JP/GOV/2000/Data/never");
	is_str(o[0].title, "Never");
	is_int(o[0].last_use, 0);
	ok(!monitor_offers(k->m, offer, 1, &e));
	ok(!usage_unused(k->m, a, clock_now() + DAY_MS, &o, &n, &e));
	is_int((long long)n, 1);
	arena_free(&a);
}

/* Failed calls of made-up services: counted, but not under each name. */
static void
flood(struct kit *k)
{
	struct arena *a = arena_new();
	struct usage_query q = days(1);
	struct usage u;
	char name[64];

	for (int i = 0; i < PAIRS_FAILED + 500; i++) {
		struct monitor_exchange x;

		snprintf(name, sizeof(name), "invented-%d", i);
		x = kit_exchange(name, "1000", 1);
		x.succeeded = false;
		x.text[MT_FAULT_CODE] = "server.clientproxy.unknown_member";
		monitor_add(k->m, &x);
		if (i % 4000 == 0)
			kit_flush(k);
	}
	feed(k, 0, 1, "honest", "1000", 1);
	u = ask(k, a, q);
	ok(u.groups <= PAIRS_FAILED + 10);
	is_int(u.total.t.blame[BLAME_ACCESS], PAIRS_FAILED + 501);
	q.service = "JP/GOV/2000/Data/honest";
	is_int(ask(k, a, q).total.t.calls, 1);
	arena_free(&a);
}

static void
blames(void)
{
	static const struct {
		const char *code;
		enum blame blame;
	} rows[] = {
		{ "server.clientproxy.network_error", BLAME_NETWORK },
		{ "Server.ServerProxy.AccessDenied", BLAME_ACCESS },
		{ "server.serverproxy.service_failed.invalid_soap",
			BLAME_SERVICE },
		{ "server.clientproxy.ssl_authentication_failed", BLAME_TRUST },
		{ "server.serverproxy.signature_verification.cert_validation",
			BLAME_TRUST },
		{ "client.invalid_soap", BLAME_REQUEST },
		{ "server.clientproxy.logging_failed", BLAME_SYSTEM },
		{ "soapenv:Server", BLAME_SYSTEM },
		{ NULL, BLAME_SERVICE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		is_int(blame_of(rows[i].code), rows[i].blame);
}

int
main(void)
{
	struct kit k = { 0 };

	local_days();
	blames();
	kit_open(&k);
	sums(&k);
	trend(&k);
	csv(&k);
	unused(&k);
	flood(&k);
	kit_close(&k);
	return tap_done();
}
