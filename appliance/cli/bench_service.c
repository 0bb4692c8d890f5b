/* SPDX-License-Identifier: MIT */
/*
 * An information system for the load, in this process: a SOAP service that
 * sends every attachment back, and a REST service that swallows a body of any
 * size. It is announced at the town as an administrator would do it.
 */
#include "bench_int.h"

#include <string.h>

#include "buf.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "http_server.h"
#include "mem.h"
#include "text.h"
#include "tls.h"

enum {
	THREADS = 300,
	ENVELOPE_MAX = 1024 * 1024,
	CHUNK = 256 * 1024,
	STATE_MAX = 64 * 1024,
	CALL_MS = 30000,
	PORT = 8099,
	CONFLICT = 409,
};

struct bench_service {
	struct http_server *server;
	struct http_client *http;
	struct tls *tls;
	char *wsdl;
	const char *admin, *key; /* of the town's administration */
};

/* ---- the service ---- */

static int
give_wsdl(struct request *r, void *state, struct err *e)
{
	struct bench_service *s = state;

	return reply_send(r, 200, "text/xml", bytes_str(s->wsdl), e);
}

/* Everything comes back as it came, named as a response. */
static int
take_soap(struct request *r, void *state, struct err *e)
{
	static const char from[] = ":" BENCH_SOAP_SERVICE " ",
			  to[] = ":" BENCH_SOAP_SERVICE "Response ",
			  from_end[] = ":" BENCH_SOAP_SERVICE "></SOAP-ENV",
			  to_end[] =
				  ":" BENCH_SOAP_SERVICE "Response></SOAP-ENV";
	struct bytes body;
	struct buf out;
	char *p, *q;
	int ret;

	(void)state;
	if (request_body(r, &body, e))
		return -1;
	p = memmem(body.data, body.len, from, strlen(from));
	q = memmem(body.data, body.len, from_end, strlen(from_end));
	if (!p || !q || q < p)
		return fail(e, FAULT_BAD_REQUEST, "not the bench's message");
	buf_init(&out, body.len + 64);
	buf_add(&out, body.data, (size_t)(p - (const char *)body.data));
	buf_str(&out, to);
	p += strlen(from);
	buf_add(&out, p, (size_t)(q - p));
	buf_str(&out, to_end);
	q += strlen(from_end);
	buf_add(&out, q, body.len - (size_t)(q - (const char *)body.data));
	ret = reply_send(
		r, 200, request_header(r, "Content-Type"), bytes_buf(&out), e);
	buf_done(&out);
	return ret;
}

static int
swallow(struct request *r, void *state, struct err *e)
{
	char *chunk = arena_alloc(request_arena(r), CHUNK);
	int64_t total = 0;
	long n;

	(void)state;
	while ((n = request_read(r, chunk, CHUNK, e)) > 0)
		total += n;
	if (n < 0)
		return -1;
	return reply_send(r, 200, "application/json",
		bytes_str(arena_printf(request_arena(r), "{\"bytes\":%lld}",
			(long long)total)),
		e);
}

static const struct route routes[] = {
	{ "GET", "/wsdl", 0, 0, give_wsdl },
	{ "POST", "/soap", ENVELOPE_MAX, 0, take_soap },
	{ "POST", "/big", BENCH_BIG_BYTES, 0, swallow },
	{ NULL, NULL, 0, 0, NULL },
};

static char *
wsdl_text(struct arena *a, const char *base)
{
	return arena_printf(a,
		"<w:definitions xmlns:w=\"http://schemas.xmlsoap.org/wsdl/\" "
		"xmlns:s=\"http://schemas.xmlsoap.org/wsdl/soap/\" "
		"xmlns:t=\"http://producer.x-road.eu\" "
		"xmlns:x=\"http://x-road.eu/xsd/xroad.xsd\" "
		"targetNamespace=\"http://producer.x-road.eu\">"
		"<w:portType name=\"p\"><w:operation name=\"%s\"/>"
		"</w:portType><w:binding name=\"b\" type=\"t:p\">"
		"<s:binding style=\"document\" transport="
		"\"http://schemas.xmlsoap.org/soap/http\"/>"
		"<w:operation name=\"%s\"><x:version>v1</x:version>"
		"<s:operation soapAction=\"\"/></w:operation></w:binding>"
		"<w:service name=\"v\"><w:port name=\"q\" binding=\"t:b\">"
		"<s:address location=\"%s/soap\"/></w:port></w:service>"
		"</w:definitions>",
		BENCH_SOAP_SERVICE, BENCH_SOAP_SERVICE, base);
}

/* ---- announcing it ---- */

static int
change(struct bench_service *s, struct arena *a, const char *method,
	const char *path, const char *json, json_t **out, struct err *e)
{
	const struct http_header h[] = {
		{ "Authorization",
			arena_printf(a, "X-Road-ApiKey token=%s", s->key) },
		{ "Content-Type", "application/json" },
	};
	struct http_call c = { .method = method,
		.url = arena_printf(a, "%s%s", s->admin, path),
		.header = h,
		.headers = 2,
		.body = bytes_str(json),
		.has_body = true,
		.connect_timeout_ms = CALL_MS,
		.total_timeout_ms = CALL_MS,
		.tls = s->tls };
	struct http_answer answer;

	if (http_call(s->http, a, &c, &answer, e))
		return -1;
	if (answer.status == CONFLICT) { /* announced by a run before */
		if (out)
			*out = NULL;
		return 0;
	}
	if (answer.status >= 300)
		return fail(e, FAULT_HTTP, "%s %s: %d %.*s", method, path,
			answer.status, (int)answer.body.len,
			(const char *)answer.body.data);
	return out && json_parse(a, answer.body, NULL, out, e) ? -1 : 0;
}

static int
announce(struct bench_service *s, struct arena *a, const char *owner,
	const char *description, const char *service, const char *client,
	struct err *e)
{
	json_t *made = NULL;

	if (change(s, a, "POST",
		    arena_printf(a, "/clients/%s/service-descriptions", owner),
		    description, &made, e) ||
		(made && change(s, a, "PUT",
				 arena_printf(a,
					 "/service-descriptions/%s/enable",
					 json_str(made, "id")),
				 "{}", NULL, e)))
		return -1;
	return change(s, a, "POST",
		arena_printf(
			a, "/services/%s:%s/service-clients", owner, service),
		arena_printf(a,
			"{\"items\":[{\"id\":\"%s\","
			"\"service_client_type\":\"SUBSYSTEM\"}]}",
			client),
		NULL, e);
}

char *
bench_colons(struct arena *a, const char *path)
{
	char *id = arena_strdup(a, path), *end = id;

	for (int slash = 0; *end; end++)
		if (*end == '/' && ++slash == 4)
			break;
		else if (*end == '/')
			*end = ':';
	*end = '\0';
	return id;
}

static int
announce_all(struct bench_service *s, struct bench *b, const json_t *examples,
	const char *base, struct err *e)
{
	struct arena *a = b->a;
	const char *url = json_str(examples, "rest_url");
	const char *path = url ? strstr(url, "/r1/") : NULL;
	const char *client = json_str(examples, "rest_client");
	const char *owner;

	if (!path || !client)
		return fail(e, FAULT_INTERNAL, "the lab shows no examples");
	owner = bench_colons(a, path + strlen("/r1/"));
	client = bench_colons(a, client);
	return announce(s, a, owner,
		       arena_printf(a,
			       "{\"url\":\"%s/wsdl\",\"type\":\"WSDL\","
			       "\"ignore_warnings\":true}",
			       base),
		       BENCH_SOAP_SERVICE ".v1", client, e) ||
			       announce(s, a, owner,
				       arena_printf(a,
					       "{\"url\":\"%s/big\",\"type\":"
					       "\"REST\",\"rest_service_code\":"
					       "\"" BENCH_BIG_SERVICE
					       "\",\"ignore_warnings\":true}",
					       base),
				       BENCH_BIG_SERVICE, client, e)
		       ? -1
		       : 0;
}

/* The administration's own certificate is made by the lab on this machine. */
static int
any_cert(void *ctx, struct cert_list chain, struct err *e)
{
	(void)ctx;
	(void)chain;
	(void)e;
	return 0;
}

static int
find_admin(struct bench_service *s, struct bench *b, const char *dir,
	struct err *e)
{
	struct tls_options o = { .policy = TLS_WEB, .judge = any_cert };
	struct bytes text;
	json_t *state, *town;

	if (file_read(b->a, path_join(b->a, dir, "lab.json"), STATE_MAX, &text,
		    e) ||
		json_parse(b->a, text, NULL, &state, e))
		return -1;
	town = json_sub(state, "town");
	s->key = arena_strdup(b->a, json_str(town, "key"));
	s->admin = arena_printf(b->a, "https://%s:%d/api/v1",
		json_str(town, "address"),
		4000 + (int)json_int(state, "shift", 0));
	return tls_client_new(&s->tls, &o, e);
}

int
bench_admin(struct bench *b, const char *dir, const char *method,
	const char *path, const char *json, json_t **out, struct err *e)
{
	struct bench_service s = { 0 };
	int ret = find_admin(&s, b, dir, e) || http_client_new(&s.http, e) ||
				  change(&s, b->a, method, path, json, out, e)
			  ? -1
			  : 0;

	http_client_free(&s.http);
	tls_unref(&s.tls);
	return ret;
}

int
bench_service_start(struct bench_service **out, struct bench *b,
	const char *dir, const json_t *examples, struct err *e)
{
	struct bench_service *s = mem_alloc(sizeof *s);
	const char *address = arena_printf(b->a, "%s.9", b->net), *base;
	struct listener l = { .name = "bench service",
		.address = address,
		.port = PORT,
		.threads = THREADS,
		.routes = routes,
		.state = s };

	*out = s;
	if (find_admin(s, b, dir, e) || http_client_new(&s->http, e) ||
		http_serve(&s->server, &l, e))
		goto out;
	base = arena_printf(
		b->a, "http://%s:%d", address, http_port(s->server));
	s->wsdl = wsdl_text(b->a, base);
	if (announce_all(s, b, examples, base, e))
		goto out;
	return 0;
out:
	bench_service_stop(out);
	return -1;
}

void
bench_service_stop(struct bench_service **p)
{
	struct bench_service *s = *p;

	*p = NULL;
	if (!s)
		return;
	http_stop(&s->server);
	http_client_free(&s->http);
	tls_unref(&s->tls);
	mem_free(s);
}
