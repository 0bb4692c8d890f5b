/* SPDX-License-Identifier: MIT */
/*
 * Tests of params_write.c, params_private.c and anchor.c: what is written is
 * read back the same and is valid against X-Road's schemas V2 to V6.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cert.h"
#include "err.h"
#include "file.h"
#include "globalconf.h"
#include "key.h"
#include "mem.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

static struct cert *
certificate(struct arena *a)
{
	struct rdn cn = { "CN", "Test CA" };
	struct cert_template t = {
		.subject = &cn,
		.subjects = 1,
		.serial = 1,
		.not_after = 4000000000000,
		.ca = true,
		.path_len = -1,
	};
	struct cert *c = NULL;
	struct key *k = NULL;

	(void)a;
	ok(key_generate(&k, KEY_EC, 0, NULL) == 0);
	t.key = k;
	ok(cert_issue(&c, &t, NULL, k, NULL) == 0);
	key_unref(&k);
	return c;
}

static const struct gc_class classes[] = {
	{ "COM", "Commercial <&>" },
	{ "GOV", "" },
};
static const struct gc_subsystem subsystems[] = {
	{ "sub", "A \"name\"" },
	{ "sub2", NULL },
};
static const struct gc_member members[] = {
	{ "COM", "1", "One & only", subsystems, 2 },
	{ "GOV", "1", "Two", subsystems, 1 },
	{ "COM", "2", "Three", NULL, 0 },
};
static const struct client_id clients[] = {
	{ "T", "COM", "1", "sub" },
	{ "T", "COM", "1", "sub2" },
	{ "T", "GOV", "1", NULL },
	{ "T", "GOV", "1", "sub" },
};
static const struct gc_group groups[] = {
	{ "security-server-owners", "Owners", clients, 4 },
	{ "empty", "", NULL, 0 },
};

static void
model(struct arena *a, struct cert *c, struct shared_params *p)
{
	struct gc_ocsp *ocsp = arena_array(a, 2, sizeof(*ocsp));
	struct gc_approved_ca *ca = arena_array(a, 1, sizeof(*ca));
	struct gc_ca *inter = arena_array(a, 1, sizeof(*inter));
	struct gc_tsa *tsa = arena_array(a, 1, sizeof(*tsa));
	struct gc_server *v = arena_array(a, 2, sizeof(*v));
	struct digest *d = arena_array(a, 2, sizeof(*d));
	struct gc_source *s = arena_array(a, 1, sizeof(*s));
	struct bytes *der = arena_array(a, 1, sizeof(*der));

	ocsp[0] = (struct gc_ocsp){ "http://o/1", c, "PAID" };
	ocsp[1] = (struct gc_ocsp){ "http://o/2?a&b", NULL, NULL };
	inter[0] = (struct gc_ca){ c, NULL, 0 };
	ca[0] = (struct gc_approved_ca){ "CA", true, { c, ocsp, 2 }, inter, 1,
		"x.y.Z", "DER",
		{ "https://acme/dir", "192.0.2.7", "auth", "sign" } };
	tsa[0] = (struct gc_tsa){ "TSA", "http://t", c, "FREE" };
	digest_of(DIGEST_SHA1, "x", 1, &d[0]);
	digest_of(DIGEST_SHA256, "x", 1, &d[1]);
	v[0] = (struct gc_server){ { { "T", "COM", "1", NULL }, "ss" }, "h", d,
		2, clients, 4, true, "back at 10" };
	v[1] = (struct gc_server){ { { "T", "COM", "2", NULL }, "ss" }, NULL,
		NULL, 0, NULL, 0, false, NULL };
	der[0] = cert_der(c);
	s[0] = (struct gc_source){ "cs", der, der, 1, 1 };
	*p = (struct shared_params){ .instance = "T",
		.source = s,
		.sources = 1,
		.ca = ca,
		.cas = 1,
		.tsa = tsa,
		.tsas = 1,
		.cls = classes,
		.classes = 2,
		.member = members,
		.members = 3,
		.server = v,
		.servers = 2,
		.group = groups,
		.groups = 2,
		.ocsp_freshness_s = 3600 };
}

/* Copies the schemas so that their relative imports lead somewhere. */
static const char *
schemas(struct arena *a)
{
	const char *from = vectors_path("x-road/schemas");
	char out[1000];
	char *dir, *src;

	if (!from || access("/usr/bin/xmllint", X_OK) != 0)
		return NULL;
	src = arena_strdup(a, from);
	dir = arena_strdup(a, tap_dir());
	const char *const one[] = { "cp", "-r",
		arena_printf(a, "%s/globalconf", src), dir, NULL };
	const char *const two[] = { "cp",
		arena_printf(a, "%s/xroad/identifiers.xsd", src), dir, NULL };

	ok(tap_run(one, out, sizeof(out)) == 0);
	ok(tap_run(two, out, sizeof(out)) == 0);
	return dir;
}

static void
validate(struct arena *a, const char *dir, const char *xsd, const char *text)
{
	char out[4000];
	char *file = arena_printf(a, "%s/document.xml", dir ? dir : "");
	const char *const argv[] = { "xmllint", "--noout", "--nonet",
		"--schema",
		arena_printf(a, "%s/globalconf/%s", dir ? dir : "", xsd), file,
		NULL };

	if (!dir) {
		tap_skip("no schemas or no xmllint");
		return;
	}
	ok(file_write(file, bytes_str(text), FILE_PUBLIC, NULL) == 0);
	ok_m(tap_run(argv, out, sizeof(out)) == 0, "%s: %s", xsd, out);
}

static void
compare(const struct shared_params *p, const struct shared_params *q,
	int version)
{
	is_str(q->instance, "T");
	is_int(q->sources, version >= 3 ? 1 : 0);
	is_int(q->cas, 1);
	ok(q->ca[0].auth_only);
	is_int(q->ca[0].intermediates, 1);
	is_int(q->ca[0].top.ocsps, 2);
	is_str(q->ca[0].top.ocsp[1].url, "http://o/2?a&b");
	is_str(q->ca[0].top.ocsp[0].cost, version >= 6 ? "PAID" : NULL);
	is_str(q->ca[0].csr_format, version >= 6 ? "DER" : NULL);
	is_str(q->ca[0].acme.url, version >= 3 ? "https://acme/dir" : NULL);
	is_str(q->ca[0].acme.address, version >= 3 ? "192.0.2.7" : NULL);
	is_str(q->ca[0].acme.auth_profile, version >= 4 ? "auth" : NULL);
	is_str(q->ca[0].acme.sign_profile, version >= 4 ? "sign" : NULL);
	ok(cert_equal(q->ca[0].top.cert, p->ca[0].top.cert));
	is_int(q->members, 3);
	is_str(q->member[0].name, "One & only");
	is_str(q->member[0].subsystem[0].name,
		version >= 5 ? "A \"name\"" : NULL);
	is_int(q->servers, 2);
	is_int(q->server[0].auth_certs, 1);
	is_int(q->server[0].auth_cert[0].len, version == 2 ? 20 : 32);
	is_int(q->server[0].clients, version >= 5 ? 4 : 1);
	ok(q->server[0].maintenance == (version >= 5));
	if (version < 5)
		ok(client_id_equal(&q->server[0].client[0], &clients[2]));
	else
		ok(client_id_equal(&q->server[0].client[3], &clients[3]));
	is_int(q->groups, 2);
	ok(client_id_equal(&q->group[0].member[3], &clients[3]));
	is_int(q->classes, 2);
	is_str(q->cls[0].description, "Commercial <&>");
	is_int(q->ocsp_freshness_s, 3600);
}

static void
test_shared(struct arena *a, const char *dir, struct cert *c)
{
	struct shared_params p, q;
	struct err e = ERR_INIT;
	struct buf b;
	int v;

	model(a, c, &p);
	for (v = GC_VERSION_MIN; v <= GC_VERSION_MAX; v++) {
		buf_init(&b, GC_PART_MAX);
		ok(shared_params_write(&p, v, &b, &e) == 0);
		is_str(e.text, "");
		ok(shared_params_parse(a, bytes_buf(&b), v, &q, &e) == 0);
		is_str(e.text, "");
		compare(&p, &q, v);
		validate(a, dir,
			arena_printf(a, "v%d/shared-parameters.xsd", v),
			b.data);
		buf_done(&b);
	}
	buf_init(&b, GC_PART_MAX);
	p.members = 2;
	ok(shared_params_write(&p, 6, &b, &e) == -1);
	is_int(e.fault, FAULT_MALFORMED_GLOBAL_CONF);
	p.members = 3;
	p.sources = 0;
	ok(shared_params_write(&p, 6, &b, NULL) == -1);
	ok(shared_params_write(&p, 2, &b, NULL) == 0);
	buf_done(&b);
	buf_init(&b, 100);
	ok(shared_params_write(&p, 2, &b, NULL) == -1);
	buf_done(&b);
}

static void
test_private(struct arena *a, const char *dir, struct cert *c)
{
	struct bytes der[2] = { cert_der(c), cert_der(c) };
	struct gc_anchor_source s[2] = { { "http://a/c?x&y", der, 1 },
		{ "https://a/c", der, 2 } };
	struct gc_anchor an = { "OTHER", 1700000000123, s, 2 }, bn;
	struct private_params p = { "T", &an, 1, "https://cs:4001/m/", c,
		{ "T", "COM", "1", "sub" }, 60 };
	struct private_params q;
	struct buf b;

	buf_init(&b, GC_PART_MAX);
	ok(private_params_write(&p, 6, &b, NULL) == 0);
	ok(private_params_parse(a, bytes_buf(&b), &q, NULL) == 0);
	is_str(q.auth_reg_url, p.auth_reg_url);
	ok(cert_equal(q.auth_reg_cert, c));
	ok(client_id_equal(&q.management, &p.management));
	is_int(q.timestamp_interval_s, 60);
	is_int(q.partners, 1);
	is_str(q.partner[0].source[0].url, "http://a/c?x&y");
	is_int(q.partner[0].source[1].certs, 2);
	ok(q.partner[0].generated_at == an.generated_at);
	validate(a, dir, "v2/private-parameters.xsd", b.data);
	validate(a, dir, "v3/private-parameters.xsd", b.data);
	buf_reset(&b);
	ok(anchor_write(&an, &b, NULL) == 0);
	ok(anchor_parse(a, bytes_buf(&b), &bn, NULL) == 0);
	is_str(bn.instance, "OTHER");
	is_int(bn.sources, 2);
	ok(bytes_equal(bn.source[0].cert[0], der[0]));
	validate(a, dir, "v2/private-parameters.xsd", b.data);
	buf_done(&b);
}

int
main(void)
{
	struct arena *a = arena_new();
	const char *dir;
	struct cert *c;

	xml_startup();
	dir = schemas(a);
	c = certificate(a);
	test_shared(a, dir, c);
	test_private(a, dir, c);
	cert_unref(&c);
	arena_free(&a);
	xml_shutdown();
	return tap_done();
}
