/* SPDX-License-Identifier: MIT */
/*
 * Bodies and answers that are JSON: what is no object, what is too deep, that a
 * body's text is wiped, and an answer that is too large.
 */
#include <string.h>

#include "err.h"
#include "http_json.h"
#include "http_kit.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

enum { ANSWER_MAX = 64 };

static int port;
static bool wiped;

/* Says the body's own value, or an array around it. */
static int
do_object(struct request *r, void *state, struct err *e)
{
	const struct json_limits shallow = { .depth = 2 };
	struct bytes text;
	json_t *j;

	(void)state;
	if (http_json_object(r, &shallow, &j, e) || request_body(r, &text, e))
		return -1;
	wiped = text.len > 0;
	for (size_t i = 0; i < text.len; i++)
		wiped = wiped && !text.data[i];
	return http_json_reply(r, 201, NULL, 0, json_incref(j), ANSWER_MAX, e);
}

static int
do_value(struct request *r, void *state, struct err *e)
{
	const struct http_header h[] = { { "Content-Type", "text/json" },
		{ "X-More", "1" } };
	json_t *j;

	(void)state;
	if (http_json_body(r, NULL, &j, e))
		return -1;
	return http_json_reply(r, 200, h, 2, json_incref(j), ANSWER_MAX, e);
}

static const struct route routes[] = {
	{ "POST", "/object", 1000, 0, do_object },
	{ "POST", "/value", 1000, 0, do_value },
	{ NULL, NULL, 0, 0, NULL },
};

static const char *
post(const char *path, const char *body)
{
	static char text[2048];

	snprintf(text, sizeof(text),
		"POST %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		path, strlen(body), body);
	return kit_exchange(port, text);
}

static void
test_object(void)
{
	static const char *const bad[] = { "[]", "\"pin\"", "1", "", "{", "{}x",
		"{\"a\":1,\"a\":2}" };
	const char *t = post("/object", "{\"pin\":\"1234\"}");

	ok(str_prefix(t, "HTTP/1.1 201 "));
	ok(strstr(t, "Content-Type: application/json\r\n"));
	ok(strstr(t, "\r\n\r\n{\"pin\":\"1234\"}"));
	ok_m(wiped, "nothing of the text is left");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok_m(str_prefix(post("/object", bad[i]), "HTTP/1.1 400 "),
			"refused: '%s'", bad[i]);
	ok_m(str_prefix(post("/object", "{\"a\":[[1]]}"), "HTTP/1.1 413 "),
		"deeper than the limit");
	ok(strstr(post("/object", "[]"), "must be a JSON object"));
}

static void
test_value(void)
{
	const char *t = post("/value", "[1, {\"a\": null}]");

	ok(str_prefix(t, "HTTP/1.1 200 "));
	ok(strstr(t, "Content-Type: text/json\r\n"));
	ok(strstr(t, "X-More: 1\r\n"));
	ok(strstr(t, "\r\n\r\n[1,{\"a\":null}]"));
	t = post("/value", "[\"0123456789012345678901234567890123456789"
			   "0123456789012345678901234567890123456789\"]");
	ok_m(str_prefix(t, "HTTP/1.1 413 ") && strstr(t, "the answer"),
		"what is too large is not cut: %.40s", t);
}

int
main(void)
{
	struct listener l = { .name = "json",
		.address = "127.0.0.1",
		.threads = 2,
		.routes = routes };
	struct http_server *s = NULL;
	struct err e = ERR_INIT;

	if (!ok(http_serve(&s, &l, &e) == 0))
		return tap_done();
	port = http_port(s);
	test_object();
	test_value();
	http_stop(&s);
	return tap_done();
}
