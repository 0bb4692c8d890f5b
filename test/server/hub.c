/* SPDX-License-Identifier: MIT */
/*
 * The doors of the test network that are no security servers: configuration,
 * OCSP, time stamps, and the fake services of the firm.
 */
#define IN_SERVER 1

#include "net_int.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "soap.h"
#include "tap.h"
#include "text.h"
#include "tls.h"
#include "tsp.h"

enum { BODY_MAX = 64 << 20, ENTITY_MAX = 1 << 20, TSA_LATE_MS = 5000 };

char *
net_url(struct net *n, const char *path)
{
	return arena_printf(
		n->a, "http://" HUB_ADDRESS ":%d%s", n->hub_port, path);
}

static int
serve_dir(struct request *r, void *state, struct err *e)
{
	struct net *n = state;
	const char *version =
		query_get(request_arena(r), request_query(r), "version");
	struct bytes dir;
	bool down;

	if (!str_equal(version, "5"))
		return fail(e, FAULT_NOT_FOUND, "version 5 only");
	pthread_mutex_lock(&n->lock);
	dir = n->dir;
	down = n->conf_down;
	pthread_mutex_unlock(&n->lock);
	if (down)
		return fail(e, FAULT_INTERNAL, "out of order");
	return reply_send(r, 200, "text/plain", dir, e);
}

static int
serve_part(struct request *r, void *state, struct err *e)
{
	struct net *n = state;
	bool shared = strstr(request_path(r), "shared") != NULL;
	struct bytes part;

	pthread_mutex_lock(&n->lock);
	part = shared ? n->shared : n->private_part;
	pthread_mutex_unlock(&n->lock);
	return reply_send(r, 200, "text/xml", part, e);
}

static int
serve_ocsp(struct request *r, void *state, struct err *e)
{
	struct net *n = state;
	struct arena *a = request_arena(r);
	struct ocsp_answer answer = { .status = OCSP_GOOD };
	struct ocsp_request q;
	struct bytes body, der;
	int64_t age = 0;
	bool down;

	if (request_body(r, &body, e) || ocsp_request_parse(a, body, &q, e))
		return -1;
	pthread_mutex_lock(&n->lock);
	down = n->ocsp_down;
	for (size_t i = 0; i < n->ocsp_says; i++)
		if (bytes_equal(q.serial, cert_serial(n->ocsp_say[i].cert))) {
			answer.status = n->ocsp_say[i].status;
			age = n->ocsp_say[i].age_ms;
		}
	pthread_mutex_unlock(&n->lock);
	if (down)
		return fail(e, FAULT_INTERNAL, "out of order");
	answer.this_update = clock_now() - age;
	answer.next_update = clock_now() + NET_DAY_MS;
	if (answer.status == OCSP_REVOKED)
		answer.revoked_at = answer.this_update - 1000;
	if (ocsp_response_make(
		    &q, &answer, n->ocsp.cert, n->ocsp.key, a, &der, e))
		return -1;
	return reply_send(r, 200, "application/ocsp-response", der, e);
}

static void
pause_ms(int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	if (ms)
		(void)nanosleep(&t, NULL);
}

static int
serve_tsa(struct request *r, void *state, struct err *e)
{
	struct net *n = state;
	struct arena *a = request_arena(r);
	bool second = str_suffix(request_path(r), "2"), down, late;
	struct tsp_signer signer = { .policy = "1.2.3.4" };
	struct tsp_request q;
	struct party *by;
	struct bytes body, der;
	uint64_t serial;

	if (request_body(r, &body, e) || tsp_request_parse(a, body, &q, e))
		return -1;
	pthread_mutex_lock(&n->lock);
	down = second ? n->tsa2_down : n->tsa_down;
	late = n->tsa_late;
	by = n->tsa_wrong ? &n->rogue_tsa : second ? &n->tsa2 : &n->tsa;
	serial = ++n->tsa_serial;
	n->tsa_calls += !second;
	n->tsa2_calls += second;
	pthread_mutex_unlock(&n->lock);
	pause_ms(late ? TSA_LATE_MS : 0);
	if (down)
		return fail(e, FAULT_INTERNAL, "out of order");
	signer.cert = by->cert;
	signer.key = by->key;
	if (tsp_response_make(&q, &signer, clock_now(), serial, a, &der, e))
		return -1;
	return reply_send(r, 200, "application/timestamp-reply", der, e);
}

/* ---- the fake services ---- */

static void
remember(struct net *n, struct request *r, struct bytes body)
{
	struct service_seen *s = &n->seen;
	const struct http_header *h;

	pthread_mutex_lock(&n->lock);
	arena_reset(s->a);
	s->calls++;
	snprintf(s->method, sizeof(s->method), "%s", request_method(r));
	snprintf(s->target, sizeof(s->target), "%s", request_target(r));
	s->headers = request_headers(r, &h);
	if (s->headers > 64)
		s->headers = 64;
	for (size_t i = 0; i < s->headers; i++)
		s->header[i] =
			(struct http_header){ arena_strdup(s->a, h[i].name),
				arena_strdup(s->a, h[i].value) };
	s->body = bytes_of(arena_memdup(s->a, body.data, body.len), body.len);
	pthread_mutex_unlock(&n->lock);
}

static int
serve_rest(struct request *r, void *state, struct err *e)
{
	struct net *n = state;
	struct service_say say;
	struct bytes body;

	if (request_body(r, &body, e))
		return -1;
	remember(n, r, body);
	pthread_mutex_lock(&n->lock);
	say = n->say;
	pthread_mutex_unlock(&n->lock);
	pause_ms(say.delay_ms);
	if (!say.reason)
		return reply_send_headers(
			r, say.status, say.header, say.headers, say.body, e);
	return reply_reason(r, say.status, say.reason, say.header, say.headers,
		say.body, e);
}

static int
soap_echo(struct request *r, const struct service_say *say, struct bytes body,
	struct err *e)
{
	struct arena *a = request_arena(r);
	struct soap q;
	struct buf b;
	int ret;

	if (soap_parse(a, body, request_header(r, "Content-Type"), &q, e))
		return -1;
	buf_init(&b, ENTITY_MAX);
	soap_write(&b, &q.client, &q.service, NULL, q.id,
		arena_printf(a, "%sResponse", q.service.service), "done");
	ret = reply_send(
		r, say->status, "text/xml; charset=utf-8", bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}

static int
serve_soap(struct request *r, void *state, struct err *e)
{
	struct net *n = state;
	struct service_say say;
	struct bytes body;

	if (request_body(r, &body, e))
		return -1;
	remember(n, r, body);
	pthread_mutex_lock(&n->lock);
	say = n->say;
	pthread_mutex_unlock(&n->lock);
	pause_ms(say.delay_ms);
	if (say.body.len)
		return reply_send(r, say.status,
			say.soap_type ? say.soap_type : "text/xml", say.body,
			e);
	return soap_echo(r, &say, body, e);
}

static const struct route hub_routes[] = {
	{ "GET", "/internalconf", 0, 0, serve_dir },
	{ "GET", "/parts/*", 0, 0, serve_part },
	{ "POST", "/ocsp", ENTITY_MAX, 0, serve_ocsp },
	{ "POST", "/tsa", ENTITY_MAX, 0, serve_tsa },
	{ "POST", "/tsa2", ENTITY_MAX, 0, serve_tsa },
	{ "POST", "/soap", BODY_MAX, 0, serve_soap },
	{ "*", "/service*", BODY_MAX, 0, serve_rest },
	{ "*", "*", BODY_MAX, 0, serve_rest },
	{ NULL, NULL, 0, 0, NULL },
};

void
hub_open(struct net *n)
{
	struct listener l = { .name = "hub",
		.address = HUB_ADDRESS,
		.threads = 16,
		.routes = hub_routes,
		.state = n };
	struct tls_options o = { .policy = TLS_WEB,
		.key = n->hub_cert.key,
		.chain = { &n->hub_cert.cert, 1 } };
	struct err e = ERR_INIT;
	struct tls *tls = NULL;

	if (http_serve(&n->hub, &l, &e) || tls_server_new(&tls, &o, &e))
		ok_m(false, "hub: %s", e.text);
	l.tls = tls;
	if (http_serve(&n->hub_tls, &l, &e))
		ok_m(false, "hub: %s", e.text);
	tls_unref(&tls);
	n->hub_port = http_port(n->hub);
	n->hub_tls_port = http_port(n->hub_tls);
}

void
net_say(struct net *n, const struct service_say *say)
{
	pthread_mutex_lock(&n->lock);
	n->say = *say;
	pthread_mutex_unlock(&n->lock);
}

struct service_seen
net_seen(struct net *n)
{
	struct service_seen s;

	pthread_mutex_lock(&n->lock);
	s = n->seen;
	for (size_t i = 0; i < s.headers; i++)
		s.header[i] = (struct http_header){ arena_strdup(n->a,
							    s.header[i].name),
			arena_strdup(n->a, s.header[i].value) };
	s.body = bytes_of(
		arena_memdup(n->a, s.body.data, s.body.len), s.body.len);
	pthread_mutex_unlock(&n->lock);
	s.a = NULL;
	return s;
}
