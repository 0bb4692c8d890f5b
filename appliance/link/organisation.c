/* SPDX-License-Identifier: MIT */
/*
 * Organisations that take part in Personal-Link: members of the X-Road
 * network, with names for residents and the door of their cache.
 */
#include "link_int.h"

#include <string.h>

#include "db.h"
#include "err.h"
#include "link_sql.h"
#include "mem.h"
#include "text.h"

int
words_read(const json_t *j, const char *key, struct words *out, struct err *e)
{
	json_t *both;

	if (json_need_sub(j, key, &both, e) ||
		json_need_str(both, "ja", LINK_TEXT_MAX, &out->ja, e) ||
		json_need_str(both, "en", LINK_TEXT_MAX, &out->en, e))
		return -1;
	return 0;
}

json_t *
words_json(const struct words *w)
{
	json_t *j = json_object();

	json_put_str(j, "ja", w->ja);
	json_put_str(j, "en", w->en);
	return j;
}

/* Where browsers are sent must not be a place that others can listen to. */
static int
check_url(const char *url, const char *what, struct err *e)
{
	if (!url)
		return 0;
	if (!str_iprefix(url, "https://") || strpbrk(url, " \t\r\n\"<>\\#"))
		return fail(e, FAULT_BAD_REQUEST,
			"%s must be an https:// address without fragment",
			what);
	return 0;
}

static int
check(struct arena *a, const struct organisation *o, struct err *e)
{
	const char *member, *owner;

	if (link_member_of(a, o->member, 3, &member, e))
		return -1;
	if (!str_equal(member, o->member))
		return fail(e, FAULT_BAD_REQUEST,
			"\"member\" must be written as %s", member);
	if (o->door && (link_member_of(a, o->door, 5, &owner, e)))
		return -1;
	if (o->door && !str_equal(owner, o->member))
		return fail(e, FAULT_BAD_REQUEST,
			"\"door\" %s is a service of %s, not of %s itself",
			o->door, owner, o->member);
	return check_url(o->return_url, "returnUrl", e) ||
			       check_url(o->notice_url, "noticeUrl", e)
		       ? -1
		       : 0;
}

int
organisation_store(
	struct db_conn *c, const struct organisation *o, struct err *e)
{
	return db_run(c, Q_LINK_ORGANISATION_PUT, e, db_text(o->member),
		       db_text(o->name.ja), db_text(o->name.en),
		       db_text(o->door), db_text(o->return_url),
		       db_text(o->notice_url), db_int(o->shared),
		       db_int(o->active), db_int(o->attests)) < 0
		       ? -1
		       : 0;
}

static int
put(struct db_conn *c, void *arg, struct err *e)
{
	const struct organisation *o = arg;

	if (organisation_store(c, o, e) ||
		feed_once(c, o->member, "organisation", o->member, e))
		return -1;
	return feed_again(c, "organisation", o->member, e);
}

int
organisation_put(
	struct linkbook *b, const struct organisation *o, struct err *e)
{
	struct arena *a = arena_new();
	struct organisation copy = *o;
	int ret = check(a, o, e);

	if (!ret)
		ret = linkbook_transact(b, put, &copy, e);
	arena_free(&a);
	return ret;
}

void
organisation_row(struct arena *a, struct query *q, struct organisation *o)
{
	*o = (struct organisation){
		.member = query_text_dup(a, q, 0),
		.name = { query_text_dup(a, q, 1), query_text_dup(a, q, 2) },
		.door = query_text_dup(a, q, 3),
		.return_url = query_text_dup(a, q, 4),
		.notice_url = query_text_dup(a, q, 5),
		.shared = query_int(q, 6) != 0,
		.active = query_int(q, 7) != 0,
		.attests = query_int(q, 8) != 0,
	};
}

int
organisation_in(struct db_conn *c, const char *member, struct arena *a,
	struct organisation *out, struct err *e)
{
	struct query *q = db_query(c, Q_LINK_ORGANISATION_GET, db_text(member));
	bool found = query_next(q);

	if (found)
		organisation_row(a, q, out);
	if (query_end(q, e))
		return -1;
	return found ? 0 : link_refuse(e, LINK_NO_ORGANISATION);
}

int
organisation_get(struct linkbook *b, const char *member, struct arena *a,
	struct organisation *out, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	int ret = organisation_in(c, member, a, out, e);

	db_give(c);
	if (!ret && !out->active)
		ret = link_refuse(e, LINK_NO_ORGANISATION);
	return ret;
}

int
organisation_list(struct linkbook *b, struct arena *a,
	struct organisation **out, size_t *n, struct err *e)
{
	struct db_conn *c = db_take(b->db);
	struct query *q = db_query(c, Q_LINK_ORGANISATIONS);
	int ret;

	for (*n = 0, *out = NULL; query_next(q); (*n)++) {
		LIST_GROW(a, *out, *n);
		organisation_row(a, q, &(*out)[*n]);
	}
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

json_t *
organisation_json(const struct organisation *o)
{
	json_t *j = json_object();

	json_put_str(j, "member", o->member);
	json_put_new(j, "name", words_json(&o->name));
	json_put_str(j, "door", o->door);
	json_put_str(j, "returnUrl", o->return_url);
	json_put_str(j, "noticeUrl", o->notice_url);
	json_put_bool(j, "shared", o->shared);
	json_put_bool(j, "active", o->active);
	json_put_bool(j, "attests", o->attests);
	return j;
}

int
organisation_read(const json_t *j, struct organisation *out, struct err *e)
{
	*out = (struct organisation){ .active = true };
	if (json_need_str(j, "member", LINK_URL_MAX, &out->member, e) ||
		words_read(j, "name", &out->name, e) ||
		json_opt_str(j, "door", LINK_URL_MAX, &out->door, e) ||
		json_opt_str(
			j, "returnUrl", LINK_URL_MAX, &out->return_url, e) ||
		json_opt_str(
			j, "noticeUrl", LINK_URL_MAX, &out->notice_url, e) ||
		json_opt_bool(j, "shared", &out->shared, e) ||
		json_opt_bool(j, "active", &out->active, e) ||
		json_opt_bool(j, "attests", &out->attests, e))
		return -1;
	return 0;
}
