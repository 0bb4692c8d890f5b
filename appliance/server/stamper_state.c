/* SPDX-License-Identifier: MIT */
/*
 * How time-stamping goes: since when it fails, durably, because messages stop
 * after the acceptable period and a restart must not begin that period anew;
 * and what each time-stamping service did last. Rule:
 * interop/xroad-messages.md 4.2.
 */
#include "messagelog_int.h"

#include <stdio.h>

#include "clock.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "messagelog_sql.h"
#include "param.h"
#include "text.h"

/* ---- since when it fails ---- */

int
stamping_load(struct messagelog *m, struct err *e)
{
	struct db_conn *c = db_take(m->db);
	struct query *q = db_query(c, Q_MESSAGELOG_STAMPING, { 0 });
	int ret;

	if (query_next(q))
		m->failing_since = m->failing_stored = query_int(q, 0);
	ret = query_end(q, e);
	db_give(c);
	if (m->failing_since)
		log_warning("no time stamp has succeeded for %lld s",
			(long long)(clock_now() - m->failing_since) / 1000);
	return ret;
}

/* On the writer's thread: what holds now, whoever asked for it. */
static int
store(struct db_conn *c, void *arg, struct err *e)
{
	struct messagelog *m = arg;
	int64_t since;

	pthread_mutex_lock(&m->lock);
	since = m->failing_since;
	pthread_mutex_unlock(&m->lock);
	if (db_run(c, Q_MESSAGELOG_STAMPING_SET, e, db_int(since)) < 0)
		return -1;
	pthread_mutex_lock(&m->lock);
	m->failing_stored = since;
	pthread_mutex_unlock(&m->lock);
	return 0;
}

void
stamping_note(
	struct messagelog *m, bool good, bool stamped, const struct err *why)
{
	int64_t now = clock_now();
	struct err e = ERR_INIT;
	bool changed;

	pthread_mutex_lock(&m->lock);
	m->status.last_try = now;
	if (!good) {
		m->status.error = *why;
		if (!m->failing_since)
			m->failing_since = now;
	} else {
		/* nothing waits: nothing fails */
		if (stamped)
			m->status.last_success = now;
		m->failing_since = 0;
		err_reset(&m->status.error);
	}
	changed = m->failing_since != m->failing_stored;
	pthread_mutex_unlock(&m->lock);
	/* not stored (disk full): the next round tries again */
	if (changed && writer_submit(m->writer, store, m, &e))
		log_err("state of time-stamping", &e);
}

bool
stamping_fails(struct messagelog *m)
{
	bool yes;

	pthread_mutex_lock(&m->lock);
	yes = m->failing_since != 0;
	pthread_mutex_unlock(&m->lock);
	return yes;
}

int
stamping_permits(struct messagelog *m, struct arena *a, struct err *e)
{
	int64_t period = conf_int(m->conf, P_ML_TS_FAILURE_PERIOD) * 1000;
	const struct tsa_choice *tsa;
	int64_t since;
	size_t n = 0;

	if (m->sc && serverconf_tsas(m->sc, a, &tsa, &n, e))
		return -1;
	if (m->sc && !n)
		return fail(e, FAULT_NO_TSA,
			"messages cannot be time-stamped: no time-stamping "
			"service is chosen");
	/* each message is stamped, or refused, by itself */
	if (conf_bool(m->conf, P_ML_TS_IMMEDIATELY))
		return 0;
	pthread_mutex_lock(&m->lock);
	since = m->failing_since;
	pthread_mutex_unlock(&m->lock);
	if (period && since && clock_now() - since > period)
		return fail(e, FAULT_TIMESTAMPING_FAILED,
			"no time stamp has succeeded for %lld s; messages stop "
			"until the time-stamping service answers again",
			(long long)(clock_now() - since) / 1000);
	return 0;
}

/* ---- each service ---- */

/* The service's row, made when it is new; the oldest goes when the table is
   full. The lock is held. */
static struct tsa_state *
row_of(struct messagelog *m, const char *url)
{
	struct tsa_state *oldest = &m->tsa[0];

	for (size_t i = 0; i < TSA_STATES; i++) {
		if (str_equal(m->tsa[i].url, url))
			return &m->tsa[i];
		if (m->tsa[i].last_try < oldest->last_try)
			oldest = &m->tsa[i];
	}
	*oldest = (struct tsa_state){ 0 };
	snprintf(oldest->url, sizeof(oldest->url), "%s", url);
	return oldest;
}

void
tsa_note(struct messagelog *m, const char *url, const struct err *why)
{
	struct tsa_state *t;

	pthread_mutex_lock(&m->lock);
	snprintf(m->status.url, sizeof(m->status.url), "%s", url);
	t = row_of(m, url);
	t->last_try = clock_now();
	if (why) {
		t->error = *why;
	} else {
		t->last_success = t->last_try;
		err_reset(&t->error);
	}
	pthread_mutex_unlock(&m->lock);
}

void
messagelog_tsa(struct messagelog *m, const char *url, struct tsa_state *out)
{
	*out = (struct tsa_state){ 0 };
	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < TSA_STATES; i++)
		if (str_equal(m->tsa[i].url, url))
			*out = m->tsa[i];
	pthread_mutex_unlock(&m->lock);
}
