/* SPDX-License-Identifier: MIT */
/*
 * The contracts of the data services: OpenAPI 3.0.3 and WSDL 1.1, both from
 * the same declaration.
 */
#include "adapter_int.h"

#include "ident.h"
#include "text.h"

static void
oas_schema(const struct field *f, bool nullable, struct buf *b)
{
	buf_fmt(b, "{\"type\":\"%s\"", f->type->oas);
	if (f->type->oas_format)
		buf_fmt(b, ",\"format\":\"%s\"", f->type->oas_format);
	buf_str(b, nullable ? ",\"nullable\":true}" : "}");
}

static void
oas_params(const struct data_service *s, struct buf *b)
{
	buf_str(b, "\"parameters\":[");
	for (size_t i = 0; i < s->params; i++) {
		buf_fmt(b,
			"%s{\"name\":\"%s\",\"in\":\"query\",\"required\":%s,"
			"\"schema\":",
			i ? "," : "", s->param[i].name,
			s->param[i].optional ? "false" : "true");
		oas_schema(&s->param[i], false, b);
		buf_char(b, '}');
	}
	buf_str(b, "],");
}

/* rows: every member is always there. Otherwise parameters, of which null is
   a value that may be given. */
static void
oas_properties(const struct field *f, size_t n, bool rows, struct buf *b)
{
	const char *sep = "";

	buf_str(b, "\"type\":\"object\",\"properties\":{");
	for (size_t i = 0; i < n; i++) {
		buf_fmt(b, "%s\"%s\":", i ? "," : "", f[i].name);
		oas_schema(&f[i], true, b);
	}
	buf_char(b, '}');
	if (!rows)
		buf_str(b, ",\"additionalProperties\":false");
	for (size_t i = 0; i < n; i++) {
		if (f[i].optional)
			continue;
		buf_str(b, *sep ? sep : ",\"required\":[");
		buf_json(b, f[i].name);
		sep = ",";
	}
	if (*sep)
		buf_char(b, ']');
}

static void
oas_responses(const struct data_service *s, struct buf *b)
{
	buf_str(b, "\"responses\":{\"200\":{\"description\":\"rows\","
		   "\"content\":{\"application/json\":{\"schema\":{\"type\":"
		   "\"object\",\"required\":[\"rows\"],\"properties\":{"
		   "\"truncated\":{\"type\":\"boolean\"},\"rows\":{\"type\":"
		   "\"array\",\"items\":{");
	oas_properties(s->result, s->results, true, b);
	buf_str(b, "}}}}}}},\"400\":{\"description\":\"a parameter is missing, "
		   "unknown or does not fit\"},\"503\":{\"description\":\"the "
		   "statement took too long or found too much\"}}");
}

static bool
needs_any(const struct data_service *s)
{
	for (size_t i = 0; i < s->params; i++)
		if (!s->param[i].optional)
			return true;
	return false;
}

static void
oas_operation(const struct data_service *s, bool post, struct buf *b)
{
	buf_fmt(b, "\"%s\":{\"operationId\":\"%s_%s\",\"summary\":",
		post ? "post" : "get", post ? "post" : "get", s->name);
	buf_json(b, s->title);
	buf_char(b, ',');
	if (post) {
		buf_fmt(b,
			"\"requestBody\":{\"required\":%s,\"content\":{"
			"\"application/json\":{\"schema\":{",
			needs_any(s) ? "true" : "false");
		oas_properties(s->param, s->params, false, b);
		buf_str(b, "}}}},");
	} else {
		oas_params(s, b);
	}
	oas_responses(s, b);
	buf_char(b, '}');
}

void
openapi_write(const struct catalog *c, const char *base, struct buf *b)
{
	buf_str(b, "{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"Data "
		   "services\",\"version\":\"" VERSION "\"},\"servers\":[{"
		   "\"url\":");
	buf_json(b, base);
	buf_str(b, "}],\"paths\":{");
	for (size_t i = 0; i < c->services; i++) {
		const struct data_service *s = &c->service[i];

		buf_fmt(b, "%s\"/api/service/%s\":{", i ? "," : "", s->name);
		oas_operation(s, false, b);
		buf_char(b, ',');
		oas_operation(s, true, b);
		buf_char(b, '}');
	}
	buf_str(b, "}}");
}

/* Null may be given and returned everywhere; missing only what is optional. */
static void
xsd_fields(const struct field *f, size_t n, struct buf *b)
{
	for (size_t i = 0; i < n; i++)
		buf_fmt(b,
			"<xs:element name=\"%s\" type=\"xs:%s\" "
			"nillable=\"true\"%s/>",
			f[i].element, f[i].type->xsd,
			f[i].optional ? " minOccurs=\"0\"" : "");
}

static void
wsdl_types(const struct data_service *s, struct buf *b)
{
	buf_fmt(b, "<xs:element name=\"%s\"><xs:complexType><xs:sequence>",
		s->name);
	xsd_fields(s->param, s->params, b);
	buf_fmt(b,
		"</xs:sequence></xs:complexType></xs:element>"
		"<xs:element name=\"%sResponse\"><xs:complexType>"
		"<xs:sequence><xs:element name=\"rows\"><xs:complexType>"
		"<xs:sequence><xs:element name=\"row\" minOccurs=\"0\" "
		"maxOccurs=\"unbounded\"><xs:complexType><xs:sequence>",
		s->name);
	xsd_fields(s->result, s->results, b);
	buf_str(b, "</xs:sequence></xs:complexType></xs:element></xs:sequence>"
		   "</xs:complexType></xs:element><xs:element "
		   "name=\"truncated\" type=\"xs:boolean\" minOccurs=\"0\"/>"
		   "</xs:sequence></xs:complexType></xs:element>");
}

static void
wsdl_messages(const struct data_service *s, struct buf *b)
{
	buf_fmt(b,
		"<wsdl:message name=\"%s\"><wsdl:part name=\"body\" "
		"element=\"tns:%s\"/></wsdl:message>"
		"<wsdl:message name=\"%sResponse\"><wsdl:part "
		"name=\"body\" element=\"tns:%sResponse\"/></wsdl:message>",
		s->name, s->name, s->name, s->name);
}

static void
soap_headers(struct buf *b)
{
	static const char *const name[] = { "client", "service", "id", "userId",
		"protocolVersion" };

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
		buf_fmt(b,
			"<soap:header message=\"tns:requestHeader\" "
			"part=\"%s\" use=\"literal\"/>",
			name[i]);
}

static void
wsdl_binding(const struct data_service *s, struct buf *b)
{
	buf_fmt(b,
		"<wsdl:operation name=\"%s\"><soap:operation "
		"soapAction=\"\" style=\"document\"/>"
		"<xrd:version>v1</xrd:version>",
		s->name);
	buf_str(b, "<wsdl:input><soap:body parts=\"body\" use=\"literal\"/>");
	soap_headers(b);
	buf_str(b, "</wsdl:input><wsdl:output><soap:body parts=\"body\" "
		   "use=\"literal\"/>");
	soap_headers(b);
	buf_str(b, "</wsdl:output></wsdl:operation>");
}

static void
header_types(struct buf *b)
{
	buf_str(b, "<wsdl:message name=\"requestHeader\">"
		   "<wsdl:part name=\"client\" element=\"xrd:client\"/>"
		   "<wsdl:part name=\"service\" element=\"xrd:service\"/>"
		   "<wsdl:part name=\"id\" element=\"xrd:id\"/>"
		   "<wsdl:part name=\"userId\" element=\"xrd:userId\"/>"
		   "<wsdl:part name=\"protocolVersion\" "
		   "element=\"xrd:protocolVersion\"/></wsdl:message>");
}

/* The schemas of the X-Road header stand inside: a network without the
   internet cannot fetch them. Rule: interop/xroad-messages.md 1.2, 1.3. */
static void
header_schemas(struct buf *b)
{
	buf_str(b, "<xs:schema targetNamespace=\"" NS_ID "\" "
		   "elementFormDefault=\"qualified\">"
		   "<xs:attribute name=\"objectType\" type=\"xs:string\"/>"
		   "<xs:element name=\"xRoadInstance\" type=\"xs:string\"/>"
		   "<xs:element name=\"memberClass\" type=\"xs:string\"/>"
		   "<xs:element name=\"memberCode\" type=\"xs:string\"/>"
		   "<xs:element name=\"subsystemCode\" type=\"xs:string\"/>"
		   "<xs:element name=\"serviceCode\" type=\"xs:string\"/>"
		   "<xs:element name=\"serviceVersion\" type=\"xs:string\"/>");
	for (int service = 0; service < 2; service++) {
		buf_fmt(b, "<xs:complexType name=\"%s\"><xs:sequence>",
			service ? "Service" : "Client");
		buf_str(b, "<xs:element ref=\"id:xRoadInstance\"/>"
			   "<xs:element ref=\"id:memberClass\"/>"
			   "<xs:element ref=\"id:memberCode\"/>"
			   "<xs:element ref=\"id:subsystemCode\" "
			   "minOccurs=\"0\"/>");
		if (service)
			buf_str(b, "<xs:element ref=\"id:serviceCode\"/>"
				   "<xs:element ref=\"id:serviceVersion\" "
				   "minOccurs=\"0\"/>");
		buf_str(b, "</xs:sequence><xs:attribute ref=\"id:objectType\" "
			   "use=\"required\"/></xs:complexType>");
	}
	buf_str(b, "</xs:schema><xs:schema targetNamespace=\"" NS_XROAD "\" "
		   "elementFormDefault=\"qualified\">"
		   "<xs:import namespace=\"" NS_ID "\"/>"
		   "<xs:element name=\"client\" type=\"id:Client\"/>"
		   "<xs:element name=\"service\" type=\"id:Service\"/>"
		   "<xs:element name=\"id\" type=\"xs:string\"/>"
		   "<xs:element name=\"userId\" type=\"xs:string\"/>"
		   "<xs:element name=\"protocolVersion\" type=\"xs:string\"/>"
		   "</xs:schema>");
}

static void
wsdl_operations(const struct catalog *c, struct buf *b)
{
	buf_str(b, "<wsdl:portType name=\"portType\">");
	for (size_t i = 0; i < c->services; i++) {
		const struct data_service *s = &c->service[i];

		buf_fmt(b, "<wsdl:operation name=\"%s\"><wsdl:documentation>",
			s->name);
		buf_str(b, "<xrd:title>");
		buf_xml(b, s->title);
		buf_fmt(b,
			"</xrd:title></wsdl:documentation><wsdl:input "
			"message=\"tns:%s\"/><wsdl:output "
			"message=\"tns:%sResponse\"/></wsdl:operation>",
			s->name, s->name);
	}
	buf_str(b, "</wsdl:portType><wsdl:binding name=\"binding\" "
		   "type=\"tns:portType\"><soap:binding style=\"document\" "
		   "transport=\"http://schemas.xmlsoap.org/soap/http\"/>");
	for (size_t i = 0; i < c->services; i++)
		wsdl_binding(&c->service[i], b);
	buf_str(b, "</wsdl:binding>");
}

void
wsdl_write(const struct catalog *c, const char *base, struct buf *b)
{
	buf_str(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		   "<wsdl:definitions name=\"services\" "
		   "targetNamespace=\"" NS_PRODUCER "\" "
		   "xmlns:tns=\"" NS_PRODUCER "\" "
		   "xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
		   "xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" "
		   "xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" "
		   "xmlns:id=\"" NS_ID "\" "
		   "xmlns:xrd=\"" NS_XROAD "\"><wsdl:types>");
	header_schemas(b);
	buf_str(b, "<xs:schema targetNamespace=\"" NS_PRODUCER "\" "
		   "elementFormDefault=\"qualified\">");
	for (size_t i = 0; i < c->services; i++)
		wsdl_types(&c->service[i], b);
	buf_str(b, "</xs:schema></wsdl:types>");
	header_types(b);
	for (size_t i = 0; i < c->services; i++)
		wsdl_messages(&c->service[i], b);
	wsdl_operations(c, b);
	buf_str(b, "<wsdl:service name=\"service\"><wsdl:port name=\"port\" "
		   "binding=\"tns:binding\"><soap:address location=\"");
	buf_xml(b, base);
	buf_str(b, "/ws/action.soap\"/></wsdl:port></wsdl:service>"
		   "</wsdl:definitions>\n");
}
