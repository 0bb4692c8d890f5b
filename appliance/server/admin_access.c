/* SPDX-License-Identifier: MIT */
/*
 * Administration: who may use a service or one of its endpoints, and local
 * groups. Subjects are subsystems, global groups and local groups of the
 * provider; members as such cannot be given rights (X-Road's rule).
 */
#include <string.h>

#include "admin_int.h"
#include "arena_list_int.h"
#include "clock.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "server_sql.h"
#include "text.h"

enum { SUBJECTS_MAX = 1000 };

/* ---- shapes ---- */

static const char *
group_description(const struct globalconf *g, const struct m_right *x)
{
	const struct shared_params *p =
		g ? globalconf_shared(g, x->instance) : NULL;

	for (size_t i = 0; p && i < p->groups; i++)
		if (str_equal(p->group[i].code, x->group))
			return p->group[i].description;
	return NULL;
}

/* Never empty: the interface's schema wants a character. */
static void
put_name(json_t *j, const char *name)
{
	if (name && *name)
		json_put_str(j, "name", name);
}

json_t *
admin_right_json(struct request *r, struct server *s, const struct m_right *x)
{
	struct arena *a = request_arena(r);
	const struct globalconf *g = admin_globalconf(r, s);
	json_t *j = json_object();

	if (x->kind == SUBJECT_CLIENT) {
		const char *name = admin_subsystem_name(g, &x->client);
		json_put_str(j, "id", admin_client_id(a, &x->client));
		put_name(j, name ? name : x->client.subsystem);
	} else if (x->kind == SUBJECT_GLOBAL) {
		json_put_str(j, "id",
			arena_printf(a, "%s:%s", x->instance, x->group));
		put_name(j, group_description(g, x));
	} else {
		json_put_str(j, "id", x->subject);
		json_put_str(
			j, "local_group_code", x->local ? x->local->code : "");
		put_name(j, x->local ? x->local->description : NULL);
	}
	json_put_str(j, "service_client_type", subject_word(x->kind));
	if (x->given_at)
		json_put_time(j, "rights_given_at", x->given_at);
	return j;
}

/* Rights on this endpoint; only those of `list` when given. */
static json_t *
rights_json(struct request *r, struct server *s, const struct model *m,
	int64_t endpoint, const struct admin_subject *list, size_t n)
{
	json_t *out = json_array();

	for (size_t i = 0; i < m->rights; i++) {
		const struct m_right *x = &m->right[i];
		bool wanted = !list;
		if (x->endpoint->row != endpoint)
			continue;
		for (size_t k = 0; k < n && !wanted; k++)
			wanted = list[k].kind == x->kind &&
				 str_equal(list[k].stored, x->subject);
		if (wanted)
			json_array_append_new(out, admin_right_json(r, s, x));
	}
	return out;
}

/* ---- subjects out of a request ---- */

static bool
client_known(const struct globalconf *g, const struct model *m,
	const struct client_id *id)
{
	const struct shared_params *p =
		g ? globalconf_shared(g, id->instance) : NULL;

	if (model_client(m, id))
		return true;
	for (size_t i = 0; p && i < p->members; i++) {
		const struct gc_member *x = &p->member[i];
		if (!str_equal(x->cls, id->cls) ||
			!str_equal(x->code, id->code))
			continue;
		for (size_t k = 0; k < x->subsystems; k++)
			if (str_equal(x->subsystem[k].code, id->subsystem))
				return true;
	}
	return false;
}

/* The stored form, or NULL if there is no such subsystem. */
static const char *
subject_client(struct request *r, struct server *s, const struct model *m,
	const char *id)
{
	struct arena *a = request_arena(r);
	struct client_id c;

	if (admin_client_parse(a, id, &c, NULL) || !c.subsystem ||
		!client_known(admin_globalconf(r, s), m, &c))
		return NULL;
	return client_id_path(a, &c);
}

static const char *
subject_global(struct request *r, struct server *s, const char *id)
{
	struct arena *a = request_arena(r);
	const struct globalconf *g = admin_globalconf(r, s);
	size_t n = strcspn(id, ":");
	char *instance = arena_strndup(a, id, n);
	const struct shared_params *p =
		g ? globalconf_shared(g, instance) : NULL;

	for (size_t i = 0; id[n] && p && i < p->groups; i++)
		if (str_equal(p->group[i].code, id + n + 1))
			return arena_printf(a, "%s/%s",
				segment_encode(a, instance),
				segment_encode(a, id + n + 1));
	return NULL;
}

static const char *
subject_local(struct request *r, const struct model *m,
	const struct m_client *provider, const char *id)
{
	int64_t row;

	if (int_parse(id, 1, INT64_MAX, &row, NULL))
		return NULL;
	for (size_t i = 0; i < m->groups; i++)
		if (m->group[i].row == row && m->group[i].client == provider)
			return arena_printf(
				request_arena(r), "%lld", (long long)row);
	return NULL;
}

static int
subject_kind_of(const char *type, const char *id, enum subject_kind *out)
{
	static const enum subject_kind ALL[] = { SUBJECT_CLIENT, SUBJECT_GLOBAL,
		SUBJECT_LOCAL };

	for (size_t i = 0; type && i < 3; i++)
		if (str_equal(subject_word(ALL[i]), type)) {
			*out = ALL[i];
			return 0;
		}
	if (type)
		return -1;
	*out = !strchr(id, ':')                      ? SUBJECT_LOCAL
	       : strchr(id, ':') == strrchr(id, ':') ? SUBJECT_GLOBAL
						     : SUBJECT_CLIENT;
	return 0;
}

int
admin_subject(struct request *r, struct server *s, const struct model *m,
	const struct m_client *provider, const char *id, const char *type,
	struct admin_subject *out)
{
	if (!id || subject_kind_of(type, id, &out->kind))
		return -1;
	if (out->kind == SUBJECT_CLIENT)
		out->stored = subject_client(r, s, m, id);
	else if (out->kind == SUBJECT_GLOBAL)
		out->stored = subject_global(r, s, id);
	else
		out->stored = subject_local(r, m, provider, id);
	return out->stored ? 0 : 1;
}

/* 1 when a refusal has been answered. */
static int
subjects_read(struct request *r, struct server *s, const struct model *m,
	const struct m_client *provider, struct list *out, struct err *e)
{
	json_t *body, *items, *item;
	size_t i;

	if (admin_body(r, &body, e) ||
		json_need_list(body, "items", SUBJECTS_MAX, &items, e))
		return -1;
	json_each(item, i, items) {
		const char *id = json_str(item, "id");
		const char *const meta[] = { id, NULL };
		struct admin_subject x;
		int ret = admin_subject(r, s, m, provider, id,
			json_str(item, "service_client_type"), &x);
		if (ret)
			return admin_refuse(r, 400,
				       ret < 0 ? "invalid_service_client_id"
					       : "service_client_not_found",
				       meta, e)
				       ? -1
				       : 1;
		*(struct admin_subject *)list_add(out) = x;
	}
	return 0;
}

/* ---- changing ---- */

struct change {
	int64_t endpoint;
	const struct admin_subject *subject;
	size_t n;
	int64_t removed;
};

static int
give(struct db_conn *c, void *arg, struct err *e)
{
	const struct change *x = arg;

	for (size_t i = 0; i < x->n; i++)
		if (db_run(c, Q_SERVER_RIGHT_ADD, e, db_int(x->endpoint),
			    db_text(subject_word(x->subject[i].kind)),
			    db_text(x->subject[i].stored),
			    db_int(clock_now())) < 0)
			return -1;
	return 0;
}

static int
take(struct db_conn *c, void *arg, struct err *e)
{
	struct change *x = arg;

	for (size_t i = 0; i < x->n; i++) {
		int64_t n =
			db_run(c, Q_SERVER_RIGHT_DELETE, e, db_int(x->endpoint),
				db_text(subject_word(x->subject[i].kind)),
				db_text(x->subject[i].stored));
		if (n < 0)
			return -1;
		if (!n)
			return fail(
				e, FAULT_NOT_FOUND, "the right is not there");
	}
	return 0;
}

struct target {
	const struct model *m;
	const struct m_client *provider;
	int64_t endpoint;
	int absent; /* HTTP status of a right that is not there */
};

static int
rights_post(struct request *r, struct server *s, const struct target *t,
	struct err *e)
{
	struct list l = list_of(request_arena(r), sizeof(struct admin_subject));
	struct err why = ERR_INIT;
	struct change x = { .endpoint = t->endpoint };
	const struct model *m;
	int ret = subjects_read(r, s, t->m, t->provider, &l, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	x.subject = l.item;
	x.n = l.n;
	if (db_transact(s->db, give, &x, &why)) {
		if (why.fault == FAULT_CONFLICT)
			return admin_refuse(
				r, 409, "duplicate_accessright", NULL, e);
		return fail(e, why.fault, "%s", why.text);
	}
	serverconf_touch(s->sc);
	if (serverconf_model(s->sc, request_arena(r), &m, e))
		return -1;
	return admin_reply(
		r, 201, rights_json(r, s, m, t->endpoint, l.item, l.n), e);
}

static int
rights_delete(struct request *r, struct server *s, const struct target *t,
	struct err *e)
{
	struct list l = list_of(request_arena(r), sizeof(struct admin_subject));
	struct err why = ERR_INIT;
	struct change x = { .endpoint = t->endpoint };
	int ret = subjects_read(r, s, t->m, t->provider, &l, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	x.subject = l.item;
	x.n = l.n;
	if (db_transact(s->db, take, &x, &why)) {
		if (why.fault == FAULT_NOT_FOUND)
			return admin_refuse(
				r, t->absent, "accessright_not_found", NULL, e);
		return fail(e, why.fault, "%s", why.text);
	}
	serverconf_touch(s->sc);
	return admin_empty(r, 204, e);
}

/* ---- of a service ---- */

static int
service_target(struct request *r, struct server *s, struct target *t)
{
	const struct m_service *v;
	const struct m_endpoint *p;

	if (admin_service(r, s, &t->m, &v, NULL))
		return -1;
	t->provider = v->description->client;
	p = model_base(t->m, t->provider, v->code);
	if (!p)
		return -1;
	t->endpoint = p->row;
	t->absent = 400;
	return 0;
}

int
admin_service_clients_get(struct request *r, void *state, struct err *e)
{
	struct target t;

	if (service_target(r, state, &t))
		return admin_refuse(r, 404, "service_not_found", NULL, e);
	return admin_reply(
		r, 200, rights_json(r, state, t.m, t.endpoint, NULL, 0), e);
}

int
admin_service_clients_post(struct request *r, void *state, struct err *e)
{
	struct target t;

	if (service_target(r, state, &t))
		return admin_refuse(r, 404, "service_not_found", NULL, e);
	return rights_post(r, state, &t, e);
}

int
admin_service_clients_delete(struct request *r, void *state, struct err *e)
{
	struct target t;

	if (service_target(r, state, &t))
		return admin_refuse(r, 404, "service_not_found", NULL, e);
	return rights_delete(r, state, &t, e);
}

/* ---- of an endpoint ---- */

static int
endpoint_target(struct request *r, struct server *s, struct target *t)
{
	t->absent = 404;
	if (admin_row(r, "id", &t->endpoint, NULL) ||
		serverconf_model(s->sc, request_arena(r), &t->m, NULL))
		return -1;
	for (size_t i = 0; i < t->m->endpoints; i++)
		if (t->m->endpoint[i].row == t->endpoint) {
			t->provider = t->m->endpoint[i].client;
			return 0;
		}
	return -1;
}

int
admin_endpoint_clients_get(struct request *r, void *state, struct err *e)
{
	struct target t;

	if (endpoint_target(r, state, &t))
		return admin_refuse(r, 404, "endpoint_not_found", NULL, e);
	return admin_reply(
		r, 200, rights_json(r, state, t.m, t.endpoint, NULL, 0), e);
}

int
admin_endpoint_clients_post(struct request *r, void *state, struct err *e)
{
	struct target t;

	if (endpoint_target(r, state, &t))
		return admin_refuse(r, 404, "endpoint_not_found", NULL, e);
	return rights_post(r, state, &t, e);
}

int
admin_endpoint_clients_delete(struct request *r, void *state, struct err *e)
{
	struct target t;

	if (endpoint_target(r, state, &t))
		return admin_refuse(r, 404, "endpoint_not_found", NULL, e);
	return rights_delete(r, state, &t, e);
}
