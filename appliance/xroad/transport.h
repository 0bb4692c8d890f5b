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

/* ---- the message between security servers ---- */
enum transport_kind { TRANSPORT_SOAP, TRANSPORT_REST };

/* A message as parsed; bodies in memory up to the limit given. */
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
	/* SOAP attachments: raw bodies with headers; REST body: one */
	const struct mime_part *attachment;
	const struct digest *attachment_digest;
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
 * A body of content type text/xml is a fault or FAULT_INVALID_MESSAGE.
 */
struct transport_reader;
struct transport_limits {
	size_t head_max, body_max, attachments_max;
};
/* on_head (may be NULL) runs as soon as the SOAP/REST part is complete and
   before the rest is read: the peer is verified there (2.7 step 2). */
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
	bool begun;
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
void transport_rest_body(struct transport_writer *w, struct bytes body);
void transport_attachments(
	struct transport_writer *w, const struct mime_part *part, size_t n);
void transport_signature(struct transport_writer *w, struct bytes result,
	struct bytes chain, struct bytes xml);
void transport_fault(struct transport_writer *w, const struct err *fault);
void transport_close(struct transport_writer *w);
