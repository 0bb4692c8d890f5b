/* SPDX-License-Identifier: MIT */
/*
 * Threads: one per job row, and workers. They start with all signals blocked,
 * so that signals reach the main thread only.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "clock.h"
#include "err.h"
#include "job.h"
#include "log.h"
#include "mem.h"
#include "text.h"

enum {
	STACK_BYTES = 2 * 1024 * 1024,
	MS = 1000,
	NS_PER_MS = 1000000,
	NICE = 10,
};

struct worker {
	pthread_t thread;
	const char *name;
	void (*fn)(void *);
	void *ctx;
};

struct job_state {
	struct jobs *jobs;
	const struct job *row;
	struct worker *worker;
	int64_t due;    /* clock_ticks() of the next run */
	uint64_t begun; /* runs */
	uint64_t ended;
};

struct jobs {
	pthread_mutex_t lock; /* guards due, begun, ended of every job */
	pthread_cond_t changed;
	atomic_bool stopping;
	void *ctx;
	size_t n;
	struct job_state job[];
};

static void *
worker_main(void *p)
{
	struct worker *w = p;

	prctl(PR_SET_NAME, w->name);
	log_role(w->name);
	w->fn(w->ctx);
	return NULL;
}

int
worker_start(struct worker **out, const char *name, void (*fn)(void *ctx),
	void *ctx, struct err *e)
{
	struct worker *w = mem_alloc(sizeof(*w));
	pthread_attr_t attr;
	sigset_t all, old;
	int code;

	w->name = name;
	w->fn = fn;
	w->ctx = ctx;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	code = pthread_create(&w->thread, &attr, worker_main, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (code != 0) {
		mem_free(w);
		*out = NULL;
		return fail(e, FAULT_INTERNAL,
			"the thread %s cannot be started: %s", name,
			strerror(code));
	}
	*out = w;
	return 0;
}

void
worker_join(struct worker **w)
{
	if (!*w)
		return;
	pthread_join((*w)->thread, NULL);
	mem_free(*w);
	*w = NULL;
}

/* Waits for a change until `until` ticks. The lock is held. False: time. */
static bool
jobs_sleep(struct jobs *j, int64_t until)
{
	struct timespec t = { .tv_sec = (time_t)(until / MS),
		.tv_nsec = (long)(until % MS) * NS_PER_MS };

	return pthread_cond_timedwait(&j->changed, &j->lock, &t) != ETIMEDOUT;
}

static void
job_loop(void *p)
{
	struct job_state *s = p;
	struct jobs *j = s->jobs;
	int64_t wait;

	pthread_mutex_lock(&j->lock);
	while (!atomic_load(&j->stopping)) {
		if (clock_ticks() < s->due) {
			jobs_sleep(j, s->due);
			continue;
		}
		s->begun++;
		s->due = INT64_MAX;
		pthread_mutex_unlock(&j->lock);
		wait = s->row->run(j->ctx);
		pthread_mutex_lock(&j->lock);
		s->ended++;
		if (s->due == INT64_MAX) /* not poked meanwhile */
			s->due = clock_ticks() +
				 (wait > 0 ? wait : s->row->period_ms);
		pthread_cond_broadcast(&j->changed);
	}
	pthread_mutex_unlock(&j->lock);
}

void
job_gives_way(void)
{
	/* of the calling thread only, on Linux */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
}

static void
jobs_init(struct jobs *j, const struct job *rows, size_t n, void *ctx)
{
	pthread_condattr_t attr;
	size_t i;

	pthread_mutex_init(&j->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&j->changed, &attr);
	pthread_condattr_destroy(&attr);
	j->ctx = ctx;
	j->n = n;
	for (i = 0; i < n; i++) {
		j->job[i].jobs = j;
		j->job[i].row = &rows[i];
		j->job[i].due = clock_ticks() + rows[i].first_ms;
	}
}

int
jobs_start(struct jobs **out, const struct job *rows, void *ctx, struct err *e)
{
	struct jobs *j;
	size_t i, n = 0;

	while (rows[n].name)
		n++;
	j = mem_alloc(sizeof(*j) + n * sizeof(j->job[0]));
	jobs_init(j, rows, n, ctx);
	for (i = 0; i < n; i++) {
		if (worker_start(&j->job[i].worker, rows[i].name, job_loop,
			    &j->job[i], e) != 0) {
			jobs_stop(&j);
			*out = NULL;
			return -1;
		}
	}
	*out = j;
	return 0;
}

static struct job_state *
job_find(struct jobs *j, const char *name)
{
	size_t i;

	for (i = 0; i < j->n; i++)
		if (str_equal(j->job[i].row->name, name))
			return &j->job[i];
	assert(!"no job of this name");
	return NULL;
}

void
jobs_poke(struct jobs *j, const char *name)
{
	struct job_state *s = job_find(j, name);

	pthread_mutex_lock(&j->lock);
	s->due = 0;
	pthread_cond_broadcast(&j->changed);
	pthread_mutex_unlock(&j->lock);
}

bool
jobs_wait(struct jobs *j, const char *name, int64_t timeout_ms)
{
	struct job_state *s = job_find(j, name);
	int64_t until = clock_ticks() + timeout_ms;
	uint64_t want;
	bool done;

	pthread_mutex_lock(&j->lock);
	want = s->begun + 1;
	while (s->ended < want && !atomic_load(&j->stopping) &&
		clock_ticks() < until)
		jobs_sleep(j, until);
	done = s->ended >= want;
	pthread_mutex_unlock(&j->lock);
	return done;
}

void
jobs_stop(struct jobs **j)
{
	size_t i;

	if (!*j)
		return;
	pthread_mutex_lock(&(*j)->lock);
	atomic_store(&(*j)->stopping, true);
	pthread_cond_broadcast(&(*j)->changed);
	pthread_mutex_unlock(&(*j)->lock);
	for (i = 0; i < (*j)->n; i++)
		worker_join(&(*j)->job[i].worker);
	pthread_cond_destroy(&(*j)->changed);
	pthread_mutex_destroy(&(*j)->lock);
	mem_free(*j);
	*j = NULL;
}

bool
jobs_stopping(const struct jobs *j)
{
	return atomic_load(&j->stopping);
}
