/* SPDX-License-Identifier: MIT */
/*
 * Administration: subsystems, and what a member has: groups, servers.
 */
#include "desk_int.h"

#include "center_sql.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

static json_t *
subsystem_json(struct arena *a, const struct client_id *id, const char *name)
{
	json_t *j = json_object();

	json_put_new(j, "subsystem_id", client_json(a, id));
	json_put_str(j, "subsystem_name", name);
	json_put_new(j, "used_security_servers", json_array());
	return j;
}

/* Adds the servers where the subsystem of this row is registered. */
static int
servers_add(struct db_conn *c, struct arena *a, const char *instance,
	int64_t row, json_t *list, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_SUBSYSTEM_SERVERS, db_int(row));

	while (query_next(q)) {
		const struct server_id id = { { instance, query_text(q, 0),
						      query_text(q, 1), NULL },
			query_text(q, 2) };
		json_t *j = json_object();

		json_put_str(j, "encoded_id", server_encode(a, &id));
		json_put_str(j, "server_code", id.server);
		json_put_str(j, "server_owner", query_text(q, 3));
		json_put_str(
			j, "status", query_int(q, 4) ? "APPROVED" : "DISABLED");
		json_array_append_new(list, j);
	}
	return query_end(q, e);
}

DESK_HANDLER(desk_subsystems)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	json_t *list = json_keep(a, json_array());
	struct db_conn *c = db_take(ct->db);
	struct client_id id;
	struct query *q;
	int64_t row, member, sub;
	json_t *j;
	int ret = desk_member_of_path(r, c, &id, &row, NULL, e);

	if (!ret) {
		q = db_query(c, Q_CENTER_SUBSYSTEMS_OF, db_int(row));
		while (query_next(q)) {
			id.subsystem = query_text_dup(a, q, 0);
			json_array_append_new(
				list, subsystem_json(a, &id, query_text(q, 1)));
		}
		ret = query_end(q, e);
	}
	for (size_t i = 0; !ret && i < json_array_size(list); i++) {
		j = json_array_get(list, i);
		id.subsystem =
			json_str(json_sub(j, "subsystem_id"), "subsystem_code");
		ret = client_need(c, &id, &member, &sub, e) ||
		      servers_add(c, a, id.instance, sub,
			      json_list(j, "used_security_servers"), e);
	}
	db_give(c);
	return ret ? -1 : desk_reply(r, 200, json_incref(list), e);
}

/* A subsystem as Client. */
static json_t *
client_view(struct arena *a, const struct client_id *id, const char *member,
	const char *name)
{
	json_t *j = json_object();

	json_put_new(j, "client_id", client_json(a, id));
	json_put_str(j, "member_name", member);
	json_put_str(j, "subsystem_name", name);
	return j;
}

DESK_HANDLER(desk_subsystem_post)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct client_id id = { 0 };
	const char *name = NULL;
	struct instance in;
	struct db_conn *c;
	json_t *body, *sid;
	char *member = NULL;
	int64_t row;
	int ret = -1;

	if (desk_body(r, &body, e) ||
		json_need_sub(body, "subsystem_id", &sid, e) ||
		json_need_str(
			sid, "member_class", ADMIN_TEXT_MAX, &id.cls, e) ||
		json_need_str(
			sid, "member_code", ADMIN_TEXT_MAX, &id.code, e) ||
		json_need_str(sid, "subsystem_code", ADMIN_TEXT_MAX,
			&id.subsystem, e) ||
		json_opt_str(body, "subsystem_name", ADMIN_TEXT_MAX, &name, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	if (!instance_need(c, a, &in, e)) {
		id.instance = in.instance;
		ret = subsystem_add(c, &id, name, e) ||
		      member_need(c, &id, &row, a, &member, e);
	}
	if (work_done(ct, c, ret ? -1 : 0, e))
		return -1;
	return desk_reply(r, 201, client_view(a, &id, member, name), e);
}

/* The subsystem of the path. */
static int
subsystem_of_path(struct request *r, struct db_conn *c, struct client_id *id,
	int64_t *row, char **member, struct err *e)
{
	struct arena *a = request_arena(r);
	int64_t owner;

	if (client_decode(a, request_segment(r, "client_id"), id, e))
		return -1;
	if (!id->subsystem)
		return refuse(e, FAULT_BAD_REQUEST, "invalid_subsystem_id",
			"this is not a subsystem");
	return client_need(c, id, &owner, row, e) ||
			       member_need(c, id, &owner, a, member, e)
		       ? -1
		       : 0;
}

DESK_HANDLER(desk_subsystem_patch)
{
	struct center *ct = state;
	struct client_id id;
	const char *name = "";
	struct db_conn *c;
	char *member = NULL;
	json_t *body;
	int64_t row;
	int ret = -1;

	if (desk_body(r, &body, e) ||
		json_opt_str(body, "subsystem_name", ADMIN_TEXT_MAX, &name, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	if (!subsystem_of_path(r, c, &id, &row, &member, e))
		ret = subsystem_rename(c, &id, name, e);
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_reply(
		r, 200, client_view(request_arena(r), &id, member, name), e);
}

/* Not while it is registered, nor while it provides the management services. */
static int
subsystem_spare(struct request *r, struct db_conn *c,
	const struct client_id *id, int64_t row, struct err *e)
{
	json_t *used = json_keep(request_arena(r), json_array());
	struct instance in;

	if (instance_need(c, request_arena(r), &in, e) ||
		servers_add(c, request_arena(r), in.instance, row, used, e))
		return -1;
	if (json_array_size(used) ||
		(in.management.cls && client_id_equal(&in.management, id)))
		return refuse(e, FAULT_CONFLICT,
			"subsystem_registered_and_cannot_be_deleted",
			"the subsystem is in use");
	return 0;
}

DESK_HANDLER(desk_subsystem_delete)
{
	struct center *ct = state;
	struct db_conn *c = work_begin(ct, e);
	struct client_id id;
	char *member;
	int64_t row;
	int ret = -1;

	if (!c)
		return -1;
	if (!subsystem_of_path(r, c, &id, &row, &member, e) &&
		!subsystem_spare(r, c, &id, row, e) &&
		db_run(c, Q_CENTER_SUBSYSTEM_DELETE, e, db_int(row)) >= 0)
		ret = 0;
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_no_content(r, e);
}

/* ---- what a member has ---- */

DESK_HANDLER(desk_member_groups)
{
	struct center *ct = state;
	json_t *list = json_keep(request_arena(r), json_array());
	struct db_conn *c = db_take(ct->db);
	struct client_id id;
	struct query *q;
	int64_t row;
	int ret = desk_member_of_path(r, c, &id, &row, NULL, e);

	if (!ret) {
		q = db_query(c, Q_CENTER_GROUPS_OF_MEMBER, db_int(row));
		while (query_next(q)) {
			json_t *j = json_object();

			json_put_str(j, "group_code", query_text(q, 0));
			if (!query_null(q, 1))
				json_put_str(j, "subsystem", query_text(q, 1));
			desk_put_time(j, "added_to_group", query_int(q, 2));
			json_array_append_new(list, j);
		}
		ret = query_end(q, e);
	}
	db_give(c);
	return ret ? -1 : desk_reply(r, 200, json_incref(list), e);
}

static int
reply_servers(struct request *r, struct center *ct, enum servers_of which,
	struct err *e)
{
	json_t *list = json_keep(request_arena(r), json_array());
	struct db_conn *c = db_take(ct->db);
	struct client_id id;
	int64_t row;
	int ret = desk_member_of_path(r, c, &id, &row, NULL, e);

	if (!ret)
		ret = desk_servers_read(
			c, request_arena(r), which, row, list, e);
	db_give(c);
	return ret ? -1 : desk_reply(r, 200, json_incref(list), e);
}

DESK_HANDLER(desk_member_owned)
{
	return reply_servers(r, state, SERVERS_OWNED, e);
}

DESK_HANDLER(desk_member_used)
{
	return reply_servers(r, state, SERVERS_USED, e);
}
