/* SPDX-License-Identifier: MIT */
/*
 * Request heads: what is taken verbatim and what is refused, and why.
 */
#include <string.h>

#include "http_head.h"
#include "tap.h"

static char buffer[128 * 1024];
static struct http_head head;

static int
parse(const char *text)
{
	const char *why = NULL;
	size_t n = strlen(text);
	int status;

	memcpy(buffer, text, n + 1);
	is_int(http_head_length(buffer, n), (long long)n);
	status = http_head_parse(buffer, n, &head, &why);
	ok((status == 0) || why);
	return status;
}

#define HOST "Host: a\r\n"

static void
test_taken(void)
{
	is_int(parse("PATCH /r1/a%2Fb/;x:y/../z//?q=%zz&a=b HTTP/1.1\r\n" HOST
		     "X-RoaD-Client:  a/b \t\r\nEmpty:\r\nx-two: 1\r\n"
		     "X-TWO: \"2\t,3\"\r\n\r\n"),
		0);
	is_str(head.method, "PATCH");
	is_str(head.target, "/r1/a%2Fb/;x:y/../z//?q=%zz&a=b");
	is_int(head.minor, 1);
	is_int((long long)head.headers, 5);
	is_str(head.header[1].name, "X-RoaD-Client");
	is_str(head.header[1].value, "a/b");
	is_str(head.header[2].value, "");
	is_str(head.header[4].name, "X-TWO");
	is_str(http_header_find(head.header, head.headers, "x-Two"),
		"\"2\t,3\"");
	is_int(head.length, -1);
	ok(!head.chunked);

	is_int(parse("\r\n\r\nOPTIONS * HTTP/1.0\r\nContent-Length: 12\r\n"
		     "\r\n"),
		0);
	is_int(head.minor, 0);
	is_int(head.length, 12);
	is_int(parse("MY-verb http://h:1/x HTTP/1.1\r\n" HOST
		     "transfer-encoding: Chunked\r\n\r\n"),
		0);
	ok(head.chunked);
	is_int(parse("GET /\xe7\x94\xba\xff HTTP/1.1\r\n" HOST "\r\n"), 0);
	is_str(head.target, "/\xe7\x94\xba\xff");
}

static const struct {
	int status;
	const char *text;
} refused[] = {
	{ 400, "GET /\r\n\r\n" },
	{ 400, "GET  / HTTP/1.1\r\n" HOST "\r\n" },
	{ 505, "GET / HTTP/1.1 \r\n" HOST "\r\n" },
	{ 400, " GET / HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "G(T / HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "GET x HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "GET /\t HTTP/1.1\r\n" HOST "\r\n" },
	{ 400, "GET / http/1.1\r\n" HOST "\r\n" },
	{ 505, "GET / HTTP/2.0\r\n" HOST "\r\n" },
	{ 505, "GET / HTTP/1.10\r\n" HOST "\r\n" },
	{ 400, "GET / HTTP/1.1\r\n\r\n" }, /* no Host */
	{ 400, "GET / HTTP/1.1\r\n" HOST HOST "\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "Name : v\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "X: a\r\n folded\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST ": v\r\n\r\n" },
	{ 400, "GET / HTTP/1.1\r\n" HOST "X: \x01\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 1x\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n"
	       "Content-Length: 1\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST
	       "Content-Length: 9999999999999999999\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n"
	       "Transfer-Encoding: chunked\r\n\r\n" },
	{ 400, "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
	       "Transfer-Encoding: identity\r\n\r\n" },
	{ 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" },
	{ 501, "POST / HTTP/1.1\r\n" HOST
	       "Transfer-Encoding: gzip, chunked\r\n\r\n" },
};

static void
test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (parse(refused[i].text) != refused[i].status)
			ok_m(false, "not refused: %s", refused[i].text);
}

static void
test_many_headers(void)
{
	static char text[8192];
	size_t n;

	strcpy(text, "GET / HTTP/1.1\r\n" HOST);
	for (int i = 0; i < HTTP_HEADERS_MAX - 1; i++)
		strcat(text, "a: b\r\n");
	n = strlen(text);
	strcpy(text + n, "\r\n");
	is_int(parse(text), 0);
	is_int((long long)head.headers, HTTP_HEADERS_MAX);
	strcpy(text + n, "a: b\r\n\r\n");
	is_int(parse(text), 431);
}

static void
test_length(void)
{
	static const char whole[] = "GET / HTTP/1.1\r\nA: b\r\n\r\nbody\n\0";

	for (size_t n = 0; n < 24; n++)
		is_int(http_head_length(whole, n), 0);
	is_int(http_head_length(whole, sizeof(whole)), 24);
	is_int(http_head_length("GET /\nA: b\n\n", 12), -1);
	is_int(http_head_length("GET /\rA: b\r\n", 12), -1);
	is_int(http_head_length("\n", 1), -1);
	is_int(http_head_length("a\0b", 3), -1);
	is_int(http_head_length("\r\n\r", 3), 0);
}

static void
test_lists(void)
{
	ok(http_list_has("close", "close"));
	ok(http_list_has("TE , Close", "close"));
	ok(!http_list_has("closed", "close"));
	ok(!http_list_has("keep-alive,", "close"));
	ok(!http_list_has("", "close"));
	ok(http_token("x-A_1"));
	ok(!http_token(""));
	ok(!http_token("a b"));
	ok(http_value("a\tb \xff"));
	ok(!http_value("a\r\nb"));
}

int
main(void)
{
	test_taken();
	test_refused();
	test_many_headers();
	test_length();
	test_lists();
	return tap_done();
}
