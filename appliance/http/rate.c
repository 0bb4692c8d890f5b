/* SPDX-License-Identifier: MIT */
/* Requests per source address: two buckets each, filled by the clock. */
#include "rate_int.h"

#include <arpa/inet.h>
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

	if (!per_second && !per_minute)
		return NULL;
	r = mem_alloc(sizeof(*r));
	pthread_mutex_init(&r->lock, NULL);
	r->ticks = ticks;
	r->per_second = per_second;
	r->per_minute = per_minute;
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

static void
key_of(const char *address, uint8_t key[GATE_KEY])
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };

	memset(key, 0, GATE_KEY);
	if (inet_pton(AF_INET, address, &four.sin_addr) == 1)
		gate_key((const struct sockaddr *)&four, key);
	else if (inet_pton(AF_INET6, address, &six.sin6_addr) == 1)
		gate_key((const struct sockaddr *)&six, key);
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

	if (passed > period)
		return most;
	left += limit * passed;
	return left < most ? left : most;
}

bool
rate_take(struct rate *r, const char *address)
{
	uint8_t key[GATE_KEY];
	struct sender *x;
	int64_t now;
	bool may;

	if (!r)
		return true;
	key_of(address, key);
	pthread_mutex_lock(&r->lock);
	now = r->ticks() + 1; /* never 0 */
	x = sender_of(r, key, now);
	x->second = filled(x->second, r->per_second, now - x->seen, SECOND);
	x->minute = filled(x->minute, r->per_minute, now - x->seen, MINUTE);
	x->seen = now;
	may = (!r->per_second || x->second >= SECOND) &&
	      (!r->per_minute || x->minute >= MINUTE);
	if (may && r->per_second)
		x->second -= SECOND;
	if (may && r->per_minute)
		x->minute -= MINUTE;
	pthread_mutex_unlock(&r->lock);
	return may;
}
