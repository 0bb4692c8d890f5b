/* SPDX-License-Identifier: MIT */
/*
 * Digests against published values, and the names of algorithms.
 */
#include "digest.h"

#include <string.h>

#include "err.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

static const struct {
	enum digest_alg alg;
	const char *hex; /* of "abc", FIPS 180-4 examples */
} values[] = {
	{ DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ DIGEST_SHA224,
		"23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7" },
	{ DIGEST_SHA256,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015"
		"ad" },
	{ DIGEST_SHA384,
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5b"
		"ed8086072ba1e7cc2358baeca134c825a7" },
	{ DIGEST_SHA512,
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d3"
		"9a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54c"
		"a49f" },
};

static void
test_values(struct arena *a)
{
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		struct digest d, d2;
		digest_of(values[i].alg, "abc", 3, &d);
		is_str(hex_encode(a, d.value, d.len), values[i].hex);
		is_int((long long)d.len, (long long)digest_size(d.alg));
		struct hasher *h = hasher_new(values[i].alg);
		hasher_add(h, "a", 1);
		hasher_add(h, "", 0);
		hasher_add(h, "bc", 2);
		hasher_done(&h, &d2);
		ok(!h && digest_equal(&d, &d2));
		d2.value[0] ^= 1;
		ok(!digest_equal(&d, &d2));
		ok(digest_by_uri(digest_uri(d.alg)) == d.alg);
		ok(digest_by_jca(digest_jca(d.alg)) == d.alg);
	}
	struct hasher *h = hasher_new(DIGEST_SHA256);
	hasher_free(&h);
	hasher_free(&h);
	ok(!h);
}

static void
test_names(void)
{
	struct err e = ERR_INIT;
	struct sign_alg s;
	is_str(digest_uri(DIGEST_SHA512),
		"http://www.w3.org/2001/04/xmlenc#sha512");
	is_str(digest_uri(DIGEST_SHA384),
		"http://www.w3.org/2001/04/xmldsig-more#sha384");
	is_str(digest_jca(DIGEST_SHA256), "SHA-256");
	ok(digest_by_jca("sha-512") == DIGEST_SHA512);
	ok(digest_by_jca("MD5") == DIGEST_NONE);
	ok(digest_by_uri(NULL) == DIGEST_NONE);
	is_int(sign_alg_by_uri("http://www.w3.org/2001/04/xmldsig-more#"
			       "rsa-sha512",
		       &s, &e),
		0);
	ok(s.scheme == SIGN_RSA_PKCS1 && s.digest == DIGEST_SHA512);
	is_str(sign_alg_jca(s), "SHA512withRSA");
	is_int(sign_alg_by_jca("SHA256withECDSA", &s, &e), 0);
	is_str(sign_alg_uri(s),
		"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256");
	is_int(sign_alg_by_uri("http://www.w3.org/2007/05/xmldsig-more#"
			       "sha384-rsa-MGF1",
		       &s, &e),
		0);
	ok(s.scheme == SIGN_RSA_PSS && s.digest == DIGEST_SHA384);
	is_int(sign_alg_by_jca("MD5withRSA", &s, &e), -1);
	is_int(e.fault, FAULT_UNSUPPORTED_ALGORITHM);
}

int
main(void)
{
	struct arena *a = arena_new();
	test_values(a);
	test_names();
	arena_free(&a);
	return tap_done();
}
