/* SPDX-License-Identifier: MIT */
/*
 * getWsdl: the WSDL of a service, fetched from where the operator said, as an
 * attachment; callers do not learn where the provider's information system
 * is. Rule: interop/xroad-messages.md 5.2.
 */
#include "metadata_int.h"

#include <string.h>

#include "err.h"
#include "http_client.h"
#include "mem.h"
#include "text.h"
#include "xml.h"

#define NS_WSOAP "http://schemas.xmlsoap.org/wsdl/soap/"
#define NOWHERE  "http://example.org/xroad-endpoint"

enum { WSDL_MAX = 2 * SOAP_SIZE_MAX, BOUNDARY_LETTERS = 30 };

/* SOAP 1.2 addresses are not touched, as X-Road does not. */
static void
addresses_hide(struct xml_node *n, struct arena *a)
{
	struct xml_node *c;

	if (xml_is(n, NS_WSOAP, "address") && xml_attr(n, a, "", "location"))
		xml_set_attr(n, "location", NOWHERE);
	xml_each(c, n, NULL, NULL)
		addresses_hide(c, a);
}

int
metadata_wsdl_hide(
	struct arena *a, struct bytes wsdl, struct bytes *out, struct err *e)
{
	struct err why = ERR_INIT;
	struct xml_doc *doc;
	struct buf b;
	int ret;

	if (xml_parse(a, wsdl, NULL, &doc, &why))
		return fail(e, FAULT_INTERNAL, "the WSDL cannot be read: %s",
			why.text);
	addresses_hide(xml_root(doc), a);
	buf_init(&b, WSDL_MAX);
	ret = xml_serialize(doc, &b, e);
	if (!ret)
		ret = buf_ok(&b, "the WSDL", e);
	*out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	return ret;
}

/* The service whose WSDL is wanted: named in the body. */
static int
wanted(struct metadata_call *c, const struct m_service **out, struct err *e)
{
	const struct xml_node *body =
		xml_child(xml_root(c->soap->doc), NS_SOAP, "Body");
	const struct xml_node *ask = xml_child(body, NULL, NULL);
	struct service_id id = { .provider = c->service->provider };
	const struct model *m;

	id.service =
		ask ? xml_child_text(ask, c->a, NS_XROAD, "serviceCode") : NULL;
	id.version = ask ? xml_child_text(ask, c->a, NS_XROAD, "serviceVersion")
			 : NULL;
	if (id.version && !*id.version)
		id.version = NULL;
	if (!id.service || !id.service[strspn(id.service, " \t\r\n")])
		return fail(e, FAULT_INVALID_REQUEST,
			"Missing serviceCode in message body");
	if (serverconf_model(c->s->sc, c->a, &m, e))
		return -1;
	*out = model_service(m, &id);
	if (!*out)
		return fail(e, FAULT_UNKNOWN_SERVICE,
			"Could not find wsdl URL for service %s",
			service_id_text(c->a, &id));
	if ((*out)->description->kind != SERVICE_WSDL)
		return fail(e, FAULT_SERVICE_TYPE,
			"Service is a REST service and does not have a WSDL");
	return 0;
}

static void
attach(struct metadata_call *c, struct bytes wsdl)
{
	struct mime_part *part = arena_new_of(c->a, struct mime_part);
	struct mime_header *h = arena_array(c->a, 3, sizeof(*h));
	char id[UUID_LEN + 1], boundary[BOUNDARY_LETTERS + 1];

	uuid_make(id);
	random_letters(boundary, BOUNDARY_LETTERS);
	h[0] = (struct mime_header){ "content-type", "text/xml" };
	h[1] = (struct mime_header){ "Content-Transfer-Encoding", "binary" };
	h[2] = (struct mime_header){ "Content-ID",
		arena_printf(c->a, "<wsdl=%s@x-road.eu>", id) };
	*part = (struct mime_part){ .header = h, .headers = 3, .body = wsdl };
	c->attachment = part;
	c->attachments = 1;
	c->type = arena_printf(c->a,
		"multipart/related; type=\"text/xml\"; charset=UTF-8; "
		"boundary=xroad%s",
		boundary);
}

int
metadata_wsdl(struct metadata_call *c, struct err *e)
{
	struct http_answer answer;
	const struct m_service *v;
	struct xml_node *ask;
	struct bytes wsdl;

	if (wanted(c, &v, e) || metadata_fetch(c, v, &answer, e) ||
		metadata_wsdl_hide(c->a, answer.body, &wsdl, e))
		return -1;
	ask = xml_child(
		xml_child(xml_root(c->soap->doc), NS_SOAP, "Body"), NULL, NULL);
	xml_rename(ask, "getWsdlResponse");
	attach(c, wsdl);
	return soap_add_request_hash(c->a, c->soap, c->hash, &c->head, e);
}
