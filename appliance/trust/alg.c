/* SPDX-License-Identifier: MIT */
/*
 * AlgorithmIdentifiers: digests (RFC 5754), RSA (RFC 8017, RFC 4055) and
 * ECDSA (RFC 5758) signatures, to and from our algorithm values.
 */
#include "trust_int.h"

#include <string.h>

#include "err.h"
#include "text.h"

static const char *const digest_oids[] = {
	[DIGEST_SHA1] = "1.3.14.3.2.26",
	[DIGEST_SHA224] = "2.16.840.1.101.3.4.2.4",
	[DIGEST_SHA256] = "2.16.840.1.101.3.4.2.1",
	[DIGEST_SHA384] = "2.16.840.1.101.3.4.2.2",
	[DIGEST_SHA512] = "2.16.840.1.101.3.4.2.3",
};
enum { DIGEST_OIDS = sizeof digest_oids / sizeof digest_oids[0] };

struct sign_oid {
	const char *oid;
	struct sign_alg alg;
};

static const struct sign_oid sign_oids[] = {
	{ "1.2.840.113549.1.1.5", { SIGN_RSA_PKCS1, DIGEST_SHA1 } },
	{ "1.2.840.113549.1.1.14", { SIGN_RSA_PKCS1, DIGEST_SHA224 } },
	{ "1.2.840.113549.1.1.11", { SIGN_RSA_PKCS1, DIGEST_SHA256 } },
	{ "1.2.840.113549.1.1.12", { SIGN_RSA_PKCS1, DIGEST_SHA384 } },
	{ "1.2.840.113549.1.1.13", { SIGN_RSA_PKCS1, DIGEST_SHA512 } },
	{ "1.2.840.10045.4.1", { SIGN_ECDSA, DIGEST_SHA1 } },
	{ "1.2.840.10045.4.3.1", { SIGN_ECDSA, DIGEST_SHA224 } },
	{ "1.2.840.10045.4.3.2", { SIGN_ECDSA, DIGEST_SHA256 } },
	{ "1.2.840.10045.4.3.3", { SIGN_ECDSA, DIGEST_SHA384 } },
	{ "1.2.840.10045.4.3.4", { SIGN_ECDSA, DIGEST_SHA512 } },
};
enum { SIGN_OIDS = sizeof sign_oids / sizeof sign_oids[0] };

static const char OID_PSS[] = "1.2.840.113549.1.1.10";
static const char OID_MGF1[] = "1.2.840.113549.1.1.8";
static const char OID_RSA[] = "1.2.840.113549.1.1.1";
static const char OID_EC[] = "1.2.840.10045.2.1";

int
digest_alg_read(struct der *d, enum digest_alg *out, struct err *e)
{
	char oid[OID_TEXT_MAX];
	struct der in;
	if (der_read(d, DER_SEQUENCE, &in, e) || oid_read(&in, oid, e))
		return -1;
	*out = DIGEST_NONE;
	for (int i = 1; i < DIGEST_OIDS; i++)
		if (strcmp(oid, digest_oids[i]) == 0)
			*out = (enum digest_alg)i;
	return 0;
}

void
digest_alg_put(struct buf *b, enum digest_alg alg)
{
	struct buf in;
	buf_init(&in, 64);
	der_put_oid(&in, digest_oids[alg]);
	der_put(&in, DER_NULL, NULL, 0);
	der_put_buf(b, DER_SEQUENCE, &in);
	buf_done(&in);
}

/* RSASSA-PSS-params: hash and MGF1 with the same one. Absent hash: SHA-1. */
static int
pss_read(struct der *in, struct sign_alg *out, struct err *e)
{
	struct der params, hash, mgf;
	bool mgf1 = false;
	enum digest_alg inner = DIGEST_SHA1;
	*out = (struct sign_alg){ SIGN_RSA_PSS, DIGEST_SHA1 };
	if (!der_more(in))
		return 0;
	if (der_read(in, DER_SEQUENCE, &params, e))
		return -1;
	if (der_peek(&params) == DER_CONTEXT_CONSTRUCTED(0) &&
		(der_read(&params, DER_CONTEXT_CONSTRUCTED(0), &hash, e) ||
			digest_alg_read(&hash, &out->digest, e)))
		return -1;
	if (der_peek(&params) == DER_CONTEXT_CONSTRUCTED(1)) {
		if (der_read(&params, DER_CONTEXT_CONSTRUCTED(1), &hash, e) ||
			der_read(&hash, DER_SEQUENCE, &mgf, e) ||
			oid_match(&mgf, OID_MGF1, &mgf1, e) ||
			digest_alg_read(&mgf, &inner, e))
			return -1;
		if (!mgf1)
			inner = DIGEST_NONE;
	}
	if (inner != out->digest)
		out->digest = DIGEST_NONE;
	return 0;
}

/* The identifier's OID and a cursor at its parameters. */
static int
identifier_read(struct der *d, char oid[OID_TEXT_MAX], struct der *params,
	struct err *e)
{
	if (der_read(d, DER_SEQUENCE, params, e) || oid_read(params, oid, e))
		return -1;
	return 0;
}

static int
sign_oid_resolve(const char *oid, struct der *params, struct sign_alg *out,
	struct err *e)
{
	*out = (struct sign_alg){ SIGN_RSA_PKCS1, DIGEST_NONE };
	if (strcmp(oid, OID_PSS) == 0)
		return pss_read(params, out, e);
	for (int i = 0; i < SIGN_OIDS; i++)
		if (strcmp(oid, sign_oids[i].oid) == 0)
			*out = sign_oids[i].alg;
	return 0;
}

int
sign_alg_read(struct der *d, struct sign_alg *out, struct err *e)
{
	char oid[OID_TEXT_MAX];
	struct der params;
	if (identifier_read(d, oid, &params, e))
		return -1;
	return sign_oid_resolve(oid, &params, out, e);
}

int
sign_alg_read_cms(struct der *d, enum digest_alg digest, struct sign_alg *out,
	struct err *e)
{
	char oid[OID_TEXT_MAX];
	struct der params;
	if (identifier_read(d, oid, &params, e))
		return -1;
	if (strcmp(oid, OID_RSA) == 0)
		*out = (struct sign_alg){ SIGN_RSA_PKCS1, digest };
	else if (strcmp(oid, OID_EC) == 0)
		*out = (struct sign_alg){ SIGN_ECDSA, digest };
	else
		return sign_oid_resolve(oid, &params, out, e);
	return 0;
}

static void
pss_put(struct buf *in, enum digest_alg digest)
{
	struct buf params, tagged, mgf;
	buf_init(&params, 256);
	buf_init(&tagged, 256);
	buf_init(&mgf, 256);
	digest_alg_put(&tagged, digest);
	der_put_buf(&params, DER_CONTEXT_CONSTRUCTED(0), &tagged);
	der_put_oid(&mgf, OID_MGF1);
	digest_alg_put(&mgf, digest);
	buf_reset(&tagged);
	der_put_buf(&tagged, DER_SEQUENCE, &mgf);
	der_put_buf(&params, DER_CONTEXT_CONSTRUCTED(1), &tagged);
	buf_reset(&tagged);
	der_put_int(&tagged, (int64_t)digest_size(digest));
	der_put_buf(&params, DER_CONTEXT_CONSTRUCTED(2), &tagged);
	der_put_oid(in, OID_PSS);
	der_put_buf(in, DER_SEQUENCE, &params);
	buf_done(&params);
	buf_done(&tagged);
	buf_done(&mgf);
}

void
sign_alg_put(struct buf *b, struct sign_alg alg)
{
	struct buf in;
	buf_init(&in, 256);
	if (alg.scheme == SIGN_RSA_PSS)
		pss_put(&in, alg.digest);
	for (int i = 0; i < SIGN_OIDS; i++) {
		if (sign_oids[i].alg.scheme != alg.scheme ||
			sign_oids[i].alg.digest != alg.digest)
			continue;
		der_put_oid(&in, sign_oids[i].oid);
		if (alg.scheme == SIGN_RSA_PKCS1)
			der_put(&in, DER_NULL, NULL, 0);
	}
	der_put_buf(b, DER_SEQUENCE, &in);
	buf_done(&in);
}

struct sign_alg
key_default_alg(const struct key *k, enum digest_alg d)
{
	return (struct sign_alg){
		key_type(k) == KEY_RSA ? SIGN_RSA_PKCS1 : SIGN_ECDSA, d
	};
}

struct sign_alg
key_cert_alg(const struct key *k)
{
	bool wide = key_type(k) == KEY_EC && key_bits(k) > 256;
	return key_default_alg(k, wide ? DIGEST_SHA384 : DIGEST_SHA256);
}

static const char *const words[] = { [KEY_RSA] = "RSA", [KEY_EC] = "EC" };

int
key_type_parse(const char *word, enum key_type *out, struct err *e)
{
	for (int i = KEY_RSA; i <= KEY_EC; i++)
		if (strcmp(word, words[i]) == 0) {
			*out = (enum key_type)i;
			return 0;
		}
	return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
		"'%s' is no kind of key: RSA or EC", word);
}

const char *
key_type_word(enum key_type t)
{
	return words[t];
}
