/* SPDX-License-Identifier: MIT */
/*
 * What the monitor learns of exchanges between two security servers, on both
 * sides, and X-Road's questions for it over the real doors.
 */
#define IN_SERVER 1

#include "net.h"

#include <string.h>
#include <zlib.h>

#include "clock.h"
#include "err.h"
#include "json_io.h"
#include "mem.h"
#include "monitor.h"
#include "numbers_int.h"
#include "param.h"
#include "soap.h"
#include "tap.h"
#include "text.h"
#include "transport.h"

static struct net n;

struct watch {
	struct role_env env;
	struct role_run run;
	struct monitor *m;
};
static struct watch town, firm;

static void
watch_open(struct watch *w, struct node *d)
{
	struct err e = ERR_INIT;

	w->run.role = &role_monitor;
	w->env =
		(struct role_env){ .conf = d->conf, .run = &w->run, .runs = 1 };
	ok_m(!role_monitor.start(&w->run.state, &w->env, &e), "%s", e.text);
	w->m = monitor_of(&w->env);
	d->s.monitor = w->m;
}

static void
watch_close(struct watch *w, struct node *d)
{
	d->s.monitor = NULL;
	role_monitor.stop(w->run.state);
}

/* The newest record of the message id. The caller gets its answer before the
   record is in the queue: the other side's may come a moment later. */
static json_t *
record(struct watch *w, const char *id)
{
	struct opdata_query q = { .to = clock_seconds() + 10,
		.internal_ip = true };

	for (int tries = 0; tries < 1000; tries++) {
		struct opdata_answer out;
		struct err e = ERR_INIT;
		json_t *j, *list, *x;
		size_t i;

		if (monitor_flush(w->m, &e) ||
			opdata_read(w->m, n.a, &q, &out, &e) ||
			json_parse(n.a, out.json, NULL, &j, &e)) {
			ok_m(false, "%s", e.text);
			return NULL;
		}
		list = json_list(j, "records");
		json_each(x, i, list)
			if (str_equal(json_str(x, "messageId"), id))
				return x;
		(void)sched_yield();
	}
	ok_m(false, "there is no record of %s", id);
	return NULL;
}

static void
same(json_t *a, json_t *b, const char *name)
{
	ok_m(json_object_get(a, name) && json_equal(json_object_get(a, name),
						 json_object_get(b, name)),
		"%s is the same on both sides", name);
}

static void
rest(void)
{
	static const char *const equal[] = { "xRequestId",
		"clientXRoadInstance", "clientMemberClass", "clientMemberCode",
		"clientSubsystemCode", "serviceMemberCode",
		"serviceSubsystemCode", "serviceCode", "restMethod",
		"requestSize", "responseSize", "statusCode",
		"clientSecurityServerAddress", "serviceSecurityServerAddress",
		"messageProtocolVersion", "requestAttachmentCount" };
	struct http_answer a = is_post(
		&n, ECHO "/x/1?y=2", "seen-rest", bytes_str("0123456789"));
	json_t *c, *p;

	is_int(a.status, 200);
	c = record(&town, "seen-rest");
	p = record(&firm, "seen-rest");
	for (size_t i = 0; i < sizeof(equal) / sizeof(*equal); i++)
		same(c, p, equal[i]);
	is_str(json_str(c, "securityServerType"), "Client");
	is_str(json_str(p, "securityServerType"), "Producer");
	is_str(json_str(p, "serviceType"), "REST");
	is_str(json_str(p, "serviceSecurityServerAddress"), FIRM_ADDRESS);
	is_str(json_str(p, "clientSecurityServerAddress"), TOWN_ADDRESS);
	is_int(json_int(c, "requestAttachmentCount", -1), 0);
	ok(json_bool(c, "succeeded", false) &&
		json_bool(p, "succeeded", false));
	ok(!json_str(c, "restPath"));
	for (int i = 0; i < 2; i++) {
		json_t *j = i ? c : p;
		int64_t in = json_int(j, "requestInTs", 0);
		int64_t out = json_int(j, "requestOutTs", 0);
		int64_t back = json_int(j, "responseInTs", 0);

		ok(in > 0 && in <= out && out <= back &&
			back <= json_int(j, "responseOutTs", 0));
	}
}

static void
failures(void)
{
	static const struct service_say error = { .status = 503,
		.reason = "No" };
	const struct service_say good = { .status = 200 };
	json_t *c, *p;

	is_int(is_get(&n, DENIED, "seen-denied").status, 500);
	c = record(&town, "seen-denied");
	p = record(&firm, "seen-denied");
	ok(!json_bool(c, "succeeded", true) &&
		!json_bool(p, "succeeded", true));
	is_str(json_str(c, "faultCode"), "server.serverproxy.access_denied");
	is_str(json_str(p, "faultCode"), "server.serverproxy.access_denied");
	ok(json_str(p, "faultString") != NULL);
	ok(!json_object_get(p, "statusCode"));
	(void)is_get(&n, "/r1/JP/COM/2000/Nobody/x", "seen-nobody");
	c = record(&town, "seen-nobody");
	is_str(json_str(c, "faultCode"), "server.clientproxy.unknown_member");
	is_str(json_str(c, "serviceSubsystemCode"), "Nobody");
	net_say(&n, &error);
	is_int(is_get(&n, ECHO, "seen-503").status, 503);
	p = record(&firm, "seen-503");
	ok(!json_bool(p, "succeeded", true));
	is_int(json_int(p, "statusCode", 0), 503);
	ok(!json_object_get(p, "faultCode"));
	net_say(&n, &good);
}

/* ---- X-Road's services ---- */

#define OM      "http://x-road.eu/xsd/op-monitoring.xsd"
#define OPDATA  "getSecurityServerOperationalData"
#define HEALTH  "getSecurityServerHealthData"
#define METRICS "getSecurityServerMetrics"

static struct http_answer
ask(const struct client_id *client, const char *code, const char *ns,
	const char *id, const char *body)
{
	static const struct http_header h = { "Content-Type", "text/xml" };
	const struct service_id service = { FIRM, code, NULL };
	const struct server_id target = { FIRM, "ss2" };
	const struct soap_call c = { .client = client,
		.service = &service,
		.target = &target,
		.id = id,
		.text = "ASK" };
	struct is_call call = { .method = "POST",
		.path = "/",
		.header = &h,
		.headers = 1,
		.has_body = true };
	struct bytes made = soap_make(&n, &c);
	const char *text =
		arena_strndup(n.a, (const char *)made.data, made.len);
	const char *at = strstr(text, "<d:");
	const char *end = strstr(text, "</s:Body>");

	call.body = bytes_str(
		arena_printf(n.a, "%.*s<q:%s xmlns:q=\"%s\">%s</q:%s>%s",
			(int)(at - text), text, code, ns, body, code, end));
	return is_call(&n, client == &FIRM ? &n.firm : &n.town, &call);
}

static const char *
criteria(int64_t from, int64_t to, const char *more)
{
	return arena_printf(n.a,
		"<q:searchCriteria><q:recordsFrom>%lld</q:recordsFrom>"
		"<q:recordsTo>%lld</q:recordsTo></q:searchCriteria>%s",
		(long long)from, (long long)to, more);
}

static json_t *
unzip(struct bytes gz)
{
	size_t max = 1 << 20;
	unsigned char *out = arena_alloc(n.a, max);
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)gz.data,
		.avail_in = (uInt)gz.len,
		.next_out = out,
		.avail_out = (uInt)max };
	json_t *j = NULL;

	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return NULL;
	is_int(inflate(&z, Z_FINISH), Z_STREAM_END);
	(void)json_parse(n.a, bytes_of(out, max - z.avail_out), NULL, &j, NULL);
	inflateEnd(&z);
	return json_list(j, "records");
}

/* The SOAP part and the records of an answer. */
static json_t *
answer(const struct http_answer *a, struct bytes *soap)
{
	struct err e = ERR_INIT;
	struct mime_part *part;
	size_t count;

	*soap = bytes_of("", 0);
	if (mime_split(n.a, answer_header(a, "Content-Type"), a->body, 10,
		    &part, &count, &e)) {
		ok_m(false, "%s: %.*s", e.text, (int)a->body.len,
			(const char *)a->body.data);
		return NULL;
	}
	is_int((int)count, 2);
	*soap = part[0].body;
	is_str(mime_part_header(&part[1], "content-type"), "application/gzip");
	is_str(mime_part_header(&part[1], "content-id"),
		"<operational-monitoring-data.json.gz>");
	return unzip(part[1].body);
}

static void
operational_data(void)
{
	int64_t now = clock_seconds();
	struct http_answer a;
	struct bytes soap;
	json_t *list, *x;
	size_t i, addresses = 0;

	clock_shift(120 * 1000); /* the last minute is not there yet */
	a = ask(&TOWN_PORTAL, OPDATA, OM, "op-1", criteria(0, now + 60, ""));
	list = answer(&a, &soap);
	ok(json_array_size(list) >= 3);
	ok(text_has(soap, "recordsCount>"));
	ok(text_has(soap, ">cid:operational-monitoring-data.json.gz<"));
	json_each(x, i, list)
		addresses += json_str(x, "securityServerInternalIp") != NULL;
	is_int((int)addresses, 0);
	a = ask(&TOWN_PORTAL, OPDATA, OM, "op-2",
		criteria(0, now + 100000,
			"<q:outputSpec><q:outputField>serviceCode"
			"</q:outputField></q:outputSpec>"));
	list = answer(&a, &soap);
	is_int((int)json_object_size(json_array_get(list, 0)), 1);
	ok(text_has(soap, "nextRecordsFrom>"));
	/* another client of the town took no part */
	a = ask(&TOWN, OPDATA, OM, "op-3", criteria(0, now + 60, ""));
	is_int((int)json_array_size(answer(&a, &soap)), 0);
	/* the server's owner sees everything */
	a = ask(&FIRM, OPDATA, OM, "op-4", criteria(0, now + 60, ""));
	list = answer(&a, &soap);
	ok(json_array_size(list) >= 3);
	clock_shift(0);
}

static void
refused(void)
{
	static const struct {
		int64_t from, to;
		const char *more, *says;
	} row[] = {
		{ -1, 5, "", "Records from timestamp is a negative number" },
		{ 1, -5, "", "Records to timestamp is a negative number" },
		{ 5, 4, "", "earlier than records from" },
		{ 99999999999, 99999999999, "", "not available from" },
		{ 0, 1,
			"<q:outputSpec><q:outputField>x</q:outputField>"
			"</q:outputSpec>",
			"Unknown output field in search criteria: x" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct http_answer a = ask(&TOWN_PORTAL, OPDATA, OM, "op-no",
			criteria(row[i].from, row[i].to, row[i].more));

		is_str(soap_code(&n, &a),
			"server.serverproxy.opmonitor.client.invalid_request");
		ok_m(text_has(a.body, row[i].says), "%s", row[i].says);
	}
}

static void
health_data(void)
{
	struct http_answer a = ask(&TOWN_PORTAL, HEALTH, OM, "health-1", "");

	ok(text_has(a.body, "monitoringStartupTimestamp>"));
	ok(text_has(a.body, "statisticsPeriodSeconds>600<"));
	ok(text_has(a.body, "serviceCode>echo<"));
	ok(text_has(a.body, "requestAverageDuration>"));
	ok(text_has(a.body, "lastUnsuccessfulRequestTimestamp>"));
	a = ask(&TOWN_PORTAL, HEALTH, OM, "health-2",
		"<q:filterCriteria><q:client "
		"xmlns:id=\"http://x-road.eu/xsd/identifiers\" "
		"id:objectType=\"SUBSYSTEM\"><id:xRoadInstance>JP"
		"</id:xRoadInstance><id:memberClass>COM</id:memberClass>"
		"<id:memberCode>2000</id:memberCode><id:subsystemCode>None"
		"</id:subsystemCode></q:client></q:filterCriteria>");
	ok(text_has(a.body, "servicesEvents"));
	ok(!text_has(a.body, "serviceCode>echo<"));
}

static void
environment(void)
{
	static const char ns[] = "http://x-road.eu/xsd/monitoring";
	struct http_answer a = ask(&TOWN_PORTAL, METRICS, ns, "metrics-1", "");

	is_str(soap_code(&n, &a), "server.serverproxy.access_denied");
	a = ask(&FIRM, METRICS, ns, "metrics-2", "");
	ok(text_has(a.body, "SERVER:JP/COM/2000/ss2"));
	ok(text_has(a.body, "TotalPhysicalMemory"));
	ok(text_has(a.body, "certificate-"));
	a = ask(&FIRM, METRICS, ns, "metrics-3",
		"<q:outputSpec><q:outputField>OperatingSystem"
		"</q:outputField></q:outputSpec>");
	ok(text_has(a.body, "OperatingSystem"));
	ok(!text_has(a.body, "TotalPhysicalMemory"));
}

static void
offers(void)
{
	struct err e = ERR_INIT;

	ok_m(!numbers_offers(&n.firm.s, &e), "%s", e.text);
}

int
main(void)
{
	net_fork(&n, "net");
	net_open(&n);
	watch_open(&town, &n.town);
	watch_open(&firm, &n.firm);
	rest();
	failures();
	operational_data();
	refused();
	health_data();
	environment();
	offers();
	watch_close(&town, &n.town);
	watch_close(&firm, &n.firm);
	net_close(&n);
	return tap_done();
}
