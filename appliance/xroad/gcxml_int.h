/* SPDX-License-Identifier: MIT */
/*
 * Private to xroad/: reading and writing the elements that shared parameters,
 * private parameters and anchors have in common. Every reader records
 * FAULT_MALFORMED_GLOBAL_CONF and names the element.
 */
#pragma once

#ifndef IN_XROAD
# error "gcxml_int.h is private to xroad/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct cert;
struct client_id;
struct err;
struct gc_anchor;
struct xml_node;

/* Where results live, and the first fault. */
struct gcxml {
	struct arena *a;
	struct err *e;
};

/* Parses into `doc` (a short-lived arena): root must be {NS_XROAD}local. */
int gcxml_open(struct arena *doc, struct bytes xml, const char *local,
	struct xml_node **root, struct err *e);
/* Number of unqualified children with this name. */
size_t gcxml_count(const struct xml_node *n, const char *local);
/* Child's text verbatim; absent: fault, or NULL for the optional form. */
int gcxml_text(struct gcxml *r, const struct xml_node *n, const char *local,
	const char **out);
const char *gcxml_text_opt(
	struct gcxml *r, const struct xml_node *n, const char *local);
/* White space around the text of the element collapsed: numbers, IDREFs. */
const char *gcxml_token(struct gcxml *r, const struct xml_node *n);
int gcxml_bool_opt(struct gcxml *r, const struct xml_node *n, const char *local,
	bool *out);
int gcxml_int(struct gcxml *r, const struct xml_node *n, const char *local,
	int64_t lo, int64_t hi, int64_t *out);
/* Decoded base64 of the element itself. */
int gcxml_base64(struct gcxml *r, const struct xml_node *n, struct bytes *out);
/* All children with this name, decoded. */
int gcxml_base64_all(struct gcxml *r, const struct xml_node *n,
	const char *local, const struct bytes **out, size_t *count);
/* Certificate in base64 DER or base64 PEM; the arena drops it. One that is
   well-formed but of a kind we cannot read (an unknown algorithm) is logged
   and *out stays NULL: the caller leaves its entry out, so that it is not
   trusted and the rest of the configuration holds. */
int gcxml_cert(struct gcxml *r, const struct xml_node *n, const char *local,
	struct cert **out);
/* *out NULL when absent. */
int gcxml_cert_opt(struct gcxml *r, const struct xml_node *n, const char *local,
	struct cert **out);
int gcxml_client(
	struct gcxml *r, const struct xml_node *n, struct client_id *out);
/* The children of an anchor element. */
int gcxml_anchor(
	struct gcxml *r, const struct xml_node *n, struct gc_anchor *out);

/* ---- writing; `depth` is the indentation in fours of spaces ---- */
void gcxml_open_tag(struct buf *b, int depth, const char *name);
void gcxml_close_tag(struct buf *b, int depth, const char *name);
void gcxml_put(struct buf *b, int depth, const char *name, const char *text);
void gcxml_put_opt(
	struct buf *b, int depth, const char *name, const char *text);
void gcxml_put_base64(
	struct buf *b, int depth, const char *name, struct bytes data);
void gcxml_put_client(
	struct buf *b, int depth, const char *name, const struct client_id *id);
void gcxml_put_anchor(struct buf *b, int depth, const struct gc_anchor *an);
