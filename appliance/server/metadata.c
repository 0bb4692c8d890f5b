/* SPDX-License-Identifier: MIT */
/*
 * listMethods and allowedMethods: the services of the addressed provider, all
 * or those the caller may use. SOAP lists WSDL services, REST the others with
 * their endpoints. Rule: interop/xroad-messages.md 5.2, 5.3.
 */
#include "metadata_int.h"

#include <string.h>

#include "err.h"
#include "json_io.h"
#include "mem.h"
#include "text.h"
#include "xml.h"

enum { METHODS_MAX = SOAP_SIZE_MAX };

/* Whether the service belongs in this list. */
static bool
listed(const struct metadata_call *c, const struct model *m,
	const struct m_service *v, bool allowed)
{
	const struct m_description *d = v->description;

	return client_id_equal(&d->client->id, &c->service->provider) &&
	       (d->kind == SERVICE_WSDL) == !c->rest &&
	       (!allowed || access_some(m, c->g, d->client, v->code, c->client,
				    c->rest != NULL));
}

/* ---- SOAP ---- */

static void
methods_xml(struct buf *b, const struct metadata_call *c, const struct model *m,
	const char *name, bool allowed)
{
	buf_fmt(b, "<xroad:%s xmlns:xroad=\"%s\" xmlns:id=\"%s\">", name,
		NS_XROAD, NS_ID);
	for (size_t i = 0; i < m->services; i++) {
		const struct m_service *v = &m->service[i];
		const struct service_id id = { c->service->provider, v->code,
			v->version };

		if (!listed(c, m, v, allowed))
			continue;
		buf_str(b, "<xroad:service id:objectType=\"SERVICE\">");
		service_id_to_xml(b, &id);
		buf_str(b, "</xroad:service>");
	}
	buf_fmt(b, "</xroad:%s>", name);
}

int
metadata_body(struct metadata_call *c, struct bytes xml, struct err *e)
{
	struct xml_node *body, *old;
	struct xml_doc *doc;

	if (xml_parse(c->a, xml, NULL, &doc, e))
		return -1;
	body = xml_child(xml_root(c->soap->doc), NS_SOAP, "Body");
	while ((old = xml_child(body, NULL, NULL)))
		xml_remove(old);
	xml_copy_into(body, xml_root(doc));
	c->type = "text/xml; charset=UTF-8";
	return soap_add_request_hash(c->a, c->soap, c->hash, &c->head, e);
}

static int
soap_methods(
	struct metadata_call *c, const char *name, bool allowed, struct err *e)
{
	const struct model *m;
	struct buf b;
	int ret;

	if (serverconf_model(c->s->sc, c->a, &m, e))
		return -1;
	buf_init(&b, METHODS_MAX);
	methods_xml(&b, c, m, name, allowed);
	ret = buf_ok(&b, "the list of services", e);
	if (!ret)
		ret = metadata_body(c, bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}

static int
soap_list(struct metadata_call *c, struct err *e)
{
	return soap_methods(c, "listMethodsResponse", false, e);
}

static int
soap_allowed(struct metadata_call *c, struct err *e)
{
	return soap_methods(c, "allowedMethodsResponse", true, e);
}

/* ---- REST ---- */

/* The whole service's own endpoint is not shown. */
static json_t *
endpoints_json(const struct metadata_call *c, const struct model *m,
	const struct m_service *v, bool allowed)
{
	const struct m_client *provider = v->description->client;
	const struct m_endpoint *base = model_base(m, provider, v->code);
	json_t *list = json_array();

	for (size_t i = 0; i < m->endpoints; i++) {
		const struct m_endpoint *p = &m->endpoint[i];
		json_t *j;

		if (p == base || p->client != provider ||
			!str_equal(p->code, v->code) ||
			(allowed && !access_endpoint(m, c->g, p, c->client)))
			continue;
		j = json_object();
		json_put_str(j, "method", p->method);
		json_put_str(j, "path", p->path);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *
service_json(const struct metadata_call *c, const struct model *m,
	const struct m_service *v, bool allowed)
{
	const struct client_id *id = &v->description->client->id;
	bool openapi = v->description->kind == SERVICE_OPENAPI3;
	json_t *j = json_object();

	json_put_str(j, "member_class", id->cls);
	json_put_str(j, "member_code", id->code);
	json_put_str(j, "object_type", "SERVICE");
	json_put_str(j, "service_code", v->code);
	json_put_str(j, "service_type", openapi ? "OPENAPI" : "REST");
	if (id->subsystem)
		json_put_str(j, "subsystem_code", id->subsystem);
	json_put_str(j, "xroad_instance", id->instance);
	json_put_new(j, "endpoint_list", endpoints_json(c, m, v, allowed));
	return j;
}

/* Headers that describe a body are those of the answer's body. */
static bool
describes_body(const char *name)
{
	return str_iprefix(name, "content-");
}

int
metadata_rest_answer(struct metadata_call *c, const char *type,
	struct bytes body, struct err *e)
{
	const struct rest_request *q = c->rest;
	struct rest_header *h = arena_array(c->a, q->headers + 1, sizeof(*h));
	struct rest_response out;
	size_t n = 0;

	for (size_t i = 0; i < q->headers; i++)
		if (!describes_body(q->header[i].name))
			h[n++] = (struct rest_header){ q->header[i].name,
				rest_octets(c->a, q->header[i].value) };
	h[n++] = (struct rest_header){ "content-type", type };
	if (rest_response_make(c->a, q, 200, "OK", h, n, c->hash, &out, e))
		return -1;
	c->head = out.raw;
	c->body = body;
	c->type = type;
	return 0;
}

static int
rest_methods(struct metadata_call *c, bool allowed, struct err *e)
{
	json_t *j = json_keep(c->a, json_object()), *list = json_array();
	const struct model *m;
	struct buf b;
	int ret;

	json_put_new(j, "service", list);
	if (serverconf_model(c->s->sc, c->a, &m, e))
		return -1;
	for (size_t i = 0; i < m->services; i++)
		if (listed(c, m, &m->service[i], allowed))
			json_array_append_new(list,
				service_json(c, m, &m->service[i], allowed));
	buf_init(&b, METHODS_MAX);
	json_write(&b, j, JSON_PLAIN);
	ret = buf_ok(&b, "the list of services", e);
	if (!ret)
		ret = metadata_rest_answer(c, "application/json",
			bytes_of(arena_memdup(c->a, b.data, b.len), b.len), e);
	buf_done(&b);
	return ret;
}

static int
rest_list(struct metadata_call *c, struct err *e)
{
	return rest_methods(c, false, e);
}

static int
rest_allowed(struct metadata_call *c, struct err *e)
{
	return rest_methods(c, true, e);
}

/* ---- which ---- */

static const struct {
	const char *code;
	bool rest;
	metadata_fn *handle;
} services[] = {
	{ "listMethods", false, soap_list },
	{ "allowedMethods", false, soap_allowed },
	{ "getWsdl", false, metadata_wsdl },
	{ "listMethods", true, rest_list },
	{ "allowedMethods", true, rest_allowed },
	{ "getOpenAPI", true, metadata_openapi },
};

metadata_fn *
metadata_find(const char *method, const char *code)
{
	if (method && !str_equal(method, "GET"))
		return NULL;
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if (services[i].rest == (method != NULL) &&
			str_equal(services[i].code, code))
			return services[i].handle;
	return NULL;
}

static const struct {
	const char *code;
	metadata_fn *handle;
	bool recorded; /* tells of what the monitor has */
} own[] = {
	{ "getSecurityServerOperationalData", metadata_opdata, true },
	{ "getSecurityServerHealthData", metadata_health, true },
	{ "getSecurityServerMetrics", metadata_environment, false },
};

metadata_fn *
metadata_own(
	struct server *s, struct arena *a, const struct service_id *service)
{
	struct server_id self;

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (!str_equal(own[i].code, service->service))
			continue;
		if ((own[i].recorded && !s->monitor) ||
			serverconf_self(s->sc, a, &self, NULL) ||
			!client_id_equal(&self.owner, &service->provider))
			return NULL;
		return own[i].handle;
	}
	return NULL;
}
