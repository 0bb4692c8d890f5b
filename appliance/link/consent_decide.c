/* SPDX-License-Identifier: MIT */
/*
 * The person decides, or who represents them: gives, changes, declines, takes
 * back. Several are given at once or none.
 */
#include "link_int.h"

#include <assert.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

struct decision {
	const struct linkbook *b;
	const struct consent_viewer *v;
	const struct consent_give *give;
	size_t n;
	const char *reference; /* of the other decisions */
	enum consent_state to;
	const char *reason;
	struct arena *a;
};

static enum consent_actor
actor(const struct consent_viewer *v)
{
	return v->represented ? ACTOR_REPRESENTATIVE : ACTOR_RESIDENT;
}

/* Levels are words; their order is the network's: the list of the book. */
static size_t
rank_of(const char *levels, const char *level)
{
	size_t rank = 0, len;

	for (const char *p = levels; p && *p; p += len + (p[len] == ',')) {
		rank++;
		for (len = 0; p[len] && p[len] != ','; len++)
			;
		if (level && str_prefix(p, level) && !level[len])
			return rank;
	}
	return 0;
}

static bool
level_enough(const char *levels, const char *need, const char *has)
{
	size_t low = rank_of(levels, need), high = rank_of(levels, has);

	if (!need || str_equal(need, has))
		return true;
	return low && high >= low;
}

static int
judge(const struct decision *d, const struct consent *now, struct err *e)
{
	const struct offering *s = &now->service;

	if (d->v->represented && !s->representable)
		return link_refuse(e, LINK_NOT_REPRESENTABLE);
	if (!level_enough(d->b->levels, s->level, d->v->level))
		return link_refuse(e, LINK_LEVEL);
	return 0;
}

/* The items given, in the order they were asked for. */
static int
given(const struct consent_give *g, const struct consent *now, struct arena *a,
	const char **out, struct err *e)
{
	json_t *list = json_keep(a, json_array()), *one;
	size_t i;

	for (size_t k = 0; k < g->items; k++)
		if (!json_list_has(now->asked, g->item[k]))
			return link_refuse(e, LINK_CONSENT_ITEMS);
	json_each(one, i, now->asked) {
		for (size_t k = 0; k < g->items; k++)
			if (str_equal(json_string_value(one), g->item[k])) {
				json_array_append(list, one);
				break;
			}
	}
	if (!json_array_size(list))
		return link_refuse(e, LINK_CONSENT_ITEMS);
	*out = codes_text(a, list);
	return 0;
}

/* What the consumer will call the person; the provider must know whom it
   means. */
static int
find_subject(struct db_conn *c, const struct consent *now, struct arena *a,
	const char **subject, struct err *e)
{
	struct id_pair p = { .person = now->person,
		.consumer = now->purpose.consumer,
		.provider = now->service.provider };
	const char *state;

	if (idlink_live(c, now->person, p.provider, a, &p.provider_pairwise,
		    &state, e))
		return -1;
	if (!p.provider_pairwise || str_equal(state, "pending"))
		return link_refuse(e, LINK_NOT_LINKED);
	if (idlink_live(c, now->person, p.consumer, a, &p.consumer_pairwise,
		    &state, e))
		return -1;
	return idpair_ensure(c, &p, a, subject, e);
}

static int
give_one(struct db_conn *c, const struct decision *d,
	const struct consent_give *g, struct err *e)
{
	int64_t at = clock_now();
	struct consent_move m = { .to = CONSENT_APPROVED,
		.who = actor(d->v),
		.person = d->v->person,
		.reason = "given" };
	struct consent now;

	if (viewer_consent(c, d->v, g->reference, d->a, &now, e) ||
		judge(d, &now, e) || consent_timely(c, &now, e))
		return -1;
	if (!consent_may(now.state, m.to, m.who) || !now.service.valid ||
		!now.purpose.valid)
		return link_refuse(e, LINK_CONSENT_STATE);
	if (g->days < 1 || g->days > now.service.max_days)
		return link_refuse(e, LINK_CONSENT_DAYS);
	if (given(g, &now, d->a, &m.items, e))
		return -1;
	m.valid_to = link_day_end(at, g->days);
	if (now.state == CONSENT_APPROVED && now.valid_to == m.valid_to &&
		str_equal(m.items, codes_text(d->a, now.items)))
		return 0; /* pressed twice */
	if (find_subject(c, &now, d->a, &m.subject, e))
		return -1;
	if (now.state == CONSENT_APPROVED)
		m.reason = "changed";
	else
		m.valid_from = link_day_begin(at);
	return consent_move(c, &now, &m, d->a, e);
}

static int
give_all(struct db_conn *c, void *arg, struct err *e)
{
	struct decision *d = arg;
	int ret = 0;

	d->a = arena_new();
	for (size_t i = 0; i < d->n && !ret; i++)
		ret = give_one(c, d, &d->give[i], e);
	arena_free(&d->a);
	return ret;
}

int
consent_approve(struct linkbook *b, const struct consent_viewer *v,
	const struct consent_give *give, size_t n, struct err *e)
{
	struct decision d = { .b = b, .v = v, .give = give, .n = n };

	assert(b->mode == LINK_CENTER);
	return linkbook_transact(b, give_all, &d, e);
}

static int
end_one(struct db_conn *c, void *arg, struct err *e)
{
	struct decision *d = arg;
	const struct consent_move m = { .to = d->to,
		.who = actor(d->v),
		.person = d->v->person,
		.reason = d->reason };
	struct arena *a = arena_new();
	struct consent now;
	int ret = viewer_consent(c, d->v, d->reference, a, &now, e) ||
				  consent_timely(c, &now, e)
			  ? -1
			  : 0;

	if (!ret)
		ret = consent_move(c, &now, &m, a, e);
	arena_free(&a);
	return ret;
}

int
consent_decline(struct linkbook *b, const struct consent_viewer *v,
	const char *reference, struct err *e)
{
	struct decision d = { .b = b,
		.v = v,
		.reference = reference,
		.to = CONSENT_DECLINED,
		.reason = "refused" };

	assert(b->mode == LINK_CENTER);
	return linkbook_transact(b, end_one, &d, e);
}

int
consent_withdraw(struct linkbook *b, const struct consent_viewer *v,
	const char *reference, struct err *e)
{
	struct decision d = { .b = b,
		.v = v,
		.reference = reference,
		.to = CONSENT_WITHDRAWN,
		.reason = "taken_back" };

	assert(b->mode == LINK_CENTER);
	return linkbook_transact(b, end_one, &d, e);
}
