/* SPDX-License-Identifier: MIT */
/* Administration: endpoints of REST services, made by hand. */
#include <string.h>

#include "admin_int.h"
#include "err.h"
#include "mem.h"
#include "server_sql.h"
#include "text.h"

static const char *const METHOD[] = { "*", "GET", "POST", "PUT", "DELETE",
	"PATCH", "HEAD", "OPTIONS", "TRACE", NULL };

static bool
method_ok(const char *s)
{
	for (size_t i = 0; METHOD[i]; i++)
		if (str_equal(METHOD[i], s))
			return true;
	return false;
}

json_t *
admin_endpoint_json(struct arena *a, const struct m_endpoint *p)
{
	json_t *j = json_object();

	json_put_str(j, "id", arena_printf(a, "%lld", (long long)p->row));
	json_put_str(j, "service_code", p->code);
	json_put_str(j, "method", p->method);
	json_put_str(j, "path", p->path);
	json_put_bool(j, "generated", p->generated);
	return j;
}

/* '?' acts as a quantifier in X-Road's own matching: it is kept out, so that
   a pattern means the same everywhere (messages section 7). */
static int
endpoint_read(
	const json_t *j, const char **method, const char **path, struct err *e)
{
	if (json_need_str(j, "method", ADMIN_TEXT_MAX, method, e) ||
		json_need_str(j, "path", ADMIN_URL_MAX, path, e))
		return -1;
	if (!method_ok(*method))
		return fail(e, FAULT_BAD_REQUEST, "'%s' is no method", *method);
	if (**path != '/' && !str_equal(*path, "**"))
		return fail(e, FAULT_BAD_REQUEST, "a path begins with /");
	if (strpbrk(*path, "?# \t\r\n"))
		return fail(e, FAULT_BAD_REQUEST,
			"a path pattern cannot hold ?, # or white space");
	return 0;
}

struct add {
	int64_t client, row;
	const char *code, *method, *path;
};

static int
add_write(struct db_conn *c, void *arg, struct err *e)
{
	struct add *x = arg;

	if (db_run(c, Q_SERVER_ENDPOINT_ADD, e, db_int(x->client),
		    db_text(x->code), db_text(x->method), db_text(x->path),
		    db_int(0)) < 0)
		return -1;
	x->row = db_last_id(c);
	return 0;
}

int
admin_endpoints_post(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct err why = ERR_INIT;
	const struct m_service *v;
	const struct model *m;
	struct add x;
	json_t *j;

	if (admin_service(r, s, &m, &v, NULL))
		return admin_refuse(r, 404, "service_not_found", NULL, e);
	if (v->description->kind == SERVICE_WSDL)
		return admin_refuse(
			r, 400, "wrong_servicedescription_type", NULL, e);
	if (admin_body(r, &j, e))
		return -1;
	if (json_object_get(j, "id"))
		return admin_refuse(
			r, 400, "endpoint_id_should_not_be_provided", NULL, e);
	if (endpoint_read(j, &x.method, &x.path, e))
		return -1;
	x.client = v->description->client->row;
	x.code = v->code;
	if (db_transact(s->db, add_write, &x, &why)) {
		if (why.fault == FAULT_CONFLICT)
			return admin_refuse(
				r, 409, "endpoint_already_exists", NULL, e);
		return fail(e, why.fault, "%s", why.text);
	}
	serverconf_touch(s->sc);
	return admin_reply(r, 201,
		admin_endpoint_json(
			request_arena(r), &(struct m_endpoint){ .row = x.row,
						  .code = x.code,
						  .method = x.method,
						  .path = x.path }),
		e);
}

static const struct m_endpoint *
endpoint_find(struct request *r, struct server *s, struct err *e)
{
	const struct model *m;
	int64_t row;

	if (admin_row(r, "id", &row, e) ||
		serverconf_model(s->sc, request_arena(r), &m, e))
		return NULL;
	for (size_t i = 0; i < m->endpoints; i++)
		if (m->endpoint[i].row == row)
			return &m->endpoint[i];
	return NULL;
}

int
admin_endpoint_get(struct request *r, void *state, struct err *e)
{
	const struct m_endpoint *p = endpoint_find(r, state, NULL);

	if (!p)
		return admin_refuse(r, 404, "endpoint_not_found", NULL, e);
	return admin_reply(r, 200, admin_endpoint_json(request_arena(r), p), e);
}

int
admin_endpoint_patch(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct m_endpoint *p = endpoint_find(r, s, NULL);
	const char *const meta[] = { request_segment(r, "id"), NULL };
	struct err why = ERR_INIT;
	struct m_endpoint now;
	json_t *j;

	if (!p)
		return admin_refuse(r, 404, "endpoint_not_found", NULL, e);
	now = *p;
	if (admin_body(r, &j, e) || endpoint_read(j, &now.method, &now.path, e))
		return -1;
	if (p->generated)
		return admin_refuse(
			r, 400, "illegal_generated_endpoint_update", meta, e);
	if (admin_run(s, Q_SERVER_ENDPOINT_CHANGE, &why, db_text(now.method),
		    db_text(now.path), db_int(p->row)) < 0) {
		if (why.fault == FAULT_CONFLICT)
			return admin_refuse(
				r, 409, "endpoint_already_exists", NULL, e);
		return fail(e, why.fault, "%s", why.text);
	}
	serverconf_touch(s->sc);
	return admin_reply(
		r, 200, admin_endpoint_json(request_arena(r), &now), e);
}

int
admin_endpoint_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct m_endpoint *p = endpoint_find(r, s, NULL);
	const char *const meta[] = { request_segment(r, "id"), NULL };

	if (!p)
		return admin_refuse(r, 404, "endpoint_not_found", NULL, e);
	if (p->generated)
		return admin_refuse(
			r, 400, "illegal_generated_endpoint_remove", meta, e);
	if (admin_run(s, Q_SERVER_ENDPOINT_DELETE, e, db_int(p->row)) < 0)
		return -1;
	serverconf_touch(s->sc);
	return admin_empty(r, 204, e);
}
