/* SPDX-License-Identifier: MIT */
/*
 * One-time codes: the values of RFC 6238 appendix B and RFC 4226 appendix D,
 * which steps count, that none counts twice; base32 of RFC 4648 section 10.
 */
#define IN_CONSOLE 1
#include <string.h>

#include "account_int.h"
#include "err.h"
#include "mem.h"
#include "tap.h"

static const char rfc_seed[] = "12345678901234567890";

static struct bytes
seed(void)
{
	return bytes_of(rfc_seed, sizeof(rfc_seed) - 1);
}

static void
test_rfc(void)
{
	static const struct {
		int64_t seconds;
		uint32_t value;
	} at[] = { { 59, 94287082 }, { 1111111109, 7081804 },
		{ 1111111111, 14050471 }, { 1234567890, 89005924 },
		{ 2000000000, 69279037 }, { 20000000000, 65353130 } };
	static const uint32_t hotp[] = { 755224, 287082, 359152, 969429, 338314,
		254676, 287922, 162583, 399871, 520489 };

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		is_int(totp_value(seed(), at[i].seconds / TOTP_SECONDS, 8),
			at[i].value);
	for (size_t i = 0; i < sizeof(hotp) / sizeof(hotp[0]); i++)
		is_int(totp_value(seed(), (int64_t)i, 6), hotp[i]);
}

static void
test_match(void)
{
	/* steps 1 to 9 have the codes above */
	is_int(totp_match(seed(), "969429", 3 * 30, 0), 3);
	is_int(totp_match(seed(), "969429", 3 * 30 + 29, 0), 3);
	is_int(totp_match(seed(), "969429", 2 * 30, 0), 3); /* ahead */
	is_int(totp_match(seed(), "969429", 4 * 30, 0), 3); /* behind */
	is_int(totp_match(seed(), "969429", 5 * 30, 0), 0);
	is_int(totp_match(seed(), "969429", 1 * 30, 0), 0);
	is_int(totp_match(seed(), "969429", 3 * 30, 3), 0); /* used */
	is_int(totp_match(seed(), "338314", 3 * 30, 3), 4); /* the next */
	is_int(totp_match(seed(), "359152", 3 * 30, 3), 0); /* before it */
	is_int(totp_match(seed(), "", 90, 0), 0);
	is_int(totp_match(seed(), "96942", 90, 0), 0);
	is_int(totp_match(seed(), "0969429", 90, 0), 0);
	is_int(totp_match(seed(), "96942x", 90, 0), 0);
	is_int(totp_match(seed(), "-69429", 90, 0), 0);
	is_int(totp_match(seed(), "000000", 90, 0), 0);
	/* 1111111109 s: 07081804, whose six digits begin with a zero */
	is_int(totp_match(seed(), "081804", 1111111109, 0), 37037036);
}

static void
test_base32(void)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "MY" },
		{ "fo", "MZXQ" }, { "foo", "MZXW6" }, { "foob", "MZXW6YQ" },
		{ "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" } };
	struct arena *a = arena_new();
	struct bytes got;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		is_str(base32_encode(a, bytes_str(pairs[i][0])), pairs[i][1]);
		ok(!base32_decode(a, pairs[i][1], &got, NULL));
		ok(bytes_equal(got, bytes_str(pairs[i][0])));
	}
	ok(base32_decode(a, "MZXW1", &got, NULL) != 0);
	ok(base32_decode(a, "mzxw6", &got, NULL) != 0);
	ok(base32_decode(a, "MZ=", &got, NULL) != 0);
	arena_free(&a);
}

static void
test_policy(void)
{
	static const char *const bad[] = { "short", "aaaaaaaaaaaaaaa",
		"abababababab", "abcdefghijklm", "012345678901234",
		"Password2026!", "xx hanako xx yy", "administrator1",
		"987654321098" };
	static const char *const good[] = { "correct horse battery",
		"雨の日は図書館で本を読みます", "test drive on a sunny day",
		"kasumi-no-mori-42" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = ERR_INIT;

		ok(policy_password("hanako", bad[i], 12, &e) != 0);
		is_int(e.fault, FAULT_PASSWORD_WEAK);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct err e = ERR_INIT;

		ok(policy_password("hanako", good[i], 12, &e) == 0);
	}
	ok(policy_name("花子", NULL) == 0);
	ok(policy_name("a:b", NULL) != 0);
	ok(policy_name("api-key-7", NULL) != 0);
	ok(policy_name("", NULL) != 0);
}

int
main(void)
{
	test_rfc();
	test_match();
	test_base32();
	test_policy();
	return tap_done();
}
