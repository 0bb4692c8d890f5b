/* SPDX-License-Identifier: MIT */
/*
 * Administration: what becomes of a client at the center. Each action is a row:
 * from which states it may start, which management request it sends, which
 * state the client waits in until the global configuration shows the result.
 * Rule: interop/xroad-center-admin.md 2.5, 2.6.
 */
#include "admin_int.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "mgmt_send_int.h"
#include "server_sql.h"
#include "text.h"

enum { FROM_MAX = 3 };

struct action {
	enum mgmt_kind kind;
	const char *from[FROM_MAX]; /* states, NULL-ended when fewer */
	const char *to;             /* state afterwards, NULL: stays */
	const char *owner_code;     /* refusal when it is the owner, or NULL */
	int owner_status;
	bool spare_provider; /* not for the management service provider */
};

static const struct action REGISTER = { MGMT_CLIENT_REG, { "SAVED" },
	"REGISTRATION_IN_PROGRESS", "cannot_register_owner", 400, false };
static const struct action UNREGISTER = { MGMT_CLIENT_DELETION,
	{ "REGISTERED", "REGISTRATION_IN_PROGRESS", "DISABLED" },
	"DELETION_IN_PROGRESS", "cannot_unregister_owner", 409, false };
static const struct action DISABLE = { MGMT_CLIENT_DISABLE, { "REGISTERED" },
	"DISABLING_IN_PROGRESS", "action_not_possible", 409, true };
static const struct action ENABLE = { MGMT_CLIENT_ENABLE, { "DISABLED" },
	"ENABLING_IN_PROGRESS", "action_not_possible", 409, false };
static const struct action OWNER_CHANGE = { MGMT_OWNER_CHANGE, { "REGISTERED" },
	NULL, "member_already_owner", 400, false };

static bool
starts_from(const struct action *x, const char *status)
{
	for (int i = 0; i < FROM_MAX && x->from[i]; i++)
		if (str_equal(x->from[i], status))
			return true;
	return false;
}

static bool
is_provider(struct request *r, struct server *s, const struct client_id *id)
{
	const struct globalconf *g = admin_globalconf(r, s);
	const struct private_params *p = g ? globalconf_private(g) : NULL;

	return p && client_id_equal(&p->management, id);
}

/* 0 go on, 1 refused, -1. */
static int
action_check(struct request *r, struct server *s, const struct action *x,
	const struct model *m, const struct m_client *c, struct err *e)
{
	const char *code = NULL;
	int status = 409;

	if (client_id_equal(&c->id, &m->self.owner)) {
		code = x->owner_code;
		status = x->owner_status;
	} else if (!starts_from(x, c->status)) {
		code = "action_not_possible";
	} else if (x->spare_provider && is_provider(r, s, &c->id)) {
		code = "forbidden_disable_management_service_client";
	}
	if (!code)
		return 0;
	return admin_refuse(r, status, code, NULL, e) ? -1 : 1;
}

static int
send_about(struct request *r, struct server *s, enum mgmt_kind kind,
	const struct m_client *c, const char *name, struct err *why)
{
	struct arena *a = request_arena(r);
	struct mgmt_order o = {
		.kind = kind, .client = c->id, .subsystem_name = name
	};
	int64_t id;

	if (management_send(s, a, &o, &id, why))
		return -1;
	log_info("client %s: %s sent, request %lld", client_id_text(a, &c->id),
		mgmt_row(kind)->service, (long long)id);
	return 0;
}

static int
act(struct request *r, struct server *s, const struct action *x, struct err *e)
{
	const struct model *m;
	const struct m_client *c;
	struct err why = ERR_INIT;
	int ret;

	if (admin_client(r, s, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	ret = action_check(r, s, x, m, c, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (send_about(r, s, x->kind, c, c->name_wanted, &why))
		return admin_refuse_why(
			r, 500, "management_request_sending_failed", &why, e);
	if (x->to && admin_run(s, Q_SERVER_CLIENT_STATUS, e, db_text(x->to),
			     db_int(c->row)) < 0)
		return -1;
	if (x->kind == MGMT_CLIENT_REG && c->name_wanted &&
		admin_run(s, Q_SERVER_CLIENT_NAME, e, db_text(c->name_wanted),
			db_int(1), db_int(c->row)) < 0)
		return -1;
	serverconf_touch(s->sc);
	return admin_empty(r, 204, e);
}

int
admin_client_register(struct request *r, void *state, struct err *e)
{
	return act(r, state, &REGISTER, e);
}

int
admin_client_unregister(struct request *r, void *state, struct err *e)
{
	return act(r, state, &UNREGISTER, e);
}

int
admin_client_disable(struct request *r, void *state, struct err *e)
{
	return act(r, state, &DISABLE, e);
}

int
admin_client_enable(struct request *r, void *state, struct err *e)
{
	return act(r, state, &ENABLE, e);
}

int
admin_client_make_owner(struct request *r, void *state, struct err *e)
{
	const struct model *m;
	const struct m_client *c;

	if (!admin_client(r, state, "id", &m, &c, NULL) && c->id.subsystem)
		return admin_refuse(r, 409, "action_not_possible", NULL, e);
	return act(r, state, &OWNER_CHANGE, e);
}

/* A saved client keeps the name for its registration; a registered one sends
   it at once. */
static int
rename_client(struct request *r, struct server *s, const struct m_client *c,
	const char *name, struct err *e)
{
	bool saved = str_equal(c->status, "SAVED");
	struct err why = ERR_INIT;

	if (!saved && !str_equal(c->status, "REGISTERED"))
		return admin_refuse(r, 409, "action_not_possible", NULL, e);
	if (!saved && c->name_sent)
		return admin_refuse(
			r, 409, "client_rename_already_submitted", NULL, e);
	if (!saved && send_about(r, s, MGMT_CLIENT_RENAME, c, name, &why))
		return admin_refuse_why(
			r, 500, "management_request_sending_failed", &why, e);
	if (admin_run(s, Q_SERVER_CLIENT_NAME, e, db_text(name), db_int(!saved),
		    db_int(c->row)) < 0)
		return -1;
	serverconf_touch(s->sc);
	return admin_empty(r, 204, e);
}

int
admin_client_rename(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct model *m;
	const struct m_client *c;
	const char *name, *now;
	json_t *j;

	if (admin_client(r, s, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	if (admin_body(r, &j, e) ||
		json_need_str(j, "client_name", ADMIN_TEXT_MAX, &name, e) ||
		ident_part_check(name, "client name", e))
		return -1;
	if (!c->id.subsystem)
		return admin_refuse(r, 409, "action_not_possible", NULL, e);
	now = admin_subsystem_name(admin_globalconf(r, s), &c->id);
	if (str_equal(now, name))
		return admin_refuse(r, 409, "invalid_client_name", NULL, e);
	return rename_client(r, s, c, name, e);
}
