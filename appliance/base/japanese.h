/* SPDX-License-Identifier: MIT */
/*
 * Japanese as people type it, made one: widths of letters, kana, dates of the
 * Japanese calendar, and My Number (個人番号), which must not travel unseen.
 * Rules: field-notes.md 6.1 and 6.3; Unicode chapter 18.4 and "Halfwidth and
 * Fullwidth Forms". Every text is UTF-8 that was found valid before.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct arena;

/* Full-width ASCII (０ Ａ （ －), the ideographic blank and the hyphens that
   keyboards make of '-' become ASCII; everything else stays. */
char *text_narrow(struct arena *a, const char *s);

/* Half-width kana become full-width ones, voicing marks joined: ｶﾞ is ガ. */
char *kana_wide(struct arena *a, const char *s);
/* Only full-width katakana, ー, ・ and blanks; not empty. */
bool kana_is(const char *s);

enum { DAY_TEXT_LEN = 10 };
/* A day of the Japanese calendar or the Gregorian one as 2026-11-21:
   令和8年11月21日, 令和元年5月1日, R8.11.21, ㋿8/11/21, 2026年11月21日,
   2026/11/21, 2026-11-21, 20261121, 令8.11.21; any width of letters, blanks
   between the parts. False for what is none, for a
   day outside of its era (平成31年5月1日 was 令和1年) and for those before
   明治6年 (1873), which belong to another calendar. */
bool wareki_read(const char *text, char iso[DAY_TEXT_LEN + 1]);
enum { WAREKI_TEXT_MAX = 40 };
/* 令和8年11月21日 of 2026-11-21; the first year is 元年. False for what is no
   such day or before 1873. */
bool wareki_write(const char *iso, char out[WAREKI_TEXT_MAX]);

enum { MYNUMBER_LEN = 12 };
/* The next My Number in the text: 12 digits of any width by themselves, or 4-4-4
   with hyphens or blanks, whose check digit fits (as one of eleven other
   numbers of 12 digits does); not the 12 digits of a fraction, 35.123456789018.
   Where it begins and ends, in bytes. */
bool mynumber_find(const char *s, size_t len, size_t *from, size_t *to);
/* Are these bytes, which may be a picture, a text that holds one? */
bool mynumber_in_bytes(struct bytes b);
/* Is it one, taken as a number? */
bool mynumber_is(long long n);
