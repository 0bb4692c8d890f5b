/* SPDX-License-Identifier: MIT */
/*
 * Memory, 16 bytes at a time. Searches read whole aligned blocks, which never
 * reach into another page than a byte that is theirs; what lies outside is
 * masked away.
 */
#include "octets.h"

#ifdef OCTETS

# include <emmintrin.h>
# include <stdint.h>

/* Loops are not to become calls of what they are. */
# pragma GCC optimize("no-tree-loop-distribute-patterns")
/* Blocks reach over the ends, on purpose. */
# define BLOCKS __attribute__((no_sanitize("address", "thread", "undefined")))

enum {
	BLOCK = 16,
	STRIDE = 4 * BLOCK,
	FEW = 2 * STRIDE,  /* what fits the registers at once */
	STRING_FROM = 2048 /* bytes: here string instructions win */
};

typedef uint64_t u64 __attribute__((may_alias, aligned(1)));
typedef uint32_t u32 __attribute__((may_alias, aligned(1)));
typedef uint16_t u16 __attribute__((may_alias, aligned(1)));

/* ---- copies ---- */

static inline __m128i
load(const uint8_t *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

static inline void
store(uint8_t *p, __m128i v)
{
	_mm_storeu_si128((__m128i *)p, v);
}

struct stride {
	__m128i v[4];
};

static inline struct stride
load_stride(const uint8_t *p)
{
	return (struct stride){ { load(p), load(p + BLOCK), load(p + 2 * BLOCK),
		load(p + 3 * BLOCK) } };
}

static inline void
store_stride(uint8_t *p, struct stride s)
{
	store(p, s.v[0]);
	store(p + BLOCK, s.v[1]);
	store(p + 2 * BLOCK, s.v[2]);
	store(p + 3 * BLOCK, s.v[3]);
}

/* Both ends are read, then both are written: they may overlap, and so may the
   two places. */
# define ENDS(type, n)                                  \
  do {                                                  \
   type head = *(const type *)s;                        \
   type tail = *(const type *)(s + (n) - sizeof(type)); \
                                                        \
   *(type *)d = head;                                   \
   *(type *)(d + (n) - sizeof(type)) = tail;            \
  } while (0)

static inline void
copy_block(uint8_t *d, const uint8_t *s, size_t n) /* at most one */
{
	if (n >= sizeof(u64))
		ENDS(u64, n);
	else if (n >= sizeof(u32))
		ENDS(u32, n);
	else if (n >= sizeof(u16))
		ENDS(u16, n);
	else if (n)
		*d = *s;
}

static inline void
copy_few(uint8_t *d, const uint8_t *s, size_t n)
{
	if (n <= BLOCK) {
		copy_block(d, s, n);
	} else if (n <= 2 * BLOCK) {
		__m128i head = load(s), tail = load(s + n - BLOCK);

		store(d, head);
		store(d + n - BLOCK, tail);
	} else if (n <= STRIDE) {
		__m128i a = load(s), b = load(s + BLOCK);
		__m128i c = load(s + n - 2 * BLOCK), e = load(s + n - BLOCK);

		store(d, a);
		store(d + BLOCK, b);
		store(d + n - 2 * BLOCK, c);
		store(d + n - BLOCK, e);
	} else {
		struct stride head = load_stride(s);
		struct stride tail = load_stride(s + n - STRIDE);

		store_stride(d, head);
		store_stride(d + n - STRIDE, tail);
	}
}

/* The last stride is read before anything is written over it. */
static inline void
copy_up(uint8_t *d, const uint8_t *s, size_t n)
{
	struct stride tail = load_stride(s + n - STRIDE);
	size_t i = 0;

	for (; i + STRIDE < n; i += STRIDE)
		store_stride(d + i, load_stride(s + i));
	store_stride(d + n - STRIDE, tail);
}

static inline void
copy_down(uint8_t *d, const uint8_t *s, size_t n)
{
	struct stride head = load_stride(s);

	for (; n > STRIDE; n -= STRIDE)
		store_stride(d + n - STRIDE, load_stride(s + n - STRIDE));
	store_stride(d, head);
}

BLOCKS void *
octets_copy(void *restrict to, const void *restrict from, size_t n)
{
	void *d = to;

	if (n <= FEW)
		copy_few(to, from, n);
	else if (n < STRING_FROM)
		copy_up(to, from, n);
	else
		__asm__ volatile("rep movsb"
				 : "+D"(d), "+S"(from), "+c"(n)
				 :
				 : "memory");
	return to;
}

BLOCKS void *
octets_move(void *to, const void *from, size_t n)
{
	if (n <= FEW)
		copy_few(to, from, n);
	else if ((uintptr_t)to - (uintptr_t)from >= n)
		copy_up(to, from, n); /* before, or apart */
	else
		copy_down(to, from, n);
	return to;
}

/* ---- comparing ---- */

/* A bit for each byte that is equal. */
static inline unsigned
equal(__m128i a, __m128i b)
{
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b));
}

BLOCKS int
octets_compare(const void *one, const void *two, size_t n)
{
	const uint8_t *a = one, *b = two;
	size_t i = 0;

	while (i + BLOCK <= n) {
		unsigned other = equal(load(a + i), load(b + i)) ^ 0xffff;

		if (other) {
			i += (size_t)__builtin_ctz(other);
			return a[i] - b[i];
		}
		i += BLOCK;
	}
	if (i + sizeof(u64) <= n) {
		u64 x = __builtin_bswap64(*(const u64 *)(a + i));
		u64 y = __builtin_bswap64(*(const u64 *)(b + i));

		if (x != y)
			return x < y ? -1 : 1;
		i += sizeof(u64);
	}
	for (; i < n; i++)
		if (a[i] != b[i])
			return a[i] - b[i];
	return 0;
}

/* ---- searching ---- */

static inline const __m128i *
block_of(const void *p)
{
	return (const __m128i *)((uintptr_t)p & ~(uintptr_t)(BLOCK - 1));
}

/* Bits of the bytes from p on, in p's block. */
static inline unsigned
from_here(const void *p)
{
	return 0xffffu << ((uintptr_t)p & (BLOCK - 1));
}

BLOCKS void *
octets_find(const void *p, int c, size_t n)
{
	const __m128i want = _mm_set1_epi8((char)c), *b = block_of(p);
	uintptr_t begin = (uintptr_t)p;
	uintptr_t end = n > UINTPTR_MAX - begin ? UINTPTR_MAX : begin + n;
	unsigned hits;

	if (!n)
		return NULL;
	hits = equal(*b, want) & from_here(p);
	while (!hits && (uintptr_t)(b + 1) < end)
		hits = equal(*++b, want);
	begin = (uintptr_t)b + (hits ? (size_t)__builtin_ctz(hits) : BLOCK);
	return hits && begin < end ? (void *)begin : NULL;
}

BLOCKS size_t
octets_length(const char *s)
{
	const __m128i zero = _mm_setzero_si128(), *b = block_of(s);
	unsigned hits = equal(*b, zero) & from_here(s);

	while (!hits)
		hits = equal(*++b, zero);
	return (uintptr_t)b + (size_t)__builtin_ctz(hits) - (uintptr_t)s;
}

BLOCKS char *
octets_until(const char *s, int c)
{
	const __m128i zero = _mm_setzero_si128(), *b = block_of(s);
	const __m128i want = _mm_set1_epi8((char)c);
	unsigned hits = (equal(*b, zero) | equal(*b, want)) & from_here(s);

	while (!hits) {
		b++;
		hits = equal(*b, zero) | equal(*b, want);
	}
	return (char *)((uintptr_t)b + (size_t)__builtin_ctz(hits));
}

char *
octets_character(const char *s, int c)
{
	char *p = octets_until(s, c);

	return *p == (char)c ? p : NULL;
}

# ifdef OCTETS_FOR_LIBC
/* Not <string.h>: its declarations would be of other attributes. */
#  define FOR(name) __attribute__((alias(#  name), used))
FOR(octets_copy) void *memcpy(void *restrict, const void *restrict, size_t);
FOR(octets_move) void *memmove(void *, const void *, size_t);
FOR(octets_compare) int memcmp(const void *, const void *, size_t);
FOR(octets_find) void *memchr(const void *, int, size_t);
FOR(octets_length) size_t strlen(const char *);
FOR(octets_until) char *strchrnul(const char *, int);
FOR(octets_character) char *strchr(const char *, int);
# endif
#endif
