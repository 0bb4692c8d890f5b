/* SPDX-License-Identifier: MIT */
/*
 * Calls through the own security server: ordinary X-Road REST exchanges,
 * signed and logged like everybody's; and the containers of our own requests.
 */
#include "door_int.h"

#include <string.h>

#include "err.h"
#include "http_client.h"
#include "ident.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum {
	ANSWER_MAX = 8 * 1024 * 1024,
	CONNECT_MS = 5000,
	TOTAL_MS = 60000,
};

static void
set_up(struct http_call *call)
{
	call->answer_max = ANSWER_MAX;
	call->connect_timeout_ms = CONNECT_MS;
	call->total_timeout_ms = TOTAL_MS;
	call->pool_key = "personal-link";
}

/* The security server's own refusals look like {"type":"Server...."}. */
static int
tell_fault(const struct http_answer *answer, const json_t *j, struct err *e)
{
	const char *type = json_str(j, "type");
	const char *message = json_str(j, "message");

	if (!answer_header(answer, "X-Road-Error") &&
		(answer->status < 400 || !type))
		return 0;
	return fail(e, FAULT_NETWORK,
		"the security server refused the exchange: %s: %s",
		type ? type : "", message ? message : "");
}

int
wire_send(struct link *l, struct arena *a, const struct wire_call *c,
	int *status, json_t **out, struct err *e)
{
	struct http_header header[3] = { { "X-Road-Client", l->subsystem } };
	struct http_call call = { .method = c->method, .header = header };
	const struct json_limits limits = { .bytes = ANSWER_MAX };
	struct http_answer answer;

	call.headers = 1;
	if (c->id)
		header[call.headers++] =
			(struct http_header){ "X-Road-Id", c->id };
	if (c->body) {
		header[call.headers++] = (struct http_header){ "Content-Type",
			"application/json" };
		call.has_body = true;
		call.body = bytes_str(c->body);
	}
	call.url = arena_printf(a, "%s/r1/%s%s",
		conf_text(l->conf, P_LINK_SERVER), c->service, c->path);
	set_up(&call);
	if (http_call(l->client, a, &call, &answer, e))
		return -1;
	*status = answer.status;
	if (json_parse(a, answer.body, &limits, out, e))
		return -1;
	return tell_fault(&answer, *out, e);
}

int
wire_container(struct link *l, struct arena *a, const char *id,
	struct bytes *out, struct err *e)
{
	struct http_call call = { .method = "GET" };
	struct http_answer answer;
	struct client_id us;

	if (client_id_parse(a, l->subsystem, &us, e))
		return -1;
	call.url = arena_printf(a,
		"%s/asic?queryId=%s&xRoadInstance=%s&memberClass=%s&"
		"memberCode=%s&subsystemCode=%s&requestOnly&unique&force",
		conf_text(l->conf, P_LINK_SERVER), form_encode(a, id),
		form_encode(a, us.instance), form_encode(a, us.cls),
		form_encode(a, us.code), form_encode(a, us.subsystem));
	set_up(&call);
	if (http_call(l->client, a, &call, &answer, e))
		return -1;
	if (answer.status != 200)
		return fail(e, FAULT_HTTP,
			"the security server has no container of %s: status "
			"%d",
			id, answer.status);
	*out = answer.body;
	return 0;
}
