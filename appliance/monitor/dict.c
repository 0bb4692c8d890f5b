/* SPDX-License-Identifier: MIT */
/*
 * Texts to numbers, in memory: open addressing, grows to a limit, then takes no
 * more. For one thread.
 */
#include "monitor_int.h"

#include <string.h>

#include "mem.h"

struct entry {
	const char *key; /* NULL: free */
	uint64_t hash;
	int64_t value;
};

struct dict {
	struct arena *arena; /* keys */
	struct entry *entry;
	size_t size, n, max; /* size: a power of two */
};

enum { FIRST_SIZE = 256 };

struct dict *
dict_new(size_t max)
{
	struct dict *d = mem_alloc(sizeof(*d));

	d->max = max;
	d->size = FIRST_SIZE;
	d->entry = mem_array(d->size, sizeof(*d->entry));
	d->arena = arena_new();
	return d;
}

void
dict_free(struct dict **out)
{
	if (!*out)
		return;
	arena_free(&(*out)->arena);
	mem_free((*out)->entry);
	mem_free(*out);
	*out = NULL;
}

void
dict_reset(struct dict *d)
{
	memset(d->entry, 0, d->size * sizeof(*d->entry));
	d->n = 0;
	arena_reset(d->arena);
}

/* FNV-1a */
static uint64_t
hash_of(const char *key)
{
	uint64_t h = 14695981039346656037u;

	for (; *key; key++)
		h = (h ^ (uint8_t)*key) * 1099511628211u;
	return h;
}

/* Its entry, or the free one where it would stand. */
static struct entry *
find(const struct dict *d, const char *key, uint64_t hash)
{
	size_t i = (size_t)hash & (d->size - 1);

	while (d->entry[i].key &&
		(d->entry[i].hash != hash || strcmp(d->entry[i].key, key) != 0))
		i = (i + 1) & (d->size - 1);
	return &d->entry[i];
}

bool
dict_get(const struct dict *d, const char *key, int64_t *value)
{
	const struct entry *x = find(d, key, hash_of(key));

	if (!x->key)
		return false;
	*value = x->value;
	return true;
}

bool
dict_full(const struct dict *d)
{
	return d->n >= d->max;
}

static void
grow(struct dict *d)
{
	struct entry *old = d->entry;
	size_t n = d->size;

	d->size *= 2;
	d->entry = mem_array(d->size, sizeof(*d->entry));
	for (size_t i = 0; i < n; i++)
		if (old[i].key)
			*find(d, old[i].key, old[i].hash) = old[i];
	mem_free(old);
}

void
dict_put(struct dict *d, const char *key, int64_t value)
{
	uint64_t hash = hash_of(key);
	struct entry *x = find(d, key, hash);

	if (x->key) {
		x->value = value;
		return;
	}
	if (d->n >= d->max)
		return;
	*x = (struct entry){ arena_strdup(d->arena, key), hash, value };
	if (++d->n * 2 > d->size)
		grow(d);
}
