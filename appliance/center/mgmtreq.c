/* SPDX-License-Identifier: MIT */
/*
 * The life of a management request: entered, stored, approved at once or by an
 * operator, declined, revoked. What is special about a kind is in mgmtkind.c.
 * Rules: interop/xroad-center-admin.md 2.5.
 */
#include "mgmtreq_int.h"

#include "center_sql.h"
#include "clock.h"
#include "log.h"
#include "mem.h"
#include "param.h"

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

/* 2.5: only a server's request, only for registered members. */
static bool
approve_now(struct center *ct, struct db_conn *c, const struct request_kind *k,
	const struct mgmt_request *r, bool pair)
{
	int64_t row;

	if (!k->waits)
		return true;
	if (by_center(r) && k->pairs)
		return false;
	if (!pair && !approval_automatic(ct, c, (enum param_id)k->automatic))
		return false;
	return !member_need(c, &r->server.owner, &row, NULL, NULL, NULL) &&
	       (!r->client.cls ||
		       !member_need(c, &r->client, &row, NULL, NULL, NULL));
}

static int
id_check(const struct client_id *id, const char *instance, struct err *e)
{
	if (!str_equal(id->instance, instance))
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"the identifiers do not belong to instance %s",
			instance);
	if (ident_part_check(id->cls, "member class", e) ||
		ident_part_check(id->code, "member code", e) ||
		(id->subsystem &&
			ident_part_check(id->subsystem, "subsystem code", e)))
		return -1;
	return 0;
}

/* Everything that the kind needs is there and well-formed. */
static int
form_check(struct db_conn *c, struct arena *a, const struct mgmt_row *row,
	const struct mgmt_request *r, struct err *e)
{
	struct instance in;

	if (instance_need(c, a, &in, e) ||
		id_check(&r->server.owner, in.instance, e) ||
		ident_part_check(r->server.server, "server code", e))
		return -1;
	if ((row->needs & MGMT_CLIENT) && !r->client.cls)
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"the client is missing");
	if ((row->needs & MGMT_CERT) && !r->auth_cert.len)
		return refuse(e, FAULT_BAD_REQUEST, "validation_failure",
			"the authentication certificate is missing");
	if (r->client.cls && id_check(&r->client, in.instance, e))
		return -1;
	if (r->subsystem_name && *r->subsystem_name &&
		ident_part_check(r->subsystem_name, "subsystem name", e))
		return -1;
	return 0;
}

static int
enter(struct center *ct, struct db_conn *c, const struct request_kind *k,
	struct mgmt_request *r, bool pair, struct err *e)
{
	if (request_store(c, r, e) ||
		(pair && request_settle(c, r->id, r->status, e)))
		return -1;
	if (approve_now(ct, c, k, r, pair)) {
		r->status = "APPROVED";
		if (k->apply(c, r, e) || request_settle(c, r->id, r->status, e))
			return -1;
	}
	log_info("management request %lld %s of %s/%s/%s: %s", (long long)r->id,
		r->type, r->server.owner.cls, r->server.owner.code,
		r->server.server, r->status);
	return 0;
}

int
mgmt_add(struct center *ct, struct db_conn *c, struct mgmt_request *r, bool try,
	struct err *e)
{
	const struct mgmt_row *row;
	const struct request_kind *k = request_kind(r->type, &row);
	struct arena *a;
	bool pair = false;
	int ret = -1;

	r->id = 0;
	if (!k)
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_unknown_type",
			"there are no requests of type %s", r->type);
	a = arena_new();
	if (!form_check(c, a, row, r, e) &&
		(!k->check || !k->check(ct, c, r, &pair, e))) {
		r->status = !k->waits ? "APPROVED"
			    : pair    ? "SUBMITTED FOR APPROVAL"
				      : "WAITING";
		ret = try ? 0 : enter(ct, c, k, r, pair, e);
	}
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
		.owner_name = query_text_dup(a, q, 15),
		.client_name = query_text_dup(a, q, 16),
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
	const struct request_kind *k;
	const struct mgmt_row *row;
	struct mgmt_request r;

	if (mgmt_get(c, a, id, instance, &r, e))
		return -1;
	k = request_kind(r.type, &row);
	if (!k || !k->waits || !undecided(&r))
		return refuse(e, FAULT_BAD_REQUEST,
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
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_invalid_state",
			"management request %lld is %s", (long long)id,
			r.status);
	status = by_center(&r) ? "REVOKED" : "DECLINED";
	if (request_settle(c, id, status, e))
		return -1;
	log_info("management request %lld: %s", (long long)id, status);
	return 0;
}
