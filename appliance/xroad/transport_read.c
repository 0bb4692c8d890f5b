/* SPDX-License-Identifier: MIT */
/*
 * Reading the multipart between security servers as it comes: which part may
 * stand where is a table; digests are computed on the way; a fault may stand
 * in place of the message or of the signature.
 * Rule: interop/xroad-messages.md 2.5, 2.7.
 */
#include <string.h>

#include "der.h"
#include "err.h"
#include "hashchain.h"
#include "mem.h"
#include "ocsp.h"
#include "signature.h"
#include "soap.h"
#include "text.h"
#include "transport.h"

enum { OCSP_PARTS_MAX = 16 };

enum place {
	PLACE_OCSP,
	PLACE_HEAD,
	PLACE_BODY,
	PLACE_RESULT,
	PLACE_CHAIN,
	PLACE_SIGNATURE,
	PLACE_NONE,
};

struct row; /* what the part being read is */

struct transport_reader {
	struct arena *a;
	enum digest_alg alg;
	bool rest, whole_fault; /* whole_fault: the body is one fault */
	struct transport_limits limits;
	transport_head_fn *on_head;
	void *ctx;
	struct mime_reader *mime, *nested;
	struct transport_message m;
	enum place next;
	const struct row *row;
	struct buf body;     /* of the part being read, unless an attachment */
	struct spool *spool; /* attachments and REST body, all together */
	struct hasher *hasher, *sha512; /* of the attachment; second or NULL */
	struct bytes *ocsp;
	struct transport_attachment *attachment;
	size_t attachment_cap;
	int64_t attachment_at; /* in the spool */
	const char *type;      /* content type of the part being read */
};

typedef int part_fn(
	struct transport_reader *r, struct bytes body, struct err *e);
static part_fn ocsp_done, head_done, soap_done, rest_body_done, result_done,
	chain_done, signature_done, fault_done, nested_done;

enum when {
	WHEN_ANY,
	WHEN_SOAP,
	WHEN_REST_REQUEST,
	WHEN_REST_RESPONSE,
	WHEN_REST
};

static const struct row {
	enum place place, then;
	const char *type;
	enum when when;
	part_fn *done;
	size_t max; /* 0: from the limits */
} rows[] = {
	{ PLACE_OCSP, PLACE_OCSP, "application/ocsp-response", WHEN_ANY,
		ocsp_done, OCSP_SIZE_MAX },
	{ PLACE_HEAD, PLACE_BODY, "application/x-road-rest-request",
		WHEN_REST_REQUEST, head_done, 0 },
	{ PLACE_HEAD, PLACE_BODY, "application/x-road-rest-response",
		WHEN_REST_RESPONSE, head_done, 0 },
	{ PLACE_HEAD, PLACE_BODY, "text/xml", WHEN_ANY, soap_done, 0 },
	{ PLACE_HEAD, PLACE_BODY, "application/xop+xml", WHEN_ANY, soap_done,
		0 },
	{ PLACE_BODY, PLACE_RESULT, "application/x-road-rest-body", WHEN_REST,
		rest_body_done, 0 },
	{ PLACE_BODY, PLACE_RESULT, "multipart/mixed", WHEN_SOAP, nested_done,
		0 },
	{ PLACE_RESULT, PLACE_CHAIN, "application/hash-chain-result", WHEN_ANY,
		result_done, HASHCHAIN_SIZE_MAX },
	{ PLACE_CHAIN, PLACE_SIGNATURE, "application/hash-chain", WHEN_ANY,
		chain_done, HASHCHAIN_SIZE_MAX },
	{ PLACE_SIGNATURE, PLACE_NONE, "signature/bdoc-1.0/ts", WHEN_ANY,
		signature_done, SIGNATURE_XML_MAX },
	{ PLACE_SIGNATURE, PLACE_NONE, "text/xml", WHEN_ANY, fault_done,
		SIGNATURE_XML_MAX },
};

/* ---- which part may stand here ---- */

static bool
when_fits(const struct transport_reader *r, enum when when)
{
	static const struct {
		bool any, rest, request, response;
	} need[] = {
		[WHEN_ANY] = { .any = true },
		[WHEN_SOAP] = { .rest = false },
		[WHEN_REST_REQUEST] = { .rest = true, .request = true },
		[WHEN_REST_RESPONSE] = { .rest = true, .response = true },
		[WHEN_REST] = { .rest = true },
	};

	if (need[when].any)
		return true;
	return need[when].rest == r->rest &&
	       !(need[when].request && r->m.response) &&
	       !(need[when].response && !r->m.response);
}

static int
row_find(struct transport_reader *r, const char *base, struct err *e)
{
	bool head = r->next > PLACE_HEAD;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *w = &rows[i];

		if (w->place < r->next || (!head && w->place > PLACE_HEAD) ||
			!str_equal(w->type, base) || !when_fits(r, w->when))
			continue;
		r->row = w;
		return 0;
	}
	if (r->next == PLACE_NONE)
		return fail(e, FAULT_INVALID_MESSAGE,
			"something stands after the signature: %.100s", base);
	return fail(e, FAULT_INVALID_CONTENT_TYPE,
		"content type %.100s is not expected here", base);
}

/* ---- parts in memory ---- */

/* Hands the collected bytes to the arena without copying them. */
static struct bytes
body_take(struct transport_reader *r)
{
	struct bytes b = bytes_buf(&r->body);
	size_t max = r->body.max;

	arena_defer(r->a, mem_free, r->body.data);
	buf_init(&r->body, max);
	return b;
}

static void
body_open(struct transport_reader *r, size_t max)
{
	buf_done(&r->body);
	buf_init(&r->body, max);
}

static int
body_add(struct transport_reader *r, const void *p, size_t n, struct err *e)
{
	buf_add(&r->body, p, n);
	if (!r->body.over)
		return 0;
	return fail(e, FAULT_TOO_LARGE,
		"a part of the message is larger than %zu bytes", r->body.max);
}

static struct mime_header *
headers_copy(struct arena *a, const struct mime_header *h, size_t n)
{
	struct mime_header *copy = arena_array(a, n, sizeof(*copy));
	size_t i;

	for (i = 0; i < n; i++) {
		copy[i].name = arena_strdup(a, h[i].name);
		copy[i].value = arena_strdup(a, h[i].value);
	}
	return copy;
}

/* ---- attachments ---- */

static struct transport_attachment *
attachment_add(struct transport_reader *r)
{
	size_t used = r->m.attachments, cap = r->attachment_cap;
	struct transport_attachment *old = r->attachment;

	if (used == cap) {
		r->attachment_cap = cap ? 2 * cap : 4;
		r->attachment = arena_array(
			r->a, r->attachment_cap, sizeof(*r->attachment));
		if (used)
			memcpy(r->attachment, old, used * sizeof(*old));
		r->m.attachment = r->attachment;
	}
	return &r->attachment[used];
}

static int
attachment_open(struct transport_reader *r, const struct mime_header *h,
	size_t n, struct err *e)
{
	struct transport_attachment *t;

	if (r->m.attachments == r->limits.attachments_max)
		return fail(e, FAULT_LIMIT,
			"the message has more than %zu attachments",
			r->m.attachments);
	if (!r->spool)
		r->spool =
			spool_new(r->a, r->limits.folder, r->limits.body_max);
	t = attachment_add(r);
	t->header = headers_copy(r->a, h, n);
	t->headers = n;
	r->attachment_at = spool_len(r->spool);
	r->hasher = hasher_new(r->alg);
	if (r->alg != DIGEST_SHA512)
		r->sha512 = hasher_new(DIGEST_SHA512);
	return 0;
}

static int
attachment_data(
	struct transport_reader *r, const void *p, size_t n, struct err *e)
{
	hasher_add(r->hasher, p, n);
	if (r->sha512)
		hasher_add(r->sha512, p, n);
	return spool_add(r->spool, p, n, e);
}

static void
attachment_close(struct transport_reader *r)
{
	struct transport_attachment *t = &r->attachment[r->m.attachments++];

	t->body = segment_in(r->spool, r->attachment_at,
		spool_len(r->spool) - r->attachment_at);
	hasher_done(&r->hasher, &t->digest);
	if (r->sha512)
		hasher_done(&r->sha512, &t->sha512);
	else
		t->sha512 = t->digest;
}

static int
nested_begin(void *ctx, const struct mime_header *h, size_t n, struct err *e)
{
	return attachment_open(ctx, h, n, e);
}

static int
nested_data(void *ctx, const void *p, size_t n, struct err *e)
{
	return attachment_data(ctx, p, n, e);
}

static int
nested_end(void *ctx, struct err *e)
{
	(void)e;
	attachment_close(ctx);
	return 0;
}

static const struct mime_handler nested_handler = { nested_begin, nested_data,
	nested_end };

static int
nested_done(struct transport_reader *r, struct bytes body, struct err *e)
{
	int ret = mime_end(r->nested, e);

	(void)body;
	mime_reader_free(&r->nested);
	return ret;
}

static int
rest_body_done(struct transport_reader *r, struct bytes body, struct err *e)
{
	(void)body;
	(void)e;
	attachment_close(r);
	return 0;
}

/* ---- the other parts ---- */

static int
ocsp_done(struct transport_reader *r, struct bytes body, struct err *e)
{
	struct der d = der_open(body);
	struct bytes tlv;

	if (r->m.ocsps == OCSP_PARTS_MAX)
		return fail(e, FAULT_LIMIT,
			"the message has more than %d OCSP responses",
			OCSP_PARTS_MAX);
	if (der_peek(&d) != DER_SEQUENCE || der_any(&d, &tlv, NULL) != 0)
		return fail(e, FAULT_IO, "an OCSP response is malformed");
	r->ocsp[r->m.ocsps++] = body;
	return 0;
}

static int
head_done(struct transport_reader *r, struct bytes body, struct err *e)
{
	if (r->alg != DIGEST_SHA256 && r->alg != DIGEST_SHA384 &&
		r->alg != DIGEST_SHA512)
		return fail(e, FAULT_INTERNAL,
			"the peer names no acceptable hash algorithm");
	r->m.head = body;
	r->m.head_type = r->type;
	digest_of(r->alg, body.data, body.len, &r->m.head_digest);
	r->m.head_sha512 = r->m.head_digest;
	if (r->alg != DIGEST_SHA512)
		digest_of(
			DIGEST_SHA512, body.data, body.len, &r->m.head_sha512);
	return r->on_head ? r->on_head(r->ctx, &r->m, e) : 0;
}

/* Takes the texts when the document is a fault. */
static int
fault_take(struct transport_reader *r, struct bytes body, bool *is_fault,
	struct err *e)
{
	struct soap s;

	*is_fault = false;
	if (soap_parse(r->a, body, r->type, &s, e) != 0)
		return -1;
	if (!s.fault)
		return 0;
	*is_fault = r->m.fault = true;
	r->m.fault_xml = body;
	r->m.fault_type = r->type;
	r->m.fault_code = s.fault_code ? s.fault_code : "";
	r->m.fault_string = s.fault_string ? s.fault_string : "";
	r->m.fault_detail = s.fault_detail ? s.fault_detail : "";
	return 0;
}

static int
soap_done(struct transport_reader *r, struct bytes body, struct err *e)
{
	bool is_fault = false;

	/* only a document with the word can be a fault; the caller parses */
	if (memmem(body.data, body.len, "Fault", 5) &&
		fault_take(r, body, &is_fault, e) != 0)
		return -1;
	if (is_fault) {
		r->m.head = body;
		r->m.head_type = r->type;
		return r->on_head ? r->on_head(r->ctx, &r->m, e) : 0;
	}
	if (r->rest)
		return fail(e, FAULT_MISSING_REST,
			"a SOAP message stands in place of the REST message");
	return head_done(r, body, e);
}

static int
result_done(struct transport_reader *r, struct bytes body, struct err *e)
{
	(void)e;
	r->m.hashchain_result = body;
	return 0;
}

static int
chain_done(struct transport_reader *r, struct bytes body, struct err *e)
{
	(void)e;
	r->m.hashchain = body;
	return 0;
}

static int
signature_done(struct transport_reader *r, struct bytes body, struct err *e)
{
	(void)e;
	r->m.signature = body;
	return 0;
}

static int
fault_done(struct transport_reader *r, struct bytes body, struct err *e)
{
	bool is_fault;

	if (fault_take(r, body, &is_fault, e) != 0)
		return -1;
	if (is_fault)
		return 0;
	return fail(e, FAULT_INVALID_CONTENT_TYPE,
		"a SOAP message stands in place of the signature");
}

/* ---- parts of the outer multipart ---- */

static const char *
type_of(const struct mime_header *h, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_iequal(h[i].name, "content-type"))
			return h[i].value;
	return "text/plain";
}

static int
part_begin(void *ctx, const struct mime_header *h, size_t n, struct err *e)
{
	struct transport_reader *r = ctx;

	r->type = arena_strdup(r->a, type_of(h, n));
	if (row_find(r, mime_base(r->a, r->type), e) != 0)
		return -1;
	if (r->row->place == PLACE_HEAD) {
		r->m.head_header = headers_copy(r->a, h, n);
		r->m.head_headers = n;
	}
	if (r->row->done == nested_done)
		return mime_reader_new(
			&r->nested, r->type, &nested_handler, r, e);
	if (r->row->done == rest_body_done)
		return attachment_open(r, h, n, e);
	body_open(r, r->row->max ? r->row->max : r->limits.head_max);
	return 0;
}

static int
part_data(void *ctx, const void *p, size_t n, struct err *e)
{
	struct transport_reader *r = ctx;

	if (r->nested)
		return mime_feed(r->nested, p, n, e);
	if (r->row->place == PLACE_BODY)
		return attachment_data(r, p, n, e);
	return body_add(r, p, n, e);
}

static int
part_end(void *ctx, struct err *e)
{
	struct transport_reader *r = ctx;
	struct bytes body = { NULL, 0 };

	if (r->row->place != PLACE_BODY)
		body = body_take(r);
	r->next = r->row->then;
	return r->row->done(r, body, e);
}

static const struct mime_handler handler = { part_begin, part_data, part_end };

/* ---- life ---- */

/* multipart/mixed, or text/xml: a fault instead of the whole answer. */
static int
type_open(struct transport_reader *r, const char *content_type, struct err *e)
{
	const char *base = mime_base(r->a, content_type);

	if (str_equal(base, "multipart/mixed"))
		return mime_reader_new(&r->mime, content_type, &handler, r, e);
	if (!r->m.response || !str_equal(base, "text/xml"))
		return fail(e, FAULT_INVALID_CONTENT_TYPE,
			"content type %.100s is not that of a message", base);
	r->whole_fault = true;
	r->type = arena_strdup(r->a, content_type);
	body_open(r, r->limits.head_max);
	return 0;
}

int
transport_reader_new(struct transport_reader **out, struct arena *a,
	const char *content_type, enum digest_alg part_digest, bool rest,
	bool response, const struct transport_limits *l,
	transport_head_fn *on_head, void *ctx, struct err *e)
{
	struct transport_reader *r = mem_alloc(sizeof(*r));

	*out = NULL;
	r->a = a;
	r->alg = part_digest == DIGEST_NONE ? DIGEST_SHA1 : part_digest;
	r->rest = rest;
	r->limits = *l;
	r->on_head = on_head;
	r->ctx = ctx;
	r->m.kind = rest ? TRANSPORT_REST : TRANSPORT_SOAP;
	r->m.response = response;
	r->ocsp = arena_array(a, OCSP_PARTS_MAX, sizeof(*r->ocsp));
	r->m.ocsp = r->ocsp;
	buf_init(&r->body, l->head_max);
	if (type_open(r, content_type, e) != 0) {
		transport_reader_free(&r);
		return -1;
	}
	*out = r;
	return 0;
}

void
transport_reader_free(struct transport_reader **r)
{
	struct transport_reader *old = *r;

	*r = NULL;
	if (!old)
		return;
	mime_reader_free(&old->nested);
	mime_reader_free(&old->mime);
	hasher_free(&old->hasher);
	hasher_free(&old->sha512);
	buf_done(&old->body);
	mem_free(old);
}

int
transport_feed(
	struct transport_reader *r, const void *p, size_t n, struct err *e)
{
	if (r->whole_fault)
		return body_add(r, p, n, e);
	return mime_feed(r->mime, p, n, e);
}

static int
complete(struct transport_reader *r, struct err *e)
{
	if (mime_end(r->mime, NULL) != 0)
		return fail(e, FAULT_IO,
			"the message ended before its closing delimiter");
	if (r->m.fault)
		return 0;
	if (r->next <= PLACE_HEAD)
		return fail(e,
			r->rest ? FAULT_MISSING_REST : FAULT_MISSING_SOAP,
			"the message has no %s part",
			r->rest ? "REST" : "SOAP");
	if (r->next != PLACE_NONE)
		return fail(e, FAULT_MISSING_SIGNATURE,
			"the message has no signature");
	return 0;
}

int
transport_end(struct transport_reader *r, struct transport_message *out,
	struct err *e)
{
	bool is_fault;

	*out = (struct transport_message){ 0 };
	if (!r->whole_fault) {
		if (complete(r, e) != 0)
			return -1;
	} else if (fault_take(r, r->m.head = body_take(r), &is_fault, e) != 0) {
		return -1;
	} else if (!is_fault) {
		return fail(e, FAULT_INVALID_MESSAGE,
			"a SOAP message came in place of a fault");
	}
	*out = r->m;
	return 0;
}
