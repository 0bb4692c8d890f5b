/* SPDX-License-Identifier: MIT */
/*
 * Deciding: giving item by item and until a chosen day, declining, changing,
 * taking back. Each is one button on the page that shows the consent, so that
 * taking back needs no more steps than giving.
 */
#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "resident_int.h"
#include "text.h"

enum { DATE_LEN = 10 };

/* ---- forms ---- */

static const char *
iso_day(const struct page *p, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	time_iso(text, link_day_begin(ms) + 9 * 3600 * 1000);
	return arena_strndup(p->a, text, DATE_LEN);
}

static void
put_from(struct page *p, bool of_request)
{
	html_put(p->out, "<input type=\"hidden\" name=\"from\" value=\"%s\">",
		of_request ? "request" : "");
}

static void
put_choices(struct page *p, const struct consent *c)
{
	bool given = c->state == CONSENT_APPROVED;
	const json_t *code;
	size_t i;

	html_put(p->out, "<fieldset><legend>%s</legend>", say(p, W_GIVE_ITEMS));
	json_each(code, i, c->asked) {
		const char *text = json_string_value(code);
		const char *id = arena_printf(p->a, "%s-%zu", c->reference, i);

		html_put(p->out,
			"<p class=\"choice\"><input type=\"checkbox\" "
			"name=\"item\" id=\"%s\" value=\"%s\"",
			id, text);
		if (given && json_list_has(c->items, text))
			html_put(p->out, " checked");
		html_put(p->out, "><label for=\"%s\">%s</label></p>", id,
			item_name(p, &c->service, text));
	}
	html_put(p->out, "</fieldset>");
}

static void
put_until_field(struct page *p, const struct consent *c)
{
	int64_t now = clock_now(), days = c->days;
	int64_t longest = now + c->service.max_days * LINK_DAY_MS;
	const char *ref = c->reference;

	if (days > c->service.max_days)
		days = c->service.max_days;
	html_put(p->out,
		"<p><label for=\"%s-until\">%s</label><br>"
		"<span class=\"hint\" id=\"%s-hint\">%s</span><br>"
		"<input type=\"date\" name=\"until\" id=\"%s-until\" "
		"required aria-describedby=\"%s-hint\" ",
		ref, say(p, W_GIVE_UNTIL), ref,
		say_with(p, W_GIVE_UNTIL_HINT, day_text(p, longest), NULL), ref,
		ref);
	html_put(p->out, "min=\"%s\" max=\"%s\" value=\"%s\"></p>",
		iso_day(p, now + LINK_DAY_MS), iso_day(p, longest),
		c->state == CONSENT_APPROVED && c->valid_to
			? iso_day(p, c->valid_to - 1)
			: iso_day(p, now + days * LINK_DAY_MS));
}

/* Below the request's own headings there is one more level. */
static void
put_heading(struct page *p, bool of_request, enum resident_word w)
{
	if (of_request)
		html_put(p->out, "<h3>%s</h3>", say(p, w));
	else
		html_put(p->out, "<h2>%s</h2>", say(p, w));
}

static void
put_give(struct page *p, const struct consent *c, bool of_request)
{
	bool given = c->state == CONSENT_APPROVED;

	put_heading(p, of_request, given ? W_CHANGE_TITLE : W_GIVE_TITLE);
	form_begin(p, path_of(p, "/consent/%s/give", c->reference), "decide");
	put_from(p, of_request);
	put_choices(p, c);
	put_until_field(p, c);
	html_put(p->out, "<p class=\"hint\">%s</p>", say(p, W_IF_GIVEN_TEXT));
	form_end(p, given ? W_CHANGE : W_GIVE, "primary");
}

static void
put_decline(struct page *p, const struct consent *c, bool of_request)
{
	put_heading(p, of_request, W_DECLINE_TITLE);
	form_begin(
		p, path_of(p, "/consent/%s/decline", c->reference), "decide");
	put_from(p, of_request);
	form_end(p, W_DECLINE, "primary");
}

static void
put_withdraw(struct page *p, const struct consent *c, bool of_request)
{
	put_heading(p, of_request, W_WITHDRAW_TITLE);
	html_put(p->out, "<p>%s</p>",
		say_with(p, W_WITHDRAW_TEXT, pick(p, c->consumer),
			pick(p, c->provider)));
	form_begin(
		p, path_of(p, "/consent/%s/withdraw", c->reference), "decide");
	put_from(p, of_request);
	form_end(p, W_WITHDRAW, "primary");
}

void
decide_forms(struct page *p, const struct consent *c, bool of_request)
{
	if (c->state == CONSENT_REQUESTED) {
		put_give(p, c, of_request);
		put_decline(p, c, of_request);
	}
	if (c->state == CONSENT_APPROVED) {
		put_withdraw(p, c, of_request);
		put_give(p, c, of_request);
	}
}

/* ---- what they send ---- */

/* Days from today to a day of the form YYYY-MM-DD. */
static int
days_until(const struct page *p, const char *text, int64_t *days, struct err *e)
{
	int64_t ms;

	if (!text || strlen(text) != DATE_LEN ||
		time_parse(arena_printf(p->a, "%sT00:00:00+09:00", text), &ms,
			NULL))
		return link_refuse(e, LINK_CONSENT_DAYS);
	*days = (ms - link_day_begin(clock_now())) / LINK_DAY_MS;
	return 0;
}

/* Has everything of the link's request an answer? Then it does not open
   again. */
static int
close_ticket(struct page *p, struct err *e)
{
	struct consent_viewer v = page_viewer(p);
	struct visit *x = &p->visit;
	struct consent *c;
	int64_t whose;
	size_t n;

	if (!*x->ticket || !*x->request)
		return 0;
	if (consent_of_request(p->res->book, &v, x->request, p->a, &c, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (c[i].state == CONSENT_REQUESTED)
			return 0;
	if (page_whose(p, &whose, e) ||
		ticket_use(p->res->book, x->ticket, whose, e))
		return -1;
	x->ticket[0] = '\0';
	return 0;
}

static bool
is_of_request(const struct page *p)
{
	return str_equal(form_get(&p->form, "from"), "request") &&
	       *p->visit.request;
}

/* The page the form was on. */
static int
again(struct page *p, const struct err *why, struct err *e)
{
	return page_again(
		p, is_of_request(p) ? request_page : consent_page, why, e);
}

static int
decided(struct page *p, enum resident_word notice, struct err *e)
{
	const char *path = is_of_request(p)
				   ? path_of(p, "/request")
				   : path_of(p, "/consent/%s",
					     request_segment(p->r, "id"));

	if (close_ticket(p, e))
		return -1;
	return page_go_saying(p, notice, path, e);
}

/* The link is the person's who presses something first. */
static int
bind_ticket(struct page *p, struct err *e)
{
	struct ticket t;
	int64_t whose;

	if (!is_of_request(p) || !*p->visit.ticket)
		return 0;
	return page_whose(p, &whose, e) ||
			       ticket_bind(p->res->book, p->visit.ticket, whose,
				       p->a, &t, e)
		       ? -1
		       : 0;
}

int
consent_give_post(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	struct consent_viewer v = page_viewer(p);
	const char **item = arena_array(p->a, FORM_FIELDS_MAX, sizeof(*item));
	struct consent_give give = { .reference = request_segment(r, "id"),
		.item = item };
	struct err why = ERR_INIT;

	(void)state;
	if (bind_ticket(p, e))
		return -1;
	give.items = form_all(&p->form, "item", item, FORM_FIELDS_MAX);
	if (days_until(p, form_get(&p->form, "until"), &give.days, &why) ||
		consent_approve(p->res->book, &v, &give, 1, &why))
		return again(p, &why, e);
	return decided(p, W_GIVEN, e);
}

int
consent_decline_post(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	struct consent_viewer v = page_viewer(p);
	struct err why = ERR_INIT;

	(void)state;
	if (bind_ticket(p, e))
		return -1;
	if (consent_decline(p->res->book, &v, request_segment(r, "id"), &why))
		return again(p, &why, e);
	return decided(p, W_DECLINED, e);
}

int
consent_withdraw_post(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	struct consent_viewer v = page_viewer(p);
	struct err why = ERR_INIT;

	(void)state;
	if (consent_withdraw(p->res->book, &v, request_segment(r, "id"), &why))
		return again(p, &why, e);
	return decided(p, W_WITHDRAWN, e);
}
