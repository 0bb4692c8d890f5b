/* SPDX-License-Identifier: MIT */
/*
 * The registry, what changes at a server that is registered: its clients on
 * and off, its owner, its maintenance mode, its end. Rules:
 * interop/xroad-center-admin.md 2.5.
 */
#include "center_int.h"

#include "center_sql.h"
#include "clock.h"
#include "mem.h"

static int
owners_group(struct db_conn *c, int64_t *row, struct err *e)
{
	struct query *q =
		db_query(c, Q_CENTER_GROUP_GET, db_text(OWNERS_GROUP));
	bool found = query_next(q);

	if (found)
		*row = query_int(q, 0);
	if (query_end(q, e))
		return -1;
	return found ? 0
		     : fail(e, FAULT_INTERNAL, "group %s is missing",
			       OWNERS_GROUP);
}

int
owners_join(struct db_conn *c, int64_t member, struct err *e)
{
	int64_t group;

	if (owners_group(c, &group, e))
		return -1;
	return db_run(c, Q_CENTER_GROUP_JOIN, e, db_int(group), db_int(member),
		       db_null(), db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

/* Who owns no server any more is no owner. */
static int
owners_leave(struct db_conn *c, int64_t member, struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_SERVERS_OWNED, db_int(member));
	int64_t group, left = query_next(q) ? query_int(q, 0) : 0;

	if (query_end(q, e))
		return -1;
	if (left)
		return 0;
	if (owners_group(c, &group, e))
		return -1;
	return db_run(c, Q_CENTER_GROUP_LEAVE, e, db_int(group), db_int(member),
		       db_null()) < 0
		       ? -1
		       : 0;
}

int
client_row(struct db_conn *c, int64_t server, int64_t member, int64_t subsystem,
	struct err *e)
{
	struct query *q = db_query(c, Q_CENTER_CLIENT_GET, db_int(server),
		db_int(member), db_row(subsystem));
	int found = query_next(q);

	return query_end(q, e) ? -1 : found;
}

bool
server_has_client(struct db_conn *c, const struct server_id *server,
	const struct client_id *id, struct err *e)
{
	int64_t row, member, subsystem;

	return !server_need(c, server, &row, e) &&
	       !client_need(c, id, &member, &subsystem, e) &&
	       client_row(c, row, member, subsystem, e) > 0;
}

int
server_set_client(struct db_conn *c, const struct server_id *server,
	const struct client_id *id, bool enabled, struct err *e)
{
	int64_t row, member, subsystem;

	if (server_need(c, server, &row, e) ||
		client_need(c, id, &member, &subsystem, e))
		return -1;
	return db_run(c, Q_CENTER_CLIENT_ENABLE, e, db_int(row), db_int(member),
		       db_row(subsystem), db_int(enabled)) < 0
		       ? -1
		       : 0;
}

int
server_set_owner(struct db_conn *c, const struct server_id *server,
	const struct client_id *owner, struct err *e)
{
	int64_t row, before, after, now = clock_now();
	int found;

	if (server_need(c, server, &row, e) ||
		member_need(c, &server->owner, &before, NULL, NULL, e) ||
		member_need(c, owner, &after, NULL, NULL, e))
		return -1;
	found = client_row(c, row, before, 0, e);
	if (found < 0 ||
		db_run(c, Q_CENTER_CLIENT_DELETE, e, db_int(row), db_int(after),
			db_null()) < 0 ||
		db_run(c, Q_CENTER_SERVER_OWNER_SET, e, db_int(row),
			db_int(after), db_int(now)) < 0)
		return -1;
	if (!found && db_run(c, Q_CENTER_CLIENT_ADD, e, db_int(row),
			      db_int(before), db_null(), db_int(now)) < 0)
		return -1;
	return owners_leave(c, before, e) ? -1 : owners_join(c, after, e);
}

int
server_maintenance(struct db_conn *c, const struct server_id *server, bool *on,
	struct err *e)
{
	struct query *q;
	int64_t row;

	if (server_need(c, server, &row, e))
		return -1;
	q = db_query(c, Q_CENTER_SERVER_MAINTENANCE, db_int(row));
	*on = query_next(q) && query_int(q, 0);
	return query_end(q, e);
}

int
server_set_maintenance(struct db_conn *c, const struct server_id *server,
	bool on, const char *text, struct err *e)
{
	int64_t row;

	if (server_need(c, server, &row, e))
		return -1;
	return db_run(c, Q_CENTER_SERVER_MAINTENANCE_SET, e, db_int(row),
		       db_int(on), db_text(text), db_int(clock_now())) < 0
		       ? -1
		       : 0;
}

int
server_delete(struct db_conn *c, const struct server_id *server, struct err *e)
{
	int64_t row, owner;

	if (server_need(c, server, &row, e) ||
		member_need(c, &server->owner, &owner, NULL, NULL, e) ||
		db_run(c, Q_CENTER_SERVER_DELETE, e, db_int(row)) < 0)
		return -1;
	return owners_leave(c, owner, e);
}
