/* SPDX-License-Identifier: MIT */
/*
 * Use of services, summed from the hours and days of pairs. A year of a town's
 * days is one walk over the table; histograms are merged on the way.
 */
#include "usage_int.h"

#include <string.h>
#include <time.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "mem.h"
#include "monitor_sql.h"
#include "text.h"

enum { DAY_S = 86400, HOURS = 24, HOUR_S = 3600 };

/* ---- time ---- */

static struct civil
civil_of_day(int64_t day)
{
	struct civil c;

	civil_from_seconds(day * DAY_S, &c);
	return c;
}

static int64_t
month_of_day(int64_t day)
{
	struct civil c = civil_of_day(day);

	return (int64_t)c.year * 12 + c.month - 1;
}

/* Hours of a local day: its number, then which of its hours. */
static int
hour_of(int64_t hour)
{
	time_t at = (time_t)(hour * HOUR_S);
	struct tm t;

	localtime_r(&at, &t);
	return t.tm_hour;
}

size_t
usage_steps(const struct usage_query *q)
{
	int64_t days = q->to - q->from + 1;

	if (q->step == STEP_NONE)
		return 0;
	if (q->step == STEP_MONTH)
		return (size_t)(month_of_day(q->to) - month_of_day(q->from) +
				1);
	return (size_t)(q->step == STEP_HOUR ? days * HOURS : days);
}

int64_t
usage_step_of(const struct usage_query *q, int64_t day, int64_t hour)
{
	if (day < q->from || day > q->to)
		return -1;
	if (q->step == STEP_HOUR)
		return (day - q->from) * HOURS + hour_of(hour);
	if (q->step == STEP_MONTH)
		return month_of_day(day) - month_of_day(q->from);
	return day - q->from;
}

const char *
usage_day_text(struct arena *a, int64_t day)
{
	struct civil c = civil_of_day(day);

	return arena_printf(a, "%04d-%02d-%02d", c.year, c.month, c.day);
}

const char *
usage_step_text(struct arena *a, const struct usage_query *q, size_t step)
{
	int64_t month = month_of_day(q->from) + (int64_t)step;

	if (q->step == STEP_MONTH)
		return arena_printf(a, "%04d-%02d", (int)(month / 12),
			(int)(month % 12) + 1);
	if (q->step == STEP_HOUR)
		return arena_printf(a, "%sT%02d:00",
			usage_day_text(a, q->from + (int64_t)step / HOURS),
			(int)(step % HOURS));
	return usage_day_text(a, q->from + (int64_t)step);
}

/* ---- groups ---- */

struct work {
	struct usage *u;
	struct arena *a;
	struct pair *pair;
	size_t pairs, groups;
	struct usage_group *group;
	/* by number of the pair: its group + 1, 0 none */
	uint32_t *of;
	size_t ofs;
	uint8_t *seen; /* days with use: `bytes` per group, then the total's */
	size_t bytes;
};

static bool
asked(const struct usage_query *q, const struct pair *p)
{
	return (q->side < 0 || (int)p->side == q->side) &&
	       (!q->service || str_equal(q->service, p->service)) &&
	       (!q->consumer || str_equal(q->consumer, p->consumer));
}

static void
group_use(struct usage_group *g, const struct pair *p)
{
	int64_t last =
		p->last_ok > p->last_failed ? p->last_ok : p->last_failed;

	if (!g->first_use || p->first_use < g->first_use)
		g->first_use = p->first_use;
	if (last > g->last_use)
		g->last_use = last;
}

static size_t
group_of(struct work *w, struct dict *d, const struct pair *p)
{
	enum usage_by by = w->u->q.by;
	const char *service =
		by == BY_PAIR || by == BY_SERVICE ? p->service : "";
	const char *consumer =
		by == BY_PAIR || by == BY_CONSUMER ? p->consumer : "";
	const char *side = by == BY_TOTAL ? "" : side_word(p->side);
	char *key = arena_printf(w->a, "%s %s %s", side, service, consumer);
	int64_t at;

	if (!dict_get(d, key, &at)) {
		at = (int64_t)w->groups++;
		dict_put(d, key, at);
		w->group[at] = (struct usage_group){
			.side = side, .service = service, .consumer = consumer
		};
	}
	return (size_t)at;
}

static int
make_groups(struct work *w, struct err *e)
{
	struct dict *d = dict_new(w->pairs + 1);

	w->group = arena_array(w->a, w->pairs + 1, sizeof(*w->group));
	w->ofs = w->pairs ? (size_t)w->pair[w->pairs - 1].id + 1 : 0;
	w->of = arena_array(w->a, w->ofs + 1, sizeof(*w->of));
	for (size_t i = 0; i < w->pairs; i++) {
		size_t g;

		if (!asked(&w->u->q, &w->pair[i]))
			continue;
		g = group_of(w, d, &w->pair[i]);
		w->of[w->pair[i].id] = (uint32_t)g + 1;
		group_use(&w->group[g], &w->pair[i]);
		group_use(&w->u->total, &w->pair[i]);
	}
	dict_free(&d);
	w->u->steps = usage_steps(&w->u->q);
	if (w->u->steps && w->groups > USAGE_CELLS_MAX / w->u->steps)
		return fail(e, FAULT_BAD_REQUEST,
			"%zu lines of %zu points each are too many; ask for "
			"fewer services or a shorter time",
			w->groups, w->u->steps);
	for (size_t g = 0; w->u->steps && g < w->groups; g++)
		w->group[g].step = arena_array(
			w->a, w->u->steps, sizeof(*w->group[g].step));
	w->bytes = (size_t)(w->u->q.to - w->u->q.from) / 8 + 1;
	w->seen = arena_alloc(w->a, (w->groups + 1) * w->bytes);
	return 0;
}

static struct usage_group *
group_by_id(struct work *w, int64_t id)
{
	if (id <= 0 || (size_t)id >= w->ofs || !w->of[id])
		return NULL;
	return &w->group[w->of[id] - 1];
}

/* ---- summing ---- */

static void
mark(struct work *w, size_t group, int64_t day)
{
	size_t at = (size_t)(day - w->u->q.from);

	w->seen[group * w->bytes + at / 8] |= (uint8_t)(1u << at % 8);
}

static void
add_row(struct work *w, struct query *q, int64_t day, int64_t hour)
{
	struct usage_group *g = group_by_id(w, query_int(q, 1));
	int64_t step;

	if (!g || day < w->u->q.from || day > w->u->q.to)
		return;
	mark(w, (size_t)(g - w->group), day);
	mark(w, w->groups, day);
	if (!g->step) {
		tally_read(&g->t, q, 2);
		return;
	}
	step = usage_step_of(&w->u->q, day, hour);
	tally_read(&g->step[step], q, 2);
}

static int
read_period(struct work *w, struct db_conn *c, struct err *e)
{
	const struct usage_query *u = &w->u->q;
	bool hours = u->step == STEP_HOUR;
	/* local days begin up to a day before and after those of UTC */
	struct query *q = hours ? db_query(c, Q_MONITOR_HOUR_RANGE,
					  db_int((u->from - 1) * HOURS),
					  db_int((u->to + 2) * HOURS))
				: db_query(c, Q_MONITOR_DAY_RANGE,
					  db_int(u->from), db_int(u->to));
	int64_t last = -1, day = 0;

	while (query_next(q)) {
		int64_t when = query_int(q, 0);

		if (when != last)
			day = hours ? day_of_hour(when) : when;
		last = when;
		add_row(w, q, day, when);
	}
	return query_end(q, e);
}

static int
read_before(struct work *w, struct db_conn *c, struct err *e)
{
	const struct usage_query *u = &w->u->q;
	int64_t days = u->to - u->from + 1;
	struct query *q = db_query(c, Q_MONITOR_DAY_BEFORE,
		db_int(u->from - days), db_int(u->from - 1));

	while (query_next(q)) {
		struct usage_group *g = group_by_id(w, query_int(q, 0));

		if (!g)
			continue;
		g->before.calls += query_int(q, 1);
		g->before.failures += query_int(q, 2);
		g->before.total_ms += query_int(q, 3);
		g->before.request_bytes += query_int(q, 4);
		g->before.response_bytes += query_int(q, 5);
	}
	return query_end(q, e);
}

static int64_t
days_seen(const struct work *w, size_t group)
{
	int64_t n = 0;

	for (size_t i = 0; i < w->bytes; i++)
		for (unsigned b = w->seen[group * w->bytes + i]; b; b >>= 1)
			n += b & 1;
	return n;
}

static void
finish(struct work *w)
{
	struct usage *u = w->u;
	struct tally steps;

	u->group = arena_array(w->a, w->groups + 1, sizeof(*u->group));
	u->total.side = u->total.service = u->total.consumer = "";
	u->total.days = days_seen(w, w->groups);
	for (size_t g = 0; g < w->groups; g++) {
		struct usage_group *x = &w->group[g];

		steps = (struct tally){ 0 };
		for (size_t i = 0; x->step && i < u->steps; i++)
			tally_merge(&steps, &x->step[i]);
		tally_merge(&x->t, &steps);
		x->days = days_seen(w, g);
		tally_merge(&u->total.t, &x->t);
		tally_merge(&u->total.before, &x->before);
		if (x->t.calls || x->before.calls)
			u->group[u->groups++] = *x;
	}
}

int
usage_read(struct monitor *m, struct arena *a, const struct usage_query *q,
	struct usage *out, struct err *e)
{
	struct work w = { .u = out, .a = a };
	struct db_conn *c;
	int ret = -1;

	*out = (struct usage){ .q = *q };
	if (q->to < q->from || q->to - q->from >= USAGE_DAYS_MAX)
		return fail(e, FAULT_BAD_REQUEST,
			"the period must have 1 to %d days", USAGE_DAYS_MAX);
	c = db_take(m->db);
	if (pairs_load(c, a, &w.pair, &w.pairs, e) || make_groups(&w, e) ||
		read_period(&w, c, e) || (q->compare && read_before(&w, c, e)))
		goto out;
	finish(&w);
	ret = 0;
out:
	db_give(c);
	return ret;
}

/* ---- unused services ---- */

static int64_t
last_use(const struct pair *p, size_t n, const char *service)
{
	int64_t last = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i].side != MONITOR_PROVIDER ||
			!str_equal(p[i].service, service))
			continue;
		if (p[i].last_ok > last)
			last = p[i].last_ok;
		if (p[i].last_failed > last)
			last = p[i].last_failed;
	}
	return last;
}

int
usage_unused(struct monitor *m, struct arena *a, int64_t since,
	struct usage_offer **out, size_t *n, struct err *e)
{
	struct db_conn *c = db_take(m->db);
	struct usage_offer all[1024];
	struct pair *pair;
	size_t pairs;
	struct query *q;
	int ret = -1;

	*n = 0;
	if (pairs_load(c, a, &pair, &pairs, e))
		goto out;
	q = db_query(c, Q_MONITOR_OFFERS, { 0 });
	while (query_next(q) && *n < sizeof(all) / sizeof(*all)) {
		struct usage_offer *o = &all[*n];

		o->service = query_text_dup(a, q, 0);
		o->title = query_text_dup(a, q, 1);
		o->since = query_int(q, 2);
		o->last_use = last_use(pair, pairs, o->service);
		*n += o->last_use < since;
	}
	ret = query_end(q, e);
	*out = arena_memdup(a, all, (*n + 1) * sizeof(*all));
out:
	db_give(c);
	return ret;
}
