/* SPDX-License-Identifier: MIT */
/*
 * Administration: global groups and their members. The owners' group follows
 * the servers and is nobody's to edit. Rule: xroad-center-admin.md 6.1.
 */
#include "desk_int.h"

#include "center_sql.h"
#include "clock.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

enum { GROUP_MEMBERS_MAX = 10000 };

#define NO_GROUP "global_group_not_found"

struct group {
	int64_t row, created_at, updated_at, members;
	const char *code, *description;
};

static json_t *
group_json(const struct group *g)
{
	json_t *j = json_object();

	json_put_str(j, "code", g->code);
	json_put_str(j, "description", g->description);
	json_put_int(j, "member_count", g->members);
	desk_put_time(j, "created_at", g->created_at);
	desk_put_time(
		j, "updated_at", g->updated_at ? g->updated_at : g->created_at);
	return j;
}

static void
group_read(struct arena *a, struct query *q, struct group *g)
{
	*g = (struct group){
		.row = query_int(q, 0),
		.code = query_text_dup(a, q, 1),
		.description = query_text_dup(a, q, 2),
		.created_at = query_int(q, 3),
		.updated_at = query_int(q, 4),
		.members = query_int(q, 5),
	};
}

static int
group_need(struct db_conn *c, struct arena *a, const char *code,
	struct group *g, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_GROUP_LIST);
	bool found = false;

	while (!found && query_next(q)) {
		group_read(a, q, g);
		found = str_equal(g->code, code);
	}
	if (query_end(q, e))
		return -1;
	return found ? 0
		     : refuse(e, FAULT_NOT_FOUND, NO_GROUP,
			       "there is no global group %s", code);
}

DESK_HANDLER(desk_groups)
{
	struct center *ct = state;
	json_t *list = json_keep(request_arena(r), json_array());
	struct db_conn *c = db_take(ct->db);
	struct query *q = db_query(c, Q_CENTER_GROUP_LIST);
	struct group g;
	int ret;

	while (query_next(q)) {
		group_read(request_arena(r), q, &g);
		json_array_append_new(list, group_json(&g));
	}
	ret = query_end(q, e);
	db_give(c);
	return ret ? -1 : desk_reply(r, 200, json_incref(list), e);
}

/* Answers with the group as it is now. */
static int
group_reply(struct request *r, struct center *ct, int status, const char *code,
	struct err *e)
{
	struct db_conn *c = db_take(ct->db);
	struct group g;
	int ret = group_need(c, request_arena(r), code, &g, e);

	db_give(c);
	return ret ? -1 : desk_reply(r, status, group_json(&g), e);
}

DESK_HANDLER(desk_group_get)
{
	return group_reply(r, state, 200, request_segment(r, "code"), e);
}

static int
group_add(struct db_conn *c, struct arena *a, const char *code,
	const char *description, struct err *e)
{
	struct group g;

	if (ident_part_check(code, "group code", e))
		return -1;
	if (!group_need(c, a, code, &g, NULL))
		return refuse(e, FAULT_CONFLICT, "global_group_exists",
			"global group %s exists already", code);
	return db_run(c, Q_CENTER_GROUP_ADD, e, db_text(code),
		       db_text(description), db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

DESK_HANDLER(desk_group_post)
{
	struct center *ct = state;
	const char *code, *description;
	struct db_conn *c;
	json_t *body;

	if (desk_body(r, &body, e) ||
		json_need_str(body, "code", ADMIN_TEXT_MAX, &code, e) ||
		json_need_str(
			body, "description", ADMIN_TEXT_MAX, &description, e))
		return -1;
	c = work_begin(ct, e);
	if (!c || work_done(ct, c,
			  group_add(c, request_arena(r), code, description, e),
			  e))
		return -1;
	return group_reply(r, ct, 201, code, e);
}

DESK_HANDLER(desk_group_patch)
{
	struct center *ct = state;
	const char *code = request_segment(r, "code"), *description;
	struct db_conn *c;
	struct group g;
	json_t *body;
	int ret = -1;

	if (desk_body(r, &body, e) || json_need_str(body, "description",
					      ADMIN_TEXT_MAX, &description, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	if (!group_need(c, request_arena(r), code, &g, e) &&
		db_run(c, Q_CENTER_GROUP_DESCRIBE, e, db_int(g.row),
			db_text(description), db_int(clock_now())) >= 0)
		ret = 0;
	if (work_done(ct, c, ret, e))
		return -1;
	return group_reply(r, ct, 200, code, e);
}

/* `code` refuses changes of the owners' group. */
static int
group_free(struct db_conn *c, struct request *r, const char *code,
	struct group *g, struct err *e)
{
	if (group_need(c, request_arena(r), request_segment(r, "code"), g, e))
		return -1;
	if (str_equal(g->code, OWNERS_GROUP))
		return refuse(e, FAULT_BAD_REQUEST, code,
			"this group follows the security servers");
	return 0;
}

DESK_HANDLER(desk_group_delete)
{
	struct center *ct = state;
	struct db_conn *c = work_begin(ct, e);
	struct group g;
	int ret = -1;

	if (!c)
		return -1;
	if (!group_free(c, r, "owners_global_group_cannot_be_deleted", &g, e) &&
		db_run(c, Q_CENTER_GROUP_DELETE, e, db_int(g.row)) >= 0)
		ret = 0;
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_no_content(r, e);
}

/* ---- members ---- */

static int
member_join(struct db_conn *c, struct arena *a, const struct group *g,
	const char *text, struct err *e)
{
	struct client_id id;
	struct instance in;
	int64_t member, subsystem;

	if (client_decode(a, text, &id, e) || instance_need(c, a, &in, e))
		return -1;
	if (!str_equal(id.instance, in.instance))
		return refuse(e, FAULT_NOT_FOUND, "member_not_found",
			"%s is not of instance %s", text, in.instance);
	if (client_need(c, &id, &member, &subsystem, e))
		return -1;
	return db_run(c, Q_CENTER_GROUP_JOIN, e, db_int(g->row), db_int(member),
		       db_row(subsystem), db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

DESK_HANDLER(desk_group_members_add)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	json_t *body, *items, *item, *j;
	struct db_conn *c;
	struct group g;
	size_t i;
	int ret;

	if (desk_body(r, &body, e) ||
		json_need_list(body, "items", GROUP_MEMBERS_MAX, &items, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	ret = group_free(c, r, "cannot_add_member_to_owners_group", &g, e);
	json_each(item, i, items) {
		if (ret)
			break;
		ret = member_join(c, a, &g, json_string_value(item), e);
	}
	if (work_done(ct, c, ret, e))
		return -1;
	j = json_object();
	json_put_new(j, "items", json_incref(items));
	return desk_reply(r, 201, j, e);
}

DESK_HANDLER(desk_group_member_delete)
{
	struct center *ct = state;
	struct db_conn *c = work_begin(ct, e);
	struct client_id id;
	struct group g;
	int64_t member, subsystem, n = 0;
	int ret = -1;

	if (!c)
		return -1;
	if (!group_free(c, r, "owners_global_group_member_cannot_be_deleted",
		    &g, e) &&
		!client_decode(request_arena(r),
			request_segment(r, "client_id"), &id, e) &&
		!client_need(c, &id, &member, &subsystem, e)) {
		n = db_run(c, Q_CENTER_GROUP_LEAVE, e, db_int(g.row),
			db_int(member), db_row(subsystem));
		ret = n > 0   ? 0
		      : n < 0 ? -1
			      : refuse(e, FAULT_NOT_FOUND, "member_not_found",
					"this is no member of the group");
	}
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_no_content(r, e);
}

/* Every member of the group as GroupMemberListView. */
static int
members_read(struct request *r, struct center *ct, json_t *list, struct err *e)
{
	struct arena *a = request_arena(r);
	struct db_conn *c = db_take(ct->db);
	struct instance in;
	struct query *q;
	struct group g;
	int ret = -1;

	if (!instance_need(c, a, &in, e) &&
		!group_need(c, a, request_segment(r, "code"), &g, e)) {
		q = db_query(c, Q_CENTER_GROUP_MEMBERS_OF, db_int(g.row));
		while (query_next(q)) {
			struct client_id id = { in.instance, query_text(q, 1),
				query_text(q, 2), query_text(q, 3) };
			json_t *j = json_object();

			json_put_int(j, "id", query_int(q, 0));
			json_put_str(j, "name", query_text(q, 4));
			json_put_new(j, "client_id", client_json(a, &id));
			desk_put_time(j, "created_at", query_int(q, 5));
			json_array_append_new(list, j);
		}
		ret = query_end(q, e);
	}
	db_give(c);
	return ret;
}

/* No wish, or one of the list. */
static bool
among(const json_t *wishes, const char *value)
{
	return !json_array_size(wishes) || json_list_has(wishes, value);
}

static bool
fits(const json_t *filter, const json_t *member)
{
	const json_t *id = json_sub(member, "client_id");
	const char *cls = json_str(filter, "member_class");
	const char *instance = json_str(filter, "instance");
	const char *query = json_str(filter, "query");

	if (cls && *cls && !str_equal(cls, json_str(id, "member_class")))
		return false;
	if (instance && *instance &&
		!str_equal(instance, json_str(id, "instance_id")))
		return false;
	if (!among(json_list(filter, "codes"), json_str(id, "member_code")) ||
		!among(json_list(filter, "subsystems"),
			json_str(id, "subsystem_code")) ||
		!among(json_list(filter, "types"), json_str(id, "type")))
		return false;
	return desk_contains(json_str(member, "name"), query) ||
	       desk_contains(json_str(id, "encoded_id"), query);
}

static const struct sort_row member_sorts[] = {
	{ "name", "name" },
	{ "type", "client_id.type" },
	{ "instance", "client_id.instance_id" },
	{ "class", "client_id.member_class" },
	{ "code", "client_id.member_code" },
	{ "subsystem", "client_id.subsystem_code" },
	{ "created_at", "created_at" },
	{ 0 },
};

DESK_HANDLER(desk_group_members)
{
	json_t *all = json_keep(request_arena(r), json_array());
	json_t *some = json_keep(request_arena(r), json_array());
	json_t *body, *item;
	struct page p;
	size_t i;

	if (desk_body(r, &body, e) ||
		desk_page_json(json_sub(body, "paging_sorting"), &p, e) ||
		members_read(r, state, all, e))
		return -1;
	json_each(item, i, all)
		if (fits(body, item))
			json_array_append(some, item);
	return desk_page_reply(r, some, "items", &p, member_sorts, e);
}

static void
add_once(json_t *list, const char *value)
{
	if (value && !json_list_has(list, value))
		json_array_append_new(list, json_text_new(value));
}

DESK_HANDLER(desk_group_filter)
{
	json_t *all = json_keep(request_arena(r), json_array());
	json_t *j, *item;
	size_t i;

	if (members_read(r, state, all, e))
		return -1;
	j = json_pack("{s:[],s:[],s:[],s:[]}", "instances", "member_classes",
		"codes", "subsystems");
	json_each(item, i, all) {
		const json_t *id = json_sub(item, "client_id");

		add_once(
			json_list(j, "instances"), json_str(id, "instance_id"));
		add_once(json_list(j, "member_classes"),
			json_str(id, "member_class"));
		add_once(json_list(j, "codes"), json_str(id, "member_code"));
		add_once(json_list(j, "subsystems"),
			json_str(id, "subsystem_code"));
	}
	return desk_reply(r, 200, j, e);
}
