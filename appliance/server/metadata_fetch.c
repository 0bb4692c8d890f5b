/* SPDX-License-Identifier: MIT */
/*
 * A service's description, fetched for a caller: from where the operator said,
 * with the TLS rules of the service.
 */
#include "metadata_int.h"
#include "proxy_int.h"

#include <string.h>

#include "err.h"
#include "http_client.h"
#include "mem.h"

int
metadata_fetch(struct metadata_call *c, const struct m_service *v,
	struct http_answer *out, struct err *e)
{
	const char *url = v->description->url;
	const struct local_service service = {
		.id = v->row,
		.sid = { c->service->provider, v->code, v->version },
		.kind = v->description->kind,
		.url = arena_strndup(c->a, url, strcspn(url, "#")),
		.timeout_s = v->timeout_s,
		.tls_verify = v->tls_verify,
		.enabled = true,
	};
	const struct service_call call = { .s = c->s,
		.a = c->a,
		.service = &service,
		.method = "GET",
		.path_and_query = "" };

	if (call_service(&call, out, e))
		return -1;
	if (out->status != 200)
		return fail(e, FAULT_INTERNAL,
			"the address of the service description answered %d %s",
			out->status, out->reason);
	return 0;
}
