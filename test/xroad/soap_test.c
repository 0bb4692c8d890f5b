/* SPDX-License-Identifier: MIT */
/* Tests of soap*.c: header and body rules, requestHash, faults. */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "soap.h"
#include "tap.h"
#include "text.h"
#include "transport.h"
#include "xml.h"

#define ENV                                                                 \
 "<s:Envelope xmlns:s='" NS_SOAP "' xmlns:x='" NS_XROAD "' xmlns:i='" NS_ID \
 "' xmlns:r='" NS_REPR "'>"
#define MEMBER                                          \
 "<i:xRoadInstance>I</i:xRoadInstance><i:memberClass>C" \
 "</i:memberClass><i:memberCode>M</i:memberCode>"
#define CLIENT                                \
 "<x:client i:objectType='SUBSYSTEM'>" MEMBER \
 "<i:subsystemCode>S</i:subsystemCode></x:client>"
#define SERVICE                                           \
 "<x:service i:objectType='SERVICE'>" MEMBER              \
 "<i:serviceCode>get</i:serviceCode><i:serviceVersion>v1" \
 "</i:serviceVersion></x:service>"
#define ID             "<x:id>m-1</x:id>"
#define PROTO          "<x:protocolVersion>4.0</x:protocolVersion>"
#define HEADER(inside) ENV "<s:Header>" inside "</s:Header>"
#define BODY           "<s:Body><get/></s:Body></s:Envelope>"
#define ALL            CLIENT SERVICE ID PROTO

static int
parse(struct arena *a, const char *text, struct soap *s, struct err *e)
{
	return soap_parse(a, bytes_str(text), "text/xml; charset=UTF-8", s, e);
}

static void
test_fields(struct arena *a)
{
	struct soap s;
	struct err e = ERR_INIT;

	ok(parse(a,
		   HEADER(ALL
			   "<x:securityServer i:objectType='SERVER'>" MEMBER
			   "<i:serverCode>SS</i:serverCode>"
			   "</x:securityServer><x:userId> u </x:userId>"
			   "<x:issue/><r:representedParty><r:partyClass>P"
			   "</r:partyClass><r:partyCode>1</r:partyCode>"
			   "</r:representedParty><other/>"
			   "<x:requestHash algorithmId='u'>AA=="
			   "</x:requestHash>") "<s:Body><getResponse/></s:Body></s:Envelope>",
		   &s, &e) == 0);
	is_str(e.text, "");
	is_str(client_id_text(a, &s.client), "SUBSYSTEM:I/C/M/S");
	is_str(service_id_text(a, &s.service), "SERVICE:I/C/M/get/v1");
	ok(s.has_server);
	is_str(s.server.server, "SS");
	is_str(s.id, "m-1");
	is_str(s.user_id, " u ");
	is_str(s.issue, "");
	is_str(s.party_class, "P");
	is_str(s.party_code, "1");
	is_str(s.protocol_version, "4.0");
	is_str(s.request_hash, "AA==");
	is_str(s.request_hash_alg, "u");
	is_str(s.body, "getResponse");
	ok(s.response && !s.fault);
	ok(parse(a, HEADER(ALL) BODY, &s, &e) == 0);
	ok(!s.has_server && !s.user_id && !s.issue && !s.party_code);
	ok(!s.response);
}

static void
test_refused(struct arena *a)
{
	static const struct {
		const char *text;
		enum fault fault;
	} row[] = {
		{ "", FAULT_INVALID_SOAP },
		{ "x", FAULT_INVALID_SOAP },
		{ "<!DOCTYPE a>" HEADER(ALL) BODY, FAULT_INVALID_SOAP },
		{ "<s:Envelope xmlns:s='http://www.w3.org/2003/05/"
		  "soap-envelope'/>",
			FAULT_INVALID_SOAP },
		{ ENV BODY, FAULT_MISSING_HEADER },
		{ HEADER(ALL) "<s:Header/>" BODY, FAULT_INVALID_SOAP },
		{ HEADER(ALL) "</s:Envelope>", FAULT_MISSING_BODY },
		{ HEADER(ALL) "<s:Body/></s:Envelope>", FAULT_INVALID_BODY },
		{ HEADER(ALL) "<s:Body><get/><get/></s:Body></s:Envelope>",
			FAULT_INVALID_BODY },
		{ HEADER(ALL) "<s:Body>get</s:Body></s:Envelope>",
			FAULT_INVALID_BODY },
		{ HEADER(ALL) "<s:Body><ge/></s:Body></s:Envelope>",
			FAULT_INCONSISTENT_HEADERS },
		{ HEADER(ALL) "<s:Body><gets/></s:Body></s:Envelope>", 0 },
		{ HEADER(SERVICE ID PROTO) BODY, FAULT_MISSING_HEADER_FIELD },
		{ HEADER(CLIENT ID PROTO) BODY, FAULT_MISSING_HEADER_FIELD },
		{ HEADER(CLIENT SERVICE PROTO) BODY,
			FAULT_MISSING_HEADER_FIELD },
		{ HEADER(CLIENT SERVICE ID) BODY, FAULT_MISSING_HEADER_FIELD },
		{ HEADER(ALL ID) BODY, FAULT_DUPLICATE_HEADER_FIELD },
		{ HEADER(ALL CLIENT) BODY, FAULT_DUPLICATE_HEADER_FIELD },
		{ HEADER(ALL "<x:issue/><x:issue/>") BODY,
			FAULT_DUPLICATE_HEADER_FIELD },
		{ HEADER(ALL "<x:future/><x:future/>") BODY, 0 },
		{ HEADER(CLIENT SERVICE ID "<x:protocolVersion>5.0"
					   "</x:protocolVersion>") BODY,
			FAULT_INVALID_PROTOCOL_VERSION },
		{ HEADER(CLIENT SERVICE ID "<x:protocolVersion>4.9"
					   "</x:protocolVersion>") BODY,
			0 },
		{ HEADER("<x:client objectType='MEMBER'>" MEMBER
			 "</x:client>" SERVICE ID PROTO) BODY,
			FAULT_INVALID_XML },
		{ HEADER("<x:client i:objectType='SERVER'>" MEMBER
			 "</x:client>" SERVICE ID PROTO) BODY,
			FAULT_INVALID_XML },
		{ HEADER("<x:client i:objectType='SUBSYSTEM'>" MEMBER
			 "</x:client>" SERVICE ID PROTO) BODY,
			0 },
		{ HEADER("<x:client i:objectType='MEMBER'>" MEMBER MEMBER
			 "</x:client>" SERVICE ID PROTO) BODY,
			FAULT_DUPLICATE_HEADER_FIELD },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct err e = ERR_INIT;
		struct soap s;
		int r = parse(a, row[i].text, &s, &e);

		ok_m(e.fault == row[i].fault && (r == 0) == !row[i].fault,
			"row %zu: %s %s", i, fault_code(e.fault), e.text);
	}
}

static void
test_charset(struct arena *a)
{
	const char *latin1 =
		HEADER(CLIENT SERVICE PROTO "<x:id>\xe4</x:id>") BODY;
	const char *utf8 = "\xef\xbb\xbf" HEADER(
		CLIENT SERVICE PROTO "<x:id>\xc3\xa4</x:id>") BODY;
	struct soap s;
	struct err e = ERR_INIT;

	ok(soap_parse(a, bytes_str(latin1), "text/xml; charset=ISO-8859-1", &s,
		   &e) == 0);
	is_str(e.text, "");
	is_str(s.id, "\xc3\xa4");
	ok(soap_parse(a, bytes_str(latin1), "text/xml", &s, NULL) == -1);
	ok(soap_parse(a, bytes_str(utf8), "text/xml; charset=\"utf-8\"", &s,
		   &e) == 0);
	is_str(s.id, "\xc3\xa4");
	is_int(s.raw.len, strlen(utf8));
	ok(soap_parse(a, bytes_str(utf8), NULL, &s, &e) == 0);
	ok(soap_parse(a, bytes_str(utf8), "application/xop+xml", &s, &e) == 0);
	ok(soap_parse(a, bytes_str(utf8), "text/plain", &s, &e) == -1);
	is_int(e.fault, FAULT_INVALID_CONTENT_TYPE);
}

static void
test_consistent(struct arena *a)
{
	static const char *const other[] = {
		HEADER(ALL "<x:userId/>") BODY,
		HEADER(ALL "<x:issue>1</x:issue>") BODY,
		HEADER(CLIENT SERVICE PROTO "<x:id>m-2</x:id>") BODY,
		HEADER(ALL "<r:representedParty><r:partyCode>1</r:partyCode>"
			   "</r:representedParty>") BODY,
		HEADER("<x:client i:objectType='MEMBER'>" MEMBER
		       "</x:client>" SERVICE ID PROTO) BODY,
		HEADER(CLIENT ID PROTO
			"<x:service i:objectType='SERVICE'>" MEMBER
			"<i:serviceCode>get</i:serviceCode></x:service>") BODY,
	};
	struct soap q, r;
	size_t i;

	ok(parse(a, HEADER(ALL) BODY, &q, NULL) == 0);
	ok(parse(a,
		   HEADER(ID CLIENT SERVICE "<x:protocolVersion>4.1"
					    "</x:protocolVersion>") BODY,
		   &r, NULL) == 0);
	ok(soap_consistent(&q, &r, NULL) == 0);
	for (i = 0; i < sizeof(other) / sizeof(*other); i++) {
		struct err e = ERR_INIT;

		ok(parse(a, other[i], &r, NULL) == 0);
		ok(soap_consistent(&q, &r, &e) == -1);
		is_int(e.fault, FAULT_INCONSISTENT_RESPONSE);
	}
}

static bool
has(struct bytes b, const char *text)
{
	return memmem(b.data, b.len, text, strlen(text)) != NULL;
}

static void
test_request_hash(struct arena *a)
{
	const char *text = HEADER(
		"\n  " CLIENT "\n  " SERVICE
		"<x:requestHash algorithmId='old'>old</x:requestHash>\n  " ID
		"\n  " PROTO) "<s:Body><get><![CDATA[<&>]]><!-- c -->&lt;&#13;&quot;</get>"
			      "</s:Body></s:Envelope>";
	struct soap r, again;
	struct digest d, other;
	struct bytes out;
	struct err e = ERR_INIT;
	char *want;

	digest_of(DIGEST_SHA512, "request", 7, &d);
	digest_of(DIGEST_SHA512, "other", 5, &other);
	ok(parse(a, text, &r, &e) == 0);
	ok(soap_add_request_hash(a, &r, &d, &out, &e) == 0);
	is_str(e.text, "");
	want = arena_printf(a,
		"<x:id>m-1</x:id>\n  <x:requestHash algorithmId=\"%s\">%s"
		"</x:requestHash>",
		digest_uri(DIGEST_SHA512), base64_encode(a, d.value, d.len));
	ok_m(has(out, want), "%.*s", (int)out.len, (const char *)out.data);
	ok(!has(out, "old"));
	ok(has(out, "<![CDATA[<&>]]><!-- c -->&lt;&#13;"));
	ok(soap_parse(a, out, "text/xml; charset=UTF-8", &again, &e) == 0);
	is_str(again.id, "m-1");
	ok(soap_check_request_hash(&again, &d, &e) == 0);
	ok(soap_check_request_hash(&again, &other, &e) == -1);
	is_int(e.fault, FAULT_INCONSISTENT_RESPONSE);
	again.request_hash_alg = digest_uri(DIGEST_SHA256);
	ok(soap_check_request_hash(&again, &d, NULL) == -1);
	again.request_hash_alg = NULL;
	ok(soap_check_request_hash(&again, &d, NULL) == -1);
	ok(parse(a, HEADER(ALL) BODY, &r, NULL) == 0);
	ok(soap_check_request_hash(&r, &d, NULL) == -1);
}

/* id in a default name space: the hash is in it too. */
static void
test_hash_prefix(struct arena *a)
{
	const char *text = HEADER(
		CLIENT SERVICE PROTO "<id xmlns='" NS_XROAD "'>m</id>") BODY;
	struct soap r, again;
	struct digest d;
	struct bytes out;

	digest_of(DIGEST_SHA512, "request", 7, &d);
	ok(parse(a, text, &r, NULL) == 0);
	ok(soap_add_request_hash(a, &r, &d, &out, NULL) == 0);
	ok(soap_parse(a, out, "text/xml", &again, NULL) == 0);
	ok(soap_check_request_hash(&again, &d, NULL) == 0);
}

static void
test_fault(struct arena *a)
{
	struct err e = ERR_INIT, f = ERR_INIT;
	struct soap s;
	struct buf b;

	fail(&e, FAULT_ACCESS_DENIED, "no <access> & more");
	err_prefix(&e, "server.serverproxy");
	buf_init(&b, 10000);
	soap_fault_write(&e, &b);
	ok(strstr(b.data, "detail") == NULL);
	ok(soap_parse(a, bytes_buf(&b), "text/xml", &s, &f) == 0);
	ok(s.fault);
	is_str(s.fault_code, "server.serverproxy.access_denied");
	is_str(s.fault_string, "no <access> & more");
	is_str(s.fault_actor, "");
	ok(s.fault_detail == NULL);
	memcpy(e.detail, "uuid", 5);
	buf_reset(&b);
	soap_fault_write(&e, &b);
	ok(strstr(b.data, "<detail><faultDetail xmlns=\"\">uuid"
			  "</faultDetail></detail>") != NULL);
	ok(soap_parse(a, bytes_buf(&b), "text/xml", &s, &f) == 0);
	is_str(s.fault_detail, "uuid");
	buf_done(&b);
}

static void
test_http(void)
{
	ok(soap_content_type_ok("text/xml"));
	ok(soap_content_type_ok("Text/XML; charset=x"));
	ok(soap_content_type_ok("application/xop+xml"));
	ok(soap_content_type_ok("Multipart/Related; boundary=x"));
	ok(!soap_content_type_ok("multipart/mixed; boundary=x"));
	ok(!soap_content_type_ok("application/soap+xml"));
	ok(!soap_content_type_ok(NULL));
	ok(soap_action_ok(NULL) && soap_action_ok("") &&
		soap_action_ok("\"\"") && soap_action_ok("\"urn:x#y\""));
	ok(!soap_action_ok("x") && !soap_action_ok("\"") &&
		!soap_action_ok("\"a b\"") && !soap_action_ok("\"a\"b\"") &&
		!soap_action_ok("'x'"));
}

/* Files of X-Road's own tests with what its test cases expect. */
static const struct query {
	const char *name;
	enum fault fault;
	bool is_fault;
} queries[] = {
	{ "allowedMethods.query", 0, false },
	{ "attach-error-withsoap.query", FAULT_INCONSISTENT_HEADERS, false },
	{ "attachm.answer", 0, false },
	{ "attachment-small-mantis.answer", 0, false },
	{ "bigAttachment.answer", 0, false },
	{ "bigAttachment.query", 0, false },
	{ "cdata.answer", 0, false },
	{ "cdata.query", 0, false },
	{ "customfault.answer", 0, true },
	{ "customsoapenv.answer", 0, true },
	{ "empty.query", FAULT_INVALID_SOAP, false },
	{ "fault.query", 0, true },
	{ "faulty-fault.answer", 0, true },
	{ "faulty-header.query", FAULT_MISSING_HEADER_FIELD, false },
	{ "faulty-header2.query", FAULT_DUPLICATE_HEADER_FIELD, false },
	{ "getstate-defaultnamespace.query", 0, false },
	{ "getstate-subsystem.answer", 0, false },
	{ "getstate-subsystem.query", 0, false },
	{ "getstate.answer", 0, false },
	{ "getstate.query", 0, false },
	{ "inconsistent-headers.query", FAULT_INCONSISTENT_HEADERS, false },
	{ "invalid-service-address.query", 0, false },
	{ "listMethods.query", 0, false },
	{ "malformed-body1.query", FAULT_INVALID_BODY, false },
	{ "malformed-body2.query", FAULT_INVALID_BODY, false },
	{ "malformed-body3.query", FAULT_INCONSISTENT_HEADERS, false },
	{ "malformed-protocolVersion.query", FAULT_INVALID_PROTOCOL_VERSION,
		false },
	{ "missing-body.query", FAULT_MISSING_BODY, false },
	{ "missing-org.query", 0, false },
	{ "missing-protocolVersion.query", FAULT_MISSING_HEADER_FIELD, false },
	{ "missing-userId.answer", 0, false },
	{ "missing-userId.query", 0, false },
	{ "missingobjecttype.query", FAULT_INVALID_XML, false },
	{ "no-header.query", FAULT_MISSING_HEADER, false },
	{ "notAllowed.query", 0, false },
	{ "nowhitespace.answer", 0, false },
	{ "nowhitespace.query", 0, false },
	{ "proxyemulator.query", 0, false },
	{ "request-suffix.query", 0, false },
	{ "requesthash.answer", 0, false },
	{ "response-with-requestId.answer", 0, false },
	{ "signing-error-request.query", 0, false },
	{ "signing-error-response.query", 0, false },
	{ "simple-comment.answer", 0, false },
	{ "simple-representedparty.query", 0, false },
	{ "simple-rpc.query", 0, false },
	{ "simple.answer", 0, false },
	{ "simple.query", 0, false },
	{ "smallAttachment.answer", 0, false },
	{ "soapfaulterror.query", 0, true },
	{ "split-header.answer", 0, false },
	{ "split-header.query", 0, false },
	{ "wrong-protocolVersion.query", FAULT_INVALID_PROTOCOL_VERSION,
		false },
	{ "wrong-version.query", FAULT_INVALID_PROTOCOL_VERSION, false },
	{ "xml.query", 0, false },
	{ "xmlencoded.answer", 0, false },
	{ "xmlencoded.query", 0, false },
};

static struct bytes
query_read(struct arena *a, const char *name)
{
	const char *path =
		vectors_path(arena_printf(a, "x-road/queries/%s", name));
	struct bytes b = { NULL, 0 };

	ok_m(path && file_read(a, path, SOAP_SIZE_MAX, &b, NULL) == 0,
		"vector %s", name);
	return b;
}

static void
test_queries(struct arena *a)
{
	struct digest d;
	size_t i;

	digest_of(DIGEST_SHA512, "x", 1, &d);
	for (i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
		const struct query *q = &queries[i];
		struct bytes out, raw = query_read(a, q->name);
		struct err e = ERR_INIT;
		struct soap s;
		int r = soap_parse(a, raw, "text/xml", &s, &e);

		ok_m(e.fault == q->fault && (r == 0) == !q->fault, "%s: %s %s",
			q->name, fault_code(e.fault), e.text);
		if (r != 0)
			continue;
		ok(s.fault == q->is_fault);
		if (s.fault)
			continue;
		ok(soap_add_request_hash(a, &s, &d, &out, &e) == 0);
		ok_m(soap_parse(a, out, "text/xml; charset=utf-8", &s, &e) ==
					0 &&
				soap_check_request_hash(&s, &d, &e) == 0,
			"%s with requestHash: %s", q->name, e.text);
	}
}

static void
test_query_texts(struct arena *a)
{
	struct soap s;
	struct err e = ERR_INIT;

	ok(soap_parse(a, query_read(a, "customfault.answer"), "text/xml", &s,
		   &e) == 0);
	ok(s.fault_code != NULL && s.fault_string != NULL);
	ok(soap_parse(a, query_read(a, "fault.query"), "text/xml", &s, &e) ==
		0);
	is_str(s.fault_code, "CODE");
	is_str(s.fault_string, "STRING");
	is_str(s.fault_actor, "ACTOR");
	is_str(s.fault_detail, "DETAIL");
	ok(soap_parse(a, query_read(a, "faulty-fault.answer"), "text/xml", &s,
		   &e) == 0);
	is_str(s.fault_code, "soap:Server");
	ok(soap_parse(a, query_read(a, "simple-representedparty.query"),
		   "text/xml", &s, &e) == 0);
	ok(s.party_code != NULL);
}

/* Multiparts: the content type names the boundary found in the file. */
static const struct {
	const char *name;
	enum fault fault; /* of the first part */
	size_t parts;
} multiparts[] = {
	{ "attachm.query", 0, 2 },
	{ "attachm2.query", 0, 0 },
	{ "attachm2-utf8bom-inside.query", 0, 0 },
	{ "attachments.query", 0, 0 },
	{ "attachm-mtom.query", 0, 0 },
	{ "mimesoap.query", 0, 0 },
	{ "mimesoap.answer", 0, 0 },
	{ "attachm2.answer", 0, 0 },
	{ "attachments.answer", 0, 0 },
	{ "attachm-mtom.answer", 0, 0 },
	{ "soapfault-mtom.query", 0, 0 },
	{ "attachm-faulty-soap.query", FAULT_MISSING_HEADER_FIELD, 0 },
	{ "attachm-no-soap.query", FAULT_INVALID_CONTENT_TYPE, 0 },
	{ "no-soap.query", FAULT_INVALID_SOAP, 0 },
	{ "no-signature.query", 0, 0 },
};

static void
test_multiparts(struct arena *a)
{
	size_t i;

	for (i = 0; i < sizeof(multiparts) / sizeof(*multiparts); i++) {
		struct bytes raw = query_read(a, multiparts[i].name);
		const char *p = strstr((const char *)raw.data, "--");
		struct err e = ERR_INIT;
		struct mime_part *part;
		struct soap s;
		size_t n;

		ok_m(p && mime_split(a,
				  arena_printf(a,
					  "multipart/related; "
					  "boundary=\"%.*s\"",
					  (int)strcspn(p + 2, "\r\n"), p + 2),
				  raw, 100, &part, &n, &e) == 0,
			"%s: %s", multiparts[i].name, e.text);
		ok(n > 0);
		if (n == 0)
			continue;
		soap_parse(a, part[0].body,
			mime_part_header(&part[0], "content-type"), &s, &e);
		ok_m(e.fault == multiparts[i].fault, "%s: %s %s",
			multiparts[i].name, fault_code(e.fault), e.text);
		if (multiparts[i].parts)
			is_int(n, multiparts[i].parts);
	}
}

int
main(void)
{
	struct arena *a = arena_new();

	xml_startup();
	test_fields(a);
	test_refused(a);
	test_charset(a);
	test_consistent(a);
	test_request_hash(a);
	test_hash_prefix(a);
	test_fault(a);
	test_http();
	if (vectors_path("x-road/queries")) {
		test_queries(a);
		test_query_texts(a);
		test_multiparts(a);
	} else {
		tap_skip("no vectors");
	}
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
