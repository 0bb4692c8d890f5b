/* SPDX-License-Identifier: MIT */
/*
 * Administration: first initialisation, the token, the system's state.
 */
#include "desk_int.h"

#include "http_server.h"
#include "mem.h"
#include "param.h"
#include "text.h"

static json_t *
init_json(struct center *ct, const struct instance *in)
{
	json_t *j = json_object();
	bool made, open;

	json_put_str(j, "instance_identifier", in->instance);
	json_put_str(j, "central_server_address", in->address);
	json_put_str(j, "software_token_init_status",
		ring_status(ct, &made, &open, NULL) ? "UNKNOWN"
		: made                              ? "INITIALIZED"
						    : "NOT_INITIALIZED");
	return j;
}

static int
instance_now(
	struct center *ct, struct arena *a, struct instance *in, struct err *e)
{
	struct db_conn *c = db_take(ct->db);
	int ret = instance_load(c, a, in, e);

	db_give(c);
	return ret;
}

DESK_HANDLER(desk_init_status)
{
	struct center *ct = state;
	struct instance in;

	if (instance_now(ct, request_arena(r), &in, e))
		return -1;
	return desk_reply(r, 200, init_json(ct, &in), e);
}

DESK_HANDLER(desk_system_status)
{
	struct center *ct = state;
	struct instance in;
	json_t *j, *ha;

	if (instance_now(ct, request_arena(r), &in, e))
		return -1;
	j = json_object();
	ha = json_object();
	json_put_bool(ha, "is_ha_configured", false);
	json_put_new(j, "initialization_status", init_json(ct, &in));
	json_put_new(j, "high_availability_status", ha);
	return desk_reply(r, 200, j, e);
}

DESK_HANDLER(desk_system_version)
{
	json_t *j = json_object();

	(void)state;
	json_put_str(j, "info", "machilink center " VERSION);
	return desk_reply(r, 200, j, e);
}

struct init_order {
	const char *instance, *address, *pin;
};

static int
init_read(struct center *ct, const json_t *body, struct init_order *o,
	struct err *e)
{
	*o = (struct init_order){ 0 };
	if (json_opt_str(body, "instance_identifier", ADMIN_TEXT_MAX,
		    &o->instance, e) ||
		json_opt_str(body, "central_server_address", ADMIN_TEXT_MAX,
			&o->address, e) ||
		json_opt_str(
			body, "software_token_pin", ADMIN_TEXT_MAX, &o->pin, e))
		return -1;
	if (!o->instance && *conf_text(ct->conf, P_INSTANCE))
		o->instance = conf_text(ct->conf, P_INSTANCE);
	if (!o->address && *conf_text(ct->conf, P_CENTER_PUBLIC))
		o->address = conf_text(ct->conf, P_CENTER_PUBLIC);
	return 0;
}

/* X-Road's rules: what is there must not come again, what is missing must. */
static int
init_check(const struct init_order *o, const struct instance *in, bool made,
	struct err *e)
{
	const char *code = "init_invalid_params";

	if (in->instance && made)
		return refuse(e, FAULT_CONFLICT, "init_already_initialized",
			"the center is initialised already");
	if (in->instance)
		return o->pin ? 0
			      : refuse(e, FAULT_BAD_REQUEST, code,
					"pin_code_not_provided");
	if (!o->instance)
		return refuse(e, FAULT_BAD_REQUEST, code,
			"instance_identifier_not_provided");
	if (!o->address)
		return refuse(e, FAULT_BAD_REQUEST, code,
			"server_address_not_provided");
	if (!made && !o->pin)
		return refuse(
			e, FAULT_BAD_REQUEST, code, "pin_code_not_provided");
	if (made && o->pin)
		return refuse(e, FAULT_BAD_REQUEST, code, "pin_code_exists");
	return 0;
}

DESK_HANDLER(desk_init_post)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct init_order o;
	struct instance in;
	struct db_conn *c;
	json_t *body;
	bool made, open;
	int ret = 0;

	if (desk_body(r, &body, e) || init_read(ct, body, &o, e) ||
		instance_now(ct, a, &in, e) ||
		ring_status(ct, &made, &open, e) ||
		init_check(&o, &in, made, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	/* the settings first: only good ones may set the PIN */
	if (!in.instance)
		ret = instance_set(c, o.instance, o.address, e);
	if (!ret && !made)
		ret = ring_init(ct, o.pin, e);
	if (work_done(ct, c, ret, e))
		return -1;
	/* 200 as X-Road answers; its definition says 201 */
	return reply_send(r, 200, NULL, (struct bytes){ 0 }, e);
}

DESK_HANDLER(desk_system_address)
{
	struct center *ct = state;
	const char *address;
	struct db_conn *c;
	struct instance in;
	json_t *body;
	int ret = -1;

	if (desk_body(r, &body, e) ||
		json_need_str(body, "central_server_address", ADMIN_TEXT_MAX,
			&address, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	if (!instance_need(c, request_arena(r), &in, e))
		ret = instance_set_address(c, address, e);
	if (work_done(ct, c, ret, e) ||
		instance_now(ct, request_arena(r), &in, e))
		return -1;
	return desk_reply(r, 200, init_json(ct, &in), e);
}

DESK_HANDLER(desk_system_cluster)
{
	json_t *j = json_object();

	(void)state;
	json_put_bool(j, "is_ha_configured", false);
	json_put_new(j, "nodes", json_array());
	json_put_bool(j, "all_nodes_ok", true);
	return desk_reply(r, 200, j, e);
}

/* ---- what is approved without an operator ---- */

static const struct {
	const char *name;
	enum param_id param;
} approvals[] = {
	{ "authentication_certificates", P_CENTER_AUTO_AUTH },
	{ "clients", P_CENTER_AUTO_CLIENT },
	{ "owner_changes", P_CENTER_AUTO_OWNER },
};
enum { APPROVALS = sizeof(approvals) / sizeof(*approvals) };

DESK_HANDLER(desk_approval_get)
{
	struct center *ct = state;
	struct db_conn *c = db_take(ct->db);
	json_t *j = json_object();

	for (int i = 0; i < APPROVALS; i++)
		json_put_bool(j, approvals[i].name,
			approval_automatic(ct, c, approvals[i].param));
	db_give(c);
	return desk_reply(r, 200, j, e);
}

/* Says it from now on instead of the configuration file. */
DESK_HANDLER(desk_approval_put)
{
	struct center *ct = state;
	bool want[APPROVALS];
	struct db_conn *c;
	json_t *body;
	int ret = 0;

	if (desk_body(r, &body, e))
		return -1;
	for (int i = 0; i < APPROVALS; i++)
		if (json_need_bool(body, approvals[i].name, &want[i], e))
			return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	for (int i = 0; i < APPROVALS && !ret; i++)
		ret = approval_set(c, approvals[i].param, want[i], e);
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_approval_get(r, state, e);
}

/* ---- the token ---- */

static json_t *
token_actions(bool made, bool open, const struct config_key *key, size_t n)
{
	static const char *const source[] = { "INTERNAL", "EXTERNAL" };
	static const char *const word[] = { "GENERATE_INTERNAL_KEY",
		"GENERATE_EXTERNAL_KEY" };
	json_t *list = json_array();

	if (!made)
		return list;
	json_array_append_new(list, json_text_new(open ? "LOGOUT" : "LOGIN"));
	for (int s = 0; open && s < 2; s++) {
		size_t have = 0;

		for (size_t i = 0; i < n; i++)
			have += str_equal(key[i].source, source[s]);
		if (have < CONFIG_KEYS_PER_SOURCE)
			json_array_append_new(list, json_text_new(word[s]));
	}
	return list;
}

static int
token_json(struct center *ct, struct arena *a, json_t **out, struct err *e)
{
	struct config_key *key;
	struct db_conn *c;
	json_t *j, *keys;
	bool made, open;
	size_t n;
	int ret;

	if (ring_status(ct, &made, &open, e))
		return -1;
	c = db_take(ct->db);
	ret = config_keys(c, a, &key, &n, e);
	db_give(c);
	if (ret)
		return -1;
	j = json_object();
	keys = json_array();
	json_put_str(j, "id", "0");
	json_put_str(j, "name", "softToken-0");
	json_put_bool(j, "active", open);
	json_put_bool(j, "available", true);
	json_put_bool(j, "logged_in", open);
	json_put_str(j, "status", made ? "OK" : "NOT_INITIALIZED");
	json_put_new(j, "possible_actions", token_actions(made, open, key, n));
	for (size_t i = 0; i < n; i++)
		json_array_append_new(keys, desk_key_json(&key[i]));
	json_put_new(j, "configuration_signing_keys", keys);
	*out = j;
	return 0;
}

DESK_HANDLER(desk_tokens)
{
	json_t *list, *token;

	if (token_json(state, request_arena(r), &token, e))
		return -1;
	list = json_array();
	json_array_append_new(list, token);
	return desk_reply(r, 200, list, e);
}

/* There is one token. */
static int
token_of_path(struct request *r, struct err *e)
{
	if (str_equal(request_segment(r, "token_id"), "0"))
		return 0;
	return fail(e, FAULT_NOT_FOUND, "there is one token, 0");
}

static int
token_reply(struct request *r, struct center *ct, struct err *e)
{
	json_t *token;

	if (token_json(ct, request_arena(r), &token, e))
		return -1;
	return desk_reply(r, 200, token, e);
}

DESK_HANDLER(desk_token_login)
{
	struct err why = ERR_INIT;
	const char *pin;
	json_t *body;

	if (token_of_path(r, e) || desk_body(r, &body, e) ||
		json_need_str(body, "password", ADMIN_TEXT_MAX, &pin, e))
		return -1;
	if (ring_login(state, pin, &why))
		return refuse(e,
			why.fault == FAULT_PIN_INCORRECT ? FAULT_BAD_REQUEST
							 : why.fault,
			why.code, "%s", why.text);
	publish_soon(state);
	return token_reply(r, state, e);
}

DESK_HANDLER(desk_token_logout)
{
	bool made, open;

	if (token_of_path(r, e) || ring_status(state, &made, &open, e))
		return -1;
	if (!open)
		return refuse(e, FAULT_BAD_REQUEST, "token_action_not_possible",
			"the token is not logged in");
	if (ring_logout(state, e))
		return -1;
	return token_reply(r, state, e);
}
