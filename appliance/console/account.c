/* SPDX-License-Identifier: MIT */
/*
 * Accounts: made by the command line and by administrators, looked up by the
 * guard. Roles are X-Road's (xroad-center-admin.md 4.1).
 */
#include "account_int.h"
#include "audit_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "console_sql.h"
#include "db.h"
#include "digest.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "password.h"
#include "text.h"

static const struct {
	const char *name;
	unsigned bit;
} names[] = {
	{ "XROAD_SECURITY_OFFICER", ADMIN_SO },
	{ "XROAD_REGISTRATION_OFFICER", ADMIN_RO },
	{ "XROAD_SERVICE_ADMINISTRATOR", ADMIN_SA },
	{ "XROAD_SYSTEM_ADMINISTRATOR", ADMIN_SYS },
	{ "XROAD_SECURITYSERVER_OBSERVER", ADMIN_OBS },
};
enum { NAMES = sizeof(names) / sizeof(*names) };

unsigned
admin_role_by_name(const char *name)
{
	for (size_t i = 0; i < NAMES; i++)
		if (str_equal(names[i].name, name))
			return names[i].bit;
	return 0;
}

const char *
admin_role_name(unsigned n, unsigned *bit)
{
	if (n >= NAMES)
		return NULL;
	*bit = names[n].bit;
	return names[n].name;
}

void
roles_json(struct buf *b, unsigned roles)
{
	const char *name, *sep = "";
	unsigned bit;

	buf_char(b, '[');
	for (unsigned i = 0; (name = admin_role_name(i, &bit)); i++) {
		if (!(roles & bit))
			continue;
		buf_str(b, sep);
		buf_json(b, name);
		sep = ",";
	}
	buf_char(b, ']');
}

json_t *
roles_value(unsigned roles)
{
	json_t *list = json_array();
	const char *name;
	unsigned bit;

	for (unsigned i = 0; (name = admin_role_name(i, &bit)); i++)
		if (roles & bit)
			json_array_append_new(list, json_text_new(name));
	return list;
}

int
roles_read(const json_t *list, unsigned *out, struct err *e)
{
	const json_t *item;
	size_t i;

	*out = 0;
	if (!json_is_array(list))
		return fail(e, FAULT_BAD_REQUEST,
			"the body must be a JSON array of roles");
	json_each(item, i, list) {
		const char *name = json_string_value(item);
		unsigned bit = name ? admin_role_by_name(name) : 0;

		if (!bit)
			return fail(e, FAULT_BAD_REQUEST,
				"\"%s\" is not a role", name ? name : "");
		*out |= bit;
	}
	return *out ? 0 : fail(e, FAULT_BAD_REQUEST, "name at least one role");
}

int
console_db_open(struct db **db, const struct conf *c, struct err *e)
{
	return db_open(db, &schema_console, conf_data_path(c, "console.db"),
		DB_EVIDENCE, e);
}

void
account_row(struct arena *a, struct query *q, struct account *out)
{
	*out = (struct account){ .id = query_int(q, 0),
		.name = query_text_dup(a, q, 1),
		.hash = query_text_dup(a, q, 2),
		.roles = (unsigned)query_int(q, 3),
		.display = query_text_dup(a, q, 4),
		.disabled = query_int(q, 5) != 0,
		.must_change = query_int(q, 6) != 0,
		.changed = query_int(q, 7),
		.last_login = query_int(q, 8),
		.created = query_int(q, 9),
		.totp = query_text_dup(a, q, 10),
		.pending = query_text_dup(a, q, 11),
		.step = query_int(q, 12),
		.recovery = query_int(q, 13) };
}

bool
account_find(struct db_conn *conn, struct arena *a, const char *name,
	struct account *out)
{
	struct query *q =
		db_query(conn, Q_CONSOLE_ACCOUNT_BY_NAME, db_text(name));
	bool found = query_next(q);

	if (found)
		account_row(a, q, out);
	return !query_end(q, NULL) && found;
}

void
account_caller(const struct console *c, const struct account *account,
	struct caller *out)
{
	struct arena *a = arena_new();
	struct digest d;

	snprintf(out->name, sizeof(out->name), "%s", account->name);
	out->roles = account->roles;
	digest_of(DIGEST_SHA256, account->hash, strlen(account->hash), &d);
	snprintf(out->proof, sizeof(out->proof), "%s",
		hex_encode(a, d.value, d.len));
	out->due = account->must_change ? DUE_PASSWORD
		   : !account->totp && conf_bool(c->env->conf, P_SECOND_FACTOR)
			   ? DUE_FACTOR
			   : DUE_NOTHING;
	arena_free(&a);
}

int
account_own(struct request *r, struct console *c, struct account *out,
	struct err *e)
{
	struct db_conn *conn = db_take(c->db);
	bool found = account_find(
		conn, request_arena(r), console_caller(r)->name, out);

	db_give(conn);
	if (!found)
		return fail(e, FAULT_CONFLICT,
			"%s is an API key: it has no password, no second "
			"factor and no sessions",
			console_caller(r)->name);
	return 0;
}

int
account_make(struct console *c, const char *name, const char *display,
	const char *password, unsigned roles, bool must_change, struct err *e)
{
	struct arena *a = arena_new_secret();
	struct err why = ERR_INIT;
	struct db_conn *conn;
	int ret = -1;

	if (policy_name(name, e) ||
		policy_password(name, password,
			conf_int(c->env->conf, P_PASSWORD_MIN), e))
		goto out;
	conn = db_take(c->db);
	if (db_run(conn, Q_CONSOLE_ACCOUNT_ADD, &why, db_text(name),
		    db_text(password_hash(a, password)), db_int(roles),
		    db_int(clock_now()), db_text(display),
		    db_int(must_change)) >= 0)
		ret = 0;
	db_give(conn);
	if (ret && why.fault == FAULT_CONFLICT)
		fail(e, FAULT_CONFLICT, "there is an account %s already", name);
	else if (ret)
		fail(e, why.fault, "%s", why.text);
out:
	arena_free(&a);
	return ret;
}

int
console_account_put(const struct conf *c, const char *name,
	const char *password, unsigned roles, struct err *e)
{
	struct arena *a = arena_new_secret();
	struct db *db = NULL;
	struct db_conn *conn;
	int ret = -1;

	if (policy_name(name, e) ||
		policy_password(
			name, password, conf_int(c, P_PASSWORD_MIN), e) ||
		console_db_open(&db, c, e))
		goto out;
	conn = db_take(db);
	if (db_run(conn, Q_CONSOLE_ACCOUNT_PUT, e, db_text(name),
		    db_text(password_hash(a, password)), db_int(roles),
		    db_int(clock_now())) >= 0)
		ret = 0;
	db_give(conn);
	audit_note(db, "Add user", name, ret ? 500 : 200);
out:
	db_close(&db);
	arena_free(&a);
	return ret;
}
