/* SPDX-License-Identifier: MIT */
/*
 * A list of equal items growing inside an arena. Pointers into it stay good
 * only when it is complete: join lists afterwards.
 */
#pragma once

#ifndef IN_SERVER
# error "arena_list_int.h is private to appliance/server"
#endif

#include <string.h>

#include "mem.h"

struct list {
	struct arena *a;
	size_t size, n, cap;
	void *item;
};

static inline struct list
list_of(struct arena *a, size_t size)
{
	return (struct list){ .a = a, .size = size };
}

/* A zeroed new item at the end. */
static inline void *
list_add(struct list *l)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 4;
		void *p = arena_array(l->a, cap, l->size);
		if (l->n)
			memcpy(p, l->item, l->n * l->size);
		l->item = p;
		l->cap = cap;
	}
	return (char *)l->item + l->n++ * l->size;
}
