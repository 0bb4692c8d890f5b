/* SPDX-License-Identifier: MIT */
/*
 * Consents as the two organisations see them: what they are, and that the
 * consumer may give one back.
 */
#include "link_int.h"

#include <assert.h>

#include "db.h"
#include "err.h"
#include "mem.h"
#include "text.h"

/* A provider knows of nothing that was never approved. */
static int
party_in(struct db_conn *c, const char *member, const char *reference,
	struct arena *a, struct consent *out, struct err *e)
{
	bool consumer, provider;

	if (consent_in(c, reference, a, out, e))
		return -1;
	consumer = str_equal(out->purpose.consumer, member);
	provider = str_equal(out->service.provider, member) && out->subject;
	return consumer || provider ? 0 : link_refuse(e, LINK_NO_CONSENT);
}

int
consent_of_party(struct linkbook *b, const char *member, const char *reference,
	struct arena *a, struct consent *out, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int ret = party_in(c, member, reference, a, out, e);

	db_give(c);
	return ret;
}

struct giving_back {
	const char *member, *reference;
};

static int
give_back(struct db_conn *c, void *arg, struct err *e)
{
	const struct giving_back *x = arg;
	const struct consent_move m = { .to = CONSENT_WITHDRAWN,
		.who = ACTOR_CONSUMER,
		.reason = "consumer_ended" };
	struct arena *a = arena_new();
	struct consent now;
	int ret = party_in(c, x->member, x->reference, a, &now, e);

	if (!ret && !str_equal(now.purpose.consumer, x->member))
		ret = link_refuse(e, LINK_NO_CONSENT);
	if (!ret)
		ret = consent_timely(c, &now, e);
	if (!ret)
		ret = consent_move(c, &now, &m, a, e);
	arena_free(&a);
	return ret;
}

int
consent_give_back(struct linkbook *b, const char *consumer,
	const char *reference, struct err *e)
{
	struct giving_back x = { consumer, reference };

	assert(b->mode == LINK_CENTER);
	return linkbook_transact(b, give_back, &x, e);
}
