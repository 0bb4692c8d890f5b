/* SPDX-License-Identifier: MIT */
/*
 * Calling the provider's information system: service URL, time-out, TLS with
 * a pinned certificate or unverified. No redirects, no cookies. Rule:
 * interop/xroad-messages.md section 7 "Provider connection".
 */
#include "proxy_int.h"

#include <string.h>

#include "http_client.h"
#include "mem.h"
#include "param.h"
#include "text.h"

/* The certificate must be one that the provider's client registered. */
static int
pinned(void *ctx, struct cert_list chain, struct err *e)
{
	const struct local_client *client = ctx;

	for (size_t i = 0; chain.n && i < client->is_certs; i++)
		if (bytes_equal(client->is_cert[i], cert_der(chain.item[0])))
			return 0;
	return fail(e, FAULT_SSL_AUTH,
		"the TLS certificate of the service is not registered for the "
		"provider; register it, or switch verification off for this "
		"service");
}

static int
anyone(void *ctx, struct cert_list chain, struct err *e)
{
	(void)ctx, (void)chain, (void)e;
	return 0;
}

/* URL, then what the caller asked for, with one slash between them. */
static char *
address(const struct service_call *c)
{
	const char *url = c->service->url;
	size_t n = strlen(url);

	if (n && url[n - 1] == '/' && *c->path_and_query == '/')
		n--;
	return arena_printf(c->a, "%.*s%s", (int)n, url, c->path_and_query);
}

/* What the call's functions share; begins with the content. */
struct run {
	struct content content;
	const struct service_call *c;
};

static int
on_head(void *ctx, int status, const char *reason, const struct http_header *h,
	size_t n, struct err *e)
{
	const struct service_call *c = ((struct run *)ctx)->c;

	return c->on_head(c->ctx, status, reason, h, n, e);
}

static int
sink(void *ctx, const void *p, size_t n, struct err *e)
{
	const struct service_call *c = ((struct run *)ctx)->c;

	return c->sink(c->ctx, p, n, e);
}

static int
check_url(const struct service_call *c, struct err *e)
{
	const char *url = c->service->url;

	if (!url || !*url)
		return fail(e, FAULT_SERVICE_MISSING_URL,
			"Service address not specified for \"%s\"",
			service_id_text(c->a, &c->service->sid));
	if (!str_iprefix(url, "http://") && !str_iprefix(url, "https://"))
		return fail(e, FAULT_SERVICE_MALFORMED_URL,
			"Malformed service address \"%s\"", url);
	return 0;
}

int
call_service(
	const struct service_call *c, struct http_answer *out, struct err *e)
{
	const struct local_service *service = c->service;
	struct local_client provider;
	int timeout = service->timeout_s * 1000;
	struct run run = { { c->body, 0 }, c };
	struct http_call call = {
		.method = c->method,
		.header = c->header,
		.headers = c->headers,
		.on_head = c->on_head ? on_head : NULL,
		.sink = c->sink ? sink : NULL,
		.ctx = &run,
		.answer_max = c->sink ? 0 : SOAP_SIZE_MAX,
		.connect_timeout_ms = timeout,
		.read_timeout_ms = timeout,
		.tls = service_tls(c->s, c->a),
		.judge = anyone,
		.pool_key = "service",
	};

	if (check_url(c, e))
		return -1;
	if (service->tls_verify && str_iprefix(service->url, "https://")) {
		if (serverconf_client(c->s->sc, c->a, &service->sid.provider,
			    &provider, e))
			return -1;
		call.judge = pinned;
		call.judge_ctx = &provider;
	}
	if (c->body && content_call(c->a, &run.content, &call, e))
		return -1;
	call.url = address(c);
	return http_call(c->s->http, c->a, &call, out, e);
}
