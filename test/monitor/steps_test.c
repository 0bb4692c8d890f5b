/* SPDX-License-Identifier: MIT */
/*
 * The steps of one exchange: its moments in their order, what was not reached
 * is left out, both sides of one message, and only around the time asked about.
 */
#define IN_MONITOR 1
#include "usage_int.h"

#include "monitor_kit.h"

enum { MINUTE_MS = 60000 };

static json_t *
find(struct kit *k, const char *message, int64_t near)
{
	json_t *list = json_array();
	struct err e = ERR_INIT;

	ok_m(!steps_find(k->m, message, near, list, &e), "found: %s", e.text);
	return list;
}

static long long
moment(const json_t *one, const char *name)
{
	return json_int(one, name, -1);
}

static void
whole(struct kit *k)
{
	struct monitor_exchange x = kit_exchange("tax", "1000", 20);
	json_t *list, *one;

	x.text[MT_MESSAGE_ID] = "whole";
	monitor_add(k->m, &x);
	kit_flush(k);
	list = find(k, "whole", x.number[MN_REQUEST_IN]);
	is_int((long long)json_array_size(list), 1);
	one = json_array_get(list, 0);
	is_str(json_str(one, "side"), "provider");
	ok(json_bool(one, "succeeded", false));
	is_int(moment(one, "request_in"), x.number[MN_REQUEST_IN]);
	is_int(moment(one, "request_out"), x.number[MN_REQUEST_IN] + 1);
	is_int(moment(one, "response_in"), x.number[MN_REQUEST_IN] + 19);
	is_int(moment(one, "response_out"), x.number[MN_REQUEST_IN] + 20);
	is_int(moment(one, "status"), 200);
	ok(!json_object_get(one, "fault_code"));
	json_decref(list);
}

/* Refused before anybody was asked: no step beyond, and the reason. */
static void
refused(struct kit *k)
{
	struct monitor_exchange x = kit_exchange("tax", "1000", 5);
	json_t *list, *one;

	x.succeeded = false;
	x.text[MT_MESSAGE_ID] = "refused";
	x.text[MT_FAULT_CODE] = "server.serverproxy.access_denied";
	x.number[MN_REQUEST_OUT] = x.number[MN_RESPONSE_IN] = -1;
	monitor_add(k->m, &x);
	kit_flush(k);
	list = find(k, "refused", x.number[MN_REQUEST_IN]);
	one = json_array_get(list, 0);
	ok(!json_bool(one, "succeeded", true));
	is_str(json_str(one, "fault_code"), "server.serverproxy.access_denied");
	ok(!json_object_get(one, "request_out"));
	ok(!json_object_get(one, "response_in"));
	is_int(moment(one, "response_out"), x.number[MN_REQUEST_IN] + 5);
	json_decref(list);
}

/* One machine may be both sides of an exchange. */
static void
both(struct kit *k)
{
	struct monitor_exchange x = kit_exchange("tax", "1000", 5);
	json_t *list;

	x.text[MT_MESSAGE_ID] = "both";
	monitor_add(k->m, &x);
	x.side = MONITOR_CONSUMER;
	monitor_add(k->m, &x);
	kit_flush(k);
	list = find(k, "both", x.number[MN_REQUEST_IN]);
	is_int((long long)json_array_size(list), 2);
	json_decref(list);
}

static size_t
count(struct kit *k, const char *message, int64_t near)
{
	json_t *list = find(k, message, near);
	size_t n = json_array_size(list);

	json_decref(list);
	return n;
}

static void
elsewhere(struct kit *k)
{
	int64_t now = clock_now();

	is_int((long long)count(k, "whole", now - 10 * MINUTE_MS), 1);
	is_int((long long)count(k, "whole", now - 60 * MINUTE_MS), 0);
	is_int((long long)count(k, "whole", now + 10 * MINUTE_MS), 0);
	is_int((long long)count(k, "whol", now), 0);
	is_int((long long)count(k, "whole' OR '1'='1", now), 0);
}

int
main(void)
{
	struct kit k = { 0 };

	kit_open(&k);
	whole(&k);
	refused(&k);
	both(&k);
	elsewhere(&k);
	kit_close(&k);
	return tap_done();
}
