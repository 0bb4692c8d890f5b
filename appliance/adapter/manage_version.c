/* SPDX-License-Identifier: MIT */
/*
 * Administration: earlier versions of data services, and going back to them.
 */
#include "datasource.h"
#include "err.h"
#include "json_io.h"
#include "manage.h"
#include "mem.h"
#include "text.h"

static int
number_of(struct request *r, int64_t *out, struct err *e)
{
	const char *text = request_segment(r, "number");

	if (text && !int_parse(text, 1, INT64_MAX, out, NULL))
		return 0;
	return manage_refuse(r, FAULT_BAD_REQUEST, NULL,
		"版の番号は 1 以上の整数で指定してください。",
		"the number of a version is a whole number from 1", e);
}

int
manage_versions(struct request *r, void *state, struct err *e)
{
	struct adapter *ad = state;
	struct err why = ERR_INIT;
	json_t *list;

	if (versions_list(ad->db, request_arena(r), request_segment(r, "name"),
		    &list, &why))
		return manage_fail(r, &why, e);
	return manage_reply(r, 200, json_incref(list), NULL, e);
}

int
manage_version_get(struct request *r, void *state, struct err *e)
{
	struct adapter *ad = state;
	struct err why = ERR_INIT;
	int64_t number;
	json_t *j;

	if (number_of(r, &number, e))
		return -1;
	if (versions_get(ad->db, request_arena(r), request_segment(r, "name"),
		    number, &j, &why))
		return manage_fail(r, &why, e);
	return manage_reply(r, 200, json_incref(j), NULL, e);
}

struct change {
	struct request *r;
	const char *name;
	const json_t *version;
};

/* In the place of the present one; a removed service comes back. */
static int
restore(void *ctx, json_t *root, struct err *e)
{
	struct change *x = ctx;
	json_t *was = json_sub(x->version, "service");
	json_t *list, *source;
	size_t at;

	if (!manage_find_service(
		    x->r, root, x->name, &list, &at, NULL, NULL, NULL))
		return json_array_set(list, at, was);
	request_set_japanese(x->r, NULL);
	if (manage_find_source(x->r, root, json_str(x->version, "database"),
		    &source, NULL, e))
		return -1;
	list = json_list(source, "dbServices");
	if (!list) {
		list = json_array();
		json_put_new(source, "dbServices", list);
	}
	return json_array_append(list, was);
}

static int
go_back(struct request *r, struct adapter *ad, int64_t number, struct err *e)
{
	struct change x = { .r = r, .name = request_segment(r, "name") };
	struct err why = ERR_INIT;
	json_t *version, *was;

	if (versions_get(
		    ad->db, request_arena(r), x.name, number, &version, &why))
		return manage_fail(r, &why, e);
	was = json_sub(version, "service");
	if (!was)
		return manage_refuse(r, FAULT_CONFLICT, "version_removed",
			"その版ではサービスが削除されています。ほかの版を選んでください。",
			"in that version the service was removed; choose "
			"another one",
			e);
	x.version = version;
	if (manage_change(
		    r, ad, service_is_off(was) ? "" : x.name, restore, &x, e))
		return -1;
	return manage_service_get(r, ad, e);
}

int
manage_version_restore(struct request *r, void *state, struct err *e)
{
	int64_t number;

	return number_of(r, &number, e) ? -1 : go_back(r, state, number, e);
}

int
manage_step_back(struct request *r, void *state, struct err *e)
{
	struct adapter *ad = state;
	struct err why = ERR_INIT;
	int64_t number;

	if (versions_before(ad->db, request_segment(r, "name"), &number, &why))
		return manage_fail(r, &why, e);
	return go_back(r, ad, number, e);
}
