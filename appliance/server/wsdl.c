/* SPDX-License-Identifier: MIT */
/*
 * Reads the services out of a WSDL 1.1 document: each operation of a SOAP
 * binding, with X-Road's version element, the port type's title and the
 * address of the port that uses the binding.
 */
#include "admin_int.h"
#include "arena_list_int.h"
#include "err.h"
#include "text.h"
#include "xml.h"

#define NS_WSDL  "http://schemas.xmlsoap.org/wsdl/"
#define NS_WSOAP "http://schemas.xmlsoap.org/wsdl/soap/"

/* "tns:Name" without its prefix. */
static const char *
local_part(const char *qname)
{
	const char *colon = qname ? strchr(qname, ':') : NULL;

	return colon ? colon + 1 : qname;
}

static const char *
port_address(const struct xml_node *root, struct arena *a, const char *binding)
{
	struct xml_node *service, *port, *address;

	xml_each(service, root, NS_WSDL, "service")
		xml_each(port, service, NS_WSDL, "port") {
			const char *of = xml_attr(port, a, "", "binding");
			address = xml_child(port, NS_WSOAP, "address");
			if (address && str_equal(local_part(of), binding))
				return xml_attr(address, a, "", "location");
		}
	return NULL;
}

static const char *
operation_title(const struct xml_node *root, struct arena *a, const char *type,
	const char *name)
{
	struct xml_node *t, *o;

	xml_each(t, root, NS_WSDL, "portType") {
		if (!str_equal(xml_attr(t, a, "", "name"), type))
			continue;
		xml_each(o, t, NS_WSDL, "operation") {
			struct xml_node *d =
				xml_child(o, NS_WSDL, "documentation");
			if (!str_equal(xml_attr(o, a, "", "name"), name))
				continue;
			return d ? xml_child_text(d, a, NS_XROAD, "title")
				 : NULL;
		}
	}
	return NULL;
}

static int
binding_read(const struct xml_node *root, const struct xml_node *b,
	struct list *l, struct err *e)
{
	struct arena *a = l->a;
	const char *name = xml_attr(b, a, "", "name");
	const char *type = local_part(xml_attr(b, a, "", "type"));
	const char *url = name ? port_address(root, a, name) : NULL;
	struct xml_node *o;

	xml_each(o, b, NS_WSDL, "operation") {
		struct wsdl_service *s = list_add(l);
		s->code = xml_attr(o, a, "", "name");
		s->version = xml_child_text(o, a, NS_XROAD, "version");
		s->url = url;
		if (s->version && !*s->version)
			s->version = NULL;
		if (!s->code || !url)
			return fail(e, FAULT_INVALID_XML,
				"the binding %s has no %s",
				name ? name : "without a name",
				url ? "operation name" : "soap:address");
		s->title = operation_title(root, a, type, s->code);
	}
	return 0;
}

int
wsdl_parse(struct arena *a, struct bytes xml, struct wsdl_service **out,
	size_t *n, struct err *e)
{
	struct list l = list_of(a, sizeof(struct wsdl_service));
	struct xml_doc *doc;
	struct xml_node *root, *b;

	if (xml_parse(a, xml, NULL, &doc, e))
		return -1;
	root = xml_root(doc);
	if (!xml_is(root, NS_WSDL, "definitions"))
		return fail(e, FAULT_INVALID_XML, "this is no WSDL document");
	xml_each(b, root, NS_WSDL, "binding")
		if (xml_child(b, NS_WSOAP, "binding") &&
			binding_read(root, b, &l, e))
			return -1;
	if (!l.n)
		return fail(
			e, FAULT_INVALID_XML, "the WSDL has no SOAP operation");
	*out = l.item;
	*n = l.n;
	return 0;
}
