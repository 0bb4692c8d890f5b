/* SPDX-License-Identifier: MIT */
/*
 * Multiparts of another security server whose bodies end around the edges of
 * buffers (interop/xroad-messages.md 2.5 last paragraph): as a request at port
 * 5500 and as an answer to the town, REST bodies and SOAP attachments, whole
 * and cut off; SOAP documents of such lengths from an information system.
 * Whole ones are accepted with every byte, cut ones never, and bad ones leave
 * no memory behind. What lies between two of our own servers is in body_test.c
 * and attach_test.c.
 */
#define IN_SERVER 1

#include "evil.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "messagelog_int.h"
#include "tap.h"
#include "text.h"

static struct net n;
static struct evil v;

static const size_t ranges[][2] = { { 4090, 4105 }, { 8180, 8200 },
	{ 65530, 65545 } };

#define REST_FAKE "/r1/JP/COM/3000/Fake/any"

/* One attachment of that size lies in a multipart of the service's or the
   client's boundary. */
static bool
attached(struct bytes body, const char *boundary, size_t size)
{
	struct mime_part *part;
	size_t count = 0;

	return !mime_split(n.a,
		       arena_printf(
			       n.a, "multipart/related; boundary=%s", boundary),
		       body, 10, &part, &count, NULL) &&
	       count == 2 && part[1].body.len == size &&
	       (!size || part[1].body.data[size - 1] == 'b');
}

static void
rest_accepted(size_t size)
{
	const struct trick t = { .body = size };
	const char *code = evil_send(&v, &t);
	struct http_answer a;

	ok_m(str_equal(code, "") && net_seen(&n).body.len == size,
		"a request with %zu bytes: \"%s\"", size, code);
	evil_answer(&v, &t);
	a = is_get(&n, REST_FAKE, "fault");
	ok_m(a.status == 200 && a.body.len == size && a.body.data[0] == 'b' &&
			a.body.data[size - 1] == 'b',
		"an answer with %zu bytes: %d %s, %zu bytes", size, a.status,
		is_error(&a), a.body.len);
}

/* The firm's service answers this SOAP request. */
static void
answers(const struct client_id *client, const struct service_id *s,
	const char *id, const char *text)
{
	struct service_say say = { .status = 200, .soap_type = "text/xml" };
	struct buf b;

	buf_init(&b, 1 << 20);
	soap_write(&b, client, s, NULL, id,
		arena_printf(n.a, "%sResponse", s->service), text);
	say.body = bytes_of(arena_memdup(n.a, b.data, b.len), b.len);
	buf_done(&b);
	net_say(&n, &say);
}

static void
soap_accepted(size_t size)
{
	const struct service_id own = { FIRM_DATA, "fakeSoap", "v1" };
	const struct service_id s = { EVIL_FAKE, "any", NULL };
	const struct soap_call c = { .service = &s, .id = "edge" };
	const struct trick t = { .body = size, .ask_soap = true };
	const char *code;
	struct http_answer a;

	answers(&EVIL_FAKE, &own, "evil-1", "done");
	code = evil_send(&v, &t);
	ok_m(str_equal(code, "") && attached(net_seen(&n).body, "evil", size),
		"a request with an attachment of %zu bytes: \"%s\"", size,
		code);
	evil_answer(&v, &t);
	a = is_soap(&n, &c);
	ok_m(a.status == 200 && attached(a.body, "evil", size),
		"an answer with an attachment of %zu bytes: %s", size,
		soap_code(&n, &a));
}

/* A document of that size from an information system; the service answers
   with one about as long. */
static void
document_accepted(size_t size)
{
	const struct service_id s = { FIRM_DATA, "get", "v1" };
	struct soap_call c = { .service = &s, .id = "doc", .text = "" };
	size_t more = size - soap_make(&n, &c).len;
	char *text = arena_alloc(n.a, more + 1);
	struct http_answer a;

	memset(text, 'x', more);
	text[more] = '\0';
	c.text = text;
	is_int(soap_make(&n, &c).len, size);
	answers(&TOWN_PORTAL, &s, "doc", text);
	a = is_soap(&n, &c);
	ok_m(str_equal(soap_code(&n, &a), "") &&
			net_seen(&n).body.len == size && text_has(a.body, text),
		"a document of %zu bytes: %s", size, soap_code(&n, &a));
}

static void
refused(size_t size)
{
	const struct trick t[] = { { .body = size, .cut = true },
		{ .body = size, .cut = true, .ask_soap = true } };
	const struct service_id s = { EVIL_FAKE, "any", NULL };
	const struct soap_call c = { .service = &s, .id = "edge" };
	struct http_answer a;

	is_str(evil_send(&v, &t[0]), "-");
	is_str(evil_send(&v, &t[1]), "-");
	evil_answer(&v, &t[0]);
	a = is_get(&n, REST_FAKE, "fault");
	is_str(is_error(&a), "server.clientproxy.service_failed.io_error");
	a = is_soap(&n, &c);
	is_str(soap_code(&n, &a), "server.clientproxy.service_failed.io_error");
}

/* The firm holds the request's body as it was signed. */
static void
recorded(void)
{
	struct evidence *list;
	size_t found = node_evidence(&n, &n.firm, &FIRM_DATA, "evil-1", &list);
	size_t bodies = 0;

	for (size_t i = 0; i < found; i++)
		bodies += !list[i].response && list[i].asic.attachments == 1;
	is_int(bodies, 16 + 21 + 16);
}

/* ---- documents and headers meant to harm ---- */

#define ENV_OPEN                                                      \
 "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">" \
 "<s:Header/><s:Body>"
#define ENV_CLOSE "</s:Body></s:Envelope>"

static const char *
times(size_t count, const char *what)
{
	size_t len = strlen(what);
	char *out = arena_alloc(n.a, count * len + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(out + i * len, what, len);
	out[count * len] = '\0';
	return out;
}

static const char *
bomb(void)
{
	const char *text = "<!DOCTYPE s [<!ENTITY a0 \"ha\">";

	for (int i = 1; i < 10; i++)
		text = arena_printf(n.a, "%s<!ENTITY a%d \"%s\">", text, i,
			times(10, arena_printf(n.a, "&a%d;", i - 1)));
	return arena_printf(n.a, "%s]>" ENV_OPEN "<x>&a9;</x>" ENV_CLOSE, text);
}

/* At 5500 as REST and as SOAP part; as parts of an answer, and instead of
   one. Each is answered with a fault of this side, soon: what cannot be read
   of another server's message is service_failed, as in X-Road. */
static void
harmless(const char *what, const char *head)
{
	const struct service_id s = { EVIL_FAKE, "any", NULL };
	const struct soap_call c = { .service = &s, .id = "harm" };
	const struct trick t[] = { { .head = head },
		{ .head = head, .ask_soap = true }, { .plain = head } };
	int64_t begun = clock_ticks();

	for (size_t i = 0; i < 3; i++) {
		const char *code = evil_send(&v, &t[i]);
		struct http_answer a;

		ok_m(str_prefix(code, "server.serverproxy.service_failed."),
			"%s as request %zu: %s", what, i, code);
		evil_answer(&v, &t[i]);
		a = is_get(&n, REST_FAKE, "harm");
		ok_m(str_prefix(is_error(&a),
			     "server.clientproxy.service_failed."),
			"%s as answer %zu: %s", what, i, is_error(&a));
		a = is_soap(&n, &c);
		ok_m(str_prefix(soap_code(&n, &a),
			     "server.clientproxy.service_failed.") &&
				!text_has(a.body, "root:"),
			"%s as SOAP answer %zu: %s", what, i,
			soap_code(&n, &a));
	}
	ok_m(clock_ticks() - begun < 20000, "%s: nine times in %lld ms", what,
		(long long)(clock_ticks() - begun));
}

static void
documents(void)
{
	harmless("deep XML",
		arena_printf(n.a, ENV_OPEN "%s%s" ENV_CLOSE,
			times(100000, "<x>"), times(100000, "</x>")));
	harmless("deep XML without end",
		arena_printf(n.a, ENV_OPEN "%s", times(300000, "<x>")));
	harmless("wide XML", arena_printf(n.a, ENV_OPEN "%s" ENV_CLOSE,
				     times(100000, "<x/>")));
	harmless("entities in entities", bomb());
	harmless("an external entity",
		"<!DOCTYPE s [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" ENV_OPEN
		"<x>&x;</x>" ENV_CLOSE);
	harmless("many lines",
		arena_printf(n.a, "GET\r\n/r1/JP/COM/2000/Data/fake\r\n%s",
			times(100000, "a:b\r\n")));
	harmless("a long line",
		arena_printf(n.a,
			"GET\r\n/r1/JP/COM/2000/Data/fake\r\na:%s\r\n",
			times(1000000, "b")));
	harmless("not much", "x");
	harmless("no UTF-8", "\xff\xfe\xc0\x80");
}

static void
floods(void)
{
	const struct trick some = { .flood = 50 }, many = { .flood = 20000 };
	struct http_answer a;

	is_str(evil_send(&v, &some), "");
	(void)evil_send(&v, &many);
	ok_m(!strstr(v.names, "x-hash-algorithm"),
		"20000 lines of header are refused:%s", v.names);
	evil_answer(&v, &some);
	a = is_get(&n, REST_FAKE, "flood");
	is_int(a.status, 200);
	evil_answer(&v, &many);
	a = is_get(&n, REST_FAKE, "flood");
	ok_m(str_prefix(is_error(&a), "server.clientproxy."),
		"20000 lines of an answer's header: %s", is_error(&a));
}

/* ---- no growth ---- */

static int64_t
resident_kb(void)
{
	struct bytes text = { NULL, 0 };
	const char *at;

	(void)file_read(n.a, "/proc/self/status", 1 << 16, &text, NULL);
	at = text.len ? strstr((const char *)text.data, "VmRSS:") : NULL;
	return at ? atoll(at + 6) : 0;
}

/* Each carries 200 kB that are of no use. */
static void
one_round(void)
{
	enum { MUCH = 200000 };
	static const struct trick bad[] = {
		{ .body = MUCH, .cut = true },
		{ .body = MUCH, .cut = true, .ask_soap = true },
		{ .body = MUCH, .other_body = true },
		{ .body = MUCH, .no_signature = true },
		{ .body = MUCH, .after_signature = true },
		{ .body = MUCH, .no_end = true },
		{ .body = MUCH, .fault_part = true },
		{ .body = MUCH, .no_hash = true },
		{ .body = MUCH, .hash = "MD5" },
		{ .body = MUCH, .ask_soap = true, .extra_part = true },
		{ .body = MUCH, .type = "multipart/mixed; boundary=none" },
	};
	const struct service_id s = { EVIL_FAKE, "any", NULL };
	const struct soap_call c = { .service = &s, .id = "edge" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *code = evil_send(&v, &bad[i]);
		struct http_answer a;

		if (!*code)
			ok_m(false, "bad request %zu was accepted", i);
		evil_answer(&v, &bad[i]);
		a = is_get(&n, REST_FAKE, "bad");
		if (!bad[i].ask_soap && !*is_error(&a))
			ok_m(false, "bad answer %zu was accepted", i);
		a = is_soap(&n, &c);
		if (!*soap_code(&n, &a))
			ok_m(false, "bad SOAP answer %zu was accepted", i);
	}
}

static void
no_growth(void)
{
	enum { WARM = 3, ROUNDS = 12, GROWTH_KB = 24 * 1024 };
	int64_t before;

	for (int i = 0; i < WARM; i++)
		one_round();
	before = resident_kb();
	for (int i = 0; i < ROUNDS; i++)
		one_round();
#ifdef __SANITIZE_ADDRESS__
	(void)before;
	tap_skip("freed memory stays resident under the sanitizer");
#else
	ok_m(resident_kb() - before < GROWTH_KB,
		"396 bad messages of 200 kB: memory grows by %lld kB",
		(long long)(resident_kb() - before));
#endif
}

int
main(void)
{
	struct service_row row = { "WSDL", "fakeSoap", "v1", NULL, 10, false,
		false, &EVIL_FAKE };

	net_fork(&n, "net");
	net_open(&n);
	evil_open(&v, &n);
	row.url = net_url(&n, "/soap");
	node_service(&n.firm, n.firm_data, &row);
	node_touch(&n.firm);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		for (size_t size = ranges[i][0]; size <= ranges[i][1]; size++) {
			rest_accepted(size);
			soap_accepted(size);
			document_accepted(size);
		}
		refused(ranges[i][0]);
		refused(ranges[i][1]);
	}
	recorded();
	documents();
	floods();
	no_growth();
	evil_close(&v);
	net_close(&n);
	return tap_done();
}
