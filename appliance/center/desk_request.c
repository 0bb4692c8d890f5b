/* SPDX-License-Identifier: MIT */
/*
 * Administration: management requests, listed, entered, approved, declined.
 */
#include "desk_int.h"

#include <string.h>

#include "center_sql.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

/* What lists and details have in common; ids as objects (ListView). */
static json_t *
request_json(struct arena *a, const struct mgmt_request *m)
{
	json_t *j = json_object();

	json_put_int(j, "id", m->id);
	json_put_str(j, "type", m->type);
	json_put_str(j, "origin", m->origin);
	json_put_str(j, "status", m->status);
	json_put_new(j, "security_server_id", server_json(a, &m->server));
	if (m->owner_name)
		json_put_str(j, "security_server_owner", m->owner_name);
	if (m->client_name)
		json_put_str(j, "client_owner_name", m->client_name);
	if (m->address)
		json_put_str(j, "address", m->address);
	if (m->client.cls)
		json_put_new(j, "client_id", client_json(a, &m->client));
	if (m->subsystem_name)
		json_put_str(j, "client_subsystem_name", m->subsystem_name);
	if (m->comments)
		json_put_str(j, "comments", m->comments);
	desk_put_time(j, "created_at", m->created_at);
	return j;
}

struct filter {
	struct db_arg status, types, origin, server, text, sort;
	struct page page;
};

static const struct sort_row sorts[] = {
	{ "id", "id" },
	{ "created_at", "created_at" },
	{ "type", "type" },
	{ "security_server_owner", "security_server_owner" },
	{ "security_server_id", "security_server_id" },
	{ "status", "status" },
	{ 0 },
};

/* Every value of a repeated parameter, between commas; NULL for none. */
static const char *
all_of(struct arena *a, const char *query, const char *name)
{
	size_t n = strlen(name);
	const char *out = NULL;

	while (query && *query) {
		size_t len = strcspn(query, "&");

		if (len > n && !strncmp(query, name, n) && query[n] == '=')
			out = arena_printf(a, "%s%s,", out ? out : ",",
				query_get(
					a, arena_strndup(a, query, len), name));
		query += len + (query[len] == '&');
	}
	return out;
}

/* "INSTANCE:CLASS:CODE:SERVER" without its instance. */
static int
filter_read(struct request *r, struct filter *f, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *server = desk_query(r, "server_id"), *path;
	struct server_id id;

	if (desk_page_query(r, &f->page, e) ||
		desk_page_sort(&f->page, sorts, &path, e) ||
		(server && server_decode(a, server, &id, e)))
		return -1;
	if (!path) /* the newest first */
		f->page.desc = true;
	f->status = db_text(desk_query(r, "status"));
	f->types = db_text(all_of(a, request_query(r), "types"));
	f->origin = db_text(desk_query(r, "origin"));
	f->server = db_text(server ? arena_printf(a, "%s:%s:%s", id.owner.cls,
					     id.owner.code, id.server)
				   : NULL);
	f->text = db_text(desk_query(r, "query"));
	f->sort = db_text(path);
	return 0;
}

static int
requests_read(struct request *r, struct db_conn *c, const struct filter *f,
	json_t *list, int64_t *total, struct err *e)
{
	struct arena *a = request_arena(r);
	struct instance in;
	struct mgmt_request m;
	struct query *q;

	if (instance_need(c, a, &in, e))
		return -1;
	q = db_query(c, Q_CENTER_REQUESTS_COUNT, f->status, f->types, f->origin,
		f->server, f->text);
	*total = query_next(q) ? query_int(q, 0) : 0;
	if (query_end(q, e))
		return -1;
	q = db_query(c, Q_CENTER_REQUESTS, f->status, f->types, f->origin,
		f->server, f->text, f->sort, db_int(f->page.desc),
		db_int(f->page.limit), db_int(f->page.limit * f->page.offset));
	while (query_next(q)) {
		mgmt_read(a, q, in.instance, &m);
		json_array_append_new(list, request_json(a, &m));
	}
	return query_end(q, e);
}

DESK_HANDLER(desk_requests)
{
	struct center *ct = state;
	json_t *list = json_keep(request_arena(r), json_array());
	struct db_conn *c;
	struct filter f;
	int64_t total;
	int ret;

	if (filter_read(r, &f, e))
		return -1;
	c = db_take(ct->db);
	ret = requests_read(r, c, &f, list, &total, e);
	db_give(c);
	if (ret)
		return -1;
	return desk_paged_reply(r, list, "items", total, &f.page, e);
}

static int
order_read(struct arena *a, const json_t *body, struct mgmt_request *m,
	struct err *e)
{
	const char *server, *client = NULL, *cert = NULL;
	struct cert *parsed = NULL;
	struct bytes der;
	int ret = -1;

	*m = (struct mgmt_request){ .origin = "CENTER" };
	if (json_need_str(body, "type", ADMIN_TEXT_MAX, &m->type, e) ||
		json_need_str(body, "security_server_id", 4 * ADMIN_TEXT_MAX,
			&server, e) ||
		json_opt_str(
			body, "client_id", 4 * ADMIN_TEXT_MAX, &client, e) ||
		json_opt_str(body, "server_address", ADMIN_TEXT_MAX,
			&m->address, e) ||
		json_opt_str(body, "subsystem_name", ADMIN_TEXT_MAX,
			&m->subsystem_name, e) ||
		json_opt_str(
			body, "message", ADMIN_TEXT_MAX, &m->comments, e) ||
		json_opt_str(body, "authentication_certificate", ADMIN_BODY_MAX,
			&cert, e) ||
		server_decode(a, server, &m->server, e) ||
		(client && client_decode(a, client, &m->client, e)))
		return -1;
	if (!cert)
		return 0;
	if (!base64_decode(a, cert, strlen(cert), &der, e) &&
		!cert_parse(&parsed, der, e)) {
		der = cert_der(parsed);
		m->auth_cert =
			bytes_of(arena_memdup(a, der.data, der.len), der.len);
		ret = 0;
	}
	cert_unref(&parsed);
	return ret;
}

/* The answer of POST has the ids as text (ManagementRequest). */
static json_t *
order_json(struct arena *a, const struct mgmt_request *m)
{
	json_t *j = request_json(a, m);

	json_put_str(j, "security_server_id", server_encode(a, &m->server));
	if (m->client.cls)
		json_put_str(j, "client_id", client_encode(a, &m->client));
	return j;
}

DESK_HANDLER(desk_request_post)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct mgmt_request m;
	struct db_conn *c;
	json_t *body;

	if (desk_body(r, &body, e) || order_read(a, body, &m, e))
		return -1;
	if (str_equal(json_str(body, "origin"), "SECURITY_SERVER"))
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"only requests of origin CENTER are entered here");
	c = work_begin(ct, e);
	if (!c || work_done(ct, c, mgmt_add(ct, c, &m, false, e), e))
		return -1;
	return desk_reply(r, str_equal(m.status, "APPROVED") ? 201 : 202,
		order_json(a, &m), e);
}

/* The request of the path. */
static int
request_of_path(struct request *r, struct db_conn *c, struct mgmt_request *m,
	struct err *e)
{
	struct arena *a = request_arena(r);
	struct instance in;
	int64_t id;

	if (int_parse(request_segment(r, "id"), 1, INT64_MAX, &id, e) ||
		instance_need(c, a, &in, e))
		return -1;
	return mgmt_get(c, a, id, in.instance, m, e);
}

DESK_HANDLER(desk_request_get)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct db_conn *c = db_take(ct->db);
	struct cert *cert = NULL;
	struct mgmt_request m;
	json_t *j;
	int ret = request_of_path(r, c, &m, e);

	db_give(c);
	if (ret)
		return -1;
	j = request_json(a, &m);
	if (m.auth_cert.len && !cert_parse(&cert, m.auth_cert, NULL))
		json_put_new(j, "certificate_details", cert_json(a, cert));
	cert_unref(&cert);
	return desk_reply(r, 200, j, e);
}

typedef int decide_fn(struct db_conn *c, struct arena *a, int64_t id,
	const char *instance, struct err *e);

static int
decide(struct request *r, struct center *ct, decide_fn *fn,
	struct mgmt_request *m, struct err *e)
{
	struct db_conn *c = work_begin(ct, e);
	struct arena *a = request_arena(r);
	int ret = -1;

	if (!c)
		return -1;
	if (!request_of_path(r, c, m, e) &&
		!fn(c, a, m->id, m->server.owner.instance, e))
		ret = mgmt_get(c, a, m->id, m->server.owner.instance, m, e);
	return work_done(ct, c, ret, e);
}

DESK_HANDLER(desk_request_delete)
{
	struct mgmt_request m = { 0 };

	if (decide(r, state, mgmt_decline, &m, e))
		return -1;
	return desk_no_content(r, e);
}

DESK_HANDLER(desk_request_approve)
{
	struct mgmt_request m = { 0 };

	if (decide(r, state, mgmt_approve, &m, e))
		return -1;
	return desk_reply(r, 200, order_json(request_arena(r), &m), e);
}
