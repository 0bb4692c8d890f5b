/* SPDX-License-Identifier: MIT */
/*
 * What caches hear: order, gaps, repetition, restored caches and centers, age
 * under moved clocks.
 */
#include "feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_sql.h"
#include "linkkit.h"
#include "tap.h"
#include "text.h"
#include "usermaster.h"

static const char *
cached(struct linkkit *k, const char *file, const char *reference)
{
	return linkkit_value(k, file,
		arena_printf(k->a,
			"SELECT state FROM consent WHERE reference = '%s'",
			reference));
}

static void
two_parties_and_nobody_else(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "ichiro");
	struct consent_viewer v = { .person = person, .level = "2" };
	struct err e = ERR_INIT;
	const char *reference, *pairwise, *subject;
	struct contact now;

	is_int(feed_contact(&k->cache[0], TOWN, &now, &e), 0);
	is_int(now.age_ms, -1);
	pairwise = linkkit_link(k, person, TOWN);
	reference = linkkit_consent(k, person, COMPANY);
	for (size_t i = 0; i < 3; i++)
		linkkit_pull(k, i);
	is_str(cached(k, "town.db", reference), "approved");
	is_str(cached(k, "company.db", reference), "approved");
	is_str(cached(k, "bank.db", reference), "");
	is_str(linkkit_value(
		       k, "town.db", "SELECT provider_pairwise FROM id_pair"),
		pairwise);
	is_str(linkkit_value(k, "company.db",
		       "SELECT coalesce(provider_pairwise, 'none') FROM "
		       "id_pair"),
		"none");
	subject = linkkit_value(k, "town.db", "SELECT subject FROM id_pair");
	is_str(linkkit_value(k, "company.db", "SELECT subject FROM id_pair"),
		subject);
	is_int(consent_withdraw(&k->center, &v, reference, &e), 0);
	is_str(cached(k, "town.db", reference), "approved");
	linkkit_pull(k, 0);
	is_str(cached(k, "town.db", reference), "withdrawn");
	is_int(feed_contact(&k->cache[0], TOWN, &now, &e), 0);
	ok(now.whole && now.age_ms >= 0 && now.age_ms < 60000);
}

static void
purpose_is(struct db_conn *c, const char *subject, const char *state)
{
	struct query *q = db_query(
		c, Q_LINK_CHECK_CONSENT, db_text(subject), db_text(TOWN));

	ok(query_next(q));
	is_str(query_text(q, 12), state);
	is_int(query_end(q, NULL), 0);
}

/* An organisation that takes part no longer gets nothing, until it does. */
static void
consumer_goes(struct linkkit *k, struct db_conn *c, const char *subject)
{
	struct err e = ERR_INIT;
	struct organisation o;

	purpose_is(c, subject, "valid");
	is_int(organisation_get(&k->center, COMPANY, k->a, &o, &e), 0);
	o.active = false;
	is_int(organisation_put(&k->center, &o, &e), 0);
	linkkit_pull(k, 0);
	purpose_is(c, subject, "withdrawn");
	o.active = true;
	is_int(organisation_put(&k->center, &o, &e), 0);
	linkkit_pull(k, 0);
	purpose_is(c, subject, "valid");
}

static int64_t
report(struct linkkit *k, const char *id, const char *provider)
{
	struct db_conn *c = db_take(k->center.db);
	int64_t n = db_run(c, Q_LINK_TRANSFER_ADD, NULL, db_text(id),
		db_text("some"), db_int(1), db_text("[]"), db_text(provider));

	db_give(c);
	return n;
}

/* Nobody hides another's transfer by reporting its identifier first. */
static void
transfers_apart(struct linkkit *k)
{
	is_int(report(k, "one", BANK), 1);
	is_int(report(k, "one", BANK), 0);
	is_int(report(k, "one", TOWN), 1);
}

/* The readers' view, as a server asks it. */
static void
what_a_server_reads(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "jiro");
	struct err e = ERR_INIT;
	const char *pairwise = linkkit_link(k, person, TOWN), *subject;
	char path[100];
	struct db_conn *c;
	struct query *q;
	struct db *db;

	linkkit_consent(k, person, COMPANY);
	linkkit_pull(k, 0);
	is_int(user_put(&k->cache[0], TOWN, pairwise, "A-0042", &e), 0);
	subject = linkkit_value(k, "town.db",
		arena_printf(k->a,
			"SELECT subject FROM id_pair WHERE provider_pairwise "
			"= '%s'",
			pairwise));
	snprintf(path, sizeof(path), "%s/town.db", k->dir);
	is_int(db_open(&db, &schema_link, path, DB_READONLY | DB_VIEWS, &e), 0);
	c = db_take(db);
	q = db_query(c, Q_LINK_CHECK_CONSENT, db_text(subject), db_text(TOWN));
	ok(query_next(q));
	is_str(query_text(q, 0), COMPANY "/loans");
	is_str(query_text(q, 1), TAX);
	is_str(query_text(q, 2), "approved");
	is_str(query_text(q, 5), "[\"income\",\"year\"]");
	is_str(query_text(q, 6), "grant");
	is_str(query_text(q, 8), pairwise);
	is_str(query_text(q, 9), "A-0042");
	is_int(query_int(q, 10), LINK_AGE_DEFAULT);
	is_str(query_text(q, 11), "valid");
	is_str(query_text(q, 12), "valid");
	is_str(query_text(q, 13), "linked");
	ok(!query_next(q));
	is_int(query_end(q, &e), 0);
	q = db_query(c, Q_LINK_CHECK_CONTACT, db_text(TOWN));
	ok(query_next(q));
	is_int(query_int(q, 0), 1);
	is_int(query_end(q, &e), 0);
	consumer_goes(k, c, subject);
	db_give(c);
	db_close(&db);
}

static int
take(struct linkkit *k, int64_t after, const char *epoch,
	struct feed_taken *taken, struct err *e)
{
	json_t *page;

	if (feed_page(&k->center, TOWN, epoch, after, k->a, &page, e))
		return -1;
	return feed_take(&k->cache[0], TOWN, page, taken, e);
}

static void
order(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "saburo");
	struct feed_taken taken;
	struct err e = ERR_INIT;
	struct contact now;
	char epoch[LINK_ID_LEN + 1];
	json_t *page;

	linkkit_pull(k, 0);
	is_int(feed_contact(&k->cache[0], TOWN, &now, &e), 0);
	snprintf(epoch, sizeof(epoch), "%s", now.epoch);
	linkkit_link(k, person, TOWN);
	linkkit_consent(k, person, COMPANY);
	/* one is missing: nothing of the page is taken */
	is_int(take(k, now.position + 1, epoch, &taken, &e), -1);
	is_str(e.code, "link.feed_gap");
	is_int(taken.position, now.position);
	err_reset(&e);
	/* what is there already is said again */
	is_int(take(k, now.position - 1, epoch, &taken, &e), 0);
	ok(taken.position == taken.last && taken.last > now.position);
	is_int(take(k, 0, epoch, &taken, &e), 0);
	is_int(feed_page(&k->center, TOWN, epoch, taken.last + 1, k->a, &page,
		       &e),
		-1);
	is_str(e.code, "link.feed_behind");
	err_reset(&e);
	/* another's page, and a page with a hole */
	is_int(feed_page(&k->center, COMPANY, "", 0, k->a, &page, &e), 0);
	is_int(feed_take(&k->cache[0], TOWN, page, &taken, &e), -1);
	is_int(e.fault, FAULT_BAD_REQUEST);
	err_reset(&e);
	is_int(feed_page(&k->center, TOWN, epoch, 0, k->a, &page, &e), 0);
	json_array_remove(json_list(page, "changes"), 1);
	is_int(feed_take(&k->cache[0], TOWN, page, &taken, &e), -1);
	is_int(e.fault, FAULT_BAD_REQUEST);
}

/* What ended stays ended, whatever an old page says. */
static void
ended_stays_ended(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "shiro");
	struct consent_viewer v = { .person = person, .level = "2" };
	struct feed_taken taken;
	struct err e = ERR_INIT;
	const char *reference, *epoch;
	json_t *old;

	linkkit_link(k, person, TOWN);
	linkkit_pull(k, 0);
	epoch = linkkit_value(k, "town.db", "SELECT epoch FROM contact");
	reference = linkkit_consent(k, person, COMPANY);
	is_int(feed_page(&k->center, TOWN, epoch,
		       strtoll(linkkit_value(k, "town.db",
				       "SELECT position FROM contact"),
			       NULL, 10),
		       k->a, &old, &e),
		0);
	is_int(feed_take(&k->cache[0], TOWN, old, &taken, &e), 0);
	is_str(cached(k, "town.db", reference), "approved");
	is_int(consent_withdraw(&k->center, &v, reference, &e), 0);
	linkkit_pull(k, 0);
	(void)feed_take(&k->cache[0], TOWN, old, &taken, &e);
	is_str(cached(k, "town.db", reference), "withdrawn");
}

/* A page that was long on its way is as old as the question. */
static void
asked_before(struct linkkit *k)
{
	struct feed_asked asked = feed_asked_now();
	struct feed_taken taken;
	struct err e = ERR_INIT;
	struct contact now;
	json_t *page;

	is_int(feed_contact(&k->cache[0], TOWN, &now, &e), 0);
	asked.at -= 50000;
	asked.ticks -= 50000;
	is_int(feed_page(&k->center, TOWN, now.epoch, now.position, k->a, &page,
		       &e),
		0);
	is_int(feed_take_asked(&k->cache[0], TOWN, page, &asked, &taken, &e),
		0);
	is_int(feed_contact(&k->cache[0], TOWN, &now, &e), 0);
	ok(now.whole && now.age_ms >= 50000);
}

static void
age(struct linkkit *k)
{
	struct err e = ERR_INIT;
	struct contact now;

	linkkit_pull(k, 0);
	clock_shift(3600 * 1000);
	is_int(feed_contact(&k->cache[0], TOWN, &now, &e), 0);
	ok(now.age_ms >= 3600 * 1000);
	/* set back: the steady clock still says how long it was */
	clock_shift(-3600 * 1000);
	is_int(feed_contact(&k->cache[0], TOWN, &now, &e), 0);
	ok(now.age_ms >= 0);
	clock_shift(0);
	asked_before(k);
	is_int(feed_doubt(&k->cache[0], &e), 0);
	is_int(feed_contact(&k->cache[0], TOWN, &now, &e), 0);
	ok(!now.whole);
	linkkit_pull(k, 0);
	is_int(feed_contact(&k->cache[0], TOWN, &now, &e), 0);
	ok(now.whole);
}

static void
copy(struct linkkit *k, const char *from, const char *to)
{
	const char *a = arena_printf(k->a, "%s/%s", k->dir, from);
	const char *b = arena_printf(k->a, "%s/%s", k->dir, to);

	is_int(db_copy(a, b, NULL), 0);
}

/* Last week's cache is put back: it catches up, and what was withdrawn
   meanwhile is withdrawn. */
static void
restored_cache(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "goro");
	struct consent_viewer v = { .person = person, .level = "2" };
	struct linkbook old = { 0 }, kept = k->cache[0];
	struct err e = ERR_INIT;
	const char *reference;
	struct contact now;

	linkkit_link(k, person, TOWN);
	reference = linkkit_consent(k, person, COMPANY);
	linkkit_pull(k, 0);
	copy(k, "town.db", "old.db");
	is_int(consent_withdraw(&k->center, &v, reference, &e), 0);
	linkkit_pull(k, 0);
	clock_shift((int64_t)7 * LINK_DAY_MS);
	is_int(linkbook_open(&old, arena_printf(k->a, "%s/old.db", k->dir),
		       LINK_CACHE, &e),
		0);
	k->cache[0] = old;
	is_str(cached(k, "old.db", reference), "approved");
	is_int(feed_contact(&k->cache[0], TOWN, &now, &e), 0);
	ok(now.age_ms >= (int64_t)7 * LINK_DAY_MS);
	linkkit_pull(k, 0);
	is_str(cached(k, "old.db", reference), "withdrawn");
	linkbook_close(&k->cache[0]);
	k->cache[0] = kept;
	clock_shift(0);
}

/* The center lost what it knew since yesterday: caches notice, and nothing
   that ended comes back. */
static void
restored_center(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "rokuro");
	struct consent_viewer v = { .person = person, .level = "2" };
	struct linkbook kept = k->center;
	struct err e = ERR_INIT;
	struct feed_taken taken;
	const char *first, *later, *epoch, *position;

	linkkit_link(k, person, TOWN);
	first = linkkit_consent(k, person, COMPANY);
	linkkit_pull(k, 0);
	copy(k, "center.db", "yesterday.db");
	is_int(consent_withdraw(&k->center, &v, first, &e), 0);
	later = linkkit_consent(k, person, COMPANY);
	linkkit_pull(k, 0);
	k->center = (struct linkbook){ .levels = "1,2,3" };
	is_int(linkbook_open(&k->center,
		       arena_printf(k->a, "%s/yesterday.db", k->dir),
		       LINK_CENTER, &e),
		0);
	epoch = linkkit_value(k, "town.db", "SELECT epoch FROM contact");
	position = linkkit_value(k, "town.db", "SELECT position FROM contact");
	is_int(take(k, strtoll(position, NULL, 10), epoch, &taken, &e), -1);
	is_str(e.code, "link.feed_behind");
	err_reset(&e);
	is_int(feed_new_epoch(&k->center, &e), 0);
	linkkit_pull(k, 0);
	is_str(cached(k, "town.db", first), "withdrawn");
	is_str(cached(k, "town.db", later), "");
	linkbook_close(&k->center);
	k->center = kept;
}

/* What the center holds, changed behind its back. */
static void
change(struct linkkit *k, const char *sql)
{
	struct db_statement one = { "one", sql };
	struct db_schema schema = schema_link;
	struct err e = ERR_INIT;
	struct db_conn *c;
	struct db *db;
	char path[100];

	schema.statement = &one;
	schema.n_statements = 1;
	snprintf(path, sizeof(path), "%s/center.db", k->dir);
	is_int(db_open(&db, &schema, path, 0, &e), 0);
	c = db_take(db);
	ok(db_run(c, 0, &e) > 0);
	db_give(c);
	db_close(&db);
}

/* Fewer changes to a page when they are large: a body that doors take. */
static void
large_rows(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "nanao");
	struct db_conn *c;
	const char *reference;
	struct err e = ERR_INIT;
	json_t *page;
	size_t bytes;

	linkkit_link(k, person, TOWN);
	reference = linkkit_consent(k, person, COMPANY);
	linkkit_pull(k, 0);
	change(k,
		arena_printf(k->a,
			"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
			"FROM n WHERE i < 100) UPDATE consent SET asked = (SELECT "
			"json_group_array(printf('c%%0250d', i)) FROM n) "
			"WHERE reference = '%s'",
			reference));
	c = db_take(k->center.db);
	for (int i = 0; i < FEED_PAGE; i++) {
		struct query *q = db_query(c, Q_LINK_FEED_NEXT, db_text(TOWN));
		int64_t next = query_next(q) ? query_int(q, 0) : 0;

		(void)query_end(q, NULL);
		db_run(c, Q_LINK_FEED_ADD, &e, db_text(TOWN), db_int(next),
			db_text("consent"), db_text(reference));
	}
	db_give(c);
	is_int(feed_page(&k->center, TOWN, "", 0, k->a, &page, &e), 0);
	bytes = json_dumpb(page, NULL, 0, JSON_COMPACT);
	ok(bytes < (size_t)2 * FEED_BYTES);
	ok(linkkit_pull(k, 0) > 2);
}

int
main(void)
{
	struct linkkit k;

	linkkit_open(&k);
	two_parties_and_nobody_else(&k);
	what_a_server_reads(&k);
	transfers_apart(&k);
	order(&k);
	ended_stays_ended(&k);
	age(&k);
	restored_cache(&k);
	restored_center(&k);
	large_rows(&k);
	linkkit_close(&k);
	return tap_done();
}
