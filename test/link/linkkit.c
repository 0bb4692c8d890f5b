/* SPDX-License-Identifier: MIT */
/* What the tests of Personal-Link share; see linkkit.h. */
#include "linkkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db.h"
#include "err.h"
#include "file.h"
#include "link_sql.h"
#include "tap.h"
#include "text.h"

const char *const linkkit_member[3] = { TOWN, COMPANY, BANK };
static const char *const file_name[3] = { "town.db", "company.db", "bank.db" };

static void
must(int ret, const struct err *e, const char *what)
{
	if (ret) {
		printf("Bail out! %s: %s\n", what, e->text);
		exit(1);
	}
}

static void
take_part(struct linkkit *k, const char *member, const char *name)
{
	char door[200], home[200];
	struct err e = ERR_INIT;
	struct organisation o = { .member = member,
		.name = { name, name },
		.door = door,
		.return_url = home,
		.active = true,
		.attests = strcmp(member, TOWN) == 0 };

	snprintf(door, sizeof(door), "%s/link/cache", member);
	snprintf(home, sizeof(home), "https://www.example.org/%s/back",
		strrchr(member, '/') + 1);
	must(organisation_put(&k->center, &o, &e), &e, member);
}

const char *
linkkit_want(struct linkkit *k, const char *subsystem)
{
	struct err e = ERR_INIT;
	struct purpose p = { .subsystem = subsystem,
		.code = "grant",
		.title = { "補助金の申請", "Applying for a grant" },
		.reason = { "所得を確かめるため", "To check the income" },
		.policy_url = "https://www.example.org/privacy",
		.valid = true };

	must(link_member_of(k->a, subsystem, 4, &p.consumer, &e), &e,
		"purpose");
	must(purpose_put(&k->center, &p, k->a, &e), &e, "purpose");
	return p.id;
}

const char *
linkkit_offer(struct linkkit *k, const char *target)
{
	static const struct offering_item item[] = {
		{ "income", { "所得額", "income" } },
		{ "tax", { "税額", "tax" } },
		{ "year", { "年度", "year" } },
	};
	struct err e = ERR_INIT;
	struct offering s = { .target = target,
		.title = { "課税証明", "Tax certificate" },
		.data = { "所得と税の額", "Income and tax" },
		.legal = { "本人の同意", "Consent" },
		.item = item,
		.items = 3,
		.max_days = 365,
		.max_age = LINK_AGE_DEFAULT,
		.level = "2",
		.representable = true,
		.valid = true };

	must(link_member_of(k->a, target, 5, &s.provider, &e), &e, target);
	must(offering_put(&k->center, &s, k->a, &e), &e, "service");
	return s.id;
}

static void
declare(struct linkkit *k)
{
	k->service = linkkit_offer(k, TAX);
	k->purpose = linkkit_want(k, COMPANY "/loans");
	k->bank_purpose = linkkit_want(k, BANK "/loans");
}

static void
open_book(struct linkkit *k, struct linkbook *b, const char *name,
	enum link_mode mode)
{
	struct err e = ERR_INIT;
	char path[100];

	snprintf(path, sizeof(path), "%s/%s", k->dir, name);
	must(linkbook_open(b, path, mode, &e), &e, name);
	b->levels = "1,2,3";
}

void
linkkit_open(struct linkkit *k)
{
	static int count;

	memset(k, 0, sizeof(*k));
	snprintf(k->dir, sizeof(k->dir), "%s/%d", tap_dir(), ++count);
	must(strlen(k->dir) >= sizeof(k->dir) - 12,
		&(struct err){ .text = "path too long" }, "folder");
	must(dir_make(k->dir, NULL), &(struct err){ .text = "mkdir" },
		"folder");
	k->a = arena_new();
	open_book(k, &k->center, "center.db", LINK_CENTER);
	for (size_t i = 0; i < 3; i++)
		open_book(k, &k->cache[i], file_name[i], LINK_CACHE);
	take_part(k, TOWN, "町");
	take_part(k, COMPANY, "会社");
	take_part(k, BANK, "銀行");
	declare(k);
}

void
linkkit_close(struct linkkit *k)
{
	for (size_t i = 0; i < 3; i++)
		linkbook_close(&k->cache[i]);
	linkbook_close(&k->center);
	arena_free(&k->a);
}

int64_t
linkkit_person(struct linkkit *k, const char *subject)
{
	struct account_claim claim = { "https://op.example", subject, "2" };
	struct err e = ERR_INIT;
	int64_t person = 0;

	must(person_register(&k->center, &claim, &person, &e), &e, subject);
	return person;
}

struct opened {
	struct ticket_new t;
	struct arena *a;
	const char *secret;
};

static int
make_ticket(struct db_conn *c, void *arg, struct err *e)
{
	struct opened *o = arg;

	return ticket_make(c, &o->t, o->a, &o->secret, e);
}

const char *
linkkit_link(struct linkkit *k, int64_t person, const char *organisation)
{
	struct opened o = { .a = k->a,
		.t = { .kind = "link",
			.organisation = organisation,
			.seconds = TICKET_LINK_S } };
	struct err e = ERR_INIT;
	const char *out, *code;
	struct inquiry i;

	must(db_transact(k->center.db, make_ticket, &o, &e), &e, "ticket");
	must(ticket_link(&k->center, o.secret, person, k->a, &out, &code, &e),
		&e, "link");
	must(ticket_inquire(&k->center, organisation, code, k->a, &i, &e), &e,
		"inquiry");
	must(idlink_complete(&k->center, organisation, i.id, "registered", &e),
		&e, "registered");
	must(idlink_complete(&k->center, organisation, i.id, "linked", &e), &e,
		"linked");
	return i.id;
}

static void
ask_for(struct linkkit *k, const char *service, const char *subsystem,
	const char *purpose, const char **secret, const char **reference)
{
	struct consent_wish w = { .service = service, .days = 90 };
	struct consent_ask ask = { .subsystem = subsystem,
		.purpose = purpose,
		.wish = &w,
		.wishes = 1 };
	struct consent_asked asked;
	struct err e = ERR_INIT;

	must(link_member_of(k->a, subsystem, 4, &ask.consumer, &e), &e, "ask");
	must(consent_request(&k->center, &ask, k->a, &asked, &e), &e, "ask");
	*secret = asked.secret;
	*reference = asked.reference[0];
}

void
linkkit_ask(struct linkkit *k, const char *consumer, const char **secret,
	const char **reference)
{
	bool bank = str_equal(consumer, BANK);

	ask_for(k, k->service, bank ? BANK "/loans" : COMPANY "/loans",
		bank ? k->bank_purpose : k->purpose, secret, reference);
}

const char *
linkkit_grant(struct linkkit *k, int64_t person, const char *service,
	const char *subsystem, const char *purpose)
{
	static const char *const item[] = { "income", "year" };
	struct consent_viewer v = { .person = person, .level = "2" };
	struct consent_give g = { .item = item, .items = 2, .days = 30 };
	struct err e = ERR_INIT;
	const char *secret;
	struct ticket t;

	ask_for(k, service, subsystem, purpose, &secret, &g.reference);
	must(ticket_bind(&k->center, secret, person, k->a, &t, &e), &e, "bind");
	must(consent_approve(&k->center, &v, &g, 1, &e), &e, "approve");
	return g.reference;
}

const char *
linkkit_consent(struct linkkit *k, int64_t person, const char *consumer)
{
	bool bank = str_equal(consumer, BANK);

	return linkkit_grant(k, person, k->service,
		bank ? BANK "/loans" : COMPANY "/loans",
		bank ? k->bank_purpose : k->purpose);
}

int
linkkit_pull(struct linkkit *k, size_t cache)
{
	struct feed_taken taken = { .position = 0 };
	struct err e = ERR_INIT;
	struct contact now;
	json_t *page;
	int pages = 0;

	must(feed_contact(&k->cache[cache], linkkit_member[cache], &now, &e),
		&e, "contact");
	snprintf(taken.epoch, sizeof(taken.epoch), "%s", now.epoch);
	taken.position = now.position;
	do {
		must(feed_page(&k->center, linkkit_member[cache], taken.epoch,
			     taken.position, k->a, &page, &e),
			&e, "page");
		must(feed_take(&k->cache[cache], linkkit_member[cache], page,
			     &taken, &e),
			&e, "take");
		pages++;
	} while (taken.position < taken.last);
	return pages;
}

const char *
linkkit_value(struct linkkit *k, const char *file, const char *sql)
{
	struct db_statement one = { "one", sql };
	struct db_schema schema = schema_link;
	struct err e = ERR_INIT;
	const char *value = "";
	struct db_conn *c;
	struct query *q;
	struct db *db;
	char path[100];

	schema.statement = &one;
	schema.n_statements = 1;
	snprintf(path, sizeof(path), "%s/%s", k->dir, file);
	must(db_open(&db, &schema, path, DB_READONLY, &e), &e, sql);
	c = db_take(db);
	q = db_query(c, 0);
	if (query_next(q) && !query_null(q, 0))
		value = query_text_dup(k->a, q, 0);
	must(query_end(q, &e), &e, sql);
	db_give(c);
	db_close(&db);
	return value;
}

const char *
linkkit_state(struct linkkit *k, const char *reference)
{
	return linkkit_value(k, "center.db",
		arena_printf(k->a,
			"SELECT state FROM consent WHERE reference = '%s'",
			reference));
}
