/* SPDX-License-Identifier: MIT */
/*
 * The whole center role over its real doors: administration API, global
 * configuration, CA, OCSP, time stamps, registration. OpenSSL and xmllint are
 * the judges of what it makes.
 */
#define IN_CENTER 1

#include "center.h"
#include "center_int.h"
#include "clock.h"
#include "faultpoint.h"
#include "file.h"
#include "gcdir.h"
#include "http_client.h"
#include "http_server.h"
#include "job.h"
#include "json_io.h"
#include "key.h"
#include "mem.h"
#include "mgmt.h"
#include "ocsp.h"
#include "param.h"
#include "signer.h"
#include "tap.h"
#include "text.h"
#include "tls.h"
#include "tsp.h"
#include "xml.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HOUR_MS INT64_C(3600000)

/* A member's keys and certificates as the center issued them. */
struct party {
	struct client_id id;
	struct key *sign_key, *auth_key;
	struct cert *sign, *auth;
};

struct world {
	struct arena *a;
	struct conf *conf;
	struct signer *signer;
	struct role_env env;
	void *state;
	struct http_server *admin;
	struct http_client *http;
	int port, reg_port, mgmt_port;
	struct cert *ca;
	const char *ca_file;
	struct party town, firm;
	int status; /* of the last call */
};

static struct world w;

static void
set(const char *section, const char *key, const char *value)
{
	struct err e = ERR_INIT;

	if (conf_set(w.conf, section, key, value, &e))
		ok_m(false, "%s: %s", key, e.text);
}

static struct bytes
call(const char *method, const char *url, const char *type, struct bytes body)
{
	const struct http_header head = { "Content-Type", type };
	const struct http_call c = {
		.method = method,
		.url = url,
		.header = &head,
		.headers = type ? 1 : 0,
		.body = body,
		.has_body = body.data != NULL,
		.total_timeout_ms = 60000,
	};
	struct http_answer answer = { 0 };
	struct err e = ERR_INIT;

	w.status = -1;
	if (http_call(w.http, w.a, &c, &answer, &e))
		tap_note("%s: %s", url, e.text);
	else
		w.status = answer.status;
	return answer.body;
}

/* Calls the administration API; the answer as JSON or NULL. */
static json_t *
api(const char *method, const char *path, const char *body)
{
	char *url = arena_printf(
		w.a, "http://127.0.0.1:%d%s", http_port(w.admin), path);
	struct bytes text = call(method, url, body ? "application/json" : NULL,
		body ? bytes_str(body) : (struct bytes){ 0 });
	json_t *j = NULL;

	if (text.len && json_parse(w.a, text, NULL, &j, NULL))
		tap_note("%.*s", (int)text.len, (const char *)text.data);
	return j;
}

static void
api_is(const char *method, const char *path, const char *body, int status,
	const char *code)
{
	json_t *j = api(method, path, body);
	const char *got = json_str(json_sub(j, "error"), "code");

	ok_m(w.status == status && (!code || str_equal(code, got)),
		"%s %s gives %d %s (got %d %s)", method, path, status,
		code ? code : "", w.status, got ? got : "");
}

static struct bytes
get(const char *path)
{
	return call("GET",
		arena_printf(w.a, "http://127.0.0.1:%d%s", w.port, path), NULL,
		(struct bytes){ 0 });
}

static struct bytes
post(const char *path, const char *type, struct bytes body)
{
	return call("POST",
		arena_printf(w.a, "http://127.0.0.1:%d%s", w.port, path), type,
		body);
}

static char *
save(const char *name, struct bytes data)
{
	char *path = arena_printf(w.a, "%s/%s", tap_dir(), name);

	if (file_write(path, data, FILE_PUBLIC, NULL))
		ok_m(false, "cannot write %s", path);
	return path;
}

static char *
save_cert(const char *name, const struct cert *c)
{
	return save(
		name, bytes_str(pem_encode(w.a, "CERTIFICATE", cert_der(c))));
}

static char *
fresh(const char *name)
{
	return arena_printf(w.a, "%s/%s", tap_dir(), name);
}

/* Runs a judge; exit code 0 and, when given, a text in its output. */
static void
judge(const char *what, const char *const *argv, const char *text)
{
	static char out[65536];
	int code = tap_run(argv, out, sizeof(out));
	bool good = code == 0 && (!text || strstr(out, text));

	ok_m(good, "%s", what);
	if (!good)
		tap_note("exit %d: %.900s", code, out);
}
#define RUN(what, text, ...) \
 judge(what, (const char *const[]){ __VA_ARGS__, NULL }, text)

/* ---- set-up ---- */

static void
center_up(void)
{
	struct err e = ERR_INIT;

	w.env = (struct role_env){ .conf = w.conf, .signer = w.signer };
	ok_m(role_center.start(&w.state, &w.env, &e) == 0, "start: %s", e.text);
}

static void
admin_up(void)
{
	const struct listener l = {
		.name = "admin",
		.address = "127.0.0.1",
		.threads = 4,
		.routes = role_center.admin,
		.state = w.state,
	};

	ok(http_serve(&w.admin, &l, NULL) == 0);
}

static void
world_up(void)
{
	struct err e = ERR_INIT;

	w.a = arena_new();
	ok_m(signer_start(&w.signer, fresh("keys"), &e) == 0, "signer: %s",
		e.text);
	xml_startup();
	ok(http_startup(&e) == 0);
	ok(http_client_new(&w.http, &e) == 0);
	w.port = tap_port("127.0.0.1");
	w.reg_port = tap_port("127.0.0.1");
	w.mgmt_port = tap_port("127.0.0.1");
	w.conf = conf_defaults();
	set("machilink", "data-dir", fresh("data"));
	set("center", "listen-address", "127.0.0.1");
	set("center", "http-port", arena_printf(w.a, "%d", w.port));
	set("center", "registration-port", arena_printf(w.a, "%d", w.reg_port));
	set("center", "management-port", arena_printf(w.a, "%d", w.mgmt_port));
	ok(dir_make(fresh("data"), &e) == 0);
	center_up();
	admin_up();
}

static void
party_done(struct party *p)
{
	key_unref(&p->sign_key);
	key_unref(&p->auth_key);
	cert_unref(&p->sign);
	cert_unref(&p->auth);
}

static void
world_down(void)
{
	http_stop(&w.admin);
	role_center.stop(w.state);
	http_client_free(&w.http);
	party_done(&w.town);
	party_done(&w.firm);
	cert_unref(&w.ca);
	conf_free(&w.conf);
	http_shutdown();
	xml_shutdown();
	signer_stop(&w.signer);
	arena_free(&w.a);
}

/* A round now, on top of the one that the change itself started. */
static bool
publish_now(void)
{
	struct center *ct = w.state;
	struct err e = ERR_INIT;

	if (publisher_run(ct->publisher, &e))
		tap_note("publish: %s", e.text);
	return !err_set(&e);
}

/* ---- the registry through the API ---- */

static void
test_initialization(void)
{
	json_t *j = api("GET", "/initialization/status", NULL);

	is_str(json_str(j, "software_token_init_status"), "NOT_INITIALIZED");
	api_is("POST", "/member-classes",
		"{\"code\":\"GOV\",\"description\":\"Government\"}", 201, NULL);
	api_is("POST", "/members",
		"{\"member_id\":{\"member_class\":\"GOV\",\"member_code\":"
		"\"1\"},\"member_name\":\"Town\"}",
		409, "instance_identifier_not_set");
	api_is("POST", "/initialization", "{\"instance_identifier\":\"LAB\"}",
		400, "init_invalid_params");
	api_is("POST", "/initialization", "[]", 400, NULL);
	api_is("POST", "/initialization",
		"{\"instance_identifier\":\"LAB\",\"central_server_address\":"
		"\"not a host\",\"software_token_pin\":\"Secret-1234\"}",
		400, NULL);
	api_is("POST", "/initialization",
		"{\"instance_identifier\":\"LAB\",\"central_server_address\":"
		"\"127.0.0.1\",\"software_token_pin\":\"Secret-1234\"}",
		200, NULL);
	api_is("POST", "/initialization",
		"{\"instance_identifier\":\"LAB\",\"central_server_address\":"
		"\"127.0.0.1\",\"software_token_pin\":\"Secret-1234\"}",
		409, "init_already_initialized");
	j = api("GET", "/initialization/status", NULL);
	is_str(json_str(j, "software_token_init_status"), "INITIALIZED");
	is_str(json_str(j, "instance_identifier"), "LAB");
	(void)get("/internalconf?version=6");
	is_int(w.status, 404);
}

static void
test_members(void)
{
	json_t *j;

	api_is("POST", "/member-classes",
		"{\"code\":\"COM\",\"description\":\"Companies\"}", 201, NULL);
	api_is("POST", "/members",
		"{\"member_id\":{\"member_class\":\"GOV\",\"member_code\":"
		"\"1\"},\"member_name\":\"\xe7\x94\xba\"}",
		201, NULL);
	api_is("POST", "/members",
		"{\"member_id\":{\"member_class\":\"COM\",\"member_code\":"
		"\"2\"},\"member_name\":\"Firm\"}",
		201, NULL);
	api_is("POST", "/members",
		"{\"member_id\":{\"member_class\":\"COM\",\"member_code\":"
		"\"2\"},\"member_name\":\"Firm\"}",
		409, "member_exists");
	api_is("POST", "/subsystems",
		"{\"subsystem_id\":{\"member_class\":\"GOV\",\"member_code\":"
		"\"1\",\"subsystem_code\":\"Management\"}}",
		201, NULL);
	j = api("GET", "/members/LAB:GOV:1", NULL);
	is_str(json_str(j, "member_name"), "\xe7\x94\xba");
	is_str(json_str(json_sub(j, "client_id"), "encoded_id"), "LAB:GOV:1");
	api_is("GET", "/members/LAB:GOV:9", NULL, 404, "member_not_found");
	api_is("GET", "/members/nonsense", NULL, 400, "invalid_member_id");
	is_int((long long)json_array_size(json_list(
		       api("GET", "/clients?client_type=MEMBER", NULL),
		       "clients")),
		2);
	j = api("GET", "/clients", NULL);
	is_int((long long)json_array_size(json_list(j, "clients")), 3);
	api_is("PATCH", "/management-services-configuration",
		"{\"service_provider_id\":\"LAB:GOV:1:Nope\"}", 404,
		"subsystem_not_found");
	api_is("PATCH", "/management-services-configuration",
		"{\"service_provider_id\":\"LAB:GOV:1:Management\"}", 200,
		NULL);
}

static void
test_trust(void)
{
	const char *pem;
	struct err e = ERR_INIT;
	json_t *j;

	api_is("GET", "/machilink/trust-services", NULL, 404,
		"certification_service_not_found");
	api_is("POST", "/machilink/trust-services",
		"{\"certificate_profile_info\":\"NoSuchProfile\"}", 400,
		"certificate_profile_info_class_not_found");
	j = api("POST", "/machilink/trust-services", "{\"name\":\"Lab\"}");
	is_int(w.status, 201);
	is_str(json_str(j, "ca_name"), "Lab");
	pem = json_str(j, "ca_certificate");
	ok(pem && cert_parse(&w.ca, bytes_str(pem), &e) == 0);
	w.ca_file = save_cert("ca.pem", w.ca);
	save("ocsp.pem", bytes_str(json_str(j, "ocsp_certificate")));
	save("tsa.pem", bytes_str(json_str(j, "tsa_certificate")));
	api_is("POST", "/machilink/trust-services", "{}", 409,
		"certification_service_exists");
	RUN("openssl verifies the OCSP certificate", ": OK", "openssl",
		"verify", "-purpose", "ocsphelper", "-CAfile", w.ca_file,
		fresh("ocsp.pem"));
	RUN("openssl verifies the TSA certificate", ": OK", "openssl", "verify",
		"-purpose", "timestampsign", "-CAfile", w.ca_file,
		fresh("tsa.pem"));
	RUN("the CA's extensions", "Certificate Sign, CRL Sign", "openssl",
		"x509", "-in", w.ca_file, "-noout", "-ext", "keyUsage");
}

/* ---- global configuration ---- */

static void
key_post(const char *type)
{
	char *path = arena_printf(
		w.a, "/configuration-sources/%s/signing-keys", type);

	api_is("POST", path, "{\"key_label\":\"k\",\"token_id\":\"0\"}", 200,
		NULL);
}

/* The schemas side by side, as their imports expect them; NULL without. */
static const char *
schema_dir(void)
{
	const char *from = vectors_path("x-road/schemas/globalconf");
	const char *to = fresh("schemas"), *ids;

	if (!from || file_exists(to))
		return from ? to : NULL;
	from = arena_strdup(w.a, from);
	ids = arena_strdup(
		w.a, vectors_path("x-road/schemas/xroad/identifiers.xsd"));
	ok(dir_make(to, NULL) == 0);
	RUN("schemas", NULL, "cp", "-r", from, to);
	RUN("identifier schema", NULL, "cp", ids, to);
	return to;
}

static void
schema_check(int version, const char *part, struct bytes xml)
{
	bool own = str_equal(part, "private-params.xml");
	const char *dir = schema_dir();

	if (!dir) {
		tap_skip("no vectors");
		return;
	}
	RUN(arena_printf(w.a, "V%d %s fits its schema", version, part), NULL,
		"xmllint", "--noout", "--nonet", "--schema",
		arena_printf(w.a, "%s/globalconf/v%d/%s-parameters.xsd", dir,
			own && version > 3 ? 3 : version,
			own ? "private" : "shared"),
		save("part.xml", xml));
}

static int
directory_read(const struct gc_anchor *anchor, const char *query, int64_t now,
	struct gcdir *out, struct err *e)
{
	struct bytes dir = get(arena_printf(w.a, "/internalconf%s", query));

	if (w.status != 200)
		return fail(e, FAULT_NOT_FOUND, "status %d", w.status);
	return gcdir_verify(w.a, dir, anchor->source[0].cert,
		anchor->source[0].certs, now, out, e);
}

static void
anchor_read(struct gc_anchor *out)
{
	struct err e = ERR_INIT;
	char *url = arena_printf(w.a,
		"http://127.0.0.1:%d/configuration-sources/INTERNAL/anchor/"
		"download",
		http_port(w.admin));
	struct bytes xml = call("GET", url, NULL, (struct bytes){ 0 });

	ok_m(anchor_parse(w.a, xml, out, &e) == 0, "anchor: %s", e.text);
}

static void
test_configuration(void)
{
	struct gc_anchor anchor = { 0 };
	struct err e = ERR_INIT;
	struct gcdir dir;

	key_post("INTERNAL");
	key_post("EXTERNAL");
	ok(publish_now());
	anchor_read(&anchor);
	is_str(anchor.instance, "LAB");
	for (int v = 2; v <= 6; v++) {
		char *query = arena_printf(w.a, "?version=%d", v);

		ok_m(directory_read(&anchor, query, clock_now(), &dir, &e) == 0,
			"V%d: %s", v, e.text);
		is_int(dir.version, v);
		is_int((long long)dir.parts, 2);
		for (size_t i = 0; i < dir.parts; i++) {
			struct bytes xml = get(dir.part[i].location);

			ok(gcdir_check_part(&dir.part[i], xml, &e) == 0);
			schema_check(
				v, strrchr(dir.part[i].location, '/') + 1, xml);
		}
	}
	ok(directory_read(&anchor, "", clock_now(), &dir, &e) == 0);
	is_int(dir.version, 2);
	(void)get("/internalconf?version=7");
	is_int(w.status, 404);
	(void)get("/internalconf?version=1");
	is_int(w.status, 404);
	(void)get("/V6/../V6/internalconf");
	is_int(w.status, 404);
	(void)get("/V6/20260101000000000000000/shared-params.xml");
	is_int(w.status, 404);
	(void)get("/externalconf?version=6");
	is_int(w.status, 200);
}

static void
test_rotation(void)
{
	struct gc_anchor anchor = { 0 };
	struct err e = ERR_INIT;
	struct gcdir dir;
	json_t *list, *key;
	const char *path = "/configuration-sources/INTERNAL/signing-keys";
	char *old, *new;

	key_post("INTERNAL");
	api_is("POST", path, "{\"key_label\":\"third\"}", 409,
		"signing_key_action_not_possible");
	list = api("GET", path, NULL);
	is_int((long long)json_array_size(list), 2);
	key = json_array_get(list, 0);
	ok(json_bool(key, "active", false));
	old = arena_strdup(w.a, json_str(key, "id"));
	new = arena_strdup(w.a, json_str(json_array_get(list, 1), "id"));
	api_is("DELETE", arena_printf(w.a, "/signing-keys/%s", old), NULL, 409,
		NULL);
	anchor_read(&anchor);
	is_int((long long)anchor.source[0].certs, 2);
	api_is("PUT", arena_printf(w.a, "/signing-keys/%s/activate", new), "{}",
		204, NULL);
	ok(publish_now());
	ok_m(directory_read(&anchor, "?version=6", clock_now(), &dir, &e) == 0,
		"signed by the new key: %s", e.text);
	api_is("DELETE", arena_printf(w.a, "/signing-keys/%s", old), NULL, 204,
		NULL);
	api_is("DELETE", arena_printf(w.a, "/signing-keys/%s", old), NULL, 404,
		"signing_key_not_found");
}

static void
test_expiry(void)
{
	struct gc_anchor anchor = { 0 };
	struct err e = ERR_INIT;
	struct gcdir dir;

	anchor_read(&anchor);
	ok(directory_read(&anchor, "?version=6", clock_now() + 601000, &dir,
		   &e) == -1);
	is_str(e.code, "global_conf_outdated");
	err_reset(&e);
	clock_shift(601000);
	ok(directory_read(&anchor, "?version=6", clock_now(), &dir, &e) == -1);
	err_reset(&e);
	ok(publish_now());
	ok_m(directory_read(&anchor, "?version=6", clock_now(), &dir, &e) == 0,
		"republished: %s", e.text);
	clock_shift(0);
}

/* Every version is there, unexpired, with its parts. */
static void
all_whole(const struct gc_anchor *anchor, const char *when)
{
	bool whole = true;
	struct gcdir dir;

	for (int v = 2; v <= 6; v++) {
		if (directory_read(anchor, arena_printf(w.a, "?version=%d", v),
			    clock_now(), &dir, NULL)) {
			whole = false;
			continue;
		}
		for (size_t i = 0; i < dir.parts; i++)
			if (gcdir_check_part(&dir.part[i],
				    get(dir.part[i].location), NULL))
				whole = false;
	}
	ok_m(whole, "all versions are whole %s", when);
}

/* The disk fails at each step of a round in turn. */
static void
test_torn_round(void)
{
	static const char *const point[] = { "center.part",
		"center.directory" };
	struct gc_anchor anchor = { 0 };
	struct publish_status st;

	/* the fault is for this thread's round */
	jobs_stop(&((struct center *)w.state)->jobs);
	anchor_read(&anchor);
	for (int p = 0; p < 2; p++)
		for (int skip = 0; skip < 5; skip++) {
			fault_arm(point[p], skip, 1);
			ok(!publish_now());
			fault_disarm();
			all_whole(&anchor, arena_printf(w.a, "after %s %d",
						   point[p], skip));
		}
	publisher_status(((struct center *)w.state)->publisher, &st);
	ok(st.error.fault == FAULT_IO && st.published > 0);
	ok(publish_now());
	all_whole(&anchor, "after a good round");
}

static int
count_name(void *ctx, const char *name)
{
	*(int *)ctx += name[0] >= '0' && name[0] <= '9';
	return 0;
}

/* Old generations go, two always stay. */
static void
test_sweep(void)
{
	char *dir = fresh("data/public/V6");
	int before = 0, after = 0;

	ok(publish_now() && publish_now());
	ok(dir_each(dir, count_name, &before, NULL) == 0);
	ok(before > 2);
	clock_shift(HOUR_MS);
	ok(publish_now());
	ok(dir_each(dir, count_name, &after, NULL) == 0);
	is_int(after, 2);
	clock_shift(0);
	ok(publish_now());
}

/* ---- certificates ---- */

static char *
order_json(struct bytes csr, const char *usage, const char *who)
{
	struct buf b;
	char *out;

	buf_init(&b, 65536);
	buf_str(&b, "{\"csr\":");
	buf_json(&b, pem_encode(w.a, "CERTIFICATE REQUEST", csr));
	buf_fmt(&b, ",\"usage\":\"%s\",\"%s\":\"%s\"}", usage,
		str_equal(usage, "SIGNING") ? "member_id"
					    : "security_server_id",
		who);
	out = arena_strdup(w.a, b.data);
	buf_done(&b);
	return out;
}

static struct bytes
csr_for(struct key *key, const char *cls, const char *code, bool auth)
{
	const struct rdn sign[] = { { "C", "JP" }, { "O", "Member" },
		{ "businessCategory", cls }, { "serialNumber", code },
		{ "CN", "Member" } };
	const struct rdn tls[] = { { "C", "JP" }, { "O", "Member" },
		{ "serialNumber", code }, { "CN", "ss.example" } };
	const struct cert_request r = {
		.subject = auth ? tls : sign,
		.subjects = auth ? 4 : 5,
		.dns_name = auth ? "ss.example" : NULL,
		.key_usage = auth ? KU_DIGITAL_SIGNATURE : KU_NON_REPUDIATION,
	};
	struct bytes der = { 0 };

	ok(csr_make(key, &r, w.a, &der, NULL) == 0);
	return der;
}

static struct cert *
certify(struct key *key, const struct client_id *id, bool auth)
{
	char *who = arena_printf(w.a, "%s:%s:%s%s", id->instance, id->cls,
		id->code, auth ? ":ss1" : "");
	json_t *j = api("POST", "/machilink/certificates",
		order_json(csr_for(key, id->cls, id->code, auth),
			auth ? "AUTHENTICATION" : "SIGNING", who));
	const char *pem = json_str(j, "certificate");
	struct cert *c = NULL;

	is_int(w.status, 201);
	ok(pem && cert_parse(&c, bytes_str(pem), NULL) == 0);
	return c;
}

static void
party_make(struct party *p, const char *cls, const char *code)
{
	p->id = (struct client_id){ "LAB", cls, code, NULL };
	ok(key_generate(&p->sign_key, KEY_EC, 0, NULL) == 0);
	ok(key_generate(&p->auth_key, KEY_EC, 0, NULL) == 0);
	p->sign = certify(p->sign_key, &p->id, false);
	p->auth = certify(p->auth_key, &p->id, true);
}

static void
test_issue_refusals(void)
{
	struct bytes csr = csr_for(w.town.sign_key, "GOV", "1", false);
	struct bytes bad;
	char *pem = fresh("weak.csr");
	uint8_t *copy = arena_memdup(w.a, csr.data, csr.len);

	api_is("POST", "/machilink/certificates",
		order_json(csr, "SIGNING", "LAB:COM:2"), 400,
		"csr_subject_mismatch");
	api_is("POST", "/machilink/certificates",
		order_json(csr, "SIGNING", "LAB:GOV:404"), 404,
		"member_not_found");
	api_is("POST", "/machilink/certificates",
		order_json(csr, "SIGNING", "OTHER:GOV:1"), 400,
		"invalid_member_id");
	copy[csr.len - 1] ^= 1;
	bad = bytes_of(copy, csr.len);
	api_is("POST", "/machilink/certificates",
		order_json(bad, "SIGNING", "LAB:GOV:1"), 400, "csr_invalid");
	RUN("a weak request", NULL, "openssl", "req", "-new", "-newkey",
		"rsa:1024", "-nodes", "-keyout", fresh("weak.key"), "-out", pem,
		"-subj",
		"/C=JP/O=M/businessCategory=GOV/serialNumber=1/CN=Member");
	if (!file_read(w.a, pem, 65536, &bad, NULL) &&
		!pem_decode(w.a, NULL, bad, &bad, NULL))
		api_is("POST", "/machilink/certificates",
			order_json(bad, "SIGNING", "LAB:GOV:1"), 400, NULL);
}

/* The oldest version offered is a parameter. */
static void
test_minimum(void)
{
	set("center", "minimum-global-configuration-version", "3");
	ok(publish_now());
	(void)get("/internalconf?version=2");
	is_int(w.status, 404);
	(void)get("/internalconf?version=3");
	is_int(w.status, 200);
	set("center", "minimum-global-configuration-version", "2");
	ok(publish_now());
	(void)get("/internalconf?version=2");
	is_int(w.status, 200);
}

/* What could not be stored was not issued. */
static void
test_lost_commit(void)
{
	char *order = order_json(csr_for(w.town.sign_key, "GOV", "1", false),
		"SIGNING", "LAB:GOV:1");
	size_t before = json_array_size(
		api("GET", "/machilink/certificates?limit=1000", NULL));

	fault_arm("store.commit", 0, 1);
	api_is("POST", "/machilink/certificates", order, 500, NULL);
	fault_disarm();
	ok(json_array_size(api("GET", "/machilink/certificates?limit=1000",
		   NULL)) == before);
}

static void
test_certificates(void)
{
	char *sign, *auth;

	party_make(&w.town, "GOV", "1");
	party_make(&w.firm, "COM", "2");
	ok(cert_is_sign(w.town.sign) && !cert_is_auth(w.town.sign));
	ok(cert_is_auth(w.town.auth) && !cert_is_sign(w.town.auth));
	sign = save_cert("sign.pem", w.town.sign);
	auth = save_cert("auth.pem", w.town.auth);
	RUN("openssl verifies the signing certificate", ": OK", "openssl",
		"verify", "-x509_strict", "-CAfile", w.ca_file, sign);
	RUN("openssl verifies the authentication certificate", ": OK",
		"openssl", "verify", "-x509_strict", "-purpose", "sslclient",
		"-CAfile", w.ca_file, auth);
	RUN("signing: non-repudiation and nothing else",
		"X509v3 Key Usage: critical\n    Non Repudiation\n", "openssl",
		"x509", "-in", sign, "-noout", "-ext", "keyUsage");
	RUN("authentication: four usages",
		"Digital Signature, Key Encipherment, Data Encipherment, Key "
		"Agreement\n",
		"openssl", "x509", "-in", auth, "-noout", "-ext", "keyUsage");
	RUN("no CA", "CA:FALSE", "openssl", "x509", "-in", sign, "-noout",
		"-ext", "basicConstraints");
	RUN("where OCSP is", arena_printf(w.a, "127.0.0.1:%d/ocsp", w.port),
		"openssl", "x509", "-in", auth, "-noout", "-ocsp_uri");
	test_issue_refusals();
	test_lost_commit();
}

/* ---- OCSP ---- */

static struct bytes
ocsp_of(const struct cert *c)
{
	struct bytes req;

	ok(ocsp_request_make(c, w.ca, w.a, &req, NULL) == 0);
	return post("/ocsp", "application/ocsp-request", req);
}

static void
ocsp_judge(const char *what, const char *cert, const char *text)
{
	RUN(what, text, "openssl", "ocsp", "-issuer", w.ca_file, "-cert", cert,
		"-CAfile", w.ca_file, "-url",
		arena_printf(w.a, "http://127.0.0.1:%d/ocsp", w.port));
}

static void
test_ocsp(void)
{
	char *sign = save_cert("sign.pem", w.firm.sign);
	struct bytes req, answer;
	struct ocsp_answer said;
	int64_t made;
	char *hex = serial_text(w.a, cert_serial(w.firm.auth));
	json_t *j;

	ocsp_judge("openssl ocsp: good", sign, "sign.pem: good");
	RUN("openssl ocsp: unknown", "unknown", "openssl", "ocsp", "-issuer",
		w.ca_file, "-serial", "0x1234567", "-CAfile", w.ca_file, "-url",
		arena_printf(w.a, "http://127.0.0.1:%d/ocsp", w.port));
	answer = ocsp_of(w.firm.auth);
	ok(!ocsp_peek(answer, &said, &made, NULL) && said.status == OCSP_GOOD);
	ok(said.next_update - said.this_update >= HOUR_MS);
	api_is("POST",
		arena_printf(w.a, "/machilink/certificates/%s/revocation", hex),
		"{\"reason\":\"key lost\"}", 204, NULL);
	api_is("POST",
		arena_printf(w.a, "/machilink/certificates/%s/revocation", hex),
		"{}", 404, "certificate_not_found");
	ocsp_judge("openssl ocsp: revoked", save_cert("gone.pem", w.firm.auth),
		"gone.pem: revoked");
	j = api("GET", arena_printf(w.a, "/machilink/certificates/%s", hex),
		NULL);
	is_str(json_str(j, "status"), "revoked");
	is_str(json_str(j, "reason"), "key lost");

	ok(ocsp_request_make(w.town.sign, w.ca, w.a, &req, NULL) == 0);
	answer = get(arena_printf(w.a, "/ocsp/%s",
		form_encode(w.a, base64_encode(w.a, req.data, req.len))));
	ok(w.status == 200 && !ocsp_peek(answer, &said, &made, NULL) &&
		said.status == OCSP_GOOD);
	answer = post("/ocsp", "application/ocsp-request", bytes_str("junk"));
	ok(w.status == 200 && answer.len == 5 && answer.data[4] == 1);
	/* somebody else's certificate: not ours to judge */
	ok(ocsp_request_make(w.town.sign, w.town.sign, w.a, &req, NULL) == 0);
	answer = post("/ocsp", "application/ocsp-request", req);
	ok(answer.len == 5 && answer.data[4] == 6);
}

/* ---- time stamps ---- */

static uint64_t
stamp_serial(void)
{
	struct cert *tsa = NULL;
	struct bytes pem, req, answer, token;
	struct digest d;
	struct tsp_token t = { 0 };
	struct err e = ERR_INIT;
	uint64_t v = 0;

	digest_of(DIGEST_SHA512, "x", 1, &d);
	ok(tsp_request_make(&d, w.a, &req, &e) == 0);
	answer = post("/tsa", "application/timestamp-query", req);
	ok(file_read(w.a, fresh("tsa.pem"), 65536, &pem, &e) == 0);
	ok(cert_parse(&tsa, pem, &e) == 0);
	ok_m(tsp_response_token(answer, w.a, &token, &e) == 0 &&
			tsp_token_verify(token, &d,
				(struct cert_list){ &tsa, 1 }, w.a, &t,
				&e) == 0,
		"token: %s", e.text);
	for (size_t i = 0; i < t.serial.len; i++)
		v = v << 8 | t.serial.data[i];
	cert_unref(&tsa);
	return v;
}

static void
test_tsa(void)
{
	char *data = save("stamp.me", bytes_str("to be stamped"));
	char *query = fresh("q.tsq"), *reply;
	struct bytes req, answer;
	uint64_t first;

	RUN("openssl ts query", NULL, "openssl", "ts", "-query", "-data", data,
		"-sha256", "-cert", "-out", query);
	ok(file_read(w.a, query, 65536, &req, NULL) == 0);
	answer = post("/tsa", "application/timestamp-query", req);
	is_int(w.status, 200);
	reply = save("r.tsr", answer);
	RUN("openssl ts verifies", "Verification: OK", "openssl", "ts",
		"-verify", "-queryfile", query, "-in", reply, "-CAfile",
		w.ca_file);
	RUN("openssl ts query without certificate", NULL, "openssl", "ts",
		"-query", "-data", data, "-sha512", "-no_nonce", "-out", query);
	ok(file_read(w.a, query, 65536, &req, NULL) == 0);
	reply = save("r.tsr", post("/tsa", "application/timestamp-query", req));
	RUN("openssl ts verifies with the certificate beside",
		"Verification: OK", "openssl", "ts", "-verify", "-queryfile",
		query, "-in", reply, "-CAfile", w.ca_file, "-untrusted",
		fresh("tsa.pem"));
	first = stamp_serial();
	ok(stamp_serial() == first + 1);

	RUN("a SHA-1 query", NULL, "openssl", "ts", "-query", "-data", data,
		"-sha1", "-out", query);
	ok(file_read(w.a, query, 65536, &req, NULL) == 0);
	reply = save("r.tsr", post("/tsa", "application/timestamp-query", req));
	RUN("SHA-1 is refused", "unrecognized or unsupported algorithm",
		"openssl", "ts", "-reply", "-in", reply, "-text");
	reply = save("r.tsr",
		post("/tsa", "application/timestamp-query", bytes_str("no")));
	RUN("junk is refused", "data submitted has the wrong format", "openssl",
		"ts", "-reply", "-in", reply, "-text");
}

enum { CROWD = 4, EACH = 8 };

struct visitor {
	struct worker *worker;
	uint64_t serial[EACH];
	int good; /* OCSP answers */
};

static uint64_t
crowd_stamp(struct arena *a, struct cert_list tsa, const char *url)
{
	struct http_header head = { "Content-Type",
		"application/timestamp-query" };
	struct http_call c = { .method = "POST",
		.url = url,
		.header = &head,
		.headers = 1,
		.has_body = true,
		.total_timeout_ms = 60000 };
	struct http_answer answer;
	struct tsp_token t;
	struct bytes token;
	struct digest d;
	uint64_t v = 0;

	digest_of(DIGEST_SHA512, "x", 1, &d);
	if (tsp_request_make(&d, a, &c.body, NULL) ||
		http_call(w.http, a, &c, &answer, NULL) ||
		tsp_response_token(answer.body, a, &token, NULL) ||
		tsp_token_verify(token, &d, tsa, a, &t, NULL))
		return 0;
	for (size_t i = 0; i < t.serial.len; i++)
		v = v << 8 | t.serial.data[i];
	return v;
}

static int
crowd_ocsp(struct arena *a, const char *url)
{
	struct http_call c = { .method = "POST",
		.url = url,
		.has_body = true,
		.total_timeout_ms = 60000 };
	struct http_answer answer;
	struct ocsp_answer said;
	int64_t made;

	return !ocsp_request_make(w.town.sign, w.ca, a, &c.body, NULL) &&
	       !http_call(w.http, a, &c, &answer, NULL) &&
	       !ocsp_peek(answer.body, &said, &made, NULL) &&
	       said.status == OCSP_GOOD;
}

static void
visit(void *p)
{
	struct visitor *v = p;
	struct arena *a = arena_new();
	struct cert *tsa = NULL;
	struct bytes pem;
	char *base = arena_printf(a, "http://127.0.0.1:%d", w.port);

	if (!file_read(a, arena_printf(a, "%s/tsa.pem", tap_dir()), 65536, &pem,
		    NULL) &&
		!cert_parse(&tsa, pem, NULL))
		for (int i = 0; i < EACH; i++) {
			v->serial[i] =
				crowd_stamp(a, (struct cert_list){ &tsa, 1 },
					arena_printf(a, "%s/tsa", base));
			v->good +=
				crowd_ocsp(a, arena_printf(a, "%s/ocsp", base));
		}
	cert_unref(&tsa);
	arena_free(&a);
}

/* Many at once: every stamp has a serial number of its own. */
static void
test_crowd(void)
{
	struct visitor v[CROWD] = { 0 };
	uint64_t *all = arena_array(w.a, CROWD * EACH, sizeof(*all));
	int n = 0, twice = 0, good = 0;

	for (int i = 0; i < CROWD; i++)
		ok(worker_start(&v[i].worker, "visitor", visit, &v[i], NULL) ==
			0);
	for (int i = 0; i < CROWD; i++) {
		worker_join(&v[i].worker);
		good += v[i].good;
		for (int k = 0; k < EACH; k++)
			all[n++] = v[i].serial[k];
	}
	for (int i = 0; i < n; i++)
		for (int k = 0; k < i; k++)
			twice += all[i] == all[k] || !all[i];
	is_int(twice, 0);
	is_int(good, CROWD * EACH);
}

/* ---- registration ---- */

static const struct client_id provider = { "LAB", "GOV", "1", "Management" };

/* Sends; the number, or -1 with the fault's code in e. */
static int64_t
reg_send(const struct mgmt_order *r, const struct client_id *to, struct err *e)
{
	struct tls_options o = { .policy = TLS_WEB };
	struct http_header head = { "Content-Type", NULL };
	bool reg = r->kind == MGMT_AUTH_CERT_REG;
	struct http_call c = {
		.method = "POST",
		.url = arena_printf(w.a,
			"https://127.0.0.1:%d/managementservice/%s",
			reg ? w.reg_port : w.mgmt_port, reg ? "" : "manage/"),
		.header = &head,
		.headers = 1,
		.has_body = true,
		.total_timeout_ms = 60000,
	};
	struct http_answer answer;
	char *type;
	int64_t id = -1;

	err_reset(e);
	if (mgmt_make(w.a, r, to, &c.body, &type, e) ||
		tls_client_new(&c.tls, &o, e))
		return -1;
	head.value = type;
	if (!http_call(w.http, w.a, &c, &answer, e)) {
		const char *cache = answer_header(&answer, "cache-control");
		struct center *ct = w.state;

		ok(str_equal(cache, "no-store"));
		ok(answer.peer.n &&
			cert_equal(answer.peer.item[0], ct->reg_cert) == reg);
		if (mgmt_result(w.a, r->kind, answer.body, &id, e))
			id = -1;
		is_int(answer.status, id >= 0 ? 200 : 500);
	}
	tls_unref(&c.tls);
	return id;
}

static void
reg_refused(const char *what, const struct mgmt_order *r,
	const struct client_id *to, const char *code)
{
	struct err e = ERR_INIT;
	int64_t id = reg_send(r, to, &e);

	ok_m(id == -1 && (!code || strstr(e.code, code)),
		"refused: %s (%s: %s)", what, e.code, e.text);
}

static struct mgmt_order
reg_of(struct party *p)
{
	return (struct mgmt_order){
		.server = { p->id, "ss1" },
		.address = "127.0.0.1",
		.auth_cert = p->auth,
		.auth_key = p->auth_key,
		.key = p->sign_key,
		.cert = p->sign,
		.ocsp = ocsp_of(p->sign),
	};
}

/* An authentication certificate of an authority nobody approved. */
static struct cert *
foreign_cert(struct key *key)
{
	const struct rdn subject[] = { { "C", "JP" }, { "CN", "Foreign" } };
	struct cert_template t = {
		.subject = subject,
		.subjects = 2,
		.key = key,
		.serial = 7,
		.not_before = clock_now() - HOUR_MS,
		.not_after = clock_now() + HOUR_MS,
		.path_len = -1,
		.key_usage = KU_DIGITAL_SIGNATURE,
		.ext_usage = EKU_CLIENT_AUTH,
	};
	struct cert *c = NULL;

	ok(cert_issue(&c, &t, NULL, key, NULL) == 0);
	return c;
}

/* The owner's certificate is revoked: OCSP says so, the answer is fresh. */
static void
revoked_owner(void)
{
	struct party p = w.town;
	struct mgmt_order r;

	p.sign = certify(p.sign_key, &p.id, false);
	api_is("POST",
		arena_printf(w.a, "/machilink/certificates/%s/revocation",
			serial_text(w.a, cert_serial(p.sign))),
		"{}", 204, NULL);
	r = reg_of(&p);
	reg_refused(
		"revoked owner certificate", &r, &provider, "cert_validation");
	cert_unref(&p.sign);
}

static void
test_registration_refusals(void)
{
	struct mgmt_order good = reg_of(&w.town), r;
	struct client_id nobody = { "LAB", "GOV", "1", "Elsewhere" };
	struct cert *foreign;

	r = good;
	r.auth_key = w.firm.auth_key;
	reg_refused("signature by another key", &r, &provider,
		"invalid_signature_value");
	r = good;
	r.key = w.firm.sign_key;
	reg_refused("owner's signature by another key", &r, &provider,
		"invalid_signature_value");
	r = good;
	r.key = w.firm.sign_key;
	r.cert = w.firm.sign;
	r.ocsp = ocsp_of(w.firm.sign);
	reg_refused("certificate of another member", &r, &provider,
		"invalid_request");
	r = good;
	r.auth_cert = w.town.sign;
	r.auth_key = w.town.sign_key;
	reg_refused("a signing certificate", &r, &provider, "cert_validation");
	r = good;
	r.ocsp = ocsp_of(w.firm.sign);
	reg_refused(
		"OCSP answer about another", &r, &provider, "cert_validation");
	reg_refused("another provider", &good, &nobody, "invalid_request");
	foreign = foreign_cert(w.town.auth_key);
	r = good;
	r.auth_cert = foreign;
	reg_refused("another authority", &r, &provider, "cert_validation");
	cert_unref(&foreign);
	clock_shift(2 * HOUR_MS);
	reg_refused("stale OCSP answer", &good, &provider, "cert_validation");
	clock_shift(0);
	r = good;
	r.address = "not an address";
	reg_refused("bad address", &r, &provider, "invalid_request");
	clock_shift(INT64_C(800) * 24 * HOUR_MS);
	r = reg_of(&w.town);
	reg_refused("expired certificates", &r, &provider, "cert_validation");
	clock_shift(0);
	revoked_owner();
}

static void
approve(int64_t id)
{
	json_t *j;

	j = api("GET",
		arena_printf(w.a, "/management-requests/%lld", (long long)id),
		NULL);
	is_str(json_str(j, "status"), "WAITING");
	is_str(json_str(j, "origin"), "SECURITY_SERVER");
	ok(json_sub(j, "certificate_details") != NULL);
	api_is("POST",
		arena_printf(w.a, "/management-requests/%lld/approval",
			(long long)id),
		"{}", 200, NULL);
	api_is("POST",
		arena_printf(w.a, "/management-requests/%lld/approval",
			(long long)id),
		"{}", 400, "management_request_invalid_state_for_approval");
}

static void
test_registered(void)
{
	struct shared_params p = { 0 };
	struct gc_anchor anchor = { 0 };
	struct err e = ERR_INIT;
	struct gcdir dir = { 0 };
	struct digest d;

	ok(publish_now());
	anchor_read(&anchor);
	ok(directory_read(&anchor, "?version=6", clock_now(), &dir, &e) == 0);
	for (size_t i = 0; i < dir.parts; i++)
		if (strstr(dir.part[i].location, "shared"))
			ok(shared_params_parse(w.a, get(dir.part[i].location),
				   6, &p, &e) == 0);
	is_int((long long)p.servers, 1);
	if (!p.servers)
		return;
	is_str(p.server[0].id.server, "ss1");
	is_str(p.server[0].address, "127.0.0.1");
	cert_digest(w.town.auth, DIGEST_SHA256, &d);
	ok(p.server[0].auth_certs == 1 &&
		digest_equal(p.server[0].auth_cert, &d));
	ok(gc_server_hosts(&p.server[0], &provider));
	ok(p.groups == 1 && p.group[0].members == 1);
}

static void
test_registration(void)
{
	struct mgmt_order r = reg_of(&w.town);
	struct err e = ERR_INIT;
	int64_t id;

	test_registration_refusals();
	r.dry_run = true;
	ok_m(reg_send(&r, &provider, &e) == 0, "dry run: %s", e.text);
	r.dry_run = false;
	id = reg_send(&r, &provider, &e);
	ok_m(id > 0, "registered: %s %s", e.code, e.text);
	reg_refused(
		"the same again", &r, &provider, "management_request_exists");
	approve(id);
	reg_refused("registered already", &r, &provider,
		"management_request_security_server_exists");
	api_is("POST", "/security-servers/LAB:GOV:1:ss1/clients",
		"{\"client_id\":\"LAB:GOV:1:Management\"}", 201, NULL);
	api_is("POST", "/security-servers/LAB:GOV:1:ss1/clients",
		"{\"client_id\":\"LAB:GOV:1:Management\"}", 409, NULL);
	api_is("POST", "/security-servers/LAB:GOV:1:no/clients",
		"{\"client_id\":\"LAB:GOV:1:Management\"}", 409, NULL);
	is_int((long long)json_array_size(api(
		       "GET", "/security-servers/LAB:GOV:1:ss1/clients", NULL)),
		1);
	test_registered();
	call("GET",
		arena_printf(
			w.a, "http://127.0.0.1:%d/managementservice/", w.port),
		NULL, (struct bytes){ 0 });
	is_int(w.status, 404);
}

static void
status_is(int64_t id, const char *want)
{
	json_t *j = api("GET",
		arena_printf(w.a, "/management-requests/%lld", (long long)id),
		NULL);

	is_str(json_str(j, "status"), want);
}

/* The other door: clients, address, maintenance, as the provider's server
   hands them on. */
static void
test_management(void)
{
	struct mgmt_order r = reg_of(&w.town);
	struct err e = ERR_INIT;
	struct bytes wsdl;
	int64_t id;

	r.kind = MGMT_CLIENT_REG;
	r.client = (struct client_id){ "LAB", "GOV", "1", "Data" };
	r.subsystem_name = "Open data";
	id = reg_send(&r, &provider, &e);
	ok_m(id > 0, "client: %s %s", e.code, e.text);
	status_is(id, "WAITING");
	reg_refused("again", &r, &provider, "management_request_exists");
	api_is("POST",
		arena_printf(w.a, "/management-requests/%lld/approval",
			(long long)id),
		"{}", 200, NULL);
	r.kind = MGMT_CLIENT_DISABLE;
	ok(reg_send(&r, &provider, &e) > id);
	r.key = w.firm.sign_key;
	reg_refused("another's signature", &r, &provider,
		"invalid_signature_value");
	r.cert = w.firm.sign;
	r.ocsp = ocsp_of(w.firm.sign);
	reg_refused("another's certificate", &r, &provider, "invalid_request");
	r = reg_of(&w.town);
	r.kind = MGMT_AUTH_CERT_REG;
	reg_refused("known", &r, &provider, "security_server_exists");
	r.kind = MGMT_ADDRESS_CHANGE;
	r.address = "127.0.0.9";
	ok(reg_send(&r, &provider, &e) > id);
	r.address = "127.0.0.1";
	ok(reg_send(&r, &provider, &e) > id);
	r.kind = MGMT_MAINTENANCE_ENABLE;
	reg_refused("provider", &r, &provider, "mr_forbidden_enable");
	r.kind = MGMT_CLIENT_DELETION;
	r.client = (struct client_id){ "LAB", "GOV", "1", "Data" };
	ok(reg_send(&r, &provider, &e) > id);
	r.kind = MGMT_AUTH_CERT_DELETION;
	r.auth_cert = w.firm.auth;
	reg_refused("not registered", &r, &provider, "invalid_auth_cert");
	wsdl = call("GET",
		arena_printf(w.a, "http://127.0.0.1:%d/managementservices.wsdl",
			w.port),
		NULL, (struct bytes){ 0 });
	is_int(w.status, 200);
	ok(memmem(wsdl.data, wsdl.len, "clientReg", 9) != NULL);
	ok(memmem(wsdl.data, wsdl.len, "authCertReg\"", 12) == NULL);
}

/* Requests entered by the operator, and what they do at once. */
static void
test_center_requests(void)
{
	json_t *j = api("POST", "/management-requests",
		"{\"type\":\"CLIENT_REGISTRATION_REQUEST\",\"origin\":"
		"\"CENTER\",\"security_server_id\":\"LAB:GOV:1:ss1\","
		"\"client_id\":\"LAB:COM:2:App\",\"subsystem_name\":\"A\"}");

	is_int(w.status, 202);
	is_str(json_str(j, "status"), "WAITING");
	is_str(json_str(j, "client_id"), "LAB:COM:2:App");
	api_is("DELETE",
		arena_printf(w.a, "/management-requests/%lld",
			(long long)json_int(j, "id", 0)),
		NULL, 204, NULL);
	api_is("POST", "/management-requests",
		"{\"type\":\"ADDRESS_CHANGE_REQUEST\",\"origin\":\"CENTER\","
		"\"security_server_id\":\"LAB:GOV:1:ss1\","
		"\"server_address\":\"ss1.example\"}",
		201, NULL);
	j = api("GET", "/security-servers/LAB:GOV:1:ss1", NULL);
	is_str(json_str(j, "server_address"), "ss1.example");
	api_is("POST", "/management-requests",
		"{\"type\":\"OWNER_CHANGE_REQUEST\",\"origin\":\"CENTER\","
		"\"security_server_id\":\"LAB:GOV:1:ss1\"}",
		400, "validation_failure");
	api_is("DELETE",
		"/security-servers/LAB:GOV:1:ss1/clients/LAB:GOV:1:Management",
		NULL, 204, NULL);
	api_is("POST", "/management-services-configuration/register-provider",
		"{\"security_server_id\":\"LAB:GOV:1:ss1\"}", 200, NULL);
	j = api("GET", "/management-services-configuration", NULL);
	is_str(json_str(j, "security_server_id"), "LAB:GOV:1:ss1");
	j = api("GET", "/management-requests?status=APPROVED&limit=2", NULL);
	is_int((long long)json_array_size(json_list(j, "items")), 2);
	ok(json_int(json_sub(j, "paging_metadata"), "total_items", 0) > 2);
	api_is("DELETE", "/members/LAB:GOV:1", NULL, 409,
		"member_is_management_service_provider");
	api_is("POST", "/members",
		"{\"member_id\":{\"member_class\":\"COM\",\"member_code\":"
		"\"3\"},\"member_name\":\"Short\"}",
		201, NULL);
	api_is("DELETE", "/members/LAB:COM:3", NULL, 204, NULL);
	api_is("GET", "/members/LAB:COM:3", NULL, 404, "member_not_found");
}

/* ---- restart, locked token ---- */

static void
test_restart(void)
{
	struct gc_anchor anchor = { 0 };
	struct err e = ERR_INIT;
	struct gcdir dir;
	uint64_t before = stamp_serial();
	char health[2048];

	anchor_read(&anchor);
	http_stop(&w.admin);
	role_center.stop(w.state);
	ok(signer_logout(w.signer, &e) == 0);
	center_up();
	admin_up();
	ok_m(directory_read(&anchor, "?version=6", clock_now(), &dir, &e) == 0,
		"served at once: %s", e.text);
	ok(!publish_now());
	ok(role_center.health(w.state, health, sizeof(health)) == 0);
	ok_m(strstr(health, "\"token\":\"token_not_active\"") != NULL,
		"health: %s", health);
	api_is("POST", "/configuration-sources/EXTERNAL/signing-keys",
		"{\"key_label\":\"k\"}", 500, "token_not_active");
	api_is("PUT", "/tokens/0/login", "{\"password\":\"wrong-PIN-1\"}", 400,
		"pin_incorrect");
	api_is("PUT", "/tokens/0/login", "{\"password\":\"Secret-1234\"}", 200,
		NULL);
	ok(publish_now());
	ok(role_center.health(w.state, health, sizeof(health)) == 0);
	ok_m(strstr(health, "\"ok\":true") != NULL, "health: %s", health);
	ok(stamp_serial() > before);
	ocsp_judge("openssl ocsp after the restart",
		save_cert("gone.pem", w.firm.auth), "gone.pem: revoked");
}

int
main(void)
{
	world_up();
	test_initialization();
	test_members();
	test_trust();
	test_configuration();
	test_rotation();
	test_certificates();
	test_ocsp();
	test_tsa();
	test_crowd();
	test_registration();
	test_management();
	test_center_requests();
	test_expiry();
	test_torn_round();
	test_sweep();
	test_minimum();
	test_restart();
	world_down();
	return tap_done();
}
