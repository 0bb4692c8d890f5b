/* SPDX-License-Identifier: MIT */
/*
 * What organisations call a person (ID変換), how far each link is (ID連携管理),
 * and what two organisations call the person between them. All of them are
 * random: nothing can be computed from another.
 */
#include "link_int.h"

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

struct idlink_step {
	const char *from, *to;
};

/*
 * pending: the person agreed; registered: the organisation knows whom it means
 * (ID完了通知); linked: its services may be asked (ID連携完了通知).
 */
static const struct idlink_step steps[] = {
	{ "pending", "registered" },
	{ "registered", "linked" },
	{ "pending", "unlinked" },
	{ "registered", "unlinked" },
	{ "linked", "unlinked" },
};

static bool
may(const char *from, const char *to)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (str_equal(steps[i].from, from) &&
			str_equal(steps[i].to, to))
			return true;
	return false;
}

int
idlink_live(struct db_conn *c, int64_t person, const char *organisation,
	struct arena *a, const char **pairwise, const char **state,
	struct err *e)
{
	struct query *q = db_query(
		c, Q_LINK_IDLINK_LIVE, db_int(person), db_text(organisation));

	*pairwise = NULL;
	if (query_next(q)) {
		*pairwise = query_text_dup(a, q, 0);
		*state = query_text_dup(a, q, 1);
	}
	return query_end(q, e);
}

int
idlink_of(struct db_conn *c, const char *organisation, const char *id,
	struct arena *a, const char **pairwise, int64_t *person,
	const char **state, struct err *e)
{
	struct query *q = db_query(
		c, Q_LINK_IDLINK_OF, db_text(organisation), db_text(id));
	bool found = query_next(q);

	if (found) {
		*pairwise = query_text_dup(a, q, 0);
		*person = query_int(q, 1);
		*state = query_text_dup(a, q, 2);
	}
	if (query_end(q, e))
		return -1;
	return found ? 0 : link_refuse(e, LINK_NO_LINK);
}

/* The BaseID, for organisations that the network's policy lets have it. */
static int
base_id(struct db_conn *c, int64_t person, const struct organisation *o,
	struct arena *a, const char **out, struct err *e)
{
	struct query *q;

	*out = NULL;
	if (!o->shared)
		return 0;
	q = db_query(c, Q_LINK_PERSON_HERE, db_int(person));
	if (query_next(q))
		*out = query_text_dup(a, q, 0);
	return query_end(q, e);
}

int
idlink_make(struct db_conn *c, int64_t person, const char *organisation,
	struct arena *a, const char **pairwise, struct err *e)
{
	char id[LINK_ID_LEN + 1];
	struct organisation o;
	const char *state, *base;

	if (idlink_live(c, person, organisation, a, pairwise, &state, e))
		return -1;
	if (*pairwise)
		return 0;
	if (organisation_in(c, organisation, a, &o, e) ||
		base_id(c, person, &o, a, &base, e))
		return -1;
	link_id_make(id);
	*pairwise = arena_strdup(a, id);
	if (db_run(c, Q_LINK_ID_CONVERSION_PUT, e, db_text(id),
		    db_text(organisation), db_int(person), db_text(base)) < 0 ||
		db_run(c, Q_LINK_ID_LINK_PUT, e, db_text(id),
			db_text("pending"), db_int(clock_now())) < 0)
		return -1;
	return feed_add(c, organisation, "id_conversion", id, e);
}

int
idlink_move(struct db_conn *c, const char *pairwise, const char *from,
	const char *to, const char *organisation, struct err *e)
{
	if (str_equal(from, to)) /* said twice */
		return 0;
	if (!may(from, to))
		return link_refuse(e, LINK_LINK_ORDER);
	if (db_run(c, Q_LINK_ID_LINK_PUT, e, db_text(pairwise), db_text(to),
		    db_int(clock_now())) < 0)
		return -1;
	return feed_add(c, organisation, "id_conversion", pairwise, e);
}

int
idpair_ensure(struct db_conn *c, const struct id_pair *p, struct arena *a,
	const char **subject, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_ID_PAIR_FIND, db_int(p->person),
		db_text(p->consumer), db_text(p->provider),
		db_text(p->provider_pairwise));
	char id[LINK_ID_LEN + 1];
	bool same = false;

	*subject = NULL;
	if (query_next(q)) {
		*subject = query_text_dup(a, q, 0);
		same = str_equal(query_text(q, 1), p->consumer_pairwise);
	}
	if (query_end(q, e))
		return -1;
	if (same)
		return 0;
	if (!*subject) {
		link_id_make(id);
		*subject = arena_strdup(a, id);
	}
	if (db_run(c, Q_LINK_ID_PAIR_PUT, e, db_text(*subject),
		    db_text(p->consumer), db_text(p->provider),
		    db_int(p->person), db_text(p->consumer_pairwise),
		    db_text(p->provider_pairwise)) < 0)
		return -1;
	return feed_once(c, p->provider, "organisation", p->consumer, e) ||
			       feed_once(c, p->consumer, "organisation",
				       p->provider, e) ||
			       feed_add(c, p->provider, "id_pair", *subject,
				       e) ||
			       feed_add(c, p->consumer, "id_pair", *subject, e)
		       ? -1
		       : 0;
}
