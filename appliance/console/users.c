/* SPDX-License-Identifier: MIT */
/* Accounts as a system administrator manages them. */
#include "account_int.h"

#include "clock.h"
#include "console_sql.h"
#include "db.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "password.h"
#include "text.h"

static json_t *
user_json(const struct account *u)
{
	json_t *j = json_object();

	json_put_str(j, "name", u->name);
	json_put_str(j, "display_name", u->display);
	json_put_new(j, "roles", roles_value(u->roles));
	json_put_bool(j, "disabled", u->disabled);
	json_put_bool(j, "second_factor", u->totp != NULL);
	json_put_bool(j, "password_change_due", u->must_change);
	json_put_moment(j, "password_changed_at", u->changed);
	json_put_moment(j, "last_sign_in_at", u->last_login);
	json_put_moment(j, "created_at", u->created);
	return j;
}

int
users_get(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct db_conn *conn = db_take(c->db);
	struct query *q = db_query(conn, Q_CONSOLE_ACCOUNT_LIST, { 0 });
	json_t *j = json_object(), *items = json_array();
	int ret;

	while (query_next(q)) {
		struct account u;

		account_row(request_arena(r), q, &u);
		json_array_append_new(items, user_json(&u));
	}
	json_put_new(j, "items", items);
	json_put_new(j, "password_policy", policy_json(c->env->conf));
	json_put_bool(j, "second_factor_required",
		conf_bool(c->env->conf, P_SECOND_FACTOR));
	ret = query_end(q, e);
	db_give(conn);
	if (ret) {
		json_decref(j);
		return -1;
	}
	return reply_value(r, 200, j, e);
}

/* ---- one account, changed in one transaction ---- */

struct change {
	struct console *c;
	struct request *r;
	struct account user;
	json_t *body;
	const char *hash; /* of a new password */
};

static int
load(struct db_conn *conn, struct change *x, struct err *e)
{
	const char *name = request_segment(x->r, "name");

	if (!name || !account_find(conn, request_arena(x->r), name, &x->user))
		return fail(e, FAULT_NOT_FOUND, "there is no account %s",
			name ? name : "");
	return 0;
}

/* Somebody else must be left who can administer the machine. */
static int
others_left(struct db_conn *conn, const struct account *u, struct err *e)
{
	struct query *q = db_query(conn, Q_CONSOLE_ADMINISTRATORS,
		db_int(u->id), db_int(ADMIN_SYS));
	int64_t n = query_next(q) ? query_int(q, 0) : 0;

	if (query_end(q, e))
		return -1;
	if (!n)
		return fail(e, FAULT_LAST_ADMINISTRATOR,
			"%s is the last system administrator who can sign in; "
			"give that role to somebody else first",
			u->name);
	return 0;
}

static bool
administers(const struct account *u)
{
	return !u->disabled && u->roles & ADMIN_SYS;
}

static int
get_do(struct db_conn *conn, void *arg, struct err *e)
{
	return load(conn, arg, e);
}

int
user_get(struct request *r, void *state, struct err *e)
{
	struct change x = { .c = state, .r = r };

	if (db_transact(x.c->db, get_do, &x, e))
		return -1;
	return reply_value(r, 200, user_json(&x.user), e);
}

int
users_post(struct request *r, void *state, struct err *e)
{
	struct change x = { .c = state, .r = r };
	const char *name, *password = NULL, *display = "";
	struct db_conn *conn;
	bool due = true, found;
	unsigned roles;
	int ret = -1;

	if (request_json(r, &x.body, e))
		return -1;
	if (!json_need_str(x.body, "name", CALLER_NAME_MAX - 1, &name, e) &&
		!json_need_str(
			x.body, "password", PASSWORD_LONGEST, &password, e) &&
		!json_opt_str(
			x.body, "display_name", 4 * DISPLAY_MAX, &display, e) &&
		!json_opt_bool(x.body, "password_change_due", &due, e) &&
		!roles_read(json_object_get(x.body, "roles"), &roles, e))
		ret = account_make(x.c, name, display, password, roles, due, e);
	json_wipe(password);
	if (ret)
		return -1;
	conn = db_take(x.c->db);
	found = account_find(conn, request_arena(r), name, &x.user);
	db_give(conn);
	if (!found)
		return fail(e, FAULT_NOT_FOUND, "there is no account %s", name);
	return reply_value(r, 201, user_json(&x.user), e);
}

static int
patch_do(struct db_conn *conn, void *arg, struct err *e)
{
	struct change *x = arg;
	bool was;

	if (load(conn, x, e))
		return -1;
	was = administers(&x->user);
	if (json_str(x->body, "display_name"))
		x->user.display = json_str(x->body, "display_name");
	x->user.disabled = json_bool(x->body, "disabled", x->user.disabled);
	if (json_list(x->body, "roles") &&
		roles_read(json_list(x->body, "roles"), &x->user.roles, e))
		return -1;
	if (was && !administers(&x->user) && others_left(conn, &x->user, e))
		return -1;
	return db_run(conn, Q_CONSOLE_ACCOUNT_SET, e, db_int(x->user.id),
		       db_text(x->user.display), db_int(x->user.roles),
		       db_int(x->user.disabled)) < 0
		       ? -1
		       : 0;
}

int
user_patch(struct request *r, void *state, struct err *e)
{
	struct change x = { .c = state, .r = r };

	if (request_json(r, &x.body, e) ||
		db_transact(x.c->db, patch_do, &x, e))
		return -1;
	if (x.user.disabled)
		session_end_all(x.c->sessions, x.user.name, NULL);
	return reply_value(r, 200, user_json(&x.user), e);
}

static int
delete_do(struct db_conn *conn, void *arg, struct err *e)
{
	struct change *x = arg;

	if (load(conn, x, e) ||
		(administers(&x->user) && others_left(conn, &x->user, e)) ||
		db_run(conn, Q_CONSOLE_RECOVERY_CLEAR, e, db_int(x->user.id)) <
			0)
		return -1;
	return db_run(conn, Q_CONSOLE_ACCOUNT_REMOVE, e, db_int(x->user.id)) < 0
		       ? -1
		       : 0;
}

int
user_delete(struct request *r, void *state, struct err *e)
{
	struct change x = { .c = state, .r = r };

	if (db_transact(x.c->db, delete_do, &x, e))
		return -1;
	session_end_all(x.c->sessions, x.user.name, NULL);
	return reply_nothing(r, e);
}

static int
password_do(struct db_conn *conn, void *arg, struct err *e)
{
	struct change *x = arg;

	if (load(conn, x, e))
		return -1;
	return db_run(conn, Q_CONSOLE_ACCOUNT_PASSWORD, e, db_int(x->user.id),
		       db_text(x->hash), db_int(clock_now()), db_int(1)) < 0
		       ? -1
		       : 0;
}

/* Who forgot it gets one to change at once; their sessions end. */
int
user_password(struct request *r, void *state, struct err *e)
{
	struct change x = { .c = state, .r = r };
	const char *name = request_segment(r, "name"), *password = NULL;
	int ret = -1;

	if (request_json(r, &x.body, e))
		return -1;
	if (!json_need_str(
		    x.body, "password", PASSWORD_LONGEST, &password, e) &&
		!policy_password(name ? name : "", password,
			conf_int(x.c->env->conf, P_PASSWORD_MIN), e)) {
		x.hash = password_hash(request_arena(r), password);
		ret = db_transact(x.c->db, password_do, &x, e);
	}
	json_wipe(password);
	if (ret)
		return -1;
	session_end_all(x.c->sessions, x.user.name, NULL);
	guess_name_right(x.c->names, x.user.name, NULL, true);
	return reply_nothing(r, e);
}

static int
factor_delete_do(struct db_conn *conn, void *arg, struct err *e)
{
	struct change *x = arg;

	if (load(conn, x, e) || db_run(conn, Q_CONSOLE_FACTOR_REMOVE, e,
					db_int(x->user.id)) < 0)
		return -1;
	return db_run(conn, Q_CONSOLE_RECOVERY_CLEAR, e, db_int(x->user.id)) < 0
		       ? -1
		       : 0;
}

/* Who lost the device. */
int
user_factor_delete(struct request *r, void *state, struct err *e)
{
	struct change x = { .c = state, .r = r };

	if (db_transact(x.c->db, factor_delete_do, &x, e))
		return -1;
	session_end_all(x.c->sessions, x.user.name, NULL);
	return reply_nothing(r, e);
}
