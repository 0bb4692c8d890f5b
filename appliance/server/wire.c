/* SPDX-License-Identifier: MIT */
/*
 * Messages on their way out; see wire_int.h.
 */
#include "wire_int.h"

#include <string.h>

#include "batch_int.h"
#include "mem.h"
#include "param.h"

/* Two documents and what surrounds them; bodies do not gather here. */
enum { WIRE_MAX = 2 * SOAP_SIZE_MAX + WIRE_EXTRA };

void
wire_open(struct wire *w, struct arena *a, int64_t max)
{
	*w = (struct wire){ .a = a, .left = max };
	buf_init(&w->buf, WIRE_MAX);
	transport_begin(&w->writer, &w->buf);
}

void
wire_done(struct wire *w)
{
	hasher_free(&w->hasher);
	if (w->buf.data)
		buf_done(&w->buf);
}

void
wire_keep(struct wire *w, const struct server *s, const struct log_record *r)
{
	w->keep = messagelog_body_bytes(s->log, r);
	if (w->keep)
		w->kept = spool_new(w->a, spool_folder(s->conf), w->keep);
}

static int
keep(struct wire *w, const void *p, size_t n, struct err *e)
{
	if ((int64_t)n > w->keep)
		n = (size_t)w->keep;
	w->keep -= (int64_t)n;
	return w->kept ? spool_add(w->kept, p, n, e) : 0;
}

void
wire_digest(struct wire *w, struct bytes head)
{
	digest_of(DIGEST_SHA512, head.data, head.len, &w->head);
}

void
wire_rest(struct wire *w, bool response, struct bytes head)
{
	wire_digest(w, head);
	transport_rest(&w->writer, response, head);
}

void
wire_soap(struct wire *w, const char *content_type, const struct mime_header *h,
	size_t n, struct bytes head)
{
	wire_digest(w, head);
	transport_soap_part(&w->writer, content_type, h, n, head);
}

void
wire_body_open(struct wire *w)
{
	transport_rest_body_open(&w->writer);
	w->hasher = hasher_new(DIGEST_SHA512);
}

void
wire_attachment_open(struct wire *w, const struct mime_header *h, size_t n)
{
	transport_attachment_open(&w->writer, h, n);
	w->hasher = hasher_new(DIGEST_SHA512);
}

int
wire_data(struct wire *w, const void *p, size_t n, struct err *e)
{
	w->left -= (int64_t)n;
	if (w->left < 0)
		return fail(e, FAULT_TOO_LARGE,
			"the message is larger than max-message-size allows");
	hasher_add(w->hasher, p, n);
	buf_add(&w->buf, p, n);
	if (keep(w, p, n, e))
		return -1;
	return buf_ok(&w->buf, "the message", e);
}

void
wire_part_close(struct wire *w)
{
	struct digest *old = w->attachment;

	if (w->attachments == w->cap) {
		w->cap = w->cap ? 2 * w->cap : 2;
		w->attachment = arena_array(w->a, w->cap, sizeof(*old));
		if (w->attachments)
			memcpy(w->attachment, old,
				w->attachments * sizeof(*old));
	}
	hasher_done(&w->hasher, &w->attachment[w->attachments++]);
}

/* Signed, and in the message log before the signature may leave. */
static int
sign(struct wire *w, struct server *s, const struct globalconf *g,
	const struct client_id *signer, struct log_record *r, struct err *e)
{
	const struct hashchain_part *part;
	struct signing signing;
	int64_t id;
	size_t n = message_parts(
		w->a, &w->head, w->attachment, w->attachments, &part);

	if (keyconf_signing(s->keys, s->ocsp, g, signer, w->a, &signing, e) ||
		batch_sign(s->batcher, w->a, &signing, part, n, &r->signature,
			e)) {
		err_prefix(e, "signer");
		return -1;
	}
	return messagelog_add(s->log, r, &id, e);
}

int
wire_sign(struct wire *w, struct server *s, const struct globalconf *g,
	const struct client_id *signer, struct log_record *r, struct err *e)
{
	struct segment body;

	if (w->kept && w->attachments) {
		body = segment_in(w->kept, 0, spool_len(w->kept));
		r->attachment = &body;
		r->attachments = 1;
	}
	if (sign(w, s, g, signer, r, e))
		return -1;
	transport_signature(&w->writer, r->signature.hashchain_result,
		r->signature.hashchain, r->signature.xml);
	transport_close(&w->writer);
	return buf_ok(&w->buf, "the message", e);
}
