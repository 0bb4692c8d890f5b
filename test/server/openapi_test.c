/* SPDX-License-Identifier: MIT */
/*
 * OpenAPI and WSDL documents as text: endpoints, addresses, what is doubtful,
 * what is refused.
 */
#define IN_SERVER 1

#include <string.h>

#include "description_int.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

#define AT "http://is.example:8080/docs/api.yaml?x=1"

static const char YAML[] =
	"# a town's reservations\n"
	"openapi: 3.0.3\n"
	"info:\n"
	"  title: 施設予約\n"
	"  version: 1.0\n"
	"servers:\n"
	"  - url: https://is.example/v1\n"
	"  - url: http://other.example/\n"
	"paths:\n"
	"  /sites:\n"
	"    get: &list\n"
	"      operationId: listSites\n"
	"      responses: {200: {description: ok}}\n"
	"    post:\n"
	"      responses: {'201': {description: made}}\n"
	"  /sites/{id}/days/{day}.{form}:\n"
	"    parameters:\n"
	"      - {name: id, in: path, required: true, schema: {type: string}}\n"
	"      - $ref: '#/components/parameters/day'\n"
	"      - {name: form, in: path, required: true}\n"
	"    delete:\n"
	"      responses: {204: {description: gone}}\n"
	"    x-internal: true\n"
	"  x-note: {get: {}}\n"
	"components:\n"
	"  parameters:\n"
	"    day: {name: day, in: path, required: true}\n";

static const char JSON31[] =
	"{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"t\",\"version\":\"1\"},"
	"\"servers\":[{\"url\":\"../v2/\"}],\"webhooks\":{\"w\":{\"post\":{}}},"
	"\"paths\":{\"/p\":{\"patch\":{},\"trace\":{},\"head\":{},"
	"\"options\":{},\"put\":{}}}}";

static const char *
ops_text(struct arena *a, const struct openapi *o)
{
	const char *s = "";

	for (size_t i = 0; i < o->ops; i++)
		s = arena_printf(a, "%s%s%s %s", s, i ? ", " : "",
			o->op[i].method, o->op[i].path);
	return s;
}

static struct openapi
parse(struct arena *a, const char *text)
{
	struct err e = ERR_INIT;
	struct openapi o;

	ok_m(!openapi_parse(a, bytes_str(text), AT, &o, &e), "parses: %s",
		e.text);
	for (size_t i = 0; i < o.warnings; i++)
		tap_note("%s", o.warning[i]);
	return o;
}

static void
test_parse(struct arena *a)
{
	struct openapi o = parse(a, YAML);

	is_str(ops_text(a, &o),
		"GET /sites, POST /sites, DELETE /sites/*/days/*");
	is_str(o.base, "https://is.example/v1");
	is_int(o.warnings, 0);
	o = parse(a, JSON31);
	is_str(ops_text(a, &o),
		"PATCH /p, TRACE /p, HEAD /p, OPTIONS /p, PUT /p");
	is_str(o.base, "http://is.example:8080/v2/");
	is_int(o.warnings, 0);
}

#define HEAD \
 "{\"openapi\":\"3.0.0\",\"info\":{\"title\":\"t\",\"version\":\"1\"},"

static void
test_base(struct arena *a)
{
	static const struct {
		const char *servers, *want;
	} row[] = {
		{ "", "http://is.example:8080/" },
		{ "\"servers\":[],", "http://is.example:8080/" },
		{ "\"servers\":[{\"url\":\"/api\"}],",
			"http://is.example:8080/api" },
		{ "\"servers\":[{\"url\":\"v1/x\"}],",
			"http://is.example:8080/docs/v1/x" },
		{ "\"servers\":[{\"url\":\"\"}],", AT },
		{ "\"servers\":[{\"url\":\"//h/x\"}],", "http://h/x" },
		{ "\"servers\":[{\"url\":\"https://{host}/x\"}],",
			"https://{host}/x" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct openapi o =
			parse(a, arena_printf(a, HEAD "%s\"paths\":{}}",
					 row[i].servers));
		is_str(o.base, row[i].want);
	}
}

static void
test_resolve(struct arena *a)
{
	/* RFC 3986 section 5.4, where Java agrees */
	static const struct {
		const char *ref, *want;
	} row[] = {
		{ "g", "http://a/b/c/g" },
		{ "./g", "http://a/b/c/g" },
		{ "g/", "http://a/b/c/g/" },
		{ "/g", "http://a/g" },
		{ "//g", "http://g" },
		{ "g?y", "http://a/b/c/g?y" },
		{ "?y", "http://a/b/c/d;p?y" },
		{ ".", "http://a/b/c/" },
		{ "..", "http://a/b/" },
		{ "../g", "http://a/b/g" },
		{ "../../g", "http://a/g" },
		{ "../../../g", "http://a/g" },
		{ "g/../h", "http://a/b/c/h" },
		{ "ftp://x/y", "ftp://x/y" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		is_str(url_resolve(a, "http://a/b/c/d;p?q", row[i].ref),
			row[i].want);
	is_str(url_resolve(a, "http://a", "g"), "http://a/g");
	is_str(url_resolve(a, "http://a", "/"), "http://a/");
	is_str(url_path(a, "https://h:1/a/b?q#f"), "/a/b");
	is_str(url_path(a, "https://h"), "");
	is_str(url_path(a, "/a?to=http://x"), "/a");
}

static void
test_warnings(struct arena *a)
{
	static const struct {
		const char *doc;
		size_t n;
		const char *has;
	} row[] = {
		{ "openapi: 3.0.0\npaths: {}\n", 1, "info is missing" },
		{ "openapi: 3.0.0\ninfo: {title: x}\n", 2,
			"info.version is missing" },
		{ "openapi: 3.1.0\ninfo: {title: x, version: 1}\n", 1,
			"paths is missing" },
		{ "openapi: 3.1.0\ninfo: {title: x, version: 1}\n"
		  "components: {}\n",
			0, "" },
		{ HEAD "\"paths\":{\"p\":{}},\"foo\":1,\"x-y\":2}", 2,
			"foo is unexpected" },
		{ HEAD "\"paths\":{\"/p\":{\"get\":{}}}}", 1,
			"paths.'/p'(get).responses is missing" },
		{ HEAD "\"paths\":{\"/p/{x}\":{\"get\":{\"responses\":{}}}}}",
			1, "path parameter x is not declared" },
		{ HEAD "\"paths\":{\"/p\":{\"get\":{\"responses\":{},"
		       "\"operationId\":\"o\"},\"put\":{\"responses\":{},"
		       "\"operationId\":\"o\"}}}}",
			1, "(put).operationId is repeated" },
		{ HEAD "\"paths\":{\"/p\":{\"get\":[],\"foo\":{}},"
		       "\"/q\":3}}",
			3, "paths.'/q' is not of type `object`" },
		{ HEAD "\"servers\":[{}],\"paths\":{}}", 1,
			"servers[0].url is missing" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct openapi o = parse(a, row[i].doc);
		bool has = !*row[i].has;
		is_int(o.warnings, row[i].n);
		for (size_t k = 0; k < o.warnings; k++)
			has |= strstr(o.warning[k], row[i].has) != NULL;
		ok_m(has, "warns: %s", row[i].has);
	}
}

static void
test_refused(struct arena *a)
{
	static const struct {
		const char *doc;
		enum fault want;
	} row[] = {
		{ "", FAULT_BAD_REQUEST },
		{ "hello", FAULT_BAD_REQUEST },
		{ "{\"openapi\":", FAULT_BAD_REQUEST },
		{ "info: {}\n", FAULT_BAD_REQUEST },
		{ "openapi: [3]\n", FAULT_BAD_REQUEST },
		{ "openapi: 3.0.0\npaths:\n  /a:\n    get: {}\n    get: {}\n",
			FAULT_BAD_REQUEST },
		{ "openapi: 2.0\n", FAULT_INVALID_PROTOCOL_VERSION },
		{ "swagger: '2.0'\nopenapi: '2.0.0'\n",
			FAULT_INVALID_PROTOCOL_VERSION },
		{ "openapi: 3.2.0\n", FAULT_INVALID_PROTOCOL_VERSION },
		{ "openapi: 3.10.0\n", FAULT_INVALID_PROTOCOL_VERSION },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err e = ERR_INIT;
		struct openapi o;
		ok_m(openapi_parse(a, bytes_str(row[i].doc), AT, &o, &e) ==
					-1 &&
				e.fault == row[i].want,
			"refused: %s", e.text);
	}
}

/* Two paths that become the same pattern are one endpoint. */
static void
test_same_pattern(struct arena *a)
{
	struct openapi o = parse(a,
		"openapi: 3.1.1\ninfo: {title: x, version: 1}\npaths:\n"
		"  '/a/{x}': {parameters: [{name: x, in: path}], get: {}}\n"
		"  '/a/{y}': {parameters: [{name: y, in: path}], get: {},"
		" put: {}}\n"
		"  '/b{q/c}': {get: {}}\n");

	is_str(ops_text(a, &o), "GET /a/*, PUT /a/*, GET /b{q/c}");
	is_int(o.warnings, 0);
}

static void
test_vectors(struct arena *a)
{
	static const struct {
		const char *file;
		bool good;
	} row[] = {
		{ "x-road/metaservices/files/petstore.json", true },
		{ "x-road/metaservices/files/petstore.yaml", true },
		{ "x-road/metaservices/files/openapi_incompatible_version.yaml",
			false },
		{ "x-road/openapi/security-server.yaml", true },
		{ "x-road/openapi/central-server.yaml", true },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *path = vectors_path(row[i].file);
		struct err e = ERR_INIT;
		struct openapi o;
		struct bytes text;
		if (!path) {
			tap_skip("no vectors");
			continue;
		}
		if (file_read(a, path, DESCRIPTION_MAX, &text, &e))
			ok_m(false, "%s", e.text);
		ok_m(!openapi_parse(a, text, AT, &o, &e) == row[i].good,
			"%s: %s", row[i].file, e.text);
		tap_note("%zu operations, %zu warnings", o.ops, o.warnings);
		if (row[i].good)
			ok(o.ops > 0);
	}
}

/* ---- WSDL ---- */

#define W(soap, binding, ports)                                                \
 "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' "                  \
 "xmlns:s='http://schemas.xmlsoap.org/wsdl/" soap "/' "                        \
 "xmlns:x='http://x-road.eu/xsd/xroad.xsd' xmlns:t='urn:t'>"                   \
 "<w:import namespace='urn:o' location='http://never.invalid/o.wsdl'/>"        \
 "<w:portType name='p'><w:operation name='one'><w:documentation>"              \
 "<x:title> One </x:title></w:documentation></w:operation>"                    \
 "<w:operation name='two'/></w:portType>" binding "<w:service name='v'>" ports \
 "</w:service></w:definitions>"
#define B(name, transport)                                                \
 "<w:binding name='" name "' type='t:p'><s:binding transport='" transport \
 "'/><w:operation name='one'><x:version>v1</x:version></w:operation>"     \
 "<w:operation name='two'/></w:binding>"
#define HTTP "http://schemas.xmlsoap.org/soap/http"
#define P(name, binding, url)                                                \
 "<w:port name='" name "' binding='t:" binding "'><s:address location='" url \
 "'/></w:port>"

static void
test_wsdl(struct arena *a)
{
	static const struct {
		const char *doc, *want; /* NULL: refused */
	} row[] = {
		{ W("soap", B("b", HTTP), P("q", "b", "http://h/1")),
			"one.v1 (One) http://h/1, two http://h/1" },
		{ W("soap12", B("b", HTTP), P("q", "b", "http://h/2")),
			"one.v1 (One) http://h/2, two http://h/2" },
		/* a second port takes the place of the first */
		{ W("soap", B("b", HTTP),
			  P("q", "b", "http://h/1") P("r", "b", "http://h/3")),
			"one.v1 (One) http://h/3, two http://h/3" },
		{ W("soap", B("b", HTTP) B("c", "urn:smtp"),
			  P("q", "c", "mailto:x") P("r", "b", "http://h/1")),
			"one.v1 (One) http://h/1, two http://h/1" },
		{ W("soap", B("b", "urn:smtp"), P("q", "b", "http://h/1")),
			NULL },
		{ W("soap", B("b", HTTP), P("q", "none", "http://h/1")), NULL },
		{ W("soap", B("b", HTTP), ""), NULL },
		{ W("soap", B("b", HTTP), "<w:port name='q' binding='b'/>"),
			NULL },
		{ "<x/>", NULL },
		{ "<!DOCTYPE w [<!ENTITY e 'x'>]><w/>", NULL },
		{ "no xml", NULL },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct wsdl_service *s = NULL;
		const char *text = "";
		struct err e = ERR_INIT;
		size_t n = 0;
		int ret = wsdl_parse(a, bytes_str(row[i].doc), &s, &n, &e);
		if (!row[i].want) {
			ok_m(ret == -1 && e.fault == FAULT_INVALID_XML,
				"refused: %s", e.text);
			continue;
		}
		for (size_t k = 0; k < n; k++)
			text = arena_printf(a, "%s%s%s%s%s%s%s%s %s", text,
				k ? ", " : "", s[k].code,
				s[k].version ? "." : "",
				s[k].version ? s[k].version : "",
				s[k].title ? " (" : "",
				s[k].title ? s[k].title : "",
				s[k].title ? ")" : "", s[k].url);
		is_str(text, row[i].want);
	}
}

int
main(void)
{
	struct arena *a = arena_new();

	xml_startup();
	test_parse(a);
	test_base(a);
	test_resolve(a);
	test_warnings(a);
	test_refused(a);
	test_same_pattern(a);
	test_vectors(a);
	test_wsdl(a);
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
