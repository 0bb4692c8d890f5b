/* SPDX-License-Identifier: MIT */
/*
 * YAML in (YAML 1.2, core schema), as far as it means JSON: service
 * descriptions are written in either. libyaml scans and parses; here its
 * events become json_t values under limits.
 *
 * Taken: one document; block and flow collections; anchors and aliases, whose
 * expansion counts against the limits; the core tags (!!str, !!int ...).
 * Refused: a second document, other tags, keys that are no scalars or occur
 * twice, an alias inside its own anchor, NUL characters, infinities and "not a
 * number". Merge keys (<<) have no meaning in YAML 1.2 and are plain keys.
 */
#pragma once

#include "json_io.h"

enum {
	YAML_BYTES = 1024 * 1024,
	YAML_DEPTH = 64,
	YAML_ELEMENTS = 100000,
	YAML_ANCHORS = 1000,
};

/* Parses an object or an array. The value lives in the arena. `limits` may be
   NULL or have zeroes: the defaults above. `bytes` bounds both the text and
   what the texts of the value amount to once aliases are expanded.
   FAULT_BAD_REQUEST with the line, FAULT_TOO_LARGE. */
int yaml_parse(struct arena *a, struct bytes text,
	const struct json_limits *limits, json_t **out, struct err *e);

/* The same, and where things stand: for messages about files that people
   write. The marks live in the arena. */
struct yaml_marks;
int yaml_parse_marked(struct arena *a, struct bytes text,
	const struct json_limits *limits, json_t **out,
	const struct yaml_marks **marks, struct err *e);
/* The line of a mapping's key, or of the n-th item of a sequence (key NULL);
   0 when it is not known, as inside of what an alias stands for. */
size_t yaml_line(const struct yaml_marks *m, const json_t *in, const char *key,
	size_t n);

/* The value that a plain scalar has in the core schema: null, a boolean, a
   number or a text. A new reference, NULL for infinities and NaN. */
json_t *yaml_scalar(const char *text, size_t n);

/* Appends the value as YAML, block style, texts quoted wherever YAML could
   read something else. What is written reads back as the same value. Check
   buf_ok(). */
void yaml_write(struct buf *b, const json_t *j);
