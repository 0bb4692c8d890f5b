/* SPDX-License-Identifier: MIT */
/*
 * The administration interface of the monitor: use of services by period,
 * trends, unused services, how recording goes. Below /api/v1.
 */
#include "usage_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "http_json.h"
#include "mem.h"
#include "monitor_sql.h"
#include "param.h"
#include "text.h"

enum {
	ANSWER_MAX = 64 * 1024 * 1024,
	DAY_S = 86400,
	DAY_MS = DAY_S * 1000,
	DEFAULT_DAYS = 30,
	UNUSED_DAYS = 90,
};

static const char *
param(struct request *r, const char *name)
{
	const char *s = query_get(request_arena(r), request_query(r), name);

	return s && *s ? s : NULL;
}

static int
day_param(struct request *r, const char *name, int64_t absent, int64_t *out,
	struct err *e)
{
	const char *s = param(r, name);
	char text[TIME_TEXT_MAX];
	int64_t ms;

	*out = absent;
	if (!s)
		return 0;
	snprintf(text, sizeof(text), "%.10sT00:00:00Z", s);
	if (strlen(s) != 10 || time_parse(text, &ms, NULL))
		return fail(e, FAULT_BAD_REQUEST,
			"%s must be a day such as 2026-11-21", name);
	*out = ms / DAY_MS;
	return 0;
}

/* The number of a word of the list, or `absent` without the parameter. */
static int
word_param(struct request *r, const char *name, const char *const *word,
	int words, int absent, int *out, struct err *e)
{
	const char *s = param(r, name);

	*out = absent;
	for (int i = 0; s && i < words; i++)
		if (str_equal(word[i], s)) {
			*out = i;
			return 0;
		}
	return s ? fail(e, FAULT_BAD_REQUEST, "%s is no %s that is known", s,
			   name)
		 : 0;
}

static bool
flag_param(struct request *r, const char *name)
{
	return str_equal(param(r, name), "true");
}

static int
read_query(struct request *r, struct usage_query *q, int by, struct err *e)
{
	static const char *const bys[] = { "pair", "service", "consumer",
		"total" };
	int64_t today = day_of_ms(clock_now());
	int chosen;

	*q = (struct usage_query){ .side = -1 };
	if (day_param(r, "to", today, &q->to, e) ||
		day_param(r, "from", q->to - DEFAULT_DAYS + 1, &q->from, e) ||
		word_param(r, "by", bys, BY_COUNT, by, &chosen, e))
		return -1;
	q->by = (enum usage_by)chosen;
	if (param(r, "side")) {
		q->side = side_by_word(param(r, "side"));
		if (q->side < 0)
			return fail(e, FAULT_BAD_REQUEST,
				"side is provider, consumer or adapter");
	}
	q->service = param(r, "service");
	q->consumer = param(r, "consumer");
	q->compare = flag_param(r, "compare");
	return 0;
}

int
usage_reply_json(struct request *r, json_t *j, struct err *e)
{
	return http_json_reply(r, 200, NULL, 0, j, ANSWER_MAX, e);
}

/* bom=true: spreadsheets then know that it is UTF-8. */
static int
reply_csv(struct request *r, const struct usage *u, struct err *e)
{
	struct arena *a = request_arena(r);
	struct http_header h[] = {
		{ "Content-Type", "text/csv; charset=utf-8" },
		{ "Content-Disposition",
			arena_printf(a,
				"attachment; filename=\"usage-%s-%s.csv\"",
				usage_day_text(a, u->q.from),
				usage_day_text(a, u->q.to)) },
	};
	struct buf b;
	int ret;

	buf_init(&b, ANSWER_MAX);
	if (flag_param(r, "bom"))
		buf_str(&b, "\xef\xbb\xbf");
	usage_csv(a, u, &b);
	ret = buf_ok(&b, "the table", e);
	if (!ret)
		ret = reply_send_headers(r, 200, h, 2, bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}

/* What waits is counted too. */
static int
look(struct request *r, struct monitor *m, const struct usage_query *q,
	struct usage *u, struct err *e)
{
	struct err waits = ERR_INIT;

	(void)monitor_flush(m, &waits);
	return usage_read(m, request_arena(r), q, u, e);
}

static int
usage_get(struct request *r, void *state, struct err *e)
{
	struct usage_query q;
	struct usage u;

	if (read_query(r, &q, BY_PAIR, e) || look(r, state, &q, &u, e))
		return -1;
	if (str_equal(param(r, "format"), "csv"))
		return reply_csv(r, &u, e);
	return usage_reply_json(r, usage_json(request_arena(r), &u), e);
}

static int
trend_get(struct request *r, void *state, struct err *e)
{
	static const char *const steps[] = { "", "hour", "day", "month" };
	struct usage_query q;
	struct usage u;
	int step;

	if (read_query(r, &q, BY_TOTAL, e) ||
		word_param(r, "step", steps, STEP_COUNT, STEP_DAY, &step, e))
		return -1;
	q.step = (enum usage_step)step;
	q.compare = false;
	if (look(r, state, &q, &u, e))
		return -1;
	if (str_equal(param(r, "format"), "csv"))
		return reply_csv(r, &u, e);
	return usage_reply_json(r, usage_trend_json(request_arena(r), &u), e);
}

static void
put_when(json_t *j, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	if (ms)
		json_put_str(j, key, time_iso(text, ms));
	else
		json_put_new(j, key, json_null());
}

static int
unused_get(struct request *r, void *state, struct err *e)
{
	const char *text = param(r, "days");
	int64_t days = UNUSED_DAYS;
	struct usage_offer *o;
	json_t *j, *list;
	size_t n;

	if (text && int_parse(text, 0, USAGE_DAYS_MAX, &days, NULL))
		return fail(e, FAULT_BAD_REQUEST, "days must be 0 to %d",
			USAGE_DAYS_MAX);
	if (usage_unused(state, request_arena(r), clock_now() - days * DAY_MS,
		    &o, &n, e))
		return -1;
	j = json_object();
	list = json_array();
	json_put_int(j, "days", days);
	for (size_t i = 0; i < n; i++) {
		json_t *x = json_object();

		json_put_str(x, "service", o[i].service);
		json_put_str(x, "title", o[i].title);
		put_when(x, "offered_since", o[i].since);
		put_when(x, "last_use", o[i].last_use);
		json_array_append_new(list, x);
	}
	json_put_new(j, "items", list);
	return usage_reply_json(r, j, e);
}

static int
count_records(struct monitor *m, json_t *j, struct err *e)
{
	struct db_conn *c = db_take(m->db);
	struct query *q = db_query(c, Q_MONITOR_RECORD_COUNT, { 0 });
	int ret;

	if (query_next(q)) {
		json_put_int(j, "records", query_int(q, 0));
		put_when(j, "oldest_record", query_int(q, 1) * 1000);
	}
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

static int
status_get(struct request *r, void *state, struct err *e)
{
	struct monitor *m = state;
	json_t *j = json_keep(request_arena(r), json_object());
	char trouble[sizeof(m->trouble)];

	if (count_records(m, j, e))
		return -1;
	pthread_mutex_lock(&m->lock);
	memcpy(trouble, m->trouble, sizeof(trouble));
	pthread_mutex_unlock(&m->lock);
	json_put_bool(j, "recording", m->queue != NULL);
	json_put_int(j, "written", atomic_load(&m->written));
	put_when(j, "last_written", atomic_load(&m->last_written));
	json_put_int(
		j, "waiting", m->queue ? (int64_t)queue_waiting(m->queue) : 0);
	json_put_int(j, "lost", m->queue ? queue_lost(m->queue) : 0);
	json_put_str(j, "error", *trouble ? trouble : NULL);
	json_put_int(j, "keep_records_days", conf_int(m->conf, P_OPM_KEEP));
	json_put_int(j, "keep_hours_days", conf_int(m->conf, P_USAGE_HOURS));
	json_put_int(j, "keep_days", conf_int(m->conf, P_USAGE_DAYS));
	return usage_reply_json(r, json_incref(j), e);
}

int
monitor_page(struct monitor *m, struct arena *a, int64_t days, bool trend,
	struct buf *out, struct err *e)
{
	int64_t today = day_of_ms(clock_now());
	const struct usage_query q = { .from = today - days + 1,
		.to = today,
		.side = -1,
		.by = trend ? BY_TOTAL : BY_PAIR,
		.step = trend ? STEP_DAY : STEP_NONE,
		.compare = !trend };
	struct usage u;

	if (usage_read(m, a, &q, &u, e))
		return -1;
	json_write(out,
		json_keep(
			a, trend ? usage_trend_json(a, &u) : usage_json(a, &u)),
		JSON_PLAIN);
	return buf_ok(out, "the page", e);
}

const struct route monitor_routes[] = {
	{ "GET", "/machilink/usage", 0, ADMIN_ANY, usage_get },
	{ "GET", "/machilink/usage/trend", 0, ADMIN_ANY, trend_get },
	{ "GET", "/machilink/usage/unused", 0, ADMIN_ANY, unused_get },
	{ "GET", "/machilink/usage/status", 0, ADMIN_ANY, status_get },
	{ "GET", "/machilink/usage/steps", 0, ADMIN_ANY, monitor_steps },
	{ NULL, NULL, 0, 0, NULL },
};
