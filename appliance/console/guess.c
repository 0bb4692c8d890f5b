/* SPDX-License-Identifier: MIT */
/*
 * Guessing passwords is slow: an address that gave too many wrong ones waits,
 * and so does a name, longer with each. Bounded tables in memory; the entry
 * that says least makes room. A name is let more tries than it takes to lock
 * one address, so that nobody locks out somebody else from one place; NIST
 * SP 800-63B 3.2.2 allows 100.
 */
#include "console_int.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>

#include "clock.h"
#include "digest.h"
#include "mem.h"

enum { ADDRESSES_MAX = 512, ADDRESS_LEN = 16, NETWORK_LEN = 8 };
static const int64_t window_ms = (int64_t)GUESS_WINDOW * 1000;

struct address {
	unsigned char bytes[ADDRESS_LEN];
};

struct entry {
	struct address address;
	int64_t since; /* ticks of the first wrong one; of a name: the last */
	int64_t until; /* of a name: ticks until which it waits */
	int count;     /* 0: free */
};

struct guesses {
	pthread_mutex_t lock; /* guards all below */
	int64_t (*ticks)(void);
	int64_t keep_ms; /* an entry that is older is forgotten */
	struct entry item[ADDRESSES_MAX];
};

struct guesses *
guesses_new(int64_t (*ticks)(void))
{
	struct guesses *g = mem_alloc(sizeof(*g));

	pthread_mutex_init(&g->lock, NULL);
	g->ticks = ticks;
	g->keep_ms = window_ms;
	return g;
}

struct guesses *
guess_names_new(int64_t (*ticks)(void))
{
	struct guesses *g = guesses_new(ticks);

	g->keep_ms = (int64_t)NAME_MEMORY * 1000;
	return g;
}

void
guesses_free(struct guesses **g)
{
	if (!*g)
		return;
	pthread_mutex_destroy(&(*g)->lock);
	mem_free(*g);
	*g = NULL;
}

/* IPv4 whole; of IPv6 the network, because one caller has all of that. */
static struct address
read_address(const char *text)
{
	struct address out = { { 0 } };
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, text, &four) == 1) {
		memcpy(out.bytes + ADDRESS_LEN - sizeof(four), &four,
			sizeof(four));
		return out;
	}
	if (inet_pton(AF_INET6, text, &six) != 1)
		return out;
	if (IN6_IS_ADDR_V4MAPPED(&six))
		memcpy(out.bytes + ADDRESS_LEN - sizeof(four),
			six.s6_addr + ADDRESS_LEN - sizeof(four), sizeof(four));
	else
		memcpy(out.bytes, six.s6_addr, NETWORK_LEN);
	return out;
}

/* Fewer wrong passwords say less, then the older. */
static bool
says_less(const struct entry *a, const struct entry *b)
{
	return a->count < b->count ||
	       (a->count == b->count && a->since < b->since);
}

/* The entry of the address, made if there is none. */
static struct entry *
entry_of(struct guesses *g, const struct address *address)
{
	int64_t now = g->ticks();
	struct entry *least = &g->item[0];

	for (size_t i = 0; i < ADDRESSES_MAX; i++) {
		struct entry *x = &g->item[i];

		if (x->count && now - x->since >= g->keep_ms)
			x->count = 0;
		if (x->count && !memcmp(&x->address, address, sizeof(*address)))
			return x;
		if (says_less(x, least))
			least = x;
	}
	*least = (struct entry){ .address = *address, .since = now };
	return least;
}

bool
guess_begin(struct guesses *g, const char *address)
{
	struct address a = read_address(address);
	struct entry *x;
	bool may;

	pthread_mutex_lock(&g->lock);
	x = entry_of(g, &a);
	may = x->count < GUESSES_MAX;
	if (may)
		x->count++;
	pthread_mutex_unlock(&g->lock);
	return may;
}

void
guess_right(struct guesses *g, const char *address)
{
	struct address a = read_address(address);
	struct entry *x;

	pthread_mutex_lock(&g->lock);
	x = entry_of(g, &a);
	if (x->count)
		x->count--;
	pthread_mutex_unlock(&g->lock);
}

static struct address
read_name(const char *name)
{
	struct address out;
	struct digest d;

	digest_of(DIGEST_SHA256, name, strlen(name), &d);
	memcpy(out.bytes, d.value, ADDRESS_LEN);
	return out;
}

/* After so many wrong ones in a row: 30 s, 60 s ... 15 minutes. */
static int64_t
wait_of(int count)
{
	int64_t wait = NAME_WAIT;

	if (count < NAME_GUESSES)
		return 0;
	for (int n = NAME_GUESSES; n < count && wait < NAME_WAIT_MAX; n++)
		wait *= 2;
	return 1000 * (wait < NAME_WAIT_MAX ? wait : NAME_WAIT_MAX);
}

int
guess_name_begin(struct guesses *g, const char *name)
{
	struct address a = read_name(name);
	int64_t now = g->ticks();
	struct entry *x;
	int wait = 0;

	pthread_mutex_lock(&g->lock);
	x = entry_of(g, &a);
	if (x->until > now)
		wait = (int)((x->until - now + 999) / 1000);
	if (!wait) {
		x->count++;
		x->since = now;
		x->until = now + wait_of(x->count);
	}
	pthread_mutex_unlock(&g->lock);
	return wait;
}

void
guess_name_right(struct guesses *g, const char *name, bool whole)
{
	struct address a = read_name(name);
	struct entry *x;

	pthread_mutex_lock(&g->lock);
	x = entry_of(g, &a);
	if (x->count)
		x->count = whole ? 0 : x->count - 1;
	x->until = x->count ? g->ticks() + wait_of(x->count) : 0;
	pthread_mutex_unlock(&g->lock);
}
