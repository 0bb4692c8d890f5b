/* SPDX-License-Identifier: MIT */
/* Tests of globalconf*.c and gcindex.c: asking a loaded configuration. */
#include "file.h"
#include "lab.inl"

static void
test_questions(struct lab *l)
{
	const struct gc_server *v[4];
	const char *url[4];
	struct client_id member = { "LAB", "COM", "1", NULL };
	struct client_id other = { "LAB", "COM", "1", "other" };
	struct client_id nobody = { "LAB", "COM", "9", NULL };
	struct client_id alien = { "X", "COM", "1", NULL };
	struct server_id ss = { member, "ss" }, no = { member, "zz" };

	is_str(globalconf_instance(l->g), "LAB");
	ok(globalconf_shared(l->g, NULL) != NULL);
	ok(globalconf_shared(l->g, "X") == NULL);
	is_int(globalconf_private(l->g)->timestamp_interval_s, 60);
	ok(globalconf_has_client(l->g, &member));
	ok(globalconf_has_client(l->g, &other));
	ok(!globalconf_has_client(l->g, &nobody));
	ok(!globalconf_has_client(l->g, &alien));
	is_int(globalconf_servers_of(l->g, &lab_clients[0], v, 4), 2);
	is_int(globalconf_servers_of(l->g, &lab_clients[0], v, 1), 1);
	is_int(globalconf_servers_of(l->g, &lab_clients[1], v, 4), 1);
	is_str(v[0]->address, "ss");
	is_int(globalconf_servers_of(l->g, &member, v, 4), 1);
	is_int(globalconf_servers_of(l->g, &other, v, 4), 0);
	is_int(globalconf_servers_of(l->g, &alien, v, 4), 0);
	ok(globalconf_server(l->g, &ss) != NULL);
	ok(globalconf_server(l->g, &no) == NULL);
	ok(globalconf_server_by_cert(l->g, l->auth) ==
		globalconf_server(l->g, &ss));
	ok(globalconf_server_by_cert(l->g, l->sign) == NULL);
	ok(globalconf_in_group(l->g, "LAB", "g", &member));
	ok(globalconf_in_group(l->g, "LAB", "g", &lab_group_members[1]));
	ok(!globalconf_in_group(l->g, "LAB", "g", &lab_clients[0]));
	ok(!globalconf_in_group(l->g, "LAB", "h", &member));
	ok(!globalconf_in_group(l->g, "X", "g", &member));
	is_int(globalconf_tsa_certs(l->g, l->a).n, 1);
	is_int(globalconf_ca_certs(l->g, l->a, NULL).n, 1);
	is_int(globalconf_ca_certs(l->g, l->a, "X").n, 0);
	is_int(globalconf_ocsp_urls(l->g, l->a, l->sign, url, 4), 1);
	is_str(url[0], "http://ocsp");
	is_int(globalconf_ocsp_urls(l->g, l->a, l->sign, url, 0), 0);
}

static void
test_valid(struct lab *l)
{
	struct err e = ERR_INIT;

	ok(globalconf_valid(l->g, l->now + DAY, &e) == 0);
	ok(globalconf_valid(l->g, l->now + DAY + 1, &e) == -1);
	is_int(e.fault, FAULT_GLOBAL_CONF_OUTDATED);
	ok(globalconf_expires(l->g) == l->now + DAY);
}

static void
test_owner(struct lab *l)
{
	struct client_id expected = { "LAB", "COM", "1", "sub" }, out;
	struct client_id alien = { "X", "COM", "1", NULL };
	struct shared_params p;
	struct err e = ERR_INIT;

	ok(globalconf_sign_owner(l->g, l->a, l->sign, &expected, &out, NULL) ==
		0);
	is_str(client_id_text(l->a, &out), "MEMBER:LAB/COM/1");
	ok(globalconf_sign_owner(l->g, l->a, l->sign, NULL, &out, NULL) == 0);
	ok(globalconf_sign_owner(l->g, l->a, l->sign, &alien, &out, NULL) ==
		-1);
	lab_model(l, &p);
	((struct gc_approved_ca *)(uintptr_t)p.ca)->auth_only = true;
	lab_load(l, &p, 6);
	ok(globalconf_sign_owner(l->g, l->a, l->sign, &expected, &out, &e) ==
		-1);
	is_int(e.fault, FAULT_INCORRECT_CERTIFICATE);
	lab_model(l, &p);
	p.cas = 0;
	lab_load(l, &p, 6);
	ok(globalconf_sign_owner(l->g, l->a, l->sign, &expected, &out, NULL) ==
		-1);
	lab_model(l, &p);
	lab_load(l, &p, 6);
}

static void
prove(struct lab *l, struct bytes ocsp, size_t n, int64_t at, enum fault fault,
	const char *code, const char *what)
{
	struct cert_list none = { NULL, 0 };
	struct err e = ERR_INIT;

	globalconf_prove_cert(l->g, "LAB", l->sign, none, &ocsp, n, at, &e);
	ok_m(e.fault == fault, "%s: %s %s", what, e.code, e.text);
	if (fault)
		is_str(e.code, code);
}

static void
test_prove(struct lab *l)
{
	struct bytes revoked = lab_ocsp(l, l->sign, OCSP_REVOKED, l->now);
	struct bytes both[2] = { l->auth_ocsp, l->sign_ocsp };
	struct cert_list none = { NULL, 0 };

	prove(l, l->sign_ocsp, 1, l->now, 0, NULL, "good");
	prove(l, l->sign_ocsp, 0, l->now, FAULT_CERT_VALIDATION,
		"invalid_cert_path.cert_validation", "no response");
	prove(l, l->auth_ocsp, 1, l->now, FAULT_CERT_VALIDATION,
		"invalid_cert_path.cert_validation", "somebody else's");
	prove(l, bytes_str("x"), 1, l->now, FAULT_CERT_VALIDATION,
		"invalid_cert_path.cert_validation", "rubbish");
	prove(l, revoked, 1, l->now, FAULT_CERT_VALIDATION,
		"invalid_cert_path.cert_validation", "revoked");
	prove(l, l->sign_ocsp, 1, l->now + 3600000 + 2000,
		FAULT_INCORRECT_VALIDATION_INFO,
		"invalid_cert_path.incorrect_validation_info", "stale");
	prove(l, l->sign_ocsp, 1, l->now + 2 * DAY, FAULT_INVALID_CERT_PATH,
		"invalid_cert_path", "expired");
	ok(globalconf_prove_cert(
		   l->g, NULL, l->sign, none, both, 2, l->now, NULL) == 0);
	ok(globalconf_prove_cert(
		   l->g, "X", l->sign, none, both, 2, l->now, NULL) == -1);
	ok(globalconf_prove_cert(
		   l->g, "LAB", l->ca, none, both, 2, l->now, NULL) == -1);
}

static void
test_peer(struct lab *l)
{
	struct cert *item[1] = { l->auth }, *sign[1] = { l->sign };
	struct cert_list chain = { item, 1 }, none = { item, 0 };
	struct cert_list signs = { sign, 1 };
	struct client_id owner = { "LAB", "COM", "1", NULL };
	struct client_id other = { "LAB", "COM", "1", "other" };
	struct client_id two = { "LAB", "COM", "2", NULL };
	const struct client_id *bad[] = { &other, &two };
	struct shared_params p;
	struct err e = ERR_INIT;
	size_t i;
	int v;

	for (v = GC_VERSION_MIN; v <= GC_VERSION_MAX; v++) {
		lab_model(l, &p);
		lab_load(l, &p, v);
		ok(globalconf_prove_peer(l->g, &lab_clients[0], chain,
			   &l->auth_ocsp, 1, l->now, &e) == 0);
		is_str(e.text, "");
		ok(globalconf_server_by_cert(l->g, l->auth) != NULL);
	}
	ok(globalconf_prove_peer(
		   l->g, &owner, chain, &l->auth_ocsp, 1, l->now, &e) == 0);
	for (i = 0; i < 2; i++) {
		err_reset(&e);
		ok(globalconf_prove_peer(l->g, bad[i], chain, &l->auth_ocsp, 1,
			   l->now, &e) == -1);
		is_str(e.code, "ssl_authentication_failed");
	}
	ok(globalconf_prove_peer(
		   l->g, &owner, none, &l->auth_ocsp, 1, l->now, NULL) == -1);
	ok(globalconf_prove_peer(l->g, &owner, chain, NULL, 0, l->now, NULL) ==
		-1);
	ok(globalconf_prove_peer(
		   l->g, &owner, chain, &l->sign_ocsp, 1, l->now, NULL) == -1);
	ok(globalconf_prove_peer(
		   l->g, &owner, signs, &l->sign_ocsp, 1, l->now, NULL) == -1);
}

static void
test_loading(struct lab *l)
{
	struct shared_params p;
	struct gc_instance_file f[2];
	struct globalconf *g;
	struct client_id id = { "FED", "COM", "1", "sub" };
	struct err e = ERR_INIT;

	lab_model(l, &p);
	f[0] = (struct gc_instance_file){ .shared = lab_shared(l, &p, 6),
		.private_part = lab_private(l),
		.version = 6,
		.expires = l->now + DAY };
	ok(globalconf_new(&g, f, 1, "OTHER", &e) == -1);
	is_int(e.fault, FAULT_GC_PART_INSTANCE);
	f[1] = f[0];
	ok(globalconf_new(&g, f, 2, "LAB", NULL) == -1);
	p.instance = "FED";
	p.servers = 0;
	f[1] = (struct gc_instance_file){ .shared = lab_shared(l, &p, 3),
		.version = 3,
		.expires = l->now + DAY };
	ok(globalconf_new(&g, f, 2, "LAB", NULL) == 0);
	ok(globalconf_has_client(g, &id));
	ok(globalconf_shared(g, "FED")->version == 3);
	is_int(globalconf_ca_certs(g, l->a, NULL).n, 2);
	clock_shift(2 * (int64_t)DAY);
	ok(!globalconf_has_client(g, &id)); /* foreign and expired */
	ok(globalconf_shared(g, "FED") == NULL);
	is_int(globalconf_ca_certs(g, l->a, NULL).n, 1);
	ok(globalconf_has_client(g, &lab_clients[0]));
	clock_shift(0);
	globalconf_unref(&g);
	is_int(globalconf_options(l->g)->ocsp_fetch_s, 1200);
	ok(globalconf_options(l->g)->verify_next_update);
	f[0].next_update =
		bytes_str("<x:conf xmlns:x='" NS_XROAD "'><verifyNextUpdate>0"
			  "</verifyNextUpdate></x:conf>");
	ok(globalconf_new(&g, f, 1, "LAB", NULL) == 0);
	ok(!globalconf_options(g)->verify_next_update);
	globalconf_unref(&g);
	f[0].next_update = bytes_str("x");
	ok(globalconf_new(&g, f, 1, "LAB", NULL) == -1);
	f[0].next_update = (struct bytes){ NULL, 0 };
	f[0].private_part = bytes_str("x");
	ok(globalconf_new(&g, f, 1, "LAB", NULL) == -1);
	f[0].private_part = (struct bytes){ NULL, 0 };
	ok(globalconf_new(&g, f, 1, "LAB", NULL) == 0);
	ok(globalconf_private(g) == NULL);
	globalconf_unref(&g);
	f[0].shared = bytes_str("x");
	ok(globalconf_new(&g, f, 1, "LAB", NULL) == -1);
	ok(g == NULL);
}

static void
test_two_cas(struct lab *l)
{
	struct client_id out;
	struct gc_approved_ca ca[2];
	struct shared_params p;
	struct key *key = NULL;
	struct lab twin = *l;

	/* a second CA of the same name, another key and another profile */
	ok(key_generate(&key, KEY_EC, 0, NULL) == 0);
	twin.ca = NULL;
	twin.ca_key = key;
	twin.ca = lab_issue(&twin, lab_ca_name, 2, key, KU_KEY_CERT_SIGN, 9);
	lab_model(l, &p);
	ca[0] = ca[1] = p.ca[0];
	ca[0].top.cert = twin.ca;
	ca[0].profile = "SkKlass3CertificateProfileInfoProvider";
	p.ca = ca;
	p.cas = 2;
	lab_load(l, &p, 6);
	ok(globalconf_sign_owner(l->g, l->a, l->sign, NULL, &out, NULL) == 0);
	is_str(client_id_text(l->a, &out), "MEMBER:LAB/COM/1");
	cert_unref(&twin.ca);
	key_unref(&key);
	lab_model(l, &p);
	lab_load(l, &p, 6);
}

/* An intermediate authority: listed it is an anchor itself, else it needs a
   response of its own. */
static void
test_intermediate(struct lab *l)
{
	static const struct rdn name[] = { { "C", "XX" }, { "CN", "Inter" } };
	struct lab sub = *l;
	struct cert *inter, *leaf, *extra[1];
	struct cert_list list = { extra, 1 }, none = { extra, 0 };
	struct gc_approved_ca ca;
	struct gc_ca listed;
	struct shared_params p;
	struct bytes ocsp[2];
	struct cert_template t = {
		.subject = name,
		.subjects = 2,
		.serial = 20,
		.not_before = l->now - DAY,
		.not_after = l->now + DAY,
		.ca = true,
		.path_len = -1,
		.key_usage = KU_KEY_CERT_SIGN,
	};

	sub.ca_key = NULL;
	ok(key_generate(&sub.ca_key, KEY_EC, 0, NULL) == 0);
	t.key = sub.ca_key;
	ok(cert_issue(&inter, &t, l->ca, l->ca_key, NULL) == 0);
	sub.ca = inter;
	leaf = lab_issue(
		&sub, lab_sign_name, 3, l->sign_key, KU_NON_REPUDIATION, 21);
	ocsp[0] = lab_ocsp(&sub, leaf, OCSP_GOOD, l->now);
	ocsp[1] = lab_ocsp(l, inter, OCSP_GOOD, l->now);
	extra[0] = inter;
	ok(globalconf_prove_cert(
		   l->g, "LAB", leaf, list, ocsp, 2, l->now, NULL) == 0);
	ok(globalconf_prove_cert(
		   l->g, "LAB", leaf, list, ocsp, 1, l->now, NULL) == -1);
	ok(globalconf_prove_cert(
		   l->g, "LAB", leaf, none, ocsp, 2, l->now, NULL) == -1);
	lab_model(l, &p);
	ca = p.ca[0];
	listed = (struct gc_ca){ inter, NULL, 0 };
	ca.intermediate = &listed;
	ca.intermediates = 1;
	p.ca = &ca;
	lab_load(l, &p, 6);
	is_int(globalconf_ca_certs(l->g, l->a, NULL).n, 2);
	ok(globalconf_prove_cert(
		   l->g, "LAB", leaf, none, ocsp, 1, l->now, NULL) == 0);
	cert_unref(&leaf);
	cert_unref(&inter);
	key_unref(&sub.ca_key);
	lab_model(l, &p);
	lab_load(l, &p, 6);
}

/* ---- X-Road's own laboratory: configuration, keys and certificates ---- */

static struct bytes
vector(struct arena *a, const char *name)
{
	const char *path = vectors_path(arena_printf(a, "x-road/%s", name));
	struct bytes b = { NULL, 0 };

	ok_m(path && file_read(a, path, GC_PART_MAX, &b, NULL) == 0,
		"vector %s", name);
	return b;
}

/* Certificates of keyconf.xml, in its order. */
static size_t
keyconf_certs(struct arena *a, struct cert **out, size_t max)
{
	struct bytes b = vector(a, "lab-keys/signer-predefined/keyconf.xml");
	const char *p = (const char *)b.data;
	size_t n = 0;

	while (n < max && (p = strstr(p, "<contents>"))) {
		struct bytes der;

		p += 10;
		ok(base64_decode(a, p, strcspn(p, "<"), &der, NULL) == 0);
		ok(cert_parse(&out[n++], der, NULL) == 0);
	}
	return n;
}

static struct bytes
real_ocsp(struct arena *a, struct cert *c, struct cert *ca,
	struct cert *responder, struct key *key, int64_t now)
{
	struct ocsp_request q;
	struct ocsp_answer answer = { OCSP_GOOD, now, 0, 0 };
	struct bytes der;

	ok(ocsp_request_make(c, ca, a, &der, NULL) == 0);
	ok(ocsp_request_parse(a, der, &q, NULL) == 0);
	ok(ocsp_response_make(&q, &answer, responder, key, a, &der, NULL) == 0);
	return der;
}

static void
test_real(struct arena *a)
{
	const char *dir = "globalconf-signed/V6/20251110170000548026000";
	struct gc_instance_file f = { .version = 6, .expires = INT64_MAX };
	struct client_id one = { "DEV", "COM", "1234", NULL };
	struct client_id sub = { "DEV", "COM", "1234", "TestService" };
	struct client_id four = { "DEV", "COM", "4321", NULL }, out;
	struct cert *c[3] = { NULL }, *ca = NULL, *responder = NULL;
	struct cert_list none = { NULL, 0 }, chain = { c, 1 };
	struct key *key = NULL;
	struct globalconf *g;
	struct bytes ocsp;
	struct err e = ERR_INIT;
	int64_t now;
	size_t i;

	f.shared = vector(a, arena_printf(a, "%s/shared-params.xml", dir));
	f.private_part =
		vector(a, arena_printf(a, "%s/private-params.xml", dir));
	ok(globalconf_new(&g, &f, 1, "DEV", &e) == 0);
	is_int(keyconf_certs(a, c, 3), 3);
	ok(cert_parse(&ca, vector(a, "lab-keys/ca/certs/ca.cert.pem"), NULL) ==
		0);
	ok(cert_parse(&responder,
		   vector(a, "lab-keys/ca/certs/"
			     "ocsp.cert.pem"),
		   NULL) == 0);
	ok(key_parse_private(&key,
		   vector(a, "lab-keys/ca/private/"
			     "ocsp.key.pem"),
		   NULL, NULL) == 0);
	is_str(globalconf_server_by_cert(g, c[0])->id.server, "SS0");
	ok(globalconf_sign_owner(g, a, c[1], &sub, &out, &e) == 0);
	ok(client_id_equal(&out, &one));
	ok(globalconf_sign_owner(g, a, c[2], &four, &out, &e) == 0);
	ok(client_id_equal(&out, &four));
	ok(time_parse("2026-01-01T00:00:00Z", &now, NULL) == 0);
	for (i = 0; i < 3; i++) {
		ocsp = real_ocsp(a, c[i], ca, responder, key, now);
		ok_m(globalconf_prove_cert(
			     g, "DEV", c[i], none, &ocsp, 1, now, &e) == 0,
			"certificate %zu: %s", i, e.text);
	}
	ocsp = real_ocsp(a, c[0], ca, responder, key, now);
	ok(globalconf_prove_peer(g, &sub, chain, &ocsp, 1, now, &e) == 0);
	is_str(e.text, "");
	ok(globalconf_prove_peer(g, &four, chain, &ocsp, 1, now, NULL) == -1);
	for (i = 0; i < 3; i++)
		cert_unref(&c[i]);
	cert_unref(&ca);
	cert_unref(&responder);
	key_unref(&key);
	globalconf_unref(&g);
}

static void
test_vector(struct arena *a)
{
	const char *path = vectors_path(
		"x-road/globalconf-signed/V6/20251110170000548026000/"
		"shared-params.xml");
	struct gc_instance_file f = { .version = 6, .expires = INT64_MAX };
	struct client_id id = { "DEV", "COM", "4321", "TestClient" };
	const struct gc_server *v[4];
	struct globalconf *g;

	if (!path) {
		tap_skip("no vectors");
		return;
	}
	ok(file_read(a, path, GC_PART_MAX, &f.shared, NULL) == 0);
	ok(globalconf_new(&g, &f, 1, "DEV", NULL) == 0);
	is_int(globalconf_servers_of(g, &id, v, 4), 2);
	ok(globalconf_in_group(g, "DEV", "security-server-owners",
		&(struct client_id){ "DEV", "COM", "4321", NULL }));
	globalconf_unref(&g);
}

int
main(void)
{
	struct lab l;

	xml_startup();
	lab_open(&l);
	test_questions(&l);
	test_valid(&l);
	test_owner(&l);
	test_prove(&l);
	test_peer(&l);
	test_loading(&l);
	test_two_cas(&l);
	test_intermediate(&l);
	test_vector(l.a);
	if (vectors_path("x-road/lab-keys"))
		test_real(l.a);
	lab_close(&l);
	xml_shutdown();
	return tap_done();
}
