/* SPDX-License-Identifier: MIT */
/*
 * A resident's story: linked at the town, asked by the company, giving,
 * the data, taking back, the refusal, and what the history says. The resident
 * does everything by the pages' own links and forms.
 */
#include "lab_int.h"

#include <poll.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "site_int.h"
#include "text.h"
#include "visitor.h"

enum { WAIT_MS = 60000, PAUSE_MS = 50 };

#define TOWN_MEMBER LAB_INSTANCE "/" TOWN_CLASS "/" TOWN_CODE

static const struct sample_person *const hero = &sample_people[0];

/* ---- what several steps do ---- */

static int
visiting(struct lab *l, struct err *e)
{
	return l->story.visitor ? 0 : visitor_new(&l->story.visitor, l, e);
}

static char *
page_url(struct lab *l, const char *path)
{
	return arena_printf(l->arena, "https://%s:%d/%s%s",
		l->machine[CENTER].address, lab_port(l, PORT_RESIDENT),
		l->japanese ? "ja" : "en", path);
}

/* At a page of the center that wants to know who one is; new there or not. */
static int
sign_in(struct lab *l, struct err *e)
{
	const char *const who[] = { "who", hero->sub, NULL };
	struct visitor *v = l->story.visitor;

	if (visitor_follow(v, "/login/lab", e) ||
		visitor_send(v, "/choose", who, e))
		return -1;
	return visitor_has_form(v, "/register")
		       ? visitor_send(v, "/register", NULL, e)
		       : 0;
}

static bool
was_told(const json_t *answer, const void *ctx)
{
	json_t *feed;
	size_t i;

	(void)ctx;
	json_each(feed, i, json_list(answer, "feeds")) {
		if (str_equal(json_str(feed, "member"), TOWN_MEMBER))
			return json_int(feed, "told", -1) >=
			       json_int(feed, "last", 0);
	}
	return false;
}

/* The town's cache knows what the resident has decided. */
static int
await_town(struct lab *l, struct err *e)
{
	return api_wait(l, &l->machine[CENTER], "/machilink/link", was_told,
		NULL, "the decision to reach the town's cache", e);
}

/* The resident's own copy of everything. */
static int
download(struct lab *l, json_t **transfers, struct err *e)
{
	struct visitor *v = l->story.visitor;
	json_t *all;

	if (visitor_go(v, page_url(l, "/download/personal-link.json"), e) ||
		json_parse(l->arena, bytes_str(visitor_at(v)->text), NULL, &all,
			e))
		return -1;
	*transfers = json_list(all, "transfers");
	return *transfers ? 0
			  : fail(e, FAULT_INTERNAL,
				    "the resident's download has no history");
}

/* ---- steps ---- */

static int
link_resident(struct lab *l, struct err *e)
{
	const char *const who[] = { "who", hero->sub, NULL };
	struct visitor *v;

	if (visiting(l, e))
		return -1;
	v = l->story.visitor;
	if (visitor_go(v, arena_printf(l->arena, "%s/", l->site->base), e) ||
		visitor_send(v, "/town/link", who, e) || sign_in(l, e) ||
		visitor_send(v, "/connect", NULL, e) ||
		visitor_follow(v, "/town/back?", e))
		return -1;
	return visitor_at(v)->status == 200
		       ? 0
		       : fail(e, FAULT_INTERNAL,
				 "the way back to the town failed: %.600s",
				 visitor_at(v)->text);
}

static int
ask(struct lab *l, struct err *e)
{
	struct visitor *v;

	if (visiting(l, e))
		return -1;
	v = l->story.visitor;
	if (visitor_go(v, arena_printf(l->arena, "%s/", l->site->base), e) ||
		visitor_send(v, "/company/ask", NULL, e))
		return -1;
	l->story.reference = arena_strdup(l->arena, l->site->reference);
	return 0;
}

/* One item of two, on the page that the link opened. */
static int
give(struct lab *l, struct err *e)
{
	const char *const items[] = { "item", "income", NULL };
	struct visitor *v = l->story.visitor;
	json_t *before;

	if (strstr(visitor_at(v)->text, "/login/lab") && sign_in(l, e))
		return -1;
	if (visitor_send(v,
		    arena_printf(
			    l->arena, "/consent/%s/give", l->story.reference),
		    items, e) ||
		download(l, &before, e))
		return -1;
	l->story.transfers = json_array_size(before);
	return await_town(l, e);
}

/* The town's number led to the rows; what was not given is not there. */
static int
fetch(struct lab *l, struct err *e)
{
	struct api_answer a;
	json_t *row;

	if (firm_fetch(l, l->arena, l->story.reference, &a, e))
		return -1;
	row = json_array_get(json_list(a.json, "rows"), 0);
	if (a.status != 200 || json_int(row, "所得金額", 0) <= 0 ||
		!json_is_null(json_object_get(row, "町民税額")))
		return api_unexpected(&a, "a request with consent", e);
	return 0;
}

static int
take_back(struct lab *l, struct err *e)
{
	struct visitor *v = l->story.visitor;

	if (visitor_go(v,
		    page_url(l, arena_printf(l->arena, "/consent/%s",
					l->story.reference)),
		    e) ||
		visitor_send(v, "/withdraw", NULL, e))
		return -1;
	return await_town(l, e);
}

static int
refused(struct lab *l, struct err *e)
{
	struct api_answer a;
	const char *type;

	if (firm_fetch(l, l->arena, l->story.reference, &a, e))
		return -1;
	type = json_str(a.json, "type");
	if (a.status < 400 || !type || !strstr(type, "consent_required"))
		return api_unexpected(&a, "a request after the withdrawal", e);
	return 0;
}

static size_t
of_consent(const struct lab *l, const json_t *transfers)
{
	size_t i, n = 0;
	json_t *one;

	json_each(one, i, transfers) {
		n += str_equal(json_str(one, "consent"), l->story.reference);
	}
	return n;
}

/* The transfer that was, once, and nothing of what was refused. */
static int
history(struct lab *l, struct err *e)
{
	int64_t until = clock_ticks() + WAIT_MS;
	json_t *now;

	for (;;) {
		if (download(l, &now, e))
			return -1;
		if (json_array_size(now) == l->story.transfers + 1 &&
			of_consent(l, now) == 1)
			return 0;
		if (json_array_size(now) > l->story.transfers ||
			clock_ticks() > until)
			break;
		poll(NULL, 0, PAUSE_MS);
	}
	return fail(e, FAULT_INTERNAL,
		"the resident's history has %zu transfers, %zu of this "
		"consent; there was one",
		json_array_size(now) - l->story.transfers, of_consent(l, now));
}

/* Of everybody's data, so that the same service can be asked without. */
static int
leave_one(struct lab *l, struct err *e)
{
	const char *const items[] = { "item", "site", NULL };
	const char *url, *reference;
	struct visitor *v = l->story.visitor;

	if ((l->fresh && link_declare_sites(l, e)) ||
		firm_ask(l, l->arena, SITES_SERVICE, &url, &reference, e) ||
		visitor_go(v, url, e) ||
		visitor_send(v,
			arena_printf(l->arena, "/consent/%s/give", reference),
			items, e) ||
		firm_subject(l, l->arena, reference, &l->story.left, e))
		return -1;
	return await_town(l, e);
}

const struct step story_left_steps[] = {
	{ "consent-left", "住民が測定用の同意を残す",
		"the resident leaves a consent for measuring", leave_one },
	{ NULL, NULL, NULL, NULL },
};

const struct step story_first_steps[] = {
	{ "resident-link", "住民が町の窓口からサインインし、連携する",
		"a resident signs in and is linked with the town",
		link_resident },
	{ NULL, NULL, NULL, NULL },
};

const struct step story_steps[] = {
	{ "consent-ask", "会社が住民に同意を求める",
		"the company asks the resident for consent", ask },
	{ "consent-give", "住民が「所得」だけ同意する (「税額」は同意しない)",
		"the resident gives income, not tax", give },
	{ "consent-exchange", "会社→町 REST: 同意された項目だけが届く",
		"REST company → town: what was given, nothing else", fetch },
	{ "consent-withdraw", "住民が同意を取り消す",
		"the resident takes the consent back", take_back },
	{ "consent-refused", "会社→町: 次の問い合わせは拒否される",
		"company → town: the next request is refused", refused },
	{ "consent-history", "住民の履歴: 実際に渡った1件だけが載る",
		"the resident's history: the one transfer that was", history },
	{ NULL, NULL, NULL, NULL },
};
