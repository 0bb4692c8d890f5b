/* SPDX-License-Identifier: MIT */
/*
 * Reading certificates (RFC 5280 4.1). A certificate keeps its DER and
 * pointers into it; extensions we act on are decoded once.
 */
#include "trust_int.h"

#include <stdatomic.h>
#include <string.h>

#include "cert_int.h"
#include "err.h"
#include "mem.h"
#include "text.h"

struct cert *
cert_ref(struct cert *c)
{
	atomic_fetch_add(&c->refs, 1);
	return c;
}

void
cert_unref(struct cert **cp)
{
	struct cert *c = *cp;
	*cp = NULL;
	if (!c || atomic_fetch_sub(&c->refs, 1) > 1)
		return;
	key_unref(&c->key);
	mem_free(c->der);
	mem_free(c);
}

/* ---- extensions ---- */

int
key_usage_read(struct der *d, unsigned *out, struct err *e)
{
	struct der bits;
	*out = 0;
	if (der_read(d, DER_BIT_STRING, &bits, e))
		return -1;
	if (!der_more(&bits) || bits.p[0] > 7)
		return fail(e, FAULT_INVALID_MESSAGE, "DER: malformed bits");
	if (bits.end - bits.p > 1)
		for (int i = 0; i < 8; i++)
			if (bits.p[1] & (0x80 >> i))
				*out |= 1u << i;
	return 0;
}

static int
take_key_usage(struct cert *c, struct der *v, struct err *e)
{
	unsigned usage;
	if (key_usage_read(v, &usage, e))
		return -1;
	c->key_usage = (int)usage;
	return 0;
}

static const char *const usage_oids[] = {
	"1.3.6.1.5.5.7.3.2",
	"1.3.6.1.5.5.7.3.1",
	"1.3.6.1.5.5.7.3.9",
	"1.3.6.1.5.5.7.3.8",
};

static int
take_ext_usage(struct cert *c, struct der *v, struct err *e)
{
	struct der list;
	char oid[OID_TEXT_MAX];
	c->ext_usage = 0;
	if (der_read(v, DER_SEQUENCE, &list, e))
		return -1;
	while (der_more(&list)) {
		if (oid_read(&list, oid, e))
			return -1;
		for (int i = 0; i < 4; i++)
			if (strcmp(oid, usage_oids[i]) == 0)
				c->ext_usage |= 1 << i;
	}
	return 0;
}

void
ext_usage_put(struct buf *b, unsigned usage)
{
	for (int i = 0; i < 4; i++)
		if (usage & (1u << i))
			der_put_oid(b, usage_oids[i]);
}

static int
take_constraints(struct cert *c, struct der *v, struct err *e)
{
	struct der seq, flag;
	int64_t len;
	if (der_read(v, DER_SEQUENCE, &seq, e))
		return -1;
	if (der_peek(&seq) == DER_BOOLEAN) {
		if (der_read(&seq, DER_BOOLEAN, &flag, e))
			return -1;
		c->ca = der_more(&flag) && flag.p[0];
	}
	if (!der_more(&seq))
		return 0;
	if (der_int(&seq, &len, e))
		return -1;
	if (len < 0)
		return fail(e, FAULT_INVALID_MESSAGE, "Negative path length");
	c->path_len = len > 1000 ? 1000 : (int)len;
	return 0;
}

static int
take_key_id(struct cert *c, struct der *v, struct err *e)
{
	struct der id;
	if (der_read(v, DER_OCTET_STRING, &id, e))
		return -1;
	c->key_id = der_rest(&id);
	return 0;
}

/* First id-ad-ocsp access location that is a URI. */
static int
take_access(struct cert *c, struct der *v, struct err *e)
{
	struct der list, one, url;
	bool ocsp;
	if (der_read(v, DER_SEQUENCE, &list, e))
		return -1;
	while (der_more(&list)) {
		if (der_read(&list, DER_SEQUENCE, &one, e) ||
			oid_match(&one, "1.3.6.1.5.5.7.48.1", &ocsp, e))
			return -1;
		if (!ocsp || c->ocsp_url.len ||
			der_peek(&one) != DER_CONTEXT(6))
			continue;
		if (der_read(&one, DER_CONTEXT(6), &url, e))
			return -1;
		c->ocsp_url = der_rest(&url);
	}
	return 0;
}

/* First dNSName. */
static int
take_alt_names(struct cert *c, struct der *v, struct err *e)
{
	struct der list, name;
	struct bytes skip;
	if (der_read(v, DER_SEQUENCE, &list, e))
		return -1;
	while (der_more(&list)) {
		bool dns = der_peek(&list) == DER_CONTEXT(2);
		if (!dns && der_any(&list, &skip, e))
			return -1;
		if (!dns)
			continue;
		if (der_read(&list, DER_CONTEXT(2), &name, e))
			return -1;
		if (!c->dns_name.len)
			c->dns_name = der_rest(&name);
	}
	return 0;
}

static int
take_nothing(struct cert *c, struct der *v, struct err *e)
{
	(void)c, (void)v, (void)e;
	return 0;
}

/* Extensions that may be critical: acted on, or without bearing on what we
   use certificates for. Name constraints are not among them. */
static const struct extension {
	const char *oid;
	int (*take)(struct cert *c, struct der *v, struct err *e);
} extensions[] = {
	{ "2.5.29.15", take_key_usage }, { "2.5.29.37", take_ext_usage },
	{ "2.5.29.19", take_constraints }, { "2.5.29.14", take_key_id },
	{ "1.3.6.1.5.5.7.1.1", take_access },
	{ "2.5.29.35", take_nothing }, /* authority key identifier */
	{ "2.5.29.17", take_alt_names },
	{ "2.5.29.18", take_nothing },         /* issuer alternative name */
	{ "2.5.29.31", take_nothing },         /* CRL distribution points */
	{ "2.5.29.32", take_nothing },         /* certificate policies */
	{ "1.3.6.1.5.5.7.1.3", take_nothing }, /* QC statements */
};
enum { EXTENSIONS = sizeof extensions / sizeof extensions[0] };

static int
take_extension(struct cert *c, struct der *list, struct err *e)
{
	struct der ext, flag, value;
	char oid[OID_TEXT_MAX];
	bool critical = false;
	if (der_read(list, DER_SEQUENCE, &ext, e) || oid_read(&ext, oid, e))
		return -1;
	if (der_peek(&ext) == DER_BOOLEAN) {
		if (der_read(&ext, DER_BOOLEAN, &flag, e))
			return -1;
		critical = der_more(&flag) && flag.p[0];
	}
	if (der_read(&ext, DER_OCTET_STRING, &value, e))
		return -1;
	for (int i = 0; i < EXTENSIONS; i++) {
		if (strcmp(oid, extensions[i].oid) != 0)
			continue;
		if (c->seen & (1u << i))
			return fail(e, FAULT_INVALID_MESSAGE,
				"Certificate extension %s is repeated", oid);
		c->seen |= 1u << i;
		return extensions[i].take(c, &value, e);
	}
	if (critical)
		c->unknown_critical = true;
	return 0;
}

/* ---- the certificate ---- */

static int
take_validity(struct cert *c, struct der *tbs, struct err *e)
{
	struct der v;
	if (der_read(tbs, DER_SEQUENCE, &v, e) ||
		der_time(&v, &c->not_before, e) ||
		der_time(&v, &c->not_after, e))
		return -1;
	return 0;
}

static int
take_tail(struct cert *c, struct der *tbs, struct err *e)
{
	struct der wrap, list, skip;
	for (int tag = 1; tag <= 2; tag++) /* issuer and subject unique ids */
		if (der_peek(tbs) == DER_CONTEXT(tag) &&
			der_read(tbs, DER_CONTEXT(tag), &skip, e))
			return -1;
	if (der_peek(tbs) != DER_CONTEXT_CONSTRUCTED(3))
		return 0;
	if (der_read(tbs, DER_CONTEXT_CONSTRUCTED(3), &wrap, e) ||
		der_read(&wrap, DER_SEQUENCE, &list, e))
		return -1;
	while (der_more(&list))
		if (take_extension(c, &list, e))
			return -1;
	return 0;
}

static int
take_tbs(struct cert *c, struct err *e)
{
	struct der d = der_open(c->tbs), tbs, in;
	struct bytes spki, inner_alg;
	int64_t version = 0;
	if (der_read(&d, DER_SEQUENCE, &tbs, e))
		return -1;
	if (der_peek(&tbs) == DER_CONTEXT_CONSTRUCTED(0) &&
		(der_read(&tbs, DER_CONTEXT_CONSTRUCTED(0), &in, e) ||
			der_int(&in, &version, e)))
		return -1;
	if (version < 0 || version > 2)
		return fail(e, FAULT_INVALID_MESSAGE,
			"Certificate of an unknown version");
	if (der_read(&tbs, DER_INTEGER, &in, e))
		return -1;
	c->serial = der_rest(&in);
	if (c->serial.len == 0 || c->serial.len > SERIAL_MAX)
		return fail(e, FAULT_INVALID_MESSAGE,
			"Certificate serial number of %zu bytes",
			c->serial.len);
	if (der_any(&tbs, &inner_alg, e) || der_any(&tbs, &c->issuer, e) ||
		name_check(c->issuer, e) || take_validity(c, &tbs, e) ||
		der_any(&tbs, &c->subject, e) || name_check(c->subject, e) ||
		der_any(&tbs, &spki, e) || key_parse_public(&c->key, spki, e))
		return -1;
	if (!bytes_equal(inner_alg, c->alg_der))
		return fail(e, FAULT_INVALID_MESSAGE,
			"Certificate with two signature algorithms");
	return take_tail(c, &tbs, e);
}

static int
cert_take(struct cert *c, struct err *e)
{
	struct der d = der_open(bytes_of(c->der, c->len)), cert, bits, alg;
	if (der_read(&d, DER_SEQUENCE, &cert, e))
		return -1;
	c->len = (size_t)(d.p - c->der); /* without trailing bytes */
	if (der_any(&cert, &c->tbs, e))
		return -1;
	struct der at = cert;
	if (der_any(&at, &c->alg_der, e))
		return -1;
	alg = der_open(c->alg_der);
	if (sign_alg_read(&alg, &c->alg, e) ||
		der_read(&at, DER_BIT_STRING, &bits, e))
		return -1;
	if (!der_more(&bits) || bits.p[0] != 0 || der_more(&at))
		return fail(e, FAULT_INVALID_MESSAGE,
			"Certificate with a malformed signature");
	c->signature = bytes_of(bits.p + 1, (size_t)(bits.end - bits.p) - 1);
	return take_tbs(c, e);
}

/* DER, PEM, or base64 of either. */
static int
cert_decode(
	struct arena *a, struct bytes data, struct bytes *der, struct err *e)
{
	for (int i = 0; i < 2; i++) {
		if (data.len && data.data[0] == DER_SEQUENCE) {
			*der = data;
			return 0;
		}
		if (memmem(data.data, data.len, "-----BEGIN", 10)) {
			/* OpenSSL's own form has notes after the certificate */
			if (!pem_decode(
				    a, "TRUSTED CERTIFICATE", data, der, NULL))
				return 0;
			return pem_decode(a, "CERTIFICATE", data, der, e);
		}
		if (base64_decode(
			    a, (const char *)data.data, data.len, &data, NULL))
			break;
	}
	return fail(e, FAULT_INVALID_MESSAGE, "Not a certificate");
}

int
cert_parse(struct cert **out, struct bytes data, struct err *e)
{
	struct arena *a = arena_new();
	struct cert *c = NULL;
	struct bytes der;
	int ret = -1;
	if (data.len == 0 || data.len > 2 * CERT_SIZE_MAX) {
		fail(e, FAULT_TOO_LARGE, "Certificate of %zu bytes", data.len);
		goto out;
	}
	if (cert_decode(a, data, &der, e))
		goto out;
	if (der.len > CERT_SIZE_MAX) {
		fail(e, FAULT_TOO_LARGE, "Certificate of %zu bytes", der.len);
		goto out;
	}
	c = mem_alloc(sizeof *c);
	atomic_init(&c->refs, 1);
	c->key_usage = c->ext_usage = c->path_len = -1;
	c->der = mem_alloc(der.len + 1);
	memcpy(c->der, der.data, der.len);
	c->len = der.len;
	if (cert_take(c, e))
		goto out;
	digest_of(DIGEST_SHA1, c->der, c->len, &c->sha1);
	digest_of(DIGEST_SHA256, c->der, c->len, &c->sha256);
	*out = c;
	c = NULL;
	ret = 0;
out:
	cert_unref(&c);
	arena_free(&a);
	return ret;
}

bool
cert_shaped(struct bytes data)
{
	static const int tag[] = { DER_SEQUENCE, DER_SEQUENCE, DER_BIT_STRING };
	struct arena *a = arena_new();
	struct bytes der;
	struct der d, c, part;
	bool is = !cert_decode(a, data, &der, NULL);

	if (is) {
		d = der_open(der);
		is = !der_read(&d, DER_SEQUENCE, &c, NULL) && !der_more(&d);
	}
	for (size_t i = 0; is && i < sizeof tag / sizeof *tag; i++)
		is = !der_read(&c, tag[i], &part, NULL);
	is = is && !der_more(&c);
	arena_free(&a);
	return is;
}

/* ---- facts ---- */

struct bytes
cert_der(const struct cert *c)
{
	return bytes_of(c->der, c->len);
}

void
cert_digest(const struct cert *c, enum digest_alg alg, struct digest *out)
{
	if (alg == DIGEST_SHA1)
		*out = c->sha1;
	else if (alg == DIGEST_SHA256)
		*out = c->sha256;
	else
		digest_of(alg, c->der, c->len, out);
}

bool
cert_equal(const struct cert *a, const struct cert *b)
{
	return a == b || bytes_equal(cert_der(a), cert_der(b));
}

struct key *
cert_key(const struct cert *c)
{
	return c->key;
}

int64_t
cert_not_before(const struct cert *c)
{
	return c->not_before;
}

int64_t
cert_not_after(const struct cert *c)
{
	return c->not_after;
}

struct bytes
cert_subject_der(const struct cert *c)
{
	return c->subject;
}

struct bytes
cert_issuer_der(const struct cert *c)
{
	return c->issuer;
}

struct bytes
cert_serial_raw(const struct cert *c)
{
	return c->serial;
}

struct bytes
cert_serial(const struct cert *c)
{
	struct bytes s = c->serial;
	while (s.len > 1 && s.data[0] == 0)
		s = bytes_of(s.data + 1, s.len - 1);
	return s;
}

char *
cert_serial_text(const struct cert *c, struct arena *a)
{
	struct bytes s = cert_serial(c);
	uint8_t n[SERIAL_MAX];
	char out[3 * SERIAL_MAX];
	size_t at = sizeof out;
	memcpy(n, s.data, s.len);
	bool left = true;
	out[--at] = '\0';
	while (left) { /* divide by ten until nothing is left */
		unsigned rest = 0;
		left = false;
		for (size_t i = 0; i < s.len; i++) {
			rest = rest << 8 | n[i];
			n[i] = (uint8_t)(rest / 10);
			rest %= 10;
			left |= n[i] != 0;
		}
		out[--at] = (char)('0' + rest);
	}
	return arena_strdup(a, out + at);
}

char *
cert_subject_text(const struct cert *c, struct arena *a)
{
	return name_text(a, c->subject);
}

char *
cert_issuer_text(const struct cert *c, struct arena *a)
{
	return name_text(a, c->issuer);
}

char *
cert_subject_get(const struct cert *c, struct arena *a, const char *oid)
{
	return name_get(a, c->subject, oid);
}

int
cert_key_usage(const struct cert *c)
{
	return c->key_usage;
}

int
cert_ext_usage(const struct cert *c)
{
	return c->ext_usage;
}

bool
cert_is_ca(const struct cert *c)
{
	return c->ca;
}

bool
cert_is_auth(const struct cert *c)
{
	if (c->ext_usage > 0 && c->ext_usage & EKU_CLIENT_AUTH)
		return true;
	return c->key_usage > 0 &&
	       c->key_usage & (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT |
				      KU_DATA_ENCIPHERMENT);
}

bool
cert_is_sign(const struct cert *c)
{
	return c->key_usage > 0 && c->key_usage & KU_NON_REPUDIATION;
}

bool
cert_self_issued(const struct cert *c)
{
	return name_equal(c->subject, c->issuer);
}

char *
cert_dns_name(const struct cert *c, struct arena *a)
{
	struct bytes n = c->dns_name;
	for (size_t i = 0; i < n.len; i++)
		if (n.data[i] <= ' ' || n.data[i] > '~')
			return NULL;
	return n.len ? arena_strndup(a, (const char *)n.data, n.len) : NULL;
}

char *
cert_ocsp_url(const struct cert *c, struct arena *a)
{
	struct bytes u = c->ocsp_url;
	for (size_t i = 0; i < u.len; i++)
		if (u.data[i] <= ' ' || u.data[i] > '~')
			return NULL;
	return u.len ? arena_strndup(a, (const char *)u.data, u.len) : NULL;
}

int
cert_signed_by(const struct cert *c, const struct cert *issuer, struct err *e)
{
	if (!name_equal(c->issuer, issuer->subject))
		return fail(e, FAULT_CERT_PATH,
			"The certificate names another issuer");
	return key_verify(issuer->key, c->alg, c->tbs, c->signature, e);
}
