/* SPDX-License-Identifier: MIT */
/*
 * XML: safe parsing with limits, walking, canonical form, serialising.
 * No DOCTYPE, no entities, no network, no files, no recovery. Text returned is
 * UTF-8. Nodes are borrowed from their document.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct arena;
struct err;
struct xml_doc;
struct xml_node; /* an element */

enum {
	XML_SIZE_MAX = 64 * 1024 * 1024,
	XML_DEPTH_MAX = 200,
	XML_NODES_MAX = 2000000, /* elements, attributes, comments ... */
};

/* Called once before threads start, and at exit. */
void xml_startup(void);
void xml_shutdown(void);

/* The encoding is that of BOM or declaration, else UTF-8; charset (or NULL),
   the transport's word, counts when none of these fits. FAULT_INVALID_XML. The
   document is freed with the arena. */
int xml_parse(struct arena *a, struct bytes data, const char *charset,
	struct xml_doc **out, struct err *e);
struct xml_node *xml_root(struct xml_doc *d);
struct xml_doc *xml_doc_of(struct xml_node *n);

const char *xml_local(const struct xml_node *n);
const char *xml_ns(const struct xml_node *n);     /* "" for none */
const char *xml_prefix(const struct xml_node *n); /* "" for none */
bool xml_is(const struct xml_node *n, const char *ns, const char *local);
struct xml_node *xml_parent(const struct xml_node *n);
/* First/next element child; ns and local may be NULL (any). */
struct xml_node *xml_child(
	const struct xml_node *n, const char *ns, const char *local);
struct xml_node *xml_next(
	const struct xml_node *n, const char *ns, const char *local);
#define xml_each(c, n, ns, local) \
 for (c = xml_child(n, ns, local); c; c = xml_next(c, ns, local))
/* Child by a path of local names in one namespace: "a/b/c". */
struct xml_node *xml_path(
	const struct xml_node *n, const char *ns, const char *path);
/* Number of element children. True if non-blank text stands between them. */
size_t xml_children(const struct xml_node *n);
bool xml_has_text(const struct xml_node *n);
/* Nothing or one piece of text is in the element: no comments, processing
   instructions or CDATA beside it, at which readers stop or go on. */
bool xml_is_plain(const struct xml_node *n);
/* First text node directly below that is only white space, or NULL. */
const char *xml_first_blank(const struct xml_node *n);
/* Nothing, not even white space, stands before the first element child. */
bool xml_opens_with_element(const struct xml_node *n);
/* Concatenated character data of the element, verbatim; "" if none. */
char *xml_text(const struct xml_node *n, struct arena *a);
/* Text of the child, NULL if there is no such child. */
char *xml_child_text(const struct xml_node *n, struct arena *a, const char *ns,
	const char *local);
/* Attribute value or NULL; ns "" means no namespace. */
char *xml_attr(const struct xml_node *n, struct arena *a, const char *ns,
	const char *local);
/* Number of attributes of that local name, in any namespace. */
size_t xml_attrs(const struct xml_node *n, const char *local);
/* The element with attribute Id/ID/id = value (no namespace). FAULT_INVALID_XML
   when two elements have it; *out NULL when none has. */
int xml_by_id(struct xml_doc *d, const char *id, struct xml_node **out,
	struct err *e);

/* FAULT_INVALID_XML when any two elements share an Id/ID/id. */
int xml_ids_unique(struct arena *a, struct xml_doc *d, struct err *e);
/* Offset behind the start tag of n in the UTF-8 text it was parsed from: for
   insertions that leave every other byte alone. FAULT_INVALID_XML when n is
   an empty-element tag or the text is another. */
int xml_tag_end(
	struct bytes doc, const struct xml_node *n, size_t *out, struct err *e);

enum c14n { C14N_10, C14N_10_EXCLUSIVE }; /* without comments */
int c14n_by_uri(const char *uri, enum c14n *out, struct err *e);
/* Canonical form of the subtree with the namespace context it inherits. */
int xml_canonical(const struct xml_node *n, enum c14n how, struct buf *out,
	struct err *e);

/* Changing a document (requestHash, counter-signatures). */
struct xml_node *xml_add_after(struct xml_node *sibling, const char *prefix,
	const char *ns, const char *local, const char *text);
struct xml_node *xml_add_child(struct xml_node *parent, const char *prefix,
	const char *ns, const char *local, const char *text);
void xml_add_text_before(struct xml_node *n, const char *text);
void xml_set_attr(struct xml_node *n, const char *name, const char *value);
void xml_remove(struct xml_node *n);
/* Deep copy of an element into another document, as last child of parent. */
struct xml_node *xml_copy_into(
	struct xml_node *parent, const struct xml_node *n);
void xml_rename(struct xml_node *n, const char *local);
/* UTF-8 with declaration, no reformatting. */
int xml_serialize(struct xml_doc *d, struct buf *out, struct err *e);
