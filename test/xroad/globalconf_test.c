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
	test_vector(l.a);
	lab_close(&l);
	xml_shutdown();
	return tap_done();
}
