/* SPDX-License-Identifier: MIT */
/*
 * Services of the center about consents: declarations to ask for, asking,
 * status, giving back, reports of transfers, and the signed decision.
 */
#include "door_int.h"

#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_int.h"
#include "link_sql.h"
#include "mem.h"
#include "resident.h"
#include "text.h"

DOOR_HANDLER(door_services)
{
	struct link *l = state;
	json_t *list = json_keep(request_arena(r), json_array()), *j;
	struct offering *s;
	size_t n;

	if (offering_list(&l->book, request_arena(r), &s, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (s[i].valid)
			json_array_append_new(list, offering_json(&s[i]));
	j = json_object();
	json_put_new(j, "services", json_incref(list));
	return door_reply(r, 200, j, e);
}

/* ---- asking ---- */

static int
read_wish(
	struct arena *a, const json_t *j, struct consent_wish *w, struct err *e)
{
	json_t *items = json_list(j, "items"), *one;
	const char **code;
	size_t i;

	if (json_need_str(j, "service", LINK_NAME_MAX, &w->service, e) ||
		json_opt_int(j, "days", 1, LINK_DAYS_MAX, &w->days, e))
		return -1;
	w->items = json_array_size(items);
	if (w->items > LINK_ITEMS_MAX)
		return link_refuse(e, LINK_CONSENT_ITEMS);
	code = arena_array(a, w->items + 1, sizeof(*code));
	json_each(one, i, items) {
		code[i] = json_string_value(one);
		if (!code[i])
			return fail(e, FAULT_BAD_REQUEST,
				"\"items\" must hold codes");
	}
	w->item = code;
	return 0;
}

static int
read_ask(struct request *r, struct link *l, struct consent_ask *ask,
	struct err *e)
{
	struct arena *a = request_arena(r);
	struct consent_wish *w;
	struct purpose p;
	const char *purpose;
	json_t *body, *list, *one;
	size_t i;

	ask->consumer = door_caller(r)->member;
	ask->subsystem = door_caller(r)->subsystem;
	if (door_body(r, &body, e) ||
		json_need_str(body, "purpose", LINK_NAME_MAX, &purpose, e) ||
		json_opt_str(body, "id", LINK_NAME_MAX, &ask->pairwise, e) ||
		json_opt_str(
			body, "returnUrl", LINK_URL_MAX, &ask->return_url, e) ||
		json_opt_int(body, "seconds", 60, TICKET_CONSENT_S,
			&ask->seconds, e) ||
		json_need_list(
			body, "services", CONSENT_WISHES_MAX, &list, e) ||
		purpose_by_code(&l->book, ask->consumer, purpose, a, &p, e))
		return -1;
	ask->purpose = p.id;
	ask->wishes = json_array_size(list);
	w = arena_array(a, ask->wishes + 1, sizeof(*w));
	json_each(one, i, list) {
		if (read_wish(a, one, &w[i], e))
			return -1;
	}
	ask->wish = w;
	return 0;
}

DOOR_HANDLER(door_consent_request)
{
	struct link *l = state;
	struct arena *a = request_arena(r);
	struct consent_ask ask = { .wishes = 0 };
	struct consent_asked asked;
	char time[TIME_TEXT_MAX];
	json_t *j, *list;

	if (read_ask(r, l, &ask, e) ||
		consent_request(&l->book, &ask, a, &asked, e))
		return -1;
	j = json_object();
	list = json_array();
	json_put_str(j, "request", asked.request);
	if (asked.secret) {
		json_put_str(j, "url",
			resident_ticket_url(a, l->conf, asked.secret));
		json_put_str(j, "expiresAt", time_iso(time, asked.expires_at));
	}
	json_put_new(j, "consents", list);
	for (size_t i = 0; i < ask.wishes; i++) {
		json_t *one = json_object();

		json_put_str(one, "reference", asked.reference[i]);
		json_put_str(one, "service", ask.wish[i].service);
		json_put_str(one, "state",
			consent_state_name(asked.valid[i] ? CONSENT_APPROVED
							  : CONSENT_REQUESTED));
		json_array_append_new(list, one);
	}
	return door_reply(r, 201, j, e);
}

static int
request_consents(struct db_conn *c, const char *id, const char *member,
	json_t *list, struct err *e)
{
	struct query *q =
		db_query(c, Q_LINK_REQUEST_GET, db_text(id), db_text(member));
	bool found = query_next(q);

	if (query_end(q, e))
		return -1;
	if (!found)
		return link_refuse(e, LINK_NO_CONSENT);
	q = db_query(c, Q_LINK_REQUEST_CONSENTS, db_text(id));
	while (query_next(q)) {
		json_t *one = json_object();

		json_put_str(one, "reference", query_text(q, 0));
		json_put_str(one, "service", query_text(q, 1));
		json_put_str(one, "state", query_text(q, 2));
		json_array_append_new(list, one);
	}
	return query_end(q, e);
}

DOOR_HANDLER(door_request_get)
{
	struct link *l = state;
	json_t *list = json_keep(request_arena(r), json_array()), *j;
	const char *id = request_segment(r, "id");
	struct db_conn *c = db_take(l->book.db);
	int ret = request_consents(c, id, door_caller(r)->member, list, e);

	db_give(c);
	if (ret)
		return -1;
	j = json_object();
	json_put_str(j, "request", id);
	json_put_new(j, "consents", json_incref(list));
	return door_reply(r, 200, j, e);
}

/* ---- one consent, as its parties see it ---- */

static json_t *
party_json(const struct consent *c)
{
	char time[TIME_TEXT_MAX];
	json_t *j = json_object();

	json_put_str(j, "reference", c->reference);
	json_put_str(j, "state", consent_state_name(c->state));
	json_put_str(j, "provider", c->service.provider);
	json_put_str(j, "target", c->service.target);
	json_put_str(j, "service", c->service.id);
	json_put_str(j, "consumer", c->purpose.consumer);
	json_put_str(j, "purpose", c->purpose.code);
	json_put_new(j, "asked", json_incref(c->asked));
	json_put_new(j, "given", json_incref(c->items));
	json_put_str(j, "subject", c->subject);
	if (c->valid_to) {
		json_put_str(j, "validFrom", time_iso(time, c->valid_from));
		json_put_str(j, "validTo", time_iso(time, c->valid_to));
	}
	return j;
}

DOOR_HANDLER(door_consent_get)
{
	struct link *l = state;
	struct consent c;

	if (consent_of_party(&l->book, door_caller(r)->member,
		    request_segment(r, "reference"), request_arena(r), &c, e))
		return -1;
	return door_reply(r, 200, party_json(&c), e);
}

DOOR_HANDLER(door_consent_end)
{
	struct link *l = state;
	const char *reference = request_segment(r, "reference");
	struct consent c;

	if (consent_give_back(&l->book, door_caller(r)->member, reference, e) ||
		consent_of_party(&l->book, door_caller(r)->member, reference,
			request_arena(r), &c, e))
		return -1;
	return door_reply(r, 200, party_json(&c), e);
}

/* ---- transfers ---- */

struct report {
	json_t *list, *refused;
	const char *provider;
	struct arena *a;
};

/* 1 or 0. */
static int
is_own_consent(struct db_conn *c, const struct report *x, const char *reference,
	struct err *e)
{
	struct query *q =
		db_query(c, Q_LINK_CONSENT_PROVIDER, db_text(reference));
	bool own = query_next(q) && str_equal(query_text(q, 0), x->provider);

	return query_end(q, e) ? -1 : own;
}

static int
take_transfer(struct db_conn *c, const struct report *x, const json_t *one,
	struct err *e)
{
	const char *id, *reference, *at;
	int own;
	json_t *items = json_list(one, "items");
	int64_t ms;

	if (json_need_str(one, "id", LINK_NAME_MAX, &id, e) ||
		json_need_str(one, "reference", LINK_NAME_MAX, &reference, e) ||
		json_need_str(one, "at", TIME_TEXT_MAX, &at, e) ||
		time_parse(at, &ms, e))
		return -1;
	own = is_own_consent(c, x, reference, e);
	if (own < 0)
		return -1;
	if (!own) {
		json_array_append_new(x->refused, json_text_new(id));
		return 0;
	}
	return db_run(c, Q_LINK_TRANSFER_ADD, e, db_text(id),
		       db_text(reference), db_int(ms),
		       db_text(items ? codes_text(x->a, items) : "[]"),
		       db_text(x->provider)) < 0
		       ? -1
		       : 0;
}

static int
take_transfers(struct db_conn *c, void *arg, struct err *e)
{
	struct report *x = arg;
	json_t *one;
	size_t i;

	x->refused = json_keep(x->a, json_array());
	json_each(one, i, x->list) {
		if (take_transfer(c, x, one, e))
			return -1;
	}
	return 0;
}

DOOR_HANDLER(door_transfers_take)
{
	struct link *l = state;
	struct report x = { .provider = door_caller(r)->member,
		.a = request_arena(r) };
	json_t *body, *j;

	if (door_body(r, &body, e) ||
		json_need_list(body, "transfers", TRANSFERS_MAX, &x.list, e) ||
		db_transact(l->book.db, take_transfers, &x, e))
		return -1;
	j = json_object();
	json_put_int(j, "taken",
		(int64_t)(json_array_size(x.list) -
			  json_array_size(x.refused)));
	json_put_new(j, "refused", json_incref(x.refused));
	return door_reply(r, 200, j, e);
}

/* ---- the signed decision ---- */

/* Our own exchange with ourselves: the security server signs and keeps the
   request, whose body is the document. Anything that is no document of ours is
   refused, so that nothing else gets such a signature. */
DOOR_HANDLER(door_decision)
{
	struct link *l = state;
	struct arena *a = request_arena(r);
	const char *id = request_header(r, "X-Road-Id");
	struct db_conn *c = db_take(l->book.db);
	struct query *q = db_query(c, Q_LINK_EVIDENCE_KNOWN, db_text(id));
	const char *known = query_next(q) ? query_text_dup(a, q, 0) : NULL;
	int ret = query_end(q, e);
	struct bytes body;
	json_t *j;

	db_give(c);
	if (ret || request_body(r, &body, e))
		return -1;
	if (!known || !bytes_equal(body, bytes_str(known)))
		return fail(e, FAULT_FORBIDDEN,
			"this is not a decision that is kept here");
	j = json_object();
	json_put_str(j, "type", "personal-link-decision-kept");
	return door_reply(r, 200, j, e);
}
