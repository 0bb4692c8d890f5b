/* SPDX-License-Identifier: MIT */
/*
 * Time-stamp tokens: CMS SignedData (RFC 5652 section 5) with one signer over
 * a TSTInfo (RFC 3161 2.4.2), judged against known services.
 */
#include "tsp.h"

#include <string.h>

#include "cert_int.h"
#include "err.h"
#include "mem.h"
#include "tsp_int.h"

/* The parts of a token; everything points into its DER. */
struct token {
	struct bytes version, digests; /* of SignedData */
	struct bytes encap;            /* EncapsulatedContentInfo, whole */
	struct bytes info;             /* TSTInfo */
	struct bytes certs;   /* content of the certificate set, may be empty */
	struct bytes crls;    /* whole, may be empty */
	struct bytes signers; /* SET OF SignerInfo, whole */
};

struct signer_info {
	struct bytes issuer, serial; /* or: */
	struct bytes key_id;
	enum digest_alg digest;
	struct sign_alg alg;
	struct bytes attributes; /* content of the set */
	struct bytes signature;
};

/* Signed attributes that we act on. */
struct attributes {
	struct bytes content_type; /* each: the one value, whole */
	struct bytes message_digest;
	struct bytes signing_cert, signing_cert_v2;
};

/* ---- structure ---- */

static int
encap_read(struct token *t, struct err *e)
{
	struct der d = der_open(t->encap), encap, wrap, info;
	bool tst;
	if (der_read(&d, DER_SEQUENCE, &encap, e) ||
		oid_match(&encap, OID_TST_INFO, &tst, e))
		return -1;
	if (!tst)
		return fail(e, FAULT_INVALID_MESSAGE,
			"The signed content is not a time stamp");
	if (der_read(&encap, DER_CONTEXT_CONSTRUCTED(0), &wrap, e) ||
		der_read(&wrap, DER_OCTET_STRING, &info, e) ||
		der_end(&wrap, "content", e) || der_end(&encap, "content", e))
		return -1;
	t->info = der_rest(&info);
	return 0;
}

static int
token_read(struct bytes der, struct token *t, struct err *e)
{
	struct der d = der_open(der), ci, wrap, sd, certs;
	bool signed_data;
	*t = (struct token){ .certs = bytes_of(NULL, 0) };
	if (der_read(&d, DER_SEQUENCE, &ci, e) || der_end(&d, "token", e) ||
		oid_match(&ci, OID_SIGNED_DATA, &signed_data, e))
		return -1;
	if (!signed_data)
		return fail(e, FAULT_INVALID_MESSAGE, "Not CMS SignedData");
	if (der_read(&ci, DER_CONTEXT_CONSTRUCTED(0), &wrap, e) ||
		der_end(&ci, "token", e) ||
		der_read(&wrap, DER_SEQUENCE, &sd, e) ||
		der_end(&wrap, "signed data", e) ||
		der_any(&sd, &t->version, e) || der_any(&sd, &t->digests, e) ||
		der_any(&sd, &t->encap, e) || encap_read(t, e))
		return -1;
	if (der_peek(&sd) == DER_CONTEXT_CONSTRUCTED(0)) {
		if (der_read(&sd, DER_CONTEXT_CONSTRUCTED(0), &certs, e))
			return -1;
		t->certs = der_rest(&certs);
	}
	if (der_peek(&sd) == DER_CONTEXT_CONSTRUCTED(1) &&
		der_any(&sd, &t->crls, e))
		return -1;
	if (der_peek(&sd) != DER_SET)
		return fail(e, FAULT_INVALID_MESSAGE, "Signer is missing");
	if (der_any(&sd, &t->signers, e) || der_end(&sd, "signers", e))
		return -1;
	return 0;
}

static int
signer_id_read(struct der *d, struct signer_info *s, struct err *e)
{
	struct der in, serial;
	if (der_peek(d) == DER_CONTEXT(0)) {
		if (der_read(d, DER_CONTEXT(0), &in, e))
			return -1;
		s->key_id = der_rest(&in);
		if (s->key_id.len == 0)
			return fail(e, FAULT_INVALID_MESSAGE,
				"Empty subject key identifier");
		return 0;
	}
	if (der_read(d, DER_SEQUENCE, &in, e) || der_any(&in, &s->issuer, e) ||
		name_check(s->issuer, e) ||
		der_read(&in, DER_INTEGER, &serial, e) ||
		der_end(&in, "signer identifier", e))
		return -1;
	s->serial = der_rest(&serial);
	return 0;
}

/* RFC 3161 2.4.2: the token has exactly one signer. */
static int
signer_read(const struct token *t, struct signer_info *s, struct err *e)
{
	struct der d = der_open(t->signers), set, si, attrs, sig, skip;
	int64_t version;
	*s = (struct signer_info){ .digest = DIGEST_NONE };
	if (der_read(&d, DER_SET, &set, e) ||
		der_read(&set, DER_SEQUENCE, &si, e) ||
		der_end(&set, "only signer", e) || der_int(&si, &version, e) ||
		signer_id_read(&si, s, e) ||
		digest_alg_read(&si, &s->digest, e) ||
		der_read(&si, DER_CONTEXT_CONSTRUCTED(0), &attrs, e) ||
		sign_alg_read_cms(&si, s->digest, &s->alg, e) ||
		der_read(&si, DER_OCTET_STRING, &sig, e))
		return -1;
	if (der_peek(&si) == DER_CONTEXT_CONSTRUCTED(1) &&
		der_read(&si, DER_CONTEXT_CONSTRUCTED(1), &skip, e))
		return -1;
	s->attributes = der_rest(&attrs);
	s->signature = der_rest(&sig);
	return der_end(&si, "signer", e);
}

static int
attribute_read(struct der *list, struct attributes *out, struct err *e)
{
	struct der attr, set;
	struct bytes value;
	char oid[OID_TEXT_MAX];
	const struct {
		const char *oid;
		struct bytes *slot;
	} known[] = {
		{ OID_CONTENT_TYPE, &out->content_type },
		{ OID_MESSAGE_DIGEST, &out->message_digest },
		{ OID_SIGNING_CERT, &out->signing_cert },
		{ OID_SIGNING_CERT_V2, &out->signing_cert_v2 },
	};
	if (der_read(list, DER_SEQUENCE, &attr, e) || oid_read(&attr, oid, e) ||
		der_read(&attr, DER_SET, &set, e) ||
		der_end(&attr, "attribute", e))
		return -1;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(oid, known[i].oid) != 0)
			continue;
		if (der_any(&set, &value, e) ||
			der_end(&set, "only attribute value", e))
			return -1;
		if (known[i].slot->len)
			return fail(e, FAULT_INVALID_MESSAGE,
				"Signed attribute %s is repeated", oid);
		*known[i].slot = value;
	}
	return 0;
}

static int
attributes_read(struct bytes set, struct attributes *out, struct err *e)
{
	struct der d = der_open(set);
	*out = (struct attributes){ .content_type = bytes_of(NULL, 0) };
	for (int n = 0; der_more(&d); n++) {
		if (n == TSP_ATTRIBUTES_MAX)
			return fail(e, FAULT_TOO_LARGE,
				"More than %d signed attributes",
				TSP_ATTRIBUTES_MAX);
		if (attribute_read(&d, out, e))
			return -1;
	}
	return 0;
}

/* Accuracy, ordering, nonce, name and extensions are read past. */
static int
info_read(
	struct bytes der, struct arena *a, struct tsp_token *out, struct err *e)
{
	struct der d = der_open(der), info, serial;
	char policy[OID_TEXT_MAX];
	struct bytes skip;
	int64_t version;
	if (der_read(&d, DER_SEQUENCE, &info, e) ||
		der_end(&d, "time stamp", e) || der_int(&info, &version, e))
		return -1;
	if (version != 1)
		return fail(e, FAULT_INVALID_MESSAGE,
			"Time stamp of version %lld", (long long)version);
	if (oid_read(&info, policy, e) ||
		imprint_read(&info, &out->imprint, e) ||
		der_read(&info, DER_INTEGER, &serial, e) ||
		der_time(&info, &out->gen_time, e))
		return -1;
	while (der_more(&info))
		if (der_any(&info, &skip, e))
			return -1;
	struct bytes s = der_rest(&serial);
	out->serial = bytes_of(arena_memdup(a, s.data, s.len), s.len);
	return 0;
}

/* ---- judgement ---- */

static bool
signer_is(const struct signer_info *s, const struct cert *c)
{
	struct digest hash;
	if (!s->key_id.len)
		return bytes_equal(s->serial, cert_serial_raw(c)) &&
		       name_equal(s->issuer, cert_issuer_der(c));
	if (c->key_id.len)
		return bytes_equal(s->key_id, c->key_id);
	key_sha1(cert_key(c), &hash);
	return bytes_equal(s->key_id, bytes_of(hash.value, hash.len));
}

static int
signer_find(const struct signer_info *s, struct cert_list tsa,
	struct cert **out, struct err *e)
{
	for (size_t i = 0; i < tsa.n; i++)
		if (signer_is(s, tsa.item[i])) {
			*out = tsa.item[i];
			return 0;
		}
	return fail(e, FAULT_TSA_CERT,
		"The certificate that signed the time stamp is not among those "
		"of the known time-stamping services");
}

/* The attributes as they were signed: a SET OF in DER (RFC 5652 5.4). */
static int
signature_check(const struct signer_info *s, const struct cert *c,
	struct arena *a, struct err *e)
{
	struct der d = der_open(s->attributes);
	struct bytes item[TSP_ATTRIBUTES_MAX];
	size_t n = 0;
	struct buf set;
	while (der_more(&d) && n < TSP_ATTRIBUTES_MAX)
		if (der_any(&d, &item[n++], e))
			return -1;
	buf_init(&set, DER_BUF_MAX);
	der_put_set_of(&set, DER_SET, item, n);
	struct bytes data =
		bytes_of(arena_memdup(a, set.data, set.len), set.len);
	buf_done(&set);
	return key_verify(cert_key(c), s->alg, data, s->signature, e);
}

/* Algorithms, content type, digest of the content, signature. */
static int
signer_check(const struct token *t, const struct signer_info *s,
	const struct attributes *at, const struct cert *c, struct arena *a,
	struct err *e)
{
	struct der type = der_open(at->content_type);
	struct der md = der_open(at->message_digest), value;
	struct digest hash;
	bool tst = false;
	if (s->digest == DIGEST_NONE || s->digest == DIGEST_SHA1 ||
		s->alg.digest != s->digest)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"Its algorithms are not accepted");
	if (oid_match(&type, OID_TST_INFO, &tst, e) ||
		der_read(&md, DER_OCTET_STRING, &value, e))
		return -1;
	if (!tst)
		return fail(e, FAULT_INVALID_MESSAGE,
			"Another content type is signed");
	digest_of(s->digest, t->info.data, t->info.len, &hash);
	if (!bytes_equal(der_rest(&value), bytes_of(hash.value, hash.len)))
		return fail(e, FAULT_INVALID_SIGNATURE_VALUE,
			"The content is not what was signed");
	return signature_check(s, c, a, e);
}

/* SEQUENCE { issuer names, serial } of ESSCertID, when present. */
static int
ess_issuer_check(struct der *id, const struct cert *c, struct err *e)
{
	struct der in, names, name, serial;
	if (!der_more(id))
		return 0;
	if (der_read(id, DER_SEQUENCE, &in, e) ||
		der_read(&in, DER_SEQUENCE, &names, e) ||
		der_read(&in, DER_INTEGER, &serial, e))
		return -1;
	if (!bytes_equal(der_rest(&serial), cert_serial_raw(c)))
		return fail(e, FAULT_TSA_RESPONSE,
			"The signing-certificate attribute has another serial "
			"number");
	if (der_peek(&names) != DER_CONTEXT_CONSTRUCTED(4))
		return 0;
	if (der_read(&names, DER_CONTEXT_CONSTRUCTED(4), &name, e) ||
		name_check(der_rest(&name), e))
		return -1;
	if (!name_equal(der_rest(&name), cert_issuer_der(c)))
		return fail(e, FAULT_TSA_RESPONSE,
			"The signing-certificate attribute has another issuer");
	return 0;
}

/* The first certificate identifier is the signer's (RFC 5035 section 5). */
static int
ess_check(struct bytes value, enum digest_alg alg, bool v2,
	const struct cert *c, struct err *e)
{
	struct der d = der_open(value), all, list, id, hash;
	struct digest want;
	if (!value.len)
		return 0;
	if (der_read(&d, DER_SEQUENCE, &all, e) ||
		der_read(&all, DER_SEQUENCE, &list, e) ||
		der_read(&list, DER_SEQUENCE, &id, e))
		return -1;
	if (v2 && der_peek(&id) == DER_SEQUENCE &&
		digest_alg_read(&id, &alg, e))
		return -1;
	if (alg == DIGEST_NONE)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"Its digest algorithm is not known");
	if (der_read(&id, DER_OCTET_STRING, &hash, e))
		return -1;
	cert_digest(c, alg, &want);
	if (!bytes_equal(der_rest(&hash), bytes_of(want.value, want.len)))
		return fail(e, FAULT_TSA_RESPONSE,
			"The signing-certificate attribute names another "
			"certificate");
	return ess_issuer_check(&id, c, e);
}

/* Passes on a fault of our own kind, makes one of the others. */
static int
relabel(const struct err *why, enum fault f, const char *what, struct err *e)
{
	if (why->fault == FAULT_TSA_CERT || why->fault == FAULT_TSA_RESPONSE)
		return fail(e, why->fault, "%s", why->text);
	return fail(e, f, "%s: %s", what, why->text);
}

static int
token_open(struct bytes raw, struct arena *a, struct token *t, struct err *e)
{
	struct bytes der;
	if (ber_to_der(a, raw, &der, e))
		return -1;
	return token_read(der, t, e);
}

int
tsp_token_verify(struct bytes token, const struct digest *imprint,
	struct cert_list tsa, struct arena *a, struct tsp_token *out,
	struct err *e)
{
	struct err why = ERR_INIT;
	struct token t;
	struct signer_info s;
	struct attributes at;
	*out = (struct tsp_token){ .gen_time = 0 };
	if (token_open(token, a, &t, &why) || signer_read(&t, &s, &why) ||
		attributes_read(s.attributes, &at, &why) ||
		info_read(t.info, a, out, &why))
		return relabel(
			&why, FAULT_TSA_RESPONSE, "Malformed time stamp", e);
	if (!at.signing_cert.len && !at.signing_cert_v2.len)
		return fail(e, FAULT_TSA_RESPONSE,
			"The time stamp has no signing-certificate attribute");
	if (imprint && !digest_equal(imprint, &out->imprint))
		return fail(e, FAULT_TSA_RESPONSE,
			"The time stamp is about something else");
	if (signer_find(&s, tsa, &out->signer, e))
		return -1;
	if (signer_check(&t, &s, &at, out->signer, a, &why))
		return relabel(&why, FAULT_TSA_SIGNER,
			"The signature of the time stamp is not good", e);
	if (ess_check(at.signing_cert, DIGEST_SHA1, false, out->signer, &why) ||
		ess_check(at.signing_cert_v2, DIGEST_SHA256, true, out->signer,
			&why))
		return relabel(&why, FAULT_TSA_RESPONSE,
			"Malformed signing-certificate attribute", e);
	return 0;
}

/* ---- certificates added ---- */

static int
cert_present(struct bytes set, const struct cert *c, bool *found, struct err *e)
{
	struct der d = der_open(set);
	struct bytes one;
	*found = false;
	while (der_more(&d)) {
		if (der_any(&d, &one, e))
			return -1;
		*found |= bytes_equal(one, cert_der(c));
	}
	return 0;
}

static void
wrap(struct buf *b, int tag)
{
	struct buf in = *b;
	buf_init(b, DER_BUF_MAX);
	der_put_buf(b, tag, &in);
	buf_done(&in);
}

static void
token_put(struct buf *b, const struct token *t, const struct cert *first)
{
	struct buf certs;
	buf_init(&certs, DER_BUF_MAX);
	buf_bytes(&certs, cert_der(first));
	buf_bytes(&certs, t->certs);
	buf_bytes(b, t->version);
	buf_bytes(b, t->digests);
	buf_bytes(b, t->encap);
	der_put_buf(b, DER_CONTEXT_CONSTRUCTED(0), &certs);
	buf_bytes(b, t->crls);
	buf_bytes(b, t->signers);
	buf_done(&certs);
	wrap(b, DER_SEQUENCE);
	wrap(b, DER_CONTEXT_CONSTRUCTED(0));
}

int
tsp_token_with_cert(struct bytes token, const struct cert *signer,
	struct arena *a, struct bytes *out, struct err *e)
{
	struct err why = ERR_INIT;
	struct bytes der;
	struct token t;
	bool found;
	if (ber_to_der(a, token, &der, &why) || token_read(der, &t, &why) ||
		cert_present(t.certs, signer, &found, &why))
		return relabel(
			&why, FAULT_TSA_RESPONSE, "Malformed time stamp", e);
	*out = der;
	if (found)
		return 0;
	struct buf data, b;
	buf_init(&data, DER_BUF_MAX);
	buf_init(&b, DER_BUF_MAX);
	token_put(&data, &t, signer);
	der_put_oid(&b, OID_SIGNED_DATA);
	buf_bytes(&b, bytes_buf(&data));
	wrap(&b, DER_SEQUENCE);
	b.over |= data.over || b.len > TSP_SIZE_MAX;
	int ret = buf_ok(&b, "time stamp", e);
	if (ret == 0)
		*out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&data);
	buf_done(&b);
	return ret;
}
