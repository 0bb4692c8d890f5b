/* SPDX-License-Identifier: MIT */
/*
 * Time-stamp requests and responses (RFC 3161 section 2.4): written and read.
 * Tokens are read in tsp_token.c.
 */
#include "tsp.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "tsp_int.h"

enum {
	STATUS_GRANTED = 0,
	STATUS_GRANTED_WITH_MODS = 1,
	STATUS_REJECTION = 2,
	STATUS_TEXT_MAX = 400,
};

int
der_end(const struct der *d, const char *what, struct err *e)
{
	return der_more(d) ? fail(e, FAULT_INVALID_MESSAGE,
				     "Bytes after the %s", what)
			   : 0;
}

static struct bytes
buf_keep(const struct buf *b, struct arena *a)
{
	return bytes_of(arena_memdup(a, b->data, b->len), b->len);
}

/* ---- sets ---- */

/* X.690 11.6: as byte strings, the shorter one padded with zeros. */
static int
set_order(const void *pa, const void *pb)
{
	const struct bytes *a = pa, *b = pb;
	size_t n = a->len < b->len ? a->len : b->len;
	int cmp = memcmp(a->data, b->data, n);
	return cmp ? cmp : (a->len > b->len) - (a->len < b->len);
}

void
der_put_set_of(struct buf *b, int tag, struct bytes *item, size_t n)
{
	struct buf in;
	buf_init(&in, DER_BUF_MAX);
	if (n)
		qsort(item, n, sizeof *item, set_order);
	for (size_t i = 0; i < n; i++)
		buf_bytes(&in, item[i]);
	der_put_buf(b, tag, &in);
	buf_done(&in);
}

/* ---- message imprints ---- */

int
imprint_read(struct der *d, struct digest *out, struct err *e)
{
	struct der in, value;
	enum digest_alg alg;
	if (der_read(d, DER_SEQUENCE, &in, e) ||
		digest_alg_read(&in, &alg, e) ||
		der_read(&in, DER_OCTET_STRING, &value, e) ||
		der_end(&in, "message imprint", e))
		return -1;
	if (alg == DIGEST_NONE)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"The digest algorithm of the imprint is not known");
	struct bytes v = der_rest(&value);
	if (v.len != digest_size(alg))
		return fail(e, FAULT_INVALID_MESSAGE,
			"Imprint of %zu bytes instead of %zu", v.len,
			digest_size(alg));
	*out = (struct digest){ .alg = alg, .len = v.len };
	memcpy(out->value, v.data, v.len);
	return 0;
}

void
imprint_put(struct buf *b, const struct digest *imprint)
{
	struct buf in;
	buf_init(&in, 256);
	digest_alg_put(&in, imprint->alg);
	der_put(&in, DER_OCTET_STRING, imprint->value, imprint->len);
	der_put_buf(b, DER_SEQUENCE, &in);
	buf_done(&in);
}

/* ---- requests ---- */

int
tsp_request_make(const struct digest *imprint, struct arena *a,
	struct bytes *der, struct err *e)
{
	struct buf in, out;
	if (imprint->alg == DIGEST_NONE)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM, "No digest given");
	buf_init(&in, 512);
	buf_init(&out, 512);
	der_put_int(&in, 1);
	imprint_put(&in, imprint);
	der_put_buf(&out, DER_SEQUENCE, &in);
	*der = buf_keep(&out, a);
	buf_done(&in);
	buf_done(&out);
	return 0;
}

/* What may follow the imprint. */
static int
request_options(
	struct der *d, struct arena *a, struct tsp_request *out, struct err *e)
{
	struct der in;
	char *policy;
	if (der_peek(d) == DER_OID) {
		if (der_oid(d, a, &policy, e))
			return -1;
		out->policy = policy;
	}
	if (der_peek(d) == DER_INTEGER) {
		if (der_read(d, DER_INTEGER, &in, e))
			return -1;
		struct bytes nonce = der_rest(&in);
		if (nonce.len == 0 || nonce.len > TSP_NONCE_MAX)
			return fail(e, FAULT_INVALID_MESSAGE,
				"Nonce of %zu bytes", nonce.len);
		out->nonce = bytes_of(
			arena_memdup(a, nonce.data, nonce.len), nonce.len);
	}
	if (der_peek(d) == DER_BOOLEAN) {
		if (der_read(d, DER_BOOLEAN, &in, e))
			return -1;
		if (in.end - in.p != 1)
			return fail(e, FAULT_INVALID_MESSAGE,
				"DER: malformed boolean");
		out->cert_req = in.p[0] != 0;
	}
	if (der_more(d))
		return fail(e, FAULT_INVALID_MESSAGE,
			"Extensions of the request are not supported");
	return 0;
}

int
tsp_request_parse(struct arena *a, struct bytes der, struct tsp_request *out,
	struct err *e)
{
	struct der d = der_open(der), req;
	int64_t version;
	*out = (struct tsp_request){ .cert_req = false };
	if (der.len > TSP_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE,
			"Time-stamp request of %zu bytes", der.len);
	if (der_read(&d, DER_SEQUENCE, &req, e) || der_end(&d, "request", e) ||
		der_int(&req, &version, e))
		return -1;
	if (version != 1)
		return fail(e, FAULT_INVALID_MESSAGE,
			"Time-stamp request of version %lld",
			(long long)version);
	if (imprint_read(&req, &out->imprint, e))
		return -1;
	return request_options(&req, a, out, e);
}

/* ---- responses: reading ---- */

/* First text of PKIFreeText, fit to be shown. */
static int
status_text(struct der *info, char out[STATUS_TEXT_MAX], struct err *e)
{
	struct der list, text;
	out[0] = '\0';
	if (der_peek(info) != DER_SEQUENCE)
		return 0;
	if (der_read(info, DER_SEQUENCE, &list, e))
		return -1;
	if (!der_more(&list))
		return 0;
	if (der_read(&list, DER_UTF8_STRING, &text, e))
		return -1;
	size_t n = 0;
	for (; der_more(&text) && n < STATUS_TEXT_MAX - 1; text.p++)
		out[n++] = *text.p < ' ' || *text.p > '~' ? '?' : (char)*text.p;
	out[n] = '\0';
	return 0;
}

/* Lowest bit set in PKIFailureInfo, -1 when there is none. */
static int
failure_bit(struct der *info, int *bit, struct err *e)
{
	struct der bits;
	*bit = -1;
	if (der_peek(info) != DER_BIT_STRING)
		return 0;
	if (der_read(info, DER_BIT_STRING, &bits, e))
		return -1;
	size_t n = (size_t)(bits.end - bits.p);
	if (n == 0 || n > 8)
		return fail(e, FAULT_INVALID_MESSAGE, "DER: malformed bits");
	for (int i = 0; i < (int)(n - 1) * 8 && *bit < 0; i++)
		if (bits.p[1 + i / 8] & (0x80 >> i % 8))
			*bit = i;
	return 0;
}

/* Malformed goes to e; a refusal, well-formed, goes to `refused`. */
static int
response_read(struct bytes der, struct bytes *token, struct err *refused,
	struct err *e)
{
	struct der d = der_open(der), resp, info;
	char text[STATUS_TEXT_MAX];
	int64_t status;
	int bit;
	if (der_read(&d, DER_SEQUENCE, &resp, e) ||
		der_read(&resp, DER_SEQUENCE, &info, e) ||
		der_int(&info, &status, e) || status_text(&info, text, e) ||
		failure_bit(&info, &bit, e) || der_end(&info, "status", e))
		return -1;
	if (status != STATUS_GRANTED && status != STATUS_GRANTED_WITH_MODS)
		return fail(refused, FAULT_TSA_NOT_GRANTED,
			"The time-stamping service refused (status %lld, "
			"failure %d): %s",
			(long long)status, bit, text);
	if (der_any(&resp, token, e) || der_end(&resp, "time stamp", e))
		return -1;
	return 0;
}

int
tsp_response_token(struct bytes response, struct arena *a, struct bytes *token,
	struct err *e)
{
	struct err why = ERR_INIT;
	struct bytes der;
	if (ber_to_der(a, response, &der, &why) == 0 &&
		response_read(der, token, e, &why) == 0)
		return 0;
	if (err_set(&why))
		return fail(e, FAULT_TSA_RESPONSE,
			"The answer of the time-stamping service is malformed: "
			"%s",
			why.text);
	return -1;
}

/* ---- responses: refusing ---- */

struct bytes
tsp_refusal_make(struct arena *a, int bit, const char *text)
{
	struct buf list, info, resp, out;
	uint8_t bits[1 + 8] = { 0 };
	size_t n = bit >= 0 && bit < 64 ? (size_t)bit / 8 : 0;
	buf_init(&list, 4096);
	buf_init(&info, 8192);
	buf_init(&resp, 8192);
	buf_init(&out, 8192);
	der_put_int(&info, STATUS_REJECTION);
	der_put(&list, DER_UTF8_STRING, text, strnlen(text, 1024));
	der_put_buf(&info, DER_SEQUENCE, &list);
	if (bit >= 0 && bit < 64) {
		bits[0] = (uint8_t)(7 - bit % 8);
		bits[1 + n] = (uint8_t)(0x80 >> bit % 8);
		der_put(&info, DER_BIT_STRING, bits, n + 2);
	}
	der_put_buf(&resp, DER_SEQUENCE, &info);
	der_put_buf(&out, DER_SEQUENCE, &resp);
	struct bytes der = buf_keep(&out, a);
	buf_done(&list);
	buf_done(&info);
	buf_done(&resp);
	buf_done(&out);
	return der;
}
