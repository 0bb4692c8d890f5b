/* SPDX-License-Identifier: MIT */
/*
 * getOpenAPI: the OpenAPI document of a service, fetched from where the
 * operator said and stripped of the host names of its servers. Documents in
 * YAML are refused. Rule: interop/xroad-messages.md 5.3.
 */
#include "metadata_int.h"
#include "proxy_int.h"

#include <string.h>

#include "err.h"
#include "http_client.h"
#include "json_io.h"
#include "mem.h"
#include "text.h"

enum {
	OPENAPI_MAX = 10 * 1024 * 1024,
	OPENAPI_DEPTH = 200,
	OPENAPI_ELEMENTS = 1000000,
};

/* "https://host:1/a/b?q#f" -> "/a/b"; a relative address loses its query. */
static char *
path_of(struct arena *a, const char *url)
{
	const char *p = strstr(url, "://");
	size_t scheme = strcspn(url, "/?#");

	if (p && p == url + scheme - 1)
		p += strlen("://");
	else
		p = str_prefix(url, "//") ? url + 2 : NULL;
	p = p ? p + strcspn(p, "/?#") : url;
	return arena_printf(a, "%.*s", (int)strcspn(p, "?#"), p);
}

/* A template is left alone: its variables may be anywhere. */
static void
servers_strip(struct arena *a, const json_t *doc)
{
	json_t *list = json_list(doc, "servers"), *server;
	size_t i;

	json_each(server, i, list) {
		const char *url = json_str(server, "url");
		if (url && !(strchr(url, '{') && strchr(url, '}')))
			json_put_str(server, "url", path_of(a, url));
	}
}

static bool
is_json(const char *type, const char *url)
{
	if (type && strstr(type, "application/json"))
		return true;
	if (str_equal(type, "application/x-yaml"))
		return false;
	return str_suffix(url, ".json");
}

static int
strip(struct metadata_call *c, struct bytes text, struct bytes *out,
	struct err *e)
{
	const struct json_limits limits = { OPENAPI_MAX, OPENAPI_DEPTH,
		OPENAPI_ELEMENTS };
	struct err why = ERR_INIT;
	const char *version;
	struct buf b;
	json_t *doc;
	int ret;

	if (json_parse(c->a, text, &limits, &doc, &why))
		return fail(e, FAULT_INTERNAL,
			"the OpenAPI document cannot be read: %s", why.text);
	version = json_str(doc, "openapi");
	if (json_object_get(doc, "openapi") &&
		!(version && str_prefix(version, "3.")))
		return fail(e, FAULT_INTERNAL,
			"the OpenAPI document is of version '%s', not 3",
			version ? version : "");
	servers_strip(c->a, doc);
	buf_init(&b, 2 * OPENAPI_MAX);
	json_write(&b, doc, JSON_PLAIN);
	ret = buf_ok(&b, "the OpenAPI document", e);
	*out = bytes_of(arena_memdup(c->a, b.data, b.len), b.len);
	buf_done(&b);
	return ret;
}

/* The service named in the query. */
static int
wanted(struct metadata_call *c, struct local_service *out, struct err *e)
{
	struct service_id id = { .provider = c->service->provider };
	const struct model *m;
	const struct m_service *v;

	id.service = c->rest->query
			     ? query_get(c->a, c->rest->query, "serviceCode")
			     : NULL;
	if (!id.service || !*id.service)
		return fail(e, FAULT_INVALID_REQUEST,
			"the query has no serviceCode");
	if (serverconf_model(c->s->sc, c->a, &m, e))
		return -1;
	v = model_service(m, &id);
	if (!v)
		return fail(e, FAULT_INTERNAL, "Service not found: %s",
			service_id_text(c->a, &id));
	if (v->description->kind != SERVICE_OPENAPI3)
		return fail(e, FAULT_INTERNAL, "Invalid service type: %s",
			kind_word(v->description->kind));
	*out = (struct local_service){
		.id = v->row,
		.sid = id,
		.kind = SERVICE_OPENAPI3,
		.url = v->description->url,
		.timeout_s = v->timeout_s,
		.tls_verify = v->tls_verify,
		.enabled = true,
	};
	return 0;
}

int
metadata_openapi(struct metadata_call *c, struct err *e)
{
	struct local_service service;
	struct service_call call = { .s = c->s,
		.a = c->a,
		.service = &service,
		.method = "GET",
		.path_and_query = "" };
	struct http_answer answer;
	struct bytes body;
	const char *type;

	if (wanted(c, &service, e) || call_service(&call, &answer, e))
		return -1;
	if (answer.status != 200)
		return fail(e, FAULT_INTERNAL,
			"the address of the OpenAPI document answered %d %s",
			answer.status, answer.reason);
	type = answer_header(&answer, "Content-Type");
	if (!is_json(type, service.url))
		return fail(e, FAULT_INTERNAL,
			"the OpenAPI document is not JSON; YAML is not "
			"supported by this security server");
	if (strip(c, answer.body, &body, e))
		return -1;
	return metadata_rest_answer(c, type ? type : "text/plain", body, e);
}
