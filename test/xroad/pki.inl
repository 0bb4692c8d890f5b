/* SPDX-License-Identifier: MIT */
/*
 * A small world for tests: one approved CA with an intermediate, members'
 * signing certificates, OCSP, a time-stamping authority, and the global
 * configuration that names them. Included by test programs.
 */
#include <string.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "globalconf.h"
#include "key.h"
#include "mem.h"
#include "ocsp.h"
#include "signature.h"
#include "tap.h"
#include "tsp.h"

#define PKI_PROFILE \
	"ee.ria.xroad.common.certificateprofile.impl." \
	"EjbcaCertificateProfileInfoProvider"

enum { PKI_SERIAL = 4711 };
static const int64_t PKI_NOW = 1800000000000LL;

struct pki_party {
	struct key *key;
	struct cert *cert;
};
struct pki {
	struct pki_party root, middle, ocsp, tsa;
	struct pki_party rsa, ec; /* members M1 (RSA), M2 (EC) */
	struct globalconf *conf;
};

static struct pki_party
pki_issue(enum key_type type, const char *code, const struct pki_party *by,
	bool ca, unsigned usage, unsigned ext)
{
	static uint64_t serial = PKI_SERIAL;
	const struct rdn name[] = { { "C", "XX" }, { "O", "COM" },
		{ "CN", code } };
	struct pki_party p = { 0 };
	struct err e = ERR_INIT;
	struct cert_template t = {
		.subject = name,
		.subjects = 3,
		.serial = serial++,
		.not_before = PKI_NOW - 86400000LL * 100,
		.not_after = PKI_NOW + 86400000LL * 100,
		.ca = ca,
		.path_len = -1,
		.key_usage = usage,
		.ext_usage = ext,
	};

	ok_m(!key_generate(&p.key, type, 2048, &e), "key %s %s", code, e.text);
	t.key = p.key;
	ok_m(!cert_issue(&p.cert, &t, by ? by->cert : NULL,
		     by ? by->key : p.key, &e),
		"certificate %s %s", code, e.text);
	return p;
}

static void
pki_drop(struct pki_party *p)
{
	key_unref(&p->key);
	cert_unref(&p->cert);
}

/* An OCSP response about c, made a minute before `at`. */
static struct bytes
pki_ocsp(struct pki *k, struct arena *a, const struct cert *c,
	const struct cert *issuer, int64_t at, enum ocsp_status status)
{
	struct ocsp_answer answer = { .status = status,
		.this_update = at - 60000,
		.next_update = at + 3600000,
		.revoked_at = status == OCSP_REVOKED ? at - 120000 : 0 };
	struct ocsp_request r;
	struct bytes der = { 0 }, out = { 0 };
	struct err e = ERR_INIT;

	if (ocsp_request_make(c, issuer, a, &der, &e) ||
		ocsp_request_parse(a, der, &r, &e) ||
		ocsp_response_make(&r, &answer, k->ocsp.cert, k->ocsp.key, a,
			&out, &e))
		ok_m(false, "OCSP: %s", e.text);
	return out;
}

static void
pki_conf(struct pki *k, struct arena *a)
{
	struct bytes source_cert = cert_der(k->root.cert);
	struct gc_source source = { .address = "center.invalid",
		.internal_cert = &source_cert,
		.external_cert = &source_cert,
		.internal_certs = 1,
		.external_certs = 1 };
	struct gc_ocsp ocsp = { .url = "http://ocsp.invalid/",
		.cert = k->ocsp.cert };
	struct gc_ca middle = { k->middle.cert, &ocsp, 1 };
	struct gc_approved_ca ca = { .name = "test",
		.profile = PKI_PROFILE,
		.top = { k->root.cert, &ocsp, 1 },
		.intermediate = &middle,
		.intermediates = 1 };
	struct gc_tsa tsa = { .name = "tsa",
		.url = "http://tsa.invalid/",
		.cert = k->tsa.cert };
	struct gc_class cls = { "COM", "companies" };
	struct gc_member member[] = { { .cls = "COM", .code = "M1",
					      .name = "one" },
		{ .cls = "COM", .code = "M2", .name = "two" } };
	struct shared_params p = { .version = 4,
		.instance = "XX",
		.source = &source,
		.sources = 1,
		.ca = &ca,
		.cas = 1,
		.tsa = &tsa,
		.tsas = 1,
		.cls = &cls,
		.classes = 1,
		.member = member,
		.members = 2,
		.ocsp_freshness_s = 3600 };
	struct gc_instance_file file = { .version = 4,
		.expires = PKI_NOW + 86400000 };
	struct err e = ERR_INIT;
	struct buf b;

	buf_init(&b, 1 << 20);
	ok_m(!shared_params_write(&p, 4, &b, &e), "parameters: %s", e.text);
	file.shared = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	ok_m(!globalconf_new(&k->conf, &file, 1, "XX", &e), "conf: %s", e.text);
}

static void
pki_start(struct pki *k, struct arena *a)
{
	const unsigned ca = KU_KEY_CERT_SIGN | KU_CRL_SIGN;

	memset(k, 0, sizeof(*k));
	k->root = pki_issue(KEY_EC, "Root", NULL, true, ca, 0);
	k->middle = pki_issue(KEY_EC, "Middle", &k->root, true, ca, 0);
	/* listed for both CAs in the configuration */
	k->ocsp = pki_issue(KEY_EC, "OCSP", &k->root, false,
		KU_DIGITAL_SIGNATURE, EKU_OCSP_SIGNING);
	k->tsa = pki_issue(KEY_EC, "TSA", &k->root, false,
		KU_DIGITAL_SIGNATURE, EKU_TIME_STAMPING);
	k->rsa = pki_issue(
		KEY_RSA, "M1", &k->root, false, KU_NON_REPUDIATION, 0);
	k->ec = pki_issue(
		KEY_EC, "M2", &k->middle, false, KU_NON_REPUDIATION, 0);
	pki_conf(k, a);
}

static void
pki_stop(struct pki *k)
{
	globalconf_unref(&k->conf);
	pki_drop(&k->root);
	pki_drop(&k->middle);
	pki_drop(&k->ocsp);
	pki_drop(&k->tsa);
	pki_drop(&k->rsa);
	pki_drop(&k->ec);
}

/* Signing as M1 (one OCSP response) or M2 (with the intermediate, two). */
static struct signing
pki_signing(struct pki *k, struct arena *a, bool ec)
{
	struct bytes *o = arena_array(a, 2, sizeof(*o));
	struct signing s = { .key = ec ? k->ec.key : k->rsa.key,
		.cert = ec ? k->ec.cert : k->rsa.cert,
		.ocsp = o,
		.ocsps = ec ? 2 : 1,
		.time = PKI_NOW };

	o[0] = pki_ocsp(k, a, s.cert, ec ? k->middle.cert : k->root.cert,
		PKI_NOW, OCSP_GOOD);
	if (ec) {
		o[1] = pki_ocsp(k, a, k->middle.cert, k->root.cert, PKI_NOW,
			OCSP_GOOD);
		s.extra.item = arena_memdup(
			a, &k->middle.cert, sizeof(k->middle.cert));
		s.extra.n = 1;
	}
	return s;
}

/* A time-stamping token over data. */
__attribute__((unused)) static struct bytes
pki_stamp(struct pki *k, struct arena *a, struct bytes data, int64_t at)
{
	static uint64_t serial = 1;
	struct tsp_signer tsa = { k->tsa.cert, k->tsa.key, "1.2.3.4" };
	struct bytes der = { 0 }, out = { 0 };
	struct tsp_request r;
	struct digest d;
	struct err e = ERR_INIT;

	digest_of(DIGEST_SHA512, data.data, data.len, &d);
	if (tsp_request_make(&d, a, &der, &e) ||
		tsp_request_parse(a, der, &r, &e) ||
		tsp_response_make(&r, &tsa, at, serial++, a, &der, &e) ||
		tsp_response_token(der, a, &out, &e))
		ok_m(false, "time stamp: %s", e.text);
	return out;
}
