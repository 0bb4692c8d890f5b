/* SPDX-License-Identifier: MIT */
/*
 * What the provider's server asks of the service, and what becomes of the
 * answer: SOAP gets its requestHash, REST its X-Road headers; bodies pass
 * through. Rule: interop/xroad-messages.md 1.4, 1.6, 1.7, 2.6.
 */
#include "incoming_int.h"

#include "http_client.h"
#include "mem.h"
#include "text.h"
#include "xml.h"

static const char *
header_value(const struct http_header *h, size_t n, const char *name)
{
	for (size_t i = n; i > 0; i--)
		if (str_iequal(h[i - 1].name, name))
			return h[i - 1].value;
	return NULL;
}

/* ---- SOAP ---- */

/* The service's fault goes back as it came. X-Road reads a fault as UTF-8
   whatever its content type says (ProxyMessageDecoder.parseFault), so one in
   another charset is written anew. */
static int
keep_fault(struct incoming *in, const struct soap *m, struct bytes raw,
	const char *type, struct err *e)
{
	const char *charset = mime_param(in->a, type, "charset");
	struct buf b;
	int ret;

	in->fault_xml = raw;
	if (!charset || str_iequal(charset, "UTF-8"))
		return 0;
	buf_init(&b, FAULT_XML_MAX);
	ret = xml_serialize(m->doc, &b, e);
	in->fault_xml = bytes_of(arena_memdup(in->a, b.data, b.len), b.len);
	buf_done(&b);
	return ret;
}

/* The content type of the document written anew, which is UTF-8. */
static const char *
utf8_type(struct arena *a, const char *type)
{
	const char *charset = mime_param(a, type, "charset");
	const char *inner;

	if (charset ? str_iequal(charset, "UTF-8")
		    : str_equal(mime_base(a, type), "application/xop+xml"))
		return type;
	if (!str_equal(mime_base(a, type), "application/xop+xml"))
		return "text/xml; charset=UTF-8";
	inner = mime_param(a, type, "type");
	return arena_printf(a,
		"application/xop+xml; charset=UTF-8; type=\"%s\"",
		inner ? inner : "text/xml");
}

static int
on_document(void *ctx, struct bytes raw, const char *type,
	const struct mime_header *h, size_t n, struct err *e)
{
	struct incoming *in = ctx;
	struct soap m;

	if (soap_parse(in->a, raw, type, &m, e))
		return -1;
	if (m.fault) {
		if (keep_fault(in, &m, raw, type, e))
			return -1;
		return fail_foreign(
			e, m.fault_code, m.fault_string, m.fault_detail);
	}
	if (soap_add_request_hash(in->a, &m, &in->request_hash, &in->head, e))
		return -1;
	wire_soap(&in->wire, utf8_type(in->a, type), h, n, in->head);
	return 0;
}

static int
on_attachment(void *ctx, const struct mime_header *h, size_t n, struct err *e)
{
	struct incoming *in = ctx;

	(void)e;
	wire_attachment_open(&in->wire, h, n);
	return 0;
}

static int
on_data(void *ctx, const void *p, size_t n, struct err *e)
{
	struct incoming *in = ctx;

	return wire_data(&in->wire, p, n, e) ? -1 : answer_flush(in, e);
}

static int
on_attachment_end(void *ctx, struct err *e)
{
	struct incoming *in = ctx;

	(void)e;
	wire_part_close(&in->wire);
	return 0;
}

static const struct soap_stream_handler soap_handler = { on_document,
	on_attachment, on_data, on_attachment_end };

/* What a SOAP call needs until its end. */
struct soap_answer {
	struct incoming *in;
	struct soap_stream *stream;
};

static int
soap_head(void *ctx, int status, const char *reason,
	const struct http_header *h, size_t n, struct err *e)
{
	static const struct soap_stream_limits limits = { SOAP_SIZE_MAX,
		ATTACHMENTS_MAX };
	struct soap_answer *x = ctx;
	struct arena *a = x->in->a;
	const char *type = header_value(h, n, "Content-Type");

	seen_now(&x->in->seen, MN_RESPONSE_IN);
	if (status != 200 && status != 500)
		return fail(e, FAULT_HTTP, "Server responded with error %d: %s",
			status, reason);
	if (!type)
		return fail(e, FAULT_INVALID_CONTENT_TYPE,
			"the service answered without content type");
	x->in->original_type = type = arena_strdup(a, type);
	return soap_stream_new(
		&x->stream, a, type, &limits, &soap_handler, x->in, e);
}

static int
soap_sink(void *ctx, const void *p, size_t n, struct err *e)
{
	struct soap_answer *x = ctx;

	return soap_stream_feed(x->stream, p, n, e);
}

/* The service's address is judged before it is called (X-Road 7.8.0,
   ServerMessageProcessor.sendRequest). REST says service_failed of nothing
   that the service does (ServerRestMessageProcessor). */
static int
soap_failed(struct err *e)
{
	if (e->fault != FAULT_SERVICE_MISSING_URL &&
		e->fault != FAULT_SERVICE_MALFORMED_URL)
		err_prefix(e, "service_failed");
	return -1;
}

static int
call_soap(struct incoming *in, struct err *e)
{
	const char *action = request_header(in->r, "x-original-soapaction");
	const char *type = request_header(in->r, "x-original-content-type");
	struct http_header h[3 + CONSENT_HEADERS] = {
		{ "accept-encoding", "" },
		{ "Content-Type", NULL },
		{ "SOAPAction", action ? action : "" },
	};
	struct soap_answer x = { in, NULL };
	struct transport_message m = in->m;
	struct http_answer answer;
	struct segments body;
	struct service_call c = { in->s, in->a, &in->local, "POST", "", h, 3,
		&body, soap_head, soap_sink, &x };

	if (!soap_action_ok(action))
		return fail(e, FAULT_INVALID_SOAP_ACTION,
			"Invalid SOAPAction header");
	type = type ? type : "";
	if (in->consented)
		c.headers += consent_headers(in->a, &in->grant, h + 3);
	if ((in->consented && consent_parts(in->a, &m, &type, e)) ||
		soap_content(in->a, &m, type, &body, &h[1].value, e))
		return -1;
	seen_now(&in->seen, MN_REQUEST_OUT);
	if (call_service(&c, &answer, e) || soap_stream_end(x.stream, e))
		return soap_failed(e);
	return 0;
}

/* ---- REST ---- */

/* An answer to HEAD, 204, 205 or 304 has no body part (2.6). */
static bool
has_body_part(const struct rest_request *q, int status)
{
	return !str_equal(q->method, "HEAD") && status != 204 &&
	       status != 205 && status != 304;
}

static int
rest_head(void *ctx, int status, const char *reason,
	const struct http_header *h, size_t n, struct err *e)
{
	struct incoming *in = ctx;
	const struct rest_request *q = &in->rest_request;
	struct rest_header *copy = arena_array(in->a, n + 1, sizeof(*copy));
	struct log_record r = incoming_record(in);
	struct rest_response out;

	seen_now(&in->seen, MN_RESPONSE_IN);
	in->seen.number[MN_STATUS] = status;
	for (size_t i = 0; i < n; i++)
		copy[i] = (struct rest_header){ h[i].name, h[i].value };
	if (rest_response_make(in->a, q, status, reason, copy, n,
		    &in->request_hash, &out, e))
		return -1;
	in->head = out.raw;
	in->original_type =
		arena_strdup(in->a, header_value(h, n, "Content-Type"));
	wire_rest(&in->wire, true, in->head);
	if (!has_body_part(q, status))
		return 0;
	wire_body_open(&in->wire);
	wire_keep(&in->wire, in->s, &r);
	return 0;
}

/* What a HEAD or a 204 brings along is nobody's. */
static int
rest_sink(void *ctx, const void *p, size_t n, struct err *e)
{
	struct incoming *in = ctx;

	if (!in->wire.hasher)
		return 0;
	return wire_data(&in->wire, p, n, e) ? -1 : answer_flush(in, e);
}

static const char *
path_and_query(struct incoming *in)
{
	const struct rest_request *q = &in->rest_request;

	if (!q->query)
		return q->service_path;
	return arena_printf(in->a, "%s?%s", q->service_path,
		rest_query_ascii(in->a, q->query));
}

/* Another name of the consumer than the one that was judged, which is the last:
   services go by it, and many read the first. */
static bool
is_other_client(const struct rest_request *q, size_t i)
{
	static const char name[] = "x-road-client";
	const char *own = q->header[i].name;

	return consent_name_like(own, name) &&
	       (!str_iequal(own, name) ||
		       q->header[i].value !=
			       rest_header_get(q->header, q->headers, name));
}

/* What came with the message, but nothing that only we may say. */
static size_t
rest_headers(struct incoming *in, struct http_header *h)
{
	const struct rest_request *q = &in->rest_request;
	size_t n = 0;

	for (size_t i = 0; i < q->headers; i++)
		if (!consent_header_own(q->header[i].name) &&
			!is_other_client(q, i))
			h[n++] = (struct http_header){ q->header[i].name,
				rest_octets(in->a, q->header[i].value) };
	if (in->consented)
		n += consent_headers(in->a, &in->grant, h + n);
	return n;
}

static int
call_rest(struct incoming *in, struct err *e)
{
	const struct rest_request *q = &in->rest_request;
	struct http_header *h =
		arena_array(in->a, q->headers + CONSENT_HEADERS, sizeof(*h));
	struct segments body = segments_of(in->a);
	struct http_answer answer;
	struct service_call c = { .s = in->s,
		.a = in->a,
		.service = &in->local,
		.method = q->method,
		.path_and_query = path_and_query(in),
		.header = h,
		.headers = rest_headers(in, h),
		.body = rest_carries_body(q->method) ? &body : NULL,
		.on_head = rest_head,
		.sink = rest_sink,
		.ctx = in };

	if (in->m.attachments)
		segments_add(&body, in->m.attachment[0].body);
	seen_now(&in->seen, MN_REQUEST_OUT);
	if (call_service(&c, &answer, e))
		return -1;
	if (in->wire.hasher)
		wire_part_close(&in->wire);
	return 0;
}

/* ---- metadata services ---- */

static int
write_metadata(
	struct incoming *in, const struct metadata_call *c, struct err *e)
{
	struct wire *w = &in->wire;
	const struct mime_part body = { .body = c->body };
	const struct mime_part *p = in->rest ? &body : c->attachment;
	size_t n = in->rest ? 1 : c->attachments;

	if (in->rest)
		wire_rest(w, true, c->head);
	else
		wire_soap(w,
			c->attachments ? "text/xml; charset=UTF-8" : c->type,
			NULL, 0, c->head);
	for (size_t i = 0; i < n; i++) {
		if (in->rest)
			wire_body_open(w);
		else
			wire_attachment_open(w, p[i].header, p[i].headers);
		if (wire_data(w, p[i].body.data, p[i].body.len, e))
			return -1;
		wire_part_close(w);
	}
	return 0;
}

static int
call_metadata(struct incoming *in, struct err *e)
{
	struct metadata_call c = { .s = in->s,
		.a = in->a,
		.g = in->g,
		.client = &in->client,
		.service = &in->service,
		.soap = &in->soap,
		.rest = in->rest ? &in->rest_request : NULL,
		.hash = &in->request_hash };
	struct log_record r = incoming_record(in);

	if (in->metadata(&c, e))
		return -1;
	in->head = c.head;
	in->original_type = c.type;
	if (in->rest) {
		in->seen.number[MN_STATUS] = 200;
		wire_keep(&in->wire, in->s, &r);
	}
	return write_metadata(in, &c, e);
}

int
provider_call(struct incoming *in, struct err *e)
{
	if (in->metadata)
		return call_metadata(in, e);
	return in->rest ? call_rest(in, e) : call_soap(in, e);
}
