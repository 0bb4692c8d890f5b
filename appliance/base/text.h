/* SPDX-License-Identifier: MIT */
/*
 * Text helpers: base64, hex, percent encoding, UTF-8, UUIDs, numbers, paths
 * of identifiers. No locale anywhere.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct err;

bool str_equal(const char *a, const char *b);  /* NULL equals only NULL */
bool str_iequal(const char *a, const char *b); /* ASCII case folded */
bool str_prefix(const char *s, const char *prefix);
bool str_iprefix(const char *s, const char *prefix);
bool str_suffix(const char *s, const char *suffix);
/* Constant-time comparison of secrets; lengths are not secret. */
bool ct_equal(const void *a, const void *b, size_t n);

/* Skips CR, LF, tab and space. Strict about everything else and padding. */
int base64_decode(struct arena *a, const char *s, size_t n, struct bytes *out,
	struct err *e);
char *base64_encode(struct arena *a, const void *p, size_t n);
int hex_decode(
	struct arena *a, const char *s, struct bytes *out, struct err *e);
char *hex_encode(struct arena *a, const void *p, size_t n); /* lower case */

/* RFC 3986 path segment, UTF-8. The decoder takes only pchar and %XX and
   refuses malformed UTF-8 and NUL (interop/xroad-messages.md 1.1). */
int segment_decode(
	struct arena *a, const char *s, size_t n, char **out, struct err *e);
/* Leaves A-Za-z0-9-._~!$'()*,;&=@:+ and uses upper-case hex. */
char *segment_encode(struct arena *a, const char *s);
/* application/x-www-form-urlencoded (space is +), as java.net.URLEncoder. */
char *form_encode(struct arena *a, const char *s);
int form_decode(
	struct arena *a, const char *s, size_t n, char **out, struct err *e);
/* The decoded value of `key` in a raw query string, NULL if absent. A key
   without '=' gives "". */
const char *query_get(struct arena *a, const char *query, const char *key);

bool utf8_valid(const char *s, size_t n);
/* Decimal integer with nothing around it, within [lo, hi]. */
int int_parse(
	const char *s, int64_t lo, int64_t hi, int64_t *out, struct err *e);

enum { INT_TEXT_MAX = 21 };
/* Decimal, NUL-ended; its length. What "%lld" gives, without its cost. */
size_t int_text(char out[INT_TEXT_MAX], int64_t v);

enum { UUID_LEN = 36, UUID_BYTES = 16 };
/* Random version 4 UUID, lower case, NUL-ended. */
void uuid_make(char out[UUID_LEN + 1]);
/* The same from random bytes that the caller has; nobody else may use them. */
void uuid_from(const uint8_t from[UUID_BYTES], char out[UUID_LEN + 1]);
/* n random bytes of the kernel; failure is fatal. */
void random_bytes(void *p, size_t n);
/* n random ASCII letters, then NUL: boundary strings. */
void random_letters(char *out, size_t n);

/* Lower-cases ASCII in place. Trims spaces and tabs: returns inside s. */
void str_lower(char *s);
char *str_trim(char *s);
/* Levenshtein distance, capped at 16: "did you mean". */
unsigned str_distance(const char *a, const char *b);
