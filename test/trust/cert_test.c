/* SPDX-License-Identifier: MIT */
/*
 * Certificates and requests: what we write is read by OpenSSL, what X-Road's
 * test authorities wrote is read by us.
 */
#include "cert.h"

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

static const struct rdn ca_name[] = { { "C", "JP" }, { "O", "Test & Co" },
	{ "CN", "Test CA" } };
static const struct rdn sign_name[] = { { "C", "JP" },
	{ "O", "\xe6\x9d\xb1\xe4\xba\xac" }, { "businessCategory", "GOV" },
	{ "serialNumber", "1234" }, { "CN", " a,b+c " },
	{ "organizationIdentifier", "NTREE-1" } };

static struct key *
new_key(enum key_type type)
{
	struct key *k = NULL;
	struct err e = ERR_INIT;
	if (key_generate(&k, type, 2048, &e))
		tap_note("%s", e.text);
	return k;
}

static int
openssl(char out[OUT_MAX], const char *const *argv)
{
	int rc = tap_run(argv, out, OUT_MAX);
	if (rc)
		tap_note("%s", out);
	return rc;
}

static char *
save(struct arena *a, const char *dir, const char *name, struct bytes data)
{
	char *path = path_join(a, dir, name);
	struct err e = ERR_INIT;
	is_int(file_write(path, data, FILE_PUBLIC, &e), 0);
	return path;
}

static void
test_request(struct arena *a, struct key *key)
{
	struct err e = ERR_INIT;
	struct cert_request r = { .subject = sign_name,
		.subjects = 6,
		.dns_name = "ss.example.org",
		.key_usage = KU_NON_REPUDIATION | KU_KEY_CERT_SIGN };
	struct bytes der;
	struct csr *csr = NULL;
	char out[OUT_MAX];
	if (!is_int(csr_make(key, &r, a, &der, &e), 0)) {
		tap_note("%s", e.text);
		return;
	}
	char *file = save(a, tap_dir(), "csr", der);
	const char *const argv[] = { "openssl", "req", "-inform", "DER", "-in",
		file, "-verify", "-noout", "-text", "-nameopt",
		"RFC2253,utf8,-esc_msb", NULL };
	is_int(openssl(out, argv), 0);
	ok(strstr(out, "verify OK") != NULL);
	ok(strstr(out, "Non Repudiation, Certificate Sign") != NULL);
	ok(strstr(out, "DNS:ss.example.org") != NULL);
	is_int(csr_parse(a, der, &csr, &e), 0);
	is_str(csr->dns_name, "ss.example.org");
	is_int(csr->key_usage, KU_NON_REPUDIATION | KU_KEY_CERT_SIGN);
	ok(key_same_public(csr->key, key));
	is_str(csr->subject_text,
		"2.5.4.97=#0c074e545245452d31,CN=\\ a\\,b\\+c\\ ,"
		"2.5.4.5=#130431323334,2.5.4.15=#0c03474f56,"
		"O=\xe6\x9d\xb1\xe4\xba\xac,C=JP");
	is_str(csr_subject_get(csr, a, "2.5.4.5"), "1234");
	ok(csr_subject_get(csr, a, "2.5.4.11") == NULL);
	/* PEM, and a damaged one */
	is_int(csr_parse(a,
		       bytes_str(pem_encode(a, "CERTIFICATE REQUEST", der)),
		       &csr, &e),
		0);
	uint8_t *bad = arena_memdup(a, der.data, der.len);
	bad[40] ^= 1;
	is_int(csr_parse(a, bytes_of(bad, der.len), &csr, &e), -1);
}

static void
test_foreign_request(struct arena *a)
{
	char out[OUT_MAX];
	struct bytes text;
	struct csr *csr = NULL;
	struct err e = ERR_INIT;
	char *file = path_join(a, tap_dir(), "req"),
	     *key = path_join(a, tap_dir(), "reqkey");
	const char *const argv[] = { "openssl", "req", "-new", "-newkey",
		"rsa:2048", "-nodes", "-keyout", key, "-out", file, "-subj",
		"/C=FI/O=x/CN=y", "-addext",
		"subjectAltName=IP:127.0.0.1,DNS:a.b", "-addext",
		"keyUsage=critical,digitalSignature", NULL };
	is_int(openssl(out, argv), 0);
	is_int(file_read(a, file, 65536, &text, &e), 0);
	is_int(csr_parse(a, text, &csr, &e), 0);
	is_str(csr->subject_text, "CN=y,O=x,C=FI");
	is_str(csr->dns_name, "a.b");
	is_int(csr->key_usage, KU_DIGITAL_SIGNATURE);
}

static struct cert *
issue(const struct cert_template *t, struct cert *issuer, struct key *key)
{
	struct err e = ERR_INIT;
	struct cert *c = NULL;
	if (!is_int(cert_issue(&c, t, issuer, key, &e), 0))
		tap_note("%s", e.text);
	return c;
}

static void
check_leaf(struct cert *leaf, struct cert *ca, struct key *key, struct arena *a)
{
	is_str(cert_issuer_text(leaf, a), "CN=Test CA,O=Test & Co,C=JP");
	is_str(cert_serial_text(leaf, a), "18446744073709551615");
	is_int((long long)cert_serial(leaf).len, 8);
	is_int(cert_key_usage(leaf), KU_DIGITAL_SIGNATURE | KU_KEY_AGREEMENT);
	is_int(cert_ext_usage(leaf), EKU_CLIENT_AUTH | EKU_SERVER_AUTH);
	is_str(cert_ocsp_url(leaf, a), "http://127.0.0.1:8888/");
	ok(key_same_public(cert_key(leaf), key));
	ok(!cert_is_ca(leaf) && cert_is_auth(leaf) && !cert_is_sign(leaf));
	ok(cert_is_ca(ca) && cert_self_issued(ca) && !cert_self_issued(leaf));
	is_str(cert_subject_get(leaf, a, "2.5.4.10"),
		"\xe6\x9d\xb1\xe4\xba\xac");
	is_int(cert_not_before(leaf) % 1000, 0);
	ok(cert_signed_by(leaf, ca, NULL) == 0);
	ok(cert_signed_by(ca, leaf, NULL) == -1);
	ok(cert_equal(leaf, leaf) && !cert_equal(leaf, ca));
}

static void
test_issue(struct arena *a, struct key *ca_key, struct key *key)
{
	int64_t now = clock_now(), year = 365LL * 86400 * 1000;
	struct cert_template ca = { .subject = ca_name,
		.subjects = 3,
		.key = ca_key,
		.serial = 1,
		.not_before = now - 1000,
		.not_after = now + 40 * year,
		.ca = true,
		.path_len = 0,
		.key_usage = KU_KEY_CERT_SIGN | KU_CRL_SIGN };
	struct cert_template leaf = { .subject = sign_name,
		.subjects = 6,
		.key = key,
		.serial = UINT64_MAX,
		.not_before = now - 1000,
		.not_after = now + year,
		.path_len = -1,
		.key_usage = KU_DIGITAL_SIGNATURE | KU_KEY_AGREEMENT,
		.ext_usage = EKU_CLIENT_AUTH | EKU_SERVER_AUTH,
		.ocsp_url = "http://127.0.0.1:8888/",
		.dns_name = "ss.example.org",
		.ip = "127.0.0.1" };
	char out[OUT_MAX];
	struct cert *root = issue(&ca, NULL, ca_key),
		    *end = issue(&leaf, root, ca_key);
	check_leaf(end, root, key, a);
	struct bytes d = cert_der(root), l = cert_der(end);
	char *rf = save(a, tap_dir(), "ca.pem",
		bytes_str(pem_encode(a, "CERTIFICATE", d)));
	char *lf = save(a, tap_dir(), "leaf.pem",
		bytes_str(pem_encode(a, "CERTIFICATE", l)));
	const char *const verify[] = { "openssl", "verify", "-x509_strict",
		"-check_ss_sig", "-purpose", "sslclient", "-verify_ip",
		"127.0.0.1", "-verify_hostname", "ss.example.org", "-CAfile",
		rf, lf, NULL };
	is_int(openssl(out, verify), 0);
	const char *const show[] = { "openssl", "x509", "-in", lf, "-noout",
		"-text", NULL };
	is_int(openssl(out, show), 0);
	ok(strstr(out, "X509v3 Key Usage: critical") != NULL);
	ok(strstr(out, "X509v3 Basic Constraints: critical") != NULL);
	/* the four forms a certificate comes in */
	struct cert *again = NULL;
	struct err e = ERR_INIT;
	char *pem = pem_encode(a, "CERTIFICATE", l);
	const char *const forms[] = { pem, base64_encode(a, l.data, l.len),
		base64_encode(a, pem, strlen(pem)) };
	for (int i = 0; i < 3; i++) {
		is_int(cert_parse(&again, bytes_str(forms[i]), &e), 0);
		ok(cert_equal(again, end));
		cert_unref(&again);
	}
	cert_unref(&root);
	cert_unref(&end);
}

static void
test_damaged(struct arena *a, struct key *key)
{
	int64_t now = clock_now();
	struct cert_template t = { .subject = ca_name,
		.subjects = 3,
		.key = key,
		.serial = 1,
		.not_before = now,
		.not_after = now + 1000,
		.path_len = -1 };
	struct cert *c = issue(&t, NULL, key), *none = NULL;
	struct bytes der = cert_der(c);
	/* every cut is refused; flipped bytes parse or do not, never crash */
	for (size_t n = 0; n < der.len; n++)
		if (cert_parse(&none, bytes_of(der.data, n), NULL) == 0)
			ok_m(false, "cut at %zu accepted", n);
	for (size_t i = 0; i < der.len; i++) {
		uint8_t *bad = arena_memdup(a, der.data, der.len);
		bad[i] ^= 0x55;
		if (cert_parse(&none, bytes_of(bad, der.len), NULL))
			continue;
		if (cert_signed_by(none, none, NULL) == 0)
			ok_m(false, "byte %zu changed unnoticed", i);
		cert_unref(&none);
	}
	struct rdn bad_type = { "XX", "1" }, empty = { "CN", "" };
	struct err e = ERR_INIT;
	t.subject = &bad_type;
	t.subjects = 1;
	is_int(cert_issue(&none, &t, NULL, key, &e), -1);
	is_int(e.fault, FAULT_BAD_REQUEST);
	t.subject = &empty;
	is_int(cert_issue(&none, &t, NULL, key, NULL), -1);
	cert_unref(&c);
}

/* ---- X-Road's own ---- */

static const struct {
	const char *file, *subject, *issuer;
} foreign[] = {
	{ "x-road/certs/consumer.pem",
		"1.2.840.113549.1.9.1=#160b616161406262622e636363,CN=consumer,"
		"OU=ITO,O=Cybernetica,C=EE",
		"1.2.840.113549.1.9.1=#160b616161406262622e636363,CN=Cyber,"
		"OU=ITO,O=Cybernetica,C=EE" },
	{ "x-road/certs/tsp.pem", NULL, "C=SE,O=EJBCA Sample,CN=AdminCA1" },
	{ "x-road/lab-keys/ca/certs/ocsp.cert.pem", "CN=Test OCSP,O=Test",
		"CN=Test CA,O=Test" },
};

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
	for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
		struct cert *c = load(a, foreign[i].file);
		if (!ok(c != NULL))
			continue;
		if (foreign[i].subject)
			is_str(cert_subject_text(c, a), foreign[i].subject);
		is_str(cert_issuer_text(c, a), foreign[i].issuer);
		cert_unref(&c);
	}
	struct cert *c = load(a, "x-road/certs/NTREE.pem");
	ok(c != NULL);
	if (c) {
		tap_note("%s", cert_subject_text(c, a));
		ok(str_prefix(cert_subject_get(c, a, "2.5.4.97"), "NTREE-"));
		ok(strstr(cert_subject_text(c, a), "2.5.4.97=#") != NULL);
	}
	cert_unref(&c);
	struct cert *ca = load(a, "x-road/lab-keys/ca/certs/ca.cert.pem"),
		    *tsa = load(a, "x-road/lab-keys/ca/certs/tsa.cert.pem"),
		    *ocsp = load(a, "x-road/lab-keys/ca/certs/ocsp.cert.pem");
	ok(cert_is_ca(ca) && !cert_is_ca(tsa));
	ok(cert_is_sign(tsa) && cert_ext_usage(tsa) == EKU_TIME_STAMPING);
	is_int(cert_ext_usage(ocsp), EKU_OCSP_SIGNING);
	ok(cert_signed_by(tsa, ca, NULL) == 0);
	cert_unref(&ca);
	cert_unref(&tsa);
	cert_unref(&ocsp);
}

int
main(void)
{
	struct arena *a = arena_new();
	struct key *rsa = new_key(KEY_RSA), *ec = new_key(KEY_EC);
	test_request(a, rsa);
	test_request(a, ec);
	test_foreign_request(a);
	test_issue(a, rsa, ec);
	test_issue(a, ec, rsa);
	test_damaged(a, ec);
	test_vectors(a);
	key_unref(&rsa);
	key_unref(&ec);
	arena_free(&a);
	return tap_done();
}
