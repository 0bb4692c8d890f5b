/* SPDX-License-Identifier: MIT */
/*
 * Copying, comparing and searching memory, 16 bytes at a time (SSE2, which
 * every x86-64 has). musl does most of it byte by byte, in 64-bit words or with
 * string instructions that are slow for the short keys, headers and rows that
 * an exchange is made of. The static executable takes these in the place of the
 * C library's (OCTETS_FOR_LIBC); contracts are those of ISO C and POSIX. On
 * other machines there is nothing here, and the C library's stay.
 */
#pragma once

#include <stddef.h>

#ifdef __SSE2__
# define OCTETS 1
void *octets_copy(void *restrict to, const void *restrict from, size_t n);
void *octets_move(void *to, const void *from, size_t n);
int octets_compare(const void *a, const void *b, size_t n);
void *octets_find(const void *p, int c, size_t n); /* memchr */
size_t octets_length(const char *s);               /* strlen */
/* The first c, or the end (strchrnul). */
char *octets_until(const char *s, int c);
char *octets_character(const char *s, int c); /* strchr */
#endif
