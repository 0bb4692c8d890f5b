/* SPDX-License-Identifier: MIT */
/*
 * Tests of the center's registry and management requests: no network, no
 * signer; the authority's certificate is made with a local key.
 */
#define IN_CENTER 1

#include "center_int.h"
#include "center_sql.h"
#include "clock.h"
#include "key.h"
#include "mem.h"
#include "param.h"
#include "tap.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

struct fixture {
	struct conf *conf;
	struct center ct;
	struct key *ca_key, *key;
	struct cert *ca, *auth, *auth2, *sign, *foreign;
};

static const struct client_id m1 = { "T", "GOV", "1", NULL };
static const struct client_id m2 = { "T", "COM", "2", NULL };
static const struct client_id s1 = { "T", "GOV", "1", "Sub" };
static const struct server_id ss1 = { { "T", "GOV", "1", NULL }, "ss1" };

static struct cert *
issue(struct fixture *f, struct key *issuer_key, const struct cert *issuer,
	const char *cn, unsigned ku, unsigned eku)
{
	static uint64_t serial = 1;
	const struct rdn subject[] = { { "C", "JP" }, { "CN", cn } };
	const struct cert_template t = {
		.subject = subject,
		.subjects = 2,
		.key = issuer ? f->key : issuer_key,
		.serial = serial++,
		.not_before = clock_now() - 60000,
		.not_after = clock_now() + 86400000,
		.ca = !issuer,
		.path_len = -1,
		.key_usage = ku,
		.ext_usage = eku,
	};
	struct cert *c = NULL;

	ok(cert_issue(&c, &t, issuer, issuer_key, NULL) == 0);
	return c;
}

static void
open_all(struct fixture *f)
{
	struct err e = ERR_INIT;
	struct db_conn *c;
	struct bytes der;
	char path[512];

	memset(f, 0, sizeof(*f));
	f->conf = conf_defaults();
	f->ct.conf = f->conf;
	snprintf(path, sizeof(path), "%s/center.sqlite", tap_dir());
	ok_m(db_open(&f->ct.db, &schema_center, path, DB_EVIDENCE, &e) == 0,
		"open: %s", e.text);
	ok(key_generate(&f->ca_key, KEY_EC, 0, &e) == 0);
	ok(key_generate(&f->key, KEY_EC, 0, &e) == 0);
	f->ca = issue(f, f->ca_key, NULL, "CA", KU_KEY_CERT_SIGN, 0);
	f->auth = issue(f, f->ca_key, f->ca, "ss1", KU_DIGITAL_SIGNATURE,
		EKU_CLIENT_AUTH);
	f->auth2 = issue(f, f->ca_key, f->ca, "ss1", KU_DIGITAL_SIGNATURE,
		EKU_CLIENT_AUTH);
	f->sign = issue(f, f->ca_key, f->ca, "m", KU_NON_REPUDIATION, 0);
	f->foreign = issue(
		f, f->key, f->ca, "x", KU_DIGITAL_SIGNATURE, EKU_CLIENT_AUTH);
	der = cert_der(f->ca);
	c = work_begin(&f->ct, &e);
	ok(db_run(c, Q_CENTER_AUTHORITY_ADD, &e, db_text("CA"),
		   db_text(profile_name("BasicCertificateProfileInfoProvider")),
		   db_text("k"), db_blob(der.data, der.len), db_text("k"),
		   db_blob(der.data, der.len), db_int(0)) == 1);
	ok(db_run(c, Q_CENTER_APPROVED_CA_ADD, &e, db_int(db_last_id(c)),
		   db_text("CA"), db_blob(der.data, der.len),
		   db_text(profile_name("BasicCertificateProfileInfoProvider")),
		   db_int(0), db_text("PEM"), db_null(), db_null(), db_null(),
		   db_null(), db_int(0)) == 1);
	ok(db_run(c, Q_CENTER_GROUP_ADD, &e, db_text(OWNERS_GROUP),
		   db_text("owners"), db_int(0)) == 1);
	ok(work_done(&f->ct, c, 0, &e) == 0);
}

static void
close_all(struct fixture *f)
{
	db_close(&f->ct.db);
	cert_unref(&f->ca);
	cert_unref(&f->auth);
	cert_unref(&f->auth2);
	cert_unref(&f->sign);
	cert_unref(&f->foreign);
	key_unref(&f->ca_key);
	key_unref(&f->key);
	conf_free(&f->conf);
}

static void
test_addresses(void)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ "center.example.jp", true },
		{ "192.0.2.1", true },
		{ "2001:db8::1", true },
		{ "\xe5\xbd\xb9\xe5\xa0\xb4.example.jp", true },
		{ "localhost", true },
		{ "", false },
		{ "a b", false },
		{ "a..b", false },
		{ "-a", false },
		{ "a/b", false },
		{ "2001:zz::", false },
		{ "a\"b", false },
		{ "\xff", false },
	};

	ok(!address_valid(NULL));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ok_m(address_valid(rows[i].text) == rows[i].good,
			"address '%s'", rows[i].text);
}

static void
test_settings(struct fixture *f)
{
	struct err e = ERR_INIT;
	struct arena *a = arena_new();
	struct db_conn *c = work_begin(&f->ct, &e);
	struct instance in;

	ok(instance_need(c, a, &in, &e) == -1);
	is_str(e.code, "instance_identifier_not_set");
	is_int(fault_http(e.fault), 409);
	err_reset(&e);
	ok(instance_set(c, "T%", "x", &e) == -1);
	err_reset(&e);
	ok(instance_set(c, "T", "not a host", &e) == -1);
	err_reset(&e);
	ok(instance_set(c, "T", "center.example", &e) == 0);
	ok(instance_need(c, a, &in, &e) == 0);
	is_str(in.instance, "T");
	is_str(in.address, "center.example");
	ok(in.management.cls == NULL);
	is_str(center_url(a, &f->ct, in.address, "/ocsp"),
		"http://center.example/ocsp");
	is_str(center_reg_url(a, &f->ct, in.address),
		"https://center.example:4001/managementservice/");
	ok(conf_set(f->conf, "center", "http-port", "8089", &e) == 0);
	is_str(center_url(a, &f->ct, "2001:db8::1", "/tsa"),
		"http://[2001:db8::1]:8089/tsa");
	ok(instance_set_management(c, &s1, &e) == -1);
	is_str(e.code, "member_not_found");
	ok(work_done(&f->ct, c, 0, NULL) == 0);
	arena_free(&a);
}

static void
test_members(struct fixture *f)
{
	struct err e = ERR_INIT;
	struct arena *a = arena_new();
	struct db_conn *c = work_begin(&f->ct, &e);
	struct instance in;
	int64_t row, sub;
	char *name = NULL;

	ok(member_add(c, &m1, "Town", &e) == -1);
	is_str(e.code, "member_class_not_found");
	err_reset(&e);
	ok(class_add(c, "GOV", "Government", &e) == 0);
	ok(class_add(c, "COM", "Companies", &e) == 0);
	ok(class_add(c, "GOV", "again", &e) == -1);
	is_str(e.code, "member_class_exists");
	err_reset(&e);
	ok(member_add(c, &m1, "Town", &e) == 0);
	ok(member_add(c, &m1, "Town", &e) == -1);
	is_str(e.code, "member_exists");
	err_reset(&e);
	ok(member_add(c, &(struct client_id){ "T", "GOV", "a:b", NULL }, "x",
		   &e) == -1);
	err_reset(&e);
	ok(member_need(c, &m1, &row, a, &name, &e) == 0);
	is_str(name, "Town");
	ok(client_need(c, &s1, &row, &sub, &e) == -1);
	is_str(e.code, "subsystem_not_found");
	err_reset(&e);
	ok(subsystem_add(c, &s1, "Sub system", &e) == 0);
	ok(subsystem_add(c, &s1, "Sub system", &e) == -1);
	is_str(e.code, "subsystem_exists");
	err_reset(&e);
	ok(client_need(c, &s1, &row, &sub, &e) == 0 && sub > 0);
	ok(instance_set_management(
		   c, &(struct client_id){ "X", "GOV", "1", "Sub" }, &e) == -1);
	err_reset(&e);
	ok(instance_set_management(c, &s1, &e) == 0);
	ok(instance_load(c, a, &in, &e) == 0);
	ok(client_id_equal(&in.management, &s1));
	ok(work_done(&f->ct, c, 0, &e) == 0);
	arena_free(&a);
}

static int
add(struct fixture *f, struct mgmt_request *m, bool try, struct err *e)
{
	struct db_conn *c = work_begin(&f->ct, e);

	err_reset(e);
	return work_done(&f->ct, c, mgmt_add(&f->ct, c, m, try, e), e);
}

static struct mgmt_request
auth_request(const struct cert *cert, const char *origin)
{
	return (struct mgmt_request){
		.type = "AUTH_CERT_REGISTRATION_REQUEST",
		.origin = origin,
		.server = ss1,
		.address = "ss1.example",
		.auth_cert = cert_der(cert),
	};
}

static void
decide(struct fixture *f, int64_t id, bool approve, const char *code)
{
	struct err e = ERR_INIT;
	struct arena *a = arena_new();
	struct db_conn *c = work_begin(&f->ct, &e);
	int ret = approve ? mgmt_approve(c, a, id, "T", &e)
			  : mgmt_decline(c, a, id, "T", &e);

	work_done(&f->ct, c, ret, &e);
	is_str(e.code, code);
	arena_free(&a);
}

static void
status_is(struct fixture *f, int64_t id, const char *want)
{
	struct arena *a = arena_new();
	struct db_conn *c = db_take(f->ct.db);
	struct mgmt_request m;

	ok(mgmt_get(c, a, id, "T", &m, NULL) == 0);
	is_str(m.status, want);
	db_give(c);
	arena_free(&a);
}

static void
test_refusals(struct fixture *f)
{
	struct err e = ERR_INIT;
	struct mgmt_request m = auth_request(f->sign, "SECURITY_SERVER");

	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "management_request_invalid_auth_certificate");
	m = auth_request(f->foreign, "SECURITY_SERVER");
	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "management_request_invalid_auth_certificate");
	m = auth_request(f->auth, "SECURITY_SERVER");
	m.server.owner.cls = "NOPE";
	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "member_class_not_found");
	m = auth_request(f->auth, "SECURITY_SERVER");
	m.server.owner.instance = "OTHER";
	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "validation_failure");
	m = auth_request(f->auth, "SECURITY_SERVER");
	m.address = "bad address";
	ok(add(f, &m, false, &e) == -1);
	m = auth_request(f->auth, "SECURITY_SERVER");
	m.type = "HOLIDAY_REQUEST";
	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "management_request_unknown_type");
	m.type = "OWNER_CHANGE_REQUEST"; /* of whom? */
	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "validation_failure");
	clock_shift(INT64_C(2) * 86400000);
	m = auth_request(f->auth, "SECURITY_SERVER");
	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "management_request_invalid_auth_certificate");
	clock_shift(0);
}

static void
test_requests(struct fixture *f)
{
	struct err e = ERR_INIT;
	struct mgmt_request m = auth_request(f->auth, "SECURITY_SERVER");
	int64_t first;

	ok_m(add(f, &m, true, &e) == 0, "a dry run passes: %s", e.text);
	is_int(m.id, 0);
	ok(add(f, &m, false, &e) == 0);
	is_str(m.status, "WAITING");
	first = m.id;
	m = auth_request(f->auth, "SECURITY_SERVER");
	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "management_request_exists");
	decide(f, first, false, "");
	status_is(f, first, "DECLINED");
	decide(f, first, true, "management_request_invalid_state_for_approval");
	decide(f, 9999, true, "management_request_not_found");

	m = auth_request(f->auth, "CENTER");
	ok(add(f, &m, false, &e) == 0);
	is_str(m.status, "WAITING");
	first = m.id;
	m = auth_request(f->auth, "SECURITY_SERVER");
	ok_m(add(f, &m, false, &e) == 0, "the counterpart fits: %s", e.text);
	is_str(m.status, "APPROVED");
	status_is(f, first, "APPROVED");
	m = auth_request(f->auth, "SECURITY_SERVER");
	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "management_request_security_server_exists");

	ok(conf_set(f->conf, "center", "auto-approve-auth-cert-reg-requests",
		   "true", &e) == 0);
	m = auth_request(f->auth2, "SECURITY_SERVER");
	m.server.owner.code = "77"; /* not registered: an operator decides */
	ok(add(f, &m, false, &e) == 0);
	is_str(m.status, "WAITING");
	decide(f, m.id, false, "");
	m = auth_request(f->auth2, "SECURITY_SERVER");
	ok(add(f, &m, false, &e) == 0);
	is_str(m.status, "APPROVED");
}

static void
test_clients(struct fixture *f)
{
	struct err e = ERR_INIT;
	struct mgmt_request m = { .type = "CLIENT_REGISTRATION_REQUEST",
		.origin = "CENTER",
		.server = ss1,
		.client = m1 };

	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "management_request_cannot_register_owner");
	m.client = m2;
	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "management_request_member_not_found");
	m.client = (struct client_id){ "T", "GOV", "1", "New" };
	m.subsystem_name = "New one";
	ok(add(f, &m, false, &e) == 0);
	is_str(m.status, "WAITING");
	decide(f, m.id, true, "");
	m.client = s1;
	ok(add(f, &m, false, &e) == 0);
	decide(f, m.id, true, "");
	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "management_request_client_already_registered");
	m.type = "CLIENT_DELETION_REQUEST";
	m.client.subsystem = "New";
	ok(add(f, &m, false, &e) == 0);
	is_str(m.status, "APPROVED");
	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, "management_request_client_registration_not_found");
}

static void
refused(struct fixture *f, const char *type, const struct mgmt_request *like,
	const char *code)
{
	struct mgmt_request m = *like;
	struct err e = ERR_INIT;

	m.type = type;
	ok(add(f, &m, false, &e) == -1);
	is_str(e.code, code);
}

static void
applied(struct fixture *f, const char *type, const struct mgmt_request *like)
{
	struct mgmt_request m = *like;
	struct err e = ERR_INIT;

	m.type = type;
	ok_m(add(f, &m, false, &e) == 0, "%s: %s", type, e.text);
	is_str(m.status, "APPROVED");
}

/* What the configuration says of the first server. */
static void
server_is(struct fixture *f, const char *owner, size_t clients,
	bool maintenance, const char *address)
{
	struct arena *a = arena_new();
	struct db_conn *c = db_take(f->ct.db);
	struct shared_params p;

	ok(model_shared(&f->ct, c, a, 6, &p, NULL) == 0);
	is_str(p.server[0].id.owner.code, owner);
	is_int((long long)p.server[0].clients, (long long)clients);
	is_int(p.server[0].maintenance, maintenance);
	is_str(p.server[0].address, address);
	is_int((long long)p.group[0].members, 1);
	is_str(p.group[0].member[0].code, owner);
	db_give(c);
	arena_free(&a);
}

static void
test_client_states(struct fixture *f)
{
	struct mgmt_request m = {
		.origin = "SECURITY_SERVER", .server = ss1, .client = s1
	};
	struct err e = ERR_INIT;

	/* the provider's client stays on */
	refused(f, "CLIENT_DISABLE_REQUEST", &m,
		"mr_forbidden_disable_management_service_client");
	m.client = (struct client_id){ "T", "GOV", "1", "Other" };
	refused(f, "CLIENT_DISABLE_REQUEST", &m,
		"management_request_server_client_not_found");
	refused(f, "CLIENT_RENAME_REQUEST", &m,
		"management_request_invalid_subsystem_name");
	m.type = "CLIENT_REGISTRATION_REQUEST";
	ok(add(f, &m, false, &e) == 0);
	is_str(m.status, "WAITING");
	/* taken back before anybody decided */
	applied(f, "CLIENT_DELETION_REQUEST", &m);
	status_is(f, m.id, "REVOKED");
	ok(conf_set(f->conf, "center", "auto-approve-client-reg-requests",
		   "true", &e) == 0);
	applied(f, "CLIENT_REGISTRATION_REQUEST", &m);
	server_is(f, "1", 2, false, "ss1.example");
	applied(f, "CLIENT_DISABLE_REQUEST", &m);
	server_is(f, "1", 1, false, "ss1.example");
	applied(f, "CLIENT_ENABLE_REQUEST", &m);
	m.subsystem_name = "Renamed";
	applied(f, "CLIENT_RENAME_REQUEST", &m);
	m.client.subsystem = NULL;
	refused(f, "CLIENT_RENAME_REQUEST", &m,
		"management_request_only_subsystem_rename_allowed");
	m.client.subsystem = "Other";
	applied(f, "CLIENT_DELETION_REQUEST", &m);
	server_is(f, "1", 1, false, "ss1.example");
}

static void
test_server_states(struct fixture *f)
{
	struct mgmt_request m = { .origin = "SECURITY_SERVER",
		.server = ss1,
		.address = "b\xc3\xbc"
			   "ro.example",
		.comments = "back at noon" };

	applied(f, "ADDRESS_CHANGE_REQUEST", &m);
	server_is(f, "1", 1, false, m.address);
	m.address = "not one";
	refused(f, "ADDRESS_CHANGE_REQUEST", &m,
		"management_request_invalid_server_address");
	m.address = "ss1.example";
	applied(f, "ADDRESS_CHANGE_REQUEST", &m);
	refused(f, "MAINTENANCE_MODE_DISABLE_REQUEST", &m,
		"management_request_server_not_in_maintenance_mode");
	/* it hosts the management services */
	refused(f, "MAINTENANCE_MODE_ENABLE_REQUEST", &m,
		"mr_forbidden_enable_maintenance_mode_for_management_service");
	m.client = s1;
	applied(f, "CLIENT_DELETION_REQUEST", &m);
	m.client = (struct client_id){ 0 };
	applied(f, "MAINTENANCE_MODE_ENABLE_REQUEST", &m);
	server_is(f, "1", 0, true, "ss1.example");
	refused(f, "MAINTENANCE_MODE_ENABLE_REQUEST", &m,
		"management_request_server_already_in_maintenance_mode");
	applied(f, "MAINTENANCE_MODE_DISABLE_REQUEST", &m);
	m.client = s1;
	applied(f, "CLIENT_REGISTRATION_REQUEST", &m);
}

static void
test_owner_change(struct fixture *f)
{
	struct mgmt_request m = { .type = "OWNER_CHANGE_REQUEST",
		.origin = "SECURITY_SERVER",
		.server = ss1,
		.client = s1 };
	struct err e = ERR_INIT;
	struct db_conn *c = work_begin(&f->ct, &e);

	ok(work_done(&f->ct, c, member_add(c, &m2, "Two", &e), &e) == 0);
	refused(f, m.type, &m, "management_request_owner_must_be_member");
	m.client = m1;
	refused(f, m.type, &m, "management_request_client_already_owner");
	m.client = m2;
	refused(f, m.type, &m, "management_request_owner_must_be_client");
	applied(f, "CLIENT_REGISTRATION_REQUEST", &m);
	ok(add(f, &m, false, &e) == 0);
	is_str(m.status, "WAITING");
	refused(f, m.type, &m, "management_request_exists");
	decide(f, m.id, true, "");
	/* owners' group and clients have changed places */
	server_is(f, "2", 2, false, "ss1.example");
	m.server.owner = m2;
	m.client = m1;
	ok(conf_set(f->conf, "center", "auto-approve-owner-change-requests",
		   "true", &e) == 0);
	applied(f, "OWNER_CHANGE_REQUEST", &m);
	m.client = m2;
	m.server.owner = m1;
	applied(f, "CLIENT_DELETION_REQUEST", &m);
	server_is(f, "1", 1, false, "ss1.example");
}

/* A registration that nobody has decided yet is taken back. */
static void
test_cert_revoked(struct fixture *f)
{
	struct mgmt_request m = auth_request(f->auth2, "SECURITY_SERVER");
	struct err e = ERR_INIT;

	applied(f, "AUTH_CERT_DELETION_REQUEST", &m);
	refused(f, "AUTH_CERT_DELETION_REQUEST", &m,
		"management_request_invalid_auth_certificate");
	ok(conf_set(f->conf, "center", "auto-approve-auth-cert-reg-requests",
		   "false", &e) == 0);
	ok(add(f, &m, false, &e) == 0);
	is_str(m.status, "WAITING");
	applied(f, "AUTH_CERT_DELETION_REQUEST", &m);
	status_is(f, m.id, "REVOKED");
	ok(conf_set(f->conf, "center", "auto-approve-auth-cert-reg-requests",
		   "true", &e) == 0);
	applied(f, "AUTH_CERT_REGISTRATION_REQUEST", &m);
}

/* The registry as configuration parts. */
static void
test_model(struct fixture *f)
{
	struct err e = ERR_INIT;
	struct arena *a = arena_new();
	struct db_conn *c = db_take(f->ct.db);
	struct shared_params p, two;
	struct private_params own;
	struct digest d;

	ok_m(model_shared(&f->ct, c, a, 6, &p, &e) == 0, "model: %s", e.text);
	ok(model_shared(&f->ct, c, a, 2, &two, &e) == 0);
	ok(model_private(&f->ct, c, a, &own, &e) == 0);
	is_str(own.auth_reg_url,
		"https://center.example:4001/managementservice/");
	ok(client_id_equal(&own.management, &s1));
	is_int((long long)p.members, 2);
	is_int((long long)p.member[1].subsystems, 3);
	is_int((long long)p.classes, 2);
	is_int((long long)p.servers, 1);
	is_str(p.server[0].address, "ss1.example");
	is_int((long long)p.server[0].clients, 1);
	ok(gc_server_hosts(&p.server[0], &s1));
	is_int((long long)p.server[0].auth_certs, 2);
	cert_digest(f->auth, DIGEST_SHA256, &d);
	ok(digest_equal(&p.server[0].auth_cert[0], &d));
	cert_digest(f->auth, DIGEST_SHA1, &d);
	ok(digest_equal(&two.server[0].auth_cert[0], &d));
	is_int((long long)p.groups, 1);
	is_str(p.group[0].code, OWNERS_GROUP);
	is_int((long long)p.group[0].members, 1);
	ok(client_id_equal(&p.group[0].member[0], &m1));
	db_give(c);
	arena_free(&a);
}

int
main(void)
{
	struct fixture f;

	test_addresses();
	open_all(&f);
	test_settings(&f);
	test_members(&f);
	test_refusals(&f);
	test_requests(&f);
	test_clients(&f);
	test_client_states(&f);
	test_server_states(&f);
	test_owner_change(&f);
	test_cert_revoked(&f);
	test_model(&f);
	close_all(&f);
	return tap_done();
}
