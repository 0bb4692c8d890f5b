/* SPDX-License-Identifier: MIT */
/*
 * The table of proofs: a few ways per row, the row chosen by the key itself;
 * the oldest entry of a row makes place. Flooding it costs the flooder a
 * proof per entry and others nothing but the saving.
 */
#include "memo_int.h"

#include <pthread.h>
#include <string.h>

#include "mem.h"

enum { ROWS = 512, WAYS = 4, KEY_LEN = 32 };

struct proof {
	uint8_t key[KEY_LEN];
	int64_t from, until; /* until < from: empty */
};
struct row {
	struct proof way[WAYS];
	unsigned next; /* which way makes place */
};
struct memo {
	pthread_mutex_t lock; /* guards the rows */
	struct row row[ROWS];
};

struct memo *
memo_new(void)
{
	struct memo *m = mem_alloc(sizeof(*m));

	pthread_mutex_init(&m->lock, NULL);
	for (size_t i = 0; i < ROWS; i++)
		for (size_t j = 0; j < WAYS; j++)
			m->row[i].way[j].until = INT64_MIN;
	return m;
}

void
memo_free(struct memo **m)
{
	if (!*m)
		return;
	pthread_mutex_destroy(&(*m)->lock);
	mem_free(*m);
	*m = NULL;
}

void
memo_key_begin(struct memo_key *k, const char *kind)
{
	k->hasher = hasher_new(DIGEST_SHA512); /* faster than SHA-256 */
	memo_key_add(k, bytes_str(kind));
}

void
memo_key_add(struct memo_key *k, struct bytes input)
{
	uint64_t len = input.len;

	hasher_add(k->hasher, &len, sizeof(len));
	hasher_add(k->hasher, input.data, input.len);
}

void
memo_key_end(struct memo_key *k)
{
	hasher_done(&k->hasher, &k->value);
}

static struct row *
row_of(struct memo *m, const struct memo_key *k)
{
	return &m->row[(k->value.value[0] | k->value.value[1] << 8) % ROWS];
}

static struct proof *
find(struct row *r, const struct memo_key *k)
{
	for (size_t i = 0; i < WAYS; i++)
		if (!memcmp(r->way[i].key, k->value.value, KEY_LEN))
			return &r->way[i];
	return NULL;
}

bool
memo_has(struct memo *m, const struct memo_key *k, int64_t at)
{
	struct proof *p;
	bool has;

	pthread_mutex_lock(&m->lock);
	p = find(row_of(m, k), k);
	has = p && p->from <= at && at <= p->until;
	pthread_mutex_unlock(&m->lock);
	return has;
}

void
memo_put(struct memo *m, const struct memo_key *k, int64_t from, int64_t until)
{
	struct row *r = row_of(m, k);
	struct proof *p;

	if (until < from)
		return;
	pthread_mutex_lock(&m->lock);
	p = find(r, k);
	if (!p)
		p = &r->way[r->next++ % WAYS];
	memcpy(p->key, k->value.value, KEY_LEN);
	p->from = from;
	p->until = until;
	pthread_mutex_unlock(&m->lock);
}
