/* SPDX-License-Identifier: MIT */
/*
 * Administration: whether another security server can be reached, found out
 * as an information system would: one of our clients asks a provider there
 * which methods it has (listMethods), through our own door.
 */
#include <string.h>

#include "admin_int.h"
#include "err.h"
#include "http_client.h"
#include "mem.h"
#include "mgmt_send_int.h"
#include "setup_check_int.h"
#include "param.h"
#include "soap.h"
#include "text.h"

enum { ENVELOPE_MAX = 64 * 1024 };

struct visit {
	struct client_id client, target;
	struct server_id server;
	bool rest;
};

static int
server_read(
	struct arena *a, const char *s, struct server_id *out, struct err *e)
{
	struct client_id p;

	if (admin_client_parse(a, s, &p, e))
		return -1;
	if (!p.subsystem)
		return fail(e, FAULT_BAD_REQUEST,
			"'%s' is no identifier of a security server", s);
	*out = (struct server_id){ .owner = { p.instance, p.cls, p.code, NULL },
		.server = p.subsystem };
	return 0;
}

static int
visit_read(struct request *r, struct visit *v, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *q = request_query(r);
	const char *type = query_get(a, q, "protocol_type");

	v->rest = str_equal(type, "REST");
	if (!v->rest && !str_equal(type, "SOAP"))
		return fail(e, FAULT_BAD_REQUEST,
			"protocol_type is neither REST nor SOAP");
	return admin_client_parse(
		       a, query_get(a, q, "client_id"), &v->client, e) ||
			       admin_client_parse(a,
				       query_get(a, q, "target_client_id"),
				       &v->target, e) ||
			       server_read(a,
				       query_get(a, q, "security_server_id"),
				       &v->server, e)
		       ? -1
		       : 0;
}

int
visit_rest(struct arena *a, struct server *s, const struct client_id *client,
	const struct client_id *target, const struct server_id *server,
	const char **request_id, struct err *why)
{
	struct http_header h[] = {
		{ "Accept", "application/json" },
		{ "X-Road-Client", client_id_path(a, client) },
		{ "X-Road-Security-Server",
			server ? server_id_path(a, server) : "" },
	};
	struct http_call call = {
		.method = "GET", .header = h, .headers = server ? 3 : 2
	};
	struct http_answer answer;
	const char *code;
	json_t *j = NULL;

	*request_id = NULL;
	if (own_door_call(s, a,
		    arena_printf(
			    a, "r1/%s/listMethods", client_id_path(a, target)),
		    &call, &answer, why))
		return -1;
	if (answer.status == 200) {
		*request_id = answer_header(&answer, "x-road-request-id");
		return 0;
	}
	(void)json_parse(a, answer.body, NULL, &j, NULL);
	code = json_str(j, "type");
	if (code)
		return fail_foreign(why, code,
			json_str(j, "message") ? json_str(j, "message") : "",
			"");
	return fail(why, FAULT_HTTP, "status %d", answer.status);
}

static void
rest_visit(struct arena *a, struct server *s, const struct visit *v,
	struct err *why)
{
	const char *id;

	(void)visit_rest(a, s, &v->client, &v->target, &v->server, &id, why);
}

static void
envelope(struct buf *b, const struct visit *v)
{
	struct service_id service = { .provider = v->target,
		.service = "listMethods" };
	char id[UUID_LEN + 1];

	uuid_make(id);
	buf_str(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
		   "<e:Envelope xmlns:e=\"" NS_SOAP "\" xmlns:id=\"" NS_ID
		   "\" xmlns:xroad=\"" NS_XROAD "\"><e:Header>");
	buf_fmt(b, "<xroad:client id:objectType=\"%s\">",
		client_id_type(&v->client));
	client_id_to_xml(b, &v->client);
	buf_str(b, "</xroad:client><xroad:service id:objectType=\"SERVICE\">");
	service_id_to_xml(b, &service);
	buf_str(b, "</xroad:service><xroad:securityServer "
		   "id:objectType=\"SERVER\">");
	server_id_to_xml(b, &v->server);
	buf_fmt(b,
		"</xroad:securityServer><xroad:id>%s</xroad:id>"
		"<xroad:protocolVersion>4.0</xroad:protocolVersion></e:Header>"
		"<e:Body><xroad:listMethods/></e:Body></e:Envelope>",
		id);
}

static void
soap_visit(struct arena *a, struct server *s, const struct visit *v,
	struct err *why)
{
	struct http_header h = { "Content-Type", "text/xml; charset=UTF-8" };
	struct http_call call = {
		.method = "POST", .header = &h, .headers = 1, .has_body = true
	};
	struct http_answer answer;
	struct soap got;
	struct buf b;

	buf_init(&b, ENVELOPE_MAX);
	envelope(&b, v);
	call.body = bytes_buf(&b);
	if (buf_ok(&b, "the request", why) ||
		own_door_call(s, a, "", &call, &answer, why))
		goto out;
	if (!soap_parse(a, answer.body, NULL, &got, NULL) && got.fault)
		fail_foreign(why, got.fault_code ? got.fault_code : "",
			got.fault_string ? got.fault_string : "", "");
	else if (answer.status != 200)
		fail(why, FAULT_HTTP, "status %d", answer.status);
out:
	buf_done(&b);
}

int
admin_diag_peer(struct request *r, void *state, struct err *e)
{
	struct err why = ERR_INIT;
	struct visit v;

	if (visit_read(r, &v, e))
		return -1;
	(v.rest ? rest_visit : soap_visit)(request_arena(r), state, &v, &why);
	return admin_reply(r, 200, admin_link_json(&why), e);
}
