/* SPDX-License-Identifier: MIT */
/*
 * Administration: one service: its address, time-out and TLS, for itself or
 * for all services of its description.
 */
#include <string.h>

#include "admin_int.h"
#include "err.h"
#include "http_client.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "server_sql.h"
#include "text.h"

enum { TIMEOUT_MAX_S = 1000 };

json_t *
admin_service_json(
	struct arena *a, const struct model *m, const struct m_service *v)
{
	const struct m_client *c = v->description->client;
	json_t *j = json_object(), *list = json_array();
	size_t rights = 0;

	for (size_t i = 0; i < m->endpoints; i++)
		if (m->endpoint[i].client == c &&
			str_equal(m->endpoint[i].code, v->code))
			json_array_append_new(
				list, admin_endpoint_json(a, &m->endpoint[i]));
	for (size_t i = 0; i < m->rights; i++)
		rights += m->right[i].endpoint->client == c &&
			  str_equal(m->right[i].endpoint->code, v->code);
	json_put_str(j, "id", admin_service_id(a, v));
	json_put_str(j, "full_service_code",
		service_full_code(a, v->code, v->version));
	json_put_str(j, "service_code", v->code);
	json_put_int(j, "timeout", v->timeout_s);
	if (v->title)
		json_put_str(j, "title", v->title);
	json_put_bool(j, "ssl_auth",
		v->tls_verify && !str_iprefix(v->url, "http://"));
	json_put_int(j, "subjects_count", (int64_t)rights);
	json_put_str(j, "url", v->url);
	json_put_new(j, "endpoints", list);
	return j;
}

int
admin_service_get(struct request *r, void *state, struct err *e)
{
	const struct model *m;
	const struct m_service *v;

	if (admin_service(r, state, &m, &v, NULL))
		return admin_refuse(r, 404, "service_not_found", NULL, e);
	return admin_reply(
		r, 200, admin_service_json(request_arena(r), m, v), e);
}

/* ---- does the service's TLS certificate hold? ---- */

struct probe {
	const struct m_client *client;
	bool seen, known;
};

/* Looks at the certificate and breaks off: nothing is asked of the service. */
static int
probe_judge(void *ctx, struct cert_list chain, struct err *e)
{
	struct probe *p = ctx;

	p->seen = chain.n > 0;
	for (size_t i = 0; p->seen && i < p->client->is_certs; i++)
		if (bytes_equal(p->client->is_cert[i], cert_der(chain.item[0])))
			p->known = true;
	return fail(e, FAULT_SSL_AUTH, "only the certificate was wanted");
}

/* NULL: the certificate is one of the provider's; else the warning's code. */
static const char *
probe(struct server *s, struct arena *a, const struct m_client *client,
	const char *url)
{
	struct probe p = { .client = client };
	struct http_answer answer;
	const struct http_call call = {
		.method = "GET",
		.url = url,
		.connect_timeout_ms = (int)conf_int(s->conf, P_CLIENT_TIMEOUT),
		.total_timeout_ms = (int)conf_int(s->conf, P_CLIENT_TIMEOUT),
		.tls = service_tls(s, a),
		.judge = probe_judge,
		.judge_ctx = &p,
	};

	(void)http_call(s->http, a, &call, &answer, NULL);
	if (!p.seen)
		return "internal_server_ssl_error";
	return p.known ? NULL : "internal_server_ssl_handshake_error";
}

/* ---- changing ---- */

struct update {
	const struct model *m;
	const struct m_service *v;
	const char *url;
	int64_t timeout;
	bool tls, url_all, timeout_all, tls_all, ignore;
};

static int
update_row(struct db_conn *c, const struct update *u, const struct m_service *x,
	struct err *e)
{
	bool me = x == u->v;
	const char *url = me || u->url_all ? u->url : x->url;
	bool tls = me || u->tls_all ? u->tls : x->tls_verify;

	return db_run(c, Q_SERVER_SERVICE_UPDATE, e, db_text(url),
		       db_int(me || u->timeout_all ? u->timeout : x->timeout_s),
		       db_int(tls && str_iprefix(url, "https://")),
		       db_int(x->row)) < 0
		       ? -1
		       : 0;
}

static int
update_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct update *u = arg;
	const struct m_description *d = u->v->description;

	if (d->kind == SERVICE_REST &&
		db_run(c, Q_SERVER_DESCRIPTION_URL, e, db_text(u->url),
			db_int(d->refreshed_at), db_int(d->row)) < 0)
		return -1;
	for (size_t i = 0; i < u->m->services; i++)
		if (u->m->service[i].description == d &&
			update_row(c, u, &u->m->service[i], e))
			return -1;
	return 0;
}

static int
update_read(struct request *r, struct update *u, struct err *e)
{
	json_t *j;

	if (admin_body(r, &j, e) ||
		json_need_str(j, "url", ADMIN_TEXT_MAX, &u->url, e) ||
		json_need_int(j, "timeout", 0, TIMEOUT_MAX_S, &u->timeout, e) ||
		json_need_bool(j, "ssl_auth", &u->tls, e))
		return -1;
	u->url_all = json_bool(j, "url_all", false);
	u->timeout_all = json_bool(j, "timeout_all", false);
	u->tls_all = json_bool(j, "ssl_auth_all", false);
	u->ignore = json_bool(j, "ignore_warnings", false);
	return 0;
}

/* A REST service's address is that of its description, and must be its own. */
static bool
url_taken(const struct update *u)
{
	const struct m_description *d = u->v->description;

	for (size_t i = 0; i < u->m->descriptions; i++) {
		const struct m_description *x = &u->m->description[i];
		if (d->kind == SERVICE_REST && x != d &&
			x->client == d->client && str_equal(x->url, u->url))
			return true;
	}
	return false;
}

/* 1 when a refusal has been answered. */
static int
update_check(struct request *r, struct server *s, const struct update *u,
	struct err *e)
{
	const char *const meta[] = { u->url, NULL };
	const char *code = NULL;
	int status = 400;

	if (!service_url_ok(u->url)) {
		code = "malformed_url";
	} else if (u->tls && !str_iprefix(u->url, "https://")) {
		code = "invalid_https_url";
	} else if (url_taken(u)) {
		code = "url_already_exists";
		status = 409;
	}
	if (code)
		return admin_refuse(r, status, code, meta, e) ? -1 : 1;
	if (u->tls && !u->ignore)
		code = probe(
			s, request_arena(r), u->v->description->client, u->url);
	if (code)
		return admin_warn(r, code, u->url, e) ? -1 : 1;
	return 0;
}

int
admin_service_patch(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct update u = { 0 };
	int ret;

	if (admin_service(r, s, &u.m, &u.v, NULL))
		return admin_refuse(r, 404, "service_not_found", NULL, e);
	if (update_read(r, &u, e))
		return -1;
	ret = update_check(r, s, &u, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (db_transact(s->db, update_write, &u, e))
		return -1;
	serverconf_touch(s->sc);
	log_info("service %s changed", u.v->code);
	return admin_service_get(r, s, e);
}
