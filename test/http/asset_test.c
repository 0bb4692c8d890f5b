/* SPDX-License-Identifier: MIT */
/*
 * Pages from the table and from a folder: headers, caching, and names that
 * must not be found.
 */
#include <stdio.h>
#include <string.h>

#include "asset.h"
#include "err.h"
#include "file.h"
#include "http_kit.h"
#include "http_server.h"
#include "log.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

static const unsigned char page[] = "<!doctype html>";
#define PAGE page, page + sizeof(page) - 1, NULL, NULL
static const unsigned char packed[] = "gzip!";
static const struct asset rows[] = {
	{ "/assets/a-Bx3k_9Qz.js", "text/javascript", "\"1\"", PAGE },
	{ "/assets/plain.css", "text/css", "\"2\"", PAGE },
	{ "/index.html", "text/html", "\"3\"", PAGE },
	{ "/packed.css", "text/css", "\"4\"", page, page + sizeof(page) - 1,
		packed, packed + sizeof(packed) - 1 },
};
static const struct asset_table table = { rows, 4 };
static const char *folder = "";
static int port;

static int
do_page(struct request *r, void *state, struct err *e)
{
	(void)state;
	return asset_serve(r, &table, folder, e);
}

static const struct route routes[] = {
	{ "GET", "/*", 0, 0, do_page },
	{ NULL, NULL, 0, 0, NULL },
};

static const char *
get(const char *path, const char *header)
{
	char text[1024];

	snprintf(text, sizeof(text),
		"GET %s HTTP/1.1\r\nHost: h\r\n%sConnection: close\r\n\r\n",
		path, header);
	return kit_exchange(port, text);
}

static void
test_table(void)
{
	const char *t = get("/", "");

	ok(str_prefix(t, "HTTP/1.1 200 OK\r\n"));
	ok(strstr(t, "\r\nContent-Type: text/html\r\n"));
	ok(strstr(t, "\r\nETag: \"3\"\r\n"));
	ok(strstr(t, "\r\nCache-Control: no-cache\r\n"));
	ok(strstr(t, "\r\nContent-Security-Policy: default-src 'self';"));
	ok(strstr(t, "\r\nX-Content-Type-Options: nosniff\r\n"));
	ok(str_suffix(t, "\r\n\r\n<!doctype html>"));
	ok(strstr(get("/index.html", ""), " 200 "));
	ok(strstr(get("/assets/a-Bx3k_9Qz.js", ""), "immutable"));
	ok(strstr(get("/assets/plain.css", ""), "no-cache"));
	ok(strstr(get("/nothing", ""), " 404 "));
	t = get("/", "If-None-Match: \"0\", W/\"3\"\r\n");
	ok(str_prefix(t, "HTTP/1.1 304 Not Modified\r\n"));
	ok(strstr(t, "ETag: \"3\"") && str_suffix(t, "\r\n\r\n"));
	ok(strstr(get("/", "If-None-Match: \"4\"\r\n"), " 200 "));
}

/* RFC 9110 12.5.3: only who says so gets gzip, with a tag of its own. */
static void
test_packed(void)
{
	const char *t = get("/packed.css", "Accept-Encoding: gzip, br\r\n");

	ok(str_suffix(t, "\r\n\r\ngzip!"));
	ok(strstr(t, "\r\nContent-Encoding: gzip\r\n"));
	ok(strstr(t, "\r\nVary: Accept-Encoding\r\n"));
	ok(strstr(t, "\r\nETag: \"4-gz\"\r\n"));
	t = get("/packed.css", "");
	ok(str_suffix(t, "<!doctype html>") && !strstr(t, "Content-Encoding"));
	ok(strstr(t, "\r\nVary: Accept-Encoding\r\n"));
	ok(strstr(t, "\r\nETag: \"4\"\r\n"));
	t = get("/packed.css", "Accept-Encoding: br;q=1, gzip;q=0\r\n");
	ok(str_suffix(t, "<!doctype html>"));
	t = get("/packed.css", "Accept-Encoding: gzip;q=0.000, br;q=1\r\n");
	ok(str_suffix(t, "<!doctype html>"));
	t = get("/packed.css", "Accept-Encoding: gzip; q=0.5\r\n");
	ok(str_suffix(t, "gzip!"));
	t = get("/index.html", "Accept-Encoding: gzip\r\n");
	ok(str_suffix(t, "<!doctype html>") && !strstr(t, "Vary"));
	t = get("/packed.css", "Accept-Encoding: gzip\r\n"
			       "If-None-Match: \"4-gz\"\r\n");
	ok(str_prefix(t, "HTTP/1.1 304 Not Modified\r\n"));
	t = get("/packed.css", "If-None-Match: \"4-gz\"\r\n");
	ok(strstr(t, " 200 ") != NULL);
}

static void
test_folder(struct arena *a)
{
	struct err e = ERR_INIT;
	const char *inside = path_join(a, tap_dir(), "web");

	ok(dir_make(inside, &e) == 0);
	ok(file_write(path_join(a, inside, "index.html"), bytes_str("<p>"),
		   FILE_PUBLIC, &e) == 0);
	ok(file_write(path_join(a, tap_dir(), "secret"), bytes_str("!"),
		   FILE_PUBLIC, &e) == 0);
	folder = inside;
	const char *t = get("/", "");
	ok(strstr(t, "text/html; charset=utf-8\r\n"));
	ok(str_suffix(t, "\r\n\r\n<p>"));
	ok(strstr(get("/../secret", ""), " 404 "));
	ok(strstr(get("/%2e%2e/secret", ""), " 404 "));
	ok(strstr(get("/.hidden", ""), " 404 "));
	ok(strstr(get("/none.html", ""), " 404 "));
}

/* The generator: sorted, typed, dot files left out, no folder at all. */
static void
test_generator(struct arena *a)
{
	struct err e = ERR_INIT;
	const char *web = path_join(a, tap_dir(), "out");
	const char *gen = path_join(a, tap_dir(), "gen");
	struct bytes text;
	const char *argv[] = { "perl", "packaging/embed/assets.pl", web, gen,
		NULL };
	char out[1024];

	if (!file_exists(argv[1])) {
		tap_skip("not run at the top of the checkout");
		return;
	}
	ok(dir_make(gen, &e) == 0);
	is_int(tap_run(argv, out, sizeof(out)), 0);
	ok(file_read(a, path_join(a, gen, "assets_table.c"), 1 << 20, &text,
		   &e) == 0);
	ok(strstr((const char *)text.data, "{ NULL, 0 }"));
	ok(dir_make(path_join(a, web, "assets"), &e) == 0);
	ok(file_write(path_join(a, web, ".done"), bytes_str(""), FILE_PUBLIC,
		   &e) == 0);
	ok(file_write(path_join(a, web, "index.html"), bytes_str("abc"),
		   FILE_PUBLIC, &e) == 0);
	ok(file_write(path_join(a, web, "long.css"),
		   bytes_str(arena_printf(a, "%0200d", 0)), FILE_PUBLIC,
		   &e) == 0);
	ok(file_write(path_join(a, web, "assets/x.js"), bytes_str(""),
		   FILE_PUBLIC, &e) == 0);
	is_int(tap_run(argv, out, sizeof(out)), 0);
	ok(file_read(a, path_join(a, gen, "assets_table.c"), 1 << 20, &text,
		   &e) == 0);
	const char *t = (const char *)text.data;
	ok(!strstr(t, ".done"));
	ok(strstr(t, "\"/assets/x.js\"") < strstr(t, "\"/index.html\""));
	ok(strstr(t, "\"\\\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
		     "b410ff61f20015ad\\\"\""));
	ok(file_read(a, path_join(a, gen, "assets.S"), 1 << 20, &text, &e) ==
		0);
	ok(strstr((const char *)text.data, ".note.GNU-stack"));
	ok(strstr((const char *)text.data, "packed_2_begin"));
	ok(!strstr((const char *)text.data, "packed_0_begin"));
}

int
main(void)
{
	struct listener l = { .name = "test",
		.address = "127.0.0.1",
		.threads = 4,
		.routes = routes };
	struct http_server *s = NULL;
	struct err e = ERR_INIT;
	struct arena *a = arena_new();

	log_level_set(LOG_ERROR);
	ok(http_startup(&e) == 0);
	ok(http_serve(&s, &l, &e) == 0);
	port = http_port(s);
	test_table();
	test_packed();
	test_folder(a);
	test_generator(a);
	http_stop(&s);
	http_shutdown();
	arena_free(&a);
	return tap_done();
}
