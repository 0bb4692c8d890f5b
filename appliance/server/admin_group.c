/* SPDX-License-Identifier: MIT */
/* Administration: local groups of a client and their members. */
#include <string.h>

#include "admin_int.h"
#include "clock.h"
#include "err.h"
#include "mem.h"
#include "server_sql.h"
#include "text.h"

enum { MEMBERS_MAX = 1000 };

static json_t *
group_json(struct request *r, struct server *s, const struct m_group *x)
{
	struct arena *a = request_arena(r);
	json_t *j = json_object(), *list = json_array();

	for (size_t i = 0; i < x->members; i++) {
		json_t *m = json_object();
		json_put_str(m, "id", admin_client_id(a, &x->member[i]));
		json_put_str(m, "name",
			admin_member_name(
				admin_globalconf(r, s), &x->member[i]));
		json_array_append_new(list, m);
	}
	json_put_str(j, "id", arena_printf(a, "%lld", (long long)x->row));
	json_put_str(j, "code", x->code);
	json_put_str(j, "description", x->description);
	json_put_int(j, "member_count", (int64_t)x->members);
	json_put_time(j, "updated_at", x->updated_at);
	json_put_new(j, "members", list);
	return j;
}

static const struct m_group *
group_find(const struct model *m, int64_t row)
{
	for (size_t i = 0; i < m->groups; i++)
		if (m->group[i].row == row)
			return &m->group[i];
	return NULL;
}

int
admin_groups_get(struct request *r, void *state, struct err *e)
{
	const struct model *m;
	const struct m_client *c;
	json_t *list;

	if (admin_client(r, state, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	list = json_array();
	for (size_t i = 0; i < m->groups; i++)
		if (m->group[i].client == c)
			json_array_append_new(
				list, group_json(r, state, &m->group[i]));
	return admin_reply(r, 200, list, e);
}

struct add {
	int64_t client, row;
	const char *code, *description;
};

static int
add_write(struct db_conn *c, void *arg, struct err *e)
{
	struct add *x = arg;

	if (db_run(c, Q_SERVER_LOCAL_GROUP_ADD, e, db_int(x->client),
		    db_text(x->code), db_text(x->description),
		    db_int(clock_now())) < 0)
		return -1;
	x->row = db_last_id(c);
	return 0;
}

int
admin_groups_post(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct err why = ERR_INIT;
	const struct m_client *c;
	const struct model *m;
	struct add x;
	json_t *j;

	if (admin_client(r, s, "id", &m, &c, NULL))
		return admin_refuse(r, 404, "client_not_found", NULL, e);
	if (admin_body(r, &j, e) ||
		json_need_str(j, "code", IDENT_PART_MAX, &x.code, e) ||
		json_need_str(
			j, "description", ADMIN_TEXT_MAX, &x.description, e) ||
		ident_part_check(x.code, "group code", e))
		return -1;
	x.client = c->row;
	if (db_transact(s->db, add_write, &x, &why)) {
		if (why.fault == FAULT_CONFLICT)
			return admin_refuse(r, 409,
				"local_group_code_already_exists", NULL, e);
		return fail(e, why.fault, "%s", why.text);
	}
	serverconf_touch(s->sc);
	if (serverconf_model(s->sc, request_arena(r), &m, e))
		return -1;
	return admin_reply(r, 201, group_json(r, s, group_find(m, x.row)), e);
}

struct join {
	int64_t group;
	struct arena *a;
	json_t *items;
};

static int
join_write(struct db_conn *c, void *arg, struct err *e)
{
	struct join *x = arg;
	json_t *item;
	size_t i;

	json_each(item, i, x->items) {
		struct client_id id;
		if (admin_client_parse(x->a, json_string_value(item), &id, e))
			return -1;
		if (!id.subsystem)
			return fail(e, FAULT_BAD_REQUEST,
				"only subsystems can be members of a group");
		if (db_run(c, Q_SERVER_LOCAL_GROUP_MEMBER_ADD, e,
			    db_int(x->group),
			    db_text(client_id_path(x->a, &id)),
			    db_int(clock_now())) < 0)
			return -1;
	}
	return 0;
}

/* The group of the path: 0, 1 refused, -1. */
static int
group_of_path(struct request *r, struct server *s, const struct m_group **out,
	struct err *e)
{
	const struct model *m;
	int64_t row;

	*out = NULL;
	if (!admin_row(r, "group_id", &row, NULL)) {
		if (serverconf_model(s->sc, request_arena(r), &m, e))
			return -1;
		*out = group_find(m, row);
	}
	if (*out)
		return 0;
	return admin_refuse(r, 404, "local_group_not_found", NULL, e) ? -1 : 1;
}

int
admin_group_get(struct request *r, void *state, struct err *e)
{
	const struct m_group *x;
	int ret = group_of_path(r, state, &x, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	return admin_reply(r, 200, group_json(r, state, x), e);
}

int
admin_group_patch(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct m_group *x;
	const char *text;
	json_t *j;
	int ret = group_of_path(r, s, &x, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (admin_body(r, &j, e) ||
		json_need_str(j, "description", ADMIN_TEXT_MAX, &text, e) ||
		admin_run(s, Q_SERVER_LOCAL_GROUP_DESCRIBE, e, db_text(text),
			db_int(clock_now()), db_int(x->row)) < 0)
		return -1;
	serverconf_touch(s->sc);
	return admin_group_get(r, s, e);
}

static int
delete_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct join *x = arg;
	const char *id = arena_printf(x->a, "%lld", (long long)x->group);

	if (db_run(c, Q_SERVER_LOCAL_GROUP_DELETE, e, db_int(x->group)) < 0 ||
		db_run(c, Q_SERVER_RIGHT_FORGET, e,
			db_text(subject_word(SUBJECT_LOCAL)), db_text(id)) < 0)
		return -1;
	return 0;
}

/* Rights of the group go with it. */
int
admin_group_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct join x = { .a = request_arena(r) };
	const struct m_group *g;
	int ret = group_of_path(r, s, &g, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	x.group = g->row;
	if (db_transact(s->db, delete_write, &x, e))
		return -1;
	serverconf_touch(s->sc);
	return admin_empty(r, 204, e);
}

/* All of them, or none: FAULT_NOT_FOUND when one is no member. */
static int
leave_write(struct db_conn *c, void *arg, struct err *e)
{
	struct join *x = arg;
	json_t *item;
	size_t i;

	json_each(item, i, x->items) {
		struct client_id id;
		int64_t n;
		if (admin_client_parse(x->a, json_string_value(item), &id, e))
			return -1;
		n = db_run(c, Q_SERVER_LOCAL_GROUP_MEMBER_DELETE, e,
			db_int(x->group), db_text(client_id_path(x->a, &id)));
		if (n < 0)
			return -1;
		if (!n)
			return fail(e, FAULT_NOT_FOUND, "%s is no member",
				json_string_value(item));
	}
	return 0;
}

int
admin_group_members_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct join x = { .a = request_arena(r) };
	struct err why = ERR_INIT;
	const struct m_group *g;
	json_t *body;
	int ret = group_of_path(r, s, &g, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	x.group = g->row;
	if (admin_body(r, &body, e) ||
		json_need_list(body, "items", MEMBERS_MAX, &x.items, e))
		return -1;
	if (!json_array_size(x.items))
		return admin_refuse(
			r, 409, "local_group_member_not_found", NULL, e);
	if (db_transact(s->db, leave_write, &x, &why)) {
		if (why.fault == FAULT_NOT_FOUND)
			return admin_refuse(r, 409,
				"local_group_member_not_found", NULL, e);
		return fail(e, why.fault, "%s", why.text);
	}
	serverconf_touch(s->sc);
	return admin_empty(r, 204, e);
}

int
admin_group_members_post(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct join x = { .a = request_arena(r) };
	struct err why = ERR_INIT;
	const struct model *m;
	json_t *body;

	if (admin_row(r, "group_id", &x.group, NULL) ||
		serverconf_model(s->sc, x.a, &m, NULL) ||
		!group_find(m, x.group))
		return admin_refuse(r, 404, "local_group_not_found", NULL, e);
	if (admin_body(r, &body, e) ||
		json_need_list(body, "items", MEMBERS_MAX, &x.items, e))
		return -1;
	if (!json_array_size(x.items))
		return admin_refuse(r, 400, "missing_member_id", NULL, e);
	if (db_transact(s->db, join_write, &x, &why)) {
		if (why.fault == FAULT_CONFLICT)
			return admin_refuse(r, 409,
				"local_group_member_already_exists", NULL, e);
		return fail(e, why.fault, "%s", why.text);
	}
	serverconf_touch(s->sc);
	return admin_reply(r, 201, json_incref(body), e);
}
