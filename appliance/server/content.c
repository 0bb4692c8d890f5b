/* SPDX-License-Identifier: MIT */
/*
 * Content of any size on its way to an information system: as the reply to a
 * request, or as the body of a call.
 */
#include "proxy_int.h"

#include "http_client.h"
#include "mem.h"
#include "param.h"

enum { PIECE = 64 * 1024 };

const char *
spool_folder(const struct conf *c)
{
	const char *own = conf_text(c, P_TEMP_FILES);

	return *own ? own : conf_text(c, P_DATA_DIR);
}

/* Borrowed when it stands in memory already; *all false: too much for it. */
static int
content_small(struct arena *a, const struct segments *c, bool *all,
	struct bytes *out, struct err *e)
{
	uint8_t *p;

	*all = true;
	*out = bytes_of("", 0);
	if (c->n == 1 && !c->item[0].spool)
		return segment_load(a, c->item, SIZE_MAX, out, e);
	*all = c->len <= PIECE;
	if (!*all)
		return 0;
	if (c->n == 1)
		return segment_load(a, c->item, PIECE, out, e);
	p = arena_alloc(a, (size_t)c->len + 1);
	*out = bytes_of(p, (size_t)c->len);
	return segments_read(c, 0, p, (size_t)c->len, e) < 0 ? -1 : 0;
}

static int
reply_pieces(struct request *r, const struct segments *c, struct err *e)
{
	char *piece = arena_alloc(request_arena(r), PIECE);
	int64_t at = 0;
	long n;

	while ((n = segments_read(c, at, piece, PIECE, e)) > 0) {
		if (reply_write(r, piece, (size_t)n, e))
			return -1;
		at += n;
	}
	return n < 0 ? -1 : reply_end(r, e);
}

int
reply_content(struct request *r, int status, const char *reason,
	struct http_headers h, const struct segments *c, struct err *e)
{
	struct bytes body;
	bool all;

	if (content_small(request_arena(r), c, &all, &body, e))
		return -1;
	if (all)
		return reply_reason(r, status, reason, h.item, h.n, body, e);
	if (reply_begin_reason(r, status, reason, h.item, h.n, c->len, e))
		return -1;
	return reply_pieces(r, c, e);
}

static long
content_source(void *ctx, void *p, size_t n, struct err *e)
{
	struct content *c = ctx;
	long got = segments_read(c->from, c->at, p, n, e);

	if (got > 0)
		c->at += got;
	return got;
}

int
content_call(struct arena *a, struct content *c, struct http_call *call,
	struct err *e)
{
	bool all;

	call->has_body = true;
	if (content_small(a, c->from, &all, &call->body, e))
		return -1;
	if (all)
		return 0;
	call->body = bytes_of(NULL, 0);
	call->source = content_source;
	call->source_length = c->from->len;
	return 0;
}
