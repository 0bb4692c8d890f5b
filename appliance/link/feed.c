/* SPDX-License-Identifier: MIT */
/*
 * The center's side of the feeds: what an organisation's cache has to hear,
 * and the pages that say it.
 */
#include "feed.h"

#include <assert.h>
#include <stdio.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_int.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

int
feed_add(struct db_conn *c, const char *organisation, const char *kind,
	const char *key, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_FEED_NEXT, db_text(organisation));
	int64_t number = query_next(q) ? query_int(q, 0) : 0;

	if (query_end(q, e))
		return -1;
	if (!number)
		return link_refuse(e, LINK_NO_ORGANISATION);
	return db_run(c, Q_LINK_FEED_ADD, e, db_text(organisation),
		       db_int(number), db_text(kind), db_text(key)) < 0
		       ? -1
		       : 0;
}

int
feed_once(struct db_conn *c, const char *organisation, const char *kind,
	const char *key, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_FEED_HAS, db_text(organisation),
		db_text(kind), db_text(key));
	bool told = query_next(q);

	if (query_end(q, e))
		return -1;
	return told ? 0 : feed_add(c, organisation, kind, key, e);
}

int
feed_again(struct db_conn *c, const char *kind, const char *key, struct err *e)
{
	struct arena *a = arena_new();
	struct query *q =
		db_query(c, Q_LINK_FEED_WHOM, db_text(kind), db_text(key));
	const char **whom = NULL;
	size_t n = 0;
	int ret;

	for (; query_next(q); n++) {
		LIST_GROW(a, whom, n);
		whom[n] = query_text_dup(a, q, 0);
	}
	ret = query_end(q, e);
	for (size_t i = 0; i < n && !ret; i++)
		ret = feed_add(c, whom[i], kind, key, e);
	arena_free(&a);
	return ret;
}

/* ---- rows as their organisation gets them ---- */

struct page {
	const char *organisation, *epoch;
	int64_t after;
	struct arena *a;
	json_t *out;
};

static json_t *
row_organisation(struct db_conn *c, const struct page *p, const char *key)
{
	struct organisation o;
	json_t *j;

	if (organisation_in(c, key, p->a, &o, NULL))
		return NULL;
	j = json_object();
	json_put_str(j, "member", o.member);
	json_put_new(j, "name", words_json(&o.name));
	json_put_bool(j, "active", o.active);
	return j;
}

static json_t *
row_service(struct db_conn *c, const struct page *p, const char *key)
{
	struct offering s;

	return offering_in(c, key, p->a, &s, NULL) ? NULL : offering_json(&s);
}

static json_t *
row_purpose(struct db_conn *c, const struct page *p, const char *key)
{
	struct purpose s;

	return purpose_in(c, key, p->a, &s, NULL) ? NULL : purpose_json(&s);
}

static json_t *
row_id_conversion(struct db_conn *c, const struct page *p, const char *key)
{
	struct query *q = db_query(c, Q_LINK_ID_CONVERSION_GET, db_text(key));
	json_t *j = NULL;

	(void)p;
	if (query_next(q)) {
		j = json_object();
		json_put_str(j, "pairwise", key);
		json_put_str(j, "baseId", query_text(q, 1));
		json_put_str(j, "state", query_text(q, 2));
	}
	(void)query_end(q, NULL);
	return j;
}

/* Each party gets its own side. */
static json_t *
row_id_pair(struct db_conn *c, const struct page *p, const char *key)
{
	struct query *q = db_query(c, Q_LINK_ID_PAIR_GET, db_text(key));
	json_t *j = NULL;

	if (query_next(q)) {
		j = json_object();
		json_put_str(j, "subject", key);
		json_put_str(j, "consumer", query_text(q, 0));
		json_put_str(j, "provider", query_text(q, 1));
		if (str_equal(query_text(q, 0), p->organisation))
			json_put_str(j, "consumerPairwise", query_text(q, 2));
		if (str_equal(query_text(q, 1), p->organisation))
			json_put_str(j, "providerPairwise", query_text(q, 3));
	}
	(void)query_end(q, NULL);
	return j;
}

static void
put_ms(json_t *j, const char *key, struct query *q, int col)
{
	char text[TIME_TEXT_MAX];

	if (!query_null(q, col))
		json_put_str(j, key, time_iso(text, query_int(q, col)));
}

static json_t *
row_consent(struct db_conn *c, const struct page *p, const char *key)
{
	struct query *q = db_query(c, Q_LINK_CONSENT_ROW, db_text(key));
	json_t *j = NULL;

	if (query_next(q)) {
		j = json_object();
		json_put_str(j, "reference", key);
		json_put_str(j, "service", query_text(q, 0));
		json_put_str(j, "purpose", query_text(q, 1));
		json_put_str(j, "subject", query_text(q, 2));
		json_put_new(j, "asked",
			json_incref(codes_parse(p->a, query_text(q, 3))));
		json_put_new(j, "given",
			json_incref(codes_parse(p->a, query_text(q, 4))));
		json_put_int(j, "days", query_int(q, 5));
		json_put_str(j, "state", query_text(q, 6));
		put_ms(j, "validFrom", q, 7);
		put_ms(j, "validTo", q, 8);
	}
	(void)query_end(q, NULL);
	return j;
}

static const struct {
	const char *kind;
	json_t *(*row)(
		struct db_conn *c, const struct page *p, const char *key);
} writers[] = {
	{ "organisation", row_organisation },
	{ "service", row_service },
	{ "purpose", row_purpose },
	{ "id_conversion", row_id_conversion },
	{ "id_pair", row_id_pair },
	{ "consent", row_consent },
};

struct named {
	int64_t number;
	const char *kind, *key;
};

/* bytes: what the page's changes have, with this one. */
static int
write_change(struct db_conn *c, const struct page *p, const struct named *n,
	json_t *list, size_t *bytes, struct err *e)
{
	json_t *j, *row = NULL;

	for (size_t i = 0; i < sizeof(writers) / sizeof(*writers); i++)
		if (str_equal(writers[i].kind, n->kind))
			row = writers[i].row(c, p, n->key);
	if (!row)
		return fail(e, FAULT_DATABASE,
			"change %lld of %s names a row that is not there: %s",
			(long long)n->number, p->organisation, n->kind);
	j = json_object();
	json_put_int(j, "number", n->number);
	json_put_str(j, "kind", n->kind);
	json_put_new(j, "row", row);
	json_array_append_new(list, j);
	*bytes += json_dumpb(j, NULL, 0, JSON_COMPACT);
	return 0;
}

static int
state_in(struct db_conn *c, const char *organisation, struct arena *a,
	struct feed_state *out, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_FEED_STATE, db_text(organisation));
	bool found = query_next(q);

	if (found)
		*out = (struct feed_state){ query_int(q, 0), query_int(q, 1),
			query_text_dup(a, q, 2), query_text_dup(a, q, 3) };
	if (query_end(q, e))
		return -1;
	return found ? 0 : link_refuse(e, LINK_NO_ORGANISATION);
}

static int
write_page(struct db_conn *c, void *arg, struct err *e)
{
	struct page *p = arg;
	struct feed_state s;
	struct named list[FEED_PAGE];
	char time[TIME_TEXT_MAX];
	json_t *changes = json_array();
	struct query *q;
	size_t n = 0, bytes = 0, written = 0;
	int ret = 0;

	p->out = json_keep(p->a, json_object());
	json_put_new(p->out, "changes", changes);
	if (state_in(c, p->organisation, p->a, &s, e))
		return -1;
	if (!str_equal(s.epoch, p->epoch))
		p->after = 0;
	if (p->after > s.last)
		return link_refuse(e, LINK_FEED_BEHIND);
	q = db_query(c, Q_LINK_FEED_PAGE, db_text(p->organisation),
		db_int(p->after), db_int(FEED_PAGE));
	while (n < FEED_PAGE && query_next(q)) {
		list[n] = (struct named){ query_int(q, 0),
			query_text_dup(p->a, q, 1),
			query_text_dup(p->a, q, 2) };
		n++;
	}
	ret = query_end(q, e);
	for (; written < n && !ret && bytes <= FEED_BYTES; written++)
		ret = write_change(c, p, &list[written], changes, &bytes, e);
	json_put_str(p->out, "epoch", s.epoch);
	json_put_str(p->out, "organisation", p->organisation);
	json_put_int(p->out, "after", p->after);
	json_put_int(
		p->out, "to", written ? list[written - 1].number : p->after);
	json_put_int(p->out, "last", s.last);
	json_put_str(p->out, "centerTime", time_iso_ms(time, clock_now()));
	return ret;
}

/* In a transaction: what the page says belongs together. */
int
feed_page(struct linkbook *b, const char *organisation, const char *epoch,
	int64_t after, struct arena *a, json_t **out, struct err *e)
{
	struct page p = { organisation, epoch, after, a, NULL };

	assert(b->mode == LINK_CENTER);
	if (db_transact(b->db, write_page, &p, e))
		return -1;
	*out = p.out;
	return 0;
}

int
feed_told(struct linkbook *b, const char *organisation, int64_t number,
	struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int64_t n = db_run(
		c, Q_LINK_FEED_TOLD, e, db_text(organisation), db_int(number));

	db_give(c);
	return n < 0 ? -1 : 0;
}

int
feed_state(struct linkbook *b, const char *organisation, struct arena *a,
	struct feed_state *out, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int ret = state_in(c, organisation, a, out, e);

	db_give(c);
	return ret;
}

int
feed_waiting(struct linkbook *b, struct arena *a, const char ***member,
	size_t *n, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	struct query *q = db_query(c, Q_LINK_FEED_BEHIND);
	int ret;

	for (*n = 0, *member = NULL; query_next(q); (*n)++) {
		LIST_GROW(a, *member, *n);
		(*member)[*n] = query_text_dup(a, q, 0);
	}
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

static int
new_epoch(struct db_conn *c, void *arg, struct err *e)
{
	char epoch[LINK_ID_LEN + 1];

	(void)arg;
	link_id_make(epoch);
	return db_run(c, Q_LINK_PLACE_EPOCH, e, db_text(epoch)) < 0 ||
			       db_run(c, Q_LINK_FEED_UNTOLD, e) < 0
		       ? -1
		       : 0;
}

int
feed_new_epoch(struct linkbook *b, struct err *e)
{
	assert(b->mode == LINK_CENTER);
	return linkbook_transact(b, new_epoch, NULL, e);
}
