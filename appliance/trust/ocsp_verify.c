/* SPDX-License-Identifier: MIT */
/*
 * Verifying OCSP responses by X-Road's rules (xroad-messages.md 3.8): first
 * SingleResponse only, SHA-1 CertID, responder listed, issuer, or delegated by
 * the issuer; producedAt does not count.
 */
#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "ocsp_int.h"

enum { CERTS_MAX = 8 };

/* A response taken apart; everything borrows the input. */
struct basic {
	struct bytes tbs, signature, certs;
	struct sign_alg alg;
	int responder_tag; /* [1] name or [2] key hash */
	struct bytes responder;
	int64_t produced_at;
	struct bytes cert_id;
	struct ocsp_answer answer;
};

static int
single_read(struct der *list, struct basic *b, struct err *e)
{
	struct der one, in;
	struct bytes skip;
	if (der_read(list, DER_SEQUENCE, &one, e) ||
		der_any(&one, &b->cert_id, e))
		return -1;
	int tag = der_peek(&one);
	if (tag == DER_CONTEXT_CONSTRUCTED(1)) {
		b->answer.status = OCSP_REVOKED;
		if (der_read(&one, tag, &in, e) ||
			der_time(&in, &b->answer.revoked_at, e))
			return -1;
	} else {
		b->answer.status =
			tag == DER_CONTEXT(0) ? OCSP_GOOD : OCSP_UNKNOWN;
		if (der_any(&one, &skip, e))
			return -1;
	}
	if (der_time(&one, &b->answer.this_update, e))
		return -1;
	if (der_peek(&one) != DER_CONTEXT_CONSTRUCTED(0))
		return 0;
	if (der_read(&one, DER_CONTEXT_CONSTRUCTED(0), &in, e))
		return -1;
	return der_time(&in, &b->answer.next_update, e);
}

static int
data_read(struct basic *b, struct err *e)
{
	struct der d = der_open(b->tbs), data, in;
	if (der_read(&d, DER_SEQUENCE, &data, e) ||
		(der_peek(&data) == DER_CONTEXT_CONSTRUCTED(0) &&
			der_read(&data, DER_CONTEXT_CONSTRUCTED(0), &in, e)))
		return -1;
	b->responder_tag = der_peek(&data);
	if (b->responder_tag != DER_CONTEXT_CONSTRUCTED(1) &&
		b->responder_tag != DER_CONTEXT_CONSTRUCTED(2))
		return fail(e, FAULT_INVALID_MESSAGE,
			"The OCSP response names no responder");
	if (der_read(&data, b->responder_tag, &in, e))
		return -1;
	if (b->responder_tag == DER_CONTEXT_CONSTRUCTED(1)) {
		if (der_any(&in, &b->responder, e))
			return -1;
	} else {
		struct der hash;
		if (der_read(&in, DER_OCTET_STRING, &hash, e))
			return -1;
		b->responder = der_rest(&hash);
	}
	if (der_time(&data, &b->produced_at, e) ||
		der_read(&data, DER_SEQUENCE, &in, e))
		return -1;
	return single_read(&in, b, e);
}

static int
basic_read(struct bytes response, struct basic *b, struct err *e)
{
	struct der d = der_open(response), outer, in, bytes, basic, bits;
	int64_t status;
	bool known;
	*b = (struct basic){ 0 };
	if (response.len > OCSP_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE, "OCSP response of %zu bytes",
			response.len);
	if (der_read(&d, DER_SEQUENCE, &outer, e) ||
		der_int(&outer, &status, e))
		return -1;
	if (status != 0)
		return fail(e, FAULT_INCORRECT_VALIDATION_INFO,
			"The OCSP responder answered with status %lld",
			(long long)status);
	if (der_read(&outer, DER_CONTEXT_CONSTRUCTED(0), &in, e) ||
		der_read(&in, DER_SEQUENCE, &bytes, e) ||
		oid_match(&bytes, "1.3.6.1.5.5.7.48.1.1", &known, e) ||
		der_read(&bytes, DER_OCTET_STRING, &in, e) ||
		der_read(&in, DER_SEQUENCE, &basic, e) ||
		der_any(&basic, &b->tbs, e) ||
		sign_alg_read(&basic, &b->alg, e) ||
		der_read(&basic, DER_BIT_STRING, &bits, e))
		return -1;
	if (!known || !der_more(&bits) || bits.p[0] != 0)
		return fail(e, FAULT_INVALID_MESSAGE,
			"The OCSP response is not a basic one");
	b->signature = bytes_of(bits.p + 1, (size_t)(bits.end - bits.p) - 1);
	if (der_peek(&basic) == DER_CONTEXT_CONSTRUCTED(0)) {
		if (der_read(&basic, DER_CONTEXT_CONSTRUCTED(0), &in, e) ||
			der_read(&in, DER_SEQUENCE, &bytes, e))
			return -1;
		b->certs = der_rest(&bytes);
	}
	return data_read(b, e);
}

int
ocsp_peek(struct bytes response, struct ocsp_answer *out, int64_t *produced_at,
	struct err *e)
{
	struct basic b;
	if (basic_read(response, &b, e))
		return -1;
	*out = b.answer;
	*produced_at = b.produced_at;
	return 0;
}

static bool
serial_same(struct bytes a, struct bytes b)
{
	while (a.len > 1 && a.data[0] == 0)
		a = bytes_of(a.data + 1, a.len - 1);
	while (b.len > 1 && b.data[0] == 0)
		b = bytes_of(b.data + 1, b.len - 1);
	return bytes_equal(a, b);
}

/* Hashes and serial equal; X-Road takes SHA-1 identifiers only. */
static bool
is_about(const struct basic *b, const struct cert *c, const struct cert *issuer)
{
	struct ocsp_request r = { 0 };
	return ocsp_cert_id_read(b->cert_id, &r, NULL) == 0 &&
	       r.alg == DIGEST_SHA1 && ocsp_request_for(&r, issuer) &&
	       serial_same(r.serial, cert_serial_raw(c));
}

bool
ocsp_is_about(
	struct bytes response, const struct cert *c, const struct cert *issuer)
{
	struct basic b;
	return basic_read(response, &b, NULL) == 0 && is_about(&b, c, issuer);
}

/* ---- the responder ---- */

static bool
is_responder(const struct basic *b, const struct cert *c)
{
	struct digest hash;
	if (b->responder_tag == DER_CONTEXT_CONSTRUCTED(1))
		return name_equal(b->responder, cert_subject_der(c));
	key_sha1(cert_key(c), &hash);
	return bytes_equal(b->responder, bytes_of(hash.value, hash.len));
}

static bool
is_listed(const struct cert *c, struct cert_list list)
{
	for (size_t i = 0; i < list.n; i++)
		if (cert_equal(list.item[i], c))
			return true;
	return false;
}

static bool
is_authorised(const struct cert *c, const struct cert *issuer,
	const struct ocsp_policy *p)
{
	int usage = cert_ext_usage(c);
	if (is_listed(c, p->listed) || cert_equal(c, issuer))
		return true;
	return usage > 0 && usage & EKU_OCSP_SIGNING &&
	       cert_signed_by(c, issuer, NULL) == 0;
}

/* 0 when this certificate is the responder, signed, and may do so. The first
   reason against a candidate is kept in `why`. */
static int
try_responder(const struct basic *b, const struct cert *c,
	const struct cert *issuer, const struct ocsp_policy *p, struct err *why)
{
	if (!is_responder(b, c))
		return -1;
	if (key_verify(cert_key(c), b->alg, b->tbs, b->signature, NULL))
		return fail(why, FAULT_INCORRECT_VALIDATION_INFO,
			"The OCSP response's signature does not verify");
	if (!is_authorised(c, issuer, p))
		return fail(why, FAULT_INCORRECT_VALIDATION_INFO,
			"The OCSP responder is not authorised by the authority "
			"that issued the certificate");
	return 0;
}

static int
try_embedded(const struct basic *b, const struct cert *issuer,
	const struct ocsp_policy *p, struct err *why)
{
	struct der d = der_open(b->certs);
	struct bytes tlv;
	for (int n = 0; der_more(&d) && n < CERTS_MAX; n++) {
		struct cert *c = NULL;
		if (der_any(&d, &tlv, NULL))
			return -1;
		if (cert_parse(&c, tlv, NULL))
			continue;
		int rc = try_responder(b, c, issuer, p, why);
		cert_unref(&c);
		if (rc == 0)
			return 0;
	}
	return -1;
}

static int
check_responder(const struct basic *b, const struct cert *issuer,
	const struct ocsp_policy *p, struct err *e)
{
	struct err why = ERR_INIT;
	const struct cert_list lists[] = { p->listed, p->cas };
	for (int l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l].n; i++)
			if (try_responder(
				    b, lists[l].item[i], issuer, p, &why) == 0)
				return 0;
	if (try_responder(b, issuer, issuer, p, &why) == 0 ||
		try_embedded(b, issuer, p, &why) == 0)
		return 0;
	return fail(e, FAULT_INCORRECT_VALIDATION_INFO, "%s",
		err_set(&why) ? why.text : "The OCSP responder is not known");
}

static int
check_times(
	const struct ocsp_answer *a, const struct ocsp_policy *p, struct err *e)
{
	char text[TIME_TEXT_MAX];
	if (a->this_update < p->at - p->freshness_s * 1000)
		return fail(e, FAULT_INCORRECT_VALIDATION_INFO,
			"OCSP response is too old (thisUpdate: %s)",
			time_iso(text, a->this_update));
	if (p->verify_next_update && a->next_update && a->next_update < p->at)
		return fail(e, FAULT_INCORRECT_VALIDATION_INFO,
			"OCSP response is too old (nextUpdate: %s)",
			time_iso(text, a->next_update));
	return 0;
}

int
ocsp_verify(struct bytes response, const struct cert *c,
	const struct cert *issuer, const struct ocsp_policy *p, struct err *e)
{
	struct basic b;
	struct err bad = ERR_INIT;
	if (basic_read(response, &b, &bad))
		return fail(e, FAULT_INCORRECT_VALIDATION_INFO, "%s", bad.text);
	if (!is_about(&b, c, issuer))
		return fail(e, FAULT_INCORRECT_VALIDATION_INFO,
			"The OCSP response is about another certificate");
	if (check_responder(&b, issuer, p, e) || check_times(&b.answer, p, e))
		return -1;
	if (b.answer.status == OCSP_GOOD)
		return 0;
	return fail(e, FAULT_CERT_VALIDATION, "OCSP says the certificate is %s",
		b.answer.status == OCSP_REVOKED ? "revoked" : "unknown");
}
