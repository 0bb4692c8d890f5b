/* SPDX-License-Identifier: MIT */
/*
 * The feeds on the wire: the center answers a pull, a cache takes a push; and
 * what the organisation's own systems tell their cache.
 */
#include "door_int.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "feed.h"
#include "faultpoint.h"
#include "link_int.h"
#include "log.h"
#include "mem.h"
#include "text.h"
#include "usermaster.h"

enum { USERS_MAX = 1000 };

DOOR_HANDLER(door_changes_get)
{
	struct link *l = state;
	struct arena *a = request_arena(r);
	const char *query = request_query(r) ? request_query(r) : "";
	const char *epoch = query_get(a, query, "epoch");
	const char *after = query_get(a, query, "after");
	int64_t number = 0;
	json_t *page;

	if (after && int_parse(after, 0, INT64_MAX, &number, e))
		return -1;
	if (feed_page(&l->book, door_caller(r)->member, epoch ? epoch : "",
		    number, a, &page, e) ||
		feed_told(&l->book, door_caller(r)->member,
			json_int(page, "after", 0), e))
		return -1;
	pushes_awake(l->pushes, door_caller(r)->member);
	return door_reply(r, 200, json_incref(page), e);
}

/* What may be in a page that comes to this path. */
static const struct {
	const char *path, *kind;
} narrow[] = {
	{ "/id-conversions", "id_pair" },
	{ "/id-links", "id_conversion" },
	{ "/consents", "consent" },
};

static int
check_kinds(struct request *r, const json_t *page, struct err *e)
{
	json_t *list = json_list(page, "changes"), *one;
	const char *kind = NULL;
	size_t i;

	for (i = 0; i < sizeof(narrow) / sizeof(*narrow); i++)
		if (str_equal(narrow[i].path, request_path(r)))
			kind = narrow[i].kind;
	json_each(one, i, list) {
		if (kind && !str_equal(json_str(one, "kind"), kind))
			return fail(e, FAULT_BAD_REQUEST,
				"%s takes changes of kind %s only; send "
				"others to /changes",
				request_path(r), kind);
	}
	return 0;
}

static json_t *
position_json(const struct feed_taken *t)
{
	json_t *j = json_object();

	json_put_str(j, "epoch", t->epoch);
	json_put_int(j, "position", t->position);
	return j;
}

/* A gap is no failure of the center: it is told where to go on. */
DOOR_HANDLER(door_changes_put)
{
	struct link *l = state;
	struct err why = ERR_INIT;
	struct feed_taken taken;
	json_t *page, *j;

	if (door_body(r, &page, e) || check_kinds(r, page, e))
		return -1;
	if (fault_at("link.feed_take"))
		return fail(e, FAULT_DATABASE, "the disk is full");
	if (!feed_take(&l->book, l->self, page, &taken, &why))
		return door_reply(r, 200, position_json(&taken), e);
	if (!str_equal(why.code, "link.feed_gap"))
		return fail(e, why.fault, "%s", why.text);
	j = position_json(&taken);
	json_put_str(j, "code", why.code);
	return door_reply(r, 409, j, e);
}

/* ---- UL-PL ユーザーマスタTBL登録 ---- */

DOOR_HANDLER(door_users_put)
{
	struct link *l = state;
	json_t *body, *list, *one, *j;
	const char *id, *user;
	size_t i;

	if (door_body(r, &body, e) ||
		json_need_list(body, "users", USERS_MAX, &list, e))
		return -1;
	json_each(one, i, list) {
		if (json_need_str(one, "id", LINK_NAME_MAX, &id, e) ||
			json_need_str(one, "userId", USER_ID_MAX, &user, e) ||
			user_put(&l->book, l->self, id, user, e))
			return -1;
	}
	j = json_object();
	json_put_int(j, "registered", (int64_t)json_array_size(list));
	return door_reply(r, 200, j, e);
}

DOOR_HANDLER(door_user_remove)
{
	struct link *l = state;

	if (user_remove(&l->book, l->self, request_segment(r, "id"), e))
		return -1;
	return reply_send(r, 204, NULL, bytes_of(NULL, 0), e);
}
