/* SPDX-License-Identifier: MIT */
/*
 * The door for other security servers (port 5500): read, prove the peer, may
 * they, verify, log, call the service, sign, log, answer. Rule:
 * interop/xroad-messages.md 2.5-2.8.
 */
#include "proxy_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "http_client.h"
#include "log.h"
#include "mem.h"
#include "metadata_int.h"
#include "param.h"
#include "text.h"
#include "xml.h"

enum { CHUNK = 64 * 1024 };

struct incoming {
	struct server *s;
	struct request *r;
	struct arena *a;
	struct globalconf *g;
	bool rest;
	const char *request_id;
	struct transport_message m;
	struct rest_request rest_request;
	struct soap soap;
	struct client_id client;
	struct service_id service;
	const char *query_id;
	struct local_service local;
	metadata_fn *metadata; /* NULL: an ordinary service */
	struct digest request_hash;
	/* the answer */
	struct bytes head, body;
	bool body_part;
	const char *head_type;     /* SOAP part */
	const char *original_type; /* of the service's answer */
	struct bytes fault_xml;    /* the service's own fault, UTF-8 */
};

/* ---- reading ---- */

/* Larger or equal by major.minor.patch; anything after is ignored. */
static bool
version_at_least(const char *have, const char *want, bool *valid)
{
	unsigned a[3] = { 0 }, b[3] = { 0 };
	int n = sscanf(have, "%u.%u.%u", &a[0], &a[1], &a[2]);

	(void)sscanf(want, "%u.%u.%u", &b[0], &b[1], &b[2]);
	*valid = n == 3;
	for (int i = 0; i < 3; i++)
		if (a[i] != b[i])
			return a[i] > b[i];
	return true;
}

static int
check_version(struct incoming *in, struct err *e)
{
	const char *min = conf_text(in->s->conf, P_MIN_CLIENT_VERSION);
	const char *have = request_header(in->r, "x-proxy-version");
	bool valid;

	if (!*min)
		return 0;
	if (!have || !version_at_least(have, min, &valid) || !valid)
		return fail(e, FAULT_CLIENT_PROXY_VERSION,
			"The minimum supported version for client security "
			"server is: %s",
			min);
	return 0;
}

static int
parse_head(
	struct incoming *in, const struct transport_message *m, struct err *e)
{
	if (in->rest) {
		if (rest_request_parse(in->a, m->head, &in->rest_request, e))
			return -1;
		in->client = in->rest_request.client;
		in->service = in->rest_request.service;
		in->query_id = in->rest_request.id;
		return 0;
	}
	if (soap_parse(in->a, m->head, m->head_type, &in->soap, e))
		return -1;
	if (in->soap.fault)
		return fail_foreign(e, in->soap.fault_code,
			in->soap.fault_string, in->soap.fault_detail);
	in->client = in->soap.client;
	in->service = in->soap.service;
	in->query_id = in->soap.id;
	return 0;
}

static int
check_target(struct incoming *in, struct err *e)
{
	struct server_id self;

	if (in->rest || !in->soap.has_server)
		return 0;
	if (serverconf_self(in->s->sc, in->a, &self, e))
		return -1;
	if (!server_id_equal(&self, &in->soap.server))
		return fail(e, FAULT_INVALID_SECURITY_SERVER,
			"Invalid security server identifier \"%s\" expected "
			"\"%s\"",
			server_id_text(in->a, &in->soap.server),
			server_id_text(in->a, &self));
	return 0;
}

/* Nothing is asked of the service when its answer could not be signed. */
static int
can_sign(struct incoming *in, struct err *e)
{
	struct signing with;

	if (!keyconf_signing(in->s->keys, in->s->ocsp, in->g,
		    &in->service.provider, in->a, &with, e))
		return 0;
	err_prefix(e, "signer");
	return -1;
}

/* As soon as the first part is there, before the rest is read (2.7 step 2). */
static int
on_head(void *ctx, const struct transport_message *m, struct err *e)
{
	struct incoming *in = ctx;
	struct local_client provider;

	if (m->fault) /* reported when the message has ended */
		return 0;
	if (parse_head(in, m, e) || check_target(in, e))
		return -1;
	log_request(in->query_id);
	if (serverconf_client(
		    in->s->sc, in->a, &in->service.provider, &provider, e) ||
		can_sign(in, e))
		return -1;
	return peer_prove_sender(
		in->s, in->g, request_certs(in->r), &in->client, m, e);
}

static int
read_parts(struct incoming *in, struct transport_reader *reader, struct err *e)
{
	char *chunk = arena_alloc(in->a, CHUNK);
	long n;

	while ((n = request_read(in->r, chunk, CHUNK, e)) > 0)
		if (transport_feed(reader, chunk, (size_t)n, e))
			return -1;
	if (n < 0)
		return -1;
	return transport_end(reader, &in->m, e);
}

static int
read_message(struct incoming *in, struct err *e)
{
	const char *hash = request_header(in->r, "x-hash-algorithm");
	const char *kind = request_header(in->r, "x-road-message-type");
	struct transport_limits limits = { SOAP_SIZE_MAX,
		(size_t)conf_int(in->s->conf, P_MAX_BODY), 1 };
	struct transport_reader *reader = NULL;
	const char *type = request_header(in->r, "Content-Type");
	int ret;

	in->rest = kind && str_equal(kind, "REST");
	in->request_id = request_header(in->r, "x-road-request-id");
	if (!in->request_id)
		in->request_id = "";
	if (!hash || digest_by_jca(hash) < DIGEST_SHA256)
		return fail(e, FAULT_INTERNAL,
			"Could not get hash algorithm identifier from "
			"message");
	ret = transport_reader_new(&reader, in->a, type ? type : "",
		digest_by_jca(hash), in->rest, false, &limits, on_head, in, e);
	if (!ret)
		ret = read_parts(in, reader, e);
	transport_reader_free(&reader);
	if (ret)
		err_prefix(e, "service_failed");
	return ret;
}

static int
check_message(struct incoming *in, struct err *e)
{
	const struct transport_message *m = &in->m;

	if (m->fault)
		return fail_foreign(
			e, m->fault_code, m->fault_string, m->fault_detail);
	if (!m->head.len)
		return fail(e,
			in->rest ? FAULT_MISSING_REST : FAULT_MISSING_SOAP,
			"Request does not have a message");
	if (!m->signature.len)
		return fail(e, FAULT_MISSING_SIGNATURE,
			"Request does not have signature");
	if (!in->rest && m->attachments)
		return fail(e, FAULT_INVALID_MESSAGE,
			"attachments are not carried yet");
	return 0;
}

/* ---- judging ---- */

static struct bytes
request_body_part(const struct incoming *in)
{
	return in->m.attachments ? in->m.attachment[0].body : bytes_of(NULL, 0);
}

static int
verify(struct incoming *in, struct err *e)
{
	const struct transport_message *m = &in->m;
	struct signature sig = { m->signature, m->hashchain_result,
		m->hashchain };
	struct signed_message sm = { NULL, 0, false };
	struct signature_facts facts;

	sm.parts = bytes_parts(in->a, m->head, m->attachments > 0,
		request_body_part(in), &sm.part);
	if (signature_verify(in->a, &sig, &sm, in->g, &in->client, clock_now(),
		    true, &facts, e)) {
		err_prefix(e, "signature_verification");
		return -1;
	}
	return 0;
}

static struct log_record
record_of(const struct incoming *in)
{
	struct log_record r = {
		.query_id = in->query_id,
		.request_id = in->request_id,
		.local = in->service.provider,
		.client = in->client,
		.service = in->service,
		.rest = in->rest,
	};

	return r;
}

static int
log_incoming(struct incoming *in, struct err *e)
{
	struct log_record r = record_of(in);
	const struct segment body = segment_of(request_body_part(in));
	int64_t id;

	r.message = in->m.head;
	r.attachment = &body;
	r.attachments = 1;
	r.signature = (struct signature){ in->m.signature,
		in->m.hashchain_result, in->m.hashchain };
	return messagelog_add(in->s->log, &r, &id, e);
}

static void
hash_request(struct incoming *in)
{
	struct bytes body = request_body_part(in);
	struct digest d;

	if (!in->rest) {
		digest_of(DIGEST_SHA512, in->m.head.data, in->m.head.len,
			&in->request_hash);
		return;
	}
	digest_of(DIGEST_SHA512, body.data, body.len, &d);
	/* metadata services leave the body out (2.6) */
	rest_request_hash(&in->rest_request,
		in->m.attachments && !in->metadata ? &d : NULL,
		&in->request_hash);
}

/* ---- the service ---- */

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

static int
soap_answer(struct incoming *in, const struct http_answer *h, struct err *e)
{
	const char *type = answer_header(h, "Content-Type");
	struct soap m;

	if (h->status != 200 && h->status != 500)
		return fail(e, FAULT_HTTP, "Server responded with error %d: %s",
			h->status, h->reason);
	if (!type || !str_iprefix(type, "text/xml"))
		return fail(e, FAULT_INVALID_CONTENT_TYPE,
			"the service answered with \"%s\"", type ? type : "");
	if (soap_parse(in->a, h->body, type, &m, e))
		return -1;
	if (m.fault) {
		if (keep_fault(in, &m, h->body, type, e))
			return -1;
		return fail_foreign(
			e, m.fault_code, m.fault_string, m.fault_detail);
	}
	if (soap_add_request_hash(in->a, &m, &in->request_hash, &in->head, e))
		return -1;
	in->head_type = "text/xml; charset=UTF-8";
	in->original_type = type;
	return 0;
}

static int
call_soap(struct incoming *in, struct err *e)
{
	const char *action = request_header(in->r, "x-original-soapaction");
	struct http_header h[] = {
		{ "accept-encoding", "" },
		{ "Content-Type", in->m.head_type ? in->m.head_type
						  : "text/xml; charset=UTF-8" },
		{ "SOAPAction", action ? action : "" },
	};
	struct service_call c = { in->s, in->a, &in->local, "POST", "", h, 3,
		in->m.head, true };
	struct http_answer answer;

	if (!soap_action_ok(action))
		return fail(e, FAULT_INVALID_SOAP_ACTION,
			"Invalid SOAPAction header");
	if (call_service(&c, &answer, e) || soap_answer(in, &answer, e)) {
		err_prefix(e, "service_failed");
		return -1;
	}
	return 0;
}

static bool
carries_body(const char *method)
{
	return str_equal(method, "POST") || str_equal(method, "PUT") ||
	       str_equal(method, "PATCH");
}

static int
rest_answer(struct incoming *in, const struct http_answer *h, struct err *e)
{
	const struct rest_request *q = &in->rest_request;
	struct rest_header *copy =
		arena_array(in->a, h->headers + 1, sizeof(*copy));
	const char *type = answer_header(h, "Content-Type");
	struct rest_response out;

	for (size_t i = 0; i < h->headers; i++)
		copy[i] = (struct rest_header){ h->header[i].name,
			h->header[i].value };
	if (rest_response_make(in->a, q, h->status, h->reason, copy, h->headers,
		    &in->request_hash, &out, e))
		return -1;
	in->head = out.raw;
	in->original_type = type;
	in->body = h->body;
	in->body_part = !str_equal(q->method, "HEAD") && h->status != 204 &&
			h->status != 205 && h->status != 304;
	return 0;
}

static int
call_rest(struct incoming *in, struct err *e)
{
	const struct rest_request *q = &in->rest_request;
	struct http_header *h = arena_array(in->a, q->headers + 1, sizeof(*h));
	struct service_call c = { .s = in->s,
		.a = in->a,
		.service = &in->local,
		.method = q->method,
		.path_and_query = q->query ? arena_printf(in->a, "%s?%s",
						     q->service_path, q->query)
					   : q->service_path,
		.header = h,
		.headers = q->headers,
		.has_body = carries_body(q->method) };
	struct http_answer answer;

	for (size_t i = 0; i < q->headers; i++)
		h[i] = (struct http_header){ q->header[i].name,
			q->header[i].value };
	if (c.has_body)
		c.body = request_body_part(in);
	if (call_service(&c, &answer, e) || rest_answer(in, &answer, e)) {
		err_prefix(e, "service_failed");
		return -1;
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

	if (in->metadata(&c, e))
		return -1;
	in->head = c.head;
	in->body = c.body;
	in->body_part = in->rest;
	in->head_type = in->original_type = c.type;
	return 0;
}

static int
call(struct incoming *in, struct err *e)
{
	if (in->metadata)
		return call_metadata(in, e);
	return in->rest ? call_rest(in, e) : call_soap(in, e);
}

/* ---- answering ---- */

static int
send(struct incoming *in, struct transport_writer *w, struct err *e)
{
	struct http_header h[] = {
		{ "content-type", transport_content_type(w, in->a) },
		{ "x-hash-algorithm", "SHA-512" },
		{ "x-original-content-type",
			in->original_type ? in->original_type : "" },
	};

	if (buf_ok(w->out, "the answer", e))
		return -1;
	return reply_send_headers(in->r, 200, h, 3, bytes_buf(w->out), e);
}

static int
sign_and_send(struct incoming *in, struct err *e)
{
	struct log_record r = record_of(in);
	const struct segment body = segment_of(in->body);
	struct evidence_make m = { in->s, in->g, &in->service.provider, &r,
		NULL, 0 };
	struct transport_writer w;
	struct buf wire;
	int ret;

	r.response = true;
	r.message = in->head;
	r.attachment = &body;
	r.attachments = 1;
	m.parts =
		bytes_parts(in->a, in->head, in->body_part, in->body, &m.part);
	if (evidence_sign(&m, in->a, e))
		return -1;
	buf_init(&wire, in->head.len + in->body.len + WIRE_EXTRA);
	transport_begin(&w, &wire);
	if (in->rest)
		transport_rest(&w, true, in->head);
	else
		transport_soap(&w, in->head_type, in->head);
	if (in->body_part)
		transport_rest_body(&w, in->body);
	transport_signature(&w, r.signature.hashchain_result,
		r.signature.hashchain, r.signature.xml);
	transport_close(&w);
	ret = send(in, &w, e);
	buf_done(&wire);
	return ret;
}

static int
authorize(struct incoming *in, struct err *e)
{
	in->metadata = metadata_find(
		in->rest ? in->rest_request.method : NULL, in->service.service);
	if (in->metadata) /* open to everyone */
		return 0;
	return serverconf_authorize(in->s->sc, in->a, in->g, &in->service,
		in->rest, &in->client,
		in->rest ? in->rest_request.method : NULL,
		in->rest ? in->rest_request.service_path : NULL, &in->local, e);
}

static int
serve(struct incoming *in, struct err *e)
{
	if (!str_equal(request_method(in->r), "POST"))
		return fail(e, FAULT_INVALID_HTTP_METHOD,
			"Must use POST request method instead of %s",
			request_method(in->r));
	if (confclient_valid(in->s->confclient, &in->g, e) ||
		check_version(in, e) || read_message(in, e) ||
		check_message(in, e) || authorize(in, e) || verify(in, e) ||
		log_incoming(in, e))
		return -1;
	hash_request(in);
	if (call(in, e))
		return -1;
	return sign_and_send(in, e);
}

/* A fault is a plain document, HTTP 200 (2.7); trusted because of TLS. */
static int
refuse(struct incoming *in, struct err *fault, struct err *e)
{
	const struct http_header h = { "content-type",
		"text/xml; charset=UTF-8" };
	struct buf body;
	int ret;

	err_prefix(fault, "server.serverproxy");
	log_err("message of another security server", fault);
	buf_init(&body, FAULT_XML_MAX);
	if (in->fault_xml.len)
		buf_bytes(&body, in->fault_xml);
	else
		soap_fault_write(fault, &body);
	ret = reply_send_headers(in->r, 200, &h, 1, bytes_buf(&body), e);
	buf_done(&body);
	return ret;
}

int
provider_message(struct request *r, void *state, struct err *e)
{
	struct incoming in = { .s = state, .r = r, .a = request_arena(r) };
	struct err fault = ERR_INIT;
	int ret = 0;

	if (serve(&in, &fault)) {
		if (reply_begun(r))
			reply_abort(r);
		else
			ret = refuse(&in, &fault, e);
	}
	globalconf_unref(&in.g);
	return ret;
}
