/* SPDX-License-Identifier: MIT */
/*
 * A security server for a plan: what it is now, and the rows of what can be
 * done to it. Rule: interop/xroad-center-admin.md 5.5.
 */
#include "cli_int.h"

#include "apply_int.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"

enum { BODY_MAX = 64 * 1024 };

/* ---- reading ---- */

static int
read_anchor(struct apply *x, json_t *to, struct err *e)
{
	static const char path[] = "/system/anchor/download";
	struct apply_answer a;

	if (apply_call(x, "GET", path, NULL, bytes_of(NULL, 0), &a, e))
		return -1;
	if (a.status != 200)
		return apply_refused("GET", path, &a, e);
	json_put_str(to, "anchor",
		arena_strndup(x->a, (const char *)a.body.data, a.body.len));
	return 0;
}

static int
read_identity(struct apply *x, json_t *to, struct err *e)
{
	json_t *list, *me;

	if (apply_get(x, "/security-servers?current_server=true", &list, e))
		return -1;
	me = json_array_get(list, 0);
	if (!json_str(me, "server_code") || !json_str(me, "instance_id") ||
		!json_str(me, "member_class") || !json_str(me, "member_code"))
		return fail(e, FAULT_BAD_REQUEST,
			"the server does not say who it is");
	json_put_str(to, "owner",
		arena_printf(x->a, "%s:%s:%s", json_str(me, "instance_id"),
			json_str(me, "member_class"),
			json_str(me, "member_code")));
	json_put_str(to, "server_code", json_str(me, "server_code"));
	return 0;
}

static int
read_token(struct apply *x, json_t *to, struct err *e)
{
	json_t *token, *keys;

	if (apply_get(x, "/tokens/0", &token, e) ||
		apply_read_keys(x, token, &keys, e))
		return -1;
	json_put_bool(to, "logged_in", json_bool(token, "logged_in", false));
	json_put_new(to, "keys", json_incref(keys));
	return 0;
}

static int
read_tsas(struct apply *x, json_t *to, struct err *e)
{
	json_t *list, *v, *out = json_array();
	size_t i;

	json_put_new(to, "timestamping_services", out);
	if (apply_get(x, "/system/timestamping-services", &list, e))
		return -1;
	json_each(v, i, list)
		if (json_str(v, "name"))
			json_array_append_new(
				out, json_text_new(json_str(v, "name")));
	return 0;
}

int
apply_read_server(struct apply *x, json_t **out, struct err *e)
{
	json_t *status, *clients, *j = json_keep(x->a, json_object());

	*out = j;
	json_put_str(j, "machilink", "server");
	if (apply_read_databases(x, j, e))
		return -1;
	/* an adapter alone */
	if (json_object_get(j, "databases") &&
		apply_get(x, "/initialization/status", &status, NULL))
		return 0;
	if (apply_get(x, "/initialization/status", &status, e))
		return -1;
	if (json_bool(status, "is_anchor_imported", false) &&
		read_anchor(x, j, e))
		return -1;
	if (!json_bool(status, "is_server_owner_initialized", false))
		return 0;
	if (read_identity(x, j, e) || read_token(x, j, e) ||
		read_tsas(x, j, e) || apply_read_clients(x, &clients, e))
		return -1;
	json_put_new(j, "clients", json_incref(clients));
	return 0;
}

/* ---- the server itself ---- */

static int
put_anchor(struct apply *x, const struct plan_step *s, struct err *e)
{
	const char *method = json_str(s->have, "anchor") ? "PUT" : "POST";
	const char *text = json_str(s->want, "anchor");
	struct apply_answer a;

	if (apply_call(x, method, "/system/anchor", "application/octet-stream",
		    bytes_str(text), &a, e))
		return -1;
	if (a.status < 200 || a.status > 299)
		return apply_refused(method, "/system/anchor", &a, e);
	return 0;
}

static int
initialize(struct apply *x, const struct plan_step *s, struct err *e)
{
	static const struct apply_row row = { "POST", "/initialization",
		"{'owner_member_class':$_class,'owner_member_code':$_code,"
		"'security_server_code':$server_code,"
		"'software_token_pin':$_pin,'ignore_warnings':$!}",
		false };
	const char *owner = json_str(s->want, "owner");
	const char *cls = owner ? strchr(owner, ':') : NULL;
	const char *code = cls ? strchr(cls + 1, ':') : NULL;
	struct plan_step step = *s;
	const char *pin;
	json_t *answer;

	if (!code || strchr(code + 1, ':') || !json_str(s->want, "server_code"))
		return fail(e, FAULT_BAD_REQUEST,
			"a server is initialised with its \"owner\" "
			"(INSTANCE:CLASS:CODE) and \"server_code\"");
	if (apply_pin(x, &pin, e))
		return -1;
	step.want = json_keep(x->a, json_copy(s->want));
	json_put_str(step.want, "_class",
		arena_strndup(x->a, cls + 1, (size_t)(code - cls - 1)));
	json_put_str(step.want, "_code", code + 1);
	json_put_str(step.want, "_pin", pin);
	return apply_row_run(x, &row, &step, &answer, e);
}

/* true: in, with the PIN; false: out. */
static int
log_in(struct apply *x, bool in, struct err *e)
{
	json_t *j = json_keep(x->a, json_object());
	const char *pin;
	struct buf b;
	int ret;

	if (!in)
		return apply_send(x, "PUT", "/tokens/0/logout", NULL, NULL, e);
	if (apply_pin(x, &pin, e))
		return -1;
	json_put_str(j, "password", pin);
	buf_init(&b, BODY_MAX);
	json_write(&b, j, JSON_PLAIN);
	ret = apply_send(x, "PUT", "/tokens/0/login", b.data, NULL, e);
	buf_done(&b);
	return ret;
}

/* Anchor, initialisation, PIN, in this order; then all is looked at anew. */
static int
server_change(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	bool fresh = !json_str(s->have, "owner");
	bool in = json_bool(s->want, "logged_in", fresh);

	if (apply_differs(s, "anchor") && put_anchor(x, s, e))
		return -1;
	if (fresh && json_str(s->want, "owner") && initialize(x, s, e))
		return -1;
	if (apply_read_server(x, now, e))
		return -1;
	if (!json_str(*now, "owner") ||
		in == json_bool(*now, "logged_in", false) ||
		(!fresh && !json_object_get(s->want, "logged_in")))
		return 0;
	return log_in(x, in, e) || apply_read_server(x, now, e) ? -1 : 0;
}

/* By name out of those that the network approves. */
static int
tsa_send(struct apply *x, const char *name, const char *from, const char *to,
	struct err *e)
{
	json_t *list, *v;
	struct buf b;
	size_t i;
	int ret;

	if (apply_get(x, from, &list, e))
		return -1;
	json_each(v, i, list)
		if (str_equal(json_str(v, "name"), name))
			break;
	if (!v)
		return fail(e, FAULT_NOT_FOUND,
			"there is no time-stamping service \"%s\" here", name);
	buf_init(&b, BODY_MAX);
	json_write(&b, v, JSON_PLAIN);
	ret = apply_send(x, "POST", to, b.data, NULL, e);
	buf_done(&b);
	return ret;
}

static int
tsa_set(struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	json_t *v;
	size_t i;

	(void)now;
	json_each(v, i, s->add)
		if (tsa_send(x, json_string_value(v), "/timestamping-services",
			    "/system/timestamping-services", e))
			return -1;
	json_each(v, i, s->del)
		if (tsa_send(x, json_string_value(v),
			    "/system/timestamping-services",
			    "/system/timestamping-services/delete", e))
			return -1;
	return 0;
}

/* clang-format off */
const struct resource apply_server_rows[] = {
	{ .kind = &plan_server, .on_change = server_change, .on_set = tsa_set },
	{ .kind = &plan_key, .on_add = apply_key_add, .on_change = apply_key_change, .on_set = apply_key_set,
		.remove = { "DELETE", "/keys/$_id", NULL, false } },
	{ .kind = &plan_client, .read = apply_client_made,
		.add = { "POST", "/clients", "{'client':{'member_class':$:2,'member_code':$:3,'subsystem_code':$:4,"
			"'connection_type':$connection_type},'ignore_warnings':$!}", false },
		.on_change = apply_client_change, .on_set = apply_cert_set, .on_remove = apply_client_remove },
	{ .kind = &plan_local_group, .read = apply_id_made,
		.add = { "POST", "/clients/$^id/local-groups", "{'code':$code,'description':$description}", false },
		.change = { "PATCH", "/local-groups/$_id", "{'description':$description}", false },
		.remove = { "DELETE", "/local-groups/$_id", NULL, false },
		.set_add = { "POST", "/local-groups/$_id/members", "{'items':$+}", false },
		.set_del = { "POST", "/local-groups/$_id/members/delete", "{'items':$-}", false } },
	{ .kind = &plan_description, .read = apply_description_made,
		.add = { "POST", "/clients/$^id/service-descriptions",
			"{'url':$url,'type':$type,'rest_service_code':$code,'ignore_warnings':$!}", false },
		.on_change = apply_description_change,
		.remove = { "DELETE", "/service-descriptions/$_id", NULL, false } },
	{ .kind = &plan_service, .on_add = apply_service_add, .on_change = apply_service_change,
		.on_set = apply_access_set },
	{ .kind = &plan_endpoint, .read = apply_id_made, .on_set = apply_access_set,
		.add = { "POST", "/services/$^_id/endpoints",
			"{'service_code':$^_code,'method':$method,'path':$path}", false },
		.remove = { "DELETE", "/endpoints/$_id", NULL, false } },
	{ .kind = &plan_database, .on_add = apply_database_put, .on_change = apply_database_put,
		.remove = { "DELETE", "/machilink/adapter/databases/$id?with_services=true", NULL, false } },
	{ .kind = &plan_data_service, .on_add = apply_data_service_put, .on_change = apply_data_service_put,
		.remove = { "DELETE", "/machilink/adapter/services/$name", NULL, false } },
	{ .kind = NULL },
};
/* clang-format on */
