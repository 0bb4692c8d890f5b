/* SPDX-License-Identifier: MIT */
/*
 * Certificate paths: what is accepted and every reason to refuse, at moments
 * of our choice.
 */
#include <string.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "key.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

#define DAY (86400LL * 1000)
/* 2026-01-01T00:00:00Z */
#define T0 (1767225600LL * 1000)

struct pki {
	struct key *key;
	struct cert *root, *inter, *leaf, *other;
};

/* One certificate; differences from a sound one are the caller's. */
static struct cert *
make(const struct pki *p, const char *cn, struct cert *issuer,
	struct cert_template t)
{
	struct rdn name[] = { { "O", "Test" }, { "CN", cn } };
	struct err e = ERR_INIT;
	struct cert *c = NULL;
	t.subject = name;
	t.subjects = 2;
	t.key = p->key;
	t.serial = 7;
	if (!t.not_before) {
		t.not_before = T0;
		t.not_after = T0 + 100 * DAY;
	}
	if (cert_issue(&c, &t, issuer, p->key, &e))
		ok_m(false, "%s", e.text);
	return c;
}

static const struct cert_template sound_ca = {
	.ca = true, .path_len = -1, .key_usage = KU_KEY_CERT_SIGN
};
static const struct cert_template sound_leaf = { .path_len = -1,
	.key_usage = KU_DIGITAL_SIGNATURE };

/* leaf <- inter <- root at a moment; returns the fault. */
static enum fault
verdict(struct cert *leaf, struct cert *inter, struct cert *root, int64_t at)
{
	struct cert *path[CHAIN_MAX];
	struct cert *extra[2] = { leaf, inter };
	size_t n = 0;
	struct err e = ERR_INIT;
	int rc = cert_chain(leaf, (struct cert_list){ extra, inter ? 2 : 1 },
		(struct cert_list){ &root, 1 }, at, path, &n, &e);
	if (rc == 0 && (path[0] != leaf || path[n - 1] != root))
		return FAULT_INTERNAL;
	return rc ? e.fault : FAULT_NONE;
}

static void
test_times(const struct pki *p)
{
	is_int(verdict(p->leaf, p->inter, p->root, T0 + DAY), FAULT_NONE);
	is_int(verdict(p->leaf, p->inter, p->root, T0), FAULT_NONE);
	is_int(verdict(p->leaf, p->inter, p->root, T0 + 100 * DAY), FAULT_NONE);
	is_int(verdict(p->leaf, p->inter, p->root, T0 - 1),
		FAULT_INVALID_CERT_PATH);
	is_int(verdict(p->leaf, p->inter, p->root, T0 + 100 * DAY + 1),
		FAULT_INVALID_CERT_PATH);
	/* the anchor's own validity does not count */
	struct cert_template old = sound_ca;
	old.not_before = T0 - 1000 * DAY;
	old.not_after = T0 - 10 * DAY;
	struct cert *root = make(p, "Root", NULL, old);
	is_int(verdict(p->leaf, p->inter, root, T0 + DAY), FAULT_NONE);
	/* an intermediate that has expired does */
	struct cert *inter = make(p, "Inter", p->root, old);
	is_int(verdict(p->leaf, inter, p->root, T0 + DAY),
		FAULT_INVALID_CERT_PATH);
	cert_unref(&root);
	cert_unref(&inter);
}

static void
test_paths(const struct pki *p)
{
	is_int(verdict(p->leaf, NULL, p->root, T0 + DAY), FAULT_CERT_PATH);
	is_int(verdict(p->leaf, NULL, p->inter, T0 + DAY), FAULT_NONE);
	is_int(verdict(p->leaf, p->other, p->root, T0 + DAY), FAULT_CERT_PATH);
	is_int(verdict(p->root, NULL, p->root, T0 + DAY), FAULT_NONE);
	is_int(verdict(p->leaf, p->inter, p->other, T0 + DAY), FAULT_CERT_PATH);
}

static void
refuse(const struct pki *p, struct cert_template t, const char *what)
{
	struct cert *inter = make(p, "Inter", p->root, t);
	enum fault f = verdict(p->leaf, inter, p->root, T0 + DAY);
	ok_m(f == FAULT_INVALID_CERT_PATH, "%s: fault %d", what, f);
	cert_unref(&inter);
}

static void
test_constraints(const struct pki *p)
{
	struct cert_template t = sound_ca;
	t.ca = false;
	refuse(p, t, "an intermediate that is no CA");
	t = sound_ca;
	t.key_usage = KU_DIGITAL_SIGNATURE;
	refuse(p, t, "an intermediate that may not sign certificates");
	/* path length: Inter(0) -> Sub -> leaf */
	t = sound_ca;
	t.path_len = 0;
	struct cert *inter = make(p, "Inter", p->root, t),
		    *sub = make(p, "Sub", inter, sound_ca),
		    *leaf = make(p, "Leaf", sub, sound_leaf);
	struct cert *extra[] = { sub, inter }, *path[CHAIN_MAX];
	size_t n;
	struct err e = ERR_INIT;
	struct cert *root = p->root;
	is_int(cert_chain(leaf, (struct cert_list){ extra, 2 },
		       (struct cert_list){ &root, 1 }, T0 + DAY, path, &n, &e),
		-1);
	is_int(e.fault, FAULT_INVALID_CERT_PATH);
	is_int(verdict(p->leaf, inter, p->root, T0 + DAY), FAULT_NONE);
	cert_unref(&inter);
	cert_unref(&sub);
	cert_unref(&leaf);
}

/* A certificate of the same names by another key; and a changed one. */
static void
test_signatures(const struct pki *p)
{
	struct pki evil = *p;
	struct err e = ERR_INIT;
	evil.key = NULL;
	is_int(key_generate(&evil.key, KEY_EC, 0, &e), 0);
	struct cert *inter = make(&evil, "Inter", p->root, sound_ca),
		    *leaf = make(&evil, "Leaf", p->inter, sound_leaf);
	is_int(verdict(leaf, p->inter, p->root, T0 + DAY),
		FAULT_INVALID_CERT_PATH);
	is_int(verdict(p->leaf, inter, p->root, T0 + DAY),
		FAULT_INVALID_CERT_PATH);
	/* the sound one is found beside the forged one */
	struct cert *extra[] = { inter, p->inter }, *path[CHAIN_MAX];
	struct cert *root = p->root;
	size_t n;
	is_int(cert_chain(p->leaf, (struct cert_list){ extra, 2 },
		       (struct cert_list){ &root, 1 }, T0 + DAY, path, &n, &e),
		0);
	is_int((long long)n, 3);
	cert_unref(&inter);
	cert_unref(&leaf);
	key_unref(&evil.key);
}

/* ---- OpenSSL made: SHA-1 and an unknown critical extension ---- */

/* A certificate signed by itself, and an anchor of the same name and key. */
static void
refuse_openssl(
	struct arena *a, const char *extra, const char *digest, enum fault want)
{
	const char *dir = tap_dir();
	char *file = path_join(a, dir, "x.pem"), *keyf = path_join(a, dir, "k"),
	     out[8192];
	struct bytes text, pem;
	struct err e = ERR_INIT;
	struct cert *c = NULL, *anchor = NULL;
	struct key *key = NULL;
	const char *const argv[] = { "openssl", "req", "-x509", "-newkey",
		"rsa:2048", "-nodes", "-keyout", keyf, "-out", file, "-subj",
		"/CN=x", digest, "-addext", extra, NULL };
	if (!is_int(tap_run(argv, out, sizeof out), 0))
		tap_note("%s", out);
	int64_t now = clock_now();
	struct cert_template t = sound_ca;
	struct rdn name = { "CN", "x" };
	is_int(file_read(a, file, 65536, &text, &e), 0);
	is_int(file_read(a, keyf, 65536, &pem, &e), 0);
	is_int(cert_parse(&c, text, &e), 0);
	is_int(key_parse_private(&key, pem, NULL, &e), 0);
	t.subject = &name;
	t.subjects = 1;
	t.key = key;
	t.serial = 5;
	t.not_before = now - DAY;
	t.not_after = now + DAY;
	is_int(cert_issue(&anchor, &t, NULL, key, &e), 0);
	is_int(verdict(c, NULL, anchor, now + 1000), want);
	cert_unref(&c);
	cert_unref(&anchor);
	key_unref(&key);
}

static void
test_openssl_made(struct arena *a)
{
	refuse_openssl(a, "keyUsage=keyCertSign", "-sha256", FAULT_NONE);
	refuse_openssl(
		a, "keyUsage=keyCertSign", "-sha1", FAULT_INVALID_CERT_PATH);
	refuse_openssl(a, "1.2.3.4=critical,ASN1:NULL", "-sha256",
		FAULT_INVALID_CERT_PATH);
	refuse_openssl(a, "1.2.3.4=ASN1:NULL", "-sha256", FAULT_NONE);
}

/* X-Road's SHA-1 test chain is refused; its lab's SHA-256 one is not. */
static struct cert *
load(struct arena *a, const char *name)
{
	struct bytes text;
	struct err e = ERR_INIT;
	struct cert *c = NULL;
	if (file_read(a, vectors_path(name), 65536, &text, &e) ||
		cert_parse(&c, text, &e))
		tap_note("%s: %s", name, e.text);
	return c;
}

static void
test_vectors(struct arena *a)
{
	if (!vectors_path("x-road/certs")) {
		tap_skip("no vectors");
		return;
	}
	struct cert *root = load(a, "x-road/certs/test_chain/root_ca.pem"),
		    *ca = load(a, "x-road/certs/test_chain/ca_1.pem"),
		    *user = load(a, "x-road/certs/test_chain/user_1.pem");
	is_int(verdict(user, ca, root, 1356998400LL * 1000),
		FAULT_INVALID_CERT_PATH);
	cert_unref(&root);
	cert_unref(&ca);
	cert_unref(&user);
	root = load(a, "x-road/lab-keys/ca/certs/ca.cert.pem");
	user = load(a, "x-road/lab-keys/ca/certs/ocsp.cert.pem");
	is_int(verdict(user, NULL, root, T0), FAULT_NONE);
	cert_unref(&root);
	cert_unref(&user);
}

int
main(void)
{
	struct arena *a = arena_new();
	struct pki p = { 0 };
	struct err e = ERR_INIT;
	is_int(key_generate(&p.key, KEY_EC, 0, &e), 0);
	p.root = make(&p, "Root", NULL, sound_ca);
	p.other = make(&p, "Other", NULL, sound_ca);
	p.inter = make(&p, "Inter", p.root, sound_ca);
	p.leaf = make(&p, "Leaf", p.inter, sound_leaf);
	test_times(&p);
	test_paths(&p);
	test_constraints(&p);
	test_signatures(&p);
	test_openssl_made(a);
	test_vectors(a);
	cert_unref(&p.root);
	cert_unref(&p.other);
	cert_unref(&p.inter);
	cert_unref(&p.leaf);
	key_unref(&p.key);
	arena_free(&a);
	return tap_done();
}
