/* SPDX-License-Identifier: MIT */
/*
 * States that follow the global configuration: clients and authentication
 * certificates become REGISTERED when it shows them on this server and
 * GLOBAL_ERROR when it does not any more. Rule: xroad-center-admin.md 2.6.
 */
#include "admin_int.h"
#include "certstate_int.h"
#include "clock.h"
#include "db.h"
#include "err.h"
#include "log.h"
#include "mailbox.h"
#include "mem.h"
#include "notify_int.h"
#include "param.h"
#include "server_sql.h"
#include "text.h"

/* From a state to the one that presence or absence leads to. */
struct step {
	const char *from;
	bool present;
	const char *to;
};

static const struct step CLIENT_STEP[] = {
	{ "SAVED", true, "REGISTERED" },
	{ "REGISTRATION_IN_PROGRESS", true, "REGISTERED" },
	{ "GLOBAL_ERROR", true, "REGISTERED" },
	{ "ENABLING_IN_PROGRESS", true, "REGISTERED" },
	{ "REGISTERED", false, "GLOBAL_ERROR" },
	{ "DISABLING_IN_PROGRESS", false, "DISABLED" },
	{ 0 },
};
static const struct step CERT_STEP[] = {
	{ "SAVED", true, "REGISTERED" },
	{ "REGISTRATION_IN_PROGRESS", true, "REGISTERED" },
	{ "GLOBAL_ERROR", true, "REGISTERED" },
	{ "REGISTERED", false, "GLOBAL_ERROR" },
	{ 0 },
};

static const char *
step_of(const struct step *table, const char *from, bool present)
{
	for (; table->from; table++)
		if (table->present == present && str_equal(table->from, from))
			return table->to;
	return NULL;
}

static int
run_one(struct server *s, int query, const char *value, int64_t row,
	struct err *e)
{
	struct db_conn *c = db_take(s->db);
	int ret = db_run(c, query, e, db_text(value), db_int(row)) < 0 ? -1 : 0;

	db_give(c);
	return ret;
}

static int
run_two(struct server *s, int query, const char *one, const char *two,
	struct err *e)
{
	struct db_conn *c = db_take(s->db);
	int ret = db_run(c, query, e, db_text(one), db_text(two)) < 0 ? -1 : 0;

	db_give(c);
	return ret;
}

static int
follow_clients(struct server *s, struct arena *a, const struct globalconf *g,
	const struct model *m, struct err *e)
{
	const struct gc_server *me = globalconf_server(g, &m->self);
	bool changed = false;
	int ret = 0;

	for (size_t i = 0; !ret && i < m->clients; i++) {
		const struct m_client *c = &m->client[i];
		bool here = me && gc_server_hosts(me, &c->id);
		const char *to = step_of(CLIENT_STEP, c->status, here);
		if (!to)
			continue;
		ret = run_one(s, Q_SERVER_CLIENT_STATUS, to, c->row, e);
		changed = true;
		log_info("client %s is now %s", client_id_text(a, &c->id), to);
	}
	if (changed)
		serverconf_touch(s->sc);
	return ret;
}

int
cert_set_status(struct server *s, const struct k_cert *c, const char *status,
	struct err *e)
{
	int ret = run_one(s, Q_SERVER_CERT_STATUS, status, c->row, e);

	keyconf_touch(s->keys);
	return ret;
}

static int
write_active(struct server *s, const struct k_cert *c, bool active,
	const char *ocsp_error, struct err *e)
{
	struct db_conn *conn = db_take(s->db);
	int ret = db_run(conn, Q_SERVER_CERT_ACTIVE, e, db_int(active),
			  db_text(ocsp_error), db_int(c->row),
			  db_int(clock_now())) < 0
			  ? -1
			  : 0;

	db_give(conn);
	keyconf_touch(s->keys);
	return ret;
}

int
cert_set_active(
	struct server *s, const struct k_cert *c, bool active, struct err *e)
{
	struct err cause = ERR_INIT;

	if (!active)
		return write_active(s, c, false, NULL, e);
	if (!ocsp_prove_now(s, c->cert, &cause))
		return write_active(s, c, true, NULL, e);
	if (write_active(s, c, c->active, cause.text, e))
		return -1;
	return fail(e, cause.fault, "%s", cause.text);
}

/* A registered certificate is activated by itself if the operator wants it;
   again and again while only OCSP is missing, never against a person who
   switched it off (that leaves no error behind). */
static void
auto_activate(struct server *s, struct arena *a, const char *owner,
	const struct k_cert *c, bool just_registered)
{
	const char *arg[WORDING_ARGS] = { NULL, cert_subject_text(c->cert, a),
		NULL, owner };
	struct err e = ERR_INIT;

	if (!conf_bool(s->conf, P_AUTO_ACTIVATE_AUTH) || c->active ||
		(!just_registered && !c->ocsp_error))
		return;
	if (!cert_set_active(s, c, true, &e)) {
		log_info("authentication certificate %s activated", arg[1]);
		notify(s, P_MAIL_ACTIVATED, owner, WORDING_ACTIVATED, arg);
		return;
	}
	log_warning("certificate %s cannot be activated: %s", arg[1], e.text);
	arg[2] = e.text;
	if (!c->ocsp_error)
		notify(s, P_MAIL_NOT_ACTIVATED, owner, WORDING_NOT_ACTIVATED,
			arg);
}

static void
tell_registered(struct server *s, struct arena *a, const char *owner,
	const struct k_cert *c)
{
	const char *const none[WORDING_ARGS] = { NULL };
	struct letter by_hand = wording_make(
		a, WORDING_BY_HAND, mailbox_japanese(s->conf), none);
	const char *arg[WORDING_ARGS] = { NULL, cert_subject_text(c->cert, a),
		c->active || conf_bool(s->conf, P_AUTO_ACTIVATE_AUTH)
			? NULL
			: by_hand.text };

	notify(s, P_MAIL_REGISTERED, owner, WORDING_REGISTERED, arg);
}

static int
follow_certs(struct server *s, struct arena *a, const struct globalconf *g,
	const struct server_id *self, struct err *e)
{
	const char *owner = admin_client_id(a, &self->owner);
	const struct key_model *m;

	if (keyconf_model(s->keys, a, &m, e))
		return -1;
	for (size_t i = 0; i < m->certs; i++) {
		const struct k_cert *c = &m->cert[i];
		const struct gc_server *of;
		const char *to;
		if (c->key->usage != USAGE_AUTHENTICATION)
			continue;
		of = globalconf_server_by_cert(g, c->cert);
		to = step_of(CERT_STEP, c->status,
			of && server_id_equal(&of->id, self));
		if (to && cert_set_status(s, c, to, e))
			return -1;
		if (to)
			log_info("authentication certificate %s is now %s",
				cert_subject_text(c->cert, a), to);
		if (str_equal(to, "REGISTERED"))
			tell_registered(s, a, owner, c);
		if (str_equal(to ? to : c->status, "REGISTERED"))
			auto_activate(s, a, owner, c, to != NULL);
	}
	return 0;
}

/* A name that was asked for is no longer pending once it is shown. */
static int
follow_names(struct server *s, const struct globalconf *g,
	const struct model *m, struct err *e)
{
	for (size_t i = 0; i < m->clients; i++) {
		const struct m_client *c = &m->client[i];
		struct db_conn *conn;
		int64_t n;

		if (!c->name_wanted || !c->name_sent ||
			!str_equal(c->name_wanted,
				admin_subsystem_name(g, &c->id)))
			continue;
		conn = db_take(s->db);
		n = db_run(conn, Q_SERVER_CLIENT_NAME, e, db_text(NULL),
			db_int(0), db_int(c->row));
		db_give(conn);
		serverconf_touch(s->sc);
		if (n < 0)
			return -1;
	}
	return 0;
}

/* Another local member owns the server when the network registered our
   authentication certificate for it, under our server code. */
static int
follow_owner(struct server *s, struct arena *a, const struct globalconf *g,
	const struct model *m, struct err *e)
{
	const struct key_model *keys;

	if (globalconf_server(g, &m->self) ||
		keyconf_model(s->keys, a, &keys, e))
		return globalconf_server(g, &m->self) ? 0 : -1;
	for (size_t i = 0; i < keys->certs; i++) {
		const struct k_cert *c = &keys->cert[i];
		const struct gc_server *of;

		if (c->key->usage != USAGE_AUTHENTICATION)
			continue;
		of = globalconf_server_by_cert(g, c->cert);
		if (!of || !str_equal(of->id.server, m->self.server) ||
			!model_client(m, &of->id.owner))
			continue;
		log_info("the owner of this server is now %s",
			client_id_text(a, &of->id.owner));
		serverconf_touch(s->sc);
		return run_two(s, Q_SERVER_IDENTITY_OWNER, of->id.owner.cls,
			of->id.owner.code, e);
	}
	return 0;
}

/* Address and maintenance mode that were asked for and are shown now. */
static int
follow_server(struct server *s, const struct globalconf *g,
	const struct model *m, struct err *e)
{
	const struct gc_server *me = globalconf_server(g, &m->self);
	struct db_conn *c;
	int64_t n = 0;

	if (!me)
		return 0;
	c = db_take(s->db);
	if (m->address_wanted && str_equal(m->address_wanted, me->address))
		n = db_run(c, Q_SERVER_IDENTITY_ADDRESS_SHOWN, e,
			db_text(me->address));
	if (n >= 0 && m->maintenance_wanted >= 0 &&
		(m->maintenance_wanted == 1) == me->maintenance)
		n = db_run(
			c, Q_SERVER_IDENTITY_MAINTENANCE_WANTED, e, db_null());
	db_give(c);
	if (n)
		serverconf_touch(s->sc);
	return n < 0 ? -1 : 0;
}

int
states_follow(struct server *s, struct err *e)
{
	struct arena *a = arena_new();
	struct globalconf *g = NULL;
	const struct model *m;
	int ret = -1;

	if (serverconf_model(s->sc, a, &m, e))
		goto out;
	ret = 0;
	if (!m->initialized)
		goto out;
	ret = -1;
	if (confclient_valid(s->confclient, &g, e) ||
		follow_owner(s, a, g, m, e) ||
		serverconf_model(s->sc, a, &m, e) ||
		follow_clients(s, a, g, m, e) || follow_names(s, g, m, e) ||
		follow_server(s, g, m, e) || follow_certs(s, a, g, &m->self, e))
		goto out;
	ret = 0;
out:
	globalconf_unref(&g);
	arena_free(&a);
	return ret;
}
