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

static void
oas_properties(const struct field *f, size_t n, bool nullable, struct buf *b)
{
	buf_str(b, "\"type\":\"object\",\"properties\":{");
	for (size_t i = 0; i < n; i++) {
		buf_fmt(b, "%s\"%s\":", i ? "," : "", f[i].name);
		oas_schema(&f[i], nullable, b);
	}
	buf_char(b, '}');
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
	buf_str(b, "}}}}}}},\"400\":{\"description\":\"a parameter is missing "
		   "or does not fit\"}}");
}

static void
oas_operation(const struct data_service *s, bool post, struct buf *b)
{
	buf_fmt(b, "\"%s\":{\"operationId\":\"%s_%s\",\"summary\":",
		post ? "post" : "get", post ? "post" : "get", s->name);
	buf_json(b, s->title);
	buf_char(b, ',');
	if (post) {
		buf_str(b, "\"requestBody\":{\"content\":{\"application/json\":"
			   "{\"schema\":{");
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

static void
xsd_fields(const struct field *f, size_t n, bool nillable, struct buf *b)
{
	for (size_t i = 0; i < n; i++)
		buf_fmt(b, "<xs:element name=\"%s\" type=\"xs:%s\"%s%s/>",
			f[i].name, f[i].type->xsd,
			nillable ? " nillable=\"true\"" : "",
			f[i].optional ? " minOccurs=\"0\"" : "");
}

static void
wsdl_types(const struct data_service *s, struct buf *b)
{
	buf_fmt(b, "<xs:element name=\"%s\"><xs:complexType><xs:sequence>",
		s->name);
	xsd_fields(s->param, s->params, false, b);
	buf_fmt(b,
		"</xs:sequence></xs:complexType></xs:element>"
		"<xs:element name=\"%sResponse\"><xs:complexType>"
		"<xs:sequence><xs:element name=\"rows\"><xs:complexType>"
		"<xs:sequence><xs:element name=\"row\" minOccurs=\"0\" "
		"maxOccurs=\"unbounded\"><xs:complexType><xs:sequence>",
		s->name);
	xsd_fields(s->result, s->results, true, b);
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
		   "xmlns:xrd=\"" NS_XROAD "\"><wsdl:types>"
		   "<xs:schema targetNamespace=\"" NS_PRODUCER "\" "
		   "elementFormDefault=\"qualified\"><xs:import "
		   "namespace=\"" NS_XROAD "\" "
		   "schemaLocation=\"" NS_XROAD "\"/>");
	for (size_t i = 0; i < c->services; i++)
		wsdl_types(&c->service[i], b);
	buf_str(b, "</xs:schema></wsdl:types>");
	header_types(b);
	for (size_t i = 0; i < c->services; i++)
		wsdl_messages(&c->service[i], b);
	buf_str(b, "<wsdl:portType name=\"portType\">");
	for (size_t i = 0; i < c->services; i++)
		buf_fmt(b,
			"<wsdl:operation name=\"%s\"><wsdl:input "
			"message=\"tns:%s\"/><wsdl:output "
			"message=\"tns:%sResponse\"/></wsdl:operation>",
			c->service[i].name, c->service[i].name,
			c->service[i].name);
	buf_str(b, "</wsdl:portType><wsdl:binding name=\"binding\" "
		   "type=\"tns:portType\"><soap:binding style=\"document\" "
		   "transport=\"http://schemas.xmlsoap.org/soap/http\"/>");
	for (size_t i = 0; i < c->services; i++)
		wsdl_binding(&c->service[i], b);
	buf_str(b, "</wsdl:binding><wsdl:service name=\"service\"><wsdl:port "
		   "name=\"port\" binding=\"tns:binding\"><soap:address "
		   "location=\"");
	buf_xml(b, base);
	buf_str(b, "/ws/action.soap\"/></wsdl:port></wsdl:service>"
		   "</wsdl:definitions>\n");
}
