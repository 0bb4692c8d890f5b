/* SPDX-License-Identifier: MIT */
/*
 * The registry: members, subsystems, security servers with their
 * authentication certificates and clients, the owners' group. Rules:
 * interop/xroad-center-admin.md 2.5.
 */
#include "center_int.h"

#include "center_sql.h"
#include "clock.h"
#include "mem.h"

int
class_add(struct db_conn *c, const char *code, const char *description,
	struct err *e)
{
	struct err why = ERR_INIT;

	if (ident_part_check(code, "member class", e))
		return -1;
	if (db_run(c, Q_CENTER_CLASS_ADD, &why, db_text(code),
		    db_text(description)) >= 0)
		return 0;
	if (why.fault == FAULT_CONFLICT)
		return refuse(e, FAULT_CONFLICT, "member_class_exists",
			"member class %s exists already", code);
	return fail(e, why.fault, "%s", why.text);
}

int
class_need(struct db_conn *c, const char *code, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_CLASS_GET, db_text(code));
	bool found = query_next(q);

	if (query_end(q, e))
		return -1;
	if (!found)
		return refuse(e, FAULT_NOT_FOUND, "member_class_not_found",
			"member class %s is unknown", code);
	return 0;
}

/* 1 found, 0 not, -1 fault. */
static int
member_find(struct db_conn *c, const struct client_id *id, int64_t *row,
	struct arena *a, char **name, struct err *e)
{
	struct query *q;
	int found = 0;

	q = db_query(
		c, Q_CENTER_MEMBER_GET, db_text(id->cls), db_text(id->code));
	if (query_next(q)) {
		*row = query_int(q, 0);
		if (name)
			*name = query_text_dup(a, q, 1);
		found = 1;
	}
	return query_end(q, e) ? -1 : found;
}

int
member_need(struct db_conn *c, const struct client_id *id, int64_t *row,
	struct arena *a, char **name, struct err *e)
{
	int found = member_find(c, id, row, a, name, e);

	if (found == 0)
		return refuse(e, FAULT_NOT_FOUND, "member_not_found",
			"member %s/%s is not registered", id->cls, id->code);
	return found < 0 ? -1 : 0;
}

int
member_add(struct db_conn *c, const struct client_id *id, const char *name,
	struct err *e)
{
	int64_t row;
	int found;

	if (ident_part_check(id->cls, "member class", e) ||
		ident_part_check(id->code, "member code", e) ||
		class_need(c, id->cls, e))
		return -1;
	found = member_find(c, id, &row, NULL, NULL, e);
	if (found > 0)
		return refuse(e, FAULT_CONFLICT, "member_exists",
			"member %s/%s exists already", id->cls, id->code);
	if (found < 0)
		return -1;
	return db_run(c, Q_CENTER_MEMBER_ADD, e, db_text(id->cls),
		       db_text(id->code), db_text(name),
		       db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

/* Row of the member, which is made when it is new; its class must exist. */
static int
member_ensure(struct db_conn *c, const struct client_id *id, int64_t *row,
	struct err *e)
{
	int found = member_find(c, id, row, NULL, NULL, e);

	if (found)
		return found < 0 ? -1 : 0;
	if (member_add(c, id, id->code, e))
		return -1;
	*row = db_last_id(c);
	return 0;
}

static int
subsystem_find(struct db_conn *c, int64_t member, const char *code,
	int64_t *row, struct err *e)
{
	struct query *q;
	int found = 0;

	q = db_query(c, Q_CENTER_SUBSYSTEM_GET, db_int(member), db_text(code));
	if (query_next(q)) {
		*row = query_int(q, 0);
		found = 1;
	}
	return query_end(q, e) ? -1 : found;
}

int
client_need(struct db_conn *c, const struct client_id *id, int64_t *member,
	int64_t *subsystem, struct err *e)
{
	int found;

	*subsystem = 0;
	if (member_need(c, id, member, NULL, NULL, e))
		return -1;
	if (!id->subsystem)
		return 0;
	found = subsystem_find(c, *member, id->subsystem, subsystem, e);
	if (found == 0)
		return refuse(e, FAULT_NOT_FOUND, "subsystem_not_found",
			"member %s/%s has no subsystem %s", id->cls, id->code,
			id->subsystem);
	return found < 0 ? -1 : 0;
}

static int
subsystem_insert(struct db_conn *c, int64_t member, const char *code,
	const char *name, struct err *e)
{
	if (ident_part_check(code, "subsystem code", e))
		return -1;
	return db_run(c, Q_CENTER_SUBSYSTEM_ADD, e, db_int(member),
		       db_text(code), db_text(name), db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

int
subsystem_add(struct db_conn *c, const struct client_id *id, const char *name,
	struct err *e)
{
	int64_t member, row;
	int found;

	if (member_need(c, id, &member, NULL, NULL, e))
		return -1;
	found = subsystem_find(c, member, id->subsystem, &row, e);
	if (found > 0)
		return refuse(e, FAULT_CONFLICT, "subsystem_exists",
			"subsystem %s exists already", id->subsystem);
	if (found < 0)
		return -1;
	return subsystem_insert(c, member, id->subsystem, name, e);
}

static int
subsystem_name_set(
	struct db_conn *c, int64_t row, const char *name, struct err *e)
{
	return db_run(c, Q_CENTER_SUBSYSTEM_RENAME, e, db_int(row),
		       db_text(name)) < 0
		       ? -1
		       : 0;
}

int
subsystem_rename(struct db_conn *c, const struct client_id *id,
	const char *name, struct err *e)
{
	int64_t member, row;

	if (client_need(c, id, &member, &row, e))
		return -1;
	return subsystem_name_set(c, row, name, e);
}

/* Like client_need(), but makes what is missing. */
static int
client_ensure(struct db_conn *c, const struct client_id *id, const char *name,
	int64_t *member, int64_t *subsystem, struct err *e)
{
	int found;

	*subsystem = 0;
	if (member_ensure(c, id, member, e))
		return -1;
	if (!id->subsystem)
		return 0;
	found = subsystem_find(c, *member, id->subsystem, subsystem, e);
	if (found > 0 && name && *name)
		return subsystem_name_set(c, *subsystem, name, e);
	if (found)
		return found < 0 ? -1 : 0;
	if (subsystem_insert(c, *member, id->subsystem, name, e))
		return -1;
	*subsystem = db_last_id(c);
	return 0;
}

static int
server_find(struct db_conn *c, const struct server_id *id, int64_t *row,
	struct err *e)
{
	struct query *q;
	int found = 0;

	q = db_query(c, Q_CENTER_SERVER_GET, db_text(id->owner.cls),
		db_text(id->owner.code), db_text(id->server));
	if (query_next(q)) {
		*row = query_int(q, 0);
		found = 1;
	}
	return query_end(q, e) ? -1 : found;
}

int
server_need(struct db_conn *c, const struct server_id *id, int64_t *row,
	struct err *e)
{
	int found = server_find(c, id, row, e);

	if (found == 0)
		return refuse(e, FAULT_NOT_FOUND, "security_server_not_found",
			"security server %s of %s/%s is not registered",
			id->server, id->owner.cls, id->owner.code);
	return found < 0 ? -1 : 0;
}

int
server_register(struct db_conn *c, const struct server_id *id,
	const char *address, struct bytes auth_cert, struct err *e)
{
	int64_t owner, row = 0, now = clock_now();
	int found;

	if (ident_part_check(id->server, "server code", e) ||
		member_ensure(c, &id->owner, &owner, e))
		return -1;
	found = server_find(c, id, &row, e);
	if (found < 0)
		return -1;
	if (!found) {
		if (db_run(c, Q_CENTER_SERVER_ADD, e, db_int(owner),
			    db_text(id->server), db_text(address),
			    db_int(now)) < 0)
			return -1;
		row = db_last_id(c);
	} else if (address && db_run(c, Q_CENTER_SERVER_ADDRESS, e, db_int(row),
				      db_text(address), db_int(now)) < 0) {
		return -1;
	}
	if (db_run(c, Q_CENTER_AUTH_CERT_ADD, e, db_int(row),
		    db_blob(auth_cert.data, auth_cert.len), db_int(now)) < 0)
		return -1;
	return owners_join(c, owner, e);
}

int
server_set_address(struct db_conn *c, const struct server_id *id,
	const char *address, struct err *e)
{
	int64_t row;

	if (!address_valid(address))
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_invalid_server_address",
			"the server address is not a host name or IP address");
	if (server_need(c, id, &row, e))
		return -1;
	return db_run(c, Q_CENTER_SERVER_ADDRESS, e, db_int(row),
		       db_text(address), db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

int
server_drop_cert(struct db_conn *c, const struct server_id *id,
	struct bytes auth_cert, struct err *e)
{
	int64_t row, n;

	if (server_need(c, id, &row, e))
		return -1;
	n = db_run(c, Q_CENTER_AUTH_CERT_DELETE, e, db_int(row),
		db_blob(auth_cert.data, auth_cert.len));
	if (n == 0)
		return refuse(e, FAULT_NOT_FOUND,
			"ss_auth_certificate_not_found",
			"the certificate is not registered for this server");
	return n < 0 ? -1 : 0;
}

int
server_add_client(struct db_conn *c, const struct server_id *server,
	const struct client_id *id, const char *subsystem_name, struct err *e)
{
	int64_t row, member, subsystem;
	int found;

	if (client_id_equal(&server->owner, id))
		return refuse(e, FAULT_BAD_REQUEST,
			"management_request_cannot_register_owner",
			"the owner is no client of its own server");
	if (server_need(c, server, &row, e) ||
		client_ensure(c, id, subsystem_name, &member, &subsystem, e))
		return -1;
	found = client_row(c, row, member, subsystem, e);
	if (found > 0)
		return refuse(e, FAULT_CONFLICT,
			"management_request_client_already_registered",
			"the client is registered at this server already");
	if (found < 0)
		return -1;
	return db_run(c, Q_CENTER_CLIENT_ADD, e, db_int(row), db_int(member),
		       db_row(subsystem), db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

int
server_drop_client(struct db_conn *c, const struct server_id *server,
	const struct client_id *id, struct err *e)
{
	int64_t row, member, subsystem, n;

	if (server_need(c, server, &row, e) ||
		client_need(c, id, &member, &subsystem, e))
		return -1;
	n = db_run(c, Q_CENTER_CLIENT_DELETE, e, db_int(row), db_int(member),
		db_row(subsystem));
	if (n == 0)
		return refuse(e, FAULT_NOT_FOUND,
			"management_request_client_registration_not_found",
			"the client is not registered at this server");
	return n < 0 ? -1 : 0;
}

bool
auth_cert_known(struct db_conn *c, struct bytes cert)
{
	struct query *q = db_query(
		c, Q_CENTER_AUTH_CERT_GET, db_blob(cert.data, cert.len));
	bool found = query_next(q);

	/* a failing read shows again at the insert */
	(void)query_end(q, NULL);
	return found;
}
