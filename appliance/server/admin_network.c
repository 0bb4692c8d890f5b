/* SPDX-License-Identifier: MIT */
/*
 * Administration: servers, instances and member classes of the network, an
 * anchor before it is installed, and settings that are only shown.
 */
#include "admin_int.h"
#include "err.h"
#include "ident.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { INSTANCES_MAX = 256 };

int
admin_server_get(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	const struct globalconf *g = admin_globalconf(r, state);
	const struct gc_server *found;
	struct client_id p;
	struct server_id id;

	if (admin_client_parse(a, request_segment(r, "id"), &p, e))
		return -1;
	if (!p.subsystem)
		return fail(e, FAULT_BAD_REQUEST,
			"a security server's identifier has four pieces");
	id = (struct server_id){
		.owner = { p.instance, p.cls, p.code, NULL },
		.server = p.subsystem,
	};
	found = g ? globalconf_server(g, &id) : NULL;
	if (!found)
		return admin_refuse(
			r, 404, "security_server_not_found", NULL, e);
	return admin_reply(
		r, 200, admin_server_json(a, &found->id, found->address), e);
}

int
admin_instance_classes(struct request *r, void *state, struct err *e)
{
	const struct globalconf *g = admin_globalconf(r, state);
	const char *id = request_segment(r, "id");
	const struct shared_params *p =
		g && id ? globalconf_shared(g, id) : NULL;
	json_t *list;

	if (!p)
		return admin_refuse(
			r, 404, "instance_identifier_not_found", NULL, e);
	list = json_array();
	for (size_t i = 0; i < p->classes; i++)
		json_array_append_new(list, json_text_new(p->cls[i].code));
	return admin_reply(r, 200, list, e);
}

int
admin_instances(struct request *r, void *state, struct err *e)
{
	const struct globalconf *g = admin_globalconf(r, state);
	const char *name[INSTANCES_MAX];
	size_t n = g ? globalconf_instances(g, name, INSTANCES_MAX) : 0;
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *j = json_object();
		json_put_str(j, "identifier", name[i]);
		json_put_bool(
			j, "local", str_equal(name[i], globalconf_instance(g)));
		json_array_append_new(list, j);
	}
	return admin_reply(r, 200, list, e);
}

/* There is no cluster of nodes with one configuration. */
int
admin_node_type(struct request *r, void *state, struct err *e)
{
	json_t *j = json_object();

	(void)state;
	json_put_str(j, "node_type", "STANDALONE");
	return admin_reply(r, 200, j, e);
}

int
admin_tsa_strategy(struct request *r, void *state, struct err *e)
{
	struct server *s = state;

	return admin_reply(
		r, 200, json_text_new(conf_text(s->conf, P_ML_TS_STRATEGY)), e);
}

/* Responders are asked in the order of the configuration. */
int
admin_ocsp_strategy(struct request *r, void *state, struct err *e)
{
	(void)state;
	return admin_reply(r, 200, json_text_new("NONE"), e);
}

int
admin_anchor_preview(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	const struct globalconf *g = admin_globalconf(r, state);
	const char *check = query_get(a, request_query(r), "validate_instance");
	struct err why = ERR_INIT;
	struct gc_anchor anchor;
	struct bytes xml;

	if (request_body(r, &xml, e))
		return -1;
	if (anchor_parse(a, xml, &anchor, &why))
		return admin_refuse_why(r, 400, "malformed_anchor", &why, e);
	if (g && !str_equal(check, "false") &&
		!str_equal(globalconf_instance(g), anchor.instance))
		return admin_refuse(r, 400,
			"internal_anchor_upload_invalid_instance_id", NULL, e);
	return admin_reply(r, 200, admin_anchor_json(a, xml, &anchor), e);
}
