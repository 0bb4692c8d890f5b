/* SPDX-License-Identifier: MIT */
/*
 * Guessing passwords is slow: an address that gave too many wrong ones waits,
 * and so does a name, longer with each. Bounded tables in memory; the entry
 * that says least makes room. A name is let more tries than it takes to lock
 * one address, so that nobody locks out somebody else from one place; NIST
 * SP 800-63B 3.2.2 allows 100. Where a name signed in lately it has a count of
 * its own: who tries from many places makes it wait elsewhere, not there.
 */
#include "console_int.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "digest.h"
#include "mem.h"

enum {
	ADDRESSES_MAX = 512,
	KNOWN_MAX = 256, /* pairs of name and address */
	ADDRESS_LEN = 16,
	NETWORK_LEN = 8
};
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
	struct address known[KNOWN_MAX]; /* the latest last */
	size_t knowns;
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

/* from: NULL for the name alone. */
static struct address
read_name(const char *name, const char *from)
{
	struct address out, place = { { 0 } };
	struct digest d;
	struct buf b;

	if (from)
		place = read_address(from);
	buf_init(&b, 64 * 1024);
	buf_add(&b, place.bytes, sizeof(place.bytes));
	buf_str(&b, name);
	digest_of(DIGEST_SHA256, b.data, b.len, &d);
	buf_done(&b);
	memcpy(out.bytes, d.value, ADDRESS_LEN);
	return out;
}

/* Where it stands among the known ones, or their number. */
static size_t
known_at(const struct guesses *g, const struct address *pair)
{
	size_t i = 0;

	while (i < g->knowns && memcmp(&g->known[i], pair, sizeof(*pair)) != 0)
		i++;
	return i;
}

/* Comes to stand last; the one that did not for longest makes room. */
static void
remember(struct guesses *g, const struct address *pair)
{
	size_t at = known_at(g, pair);

	if (at == g->knowns && g->knowns < KNOWN_MAX)
		g->knowns++;
	else if (at == g->knowns)
		at = 0;
	memmove(&g->known[at], &g->known[at + 1],
		(g->knowns - 1 - at) * sizeof(*pair));
	g->known[g->knowns - 1] = *pair;
}

/* What is counted together. */
static struct entry *
name_entry(struct guesses *g, const char *name, const char *from)
{
	struct address pair = read_name(name, from);
	struct address alone = read_name(name, NULL);
	bool known = from && known_at(g, &pair) < g->knowns;

	return entry_of(g, known ? &pair : &alone);
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
guess_name_begin(struct guesses *g, const char *name, const char *from)
{
	int64_t now = g->ticks();
	struct entry *x;
	int wait = 0;

	pthread_mutex_lock(&g->lock);
	x = name_entry(g, name, from);
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
guess_name_right(
	struct guesses *g, const char *name, const char *from, bool whole)
{
	struct address pair = read_name(name, from);
	struct entry *x;

	pthread_mutex_lock(&g->lock);
	x = name_entry(g, name, from);
	if (x->count)
		x->count = whole ? 0 : x->count - 1;
	x->until = x->count ? g->ticks() + wait_of(x->count) : 0;
	if (whole && from)
		remember(g, &pair);
	pthread_mutex_unlock(&g->lock);
}
