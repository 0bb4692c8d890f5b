/* SPDX-License-Identifier: MIT */
/*
 * Writing: PKCS#10 requests (RFC 2986) and X.509 certificates (RFC 5280),
 * assembled here so that remote keys sign them like local ones.
 */
#include "trust_int.h"

#include <arpa/inet.h>
#include <string.h>

#include "cert_int.h"
#include "clock.h"
#include "err.h"
#include "mem.h"
#include "text.h"

int
signed_put(struct buf *out, const struct buf *tbs, struct key *key,
	const struct buf *certs, struct err *e)
{
	struct arena *a = arena_new();
	struct sign_alg alg = key_cert_alg(key);
	struct bytes sig;
	struct buf in;
	int ret = -1;
	buf_init(&in, DER_BUF_MAX);
	if (buf_ok(tbs, "data to be signed", e) ||
		key_sign(key, alg, bytes_buf(tbs), a, &sig, e))
		goto out;
	buf_bytes(&in, bytes_buf(tbs));
	sign_alg_put(&in, alg);
	struct buf bits;
	buf_init(&bits, SIGNATURE_MAX + 1);
	buf_char(&bits, 0);
	buf_bytes(&bits, sig);
	der_put_buf(&in, DER_BIT_STRING, &bits);
	buf_done(&bits);
	if (certs)
		buf_bytes(&in, bytes_buf(certs));
	der_put_buf(out, DER_SEQUENCE, &in);
	ret = buf_ok(out, "signed data", e);
out:
	buf_done(&in);
	arena_free(&a);
	return ret;
}

void
key_usage_put(struct buf *b, unsigned usage)
{
	uint8_t bits[2] = { 0, 0 };
	int last = 0;
	for (int i = 0; i < 8; i++)
		if (usage & (1u << i)) {
			bits[1] |= (uint8_t)(0x80 >> i);
			last = i;
		}
	bits[0] = (uint8_t)(7 - last);
	der_put(b, DER_BIT_STRING, bits, 2);
}

void
extension_put(
	struct buf *b, const char *oid, bool critical, const struct buf *value)
{
	static const uint8_t yes = 0xff;
	struct buf in;
	buf_init(&in, DER_BUF_MAX);
	der_put_oid(&in, oid);
	if (critical)
		der_put(&in, DER_BOOLEAN, &yes, 1);
	der_put_buf(&in, DER_OCTET_STRING, value);
	der_put_buf(b, DER_SEQUENCE, &in);
	buf_done(&in);
}

void
alt_name_put(struct buf *b, const char *dns, const char *ip)
{
	struct buf in;
	uint8_t addr[16];
	buf_init(&in, 4096);
	if (dns)
		der_put(&in, DER_CONTEXT(2), dns, strlen(dns));
	if (ip && inet_pton(AF_INET, ip, addr) == 1)
		der_put(&in, DER_CONTEXT(7), addr, 4);
	else if (ip && inet_pton(AF_INET6, ip, addr) == 1)
		der_put(&in, DER_CONTEXT(7), addr, 16);
	der_put_buf(b, DER_SEQUENCE, &in);
	buf_done(&in);
}

static int
finish(struct buf *b, struct arena *a, struct bytes *out, const char *what,
	struct err *e)
{
	if (buf_ok(b, what, e))
		return -1;
	*out = bytes_of(arena_memdup(a, b->data, b->len), b->len);
	return 0;
}

/* ---- requests ---- */

/* [0] attributes: one extensionRequest, or empty. */
static void
csr_attributes_put(struct buf *b, const struct cert_request *r)
{
	struct buf exts, value, attr, set;
	buf_init(&exts, DER_BUF_MAX);
	buf_init(&value, DER_BUF_MAX);
	buf_init(&attr, DER_BUF_MAX);
	buf_init(&set, DER_BUF_MAX);
	if (r->key_usage) {
		key_usage_put(&value, r->key_usage);
		extension_put(&exts, "2.5.29.15", false, &value);
		buf_reset(&value);
	}
	if (r->dns_name) {
		alt_name_put(&value, r->dns_name, NULL);
		extension_put(&exts, "2.5.29.17", false, &value);
	}
	if (exts.len) {
		der_put_buf(&set, DER_SEQUENCE, &exts);
		der_put_oid(&attr, "1.2.840.113549.1.9.14");
		der_put_buf(&attr, DER_SET, &set);
		buf_reset(&set);
		der_put_buf(&set, DER_SEQUENCE, &attr);
	}
	der_put_buf(b, DER_CONTEXT_CONSTRUCTED(0), &set);
	buf_done(&exts);
	buf_done(&value);
	buf_done(&attr);
	buf_done(&set);
}

int
csr_make(struct key *key, const struct cert_request *r, struct arena *a,
	struct bytes *der, struct err *e)
{
	struct buf info, tbs, out;
	int ret = -1;
	buf_init(&info, DER_BUF_MAX);
	buf_init(&tbs, DER_BUF_MAX);
	buf_init(&out, DER_BUF_MAX);
	der_put_int(&info, 0);
	if (r->subject_der.len)
		buf_bytes(&info, r->subject_der);
	else if (name_put(&info, r->subject, r->subjects, e))
		goto out;
	buf_bytes(&info, key_spki(key, a));
	csr_attributes_put(&info, r);
	der_put_buf(&tbs, DER_SEQUENCE, &info);
	if (signed_put(&out, &tbs, key, NULL, e) == 0)
		ret = finish(&out, a, der, "certificate request", e);
out:
	buf_done(&info);
	buf_done(&tbs);
	buf_done(&out);
	return ret;
}

/* First dNSName of a SubjectAltName value. */
static int
alt_name_dns(struct der *v, struct arena *a, const char **out, struct err *e)
{
	struct der list, name;
	struct bytes skip;
	if (der_read(v, DER_SEQUENCE, &list, e))
		return -1;
	while (der_more(&list) && !*out) {
		if (der_peek(&list) != DER_CONTEXT(2)) {
			if (der_any(&list, &skip, e))
				return -1;
			continue;
		}
		if (der_read(&list, DER_CONTEXT(2), &name, e))
			return -1;
		struct bytes s = der_rest(&name);
		for (size_t i = 0; i < s.len; i++)
			if (s.data[i] <= ' ' || s.data[i] > '~')
				return fail(e, FAULT_INVALID_MESSAGE,
					"Malformed DNS name in the request");
		*out = arena_strndup(a, (const char *)s.data, s.len);
	}
	return 0;
}

static int
csr_extension(struct csr *r, struct der *list, struct arena *a, struct err *e)
{
	struct der ext, flag, value;
	char oid[OID_TEXT_MAX];
	if (der_read(list, DER_SEQUENCE, &ext, e) || oid_read(&ext, oid, e) ||
		(der_peek(&ext) == DER_BOOLEAN &&
			der_read(&ext, DER_BOOLEAN, &flag, e)) ||
		der_read(&ext, DER_OCTET_STRING, &value, e))
		return -1;
	if (str_equal(oid, "2.5.29.15"))
		return key_usage_read(&value, &r->key_usage, e);
	if (str_equal(oid, "2.5.29.17"))
		return alt_name_dns(&value, a, &r->dns_name, e);
	return 0;
}

static int
csr_attributes(struct csr *r, struct der *info, struct arena *a, struct err *e)
{
	struct der attrs, attr, set, list;
	bool wanted;
	if (!der_more(info)) /* seen in the wild: left out when empty */
		return 0;
	if (der_read(info, DER_CONTEXT_CONSTRUCTED(0), &attrs, e))
		return -1;
	while (der_more(&attrs)) {
		if (der_read(&attrs, DER_SEQUENCE, &attr, e) ||
			oid_match(&attr, "1.2.840.113549.1.9.14", &wanted, e) ||
			der_read(&attr, DER_SET, &set, e))
			return -1;
		if (!wanted)
			continue;
		if (der_read(&set, DER_SEQUENCE, &list, e))
			return -1;
		while (der_more(&list))
			if (csr_extension(r, &list, a, e))
				return -1;
	}
	return 0;
}

static void
drop_key(void *p)
{
	struct key *k = p;
	key_unref(&k);
}

static int
csr_info(struct csr *r, struct bytes tbs, struct arena *a, struct err *e)
{
	struct der d = der_open(tbs), info;
	struct bytes spki;
	int64_t version;
	if (der_read(&d, DER_SEQUENCE, &info, e) ||
		der_int(&info, &version, e) ||
		der_any(&info, &r->subject_der, e) ||
		name_check(r->subject_der, e) || der_any(&info, &spki, e) ||
		key_parse_public(&r->key, spki, e))
		return -1;
	arena_defer(a, drop_key, r->key);
	return csr_attributes(r, &info, a, e);
}

int
csr_parse(struct arena *a, struct bytes data, struct csr **out, struct err *e)
{
	struct csr *r = arena_new_of(a, struct csr);
	struct der d, seq, bits;
	struct sign_alg alg;
	struct bytes tbs;
	if (data.len == 0 || data.len > CERT_SIZE_MAX)
		return fail(
			e, FAULT_TOO_LARGE, "Request of %zu bytes", data.len);
	struct bytes der = data;
	if (data.data[0] != DER_SEQUENCE &&
		pem_decode(a, "CERTIFICATE REQUEST", data, &der, NULL) &&
		pem_decode(a, "NEW CERTIFICATE REQUEST", data, &der, e))
		return -1;
	d = der_open(bytes_of(arena_memdup(a, der.data, der.len), der.len));
	if (der_read(&d, DER_SEQUENCE, &seq, e) || der_any(&seq, &tbs, e) ||
		sign_alg_read(&seq, &alg, e) ||
		der_read(&seq, DER_BIT_STRING, &bits, e))
		return -1;
	if (!der_more(&bits) || bits.p[0] != 0)
		return fail(e, FAULT_INVALID_MESSAGE, "Malformed signature");
	if (csr_info(r, tbs, a, e) ||
		key_verify(r->key, alg, tbs,
			bytes_of(bits.p + 1, (size_t)(bits.end - bits.p) - 1),
			e))
		return -1;
	r->subject_text = name_text(a, r->subject_der);
	*out = r;
	return 0;
}

char *
csr_subject_get(const struct csr *r, struct arena *a, const char *oid)
{
	return name_get(a, r->subject_der, oid);
}

/* ---- certificates ---- */

/* RFC 5280 4.1.2.5: UTCTime through 2049. */
static void
validity_time_put(struct buf *b, int64_t ms)
{
	struct civil c;
	char text[TIME_TEXT_MAX];
	struct buf in;
	civil_from_seconds(ms / 1000, &c);
	if (c.year < 1950 || c.year > 2049) {
		der_put_time(b, ms);
		return;
	}
	buf_init(&in, TIME_TEXT_MAX);
	buf_str(&in, time_compact(text, ms) + 2);
	buf_char(&in, 'Z');
	der_put_buf(b, DER_UTC_TIME, &in);
	buf_done(&in);
}

static void
key_ids_put(struct buf *exts, const struct cert_template *t,
	const struct cert *issuer, const struct key *issuer_key)
{
	struct digest own, above;
	struct buf value, in;
	buf_init(&value, 256);
	buf_init(&in, 256);
	key_sha1(t->key, &own);
	der_put(&value, DER_OCTET_STRING, own.value, own.len);
	extension_put(exts, "2.5.29.14", false, &value);
	key_sha1(issuer_key, &above);
	struct bytes id = issuer && issuer->key_id.len
				  ? issuer->key_id
				  : bytes_of(above.value, above.len);
	buf_reset(&value);
	der_put(&in, DER_CONTEXT(0), id.data, id.len);
	der_put_buf(&value, DER_SEQUENCE, &in);
	extension_put(exts, "2.5.29.35", false, &value);
	buf_done(&value);
	buf_done(&in);
}

static void
basics_put(struct buf *exts, const struct cert_template *t)
{
	static const uint8_t yes = 0xff;
	struct buf value, in;
	buf_init(&value, 4096);
	buf_init(&in, 4096);
	if (t->ca)
		der_put(&in, DER_BOOLEAN, &yes, 1);
	if (t->ca && t->path_len >= 0)
		der_put_int(&in, t->path_len);
	der_put_buf(&value, DER_SEQUENCE, &in);
	extension_put(exts, "2.5.29.19", true, &value);
	buf_reset(&value);
	if (t->key_usage) {
		key_usage_put(&value, t->key_usage);
		extension_put(exts, "2.5.29.15", true, &value);
		buf_reset(&value);
	}
	if (t->ext_usage) {
		buf_reset(&in);
		ext_usage_put(&in, t->ext_usage);
		der_put_buf(&value, DER_SEQUENCE, &in);
		extension_put(exts, "2.5.29.37",
			t->ext_usage == EKU_TIME_STAMPING, &value);
	}
	buf_done(&value);
	buf_done(&in);
}

static void
extensions_put(struct buf *b, const struct cert_template *t,
	const struct cert *issuer, const struct key *issuer_key)
{
	struct buf exts, value, in, wrap;
	buf_init(&exts, DER_BUF_MAX);
	buf_init(&value, 8192);
	buf_init(&in, 8192);
	buf_init(&wrap, DER_BUF_MAX);
	basics_put(&exts, t);
	key_ids_put(&exts, t, issuer, issuer_key);
	if (t->ocsp_url) {
		der_put_oid(&in, "1.3.6.1.5.5.7.48.1");
		der_put(&in, DER_CONTEXT(6), t->ocsp_url, strlen(t->ocsp_url));
		der_put_buf(&wrap, DER_SEQUENCE, &in);
		der_put_buf(&value, DER_SEQUENCE, &wrap);
		extension_put(&exts, "1.3.6.1.5.5.7.1.1", false, &value);
		buf_reset(&value);
		buf_reset(&wrap);
	}
	if (t->dns_name || t->ip) {
		alt_name_put(&value, t->dns_name, t->ip);
		extension_put(&exts, "2.5.29.17", false, &value);
	}
	der_put_buf(&wrap, DER_SEQUENCE, &exts);
	der_put_buf(b, DER_CONTEXT_CONSTRUCTED(3), &wrap);
	buf_done(&exts);
	buf_done(&value);
	buf_done(&in);
	buf_done(&wrap);
}

static int
template_put(struct buf *b, const struct cert_template *t,
	const struct cert *issuer, struct key *issuer_key, struct err *e)
{
	struct arena *a = arena_new();
	struct buf subject, in;
	uint8_t serial[8];
	int ret = -1;
	buf_init(&subject, DER_BUF_MAX);
	buf_init(&in, DER_BUF_MAX);
	if (t->subject_der.len)
		buf_bytes(&subject, t->subject_der);
	else if (name_put(&subject, t->subject, t->subjects, e))
		goto out;
	for (int i = 0; i < 8; i++)
		serial[i] = (uint8_t)(t->serial >> (8 * (7 - i)));
	der_put_int(&in, 2);
	der_put_buf(b, DER_CONTEXT_CONSTRUCTED(0), &in);
	der_put_uint(b, serial, sizeof serial);
	sign_alg_put(b, key_cert_alg(issuer_key));
	buf_bytes(b, issuer ? issuer->subject : bytes_buf(&subject));
	buf_reset(&in);
	validity_time_put(&in, t->not_before);
	validity_time_put(&in, t->not_after);
	der_put_buf(b, DER_SEQUENCE, &in);
	buf_bytes(b, bytes_buf(&subject));
	buf_bytes(b, key_spki(t->key, a));
	extensions_put(b, t, issuer, issuer_key);
	ret = 0;
out:
	buf_done(&subject);
	buf_done(&in);
	arena_free(&a);
	return ret;
}

int
cert_issue(struct cert **out, const struct cert_template *t,
	const struct cert *issuer, struct key *issuer_key, struct err *e)
{
	struct buf body, tbs, der;
	int ret = -1;
	buf_init(&body, DER_BUF_MAX);
	buf_init(&tbs, DER_BUF_MAX);
	buf_init(&der, CERT_SIZE_MAX);
	if (template_put(&body, t, issuer, issuer_key, e))
		goto out;
	der_put_buf(&tbs, DER_SEQUENCE, &body);
	if (signed_put(&der, &tbs, issuer_key, NULL, e))
		goto out;
	ret = cert_parse(out, bytes_buf(&der), e);
out:
	buf_done(&body);
	buf_done(&tbs);
	buf_done(&der);
	return ret;
}
