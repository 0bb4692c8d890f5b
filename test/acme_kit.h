/* SPDX-License-Identifier: MIT */
/*
 * An ACME server (RFC 8555) for tests: directory, nonces, accounts with and
 * without external binding, orders, http-01 that is really fetched, key change,
 * certificates of the CA it is given. It verifies every signature, URL and
 * nonce, and counts what was wrong. Its behaviour is switched by fields.
 */
#pragma once

#include <pthread.h>
#include <string.h>

#include "cert.h"
#include "clock.h"
#include "der.h"
#include "digest.h"
#include "err.h"
#include "http_client.h"
#include "http_server.h"
#include "json_io.h"
#include "key.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

enum { CA_ROWS = 64, CA_ANSWER_MAX = 65536 };

struct ca_account {
	char print[64]; /* thumbprint of its key */
	struct key *key;
	char kid[64]; /* external, "" */
};
struct ca_order {
	char name[256];
	char token[48];
	bool proved, failed, issued;
	int polls; /* still to come before an answer changes */
	char *pem;
};
struct ca {
	struct http_server *http;
	struct http_client *client;
	int port;
	int proof_port; /* where names are looked for, on 127.0.0.1 */
	struct key *ca_key;
	struct cert *ca_cert;
	pthread_mutex_t lock; /* guards what follows */
	/* behaviour */
	const char *eab_kid; /* NULL: no binding wanted */
	struct bytes eab_key;
	bool refuse_not_after, no_http, wrong_usage;
	int spoil;    /* refuse every so many-th nonce; 0: none */
	bool down;    /* accounts are not to be had */
	int slowness; /* polls until something changes */
	int64_t days; /* of certificates */
	/* state */
	struct arena *a;
	char nonce[CA_ROWS][32];
	int nonces, uses;
	struct ca_account account[CA_ROWS];
	int accounts;
	struct ca_order order[CA_ROWS];
	int orders;
	/* observations */
	int replays, forged, spoiled, issued, key_changes;
	char agent[256]; /* of the last finalisation */
	char contact[256];
};

static inline char *
ca_b64(struct arena *a, const void *p, size_t n)
{
	char *s = base64_encode(a, p, n);

	for (char *c = s; *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c == '=' ? 0 : *c;
	return s;
}

static inline struct bytes
ca_unb64(struct arena *a, const char *s)
{
	size_t n = s ? strlen(s) : 0;
	char *t = arena_printf(a, "%s===", s ? s : "");
	struct bytes out = { 0 };

	for (size_t i = 0; i < n; i++)
		t[i] = (char)(t[i] == '-' ? '+' : t[i] == '_' ? '/' : t[i]);
	(void)base64_decode(a, t, n + (4 - n % 4) % 4, &out, NULL);
	return out;
}

static inline json_t *
ca_json(struct arena *a, struct bytes text)
{
	json_t *j = NULL;

	(void)json_parse(a, text, NULL, &j, NULL);
	return j;
}

/* A JWK (RSA or P-256) as a key of ours. */
static inline struct key *
ca_key_of(struct arena *a, const json_t *jwk)
{
	static const uint8_t rsa[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
		0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
	static const uint8_t ec[] = { 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
		0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
		0x3d, 0x03, 0x01, 0x07 };
	bool is_rsa = str_equal(json_str(jwk, "kty"), "RSA");
	struct bytes x = ca_unb64(a, json_str(jwk, is_rsa ? "n" : "x"));
	struct bytes y = ca_unb64(a, json_str(jwk, is_rsa ? "e" : "y"));
	struct buf two, bits, in, out;
	struct key *k = NULL;

	buf_init(&two, 8192);
	buf_init(&bits, 8192);
	buf_init(&in, 8192);
	buf_init(&out, 8192);
	buf_char(&bits, 0);
	if (is_rsa) {
		der_put_uint(&two, x.data, x.len);
		der_put_uint(&two, y.data, y.len);
		der_put_buf(&bits, DER_SEQUENCE, &two);
		buf_add(&in, rsa, sizeof(rsa));
	} else {
		buf_char(&bits, 4);
		buf_bytes(&bits, x);
		buf_bytes(&bits, y);
		buf_add(&in, ec, sizeof(ec));
	}
	der_put_buf(&in, DER_BIT_STRING, &bits);
	der_put_buf(&out, DER_SEQUENCE, &in);
	(void)key_parse_public(&k, bytes_buf(&out), NULL);
	buf_done(&two);
	buf_done(&bits);
	buf_done(&in);
	buf_done(&out);
	return k;
}

/* RFC 7638, from the members themselves. */
static inline char *
ca_print(struct arena *a, const json_t *j)
{
	struct digest d;
	char *t;

	if (str_equal(json_str(j, "kty"), "RSA"))
		t = arena_printf(a,
			"{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}",
			json_str(j, "e"), json_str(j, "n"));
	else
		t = arena_printf(a,
			"{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":"
			"\"%s\"}",
			json_str(j, "x"), json_str(j, "y"));
	digest_of(DIGEST_SHA256, t, strlen(t), &d);
	return ca_b64(a, d.value, d.len);
}

static inline char *
ca_url(struct ca *ca, struct arena *a, const char *path)
{
	return arena_printf(a, "http://127.0.0.1:%d%s", ca->port, path);
}

/* ---- nonces and signatures ---- */

static inline const char *
ca_nonce(struct ca *ca)
{
	uint8_t r[16];
	char *s = ca->nonce[ca->nonces++ % CA_ROWS];

	random_bytes(r, sizeof(r));
	memcpy(s, ca_b64(ca->a, r, sizeof(r)), 23);
	return s;
}

/* Good once. */
static inline bool
ca_use_nonce(struct ca *ca, const char *nonce)
{
	for (int i = 0; nonce && *nonce && i < CA_ROWS; i++)
		if (str_equal(ca->nonce[i], nonce)) {
			ca->nonce[i][0] = '\0';
			if (!ca->spoil || ++ca->uses % ca->spoil)
				return true;
			ca->spoiled++;
			return false;
		}
	ca->replays++;
	return false;
}

struct ca_call {
	struct ca *ca;
	struct request *r;
	struct arena *a;
	json_t *head, *payload; /* payload NULL: POST-as-GET */
	struct key *key;        /* borrowed from account or arena */
	struct ca_account *account;
};

static inline int
ca_reply(struct ca_call *c, int status, const char *location, const char *type,
	struct bytes body, struct err *e)
{
	struct http_header h[3];
	size_t n = 0;

	h[n++] = (struct http_header){ "Replay-Nonce",
		arena_strdup(c->a, ca_nonce(c->ca)) };
	h[n++] = (struct http_header){ "Content-Type", type };
	if (location)
		h[n++] = (struct http_header){ "Location", location };
	return reply_send_headers(c->r, status, h, n, body, e);
}

static inline int
ca_problem(struct ca_call *c, int status, const char *type, struct err *e)
{
	return ca_reply(c, status, NULL, "application/problem+json",
		bytes_str(arena_printf(c->a,
			"{\"type\":\"urn:ietf:params:acme:error:%s\","
			"\"detail\":\"the test says\\n%s\"}",
			type, type)),
		e);
}

static inline bool
ca_signed(struct arena *a, const json_t *jws, struct key *k)
{
	const char *input = arena_printf(a, "%s.%s", json_str(jws, "protected"),
		json_str(jws, "payload"));
	struct bytes sig = ca_unb64(a, json_str(jws, "signature"));
	struct sign_alg alg = { key_type(k) == KEY_RSA ? SIGN_RSA_PKCS1
						       : SIGN_ECDSA,
		DIGEST_SHA256 };

	if (key_type(k) == KEY_EC &&
		(sig.len != 64 || ecdsa_der_from_raw(a, sig, &sig, NULL)))
		return false;
	return !key_verify(k, alg, bytes_str(input), sig, NULL);
}

static inline void
ca_drop_key(void *p)
{
	struct key *k = p;

	key_unref(&k);
}

/* Reads and verifies a signed request: 0, or 1 when refused. */
static inline int
ca_read(struct ca_call *c, struct err *e)
{
	struct bytes body, payload;
	json_t *jws, *jwk;
	const char *kid;
	int64_t n = -1;

	if (request_body(c->r, &body, e))
		return -1;
	jws = ca_json(c->a, body);
	c->head = ca_json(c->a, ca_unb64(c->a, json_str(jws, "protected")));
	payload = ca_unb64(c->a, json_str(jws, "payload"));
	c->payload = payload.len ? ca_json(c->a, payload) : NULL;
	jwk = json_sub(c->head, "jwk");
	kid = json_str(c->head, "kid");
	if (jwk && !kid) {
		c->key = ca_key_of(c->a, jwk);
		arena_defer(c->a, ca_drop_key, c->key);
	} else if (kid && !jwk &&
		   str_prefix(kid, ca_url(c->ca, c->a, "/account/"))) {
		(void)int_parse(strrchr(kid, '/') + 1, 0, c->ca->accounts - 1,
			&n, NULL);
		if (n >= 0)
			c->account = &c->ca->account[n];
		c->key = c->account ? c->account->key : NULL;
	}
	if (!c->key || !ca_signed(c->a, jws, c->key) ||
		!str_equal(json_str(c->head, "url"),
			ca_url(c->ca, c->a, request_path(c->r))) ||
		!str_equal(request_header(c->r, "Content-Type"),
			"application/jose+json")) {
		c->ca->forged++;
		return ca_problem(c, 403, "unauthorized", e) ? -1 : 1;
	}
	if (!ca_use_nonce(c->ca, json_str(c->head, "nonce")))
		return ca_problem(c, 400, "badNonce", e) ? -1 : 1;
	return 0;
}

/* ---- accounts ---- */

static inline bool
ca_bound(struct ca_call *c, const json_t *jwk)
{
	const json_t *b = json_sub(c->payload, "externalAccountBinding");
	struct digest mac;
	struct bytes got = ca_unb64(c->a, json_str(b, "signature"));
	json_t *head = ca_json(c->a, ca_unb64(c->a, json_str(b, "protected")));
	json_t *inner = ca_json(c->a, ca_unb64(c->a, json_str(b, "payload")));

	if (!c->ca->eab_kid)
		return true;
	digest_mac(DIGEST_SHA256, c->ca->eab_key,
		bytes_str(arena_printf(c->a, "%s.%s", json_str(b, "protected"),
			json_str(b, "payload"))),
		&mac);
	return b && str_equal(json_str(head, "kid"), c->ca->eab_kid) &&
	       str_equal(json_str(head, "alg"), "HS256") &&
	       str_equal(json_str(head, "url"), json_str(c->head, "url")) &&
	       json_equal(inner, jwk) &&
	       bytes_equal(got, bytes_of(mac.value, mac.len));
}

static inline int
ca_new_account(struct ca_call *c, struct err *e)
{
	const json_t *jwk = json_sub(c->head, "jwk");
	const char *print = jwk ? ca_print(c->a, jwk) : "", *contact;
	struct ca *ca = c->ca;
	int i = 0;

	bool known = json_bool(c->payload, "onlyReturnExisting", false);

	if (ca->down)
		return ca_problem(c, 503, "serverInternal", e);
	if (!jwk || (!known && !json_bool(c->payload, "termsOfServiceAgreed",
				       false)))
		return ca_problem(c, 403, "userActionRequired", e);
	while (i < ca->accounts && !str_equal(ca->account[i].print, print))
		i++;
	if (i == ca->accounts) {
		if (known)
			return ca_problem(c, 400, "accountDoesNotExist", e);
		if (!ca_bound(c, jwk))
			return ca_problem(c, 403, "unauthorized", e);
		snprintf(ca->account[i].print, sizeof(ca->account[i].print),
			"%s", print);
		ca->account[i].key = key_ref(c->key);
		ca->accounts++;
	}
	contact = json_string_value(
		json_array_get(json_list(c->payload, "contact"), 0));
	snprintf(
		ca->contact, sizeof(ca->contact), "%s", contact ? contact : "");
	return ca_reply(c, 201,
		ca_url(ca, c->a, arena_printf(c->a, "/account/%d", i)),
		"application/json", bytes_str("{\"status\":\"valid\"}"), e);
}

static inline int
ca_key_change(struct ca_call *c, struct err *e)
{
	json_t *head = ca_json(
		c->a, ca_unb64(c->a, json_str(c->payload, "protected")));
	json_t *body =
		ca_json(c->a, ca_unb64(c->a, json_str(c->payload, "payload")));
	struct key *fresh = ca_key_of(c->a, json_sub(head, "jwk"));

	if (!fresh || !c->account || !ca_signed(c->a, c->payload, fresh) ||
		json_str(head, "nonce") ||
		!str_equal(json_str(head, "url"), json_str(c->head, "url")) ||
		!str_equal(
			json_str(body, "account"), json_str(c->head, "kid")) ||
		!str_equal(ca_print(c->a, json_sub(body, "oldKey")),
			c->account->print)) {
		key_unref(&fresh);
		return ca_problem(c, 403, "malformed", e);
	}
	snprintf(c->account->print, sizeof(c->account->print), "%s",
		ca_print(c->a, json_sub(head, "jwk")));
	key_unref(&c->account->key);
	c->account->key = fresh;
	c->ca->key_changes++;
	return ca_reply(c, 200, NULL, "application/json", bytes_str("{}"), e);
}

/* ---- orders ---- */

static inline int
ca_show_order(struct ca_call *c, int n, int status, struct err *e)
{
	struct ca *ca = c->ca;
	struct ca_order *o = &ca->order[n];
	bool waits = o->issued && o->polls-- > 0;
	const char *word = o->failed   ? "invalid"
			   : waits     ? "processing"
			   : o->issued ? "valid"
			   : o->proved ? "ready"
				       : "pending";
	char *text = arena_printf(c->a,
		"{\"status\":\"%s\",\"authorizations\":[\"%s/%d\"],"
		"\"finalize\":\"%s/%d\"%s%s%s}",
		word, ca_url(ca, c->a, "/authz"), n,
		ca_url(ca, c->a, "/finalize"), n,
		o->issued ? ",\"certificate\":\"" : "",
		o->issued ? ca_url(ca, c->a, arena_printf(c->a, "/cert/%d", n))
			  : "",
		o->issued ? "\"" : "");

	return ca_reply(c, status,
		ca_url(ca, c->a, arena_printf(c->a, "/order/%d", n)),
		"application/json", bytes_str(text), e);
}

static inline int
ca_new_order(struct ca_call *c, struct err *e)
{
	struct ca *ca = c->ca;
	json_t *id = json_array_get(json_list(c->payload, "identifiers"), 0);
	int n = ca->orders;
	uint8_t r[24];

	if (ca->refuse_not_after && json_str(c->payload, "notAfter"))
		return ca_problem(c, 400, "malformed", e);
	if (!json_str(id, "value") || n == CA_ROWS || !c->account)
		return ca_problem(c, 400, "rejectedIdentifier", e);
	ca->orders++;
	random_bytes(r, sizeof(r));
	snprintf(ca->order[n].name, sizeof(ca->order[n].name), "%s",
		json_str(id, "value"));
	snprintf(ca->order[n].token, sizeof(ca->order[n].token), "%s",
		ca_b64(c->a, r, sizeof(r)));
	return ca_show_order(c, n, 201, e);
}

static inline int
ca_authz(struct ca_call *c, int n, struct err *e)
{
	struct ca_order *o = &c->ca->order[n];
	bool waits = o->proved && o->polls-- > 0;
	const char *word = o->failed             ? "invalid"
			   : o->proved && !waits ? "valid"
						 : "pending";

	return ca_reply(c, 200, NULL, "application/json",
		bytes_str(arena_printf(c->a,
			"{\"status\":\"%s\",\"challenges\":[{\"type\":"
			"\"dns-01\",\"url\":\"x\",\"token\":\"!\"}%s%s%s%s%s%s"
			"]}",
			word, c->ca->no_http ? "" : ",{\"type\":\"http-01\",",
			c->ca->no_http ? "" : "\"url\":\"",
			c->ca->no_http ? ""
				       : ca_url(c->ca, c->a,
						 arena_printf(c->a,
							 "/challenge/%d", n)),
			c->ca->no_http ? "" : "\",\"token\":\"",
			c->ca->no_http ? "" : o->token,
			c->ca->no_http ? "" : "\"}")),
		e);
}

/* Looks whether the name shows what the account's key makes of the token. */
static inline int
ca_challenge(struct ca_call *c, int n, struct err *e)
{
	struct ca_order *o = &c->ca->order[n];
	const char *want = arena_printf(
		c->a, "%s.%s", o->token, c->account ? c->account->print : "");
	struct http_call call = { .method = "GET",
		.url = arena_printf(c->a,
			"http://127.0.0.1:%d/.well-known/acme-challenge/%s",
			c->ca->proof_port, o->token),
		.connect_timeout_ms = 2000,
		.total_timeout_ms = 2000 };
	struct http_answer answer = { 0 };

	if (!http_call(c->ca->client, c->a, &call, &answer, NULL) &&
		answer.status == 200 &&
		bytes_equal(answer.body, bytes_str(want)))
		o->proved = true;
	else
		o->failed = true;
	o->polls = c->ca->slowness;
	return ca_reply(c, 200, NULL, "application/json",
		bytes_str("{\"status\":\"processing\"}"), e);
}

static inline int
ca_finalize(struct ca_call *c, int n, struct err *e)
{
	struct ca *ca = c->ca;
	struct ca_order *o = &ca->order[n];
	const char *agent = request_header(c->r, "User-Agent");
	struct csr *csr = NULL;
	struct cert *cert = NULL;
	struct cert_template t = { .path_len = -1, .dns_name = o->name };
	bool sign;

	if (!o->proved ||
		csr_parse(c->a, ca_unb64(c->a, json_str(c->payload, "csr")),
			&csr, NULL))
		return ca_problem(c, 403, "badCSR", e);
	sign = (csr->key_usage & KU_NON_REPUDIATION) != 0;
	if (ca->wrong_usage)
		sign = !sign;
	t.subject_der = csr->subject_der;
	t.key = csr->key;
	t.serial = 5000u + (uint64_t)n;
	t.not_before = clock_now() - 3600000;
	t.not_after = clock_now() + ca->days * 86400000;
	t.key_usage = sign ? KU_NON_REPUDIATION
			   : KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT;
	t.ext_usage = sign ? 0 : EKU_CLIENT_AUTH | EKU_SERVER_AUTH;
	if (cert_issue(&cert, &t, ca->ca_cert, ca->ca_key, NULL))
		return ca_problem(c, 500, "serverInternal", e);
	snprintf(ca->agent, sizeof(ca->agent), "%s", agent ? agent : "");
	o->pem = arena_printf(ca->a, "%s%s",
		pem_encode(c->a, "CERTIFICATE", cert_der(cert)),
		pem_encode(c->a, "CERTIFICATE", cert_der(ca->ca_cert)));
	cert_unref(&cert);
	o->issued = true;
	o->polls = ca->slowness;
	ca->issued++;
	return ca_show_order(c, n, 200, e);
}

/* ---- doors ---- */

static inline int
ca_post(struct request *r, void *state, struct err *e)
{
	struct ca *ca = state;
	struct ca_call c = { .ca = ca, .r = r, .a = request_arena(r) };
	const char *path = request_path(r), *last = strrchr(path, '/') + 1;
	int64_t n = -1;
	int ret;

	pthread_mutex_lock(&ca->lock);
	ret = ca_read(&c, e);
	(void)int_parse(last, 0, ca->orders - 1, &n, NULL);
	if (ret)
		ret = ret < 0 ? -1 : 0;
	else if (str_equal(path, "/new-account"))
		ret = ca_new_account(&c, e);
	else if (str_equal(path, "/key-change"))
		ret = ca_key_change(&c, e);
	else if (str_equal(path, "/new-order"))
		ret = ca_new_order(&c, e);
	else if (n < 0)
		ret = ca_problem(&c, 404, "malformed", e);
	else if (str_prefix(path, "/order/") && !c.payload)
		ret = ca_show_order(&c, (int)n, 200, e);
	else if (str_prefix(path, "/authz/") && !c.payload)
		ret = ca_authz(&c, (int)n, e);
	else if (str_prefix(path, "/challenge/"))
		ret = ca_challenge(&c, (int)n, e);
	else if (str_prefix(path, "/finalize/"))
		ret = ca_finalize(&c, (int)n, e);
	else if (str_prefix(path, "/cert/") && ca->order[n].pem)
		ret = ca_reply(&c, 200, NULL,
			"application/pem-certificate-chain",
			bytes_str(ca->order[n].pem), e);
	else
		ret = ca_problem(&c, 400, "malformed", e);
	pthread_mutex_unlock(&ca->lock);
	return ret;
}

static inline int
ca_directory(struct request *r, void *state, struct err *e)
{
	struct ca *ca = state;
	struct arena *a = request_arena(r);
	char *text = arena_printf(a,
		"{\"newNonce\":\"%s\",\"newAccount\":\"%s\",\"newOrder\":"
		"\"%s\",\"keyChange\":\"%s\",\"meta\":{"
		"\"externalAccountRequired\":%s}}",
		ca_url(ca, a, "/new-nonce"), ca_url(ca, a, "/new-account"),
		ca_url(ca, a, "/new-order"), ca_url(ca, a, "/key-change"),
		ca->eab_kid ? "true" : "false");

	return reply_send(r, 200, "application/json", bytes_str(text), e);
}

static inline int
ca_new_nonce(struct request *r, void *state, struct err *e)
{
	struct ca *ca = state;
	struct http_header h = { "Replay-Nonce", NULL };

	pthread_mutex_lock(&ca->lock);
	h.value = arena_strdup(request_arena(r), ca_nonce(ca));
	pthread_mutex_unlock(&ca->lock);
	return reply_send_headers(r, 200, &h, 1, (struct bytes){ 0 }, e);
}

static const struct route ca_routes[] = {
	{ "GET", "/directory", 0, 0, ca_directory },
	{ "GET", "/new-nonce", 0, 0, ca_new_nonce },
	{ "POST", "*", CA_ANSWER_MAX, 0, ca_post },
	{ 0 },
};

/* The key and certificate are borrowed. */
static inline void
ca_start(struct ca *ca, struct key *key, struct cert *cert, int proof_port)
{
	struct listener l = { .name = "acme",
		.address = "127.0.0.1",
		.threads = 4,
		.routes = ca_routes,
		.state = ca };
	struct err e = ERR_INIT;

	*ca = (struct ca){ .ca_key = key,
		.ca_cert = cert,
		.proof_port = proof_port,
		.days = 90,
		.a = arena_new() };
	pthread_mutex_init(&ca->lock, NULL);
	ok(!http_client_new(&ca->client, NULL));
	ok_m(!http_serve(&ca->http, &l, &e), "ACME server %s", e.text);
	ca->port = http_port(ca->http);
}

static inline void
ca_stop(struct ca *ca)
{
	http_stop(&ca->http);
	http_client_free(&ca->client);
	for (int i = 0; i < ca->accounts; i++)
		key_unref(&ca->account[i].key);
	pthread_mutex_destroy(&ca->lock);
	arena_free(&ca->a);
}
