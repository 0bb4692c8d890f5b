/* SPDX-License-Identifier: MIT */
/*
 * Writing HTML on the server. The page's own text is the format, which the
 * compiler wants to be a literal; every value comes through %s and is escaped,
 * in text and in quoted attributes alike. There is no verb that writes a value
 * as it is, so none can be forgotten.
 */
#pragma once

#include "buf.h"

/* Knows %s, %d, %zu, %lld and %%; anything else is our mistake. NULL for %s
   writes nothing. Attributes must be quoted. */
void html_put(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Paragraphs as people typed them: escaped, with a break for each line end. */
void html_lines(struct buf *b, const char *text);
/* <a> when the address is https, otherwise its text alone: no value may
   become a script or leave for another scheme. */
void html_link(struct buf *b, const char *url, const char *text);
