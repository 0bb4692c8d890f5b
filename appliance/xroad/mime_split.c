/* SPDX-License-Identifier: MIT */
/*
 * A whole multipart in memory, cut into its parts.
 */
#include "err.h"
#include "mem.h"
#include "text.h"
#include "transport.h"

struct split {
	struct arena *a;
	struct mime_part *part;
	size_t n, max;
	struct buf body;
};

static int
on_begin(void *ctx, const struct mime_header *h, size_t n, struct err *e)
{
	struct split *s = ctx;
	struct mime_header *copy;
	size_t i;

	if (s->n == s->max)
		return fail(e, FAULT_LIMIT,
			"the multipart has more than %zu parts", s->max);
	copy = arena_array(s->a, n, sizeof(*copy));
	for (i = 0; i < n; i++) {
		copy[i].name = arena_strdup(s->a, h[i].name);
		copy[i].value = arena_strdup(s->a, h[i].value);
	}
	s->part[s->n].header = copy;
	s->part[s->n].headers = n;
	buf_reset(&s->body);
	return 0;
}

static int
on_data(void *ctx, const void *p, size_t n, struct err *e)
{
	struct split *s = ctx;

	(void)e;
	buf_add(&s->body, p, n); /* bounded by the input */
	return 0;
}

static int
on_end(void *ctx, struct err *e)
{
	struct split *s = ctx;

	(void)e;
	s->part[s->n++].body = bytes_of(
		arena_memdup(s->a, s->body.data, s->body.len), s->body.len);
	return 0;
}

int
mime_split(struct arena *a, const char *content_type, struct bytes body,
	size_t max_parts, struct mime_part **out, size_t *n, struct err *e)
{
	static const struct mime_handler handler = { on_begin, on_data,
		on_end };
	struct split s = { .a = a, .max = max_parts };
	struct mime_reader *r;
	int ret = -1;

	*out = NULL;
	*n = 0;
	if (mime_reader_new(&r, content_type, &handler, &s, e) != 0)
		return -1;
	s.part = arena_array(a, max_parts, sizeof(*s.part));
	buf_init(&s.body, body.len + 1);
	if (mime_feed(r, body.data, body.len, e) == 0 && mime_end(r, e) == 0) {
		*out = s.part;
		*n = s.n;
		ret = 0;
	}
	buf_done(&s.body);
	mime_reader_free(&r);
	return ret;
}

const char *
mime_header_find(const struct mime_header *h, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_iequal(h[i].name, name))
			return h[i].value;
	return NULL;
}

const char *
mime_part_header(const struct mime_part *p, const char *name)
{
	return mime_header_find(p->header, p->headers, name);
}
