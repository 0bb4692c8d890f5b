/* SPDX-License-Identifier: MIT */
/*
 * Administration: the search over members and subsystems.
 */
#include "desk_int.h"

#include "center_sql.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

struct wish {
	const char *q, *name, *instance, *cls, *code, *subsystem, *type;
	const struct gc_server *server; /* registered there */
	const struct gc_group *not_in;  /* not in this group */
	bool has_server, nobody;        /* nobody: an unknown server */
};

static const struct gc_server *
server_find(const struct shared_params *p, const struct server_id *id)
{
	for (size_t i = 0; i < p->servers; i++)
		if (server_id_equal(&p->server[i].id, id))
			return &p->server[i];
	return NULL;
}

static int
wish_read(struct request *r, const struct shared_params *p, struct wish *w,
	struct err *e)
{
	const char *server = desk_query(r, "security_server");
	const char *group = desk_query(r, "excluding_group");
	struct server_id id;

	*w = (struct wish){
		.q = desk_query(r, "q"),
		.name = desk_query(r, "name"),
		.instance = desk_query(r, "instance"),
		.cls = desk_query(r, "member_class"),
		.code = desk_query(r, "member_code"),
		.subsystem = desk_query(r, "subsystem_code"),
		.type = desk_query(r, "client_type"),
	};
	if (server && server_decode(request_arena(r), server, &id, e))
		return -1;
	if (server) {
		w->has_server = true;
		w->server = server_find(p, &id);
		w->nobody = !w->server;
	}
	for (size_t i = 0; group && i < p->groups; i++)
		if (str_equal(p->group[i].code, group))
			w->not_in = &p->group[i];
	return 0;
}

static bool
in_group(const struct gc_group *g, const struct client_id *id)
{
	for (size_t i = 0; g && i < g->members; i++)
		if (client_id_equal(&g->member[i], id))
			return true;
	return false;
}

static bool
fits(const struct wish *w, const struct client_id *id, const char *name,
	const char *subsystem_name)
{
	if (w->nobody || in_group(w->not_in, id) ||
		(w->server && !gc_server_hosts(w->server, id)) ||
		(w->type && !str_equal(w->type, client_id_type(id))))
		return false;
	if (!desk_contains(name, w->name) ||
		!desk_contains(id->instance, w->instance) ||
		!desk_contains(id->cls, w->cls) ||
		!desk_contains(id->code, w->code) ||
		!desk_contains(id->subsystem, w->subsystem))
		return false;
	return desk_contains(name, w->q) || desk_contains(id->cls, w->q) ||
	       desk_contains(id->code, w->q) ||
	       desk_contains(id->subsystem, w->q) ||
	       desk_contains(subsystem_name, w->q);
}

static void
add(struct arena *a, json_t *list, const struct wish *w,
	const struct client_id *id, const char *name, const char *subsystem)
{
	json_t *j;

	if (!fits(w, id, name, subsystem))
		return;
	j = json_object();
	json_put_new(j, "client_id", client_json(a, id));
	json_put_str(j, "member_name", name);
	if (id->subsystem)
		json_put_str(j, "subsystem_name", subsystem);
	json_array_append_new(list, j);
}

static int
clients_read(struct request *r, struct center *ct, json_t *list, struct err *e)
{
	struct arena *a = request_arena(r);
	struct db_conn *c = work_begin(ct, e);
	struct shared_params p;
	struct wish w;
	int ret;

	if (!c)
		return -1;
	ret = model_shared(ct, c, a, GC_VERSION_MAX, &p, e);
	work_drop(c);
	if (ret || wish_read(r, &p, &w, e))
		return -1;
	for (size_t i = 0; i < p.members; i++) {
		const struct gc_member *m = &p.member[i];
		struct client_id id = { p.instance, m->cls, m->code, NULL };

		add(a, list, &w, &id, m->name, NULL);
		for (size_t s = 0; s < m->subsystems; s++) {
			id.subsystem = m->subsystem[s].code;
			add(a, list, &w, &id, m->name, m->subsystem[s].name);
		}
	}
	return 0;
}

static const struct sort_row sorts[] = {
	{ "id", "client_id.encoded_id" },
	{ "member_name", "member_name" },
	{ "subsystem_name", "subsystem_name" },
	{ "client_id.instance_id", "client_id.instance_id" },
	{ "client_id.member_class", "client_id.member_class" },
	{ "client_id.member_code", "client_id.member_code" },
	{ "client_id.subsystem_code", "client_id.subsystem_code" },
	{ "client_type", "client_id.type" },
	{ 0 },
};

DESK_HANDLER(desk_clients)
{
	json_t *list = json_keep(request_arena(r), json_array());
	struct page p;

	if (desk_page_query(r, &p, e) || clients_read(r, state, list, e))
		return -1;
	return desk_page_reply(r, list, "clients", &p, sorts, e);
}
