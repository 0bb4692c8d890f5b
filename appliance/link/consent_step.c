/* SPDX-License-Identifier: MIT */
/*
 * The states of a consent, the one table of its transitions, and the one
 * function that takes a step: row, history, document, feeds.
 */
#include "link_int.h"

#include <stdio.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

static const char *const state_name[CONSENT_STATES] = { "requested", "approved",
	"declined", "withdrawn", "expired", "inapplicable" };
static const char *const actor_name[ACTORS] = { "resident", "representative",
	"consumer", "officer", "system" };

enum {
	WHO_PERSON = 1 << ACTOR_RESIDENT | 1 << ACTOR_REPRESENTATIVE,
	WHO_SYSTEM = 1 << ACTOR_SYSTEM,
	WHO_CONSUMER = 1 << ACTOR_CONSUMER,
	WHO_OFFICER = 1 << ACTOR_OFFICER,
};

/* A withdrawal takes nobody's permission: the consumer may give back what it
   was given. Nothing leads out of the other states. */
static const struct transition {
	enum consent_state from, to;
	unsigned who;
} transitions[] = {
	{ CONSENT_REQUESTED, CONSENT_APPROVED, WHO_PERSON },
	{ CONSENT_REQUESTED, CONSENT_DECLINED, WHO_PERSON },
	{ CONSENT_REQUESTED, CONSENT_WITHDRAWN, WHO_CONSUMER },
	{ CONSENT_REQUESTED, CONSENT_EXPIRED, WHO_SYSTEM },
	{ CONSENT_REQUESTED, CONSENT_INAPPLICABLE, WHO_SYSTEM | WHO_OFFICER },
	{ CONSENT_APPROVED, CONSENT_APPROVED, WHO_PERSON },
	{ CONSENT_APPROVED, CONSENT_WITHDRAWN, WHO_PERSON | WHO_CONSUMER },
	{ CONSENT_APPROVED, CONSENT_EXPIRED, WHO_SYSTEM },
	{ CONSENT_APPROVED, CONSENT_INAPPLICABLE, WHO_SYSTEM | WHO_OFFICER },
};

const char *
consent_state_name(enum consent_state s)
{
	return s < CONSENT_STATES ? state_name[s] : "";
}

enum consent_state
consent_state_by_name(const char *name)
{
	int s = 0;

	while (s < CONSENT_STATES && !str_equal(state_name[s], name))
		s++;
	return (enum consent_state)s;
}

const char *
consent_actor_name(enum consent_actor a)
{
	return a < ACTORS ? actor_name[a] : "";
}

bool
consent_may(
	enum consent_state from, enum consent_state to, enum consent_actor who)
{
	for (size_t i = 0; i < sizeof(transitions) / sizeof(*transitions); i++)
		if (transitions[i].from == from && transitions[i].to == to)
			return transitions[i].who >> who & 1;
	return false;
}

/* ---- the document of a decision ---- */

static void
put_time(json_t *j, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	if (ms)
		json_put_str(j, key, time_iso(text, ms));
}

/* What both parties may know, and nobody's identifier but their common one. */
static json_t *
document(const struct consent *c, const struct consent_move *m,
	const char *items, struct arena *a)
{
	json_t *j = json_object();

	json_put_int(j, "version", 1);
	json_put_str(j, "type", "personal-link-decision");
	json_put_str(j, "reference", c->reference);
	json_put_str(j, "decision", consent_state_name(m->to));
	put_time(j, "at", clock_now());
	json_put_str(j, "by", consent_actor_name(m->who));
	json_put_str(j, "reason", m->reason);
	json_put_str(j, "subject", m->subject ? m->subject : c->subject);
	json_put_new(j, "service", offering_json(&c->service));
	json_put_new(j, "purpose", purpose_json(&c->purpose));
	json_put_new(j, "providerName", words_json(&c->provider));
	json_put_new(j, "consumerName", words_json(&c->consumer));
	json_put_new(j, "asked", json_incref(c->asked));
	json_put_new(j, "given", json_incref(codes_parse(a, items)));
	put_time(j, "validFrom", m->valid_from ? m->valid_from : c->valid_from);
	put_time(j, "validTo", m->valid_to ? m->valid_to : c->valid_to);
	return j;
}

static int
prove(struct db_conn *c, int64_t step, const char *text, struct err *e)
{
	char uuid[UUID_LEN + 1], query[UUID_LEN + 16];

	uuid_make(uuid);
	snprintf(query, sizeof(query), "consent-%s", uuid);
	return db_run(c, Q_LINK_EVIDENCE_ADD, e, db_int(step), db_text(query),
		       db_text(text)) < 0
		       ? -1
		       : 0;
}

/* The consumer hears of everything, the provider of what was approved once. */
static int
tell(struct db_conn *c, const struct consent *now, const struct consent_move *m,
	struct err *e)
{
	const char *consumer = now->purpose.consumer;
	const char *provider = now->service.provider;

	if (feed_add(c, consumer, "consent", now->reference, e))
		return -1;
	if (now->state != CONSENT_APPROVED && m->to != CONSENT_APPROVED)
		return 0;
	if (feed_once(c, provider, "organisation", consumer, e) ||
		feed_once(c, provider, "purpose", now->purpose.id, e))
		return -1;
	if (str_equal(consumer, provider))
		return 0;
	return feed_add(c, provider, "consent", now->reference, e);
}

static struct db_arg
int_or_null(int64_t v)
{
	return v ? db_int(v) : db_null();
}

int
consent_timely(struct db_conn *c, const struct consent *now, struct err *e)
{
	int64_t at = clock_now();
	struct query *q;
	bool over;

	if (now->state == CONSENT_APPROVED && now->valid_to <= at)
		return link_refuse(e, LINK_CONSENT_STATE);
	if (now->state != CONSENT_REQUESTED || !now->request)
		return 0;
	q = db_query(c, Q_LINK_REQUEST_OVER, db_text(now->request), db_int(at));
	over = query_next(q);
	if (query_end(q, e))
		return -1;
	return over ? link_refuse(e, LINK_CONSENT_STATE) : 0;
}

int
consent_move(struct db_conn *c, const struct consent *now,
	const struct consent_move *m, struct arena *a, struct err *e)
{
	const char *items = m->items ? m->items : codes_text(a, now->items);
	int64_t at = clock_now();
	int64_t end = m->valid_to ? m->valid_to : now->valid_to;

	if (!consent_may(now->state, m->to, m->who))
		return link_refuse(e, LINK_CONSENT_STATE);
	if (db_run(c, Q_LINK_CONSENT_SET, e, db_text(now->reference),
		    db_text(consent_state_name(m->to)), db_text(m->items),
		    db_text(m->subject), int_or_null(m->valid_from),
		    int_or_null(m->valid_to), db_int(at)) < 0 ||
		db_run(c, Q_LINK_STEP_ADD, e, db_text(now->reference),
			db_int(at), db_text(consent_state_name(now->state)),
			db_text(consent_state_name(m->to)),
			db_text(consent_actor_name(m->who)),
			int_or_null(m->person), db_text(m->reason),
			db_text(items), int_or_null(end)) < 0)
		return -1;
	if (m->person) {
		json_t *j = json_keep(a, document(now, m, items, a));

		if (prove(c, db_last_id(c), codes_text(a, j), e))
			return -1;
	}
	return tell(c, now, m, e);
}

int
consent_move_all(struct db_conn *c, struct query *references,
	const struct consent_move *m, int64_t *moved, struct err *e)
{
	struct arena *a = arena_new();
	const char *list[CONSENT_BATCH];
	size_t n = 0;
	int ret;

	while (n < CONSENT_BATCH && query_next(references))
		list[n++] = query_text_dup(a, references, 0);
	ret = query_end(references, e);
	for (size_t i = 0; i < n && !ret; i++) {
		struct consent now;

		ret = consent_in(c, list[i], a, &now, e) ||
				      consent_move(c, &now, m, a, e)
			      ? -1
			      : 0;
	}
	*moved = (int64_t)n;
	arena_free(&a);
	return ret;
}
