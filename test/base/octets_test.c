/* SPDX-License-Identifier: MIT */
/*
 * Memory, 16 bytes at a time, against the C library's: every length around the
 * limits, every alignment, at the edge of a page behind which there is nothing,
 * and all overlaps.
 */
#include "octets.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"

#ifdef OCTETS

enum {
	LONG = 5000, /* longer than where string instructions begin */
	SHORT = 300, /* every length up to it */
	ALIGN = 17,
};

/* Room of `size` bytes that ends where the next page cannot be touched. */
static uint8_t *
edge(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t whole = (size + page - 1) / page * page;
	uint8_t *p = mmap(NULL, whole + page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + whole, page, PROT_NONE))
		return NULL;
	return p + whole - size;
}

static void
fill(uint8_t *p, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		p[i] = (uint8_t)(seed >> 16);
	}
}

static size_t
next_length(size_t n)
{
	return n < SHORT ? n + 1 : n * 5 / 4 + 1;
}

/* What is copied, and nothing beside it. */
static bool
copies(uint8_t *end_from, uint8_t *end_to, size_t n, size_t shift)
{
	static uint8_t want[LONG + 2 * ALIGN];
	uint8_t *from = end_from - n - shift, *to = end_to - n - shift;
	size_t room = n + shift + ALIGN;

	fill(from, n, (unsigned)n);
	fill(to - ALIGN, room, 7);
	memcpy(want, to - ALIGN, room);
	for (size_t i = 0; i < n; i++)
		want[ALIGN + i] = from[i];
	return octets_copy(to, from, n) == to &&
	       !memcmp(to - ALIGN, want, room);
}

static void
test_copy(void)
{
	uint8_t *a = edge(LONG + 2 * ALIGN), *b = edge(LONG + 2 * ALIGN);
	size_t bad = 0, done = 0;

	for (size_t n = 0; n <= LONG - ALIGN; n = next_length(n))
		for (size_t shift = 0; shift < ALIGN; shift++, done++)
			bad += !copies(a + LONG + 2 * ALIGN,
				b + LONG + 2 * ALIGN, n, shift);
	ok_m(done > 4000 && !bad, "%zu of %zu copies differ", bad, done);
}

static bool
moves(size_t n, size_t from, size_t to)
{
	static uint8_t room[2 * LONG], want[2 * LONG];

	fill(room, sizeof(room), (unsigned)(n + from));
	memcpy(want, room, sizeof(room));
	for (size_t i = 0; i < n; i++)
		want[to + i] = room[from + i];
	return octets_move(room + to, room + from, n) == room + to &&
	       !memcmp(room, want, sizeof(room));
}

static void
test_move(void)
{
	static const size_t far[] = { 0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 63, 64,
		65, 127, 128, 129, 1000 };
	size_t bad = 0;

	for (size_t n = 0; n <= LONG - 1000; n = n < SHORT ? n + 1 : n * 3 / 2)
		for (size_t i = 0; i < sizeof(far) / sizeof(*far); i++)
			bad += !moves(n, 0, far[i]) + !moves(n, far[i], 0);
	ok_m(!bad, "%zu overlapping moves differ", bad);
}

static int
sign(int n)
{
	return (n > 0) - (n < 0);
}

static void
test_compare(void)
{
	uint8_t *a = edge(SHORT + ALIGN) + ALIGN, *b = edge(SHORT) + 0;
	size_t bad = 0;

	for (size_t n = 0; n <= SHORT; n++) {
		uint8_t *x = a + SHORT - n, *y = b + SHORT - n;

		fill(x, n, 3);
		memcpy(y, x, n);
		bad += octets_compare(x, y, n) != 0;
		for (size_t i = 0; i < n; i++) {
			uint8_t was = y[i];

			y[i] = (uint8_t)(was + 128);
			bad += sign(octets_compare(x, y, n)) !=
			       (x[i] < y[i] ? -1 : 1);
			y[i] = was;
		}
	}
	ok_m(!bad, "%zu comparisons differ", bad);
}

static void
test_find(void)
{
	uint8_t *room = edge(SHORT);
	size_t bad = 0;

	for (size_t n = 0; n <= SHORT; n++) {
		uint8_t *p = room + SHORT - n;

		memset(room, 'x', SHORT);
		bad += octets_find(p, 'y', n) != NULL;
		for (size_t i = n; i-- > 0;) {
			p[i] = 'y'; /* the first of more and more */
			bad += octets_find(p, 'y', n) != p + i ||
			       octets_find(p, 'y' + 256, n) != p + i ||
			       octets_find(p, 'y', i) != NULL;
		}
	}
	ok_m(!bad, "%zu searches differ", bad);
	memset(room, 'x', SHORT);
	ok(octets_find(room, 'x', SIZE_MAX) == room &&
		octets_find(room + SHORT, 'x', 0) == NULL &&
		octets_find(NULL, 'x', 0) == NULL);
}

static void
test_strings(void)
{
	char *room = (char *)edge(SHORT);
	size_t bad = 0;

	for (size_t n = 0; n < SHORT; n++) {
		char *s = room + SHORT - 1 - n;

		memset(room, 0xe3, SHORT);
		s[n] = '\0';
		bad += octets_length(s) != n || octets_until(s, '=') != s + n ||
		       octets_character(s, '=') != NULL ||
		       octets_character(s, '\0') != s + n;
		for (size_t i = n; i-- > 0;) {
			s[i] = '=';
			bad += octets_until(s, '=') != s + i ||
			       octets_character(s, '=') != s + i;
		}
	}
	ok_m(!bad, "%zu strings differ", bad);
}

int
main(void)
{
	test_copy();
	test_move();
	test_compare();
	test_find();
	test_strings();
	return tap_done();
}

#else

int
main(void)
{
	tap_skip("no SSE2 on this machine");
	return tap_done();
}

#endif
