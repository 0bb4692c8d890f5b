/* SPDX-License-Identifier: MIT */
/*
 * Private to xroad/: lines and headers of REST parts, both directions.
 */
#pragma once

#ifndef IN_XROAD
# error "rest_int.h is private to xroad/"
#endif

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "rest.h"

struct arena;
struct err;

/* A part cut into its lines: two leading ones, then headers. */
struct rest_lines {
	const char *first, *second;
	struct rest_header *header;
	size_t headers;
};
/* Strict: CRLF after every line, valid UTF-8, no empty header line, no header
   that never travels. FAULT_INVALID_MESSAGE, FAULT_TOO_LARGE, FAULT_LIMIT. */
int rest_lines_read(struct arena *a, struct bytes raw, struct rest_lines *out,
	struct err *e);
/* Octets of HTTP as a message carries them: ISO-8859-1 in UTF-8. */
void rest_octets_write(struct buf *b, const char *s);
/* "Name:value" CRLF, the value by rest_octets_write(). Fails when the name is
   no token or the value has a control character. */
int rest_header_write(
	struct buf *b, const struct rest_header *h, struct err *e);
/* Is the name one of these (NULL-ended, without case)? */
bool rest_name_in(const char *name, const char *const *list);
