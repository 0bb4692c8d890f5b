/* SPDX-License-Identifier: MIT */
/*
 * The multipart between security servers: a push parser with limits and a
 * writer. Rule: interop/xroad-messages.md 2.4-2.6. Works on bytes as they
 * come; the boundary may lie across any edge.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "digest.h"
#include "spool.h"

struct arena;
struct err;

enum {
	MIME_LINE_MAX = 1000,
	MIME_HEADER_MAX = 10000,
	MIME_HEADERS_MAX = 1000,
	MIME_BOUNDARY_MAX = 200,
	MIME_PARTS_MAX = 10000,
};

/* ---- generic multipart (also management requests, OCSP answers) ---- */
struct mime_header {
	const char *name, *value; /* raw value, trimmed */
};
struct mime_handler {
	/* headers are borrowed until part_end */
	int (*part_begin)(void *ctx, const struct mime_header *h, size_t n,
		struct err *e);
	int (*part_data)(void *ctx, const void *p, size_t n, struct err *e);
	int (*part_end)(void *ctx, struct err *e);
};
struct mime_reader;
/* The boundary is taken from the content type: FAULT_INVALID_CONTENT_TYPE. */
int mime_reader_new(struct mime_reader **out, const char *content_type,
	const struct mime_handler *h, void *ctx, struct err *e);
int mime_feed(struct mime_reader *r, const void *p, size_t n, struct err *e);
/* The closing boundary was seen? FAULT_MIME_PARSING otherwise; a part that is
   whole for all that is ended first. */
int mime_end(struct mime_reader *r, struct err *e);
/* The end of a multipart inside a part of another one, whose delimiter ends it
   too: its own closing delimiter may be missing, as for mime4j. */
int mime_end_nested(struct mime_reader *r, struct err *e);
void mime_reader_free(struct mime_reader **r);
/* A parameter of a content type ("boundary", "charset"), unquoted, or NULL. */
char *mime_param(struct arena *a, const char *content_type, const char *name);
/* Base type in lower case: "multipart/mixed". */
char *mime_base(struct arena *a, const char *content_type);
/* Whole multipart at once. */
struct mime_part {
	const struct mime_header *header;
	size_t headers;
	struct bytes body;
};
int mime_split(struct arena *a, const char *content_type, struct bytes body,
	size_t max_parts, struct mime_part **out, size_t *n, struct err *e);
const char *mime_part_header(const struct mime_part *p, const char *name);
const char *mime_header_find(
	const struct mime_header *h, size_t n, const char *name);

/* ---- the message between security servers ---- */
enum transport_kind { TRANSPORT_SOAP, TRANSPORT_REST };

/* A SOAP attachment or the REST body, where it was put. */
struct transport_attachment {
	const struct mime_header *header;
	size_t headers;
	struct segment body;  /* raw, undecoded */
	struct digest digest; /* in the peer's x-hash-algorithm */
	struct digest sha512; /* for the request hash */
};
/* A message as parsed; attachments are in the arena's spool. */
struct transport_message {
	enum transport_kind kind;
	bool response;
	const struct bytes *ocsp;
	size_t ocsps;
	struct bytes head;                     /* SOAP part or REST part, raw */
	const char *head_type;                 /* its content-type */
	const struct mime_header *head_header; /* all its headers */
	size_t head_headers;
	struct digest head_digest; /* in the peer's x-hash-algorithm */
	struct digest head_sha512;
	/* REST body: one */
	const struct transport_attachment *attachment;
	size_t attachments;
	struct bytes hashchain_result, hashchain, signature;
	/* a fault in place of the SOAP part or of the signature */
	bool fault;
	const char *fault_code, *fault_string, *fault_detail;
	struct bytes fault_xml; /* the fault's document, raw */
	const char *fault_type; /* its content type */
};
/*
 * Faults of the reader: FAULT_INVALID_CONTENT_TYPE, FAULT_INVALID_MESSAGE
 * (something after the signature), FAULT_MISSING_SOAP, FAULT_MISSING_REST,
 * FAULT_MISSING_SIGNATURE, FAULT_IO (ended early, or an OCSP part is no DER),
 * FAULT_MIME_PARSING, FAULT_TOO_LARGE, FAULT_INTERNAL (digest not accepted).
 * An answer of content type text/xml is a fault or FAULT_INVALID_MESSAGE; a
 * request is never: FAULT_INVALID_CONTENT_TYPE.
 */
struct transport_reader;
struct transport_limits {
	size_t head_max;
	int64_t body_max; /* of all attachments together */
	size_t attachments_max;
	const char *folder; /* of their spool; NULL: /tmp */
};
/* on_head (may be NULL) runs as soon as the SOAP/REST part, or a fault in its
   place, is complete and before the rest is read: the peer is verified there
   (2.7 step 2). */
typedef int transport_head_fn(
	void *ctx, const struct transport_message *m, struct err *e);
int transport_reader_new(struct transport_reader **out, struct arena *a,
	const char *content_type, enum digest_alg part_digest, bool rest,
	bool response, const struct transport_limits *l,
	transport_head_fn *on_head, void *ctx, struct err *e);
int transport_feed(
	struct transport_reader *r, const void *p, size_t n, struct err *e);
/* Ends the message and hands it out (arena memory). */
int transport_end(struct transport_reader *r, struct transport_message *out,
	struct err *e);
void transport_reader_free(struct transport_reader **r);

/* Writer: begins with a fresh boundary, then parts in the order of 2.5. */
struct transport_writer {
	struct buf *out;
	char boundary[48]; /* xtop + 30 letters */
	bool begun, nested;
};
void transport_begin(struct transport_writer *w, struct buf *out);
/* multipart/mixed; charset=UTF-8; boundary=... */
char *transport_content_type(const struct transport_writer *w, struct arena *a);
void transport_ocsp(struct transport_writer *w, struct bytes der);
void transport_soap(struct transport_writer *w, const char *content_type,
	struct bytes soap);
/* The same with the part's further headers (Content-ID ...); a content-type
   among them is left out. */
void transport_soap_part(struct transport_writer *w, const char *content_type,
	const struct mime_header *header, size_t headers, struct bytes soap);
void transport_rest(
	struct transport_writer *w, bool response, struct bytes part);
/* Opens the body's part: what the caller adds to `out` is in it. */
void transport_rest_body_open(struct transport_writer *w);
void transport_rest_body(struct transport_writer *w, struct bytes body);
/* Opens an attachment's part inside the nested multipart. */
void transport_attachment_open(
	struct transport_writer *w, const struct mime_header *h, size_t n);
void transport_attachments(
	struct transport_writer *w, const struct mime_part *part, size_t n);
void transport_signature(struct transport_writer *w, struct bytes result,
	struct bytes chain, struct bytes xml);
void transport_fault(struct transport_writer *w, const struct err *fault);
/* A fault document as it came. */
void transport_fault_raw(struct transport_writer *w, struct bytes xml);
void transport_close(struct transport_writer *w);

/* ---- mime_soap.c: what information systems send and get (1.4) ---- */
/* A SOAP document, alone or first in a multipart/related whose other parts
   are attachments; nested multiparts stay raw. */
struct soap_stream_handler {
	/* The document is there: raw bytes and part headers, in the arena. */
	int (*document)(void *ctx, struct bytes raw, const char *content_type,
		const struct mime_header *h, size_t n, struct err *e);
	/* headers are borrowed until attachment_end */
	int (*attachment)(void *ctx, const struct mime_header *h, size_t n,
		struct err *e);
	int (*data)(void *ctx, const void *p, size_t n, struct err *e);
	int (*attachment_end)(void *ctx, struct err *e);
};
struct soap_stream;
struct soap_stream_limits {
	size_t document_max, attachments_max;
};
/* Faults: FAULT_INVALID_CONTENT_TYPE, FAULT_MIME_PARSING, FAULT_MISSING_SOAP,
   FAULT_TOO_LARGE, FAULT_LIMIT, the handler's. Lives in the arena. */
int soap_stream_new(struct soap_stream **out, struct arena *a,
	const char *content_type, const struct soap_stream_limits *l,
	const struct soap_stream_handler *h, void *ctx, struct err *e);
int soap_stream_feed(
	struct soap_stream *s, const void *p, size_t n, struct err *e);
int soap_stream_end(struct soap_stream *s, struct err *e);
/*
 * The message as an information system sees it: the document alone, or the
 * multipart of `original_type` (x-original-content-type) with its boundary
 * when there are attachments or the original was a multipart/related. *type is
 * the content type. FAULT_INVALID_CONTENT_TYPE: no boundary.
 */
int soap_content(struct arena *a, const struct transport_message *m,
	const char *original_type, struct segments *out, const char **type,
	struct err *e);
