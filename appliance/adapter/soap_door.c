/* SPDX-License-Identifier: MIT */
/*
 * Data services over SOAP: X-Road headers are echoed, the body's element names
 * the service, its children are the parameters.
 */
#include "adapter_int.h"

#include "err.h"
#include "ident.h"
#include "log.h"
#include "mem.h"
#include "soap.h"
#include "xml.h"

static int
read_arguments(struct arena *a, struct xml_node *body, struct argument **out,
	size_t *n, struct err *e)
{
	struct argument *arg = arena_array(a, FIELDS_MAX, sizeof(*arg));
	struct xml_node *c;

	*n = 0;
	xml_each(c, body, NULL, NULL) {
		const char *nil = xml_attr(c, a,
			"http://www.w3.org/2001/XMLSchema-instance", "nil");

		if (*n == FIELDS_MAX)
			return fail(e, FAULT_BAD_REQUEST,
				"more than %d parameters", FIELDS_MAX);
		arg[*n].name = xml_local(c);
		arg[(*n)++].value = nil && *nil == 't' ? NULL : xml_text(c, a);
	}
	*out = arg;
	return 0;
}

/* The envelope around the rows; its header is filled afterwards. */
static int
write_envelope(const struct data_service *s, const struct argument *arg,
	size_t args, struct buf *b, struct err *e)
{
	buf_fmt(b,
		"<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"" NS_SOAP "\" "
		"xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
		"<SOAP-ENV:Header/><SOAP-ENV:Body><%sResponse xmlns=\"" NS_PRODUCER
		"\">",
		s->name);
	if (service_run(s, arg, args, ROWS_XML, b, e))
		return -1;
	buf_fmt(b, "</%sResponse></SOAP-ENV:Body></SOAP-ENV:Envelope>",
		s->name);
	return buf_ok(b, "the SOAP answer", e);
}

static int
echo_header(struct arena *a, struct xml_node *from, struct buf *text,
	struct buf *out, struct err *e)
{
	struct xml_doc *doc;
	struct xml_node *header, *c;

	if (xml_parse(a, bytes_buf(text), "UTF-8", &doc, e))
		return -1;
	header = xml_child(xml_root(doc), NS_SOAP, "Header");
	xml_each(c, from, NULL, NULL) {
		xml_copy_into(header, c);
	}
	return xml_serialize(doc, out, e);
}

static int
answer(struct adapter *ad, struct arena *a, struct bytes body, const char *type,
	struct buf *text, struct buf *out, struct err *e)
{
	struct soap m;
	struct argument *arg;
	const struct data_service *s;
	struct xml_node *root, *n;
	size_t args;

	if (soap_parse(a, body, type, &m, e))
		return -1;
	if (m.fault)
		return fail(e, FAULT_INVALID_SOAP, "a fault is not a request");
	s = catalog_find(ad->catalog, m.body);
	if (!s)
		return fail(e, FAULT_UNKNOWN_SERVICE,
			"there is no data service \"%s\"", m.body);
	root = xml_root(m.doc);
	n = xml_child(xml_child(root, NS_SOAP, "Body"), NULL, NULL);
	if (read_arguments(a, n, &arg, &args, e) ||
		write_envelope(s, arg, args, text, e))
		return -1;
	return echo_header(a, xml_child(root, NS_SOAP, "Header"), text, out, e);
}

int
adapter_soap(struct request *r, void *state, struct err *e)
{
	struct arena *a = request_arena(r);
	struct err fault = ERR_INIT;
	struct bytes body;
	struct buf text, out;
	int ret;

	buf_init(&text, ADAPTER_ANSWER_MAX);
	buf_init(&out, ADAPTER_ANSWER_MAX);
	if (request_body(r, &body, &fault) ||
		answer(state, a, body, request_header(r, "Content-Type"), &text,
			&out, &fault)) {
		log_err("data service", &fault);
		err_prefix(&fault,
			fault_http(fault.fault) < 500 ? "Client" : "Server");
		buf_reset(&out);
		soap_fault_write(&fault, &out);
	}
	ret = reply_send(r, err_set(&fault) ? 500 : 200,
		"text/xml; charset=UTF-8", bytes_buf(&out), e);
	buf_done(&out);
	buf_done(&text);
	return ret;
}
