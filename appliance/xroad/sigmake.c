/* SPDX-License-Identifier: MIT */
/*
 * Making signatures (interop/xroad-messages.md 3.1, 3.2) and putting time
 * stamps into them. The document is text from a template; what is signed is
 * its canonical form, taken from the parsed text.
 */
#include <assert.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "key.h"
#include "mem.h"
#include "signature.h"
#include "text.h"
#include "xades_int.h"

#define SHA512_URI "http://www.w3.org/2001/04/xmlenc#sha512"
#define METHOD     "<ds:DigestMethod Algorithm=\"" SHA512_URI "\"/>"

/* What the signature refers to, and the two values computed on the way. */
struct draft {
	const struct signing *by;
	struct sign_alg alg;
	const char *uri, *mime;
	struct digest data;
	struct digest properties;
	struct bytes value;
};

static const char HEAD[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>"
	"<asic:XAdESSignatures xmlns:asic=\"" NS_ASIC "\" xmlns:ds=\"" NS_DSIG
	"\" xmlns:xades=\"" NS_XADES
	"\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
	"<ds:Signature Id=\"signature\">";

static const char POLICY[] =
	"<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId>"
	"<xades:SigPolicyId><xades:Identifier Qualifier=\"OIDAsURN\">"
	"urn:oid:1.3.6.1.4.1.3516.16.2</xades:Identifier><xades:Description>"
	"Profile for High Performance Digital Signatures (version 1.2)"
	"</xades:Description></xades:SigPolicyId><xades:SigPolicyHash>" METHOD
	"<ds:DigestValue>"
	"BuO0EDNfkxSVlUbxCzmQPzX1AUF1/xx9ytWHk3/6SAOePxQiniEfDYk+90QeYb3lWpV3"
	"Izhuz9fKaYyE+lTcXw==</ds:DigestValue></xades:SigPolicyHash>"
	"<xades:SigPolicyQualifiers><xades:SigPolicyQualifier><xades:SPURI>"
	"https://repo.cyber.ee/dsig-profile-1.2.pdf</xades:SPURI>"
	"</xades:SigPolicyQualifier></xades:SigPolicyQualifiers>"
	"</xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>";

static void
put_digest(struct buf *b, const struct digest *d)
{
	buf_str(b, METHOD "<ds:DigestValue>");
	buf_base64(b, d->value, d->len);
	buf_str(b, "</ds:DigestValue>");
}

static void
put_signed_info(struct buf *b, const struct draft *d)
{
	buf_fmt(b,
		"<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\""
		"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>"
		"<ds:SignatureMethod Algorithm=\"%s\"/>"
		"<ds:Reference Id=\"signature-reference-0\" URI=\"%s\">",
		sign_alg_uri(d->alg), d->uri);
	put_digest(b, &d->data);
	buf_str(b, "</ds:Reference><ds:Reference Id=\"signature-reference-1\" "
		   "Type=\"" TYPE_PROPERTIES "\" URI=\"#signed-properties\">");
	put_digest(b, &d->properties);
	buf_str(b, "</ds:Reference></ds:SignedInfo>");
}

/* Digest, issuer and serial number of a certificate. */
static void
put_cert_ref(struct buf *b, struct arena *a, const struct cert *c)
{
	struct digest d;

	cert_digest(c, DIGEST_SHA512, &d);
	buf_str(b, "<xades:CertDigest>");
	put_digest(b, &d);
	buf_str(b,
		"</xades:CertDigest><xades:IssuerSerial><ds:X509IssuerName>");
	buf_xml(b, cert_issuer_text(c, a));
	buf_fmt(b,
		"</ds:X509IssuerName><ds:X509SerialNumber>%s"
		"</ds:X509SerialNumber></xades:IssuerSerial>",
		cert_serial_text(c, a));
}

static void
put_properties(struct buf *b, struct arena *a, const struct draft *d)
{
	char when[TIME_TEXT_MAX];

	buf_fmt(b,
		"<xades:SignedProperties Id=\"signed-properties\">"
		"<xades:SignedSignatureProperties><xades:SigningTime>%s"
		"</xades:SigningTime><xades:SigningCertificate><xades:Cert>",
		time_iso_ms(when, d->by->time));
	put_cert_ref(b, a, d->by->cert);
	buf_str(b, "</xades:Cert></xades:SigningCertificate>");
	buf_str(b, POLICY);
	buf_fmt(b,
		"</xades:SignedSignatureProperties>"
		"<xades:SignedDataObjectProperties><xades:DataObjectFormat "
		"ObjectReference=\"#signature-reference-0\"><xades:MimeType>%s"
		"</xades:MimeType></xades:DataObjectFormat>"
		"</xades:SignedDataObjectProperties></xades:SignedProperties>",
		d->mime);
}

static void
put_extra(struct buf *b, struct arena *a, struct cert_list extra)
{
	struct bytes der;
	size_t i;

	if (!extra.n)
		return;
	buf_str(b, "<xades:CompleteCertificateRefs "
		   "Id=\"complete-certificate-refs\"><xades:CertRefs>");
	for (i = 0; i < extra.n; i++) {
		buf_fmt(b, "<xades:Cert URI=\"#encapsulated-cert-%zu\">",
			i + 1);
		put_cert_ref(b, a, extra.item[i]);
		buf_str(b, "</xades:Cert>");
	}
	buf_str(b, "</xades:CertRefs></xades:CompleteCertificateRefs>"
		   "<xades:CertificateValues>");
	for (i = 0; i < extra.n; i++) {
		buf_fmt(b,
			"<xades:EncapsulatedX509Certificate "
			"Id=\"encapsulated-cert-%zu\">",
			i + 1);
		der = cert_der(extra.item[i]);
		buf_base64(b, der.data, der.len);
		buf_str(b, "</xades:EncapsulatedX509Certificate>");
	}
	buf_str(b, "</xades:CertificateValues>");
}

static void
put_unsigned(struct buf *b, struct arena *a, const struct signing *s)
{
	size_t i;

	buf_str(b, "<xades:UnsignedProperties>"
		   "<xades:UnsignedSignatureProperties>");
	put_extra(b, a, s->extra);
	buf_str(b, "<xades:RevocationValues><xades:OCSPValues>");
	for (i = 0; i < s->ocsps; i++) {
		buf_fmt(b,
			"<xades:EncapsulatedOCSPValue "
			"Id=\"ocsp-response-%zu\">",
			i + 1);
		buf_base64(b, s->ocsp[i].data, s->ocsp[i].len);
		buf_str(b, "</xades:EncapsulatedOCSPValue>");
	}
	buf_str(b, "</xades:OCSPValues></xades:RevocationValues>"
		   "</xades:UnsignedSignatureProperties>"
		   "</xades:UnsignedProperties>");
}

static void
put_document(struct buf *b, struct arena *a, const struct draft *d)
{
	struct bytes der = cert_der(d->by->cert);

	buf_reset(b);
	buf_str(b, HEAD);
	put_signed_info(b, d);
	buf_str(b, "<ds:SignatureValue Id=\"signature-value\">");
	buf_base64(b, d->value.data, d->value.len);
	buf_str(b, "</ds:SignatureValue><ds:KeyInfo><ds:X509Data>"
		   "<ds:X509Certificate>");
	buf_base64(b, der.data, der.len);
	buf_str(b, "</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object>"
		   "<xades:QualifyingProperties Target=\"#signature\">");
	put_properties(b, a, d);
	put_unsigned(b, a, d->by);
	buf_str(b, "</xades:QualifyingProperties></ds:Object></ds:Signature>"
		   "</asic:XAdESSignatures>");
}

/* The document as it stands, parsed; and one element of it, canonical. */
static int
canonical(struct arena *a, struct buf *doc, const char *path, struct buf *out,
	struct err *e)
{
	struct xml_doc *d;
	struct xml_node *n;

	if (buf_ok(doc, "the signature", e) ||
		xml_parse(a, bytes_buf(doc), NULL, &d, e))
		return -1;
	n = xml_path(xml_root(d), NULL, path);
	assert(n);
	buf_reset(out);
	return xml_canonical(n, C14N_10, out, e);
}

static int
sign_info(struct arena *a, struct draft *d, struct bytes info, struct err *e)
{
	struct bytes der;

	if (key_sign(d->by->key, d->alg, info, a, &d->value, e))
		return -1;
	if (d->alg.scheme != SIGN_ECDSA)
		return 0;
	der = d->value;
	return ecdsa_raw_from_der(a, der,
		(key_bits(cert_key(d->by->cert)) + 7) / 8, &d->value, e);
}

static int
write_signature(
	struct arena *a, struct draft *d, struct bytes *out, struct err *e)
{
	struct buf doc, part;
	int ret = -1;

	buf_init(&doc, SIGNATURE_XML_MAX);
	buf_init(&part, SIGNATURE_XML_MAX);
	put_document(&doc, a, d);
	if (canonical(a, &doc,
		    "Signature/Object/QualifyingProperties/SignedProperties",
		    &part, e))
		goto out;
	digest_of(DIGEST_SHA512, part.data, part.len, &d->properties);
	put_document(&doc, a, d);
	if (canonical(a, &doc, "Signature/SignedInfo", &part, e) ||
		sign_info(a, d, bytes_buf(&part), e))
		goto out;
	put_document(&doc, a, d);
	if (buf_ok(&doc, "the signature", e))
		goto out;
	*out = bytes_of(arena_memdup(a, doc.data, doc.len), doc.len);
	ret = 0;
out:
	buf_done(&doc);
	buf_done(&part);
	return ret;
}

static int
draft_start(struct draft *d, const struct signing *s, const char *uri,
	const char *mime, struct err *e)
{
	memset(d, 0, sizeof(*d));
	d->by = s;
	d->uri = uri;
	d->mime = mime;
	if (!key_same_public(s->key, cert_key(s->cert)))
		return fail(e, FAULT_CANNOT_CREATE_SIGNATURE,
			"the signing key does not belong to its certificate");
	if (!s->ocsps || s->ocsps > XADES_OCSP_MAX || s->extra.n >= CHAIN_MAX)
		return fail(e, FAULT_CANNOT_CREATE_SIGNATURE,
			"there is no OCSP response for the certificate, or the "
			"chain is too long");
	d->alg = key_default_alg(s->key, DIGEST_SHA512);
	return 0;
}

int
signature_make_batch(struct arena *a, const struct signing *s,
	const struct hashchain_item *item, size_t items, struct signature *out,
	struct err *e)
{
	struct hashchain_out chain;
	struct draft d;
	struct bytes xml;
	size_t i;

	assert(items);
	if (items == 1)
		return signature_make(a, s, item->part, item->parts, out, e);
	if (draft_start(&d, s, URI_CHAIN_RESULT,
		    "application/hash-chain-result", e) ||
		hashchain_build(a, "sig-hashchain.xml", item, items, &chain, e))
		return -1;
	digest_of(DIGEST_SHA512, chain.result.data, chain.result.len, &d.data);
	if (write_signature(a, &d, &xml, e))
		return -1;
	for (i = 0; i < items; i++)
		out[i] =
			(struct signature){ xml, chain.result, chain.chain[i] };
	return 0;
}

int
signature_make(struct arena *a, const struct signing *s,
	const struct hashchain_part *part, size_t parts, struct signature *out,
	struct err *e)
{
	struct hashchain_item item = { part, parts };
	struct hashchain_out chain;
	struct draft d;

	assert(parts && str_equal(part[0].uri, URI_MESSAGE));
	memset(out, 0, sizeof(*out));
	if (parts == 1) {
		if (draft_start(&d, s, URI_MESSAGE, "text/xml", e))
			return -1;
		d.data = part->digest;
		return write_signature(a, &d, &out->xml, e);
	}
	if (draft_start(&d, s, URI_CHAIN_RESULT,
		    "application/hash-chain-result", e) ||
		hashchain_build(a, "sig-hashchain.xml", &item, 1, &chain, e))
		return -1;
	digest_of(DIGEST_SHA512, chain.result.data, chain.result.len, &d.data);
	out->hashchain_result = chain.result;
	out->hashchain = chain.chain[0];
	return write_signature(a, &d, &out->xml, e);
}

int
signature_add_timestamp(struct arena *a, struct bytes xml, struct bytes token,
	struct bytes *out, struct err *e)
{
	struct xades *x;
	const char *prefix, *colon;
	struct buf b;
	size_t at;
	int ret = -1;

	if (xades_read(a, xml, &x, e))
		return -1;
	if (!x->unsigned_properties)
		return fail(e, FAULT_MALFORMED_SIGNATURE,
			"signature: there is no place for a time stamp");
	if (xml_tag_end(xml, x->unsigned_properties, &at, e))
		return -1;
	prefix = xml_prefix(x->unsigned_properties);
	colon = *prefix ? ":" : "";
	buf_init(&b, SIGNATURE_XML_MAX);
	buf_add(&b, xml.data, at);
	buf_fmt(&b, "<%s%sSignatureTimeStamp><%s%sEncapsulatedTimeStamp>",
		prefix, colon, prefix, colon);
	buf_base64(&b, token.data, token.len);
	buf_fmt(&b, "</%s%sEncapsulatedTimeStamp></%s%sSignatureTimeStamp>",
		prefix, colon, prefix, colon);
	buf_add(&b, xml.data + at, xml.len - at);
	if (!buf_ok(&b, "the signature", e)) {
		*out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
		ret = 0;
	}
	buf_done(&b);
	return ret;
}
