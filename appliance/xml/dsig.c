/* SPDX-License-Identifier: MIT */
/*
 * XML Signature mechanics; see the header.
 */
#include "dsig.h"

#include <string.h>

#include "err.h"
#include "key.h"
#include "mem.h"
#include "text.h"

enum { CANONICAL_MAX = 4 * 1024 * 1024 };

static int
malformed(struct err *e, const char *what)
{
	return fail(e, FAULT_MALFORMED_SIGNATURE, "signature: %s", what);
}

static int
invalid(struct err *e, const char *uri)
{
	return fail(e, FAULT_INVALID_SIGNATURE_VALUE,
		"signature: the digest of %.100s does not match", uri);
}

int
dsig_read_base64(struct arena *a, const struct xml_node *n, const char *what,
	struct bytes *out, struct err *e)
{
	const char *s = n ? xml_text(n, a) : "";

	if (!*s || base64_decode(a, s, strlen(s), out, NULL) || !out->len)
		return fail(e, FAULT_MALFORMED_SIGNATURE,
			"signature: %s is missing or not base64", what);
	return 0;
}

int
dsig_read_digest(struct arena *a, const struct xml_node *n, struct digest *out,
	struct err *e)
{
	const struct xml_node *m = xml_child(n, NS_DSIG, "DigestMethod");
	const struct xml_node *v = xml_child(n, NS_DSIG, "DigestValue");
	struct bytes value = { 0 };

	memset(out, 0, sizeof(*out));
	out->alg = m ? digest_by_uri(xml_attr(m, a, "", "Algorithm"))
		     : DIGEST_NONE;
	if (out->alg == DIGEST_NONE || out->alg == DIGEST_SHA1)
		return malformed(e, "the digest algorithm is not accepted");
	if (dsig_read_base64(a, v, "DigestValue", &value, e))
		return -1;
	if (value.len != digest_size(out->alg))
		return malformed(e, "a digest has the wrong length");
	memcpy(out->value, value.data, value.len);
	out->len = value.len;
	return 0;
}

/* Transforms?: none, or one canonicalisation without parameters. */
static int
read_transforms(struct arena *a, const struct xml_node *r,
	struct dsig_reference *out, struct err *e)
{
	const struct xml_node *ts = xml_child(r, NS_DSIG, "Transforms"), *t;

	out->how = C14N_10;
	if (!ts)
		return 0;
	t = xml_child(ts, NS_DSIG, "Transform");
	if (out->uri[0] != '#' || !t || xml_children(ts) != 1 ||
		xml_children(t) ||
		c14n_by_uri(xml_attr(t, a, "", "Algorithm"), &out->how, NULL))
		return malformed(e, "a transform is not accepted");
	return 0;
}

static int
read_reference(struct arena *a, const struct xml_node *r,
	struct dsig_reference *out, struct err *e)
{
	out->uri = xml_attr(r, a, "", "URI");
	out->id = xml_attr(r, a, "", "Id");
	out->type = xml_attr(r, a, "", "Type");
	if (!out->uri || (out->uri[0] != '#' && out->uri[0] != '/') ||
		!out->uri[1] || strchr(out->uri, '('))
		return malformed(e, "a reference URI is not accepted");
	if (read_transforms(a, r, out, e))
		return -1;
	return dsig_read_digest(a, r, &out->digest, e);
}

static int
read_references(struct arena *a, struct dsig *d, struct err *e)
{
	const struct xml_node *r;
	size_t i, internal = 0;

	xml_each(r, d->info, NS_DSIG, "Reference") {
		if (d->refs == DSIG_REFERENCES_MAX)
			return malformed(e, "too many references");
		if (read_reference(a, r, &d->ref[d->refs], e))
			return -1;
		for (i = 0; i < d->refs; i++)
			if (str_equal(d->ref[i].uri, d->ref[d->refs].uri))
				return malformed(e, "a reference is repeated");
		if (d->ref[d->refs++].uri[0] == '#' &&
			++internal > DSIG_INTERNAL_MAX)
			return malformed(e, "too many references");
	}
	if (!d->refs || xml_children(d->info) != d->refs + 2)
		return malformed(e, "SignedInfo is not as it should be");
	return 0;
}

static int
read_info(struct arena *a, struct dsig *d, struct err *e)
{
	const struct xml_node *c, *m;

	c = xml_child(d->info, NULL, NULL);
	m = c ? xml_next(c, NULL, NULL) : NULL;
	if (!m || !xml_is(c, NS_DSIG, "CanonicalizationMethod") ||
		!xml_is(m, NS_DSIG, "SignatureMethod"))
		return malformed(e, "SignedInfo is not as it should be");
	if (xml_children(c) || xml_children(m) ||
		c14n_by_uri(xml_attr(c, a, "", "Algorithm"), &d->how, NULL))
		return malformed(e, "the canonicalisation is not accepted");
	if (sign_alg_by_uri(xml_attr(m, a, "", "Algorithm"), &d->alg, NULL) ||
		d->alg.digest == DIGEST_SHA1)
		return malformed(e, "the signature algorithm is not accepted");
	return read_references(a, d, e);
}

static void
drop_cert(void *c)
{
	struct cert *cert = c;

	cert_unref(&cert);
}

static int
read_certs(struct arena *a, struct dsig *d, struct err *e)
{
	const struct xml_node *k = xml_child(d->node, NS_DSIG, "KeyInfo"), *x,
			      *c;
	struct bytes der = { 0 };

	if (!k || xml_next(k, NS_DSIG, "KeyInfo"))
		return malformed(e, "there must be one KeyInfo");
	xml_each(x, k, NS_DSIG, "X509Data") {
		xml_each(c, x, NS_DSIG, "X509Certificate") {
			if (d->certs == CHAIN_MAX)
				return malformed(e, "too many certificates");
			if (dsig_read_base64(a, c, "X509Certificate", &der, e))
				return -1;
			if (cert_parse(&d->cert[d->certs], der, NULL))
				return malformed(e, "a certificate is damaged");
			arena_defer(a, drop_cert, d->cert[d->certs++]);
		}
	}
	if (!d->certs)
		return malformed(e, "the signing certificate is missing");
	return 0;
}

int
dsig_read(struct arena *a, const struct xml_node *signature, struct dsig *out,
	struct err *e)
{
	const struct xml_node *v;

	memset(out, 0, sizeof(*out));
	out->node = signature;
	out->id = xml_attr(signature, a, "", "Id");
	out->info = xml_child(signature, NULL, NULL);
	if (!out->info || !xml_is(out->info, NS_DSIG, "SignedInfo"))
		return malformed(e, "SignedInfo is missing");
	v = xml_next(out->info, NULL, NULL);
	if (!v || !xml_is(v, NS_DSIG, "SignatureValue"))
		return malformed(e, "SignatureValue is missing");
	if (dsig_read_base64(a, v, "SignatureValue", &out->value, e) ||
		read_info(a, out, e))
		return -1;
	return read_certs(a, out, e);
}

int
dsig_check_digest(
	const struct dsig_reference *r, const struct digest *d, struct err *e)
{
	return digest_equal(&r->digest, d) ? 0 : invalid(e, r->uri);
}

int
dsig_check_node(
	const struct dsig_reference *r, const struct xml_node *n, struct err *e)
{
	struct digest got;
	struct buf b;
	int ret = -1;

	buf_init(&b, CANONICAL_MAX);
	if (xml_canonical(n, r->how, &b, e))
		goto out;
	digest_of(r->digest.alg, b.data, b.len, &got);
	ret = dsig_check_digest(r, &got, e);
out:
	buf_done(&b);
	return ret;
}

int
dsig_check_internal(const struct dsig *d, struct err *e)
{
	struct xml_doc *doc;
	struct xml_node *n;
	size_t i;

	doc = xml_doc_of((struct xml_node *)(uintptr_t)d->node);
	for (i = 0; i < d->refs; i++) {
		if (d->ref[i].uri[0] != '#')
			continue;
		if (xml_by_id(doc, d->ref[i].uri + 1, &n, NULL) || !n)
			return malformed(e, "a reference leads nowhere");
		if (dsig_check_node(&d->ref[i], n, e))
			return -1;
	}
	return 0;
}

static int
canonical_info(const struct dsig *d, struct buf *out, struct err *e)
{
	if (xml_canonical(d->info, d->how, out, e))
		return -1;
	return buf_ok(out, "SignedInfo", e);
}

static int
check_signed(const struct dsig *d, const struct cert *c, struct bytes info,
	struct err *e)
{
	struct arena *a = arena_new();
	struct bytes sig = d->value;
	int ret;

	if (d->alg.scheme == SIGN_ECDSA &&
		ecdsa_der_from_raw(a, d->value, &sig, NULL))
		ret = fail(e, FAULT_INVALID_SIGNATURE_VALUE,
			"signature: the value is not an ECDSA signature");
	else
		ret = key_verify(cert_key(c), d->alg, info, sig, e);
	arena_free(&a);
	return ret;
}

int
dsig_check_value(const struct dsig *d, const struct cert *c, struct err *e)
{
	struct buf b;
	int ret = -1;

	buf_init(&b, CANONICAL_MAX);
	if (!canonical_info(d, &b, e))
		ret = check_signed(d, c, bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}
