/* SPDX-License-Identifier: MIT */
/*
 * Signatures of every form that another security server may make, at the real
 * doors: as a request at port 5500 and as an answer to the town. Digests of
 * references, digest of the signature algorithm and x-hash-algorithm are
 * chosen independently; RSA PKCS#1, RSA-PSS and ECDSA; plain, batch and the
 * multi-reference form with ds:Signature as root. Rule:
 * interop/xroad-messages.md 2.4, 3.2-3.6; SignatureVerifier and
 * HashChainVerifier of X-Road 7.8.0.
 */
#define IN_SERVER 1
#define IN_XROAD  1

#include "evil.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "hashchain_int.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "xades_int.h"
#include "xml.h"

static struct net n;
static struct evil v;
static struct party rsa;

enum form { PLAIN, BATCH, MULTI };
enum { DOC_MAX = 256 * 1024 };

#define INCLUSIVE "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define EXCLUSIVE "http://www.w3.org/2001/10/xml-exc-c14n#"
#define FAKE      "/r1/JP/COM/3000/Fake/any"
#define SIGN      "signature_verification."

struct recipe {
	enum form form;
	bool rsa, pss;
	/* of the signature algorithm; of references, steps and DataRefs */
	enum digest_alg method, parts;
	enum digest_alg named; /* x-hash-algorithm */
	size_t body;
	const char *code; /* what comes of it; "" accepted */
};

#define S2 DIGEST_SHA256
#define S3 DIGEST_SHA384
#define S5 DIGEST_SHA512

static const struct recipe recipes[] = {
	/* the digest of the signature algorithm */
	{ PLAIN, false, false, S2, S5, S5, 0, "" },
	{ PLAIN, false, false, S3, S5, S5, 0, "" },
	{ PLAIN, false, false, S5, S5, S5, 0, "" },
	{ PLAIN, true, false, S2, S5, S5, 0, "" },
	{ PLAIN, true, false, S3, S5, S5, 0, "" },
	{ PLAIN, true, false, S5, S5, S5, 0, "" },
	{ PLAIN, true, true, S2, S5, S5, 0, "" },
	{ PLAIN, true, true, S3, S5, S5, 0, "" },
	{ PLAIN, true, true, S5, S5, S5, 0, "" },
	/* everything smaller, x-hash-algorithm SHA-512; and the reverse */
	{ PLAIN, false, false, S2, S2, S5, 0, "" },
	{ PLAIN, true, false, S3, S3, S5, 0, "" },
	{ PLAIN, true, true, S2, S2, S5, 0, "" },
	{ PLAIN, false, false, S5, S5, S2, 0, "" },
	{ PLAIN, true, true, S5, S5, S3, 0, "" },
	{ PLAIN, false, false, S3, S2, S3, 0, "" },
	/* chains */
	{ BATCH, false, false, S2, S5, S5, 100, "" },
	{ BATCH, true, false, S3, S5, S5, 100, "" },
	{ BATCH, true, true, S2, S5, S5, 100, "" },
	{ BATCH, false, false, S2, S2, S2, 100, "" },
	{ BATCH, true, false, S3, S3, S3, 70000, "" },
	{ BATCH, false, false, S5, S5, S2, 100, "" },
	{ BATCH, true, true, S5, S5, S3, 100, "" },
	{ BATCH, false, false, S2, S2, S5, 0, "" },
	/* a digest that nobody named: X-Road has nothing to compare either */
	{ BATCH, false, false, S2, S2, S5, 100,
		"malformed_signature.invalid_reference" },
	{ BATCH, false, false, S3, S3, S2, 100,
		"malformed_signature.invalid_reference" },
	/* several references */
	{ MULTI, false, false, S5, S5, S5, 0, "" },
	{ MULTI, false, false, S2, S5, S5, 100, "" },
	{ MULTI, true, false, S5, S5, S5, 70000, "" },
	{ MULTI, true, true, S3, S5, S5, 100, "" },
	{ MULTI, false, false, S2, S2, S2, 100, "" },
	{ MULTI, true, false, S5, S5, S2, 100, "" },
	{ MULTI, true, true, S2, S2, S5, 0, "" },
	{ MULTI, false, false, S2, S2, S5, 100, "invalid_signature_value" },
};

/* ---- making ---- */

static void
put_digest(struct buf *b, enum digest_alg alg, struct bytes data)
{
	struct digest d;

	digest_of(alg, data.data, data.len, &d);
	buf_fmt(b,
		"<ds:DigestMethod Algorithm=\"%s\"/>"
		"<ds:DigestValue>",
		digest_uri(alg));
	buf_base64(b, d.value, d.len);
	buf_str(b, "</ds:DigestValue>");
}

/* One step over both parts, as X-Road's HashChainBuilder writes it. */
static void
make_chain(struct arena *a, const struct recipe *r, const struct bytes *part,
	size_t parts, struct signature *out)
{
	struct buf b, list;
	struct digest d, top;

	buf_init(&b, DOC_MAX);
	buf_init(&list, DOC_MAX);
	buf_fmt(&b,
		"<hc:HashChain xmlns:hc=\"%s\" xmlns:ds=\"%s\">"
		"<hc:DefaultDigestMethod Algorithm=\"%s\"/>"
		"<hc:HashStep id=\"STEP0\">",
		NS_HASHCHAIN, NS_DSIG, digest_uri(r->parts));
	for (size_t i = 0; i < parts; i++) {
		digest_of(r->parts, part[i].data, part[i].len, &d);
		digest_list_add(&list, &d);
		buf_fmt(&b, "<hc:DataRef URI=\"%s\"><ds:DigestValue>",
			i ? "/attachment1" : "/message.xml");
		buf_base64(&b, d.value, d.len);
		buf_str(&b, "</ds:DigestValue></hc:DataRef>");
	}
	buf_str(&b, "</hc:HashStep></hc:HashChain>");
	out->hashchain = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	digest_list_hash(&list, r->parts, &top);
	buf_reset(&b);
	buf_fmt(&b,
		"<hc:HashChainResult xmlns:hc=\"%s\" xmlns:ds=\"%s\" "
		"URI=\"/sig-hashchain.xml#STEP0\"><ds:DigestMethod "
		"Algorithm=\"%s\"/><ds:DigestValue>",
		NS_HASHCHAIN, NS_DSIG, digest_uri(r->parts));
	buf_base64(&b, top.value, top.len);
	buf_str(&b, "</ds:DigestValue></hc:HashChainResult>");
	out->hashchain_result = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	buf_done(&list);
}

/* What the document is made of; digests and value grow in three rounds. */
struct draft {
	const struct recipe *r;
	const struct party *who;
	const struct bytes *part;
	size_t parts;
	struct bytes properties, value, ocsp;
	int64_t time;
};

static void
put_reference(struct buf *b, const struct draft *d, const char *uri,
	struct bytes data)
{
	buf_fmt(b, "<ds:Reference URI=\"%s\">", uri);
	put_digest(b, d->r->parts, data);
	buf_str(b, "</ds:Reference>");
}

static void
put_signed_info(struct buf *b, const struct draft *d, struct sign_alg alg)
{
	static const char *const uri[] = { "/message.xml", "/attachment1" };
	bool multi = d->r->form == MULTI;

	buf_fmt(b,
		"<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"%s\"/>"
		"<ds:SignatureMethod Algorithm=\"%s\"/>",
		multi ? EXCLUSIVE : INCLUSIVE, sign_alg_uri(alg));
	for (size_t i = 0; i < d->parts; i++)
		put_reference(b, d,
			d->r->form == BATCH ? "/sig-hashchainresult.xml"
					    : uri[i],
			d->part[i]);
	buf_str(b, "<ds:Reference Type=\"" TYPE_PROPERTIES "\" URI=\"#p\">");
	if (multi)
		buf_str(b, "<ds:Transforms><ds:Transform Algorithm=\"" EXCLUSIVE
			   "\"/></ds:Transforms>");
	put_digest(b, d->r->parts, d->properties);
	buf_str(b, "</ds:Reference></ds:SignedInfo>");
}

static void
put_properties(struct buf *b, const struct draft *d)
{
	const char *v2 = d->r->form == MULTI ? "V2" : "";
	char when[TIME_TEXT_MAX];

	buf_fmt(b,
		"<xades:QualifyingProperties xmlns:xades=\"%s\" Target=\"#s\">"
		"<xades:SignedProperties Id=\"p\">"
		"<xades:SignedSignatureProperties><xades:SigningTime>%s"
		"</xades:SigningTime><xades:SigningCertificate%s><xades:Cert>"
		"<xades:CertDigest>",
		NS_XADES, time_iso_ms(when, d->time), v2);
	put_digest(b, d->r->parts, cert_der(d->who->cert));
	buf_fmt(b,
		"</xades:CertDigest></xades:Cert></xades:SigningCertificate%s>"
		"</xades:SignedSignatureProperties></xades:SignedProperties>"
		"<xades:UnsignedProperties><xades:UnsignedSignatureProperties>"
		"<xades:RevocationValues><xades:OCSPValues>"
		"<xades:EncapsulatedOCSPValue>",
		v2);
	buf_base64(b, d->ocsp.data, d->ocsp.len);
	buf_str(b, "</xades:EncapsulatedOCSPValue></xades:OCSPValues>"
		   "</xades:RevocationValues>"
		   "</xades:UnsignedSignatureProperties>"
		   "</xades:UnsignedProperties></xades:QualifyingProperties>");
}

static void
put_document(struct buf *b, const struct draft *d, struct sign_alg alg)
{
	struct bytes der = cert_der(d->who->cert);
	bool multi = d->r->form == MULTI;

	buf_reset(b);
	if (!multi)
		buf_str(b, "<asic:XAdESSignatures xmlns:asic=\"" NS_ASIC "\">");
	buf_str(b, "<ds:Signature xmlns:ds=\"" NS_DSIG "\" Id=\"s\">");
	put_signed_info(b, d, alg);
	buf_str(b, "<ds:SignatureValue>");
	buf_base64(b, d->value.data, d->value.len);
	buf_str(b, "</ds:SignatureValue><ds:KeyInfo><ds:X509Data>"
		   "<ds:X509Certificate>");
	buf_base64(b, der.data, der.len);
	buf_str(b, "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
		   "<ds:Object>");
	put_properties(b, d);
	buf_str(b, "</ds:Object></ds:Signature>");
	if (!multi)
		buf_str(b, "</asic:XAdESSignatures>");
}

static struct bytes
canonical(struct arena *a, const struct buf *doc, enum form form,
	const char *path)
{
	struct xml_doc *d = NULL;
	struct bytes out = { NULL, 0 };
	struct err e = ERR_INIT;
	struct buf b;

	buf_init(&b, DOC_MAX);
	if (xml_parse(a, bytes_buf(doc), NULL, &d, &e) ||
		xml_canonical(xml_path(xml_root(d), NULL, path),
			form == MULTI ? C14N_10_EXCLUSIVE : C14N_10, &b, &e))
		ok_m(false, "%s: %s", path, e.text);
	else
		out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	return out;
}

static void
sign_value(struct arena *a, struct draft *d, struct sign_alg alg,
	struct bytes info)
{
	struct err e = ERR_INIT;
	struct bytes der;

	ok_m(!key_sign(d->who->key, alg, info, a, &d->value, &e), "signs: %s",
		e.text);
	der = d->value;
	if (alg.scheme == SIGN_ECDSA)
		ok(!ecdsa_raw_from_der(a, der, 32, &d->value, &e));
}

/* evil_sign_fn */
static struct signature
make(void *ctx, struct arena *a, struct bytes head, struct bytes body)
{
	const struct recipe *r = ctx;
	struct signature s = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	struct bytes part[2] = { head, body };
	struct draft d = { .r = r,
		.who = r->rsa ? &rsa : &n.evil_sign,
		.part = part,
		.parts = body.len ? 2 : 1,
		.time = clock_now() };
	struct sign_alg alg = { !r->rsa  ? SIGN_ECDSA
				: r->pss ? SIGN_RSA_PSS
					 : SIGN_RSA_PKCS1,
		r->method };
	const char *in = r->form == MULTI ? "" : "Signature/";
	struct buf b;

	d.ocsp = net_ocsp(&n, a, d.who->cert, OCSP_GOOD, 0);
	if (r->form == BATCH) {
		make_chain(a, r, part, d.parts, &s);
		part[0] = s.hashchain_result;
		d.parts = 1;
	}
	buf_init(&b, DOC_MAX);
	put_document(&b, &d, alg);
	d.properties = canonical(a, &b, r->form,
		arena_printf(a,
			"%sObject/QualifyingProperties/SignedProperties", in));
	put_document(&b, &d, alg);
	sign_value(a, &d, alg,
		canonical(a, &b, r->form, arena_printf(a, "%sSignedInfo", in)));
	put_document(&b, &d, alg);
	s.xml = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	return s;
}

/* ---- judging ---- */

static const char *
said(const struct recipe *r, const char *side)
{
	return *r->code ? arena_printf(
				  n.a, "server.%s." SIGN "%s", side, r->code)
			: "";
}

static void
test_recipe(const struct recipe *r, size_t i)
{
	static const char *const form[] = { "plain", "batch", "multi" };
	struct recipe mine = *r;
	const struct trick t = { .sign = make,
		.sign_ctx = &mine,
		.hash = digest_jca(r->named),
		.body = r->body };
	const char *what = arena_printf(n.a,
		"%zu: %s %s, signature %s, parts %s, named %s", i,
		form[r->form],
		r->pss   ? "PSS"
		: r->rsa ? "RSA"
			 : "ECDSA",
		digest_jca(r->method), digest_jca(r->parts), t.hash);
	const char *code = evil_send(&v, &t);
	struct http_answer a;

	ok_m(str_equal(code, said(r, "serverproxy")), "request %s: \"%s\"",
		what, code);
	evil_answer(&v, &t);
	a = is_get(&n, FAKE, "form");
	ok_m(str_equal(is_error(&a), said(r, "clientproxy")) &&
			(*r->code || a.body.len == r->body),
		"answer %s: %d \"%s\"", what, a.status, is_error(&a));
}

/* A signature of the same form over something else is refused. */
static void
test_other(enum form f)
{
	struct recipe r = { f, false, false, S2, S5, S5, 10, "" };
	const struct trick t = {
		.sign = make, .sign_ctx = &r, .body = 10, .other_body = true
	};
	const char *code = evil_send(&v, &t);

	is_str(code, f == BATCH ? "server.serverproxy." SIGN
				  "malformed_signature.invalid_hash_chain"
				: "server.serverproxy." SIGN
				  "invalid_signature_value");
}

int
main(void)
{
	net_fork(&n, "signform");
	net_open(&n);
	evil_open(&v, &n);
	rsa = net_issue(&n, KEY_RSA, PARTY_SIGN, "COM", "3000", NULL, 900);
	for (size_t i = 0; i < sizeof(recipes) / sizeof(*recipes); i++)
		test_recipe(&recipes[i], i);
	test_other(BATCH);
	test_other(MULTI);
	party_drop(&rsa);
	evil_close(&v);
	net_close(&n);
	return tap_done();
}
