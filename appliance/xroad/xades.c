/* SPDX-License-Identifier: MIT */
/*
 * Reading signature documents; see xades_int.h. Everything a peer can repeat
 * has a limit.
 */
#include "xades_int.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "signature.h"
#include "text.h"

static int
malformed(struct err *e, const char *what)
{
	return fail(e, FAULT_MALFORMED_SIGNATURE, "signature: %s", what);
}

const struct dsig_reference *
xades_reference(const struct xades *x, const char *uri)
{
	size_t i;

	for (i = 0; i < x->sig.refs; i++)
		if (str_equal(x->sig.ref[i].uri, uri))
			return &x->sig.ref[i];
	return NULL;
}

/* The only child of that name, or NULL. */
static const struct xml_node *
only(const struct xml_node *n, const char *local)
{
	const struct xml_node *c = n ? xml_child(n, NS_XADES, local) : NULL;

	return c && !xml_next(c, NS_XADES, local) ? c : NULL;
}

/* ds:Signature: the root, or the only element in the ASiC root. */
static int
find_signature(struct xades *x, const struct xml_node **out, struct err *e)
{
	struct xml_node *root = xml_root(x->doc);

	x->tight = true;
	*out = root;
	if (xml_is(root, NS_DSIG, "Signature"))
		return 0;
	if (!xml_is(root, NS_ASIC, "XAdESSignatures") &&
		!xml_is(root, NS_ASIC_OLD, "XAdESSignatures"))
		return malformed(e, "the root element is another");
	x->tight = xml_opens_with_element(root);
	*out = xml_child(root, NULL, NULL);
	if (!*out || !xml_is(*out, NS_DSIG, "Signature") ||
		xml_children(root) != 1)
		return malformed(e, "there must be one ds:Signature");
	return 0;
}

/* Object/QualifyingProperties, one in all, aimed at this signature. */
static int
find_properties(struct arena *a, struct xades *x, const struct xml_node **out,
	struct err *e)
{
	const struct xml_node *o, *q;
	const char *target;

	*out = NULL;
	xml_each(o, x->sig.node, NS_DSIG, "Object") {
		xml_each(q, o, NS_XADES, "QualifyingProperties") {
			if (*out)
				return malformed(
					e, "QualifyingProperties are repeated");
			*out = q;
		}
	}
	if (!*out)
		return malformed(e, "QualifyingProperties are missing");
	target = xml_attr(*out, a, "", "Target");
	if (target && (target[0] != '#' || !str_equal(target + 1, x->sig.id)))
		return malformed(
			e, "QualifyingProperties aim at something else");
	return 0;
}

static int
read_signed(struct arena *a, struct xades *x, const struct xml_node *q,
	struct err *e)
{
	const struct xml_node *s, *c;
	const char *when;

	x->properties = only(q, "SignedProperties");
	s = only(x->properties, "SignedSignatureProperties");
	if (!s)
		return malformed(e, "SignedProperties are missing");
	x->properties_id = xml_attr(x->properties, a, "", "Id");
	when = xml_child_text(s, a, NS_XADES, "SigningTime");
	if (!when || time_parse(str_trim((char *)(uintptr_t)when),
			     &x->signing_time, NULL))
		return malformed(e, "SigningTime is missing or not a time");
	c = only(s, "SigningCertificate");
	if (!c)
		c = only(s, "SigningCertificateV2");
	c = c ? xml_child(c, NS_XADES, "Cert") : NULL;
	c = only(c, "CertDigest");
	if (!c)
		return malformed(e, "SigningCertificate is missing");
	return dsig_read_digest(a, c, &x->signer_digest, e);
}

static void
drop_cert(void *c)
{
	struct cert *cert = c;

	cert_unref(&cert);
}

static int
add_cert(struct arena *a, struct xades *x, const struct xml_node *n,
	struct err *e)
{
	struct bytes der = { 0 };
	struct cert *c;

	if (x->extras == XADES_CERTS_MAX)
		return malformed(e, "too many certificates");
	if (dsig_read_base64(a, n, "a certificate", &der, e))
		return -1;
	if (cert_parse(&c, der, NULL))
		return malformed(e, "a certificate is damaged");
	arena_defer(a, drop_cert, c);
	x->extra[x->extras++] = c;
	return 0;
}

/* CertRefs/Cert names this certificate and has its digest. */
static int
check_cert_ref(struct arena *a, struct xades *x, const struct xml_node *ref,
	struct err *e)
{
	const char *uri = xml_attr(ref, a, "", "URI");
	const struct xml_node *d = only(ref, "CertDigest");
	struct xml_node *n = NULL;
	struct digest want, got;
	struct cert *c;
	struct bytes der = { 0 };

	if (!uri || uri[0] != '#' || xml_by_id(x->doc, uri + 1, &n, NULL) ||
		!n || !xml_is(n, NS_XADES, "EncapsulatedX509Certificate"))
		return malformed(e, "a certificate reference leads nowhere");
	if (!d)
		return malformed(e, "a certificate reference has no digest");
	if (dsig_read_digest(a, d, &want, e) ||
		dsig_read_base64(a, n, "a certificate", &der, e))
		return -1;
	if (cert_parse(&c, der, NULL))
		return malformed(e, "a certificate is damaged");
	cert_digest(c, want.alg, &got);
	cert_unref(&c);
	return digest_equal(&want, &got)
		       ? 0
		       : malformed(
				 e, "a certificate is not the one referred to");
}

/* Intermediate certificates; with CompleteCertificateRefs both must agree. */
static int
read_extra(struct arena *a, struct xades *x, const struct xml_node *u,
	struct err *e)
{
	const struct xml_node *refs, *c,
		*values = xml_child(u, NS_XADES, "CertificateValues");
	size_t count = 0, before = x->extras;

	if (values)
		xml_each(c, values, NS_XADES, "EncapsulatedX509Certificate")
			if (add_cert(a, x, c, e))
				return -1;
	refs = xml_child(u, NS_XADES, "CompleteCertificateRefs");
	if (!refs)
		return 0;
	refs = only(refs, "CertRefs");
	if (!refs)
		return malformed(e, "CertRefs are missing");
	xml_each(c, refs, NS_XADES, "Cert") {
		if (++count > x->extras - before || check_cert_ref(a, x, c, e))
			return malformed(e, "too many certificate references");
	}
	return count == x->extras
		       ? 0
		       : malformed(e, "a certificate is not referred to");
}

/* Appends the base64 content of every child `local` of n. */
static int
read_values(struct arena *a, const struct xml_node *n, const char *local,
	struct bytes *out, size_t *count, size_t max, struct err *e)
{
	const struct xml_node *c;

	xml_each(c, n, NS_XADES, local) {
		if (*count == max)
			return malformed(e, "too many values");
		if (dsig_read_base64(a, c, local, &out[(*count)++], e))
			return -1;
	}
	return 0;
}

static int
read_unsigned(struct arena *a, struct xades *x, const struct xml_node *q,
	struct err *e)
{
	const struct xml_node *u, *n;

	u = only(only(q, "UnsignedProperties"), "UnsignedSignatureProperties");
	x->unsigned_properties = u;
	if (!u)
		return 0;
	xml_each(n, u, NS_XADES, "SignatureTimeStamp")
		if (read_values(a, n, "EncapsulatedTimeStamp", x->stamp,
			    &x->stamps, XADES_STAMPS_MAX, e))
			return -1;
	n = xml_child(u, NS_XADES, "RevocationValues");
	n = n ? xml_child(n, NS_XADES, "OCSPValues") : NULL;
	if (n && read_values(a, n, "EncapsulatedOCSPValue", x->ocsp, &x->ocsps,
			 XADES_OCSP_MAX, e))
		return -1;
	return read_extra(a, x, u, e);
}

int
xades_read(struct arena *a, struct bytes xml, struct xades **out, struct err *e)
{
	struct xades *x = arena_new_of(a, struct xades);
	const struct xml_node *sig, *q;
	struct err why = ERR_INIT;
	size_t i;

	if (xml.len > SIGNATURE_XML_MAX)
		return malformed(e, "it is too large");
	if (xml_parse(a, xml, NULL, &x->doc, e))
		return -1;
	if (xml_ids_unique(a, x->doc, &why))
		return malformed(e, why.text);
	if (find_signature(x, &sig, e) || dsig_read(a, sig, &x->sig, e) ||
		find_properties(a, x, &q, e) || read_signed(a, x, q, e))
		return -1;
	for (i = 1; i < x->sig.certs; i++)
		x->extra[x->extras++] = x->sig.cert[i];
	*out = x;
	return read_unsigned(a, x, q, e);
}
