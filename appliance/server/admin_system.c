/* SPDX-License-Identifier: MIT */
/*
 * Administration: anchor, time-stamping services, version, and what the
 * global configuration says about servers, classes and names.
 */
#include <string.h>

#include "admin_int.h"
#include "clock.h"
#include "db.h"
#include "digest.h"
#include "err.h"
#include "file.h"
#include "log.h"
#include "mem.h"
#include "server_sql.h"
#include "text.h"

enum { ANCHOR_MAX = 1024 * 1024, URL_MAX = 512 };

/* ---- anchor ---- */

static int
anchor_read(
	struct request *r, struct server *s, struct bytes *out, struct err *e)
{
	return file_read(request_arena(r), confclient_anchor_path(s->conf),
		ANCHOR_MAX, out, e);
}

/* SHA-224 of the file in upper-case hex, as people compare it. */
json_t *
admin_anchor_json(
	struct arena *a, struct bytes xml, const struct gc_anchor *anchor)
{
	struct digest d;
	json_t *j = json_object();
	char *hash;

	digest_of(DIGEST_SHA224, xml.data, xml.len, &d);
	hash = hex_encode(a, d.value, d.len);
	for (char *p = hash; *p; p++)
		if (*p >= 'a')
			*p -= 'a' - 'A';
	json_put_str(j, "hash", hash);
	json_put_time(j, "created_at", anchor->generated_at);
	return j;
}

int
admin_anchor_get(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	struct gc_anchor anchor;
	struct bytes xml;

	if (anchor_read(r, state, &xml, NULL))
		return admin_refuse(r, 404, "anchor_not_found", NULL, e);
	if (anchor_parse(a, xml, &anchor, e))
		return -1;
	return admin_reply(r, 200, admin_anchor_json(a, xml, &anchor), e);
}

static int
anchor_install(struct request *r, struct server *s, struct err *e)
{
	struct err why = ERR_INIT;
	struct bytes xml;

	if (request_body(r, &xml, e))
		return -1;
	if (!confclient_set_anchor(s->confclient, xml, &why)) {
		struct err later = ERR_INIT;
		if (states_follow(s, &later))
			log_err("states", &later);
		return admin_empty(r, 201, e);
	}
	if (why.fault == FAULT_CONFLICT)
		return admin_refuse_why(r, 400,
			"internal_anchor_upload_invalid_instance_id", &why, e);
	if (why.fault == FAULT_MALFORMED_ANCHOR ||
		why.fault == FAULT_INVALID_XML)
		return admin_refuse_why(r, 400, "malformed_anchor", &why, e);
	return admin_refuse_why(r, 400, "conf_download_failed", &why, e);
}

int
admin_anchor_post(struct request *r, void *state, struct err *e)
{
	struct server *s = state;

	if (file_exists(confclient_anchor_path(s->conf)))
		return admin_refuse(r, 409, "anchor_already_exists", NULL, e);
	return anchor_install(r, s, e);
}

int
admin_anchor_put(struct request *r, void *state, struct err *e)
{
	struct server *s = state;

	if (!file_exists(confclient_anchor_path(s->conf)))
		return admin_refuse(r, 404, "anchor_not_found", NULL, e);
	return anchor_install(r, s, e);
}

int
admin_anchor_download(struct request *r, void *state, struct err *e)
{
	struct bytes xml;

	if (anchor_read(r, state, &xml, NULL))
		return admin_refuse(r, 404, "anchor_not_found", NULL, e);
	return reply_send(r, 200, "application/xml", xml, e);
}

/* ---- time-stamping services ---- */

static json_t *
tsa_json(const char *name, const char *url, const char *cost)
{
	json_t *j = json_object();

	json_put_str(j, "name", name);
	json_put_str(j, "url", url);
	json_put_str(j, "cost_type", cost ? cost : "UNDEFINED");
	return j;
}

int
admin_tsas_get(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct model *m;
	json_t *list;

	if (serverconf_model(s->sc, request_arena(r), &m, e))
		return -1;
	list = json_array();
	for (size_t i = 0; i < m->tsas; i++)
		json_array_append_new(
			list, tsa_json(m->tsa[i].name, m->tsa[i].url,
				      m->tsa[i].cost));
	return admin_reply(r, 200, list, e);
}

static const struct gc_tsa *
approved(struct request *r, struct server *s, const char *name, const char *url)
{
	const struct globalconf *g = admin_globalconf(r, s);
	const struct shared_params *p = g ? globalconf_shared(g, NULL) : NULL;

	for (size_t i = 0; p && i < p->tsas; i++)
		if (str_equal(p->tsa[i].name, name) &&
			str_equal(p->tsa[i].url, url))
			return &p->tsa[i];
	return NULL;
}

static int
tsa_read(struct request *r, const char **name, const char **url, struct err *e)
{
	json_t *j;

	if (admin_body(r, &j, e) ||
		json_need_str(j, "name", ADMIN_TEXT_MAX, name, e) ||
		json_need_str(j, "url", URL_MAX, url, e))
		return -1;
	return 0;
}

int
admin_tsas_post(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct gc_tsa *t;
	struct err why = ERR_INIT;
	const char *name, *url;

	if (tsa_read(r, &name, &url, e))
		return -1;
	t = approved(r, s, name, url);
	if (!t)
		return admin_refuse(
			r, 404, "timestamping_service_not_found", NULL, e);
	if (admin_run(s, Q_SERVER_TSA_ADD, &why, db_text(name), db_text(url),
		    db_text(t->cost ? t->cost : "UNDEFINED")) < 0) {
		if (why.fault == FAULT_CONFLICT)
			return admin_refuse(r, 409,
				"timestamping_service_already_configured", NULL,
				e);
		return fail(e, why.fault, "%s", why.text);
	}
	serverconf_touch(s->sc);
	return admin_reply(r, 201, tsa_json(name, url, t->cost), e);
}

int
admin_tsas_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const char *name, *url;
	int64_t n;

	if (tsa_read(r, &name, &url, e))
		return -1;
	n = admin_run(s, Q_SERVER_TSA_DELETE, e, db_text(name), db_text(url));
	if (n < 0)
		return -1;
	if (!n)
		return admin_refuse(
			r, 404, "timestamping_service_not_found", NULL, e);
	serverconf_touch(s->sc);
	return admin_empty(r, 204, e);
}

int
admin_approved_tsas(struct request *r, void *state, struct err *e)
{
	const struct globalconf *g = admin_globalconf(r, state);
	const struct shared_params *p = g ? globalconf_shared(g, NULL) : NULL;
	json_t *list = json_array();

	for (size_t i = 0; p && i < p->tsas; i++)
		json_array_append_new(
			list, tsa_json(p->tsa[i].name, p->tsa[i].url,
				      p->tsa[i].cost));
	return admin_reply(r, 200, list, e);
}

/* ---- what the global configuration knows ---- */

/* The Java fields are X-Road's; nobody can expect a machine without it to
   have one. */
int
admin_version_state(
	struct request *r, struct server *s, json_t **out, struct err *e)
{
	struct confclient_status st;
	json_t *j = *out = json_object();

	(void)r;
	(void)e;
	confclient_status(s->confclient, &st);
	json_put_str(j, "info", "machilink " VERSION);
	json_put_int(j, "java_version", 0);
	json_put_int(j, "min_java_version", 0);
	json_put_int(j, "max_java_version", 0);
	json_put_bool(j, "using_supported_java_version", true);
	json_put_str(j, "java_vendor", "none");
	json_put_str(j, "java_runtime_version", "none");
	json_put_int(j, "global_configuration_version", st.version);
	return 0;
}

int
admin_version(struct request *r, void *state, struct err *e)
{
	return admin_reply_read(r, state, admin_version_state, e);
}

json_t *
admin_server_json(
	struct arena *a, const struct server_id *id, const char *address)
{
	json_t *j = json_object();

	json_put_str(j, "id",
		arena_printf(a, "%s:%s", admin_client_id(a, &id->owner),
			id->server));
	json_put_str(j, "instance_id", id->owner.instance);
	json_put_str(j, "member_class", id->owner.cls);
	json_put_str(j, "member_code", id->owner.code);
	json_put_str(j, "server_code", id->server);
	if (address)
		json_put_str(j, "server_address", address);
	return j;
}

int
admin_servers(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	const struct globalconf *g = admin_globalconf(r, s);
	const struct shared_params *p = g ? globalconf_shared(g, NULL) : NULL;
	const char *only = query_get(a, request_query(r), "current_server");
	const struct model *m;
	json_t *list = json_array();

	if (serverconf_model(s->sc, a, &m, e)) {
		json_decref(list);
		return -1;
	}
	if (str_equal(only, "true")) {
		const struct gc_server *me =
			g && m->initialized ? globalconf_server(g, &m->self)
					    : NULL;
		if (m->initialized)
			json_array_append_new(
				list, admin_server_json(a, &m->self,
					      me ? me->address : m->address));
		return admin_reply(r, 200, list, e);
	}
	for (size_t i = 0; p && i < p->servers; i++)
		json_array_append_new(
			list, admin_server_json(a, &p->server[i].id,
				      p->server[i].address));
	return admin_reply(r, 200, list, e);
}

int
admin_member_classes(struct request *r, void *state, struct err *e)
{
	const struct globalconf *g = admin_globalconf(r, state);
	const struct shared_params *p = g ? globalconf_shared(g, NULL) : NULL;
	json_t *list = json_array();

	for (size_t i = 0; p && i < p->classes; i++)
		json_array_append_new(list, json_text_new(p->cls[i].code));
	return admin_reply(r, 200, list, e);
}

int
admin_member_names(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	const struct globalconf *g = admin_globalconf(r, state);
	const char *query = request_query(r);
	struct client_id id = {
		.instance = g ? globalconf_instance(g) : NULL,
		.cls = query_get(a, query, "member_class"),
		.code = query_get(a, query, "member_code"),
	};
	const char *name = g ? admin_member_name(g, &id) : NULL;
	json_t *j;

	if (!name)
		return admin_refuse(r, 404, "member_name_not_found", NULL, e);
	j = json_object();
	json_put_str(j, "member_name", name);
	return admin_reply(r, 200, j, e);
}
