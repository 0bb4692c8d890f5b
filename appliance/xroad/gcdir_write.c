/* SPDX-License-Identifier: MIT */
/*
 * Writing a signed configuration directory as the central server does: CRLF,
 * two boundaries, the inner multipart signed from its first delimiter to the
 * line end after its closing one. Rule: interop/xroad-center-admin.md 1.4.
 */
#include "clock.h"
#include "err.h"
#include "gcdir.h"
#include "key.h"
#include "mem.h"
#include "text.h"

enum { BOUNDARY = 20 };

static void
part_write(struct buf *b, const char *inner, const struct gcdir_part *p)
{
	buf_fmt(b, "--%s\r\n", inner);
	buf_str(b, "Content-type: application/octet-stream\r\n"
		   "Content-transfer-encoding: base64\r\n");
	buf_fmt(b, "Content-identifier: %s", p->identifier);
	if (p->instance)
		buf_fmt(b, "; instance='%s'", p->instance);
	buf_fmt(b, "\r\nContent-location: %s\r\n", p->location);
	buf_fmt(b, "Hash-algorithm-id: %s\r\n\r\n", digest_uri(p->digest.alg));
	buf_base64(b, p->digest.value, p->digest.len);
	buf_str(b, "\r\n");
}

static void
inside_write(struct buf *b, const char *inner, const struct gcdir *d)
{
	char when[TIME_TEXT_MAX];
	size_t i;

	buf_fmt(b, "--%s\r\nExpire-date: %s\r\nVersion: %d\r\n\r\n", inner,
		time_iso(when, d->expires), d->version);
	for (i = 0; i < d->parts; i++)
		part_write(b, inner, &d->part[i]);
	buf_fmt(b, "--%s--\r\n", inner);
}

static void
signature_write(struct buf *b, const char *outer, struct sign_alg alg,
	struct bytes cert_der, struct bytes signature)
{
	struct digest d;

	digest_of(DIGEST_SHA512, cert_der.data, cert_der.len, &d);
	buf_fmt(b, "\r\n--%s\r\n", outer);
	buf_str(b, "Content-Type: application/octet-stream\r\n"
		   "Content-Transfer-Encoding: base64\r\n");
	buf_fmt(b, "Signature-Algorithm-Id: %s\r\n", sign_alg_uri(alg));
	buf_str(b, "Verification-certificate-hash: ");
	buf_base64(b, d.value, d.len);
	buf_fmt(b, "; hash-algorithm-id=\"%s\"\r\n\r\n",
		digest_uri(DIGEST_SHA512));
	buf_base64(b, signature.data, signature.len);
	buf_fmt(b, "\r\n--%s--\r\n", outer);
}

int
gcdir_write(const struct gcdir *d, struct key *key, struct bytes cert_der,
	struct buf *out, struct err *e)
{
	struct sign_alg alg = key_default_alg(key, DIGEST_SHA512);
	struct arena *a = arena_new();
	char outer[BOUNDARY + 1], inner[BOUNDARY + 1];
	struct bytes signature;
	size_t start;
	int ret = -1;

	random_letters(outer, BOUNDARY);
	random_letters(inner, BOUNDARY);
	buf_fmt(out,
		"Content-Type: multipart/related; charset=UTF-8; "
		"boundary=%s\r\n\r\n--%s\r\n"
		"Content-Type: multipart/mixed; charset=UTF-8; "
		"boundary=%s\r\n\r\n",
		outer, outer, inner);
	start = out->len;
	inside_write(out, inner, d);
	if (buf_ok(out, "the configuration directory", e) != 0 ||
		key_sign(key, alg,
			bytes_of(out->data + start, out->len - start), a,
			&signature, e) != 0)
		goto out;
	signature_write(out, outer, alg, cert_der, signature);
	ret = buf_ok(out, "the configuration directory", e);
out:
	arena_free(&a);
	return ret;
}
