/* SPDX-License-Identifier: MIT */
/* Usages come in; of their moments only the day stays. See tracker.h. */
#include "tracker.h"

#include <assert.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_int.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"
#include "usermaster.h"

struct keeping {
	const char *organisation;
	const json_t *list;
	struct arena *a;
};

static int
keep_consented(struct db_conn *c, const struct keeping *k, const json_t *one,
	const char *id, int64_t day, struct err *e)
{
	const char *reference, *pairwise = NULL, *service = NULL;
	const char *purpose = NULL;
	struct query *q;

	if (json_need_str(one, "reference", LINK_NAME_MAX, &reference, e))
		return -1;
	q = db_query(c, Q_LINK_USAGE_WHOSE, db_text(reference),
		db_text(k->organisation));
	if (query_next(q)) {
		pairwise = query_text_dup(k->a, q, 0);
		service = query_text_dup(k->a, q, 1);
		purpose = query_text_dup(k->a, q, 2);
	}
	if (query_end(q, e))
		return -1;
	return db_run(c, Q_LINK_USAGE_ADD, e, db_text(id),
		       db_text(k->organisation), db_int(day),
		       db_text(reference), db_text(pairwise), db_text(service),
		       db_text(purpose)) < 0
		       ? -1
		       : 0;
}

/* Names in the one spelling that rules are compared with. */
static int
keep_known(struct db_conn *c, const struct keeping *k, const json_t *one,
	const char *id, int64_t day, struct err *e)
{
	const char *user, *subsystem, *target, *code = NULL;
	const char *consumer, *provider;
	struct words words;

	if (json_need_str(one, "userId", USER_ID_MAX, &user, e) ||
		json_need_str(one, "subsystem", LINK_TEXT_MAX, &subsystem, e) ||
		json_need_str(one, "target", LINK_TEXT_MAX, &target, e) ||
		json_opt_str(one, "purpose", LINK_NAME_MAX, &code, e) ||
		words_read(one, "words", &words, e) ||
		link_member_of(k->a, subsystem, 4, &consumer, e) ||
		link_member_of(k->a, target, 5, &provider, e))
		return -1;
	if (!str_equal(provider, k->organisation))
		return fail(e, FAULT_BAD_REQUEST,
			"\"target\" is a service of %s, and this is the cache "
			"of %s",
			provider, k->organisation);
	return db_run(c, Q_LINK_USAGE_ADD_KNOWN, e, db_text(id),
		       db_text(k->organisation), db_int(day), db_text(user),
		       db_text(consumer), db_text(subsystem), db_text(target),
		       db_text(code), db_text(words.ja), db_text(words.en)) < 0
		       ? -1
		       : 0;
}

static int
keep_one(struct db_conn *c, const struct keeping *k, const json_t *one,
	struct err *e)
{
	const char *id, *at;
	int64_t ms, day;

	if (json_need_str(one, "id", LINK_NAME_MAX, &id, e) ||
		json_need_str(one, "at", TIME_TEXT_MAX, &at, e) ||
		time_parse(at, &ms, e))
		return -1;
	day = link_day_begin(ms);
	return json_object_get(one, "userId")
		       ? keep_known(c, k, one, id, day, e)
		       : keep_consented(c, k, one, id, day, e);
}

static int
keep(struct db_conn *c, void *arg, struct err *e)
{
	const struct keeping *k = arg;
	json_t *one;
	size_t i;

	json_each(one, i, k->list) {
		if (keep_one(c, k, one, e))
			return -1;
	}
	return 0;
}

int
tracker_keep(struct linkbook *b, const char *organisation, const json_t *list,
	struct err *e)
{
	struct keeping k = { organisation, list, arena_new() };
	int ret;

	assert(b->mode == LINK_CACHE);
	ret = db_transact(b->db, keep, &k, e);
	arena_free(&k.a);
	return ret;
}
