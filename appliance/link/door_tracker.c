/* SPDX-License-Identifier: MIT */
/*
 * findUsage, usagePeriod and heartbeat of the Data Tracker protocol (e-gov/AJ,
 * version 1.6, OpenAPI 2.1.0), as a REST service of code findUsage behind the
 * own security server, whose address is this door's with /tracker. Only portals
 * of [personal-link] usage-portals may ask, and about somebody else than the
 * person who asks only those of usage-representation-portals. Whoever is not
 * known has no usages: the answer does not tell who is known here. A usage's
 * logtime is the begin of its day in Japan: no more is kept.
 */
#include "door_int.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "feed.h"
#include "ident.h"
#include "link_int.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tracker.h"

/* A restored cache may know an older user master, and misses transfers. */
static int
need_whole(struct link *l, struct err *e)
{
	struct contact now;

	if (feed_contact(&l->book, l->self, &now, e))
		return -1;
	return now.whole ? 0 : link_refuse(e, LINK_CACHE_OLD);
}

/* Who asks about somebody else needs a portal that vouches for it. */
static int
may_ask(struct request *r, struct link *l, const char *code, struct err *e)
{
	const char *user = request_header(r, "X-Road-UserId");
	bool same;

	if (usage_code_check(user, "the header X-Road-UserId", e))
		return -1;
	if (str_equal(user, code) || conf_has(l->conf, P_TRACKER_REPRESENT,
					     door_caller(r)->subsystem))
		return 0;
	if (tracker_same(&l->book, l->self, user, code, &same, e))
		return -1;
	return same ? 0 : link_refuse(e, LINK_NOT_SELF);
}

/* Japanese, unless the asker prefers English. */
static bool
in_english(struct request *r)
{
	const char *wish = request_header(r, "Accept-Language");

	return wish && str_iprefix(wish, "en");
}

static const char *
action(struct arena *a, const struct usage *u, bool en)
{
	if (u->bulk.ja)
		return en ? u->bulk.en : u->bulk.ja;
	if (!u->service.ja)
		return en ? u->purpose.en : u->purpose.ja;
	return en ? arena_printf(a, "%s (%s)", u->purpose.en, u->service.en)
		  : arena_printf(a, "%s（%s）", u->purpose.ja, u->service.ja);
}

static int
usage_json(struct arena *a, const struct usage *u, bool en, json_t *list,
	struct err *e)
{
	char time[TIME_TEXT_MAX];
	struct client_id who;
	json_t *j;

	if (client_id_parse(a, u->subsystem, &who, e))
		return -1;
	j = json_object();
	json_put_str(j, "logtime", time_iso(time, u->day));
	json_put_str(j, "action", action(a, u, en));
	json_put_str(j, "receiverCode", who.code);
	json_put_str(j, "receiverName", en ? u->consumer.en : u->consumer.ja);
	json_put_str(j, "receiverSystem", who.subsystem);
	json_array_append_new(list, j);
	return 0;
}

DOOR_HANDLER(door_find_usage)
{
	struct link *l = state;
	struct arena *a = request_arena(r);
	struct usage_ask ask = { .organisation = l->self };
	json_t *j = json_keep(a, json_object()), *list = json_array();
	struct usage *u;
	int64_t total;
	size_t n;

	json_put_new(j, "usages", list);
	if (usage_ask_read(a, request_query(r), &ask, e) ||
		may_ask(r, l, ask.code, e) || need_whole(l, e) ||
		tracker_find(&l->book, &ask, a, &u, &n, &total, e))
		return -1;
	json_put_int(j, "totalUsages", total);
	for (size_t i = 0; i < n; i++)
		if (usage_json(a, &u[i], in_english(r), list, e))
			return -1;
	return door_reply(r, 200, json_incref(j), e);
}

DOOR_HANDLER(door_usage_period)
{
	struct link *l = state;
	char time[TIME_TEXT_MAX];
	int64_t since;
	json_t *j;

	if (tracker_since(
		    &l->book, conf_int(l->conf, P_TRACKER_DAYS), &since, e))
		return -1;
	j = json_object();
	json_put_str(j, "periodStart", time_iso(time, since));
	return door_reply(r, 200, j, e);
}

/* Answers whatever is wrong: that is what it is asked for. */
DOOR_HANDLER(door_usage_heartbeat)
{
	struct link *l = state;
	struct err why = ERR_INIT;
	json_t *j = json_object();
	int64_t since;
	bool good;

	good = !need_whole(l, &why) &&
	       !tracker_since(&l->book, conf_int(l->conf, P_TRACKER_DAYS),
		       &since, &why);
	json_put_str(j, "status", good ? "OK" : "FAIL");
	if (!good)
		json_put_str(j, "message", why.text);
	return door_reply(r, 200, j, e);
}
