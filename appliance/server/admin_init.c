/* SPDX-License-Identifier: MIT */
/*
 * Administration: initialisation. Owner, server code and PIN in one call, as
 * X-Road does it (interop/xroad-center-admin.md 5.5 step 2).
 */
#include <string.h>

#include "admin_int.h"
#include "err.h"
#include "file.h"
#include "keystore.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "server_sql.h"
#include "signer.h"
#include "text.h"

struct init {
	const char *cls, *code, *server, *pin;
	bool ignore_warnings;
	struct server_id id;
};

int
admin_init_status(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct signer_state st;
	const struct model *m;
	json_t *j;

	if (serverconf_model(s->sc, request_arena(r), &m, e))
		return -1;
	j = json_object();
	json_put_bool(j, "is_anchor_imported",
		file_exists(confclient_anchor_path(s->conf)));
	json_put_bool(j, "is_server_code_initialized", m->initialized);
	json_put_bool(j, "is_server_owner_initialized", m->initialized);
	json_put_str(j, "software_token_init_status",
		signer_status(s->signer, &st, NULL) ? "UNKNOWN"
		: st.initialized                    ? "INITIALIZED"
						    : "NOT_INITIALIZED");
	json_put_bool(j, "enforce_token_pin_policy",
		conf_bool(s->conf, P_PIN_POLICY));
	return admin_reply(r, 200, j, e);
}

/* Reads the body: 1 when something is missing and has been answered. */
static int
init_read(struct request *r, struct init *in, struct err *e)
{
	const char *missing[5];
	size_t n = 0;
	json_t *j;

	if (admin_body(r, &j, e))
		return -1;
	in->cls = json_str(j, "owner_member_class");
	in->code = json_str(j, "owner_member_code");
	in->server = json_str(j, "security_server_code");
	in->pin = json_str(j, "software_token_pin");
	in->ignore_warnings = json_bool(j, "ignore_warnings", false);
	if (!in->server || !*in->server)
		missing[n++] = "server_code_not_provided";
	if (!in->cls || !*in->cls)
		missing[n++] = "member_class_not_provided";
	if (!in->code || !*in->code)
		missing[n++] = "member_code_not_provided";
	if (!in->pin || !*in->pin || strlen(in->pin) > PIN_MAX)
		missing[n++] = "pin_code_not_provided";
	missing[n] = NULL;
	if (!n)
		return 0;
	return admin_refuse(r, 400, "invalid_init_params", missing, e) ? -1 : 1;
}

/* What the operator should know first: 1 when answered. */
static int
init_warn(struct request *r, const struct globalconf *g, const struct init *in,
	struct err *e)
{
	struct arena *a = request_arena(r);
	int ret;

	if (in->ignore_warnings)
		return 0;
	if (!globalconf_has_client(g, &in->id.owner))
		ret = admin_warn_member(
			r, "init_unregistered_member", &in->id.owner, e);
	else if (globalconf_server(g, &in->id))
		ret = admin_warn(r, "init_server_id_exists",
			arena_printf(a, "%s:%s",
				admin_client_id(a, &in->id.owner),
				in->id.server),
			e);
	else
		return 0;
	return ret ? -1 : 1;
}

static int
init_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct init *in = arg;
	const struct client_id *o = &in->id.owner;

	if (db_run(c, Q_SERVER_IDENTITY_SET, e, db_text(o->instance),
		    db_text(o->cls), db_text(o->code),
		    db_text(in->id.server)) < 0 ||
		db_run(c, Q_SERVER_CLIENT_ADD, e, db_text(o->instance),
			db_text(o->cls), db_text(o->code), db_text(""),
			db_text("SAVED"), db_text("HTTPS")) < 0)
		return -1;
	return 0;
}

/* The token first: a PIN without identity can be tried again, an identity
   without a token could not. */
static int
init_do(struct server *s, const struct init *in, struct err *e)
{
	struct signer_state st;
	struct err later = ERR_INIT;

	if (signer_status(s->signer, &st, e))
		return -1;
	if (st.initialized ? signer_login(s->signer, in->pin, e)
			   : signer_init_pin(s->signer, in->pin, e))
		return -1;
	if (db_transact(
		    s->db, init_write, (void *)(uintptr_t)(const void *)in, e))
		return -1;
	serverconf_touch(s->sc);
	keyconf_touch(s->keys);
	if (states_follow(s, &later))
		log_err("states", &later);
	return 0;
}

int
admin_init_post(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct globalconf *g = admin_globalconf(r, s);
	const struct model *m;
	struct err why = ERR_INIT;
	struct init in;
	int ret;

	if (!g)
		return admin_refuse(r, 409, "anchor_not_found", NULL, e);
	if (serverconf_model(s->sc, request_arena(r), &m, e))
		return -1;
	if (m->initialized)
		return admin_refuse(
			r, 409, "server_already_fully_initialized", NULL, e);
	ret = init_read(r, &in, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (ident_part_check(in.cls, "member class", e) ||
		ident_part_check(in.code, "member code", e) ||
		ident_part_check(in.server, "server code", e))
		return -1;
	in.id = (struct server_id){
		.owner = { globalconf_instance(g), in.cls, in.code, NULL },
		.server = in.server,
	};
	ret = admin_pin_check(r, s, in.pin, e);
	if (!ret)
		ret = init_warn(r, g, &in, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	ret = init_do(s, &in, &why);
	admin_wipe(in.pin);
	if (ret && why.fault == FAULT_PIN_INCORRECT)
		return admin_refuse(r, 400, "pin_incorrect", NULL, e);
	if (ret)
		return fail(e, why.fault, "%s", why.text);
	log_info("initialised as %s", server_id_text(request_arena(r), &in.id));
	return admin_empty(r, 201, e);
}
