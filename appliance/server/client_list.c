/* SPDX-License-Identifier: MIT */
/*
 * GET /listClients: members and subsystems of an instance, XML or JSON,
 * answered from the global configuration. Rule: interop/xroad-messages.md 5.1.
 */
#include "proxy_int.h"

#include <string.h>

#include "log.h"
#include "mem.h"
#include "text.h"

enum { LIST_MAX = 64 * 1024 * 1024 };

static void
json_id(struct buf *b, const char *instance, const struct gc_member *m,
	const struct gc_subsystem *s)
{
	buf_fmt(b, "{\"id\":{\"object_type\":\"%s\",\"xroad_instance\":",
		s ? "SUBSYSTEM" : "MEMBER");
	buf_json(b, instance);
	buf_str(b, ",\"member_class\":");
	buf_json(b, m->cls);
	buf_str(b, ",\"member_code\":");
	buf_json(b, m->code);
	if (s) {
		buf_str(b, ",\"subsystem_code\":");
		buf_json(b, s->code);
	}
	buf_str(b, "},\"name\":");
	buf_json(b, m->name);
	if (s && s->name) {
		buf_str(b, ",\"subsystem_name\":");
		buf_json(b, s->name);
	}
	buf_char(b, '}');
}

static void
xml_id(struct buf *b, const char *instance, const struct gc_member *m,
	const struct gc_subsystem *s)
{
	struct client_id id = { instance, m->cls, m->code, s ? s->code : NULL };

	buf_fmt(b, "<xroad:member><xroad:id id:objectType=\"%s\">",
		client_id_type(&id));
	client_id_to_xml(b, &id);
	buf_str(b, "</xroad:id><xroad:name>");
	buf_xml(b, m->name);
	buf_str(b, "</xroad:name>");
	if (s && s->name) {
		buf_str(b, "<xroad:subsystemName>");
		buf_xml(b, s->name);
		buf_str(b, "</xroad:subsystemName>");
	}
	buf_str(b, "</xroad:member>");
}

typedef void id_fn(struct buf *b, const char *instance,
	const struct gc_member *m, const struct gc_subsystem *s);

static void
each(const struct shared_params *p, id_fn *write, const char *sep,
	struct buf *b)
{
	const char *before = "";

	for (size_t i = 0; i < p->members; i++) {
		const struct gc_member *m = &p->member[i];

		buf_str(b, before);
		write(b, p->instance, m, NULL);
		before = sep;
		for (size_t j = 0; j < m->subsystems; j++) {
			buf_str(b, sep);
			write(b, p->instance, m, &m->subsystem[j]);
		}
	}
}

static int
list(struct request *r, const struct globalconf *g, struct err *e)
{
	const char *query = request_query(r);
	const char *accept = request_header(r, "Accept");
	bool json = accept && strstr(accept, "application/json");
	const char *instance =
		query ? query_get(request_arena(r), query, "xRoadInstance")
		      : NULL;
	const struct shared_params *p = globalconf_shared(g, instance);
	struct buf b;
	int ret;

	if (!p)
		return fail(e, FAULT_INVALID_REQUEST,
			"Instance \"%s\" is unknown", instance);
	buf_init(&b, LIST_MAX);
	if (json) {
		buf_str(&b, "{\"member\":[");
		each(p, json_id, ",", &b);
		buf_str(&b, "]}");
	} else {
		buf_str(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			    "<xroad:clientList xmlns:xroad=\"" NS_XROAD "\" "
			    "xmlns:id=\"" NS_ID "\">");
		each(p, xml_id, "", &b);
		buf_str(&b, "</xroad:clientList>\n");
	}
	ret = buf_ok(&b, "the list of clients", e);
	if (!ret)
		ret = reply_send(r, 200,
			json ? "application/json; charset=utf-8"
			     : "text/xml; charset=UTF-8",
			bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}

int
client_list(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct globalconf *g = NULL;
	struct err fault = ERR_INIT;
	struct buf body;
	int ret = 0;

	if (confclient_valid(s->confclient, &g, &fault) || list(r, g, &fault)) {
		err_prefix(&fault, "server.clientproxy");
		log_fault("listClients", &fault);
		buf_init(&body, FAULT_XML_MAX);
		soap_fault_write(&fault, &body);
		ret = reply_send(
			r, 200, "text/xml;charset=utf-8", bytes_buf(&body), e);
		buf_done(&body);
	}
	globalconf_unref(&g);
	return ret;
}
