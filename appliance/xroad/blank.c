/* SPDX-License-Identifier: MIT */
/*
 * What of a message is kept when its content must not be: the header of a
 * SOAP message, the address and the X-Road headers of a REST message. Rule:
 * interop/xroad-messages.md 4.1.
 */
#include "blank.h"

#include <string.h>

#include "digest.h"
#include "err.h"
#include "mem.h"
#include "rest_int.h"
#include "soap.h"
#include "text.h"

enum { BLANK_MAX = 2 * 1024 * 1024 };

static int
result(struct arena *a, struct buf *b, struct bytes *out, struct err *e)
{
	int ret = buf_ok(b, "the message without its content", e);

	if (!ret)
		*out = bytes_of(arena_memdup(a, b->data, b->len), b->len);
	buf_done(b);
	return ret;
}

/* ---- SOAP ---- */

static void
element(struct buf *b, const char *name, const char *text)
{
	if (!text)
		return;
	buf_fmt(b, "<xroad:%s>", name);
	buf_xml(b, text);
	buf_fmt(b, "</xroad:%s>", name);
}

static void
write_party(struct buf *b, const struct soap *m)
{
	if (!m->party_code)
		return;
	buf_str(b, "<repr:representedParty xmlns:repr=\"" NS_REPR "\">");
	if (m->party_class) {
		buf_str(b, "<repr:partyClass>");
		buf_xml(b, m->party_class);
		buf_str(b, "</repr:partyClass>");
	}
	buf_str(b, "<repr:partyCode>");
	buf_xml(b, m->party_code);
	buf_str(b, "</repr:partyCode></repr:representedParty>");
}

static void
write_hash(struct buf *b, const struct soap *m)
{
	if (!m->request_hash)
		return;
	buf_str(b, "<xroad:requestHash");
	if (m->request_hash_alg) {
		buf_str(b, " algorithmId=\"");
		buf_xml(b, m->request_hash_alg);
		buf_char(b, '"');
	}
	buf_char(b, '>');
	buf_xml(b, m->request_hash);
	buf_str(b, "</xroad:requestHash>");
}

/* Fields in the order of X-Road's own header. */
static void
write_header(struct buf *b, const struct soap *m)
{
	buf_fmt(b, "<xroad:client id:objectType=\"%s\">",
		client_id_type(&m->client));
	client_id_to_xml(b, &m->client);
	buf_str(b, "</xroad:client><xroad:service "
		   "id:objectType=\"SERVICE\">");
	service_id_to_xml(b, &m->service);
	buf_str(b, "</xroad:service>");
	if (m->has_server) {
		buf_str(b, "<xroad:securityServer "
			   "id:objectType=\"SERVER\">");
		server_id_to_xml(b, &m->server);
		buf_str(b, "</xroad:securityServer>");
	}
	element(b, "userId", m->user_id);
	write_party(b, m);
	element(b, "issue", m->issue);
	element(b, "id", m->id);
	write_hash(b, m);
	element(b, "protocolVersion", m->protocol_version);
}

int
soap_blank(struct arena *a, struct bytes raw, const char *content_type,
	bool response, struct bytes *out, struct err *e)
{
	struct soap m;
	struct buf b;

	if (soap_parse(a, raw, content_type, &m, e))
		return -1;
	if (m.fault)
		return fail(e, FAULT_INVALID_MESSAGE,
			"the message is a SOAP fault");
	buf_init(&b, BLANK_MAX);
	buf_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		    "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"" NS_SOAP
		    "\" xmlns:id=\"" NS_ID "\" xmlns:xroad=\"" NS_XROAD
		    "\"><SOAP-ENV:Header>");
	write_header(&b, &m);
	buf_fmt(&b,
		"</SOAP-ENV:Header><SOAP-ENV:Body><xroad:%s%s/>"
		"</SOAP-ENV:Body></SOAP-ENV:Envelope>",
		m.service.service, response ? "Response" : "");
	return result(a, &b, out, e);
}

/* ---- REST ---- */

int
rest_blank(struct arena *a, struct bytes raw, struct bytes *out, struct err *e)
{
	struct rest_lines l;
	struct rest_request ask;
	size_t path;
	struct buf b;

	if (rest_lines_read(a, raw, &l, e))
		return -1;
	path = strlen(l.second);
	if (*l.first < '1' || *l.first > '9') {
		if (rest_request_parse(a, raw, &ask, e))
			return -1;
		path = strcspn(l.second, "?") - strlen(ask.service_path);
	}
	buf_init(&b, BLANK_MAX);
	buf_fmt(&b, "%s\r\n%.*s\r\n", l.first, (int)path, l.second);
	for (size_t i = 0; i < l.headers; i++)
		if (str_iprefix(l.header[i].name, "x-road-"))
			buf_fmt(&b, "%s:%s\r\n", l.header[i].name,
				l.header[i].value);
	return result(a, &b, out, e);
}
