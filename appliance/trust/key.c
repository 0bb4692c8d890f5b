/* SPDX-License-Identifier: MIT */
/*
 * Keys over the TLS library's public key layer. The library locks a context
 * while it computes, so a key keeps a few contexts ("lanes"): threads that use
 * one key at the same time run in parallel.
 */
#include "trust_int.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/rsa.h>

#include "err.h"
#include "mem.h"

enum {
	LANES = 4,
	KEY_DER_MAX = 16 * 1024,
	RSA_BITS_MIN = 1024, /* to verify; new keys have 2048 and more */
	RSA_BITS_MAX = 8192,
};

struct lane {
	pthread_mutex_t lock; /* guards the two below */
	bool ready;
	mbedtls_pk_context pk;
};

struct key {
	atomic_int refs;
	enum key_type type;
	unsigned bits;
	uint8_t *spki;
	size_t spki_len;
	uint8_t *priv; /* PKCS#8, NULL for public and remote keys */
	size_t priv_len;
	key_sign_fn *fn; /* remote keys only */
	void *ctx;
	void (*free_ctx)(void *);
	mbedtls_pk_context alt; /* a remote RSA key for the TLS library */
	struct lane lane[LANES];
};

/* ---- life ---- */

static struct key *
key_new(void)
{
	struct key *k = mem_alloc(sizeof *k);
	atomic_init(&k->refs, 1);
	mbedtls_pk_init(&k->alt);
	for (int i = 0; i < LANES; i++) {
		pthread_mutex_init(&k->lane[i].lock, NULL);
		mbedtls_pk_init(&k->lane[i].pk);
	}
	return k;
}

struct key *
key_ref(struct key *k)
{
	atomic_fetch_add(&k->refs, 1);
	return k;
}

void
key_unref(struct key **kp)
{
	struct key *k = *kp;
	*kp = NULL;
	if (!k || atomic_fetch_sub(&k->refs, 1) > 1)
		return;
	if (k->free_ctx)
		k->free_ctx(k->ctx);
	for (int i = 0; i < LANES; i++) {
		mbedtls_pk_free(&k->lane[i].pk);
		pthread_mutex_destroy(&k->lane[i].lock);
	}
	mbedtls_pk_free(&k->alt);
	if (k->priv)
		mem_wipe(k->priv, k->priv_len);
	mem_free(k->priv);
	mem_free(k->spki);
	mem_free(k);
}

static int
lane_fill(const struct key *k, struct lane *l)
{
	if (l->ready)
		return 0;
	unsigned char *p = k->spki;
	int rc = k->priv ? mbedtls_pk_parse_key(&l->pk, k->priv, k->priv_len,
				   NULL, 0, trust_rng, NULL)
			 : mbedtls_pk_parse_subpubkey(
				   &p, k->spki + k->spki_len, &l->pk);
	l->ready = rc == 0;
	return rc;
}

/* A locked lane that nobody else uses; NULL if the key does not load. */
static struct lane *
lane_take(const struct key *k)
{
	struct lane *lanes = (struct lane *)(uintptr_t)k->lane, *l = NULL;
	for (int i = 0; i < LANES && !l; i++)
		if (pthread_mutex_trylock(&lanes[i].lock) == 0)
			l = &lanes[i];
	if (!l) {
		l = &lanes[0];
		pthread_mutex_lock(&l->lock);
	}
	if (lane_fill(k, l) == 0)
		return l;
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

static void
lane_give(struct lane *l)
{
	pthread_mutex_unlock(&l->lock);
}

/* Type and size out of a parsed context. */
static int
key_describe(struct key *k, const mbedtls_pk_context *pk, struct err *e)
{
	mbedtls_pk_type_t t = mbedtls_pk_get_type(pk);
	k->bits = (unsigned)mbedtls_pk_get_bitlen(pk);
	if (t == MBEDTLS_PK_RSA) {
		k->type = KEY_RSA;
		if (k->bits < RSA_BITS_MIN || k->bits > RSA_BITS_MAX)
			return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
				"RSA key of %u bits is not supported", k->bits);
		return 0;
	}
	k->type = KEY_EC;
	if (t != MBEDTLS_PK_ECKEY ||
		mbedtls_ecp_get_type(&mbedtls_pk_ec(*pk)->MBEDTLS_PRIVATE(
			grp)) != MBEDTLS_ECP_TYPE_SHORT_WEIERSTRASS)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"Keys of this type are not supported");
	return 0;
}

static int
key_take_spki(struct key *k, struct bytes spki, struct err *e)
{
	unsigned char *p;
	k->spki = mem_alloc(spki.len + 1);
	memcpy(k->spki, spki.data, spki.len);
	k->spki_len = spki.len;
	p = k->spki;
	struct lane *l = &k->lane[0];
	int rc = mbedtls_pk_parse_subpubkey(&p, k->spki + k->spki_len, &l->pk);
	if (rc || p != k->spki + k->spki_len)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"The public key cannot be read (%d)", rc);
	l->ready = true;
	return key_describe(k, &l->pk, e);
}

int
key_parse_public(struct key **out, struct bytes data, struct err *e)
{
	struct arena *a = arena_new();
	struct key *k = NULL;
	int ret = -1;
	if (data.len == 0 || data.len > KEY_DER_MAX) {
		fail(e, FAULT_TOO_LARGE, "Public key of %zu bytes", data.len);
		goto out;
	}
	if (data.data[0] != DER_SEQUENCE &&
		pem_decode(a, "PUBLIC KEY", data, &data, e))
		goto out;
	k = key_new();
	if (key_take_spki(k, data, e))
		goto out;
	*out = k;
	k = NULL;
	ret = 0;
out:
	key_unref(&k);
	arena_free(&a);
	return ret;
}

/* RSA in PKCS#1 form wrapped as PKCS#8; EC likewise with its curve. */
static int
pkcs8_wrap(const struct key *k, const uint8_t *inner, size_t n, struct buf *out,
	struct err *e)
{
	struct der spki, alg;
	struct bytes identifier;
	struct buf in;
	int ret = -1;
	struct der d = der_open(bytes_of(k->spki, k->spki_len));
	buf_init(&in, KEY_DER_MAX);
	in.secret = true;
	if (der_read(&d, DER_SEQUENCE, &spki, e))
		goto out;
	alg = spki;
	if (der_any(&alg, &identifier, e))
		goto out;
	der_put_int(&in, 0);
	buf_bytes(&in, identifier);
	der_put(&in, DER_OCTET_STRING, inner, n);
	der_put_buf(out, DER_SEQUENCE, &in);
	ret = buf_ok(out, "private key", e);
out:
	buf_done(&in);
	return ret;
}

/* Fills a new key from a parsed private context: both DER forms. */
static int
key_take_private(struct key *k, mbedtls_pk_context *pk, struct err *e)
{
	uint8_t *tmp = mem_alloc(KEY_DER_MAX);
	struct buf p8;
	int ret = -1;
	buf_init(&p8, KEY_DER_MAX);
	p8.secret = true;
	if (key_describe(k, pk, e))
		goto out;
	int n = mbedtls_pk_write_pubkey_der(pk, tmp, KEY_DER_MAX);
	if (n <= 0 || key_take_spki(k,
			      bytes_of(tmp + KEY_DER_MAX - n, (size_t)n), e)) {
		fail(e, FAULT_UNSUPPORTED_ALGORITHM, "Key cannot be written");
		goto out;
	}
	n = mbedtls_pk_write_key_der(pk, tmp, KEY_DER_MAX);
	if (n <= 0) {
		fail(e, FAULT_UNSUPPORTED_ALGORITHM, "Key cannot be written");
		goto out;
	}
	if (pkcs8_wrap(k, tmp + KEY_DER_MAX - n, (size_t)n, &p8, e))
		goto out;
	k->priv = mem_alloc(p8.len);
	memcpy(k->priv, p8.data, p8.len);
	k->priv_len = p8.len;
	/* the first lane holds the public half until now */
	mbedtls_pk_free(&k->lane[0].pk);
	mbedtls_pk_init(&k->lane[0].pk);
	k->lane[0].ready = false;
	if (lane_fill(k, &k->lane[0]))
		fail(e, FAULT_UNSUPPORTED_ALGORITHM, "Key cannot be loaded");
	else
		ret = 0;
out:
	buf_done(&p8);
	mem_wipe(tmp, KEY_DER_MAX);
	mem_free(tmp);
	return ret;
}

int
key_generate(struct key **out, enum key_type type, unsigned bits, struct err *e)
{
	mbedtls_pk_context pk;
	struct key *k = NULL;
	int rc, ret = -1;
	mbedtls_pk_init(&pk);
	if (type == KEY_RSA && (bits < 2048 || bits > RSA_BITS_MAX)) {
		fail(e, FAULT_KEY_GENERATION,
			"RSA keys have 2048 to 8192 bits");
		goto out;
	}
	rc = mbedtls_pk_setup(&pk,
		mbedtls_pk_info_from_type(
			type == KEY_RSA ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECKEY));
	if (rc == 0 && type == KEY_RSA)
		rc = mbedtls_rsa_gen_key(
			mbedtls_pk_rsa(pk), trust_rng, NULL, bits, 65537);
	else if (rc == 0)
		rc = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1,
			mbedtls_pk_ec(pk), trust_rng, NULL);
	if (rc) {
		fail(e, FAULT_KEY_GENERATION, "Key generation failed (%d)", rc);
		goto out;
	}
	k = key_new();
	if (key_take_private(k, &pk, e))
		goto out;
	*out = k;
	k = NULL;
	ret = 0;
out:
	key_unref(&k);
	mbedtls_pk_free(&pk);
	return ret;
}

int
key_parse_private(struct key **out, struct bytes data, const char *password,
	struct err *e)
{
	mbedtls_pk_context pk;
	struct key *k = NULL;
	uint8_t *copy = NULL;
	int ret = -1;
	mbedtls_pk_init(&pk);
	if (data.len == 0 || data.len > KEY_DER_MAX)
		return fail(e, FAULT_TOO_LARGE, "Private key of %zu bytes",
			data.len);
	/* PEM is recognised by its NUL at the end */
	bool pem = memmem(data.data, data.len, "-----BEGIN", 10) != NULL;
	copy = mem_alloc(data.len + 1);
	memcpy(copy, data.data, data.len);
	int rc = mbedtls_pk_parse_key(&pk, copy, data.len + pem,
		(const unsigned char *)password,
		password ? strlen(password) : 0, trust_rng, NULL);
	if (rc == MBEDTLS_ERR_PK_PASSWORD_MISMATCH ||
		rc == MBEDTLS_ERR_PK_PASSWORD_REQUIRED) {
		fail(e, FAULT_PIN_INCORRECT,
			"The password of the private key is wrong");
		goto out;
	}
	if (rc) {
		fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"The private key cannot be read (%d)", rc);
		goto out;
	}
	k = key_new();
	if (key_take_private(k, &pk, e))
		goto out;
	*out = k;
	k = NULL;
	ret = 0;
out:
	key_unref(&k);
	mbedtls_pk_free(&pk);
	mem_wipe(copy, data.len);
	mem_free(copy);
	return ret;
}

/* ---- remote keys ---- */

static int
alt_decrypt(void *ctx, size_t *olen, const unsigned char *in,
	unsigned char *out, size_t max)
{
	(void)ctx, (void)olen, (void)in, (void)out, (void)max;
	return MBEDTLS_ERR_RSA_BAD_INPUT_DATA; /* no RSA key exchange */
}

static int
alt_sign(void *ctx, int (*rng)(void *, unsigned char *, size_t), void *rng_ctx,
	mbedtls_md_type_t md, unsigned hash_len, const unsigned char *hash,
	unsigned char *sig)
{
	struct key *k = ctx;
	struct digest d = { .alg = DIGEST_NONE };
	uint8_t out[SIGNATURE_MAX];
	size_t len = 0;
	(void)rng, (void)rng_ctx;
	for (int i = DIGEST_SHA1; i <= DIGEST_SHA512; i++)
		if (digest_md((enum digest_alg)i) == md)
			d.alg = (enum digest_alg)i;
	if (d.alg == DIGEST_NONE || hash_len != digest_size(d.alg))
		return MBEDTLS_ERR_RSA_BAD_INPUT_DATA;
	d.len = hash_len;
	memcpy(d.value, hash, hash_len);
	struct sign_alg alg = { SIGN_RSA_PKCS1, d.alg };
	if (k->fn(k->ctx, alg, &d, out, &len, NULL) || len != (k->bits + 7) / 8)
		return MBEDTLS_ERR_RSA_PRIVATE_FAILED;
	memcpy(sig, out, len);
	return 0;
}

static size_t
alt_len(void *ctx)
{
	return (((const struct key *)ctx)->bits + 7) / 8;
}

int
key_new_remote(struct key **out, struct bytes spki, key_sign_fn *fn, void *ctx,
	void (*free_ctx)(void *), struct err *e)
{
	struct key *k;
	if (key_parse_public(&k, spki, e))
		return -1;
	k->fn = fn;
	k->ctx = ctx;
	if (k->type == KEY_RSA && mbedtls_pk_setup_rsa_alt(&k->alt, k,
					  alt_decrypt, alt_sign, alt_len)) {
		key_unref(&k);
		return fail(e, FAULT_INTERNAL, "Remote key cannot be set up");
	}
	k->free_ctx = free_ctx;
	*out = k;
	return 0;
}

int
key_tls(struct key *k, mbedtls_pk_context **out, struct err *e)
{
	if (k->fn && k->type != KEY_RSA)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"An EC key of the signer cannot serve TLS: use RSA");
	if (!key_can_sign(k))
		return fail(e, FAULT_CANNOT_SIGN, "TLS needs a private key");
	/* the last lane is not used by others as long as TLS holds it: the
	   library locks RSA itself, and only reads EC keys */
	struct lane *l = &k->lane[LANES - 1];
	if (k->fn) {
		*out = &k->alt;
		return 0;
	}
	pthread_mutex_lock(&l->lock);
	int rc = lane_fill(k, l);
	pthread_mutex_unlock(&l->lock);
	*out = &l->pk;
	return rc ? fail(e, FAULT_INTERNAL, "Key cannot be loaded") : 0;
}

/* ---- facts ---- */

enum key_type
key_type(const struct key *k)
{
	return k->type;
}

unsigned
key_bits(const struct key *k)
{
	return k->bits;
}

bool
key_can_sign(const struct key *k)
{
	return k->priv || k->fn;
}

bool
key_same_public(const struct key *a, const struct key *b)
{
	return bytes_equal(
		bytes_of(a->spki, a->spki_len), bytes_of(b->spki, b->spki_len));
}

struct bytes
key_spki(const struct key *k, struct arena *a)
{
	return bytes_of(arena_memdup(a, k->spki, k->spki_len), k->spki_len);
}

static struct bytes
bits_string(const struct key *k)
{
	struct der d = der_open(bytes_of(k->spki, k->spki_len)), spki, bits;
	struct bytes alg;
	if (der_read(&d, DER_SEQUENCE, &spki, NULL) ||
		der_any(&spki, &alg, NULL) ||
		der_read(&spki, DER_BIT_STRING, &bits, NULL) ||
		!der_more(&bits))
		return bytes_of(NULL, 0);
	return bytes_of(bits.p + 1, (size_t)(bits.end - bits.p) - 1);
}

struct bytes
key_bits_string(const struct key *k, struct arena *a)
{
	struct bytes b = bits_string(k);
	return bytes_of(arena_memdup(a, b.data, b.len), b.len);
}

void
key_sha1(const struct key *k, struct digest *out)
{
	struct bytes b = bits_string(k);
	digest_of(DIGEST_SHA1, b.data, b.len, out);
}

int
key_private_der(
	const struct key *k, struct arena *a, struct bytes *out, struct err *e)
{
	if (!k->priv)
		return fail(e, FAULT_CANNOT_SIGN, "Not a local private key");
	*out = bytes_of(arena_memdup(a, k->priv, k->priv_len), k->priv_len);
	return 0;
}

/* ---- signing and verifying ---- */

static int
scheme_fits(const struct key *k, struct sign_alg alg,
	const struct digest *digest, struct err *e)
{
	if ((k->type == KEY_EC) != (alg.scheme == SIGN_ECDSA) ||
		alg.digest == DIGEST_NONE || digest->alg != alg.digest ||
		digest->len != digest_size(alg.digest))
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"The algorithm does not fit the key");
	return 0;
}

int
key_sign_digest(struct key *k, struct sign_alg alg, const struct digest *digest,
	struct arena *a, struct bytes *out, struct err *e)
{
	uint8_t sig[SIGNATURE_MAX];
	size_t len = 0;
	if (scheme_fits(k, alg, digest, e))
		return -1;
	if (!key_can_sign(k))
		return fail(
			e, FAULT_CANNOT_SIGN, "The key has no private half");
	if (k->fn) {
		if (k->fn(k->ctx, alg, digest, sig, &len, e))
			return fail(
				e, FAULT_CANNOT_SIGN, "The key cannot sign");
		assert(len <= sizeof sig);
	} else {
		struct lane *l = lane_take(k);
		int rc = !l ? -1
			    : mbedtls_pk_sign_ext(
				      alg.scheme == SIGN_RSA_PSS
					      ? MBEDTLS_PK_RSASSA_PSS
					      : mbedtls_pk_get_type(&l->pk),
				      &l->pk, digest_md(alg.digest),
				      digest->value, digest->len, sig,
				      sizeof sig, &len, trust_rng, NULL);
		if (l)
			lane_give(l);
		if (rc)
			return fail(e, FAULT_CANNOT_SIGN, "Signing failed (%d)",
				rc);
	}
	*out = bytes_of(arena_memdup(a, sig, len), len);
	return 0;
}

int
key_sign(struct key *k, struct sign_alg alg, struct bytes data, struct arena *a,
	struct bytes *out, struct err *e)
{
	struct digest d;
	if (alg.digest == DIGEST_NONE)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM, "No digest given");
	digest_of(alg.digest, data.data, data.len, &d);
	return key_sign_digest(k, alg, &d, a, out, e);
}

int
key_verify_digest(const struct key *k, struct sign_alg alg,
	const struct digest *digest, struct bytes sig, struct err *e)
{
	if (scheme_fits(k, alg, digest, e))
		return -1;
	struct lane *l = lane_take(k);
	if (!l)
		return fail(e, FAULT_INTERNAL, "Key cannot be loaded");
	mbedtls_pk_rsassa_pss_options pss = {
		.mgf1_hash_id = digest_md(alg.digest),
		.expected_salt_len = (int)digest->len,
	};
	bool is_pss = alg.scheme == SIGN_RSA_PSS;
	int rc = mbedtls_pk_verify_ext(
		is_pss ? MBEDTLS_PK_RSASSA_PSS : mbedtls_pk_get_type(&l->pk),
		is_pss ? &pss : NULL, &l->pk, digest_md(alg.digest),
		digest->value, digest->len, sig.data, sig.len);
	lane_give(l);
	if (rc)
		return fail(e, FAULT_INVALID_SIGNATURE_VALUE,
			"The signature does not verify");
	return 0;
}

int
key_verify(const struct key *k, struct sign_alg alg, struct bytes data,
	struct bytes sig, struct err *e)
{
	struct digest d;
	if (alg.digest == DIGEST_NONE)
		return fail(e, FAULT_UNSUPPORTED_ALGORITHM,
			"Signature algorithm not supported");
	digest_of(alg.digest, data.data, data.len, &d);
	return key_verify_digest(k, alg, &d, sig, e);
}
