/* SPDX-License-Identifier: MIT */
/*
 * Walking a parsed document. Text is what stands directly in an element, CDATA
 * included, comments skipped, descendants not.
 */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "text.h"
#include "xml_int.h"

#define TEXT(s) ((const char *)(s))
#define XSTR(s) ((const xmlChar *)(s))

struct xml_node *
xml_root(struct xml_doc *d)
{
	return cooked(xmlDocGetRootElement((xmlDoc *)d));
}

struct xml_doc *
xml_doc_of(struct xml_node *n)
{
	return (struct xml_doc *)raw(n)->doc;
}

const char *
xml_local(const struct xml_node *n)
{
	return TEXT(craw(n)->name);
}

const char *
xml_ns(const struct xml_node *n)
{
	const xmlNs *ns = craw(n)->ns;

	return ns && ns->href ? TEXT(ns->href) : "";
}

const char *
xml_prefix(const struct xml_node *n)
{
	const xmlNs *ns = craw(n)->ns;

	return ns && ns->prefix ? TEXT(ns->prefix) : "";
}

bool
xml_is(const struct xml_node *n, const char *ns, const char *local)
{
	return (!local || str_equal(xml_local(n), local)) &&
	       (!ns || str_equal(xml_ns(n), ns));
}

struct xml_node *
xml_parent(const struct xml_node *n)
{
	xmlNode *p = craw(n)->parent;

	return p && p->type == XML_ELEMENT_NODE ? cooked(p) : NULL;
}

static struct xml_node *
first_from(xmlNode *c, const char *ns, const char *local)
{
	for (; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE && xml_is(cooked(c), ns, local))
			return cooked(c);
	return NULL;
}

struct xml_node *
xml_child(const struct xml_node *n, const char *ns, const char *local)
{
	return first_from(craw(n)->children, ns, local);
}

struct xml_node *
xml_next(const struct xml_node *n, const char *ns, const char *local)
{
	return first_from(craw(n)->next, ns, local);
}

struct xml_node *
xml_path(const struct xml_node *n, const char *ns, const char *path)
{
	struct xml_node *at = NULL;
	char name[128];
	size_t len;

	for (; *path; path += len + (path[len] == '/')) {
		len = strcspn(path, "/");
		if (len >= sizeof(name))
			return NULL;
		memcpy(name, path, len);
		name[len] = 0;
		at = xml_child(at ? at : n, ns, name);
		if (!at)
			return NULL;
	}
	return at;
}

size_t
xml_children(const struct xml_node *n)
{
	struct xml_node *c;
	size_t count = 0;

	xml_each(c, n, NULL, NULL)
		count++;
	return count;
}

static bool
is_text(const xmlNode *c)
{
	return c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE;
}

static bool
is_blank(const char *s)
{
	return s[strspn(s, " \t\r\n")] == 0;
}

bool
xml_has_text(const struct xml_node *n)
{
	const xmlNode *c;

	for (c = craw(n)->children; c; c = c->next)
		if (is_text(c) && c->content && !is_blank(TEXT(c->content)))
			return true;
	return false;
}

bool
xml_is_plain(const struct xml_node *n)
{
	const xmlNode *c = craw(n)->children;

	return !c || (is_text(c) && !c->next);
}

const char *
xml_first_blank(const struct xml_node *n)
{
	const xmlNode *c;

	for (c = craw(n)->children; c; c = c->next)
		if (c->type == XML_TEXT_NODE && c->content &&
			is_blank(TEXT(c->content)))
			return TEXT(c->content);
	return NULL;
}

bool
xml_opens_with_element(const struct xml_node *n)
{
	const xmlNode *c = craw(n)->children;

	return c && c->type == XML_ELEMENT_NODE;
}

char *
xml_text(const struct xml_node *n, struct arena *a)
{
	const xmlNode *c;
	size_t len = 0;
	char *out, *p;

	for (c = craw(n)->children; c; c = c->next)
		if (is_text(c) && c->content)
			len += strlen(TEXT(c->content));
	p = out = arena_alloc(a, len + 1);
	for (c = craw(n)->children; c; c = c->next)
		if (is_text(c) && c->content) {
			len = strlen(TEXT(c->content));
			memcpy(p, c->content, len);
			p += len;
		}
	return out;
}

char *
xml_child_text(const struct xml_node *n, struct arena *a, const char *ns,
	const char *local)
{
	struct xml_node *c = xml_child(n, ns, local);

	return c ? xml_text(c, a) : NULL;
}

static const xmlAttr *
find_attr(const xmlNode *n, const char *ns, const char *local)
{
	const xmlAttr *at;

	for (at = n->properties; at; at = at->next)
		if (str_equal(TEXT(at->name), local) &&
			str_equal(at->ns ? TEXT(at->ns->href) : "", ns))
			return at;
	return NULL;
}

/* Attribute values are one text node or none: there are no entities. */
static const char *
attr_value(const xmlAttr *at)
{
	return at->children && at->children->content
		       ? TEXT(at->children->content)
		       : "";
}

size_t
xml_attrs(const struct xml_node *n, const char *local)
{
	size_t count = 0;

	for (const xmlAttr *p = craw(n)->properties; p; p = p->next)
		count += str_equal(TEXT(p->name), local);
	return count;
}

char *
xml_attr(const struct xml_node *n, struct arena *a, const char *ns,
	const char *local)
{
	const xmlAttr *at = find_attr(craw(n), ns, local);

	return at ? arena_strdup(a, attr_value(at)) : NULL;
}

static bool
has_id(const xmlNode *n, const char *id)
{
	static const char *const names[] = { "Id", "ID", "id" };
	const xmlAttr *at;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		at = find_attr(n, "", names[i]);
		if (at && str_equal(attr_value(at), id))
			return true;
	}
	return false;
}

/* The element after n in document order, within the document. */
static xmlNode *
following(xmlNode *n)
{
	xmlNode *c;

	if ((c = (xmlNode *)xml_child(cooked(n), NULL, NULL)))
		return c;
	for (; n && n->type == XML_ELEMENT_NODE; n = n->parent)
		if ((c = (xmlNode *)xml_next(cooked(n), NULL, NULL)))
			return c;
	return NULL;
}

int
xml_by_id(
	struct xml_doc *d, const char *id, struct xml_node **out, struct err *e)
{
	xmlNode *n;

	*out = NULL;
	for (n = raw(xml_root(d)); n; n = following(n)) {
		if (!n->properties || !has_id(n, id))
			continue;
		if (*out) {
			*out = NULL;
			return fail(e, FAULT_INVALID_XML,
				"two elements have the same Id");
		}
		*out = cooked(n);
	}
	return 0;
}

/* Number of elements before n in document order. */
static size_t
position(const struct xml_node *n)
{
	xmlNode *at = xmlDocGetRootElement(craw(n)->doc);
	size_t count = 0;

	for (; at && at != craw(n); at = following(at))
		count++;
	return count;
}

int
xml_tag_end(
	struct bytes doc, const struct xml_node *n, size_t *out, struct err *e)
{
	const char *prefix = xml_prefix(n), *local = xml_local(n);
	size_t plen = strlen(prefix), llen = strlen(local), open, close;
	const char *p = (const char *)doc.data;

	if (!xml_find_tag(doc, position(n), &open, &close))
		return fail(e, FAULT_INVALID_XML, "the tag was not found");
	p += open + 1;
	if (plen) {
		if (close - open < plen + llen + 2 ||
			memcmp(p, prefix, plen) != 0 || p[plen] != ':')
			return fail(e, FAULT_INVALID_XML, "another tag");
		p += plen + 1;
	}
	if (close - open < llen + 2 || memcmp(p, local, llen) != 0 ||
		!p[llen] || !strchr(" \t\r\n>", p[llen]) ||
		doc.data[close - 2] == '/')
		return fail(e, FAULT_INVALID_XML, "another tag");
	*out = close;
	return 0;
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int
xml_ids_unique(struct arena *a, struct xml_doc *d, struct err *e)
{
	const xmlAttr *at;
	const char **id;
	size_t n = 0, i = 0;
	xmlNode *el;

	for (el = raw(xml_root(d)); el; el = following(el))
		for (at = el->properties; at; at = at->next)
			n += str_iequal(TEXT(at->name), "id") && !at->ns;
	id = arena_array(a, n + 1, sizeof(*id));
	for (el = raw(xml_root(d)); el; el = following(el))
		for (at = el->properties; at; at = at->next)
			if (str_iequal(TEXT(at->name), "id") && !at->ns)
				id[i++] = attr_value(at);
	qsort(id, n, sizeof(*id), compare_ids);
	for (i = 1; i < n; i++)
		if (str_equal(id[i], id[i - 1]))
			return fail(e, FAULT_INVALID_XML,
				"two elements have the Id %.100s", id[i]);
	return 0;
}
