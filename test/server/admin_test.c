/* SPDX-License-Identifier: MIT */
/*
 * The administration interface as an operator uses it: from nothing to a
 * server with certificates, clients, services and rights; and what it
 * refuses.
 */
#define IN_SERVER 1
#include "mgmt.h"
#include "server_kit.h"
#include "tls.h"

static const char WSDL[] =
	"<wsdl:definitions xmlns:wsdl='http://schemas.xmlsoap.org/wsdl/' "
	"xmlns:soap='http://schemas.xmlsoap.org/wsdl/soap/' "
	"xmlns:xrd='http://x-road.eu/xsd/xroad.xsd' xmlns:t='urn:t'>"
	"<wsdl:portType name='p'><wsdl:operation name='getSites'>"
	"<wsdl:documentation><xrd:title>Sites</xrd:title>"
	"</wsdl:documentation></wsdl:operation></wsdl:portType>"
	"<wsdl:binding name='b' type='t:p'><soap:binding transport='"
	"http://schemas.xmlsoap.org/soap/http'/>"
	"<wsdl:operation name='getSites'><xrd:version>v1</xrd:version>"
	"</wsdl:operation></wsdl:binding>"
	"<wsdl:service name='s'><wsdl:port name='q' binding='t:b'>"
	"<soap:address location='http://127.0.0.1:9/soap'/></wsdl:port>"
	"</wsdl:service></wsdl:definitions>";

static void
test_init(struct ss *w)
{
	ss_is(w, "GET", "/initialization/status", NULL, 200);
	ok(!json_bool(w->json, "is_anchor_imported", true));
	is_str(json_str(w->json, "software_token_init_status"),
		"NOT_INITIALIZED");
	ss_is(w, "GET", "/system/anchor", NULL, 404);
	ss_is(w, "POST", "/system/anchor", "<junk/>", 400);
	is_str(ss_code(w), "malformed_anchor");
	ss_anchor(w);
	ss_is(w, "POST", "/system/anchor", "<junk/>", 409);
	is_str(ss_code(w), "anchor_already_exists");
	ss_is(w, "GET", "/system/anchor", NULL, 200);
	is_int((int)strlen(json_str(w->json, "hash")), 56);
	ss_is(w, "GET", "/system/anchor/download", NULL, 200);
	ss_is(w, "POST", "/initialization", "{\"owner_member_class\":\"GOV\"}",
		400);
	is_str(ss_code(w), "invalid_init_params");
	ss_is(w, "POST", "/initialization",
		"{\"owner_member_class\":\"GOV\",\"owner_member_code\":\"77\","
		"\"security_server_code\":\"SS1\",\"software_token_pin\":"
		"\"1234\"}",
		400);
	is_str(ss_code(w), "warnings_detected");
	ss_init(w);
	ss_is(w, "POST", "/initialization", "{}", 409);
	ss_is(w, "GET", "/initialization/status", NULL, 200);
	ok(json_bool(w->json, "is_server_owner_initialized", false));
	is_str(json_str(w->json, "software_token_init_status"), "INITIALIZED");
}

static void
test_token(struct ss *w)
{
	ss_is(w, "GET", "/tokens/0", NULL, 200);
	ok(!json_bool(w->json, "logged_in", true));
	ss_is(w, "PUT", "/tokens/0/login", "{\"password\":\"1234\"}", 200);
	ss_is(w, "PUT", "/tokens/0/logout", "{}", 200);
	ok(!json_bool(w->json, "logged_in", true));
	ss_is(w, "PUT", "/tokens/0/login", "{\"password\":\"4321\"}", 400);
	is_str(ss_code(w), "pin_incorrect");
	ss_is(w, "PUT", "/tokens/0/login", "{\"password\":\"1234\"}", 200);
	ok(json_bool(w->json, "logged_in", false));
	ss_is(w, "GET", "/tokens/1", NULL, 404);
	ss_is(w, "GET", "/tokens", NULL, 200);
	is_int((int)json_array_size(w->json), 1);
}

static void
test_tsas(struct ss *w)
{
	const char *body = arena_printf(w->a,
		"{\"name\":\"Test TSA\",\"url\":\"http://127.0.0.1:%d/tsa\","
		"\"cost_type\":\"UNDEFINED\"}",
		w->kit.port);

	ss_is(w, "GET", "/timestamping-services", NULL, 200);
	is_int((int)json_array_size(w->json), 1);
	ss_is(w, "POST", "/system/timestamping-services", body, 201);
	ss_is(w, "POST", "/system/timestamping-services", body, 409);
	ss_is(w, "POST", "/system/timestamping-services",
		"{\"name\":\"x\",\"url\":\"http://evil/\",\"cost_type\":"
		"\"FREE\"}",
		404);
	ss_is(w, "POST", "/system/timestamping-services/delete", body, 204);
	ss_is(w, "POST", "/system/timestamping-services", body, 201);
	ss_is(w, "GET", "/system/timestamping-services", NULL, 200);
	is_int((int)json_array_size(w->json), 1);
}

static void
test_cas(struct ss *w)
{
	ss_is(w, "GET", "/certificate-authorities?key_usage_type=SIGNING", NULL,
		200);
	is_str(json_str(json_array_get(w->json, 0), "name"), "Test CA");
	ss_is(w, "GET",
		"/certificate-authorities/Test%20CA/csr-subject-fields?"
		"key_usage_type=SIGNING&member_id=TEST:GOV:1000",
		NULL, 200);
	is_int((int)json_array_size(w->json), 5);
	is_str(json_str(json_array_get(w->json, 1), "default_value"), "A town");
	ss_is(w, "GET",
		"/certificate-authorities/No/csr-subject-fields?key_usage_type="
		"SIGNING",
		NULL, 404);
	ss_is(w, "POST", "/tokens/0/keys-with-csrs",
		"{\"key_label\":\"k\",\"csr_generate_request\":{"
		"\"key_usage_type\":\"SIGNING\",\"ca_name\":\"Test CA\","
		"\"csr_format\":\"PEM\",\"member_id\":\"TEST:COM:2000\","
		"\"subject_field_values\":{}}}",
		404);
	is_str(ss_code(w), "client_not_found");
}

/* The token as the interface shows it: nothing of it may change by a refusal. */
static const char *
token_text(struct ss *w)
{
	ss_is(w, "GET", "/tokens/0", NULL, 200);
	return arena_strndup(
		w->a, (const char *)w->answer.body.data, w->answer.body.len);
}

static void
import_refused(struct ss *w, struct cert *c, const char *what, int status,
	const char *code)
{
	const char *before = token_text(w);

	is_int(ss_import(w, c), status);
	ok_m(str_equal(ss_code(w), code), "%s: %s", what,
		ss_code(w) ? ss_code(w) : "accepted");
	is_str(token_text(w), before);
}

/* Begins to be valid tomorrow. */
static struct cert *
issue_early(struct ss *w, struct key *key)
{
	const struct rdn name[] = { { "businessCategory", "GOV" },
		{ "serialNumber", "1000" } };
	struct cert_template t = { .subject = name,
		.subjects = 2,
		.key = key,
		.serial = 4711,
		.not_before = clock_now() + KIT_DAY_MS,
		.not_after = clock_now() + 9 * (int64_t)KIT_DAY_MS,
		.path_len = -1,
		.key_usage = KIT_SIGN_USAGE };
	struct cert *c = NULL;

	ok(!cert_issue(&c, &t, w->kit.ca, w->kit.ca_key, NULL));
	return c;
}

/* Everything 3.1 wants refused; each certificate is made for the purpose. */
static void
test_import_refusals(struct ss *w, struct key *sign)
{
	struct key *other = NULL;
	struct cert *c;
	const struct {
		const char *what, *code, *want;
		unsigned usage;
		int64_t days;
		bool other_key;
	} row[] = {
		{ "another's key", "1000", "key_not_found", KIT_SIGN_USAGE, 100,
			true },
		{ "both usages", "1000", "cert_wrong_usage",
			KIT_SIGN_USAGE | KIT_AUTH_USAGE, 100, false },
		{ "no usage", "1000", "cert_wrong_usage", KU_CRL_SIGN, 100,
			false },
		{ "for authentication on a signing key", "1000",
			"cert_wrong_usage", KIT_AUTH_USAGE, 100, false },
		{ "expired", "1000", "cert_import_failed", KIT_SIGN_USAGE, -1,
			false },
		{ "of a stranger", "2000", "client_not_found", KIT_SIGN_USAGE,
			100, false },
	};

	if (key_generate(&other, KEY_EC, 256, NULL))
		abort();
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		c = ss_issue(w, row[i].other_key ? other : sign, row[i].code,
			row[i].usage, row[i].days);
		import_refused(w, c, row[i].what, 400, row[i].want);
		cert_unref(&c);
	}
	key_unref(&other);
	c = issue_early(w, sign);
	import_refused(w, c, "not valid yet", 400, "cert_import_failed");
	cert_unref(&c);
	is_int(ss_send(w, "POST", "/token-certificates",
		       "application/octet-stream", bytes_str("junk")),
		400);
	is_str(ss_code(w), "invalid_certificate");
	/* the subject names no member */
	c = kit_issue(&w->kit, sign, &(struct rdn){ "CN", "x" }, 1,
		KIT_SIGN_USAGE, 0, 100);
	import_refused(w, c, "no member", 400, "invalid_certificate");
	cert_unref(&c);
}

/* Issued by somebody who is not approved. */
static void
test_import_foreign_ca(struct ss *w, struct key *sign)
{
	struct key *ca_key = w->kit.ca_key;
	struct cert *ca = w->kit.ca, *c;

	w->kit.ca_key = w->kit.other_key;
	w->kit.ca = w->kit.other_cert;
	c = ss_issue(w, sign, "1000", KIT_SIGN_USAGE, 100);
	w->kit.ca_key = ca_key;
	w->kit.ca = ca;
	import_refused(
		w, c, "of a foreign authority", 400, "cert_import_failed");
	cert_unref(&c);
}

static void
test_sign_cert(struct ss *w)
{
	struct csr *csr = ss_csr(w, true);
	struct cert *c;

	is_str(csr_subject_get(csr, w->a, "2.5.4.5"), "1000");
	is_str(csr_subject_get(csr, w->a, "2.5.4.15"), "GOV");
	test_import_refusals(w, csr->key);
	test_import_foreign_ca(w, csr->key);
	c = ss_issue(w, csr->key, "1000", KIT_SIGN_USAGE, 100);
	/* OCSP is down: imported, but inactive with the reason */
	w->kit.ocsp_down = true;
	is_int(ss_import(w, c), 201);
	ok(!json_bool(w->json, "active", true));
	is_str(json_str(w->json, "status"), "REGISTERED");
	ok(json_str(w->json, "ocsp_verify_before_activation_error") != NULL);
	ss_is(w, "PUT",
		arena_printf(
			w->a, "/token-certificates/%s/activate", ss_hash(w, c)),
		"{}", 409);
	w->kit.ocsp_down = false;
	w->kit.ocsp_status = OCSP_REVOKED;
	ss_is(w, "PUT",
		arena_printf(
			w->a, "/token-certificates/%s/activate", ss_hash(w, c)),
		"{}", 409);
	w->kit.ocsp_status = OCSP_GOOD;
	ss_is(w, "PUT",
		arena_printf(
			w->a, "/token-certificates/%s/activate", ss_hash(w, c)),
		"{}", 204);
	ss_is(w, "GET",
		arena_printf(w->a, "/token-certificates/%s", ss_hash(w, c)),
		NULL, 200);
	ok(json_bool(w->json, "active", false));
	{
		json_t *d = json_sub(w->json, "certificate_details");
		is_str(json_str(d, "signature_algorithm"), "SHA256withECDSA");
		is_int((int)strlen(json_str(d, "rsa_public_key_modulus")), 512);
		is_int(json_int(d, "rsa_public_key_exponent", 0), 65537);
		is_str(json_str(d, "issuer_common_name"), "Test CA");
		is_str(json_str(d, "subject_common_name"), "A town");
	}
	is_str(json_str(w->json, "ocsp_status"), "OCSP_RESPONSE_GOOD");
	is_str(json_str(w->json, "owner_id"), "TEST:GOV:1000");
	import_refused(
		w, c, "the same again", 409, "certificate_already_exists");
	cert_unref(&c);
}

/* ---- a registration service on TLS ---- */

struct reg {
	struct ss *w;
	char address[64];
	int received;
};

static int
reg_serve(struct request *r, void *state, struct err *e)
{
	struct reg *reg = state;
	struct arena *a = request_arena(r);
	struct mgmt_received got;
	struct globalconf *g = NULL;
	struct bytes body, soap;
	int ret;

	if (request_body(r, &body, e) ||
		confclient_valid(reg->w->s->confclient, &g, e))
		return -1;
	ret = mgmt_receive(a, MGMT_DOOR_REGISTRATION,
		request_header(r, "Content-Type"), body, g, clock_now(), &got,
		e);
	globalconf_unref(&g);
	if (ret) {
		tap_note("registration: %s", e->text);
		return -1;
	}
	reg->received++;
	snprintf(reg->address, sizeof(reg->address), "%s", got.address);
	if (mgmt_answer(a, &got, 42, &soap, e))
		return -1;
	return reply_send(r, 200, "text/xml", soap, e);
}

static const struct route reg_routes[] = {
	{ "POST", "*", 100000, 0, reg_serve },
	{ 0 },
};

static void
test_register(struct ss *w, const char *hash)
{
	struct reg reg = { .w = w };
	struct tls_options o = { .policy = TLS_WEB };
	struct listener l = { .name = "registration",
		.address = "127.0.0.1",
		.threads = 2,
		.routes = reg_routes,
		.state = &reg };
	struct http_server *http = NULL;
	struct key *key = NULL;
	struct cert *cert, *false_cert;
	const char *path =
		arena_printf(w->a, "/token-certificates/%s/register", hash);
	const char *body = "{\"address\":\"ss1.example\"}";

	if (key_generate(&key, KEY_EC, 256, NULL))
		abort();
	cert = kit_self(key, "localhost", false);
	false_cert = kit_self(key, "localhost2", false);
	o.key = key;
	o.chain = (struct cert_list){ &cert, 1 };
	ok(!tls_server_new(&l.tls, &o, NULL));
	ok(!http_serve(&http, &l, NULL));
	w->kit.reg_url = arena_printf(w->a,
		"https://127.0.0.1:%d/managementservice/", http_port(http));
	/* the pin: any other certificate is refused before a byte is sent */
	w->kit.reg_cert = false_cert;
	ss_follow(w);
	ss_is(w, "PUT", path, body, 500);
	is_int(reg.received, 0);
	w->kit.reg_cert = cert;
	ss_follow(w);
	ss_is(w, "PUT", path, "{\"address\":\"a b\"}", 400);
	ss_is(w, "PUT", path, body, 204);
	is_int(reg.received, 1);
	is_str(reg.address, "ss1.example");
	ss_is(w, "PUT", path, body, 409);
	http_stop(&http);
	tls_unref(&l.tls);
	w->kit.reg_cert = NULL;
	w->kit.reg_url = NULL;
	cert_unref(&cert);
	cert_unref(&false_cert);
	key_unref(&key);
}

static void
test_auth_cert(struct ss *w)
{
	struct csr *csr = ss_csr(w, false);
	struct cert *c = ss_issue(w, csr->key, "1000", KIT_AUTH_USAGE, 100);
	const char *path =
		arena_printf(w->a, "/token-certificates/%s", ss_hash(w, c));

	is_str(csr_subject_get(csr, w->a, "2.5.4.3"), "ss1.example");
	is_int(ss_import(w, c), 201);
	is_str(json_str(w->json, "status"), "SAVED");
	ok(!json_bool(w->json, "active", true));
	test_register(w, ss_hash(w, c));
	ss_is(w, "GET", path, NULL, 200);
	is_str(json_str(w->json, "status"), "REGISTRATION_IN_PROGRESS");
	/* the center shows it: registered; activation is the operator's */
	cert_digest(c, DIGEST_SHA256, &w->kit.auth_hash);
	ss_follow(w);
	ss_is(w, "GET", path, NULL, 200);
	is_str(json_str(w->json, "status"), "REGISTERED");
	ss_is(w, "PUT", arena_printf(w->a, "%s/activate", path), "{}", 204);
	/* the center drops it */
	w->kit.auth_hash.value[0] ^= 1;
	ss_follow(w);
	ss_is(w, "GET", path, NULL, 200);
	is_str(json_str(w->json, "status"), "GLOBAL_ERROR");
	w->kit.auth_hash.value[0] ^= 1;
	ss_follow(w);
	ss_is(w, "GET", path, NULL, 200);
	is_str(json_str(w->json, "status"), "REGISTERED");
	cert_unref(&c);
}

static void
test_clients(struct ss *w)
{
	const char *body = "{\"client\":{\"member_class\":\"GOV\","
			   "\"member_code\":\"1000\",\"subsystem_code\":"
			   "\"Facilities\",\"connection_type\":\"HTTP\"}}";

	ss_is(w, "POST", "/clients",
		"{\"client\":{\"member_class\":\"GOV\",\"member_code\":"
		"\"9\"}}",
		400);
	is_str(ss_code(w), "warnings_detected");
	ss_is(w, "POST", "/clients",
		"{\"client\":{\"member_class\":\"GOV\",\"member_code\":"
		"\"a/b\"},\"ignore_warnings\":true}",
		400);
	ss_is(w, "POST", "/clients", body, 201);
	is_str(json_str(w->json, "id"), "TEST:GOV:1000:Facilities");
	is_str(json_str(w->json, "status"), "SAVED");
	is_str(json_str(w->json, "member_name"), "A town");
	ss_is(w, "POST", "/clients", body, 409);
	w->kit.sub_registered = true;
	ss_follow(w);
	ss_is(w, "GET", "/clients/TEST:GOV:1000:Facilities", NULL, 200);
	is_str(json_str(w->json, "status"), "REGISTERED");
	ok(json_bool(w->json, "has_valid_local_sign_cert", false));
	w->kit.sub_registered = false;
	ss_follow(w);
	ss_is(w, "GET", "/clients/TEST:GOV:1000:Facilities", NULL, 200);
	is_str(json_str(w->json, "status"), "GLOBAL_ERROR");
	w->kit.sub_registered = true;
	ss_follow(w);
	ss_is(w, "PUT", "/clients/TEST:GOV:1000:Facilities",
		"{\"connection_type\":\"HTTPS_NO_AUTH\"}", 200);
	is_str(json_str(w->json, "connection_type"), "HTTPS_NO_AUTH");
	ss_is(w, "PATCH", "/clients/TEST:GOV:1000:Facilities",
		"{\"connection_type\":\"FTP\"}", 400);
	ss_is(w, "GET", "/clients/TEST:GOV:1000:Nobody", NULL, 404);
	ss_is(w, "GET", "/clients", NULL, 200);
	is_int((int)json_array_size(w->json), 2);
	ss_is(w, "GET", "/clients?internal_search=false&name=company", NULL,
		200);
	is_int((int)json_array_size(w->json), 2);
	is_int(ss_send(w, "POST",
		       "/clients/TEST:GOV:1000:Facilities/tls-certificates",
		       "application/octet-stream", cert_der(w->kit.ca)),
		201);
	ss_is(w, "GET", "/clients/TEST:GOV:1000:Facilities/tls-certificates",
		NULL, 200);
	is_int((int)json_array_size(w->json), 1);
}

#define SUB     "/clients/TEST:GOV:1000:Facilities"
#define REST_ID "/services/TEST:GOV:1000:Facilities:sites"

static void
test_services(struct ss *w)
{
	const char *body =
		"{\"url\":\"http://127.0.0.1:9/sites\",\"type\":\"REST\","
		"\"rest_service_code\":\"sites\"}";
	const char *id;

	ss_is(w, "POST", SUB "/service-descriptions",
		"{\"url\":\"ftp://x/\",\"type\":\"REST\","
		"\"rest_service_code\":\"a\"}",
		400);
	ss_is(w, "POST", SUB "/service-descriptions",
		"{\"url\":\"http://x/\",\"type\":\"REST\","
		"\"rest_service_code\":\"listClients\"}",
		409);
	ss_is(w, "POST", SUB "/service-descriptions", body, 201);
	ok(json_bool(w->json, "disabled", false));
	is_int((int)json_array_size(json_list(w->json, "services")), 1);
	id = json_str(w->json, "id");
	ss_is(w, "POST", SUB "/service-descriptions", body, 409);
	is_str(ss_code(w), "url_already_exists");
	ss_is(w, "PUT",
		arena_printf(w->a, "/service-descriptions/%s/enable", id), "{}",
		200);
	ss_is(w, "PATCH", REST_ID,
		"{\"url\":\"https://127.0.0.1:9/s\",\"timeout\":30,"
		"\"ssl_auth\":false}",
		200);
	is_int(json_int(w->json, "timeout", 0), 30);
	is_str(json_str(w->json, "url"), "https://127.0.0.1:9/s");
	ss_is(w, "PATCH", REST_ID,
		"{\"url\":\"https://127.0.0.1:9/s\",\"timeout\":5000,"
		"\"ssl_auth\":false}",
		400);
	ss_is(w, "POST", REST_ID "/endpoints",
		"{\"method\":\"GET\",\"path\":\"/x/*\",\"service_code\":"
		"\"sites\"}",
		201);
	ss_is(w, "POST", REST_ID "/endpoints",
		"{\"method\":\"GET\",\"path\":\"/x/*\",\"service_code\":"
		"\"sites\"}",
		409);
	ss_is(w, "PUT",
		arena_printf(w->a, "/service-descriptions/%s/disable", id),
		"{\"disabled_notice\":\"tomorrow\"}", 200);
	ss_is(w, "GET", SUB "/service-descriptions", NULL, 200);
	is_str(json_str(json_array_get(w->json, 0), "disabled_notice"),
		"tomorrow");
}

static void
test_rights(struct ss *w)
{
	const char *body =
		"{\"items\":[{\"id\":\"TEST:COM:2000:App\","
		"\"service_client_type\":\"SUBSYSTEM\"},{\"id\":"
		"\"TEST:partners\",\"service_client_type\":\"GLOBALGROUP\"}]}";

	ss_is(w, "POST", REST_ID "/service-clients", body, 201);
	is_int((int)json_array_size(w->json), 2);
	ss_is(w, "POST", REST_ID "/service-clients", body, 409);
	ss_is(w, "POST", REST_ID "/service-clients",
		"{\"items\":[{\"id\":\"TEST:COM:2000\","
		"\"service_client_type\":\"SUBSYSTEM\"}]}",
		400);
	ss_is(w, "POST", REST_ID "/service-clients",
		"{\"items\":[{\"id\":\"TEST:COM:3000:X\"}]}", 400);
	is_str(ss_code(w), "service_client_not_found");
	ss_is(w, "POST", REST_ID "/service-clients/delete",
		"{\"items\":[{\"id\":\"TEST:partners\"}]}", 204);
	ss_is(w, "GET", REST_ID "/service-clients", NULL, 200);
	is_int((int)json_array_size(w->json), 1);
	is_str(json_str(json_array_get(w->json, 0), "id"), "TEST:COM:2000:App");
	ss_is(w, "POST", SUB "/local-groups",
		"{\"code\":\"friends\",\"description\":\"d\"}", 201);
	ss_is(w, "POST",
		arena_printf(w->a, "/local-groups/%s/members",
			json_str(w->json, "id")),
		"{\"items\":[\"TEST:COM:2000:App\"]}", 201);
	ss_is(w, "POST", REST_ID "/service-clients",
		"{\"items\":[{\"id\":\"1\",\"service_client_type\":"
		"\"LOCALGROUP\"}]}",
		201);
}

static int
wsdl_serve(struct request *r, void *state, struct err *e)
{
	(void)state;
	return reply_send(r, 200, "text/xml", bytes_str(WSDL), e);
}

static const struct route wsdl_routes[] = {
	{ "GET", "/wsdl", 0, 0, wsdl_serve },
	{ 0 },
};

static void
test_wsdl(struct ss *w)
{
	struct listener l = { .name = "wsdl",
		.address = "127.0.0.1",
		.threads = 2,
		.routes = wsdl_routes };
	struct http_server *http = NULL;
	json_t *v;

	ok(!http_serve(&http, &l, NULL));
	ss_is(w, "POST", SUB "/service-descriptions",
		arena_printf(w->a,
			"{\"url\":\"http://127.0.0.1:%d/none\",\"type\":"
			"\"WSDL\"}",
			http_port(http)),
		400);
	is_str(ss_code(w), "wsdl_download_failed");
	ss_is(w, "POST", SUB "/service-descriptions",
		arena_printf(w->a,
			"{\"url\":\"http://127.0.0.1:%d/wsdl\",\"type\":"
			"\"WSDL\"}",
			http_port(http)),
		201);
	v = json_array_get(json_list(w->json, "services"), 0);
	is_str(json_str(v, "full_service_code"), "getSites.v1");
	is_str(json_str(v, "title"), "Sites");
	is_str(json_str(v, "url"), "http://127.0.0.1:9/soap");
	ss_is(w, "GET", "/services/TEST:GOV:1000:Facilities:getSites.v1", NULL,
		200);
	http_stop(&http);
}

static void
test_rest(struct ss *w)
{
	char text[8192];

	ss_is(w, "GET", "/diagnostics/globalconf", NULL, 200);
	is_str(json_str(w->json, "status_class"), "OK");
	ss_is(w, "GET", "/diagnostics/timestamping-services", NULL, 200);
	ss_is(w, "GET", "/diagnostics/ocsp-responders", NULL, 200);
	is_str(json_str(json_array_get(json_list(json_array_get(w->json, 0),
					       "ocsp_responders"),
				0),
		       "status_class"),
		"OK");
	ss_is(w, "GET", "/system/version", NULL, 200);
	is_int(json_int(w->json, "global_configuration_version", 0), 6);
	ss_is(w, "GET", "/security-servers?current_server=true", NULL, 200);
	is_str(json_str(json_array_get(w->json, 0), "id"), "TEST:GOV:1000:SS1");
	ss_is(w, "GET", "/member-classes", NULL, 200);
	ss_is(w, "GET", "/member-names?member_class=COM&member_code=2000", NULL,
		200);
	is_str(json_str(w->json, "member_name"), "A company");
	ok(!role_server.health(w->s, text, sizeof(text)));
	ok_m(strstr(text, "\"ok\":true") != NULL, "health %s", text);
}

int
main(void)
{
	struct ss w;

	ss_start(&w);
	test_init(&w);
	test_token(&w);
	test_tsas(&w);
	test_cas(&w);
	test_sign_cert(&w);
	test_auth_cert(&w);
	test_clients(&w);
	test_services(&w);
	test_rights(&w);
	test_wsdl(&w);
	test_rest(&w);
	ss_stop(&w);
	return tap_done();
}
