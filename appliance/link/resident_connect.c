/* SPDX-License-Identifier: MIT */
/*
 * Linking with an organisation, from its one-time link: what it means, yes or
 * no, and the way back. The way back is the organisation's registered address
 * and a link to press, never a redirect to something that came with a request.
 */
#include "err.h"
#include "mem.h"
#include "resident_int.h"
#include "text.h"

static int
open_ticket(struct page *p, struct ticket *t, int64_t *whose, struct err *e)
{
	if (!*p->visit.ticket)
		return link_refuse(e, LINK_NO_TICKET);
	if (page_whose(p, whose, e) ||
		ticket_open(p->res->book, p->visit.ticket, *whose, p->a, t, e))
		return -1;
	if (!str_equal(t->kind, "link"))
		return link_refuse(e, LINK_NO_TICKET);
	return 0;
}

static const char *
name_of(const struct page *p, const struct ticket *t)
{
	return pick(p, (struct words){ t->name_ja, t->name_en });
}

int
connect_page(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	struct ticket t;
	const char *name;
	int64_t whose;

	(void)state;
	if (open_ticket(p, &t, &whose, e))
		return -1;
	name = name_of(p, &t);
	page_begin(p, say_with(p, W_CONNECT, name, NULL));
	html_put(p->out, "<p>%s</p><div class=\"actions\">",
		say_with(p, W_CONNECT_TEXT, name, NULL));
	form_begin(p, path_of(p, "/connect"), "bare");
	form_end(p, W_CONNECT_DO, "primary");
	form_begin(p, path_of(p, "/connect/no"), "bare");
	form_end(p, W_CONNECT_NO, "primary");
	html_put(p->out, "</div>");
	return put_for_whom(p, e) ? -1 : page_send(p, 200, e);
}

static void
forget_ticket(struct page *p)
{
	p->visit.ticket[0] = '\0';
	visit_keep(p->res->visits, &p->visit);
}

int
connect_post(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);
	const char *go, *code, *name;
	struct ticket t;
	int64_t whose;

	(void)state;
	if (open_ticket(p, &t, &whose, e) ||
		ticket_link(p->res->book, p->visit.ticket, whose, p->a, &go,
			&code, e))
		return -1;
	forget_ticket(p);
	name = name_of(p, &t);
	page_begin(p, say_with(p, W_CONNECT, name, NULL));
	html_put(p->out, "<p class=\"notice\" role=\"status\">%s</p>",
		say(p, W_CONNECTED));
	if (go) {
		html_put(p->out, "<p>%s</p><p class=\"go\">",
			say_with(p, W_CONNECT_GO, name, NULL));
		html_link(p->out, go, say_with(p, W_RETURN, name, NULL));
		html_put(p->out, "</p>");
	} else {
		html_put(p->out,
			"<p>%s</p><p class=\"code\"><code>%s</code>"
			"</p>",
			say_with(p, W_CONNECT_CODE, name, NULL), code);
	}
	return page_send(p, 200, e);
}

int
connect_no_post(struct request *r, void *state, struct err *e)
{
	struct page *p = page_of(r);

	(void)state;
	forget_ticket(p);
	return page_go(p, e, "/%s/", page_lang(p));
}
