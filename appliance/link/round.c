/* SPDX-License-Identifier: MIT */
/*
 * What runs by itself. At the center: consents end, changes are pushed,
 * decisions get their containers. In a cache: changes are pulled, usages find
 * their persons. What fails is tried again; nothing is forgotten, because each
 * round starts from what the database says is still to do.
 */
#include "door_int.h"

#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "feed.h"
#include "job.h"
#include "link_int.h"
#include "link_sql.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tracker.h"

enum {
	SWEEP_MS = 60000,
	PUSH_MS = 15000,
	EVIDENCE_MS = 15000,
	EVIDENCE_BATCH = 20,
	USAGES_MS = 60000,
	FIRST_MS = 500,
	PULLS_MAX = 1000, /* pages in one round */
	PULL_WAIT_MAX_MS = 300000,
};

/* ---- center ---- */

static int64_t
sweep(void *ctx)
{
	struct link *l = ctx;
	struct err e = ERR_INIT;
	struct db_conn *c;

	if (consent_sweep(&l->book, &e) < 0)
		link_trouble(l, TROUBLE_SWEEP, "ending consents", &e);
	else
		link_calm(l, TROUBLE_SWEEP);
	c = db_take(l->book.db);
	(void)db_run(c, Q_LINK_TICKET_CLEAN, NULL,
		db_int(clock_now() - LINK_DAY_MS));
	db_give(c);
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
		link_trouble(l, TROUBLE_EVIDENCE, "signed decisions", &e);
	else
		link_calm(l, TROUBLE_EVIDENCE);
	return 0;
}

const struct job link_jobs_center[] = {
	{ "consents", SWEEP_MS, FIRST_MS, sweep },
	{ "push", PUSH_MS, FIRST_MS, push_round },
	{ "push-2", PUSH_MS, FIRST_MS, push_round },
	{ "push-3", PUSH_MS, FIRST_MS, push_round },
	{ "push-4", PUSH_MS, FIRST_MS, push_round },
	{ "evidence", EVIDENCE_MS, FIRST_MS, evidence },
	{ NULL, 0, 0, NULL },
};

/* ---- cache ---- */

static int
pull_page(struct link *l, struct arena *a, bool *more, struct err *e)
{
	struct wire_call c = { .method = "GET", .service = l->center };
	const struct feed_asked asked = feed_asked_now();
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
	if (feed_take_asked(&l->book, l->self, page, &asked, &taken, e))
		return -1;
	*more = taken.position < taken.last;
	if (*more && taken.position <= now.position &&
		str_equal(taken.epoch, now.epoch))
		return fail(e, FAULT_HTTP,
			"the center says that there are changes up to %lld and "
			"sends none after %lld",
			(long long)taken.last, (long long)taken.position);
	return 0;
}

int
round_pull(struct link *l, bool *more, struct err *e)
{
	*more = true;
	for (int i = 0; i < PULLS_MAX && *more && !jobs_stopping(l->jobs);
		i++) {
		struct arena *a = arena_new();
		int ret = pull_page(l, a, more, e);

		arena_free(&a);
		if (ret)
			return -1;
	}
	return 0;
}

/* A center that cannot be reached is asked as often as ever: caches grow old.
   One that answers nonsense is left alone for longer each time. */
static int64_t
pull(void *ctx)
{
	struct link *l = ctx;
	struct err e = ERR_INIT;
	int64_t wait = conf_int(l->conf, P_LINK_PULL) * 1000;
	bool more;

	if (!round_pull(l, &more, &e)) {
		l->pull_wait_ms = 0;
		link_calm(l, TROUBLE_PULL);
		return more ? FIRST_MS : wait;
	}
	link_trouble(l, TROUBLE_PULL, "asking the center", &e);
	if (e.fault == FAULT_NETWORK || e.fault == FAULT_UNKNOWN_HOST)
		return wait;
	l->pull_wait_ms = 2 * (l->pull_wait_ms ? l->pull_wait_ms : wait);
	if (l->pull_wait_ms > PULL_WAIT_MAX_MS)
		l->pull_wait_ms =
			wait > PULL_WAIT_MAX_MS ? wait : PULL_WAIT_MAX_MS;
	return l->pull_wait_ms;
}

static int64_t
usages(void *ctx)
{
	struct link *l = ctx;
	struct err e = ERR_INIT;

	if (tracker_sweep(&l->book, conf_int(l->conf, P_TRACKER_DAYS), &e))
		link_trouble(l, TROUBLE_USAGES, "keeping usages", &e);
	else
		link_calm(l, TROUBLE_USAGES);
	return 0;
}

const struct job link_jobs_cache[] = {
	{ "pull", 0, FIRST_MS, pull },
	{ "usages", USAGES_MS, FIRST_MS, usages },
	{ NULL, 0, 0, NULL },
};
