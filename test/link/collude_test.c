/* SPDX-License-Identifier: MIT */
/*
 * Two organisations put the whole of their caches together: both ask a town for
 * data, and both give the town data about the same persons at the same moments.
 * Nothing in any table says who is whose: no identifier, no order of rows, no
 * time but days.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "linkkit.h"
#include "tap.h"
#include "text.h"
#include "tracker.h"
#include "usermaster.h"

enum { CROWD = 40, A_DAY = 4 };

struct half {
	size_t cache;
	const char *member, *file, *service;
	const char *pairwise[CROWD];
	json_t *dump; /* [table, column, text] of every value */
};

/* ---- what happened ---- */

static const char *
own_id(struct linkkit *k, const struct half *h, int i)
{
	return arena_printf(k->a, "user-%zu-%d", h->cache, i);
}

/* Under a consent, and by a service that needs none. */
static void
gave(struct linkkit *k, const struct half *h, int i, const char *reference)
{
	json_t *list = json_keep(k->a, json_array());
	char time[TIME_TEXT_MAX], id[LINK_ID_LEN + 1];
	struct err e = ERR_INIT;

	for (int known = 0; known < 2; known++) {
		json_t *one = json_object(), *words = json_object();

		link_id_make(id);
		json_put_str(one, "id", id);
		json_put_str(one, "at", time_iso_ms(time, clock_now()));
		json_put_str(words, "ja", "住所の確認");
		json_put_str(words, "en", "Address check");
		if (known) {
			json_put_str(one, "userId", own_id(k, h, i));
			json_put_str(one, "subsystem", TOWN "/residents");
			json_put_str(one, "target",
				arena_printf(k->a, "%s/shop/roll", h->member));
		} else {
			json_put_str(one, "reference", reference);
		}
		json_put_new(one, "words", words);
		json_array_append_new(list, one);
	}
	is_int(tracker_keep(&k->cache[h->cache], h->member, list, &e), 0);
}

static void
one_person(struct linkkit *k, struct half h[2], int i, const char *purpose)
{
	int64_t person = linkkit_person(k, arena_printf(k->a, "crowd%d", i));
	const char *reference[2];
	struct err e = ERR_INIT;

	linkkit_link(k, person, TOWN);
	for (size_t n = 0; n < 2; n++)
		h[n].pairwise[i] = linkkit_link(k, person, h[n].member);
	for (size_t n = 0; n < 2; n++) {
		linkkit_consent(k, person, h[n].member);
		reference[n] = linkkit_grant(
			k, person, h[n].service, TOWN "/residents", purpose);
		linkkit_pull(k, h[n].cache);
		is_int(user_put(&k->cache[h[n].cache], h[n].member,
			       h[n].pairwise[i], own_id(k, &h[n], i), &e),
			0);
	}
	for (size_t n = 0; n < 2; n++)
		gave(k, &h[n], i, reference[n]);
}

/* ---- every value of every table ---- */

static json_t *
dump(struct linkkit *k, const char *file)
{
	const struct json_limits limits = { .bytes = 8 << 20 };
	const char *all = linkkit_value(k, file,
		"SELECT group_concat('SELECT ''' || m.name || ''' AS t, ''' || "
		"c.name || ''' AS c, CAST(\"' || c.name || '\" AS TEXT) AS v "
		"FROM \"' || m.name || '\"', ' UNION ALL ') "
		"FROM sqlite_schema m, pragma_table_info(m.name) c WHERE "
		"m.type = 'table' AND m.name NOT LIKE 'sqlite_%'");
	const char *text = linkkit_value(k, file,
		arena_printf(k->a,
			"SELECT json_group_array(json_array(t, c, v)) FROM "
			"(%s) WHERE v IS NOT NULL",
			all));
	struct err e = ERR_INIT;
	json_t *j;

	is_int(json_parse(k->a, bytes_str(text), &limits, &j, &e), 0);
	return j;
}

/* Rows about organisations and declarations, which everybody may know, and
   about the cache itself. All others are about persons. */
static bool
is_public(const char *table)
{
	static const char *const name[] = { "organisation", "service",
		"purpose", "place", "contact", "usage_since", "usage_rule" };

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
		if (str_equal(table, name[i]))
			return true;
	return false;
}

static const char *
part(const json_t *one, size_t i)
{
	return json_string_value(json_array_get(one, i));
}

static bool
has_value(const json_t *list, const char *value, bool in_public)
{
	json_t *one;
	size_t i;

	json_each(one, i, list) {
		if (is_public(part(one, 0)) == in_public &&
			str_equal(part(one, 2), value))
			return true;
	}
	return false;
}

/* Words and names of subsystems, which the asker brings, say nothing. */
static bool
is_said(const char *column)
{
	static const char *const name[] = { "words_ja", "words_en", "consumer",
		"subsystem", "target" };

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
		if (str_equal(column, name[i]))
			return true;
	return false;
}

/* Long values about persons in one dump that the other has too. */
static int
common(const json_t *mine, const json_t *theirs)
{
	json_t *one;
	size_t i;
	int n = 0;

	json_each(one, i, mine) {
		const char *v = part(one, 2);

		if (is_public(part(one, 0)) || is_said(part(one, 1)) ||
			strlen(v) < 16 || strchr(v, '[') ||
			has_value(mine, v, true) ||
			!has_value(theirs, v, false))
			continue;
		tap_note("%s.%s has %s in common", part(one, 0), part(one, 1),
			v);
		n++;
	}
	return n;
}

/* Times about persons that are no begin of a day of Japan. */
static int
moments(const json_t *mine)
{
	json_t *one;
	size_t i;
	int n = 0;

	json_each(one, i, mine) {
		const char *v = part(one, 2);
		int64_t ms;

		if (is_public(part(one, 0)) ||
			int_parse(v, 1000000000000, INT64_MAX, &ms, NULL) ||
			link_day_begin(ms) == ms)
			continue;
		tap_note("%s.%s: %s", part(one, 0), part(one, 1), v);
		n++;
	}
	return n;
}

/* Rows about persons in tables that remember the order in which they came. */
static int
remembered(struct linkkit *k, const struct half *h)
{
	const char *names = linkkit_value(k, h->file,
		"SELECT ',' || group_concat(name) || ',' FROM "
		"pragma_table_list WHERE schema = 'main' AND wr = 0 AND "
		"type = 'table'");
	json_t *one;
	size_t i;
	int n = 0;

	json_each(one, i, h->dump) {
		const char *t = part(one, 0);

		if (is_public(t) ||
			!strstr(names, arena_printf(k->a, ",%s,", t)))
			continue;
		tap_note("%s keeps the order of rows", t);
		n++;
	}
	return n;
}

/* The rank of a person's identifier in the order of rows of a table. */
static int
rank_of(const char *list, const char *pairwise)
{
	const char *at = strstr(list, pairwise);

	return at ? (int)(at - list) / (LINK_ID_LEN + 3) : -1;
}

static void
no_order(struct linkkit *k, const struct half h[2], const char *table)
{
	const char *sql = arena_printf(k->a,
		"SELECT json_group_array(pairwise) FROM (SELECT pairwise FROM "
		"%s WHERE +pairwise IS NOT NULL)",
		table);
	const char *one = linkkit_value(k, h[0].file, sql);
	const char *two = linkkit_value(k, h[1].file, sql);
	int same = 0, ordered = 0, before = -1;

	for (int i = 0; i < CROWD; i++) {
		int a = rank_of(one, h[0].pairwise[i]);
		int b = rank_of(two, h[1].pairwise[i]);

		ok(a >= 0 && b >= 0);
		same += a == b;
		ordered += i && a > before;
		before = a;
	}
	/* chance alone: one in forty, one in two */
	ok_m(same < CROWD / 4, "%s: %d of %d at the same rank", table, same,
		CROWD);
	ok_m(ordered > CROWD / 5 && ordered < CROWD * 4 / 5,
		"%s: %d of %d in order", table, ordered, CROWD);
}

/* Nobody is alone on a day. */
static void
crowds(struct linkkit *k, const struct half *h, const char *table,
	const char *column)
{
	is_str(linkkit_value(k, h->file,
		       arena_printf(k->a,
			       "SELECT min(n) >= %d FROM (SELECT count(*) AS n "
			       "FROM %s GROUP BY %s)",
			       A_DAY, table, column)),
		"1");
}

static void
what_a_cache_never_has(struct linkkit *k, const struct half *h)
{
	is_str(linkkit_value(k, h->file,
		       "SELECT (SELECT count(*) FROM person) + (SELECT "
		       "count(*) FROM account) + (SELECT count(*) FROM "
		       "consent_step) + (SELECT count(*) FROM feed) + (SELECT "
		       "count(*) FROM transfer) + (SELECT count(*) FROM "
		       "id_conversion WHERE base_id IS NOT NULL OR person IS "
		       "NOT NULL)"),
		"0");
}

static void
alone(struct linkkit *k, struct half *h)
{
	h->dump = dump(k, h->file);
	ok(json_array_size(h->dump) > 1000);
	is_str(linkkit_value(k, h->file,
		       "SELECT count(*) FROM usage WHERE pairwise IS NOT NULL "
		       "OR user_id IS NOT NULL"),
		arena_printf(k->a, "%d", 2 * CROWD));
	is_int(moments(h->dump), 0);
	is_int(remembered(k, h), 0);
	crowds(k, h, "consent", "valid_from");
	crowds(k, h, "usage", "day");
	what_a_cache_never_has(k, h);
}

int
main(void)
{
	struct half h[2] = {
		{ .cache = 1, .member = COMPANY, .file = "company.db" },
		{ .cache = 2, .member = BANK, .file = "bank.db" }
	};
	struct linkkit k;
	const char *purpose;
	int64_t noon;

	linkkit_open(&k);
	noon = link_day_begin(clock_now()) + LINK_DAY_MS / 2 - clock_now();
	purpose = linkkit_want(&k, TOWN "/residents");
	for (size_t n = 0; n < 2; n++)
		h[n].service = linkkit_offer(
			&k, arena_printf(k.a, "%s/shop/orders", h[n].member));
	for (int i = 0; i < CROWD; i++) {
		/* four persons on each of ten days, in the same order */
		clock_shift(noon + i / A_DAY * LINK_DAY_MS + i * 1000);
		one_person(&k, h, i, purpose);
	}
	clock_shift(0);
	alone(&k, &h[0]);
	alone(&k, &h[1]);
	is_int(common(h[0].dump, h[1].dump), 0);
	no_order(&k, h, "id_conversion");
	no_order(&k, h, "id_link");
	no_order(&k, h, "user_master");
	no_order(&k, h, "usage");
	linkkit_close(&k);
	return tap_done();
}
