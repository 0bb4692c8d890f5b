/* SPDX-License-Identifier: MIT */
/*
 * OCSP messages (RFC 6960): making and reading requests and responses.
 * Verification is in ocsp_verify.c.
 */
#include "ocsp.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "ocsp_int.h"
#include "text.h"

static const char OID_BASIC[] = "1.3.6.1.5.5.7.48.1.1";
static const char OID_NONCE[] = "1.3.6.1.5.5.7.48.1.2";

enum { NONCE_MAX = 64 };

static struct bytes
keep(struct arena *a, const struct buf *b)
{
	return bytes_of(arena_memdup(a, b->data, b->len), b->len);
}

/* ---- CertID ---- */

void
ocsp_cert_id_put(struct buf *b, enum digest_alg alg, const struct cert *c,
	const struct cert *issuer)
{
	struct arena *a = arena_new();
	struct digest name, key;
	struct buf in;
	buf_init(&in, 512);
	struct bytes subject = cert_subject_der(issuer),
		     bits = key_bits_string(cert_key(issuer), a),
		     serial = cert_serial_raw(c);
	digest_of(alg, subject.data, subject.len, &name);
	digest_of(alg, bits.data, bits.len, &key);
	digest_alg_put(&in, alg);
	der_put(&in, DER_OCTET_STRING, name.value, name.len);
	der_put(&in, DER_OCTET_STRING, key.value, key.len);
	der_put(&in, DER_INTEGER, serial.data, serial.len);
	der_put_buf(b, DER_SEQUENCE, &in);
	buf_done(&in);
	arena_free(&a);
}

int
ocsp_cert_id_read(struct bytes tlv, struct ocsp_request *out, struct err *e)
{
	struct der d = der_open(tlv), id, name, key, serial;
	out->cert_id = tlv;
	if (der_read(&d, DER_SEQUENCE, &id, e) ||
		digest_alg_read(&id, &out->alg, e) ||
		der_read(&id, DER_OCTET_STRING, &name, e) ||
		der_read(&id, DER_OCTET_STRING, &key, e) ||
		der_read(&id, DER_INTEGER, &serial, e))
		return -1;
	out->issuer_name_hash = der_rest(&name);
	out->issuer_key_hash = der_rest(&key);
	out->serial = der_rest(&serial);
	return 0;
}

/* ---- requests ---- */

int
ocsp_request_make(const struct cert *c, const struct cert *issuer,
	struct arena *a, struct bytes *der, struct err *e)
{
	struct buf one, two;
	buf_init(&one, OCSP_SIZE_MAX);
	buf_init(&two, OCSP_SIZE_MAX);
	ocsp_cert_id_put(&one, DIGEST_SHA1, c, issuer);
	/* Request, requestList, TBSRequest, OCSPRequest */
	for (int i = 0; i < 4; i++) {
		buf_reset(&two);
		der_put_buf(&two, DER_SEQUENCE, &one);
		struct buf swap = one;
		one = two;
		two = swap;
	}
	int ret = buf_ok(&one, "OCSP request", e);
	*der = keep(a, &one);
	buf_done(&one);
	buf_done(&two);
	return ret;
}

/* requestExtensions: only the nonce matters. */
static int
request_nonce(struct der *tbs, struct ocsp_request *out, struct err *e)
{
	struct der wrap, list, ext, flag, value;
	bool nonce;
	if (!der_more(tbs))
		return 0;
	if (der_read(tbs, DER_CONTEXT_CONSTRUCTED(2), &wrap, e) ||
		der_read(&wrap, DER_SEQUENCE, &list, e))
		return -1;
	while (der_more(&list)) {
		if (der_read(&list, DER_SEQUENCE, &ext, e) ||
			oid_match(&ext, OID_NONCE, &nonce, e) ||
			(der_peek(&ext) == DER_BOOLEAN &&
				der_read(&ext, DER_BOOLEAN, &flag, e)) ||
			der_read(&ext, DER_OCTET_STRING, &value, e))
			return -1;
		if (nonce)
			out->nonce = der_rest(&value);
	}
	if (out->nonce.len > NONCE_MAX)
		return fail(e, FAULT_TOO_LARGE, "OCSP nonce of %zu bytes",
			out->nonce.len);
	return 0;
}

int
ocsp_request_parse(struct arena *a, struct bytes der, struct ocsp_request *out,
	struct err *e)
{
	struct der d, request, tbs, skip, list, one;
	struct bytes id;
	*out = (struct ocsp_request){ 0 };
	if (der.len > OCSP_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE, "OCSP request of %zu bytes",
			der.len);
	d = der_open(bytes_of(arena_memdup(a, der.data, der.len), der.len));
	if (der_read(&d, DER_SEQUENCE, &request, e) ||
		der_read(&request, DER_SEQUENCE, &tbs, e))
		return -1;
	for (int tag = 0; tag < 2; tag++) /* version, requestorName */
		if (der_peek(&tbs) == DER_CONTEXT_CONSTRUCTED(tag) &&
			der_read(&tbs, DER_CONTEXT_CONSTRUCTED(tag), &skip, e))
			return -1;
	if (der_read(&tbs, DER_SEQUENCE, &list, e) ||
		der_read(&list, DER_SEQUENCE, &one, e) ||
		der_any(&one, &id, e) || ocsp_cert_id_read(id, out, e))
		return -1;
	return request_nonce(&tbs, out, e);
}

bool
ocsp_request_for(const struct ocsp_request *r, const struct cert *issuer)
{
	struct arena *a = arena_new();
	struct digest d;
	bool same = false;
	if (r->alg != DIGEST_NONE) {
		struct bytes s = cert_subject_der(issuer),
			     k = key_bits_string(cert_key(issuer), a);
		digest_of(r->alg, s.data, s.len, &d);
		same = bytes_equal(
			bytes_of(d.value, d.len), r->issuer_name_hash);
		digest_of(r->alg, k.data, k.len, &d);
		same = same && bytes_equal(bytes_of(d.value, d.len),
				       r->issuer_key_hash);
	}
	arena_free(&a);
	return same;
}

/* ---- responses ---- */

static void
single_put(struct buf *b, const struct ocsp_request *r,
	const struct ocsp_answer *answer)
{
	struct buf one, in;
	buf_init(&one, 4096);
	buf_init(&in, 256);
	buf_bytes(&one, r->cert_id);
	if (answer->status == OCSP_REVOKED) {
		der_put_time(&in, answer->revoked_at);
		der_put_buf(&one, DER_CONTEXT_CONSTRUCTED(1), &in);
	} else {
		der_put(&one, DER_CONTEXT(answer->status == OCSP_GOOD ? 0 : 2),
			NULL, 0);
	}
	der_put_time(&one, answer->this_update);
	if (answer->next_update) {
		buf_reset(&in);
		der_put_time(&in, answer->next_update);
		der_put_buf(&one, DER_CONTEXT_CONSTRUCTED(0), &in);
	}
	buf_reset(&in);
	der_put_buf(b, DER_SEQUENCE, &one);
	buf_done(&one);
	buf_done(&in);
}

/* ResponseData: responder by key hash, produced now, one answer, nonce. */
static void
data_put(struct buf *b, const struct ocsp_request *r,
	const struct ocsp_answer *answer, const struct key *key)
{
	struct buf data, in, wrap;
	struct digest hash;
	buf_init(&data, OCSP_SIZE_MAX);
	buf_init(&in, OCSP_SIZE_MAX);
	buf_init(&wrap, OCSP_SIZE_MAX);
	key_sha1(key, &hash);
	der_put(&in, DER_OCTET_STRING, hash.value, hash.len);
	der_put_buf(&data, DER_CONTEXT_CONSTRUCTED(2), &in);
	der_put_time(&data, clock_now());
	buf_reset(&in);
	single_put(&in, r, answer);
	der_put_buf(&data, DER_SEQUENCE, &in);
	if (r->nonce.len) {
		buf_reset(&in);
		buf_bytes(&in, r->nonce);
		extension_put(&wrap, OID_NONCE, false, &in);
		buf_reset(&in);
		der_put_buf(&in, DER_SEQUENCE, &wrap);
		der_put_buf(&data, DER_CONTEXT_CONSTRUCTED(1), &in);
	}
	der_put_buf(b, DER_SEQUENCE, &data);
	buf_done(&data);
	buf_done(&in);
	buf_done(&wrap);
}

int
ocsp_response_make(const struct ocsp_request *r,
	const struct ocsp_answer *answer, const struct cert *responder,
	struct key *responder_key, struct arena *a, struct bytes *der,
	struct err *e)
{
	static const uint8_t successful = 0;
	struct buf data, in, basic, out;
	int ret = -1;
	buf_init(&data, OCSP_SIZE_MAX);
	buf_init(&in, OCSP_SIZE_MAX);
	buf_init(&basic, OCSP_SIZE_MAX);
	buf_init(&out, OCSP_SIZE_MAX);
	data_put(&data, r, answer, responder_key);
	struct bytes cert = cert_der(responder);
	der_put(&in, DER_SEQUENCE, cert.data, cert.len);
	der_put_buf(&out, DER_CONTEXT_CONSTRUCTED(0), &in);
	if (signed_put(&basic, &data, responder_key, &out, e))
		goto out;
	buf_reset(&in);
	der_put_oid(&in, OID_BASIC);
	der_put_buf(&in, DER_OCTET_STRING, &basic);
	buf_reset(&data);
	der_put_buf(&data, DER_SEQUENCE, &in);
	buf_reset(&in);
	der_put(&in, DER_ENUMERATED, &successful, 1);
	der_put_buf(&in, DER_CONTEXT_CONSTRUCTED(0), &data);
	buf_reset(&out);
	der_put_buf(&out, DER_SEQUENCE, &in);
	if (buf_ok(&out, "OCSP response", e))
		goto out;
	*der = keep(a, &out);
	ret = 0;
out:
	buf_done(&data);
	buf_done(&in);
	buf_done(&basic);
	buf_done(&out);
	return ret;
}

struct bytes
ocsp_error_make(struct arena *a, int status)
{
	const uint8_t out[] = { DER_SEQUENCE, 3, DER_ENUMERATED, 1,
		(uint8_t)status };
	return bytes_of(arena_memdup(a, out, sizeof out), sizeof out);
}
