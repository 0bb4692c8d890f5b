/* SPDX-License-Identifier: MIT */
/*
 * Linked organisations, ways to sign in, acting for a child or ward, leaving.
 * Who acts for somebody sees and ends that person's links, and keeps its own
 * accounts out of it.
 */
#include "err.h"
#include "mem.h"
#include "resident_int.h"
#include "text.h"

struct link_state {
	const char *name;
	enum resident_word word;
};
static const struct link_state link_states[] = {
	{ "pending", W_LINK_PENDING },
	{ "registered", W_LINK_REGISTERED },
	{ "linked", W_LINK_LINKED },
	{ "unlinked", W_LINK_UNLINKED },
};
enum { LINK_STATES = sizeof(link_states) / sizeof(*link_states) };

static void
put_link(struct page *p, const struct idlink *l)
{
	const char *name = pick(p, (struct words){ l->name_ja, l->name_en });

	html_put(p->out, "<li><strong>%s</strong> ", name);
	for (size_t i = 0; i < LINK_STATES; i++)
		if (str_equal(l->state, link_states[i].name))
			html_put(p->out, "<span class=\"state\">%s</span> ",
				say(p, link_states[i].word));
	put_day(p, l->changed_at);
	if (!str_equal(l->state, "unlinked")) {
		form_begin(p, path_of(p, "/unlink"), "bare");
		html_put(p->out,
			"<input type=\"hidden\" name=\"organisation\" "
			"value=\"%s\"><button class=\"secondary\">%s</button>"
			"</form>",
			l->organisation, say_with(p, W_UNLINK, name, NULL));
	}
	html_put(p->out, "</li>");
}

static void
put_links(struct page *p, const struct idlink *l, size_t n)
{
	html_put(p->out, "<section><h2>%s</h2>", say(p, W_LINKS));
	if (!n)
		html_put(p->out, "<p>%s</p>", say(p, W_NO_LINKS));
	else
		html_put(p->out, "<p class=\"hint\">%s</p><ul class=\"list\">",
			say(p, W_UNLINK_NOTE));
	for (size_t i = 0; i < n; i++)
		put_link(p, &l[i]);
	if (n)
		html_put(p->out, "</ul>");
	html_put(p->out, "</section>");
}

static void
put_account(struct page *p, const struct account *x, bool last)
{
	size_t i = resident_issuer(p->res, x->issuer);
	const char *name =
		i < p->res->providers ? provider_label(p, i) : x->issuer;

	html_put(p->out, "<li><strong>%s</strong><br>%s: %s<br>%s: ", name,
		say(p, W_LEVEL), x->level, say(p, W_LAST_SEEN));
	put_moment(p, x->seen_at);
	if (!last) {
		form_begin(p, path_of(p, "/remove"), "bare");
		html_put(p->out,
			"<input type=\"hidden\" name=\"account\" "
			"value=\"%lld\"><button class=\"secondary\">%s</button>"
			"</form>",
			(long long)x->id, say_with(p, W_REMOVE, name, NULL));
	}
	html_put(p->out, "</li>");
}

static void
put_accounts(struct page *p, const struct account *x, size_t n)
{
	html_put(p->out, "<section><h2>%s</h2><ul class=\"list\">",
		say(p, W_ACCOUNTS));
	for (size_t i = 0; i < n; i++)
		put_account(p, &x[i], n == 1);
	html_put(p->out, "</ul><h3>%s</h3>", say(p, W_ADD_ACCOUNT));
	put_providers(p, W_ADD_WITH, "button secondary");
	html_put(p->out, "</section>");
}

static void
put_ward(struct page *p, const struct represented *x)
{
	bool child = str_equal(x->kind, "child");

	html_put(p->out, "<li>%s",
		say_with(p, child ? W_KIND_CHILD : W_KIND_WARD,
			pick(p, (struct words){ x->name_ja, x->name_en }),
			day_text(p, x->valid_to - 1)));
	form_begin(p, path_of(p, "/represent"), "bare");
	html_put(p->out, "<input type=\"hidden\" name=\"id\" value=\"%s\">",
		x->id);
	form_end(p, W_ACT_FOR, "secondary");
	html_put(p->out, "</li>");
}

static void
put_represented(struct page *p, const struct represented *x, size_t n)
{
	html_put(p->out, "<section><h2>%s</h2><p>%s</p>", say(p, W_REPRESENT),
		say(p, n ? W_REPRESENT_TEXT : W_REPRESENT_NONE));
	if (n)
		html_put(p->out, "<ul class=\"list\">");
	for (size_t i = 0; i < n; i++)
		put_ward(p, &x[i]);
	if (n)
		html_put(p->out, "</ul>");
	html_put(p->out, "</section>");
}

/* Nobody acts for somebody without their knowing. */
static void
put_representatives(struct page *p, const struct represented *x, size_t n)
{
	if (!n)
		return;
	html_put(p->out, "<section><h2>%s</h2><p>%s</p><ul class=\"list\">",
		say(p, W_REPRESENTATIVES), say(p, W_REPRESENTATIVES_TEXT));
	for (size_t i = 0; i < n; i++) {
		bool child = str_equal(x[i].kind, "child");

		html_put(p->out, "<li>%s</li>",
			say_with(p, child ? W_BY_PARENT : W_BY_GUARDIAN,
				pick(p, (struct words){ x[i].name_ja,
						x[i].name_en }),
				day_text(p, x[i].valid_to - 1)));
	}
	html_put(p->out, "</ul></section>");
}

int
services_page(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	int64_t me = p->visit.person, whose;
	struct represented *wards, *others;
	struct account *accounts;
	struct idlink *links;
	size_t n, m, k, o;

	(void)state;
	if (page_whose(p, &whose, e) ||
		person_links(p->res->book, whose, p->a, &links, &n, e) ||
		person_accounts(p->res->book, me, p->a, &accounts, &m, e) ||
		person_represented(p->res->book, me, p->a, &wards, &k, e) ||
		person_representatives(p->res->book, me, p->a, &others, &o, e))
		return -1;
	page_begin(p, say(p, W_SERVICES));
	put_links(p, links, n);
	if (p->visit.represented) {
		put_represented(p, wards, k);
		return page_send(p, 200, e);
	}
	put_accounts(p, accounts, m);
	put_represented(p, wards, k);
	put_representatives(p, others, o);
	html_put(p->out,
		"<section><h2>%s</h2><p><a href=\"%s\">%s</a></p>"
		"</section>",
		say(p, W_LEAVE), path_of(p, "/leave"), say(p, W_LEAVE));
	return page_send(p, 200, e);
}

int
unlink_post(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	const char *member = form_get(&p->form, "organisation");
	const struct consent_viewer v = page_viewer(p);

	(void)state;
	if (!member)
		return link_refuse(e, LINK_NO_LINK);
	if (person_unlink(p->res->book, &v, member, e))
		return -1;
	return page_go_saying(p, W_UNLINKED, path_of(p, "/services"), e);
}

int
remove_post(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	const char *text = form_get(&p->form, "account");
	int64_t id;

	(void)state;
	if (!text || int_parse(text, 1, INT64_MAX, &id, NULL))
		return link_refuse(e, LINK_NO_ACCOUNT);
	if (person_account_remove(p->res->book, p->visit.person, id, e))
		return -1;
	return page_go_saying(p, W_REMOVED, path_of(p, "/services"), e);
}

/* Whether the visit's link could be about the person. */
static bool
fits_link(struct page *p, int64_t person, struct ticket *t)
{
	return *p->visit.ticket && !ticket_open(p->res->book, p->visit.ticket,
					   person, p->a, t, NULL);
}

int
put_for_whom(struct page *p, struct err *e)
{
	struct represented *x;
	struct ticket t;
	size_t n, offered = 0;

	if (person_represented(p->res->book, p->visit.person, p->a, &x, &n, e))
		return -1;
	for (size_t i = 0; !p->visit.represented && i < n; i++) {
		if (!fits_link(p, x[i].person, &t))
			continue;
		if (!offered++)
			html_put(p->out,
				"<section><h2>%s</h2><p>%s</p>"
				"<ul class=\"list\">",
				say(p, W_REPRESENT), say(p, W_FOR_WHOM));
		put_ward(p, &x[i]);
	}
	if (offered)
		html_put(p->out, "</ul></section>");
	return 0;
}

/* On with the link the person came with, if it fits. */
static const char *
after_choice(struct page *p)
{
	struct ticket t;
	int64_t whose;

	if (page_whose(p, &whose, NULL) || !fits_link(p, whose, &t))
		return "/";
	return t.request ? "/request" : "/connect";
}

/* Without id: for oneself again. */
int
represent_post(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	const char *id = form_get(&p->form, "id");
	struct represented *x;
	size_t n;

	(void)state;
	p->visit.represented = 0;
	if (id) {
		if (person_represented(
			    p->res->book, p->visit.person, p->a, &x, &n, e))
			return -1;
		for (size_t i = 0; i < n; i++)
			if (str_equal(x[i].id, id))
				p->visit.represented = x[i].person;
		if (!p->visit.represented)
			return link_refuse(e, LINK_NO_REPRESENTATION);
	}
	visit_keep(p->res->visits, &p->visit);
	return page_go(p, e, "/%s%s", page_lang(p), after_choice(p));
}

static int
leave_form(struct page *p, bool missing, struct err *e)
{
	if (p->visit.represented) /* that is for oneself alone */
		return page_go(p, e, "/%s/services", page_lang(p));
	page_begin(p, say(p, W_LEAVE));
	if (missing)
		html_put(p->out,
			"<p id=\"missing\" role=\"alert\" class=\"error\">%s"
			"</p>",
			say(p, W_LEAVE_MISSING));
	html_put(p->out, "<p>%s</p>", say(p, W_LEAVE_TEXT));
	form_begin(p, path_of(p, "/leave"), "decide");
	html_put(p->out,
		"<p class=\"choice\"><input type=\"checkbox\" name=\"sure\" "
		"value=\"yes\" id=\"sure\"><label for=\"sure\">%s</label></p>",
		say(p, W_LEAVE_CHECK));
	form_end(p, W_LEAVE, "danger");
	html_put(p->out, "<p><a href=\"%s\">%s</a></p>",
		path_of(p, "/services"), say(p, W_BACK));
	return page_send(p, missing ? 400 : 200, e);
}

int
leave_page(struct request *r, void *state, struct err *e)
{
	(void)state;
	return leave_form(page_of(r), false, e);
}

int
leave_post(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);

	(void)state;
	if (p->visit.represented ||
		!str_equal(form_get(&p->form, "sure"), "yes"))
		return leave_form(p, true, e);
	if (person_close(p->res->book, p->visit.person, e))
		return -1;
	visits_end_of(p->res->visits, p->visit.person);
	p->visiting = false;
	p->cookie = true;
	return page_go(p, e, "/%s/?left", page_lang(p));
}
