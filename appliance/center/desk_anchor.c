/* SPDX-License-Identifier: MIT */
/*
 * Administration: anchors of other instances that this one trusts, and the
 * parts of the configuration. Rule: interop/xroad-center-admin.md 1.7, 1.9.
 */
#include "desk_int.h"

#include <string.h>

#include "center_sql.h"
#include "clock.h"
#include "http_server.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { NAME_MAX_BYTES = 255 };

#define NO_ANCHOR "trusted_anchor_not_found"

static json_t *
trusted_json(const char *instance, const char *hash, int64_t generated_at)
{
	json_t *j = json_object();

	json_put_str(j, "instance_identifier", instance);
	json_put_str(j, "hash", hash);
	if (generated_at)
		desk_put_time(j, "generated_at", generated_at);
	return j;
}

DESK_HANDLER(desk_trusted)
{
	struct center *ct = state;
	json_t *list = json_keep(request_arena(r), json_array());
	struct db_conn *c = db_take(ct->db);
	struct query *q = db_query(c, Q_CENTER_TRUSTED_ANCHORS);
	int ret;

	while (query_next(q))
		json_array_append_new(
			list, trusted_json(query_text(q, 0), query_text(q, 1),
				      query_int(q, 3)));
	ret = query_end(q, e);
	db_give(c);
	return ret ? -1 : desk_reply(r, 200, json_incref(list), e);
}

/* The anchor of the form: parsed, of another instance. */
static int
anchor_form(struct request *r, struct center *ct, struct bytes *xml,
	struct gc_anchor *an, struct err *e)
{
	struct arena *a = request_arena(r);
	struct err why = ERR_INIT;
	struct db_conn *c;
	struct instance in;
	struct form f;
	int ret;

	if (desk_form(r, &f, e) || form_need_file(&f, "anchor", xml, e))
		return -1;
	if (anchor_parse(a, *xml, an, &why))
		return refuse(e, FAULT_BAD_REQUEST, "malformed_anchor",
			"the file is no anchor: %s", why.text);
	c = db_take(ct->db);
	ret = instance_load(c, a, &in, e);
	db_give(c);
	if (ret)
		return -1;
	if (in.instance && str_equal(in.instance, an->instance))
		return refuse(e, FAULT_BAD_REQUEST, "malformed_anchor",
			"this is an anchor of our own instance");
	return 0;
}

DESK_HANDLER(desk_trusted_preview)
{
	struct gc_anchor an;
	struct bytes xml;

	if (anchor_form(r, state, &xml, &an, e))
		return -1;
	return desk_reply(r, 200,
		trusted_json(an.instance, anchor_hash(request_arena(r), xml),
			an.generated_at),
		e);
}

DESK_HANDLER(desk_trusted_post)
{
	struct center *ct = state;
	struct gc_anchor an;
	struct bytes xml;
	struct db_conn *c;
	char *hash;
	int ret;

	if (!conf_bool(ct->conf, P_CENTER_TRUSTED_ANCHORS))
		return refuse(e, FAULT_FORBIDDEN, "forbidden",
			"trusted-anchors-allowed is off");
	if (anchor_form(r, ct, &xml, &an, e))
		return -1;
	hash = anchor_hash(request_arena(r), xml);
	if (partner_verify(ct, request_arena(r), &an, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	ret = db_run(c, Q_CENTER_TRUSTED_ANCHOR_PUT, e, db_text(an.instance),
		      db_text(hash), db_blob(xml.data, xml.len),
		      db_int(an.generated_at), db_int(clock_now())) < 0
		      ? -1
		      : 0;
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_reply(
		r, 201, trusted_json(an.instance, hash, an.generated_at), e);
}

DESK_HANDLER(desk_trusted_delete)
{
	const char *hash = request_segment(r, "hash");

	if (desk_run(state, Q_CENTER_TRUSTED_ANCHOR_DELETE, NO_ANCHOR, e,
		    db_text(hash), (struct db_arg){ 0 }))
		return -1;
	return desk_no_content(r, e);
}

static int
reply_file(struct request *r, const char *name, struct bytes xml, struct err *e)
{
	const struct http_header head[] = {
		{ "Content-Type", "application/xml" },
		{ "Content-Disposition",
			arena_printf(request_arena(r),
				"attachment; filename=\"%s\"",
				segment_encode(request_arena(r), name)) },
	};

	return reply_send_headers(
		r, 200, head, sizeof(head) / sizeof(head[0]), xml, e);
}

DESK_HANDLER(desk_trusted_download)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct db_conn *c = db_take(ct->db);
	struct query *q = db_query(c, Q_CENTER_TRUSTED_ANCHOR_GET,
		db_text(request_segment(r, "hash")));
	struct bytes xml = { 0 };
	char *name = NULL;
	int ret;

	if (query_next(q)) {
		name = arena_printf(
			a, "configuration_anchor_%s.xml", query_text(q, 0));
		xml = query_blob_dup(a, q, 1);
	}
	ret = query_end(q, e);
	db_give(c);
	if (ret)
		return -1;
	if (!name)
		return refuse(e, FAULT_NOT_FOUND, NO_ANCHOR,
			"there is no trusted anchor of this hash");
	return reply_file(r, name, xml, e);
}

/* ---- configuration parts ---- */

static int
source_of_path(struct request *r, bool *internal, struct err *e)
{
	const char *type = request_segment(r, "type");

	*internal = str_equal(type, "INTERNAL");
	if (*internal || str_equal(type, "EXTERNAL"))
		return 0;
	return refuse(e, FAULT_NOT_FOUND, "configuration_not_found",
		"there is no configuration source %s", type);
}

static void
part_add(json_t *list, const char *identifier, const char *file, bool optional,
	int version, int64_t at)
{
	json_t *j = json_object();

	json_put_str(j, "content_identifier", identifier);
	json_put_str(j, "file_name", file);
	json_put_bool(j, "optional", optional);
	json_put_int(j, "version", version);
	if (at)
		desk_put_time(j, "file_updated_at", at);
	else
		json_put_str(j, "file_updated_at", NULL);
	json_array_append_new(list, j);
}

DESK_HANDLER(desk_parts)
{
	struct center *ct = state;
	struct optional_part part[OPTIONAL_PARTS];
	struct publish_status st;
	struct db_conn *c;
	bool internal;
	json_t *list;
	int ret;

	if (source_of_path(r, &internal, e))
		return -1;
	publisher_status(ct->publisher, &st);
	c = db_take(ct->db);
	ret = optional_parts(c, request_arena(r), part, e);
	db_give(c);
	if (ret)
		return -1;
	list = json_array();
	for (int v = (int)conf_int(ct->conf, P_CENTER_MIN_VERSION);
		v <= GC_VERSION_MAX; v++) {
		if (internal)
			part_add(list, "PRIVATE-PARAMETERS",
				"private-params.xml", false, v, st.published);
		part_add(list, "SHARED-PARAMETERS", "shared-params.xml", false,
			v, st.published);
	}
	for (int i = 0; internal && i < OPTIONAL_PARTS; i++)
		part_add(list, part[i].identifier, part[i].file, true, 0,
			part[i].updated_at);
	return desk_reply(r, 200, list, e);
}

static int
part_check(struct arena *a, const char *identifier, struct bytes xml,
	struct err *e)
{
	struct gc_options options;
	struct err why = ERR_INIT;
	bool known = false;

	for (int i = 0; i < OPTIONAL_PARTS; i++)
		known = known ||
			str_equal(identifier, optional_known[i].identifier);
	if (!known)
		return refuse(e, FAULT_BAD_REQUEST,
			"unknown_configuration_part",
			"there is no optional part %s",
			identifier ? identifier : "");
	gc_options_default(&options);
	if (gc_options_read(a, identifier, xml, &options, &why))
		return refuse(e, FAULT_BAD_REQUEST,
			"configuration_part_validation_failed",
			"the file is no %s: %s", identifier, why.text);
	return 0;
}

DESK_HANDLER(desk_part_post)
{
	struct center *ct = state;
	const char *identifier = NULL;
	struct db_conn *c;
	struct bytes xml;
	struct form f;
	bool internal;
	int ret;

	if (source_of_path(r, &internal, e) || desk_form(r, &f, e) ||
		form_text(&f, "content_identifier", NAME_MAX_BYTES, &identifier,
			e) ||
		form_need_file(&f, "file", &xml, e))
		return -1;
	if (!internal)
		return refuse(e, FAULT_BAD_REQUEST,
			"unknown_configuration_part",
			"the external source has no optional parts");
	if (part_check(request_arena(r), identifier, xml, e))
		return -1;
	c = work_begin(ct, e);
	if (!c)
		return -1;
	ret = db_run(c, Q_CENTER_CONFIG_PART_PUT, e, db_text(identifier),
		      db_blob(xml.data, xml.len), db_int(clock_now())) < 0
		      ? -1
		      : 0;
	if (work_done(ct, c, ret, e))
		return -1;
	return desk_no_content(r, e);
}

/* The part as published or uploaded. */
static int
part_read(struct request *r, struct center *ct, bool internal,
	const char *identifier, int version, struct buf *out, const char **file,
	struct err *e)
{
	struct arena *a = request_arena(r);
	struct optional_part part[OPTIONAL_PARTS];
	struct shared_params shared;
	struct private_params own;
	struct db_conn *c = work_begin(ct, e);
	int ret = -1;

	if (!c)
		return -1;
	if (str_equal(identifier, "SHARED-PARAMETERS")) {
		*file = "shared-params.xml";
		ret = model_shared(ct, c, a, version, &shared, e) ||
		      shared_params_write(&shared, version, out, e);
	} else if (internal && str_equal(identifier, "PRIVATE-PARAMETERS")) {
		*file = "private-params.xml";
		ret = model_private(ct, c, a, &own, e) ||
		      private_params_write(&own, version, out, e);
	} else if (internal && !optional_parts(c, a, part, e)) {
		ret = 0;
		for (int i = 0; i < OPTIONAL_PARTS; i++)
			if (str_equal(identifier, part[i].identifier)) {
				*file = part[i].file;
				buf_bytes(out, part[i].xml);
			}
	}
	work_drop(c);
	if (!ret && out->len)
		return buf_ok(out, "the part", e);
	return refuse(e, FAULT_NOT_FOUND, "configuration_part_file_not_found",
		"there is no part %s", identifier);
}

DESK_HANDLER(desk_part_download)
{
	const char *file = NULL, *text = request_segment(r, "version");
	int64_t version;
	struct buf xml;
	bool internal;
	int ret;

	if (source_of_path(r, &internal, e))
		return -1;
	if (int_parse(text, 0, GC_VERSION_MAX, &version, NULL) || version == 1)
		return refuse(e, FAULT_NOT_FOUND,
			"configuration_part_file_not_found",
			"there is no version %s", text);
	buf_init(&xml, GC_PART_MAX);
	ret = part_read(r, state, internal, request_segment(r, "identifier"),
		version ? (int)version : GC_VERSION_MAX, &xml, &file, e);
	if (!ret)
		ret = reply_file(r, file, bytes_buf(&xml), e);
	buf_done(&xml);
	return ret;
}
