/* SPDX-License-Identifier: MIT */
/*
 * What of a body may stand in the audit: the members that the contract knows,
 * but no secrets.
 */
#include "audit_int.h"
#include "contract_int.h"

#include <string.h>

#include "err.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"

enum { DETAIL_MAX = 2048 };

/* X-Road's members that hold secrets are texts like others there. */
static bool
is_secret(const struct member *m)
{
	static const char *const names[] = { "password", "pin", "secret",
		"token", NULL };

	if (m->kind == KIND_SECRET || m->kind == KIND_ANY)
		return true;
	for (const char *const *n = names; *n; n++)
		if (strstr(m->name, *n) && m->kind != KIND_FLAG)
			return true;
	return false;
}

static json_t *
chosen(const struct member *shape, const json_t *body)
{
	json_t *out = json_object();

	for (const struct member *m = shape + 1; m->kind != KIND_END; m++) {
		json_t *v = json_object_get(body, m->name), *list, *x;
		size_t i;

		if (!v || json_is_null(v) || is_secret(m))
			continue;
		if (m->kind == KIND_PART) {
			json_put_new(out, m->name, chosen(m->part, v));
		} else if (m->kind == KIND_LIST) {
			list = json_array();
			json_each(x, i, v)
				json_array_append_new(list, chosen(m->part, x));
			json_put_new(out, m->name, list);
		} else {
			json_put_new(out, m->name, json_incref(v));
		}
	}
	return out;
}

const char *
audit_detail(struct request *r, const struct contract *c)
{
	struct arena *a = request_arena(r);
	const char *out = NULL;
	struct bytes body;
	json_t *j, *v;
	struct buf b;

	if (!c || c->media != MEDIA_JSON || request_body(r, &body, NULL) ||
		json_parse(a, body, NULL, &j, NULL))
		return NULL;
	v = chosen(c->body, j);
	if (json_object_size(v)) {
		buf_init(&b, DETAIL_MAX);
		json_write(&b, v, JSON_PLAIN);
		out = b.over ? "{\"too_long\":true}" : arena_strdup(a, b.data);
		buf_done(&b);
	}
	json_decref(v);
	return out;
}
