/* SPDX-License-Identifier: MIT */
/*
 * Digests over the TLS library's message digests, and the table of names:
 * XML Signature URIs (RFC 6931), JCA names, and what they stand for.
 */
#include "trust_int.h"

#include <assert.h>
#include <string.h>

#include "err.h"
#include "mem.h"
#include "meter.h"
#include "text.h"

struct digest_row {
	mbedtls_md_type_t md;
	size_t size;
	const char *uri;
	const char *jca;
};

#define XMLENC   "http://www.w3.org/2001/04/xmlenc#"
#define DSIG     "http://www.w3.org/2000/09/xmldsig#"
#define DSIGMORE "http://www.w3.org/2001/04/xmldsig-more#"
#define DSIG2007 "http://www.w3.org/2007/05/xmldsig-more#"

static const struct digest_row digests[] = {
	[DIGEST_NONE] = { MBEDTLS_MD_NONE, 0, NULL, NULL },
	[DIGEST_SHA1] = { MBEDTLS_MD_SHA1, 20, DSIG "sha1", "SHA-1" },
	[DIGEST_SHA224] = { MBEDTLS_MD_SHA224, 28, DSIGMORE "sha224",
		"SHA-224" },
	[DIGEST_SHA256] = { MBEDTLS_MD_SHA256, 32, XMLENC "sha256", "SHA-256" },
	[DIGEST_SHA384] = { MBEDTLS_MD_SHA384, 48, DSIGMORE "sha384",
		"SHA-384" },
	[DIGEST_SHA512] = { MBEDTLS_MD_SHA512, 64, XMLENC "sha512", "SHA-512" },
};
enum { DIGESTS = sizeof digests / sizeof digests[0] };

static const struct digest_row *
digest_row(enum digest_alg alg)
{
	assert((unsigned)alg < DIGESTS);
	return &digests[alg];
}

mbedtls_md_type_t
digest_md(enum digest_alg alg)
{
	return digest_row(alg)->md;
}

size_t
digest_size(enum digest_alg alg)
{
	return digest_row(alg)->size;
}

const char *
digest_uri(enum digest_alg alg)
{
	return digest_row(alg)->uri;
}

const char *
digest_jca(enum digest_alg alg)
{
	return digest_row(alg)->jca;
}

enum digest_alg
digest_by_uri(const char *uri)
{
	for (int i = 1; uri && i < DIGESTS; i++)
		if (str_iequal(digests[i].uri, uri))
			return (enum digest_alg)i;
	return DIGEST_NONE;
}

enum digest_alg
digest_by_jca(const char *name)
{
	for (int i = 1; name && i < DIGESTS; i++)
		if (str_iequal(digests[i].jca, name))
			return (enum digest_alg)i;
	return DIGEST_NONE;
}

void
digest_of(enum digest_alg alg, const void *p, size_t n, struct digest *out)
{
	const struct digest_row *row = digest_row(alg);
	assert(alg != DIGEST_NONE);
	*out = (struct digest){ .alg = alg, .len = row->size };
	enum meter_part was = meter_to(METER_HASH);
	int rc = mbedtls_md(
		mbedtls_md_info_from_type(row->md), p, n, out->value);
	meter_to(was);
	assert(rc == 0);
	(void)rc;
}

bool
digest_equal(const struct digest *a, const struct digest *b)
{
	return a->alg == b->alg && a->len == b->len &&
	       memcmp(a->value, b->value, a->len) == 0;
}

void
digest_mac(enum digest_alg alg, struct bytes key, struct bytes data,
	struct digest *out)
{
	const mbedtls_md_info_t *md = mbedtls_md_info_from_type(digest_md(alg));
	int rc = mbedtls_md_hmac(
		md, key.data, key.len, data.data, data.len, out->value);

	assert(rc == 0);
	(void)rc;
	out->alg = alg;
	out->len = digest_size(alg);
}

struct hasher {
	enum digest_alg alg;
	mbedtls_md_context_t md;
};

struct hasher *
hasher_new(enum digest_alg alg)
{
	assert(alg != DIGEST_NONE);
	struct hasher *h = mem_alloc(sizeof *h);
	h->alg = alg;
	mbedtls_md_init(&h->md);
	int rc = mbedtls_md_setup(
		&h->md, mbedtls_md_info_from_type(digest_md(alg)), 0);
	assert(rc == 0);
	rc = mbedtls_md_starts(&h->md);
	assert(rc == 0);
	(void)rc;
	return h;
}

void
hasher_add(struct hasher *h, const void *p, size_t n)
{
	enum meter_part was = meter_to(METER_HASH);
	int rc = mbedtls_md_update(&h->md, p, n);
	meter_to(was);
	assert(rc == 0);
	(void)rc;
}

void
hasher_done(struct hasher **h, struct digest *out)
{
	*out = (struct digest){ .alg = (*h)->alg,
		.len = digest_size((*h)->alg) };
	int rc = mbedtls_md_finish(&(*h)->md, out->value);
	assert(rc == 0);
	(void)rc;
	hasher_free(h);
}

void
hasher_free(struct hasher **h)
{
	if (!*h)
		return;
	mbedtls_md_free(&(*h)->md);
	mem_free(*h);
	*h = NULL;
}

/* ---- names of signature algorithms ---- */

struct sign_row {
	struct sign_alg alg;
	const char *uri;
	const char *jca;
};

static const struct sign_row signs[] = {
	{ { SIGN_RSA_PKCS1, DIGEST_SHA1 }, DSIG "rsa-sha1", "SHA1withRSA" },
	{ { SIGN_RSA_PKCS1, DIGEST_SHA224 }, DSIGMORE "rsa-sha224",
		"SHA224withRSA" },
	{ { SIGN_RSA_PKCS1, DIGEST_SHA256 }, DSIGMORE "rsa-sha256",
		"SHA256withRSA" },
	{ { SIGN_RSA_PKCS1, DIGEST_SHA384 }, DSIGMORE "rsa-sha384",
		"SHA384withRSA" },
	{ { SIGN_RSA_PKCS1, DIGEST_SHA512 }, DSIGMORE "rsa-sha512",
		"SHA512withRSA" },
	{ { SIGN_RSA_PSS, DIGEST_SHA256 }, DSIG2007 "sha256-rsa-MGF1",
		"SHA256withRSAandMGF1" },
	{ { SIGN_RSA_PSS, DIGEST_SHA384 }, DSIG2007 "sha384-rsa-MGF1",
		"SHA384withRSAandMGF1" },
	{ { SIGN_RSA_PSS, DIGEST_SHA512 }, DSIG2007 "sha512-rsa-MGF1",
		"SHA512withRSAandMGF1" },
	{ { SIGN_ECDSA, DIGEST_SHA1 }, DSIGMORE "ecdsa-sha1", "SHA1withECDSA" },
	{ { SIGN_ECDSA, DIGEST_SHA224 }, DSIGMORE "ecdsa-sha224",
		"SHA224withECDSA" },
	{ { SIGN_ECDSA, DIGEST_SHA256 }, DSIGMORE "ecdsa-sha256",
		"SHA256withECDSA" },
	{ { SIGN_ECDSA, DIGEST_SHA384 }, DSIGMORE "ecdsa-sha384",
		"SHA384withECDSA" },
	{ { SIGN_ECDSA, DIGEST_SHA512 }, DSIGMORE "ecdsa-sha512",
		"SHA512withECDSA" },
};
enum { SIGNS = sizeof signs / sizeof signs[0] };

int
sign_alg_by_uri(const char *uri, struct sign_alg *out, struct err *e)
{
	for (int i = 0; uri && i < SIGNS; i++)
		if (str_iequal(signs[i].uri, uri)) {
			*out = signs[i].alg;
			return 0;
		}
	return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
		"Unsupported signature algorithm: %.200s", uri ? uri : "none");
}

int
sign_alg_by_jca(const char *name, struct sign_alg *out, struct err *e)
{
	for (int i = 0; name && i < SIGNS; i++)
		if (str_iequal(signs[i].jca, name)) {
			*out = signs[i].alg;
			return 0;
		}
	return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
		"Unsupported signature algorithm: %.200s",
		name ? name : "none");
}

static const struct sign_row *
sign_row(struct sign_alg a)
{
	for (int i = 0; i < SIGNS; i++)
		if (signs[i].alg.scheme == a.scheme &&
			signs[i].alg.digest == a.digest)
			return &signs[i];
	return NULL;
}

const char *
sign_alg_uri(struct sign_alg a)
{
	const struct sign_row *row = sign_row(a);
	return row ? row->uri : NULL;
}

const char *
sign_alg_jca(struct sign_alg a)
{
	const struct sign_row *row = sign_row(a);
	return row ? row->jca : NULL;
}
