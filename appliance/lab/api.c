/* SPDX-License-Identifier: MIT */
/*
 * The lab as a client: the administration API of a machine (API key, pinned
 * certificate) and the calls an information system makes.
 */
#include "lab_int.h"

#include <poll.h>
#include <string.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "mem.h"
#include "text.h"
#include "tls.h"

enum {
	CONNECT_MS = 5000,
	TOTAL_MS = 30000,
	WAIT_MS = 20000,
	POLL_MS = 40,
	CERT_FILE_MAX = 64 * 1024,
	HEADERS_MAX = 8,
};

/* The administration certificate is the one in the machine's folder. */
static int
same_cert(void *ctx, struct cert_list chain, struct err *e)
{
	if (chain.n && cert_equal(chain.item[0], ctx))
		return 0;
	return fail(e, FAULT_SSL_AUTH,
		"this is not the administration interface of the lab");
}

static int
pin(struct lab *l, struct machine *m, struct err *e)
{
	char *path = path_join(
		l->arena, path_join(l->arena, m->dir, "data"), "admin.crt");
	struct tls_options o = { .policy = TLS_WEB, .judge = same_cert };
	struct bytes text;

	if (m->tls)
		return 0;
	if (file_read(l->arena, path, CERT_FILE_MAX, &text, e) ||
		cert_parse(&m->pinned, text, e))
		return -1;
	o.judge_ctx = m->pinned;
	return tls_client_new(&m->tls, &o, e);
}

static int
finish(struct arena *a, const struct http_answer *from, struct api_answer *out)
{
	out->status = from->status;
	out->body = from->body;
	out->json = NULL;
	if (from->body.len && json_parse(a, from->body, NULL, &out->json, NULL))
		out->json = NULL;
	return 0;
}

static int
call(struct lab *l, struct machine *m, const char *method, const char *path,
	const char *type, struct bytes body, struct api_answer *out,
	struct err *e)
{
	struct arena *a = l->arena;
	struct http_header h[] = {
		{ "Authorization",
			arena_printf(a, "X-Road-ApiKey token=%s", m->key) },
		{ "Accept", "application/json" },
		{ "Content-Type", type },
	};
	struct http_call c = {
		.method = method,
		.url = arena_printf(a, "https://%s:%d/api/v1%s", m->address,
			lab_port(l, PORT_ADMIN), path),
		.header = h,
		.headers = type ? 3 : 2,
		.body = body,
		.has_body = type != NULL,
		.connect_timeout_ms = CONNECT_MS,
		.total_timeout_ms = TOTAL_MS,
		.pool_key = m->name,
	};
	struct http_answer answer;

	if (pin(l, m, e))
		return -1;
	c.tls = m->tls;
	if (http_call(l->http, a, &c, &answer, e))
		return -1;
	return finish(a, &answer, out);
}

int
api_call(struct lab *l, struct machine *m, const char *method, const char *path,
	const char *body, struct api_answer *out, struct err *e)
{
	return call(l, m, method, path, body ? "application/json" : NULL,
		body ? bytes_str(body) : bytes_of(NULL, 0), out, e);
}

static int
refused(struct machine *m, const char *method, const char *path,
	const struct api_answer *a, struct err *e)
{
	return fail(e, FAULT_INTERNAL, "the %s refused %s %s: %d %.*s", m->name,
		method, path, a->status,
		(int)(a->body.len < 400 ? a->body.len : 400),
		(const char *)a->body.data);
}

int
api_do(struct lab *l, struct machine *m, const char *method, const char *path,
	const char *body, struct api_answer *out, struct err *e)
{
	if (api_call(l, m, method, path, body, out, e))
		return -1;
	if (out->status < 200 || out->status > 299)
		return refused(m, method, path, out, e);
	return 0;
}

int
api_unexpected(const struct api_answer *a, const char *what, struct err *e)
{
	return fail(e, FAULT_INTERNAL, "%s: the answer was %d %.*s", what,
		a->status, (int)(a->body.len < 500 ? a->body.len : 500),
		(const char *)a->body.data);
}

int
api_put_bytes(struct lab *l, struct machine *m, const char *path,
	struct bytes data, struct api_answer *out, struct err *e)
{
	if (call(l, m, "POST", path, "application/octet-stream", data, out, e))
		return -1;
	if (out->status < 200 || out->status > 299)
		return refused(m, "POST", path, out, e);
	return 0;
}

int
api_wait(struct lab *l, struct machine *m, const char *path,
	bool (*check)(const json_t *answer, const void *ctx), const void *ctx,
	const char *what, struct err *e)
{
	int64_t until = clock_ticks() + WAIT_MS;
	struct api_answer a = { 0 };

	for (;;) {
		if (api_call(l, m, "GET", path, NULL, &a, e))
			return -1;
		if (a.status == 200 && a.json && check(a.json, ctx))
			return 0;
		if (clock_ticks() > until)
			break;
		poll(NULL, 0, POLL_MS);
	}
	return fail(e, FAULT_INTERNAL,
		"waited %d s for %s on the %s; it last said %d %.*s",
		WAIT_MS / 1000, what, m->name, a.status,
		(int)(a.body.len < 600 ? a.body.len : 600),
		(const char *)a.body.data);
}

int
plain_call(struct lab *l, const struct plain_call *c, struct api_answer *out,
	struct err *e)
{
	return plain_call_in(l, l->arena, c, out, e);
}

int
plain_call_in(struct lab *l, struct arena *a, const struct plain_call *c,
	struct api_answer *out, struct err *e)
{
	struct http_header h[HEADERS_MAX];
	struct http_call call = {
		.method = c->method,
		.url = c->url,
		.header = h,
		.body = c->body ? bytes_str(c->body) : bytes_of(NULL, 0),
		.has_body = c->body != NULL,
		.connect_timeout_ms = CONNECT_MS,
		.total_timeout_ms = TOTAL_MS,
	};
	struct http_answer answer;

	for (const char *const *p = c->header; p && *p; p += 2) {
		if (call.headers == HEADERS_MAX)
			return fail(e, FAULT_INTERNAL, "too many headers");
		h[call.headers++] = (struct http_header){ p[0], p[1] };
	}
	if (http_call(l->http, a, &call, &answer, e))
		return -1;
	return finish(a, &answer, out);
}
