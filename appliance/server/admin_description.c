/* SPDX-License-Identifier: MIT */
/*
 * Administration: service descriptions. REST is one service code with a base
 * address; OPENAPI3 is that with endpoints out of a document; a WSDL gives one
 * service per operation.
 */
#include <string.h>

#include "admin_int.h"
#include "clock.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "server_sql.h"
#include "text.h"

/* What callers are told until the administrator says something else. */
#define NOTICE "Out of order"

const struct m_description *
admin_description(const struct model *m, int64_t row)
{
	for (size_t i = 0; i < m->descriptions; i++)
		if (m->description[i].row == row)
			return &m->description[i];
	return NULL;
}

static json_t *
services_json(
	struct arena *a, const struct model *m, const struct m_description *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->services; i++)
		if (m->service[i].description == d)
			json_array_append_new(
				list, admin_service_json(a, m, &m->service[i]));
	return list;
}

json_t *
admin_description_json(
	struct arena *a, const struct model *m, const struct m_description *d)
{
	json_t *j = json_object();

	json_put_str(j, "id", arena_printf(a, "%lld", (long long)d->row));
	json_put_str(j, "url", d->url);
	json_put_str(j, "type", kind_word(d->kind));
	json_put_bool(j, "disabled", d->disabled);
	json_put_str(j, "disabled_notice", d->notice ? d->notice : "");
	json_put_time(j, "refreshed_at", d->refreshed_at);
	json_put_new(j, "services", services_json(a, m, d));
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

/* The path's description; 1 when its absence has been answered. */
static int
find(struct request *r, struct server *s, const struct model **m,
	const struct m_description **out, struct err *e)
{
	int64_t row;

	*out = NULL;
	if (!admin_row(r, "id", &row, NULL)) {
		if (serverconf_model(s->sc, request_arena(r), m, e))
			return -1;
		*out = admin_description(*m, row);
	}
	if (*out)
		return 0;
	return admin_refuse(r, 404, "service_description_not_found", NULL, e)
		       ? -1
		       : 1;
}

int
admin_description_get(struct request *r, void *state, struct err *e)
{
	const struct m_description *d;
	const struct model *m;
	int ret = find(r, state, &m, &d, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	return admin_reply(
		r, 200, admin_description_json(request_arena(r), m, d), e);
}

int
admin_description_services(struct request *r, void *state, struct err *e)
{
	const struct m_description *d;
	const struct model *m;
	int ret = find(r, state, &m, &d, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	return admin_reply(r, 200, services_json(request_arena(r), m, d), e);
}

/* ---- adding ---- */

struct add {
	struct described d;
	int64_t timeout_s;
	int64_t row; /* result */
};

static int
add_service(struct db_conn *c, const struct add *in,
	const struct wsdl_service *w, struct err *e)
{
	int64_t client = in->d.client->row;

	return db_run(c, Q_SERVER_SERVICE_ADD, e, db_int(client),
		       db_int(in->row), db_text(w->code),
		       db_text(w->version ? w->version : ""), db_text(w->title),
		       db_text(w->url), db_int(in->timeout_s),
		       db_int(str_iprefix(w->url, "https://"))) < 0 ||
			       db_run(c, Q_SERVER_ENDPOINT_BASE, e,
				       db_int(client), db_text(w->code)) < 0
		       ? -1
		       : 0;
}

static int
add_write(struct db_conn *c, void *arg, struct err *e)
{
	struct add *in = arg;
	const struct described *d = &in->d;
	int64_t client = d->client->row;

	if (db_run(c, Q_SERVER_DESCRIPTION_ADD, e, db_int(client),
		    db_text(kind_word(d->kind)), db_text(d->url),
		    db_int(clock_now())) < 0)
		return -1;
	in->row = db_last_id(c);
	if (db_run(c, Q_SERVER_DESCRIPTION_DISABLE, e, db_int(1),
		    db_text(NOTICE), db_int(in->row)) < 0)
		return -1;
	for (size_t i = 0; i < d->services; i++)
		if (add_service(c, in, &d->service[i], e))
			return -1;
	for (size_t i = 0; i < d->ops; i++)
		if (db_run(c, Q_SERVER_ENDPOINT_GENERATED, e, db_int(client),
			    db_text(d->code), db_text(d->op[i].method),
			    db_text(d->op[i].path)) < 0)
			return -1;
	return 0;
}

static int
add_read(struct request *r, struct described *d, bool *ignore, struct err *e)
{
	const char *type;
	json_t *j;

	if (admin_body(r, &j, e) ||
		json_need_str(j, "url", ADMIN_TEXT_MAX, &d->url, e) ||
		json_need_str(j, "type", ADMIN_TEXT_MAX, &type, e) ||
		json_opt_str(
			j, "rest_service_code", IDENT_PART_MAX, &d->code, e))
		return -1;
	*ignore = json_bool(j, "ignore_warnings", false);
	return kind_parse(type, &d->kind, e);
}

int
admin_descriptions_post(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	struct add in = { .d = { .invalid = 400 },
		.timeout_s = conf_int(s->conf, P_SERVICE_TIMEOUT) };
	const struct model *m;
	bool ignore;
	int ret;

	if (admin_client(r, s, "id", &m, &in.d.client, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	if (add_read(r, &in.d, &ignore, e))
		return -1;
	ret = describe(r, s, m, &in.d, e);
	if (!ret)
		ret = warnings_refuse(r, in.d.warnings, ignore, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (db_transact(s->db, add_write, &in, e))
		return -1;
	serverconf_touch(s->sc);
	if (serverconf_model(s->sc, a, &m, e))
		return -1;
	log_info("%s description %s added", kind_word(in.d.kind), in.d.url);
	return admin_reply(r, 201,
		admin_description_json(a, m, admin_description(m, in.row)), e);
}

/* ---- switching ---- */

/* Answers 200 as X-Road does, although its own document says 204. The notice
   stays when the description is enabled. */
static int
disable(struct request *r, struct server *s, bool off, const char *notice,
	struct err *e)
{
	const struct m_description *d;
	const struct model *m;
	int ret = find(r, s, &m, &d, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (admin_run(s, Q_SERVER_DESCRIPTION_DISABLE, e, db_int(off),
		    db_text(off ? notice : d->notice), db_int(d->row)) < 0)
		return -1;
	serverconf_touch(s->sc);
	log_info("%s description %s %s", kind_word(d->kind), d->url,
		off ? "disabled" : "enabled");
	return admin_empty(r, 200, e);
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

/* ---- removing ---- */

static int
remove_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct m_description *d = arg;

	return db_run(c, Q_SERVER_DESCRIPTION_DELETE, e, db_int(d->row)) < 0 ||
			       db_run(c, Q_SERVER_ENDPOINTS_ORPHANED, e,
				       db_int(d->client->row)) < 0
		       ? -1
		       : 0;
}

int
admin_description_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct m_description *d;
	const struct model *m;
	struct m_description copy;
	int ret = find(r, s, &m, &d, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	copy = *d;
	if (db_transact(s->db, remove_write, &copy, e))
		return -1;
	serverconf_touch(s->sc);
	log_info("%s description %s removed", kind_word(d->kind), d->url);
	return admin_empty(r, 204, e);
}
