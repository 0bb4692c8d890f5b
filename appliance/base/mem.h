/* SPDX-License-Identifier: MIT */
/*
 * Memory: heap wrappers that never return NULL and arenas.
 *
 * Out of memory is fatal (one log line, exit 70); too large is an error that
 * the caller refuses before by a named limit. An arena belongs to one request,
 * one job run or one loaded configuration, is used by one thread at a time and
 * is freed whole. `struct arena *a` as first parameter means: the result lives
 * in `a`.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t n);              /* zeroed */
void *mem_array(size_t n, size_t size); /* zeroed, overflow is fatal */
void *mem_grow(void *p, size_t n);      /* realloc */
char *mem_dup(const char *s);           /* NULL stays NULL */
void mem_free(void *p);
void mem_wipe(void *p, size_t n); /* not optimised away */

struct arena;
struct arena *arena_new(void);
void arena_free(struct arena **a); /* sets *a to NULL; NULL is fine */
void arena_reset(struct arena *a); /* empty, keep one block */
/* Wipes everything it held when freed: for PINs and private keys. */
struct arena *arena_new_secret(void);

void *arena_alloc(struct arena *a, size_t n); /* zeroed, 16-byte aligned */
void *arena_array(struct arena *a, size_t n, size_t size);
void *arena_memdup(struct arena *a, const void *p, size_t n);
char *arena_strdup(struct arena *a, const char *s); /* NULL stays NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap);
/* Runs fn(p) when the arena is freed or reset, last registered first. */
void arena_defer(struct arena *a, void (*fn)(void *), void *p);

/* arena_new_of(a, struct x) */
#define arena_new_of(a, type) ((type *)arena_alloc(a, sizeof(type)))
