/* SPDX-License-Identifier: MIT */
/*
 * Administration: service descriptions, services, endpoints. A REST or
 * OPENAPI3 description is one service code with a base address; a WSDL is
 * fetched and gives one service per operation.
 */
#include <string.h>

#include "admin_int.h"
#include "clock.h"
#include "err.h"
#include "http_client.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "server_sql.h"
#include "text.h"
#include "tls.h"

enum { WSDL_MAX = 10 * 1024 * 1024, WSDL_TIMEOUT_MS = 30000 };

static const char *const RESERVED[] = { "listClients", "listMethods",
	"allowedMethods", "getWsdl", "getOpenAPI", "getSecurityServerMetrics",
	"getSecurityServerOperationalData", "getSecurityServerHealthData",
	NULL };

/* ---- shapes ---- */

static json_t *
endpoint_json(struct arena *a, const struct m_endpoint *p)
{
	json_t *j = json_object();

	json_put_str(j, "id", arena_printf(a, "%lld", (long long)p->row));
	json_put_str(j, "service_code", p->code);
	json_put_str(j, "method", p->method);
	json_put_str(j, "path", p->path);
	json_put_bool(j, "generated", p->generated);
	return j;
}

static json_t *
service_json(struct arena *a, const struct model *m, const struct m_service *v)
{
	const struct m_client *c = v->description->client;
	json_t *j = json_object(), *list = json_array();
	size_t rights = 0;

	for (size_t i = 0; i < m->endpoints; i++)
		if (m->endpoint[i].client == c &&
			str_equal(m->endpoint[i].code, v->code))
			json_array_append_new(
				list, endpoint_json(a, &m->endpoint[i]));
	for (size_t i = 0; i < m->rights; i++)
		rights += m->right[i].endpoint->client == c &&
			  str_equal(m->right[i].endpoint->code, v->code);
	json_put_str(j, "id", admin_service_id(a, v));
	json_put_str(j, "full_service_code",
		v->version ? arena_printf(a, "%s.%s", v->code, v->version)
			   : v->code);
	json_put_str(j, "service_code", v->code);
	json_put_int(j, "timeout", v->timeout_s);
	if (v->title)
		json_put_str(j, "title", v->title);
	json_put_bool(j, "ssl_auth", v->tls_verify);
	json_put_int(j, "subjects_count", (int64_t)rights);
	json_put_str(j, "url", v->url);
	json_put_new(j, "endpoints", list);
	return j;
}

json_t *
admin_description_json(
	struct arena *a, const struct model *m, const struct m_description *d)
{
	json_t *j = json_object(), *list = json_array();

	for (size_t i = 0; i < m->services; i++)
		if (m->service[i].description == d)
			json_array_append_new(
				list, service_json(a, m, &m->service[i]));
	json_put_str(j, "id", arena_printf(a, "%lld", (long long)d->row));
	json_put_str(j, "url", d->url);
	json_put_str(j, "type", kind_word(d->kind));
	json_put_bool(j, "disabled", d->disabled);
	json_put_str(j, "disabled_notice", d->notice ? d->notice : "");
	json_put_time(j, "refreshed_at", d->refreshed_at);
	json_put_new(j, "services", list);
	json_put_str(j, "client_id", admin_client_id(a, &d->client->id));
	return j;
}

int
admin_descriptions_get(struct request *r, void *state, struct err *e)
{
	const struct model *m;
	const struct m_client *c;
	json_t *list;

	if (admin_client(r, state, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	list = json_array();
	for (size_t i = 0; i < m->descriptions; i++)
		if (m->description[i].client == c)
			json_array_append_new(
				list, admin_description_json(request_arena(r),
					      m, &m->description[i]));
	return admin_reply(r, 200, list, e);
}

/* ---- adding a description ---- */

struct add {
	const struct m_client *client;
	enum service_kind kind;
	const char *url, *code;
	int timeout_s;
	struct wsdl_service *service;
	size_t services;
	int64_t row; /* result */
};

static bool
url_ok(const char *s)
{
	return (str_iprefix(s, "http://") || str_iprefix(s, "https://")) &&
	       strlen(strstr(s, "://")) > strlen("://") &&
	       !strpbrk(s, " \t\r\n\"<>");
}

static int
add_read(struct request *r, struct add *in, struct err *e)
{
	const char *type;
	json_t *j;

	if (admin_body(r, &j, e) ||
		json_need_str(j, "url", ADMIN_URL_MAX, &in->url, e) ||
		json_need_str(j, "type", ADMIN_TEXT_MAX, &type, e) ||
		json_opt_str(
			j, "rest_service_code", IDENT_PART_MAX, &in->code, e))
		return -1;
	return kind_parse(type, &in->kind, e);
}

static int
wsdl_fetch(struct server *s, struct arena *a, struct add *in, struct err *e)
{
	struct tls_options o = { .policy = TLS_SERVICE };
	struct http_call call = {
		.method = "GET",
		.url = in->url,
		.answer_max = WSDL_MAX,
		.connect_timeout_ms = WSDL_TIMEOUT_MS,
		.total_timeout_ms = WSDL_TIMEOUT_MS,
	};
	struct http_answer answer;
	int ret;

	if (tls_client_new(&call.tls, &o, e))
		return -1;
	ret = http_call(s->http, a, &call, &answer, e);
	tls_unref(&call.tls);
	if (ret)
		return -1;
	if (answer.status != 200)
		return fail(e, FAULT_HTTP, "%s answered %d", in->url,
			answer.status);
	return wsdl_parse(a, answer.body, &in->service, &in->services, e);
}

/* Services of the description: 1 when a refusal has been answered. */
static int
add_services(struct request *r, struct server *s, struct add *in, struct err *e)
{
	struct arena *a = request_arena(r);
	struct err why = ERR_INIT;

	if (in->kind == SERVICE_WSDL) {
		if (!wsdl_fetch(s, a, in, &why))
			return 0;
		return admin_refuse_why(r, 400,
			       why.fault == FAULT_INVALID_XML
				       ? "invalid_wsdl"
				       : "wsdl_download_failed",
			       &why, e)
			       ? -1
			       : 1;
	}
	if (!in->code || !*in->code)
		return admin_refuse(r, 400, "missing_parameter", NULL, e) ? -1
									  : 1;
	in->service = arena_alloc(a, sizeof(*in->service));
	*in->service =
		(struct wsdl_service){ .code = in->code, .url = in->url };
	in->services = 1;
	return 0;
}

static bool
reserved(const char *code)
{
	for (size_t i = 0; RESERVED[i]; i++)
		if (str_equal(RESERVED[i], code))
			return true;
	return false;
}

/* Codes must be legal and free: 1 when a refusal has been answered. */
static int
add_check(struct request *r, const struct model *m, const struct add *in,
	struct err *e)
{
	bool rest = in->kind != SERVICE_WSDL;

	for (size_t i = 0; i < m->descriptions; i++) {
		const struct m_description *d = &m->description[i];
		const char *const meta[] = { d->url, NULL };
		if (d->client == in->client && str_equal(d->url, in->url))
			return admin_refuse(
				       r, 409, "url_already_exists", meta, e)
				       ? -1
				       : 1;
	}
	for (size_t i = 0; i < in->services; i++) {
		const struct wsdl_service *w = &in->service[i];
		struct service_id id = { in->client->id, w->code, w->version };
		const struct m_service *old = model_service(m, &id);
		const char *const meta[] = { w->code,
			old ? old->description->url : NULL, NULL };
		if (ident_part_check(w->code, "service code", e) ||
			(w->version && ident_part_check(w->version,
					       "service version", e)))
			return -1;
		if (old)
			return admin_refuse(r, 409,
				       rest ? "service_code_already_exists"
					    : "service_already_exists",
				       meta, e)
				       ? -1
				       : 1;
		if (reserved(w->code))
			return admin_refuse(
				       r, 409, "service_code_reserved", meta, e)
				       ? -1
				       : 1;
	}
	return 0;
}

static int
add_write(struct db_conn *c, void *arg, struct err *e)
{
	struct add *in = arg;
	int64_t client = in->client->row;

	if (db_run(c, Q_SERVER_DESCRIPTION_ADD, e, db_int(client),
		    db_text(kind_word(in->kind)), db_text(in->url),
		    db_int(clock_now())) < 0)
		return -1;
	in->row = db_last_id(c);
	for (size_t i = 0; i < in->services; i++) {
		const struct wsdl_service *w = &in->service[i];
		bool tls = str_iprefix(w->url, "https://");
		if (db_run(c, Q_SERVER_SERVICE_ADD, e, db_int(client),
			    db_int(in->row), db_text(w->code),
			    db_text(w->version ? w->version : ""),
			    db_text(w->title), db_text(w->url),
			    db_int(in->timeout_s), db_int(tls)) < 0 ||
			db_run(c, Q_SERVER_ENDPOINT_BASE, e, db_int(client),
				db_text(w->code)) < 0)
			return -1;
	}
	return 0;
}

static const struct m_description *
description_row(const struct model *m, int64_t row)
{
	for (size_t i = 0; i < m->descriptions; i++)
		if (m->description[i].row == row)
			return &m->description[i];
	return NULL;
}

int
admin_descriptions_post(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	struct add in = { .timeout_s =
				  (int)conf_int(s->conf, P_SERVICE_TIMEOUT) };
	const struct model *m;
	int ret;

	if (admin_client(r, s, "id", &m, &in.client, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	if (add_read(r, &in, e))
		return -1;
	if (!url_ok(in.url))
		return admin_refuse(r, 400, "malformed_url", NULL, e);
	ret = add_services(r, s, &in, e);
	if (!ret)
		ret = add_check(r, m, &in, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (db_transact(s->db, add_write, &in, e))
		return -1;
	serverconf_touch(s->sc);
	if (serverconf_model(s->sc, a, &m, e))
		return -1;
	log_info("%s description %s added", kind_word(in.kind), in.url);
	return admin_reply(r, 201,
		admin_description_json(a, m, description_row(m, in.row)), e);
}

/* ---- switching ---- */

static int
disable(struct request *r, struct server *s, bool off, const char *notice,
	struct err *e)
{
	int64_t row, n;

	if (admin_row(r, "id", &row, e))
		return -1;
	n = admin_run(s, Q_SERVER_DESCRIPTION_DISABLE, e, db_int(off),
		db_text(notice), db_int(row));
	if (n < 0)
		return -1;
	if (!n)
		return admin_refuse(
			r, 404, "service_description_not_found", NULL, e);
	serverconf_touch(s->sc);
	return admin_empty(r, 204, e);
}

int
admin_description_enable(struct request *r, void *state, struct err *e)
{
	return disable(r, state, false, NULL, e);
}

int
admin_description_disable(struct request *r, void *state, struct err *e)
{
	const char *notice = NULL;
	struct bytes body;
	json_t *j;

	if (request_body(r, &body, e))
		return -1;
	if (body.len && (json_parse(request_arena(r), body, NULL, &j, e) ||
				json_opt_str(j, "disabled_notice",
					ADMIN_TEXT_MAX, &notice, e)))
		return -1;
	return disable(r, state, true, notice, e);
}

struct removal {
	int64_t row, client;
};

static int
remove_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct removal *x = arg;

	return db_run(c, Q_SERVER_DESCRIPTION_DELETE, e, db_int(x->row)) < 0 ||
			       db_run(c, Q_SERVER_ENDPOINTS_ORPHANED, e,
				       db_int(x->client)) < 0
		       ? -1
		       : 0;
}

int
admin_description_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct m_description *d;
	const struct model *m;
	struct removal x;

	if (admin_row(r, "id", &x.row, e) ||
		serverconf_model(s->sc, request_arena(r), &m, e))
		return -1;
	d = description_row(m, x.row);
	if (!d)
		return admin_refuse(
			r, 404, "service_description_not_found", NULL, e);
	x.client = d->client->row;
	if (db_transact(s->db, remove_write, &x, e))
		return -1;
	serverconf_touch(s->sc);
	return admin_empty(r, 204, e);
}

/* ---- one service ---- */

int
admin_service_get(struct request *r, void *state, struct err *e)
{
	const struct model *m;
	const struct m_service *v;

	if (admin_service(r, state, &m, &v, NULL))
		return admin_refuse(r, 404, "service_not_found", NULL, e);
	return admin_reply(r, 200, service_json(request_arena(r), m, v), e);
}

struct update {
	const struct model *m;
	const struct m_service *v;
	const char *url;
	int64_t timeout;
	bool tls, url_all, timeout_all, tls_all;
};

static int
update_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct update *u = arg;

	for (size_t i = 0; i < u->m->services; i++) {
		const struct m_service *x = &u->m->service[i];
		bool me = x == u->v;
		if (x->description != u->v->description)
			continue;
		if (db_run(c, Q_SERVER_SERVICE_UPDATE, e,
			    db_text(me || u->url_all ? u->url : x->url),
			    db_int(me || u->timeout_all ? u->timeout
							: x->timeout_s),
			    db_int(me || u->tls_all ? u->tls : x->tls_verify),
			    db_int(x->row)) < 0)
			return -1;
	}
	return 0;
}

int
admin_service_patch(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct update u = { 0 };
	json_t *j;

	if (admin_service(r, s, &u.m, &u.v, NULL))
		return admin_refuse(r, 404, "service_not_found", NULL, e);
	if (admin_body(r, &j, e) ||
		json_need_str(j, "url", ADMIN_URL_MAX, &u.url, e) ||
		json_need_int(j, "timeout", 0, 1000, &u.timeout, e) ||
		json_need_bool(j, "ssl_auth", &u.tls, e))
		return -1;
	u.url_all = json_bool(j, "url_all", false);
	u.timeout_all = json_bool(j, "timeout_all", false);
	u.tls_all = json_bool(j, "ssl_auth_all", false);
	if (!url_ok(u.url))
		return admin_refuse(r, 400, "malformed_url", NULL, e);
	if (db_transact(s->db, update_write, &u, e))
		return -1;
	serverconf_touch(s->sc);
	return admin_service_get(r, s, e);
}
