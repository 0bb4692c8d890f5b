/* SPDX-License-Identifier: MIT */
/*
 * Metadata services over the real doors of two security servers: the lists
 * byte for byte, who sees what, OpenAPI documents without host names, and
 * that the exchange is signed and logged like any other.
 */
#define IN_SERVER 1

#include "net.h"

#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "mem.h"
#include "messagelog_int.h"
#include "model_int.h"
#include "server_sql.h"
#include "soap.h"
#include "tap.h"
#include "text.h"
#include "transport.h"
#include "xml.h"

static struct net n;

#define TWIN "/r1/JP/COM/2000/Twin"

/* ---- rows of the provider ---- */

static int64_t
row_of(const struct client_id *id)
{
	struct arena *a = arena_new(); /* the model goes before its server */
	const struct m_client *c = NULL;
	const struct model *m;
	int64_t row;

	if (!serverconf_model(n.firm.s.sc, a, &m, NULL))
		c = model_client(m, id);
	row = c ? c->row : 0;
	arena_free(&a);
	return row;
}

static int64_t
run(struct db_conn *c, int64_t done, const struct err *e)
{
	ok_m(done >= 0, "row: %s", e->text);
	return db_last_id(c);
}

static void
api_rows(void)
{
	int64_t twin = row_of(&FIRM_TWIN), at, get;
	struct db_conn *c = db_take(n.firm.s.db);
	struct err e = ERR_INIT;

	at = run(c,
		db_run(c, Q_SERVER_DESCRIPTION_ADD, &e, db_int(twin),
			db_text("OPENAPI3"), db_text(net_url(&n, "/service/a")),
			db_int(clock_now())),
		&e);
	run(c,
		db_run(c, Q_SERVER_SERVICE_ADD, &e, db_int(twin), db_int(at),
			db_text("pets"), db_text(""), db_null(),
			db_text(net_url(&n, "/service")), db_int(2), db_int(0)),
		&e);
	run(c,
		db_run(c, Q_SERVER_ENDPOINT_BASE, &e, db_int(twin),
			db_text("pets")),
		&e);
	get = run(c,
		db_run(c, Q_SERVER_ENDPOINT_ADD, &e, db_int(twin),
			db_text("pets"), db_text("GET"), db_text("/pets/*"),
			db_int(0)),
		&e);
	run(c,
		db_run(c, Q_SERVER_ENDPOINT_ADD, &e, db_int(twin),
			db_text("pets"), db_text("POST"), db_text("/pets"),
			db_int(0)),
		&e);
	run(c,
		db_run(c, Q_SERVER_RIGHT_ADD, &e, db_int(get),
			db_text("SUBSYSTEM"),
			db_text(client_id_path(n.a, &TOWN_PORTAL)),
			db_int(clock_now())),
		&e);
	db_give(c);
	node_touch(&n.firm);
}

static void
more_rows(void)
{
	const struct service_row row[] = {
		{ "WSDL", "described", "v2", net_url(&n, "/service/w"), 2,
			false, true, NULL },
		{ "REST", "hidden", "", net_url(&n, "/service"), 2, false,
			false, NULL },
		{ "WSDL", "twinSoap", "v1", net_url(&n, "/soap"), 2, false,
			false, &TOWN_PORTAL },
		{ "WSDL", "twinDenied", "", net_url(&n, "/soap"), 2, false,
			true, NULL },
	};

	api_rows();
	for (size_t i = 0; i < 4; i++)
		node_service(&n.firm, row_of(&FIRM_TWIN), &row[i]);
	node_touch(&n.firm);
}

/* ---- evidence ---- */

/* Request and response on both sides, signed by the two. */
static void
logged(const char *id, size_t attachments)
{
	struct node *const node[] = { &n.town, &n.firm };
	const struct client_id *const local[] = { &TOWN_PORTAL, &FIRM_TWIN };

	for (size_t i = 0; i < 2; i++) {
		struct globalconf *g = NULL;
		struct asic_report report;
		struct evidence *v;
		struct err e = ERR_INIT;
		size_t count;

		ok(messagelog_stamp(node[i]->s.log, &e) >= 0);
		count = node_evidence(&n, node[i], local[i], id, &v);
		is_int(count, 2);
		if (count != 2 || confclient_get(node[i]->s.confclient, &g, &e))
			continue;
		ok_m(!asic_verify(n.a, &v[1].asic, g, &report, &e),
			"the answer's container verifies: %s", e.text);
		is_int(v[1].asic.attachments, attachments);
		globalconf_unref(&g);
	}
}

/* ---- REST ---- */

#define ITEM(code, type, endpoints)                           \
 "{\"member_class\":\"COM\",\"member_code\":\"2000\","        \
 "\"object_type\":\"SERVICE\",\"service_code\":\"" code "\"," \
 "\"service_type\":\"" type "\",\"subsystem_code\":\"Twin\"," \
 "\"xroad_instance\":\"JP\",\"endpoint_list\":[" endpoints "]}"
#define GET_PETS  "{\"method\":\"GET\",\"path\":\"/pets/*\"}"
#define POST_PETS "{\"method\":\"POST\",\"path\":\"/pets\"}"

static void
body_is(const struct http_answer *a, const char *want)
{
	is_str(arena_printf(n.a, "%.*s", (int)a->body.len,
		       (const char *)a->body.data),
		want);
}

static void
test_rest_list(void)
{
	struct http_answer a = is_get(&n, TWIN "/listMethods", "list-1");

	is_int(a.status, 200);
	is_str(is_error(&a), "");
	is_str(answer_header(&a, "content-type"), "application/json");
	is_str(answer_header(&a, "x-road-id"), "list-1");
	is_str(answer_header(&a, "x-road-service"),
		"JP/COM/2000/Twin/listMethods");
	/* by service code */
	body_is(&a, "{\"service\":[" ITEM("echo", "REST", "") "," ITEM(
			    "hidden", "REST", "") "," ITEM("pets", "OPENAPI",
			    GET_PETS "," POST_PETS) "]}");
	logged("list-1", 1);
}

static void
test_rest_allowed(void)
{
	const struct http_header other = { "X-Road-Client", "JP/GOV/1000" };
	struct is_call c = { .method = "GET",
		.path = TWIN "/allowedMethods",
		.header = &other,
		.headers = 1 };
	struct http_answer a = is_get(&n, TWIN "/allowedMethods", "allowed-1");

	is_int(a.status, 200);
	body_is(&a, "{\"service\":[" ITEM("echo", "REST", "") "," ITEM(
			    "pets", "OPENAPI", GET_PETS) "]}");
	logged("allowed-1", 1);
	a = is_call(&n, &n.town, &c);
	is_int(a.status, 200);
	body_is(&a, "{\"service\":[]}");
}

/* Its answer has the head-only hash of the request: one that brought a body
   does not find itself in it, with X-Road neither. */
static void
test_rest_body(void)
{
	const struct http_header h = { "X-Road-Client", "JP/GOV/1000/Portal" };
	const struct is_call c = { .method = "GET",
		.path = TWIN "/listMethods",
		.header = &h,
		.headers = 1,
		.body = bytes_str("{}"),
		.has_body = true };
	struct http_answer a = is_call(&n, &n.town, &c);

	is_str(is_error(&a), "server.clientproxy.inconsistent_response");
}

/* With another verb, and for names that only look alike: ordinary services. */
static void
test_rest_ordinary(void)
{
	static const char *const path[] = { "/ListMethods", "/getWsdl",
		"/listMethods2" };
	struct http_answer a =
		is_post(&n, TWIN "/listMethods", NULL, bytes_str("{}"));

	is_str(is_error(&a), "server.serverproxy.unknown_service");
	for (size_t i = 0; i < 3; i++) {
		a = is_get(&n, arena_printf(n.a, TWIN "%s", path[i]), NULL);
		is_str(is_error(&a), "server.serverproxy.unknown_service");
	}
	a = is_get(&n, "/r1/JP/COM/2000/Nobody/listMethods", NULL);
	ok_m(str_suffix(is_error(&a), "unknown_member"), "%s", is_error(&a));
}

/* ---- getOpenAPI ---- */

static struct http_answer
openapi(int status, const char *type, const char *doc, const char *id)
{
	static struct http_header h;
	const struct service_say say = { .status = status,
		.header = &h,
		.headers = 1,
		.body = bytes_str(doc) };

	h = (struct http_header){ "Content-Type", type };
	net_say(&n, &say);
	return is_get(&n, TWIN "/getOpenAPI?serviceCode=pets", id);
}

static void
test_openapi(void)
{
	struct http_answer a = openapi(200, "application/json;charset=utf-8",
		"{\"openapi\": \"3.0.1\", \"servers\": ["
		"{\"url\": \"https://h:81/v1/x?a=/b\", \"description\": \"d\"},"
		"{\"url\": \"http://h\"}, {\"url\": \"//h/v2\"},"
		"{\"url\": \"https://{h}/v3\"}, {\"url\": \"/v4\"},"
		"{\"url\": \"/v5?to=http://x/y\"}, {}],"
		"\"paths\": {\"/z\": {}, \"/a\": {\"x\": 1.5}}}",
		"api-1");

	is_int(a.status, 200);
	is_str(net_seen(&n).target, "/service/a");
	is_str(answer_header(&a, "content-type"),
		"application/json;charset=utf-8");
	body_is(&a, "{\"openapi\":\"3.0.1\",\"servers\":["
		    "{\"url\":\"/v1/x\",\"description\":\"d\"},"
		    "{\"url\":\"\"},{\"url\":\"/v2\"},"
		    "{\"url\":\"https://{h}/v3\"},{\"url\":\"/v4\"},"
		    "{\"url\":\"/v5\"},{}],"
		    "\"paths\":{\"/z\":{},\"/a\":{\"x\":1.5}}}");
	logged("api-1", 1);
}

/* YAML stays YAML; what is not said to be JSON is taken for it. */
static void
test_openapi_yaml(void)
{
	static const char want[] = "openapi: \"3.1.0\"\n"
				   "servers:\n- url: /v1\n- url: \"{x}/y\"\n"
				   "paths:\n  /a:\n    get:\n"
				   "      summary: \"a: b\"\n";
	struct http_answer a = openapi(200, "application/x-yaml",
		"# a comment\nopenapi: 3.1.0\nservers:\n"
		"- {url: 'https://h:81/v1?x'}\n- {url: '{x}/y'}\n"
		"paths: {/a: {get: {summary: 'a: b'}}}\n",
		"api-2");

	is_int(a.status, 200);
	is_str(answer_header(&a, "content-type"), "application/x-yaml");
	body_is(&a, want);
	logged("api-2", 1);
	a = openapi(200, "text/plain", "{\"openapi\":\"3.0.0\"}", NULL);
	is_int(a.status, 200);
	body_is(&a, "openapi: \"3.0.0\"\n");
}

static void
test_openapi_refused(void)
{
	static const struct {
		int status;
		const char *type, *doc;
	} bad[] = {
		{ 404, "application/json", "{}" },
		{ 200, "application/json", "{\"openapi\":" },
		{ 200, "application/json", "{\"openapi\":\"2.0\"}" },
		{ 200, "application/json", "{\"openapi\":3}" },
		{ 200, "application/json", "openapi: 3.0.0" },
		{ 200, "application/x-yaml", "openapi: [" },
		{ 200, "application/x-yaml", "openapi: 2.0.0" },
		{ 200, "application/x-yaml", "openapi: 3.0" },
		{ 200, "text/plain", "no document" },
	};
	static const struct {
		const char *query, *code;
	} ask[] = {
		{ "", "invalid_request" },
		{ "?serviceCode=", "invalid_request" },
		{ "?serviceCode=none", "internal_error" },
		{ "?serviceCode=echo", "internal_error" },
	};
	struct http_answer a;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		a = openapi(bad[i].status, bad[i].type, bad[i].doc, NULL);
		is_str(is_error(&a), "server.serverproxy.internal_error");
	}
	for (size_t i = 0; i < sizeof(ask) / sizeof(*ask); i++) {
		a = is_get(&n,
			arena_printf(n.a, TWIN "/getOpenAPI%s", ask[i].query),
			NULL);
		is_str(is_error(&a), arena_printf(n.a, "server.serverproxy.%s",
					     ask[i].code));
	}
}

/* ---- SOAP ---- */

#define SERVICE(code, version)                                    \
 "<xroad:service id:objectType=\"SERVICE\">"                      \
 "<id:xRoadInstance>JP</id:xRoadInstance><id:memberClass>COM"     \
 "</id:memberClass><id:memberCode>2000</id:memberCode>"           \
 "<id:subsystemCode>Twin</id:subsystemCode><id:serviceCode>" code \
 "</id:serviceCode>" version "</xroad:service>"
#define V2 "<id:serviceVersion>v2</id:serviceVersion>"
#define V1 "<id:serviceVersion>v1</id:serviceVersion>"

static void
soap_list(const char *code, const char *id, const char *services)
{
	const struct service_id service = { FIRM_TWIN, code, "v1" };
	const struct soap_call c = { .service = &service, .id = id };
	struct bytes sent = soap_make(&n, &c);
	struct http_answer a = is_soap(&n, &c);
	struct xml_node *list;
	struct soap m;
	struct digest d;
	struct err e = ERR_INIT;

	is_str(soap_code(&n, &a), "");
	is_str(answer_header(&a, "Content-Type"), "text/xml; charset=UTF-8");
	ok_m(!soap_parse(n.a, a.body, NULL, &m, &e), "parses: %s", e.text);
	if (err_set(&e) || m.fault)
		return;
	is_str(m.id, id);
	is_str(m.user_id, "EE1");
	ok(client_id_equal(&m.client, &TOWN_PORTAL));
	ok(service_id_equal(&m.service, &service));
	digest_of(DIGEST_SHA512, sent.data, sent.len, &d);
	is_str(m.request_hash, base64_encode(n.a, d.value, d.len));
	list = xml_child(xml_child(xml_root(m.doc), NS_SOAP, "Body"), NS_XROAD,
		arena_printf(n.a, "%sResponse", code));
	ok_m(list != NULL, "%sResponse in X-Road's namespace", code);
	ok(text_has(a.body,
		arena_printf(n.a, ">%s</xroad:%sResponse>", services, code)));
	logged(id, 0);
}

static void
test_soap(void)
{
	soap_list("listMethods", "soap-list",
		SERVICE("described", V2) SERVICE("twinDenied", "")
			SERVICE("twinSoap", V1));
	soap_list("allowedMethods", "soap-allowed", SERVICE("twinSoap", V1));
}

/* getOpenAPI is no SOAP service. */
static void
test_soap_ordinary(void)
{
	const struct service_id service = { FIRM_TWIN, "getOpenAPI", NULL };
	const struct soap_call c = { .service = &service, .id = "no" };
	struct http_answer a = is_soap(&n, &c);

	is_str(soap_code(&n, &a), "server.serverproxy.unknown_service");
}

/* ---- getWsdl ---- */

/* A request whose body is `ask`; the service says `doc`. */
static struct http_answer
wsdl(int status, const char *doc, const char *id, const char *ask)
{
	static const struct http_header h = { "Content-Type", "text/xml" };
	const struct service_say say = { .status = status,
		.header = &h,
		.headers = 1,
		.body = bytes_str(doc) };
	const struct service_id service = { FIRM_TWIN, "getWsdl", NULL };
	const struct soap_call c = {
		.service = &service, .id = id, .text = "ASK"
	};
	struct is_call call = { .method = "POST",
		.path = "/",
		.header = &h,
		.headers = 1,
		.has_body = true };
	struct bytes made = soap_make(&n, &c);
	const char *text =
		arena_strndup(n.a, (const char *)made.data, made.len);
	const char *at = strstr(text, "ASK");

	call.body = bytes_str(arena_printf(
		n.a, "%.*s%s%s", (int)(at - text), text, ask, at + 3));
	net_say(&n, &say);
	return is_call(&n, &n.town, &call);
}

#define ASK(code, version)                                   \
 "<x:serviceCode>" code "</x:serviceCode><x:serviceVersion>" \
 "" version "</x:serviceVersion>"
#define DOC(first, second)                                    \
 "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' " \
 "xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' "           \
 "xmlns:s12='http://schemas.xmlsoap.org/wsdl/soap12/'>"       \
 "<w:service><w:port><s:address other='1' location='" first   \
 "'/></w:port><w:port><s12:address location='" second         \
 "'/></w:port></w:service></w:definitions>"

static void
test_wsdl(void)
{
	struct http_answer a =
		wsdl(200, DOC("http://secret:8080/s", "http://twelve/s"),
			"wsdl-1", ASK("described", "v2"));
	const char *type = answer_header(&a, "Content-Type");
	struct mime_part *part;
	struct err e = ERR_INIT;
	struct soap m;
	size_t count;

	is_str(net_seen(&n).target, "/service/w");
	ok_m(type && str_prefix(type, "multipart/related; type=\"text/xml\";"),
		"%s", type);
	if (mime_split(n.a, type, a.body, 10, &part, &count, &e)) {
		ok_m(false, "%s: %.*s", e.text, (int)a.body.len,
			(const char *)a.body.data);
		return;
	}
	is_int((int)count, 2);
	is_str(mime_part_header(&part[0], "content-type"),
		"text/xml; charset=UTF-8");
	ok_m(!soap_parse(n.a, part[0].body, NULL, &m, &e), "%s", e.text);
	is_str(m.body, "getWsdlResponse");
	ok(m.request_hash != NULL);
	ok(text_has(part[0].body, "<x:serviceCode>described</x:serviceCode>"));
	is_str(mime_part_header(&part[1], "content-type"), "text/xml");
	is_str(mime_part_header(&part[1], "content-transfer-encoding"),
		"binary");
	ok(str_suffix(mime_part_header(&part[1], "content-id"), "@x-road.eu>"));
	ok(text_has(part[1].body, "other=\"1\""));
	ok(text_has(part[1].body, "\"http://example.org/xroad-endpoint\""));
	ok(text_has(part[1].body, "\"http://twelve/s\""));
	ok(!text_has(part[1].body, "secret"));
	logged("wsdl-1", 0); /* X-Road logs no SOAP attachments */
}

static void
test_wsdl_refused(void)
{
	static const struct {
		int status;
		const char *doc, *ask, *code;
	} row[] = {
		{ 200, "<a/>", "", "invalid_request" },
		{ 200, "<a/>", "hello", "invalid_request" },
		{ 200, "<a/>", "<x:serviceCode> </x:serviceCode>",
			"invalid_request" },
		{ 200, "<a/>", "<serviceCode>described</serviceCode>",
			"invalid_request" },
		{ 200, "<a/>", ASK("described", "v1"), "unknown_service" },
		{ 200, "<a/>", "<x:serviceCode>described</x:serviceCode>",
			"unknown_service" },
		{ 200, "<a/>", "<x:serviceCode>hidden</x:serviceCode>",
			"service_type" },
		{ 404, "<a/>", ASK("described", "v2"), "internal_error" },
		{ 200, "no xml", ASK("described", "v2"), "internal_error" },
		{ 200, "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>",
			ASK("described", "v2"), "internal_error" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct http_answer a =
			wsdl(row[i].status, row[i].doc, "wsdl-no", row[i].ask);
		is_str(soap_code(&n, &a),
			arena_printf(
				n.a, "server.serverproxy.%s", row[i].code));
	}
}

int
main(void)
{
	net_fork(&n, "meta");
	net_open(&n);
	more_rows();
	test_rest_list();
	test_rest_allowed();
	test_rest_body();
	test_rest_ordinary();
	test_openapi();
	test_openapi_yaml();
	test_openapi_refused();
	test_soap();
	test_soap_ordinary();
	test_wsdl();
	test_wsdl_refused();
	net_close(&n);
	return tap_done();
}
