/* SPDX-License-Identifier: MIT */
/*
 * Tests of transport_*.c: bytes written, read back in every piece size, the
 * order of parts, faults, limits, X-Road's own samples.
 */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "transport.h"
#include "xml.h"

#define NSS "http://schemas.xmlsoap.org/soap/envelope/"
#define XR  "http://x-road.eu/xsd/xroad.xsd"
#define IDN "http://x-road.eu/xsd/identifiers"
#define M                                               \
 "<i:xRoadInstance>I</i:xRoadInstance><i:memberClass>C" \
 "</i:memberClass><i:memberCode>M</i:memberCode>"
#define SOAP                                                     \
 "<s:Envelope xmlns:s='" NSS "' xmlns:x='" XR "' xmlns:i='" IDN  \
 "'><s:Header><x:client i:objectType='MEMBER'>" M                \
 "</x:client><x:service i:objectType='SERVICE'>" M               \
 "<i:serviceCode>get</i:serviceCode></x:service><x:id>1</x:id>"  \
 "<x:protocolVersion>4.0</x:protocolVersion></s:Header><s:Body>" \
 "<get/></s:Body></s:Envelope>"
#define FAULT                                                  \
 "<s:Envelope xmlns:s='" NSS "'><s:Body><s:Fault><faultcode>c" \
 "</faultcode><faultstring>t</faultstring></s:Fault></s:Body>" \
 "</s:Envelope>"

static const struct transport_limits limits = { 100000, 100000, 10, NULL };

struct reading {
	enum digest_alg alg;
	bool rest, response;
	transport_head_fn *on_head;
	void *ctx;
	const struct transport_limits *limits;
};

static int
read_steps(struct arena *a, const struct reading *g, const char *type,
	struct bytes b, size_t step, struct transport_message *m, struct err *e)
{
	struct transport_reader *r;
	size_t i;
	int ret;

	if (transport_reader_new(&r, a, type, g->alg, g->rest, g->response,
		    g->limits ? g->limits : &limits, g->on_head, g->ctx,
		    e) != 0)
		return -1;
	for (i = 0, ret = 0; i < b.len && ret == 0; i += step)
		ret = transport_feed(
			r, b.data + i, b.len - i < step ? b.len - i : step, e);
	if (ret == 0)
		ret = transport_end(r, m, e);
	transport_reader_free(&r);
	return ret;
}

static const struct mime_header one[] = {
	{ "Content-Type", "text/plain" },
	{ "Content-ID", "<a>" },
};
static const struct mime_header two[] = { { "content-type", "x/y" } };

static void
write_soap(struct transport_writer *w, struct buf *b)
{
	struct mime_part part[2] = {
		{ one, 2, bytes_of("first\r\n", 7) },
		{ two, 1, bytes_of("", 0) },
	};

	transport_begin(w, b);
	transport_ocsp(w, bytes_of("\x30\x01\x41", 3));
	transport_soap_part(
		w, "text/xml; charset=UTF-8", one, 2, bytes_str(SOAP));
	transport_attachments(w, part, 2);
	transport_signature(w, bytes_str("R"), bytes_str("C"), bytes_str("S"));
	transport_close(w);
}

static void
test_written_bytes(struct arena *a)
{
	struct transport_writer w;
	struct buf b;
	const char *t;

	buf_init(&b, 100000);
	write_soap(&w, &b);
	is_int(strlen(w.boundary), 34);
	ok(str_prefix(w.boundary, "xtop"));
	t = w.boundary + 4;
	is_str(transport_content_type(&w, a),
		arena_printf(a, "multipart/mixed; charset=UTF-8; boundary=%s",
			w.boundary));
	is_str(arena_printf(a, "%.*s|%s", 77, b.data,
		       strstr(b.data, "\x30\x01") ? "der" : "none"),
		arena_printf(a,
			"--xtop%s\r\ncontent-type: application/ocsp-response"
			"|der",
			t));
	is_str(strstr(b.data, "\r\n--xtop"),
		arena_printf(a,
			"\r\n--xtop%s\r\n"
			"content-type: text/xml; charset=UTF-8\r\n"
			"Content-ID: <a>\r\n\r\n" SOAP "\r\n--xtop%s\r\n"
			"content-type: multipart/mixed; charset=UTF-8; "
			"boundary=xatt%s\r\n\r\n"
			"\r\n--xatt%s\r\ncontent-type: text/plain\r\n"
			"Content-ID: <a>\r\n\r\nfirst\r\n"
			"\r\n--xatt%s\r\ncontent-type: x/y\r\n\r\n"
			"\r\n--xatt%s--\r\n"
			"\r\n--xtop%s\r\n"
			"content-type: application/hash-chain-result\r\n\r\nR"
			"\r\n--xtop%s\r\n"
			"content-type: application/hash-chain\r\n\r\nC"
			"\r\n--xtop%s\r\n"
			"content-type: signature/bdoc-1.0/ts\r\n\r\nS"
			"\r\n--xtop%s--\r\n",
			t, t, t, t, t, t, t, t, t, t));
	buf_done(&b);
}

static bool
body_is(struct arena *a, const struct transport_attachment *t, const char *want,
	size_t n)
{
	struct bytes b;

	return segment_load(a, &t->body, 1 << 20, &b, NULL) == 0 &&
	       bytes_equal(b, bytes_of(want, n));
}

static bool
head_seen(const struct transport_message *m)
{
	return m->ocsps == 1 && m->attachments == 0 && m->signature.len == 0 &&
	       m->head.len == strlen(SOAP);
}

static int
count_head(void *ctx, const struct transport_message *m, struct err *e)
{
	(void)e;
	if (head_seen(m))
		++*(int *)ctx;
	return 0;
}

static void
test_soap(void)
{
	static const size_t steps[] = { 1, 2, 3, 5, 17, 100, 10000 };
	struct transport_writer w;
	struct buf b;
	size_t i;

	buf_init(&b, 100000);
	write_soap(&w, &b);
	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct arena *a = arena_new();
		int heads = 0;
		struct reading g = { DIGEST_SHA256, false, false, count_head,
			&heads, NULL };
		struct transport_message m;
		struct digest d;
		struct err e = ERR_INIT;

		ok_m(read_steps(a, &g, transport_content_type(&w, a),
			     bytes_buf(&b), steps[i], &m, &e) == 0,
			"pieces of %zu: %s", steps[i], e.text);
		is_int(heads, 1);
		is_int(m.ocsps, 1);
		is_bytes(m.ocsp[0].data, m.ocsp[0].len, "\x30\x01\x41", 3);
		is_bytes(m.head.data, m.head.len, SOAP, strlen(SOAP));
		is_str(m.head_type, "text/xml; charset=UTF-8");
		is_int(m.head_headers, 2);
		digest_of(DIGEST_SHA256, SOAP, strlen(SOAP), &d);
		ok(digest_equal(&d, &m.head_digest));
		is_int(m.attachments, 2);
		ok(body_is(a, &m.attachment[0], "first\r\n", 7));
		is_str(mime_header_find(m.attachment[0].header,
			       m.attachment[0].headers, "content-id"),
			"<a>");
		digest_of(DIGEST_SHA256, "first\r\n", 7, &d);
		ok(digest_equal(&d, &m.attachment[0].digest));
		digest_of(DIGEST_SHA256, "", 0, &d);
		ok(digest_equal(&d, &m.attachment[1].digest));
		is_bytes(m.hashchain_result.data, m.hashchain_result.len, "R",
			1);
		is_bytes(m.hashchain.data, m.hashchain.len, "C", 1);
		is_bytes(m.signature.data, m.signature.len, "S", 1);
		ok(!m.fault);
		arena_free(&a);
	}
	buf_done(&b);
}

/* One REST answer with the first n bytes of `body`, read in several steps. */
static bool
size_survives(const char *body, size_t n)
{
	static const size_t steps[] = { 1, 4090, 4096, 8192, 16384, 1 << 20 };
	struct arena *a = arena_new();
	struct reading g = { DIGEST_SHA512, true, true, NULL, NULL, NULL };
	struct transport_writer w;
	struct transport_message m;
	struct digest d;
	struct buf b;
	bool all = true;

	buf_init(&b, 200000);
	transport_begin(&w, &b);
	transport_rest(&w, true, bytes_str("200\r\n\r\n"));
	transport_rest_body(&w, bytes_of(body, n));
	transport_signature(
		&w, bytes_of("", 0), bytes_of("", 0), bytes_str("S"));
	transport_close(&w);
	digest_of(DIGEST_SHA512, body, n, &d);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		all = all &&
		      read_steps(a, &g, transport_content_type(&w, a),
			      bytes_buf(&b), steps[i], &m, NULL) == 0 &&
		      m.attachments == 1 &&
		      body_is(a, &m.attachment[0], body, n) &&
		      digest_equal(&d, &m.attachment[0].digest) &&
		      digest_equal(&d, &m.attachment[0].sha512) &&
		      m.kind == TRANSPORT_REST;
	buf_done(&b);
	arena_free(&a);
	return all;
}

/* Bodies near the sizes where readers' buffers end. */
static void
test_sizes(void)
{
	static const size_t ranges[][2] = { { 0, 3 }, { 4085, 4110 },
		{ 8175, 8205 }, { 65530, 65545 } };
	static char body[70000];

	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = "\r\n--xtop"[i % 8];
	for (size_t k = 0; k < sizeof(ranges) / sizeof(*ranges); k++) {
		bool all = true;

		for (size_t n = ranges[k][0]; n <= ranges[k][1]; n++)
			all = all && size_survives(body, n);
		ok_m(all, "bodies of %zu to %zu bytes", ranges[k][0],
			ranges[k][1]);
	}
}

/* A message from types and bodies: "type|body" pieces. */
static struct bytes
build(struct arena *a, const char *const piece[8])
{
	const char *text = "";
	size_t i;

	for (i = 0; i < 8 && piece[i]; i++) {
		const char *bar = strchr(piece[i], '|');

		text = arena_printf(a,
			"%s--b\r\nContent-Type: %.*s\r\n\r\n%s\r\n", text,
			(int)(bar - piece[i]), piece[i], bar + 1);
	}
	return bytes_str(arena_printf(a, "%s--b--", text));
}

#define OCSP  "application/ocsp-response|\x30"
#define REQ   "application/x-road-rest-request|GET"
#define RSP   "application/x-road-rest-response|200"
#define RBODY "application/x-road-rest-body|x"
#define XML   "text/xml|" SOAP
#define FLT   "text/xml|" FAULT
#define ATT   "multipart/mixed; boundary=n|\r\n--n\r\n\r\nx\r\n--n--\r\n"
#define RES   "application/hash-chain-result|r"
#define CHN   "application/hash-chain|c"
#define SIG   "signature/bdoc-1.0/ts|s"

static void
test_order(struct arena *a)
{
	static const struct {
		const char *piece[8];
		bool rest, response;
		enum fault fault;
		bool is_fault;
	} row[] = {
		{ { XML, SIG }, false, false, 0, false },
		{ { XML, ATT, RES, CHN, SIG }, false, true, 0, false },
		{ { XML, CHN, SIG }, false, false, 0, false },
		{ { REQ, SIG }, true, false, 0, false },
		{ { REQ, RBODY, RES, CHN, SIG }, true, false, 0, false },
		{ { RSP, RBODY, SIG }, true, true, 0, false },
		{ { FLT }, false, true, 0, true },
		{ { FLT, SIG }, false, true, 0, true },
		{ { FLT }, true, true, 0, true },
		{ { XML, FLT }, false, true, 0, true },
		{ { XML, ATT, FLT }, false, true, 0, true },
		{ { RSP, RBODY, FLT }, true, true, 0, true },
		{ { XML }, false, false, FAULT_MISSING_SIGNATURE, false },
		{ { XML, RES, CHN }, false, false, FAULT_MISSING_SIGNATURE,
			false },
		{ { NULL }, false, false, FAULT_MISSING_SOAP, false },
		{ { NULL }, true, false, FAULT_MISSING_REST, false },
		{ { SIG }, false, false, FAULT_INVALID_CONTENT_TYPE, false },
		{ { ATT, XML, SIG }, false, false, FAULT_INVALID_CONTENT_TYPE,
			false },
		{ { XML, XML, SIG }, false, false, FAULT_INVALID_CONTENT_TYPE,
			false },
		{ { XML, OCSP, SIG }, false, false, FAULT_INVALID_CONTENT_TYPE,
			false },
		{ { XML, ATT, ATT, SIG }, false, false,
			FAULT_INVALID_CONTENT_TYPE, false },
		{ { XML, RBODY, SIG }, false, false, FAULT_INVALID_CONTENT_TYPE,
			false },
		{ { XML, CHN, RES, SIG }, false, false,
			FAULT_INVALID_CONTENT_TYPE, false },
		{ { XML, SIG, SIG }, false, false, FAULT_INVALID_MESSAGE,
			false },
		{ { XML, SIG, "text/plain|" }, false, false,
			FAULT_INVALID_MESSAGE, false },
		{ { REQ, ATT, SIG }, true, false, FAULT_INVALID_CONTENT_TYPE,
			false },
		{ { RSP, SIG }, true, false, FAULT_INVALID_CONTENT_TYPE,
			false },
		{ { REQ, SIG }, true, true, FAULT_INVALID_CONTENT_TYPE, false },
		{ { REQ, SIG }, false, false, FAULT_INVALID_CONTENT_TYPE,
			false },
		{ { XML, SIG }, true, false, FAULT_MISSING_REST, false },
		{ { "foo/bar|" SOAP, SIG }, false, false,
			FAULT_INVALID_CONTENT_TYPE, false },
		{ { XML, "foo/bar|x" }, false, false,
			FAULT_INVALID_CONTENT_TYPE, false },
		{ { "application/ocsp-response|dummy", XML, SIG }, false, false,
			FAULT_IO, false },
		{ { "text/xml|<Fault>", SIG }, false, false, FAULT_INVALID_SOAP,
			false },
		{ { XML, "multipart/mixed|x", SIG }, false, false,
			FAULT_INVALID_CONTENT_TYPE, false },
		{ { XML, "multipart/mixed; boundary=n|--n\r\n\r\nx", SIG },
			false, false, FAULT_MIME_PARSING, false },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct reading g = { DIGEST_SHA512, row[i].rest,
			row[i].response, NULL, NULL, NULL };
		struct transport_message m;
		struct err e = ERR_INIT;
		int r = read_steps(a, &g, "multipart/mixed; boundary=\"b\"",
			build(a, row[i].piece), 7, &m, &e);

		ok_m(e.fault == row[i].fault && (r == 0) == !row[i].fault &&
				(r != 0 || m.fault == row[i].is_fault),
			"order %zu: %s %s", i, fault_code(e.fault), e.text);
	}
}

static void
test_limits(struct arena *a)
{
	static const char *const piece[8] = { XML, ATT, SIG };
	static const char *const rest[8] = { REQ,
		"application/x-road-rest-"
		"body|1234567890",
		SIG };
	struct transport_limits l[] = {
		{ 10, 1000, 10, NULL },
		{ 1000, 0, 10, NULL },
		{ 1000, 1000, 0, NULL },
	};
	struct bytes b = build(a, piece);
	struct transport_message m;
	size_t i;

	for (i = 0; i < 3; i++) {
		struct reading g = { DIGEST_SHA512, false, false, NULL, NULL,
			&l[i] };
		struct err e = ERR_INIT;

		ok(read_steps(a, &g, "multipart/mixed; boundary=b", b, 7, &m,
			   &e) == -1);
		is_int(e.fault, i == 2 ? FAULT_LIMIT : FAULT_TOO_LARGE);
	}
	l[0] = (struct transport_limits){ 1000, 10, 1, NULL };
	l[1] = (struct transport_limits){ 1000, 9, 1, NULL };
	for (i = 0; i < 2; i++) {
		struct reading g = { DIGEST_SHA512, true, false, NULL, NULL,
			&l[i] };

		ok((read_steps(a, &g, "multipart/mixed; boundary=b",
			    build(a, rest), 3, &m, NULL) == 0) == (i == 0));
	}
}

static int
refuse(void *ctx, const struct transport_message *m, struct err *e)
{
	(void)ctx;
	(void)m;
	return fail(e, FAULT_SSL_AUTH, "no");
}

static void
test_heads(struct arena *a)
{
	static const char *const piece[8] = { XML, SIG };
	static const char *const flt[8] = { FLT };
	static const enum digest_alg bad[] = { DIGEST_NONE, DIGEST_SHA1,
		DIGEST_SHA224 };
	struct reading g = { DIGEST_SHA512, false, false, refuse, NULL, NULL };
	struct transport_message m;
	struct err e = ERR_INIT;
	size_t i;

	ok(read_steps(a, &g, "multipart/mixed; boundary=b", build(a, piece),
		   100, &m, &e) == -1);
	is_int(e.fault, FAULT_SSL_AUTH);
	err_reset(&e);
	ok(read_steps(a, &g, "multipart/mixed; boundary=b", build(a, flt), 100,
		   &m, &e) == -1);
	is_int(e.fault, FAULT_SSL_AUTH);
	g.on_head = NULL;
	ok(read_steps(a, &g, "multipart/mixed; boundary=b", build(a, flt), 100,
		   &m, NULL) == 0);
	ok(m.fault);
	/* whoever asked gets the document itself, details and all */
	ok(m.fault_xml.len > 0 && memmem(m.fault_xml.data, m.fault_xml.len,
					  "<faultcode>c</faultcode>", 24));
	ok(str_prefix(m.fault_type, "text/xml"));
	for (i = 0; i < 3; i++) {
		err_reset(&e);
		g.alg = bad[i];
		ok(read_steps(a, &g, "multipart/mixed; boundary=b",
			   build(a, piece), 100, &m, &e) == -1);
		is_int(e.fault, FAULT_INTERNAL);
		ok(read_steps(a, &g, "multipart/mixed; boundary=b",
			   build(a, flt), 100, &m, &e) == 0);
	}
}

static void
test_whole_fault(struct arena *a)
{
	struct reading g = { DIGEST_NONE, true, true, NULL, NULL, NULL };
	struct transport_message m;
	struct err e = ERR_INIT;

	ok(read_steps(a, &g, "text/xml; charset=UTF-8", bytes_str(FAULT), 10,
		   &m, &e) == 0);
	ok(m.fault);
	is_str(m.fault_code, "c");
	is_str(m.fault_string, "t");
	is_str(m.fault_detail, "");
	ok(read_steps(a, &g, "text/xml", bytes_str(SOAP), 10, &m, &e) == -1);
	is_int(e.fault, FAULT_INVALID_MESSAGE);
	err_reset(&e);
	ok(read_steps(a, &g, "text/xml", bytes_str(""), 10, &m, &e) == -1);
	is_int(e.fault, FAULT_INVALID_SOAP);
	err_reset(&e);
	g.response = false; /* nobody asks with a fault */
	ok(read_steps(a, &g, "text/xml", bytes_str(FAULT), 10, &m, &e) == -1);
	is_int(e.fault, FAULT_INVALID_CONTENT_TYPE);
	g.response = true;
	err_reset(&e);
	ok(read_steps(a, &g, "text/html", bytes_str(""), 10, &m, &e) == -1);
	is_int(e.fault, FAULT_INVALID_CONTENT_TYPE);
	ok(read_steps(a, &g, "multipart/mixed", bytes_str(""), 10, &m, &e) ==
		-1);
	ok(read_steps(a, &g, "multipart/related; boundary=b", bytes_str(""), 10,
		   &m, &e) == -1);
}

/* Every truncation is refused. */
static void
test_truncated(void)
{
	struct transport_writer w;
	struct reading g = { DIGEST_SHA512, false, false, NULL, NULL, NULL };
	struct buf b;
	size_t i, accepted = 0;
	struct err e = ERR_INIT;

	buf_init(&b, 100000);
	write_soap(&w, &b);
	for (i = 0; i < b.len - 2; i++) {
		struct arena *a = arena_new();
		struct transport_message m;

		if (read_steps(a, &g, transport_content_type(&w, a),
			    bytes_of(b.data, i), 50, &m, &e) == 0)
			accepted++;
		arena_free(&a);
	}
	is_int(accepted, 0);
	is_int(e.fault, FAULT_IO);
	buf_done(&b);
}

static void
test_vectors(struct arena *a)
{
	static const struct {
		const char *name, *boundary;
		bool response;
		enum fault fault;
		bool is_fault;
		size_t attachments, ocsps;
	} row[] = {
		{ "normal.request", "xtop1357783211hcn1yiro", false, 0, false,
			0, 0 },
		{ "normal.response", "xtop1143483536hcn1yj5i", true, 0, false,
			0, 0 },
		{ "attachment.request", "xtop569125687hcu8vfma", false, 0,
			false, 1, 0 },
		{ "ocsp.request", "xtop1357783211hcn1yiro", false, 0, false, 0,
			1 },
		{ "fault-signature.request", "xtop1357783211hcn1yiro", false, 0,
			true, 0, 0 },
		{ "normal-soapfault.request", "xtop1357783211hcn1yiro", false,
			0, true, 0, 0 },
		{ "extracontent.request", "xtop1357783211hcn1yiro", false,
			FAULT_INVALID_MESSAGE, false, 0, 0 },
		{ "invalid-soap-contenttype.request", "xtop1357783211hcn1yiro",
			false, FAULT_INVALID_CONTENT_TYPE, false, 0, 0 },
		{ "invalid-contenttype-signature.request",
			"xtop1357783211hcn1yiro", false,
			FAULT_INVALID_CONTENT_TYPE, false, 0, 0 },
		{ "invalid-ocsp.request", "xtop1357783211hcn1yiro", false,
			FAULT_IO, false, 0, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		const char *path = vectors_path(
			arena_printf(a, "x-road/transport/%s", row[i].name));
		struct reading g = { DIGEST_SHA512, false, row[i].response,
			NULL, NULL, NULL };
		struct transport_message m;
		struct err e = ERR_INIT;
		struct bytes b;
		int r;

		ok(path && file_read(a, path, 1000000, &b, NULL) == 0);
		r = read_steps(a, &g,
			arena_printf(a, "multipart/mixed; boundary=%s",
				row[i].boundary),
			b, 11, &m, &e);
		ok_m(e.fault == row[i].fault && (r == 0) == !row[i].fault,
			"%s: %s %s", row[i].name, fault_code(e.fault), e.text);
		if (r != 0)
			continue;
		ok(m.fault == row[i].is_fault);
		is_int(m.attachments, row[i].attachments);
		is_int(m.ocsps, row[i].ocsps);
	}
}

int
main(void)
{
	struct arena *a = arena_new();

	xml_startup();
	test_written_bytes(a);
	test_soap();
	test_sizes();
	test_order(a);
	test_limits(a);
	test_heads(a);
	test_whole_fault(a);
	test_truncated();
	if (vectors_path("x-road/transport"))
		test_vectors(a);
	else
		tap_skip("no vectors");
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
