/* SPDX-License-Identifier: MIT */
/*
 * "Who used my data?": transfers stay in the provider's cache for the person
 * they are about and nobody else, once; rules of the officers.
 */
#include "tracker.h"

#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_sql.h"
#include "linkkit.h"
#include "tap.h"
#include "text.h"
#include "usermaster.h"

#define DAY ((int64_t)86400000)

struct town {
	struct linkkit k;
	const char *hanako, *taro;     /* pairwise */
	const char *loan, *bank, *his; /* consents */
	int64_t now;
};

static void
transfer(struct town *t, const char *id, const char *reference, int64_t at)
{
	json_t *list = json_keep(t->k.a, json_array()), *one = json_object();
	char time[TIME_TEXT_MAX];
	struct err e = ERR_INIT;

	json_put_str(one, "id", id);
	json_put_str(one, "at", time_iso_ms(time, at));
	json_put_str(one, "reference", reference);
	json_array_append_new(list, one);
	is_int(tracker_keep(&t->k.cache[0], TOWN, list, &e), 0);
}

static int64_t
day_of(int64_t ms)
{
	return link_day_begin(ms);
}

static struct usage *
find(struct town *t, const char *code, int64_t offset, int64_t limit, size_t *n,
	int64_t *total)
{
	const struct usage_ask ask = { .organisation = TOWN,
		.code = code,
		.to = INT64_MAX,
		.offset = offset,
		.limit = limit };
	struct err e = ERR_INIT;
	struct usage *u;

	is_int(tracker_find(&t->k.cache[0], &ask, t->k.a, &u, n, total, &e), 0);
	return u;
}

static int
total(struct town *t, const char *code)
{
	int64_t all;
	size_t n;

	find(t, code, 0, 1000, &n, &all);
	is_int((int)n, (int)all);
	return (int)all;
}

static const char *
add_rule(struct town *t, const char *text)
{
	const struct json_limits limits = { .bytes = 4000 };
	struct err e = ERR_INIT;
	const char *id = "";
	json_t *j;

	is_int(json_parse(t->k.a, bytes_str(text), &limits, &j, &e), 0);
	is_int(tracker_rule_add(&t->k.cache[0], j, t->k.a, &id, &e), 0);
	return id;
}

static void
remove_rule(struct town *t, const char *id)
{
	struct err e = ERR_INIT;

	is_int(tracker_rule_remove(&t->k.cache[0], id, &e), 0);
	is_int(tracker_rule_remove(&t->k.cache[0], id, &e), -1);
	is_int(e.fault, FAULT_NOT_FOUND);
}

static void
set_up(struct town *t)
{
	int64_t hanako, taro;
	struct err e = ERR_INIT;

	linkkit_open(&t->k);
	hanako = linkkit_person(&t->k, "hanako");
	taro = linkkit_person(&t->k, "taro");
	t->hanako = linkkit_link(&t->k, hanako, TOWN);
	t->taro = linkkit_link(&t->k, taro, TOWN);
	t->loan = linkkit_consent(&t->k, hanako, COMPANY);
	t->bank = linkkit_consent(&t->k, hanako, BANK);
	t->his = linkkit_consent(&t->k, taro, COMPANY);
	linkkit_pull(&t->k, 0);
	is_int(user_put(&t->k.cache[0], TOWN, t->hanako, "H-1", &e), 0);
	is_int(user_put(&t->k.cache[0], TOWN, t->taro, "T-1", &e), 0);
	t->now = clock_now();
	is_int(tracker_begin(&t->k.cache[0], &e), 0);
}

static void
ones_own(struct town *t)
{
	struct usage *u;
	int64_t all;
	size_t n;

	transfer(t, "t1", t->loan, t->now - 3 * DAY);
	transfer(t, "t2", t->bank, t->now - DAY);
	transfer(t, "t3", t->his, t->now - 2 * DAY);
	transfer(t, "t1", t->loan, t->now); /* again */
	is_int(total(t, "H-1"), 2);
	is_int(total(t, t->hanako), 2);
	is_int(total(t, "T-1"), 1);
	is_int(total(t, "H-"), 0);
	is_int(total(t, "%"), 0);
	u = find(t, "H-1", 0, 1, &n, &all);
	is_int((int)all, 2);
	is_int((int)n, 1);
	is_str(u[0].subsystem, BANK "/loans");
	is_str(u[0].consumer.ja, "銀行");
	is_str(u[0].purpose.en, "Applying for a grant");
	is_str(u[0].service.ja, "課税証明");
	ok(u[0].day == day_of(t->now - DAY) && !u[0].bulk.ja);
	u = find(t, "H-1", 1, 1, &n, &all);
	ok(n == 1 && u[0].day == day_of(t->now - 3 * DAY));
	find(t, "H-1", 2, 1, &n, &all);
	ok(n == 0 && all == 2);
}

static void
who_is_meant(struct town *t)
{
	struct err e = ERR_INIT;
	bool same = false;

	is_int(tracker_same(&t->k.cache[0], TOWN, "H-1", t->hanako, &same, &e),
		0);
	ok(same);
	is_int(tracker_same(&t->k.cache[0], TOWN, "H-1", "T-1", &same, &e), 0);
	ok(!same);
	is_int(tracker_same(&t->k.cache[0], TOWN, "X-1", "X-2", &same, &e), 0);
	ok(!same);
	/* somebody's user ID is another's identifier: nobody is meant */
	is_int(user_put(&t->k.cache[0], TOWN, t->taro, t->hanako, &e), 0);
	is_int(total(t, t->hanako), 0);
	is_int(total(t, "T-1"), 0);
	is_int(user_put(&t->k.cache[0], TOWN, t->taro, "T-1", &e), 0);
	is_int(total(t, t->hanako), 2);
}

/* Linked anew: another identifier, the same user. */
static void
linked_anew(struct town *t)
{
	struct linkbook *b = &t->k.cache[0];
	int64_t person = linkkit_person(&t->k, "yuki");
	const struct consent_viewer v = { .person = person, .level = "2" };
	const char *first = linkkit_link(&t->k, person, TOWN), *second;
	struct err e = ERR_INIT;

	is_int(user_put(b, TOWN, first, "Y-1", &e), 0);
	transfer(t, "y1", linkkit_consent(&t->k, person, COMPANY), t->now);
	linkkit_pull(&t->k, 0);
	is_int(tracker_sweep(b, 1000, &e), 0);
	is_int(total(t, "Y-1"), 1);
	/* given to another by mistake: not theirs while the link is there */
	is_int(user_put(b, TOWN, t->taro, "Y-1", &e), 0);
	is_int(total(t, "Y-1"), 1);
	is_int(user_put(b, TOWN, t->taro, "T-1", &e), 0);
	is_int(user_put(b, TOWN, first, "Y-1", &e), 0);
	is_int(person_unlink(&t->k.center, &v, TOWN, &e), 0);
	second = linkkit_link(&t->k, person, TOWN);
	linkkit_pull(&t->k, 0);
	is_int(user_put(b, TOWN, second, "Y-1", &e), 0);
	is_int(total(t, "Y-1"), 1);
	transfer(t, "y2", linkkit_consent(&t->k, person, COMPANY), t->now);
	linkkit_pull(&t->k, 0);
	is_int(tracker_sweep(b, 1000, &e), 0);
	is_int(total(t, "Y-1"), 2);
	is_int(total(t, second), 2);
	is_int(total(t, "T-1"), 1);
	is_int(user_remove(b, TOWN, second, &e), 0);
	is_int(total(t, "Y-1"), 0);
}

static void
rules(struct town *t)
{
	const char *bulk, *hide, *delay;
	struct usage *u;
	int64_t all;
	size_t n;

	delay = add_rule(t,
		"{\"kind\":\"delay\",\"days\":2,\"purpose\":\"grant\","
		"\"reason\":\"r\"}");
	u = find(t, "H-1", 0, 10, &n, &all);
	ok(n == 1 && all == 1 && u[0].day == day_of(t->now - 3 * DAY));
	/* two days after the end of its own */
	clock_shift(day_of(t->now) + 2 * DAY - t->now - 60000);
	is_int(total(t, "H-1"), 1);
	clock_shift(day_of(t->now) + 2 * DAY - t->now + 60000);
	is_int(total(t, "H-1"), 2);
	hide = add_rule(t, "{\"kind\":\"hide\",\"consumer\":\"" BANK
			   "\",\"target\":\"" TAX "\",\"reason\":\"r\"}");
	u = find(t, "H-1", 0, 10, &n, &all);
	ok(n == 1 && all == 1 && !strncmp(u[0].subsystem, COMPANY, 15));
	bulk = add_rule(t,
		"{\"kind\":\"bulk\",\"consumer\":\"" COMPANY
		"\",\"words\":{\"ja\":\"一括照会\",\"en\":\"Bulk query\"},"
		"\"reason\":\"r\"}");
	u = find(t, "H-1", 0, 10, &n, &all);
	is_str(u[0].bulk.en, "Bulk query");
	remove_rule(t, hide);
	u = find(t, "H-1", 0, 10, &n, &all);
	ok(n == 2 && !u[0].bulk.ja && u[1].bulk.ja);
	remove_rule(t, bulk);
	remove_rule(t, delay);
	is_int(total(t, "H-1"), 2);
}

static void
bad_rules(struct town *t)
{
	static const char *const bad[] = {
		"{}",
		"{\"kind\":\"hide\",\"reason\":\"r\"}",
		"{\"kind\":\"hide\",\"purpose\":\"x\"}",
		"{\"kind\":\"late\",\"purpose\":\"x\",\"reason\":\"r\"}",
		"{\"kind\":\"delay\",\"purpose\":\"x\",\"reason\":\"r\"}",
		"{\"kind\":\"delay\",\"days\":0,\"purpose\":\"x\",\"reason\":"
		"\"r\"}",
		"{\"kind\":\"bulk\",\"purpose\":\"x\",\"reason\":\"r\"}",
		"{\"kind\":\"hide\",\"consumer\":\"x\",\"reason\":\"r\"}",
		"{\"kind\":\"hide\",\"target\":\"" TOWN "\",\"reason\":\"r\"}",
	};
	const struct json_limits limits = { .bytes = 4000 };
	struct linkbook *b = &t->k.cache[0];
	const char *id;
	json_t *j;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = ERR_INIT;

		is_int(json_parse(t->k.a, bytes_str(bad[i]), &limits, &j, &e),
			0);
		is_int(tracker_rule_add(b, j, t->k.a, &id, &e), -1);
		is_int(e.fault, FAULT_BAD_REQUEST);
	}
}

/* The consent comes after its transfer: nobody's until then. */
static void
late_consent(struct town *t)
{
	struct linkbook *b = &t->k.cache[0];
	struct err e = ERR_INIT;
	const char *reference;
	int64_t person, waiting;

	person = linkkit_person(&t->k, "saburo");
	linkkit_link(&t->k, person, TOWN);
	reference = linkkit_consent(&t->k, person, COMPANY);
	transfer(t, "t9", reference, t->now);
	is_int(tracker_waiting(b, &waiting, &e), 0);
	is_int((int)waiting, 1);
	is_int(tracker_sweep(b, 1000, &e), 0);
	is_int(tracker_waiting(b, &waiting, &e), 0);
	is_int((int)waiting, 1);
	linkkit_pull(&t->k, 0);
	is_int(tracker_sweep(b, 1000, &e), 0);
	is_int(tracker_waiting(b, &waiting, &e), 0);
	is_int((int)waiting, 0);
	is_int(total(t, "H-1"), 2);
}

static void
how_long(struct town *t)
{
	struct linkbook *b = &t->k.cache[0];
	struct err e = ERR_INIT;
	int64_t since;

	is_int(tracker_since(b, 1000, &since, &e), 0);
	ok(since == day_of(t->now - 3 * DAY));
	is_int(tracker_since(b, 1, &since, &e), 0);
	ok(since == day_of(clock_now() - DAY));
	/* of the day that ended three days ago, not of the one after */
	clock_shift(day_of(t->now) + DAY - t->now - 60000);
	is_int(tracker_sweep(b, 3, &e), 0);
	is_int(total(t, "H-1"), 2);
	clock_shift(day_of(t->now) + DAY - t->now + 60000);
	is_int(tracker_sweep(b, 3, &e), 0);
	is_int(total(t, "H-1"), 1);
	clock_shift(400 * DAY);
	is_int(tracker_sweep(b, 30, &e), 0);
	is_int(total(t, "H-1"), 0);
	is_str(linkkit_value(&t->k, "town.db", "SELECT count(*) FROM usage"),
		"0");
	/* other places have none */
	is_str(linkkit_value(&t->k, "center.db", "SELECT count(*) FROM usage"),
		"0");
}

/* Of times the day is kept, and asked for. */
static void
days_only(struct town *t)
{
	const int64_t day = day_of(t->now - DAY);
	struct usage_ask ask = {
		.organisation = TOWN, .code = "H-1", .limit = 10
	};
	struct err e = ERR_INIT;
	struct usage *u;
	int64_t all;
	size_t n;

	is_str(linkkit_value(&t->k, "town.db",
		       "SELECT count(*) FROM usage WHERE (day + 32400000) % "
		       "86400000 <> 0"),
		"0");
	ask.from = ask.to = day + DAY - 1; /* its last moment */
	is_int(tracker_find(&t->k.cache[0], &ask, t->k.a, &u, &n, &all, &e), 0);
	is_int((int)n, 1);
	ask.from = ask.to = day;
	is_int(tracker_find(&t->k.cache[0], &ask, t->k.a, &u, &n, &all, &e), 0);
	is_int((int)n, 1);
	ask.from = ask.to = day - 1;
	is_int(tracker_find(&t->k.cache[0], &ask, t->k.a, &u, &n, &all, &e), 0);
	is_int((int)n, 0);
}

static int
keep(struct town *t, const char *text, struct err *e)
{
	const struct json_limits limits = { .bytes = 4000 };
	json_t *list;

	is_int(json_parse(t->k.a, bytes_str(text), &limits, &list, NULL), 0);
	return tracker_keep(&t->k.cache[0], TOWN, list, e);
}

#define WITHOUT(id, user, more)                              \
 "{\"id\":\"" id "\",\"at\":\"2026-01-02T03:04:05Z\","       \
 "\"userId\":\"" user "\",\"subsystem\":\"" BANK "/desk\","  \
 "\"target\":\"" TOWN "/residents/roll\",\"words\":{\"ja\":" \
 "\"住所の確認\",\"en\":\"Address check\"}" more "}"

/* Services that need no consent: the asker named the person as we do. */
static void
without_consent(struct town *t)
{
	struct err e = ERR_INIT;
	struct usage *u;
	const char *hide;
	int64_t all;
	size_t n;

	is_int(keep(t,
		       "[" WITHOUT("w1", "T-1",
			       ",\"purpose\":\"move\"") "," WITHOUT("w2", "Z-9",
			       "") "," WITHOUT("w1", "T-1", "") "]",
		       &e),
		0);
	/* linked: by both names; not linked: by the own */
	is_int(total(t, "T-1"), 1);
	u = find(t, t->taro, 0, 10, &n, &all);
	ok(n == 1 && all == 1);
	is_str(u[0].subsystem, BANK "/desk");
	is_str(u[0].consumer.en, "銀行");
	is_str(u[0].purpose.en, "Address check");
	ok(!u[0].service.ja && !u[0].bulk.ja);
	is_int(total(t, "Z-9"), 1);
	is_int(total(t, "z-9"), 0);
	hide = add_rule(t, "{\"kind\":\"hide\",\"purpose\":\"move\","
			   "\"reason\":\"r\"}");
	is_int(total(t, "T-1"), 0);
	is_int(total(t, "Z-9"), 1);
	remove_rule(t, hide);
	hide = add_rule(t, "{\"kind\":\"hide\",\"target\":\"" TOWN
			   "/residents/roll\",\"reason\":\"r\"}");
	is_int(total(t, "T-1"), 0);
	is_int(total(t, "Z-9"), 0);
	remove_rule(t, hide);
	/* nothing of a list with one that does not fit */
	is_int(keep(t, "[" WITHOUT("w3", "Z-9", "") ",{\"id\":\"w4\"}]", &e),
		-1);
	is_int(e.fault, FAULT_BAD_REQUEST);
	err_reset(&e);
	is_int(keep(t,
		       "[{\"id\":\"w5\",\"at\":\"2026-01-02T03:04:05Z\","
		       "\"userId\":\"Z-9\",\"subsystem\":\"" BANK
		       "/desk\",\"target\":\"" BANK "/a/b\",\"words\":"
		       "{\"ja\":\"a\",\"en\":\"b\"}}]",
		       &e),
		-1);
	is_int(e.fault, FAULT_BAD_REQUEST);
	is_int(total(t, "Z-9"), 1);
	is_int(tracker_sweep(&t->k.cache[0], 36500, NULL), 0);
	is_int(total(t, "Z-9"), 1);
}

int
main(void)
{
	struct town t;

	set_up(&t);
	ones_own(&t);
	days_only(&t);
	who_is_meant(&t);
	linked_anew(&t);
	rules(&t);
	bad_rules(&t);
	late_consent(&t);
	how_long(&t);
	without_consent(&t);
	linkkit_close(&t.k);
	return tap_done();
}
