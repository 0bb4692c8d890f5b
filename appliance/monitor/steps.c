/* SPDX-License-Identifier: MIT */
/*
 * The steps of one exchange as this machine saw them, each with its time:
 * X-Road's four moments of the operational monitoring record. Records are found
 * by when they were stored, so the question says about when it was.
 */
#include "usage_int.h"

#include "clock.h"
#include "db.h"
#include "err.h"
#include "http_server.h"
#include "mem.h"
#include "monitor_sql.h"
#include "text.h"

enum {
	BEFORE_S = 60, /* the log may be a moment later than the record */
	AFTER_S = 900, /* a record is stored when its exchange has ended */
	MS = 1000,
	FIRST_OFFSET = 3, /* of the columns that are ms after request_in */
};

static void
put_moments(struct query *q, json_t *j)
{
	static const char *const name[] = { "request_out", "response_in",
		"response_out" };
	int64_t in = query_int(q, 2);

	json_put_int(j, "request_in", in);
	for (int i = 0; i < 3; i++)
		if (!query_null(q, FIRST_OFFSET + i))
			json_put_int(j, name[i],
				in + query_int(q, FIRST_OFFSET + i));
}

static json_t *
steps_json(struct query *q)
{
	static const char *const number[] = { "request_bytes", "response_bytes",
		"status" };
	static const char *const text[] = { "fault_code", "fault", "user_id",
		"client_server", "service_server" };
	enum { NUMBERS = 6, TEXTS = 9 };
	json_t *j = json_object();

	json_put_str(j, "side", side_word((enum monitor_side)query_int(q, 0)));
	json_put_bool(j, "succeeded", query_int(q, 1));
	put_moments(q, j);
	for (int i = 0; i < 3; i++)
		if (!query_null(q, NUMBERS + i))
			json_put_int(j, number[i], query_int(q, NUMBERS + i));
	for (int i = 0; i < 5; i++)
		if (query_text(q, TEXTS + i))
			json_put_str(j, text[i], query_text(q, TEXTS + i));
	return j;
}

int
steps_find(struct monitor *m, const char *message, int64_t near, json_t *list,
	struct err *e)
{
	struct db_conn *c = db_take(m->db);
	struct query *q = db_query(c, Q_MONITOR_RECORD_STEPS,
		db_int(near / MS - BEFORE_S), db_int(near / MS + AFTER_S),
		db_text(message));
	int ret;

	while (query_next(q))
		json_array_append_new(list, steps_json(q));
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

int
monitor_steps(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *query = request_query(r);
	const char *message = query_get(a, query, "message_id");
	const char *near = query_get(a, query, "near");
	json_t *j = json_keep(a, json_object()), *list = json_array();
	int64_t at;

	json_put_new(j, "items", list);
	if (!message || !*message)
		return fail(e, FAULT_BAD_REQUEST,
			"message_id says which exchange it is about");
	if (!near || time_parse(near, &at, NULL))
		return fail(e, FAULT_BAD_REQUEST,
			"near must be about when the exchange was, such as "
			"2026-11-21T06:42:00Z");
	if (steps_find(state, message, at, list, e))
		return -1;
	return usage_reply_json(r, json_incref(j), e);
}
