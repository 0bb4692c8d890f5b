/* SPDX-License-Identifier: MIT */
/* Tests of rest_*.c: the worked example, headers, errors, paths. */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "rest.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

#define EXAMPLE                                               \
 "POST\r\n/r1/DEV/COM/1234/TestService/echo/items?x=1\r\n"    \
 "X-Road-Client:DEV/COM/4321/TestClient\r\n"                  \
 "Content-Type:application/json\r\n"                          \
 "x-road-request-id:0b1c2d3e-0000-4000-8000-000000000001\r\n" \
 "x-road-id:m-1\r\n"

static char *
b64(struct arena *a, const struct digest *d)
{
	return base64_encode(a, d->value, d->len);
}

static void
test_worked_example(struct arena *a)
{
	struct rest_request r;
	struct digest body, h;
	struct err e = ERR_INIT;

	is_int(strlen(EXAMPLE), 192);
	ok(rest_request_parse(a, bytes_str(EXAMPLE), &r, &e) == 0);
	is_str(e.text, "");
	is_str(r.method, "POST");
	is_str(r.service_path, "/items");
	is_str(r.query, "x=1");
	is_str(client_id_text(a, &r.client),
		"SUBSYSTEM:DEV/COM/4321/TestClient");
	is_str(service_id_text(a, &r.service),
		"SERVICE:DEV/COM/1234/TestService/echo");
	is_str(r.id, "m-1");
	is_str(r.request_id, "0b1c2d3e-0000-4000-8000-000000000001");
	ok(!r.has_server);
	rest_request_hash(&r, NULL, &h);
	is_str(b64(a, &h), "EhYT8vRBCzF5rvWb9ULtD2knlX9ViPKoRud13d9azXqHq2BJ"
			   "HsVTBHJFqTyIKb/0uUSdcnfWrnXmmvCnkxJLTw==");
	digest_of(DIGEST_SHA512, "{\"a\":1}", 7, &body);
	rest_request_hash(&r, &body, &h);
	is_str(b64(a, &h), "APgdBkBA0OTuNm5T451xK0ZoK3FTMKA8Bxjca7fW+aVHS0Rl"
			   "3q9nCoOuY1Q8RQyI5XL8FFaNQm05FWPnBJCZ1g==");
	digest_of(DIGEST_SHA512, "", 0, &body);
	rest_request_hash(&r, &body, &h);
	is_str(b64(a, &h), "jczIqIriXEojWivLDk9ILXHwe+a6ayIZrGoz7NwT66QJDaoZ"
			   "Kc8ryBZJ5se5WcCycAz4SA5QKNn/Xfa2b+gaeA==");
}

static void
test_request_make(struct arena *a)
{
	static const struct rest_header in[] = {
		{ "Host", "h" },
		{ "X-Road-Client", "a/b" },
		{ "x-road-client", "DEV/COM/4321/TestClient" },
		{ "User-Agent", "x" },
		{ "Content-Length", "7" },
		{ "TE", "x" },
		{ "Expect", "100-continue" },
		{ "Content-Type", "application/json" },
		{ "X-Road-Request-Id", "mine" },
		{ "X-Road-Request-Hash", "mine" },
		{ "X-Road-Security-Server", "DEV/COM/1/SS%200" },
		{ "X-Road-UserId", "u" },
		{ "X-Road-Issue", "i" },
		{ "X-Road-Represented-Party", "COM/5" },
		{ "Cookie", "caf\xe9" },
		{ "X-Empty", "" },
	};
	struct rest_input r = {
		.method = "GET",
		.target = "/r1/DEV/COM/1/s%2Fub/svc",
		.header = in,
		.headers = sizeof(in) / sizeof(*in),
		.request_id = "uuid",
		.instance = "DEV",
	};
	struct rest_request q;
	struct err e = ERR_INIT;
	const char *want = "GET\r\n/r1/DEV/COM/1/s%2Fub/svc\r\n"
			   "X-Road-Client:a/b\r\n"
			   "x-road-client:DEV/COM/4321/TestClient\r\n"
			   "Content-Type:application/json\r\n"
			   "X-Road-Security-Server:DEV/COM/1/SS%200\r\n"
			   "X-Road-UserId:u\r\nX-Road-Issue:i\r\n"
			   "X-Road-Represented-Party:COM/5\r\n"
			   "Cookie:caf\xc3\xa9\r\nX-Empty:\r\n"
			   "x-road-request-id:uuid\r\nx-road-id:DEV-";

	ok(rest_request_make(a, &r, &q, &e) == 0);
	is_str(e.text, "");
	is_bytes(q.raw.data, strlen(want), want, strlen(want));
	is_int(q.raw.len, strlen(want) + UUID_LEN + 2);
	is_str(q.service_path, "");
	ok(q.query == NULL);
	is_str(q.service.provider.subsystem, "s/ub");
	ok(q.has_server);
	is_str(q.server.server, "SS 0");
	is_str(q.user_id, "u");
	is_str(q.issue, "i");
	is_str(q.represented_party, "COM/5");
	is_str(q.client.code, "4321");
}

static int
make(struct arena *a, const char *method, const char *target, const char *name,
	const char *value, struct err *e)
{
	struct rest_header in[] = { { "X-Road-Client", "I/C/M/S" },
		{ "X-Road-Id", "1" }, { name, value } };
	struct rest_input r = { method, target, in, 3, "u", "I" };
	struct rest_request q;

	return rest_request_make(a, &r, &q, e);
}

static void
test_request_refused(struct arena *a)
{
	static const struct {
		const char *method, *target, *name, *value;
		enum fault fault;
	} row[] = {
		{ "GET", "/r1/I/C/M/S/s", "a", "b", 0 },
		{ "GET", "/r1/I/C/M/S/s/", "a", " b\t", 0 },
		{ "GET", "/r1/I/C/M/S/s?", "a", "b", 0 },
		{ "TRACE", "/r1/I/C/M/S/%C3%B6%C3%A4/path%3B/?q=[1]", "a", "b",
			0 },
		{ "GET", "/r1/I/C/M/S/s//x", "a", "b", 0 },
		{ "GET", "/r1/I/C/M/S/s?q=\xe7\x94\xba", "a", "b", 0 },
		{ "GET", "/r1/I/C/M/S/s/\xe7\x94\xba", "a", "b",
			FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s?q={1}", "a", "b", FAULT_BAD_REQUEST },
		{ "get", "/r1/I/C/M/S/s", "a", "b", FAULT_BAD_REQUEST },
		{ "CONNECT", "/r1/I/C/M/S/s", "a", "b", FAULT_BAD_REQUEST },
		{ "", "/r1/I/C/M/S/s", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r2/I/C/M/S/s", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/invalid", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C//S/s", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S%zz/s", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S%C3/s", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s|", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s/[", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s x", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s#f", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s\r\nx:y", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "http://h/r1/I/C/M/S/s", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "//h/r1/I/C/M/S/s", "a", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s", "a b", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s", "", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s", "a:", "b", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s", "a", "b\r\nc:d", FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s", "X-Road-Client", "I/C",
			FAULT_INVALID_CLIENT_IDENTIFIER },
		{ "GET", "/r1/I/C/M/S/s", "x-road-security-server", "I/C/M",
			FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s", "x-road-represented-party", "a/b/c",
			FAULT_BAD_REQUEST },
		{ "GET", "/r1/I/C/M/S/s", "x-road-represented-party", "a/",
			FAULT_BAD_REQUEST },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct err e = ERR_INIT;

		make(a, row[i].method, row[i].target, row[i].name, row[i].value,
			&e);
		ok_m(e.fault == row[i].fault, "%s %s %s: %s %s", row[i].method,
			row[i].target, row[i].name, fault_code(e.fault),
			e.text);
	}
}

static void
test_no_client(struct arena *a)
{
	struct rest_input r = { "GET", "/r1/I/C/M/S/s", NULL, 0, "u", "I" };
	struct rest_request q;
	struct err e = ERR_INIT;

	ok(rest_request_make(a, &r, &q, &e) == -1);
	is_int(e.fault, FAULT_INVALID_CLIENT_IDENTIFIER);
}

static void
test_parts_refused(struct arena *a)
{
#define REQ "GET\r\n/r1/I/C/M/S/s\r\n"
#define HDR "x-road-client:I/C/M\r\nx-road-request-id:u\r\nx-road-id:1\r\n"
	static const struct {
		const char *text;
		bool good;
	} row[] = {
		{ REQ HDR, true },
		{ REQ "a:\r\n" HDR, true },
		{ REQ HDR "a:b", false },
		{ REQ HDR "a:b\n", false },
		{ REQ HDR "\r\n", false },
		{ REQ HDR "ab\r\n", false },
		{ REQ HDR ":b\r\n", false },
		{ REQ HDR "Host:b\r\n", false },
		{ REQ HDR "content-length:1\r\n", false },
		{ REQ HDR "a:b\rc\r\n", false },
		{ REQ HDR "a:\xff\r\n", false },
		{ REQ, false },
		{ "GET\r\n", false },
		{ "", false },
		{ REQ "x-road-client:I/C/M\r\nx-road-id:1\r\n", false },
		{ REQ "x-road-client:I/C/M\r\nx-road-request-id:1\r\n", false },
	};
	struct rest_request q;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++)
		ok_m((rest_request_parse(a, bytes_str(row[i].text), &q, NULL) ==
			     0) == row[i].good,
			"request part %zu", i);
	ok(rest_request_parse(a,
		   bytes_of(REQ HDR "a:\0\r\n", sizeof(REQ HDR "a:\0\r\n") - 1),
		   &q, NULL) == -1);
}

static void
test_response(struct arena *a)
{
	static const struct rest_header in[] = {
		{ "Server", "x" },
		{ "Date", "today" },
		{ "Set-Cookie", "a=b" },
		{ "Set-Cookie", "c=d" },
		{ "X-Road-Id", "forged" },
		{ "X-Road-Service", "forged" },
		{ "x-road-request-hash", "forged" },
		{ "Transfer-Encoding", "chunked" },
	};
	struct rest_request q;
	struct rest_response r;
	struct digest h;
	struct err e = ERR_INIT;
	const char *want =
		"404\r\n\r\nDate:today\r\nSet-Cookie:a=b\r\nSet-Cookie:c=d"
		"\r\nx-road-id:m-1\r\nx-road-client:DEV/COM/4321/TestClient"
		"\r\nx-road-service:DEV/COM/1234/TestService/echo\r\n"
		"x-road-request-id:0b1c2d3e-0000-4000-8000-000000000001\r\n"
		"x-road-request-hash:EhYT8vRBCzF5rvWb9ULtD2knlX9ViPKoRud13d9a"
		"zXqHq2BJHsVTBHJFqTyIKb/0uUSdcnfWrnXmmvCnkxJLTw==\r\n";

	ok(rest_request_parse(a, bytes_str(EXAMPLE), &q, NULL) == 0);
	rest_request_hash(&q, NULL, &h);
	ok(rest_response_make(a, &q, 404, NULL, in, 8, &h, &r, &e) == 0);
	is_str(e.text, "");
	is_bytes(r.raw.data, r.raw.len, want, strlen(want));
	is_int(r.status, 404);
	is_str(r.reason, "");
	is_int(r.headers, 8);
	ok(rest_consistent(&q, &h, &r, &e) == 0);
	r.id = "other";
	ok(rest_consistent(&q, &h, &r, &e) == -1);
	is_int(e.fault, FAULT_INCONSISTENT_RESPONSE);
	r.id = q.id;
	h.value[0] ^= 1;
	ok(rest_consistent(&q, &h, &r, NULL) == -1);
	ok(rest_response_make(a, &q, 200, "O\nK", in, 0, &h, &r, &e) == 0);
	is_str(r.reason, "");
	ok(rest_response_make(a, &q, 200, "Fine", in, 0, &h, &r, &e) == 0);
	is_str(r.reason, "Fine");
}

/* HTTP's octets are ISO-8859-1, a message is UTF-8, and the octets that went
   in come out at the other end. */
static void
test_octets(struct arena *a)
{
	const struct rest_header in[] = { { "X-L", "caf\xe9" },
		{ "X-U", "\xc3\xa9" }, { "X-A", "plain" } };
	struct rest_request q;
	struct rest_response r;
	struct digest h;
	struct err e = ERR_INIT;

	ok(rest_request_parse(a, bytes_str(EXAMPLE), &q, NULL) == 0);
	rest_request_hash(&q, NULL, &h);
	ok(rest_response_make(a, &q, 200, "Tr\xe8s bien", in, 3, &h, &r, &e) ==
		0);
	is_str(r.reason, "Tr\xc3\xa8s bien");
	is_str(r.header[0].value, "caf\xc3\xa9");
	is_str(r.header[1].value, "\xc3\x83\xc2\xa9");
	is_str(rest_octets(a, r.reason), "Tr\xe8s bien");
	for (size_t i = 0; i < 3; i++)
		is_str(rest_octets(a, r.header[i].value), in[i].value);
	is_str(rest_octets(a, "\xe2\x82\xac 5 \xf0\x9f\x98\x80 \xc3\xbf"),
		"? 5 ? \xff");
}

/* Evidence tells who asked, also where no provider would take the target. */
static void
test_who(struct arena *a)
{
	struct client_id client;
	const char *id;
	struct err e = ERR_INIT;

	ok(rest_request_who(a,
		   bytes_str("GET\r\n/r1/I/C/M/S/s?%zz={1}\r\n"
			     "X-Road-Client:I/C/M/S\r\nx-road-id:7\r\n"),
		   &client, &id, &e) == 0);
	is_str(client.subsystem, "S");
	is_str(id, "7");
	ok(rest_request_who(a,
		   bytes_str("GET\r\n/\r\nX-Road-Client:I/C/M/S\r\n"), &client,
		   &id, &e) == -1);
	is_int(e.fault, FAULT_INVALID_MESSAGE);
	is_str(rest_query_ascii(a, "q=\xe7\x94\xba&a=%2f[1]"),
		"q=%E7%94%BA&a=%2f[1]");
}

static void
test_response_refused(struct arena *a)
{
	static const struct {
		const char *text;
		bool good;
	} row[] = {
		{ "200\r\nOK\r\nx-road-id:1\r\nx-road-request-hash:AA==\r\n",
			true },
		{ "200\r\n\r\nx-road-id:1\r\nx-road-request-hash:AA==\r\n",
			true },
		{ "2000\r\n\r\nx-road-id:1\r\nx-road-request-hash:AA==\r\n",
			false },
		{ "20\r\n\r\nx-road-id:1\r\nx-road-request-hash:AA==\r\n",
			false },
		{ "200\r\nx-road-id:1\r\nx-road-request-hash:AA==\r\n", false },
		{ "200\r\n\r\nx-road-id:1\r\nx-road-request-hash:\r\n", false },
		{ "200\r\n\r\nx-road-id:1\r\nx-road-request-hash:A*\r\n",
			false },
		{ "200\r\n\r\nx-road-request-hash:AA==\r\n", false },
		{ "200\r\n\r\nx-road-id:1\r\nx-road-request-hash:AA==\r\n"
		  "x-road-client:zz\r\n",
			false },
	};
	struct rest_response r;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++)
		ok_m((rest_response_parse(a, bytes_str(row[i].text), &r,
			      NULL) == 0) == row[i].good,
			"response part %zu", i);
}

static void
test_error(struct arena *a)
{
	static const struct {
		const char *accept, *type;
	} row[] = {
		{ NULL, "application/json" },
		{ "*/*", "application/json" },
		{ "application/json", "application/json" },
		{ "text/xml", "text/xml;charset=utf-8" },
		{ "text/*;q=0.1", "text/xml;charset=utf-8" },
		{ "application/json, application/XML ; q=1",
			"application/xml;charset=utf-8" },
		{ "text/xmlx, xtext/xml", "application/json" },
	};
	struct err e = ERR_INIT;
	const char *type;
	struct buf b;
	int status;
	size_t i;

	buf_init(&b, 10000);
	fail(&e, FAULT_ACCESS_DENIED, "a \"b\" <c>");
	rest_error_write(&e, NULL, &b, &type, &status);
	is_int(status, 400);
	is_str(b.data, "{\"type\":\"access_denied\",\"message\":\"a \\\"b\\\" "
		       "<c>\",\"detail\":null}");
	err_prefix(&e, "server.serverproxy");
	memcpy(e.detail, "id", 3);
	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		buf_reset(&b);
		rest_error_write(&e, row[i].accept, &b, &type, &status);
		is_int(status, 500);
		is_str(type, row[i].type);
	}
	buf_reset(&b);
	rest_error_write(&e, "text/xml", &b, &type, &status);
	ok(strstr(b.data, "<error><type>server.serverproxy.access_denied"
			  "</type><message>") != NULL);
	ok(strstr(b.data, "<detail>id</detail></error>") != NULL);
	memcpy(e.code, "Server.X", 9);
	rest_error_write(&e, NULL, &b, &type, &status);
	is_int(status, 500);
	buf_done(&b);
	(void)a;
}

static void
test_normalize(struct arena *a)
{
	static const struct {
		const char *raw, *want; /* NULL: denied */
	} row[] = {
		{ "", "" },
		{ "/", "/" },
		{ "/a", "/a" },
		{ "/a/", "/a/" },
		{ "/a/b", "/a/b" },
		{ "/%C3%A4", "/\xc3\xa4" },
		{ "/a%20b", "/a b" },
		{ "/a:b@c;d=1,e!$&'()*+", "/a:b@c;d=1,e!$&'()*+" },
		{ "/100%25", "/100%" },
		{ "/a.b/..c/...", "/a.b/..c/..." },
		{ "/a%2Fb", NULL },
		{ "/a%2fb", NULL },
		{ "/a%5Cb", NULL },
		{ "/a/../b", NULL },
		{ "/a/./b", NULL },
		{ "/..", NULL },
		{ "/a/..", NULL },
		{ "/a/%2e%2e/b", NULL },
		{ "/a/%2E./b", NULL },
		{ "/a/..;/b", NULL },
		{ "/a/..;x=1/b", NULL },
		{ "//a", NULL },
		{ "/a//b", NULL },
		{ "/a//", NULL },
		{ "/%252e%252e/a", NULL },
		{ "/a%252Fb", NULL },
		{ "/a%00b", NULL },
		{ "/a%0Ab", NULL },
		{ "/a%3Fb", NULL },
		{ "/a%23b", NULL },
		{ "/a%zz", NULL },
		{ "/a%C3", NULL },
		{ "/a|b", NULL },
		{ "a", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct err e = ERR_INIT;
		char *got;
		int r = rest_path_normalize(a, row[i].raw, &got, &e);

		if (row[i].want)
			is_str(r == 0 ? got : e.text, row[i].want);
		else
			ok_m(r == -1 && e.fault == FAULT_ACCESS_DENIED,
				"denied: %s", row[i].raw);
	}
}

static void
test_match(void)
{
	static const struct {
		const char *pattern, *path;
		bool match;
	} row[] = {
		{ "**", "", true },
		{ "**", "/a/b", true },
		{ "/pets/*", "/pets/1", true },
		{ "/pets/*", "/pets/", true },
		{ "/pets/*", "/pets/1/2", false },
		{ "/pets/*", "/pets", false },
		{ "/pets/**", "/pets/", true },
		{ "/pets/**", "/pets/1/2", true },
		{ "/pets/**", "/pets", false },
		{ "/pets/*/toys", "/pets/1/toys", true },
		{ "/pets/*/toys", "/pets/1/2/toys", false },
		{ "/**/toys", "/pets/1/2/toys", true },
		{ "/a*b", "/axxb", true },
		{ "/a*b", "/axx/b", false },
		{ "/a\\*b", "/a*b", true },
		{ "/a\\*b", "/axb", false },
		{ "/a\\\\b", "/a\\b", true },
		{ "/a?b", "/ab", false },
		{ "/a.b", "/axb", false },
		{ "/a", "/A", false },
		{ "/a", "/a/", false },
		{ "", "", true },
		{ "/a**a**a**a**a**a**a**b",
			"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			false },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++)
		ok_m(rest_path_match(row[i].pattern, row[i].path) ==
				row[i].match,
			"%s on %s", row[i].pattern, row[i].path);
}

/* Expected values: what java.net.URI makes of the decoded path. */
static void
test_inside(struct arena *a)
{
	static const struct {
		const char *raw;
		enum fault want;
	} row[] = {
		{ "/", FAULT_NONE },
		{ "/a/b/./c", FAULT_NONE },
		{ "/a/b/d/../c", FAULT_NONE },
		{ "/a/b/../../c", FAULT_NONE },
		{ "/a/b/%2e/c", FAULT_NONE },
		{ "/a/b/%2e%2e/%2e%2e/c", FAULT_NONE },
		{ "/a/b/../../%2e%2e/c/d", FAULT_ACCESS_DENIED },
		{ "/../a", FAULT_ACCESS_DENIED },
		{ "/..", FAULT_ACCESS_DENIED },
		{ "/../../a", FAULT_ACCESS_DENIED },
		{ "/a/..", FAULT_NONE },
		{ "/...", FAULT_ACCESS_DENIED },
		{ "/x..", FAULT_ACCESS_DENIED },
		{ "/x../..", FAULT_NONE },
		{ "/a/..;x=1/b", FAULT_ACCESS_DENIED },
		{ "/%2E%2E%2Fa", FAULT_ACCESS_DENIED },
		{ "/%252E%252E/a", FAULT_ACCESS_DENIED },
		{ "/a%5C..%5Cb", FAULT_ACCESS_DENIED },
		{ "/%25", FAULT_NONE },
		{ "/%", FAULT_INTERNAL },
		{ "/%4", FAULT_INTERNAL },
		{ "/%g0", FAULT_INTERNAL },
		{ "/%0a", FAULT_INTERNAL },
		{ "/%7F", FAULT_INTERNAL },
		{ "/%E7%8C%AB", FAULT_NONE },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err e = ERR_INIT;
		int ret = rest_path_inside(a, row[i].raw, &e);
		ok_m((ret ? e.fault : FAULT_NONE) == row[i].want,
			"inside: %s: %s", row[i].raw, e.text);
	}
}

int
main(void)
{
	struct arena *a = arena_new();

	test_worked_example(a);
	test_request_make(a);
	test_request_refused(a);
	test_no_client(a);
	test_parts_refused(a);
	test_response(a);
	test_octets(a);
	test_who(a);
	test_response_refused(a);
	test_error(a);
	test_normalize(a);
	test_inside(a);
	test_match();
	arena_free(&a);
	return tap_done();
}
