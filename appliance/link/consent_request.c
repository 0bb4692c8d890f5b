/* SPDX-License-Identifier: MIT */
/*
 * A consumer asks for consents: what it may ask is judged, what it has already
 * is not asked again, the rest waits behind a one-time link.
 */
#include "link_int.h"

#include <assert.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

struct asking {
	const struct consent_ask *ask;
	struct consent_asked *out;
	struct arena *a;
	int64_t person; /* 0: who opens the link */
	struct purpose purpose;
	size_t open; /* wishes that nobody granted yet */
};

static bool
has_item(const struct offering *s, const char *code)
{
	for (size_t i = 0; i < s->items; i++)
		if (str_equal(s->item[i].code, code))
			return true;
	return false;
}

/* The items asked for as an array in the service's own order. */
static int
wanted(struct asking *x, const struct consent_wish *w, const struct offering *s,
	json_t **out, struct err *e)
{
	json_t *list = json_keep(x->a, json_array());

	*out = list;
	for (size_t i = 0; i < w->items; i++)
		if (!has_item(s, w->item[i]))
			return link_refuse(e, LINK_CONSENT_ITEMS);
	for (size_t i = 0; i < s->items; i++) {
		bool in = !w->items;

		for (size_t k = 0; k < w->items; k++)
			in = in || str_equal(w->item[k], s->item[i].code);
		if (in)
			json_array_append_new(
				list, json_text_new(s->item[i].code));
	}
	return 0;
}

static bool
covers(const json_t *given, const json_t *wants)
{
	json_t *one;
	size_t i;

	json_each(one, i, wants) {
		if (!json_list_has(given, json_string_value(one)))
			return false;
	}
	return true;
}

/* Is the whole wish granted already? */
static int
granted(struct db_conn *c, struct asking *x, const struct offering *s,
	const json_t *wants, const char **reference, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_CONSENT_VALID, db_int(x->person),
		db_text(s->id), db_text(x->purpose.id), db_int(clock_now()));

	*reference = NULL;
	while (x->person && query_next(q))
		if (covers(codes_parse(x->a, query_text(q, 1)), wants))
			*reference = query_text_dup(x->a, q, 0);
	return query_end(q, e);
}

static struct db_arg
person_or_null(int64_t person)
{
	return person ? db_int(person) : db_null();
}

static int
add(struct db_conn *c, struct asking *x, const struct offering *s,
	const json_t *wants, int64_t days, const char **reference,
	struct err *e)
{
	char id[LINK_ID_LEN + 1];
	int64_t now = clock_now();

	link_id_make(id);
	*reference = arena_strdup(x->a, id);
	x->open++;
	if (db_run(c, Q_LINK_CONSENT_ADD, e, db_text(id),
		    db_text(x->out->request), person_or_null(x->person),
		    db_text(s->id), db_text(x->purpose.id),
		    db_text(codes_text(x->a, wants)), db_int(days),
		    db_int(now)) < 0 ||
		db_run(c, Q_LINK_STEP_ADD, e, db_text(id), db_int(now),
			db_null(),
			db_text(consent_state_name(CONSENT_REQUESTED)),
			db_text(consent_actor_name(ACTOR_CONSUMER)), db_null(),
			db_text("asked"), db_text("[]"), db_null()) < 0)
		return -1;
	return feed_once(c, x->ask->consumer, "organisation", s->provider, e) ||
			       feed_once(c, x->ask->consumer, "service", s->id,
				       e) ||
			       feed_add(c, x->ask->consumer, "consent", id, e)
		       ? -1
		       : 0;
}

static int
ask_one(struct db_conn *c, struct asking *x, size_t i, struct err *e)
{
	const struct consent_wish *w = &x->ask->wish[i];
	int64_t days = w->days;
	struct offering s;
	json_t *wants;

	if (offering_in(c, w->service, x->a, &s, e))
		return -1;
	if (!s.valid)
		return link_refuse(e, LINK_NO_SERVICE);
	if (!days)
		days = s.max_days;
	if (days < 1 || days > s.max_days)
		return link_refuse(e, LINK_CONSENT_DAYS);
	if (wanted(x, w, &s, &wants, e) ||
		granted(c, x, &s, wants, &x->out->reference[i], e))
		return -1;
	x->out->valid[i] = x->out->reference[i] != NULL;
	if (x->out->valid[i])
		return 0;
	return add(c, x, &s, wants, days, &x->out->reference[i], e);
}

/* Not "https://town.example.org.elsewhere", and nothing that a browser reads
   in another way than we do. */
static bool
is_below(const char *url, const char *home)
{
	size_t len = home ? strlen(home) : 0;

	if (!len || !str_prefix(url, home) || strpbrk(url, " \t\r\n\"<>\\#"))
		return false;
	if (home[len - 1] == '/')
		return !strstr(url + len, "..");
	return strchr(home + strlen("https://"), '/') &&
	       (!url[len] || url[len] == '?' || url[len] == '/') &&
	       !strstr(url + len, "..");
}

/* Who is meant, for whom it is asked, where it may lead. */
static int
judge(struct db_conn *c, struct asking *x, struct err *e)
{
	const struct consent_ask *ask = x->ask;
	struct organisation o;
	const char *pairwise, *state;

	if (organisation_in(c, ask->consumer, x->a, &o, e) ||
		purpose_in(c, ask->purpose, x->a, &x->purpose, e))
		return -1;
	if (!o.active)
		return link_refuse(e, LINK_NO_ORGANISATION);
	if (!x->purpose.valid ||
		!str_equal(x->purpose.subsystem, ask->subsystem))
		return link_refuse(e, LINK_NO_PURPOSE);
	if (ask->return_url && !is_below(ask->return_url, o.return_url))
		return link_refuse(e, LINK_NO_RETURN);
	if (!ask->pairwise)
		return 0;
	if (idlink_of(c, ask->consumer, ask->pairwise, x->a, &pairwise,
		    &x->person, &state, e))
		return -1;
	return str_equal(state, "unlinked") ? link_refuse(e, LINK_NO_LINK) : 0;
}

static int
ask_all(struct db_conn *c, void *arg, struct err *e)
{
	struct asking *x = arg;
	const struct consent_ask *ask = x->ask;
	int64_t longest = TICKET_CONSENT_S;
	int64_t seconds = ask->seconds > 0 && ask->seconds < longest
				  ? ask->seconds
				  : longest;
	const struct ticket_new t = { .kind = "consent",
		.organisation = ask->consumer,
		.request = x->out->request,
		.seconds = seconds };

	x->open = 0;
	x->out->expires_at = clock_now() + seconds * 1000;
	if (judge(c, x, e) ||
		db_run(c, Q_LINK_REQUEST_ADD, e, db_text(x->out->request),
			db_text(ask->consumer), db_text(ask->pairwise),
			person_or_null(x->person), db_text(ask->return_url),
			db_int(clock_now()), db_int(x->out->expires_at)) < 0)
		return -1;
	for (size_t i = 0; i < ask->wishes; i++)
		if (ask_one(c, x, i, e))
			return -1;
	return x->open ? ticket_make(c, &t, x->a, &x->out->secret, e) : 0;
}

int
consent_request(struct linkbook *b, const struct consent_ask *ask,
	struct arena *a, struct consent_asked *out, struct err *e)
{
	struct asking x = { .ask = ask, .out = out, .a = a };
	char id[LINK_ID_LEN + 1];

	assert(b->mode == LINK_CENTER);
	if (!ask->wishes || ask->wishes > CONSENT_WISHES_MAX)
		return fail(e, FAULT_BAD_REQUEST,
			"a request names 1 to %d services", CONSENT_WISHES_MAX);
	link_id_make(id);
	*out = (struct consent_asked){ .request = arena_strdup(a, id) };
	out->reference = arena_array(a, ask->wishes, sizeof(*out->reference));
	out->valid = arena_array(a, ask->wishes, sizeof(*out->valid));
	return linkbook_transact(b, ask_all, &x, e);
}
