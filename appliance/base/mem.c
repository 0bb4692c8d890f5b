/* SPDX-License-Identifier: MIT */
/*
 * Heap wrappers that never return NULL: out of memory ends the program with
 * one log line and exit code 70 (EX_SOFTWARE); the supervisor restarts it.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"

enum { EXIT_OUT_OF_MEMORY = 70 };

static void mem_fatal(size_t n) __attribute__((noreturn, cold));

static void
mem_fatal(size_t n)
{
	log_error("out of memory: %zu bytes were asked for", n);
	_exit(EXIT_OUT_OF_MEMORY);
}

void *
mem_alloc(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		mem_fatal(n);
	return p;
}

void *
mem_array(size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		mem_fatal(SIZE_MAX);
	return mem_alloc(n * size);
}

void *
mem_grow(void *p, size_t n)
{
	void *q = realloc(p, n ? n : 1);

	if (!q)
		mem_fatal(n);
	return q;
}

char *
mem_dup(const char *s)
{
	size_t n;

	if (!s)
		return NULL;
	n = strlen(s) + 1;
	return memcpy(mem_alloc(n), s, n);
}

void
mem_free(void *p)
{
	free(p);
}

void
mem_wipe(void *p, size_t n)
{
	if (n)
		explicit_bzero(p, n);
}
