/* SPDX-License-Identifier: MIT */
/*
 * Signature documents of batches that hold by themselves: form, certificate,
 * references inside, value. That is a matter of their bytes alone, so the
 * messages of a batch need it once. What each message adds is never here: its
 * own digests, whose certificate it is, whether that is good at the moment.
 */
#pragma once

#ifndef IN_XROAD
# error "judged_int.h is private to appliance/xroad"
#endif

#include "buf.h"

struct arena;
struct judged; /* a bounded table of them; thread-safe */
struct xades;

struct judged *judged_new(void);
void judged_free(struct judged **j); /* NULL is fine */

/* A document that is being judged; on the stack of who judges. */
struct judging {
	struct judging *next;
	struct bytes xml;
};
/* The document with exactly these bytes. It has no nodes (doc, node, info,
   properties are NULL) and stays until the arena is freed, even when the table
   is freed before. While another thread judges the same bytes this waits for
   the verdict: messages of a batch come together. NULL: the caller judges, and
   calls judged_done() when it has, well or badly. */
const struct xades *judged_await(struct judged *j, struct arena *a,
	struct bytes xml, struct judging *mine);
void judged_done(struct judged *j, struct judging *mine);
/* Every check that needs only the document has passed. It is copied. */
void judged_put(struct judged *j, struct bytes xml, const struct xades *x);
