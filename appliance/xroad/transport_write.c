/* SPDX-License-Identifier: MIT */
/*
 * Writing the multipart between security servers, byte by byte as X-Road does:
 * every delimiter but the first begins with CRLF, so the nested multipart of
 * attachments begins with an empty line. Rule: interop/xroad-messages.md 2.5.
 */
#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "soap.h"
#include "text.h"
#include "transport.h"

enum { TAIL = 30 };

#define TYPE_REQUEST  "application/x-road-rest-request"
#define TYPE_RESPONSE "application/x-road-rest-response"
#define TYPE_BODY     "application/x-road-rest-body"
#define TYPE_XML      "text/xml; charset=UTF-8"

void
transport_begin(struct transport_writer *w, struct buf *out)
{
	*w = (struct transport_writer){ .out = out };
	memcpy(w->boundary, "xtop", 4);
	random_letters(w->boundary + 4, TAIL);
}

char *
transport_content_type(const struct transport_writer *w, struct arena *a)
{
	return arena_printf(
		a, "multipart/mixed; charset=UTF-8; boundary=%s", w->boundary);
}

static void
part_open(struct transport_writer *w, const char *type)
{
	buf_fmt(w->out, "%s--%s\r\n", w->begun ? "\r\n" : "", w->boundary);
	buf_fmt(w->out, "content-type: %s\r\n", type);
	w->begun = true;
}

static void
part_write(struct transport_writer *w, const char *type, struct bytes body)
{
	part_open(w, type);
	buf_str(w->out, "\r\n");
	buf_bytes(w->out, body);
}

/* Every header but content-type. */
static void
headers_write(struct buf *out, const struct mime_header *h, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!str_iequal(h[i].name, "content-type"))
			buf_fmt(out, "%s: %s\r\n", h[i].name, h[i].value);
}

void
transport_ocsp(struct transport_writer *w, struct bytes der)
{
	part_write(w, "application/ocsp-response", der);
}

void
transport_soap(
	struct transport_writer *w, const char *content_type, struct bytes soap)
{
	part_write(w, content_type, soap);
}

void
transport_soap_part(struct transport_writer *w, const char *content_type,
	const struct mime_header *header, size_t headers, struct bytes soap)
{
	part_open(w, content_type);
	headers_write(w->out, header, headers);
	buf_str(w->out, "\r\n");
	buf_bytes(w->out, soap);
}

void
transport_rest(struct transport_writer *w, bool response, struct bytes part)
{
	part_write(w, response ? TYPE_RESPONSE : TYPE_REQUEST, part);
}

void
transport_rest_body(struct transport_writer *w, struct bytes body)
{
	part_write(w, TYPE_BODY, body);
}

void
transport_attachments(
	struct transport_writer *w, const struct mime_part *part, size_t n)
{
	const char *tail = w->boundary + 4, *type;
	char nested[96];
	size_t i;

	if (n == 0)
		return;
	snprintf(nested, sizeof(nested),
		"multipart/mixed; charset=UTF-8; boundary=xatt%s", tail);
	part_open(w, nested);
	buf_str(w->out, "\r\n");
	for (i = 0; i < n; i++) {
		buf_fmt(w->out, "\r\n--xatt%s\r\n", tail);
		type = mime_part_header(&part[i], "content-type");
		if (type)
			buf_fmt(w->out, "content-type: %s\r\n", type);
		headers_write(w->out, part[i].header, part[i].headers);
		buf_str(w->out, "\r\n");
		buf_bytes(w->out, part[i].body);
	}
	buf_fmt(w->out, "\r\n--xatt%s--\r\n", tail);
}

void
transport_signature(struct transport_writer *w, struct bytes result,
	struct bytes chain, struct bytes xml)
{
	if (result.len > 0) {
		part_write(w, "application/hash-chain-result", result);
		part_write(w, "application/hash-chain", chain);
	}
	part_write(w, "signature/bdoc-1.0/ts", xml);
}

void
transport_fault(struct transport_writer *w, const struct err *fault)
{
	part_open(w, TYPE_XML);
	buf_str(w->out, "\r\n");
	soap_fault_write(fault, w->out);
}

void
transport_close(struct transport_writer *w)
{
	buf_fmt(w->out, "%s--%s--\r\n", w->begun ? "\r\n" : "", w->boundary);
}
