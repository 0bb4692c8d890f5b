/* SPDX-License-Identifier: MIT */
/* The tests' information systems: REST and SOAP calls to a node's doors. */
#define IN_SERVER 1

#include "net_int.h"

#include <stdio.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "soap.h"
#include "tap.h"
#include "text.h"

enum { DOCUMENT_MAX = 16 << 20, CALL_MS = 120000 };

struct http_answer
is_call(struct net *n, struct node *d, const struct is_call *c)
{
	struct http_call call = {
		.method = c->method,
		.url = arena_printf(n->a, "%s://%s:%d%s",
			c->tls ? "https" : "http", d->address,
			c->tls ? d->https : d->http, c->path),
		.header = c->header,
		.headers = c->headers,
		.body = c->body,
		.has_body = c->has_body,
		.answer_max = DOCUMENT_MAX * 2,
		.connect_timeout_ms = CALL_MS,
		.total_timeout_ms = CALL_MS,
		.tls = c->tls,
	};
	struct http_answer out = { .status = 0 };
	struct err e = ERR_INIT;

	if (http_call(n->http, n->a, &call, &out, &e)) {
		tap_note("%s %s: %s", c->method, c->path, e.text);
		out = (struct http_answer){ .status = 0 };
	}
	return out;
}

static struct http_answer
simple(struct net *n, const char *method, const char *path, const char *id,
	struct bytes body)
{
	const struct http_header h[] = {
		{ "X-Road-Client", "JP/GOV/1000/Portal" },
		{ "X-Road-Id", id },
	};
	struct is_call c = { .method = method,
		.path = path,
		.header = h,
		.headers = id ? 2 : 1,
		.body = body,
		.has_body = body.data != NULL };

	return is_call(n, &n->town, &c);
}

struct http_answer
is_get(struct net *n, const char *path, const char *id)
{
	return simple(n, "GET", path, id, bytes_of(NULL, 0));
}

struct http_answer
is_post(struct net *n, const char *path, const char *id, struct bytes body)
{
	return simple(n, "POST", path, id, body);
}

const char *
is_error(const struct http_answer *a)
{
	const char *code = answer_header(a, "X-Road-Error");

	return code ? code : "";
}

/* ---- SOAP ---- */

static void
part_write(struct buf *b, const char *name, const char *text)
{
	if (!text)
		return;
	buf_fmt(b, "<id:%s>", name);
	buf_xml(b, text);
	buf_fmt(b, "</id:%s>", name);
}

static void
client_write(struct buf *b, const struct client_id *id)
{
	part_write(b, "xRoadInstance", id->instance);
	part_write(b, "memberClass", id->cls);
	part_write(b, "memberCode", id->code);
	part_write(b, "subsystemCode", id->subsystem);
}

void
soap_write(struct buf *b, const struct client_id *client,
	const struct service_id *service, const struct server_id *target,
	const char *id, const char *body, const char *text)
{
	buf_str(b, "<s:Envelope xmlns:s=\"" NS_SOAP "\" xmlns:x=\"" NS_XROAD
		   "\" xmlns:id=\"" NS_ID "\">\n <s:Header>\n"
		   "  <x:client id:objectType=\"SUBSYSTEM\">");
	client_write(b, client);
	buf_str(b, "</x:client>\n  <x:service id:objectType=\"SERVICE\">");
	client_write(b, &service->provider);
	part_write(b, "serviceCode", service->service);
	part_write(b, "serviceVersion", service->version);
	buf_str(b, "</x:service>\n");
	if (target) {
		buf_str(b, "  <x:securityServer id:objectType=\"SERVER\">");
		client_write(b, &target->owner);
		part_write(b, "serverCode", target->server);
		buf_str(b, "</x:securityServer>\n");
	}
	buf_str(b, "  <x:id>");
	buf_xml(b, id);
	buf_fmt(b,
		"</x:id>\n  <x:userId>EE1</x:userId>\n"
		"  <x:protocolVersion>4.0</x:protocolVersion>\n"
		" </s:Header>\n <s:Body><d:%s xmlns:d=\"urn:d\">",
		body);
	buf_xml(b, text);
	buf_fmt(b, "</d:%s></s:Body>\n</s:Envelope>\n", body);
}

/* UTF-8 to ISO-8859-1, where it has the character. */
static void
to_latin1(struct buf *b)
{
	size_t to = 0;

	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->data[i];
		if (c >= 0xc2 && c <= 0xc3 && i + 1 < b->len)
			c = (unsigned char)((c & 3) << 6 |
					    (b->data[++i] & 0x3f));
		b->data[to++] = (char)c;
	}
	b->len = to;
}

/* One more element, last in the header. */
static void
header_insert(struct buf *b, const char *element)
{
	static const char close[] = " </s:Header>";
	const char *at = memmem(b->data, b->len, close, sizeof(close) - 1);
	size_t before = (size_t)(at - b->data);
	struct buf whole;

	buf_init(&whole, DOCUMENT_MAX);
	buf_add(&whole, b->data, before);
	buf_str(&whole, element);
	buf_add(&whole, at, b->len - before);
	buf_done(b);
	*b = whole;
}

struct bytes
soap_make(struct net *n, const struct soap_call *c)
{
	struct bytes out;
	struct buf b;

	buf_init(&b, DOCUMENT_MAX);
	if (c->encoding)
		buf_fmt(&b, "<?xml version=\"1.0\" encoding=\"%s\"?>\n",
			c->encoding);
	if (c->bom)
		buf_str(&b, "\xef\xbb\xbf");
	soap_write(&b, c->client ? c->client : &TOWN_PORTAL, c->service,
		c->target, c->id, c->service->service,
		c->text ? c->text : "hello");
	if (c->header)
		header_insert(&b, c->header);
	if (c->encoding)
		to_latin1(&b);
	out = bytes_of(arena_memdup(n->a, b.data, b.len), b.len);
	buf_done(&b);
	return out;
}

struct http_answer
is_soap(struct net *n, const struct soap_call *c)
{
	const struct http_header h[] = {
		{ "Content-Type", c->type ? c->type : "text/xml" },
		{ "SOAPAction", c->action },
	};
	struct is_call call = { .method = "POST",
		.path = "/",
		.header = h,
		.headers = c->action ? 2 : 1,
		.body = soap_make(n, c),
		.has_body = true };

	return is_call(n, &n->town, &call);
}

const char *
soap_code(struct net *n, const struct http_answer *a)
{
	struct soap m;

	if (!a->body.len ||
		soap_parse(n->a, a->body, answer_header(a, "Content-Type"), &m,
			NULL) ||
		!m.fault || !m.fault_code)
		return "";
	return m.fault_code;
}

bool
text_has(struct bytes b, const char *text)
{
	return b.len && memmem(b.data, b.len, text, strlen(text)) != NULL;
}
