/* SPDX-License-Identifier: MIT */
/*
 * XML Signature mechanics on a document signed here; the profile's rules and
 * other people's signatures are tested in xroad/signature_test.c.
 */
#include <string.h>

#include "cert.h"
#include "dsig.h"
#include "err.h"
#include "key.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

static struct arena *a;

#define SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"
#define EXC    "http://www.w3.org/2001/10/xml-exc-c14n#"

/* %s: algorithm, digest, value, certificate. */
static const char form[] =
	"<r xmlns:unused=\"urn:u\"><ds:Signature "
	"xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"s\">"
	"<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"" EXC "\"/>"
	"<ds:SignatureMethod Algorithm=\"%s\"/><ds:Reference URI=\"#o\">"
	"<ds:Transforms><ds:Transform Algorithm=\"" EXC "\"/></ds:Transforms>"
	"<ds:DigestMethod Algorithm=\"" SHA256 "\"/><ds:DigestValue>%s"
	"</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue>%s"
	"</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s"
	"</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
	"<ds:Object Id=\"o\">content</ds:Object></ds:Signature></r>";

/* What exclusive canonicalisation leaves of the two signed elements. */
static const char object[] =
	"<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"o\">"
	"content</ds:Object>";
static const char info[] =
	"<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"
	"<ds:CanonicalizationMethod Algorithm=\"" EXC "\">"
	"</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"%s\">"
	"</ds:SignatureMethod><ds:Reference URI=\"#o\"><ds:Transforms>"
	"<ds:Transform Algorithm=\"" EXC "\"></ds:Transform></ds:Transforms>"
	"<ds:DigestMethod Algorithm=\"" SHA256 "\"></ds:DigestMethod>"
	"<ds:DigestValue>%s</ds:DigestValue></ds:Reference></ds:SignedInfo>";

static struct cert *
self_signed(struct key *key)
{
	const struct rdn name = { "CN", "Signer" };
	struct cert_template t = { .subject = &name,
		.subjects = 1,
		.key = key,
		.serial = 1,
		.not_before = 1,
		.not_after = 4000000000000LL,
		.key_usage = KU_NON_REPUDIATION };
	struct cert *c = NULL;
	struct err e = ERR_INIT;

	ok_m(!cert_issue(&c, &t, NULL, key, &e), "certificate %s", e.text);
	return c;
}

static const struct xml_node *
parsed(const char *text)
{
	struct xml_doc *d;
	struct err e = ERR_INIT;

	if (!ok_m(!xml_parse(a, bytes_str(text), NULL, &d, &e), "%s", e.text))
		return NULL;
	return xml_child(xml_root(d), NS_DSIG, "Signature");
}

static void
signed_here(enum key_type type)
{
	struct key *key = NULL;
	struct sign_alg alg;
	struct digest d;
	struct bytes value, der, raw = { 0 };
	struct cert *c;
	struct dsig s;
	struct err e = ERR_INIT;
	char *digest, *to_sign, *text;

	ok(!key_generate(&key, type, 2048, &e));
	c = self_signed(key);
	alg = key_default_alg(key, DIGEST_SHA256);
	digest_of(DIGEST_SHA256, object, strlen(object), &d);
	digest = base64_encode(a, d.value, d.len);
	to_sign = arena_printf(a, info, sign_alg_uri(alg), digest);
	ok(!key_sign(key, alg, bytes_str(to_sign), a, &value, &e));
	if (type == KEY_EC) {
		ok(!ecdsa_raw_from_der(a, value, 32, &raw, &e));
		value = raw;
	}
	der = cert_der(c);
	text = arena_printf(a, form, sign_alg_uri(alg), digest,
		base64_encode(a, value.data, value.len),
		base64_encode(a, der.data, der.len));
	ok_m(!dsig_read(a, parsed(text), &s, &e), "%s", e.text);
	is_int(s.refs, 1);
	is_int(s.certs, 1);
	is_str(s.id, "s");
	is_int(s.how, C14N_10_EXCLUSIVE);
	ok(cert_equal(s.cert[0], c));
	ok_m(!dsig_check_internal(&s, &e), "%s", e.text);
	ok_m(!dsig_check_value(&s, c, &e), "%s", e.text);
	memcpy(strstr(text, "content"), "CONTENT", 7);
	ok(!dsig_read(a, parsed(text), &s, &e));
	is_int(dsig_check_internal(&s, &e), -1);
	is_int(e.fault, FAULT_INVALID_SIGNATURE_VALUE);
	err_reset(&e);
	ok(!dsig_check_value(&s, c, &e)); /* SignedInfo is as it was */
	memcpy(strstr(text, "<ds:DigestValue>") + 16, "AAAA", 4);
	ok(!dsig_read(a, parsed(text), &s, &e));
	is_int(dsig_check_value(&s, c, &e), -1);
	is_int(e.fault, FAULT_INVALID_SIGNATURE_VALUE);
	/* the object is gone */
	memcpy(strstr(text, "Id=\"o\""), "Id=\"p\"", 6);
	ok(!dsig_read(a, parsed(text), &s, &e));
	err_reset(&e);
	is_int(dsig_check_internal(&s, &e), -1);
	is_int(e.fault, FAULT_MALFORMED_SIGNATURE);
	cert_unref(&c);
	key_unref(&key);
}

/* References are counted; so are those that cost work. */
static void
many(const char *prefix, size_t n, bool fits)
{
	struct dsig s;
	struct err e = ERR_INIT;
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 20);
	buf_str(&b,
		"<r><ds:Signature "
		"xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"
		"<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"" EXC
		"\"/><ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/"
		"xmldsig-more#rsa-sha256\"/>");
	for (i = 0; i < n; i++)
		buf_fmt(&b,
			"<ds:Reference URI=\"%s%zu\"><ds:DigestMethod "
			"Algorithm=\"" SHA256 "\"/><ds:DigestValue>"
			"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
			"</ds:DigestValue></ds:Reference>",
			prefix, i);
	buf_str(&b,
		"</ds:SignedInfo><ds:SignatureValue>AA==</ds:SignatureValue>"
		"<ds:KeyInfo/></ds:Signature></r>");
	is_int(dsig_read(a, parsed(b.data), &s, &e), -1);
	ok_m(str_equal(e.text,
		     fits ? "signature: the signing certificate is missing"
			  : "signature: too many references"),
		"%s%zu: %s", prefix, n, e.text);
	buf_done(&b);
}

int
main(void)
{
	xml_startup();
	a = arena_new();
	signed_here(KEY_RSA);
	signed_here(KEY_EC);
	many("/a", DSIG_REFERENCES_MAX, true);
	many("/a", DSIG_REFERENCES_MAX + 1, false);
	many("#a", DSIG_INTERNAL_MAX, true);
	many("#a", DSIG_INTERNAL_MAX + 1, false);
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
