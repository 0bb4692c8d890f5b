/* SPDX-License-Identifier: MIT */
/*
 * Data services over SOAP: X-Road headers are echoed, the body's element names
 * the service, its children are the parameters.
 */
#include "adapter_int.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "err.h"
#include "ident.h"
#include "japanese.h"
#include "log.h"
#include "mem.h"
#include "soap.h"
#include "text.h"
#include "xml.h"

#define NS_XSI "http://www.w3.org/2001/XMLSchema-instance"

/* The parameter that an element stands for, or NULL. */
static const struct field *
param_of(const struct data_service *s, const char *element)
{
	for (size_t i = 0; i < s->params; i++)
		if (str_equal(s->param[i].element, element))
			return &s->param[i];
	return NULL;
}

/* "2026-11-21Z" and "2026-11-21+09:00" are days of XML Schema, too. */
static void
cut_zone(char *day)
{
	char *zone = strlen(day) > DAY_TEXT_LEN ? day + DAY_TEXT_LEN : day;

	if (str_equal(zone, "Z") ||
		(strlen(zone) == sizeof("+09:00") - 1 && strchr("+-", *zone) &&
			zone[3] == ':'))
		*zone = '\0';
}

/* What XML Schema lets people write beside the form that everybody uses. */
static const char *
plain_value(struct arena *a, const struct field *f, char *text)
{
	static const char blanks[] = " \t\r\n";
	const char *xsd = f ? f->kind->xsd : "string";
	size_t n;

	if (str_equal(xsd, "string"))
		return text;
	text = arena_strdup(a, text + strspn(text, blanks));
	n = strlen(text);
	while (n && strchr(blanks, text[n - 1]))
		text[--n] = '\0';
	if (str_equal(xsd, "date"))
		cut_zone(text);
	return text + (*text == '+' && isdigit((unsigned char)text[1]) &&
			      f->kind->number);
}

int
elements_read(struct call *call, struct xml_node *body, struct err *e)
{
	struct arena *a = call->arena;
	struct xml_node *c;

	xml_each(c, body, NULL, NULL) {
		const char *nil = xml_attr(c, a, NS_XSI, "nil");
		const struct field *f = param_of(call->service, xml_local(c));
		const char *name = f ? f->name : xml_local(c);
		bool null = str_equal(nil, "true") || str_equal(nil, "1");

		if (xml_child(c, NULL, NULL))
			return call_refuse(&call->complaint, NOT_SINGLE, name,
				NULL, "", NULL, e);
		if (call_add(call, name,
			    null ? NULL : plain_value(a, f, xml_text(c, a)), e))
			return -1;
	}
	return 0;
}

enum { FAULT_SIZE_MAX = 16 * 1024 };

static const char empty_body[] = "<SOAP-ENV:Body/></SOAP-ENV:Envelope>";

/* The envelope with the request's header, up to the empty body's start. */
static int
write_head(
	struct arena *a, struct xml_node *from, struct buf *out, struct err *e)
{
	static const char frame[] =
		"<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"" NS_SOAP
		"\" xmlns:xsi=\"" NS_XSI "\"><SOAP-ENV:Header/>"
		"<SOAP-ENV:Body/></SOAP-ENV:Envelope>";
	struct xml_doc *doc;
	struct xml_node *header, *c;

	if (xml_parse(a, bytes_str(frame), "UTF-8", &doc, e))
		return -1;
	header = xml_child(xml_root(doc), NS_SOAP, "Header");
	xml_each(c, from, NULL, NULL) {
		xml_copy_into(header, c);
	}
	if (xml_serialize(doc, out, e))
		return -1;
	while (out->len && out->data[out->len - 1] == '\n')
		out->data[--out->len] = '\0';
	assert(str_suffix(out->data, empty_body));
	out->len -= sizeof(empty_body) - 1;
	out->data[out->len] = '\0';
	return 0;
}

static int
run(struct call *c, struct xml_node *root, struct buf *out, struct err *e)
{
	const struct data_service *s = c->service;
	struct rowout o = { .form = &rowform_soap, .service = s, .out = out };
	struct outcome how = { 0 };
	struct xml_node *n;

	n = xml_child(xml_child(root, NS_SOAP, "Body"), NULL, NULL);
	if (elements_read(c, n, e) || call_grant(c, e) ||
		write_head(
			c->arena, xml_child(root, NS_SOAP, "Header"), out, e))
		return -1;
	buf_fmt(out, "<SOAP-ENV:Body><%sResponse xmlns=\"" NS_PRODUCER "\">",
		s->name);
	if (service_run(c, &o, &how, e))
		return -1;
	buf_fmt(out, "</%sResponse></SOAP-ENV:Body></SOAP-ENV:Envelope>",
		s->name);
	return buf_ok(out, "the SOAP answer", e);
}

static int
answer(struct adapter *ad, struct request *r, struct bytes body,
	struct buf *out, struct err *e)
{
	const char *type = request_header(r, "Content-Type");
	const struct data_service *s;
	struct soap m;
	struct call *c;

	if (soap_parse(request_arena(r), body, type, &m, e))
		return -1;
	if (m.fault)
		return fail(e, FAULT_INVALID_SOAP, "a fault is not a request");
	/* rights were judged by the header, whose code may be shorter */
	if (!str_equal(m.service.service, m.body))
		return fail(e, FAULT_INCONSISTENT_HEADERS,
			"the header names service \"%.100s\", the body \"%.100s\"",
			m.service.service, m.body);
	s = catalog_find(shelf_of(ad->shelf, r), m.body);
	if (!s)
		return fail(e, FAULT_UNKNOWN_SERVICE,
			"there is no data service \"%.100s\"", m.body);
	c = call_new(r, ad, s);
	c->who = client_id_text(c->arena, &m.client);
	c->door = "SOAP";
	c->person = m.user_id;
	c->message = m.id;
	return call_end(c, run(c, xml_root(m.doc), out, e), e);
}

/* Whose mistake it is, in SOAP 1.1's words. */
static const char *
side(const struct err *fault)
{
	static const enum fault ours[] = { FAULT_DATABASE, FAULT_LIMIT,
		FAULT_INTERNAL, FAULT_IO, FAULT_CONFIG };

	if (fault->fault >= FAULT_DATA_GONE &&
		fault->fault <= FAULT_DATA_STATEMENT)
		return "Server";
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (fault->fault == ours[i])
			return "Server";
	return "Client";
}

/* The Japanese sentence as the fault's detail. */
static void
add_detail(struct buf *out, const char *ja)
{
	static const char tail[] =
		"</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>";

	assert(str_suffix(out->data, tail));
	buf_cut(out, out->len - (sizeof(tail) - 1));
	buf_str(out,
		"<detail><message xmlns=\"" NS_PRODUCER "\" xml:lang=\"ja\">");
	buf_xml(out, ja);
	buf_str(out, "</message></detail>");
	buf_str(out, tail);
}

void
adapter_soap_refuse(struct request *r, const struct err *fault)
{
	const struct call *c = request_user(r);
	const char *whose = side(fault);
	struct err e = *fault;
	struct buf out;

	e.detail[0] = '\0';

	if (str_equal(whose, "Server"))
		log_err("data service", fault);
	buf_init(&out, FAULT_SIZE_MAX);
	err_prefix(&e, whose);
	soap_fault_write(&e, &out);
	if (!out.over)
		add_detail(
			&out, c && c->complaint.param
				      ? c->complaint.ja
				      : sentence_ja(request_arena(r), fault));
	(void)reply_send(
		r, 500, "text/xml; charset=UTF-8", bytes_buf(&out), NULL);
	buf_done(&out);
}

int
adapter_soap(struct request *r, void *state, struct err *e)
{
	struct bytes body;
	struct buf out;
	int ret;

	buf_init(&out, ADAPTER_ANSWER_MAX);
	ret = request_body(r, &body, e);
	if (!ret)
		ret = answer(state, r, body, &out, e);
	if (!ret)
		ret = reply_send(
			r, 200, "text/xml; charset=UTF-8", bytes_buf(&out), e);
	buf_done(&out);
	return ret;
}
