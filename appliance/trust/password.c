/* SPDX-License-Identifier: MIT */
/* Passwords at rest (RFC 8018 PBKDF2), the form being in password.h. */
#include "password.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/md.h>
#include <mbedtls/pkcs5.h>

#include "err.h"
#include "mem.h"
#include "text.h"

/* OWASP, Password Storage Cheat Sheet (2025): at least 220,000 rounds of
   PBKDF2-HMAC-SHA-512. */
enum { SALT_LEN = 16, HASH_LEN = 32, ITERATIONS = 220000, MAX = 10000000 };

static const char prefix[] = "pbkdf2-sha512$";

static int
derive(const char *password, const uint8_t *salt, size_t salt_len,
	unsigned iterations, uint8_t out[HASH_LEN])
{
	return mbedtls_pkcs5_pbkdf2_hmac_ext(MBEDTLS_MD_SHA512,
		(const unsigned char *)password, strlen(password), salt,
		salt_len, iterations, HASH_LEN, out);
}

char *
password_hash(struct arena *a, const char *password)
{
	uint8_t salt[SALT_LEN], hash[HASH_LEN];
	char *out;

	random_bytes(salt, sizeof(salt));
	if (derive(password, salt, sizeof(salt), ITERATIONS, hash))
		abort();
	out = arena_printf(a, "%s%d$%s$%s", prefix, ITERATIONS,
		base64_encode(a, salt, sizeof(salt)),
		base64_encode(a, hash, sizeof(hash)));
	mem_wipe(hash, sizeof(hash));
	return out;
}

/* Splits "ITER$SALT$HASH" in place. */
static bool
parse(struct arena *a, const char *text, unsigned *iterations,
	struct bytes *salt, struct bytes *hash)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);
	const char *second = *end == '$' ? strchr(end + 1, '$') : NULL;

	if (!second || !n || n > MAX)
		return false;
	*iterations = (unsigned)n;
	return !base64_decode(
		       a, end + 1, (size_t)(second - end - 1), salt, NULL) &&
	       !base64_decode(a, second + 1, strlen(second + 1), hash, NULL) &&
	       hash->len == HASH_LEN && salt->len;
}

bool
password_check(const char *hash, const char *password)
{
	struct arena *a = arena_new_secret();
	const uint8_t zero[SALT_LEN] = { 0 };
	struct bytes salt = bytes_of(zero, sizeof(zero)), want = { 0 };
	unsigned iterations = ITERATIONS;
	uint8_t got[HASH_LEN];
	bool good;

	good = hash && str_prefix(hash, prefix) &&
	       parse(a, hash + sizeof(prefix) - 1, &iterations, &salt, &want);
	good = !derive(password, salt.data, salt.len, iterations, got) && good;
	good = good && ct_equal(got, want.data, HASH_LEN);
	mem_wipe(got, sizeof(got));
	arena_free(&a);
	return good;
}

bool
password_is_old(const char *hash)
{
	return !str_prefix(hash, prefix) ||
	       strtoul(hash + sizeof(prefix) - 1, NULL, 10) < ITERATIONS;
}

int
password_key(const char *passphrase, const uint8_t *salt, size_t salt_len,
	unsigned iterations, uint8_t out[PASSWORD_KEY], struct err *e)
{
	if (derive(passphrase, salt, salt_len, iterations, out))
		return fail(e, FAULT_INTERNAL, "no key from the passphrase");
	return 0;
}
