/* SPDX-License-Identifier: MIT */
/*
 * Administration: security servers with their certificates and clients (the
 * central short cut of xroad-center-admin.md 2.6).
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
	if (!query_null(q, 6))
		json_put_str(j, "maintenance_mode_message", query_text(q, 6));
	json_put_str(j, "owner_name", query_text(q, 7));
	desk_put_time(j, "created_at", query_int(q, 8));
	desk_put_time(j, "updated_at", query_int(q, 9));
	return j;
}

/* The rows of the servers where a member is a client. */
static int
used_rows(struct db_conn *c, int64_t member, struct id_set *set, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_MEMBER_SERVERS, db_int(member));

	while (set->n < ID_SET_MAX && query_next(q))
		set->id[set->n++] = query_int(q, 0);
	return query_end(q, e);
}

static bool
wanted(enum servers_of which, int64_t row, struct query *q,
	const struct id_set *used)
{
	if (which == SERVERS_ALL)
		return true;
	if (which == SERVERS_ONE)
		return query_int(q, 0) == row;
	if (which == SERVERS_OWNED)
		return query_int(q, 10) == row;
	for (size_t i = 0; i < used->n; i++)
		if (used->id[i] == query_int(q, 0))
			return true;
	return false;
}

int
desk_servers_read(struct db_conn *c, struct arena *a, enum servers_of which,
	int64_t row, json_t *list, struct err *e)
{
	struct id_set *used = arena_new_of(a, struct id_set);
	struct instance in;
	struct query *q;

	if (instance_need(c, a, &in, e) ||
		(which == SERVERS_USED && used_rows(c, row, used, e)))
		return -1;
	q = db_query(c, Q_CENTER_SERVERS);
	while (query_next(q))
		if (wanted(which, row, q, used))
			json_array_append_new(
				list, server_row_json(a, q, in.instance));
	return query_end(q, e);
}

static bool
server_fits(const json_t *j, const char *part)
{
	const json_t *id = json_sub(j, "server_id");

	return desk_contains(json_str(id, "server_code"), part) ||
	       desk_contains(json_str(id, "member_code"), part) ||
	       desk_contains(json_str(id, "member_class"), part) ||
	       desk_contains(json_str(j, "owner_name"), part);
}

static const struct sort_row server_sorts[] = {
	{ "owner_name", "owner_name" },
	{ "server_id.member_class", "server_id.member_class" },
	{ "server_id.member_code", "server_id.member_code" },
	{ "server_id.server_code", "server_id.server_code" },
	{ 0 },
};

DESK_HANDLER(desk_servers)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	json_t *list = json_keep(a, json_array());
	json_t *some = json_keep(a, json_array());
	struct db_conn *c = db_take(ct->db);
	struct page p;
	json_t *item;
	size_t i;
	int ret = desk_servers_read(c, a, SERVERS_ALL, 0, list, e);

	db_give(c);
	if (ret || desk_page_query(r, &p, e))
		return -1;
	json_each(item, i, list)
		if (server_fits(item, desk_query(r, "q")))
			json_array_append(some, item);
	return desk_page_reply(r, some, "items", &p, server_sorts, e);
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

	if (!ret)
		ret = desk_servers_read(
			c, request_arena(r), SERVERS_ONE, row, list, e);
	db_give(c);
	if (ret)
		return -1;
	return desk_reply(r, 200, json_incref(json_array_get(list, 0)), e);
}

DESK_HANDLER(desk_server_patch)
{
	struct center *ct = state;
	const char *address;
	struct server_id id;
	struct db_conn *c;
	json_t *body;
	int64_t row;
	int ret = -1;

	if (desk_body(r, &body, e) || json_need_str(body, "server_address",
					      ADMIN_TEXT_MAX, &address, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	if (!server_of_path(r, c, &id, &row, e))
		ret = server_set_address(c, &id, address, e);
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_server_get(r, state, e);
}

DESK_HANDLER(desk_server_delete)
{
	struct center *ct = state;
	struct db_conn *c = work_begin(ct, e);
	struct server_id id;
	int64_t row;
	int ret = -1;

	if (!c)
		return -1;
	if (!server_of_path(r, c, &id, &row, e))
		ret = server_delete(c, &id, e);
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_no_content(r, e);
}

DESK_HANDLER(desk_server_certs)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	json_t *list = json_keep(a, json_array());
	struct db_conn *c = db_take(ct->db);
	struct cert *cert = NULL;
	struct server_id id;
	struct query *q;
	int64_t row;
	int ret = server_of_path(r, c, &id, &row, e);

	if (!ret) {
		q = db_query(c, Q_CENTER_AUTH_CERTS_OF, db_int(row));
		while (query_next(q)) {
			json_t *j;

			if (cert_in_arena(a, query_blob(q, 1), &cert, NULL))
				continue;
			j = cert_json(a, cert);
			json_put_int(j, "id", query_int(q, 0));
			json_array_append_new(list, j);
		}
		ret = query_end(q, e);
	}
	db_give(c);
	return ret ? -1 : desk_reply(r, 200, json_incref(list), e);
}

/* The certificate of the path, DER. */
static int
cert_of_path(struct request *r, struct db_conn *c, struct server_id *id,
	struct bytes *der, struct err *e)
{
	int64_t row, wish;
	struct query *q;

	*der = (struct bytes){ 0 };
	if (server_of_path(r, c, id, &row, e) ||
		desk_id(r, "certificate_id", "ss_auth_certificate_not_found",
			&wish, e))
		return -1;
	q = db_query(c, Q_CENTER_AUTH_CERTS_OF, db_int(row));
	while (query_next(q))
		if (query_int(q, 0) == wish)
			*der = query_blob_dup(request_arena(r), q, 1);
	if (query_end(q, e))
		return -1;
	return der->len ? 0
			: refuse(e, FAULT_NOT_FOUND,
				  "ss_auth_certificate_not_found",
				  "this server has no such certificate");
}

/* On the record, as if the server had asked for it. */
DESK_HANDLER(desk_server_cert_delete)
{
	struct center *ct = state;
	struct mgmt_request m = {
		.type = "AUTH_CERT_DELETION_REQUEST",
		.origin = "CENTER",
		.comments = "removed centrally",
	};
	struct db_conn *c = work_begin(ct, e);
	int ret = -1;

	if (!c)
		return -1;
	if (!cert_of_path(r, c, &m.server, &m.auth_cert, e))
		ret = mgmt_add(ct, c, &m, false, e);
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_no_content(r, e);
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

int
desk_client_register(struct center *ct, struct arena *a, struct mgmt_request *m,
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
		desk_client_register(state, a, &m, e))
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
