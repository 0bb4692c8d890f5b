/* SPDX-License-Identifier: MIT */
/*
 * Changing a document and writing it out. Only for documents that are signed
 * after the change: received bytes are never re-serialised to be verified.
 */
#include <assert.h>
#include <limits.h>

#include <libxml/xmlsave.h>

#include "err.h"
#include "text.h"
#include "xml_int.h"

#define XSTR(s) ((const xmlChar *)(s))

/* The declaration of prefix = ns in scope at `at`, else a new one on n. */
static xmlNs *
namespace_for(xmlNode *n, xmlNode *at, const char *prefix, const char *ns)
{
	const char *p = prefix && *prefix ? prefix : NULL;
	xmlNs *have;

	if (!ns || !*ns)
		return NULL;
	have = at ? xmlSearchNs(at->doc, at, XSTR(p)) : NULL;
	if (have && str_equal((const char *)have->href, ns))
		return have;
	return xmlNewNs(n, XSTR(ns), XSTR(p));
}

static xmlNode *
element(xmlNode *at, const char *prefix, const char *ns, const char *local,
	const char *text)
{
	xmlNode *n = xmlNewDocNode(at->doc, NULL, XSTR(local), NULL);

	assert(n);
	n->ns = namespace_for(
		n, at->type == XML_ELEMENT_NODE ? at : NULL, prefix, ns);
	if (text)
		xmlAddChild(n, xmlNewDocText(at->doc, XSTR(text)));
	return n;
}

struct xml_node *
xml_add_after(struct xml_node *sibling, const char *prefix, const char *ns,
	const char *local, const char *text)
{
	xmlNode *s = raw(sibling);

	return cooked(xmlAddNextSibling(
		s, element(s->parent, prefix, ns, local, text)));
}

struct xml_node *
xml_add_child(struct xml_node *parent, const char *prefix, const char *ns,
	const char *local, const char *text)
{
	xmlNode *p = raw(parent);

	return cooked(xmlAddChild(p, element(p, prefix, ns, local, text)));
}

void
xml_add_text_before(struct xml_node *n, const char *text)
{
	xmlAddPrevSibling(raw(n), xmlNewDocText(raw(n)->doc, XSTR(text)));
}

void
xml_set_attr(struct xml_node *n, const char *name, const char *value)
{
	xmlSetNsProp(raw(n), NULL, XSTR(name), XSTR(value));
}

void
xml_remove(struct xml_node *n)
{
	xmlUnlinkNode(raw(n));
	xmlFreeNode(raw(n));
}

struct xml_node *
xml_copy_into(struct xml_node *parent, const struct xml_node *n)
{
	xmlNode *copy =
		xmlDocCopyNode((xmlNode *)(uintptr_t)n, raw(parent)->doc, 1);

	assert(copy);
	return cooked(xmlAddChild(raw(parent), copy));
}

void
xml_rename(struct xml_node *n, const char *local)
{
	xmlNodeSetName(raw(n), XSTR(local));
}

int
xml_serialize(struct xml_doc *d, struct buf *out, struct err *e)
{
	xmlChar *text = NULL;
	int n = 0;

	xmlDocDumpMemoryEnc((xmlDoc *)d, &text, &n, "UTF-8");
	if (!text)
		return fail(e, FAULT_INTERNAL, "the XML cannot be written");
	buf_add(out, text, (size_t)n);
	xmlFree(text);
	return buf_ok(out, "the XML", e);
}
