/* SPDX-License-Identifier: MIT */
/*
 * Administration: the server's own address and maintenance mode, as the global
 * configuration shows them and as asked for by a management request.
 * Rule: interop/xroad-center-admin.md 2.5, 2.6.
 */
#include <string.h>

#include "admin_int.h"
#include "err.h"
#include "mem.h"
#include "mgmt_send_int.h"
#include "server_sql.h"
#include "text.h"

/* Ourselves in the global configuration, or NULL. */
static const struct gc_server *
shown(struct request *r, struct server *s, const struct model *m)
{
	const struct globalconf *g = admin_globalconf(r, s);

	return g && m->initialized ? globalconf_server(g, &m->self) : NULL;
}

static bool
hosts_provider(struct request *r, struct server *s, const struct gc_server *me)
{
	const struct globalconf *g = admin_globalconf(r, s);
	const struct private_params *p = g ? globalconf_private(g) : NULL;

	return me && p && gc_server_hosts(me, &p->management);
}

static json_t *
address_json(const char *address)
{
	json_t *j = json_object();

	json_put_str(j, "address", address);
	return j;
}

int
admin_address_get(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct gc_server *me;
	const struct model *m;
	json_t *j;

	if (serverconf_model(s->sc, request_arena(r), &m, e))
		return -1;
	me = shown(r, s, m);
	j = json_object();
	if (me && me->address)
		json_put_new(j, "current_address", address_json(me->address));
	if (m->address_wanted)
		json_put_new(
			j, "requested_change", address_json(m->address_wanted));
	return admin_reply(r, 200, j, e);
}

int
admin_address_put(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct mgmt_order o = { .kind = MGMT_ADDRESS_CHANGE };
	const struct gc_server *me;
	const struct model *m;
	struct err why = ERR_INIT;
	int64_t id;
	json_t *j;

	if (admin_body(r, &j, e) ||
		json_need_str(j, "address", ADMIN_TEXT_MAX, &o.address, e) ||
		admin_address_check(o.address, e) ||
		serverconf_model(s->sc, request_arena(r), &m, e))
		return -1;
	me = shown(r, s, m);
	if (m->address_wanted)
		return admin_refuse(r, 409,
			"address_change_request_already_submitted", NULL, e);
	if (me && str_equal(me->address, o.address))
		return admin_refuse(
			r, 409, "same_address_change_request", NULL, e);
	if (management_send(s, request_arena(r), &o, &id, &why))
		return admin_refuse_why(
			r, 500, "management_request_sending_failed", &why, e);
	if (admin_run(s, Q_SERVER_IDENTITY_ADDRESS_WANTED, e,
		    db_text(o.address)) < 0)
		return -1;
	serverconf_touch(s->sc);
	return admin_empty(r, 202, e);
}

/* ---- maintenance mode ---- */

static const char *
mode_word(bool on, int wanted)
{
	if (wanted == 1 && !on)
		return "PENDING_ENABLE_MAINTENANCE_MODE";
	if (wanted == 0 && on)
		return "PENDING_DISABLE_MAINTENANCE_MODE";
	return on ? "ENABLED_MAINTENANCE_MODE" : "DISABLED_MAINTENANCE_MODE";
}

int
admin_maintenance_state(
	struct request *r, struct server *s, json_t **out, struct err *e)
{
	const struct gc_server *me;
	const struct model *m;
	json_t *j;

	if (serverconf_model(s->sc, request_arena(r), &m, e))
		return -1;
	me = shown(r, s, m);
	j = *out = json_object();
	json_put_str(j, "status",
		mode_word(me && me->maintenance, m->maintenance_wanted));
	json_put_bool(
		j, "is_management_services_provider", hosts_provider(r, s, me));
	if (me && me->maintenance && me->maintenance_text)
		json_put_str(j, "message", me->maintenance_text);
	return 0;
}

int
admin_maintenance_get(struct request *r, void *state, struct err *e)
{
	return admin_reply_read(r, state, admin_maintenance_state, e);
}

static int
change(struct request *r, struct server *s, struct mgmt_order *o, bool on,
	struct err *e)
{
	const struct gc_server *me;
	const struct model *m;
	struct err why = ERR_INIT;
	int64_t id;

	if (serverconf_model(s->sc, request_arena(r), &m, e))
		return -1;
	me = shown(r, s, m);
	if (on && hosts_provider(r, s, me))
		return admin_refuse(r, 409,
			"forbidden_enable_maintenance_mode_for_management_"
			"service",
			NULL, e);
	if (m->maintenance_wanted >= 0)
		return admin_refuse(r, 409,
			"maintenance_mode_change_request_already_submitted",
			NULL, e);
	if (me && me->maintenance == on)
		return admin_refuse(r, 409,
			on ? "already_enabled_maintenance_mode"
			   : "already_disabled_maintenance_mode",
			NULL, e);
	if (management_send(s, request_arena(r), o, &id, &why))
		return admin_refuse_why(
			r, 500, "management_request_sending_failed", &why, e);
	if (admin_run(s, Q_SERVER_IDENTITY_MAINTENANCE_WANTED, e, db_int(on)) <
		0)
		return -1;
	serverconf_touch(s->sc);
	return admin_empty(r, 204, e);
}

int
admin_maintenance_enable(struct request *r, void *state, struct err *e)
{
	struct mgmt_order o = { .kind = MGMT_MAINTENANCE_ENABLE };
	json_t *j;

	if (admin_body(r, &j, e) ||
		json_opt_str(j, "message", ADMIN_TEXT_MAX, &o.message, e))
		return -1;
	return change(r, state, &o, true, e);
}

int
admin_maintenance_disable(struct request *r, void *state, struct err *e)
{
	struct mgmt_order o = { .kind = MGMT_MAINTENANCE_DISABLE };

	return change(r, state, &o, false, e);
}
