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
transport_rest_body_open(struct transport_writer *w)
{
	part_open(w, TYPE_BODY);
	buf_str(w->out, "\r\n");
}

void
transport_rest_body(struct transport_writer *w, struct bytes body)
{
	part_write(w, TYPE_BODY, body);
}

static void
nested_open(struct transport_writer *w)
{
	char nested[96];

	snprintf(nested, sizeof(nested),
		"multipart/mixed; charset=UTF-8; boundary=xatt%s",
		w->boundary + 4);
	part_open(w, nested);
	buf_str(w->out, "\r\n");
	w->nested = true;
}

static void
nested_close(struct transport_writer *w)
{
	if (w->nested)
		buf_fmt(w->out, "\r\n--xatt%s--\r\n", w->boundary + 4);
	w->nested = false;
}

void
transport_attachment_open(
	struct transport_writer *w, const struct mime_header *h, size_t n)
{
	const char *type = mime_header_find(h, n, "content-type");

	if (!w->nested)
		nested_open(w);
	buf_fmt(w->out, "\r\n--xatt%s\r\n", w->boundary + 4);
	if (type)
		buf_fmt(w->out, "content-type: %s\r\n", type);
	headers_write(w->out, h, n);
	buf_str(w->out, "\r\n");
}

void
transport_attachments(
	struct transport_writer *w, const struct mime_part *part, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		transport_attachment_open(w, part[i].header, part[i].headers);
		buf_bytes(w->out, part[i].body);
	}
	nested_close(w);
}

void
transport_signature(struct transport_writer *w, struct bytes result,
	struct bytes chain, struct bytes xml)
{
	nested_close(w);
	if (result.len > 0) {
		part_write(w, "application/hash-chain-result", result);
		part_write(w, "application/hash-chain", chain);
	}
	part_write(w, "signature/bdoc-1.0/ts", xml);
}

void
transport_fault(struct transport_writer *w, const struct err *fault)
{
	nested_close(w);
	part_open(w, TYPE_XML);
	buf_str(w->out, "\r\n");
	soap_fault_write(fault, w->out);
}

void
transport_fault_raw(struct transport_writer *w, struct bytes xml)
{
	nested_close(w);
	part_write(w, TYPE_XML, xml);
}

void
transport_close(struct transport_writer *w)
{
	nested_close(w);
	buf_fmt(w->out, "%s--%s--\r\n", w->begun ? "\r\n" : "", w->boundary);
}
