/* SPDX-License-Identifier: MIT */
/*
 * The meter: nothing without it or while it is off, parts within parts count
 * for themselves, what a thread did while it was off is not counted later.
 */
#include "meter.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { MS = 1000000, SPIN_MS = 20 };

static int64_t
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 * MS + t.tv_nsec;
}

static void
spin(void)
{
	int64_t until = cpu() + (int64_t)SPIN_MS * MS;

	while (cpu() < until)
		;
}

static bool
is_spin(int64_t ns)
{
	return ns >= (int64_t)SPIN_MS * MS && ns < (int64_t)SPIN_MS * MS * 2;
}

int
main(void)
{
	struct meter_page *p;
	enum meter_part was;

	unsetenv("MACHILINK_METER");
	meter_open();
	is_int(meter_to(METER_LOG), METER_OTHER);
	is_int(meter_to(METER_OTHER), METER_OTHER); /* not there: not kept */
	setenv("MACHILINK_METER", tap_dir(), 1);
	ok(!meter_map(tap_dir(), getpid()));
	meter_open();
	p = meter_map(tap_dir(), getpid());
	ok(p != NULL);
	if (!p)
		return tap_done();
	is_int(meter_to(METER_LOG), METER_OTHER);
	is_int(meter_to(METER_OTHER), METER_OTHER);
	atomic_store(&p->on, 1);
	is_int(meter_to(METER_VERIFY), METER_OTHER);
	spin();
	was = meter_to(METER_HASH);
	is_int(was, METER_VERIFY);
	spin();
	is_int(meter_to(was), METER_HASH);
	is_int(meter_to(METER_OTHER), METER_VERIFY);
	spin();
	is_int(meter_to(METER_TLS), METER_OTHER);
	ok(is_spin(atomic_load(&p->ns[METER_VERIFY])));
	ok(is_spin(atomic_load(&p->ns[METER_HASH])));
	is_int(atomic_load(&p->ns[METER_OTHER]), 0);
	/* off in the middle of a part */
	atomic_store(&p->on, 0);
	meter_to(METER_OTHER);
	spin();
	atomic_store(&p->on, 1);
	meter_to(METER_LOG);
	meter_to(METER_OTHER);
	ok(atomic_load(&p->ns[METER_TLS]) == 0);
	ok(atomic_load(&p->ns[METER_LOG]) < (int64_t)SPIN_MS * MS);
	meter_unmap(p);
	meter_unmap(NULL);
	return tap_done();
}
