/* SPDX-License-Identifier: MIT */
/*
 * Administration: member classes, members, subsystems.
 */
#include "desk_int.h"

#include "center_sql.h"
#include "clock.h"
#include "http_server.h"
#include "mem.h"
#include "publicid.h"

static json_t *
class_json(const char *code, const char *description)
{
	json_t *j = json_object();

	json_put_str(j, "code", code);
	json_put_str(j, "description", description);
	return j;
}

DESK_HANDLER(desk_classes)
{
	struct center *ct = state;
	struct db_conn *c = db_take(ct->db);
	struct query *q = db_query(c, Q_CENTER_CLASSES);
	json_t *list = json_keep(request_arena(r), json_array());
	int ret;

	while (query_next(q))
		json_array_append_new(
			list, class_json(query_text(q, 0), query_text(q, 1)));
	ret = query_end(q, e);
	db_give(c);
	return ret ? -1 : desk_reply(r, 200, json_incref(list), e);
}

DESK_HANDLER(desk_class_post)
{
	struct center *ct = state;
	const char *code, *description;
	struct db_conn *c;
	json_t *body;

	if (desk_body(r, &body, e) ||
		json_need_str(body, "code", ADMIN_TEXT_MAX, &code, e) ||
		json_need_str(
			body, "description", ADMIN_TEXT_MAX, &description, e))
		return -1;
	c = work_begin(ct, e);
	if (!c || work_done(ct, c, class_add(c, code, description, e), e))
		return -1;
	return desk_reply(r, 201, class_json(code, description), e);
}

/* One statement about the class of the path. */
static int
class_change(struct request *r, struct center *ct, int query, const char *text,
	struct err *e)
{
	const char *code = request_segment(r, "code");
	struct db_conn *c = work_begin(ct, e);
	struct query *q;
	int64_t used = 0;
	int ret = -1;

	if (!c)
		return -1;
	if (class_need(c, code, e))
		return work_done(ct, c, -1, e);
	q = db_query(c, Q_CENTER_CLASS_MEMBERS, db_text(code));
	if (query_next(q))
		used = query_int(q, 0);
	ret = query_end(q, e);
	if (!ret && !text && used)
		ret = refuse(e, FAULT_CONFLICT, "member_class_is_in_use",
			"%lld members have this class", (long long)used);
	if (!ret && db_run(c, query, e, db_text(code),
			    text ? db_text(text) : (struct db_arg){ 0 }) < 0)
		ret = -1;
	return work_done(ct, c, ret, e);
}

DESK_HANDLER(desk_class_patch)
{
	const char *description;
	json_t *body;

	if (desk_body(r, &body, e) ||
		json_need_str(
			body, "description", ADMIN_TEXT_MAX, &description, e) ||
		class_change(r, state, Q_CENTER_CLASS_DESCRIBE, description, e))
		return -1;
	return desk_reply(
		r, 200, class_json(request_segment(r, "code"), description), e);
}

DESK_HANDLER(desk_class_delete)
{
	if (class_change(r, state, Q_CENTER_CLASS_DELETE, NULL, e))
		return -1;
	return desk_no_content(r, e);
}

static json_t *
member_json(struct arena *a, const struct client_id *id, const char *name)
{
	json_t *j = json_object();

	json_put_new(j, "client_id", client_json(a, id));
	json_put_str(j, "member_name", name);
	return j;
}

json_t *
desk_code_warnings(const char *member_code)
{
	json_t *list, *w, *meta;
	char say[PUBLICID_TEXT_MAX];

	if (!publicid_doubtful(member_code))
		return NULL;
	list = json_array();
	w = json_object();
	meta = json_array();
	json_array_append_new(meta, json_text_new(member_code));
	json_array_append_new(
		meta, json_text_new(publicid_say(member_code, false, say)));
	json_array_append_new(
		meta, json_text_new(publicid_say(member_code, true, say)));
	json_put_str(w, "code", "member_code_check_digit");
	json_put_new(w, "metadata", meta);
	json_array_append_new(list, w);
	return list;
}

/* X-Road's members come without ignore_warnings: its scripts go on and find
   the warning in the answer. Who says false is asked first. */
int
desk_warn(struct request *r, json_t *warnings, struct err *e)
{
	json_t *j = json_object(), *error = json_object();

	json_put_int(j, "status", 400);
	json_put_str(error, "code", "warnings_detected");
	json_put_new(j, "error", error);
	json_put_new(j, "warnings", warnings);
	return desk_reply(r, 400, j, e);
}

DESK_HANDLER(desk_member_post)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct client_id id = { 0 };
	struct instance in;
	struct db_conn *c;
	const char *name;
	json_t *body, *mid, *warnings, *j;
	int ret = -1;

	if (desk_body(r, &body, e) ||
		json_need_sub(body, "member_id", &mid, e) ||
		json_need_str(
			mid, "member_class", ADMIN_TEXT_MAX, &id.cls, e) ||
		json_need_str(
			mid, "member_code", ADMIN_TEXT_MAX, &id.code, e) ||
		json_need_str(body, "member_name", ADMIN_TEXT_MAX, &name, e))
		return -1;
	if (!json_bool(body, "ignore_warnings", true) &&
		publicid_doubtful(id.code))
		return desk_warn(r, desk_code_warnings(id.code), e);
	c = work_begin(ct, e);
	if (!c)
		return -1;
	if (!instance_need(c, a, &in, e)) {
		id.instance = in.instance;
		ret = member_add(c, &id, name, e);
	}
	if (work_done(ct, c, ret, e))
		return -1;
	j = member_json(a, &id, name);
	warnings = desk_code_warnings(id.code);
	if (warnings)
		json_put_new(j, "warnings", warnings);
	return desk_reply(r, 201, j, e);
}

int
desk_member_of_path(struct request *r, struct db_conn *c, struct client_id *id,
	int64_t *row, char **name, struct err *e)
{
	struct arena *a = request_arena(r);
	struct instance in;

	if (client_decode(a, request_segment(r, "member_id"), id, e) ||
		instance_need(c, a, &in, e))
		return -1;
	if (id->subsystem ||
		!client_id_same_member(id, &(struct client_id){ in.instance,
						   id->cls, id->code, NULL }))
		return refuse(e, FAULT_BAD_REQUEST, "invalid_member_id",
			"this is not a member of instance %s", in.instance);
	return member_need(c, id, row, a, name, e);
}

DESK_HANDLER(desk_member_get)
{
	struct center *ct = state;
	struct db_conn *c = db_take(ct->db);
	struct client_id id;
	int64_t row;
	char *name;
	int ret = desk_member_of_path(r, c, &id, &row, &name, e);

	db_give(c);
	if (ret)
		return -1;
	return desk_reply(r, 200, member_json(request_arena(r), &id, name), e);
}

DESK_HANDLER(desk_member_patch)
{
	struct center *ct = state;
	struct client_id id;
	const char *name;
	struct db_conn *c;
	json_t *body;
	int64_t row;
	int ret = -1;

	if (desk_body(r, &body, e) ||
		json_need_str(body, "member_name", ADMIN_TEXT_MAX, &name, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	if (!desk_member_of_path(r, c, &id, &row, NULL, e) &&
		db_run(c, Q_CENTER_MEMBER_RENAME, e, db_int(row), db_text(name),
			db_int(clock_now())) >= 0)
		ret = 0;
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_reply(r, 200, member_json(request_arena(r), &id, name), e);
}

/* Without its management service provider an instance publishes nothing. */
static int
member_spare(struct request *r, struct db_conn *c, const struct client_id *id,
	struct err *e)
{
	struct instance in;

	if (instance_need(c, request_arena(r), &in, e))
		return -1;
	if (in.management.cls && client_id_same_member(&in.management, id))
		return refuse(e, FAULT_CONFLICT,
			"member_is_management_service_provider",
			"the member provides the management services");
	return 0;
}

DESK_HANDLER(desk_member_delete)
{
	struct center *ct = state;
	struct client_id id;
	struct db_conn *c = work_begin(ct, e);
	int64_t row;
	int ret = -1;

	if (!c)
		return -1;
	if (!desk_member_of_path(r, c, &id, &row, NULL, e) &&
		!member_spare(r, c, &id, e) &&
		db_run(c, Q_CENTER_MEMBER_DELETE, e, db_int(row)) >= 0)
		ret = 0;
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_no_content(r, e);
}
