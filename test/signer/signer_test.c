/* SPDX-License-Identifier: MIT */
/*
 * The signer process: PIN, keys, many threads, and its sudden end.
 */
#include "signer.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "job.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

static const struct sign_alg rsa512 = { SIGN_RSA_PKCS1, DIGEST_SHA512 };

struct crowd {
	struct key *key;
	atomic_int good;
};

static void
one_of_crowd(void *ctx)
{
	struct crowd *c = ctx;
	struct arena *a = arena_new();
	for (int i = 0; i < 10; i++) {
		struct bytes sig, data = bytes_of(&i, sizeof i);
		if (key_sign(c->key, rsa512, data, a, &sig, NULL) == 0 &&
			key_verify(c->key, rsa512, data, sig, NULL) == 0)
			atomic_fetch_add(&c->good, 1);
	}
	arena_free(&a);
}

static void
test_crowd(struct key *key)
{
	struct crowd c = { .key = key };
	struct worker *w[8];
	struct err e = ERR_INIT;
	for (int i = 0; i < 8; i++)
		is_int(worker_start(&w[i], "crowd", one_of_crowd, &c, &e), 0);
	for (int i = 0; i < 8; i++)
		worker_join(&w[i]);
	is_int(atomic_load(&c.good), 80);
}

static void
test_pin(struct signer *s)
{
	struct err e = ERR_INIT;
	struct signer_state st;
	char id[KEY_ID_LEN + 1], longer[200];
	is_int(signer_status(s, &st, &e), 0);
	ok(!st.initialized && !st.unlocked);
	is_int(signer_generate(s, KEY_EC, 0, id, &e), -1);
	ok(e.fault == FAULT_TOKEN_NOT_ACTIVE);
	err_reset(&e);
	is_int(signer_init_pin(s, "p\xc3\xa4ss", &e), 0);
	is_int(signer_init_pin(s, "x", &e), -1);
	is_int(e.fault, FAULT_CONFLICT);
	err_reset(&e);
	is_int(signer_login(s, "pass", &e), -1);
	is_int(e.fault, FAULT_PIN_INCORRECT);
	is_str(e.text, "The PIN is wrong");
	memset(longer, 'x', sizeof longer);
	longer[199] = '\0';
	is_int(signer_login(s, longer, NULL), -1);
	err_reset(&e);
	is_int(signer_login(s, "p\xc3\xa4ss", &e), 0);
	is_int(signer_status(s, &st, &e), 0);
	ok(st.initialized && st.unlocked);
}

/* A request and a self-signed certificate by a key of the signer. */
static void
test_certificates(struct key *key, struct arena *a)
{
	struct rdn name = { "CN", "signer" };
	struct cert_request r = { .subject = &name,
		.subjects = 1,
		.key_usage = KU_DIGITAL_SIGNATURE };
	struct err e = ERR_INIT;
	struct bytes der;
	struct csr *csr;
	struct cert *c = NULL;
	is_int(csr_make(key, &r, a, &der, &e), 0);
	is_int(csr_parse(a, der, &csr, &e), 0);
	struct cert_template t = { .subject = &name,
		.subjects = 1,
		.key = key,
		.serial = 1,
		.not_before = clock_now(),
		.not_after = clock_now() + 1000,
		.path_len = -1 };
	is_int(cert_issue(&c, &t, NULL, key, &e), 0);
	is_int(cert_signed_by(c, c, &e), 0);
	cert_unref(&c);
}

static void
test_keys(struct signer *s, struct key **rsa, struct arena *a)
{
	struct err e = ERR_INIT;
	char id[KEY_ID_LEN + 1], id2[KEY_ID_LEN + 1], id3[KEY_ID_LEN + 1];
	struct key *ec = NULL, *none = NULL, *own = NULL, *back = NULL;
	struct bytes sig;
	is_int(signer_generate(s, KEY_RSA, 2048, id, &e), 0);
	is_int(signer_generate(s, KEY_EC, 0, id2, &e), 0);
	is_int(signer_generate(s, KEY_RSA, 512, id3, &e), -1);
	is_int(e.fault, FAULT_KEY_GENERATION);
	err_reset(&e);
	is_int(signer_key(s, id, rsa, &e), 0);
	is_int(signer_key(s, id2, &ec, &e), 0);
	test_certificates(*rsa, a);
	test_certificates(ec, a);
	is_int(key_sign(ec, rsa512, bytes_str("x"), a, &sig, &e), -1);
	is_int(e.fault, FAULT_UNSUPPORTED_ALGORITHM);
	err_reset(&e);
	is_int(key_generate(&own, KEY_EC, 0, &e), 0);
	is_int(signer_import(s, own, id3, &e), 0);
	is_int(signer_key(s, id3, &back, &e), 0);
	ok(key_same_public(own, back));
	is_int(signer_delete(s, id2, &e), 0);
	is_int(signer_key(s, id2, &none, &e), -1);
	is_int(e.fault, FAULT_KEY_NOT_FOUND);
	err_reset(&e);
	is_int(key_sign(ec, key_default_alg(ec, DIGEST_SHA256), bytes_str("x"),
		       a, &sig, &e),
		-1);
	is_int(e.fault, FAULT_KEY_NOT_FOUND);
	is_int(signer_key(s, "abc", &none, NULL), -1);
	key_unref(&ec);
	key_unref(&own);
	key_unref(&back);
}

static void
test_logout(struct signer *s, struct key *rsa, struct arena *a)
{
	struct err e = ERR_INIT;
	struct bytes sig;
	is_int(signer_logout(s, &e), 0);
	is_int(key_sign(rsa, rsa512, bytes_str("x"), a, &sig, &e), -1);
	is_int(e.fault, FAULT_TOKEN_NOT_ACTIVE);
	err_reset(&e);
	is_int(signer_login(s, "p\xc3\xa4ss", &e), 0);
	is_int(key_sign(rsa, rsa512, bytes_str("x"), a, &sig, &e), 0);
}

/* It holds nothing but its sockets and the standard streams. */
static int
count(void *ctx, const char *name)
{
	(void)name;
	return ++*(int *)ctx < 0;
}

static void
test_death(struct signer *s, struct key *rsa, struct arena *a)
{
	struct err e = ERR_INIT;
	struct bytes sig;
	struct signer_state st;
	unsigned before;
	int n = 0;
	is_int(signer_status(s, &st, &e), 0);
	before = st.epoch;
	if (dir_each(arena_printf(a, "/proc/%d/fd", signer_pid(s)), count, &n,
		    NULL) == 0)
		is_int(n, 3 + 4);
	else
		tap_skip("its files cannot be seen");
	is_int(kill((pid_t)signer_pid(s), SIGKILL), 0);
	is_int(key_sign(rsa, rsa512, bytes_str("x"), a, &sig, &e), -1);
	is_int(e.fault, FAULT_TOKEN_NOT_ACTIVE);
	is_str(e.text, "The signer process has ended");
	err_reset(&e);
	/* another one is there, logged out, for the same keys */
	is_int(signer_status(s, &st, &e), 0);
	ok(st.initialized && !st.unlocked && st.epoch != before);
	is_int(key_sign(rsa, rsa512, bytes_str("x"), a, &sig, &e), -1);
	is_str(e.text, "The key store is locked; enter the PIN");
	err_reset(&e);
	is_int(signer_login(s, "p\xc3\xa4ss", &e), 0);
	is_int(key_sign(rsa, rsa512, bytes_str("x"), a, &sig, &e), 0);
}

/* A process that says nothing holds nobody up for long. */
static void
test_stall(const char *dir, struct arena *a)
{
	struct err e = ERR_INIT;
	struct signer *s = NULL;
	struct signer_state st;
	struct key *key = NULL;
	struct bytes sig;
	char id[KEY_ID_LEN + 1];

	is_int(signer_start(&s, dir, &e), 0);
	is_int(signer_login(s, "p\xc3\xa4ss", &e), 0);
	is_int(signer_generate(s, KEY_RSA, 2048, id, &e), 0);
	is_int(signer_key(s, id, &key, &e), 0);
	is_int(kill((pid_t)signer_pid(s), SIGSTOP), 0);
	signer_limit(s, 50);
	is_int(key_sign(key, rsa512, bytes_str("x"), a, &sig, &e), -1);
	is_int(e.fault, FAULT_TOKEN_NOT_ACTIVE);
	is_str(e.text,
		"The signer process does not answer; it is started again");
	err_reset(&e);
	signer_limit(s, 0);
	is_int(signer_status(s, &st, &e), 0);
	ok(st.initialized && !st.unlocked);
	is_int(signer_login(s, "p\xc3\xa4ss", &e), 0);
	is_int(key_sign(key, rsa512, bytes_str("x"), a, &sig, &e), 0);
	key_unref(&key);
	signer_stop(&s);
}

int
main(void)
{
	struct arena *a = arena_new();
	struct err e = ERR_INIT;
	struct signer *s = NULL;
	struct key *rsa = NULL;
	char *dir = path_join(a, tap_dir(), "signer");
	is_int(signer_start(&s, dir, &e), 0);
	test_pin(s);
	test_keys(s, &rsa, a);
	test_crowd(rsa);
	test_logout(s, rsa, a);
	test_death(s, rsa, a);
	key_unref(&rsa);
	signer_stop(&s);
	ok(!s);
	test_stall(dir, a);
	arena_free(&a);
	return tap_done();
}
