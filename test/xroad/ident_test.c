/* SPDX-License-Identifier: MIT */
/* Tests of ident.c: slash forms, XML forms, what may be registered. */
#include <string.h>

#include "err.h"
#include "file.h"
#include "ident.h"
#include "mem.h"
#include "tap.h"
#include "xml.h"

static void
test_paths(struct arena *a)
{
	struct client_id c;
	struct service_id s;
	struct server_id v;
	struct err e = ERR_INIT;

	ok(client_id_parse(a, "DEV/COM/12%2F34/sub%20%C3%A4", &c, &e) == 0);
	is_str(c.code, "12/34");
	is_str(c.subsystem, "sub \xc3\xa4");
	is_str(client_id_path(a, &c), "DEV/COM/12%2F34/sub%20%C3%A4");
	is_str(client_id_text(a, &c), "SUBSYSTEM:DEV/COM/12/34/sub \xc3\xa4");
	is_str(client_id_type(&c), "SUBSYSTEM");
	ok(client_id_parse(a, "DEV/COM/1234", &c, &e) == 0);
	ok(c.subsystem == NULL);
	is_str(client_id_text(a, &c), "MEMBER:DEV/COM/1234");
	ok(service_id_parse(a, "DEV/COM/1/s/get.it", &s, &e) == 0);
	is_str(service_id_path(a, &s), "DEV/COM/1/s/get.it");
	s.version = "v1";
	is_str(service_id_text(a, &s), "SERVICE:DEV/COM/1/s/get.it/v1");
	ok(server_id_parse(a, "DEV/COM/1/SS0", &v, &e) == 0);
	is_str(server_id_path(a, &v), "DEV/COM/1/SS0");
	is_str(server_id_text(a, &v), "SERVER:DEV/COM/1/SS0");
	ok(!err_set(&e));
}

static void
test_bad_paths(struct arena *a)
{
	static const char *const bad[] = { "", "a", "a/b", "a/b/", "/a/b/c",
		"a//b/c", "a/b/c/d/e", "a/b/c/", "a/b/c d", "a/b/%zz",
		"a/b/%C3", "a/b/\xc3\xa4", "a/b/c%00", "a/b/c|", "a/b/c?x" };
	struct client_id c;
	struct server_id v;
	struct service_id s;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = ERR_INIT;

		ok_m(client_id_parse(a, bad[i], &c, &e) == -1 && err_set(&e),
			"refused: '%s'", bad[i]);
	}
	ok(client_id_parse(a, NULL, &c, NULL) == -1);
	ok(server_id_parse(a, "a/b/c", &v, NULL) == -1);
	ok(server_id_parse(a, "a/b/c/d/e", &v, NULL) == -1);
	ok(service_id_parse(a, "a/b/c/d", &s, NULL) == -1);
}

static void
test_equal(struct arena *a)
{
	struct client_id c = { "I", "C", "M", NULL }, d = c, copy;
	struct service_id s = { c, "x", NULL }, t = s;

	ok(client_id_equal(&c, &d));
	d.subsystem = "S";
	ok(!client_id_equal(&c, &d));
	ok(client_id_same_member(&c, &d));
	d.cls = "c";
	ok(!client_id_same_member(&c, &d));
	ok(service_id_equal(&s, &t));
	t.version = "";
	ok(!service_id_equal(&s, &t));
	client_id_copy(a, &copy, &d);
	ok(client_id_equal(&copy, &d) && copy.cls != d.cls);
}

static void
test_part_check(void)
{
	static const char *const good[] = { "a", "1234-5'()+,.=?_",
		"\xe6\x97\xa5" };
	static const char *const bad[] = { "", "a:b", "a;b", "a%b", "a/b",
		"a\\b", "a\nb", "\x7f", "\xc2\x85", "\xef\xbb\xbf",
		"a\xe2\x80\x8b", "\xff" };
	char longest[258];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		ok(ident_part_check(good[i], "code", NULL) == 0);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok_m(ident_part_check(bad[i], "code", NULL) == -1,
			"forbidden part %zu", i);
	memset(longest, 'x', 257);
	longest[255] = '\0';
	ok(ident_part_check(longest, "code", NULL) == 0);
	longest[255] = 'x';
	longest[256] = '\0';
	ok(ident_part_check(longest, "code", NULL) == -1);
}

static struct xml_node *
root_of(struct arena *a, const char *text)
{
	struct xml_doc *d;

	if (xml_parse(a, bytes_str(text), NULL, &d, NULL) != 0)
		return NULL;
	return xml_root(d);
}

#define X(attr, inside) "<c xmlns:i='" NS_ID "' " attr ">" inside "</c>"
#define MEMBER                                          \
 "<i:xRoadInstance>I</i:xRoadInstance><i:memberClass>C" \
 "</i:memberClass><i:memberCode> M&amp;</i:memberCode>"

static void
test_xml(struct arena *a)
{
	struct client_id c;
	struct server_id v;
	struct err e = ERR_INIT;
	struct buf b;

	ok(client_id_from_xml(a, root_of(a, X("i:objectType='MEMBER'", MEMBER)),
		   &c, &e) == 0);
	is_str(c.code, " M&");
	ok(c.subsystem == NULL);
	buf_init(&b, 10000);
	buf_str(&b, "<c xmlns:id='" NS_ID "' id:objectType='MEMBER'>");
	client_id_to_xml(&b, &c);
	buf_str(&b, "</c>");
	ok(client_id_from_xml(a, root_of(a, b.data), &c, &e) == 0);
	is_str(c.code, " M&");
	buf_done(&b);
	ok(client_id_from_xml(a, root_of(a, X("objectType='MEMBER'", MEMBER)),
		   &c, &e) == -1);
	is_int(e.fault, FAULT_INVALID_XML);
	ok(client_id_from_xml(a, root_of(a, X("i:objectType='X'", MEMBER)), &c,
		   NULL) == -1);
	ok(client_id_from_xml(a, root_of(a, X("i:objectType='MEMBER'", "")), &c,
		   NULL) == -1);
	ok(client_id_from_xml(a,
		   root_of(a, X("i:objectType='MEMBER'", MEMBER MEMBER)), &c,
		   NULL) == -1);
	ok(server_id_from_xml(a,
		   root_of(a, X("i:objectType='SERVER'",
				      MEMBER "<i:serverCode>S"
					     "</i:serverCode>")),
		   &v, NULL) == 0);
	is_str(v.server, "S");
}

static void
test_vectors(struct arena *a)
{
	const char *path =
		vectors_path("x-road/identifiers/serviceid-version.xml");
	struct bytes data;
	struct xml_doc *d;
	struct service_id s;

	if (!path) {
		tap_skip("no vectors");
		return;
	}
	ok(file_read(a, path, 10000, &data, NULL) == 0);
	ok(xml_parse(a, data, NULL, &d, NULL) == 0);
	ok(service_id_from_xml(a, xml_root(d), &s, NULL) == 0);
	is_str(service_id_text(a, &s), "SERVICE:EE/BUSINESS/JODA/getState/v1");
}

int
main(void)
{
	struct arena *a = arena_new();

	xml_startup();
	test_paths(a);
	test_bad_paths(a);
	test_equal(a);
	test_part_check();
	test_xml(a);
	test_vectors(a);
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
