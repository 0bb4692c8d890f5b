/* SPDX-License-Identifier: MIT */
/*
 * getSecurityServerOperationalData and getSecurityServerHealthData: services of
 * the server's owner for the monitoring client of the network, the owner, and
 * partners as far as records are theirs. Rule: interop/xroad-messages.md 6.3.
 */
#include "metadata_int.h"

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "monitor.h"
#include "targz.h"
#include "text.h"
#include "xml.h"

#define NS_OM    "http://x-road.eu/xsd/op-monitoring.xsd"
#define DATA_CID "operational-monitoring-data.json.gz"

enum {
	FIELDS_MAX = 100,
	ANSWER_MAX = 4 * 1024 * 1024,
	DATA_MAX = 64 * 1024 * 1024,
	BOUNDARY_LETTERS = 30,
};

/* As the daemon that X-Road asks spells its faults. */
static int
failed(struct err *e)
{
	if (e->fault == FAULT_INVALID_REQUEST)
		err_prefix(e, "client");
	err_prefix(e, "opmonitor");
	return -1;
}

static const struct xml_node *
asked(const struct metadata_call *c)
{
	return xml_child(
		xml_child(xml_root(c->soap->doc), NS_SOAP, "Body"), NULL, NULL);
}

static int
second(const struct metadata_call *c, const struct xml_node *n,
	const char *name, const char *what, int64_t *out, struct err *e)
{
	const char *text = xml_child_text(n, c->a, NS_OM, name);

	if (!text || int_parse(str_trim(arena_strdup(c->a, text)), INT64_MIN,
			     INT64_MAX, out, NULL))
		return fail(e, FAULT_INVALID_REQUEST,
			"%s must be a number of seconds", name);
	if (*out < 0)
		return fail(e, FAULT_INVALID_REQUEST,
			"Records %s timestamp is a negative number", what);
	return 0;
}

static void
pieces(const char *to[4], const struct client_id *id)
{
	to[0] = id->instance;
	to[1] = id->cls;
	to[2] = id->code;
	to[3] = id->subsystem;
}

/* ---- operational data ---- */

static int
read_times(const struct metadata_call *c, const struct xml_node *n,
	int64_t before, struct opdata_query *q, struct err *e)
{
	if (second(c, n, "recordsFrom", "from", &q->from, e) ||
		second(c, n, "recordsTo", "to", &q->to, e))
		return -1;
	if (q->to < q->from)
		return fail(e, FAULT_INVALID_REQUEST,
			"Records to timestamp is earlier than records from "
			"timestamp");
	if (q->from >= before)
		return fail(e, FAULT_INVALID_REQUEST,
			"Records not available from %lld yet",
			(long long)q->from);
	return 0;
}

static int
read_fields(const struct metadata_call *c, const struct xml_node *spec,
	struct opdata_query *q, struct err *e)
{
	const char **list = arena_array(c->a, FIELDS_MAX, sizeof(void *));
	const struct xml_node *f;

	q->field = list;
	if (!spec)
		return 0;
	xml_each(f, spec, NS_OM, "outputField") {
		const char *name = xml_text(f, c->a);

		if (!opdata_field_known(name) || q->fields == FIELDS_MAX)
			return fail(e, FAULT_INVALID_REQUEST,
				"Unknown output field in search criteria: "
				"%s",
				name);
		list[q->fields++] = name;
	}
	return 0;
}

/* The monitoring client, and the owner of the server that the message names,
   see everything. */
static bool
sees_all(const struct metadata_call *c)
{
	const struct gc_options *o = globalconf_options(c->g);
	const struct gc_server *s =
		c->soap->has_server ? globalconf_server(c->g, &c->soap->server)
				    : NULL;

	return (o && o->has_monitoring &&
		       client_id_equal(&o->monitoring, c->client)) ||
	       (s && client_id_equal(&s->id.owner, c->client));
}

static int
read_query(struct metadata_call *c, int64_t before, struct opdata_query *q,
	struct err *e)
{
	const struct xml_node *n = xml_child(asked(c), NS_OM, "searchCriteria");
	const struct xml_node *provider =
		n ? xml_child(n, NS_OM, "client") : NULL;
	struct client_id id;

	if (!n)
		return fail(
			e, FAULT_INVALID_REQUEST, "searchCriteria is missing");
	if (read_times(c, n, before, q, e) ||
		read_fields(c, xml_child(asked(c), NS_OM, "outputSpec"), q, e))
		return -1;
	if (provider) {
		if (client_id_from_xml(c->a, provider, &id, NULL))
			return fail(e, FAULT_INVALID_REQUEST,
				"client is no identifier of a client");
		pieces(q->provider, &id);
	}
	q->internal_ip = sees_all(c);
	if (!q->internal_ip)
		pieces(q->only, c->client);
	return 0;
}

static int
attach(struct metadata_call *c, struct bytes json, struct err *e)
{
	struct mime_part *part = arena_new_of(c->a, struct mime_part);
	struct mime_header *h = arena_array(c->a, 3, sizeof(*h));
	char boundary[BOUNDARY_LETTERS + 1];
	struct buf b;
	int ret;

	random_letters(boundary, BOUNDARY_LETTERS);
	h[0] = (struct mime_header){ "content-type", "application/gzip" };
	h[1] = (struct mime_header){ "content-transfer-encoding", "binary" };
	h[2] = (struct mime_header){ "content-id", "<" DATA_CID ">" };
	buf_init(&b, DATA_MAX);
	ret = gzip_write(&b, json, e);
	*part = (struct mime_part){ .header = h,
		.headers = 3,
		.body = bytes_of(arena_memdup(c->a, b.data, b.len), b.len) };
	buf_done(&b);
	c->attachment = part;
	c->attachments = 1;
	c->type = arena_printf(c->a,
		"multipart/related; type=\"text/xml\"; charset=UTF-8; "
		"boundary=jetty%s",
		boundary);
	return ret;
}

static int
operational_data(struct metadata_call *c, struct err *e)
{
	int64_t before = clock_seconds() - OPDATA_OFFSET_S, next = 0;
	struct opdata_query q = { 0 };
	struct opdata_answer out;
	const char *more = "";

	if (read_query(c, before, &q, e))
		return -1;
	if (q.to >= before) {
		q.to = before - 1;
		next = before;
	}
	if (opdata_read(c->s->monitor, c->a, &q, &out, e))
		return -1;
	if (out.next_from)
		next = out.next_from;
	if (next)
		more = arena_printf(c->a,
			"<om:nextRecordsFrom>%lld</om:nextRecordsFrom>",
			(long long)next);
	if (metadata_body(c,
		    bytes_str(arena_printf(c->a,
			    "<om:getSecurityServerOperationalDataResponse "
			    "xmlns:om=\"" NS_OM "\">"
			    "<om:recordsCount>%lld</om:recordsCount>"
			    "<om:records>cid:" DATA_CID "</om:records>%s"
			    "</om:getSecurityServerOperationalDataResponse>",
			    (long long)out.count, more)),
		    e))
		return -1;
	return attach(c, out.json, e);
}

int
metadata_opdata(struct metadata_call *c, struct err *e)
{
	return operational_data(c, e) ? failed(e) : 0;
}

/* ---- health data ---- */

static void
put_int(struct buf *b, const char *name, int64_t v)
{
	buf_fmt(b, "<om:%s>%lld</om:%s>", name, (long long)v, name);
}

static void
put_statistic(struct buf *b, const char *prefix, const char *of,
	const struct opdata_statistic *s)
{
	buf_fmt(b,
		"<om:%sMin%s>%.0f</om:%sMin%s>"
		"<om:%sAverage%s>%.17g</om:%sAverage%s>"
		"<om:%sMax%s>%.0f</om:%sMax%s>"
		"<om:%s%sStdDev>%.17g</om:%s%sStdDev>",
		prefix, of, s->least, prefix, of, prefix, of, s->mean, prefix,
		of, prefix, of, s->most, prefix, of, prefix, of, s->deviation,
		prefix, of);
}

static void
put_service(struct buf *b, const struct opdata_health *h)
{
	const struct service_id id = {
		{ h->service[0], h->service[1], h->service[2],
			*h->service[3] ? h->service[3] : NULL },
		h->service[4], *h->service[5] ? h->service[5] : NULL
	};

	buf_str(b, "<om:serviceEvents>"
		   "<om:service id:objectType=\"SERVICE\">");
	service_id_to_xml(b, &id);
	buf_str(b, "</om:service>");
	if (h->last_ok)
		put_int(b, "lastSuccessfulRequestTimestamp", h->last_ok);
	if (h->last_failed)
		put_int(b, "lastUnsuccessfulRequestTimestamp", h->last_failed);
	if (h->service_type) {
		buf_str(b, "<om:serviceType>");
		buf_xml(b, h->service_type);
		buf_str(b, "</om:serviceType>");
	}
	buf_str(b, "<om:lastPeriodStatistics>");
	put_int(b, "successfulRequestCount", h->ok);
	put_int(b, "unsuccessfulRequestCount", h->failed);
	if (h->ok) {
		put_statistic(b, "request", "Duration", &h->duration);
		put_statistic(b, "request", "Size", &h->request);
		put_statistic(b, "response", "Size", &h->response);
	}
	buf_str(b, "</om:lastPeriodStatistics></om:serviceEvents>");
}

/* The provider whose services are wanted; instance NULL: all. */
static int
read_filter(struct metadata_call *c, struct client_id *id, struct err *e)
{
	const struct xml_node *n = xml_child(asked(c), NS_OM, "filterCriteria");

	*id = (struct client_id){ 0 };
	if (n)
		n = xml_child(n, NS_OM, "client");
	if (n && client_id_from_xml(c->a, n, id, NULL))
		return fail(e, FAULT_INVALID_REQUEST,
			"client is no identifier of a client");
	return 0;
}

static bool
provides(const struct opdata_health *h, const struct client_id *id)
{
	return !id->instance ||
	       (str_equal(h->service[0], id->instance) &&
		       str_equal(h->service[1], id->cls) &&
		       str_equal(h->service[2], id->code) &&
		       str_equal(h->service[3],
			       id->subsystem ? id->subsystem : ""));
}

static int
health_data(struct metadata_call *c, struct err *e)
{
	struct monitor *m = c->s->monitor;
	struct opdata_health *h;
	struct err waits = ERR_INIT;
	struct client_id id;
	struct buf b;
	size_t n;
	int ret;

	(void)monitor_flush(m, &waits);
	if (read_filter(c, &id, e) || opdata_health(m, c->a, &h, &n, e))
		return -1;
	buf_init(&b, ANSWER_MAX);
	buf_str(&b, "<om:getSecurityServerHealthDataResponse xmlns:om=\"" NS_OM
		    "\" xmlns:id=\"" NS_ID "\">");
	put_int(&b, "monitoringStartupTimestamp", monitor_started(m));
	put_int(&b, "statisticsPeriodSeconds", OPDATA_PERIOD_S);
	buf_str(&b, "<om:servicesEvents>");
	for (size_t i = 0; i < n; i++)
		if (provides(&h[i], &id))
			put_service(&b, &h[i]);
	buf_str(&b, "</om:servicesEvents>"
		    "</om:getSecurityServerHealthDataResponse>");
	ret = buf_ok(&b, "the health data", e);
	if (!ret)
		ret = metadata_body(c, bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}

int
metadata_health(struct metadata_call *c, struct err *e)
{
	return health_data(c, e) ? failed(e) : 0;
}
