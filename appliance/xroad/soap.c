/* SPDX-License-Identifier: MIT */
/*
 * Reading SOAP 1.1 messages of the X-Road message protocol 4.0: header fields,
 * body rules, faults. The raw bytes are never changed.
 * Rule: interop/xroad-messages.md 1.3, 1.4.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "soap.h"
#include "text.h"
#include "transport.h"
#include "xml.h"

struct reader {
	struct arena *a;
	struct soap *out;
	struct err *e;
	unsigned seen; /* bit per row of fields[] */
};

/* ---- header fields ---- */

static int
client_read(struct reader *r, const struct xml_node *n)
{
	return client_id_from_xml(r->a, n, &r->out->client, r->e);
}

static int
service_read(struct reader *r, const struct xml_node *n)
{
	return service_id_from_xml(r->a, n, &r->out->service, r->e);
}

static int
server_read(struct reader *r, const struct xml_node *n)
{
	r->out->has_server = true;
	return server_id_from_xml(r->a, n, &r->out->server, r->e);
}

static int
id_read(struct reader *r, const struct xml_node *n)
{
	r->out->id = xml_text(n, r->a);
	return 0;
}

static int
user_read(struct reader *r, const struct xml_node *n)
{
	r->out->user_id = xml_text(n, r->a);
	return 0;
}

static int
issue_read(struct reader *r, const struct xml_node *n)
{
	r->out->issue = xml_text(n, r->a);
	return 0;
}

static int
version_read(struct reader *r, const struct xml_node *n)
{
	r->out->protocol_version = xml_text(n, r->a);
	if (str_prefix(r->out->protocol_version, "4."))
		return 0;
	return fail(r->e, FAULT_INVALID_PROTOCOL_VERSION,
		"protocol version '%.40s' is not 4.x",
		r->out->protocol_version);
}

static int
hash_read(struct reader *r, const struct xml_node *n)
{
	r->out->request_hash = xml_text(n, r->a);
	r->out->request_hash_alg = xml_attr(n, r->a, "", "algorithmId");
	return 0;
}

static int
party_part(struct reader *r, const struct xml_node *n, const char *local,
	const char **out)
{
	const struct xml_node *c = xml_child(n, NS_REPR, local);

	*out = c ? xml_text(c, r->a) : NULL;
	if (c && xml_next(c, NS_REPR, local))
		return fail(r->e, FAULT_DUPLICATE_HEADER_FIELD,
			"%s is repeated", local);
	return 0;
}

static int
party_read(struct reader *r, const struct xml_node *n)
{
	if (party_part(r, n, "partyClass", &r->out->party_class) != 0 ||
		party_part(r, n, "partyCode", &r->out->party_code) != 0)
		return -1;
	if (r->out->party_code)
		return 0;
	return fail(
		r->e, FAULT_INVALID_XML, "representedParty has no partyCode");
}

/* The order is that in which missing fields are reported. */
static const struct field {
	const char *ns, *local;
	bool needed;
	int (*read)(struct reader *r, const struct xml_node *n);
} fields[] = {
	{ NS_XROAD, "protocolVersion", true, version_read },
	{ NS_XROAD, "client", true, client_read },
	{ NS_XROAD, "id", true, id_read },
	{ NS_XROAD, "service", true, service_read },
	{ NS_XROAD, "securityServer", false, server_read },
	{ NS_XROAD, "userId", false, user_read },
	{ NS_XROAD, "issue", false, issue_read },
	{ NS_REPR, "representedParty", false, party_read },
	{ NS_XROAD, "requestHash", false, hash_read },
};
enum { FIELDS = sizeof(fields) / sizeof(*fields) };

static int
field_read(struct reader *r, const struct xml_node *n)
{
	size_t i;

	for (i = 0; i < FIELDS; i++) {
		if (!xml_is(n, fields[i].ns, fields[i].local))
			continue;
		if (r->seen & 1u << i)
			return fail(r->e, FAULT_DUPLICATE_HEADER_FIELD,
				"header field %s is repeated", fields[i].local);
		r->seen |= 1u << i;
		return fields[i].read(r, n);
	}
	return 0;
}

static int
header_read(struct reader *r, const struct xml_node *header)
{
	const struct xml_node *n;
	size_t i;

	if (!header)
		return fail(r->e, FAULT_MISSING_HEADER,
			"the message has no SOAP header");
	xml_each(n, header, NULL, NULL) {
		if (field_read(r, n) != 0)
			return -1;
	}
	for (i = 0; i < FIELDS; i++)
		if (fields[i].needed && !(r->seen & 1u << i))
			return fail(r->e, FAULT_MISSING_HEADER_FIELD,
				"header field %s is missing", fields[i].local);
	return 0;
}

/* ---- body ---- */

/* Fault children are matched by local name, qualified or not. */
static char *
fault_child(struct reader *r, const struct xml_node *fault, const char *local)
{
	const struct xml_node *c = xml_child(fault, NULL, local);

	return c ? xml_text(c, r->a) : NULL;
}

static void
fault_read(struct reader *r, const struct xml_node *fault)
{
	const struct xml_node *detail = xml_child(fault, NULL, "detail");
	const struct xml_node *text =
		detail ? xml_child(detail, NULL, "faultDetail") : NULL;

	r->out->fault = true;
	r->out->fault_code = fault_child(r, fault, "faultcode");
	r->out->fault_string = fault_child(r, fault, "faultstring");
	r->out->fault_actor = fault_child(r, fault, "faultactor");
	if (text)
		r->out->fault_detail = xml_text(text, r->a);
}

static int
body_read(struct reader *r, const struct xml_node *body)
{
	const struct xml_node *n;

	if (!body)
		return fail(r->e, FAULT_MISSING_BODY,
			"the message has no SOAP body");
	if (xml_children(body) != 1)
		return fail(r->e, FAULT_INVALID_BODY,
			"the SOAP body must have exactly one child element");
	n = xml_child(body, NULL, NULL);
	r->out->body = arena_strdup(r->a, xml_local(n));
	r->out->response = str_suffix(r->out->body, "Response");
	if (str_prefix(r->out->body, r->out->service.service))
		return 0;
	return fail(r->e, FAULT_INCONSISTENT_HEADERS,
		"the service code in header and body do not agree");
}

static int
envelope_read(struct reader *r, const struct xml_node *root)
{
	const struct xml_node *header, *body, *fault;

	if (!xml_is(root, NS_SOAP, "Envelope"))
		return fail(r->e, FAULT_INVALID_SOAP,
			"the root element is not a SOAP envelope");
	header = xml_child(root, NS_SOAP, "Header");
	body = xml_child(root, NS_SOAP, "Body");
	if ((header && xml_next(header, NS_SOAP, "Header")) ||
		(body && xml_next(body, NS_SOAP, "Body")))
		return fail(r->e, FAULT_INVALID_SOAP,
			"the envelope has more than one header or body");
	fault = body ? xml_child(body, NS_SOAP, "Fault") : NULL;
	if (fault && xml_children(body) == 1) {
		fault_read(r, fault);
		return 0;
	}
	if (header_read(r, header) != 0)
		return -1;
	return body_read(r, body);
}

/* ---- the message ---- */

static int
type_check(struct arena *a, const char *content_type, struct err *e)
{
	const char *base;

	if (!content_type)
		return 0;
	base = mime_base(a, content_type);
	if (str_equal(base, "text/xml") ||
		str_equal(base, "application/xop+xml"))
		return 0;
	return fail(e, FAULT_INVALID_CONTENT_TYPE,
		"content type %.100s is not that of a SOAP message", base);
}

int
soap_parse(struct arena *a, struct bytes raw, const char *content_type,
	struct soap *out, struct err *e)
{
	struct reader r = { a, out, e, 0 };
	struct err why = ERR_INIT;

	*out = (struct soap){ .raw = raw };
	if (raw.len > SOAP_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE,
			"the SOAP message is larger than %d bytes",
			SOAP_SIZE_MAX);
	if (type_check(a, content_type, e) != 0)
		return -1;
	if (xml_parse(a, raw, mime_param(a, content_type, "charset"), &out->doc,
		    &why) != 0)
		return fail(e, FAULT_INVALID_SOAP,
			"the SOAP message is not well-formed: %s", why.text);
	return envelope_read(&r, xml_root(out->doc));
}
