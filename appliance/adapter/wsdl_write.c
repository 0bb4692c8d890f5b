/* SPDX-License-Identifier: MIT */
/*
 * The contract of the data services for SOAP: WSDL 1.1, document/literal,
 * within WS-I Basic Profile 1.1.
 */
#include "adapter_int.h"

#include "ident.h"
#include "text.h"

static void
xsd_facet(struct buf *b, const char *name, const char *value)
{
	buf_fmt(b, "<xs:%s value=\"", name);
	buf_xml(b, value);
	buf_str(b, "\"/>");
}

static void
xsd_length(struct buf *b, const char *name, int64_t n)
{
	if (n >= 0)
		buf_fmt(b, "<xs:%s value=\"%lld\"/>", name, (long long)n);
}

static bool
has_facets(const struct field *f)
{
	const struct rules *r = &f->rules;

	/* XML Schema has no list of truths */
	if (str_equal(f->kind->xsd, "boolean"))
		return false;
	return r->shortest > 0 || r->longest >= 0 || r->least || r->greatest ||
	       r->pattern || r->allowed;
}

/* What XML Schema can say of the rules; the type of an element with them is
   a restriction of its own. */
static void
xsd_restriction(const struct field *f, struct buf *b)
{
	const struct rules *r = &f->rules;
	bool text = !f->kind->number && !f->kind->moment;

	buf_fmt(b, "<xs:simpleType><xs:restriction base=\"xs:%s\">",
		f->kind->xsd);
	if (text && !r->allowed && str_equal(f->kind->xsd, "string")) {
		xsd_length(b, "minLength", r->shortest);
		xsd_length(b, "maxLength", r->longest);
	}
	if (r->least && !str_equal(f->kind->xsd, "string"))
		xsd_facet(b, "minInclusive", r->least);
	if (r->greatest && !str_equal(f->kind->xsd, "string"))
		xsd_facet(b, "maxInclusive", r->greatest);
	if (r->pattern)
		xsd_facet(b, "pattern", r->pattern);
	for (size_t i = 0; i < r->allowed_n; i++)
		xsd_facet(b, "enumeration", r->allowed[i]);
	buf_str(b, "</xs:restriction></xs:simpleType></xs:element>");
}

/* Null may be given and returned everywhere; missing only what is optional. */
static void
xsd_fields(const struct field *f, size_t n, struct buf *b)
{
	for (size_t i = 0; i < n; i++) {
		bool facets = has_facets(&f[i]);

		if (f[i].grant)
			continue;
		buf_fmt(b, "<xs:element name=\"%s\"", f[i].element);
		if (!facets)
			buf_fmt(b, " type=\"xs:%s\"", f[i].kind->xsd);
		buf_str(b, " nillable=\"true\"");
		if (f[i].list)
			buf_str(b, " minOccurs=\"0\" maxOccurs=\"unbounded\"");
		else if (f[i].optional)
			buf_str(b, " minOccurs=\"0\"");
		buf_char(b, facets ? '>' : '/');
		if (facets)
			xsd_restriction(&f[i], b);
		else
			buf_char(b, '>');
	}
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
		   "name=\"truncated\" type=\"xs:boolean\" minOccurs=\"0\"/>");
	if (s->write)
		buf_str(b, "<xs:element name=\"affected\" type=\"xs:long\"/>");
	buf_str(b, "</xs:sequence></xs:complexType></xs:element>");
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
		"<xrd:version>",
		s->name);
	buf_xml(b, s->version ? s->version : "v1");
	buf_str(b, "</xrd:version>");
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

		if (!s->told)
			continue;
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
		if (c->service[i].told)
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
		if (c->service[i].told)
			wsdl_types(&c->service[i], b);
	buf_str(b, "</xs:schema></wsdl:types>");
	header_types(b);
	for (size_t i = 0; i < c->services; i++)
		if (c->service[i].told)
			wsdl_messages(&c->service[i], b);
	wsdl_operations(c, b);
	buf_str(b, "<wsdl:service name=\"service\"><wsdl:port name=\"port\" "
		   "binding=\"tns:binding\"><soap:address location=\"");
	buf_xml(b, base);
	buf_str(b, "/ws/action.soap\"/></wsdl:port></wsdl:service>"
		   "</wsdl:definitions>\n");
}
