/* SPDX-License-Identifier: MIT */
/*
 * Tests of the heap wrappers and of arenas.
 */
#include <stdbool.h>
#include <string.h>

#include "mem.h"
#include "tap.h"

static bool
all_zero(const void *p, size_t n)
{
	const unsigned char *s = p;

	while (n > 0 && s[n - 1] == 0)
		n--;
	return n == 0;
}

static void
test_heap(void)
{
	char *p = mem_alloc(100), *q;

	ok(all_zero(p, 100));
	memset(p, 'x', 100);
	p = mem_grow(p, 5000);
	ok(p[0] == 'x' && p[99] == 'x');
	mem_wipe(p, 100);
	ok(all_zero(p, 100));
	mem_free(p);
	mem_free(NULL);
	p = mem_array(10, 10);
	ok(all_zero(p, 100));
	mem_free(p);
	ok(mem_dup(NULL) == NULL);
	q = mem_dup("text");
	is_str(q, "text");
	mem_free(q);
}

static void
test_arena_sizes(void)
{
	struct arena *a = arena_new();
	bool zero = true, aligned = true;
	size_t n;
	char *p;

	for (n = 0; n < 300000; n = n * 3 + 1) {
		p = arena_alloc(a, n);
		zero = zero && all_zero(p, n);
#ifndef __SANITIZE_ADDRESS__
		aligned = aligned && (uintptr_t)p % 16 == 0;
#endif
		memset(p, 0xaa, n);
	}
	ok(zero);
	ok(aligned);
	/* again in kept memory: zeroed once more */
	arena_reset(a);
	for (zero = true, n = 0; n < 300000; n = n * 3 + 1) {
		p = arena_alloc(a, n);
		zero = zero && all_zero(p, n);
		memset(p, 0x55, n);
	}
	ok(zero);
	arena_free(&a);
	ok(a == NULL);
	arena_free(&a);
}

static void
test_arena_many(void)
{
	struct arena *a = arena_new();
	unsigned *first[1000];
	int i, bad = 0;

	for (i = 0; i < 1000; i++) {
		first[i] = arena_array(a, (size_t)i + 1, sizeof(unsigned));
		first[i][0] = (unsigned)i;
		first[i][i] = (unsigned)i;
	}
	for (i = 0; i < 1000; i++)
		bad += first[i][0] != (unsigned)i || first[i][i] != (unsigned)i;
	is_int(bad, 0);
	arena_free(&a);
}

static void
test_arena_text(void)
{
	struct arena *a = arena_new_secret();

	is_str(arena_strdup(a, "one"), "one");
	ok(arena_strdup(a, NULL) == NULL);
	is_str(arena_strndup(a, "two-three", 3), "two");
	is_str(arena_strndup(a, NULL, 0), "");
	is_str(arena_printf(a, "%d-%s", 7, "x"), "7-x");
	is_bytes(arena_memdup(a, "a\0b", 3), 3, "a\0b", 3);
	ok(arena_memdup(a, NULL, 0) != NULL);
	arena_free(&a);
}

struct trace {
	char text[8];
	size_t n;
};

struct note {
	struct trace *trace;
	char letter;
};

static void
note_run(void *p)
{
	struct note *n = p;

	n->trace->text[n->trace->n++] = n->letter;
}

static void
test_arena_defer(void)
{
	struct trace t = { 0 };
	struct note a = { &t, 'a' }, b = { &t, 'b' }, c = { &t, 'c' };
	struct arena *arena = arena_new();

	arena_defer(arena, note_run, &a);
	arena_defer(arena, note_run, &b);
	arena_reset(arena);
	is_str(t.text, "ba");
	arena_defer(arena, note_run, &c);
	arena_free(&arena);
	is_str(t.text, "bac");
}

int
main(void)
{
	test_heap();
	test_arena_sizes();
	test_arena_many();
	test_arena_text();
	test_arena_defer();
	return tap_done();
}
