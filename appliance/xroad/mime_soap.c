/* SPDX-License-Identifier: MIT */
/*
 * SOAP as information systems send and get it: a document alone, or the first
 * part of a multipart/related whose other parts are attachments. XOP is not
 * resolved. A multipart inside a part is opened, to any depth: its parts become
 * attachments of the message, one after the other, and it is gone itself
 * (SoapMessageDecoder leaves mime4j in its recursive mode; the decoder between
 * servers does not). An e-mail as attachment stays whole, where mime4j would
 * open it and lose its header. Rule: interop/xroad-messages.md 1.4; the forms
 * of the parts are those of MultipartSoapMessageEncoder and MultipartEncoder.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"
#include "transport.h"

enum { NESTED_MAX = 16 };

/* One multipart, and the one that is the part being read. */
struct level {
	struct soap_stream *s;
	struct mime_reader *mime;
	int depth;
	struct level *inner;
};

struct soap_stream {
	struct arena *a;
	struct soap_stream_limits limits;
	struct soap_stream_handler handler;
	void *ctx;
	struct level *top; /* NULL: the document alone */
	const char *type;  /* of the document */
	const struct mime_header *header;
	size_t headers;
	struct buf document;
	bool begun; /* a byte came: an empty multipart has no SOAP */
	bool have_document;
	size_t attachments, nested;
};

/* ---- reading ---- */

static void
stream_done(void *p)
{
	struct soap_stream *s = p;

	for (struct level *l = s->top; l; l = l->inner)
		mime_reader_free(&l->mime);
	buf_done(&s->document);
}

static int
document_add(struct soap_stream *s, const void *p, size_t n, struct err *e)
{
	buf_add(&s->document, p, n);
	return buf_ok(&s->document, "the SOAP message", e);
}

/* The handler may keep the bytes: they are the arena's from here on. */
static int
document_end(struct soap_stream *s, struct err *e)
{
	s->have_document = true;
	return s->handler.document(s->ctx, bytes_buf(&s->document), s->type,
		s->header, s->headers, e);
}

static void
keep_headers(struct soap_stream *s, const struct mime_header *h, size_t n)
{
	struct mime_header *copy = arena_array(s->a, n, sizeof(*copy));

	for (size_t i = 0; i < n; i++) {
		copy[i].name = arena_strdup(s->a, h[i].name);
		copy[i].value = arena_strdup(s->a, h[i].value);
	}
	s->header = copy;
	s->headers = n;
}

static int
leaf_begin(struct soap_stream *s, const char *type, const struct mime_header *h,
	size_t n, struct err *e)
{
	if (!s->have_document) {
		s->type = arena_strdup(s->a, type);
		keep_headers(s, h, n);
		return 0;
	}
	if (s->attachments++ == s->limits.attachments_max)
		return fail(e, FAULT_LIMIT,
			"the message has more than %zu attachments",
			s->limits.attachments_max);
	return s->handler.attachment(s->ctx, h, n, e);
}

/* One without boundary is an attachment like any other. */
static bool
is_multipart(struct arena *a, const char *type)
{
	return str_prefix(mime_base(a, type), "multipart/") &&
	       mime_param(a, type, "boundary");
}

static int level_open(struct soap_stream *s, struct level **out,
	const char *type, int depth, struct err *e);

static int
part_begin(void *ctx, const struct mime_header *h, size_t n, struct err *e)
{
	struct level *l = ctx;
	const char *type = mime_header_find(h, n, "content-type");

	if (!type)
		return fail(e, FAULT_INVALID_CONTENT_TYPE,
			"Could not get content type for part");
	if (is_multipart(l->s->a, type))
		return level_open(l->s, &l->inner, type, l->depth + 1, e);
	return leaf_begin(l->s, type, h, n, e);
}

static int
part_data(void *ctx, const void *p, size_t n, struct err *e)
{
	struct level *l = ctx;
	struct soap_stream *s = l->s;

	if (l->inner)
		return mime_feed(l->inner->mime, p, n, e);
	if (!s->have_document)
		return document_add(s, p, n, e);
	return s->handler.data(s->ctx, p, n, e);
}

static int
part_end(void *ctx, struct err *e)
{
	struct level *l = ctx;
	struct soap_stream *s = l->s;
	struct level *inner = l->inner;
	int ret;

	if (inner) {
		ret = mime_end_nested(inner->mime, e);
		mime_reader_free(&inner->mime);
		l->inner = NULL;
		return ret;
	}
	if (!s->have_document)
		return document_end(s, e);
	return s->handler.attachment_end(s->ctx, e);
}

static const struct mime_handler handler = { part_begin, part_data, part_end };

static int
level_open(struct soap_stream *s, struct level **out, const char *type,
	int depth, struct err *e)
{
	struct level *l = arena_new_of(s->a, struct level);

	/* they become nothing, but each takes its place in memory */
	if (depth && s->nested++ == s->limits.attachments_max)
		return fail(e, FAULT_LIMIT,
			"the message has more than %zu multiparts",
			s->limits.attachments_max);
	if (depth > NESTED_MAX)
		return fail(e, FAULT_LIMIT,
			"multiparts stand in each other more than %d deep",
			NESTED_MAX);
	l->s = s;
	l->depth = depth;
	*out = l;
	return mime_reader_new(&l->mime, type, &handler, l, e);
}

int
soap_stream_new(struct soap_stream **out, struct arena *a,
	const char *content_type, const struct soap_stream_limits *l,
	const struct soap_stream_handler *h, void *ctx, struct err *e)
{
	struct soap_stream *s = arena_new_of(a, struct soap_stream);
	const char *base = mime_base(a, content_type);

	s->a = a;
	s->limits = *l;
	s->handler = *h;
	s->ctx = ctx;
	s->type = content_type;
	buf_init(&s->document, l->document_max);
	arena_defer(a, stream_done, s);
	*out = s;
	if (str_equal(base, "multipart/related"))
		return level_open(s, &s->top, content_type, 0, e);
	if (str_equal(base, "text/xml") ||
		str_equal(base, "application/xop+xml"))
		return 0;
	return fail(e, FAULT_INVALID_CONTENT_TYPE,
		"Invalid content type: %.100s", base);
}

int
soap_stream_feed(struct soap_stream *s, const void *p, size_t n, struct err *e)
{
	s->begun = s->begun || n > 0;
	if (s->top)
		return mime_feed(s->top->mime, p, n, e);
	return document_add(s, p, n, e);
}

int
soap_stream_end(struct soap_stream *s, struct err *e)
{
	if (!s->top)
		return document_end(s, e);
	if (s->begun && mime_end(s->top->mime, e))
		return -1;
	if (!s->have_document)
		return fail(e, FAULT_MISSING_SOAP,
			"Request does not contain SOAP message");
	return 0;
}

/* ---- writing ---- */

/* X-Road says UTF-8 whatever the document is; one in another charset keeps
   its name here. */
static const char *
alone_type(struct arena *a, const char *head_type)
{
	const char *charset = mime_param(a, head_type, "charset");

	if (charset && !str_iequal(charset, "UTF-8") &&
		str_equal(mime_base(a, head_type), "text/xml"))
		return head_type;
	return "text/xml; charset=UTF-8";
}

/* "content-type:" stands without a blank when there are attachments. */
static void
part_write(struct arena *a, struct segments *out, const char *before,
	const char *type, const struct mime_header *h, size_t n)
{
	struct buf b;

	buf_init(&b, MIME_HEADER_MAX * 4);
	buf_str(&b, before);
	if (type)
		buf_str(&b, type);
	buf_str(&b, "\r\n");
	for (size_t i = 0; i < n; i++)
		if (!str_iequal(h[i].name, "content-type"))
			buf_fmt(&b, "%s: %s\r\n", h[i].name, h[i].value);
	buf_str(&b, "\r\n");
	segments_bytes(out, bytes_of(arena_memdup(a, b.data, b.len), b.len));
	buf_done(&b);
}

static void
attachment_write(struct arena *a, struct segments *out, const char *boundary,
	const struct transport_attachment *t)
{
	part_write(a, out,
		arena_printf(a, "\r\n--%s\r\ncontent-type:", boundary),
		mime_header_find(t->header, t->headers, "content-type"),
		t->header, t->headers);
	segments_add(out, t->body);
}

int
soap_content(struct arena *a, const struct transport_message *m,
	const char *original_type, struct segments *out, const char **type,
	struct err *e)
{
	const char *base = mime_base(a, original_type);
	const char *boundary = mime_param(a, original_type, "boundary");

	*out = segments_of(a);
	if (!m->attachments && !str_equal(base, "multipart/related")) {
		*type = alone_type(a, m->head_type);
		segments_bytes(out, m->head);
		return 0;
	}
	*type = original_type;
	if (!boundary || !*boundary)
		return fail(e, FAULT_INVALID_CONTENT_TYPE,
			"the original content type of a message with "
			"attachments has no boundary");
	part_write(a, out,
		arena_printf(a, "--%s\r\ncontent-type:%s", boundary,
			m->attachments ? "" : " "),
		m->head_type, m->head_header, m->head_headers);
	segments_bytes(out, m->head);
	for (size_t i = 0; i < m->attachments; i++)
		attachment_write(a, out, boundary, &m->attachment[i]);
	segments_bytes(
		out, bytes_str(arena_printf(a, "\r\n--%s--\r\n", boundary)));
	return 0;
}
