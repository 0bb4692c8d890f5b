/* SPDX-License-Identifier: MIT */
/*
 * The description of the management service that the provider's security
 * server reads: made out of the table of requests. Rule:
 * interop/xroad-center-admin.md 2.1, 2.2.
 */
#include "center_int.h"

#include <string.h>

#include "http_server.h"
#include "mem.h"
#include "mgmt.h"
#include "param.h"

enum { WSDL_MAX = 64 * 1024 };

#define NS_WSDL  "http://schemas.xmlsoap.org/wsdl/"
#define NS_WSOAP "http://schemas.xmlsoap.org/wsdl/soap/"
#define NS_XSD   "http://www.w3.org/2001/XMLSchema"

char *
management_url(struct arena *a, const struct center *c, const char *address)
{
	bool six = strchr(address, ':') != NULL;

	return arena_printf(a, "https://%s%s%s:%lld/managementservice/manage/",
		six ? "[" : "", address, six ? "]" : "",
		(long long)conf_int(c->conf, P_CENTER_MGMT_PORT));
}

static const struct element {
	enum mgmt_part part;
	const char *name, *type;
} elements[] = {
	{ MGMT_CLIENT, "client", "id:XRoadClientIdentifierType" },
	{ MGMT_NAME, "subsystemName", "xs:string" },
	{ MGMT_ADDRESS, "address", "xs:string" },
	{ MGMT_MESSAGE, "message", "xs:string" },
	{ MGMT_CERT, "authCert", "xs:base64Binary" },
	{ MGMT_DRY_RUN, "dryRun", "xs:boolean" },
};

static void
write_type(struct buf *b, const struct mgmt_row *row)
{
	buf_fmt(b,
		"<xs:complexType name=\"%sType\"><xs:sequence>"
		"<xs:element name=\"server\" "
		"type=\"id:XRoadSecurityServerIdentifierType\"/>",
		row->service);
	for (size_t i = 0; i < sizeof(elements) / sizeof(*elements); i++)
		if (row->has & elements[i].part)
			buf_fmt(b, "<xs:element name=\"%s\" type=\"%s\"%s/>",
				elements[i].name, elements[i].type,
				row->needs & elements[i].part
					? ""
					: " minOccurs=\"0\"");
	buf_fmt(b,
		"<xs:element name=\"requestId\" type=\"xs:integer\" "
		"minOccurs=\"0\"/></xs:sequence></xs:complexType>"
		"<xs:element name=\"%s\" type=\"tns:%sType\"/>"
		"<xs:element name=\"%sResponse\" type=\"tns:%sType\"/>",
		row->service, row->service, row->service, row->service);
}

static void
write_header_types(struct buf *b)
{
	buf_str(b, "<xs:element name=\"client\" "
		   "type=\"id:XRoadClientIdentifierType\"/>"
		   "<xs:element name=\"service\" "
		   "type=\"id:XRoadServiceIdentifierType\"/>"
		   "<xs:element name=\"id\" type=\"xs:string\"/>"
		   "<xs:element name=\"protocolVersion\" "
		   "type=\"xs:string\"/></xs:schema></types>"
		   "<message name=\"requestHeader\">"
		   "<part name=\"client\" element=\"tns:client\"/>"
		   "<part name=\"service\" element=\"tns:service\"/>"
		   "<part name=\"id\" element=\"tns:id\"/>"
		   "<part name=\"protocolVersion\" "
		   "element=\"tns:protocolVersion\"/></message>");
}

static void
write_side(struct buf *b, const char *side)
{
	static const char *const part[] = { "client", "service", "id",
		"protocolVersion" };

	buf_fmt(b, "<%s><soap:body use=\"literal\"/>", side);
	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++)
		buf_fmt(b,
			"<soap:header message=\"tns:requestHeader\" "
			"part=\"%s\" use=\"literal\"/>",
			part[i]);
	buf_fmt(b, "</%s>", side);
}

/* Everything but authCertReg, which has a door of its own. */
static void
each_row(struct buf *b, void (*write)(struct buf *, const struct mgmt_row *))
{
	for (int k = 0; k < MGMT_KINDS; k++)
		if (k != MGMT_AUTH_CERT_REG)
			write(b, mgmt_row((enum mgmt_kind)k));
}

static void
write_messages(struct buf *b, const struct mgmt_row *row)
{
	buf_fmt(b,
		"<message name=\"%s\"><part name=\"body\" "
		"element=\"tns:%s\"/></message><message "
		"name=\"%sResponse\"><part name=\"body\" "
		"element=\"tns:%sResponse\"/></message>",
		row->service, row->service, row->service, row->service);
}

static void
write_port(struct buf *b, const struct mgmt_row *row)
{
	buf_fmt(b,
		"<operation name=\"%s\"><input message=\"tns:%s\"/><output "
		"message=\"tns:%sResponse\"/></operation>",
		row->service, row->service, row->service);
}

static void
write_binding(struct buf *b, const struct mgmt_row *row)
{
	buf_fmt(b, "<operation name=\"%s\"><soap:operation soapAction=\"\"/>",
		row->service);
	write_side(b, "input");
	write_side(b, "output");
	buf_str(b, "</operation>");
}

static void
write_wsdl(struct buf *b, const char *url)
{
	buf_str(b,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<definitions xmlns=\"" NS_WSDL "\" xmlns:soap=\"" NS_WSOAP
		"\" xmlns:xs=\"" NS_XSD "\" xmlns:id=\"" NS_ID
		"\" xmlns:tns=\"" NS_XROAD "\" targetNamespace=\"" NS_XROAD
		"\" name=\"managementServices\"><types><xs:schema "
		"targetNamespace=\"" NS_XROAD
		"\" elementFormDefault=\"qualified\"><xs:import "
		"namespace=\"" NS_ID "\" schemaLocation=\"" NS_ID ".xsd\"/>");
	each_row(b, write_type);
	write_header_types(b);
	each_row(b, write_messages);
	buf_str(b, "<portType name=\"managementPort\">");
	each_row(b, write_port);
	buf_str(b, "</portType><binding name=\"managementBinding\" "
		   "type=\"tns:managementPort\"><soap:binding "
		   "style=\"document\" transport=\"http://schemas.xmlsoap.org/"
		   "soap/http\"/>");
	each_row(b, write_binding);
	buf_str(b, "</binding><service name=\"managementService\"><port "
		   "name=\"managementServicePort\" "
		   "binding=\"tns:managementBinding\"><soap:address "
		   "location=\"");
	buf_xml(b, url);
	buf_str(b, "\"/></port></service></definitions>\n");
}

int
management_wsdl(struct request *r, void *state, struct err *e)
{
	struct center *ct = state;
	struct arena *a = request_arena(r);
	struct db_conn *c = db_take(ct->db);
	struct instance in;
	struct buf b;
	int ret = instance_need(c, a, &in, e);

	db_give(c);
	if (ret)
		return -1;
	buf_init(&b, WSDL_MAX);
	write_wsdl(&b, management_url(a, ct, in.address));
	ret = buf_ok(&b, "the description", e);
	if (!ret)
		ret = reply_send(
			r, 200, "text/xml; charset=UTF-8", bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}
