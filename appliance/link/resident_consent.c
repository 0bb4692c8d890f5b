/* SPDX-License-Identifier: MIT */
/*
 * Consents to look at: all of them, one, and those of a request. One page has
 * everything a person needs to decide: who, what, why, until when, on what
 * legal basis, what happens otherwise.
 */
#include "err.h"
#include "mem.h"
#include "resident_int.h"
#include "text.h"

struct reason {
	const char *name;
	enum resident_word word;
};
static const struct reason reasons[] = {
	{ "asked", W_REASON_ASKED },
	{ "given", W_REASON_GIVEN },
	{ "changed", W_REASON_CHANGED },
	{ "refused", W_REASON_REFUSED },
	{ "taken_back", W_REASON_TAKEN_BACK },
	{ "time_over", W_REASON_TIME_OVER },
	{ "not_decided", W_REASON_NOT_DECIDED },
	{ "service_ended", W_REASON_SERVICE_ENDED },
	{ "purpose_ended", W_REASON_PURPOSE_ENDED },
	{ "link_ended", W_REASON_LINK_ENDED },
	{ "person_left", W_REASON_PERSON_LEFT },
	{ "consumer_ended", W_REASON_CONSUMER_ENDED },
	{ "nobody_decides", W_REASON_NOBODY_DECIDES },
	{ "resident", W_ACTOR_RESIDENT },
	{ "representative", W_ACTOR_REPRESENTATIVE },
	{ "consumer", W_ACTOR_CONSUMER },
	{ "officer", W_ACTOR_OFFICER },
	{ "system", W_ACTOR_SYSTEM },
};
enum { REASONS = sizeof(reasons) / sizeof(*reasons) };

static enum resident_word
reason_word(const char *name)
{
	for (size_t i = 0; i < REASONS; i++)
		if (str_equal(name, reasons[i].name))
			return reasons[i].word;
	return W_REASON_OTHER;
}

static const enum resident_word states[CONSENT_STATES] = {
	[CONSENT_REQUESTED] = W_STATE_REQUESTED,
	[CONSENT_APPROVED] = W_STATE_APPROVED,
	[CONSENT_DECLINED] = W_STATE_DECLINED,
	[CONSENT_WITHDRAWN] = W_STATE_WITHDRAWN,
	[CONSENT_EXPIRED] = W_STATE_EXPIRED,
	[CONSENT_INAPPLICABLE] = W_STATE_INAPPLICABLE,
};

enum resident_word
consent_state_word(enum consent_state s)
{
	return states[s];
}

const char *
item_name(const struct page *p, const struct offering *s, const char *code)
{
	for (size_t i = 0; i < s->items; i++)
		if (str_equal(s->item[i].code, code))
			return pick(p, s->item[i].name);
	return code;
}

const char *
items_text(const struct page *p, const struct offering *s, const json_t *items,
	const char *between)
{
	char *out = arena_strdup(p->a, "");
	const json_t *code;
	size_t i;

	json_each(code, i, items)
		out = arena_printf(p->a, "%s%s%s", out, i ? between : "",
			item_name(p, s, json_string_value(code)));
	return out;
}

static void
put_until(struct page *p, const struct consent *c)
{
	if (c->state != CONSENT_APPROVED || !c->valid_to)
		return;
	html_put(p->out, " (%s ", say(p, W_UNTIL));
	put_day(p, c->valid_to - 1);
	html_put(p->out, ")");
}

void
consent_line(struct page *p, const struct consent *c)
{
	html_put(p->out,
		"<li><a href=\"%s\">%s</a><br><span class=\"state\">%s</span>",
		path_of(p, "/consent/%s", c->reference),
		say_with(p, W_WANTS, pick(p, c->consumer),
			pick(p, c->service.title)),
		say(p, consent_state_word(c->state)));
	put_until(p, c);
	html_put(p->out, "</li>");
}

static size_t
offset_of(struct page *p)
{
	const char *text = query_get(
		p->a, request_query(p->r) ? request_query(p->r) : "", "from");
	int64_t from = 0;

	if (!text || int_parse(text, 0, 1000000, &from, NULL))
		return 0;
	return (size_t)from;
}

int
consents_page(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	struct consent_viewer v = page_viewer(p);
	size_t n, from = offset_of(p);
	struct consent *c;

	(void)state;
	if (consent_list(p->res->book, &v, from, p->a, &c, &n, e))
		return -1;
	page_begin(p, say(p, W_CONSENTS));
	if (!n)
		html_put(p->out, "<p>%s</p>", say(p, W_NO_CONSENTS));
	else
		html_put(p->out, "<ul class=\"list\">");
	for (size_t i = 0; i < n; i++)
		consent_line(p, &c[i]);
	if (n)
		html_put(p->out, "</ul>");
	if (from)
		html_put(p->out, "<p><a href=\"%s\">%s</a></p>",
			path_of(p, "/consents?from=%zu",
				from > CONSENTS_PAGE ? from - CONSENTS_PAGE
						     : 0),
			say(p, W_PREVIOUS));
	if (n == CONSENTS_PAGE)
		html_put(p->out, "<p><a href=\"%s\">%s</a></p>",
			path_of(p, "/consents?from=%zu", from + n),
			say(p, W_NEXT));
	return page_send(p, 200, e);
}

static void
put_row(struct page *p, enum resident_word name, const char *value)
{
	html_put(p->out, "<dt>%s</dt><dd>", say(p, name));
	html_lines(p->out, value);
	html_put(p->out, "</dd>");
}

static void
put_items(struct page *p, const struct consent *c)
{
	const json_t *list = c->state == CONSENT_APPROVED ? c->items : c->asked;
	const json_t *code;
	size_t i;

	html_put(p->out, "<dt>%s</dt><dd><ul>", say(p, W_ITEMS));
	json_each(code, i, list)
		html_put(p->out, "<li>%s</li>",
			item_name(p, &c->service, json_string_value(code)));
	html_put(p->out, "</ul></dd>");
}

static void
put_time(struct page *p, const struct consent *c)
{
	html_put(p->out, "<dt>%s</dt><dd>", say(p, W_UNTIL));
	if (c->state == CONSENT_APPROVED && c->valid_to)
		put_day(p, c->valid_to - 1);
	else
		html_put(p->out, "%s",
			say_with(p, W_UNTIL_ASKED,
				day_text(p, c->requested_at +
						    c->days * LINK_DAY_MS),
				NULL));
	html_put(p->out, "</dd>");
}

static void
put_consent(struct page *p, const struct consent *c)
{
	html_put(p->out,
		"<dl><dt>%s</dt><dd><span class=\"state\">%s</span>"
		"</dd>",
		say(p, W_STATE), say(p, consent_state_word(c->state)));
	put_row(p, W_WHO, pick(p, c->consumer));
	put_row(p, W_FROM, pick(p, c->provider));
	put_row(p, W_WHAT,
		arena_printf(p->a, "%s\n%s", pick(p, c->service.title),
			pick(p, c->service.data)));
	put_items(p, c);
	put_row(p, W_WHY,
		arena_printf(p->a, "%s\n%s", pick(p, c->purpose.title),
			pick(p, c->purpose.reason)));
	html_put(p->out, "<dt>%s</dt><dd>",
		say_with(p, W_POLICY, pick(p, c->consumer), NULL));
	html_link(p->out, c->purpose.policy_url, c->purpose.policy_url);
	html_put(p->out, "</dd>");
	put_row(p, W_LEGAL, pick(p, c->service.legal));
	put_time(p, c);
	if (c->state == CONSENT_REQUESTED)
		put_row(p, W_IF_DECLINED,
			say_with(p, W_IF_DECLINED_TEXT, pick(p, c->consumer),
				NULL));
	html_put(p->out, "</dl>");
}

static void
put_step(struct page *p, const struct consent_step *s)
{
	html_put(p->out, "<tr><td>");
	put_moment(p, s->at);
	html_put(p->out, "</td><td>%s", say(p, reason_word(s->reason)));
	if (s->valid_to && str_equal(s->to, "approved")) {
		html_put(p->out, " (%s ", say(p, W_UNTIL));
		put_day(p, s->valid_to - 1);
		html_put(p->out, ")");
	}
	html_put(p->out, "</td><td>%s</td><td>",
		s->mine ? say(p, W_ACTOR_YOU) : say(p, reason_word(s->actor)));
	if (s->proved)
		html_put(p->out, "<a href=\"%s\">%s</a>",
			path_of(p, "/evidence/%lld", (long long)s->id),
			say_with(p, W_PROOF_GET, say(p, reason_word(s->reason)),
				NULL));
	else if (!str_equal(s->actor, "consumer"))
		html_put(p->out, "%s", say(p, W_PROOF_WAIT));
	html_put(p->out, "</td></tr>");
}

static void
put_steps(struct page *p, const struct consent_step *s, size_t n)
{
	html_put(p->out,
		"<h2 id=\"steps\">%s</h2><div class=\"scroll\" tabindex=\"0\" "
		"role=\"region\" aria-labelledby=\"steps\"><table><thead><tr>"
		"<th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
		"<th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr>"
		"</thead><tbody>",
		say(p, W_STEPS), say(p, W_WHEN), say(p, W_STEP),
		say(p, W_ACTOR), say(p, W_PROOF));
	for (size_t i = 0; i < n; i++)
		put_step(p, &s[i]);
	html_put(p->out, "</tbody></table></div>");
}

int
consent_page(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	struct consent_viewer v = page_viewer(p);
	const char *id = request_segment(r, "id");
	struct consent_step *s;
	struct consent c;
	size_t n;

	(void)state;
	if (consent_get(p->res->book, &v, id, p->a, &c, e) ||
		consent_steps(p->res->book, &v, id, p->a, &s, &n, e))
		return -1;
	page_begin(p, say(p, W_CONSENT));
	put_consent(p, &c);
	decide_forms(p, &c, false);
	put_steps(p, s, n);
	return page_send(p, 200, e);
}

/* ---- the page of a one-time link ---- */

static void
put_request(struct page *p, const struct consent *c, size_t n)
{
	const char *name = pick(p, c[0].consumer);
	bool open = false;

	page_begin(p, say_with(p, W_REQUEST, name, NULL));
	for (size_t i = 0; i < n; i++)
		open = open || c[i].state == CONSENT_REQUESTED;
	html_put(p->out, "<p>%s</p>",
		say(p, open ? W_REQUEST_LEAD : W_REQUEST_DONE));
	if (!open && *p->visit.return_url) {
		html_put(p->out, "<p>");
		html_link(p->out, p->visit.return_url,
			say_with(p, W_RETURN, name, NULL));
		html_put(p->out, "</p>");
	}
	for (size_t i = 0; i < n; i++) {
		html_put(p->out, "<section class=\"card\"><h2>%s</h2>",
			pick(p, c[i].service.title));
		put_consent(p, &c[i]);
		decide_forms(p, &c[i], true);
		html_put(p->out, "</section>");
	}
}

int
request_page(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	struct consent_viewer v = page_viewer(p);
	struct consent *c;
	size_t n;

	(void)state;
	if (!*p->visit.request)
		return page_go(p, e, "/%s/", page_lang(p));
	if (consent_of_request(
		    p->res->book, &v, p->visit.request, p->a, &c, &n, e))
		return -1;
	if (!n)
		return link_refuse(e, LINK_NO_CONSENT);
	put_request(p, c, n);
	return put_for_whom(p, e) ? -1 : page_send(p, 200, e);
}
