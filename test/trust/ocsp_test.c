/* SPDX-License-Identifier: MIT */
/*
 * OCSP: our requests and responses against OpenSSL both ways, and X-Road's
 * rules of what proves a certificate good.
 */
#include "ocsp.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "key.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

enum { OUT_MAX = 16384 };

struct world {
	struct arena *a;
	struct key *key, *other_key;
	struct cert *ca, *leaf, *responder, *stranger, *plain;
	int64_t now;
};

static struct cert *
make(struct world *w, const char *cn, struct cert *issuer, struct key *key,
	unsigned eku, uint64_t serial)
{
	struct rdn name = { "CN", cn };
	struct cert *c = NULL;
	struct err e = ERR_INIT;
	struct cert_template t = { .subject = &name,
		.subjects = 1,
		.key = key,
		.serial = serial,
		.not_before = w->now - 60000,
		.not_after = w->now + 3600000,
		.ca = !issuer,
		.path_len = -1,
		.key_usage = issuer ? KU_DIGITAL_SIGNATURE
				    : KU_KEY_CERT_SIGN | KU_DIGITAL_SIGNATURE,
		.ext_usage = eku };
	if (cert_issue(&c, &t, issuer, issuer ? w->key : key, &e))
		ok_m(false, "%s", e.text);
	return c;
}

static struct ocsp_policy
policy(const struct world *w)
{
	return (struct ocsp_policy){
		.at = w->now, .freshness_s = 3600, .verify_next_update = true
	};
}

/* A response about the leaf as wished. */
static struct bytes
respond(struct world *w, struct ocsp_answer answer, struct cert *responder,
	struct key *key)
{
	struct err e = ERR_INIT;
	struct bytes req, der = { 0 };
	struct ocsp_request r;
	is_int(ocsp_request_make(w->leaf, w->ca, w->a, &req, &e), 0);
	is_int(ocsp_request_parse(w->a, req, &r, &e), 0);
	ok(ocsp_request_for(&r, w->ca) && !ocsp_request_for(&r, w->stranger));
	is_int(ocsp_response_make(&r, &answer, responder, key, w->a, &der, &e),
		0);
	return der;
}

static enum fault
verdict(struct world *w, struct bytes der, struct cert *c,
	const struct ocsp_policy *p)
{
	struct err e = ERR_INIT;
	int rc = ocsp_verify(der, c, w->ca, p, &e);
	return rc ? e.fault : FAULT_NONE;
}

static void
test_rules(struct world *w)
{
	struct ocsp_answer good = { OCSP_GOOD, w->now, w->now + 60000, 0 };
	struct ocsp_answer a = good;
	struct ocsp_policy p = policy(w);
	struct bytes der = respond(w, good, w->ca, w->key);
	const enum fault bad = FAULT_INCORRECT_VALIDATION_INFO;
	is_int(verdict(w, der, w->leaf, &p), FAULT_NONE);
	ok(ocsp_is_about(der, w->leaf, w->ca));
	ok(!ocsp_is_about(der, w->responder, w->ca));
	is_int(verdict(w, der, w->responder, &p), bad);
	/* time: freshness and nextUpdate to the second */
	p.at = w->now + 60000 + 1000;
	is_int(verdict(w, der, w->leaf, &p), bad);
	p.verify_next_update = false;
	is_int(verdict(w, der, w->leaf, &p), FAULT_NONE);
	p.at = w->now + 3600 * 1000 - 1000;
	is_int(verdict(w, der, w->leaf, &p), FAULT_NONE);
	p.at = w->now + 3600 * 1000 + 1000;
	is_int(verdict(w, der, w->leaf, &p), bad);
	p = policy(w);
	/* revoked and unknown */
	a.status = OCSP_REVOKED;
	a.revoked_at = w->now - 1000;
	der = respond(w, a, w->ca, w->key);
	is_int(verdict(w, der, w->leaf, &p), FAULT_CERT_VALIDATION);
	a.status = OCSP_UNKNOWN;
	der = respond(w, a, w->ca, w->key);
	is_int(verdict(w, der, w->leaf, &p), FAULT_CERT_VALIDATION);
	struct ocsp_answer seen;
	int64_t produced;
	is_int(ocsp_peek(der, &seen, &produced, NULL), 0);
	ok(seen.status == OCSP_UNKNOWN &&
		seen.this_update == w->now / 1000 * 1000 &&
		seen.next_update == (w->now + 60000) / 1000 * 1000);
	/* no nextUpdate */
	a = good;
	a.next_update = 0;
	is_int(verdict(w, respond(w, a, w->ca, w->key), w->leaf, &p),
		FAULT_NONE);
	/* an error status is no proof */
	is_int(verdict(w, ocsp_error_make(w->a, 6), w->leaf, &p), bad);
}

static void
test_responders(struct world *w)
{
	struct ocsp_answer good = { OCSP_GOOD, w->now, w->now + 60000, 0 };
	struct ocsp_policy p = policy(w);
	const enum fault bad = FAULT_INCORRECT_VALIDATION_INFO;
	/* delegated by the issuer: found inside the response */
	struct bytes der = respond(w, good, w->responder, w->other_key);
	is_int(verdict(w, der, w->leaf, &p), FAULT_NONE);
	/* issued by the issuer without the usage */
	der = respond(w, good, w->plain, w->other_key);
	p.cas = (struct cert_list){ &w->plain, 1 };
	is_int(verdict(w, der, w->leaf, &p), bad);
	p.cas.n = 0;
	is_int(verdict(w, der, w->leaf, &p), bad);
	/* a stranger, until the global configuration lists it */
	der = respond(w, good, w->stranger, w->other_key);
	is_int(verdict(w, der, w->leaf, &p), bad);
	p.listed = (struct cert_list){ &w->stranger, 1 };
	is_int(verdict(w, der, w->leaf, &p), FAULT_NONE);
	/* every changed byte of what is signed is noticed */
	p = policy(w);
	der = respond(w, good, w->ca, w->key);
	uint8_t *copy = w->a ? arena_memdup(w->a, der.data, der.len) : NULL;
	int unnoticed = 0;
	for (size_t i = 40; i < 180; i++) {
		copy[i] ^= 1;
		unnoticed += verdict(w, bytes_of(copy, der.len), w->leaf, &p) ==
			     FAULT_NONE;
		copy[i] ^= 1;
	}
	is_int(unnoticed, 0);
	for (size_t n = 0; n < der.len; n++)
		if (verdict(w, bytes_of(copy, n), w->leaf, &p) == FAULT_NONE)
			ok_m(false, "cut at %zu accepted", n);
}

/* ---- OpenSSL ---- */

static char *
save(struct world *w, const char *name, struct bytes data)
{
	char *path = path_join(w->a, tap_dir(), name);
	struct err e = ERR_INIT;
	is_int(file_write(path, data, FILE_PUBLIC, &e), 0);
	return path;
}

static char *
save_cert(struct world *w, const char *name, struct cert *c)
{
	return save(w, name,
		bytes_str(pem_encode(w->a, "CERTIFICATE", cert_der(c))));
}

static void
test_openssl_client(struct world *w)
{
	char out[OUT_MAX], *ca = save_cert(w, "ca", w->ca),
			   *leaf = save_cert(w, "leaf", w->leaf),
			   *req = path_join(w->a, tap_dir(), "req");
	struct bytes text, der;
	struct ocsp_request r;
	struct err e = ERR_INIT;
	struct ocsp_answer good = { OCSP_GOOD, w->now, w->now + 60000, 0 };
	const char *const ask[] = { "openssl", "ocsp", "-sha256", "-issuer", ca,
		"-cert", leaf, "-nonce", "-reqout", req, NULL };
	is_int(tap_run(ask, out, sizeof out), 0);
	is_int(file_read(w->a, req, 65536, &text, &e), 0);
	is_int(ocsp_request_parse(w->a, text, &r, &e), 0);
	ok(r.nonce.len > 0 && r.alg == DIGEST_SHA256);
	ok(ocsp_request_for(&r, w->ca));
	is_int(ocsp_response_make(
		       &r, &good, w->responder, w->other_key, w->a, &der, &e),
		0);
	char *resp = save(w, "resp", der);
	const char *const check[] = { "openssl", "ocsp", "-sha256", "-issuer",
		ca, "-cert", leaf, "-no_nonce", "-reqin", req, "-respin", resp,
		"-CAfile", ca, NULL };
	is_int(tap_run(check, out, sizeof out), 0);
	ok(strstr(out, "Response verify OK") && strstr(out, "leaf: good"));
	ok(strstr(out, "WARNING") == NULL);
	tap_note("%s", out);
	/* and it would not satisfy X-Road: not a SHA-1 identifier */
	struct ocsp_policy p = policy(w);
	is_int(verdict(w, der, w->leaf, &p), FAULT_INCORRECT_VALIDATION_INFO);
}

static void
test_openssl_responder(struct world *w)
{
	char out[OUT_MAX], *ca = path_join(w->a, tap_dir(), "ca"), *index;
	struct err e = ERR_INIT;
	struct bytes req, resp, der;
	is_int(key_private_der(w->key, w->a, &der, &e), 0);
	char *key = save(
		w, "cakey", bytes_str(pem_encode(w->a, "PRIVATE KEY", der)));
	index = save(w, "index",
		bytes_str("V\t391231000000Z\t\t05\tunknown\t/CN=leaf\n"));
	is_int(ocsp_request_make(w->leaf, w->ca, w->a, &req, &e), 0);
	char *reqf = save(w, "req2", req),
	     *respf = path_join(w->a, tap_dir(), "resp2");
	const char *const answer[] = { "openssl", "ocsp", "-index", index,
		"-CA", ca, "-rsigner", ca, "-rkey", key, "-reqin", reqf,
		"-respout", respf, "-ndays", "1", NULL };
	is_int(tap_run(answer, out, sizeof out), 0);
	is_int(file_read(w->a, respf, 65536, &resp, &e), 0);
	struct ocsp_policy p = policy(w);
	is_int(ocsp_verify(resp, w->leaf, w->ca, &p, &e), 0);
	if (err_set(&e))
		tap_note("%s %s", e.text, out);
}

/* A response made by other software: read, and about somebody else. */
static void
test_vector(struct world *w)
{
	const char *path = vectors_path("x-road/queries/test.ocsp");
	struct ocsp_answer answer;
	struct err e = ERR_INIT;
	struct bytes der;
	int64_t produced;

	if (!path) {
		tap_skip("no shared vectors");
		return;
	}
	is_int(file_read(w->a, path, OCSP_SIZE_MAX, &der, &e), 0);
	is_int(ocsp_peek(der, &answer, &produced, &e), 0);
	is_int(answer.status, OCSP_GOOD);
	ok(answer.this_update > 0 && produced > 0);
	ok(!ocsp_is_about(der, w->leaf, w->ca));
	for (size_t cut = 0; cut < der.len; cut += 7)
		if (!ocsp_peek(
			    bytes_of(der.data, cut), &answer, &produced, NULL))
			ok_m(false, "a response cut at %zu is taken", cut);
}

int
main(void)
{
	struct world w = { .a = arena_new(), .now = clock_now() };
	struct err e = ERR_INIT;
	is_int(key_generate(&w.key, KEY_RSA, 2048, &e), 0);
	is_int(key_generate(&w.other_key, KEY_EC, 0, &e), 0);
	w.ca = make(&w, "CA", NULL, w.key, 0, 1);
	w.leaf = make(&w, "leaf", w.ca, w.key, 0, 5);
	w.responder =
		make(&w, "responder", w.ca, w.other_key, EKU_OCSP_SIGNING, 6);
	w.plain = make(&w, "plain", w.ca, w.other_key, 0, 7);
	w.stranger =
		make(&w, "stranger", NULL, w.other_key, EKU_OCSP_SIGNING, 8);
	test_rules(&w);
	test_responders(&w);
	test_openssl_client(&w);
	test_openssl_responder(&w);
	test_vector(&w);
	struct cert **all[] = { &w.ca, &w.leaf, &w.responder, &w.plain,
		&w.stranger };
	for (int i = 0; i < 5; i++)
		cert_unref(all[i]);
	key_unref(&w.key);
	key_unref(&w.other_key);
	arena_free(&w.a);
	return tap_done();
}
