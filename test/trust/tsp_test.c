/* SPDX-License-Identifier: MIT */
/*
 * Time stamps: OpenSSL reads and judges ours, we judge OpenSSL's; then what
 * must not pass.
 */
#include "tsp.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "key.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

enum { OUT_MAX = 65536 };
#define POLICY "1.3.6.1.4.1.99999.1"

static const struct rdn ca_name[] = { { "C", "FI" }, { "CN", "Test CA" } };
static const struct rdn tsa_name[] = { { "C", "FI" }, { "CN", "Test TSA" } };

/* A time-stamping service and its authority, with files for OpenSSL. */
struct world {
	struct arena *a;
	struct key *ca_key, *key;
	struct cert *ca, *tsa, *other;
	char *data, *ca_file, *tsa_file, *key_file, *conf;
	struct digest digest; /* SHA-512 of the data */
};

static char *
path(const struct world *w, const char *name)
{
	return path_join(w->a, tap_dir(), name);
}

static char *
save(const struct world *w, const char *name, struct bytes data)
{
	struct err e = ERR_INIT;
	char *file = path(w, name);
	if (file_write(file, data, FILE_PUBLIC, &e))
		ok_m(false, "%s", e.text);
	return file;
}

static struct bytes
load(const struct world *w, const char *file)
{
	struct err e = ERR_INIT;
	struct bytes b = { NULL, 0 };
	if (file_read(w->a, file, 1 << 20, &b, &e))
		ok_m(false, "%s", e.text);
	return b;
}

static int
run(const char *const *argv)
{
	static char out[OUT_MAX];
	int rc = tap_run(argv, out, OUT_MAX);
	if (rc)
		tap_note("%s: %s", argv[1], out);
	return rc;
}
#define openssl(...) run((const char *const[]){ "openssl", __VA_ARGS__, NULL })

static struct cert *
issue(const struct world *w, const struct rdn *name, struct key *key,
	uint64_t serial, unsigned eku)
{
	struct err e = ERR_INIT;
	struct cert *c = NULL;
	struct cert_template t = { .subject = name,
		.subjects = 2,
		.key = key,
		.serial = serial,
		.not_before = clock_now() - 1000,
		.not_after = clock_now() + 86400000LL,
		.ca = eku == 0,
		.path_len = -1,
		.key_usage = eku ? KU_DIGITAL_SIGNATURE : KU_KEY_CERT_SIGN,
		.ext_usage = eku };
	if (cert_issue(&c, &t, eku ? w->ca : NULL, w->ca_key, &e))
		ok_m(false, "%s", e.text);
	return c;
}

static char *
save_cert(const struct world *w, const char *name, const struct cert *c)
{
	return save(w, name,
		bytes_str(pem_encode(w->a, "CERTIFICATE", cert_der(c))));
}

static const char conf_text[] = "[tsa]\n"
				"serial = %s\n"
				"default_policy = 1.2.3.4\n"
				"digests = sha256, sha384, sha512\n"
				"signer_digest = %s\n"
				"accuracy = secs:1\n"
				"ordering = yes\n"
				"tsa_name = yes\n"
				"ess_cert_id_chain = %s\n"
				"ess_cert_id_alg = %s\n";

static void
conf_write(
	struct world *w, const char *digest, const char *chain, const char *ess)
{
	char *serial = save(w, "serial", bytes_str("0FA0\n"));
	w->conf = save(w, "conf",
		bytes_str(arena_printf(
			w->a, conf_text, serial, digest, chain, ess)));
}

static void
world_make(struct world *w, enum key_type type)
{
	struct err e = ERR_INIT;
	struct bytes der;
	*w = (struct world){ .a = arena_new() };
	is_int(key_generate(&w->ca_key, KEY_EC, 0, &e), 0);
	is_int(key_generate(&w->key, type, 2048, &e), 0);
	w->ca = issue(w, ca_name, w->ca_key, 1, 0);
	w->tsa = issue(
		w, tsa_name, w->key, 0xfedcba9876543210, EKU_TIME_STAMPING);
	w->other = issue(w, tsa_name, w->key, 3, EKU_TIME_STAMPING);
	w->data = save(w, "data", bytes_str("to be stamped"));
	digest_of(DIGEST_SHA512, "to be stamped", 13, &w->digest);
	w->ca_file = save_cert(w, "ca.pem", w->ca);
	w->tsa_file = save_cert(w, "tsa.pem", w->tsa);
	is_int(key_private_der(w->key, w->a, &der, &e), 0);
	w->key_file = save(
		w, "key.pem", bytes_str(pem_encode(w->a, "PRIVATE KEY", der)));
}

static void
world_drop(struct world *w)
{
	cert_unref(&w->ca);
	cert_unref(&w->tsa);
	cert_unref(&w->other);
	key_unref(&w->key);
	key_unref(&w->ca_key);
	arena_free(&w->a);
}

static int
verify(const struct world *w, struct bytes token, struct cert *known,
	struct tsp_token *out, struct err *e)
{
	struct cert_list list = { &known, 1 };
	return tsp_token_verify(token, &w->digest, list, w->a, out, e);
}

static void
is_good(const struct world *w, struct bytes token, const char *what)
{
	struct err e = ERR_INIT;
	struct tsp_token t;
	ok_m(verify(w, token, w->tsa, &t, &e) == 0, "%s: %s", what, e.text);
	ok_m(t.signer == w->tsa, "%s: signer", what);
	ok_m(digest_equal(&t.imprint, &w->digest), "%s: imprint", what);
	int64_t off = t.gen_time - clock_now();
	ok_m(off > -60000 && off < 60000, "%s: time", what);
}

static void
is_bad(const struct world *w, struct bytes token, enum fault f,
	const char *what)
{
	struct err e = ERR_INIT;
	struct tsp_token t;
	ok_m(verify(w, token, w->tsa, &t, &e) == -1, "%s is refused", what);
	ok_m(e.fault == f, "%s: %s %s", what, fault_code(e.fault), e.text);
}

/* ---- OpenSSL asks, we stamp, OpenSSL judges ---- */

static struct bytes
stamp(const struct world *w, struct bytes query)
{
	struct err e = ERR_INIT;
	struct tsp_request r;
	struct tsp_signer s = { w->tsa, w->key, POLICY };
	struct bytes out = { NULL, 0 };
	if (tsp_request_parse(w->a, query, &r, &e) ||
		tsp_response_make(&r, &s, clock_now(), 0xffffffffffffffff, w->a,
			&out, &e))
		ok_m(false, "%s", e.text);
	return out;
}

static void
test_ours(const struct world *w)
{
	char *q = path(w, "q"), *r, *bare;
	struct bytes token;
	struct err e = ERR_INIT;
	is_int(openssl("ts", "-query", "-data", w->data, "-sha512", "-cert",
		       "-tspolicy", POLICY, "-out", q),
		0);
	r = save(w, "r", stamp(w, load(w, q)));
	is_int(openssl("ts", "-verify", "-queryfile", q, "-in", r, "-CAfile",
		       w->ca_file),
		0);
	is_int(openssl("ts", "-reply", "-in", r, "-text"), 0);
	is_int(tsp_response_token(load(w, r), w->a, &token, &e), 0);
	is_good(w, token, "our own token");
	/* without the certificate */
	is_int(openssl("ts", "-query", "-data", w->data, "-sha512", "-no_nonce",
		       "-out", q),
		0);
	bare = save(w, "bare", stamp(w, load(w, q)));
	ok(load(w, bare).len + cert_der(w->tsa).len < load(w, r).len + 64);
	is_int(openssl("ts", "-verify", "-queryfile", q, "-in", bare, "-CAfile",
		       w->ca_file, "-untrusted", w->tsa_file),
		0);
}

static void
test_request(const struct world *w)
{
	struct err e = ERR_INIT;
	struct bytes der;
	struct tsp_request r;
	is_int(tsp_request_make(&w->digest, w->a, &der, &e), 0);
	char *file = save(w, "request", der);
	is_int(openssl("ts", "-query", "-in", file, "-text"), 0);
	is_int(tsp_request_parse(w->a, der, &r, &e), 0);
	ok(digest_equal(&r.imprint, &w->digest));
	ok(!r.cert_req && !r.policy && !r.nonce.len);
	for (size_t n = 0; n < der.len; n++)
		if (!tsp_request_parse(w->a, bytes_of(der.data, n), &r, NULL))
			ok_m(false, "request cut at %zu is taken", n);
	uint8_t *longer = arena_alloc(w->a, der.len + 1);
	memcpy(longer, der.data, der.len);
	is_int(tsp_request_parse(w->a, bytes_of(longer, der.len + 1), &r, &e),
		-1);
	char *q = path(w, "q");
	is_int(openssl("ts", "-query", "-data", w->data, "-md5", "-out", q), 0);
	err_reset(&e);
	is_int(tsp_request_parse(w->a, load(w, q), &r, &e), -1);
	is_int(e.fault, FAULT_UNSUPPORTED_ALGORITHM);
	is_int(openssl("ts", "-query", "-data", w->data, "-sha256", "-tspolicy",
		       "1.2.3", "-out", q),
		0);
	is_int(tsp_request_parse(w->a, load(w, q), &r, &e), 0);
	is_str(r.policy, "1.2.3");
	ok(r.nonce.len > 0);
	struct tsp_signer s = { w->tsa, w->key, POLICY };
	is_int(tsp_response_make(&r, &s, 0, 1, w->a, &der, &e), -1);
}

static void
test_refusal(const struct world *w)
{
	static char out[OUT_MAX];
	struct err e = ERR_INIT;
	struct bytes token;
	struct bytes der = tsp_refusal_make(w->a, 25, "no clock");
	char *file = save(w, "refusal", der);
	const char *const argv[] = { "openssl", "ts", "-reply", "-in", file,
		"-text", NULL };
	is_int(tap_run(argv, out, OUT_MAX), 0);
	ok(strstr(out, "Rejected") != NULL);
	ok(strstr(out, "no clock") != NULL);
	ok(strstr(out, "internal error occurred") != NULL ||
		strstr(out, "system failure") != NULL);
	is_int(tsp_response_token(der, w->a, &token, &e), -1);
	is_int(e.fault, FAULT_TSA_NOT_GRANTED);
	ok(strstr(e.text, "no clock") != NULL);
	ok(strstr(e.text, "25") != NULL);
	err_reset(&e);
	is_int(tsp_response_token(bytes_str("<html>"), w->a, &token, &e), -1);
	is_int(e.fault, FAULT_TSA_RESPONSE);
}

/* ---- we ask, OpenSSL stamps, we judge ---- */

static struct bytes
openssl_stamp(const struct world *w, bool chain)
{
	struct err e = ERR_INIT;
	struct bytes q, token = { NULL, 0 };
	char *r = path(w, "or");
	if (tsp_request_make(&w->digest, w->a, &q, &e))
		ok_m(false, "%s", e.text);
	char *query = save(w, "oq", q);
	if (chain) /* OpenSSL includes certificates only when asked */
		is_int(openssl("ts", "-query", "-data", w->data, "-sha512",
			       "-cert", "-out", query),
			0);
	is_int(openssl("ts", "-reply", "-config", w->conf, "-section", "tsa",
		       "-queryfile", query, "-signer", w->tsa_file, "-inkey",
		       w->key_file, "-chain", w->ca_file, "-out", r),
		0);
	if (tsp_response_token(load(w, r), w->a, &token, &e))
		ok_m(false, "%s", e.text);
	return token;
}

static void
test_theirs(struct world *w)
{
	static const char *const digests[] = { "sha256", "sha384", "sha512" };
	static const char *const ess[] = { "sha1", "sha256", "sha384",
		"sha512" };
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 4; j++) {
			bool chain = (i + j) & 1;
			conf_write(w, digests[i], chain ? "yes" : "no", ess[j]);
			is_good(w, openssl_stamp(w, chain),
				arena_printf(w->a, "OpenSSL, %s, ESS %s",
					digests[i], ess[j]));
		}
	conf_write(w, "sha1", "no", "sha256");
	is_bad(w, openssl_stamp(w, false), FAULT_TSA_SIGNER, "SHA-1");
}

static void
test_with_cert(struct world *w)
{
	struct err e = ERR_INIT;
	struct bytes bare, full, again, chain, both;
	conf_write(w, "sha256", "no", "sha256");
	bare = openssl_stamp(w, false);
	is_int(tsp_token_with_cert(bare, w->tsa, w->a, &full, &e), 0);
	ok(full.len > bare.len + cert_der(w->tsa).len);
	is_good(w, full, "token with its certificate");
	is_int(tsp_token_with_cert(full, w->tsa, w->a, &again, &e), 0);
	is_bytes(again.data, again.len, full.data, full.len);
	char *file = save(w, "full", full);
	is_int(openssl("ts", "-verify", "-data", w->data, "-in", file,
		       "-token_in", "-CAfile", w->ca_file),
		0);
	/* one more before the others */
	chain = openssl_stamp(w, true);
	is_int(tsp_token_with_cert(chain, w->other, w->a, &both, &e), 0);
	is_int((long long)(both.len - chain.len),
		(long long)cert_der(w->other).len);
	uint8_t *other = memmem(both.data, both.len, cert_der(w->other).data,
		cert_der(w->other).len);
	uint8_t *tsa = memmem(both.data, both.len, cert_der(w->tsa).data,
		cert_der(w->tsa).len);
	ok(other && tsa && other < tsa);
	is_good(w, both, "token with another certificate first");
	is_int(tsp_token_with_cert(bytes_str("x"), w->tsa, w->a, &full, &e),
		-1);
	is_int(e.fault, FAULT_TSA_RESPONSE);
}

/* ---- CMS made freely: key identifiers, attributes missing, BER ---- */

/* The TSTInfo that OpenSSL's ts writes, in a file. */
static char *
tst_info(const struct world *w)
{
	char *token = save(w, "t", openssl_stamp(w, false)),
	     *out = path(w, "info");
	is_int(openssl("cms", "-verify", "-noverify", "-binary", "-inform",
		       "DER", "-in", token, "-certfile", w->tsa_file, "-out",
		       out),
		0);
	return out;
}

static void
test_cms(struct world *w)
{
	conf_write(w, "sha256", "no", "sha256");
	char *info = tst_info(w), *out = path(w, "cms");
	char *other = save_cert(w, "other.pem", w->other);
#define cms_sign(...)                                                        \
 openssl("cms", "-sign", "-binary", "-nodetach", "-outform", "DER",          \
	 "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-in", info, "-out", \
	 out, "-signer", w->tsa_file, "-inkey", w->key_file, __VA_ARGS__)
	is_int(cms_sign("-cades", "-keyid", "-md", "sha384"), 0);
	is_good(w, load(w, out), "signer by key identifier");
	is_int(cms_sign("-cades", "-stream", "-md", "sha256"), 0);
	is_good(w, load(w, out), "BER with an octet string in pieces");
	struct err e = ERR_INIT;
	struct bytes der;
	is_int(tsp_token_with_cert(load(w, out), w->tsa, w->a, &der, &e), 0);
	is_good(w, der, "BER made DER");
	ok(der.len && der.data[1] != 0x80);
	is_int(cms_sign("-md", "sha256"), 0);
	is_bad(w, load(w, out), FAULT_TSA_RESPONSE, "no ESS attribute");
	is_int(cms_sign("-noattr", "-md", "sha256"), 0);
	is_bad(w, load(w, out), FAULT_TSA_RESPONSE, "no attributes");
	is_int(cms_sign("-cades", "-md", "sha256", "-signer", other, "-inkey",
		       w->key_file),
		0);
	is_bad(w, load(w, out), FAULT_TSA_RESPONSE, "two signers");
	if (key_type(w->key) == KEY_RSA) {
		is_int(cms_sign("-cades", "-md", "sha256", "-keyopt",
			       "rsa_padding_mode:pss", "-keyopt",
			       "rsa_pss_saltlen:digest"),
			0);
		is_good(w, load(w, out), "RSA-PSS");
	}
#undef cms_sign
}

/* ---- what must not pass ---- */

static void
test_negative(struct world *w)
{
	struct err e = ERR_INIT;
	struct tsp_token t;
	struct digest wrong;
	conf_write(w, "sha256", "no", "sha256");
	struct bytes token = openssl_stamp(w, false);
	struct cert_list none = { NULL, 0 }, one = { &w->tsa, 1 };
	digest_of(DIGEST_SHA512, "other", 5, &wrong);
	is_int(tsp_token_verify(token, &wrong, one, w->a, &t, &e), -1);
	is_int(e.fault, FAULT_TSA_RESPONSE);
	err_reset(&e);
	is_int(tsp_token_verify(token, NULL, one, w->a, &t, &e), 0);
	is_int(tsp_token_verify(token, NULL, none, w->a, &t, &e), -1);
	is_int(e.fault, FAULT_TSA_CERT);
	err_reset(&e); /* the same name and key, another serial number */
	is_int(verify(w, token, w->other, &t, &e), -1);
	is_int(e.fault, FAULT_TSA_CERT);
	uint8_t *longer = arena_alloc(w->a, token.len + 1);
	memcpy(longer, token.data, token.len);
	is_bad(w, bytes_of(longer, token.len + 1), FAULT_TSA_RESPONSE,
		"a byte too many");
	size_t taken = 0;
	for (size_t n = 0; n < token.len; n++)
		taken += !verify(w, bytes_of(token.data, n), w->tsa, &t, NULL);
	is_int((long long)taken, 0);
}

/* Whatever bit is turned: refused, or the facts stand. */
static void
test_tampered(struct world *w)
{
	struct tsp_token good, t;
	conf_write(w, "sha256", "no", "sha256");
	struct bytes token = openssl_stamp(w, false);
	uint8_t *copy = arena_memdup(w->a, token.data, token.len);
	size_t passed = 0;
	is_int(verify(w, token, w->tsa, &good, NULL), 0);
	for (size_t i = 0; i < token.len; i++) {
		copy[i] ^= (uint8_t)(1 << i % 8);
		if (!verify(w, bytes_of(copy, token.len), w->tsa, &t, NULL)) {
			passed++;
			if (t.gen_time != good.gen_time ||
				!digest_equal(&t.imprint, &good.imprint) ||
				!bytes_equal(t.serial, good.serial))
				ok_m(false, "bit %zu changes facts", i);
		}
		copy[i] = token.data[i];
	}
	/* version numbers, digest set, NULL parameters, case of the name */
	ok_m(passed < 120, "%zu of %zu turned bits pass", passed, token.len);
}

/* ---- tokens of real systems ---- */

static void
check_vector(const struct world *w, const char *name, struct bytes token,
	struct cert *known)
{
	struct err e = ERR_INIT;
	struct tsp_token t;
	struct bytes der;
	struct cert_list list = { &known, 1 };
	ok_m(!tsp_token_verify(token, NULL, list, w->a, &t, &e), "%s: %s", name,
		e.text);
	ok_m(!tsp_token_with_cert(token, known, w->a, &der, &e), "%s: %s", name,
		e.text);
	ok_m(!tsp_token_verify(der, NULL, list, w->a, &t, &e), "%s: %s", name,
		e.text);
}

/* One member of a container, unpacked beside it; NULL when it has none. */
static char *
member(const struct world *w, const char *container, const char *name)
{
	char out[1024];
	char *dir = path(w, "member");
	const char *const argv[] = { "unzip", "-qo", container, name, "-d", dir,
		NULL };
	dir_remove(dir, NULL);
	return tap_run(argv, out, sizeof out) ? NULL
					      : path_join(w->a, dir, name);
}

/* The container's token: a file of its own or inside the signature. */
static bool
container_token(const struct world *w, const char *file, struct bytes *token)
{
	char *tst = member(w, file, "META-INF/timestamp.tst");
	if (tst) {
		*token = load(w, tst);
		return true;
	}
	char *xml = member(w, file, "META-INF/signatures.xml");
	if (!xml)
		return false;
	char *text = (char *)(uintptr_t)load(w, xml).data;
	char *at = strstr(text, "EncapsulatedTimeStamp");
	if (!at || !(at = strchr(at, '>')))
		return false;
	return !base64_decode(w->a, at + 1, strcspn(at + 1, "<"), token, NULL);
}

struct containers {
	const struct world *w;
	const char *dir;
	struct cert *known; /* signer of tokens without certificates */
	int seen;
};

/* Trusts the first certificate in the token: only the reading is tested. */
static struct cert *
embedded(const struct world *w, struct bytes token, struct cert *known)
{
	struct cert *c = NULL;
	char *der = save(w, "vector", token), *pem = path(w, "vector.pem");
	is_int(openssl("pkcs7", "-inform", "DER", "-in", der, "-print_certs",
		       "-out", pem),
		0);
	if (load(w, pem).len == 0)
		return cert_ref(known);
	is_int(cert_parse(&c, load(w, pem), NULL), 0);
	return c;
}

static int
container(void *ctx, const char *name)
{
	struct containers *c = ctx;
	struct bytes token;
	char *file = path_join(c->w->a, c->dir, name);
	if (!str_suffix(name, ".asice") || !container_token(c->w, file, &token))
		return 0;
	struct cert *known = embedded(c->w, token, c->known);
	if (known)
		check_vector(c->w, name, token, known);
	cert_unref(&known);
	c->seen++;
	return 0;
}

static void
test_archives(const struct world *w, struct cert *known)
{
	static const char *const archives[] = {
		"x-road/archive-live/message-archive-0.zip",
		"x-road/archive-live/message-archive-1.zip",
	};
	struct err e = ERR_INIT;
	struct containers c = {
		.w = w, .dir = path(w, "archive"), .known = known
	};
	for (int i = 0; i < 2; i++) {
		const char *zip = vectors_path(archives[i]);
		const char *const argv[] = { "unzip", "-qo", zip, "-d", c.dir,
			NULL };
		is_int(run(argv), 0);
	}
	is_int(dir_each(c.dir, container, &c, &e), 0);
	ok_m(c.seen >= 21, "%d live containers", c.seen);
}

static void
test_response(const struct world *w, const char *vector, struct cert *known)
{
	struct err e = ERR_INIT;
	struct bytes token;
	char *file = arena_strdup(w->a, vectors_path(vector));
	ok_m(!tsp_response_token(load(w, file), w->a, &token, &e), "%s: %s",
		vector, e.text);
	check_vector(w, vector, token, known);
}

static void
test_vectors(const struct world *w)
{
	struct err e = ERR_INIT;
	struct cert *known = NULL;
	const char *found = vectors_path("x-road/certs/tsp.pem");
	if (!found) {
		tap_skip("no vectors");
		return;
	}
	is_int(cert_parse(&known, load(w, found), &e), 0);
	test_response(w, "x-road/tsp/messagelog-tsp.response", known);
	test_response(w, "x-road/tsp/proxy-tsp.response", known);
	struct containers c = { .w = w, .known = known };
	const char *const argv[] = { "unzip", "-v", NULL };
	if (tap_run(argv, NULL, 0)) {
		tap_skip("no unzip");
	} else {
		c.dir = arena_strdup(
			w->a, vectors_path("x-road/asic-containers"));
		is_int(dir_each(c.dir, container, &c, &e), 0);
		ok_m(c.seen > 0, "%d containers", c.seen);
		test_archives(w, known);
	}
	cert_unref(&known);
}

int
main(void)
{
	static const enum key_type types[] = { KEY_RSA, KEY_EC };
	struct world w;
	for (int i = 0; i < 2; i++) {
		world_make(&w, types[i]);
		test_ours(&w);
		test_request(&w);
		test_refusal(&w);
		test_theirs(&w);
		test_with_cert(&w);
		test_cms(&w);
		test_negative(&w);
		test_tampered(&w);
		if (i == 0)
			test_vectors(&w);
		world_drop(&w);
	}
	return tap_done();
}
