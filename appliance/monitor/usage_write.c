/* SPDX-License-Identifier: MIT */
/* Use of services as JSON for pages and as CSV (RFC 4180) for spreadsheets. */
#include "usage_int.h"

#include <math.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "text.h"

static const char *const bys[BY_COUNT] = { "pair", "service", "consumer",
	"total" };

/* One digit behind the point is what a latency has to say. */
static double
tenths(double v)
{
	return floor(v * 10 + 0.5) / 10;
}

static double
mean(const struct tally *t)
{
	return t->calls ? tenths((double)t->total_ms / (double)t->calls) : 0;
}

static double
quantile(const struct tally *t, double share)
{
	return tenths(histogram_quantile(&t->latency, share, t->max_ms));
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

static void
put_tally(json_t *j, const struct tally *t)
{
	json_t *by = json_object();

	json_put_int(j, "calls", t->calls);
	json_put_int(j, "failures", t->failures);
	for (int i = 0; i < BLAMES; i++)
		json_put_int(by, blame_word((enum blame)i), t->blame[i]);
	json_put_new(j, "failures_by", by);
	json_put_new(j, "mean_ms", json_real(mean(t)));
	json_put_new(j, "p50_ms", json_real(quantile(t, 0.5)));
	json_put_new(j, "p95_ms", json_real(quantile(t, 0.95)));
	json_put_int(j, "max_ms", t->max_ms);
	json_put_int(j, "request_bytes", t->request_bytes);
	json_put_int(j, "response_bytes", t->response_bytes);
}

/* change: calls against those before, 0.1 for ten percent more. */
static void
put_before(json_t *j, const struct usage_group *g)
{
	const struct tally *was = &g->before;
	json_t *b = json_object();

	json_put_int(b, "calls", was->calls);
	json_put_int(b, "failures", was->failures);
	json_put_new(b, "mean_ms", json_real(mean(was)));
	json_put_int(b, "request_bytes", was->request_bytes);
	json_put_int(b, "response_bytes", was->response_bytes);
	json_put_new(j, "before", b);
	json_put_new(j, "change",
		was->calls ? json_real((double)(g->t.calls - was->calls) /
				       (double)was->calls)
			   : json_null());
}

static void
put_names(json_t *j, const struct usage_group *g)
{
	if (*g->side)
		json_put_str(j, "side", g->side);
	if (*g->service)
		json_put_str(j, "service", g->service);
	if (*g->consumer)
		json_put_str(j, "consumer", g->consumer);
}

static json_t *
group_json(const struct usage *u, const struct usage_group *g)
{
	json_t *j = json_object();

	put_names(j, g);
	put_tally(j, &g->t);
	json_put_int(j, "days", g->days);
	put_when(j, "first_use", g->first_use);
	put_when(j, "last_use", g->last_use);
	if (u->q.compare)
		put_before(j, g);
	return j;
}

static json_t *
period_json(struct arena *a, int64_t from, int64_t to)
{
	json_t *j = json_object();

	json_put_str(j, "from", usage_day_text(a, from));
	json_put_str(j, "to", usage_day_text(a, to));
	json_put_int(j, "days", to - from + 1);
	return j;
}

json_t *
usage_json(struct arena *a, const struct usage *u)
{
	json_t *j = json_object(), *list = json_array();
	int64_t days = u->q.to - u->q.from + 1;

	json_put_new(j, "period", period_json(a, u->q.from, u->q.to));
	if (u->q.compare)
		json_put_new(j, "before",
			period_json(a, u->q.from - days, u->q.from - 1));
	json_put_str(j, "by", bys[u->q.by]);
	json_put_new(j, "total", group_json(u, &u->total));
	for (size_t i = 0; i < u->groups; i++)
		json_array_append_new(list, group_json(u, &u->group[i]));
	json_put_new(j, "items", list);
	return j;
}

/* Points without use are there too: a line needs them. */
json_t *
usage_trend_json(struct arena *a, const struct usage *u)
{
	static const char *const step[STEP_COUNT] = { "", "hour", "day",
		"month" };
	json_t *j = json_object(), *list = json_array();

	json_put_new(j, "period", period_json(a, u->q.from, u->q.to));
	json_put_str(j, "by", bys[u->q.by]);
	json_put_str(j, "step", step[u->q.step]);
	for (size_t i = 0; i < u->groups; i++) {
		json_t *line = json_object(), *points = json_array();

		put_names(line, &u->group[i]);
		for (size_t k = 0; k < u->steps; k++) {
			json_t *p = json_object();

			json_put_str(p, "at", usage_step_text(a, &u->q, k));
			put_tally(p, &u->group[i].step[k]);
			json_array_append_new(points, p);
		}
		json_put_new(line, "points", points);
		json_array_append_new(list, line);
	}
	json_put_new(j, "series", list);
	return j;
}

/* ---- CSV ---- */

/* A spreadsheet would compute what begins like a formula: names come from
   others. */
static void
put_field(struct buf *b, const char *s)
{
	buf_str(b, "\"");
	if (*s && strchr("=+-@\t\r", *s))
		buf_char(b, '\'');
	for (; *s; s++) {
		if (*s == '"')
			buf_char(b, '"');
		buf_char(b, *s);
	}
	buf_str(b, "\",");
}

static void
put_numbers(struct buf *b, const struct tally *t)
{
	buf_fmt(b, "%lld,%lld", (long long)t->calls, (long long)t->failures);
	for (int i = 0; i < BLAMES; i++)
		buf_fmt(b, ",%lld", (long long)t->blame[i]);
	buf_fmt(b, ",%.1f,%.1f,%.1f,%lld,%lld,%lld", mean(t), quantile(t, 0.5),
		quantile(t, 0.95), (long long)t->max_ms,
		(long long)t->request_bytes, (long long)t->response_bytes);
}

static void
csv_group(struct arena *a, const struct usage *u, const struct usage_group *g,
	struct buf *out)
{
	char first[TIME_TEXT_MAX], last[TIME_TEXT_MAX];

	put_field(out, g->side);
	put_field(out, g->service);
	put_field(out, g->consumer);
	for (size_t k = 0; g->step && k < u->steps; k++) {
		if (k) {
			put_field(out, g->side);
			put_field(out, g->service);
			put_field(out, g->consumer);
		}
		buf_fmt(out, "%s,", usage_step_text(a, &u->q, k));
		put_numbers(out, &g->step[k]);
		buf_str(out, "\r\n");
	}
	if (g->step)
		return;
	put_numbers(out, &g->t);
	buf_fmt(out, ",%lld,%s,%s", (long long)g->days,
		g->first_use ? time_iso(first, g->first_use) : "",
		g->last_use ? time_iso(last, g->last_use) : "");
	if (u->q.compare)
		buf_fmt(out, ",%lld,%lld,%.1f", (long long)g->before.calls,
			(long long)g->before.failures, mean(&g->before));
	buf_str(out, "\r\n");
}

void
usage_csv(struct arena *a, const struct usage *u, struct buf *out)
{
	buf_fmt(out, "side,service,consumer,%scalls,failures",
		u->steps ? "at," : "");
	for (int i = 0; i < BLAMES; i++)
		buf_fmt(out, ",failures_%s", blame_word((enum blame)i));
	buf_str(out,
		",mean_ms,p50_ms,p95_ms,max_ms,request_bytes,response_bytes");
	if (!u->steps)
		buf_str(out, ",days,first_use,last_use");
	if (!u->steps && u->q.compare)
		buf_str(out, ",calls_before,failures_before,mean_ms_before");
	buf_str(out, "\r\n");
	for (size_t i = 0; i < u->groups; i++)
		csv_group(a, u, &u->group[i], out);
}
