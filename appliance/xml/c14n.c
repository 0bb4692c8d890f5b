/* SPDX-License-Identifier: MIT */
/*
 * Canonical XML 1.0, inclusive and exclusive, without comments, of a subtree
 * that keeps the namespace context it inherits (interop/xroad-messages.md 3.1).
 */
#include <libxml/c14n.h>

#include "err.h"
#include "meter.h"
#include "text.h"
#include "xml_int.h"

static const struct {
	const char *uri;
	int mode; /* the library's */
} algs[] = {
	[C14N_10] = { "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
		XML_C14N_1_0 },
	[C14N_10_EXCLUSIVE] = { "http://www.w3.org/2001/10/xml-exc-c14n#",
		XML_C14N_EXCLUSIVE_1_0 },
};

int
c14n_by_uri(const char *uri, enum c14n *out, struct err *e)
{
	size_t i;

	for (i = 0; i < sizeof(algs) / sizeof(*algs); i++)
		if (str_equal(uri, algs[i].uri)) {
			*out = (enum c14n)i;
			return 0;
		}
	return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
		"canonicalisation method %s is not supported", uri ? uri : "");
}

/* The subtree wanted, and the verdict on the parent asked about last: children
   come one after the other. */
struct apex {
	const xmlNode *top, *parent;
	int inside;
};

/* Is the node, attribute or namespace declaration at or below the apex? The
   last two are judged by their element. */
static int
visible(void *ctx, xmlNode *n, xmlNode *parent)
{
	struct apex *x = ctx;
	const xmlNode *p;

	if (n->type == XML_NAMESPACE_DECL || n->type == XML_ATTRIBUTE_NODE)
		n = parent;
	if (!n || n->type == XML_DOCUMENT_NODE || n == x->top)
		return n && n == x->top;
	if (n->parent != x->parent) {
		x->parent = n->parent;
		for (p = n->parent; p && p != x->top;)
			p = p->parent;
		x->inside = p != NULL;
	}
	return x->inside;
}

static int
take(void *ctx, const char *p, int n)
{
	buf_add(ctx, p, (size_t)n);
	return n;
}

int
xml_canonical(
	const struct xml_node *n, enum c14n how, struct buf *out, struct err *e)
{
	struct apex x = { .top = craw(n) };
	xmlOutputBuffer *o = xmlOutputBufferCreateIO(take, NULL, out, NULL);
	enum meter_part was;
	int r;

	if (!o)
		return fail(e, FAULT_INTERNAL, "no output buffer");
	was = meter_to(METER_CANON);
	r = xmlC14NExecute(
		craw(n)->doc, visible, &x, algs[how].mode, NULL, 0, o);
	if (xmlOutputBufferClose(o) < 0)
		r = -1;
	meter_to(was);
	if (r < 0)
		return fail(
			e, FAULT_INVALID_XML, "the XML has no canonical form");
	return buf_ok(out, "the canonical form", e);
}
