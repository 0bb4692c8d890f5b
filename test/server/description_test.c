/* SPDX-License-Identifier: MIT */
/*
 * Service descriptions through the administration interface: documents are
 * fetched from a running information system, read anew, changed; what comes
 * and goes is told first, and what was made by hand stays.
 */
#define IN_SERVER 1
#include <sys/stat.h>

#include "file.h"
#include "server_kit.h"
#include "tls.h"

#define SUB  "/clients/TEST:GOV:1000:Rooms"
#define SVC  "/services/TEST:GOV:1000:Rooms:"
#define LIST SUB "/service-descriptions"

/* The information system: says what the test wants. */
struct is {
	struct http_server *http;
	const char *text;
	int status;
	int asked;
};

static int
is_serve(struct request *r, void *state, struct err *e)
{
	struct is *is = state;

	is->asked++;
	return reply_send(r, is->status, "text/plain",
		is->text ? bytes_str(is->text) : (struct bytes){ 0 }, e);
}

static int
is_moved(struct request *r, void *state, struct err *e)
{
	static const struct http_header to = { "Location", "docs/api.yaml" };

	(void)state;
	return reply_send_headers(r, 302, &to, 1, (struct bytes){ 0 }, e);
}

static int
is_circle(struct request *r, void *state, struct err *e)
{
	static const struct http_header to = { "Location", "/circle" };

	(void)state;
	return reply_send_headers(r, 301, &to, 1, (struct bytes){ 0 }, e);
}

static const struct route is_routes[] = {
	{ "GET", "/moved", 0, 0, is_moved },
	{ "GET", "/circle", 0, 0, is_circle },
	{ "GET", "*", 0, 0, is_serve },
	{ 0 },
};

static const char *
at(struct ss *w, const struct is *is, const char *path)
{
	return arena_printf(
		w->a, "http://127.0.0.1:%d%s", http_port(is->http), path);
}

static const char *
add_body(struct ss *w, const char *type, const char *url, const char *code,
	bool ignore)
{
	return arena_printf(w->a, "{\"type\":\"%s\",\"url\":\"%s\"%s%s%s%s}",
		type, url, code ? ",\"rest_service_code\":\"" : "",
		code ? code : "", code ? "\"" : "",
		ignore ? ",\"ignore_warnings\":true" : "");
}

static const char *
path_of(struct ss *w, const char *id, const char *rest)
{
	return arena_printf(w->a, "/service-descriptions/%s%s", id, rest);
}

/* "GET /a, * **+": the endpoints of the last answer's first service; a plus
   follows those made by hand. */
static const char *
endpoints(struct ss *w)
{
	json_t *v = json_array_get(json_list(w->json, "services"), 0);
	json_t *list = json_list(v ? v : w->json, "endpoints"), *p;
	const char *s = "";
	size_t i;

	json_each(p, i, list)
		s = arena_printf(w->a, "%s%s%s %s%s", s, i ? ", " : "",
			json_str(p, "method"), json_str(p, "path"),
			json_bool(p, "generated", false) ? "" : "+");
	return s;
}

static const char *
endpoint_id(struct ss *w, const char *path)
{
	json_t *v = json_array_get(json_list(w->json, "services"), 0);
	json_t *list = json_list(v, "endpoints"), *p;
	size_t i;

	json_each(p, i, list)
		if (str_equal(json_str(p, "path"), path))
			return json_str(p, "id");
	return "0";
}

/* "code: a, b; code: c": the warnings of the last answer. */
static const char *
warnings(struct ss *w)
{
	json_t *list = json_list(w->json, "warnings"), *x, *m;
	const char *s = "";
	size_t i, k;

	json_each(x, i, list) {
		s = arena_printf(
			w->a, "%s%s%s:", s, i ? "; " : "", json_str(x, "code"));
		json_each(m, k, json_list(x, "metadata"))
			s = arena_printf(w->a, "%s%s %s", s, k ? "," : "",
				json_string_value(m));
	}
	return s;
}

#define refused(w, method, path, body, status, code) \
 do {                                                \
  ss_is(w, method, path, body, status);              \
  is_str(ss_code(w), code);                          \
 } while (0)

#define API(paths)                                                \
 "openapi: 3.0.1\ninfo: {title: Rooms, version: 1.0}\nservers:\n" \
 "  - {url: /rooms/v1}\npaths:\n" paths
#define OP(path, verb) \
 "  " path ":\n    " verb ": {responses: {200: {description: ok}}}\n"

/* ---- OPENAPI3 ---- */

static const char *
test_openapi_add(struct ss *w, struct is *is)
{
	const char *url = at(w, is, "/docs/api.yaml");
	const char *body = add_body(w, "OPENAPI3", url, "rooms", false);

	refused(w, "POST", LIST, add_body(w, "OPENAPI3", url, NULL, false), 400,
		"missing_parameter");
	is->status = 404;
	refused(w, "POST", LIST, body, 400, "openapi_parsing_error");
	is->status = 200;
	is->text = "openapi: [";
	refused(w, "POST", LIST, body, 400, "openapi_parsing_error");
	is->text = "openapi: 3.2.0";
	refused(w, "POST", LIST, body, 400, "unsupported_openapi_version");
	is->text = "openapi: 3.0.0\npaths: {}\n";
	refused(w, "POST", LIST, body, 400, "warnings_detected");
	is_str(warnings(w),
		"openapi_validation_warnings: attribute info is missing");
	ss_is(w, "GET", LIST, NULL, 200);
	is_int((int)json_array_size(w->json), 0);
	is->text = API(OP("/free", "get") OP("/book", "post"));
	refused(w, "POST", LIST,
		add_body(w, "OPENAPI3", url, "getOpenAPI", false), 409,
		"service_code_reserved");
	ss_is(w, "POST", LIST, add_body(w, "OPENAPI3", url, "bad:code", false),
		400);
	ss_is(w, "POST", LIST, body, 201);
	is_str(endpoints(w), "* **, GET /free, POST /book");
	is_str(json_str(w->json, "disabled_notice"), "Out of order");
	is_str(json_str(json_array_get(json_list(w->json, "services"), 0),
		       "url"),
		at(w, is, "/rooms/v1"));
	return json_str(w->json, "id");
}

static void
test_taken(struct ss *w, struct is *is)
{
	const char *url = at(w, is, "/docs/api.yaml");
	const char *other = at(w, is, "/docs/other.yaml");

	refused(w, "POST", LIST, add_body(w, "OPENAPI3", url, "more", false),
		409, "url_already_exists");
	refused(w, "POST", LIST, add_body(w, "OPENAPI3", other, "ROOMS", false),
		409, "service_code_already_exists");
	refused(w, "POST", LIST, add_body(w, "REST", other, "rooms", false),
		409, "service_code_already_exists");
	refused(w, "POST", LIST, add_body(w, "REST", "ftp://h/", "r", false),
		400, "malformed_url");
	refused(w, "POST", LIST, add_body(w, "REST", "http:///x", "r", false),
		400, "malformed_url");
}

/* A document that is somewhere else, and one that is nowhere. */
static void
test_redirect(struct ss *w, struct is *is)
{
	const char *id;

	ss_is(w, "POST", LIST,
		add_body(w, "OPENAPI3", at(w, is, "/moved"), "moved", false),
		201);
	id = json_str(w->json, "id");
	is_str(endpoints(w), "* **, GET /free, POST /book");
	ss_is(w, "DELETE", path_of(w, id, ""), NULL, 204);
	refused(w, "POST", LIST,
		add_body(w, "OPENAPI3", at(w, is, "/circle"), "c", false), 400,
		"openapi_parsing_error");
}

/* Rights by hand: on an endpoint that stays and on one that goes. */
static void
test_openapi_refresh(struct ss *w, struct is *is, const char *id)
{
	const char *right = "{\"items\":[{\"id\":\"TEST:COM:2000:App\"}]}";
	const char *refresh = path_of(w, id, "/refresh");
	const char *kept, *gone;

	ss_is(w, "POST", SVC "rooms/endpoints",
		"{\"method\":\"PUT\",\"path\":\"/hand\",\"service_code\":"
		"\"rooms\"}",
		201);
	ss_is(w, "POST", SVC "rooms/endpoints",
		"{\"method\":\"GET\",\"path\":\"/soon\",\"service_code\":"
		"\"rooms\"}",
		201);
	ss_is(w, "GET", path_of(w, id, ""), NULL, 200);
	kept = endpoint_id(w, "/free");
	gone = endpoint_id(w, "/book");
	ss_is(w, "POST",
		arena_printf(w->a, "/endpoints/%s/service-clients", kept),
		right, 201);
	ss_is(w, "POST",
		arena_printf(w->a, "/endpoints/%s/service-clients", gone),
		right, 201);
	ss_is(w, "PUT", refresh, NULL, 200);
	is->text = API(
		OP("/free", "get") OP("/soon", "get") OP("/new/{x}", "delete"));
	refused(w, "PUT", refresh, "{}", 400, "warnings_detected");
	is_str(warnings(w),
		"openapi_validation_warnings: paths.'/new/{x}'(delete): path "
		"parameter x is not declared; adding_endpoints: DELETE /new/*; "
		"deleting_endpoints: POST /book");
	ss_is(w, "GET", path_of(w, id, ""), NULL, 200);
	is_str(endpoints(w),
		"* **, GET /free, POST /book, PUT /hand+, GET /soon+");
	ss_is(w, "PUT", refresh, "{\"ignore_warnings\":true}", 200);
	is_str(endpoints(w),
		"* **, GET /free, PUT /hand+, GET /soon, DELETE /new/*");
	ss_is(w, "GET",
		arena_printf(w->a, "/endpoints/%s/service-clients", kept), NULL,
		200);
	is_int((int)json_array_size(w->json), 1);
	refused(w, "GET", arena_printf(w->a, "/endpoints/%s", gone), NULL, 404,
		"endpoint_not_found");
	is->status = 500;
	refused(w, "PUT", refresh, "{\"ignore_warnings\":true}", 400,
		"openapi_parsing_error");
	is->status = 200;
}

static void
test_openapi_patch(struct ss *w, struct is *is, const char *id)
{
	const char *path = path_of(w, id, "");
	const char *url = at(w, is, "/docs/api2.yaml");

	refused(w, "PATCH", path, add_body(w, "WSDL", url, NULL, true), 400,
		"wrong_servicedescription_type");
	refused(w, "PATCH", path, add_body(w, "OPENAPI3", url, NULL, true), 400,
		"missing_parameter");
	refused(w, "PATCH", path, add_body(w, "OPENAPI3", url, "none", true),
		404, "service_not_found");
	ss_is(w, "PATCH", path,
		arena_printf(w->a,
			"{\"type\":\"OPENAPI3\",\"url\":\"%s\","
			"\"rest_service_code\":\"rooms\","
			"\"new_rest_service_code\":\"halls\","
			"\"ignore_warnings\":true}",
			url),
		200);
	is_str(json_str(w->json, "url"), url);
	is_str(json_str(json_array_get(json_list(w->json, "services"), 0),
		       "service_code"),
		"halls");
	/* with the code go the endpoints and their rights */
	is_str(endpoints(w),
		"* **, GET /free, PUT /hand+, GET /soon, DELETE /new/*");
	ss_is(w, "GET",
		arena_printf(w->a, "/endpoints/%s/service-clients",
			endpoint_id(w, "/free")),
		NULL, 200);
	is_int((int)json_array_size(w->json), 1);
	refused(w, "GET", SVC "rooms", NULL, 404, "service_not_found");
	ss_is(w, "GET", SVC "halls", NULL, 200);
	ss_is(w, "GET", path_of(w, id, "/services"), NULL, 200);
	is_int((int)json_array_size(w->json), 1);
}

static void
test_endpoints(struct ss *w, const char *id)
{
	const char *generated, *hand;

	ss_is(w, "GET", path_of(w, id, ""), NULL, 200);
	generated =
		arena_printf(w->a, "/endpoints/%s", endpoint_id(w, "/free"));
	hand = arena_printf(w->a, "/endpoints/%s", endpoint_id(w, "/hand"));
	refused(w, "PATCH", generated,
		"{\"method\":\"GET\",\"path\":\"/else\"}", 400,
		"illegal_generated_endpoint_update");
	refused(w, "DELETE", generated, NULL, 400,
		"illegal_generated_endpoint_remove");
	refused(w, "PATCH", hand, "{\"method\":\"GET\",\"path\":\"/free\"}",
		409, "endpoint_already_exists");
	ss_is(w, "PATCH", hand, "{\"method\":\"GET\"}", 400);
	ss_is(w, "PATCH", hand, "{\"method\":\"FLY\",\"path\":\"/x\"}", 400);
	ss_is(w, "PATCH", hand, "{\"method\":\"HEAD\",\"path\":\"/x\"}", 200);
	is_str(json_str(w->json, "method"), "HEAD");
	ss_is(w, "GET", hand, NULL, 200);
	is_str(json_str(w->json, "path"), "/x");
	refused(w, "POST", SVC "halls/endpoints",
		"{\"id\":\"1\",\"method\":\"GET\",\"path\":\"/y\"}", 400,
		"endpoint_id_should_not_be_provided");
	ss_is(w, "DELETE", hand, NULL, 204);
	refused(w, "DELETE", hand, NULL, 404, "endpoint_not_found");
	refused(w, "PATCH", hand, "{}", 404, "endpoint_not_found");
}

/* ---- REST ---- */

static void
test_rest(struct ss *w)
{
	const char *id, *other;

	ss_is(w, "POST", LIST,
		add_body(w, "REST", "http://h/one", "one", false), 201);
	id = path_of(w, json_str(w->json, "id"), "");
	ss_is(w, "POST", LIST,
		add_body(w, "REST", "https://h/two", "two", false), 201);
	other = json_str(w->json, "id");
	ok(json_bool(json_array_get(json_list(w->json, "services"), 0),
		"ssl_auth", false));
	refused(w, "PATCH", id,
		"{\"type\":\"REST\",\"url\":\"https://h/two\","
		"\"rest_service_code\":\"one\"}",
		409, "url_already_exists");
	refused(w, "PATCH", id,
		"{\"type\":\"REST\",\"url\":\"http://h/1\",\"rest_service_code"
		"\":\"one\",\"new_rest_service_code\":\"two\"}",
		409, "service_code_already_exists");
	ss_is(w, "PATCH", id,
		"{\"type\":\"REST\",\"url\":\"http://h/1\",\"rest_service_code"
		"\":\"one\",\"new_rest_service_code\":\"uno\"}",
		200);
	ss_is(w, "GET", SVC "uno", NULL, 200);
	is_str(json_str(w->json, "url"), "http://h/1");
	/* the service's address is the description's */
	refused(w, "PATCH", SVC "uno",
		"{\"url\":\"https://h/two\",\"timeout\":5,\"ssl_auth\":false}",
		409, "url_already_exists");
	refused(w, "PATCH", SVC "uno",
		"{\"url\":\"http://h/3\",\"timeout\":5,\"ssl_auth\":true}", 400,
		"invalid_https_url");
	ss_is(w, "PATCH", SVC "uno",
		"{\"url\":\"http://h/3\",\"timeout\":5,\"ssl_auth\":false}",
		200);
	ss_is(w, "GET", id, NULL, 200);
	is_str(json_str(w->json, "url"), "http://h/3");
	ss_is(w, "PUT", path_of(w, other, "/refresh"), "{}", 200);
	ss_is(w, "DELETE", path_of(w, other, ""), NULL, 204);
	ss_is(w, "DELETE", id, NULL, 204);
	refused(w, "GET", id, NULL, 404, "service_description_not_found");
	refused(w, "PUT", path_of(w, other, "/enable"), NULL, 404,
		"service_description_not_found");
	refused(w, "PATCH", path_of(w, "x", ""), "{}", 404,
		"service_description_not_found");
}

/* The certificate is looked at before verification is switched on. */
static void
test_tls(struct ss *w)
{
	struct tls_options o = { .policy = TLS_SERVICE };
	struct is is = { .status = 200 };
	struct listener l = { .name = "tls",
		.address = "127.0.0.1",
		.threads = 2,
		.routes = is_routes,
		.state = &is };
	struct key *key = NULL;
	struct cert *cert;
	const char *url, *body;

	if (key_generate(&key, KEY_RSA, 2048, NULL))
		abort();
	cert = kit_self(key, "localhost", false);
	o.key = key;
	o.chain = (struct cert_list){ &cert, 1 };
	ok(!tls_server_new(&l.tls, &o, NULL));
	ok(!http_serve(&is.http, &l, NULL));
	url = arena_printf(w->a, "https://127.0.0.1:%d/s", http_port(is.http));
	body = arena_printf(
		w->a, "{\"url\":\"%s\",\"timeout\":5,\"ssl_auth\":true}", url);
	ss_is(w, "POST", LIST, add_body(w, "REST", url, "safe", false), 201);
	ss_is(w, "PATCH", SVC "safe", body, 400);
	is_str(warnings(w),
		arena_printf(
			w->a, "internal_server_ssl_handshake_error: %s", url));
	is_int(ss_send(w, "POST", SUB "/tls-certificates",
		       "application/octet-stream", cert_der(cert)),
		201);
	ss_is(w, "PATCH", SVC "safe", body, 200);
	ok(json_bool(w->json, "ssl_auth", false));
	is_int(is.asked, 0);
	http_stop(&is.http);
	tls_unref(&l.tls);
	ss_is(w, "PATCH", SVC "safe", body, 400);
	is_str(warnings(w),
		arena_printf(w->a, "internal_server_ssl_error: %s", url));
	cert_unref(&cert);
	key_unref(&key);
}

/* ---- WSDL ---- */

#define WSDL(operations, address)                                    \
 "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' "        \
 "xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' "                  \
 "xmlns:x='http://x-road.eu/xsd/xroad.xsd' xmlns:t='urn:t'>"         \
 "<w:binding name='b' type='t:p'><s:binding transport='"             \
 "http://schemas.xmlsoap.org/soap/http'/>" operations "</w:binding>" \
 "<w:service name='v'><w:port name='q' binding='t:b'><s:address "    \
 "location='" address "'/></w:port></w:service></w:definitions>"
#define O(name, version)         \
 "<w:operation name='" name "'>" \
 "<x:version>" version "</x:version></w:operation>"

static void
test_wsdl(struct ss *w, struct is *is)
{
	const char *url = at(w, is, "/a?wsdl");
	const char *id, *refresh;

	is->text = "no xml";
	refused(w, "POST", LIST, add_body(w, "WSDL", url, NULL, false), 400,
		"invalid_wsdl");
	is->text = WSDL(O("one", "v1"), "ftp://h/");
	refused(w, "POST", LIST, add_body(w, "WSDL", url, NULL, false), 400,
		"invalid_service_url");
	is->text = WSDL(O("a/b", "v1"), "http://h/");
	refused(w, "POST", LIST, add_body(w, "WSDL", url, NULL, false), 400,
		"invalid_wsdl_service_identifier");
	is->text = WSDL(O("getWsdl", "v1"), "http://h/");
	refused(w, "POST", LIST, add_body(w, "WSDL", url, NULL, false), 409,
		"service_code_reserved");
	is->text =
		WSDL(O("one", "v1") O("one", "v2") O("two", ""), "http://h/");
	ss_is(w, "POST", LIST, add_body(w, "WSDL", url, NULL, false), 201);
	is_int((int)json_array_size(json_list(w->json, "services")), 3);
	id = json_str(w->json, "id");
	refresh = path_of(w, id, "/refresh");
	refused(w, "POST", LIST,
		add_body(w, "WSDL", at(w, is, "/A?WSDL"), NULL, false), 409,
		"wsdl_exists");
	refused(w, "POST", LIST,
		add_body(w, "WSDL", at(w, is, "/b?wsdl"), NULL, false), 409,
		"service_already_exists");
	refused(w, "POST", SVC "two/endpoints",
		"{\"method\":\"GET\",\"path\":\"/\"}", 400,
		"wrong_servicedescription_type");
	ss_is(w, "POST", SVC "one.v1/service-clients",
		"{\"items\":[{\"id\":\"TEST:COM:2000:App\"}]}", 201);
	ss_is(w, "PATCH", SVC "one.v1",
		"{\"url\":\"http://own/\",\"timeout\":7,\"ssl_auth\":false}",
		200);
	is->text = WSDL(O("one", "v1") O("three", "v1"), "http://h/");
	refused(w, "PUT", refresh, NULL, 400, "warnings_detected");
	is_str(warnings(w),
		"adding_services: three.v1; deleting_services: one.v2, two");
	ss_is(w, "PUT", refresh, "{\"ignore_warnings\":true}", 200);
	ss_is(w, "GET", SVC "one.v1", NULL, 200);
	is_str(json_str(w->json, "url"), "http://own/");
	is_int(json_int(w->json, "timeout", 0), 7);
	is_int(json_int(w->json, "subjects_count", 0), 1);
	refused(w, "GET", SVC "two", NULL, 404, "service_not_found");
	is->text = "<x/>";
	refused(w, "PUT", refresh, NULL, 409, "invalid_wsdl");
	is->status = 503;
	refused(w, "PUT", refresh, NULL, 400, "wsdl_download_failed");
	is->status = 200;
	ss_is(w, "PUT", path_of(w, id, "/enable"), NULL, 200);
	ss_is(w, "GET", path_of(w, id, ""), NULL, 200);
	ok(!json_bool(w->json, "disabled", true));
	ss_is(w, "PUT", path_of(w, id, "/disable"),
		"{\"disabled_notice\":\"until Monday\"}", 200);
	ss_is(w, "DELETE", path_of(w, id, ""), NULL, 204);
}

/* ---- the operator's validator ---- */

static void
validator(struct ss *w, const char *script)
{
	const char *file = arena_printf(w->a, "%s/validator", tap_dir());
	struct err e = ERR_INIT;

	ok_m(!file_write(file, bytes_str(script), FILE_PRIVATE, &e) &&
			!chmod(file, 0700),
		"%s", e.text);
	ss_set(w, "proxy-ui-api", "wsdl-validator-command", file);
}

static void
test_validator(struct ss *w, struct is *is)
{
	const char *url = at(w, is, "/v?wsdl");
	const char *body = add_body(w, "WSDL", url, NULL, false);

	is->text = WSDL(O("valid", "v1"), "http://h/");
	validator(w, "#!/bin/sh\necho bad; echo \"$1\" >&2; exit 3\n");
	refused(w, "POST", LIST, body, 400, "invalid_wsdl");
	is_str(json_string_value(json_array_get(
		       json_list(json_sub(w->json, "error"), "metadata"), 1)),
		url);
	validator(w, "#!/bin/sh\nexit 1\n");
	refused(w, "POST", LIST, body, 400, "invalid_wsdl");
	validator(w, "#!/bin/sh\necho one; echo; echo two\n");
	refused(w, "POST", LIST, body, 400, "warnings_detected");
	is_str(warnings(w), "wsdl_validation_warnings: one, two");
	ss_set(w, "proxy-ui-api", "wsdl-validator-command", "/nowhere/at/all");
	refused(w, "POST", LIST, body, 500, "wsdl_validator_not_executable");
	validator(w, "#!/bin/sh\n[ $# = 1 ]\n");
	ss_is(w, "POST", LIST, body, 201);
	ss_set(w, "proxy-ui-api", "wsdl-validator-command", "");
}

/* ---- from the side of those who use services ---- */

#define WHO        SUB "/service-clients"
#define APP        WHO "/TEST:COM:2000:App"
#define ITEM(code) "{\"items\":[{\"service_code\":\"" code "\"}]}"

/* "id (name)" of each item of the last answer. */
static const char *
names(struct ss *w)
{
	const char *s = "";
	json_t *x;
	size_t i;

	json_each(x, i, w->json)
		s = arena_printf(w->a, "%s%s%s (%s)", s, i ? ", " : "",
			json_str(x, "id"), json_str(x, "name"));
	return s;
}

static void
test_subjects(struct ss *w, const char *id)
{
	const char *group, *free;

	ss_is(w, "POST", SUB "/local-groups",
		"{\"code\":\"friends\",\"description\":\"Our friends\"}", 201);
	group = json_str(w->json, "id");
	ss_is(w, "GET", WHO, NULL, 200);
	is_int((int)json_array_size(w->json), 0);
	refused(w, "GET", APP, NULL, 404, "service_client_not_found");
	refused(w, "GET", APP "/access-rights", NULL, 404,
		"service_client_not_found");
	refused(w, "POST", APP "/access-rights", ITEM("none"), 400,
		"service_not_found");
	refused(w, "POST", WHO "/TEST:COM:9:X/access-rights", ITEM("halls"),
		404, "service_client_not_found");
	ss_is(w, "POST", APP "/access-rights", "{\"items\":[]}", 400);
	ss_is(w, "POST", APP "/access-rights", ITEM("halls"), 201);
	is_str(json_str(json_array_get(w->json, 0), "service_code"), "halls");
	refused(w, "POST", APP "/access-rights", ITEM("halls"), 409,
		"duplicate_accessright");
	ss_is(w, "POST", WHO "/TEST:partners/access-rights", ITEM("halls"),
		201);
	ss_is(w, "POST", arena_printf(w->a, WHO "/%s/access-rights", group),
		ITEM("safe"), 201);
	ss_is(w, "GET", WHO, NULL, 200);
	is_int((int)json_array_size(w->json), 3);
	ss_is(w, "GET", APP, NULL, 200);
	is_str(json_str(w->json, "service_client_type"), "SUBSYSTEM");
	ss_is(w, "GET", APP "/access-rights", NULL, 200);
	is_int((int)json_array_size(w->json), 1);
	/* with the whole service goes the endpoint */
	refused(w, "POST", APP "/access-rights/delete", ITEM("safe"), 409,
		"accessright_not_found");
	ss_is(w, "POST", APP "/access-rights/delete", ITEM("halls"), 204);
	ss_is(w, "GET", path_of(w, id, ""), NULL, 200);
	free = endpoint_id(w, "/free");
	ss_is(w, "GET",
		arena_printf(w->a, "/endpoints/%s/service-clients", free), NULL,
		200);
	is_int((int)json_array_size(w->json), 0);
}

static void
test_candidates(struct ss *w)
{
#define CANDIDATES SUB "/service-client-candidates"
	ss_is(w, "GET", CANDIDATES "?service_client_type=LOCALGROUP", NULL,
		200);
	is_str(names(w), "1 (Our friends)");
	ss_is(w, "GET",
		CANDIDATES "?service_client_type=SUBSYSTEM"
			   "&member_class=com&member_group_code=200"
			   "&subsystem_code=APP&instance=TEST",
		NULL, 200);
	is_int((int)json_array_size(w->json), 1);
	is_str(json_str(json_array_get(w->json, 0), "id"), "TEST:COM:2000:App");
	ss_is(w, "GET", CANDIDATES "?instance=OTHER", NULL, 200);
	is_str(names(w), "1 (Our friends)");
	ss_is(w, "GET", CANDIDATES "?member_name_group_description=zzz", NULL,
		200);
	is_int((int)json_array_size(w->json), 0);
	ss_is(w, "GET", CANDIDATES, NULL, 200);
	ok(json_array_size(w->json) >= 3);
	refused(w, "GET", "/clients/TEST:GOV:1:X/service-client-candidates",
		NULL, 404, "client_not_found");
}

int
main(void)
{
	struct is is = { .status = 200 };
	struct listener l = { .name = "is",
		.address = "127.0.0.1",
		.threads = 2,
		.routes = is_routes,
		.state = &is };
	const char *id;
	struct ss w;

	ss_start(&w);
	ss_anchor(&w);
	ss_init(&w);
	ss_is(&w, "POST", "/clients",
		"{\"client\":{\"member_class\":\"GOV\",\"member_code\":"
		"\"1000\",\"subsystem_code\":\"Rooms\"},"
		"\"ignore_warnings\":true}",
		201);
	ok(!http_serve(&is.http, &l, NULL));
	id = test_openapi_add(&w, &is);
	test_taken(&w, &is);
	test_redirect(&w, &is);
	test_openapi_refresh(&w, &is, id);
	test_openapi_patch(&w, &is, id);
	test_endpoints(&w, id);
	test_rest(&w);
	test_tls(&w);
	test_wsdl(&w, &is);
	test_validator(&w, &is);
	test_subjects(&w, id);
	test_candidates(&w);
	http_stop(&is.http);
	ss_stop(&w);
	return tap_done();
}
