/* SPDX-License-Identifier: MIT */
/*
 * Administration: configuration sources with their anchors and signing keys.
 */
#include "desk_int.h"

#include "clock.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

static json_t *
anchor_json(struct arena *a, struct bytes xml, int64_t created_at)
{
	json_t *j = json_object();

	json_put_str(j, "hash", anchor_hash(a, xml));
	desk_put_time(j, "created_at", created_at);
	return j;
}

static int
anchor_read(struct request *r, struct center *ct, struct bytes *xml,
	int64_t *at, struct err *e)
{
	struct db_conn *c = db_take(ct->db);
	int ret = anchor_get(
		c, request_arena(r), request_segment(r, "type"), xml, at, e);

	db_give(c);
	return ret;
}

DESK_HANDLER(desk_anchor_get)
{
	struct bytes xml;
	int64_t at;
	json_t *j;

	if (anchor_read(r, state, &xml, &at, e))
		return -1;
	j = json_object();
	json_put_new(j, "anchor", anchor_json(request_arena(r), xml, at));
	return desk_reply(r, 200, j, e);
}

static char *
anchor_name(struct center *ct, struct arena *a, const char *type, int64_t at)
{
	struct db_conn *c = db_take(ct->db);
	struct instance in = { 0 };
	char *kind = arena_strdup(a, type);
	struct civil t;

	(void)instance_load(c, a, &in, NULL);
	db_give(c);
	str_lower(kind);
	civil_from_seconds(at / 1000, &t);
	return arena_printf(a,
		"attachment; filename=\"configuration_anchor_%s_%s_UTC_"
		"%04d-%02d-%02d_%02d_%02d_%02d.xml\"",
		segment_encode(a, in.instance ? in.instance : ""), kind, t.year,
		t.month, t.day, t.hour, t.minute, t.second);
}

DESK_HANDLER(desk_anchor_download)
{
	struct http_header head[] = {
		{ "Content-Type", "application/xml" },
		{ "Content-Disposition", NULL },
	};
	struct bytes xml;
	int64_t at;

	if (anchor_read(r, state, &xml, &at, e))
		return -1;
	head[1].value = anchor_name(
		state, request_arena(r), request_segment(r, "type"), at);
	return reply_send_headers(
		r, 200, head, sizeof(head) / sizeof(head[0]), xml, e);
}

DESK_HANDLER(desk_anchor_create)
{
	struct center *ct = state;
	struct db_conn *c = work_begin(ct, e);
	struct bytes xml;
	int64_t at;

	if (!c ||
		work_done(ct, c,
			anchor_make(ct, c, request_arena(r),
				request_segment(r, "type"), e),
			e) ||
		anchor_read(r, ct, &xml, &at, e))
		return -1;
	return desk_reply(r, 200, anchor_json(request_arena(r), xml, at), e);
}

DESK_HANDLER(desk_download_url)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	const char *type = request_segment(r, "type");
	bool internal = str_equal(type, "INTERNAL");
	struct db_conn *c = db_take(ct->db);
	struct instance in;
	json_t *j;
	int ret = instance_need(c, a, &in, e);

	db_give(c);
	if (ret)
		return -1;
	if (!internal && !str_equal(type, "EXTERNAL"))
		return refuse(e, FAULT_NOT_FOUND, "configuration_not_found",
			"there is no configuration source %s", type);
	j = json_object();
	json_put_str(j, "url",
		center_url(a, ct, in.address,
			internal ? "/internalconf" : "/externalconf"));
	return desk_reply(r, 200, j, e);
}

json_t *
desk_key_json(const struct config_key *k)
{
	json_t *j = json_object(), *label = json_object();

	json_put_str(label, "label", k->label);
	json_put_str(j, "id", k->id);
	json_put_str(j, "token_id", "0");
	json_put_str(j, "source_type", k->source);
	json_put_bool(j, "active", k->active);
	json_put_bool(j, "available", true);
	json_put_str(j, "key_algorithm", k->algorithm);
	json_put_new(j, "label", label);
	json_put_new(j, "possible_actions",
		k->active ? json_array()
			  : json_pack("[s,s]", "ACTIVATE", "DELETE"));
	desk_put_time(j, "created_at", k->created_at);
	return j;
}

DESK_HANDLER(desk_keys)
{
	struct center *ct = state;
	struct db_conn *c = db_take(ct->db);
	const char *type = request_segment(r, "type");
	struct config_key *key;
	json_t *list;
	size_t n;
	int ret = config_keys(c, request_arena(r), &key, &n, e);

	db_give(c);
	if (ret)
		return -1;
	list = json_array();
	for (size_t i = 0; i < n; i++)
		if (str_equal(key[i].source, type))
			json_array_append_new(list, desk_key_json(&key[i]));
	return desk_reply(r, 200, list, e);
}

DESK_HANDLER(desk_key_post)
{
	struct arena *a = request_arena(r);
	const char *label = "", *type = request_segment(r, "type");
	struct config_key key;
	json_t *body;

	if (desk_body(r, &body, e) ||
		json_opt_str(body, "key_label", ADMIN_TEXT_MAX, &label, e) ||
		config_key_add(state, type, label, a, &key, e))
		return -1;
	/* 200 as X-Road answers; its definition says 201 */
	return desk_reply(r, 200, desk_key_json(&key), e);
}

DESK_HANDLER(desk_key_activate)
{
	if (config_key_activate(state, request_segment(r, "id"), e))
		return -1;
	return desk_no_content(r, e);
}

DESK_HANDLER(desk_key_delete)
{
	if (config_key_delete(state, request_segment(r, "id"), e))
		return -1;
	return desk_no_content(r, e);
}
