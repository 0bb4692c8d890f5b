/* SPDX-License-Identifier: MIT */
/*
 * Signatures of others judged as X-Road judges them, ours made and judged by
 * us, by xmlsec1 and by openssl, and every way of tampering that we know.
 */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "signature.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

#include "pki.inl"

static struct arena *a;
static struct pki pki;

static struct bytes
vector(const char *name)
{
	const char *path = vectors_path(name);
	struct bytes b = { 0 };
	struct err e = ERR_INIT;

	if (path)
		file_read(a, path, 1 << 20, &b, &e);
	return b;
}

static struct hashchain_part
part(const char *uri, struct bytes data)
{
	struct hashchain_part p = { .uri = uri };

	digest_of(DIGEST_SHA512, data.data, data.len, &p.digest);
	return p;
}

/* ---- other people's signatures ---- */

#define OLD "x-road/signatures-old/"
#define SIG "x-road/signatures/"

struct verdict {
	const char *file, *message, *attachment, *result, *chain;
	enum fault want;
};

static enum fault
judge(const struct verdict *v, struct err *e)
{
	struct hashchain_part p[2];
	struct signed_message m = { .part = p, .parts = 1 };
	struct signature s = { .xml = vector(v->file) };
	struct signature_facts f;

	p[0] = part("/message.xml", vector(v->message));
	if (v->attachment)
		p[m.parts++] = part(
			"/attachment1", str_suffix(v->attachment, "attachment1")
						? vector(v->attachment)
						: bytes_str(v->attachment));
	if (v->result) {
		s.hashchain_result = vector(v->result);
		s.hashchain = vector(v->chain);
	}
	signature_verify_core(a, &s, &m, true, &f, e);
	return e->fault;
}

static void
vectors(void)
{
#define M OLD "message-0.xml"
	static const struct verdict row[] = {
		{ OLD "sign-0.xml", M, NULL, NULL, NULL, FAULT_NONE },
		{ OLD "sign-0-old-format.xml", M, NULL, NULL, NULL,
			FAULT_NONE },
		{ SIG "batch-sig.xml", SIG "message-1.xml", "blaah",
			SIG "hash-chain-result.xml", SIG "hash-chain-1.xml",
			FAULT_NONE },
		{ SIG "non-batch-sig/signatures.xml",
			SIG "non-batch-sig/message.xml",
			SIG "non-batch-sig/attachment1", NULL, NULL,
			FAULT_NONE },
		{ SIG "non-batch-sig/signatures.xml",
			SIG "non-batch-sig/message.xml", "other", NULL, NULL,
			FAULT_INVALID_SIGNATURE_VALUE },
		/* Java passes these two: parts that nobody signed, or that
		   are missing */
		{ OLD "sign-0.xml", M, "other", NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "non-batch-sig/signatures.xml",
			SIG "non-batch-sig/message.xml", NULL, NULL, NULL,
			FAULT_INVALID_REFERENCE },
		{ OLD "sign-0.xml", SIG "message-1.xml", NULL, NULL, NULL,
			FAULT_INVALID_SIGNATURE_VALUE },
		{ SIG "batch-sig.xml", SIG "message-1.xml", NULL,
			SIG "hash-chain-result.xml", SIG "hash-chain-1.xml",
			FAULT_INVALID_REFERENCE },
		{ SIG "batch-sig.xml", SIG "message-1.xml", "blaah", NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ OLD "sign-0.xml", M, NULL, SIG "hash-chain-result.xml",
			SIG "hash-chain-1.xml", FAULT_MALFORMED_SIGNATURE },
		{ SIG "batch-sig.xml", M, "blaah", SIG "hash-chain-result.xml",
			SIG "hash-chain-1.xml", FAULT_INVALID_HASH_CHAIN },
		{ SIG "empty.xml", M, NULL, NULL, NULL, FAULT_INVALID_XML },
		{ SIG "sign-0-malformed-xml.xml", M, NULL, NULL, NULL,
			FAULT_INVALID_XML },
		{ SIG "sign-0-no-signature.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "sign-0-no-objectcontainer.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "sign-0-schema-fail.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "sign-0-no-signing-cert.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "sign-0-ocsp-no-responses.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "extra-certs-missing-id.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "extra-certs-missing-cert.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "extra-certs-digest-invalid.xml", M, NULL, NULL, NULL,
			FAULT_MALFORMED_SIGNATURE },
		{ SIG "sign-0-invalid-signature-value.xml", M, NULL, NULL, NULL,
			FAULT_INVALID_SIGNATURE_VALUE },
	};
	size_t i;

	if (!vectors_path(OLD "sign-0.xml")) {
		tap_skip("no vectors");
		return;
	}
	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct err e = ERR_INIT;

		ok_m(judge(&row[i], &e) == row[i].want, "%s %zu: %s",
			row[i].file, i, e.text);
	}
}

/* With trust: the global configuration of those containers. */
static void
vector_trusted(void)
{
	static const struct client_id who = { "DEV", "COM", "4321", NULL },
				      other = { "DEV", "COM", "1234", NULL };
	struct gc_instance_file file = { .version = 3, .expires = INT64_MAX };
	struct signature s = { .xml = vector(
				       SIG "non-batch-sig/signatures.xml") };
	struct hashchain_part p[2];
	struct signed_message m = { .part = p, .parts = 2 };
	struct globalconf *g = NULL;
	struct signature_facts f;
	struct err e = ERR_INIT;
	int64_t at = 1720483200000LL; /* 2024-07-09 */

	if (!s.xml.len) {
		tap_skip("no vectors");
		return;
	}
	p[0] = part("/message.xml", vector(SIG "non-batch-sig/message.xml"));
	p[1] = part("/attachment1", vector(SIG "non-batch-sig/attachment1"));
	file.shared = vector("x-road/globalconf-core/globalconf_good2_v3/DEV/"
			     "shared-params.xml");
	ok(!globalconf_new(&g, &file, 1, "DEV", &e));
	ok_m(!signature_verify(a, &s, &m, g, &who, at, true, &f, &e), "%s",
		e.text);
	is_str(f.owner.code, "4321");
	is_int(signature_verify(a, &s, &m, g, &other, at, true, &f, &e), -1);
	is_int(e.fault, FAULT_INCORRECT_CERTIFICATE);
	err_reset(&e);
	ok(signature_verify(a, &s, &m, g, &who, at + 86400000, true, &f, &e));
	is_int(e.fault, FAULT_INCORRECT_VALIDATION_INFO);
	globalconf_unref(&g);
}

/* ---- ours ---- */

static const struct client_id M1 = { "XX", "COM", "M1", NULL };
static const struct client_id M2 = { "XX", "COM", "M2", "SUB" };

/* n parts: the message and n - 1 attachments, different for every seed. */
static struct hashchain_part *
parts_of(size_t n, size_t seed)
{
	struct hashchain_part *p = arena_array(a, n, sizeof(*p));
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = part(i ? arena_printf(a, "/attachment%zu", i)
			      : "/message.xml",
			bytes_str(arena_printf(a, "%zu %zu", seed, i)));
	return p;
}

static enum fault
check_at(const struct signature *s, const struct hashchain_part *p, size_t n,
	const struct client_id *who, int64_t at, struct signature_facts *f)
{
	struct signed_message m = { .part = p, .parts = n };
	struct err e = ERR_INIT;

	signature_verify(a, s, &m, pki.conf, who, at, true, f, &e);
	if (e.fault)
		tap_note("%s: %s", e.code, e.text);
	return e.fault;
}

static enum fault
check(const struct signature *s, const struct hashchain_part *p, size_t n,
	const struct client_id *who)
{
	struct signature_facts f;

	return check_at(s, p, n, who, PKI_NOW, &f);
}

static enum fault
check_core(struct bytes xml, const struct hashchain_part *p, bool live)
{
	struct signature s = { .xml = xml };
	struct signed_message m = { .part = p, .parts = 1 };
	struct signature_facts f;
	struct err e = ERR_INIT;

	signature_verify_core(a, &s, &m, live, &f, &e);
	return e.fault;
}

static void
round_trips(void)
{
	struct signature s;
	struct signature_facts f;
	struct hashchain_part *p;
	struct err e = ERR_INIT;
	size_t n;
	int ec;

	for (ec = 0; ec < 2; ec++) {
		struct signing by = pki_signing(&pki, a, ec);

		for (n = 1; n <= 5; n++) {
			p = parts_of(n, n);
			ok_m(!signature_make(a, &by, p, n, &s, &e), "%s",
				e.text);
			is_int(check_at(&s, p, n, ec ? &M2 : &M1, PKI_NOW, &f),
				FAULT_NONE);
			is_int(f.batch, n > 1);
			is_int(f.signing_time, PKI_NOW);
			is_int(f.ocsps, by.ocsps);
			ok(cert_equal(f.signer, by.cert));
			is_str(f.owner.code, ec ? "M2" : "M1");
			/* somebody else's, another message, a part more */
			is_int(check(&s, p, n, ec ? &M1 : &M2),
				FAULT_INCORRECT_CERTIFICATE);
			ok(check(&s, parts_of(n, 9), n, ec ? &M2 : &M1));
			ok(check(
				&s, parts_of(n + 1, n), n + 1, ec ? &M2 : &M1));
		}
	}
}

static void
batches(void)
{
	struct signing by = pki_signing(&pki, a, true);
	struct hashchain_item item[70];
	struct signature s[70];
	struct err e = ERR_INIT;
	struct signature_facts f;
	size_t n, i, bad = 0;

	for (n = 1; n <= 70; n++) {
		for (i = 0; i < n; i++) {
			item[i].parts = i % 5 == 3 ? 3 : 1;
			item[i].part = parts_of(item[i].parts, 100 + i);
		}
		bad += signature_make_batch(a, &by, item, n, s, &e) != 0;
		for (i = n > 3 ? n - 3 : 0; i < n; i++) {
			struct signed_message m = { item[i].part, item[i].parts,
				false };
			struct signed_message other = { item[(i + 1) % n].part,
				item[(i + 1) % n].parts, false };

			bad += signature_verify_core(
				       a, &s[i], &m, true, &f, &e) != 0;
			bad += n > 1 && !signature_verify_core(a, &s[i], &other,
						true, &f, NULL);
		}
	}
	ok_m(!bad, "batches of 1 to 70: %zu wrong %s", bad, e.text);
}

/* OCSP and validity at the moment in question. */
static void
moments(void)
{
	struct signing by = pki_signing(&pki, a, false);
	struct hashchain_part *p = parts_of(1, 1);
	struct signature s;
	struct signature_facts f;
	struct bytes o;
	struct err e = ERR_INIT;

	ok(!signature_make(a, &by, p, 1, &s, &e));
	is_int(check_at(&s, p, 1, &M1, PKI_NOW + 3000000, &f), FAULT_NONE);
	is_int(check_at(&s, p, 1, &M1, PKI_NOW + 4000000, &f),
		FAULT_INCORRECT_VALIDATION_INFO);
	ok(check_at(&s, p, 1, &M1, PKI_NOW + 86400000LL * 200, &f));
	o = pki_ocsp(&pki, a, by.cert, pki.root.cert, PKI_NOW, OCSP_REVOKED);
	by.ocsp = &o;
	ok(!signature_make(a, &by, p, 1, &s, &e));
	is_int(check(&s, p, 1, &M1), FAULT_CERT_VALIDATION);
	o = pki_ocsp(&pki, a, pki.ec.cert, pki.middle.cert, PKI_NOW, OCSP_GOOD);
	ok(!signature_make(a, &by, p, 1, &s, &e));
	is_int(check(&s, p, 1, &M1), FAULT_CERT_VALIDATION);
	/* an intermediate that the configuration lists is an anchor itself */
	by = pki_signing(&pki, a, true);
	by.extra.n = 0;
	by.ocsps = 1;
	ok(!signature_make(a, &by, p, 1, &s, &e));
	is_int(check(&s, p, 1, &M2), FAULT_NONE);
}

static void
refusals(void)
{
	struct signing by = pki_signing(&pki, a, false);
	struct signature s;
	struct err e = ERR_INIT;

	by.ocsps = 0;
	is_int(signature_make(a, &by, parts_of(1, 1), 1, &s, &e), -1);
	is_int(e.fault, FAULT_CANNOT_CREATE_SIGNATURE);
	by = pki_signing(&pki, a, false);
	by.key = pki.ec.key;
	err_reset(&e);
	is_int(signature_make(a, &by, parts_of(1, 1), 1, &s, &e), -1);
	is_int(e.fault, FAULT_CANNOT_CREATE_SIGNATURE);
}

/* ---- tampering ---- */

/* The text with `what` (once, from `after` on) replaced. */
static struct bytes
replaced(struct bytes xml, const char *what, const char *with)
{
	const char *s = (const char *)xml.data,
		   *at = memmem(s, xml.len, what, strlen(what));
	struct bytes out;
	struct buf b;

	if (!at) {
		ok_m(false, "no %s in the signature", what);
		return xml;
	}
	buf_init(&b, 1 << 20);
	buf_add(&b, s, (size_t)(at - s));
	buf_str(&b, with);
	at += strlen(what);
	buf_add(&b, at, xml.len - (size_t)(at - s));
	out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	return out;
}

/* Text from `from` up to and including `to`. */
static char *
between(struct bytes xml, const char *from, const char *to)
{
	const char *s =
		strstr(arena_strndup(a, (const char *)xml.data, xml.len), from);
	const char *end = s ? strstr(s, to) : NULL;

	if (!ok_m(end != NULL, "has %s ... %s", from, to))
		return NULL;
	return arena_strndup(a, s, (size_t)(end - s) + strlen(to));
}

#define REF0 "<ds:Reference Id=\"signature-reference-0\""
#define SHA1 "http://www.w3.org/2000/09/xmldsig#sha1"

static void
tampering(void)
{
	static const struct {
		const char *what, *with;
		enum fault want;
	} row[] = {
		/* values */
		{ "<xades:SigningTime>20", "<xades:SigningTime>21",
			FAULT_INVALID_SIGNATURE_VALUE },
		{ "text/xml", "text/xxx", FAULT_INVALID_SIGNATURE_VALUE },
		{ "urn:oid:1.3.6.1", "urn:oid:1.3.6.2",
			FAULT_INVALID_SIGNATURE_VALUE },
		/* white space within what is signed */
		{ "<ds:SignedInfo>", "<ds:SignedInfo> ",
			FAULT_INVALID_SIGNATURE_VALUE },
		{ "<xades:SignedSignatureProperties>",
			"<xades:SignedSignatureProperties> ",
			FAULT_INVALID_SIGNATURE_VALUE },
		/* namespaces inherited by what is signed */
		{ " xmlns:xsi=", " xmlns:yyy=", FAULT_INVALID_SIGNATURE_VALUE },
		{ "<ds:Signature Id", "<ds:Signature xmlns:n=\"urn:n\" Id",
			FAULT_INVALID_SIGNATURE_VALUE },
		/* comments are not canonical: allowed */
		{ "<ds:SignedInfo>", "<ds:SignedInfo><!-- x -->", FAULT_NONE },
		/* structure */
		{ "<?xml", " <?xml", FAULT_INVALID_XML },
		{ "<asic:XAdES", "<!DOCTYPE x><asic:XAdES", FAULT_INVALID_XML },
		{ "<asic:XAdES", "<!DOCTYPE x [<!ENTITY y \"z\">]><asic:XAdES",
			FAULT_INVALID_XML },
		{ "<ds:Signature ", "\n<ds:Signature ",
			FAULT_MALFORMED_SIGNATURE },
		{ "</ds:Signature>", "</ds:Signature><ds:Signature/>",
			FAULT_MALFORMED_SIGNATURE },
		{ "</ds:Signature>", "</ds:Signature><other/>",
			FAULT_MALFORMED_SIGNATURE },
		{ "02918/v1.2.1", "02918/v9.9.9", FAULT_MALFORMED_SIGNATURE },
		/* algorithms */
		{ "xmlenc#sha512\"/><ds:DigestValue>",
			"xmlenc#sha256\"/><ds:DigestValue>",
			FAULT_MALFORMED_SIGNATURE },
		{ "http://www.w3.org/2001/04/xmlenc#sha512", SHA1,
			FAULT_MALFORMED_SIGNATURE },
		{ "2001/04/xmldsig-more#rsa-sha512", "2000/09/xmldsig#rsa-sha1",
			FAULT_MALFORMED_SIGNATURE },
		{ "2001/04/xmldsig-more#rsa-sha512",
			"2000/09/xmldsig#hmac-sha1",
			FAULT_MALFORMED_SIGNATURE },
		{ "2001/04/xmldsig-more#rsa-sha512",
			"2001/04/xmldsig-more#ecdsa-sha512",
			FAULT_INVALID_SIGNATURE_VALUE },
		{ "REC-xml-c14n-20010315", "REC-xml-c14n-20010315#WithComments",
			FAULT_MALFORMED_SIGNATURE },
		{ "REC-xml-c14n-20010315\"/>",
			"REC-xml-c14n-20010315\"><x/>"
			"</ds:CanonicalizationMethod>",
			FAULT_MALFORMED_SIGNATURE },
		/* references */
		{ "URI=\"/message.xml\"", "URI=\"/attachment1\"",
			FAULT_MALFORMED_SIGNATURE },
		{ "URI=\"/message.xml\"", "URI=\"\"",
			FAULT_MALFORMED_SIGNATURE },
		{ "URI=\"/message.xml\"", "", FAULT_MALFORMED_SIGNATURE },
		{ "URI=\"/message.xml\"", "URI=\"http://x.invalid/\"",
			FAULT_MALFORMED_SIGNATURE },
		{ "URI=\"/message.xml\"", "URI=\"file:///message.xml\"",
			FAULT_MALFORMED_SIGNATURE },
		{ "URI=\"/message.xml\"", "URI=\"#xpointer(/)\"",
			FAULT_MALFORMED_SIGNATURE },
		{ "URI=\"/message.xml\"", "URI=\"/sig-hashchainresult.xml\"",
			FAULT_MALFORMED_SIGNATURE },
		{ "URI=\"#signed-properties\"", "URI=\"#signature\"",
			FAULT_MALFORMED_SIGNATURE },
		{ "Type=\"http://uri.etsi.org/01903#SignedProperties\"", "",
			FAULT_MALFORMED_SIGNATURE },
		{ REF0 " URI=\"/message.xml\">",
			REF0 " URI=\"/message.xml\"><ds:Transforms>"
			     "<ds:Transform Algorithm=\"http://www.w3.org/TR/"
			     "2001/REC-xml-c14n-20010315\"/></ds:Transforms>",
			FAULT_MALFORMED_SIGNATURE },
		{ "URI=\"#signed-properties\">",
			"URI=\"#signed-properties\"><ds:Transforms>"
			"<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/"
			"REC-xslt-19991116\"/></ds:Transforms>",
			FAULT_MALFORMED_SIGNATURE },
		/* ids */
		{ "Id=\"signature-reference-1\"",
			"Id=\"signature-reference-0\"",
			FAULT_MALFORMED_SIGNATURE },
		{ "Id=\"signature-value\"", "Id=\"signed-properties\"",
			FAULT_MALFORMED_SIGNATURE },
		{ "Id=\"signature-value\"", "id=\"signed-properties\"",
			FAULT_MALFORMED_SIGNATURE },
		{ "Target=\"#signature\"", "Target=\"#other\"",
			FAULT_MALFORMED_SIGNATURE },
		/* properties that nobody signed */
		{ "<ds:Object>",
			"<ds:Object><xades:QualifyingProperties "
			"Target=\"#signature\"/></ds:Object><ds:Object>",
			FAULT_MALFORMED_SIGNATURE },
		{ "<xades:SignedProperties Id=\"signed-properties\">",
			"<xades:SignedProperties Id=\"others\">",
			FAULT_MALFORMED_SIGNATURE },
		{ "<ds:KeyInfo>", "<ds:KeyInfo/><ds:KeyInfo>",
			FAULT_MALFORMED_SIGNATURE },
		{ "<ds:X509Certificate>", "<ds:X509Certificate>AA",
			FAULT_MALFORMED_SIGNATURE },
		{ "xades:EncapsulatedOCSPValue Id", "xades:Unknown Id",
			FAULT_INVALID_XML },
		{ "xades:OCSPValues><", "xades:OCSPValues>text<", FAULT_NONE },
		{ "<xades:OCSPValues>", "<xades:OCSPValues/><xades:OCSPValues>",
			FAULT_MALFORMED_SIGNATURE },
	};
	struct signing by = pki_signing(&pki, a, false);
	struct hashchain_part *p = parts_of(1, 1);
	struct signature s;
	struct err e = ERR_INIT;
	enum fault got;
	size_t i;

	by.time = PKI_NOW / 86400000 * 86400000;
	ok(!signature_make(a, &by, p, 1, &s, &e));
	is_int(check_core(s.xml, p, true), FAULT_NONE);
	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		got = check_core(
			replaced(s.xml, row[i].what, row[i].with), p, true);
		ok_m(got == row[i].want, "%zu: %s -> %s: %s", i, row[i].what,
			row[i].with, got ? fault_code(got) : "good");
	}
	/* in a container white space before ds:Signature is tolerated */
	is_int(check_core(replaced(s.xml, "<ds:Signature ", "\n<ds:Signature "),
		       p, false),
		FAULT_NONE);
	is_int(check_core(s.xml, parts_of(1, 2), true),
		FAULT_INVALID_SIGNATURE_VALUE);
}

/* Whole elements taken out, doubled, or taken from another signature. */
static void
surgery(void)
{
	struct signing by = pki_signing(&pki, a, false),
		       by2 = pki_signing(&pki, a, true);
	struct hashchain_part *p = parts_of(1, 1);
	struct signature s, other, theirs;
	struct err e = ERR_INIT;
	char *ref, *ref2, *cert, *cert2, *value, *ocsp;

	ok(!signature_make(a, &by, p, 1, &s, &e));
	ok(!signature_make(a, &by, parts_of(1, 2), 1, &other, &e));
	ok(!signature_make(a, &by2, p, 1, &theirs, &e));
	ref = between(s.xml, REF0, "</ds:Reference>");
	ref2 = between(other.xml, REF0, "</ds:Reference>");
	cert = between(s.xml, "<ds:X509Data>", "</ds:X509Data>");
	cert2 = between(theirs.xml, "<ds:X509Data>", "</ds:X509Data>");
	value = between(
		other.xml, "<ds:SignatureValue", "</ds:SignatureValue>");
	ocsp = between(s.xml, "<xades:EncapsulatedOCSPValue",
		"</xades:EncapsulatedOCSPValue>");
	is_int(check_core(replaced(s.xml, ref, ""), p, true),
		FAULT_MALFORMED_SIGNATURE);
	is_int(check_core(
		       replaced(s.xml, ref, arena_printf(a, "%s%s", ref, ref)),
		       p, true),
		FAULT_MALFORMED_SIGNATURE);
	is_int(check_core(replaced(s.xml, ref, ref2), p, true),
		FAULT_INVALID_SIGNATURE_VALUE);
	is_int(check_core(replaced(s.xml, ref, ref2), parts_of(1, 2), true),
		FAULT_INVALID_SIGNATURE_VALUE);
	is_int(check_core(replaced(s.xml,
				  between(s.xml, "<ds:SignatureValue",
					  "</ds:SignatureValue>"),
				  value),
		       p, true),
		FAULT_INVALID_SIGNATURE_VALUE);
	is_int(check_core(replaced(s.xml, cert, cert2), p, true),
		FAULT_MALFORMED_SIGNATURE);
	is_int(check_core(replaced(s.xml, ocsp, ""), p, true),
		FAULT_MALFORMED_SIGNATURE);
	/* intermediates: unreferenced, or referenced and absent */
	is_int(check_core(replaced(theirs.xml, "Id=\"encapsulated-cert-1\"",
				  "Id=\"x\""),
		       p, true),
		FAULT_MALFORMED_SIGNATURE);
	is_int(check_core(
		       replaced(theirs.xml,
			       between(theirs.xml, "<xades:CertificateValues",
				       "</xades:CertificateValues>"),
			       ""),
		       p, true),
		FAULT_MALFORMED_SIGNATURE);
	is_int(check_core(replaced(theirs.xml, "<xades:CertRefs>",
				  "<xades:CertRefs/><xades:CertRefs>"),
		       p, true),
		FAULT_MALFORMED_SIGNATURE);
}

/* No changed byte of what is signed goes unnoticed. */
static void
bytes_changed(bool ec, const char *from, const char *to, size_t skip)
{
	struct signing by = pki_signing(&pki, a, ec);
	struct hashchain_part *p = parts_of(1, 1);
	struct signature s;
	struct err e = ERR_INIT;
	size_t i, start, len, missed = 0;
	char *range;
	uint8_t *copy;

	ok(!signature_make(a, &by, p, 1, &s, &e));
	range = between(s.xml, from, to);
	len = strlen(range);
	start = (size_t)((uint8_t *)memmem(s.xml.data, s.xml.len, range, len) -
			 s.xml.data);
	copy = arena_memdup(a, s.xml.data, s.xml.len);
	for (i = start + skip; i < start + len; i++) {
		copy[i] ^= 0x01;
		if (check_core(bytes_of(copy, s.xml.len), p, true) ==
			FAULT_NONE) {
			missed++;
			tap_note("not noticed: %.20s", copy + i - 5);
		}
		copy[i] ^= 0x01;
	}
	ok_m(!missed, "%zu bytes from %s: %zu not noticed", len, from, missed);
}

/* ---- time stamps put in ---- */

static void
stamps(void)
{
	struct signing by = pki_signing(&pki, a, true);
	struct hashchain_part *p = parts_of(1, 1);
	struct signature s;
	struct signature_facts f, g;
	struct bytes xml = { 0 }, twice = { 0 };
	struct err e = ERR_INIT;

	ok(!signature_make(a, &by, p, 1, &s, &e));
	ok(!signature_read(a, s.xml, &f, &e) && f.timestamps == 0);
	ok(!signature_add_timestamp(a, s.xml, bytes_str("token"), &xml, &e));
	is_int(check_core(xml, p, true), FAULT_NONE);
	ok(!signature_read(a, xml, &g, &e) && g.timestamps == 1 &&
		bytes_equal(g.timestamp[0], bytes_str("token")) &&
		bytes_equal(f.value, g.value));
	between(xml,
		"<xades:UnsignedSignatureProperties>"
		"<xades:SignatureTimeStamp><xades:EncapsulatedTimeStamp>"
		"dG9rZW4=</xades:EncapsulatedTimeStamp>",
		"</xades:SignatureTimeStamp><xades:CompleteCertificateRefs");
	ok(!signature_add_timestamp(a, xml, bytes_str("later"), &twice, &e));
	ok(!signature_read(a, twice, &g, &e) && g.timestamps == 2 &&
		bytes_equal(g.timestamp[0], bytes_str("later")));
	/* a look-alike in a comment is not the place */
	xml = replaced(s.xml, "<ds:Object>",
		"<!-- <xades:UnsignedSignatureProperties> --><ds:Object>");
	ok(!signature_add_timestamp(a, xml, bytes_str("token"), &twice, &e));
	ok(!signature_read(a, twice, &g, &e) && g.timestamps == 1);
	is_int(signature_add_timestamp(
		       a, bytes_str("<x/>"), bytes_str("t"), &twice, &e),
		-1);
}

/* ---- other people's verifiers ---- */

/* Files of a signature in a fresh folder. */
static const char *
lay_out(const struct signature *s, const struct cert *c, struct bytes message)
{
	const char *dir = tap_dir();
	struct err e = ERR_INIT;
	struct bytes pem = bytes_str(pem_encode(a, "CERTIFICATE", cert_der(c)));

	ok(!file_write(path_join(a, dir, "sig.xml"), s->xml, FILE_PUBLIC, &e) &&
		!file_write(
			path_join(a, dir, "cert.pem"), pem, FILE_PUBLIC, &e) &&
		!file_write(path_join(a, dir, "message.xml"), message,
			FILE_PUBLIC, &e) &&
		!file_write(path_join(a, dir, "result.xml"),
			s->hashchain_result, FILE_PUBLIC, &e));
	return dir;
}

static int
xmlsec(const char *dir, char *out, size_t max)
{
	const char *argv[] = { "xmlsec1", "--verify", "--id-attr:Id",
		"http://uri.etsi.org/01903/v1.3.2#:SignedProperties",
		"--url-map:/message.xml", path_join(a, dir, "message.xml"),
		"--url-map:/sig-hashchainresult.xml",
		path_join(a, dir, "result.xml"), "--pubkey-cert-pem",
		path_join(a, dir, "cert.pem"), path_join(a, dir, "sig.xml"),
		NULL };

	return tap_run(argv, out, max);
}

static void
judged_by_xmlsec(void)
{
	char out[8192];
	struct signature s;
	struct err e = ERR_INIT;
	struct hashchain_part p[2];
	const char *dir, *version[] = { "xmlsec1", "--version", NULL };
	int ec;

	if (tap_run(version, out, sizeof(out))) {
		tap_skip("no xmlsec1");
		return;
	}
	p[0] = part("/message.xml", bytes_str("the message"));
	p[1] = part("/attachment1", bytes_str("more"));
	for (ec = 0; ec < 2; ec++) {
		struct signing by = pki_signing(&pki, a, ec);

		ok(!signature_make(a, &by, p, 1, &s, &e));
		dir = lay_out(&s, by.cert, bytes_str("the message"));
		ok_m(xmlsec(dir, out, sizeof(out)) == 0, "plain: %s", out);
		dir = lay_out(&s, by.cert, bytes_str("another message"));
		ok_m(xmlsec(dir, out, sizeof(out)) != 0, "another message");
		ok(!signature_make(a, &by, p, 2, &s, &e));
		dir = lay_out(&s, by.cert, bytes_str(""));
		ok_m(xmlsec(dir, out, sizeof(out)) == 0, "batch: %s", out);
		/* and ours agrees on a document with a time stamp */
		ok(!signature_add_timestamp(
			a, s.xml, bytes_str("token"), &s.xml, &e));
		dir = lay_out(&s, by.cert, bytes_str(""));
		ok_m(xmlsec(dir, out, sizeof(out)) == 0, "stamped: %s", out);
	}
}

/* Step by step: the canonical SignedInfo made by xmllint, the value checked by
   openssl. */
static void
judged_by_openssl(void)
{
	static const char script[] =
		"set -e; cd \"$1\"\n"
		"openssl x509 -in cert.pem -pubkey -noout > key.pem\n"
		"perl -0ne 'm{<asic:XAdESSignatures([^>]*)>.*"
		"<ds:SignedInfo>(.*)</ds:SignedInfo>}s or die;"
		" print qq{<ds:SignedInfo$1>$2</ds:SignedInfo>}' sig.xml"
		" > info.xml\n"
		"xmllint --c14n info.xml > info.c14n\n"
		"perl -0ne 'm{<ds:SignatureValue[^>]*>(.*)"
		"</ds:SignatureValue>}s or die; print $1' sig.xml |"
		" openssl base64 -d -A > value\n"
		"openssl dgst -sha512 -verify key.pem -signature value"
		" info.c14n\n";
	char out[8192];
	struct signature s;
	struct err e = ERR_INIT;
	struct hashchain_part p = part("/message.xml", bytes_str("m"));
	struct signing by = pki_signing(&pki, a, false);
	const char *dir;

	ok(!signature_make(a, &by, &p, 1, &s, &e));
	dir = lay_out(&s, by.cert, bytes_str("m"));
	const char *argv[] = { "sh", "-c", script, "sh", dir, NULL };
	ok_m(tap_run(argv, out, sizeof(out)) == 0 && strstr(out, "Verified OK"),
		"openssl: %s", out);
}

static bool
fits_schema(const char *file, const char *schema)
{
	char out[8192];
	const char *xsd = vectors_path(
		arena_printf(a, "x-road/schemas/xroad/%s", schema));
	const char *argv[] = { "xmllint", "--nonet", "--noout", "--schema", xsd,
		file, NULL };

	if (!xsd || tap_run(argv, out, sizeof(out)) == 0)
		return true;
	tap_note("%s", out);
	return false;
}

/* X-Road validates what is below the root against the XAdES schema. */
static void
judged_by_schema(void)
{
	struct signature s;
	struct err e = ERR_INIT;
	struct hashchain_part *p = parts_of(3, 1);
	const char *dir, *names;
	struct bytes xml, inner;
	int ec;

	for (ec = 0; ec < 2; ec++) {
		struct signing by = pki_signing(&pki, a, ec);

		ok(!signature_make(a, &by, p, 3, &s, &e));
		names = between(s.xml, " xmlns:asic", "instance\"");
		xml = replaced(s.xml, "<ds:Signature",
			arena_printf(a, "<ds:Signature%s", names));
		inner = bytes_str(between(xml, "<ds:Signature ",
			"</ds:Sig"
			"nature>"));
		dir = tap_dir();
		ok(!file_write(path_join(a, dir, "s.xml"), inner, FILE_PUBLIC,
			   &e) &&
			!file_write(path_join(a, dir, "c.xml"), s.hashchain,
				FILE_PUBLIC, &e) &&
			!file_write(path_join(a, dir, "r.xml"),
				s.hashchain_result, FILE_PUBLIC, &e));
		ok(fits_schema(path_join(a, dir, "s.xml"), "xades-schema.xsd"));
		ok(fits_schema(path_join(a, dir, "c.xml"), "hashchain.xsd"));
		ok(fits_schema(path_join(a, dir, "r.xml"), "hashchain.xsd"));
	}
}

/* RSA-PSS, as signing devices may do it: our document signed again. */
static void
pss(void)
{
	static const struct {
		enum digest_alg alg;
		const char *uri;
	} row[] = {
		{ DIGEST_SHA256, "sha256-rsa-MGF1" },
		{ DIGEST_SHA384, "sha384-rsa-MGF1" },
		{ DIGEST_SHA512, "sha512-rsa-MGF1" },
	};
	struct signing by = pki_signing(&pki, a, false);
	struct hashchain_part *p = parts_of(1, 1);
	struct signature s;
	struct err e = ERR_INIT;
	struct xml_doc *d;
	struct bytes xml, value;
	struct buf b;
	size_t i;

	ok(!signature_make(a, &by, p, 1, &s, &e));
	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct sign_alg alg = { SIGN_RSA_PSS, row[i].alg };

		xml = replaced(s.xml, "2001/04/xmldsig-more#rsa-sha512",
			arena_printf(a, "2007/05/xmldsig-more#%s", row[i].uri));
		buf_init(&b, 65536);
		ok(!xml_parse(a, xml, NULL, &d, &e) &&
			!xml_canonical(xml_path(xml_root(d), NULL,
					       "Signature/SignedInfo"),
				C14N_10, &b, &e) &&
			!key_sign(by.key, alg, bytes_buf(&b), a, &value, &e));
		buf_done(&b);
		is_int(check_core(xml, p, true), FAULT_INVALID_SIGNATURE_VALUE);
		xml = replaced(xml,
			between(xml, "\"signature-value\">",
				"</ds:SignatureValue>"),
			arena_printf(a,
				"\"signature-value\">%s</ds:SignatureValue>",
				base64_encode(a, value.data, value.len)));
		is_int(check_core(xml, p, true), FAULT_NONE);
	}
}

int
main(void)
{
	xml_startup();
	a = arena_new();
	pki_start(&pki, a);
	vectors();
	vector_trusted();
	round_trips();
	batches();
	moments();
	refusals();
	tampering();
	surgery();
	bytes_changed(false, "<ds:SignedInfo>", "</ds:SignedInfo>", 0);
	bytes_changed(
		false, "<xades:SignedProperties", "</xades:SignedProp", 0);
	/* not the Id before it */
	bytes_changed(true, "signature-value\">", "</ds:SignatureValue>", 16);
	stamps();
	judged_by_xmlsec();
	judged_by_openssl();
	judged_by_schema();
	pss();
	pki_stop(&pki);
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
