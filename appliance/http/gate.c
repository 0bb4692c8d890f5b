/* SPDX-License-Identifier: MIT */
/*
 * Fair queues of accepted connections. Knows no sockets, only addresses.
 */
#include "gate_int.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

#include "mem.h"

enum { BUCKETS = 512, PERCENT = 100, IPV6_NETWORK = 8 };

struct gate_item {
	struct gate_item *next;
	unsigned char data[];
};

struct gate_peer {
	uint8_t key[GATE_KEY];
	int held; /* threads */
	size_t waiting;
	struct gate_item *first, **last;
	struct gate_peer *next;           /* of the bucket */
	struct gate_peer *before, *after; /* of the ring, if any wait */
};

struct gate {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t news;  /* an item, or a thread given back */
	struct gate_peer *bucket[BUCKETS];
	struct gate_peer *ring; /* whose turn it is; circular */
	size_t waiting;
	int held;
	bool stopped;
	/* fixed */
	int threads, share;
	size_t max, item;
};

struct gate *
gate_new(int threads, int share, size_t waiting_max, size_t item)
{
	struct gate *g = mem_alloc(sizeof(*g));

	assert(threads > 0 && share > 0 && share <= PERCENT && waiting_max);
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->news, NULL);
	g->threads = threads;
	g->share = share;
	g->max = waiting_max;
	g->item = item;
	return g;
}

/* ---- addresses ---- */

void
gate_key(const struct sockaddr *sa, uint8_t key[GATE_KEY])
{
	static const uint8_t mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
		0xff };
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	memset(key, 0, GATE_KEY);
	if (sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof(v4));
		memcpy(key, mapped, sizeof(mapped));
		memcpy(key + sizeof(mapped), &v4.sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&v6, sa, sizeof(v6));
		memcpy(key, &v6.sin6_addr,
			memcmp(&v6.sin6_addr, mapped, sizeof(mapped))
				? IPV6_NETWORK
				: GATE_KEY);
	}
}

void
gate_key_text(const char *address, uint8_t key[GATE_KEY])
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };

	memset(key, 0, GATE_KEY);
	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
		gate_key((const struct sockaddr *)&v4, key);
	else if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1)
		gate_key((const struct sockaddr *)&v6, key);
}

static struct gate_peer **
slot_of(struct gate *g, const uint8_t key[GATE_KEY])
{
	uint32_t h = 2166136261U; /* FNV-1a */
	struct gate_peer **p;

	for (int i = 0; i < GATE_KEY; i++)
		h = (h ^ key[i]) * 16777619U;
	p = &g->bucket[h % BUCKETS];
	while (*p && memcmp((*p)->key, key, GATE_KEY) != 0)
		p = &(*p)->next;
	return p;
}

static struct gate_peer *
peer_of(struct gate *g, const uint8_t key[GATE_KEY])
{
	struct gate_peer **slot = slot_of(g, key);

	if (!*slot) {
		*slot = mem_alloc(sizeof(**slot));
		memcpy((*slot)->key, key, GATE_KEY);
		(*slot)->last = &(*slot)->first;
	}
	return *slot;
}

/* Nobody of that address is here any more. */
static void
peer_forget(struct gate *g, struct gate_peer *p)
{
	struct gate_peer **slot;

	if (p->held || p->waiting)
		return;
	slot = slot_of(g, p->key);
	*slot = p->next;
	mem_free(p);
}

/* ---- the ring of those who wait ---- */

static void
ring_add(struct gate *g, struct gate_peer *p)
{
	if (!g->ring) {
		g->ring = p->before = p->after = p;
		return;
	}
	p->after = g->ring;
	p->before = g->ring->before;
	p->before->after = p;
	p->after->before = p;
}

static void
ring_remove(struct gate *g, struct gate_peer *p)
{
	if (g->ring == p)
		g->ring = p->after == p ? NULL : p->after;
	p->before->after = p->after;
	p->after->before = p->before;
	p->before = p->after = NULL;
}

static void
item_pop(struct gate *g, struct gate_peer *p, void *out)
{
	struct gate_item *it = p->first;

	assert(it);
	memcpy(out, it->data, g->item);
	p->first = it->next;
	if (!p->first)
		p->last = &p->first;
	mem_free(it);
	g->waiting--;
	if (--p->waiting == 0)
		ring_remove(g, p);
}

static void
item_push(struct gate *g, struct gate_peer *p, const void *data)
{
	struct gate_item *it = mem_alloc(sizeof(*it) + g->item);

	memcpy(it->data, data, g->item);
	*p->last = it;
	p->last = &it->next;
	g->waiting++;
	if (p->waiting++ == 0)
		ring_add(g, p);
}

/* ---- the rule ---- */

static bool
may_enter(const struct gate *g, const struct gate_peer *p)
{
	int left = g->threads - g->held - 1; /* free after that */

	if (!p->held || g->share == PERCENT)
		return true;
	return (p->held + 1) * (PERCENT - g->share) <= g->share * left;
}

static struct gate_peer *
next_peer(struct gate *g)
{
	struct gate_peer *p = g->ring;

	do {
		if (may_enter(g, p))
			return p;
		p = p->after;
	} while (p != g->ring);
	return NULL;
}

static struct gate_peer *
greediest(struct gate *g)
{
	struct gate_peer *most = g->ring;

	for (struct gate_peer *p = g->ring->after; p != g->ring; p = p->after)
		if (p->waiting > most->waiting)
			most = p;
	return most;
}

/* ---- in and out ---- */

bool
gate_put(struct gate *g, const uint8_t key[GATE_KEY], const void *item,
	bool scarce, void *dropped)
{
	struct gate_peer *most;
	bool drop;

	pthread_mutex_lock(&g->lock);
	item_push(g, peer_of(g, key), item);
	drop = scarce || g->waiting > g->max;
	if (drop) {
		most = greediest(g);
		item_pop(g, most, dropped);
		peer_forget(g, most);
	}
	pthread_cond_signal(&g->news);
	pthread_mutex_unlock(&g->lock);
	return drop;
}

static void
leave(struct gate *g, struct gate_peer **held)
{
	struct gate_peer *p = *held;

	*held = NULL;
	if (!p)
		return;
	p->held--;
	g->held--;
	peer_forget(g, p);
	/* others may enter by now, more than one */
	pthread_cond_broadcast(&g->news);
}

bool
gate_take(struct gate *g, struct gate_peer **held, void *item)
{
	struct gate_peer *p = NULL;

	pthread_mutex_lock(&g->lock);
	leave(g, held);
	while (!g->stopped && (!g->ring || !(p = next_peer(g))))
		pthread_cond_wait(&g->news, &g->lock);
	if (!g->stopped) {
		g->ring = p->after; /* the others' turn */
		p->held++;
		g->held++;
		item_pop(g, p, item);
		*held = p;
	}
	pthread_mutex_unlock(&g->lock);
	return *held != NULL;
}

bool
gate_crowded(struct gate *g, const struct gate_peer *p)
{
	bool crowded;

	pthread_mutex_lock(&g->lock);
	crowded = p && (p->waiting || !may_enter(g, p));
	pthread_mutex_unlock(&g->lock);
	return crowded;
}

void
gate_stop(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->stopped = true;
	pthread_cond_broadcast(&g->news);
	pthread_mutex_unlock(&g->lock);
}

void
gate_free(struct gate **out, void (*drop)(const void *item))
{
	struct gate *g = *out;
	void *item;

	*out = NULL;
	if (!g)
		return;
	item = mem_alloc(g->item);
	while (g->ring) {
		struct gate_peer *p = g->ring;
		item_pop(g, p, item);
		drop(item);
	}
	mem_free(item);
	for (size_t i = 0; i < BUCKETS; i++)
		while (g->bucket[i]) {
			struct gate_peer *p = g->bucket[i];
			g->bucket[i] = p->next;
			mem_free(p);
		}
	pthread_cond_destroy(&g->news);
	pthread_mutex_destroy(&g->lock);
	mem_free(g);
}
