/* SPDX-License-Identifier: MIT */
/*
 * Events of libyaml -> json_t, with limits on depth, elements, anchors and on
 * what aliases amount to.
 *
 * Every node is counted when it is made and every alias counts for all it
 * stands for, its levels included, before it is copied: a few lines that name
 * each other cannot become gigabytes, nor a tree deeper than the limit.
 */
#include <jansson.h>
#include <string.h>
#include <yaml.h>

#include "err.h"
#include "mem.h"
#include "yaml_io.h"

/* What a node amounts to, all below it included. */
struct weight {
	size_t elements;
	size_t bytes;
};

struct anchor {
	const char *name;
	json_t *value; /* borrowed: part of the tree, or kept by `held` */
	struct weight weight;
	size_t height; /* levels of collections, 0: a scalar */
};

/* What stands where, in the order of reading. */
struct mark {
	const json_t *in;
	const char *key; /* or NULL: the n-th */
	size_t n, line;
};
struct yaml_marks {
	struct mark *mark;
	size_t n, max;
};

struct reader {
	struct yaml_marks *marks; /* or NULL */
	yaml_parser_t parser;
	yaml_event_t event; /* the current one */
	struct json_limits max;
	struct weight all; /* so far */
	size_t depth;
	size_t deepest; /* reached in the node that is being read */
	struct arena *arena;
	struct anchor anchor[YAML_ANCHORS];
	size_t anchors;
	json_t *held; /* keeps every anchored value alive */
	struct err *e;
};

static int
refuse(struct reader *r, const char *why)
{
	return fail(r->e, FAULT_BAD_REQUEST, "not valid YAML, line %zu: %s",
		r->event.start_mark.line + 1, why);
}

static int
next(struct reader *r)
{
	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->parser, &r->event))
		return 0;
	memset(&r->event, 0, sizeof(r->event));
	return fail(r->e, FAULT_BAD_REQUEST, "not valid YAML, line %zu: %s",
		r->parser.problem_mark.line + 1,
		r->parser.problem ? r->parser.problem : "not readable");
}

static int
count(struct reader *r, struct weight w)
{
	r->all.elements += w.elements;
	r->all.bytes += w.bytes;
	if (r->all.elements > r->max.elements)
		return fail(r->e, FAULT_TOO_LARGE,
			"the YAML value has more than %zu elements",
			r->max.elements);
	if (r->all.bytes > r->max.bytes)
		return fail(r->e, FAULT_TOO_LARGE,
			"the YAML value is larger than %zu bytes",
			r->max.bytes);
	return 0;
}

static int
too_deep(struct reader *r)
{
	return fail(r->e, FAULT_TOO_LARGE,
		"the YAML value is nested deeper than %zu levels",
		r->max.depth);
}

static void
reach(struct reader *r, size_t depth)
{
	if (r->deepest < depth)
		r->deepest = depth;
}

/* A value that has become whole can be named from here on. */
static int
anchor_add(
	struct reader *r, const char *name, json_t *value, struct weight before)
{
	struct anchor *n;

	if (!name)
		return 0;
	if (r->anchors == YAML_ANCHORS)
		return fail(r->e, FAULT_TOO_LARGE,
			"the YAML text has more than %d anchors", YAML_ANCHORS);
	n = &r->anchor[r->anchors++];
	n->name = name;
	n->value = value;
	n->weight.elements = r->all.elements - before.elements;
	n->weight.bytes = r->all.bytes - before.bytes;
	n->height = r->deepest - r->depth;
	json_array_append(r->held, value);
	return 0;
}

static json_t *
copy_of(struct reader *r, const struct anchor *n)
{
	if (n->height > r->max.depth - r->depth) {
		too_deep(r);
		return NULL;
	}
	reach(r, r->depth + n->height);
	return count(r, n->weight) == 0 ? json_deep_copy(n->value) : NULL;
}

static json_t *
alias_value(struct reader *r)
{
	const char *name = (const char *)r->event.data.alias.anchor;
	size_t i = r->anchors;

	while (i-- > 0)
		if (strcmp(r->anchor[i].name, name) == 0)
			return copy_of(r, &r->anchor[i]);
	refuse(r, "an alias names no finished anchor");
	return NULL;
}

/* The current event begins what stands there. */
static void
mark_add(struct reader *r, const json_t *in, const char *key, size_t n)
{
	struct yaml_marks *m = r->marks;

	if (!m)
		return;
	if (m->n == m->max) {
		struct mark *old = m->mark;

		m->max = m->max ? 2 * m->max : 64;
		m->mark = arena_array(r->arena, m->max, sizeof(*m->mark));
		if (old)
			memcpy(m->mark, old, m->n * sizeof(*old));
	}
	m->mark[m->n++] =
		(struct mark){ in, key, n, r->event.start_mark.line + 1 };
}

size_t
yaml_line(
	const struct yaml_marks *m, const json_t *in, const char *key, size_t n)
{
	for (size_t i = 0; m && i < m->n; i++) {
		const struct mark *x = &m->mark[i];

		if (x->in == in && (key ? x->key && !strcmp(x->key, key)
					: !x->key && x->n == n))
			return x->line;
	}
	return 0;
}

/* --- scalars -------------------------------------------------------------- */

#define TAG "tag:yaml.org,2002:"

static bool
tag_is(const yaml_char_t *tag, const char *name)
{
	const char *t = (const char *)tag;

	return strncmp(t, TAG, strlen(TAG)) == 0 &&
	       strcmp(t + strlen(TAG), name) == 0;
}

/* The value that an explicit tag asks for; "!" means text. */
static json_t *
tagged_value(const yaml_char_t *tag, const char *s, size_t n)
{
	static const struct {
		const char *name;
		json_type type, or ;
	} row[] = {
		{ "null", JSON_NULL, JSON_NULL },
		{ "bool", JSON_TRUE, JSON_FALSE },
		{ "int", JSON_INTEGER, JSON_INTEGER },
		{ "float", JSON_REAL, JSON_INTEGER },
	};
	json_t *v;
	size_t i;

	if (strcmp((const char *)tag, "!") == 0 || tag_is(tag, "str"))
		return json_stringn(s, n);
	v = yaml_scalar(s, n);
	for (i = 0; v && i < sizeof(row) / sizeof(row[0]); i++)
		if (tag_is(tag, row[i].name) &&
			(json_typeof(v) == row[i].type ||
				json_typeof(v) == row[i].or))
			return v;
	json_decref(v);
	return NULL;
}

static json_t *
scalar_value(struct reader *r)
{
	const char *s = (const char *)r->event.data.scalar.value;
	size_t n = r->event.data.scalar.length;
	json_t *v;

	if (memchr(s, 0, n)) {
		refuse(r, "a NUL character");
		return NULL;
	}
	if (count(r, (struct weight){ 1, n }) != 0)
		return NULL;
	if (r->event.data.scalar.tag)
		v = tagged_value(r->event.data.scalar.tag, s, n);
	else if (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		v = yaml_scalar(s, n);
	else
		v = json_stringn(s, n);
	if (!v)
		refuse(r, "a scalar that has no meaning here");
	return v;
}

/* --- collections ---------------------------------------------------------- */

static json_t *node_value(struct reader *r);

static json_t *
sequence_value(struct reader *r)
{
	json_t *list = json_array();

	while (next(r) == 0) {
		json_t *v;

		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			return list;
		mark_add(r, list, NULL, json_array_size(list));
		v = node_value(r);
		if (!v)
			break;
		json_array_append_new(list, v);
	}
	json_decref(list);
	return NULL;
}

/* The key of the current event, in the arena; "200:" is the text "200". */
static const char *
key_text(struct reader *r)
{
	size_t n = r->event.data.scalar.length;
	const char *s = (const char *)r->event.data.scalar.value;

	if (r->event.type != YAML_SCALAR_EVENT || r->event.data.scalar.anchor ||
		memchr(s, 0, n)) {
		refuse(r, "a key must be a plain text");
		return NULL;
	}
	if (count(r, (struct weight){ 0, n }) != 0)
		return NULL;
	return arena_strndup(r->arena, s, n);
}

static int
member_add(struct reader *r, json_t *map)
{
	const char *key = key_text(r);
	json_t *v;

	if (!key)
		return -1;
	if (json_object_get(map, key))
		return fail(r->e, FAULT_BAD_REQUEST,
			"not valid YAML, line %zu: the key '%s' occurs twice",
			r->event.start_mark.line + 1, key);
	mark_add(r, map, key, 0);
	if (next(r) != 0)
		return -1;
	v = node_value(r);
	if (!v)
		return -1;
	if (json_object_set_new(map, key, v) != 0)
		return refuse(r, "a key that is no text");
	return 0;
}

static json_t *
mapping_value(struct reader *r)
{
	json_t *map = json_object();

	while (next(r) == 0) {
		if (r->event.type == YAML_MAPPING_END_EVENT)
			return map;
		if (member_add(r, map) != 0)
			break;
	}
	json_decref(map);
	return NULL;
}

static json_t *
collection_value(struct reader *r, const yaml_char_t *tag, const char *name,
	json_t *(*read)(struct reader *r))
{
	json_t *v = NULL;

	if (tag && !tag_is(tag, name)) {
		refuse(r, "a tag that is not known");
		return NULL;
	}
	if (r->depth == r->max.depth) {
		too_deep(r);
		return NULL;
	}
	r->depth++;
	reach(r, r->depth);
	if (count(r, (struct weight){ 1, 0 }) == 0)
		v = read(r);
	r->depth--;
	return v;
}

/* The name in the arena: the event is gone when the value is whole. */
static const char *
anchor_name(struct reader *r)
{
	const yaml_char_t *name = NULL;

	if (r->event.type == YAML_SCALAR_EVENT)
		name = r->event.data.scalar.anchor;
	else if (r->event.type == YAML_SEQUENCE_START_EVENT)
		name = r->event.data.sequence_start.anchor;
	else if (r->event.type == YAML_MAPPING_START_EVENT)
		name = r->event.data.mapping_start.anchor;
	return arena_strdup(r->arena, (const char *)name);
}

/* The value that begins with the current event; its last event is current
   afterwards. NULL with the fault. */
static json_t *
node_value(struct reader *r)
{
	struct weight before = r->all;
	const char *name = anchor_name(r);
	size_t deepest = r->deepest;
	json_t *v = NULL;

	r->deepest = r->depth;
	if (r->event.type == YAML_ALIAS_EVENT)
		v = alias_value(r);
	else if (r->event.type == YAML_SCALAR_EVENT)
		v = scalar_value(r);
	else if (r->event.type == YAML_SEQUENCE_START_EVENT)
		v = collection_value(r, r->event.data.sequence_start.tag, "seq",
			sequence_value);
	else if (r->event.type == YAML_MAPPING_START_EVENT)
		v = collection_value(r, r->event.data.mapping_start.tag, "map",
			mapping_value);
	else
		refuse(r, "a value is missing");
	if (v && anchor_add(r, name, v, before) != 0) {
		json_decref(v);
		v = NULL;
	}
	reach(r, deepest);
	return v;
}

/* --- the document --------------------------------------------------------- */

static int
expect(struct reader *r, yaml_event_type_t type, const char *otherwise)
{
	if (next(r) != 0)
		return -1;
	return r->event.type == type ? 0 : refuse(r, otherwise);
}

static int
document_read(struct reader *r, json_t **out)
{
	json_t *v;

	if (expect(r, YAML_STREAM_START_EVENT, "no stream") != 0 ||
		expect(r, YAML_DOCUMENT_START_EVENT, "it is empty") != 0 ||
		next(r) != 0)
		return -1;
	v = node_value(r);
	if (!v)
		return -1;
	json_keep(r->arena, v);
	if (!json_is_object(v) && !json_is_array(v))
		return refuse(r, "neither a mapping nor a sequence");
	if (expect(r, YAML_DOCUMENT_END_EVENT, "no end") != 0 ||
		expect(r, YAML_STREAM_END_EVENT, "a second document") != 0)
		return -1;
	*out = v;
	return 0;
}

static struct json_limits
limits_of(const struct json_limits *l)
{
	struct json_limits max = { YAML_BYTES, YAML_DEPTH, YAML_ELEMENTS };

	if (l && l->bytes)
		max.bytes = l->bytes;
	if (l && l->depth)
		max.depth = l->depth;
	if (l && l->elements)
		max.elements = l->elements;
	return max;
}

int
yaml_parse(struct arena *a, struct bytes text, const struct json_limits *limits,
	json_t **out, struct err *e)
{
	return yaml_parse_marked(a, text, limits, out, NULL, e);
}

int
yaml_parse_marked(struct arena *a, struct bytes text,
	const struct json_limits *limits, json_t **out,
	const struct yaml_marks **marks, struct err *e)
{
	struct reader *r;
	int ret;

	*out = NULL;
	r = mem_alloc(sizeof(*r));
	if (marks)
		*marks = r->marks = arena_new_of(a, struct yaml_marks);
	r->max = limits_of(limits);
	r->arena = a;
	r->e = e;
	if (text.len > r->max.bytes) {
		ret = fail(e, FAULT_TOO_LARGE,
			"the YAML text is larger than %zu bytes", r->max.bytes);
		goto out;
	}
	if (!yaml_parser_initialize(&r->parser)) {
		ret = fail(e, FAULT_INTERNAL, "no memory for a YAML parser");
		goto out;
	}
	r->held = json_array();
	yaml_parser_set_input_string(&r->parser,
		text.data ? text.data : (const uint8_t *)"", text.len);
	ret = document_read(r, out);
	yaml_event_delete(&r->event);
	yaml_parser_delete(&r->parser);
	json_decref(r->held);
out:
	mem_free(r);
	return ret;
}
