/* SPDX-License-Identifier: MIT */
/*
 * The officers' side of Personal-Link: organisations, declarations,
 * statistics without persons, the state of the feeds.
 */
#include "admin_link_int.h"

#include <string.h>

#include "clock.h"
#include "db.h"
#include "door_int.h"
#include "err.h"
#include "feed.h"
#include "link_int.h"
#include "link_sql.h"
#include "mem.h"
#include "role.h"
#include "text.h"
#include "tracker.h"

enum { BODY_MAX = 1024 * 1024, YEAR_DAYS = 366 };

static int
need_center(const struct link *l, struct err *e)
{
	if (l->book.mode == LINK_CENTER)
		return 0;
	return fail(e, FAULT_CONFLICT,
		"this machine is a cache: declarations are made at the center");
}

static int
reply_list(struct request *r, const char *key, json_t *list, struct err *e)
{
	json_t *j = json_object();

	json_put_new(j, key, json_incref(list));
	return door_reply(r, 200, j, e);
}

/* ---- organisations ---- */

static DOOR_HANDLER(admin_organisations)
{
	struct link *l = state;
	json_t *list = json_keep(request_arena(r), json_array());
	struct organisation *o;
	size_t n;

	if (organisation_list(&l->book, request_arena(r), &o, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, organisation_json(&o[i]));
	return reply_list(r, "organisations", list, e);
}

static DOOR_HANDLER(admin_organisation_put)
{
	struct link *l = state;
	struct organisation o;
	json_t *body;

	if (need_center(l, e) || door_body(r, &body, e) ||
		organisation_read(body, &o, e) ||
		organisation_put(&l->book, &o, e))
		return -1;
	return door_reply(r, 200, organisation_json(&o), e);
}

/* ---- declarations ---- */

/* How many consents end when the declaration is withdrawn. */
static int
put_open(struct linkbook *b, int statement, const char *id, json_t *j,
	struct err *e)
{
	struct db_conn *c = db_take(b->db);
	struct query *q = db_query(c, statement, db_text(id));
	json_t *open = json_object();
	bool row = query_next(q);
	int ret;

	json_put_int(open, "requested", row ? query_int(q, 0) : 0);
	json_put_int(open, "approved", row ? query_int(q, 1) : 0);
	json_put_new(j, "open", open);
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

static DOOR_HANDLER(admin_services)
{
	struct link *l = state;
	json_t *list = json_keep(request_arena(r), json_array());
	struct offering *s;
	size_t n;

	if (offering_list(&l->book, request_arena(r), &s, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_t *j = offering_json(&s[i]);

		json_array_append_new(list, j);
		if (put_open(&l->book, Q_LINK_SERVICE_OPEN, s[i].id, j, e))
			return -1;
	}
	return reply_list(r, "services", list, e);
}

static DOOR_HANDLER(admin_service_add)
{
	struct link *l = state;
	struct offering s;
	json_t *body;

	if (need_center(l, e) || door_body(r, &body, e) ||
		offering_read(request_arena(r), body, &s, e) ||
		offering_put(&l->book, &s, request_arena(r), e))
		return -1;
	return door_reply(r, 201, offering_json(&s), e);
}

static DOOR_HANDLER(admin_service_end)
{
	struct link *l = state;

	if (need_center(l, e) ||
		offering_withdraw(&l->book, request_segment(r, "id"), e))
		return -1;
	return reply_send(r, 204, NULL, bytes_of(NULL, 0), e);
}

static DOOR_HANDLER(admin_purposes)
{
	struct link *l = state;
	json_t *list = json_keep(request_arena(r), json_array());
	struct purpose *p;
	size_t n;

	if (purpose_list(&l->book, request_arena(r), &p, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_t *j = purpose_json(&p[i]);

		json_array_append_new(list, j);
		if (put_open(&l->book, Q_LINK_PURPOSE_OPEN, p[i].id, j, e))
			return -1;
	}
	return reply_list(r, "purposes", list, e);
}

static DOOR_HANDLER(admin_purpose_add)
{
	struct link *l = state;
	struct purpose p;
	json_t *body;

	if (need_center(l, e) || door_body(r, &body, e) ||
		purpose_read(request_arena(r), body, &p, e) ||
		purpose_put(&l->book, &p, request_arena(r), e))
		return -1;
	return door_reply(r, 201, purpose_json(&p), e);
}

static DOOR_HANDLER(admin_purpose_end)
{
	struct link *l = state;

	if (need_center(l, e) ||
		purpose_withdraw(&l->book, request_segment(r, "id"), e))
		return -1;
	return reply_send(r, 204, NULL, bytes_of(NULL, 0), e);
}

/* ---- statistics ---- */

static int
read_span(struct request *r, int64_t *from, int64_t *to, struct err *e)
{
	const char *query = request_query(r) ? request_query(r) : "";
	const char *a = query_get(request_arena(r), query, "from");
	const char *b = query_get(request_arena(r), query, "to");

	*to = clock_now();
	*from = *to - YEAR_DAYS * LINK_DAY_MS;
	return (a && time_parse(a, from, e)) || (b && time_parse(b, to, e)) ? -1
									    : 0;
}

/* Transfers are one more kind of count. */
static int
count(struct db_conn *c, int statement, int64_t from, int64_t to, json_t *list,
	struct err *e)
{
	bool steps = statement == Q_LINK_COUNTS;
	struct query *q = db_query(c, statement, db_int(from), db_int(to));

	while (query_next(q)) {
		json_t *j = json_object();

		json_put_str(j, "service", query_text(q, 0));
		json_put_str(j, "consumer", query_text(q, 1));
		json_put_str(j, "month", query_text(q, 2));
		json_put_str(
			j, "what", steps ? query_text(q, 3) : "transferred");
		json_put_int(j, "count", query_int(q, steps ? 4 : 3));
		json_array_append_new(list, j);
	}
	return query_end(q, e);
}

static DOOR_HANDLER(admin_statistics)
{
	struct link *l = state;
	json_t *list = json_keep(request_arena(r), json_array());
	struct db_conn *c;
	int64_t from, to;
	int ret;

	if (need_center(l, e) || read_span(r, &from, &to, e))
		return -1;
	c = db_take(l->book.db);
	ret = count(c, Q_LINK_COUNTS, from, to, list,
		      e) || count(c, Q_LINK_COUNTS_TRANSFERS, from, to, list, e)
		      ? -1
		      : 0;
	db_give(c);
	return ret ? -1 : reply_list(r, "statistics", list, e);
}

/* ---- state ---- */

static int
put_feeds(struct link *l, struct arena *a, json_t *list, struct err *e)
{
	struct organisation *o;
	size_t n;

	if (organisation_list(&l->book, a, &o, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct feed_state s;
		json_t *j = json_object();
		int64_t age;

		json_array_append_new(list, j);
		json_put_str(j, "member", o[i].member);
		if (feed_state(&l->book, o[i].member, a, &s, e))
			return -1;
		json_put_int(j, "last", s.last);
		json_put_int(j, "told", s.told);
		json_put_bool(j, "cache", o[i].door != NULL);
		age = pushes_age(l->pushes, o[i].member);
		if (age >= 0)
			json_put_int(j, "age_ms", age);
	}
	return 0;
}

static DOOR_HANDLER(admin_link_state)
{
	struct link *l = state;
	json_t *j = json_keep(request_arena(r), json_object());
	json_t *list = json_array();
	struct contact now;
	char trouble[TROUBLE_MAX];
	int64_t waiting;

	link_trouble_text(l, trouble);
	json_put_str(j, "trouble", *trouble ? trouble : NULL);
	if (l->book.mode == LINK_CENTER) {
		json_put_str(j, "mode", "center");
		json_put_new(j, "feeds", list);
		if (put_feeds(l, request_arena(r), list, e))
			return -1;
		return door_reply(r, 200, json_incref(j), e);
	}
	json_decref(list);
	if (feed_contact(&l->book, l->self, &now, e))
		return -1;
	json_put_str(j, "mode", "cache");
	json_put_str(j, "member", l->self);
	json_put_int(j, "position", now.position);
	json_put_bool(j, "whole", now.whole);
	if (now.age_ms >= 0)
		json_put_int(j, "age_ms", now.age_ms);
	if (tracker_waiting(&l->book, &waiting, e))
		return -1;
	json_put_int(j, "usagesWaiting", waiting);
	return door_reply(r, 200, json_incref(j), e);
}

/* ---- what residents see of usages (cache) ---- */

static int
need_cache(const struct link *l, struct err *e)
{
	if (l->book.mode == LINK_CACHE)
		return 0;
	return fail(e, FAULT_CONFLICT,
		"this machine is a center: usages are kept, and their rules "
		"made, in each provider's cache");
}

static DOOR_HANDLER(admin_usage_rules)
{
	struct link *l = state;
	json_t *list;

	if (need_cache(l, e) ||
		tracker_rules(&l->book, request_arena(r), &list, e))
		return -1;
	return reply_list(r, "rules", list, e);
}

static DOOR_HANDLER(admin_usage_rule_add)
{
	struct link *l = state;
	const char *id;
	json_t *body, *j;

	if (need_cache(l, e) || door_body(r, &body, e) ||
		tracker_rule_add(&l->book, body, request_arena(r), &id, e))
		return -1;
	j = json_object();
	json_put_str(j, "id", id);
	return door_reply(r, 201, j, e);
}

static DOOR_HANDLER(admin_usage_rule_remove)
{
	struct link *l = state;

	if (need_cache(l, e) ||
		tracker_rule_remove(&l->book, request_segment(r, "id"), e))
		return -1;
	return reply_send(r, 204, NULL, bytes_of(NULL, 0), e);
}

static DOOR_HANDLER(admin_epoch)
{
	struct link *l = state;

	if (need_center(l, e) || feed_new_epoch(&l->book, e))
		return -1;
	return reply_send(r, 204, NULL, bytes_of(NULL, 0), e);
}

enum { OFFICER = ADMIN_SO | ADMIN_RO };

const struct route link_admin[] = {
	{ "GET", "/machilink/link", 0, ADMIN_ANY, admin_link_state },
	{ "GET", "/machilink/link/organisations", 0, ADMIN_ANY,
		admin_organisations },
	{ "POST", "/machilink/link/organisations", BODY_MAX, OFFICER,
		admin_organisation_put },
	{ "GET", "/machilink/link/services", 0, ADMIN_ANY, admin_services },
	{ "POST", "/machilink/link/services", BODY_MAX, OFFICER,
		admin_service_add },
	{ "POST", "/machilink/link/services/{id}/withdrawal", 0, OFFICER,
		admin_service_end },
	{ "GET", "/machilink/link/purposes", 0, ADMIN_ANY, admin_purposes },
	{ "POST", "/machilink/link/purposes", BODY_MAX, OFFICER,
		admin_purpose_add },
	{ "POST", "/machilink/link/purposes/{id}/withdrawal", 0, OFFICER,
		admin_purpose_end },
	{ "GET", "/machilink/link/statistics", 0, ADMIN_ANY, admin_statistics },
	{ "GET", "/machilink/link/usage-rules", 0, ADMIN_ANY,
		admin_usage_rules },
	{ "POST", "/machilink/link/usage-rules", BODY_MAX, OFFICER,
		admin_usage_rule_add },
	{ "DELETE", "/machilink/link/usage-rules/{id}", 0, OFFICER,
		admin_usage_rule_remove },
	{ "POST", "/machilink/link/epoch", 0, ADMIN_SO, admin_epoch },
	{ NULL, NULL, 0, 0, NULL },
};
