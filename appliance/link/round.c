/* SPDX-License-Identifier: MIT */
/*
 * What runs by itself. At the center: consents end, changes are pushed,
 * decisions get their containers. In a cache: changes are pulled, transfers
 * are reported. What fails is tried again; nothing is forgotten, because each
 * round starts from what the database says is still to do.
 */
#include "door_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "faultpoint.h"
#include "feed.h"
#include "job.h"
#include "link_int.h"
#include "link_sql.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tracker.h"

enum {
	SWEEP_MS = 60000,
	PUSH_MS = 15000,
	EVIDENCE_MS = 15000,
	EVIDENCE_BATCH = 20,
	REPORT_MS = 15000,
	USAGES_MS = 60000,
	FIRST_MS = 500,
	PUSHES_MAX = 1000, /* pages in one round */
	REPORTS_MAX = 200,
};

/* The same trouble is told once. */
static void
trouble(struct link *l, const char *what, const struct err *e)
{
	char text[sizeof(l->trouble)];

	snprintf(text, sizeof(text), "%s: %.200s", what, e->text);
	if (!str_equal(text, l->trouble))
		log_warning("Personal-Link: %s", text);
	snprintf(l->trouble, sizeof(l->trouble), "%s", text);
}

/* ---- center ---- */

static int64_t
sweep(void *ctx)
{
	struct link *l = ctx;
	struct err e = ERR_INIT;
	struct db_conn *c;

	if (consent_sweep(&l->book, &e) < 0)
		trouble(l, "ending consents", &e);
	c = db_take(l->book.db);
	(void)db_run(c, Q_LINK_TICKET_CLEAN, NULL,
		db_int(clock_now() - LINK_DAY_MS));
	db_give(c);
	return 0;
}

/* One page to the organisation's cache; *more when there are others. */
static int
push_page(struct link *l, const char *member, struct arena *a, bool *more,
	struct err *e)
{
	struct wire_call c = { .method = "POST" };
	struct feed_state s;
	int64_t position;
	json_t *page, *answer;
	int status;

	*more = false;
	if (feed_state(&l->book, member, a, &s, e) ||
		feed_page(&l->book, member, s.epoch, s.told, a, &page, e))
		return -1;
	if (fault_at("link.push"))
		return fail(e, FAULT_NETWORK, "the peer cannot be reached");
	c.service = s.door;
	c.path = "/changes";
	c.body = codes_text(a, page);
	if (wire_send(l, a, &c, &status, &answer, e))
		return -1;
	position = json_int(answer, "position", -1);
	if ((status != 200 && status != 409) || position < 0)
		return fail(e, FAULT_HTTP, "the cache of %s answered %d: %s",
			member, status,
			json_str(json_sub(answer, "error"), "message"));
	if (!str_equal(json_str(answer, "epoch"), s.epoch))
		position = 0;
	*more = position < s.last && (status == 409 || position > s.told);
	return feed_told(&l->book, member, position, e);
}

static int
push_all(struct link *l, const char *member, struct err *e)
{
	bool more = true;

	for (int i = 0; i < PUSHES_MAX && more; i++) {
		struct arena *a = arena_new();
		int ret = push_page(l, member, a, &more, e);

		arena_free(&a);
		if (ret)
			return -1;
	}
	return 0;
}

static int64_t
push(void *ctx)
{
	struct link *l = ctx;
	struct err e = ERR_INIT;
	struct arena *a = arena_new();
	const char **member;
	size_t n = 0;

	if (feed_waiting(&l->book, a, &member, &n, &e))
		trouble(l, "feeds", &e);
	for (size_t i = 0; i < n && !jobs_stopping(l->jobs); i++) {
		err_reset(&e);
		if (push_all(l, member[i], &e))
			trouble(l, member[i], &e);
	}
	if (n && !err_set(&e))
		*l->trouble = '\0';
	arena_free(&a);
	return 0;
}

struct proof {
	int64_t step;
	const char *query, *document;
};

static int
prove(struct link *l, const struct proof *p, struct arena *a, struct err *e)
{
	const struct wire_call call = { .method = "POST",
		.service = l->center,
		.path = "/decisions",
		.id = p->query,
		.body = p->document };
	struct bytes container;
	struct db_conn *c;
	json_t *answer;
	int status;
	int64_t n;

	if (wire_send(l, a, &call, &status, &answer, e))
		return -1;
	if (status != 200)
		return fail(
			e, FAULT_HTTP, "the own service answered %d", status);
	if (wire_container(l, a, p->query, &container, e))
		return -1;
	c = db_take(l->book.db);
	n = db_run(c, Q_LINK_EVIDENCE_PUT, e, db_int(p->step),
		db_blob(container.data, container.len));
	db_give(c);
	return n < 0 ? -1 : 0;
}

/* One that cannot be made does not stop the others. */
static size_t
prove_some(struct link *l, int64_t *after, struct err *e)
{
	struct arena *a = arena_new();
	struct db_conn *c = db_take(l->book.db);
	struct query *q = db_query(c, Q_LINK_EVIDENCE_MISSING, db_int(*after));
	struct proof list[EVIDENCE_BATCH];
	size_t n = 0, good = 0;

	while (n < EVIDENCE_BATCH && query_next(q)) {
		list[n] = (struct proof){ query_int(q, 0),
			query_text_dup(a, q, 1), query_text_dup(a, q, 2) };
		n++;
	}
	(void)query_end(q, e);
	db_give(c);
	for (size_t i = 0; i < n && !jobs_stopping(l->jobs); i++) {
		*after = list[i].step;
		good += !prove(l, &list[i], a, e);
	}
	arena_free(&a);
	return good;
}

static int64_t
evidence(void *ctx)
{
	struct link *l = ctx;
	struct err e = ERR_INIT;
	int64_t after = 0;

	while (prove_some(l, &after, &e) && !jobs_stopping(l->jobs))
		;
	if (err_set(&e))
		trouble(l, "signed decisions", &e);
	return 0;
}

const struct job link_jobs_center[] = {
	{ "consents", SWEEP_MS, FIRST_MS, sweep },
	{ "push", PUSH_MS, FIRST_MS, push },
	{ "evidence", EVIDENCE_MS, FIRST_MS, evidence },
	{ NULL, 0, 0, NULL },
};

/* ---- cache ---- */

static int
pull_page(struct link *l, struct arena *a, bool *more, struct err *e)
{
	struct wire_call c = { .method = "GET", .service = l->center };
	struct feed_taken taken;
	struct contact now;
	json_t *page;
	int status;

	*more = false;
	if (feed_contact(&l->book, l->self, &now, e))
		return -1;
	c.path = arena_printf(a, "/changes?epoch=%s&after=%lld", now.epoch,
		(long long)now.position);
	if (wire_send(l, a, &c, &status, &page, e))
		return -1;
	if (status != 200)
		return fail(e, FAULT_HTTP, "the center answered %d: %s", status,
			json_str(json_sub(page, "error"), "message"));
	if (feed_take(&l->book, l->self, page, &taken, e))
		return -1;
	*more = taken.position < taken.last;
	return 0;
}

int
round_pull(struct link *l, struct err *e)
{
	bool more = true;

	while (more && !jobs_stopping(l->jobs)) {
		struct arena *a = arena_new();
		int ret = pull_page(l, a, &more, e);

		arena_free(&a);
		if (ret)
			return -1;
	}
	return 0;
}

static int64_t
pull(void *ctx)
{
	struct link *l = ctx;
	struct err e = ERR_INIT;

	if (round_pull(l, &e))
		trouble(l, "asking the center", &e);
	else
		*l->trouble = '\0';
	return conf_int(l->conf, P_LINK_PULL) * 1000;
}

static json_t *
waiting_transfers(struct link *l, struct arena *a, struct err *e)
{
	json_t *body = json_keep(a, json_object()), *list = json_array();
	struct db_conn *c = db_take(l->book.db);
	struct query *q =
		db_query(c, Q_LINK_TRANSFERS_WAITING, db_int(REPORTS_MAX));
	char time[TIME_TEXT_MAX];

	json_put_new(body, "transfers", list);
	while (query_next(q)) {
		json_t *one = json_object();

		json_put_str(one, "id", query_text(q, 0));
		json_put_str(one, "reference", query_text(q, 1));
		json_put_str(one, "at", time_iso_ms(time, query_int(q, 2)));
		json_put_new(one, "items",
			json_incref(codes_parse(a, query_text(q, 3))));
		json_array_append_new(list, one);
	}
	(void)query_end(q, e);
	db_give(c);
	return body;
}

static int
forget_transfers(struct db_conn *c, void *arg, struct err *e)
{
	json_t *one;
	size_t i;

	json_each(one, i, (json_t *)arg) {
		if (db_run(c, Q_LINK_TRANSFER_DONE, e,
			    db_text(json_str(one, "id"))) < 0)
			return -1;
	}
	return 0;
}

/* The number reported, or -1. What the center does not know is not kept: it
   has no such consent. */
static int64_t
report_some(struct link *l, struct arena *a, struct err *e)
{
	struct wire_call c = {
		.method = "POST", .service = l->center, .path = "/transfers"
	};
	json_t *body = waiting_transfers(l, a, e), *answer;
	json_t *list = json_list(body, "transfers");
	size_t refused;
	int status;

	if (err_set(e))
		return -1;
	if (!json_array_size(list))
		return 0;
	c.body = codes_text(a, body);
	if (wire_send(l, a, &c, &status, &answer, e))
		return -1;
	if (status != 200)
		return fail(e, FAULT_HTTP, "the center answered %d: %s", status,
			json_str(json_sub(answer, "error"), "message"));
	refused = json_array_size(json_list(answer, "refused"));
	if (refused)
		log_warning("Personal-Link: the center knows no consent for "
			    "%zu transfers",
			refused);
	if (db_transact(l->book.db, forget_transfers, list, e))
		return -1;
	return (int64_t)json_array_size(list);
}

static int64_t
report(void *ctx)
{
	struct link *l = ctx;
	struct err e = ERR_INIT;
	int64_t n;

	do {
		struct arena *a = arena_new();

		n = report_some(l, a, &e);
		arena_free(&a);
	} while (n == REPORTS_MAX && !jobs_stopping(l->jobs));
	if (n < 0)
		trouble(l, "reporting transfers", &e);
	return 0;
}

static int64_t
usages(void *ctx)
{
	struct link *l = ctx;
	struct err e = ERR_INIT;

	if (tracker_sweep(&l->book, conf_int(l->conf, P_TRACKER_DAYS), &e))
		trouble(l, "keeping usages", &e);
	return 0;
}

const struct job link_jobs_cache[] = {
	{ "pull", 0, FIRST_MS, pull },
	{ "report", REPORT_MS, FIRST_MS, report },
	{ "usages", USAGES_MS, FIRST_MS, usages },
	{ NULL, 0, 0, NULL },
};
