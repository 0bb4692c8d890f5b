/* SPDX-License-Identifier: MIT */
/*
 * getOpenAPI: the OpenAPI document of a service, in JSON or YAML, fetched from
 * where the operator said and stripped of the host names of its servers. Rule:
 * interop/xroad-messages.md 5.3.
 */
#include "description_int.h"
#include "metadata_int.h"

#include <string.h>

#include "err.h"
#include "http_client.h"
#include "json_io.h"
#include "mem.h"
#include "text.h"
#include "yaml_io.h"

static bool
is_json(const char *type, const char *url)
{
	if (type && strstr(type, "application/json"))
		return true;
	if (str_equal(type, "application/x-yaml"))
		return false;
	return str_suffix(url, ".json");
}

/* In the notation that it came in. */
static int
strip(struct metadata_call *c, struct bytes text, bool json, struct bytes *out,
	struct err *e)
{
	static const struct json_limits limits = { DESCRIPTION_MAX,
		DESCRIPTION_DEPTH, DESCRIPTION_ELEMENTS };
	struct err why = ERR_INIT;
	const char *version;
	struct buf b;
	json_t *doc;
	int ret;

	if (json ? json_parse(c->a, text, &limits, &doc, &why)
		 : openapi_read(c->a, text, &doc, &why))
		return fail(e, FAULT_INTERNAL,
			"the OpenAPI document cannot be read: %s", why.text);
	version = json_str(doc, "openapi");
	if (json_object_get(doc, "openapi") &&
		!(version && str_prefix(version, "3.")))
		return fail(e, FAULT_INTERNAL,
			"the OpenAPI document is of version '%s', not 3",
			version ? version : "");
	openapi_strip(c->a, doc);
	buf_init(&b, 4 * DESCRIPTION_MAX);
	if (json)
		json_write(&b, doc, JSON_PLAIN);
	else
		yaml_write(&b, doc);
	ret = buf_ok(&b, "the OpenAPI document", e);
	*out = bytes_of(arena_memdup(c->a, b.data, b.len), b.len);
	buf_done(&b);
	return ret;
}

/* The service named in the query. */
static int
wanted(struct metadata_call *c, const struct m_service **out, struct err *e)
{
	struct service_id id = { .provider = c->service->provider };
	const struct model *m;

	id.service = c->rest->query
			     ? query_get(c->a, c->rest->query, "serviceCode")
			     : NULL;
	if (!id.service || !*id.service)
		return fail(e, FAULT_INVALID_REQUEST,
			"the query has no serviceCode");
	if (serverconf_model(c->s->sc, c->a, &m, e))
		return -1;
	*out = model_service(m, &id);
	if (!*out)
		return fail(e, FAULT_INTERNAL, "Service not found: %s",
			service_id_text(c->a, &id));
	if ((*out)->description->kind != SERVICE_OPENAPI3)
		return fail(e, FAULT_INTERNAL, "Invalid service type: %s",
			kind_word((*out)->description->kind));
	return 0;
}

int
metadata_openapi(struct metadata_call *c, struct err *e)
{
	const struct m_service *v;
	struct http_answer answer;
	struct bytes body;
	const char *type;

	if (wanted(c, &v, e) || metadata_fetch(c, v, &answer, e))
		return -1;
	type = answer_header(&answer, "Content-Type");
	if (strip(c, answer.body, is_json(type, v->description->url), &body, e))
		return -1;
	return metadata_rest_answer(c, type ? type : "text/plain", body, e);
}
