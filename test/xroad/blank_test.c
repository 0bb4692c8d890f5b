/* SPDX-License-Identifier: MIT */
/* Messages without their content: what is kept, and that it can be read. */
#include "blank.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "rest.h"
#include "soap.h"
#include "tap.h"

#define MEMBER                                          \
 "<i:xRoadInstance>I</i:xRoadInstance><i:memberClass>C" \
 "</i:memberClass><i:memberCode>M&amp;</i:memberCode>"  \
 "<i:subsystemCode>S</i:subsystemCode>"
#define HEAD                                                                \
 "<s:Envelope xmlns:s='" NS_SOAP "' xmlns:x='" NS_XROAD "' xmlns:i='" NS_ID \
 "' xmlns:r='" NS_REPR "'><s:Header>"                                       \
 "<x:client i:objectType='SUBSYSTEM'>" MEMBER "</x:client>"                 \
 "<x:service i:objectType='SERVICE'>" MEMBER                                \
 "<i:serviceCode>get</i:serviceCode><i:serviceVersion>v1"                   \
 "</i:serviceVersion></x:service><x:id>m-1</x:id>"                          \
 "<x:protocolVersion>4.0</x:protocolVersion>"
#define MORE                                                         \
 "<x:securityServer i:objectType='SERVER'><i:xRoadInstance>I"        \
 "</i:xRoadInstance><i:memberClass>C</i:memberClass><i:memberCode>M" \
 "</i:memberCode><i:serverCode>SS</i:serverCode></x:securityServer>" \
 "<x:userId>u&lt;</x:userId><x:issue/>"                              \
 "<r:representedParty><r:partyClass>P</r:partyClass><r:partyCode>1"  \
 "</r:partyCode></r:representedParty>"                               \
 "<x:requestHash algorithmId='alg'>AA==</x:requestHash>"             \
 "<secret>in the header</secret>"

static bool
has(struct bytes b, const char *s)
{
	return memmem(b.data, b.len, s, strlen(s)) != NULL;
}

static struct bytes
blank(struct arena *a, const char *text, bool response)
{
	struct bytes out = { 0 };
	struct err e = ERR_INIT;

	ok_m(!soap_blank(a, bytes_str(text), NULL, response, &out, &e),
		"blank: %s", e.text);
	return out;
}

static void
test_soap(struct arena *a)
{
	struct soap s;
	struct err e = ERR_INIT;
	struct bytes b = blank(a,
		HEAD MORE "</s:Header><s:Body><get>secret</get></s:Body>"
			  "</s:Envelope>",
		false);

	ok(!has(b, "secret"));
	ok_m(!soap_parse(a, b, NULL, &s, &e), "%s", e.text);
	is_str(client_id_text(a, &s.client), "SUBSYSTEM:I/C/M&/S");
	is_str(service_id_text(a, &s.service), "SERVICE:I/C/M&/S/get/v1");
	is_str(server_id_text(a, &s.server), "SERVER:I/C/M/SS");
	is_str(s.id, "m-1");
	is_str(s.user_id, "u<");
	is_str(s.issue, "");
	is_str(s.party_class, "P");
	is_str(s.party_code, "1");
	is_str(s.request_hash, "AA==");
	is_str(s.request_hash_alg, "alg");
	is_str(s.protocol_version, "4.0");
	is_str(s.body, "get");
	ok(!s.response);
}

static void
test_soap_response(struct arena *a)
{
	struct soap s;
	struct err e = ERR_INIT;
	struct bytes b = blank(a,
		HEAD "</s:Header><s:Body><getResponse><x:y>secret</x:y>"
		     "</getResponse></s:Body></s:Envelope>",
		true);

	ok(!has(b, "secret"));
	ok_m(!soap_parse(a, b, NULL, &s, &e), "%s", e.text);
	is_str(s.body, "getResponse");
	ok(s.response);
	ok(!s.has_server && !s.user_id && !s.issue && !s.party_code &&
		!s.request_hash);
	ok(soap_blank(a,
		bytes_str("<s:Envelope xmlns:s='" NS_SOAP "'><s:Body><s:Fault>"
			  "<faultcode>x</faultcode><faultstring>y"
			  "</faultstring></s:Fault></s:Body></s:Envelope>"),
		NULL, true, &b, &e));
	err_reset(&e);
	ok(soap_blank(a, bytes_str("<x"), NULL, false, &b, &e));
}

static void
rest(struct arena *a, const char *text, const char *want)
{
	struct err e = ERR_INIT;
	struct bytes b;

	if (rest_blank(a, bytes_str(text), &b, &e))
		ok_m(false, "%s", e.text);
	else
		is_bytes(b.data, b.len, want, strlen(want));
}

#define IDS "X-Road-Client:I/C/M/S\r\nx-road-request-id:r\r\nx-road-id:q\r\n"

static void
test_rest(struct arena *a)
{
	struct err e = ERR_INIT;
	struct bytes b;

	rest(a,
		"GET\r\n/r1/I/C/M/S/pets/42/name?who=me\r\nAccept:x\r\n" IDS
		"Cookie:secret\r\n",
		"GET\r\n/r1/I/C/M/S/pets\r\n" IDS);
	rest(a, "POST\r\n/r1/I/C/M/S/pets?q\r\n" IDS,
		"POST\r\n/r1/I/C/M/S/pets\r\n" IDS);
	rest(a, "POST\r\n/r1/I/C/M/S/pets/\r\n" IDS,
		"POST\r\n/r1/I/C/M/S/pets\r\n" IDS);
	rest(a, "200\r\nOK/yes?no\r\nContent-Type:x\r\nx-road-id:q\r\n",
		"200\r\nOK/yes?no\r\nx-road-id:q\r\n");
	rest(a, "204\r\n\r\n", "204\r\n\r\n");
	ok(rest_blank(a, bytes_str("GET\r\n/elsewhere\r\n"), &b, &e));
	err_reset(&e);
	ok(rest_blank(a, bytes_str(""), &b, &e));
}

int
main(void)
{
	struct arena *a = arena_new();

	test_soap(a);
	test_soap_response(a);
	test_rest(a);
	arena_free(&a);
	return tap_done();
}
