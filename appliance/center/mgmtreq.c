/* SPDX-License-Identifier: MIT */
/*
 * Management requests: a table row per type says what is checked, whether it
 * waits for an operator, and what approval does. Rules:
 * interop/xroad-center-admin.md 2.5. Types without a row are refused.
 */
#include "center_int.h"

#include "center_sql.h"
#include "clock.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

struct kind {
	const char *type;
	bool waits; /* for an approval; else it applies at once */
	int (*check)(struct db_conn *c, const struct mgmt_request *r,
		bool *pair, struct err *e);
	int (*apply)(
		struct db_conn *c, const struct mgmt_request *r, struct err *e);
	bool (*automatic)(struct center *ct); /* may be NULL */
};

static const char *const center_origin = "CENTER";

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

/* An authentication certificate of our own authority, valid now. */
static int
auth_cert_check(struct db_conn *c, struct bytes der, struct err *e)
{
	struct arena *a = arena_new();
	struct authority ca;
	struct cert *cert = NULL, *anchor, *path[CHAIN_MAX];
	struct err why = ERR_INIT;
	size_t n;
	int ret = -1;

	if (authority_load(c, a, &ca, &why))
		goto out;
	anchor = ca.cert;
	if (cert_parse(&cert, der, &why))
		goto out;
	if (!cert_is_auth(cert) || cert_is_sign(cert)) {
		fail(&why, FAULT_WRONG_CERT_USAGE,
			"it is not an authentication certificate");
		goto out;
	}
	if (cert_chain(cert, (struct cert_list){ 0 },
		    (struct cert_list){ &anchor, 1 }, clock_now(), path, &n,
		    &why))
		goto out;
	ret = 0;
out:
	if (ret)
		refuse(e, FAULT_BAD_REQUEST,
			"management_request_invalid_auth_certificate",
			"the authentication certificate is refused: %s",
			why.text);
	cert_unref(&cert);
	arena_free(&a);
	return ret;
}

static int
owner_check(struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	int64_t row;

	if (class_need(c, r->server.owner.cls, e))
		return -1;
	if (!str_equal(r->origin, center_origin))
		return 0;
	if (member_need(c, &r->server.owner, &row, NULL, NULL, NULL))
		return refuse(e, FAULT_NOT_FOUND,
			"management_request_server_owner_not_found",
			"the owner %s/%s is not registered",
			r->server.owner.cls, r->server.owner.code);
	return 0;
}

static int
auth_reg_check(struct db_conn *c, const struct mgmt_request *r, bool *pair,
	struct err *e)
{
	if (r->address && !address_valid(r->address))
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_invalid_server_address",
			"the server address is not a host name or IP address");
	if (owner_check(c, r, e) || auth_cert_check(c, r->auth_cert, e))
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

static bool
auth_reg_automatic(struct center *ct)
{
	return conf_bool(ct->conf, P_CENTER_AUTO_AUTH);
}

static int
auth_del_apply(struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	return server_drop_cert(c, &r->server, r->auth_cert, e);
}

static int
client_reg_check(struct db_conn *c, const struct mgmt_request *r, bool *pair,
	struct err *e)
{
	int64_t row;

	if (!r->client.cls)
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"the client is missing");
	if (client_id_equal(&r->server.owner, &r->client))
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_cannot_register_owner",
			"the owner is no client of its own server");
	if (server_need(c, &r->server, &row, NULL))
		return refuse(e, FAULT_CONFLICT,
			"management_request_server_not_found",
			"security server %s is not registered",
			r->server.server);
	if (member_need(c, &r->client, &row, NULL, NULL, NULL))
		return refuse(e, FAULT_CONFLICT,
			"management_request_member_not_found",
			"member %s/%s is not registered", r->client.cls,
			r->client.code);
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
	if (!r->client.cls)
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"the client is missing");
	return server_drop_client(c, &r->server, &r->client, e);
}

static int
address_apply(struct db_conn *c, const struct mgmt_request *r, struct err *e)
{
	return server_set_address(c, &r->server, r->address, e);
}

static const struct kind kinds[] = {
	{ "AUTH_CERT_REGISTRATION_REQUEST", true, auth_reg_check,
		auth_reg_apply, auth_reg_automatic },
	{ "AUTH_CERT_DELETION_REQUEST", false, NULL, auth_del_apply, NULL },
	{ "CLIENT_REGISTRATION_REQUEST", true, client_reg_check,
		client_reg_apply, NULL },
	{ "CLIENT_DELETION_REQUEST", false, NULL, client_del_apply, NULL },
	{ "ADDRESS_CHANGE_REQUEST", false, NULL, address_apply, NULL },
};

static const struct kind *
kind_find(const char *type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_equal(kinds[i].type, type))
			return &kinds[i];
	return NULL;
}

static int
request_store(struct db_conn *c, struct mgmt_request *r, struct err *e)
{
	r->created_at = clock_now();
	if (db_run(c, Q_CENTER_REQUEST_ADD, e, db_text(r->type),
		    db_text(r->origin), db_text(r->status),
		    db_text(r->server.owner.cls), db_text(r->server.owner.code),
		    db_text(r->server.server), db_text(r->address),
		    r->auth_cert.len
			    ? db_blob(r->auth_cert.data, r->auth_cert.len)
			    : db_null(),
		    db_text(r->client.cls), db_text(r->client.code),
		    db_text(r->client.subsystem), db_text(r->subsystem_name),
		    db_text(r->comments),
		    r->message.len ? db_blob(r->message.data, r->message.len)
				   : db_null(),
		    db_int(r->created_at)) < 0)
		return -1;
	r->id = db_last_id(c);
	return 0;
}

/* The request and its undecided counterpart get the same status. */
static int
request_settle(struct db_conn *c, int64_t id, const char *status, struct err *e)
{
	return db_run(c, Q_CENTER_REQUEST_SETTLE, e, db_int(id),
		       db_text(status), db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

/* 2.5: only a server's request, only for a registered member. */
static bool
approve_now(struct center *ct, struct db_conn *c, const struct kind *k,
	const struct mgmt_request *r, bool pair)
{
	int64_t row;

	if (!k->waits)
		return true;
	if (str_equal(r->origin, center_origin))
		return false;
	if (!pair && !(k->automatic && k->automatic(ct)))
		return false;
	return member_need(c, &r->server.owner, &row, NULL, NULL, NULL) == 0;
}

static int
ids_check(struct db_conn *c, struct arena *a, const struct mgmt_request *r,
	struct err *e)
{
	struct instance in;

	if (instance_need(c, a, &in, e))
		return -1;
	if (!str_equal(r->server.owner.instance, in.instance) ||
		(r->client.cls && !str_equal(r->client.instance, in.instance)))
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"the identifiers do not belong to instance %s",
			in.instance);
	if (ident_part_check(r->server.owner.cls, "member class", e) ||
		ident_part_check(r->server.owner.code, "member code", e) ||
		ident_part_check(r->server.server, "server code", e))
		return -1;
	return 0;
}

int
mgmt_add(struct center *ct, struct db_conn *c, struct mgmt_request *r, bool try,
	struct err *e)
{
	const struct kind *k = kind_find(r->type);
	struct arena *a = arena_new();
	bool pair = false;
	int ret = -1;

	r->id = 0;
	if (!k) {
		refuse(e, FAULT_BAD_REQUEST, "management_request_not_supported",
			"requests of type %s are not supported", r->type);
		goto out;
	}
	if (ids_check(c, a, r, e) || (k->check && k->check(c, r, &pair, e)))
		goto out;
	r->status = !k->waits ? "APPROVED"
		    : pair    ? "SUBMITTED FOR APPROVAL"
			      : "WAITING";
	ret = 0;
	if (try)
		goto out;
	ret = -1;
	if (request_store(c, r, e) ||
		(pair && request_settle(c, r->id, r->status, e)))
		goto out;
	if (approve_now(ct, c, k, r, pair)) {
		r->status = "APPROVED";
		if (k->apply(c, r, e) || request_settle(c, r->id, r->status, e))
			goto out;
	}
	log_info("management request %lld %s of %s/%s/%s: %s", (long long)r->id,
		r->type, r->server.owner.cls, r->server.owner.code,
		r->server.server, r->status);
	ret = 0;
out:
	arena_free(&a);
	return ret;
}

void
mgmt_read(struct arena *a, struct query *q, const char *instance,
	struct mgmt_request *out)
{
	*out = (struct mgmt_request){
		.id = query_int(q, 0),
		.type = query_text_dup(a, q, 1),
		.origin = query_text_dup(a, q, 2),
		.status = query_text_dup(a, q, 3),
		.server = { .owner = { .instance = instance,
				    .cls = query_text_dup(a, q, 4),
				    .code = query_text_dup(a, q, 5) },
			.server = query_text_dup(a, q, 6) },
		.address = query_text_dup(a, q, 7),
		.auth_cert = query_blob_dup(a, q, 8),
		.client = { .instance = instance,
			.cls = query_text_dup(a, q, 9),
			.code = query_text_dup(a, q, 10),
			.subsystem = query_text_dup(a, q, 11) },
		.subsystem_name = query_text_dup(a, q, 12),
		.comments = query_text_dup(a, q, 13),
		.created_at = query_int(q, 14),
	};
}

int
mgmt_get(struct db_conn *c, struct arena *a, int64_t id, const char *instance,
	struct mgmt_request *out, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_REQUEST_GET, db_int(id));
	bool found = query_next(q);

	if (found)
		mgmt_read(a, q, instance, out);
	if (query_end(q, e))
		return -1;
	if (!found)
		return refuse(e, FAULT_NOT_FOUND,
			"management_request_not_found",
			"management request %lld does not exist",
			(long long)id);
	return 0;
}

static bool
undecided(const struct mgmt_request *r)
{
	return str_equal(r->status, "WAITING") ||
	       str_equal(r->status, "SUBMITTED FOR APPROVAL");
}

int
mgmt_approve(struct db_conn *c, struct arena *a, int64_t id,
	const char *instance, struct err *e)
{
	const struct kind *k;
	struct mgmt_request r;

	if (mgmt_get(c, a, id, instance, &r, e))
		return -1;
	k = kind_find(r.type);
	if (!k || !undecided(&r))
		return refuse(e, FAULT_CONFLICT,
			"management_request_invalid_state_for_approval",
			"management request %lld is %s", (long long)id,
			r.status);
	if (k->apply(c, &r, e) || request_settle(c, id, "APPROVED", e))
		return -1;
	log_info("management request %lld approved", (long long)id);
	return 0;
}

int
mgmt_decline(struct db_conn *c, struct arena *a, int64_t id,
	const char *instance, struct err *e)
{
	struct mgmt_request r;
	const char *status;

	if (mgmt_get(c, a, id, instance, &r, e))
		return -1;
	if (!undecided(&r))
		return refuse(e, FAULT_CONFLICT,
			"management_request_invalid_state",
			"management request %lld is %s", (long long)id,
			r.status);
	status = str_equal(r.origin, center_origin) ? "REVOKED" : "DECLINED";
	if (request_settle(c, id, status, e))
		return -1;
	log_info("management request %lld: %s", (long long)id, status);
	return 0;
}
