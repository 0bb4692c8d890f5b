/* SPDX-License-Identifier: MIT */
/*
 * Administration: security servers with their clients (the central short cut
 * of xroad-center-admin.md 2.6), the management service provider.
 */
#include "desk_int.h"

#include "center_sql.h"
#include "http_server.h"
#include "mem.h"

static json_t *
server_row_json(struct arena *a, struct query *q, const char *instance)
{
	const struct server_id id = {
		{ instance, query_text(q, 1), query_text(q, 2), NULL },
		query_text(q, 3),
	};
	json_t *j = json_object();

	json_put_new(j, "server_id", server_json(a, &id));
	json_put_str(j, "server_address", query_text(q, 4));
	json_put_bool(j, "in_maintenance_mode", query_int(q, 5) != 0);
	json_put_str(j, "maintenance_mode_message", query_text(q, 6));
	json_put_str(j, "owner_name", query_text(q, 7));
	desk_put_time(j, "created_at", query_int(q, 8));
	desk_put_time(j, "updated_at", query_int(q, 9));
	return j;
}

/* All servers, or the one of this row. */
static int
servers_list(struct center *ct, struct arena *a, int64_t row, json_t *list,
	struct err *e)
{
	struct db_conn *c = db_take(ct->db);
	struct instance in;
	struct query *q;
	int ret = -1;

	if (!instance_need(c, a, &in, e)) {
		q = db_query(c, Q_CENTER_SERVERS);
		while (query_next(q))
			if (!row || query_int(q, 0) == row)
				json_array_append_new(list,
					server_row_json(a, q, in.instance));
		ret = query_end(q, e);
	}
	db_give(c);
	return ret;
}

DESK_HANDLER(desk_servers)
{
	json_t *list = json_keep(request_arena(r), json_array());
	json_t *j;
	size_t n;

	if (servers_list(state, request_arena(r), 0, list, e))
		return -1;
	n = json_array_size(list);
	j = json_object();
	json_put_new(j, "items", json_incref(list));
	json_put_new(
		j, "paging_metadata", page_json((int64_t)n, n, (int64_t)n, 0));
	return desk_reply(r, 200, j, e);
}

/* The server of the path. */
static int
server_of_path(struct request *r, struct db_conn *c, struct server_id *id,
	int64_t *row, struct err *e)
{
	struct arena *a = request_arena(r);

	if (server_decode(a, request_segment(r, "server_id"), id, e))
		return -1;
	return server_need(c, id, row, e);
}

DESK_HANDLER(desk_server_get)
{
	struct center *ct = state;
	json_t *list = json_keep(request_arena(r), json_array());
	struct db_conn *c = db_take(ct->db);
	struct server_id id;
	int64_t row;
	int ret = server_of_path(r, c, &id, &row, e);

	db_give(c);
	if (ret || servers_list(ct, request_arena(r), row, list, e))
		return -1;
	return desk_reply(r, 200, json_incref(json_array_get(list, 0)), e);
}

static json_t *
client_row_json(struct arena *a, struct query *q, const char *instance)
{
	const struct client_id id = { instance, query_text(q, 0),
		query_text(q, 1), query_text(q, 2) };
	json_t *j = json_object();

	json_put_new(j, "client_id", client_json(a, &id));
	json_put_str(j, "member_name", query_text(q, 3));
	if (id.subsystem)
		json_put_str(j, "subsystem_name", query_text(q, 4));
	return j;
}

DESK_HANDLER(desk_server_clients)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	json_t *list = json_keep(a, json_array());
	struct db_conn *c = db_take(ct->db);
	struct server_id id;
	struct query *q;
	int64_t row;
	int ret = server_of_path(r, c, &id, &row, e);

	if (!ret) {
		q = db_query(c, Q_CENTER_CLIENTS_OF, db_int(row));
		while (query_next(q))
			json_array_append_new(
				list, client_row_json(a, q, id.owner.instance));
		ret = query_end(q, e);
	}
	db_give(c);
	return ret ? -1 : desk_reply(r, 200, json_incref(list), e);
}

/* Enters and approves a registration in one go, on the record. */
static int
client_register(struct center *ct, struct arena *a, struct mgmt_request *m,
	struct err *e)
{
	struct db_conn *c = work_begin(ct, e);
	int ret = -1;

	if (!c)
		return -1;
	m->type = "CLIENT_REGISTRATION_REQUEST";
	m->origin = "CENTER";
	m->comments = "registered centrally";
	if (!mgmt_add(ct, c, m, false, e))
		ret = mgmt_approve(c, a, m->id, m->server.owner.instance, e);
	return work_done(ct, c, ret, e);
}

DESK_HANDLER(desk_server_client_post)
{
	struct arena *a = request_arena(r);
	struct mgmt_request m = { 0 };
	const char *client;
	json_t *body, *j;

	if (desk_body(r, &body, e) ||
		json_need_str(
			body, "client_id", 4 * ADMIN_TEXT_MAX, &client, e) ||
		json_opt_str(body, "subsystem_name", ADMIN_TEXT_MAX,
			&m.subsystem_name, e) ||
		client_decode(a, client, &m.client, e) ||
		server_decode(
			a, request_segment(r, "server_id"), &m.server, e) ||
		client_register(state, a, &m, e))
		return -1;
	j = json_object();
	json_put_new(j, "client_id", client_json(a, &m.client));
	json_put_int(j, "management_request_id", m.id);
	return desk_reply(r, 201, j, e);
}

DESK_HANDLER(desk_server_client_delete)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct mgmt_request m = {
		.type = "CLIENT_DELETION_REQUEST",
		.origin = "CENTER",
		.comments = "removed centrally",
	};
	struct db_conn *c;

	if (client_decode(a, request_segment(r, "client_id"), &m.client, e) ||
		server_decode(a, request_segment(r, "server_id"), &m.server, e))
		return -1;
	c = work_begin(ct, e);
	if (!c || work_done(ct, c, mgmt_add(ct, c, &m, false, e), e))
		return -1;
	return desk_no_content(r, e);
}

/* ---- management service provider ---- */

/* The first server where the provider is registered, "" for none. */
static const char *
provider_server(struct arena *a, const struct shared_params *p,
	const struct client_id *id)
{
	for (size_t i = 0; i < p->servers; i++)
		if (gc_server_hosts(&p->server[i], id))
			return server_encode(a, &p->server[i].id);
	return "";
}

static json_t *
provider_json(struct arena *a, const struct instance *in,
	const struct shared_params *p, const char *name)
{
	json_t *j = json_object();
	bool set = in->management.cls != NULL;

	json_put_str(j, "service_provider_id",
		set ? client_encode(a, &in->management) : "");
	json_put_str(j, "service_provider_name", name ? name : "");
	json_put_str(j, "security_server_id",
		set ? provider_server(a, p, &in->management) : "");
	json_put_str(
		j, "security_server_owners_global_group_code", OWNERS_GROUP);
	return j;
}

static int
provider_reply(struct request *r, struct center *ct, struct err *e)
{
	struct arena *a = request_arena(r);
	struct db_conn *c = work_begin(ct, e);
	struct shared_params p;
	struct instance in;
	char *name = NULL;
	int64_t row;
	int ret = -1;

	if (!c)
		return -1;
	if (!instance_need(c, a, &in, e) &&
		!model_shared(ct, c, a, GC_VERSION_MAX, &p, e))
		ret = in.management.cls ? member_need(c, &in.management, &row,
						  a, &name, e)
					: 0;
	work_drop(c);
	if (ret)
		return -1;
	return desk_reply(r, 200, provider_json(a, &in, &p, name), e);
}

DESK_HANDLER(desk_provider_get)
{
	return provider_reply(r, state, e);
}

DESK_HANDLER(desk_provider_patch)
{
	struct center *ct = state;
	struct client_id id;
	const char *text;
	struct db_conn *c;
	json_t *body;

	if (desk_body(r, &body, e) ||
		json_need_str(body, "service_provider_id", 4 * ADMIN_TEXT_MAX,
			&text, e) ||
		client_decode(request_arena(r), text, &id, e))
		return -1;
	c = work_begin(ct, e);
	if (!c || work_done(ct, c, instance_set_management(c, &id, e), e))
		return -1;
	return provider_reply(r, ct, e);
}

DESK_HANDLER(desk_provider_register)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct mgmt_request m = { 0 };
	struct db_conn *c;
	struct instance in;
	const char *text;
	json_t *body;
	int ret;

	if (desk_body(r, &body, e) ||
		json_need_str(body, "security_server_id", 4 * ADMIN_TEXT_MAX,
			&text, e) ||
		server_decode(a, text, &m.server, e))
		return -1;
	c = db_take(ct->db);
	ret = instance_need(c, a, &in, e);
	db_give(c);
	if (ret)
		return -1;
	if (!in.management.cls)
		return refuse(e, FAULT_CONFLICT,
			"management_service_provider_not_set",
			"no management service provider is appointed");
	m.client = in.management;
	if (client_register(ct, a, &m, e))
		return -1;
	return provider_reply(r, ct, e);
}
