/* SPDX-License-Identifier: MIT */
/*
 * CP932 (Windows-31J), Microsoft's Shift_JIS: what office programs in Japan
 * still read and write, with the extensions of NEC and IBM (①, 髙, ㈱). The
 * table is made from the WINDOWS-31J charmap of Debian's `locales` when the
 * program is built.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* One or two bytes of a character; 0 when CP932 does not have it. What has
   several codes gets the one that Windows writes. */
size_t cp932_of(uint32_t c, uint8_t out[2]);

enum { CP932_TOLD = 20 };
/* What did not fit: each place once, the first few with where they are. */
struct cp932_report {
	int64_t count;
	size_t told;
	struct cp932_lost {
		uint32_t c;
		int64_t row;        /* the caller's */
		const char *column; /* the caller's, borrowed */
	} lost[CP932_TOLD];
};
/* Appends the text in CP932; 〓 stands for what it does not have, and a
   variation selector for nothing. row and column go into the report. */
void cp932_write(struct buf *b, const char *s, size_t n,
	struct cp932_report *report, int64_t row, const char *column);
/* Appends UTF-8 of CP932 bytes; false if they are none. */
bool cp932_read(struct buf *b, const void *p, size_t n);
