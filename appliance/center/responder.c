/* SPDX-License-Identifier: MIT */
/*
 * The OCSP responder and the time-stamping service of the own authorities.
 * OCSP answers come from the table of issued certificates; time stamps carry
 * serial numbers from blocks that are reserved durably before use. Rules:
 * interop/xroad-center-admin.md 3.4, 3.5; RFC 6960, RFC 3161.
 */
#include "center_int.h"

#include <string.h>

#include "center_sql.h"
#include "clock.h"
#include "http_server.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "ocsp.h"
#include "param.h"
#include "text.h"
#include "tsp.h"

enum {
	SERIAL_BLOCK = 1000, /* time stamps per durable reservation */
	OCSP_MALFORMED = 1,  /* OCSPResponseStatus */
	OCSP_INTERNAL = 2,
	OCSP_TRY_LATER = 3,
	OCSP_UNAUTHORIZED = 6,
	TSP_BAD_ALG = 0, /* PKIFailureInfo */
	TSP_BAD_FORMAT = 5,
	TSP_BAD_POLICY = 15,
	TSP_SYSTEM = 25,
};

/* Our policy, below the arc that needs no registration (ITU-T X.667). */
#define TSA_POLICY "2.25.139226519146287"

struct responder {
	struct center *ct;
	pthread_mutex_t lock;       /* guards what follows */
	struct arena *a;            /* holds the loaded authorities */
	bool ca_loaded, tsa_loaded; /* immutable once true */
	struct authority ca;
	struct key *ocsp_key;
	struct tsa tsa;
	struct key *tsa_key;
	int64_t serial, serial_end; /* next, last reserved */
};

int
responder_open(struct responder **out, struct center *c, struct err *e)
{
	struct responder *r = mem_alloc(sizeof(*r));

	(void)e;
	r->ct = c;
	r->a = arena_new();
	pthread_mutex_init(&r->lock, NULL);
	*out = r;
	return 0;
}

void
responder_close(struct responder **out)
{
	struct responder *r = *out;

	if (!r)
		return;
	key_unref(&r->ocsp_key);
	key_unref(&r->tsa_key);
	arena_free(&r->a);
	pthread_mutex_destroy(&r->lock);
	mem_free(r);
	*out = NULL;
}

/* ---- loading, once each ---- */

static int
ca_ready(struct responder *r, struct err *e)
{
	struct db_conn *c;
	int ret = 0;

	pthread_mutex_lock(&r->lock);
	if (!r->ca_loaded) {
		c = db_take(r->ct->db);
		ret = authority_load(c, r->a, &r->ca, e);
		db_give(c);
		if (!ret)
			ret = ring_get(r->ct, r->ca.ocsp_key_id,
				r->ca.ocsp_cert, &r->ocsp_key, e);
		r->ca_loaded = !ret;
	}
	pthread_mutex_unlock(&r->lock);
	return ret;
}

static int
tsa_ready(struct responder *r, struct err *e)
{
	struct db_conn *c;
	int ret = 0;

	pthread_mutex_lock(&r->lock);
	if (!r->tsa_loaded) {
		c = db_take(r->ct->db);
		ret = tsa_load(c, r->a, &r->tsa, e);
		db_give(c);
		if (!ret)
			ret = ring_get(r->ct, r->tsa.key_id, r->tsa.cert,
				&r->tsa_key, e);
		r->tsa_loaded = !ret;
	}
	pthread_mutex_unlock(&r->lock);
	return ret;
}

/* ---- OCSP ---- */

static int
status_load(struct responder *r, struct arena *a,
	const struct ocsp_request *req, struct ocsp_answer *out, struct err *e)
{
	struct db_conn *c = db_take(r->ct->db);
	struct query *q = db_query(c, Q_CENTER_ISSUED_STATUS, db_int(r->ca.id),
		db_text(serial_text(a, req->serial)));
	int ret;

	out->status = OCSP_UNKNOWN;
	if (query_next(q)) {
		out->status = query_null(q, 0) ? OCSP_GOOD : OCSP_REVOKED;
		out->revoked_at = query_int(q, 0);
	}
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

/* The answer to a request, errors included: OCSP has its own form for them. */
static struct bytes
ocsp_answer(struct responder *r, struct arena *a, struct bytes der)
{
	struct ocsp_request req;
	struct ocsp_answer answer = { 0 };
	struct err e = ERR_INIT;
	struct bytes out;

	if (ocsp_request_parse(a, der, &req, NULL))
		return ocsp_error_make(a, OCSP_MALFORMED);
	if (ca_ready(r, &e)) {
		log_err("OCSP", &e);
		return ocsp_error_make(a, OCSP_TRY_LATER);
	}
	if (!ocsp_request_for(&req, r->ca.cert))
		return ocsp_error_make(a, OCSP_UNAUTHORIZED);
	answer.this_update = clock_now();
	answer.next_update =
		answer.this_update +
		conf_int(r->ct->conf, P_CENTER_OCSP_FRESHNESS) * 1000;
	if (status_load(r, a, &req, &answer, &e) ||
		ocsp_response_make(&req, &answer, r->ca.ocsp_cert, r->ocsp_key,
			a, &out, &e)) {
		log_err("OCSP", &e);
		return ocsp_error_make(a, e.fault == FAULT_TOKEN_NOT_ACTIVE
						  ? OCSP_TRY_LATER
						  : OCSP_INTERNAL);
	}
	return out;
}

static int
reply_bytes(
	struct request *r, const char *type, struct bytes body, struct err *e)
{
	const struct http_header head[] = {
		{ "Content-Type", type },
		{ "Cache-Control", "no-store" },
	};

	return reply_send_headers(
		r, 200, head, sizeof(head) / sizeof(head[0]), body, e);
}

int
responder_ocsp_post(struct request *r, void *state, struct err *e)
{
	const struct center *ct = state;
	struct bytes der;

	if (request_body(r, &der, e))
		return -1;
	return reply_bytes(r, "application/ocsp-response",
		ocsp_answer(ct->responder, request_arena(r), der), e);
}

/* Two hex digits as a byte, else -1. */
static int
hex_byte(const char *s)
{
	static const char digits[] = "0123456789abcdef";
	unsigned v = 0;

	for (int i = 0; i < 2; i++) {
		const char *at = s[i] ? strchr(digits, s[i] | 0x20) : NULL;

		if (!at)
			return -1;
		v = v << 4 | (unsigned)(at - digits);
	}
	return (int)v;
}

/* Percent-decodes in place; RFC 6960 A.1 says url-encoded base64. */
static void
percent_decode(char *s)
{
	char *to = s;

	for (; *s; s++) {
		int byte = *s == '%' ? hex_byte(s + 1) : -1;

		if (byte >= 0)
			s += 2;
		*to++ = byte >= 0 ? (char)byte : *s;
	}
	*to = '\0';
}

int
responder_ocsp_get(struct request *r, void *state, struct err *e)
{
	const struct center *ct = state;
	struct arena *a = request_arena(r);
	char *text = arena_strdup(a, request_path(r) + strlen("/ocsp/"));
	struct bytes der = { 0 }, body;

	percent_decode(text);
	if (base64_decode(a, text, strlen(text), &der, NULL))
		body = ocsp_error_make(a, OCSP_MALFORMED);
	else
		body = ocsp_answer(ct->responder, a, der);
	return reply_bytes(r, "application/ocsp-response", body, e);
}

/* ---- time stamps ---- */

static int
serial_block(struct db_conn *c, int64_t tsa, int64_t *end, struct err *e)
{
	struct query *q;

	if (db_run(c, Q_CENTER_TSA_RESERVE, e, db_int(tsa),
		    db_int(SERIAL_BLOCK)) < 0)
		return -1;
	q = db_query(c, Q_CENTER_TSA_SERIAL, db_int(tsa));
	*end = query_next(q) ? query_int(q, 0) : 0;
	return query_end(q, e);
}

/* Takes a block of serial numbers; durable when it returns. */
static int
serial_reserve(struct responder *r, struct err *e)
{
	struct db_conn *c = work_begin(r->ct, e);
	int64_t end = 0;
	int ret;

	if (!c)
		return -1;
	ret = serial_block(c, r->tsa.id, &end, e);
	if (ret)
		db_rollback(c);
	else
		ret = db_commit(c, e);
	db_give(c);
	if (ret)
		return -1;
	r->serial_end = end;
	r->serial = end - SERIAL_BLOCK + 1;
	return 0;
}

static int
serial_next(struct responder *r, uint64_t *out, struct err *e)
{
	int ret = 0;

	pthread_mutex_lock(&r->lock);
	if (!r->serial_end || r->serial > r->serial_end)
		ret = serial_reserve(r, e);
	if (!ret)
		*out = (uint64_t)r->serial++;
	pthread_mutex_unlock(&r->lock);
	return ret;
}

static struct bytes
stamp_refuse(struct arena *a, const struct tsp_request *req)
{
	if (req->imprint.alg == DIGEST_NONE || req->imprint.alg == DIGEST_SHA1)
		return tsp_refusal_make(
			a, TSP_BAD_ALG, "the digest algorithm is not accepted");
	if (req->imprint.len != digest_size(req->imprint.alg))
		return tsp_refusal_make(
			a, TSP_BAD_FORMAT, "the digest has a wrong length");
	if (req->policy && !str_equal(req->policy, TSA_POLICY))
		return tsp_refusal_make(
			a, TSP_BAD_POLICY, "the policy is not offered");
	return (struct bytes){ 0 };
}

static struct bytes
stamp_answer(struct responder *r, struct arena *a, struct bytes der)
{
	struct tsp_request req = { 0 };
	struct tsp_signer signer = { .policy = TSA_POLICY };
	struct err e = ERR_INIT;
	struct bytes out;
	uint64_t serial;

	if (tsp_request_parse(a, der, &req, &e))
		return tsp_refusal_make(a,
			e.fault == FAULT_UNSUPPORTED_ALGORITHM ? TSP_BAD_ALG
							       : TSP_BAD_FORMAT,
			e.text);
	out = stamp_refuse(a, &req);
	if (out.len)
		return out;
	if (!tsa_ready(r, &e) && !serial_next(r, &serial, &e)) {
		signer.cert = r->tsa.cert;
		signer.key = r->tsa_key;
		if (!tsp_response_make(
			    &req, &signer, clock_now(), serial, a, &out, &e))
			return out;
	}
	log_err("time stamp", &e);
	return tsp_refusal_make(a, TSP_SYSTEM, "the service is not available");
}

int
responder_tsa(struct request *r, void *state, struct err *e)
{
	const struct center *ct = state;
	struct bytes der;

	if (request_body(r, &der, e))
		return -1;
	return reply_bytes(r, "application/timestamp-reply",
		stamp_answer(ct->responder, request_arena(r), der), e);
}
