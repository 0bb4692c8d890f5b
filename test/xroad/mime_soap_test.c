/* SPDX-License-Identifier: MIT */
/*
 * Tests of SOAP as information systems send and get it: the document and its
 * attachments in any pieces, limits, and the bytes that are written.
 */
#include <string.h>

#include "err.h"
#include "mem.h"
#include "tap.h"
#include "transport.h"

enum { ROOM = 10000, STEPS = 4 };

static struct arena *a;

/* Everything the handler was told, as one text. */
static struct buf told;

static int
on_document(void *ctx, struct bytes raw, const char *type,
	const struct mime_header *h, size_t n, struct err *e)
{
	(void)e;
	buf_fmt(&told, "[%s %zu %s]", type, n, n ? h[n - 1].name : "");
	buf_bytes(&told, raw);
	if (ctx)
		return fail(e, FAULT_INVALID_SOAP, "as asked");
	return 0;
}

static int
on_attachment(void *ctx, const struct mime_header *h, size_t n, struct err *e)
{
	(void)ctx, (void)e;
	buf_fmt(&told, "(%s ", mime_header_find(h, n, "CONTENT-TYPE"));
	return 0;
}

static int
on_data(void *ctx, const void *p, size_t n, struct err *e)
{
	(void)ctx, (void)e;
	buf_add(&told, p, n);
	return 0;
}

static int
on_end(void *ctx, struct err *e)
{
	(void)ctx, (void)e;
	buf_str(&told, ")");
	return 0;
}

static const struct soap_stream_handler handler = { on_document, on_attachment,
	on_data, on_end };

static enum fault
read_all(const char *type, struct bytes b, size_t step, void *ctx)
{
	static const struct soap_stream_limits limits = { 40, 2 };
	struct err e = ERR_INIT;
	struct soap_stream *s;
	int ret = soap_stream_new(&s, a, type, &limits, &handler, ctx, &e);

	buf_reset(&told);
	for (size_t i = 0; !ret && i < b.len; i += step)
		ret = soap_stream_feed(
			s, b.data + i, b.len - i < step ? b.len - i : step, &e);
	if (!ret)
		(void)soap_stream_end(s, &e);
	return e.fault;
}

#define RELATED "Multipart/Related; boundary=\"b:1\""
#define PART    "--b:1\r\n"
#define DOC     "content-type: text/xml\r\nContent-ID: <r>\r\n\r\n<soap/>\r\n"
#define ONE     "Content-Type:a/b\r\n\r\n"
#define NOTHING "content-type: multipart/a; boundary=i\r\n\r\n\r\n"

static const struct row {
	const char *type, *sent, *told;
	enum fault want;
} rows[] = {
	{ "text/xml", "<soap/>", "[text/xml 0 ]<soap/>", FAULT_NONE },
	{ "application/xop+xml; type=a", "", "[application/xop+xml; type=a 0 ]",
		FAULT_NONE },
	{ "text/xml", "12345678901234567890123456789012345678901", NULL,
		FAULT_TOO_LARGE },
	{ "application/json", "{}", NULL, FAULT_INVALID_CONTENT_TYPE },
	{ "multipart/mixed; boundary=b", "", NULL, FAULT_INVALID_CONTENT_TYPE },
	{ "multipart/related", "", NULL, FAULT_INVALID_CONTENT_TYPE },
	{ RELATED, PART DOC "--b:1--", "[text/xml 2 Content-ID]<soap/>",
		FAULT_NONE },
	{ RELATED, "before\r\n" PART DOC PART ONE "x\r\ny\r\n--b:1--\r\nafter",
		"[text/xml 2 Content-ID]<soap/>(a/b x\r\ny)", FAULT_NONE },
	{ RELATED, PART DOC PART ONE "\r\n" PART ONE "--b:2\r\n\r\n--b:1--",
		"[text/xml 2 Content-ID]<soap/>(a/b )(a/b --b:2\r\n)",
		FAULT_NONE },
	{ RELATED, PART DOC PART ONE "\r\n" PART ONE "\r\n" PART ONE "\r\n",
		NULL, FAULT_LIMIT },
	{ RELATED, PART DOC PART "X: y\r\n\r\nno type\r\n--b:1--", NULL,
		FAULT_INVALID_CONTENT_TYPE },
	{ RELATED, PART "X: y\r\n\r\n<soap/>\r\n--b:1--", NULL,
		FAULT_INVALID_CONTENT_TYPE },
	/* multiparts in parts are opened; the first leaf is the document */
	{ RELATED,
		PART
		"content-type: multipart/mixed; boundary=i\r\n\r\n--i\r\n" DOC
		"--i\r\n" ONE "x\r\n--i--\r\nz\r\n--b:1--",
		"[text/xml 2 Content-ID]<soap/>(a/b x)", FAULT_NONE },
	{ RELATED,
		PART DOC PART "content-type: multipart/a; boundary=i\r\n\r\n"
			      "--i\r\n" ONE "x\r\n--y\r\n--b:1\r\n" ONE
			      "z\r\n--b:1--",
		"[text/xml 2 Content-ID]<soap/>(a/b x\r\n--y)(a/b z)",
		FAULT_NONE },
	{ RELATED,
		PART DOC PART "content-type: multipart/a; boundary=i\r\n\r\n"
			      "nothing\r\n--b:1--",
		"[text/xml 2 Content-ID]<soap/>", FAULT_NONE },
	{ RELATED,
		PART DOC PART "content-type: multipart/a\r\n\r\n--i\r\n--b:1--",
		"[text/xml 2 Content-ID]<soap/>(multipart/a --i)", FAULT_NONE },
	{ RELATED,
		PART DOC PART "content-type: multipart/a; boundary=i\r\n\r\n"
			      "--i\r\ncontent-type: a/b\r\n--b:1--",
		NULL, FAULT_MIME_PARSING },
	{ RELATED, PART DOC PART NOTHING PART NOTHING PART NOTHING "--b:1--",
		NULL, FAULT_LIMIT },
	{ RELATED, PART DOC PART NOTHING PART NOTHING "--b:1--",
		"[text/xml 2 Content-ID]<soap/>", FAULT_NONE },
	{ RELATED, PART DOC "--b:1", NULL, FAULT_MIME_PARSING },
	{ RELATED, "", NULL, FAULT_MISSING_SOAP },
	{ RELATED, "--b:1--", NULL, FAULT_MISSING_SOAP },
};

static void
test_read(void)
{
	static const size_t step[STEPS] = { 1, 2, 7, ROOM };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t k = 0; k < STEPS; k++) {
			const struct row *r = &rows[i];
			enum fault f = read_all(
				r->type, bytes_str(r->sent), step[k], NULL);

			ok_m(f == r->want, "row %zu in steps of %zu: %s", i,
				step[k], fault_code(f));
			if (r->told)
				is_str(told.data, r->told);
		}
	/* the handler's own fault */
	is_int(read_all(RELATED, bytes_str(PART DOC "--b:1--"), 3, &told),
		FAULT_INVALID_SOAP);
}

static const char *
content(const struct transport_message *m, const char *original,
	const char **type)
{
	struct segments s;
	char *out = arena_alloc(a, ROOM);

	if (soap_content(a, m, original, &s, type, NULL))
		return NULL;
	is_int(segments_read(&s, 0, out, ROOM - 1, NULL), s.len);
	return out;
}

static void
test_write(void)
{
	static const struct mime_header root[] = {
		{ "Content-Type", "text/xml" },
		{ "Content-ID", "<r>" },
	};
	static const struct mime_header one[] = {
		{ "X-Own", "a: b" },
		{ "content-TYPE", "a/b; c=d" },
	};
	const struct transport_attachment t[] = {
		{ .header = one,
			.headers = 2,
			.body = segment_of(bytes_str("--b")) },
		{ .header = one, .headers = 1 },
	};
	struct transport_message m = { .head = bytes_str("<soap/>"),
		.head_type = "text/xml",
		.head_header = root,
		.head_headers = 2 };
	const char *type;

	is_str(content(&m, "", &type), "<soap/>");
	is_str(type, "text/xml; charset=UTF-8");
	m.head_type = "text/xml; charset=Shift_JIS";
	is_str(content(&m, "text/xml", &type), "<soap/>");
	is_str(type, "text/xml; charset=Shift_JIS");
	m.head_type = "text/xml";
	is_str(content(&m, RELATED, &type),
		PART "content-type: text/xml\r\nContent-ID: <r>\r\n\r\n<soap/>"
		     "\r\n--b:1--\r\n");
	is_str(type, RELATED);
	m.attachment = t;
	m.attachments = 2;
	is_str(content(&m, RELATED, &type),
		PART "content-type:text/xml\r\nContent-ID: <r>\r\n\r\n<soap/>"
		     "\r\n" PART "content-type:a/b; c=d\r\nX-Own: a: b\r\n\r\n"
		     "--b\r\n" PART "content-type:\r\nX-Own: a: b\r\n\r\n"
		     "\r\n--b:1--\r\n");
	ok(!content(&m, "text/xml", &type));
	ok(!content(&m, "multipart/related; boundary=\"\"", &type));
}

int
main(void)
{
	a = arena_new();
	buf_init(&told, ROOM);
	test_read();
	test_write();
	buf_done(&told);
	arena_free(&a);
	return tap_done();
}
