/* SPDX-License-Identifier: MIT */
/* Tests of gcdir.c and gcdir_write.c: real directories, own ones, damage. */
#include <string.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "gcdir.h"
#include "globalconf.h"
#include "key.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

enum { CERTS_MAX = 20, TAIL = 28 /* closing delimiter */ };

static int64_t
at(const char *iso)
{
	int64_t ms = 0;

	ok(time_parse(iso, &ms, NULL) == 0);
	return ms;
}

static struct bytes
vector(struct arena *a, const char *name)
{
	const char *path = vectors_path(arena_printf(a, "x-road/%s", name));
	struct bytes b = { NULL, 0 };

	ok_m(path && file_read(a, path, GC_PART_MAX, &b, NULL) == 0,
		"vector %s", name);
	return b;
}

/* Verification certificates of an anchor. */
static size_t
anchor_certs(struct arena *a, const char *name, struct bytes *cert)
{
	struct gc_anchor an;
	size_t i, j, n = 0;

	ok(anchor_parse(a, vector(a, name), &an, NULL) == 0);
	for (i = 0; i < an.sources; i++)
		for (j = 0; j < an.source[i].certs && n < CERTS_MAX; j++)
			cert[n++] = an.source[i].cert[j];
	return n;
}

/* Verification certificates of the sources in shared parameters. */
static size_t
source_certs(struct arena *a, const char *name, int version, bool external,
	struct bytes *cert)
{
	struct shared_params p;
	struct err e = ERR_INIT;
	size_t i, j, n = 0;

	ok_m(shared_params_parse(a, vector(a, name), version, &p, &e) == 0,
		"%s %s", name, e.text);
	for (i = 0; i < p.sources; i++) {
		const struct gc_source *s = &p.source[i];

		for (j = 0; !external && j < s->internal_certs; j++)
			cert[n++] = s->internal_cert[j];
		for (j = 0; external && j < s->external_certs; j++)
			cert[n++] = s->external_cert[j];
	}
	return n;
}

static const struct tree {
	const char *dir, *time;
	int version;
} trees[] = {
	{ "globalconf-signed/V3", "20240408142911166434000", 3 },
	{ "globalconf-signed/V4", "20240529203822880997000", 4 },
	{ "globalconf-signed/V5", "20250303143911136407000", 5 },
	{ "globalconf-signed/V6", "20251110170000548026000", 6 },
	{ "globalconf-rotated/V3", "20240408143011166442000", 3 },
	{ "globalconf-rotated/V4", "20240529203852897410000", 4 },
	{ "globalconf-rotated/V5", "20250303143831136684000", 5 },
	{ "globalconf-rotated/V6", "20251110170100462771000", 6 },
};

static void
tree_check(struct arena *a, const struct tree *t, bool external)
{
	struct bytes cert[CERTS_MAX], dir, part;
	struct err e = ERR_INIT;
	struct gcdir d;
	bool broken = external && str_equal(t->dir, "globalconf-signed/V6");
	size_t i, n;

	/* this one is signed by the published key, which is in the anchor */
	if (!external && str_equal(t->dir, "globalconf-signed/V6"))
		n = anchor_certs(a,
			"anchors/configuration_anchor_CS_internal.xml", cert);
	else
		n = source_certs(a,
			arena_printf(
				a, "%s/%s/shared-params.xml", t->dir, t->time),
			t->version, external, cert);
	dir = vector(a, arena_printf(a, "%s/%s", t->dir,
				external ? "externalconf" : "internalconf"));
	ok_m(gcdir_verify(
		     a, dir, cert, n, at("2026-01-01T00:00:00Z"), &d, &e) == 0,
		"%s: %s", t->dir, e.text);
	is_int(d.version, t->version);
	is_int(d.parts, external ? 1 : 2);
	for (i = 0; i < d.parts; i++) {
		part = vector(a, arena_printf(a, "%s/%s/%s", t->dir, t->time,
					 d.part[i].file_name));
		ok_m(gcdir_check_part(&d.part[i], part, NULL) ==
				(broken ? -1 : 0),
			"%s %s", t->dir, d.part[i].location);
		ok(d.part[i].instance != NULL);
	}
}

static void
test_trees(struct arena *a)
{
	struct bytes cert[CERTS_MAX];
	struct err e = ERR_INIT;
	struct gcdir d;
	size_t i, n;

	for (i = 0; i < sizeof(trees) / sizeof(*trees); i++) {
		tree_check(a, &trees[i], false);
		tree_check(a, &trees[i], true);
	}
	n = anchor_certs(a, "anchors/internal-configuration-anchor.xml", cert);
	ok(gcdir_verify(a, vector(a, "globalconf-signed/V3/internalconf"), cert,
		   n, at("2026-01-01T00:00:00Z"), &d, &e) == 0);
	is_str(e.text, "");
	n = anchor_certs(a, "anchors/external-configuration-anchor.xml", cert);
	ok(gcdir_verify(a, vector(a, "globalconf-signed/V3/externalconf"), cert,
		   n, at("2026-01-01T00:00:00Z"), &d, &e) == 0);
	n = anchor_certs(
		a, "anchors/configuration_anchor_CS_internal.xml", cert);
	ok(gcdir_verify(a, vector(a, "globalconf-signed/V6/internalconf"), cert,
		   n, at("2026-01-01T00:00:00Z"), &d, &e) == 0);
	is_str(e.text, "");
	ok(gcdir_verify(a, vector(a, "globalconf-rotated/V6/internalconf"),
		   cert, n, at("2026-01-01T00:00:00Z"), &d, &e) == -1);
	is_int(e.fault, FAULT_GC_NO_CERT);
	err_reset(&e);
	ok(gcdir_verify(a, vector(a, "globalconf-signed/V6/internalconf"), cert,
		   n, at("2035-11-11T03:07:41Z"), &d, &e) == -1);
	is_int(e.fault, FAULT_GLOBAL_CONF_OUTDATED);
}

static void
test_client_vectors(struct arena *a)
{
	static const struct {
		const char *name, *cert, *when;
		enum fault fault;
		size_t parts;
	} row[] = {
		{ "test-conf-simple", "consumer", "2026-05-20T17:42:55Z", 0,
			3 },
		{ "test-conf-simple", "consumer", "2026-05-20T17:42:56Z",
			FAULT_GLOBAL_CONF_OUTDATED, 0 },
		{ "test-conf-simple", "producer", "2026-05-20T17:42:55Z",
			FAULT_GC_NO_CERT, 0 },
		{ "test-conf-detached", "consumer", "2026-05-20T17:42:55Z", 0,
			1 },
		{ "test-conf-malformed", "consumer", "2014-01-01T00:00:00Z",
			FAULT_GC_NO_EXPIRY, 0 },
		{ "test-conf-missing-date", "consumer", "2014-01-01T00:00:00Z",
			FAULT_GC_HEADER_MISSING, 0 },
		{ "test-conf-missing-signature", "consumer",
			"2014-01-01T00:00:00Z", FAULT_GC_SIGNATURE, 0 },
		{ "test-conf-invalid-signature", "consumer",
			"2014-01-01T00:00:00Z", FAULT_GC_SIGNATURE, 0 },
		{ "conf1", "consumer", "2014-01-01T00:00:00Z",
			FAULT_GC_SIGNATURE_DECODE, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct bytes cert =
			vector(a, arena_printf(a, "certs/%s.pem", row[i].cert));
		struct err e = ERR_INIT;
		struct gcdir d;
		int got = gcdir_verify(a,
			vector(a, arena_printf(a, "globalconf-client/%s.txt",
					  row[i].name)),
			&cert, 1, at(row[i].when), &d, &e);

		ok_m(e.fault == row[i].fault && (got == 0) == !row[i].fault,
			"%s at %s: %s %s", row[i].name, row[i].when,
			fault_code(e.fault), e.text);
		if (got != 0)
			continue;
		is_int(d.parts, row[i].parts);
		is_int(d.version, 2);
		is_str(d.part[0].file_name, "private-params.xml");
		is_str(d.part[0].instance, "EE");
	}
}

/* ---- directories of our own ---- */

struct maker {
	struct arena *a;
	struct key *key;
	struct bytes cert;
};

static struct cert *
self_signed(struct key *key)
{
	struct rdn cn = { "CN", "internalSigningKey" };
	struct cert_template t = {
		.subject = &cn,
		.subjects = 1,
		.key = key,
		.serial = 1,
		.not_after = at("2001-01-01T00:00:00Z"), /* long expired */
		.ca = true,
		.path_len = -1,
		.key_usage = KU_NON_REPUDIATION | KU_KEY_CERT_SIGN,
	};
	struct cert *c = NULL;

	ok(cert_issue(&c, &t, NULL, key, NULL) == 0);
	return c;
}

static void
directory_make(struct maker *m, struct buf *out)
{
	struct gcdir_part part[2] = {
		{ "SHARED-PARAMETERS", "I", "shared-params.xml",
			"/V6/1/shared-params.xml", { 0 } },
		{ "FETCHINTERVAL", NULL, "f.xml", "/V6/1/f.xml", { 0 } },
	};
	struct gcdir d = {
		.version = 6,
		.expires = at("2030-01-01T00:00:00Z"),
		.part = part,
		.parts = 2,
	};

	digest_of(DIGEST_SHA512, "x", 1, &part[0].digest);
	digest_of(DIGEST_SHA256, "y", 1, &part[1].digest);
	ok(gcdir_write(&d, m->key, m->cert, out, NULL) == 0);
}

static void
test_own(struct maker *m)
{
	struct buf b;
	struct gcdir d;
	struct err e = ERR_INIT;

	buf_init(&b, GC_DIR_MAX);
	directory_make(m, &b);
	ok(gcdir_verify(m->a, bytes_buf(&b), &m->cert, 1,
		   at("2030-01-01T00:00:00Z"), &d, &e) == 0);
	is_str(e.text, "");
	is_int(d.version, 6);
	ok(d.expires == at("2030-01-01T00:00:00Z"));
	is_int(d.parts, 2);
	is_str(d.part[0].identifier, "SHARED-PARAMETERS");
	is_str(d.part[0].instance, "I");
	is_str(d.part[0].file_name, "shared-params.xml");
	ok(d.part[1].instance == NULL);
	ok(gcdir_check_part(&d.part[0], bytes_str("x"), NULL) == 0);
	ok(gcdir_check_part(&d.part[1], bytes_str("y"), NULL) == 0);
	ok(gcdir_check_part(&d.part[1], bytes_str("z"), &e) == -1);
	is_int(e.fault, FAULT_GC_PART_DIGEST);
	buf_done(&b);
}

/* Every changed byte of the signed range is refused. */
static void
test_damage(struct maker *m)
{
	struct buf b;
	struct gcdir d;
	const char *inner, *last;
	size_t i, from, to, accepted = 0;

	buf_init(&b, GC_DIR_MAX);
	directory_make(m, &b);
	inner = strstr(b.data, "\r\nExpire-date");
	while (inner[-1] != '\n')
		inner--;
	last = strstr(inner, "--\r\n\r\n--") + 4;
	from = (size_t)(inner - b.data);
	to = (size_t)(last - b.data);
	for (i = from; i < to; i++) {
		b.data[i] ^= 1;
		if (gcdir_verify(
			    m->a, bytes_buf(&b), &m->cert, 1, 0, &d, NULL) == 0)
			accepted++;
		b.data[i] ^= 1;
	}
	is_int(accepted, 0);
	ok(to - from > 500);
	/* and every truncation before the end of the signature */
	for (i = 0; i < b.len - TAIL; i++)
		if (gcdir_verify(m->a, bytes_of(b.data, i), &m->cert, 1, 0, &d,
			    NULL) == 0)
			accepted++;
	is_int(accepted, 0);
	ok(gcdir_verify(m->a, bytes_buf(&b), &m->cert, 1, 0, &d, NULL) == 0);
	buf_done(&b);
}

/* Replaces one text by another in a copy. */
static struct bytes
edit(struct arena *a, const struct buf *b, const char *from, const char *to)
{
	const char *p = strstr(b->data, from);
	char *s;

	ok_m(p != NULL, "'%s' is there", from);
	s = arena_printf(a, "%.*s%s%s", (int)(p - b->data), b->data, to,
		p + strlen(from));
	return bytes_str(s);
}

static void
test_signature_faults(struct maker *m)
{
	static const struct {
		const char *from, *to;
		enum fault fault;
	} row[] = {
		{ "Signature-Algorithm-Id: ", "signature-algorithm-id:", 0 },
		{ "Signature-Algorithm-Id", "X", FAULT_GC_HEADER_MISSING },
		{ "2001/04/xmldsig-more#rsa-sha512", "2000/09/xmldsig#rsa-sha1",
			FAULT_GC_SIGNATURE },
		{ "#rsa-sha512", "#nonsense", FAULT_GC_SIGNATURE },
		{ "\r\nContent-Transfer-Encoding: base64",
			"\r\nContent-Transfer-Encoding: binary",
			FAULT_GC_HEADER_WRONG },
		{ "\r\nContent-Transfer-Encoding: base64", "",
			FAULT_GC_HEADER_MISSING },
		{ "\r\nContent-Type: application/octet-stream",
			"\r\nContent-Type: text/plain", FAULT_GC_HEADER_WRONG },
		{ "Verification-certificate-hash", "V",
			FAULT_GC_HEADER_MISSING },
		{ "; hash-algorithm-id=\"http://www.w3.org/2001/04/"
		  "xmlenc#sha512\"",
			"; hash-algorithm-id=http://www.w3.org/2001/04/"
			"xmlenc#sha512",
			0 },
		{ "; hash-algorithm-id=\"", "; x=\"",
			FAULT_GC_HEADER_PARAM_MISSING },
		{ "; hash-algorithm-id=\"", "; hash-algorithm-id=\"z",
			FAULT_GC_HEADER_WRONG },
		{ "multipart/related; ", "multipart/related; type=\"m\";", 0 },
		{ "boundary=", "b=", FAULT_GC_NO_SIGNED_DATA },
		{ "multipart/mixed; charset=UTF-8; boundary",
			"multipart/mixed; charset=UTF-8; b",
			FAULT_GC_HEADER_MISSING },
	};
	struct buf b;
	size_t i;

	buf_init(&b, GC_DIR_MAX);
	directory_make(m, &b);
	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct err e = ERR_INIT;
		struct gcdir d;

		gcdir_verify(m->a, edit(m->a, &b, row[i].from, row[i].to),
			&m->cert, 1, 0, &d, &e);
		ok_m(e.fault == row[i].fault, "'%s' to '%s': %s %s",
			row[i].from, row[i].to, fault_code(e.fault), e.text);
	}
	buf_done(&b);
}

/* A directory around any signed bytes. */
static struct bytes
wrap(struct maker *m, const char *inside, const char *eol, struct sign_alg alg)
{
	struct bytes sig = { NULL, 0 };
	struct digest d;

	digest_of(DIGEST_SHA256, m->cert.data, m->cert.len, &d);
	ok(key_sign(m->key, alg, bytes_str(inside), m->a, &sig, NULL) == 0);
	return bytes_str(arena_printf(m->a,
		"content-type: multipart/related; type=\"multipart/mixed\"; "
		"boundary=\"o\"%s%s--o%s"
		"content-type: multipart/mixed; boundary=\"i\"%s%s%s%s--o%s"
		"content-type: application/octet-stream%s"
		"content-transfer-encoding: base64%s"
		"signature-algorithm-id: %s%s"
		"verification-certificate-hash: %s; hash-algorithm-id=%s%s%s"
		"%s%s--o--",
		eol, eol, eol, eol, eol, inside, eol, eol, eol, eol,
		sign_alg_uri(alg), eol, base64_encode(m->a, d.value, d.len),
		digest_uri(DIGEST_SHA256), eol, eol,
		base64_encode(m->a, sig.data, sig.len), eol));
}

#define OPEN "--i\nexpire-date: 2030-01-01T00:00:00.123456+01:00\n\n"
#define DIG  "\n\n" D256 "\n"
#define D256 "LXEWQrcmsEQBYnyp++wy9chTgHQGPZTMpuTYhYiVDqY="
#define PART(id, loc, alg)                                    \
 "--i\ncontent-type: application/octet-stream\n"              \
 "content-transfer-encoding: base64\ncontent-identifier: " id \
 "\ncontent-location: " loc "\nhash-algorithm-id: " alg
#define SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"
#define SHARED "SHARED-PARAMETERS; instance="

static void
test_inside(struct maker *m)
{
	static const struct {
		const char *why, *text;
		enum fault fault;
		size_t parts;
	} row[] = {
		{ "double quotes",
			OPEN PART(SHARED "\"X\"", "/a.xml", SHA256) DIG "--i--",
			0, 1 },
		{ "single quotes",
			OPEN PART(SHARED "'X'", "/a.xml", SHA256) DIG "--i--\n",
			0, 1 },
		{ "no quotes, not closed",
			OPEN PART(SHARED "X", "/a.xml", SHA256) DIG, 0, 1 },
		{ "no parts", OPEN "--i--", 0, 0 },
		{ "no identifier", OPEN PART("", "/a.xml", SHA256) DIG, 0, 1 },
		{ "no instance",
			OPEN PART("SHARED-PARAMETERS", "/a.xml", SHA256) DIG,
			FAULT_GC_HEADER_PARAM_MISSING, 0 },
		{ "no location", OPEN PART(SHARED "X", "", SHA256) DIG,
			FAULT_GC_HEADER_MISSING, 0 },
		{ "relative", OPEN PART(SHARED "X", "a.xml", SHA256) DIG,
			FAULT_GC_HEADER_WRONG, 0 },
		{ "other host", OPEN PART(SHARED "X", "//h/a.xml", SHA256) DIG,
			FAULT_GC_HEADER_WRONG, 0 },
		{ "upwards", OPEN PART(SHARED "X", "/../a.xml", SHA256) DIG,
			FAULT_GC_HEADER_WRONG, 0 },
		{ "no name", OPEN PART(SHARED "X", "/a/", SHA256) DIG,
			FAULT_GC_HEADER_WRONG, 0 },
		{ "file name",
			OPEN PART(SHARED "X\ncontent-file-name: b.xml",
				"/a.xml", SHA256) DIG,
			0, 1 },
		{ "evil file name",
			OPEN PART(SHARED "X\ncontent-file-name: ../b", "/a.xml",
				SHA256) DIG,
			FAULT_GC_HEADER_WRONG, 0 },
		{ "no algorithm", OPEN PART(SHARED "X", "/a.xml", "") DIG,
			FAULT_GC_HEADER_MISSING, 0 },
		{ "unknown algorithm", OPEN PART(SHARED "X", "/a.xml", "u") DIG,
			FAULT_GC_HEADER_WRONG, 0 },
		{ "short digest",
			OPEN PART(SHARED "X", "/a.xml", SHA256) "\n\nAAAA\n",
			FAULT_GC_PART_DIGEST, 0 },
		{ "no date", "--i\nversion: 6\n\n--i--",
			FAULT_GC_HEADER_MISSING, 0 },
		{ "bad date", "--i\nexpire-date: soon\n\n--i--",
			FAULT_GC_HEADER_WRONG, 0 },
		{ "bad version",
			"--i\nexpire-date: 2030-01-01T00:00:00Z\nversion: x"
			"\n\n--i--",
			FAULT_GC_HEADER_WRONG, 0 },
		{ "nothing", "", FAULT_GC_HEADER_MISSING, 0 },
	};
	struct sign_alg alg = { SIGN_RSA_PKCS1, DIGEST_SHA256 };
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct err e = ERR_INIT;
		struct gcdir d;

		gcdir_verify(m->a, wrap(m, row[i].text, "\n", alg), &m->cert, 1,
			0, &d, &e);
		ok_m(e.fault == row[i].fault, "%s: %s %s", row[i].why,
			fault_code(e.fault), e.text);
		if (!e.fault)
			is_int(d.parts, row[i].parts);
	}
}

static void
test_algorithms(struct maker *rsa, struct maker *ec)
{
	static const struct sign_alg algs[] = {
		{ SIGN_RSA_PKCS1, DIGEST_SHA256 },
		{ SIGN_RSA_PKCS1, DIGEST_SHA384 },
		{ SIGN_RSA_PKCS1, DIGEST_SHA512 },
		{ SIGN_RSA_PSS, DIGEST_SHA256 },
		{ SIGN_RSA_PSS, DIGEST_SHA512 },
		{ SIGN_ECDSA, DIGEST_SHA256 },
		{ SIGN_ECDSA, DIGEST_SHA512 },
	};
	size_t i;

	for (i = 0; i < sizeof(algs) / sizeof(*algs); i++) {
		struct maker *m = algs[i].scheme == SIGN_ECDSA ? ec : rsa;
		struct maker *other = m == ec ? rsa : ec;
		struct err e = ERR_INIT;
		struct gcdir d;
		struct bytes b = wrap(m, OPEN "--i--\r\n", "\r\n", algs[i]);

		ok_m(gcdir_verify(m->a, b, &m->cert, 1, 0, &d, &e) == 0,
			"%s: %s", sign_alg_uri(algs[i]), e.text);
		ok(gcdir_verify(m->a, b, &other->cert, 1, 0, &d, &e) == -1);
		is_int(e.fault, FAULT_GC_NO_CERT);
	}
}

static void
maker_open(struct maker *m, struct arena *a, enum key_type type)
{
	struct cert *c;

	*m = (struct maker){ .a = a };
	ok(key_generate(&m->key, type, 2048, NULL) == 0);
	c = self_signed(m->key);
	m->cert = bytes_of(arena_memdup(a, cert_der(c).data, cert_der(c).len),
		cert_der(c).len);
	cert_unref(&c);
}

static void
test_lab_key(struct arena *a)
{
	struct maker m = { .a = a };
	struct cert *c = NULL;

	ok(key_parse_private(&m.key,
		   vector(a, "lab-keys/sign-keys/"
			     "internal.key"),
		   NULL, NULL) == 0);
	ok(cert_parse(&c, vector(a, "lab-keys/sign-keys/internal.crt"), NULL) ==
		0);
	if (m.key && c) {
		m.cert = cert_der(c);
		test_own(&m);
		test_damage(&m);
	}
	cert_unref(&c);
	key_unref(&m.key);
}

int
main(void)
{
	struct arena *a = arena_new();
	struct maker rsa, ec;

	xml_startup();
	maker_open(&rsa, a, KEY_RSA);
	maker_open(&ec, a, KEY_EC);
	test_own(&rsa);
	test_own(&ec);
	test_damage(&rsa);
	test_signature_faults(&rsa);
	test_inside(&rsa);
	test_algorithms(&rsa, &ec);
	key_unref(&rsa.key);
	key_unref(&ec.key);
	if (vectors_path("x-road/globalconf-signed")) {
		test_trees(a);
		test_client_vectors(a);
		test_lab_key(a);
	} else {
		tap_skip("no vectors");
	}
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
