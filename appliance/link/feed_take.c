/* SPDX-License-Identifier: MIT */
/*
 * The cache's side of the feeds: taking pages of changes and knowing how old
 * that knowledge is.
 *
 * The age of a cache is the larger of what two clocks say, so that setting
 * the wall clock back prolongs nothing: see consent's readers (v_contact).
 */
#include "feed.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "link_int.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

struct take {
	const char *organisation;
	const json_t *page;
	struct feed_asked asked;
	const char *epoch;
	int64_t after, to, last, center_time;
	json_t *changes;
	struct arena *a;
	struct contact now;
	bool known; /* there is a row of contact */
	struct feed_taken *out;
};

/* ---- rows ---- */

static int
need_id(const json_t *row, const char *key, const char **out, struct err *e)
{
	return json_need_str(row, key, LINK_NAME_MAX, out, e);
}

static int
take_organisation(struct db_conn *c, struct take *t, json_t *row, struct err *e)
{
	struct organisation o;

	(void)t;
	return organisation_read(row, &o, e) || organisation_store(c, &o, e)
		       ? -1
		       : 0;
}

static int
take_service(struct db_conn *c, struct take *t, json_t *row, struct err *e)
{
	struct offering s;

	if (offering_read(t->a, row, &s, e) || need_id(row, "id", &s.id, e))
		return -1;
	s.valid = str_equal(json_str(row, "state"), "valid");
	return offering_store(c, &s, e);
}

static int
take_purpose(struct db_conn *c, struct take *t, json_t *row, struct err *e)
{
	struct purpose p;

	if (purpose_read(t->a, row, &p, e) || need_id(row, "id", &p.id, e))
		return -1;
	p.valid = str_equal(json_str(row, "state"), "valid");
	return purpose_store(c, &p, e);
}

static int
take_id_conversion(
	struct db_conn *c, struct take *t, json_t *row, struct err *e)
{
	const char *pairwise, *state, *base = NULL;

	if (need_id(row, "pairwise", &pairwise, e) ||
		need_id(row, "state", &state, e) ||
		json_opt_str(row, "baseId", LINK_NAME_MAX, &base, e))
		return -1;
	return db_run(c, Q_LINK_ID_CONVERSION_PUT, e, db_text(pairwise),
		       db_text(t->organisation), db_null(),
		       db_text(base)) < 0 ||
			       db_run(c, Q_LINK_ID_LINK_PUT, e,
				       db_text(pairwise), db_text(state),
				       db_null()) < 0
		       ? -1
		       : 0;
}

static int
take_id_pair(struct db_conn *c, struct take *t, json_t *row, struct err *e)
{
	const char *subject, *consumer, *provider;
	const char *mine = NULL, *own = NULL;

	(void)t;
	if (need_id(row, "subject", &subject, e) ||
		json_need_str(row, "consumer", LINK_URL_MAX, &consumer, e) ||
		json_need_str(row, "provider", LINK_URL_MAX, &provider, e) ||
		json_opt_str(
			row, "consumerPairwise", LINK_NAME_MAX, &mine, e) ||
		json_opt_str(row, "providerPairwise", LINK_NAME_MAX, &own, e))
		return -1;
	return db_run(c, Q_LINK_ID_PAIR_PUT, e, db_text(subject),
		       db_text(consumer), db_text(provider), db_null(),
		       db_text(mine), db_text(own)) < 0
		       ? -1
		       : 0;
}

static int
read_time(const json_t *row, const char *key, struct db_arg *out, struct err *e)
{
	const char *text = NULL;
	int64_t ms;

	*out = db_null();
	if (json_opt_str(row, key, TIME_TEXT_MAX, &text, e))
		return -1;
	if (!text)
		return 0;
	if (time_parse(text, &ms, e))
		return -1;
	*out = db_int(ms);
	return 0;
}

static int
take_consent(struct db_conn *c, struct take *t, json_t *row, struct err *e)
{
	const char *reference, *service, *purpose, *state, *subject = NULL;
	struct db_arg from, to;
	json_t *asked, *given;
	int64_t days;

	if (need_id(row, "reference", &reference, e) ||
		need_id(row, "service", &service, e) ||
		need_id(row, "purpose", &purpose, e) ||
		need_id(row, "state", &state, e) ||
		json_opt_str(row, "subject", LINK_NAME_MAX, &subject, e) ||
		json_need_list(row, "asked", LINK_ITEMS_MAX, &asked, e) ||
		json_need_list(row, "given", LINK_ITEMS_MAX, &given, e) ||
		json_need_int(row, "days", 0, LINK_DAYS_MAX, &days, e) ||
		read_time(row, "validFrom", &from, e) ||
		read_time(row, "validTo", &to, e))
		return -1;
	return db_run(c, Q_LINK_CONSENT_TAKE, e, db_text(reference),
		       db_text(service), db_text(purpose), db_text(subject),
		       db_text(codes_text(t->a, asked)),
		       db_text(codes_text(t->a, given)), db_int(days),
		       db_text(state), from, to) < 0
		       ? -1
		       : 0;
}

static const struct {
	const char *kind;
	int (*take)(
		struct db_conn *c, struct take *t, json_t *row, struct err *e);
} takers[] = {
	{ "organisation", take_organisation },
	{ "service", take_service },
	{ "purpose", take_purpose },
	{ "id_conversion", take_id_conversion },
	{ "id_pair", take_id_pair },
	{ "consent", take_consent },
};

/* Numbers must be dense: a change that went missing on the way is noticed. */
static int
take_change(struct db_conn *c, struct take *t, json_t *change, int64_t number,
	struct err *e)
{
	const char *kind;
	int64_t said;
	json_t *row;

	if (json_need_int(change, "number", 1, INT64_MAX, &said, e) ||
		json_need_str(change, "kind", LINK_NAME_MAX, &kind, e) ||
		json_need_sub(change, "row", &row, e))
		return -1;
	if (said != number)
		return fail(e, FAULT_BAD_REQUEST,
			"change %lld stands where %lld is expected",
			(long long)said, (long long)number);
	for (size_t i = 0; i < sizeof(takers) / sizeof(*takers); i++)
		if (str_equal(takers[i].kind, kind))
			return takers[i].take(c, t, row, e);
	return fail(e, FAULT_BAD_REQUEST,
		"this version knows no changes of kind \"%s\"; update it",
		kind);
}

/* ---- pages ---- */

void
feed_boot(char out[64])
{
	struct arena *a = arena_new();
	struct bytes id;

	if (file_read(a, "/proc/sys/kernel/random/boot_id", 63, &id, NULL))
		id = bytes_str("unknown");
	snprintf(out, 64, "%.*s", (int)id.len, (const char *)id.data);
	out[strcspn(out, "\n")] = '\0';
	arena_free(&a);
}

/* The larger of what the two clocks say; a contact in the future is no
   contact. */
static int64_t
age_of(int64_t at, int64_t ticks, const char *boot)
{
	int64_t wall = clock_now() - at, steady = 0;
	char now[64];

	feed_boot(now);
	if (str_equal(boot, now))
		steady = clock_ticks() - ticks;
	if (wall < 0 && steady == 0)
		return INT64_MAX;
	return wall > steady ? wall : steady;
}

static int
contact_in(struct db_conn *c, const char *organisation, struct contact *out,
	bool *known, struct err *e)
{
	struct query *q =
		db_query(c, Q_LINK_CONTACT_GET, db_text(organisation));

	*out = (struct contact){ .age_ms = -1 };
	*known = query_next(q);
	if (*known) {
		snprintf(
			out->epoch, sizeof(out->epoch), "%s", query_text(q, 0));
		out->position = query_int(q, 1);
		out->whole = query_int(q, 2) != 0;
		out->age_ms = age_of(
			query_int(q, 3), query_int(q, 4), query_text(q, 5));
	}
	return query_end(q, e);
}

static int
read_page(struct take *t, struct err *e)
{
	const char *whose, *time;

	if (json_need_str(t->page, "epoch", LINK_ID_LEN, &t->epoch, e) ||
		json_need_str(
			t->page, "organisation", LINK_URL_MAX, &whose, e) ||
		json_need_int(t->page, "after", 0, INT64_MAX, &t->after, e) ||
		json_need_int(t->page, "to", 0, INT64_MAX, &t->to, e) ||
		json_need_int(t->page, "last", 0, INT64_MAX, &t->last, e) ||
		json_need_str(t->page, "centerTime", TIME_TEXT_MAX, &time, e) ||
		time_parse(time, &t->center_time, e) ||
		json_need_list(t->page, "changes", FEED_PAGE, &t->changes, e))
		return -1;
	if (!str_equal(whose, t->organisation))
		return fail(e, FAULT_BAD_REQUEST,
			"these are changes of %s, this is the cache of %s",
			whose, t->organisation);
	if (t->to - t->after != (int64_t)json_array_size(t->changes) ||
		t->to > t->last)
		return fail(e, FAULT_BAD_REQUEST,
			"the numbers of the changes do not fit together");
	return 0;
}

/* Where the page must begin: at our position, or anew with a new epoch. */
static int
fit(struct db_conn *c, struct take *t, struct err *e)
{
	if (str_equal(t->epoch, t->now.epoch)) {
		if (t->last < t->now.position)
			return link_refuse(e, LINK_FEED_BEHIND);
		return t->after > t->now.position
			       ? link_refuse(e, LINK_FEED_GAP)
			       : 0;
	}
	if (t->after)
		return link_refuse(e, LINK_FEED_GAP);
	t->now.position = 0;
	return db_run(c, Q_LINK_CONSENTS_DROP, e) < 0 ? -1 : 0;
}

static int
note(struct db_conn *c, struct take *t, struct err *e)
{
	char boot[64];

	feed_boot(boot);
	return db_run(c, Q_LINK_CONTACT_PUT, e, db_text(t->organisation),
		       db_text(t->epoch), db_int(t->now.position),
		       db_int(t->now.position == t->last), db_int(t->asked.at),
		       db_int(t->asked.ticks), db_text(boot),
		       db_int(t->center_time)) < 0
		       ? -1
		       : 0;
}

/* Rows we have already are taken again: the page has them as they are now. A
   page that ends before our position brings nothing but the contact. */
static int
take_in(struct db_conn *c, void *arg, struct err *e)
{
	struct take *t = arg;
	json_t *change;
	size_t i;

	if (contact_in(c, t->organisation, &t->now, &t->known, e))
		return -1;
	snprintf(t->out->epoch, sizeof(t->out->epoch), "%s", t->now.epoch);
	t->out->position = t->now.position;
	t->out->last = t->last;
	if (fit(c, t, e))
		return -1;
	json_each(change, i, t->changes) {
		if (take_change(c, t, change, t->after + (int64_t)i + 1, e))
			return -1;
	}
	if (t->to > t->now.position)
		t->now.position = t->to;
	if (note(c, t, e))
		return -1;
	snprintf(t->out->epoch, sizeof(t->out->epoch), "%s", t->epoch);
	t->out->position = t->now.position;
	return 0;
}

struct feed_asked
feed_asked_now(void)
{
	return (struct feed_asked){ clock_now(), clock_ticks() };
}

int
feed_take(struct linkbook *b, const char *organisation, const json_t *page,
	struct feed_taken *out, struct err *e)
{
	const struct feed_asked now = feed_asked_now();

	return feed_take_asked(b, organisation, page, &now, out, e);
}

int
feed_take_asked(struct linkbook *b, const char *organisation,
	const json_t *page, const struct feed_asked *asked,
	struct feed_taken *out, struct err *e)
{
	struct take t = { .organisation = organisation,
		.page = page,
		.asked = *asked,
		.out = out };
	int ret;

	assert(b->mode == LINK_CACHE);
	*out = (struct feed_taken){ .position = 0 };
	t.a = arena_new();
	ret = read_page(&t, e);
	if (!ret)
		ret = db_transact(b->db, take_in, &t, e);
	arena_free(&t.a);
	return ret;
}

int
feed_contact(struct linkbook *b, const char *organisation, struct contact *out,
	struct err *e)
{
	struct db_conn *c = db_take(b->db);
	bool known;
	int ret = contact_in(c, organisation, out, &known, e);

	db_give(c);
	return ret;
}

static int
doubt(struct db_conn *c, void *arg, struct err *e)
{
	char epoch[LINK_ID_LEN + 1];

	(void)arg;
	link_id_make(epoch);
	return db_run(c, Q_LINK_PLACE_EPOCH, e, db_text(epoch)) < 0 ||
			       db_run(c, Q_LINK_CONTACT_DOUBT, e) < 0
		       ? -1
		       : 0;
}

int
feed_doubt(struct linkbook *b, struct err *e)
{
	assert(b->mode == LINK_CACHE);
	return db_transact(b->db, doubt, NULL, e);
}
