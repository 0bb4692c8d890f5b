/* SPDX-License-Identifier: MIT */
/*
 * The head of a request: request line and header fields. Strict where two
 * readers could disagree about framing (RFC 9112 sections 2.2, 5, 6, 11.2),
 * liberal about methods and target characters, because a target is evidence
 * and is forwarded as typed (interop/xroad-messages.md 1.7).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http_server.h"

enum { HTTP_METHOD_MAX = 32 };

struct http_head {
	const char *method; /* a token */
	const char *target; /* "/..." , "*" or "http(s)://..." */
	int minor;          /* HTTP/1.<minor>, 0 or 1 */
	struct http_header header[HTTP_HEADERS_MAX];
	size_t headers;
	bool chunked;
	int64_t length; /* Content-Length, -1 when absent */
};

/* Bytes of the head in p[0..n), its empty line and empty lines before it
   included. 0: not complete yet. -1: never a head (NUL, bare CR or LF). */
long http_head_length(const char *p, size_t n);

/* Splits a complete head in place; the strings lie inside p. Returns 0, or
   the HTTP status to refuse it with (400, 431, 501, 505) and *why. */
int http_head_parse(char *p, size_t n, struct http_head *out, const char **why);

/* The last header of that name, without case; NULL if absent. */
const char *http_header_find(
	const struct http_header *h, size_t n, const char *name);
/* RFC 9110 section 5.6.2, not empty. */
bool http_token(const char *s);
/* A field value that cannot end the line: no CR, LF or NUL by definition. */
bool http_value(const char *s);
/* True if the comma-separated list has the word, without case. */
bool http_list_has(const char *list, const char *word);
