/* SPDX-License-Identifier: MIT */
/*
 * A small network for tests: a CA that answers OCSP itself, the certificates
 * of one member and its security server, and the configuration that says so.
 * Included by tests of xroad/; not a module.
 */
#include <string.h>

#include "cert.h"
#include "clock.h"
#include "digest.h"
#include "err.h"
#include "globalconf.h"
#include "key.h"
#include "mem.h"
#include "ocsp.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

enum { DAY = 86400000 };

struct lab {
	struct arena *a;
	int64_t now;
	struct key *ca_key, *sign_key, *auth_key;
	struct cert *ca, *sign, *auth;
	struct bytes sign_ocsp, auth_ocsp;
	struct globalconf *g;
};

static const struct rdn lab_ca_name[] = { { "C", "XX" }, { "CN", "CA" } };
static const struct rdn lab_sign_name[] = { { "C", "LAB" }, { "O", "COM" },
	{ "CN", "1" } };
static const struct rdn lab_auth_name[] = { { "C", "LAB" }, { "CN", "ss" } };

/* Issued by the lab's CA, or by itself when that is missing yet. */
static struct cert *
lab_issue(struct lab *l, const struct rdn *name, size_t names,
	struct key *key, unsigned usage, uint64_t serial)
{
	struct cert_template t = {
		.subject = name,
		.subjects = names,
		.key = key,
		.serial = serial,
		.not_before = l->now - DAY,
		.not_after = l->now + DAY,
		.ca = !l->ca,
		.path_len = -1,
		.key_usage = usage,
	};
	struct cert *c = NULL;

	ok(cert_issue(&c, &t, l->ca, l->ca_key, NULL) == 0);
	return c;
}

static struct bytes
lab_ocsp(struct lab *l, struct cert *c, enum ocsp_status status, int64_t at)
{
	struct ocsp_request q;
	struct ocsp_answer answer = {
		.status = status,
		.this_update = at,
		.next_update = at + DAY,
		.revoked_at = at,
	};
	struct bytes der = { NULL, 0 };

	ok(ocsp_request_make(c, l->ca, l->a, &der, NULL) == 0);
	ok(ocsp_request_parse(l->a, der, &q, NULL) == 0);
	ok(ocsp_response_make(&q, &answer, l->ca, l->ca_key, l->a, &der,
		   NULL) == 0);
	return der;
}

static const struct gc_subsystem lab_subsystems[] = { { "sub", NULL },
	{ "mgmt", NULL }, { "other", NULL } };
static const struct gc_member lab_members[] = {
	{ "COM", "1", "One", lab_subsystems, 3 },
	{ "COM", "2", "Two", lab_subsystems, 1 },
};
static const struct client_id lab_clients[] = {
	{ "LAB", "COM", "1", "sub" },
	{ "LAB", "COM", "1", "mgmt" },
};
static const struct client_id lab_group_members[] = {
	{ "LAB", "COM", "1", NULL },
	{ "LAB", "COM", "2", "sub" },
};
static const struct gc_group lab_groups[] = {
	{ "g", "Group", lab_group_members, 2 },
};

/* Fills the parts of the model that need keys. */
static void
lab_model(struct lab *l, struct shared_params *p)
{
	struct gc_approved_ca *ca = arena_array(l->a, 1, sizeof(*ca));
	struct gc_ocsp *o = arena_array(l->a, 1, sizeof(*o));
	struct gc_tsa *tsa = arena_array(l->a, 1, sizeof(*tsa));
	struct gc_server *v = arena_array(l->a, 2, sizeof(*v));
	struct digest *d = arena_array(l->a, 2, sizeof(*d));
	struct gc_source *s = arena_array(l->a, 1, sizeof(*s));

	*o = (struct gc_ocsp){ "http://ocsp", NULL, NULL };
	*ca = (struct gc_approved_ca){ "CA", false, { l->ca, o, 1 }, NULL, 0,
		"EjbcaCertificateProfileInfoProvider", NULL,
		{ NULL, NULL, NULL, NULL } };
	*tsa = (struct gc_tsa){ "T", "http://t", l->ca, NULL };
	cert_digest(l->auth, DIGEST_SHA1, &d[0]);
	cert_digest(l->auth, DIGEST_SHA256, &d[1]);
	v[0] = (struct gc_server){ { { "LAB", "COM", "1", NULL }, "ss" },
		"ss", d, 2, lab_clients, 2, false, NULL };
	v[1] = (struct gc_server){ { { "LAB", "COM", "2", NULL }, "ss" },
		"ss2", NULL, 0, lab_clients, 1, false, NULL };
	s->address = "cs";
	*p = (struct shared_params){ .instance = "LAB", .source = s,
		.sources = 1, .ca = ca, .cas = 1, .tsa = tsa, .tsas = 1,
		.member = lab_members, .members = 2, .server = v,
		.servers = 2, .group = lab_groups, .groups = 1,
		.ocsp_freshness_s = 3600 };
}

static struct bytes
lab_shared(struct lab *l, const struct shared_params *p, int version)
{
	struct buf b;
	struct bytes x;

	buf_init(&b, GC_PART_MAX);
	ok(shared_params_write(p, version, &b, NULL) == 0);
	x = bytes_of(arena_memdup(l->a, b.data, b.len), b.len);
	buf_done(&b);
	return x;
}

static struct bytes
lab_private(struct lab *l)
{
	struct private_params p = { .instance = "LAB",
		.auth_reg_url = "https://cs:4001/",
		.management = lab_clients[1],
		.timestamp_interval_s = 60 };
	struct buf b;
	struct bytes x;

	buf_init(&b, GC_PART_MAX);
	ok(private_params_write(&p, 6, &b, NULL) == 0);
	x = bytes_of(arena_memdup(l->a, b.data, b.len), b.len);
	buf_done(&b);
	return x;
}

static void
lab_load(struct lab *l, const struct shared_params *p, int version)
{
	struct gc_instance_file f = {
		.shared = lab_shared(l, p, version),
		.private_part = lab_private(l),
		.version = version,
		.expires = l->now + DAY,
	};
	struct err e = ERR_INIT;

	globalconf_unref(&l->g);
	ok_m(globalconf_new(&l->g, &f, 1, "LAB", &e) == 0, "loads: %s",
		e.text);
}

static void
lab_open(struct lab *l)
{
	struct shared_params p;

	*l = (struct lab){ .a = arena_new(), .now = clock_now() };
	ok(key_generate(&l->ca_key, KEY_EC, 0, NULL) == 0);
	ok(key_generate(&l->sign_key, KEY_RSA, 2048, NULL) == 0);
	ok(key_generate(&l->auth_key, KEY_EC, 0, NULL) == 0);
	l->ca = lab_issue(l, lab_ca_name, 2, l->ca_key,
		KU_KEY_CERT_SIGN | KU_CRL_SIGN, 1);
	l->sign = lab_issue(l, lab_sign_name, 3, l->sign_key,
		KU_NON_REPUDIATION, 2);
	l->auth = lab_issue(l, lab_auth_name, 2, l->auth_key,
		KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT, 3);
	l->sign_ocsp = lab_ocsp(l, l->sign, OCSP_GOOD, l->now);
	l->auth_ocsp = lab_ocsp(l, l->auth, OCSP_GOOD, l->now);
	lab_model(l, &p);
	lab_load(l, &p, 6);
}

static void
lab_close(struct lab *l)
{
	globalconf_unref(&l->g);
	cert_unref(&l->ca);
	cert_unref(&l->sign);
	cert_unref(&l->auth);
	key_unref(&l->ca_key);
	key_unref(&l->sign_key);
	key_unref(&l->auth_key);
	arena_free(&l->a);
}
