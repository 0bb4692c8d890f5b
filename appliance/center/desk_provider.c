/* SPDX-License-Identifier: MIT */
/*
 * Administration: the management service, who provides it and with which TLS
 * certificate. Rule: interop/xroad-center-admin.md 6.6.
 */
#include "desk_int.h"

#include "http_server.h"
#include "mem.h"

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
provider_json(struct center *ct, struct arena *a, const struct instance *in,
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
	json_put_str(j, "services_address", management_url(a, ct, in->address));
	json_put_str(j, "wsdl_address",
		center_url(a, ct, in->address, "/managementservices.wsdl"));
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
	return desk_reply(r, 200, provider_json(ct, a, &in, &p, name), e);
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
	if (desk_client_register(ct, a, &m, e))
		return -1;
	return provider_reply(r, ct, e);
}
