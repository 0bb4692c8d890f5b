/* SPDX-License-Identifier: MIT */
/*
 * Many information systems at once while everything around them changes: the
 * configuration is published anew, keys are read again, the TLS door is
 * replaced, OCSP is fetched, records are stamped. Every message must be
 * answered with what belongs to it, and every record must be there. Meant for
 * ThreadSanitizer.
 */
#define IN_SERVER 1

#include "net_int.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "job.h"
#include "keys_int.h"
#include "mem.h"
#include "messagelog_int.h"
#include "tap.h"
#include "text.h"

enum { CROWD = 6, EACH = 25 };

static struct net n;

struct person {
	int number;
	int good, wrong;
	atomic_int *left;
};

/* One POST; the answer must name this message. */
static bool
ask(struct http_client *http, struct arena *a, const char *id)
{
	const struct http_header h[] = {
		{ "X-Road-Client", "JP/GOV/1000/Portal" }, { "X-Road-Id", id }
	};
	struct http_call call = {
		.method = "POST",
		.url = arena_printf(
			a, "http://" TOWN_ADDRESS ":%d" ECHO, n.town.http),
		.header = h,
		.headers = 2,
		.body = bytes_str(id),
		.has_body = true,
		.connect_timeout_ms = 60000,
		.total_timeout_ms = 120000,
	};
	struct http_answer answer;
	struct err e = ERR_INIT;

	if (http_call(http, a, &call, &answer, &e)) {
		tap_note("%s: %s", id, e.text);
		return false;
	}
	if (answer.status != 200)
		tap_note("%s: %d %s", id, answer.status, is_error(&answer));
	return answer.status == 200 &&
	       str_equal(answer_header(&answer, "x-road-id"), id);
}

static void
person_run(void *ctx)
{
	struct person *p = ctx;
	struct arena *a = arena_new();
	struct http_client *http = NULL;
	char id[32];

	if (http_client_new(&http, NULL))
		return;
	for (int i = 0; i < EACH; i++) {
		snprintf(id, sizeof(id), "crowd-%d-%d", p->number, i);
		if (ask(http, a, id))
			p->good++;
		else
			p->wrong++;
		arena_reset(a);
	}
	http_client_free(&http);
	arena_free(&a);
	atomic_fetch_sub(p->left, 1);
}

/* What jobs and the administrator do meanwhile. */
static void
disturb(struct node *d)
{
	struct err e = ERR_INIT;
	int64_t next;

	keyconf_touch(d->s.keys);
	serverconf_touch(d->s.sc);
	if (ocsp_round(&d->s, &next, &e) || proxy_reload_tls(&d->s, &e) ||
		messagelog_stamp(d->s.log, &e) < 0)
		ok_m(false, "%s: %s", d->name, e.text);
}

static int64_t
count(struct node *d)
{
	struct log_query q = { .limit = LOG_LIMIT_MAX };
	struct log_page page;
	int64_t rows = 0;
	struct err e = ERR_INIT;

	do {
		struct arena *a = arena_new();

		if (log_search(d->s.log, a, &q, &page, &e))
			ok_m(false, "%s", e.text);
		rows += (int64_t)page.n;
		q.before = page.next;
		arena_free(&a);
	} while (q.before);
	return rows;
}

static void
test_crowd(void)
{
	struct person person[CROWD];
	struct worker *worker[CROWD];
	atomic_int left;
	struct err e = ERR_INIT;
	int rounds = 0;

	atomic_init(&left, CROWD);
	for (int i = 0; i < CROWD; i++) {
		person[i] = (struct person){ .number = i, .left = &left };
		ok_m(!worker_start(
			     &worker[i], "crowd", person_run, &person[i], &e),
			"%s", e.text);
	}
	while (atomic_load(&left) > 0) {
		net_publish(&n);
		disturb(&n.town);
		disturb(&n.firm);
		rounds++;
	}
	for (int i = 0; i < CROWD; i++) {
		worker_join(&worker[i]);
		is_int(person[i].good, EACH);
		is_int(person[i].wrong, 0);
	}
	ok_m(rounds > 0, "everything changed %d times meanwhile", rounds);
	is_int(count(&n.town), 2 * CROWD * EACH);
	is_int(count(&n.firm), 2 * CROWD * EACH);
}

/* After all that every record is stamped and proves something. */
static void
test_evidence(void)
{
	struct globalconf *g = NULL;
	struct messagelog_status st;
	struct err e = ERR_INIT;
	int bad = 0;

	ok(messagelog_stamp(n.town.s.log, &e) >= 0);
	messagelog_status(n.town.s.log, &st);
	is_int(st.waiting, 0);
	if (confclient_get(n.town.s.confclient, &g, &e))
		ok_m(false, "%s", e.text);
	for (int64_t id = 1; id <= 2 * CROWD * EACH; id++) {
		struct arena *a = arena_new();
		struct asic_report r;
		struct evidence v;

		if (evidence_get(n.town.s.log, a, id, &v, &e) ||
			asic_verify(a, &v.asic, g, &r, &e))
			bad++;
		arena_free(&a);
	}
	ok_m(bad == 0, "%d containers are bad: %s", bad, e.text);
	globalconf_unref(&g);
}

int
main(void)
{
	net_fork(&n, "net");
	net_open(&n);
	test_crowd();
	test_evidence();
	net_close(&n);
	return tap_done();
}
