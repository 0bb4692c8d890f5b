/* SPDX-License-Identifier: MIT */
/*
 * SOAP with attachments between two security servers over their real doors:
 * what the service gets, what the information system gets back, what is
 * logged, and what is refused with which code.
 */
#define IN_SERVER 1

#include "net.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "messagelog_int.h"
#include "param.h"
#include "soap.h"
#include "tap.h"
#include "text.h"
#include "transport.h"

enum { DOCUMENT_MAX = 4 << 20, PARTS_MAX = 20, BIG = 300000 };

#define RELATED "multipart/related; type=\"text/xml\"; boundary="
#define MTOM                                         \
 "multipart/related; type=\"application/xop+xml\"; " \
 "start=\"<root@x>\"; start-info=\"text/xml\"; boundary=\"a-b.c\""

static struct net n;

static const struct service_id GET_V1 = {
	{ NET_INSTANCE, "COM", "2000", "Data" }, "get", "v1"
};

/* A part: header lines, then the body. */
struct piece {
	const char *header;
	struct bytes body;
};

static struct bytes
multipart(const char *boundary, const struct piece *p, size_t count)
{
	struct bytes out;
	struct buf b;

	buf_init(&b, DOCUMENT_MAX);
	for (size_t i = 0; i < count; i++) {
		buf_fmt(&b, "%s--%s\r\n%s\r\n", i ? "\r\n" : "", boundary,
			p[i].header);
		buf_bytes(&b, p[i].body);
	}
	buf_fmt(&b, "\r\n--%s--\r\n", boundary);
	out = bytes_of(arena_memdup(n.a, b.data, b.len), b.len);
	buf_done(&b);
	return out;
}

static struct bytes
request_document(const char *id)
{
	const struct soap_call c = { .service = &GET_V1, .id = id };

	return soap_make(&n, &c);
}

static struct bytes
answer_document(const char *id)
{
	struct bytes out;
	struct buf b;

	buf_init(&b, DOCUMENT_MAX);
	soap_write(&b, &TOWN_PORTAL, &GET_V1, NULL, id, "getResponse", "done");
	out = bytes_of(arena_memdup(n.a, b.data, b.len), b.len);
	buf_done(&b);
	return out;
}

static void
say(const char *type, struct bytes body)
{
	const struct service_say s = {
		.status = 200, .soap_type = type, .body = body
	};

	net_say(&n, &s);
}

static struct http_answer
send(const char *type, struct bytes body)
{
	const struct http_header h[] = { { "Content-Type", type },
		{ "SOAPAction", "\"urn:x\"" } };
	const struct is_call c = { .method = "POST",
		.path = "/anywhere",
		.header = h,
		.headers = 2,
		.body = body,
		.has_body = true };

	return is_call(&n, &n.town, &c);
}

static const char *
header_of(const struct service_seen *s, const char *name)
{
	for (size_t i = 0; i < s->headers; i++)
		if (str_iequal(s->header[i].name, name))
			return s->header[i].value;
	return "";
}

static void
fault_is(const struct http_answer *a, const char *code)
{
	const char *got = soap_code(&n, a);

	ok_m(a->status == 200 && str_equal(got, code), "fault %s (got %d %s)",
		code, a->status, got);
}

/* ---- evidence ---- */

static void
record_holds(const struct evidence *v, const struct globalconf *g,
	const char *sender, size_t parts)
{
	struct asic_report report;
	struct asic again;
	struct err e = ERR_INIT;
	struct buf b;

	buf_init(&b, ASIC_SIZE_MAX);
	ok_m(!asic_write(&v->asic, &b, &e) &&
			!asic_read(n.a, bytes_buf(&b), &again, &e) &&
			!asic_verify(n.a, &again, g, &report, &e) &&
			str_equal(report.sender_text, sender),
		"container of %s verifies: %s", v->query_id, e.text);
	buf_done(&b);
	if (err_set(&e))
		return;
	/* the chain names the attachments, the log does not hold them (4.1) */
	is_int(v->asic.attachments, 0);
	ok(v->asic.signature.hashchain.len > 0);
	is_int(report.parts, (long long)parts);
}

static void
four_records(const char *id, size_t sent, size_t back)
{
	struct node *const node[] = { &n.town, &n.firm };
	const struct client_id *const local[] = { &TOWN_PORTAL, &FIRM_DATA };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < 2; i++) {
		struct globalconf *g = NULL;
		struct evidence *v;
		size_t count;

		ok(messagelog_stamp(node[i]->s.log, &e) >= 0);
		count = node_evidence(&n, node[i], local[i], id, &v);
		is_int(count, 2);
		ok(!confclient_get(node[i]->s.confclient, &g, &e));
		if (count == 2) {
			record_holds(
				&v[0], g, "SUBSYSTEM:JP/GOV/1000/Portal", sent);
			record_holds(
				&v[1], g, "SUBSYSTEM:JP/COM/2000/Data", back);
		}
		globalconf_unref(&g);
	}
}

/* ---- messages ---- */

static uint8_t big[BIG];

/* Three attachments, one of them large, one an e-mail, both ways. */
static void
test_attachments(void)
{
	const char *doc = "content-type:text/xml; charset=UTF-8\r\n"
			  "Content-ID: <root>\r\n";
	struct piece p[] = {
		{ doc, request_document("att-1") },
		{ "content-type:application/octet-stream\r\n"
		  "Content-ID: <one@x>\r\nContent-Transfer-Encoding: binary"
		  "\r\nX-Own: \"a; b\"\r\n",
			bytes_of(big, BIG) },
		{ "content-type:message/rfc822\r\n"
		  "Content-ID: <two>\r\n",
			bytes_str("Subject: x\r\n\r\nmail\r\n") },
		{ "content-type:text/plain\r\n"
		  "Content-Transfer-Encoding: base64\r\n",
			bytes_str("aGVsbG8=\r\n") },
		{ "content-type:text/plain\r\n", bytes_str("") },
	};
	struct bytes body = multipart("--=_b 1", p, 5), back;
	const char *type = RELATED "\"--=_b 1\"; start=\"<root>\"";
	struct mime_part *part;
	struct http_answer a;
	struct service_seen s;
	struct soap m;
	size_t count;

	p[0].body = answer_document("att-1");
	back = multipart("answer", p, 4);
	say(RELATED "answer", back);
	a = send(type, body);
	is_str(soap_code(&n, &a), "");
	is_int(a.status, 200);
	s = net_seen(&n);
	is_str(header_of(&s, "Content-Type"), type);
	is_str(header_of(&s, "SOAPAction"), "\"urn:x\"");
	is_bytes(s.body.data, s.body.len, body.data, body.len);
	is_str(answer_header(&a, "Content-Type"), RELATED "answer");
	ok(!mime_split(
		n.a, RELATED "answer", a.body, PARTS_MAX, &part, &count, NULL));
	is_int(count, 4);
	if (count != 4)
		return;
	ok(!soap_parse(n.a, part[0].body, "text/xml", &m, NULL) &&
		m.request_hash);
	for (size_t i = 1; i < 4; i++)
		ok_m(bytes_equal(part[i].body, p[i].body),
			"attachment %zu came back", i);
	is_str(mime_part_header(&part[1], "X-Own"), "\"a; b\"");
	is_str(mime_part_header(&part[0], "Content-ID"), "<root>");
	/* behind the document everything is byte for byte */
	ok(a.body.len > BIG && memcmp(a.body.data + a.body.len - BIG,
				       back.data + back.len - BIG, BIG) == 0);
	four_records("att-1", 5, 4);
}

/* Multiparts inside attachments are opened, both ways, as the decoder of
   X-Road for information systems does: what the other server gets, signs over
   and delivers are their parts. */
static void
test_nested(void)
{
	static const char deep[] =
		"preamble\r\n--in\r\ncontent-type:a/b\r\nX-In: 1\r\n\r\nfirst"
		"\r\n--in\r\ncontent-type:Multipart/Alternative; "
		"boundary=\"in 2\"\r\n\r\n\r\n--in 2\r\ncontent-type:c/d\r\n"
		"\r\nsecond\r\n--in 2--\r\nepilogue\r\n--in--\r\n";
	const char *doc = "content-type:text/xml\r\n";
	struct piece p[] = {
		{ doc, request_document("deep-1") },
		{ "content-type:multipart/mixed; boundary=in\r\n"
		  "Content-ID: <gone>\r\n",
			bytes_str(deep) },
		{ "content-type:text/plain\r\n", bytes_str("third") },
	};
	struct piece flat[] = { { doc, request_document("deep-1") },
		{ "content-type:a/b\r\nX-In: 1\r\n", bytes_str("first") },
		{ "content-type:c/d\r\n", bytes_str("second") }, p[2] };
	struct bytes want = multipart("b", flat, 4);
	struct http_answer a;
	struct service_seen s;
	struct mime_part *part;
	size_t count = 0;

	p[0].body = answer_document("deep-1");
	say(RELATED "ans", multipart("ans", p, 3));
	p[0].body = flat[0].body;
	a = send(RELATED "b", multipart("b", p, 3));
	is_str(soap_code(&n, &a), "");
	s = net_seen(&n);
	is_bytes(s.body.data, s.body.len, want.data, want.len);
	ok(!mime_split(n.a, RELATED "ans", a.body, PARTS_MAX, &part, &count,
		   NULL) &&
		count == 4);
	for (size_t i = 1; i < 4 && count == 4; i++)
		ok(bytes_equal(part[i].body, flat[i].body));
	four_records("deep-1", 4, 4);
	p[1].body = bytes_str("--in\r\nX: no type\r\n\r\nx\r\n--in--\r\n");
	a = send(RELATED "b", multipart("b", p, 2));
	fault_is(&a, "client.invalid_content_type");
}

/* XOP is transported as it is; charset, start and start-info too. */
static void
test_mtom(void)
{
	const char *root = "content-type:application/xop+xml; charset=utf-8; "
			   "type=\"text/xml\"\r\nContent-ID: <root@x>\r\n";
	struct piece p[] = {
		{ root, request_document("mtom-1") },
		{ "content-type:image/png\r\nContent-ID: <1@x>\r\n",
			bytes_of("\x89PNG\r\n\x1a\n\0\r\n--a-b.", 18) },
	};
	struct bytes body = multipart("a-b.c", p, 2);
	struct http_answer a;
	struct service_seen s;
	struct mime_part *part;
	size_t count;

	p[0].body = answer_document("mtom-1");
	say(MTOM, multipart("a-b.c", p, 2));
	a = send(MTOM, body);
	is_str(soap_code(&n, &a), "");
	s = net_seen(&n);
	is_str(header_of(&s, "Content-Type"), MTOM);
	is_bytes(s.body.data, s.body.len, body.data, body.len);
	is_str(answer_header(&a, "Content-Type"), MTOM);
	ok(!mime_split(n.a, MTOM, a.body, PARTS_MAX, &part, &count, NULL));
	is_int(count, 2);
	if (count == 2) {
		is_str(mime_part_header(&part[0], "content-type"),
			"application/xop+xml; charset=utf-8; "
			"type=\"text/xml\"");
		ok(bytes_equal(part[1].body, p[1].body));
	}
	four_records("mtom-1", 2, 2);
}

/* A multipart without attachments stays one; a plain answer to a message with
   attachments stays plain. */
static void
test_mixed(void)
{
	struct piece p[] = {
		{ "content-type: text/xml\r\n", request_document("mix-1") },
		{ "content-type:a/b\r\n", bytes_str("x") },
	};
	struct bytes body = multipart("b", p, 1);
	struct http_answer a;
	struct service_seen s;

	say("text/xml", answer_document("mix-1"));
	a = send(RELATED "b", body);
	is_str(soap_code(&n, &a), "");
	is_str(answer_header(&a, "Content-Type"), "text/xml; charset=UTF-8");
	s = net_seen(&n);
	is_str(header_of(&s, "Content-Type"), RELATED "b");
	is_bytes(s.body.data, s.body.len, body.data, body.len);
	p[0].body = request_document("mix-2");
	say("text/xml", answer_document("mix-2"));
	a = send(RELATED "b", multipart("b", p, 2));
	is_str(soap_code(&n, &a), "");
	ok(text_has(a.body, "requestHash"));
	p[0].body = answer_document("mix-3");
	say(RELATED "b", multipart("b", p, 1));
	a = send("text/xml", request_document("mix-3"));
	is_str(soap_code(&n, &a), "");
	is_str(answer_header(&a, "Content-Type"), RELATED "b");
	ok(text_has(a.body, "--b\r\n") && text_has(a.body, "\r\n--b--\r\n"));
}

static void
test_edges(void)
{
	static const size_t from[] = { 4090, 8180, 65530 };

	for (size_t k = 0; k < 3; k++)
		for (size_t size = from[k]; size < from[k] + 16; size += 3) {
			char *id = arena_printf(n.a, "edge-%zu", size);
			struct piece p[] = {
				{ "content-type:text/xml\r\n",
					request_document(id) },
				{ "content-type:a/b\r\n", bytes_of(big, size) },
				{ "content-type:c/d\r\n",
					bytes_of(big + 1, size - 1) },
			};
			struct bytes body = multipart("-bound", p, 3);
			struct http_answer a;
			struct mime_part *part;
			size_t count = 0;

			p[0].body = answer_document(id);
			say(RELATED "-bound", multipart("-bound", p, 3));
			a = send(RELATED "-bound", body);
			ok_m(str_equal(soap_code(&n, &a), "") &&
					bytes_equal(net_seen(&n).body, body) &&
					!mime_split(n.a, RELATED "-bound",
						a.body, PARTS_MAX, &part,
						&count, NULL) &&
					count == 3 &&
					bytes_equal(part[1].body, p[1].body) &&
					bytes_equal(part[2].body, p[2].body),
				"attachments of %zu bytes both ways (%s)", size,
				soap_code(&n, &a));
		}
}

/* ---- refusals ---- */

static void
test_refused(void)
{
	struct bytes doc = request_document("bad-1");
	struct piece p[] = {
		{ "content-type:text/xml\r\n", doc },
		{ "Content-ID: <x>\r\n", bytes_str("no type") },
	};
	struct bytes whole = multipart("b", p, 1);
	struct http_answer a;
	int before = net_seen(&n).calls;

	a = send("multipart/related; type=\"text/xml\"", whole);
	fault_is(&a, "client.invalid_content_type");
	a = send("multipart/mixed; boundary=b", whole);
	fault_is(&a, "client.invalid_content_type");
	a = send(RELATED "b", multipart("b", p, 2));
	fault_is(&a, "client.invalid_content_type");
	a = send(RELATED "b", bytes_of(whole.data, whole.len - 8));
	fault_is(&a, "client.mime_parsing_failed");
	a = send(RELATED "b", bytes_str("--b--\r\n"));
	fault_is(&a, "client.missing_soap");
	a = send(RELATED "other", whole);
	fault_is(&a, "client.mime_parsing_failed");
	p[0].header = "content-type:application/json\r\n";
	a = send(RELATED "b", multipart("b", p, 1));
	fault_is(&a, "client.invalid_content_type");
	is_int(net_seen(&n).calls, before);
	is_int(node_evidence(&n, &n.firm, &FIRM_DATA, "bad-1",
		       &(struct evidence *){ 0 }),
		0);
}

/* As many as may be, then one more; a part's header that has no end. */
static void
test_many(void)
{
	enum { MANY = 1000 };
	struct piece *p = arena_array(n.a, MANY + 2, sizeof(*p));
	struct http_answer a;

	p[0] = (struct piece){ "content-type:text/xml\r\n",
		request_document("many-1") };
	for (size_t i = 1; i < MANY + 2; i++)
		p[i] = (struct piece){ "content-type:a/b\r\n",
			bytes_str(arena_printf(n.a, "%zu", i)) };
	say("text/xml", answer_document("many-1"));
	a = send(RELATED "b", multipart("b", p, MANY + 1));
	is_str(soap_code(&n, &a), "");
	ok(bytes_equal(net_seen(&n).body, multipart("b", p, MANY + 1)));
	a = send(RELATED "b", multipart("b", p, MANY + 2));
	fault_is(&a, "client.limit_exceeded");
	p[1].header =
		arena_printf(n.a, "content-type:a/b\r\nX: %01000d\r\n", 0);
	a = send(RELATED "b", multipart("b", p, 2));
	fault_is(&a, "client.mime_parsing_failed");
}

/* A fault of the service inside a multipart arrives as it is. */
static void
test_fault(void)
{
	static const char fault[] =
		"<e:Envelope xmlns:e=\"" NS_SOAP "\"><e:Body><e:Fault>"
		"<faultcode>e:Own</faultcode><faultstring>no</faultstring>"
		"</e:Fault></e:Body></e:Envelope>";
	struct piece p[] = {
		{ "content-type:text/xml\r\n", bytes_str(fault) },
		{ "content-type:a/b\r\n", bytes_of(big, BIG) },
	};
	struct http_answer a;

	say(RELATED "b", multipart("b", p, 2));
	a = send("text/xml", request_document("fault-1"));
	is_str(soap_code(&n, &a), "e:Own");
	is_bytes(a.body.data, a.body.len, fault, sizeof(fault) - 1);
}

/* Broken only after much of it was sent on: the fault stands in place of the
   signature. */
static void
test_late_fault(void)
{
	struct piece p[] = {
		{ "content-type:text/xml\r\n", answer_document("late-1") },
		{ "content-type:a/b\r\n", bytes_of(big, BIG) },
		{ "X: no type\r\n", bytes_str("x") },
	};
	struct bytes body = multipart("b", p, 3);
	struct http_answer a;

	say(RELATED "b", body);
	a = send("text/xml", request_document("late-1"));
	fault_is(&a, "server.serverproxy.service_failed.invalid_content_type");
	say(RELATED "b", bytes_of(body.data, body.len - 100));
	a = send("text/xml", request_document("late-1"));
	fault_is(&a, "server.serverproxy.service_failed.mime_parsing_failed");
	say("text/html", bytes_str("<html/>"));
	a = send("text/xml", request_document("late-1"));
	fault_is(&a, "server.serverproxy.service_failed.invalid_content_type");
}

int
main(void)
{
	for (size_t i = 0; i < BIG; i++)
		big[i] = (uint8_t) "\r\n--b\r\n\n-=_"[(i * i + i / 7) % 11];
	net_fork(&n, "attach");
	net_open(&n);
	node_restart(&n, &n.firm, "proxy", "max-message-size", "16777216");
	node_restart(&n, &n.town, "proxy", "max-message-size", "16777216");
	test_attachments();
	test_nested();
	test_mtom();
	test_mixed();
	test_edges();
	test_refused();
	test_many();
	test_fault();
	test_late_fault();
	net_close(&n);
	return tap_done();
}
