/* SPDX-License-Identifier: MIT */
/*
 * The provider's answer on its way to the consumer's server. A small one is
 * sent whole, a larger one while it comes from the service; then a failure
 * stands in place of the signature. Rule: interop/xroad-messages.md 2.4-2.7.
 */
#include "incoming_int.h"

#include "log.h"
#include "mem.h"

enum { WAITING_MAX = 64 * 1024 };

/* Nothing leaves that is not known to have left. */
static int
note_transfer(struct incoming *in, struct err *e)
{
	const struct transfer_row *t = consent_transfer(in);

	if (t && transfer_add(in->s->log, t, e))
		return -1;
	in->transferred = in->transferred || t;
	return 0;
}

static int
begin(struct incoming *in, int64_t length, struct err *e)
{
	const struct http_header h[] = {
		{ "content-type",
			transport_content_type(&in->wire.writer, in->a) },
		{ "x-hash-algorithm", "SHA-512" },
		{ "x-original-content-type",
			in->original_type ? in->original_type : "" },
	};

	return reply_begin(in->r, 200, h, 3, length, e);
}

static int
send(struct incoming *in, struct err *e)
{
	struct buf *b = &in->wire.buf;

	if (reply_write(in->r, b->data, b->len, e))
		return -1;
	buf_reset(b);
	return 0;
}

int
answer_flush(struct incoming *in, struct err *e)
{
	if (in->wire.buf.len < WAITING_MAX)
		return 0;
	if (!reply_begun(in->r) && (note_transfer(in, e) || begin(in, -1, e)))
		return -1;
	return send(in, e);
}

int
answer_end(struct incoming *in, struct err *e)
{
	struct wire *w = &in->wire;
	struct log_record r = incoming_record(in);

	r.response = true;
	r.message = in->head;
	r.transfer = consent_transfer(in);
	if (wire_sign(w, in->s, in->g, &in->service.provider, &r, e))
		return -1;
	if (!reply_begun(in->r) && begin(in, (int64_t)w->buf.len, e))
		return -1;
	return send(in, e) ? -1 : reply_end(in->r, e);
}

/* In place of the signature: SOAP 1.1 even for REST. */
static int
fault_part(struct incoming *in, const struct err *fault, struct err *e)
{
	struct wire *w = &in->wire;

	if (in->fault_xml.len)
		transport_fault_raw(&w->writer, in->fault_xml);
	else
		transport_fault(&w->writer, fault);
	transport_close(&w->writer);
	return send(in, e) ? -1 : reply_end(in->r, e);
}

static int
fault_document(struct incoming *in, const struct err *fault, struct err *e)
{
	const struct http_header h = { "content-type",
		"text/xml; charset=UTF-8" };
	struct buf body;
	int ret;

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
answer_fault(struct incoming *in, struct err *fault, struct err *e)
{
	struct err gone = ERR_INIT;

	message_prefix(fault, "server.serverproxy");
	log_fault("message of another security server", fault);
	if (!reply_begun(in->r))
		return fault_document(in, fault, e);
	if (fault_part(in, fault, &gone))
		reply_abort(in->r);
	return 0;
}
