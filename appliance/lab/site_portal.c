/* SPDX-License-Identifier: MIT */
/*
 * The lab's portals, for trying Personal-Link in a browser: at the town a
 * resident begins to be linked, at the company somebody is asked for consent
 * and the company fetches what was consented to.
 */
#include "lab_int.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "form.h"
#include "html.h"
#include "http_server.h"
#include "mem.h"
#include "site_int.h"
#include "text.h"

static const char *
say(const struct site *s, const char *ja, const char *en)
{
	return s->lab->japanese ? ja : en;
}

static void
put_button(struct buf *b, const char *action, const char *text)
{
	html_put(b,
		"<form method=\"post\" action=\"%s\"><button>%s</button></form>",
		action, text);
}

static void
put_town(const struct site *s, struct buf *b)
{
	html_put(b, "<h2>%s</h2><p>%s</p>",
		say(s, "1. 海風町の窓口", "1. At the town"),
		say(s, "町の利用者番号を Personal-Link につなぎます。",
			"Links the town's own number of a resident with "
			"Personal-Link."));
	for (int i = 0; i < SAMPLE_PEOPLE; i++)
		html_put(b,
			"<form method=\"post\" action=\"/town/link\"><button "
			"name=\"who\" value=\"%s\">%s (%s)</button></form>",
			sample_people[i].sub,
			say(s, sample_people[i].ja, sample_people[i].en),
			sample_people[i].user_id);
}

static void
put_firm(const struct site *s, struct buf *b)
{
	html_put(b, "<h2>%s</h2><p>%s</p>",
		say(s, "2. みなと物流", "2. At the company"),
		say(s,
			"住宅手当の審査のため、所得の証明を町から受け取る同意を"
			"求めます。サインインした人が、項目ごとに決めます。",
			"Asks for consent to get a proof of income from the "
			"town, item by item."));
	put_button(
		b, "/company/ask", say(s, "同意を求める", "Ask for consent"));
	html_put(b, "<h2>%s</h2><p>%s</p>",
		say(s, "3. データを受け取る", "3. Get the data"),
		say(s,
			"同意があれば町のサーバがデータを返します。取り消すと、"
			"次から拒否されます。",
			"The town's server answers while there is consent, and "
			"refuses from the next request on when it was taken "
			"back."));
	put_button(b, "/company/fetch",
		say(s, "町に問い合わせる", "Ask the town"));
	html_put(b, "<h2>%s</h2><p><a href=\"https://%s:%d/\">%s</a></p>",
		say(s, "4. 住民のページ", "4. The resident's pages"),
		s->lab->machine[CENTER].address,
		lab_port(s->lab, PORT_RESIDENT),
		say(s, "同意の確認・取り消し、誰が使ったかの履歴",
			"What was consented to, taking it back, who used "
			"the data"));
}

SITE_HANDLER(portal_home)
{
	const struct site *s = state;
	struct buf b;
	int ret;

	buf_init(&b, SITE_PAGE_MAX);
	site_begin(r, s, &b, "個人同意によるデータ連携を試す",
		"Try consent: the lab's town and company");
	put_town(s, &b);
	put_firm(s, &b);
	ret = site_send(r, 200, &b, e);
	buf_done(&b);
	return ret;
}

/* ---- the town ---- */

SITE_HANDLER(portal_link)
{
	struct site *s = state;
	struct arena *a = request_arena(r);
	struct site_link made = { .who = NULL };
	struct bytes body;
	struct form form;
	const char *url;

	if (request_body(r, &body, e) || form_read(a, body, &form, e))
		return -1;
	made.who = site_person(form_get(&form, "who"));
	if (!made.who)
		return fail(e, FAULT_BAD_REQUEST, "nobody was chosen");
	oidc_token(made.state);
	if (town_link_url(s->lab, a, made.state, &url, e))
		return -1;
	pthread_mutex_lock(&s->lock);
	s->link[s->links++ % SITE_CODES] = made;
	pthread_mutex_unlock(&s->lock);
	return site_go(r, url, e);
}

static const struct sample_person *
take_link(struct site *s, const char *state)
{
	const struct sample_person *who = NULL;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; state && *state && i < SITE_CODES; i++)
		if (str_equal(s->link[i].state, state)) {
			who = s->link[i].who;
			s->link[i].state[0] = '\0';
		}
	pthread_mutex_unlock(&s->lock);
	return who;
}

SITE_HANDLER(portal_back)
{
	struct site *s = state;
	struct arena *a = request_arena(r);
	const char *query = request_query(r) ? request_query(r) : "";
	const char *ticket = query_get(a, query, "ticket");
	const struct sample_person *who =
		take_link(s, query_get(a, query, "state"));
	struct buf b;
	int ret;

	if (!who || !ticket)
		return fail(e, FAULT_BAD_REQUEST,
			"nobody went from here to be linked; begin again");
	if (town_link_finish(s->lab, a, ticket, who->user_id, e))
		return -1;
	buf_init(&b, SITE_PAGE_MAX);
	site_begin(r, s, &b, "海風町とつながりました", "Linked with the town");
	html_put(&b, "<p>%s</p><p><a href=\"/\">%s</a></p>", who->user_id,
		say(s, "次へ", "Go on"));
	ret = site_send(r, 200, &b, e);
	buf_done(&b);
	return ret;
}

/* ---- the company ---- */

SITE_HANDLER(portal_ask)
{
	struct site *s = state;
	const char *url, *reference;

	if (firm_ask(s->lab, request_arena(r), INCOME_SERVICE, &url, &reference,
		    e))
		return -1;
	pthread_mutex_lock(&s->lock);
	snprintf(s->reference, sizeof(s->reference), "%s", reference);
	pthread_mutex_unlock(&s->lock);
	return site_go(r, url, e);
}

SITE_HANDLER(portal_fetch)
{
	struct site *s = state;
	struct arena *a = request_arena(r);
	struct api_answer answer;
	char reference[sizeof(s->reference)];
	struct buf b;
	int ret;

	pthread_mutex_lock(&s->lock);
	memcpy(reference, s->reference, sizeof(reference));
	pthread_mutex_unlock(&s->lock);
	if (!*reference)
		return fail(e, FAULT_CONFLICT,
			"the company has not asked anybody for consent yet");
	if (firm_fetch(s->lab, a, reference, &answer, e))
		return -1;
	buf_init(&b, SITE_PAGE_MAX);
	if (answer.status == 200)
		site_begin(r, s, &b, "町からの回答", "The town's answer");
	else
		site_begin(r, s, &b, "拒否されました", "Refused");
	html_put(&b, "<pre>%s</pre><p><a href=\"/\">%s</a></p>",
		arena_strndup(
			a, (const char *)answer.body.data, answer.body.len),
		say(s, "戻る", "Back"));
	ret = site_send(r, 200, &b, e);
	buf_done(&b);
	return ret;
}
