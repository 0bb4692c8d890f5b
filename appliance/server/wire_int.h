/* SPDX-License-Identifier: MIT */
/*
 * A message of this server on its way to another one: parts are written as
 * they come and digested on the way, the signature stands at the end. Both
 * sides: the consumer's request, the provider's answer. What is written waits
 * in `buf` until the owner takes it. Rule: interop/xroad-messages.md 2.5.
 */
#pragma once

#ifndef IN_SERVER
# error "wire_int.h is private to appliance/server"
#endif

#include "proxy_int.h"

struct wire {
	struct arena *a;
	struct transport_writer writer;
	struct buf buf;
	struct digest head; /* SHA-512, like those of the attachments */
	struct digest *attachment;
	size_t attachments, cap;
	struct hasher *hasher; /* of the open part */
	int64_t left;          /* of what all attachments may hold */
	struct spool *kept;    /* beginning of the body, for the log; or NULL */
	int64_t keep;          /* how much more of it */
};
/* max: bytes of all attachments together. */
void wire_open(struct wire *w, struct arena *a, int64_t max);
void wire_done(struct wire *w); /* also of one that is all zero */
/* From now on data is kept as far as the message log wants it. */
void wire_keep(
	struct wire *w, const struct server *s, const struct log_record *r);

void wire_rest(struct wire *w, bool response, struct bytes head);
void wire_soap(struct wire *w, const char *content_type,
	const struct mime_header *h, size_t n, struct bytes head);
/* Digest only: the caller writes the part itself. */
void wire_digest(struct wire *w, struct bytes head);
/* One part: opened, filled, closed. */
void wire_body_open(struct wire *w);
void wire_attachment_open(
	struct wire *w, const struct mime_header *h, size_t n);
/* FAULT_TOO_LARGE. */
int wire_data(struct wire *w, const void *p, size_t n, struct err *e);
void wire_part_close(struct wire *w);
/* Signs all parts with the member key of `signer`, logs the record (its
   attachment is set here), writes the signature and the end. */
int wire_sign(struct wire *w, struct server *s, const struct globalconf *g,
	const struct client_id *signer, struct log_record *r, struct err *e);
