/* SPDX-License-Identifier: MIT */
/*
 * Administration: a service description is changed or read anew. What comes
 * and goes is told first, as warnings; what the administrator made by hand -
 * endpoints, access rights, addresses and time-outs of services - stays.
 * Rule: X-Road's ServiceDescriptionService and its change checkers.
 */
#include <string.h>

#include "admin_int.h"
#include "arena_list_int.h"
#include "clock.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "server_sql.h"
#include "text.h"

struct update {
	struct described d;
	const struct model *m;
	const struct m_description *old;
	const struct m_service *service; /* REST, OPENAPI3: the one there is */
	bool ignore;
	int64_t timeout_s; /* of new services */
	/* differences, found before anything is written */
	const struct wsdl_service **added; /* WSDL */
	size_t adds;
	const struct m_service **gone_service; /* WSDL */
	size_t gone_services;
	const struct m_endpoint **gone; /* OPENAPI3: generated, not there now */
	size_t gones;
};

/* ---- differences: WSDL ---- */

static bool
same(const struct wsdl_service *w, const struct m_service *v)
{
	return str_equal(w->code, v->code) && str_equal(w->version, v->version);
}

static const struct m_service *
old_service(const struct update *u, const struct wsdl_service *w)
{
	for (size_t i = 0; i < u->m->services; i++) {
		const struct m_service *v = &u->m->service[i];
		if (v->description == u->old && same(w, v))
			return v;
	}
	return NULL;
}

static bool
still_there(const struct update *u, const struct m_service *v)
{
	for (size_t i = 0; i < u->d.services; i++)
		if (same(&u->d.service[i], v))
			return true;
	return false;
}

static void
differ(json_t *warnings, const char *code, json_t *names)
{
	if (json_array_size(names))
		warning_add(warnings, code, names);
	else
		json_decref(names);
}

static void
differ_services(struct arena *a, struct update *u)
{
	json_t *adding = json_array(), *deleting = json_array();

	u->added = arena_array(a, u->d.services + 1, sizeof(void *));
	u->gone_service = arena_array(a, u->m->services + 1, sizeof(void *));
	for (size_t i = 0; i < u->d.services; i++) {
		const struct wsdl_service *w = &u->d.service[i];
		if (old_service(u, w))
			continue;
		u->added[u->adds++] = w;
		json_array_append_new(adding, json_text_new(service_full_code(
						      a, w->code, w->version)));
	}
	for (size_t i = 0; i < u->m->services; i++) {
		const struct m_service *v = &u->m->service[i];
		if (v->description != u->old || still_there(u, v))
			continue;
		u->gone_service[u->gone_services++] = v;
		json_array_append_new(deleting,
			json_text_new(
				service_full_code(a, v->code, v->version)));
	}
	differ(u->d.warnings, "adding_services", adding);
	differ(u->d.warnings, "deleting_services", deleting);
}

/* ---- differences: OPENAPI3 ---- */

static const char *
op_text(struct arena *a, const char *method, const char *path)
{
	return arena_printf(a, "%s %s", method, path);
}

static void
differ_endpoints(struct arena *a, struct update *u)
{
	json_t *adding = json_array(), *deleting = json_array();
	json_t *now = json_keep(a, json_object());
	json_t *before = json_keep(a, json_object());
	const struct m_service *v = u->service;

	u->gone = arena_array(a, u->m->endpoints + 1, sizeof(void *));
	for (size_t i = 0; i < u->d.ops; i++)
		json_object_set_new(now,
			op_text(a, u->d.op[i].method, u->d.op[i].path),
			json_true());
	for (size_t i = 0; i < u->m->endpoints; i++) {
		const struct m_endpoint *p = &u->m->endpoint[i];
		const char *text = op_text(a, p->method, p->path);
		if (p->client != u->old->client || !str_equal(p->code, v->code))
			continue;
		json_object_set_new(before, text, json_true());
		if (!p->generated || json_object_get(now, text) ||
			p == model_base(u->m, p->client, p->code))
			continue;
		u->gone[u->gones++] = p;
		json_array_append_new(deleting, json_text_new(text));
	}
	for (size_t i = 0; i < u->d.ops; i++) {
		const char *text =
			op_text(a, u->d.op[i].method, u->d.op[i].path);
		if (!json_object_get(before, text))
			json_array_append_new(adding, json_text_new(text));
	}
	differ(u->d.warnings, "adding_endpoints", adding);
	differ(u->d.warnings, "deleting_endpoints", deleting);
}

/* ---- writing ---- */

static int
write_wsdl(struct db_conn *c, const struct update *u, struct err *e)
{
	int64_t client = u->old->client->row;

	for (size_t i = 0; i < u->gone_services; i++)
		if (db_run(c, Q_SERVER_SERVICE_DELETE, e,
			    db_int(u->gone_service[i]->row)) < 0)
			return -1;
	for (size_t i = 0; i < u->adds; i++) {
		const struct wsdl_service *w = u->added[i];
		if (db_run(c, Q_SERVER_SERVICE_ADD, e, db_int(client),
			    db_int(u->old->row), db_text(w->code),
			    db_text(w->version ? w->version : ""),
			    db_text(w->title), db_text(w->url),
			    db_int(u->timeout_s),
			    db_int(str_iprefix(w->url, "https://"))) < 0 ||
			db_run(c, Q_SERVER_ENDPOINT_BASE, e, db_int(client),
				db_text(w->code)) < 0)
			return -1;
	}
	for (size_t i = 0; i < u->d.services; i++) {
		const struct m_service *v = old_service(u, &u->d.service[i]);
		if (v && db_run(c, Q_SERVER_SERVICE_TITLE, e,
				 db_text(u->d.service[i].title),
				 db_int(v->row)) < 0)
			return -1;
	}
	return db_run(c, Q_SERVER_ENDPOINTS_ORPHANED, e, db_int(client)) < 0
		       ? -1
		       : 0;
}

static int
write_code(struct db_conn *c, const struct update *u, struct err *e)
{
	int64_t client = u->old->client->row;

	if (str_equal(u->d.code, u->service->code))
		return 0;
	return db_run(c, Q_SERVER_SERVICE_CODE, e, db_text(u->d.code),
		       db_int(u->service->row)) < 0 ||
			       db_run(c, Q_SERVER_ENDPOINT_CODE, e,
				       db_text(u->d.code), db_int(client),
				       db_text(u->service->code)) < 0
		       ? -1
		       : 0;
}

/* An endpoint made by hand that the document has now becomes generated. */
static int
write_openapi(struct db_conn *c, const struct update *u, struct err *e)
{
	for (size_t i = 0; i < u->gones; i++)
		if (db_run(c, Q_SERVER_ENDPOINT_DELETE, e,
			    db_int(u->gone[i]->row)) < 0)
			return -1;
	for (size_t i = 0; i < u->d.ops; i++)
		if (db_run(c, Q_SERVER_ENDPOINT_GENERATED, e,
			    db_int(u->old->client->row), db_text(u->d.code),
			    db_text(u->d.op[i].method),
			    db_text(u->d.op[i].path)) < 0)
			return -1;
	return 0;
}

static int
update_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct update *u = arg;
	const struct m_service *v = u->service;

	if (db_run(c, Q_SERVER_DESCRIPTION_URL, e, db_text(u->d.url),
		    db_int(clock_now()), db_int(u->old->row)) < 0)
		return -1;
	if (u->d.kind == SERVICE_WSDL)
		return write_wsdl(c, u, e);
	if (u->d.kind == SERVICE_REST &&
		db_run(c, Q_SERVER_SERVICE_UPDATE, e, db_text(u->d.url),
			db_int(v->timeout_s),
			db_int(v->tls_verify &&
				str_iprefix(u->d.url, "https://")),
			db_int(v->row)) < 0)
		return -1;
	if (write_code(c, u, e))
		return -1;
	return u->d.kind == SERVICE_OPENAPI3 ? write_openapi(c, u, e) : 0;
}

/* ---- the two ways ---- */

/* 1 when a refusal has been answered. */
static int
refuse(struct request *r, int status, const char *code, struct err *e)
{
	return admin_refuse(r, status, code, NULL, e) ? -1 : 1;
}

static int
update_find(
	struct request *r, struct server *s, struct update *u, struct err *e)
{
	int64_t row;

	if (!admin_row(r, "id", &row, NULL)) {
		if (serverconf_model(s->sc, request_arena(r), &u->m, e))
			return -1;
		u->old = admin_description(u->m, row);
	}
	if (!u->old)
		return refuse(r, 404, "service_description_not_found", e);
	for (size_t i = 0; i < u->m->services; i++)
		if (u->m->service[i].description == u->old)
			u->service = &u->m->service[i];
	u->timeout_s = conf_int(s->conf, P_SERVICE_TIMEOUT);
	u->d.client = u->old->client;
	u->d.kind = u->old->kind;
	u->d.url = u->old->url;
	u->d.ignore = u->old->row;
	u->d.invalid = 409;
	if (u->d.kind != SERVICE_WSDL && !u->service)
		return refuse(r, 404, "service_not_found", e);
	if (u->d.kind != SERVICE_WSDL)
		u->d.code = u->service->code;
	return 0;
}

static int
update_run(struct request *r, struct server *s, struct update *u, struct err *e)
{
	struct arena *a = request_arena(r);
	int ret = describe(r, s, u->m, &u->d, e);

	if (!ret && u->d.kind == SERVICE_WSDL)
		differ_services(a, u);
	if (!ret && u->d.kind == SERVICE_OPENAPI3)
		differ_endpoints(a, u);
	if (!ret)
		ret = warnings_refuse(r, u->d.warnings, u->ignore, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (db_transact(s->db, update_write, u, e))
		return -1;
	serverconf_touch(s->sc);
	log_info("%s description %s changed", kind_word(u->d.kind), u->d.url);
	return admin_description_get(r, s, e);
}

/* What the administrator wants of a REST or OPENAPI3 description's code. */
static int
patch_code(struct request *r, struct update *u, const char *code,
	const char *new_code, struct err *e)
{
	if (u->d.kind == SERVICE_WSDL)
		return 0;
	if (!code)
		return refuse(r, 400, "missing_parameter", e);
	if (!str_equal(code, u->service->code))
		return refuse(r, 404, "service_not_found", e);
	u->d.code = new_code ? new_code : code;
	return 0;
}

int
admin_description_patch(struct request *r, void *state, struct err *e)
{
	const char *type, *code = NULL, *new_code = NULL;
	struct server *s = state;
	struct update u = { 0 };
	json_t *j;
	enum service_kind kind;
	int ret;

	if (admin_body(r, &j, e))
		return -1;
	ret = update_find(r, s, &u, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (json_need_str(j, "url", ADMIN_TEXT_MAX, &u.d.url, e) ||
		json_need_str(j, "type", ADMIN_TEXT_MAX, &type, e) ||
		json_opt_str(
			j, "rest_service_code", IDENT_PART_MAX, &code, e) ||
		json_opt_str(j, "new_rest_service_code", IDENT_PART_MAX,
			&new_code, e) ||
		kind_parse(type, &kind, e))
		return -1;
	u.ignore = json_bool(j, "ignore_warnings", false);
	if (kind != u.old->kind)
		ret = refuse(r, 400, "wrong_servicedescription_type", e);
	if (!ret)
		ret = patch_code(r, &u, code, new_code, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	return update_run(r, s, &u, e);
}

/* Nothing can be read anew of a REST description: it is answered as it is. */
int
admin_description_refresh(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct update u = { 0 };
	struct bytes body;
	json_t *j = NULL;
	int ret;

	if (request_body(r, &body, e) ||
		(body.len && json_parse(request_arena(r), body, NULL, &j, e)))
		return -1;
	ret = update_find(r, s, &u, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	u.ignore = json_bool(j, "ignore_warnings", false);
	if (u.d.kind == SERVICE_REST)
		return admin_description_get(r, s, e);
	return update_run(r, s, &u, e);
}
