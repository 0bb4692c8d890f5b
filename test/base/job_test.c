/* SPDX-License-Identifier: MIT */
/*
 * Tests of periodic jobs and workers: poking, waiting, stopping.
 */
#include <stdatomic.h>
#include <string.h>

#include "clock.h"
#include "job.h"
#include "tap.h"

enum { LONG_MS = 3600 * 1000, PATIENCE_MS = 60000 };

struct counts {
	struct jobs *jobs;
	atomic_int slow;   /* runs of the job that only a poke starts */
	atomic_int fast;   /* runs of the job that asks for 1 ms */
	atomic_int inside; /* threads in run_slow now */
	atomic_int crowd;  /* most of them ever */
	atomic_bool hold;  /* run_slow waits while set */
	atomic_int entered;
};

static int64_t
run_slow(void *ctx)
{
	struct counts *c = ctx;
	int now = atomic_fetch_add(&c->inside, 1) + 1;

	if (now > atomic_load(&c->crowd))
		atomic_store(&c->crowd, now);
	atomic_fetch_add(&c->entered, 1);
	while (atomic_load(&c->hold))
		;
	atomic_fetch_add(&c->slow, 1);
	atomic_fetch_sub(&c->inside, 1);
	return 0;
}

static int64_t
run_fast(void *ctx)
{
	struct counts *c = ctx;

	atomic_fetch_add(&c->fast, 1);
	return 1;
}

static const struct job rows[] = {
	{ "slow", LONG_MS, LONG_MS, run_slow },
	{ "fast", LONG_MS, 0, run_fast },
	{ .name = NULL },
};

/* Pokes "slow" from a second thread until the waiter has seen a run. */
struct poker {
	struct counts *c;
	atomic_bool enough;
};

static void
poke_on(void *ctx)
{
	struct poker *p = ctx;

	while (!atomic_load(&p->enough))
		jobs_poke(p->c->jobs, "slow");
}

static void
test_wait(struct counts *c)
{
	struct poker p = { .c = c };
	struct worker *w;
	int before = atomic_load(&c->slow);

	ok(!jobs_wait(c->jobs, "slow", 20));
	is_int(worker_start(&w, "poker", poke_on, &p, NULL), 0);
	ok(jobs_wait(c->jobs, "slow", PATIENCE_MS));
	atomic_store(&p.enough, true);
	worker_join(&w);
	ok(w == NULL);
	ok(atomic_load(&c->slow) > before);
	is_int(atomic_load(&c->crowd), 1);
}

static void
test_poke_while_running(struct counts *c)
{
	int entered = atomic_load(&c->entered);
	int64_t until = clock_ticks() + PATIENCE_MS;

	atomic_store(&c->hold, true);
	jobs_poke(c->jobs, "slow");
	while (atomic_load(&c->entered) == entered && clock_ticks() < until)
		;
	entered = atomic_load(&c->entered);
	jobs_poke(c->jobs, "slow");
	atomic_store(&c->hold, false);
	while (atomic_load(&c->entered) == entered && clock_ticks() < until)
		;
	ok(atomic_load(&c->entered) > entered);
	is_int(atomic_load(&c->crowd), 1);
}

static void
test_own_period(struct counts *c)
{
	ok(jobs_wait(c->jobs, "fast", PATIENCE_MS));
	ok(jobs_wait(c->jobs, "fast", PATIENCE_MS));
	ok(atomic_load(&c->fast) >= 2);
}

int
main(void)
{
	struct counts c = { 0 };
	int fast;

	is_int(jobs_start(&c.jobs, rows, &c, NULL), 0);
	ok(!jobs_stopping(c.jobs));
	test_own_period(&c);
	is_int(atomic_load(&c.slow), 0);
	test_wait(&c);
	test_poke_while_running(&c);
	jobs_stop(&c.jobs);
	ok(c.jobs == NULL);
	fast = atomic_load(&c.fast);
	jobs_stop(&c.jobs);
	is_int(atomic_load(&c.fast), fast);
	return tap_done();
}
