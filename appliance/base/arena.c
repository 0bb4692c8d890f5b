/* SPDX-License-Identifier: MIT */
/*
 * Arenas: many small allocations, one free. Blocks grow from 4 KiB to 256 KiB,
 * their head included; what does not fit gets a block of its own size. Under AddressSanitizer every
 * allocation is such a block, so that overruns are seen.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"

enum {
	BLOCK_FIRST = 4096,
	BLOCK_LAST = 256 * 1024,
	ARENA_ALIGN = 16,
	TEXT_LITTLE = 256, /* is printed once, not measured first */
};

#ifdef __SANITIZE_ADDRESS__
enum { ARENA_EXACT = 1 };
#else
enum { ARENA_EXACT = 0 };
#endif

struct block {
	struct block *next;
	size_t size; /* of data */
	size_t used;
	size_t pad;
	unsigned char data[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *p;
};

struct arena {
	struct block *block;       /* newest first */
	struct deferred *deferred; /* last registered first */
	size_t next_size;
	bool secret;
};

_Static_assert(sizeof(struct block) % ARENA_ALIGN == 0, "data is aligned");

struct arena *
arena_new(void)
{
	struct arena *a = mem_alloc(sizeof(*a));

	a->next_size = BLOCK_FIRST;
	return a;
}

struct arena *
arena_new_secret(void)
{
	struct arena *a = arena_new();

	a->secret = true;
	return a;
}

static void
block_free(const struct arena *a, struct block *b)
{
	if (a->secret)
		mem_wipe(b->data, b->size);
	mem_free(b);
}

static void
deferred_run(struct arena *a)
{
	struct deferred *d;

	while ((d = a->deferred)) {
		a->deferred = d->next;
		d->fn(d->p);
	}
}

void
arena_free(struct arena **a)
{
	struct block *b, *next;

	if (!*a)
		return;
	deferred_run(*a);
	for (b = (*a)->block; b; b = next) {
		next = b->next;
		block_free(*a, b);
	}
	mem_free(*a);
	*a = NULL;
}

void
arena_reset(struct arena *a)
{
	struct block *b, *next, *keep = NULL;

	deferred_run(a);
	for (b = a->block; b; b = next) {
		next = b->next;
		if (!keep && !ARENA_EXACT && b->size <= BLOCK_LAST) {
			keep = b;
			continue;
		}
		block_free(a, b);
	}
	a->block = keep;
	if (!keep)
		return;
	if (a->secret)
		mem_wipe(keep->data, keep->size);
	keep->next = NULL;
	keep->used = 0;
}

static struct block *
block_add(struct arena *a, size_t need)
{
	struct block *b;
	size_t size = a->next_size - sizeof(*b);

	if (ARENA_EXACT || need > size / 2)
		size = need;
	else if (a->next_size < BLOCK_LAST)
		a->next_size *= 2;
	b = mem_grow(NULL, sizeof(*b) + size); /* zeroed as it is used */
	*b = (struct block){ .size = size };
	if (a->block && size == need) {
		/* keep filling the block in front */
		b->next = a->block->next;
		a->block->next = b;
	} else {
		b->next = a->block;
		a->block = b;
	}
	return b;
}

/* As arena_alloc(), with anything in it. */
static void *
arena_raw(struct arena *a, size_t n)
{
	struct block *b = a->block;
	size_t need;
	void *p;

	assert(n <= SIZE_MAX / 4);
	need = (n ? n + ARENA_ALIGN - 1 : ARENA_ALIGN) &
	       ~(size_t)(ARENA_ALIGN - 1);
	if (ARENA_EXACT)
		need = n ? n : 1;
	if (!b || b->size - b->used < need)
		b = block_add(a, need);
	p = b->data + b->used;
	b->used += need;
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	return memset(arena_raw(a, n), 0, n);
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	assert(size == 0 || n <= SIZE_MAX / size);
	return arena_alloc(a, n * size);
}

void *
arena_memdup(struct arena *a, const void *p, size_t n)
{
	void *q = arena_raw(a, n);

	if (n)
		memcpy(q, p, n);
	return q;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_memdup(a, s, strlen(s) + 1) : NULL;
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_raw(a, n + 1);

	if (n)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	char little[TEXT_LITTLE], *s;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(little, sizeof(little), fmt, ap);
	assert(n >= 0);
	s = arena_raw(a, (size_t)n + 1);
	if ((size_t)n < sizeof(little))
		memcpy(s, little, (size_t)n + 1);
	else
		vsnprintf(s, (size_t)n + 1, fmt, again);
	if (a->secret)
		mem_wipe(little, sizeof(little));
	va_end(again);
	return s;
}

void
arena_defer(struct arena *a, void (*fn)(void *), void *p)
{
	struct deferred *d = arena_alloc(a, sizeof(*d));

	d->fn = fn;
	d->p = p;
	d->next = a->deferred;
	a->deferred = d;
}
