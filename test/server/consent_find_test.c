/* SPDX-License-Identifier: MIT */
/*
 * Where a request says whom it is about: JSON pointers by RFC 6901's own
 * examples, paths with namespaces, and what two readers could read differently.
 */
#define IN_SERVER 1

#include "consent_int.h"

#include <string.h>

#include "err.h"
#include "ident.h"
#include "mem.h"
#include "rest.h"
#include "soap.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

static struct arena *a;

/* What is found, or "" when it is refused. */
static const char *
found(const struct consent_message *m, enum consent_place in, const char *name,
	const char *names)
{
	const struct consent_where w = { in, name };
	struct err e = ERR_INIT;
	json_t *namespaces = NULL;
	const char *out = "";

	if (names && json_parse(a, bytes_str(names), NULL, &namespaces, &e))
		return arena_strdup(a, e.text);
	if (consent_find(a, m, &w, namespaces, &out, &e)) {
		if (e.fault != FAULT_CONSENT_SUBJECT || !strstr(e.text, " / "))
			return arena_strdup(a, e.text);
		return "";
	}
	return out;
}

static const char *
in_body(const char *text, enum consent_place in, const char *name,
	const char *names)
{
	const struct rest_request q = { .method = "POST" };
	const struct segment body = segment_of(bytes_str(text));
	const struct consent_message m = { .rest = &q, .body = &body };

	return found(&m, in, name, names);
}

static const char *
in_query(const char *query, enum consent_place in, const char *name)
{
	const struct rest_request q = { .method = "GET", .query = query };
	const struct consent_message m = { .rest = &q };

	return found(&m, in, name, NULL);
}

static void
pointers(void)
{
	static const char doc[] =
		"{\"foo\":[\"bar\",\"baz\"],\"\":1,\"a/b\":2,\"c%d\":3,"
		"\"e^f\":4,\"g|h\":5,\"i\\\\j\":6,\"k\\\"l\":7,\" \":8,"
		"\"m~n\":9,\"~1\":\"tilde\",\"deep\":{\"foo\":{\"0\":\"zero\"}},"
		"\"no\":null,\"yes\":true,\"real\":1.5,\"empty\":\"\","
		"\"-\":\"dash\",\"one\":[\"only\"]}";
	static const struct {
		const char *pointer, *want;
	} row[] = {
		{ "/one/0", "only" },
		{ "/", "1" },
		{ "/a~1b", "2" },
		{ "/c%d", "3" },
		{ "/e^f", "4" },
		{ "/g|h", "5" },
		{ "/i\\j", "6" },
		{ "/k\"l", "7" },
		{ "/ ", "8" },
		{ "/m~0n", "9" },
		{ "/~01", "tilde" },
		{ "/deep/foo/0", "zero" },
		{ "/-", "dash" },
		/* refused */
		{ "", "" },
		{ "foo", "" },
		{ "/foo", "" },
		{ "/foo/0", "" }, /* the service may read all of them */
		{ "/foo/1", "" },
		{ "/foo/2", "" },
		{ "/foo/-", "" },
		{ "/foo/00", "" },
		{ "/foo/+1", "" },
		{ "/foo/ 1", "" },
		{ "/foo/1/", "" },
		{ "/foo/99999999999999999999", "" },
		{ "/m~n", "" },
		{ "/m~2n", "" },
		{ "/m~", "" },
		{ "/no", "" },
		{ "/yes", "" },
		{ "/real", "" },
		{ "/empty", "" },
		{ "/Foo/0", "" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		is_str(in_body(doc, CONSENT_JSON, row[i].pointer, NULL),
			row[i].want);
	is_str(in_body("{\"id\":\"A\",\"id\":\"B\"}", CONSENT_JSON, "/id",
		       NULL),
		"");
	is_str(in_body("{\"id\":\"A\"", CONSENT_JSON, "/id", NULL), "");
	is_str(in_body("", CONSENT_JSON, "/id", NULL), "");
}

static void
large_bodies(void)
{
	size_t n = CONSENT_BODY_MAX + 1;
	char *text = arena_alloc(a, n + 1);

	memset(text, ' ', n);
	memcpy(text, "{\"id\":\"A\"}", 10);
	text[n] = '\0';
	is_str(in_body(text, CONSENT_JSON, "/id", NULL), "");
	text[n - 1] = '\0';
	is_str(in_body(text, CONSENT_JSON, "/id", NULL), "A");
	memset(text, 'x', CONSENT_VALUE_MAX + 20);
	memcpy(text, "{\"id\":\"", 7);
	memcpy(text + 8 + CONSENT_VALUE_MAX, "\"}", 3);
	is_str(in_body(text, CONSENT_JSON, "/id", NULL), "");
}

#define NAMES "{\"p\":\"urn:p\",\"q\":\"urn:q\"}"

static void
paths(void)
{
	static const char doc[] =
		"<x:get xmlns:x='urn:p' xmlns:p='urn:q' xmlns='urn:d' "
		"plain='1' x:own='2' p:other='3'>"
		"<x:id> A1 </x:id><p:no>B2</p:no>"
		"<none xmlns=''>D4</none><x:twice>1</x:twice>"
		"<x:twice>2</x:twice><x:tree><x:id>3</x:id></x:tree>"
		"<x:cd><![CDATA[E5]]></x:cd><x:void/></x:get>";
	static const struct {
		const char *path, *want;
	} row[] = {
		{ "/p:get/p:id", "A1" },
		{ "/p:get/q:no", "B2" }, /* by URI, not by prefix */
		{ "/p:get/none", "D4" },
		{ "/p:get/p:cd", "E5" },
		{ "/p:get/@plain", "1" },
		{ "/p:get/@p:own", "2" },
		{ "/p:get/@q:other", "3" },
		{ "/p:get/p:tree/p:id", "3" },
		/* refused */
		{ "/p:get/id", "" },
		{ "/p:get/p:twice", "" },
		{ "/p:get/p:tree", "" },
		{ "/p:get/p:void", "" },
		{ "/q:get/p:id", "" },
		{ "/p:get/z:id", "" },
		{ "/p:get/@own", "" },
		{ "/p:get", "" },
		{ "p:get/p:id", "" },
		{ "//p:id", "" },
		{ "/@plain", "" },
		{ "/p:get/@plain/p:id", "" },
		{ "/p:get/p:id[1]", "" },
		{ "/p:get/*", "" },
		{ "/p:get/p:no", "" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		is_str(in_body(doc, CONSENT_XPATH, row[i].path, NAMES),
			row[i].want);
	is_str(in_body("<!DOCTYPE a [<!ENTITY b 'C'>]><a>&b;</a>",
		       CONSENT_XPATH, "/a", NAMES),
		"");
	is_str(in_body("<a>", CONSENT_XPATH, "/a", NAMES), "");
}

/* Readers that go by local names, and those that stop at what is no text. */
static void
paths_read_otherwise(void)
{
	static const struct {
		const char *doc, *path, *want;
	} row[] = {
		{ "<a xmlns='urn:p'><b xmlns=''>B</b><b>A</b></a>", "/p:a/p:b",
			"" },
		{ "<a><b>A</b><b xmlns='urn:p'>B</b></a>", "/a/b", "" },
		{ "<a><b><c>A</c></b><b xmlns='urn:p'><c>B</c></b></a>",
			"/a/b/c", "" },
		{ "<a xmlns:x='urn:x' b='A' x:b='B'/>", "/a/@b", "" },
		{ "<a><b>A<!-- -->1</b></a>", "/a/b", "" },
		{ "<a><b>A<?x y?>1</b></a>", "/a/b", "" },
		{ "<a><b>A<![CDATA[1]]></b></a>", "/a/b", "" },
		{ "<a><b><!-- -->A</b></a>", "/a/b", "" },
		{ "<a><b>A&amp;&#x31;</b><!-- --></a>", "/a/b", "A&1" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		is_str(in_body(row[i].doc, CONSENT_XPATH, row[i].path, NAMES),
			row[i].want);
}

static void
queries(void)
{
	is_str(in_query("id=A&x=1", CONSENT_QUERY, "id"), "A");
	is_str(in_query("x=1&id=%41%2B+b", CONSENT_QUERY, "id"), "A+ b");
	is_str(in_query("%69d=A", CONSENT_QUERY, "id"), "A");
	is_str(in_query("id=A&id=B", CONSENT_QUERY, "id"), "");
	is_str(in_query("id=A&%69d=B", CONSENT_QUERY, "id"), "");
	is_str(in_query("id=A&ID=B", CONSENT_QUERY, "id"), "");
	is_str(in_query("ID=A", CONSENT_QUERY, "id"), "");
	is_str(in_query("id=A;id=B", CONSENT_QUERY, "id"), "");
	is_str(in_query("x=1;id=B&id=A", CONSENT_QUERY, "id"), "");
	is_str(in_query("id=", CONSENT_QUERY, "id"), "");
	is_str(in_query("id", CONSENT_QUERY, "id"), "");
	is_str(in_query("id=%ff", CONSENT_QUERY, "id"), "");
	is_str(in_query("id=%4", CONSENT_QUERY, "id"), "");
	is_str(in_query("id=A%00", CONSENT_QUERY, "id"), "");
	is_str(in_query(NULL, CONSENT_QUERY, "id"), "");
	is_str(in_query("id=A", CONSENT_PARAMETER, "id"), "A");
	is_str(in_query("x=A", CONSENT_PARAMETER, "id"), "");
}

static void
headers(void)
{
	const struct rest_header h[] = { { "X-Person", " A " },
		{ "twice", "1" }, { "Twice", "2" }, { "empty", "" } };
	const struct rest_request q = {
		.method = "POST", .header = h, .headers = 4, .query = "id=B"
	};
	const struct segment body = segment_of(bytes_str("{\"id\":\"A\"}"));
	const struct consent_message m = { .rest = &q };
	const struct consent_message both = { .rest = &q, .body = &body };

	is_str(found(&m, CONSENT_HEADER, "x-person", NULL), "A");
	is_str(found(&m, CONSENT_HEADER, "twice", NULL), "");
	is_str(found(&m, CONSENT_HEADER, "empty", NULL), "");
	is_str(found(&m, CONSENT_HEADER, "absent", NULL), "");
	is_str(found(&m, CONSENT_FIXED, "loan", NULL), "loan");
	is_str(found(&both, CONSENT_PARAMETER, "id", NULL), "");
	is_str(in_body("{\"id\":7}", CONSENT_PARAMETER, "id", NULL), "7");
	is_str(in_body("[7]", CONSENT_PARAMETER, "id", NULL), "");
}

static const char soap_text[] =
	"<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' "
	"xmlns:x='http://x-road.eu/xsd/xroad.xsd'><e:Header>"
	"<x:userId>U1</x:userId><o:userId xmlns:o='urn:o'>U2</o:userId>"
	"</e:Header><e:Body><g:get xmlns:g='urn:g'>"
	"<g:id>S1</g:id><g:other>2</g:other></g:get></e:Body></e:Envelope>";
#define SOAP_NAMES                                                       \
 "{\"e\":\"http://schemas.xmlsoap.org/soap/envelope/\",\"g\":\"urn:g\"," \
 "\"x\":\"http://x-road.eu/xsd/xroad.xsd\"}"

static void
soap_messages(void)
{
	struct soap s = { 0 };
	struct consent_message m = { .soap = &s };
	struct err e = ERR_INIT;

	ok(!xml_parse(a, bytes_str(soap_text), NULL, &s.doc, &e));
	is_str(found(&m, CONSENT_XPATH, "/e:Envelope/e:Header/x:userId",
		       SOAP_NAMES),
		"U1");
	is_str(found(&m, CONSENT_XPATH, "/e:Envelope/e:Body/g:get/g:id",
		       SOAP_NAMES),
		"S1");
	is_str(found(&m, CONSENT_PARAMETER, "id", NULL), "S1");
	is_str(found(&m, CONSENT_PARAMETER, "no", NULL), "");
	is_str(found(&m, CONSENT_JSON, "/id", NULL), "");
	is_str(found(&m, CONSENT_QUERY, "id", NULL), "");
	is_str(found(&m, CONSENT_HEADER, "id", NULL), "");
	ok(!xml_parse(a,
		bytes_str("<e:Envelope xmlns:e='" NS_SOAP "'><e:Body><get><id>"
			  "S<!-- -->1</id></get></e:Body></e:Envelope>"),
		NULL, &s.doc, &e));
	is_str(found(&m, CONSENT_PARAMETER, "id", NULL), "");
}

/* ---- what others read ---- */

/* A body of this method and these headers ("name: value", ...; NULL ends). */
static const char *
sent(const char *method, const char *const *line, const char *query,
	const char *text, enum consent_place in, const char *name)
{
	struct rest_header h[4];
	struct rest_request q = {
		.method = method, .query = query, .header = h
	};
	const struct segment body = segment_of(bytes_str(text ? text : ""));
	const struct consent_message m = { .rest = &q,
		.body = text ? &body : NULL };

	for (; line && line[q.headers]; q.headers++) {
		char *copy = arena_strdup(a, line[q.headers]);
		char *colon = strchr(copy, ':');

		*colon = '\0';
		h[q.headers] = (struct rest_header){ copy, colon + 1 };
	}
	return found(&m, in, name, "{}");
}
#define LINES(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define ID_A       "{\"id\":\"A\"}"

/* A body that the service does not get says nothing about whom it is asked. */
static void
bodies_not_sent(void)
{
	is_str(sent("GET", NULL, NULL, ID_A, CONSENT_JSON, "/id"), "");
	is_str(sent("DELETE", NULL, NULL, "<id>A</id>", CONSENT_XPATH, "/id"),
		"");
	is_str(sent("PUT", NULL, NULL, ID_A, CONSENT_JSON, "/id"), "A");
	is_str(sent("GET", NULL, NULL, ID_A, CONSENT_PARAMETER, "id"), "");
	is_str(sent("GET", NULL, "id=B", ID_A, CONSENT_PARAMETER, "id"), "B");
	is_str(sent("POST", NULL, "id=B", NULL, CONSENT_PARAMETER, "id"), "");
	is_str(sent("POST", NULL, "id=B", "", CONSENT_PARAMETER, "id"), "");
	is_str(sent("POST", NULL, NULL, ID_A, CONSENT_PARAMETER, "id"), "A");
}

/* Go and .NET read members in any case, by default the last of them. */
static void
members_of_any_case(void)
{
	static const char *const text[] = { "{\"id\":\"A\",\"ID\":\"B\"}",
		"{\"Id\":\"B\",\"id\":\"A\"}", "{\"Id\":\"B\"}" };

	for (size_t i = 0; i < 3; i++) {
		is_str(in_body(text[i], CONSENT_JSON, "/id", NULL), "");
		is_str(in_body(text[i], CONSENT_PARAMETER, "id", NULL), "");
	}
	is_str(in_body("{\"task\":\"A\",\"ta\u017f\u212a\":\"B\"}",
		       CONSENT_JSON, "/task", NULL),
		"");
	is_str(in_body("{\"who\":{\"id\":\"A\"},\"WHO\":{\"id\":\"B\"}}",
		       CONSENT_JSON, "/who/id", NULL),
		"");
	is_str(in_body("{\"id\":\"A\",\"id2\":\"B\",\"i\":\"C\"}", CONSENT_JSON,
		       "/id", NULL),
		"A");
}

/* PHP makes '_' of ' ', '.' and '[', drops blanks before, and the last of
   id and id[] wins; CGI makes '_' of '-' in headers. */
static void
names_of_any_spelling(void)
{
	is_str(in_query("the_id=A&the.id=B", CONSENT_QUERY, "the_id"), "");
	is_str(in_query("the_id=A&the+id=B", CONSENT_QUERY, "the_id"), "");
	is_str(in_query("the_id=A&the%5bid=B", CONSENT_QUERY, "the_id"), "");
	is_str(in_query("id=A&id[]=B", CONSENT_QUERY, "id"), "");
	is_str(in_query("id=A&id%5B0%5D=B", CONSENT_QUERY, "id"), "");
	is_str(in_query("id=A&%20id=B", CONSENT_QUERY, "id"), "");
	is_str(in_query("id=A&id2=B&ids=C", CONSENT_QUERY, "id"), "A");
	is_str(in_query("filter[id]=A", CONSENT_QUERY, "filter[id]"), "A");
	is_str(sent("GET", LINES("X-Id:A"), NULL, NULL, CONSENT_HEADER, "X-Id"),
		"A");
	is_str(sent("GET", LINES("X-Id:A", "x_id:B"), NULL, NULL,
		       CONSENT_HEADER, "X-Id"),
		"");
	is_str(sent("GET", LINES("x_id:B"), NULL, NULL, CONSENT_HEADER, "X-Id"),
		"");
}

/* JSON that is at the same time a form, compressed data or another charset. */
static void
types_of_bodies(void)
{
	static const char form[] = "{\"id\":\"A\",\"x\":\"&id=B&\"}";
	static const struct {
		const char *line, *want;
	} json[] = {
		{ "Content-Type:application/json", "A" },
		{ "content-type: Application/JSON; charset=\"UTF-8\"", "A" },
		{ "Content-Type:application/vnd.town+json", "A" },
		{ "Content-Encoding:identity", "A" },
		{ "Content-Type:application/x-www-form-urlencoded", "" },
		{ "Content-Type:application/xml", "" },
		{ "Content-Type:application/json;charset=utf-7", "" },
		{ "Content-Encoding:br", "" },
		{ "content_encoding:br", "" },
	};

	for (size_t i = 0; i < sizeof(json) / sizeof(json[0]); i++) {
		is_str(sent("POST", LINES(json[i].line), NULL, form,
			       CONSENT_JSON, "/id"),
			json[i].want);
		is_str(sent("POST", LINES(json[i].line), NULL, form,
			       CONSENT_PARAMETER, "id"),
			json[i].want);
	}
	is_str(sent("POST",
		       LINES("Content-Type:application/json",
			       "Content-Type:text/plain"),
		       NULL, form, CONSENT_JSON, "/id"),
		"");
	is_str(sent("POST", LINES("Content-Type:text/xml"), NULL, "<id>A</id>",
		       CONSENT_XPATH, "/id"),
		"A");
	is_str(sent("POST", LINES("Content-Type:application/soap+xml"), NULL,
		       "<id>A</id>", CONSENT_XPATH, "/id"),
		"A");
	is_str(sent("POST", LINES("Content-Type:application/json"), NULL,
		       "<id>A</id>", CONSENT_XPATH, "/id"),
		"");
	is_str(sent("POST", LINES("Content-Type:text/xml;charset=utf-7"), NULL,
		       "<id>A</id>", CONSENT_XPATH, "/id"),
		"");
	/* frameworks that give a form's value before that of the query */
	is_str(sent("POST", LINES("Content-Type:application/json"), "id=A",
		       form, CONSENT_QUERY, "id"),
		"A");
	is_str(sent("POST",
		       LINES("Content-Type:application/x-www-form-urlencoded"),
		       "id=A", "id=B", CONSENT_QUERY, "id"),
		"");
	is_str(sent("POST",
		       LINES("Content-Type:multipart/form-data;boundary=x"),
		       "id=A", "id=B", CONSENT_QUERY, "id"),
		"");
}

static int
checked(struct consent_where subject, struct consent_where purpose, bool soap)
{
	json_t *names;
	struct consent_rule r = { .subject = subject, .purpose = purpose };
	struct err e = ERR_INIT;

	if (json_parse(a, bytes_str(NAMES), NULL, &names, &e))
		return -2;
	r.namespaces = names;
	return consent_rule_check(&r, soap, &e);
}
#define W(in, name) ((struct consent_where){ (in), (name) })

static void
rules(void)
{
	struct consent_where loan = W(CONSENT_FIXED, "loan");

	is_int(checked(W(CONSENT_QUERY, "id"), loan, false), 0);
	is_int(checked(W(CONSENT_QUERY, "id"), loan, true), -1);
	is_int(checked(W(CONSENT_XPATH, "/p:get/p:id"), loan, true), 0);
	is_int(checked(W(CONSENT_XPATH, "/z:get/p:id"), loan, true), -1);
	is_int(checked(W(CONSENT_XPATH, "//p:id"), loan, true), -1);
	is_int(checked(W(CONSENT_JSON, "id"), loan, false), -1);
	is_int(checked(W(CONSENT_FIXED, "everybody"), loan, false), -1);
	is_int(checked(W(CONSENT_HEADER, "X-Machilink-User-Id"), loan, false),
		-1);
	is_int(consent_place_by_word("xpath"), CONSENT_XPATH);
	is_int(consent_place_by_word("path"), CONSENT_PLACES);
	ok(consent_header_own("x_machilink_USER-id"));
	ok(!consent_header_own("X-Machilink-User-Id2"));
}

int
main(void)
{
	xml_startup();
	a = arena_new();
	pointers();
	large_bodies();
	paths();
	paths_read_otherwise();
	queries();
	headers();
	soap_messages();
	bodies_not_sent();
	members_of_any_case();
	names_of_any_spelling();
	types_of_bodies();
	rules();
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
