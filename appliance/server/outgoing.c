/* SPDX-License-Identifier: MIT */
/*
 * One exchange as the consumer's security server: connect and verify the
 * peer, sign, log, send, receive, verify. The signature leaves only after the
 * peer is proved and the record is durable; nothing is released to the caller
 * before the provider's signature holds. Rule: interop/xroad-messages.md 2.4,
 * 2.8, 2.9.
 */
#include "proxy_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "dispatch_int.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { HEADERS_MAX = 8 };

static void
write_ocsp(struct outgoing *o, const struct auth_identity *own)
{
	for (size_t i = 0; i < own->n; i++)
		if (own->ocsp[i].len)
			transport_ocsp(&o->writer, own->ocsp[i]);
}

/* Runs once the peer stands and is proved: builds the whole message. */
static int
prepare(struct outgoing *o, struct err *e)
{
	const struct segment body = segment_of(o->body);
	struct log_record record = {
		.query_id = o->query_id,
		.request_id = o->request_id,
		.message = o->head,
		.attachment = &body,
		.attachments = 1,
		.local = o->client,
		.client = o->client,
		.service = o->service,
		.rest = o->rest,
		.as_client = true,
	};
	struct evidence_make m = { o->s, o->g, &o->client, &record, NULL, 0 };
	struct auth_identity own;

	if (keyconf_auth(o->s->keys, o->s->ocsp, o->g, o->a, &own, e))
		return -1;
	write_ocsp(o, &own);
	if (o->rest)
		transport_rest(&o->writer, false, o->head);
	else
		transport_soap(&o->writer, o->head_type, o->head);
	if (o->body.len)
		transport_rest_body(&o->writer, o->body);
	m.parts = bytes_parts(o->a, o->head, o->body.len > 0, o->body, &m.part);
	if (evidence_sign(&m, o->a, e))
		return -1;
	transport_signature(&o->writer, record.signature.hashchain_result,
		record.signature.hashchain, record.signature.xml);
	transport_close(&o->writer);
	return buf_ok(&o->wire, "the message", e);
}

static long
source(void *ctx, void *p, size_t n, struct err *e)
{
	struct outgoing *o = ctx;
	size_t left;

	if (!o->prepared) {
		o->prepared = true;
		if (prepare(o, e))
			return -1;
	}
	left = o->wire.len - o->sent;
	if (n > left)
		n = left;
	memcpy(p, o->wire.data + o->sent, n);
	o->sent += n;
	return (long)n;
}

static const char *
find(const struct http_header *h, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_iequal(h[i].name, name))
			return h[i].value;
	return NULL;
}

static int
on_head(void *ctx, int status, const char *reason, const struct http_header *h,
	size_t n, struct err *e)
{
	struct outgoing *o = ctx;
	const char *type = find(h, n, "content-type");
	const char *hash = find(h, n, "x-hash-algorithm");
	struct transport_limits limits = { ANSWER_HEAD_MAX,
		(size_t)conf_int(o->s->conf, P_MAX_BODY), 1 };
	char *base;

	(void)reason;
	if (status != 200 && status != 500)
		return fail(e, FAULT_HTTP,
			"the other security server answered HTTP %d", status);
	base = mime_base(o->a, type ? type : "");
	if (base && str_equal(base, "text/xml")) {
		o->fault_type = arena_strdup(o->a, type);
		return 0;
	}
	if (!base || !str_equal(base, "multipart/mixed"))
		return fail(e, FAULT_INVALID_CONTENT_TYPE,
			"the other security server answered with \"%s\"",
			type ? type : "no content type");
	if (!hash || digest_by_jca(hash) < DIGEST_SHA256)
		return fail(e, FAULT_INTERNAL,
			"the answer names no acceptable x-hash-algorithm");
	return transport_reader_new(&o->reader, o->a, type, digest_by_jca(hash),
		o->rest, true, &limits, NULL, NULL, e);
}

static int
sink(void *ctx, const void *p, size_t n, struct err *e)
{
	struct outgoing *o = ctx;

	if (o->reader)
		return transport_feed(o->reader, p, n, e);
	buf_add(&o->plain, p, n);
	return buf_ok(&o->plain, "the peer's fault", e);
}

static int
send(struct outgoing *o, struct err *e)
{
	struct http_header h[HEADERS_MAX] = {
		{ "Content-Type", transport_content_type(&o->writer, o->a) },
		{ "x-hash-algorithm", "SHA-512" },
		{ "x-proxy-version", PROXY_VERSION },
		{ "x-original-content-type", o->content_type },
		{ "x-road-request-id", o->request_id },
	};
	struct dispatch d = {
		.s = o->s,
		.g = o->g,
		.provider = &o->service.provider,
		.target = o->target,
		.begun = &o->prepared,
		.call = {
			.header = h,
			.headers = 5,
			.has_body = true,
			.source = source,
			.on_head = on_head,
			.sink = sink,
			.ctx = o,
		},
	};
	struct http_header *last = &h[d.call.headers++];

	if (o->rest)
		*last = (struct http_header){ "x-road-message-type", "REST" };
	else
		*last = (struct http_header){ "x-original-soapaction",
			o->soap_action ? o->soap_action : "" };
	return dispatch_send(&d, o->a, e);
}

/* The whole answer was a fault document. */
static int
plain_fault(struct outgoing *o, struct err *e)
{
	struct soap m;

	o->fault_xml = bytes_of(
		arena_memdup(o->a, o->plain.data, o->plain.len), o->plain.len);
	if (soap_parse(o->a, o->fault_xml, o->fault_type, &m, e)) {
		o->fault_xml = bytes_of(NULL, 0);
		return -1;
	}
	if (!m.fault) {
		o->fault_xml = bytes_of(NULL, 0);
		return fail(e, FAULT_INVALID_MESSAGE,
			"the other security server answered without "
			"signature");
	}
	return fail_foreign(e, m.fault_code, m.fault_string, m.fault_detail);
}

static int
receive(struct outgoing *o, struct err *e)
{
	struct transport_message *m = &o->answer;

	if (!o->reader)
		return plain_fault(o, e);
	if (transport_end(o->reader, m, e))
		return -1;
	o->fault_xml = m->fault_xml;
	o->fault_type = m->fault_type;
	if (m->fault)
		return fail_foreign(
			e, m->fault_code, m->fault_string, m->fault_detail);
	if (!m->head.len)
		return fail(e,
			o->rest ? FAULT_MISSING_REST : FAULT_MISSING_SOAP,
			"the answer has no message");
	if (!m->signature.len)
		return fail(e, FAULT_MISSING_SIGNATURE,
			"the answer has no signature");
	if (!o->rest && m->attachments)
		return fail(e, FAULT_INVALID_MESSAGE,
			"attachments are not carried yet");
	return 0;
}

static struct bytes
answer_body(const struct transport_message *m)
{
	return m->attachments ? m->attachment[0].body : bytes_of(NULL, 0);
}

static int
verify(struct outgoing *o, struct err *e)
{
	const struct transport_message *m = &o->answer;
	struct signature sig = { m->signature, m->hashchain_result,
		m->hashchain };
	struct signed_message sm = { NULL, 0, false };
	struct signature_facts facts;

	sm.parts = bytes_parts(
		o->a, m->head, m->attachments > 0, answer_body(m), &sm.part);
	if (signature_verify(o->a, &sig, &sm, o->g, &o->service.provider,
		    clock_now(), true, &facts, e)) {
		err_prefix(e, "signature_verification");
		return -1;
	}
	return 0;
}

int
outgoing_run(struct outgoing *o, struct err *e)
{
	buf_init(&o->wire, o->head.len + o->body.len + WIRE_EXTRA);
	buf_init(&o->plain, FAULT_XML_MAX);
	transport_begin(&o->writer, &o->wire);
	if (send(o, e) || receive(o, e) || verify(o, e))
		return -1;
	return 0;
}

int
outgoing_log_response(struct outgoing *o, struct err *e)
{
	const struct transport_message *m = &o->answer;
	const struct segment body = segment_of(answer_body(m));
	struct log_record r = {
		.query_id = o->query_id,
		.request_id = o->request_id,
		.response = true,
		.message = m->head,
		.attachment = &body,
		.attachments = 1,
		.signature = { m->signature, m->hashchain_result,
			m->hashchain },
		.local = o->client,
		.client = o->client,
		.service = o->service,
		.rest = o->rest,
		.as_client = true,
	};
	int64_t id;

	return messagelog_add(o->s->log, &r, &id, e);
}

void
outgoing_done(struct outgoing *o)
{
	transport_reader_free(&o->reader);
	buf_done(&o->wire);
	buf_done(&o->plain);
}
