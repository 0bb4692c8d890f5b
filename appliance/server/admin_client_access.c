/* SPDX-License-Identifier: MIT */
/*
 * Administration: the services that somebody may use, seen from the one who
 * uses them. Only rights to whole services are told here; taking one away
 * takes those to its endpoints, too (X-Road's AccessRightService).
 */
#include <string.h>
#include <strings.h>

#include "admin_int.h"
#include "arena_list_int.h"
#include "clock.h"
#include "err.h"
#include "mem.h"
#include "server_sql.h"
#include "text.h"

enum { RIGHTS_MAX = 1000 };

static bool
is_base(const struct m_endpoint *p)
{
	return str_equal(p->method, "*") && str_equal(p->path, "**");
}

static bool
is_subject(const struct m_right *x, const struct admin_subject *who)
{
	return x->kind == who->kind && str_equal(x->subject, who->stored);
}

/* ---- who ---- */

/* The subject's oldest right to a whole service of the client, or NULL. */
static const struct m_right *
first_right(const struct model *m, const struct m_client *c,
	const struct admin_subject *who)
{
	const struct m_right *first = NULL;

	for (size_t i = 0; i < m->rights; i++) {
		const struct m_right *x = &m->right[i];
		if (x->endpoint->client == c && is_base(x->endpoint) &&
			is_subject(x, who) &&
			(!first || x->given_at < first->given_at))
			first = x;
	}
	return first;
}

int
admin_client_subjects(struct request *r, void *state, struct err *e)
{
	const struct model *m;
	const struct m_client *c;
	json_t *list;

	if (admin_client(r, state, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	list = json_array();
	for (size_t i = 0; i < m->rights; i++) {
		const struct m_right *x = &m->right[i];
		const struct admin_subject who = { x->kind, x->subject };
		if (x == first_right(m, c, &who))
			json_array_append_new(
				list, admin_right_json(r, state, x));
	}
	return admin_reply(r, 200, list, e);
}

struct path {
	const struct model *m;
	const struct m_client *c;
	struct admin_subject who;
};

/* Client and subject of the path; 1 when a refusal has been answered. */
static int
path_read(struct request *r, struct server *s, struct path *p, struct err *e)
{
	const char *id = request_segment(r, "sc_id");
	const char *const meta[] = { id, NULL };
	int ret;

	if (admin_client(r, s, "id", &p->m, &p->c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e) ? -1
									 : 1;
	ret = admin_subject(r, s, p->m, p->c, id, NULL, &p->who);
	if (!ret)
		return 0;
	return admin_refuse(r, ret < 0 ? 400 : 404,
		       ret < 0 ? "invalid_service_client_id"
			       : "service_client_not_found",
		       meta, e)
		       ? -1
		       : 1;
}

int
admin_client_subject(struct request *r, void *state, struct err *e)
{
	const struct m_right *x;
	struct path p;
	int ret = path_read(r, state, &p, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	x = first_right(p.m, p.c, &p.who);
	if (!x)
		return admin_refuse(
			r, 404, "service_client_not_found", NULL, e);
	return admin_reply(r, 200, admin_right_json(r, state, x), e);
}

/* ---- to what ---- */

/* The title of the newest version. */
static const char *
title_of(const struct model *m, const struct m_client *c, const char *code)
{
	const struct m_service *newest = NULL;

	for (size_t i = 0; i < m->services; i++) {
		const struct m_service *v = &m->service[i];
		if (v->description->client != c || !str_equal(v->code, code))
			continue;
		if (!newest || !newest->version ||
			(v->version &&
				strcasecmp(v->version, newest->version) > 0))
			newest = v;
	}
	return newest ? newest->title : NULL;
}

static json_t *
right_json(const struct path *p, const char *code, int64_t given_at)
{
	const char *title = title_of(p->m, p->c, code);
	json_t *j = json_object();

	json_put_str(j, "service_code", code);
	if (title)
		json_put_str(j, "service_title", title);
	json_put_time(j, "rights_given_at", given_at);
	return j;
}

int
admin_client_rights_get(struct request *r, void *state, struct err *e)
{
	struct path p;
	int ret = path_read(r, state, &p, e);
	json_t *list;

	if (ret)
		return ret < 0 ? -1 : 0;
	if (!first_right(p.m, p.c, &p.who))
		return admin_refuse(
			r, 404, "service_client_not_found", NULL, e);
	list = json_array();
	for (size_t i = 0; i < p.m->rights; i++) {
		const struct m_right *x = &p.m->right[i];
		if (x->endpoint->client == p.c && is_base(x->endpoint) &&
			is_subject(x, &p.who))
			json_array_append_new(list,
				right_json(&p, x->endpoint->code, x->given_at));
	}
	return admin_reply(r, 200, list, e);
}

struct change {
	struct path p;
	const struct m_endpoint **base;
	size_t n;
	int64_t now;
};

/* The services named in the body; 1 when a refusal has been answered. */
static int
change_read(struct request *r, struct change *x, struct err *e)
{
	json_t *body, *items, *item;
	size_t i;

	if (admin_body(r, &body, e) ||
		json_need_list(body, "items", RIGHTS_MAX, &items, e))
		return -1;
	x->base = arena_array(request_arena(r), RIGHTS_MAX + 1, sizeof(void *));
	json_each(item, i, items) {
		const char *code = json_str(item, "service_code");
		const char *const meta[] = { code, NULL };
		const struct m_endpoint *p =
			code ? model_base(x->p.m, x->p.c, code) : NULL;
		if (!p)
			return admin_refuse(r, 400, "service_not_found",
				       code ? meta : NULL, e)
				       ? -1
				       : 1;
		x->base[x->n++] = p;
	}
	if (!x->n)
		return fail(e, FAULT_BAD_REQUEST, "'items' is empty");
	return 0;
}

static int
give(struct db_conn *c, void *arg, struct err *e)
{
	const struct change *x = arg;

	for (size_t i = 0; i < x->n; i++)
		if (db_run(c, Q_SERVER_RIGHT_ADD, e, db_int(x->base[i]->row),
			    db_text(subject_word(x->p.who.kind)),
			    db_text(x->p.who.stored), db_int(x->now)) < 0)
			return -1;
	return 0;
}

int
admin_client_rights_post(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct change x = { .now = clock_now() };
	struct err why = ERR_INIT;
	int ret = path_read(r, s, &x.p, e);
	json_t *list;

	if (!ret)
		ret = change_read(r, &x, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (db_transact(s->db, give, &x, &why)) {
		if (why.fault == FAULT_CONFLICT)
			return admin_refuse(
				r, 409, "duplicate_accessright", NULL, e);
		return fail(e, why.fault, "%s", why.text);
	}
	serverconf_touch(s->sc);
	list = json_array();
	for (size_t i = 0; i < x.n; i++)
		json_array_append_new(
			list, right_json(&x.p, x.base[i]->code, x.now));
	return admin_reply(r, 201, list, e);
}

/* The right to the whole service must be there; those to its endpoints may. */
static int
take(struct db_conn *c, void *arg, struct err *e)
{
	const struct change *x = arg;
	const struct model *m = x->p.m;

	for (size_t i = 0; i < x->n; i++)
		for (size_t k = 0; k < m->endpoints; k++) {
			const struct m_endpoint *p = &m->endpoint[k];
			int64_t n;
			if (p->client != x->p.c ||
				!str_equal(p->code, x->base[i]->code))
				continue;
			n = db_run(c, Q_SERVER_RIGHT_DELETE, e, db_int(p->row),
				db_text(subject_word(x->p.who.kind)),
				db_text(x->p.who.stored));
			if (n < 0)
				return -1;
			if (!n && p == x->base[i])
				return fail(e, FAULT_NOT_FOUND,
					"the right is not there");
		}
	return 0;
}

int
admin_client_rights_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct change x = { 0 };
	struct err why = ERR_INIT;
	int ret = path_read(r, s, &x.p, e);

	if (!ret)
		ret = change_read(r, &x, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (db_transact(s->db, take, &x, &why)) {
		if (why.fault == FAULT_NOT_FOUND)
			return admin_refuse(
				r, 409, "accessright_not_found", NULL, e);
		return fail(e, why.fault, "%s", why.text);
	}
	serverconf_touch(s->sc);
	return admin_empty(r, 204, e);
}

/* ---- who might ---- */

struct search {
	struct request *r;
	struct server *s;
	const char *name, *type, *instance, *cls, *code, *subsystem;
	json_t *list;
};

static bool
has(const char *text, const char *part)
{
	return !part || !*part || (text && strcasestr(text, part));
}

static bool
equals(const char *text, const char *wanted)
{
	return !wanted || !*wanted || (text && str_iequal(text, wanted));
}

static bool
of_type(const struct search *q, enum subject_kind kind)
{
	return equals(subject_word(kind), q->type);
}

static void
found(struct search *q, const struct m_right *x)
{
	json_array_append_new(q->list, admin_right_json(q->r, q->s, x));
}

static void
search_member(struct search *q, const char *instance, const struct gc_member *m)
{
	for (size_t i = 0; i < m->subsystems; i++) {
		const struct gc_subsystem *b = &m->subsystem[i];
		const struct m_right x = { .kind = SUBJECT_CLIENT,
			.client = { instance, m->cls, m->code, b->code } };
		if ((has(m->name, q->name) || has(b->name, q->name)) &&
			equals(m->cls, q->cls) && has(m->code, q->code) &&
			has(b->code, q->subsystem))
			found(q, &x);
	}
}

static void
search_instance(
	struct search *q, const struct globalconf *g, const char *instance)
{
	const struct shared_params *p = globalconf_shared(g, instance);
	bool any = (!q->cls || !*q->cls) && (!q->subsystem || !*q->subsystem);

	if (!p || !equals(instance, q->instance))
		return;
	for (size_t i = 0; of_type(q, SUBJECT_CLIENT) && i < p->members; i++)
		search_member(q, instance, &p->member[i]);
	for (size_t i = 0; any && of_type(q, SUBJECT_GLOBAL) && i < p->groups;
		i++) {
		const struct m_right x = { .kind = SUBJECT_GLOBAL,
			.instance = instance,
			.group = p->group[i].code };
		if (has(p->group[i].description, q->name) &&
			has(x.group, q->code))
			found(q, &x);
	}
}

static void
search_groups(struct search *q, const struct model *m, const struct m_client *c)
{
	bool any = (!q->cls || !*q->cls) && (!q->subsystem || !*q->subsystem);

	for (size_t i = 0; any && of_type(q, SUBJECT_LOCAL) && i < m->groups;
		i++) {
		const struct m_group *l = &m->group[i];
		const struct m_right x = { .kind = SUBJECT_LOCAL,
			.subject = arena_printf(
				request_arena(q->r), "%lld", (long long)l->row),
			.local = l };
		if (l->client == c && has(l->description, q->name) &&
			has(l->code, q->code))
			found(q, &x);
	}
}

static const char *
wanted(struct request *r, const char *key)
{
	const char *query = request_query(r);

	return query ? query_get(request_arena(r), query, key) : NULL;
}

/* Everybody whom the search terms do not exclude: subsystems and groups of our
   instance and of the one asked for, local groups of the client. */
int
admin_client_candidates(struct request *r, void *state, struct err *e)
{
	struct search q = { .r = r,
		.s = state,
		.name = wanted(r, "member_name_group_description"),
		.type = wanted(r, "service_client_type"),
		.instance = wanted(r, "instance"),
		.cls = wanted(r, "member_class"),
		.code = wanted(r, "member_group_code"),
		.subsystem = wanted(r, "subsystem_code") };
	const struct globalconf *g = admin_globalconf(r, state);
	const struct model *m;
	const struct m_client *c;

	if (admin_client(r, state, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	q.list = json_array();
	if (g)
		search_instance(&q, g, globalconf_instance(g));
	if (g && q.instance && *q.instance &&
		!str_equal(q.instance, globalconf_instance(g)))
		search_instance(&q, g, q.instance);
	search_groups(&q, m, c);
	return admin_reply(r, 200, q.list, e);
}
