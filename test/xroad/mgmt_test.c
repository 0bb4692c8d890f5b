/* SPDX-License-Identifier: MIT */
/* Tests of mgmt*.c: authCertReg from the security server to the center. */
#include "lab.inl"

#include "mgmt.h"
#include "soap.h"
#include "transport.h"

static const struct client_id management = { "LAB", "COM", "1", "mgmt" };

static void
request(struct lab *l, struct mgmt_order *r)
{
	*r = (struct mgmt_order){
		.server = { { "LAB", "COM", "1", NULL }, "ss" },
		.address = "ss.example",
		.auth_cert = l->auth,
		.auth_key = l->auth_key,
		.key = l->sign_key,
		.cert = l->sign,
		.ocsp = l->sign_ocsp,
	};
}

static int
receive(struct lab *l, const struct mgmt_order *r, const struct client_id *to,
	struct mgmt_received *out, struct err *e)
{
	struct bytes body;
	char *type;

	ok(mgmt_make(l->a, r, to, &body, &type, NULL) == 0);
	return mgmt_receive(
		l->a, MGMT_DOOR_REGISTRATION, type, body, l->g, l->now, out, e);
}

static void
test_good(struct lab *l)
{
	struct mgmt_order r;
	struct mgmt_received got;
	struct err e = ERR_INIT;
	struct bytes answer;
	int64_t id = -1;

	request(l, &r);
	ok(receive(l, &r, &management, &got, &e) == 0);
	is_str(e.text, "");
	is_str(server_id_text(l->a, &got.server), "SERVER:LAB/COM/1/ss");
	is_str(got.address, "ss.example");
	ok(!got.dry_run);
	ok(cert_equal(got.auth_cert, l->auth));
	ok(cert_equal(got.cert, l->sign));
	ok(bytes_equal(got.ocsp, l->sign_ocsp));
	ok(client_id_equal(&got.management, &management));
	is_int(strlen(got.id), UUID_LEN);
	ok(mgmt_answer(l->a, &got, 42, &answer, &e) == 0);
	ok(mgmt_result(l->a, MGMT_AUTH_CERT_REG, answer, &id, &e) == 0);
	is_int(id, 42);
	ok(memmem(answer.data, answer.len, ":authCertRegResponse>", 21) !=
		NULL);
	r.dry_run = true;
	r.address = NULL;
	ok(receive(l, &r, &management, &got, &e) == 0);
	ok(got.dry_run && !got.address);
}

/* The parts as another implementation sees them. */
static void
test_bytes(struct lab *l)
{
	struct mgmt_order r;
	struct bytes body;
	struct mime_part *p;
	struct soap s;
	struct sign_alg alg;
	char *type;
	size_t n;

	request(l, &r);
	ok(mgmt_make(l->a, &r, &management, &body, &type, NULL) == 0);
	ok(str_prefix(type, "multipart/related; "
			    "type=\"application/octet-stream\"; "
			    "charset=UTF-8; boundary="));
	ok(mime_split(l->a, type, body, 10, &p, &n, NULL) == 0);
	is_int(n, 6);
	is_str(p[0].header[0].name, "content-type");
	is_str(p[0].header[0].value, "text/xml; charset=UTF-8");
	is_str(p[1].header[1].name, "signature-algorithm-id");
	is_str(p[1].header[1].value, "SHA512withECDSA");
	is_str(p[2].header[1].value, "SHA512withRSA");
	ok(sign_alg_by_jca(p[2].header[1].value, &alg, NULL) == 0);
	ok(key_verify(l->sign_key, alg, p[0].body, p[2].body, NULL) == 0);
	ok(bytes_equal(p[3].body, cert_der(l->auth)));
	ok(bytes_equal(p[4].body, cert_der(l->sign)));
	ok(bytes_equal(p[5].body, l->sign_ocsp));
	ok(soap_parse(l->a, p[0].body, p[0].header[0].value, &s, NULL) == 0);
	is_str(service_id_text(l->a, &s.service),
		"SERVICE:LAB/COM/1/mgmt/authCertReg");
	is_str(client_id_text(l->a, &s.client), "MEMBER:LAB/COM/1");
	ok(s.user_id == NULL);
	ok(memmem(p[0].body.data, p[0].body.len,
		   "<xroad:dryRun>false</xroad:dryRun>", 34) != NULL);
}

static void
expect(struct lab *l, const struct mgmt_order *r, enum fault fault,
	const char *what)
{
	struct mgmt_received got;
	struct err e = ERR_INIT;

	receive(l, r, &management, &got, &e);
	ok_m(e.fault == fault, "%s: %s %s", what, e.code, e.text);
}

static void
test_refused(struct lab *l)
{
	static const char *const bad[] = { "", " ", "a b", "a..b", "-a", "a-",
		"http://x", "a/b", "a:b", "1.2.3.4:80", "<x>", ".", "a." };
	static const char *const good[] = { "a", "1.2.3.4", "::1",
		"fe80::1.2.3.4", "a-b.c", "\xc3\xa4.example" };
	struct mgmt_order r;
	struct mgmt_received got;
	struct err e = ERR_INIT;
	struct client_id other = { "LAB", "COM", "1", "sub" };
	size_t i;

	request(l, &r);
	r.auth_key = l->sign_key;
	expect(l, &r, FAULT_INVALID_SIGNATURE_VALUE, "auth signature");
	request(l, &r);
	r.key = l->auth_key;
	expect(l, &r, FAULT_INVALID_SIGNATURE_VALUE, "owner signature");
	request(l, &r);
	r.auth_cert = l->sign;
	r.auth_key = l->sign_key;
	expect(l, &r, FAULT_CERT_VALIDATION, "not an auth certificate");
	request(l, &r);
	r.cert = l->auth;
	expect(l, &r, FAULT_CERT_VALIDATION, "not a sign certificate");
	request(l, &r);
	r.ocsp = l->auth_ocsp;
	expect(l, &r, FAULT_CERT_VALIDATION, "OCSP of another");
	r.ocsp = bytes_str("x");
	expect(l, &r, FAULT_CERT_VALIDATION, "no OCSP");
	request(l, &r);
	r.server.owner.code = "2";
	expect(l, &r, FAULT_INVALID_REQUEST, "another owner");
	request(l, &r);
	r.server.server = "s/s";
	expect(l, &r, FAULT_INVALID_CLIENT_IDENTIFIER, "server code");
	request(l, &r);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		r.address = bad[i];
		expect(l, &r, FAULT_INVALID_REQUEST, bad[i]);
	}
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		r.address = good[i];
		expect(l, &r, 0, good[i]);
	}
	ok(receive(l, &r, &other, &got, &e) == -1);
	is_int(e.fault, FAULT_MANAGEMENT_ADDRESS);
	is_str(e.code, "invalid_request");
}

/* Any changed byte of the SOAP part is noticed. */
static void
test_damage(struct lab *l)
{
	struct mgmt_order r;
	struct mgmt_received got;
	struct bytes body;
	char *copy, *soap;
	char *type;
	size_t i, accepted = 0;

	request(l, &r);
	ok(mgmt_make(l->a, &r, &management, &body, &type, NULL) == 0);
	copy = arena_memdup(l->a, body.data, body.len);
	soap = memmem(copy, body.len, "<?xml", 5);
	for (i = 0; i < 1500; i += 3) {
		soap[i] ^= 1;
		if (mgmt_receive(l->a, MGMT_DOOR_REGISTRATION, type,
			    bytes_of(copy, body.len), l->g, l->now, &got,
			    NULL) == 0)
			accepted++;
		soap[i] ^= 1;
	}
	is_int(accepted, 0);
	ok(mgmt_receive(l->a, MGMT_DOOR_REGISTRATION, type,
		   bytes_of(copy, body.len), l->g, l->now, &got, NULL) == 0);
}

static void
test_diagnostics(struct lab *l)
{
	struct mgmt_order r;
	struct mgmt_received got;
	struct bytes body, one;
	struct mime_part *p;
	struct err e = ERR_INIT;
	char *type;
	size_t n;

	request(l, &r);
	ok(mgmt_make(l->a, &r, &management, &body, &type, NULL) == 0);
	ok(mime_split(l->a, type, body, 10, &p, &n, NULL) == 0);
	one = bytes_str(arena_printf(l->a,
		"--b\r\ncontent-type: text/xml\r\n\r\n%.*s\r\n--b--",
		(int)p[0].body.len, (const char *)p[0].body.data));
	ok(mgmt_receive(l->a, MGMT_DOOR_REGISTRATION,
		   "multipart/related; boundary=b", one, l->g, l->now, &got,
		   &e) == -1);
	is_str(e.code, "invalid_request");
	err_reset(&e);
	ok(mgmt_receive(l->a, MGMT_DOOR_REGISTRATION, "text/xml", one, l->g,
		   l->now, &got, &e) == -1);
	is_int(e.fault, FAULT_INVALID_CONTENT_TYPE);
	err_reset(&e);
	ok(mgmt_receive(l->a, MGMT_DOOR_REGISTRATION,
		   "multipart/related; boundary=b", bytes_str("--b--"), l->g,
		   l->now, &got, &e) == -1);
	is_int(e.fault, FAULT_MISSING_SOAP);
	err_reset(&e);
	ok(mgmt_receive(l->a, MGMT_DOOR_REGISTRATION, type, body, l->g,
		   l->now + 2 * DAY, &got, &e) == -1);
	is_int(e.fault, FAULT_GLOBAL_CONF_OUTDATED);
	err_reset(&e);
	ok(mgmt_receive(l->a, MGMT_DOOR_REGISTRATION, type,
		   bytes_of(body.data, MGMT_SIZE_MAX + 1), l->g, l->now, &got,
		   &e) == -1);
	is_int(e.fault, FAULT_TOO_LARGE);
}

static void
test_answers(struct lab *l)
{
	struct err fault = ERR_INIT, e = ERR_INIT;
	struct buf b;
	int64_t id;

	buf_init(&b, 10000);
	fail(&fault, FAULT_CERT_VALIDATION, "no");
	memcpy(fault.detail, "uuid", 5);
	soap_fault_write(&fault, &b);
	ok(mgmt_result(l->a, MGMT_AUTH_CERT_REG, bytes_buf(&b), &id, &e) == -1);
	is_str(e.code, "cert_validation");
	is_str(e.text, "no");
	is_str(e.detail, "uuid");
	ok(e.foreign);
	buf_done(&b);
	err_reset(&e);
	ok(mgmt_result(l->a, MGMT_AUTH_CERT_REG, bytes_str("x"), &id, &e) ==
		-1);
}

/* Every request of the other door, made by us, read and answered. */
static void
test_kinds(struct lab *l)
{
	struct mgmt_order o;
	struct mgmt_received got;
	struct err e = ERR_INIT;
	struct bytes body, answer;
	char *type;
	int64_t id;

	for (int k = MGMT_AUTH_CERT_DELETION; k < MGMT_KINDS; k++) {
		const struct mgmt_row *row = mgmt_row((enum mgmt_kind)k);
		bool is_plain = row->signer == MGMT_UNSIGNED;

		request(l, &o);
		o.kind = (enum mgmt_kind)k;
		o.client = (struct client_id){ "LAB", "COM", "1", "sub" };
		o.subsystem_name = "a <name>";
		o.message = "back & soon";
		err_reset(&e);
		ok(mgmt_make(l->a, &o, &management, &body, &type, &e) == 0);
		is_int(str_prefix(type, "text/xml"), is_plain);
		ok_m(mgmt_receive(l->a, MGMT_DOOR_MANAGEMENT, type, body, l->g,
			     l->now, &got, &e) == 0,
			"%s: %s", row->service, e.text);
		is_int(got.kind, k);
		is_str(server_id_text(l->a, &got.server),
			"SERVER:LAB/COM/1/ss");
		is_str(got.client.subsystem,
			row->has & MGMT_CLIENT ? "sub" : NULL);
		is_str(got.subsystem_name,
			row->has & MGMT_NAME ? "a <name>" : NULL);
		is_str(got.address,
			row->has & MGMT_ADDRESS ? "ss.example" : NULL);
		is_str(got.message,
			row->has & MGMT_MESSAGE ? "back & soon" : NULL);
		is_int(got.auth_cert_der.len > 0, (row->has & MGMT_CERT) != 0);
		is_int(got.cert != NULL, !is_plain);
		ok(mgmt_answer(l->a, &got, 7, &answer, &e) == 0);
		ok(mgmt_result(l->a, got.kind, answer, &id, &e) == 0 &&
			id == 7);
		ok(mgmt_receive(l->a, MGMT_DOOR_REGISTRATION, type, body, l->g,
			   l->now, &got, NULL) == -1);
	}
}

static void
kind_refused(struct lab *l, const struct mgmt_order *o, const char *code)
{
	struct mgmt_received got;
	struct err e = ERR_INIT;
	struct bytes body;
	char *type;

	ok(mgmt_make(l->a, o, &management, &body, &type, NULL) == 0);
	ok(mgmt_receive(l->a, MGMT_DOOR_MANAGEMENT, type, body, l->g, l->now,
		   &got, &e) == -1);
	is_str(e.code, code);
}

static void
test_kinds_refused(struct lab *l)
{
	struct mgmt_order o;

	request(l, &o);
	kind_refused(l, &o, "invalid_request"); /* authCertReg: other door */
	o.kind = MGMT_CLIENT_REG;               /* somebody else's client */
	o.client = (struct client_id){ "LAB", "COM", "2", "sub" };
	kind_refused(l, &o, "invalid_request");
	o.client = (struct client_id){ "LAB", "COM", "1", "a/b" };
	kind_refused(l, &o, "invalid_client_identifier");
	o.client = (struct client_id){ "LAB", "COM", "1", "sub" };
	o.key = l->auth_key; /* signature of another key */
	kind_refused(l, &o, "invalid_signature_value");
	o.key = l->sign_key;
	o.cert = l->auth; /* not a signing certificate */
	kind_refused(l, &o, "cert_validation");
	o.cert = l->sign;
	o.ocsp = bytes_str("x");
	kind_refused(l, &o, "cert_validation");
	request(l, &o);
	o.kind = MGMT_ADDRESS_CHANGE;
	o.address = NULL;
	kind_refused(l, &o, "invalid_request");
	o.address = "not an address";
	kind_refused(l, &o, "invalid_request");
	o.kind = MGMT_CLIENT_RENAME;
	o.client = (struct client_id){ "LAB", "COM", "1", "sub" };
	kind_refused(l, &o, "invalid_request");
}

int
main(void)
{
	struct lab l;

	xml_startup();
	lab_open(&l);
	test_good(&l);
	test_bytes(&l);
	test_refused(&l);
	test_damage(&l);
	test_diagnostics(&l);
	test_answers(&l);
	test_kinds(&l);
	test_kinds_refused(&l);
	lab_close(&l);
	xml_shutdown();
	return tap_done();
}
