/* SPDX-License-Identifier: MIT */
/*
 * The way in: choosing a provider, its answer, first registration, one more
 * account, one-time links, the way out. Whoever signs in gets another visit
 * id, so that one planted before is worth nothing; addresses to go on to are
 * ours alone and never taken from a request.
 */
#include <string.h>

#include "err.h"
#include "log.h"
#include "mem.h"
#include "resident_int.h"
#include "text.h"

int
door_root(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);

	(void)state;
	return page_go(p, e, "/%s/", page_lang(p));
}

/* The visit is there afterwards, and the browser is told. */
static void
need_visit(struct page *p)
{
	if (p->visiting)
		return;
	p->visit = (struct visit){ .person = 0 };
	visit_begin(p->res->visits, &p->visit);
	p->visiting = true;
	p->cookie = true;
}

int
door_login(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	size_t i = resident_provider(p->res, request_segment(r, "provider"));
	struct oidc_attempt attempt;
	const char *url;

	(void)state;
	if (i == p->res->providers)
		return fail(e, FAULT_NOT_FOUND, "no such provider");
	if (oidc_begin(
		    p->res->provider[i], p->a, page_lang(p), &attempt, &url, e))
		return -1;
	need_visit(p);
	p->visit.trying = true;
	p->visit.provider = i;
	p->visit.attempt = attempt;
	p->visit.ja = p->ja;
	visit_keep(p->res->visits, &p->visit);
	return page_go(p, e, "%s", url);
}

/* ---- one-time links ---- */

int
door_ticket(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	const char *secret = request_segment(r, "secret");
	struct ticket t;
	const char *path = NULL;

	(void)state;
	if (strlen(secret) != TICKET_SECRET_LEN)
		return link_refuse(e, LINK_NO_TICKET);
	if (ticket_look(p->res->book, secret, p->a, &t, e))
		return -1;
	need_visit(p);
	memcpy(p->visit.ticket, secret, TICKET_SECRET_LEN + 1);
	visit_keep(p->res->visits, &p->visit);
	if (p->visit.person && door_after(p, &path, e))
		return -1;
	return page_go(p, e, "/%s%s", page_lang(p), path ? path : "/");
}

static void
copy(char *to, size_t max, const char *from)
{
	size_t n = from ? strlen(from) : 0;

	if (n >= max)
		n = 0;
	memcpy(to, from ? from : "", n);
	to[n] = '\0';
}

int
page_whose(struct page *p, int64_t *person, struct err *e)
{
	const struct consent_viewer v = page_viewer(p);

	return viewer_person(p->res->book, &v, person, e);
}

/* For itself, or for one it represents. */
static bool
opens_for(struct page *p, int64_t person, struct ticket *t)
{
	return !ticket_open(
		p->res->book, p->visit.ticket, person, p->a, t, NULL);
}

static int
open_for(struct page *p, struct ticket *t, struct err *e)
{
	struct visit *v = &p->visit;
	struct represented *x;
	int64_t whose;
	size_t n;

	if (page_whose(p, &whose, e) ||
		person_represented(p->res->book, v->person, p->a, &x, &n, e))
		return -1;
	if (opens_for(p, whose, t))
		return 0;
	if (opens_for(p, v->person, t)) {
		v->represented = 0;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		if (opens_for(p, x[i].person, t)) {
			v->represented = x[i].person;
			return 0;
		}
	return ticket_open(p->res->book, v->ticket, whose, p->a, t, e);
}

int
door_after(struct page *p, const char **path, struct err *e)
{
	struct visit *v = &p->visit;
	struct ticket t = { 0 };
	int ret;

	*path = NULL;
	if (!*v->ticket)
		return 0;
	ret = open_for(p, &t, e);
	if (ret)
		*v->ticket = '\0';
	copy(v->request, sizeof(v->request), t.request);
	copy(v->return_url, sizeof(v->return_url), t.return_url);
	visit_keep(p->res->visits, v);
	*path = t.request ? "/request" : "/connect";
	return ret;
}

/* ---- the provider's answer ---- */

static struct account_claim
claim_of(const struct page *p, const struct visit_pending *x)
{
	return (struct account_claim){
		oidc_setting_of(p->res->provider[x->provider])->issuer,
		x->subject, x->level
	};
}

/* The person is who the account says: a new visit id from here on. */
static void
sign_in(struct page *p, int64_t person, const char *level)
{
	p->visit.person = person;
	p->visit.represented = 0;
	memcpy(p->visit.level, level, strlen(level) + 1);
	visit_renew(p->res->visits, &p->visit);
	p->cookie = true;
}

/* An account that nobody has: new here, or one more of who is signed in. */
static int
unknown_account(struct page *p, const struct visit_pending *x, struct err *e)
{
	p->visit.pending = *x;
	visit_renew(p->res->visits, &p->visit);
	p->cookie = true;
	return page_go(p, e, "/%s/%s", page_lang(p),
		p->visit.person ? "join" : "welcome");
}

static int
known_account(struct page *p, int64_t person, const struct visit_pending *x,
	struct err *e)
{
	const char *path;

	if (p->visit.person && p->visit.person != person)
		return link_refuse(e, LINK_ACCOUNT_TAKEN);
	sign_in(p, person, x->level);
	if (p->visit.pending.there)
		return page_go(p, e, "/%s/join", page_lang(p));
	if (door_after(p, &path, e))
		return -1;
	return page_go(p, e, "/%s%s", page_lang(p), path ? path : "/");
}

static int
answered(struct page *p, size_t i, const struct oidc_identity *who,
	struct err *e)
{
	struct visit_pending x = { .there = true, .provider = i };
	struct account_claim claim;
	struct err why = ERR_INIT;
	int64_t person;

	memcpy(x.subject, who->sub, strlen(who->sub) + 1);
	memcpy(x.level, who->level, strlen(who->level) + 1);
	claim = claim_of(p, &x);
	if (!person_login(p->res->book, &claim, &person, &why))
		return known_account(p, person, &x, e);
	if (!str_equal(why.code, "link.account_unknown")) {
		*e = why;
		return -1;
	}
	return unknown_account(p, &x, e);
}

/* An answer to an attempt that another tab has replaced does not end that one. */
static bool
is_answer(struct page *p)
{
	const char *query = request_query(p->r);
	const char *state = query_get(p->a, query ? query : "", "state");

	return p->visiting && p->visit.trying && state &&
	       strlen(state) == OIDC_TOKEN_LEN &&
	       ct_equal(state, p->visit.attempt.state, OIDC_TOKEN_LEN);
}

int
door_callback(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	size_t i = resident_provider(p->res, request_segment(r, "provider"));
	struct oidc_attempt attempt;
	struct oidc_identity who;

	(void)state;
	if (i == p->res->providers)
		return fail(e, FAULT_NOT_FOUND, "no such provider");
	if (!is_answer(p) || !visit_attempt(p->res->visits, p->visit.id, i,
				     &attempt, &p->ja))
		return fail(e, FAULT_BAD_REQUEST,
			"no sign-in is on its way in this browser");
	p->visit.trying = false;
	if (oidc_finish(p->res->provider[i], p->a, &attempt, request_query(r),
		    &who, e))
		return -1;
	return answered(p, i, &who, e);
}

/* ---- new here ---- */

static bool
is_new(const struct page *p)
{
	return p->visiting && p->visit.pending.there && !p->visit.person;
}

int
door_welcome(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	size_t mine = p->visit.pending.provider;

	(void)state;
	if (!is_new(p))
		return page_go(p, e, "/%s/", page_lang(p));
	page_begin(p, say(p, W_WELCOME));
	html_put(p->out,
		"<p>%s</p><section class=\"card\"><h2>%s</h2>"
		"<p>%s</p>",
		say_with(p, W_WELCOME_LEAD, provider_label(p, mine), NULL),
		say(p, W_REGISTER_TITLE), say(p, W_REGISTER_TEXT));
	form_begin(p, path_of(p, "/register"), "bare");
	form_end(p, W_REGISTER, "primary");
	html_put(p->out,
		"</section><section class=\"card\"><h2>%s</h2><p>%s</p>",
		say(p, W_JOIN_TITLE), say(p, W_JOIN_TEXT));
	put_providers(p, W_SIGN_IN_WITH, "button secondary");
	html_put(p->out, "</section>");
	return page_send(p, 200, e);
}

int
door_register(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	struct account_claim claim;
	const char *path;
	int64_t person;

	(void)state;
	if (!is_new(p))
		return fail(e, FAULT_BAD_REQUEST, "no account to register");
	claim = claim_of(p, &p->visit.pending);
	if (person_register(p->res->book, &claim, &person, e))
		return -1;
	p->visit.pending.there = false;
	sign_in(p, person, claim.level);
	if (door_after(p, &path, e))
		return -1;
	return page_go_saying(
		p, W_REGISTERED, path_of(p, "%s", path ? path : "/"), e);
}

/* ---- one more account ---- */

int
door_join_page(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);

	(void)state;
	if (!p->visit.pending.there)
		return page_go(p, e, "/%s/", page_lang(p));
	page_begin(p, say(p, W_JOIN_CONFIRM));
	html_put(p->out, "<p>%s</p><div class=\"actions\">",
		say_with(p, W_JOIN_CONFIRM_TEXT,
			provider_label(p, p->visit.pending.provider), NULL));
	form_begin(p, path_of(p, "/join"), "bare");
	form_end(p, W_JOIN, "primary");
	form_begin(p, path_of(p, "/forget"), "bare");
	form_end(p, W_FORGET, "secondary");
	html_put(p->out, "</div>");
	return page_send(p, 200, e);
}

/* On to the link the person came with, if there was one. */
static int
go_on(struct page *p, enum resident_word notice, struct err *e)
{
	const char *path;

	p->visit.pending.there = false;
	visit_keep(p->res->visits, &p->visit);
	if (door_after(p, &path, e))
		return -1;
	return page_go_saying(
		p, notice, path_of(p, "%s", path ? path : "/services"), e);
}

int
door_join(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	struct account_claim claim;

	(void)state;
	if (!p->visit.pending.there)
		return page_go_saying(
			p, W_NOTHING_TO_JOIN, path_of(p, "/services"), e);
	claim = claim_of(p, &p->visit.pending);
	if (person_account_add(p->res->book, p->visit.person, &claim, e))
		return -1;
	return go_on(p, W_JOINED, e);
}

int
door_forget(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	const char *path;

	(void)state;
	p->visit.pending.there = false;
	visit_keep(p->res->visits, &p->visit);
	if (door_after(p, &path, e))
		return -1;
	return page_go(p, e, "/%s%s", page_lang(p), path ? path : "/");
}

int
door_logout(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);

	(void)state;
	visit_end(p->res->visits, p->visit.id);
	p->visiting = false;
	p->cookie = true;
	return page_go(p, e, "/%s/?signed-out", page_lang(p));
}
