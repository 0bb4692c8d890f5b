/* SPDX-License-Identifier: MIT */
/* Requests per source address: two buckets each, filled by the clock. */
#include "rate_int.h"

#include <pthread.h>
#include <string.h>

#include "mem.h"

enum { SECOND = 1000, MINUTE = 60000 };

struct sender {
	uint8_t key[GATE_KEY];
	int64_t seen; /* 0: free */
	/* What is left, in thousandths of a request times the period: whole
	   numbers that fill by `limit` each millisecond. */
	int64_t second, minute;
};

struct rate {
	pthread_mutex_t lock; /* guards the senders */
	int64_t (*ticks)(void);
	int64_t per_second, per_minute;
	struct sender sender[RATE_ADDRESSES_MAX];
};

struct rate *
rate_new(int per_second, int per_minute, int64_t (*ticks)(void))
{
	struct rate *r;

	if (per_second <= 0 && per_minute <= 0)
		return NULL;
	r = mem_alloc(sizeof(*r));
	pthread_mutex_init(&r->lock, NULL);
	r->ticks = ticks;
	r->per_second = per_second > 0 ? per_second : 0;
	r->per_minute = per_minute > 0 ? per_minute : 0;
	return r;
}

void
rate_free(struct rate **r)
{
	if (!*r)
		return;
	pthread_mutex_destroy(&(*r)->lock);
	mem_free(*r);
	*r = NULL;
}

/* Full buckets for whoever comes for the first time. */
static struct sender *
sender_of(struct rate *r, const uint8_t key[GATE_KEY], int64_t now)
{
	struct sender *oldest = &r->sender[0];

	for (int i = 0; i < RATE_ADDRESSES_MAX; i++) {
		struct sender *x = &r->sender[i];

		if (x->seen && !memcmp(x->key, key, GATE_KEY))
			return x;
		if (x->seen < oldest->seen)
			oldest = x;
	}
	*oldest = (struct sender){ .seen = now,
		.second = r->per_second * SECOND,
		.minute = r->per_minute * MINUTE };
	memcpy(oldest->key, key, GATE_KEY);
	return oldest;
}

static int64_t
filled(int64_t left, int64_t limit, int64_t passed, int64_t period)
{
	int64_t most = limit * period;

	if (passed > 2 * period) /* one of them may be owed */
		return most;
	left += limit * passed;
	return left < most ? left : most;
}

/* Milliseconds until the bucket holds one more. */
static int64_t
lacking(int64_t left, int64_t limit, int64_t period)
{
	return limit && left < period ? (period - left + limit - 1) / limit : 0;
}

int64_t
rate_wait(struct rate *r, const char *address, int64_t longest)
{
	uint8_t key[GATE_KEY];
	struct sender *x;
	int64_t now, wait, minute;

	if (!r)
		return 0;
	gate_key_text(address, key);
	pthread_mutex_lock(&r->lock);
	now = r->ticks() + 1; /* never 0 */
	x = sender_of(r, key, now);
	x->second = filled(x->second, r->per_second, now - x->seen, SECOND);
	x->minute = filled(x->minute, r->per_minute, now - x->seen, MINUTE);
	x->seen = now;
	wait = lacking(x->second, r->per_second, SECOND);
	minute = lacking(x->minute, r->per_minute, MINUTE);
	wait = wait > minute ? wait : minute;
	if (wait > longest)
		wait = -1;
	if (wait >= 0 && r->per_second)
		x->second -= SECOND;
	if (wait >= 0 && r->per_minute)
		x->minute -= MINUTE;
	pthread_mutex_unlock(&r->lock);
	return wait;
}

bool
rate_take(struct rate *r, const char *address)
{
	return rate_wait(r, address, 0) == 0;
}
