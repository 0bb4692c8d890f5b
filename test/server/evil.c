/* SPDX-License-Identifier: MIT */
/* The played security server; see evil.h. */
#define IN_SERVER 1

#include "evil.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "keys_int.h"
#include "mem.h"
#include "param.h"
#include "rest.h"
#include "signature.h"
#include "soap.h"
#include "tap.h"
#include "text.h"
#include "tls.h"
#include "transport.h"

enum { WIRE_MAX = 64 << 20, CALL_MS = 120000 };

#define HEAD_MAX (1 << 20)

/* ---- signing ---- */

static void
remember(struct evil *v, const struct signature *s)
{
	pthread_mutex_lock(&v->lock);
	v->last_xml = bytes_of(
		arena_memdup(v->a, s->xml.data, s->xml.len), s->xml.len);
	v->last_result = bytes_of(arena_memdup(v->a, s->hashchain_result.data,
					  s->hashchain_result.len),
		s->hashchain_result.len);
	v->last_chain = bytes_of(
		arena_memdup(v->a, s->hashchain.data, s->hashchain.len),
		s->hashchain.len);
	pthread_mutex_unlock(&v->lock);
}

struct signature
evil_last(struct evil *v)
{
	struct signature s;

	pthread_mutex_lock(&v->lock);
	s = (struct signature){ v->last_xml, v->last_result, v->last_chain };
	pthread_mutex_unlock(&v->lock);
	return s;
}

/* Signs with another key than the one it says it is. */
static int
sign_false(void *ctx, struct sign_alg alg, const struct digest *digest,
	uint8_t out[SIGNATURE_MAX], size_t *len, struct err *e)
{
	struct arena *a = arena_new();
	struct bytes value;
	int ret = key_sign_digest(ctx, alg, digest, a, &value, e);

	if (!ret) {
		memcpy(out, value.data, value.len);
		*len = value.len;
	}
	arena_free(&a);
	return ret;
}

static struct key *
false_key(struct arena *a, const struct party *who, struct key *real)
{
	struct key *k = NULL;
	struct err e = ERR_INIT;

	if (key_new_remote(
		    &k, key_spki(who->key, a), sign_false, real, NULL, &e))
		ok_m(false, "key: %s", e.text);
	return k;
}

static struct signature
make_signature(struct evil *v, struct arena *a, const struct trick *t,
	struct bytes head, struct bytes body)
{
	const struct party *who = t->signer ? t->signer : &v->n->evil_sign;
	struct bytes ocsp =
		t->ocsp ? *t->ocsp : net_ocsp(v->n, a, who->cert, OCSP_GOOD, 0);
	struct key *key =
		t->key ? false_key(a, who, t->key) : key_ref(who->key);
	const struct signing signing = {
		.key = key,
		.cert = who->cert,
		.ocsp = &ocsp,
		.ocsps = 1,
		.time = clock_now(),
	};
	const struct hashchain_part *part;
	struct digest d[2];
	struct signature s = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	struct err e = ERR_INIT;
	size_t n;

	digest_of(DIGEST_SHA512, head.data, head.len, &d[0]);
	digest_of(DIGEST_SHA512, body.data, body.len, &d[1]);
	n = message_parts(a, &d[0], &d[1], body.len > 0, &part);

	if (t->other)
		s = *t->other;
	else if (t->sign)
		s = t->sign(t->sign_ctx, a, head, body);
	else if (signature_make(a, &signing, part, n, &s, &e))
		ok_m(false, "signature: %s", e.text);
	else
		remember(v, &s);
	key_unref(&key);
	return s;
}

static struct bytes
make_body(struct arena *a, const struct trick *t)
{
	char *p = arena_alloc(a, t->body + 1);

	memset(p, 'b', t->body);
	return bytes_of(t->body ? p : NULL, t->body);
}

static void
write_body(const struct trick *t, struct bytes body, struct transport_writer *w)
{
	static const struct mime_header type[] = {
		{ "content-type", "a/b" },
		{ "Content-ID", "<e>" },
	};
	struct mime_part part[2] = { { type, 2, body },
		{ type, 2, bytes_str("one more") } };
	bool have = (body.len || t->other_body) && !t->no_part;

	if (t->other_body)
		part[0].body = bytes_str("something else");
	if (t->soap)
		transport_attachments(w, &part[!have], have + t->extra_part);
	else if (have)
		transport_rest_body(w, part[0].body);
}

/* Everything after the OCSP parts. */
static void
write_message(struct evil *v, struct arena *a, const struct trick *t,
	bool response, struct bytes head, struct transport_writer *w)
{
	struct bytes body = make_body(a, t);
	struct signature s = make_signature(v, a, t, head, body);
	struct err fault = ERR_INIT;

	if (t->fault_head) {
		fail(&fault, FAULT_IO, "from the beginning");
		transport_fault(w, &fault);
	} else if (t->soap && !t->no_message)
		transport_soap(w, "text/xml; charset=UTF-8", head);
	else if (!t->no_message)
		transport_rest(w, response, head);
	write_body(t, body, w);
	fault = (struct err)ERR_INIT;
	if (t->fault_part) {
		fail(&fault, FAULT_IO, "half way");
		if (t->fault_code)
			fault = (struct err)ERR_INIT,
			fail_foreign(&fault, t->fault_code, "told", "");
		transport_fault(w, &fault);
	} else if (!t->no_signature)
		transport_signature(w, s.hashchain_result, s.hashchain, s.xml);
	if (t->after_signature)
		transport_rest_body(w, bytes_str("one more"));
	if (!t->no_end)
		transport_close(w);
}

/* ---- as a client ---- */

static struct bytes
soap_request(struct evil *v, const struct trick *t)
{
	const struct service_id s = { FIRM_DATA, "fakeSoap", "v1" };
	const struct soap_call c = { .service = &s,
		.id = "evil-1",
		.client = t->client ? t->client : &EVIL_FAKE };

	return soap_make(v->n, &c);
}

static struct bytes
request_head(struct evil *v, struct arena *a, const struct trick *t)
{
	const struct rest_header h[] = {
		{ "X-Road-Client",
			client_id_path(a, t->client ? t->client : &EVIL_FAKE) },
		{ "X-Road-Id", "evil-1" },
	};
	const struct rest_input in = {
		.method = t->body ? "POST" : "GET",
		.target = t->path ? t->path : "/r1/JP/COM/2000/Data/fake",
		.header = h,
		.headers = 2,
		.request_id = "11111111-2222-4333-8444-555555555555",
		.instance = NET_INSTANCE,
	};
	struct rest_request r;
	struct err e = ERR_INIT;

	if (t->head)
		return bytes_str(t->head);
	if (t->ask_soap)
		return soap_request(v, t);
	if (rest_request_make(a, &in, &r, &e))
		ok_m(false, "request: %s", e.text);
	return r.raw;
}

struct cut_body {
	struct bytes all;
	size_t sent;
	bool cut;
};

static long
cut_source(void *ctx, void *p, size_t n, struct err *e)
{
	struct cut_body *b = ctx;
	size_t end = b->cut ? b->all.len / 2 : b->all.len;

	if (b->sent == end)
		return b->cut ? fail(e, FAULT_IO, "cut") : 0;
	if (n > end - b->sent)
		n = end - b->sent;
	memcpy(p, b->all.data + b->sent, n);
	b->sent += n;
	return (long)n;
}

static struct tls *
client_tls(struct evil *v, const struct trick *t)
{
	const struct party *p = t->tls ? t->tls : &v->n->evil_auth;
	struct tls_options o = { .policy = TLS_PEER };
	struct tls *tls = NULL;
	struct err e = ERR_INIT;

	if (!t->no_tls_cert) {
		o.key = p->key;
		o.chain = (struct cert_list){ &p->cert, 1 };
	}
	if (tls_client_new(&tls, &o, &e))
		ok_m(false, "TLS: %s", e.text);
	return tls;
}

static const char *
answer_code(struct evil *v, const struct http_answer *answer)
{
	const char *type = answer_header(answer, "content-type");

	if (type && str_iprefix(type, "multipart/mixed"))
		return "";
	return soap_code(v->n, answer);
}

/* These lines and the flood. */
static const struct http_header *
flooded(struct arena *a, const struct http_header *h, size_t n, size_t more)
{
	struct http_header *all = arena_array(a, n + more, sizeof(*all));

	memcpy(all, h, n * sizeof(*all));
	for (size_t i = 0; i < more; i++)
		all[n + i] =
			(struct http_header){ arena_printf(a, "x-flood-%zu", i),
				"water" };
	return all;
}

static const char *
post(struct evil *v, const struct trick *t, struct transport_writer *w)
{
	struct cut_body body = {
		t->plain ? bytes_str(t->plain) : bytes_buf(w->out), 0, t->cut
	};
	struct http_header h[] = {
		{ "Content-Type",
			t->type ? t->type
				: transport_content_type(w, v->n->a) },
		{ t->ask_soap ? "x-original-content-type"
			      : "x-road-message-type",
			!t->ask_soap ? "REST"
			: t->body    ? "multipart/related; boundary=evil"
				     : "text/xml" },
		{ "x-proxy-version", t->version ? t->version : "7.8.0" },
		{ "x-road-request-id", "11111111-2222-4333-8444-555555555555" },
		{ "x-hash-algorithm", t->hash ? t->hash : "SHA-512" },
	};
	struct http_call call = {
		.method = t->method ? t->method : "POST",
		.url = arena_printf(v->n->a, "https://" FIRM_ADDRESS ":%d/",
			v->n->peer_port),
		.header = flooded(v->n->a, h, t->no_hash ? 4 : 5, t->flood),
		.headers = (t->no_hash ? 4 : 5) + t->flood,
		.has_body = true,
		.source = cut_source,
		.ctx = &body,
		.connect_timeout_ms = CALL_MS,
		.total_timeout_ms = CALL_MS,
		.tls = client_tls(v, t),
	};
	struct http_answer answer;
	struct err e = ERR_INIT;
	const char *code = "-";

	v->names = " ";
	if (!http_call(v->http, v->n->a, &call, &answer, &e)) {
		code = answer_code(v, &answer);
		for (size_t i = 0; i < answer.headers; i++)
			v->names = arena_printf(v->n->a, "%s%s ", v->names,
				answer.header[i].name);
	} else
		tap_note("no answer: %s", e.text);
	tls_unref(&call.tls);
	return code;
}

const char *
evil_send(struct evil *v, const struct trick *given)
{
	struct arena *a = arena_new();
	struct trick mine = *given;
	const struct trick *t = &mine;
	const struct party *tls = t->tls ? t->tls : &v->n->evil_auth;
	struct bytes head = request_head(v, a, t);
	struct transport_writer w;
	const char *code;
	struct buf wire;

	mine.soap = t->ask_soap;
	buf_init(&wire, WIRE_MAX);
	transport_begin(&w, &wire);
	if (!t->no_tls_ocsp)
		transport_ocsp(&w, t->tls_ocsp ? *t->tls_ocsp
					       : net_ocsp(v->n, a, tls->cert,
							 OCSP_GOOD, 0));
	write_message(v, a, t, false, head, &w);
	code = post(v, t, &w);
	buf_done(&wire);
	arena_free(&a);
	return code;
}

/* ---- as a server ---- */

static int
read_request(struct request *r, bool rest, struct transport_message *m,
	struct err *e)
{
	struct arena *a = request_arena(r);
	const struct transport_limits l = { HEAD_MAX, WIRE_MAX, 10, NULL };
	struct transport_reader *reader = NULL;
	struct bytes body;
	int ret;

	if (request_body(r, &body, e))
		return -1;
	ret = transport_reader_new(&reader, a,
		request_header(r, "Content-Type"), DIGEST_SHA512, rest, false,
		&l, NULL, NULL, e);
	if (!ret)
		ret = transport_feed(reader, body.data, body.len, e);
	if (!ret)
		ret = transport_end(reader, m, e);
	transport_reader_free(&reader);
	return ret;
}

static int
stop_at_head(void *ctx, const struct transport_message *m, struct err *e)
{
	*(struct transport_message *)ctx = *m;
	return fail(e, FAULT_LIMIT, "enough");
}

/* No more than the REST part. */
static int
read_early(struct request *r, struct transport_message *m, struct err *e)
{
	const struct transport_limits l = { HEAD_MAX, WIRE_MAX, 10, NULL };
	struct transport_reader *reader = NULL;
	struct arena *a = request_arena(r);
	char piece[4096];
	long n = 1;

	*m = (struct transport_message){ .response = false };
	if (transport_reader_new(&reader, a, request_header(r, "Content-Type"),
		    DIGEST_SHA512, true, false, &l, stop_at_head, m, e))
		return -1;
	while (n > 0 && !m->head.len) {
		n = request_read(r, piece, sizeof(piece), e);
		if (n > 0)
			(void)transport_feed(reader, piece, (size_t)n, NULL);
	}
	transport_reader_free(&reader);
	return m->head.len ? 0 : -1;
}

static int
rest_head(struct arena *a, const struct trick *t,
	const struct transport_message *m, struct bytes *out, struct err *e)
{
	static const struct rest_header h[] = { { "Content-Type", "a/b" },
		{ "X-Evil", "yes" } };
	struct rest_request request;
	struct rest_response answer;
	struct digest d, hash;

	if (rest_request_parse(a, m->head, &request, e))
		return -1;
	if (m->attachments)
		d = m->attachment[0].sha512;
	rest_request_hash(&request, m->attachments ? &d : NULL, &hash);
	if (t->other_hash)
		hash.value[0] ^= 1;
	if (t->other_id)
		request.id = "another";
	if (t->other_client)
		request.client = FIRM_DATA;
	if (rest_response_make(a, &request, 200, "OK", h, 2, &hash, &answer, e))
		return -1;
	*out = answer.raw;
	return 0;
}

static int
soap_head(struct arena *a, const struct trick *t,
	const struct transport_message *m, struct bytes *out, struct err *e)
{
	struct soap q, answer;
	struct digest hash;
	struct buf b;

	if (soap_parse(a, m->head, m->head_type, &q, e))
		return -1;
	buf_init(&b, HEAD_MAX);
	soap_write(&b, t->other_client ? &FIRM_DATA : &q.client, &q.service,
		NULL, t->other_id ? "another" : q.id,
		arena_printf(a, "%sResponse", q.service.service), "evil");
	*out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	if (t->no_request_hash)
		return 0;
	digest_of(DIGEST_SHA512, m->head.data, m->head.len, &hash);
	if (t->other_hash)
		hash.value[0] ^= 1;
	return soap_parse(a, *out, NULL, &answer, e) ||
			       soap_add_request_hash(a, &answer, &hash, out, e)
		       ? -1
		       : 0;
}

static int
reply(struct request *r, const struct trick *t, struct transport_writer *w,
	struct err *e)
{
	const struct http_header h[] = {
		{ "content-type",
			t->type ? t->type
				: transport_content_type(w, request_arena(r)) },
		{ "x-hash-algorithm", t->hash ? t->hash : "SHA-512" },
		{ "x-original-content-type",
			t->soap && t->body && !t->no_boundary
				? "multipart/related; boundary=evil"
				: "text/xml" },
	};
	int status = t->status ? t->status : 200;
	struct bytes body = bytes_buf(w->out);

	if (!t->cut)
		return reply_send_headers(r, status,
			flooded(request_arena(r), h, t->no_hash ? 1 : 3,
				t->flood),
			(t->no_hash ? 1 : 3) + t->flood, body, e);
	if (reply_begin(r, status, h, 2, (int64_t)body.len, e) ||
		reply_write(r, body.data, body.len / 2, e))
		return -1;
	reply_abort(r);
	return 0;
}

static int
serve(struct request *r, void *state, struct err *e)
{
	struct evil *v = state;
	struct arena *a = request_arena(r);
	bool rest = request_header(r, "x-road-message-type") != NULL;
	struct transport_writer w;
	struct transport_message m;
	struct trick t;
	struct bytes head;
	struct buf wire;
	int ret;

	pthread_mutex_lock(&v->lock);
	t = v->trick;
	pthread_mutex_unlock(&v->lock);
	if (t.early ? read_early(r, &m, e) : read_request(r, rest, &m, e))
		return -1;
	pthread_mutex_lock(&v->lock);
	v->requests++;
	v->ocsps = m.ocsps;
	pthread_mutex_unlock(&v->lock);
	t.soap = !rest;
	if (t.plain)
		return reply_send(r, 200, "text/xml; charset=UTF-8",
			bytes_str(t.plain), e);
	if (t.head)
		head = bytes_str(t.head);
	else if (rest ? rest_head(a, &t, &m, &head, e)
		      : soap_head(a, &t, &m, &head, e))
		return -1;
	buf_init(&wire, WIRE_MAX);
	transport_begin(&w, &wire);
	write_message(v, a, &t, true, head, &w);
	ret = reply(r, &t, &w, e);
	buf_done(&wire);
	return ret;
}

static const struct route routes[] = {
	{ "*", "*", WIRE_MAX, 0, serve },
	{ NULL, NULL, 0, 0, NULL },
};

void
evil_answer(struct evil *v, const struct trick *t)
{
	pthread_mutex_lock(&v->lock);
	v->trick = *t;
	pthread_mutex_unlock(&v->lock);
}

int
evil_requests(struct evil *v)
{
	int n;

	pthread_mutex_lock(&v->lock);
	n = v->requests;
	pthread_mutex_unlock(&v->lock);
	return n;
}

void
evil_ocsp(struct evil *v, const struct cert *c, struct bytes der)
{
	struct err e = ERR_INIT;

	if (ocspstore_put(v->store, c, der, &e))
		ok_m(false, "OCSP store: %s", e.text);
}

/* ---- life ---- */

static struct tls *
server_tls(const struct party *p)
{
	struct tls_options o = { .policy = TLS_PEER,
		.client_auth = TLS_AUTH_REQUIRED,
		.key = p->key,
		.chain = { &p->cert, 1 } };
	struct tls *tls = NULL;
	struct err e = ERR_INIT;

	if (tls_server_new(&tls, &o, &e))
		ok_m(false, "TLS: %s", e.text);
	return tls;
}

void
evil_door(struct evil *v, const struct party *p)
{
	struct tls *tls = server_tls(p);

	http_set_tls(v->peer, tls);
	tls_unref(&tls);
}

void
evil_open(struct evil *v, struct net *n)
{
	struct listener peer = { .name = "evil",
		.address = EVIL_ADDRESS,
		.port = n->peer_port,
		.threads = 8,
		.routes = routes,
		.state = v,
		.lower_case_headers = true };
	struct listener responder = { .name = "evil OCSP",
		.address = EVIL_ADDRESS,
		.port = n->responder_port,
		.threads = 8,
		.routes = responder_routes,
		.error = responder_error };
	struct err e = ERR_INIT;
	struct tls *tls = server_tls(&n->evil_auth);

	*v = (struct evil){ .n = n, .a = arena_new() };
	pthread_mutex_init(&v->lock, NULL);
	peer.tls = tls;
	if (ocspstore_open(
		    &v->store, arena_printf(n->a, "%s/evil", tap_dir()), &e))
		ok_m(false, "evil: %s", e.text);
	responder.state = v->store;
	if (http_client_new(&v->http, &e) || http_serve(&v->peer, &peer, &e) ||
		http_serve(&v->responder, &responder, &e))
		ok_m(false, "evil: %s", e.text);
	tls_unref(&tls);
	evil_ocsp(v, n->evil_auth.cert,
		net_ocsp(n, n->a, n->evil_auth.cert, OCSP_GOOD, 0));
}

void
evil_close(struct evil *v)
{
	http_stop(&v->peer);
	http_stop(&v->responder);
	ocspstore_close(&v->store);
	http_client_free(&v->http);
	pthread_mutex_destroy(&v->lock);
	arena_free(&v->a);
}
