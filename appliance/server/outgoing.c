/* SPDX-License-Identifier: MIT */
/*
 * One exchange as the consumer's security server: connect and verify the
 * peer, sign, log, send, receive, verify. The signature leaves only after the
 * peer is proved and the record is durable; nothing is released to the caller
 * before the provider's signature holds. Rule: interop/xroad-messages.md 2.4,
 * 2.8, 2.9.
 */
#include "outgoing_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "dispatch_int.h"
#include "keys_int.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { HEADERS_MAX = 8 };

static struct log_record
record_of(const struct outgoing *o)
{
	struct log_record r = {
		.query_id = o->query_id,
		.request_id = o->request_id,
		.local = o->client,
		.client = o->client,
		.service = o->service,
		.rest = o->rest,
		.as_client = true,
	};

	return r;
}

static void
write_ocsp(struct outgoing *o, const struct bytes *ocsp, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ocsp[i].len)
			transport_ocsp(&o->wire.writer, ocsp[i]);
}

/* What proves the certificate that this connection shows. It is not the one
   in force when that was changed a moment ago. */
static int
prove_own(struct outgoing *o, struct err *e)
{
	struct auth_identity own;
	struct cert_proof p;
	struct cert *leaf = NULL;
	int ret = keyconf_auth(o->s->keys, o->s->ocsp, o->g, o->a, &own, e);

	if (ret)
		return -1;
	if (bytes_equal(cert_der(own.chain[0]), o->own)) {
		write_ocsp(o, own.ocsp, own.n);
		return 0;
	}
	ret = cert_parse(&leaf, o->own, e) ||
	      cert_proof_make(o->a, o->s->ocsp, o->g, leaf, &p, e);
	if (!ret)
		write_ocsp(o, p.ocsp, p.n);
	cert_unref(&leaf);
	return ret ? -1 : 0;
}

/* Runs once the peer stands and is proved: what goes first, in front of
   attachments that came together with the SOAP document. */
static int
prepare(struct outgoing *o, struct err *e)
{
	struct wire *w = &o->wire;
	struct buf early = w->buf;
	struct log_record r = record_of(o);
	int ret;

	buf_init(&w->buf, early.max);
	w->writer.begun = false;
	seen_now(&o->seen, MN_REQUEST_OUT);
	ret = prove_own(o, e);
	if (!ret) {
		if (o->rest)
			wire_rest(w, false, o->head);
		else
			wire_soap(w, o->head_type, o->head_header,
				o->head_headers, o->head);
		buf_bytes(&w->buf, bytes_buf(&early));
	}
	buf_done(&early);
	if (o->rest && o->pump) {
		wire_body_open(w);
		wire_keep(w, o->s, &r);
	}
	return ret;
}

/* All parts are written. */
static int
finish(struct outgoing *o, struct err *e)
{
	struct log_record r = record_of(o);

	o->complete = true;
	if (o->rest && o->pump)
		wire_part_close(&o->wire);
	r.message = o->head;
	return wire_sign(&o->wire, o->s, o->g, &o->client, &r, e);
}

static int
produce(struct outgoing *o, struct err *e)
{
	int more = o->pump ? o->pump(o->ctx, o, e) : 0;

	if (more)
		return more < 0 ? -1 : 0;
	return finish(o, e);
}

static long
source(void *ctx, void *p, size_t n, struct err *e)
{
	struct outgoing *o = ctx;
	struct buf *b = &o->wire.buf;

	if (!o->prepared) {
		o->prepared = true;
		if (prepare(o, e))
			return -1;
	}
	while (b->len - o->taken < n && !o->complete) {
		buf_drop(b, o->taken);
		o->taken = 0;
		if (produce(o, e))
			return -1;
	}
	if (n > b->len - o->taken)
		n = b->len - o->taken;
	memcpy(p, b->data + o->taken, n);
	o->taken += n;
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
	const char *original = find(h, n, "x-original-content-type");
	const struct transport_limits limits = { ANSWER_HEAD_MAX,
		conf_int(o->s->conf, P_MAX_BODY), o->rest ? 1 : ATTACHMENTS_MAX,
		spool_folder(o->s->conf) };
	char *base;

	(void)reason;
	seen_now(&o->seen, MN_RESPONSE_IN);
	if (status != 200 && status != 500)
		return fail(e, FAULT_HTTP,
			"the other security server answered HTTP %d", status);
	if (!type)
		return fail(e, FAULT_INVALID_CONTENT_TYPE,
			"the other security server answered without content "
			"type");
	o->original_type = arena_strdup(o->a, original ? original : "");
	o->reading = true;
	base = mime_base(o->a, type);
	if (base && str_equal(base, "text/xml")) {
		o->fault_type = arena_strdup(o->a, type);
		return 0;
	}
	if (!base || !str_equal(base, "multipart/mixed"))
		return fail(e, FAULT_INVALID_CONTENT_TYPE,
			"the other security server answered with \"%s\"", type);
	if (!hash || digest_by_jca(hash) < DIGEST_SHA256) {
		o->reading = false;
		return fail(e, FAULT_INTERNAL,
			"the answer names no acceptable x-hash-algorithm");
	}
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
		{ "Content-Type",
			transport_content_type(&o->wire.writer, o->a) },
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
		.own = &o->own,
		.address = &o->address,
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
	if (!dispatch_send(&d, o->a, e))
		return 0;
	if (o->reading) /* also when the connection breaks then */
		reading_prefix(e);
	return -1;
}

/* The whole answer was a fault document. */
static int
plain_fault(struct outgoing *o, struct err *e)
{
	struct soap m;

	o->fault_xml = bytes_of(
		arena_memdup(o->a, o->plain.data, o->plain.len), o->plain.len);
	if (!soap_parse(o->a, o->fault_xml, o->fault_type, &m, e)) {
		if (m.fault)
			return fail_foreign(e, m.fault_code, m.fault_string,
				m.fault_detail);
		fail(e, FAULT_INVALID_MESSAGE,
			"the other security server answered without "
			"signature");
	}
	o->fault_xml = bytes_of(NULL, 0);
	reading_prefix(e);
	return -1;
}

static int
receive(struct outgoing *o, struct err *e)
{
	struct transport_message *m = &o->answer;

	if (!o->reader)
		return plain_fault(o, e);
	if (transport_end(o->reader, m, e)) {
		reading_prefix(e);
		return -1;
	}
	o->fault_xml = m->fault_xml;
	o->fault_type = m->fault_type;
	if (m->fault)
		return fail_foreign(
			e, m->fault_code, m->fault_string, m->fault_detail);
	if (!o->complete) /* not signed, not logged: nothing was asked */
		return fail(e, FAULT_INVALID_MESSAGE,
			"the other security server answered before the "
			"message was sent");
	if (!m->head.len)
		return fail(e,
			o->rest ? FAULT_MISSING_REST : FAULT_MISSING_SOAP,
			"the answer has no message");
	if (!m->signature.len)
		return fail(e, FAULT_MISSING_SIGNATURE,
			"the answer has no signature");
	return 0;
}

static int
verify(struct outgoing *o, struct err *e)
{
	const struct transport_message *m = &o->answer;
	struct signature sig = { m->signature, m->hashchain_result,
		m->hashchain };
	struct signed_message sm = { NULL, 0, false };
	struct signature_facts facts;

	sm.parts = received_parts(o->a, m, &sm.part);
	if (signature_verify(o->a, &sig, &sm, o->g, &o->service.provider,
		    clock_now(), true, &facts, e)) {
		err_prefix(e, "signature_verification");
		return -1;
	}
	return 0;
}

void
outgoing_open(struct outgoing *o)
{
	monitor_exchange_begin(&o->seen, MONITOR_CONSUMER);
	wire_open(&o->wire, o->a, conf_int(o->s->conf, P_MAX_BODY));
	o->wire.writer.begun = true; /* attachments are never first */
	buf_init(&o->plain, FAULT_XML_MAX);
}

int
outgoing_run(struct outgoing *o, struct err *e)
{
	if (send(o, e) || receive(o, e) || verify(o, e))
		return -1;
	return 0;
}

int
outgoing_log_response(struct outgoing *o, struct err *e)
{
	struct log_record r = record_of(o);
	int64_t id;

	r.response = true;
	received_record(o->a, &o->answer, &r);
	return messagelog_add(o->s->log, &r, &id, e);
}

void
outgoing_done(struct outgoing *o)
{
	transport_reader_free(&o->reader);
	wire_done(&o->wire);
	if (o->plain.data)
		buf_done(&o->plain);
}
