/* SPDX-License-Identifier: MIT */
/*
 * What runs by itself, over the real doors of a center and three caches; the
 * security servers between them are played, so that they can be away, hang and
 * answer nonsense. Nothing is lost, nobody holds up the others.
 */
#define IN_LINK 1

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db.h"
#include "door_int.h"
#include "err.h"
#include "faultpoint.h"
#include "feed.h"
#include "http_client.h"
#include "job.h"
#include "link_sql.h"
#include "linkkit.h"
#include "param.h"
#include "tap.h"
#include "text.h"

#define REGION "JP-TEST/GOV/9000"
#define CENTER REGION "/pl/center"

enum { SIDES = 4, AT_CENTER = 3 }; /* town, company, bank as in the kit */

struct side {
	struct link l;
	struct conf *conf;
	const char *member;
};

static struct linkkit kit;
static struct side side[SIDES];
static const struct job no_jobs[] = { { NULL, 0, 0, NULL } };

/* ---- the security servers, played ---- */

static struct hub {
	struct http_server *http;
	struct http_client *client;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool down[SIDES], hang[SIDES];
	int waiting, calls[SIDES];
	const char *nonsense; /* what the center says to GET */
} hub = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER };

static size_t
side_of(const char *path)
{
	size_t i = 0;

	while (i < SIDES && !strstr(path, side[i].member))
		i++;
	return i;
}

/* Whether the exchange goes on. */
static bool
pass_through(size_t to)
{
	bool on;

	pthread_mutex_lock(&hub.lock);
	hub.calls[to]++;
	hub.waiting++;
	pthread_cond_broadcast(&hub.changed);
	while (hub.hang[to])
		pthread_cond_wait(&hub.changed, &hub.lock);
	hub.waiting--;
	on = !hub.down[to];
	pthread_mutex_unlock(&hub.lock);
	return on;
}

static int
forward(struct request *r, size_t to, const char *rest, struct err *e)
{
	struct arena *a = request_arena(r);
	const struct http_header h[] = {
		{ "X-Road-Client", request_header(r, "X-Road-Client") },
		{ "Content-Type", "application/json" }
	};
	struct http_call call = { .method = request_method(r),
		.header = h,
		.headers = 2,
		.answer_max = 8 << 20,
		.connect_timeout_ms = 20000,
		.total_timeout_ms = 60000 };
	const char *query = request_query(r);
	struct http_answer answer;

	call.url = arena_printf(a, "http://127.0.0.1:%d%s%s%s",
		http_port(side[to].l.http), rest, query ? "?" : "",
		query ? query : "");
	if (str_equal(call.method, "POST")) {
		call.has_body = true;
		if (request_body(r, &call.body, e))
			return -1;
	}
	if (http_call(hub.client, a, &call, &answer, e))
		return -1;
	return reply_send(r, answer.status, "application/json", answer.body, e);
}

static int
exchange(struct request *r, void *state, struct err *e)
{
	const char *path = request_path(r);
	size_t to = side_of(path);
	const char *rest = path;

	(void)state;
	if (to == SIDES)
		return fail(e, FAULT_NOT_FOUND, "nobody is %s", path);
	if (!pass_through(to))
		return reply_send(r, 500, "application/json",
			bytes_str(
				"{\"type\":\"Server.ServerProxy.NetworkError\""
				",\"message\":\"away\"}"),
			e);
	if (hub.nonsense && to == AT_CENTER)
		return reply_send(
			r, 200, "application/json", bytes_str(hub.nonsense), e);
	for (int i = 0; i < 7; i++) /* /r1 and the service's five */
		rest = strchr(rest + (i > 0), '/');
	return forward(r, to, rest, e);
}

static const struct route roads[] = {
	{ "*", "/r1/*", DOOR_BODY_MAX, 0, exchange },
	{ NULL, NULL, 0, 0, NULL },
};

static void
set(bool *what, bool value)
{
	pthread_mutex_lock(&hub.lock);
	*what = value;
	pthread_cond_broadcast(&hub.changed);
	pthread_mutex_unlock(&hub.lock);
}

/* ---- the center and the caches ---- */

static void
must(int ret, const struct err *e)
{
	if (ret) {
		printf("Bail out! %s\n", e->text);
		exit(1);
	}
}

static void
side_open(struct side *s, size_t i)
{
	bool center = i == AT_CENTER;
	struct listener o = { .name = "door",
		.address = "127.0.0.1",
		.threads = 4,
		.routes = center ? door_center : door_cache,
		.state = &s->l,
		.guard = door_guard,
		.error = door_refuse };
	struct link *l = &s->l;
	struct err e = ERR_INIT;

	s->member = center ? REGION : linkkit_member[i];
	s->conf = conf_defaults();
	must(conf_set(s->conf, "personal-link", "server-url",
		     arena_printf(
			     kit.a, "http://127.0.0.1:%d", http_port(hub.http)),
		     &e),
		&e);
	l->conf = s->conf;
	l->book = center ? kit.center : kit.cache[i];
	l->arena = kit.a;
	l->self = s->member;
	l->subsystem =
		arena_printf(kit.a, "%s/%s", s->member, center ? "pl" : "link");
	l->center = CENTER;
	l->center_client = REGION "/pl";
	l->pushes = pushes_new();
	pthread_mutex_init(&l->lock, NULL);
	must(http_client_new(&l->client, &e), &e);
	must(jobs_start(&l->jobs, no_jobs, l, &e), &e);
	must(http_serve(&l->http, &o, &e), &e);
}

static void
side_close(struct side *s)
{
	http_stop(&s->l.http);
	jobs_stop(&s->l.jobs);
	http_client_free(&s->l.client);
	pushes_free(&s->l.pushes);
	pthread_mutex_destroy(&s->l.lock);
	conf_free(&s->conf);
}

static void
set_up(void)
{
	const struct listener o = { .name = "roads",
		.address = "127.0.0.1",
		.threads = 8,
		.routes = roads };
	struct err e = ERR_INIT;

	linkkit_open(&kit);
	must(http_client_new(&hub.client, &e), &e);
	must(http_serve(&hub.http, &o, &e), &e);
	for (size_t i = 0; i < SIDES; i++)
		side_open(&side[i], i);
}

static void
tear_down(void)
{
	for (size_t i = 0; i < SIDES; i++)
		side_close(&side[i]);
	http_stop(&hub.http);
	http_client_free(&hub.client);
	linkkit_close(&kit);
}

static const char *
trouble(size_t i)
{
	char *text = arena_alloc(kit.a, TROUBLE_MAX);

	link_trouble_text(&side[i].l, text);
	return text;
}

static const char *
cached(const char *file, const char *reference)
{
	return linkkit_value(&kit, file,
		arena_printf(kit.a,
			"SELECT state FROM consent WHERE reference = '%s'",
			reference));
}

static const char *
behind(const char *member)
{
	return linkkit_value(&kit, "center.db",
		arena_printf(kit.a,
			"SELECT last - told > 0 FROM organisation WHERE member "
			"= '%s'",
			member));
}

static void
push(void)
{
	(void)push_round(&side[AT_CENTER].l);
}

static void
wake_all(void)
{
	for (size_t i = 0; i < AT_CENTER; i++)
		pushes_awake(side[AT_CENTER].l.pushes, side[i].member);
}

/* ---- pushes ---- */

/* A decision is durable before its push: whatever fails on the way is tried
   again, from what the tables say. */
static void
failures_on_the_way(void)
{
	int64_t person = linkkit_person(&kit, "hanako");
	struct consent_viewer v = { .person = person, .level = "2" };
	struct err e = ERR_INIT;
	const char *reference;

	linkkit_link(&kit, person, TOWN);
	reference = linkkit_consent(&kit, person, COMPANY);
	fault_arm("link.push", 0, 100);
	push();
	fault_disarm();
	is_str(cached("town.db", reference), "");
	ok_m(strstr(trouble(AT_CENTER), "cannot be reached"), "%s",
		trouble(AT_CENTER));
	push(); /* not at once again */
	is_str(cached("town.db", reference), "");
	wake_all();
	push();
	is_str(cached("town.db", reference), "approved");
	is_str(cached("company.db", reference), "approved");
	is_str(cached("bank.db", reference), "");
	is_str(trouble(AT_CENTER), "");
	/* the cache cannot write */
	is_int(consent_withdraw(&kit.center, &v, reference, &e), 0);
	fault_arm("link.feed_take", 0, 100);
	push();
	fault_disarm();
	is_str(cached("town.db", reference), "approved");
	is_str(behind(TOWN), "1");
	ok(*trouble(AT_CENTER));
	wake_all();
	push();
	is_str(cached("town.db", reference), "withdrawn");
	is_str(behind(TOWN), "0");
	is_str(trouble(AT_CENTER), "");
}

static void
pusher(void *ctx)
{
	(void)push_round(ctx);
}

static void
until_waiting(void)
{
	pthread_mutex_lock(&hub.lock);
	while (!hub.waiting)
		pthread_cond_wait(&hub.changed, &hub.lock);
	pthread_mutex_unlock(&hub.lock);
}

/* The company's server hangs, and it is the first in the row. */
static void
one_hangs(void)
{
	int64_t person = linkkit_person(&kit, "taro");
	struct err e = ERR_INIT;
	const char *reference, *other;
	struct worker *w;

	linkkit_link(&kit, person, TOWN);
	reference = linkkit_consent(&kit, person, COMPANY);
	other = linkkit_consent(&kit, person, BANK);
	set(&hub.hang[1], true);
	must(worker_start(&w, "pusher", pusher, &side[AT_CENTER].l, &e), &e);
	until_waiting();
	push();
	is_str(cached("town.db", reference), "approved");
	is_str(cached("bank.db", other), "approved");
	is_str(cached("company.db", reference), "");
	set(&hub.hang[1], false);
	worker_join(&w);
	is_str(cached("company.db", reference), "approved");
}

/* It is left alone for a while, until it asks by itself. */
static void
one_is_away(void)
{
	int64_t person = linkkit_person(&kit, "jiro");
	struct err e = ERR_INIT;
	const char *reference;
	bool more;
	int calls;

	linkkit_link(&kit, person, TOWN);
	reference = linkkit_consent(&kit, person, COMPANY);
	set(&hub.down[1], true);
	push();
	calls = hub.calls[1];
	push();
	push();
	is_int(hub.calls[1], calls);
	ok(strstr(trouble(AT_CENTER), COMPANY) != NULL);
	set(&hub.down[1], false);
	is_int(round_pull(&side[1].l, &more, &e), 0);
	ok(!more);
	is_str(cached("company.db", reference), "approved");
	push();
	is_str(trouble(AT_CENTER), "");
	/* the next change is pushed at once */
	reference = linkkit_consent(&kit, person, BANK);
	calls = hub.calls[0];
	push();
	is_int(hub.calls[0], calls + 1);
	is_str(cached("town.db", reference), "approved");
}

/* ---- pulls ---- */

static void
nonsense(void)
{
	const char *epoch =
		linkkit_value(&kit, "town.db", "SELECT epoch FROM contact");
	const char *at =
		linkkit_value(&kit, "town.db", "SELECT position FROM contact");
	struct err e = ERR_INIT;
	int calls = hub.calls[AT_CENTER];
	bool more;

	hub.nonsense = arena_printf(kit.a,
		"{\"epoch\":\"%s\",\"organisation\":\"" TOWN "\",\"after\":%s,"
		"\"to\":%s,\"last\":999999,\"centerTime\":"
		"\"2026-01-01T00:00:00Z\",\"changes\":[]}",
		epoch, at, at);
	is_int(round_pull(&side[0].l, &more, &e), -1);
	is_int(e.fault, FAULT_HTTP);
	is_int(hub.calls[AT_CENTER], calls + 1);
	is_str(linkkit_value(&kit, "town.db", "SELECT whole FROM contact"),
		"0"); /* nothing is believed meanwhile */
	hub.nonsense = NULL;
	err_reset(&e);
	is_int(round_pull(&side[0].l, &more, &e), 0);
	is_str(linkkit_value(&kit, "town.db", "SELECT whole FROM contact"),
		"1");
}

/* ---- transfers go through ---- */

static int
tell(const char *path, const char *body, json_t **answer)
{
	const struct wire_call c = { .method = "POST",
		.service = TOWN "/link/cache",
		.path = path,
		.body = body };
	struct err e = ERR_INIT;
	int status = 0;

	if (wire_send(&side[0].l, kit.a, &c, &status, answer, &e))
		tap_note("%s", e.text);
	return status;
}

static const char *
one_transfer(const char *id, const char *reference)
{
	return arena_printf(kit.a,
		"{\"transfers\":[{\"id\":\"%s\",\"reference\":\"%s\",\"at\":"
		"\"2026-11-20T01:02:03.456Z\",\"items\":[\"income\"]}]}",
		id, reference);
}

static const char *
count(const char *file, const char *of)
{
	return linkkit_value(
		&kit, file, arena_printf(kit.a, "SELECT count(*) FROM %s", of));
}

static void
through_to_the_center(void)
{
	int64_t person = linkkit_person(&kit, "saburo");
	const char *reference, *body;
	json_t *answer;

	linkkit_link(&kit, person, TOWN);
	reference = linkkit_consent(&kit, person, COMPANY);
	push();
	body = one_transfer("t-1", reference);
	set(&hub.down[AT_CENTER], true);
	is_int(tell("/transfers", body, &answer), 503);
	is_str(json_str(json_sub(answer, "error"), "code"), "link.center_away");
	is_str(count("center.db", "transfer"), "0");
	is_str(count("town.db", "usage WHERE pairwise IS NOT NULL"), "1");
	set(&hub.down[AT_CENTER], false);
	is_int(tell("/transfers", body, &answer), 200);
	is_int(json_int(answer, "taken", -1), 1);
	is_int(tell("/transfers", body, &answer), 200); /* once more */
	is_str(linkkit_value(&kit, "center.db", "SELECT at FROM transfer"),
		"1795136523456"); /* the moment */
	is_str(count("center.db", "transfer"), "1");
	is_str(count("town.db", "usage"), "1");
	is_str(count("town.db", "transfer"), "0");
	/* the center does not know the consent */
	body = one_transfer("t-2", "nobody's");
	is_int(tell("/transfers", body, &answer), 200);
	is_int(json_int(answer, "taken", -1), 0);
	ok(json_list_has(json_list(answer, "refused"), "t-2"));
	is_int(tell("/transfers", "{\"transfers\":[{}]}", &answer), 400);
}

/* The names that change when rows were lost, and the operator's light. */
static void
what_is_answered(void)
{
	struct err e = ERR_INIT;
	const char *cache, *center;
	json_t *answer;
	bool more;

	is_int(tell("/usages", "{\"usages\":[],\"refused\":2}", &answer), 200);
	ok_m(strstr(trouble(0), "does not know the consents of 2") != NULL,
		"%s", trouble(0));
	cache = json_str(answer, "cache");
	center = json_str(answer, "center");
	ok(cache && strlen(cache) == LINK_ID_LEN && center);
	is_int(tell("/usages", "{\"usages\":[],\"refused\":0}", &answer), 200);
	is_str(trouble(0), "");
	is_str(json_str(answer, "cache"), cache);
	is_str(json_str(answer, "center"), center);
	is_int(feed_doubt(&kit.cache[0], &e), 0); /* from a backup */
	is_int(feed_new_epoch(&kit.center, &e), 0);
	is_int(round_pull(&side[0].l, &more, &e), 0);
	is_int(tell("/usages", "{\"usages\":[]}", &answer), 200);
	ok(!str_equal(json_str(answer, "cache"), cache));
	ok(!str_equal(json_str(answer, "center"), center));
}

int
main(void)
{
	struct err e = ERR_INIT;

	must(http_startup(&e), &e);
	set_up();
	failures_on_the_way();
	one_hangs();
	one_is_away();
	nonsense();
	through_to_the_center();
	what_is_answered();
	tear_down();
	return tap_done();
}
