/* SPDX-License-Identifier: MIT */
/*
 * Keys: signing, verifying, files of OpenSSL, remote keys, ECDSA forms, and
 * many threads on one key.
 */
#include "key.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "cert.h"
#include "err.h"
#include "file.h"
#include "job.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

static const struct sign_alg rsa512 = { SIGN_RSA_PKCS1, DIGEST_SHA512 };

static void
round_trip(struct key *k, struct sign_alg alg, struct arena *a)
{
	struct err e = ERR_INIT;
	struct bytes sig, data = bytes_str("some data"), spki;
	struct key *pub = NULL;
	is_int(key_sign(k, alg, data, a, &sig, &e), 0);
	spki = key_spki(k, a);
	is_int(key_parse_public(&pub, spki, &e), 0);
	ok(key_same_public(k, pub) && !key_can_sign(pub) && key_can_sign(k));
	is_int(key_verify(pub, alg, data, sig, &e), 0);
	is_int(key_verify(k, alg, data, sig, &e), 0);
	is_int(key_verify(pub, alg, bytes_str("some dato"), sig, &e), -1);
	is_int(e.fault, FAULT_INVALID_SIGNATURE_VALUE);
	err_reset(&e);
	uint8_t *bad = arena_memdup(a, sig.data, sig.len);
	bad[sig.len / 2] ^= 1;
	is_int(key_verify(pub, alg, data, bytes_of(bad, sig.len), &e), -1);
	is_int(key_verify(pub, alg, data, bytes_of(bad, sig.len - 1), &e), -1);
	is_int(key_verify(pub, alg, data, bytes_of(bad, 0), &e), -1);
	err_reset(&e);
	is_int(key_sign(pub, alg, data, a, &sig, &e), -1);
	is_int(e.fault, FAULT_CANNOT_SIGN);
	key_unref(&pub);
}

static void
wrong_scheme(struct key *rsa, struct key *ec, struct arena *a)
{
	struct err e = ERR_INIT;
	struct bytes sig;
	struct sign_alg ecdsa = { SIGN_ECDSA, DIGEST_SHA256 };
	is_int(key_sign(rsa, ecdsa, bytes_str("x"), a, &sig, &e), -1);
	is_int(e.fault, FAULT_UNSUPPORTED_ALGORITHM);
	is_int(key_sign(ec, rsa512, bytes_str("x"), a, &sig, NULL), -1);
	is_int(key_verify(ec, rsa512, bytes_str("x"), bytes_str("y"), NULL),
		-1);
	ok(!key_same_public(rsa, ec));
}

/* ---- OpenSSL ---- */

static int
openssl_verify(
	const char *dir, struct key *k, struct sign_alg alg, struct arena *a)
{
	struct bytes sig;
	char *pub = path_join(a, dir, "pub.pem"), *s = path_join(a, dir, "sig"),
	     *data = path_join(a, dir, "data"), out[4096];
	struct err e = ERR_INIT;
	char *pem = pem_encode(a, "PUBLIC KEY", key_spki(k, a));
	if (key_sign(k, alg, bytes_str("hello"), a, &sig, &e) ||
		file_write(pub, bytes_str(pem), FILE_PUBLIC, &e) ||
		file_write(s, sig, FILE_PUBLIC, &e) ||
		file_write(data, bytes_str("hello"), FILE_PUBLIC, &e))
		return -1;
	const char *const plain[] = { "openssl", "dgst", "-sha512", "-verify",
		pub, "-signature", s, data, NULL };
	const char *const pss[] = { "openssl", "dgst", "-sha512", "-verify",
		pub, "-sigopt", "rsa_padding_mode:pss", "-sigopt",
		"rsa_pss_saltlen:digest", "-signature", s, data, NULL };
	int rc = tap_run(
		alg.scheme == SIGN_RSA_PSS ? pss : plain, out, sizeof out);
	if (rc)
		tap_note("%s", out);
	return rc;
}

static void
openssl_key(const char *dir, const char *const *argv, const char *password,
	struct arena *a)
{
	struct err e = ERR_INIT;
	struct key *k = NULL;
	struct bytes text;
	char out[4096];
	is_int(tap_run(argv, out, sizeof out), 0);
	is_int(file_read(a, path_join(a, dir, "key"), 65536, &text, &e), 0);
	if (!is_int(key_parse_private(&k, text, password, &e), 0))
		tap_note("%s", e.text);
	else
		is_int(openssl_verify(
			       dir, k, key_default_alg(k, DIGEST_SHA512), a),
			0);
	if (password) {
		struct key *none = NULL;
		is_int(key_parse_private(&none, text, "wrong", &e), -1);
		is_int(e.fault, FAULT_PIN_INCORRECT);
	}
	key_unref(&k);
}

static void
test_openssl(struct key *rsa, struct key *ec, struct arena *a)
{
	const char *dir = tap_dir();
	char *file = path_join(a, dir, "key");
	is_int(openssl_verify(dir, rsa, rsa512, a), 0);
	is_int(openssl_verify(dir, rsa,
		       (struct sign_alg){ SIGN_RSA_PSS, DIGEST_SHA512 }, a),
		0);
	is_int(openssl_verify(dir, ec,
		       (struct sign_alg){ SIGN_ECDSA, DIGEST_SHA512 }, a),
		0);
	const char *const p8[] = { "openssl", "genpkey", "-algorithm", "RSA",
		"-pkeyopt", "rsa_keygen_bits:2048", "-out", file, NULL };
	openssl_key(dir, p8, NULL, a);
	const char *const p1[] = { "openssl", "genrsa", "-traditional", "-out",
		file, "2048", NULL };
	openssl_key(dir, p1, NULL, a);
	const char *const sec1[] = { "openssl", "ecparam", "-name",
		"prime256v1", "-genkey", "-noout", "-out", file, NULL };
	openssl_key(dir, sec1, NULL, a);
	const char *const enc[] = { "openssl", "genpkey", "-algorithm", "EC",
		"-pkeyopt", "ec_paramgen_curve:P-256", "-aes-256-cbc", "-pass",
		"pass:secret", "-out", file, NULL };
	openssl_key(dir, enc, "secret", a);
	/* and our PKCS#8 read by OpenSSL */
	struct key *both[] = { rsa, ec };
	for (int i = 0; i < 2; i++) {
		struct bytes der;
		struct err e = ERR_INIT;
		char out[4096];
		is_int(key_private_der(both[i], a, &der, &e), 0);
		is_int(file_write(file, der, FILE_PRIVATE, &e), 0);
		const char *const check[] = { "openssl", "pkey", "-inform",
			"DER", "-in", file, "-noout", "-check", NULL };
		is_int(tap_run(check, out, sizeof out), 0);
	}
}

/* ---- remote ---- */

static int
remote_sign(void *ctx, struct sign_alg alg, const struct digest *digest,
	uint8_t out[SIGNATURE_MAX], size_t *len, struct err *e)
{
	struct arena *a = arena_new();
	struct bytes sig;
	int rc = key_sign_digest(ctx, alg, digest, a, &sig, e);
	if (rc == 0) {
		memcpy(out, sig.data, sig.len);
		*len = sig.len;
	}
	arena_free(&a);
	return rc;
}

static void
drop(void *ctx)
{
	struct key *k = ctx;
	key_unref(&k);
}

static void
test_remote(struct key *local, struct arena *a)
{
	struct err e = ERR_INIT;
	struct key *k = NULL;
	struct bytes der;
	is_int(key_new_remote(&k, key_spki(local, a), remote_sign,
		       key_ref(local), drop, &e),
		0);
	round_trip(k, key_default_alg(k, DIGEST_SHA256), a);
	is_int(key_private_der(k, a, &der, &e), -1);
	key_unref(&k);
}

/* ---- threads ---- */

struct crowd {
	struct key *key;
	atomic_int good;
};

static void
one_of_crowd(void *ctx)
{
	struct crowd *c = ctx;
	struct arena *a = arena_new();
	for (int i = 0; i < 8; i++) {
		struct bytes sig;
		char text[16];
		snprintf(text, sizeof text, "%d", i);
		if (key_sign(c->key, rsa512, bytes_str(text), a, &sig, NULL) ==
				0 &&
			key_verify(c->key, rsa512, bytes_str(text), sig,
				NULL) == 0)
			atomic_fetch_add(&c->good, 1);
	}
	arena_free(&a);
}

static void
test_threads(struct key *rsa)
{
	struct crowd c = { .key = rsa };
	struct worker *w[6];
	struct err e = ERR_INIT;
	for (int i = 0; i < 6; i++)
		is_int(worker_start(&w[i], "crowd", one_of_crowd, &c, &e), 0);
	for (int i = 0; i < 6; i++)
		worker_join(&w[i]);
	is_int(atomic_load(&c.good), 48);
}

static void
test_ecdsa_forms(struct key *ec, struct arena *a)
{
	struct err e = ERR_INIT;
	struct sign_alg alg = { SIGN_ECDSA, DIGEST_SHA512 };
	struct bytes sig, raw, back;
	for (int i = 0; i < 40; i++) { /* short r and s happen */
		key_sign(ec, alg, bytes_of(&i, sizeof i), a, &sig, &e);
		if (ecdsa_raw_from_der(a, sig, 32, &raw, &e) || raw.len != 64 ||
			ecdsa_der_from_raw(a, raw, &back, &e) ||
			!bytes_equal(back, sig))
			ok_m(false, "round %d", i);
	}
	is_int(ecdsa_raw_from_der(a, sig, 16, &raw, NULL), -1);
	is_int(ecdsa_raw_from_der(
		       a, bytes_of(sig.data, sig.len - 1), 32, &raw, NULL),
		-1);
	is_int(ecdsa_raw_from_der(a, bytes_str("0"), 32, &raw, NULL), -1);
	is_int(ecdsa_der_from_raw(a, bytes_of("abc", 3), &back, NULL), -1);
	is_int(ecdsa_der_from_raw(a, bytes_of("", 0), &back, NULL), -1);
}

static void
test_refused(void)
{
	struct err e = ERR_INIT;
	struct key *k = NULL;
	is_int(key_generate(&k, KEY_RSA, 1024, &e), -1);
	is_int(e.fault, FAULT_KEY_GENERATION);
	is_int(key_parse_public(&k, bytes_str("0junk"), NULL), -1);
	is_int(key_parse_public(&k, bytes_str(""), NULL), -1);
	is_int(key_parse_private(&k, bytes_str("junk"), NULL, NULL), -1);
	is_int(key_parse_private(&k, bytes_of(NULL, 0), NULL, NULL), -1);
	ok(!k);
}

int
main(void)
{
	struct arena *a = arena_new();
	struct err e = ERR_INIT;
	struct key *rsa = NULL, *ec = NULL;
	is_int(key_generate(&rsa, KEY_RSA, 2048, &e), 0);
	is_int(key_generate(&ec, KEY_EC, 0, &e), 0);
	is_int(key_bits(rsa), 2048);
	is_int(key_bits(ec), 256);
	ok(key_type(rsa) == KEY_RSA && key_type(ec) == KEY_EC);
	round_trip(rsa, rsa512, a);
	round_trip(rsa, (struct sign_alg){ SIGN_RSA_PSS, DIGEST_SHA256 }, a);
	round_trip(ec, (struct sign_alg){ SIGN_ECDSA, DIGEST_SHA512 }, a);
	wrong_scheme(rsa, ec, a);
	test_openssl(rsa, ec, a);
	test_remote(rsa, a);
	test_remote(ec, a);
	test_threads(rsa);
	test_ecdsa_forms(ec, a);
	test_refused();
	key_unref(&rsa);
	key_unref(&ec);
	arena_free(&a);
	return tap_done();
}
