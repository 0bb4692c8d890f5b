/* SPDX-License-Identifier: MIT */
/*
 * Consent over the real doors of two security servers: the firm's service needs
 * it, the firm's cache of Personal-Link says whose there is. What reaches the
 * service, what is refused and with which words, old and restored caches, moved
 * clocks, headers that somebody else wrote.
 */
#define IN_SERVER 1

#include "net.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "consent_int.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "job.h"
#include "link_sql.h"
#include "mem.h"
#include "rest.h"
#include "param.h"
#include "server_sql.h"
#include "soap.h"
#include "tap.h"
#include "text.h"
#include "transfer_int.h"

static struct net n;
static struct db *cache;

enum { MINUTE = 60 * 1000 };
#define DATA_PATH "/r1/JP/COM/2000/Data/"
#define PROVIDER  "JP/COM/2000"
#define PORTAL    "JP/GOV/1000/Portal"
#define REFERENCE "c0ffee"

static struct err trouble = ERR_INIT;

#define CACHE(q, ...)                             \
 do {                                             \
  struct db_conn *conn = db_take(cache);          \
  if (db_run(conn, q, &trouble, __VA_ARGS__) < 0) \
   ok_m(false, "cache: %s", trouble.text);        \
  db_give(conn);                                  \
 } while (0)

/* ---- the firm's cache ---- */

static void
contact(int64_t age_ms, int64_t center_ahead_ms, bool whole, const char *boot)
{
	struct bytes id = bytes_str("other");
	const char *mine;

	(void)file_read(n.a, "/proc/sys/kernel/random/boot_id", 63, &id, NULL);
	mine = str_trim(arena_strndup(n.a, (const char *)id.data, id.len));
	((char *)(uintptr_t)mine)[strcspn(mine, "\n")] = '\0';
	CACHE(Q_LINK_CONTACT_PUT, db_text(PROVIDER), db_text("epoch"),
		db_int(1), db_int(whole), db_int(clock_now() - age_ms),
		db_int(clock_ticks() - age_ms), db_text(boot ? boot : mine),
		db_int(clock_now() - age_ms + center_ahead_ms));
}

struct given {
	const char *reference, *subject, *purpose, *state, *items;
	int64_t from, to; /* from now, ms */
};

static void
consent_of(const char *service, const struct given *g)
{
	int64_t now = clock_now();

	CACHE(Q_LINK_CONSENT_TAKE, db_text(g->reference), db_text(service),
		db_text(g->purpose), db_text(g->subject), db_text(g->items),
		db_text(g->items), db_int(30), db_text(g->state),
		db_int(now + g->from), db_int(now + g->to));
}

static void
consent(const struct given *g)
{
	consent_of("service", g);
}

static void
person(const char *subject, const char *pairwise, const char *user)
{
	CACHE(Q_LINK_ID_CONVERSION_PUT, db_text(pairwise), db_text(PROVIDER),
		db_null(), db_null());
	CACHE(Q_LINK_ID_LINK_PUT, db_text(pairwise), db_text("linked"),
		db_null());
	CACHE(Q_LINK_ID_PAIR_PUT, db_text(subject), db_text("JP/GOV/1000"),
		db_text(PROVIDER), db_null(), db_null(), db_text(pairwise));
	if (user)
		CACHE(Q_LINK_USER_PUT, db_text(pairwise), db_text(user));
}

static void
purpose(const char *id, const char *subsystem, const char *code)
{
	CACHE(Q_LINK_PURPOSE_PUT, db_text(id), db_text("JP/GOV/1000"),
		db_text(subsystem), db_text(code), db_text("目的"),
		db_text("purpose"), db_text("理由"), db_text("reason"),
		db_text("https://portal.invalid/policy"), db_text("valid"));
}

static const struct given ALICE = { REFERENCE, "alice", "loan", "approved",
	"[\"income\",\"tax year\"]", -60 * MINUTE, 60 * MINUTE };

static void
fill(void)
{
	CACHE(Q_LINK_PLACE_FOUND, db_text("cache"), db_text(""));
	for (int i = 0; i < 2; i++)
		CACHE(Q_LINK_ORGANISATION_PUT,
			db_text(i ? PROVIDER : "JP/GOV/1000"), db_text("名"),
			db_text("name"), db_null(), db_null(), db_null(),
			db_int(0), db_int(1), db_int(0));
	CACHE(Q_LINK_SERVICE_PUT, db_text("service"), db_text(PROVIDER),
		db_text(PROVIDER "/Data/person"), db_text("所得"),
		db_text("income"), db_text("所得"), db_text("income"),
		db_text("[]"), db_text("法"), db_text("law"), db_int(365),
		db_int(900), db_null(), db_int(0), db_text("valid"));
	purpose("loan", PORTAL, "loan");
	purpose("census", PORTAL, "census");
	purpose("other", "JP/GOV/1000/Tls", "loan");
	person("alice", "pair-alice", "U-1 東京");
	person("bob", "pair-bob", "U-2");
	person("carol", "pair-carol", NULL);
	consent(&ALICE);
}

/* ---- the firm's services ---- */

static void
rule(const char *code, const char *in, const char *name, const char *pin,
	const char *pname, const char *items, int64_t max_age)
{
	struct db_conn *c = db_take(n.firm.s.db);

	if (db_run(c, Q_SERVER_CONSENT_RULE_PUT, &trouble, db_int(n.firm_data),
		    db_text(code), db_text(in), db_text(name), db_text(pin),
		    db_text(pname), db_text(items),
		    db_text("{\"e\":\"http://schemas.xmlsoap.org/soap/"
			    "envelope/\",\"d\":\"urn:d\"}"),
		    db_int(max_age)) < 0)
		ok_m(false, "rule: %s", trouble.text);
	db_give(c);
	node_touch(&n.firm);
}

static void
by_query(int64_t max_age)
{
	rule("person", "query", "id", "header", "X-Purpose", "[\"income\"]",
		max_age);
}

/* ---- asking ---- */

static struct http_answer
ask(const char *query, const char *why)
{
	const struct http_header h[] = { { "X-Road-Client", PORTAL },
		{ "X-Purpose", why }, { "X-Machilink-User-Id", "U-2" },
		{ "x_machilink_consent", "stolen" },
		{ "X-Machilink-Items", "everything" } };
	const struct is_call c = { "GET",
		arena_printf(n.a, DATA_PATH "person/x?%s", query), h, 5,
		bytes_of(NULL, 0), false, NULL };

	return is_call(&n, &n.town, &c);
}

static const char *
code_of(const char *query, const char *why)
{
	struct http_answer a = ask(query, why);

	return a.status == 200 ? "200" : is_error(&a);
}

#define REQUIRED  "server.serverproxy.consent_required"
#define UNCERTAIN "server.serverproxy.consent_uncertain"
#define MISSING   "server.serverproxy.consent_subject_missing"

static const char *
seen_header(const char *name, size_t *times)
{
	struct service_seen s = net_seen(&n);
	const char *value = NULL;

	*times = 0;
	for (size_t i = 0; i < s.headers; i++)
		if (str_iequal(s.header[i].name, name)) {
			value = s.header[i].value;
			++*times;
		}
	return value;
}

static void
header_is(const char *name, const char *want)
{
	size_t times;

	is_str(seen_header(name, &times), want);
	is_int(times, want != NULL);
}

static void
what_is_told(void)
{
	struct http_answer a;
	int before = net_seen(&n).calls;

	is_str(code_of("id=alice", "loan"), "200");
	is_int(net_seen(&n).calls, before + 1);
	header_is("X-Machilink-User-Id", "U-1%20%E6%9D%B1%E4%BA%AC");
	header_is("X-Machilink-Consent", REFERENCE);
	header_is("X-Machilink-Purpose", "loan");
	header_is("X-Machilink-Items", "income,tax%20year");
	header_is("x_machilink_consent", NULL);
	header_is("X-Purpose", "loan");
	a = ask("id=nobody", "loan");
	ok_m(text_has(a.body, "naming ") && text_has(a.body, "照会番号"),
		"the refusal has a number in both languages: %.*s",
		(int)a.body.len, (const char *)a.body.data);
	ok(!text_has(a.body, "nobody"));
	is_int(net_seen(&n).calls, before + 1);
}

/* Headers of ours reach no service that needs no consent either. */
static void
spoofing_elsewhere(void)
{
	const struct http_header h[] = { { "X-Road-Client", PORTAL },
		{ "X-Machilink-User-Id", "U-2" } };
	const struct is_call c = { "GET", ECHO "/x", h, 2, bytes_of(NULL, 0),
		false, NULL };
	struct http_answer a = is_call(&n, &n.town, &c);

	is_int(a.status, 200);
	header_is("X-Machilink-User-Id", NULL);
}

/* The last one was judged; most frameworks read the first. */
static void
one_client(void)
{
	const struct http_header h[] = { { "X-Road-Client",
						 "JP/COM/2000/Data" },
		{ "x_road_client", "JP/COM/2000/Data" },
		{ "X-Road-Client", PORTAL }, { "X-Road-UserId", "EE1" } };
	const struct is_call c = { "GET", ECHO "/x", h, 4, bytes_of(NULL, 0),
		false, NULL };
	struct http_answer a = is_call(&n, &n.town, &c);

	is_int(a.status, 200);
	header_is("X-Road-Client", PORTAL);
	header_is("x_road_client", NULL);
	header_is("X-Road-UserId", "EE1");
}

static void
who_and_why(void)
{
	struct given g = ALICE;
	struct http_answer a;

	is_str(code_of("id=alice", "census"), REQUIRED);
	is_str(code_of("id=alice", "Loan"), REQUIRED);
	is_str(code_of("id=alice", ""), MISSING);
	is_str(code_of("id=bob", "loan"), REQUIRED);
	is_str(code_of("id=alice&id=bob", "loan"), MISSING);
	is_str(code_of("x=1", "loan"), MISSING);
	/* the same person, but another subsystem's consent */
	g.reference = "b0b";
	g.subject = "bob";
	g.purpose = "other";
	consent(&g);
	is_str(code_of("id=bob", "loan"), REQUIRED);
	/* no user ID was registered: nobody to ask about */
	g.reference = "ca401";
	g.subject = "carol";
	g.purpose = "loan";
	consent(&g);
	a = ask("id=carol", "loan");
	is_str(is_error(&a), REQUIRED);
	ok(text_has(a.body, "ca401"));
	rule("person", "query", "id", "fixed", "loan",
		"[\"income\",\"children\"]", 0);
	is_str(code_of("id=alice", ""), REQUIRED);
	by_query(0);
}

static void
in_time(void)
{
	struct given g = ALICE;

	g.to = -1000; /* since a second */
	consent(&g);
	is_str(code_of("id=alice", "loan"), REQUIRED);
	g.to = 2000;
	consent(&g);
	is_str(code_of("id=alice", "loan"), "200");
	g.from = 60 * MINUTE; /* not yet */
	g.to = 120 * MINUTE;
	consent(&g);
	is_str(code_of("id=alice", "loan"), REQUIRED);
	consent(&ALICE);
	/* our clock is late: the center's counts */
	contact(0, 2 * 60 * MINUTE, true, NULL);
	is_str(code_of("id=alice", "loan"), REQUIRED);
	contact(0, 0, true, NULL);
	is_str(code_of("id=alice", "loan"), "200");
}

static void
age(void)
{
	contact(14 * MINUTE, 0, true, NULL);
	is_str(code_of("id=alice", "loan"), "200");
	contact(16 * MINUTE, 0, true, NULL); /* declared: 900 s */
	is_str(code_of("id=alice", "loan"), UNCERTAIN);
	contact(2 * MINUTE, 0, true, NULL);
	by_query(60);
	is_str(code_of("id=alice", "loan"), UNCERTAIN);
	by_query(0);
	is_str(code_of("id=alice", "loan"), "200");
	contact(0, 0, false, NULL); /* restored */
	is_str(code_of("id=alice", "loan"), UNCERTAIN);
	/* before the last boot, in the future: the clock was set back */
	contact(-5 * MINUTE, 0, true, "earlier");
	is_str(code_of("id=alice", "loan"), UNCERTAIN);
	contact(5 * MINUTE, 0, true, "earlier");
	is_str(code_of("id=alice", "loan"), "200");
	contact(0, 0, true, NULL);
}

/* Steady time counts when the wall clock was set back meanwhile. */
static void
clock_back(void)
{
	struct consent_gate *gate = consent_gate_new(n.firm.conf);
	struct err e = ERR_INIT;
	struct consent_grant grant;
	json_t *none = json_keep(n.a, json_array());
	struct consent_ask ask = { "alice", PORTAL, PROVIDER,
		PROVIDER "/Data/person", "loan", none, 0 };

	contact(20 * MINUTE, 0, true, NULL);
	clock_shift(-19 * MINUTE);
	ok(consent_check(gate, &ask, n.a, &grant, &e));
	is_int(e.fault, FAULT_CONSENT_UNCERTAIN);
	clock_shift(0);
	contact(0, 0, true, NULL);
	ok(!consent_check(gate, &ask, n.a, &grant, NULL));
	/* the end of a consent is not put off by the clock either */
	clock_shift(61 * MINUTE);
	contact(0, 0, true, NULL);
	clock_shift(0);
	e = (struct err)ERR_INIT;
	ok(consent_check(gate, &ask, n.a, &grant, &e));
	is_int(e.fault, FAULT_CONSENT_REQUIRED);
	contact(0, 0, true, NULL);
	consent_gate_free(&gate);
}

static void
withdrawn(void)
{
	struct given g = ALICE;
	struct http_answer a;

	g.state = "withdrawn";
	consent(&g);
	a = ask("id=alice", "loan");
	is_str(is_error(&a), REQUIRED);
	ok_m(text_has(a.body, REFERENCE), "the own consent is named");
	consent(&ALICE); /* what ended stays ended */
	is_str(code_of("id=alice", "loan"), REQUIRED);
	g = ALICE;
	g.reference = "second";
	consent(&g); /* given again */
	is_str(code_of("id=alice", "loan"), "200");
	header_is("X-Machilink-Consent", "second");
	CACHE(Q_LINK_ID_LINK_PUT, db_text("pair-alice"), db_text("unlinked"),
		db_null());
	is_str(code_of("id=alice", "loan"), REQUIRED);
	CACHE(Q_LINK_ID_LINK_PUT, db_text("pair-alice"), db_text("linked"),
		db_null());
}

static void
bodies(void)
{
	struct http_answer a;

	rule("person", "json", "/who/id", "fixed", "loan", "[]", 0);
	a = is_post(&n, DATA_PATH "person/x", "b-1",
		bytes_str("{\"who\":{\"id\":\"alice\"}}"));
	is_int(a.status, 200);
	is_bytes(net_seen(&n).body.data, net_seen(&n).body.len,
		"{\"who\":{\"id\":\"alice\"}}", 22);
	a = is_post(&n, DATA_PATH "person/x", "b-2",
		bytes_str("{\"who\":{\"id\":\"bob\"}}"));
	is_str(is_error(&a), REQUIRED);
	a = is_post(&n, DATA_PATH "person/x", "b-3", bytes_str("nothing"));
	is_str(is_error(&a), MISSING);
}

static const char *
soap_answer(const char *text)
{
	static const struct service_id service = {
		{ NET_INSTANCE, "COM", "2000", "Data" }, "get", "v1"
	};
	const struct soap_call c = { .client = &TOWN_PORTAL,
		.service = &service,
		.id = "s-1",
		.text = text };
	struct http_answer a = is_soap(&n, &c);

	return soap_code(&n, &a);
}

static void
soap(void)
{
	struct http_header h = { "Content-Type", "text/xml" };
	struct service_say say = { .status = 200,
		.header = &h,
		.headers = 1,
		.soap_type = "text/xml" };

	CACHE(Q_LINK_SERVICE_PUT, db_text("soap"), db_text(PROVIDER),
		db_text(PROVIDER "/Data/get"), db_text("所得"),
		db_text("income"), db_text("所得"), db_text("income"),
		db_text("[]"), db_text("法"), db_text("law"), db_int(365),
		db_int(900), db_null(), db_int(0), db_text("valid"));
	CACHE(Q_LINK_CONSENT_TAKE, db_text("soap-1"), db_text("soap"),
		db_text("loan"), db_text("alice"), db_text("[]"), db_text("[]"),
		db_int(30), db_text("approved"), db_int(clock_now() - MINUTE),
		db_int(clock_now() + MINUTE));
	rule("get", "xpath", "/e:Envelope/e:Body/d:get", "fixed", "loan", "[]",
		0);
	net_say(&n, &say);
	is_str(soap_answer("alice"), "");
	header_is("X-Machilink-Consent", "soap-1");
	header_is("X-Machilink-User-Id", "U-1%20%E6%9D%B1%E4%BA%AC");
	is_str(soap_answer("bob"), REQUIRED);
	is_str(soap_answer(" "), MISSING);
}

/* ---- SOAP that two readers could read differently ---- */

static struct bytes
soap_document(const char *code, const char *element, const char *text)
{
	const struct service_id service = {
		{ NET_INSTANCE, "COM", "2000", "Data" }, code, "v1"
	};
	struct bytes out;
	struct buf b;

	buf_init(&b, 64 * 1024);
	soap_write(&b, &TOWN_PORTAL, &service, NULL, "s-2", element, text);
	out = bytes_of(arena_memdup(n.a, b.data, b.len), b.len);
	buf_done(&b);
	return out;
}

static const char *
soap_send(const char *type, struct bytes body)
{
	const struct http_header h[] = { { "Content-Type", type },
		{ "SOAPAction", "\"\"" } };
	const struct is_call c = { "POST", "/", h, 2, body, true, NULL };
	struct http_answer a = is_call(&n, &n.town, &c);

	return soap_code(&n, &a);
}

/* The root part, then one more whose header lines these are. */
static const char *
soap_parts(const char *param, const char *root, const char *other)
{
	struct bytes doc = soap_document("get", "get", "alice");
	struct bytes bad = soap_document("get", "get", "bob");
	struct bytes body = bytes_str(arena_printf(n.a,
		"--b\r\nContent-Type: text/xml; charset=UTF-8\r\n%s\r\n%.*s"
		"\r\n--b\r\nContent-Type: text/xml\r\n%s\r\n%.*s\r\n--b--\r\n",
		root, (int)doc.len, (const char *)doc.data, other, (int)bad.len,
		(const char *)bad.data));

	return soap_send(
		arena_printf(n.a,
			"multipart/related; type=\"text/xml\"; boundary=b%s",
			param),
		body);
}

/* RFC 2387: the part that `start` names is what a service reads. */
static void
soap_roots(void)
{
	struct service_say say = { .status = 200,
		.soap_type = "text/xml",
		.body = soap_document("get", "getResponse", "done") };
	const char *type;
	size_t times;

	net_say(&n, &say);
	is_str(soap_parts("; start=\"<root>\"", "Content-ID: <root>\r\n",
		       "Content-ID: <x>\r\n"),
		"");
	type = seen_header("Content-Type", &times);
	ok_m(type && strstr(type, "start=\"<root>\""), "root: %s", type);
	header_is("X-Machilink-Consent", "soap-1");
	is_str(soap_parts("; start=\"<x>\"", "Content-ID: <root>\r\n",
		       "Content-ID: <x>\r\n"),
		"");
	type = seen_header("Content-Type", &times);
	ok_m(type && !strstr(type, "<x>"), "another root: %s", type);
	is_str(soap_parts("; start=\"<x>\"", "", "Content-ID: <x>\r\n"), "");
	type = seen_header("Content-Type", &times);
	ok_m(type && !strstr(type, "<x>"), "no id of the root: %s", type);
	is_str(soap_parts("", "Content-ID: <x>\r\n", "Content-ID: <x>\r\n"),
		MISSING);
	is_str(soap_parts("", "Content-Transfer-Encoding: quoted-printable\r\n",
		       ""),
		MISSING);
	is_str(soap_parts("", "Content-Transfer-Encoding: binary\r\n", ""), "");
}

/* A body's element may begin with the service's code (X-Road): it must not be
   that of another service, which needs consent. */
static void
soap_prefixes(void)
{
	struct service_row row = { "WSDL", "find", "v1", net_url(&n, "/soap"),
		2, false, false, &TOWN_PORTAL };
	const struct service_say say = { .status = 200,
		.soap_type = "text/xml",
		.body = soap_document("find", "findResponse", "done") };
	int before;

	net_say(&n, &say);
	node_service(&n.firm, n.firm_data, &row);
	row.code = "findPerson";
	row.allowed = NULL;
	node_service(&n.firm, n.firm_data, &row);
	rule("findPerson", "parameter", "id", "fixed", "loan", "[]", 0);
	before = net_seen(&n).calls;
	is_str(soap_send("text/xml", soap_document("find", "findAll", "bob")),
		"");
	is_int(net_seen(&n).calls, before + 1);
	is_str(soap_send(
		       "text/xml", soap_document("find", "findPerson", "bob")),
		"server.serverproxy.inconsistent_headers");
	is_int(net_seen(&n).calls, before + 1);
}

/* ---- every place where the identifier may be ---- */

/* What is sent, with '@' for the person; `twice`: the same with two, of whom
   two readers could take either. NULL: cannot be. */
struct place {
	const char *in, *name;
	const char *query, *header, *body, *soap;
	const char *query_twice, *body_twice;
};
static const struct place places[] = {
	{ .in = "header", .name = "X-Person", .header = "@" },
	{ .in = "query",
		.name = "id",
		.query = "a=1&id=@",
		.query_twice = "id=@&ID=bob" },
	{ .in = "json",
		.name = "/who/0/id",
		.body = "{\"who\":[{\"id\":\"@\"}]}",
		.body_twice = "{\"who\":[{\"id\":\"@\",\"id\":\"bob\"}]}" },
	{ .in = "xpath",
		.name = "/d:get/@id",
		.body = "<g:get xmlns:g=\"urn:d\" id=\"@\"/>",
		.body_twice = "<get id=\"@\"/>" },
	{ .in = "xpath",
		.name = "/d:get/d:id",
		.body = "<get xmlns=\"urn:d\"><id>@</id></get>",
		.body_twice = "<get xmlns=\"urn:d\"><id>@</id><id>bob</id>"
			      "</get>" },
	{ .in = "parameter",
		.name = "id",
		.query = "id=@",
		.query_twice = "id=@&id=bob" },
	{ .in = "parameter",
		.name = "id",
		.body = "{\"id\":\"@\"}",
		.body_twice = "{\"id\":[\"@\",\"bob\"]}" },
	{ .in = "xpath",
		.name = "/e:Envelope/e:Body/d:get/d:id",
		.soap = "<d:id>@</d:id>",
		.body_twice = "<d:id>@</d:id><d:id>bob</d:id>" },
	{ .in = "parameter",
		.name = "id",
		.soap = "<d:id>@</d:id>",
		.body_twice = "<d:id>@</d:id><x:id xmlns:x=\"urn:x\">bob"
			      "</x:id>" },
};

/* '@' is the person; "/@" of paths is none. */
static char *
about(const char *form, const char *who)
{
	const char *at = form ? strrchr(form, '@') : NULL;

	return at ? arena_printf(n.a, "%.*s%s%s", (int)(at - form), form, who,
			    at + 1)
		  : arena_strdup(n.a, form);
}

static const char *
soap_about(const char *inner)
{
	struct bytes made = soap_document("get", "get", "INNER");
	const char *text = (const char *)made.data;
	const char *at = memmem(text, made.len, "INNER", 5);

	return soap_send("text/xml",
		bytes_str(arena_printf(n.a, "%.*s%s%.*s", (int)(at - text),
			text, inner, (int)(made.len - (size_t)(at - text) - 5),
			at + 5)));
}

static const char *
rest_about(const char *query, const char *header, const char *body)
{
	const struct http_header h[] = { { "X-Road-Client", PORTAL },
		{ "Content-Type", body && *body == '{' ? "application/json"
						       : "application/xml" },
		{ "X-Person", header } };
	const struct is_call c = { body ? "POST" : "GET",
		arena_printf(
			n.a, DATA_PATH "person/x?%s", query ? query : "b=2"),
		h, header ? 3 : 2, bytes_str(body ? body : ""), body != NULL,
		NULL };
	struct http_answer a = is_call(&n, &n.town, &c);

	return a.status == 200 ? "" : is_error(&a);
}

static const char *
asked(const struct place *p, const char *who)
{
	return p->soap ? soap_about(about(p->soap, who))
		       : rest_about(about(p->query, who), about(p->header, who),
				 about(p->body, who));
}

static const char *
asked_twice(const struct place *p)
{
	if (p->soap)
		return soap_about(about(p->body_twice, "alice"));
	return rest_about(about(p->query_twice, "alice"), NULL,
		about(p->body_twice, "alice"));
}

static void
every_place(void)
{
	const struct service_say say = { .status = 200,
		.soap_type = "text/xml",
		.body = soap_document("get", "getResponse", "done") };

	net_say(&n, &say);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const struct place *p = &places[i];
		int before = net_seen(&n).calls;

		tap_note("%s %s%s", p->in, p->name, p->soap ? ", SOAP" : "");
		rule(p->soap ? "get" : "person", p->in, p->name, "fixed",
			"loan", "[]", 0);
		is_str(asked(p, "alice"), "");
		is_int(net_seen(&n).calls, before + 1);
		header_is("X-Machilink-User-Id", "U-1%20%E6%9D%B1%E4%BA%AC");
		is_str(asked(p, "bob"), REQUIRED);
		is_str(p->soap ? soap_about("") : rest_about(NULL, NULL, NULL),
			MISSING);
		is_str(asked_twice(p), MISSING);
		is_int(net_seen(&n).calls, before + 1);
	}
}

/* ---- transfers ---- */

/* The door of the role personal-link, played: keeps what it is told. */
static struct told {
	pthread_mutex_t lock;
	bool down;                  /* nothing is taken */
	bool center_down;           /* usages are, reports are not */
	bool refuses;               /* the center knows no consent */
	const char *cache, *center; /* their names */
	int usages, reports;        /* that were taken */
	int64_t refused;            /* as the last message said */
	json_t *last;               /* list of the last that was taken */
	char client[100];
} told = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.cache = "cache-1",
	.center = "center-1" };

static json_t *
ids_of(const json_t *list)
{
	json_t *ids = json_array(), *one;
	size_t i;

	json_each(one, i, list)
		json_array_append_new(ids, json_text_new(json_str(one, "id")));
	return ids;
}

static json_t *
take_locked(struct request *r, const json_t *body)
{
	bool usages = str_equal(request_path(r), "/usages");
	json_t *list = json_list(body, usages ? "usages" : "transfers");
	json_t *answer = json_object();

	json_decref(told.last);
	told.last = json_incref(list);
	snprintf(told.client, sizeof(told.client), "%s",
		request_header(r, "X-Road-Client"));
	if (usages) {
		told.usages += (int)json_array_size(list);
		told.refused = json_int(body, "refused", -1);
		json_put_str(answer, "cache", told.cache);
		json_put_str(answer, "center", told.center);
		return answer;
	}
	told.reports += (int)json_array_size(list);
	json_put_new(
		answer, "refused", told.refuses ? ids_of(list) : json_array());
	return answer;
}

static int
take(struct request *r, void *state, struct err *e)
{
	bool usages = str_equal(request_path(r), "/usages");
	json_t *body, *answer = NULL;
	struct bytes text;
	struct buf b;
	int ret;

	(void)state;
	if (request_body(r, &text, e) ||
		json_parse(request_arena(r), text, NULL, &body, e))
		return -1;
	pthread_mutex_lock(&told.lock);
	if (!told.down && (usages || !told.center_down))
		answer = take_locked(r, body);
	pthread_mutex_unlock(&told.lock);
	if (!answer)
		return fail(e, FAULT_INTERNAL, "not today");
	buf_init(&b, 64 * 1024);
	json_write(&b, answer, JSON_PLAIN);
	ret = reply_send(r, 200, "application/json", bytes_buf(&b), e);
	buf_done(&b);
	json_decref(answer);
	return ret;
}

/* A service that answers when it is told to. */
static struct slow {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool asked, go;
	const char *code; /* of the answer, as the consumer got it */
} slow = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER };

static int
answer_slowly(struct request *r, void *state, struct err *e)
{
	(void)state;
	pthread_mutex_lock(&slow.lock);
	slow.asked = true;
	pthread_cond_broadcast(&slow.changed);
	while (!slow.go)
		pthread_cond_wait(&slow.changed, &slow.lock);
	pthread_mutex_unlock(&slow.lock);
	return reply_send(r, 200, "text/plain", bytes_str("income"), e);
}

static const struct route door[] = {
	{ "GET", "/slow/*", 0, 0, answer_slowly },
	{ "POST", "/usages", 1 << 20, 0, take },
	{ "POST", "/transfers", 1 << 20, 0, take },
	{ NULL, NULL, 0, 0, NULL },
};

static int64_t
reported(void)
{
	return transfer_report(n.firm.s.log, false, NULL);
}

static int64_t
polled(void)
{
	return transfer_report(n.firm.s.log, true, NULL);
}

static void
forget_told(void)
{
	told.usages = told.reports = 0;
}

/* Down, then the center: what was written waits, also over a crash. */
static int
away(void)
{
	int all;

	told.down = true;
	ok(reported() < 0);
	told.down = false;
	told.center_down = true;
	ok(reported() < 0);
	all = told.usages;
	ok_m(all > 3, "the cache knows all: %d", all);
	is_int(told.reports, 0);
	ok(reported() < 0);
	is_int(told.usages, all);
	node_restart(&n, &n.firm, NULL, NULL, NULL);
	told.center_down = false;
	is_int(reported(), all);
	is_int(told.reports, all);
	is_str(told.client, PROVIDER "/Data");
	is_int(reported(), 0);
	is_int(told.usages, all);
	return all;
}

/* The center came from a backup that does not know the consent yet. */
static void
refused(void)
{
	told.refuses = true;
	is_str(code_of("id=alice", "loan"), "200");
	forget_told();
	is_int(reported(), 0);
	is_int(told.reports, 1);
	is_int(polled(), 0);
	is_int(told.reports, 1); /* not at once again */
	is_int(told.refused, 1); /* the operator hears of it */
	clock_shift(2 * MINUTE);
	is_int(reported(), 0);
	is_int(told.reports, 2);
	clock_shift(3 * MINUTE);
	is_int(reported(), 0);
	is_int(told.reports, 2); /* each time later */
	told.refuses = false;
	clock_shift(24 * 60 * MINUTE);
	is_int(reported(), 1);
	is_int(told.reports, 3);
	is_int(polled(), 0);
	is_int(told.refused, 0);
	clock_shift(0);
}

/* Who lost rows is told everything again; the other is not bothered. */
static void
lost(int all)
{
	forget_told();
	told.cache = "cache-2";
	is_int(polled(), 0);
	is_int(polled(), 0);
	is_int(told.usages, all);
	is_int(told.reports, 0);
	forget_told();
	told.center = "center-2";
	is_int(polled(), 0); /* noticed, and done in the next round */
	is_int(polled(), all);
	is_int(told.reports, all);
	is_int(told.usages, 0);
	is_int(polled(), 0);
	is_int(told.reports, all);
	/* a cache that has not heard from a center says nothing of it */
	told.center = NULL;
	is_int(polled(), 0);
	is_int(told.reports, all);
}

/* ---- services that need no consent and are recorded ---- */

static void
record(const char *code, const char *in, const char *name, const char *pin,
	const char *pname)
{
	struct db_conn *c = db_take(n.firm.s.db);

	if (db_run(c, Q_SERVER_RECORD_RULE_PUT, &trouble, db_int(n.firm_data),
		    db_text(code), db_text(in), db_text(name), db_text(pin),
		    db_text(pname), db_text("{}"),
		    db_text("{\"ja\":\"住所の確認\",\"en\":\"Address\"}")) < 0)
		ok_m(false, "rule: %s", trouble.text);
	db_give(c);
	node_touch(&n.firm);
}

static const char *
roll(const char *query)
{
	const struct http_header h[] = { { "X-Road-Client", PORTAL },
		{ "X-Purpose", "move" }, { "X-Machilink-User-Id", "U-2" } };
	const struct is_call c = { "GET",
		arena_printf(n.a, DATA_PATH "roll/x?%s", query), h, 3,
		bytes_of(NULL, 0), false, NULL };
	struct http_answer a = is_call(&n, &n.town, &c);

	return a.status == 200 ? "200" : is_error(&a);
}

static void
recorded(void)
{
	struct service_say say = { .status = 200 };
	json_t *one;

	net_say(&n, &say);
	is_str(roll("id=U-1"), "200"); /* no rule yet */
	record("roll", "query", "id", NULL, NULL);
	forget_told();
	is_str(roll("id=U-1"), "200");
	header_is("X-Machilink-User-Id", NULL);
	header_is("X-Machilink-Consent", NULL);
	is_str(roll("x=1"), MISSING);
	is_str(roll("id=U-1&id=U-2"), MISSING);
	is_str(roll("id=U-1&ID=U-2"), MISSING);
	is_str(roll("id=%FF"), MISSING);
	is_int(reported(), 1);
	is_int(told.usages, 1);
	is_int(told.reports, 0); /* no consent, nothing for the center */
	one = json_array_get(told.last, 0);
	is_str(json_str(one, "userId"), "U-1");
	is_str(json_str(one, "subsystem"), PORTAL);
	is_str(json_str(one, "target"), PROVIDER "/Data/roll");
	is_str(json_str(json_sub(one, "words"), "en"), "Address");
	ok(!json_str(one, "purpose") && !json_str(one, "reference"));
	record("roll", "query", "id", "header", "X-Purpose");
	is_str(roll("id=U-1"), "200");
	is_int(reported(), 1);
	is_str(json_str(json_array_get(told.last, 0), "purpose"), "move");
	say.status = 404; /* nothing was given */
	net_say(&n, &say);
	(void)roll("id=U-1");
	is_int(reported(), 0);
	say.status = 200;
	net_say(&n, &say);
}

static const char *
ask_slow(void)
{
	const struct http_header h[] = { { "X-Road-Client", PORTAL } };
	const struct is_call c = { "GET", DATA_PATH "slow/x?id=alice", h, 1,
		bytes_of(NULL, 0), false, NULL };
	struct http_answer a = is_call(&n, &n.town, &c);

	return a.status == 200 ? "200" : is_error(&a);
}

static void
asker(void *ctx)
{
	(void)ctx;
	slow.code = ask_slow();
}

/* What was under way when the consent was withdrawn is a transfer like any
   other; the next request is refused. */
static void
while_it_runs(const char *port)
{
	struct service_row row = { "REST", "slow", "", NULL, 20, false, false,
		&TOWN_PORTAL };
	struct given g = { "slow-1", "alice", "loan", "approved", "[]",
		-60 * MINUTE, 60 * MINUTE };
	struct err e = ERR_INIT;
	struct worker *w;

	row.url = arena_printf(n.a, "http://127.0.0.1:%s/slow", port);
	node_service(&n.firm, n.firm_data, &row);
	rule("slow", "query", "id", "fixed", "loan", "[]", 0);
	CACHE(Q_LINK_SERVICE_PUT, db_text("slow"), db_text(PROVIDER),
		db_text(PROVIDER "/Data/slow"), db_text("所得"),
		db_text("income"), db_text("所得"), db_text("income"),
		db_text("[]"), db_text("法"), db_text("law"), db_int(365),
		db_int(900), db_null(), db_int(0), db_text("valid"));
	consent_of("slow", &g);
	if (worker_start(&w, "asker", asker, NULL, &e))
		ok_m(false, "%s", e.text);
	pthread_mutex_lock(&slow.lock);
	while (!slow.asked)
		pthread_cond_wait(&slow.changed, &slow.lock);
	pthread_mutex_unlock(&slow.lock);
	g.state = "withdrawn";
	consent_of("slow", &g);
	pthread_mutex_lock(&slow.lock);
	slow.go = true;
	pthread_cond_broadcast(&slow.changed);
	pthread_mutex_unlock(&slow.lock);
	worker_join(&w);
	is_str(slow.code, "200");
	is_str(ask_slow(), REQUIRED);
	is_int(reported(), 1);
	is_str(json_str(json_array_get(told.last, 0), "reference"), "slow-1");
}

/* Consents of a hundred items, after a day without the cache: more than one
   message holds. */
static void
large_reports(void)
{
	enum { ROWS = 60, ITEMS = 100, CODE = 250 };
	char code[CODE + 1];
	json_t *items = json_array();
	struct transfer_row row = { .query_id = "large",
		.client = PORTAL,
		.service = PROVIDER "/Data/person",
		.provider = PROVIDER "/Data",
		.subject = "alice",
		.reference = "second",
		.purpose = "loan" };
	struct err e = ERR_INIT;
	struct buf b;

	for (int i = 0; i < ITEMS; i++) {
		memset(code, 'a' + i % 26, CODE);
		code[CODE] = '\0';
		json_array_append_new(items, json_text_new(code));
	}
	buf_init(&b, ITEMS * (CODE + 8));
	json_write(&b, items, JSON_PLAIN);
	row.items = b.data;
	for (int i = 0; i < ROWS; i++) {
		transfer_id(n.a, &row);
		if (transfer_add(n.firm.s.log, &row, &e))
			ok_m(false, "%s", e.text);
	}
	buf_done(&b);
	json_decref(items);
	forget_told();
	is_int(reported(), ROWS);
	is_int(told.reports, ROWS);
	is_int(reported(), 0);
}

/* After what the tests above asked. */
static void
transfers(void)
{
	char port[16];
	struct http_server *h = NULL;
	const struct listener o = { .name = "link",
		.address = "127.0.0.1",
		.threads = 2,
		.routes = door };
	struct err e = ERR_INIT;
	const struct bytes large =
		bytes_of(arena_alloc(n.a, 150 * 1024), 150 * 1024);
	struct service_say say;
	json_t *one;
	int all;

	if (http_serve(&h, &o, &e))
		ok_m(false, "%s", e.text);
	snprintf(port, sizeof(port), "%d", http_port(h));
	node_restart(&n, &n.firm, "personal-link", "listen-port", port);
	all = away();
	by_query(0);
	is_str(code_of("id=alice", "loan"), "200");
	is_str(code_of("id=nobody", "loan"), REQUIRED);
	is_int(reported(), 1);
	one = json_array_get(told.last, 0);
	is_str(json_str(one, "reference"), "second");
	is_int(strlen(json_str(one, "id")), 32);
	is_int(json_array_size(json_list(one, "items")), 2);
	say = (struct service_say){ .status = 404 };
	net_say(&n, &say); /* nothing was given */
	(void)ask("id=alice", "loan");
	is_int(reported(), 0);
	/* one that is sent while it comes */
	say = (struct service_say){ .status = 200, .body = large };
	net_say(&n, &say);
	is_str(code_of("id=alice", "loan"), "200");
	is_int(reported(), 1);
	refused();
	lost(all + 3);
	recorded();
	while_it_runs(port);
	large_reports();
	http_stop(&h);
	json_decref(told.last);
}

/* ---- no cache ---- */

static void
absent(void)
{
	struct err e = ERR_INIT;
	const char *path = conf_data_path(n.firm.conf, "link.db");

	is_str(code_of("id=alice", "loan"), UNCERTAIN);
	if (db_open(&cache, &schema_link, path, 0, &e))
		ok_m(false, "%s", e.text);
	consent_gate_free(&n.firm.s.consent); /* it looks once per second */
	n.firm.s.consent = consent_gate_new(n.firm.conf);
}

int
main(void)
{
	struct service_row person_row = { "REST", "person", "", NULL, 20, false,
		false, &TOWN_PORTAL };

	net_fork(&n, "consent");
	net_open(&n);
	person_row.url = net_url(&n, "/service");
	node_service(&n.firm, n.firm_data, &person_row);
	person_row.code = "roll";
	node_service(&n.firm, n.firm_data, &person_row);
	by_query(0);
	absent();
	fill();
	is_str(code_of("id=alice", "loan"), UNCERTAIN); /* never heard */
	contact(0, 0, true, NULL);
	what_is_told();
	spoofing_elsewhere();
	one_client();
	who_and_why();
	in_time();
	age();
	clock_back();
	withdrawn();
	bodies();
	transfers();
	soap();
	soap_roots();
	soap_prefixes();
	every_place();
	net_close(&n);
	db_close(&cache);
	return tap_done();
}
