/* SPDX-License-Identifier: MIT */
/*
 * The monitor's recipe: opens its database, writes what the queue has every
 * second, removes what is old, serves numbers.
 */
#include "monitor_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "job.h"
#include "log.h"
#include "mem.h"
#include "monitor_sql.h"
#include "param.h"
#include "text.h"

enum {
	CLEAN_FIRST_MS = 15000,
	CLEAN_MS = 3600 * 1000,
	CLEAN_PIECE = 5000, /* records removed in one transaction */
	HOUR_MS = 3600 * 1000,
	DAY_HOURS = 24,
	DAY_S = 86400,
};

struct monitor *
monitor_of(const struct role_env *env)
{
	for (size_t i = 0; env && i < env->runs; i++)
		if (env->run[i].role == &role_monitor)
			return env->run[i].state;
	return NULL;
}

void
monitor_add(struct monitor *m, const struct monitor_exchange *x)
{
	struct monitor_exchange done = *x;

	if (!m || !m->queue)
		return;
	if (done.number[MN_RESPONSE_OUT] < 0)
		done.number[MN_RESPONSE_OUT] = clock_now();
	if (queue_put(m->queue, &done) && m->jobs)
		jobs_poke(m->jobs, "write");
}

int64_t
monitor_started(const struct monitor *m)
{
	return m->started;
}

/* ---- writing ---- */

static void
tell(struct monitor *m, const struct err *e)
{
	bool again;

	pthread_mutex_lock(&m->lock);
	again = str_equal(m->trouble, e->text);
	snprintf(m->trouble, sizeof(m->trouble), "%s", e->text);
	pthread_mutex_unlock(&m->lock);
	if (!again)
		log_err("records of exchanges wait", e);
}

static void
tell_good(struct monitor *m)
{
	bool was;

	pthread_mutex_lock(&m->lock);
	was = *m->trouble;
	*m->trouble = '\0';
	pthread_mutex_unlock(&m->lock);
	if (was)
		log_info("records of exchanges are written again");
}

/* What could not be written is tried again before anything else. The lock is
   held. */
static int
write_group(struct monitor *m, struct err *e)
{
	int64_t *pair;
	int ret;

	if (!m->pendings)
		m->pendings = queue_take(m->queue, m->pending, GROUP_MAX);
	if (!m->pendings)
		return 0;
	pair = mem_array(m->pendings, sizeof(*pair));
	ret = recorder_write(
		m->recorder, m->db, m->pending, m->pendings, pair, e);
	mem_free(pair);
	if (ret)
		return -1;
	for (size_t i = 0; i < m->pendings; i++) {
		series_add(m->series, m->pending[i]);
		mem_free(m->pending[i]);
	}
	atomic_fetch_add(&m->written, (long long)m->pendings);
	atomic_store(&m->last_written, clock_now());
	m->pendings = 0;
	return 1;
}

int
monitor_flush(struct monitor *m, struct err *e)
{
	int ret = 1;

	if (!m || !m->queue)
		return 0;
	pthread_mutex_lock(&m->writing);
	while (ret > 0)
		ret = write_group(m, e);
	pthread_mutex_unlock(&m->writing);
	return ret;
}

static int64_t
job_write(void *ctx)
{
	struct monitor *m = ctx;
	struct err e = ERR_INIT;

	job_gives_way();
	if (monitor_flush(m, &e))
		tell(m, &e);
	else
		tell_good(m);
	return WRITE_MS;
}

/* ---- cleaning ---- */

static int
run(struct monitor *m, int statement, int64_t before, int64_t *n, struct err *e)
{
	struct db_conn *c = db_take(m->db);
	const struct db_arg arg[] = { db_int(before),
		statement == Q_MONITOR_RECORD_CLEAN ? db_int(CLEAN_PIECE)
						    : (struct db_arg){ 0 },
		{ .type = 0 } };

	*n = db_run_args(c, statement, e, arg);
	db_give(c);
	return *n < 0 ? -1 : 0;
}

static int
clean(struct monitor *m, struct err *e)
{
	int64_t now = clock_now(), n = 1,
		days = conf_int(m->conf, P_USAGE_DAYS);
	int64_t hours = conf_int(m->conf, P_USAGE_HOURS) * DAY_HOURS;
	int ret = 0;

	while (n > 0 && !ret && !(m->jobs && jobs_stopping(m->jobs)))
		ret = run(m, Q_MONITOR_RECORD_CLEAN,
			now / 1000 - conf_int(m->conf, P_OPM_KEEP) * DAY_S, &n,
			e);
	if (!ret)
		ret = run(
			m, Q_MONITOR_HOUR_CLEAN, now / HOUR_MS - hours, &n, e);
	if (!ret)
		ret = run(m, Q_MONITOR_DAY_CLEAN, day_of_ms(now) - days, &n, e);
	if (ret)
		return -1;
	pthread_mutex_lock(&m->writing);
	ret = run(m, Q_MONITOR_PAIR_CLEAN, now - days * DAY_S * 1000, &n, e);
	if (!ret && n)
		recorder_forget(m->recorder);
	pthread_mutex_unlock(&m->writing);
	return ret;
}

static int64_t
job_clean(void *ctx)
{
	struct err e = ERR_INIT;

	job_gives_way();
	if (clean(ctx, &e))
		log_err("removing old records of exchanges", &e);
	return CLEAN_MS;
}

static const struct job JOBS[] = {
	{ "write", WRITE_MS, WRITE_MS, job_write },
	{ "clean", CLEAN_MS, CLEAN_FIRST_MS, job_clean },
	{ 0 },
};

/* ---- offers ---- */

struct offers {
	const struct monitor_offer *offer;
	size_t n;
};

static bool
offered(const struct offers *o, const char *service)
{
	for (size_t i = 0; i < o->n; i++)
		if (str_equal(o->offer[i].service, service))
			return true;
	return false;
}

static int
offers_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct offers *o = arg;
	struct arena *a = arena_new();
	struct query *q = db_query(c, Q_MONITOR_OFFERS, { 0 });
	const char *gone[256];
	size_t n = 0;
	int ret;

	while (query_next(q))
		if (n < sizeof(gone) / sizeof(*gone) &&
			!offered(o, query_text(q, 0)))
			gone[n++] = query_text_dup(a, q, 0);
	ret = query_end(q, e);
	for (size_t i = 0; i < n && !ret; i++)
		ret = db_run(c, Q_MONITOR_OFFER_REMOVE, e, db_text(gone[i])) <
		      0;
	for (size_t i = 0; i < o->n && !ret; i++)
		ret = db_run(c, Q_MONITOR_OFFER_ADD, e,
			      db_text(o->offer[i].service),
			      db_text(o->offer[i].title ? o->offer[i].title
							: ""),
			      db_int(clock_now())) < 0;
	arena_free(&a);
	return ret ? -1 : 0;
}

int
monitor_offers(struct monitor *m, const struct monitor_offer *offer, size_t n,
	struct err *e)
{
	struct offers o = { offer, n };

	return m && m->queue ? db_transact(m->db, offers_write, &o, e) : 0;
}

/* ---- life ---- */

static void
stop(void *state)
{
	struct monitor *m = state;
	struct err e = ERR_INIT;

	metrics_close(m);
	if (m->jobs)
		jobs_stop(&m->jobs);
	if (m->db && monitor_flush(m, &e))
		log_err("last records of exchanges", &e);
	for (size_t i = 0; i < m->pendings; i++)
		mem_free(m->pending[i]);
	queue_free(&m->queue);
	recorder_free(&m->recorder);
	series_free(&m->series);
	if (m->db)
		db_close(&m->db);
	arena_free(&m->arena);
	pthread_mutex_destroy(&m->lock);
	pthread_mutex_destroy(&m->writing);
	mem_free(m);
}

static int
start(void **state, const struct role_env *env, struct err *e)
{
	struct monitor *m = mem_alloc(sizeof(*m));
	size_t waiting = (size_t)conf_int(env->conf, P_OPM_BUFFER);

	m->conf = env->conf;
	m->arena = arena_new();
	m->started = clock_now();
	pthread_mutex_init(&m->lock, NULL);
	pthread_mutex_init(&m->writing, NULL);
	m->recorder = recorder_new();
	m->series = series_new();
	if (db_open(&m->db, &schema_monitor,
		    conf_data_path(env->conf, "monitor.db"), 0, e))
		goto out;
	if (waiting)
		m->queue = queue_new(waiting);
	if (metrics_open(m, e) || jobs_start(&m->jobs, JOBS, m, e))
		goto out;
	*state = m;
	return 0;
out:
	stop(m);
	return -1;
}

static int
health(void *state, char *out, unsigned long max)
{
	struct monitor *m = state;
	bool ok;

	pthread_mutex_lock(&m->lock);
	ok = !*m->trouble;
	pthread_mutex_unlock(&m->lock);
	snprintf(out, max,
		"{\"role\":\"monitor\",\"ok\":%s,\"written\":%lld,"
		"\"waiting\":%zu,\"lost\":%lld}",
		ok ? "true" : "false", (long long)atomic_load(&m->written),
		m->queue ? queue_waiting(m->queue) : 0,
		m->queue ? (long long)queue_lost(m->queue) : 0);
	return 0;
}

static const char *const owns[] = { "monitor", NULL };
static const struct role_port serves[] = {
	{ "metrics", "http or https", P_METRICS_PORT },
	{ NULL, NULL, -1 },
};

const struct role role_monitor = {
	.name = "monitor",
	.summary = "records, use and numbers of exchanges; runs beside roles "
		   "that exchange",
	.owns = owns,
	.serves = serves,
	.admin = monitor_routes,
	.start = start,
	.stop = stop,
	.health = health,
};
