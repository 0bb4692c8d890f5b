/* SPDX-License-Identifier: MIT */
/*
 * One UTF-8 character at a time: shared by the escaping of buf.c and by
 * utf8_valid().
 */
#pragma once

#ifndef IN_BASE
# error "text_int.h is private to appliance/base"
#endif

#include <stddef.h>
#include <stdint.h>

/* The code point at s and its length in *used; UINT32_MAX and *used = 1 if
   the bytes are not UTF-8 (overlong, surrogate, above U+10FFFF, cut). n >= 1 */
uint32_t utf8_next(const char *s, size_t n, size_t *used);
/* Value of a hexadecimal digit, -1 for anything else. */
int hex_value(char c);
