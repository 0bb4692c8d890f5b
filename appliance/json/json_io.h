/* SPDX-License-Identifier: MIT */
/*
 * JSON in and out. jansson's json_t is our JSON value (style rule 4), so this
 * face brings <jansson.h> along; only appliance/json includes it by name.
 * What is added: limits before parsing, members with faults, text that is
 * always valid UTF-8, values owned by an arena.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct err;

/* Zero means the default of the row below. */
struct json_limits {
	size_t bytes;    /* of the text */
	size_t depth;    /* of nested arrays and objects */
	size_t elements; /* members and array items, all levels together */
};
enum {
	JSON_BYTES = 1024 * 1024,
	JSON_DEPTH = 32,
	JSON_ELEMENTS = 100000,
};

/* Parses an object or an array (RFC 8259, UTF-8, with or without a byte order
   mark); duplicate keys, a NUL and
   anything after the value are refused. The value lives in the arena.
   `limits` may be NULL. FAULT_BAD_REQUEST with the line, FAULT_TOO_LARGE. */
int json_parse(struct arena *a, struct bytes text,
	const struct json_limits *limits, json_t **out, struct err *e);

/* Gives the reference to the arena: released with it. Returns j. */
json_t *json_keep(struct arena *a, json_t *j);

/* Members that may be absent. Wrong type counts as absent. `obj` may be NULL.
   json_str() is borrowed from the value; NULL when absent. */
const char *json_str(const json_t *obj, const char *key);
int64_t json_int(const json_t *obj, const char *key, int64_t absent);
bool json_bool(const json_t *obj, const char *key, bool absent);
json_t *json_list(const json_t *obj, const char *key); /* array or NULL */
json_t *json_sub(const json_t *obj, const char *key);  /* object or NULL */
/* Whether the text is an item of the array, which may be NULL. NULL stands
   for any item that is no text. */
bool json_list_has(const json_t *list, const char *text);

/* Members that must be there and fit: FAULT_BAD_REQUEST names the key.
   Length limits count bytes of UTF-8; the shortest is 1. */
int json_need_str(const json_t *obj, const char *key, size_t max,
	const char **out, struct err *e);
int json_need_int(const json_t *obj, const char *key, int64_t lo, int64_t hi,
	int64_t *out, struct err *e);
int json_need_bool(
	const json_t *obj, const char *key, bool *out, struct err *e);
int json_need_list(const json_t *obj, const char *key, size_t max, json_t **out,
	struct err *e);
int json_need_sub(
	const json_t *obj, const char *key, json_t **out, struct err *e);
/* Absent, null and "" leave *out as it is; present must fit. */
int json_opt_str(const json_t *obj, const char *key, size_t max,
	const char **out, struct err *e);
int json_opt_int(const json_t *obj, const char *key, int64_t lo, int64_t hi,
	int64_t *out, struct err *e);
int json_opt_bool(const json_t *obj, const char *key, bool *out, struct err *e);

/* Building: sets the member. NULL becomes null; bytes that are not UTF-8
   become U+FFFD (jansson alone would drop the member without a word). */
void json_put_str(json_t *obj, const char *key, const char *s);
void json_put_int(json_t *obj, const char *key, int64_t v);
void json_put_bool(json_t *obj, const char *key, bool v);
/* Takes the reference of j. */
void json_put_new(json_t *obj, const char *key, json_t *j);
/* The same value as `from` has under `name`, shared with it; nothing when that
   is absent or null. */
void json_put_from(
	json_t *obj, const char *key, const json_t *from, const char *name);
/* A new JSON text, never NULL: for json_array_append_new(). */
json_t *json_text_new(const char *s);

/* Members that are null go, in every object inside: no schema of X-Road's
   administration interfaces expects them. */
void json_drop_nulls(json_t *j);

enum json_style {
	JSON_PLAIN,  /* one line, members in their order */
	JSON_SORTED, /* one line, members sorted: comparable, hashable */
	JSON_PRETTY, /* indented by two */
};
/* Appends the text; check buf_ok() as for any other verb. */
void json_write(struct buf *b, const json_t *j, enum json_style style);

/* json_each(item, i, array) { ... } over a possibly NULL array */
#define json_each(item, i, array) \
 for ((i) = 0; ((item) = json_array_get((array), (i))) != NULL; (i)++)
