/* SPDX-License-Identifier: MIT */
/*
 * Administration: services.json as a whole, and the trace of calls.
 */
#include "clock.h"
#include "datasource.h"
#include "err.h"
#include "json_io.h"
#include "manage.h"
#include "mem.h"
#include "text.h"

/* Passwords never leave, sealed or not. */
int
manage_export(struct request *r, void *state, struct err *e)
{
	char revision[REVISION_LEN + 1];
	json_t *root, *item;
	size_t i;

	if (manage_file(r, state, &root, e))
		return -1;
	manage_revision(root, "", revision);
	json_each(item, i, json_list(root, "dbSources"))
		json_object_del(item, "password");
	return manage_reply(r, 200, json_incref(root), revision, e);
}

struct change {
	struct request *r;
	struct adapter *ad;
	json_t *body;
};

/* Passwords that it does not say are those of databases called the same. */
static int
import(void *ctx, json_t *root, struct err *e)
{
	struct change *x = ctx;
	char revision[REVISION_LEN + 1];
	json_t *item, *stored;
	size_t i;

	manage_revision(root, "", revision);
	if (manage_match(x->r, revision, e))
		return -1;
	json_each(item, i, json_list(x->body, "dbSources")) {
		const char *id = source_id(request_arena(x->r), x->body, i);

		stored = NULL;
		(void)manage_find_source(x->r, root, id, &stored, NULL, NULL);
		request_set_japanese(x->r, NULL);
		if (manage_password(x->r, x->ad, item, stored, e))
			return -1;
	}
	json_object_clear(root);
	json_object_update(root, x->body);
	return 0;
}

int
manage_import(struct request *r, void *state, struct err *e)
{
	struct change x = { .r = r, .ad = state };

	if (manage_body(r, &x.body, e))
		return -1;
	if (!json_list(x.body, "dbSources"))
		return manage_refuse(r, FAULT_BAD_REQUEST, NULL,
			"dbSources の配列がありません。services.json の全体を送ってください。",
			"there is no list \"dbSources\"; send the whole of a "
			"services.json",
			e);
	if (manage_change(r, state, NULL, import, &x, e))
		return -1;
	return manage_export(r, state, e);
}

/* ---- the trace ---- */

static int
take_number(struct request *r, const char *key, int64_t most, int64_t *out,
	struct err *e)
{
	struct arena *a = request_arena(r);
	const char *text = query_get(a, request_query(r), key);

	if (!text || !*text || !int_parse(text, 0, most, out, NULL))
		return 0;
	return manage_refuse(r, FAULT_BAD_REQUEST, NULL,
		arena_printf(a,
			"%s は 0 以上 %lld 以下の整数で指定してください。", key,
			(long long)most),
		arena_printf(a, "%s must be a whole number from 0 to %lld", key,
			(long long)most),
		e);
}

static int
take_time(struct request *r, const char *key, int64_t *out, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *text = query_get(a, request_query(r), key);

	if (!text || !*text || !time_parse(text, out, NULL))
		return 0;
	return manage_refuse(r, FAULT_BAD_REQUEST, NULL,
		arena_printf(a,
			"%s は 2026-11-21T06:42:00Z の形の日時で指定してください。",
			key),
		arena_printf(a,
			"%s must be a time such as 2026-11-21T06:42:00Z", key),
		e);
}

int
manage_calls(struct request *r, void *state, struct err *e)
{
	enum { PAGE = 100, SLOW_MOST = 86400000 };
	struct adapter *ad = state;
	struct arena *a = request_arena(r);
	const char *q = request_query(r);
	struct trace_search s = { .service = query_get(a, q, "service"),
		.who = query_get(a, q, "client"),
		.database = query_get(a, q, "database"),
		.message = query_get(a, q, "message_id"),
		.outcome = query_get(a, q, "outcome"),
		.limit = PAGE };
	struct err why = ERR_INIT;
	int64_t slow = 0;
	json_t *j;

	if (take_time(r, "from", &s.from, e) || take_time(r, "to", &s.to, e) ||
		take_number(r, "before", INT64_MAX, &s.before, e) ||
		take_number(r, "milliseconds", SLOW_MOST, &slow, e) ||
		take_number(r, "limit", TRACE_PAGE_MOST, &s.limit, e))
		return -1;
	s.slow = slow * 1000;
	if (trace_find(ad->trace, a, &s, &j, &why))
		return manage_fail(r, &why, e);
	return manage_reply(r, 200, json_incref(j), NULL, e);
}
