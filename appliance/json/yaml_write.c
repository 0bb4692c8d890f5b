/* SPDX-License-Identifier: MIT */
/*
 * json_t -> YAML by libyaml's emitter. A text is written plainly only where
 * every YAML version reads it as a text; all others are double quoted.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "yaml_io.h"

static int
sink(void *p, unsigned char *data, size_t n)
{
	buf_add(p, data, n);
	return 1;
}

/* What YAML 1.1 readers take for booleans. */
static bool
is_old_word(const char *s)
{
	static const char *const old[] = { "y", "n", "yes", "no", "on", "off",
		"true", "false", "null" };
	size_t i;

	for (i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		if (strcasecmp(old[i], s) == 0)
			return true;
	return false;
}

/* Letters first, nothing after them that any reader could take otherwise. */
static bool
is_plain(const char *s, size_t n)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char more[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_-./{}";

	return n > 0 && (strchr(letters, s[0]) || s[0] == '/') &&
	       strspn(s, more) == n && !is_old_word(s);
}

static void
emit_scalar(
	yaml_emitter_t *y, const char *s, size_t n, yaml_scalar_style_t style)
{
	yaml_event_t event;

	if (yaml_scalar_event_initialize(&event, NULL, NULL,
		    (const yaml_char_t *)s, (int)n, 1, 1, style))
		yaml_emitter_emit(y, &event);
}

static void
emit_text(yaml_emitter_t *y, const char *s, size_t n)
{
	emit_scalar(y, s, n,
		is_plain(s, n) ? YAML_PLAIN_SCALAR_STYLE
			       : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

static void
emit_plain(yaml_emitter_t *y, const char *s)
{
	emit_scalar(y, s, strlen(s), YAML_PLAIN_SCALAR_STYLE);
}

static void
emit_number(yaml_emitter_t *y, const json_t *j)
{
	char *s = json_dumps(j, JSON_ENCODE_ANY);

	if (s)
		emit_plain(y, s);
	free(s);
}

static void emit_value(yaml_emitter_t *y, const json_t *j);

static void
emit_list(yaml_emitter_t *y, const json_t *j)
{
	yaml_event_t event;
	size_t i;

	yaml_sequence_start_event_initialize(
		&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);
	yaml_emitter_emit(y, &event);
	for (i = 0; i < json_array_size(j); i++)
		emit_value(y, json_array_get(j, i));
	yaml_sequence_end_event_initialize(&event);
	yaml_emitter_emit(y, &event);
}

static void
emit_map(yaml_emitter_t *y, const json_t *j)
{
	yaml_event_t event;
	const char *key;
	json_t *v;

	yaml_mapping_start_event_initialize(
		&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE);
	yaml_emitter_emit(y, &event);
	json_object_foreach((json_t *)(uintptr_t)j, key, v)
	{
		emit_text(y, key, strlen(key));
		emit_value(y, v);
	}
	yaml_mapping_end_event_initialize(&event);
	yaml_emitter_emit(y, &event);
}

static void
emit_value(yaml_emitter_t *y, const json_t *j)
{
	if (json_is_object(j))
		emit_map(y, j);
	else if (json_is_array(j))
		emit_list(y, j);
	else if (json_is_string(j))
		emit_text(y, json_string_value(j), json_string_length(j));
	else if (json_is_number(j))
		emit_number(y, j);
	else if (json_is_boolean(j))
		emit_plain(y, json_is_true(j) ? "true" : "false");
	else
		emit_plain(y, "null");
}

void
yaml_write(struct buf *b, const json_t *j)
{
	yaml_emitter_t y;
	yaml_event_t event;

	if (!yaml_emitter_initialize(&y))
		return;
	yaml_emitter_set_output(&y, sink, b);
	yaml_emitter_set_unicode(&y, 1);
	yaml_emitter_set_width(&y, -1);
	yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
	yaml_emitter_emit(&y, &event);
	yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1);
	yaml_emitter_emit(&y, &event);
	emit_value(&y, j);
	yaml_document_end_event_initialize(&event, 1);
	yaml_emitter_emit(&y, &event);
	yaml_stream_end_event_initialize(&event);
	yaml_emitter_emit(&y, &event);
	yaml_emitter_delete(&y);
}
