/* SPDX-License-Identifier: MIT */
/*
 * Messages between two security servers over their real doors: REST and SOAP
 * as information systems see them, what the service gets, what is logged, and
 * every refusal with its code. What a hostile peer tries is in peer_test.c.
 */
#define IN_SERVER 1

#include "net.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "messagelog_int.h"
#include "ocspstore_int.h"
#include "rest.h"
#include "soap.h"
#include "tap.h"
#include "text.h"
#include "tls.h"

static struct net n;

#define DATA    "JP/COM/2000/Data"
#define BODY(s) bytes_of(s, strlen(s))
#define NOTHING bytes_of(NULL, 0)

static const struct service_id GET_V1 = {
	{ NET_INSTANCE, "COM", "2000", "Data" }, "get", "v1"
};

static void
say_text(int status, const char *type, const char *text)
{
	static struct http_header h;
	struct service_say say = { .status = status,
		.header = &h,
		.headers = 1,
		.body = bytes_str(text) };

	h = (struct http_header){ "Content-Type", type };
	net_say(&n, &say);
}

static const char *
header_of(const struct service_seen *s, const char *name)
{
	for (size_t i = s->headers; i > 0; i--)
		if (str_iequal(s->header[i - 1].name, name))
			return s->header[i - 1].value;
	return NULL;
}

static bool
body_is(const struct http_answer *a, const char *text)
{
	return bytes_equal(a->body, bytes_str(text));
}

static void
error_is(const struct http_answer *a, const char *code)
{
	ok_m(str_equal(is_error(a), code), "code %s (got %d \"%s\")", code,
		a->status, is_error(a));
	/* what the log has it by */
	ok_m(!text_has(a->body, "\"detail\":null"), "%s has a UUID", code);
}

static void
fault_is(const struct http_answer *a, const char *code)
{
	const char *got = soap_code(&n, a);

	ok_m(str_equal(got, code), "fault %s (got %d \"%s\")", code, a->status,
		got);
	ok_m(a->status == 200, "faults are HTTP 200");
	ok_m(text_has(a->body, "faultstring") ==
			text_has(a->body, "<faultDetail xmlns=\"\">"),
		"%s has a UUID", code);
}

/* ---- evidence ---- */

/* One container, verified from its bytes. */
static void
container_holds(const struct evidence *v, const struct globalconf *g,
	const char *sender)
{
	struct asic_report report;
	struct asic again;
	struct err e = ERR_INIT;
	struct buf b;

	buf_init(&b, ASIC_SIZE_MAX);
	ok_m(!asic_write(&v->asic, &b, &e) &&
			!asic_read(n.a, bytes_buf(&b), &again, &e) &&
			!asic_verify(n.a, &again, g, &report, &e),
		"container of %s verifies: %s", v->query_id, e.text);
	ok_m(!err_set(&e) && str_equal(report.sender_text, sender),
		"it was sent by %s (%s)", sender,
		err_set(&e) ? e.text : report.sender_text);
	buf_done(&b);
}

/* Request and response on this server, stamped, verifiable. */
static void
evidence_holds(struct node *d, const struct client_id *local, const char *id,
	const char *client, const char *provider)
{
	struct globalconf *g = NULL;
	struct evidence *v;
	struct err e = ERR_INIT;
	size_t count = 0;

	ok_m(messagelog_stamp(d->s.log, &e) >= 0, "%s: stamps: %s", d->name,
		e.text);
	count = node_evidence(&n, d, local, id, &v);
	if (confclient_get(d->s.confclient, &g, &e))
		ok_m(false, "%s", e.text);
	is_int(count, 2);
	if (count == 2) {
		ok_m(!v[0].response && v[1].response, "%s: request, response",
			d->name);
		ok_m(v[0].stamped && v[1].stamped, "%s: stamped", d->name);
		container_holds(&v[0], g, client);
		container_holds(&v[1], g, provider);
	}
	globalconf_unref(&g);
}

static void
four_records(const char *id)
{
	const char *client = "SUBSYSTEM:JP/GOV/1000/Portal";
	const char *provider = "SUBSYSTEM:JP/COM/2000/Data";

	evidence_holds(&n.town, &TOWN_PORTAL, id, client, provider);
	evidence_holds(&n.firm, &FIRM_DATA, id, client, provider);
}

static size_t
records(struct node *d, const struct client_id *local, const char *id)
{
	struct evidence *v;

	return node_evidence(&n, d, local, id, &v);
}

/* ---- REST ---- */

static void
test_get(void)
{
	struct http_answer a;
	struct service_seen s;

	say_text(200, "application/json", "{\"a\":1}");
	a = is_get(&n, ECHO, "get-1");
	is_int(a.status, 200);
	ok(body_is(&a, "{\"a\":1}"));
	is_str(answer_header(&a, "Content-Type"), "application/json");
	is_str(answer_header(&a, "x-road-id"), "get-1");
	is_str(answer_header(&a, "x-road-client"), "JP/GOV/1000/Portal");
	is_str(answer_header(&a, "x-road-service"), "JP/COM/2000/Data/echo");
	ok(answer_header(&a, "x-road-request-hash") != NULL);
	ok(answer_header(&a, "x-road-request-id") != NULL);
	ok(answer_header(&a, "X-Road-Error") == NULL);
	s = net_seen(&n);
	is_str(s.method, "GET");
	is_str(s.target, "/service");
	is_str(header_of(&s, "X-Road-Client"), "JP/GOV/1000/Portal");
	is_str(header_of(&s, "x-road-request-id"),
		answer_header(&a, "x-road-request-id"));
	four_records("get-1");
}

/* The hash of the request, recomputed from the record. */
static void
test_request_hash(void)
{
	struct http_answer a;
	struct evidence *v;
	struct rest_request q;
	struct digest body, want;
	size_t count = 0;
	struct err e = ERR_INIT;

	say_text(201, "text/plain", "made");
	a = is_post(&n, ECHO "/items?x=1", "post-1", BODY("{\"new\":true}"));
	is_int(a.status, 201);
	ok(body_is(&a, "made"));
	count = node_evidence(&n, &n.firm, &FIRM_DATA, "post-1", &v);
	is_int(count, 2);
	if (count != 2 || rest_request_parse(n.a, v[0].asic.message, &q, &e))
		return;
	digest_of(DIGEST_SHA512, "{\"new\":true}", 12, &body);
	rest_request_hash(&q, &body, &want);
	is_str(answer_header(&a, "x-road-request-hash"),
		base64_encode(n.a, want.value, want.len));
	is_int(v[0].asic.attachments, 1);
	ok(v[0].asic.attachments &&
		bytes_equal(v[0].asic.attachment[0], BODY("{\"new\":true}")));
	is_str(net_seen(&n).method, "POST");
	ok(bytes_equal(net_seen(&n).body, BODY("{\"new\":true}")));
	is_str(net_seen(&n).target, "/service/items?x=1");
	four_records("post-1");
}

static void
test_verbs(void)
{
	static const char *const verb[] = { "PUT", "PATCH", "DELETE",
		"OPTIONS" };
	const struct http_header h[] = { { "X-Road-Client",
		"JP/GOV/1000/Portal" } };

	say_text(200, "text/plain", "fine");
	for (size_t i = 0; i < 4; i++) {
		struct is_call c = { .method = verb[i],
			.path = ECHO,
			.header = h,
			.headers = 1,
			.body = BODY("body"),
			.has_body = true };
		struct http_answer a = is_call(&n, &n.town, &c);
		struct service_seen s = net_seen(&n);

		ok_m(a.status == 200 && body_is(&a, "fine"), "%s %d", verb[i],
			a.status);
		is_str(s.method, verb[i]);
		is_int(s.body.len, i < 2 ? 4 : 0);
	}
}

static void
test_head_and_empty(void)
{
	const struct http_header h[] = { { "X-Road-Client",
						 "JP/GOV/1000/Portal" },
		{ "X-Road-Id", "head-1" } };
	struct is_call c = {
		.method = "HEAD", .path = ECHO, .header = h, .headers = 2
	};
	struct service_say none = { .status = 204 };
	struct http_answer a;

	say_text(200, "text/plain", "twelve bytes");
	a = is_call(&n, &n.town, &c);
	is_int(a.status, 200);
	is_int(a.body.len, 0);
	is_str(net_seen(&n).method, "HEAD");
	four_records("head-1");

	net_say(&n, &none);
	a = is_get(&n, ECHO, "empty-1");
	is_int(a.status, 204);
	is_int(a.body.len, 0);
	four_records("empty-1");

	say_text(200, "text/plain", "");
	a = is_get(&n, ECHO, "empty-2");
	is_int(a.status, 200);
	is_int(a.body.len, 0);
	four_records("empty-2"); /* an empty body part is a part */
}

/* The path and the query go to the service as typed. */
static void
test_raw_path(void)
{
	static const char *const path[] = { "/ab?q=%2F&&=", "/a%20b",
		"/%E9%81%BF/%e9%9b%a3", "/a/", "/a;b=1,2?x=[1]", "?only=query",
		"/a?b?c", "/a'()*!$&+@:=~", "/a%2Fb", "//a//b", "/a/../b" };
	struct http_answer a;

	say_text(200, "text/plain", "fine");
	for (size_t i = 0; i < sizeof(path) / sizeof(*path); i++) {
		a = is_get(&n, arena_printf(n.a, ECHO "%s", path[i]), NULL);
		ok_m(a.status == 200, "%s: %d %s", path[i], a.status,
			is_error(&a));
		is_str(net_seen(&n).target,
			arena_printf(n.a, "/service%s", path[i]));
	}
	/* but UTF-8 as typed is no URI */
	a = is_get(&n, ECHO "/a?q=\xe7\x94\xba", NULL);
	is_int(a.status, 200);
	is_str(net_seen(&n).target, "/service/a?q=%E7%94%BA");
}

static void
test_request_headers(void)
{
	static const struct http_header h[] = {
		{ "X-Road-Client", "JP/GOV/1000/Portal" },
		{ "X-Road-Id", "headers-1" },
		{ "X-First", "1" },
		{ "x-SECOND", " two  words" },
		{ "Cookie", "a=b" },
		{ "X-First", "again" },
		{ "Authorization", "Basic eDp5" },
		{ "User-Agent", "mine/1.0" },
		{ "TE", "trailers" },
		{ "X-Road-Request-Id", "forged" },
		{ "X-Road-Request-Hash", "forged" },
		{ "X-Empty", "" },
		{ "X-Last", "caf\xc3\xa9" },
	};
	struct is_call c = { .method = "GET",
		.path = ECHO,
		.header = h,
		.headers = sizeof(h) / sizeof(*h) };
	static const char *const want[] = { "X-Road-Client", "X-Road-Id",
		"X-First", "x-SECOND", "Cookie", "X-First", "Authorization",
		"X-Empty", "X-Last", "x-road-request-id" };
	struct service_seen s;
	struct http_answer a;
	size_t k = 0;

	say_text(200, "text/plain", "fine");
	a = is_call(&n, &n.town, &c);
	is_int(a.status, 200);
	s = net_seen(&n);
	for (size_t i = 0; i < s.headers && k < 10; i++)
		if (str_equal(s.header[i].name, want[k]))
			k++;
	ok_m(k == 10, "headers in order and case, up to %s",
		k < 10 ? want[k] : "the last");
	ok(header_of(&s, "User-Agent") == NULL);
	ok(header_of(&s, "TE") == NULL);
	ok(header_of(&s, "X-Road-Request-Hash") == NULL);
	ok(!str_equal(header_of(&s, "X-Road-Request-Id"), "forged"));
	is_str(header_of(&s, "x-second"), "two  words");
	is_str(header_of(&s, "x-last"), "caf\xc3\xa9");
	is_str(header_of(&s, "host"),
		arena_printf(n.a, HUB_ADDRESS ":%d", n.hub_port));
}

static void
test_answer_headers(void)
{
	static const struct http_header h[] = {
		{ "Content-Type", "image/png" },
		{ "Set-Cookie", "a=1" },
		{ "Set-Cookie", "b=2" },
		{ "Server", "secret/1" },
		{ "X-Road-Id", "forged" },
		{ "x-road-request-hash", "Zm9yZ2Vk" },
		{ "Date", "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ "Content-Encoding", "gzip" },
		{ "ETag", "\"x\"" },
	};
	static const uint8_t png[] = { 0, 13, 10, 13, 10, '-', '-', 0xff };
	const struct service_say say = { .status = 299,
		.reason = "Quite Good",
		.header = h,
		.headers = sizeof(h) / sizeof(*h),
		.body = bytes_of(png, sizeof(png)) };
	struct http_answer a;
	int cookies = 0;

	net_say(&n, &say);
	a = is_get(&n, ECHO, "answer-1");
	is_int(a.status, 299);
	is_str(a.reason, "Quite Good");
	is_bytes(a.body.data, a.body.len, png, sizeof(png));
	for (size_t i = 0; i < a.headers; i++)
		cookies += str_iequal(a.header[i].name, "set-cookie");
	is_int(cookies, 2);
	ok(answer_header(&a, "Server") == NULL);
	is_str(answer_header(&a, "x-road-id"), "answer-1");
	is_str(answer_header(&a, "date"), "Thu, 01 Jan 1970 00:00:00 GMT");
	is_str(answer_header(&a, "content-encoding"), "gzip");
	is_str(answer_header(&a, "etag"), "\"x\"");
	four_records("answer-1");
}

/* Statuses of the service are answers, not errors. */
static void
test_service_status(void)
{
	static const int status[] = { 301, 400, 404, 418, 500, 503 };

	for (size_t i = 0; i < 6; i++) {
		struct http_answer a;

		say_text(status[i], "text/plain", "so it is");
		a = is_get(&n, ECHO, NULL);
		is_int(a.status, status[i]);
		ok(body_is(&a, "so it is"));
		is_str(is_error(&a), "");
	}
}

/* Every length around the buffers of multipart readers. */
static void
test_body_sizes(void)
{
	static const size_t size[] = { 1, 4090, 4096, 4105, 8180, 8192, 8200,
		65535, 65536, 65537, 250000 };
	char *text = arena_alloc(n.a, 250001);
	char id[32];

	for (size_t i = 0; i < 250000; i++)
		text[i] = "\r\n--x"[i % 5];
	for (size_t i = 0; i < sizeof(size) / sizeof(*size); i++) {
		const struct service_say say = { .status = 200,
			.body = bytes_of(text, size[i]) };
		struct http_answer a;

		net_say(&n, &say);
		snprintf(id, sizeof(id), "size-%zu", size[i]);
		a = is_post(&n, ECHO, id, bytes_of(text, size[i]));
		ok_m(a.status == 200 && bytes_equal(a.body, say.body) &&
				bytes_equal(net_seen(&n).body, say.body),
			"%zu bytes both ways: %d %s", size[i], a.status,
			is_error(&a));
	}
	four_records("size-4096");
}

static void
test_generated_id(void)
{
	struct http_answer a;
	const char *id;

	say_text(200, "text/plain", "fine");
	a = is_get(&n, ECHO, NULL);
	id = answer_header(&a, "x-road-id");
	ok_m(id && str_prefix(id, "JP-") && strlen(id) == 3 + UUID_LEN,
		"a message id is made: %s", id ? id : "");
	if (id)
		four_records(id);
}

/* ---- SOAP ---- */

static void
soap_good(const struct soap_call *c)
{
	struct bytes sent = soap_make(&n, c);
	const struct service_say say = { .status = 200 };
	struct http_answer a;
	struct service_seen s;
	struct soap m;
	struct digest d;
	struct err e = ERR_INIT;

	net_say(&n, &say);
	a = is_soap(&n, c);
	is_int(a.status, 200);
	is_str(soap_code(&n, &a), "");
	s = net_seen(&n);
	is_bytes(s.body.data, s.body.len, sent.data, sent.len);
	ok_m(!soap_parse(
		     n.a, a.body, answer_header(&a, "Content-Type"), &m, &e) &&
			!m.fault,
		"the answer is a message: %s", e.text);
	if (err_set(&e) || m.fault)
		return;
	is_str(m.body, "getResponse");
	is_str(m.id, c->id);
	digest_of(DIGEST_SHA512, sent.data, sent.len, &d);
	is_str(m.request_hash, base64_encode(n.a, d.value, d.len));
	is_str(m.request_hash_alg, digest_uri(DIGEST_SHA512));
	four_records(c->id);
}

static void
test_soap(void)
{
	const struct soap_call plain = { .service = &GET_V1,
		.id = "soap-1",
		.type = "text/xml; charset=UTF-8",
		.action = "\"urn:get\"" };
	const struct soap_call latin = { .service = &GET_V1,
		.id = "soap-latin",
		.encoding = "ISO-8859-1",
		.type = "text/xml; charset=ISO-8859-1",
		.text = "caf\xc3\xa9" };
	const struct soap_call bom = { .service = &GET_V1,
		.id = "soap-bom",
		.bom = true,
		.text = "\xe9\x81\xbf\xe9\x9b\xa3" };
	const struct server_id ss2 = { FIRM, "ss2" };
	const struct soap_call target = {
		.service = &GET_V1, .id = "soap-target", .target = &ss2
	};
	struct service_seen s;

	soap_good(&plain);
	s = net_seen(&n);
	is_str(header_of(&s, "SOAPAction"), "\"urn:get\"");
	is_str(header_of(&s, "Content-Type"), "text/xml; charset=UTF-8");
	soap_good(&latin);
	s = net_seen(&n);
	is_str(header_of(&s, "Content-Type"), "text/xml; charset=ISO-8859-1");
	is_str(header_of(&s, "SOAPAction"), "");
	soap_good(&bom);
	soap_good(&target);
}

/* Extensions of the header are the parties' own: the security token (1.3)
   reaches the service and the record as it was sent. */
static void
test_soap_extension(void)
{
	static const char token[] =
		"  <t:securityToken xmlns:t=\"http://x-road.eu/xsd/"
		"security-token.xsd\"\n   tokenType='urn:ietf:params:oauth:"
		"token-type:jwt'>eyJhbGciOiJub25lIn0.e30.</t:securityToken>\n";
	const struct soap_call c = {
		.service = &GET_V1, .id = "soap-token", .header = token
	};
	struct evidence *list;
	size_t found, records = 0;

	soap_good(&c);
	ok(text_has(net_seen(&n).body, token));
	found = node_evidence(&n, &n.firm, &FIRM_DATA, "soap-token", &list);
	for (size_t i = 0; i < found; i++)
		records += text_has(list[i].asic.message, token);
	is_int(records, 1);
}

/* The service's own fault arrives byte for byte. */
static void
test_soap_fault(void)
{
	static const char fault[] =
		"<?xml version='1.0'?>\n<e:Envelope xmlns:e=\"" NS_SOAP
		"\"><e:Body>\r\n <e:Fault><faultcode>e:Server.Own</faultcode>"
		"<faultstring>no &#x99; \xe5\x8f\xb0</faultstring><detail>"
		"<x y='1'/></detail></e:Fault></e:Body></e:Envelope>\n\n";
	const struct soap_call c = { .service = &GET_V1, .id = "soap-fault" };
	const struct service_say say = { .status = 500,
		.body = bytes_of(fault, sizeof(fault) - 1),
		.soap_type = "text/xml; charset=utf-8" };
	struct http_answer a;

	net_say(&n, &say);
	a = is_soap(&n, &c);
	is_int(a.status, 200);
	is_bytes(a.body.data, a.body.len, fault, sizeof(fault) - 1);
	is_str(soap_code(&n, &a), "e:Server.Own");
	is_str(answer_header(&a, "SOAPAction"), "");
	is_int(records(&n.town, &TOWN_PORTAL, "soap-fault"), 1);
	is_int(records(&n.firm, &FIRM_DATA, "soap-fault"), 1);
}

static void
test_soap_fault_latin(void)
{
	static const char fault[] =
		"<e:Envelope xmlns:e=\"" NS_SOAP "\"><e:Body><e:Fault>"
		"<faultcode>e:Server</faultcode><faultstring>caf\xe9"
		"</faultstring></e:Fault></e:Body></e:Envelope>";
	const struct soap_call c = { .service = &GET_V1, .id = "fault-latin" };
	const struct service_say say = { .status = 500,
		.body = bytes_of(fault, sizeof(fault) - 1),
		.soap_type = "text/xml; charset=ISO-8859-1" };
	struct http_answer a;

	net_say(&n, &say);
	a = is_soap(&n, &c);
	/* other security servers read faults as UTF-8 only */
	ok_m(text_has(a.body, "<faultstring>caf\xc3\xa9</faultstring>"),
		"the fault is in UTF-8");
	is_str(answer_header(&a, "Content-Type"), "text/xml;charset=utf-8");
	is_str(soap_code(&n, &a), "e:Server");
}

/* ---- refusals ---- */

static void
test_access(void)
{
	struct http_answer a;
	int before;

	say_text(200, "text/plain", "fine");
	before = net_seen(&n).calls;
	a = is_get(&n, DENIED, "denied-1");
	error_is(&a, "server.serverproxy.access_denied");
	is_int(a.status, 500);
	is_str(answer_header(&a, "Content-Type"), "application/json");
	ok(text_has(a.body, "\"type\":\"server.serverproxy.access_denied\""));
	is_int(records(&n.town, &TOWN_PORTAL, "denied-1"), 1);
	is_int(records(&n.firm, &FIRM_DATA, "denied-1"), 0);
	a = is_get(&n, "/r1/" DATA "/closedDenied", NULL);
	error_is(&a, "server.serverproxy.access_denied");
	ok(!text_has(a.body, "closed today"));
	a = is_get(&n, "/r1/" DATA "/closed", NULL);
	error_is(&a, "server.serverproxy.service_disabled");
	ok(text_has(a.body, "closed today"));
	a = is_get(&n, "/r1/" DATA "/nothing", NULL);
	error_is(&a, "server.serverproxy.unknown_service");
	a = is_get(&n, "/r1/" DATA "/get", NULL);
	error_is(&a, "server.serverproxy.unknown_service"); /* has a version */
	a = is_get(&n, ECHO "/%2e%2e/secret", NULL);
	error_is(&a, "server.serverproxy.access_denied");
	a = is_get(&n, ECHO "/%252e%252e/secret", NULL);
	error_is(&a, "server.serverproxy.access_denied");
	is_int(net_seen(&n).calls, before);
}

static void
test_soap_access(void)
{
	struct service_id sid = GET_V1;
	struct soap_call c = { .service = &sid, .id = "soap-no" };
	struct http_answer a;

	sid.service = "deny";
	a = is_soap(&n, &c);
	fault_is(&a, "server.serverproxy.access_denied");
	ok(answer_header(&a, "X-Road-Error") == NULL);
	sid = GET_V1;
	sid.version = "v9";
	a = is_soap(&n, &c);
	fault_is(&a, "server.serverproxy.unknown_service");
	sid.version = "v2"; /* a right covers every version of the code */
	net_say(&n, &(struct service_say){ .status = 200 });
	a = is_soap(&n, &c);
	is_str(soap_code(&n, &a), "");
	sid = (struct service_id){ GET_V1.provider, "echo", NULL };
	a = is_soap(&n, &c);
	fault_is(&a, "server.serverproxy.service_type");
	is_int(records(&n.firm, &FIRM_DATA, "soap-no"), 2);
}

static void
test_clients(void)
{
	static const char *const who[][2] = {
		{ "JP/GOV/1000/Nobody", "server.clientproxy.unknown_member" },
		{ "JP/COM/2000/Data", "server.clientproxy.unknown_member" },
		{ "JP/GOV", "server.clientproxy.invalid_client_identifier" },
		{ "", "server.clientproxy.invalid_client_identifier" },
	};

	for (size_t i = 0; i < 4; i++) {
		const struct http_header h = { "X-Road-Client", who[i][0] };
		struct is_call c = { .method = "GET",
			.path = ECHO,
			.header = &h,
			.headers = 1 };
		struct http_answer a = is_call(&n, &n.town, &c);

		error_is(&a, who[i][1]);
		c.headers = 0;
		a = is_call(&n, &n.town, &c);
		error_is(&a, "server.clientproxy.invalid_client_identifier");
	}
}

static void
test_targets(void)
{
	static const char *const path[][2] = {
		{ "/r1/JP/COM/2000/Nothing/echo",
			"server.clientproxy.unknown_member" },
		{ "/r1/JP/COM/4000/Gone/echo",
			"server.clientproxy.network_error" },
		{ "/r1/JP/COM/2000/echo", "server.clientproxy.internal_error" },
		{ "/r1/JP/COM/2000/Data", "server.clientproxy.internal_error" },
	};
	static const char *const server[][2] = {
		{ "JP/COM/2000/ss2", "" },
		{ "JP/GOV/1000/ss1",
			"server.clientproxy.invalid_security_server" },
		{ "JP/COM/2000/ss9",
			"server.clientproxy.invalid_security_server" },
	};
	struct http_answer a;

	say_text(200, "text/plain", "fine");
	for (size_t i = 0; i < 4; i++) {
		a = is_get(&n, path[i][0], NULL);
		error_is(&a, path[i][1]);
	}
	for (size_t i = 0; i < 3; i++) {
		const struct http_header h[] = { { "X-Road-Client",
							 "JP/GOV/1000/Portal" },
			{ "X-Road-Security-Server", server[i][0] } };
		struct is_call c = {
			.method = "GET", .path = ECHO, .header = h, .headers = 2
		};
		a = is_call(&n, &n.town, &c);
		error_is(&a, server[i][1]);
	}
}

static void
test_soap_targets(void)
{
	const struct server_id ss1 = { TOWN, "ss1" };
	const struct soap_call wrong = {
		.service = &GET_V1, .id = "target-no", .target = &ss1
	};
	const struct service_id lost = { FIRM_TWIN, "get", "v1" };
	const struct soap_call nothing = { .service = &lost, .id = "lost" };
	const struct soap_call stranger = {
		.service = &GET_V1, .id = "stranger", .client = &FIRM_DATA
	};
	struct http_answer a = is_soap(&n, &wrong);

	fault_is(&a, "server.clientproxy.invalid_security_server");
	a = is_soap(&n, &nothing);
	fault_is(&a, "server.serverproxy.unknown_service");
	a = is_soap(&n, &stranger);
	fault_is(&a, "server.clientproxy.unknown_member");
}

/* Two servers host the provider and one of them is dead: the other serves. */
static void
test_second_address(void)
{
	int good = 0;

	say_text(200, "text/plain", "fine");
	for (int i = 0; i < 6; i++) {
		struct http_answer a =
			is_get(&n, "/r1/JP/COM/2000/Twin/echo", NULL);
		good += a.status == 200;
	}
	is_int(good, 6);
}

static void
test_maintenance(void)
{
	struct http_answer a;

	n.maintenance = true;
	net_publish(&n);
	a = is_get(&n, "/r1/JP/COM/4000/Gone/echo", NULL);
	error_is(&a, "server.clientproxy.maintenance_mode");
	ok(text_has(a.body, "back soon"));
	n.maintenance = false;
	net_publish(&n);
}

/* Accept decides the form of errors. */
static void
test_error_form(void)
{
	static const char *const accept[][2] = {
		{ "text/xml", "text/xml;charset=utf-8" },
		{ "application/xml, */*", "application/xml;charset=utf-8" },
		{ "application/json", "application/json" },
	};

	for (size_t i = 0; i < 3; i++) {
		const struct http_header h[] = { { "X-Road-Client",
							 "JP/GOV/1000/Portal" },
			{ "Accept", accept[i][0] } };
		struct is_call c = { .method = "GET",
			.path = DENIED,
			.header = h,
			.headers = 2 };
		struct http_answer a = is_call(&n, &n.town, &c);

		is_str(answer_header(&a, "Content-Type"), accept[i][1]);
		ok(text_has(a.body, i < 2 ? "<error><type>server.serverproxy."
					    "access_denied</type>"
					  : "{\"type\":\"server."));
	}
}

static struct http_answer
soap_raw(const char *method, const char *type, const char *action,
	struct bytes body)
{
	const struct http_header h[] = { { "Content-Type", type },
		{ "SOAPAction", action } };
	struct is_call c = { .method = method,
		.path = "/any/path",
		.header = h,
		.headers = 2,
		.body = body,
		.has_body = body.data != NULL };

	return is_call(&n, &n.town, &c);
}

static void
test_soap_malformed(void)
{
	const struct soap_call good = { .service = &GET_V1, .id = "bad-1" };
	struct bytes body = soap_make(&n, &good);
	static const char empty[] = "<s:Envelope xmlns:s=\"" NS_SOAP
				    "\"><s:Body><x/></s:Body></s:Envelope>";
	static const char dtd[] = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>";
	struct http_answer a;

	a = soap_raw("GET", "text/xml", "", NOTHING);
	fault_is(&a, "client.invalid_http_method");
	a = soap_raw("PUT", "text/xml", "", body);
	fault_is(&a, "client.invalid_http_method");
	a = soap_raw("POST", "application/json", "", body);
	fault_is(&a, "client.invalid_content_type");
	a = soap_raw("POST", "text/xml", "urn:get", body);
	fault_is(&a, "client.invalid_soap_action");
	a = soap_raw("POST", "text/xml", "", BODY("<a"));
	fault_is(&a, "client.invalid_soap");
	a = soap_raw("POST", "text/xml", "", BODY(dtd));
	fault_is(&a, "client.invalid_soap");
	a = soap_raw("POST", "text/xml", "", BODY(empty));
	fault_is(&a, "client.missing_header");
	is_int(records(&n.town, &TOWN_PORTAL, "bad-1"), 0);
}

/* More than max-message-size, announced or not. */
static void
test_oversized(void)
{
	size_t size = 256 * 1024 + 1;
	char *text = arena_alloc(n.a, size);
	struct http_answer a;
	int before = net_seen(&n).calls;

	memset(text, 'x', size);
	a = is_post(&n, ECHO, "large-1", bytes_of(text, size));
	error_is(&a, "server.clientproxy.too_large");
	is_int(a.status, 500);
	a = soap_raw("POST", "text/xml", "", bytes_of(text, size));
	fault_is(&a, "client.too_large");
	is_int(net_seen(&n).calls, before);
	is_int(records(&n.town, &TOWN_PORTAL, "large-1"), 0);
	net_say(&n, &(struct service_say){
			    .status = 200, .body = bytes_of(text, size) });
	a = is_get(&n, ECHO, "large-2");
	error_is(&a, "server.serverproxy.too_large");
	is_int(records(&n.firm, &FIRM_DATA, "large-2"), 1);
}

/* ---- the service is in trouble ---- */

static void
test_service_down(void)
{
	const struct service_id sid = { FIRM_DATA, "bad", "v1" };
	const struct soap_call c = { .service = &sid, .id = "soap-down" };
	struct http_answer a = is_get(&n, "/r1/" DATA "/dead", "down-1");

	error_is(&a, "server.serverproxy.network_error");
	is_int(records(&n.town, &TOWN_PORTAL, "down-1"), 1);
	is_int(records(&n.firm, &FIRM_DATA, "down-1"), 1);
	a = is_soap(&n, &c);
	fault_is(&a, "server.serverproxy.service_failed.network_error");
}

static void
test_service_slow(void)
{
	struct http_answer a;

	net_say(&n, &(struct service_say){ .status = 200, .delay_ms = 2600 });
	a = is_get(&n, ECHO, "slow-1");
	error_is(&a, "server.serverproxy.io_error");
	ok(text_has(a.body, "no answer in time"));
}

static void
test_service_odd(void)
{
	static const char other[] =
		"<s:Envelope xmlns:s=\"" NS_SOAP "\"><s:Body/></s:Envelope>";
	const struct soap_call c = { .service = &GET_V1, .id = "soap-odd" };
	struct http_answer a;

	net_say(&n, &(struct service_say){ .status = 404,
			    .body = BODY("<html/>"),
			    .soap_type = "text/html" });
	a = is_soap(&n, &c);
	fault_is(&a, "server.serverproxy.service_failed.http_error");
	net_say(&n, &(struct service_say){ .status = 200,
			    .body = BODY("<html/>"),
			    .soap_type = "text/html" });
	a = is_soap(&n, &c);
	fault_is(&a, "server.serverproxy.service_failed.invalid_content_type");
	net_say(&n, &(struct service_say){ .status = 200,
			    .body = BODY("nothing"),
			    .soap_type = "text/xml" });
	a = is_soap(&n, &c);
	fault_is(&a, "server.serverproxy.service_failed.invalid_soap");
	net_say(&n, &(struct service_say){ .status = 200,
			    .body = BODY(other),
			    .soap_type = "text/xml" });
	a = is_soap(&n, &c);
	fault_is(&a, "server.serverproxy.service_failed.missing_header");
}

/* The answer names another message: the consumer's server notices. */
static void
test_service_inconsistent(void)
{
	const struct soap_call c = { .service = &GET_V1, .id = "mixed-1" };
	struct service_say say = { .status = 200, .soap_type = "text/xml" };
	struct http_answer a;
	struct buf b;

	buf_init(&b, 1 << 20);
	soap_write(
		&b, &TOWN_PORTAL, &GET_V1, NULL, "another", "getResponse", "x");
	say.body = bytes_buf(&b);
	net_say(&n, &say);
	a = is_soap(&n, &c);
	fault_is(&a, "server.clientproxy.service_failed.inconsistent_response");
	is_int(records(&n.town, &TOWN_PORTAL, "mixed-1"), 1);
	net_say(&n, &(struct service_say){ .status = 200 });
	buf_done(&b);
}

/* A service whose URL ends with a slash: what is asked for begins there. */
static void
test_service_slash(void)
{
	static const struct {
		const char *ask, *target;
	} row[] = {
		{ "/r1/" DATA "/slash?x=1", "/service/?x=1" },
		{ "/r1/" DATA "/slash", "/service/" },
		{ "/r1/" DATA "/slash/", "/service/" },
		{ "/r1/" DATA "/slash/b?x=1", "/service/b?x=1" },
		{ ECHO "?x=1", "/service?x=1" },
		{ ECHO "/?x=1", "/service/?x=1" },
	};
	const struct service_row slash = { "REST", "slash", "",
		net_url(&n, "/service/"), 5, false, false, &TOWN_PORTAL };

	node_service(&n.firm, n.firm_data, &slash);
	node_touch(&n.firm);
	say_text(200, "text/plain", "here");
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct http_answer a = is_get(&n, row[i].ask, NULL);
		ok(a.status == 200 && body_is(&a, "here"));
		is_str(net_seen(&n).target, row[i].target);
	}
}

/* https services: pinned certificate, any certificate, no TLS at all. */
static void
test_service_tls(void)
{
	const char *tls = arena_printf(
		n.a, "https://" HUB_ADDRESS ":%d/service", n.hub_tls_port);
	const char *plain = arena_printf(
		n.a, "https://" HUB_ADDRESS ":%d/service", n.hub_port);
	int64_t data = 2; /* the firm's row of Data: owner is 1 */
	const struct service_row row[] = {
		{ "REST", "pinned", "", tls, 5, true, false, &TOWN_PORTAL },
		{ "REST", "any", "", tls, 5, false, false, &TOWN_PORTAL },
		{ "REST", "noTls", "", plain, 5, false, false, &TOWN_PORTAL },
	};
	struct http_answer a;

	for (int i = 0; i < 3; i++)
		node_service(&n.firm, data, &row[i]);
	node_touch(&n.firm);
	say_text(200, "text/plain", "secret");
	a = is_get(&n, "/r1/" DATA "/any", NULL);
	ok(a.status == 200 && body_is(&a, "secret"));
	a = is_get(&n, "/r1/" DATA "/pinned", NULL);
	error_is(&a, "server.serverproxy.ssl_authentication_failed");
	a = is_get(&n, "/r1/" DATA "/noTls", NULL);
	error_is(&a, "server.serverproxy.ssl_authentication_failed");
	node_client_cert(&n.firm, data, n.hub_cert.cert);
	node_touch(&n.firm);
	a = is_get(&n, "/r1/" DATA "/pinned", NULL);
	ok_m(a.status == 200 && body_is(&a, "secret"), "pinned: %d %s",
		a.status, is_error(&a));
}

/* ---- who may speak for a client ---- */

static struct http_answer
secure_get(struct tls *tls)
{
	const struct http_header h = { "X-Road-Client", "JP/GOV/1000/Secure" };
	struct is_call c = { .method = "GET",
		.path = "/r1/" DATA "/secure",
		.header = &h,
		.headers = 1,
		.tls = tls };

	return is_call(&n, &n.town, &c);
}

static struct tls *
client_tls(const struct party *p)
{
	struct tls_options o = { .policy = TLS_WEB };
	struct tls *t = NULL;
	struct err e = ERR_INIT;

	if (p) {
		o.key = p->key;
		o.chain = (struct cert_list){ &p->cert, 1 };
	}
	ok_m(!tls_client_new(&t, &o, &e), "TLS context: %s", e.text);
	return t;
}

static void
test_connection_types(void)
{
	struct tls *none = client_tls(NULL), *good = client_tls(&n.hub_cert),
		   *bad = client_tls(&n.evil_auth);
	struct http_answer a;

	say_text(200, "text/plain", "fine");
	a = secure_get(NULL);
	error_is(&a, "server.clientproxy.ssl_authentication_failed");
	a = secure_get(none);
	error_is(&a, "server.clientproxy.ssl_authentication_failed");
	a = secure_get(bad);
	error_is(&a, "server.clientproxy.ssl_authentication_failed");
	a = secure_get(good);
	ok_m(a.status == 200, "pinned certificate: %d %s", a.status,
		is_error(&a));
	tls_unref(&none);
	tls_unref(&good);
	tls_unref(&bad);
}

/* ---- lists ---- */

static void
test_list_clients(void)
{
	const struct http_header json = { "Accept", "application/json" };
	struct is_call c = { .method = "GET", .path = "/listClients" };
	struct http_answer a = is_call(&n, &n.town, &c);

	is_int(a.status, 200);
	is_str(answer_header(&a, "Content-Type"), "text/xml; charset=UTF-8");
	ok(text_has(a.body, "<xroad:name>Town &quot;A&quot; &amp; co</xroad:"
			    "name>"));
	ok(text_has(a.body, "<id:subsystemCode>Portal</id:subsystemCode>"));
	ok(text_has(a.body, "id:objectType=\"MEMBER\""));
	c.header = &json;
	c.headers = 1;
	a = is_call(&n, &n.town, &c);
	is_str(answer_header(&a, "Content-Type"),
		"application/json; charset=utf-8");
	ok(text_has(a.body, "\"subsystem_code\":\"Portal\""));
	ok(text_has(a.body, "\"name\":\"Town \\\"A\\\" & co\""));
	c.path = "/listClients?xRoadInstance=JP";
	a = is_call(&n, &n.town, &c);
	ok(text_has(a.body, "\"member_code\":\"2000\""));
	c.path = "/listClients?xRoadInstance=NO";
	a = is_call(&n, &n.town, &c);
	ok_m(text_has(a.body, "invalid_request"), "unknown instance");
}

/* ---- consumer and provider on the same server ---- */

static void
test_own_service(void)
{
	const struct http_header h[] = { { "X-Road-Client",
						 "JP/COM/2000/Twin" },
		{ "X-Road-Id", "own-1" },
		{ "X-Road-Security-Server", "JP/COM/2000/ss2" } };
	struct is_call c = { .method = "GET",
		.path = "/r1/" DATA "/own",
		.header = h,
		.headers = 3 };
	struct http_answer a;

	say_text(200, "text/plain", "mine");
	a = is_call(&n, &n.firm, &c);
	ok_m(a.status == 200 && body_is(&a, "mine"), "own service: %d %s",
		a.status, is_error(&a));
	is_int(records(&n.firm, &FIRM_TWIN, "own-1"), 2);
	is_int(records(&n.firm, &FIRM_DATA, "own-1"), 2);
	evidence_holds(&n.firm, &FIRM_TWIN, "own-1",
		"SUBSYSTEM:JP/COM/2000/Twin", "SUBSYSTEM:JP/COM/2000/Data");
}

/* ---- the provider's key is not to be used ---- */

/* The service is not asked for an answer that nobody can sign. */
static void
test_provider_cannot_sign(void)
{
	struct cert *cert = n.firm.sign.cert;
	struct bytes revoked = net_ocsp(&n, n.a, cert, OCSP_REVOKED, 0);
	struct bytes good = net_ocsp(&n, n.a, cert, OCSP_GOOD, 0);
	const struct soap_call c = { .service = &GET_V1, .id = "unsigned" };
	struct http_answer a;
	int calls = net_seen(&n).calls;

	ok(!ocspstore_put(n.firm.s.ocsp, cert, revoked, NULL));
	a = is_get(&n, ECHO, "unsigned");
	error_is(&a, "server.serverproxy.service_failed.signer.cannot_sign");
	a = is_soap(&n, &c);
	fault_is(&a, "server.serverproxy.service_failed.signer.cannot_sign");
	is_int(net_seen(&n).calls, calls);
	is_int(records(&n.firm, &FIRM_DATA, "unsigned"), 0);
	ok(!ocspstore_put(n.firm.s.ocsp, cert, good, NULL));
	say_text(200, "text/plain", "fine");
	a = is_get(&n, ECHO, NULL);
	is_int(a.status, 200);
}

/* ---- a smallest version of the other server ---- */

static void
test_minimum_version(void)
{
	static const char *const min[][2] = { { "7.6.0", "" }, { "7.8.0", "" },
		{ "7.8.1", "server.serverproxy.client_proxy_version_not_"
			   "supported" },
		{ "10.0.0", "server.serverproxy.client_proxy_version_not_"
			    "supported" },
		{ "", "" } };

	for (size_t i = 0; i < 5; i++) {
		struct http_answer a;

		node_restart(&n, &n.firm, "proxy",
			"server-min-supported-client-version", min[i][0]);
		a = is_get(&n, ECHO, NULL);
		error_is(&a, min[i][1]);
	}
}

/* ---- the configuration has run out ---- */

static void
test_expired_configuration(void)
{
	const struct soap_call c = { .service = &GET_V1, .id = "expired" };
	struct http_answer a;

	clock_shift((int64_t)NET_DAY_MS + 60000);
	a = is_get(&n, ECHO, "expired");
	error_is(&a, "server.clientproxy.global_conf_outdated");
	a = is_soap(&n, &c);
	fault_is(&a, "server.clientproxy.global_conf_outdated");
	clock_shift(0);
	is_int(records(&n.town, &TOWN_PORTAL, "expired"), 0);
	say_text(200, "text/plain", "fine");
	a = is_get(&n, ECHO, NULL);
	is_int(a.status, 200);
}

int
main(void)
{
	net_fork(&n, "net");
	net_open(&n);
	test_get();
	test_request_hash();
	test_verbs();
	test_head_and_empty();
	test_raw_path();
	test_request_headers();
	test_answer_headers();
	test_service_status();
	test_body_sizes();
	test_generated_id();
	test_soap();
	test_soap_extension();
	test_soap_fault();
	test_soap_fault_latin();
	test_access();
	test_soap_access();
	test_clients();
	test_targets();
	test_soap_targets();
	test_second_address();
	test_maintenance();
	test_error_form();
	test_soap_malformed();
	test_oversized();
	test_service_down();
	test_service_slow();
	test_service_odd();
	test_service_inconsistent();
	test_service_slash();
	test_service_tls();
	test_connection_types();
	test_list_clients();
	test_own_service();
	test_provider_cannot_sign();
	test_minimum_version();
	test_expired_configuration();
	net_close(&n);
	return tap_done();
}
