/* SPDX-License-Identifier: MIT */
/*
 * The door for information systems, SOAP: any path, POST only. Rule:
 * interop/xroad-messages.md 1.3-1.6, 2.8.
 */
#include "dispatch_int.h"
#include "outgoing_int.h"

#include "clock.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "xml.h"

/* Faults of the incoming message carry the prefix client. */
static int
client_fault(struct err *e)
{
	err_prefix(e, "client");
	return -1;
}

static int
check_http(struct request *r, struct err *e)
{
	const char *type = request_header(r, "Content-Type");
	const char *action = request_header(r, "SOAPAction");

	if (!str_equal(request_method(r), "POST"))
		return fail(e, FAULT_INVALID_HTTP_METHOD,
			"Must use POST request method instead of %s",
			request_method(r));
	if (!soap_content_type_ok(type))
		return fail(e, FAULT_INVALID_CONTENT_TYPE,
			"Invalid content type \"%s\"", type ? type : "");
	if (!soap_action_ok(action))
		return fail(e, FAULT_INVALID_SOAP_ACTION,
			"Invalid SOAPAction header");
	return 0;
}

/* ---- reading: the document first, attachments on the way out ---- */

enum { PIECE = 16 * 1024 };

/* The message of the information system as it comes. */
struct reading {
	struct request *r;
	struct outgoing *o;
	struct soap *m;
	struct soap_stream *stream;
	char *piece;
	bool ended;
};

/* A fault in place of a request goes back, as the client's, in the spelling of
   7.8: small letters (X-Road's ClientException). */
static int
bounce(struct arena *a, const struct soap *m, struct err *e)
{
	char *code = arena_printf(a, "client.%s", m->fault_code);

	for (char *p = code; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return fail_foreign(e, code, m->fault_string, m->fault_detail);
}

static int
on_document(void *ctx, struct bytes raw, const char *type,
	const struct mime_header *h, size_t n, struct err *e)
{
	struct reading *d = ctx;
	struct outgoing *o = d->o;
	struct soap *m = d->m;

	if (soap_parse(o->a, raw, type, m, e))
		return -1;
	if (m->fault)
		return bounce(o->a, m, e);
	log_request(m->id);
	seen_soap(&o->seen, m);
	o->head = raw;
	o->head_type = type;
	o->head_header = h;
	o->head_headers = n;
	o->client = m->client;
	o->service = m->service;
	o->target = m->has_server ? &m->server : NULL;
	o->query_id = m->id;
	return 0;
}

static int
on_attachment(void *ctx, const struct mime_header *h, size_t n, struct err *e)
{
	struct reading *d = ctx;

	(void)e;
	wire_attachment_open(&d->o->wire, h, n);
	return 0;
}

static int
on_data(void *ctx, const void *p, size_t n, struct err *e)
{
	struct reading *d = ctx;

	return wire_data(&d->o->wire, p, n, e);
}

static int
on_attachment_end(void *ctx, struct err *e)
{
	struct reading *d = ctx;

	(void)e;
	wire_part_close(&d->o->wire);
	return 0;
}

static const struct soap_stream_handler handler = { on_document, on_attachment,
	on_data, on_attachment_end };

/* 1: there may be more. */
static int
read_piece(struct reading *d, struct err *e)
{
	long n = request_read(d->r, d->piece, PIECE, e);

	if (n < 0)
		return -1;
	if (n > 0)
		return soap_stream_feed(d->stream, d->piece, (size_t)n, e) ? -1
									   : 1;
	d->ended = true;
	return soap_stream_end(d->stream, e);
}

static int
pump(void *ctx, struct outgoing *o, struct err *e)
{
	struct reading *d = ctx;
	int ret = d->ended ? 0 : read_piece(d, e);

	(void)o;
	return ret < 0 ? client_fault(e) : ret;
}

/* As far as the end of the document, for which X-Road waits 30 s in all
   (ClientMessageProcessor.waitForSoapMessage). */
static int
read_document(struct reading *d, struct err *e)
{
	int64_t wait = conf_int(d->o->s->conf, P_CLIENT_FIRST_IDLE);
	int64_t until = clock_ticks() + wait;

	while (!d->o->query_id && !d->ended) {
		if (read_piece(d, e) < 0)
			return client_fault(e);
		if (clock_ticks() > until && !d->o->query_id)
			return fail(e, FAULT_INTERNAL,
				"Reading SOAP from request timed out");
	}
	return 0;
}

static int
read_request(
	struct request *r, struct outgoing *o, struct soap *m, struct err *e)
{
	static const struct soap_stream_limits limits = { SOAP_SIZE_MAX,
		ATTACHMENTS_MAX };
	struct reading *d = arena_new_of(o->a, struct reading);
	char *request_id = arena_alloc(o->a, UUID_LEN + 1);

	uuid_make(request_id);
	o->request_id = request_id;
	o->content_type = request_header(r, "Content-Type");
	o->soap_action = request_header(r, "SOAPAction");
	d->r = r;
	d->o = o;
	d->m = m;
	d->piece = arena_alloc(o->a, PIECE);
	if (soap_stream_new(
		    &d->stream, o->a, o->content_type, &limits, &handler, d, e))
		return client_fault(e);
	o->pump = pump;
	o->ctx = d;
	return read_document(d, e);
}

/* ---- the answer ---- */

/* What does not fit to the request is reported as the service's failure, the
   hash of the request apart (1.5). */
static int
check_answer(struct outgoing *o, const struct soap *request, struct err *e)
{
	struct soap m;

	if (soap_parse(o->a, o->answer.head, o->answer.head_type, &m, e)) {
		reading_prefix(e);
		return -1;
	}
	if (m.fault)
		return fail_foreign(
			e, m.fault_code, m.fault_string, m.fault_detail);
	if (soap_consistent(request, &m, e)) {
		err_prefix(e, "service_failed");
		return -1;
	}
	return soap_check_request_hash(&m, &o->wire.head, e);
}

static int
answer(struct request *r, struct outgoing *o, struct err *e)
{
	struct segments content;
	struct http_header h = { "Content-Type", NULL };

	if (soap_content(
		    o->a, &o->answer, o->original_type, &content, &h.value, e))
		return -1;
	return reply_content(
		r, 200, NULL, (struct http_headers){ &h, 1 }, &content, e);
}

static int
exchange(struct request *r, struct outgoing *o, struct err *e)
{
	struct local_client client;
	struct soap *request = arena_new_of(o->a, struct soap);

	outgoing_open(o);
	if (check_http(r, e))
		return client_fault(e);
	if (confclient_valid(o->s->confclient, &o->g, e) ||
		dispatch_ready(o->s, e))
		return -1;
	if (read_request(r, o, request, e) ||
		serverconf_client(o->s->sc, o->a, &o->client, &client, e) ||
		is_authenticate(r, o->s, &client, e) || outgoing_run(o, e) ||
		check_answer(o, request, e) || outgoing_log_response(o, e))
		return -1;
	return answer(r, o, e);
}

/* The peer's fault as it came, or written anew where it is not UTF-8. */
static void
put_fault(struct outgoing *o, const struct err *fault, struct buf *out)
{
	struct bytes xml = o->fault_xml;
	const char *charset = mime_param(o->a, o->fault_type, "charset");
	struct soap m;

	if (utf8_valid((const char *)xml.data, xml.len) &&
		(!charset || str_iequal(charset, "UTF-8"))) {
		buf_bytes(out, xml);
		return;
	}
	if (soap_parse(o->a, xml, o->fault_type, &m, NULL) == 0 &&
		xml_serialize(m.doc, out, NULL) == 0)
		return;
	buf_reset(out);
	soap_fault_write(fault, out);
}

/* HTTP 200, UTF-8 and an empty SOAPAction (1.4). */
static int
refuse(struct request *r, struct outgoing *o, struct err *fault, struct err *e)
{
	const struct http_header h[] = {
		{ "Content-Type", "text/xml;charset=utf-8" },
		{ "SOAPAction", "" },
	};
	struct buf body;
	int ret;

	if (!str_iprefix(fault->code, "client."))
		err_prefix(fault, "server.clientproxy");
	log_fault("SOAP request", fault);
	buf_init(&body, FAULT_XML_MAX);
	if (o->fault_xml.len)
		put_fault(o, fault, &body);
	else
		soap_fault_write(fault, &body);
	ret = reply_send_headers(r, 200, h, 2, bytes_buf(&body), e);
	buf_done(&body);
	return ret;
}

int
client_soap(struct request *r, void *state, struct err *e)
{
	struct outgoing o = { .s = state, .a = request_arena(r) };
	struct err fault = ERR_INIT;
	int ret = 0, failed = exchange(r, &o, &fault);

	if (failed) {
		if (reply_begun(r))
			reply_abort(r);
		else
			ret = refuse(r, &o, &fault, e);
	}
	seen_outgoing(&o, failed ? &fault : NULL);
	outgoing_done(&o);
	globalconf_unref(&o.g);
	return ret;
}
