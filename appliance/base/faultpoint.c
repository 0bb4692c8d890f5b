/* SPDX-License-Identifier: MIT */
/*
 * The one armed fault point: test-only state (style rule 7).
 */
#include <pthread.h>
#include <stdatomic.h>

#include "faultpoint.h"
#include "text.h"

static struct {
	atomic_bool on;       /* read without the lock: is anything armed? */
	pthread_mutex_t lock; /* guards the rest */
	const char *point;
	int skip;
	int times;
} armed = { .lock = PTHREAD_MUTEX_INITIALIZER };

bool
fault_at(const char *point)
{
	bool hit = false;

	if (!atomic_load_explicit(&armed.on, memory_order_relaxed))
		return false;
	pthread_mutex_lock(&armed.lock);
	if (str_equal(armed.point, point)) {
		if (armed.skip > 0)
			armed.skip--;
		else
			hit = armed.times > 0 && armed.times-- > 0;
	}
	pthread_mutex_unlock(&armed.lock);
	return hit;
}

void
fault_arm(const char *point, int skip, int times)
{
	pthread_mutex_lock(&armed.lock);
	armed.point = point;
	armed.skip = skip;
	armed.times = times;
	atomic_store(&armed.on, point != NULL);
	pthread_mutex_unlock(&armed.lock);
}

void
fault_disarm(void)
{
	fault_arm(NULL, 0, 0);
}
