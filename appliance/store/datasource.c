/* SPDX-License-Identifier: MIT */
/*
 * A data source and the pool of its connections. A connection is opened when
 * somebody wants one and none is idle, up to the pool's size; whoever comes
 * later waits. A database that could not be reached is left alone for a moment,
 * so that a storm of calls does not become a storm of connections.
 */
#include "datasource.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "datasource_int.h"
#include "log.h"
#include "mem.h"
#include "text.h"

static const struct driver *const drivers[] = { &driver_sqlite,
	&driver_postgresql, &driver_odbc, NULL };

static const struct driver *
driver_find(const char *name)
{
	for (size_t i = 0; drivers[i]; i++)
		if (str_iequal(drivers[i]->name, name))
			return drivers[i];
	return NULL;
}

static int
or_default(int value, int normal)
{
	return value > 0 ? value : normal;
}

static void
config_copy(struct datasource *ds, const struct datasource_config *c)
{
	struct datasource_config *to = &ds->config;
	const char **const text[] = { &to->name, &to->driver, &to->file,
		&to->host, &to->database, &to->user, &to->password,
		&to->ca_file, &to->odbc_driver, &to->companion, NULL };

	*to = *c;
	for (size_t i = 0; text[i]; i++)
		*text[i] = arena_strdup(ds->arena, *text[i]);
	to->pool_max = or_default(c->pool_max, DATA_POOL_DEFAULT);
	if (to->pool_max > DATA_POOL_MOST)
		to->pool_max = DATA_POOL_MOST;
	to->wait_ms = or_default(c->wait_ms, DATA_WAIT_MS);
	to->connect_ms = or_default(c->connect_ms, DATA_CONNECT_MS);
	to->idle_ms = or_default(c->idle_ms, DATA_IDLE_MS);
}

static void
lock_init(struct datasource *ds)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&ds->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&ds->changed, &attr);
	pthread_condattr_destroy(&attr);
}

int
datasource_open(struct datasource **out, const struct datasource_config *config,
	struct err *e)
{
	const struct driver *driver = driver_find(config->driver);
	struct datasource *ds;

	*out = NULL;
	assert(config->name);
	if (!driver)
		return fail(e, FAULT_CONFIG,
			"data source \"%.100s\": there is no driver \"%.40s\"",
			config->name, config->driver ? config->driver : "");
	ds = mem_alloc(sizeof(*ds));
	ds->arena = arena_new_secret();
	ds->driver = driver;
	atomic_init(&ds->refs, 1);
	config_copy(ds, config);
	lock_init(ds);
	if (driver->open(ds, e)) {
		datasource_unref(ds);
		return -1;
	}
	*out = ds;
	return 0;
}

static void
link_close(struct link *l)
{
	struct datasource *ds = l->ds;

	l->closing = true;
	link_forget_all(l, false);
	ds->driver->disconnect(l);
	mem_free(l);
}

static void
links_close(struct link *l)
{
	struct link *next;

	for (; l; l = next) {
		next = l->next;
		link_close(l);
	}
}

void
datasource_unref(struct datasource *ds)
{
	if (atomic_fetch_sub(&ds->refs, 1) > 1)
		return;
	assert(!ds->idle);
	if (ds->driver->close)
		ds->driver->close(ds);
	pthread_mutex_destroy(&ds->lock);
	pthread_cond_destroy(&ds->changed);
	arena_free(&ds->arena);
	mem_free(ds);
}

void
datasource_close(struct datasource **out)
{
	struct datasource *ds = *out;
	struct link *idle;

	if (!ds)
		return;
	pthread_mutex_lock(&ds->lock);
	ds->closed = true;
	idle = ds->idle;
	ds->idle = NULL;
	ds->links -= ds->n_idle;
	ds->n_idle = 0;
	pthread_mutex_unlock(&ds->lock);
	links_close(idle);
	datasource_unref(ds);
	*out = NULL;
}

const char *
datasource_name(const struct datasource *ds)
{
	return ds->config.name;
}

const char *
datasource_driver(const struct datasource *ds)
{
	return ds->driver->name;
}

void
datasource_state(struct datasource *ds, struct datasource_state *out)
{
	pthread_mutex_lock(&ds->lock);
	*out = (struct datasource_state){ ds->links, ds->n_idle, ds->connected,
		ds->lost };
	pthread_mutex_unlock(&ds->lock);
}

/* Takes *at out of the idle ones. */
static struct link *
idle_pick(struct datasource *ds, struct link **at)
{
	struct link *l = *at;

	*at = l->next;
	l->next = NULL;
	ds->n_idle--;
	return l;
}

/* What is idle for too long goes to *old; then one that fits, or NULL. */
static struct link *
idle_take(struct datasource *ds, bool write, struct link **old)
{
	int64_t limit = clock_ticks() - ds->config.idle_ms;
	struct link **at = &ds->idle, *found = NULL, *l;

	while (*at) {
		if ((*at)->since < limit) {
			l = idle_pick(ds, at);
			l->next = *old;
			*old = l;
			ds->links--;
		} else if (!found && (*at)->write == write) {
			found = idle_pick(ds, at);
		} else {
			at = &(*at)->next;
		}
	}
	return found;
}

/* The pool is full of idle connections of the other kind. */
static void
idle_make_room(struct datasource *ds, struct link **old)
{
	struct link *l;

	if (ds->links < ds->config.pool_max || !ds->idle)
		return;
	l = idle_pick(ds, &ds->idle);
	l->next = *old;
	*old = l;
	ds->links--;
}

static struct link *
link_new(struct datasource *ds, bool write)
{
	struct link *l = mem_alloc(sizeof(*l));

	l->ds = ds;
	l->write = write;
	l->fresh = true;
	return l;
}

static void
note_failure(struct datasource *ds, const struct err *why)
{
	pthread_mutex_lock(&ds->lock);
	ds->links--;
	ds->failed_at = clock_ticks();
	ds->failure = *why;
	pthread_cond_signal(&ds->changed);
	pthread_mutex_unlock(&ds->lock);
}

/* A place in the pool is reserved for it. */
static int
link_connect(
	struct datasource *ds, bool write, struct link **out, struct err *e)
{
	struct link *l = link_new(ds, write);
	struct err why = ERR_INIT;

	if (ds->driver->connect(l, &why)) {
		ds->driver->disconnect(l);
		mem_free(l);
		note_failure(ds, &why);
		if (e && !err_set(e))
			*e = why;
		return -1;
	}
	pthread_mutex_lock(&ds->lock);
	ds->connected++;
	ds->failed_at = 0;
	pthread_mutex_unlock(&ds->lock);
	*out = l;
	return 0;
}

static bool
wait_change(struct datasource *ds, int64_t until)
{
	struct timespec t = { .tv_sec = (time_t)(until / 1000),
		.tv_nsec = (long)(until % 1000) * 1000000 };

	if (clock_ticks() >= until)
		return false;
	pthread_cond_timedwait(&ds->changed, &ds->lock, &t);
	return true;
}

static int
failed_lately(struct datasource *ds, struct err *e)
{
	if (!ds->failed_at || clock_ticks() - ds->failed_at >= DATA_RETRY_MS)
		return 0;
	if (e && !err_set(e))
		*e = ds->failure;
	return -1;
}

/* 0: *out is a used one, or NULL and a place for a new one is ours. */
static int
pool_enter(struct datasource *ds, bool write, bool used, struct link **out,
	struct link **old, struct err *e)
{
	int64_t until = clock_ticks() + ds->config.wait_ms;

	for (;;) {
		*out = used ? idle_take(ds, write, old) : NULL;
		if (*out)
			return 0;
		idle_make_room(ds, old);
		if (ds->links < ds->config.pool_max) {
			if (failed_lately(ds, e))
				return -1;
			ds->links++;
			return 0;
		}
		if (!wait_change(ds, until))
			return fail(e, FAULT_DATA_BUSY,
				"all %d connections to the database are in use",
				ds->config.pool_max);
	}
}

int
link_take(struct datasource *ds, bool write, bool used, struct link **out,
	struct err *e)
{
	struct link *old = NULL;
	int ret;

	*out = NULL;
	do {
		pthread_mutex_lock(&ds->lock);
		ret = pool_enter(ds, write, used, out, &old, e);
		pthread_mutex_unlock(&ds->lock);
		links_close(old);
		old = NULL;
		if (!ret && *out && !ds->driver->alive(*out)) {
			(*out)->broken = true;
			link_give(out);
			continue;
		}
		break;
	} while (true);
	if (ret || *out)
		return ret;
	return link_connect(ds, write, out, e);
}

void
link_give(struct link **out)
{
	struct link *l = *out;
	struct datasource *ds = l->ds;
	bool keep;

	*out = NULL;
	l->since = clock_ticks();
	l->fresh = false;
	link_forget_all(l, true);
	pthread_mutex_lock(&ds->lock);
	keep = !l->broken && !ds->closed;
	if (keep) {
		l->next = ds->idle;
		ds->idle = l;
		ds->n_idle++;
	} else {
		ds->links--;
		ds->lost += l->broken;
	}
	pthread_cond_signal(&ds->changed);
	pthread_mutex_unlock(&ds->lock);
	if (!keep)
		link_close(l);
}

/* With the database's own words. */
static int
check(struct datasource *ds, struct err *why)
{
	struct link *l = NULL;
	int ret = link_take(ds, false, true, &l, why);

	if (!ret && ds->driver->ping(l, why)) {
		ret = -1;
		l->broken = true;
		if (!l->fresh) { /* it was idle and the database restarted */
			link_give(&l);
			err_reset(why);
			ret = link_take(ds, false, false, &l, why);
			if (!ret)
				ret = ds->driver->ping(l, why);
		}
	}
	if (l)
		link_give(&l);
	return ret;
}

int
datasource_health(struct datasource *ds, struct err *e)
{
	struct err why = ERR_INIT;

	if (!check(ds, &why))
		return 0;
	data_plain(ds, &why);
	if (e && !err_set(e))
		*e = why;
	return -1;
}

int
datasource_test(struct datasource *ds, struct err *e)
{
	return check(ds, e);
}
