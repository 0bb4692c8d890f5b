/* SPDX-License-Identifier: MIT */
/*
 * Consents that end without anybody's decision: their time is over, nobody
 * decided in time, nobody is left who could take them back, or what they are
 * about is no longer declared. In batches,
 * so that others can write between; what is left is found again after a
 * crash.
 */
#include "link_int.h"

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_sql.h"

struct ending {
	int query;
	bool by_time;
	enum consent_state to;
	const char *reason;
	int64_t moved;
};

static const struct ending endings[] = {
	{ Q_LINK_DUE, true, CONSENT_EXPIRED, "time_over", 0 },
	{ Q_LINK_UNDECIDED, true, CONSENT_EXPIRED, "not_decided", 0 },
	{ Q_LINK_ORPHANED, true, CONSENT_INAPPLICABLE, "nobody_decides", 0 },
	{ Q_LINK_BASELESS_SERVICE, false, CONSENT_INAPPLICABLE, "service_ended",
		0 },
	{ Q_LINK_BASELESS_PURPOSE, false, CONSENT_INAPPLICABLE, "purpose_ended",
		0 },
};

static int
batch(struct db_conn *c, void *arg, struct err *e)
{
	struct ending *x = arg;
	const struct consent_move m = {
		.to = x->to, .who = ACTOR_SYSTEM, .reason = x->reason
	};
	struct query *q =
		x->by_time ? db_query(c, x->query, db_int(clock_now()),
				     db_int(CONSENT_BATCH))
			   : db_query(c, x->query, db_int(CONSENT_BATCH));

	return consent_move_all(c, q, &m, &x->moved, e);
}

int64_t
consent_sweep(struct linkbook *b, struct err *e)
{
	int64_t total = 0;

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		struct ending x = endings[i];

		do {
			if (db_transact(b->db, batch, &x, e))
				return -1;
			total += x.moved;
		} while (x.moved == CONSENT_BATCH);
	}
	if (total && b->changed)
		b->changed(b->ctx);
	return total;
}
