/* SPDX-License-Identifier: MIT */
/*
 * Tests of the trace: what an entry says and keeps to itself, a queue that
 * overflows, search, and what is taken away.
 */
#define IN_ADAPTER 1
#include "adapter_int.h"

#include <string.h>

#include "adapter_sql.h"
#include "clock.h"
#include "db.h"
#include "err.h"
#include "mem.h"
#include "tap.h"

enum { DAY = 86400000 };

static struct field params[] = {
	{ .name = "id" },
	{ .name = "name", .personal = true },
	{ .name = "number", .mynumber = true },
};
static struct source town = { .id = "town" };
static struct data_service people = { .name = "people",
	.version = "v1",
	.param = params,
	.params = 3,
	.from = &town };

static struct call *
call_of(struct arena *a, const char *who)
{
	struct call *c = arena_new_of(a, struct call);

	c->arena = a;
	c->service = &people;
	c->who = who;
	c->door = "REST";
	c->begun = clock_micros();
	c->rows = 2;
	return c;
}

static json_t *
find(struct trace *t, struct arena *a, struct trace_search s)
{
	json_t *j = NULL;

	if (!s.limit)
		s.limit = 10;
	trace_write(t);
	is_int(trace_find(t, a, &s, &j, NULL), 0);
	return j;
}

static size_t
count(struct trace *t, struct arena *a, struct trace_search s)
{
	return json_array_size(json_list(find(t, a, s), "calls"));
}

static const char *
params_of(struct arena *a, const json_t *call)
{
	struct buf b;
	const char *text;

	buf_init(&b, 64 * 1024);
	json_write(&b, json_object_get(call, "parameters"), JSON_SORTED);
	text = arena_strdup(a, b.data);
	buf_done(&b);
	return text;
}

static void
test_entry(struct trace *t, struct arena *a)
{
	struct call *c = call_of(a, "LAB/COM/2/app");
	struct err none = ERR_INIT, why = ERR_INIT;
	json_t *one;

	c->person = "JP1";
	c->message = "m-1";
	call_add(c, "id", "7", NULL);
	call_add(c, "name", "田中", NULL);
	call_add(c, "number", "x", NULL);
	call_add(c, "colour", "red", NULL);
	call_add(c, "id", "8", NULL);
	trace_add(t, c, 0, &none);
	one = json_array_get(
		json_list(find(t, a, (struct trace_search){ 0 }), "calls"), 0);
	is_str(json_str(one, "service"), "people");
	is_str(json_str(one, "version"), "v1");
	is_str(json_str(one, "database"), "town");
	is_str(json_str(one, "client"), "LAB/COM/2/app");
	is_str(json_str(one, "user_id"), "JP1");
	is_str(json_str(one, "message_id"), "m-1");
	is_str(json_str(one, "outcome"), "ok");
	is_int(json_int(one, "rows", -1), 2);
	ok(!json_object_get(one, "affected"));
	is_str(params_of(a, one),
		"{\"?\":\"***\",\"id\":[\"7\",\"8\"],\"name\":\"***\","
		"\"number\":\"***\"}");
	c = call_of(a, "b");
	call_add(c, "id", "my number is 123456789018.", NULL);
	fail(&why, FAULT_BAD_REQUEST, "no");
	trace_add(t, c, -1, &why);
	one = json_array_get(
		json_list(find(t, a, (struct trace_search){ 0 }), "calls"), 0);
	is_str(params_of(a, one), "{\"id\":\"***\"}");
	is_str(json_str(one, "outcome"), "bad_request");
}

static void
test_long(struct trace *t, struct arena *a)
{
	struct call *c = call_of(a, "c");
	struct err none = ERR_INIT;
	char kanji[3 * 1000 + 1];
	json_t *one;

	for (size_t i = 0; i < 1000; i++)
		memcpy(kanji + 3 * i, "\xe7\x94\xb0", 3);
	kanji[3000] = '\0';
	call_add(c, "id", kanji, NULL);
	trace_add(t, c, 0, &none);
	c = call_of(a, "c");
	for (size_t i = 0; i < 500; i++)
		call_add(c, "id", kanji, NULL);
	trace_add(t, c, 0, &none);
	one = json_array_get(
		json_list(find(t, a, (struct trace_search){ 0 }), "calls"), 1);
	ok(strlen(json_str(json_sub(one, "parameters"), "id")) <=
		TRACE_VALUE_MAX);
	one = json_array_get(
		json_list(find(t, a, (struct trace_search){ 0 }), "calls"), 0);
	is_str(params_of(a, one), "{\"...\":\"***\"}");
}

static void
test_search(struct trace *t, struct arena *a)
{
	is_int(count(t, a, (struct trace_search){ .who = "c" }), 2);
	is_int(count(t, a, (struct trace_search){ .service = "people" }), 4);
	is_int(count(t, a,
		       (struct trace_search){
			       .service = "people", .who = "b" }),
		1);
	is_int(count(t, a, (struct trace_search){ .service = "other" }), 0);
	is_int(count(t, a, (struct trace_search){ .outcome = "refused" }), 1);
	is_int(count(t, a, (struct trace_search){ .outcome = "bad_request" }),
		1);
	is_int(count(t, a, (struct trace_search){ .message = "m-1" }), 1);
	is_int(count(t, a, (struct trace_search){ .database = "x" }), 0);
	is_int(count(t, a, (struct trace_search){ .slow = INT64_MAX }), 0);
	is_int(count(t, a, (struct trace_search){ .before = 2 }), 1);
	is_int(count(t, a, (struct trace_search){ .limit = 3 }), 3);
	is_int(count(t, a, (struct trace_search){ .from = clock_now() + DAY }),
		0);
	is_int(count(t, a, (struct trace_search){ .to = clock_now() + DAY }),
		4);
	is_int(count(t, a, (struct trace_search){ .to = 1 }), 0);
}

static void
test_overflow(struct trace *t, struct arena *a)
{
	struct call *c = call_of(a, "many");
	struct err none = ERR_INIT;
	struct trace_state s;

	for (int i = 0; i < TRACE_QUEUE_MAX + 5; i++)
		trace_add(t, c, 0, &none);
	trace_state(t, &s);
	is_int(s.waiting, TRACE_QUEUE_MAX);
	is_int(s.lost, 5);
	trace_write(t);
	trace_state(t, &s);
	is_int(s.waiting, 0);
	is_int(s.written, TRACE_QUEUE_MAX + 4);
	is_int(s.calls, TRACE_QUEUE_MAX + 9);
	is_int(s.failed, 1);
}

static void
test_tidy(struct db *db, struct arena *a)
{
	struct trace *few = trace_new(db, 30, 1000);
	struct trace *none = trace_new(db, 0, 1000);
	struct err fine = ERR_INIT;
	struct trace_state s;

	while (trace_tidy(few))
		;
	is_int(count(few, a, (struct trace_search){ .limit = 5000 }), 1000);
	clock_shift(31 * (int64_t)DAY);
	while (trace_tidy(few))
		;
	is_int(count(few, a, (struct trace_search){ .limit = 5000 }), 0);
	trace_add(none, call_of(a, "x"), 0, &fine);
	trace_state(none, &s);
	is_int(s.calls, 1);
	is_int(s.waiting, 0);
	is_int(s.lost, 0);
	trace_free(&few);
	trace_free(&none);
}

int
main(void)
{
	struct arena *a = arena_new();
	struct db *db = NULL;
	struct trace *t;

	is_int(db_open(&db, &schema_adapter,
		       arena_printf(a, "%s/adapter.db", tap_dir()), 0, NULL),
		0);
	t = trace_new(db, 30, 1000000);
	test_entry(t, a);
	test_long(t, a);
	test_search(t, a);
	test_overflow(t, a);
	test_tidy(db, a);
	trace_free(&t);
	db_close(&db);
	arena_free(&a);
	return tap_done();
}
