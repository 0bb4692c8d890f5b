/* SPDX-License-Identifier: MIT */
/*
 * Services of the center about identifiers: a link to the page that links,
 * BaseID照会, ID完了通知, ID連携完了通知, unlinking, representatives.
 */
#include "door_int.h"

#include "clock.h"
#include "db.h"
#include "err.h"
#include "link_int.h"
#include "mem.h"
#include "resident.h"

struct start {
	struct ticket_new t;
	struct arena *a;
	const char *secret;
};

static int
start(struct db_conn *c, void *arg, struct err *e)
{
	struct start *s = arg;

	return ticket_make(c, &s->t, s->a, &s->secret, e);
}

DOOR_HANDLER(door_link_start)
{
	struct link *l = state;
	struct arena *a = request_arena(r);
	struct start s = { .a = a,
		.t = { .kind = "link",
			.organisation = door_caller(r)->member,
			.seconds = TICKET_LINK_S } };
	char time[TIME_TEXT_MAX];
	json_t *body, *j;

	if (door_body(r, &body, e) ||
		json_opt_str(body, "state", TICKET_STATE_MAX, &s.t.state, e) ||
		db_transact(l->book.db, start, &s, e))
		return -1;
	j = json_object();
	json_put_str(j, "url", resident_ticket_url(a, l->conf, s.secret));
	json_put_str(j, "expiresAt",
		time_iso(time, clock_now() + TICKET_LINK_S * 1000));
	return door_reply(r, 201, j, e);
}

DOOR_HANDLER(door_inquiry)
{
	struct link *l = state;
	struct inquiry i;
	const char *ticket;
	json_t *body, *j;

	if (door_body(r, &body, e) ||
		json_need_str(body, "ticket", LINK_NAME_MAX, &ticket, e) ||
		ticket_inquire(&l->book, door_caller(r)->member, ticket,
			request_arena(r), &i, e))
		return -1;
	j = json_object();
	json_put_str(j, "id", i.id);
	json_put_str(j, "kind", i.shared ? "base" : "pairwise");
	json_put_str(j, "level", i.level);
	json_put_str(j, "state", i.state);
	return door_reply(r, 200, j, e);
}

static int
complete(struct request *r, struct link *l, const char *to, struct err *e)
{
	const char *id;
	json_t *body, *j;

	if (door_body(r, &body, e) ||
		json_need_str(body, "id", LINK_NAME_MAX, &id, e) ||
		idlink_complete(&l->book, door_caller(r)->member, id, to, e))
		return -1;
	j = json_object();
	json_put_str(j, "id", id);
	json_put_str(j, "state", to);
	return door_reply(r, 200, j, e);
}

DOOR_HANDLER(door_registered)
{
	return complete(r, state, "registered", e);
}

DOOR_HANDLER(door_linked)
{
	return complete(r, state, "linked", e);
}

DOOR_HANDLER(door_unlinked)
{
	return complete(r, state, "unlinked", e);
}

DOOR_HANDLER(door_represent)
{
	struct link *l = state;
	const char *until, *id, *whom = NULL;
	struct attestation t = { .organisation = door_caller(r)->member,
		.registered = &whom };
	json_t *body, *j;

	if (door_body(r, &body, e) ||
		json_opt_str(body, "id", LINK_NAME_MAX, &t.person, e) ||
		json_need_str(body, "representative", LINK_NAME_MAX,
			&t.representative, e) ||
		json_need_str(body, "kind", LINK_NAME_MAX, &t.kind, e) ||
		json_need_str(body, "validTo", TIME_TEXT_MAX, &until, e) ||
		time_parse(until, &t.valid_to, e) ||
		representation_add(&l->book, &t, request_arena(r), &id, e))
		return -1;
	j = json_object();
	json_put_str(j, "representation", id);
	json_put_str(j, "id", t.person ? t.person : whom);
	return door_reply(r, 201, j, e);
}

DOOR_HANDLER(door_represent_end)
{
	struct link *l = state;

	if (representation_end(&l->book, door_caller(r)->member,
		    request_segment(r, "id"), e))
		return -1;
	return reply_send(r, 204, NULL, bytes_of(NULL, 0), e);
}
