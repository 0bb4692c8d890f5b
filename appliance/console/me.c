/* SPDX-License-Identifier: MIT */
/* What everybody may see and change of their own: password and sessions. */
#include "account_int.h"

#include "clock.h"
#include "console_sql.h"
#include "db.h"
#include "err.h"
#include "mem.h"
#include "param.h"
#include "password.h"
#include "text.h"

static const char *
due_word(enum due due)
{
	static const char *const words[] = { [DUE_NOTHING] = NULL,
		[DUE_PASSWORD] = "PASSWORD",
		[DUE_FACTOR] = "SECOND_FACTOR" };

	return words[due];
}

int
me_get(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	const struct conf *conf = c->env->conf;
	struct account me;
	json_t *j;

	if (account_own(r, c, &me, e))
		return -1;
	j = json_object();
	json_put_str(j, "name", me.name);
	json_put_str(j, "display_name", me.display);
	json_put_new(j, "roles", roles_value(me.roles));
	json_put_bool(j, "second_factor", me.totp != NULL);
	json_put_bool(
		j, "second_factor_required", conf_bool(conf, P_SECOND_FACTOR));
	json_put_int(j, "recovery_codes_left", me.recovery);
	json_put_str(j, "due", due_word(console_caller(r)->due));
	json_put_moment(j, "password_changed_at", me.changed);
	json_put_moment(j, "last_sign_in_at", me.last_login);
	json_put_new(j, "password_policy", policy_json(conf));
	json_put_int(j, "session_idle_seconds", conf_int(conf, P_SESSION_IDLE));
	json_put_int(j, "session_longest_seconds",
		conf_int(conf, P_SESSION_LONGEST));
	return reply_value(r, 200, j, e);
}

static int
change(struct request *r, struct console *c, const char *old, const char *new,
	struct err *e)
{
	struct arena *a = request_arena(r);
	struct account me;
	struct caller now = { .roles = 0 };
	struct db_conn *conn;
	int64_t n;

	if (account_own(r, c, &me, e) || account_confirm(c, r, &me, old, e) ||
		policy_password(me.name, new,
			conf_int(c->env->conf, P_PASSWORD_MIN), e))
		return -1;
	if (str_equal(old, new))
		return fail(e, FAULT_PASSWORD_WEAK,
			"the new password is the present one");
	me.hash = password_hash(a, new);
	conn = db_take(c->db);
	n = db_run(conn, Q_CONSOLE_ACCOUNT_PASSWORD, e, db_int(me.id),
		db_text(me.hash), db_int(clock_now()), db_int(0));
	db_give(conn);
	if (n < 0)
		return -1;
	account_caller(c, &me, &now);
	if (console_caller(r)->session)
		session_prove(
			c->sessions, console_caller(r)->session, now.proof);
	session_end_all(c->sessions, me.name, console_caller(r)->session);
	return 0;
}

/* Ends the other sessions of the account. */
int
me_password(struct request *r, void *state, struct err *e)
{
	const char *old = NULL, *new = NULL;
	json_t *body;
	int ret = -1;

	if (request_json(r, &body, e))
		return -1;
	if (!json_need_str(body, "old_password", PASSWORD_LONGEST, &old, e) &&
		!json_need_str(body, "new_password", PASSWORD_LONGEST, &new, e))
		ret = change(r, state, old, new, e);
	json_wipe(old);
	json_wipe(new);
	return ret ? -1 : reply_nothing(r, e);
}

/* ---- sessions ---- */

static int
reply_sessions(
	struct request *r, struct console *c, const char *name, struct err *e)
{
	struct session_view *v =
		arena_array(request_arena(r), SESSIONS_MAX, sizeof(*v));
	size_t n =
		sessions_list(c->sessions, name, console_caller(r)->session, v);
	json_t *j = json_object(), *items = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *x = json_object();

		json_put_int(x, "id", v[i].number);
		json_put_str(x, "user", v[i].name);
		json_put_str(x, "address", v[i].address);
		json_put_str(x, "browser", v[i].agent);
		json_put_moment(x, "started_at", v[i].started);
		json_put_moment(x, "last_used_at", v[i].used);
		json_put_bool(x, "current", v[i].own);
		json_array_append_new(items, x);
	}
	json_put_new(j, "items", items);
	return reply_value(r, 200, j, e);
}

int
my_sessions_get(struct request *r, void *state, struct err *e)
{
	return reply_sessions(r, state, console_caller(r)->name, e);
}

int
sessions_get(struct request *r, void *state, struct err *e)
{
	return reply_sessions(r, state, NULL, e);
}

static int
end_one(struct request *r, struct console *c, const char *name, struct err *e)
{
	int64_t number;

	if (int_parse(request_segment(r, "number"), 1, INT64_MAX, &number,
		    NULL) ||
		!session_end_number(c->sessions, number, name))
		return fail(e, FAULT_NOT_FOUND,
			"there is no such session; it may have ended already");
	return reply_nothing(r, e);
}

int
my_session_delete(struct request *r, void *state, struct err *e)
{
	return end_one(r, state, console_caller(r)->name, e);
}

int
session_delete(struct request *r, void *state, struct err *e)
{
	return end_one(r, state, NULL, e);
}

/* Everywhere but here. */
int
my_others_delete(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	const struct caller *who = console_caller(r);

	session_end_all(c->sessions, who->name, who->session);
	return reply_nothing(r, e);
}
