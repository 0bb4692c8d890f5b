/* SPDX-License-Identifier: MIT */
/*
 * Reads the services out of a WSDL 1.1 document: each operation of each port
 * whose binding is SOAP 1.1 or 1.2 over HTTP, with X-Road's version element,
 * the title of the port type's operation and the address of the port.
 */
#include <string.h>

#include "arena_list_int.h"
#include "description_int.h"
#include "err.h"
#include "ident.h"
#include "text.h"
#include "xml.h"

#define NS_WSDL    "http://schemas.xmlsoap.org/wsdl/"
#define NS_WSOAP   "http://schemas.xmlsoap.org/wsdl/soap/"
#define NS_WSOAP12 "http://schemas.xmlsoap.org/wsdl/soap12/"
#define TRANSPORT  "http://schemas.xmlsoap.org/soap/http"

enum { WSDL_SERVICES_MAX = 1000 };

/* "tns:Name" without its prefix. */
static const char *
local_part(const char *qname)
{
	const char *colon = qname ? strchr(qname, ':') : NULL;

	return colon ? colon + 1 : qname;
}

/* The child of that kind with that name, or NULL. The names it looks at do not
   stay: a document may have very many. */
static struct xml_node *
named(const struct xml_node *parent, const char *kind, const char *name)
{
	struct arena *a = arena_new();
	struct xml_node *n;

	xml_each(n, parent, NS_WSDL, kind)
		if (name && str_equal(xml_attr(n, a, "", "name"), name))
			break;
	arena_free(&a);
	return n;
}

/* soap:NAME or soap12:NAME, whichever stands first. */
static struct xml_node *
soap_child(const struct xml_node *parent, const char *name)
{
	struct xml_node *n;

	xml_each(n, parent, NULL, name)
		if (str_equal(xml_ns(n), NS_WSOAP) ||
			str_equal(xml_ns(n), NS_WSOAP12))
			return n;
	return NULL;
}

static bool
over_http(const struct xml_node *binding, struct arena *a)
{
	const struct xml_node *n = soap_child(binding, "binding");

	return n && str_equal(xml_attr(n, a, "", "transport"), TRANSPORT);
}

/* Trimmed text of the child with this local name in any namespace; NULL when
   there is none or it is empty. */
static const char *
child_value(const struct xml_node *n, struct arena *a, const char *name)
{
	const struct xml_node *c = n ? xml_child(n, NULL, name) : NULL;
	const char *text = c ? xml_text(c, a) : "";
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	return len ? arena_strndup(a, text, len) : NULL;
}

static const char *
operation_title(const struct xml_node *root, struct arena *a,
	const struct xml_node *binding, const char *name)
{
	const struct xml_node *t = named(
		root, "portType", local_part(xml_attr(binding, a, "", "type")));
	const struct xml_node *o = t ? named(t, "operation", name) : NULL;

	return o ? child_value(
			   xml_child(o, NS_WSDL, "documentation"), a, "title")
		 : NULL;
}

/* A later one with the same code and version takes the place of an earlier. */
static struct wsdl_service *
place_of(struct list *l, const char *code, const char *version)
{
	struct wsdl_service *s = l->item;

	for (size_t i = 0; i < l->n; i++)
		if (str_equal(s[i].code, code) &&
			str_equal(s[i].version, version))
			return &s[i];
	return list_add(l);
}

static int
operation_read(const struct xml_node *root, const struct xml_node *binding,
	const struct xml_node *o, const char *url, struct list *l,
	struct err *e)
{
	const char *code = xml_attr(o, l->a, "", "name");
	const char *version = child_value(o, l->a, "version");

	if (!code || !*code)
		return fail(e, FAULT_INVALID_XML,
			"an operation of a binding has no name");
	if (!url)
		return fail(e, FAULT_INVALID_XML,
			"the port of operation %s has no soap:address", code);
	if (l->n == WSDL_SERVICES_MAX)
		return fail(e, FAULT_INVALID_XML,
			"the WSDL has more than %d operations",
			WSDL_SERVICES_MAX);
	*place_of(l, code, version) = (struct wsdl_service){ code, version,
		operation_title(root, l->a, binding, code), url };
	return 0;
}

static int
port_read(const struct xml_node *root, const struct xml_node *port,
	struct list *l, struct err *e)
{
	const struct xml_node *binding = named(root, "binding",
		local_part(xml_attr(port, l->a, "", "binding")));
	const struct xml_node *address = soap_child(port, "address");
	const char *url =
		address ? xml_attr(address, l->a, "", "location") : NULL;
	struct xml_node *o;

	if (!binding || !over_http(binding, l->a))
		return 0;
	xml_each(o, binding, NS_WSDL, "operation")
		if (operation_read(root, binding, o, url, l, e))
			return -1;
	return 0;
}

int
wsdl_parse(struct arena *a, struct bytes xml, struct wsdl_service **out,
	size_t *n, struct err *e)
{
	struct list l = list_of(a, sizeof(struct wsdl_service));
	struct xml_doc *doc;
	struct xml_node *root, *service, *port;

	if (xml_parse(a, xml, NULL, &doc, e))
		return -1;
	root = xml_root(doc);
	if (!xml_is(root, NS_WSDL, "definitions"))
		return fail(e, FAULT_INVALID_XML, "this is no WSDL document");
	xml_each(service, root, NS_WSDL, "service")
		xml_each(port, service, NS_WSDL, "port")
			if (port_read(root, port, &l, e))
				return -1;
	if (!l.n)
		return fail(e, FAULT_INVALID_XML,
			"the WSDL has no SOAP operation; what it imports is "
			"not read");
	*out = l.item;
	*n = l.n;
	return 0;
}
