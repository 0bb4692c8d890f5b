/* SPDX-License-Identifier: MIT */
/*
 * A token in hardware: SoftHSM stands for it, a PKCS#11 module that keeps its
 * keys in files. Skipped where it is not installed, and in static builds,
 * which load no modules.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "file.h"
#include "key.h"
#include "mem.h"
#include "signer.h"
#include "tap.h"
#include "text.h"

#define LIBRARY "/usr/lib/softhsm/libsofthsm2.so"
#define PIN     "Secret1234"
#ifdef __GLIBC__
# define LOADS true
#else
# define LOADS false /* the release is static */
#endif

/* A token with a PIN, made with its maker's tools; false: it cannot be. */
static bool
token_make(struct arena *a)
{
	const char *dir = path_join(a, tap_dir(), "tokens");
	const char *conf = path_join(a, tap_dir(), "softhsm2.conf");
	const char *const argv[] = { "softhsm2-util", "--init-token", "--free",
		"--label", "t\xc3\xb6ken 1", "--so-pin", "12345678", "--pin",
		PIN, NULL };
	char out[1000];

	if (dir_make(dir, NULL) ||
		file_write(conf,
			bytes_str(arena_printf(a,
				"directories.tokendir = %s\nlog.level = "
				"ERROR\n",
				dir)),
			FILE_PRIVATE, NULL))
		return false;
	setenv("SOFTHSM2_CONF", conf, 1);
	return !tap_run(argv, out, sizeof(out));
}

static void
test_pin(struct signer *s)
{
	struct signer_state st;
	struct token_info info;
	struct err e = ERR_INIT;
	char id[KEY_ID_LEN + 1];

	is_int(signer_status(s, &st, &e), 0);
	ok(st.initialized && !st.unlocked);
	is_int(signer_info(s, &info, &e), 0);
	is_str(info.label, "t__ken 1");
	is_str(info.maker, "SoftHSM project");
	is_int((int)strlen(info.serial), 16);
	is_int(signer_generate(s, KEY_EC, 0, id, &e), -1);
	is_int(e.fault, FAULT_TOKEN_NOT_ACTIVE);
	err_reset(&e);
	is_int(signer_init_pin(s, "another", &e), -1);
	is_int(e.fault, FAULT_CONFLICT);
	err_reset(&e);
	is_int(signer_login(s, "wrong PIN", &e), -1);
	is_int(e.fault, FAULT_PIN_INCORRECT);
	err_reset(&e);
	is_int(signer_login(s, PIN, &e), 0);
	is_int(signer_login(s, PIN, &e), 0);
	is_int(signer_status(s, &st, &e), 0);
	ok(st.unlocked);
}

static void
check_signature(struct key *k, enum sign_scheme scheme, enum digest_alg d)
{
	struct arena *a = arena_new();
	struct sign_alg alg = { scheme, d };
	struct bytes sig, text = bytes_str("what is signed");
	struct err e = ERR_INIT;

	ok_m(!key_sign(k, alg, text, a, &sig, &e), "%s: %s", sign_alg_jca(alg),
		e.text);
	ok_m(!err_set(&e) && !key_verify(k, alg, text, sig, &e), "%s holds",
		sign_alg_jca(alg));
	arena_free(&a);
}

static void
test_key(struct signer *s, enum key_type type)
{
	struct err e = ERR_INIT;
	struct key *k = NULL, *none = NULL;
	struct arena *a = arena_new();
	struct bytes der;
	char id[KEY_ID_LEN + 1];

	is_int(signer_generate(s, type, type == KEY_RSA ? 3072 : 0, id, &e), 0);
	is_int(signer_key(s, id, &k, &e), 0);
	is_int(key_type(k), type);
	is_int((int)key_bits(k), type == KEY_RSA ? 3072 : 256);
	for (enum digest_alg d = DIGEST_SHA256; d <= DIGEST_SHA512; d++)
		if (type == KEY_EC) {
			check_signature(k, SIGN_ECDSA, d);
		} else {
			check_signature(k, SIGN_RSA_PKCS1, d);
			check_signature(k, SIGN_RSA_PSS, d);
		}
	is_int(key_private_der(k, a, &der, NULL), -1);
	is_int(signer_logout(s, &e), 0);
	is_int(key_sign(k, key_default_alg(k, DIGEST_SHA256), bytes_str("x"), a,
		       &der, &e),
		-1);
	is_int(e.fault, FAULT_TOKEN_NOT_ACTIVE);
	err_reset(&e);
	is_int(signer_login(s, PIN, &e), 0);
	is_int(signer_delete(s, id, &e), 0);
	is_int(signer_key(s, id, &none, &e), -1);
	is_int(e.fault, FAULT_KEY_NOT_FOUND);
	key_unref(&k);
	arena_free(&a);
}

static void
test_missing(void)
{
	struct signer *s = NULL;
	struct signer_state st;

	is_int(signer_start_module(&s, "/nonexistent.so", "", NULL), 0);
	is_int(signer_status(s, &st, NULL), -1);
	signer_stop(&s);
	is_int(signer_start_module(&s, LIBRARY, "4711", NULL), 0);
	is_int(signer_status(s, &st, NULL), -1);
	signer_stop(&s);
}

int
main(void)
{
	struct arena *a = arena_new();
	struct signer *s = NULL;

	if (!LOADS) {
		tap_skip("a static executable loads no modules");
	} else if (access(LIBRARY, R_OK) || !token_make(a)) {
		tap_skip("SoftHSM is not here (Debian: softhsm2)");
	} else {
		test_missing();
		is_int(signer_start_module(&s, LIBRARY, "", NULL), 0);
		test_pin(s);
		test_key(s, KEY_RSA);
		test_key(s, KEY_EC);
		signer_stop(&s);
	}
	arena_free(&a);
	return tap_done();
}
