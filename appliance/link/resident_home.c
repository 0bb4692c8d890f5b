/* SPDX-License-Identifier: MIT */
/* The first page, before and after signing in, and the pages about pages. */
#include "clock.h"
#include "err.h"
#include "mem.h"
#include "param.h"
#include "resident_int.h"
#include "text.h"

enum { RECENT = 3 };

/* What the link was about, without telling anything of the request. */
static void
put_ticket(struct page *p)
{
	struct ticket t;
	struct words name;

	if (!p->visiting || !*p->visit.ticket ||
		ticket_look(p->res->book, p->visit.ticket, p->a, &t, NULL))
		return;
	name = (struct words){ t.name_ja, t.name_en };
	html_put(p->out, "<p class=\"notice\">%s</p>",
		say_with(p, W_TICKET_WAITS, pick(p, name), NULL));
}

static int
sign_in_page(struct page *p, struct err *e)
{
	const char *query = request_query(p->r);

	page_begin(p, say(p, W_SIGN_IN));
	if (str_equal(query, "signed-out"))
		html_put(p->out, "<p class=\"notice\" role=\"status\">%s</p>",
			say(p, W_LOGGED_OUT));
	if (str_equal(query, "left"))
		html_put(p->out, "<p class=\"notice\" role=\"status\">%s</p>",
			say(p, W_LEFT));
	if (str_equal(query, "sign-in"))
		html_put(p->out, "<p class=\"notice\" role=\"status\">%s</p>",
			say(p, W_SIGN_IN_FIRST));
	put_ticket(p);
	html_put(p->out, "<p>%s</p>", say(p, W_SIGN_IN_LEAD));
	if (p->res->providers)
		put_providers(p, W_SIGN_IN_WITH, "button");
	else
		html_put(p->out, "<p class=\"error\">%s</p>",
			say(p, W_NO_PROVIDERS));
	html_put(p->out, "<p class=\"hint\">%s</p>", say(p, W_SIGN_IN_NOTE));
	return page_send(p, 200, e);
}

/* Those in one state, of the newest page; how many. */
static size_t
put_list(struct page *p, const struct consent *c, size_t n,
	enum consent_state state, enum resident_word title,
	enum resident_word none)
{
	size_t found = 0;

	html_put(p->out, "<section><h2>%s</h2>", say(p, title));
	for (size_t i = 0; i < n; i++)
		if (c[i].state == state) {
			if (!found++)
				html_put(p->out, "<ul class=\"list\">");
			consent_line(p, &c[i]);
		}
	if (found)
		html_put(p->out, "</ul>");
	else
		html_put(p->out, "<p>%s</p>", say(p, none));
	html_put(p->out, "</section>");
	return found;
}

static void
put_recent(struct page *p, const struct transfer *t, size_t n)
{
	html_put(p->out, "<section><h2>%s</h2>", say(p, W_RECENT_USE));
	if (!n)
		html_put(p->out, "<p>%s</p>", say(p, W_NO_HISTORY));
	else
		html_put(p->out, "<ul class=\"list\">");
	for (size_t i = 0; i < n && i < RECENT; i++) {
		html_put(p->out, "<li>");
		put_moment(p, t[i].at);
		html_put(p->out, " %s: %s (%s)</li>", pick(p, t[i].consumer),
			pick(p, t[i].service), pick(p, t[i].purpose));
	}
	if (n)
		html_put(p->out, "</ul>");
	html_put(p->out, "</section>");
}

int
home_page(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	struct consent_viewer v = page_viewer(p);
	struct transfer *t;
	struct consent *c;
	size_t n, used;

	(void)state;
	if (!p->visiting || !p->visit.person)
		return sign_in_page(p, e);
	if (consent_list(p->res->book, &v, 0, p->a, &c, &n, e) ||
		consent_transfers(p->res->book, &v, 0, p->a, &t, &used, e))
		return -1;
	page_begin(p, say(p, W_HOME));
	put_list(p, c, n, CONSENT_REQUESTED, W_WAITING, W_NO_WAITING);
	put_list(p, c, n, CONSENT_APPROVED, W_ACTIVE, W_NO_ACTIVE);
	html_put(p->out, "<p><a href=\"%s\">%s</a></p>",
		path_of(p, "/consents"), say(p, W_ALL_CONSENTS));
	put_recent(p, t, used);
	return page_send(p, 200, e);
}

static void
put_part(struct page *p, enum resident_word title, const char *text)
{
	html_put(p->out, "<h2>%s</h2><p>%s</p>", say(p, title), text);
}

int
about_page(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	long long minutes = conf_int(p->res->conf, P_RESIDENT_IDLE) / 60;

	(void)state;
	page_begin(p, say(p, W_ABOUT));
	put_part(p, W_ABOUT_KEPT, say(p, W_ABOUT_KEPT_TEXT));
	put_part(p, W_ABOUT_COOKIE, say(p, W_ABOUT_COOKIE_TEXT));
	put_part(p, W_ABOUT_SESSION,
		say_with(p, W_ABOUT_SESSION_TEXT,
			arena_printf(p->a, "%lld", minutes), NULL));
	put_part(p, W_ABOUT_NOTICE, say(p, W_ABOUT_NOTICE_TEXT));
	return page_send(p, 200, e);
}

int
accessibility_page(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	const char *contact = conf_text(p->res->conf, P_RESIDENT_CONTACT);

	(void)state;
	page_begin(p, say(p, W_ACCESSIBILITY));
	html_put(p->out, "<p>%s</p>", say(p, W_A11Y_LEAD));
	put_part(p, W_A11Y_DONE, say(p, W_A11Y_DONE_TEXT));
	put_part(p, W_A11Y_LIMITS, say(p, W_A11Y_LIMITS_TEXT));
	html_put(p->out, "<p>%s</p>", say(p, W_A11Y_CONTACT));
	if (*contact)
		html_put(p->out, "<p>%s</p>",
			say_with(p, W_CONTACT, contact, NULL));
	return page_send(p, 200, e);
}
