/* SPDX-License-Identifier: MIT */
/*
 * X-Road's records from the queue to the answer: fields, who sees what, limits,
 * health, intervals; a queue that is full, a database that is broken.
 */
#include "monitor_kit.h"

#include "json_io.h"

enum { MINUTE_MS = 60 * 1000 };

static struct opdata_answer
ask(struct kit *k, struct arena *a, const struct opdata_query *q)
{
	struct opdata_answer out = { 0 };
	struct err e = ERR_INIT;

	ok_m(!opdata_read(k->m, a, q, &out, &e), "read: %s", e.text);
	return out;
}

static json_t *
records(struct arena *a, const struct opdata_answer *o)
{
	json_t *j = NULL;

	if (json_parse(a, o->json, NULL, &j, NULL))
		return NULL;
	return json_list(j, "records");
}

static void
fields(struct kit *k)
{
	static const char *const some[] = { "serviceCode", "succeeded" };
	struct monitor_exchange x = kit_exchange("echo", "1000", 30);
	struct arena *a = arena_new();
	struct opdata_query q = { .to = clock_seconds(), .internal_ip = true };
	struct opdata_answer o;
	char longer[400];
	json_t *j;

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	memcpy(longer + 253, "\xe7\x94\xba", 3); /* lies across the limit */
	x.text[MT_ISSUE] = longer;
	monitor_add(k->m, &x);
	kit_flush(k);
	o = ask(k, a, &q);
	is_int(o.count, 1);
	j = json_array_get(records(a, &o), 0);
	is_str(json_str(j, "securityServerType"), "Producer");
	is_str(json_str(j, "clientMemberCode"), "1000");
	is_str(json_str(j, "clientSubsystemCode"), "Portal");
	is_str(json_str(j, "serviceCode"), "echo");
	is_str(json_str(j, "restMethod"), "GET");
	is_str(json_str(j, "xRequestId"), x.text[MT_REQUEST_ID]);
	is_str(json_str(j, "securityServerInternalIp"), "10.0.0.1");
	is_int(json_int(j, "requestInTs", 0), x.number[MN_REQUEST_IN]);
	is_int(json_int(j, "responseOutTs", 0), x.number[MN_RESPONSE_OUT]);
	is_int(json_int(j, "requestAttachmentCount", -1), 0);
	is_int(json_int(j, "statusCode", -1), 200);
	ok(json_bool(j, "succeeded", false));
	ok(!json_object_get(j, "faultCode"));
	ok(!json_object_get(j, "requestMimeSize"));
	is_int((long long)strlen(json_str(j, "messageIssue")), 253);
	q.field = some;
	q.fields = 2;
	o = ask(k, a, &q);
	j = json_array_get(records(a, &o), 0);
	is_int((long long)json_object_size(j), 2);
	ok(opdata_field_known("monitoringDataTs"));
	ok(!opdata_field_known("monitoringdatats"));
	arena_free(&a);
}

/* A record is for its client and its provider, without the address. */
static void
visibility(struct kit *k)
{
	struct monitor_exchange x = kit_exchange("echo", "1001", 5);
	struct opdata_query q = { .to = clock_seconds(),
		.only = { "JP", "COM", "1001", "Portal" } };
	struct arena *a = arena_new();
	struct opdata_answer o;

	monitor_add(k->m, &x);
	x.side = MONITOR_ADAPTER;
	monitor_add(k->m, &x);
	kit_flush(k);
	o = ask(k, a, &q);
	is_int(o.count, 1);
	ok(!json_object_get(
		json_array_get(records(a, &o), 0), "securityServerInternalIp"));
	q.only[3] = NULL; /* the member is another client */
	is_int(ask(k, a, &q).count, 0);
	q.only[1] = "GOV";
	q.only[2] = "2000";
	q.only[3] = "Data";
	is_int(ask(k, a, &q).count, 2);
	q.provider[0] = "JP";
	q.provider[1] = "COM";
	q.provider[2] = "1001";
	q.provider[3] = "Portal";
	is_int(ask(k, a, &q).count, 0); /* it provided nothing */
	q.provider[1] = "GOV";
	q.provider[2] = "2000";
	q.provider[3] = "Data";
	is_int(ask(k, a, &q).count, 2);
	q.only[0] = NULL; /* who sees everything asks for it, too */
	is_int(ask(k, a, &q).count, 2);
	q.provider[1] = "COM";
	q.provider[2] = "1001";
	q.provider[3] = "Portal";
	is_int(ask(k, a, &q).count, 0);
	q.from = q.to + 10;
	q.to = q.from + 10;
	is_int(ask(k, a, &q).count, 0);
	arena_free(&a);
}

/* All records of the last second are there; then comes the next. */
static void
limit(struct kit *k)
{
	struct arena *a = arena_new();
	int64_t first = clock_seconds() + 1000;
	struct opdata_query q = { .from = first, .to = first + 100 };
	struct opdata_answer o;

	clock_shift((first - clock_seconds()) * 1000);
	for (int i = 0; i < OPDATA_RECORDS_MAX + 5; i++) {
		struct monitor_exchange x = kit_exchange("many", "1000", 5);

		monitor_add(k->m, &x);
		if (i % 4000 == 0)
			kit_flush(k);
	}
	kit_flush(k);
	q.to = clock_seconds() + 5;
	q.from = first;
	o = ask(k, a, &q);
	ok(o.count >= OPDATA_RECORDS_MAX && o.count <= OPDATA_RECORDS_MAX + 5);
	clock_shift(2000000);
	struct monitor_exchange x = kit_exchange("many", "1000", 5);
	monitor_add(k->m, &x);
	kit_flush(k);
	q.to = clock_seconds();
	o = ask(k, a, &q);
	ok(o.next_from > first && o.next_from < q.to);
	q.from = o.next_from;
	is_int(ask(k, a, &q).count + o.count, OPDATA_RECORDS_MAX + 6);
	clock_shift(0);
	arena_free(&a);
}

static void
health(struct kit *k)
{
	struct monitor_exchange x = kit_exchange("h", "1000", 10);
	struct arena *a = arena_new();
	struct opdata_health *h;
	struct err e = ERR_INIT;
	size_t n, at = 0;
	int64_t last;

	monitor_add(k->m, &x);
	x = kit_exchange("h", "1001", 30);
	monitor_add(k->m, &x);
	x = kit_exchange("h", "1001", 900);
	x.succeeded = false;
	last = x.number[MN_RESPONSE_OUT];
	x.text[MT_FAULT_CODE] = "server.serverproxy.access_denied";
	monitor_add(k->m, &x);
	kit_flush(k);
	ok(!opdata_health(k->m, a, &h, &n, &e));
	while (at + 1 < n && strcmp(h[at].service[4], "h") != 0)
		at++;
	is_str(h[at].service[4], "h");
	is_str(h[at].service[5], "");
	is_str(h[at].service_type, "REST");
	is_int(h[at].ok, 2);
	is_int(h[at].failed, 1);
	ok(h[at].last_ok > 0);
	is_int(h[at].last_failed, last); /* when the answer went out */
	is_int((long long)h[at].duration.least, 10);
	is_int((long long)h[at].duration.mean, 20);
	is_int((long long)h[at].duration.most, 30);
	is_int((long long)h[at].duration.deviation, 10);
	is_int((long long)h[at].request.mean, 100);
	arena_free(&a);
}

static void
intervals(struct kit *k)
{
	struct opdata_filter f = { .side = MONITOR_PROVIDER,
		.service = { "JP", "GOV", "2000", "Data", "h" } };
	struct arena *a = arena_new();
	int64_t from = clock_now() / MINUTE_MS * MINUTE_MS - MINUTE_MS;
	struct opdata_interval *i;
	struct err e = ERR_INIT;
	int64_t good = 0, bad = 0;
	size_t n;

	ok(!opdata_intervals(
		k->m, a, &f, from, from + 3 * MINUTE_MS, 1, &i, &n, &e));
	is_int((long long)n, 3);
	for (size_t x = 0; x < n; x++) {
		good += i[x].ok;
		bad += i[x].failed;
	}
	is_int(good, 2);
	is_int(bad, 1);
	f.side = MONITOR_CONSUMER;
	ok(!opdata_intervals(
		k->m, a, &f, from, from + 3 * MINUTE_MS, 1, &i, &n, &e));
	is_int(i[1].ok + i[0].ok + i[2].ok, 0);
	ok(opdata_intervals(k->m, a, &f, 0, from, 1, &i, &n, &e) < 0);
	is_int(e.fault, FAULT_BAD_REQUEST);
	arena_free(&a);
}

/* The oldest give way, and that is told. */
static void
overflow(void)
{
	struct kit k = { 0 };
	char text[1024];

	kit_set(&k, "op-monitor-buffer", "size", "10");
	kit_open(&k);
	for (int i = 0; i < 500; i++) {
		struct monitor_exchange x = kit_exchange("over", "1000", 5);

		monitor_add(k.m, &x);
	}
	ok(!role_monitor.health(k.run.state, text, sizeof(text)));
	ok(!strstr(text, "\"lost\":0"));
	kit_flush(&k);
	kit_close(&k);
}

static void
switched_off(void)
{
	struct kit k = { 0 };
	struct monitor_exchange x = kit_exchange("off", "1000", 5);

	kit_set(&k, "op-monitor-buffer", "size", "0");
	kit_open(&k);
	monitor_add(k.m, &x);
	monitor_add(NULL, &x);
	kit_flush(&k);
	kit_close(&k);
}

int
main(void)
{
	struct kit k = { 0 };

	kit_open(&k);
	fields(&k);
	visibility(&k);
	health(&k);
	intervals(&k);
	limit(&k);
	kit_close(&k);
	overflow();
	switched_off();
	return tap_done();
}
