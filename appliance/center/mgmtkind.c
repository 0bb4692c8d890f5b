/* SPDX-License-Identifier: MIT */
/*
 * The kinds of management requests: a row per kind says what is checked when
 * it comes, whether it waits for an operator, when it is approved by itself,
 * and what approval does. Rules: interop/xroad-center-admin.md 2.5.
 */
#include "mgmtreq_int.h"

#include "center_sql.h"
#include "clock.h"
#include "mem.h"
#include "param.h"
#include "text.h"

/* Looks through undecided requests that the query found: none is fine, one of
   the other origin about the same server is our counterpart. */
static int
pair_find(struct query *q, const struct mgmt_request *r, bool *pair,
	struct err *e)
{
	int64_t clash = 0;

	*pair = false;
	while (query_next(q)) {
		bool same = str_equal(query_text(q, 2), r->server.owner.cls) &&
			    str_equal(query_text(q, 3), r->server.owner.code) &&
			    str_equal(query_text(q, 4), r->server.server);

		if (*pair || !same || str_equal(query_text(q, 1), r->origin))
			clash = query_int(q, 0);
		*pair = true;
	}
	if (query_end(q, e))
		return -1;
	if (clash)
		return refuse(e, FAULT_CONFLICT, "management_request_exists",
			"request %lld about the same is undecided",
			(long long)clash);
	return 0;
}

/* ---- authentication certificates ---- */

/* An authentication certificate of an approved authority, valid now. */
static int
auth_cert_check(
	struct center *ct, struct db_conn *c, struct bytes der, struct err *e)
{
	struct cert_list none = { NULL, 0 };
	struct arena *a = arena_new();
	struct globalconf *g = NULL;
	struct cert *cert = NULL, *path[CHAIN_MAX];
	struct err why = ERR_INIT;
	size_t n;
	int ret = -1;

	if (model_trust(ct, c, a, &g, &why) || cert_parse(&cert, der, &why))
		goto out;
	if (!cert_is_auth(cert) || cert_is_sign(cert)) {
		fail(&why, FAULT_WRONG_CERT_USAGE,
			"it is not an authentication certificate");
		goto out;
	}
	ret = globalconf_path(g, NULL, cert, none, clock_now(), path, &n, &why);
out:
	if (ret)
		refuse(e, FAULT_BAD_REQUEST,
			"management_request_invalid_auth_certificate",
			"the authentication certificate is refused: %s",
			why.text);
	cert_unref(&cert);
	globalconf_unref(&g);
	arena_free(&a);
	return ret;
}

static int
owner_check(struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	int64_t row;

	if (class_need(c, r->server.owner.cls, e))
		return -1;
	if (!by_center(r))
		return 0;
	if (member_need(c, &r->server.owner, &row, NULL, NULL, NULL))
		return refuse(e, FAULT_NOT_FOUND,
			"management_request_server_owner_not_found",
			"the owner %s/%s is not registered",
			r->server.owner.cls, r->server.owner.code);
	return 0;
}

static int
auth_reg_check(struct center *ct, struct db_conn *c,
	const struct mgmt_request *r, bool *pair, struct err *e)
{
	if (r->address && !address_valid(r->address))
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_invalid_server_address",
			"the server address is not a host name or IP address");
	if (owner_check(c, r, e) || auth_cert_check(ct, c, r->auth_cert, e))
		return -1;
	if (auth_cert_known(c, r->auth_cert))
		return refuse(e, FAULT_CONFLICT,
			"management_request_security_server_exists",
			"the authentication certificate is registered already");
	return pair_find(db_query(c, Q_CENTER_REQUEST_PENDING_CERT,
				 db_blob(r->auth_cert.data, r->auth_cert.len)),
		r, pair, e);
}

static int
auth_reg_apply(struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	return server_register(c, &r->server, r->address, r->auth_cert, e);
}

/* Takes a waiting registration back; one that was declined is fine too. */
static int
revoke(struct query *q, struct db_conn *c, const char *none, struct err *e)
{
	int64_t waiting = 0, declined = 0;

	while (query_next(q))
		*(str_equal(query_text(q, 1), "WAITING") ? &waiting
							 : &declined) =
			query_int(q, 0);
	if (query_end(q, e))
		return -1;
	if (!waiting && declined)
		return 0;
	if (!waiting)
		return refuse(e,
			str_equal(none, MR_NO_CERT) ? FAULT_CONFLICT
						    : FAULT_NOT_FOUND,
			none, "nothing of this kind is registered");
	return db_run(c, Q_CENTER_REQUEST_REVOKE, e, db_int(waiting),
		       db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

static int
auth_del_apply(struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	if (auth_cert_known(c, r->auth_cert))
		return server_drop_cert(c, &r->server, r->auth_cert, e);
	return revoke(db_query(c, Q_CENTER_REQUESTS_OF_CERT,
			      db_blob(r->auth_cert.data, r->auth_cert.len),
			      db_text(r->server.owner.cls),
			      db_text(r->server.owner.code),
			      db_text(r->server.server)),
		c, MR_NO_CERT, e);
}

/* ---- clients ---- */

static int
mr_server(struct db_conn *c, const struct mgmt_request *r, enum fault f,
	struct err *e)
{
	int64_t row;

	if (!server_need(c, &r->server, &row, NULL))
		return 0;
	return refuse(e, f, "management_request_server_not_found",
		"security server %s is not registered", r->server.server);
}

static int
mr_member(struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	int64_t row;

	if (!member_need(c, &r->client, &row, NULL, NULL, NULL))
		return 0;
	return refuse(e, FAULT_CONFLICT, "management_request_member_not_found",
		"member %s/%s is not registered", r->client.cls,
		r->client.code);
}

static int
client_reg_check(struct center *ct, struct db_conn *c,
	const struct mgmt_request *r, bool *pair, struct err *e)
{
	(void)ct;
	if (client_id_equal(&r->server.owner, &r->client))
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_cannot_register_owner",
			"the owner is no client of its own server");
	if (mr_server(c, r, FAULT_CONFLICT, e) ||
		(by_center(r) ? mr_member(c, r, e)
			      : class_need(c, r->client.cls, e)))
		return -1;
	if (server_has_client(c, &r->server, &r->client, NULL))
		return refuse(e, FAULT_CONFLICT,
			"management_request_client_already_registered",
			"the client is registered at this server already");
	return pair_find(
		db_query(c, Q_CENTER_REQUEST_PENDING_CLIENT,
			db_text(r->client.cls), db_text(r->client.code),
			db_text(r->client.subsystem),
			db_text(r->server.owner.cls),
			db_text(r->server.owner.code),
			db_text(r->server.server)),
		r, pair, e);
}

static int
client_reg_apply(struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	return server_add_client(
		c, &r->server, &r->client, r->subsystem_name, e);
}

static int
client_del_apply(struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	if (server_has_client(c, &r->server, &r->client, NULL))
		return server_drop_client(c, &r->server, &r->client, e);
	return revoke(
		db_query(c, Q_CENTER_REQUESTS_OF_CLIENT, db_text(r->client.cls),
			db_text(r->client.code), db_text(r->client.subsystem),
			db_text(r->server.owner.cls),
			db_text(r->server.owner.code),
			db_text(r->server.server)),
		c, MR_NO_CLIENT, e);
}

static int
no_client(struct err *e)
{
	return refuse(e, FAULT_CONFLICT,
		"management_request_server_client_not_found",
		"the client is not registered at this server");
}

static int
client_disable_check(struct center *ct, struct db_conn *c,
	const struct mgmt_request *r, bool *pair, struct err *e)
{
	struct arena *a = arena_new();
	struct instance in;
	int ret = instance_need(c, a, &in, e);

	(void)ct;
	(void)pair;
	if (!ret && !server_has_client(c, &r->server, &r->client, NULL))
		ret = no_client(e);
	if (!ret && in.management.cls &&
		client_id_equal(&in.management, &r->client))
		ret = refuse(e, FAULT_CONFLICT,
			"mr_forbidden_disable_management_service_client",
			"the management service provider stays enabled");
	arena_free(&a);
	return ret;
}

static int
client_enable_check(struct center *ct, struct db_conn *c,
	const struct mgmt_request *r, bool *pair, struct err *e)
{
	(void)ct;
	(void)pair;
	return server_has_client(c, &r->server, &r->client, NULL)
		       ? 0
		       : no_client(e);
}

static int
client_disable_apply(
	struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	return server_set_client(c, &r->server, &r->client, false, e);
}

static int
client_enable_apply(
	struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	return server_set_client(c, &r->server, &r->client, true, e);
}

static int
client_rename_check(struct center *ct, struct db_conn *c,
	const struct mgmt_request *r, bool *pair, struct err *e)
{
	(void)ct;
	(void)pair;
	if (!r->client.subsystem)
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_only_subsystem_rename_allowed",
			"only subsystems have names of their own");
	if (!r->subsystem_name || !*r->subsystem_name)
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_invalid_subsystem_name",
			"the new name is missing");
	return server_has_client(c, &r->server, &r->client, NULL)
		       ? 0
		       : no_client(e);
}

static int
client_rename_apply(
	struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	return subsystem_rename(c, &r->client, r->subsystem_name, e);
}

/* ---- the server itself ---- */

static int
owner_change_clash(
	struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	struct server_id after = { r->client, r->server.server };
	struct query *q;
	int64_t row, other = 0;

	if (!server_need(c, &after, &row, NULL))
		return refuse(e, FAULT_CONFLICT,
			"management_request_server_code_exists",
			"the new owner has a server %s already",
			r->server.server);
	q = db_query(c, Q_CENTER_REQUEST_PENDING_OWNER,
		db_text(r->server.owner.cls), db_text(r->server.owner.code),
		db_text(r->server.server));
	if (query_next(q))
		other = query_int(q, 0);
	if (query_end(q, e))
		return -1;
	return other ? refuse(e, FAULT_CONFLICT, "management_request_exists",
			       "request %lld about the same is undecided",
			       (long long)other)
		     : 0;
}

static int
owner_change_check(struct center *ct, struct db_conn *c,
	const struct mgmt_request *r, bool *pair, struct err *e)
{
	(void)ct;
	(void)pair;
	if (r->client.subsystem)
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_owner_must_be_member",
			"a subsystem owns no server");
	if (client_id_equal(&r->server.owner, &r->client))
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_client_already_owner",
			"this member owns the server already");
	if (mr_server(c, r, FAULT_CONFLICT, e))
		return -1;
	if (!server_has_client(c, &r->server, &r->client, NULL))
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_owner_must_be_client",
			"the new owner must be a client of the server");
	return owner_change_clash(c, r, e);
}

static int
owner_change_apply(
	struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	return server_set_owner(c, &r->server, &r->client, e);
}

static int
address_check(struct center *ct, struct db_conn *c,
	const struct mgmt_request *r, bool *pair, struct err *e)
{
	(void)ct;
	(void)pair;
	if (!address_valid(r->address))
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_invalid_server_address",
			"the server address is not a host name or IP address");
	return mr_server(c, r, FAULT_NOT_FOUND, e);
}

static int
address_apply(struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	return server_set_address(c, &r->server, r->address, e);
}

/* `wanted`: the mode that the request asks for. */
static int
mode_check(struct db_conn *c, const struct mgmt_request *r, bool wanted,
	struct err *e)
{
	bool on;

	if (mr_server(c, r, FAULT_NOT_FOUND, e) ||
		server_maintenance(c, &r->server, &on, e))
		return -1;
	if (on != wanted)
		return 0;
	return refuse(e, FAULT_CONFLICT,
		on ? "management_request_server_already_in_maintenance_mode"
		   : "management_request_server_not_in_maintenance_mode",
		"the server is %sin maintenance mode", on ? "" : "not ");
}

static int
maintenance_on_check(struct center *ct, struct db_conn *c,
	const struct mgmt_request *r, bool *pair, struct err *e)
{
	struct arena *a = arena_new();
	struct instance in;
	bool hosts;
	int ret = instance_need(c, a, &in, e);

	(void)ct;
	(void)pair;
	hosts = !ret && in.management.cls &&
		(client_id_equal(&in.management, &r->server.owner) ||
			server_has_client(c, &r->server, &in.management, NULL));
	arena_free(&a);
	if (hosts)
		return refuse(e, FAULT_CONFLICT,
			"mr_forbidden_enable_maintenance_mode_for_management_"
			"service",
			"this server provides the management services");
	return ret ? -1 : mode_check(c, r, true, e);
}

static int
maintenance_off_check(struct center *ct, struct db_conn *c,
	const struct mgmt_request *r, bool *pair, struct err *e)
{
	(void)ct;
	(void)pair;
	return mode_check(c, r, false, e);
}

static int
maintenance_on_apply(
	struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	return server_set_maintenance(c, &r->server, true, r->comments, e);
}

static int
maintenance_off_apply(
	struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	return server_set_maintenance(c, &r->server, false, NULL, e);
}

static const struct request_kind kinds[MGMT_KINDS] = {
	[MGMT_AUTH_CERT_REG] = { true, true, P_CENTER_AUTO_AUTH, auth_reg_check,
		auth_reg_apply },
	[MGMT_AUTH_CERT_DELETION] = { .apply = auth_del_apply },
	[MGMT_CLIENT_REG] = { true, true, P_CENTER_AUTO_CLIENT,
		client_reg_check, client_reg_apply },
	[MGMT_CLIENT_DELETION] = { .apply = client_del_apply },
	[MGMT_CLIENT_DISABLE] = { .check = client_disable_check,
		.apply = client_disable_apply },
	[MGMT_CLIENT_ENABLE] = { .check = client_enable_check,
		.apply = client_enable_apply },
	[MGMT_CLIENT_RENAME] = { .check = client_rename_check,
		.apply = client_rename_apply },
	[MGMT_OWNER_CHANGE] = { true, false, P_CENTER_AUTO_OWNER,
		owner_change_check, owner_change_apply },
	[MGMT_ADDRESS_CHANGE] = { .check = address_check,
		.apply = address_apply },
	[MGMT_MAINTENANCE_ENABLE] = { .check = maintenance_on_check,
		.apply = maintenance_on_apply },
	[MGMT_MAINTENANCE_DISABLE] = { .check = maintenance_off_check,
		.apply = maintenance_off_apply },
};

const struct request_kind *
request_kind(const char *type, const struct mgmt_row **row)
{
	for (int k = 0; k < MGMT_KINDS; k++) {
		*row = mgmt_row((enum mgmt_kind)k);
		if (str_equal((*row)->type, type))
			return &kinds[k];
	}
	return NULL;
}
