/* SPDX-License-Identifier: MIT */
/*
 * Time stamps made: TSTInfo (RFC 3161 2.4.2) in CMS SignedData (RFC 5652 5)
 * with the signer's certificate named (RFC 5035).
 */
#include "tsp.h"

#include "err.h"
#include "mem.h"
#include "text.h"
#include "tsp_int.h"

static struct bytes
wrapped(struct arena *a, int tag, const struct buf *content)
{
	struct buf b;
	buf_init(&b, DER_BUF_MAX);
	der_put_buf(&b, tag, content);
	struct bytes der = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	return der;
}

static struct bytes
tst_info(const struct tsp_request *r, const struct tsp_signer *s,
	int64_t gen_time, uint64_t serial, struct arena *a)
{
	struct buf b;
	uint8_t number[8];
	for (int i = 0; i < 8; i++)
		number[i] = (uint8_t)(serial >> (8 * (7 - i)));
	buf_init(&b, DER_BUF_MAX);
	der_put_int(&b, 1);
	der_put_oid(&b, s->policy);
	imprint_put(&b, &r->imprint);
	der_put_uint(&b, number, sizeof number);
	der_put_time(&b, gen_time);
	if (r->nonce.len)
		der_put(&b, DER_INTEGER, r->nonce.data, r->nonce.len);
	struct bytes der = wrapped(a, DER_SEQUENCE, &b);
	buf_done(&b);
	return der;
}

/* Attribute { oid, SET { value } } */
static struct bytes
attribute(struct arena *a, const char *oid, const struct buf *value)
{
	struct buf b;
	buf_init(&b, DER_BUF_MAX);
	der_put_oid(&b, oid);
	der_put_buf(&b, DER_SET, value);
	struct bytes der = wrapped(a, DER_SEQUENCE, &b);
	buf_done(&b);
	return der;
}

/* SigningCertificateV2 with one ESSCertIDv2: hash, issuer, serial number.
   The hash algorithm is left out when it is the default, SHA-256. */
static struct bytes
signing_cert(struct arena *a, const struct cert *c, enum digest_alg alg)
{
	struct buf in, id;
	struct digest hash;
	struct bytes serial = cert_serial_raw(c), der;
	buf_init(&in, DER_BUF_MAX);
	buf_init(&id, DER_BUF_MAX);
	cert_digest(c, alg, &hash);
	if (alg != DIGEST_SHA256)
		digest_alg_put(&id, alg);
	der_put(&id, DER_OCTET_STRING, hash.value, hash.len);
	buf_bytes(&in, cert_issuer_der(c));
	der = wrapped(a, DER_CONTEXT_CONSTRUCTED(4), &in);
	buf_reset(&in);
	der_put(&in, DER_SEQUENCE, der.data, der.len);
	der_put(&in, DER_INTEGER, serial.data, serial.len);
	der_put_buf(&id, DER_SEQUENCE, &in);
	der = wrapped(a, DER_SEQUENCE, &id);
	for (int level = 0; level < 2; level++) { /* certs, the whole */
		buf_reset(&in);
		buf_bytes(&in, der);
		der = wrapped(a, DER_SEQUENCE, &in);
	}
	buf_reset(&in);
	buf_bytes(&in, der);
	der = attribute(a, OID_SIGNING_CERT_V2, &in);
	buf_done(&in);
	buf_done(&id);
	return der;
}

/* Signed attributes as a SET OF with the given tag. */
static void
attributes_put(struct buf *b, int tag, struct arena *a, const struct cert *c,
	struct bytes info, enum digest_alg alg)
{
	struct bytes item[3];
	struct digest hash;
	struct buf value;
	buf_init(&value, 4096);
	der_put_oid(&value, OID_TST_INFO);
	item[0] = attribute(a, OID_CONTENT_TYPE, &value);
	buf_reset(&value);
	digest_of(alg, info.data, info.len, &hash);
	der_put(&value, DER_OCTET_STRING, hash.value, hash.len);
	item[1] = attribute(a, OID_MESSAGE_DIGEST, &value);
	item[2] = signing_cert(a, c, alg);
	der_put_set_of(b, tag, item, 3);
	buf_done(&value);
}

/* SET OF with the one SignerInfo. */
static int
signer_put(struct buf *b, const struct tsp_signer *s, struct bytes info,
	struct sign_alg alg, struct arena *a, struct err *e)
{
	struct buf in, tmp;
	struct bytes sig, serial = cert_serial_raw(s->cert);
	int ret = -1;
	buf_init(&in, DER_BUF_MAX);
	buf_init(&tmp, DER_BUF_MAX);
	attributes_put(&tmp, DER_SET, a, s->cert, info, alg.digest);
	if (buf_ok(&tmp, "signed attributes", e) ||
		key_sign(s->key, alg, bytes_buf(&tmp), a, &sig, e))
		goto out;
	buf_reset(&tmp);
	buf_bytes(&tmp, cert_issuer_der(s->cert));
	der_put(&tmp, DER_INTEGER, serial.data, serial.len);
	der_put_int(&in, 1);
	der_put_buf(&in, DER_SEQUENCE, &tmp);
	digest_alg_put(&in, alg.digest);
	attributes_put(
		&in, DER_CONTEXT_CONSTRUCTED(0), a, s->cert, info, alg.digest);
	sign_alg_put(&in, alg);
	der_put(&in, DER_OCTET_STRING, sig.data, sig.len);
	buf_reset(&tmp);
	der_put_buf(&tmp, DER_SEQUENCE, &in);
	der_put_buf(b, DER_SET, &tmp);
	ret = 0;
out:
	buf_done(&in);
	buf_done(&tmp);
	return ret;
}

/* ContentInfo of SignedData. */
static int
token_make(struct bytes info, bool with_cert, const struct tsp_signer *s,
	struct arena *a, struct bytes *der, struct err *e)
{
	struct sign_alg alg = key_cert_alg(s->key);
	struct buf in, tmp;
	int ret = -1;
	buf_init(&in, DER_BUF_MAX);
	buf_init(&tmp, DER_BUF_MAX);
	der_put_int(&in, 3);
	digest_alg_put(&tmp, alg.digest);
	der_put_buf(&in, DER_SET, &tmp);
	buf_reset(&tmp);
	der_put(&tmp, DER_OCTET_STRING, info.data, info.len);
	struct bytes content = wrapped(a, DER_CONTEXT_CONSTRUCTED(0), &tmp);
	buf_reset(&tmp);
	der_put_oid(&tmp, OID_TST_INFO);
	buf_bytes(&tmp, content);
	der_put_buf(&in, DER_SEQUENCE, &tmp);
	if (with_cert) {
		struct bytes c = cert_der(s->cert);
		der_put(&in, DER_CONTEXT_CONSTRUCTED(0), c.data, c.len);
	}
	if (signer_put(&in, s, info, alg, a, e))
		goto out;
	struct bytes data = wrapped(a, DER_SEQUENCE, &in);
	buf_reset(&in);
	der_put_oid(&in, OID_SIGNED_DATA);
	der_put(&in, DER_CONTEXT_CONSTRUCTED(0), data.data, data.len);
	if (buf_ok(&in, "time stamp", e))
		goto out;
	*der = wrapped(a, DER_SEQUENCE, &in);
	ret = 0;
out:
	buf_done(&in);
	buf_done(&tmp);
	return ret;
}

int
tsp_response_make(const struct tsp_request *r, const struct tsp_signer *s,
	int64_t gen_time, uint64_t serial, struct arena *a, struct bytes *der,
	struct err *e)
{
	struct bytes info, token;
	struct buf in, tmp;
	if (r->imprint.alg == DIGEST_NONE)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM, "No digest given");
	if (r->policy && !str_equal(r->policy, s->policy))
		return fail(e, FAULT_BAD_REQUEST,
			"The policy %s is not offered", r->policy);
	info = tst_info(r, s, gen_time, serial, a);
	if (token_make(info, r->cert_req, s, a, &token, e))
		return -1;
	buf_init(&in, DER_BUF_MAX);
	buf_init(&tmp, DER_BUF_MAX);
	der_put_int(&tmp, 0); /* granted */
	der_put_buf(&in, DER_SEQUENCE, &tmp);
	buf_bytes(&in, token);
	int ret = buf_ok(&in, "time-stamp response", e);
	if (ret == 0)
		*der = wrapped(a, DER_SEQUENCE, &in);
	buf_done(&in);
	buf_done(&tmp);
	return ret;
}
