/* SPDX-License-Identifier: MIT */
/*
 * What the own security server tells its cache: answers that left about
 * somebody. Their days stay here for findUsage; the moments of those under a
 * consent go through to the center, whose answer goes back: until the center
 * has them they wait where they were written, in the message log.
 */
#include "door_int.h"

#include "db.h"
#include "err.h"
#include "feed.h"
#include "link_int.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"
#include "tracker.h"

/* Who has lost rows calls itself by another name: then everything is to be
   told again. */
static int
put_names(struct link *l, struct arena *a, json_t *j, struct err *e)
{
	struct db_conn *c = db_take(l->book.db);
	struct query *q = db_query(c, Q_LINK_PLACE);
	struct contact now;
	int ret;

	if (query_next(q))
		json_put_str(j, "cache", query_text_dup(a, q, 1));
	ret = query_end(q, e);
	db_give(c);
	if (ret || feed_contact(&l->book, l->self, &now, e))
		return -1;
	json_put_str(j, "center", *now.epoch ? now.epoch : NULL);
	return 0;
}

/* What the security server still keeps because the center refuses it. */
static void
note_refused(struct link *l, int64_t n)
{
	struct err why = ERR_INIT;

	if (n < 0)
		return;
	if (!n) {
		link_calm(l, TROUBLE_REFUSED);
		return;
	}
	fail(&why, FAULT_CONFLICT,
		"the center does not know the consents of %lld; it may come "
		"from a backup. They stay in the message log and are offered "
		"again, at last once a day",
		(long long)n);
	link_trouble(l, TROUBLE_REFUSED, "transfers", &why);
}

DOOR_HANDLER(door_usages_keep)
{
	struct link *l = state;
	struct arena *a = request_arena(r);
	json_t *body, *list, *j;

	if (door_body(r, &body, e) ||
		json_need_list(body, "usages", TRANSFERS_MAX, &list, e) ||
		tracker_keep(&l->book, l->self, list, e))
		return -1;
	note_refused(l, json_int(body, "refused", -1));
	j = json_keep(a, json_object());
	json_put_int(j, "kept", (int64_t)json_array_size(list));
	return put_names(l, a, j, e) ? -1
				     : door_reply(r, 200, json_incref(j), e);
}

/* No failure of ours, and nothing to log each time. */
static int
center_away(struct request *r, const struct err *why, struct err *e)
{
	struct err refusal = ERR_INIT;
	json_t *j = json_object(), *error = json_object();

	link_refusal(&refusal, LINK_CENTER_AWAY);
	json_put_str(error, "code", refusal.code);
	json_put_str(error, "message", refusal.text);
	json_put_str(error, "message_ja", link_refusal_ja(&refusal));
	json_put_str(error, "cause", why->text);
	json_put_new(j, "error", error);
	return door_reply(r, 503, j, e);
}

static int
pass(struct link *l, struct arena *a, json_t *list, json_t **answer,
	struct err *e)
{
	struct wire_call c = {
		.method = "POST", .service = l->center, .path = "/transfers"
	};
	json_t *body = json_keep(a, json_object());
	int status;

	json_put_new(body, "transfers", json_incref(list));
	c.body = codes_text(a, body);
	if (wire_send(l, a, &c, &status, answer, e))
		return -1;
	if (status == 200 && json_list(*answer, "refused"))
		return 0;
	return fail(e, FAULT_HTTP, "the center answered %d: %s", status,
		json_str(json_sub(*answer, "error"), "message"));
}

DOOR_HANDLER(door_transfers_pass)
{
	struct link *l = state;
	struct arena *a = request_arena(r);
	struct err why = ERR_INIT;
	json_t *body, *list, *answer, *j;

	if (door_body(r, &body, e) ||
		json_need_list(body, "transfers", TRANSFERS_MAX, &list, e) ||
		tracker_keep(&l->book, l->self, list, e))
		return -1;
	if (pass(l, a, list, &answer, &why))
		return center_away(r, &why, e);
	j = json_object();
	json_put_int(j, "taken", json_int(answer, "taken", 0));
	json_put_new(j, "refused", json_incref(json_list(answer, "refused")));
	return door_reply(r, 200, j, e);
}
