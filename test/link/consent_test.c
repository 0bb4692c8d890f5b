/* SPDX-License-Identifier: MIT */
/*
 * Consents: the table of states, asking and deciding, who may, what ends
 * them, and that their history is kept.
 */
#include "consent.h"

#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "linkkit.h"
#include "tap.h"
#include "text.h"

static const char *const both[] = { "income", "year" };

static void
table_of_states(void)
{
	int rows = 0;

	for (int from = 0; from < CONSENT_STATES; from++)
		for (int to = 0; to < CONSENT_STATES; to++)
			for (int who = 0; who < ACTORS; who++)
				rows += consent_may((enum consent_state)from,
					(enum consent_state)to,
					(enum consent_actor)who);
	is_int(rows, 16);
	ok(consent_may(CONSENT_REQUESTED, CONSENT_APPROVED, ACTOR_RESIDENT));
	ok(!consent_may(CONSENT_REQUESTED, CONSENT_APPROVED, ACTOR_OFFICER));
	ok(!consent_may(CONSENT_REQUESTED, CONSENT_APPROVED, ACTOR_CONSUMER));
	for (int to = 0; to < CONSENT_STATES; to++)
		for (int who = 0; who < ACTORS; who++)
			ok(!consent_may(CONSENT_WITHDRAWN,
				(enum consent_state)to,
				(enum consent_actor)who));
	is_int(consent_state_by_name("declined"), CONSENT_DECLINED);
	is_int(consent_state_by_name("maybe"), CONSENT_STATES);
}

static void
give_and_take_back(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "ichiro");
	struct consent_viewer v = { .person = person, .level = "2" };
	struct consent_step *step;
	struct err e = ERR_INIT;
	const char *reference;
	struct consent c;
	size_t n = 0;

	linkkit_link(k, person, TOWN);
	reference = linkkit_consent(k, person, COMPANY);
	is_int(consent_get(&k->center, &v, reference, k->a, &c, &e), 0);
	is_int(c.state, CONSENT_APPROVED);
	is_int((int)json_array_size(c.asked), 3);
	is_int((int)json_array_size(c.items), 2);
	is_int(c.valid_from, link_day_begin(clock_now()));
	is_int(c.valid_to, link_day_end(clock_now(), 30));
	is_int((int)strlen(c.subject), LINK_ID_LEN);
	is_str(c.provider.ja, "町");
	is_int(consent_withdraw(&k->center, &v, reference, &e), 0);
	is_str(linkkit_state(k, reference), "withdrawn");
	is_int(consent_withdraw(&k->center, &v, reference, &e), -1);
	is_str(e.code, "link.consent_state");
	err_reset(&e);
	is_int(consent_steps(&k->center, &v, reference, k->a, &step, &n, &e),
		0);
	is_int((int)n, 3);
	is_str(step[0].to, "requested");
	is_str(step[1].to, "approved");
	is_str(step[2].to, "withdrawn");
	ok(!step[0].mine && step[1].mine && step[2].mine);
	is_str(linkkit_value(
		       k, "center.db", "SELECT count(*) FROM consent_evidence"),
		"2");
	ok(strstr(linkkit_value(k, "center.db",
			  "SELECT document FROM consent_evidence"),
		   "personal-link-decision") != NULL);
}

static void
refused(struct linkkit *k, const struct consent_viewer *v,
	const struct consent_give *g, const char *code)
{
	struct err e = ERR_INIT;

	is_int(consent_approve(&k->center, v, g, 1, &e), -1);
	is_str(e.code, code);
	ok(strlen(link_refusal_ja(&e)) > 0);
}

static void
who_may_and_what(struct linkkit *k)
{
	static const char *const other[] = { "address" };
	int64_t person = linkkit_person(k, "jiro");
	int64_t stranger = linkkit_person(k, "saburo");
	struct consent_viewer v = { .person = person, .level = "2" };
	struct consent_viewer s = { .person = stranger, .level = "3" };
	struct consent_viewer low = { .person = person, .level = "1" };
	struct consent_give g = { .item = both, .items = 2, .days = 30 };
	struct err e = ERR_INIT;
	const char *secret;
	struct ticket t;

	linkkit_ask(k, COMPANY, &secret, &g.reference);
	refused(k, &v, &g, "link.consent_unknown"); /* not bound yet */
	/* whoever looks at it uses nothing up */
	is_int(ticket_open(&k->center, secret, stranger, k->a, &t, &e), 0);
	is_int(ticket_open(&k->center, secret, person, k->a, &t, &e), 0);
	ok(!t.person);
	is_int(ticket_bind(&k->center, secret, person, k->a, &t, &e), 0);
	is_int(ticket_bind(&k->center, secret, stranger, k->a, &t, &e), -1);
	is_str(e.code, "link.link_of_another");
	err_reset(&e);
	is_int(ticket_open(&k->center, secret, stranger, k->a, &t, &e), -1);
	is_str(e.code, "link.link_of_another");
	err_reset(&e);
	refused(k, &s, &g, "link.consent_unknown");
	refused(k, &low, &g, "link.level");
	refused(k, &v, &g, "link.provider_not_linked");
	linkkit_link(k, person, TOWN);
	g.days = 366;
	refused(k, &v, &g, "link.consent_days");
	g.days = 0;
	refused(k, &v, &g, "link.consent_days");
	g.days = 1;
	g.item = other;
	g.items = 1;
	refused(k, &v, &g, "link.consent_items");
	g.items = 0;
	refused(k, &v, &g, "link.consent_items");
	g.item = both;
	g.items = 2;
	is_int(consent_approve(&k->center, &v, &g, 1, &e), 0);
	is_int(ticket_use(&k->center, secret, person, &e), 0);
	is_int(ticket_look(&k->center, secret, k->a, &t, &e), -1);
	is_str(e.code, "link.link_used");
	err_reset(&e);
	/* fewer items for longer: the same consent */
	g.items = 1;
	g.days = 60;
	is_int(consent_approve(&k->center, &v, &g, 1, &e), 0);
	is_str(linkkit_value(k, "center.db",
		       arena_printf(k->a,
			       "SELECT items FROM consent WHERE reference = "
			       "'%s'",
			       g.reference)),
		"[\"income\"]");
}

static const char *
steps_of(struct linkkit *k, const char *reference)
{
	return linkkit_value(k, "center.db",
		arena_printf(k->a,
			"SELECT count(*) FROM consent_step WHERE reference = "
			"'%s'",
			reference));
}

/* A button that was pressed twice decided once. */
static void
pressed_twice(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "twice");
	struct consent_viewer v = { .person = person, .level = "2" };
	struct consent_give g = { .item = both, .items = 2, .days = 30 };
	struct err e = ERR_INIT;

	linkkit_link(k, person, TOWN);
	g.reference = linkkit_consent(k, person, COMPANY);
	is_str(steps_of(k, g.reference), "2");
	is_int(consent_approve(&k->center, &v, &g, 1, &e), 0);
	is_str(steps_of(k, g.reference), "2");
	g.days = 29;
	is_int(consent_approve(&k->center, &v, &g, 1, &e), 0);
	is_str(steps_of(k, g.reference), "3");
}

/* What is over is over, also when nobody has swept yet. */
static void
too_late(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "late");
	struct consent_viewer v = { .person = person, .level = "2" };
	struct consent_give g = { .item = both, .items = 2, .days = 30 };
	struct err e = ERR_INIT;
	const char *secret, *given;
	struct ticket t;

	linkkit_link(k, person, TOWN);
	given = linkkit_consent(k, person, BANK);
	linkkit_ask(k, COMPANY, &secret, &g.reference);
	is_int(ticket_bind(&k->center, secret, person, k->a, &t, &e), 0);
	clock_shift((int64_t)8 * LINK_DAY_MS);
	refused(k, &v, &g, "link.consent_state");
	is_int(consent_decline(&k->center, &v, g.reference, &e), -1);
	is_str(e.code, "link.consent_state");
	clock_shift((int64_t)32 * LINK_DAY_MS);
	g.reference = given;
	refused(k, &v, &g, "link.consent_state");
	err_reset(&e);
	is_int(consent_withdraw(&k->center, &v, given, &e), -1);
	is_str(e.code, "link.consent_state");
	err_reset(&e);
	is_int(consent_give_back(&k->center, BANK, given, &e), -1);
	is_str(e.code, "link.consent_state");
	err_reset(&e);
	ok(consent_sweep(&k->center, &e) > 0);
	is_str(linkkit_state(k, given), "expired");
	clock_shift(0);
}

static void
all_or_nothing(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "goro");
	struct consent_viewer v = { .person = person, .level = "2" };
	struct consent_give g[2] = { { .item = both, .items = 2, .days = 30 },
		{ .item = both, .items = 2, .days = 400 } };
	struct err e = ERR_INIT;
	const char *secret;
	struct ticket t;

	linkkit_link(k, person, TOWN);
	for (int i = 0; i < 2; i++) {
		linkkit_ask(k, COMPANY, &secret, &g[i].reference);
		is_int(ticket_bind(&k->center, secret, person, k->a, &t, &e),
			0);
	}
	is_int(consent_approve(&k->center, &v, g, 2, &e), -1);
	is_str(linkkit_state(k, g[0].reference), "requested");
	err_reset(&e);
	is_int(consent_decline(&k->center, &v, g[1].reference, &e), 0);
	is_str(linkkit_state(k, g[1].reference), "declined");
}

static void
asked_once(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "rokuro");
	struct consent_wish w = {
		.service = k->service, .item = both, .items = 2
	};
	struct consent_ask ask = { .consumer = COMPANY,
		.subsystem = COMPANY "/loans",
		.purpose = k->purpose,
		.wish = &w,
		.wishes = 1 };
	struct consent_asked asked;
	struct err e = ERR_INIT;
	const char *reference;

	linkkit_link(k, person, TOWN);
	ask.pairwise = linkkit_link(k, person, COMPANY);
	reference = linkkit_consent(k, person, COMPANY);
	is_int(consent_request(&k->center, &ask, k->a, &asked, &e), 0);
	ok(asked.secret == NULL && asked.valid[0]);
	is_str(asked.reference[0], reference);
	ask.return_url = "https://www.example.org/7001/back/x?y=1";
	is_int(consent_request(&k->center, &ask, k->a, &asked, &e), 0);
	ask.return_url = "https://www.example.org/7001/back.evil.example/";
	is_int(consent_request(&k->center, &ask, k->a, &asked, &e), -1);
	is_str(e.code, "link.return_url");
	err_reset(&e);
	ask.return_url = NULL;
	ask.purpose = k->bank_purpose;
	is_int(consent_request(&k->center, &ask, k->a, &asked, &e), -1);
	is_str(e.code, "link.purpose_unknown");
	err_reset(&e);
	ask.purpose = k->purpose;
	ask.pairwise = "0123456789abcdef0123456789abcdef";
	is_int(consent_request(&k->center, &ask, k->a, &asked, &e), -1);
	is_str(e.code, "link.id_unknown");
}

/* A link meant for somebody does not open for another. */
static void
meant_for_one(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "nanako");
	int64_t other = linkkit_person(k, "yae");
	struct consent_wish w = { .service = k->service };
	struct consent_ask ask = { .consumer = COMPANY,
		.subsystem = COMPANY "/loans",
		.purpose = k->purpose,
		.wish = &w,
		.wishes = 1 };
	struct consent_asked asked;
	struct err e = ERR_INIT;
	struct ticket t;

	ask.pairwise = linkkit_link(k, person, COMPANY);
	is_int(consent_request(&k->center, &ask, k->a, &asked, &e), 0);
	is_int(ticket_bind(&k->center, asked.secret, other, k->a, &t, &e), -1);
	is_str(e.code, "link.link_of_another");
	err_reset(&e);
	is_int(ticket_bind(&k->center, asked.secret, person, k->a, &t, &e), 0);
	clock_shift((int64_t)8 * LINK_DAY_MS);
	is_int(ticket_look(&k->center, asked.secret, k->a, &t, &e), -1);
	is_str(e.code, "link.link_expired");
	err_reset(&e);
	ok(consent_sweep(&k->center, &e) > 0);
	is_str(linkkit_state(k, asked.reference[0]), "expired");
	clock_shift(0);
}

static void
represented(struct linkkit *k)
{
	int64_t parent = linkkit_person(k, "parent");
	int64_t child = linkkit_person(k, "child");
	struct attestation t = { .organisation = TOWN,
		.kind = "child",
		.valid_to = clock_now() + 30 * LINK_DAY_MS };
	struct consent_viewer v = {
		.person = parent, .represented = child, .level = "2"
	};
	struct consent_give g = { .item = both, .items = 2, .days = 200 };
	struct err e = ERR_INIT;
	struct represented *list;
	const char *secret, *id;
	struct ticket ticket;
	size_t n;

	t.person = linkkit_link(k, child, TOWN);
	t.representative = linkkit_link(k, parent, TOWN);
	linkkit_ask(k, COMPANY, &secret, &g.reference);
	is_int(ticket_bind(&k->center, secret, child, k->a, &ticket, &e), 0);
	refused(k, &v, &g, "link.representation_unknown");
	is_int(representation_add(&k->center, &t, k->a, &id, &e), 0);
	is_int(person_represented(&k->center, parent, k->a, &list, &n, &e), 0);
	is_int((int)n, 1);
	is_int(list[0].person, child);
	is_int(person_representatives(&k->center, child, k->a, &list, &n, &e),
		0);
	ok(n == 1 && list[0].person == parent);
	is_str(list[0].name_ja, "町");
	is_int(person_representatives(&k->center, parent, k->a, &list, &n, &e),
		0);
	is_int((int)n, 0);
	is_int(consent_approve(&k->center, &v, &g, 1, &e), 0);
	is_str(linkkit_value(k, "center.db",
		       "SELECT actor FROM consent_step ORDER BY id DESC"),
		"representative");
	is_int(representation_end(&k->center, COMPANY, id, &e), -1);
	err_reset(&e);
	is_int(representation_end(&k->center, TOWN, id, &e), 0);
	is_int(person_representatives(&k->center, child, k->a, &list, &n, &e),
		0);
	is_int((int)n, 0);
	is_int(consent_withdraw(&k->center, &v, g.reference, &e), -1);
	is_str(e.code, "link.representation_unknown");
}

/* A child without an account: registered by the town, decided for by its
   parent; without parent nothing goes on. */
static void
small_child(struct linkkit *k)
{
	static const char *const notice[] = { "registered", "linked" };
	int64_t parent = linkkit_person(k, "father");
	const char *whom = NULL, *id, *secret;
	struct attestation t = { .organisation = TOWN,
		.kind = "child",
		.valid_to = clock_now() + 30 * LINK_DAY_MS,
		.registered = &whom };
	struct consent_viewer v = { .person = parent, .level = "2" };
	struct consent_give g = { .item = both, .items = 2, .days = 90 };
	struct err e = ERR_INIT;
	struct represented *list;
	struct ticket ticket;
	size_t n;

	t.representative = linkkit_link(k, parent, TOWN);
	is_int(representation_add(&k->center, &t, k->a, &id, &e), 0);
	ok(whom && strlen(whom) == LINK_ID_LEN);
	for (size_t i = 0; i < 2; i++)
		is_int(idlink_complete(&k->center, TOWN, whom, notice[i], &e),
			0);
	is_int(person_represented(&k->center, parent, k->a, &list, &n, &e), 0);
	is_int((int)n, 1);
	v.represented = list[0].person;
	linkkit_ask(k, COMPANY, &secret, &g.reference);
	is_int(ticket_bind(
		       &k->center, secret, v.represented, k->a, &ticket, &e),
		0);
	is_int(consent_approve(&k->center, &v, &g, 1, &e), 0);
	is_int(consent_sweep(&k->center, &e) >= 0, 1);
	is_str(linkkit_state(k, g.reference), "approved");
	/* its link is the parent's to end; a stranger's is not */
	is_int(person_unlink(&k->center,
		       &(struct consent_viewer){
			       .person = linkkit_person(k, "uncle"),
			       .represented = v.represented },
		       TOWN, &e),
		-1);
	is_str(e.code, "link.representation_unknown");
	err_reset(&e);
	clock_shift((int64_t)31 * LINK_DAY_MS);
	ok(consent_sweep(&k->center, &e) > 0);
	is_str(linkkit_state(k, g.reference), "inapplicable");
	clock_shift(0);
	/* of a link that has ended nobody says anything */
	is_int(idlink_complete(
		       &k->center, TOWN, t.representative, "unlinked", &e),
		0);
	is_int(representation_add(&k->center, &t, k->a, &id, &e), -1);
	is_str(e.code, "link.id_unknown");
}

/* Who represents somebody sees and decides everything of theirs: not any
   organisation that is linked with both may say so. */
static void
attested_by_a_company(struct linkkit *k)
{
	int64_t thief = linkkit_person(k, "thief");
	int64_t victim = linkkit_person(k, "victim");
	struct attestation t = { .organisation = COMPANY,
		.kind = "ward",
		.valid_to = clock_now() + 30 * LINK_DAY_MS };
	struct consent_viewer v = {
		.person = thief, .represented = victim, .level = "2"
	};
	struct organisation o;
	struct represented *list;
	struct err e = ERR_INIT;
	struct consent *c;
	const char *id;
	size_t n;

	t.person = linkkit_link(k, victim, COMPANY);
	t.representative = linkkit_link(k, thief, COMPANY);
	is_int(representation_add(&k->center, &t, k->a, &id, &e), -1);
	is_str(e.code, "link.no_attestation");
	err_reset(&e);
	is_int(consent_list(&k->center, &v, 0, k->a, &c, &n, &e), -1);
	is_str(e.code, "link.representation_unknown");
	err_reset(&e);
	/* the officers let it, and change their mind: at once for all */
	is_int(organisation_get(&k->center, COMPANY, k->a, &o, &e), 0);
	o.attests = true;
	is_int(organisation_put(&k->center, &o, &e), 0);
	is_int(representation_add(&k->center, &t, k->a, &id, &e), 0);
	is_int(consent_list(&k->center, &v, 0, k->a, &c, &n, &e), 0);
	o.attests = false;
	is_int(organisation_put(&k->center, &o, &e), 0);
	is_int(consent_list(&k->center, &v, 0, k->a, &c, &n, &e), -1);
	is_str(e.code, "link.representation_unknown");
	err_reset(&e);
	is_int(person_represented(&k->center, thief, k->a, &list, &n, &e), 0);
	is_int((int)n, 0);
}

static void
what_ends_them(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "kuro");
	struct err e = ERR_INIT;
	const char *one, *two, *three;

	linkkit_link(k, person, TOWN);
	one = linkkit_consent(k, person, COMPANY);
	clock_shift((int64_t)32 * LINK_DAY_MS);
	ok(consent_sweep(&k->center, &e) > 0);
	is_str(linkkit_state(k, one), "expired");
	clock_shift(0);
	two = linkkit_consent(k, person, COMPANY);
	is_int(person_unlink(&k->center,
		       &(struct consent_viewer){ .person = person }, TOWN, &e),
		0);
	is_str(linkkit_state(k, two), "withdrawn");
	linkkit_link(k, person, TOWN);
	three = linkkit_consent(k, person, COMPANY);
	is_int(person_close(&k->center, person, &e), 0);
	is_str(linkkit_state(k, three), "withdrawn");
	is_str(linkkit_value(k, "center.db",
		       "SELECT count(*) FROM person WHERE closed_at > 0"),
		"1");
}

static void
declarations_end(struct linkkit *k)
{
	int64_t person = linkkit_person(k, "last");
	struct err e = ERR_INIT;
	const char *one, *two, *secret, *three;

	linkkit_link(k, person, TOWN);
	one = linkkit_consent(k, person, BANK);
	linkkit_ask(k, BANK, &secret, &three);
	two = linkkit_consent(k, person, COMPANY);
	is_int(purpose_withdraw(&k->center, k->bank_purpose, &e), 0);
	is_str(linkkit_state(k, one), "inapplicable");
	is_str(linkkit_state(k, three), "inapplicable");
	is_str(linkkit_state(k, two), "approved");
	is_int(purpose_withdraw(&k->center, k->bank_purpose, &e), -1);
	is_str(e.code, "link.purpose_unknown");
	err_reset(&e);
	is_int(offering_withdraw(&k->center, k->service, &e), 0);
	is_str(linkkit_state(k, two), "inapplicable");
}

int
main(void)
{
	struct linkkit k;

	table_of_states();
	linkkit_open(&k);
	give_and_take_back(&k);
	who_may_and_what(&k);
	pressed_twice(&k);
	too_late(&k);
	all_or_nothing(&k);
	asked_once(&k);
	meant_for_one(&k);
	represented(&k);
	small_child(&k);
	attested_by_a_company(&k);
	what_ends_them(&k);
	declarations_end(&k);
	linkkit_close(&k);
	return tap_done();
}
