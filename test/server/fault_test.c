/* SPDX-License-Identifier: MIT */
/*
 * The fault table of interop/xroad-messages.md 1.9, driven through the doors:
 * every code that a message can meet is provoked over REST and over SOAP, and
 * the whole answer is compared (status, X-Road-Error, content type, members of
 * the body). Both spellings of every code, that of 7.8 and that of 7.7.1 and
 * before, are compared with the table's own columns. A row without a door and
 * a code without a row say why.
 */
#define IN_SERVER 1

#include "evil.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "faultpoint.h"
#include "file.h"
#include "json_io.h"
#include "mem.h"
#include "signer.h"
#include "soap.h"
#include "tap.h"
#include "text.h"
#include "xml.h"

static struct net n;
static struct evil v;

#define CP     "server.clientproxy."
#define SP     "server.serverproxy."
#define FAILED "service_failed."
#define SIGN   CP "signature_verification."
#define DATA   "/r1/JP/COM/2000/Data/"
#define FAKE   "/r1/JP/COM/3000/Fake/any"

struct row;
typedef struct http_answer drive_fn(const struct row *r);

/* rest, soap: the whole code at that door, NULL: not there. `arg` is what the
   driver needs; `before` and `after` make and mend the trouble. */
struct row {
	const char *code;
	const char *rest, *soap;
	drive_fn *drive_rest, *drive_soap;
	const char *arg, *arg2;
	void (*before)(void), (*after)(void);
	const char *why; /* no door */
};

/* ---- drivers ---- */

static struct http_answer
rest(const struct row *r)
{
	return is_get(&n, r->arg, "fault");
}

/* arg as "Data/echo" of a REST path, by SOAP; arg2 NULL, or the version. */
static struct http_answer
soap_to(const struct client_id *provider, const char *code, const char *version)
{
	const struct service_id s = { *provider, code, version };
	const struct soap_call c = { .service = &s, .id = "fault" };

	return is_soap(&n, &c);
}

static struct http_answer
soap_data(const struct row *r)
{
	return soap_to(&FIRM_DATA, r->arg2, "v1");
}

static struct http_answer
soap_rest_service(const struct row *r)
{
	return soap_to(&FIRM_DATA, r->arg2, NULL);
}

static struct http_answer
soap_fake(const struct row *r)
{
	(void)r;
	return soap_to(&EVIL_FAKE, "any", NULL);
}

static struct http_answer
soap_gone(const struct row *r)
{
	(void)r;
	return soap_to(&DEAD_GONE, "any", NULL);
}

/* A document or anything else at the SOAP door: arg2; type: arg. */
static struct http_answer
post(const char *method, const char *type, const char *action, const char *body)
{
	const struct http_header h[] = { { "Content-Type", type },
		{ "SOAPAction", action } };
	const struct is_call c = { .method = method,
		.path = "/",
		.header = h,
		.headers = 2,
		.body = bytes_str(body),
		.has_body = *body != '\0' };

	return is_call(&n, &n.town, &c);
}

static struct http_answer
soap_raw(const struct row *r)
{
	return post("POST", r->arg ? r->arg : "text/xml", "", r->arg2);
}

static struct http_answer
soap_action(const struct row *r)
{
	return post("POST", "text/xml", r->arg2, "<x/>");
}

static struct http_answer
soap_get(const struct row *r)
{
	(void)r;
	return post("GET", "text/xml", "", "");
}

static struct http_answer
rest_with(const char *method, const char *client, const char *target)
{
	const struct http_header h[] = { { "X-Road-Id", "fault" },
		{ "X-Road-Client", client },
		{ "X-Road-Security-Server", target } };
	const struct is_call c = { .method = method,
		.path = ECHO,
		.header = h,
		.headers = !client  ? 1
			   : target ? 3
				    : 2 };

	return is_call(&n, &n.town, &c);
}

static struct http_answer
rest_nobody(const struct row *r)
{
	(void)r;
	return rest_with("GET", NULL, NULL);
}

static struct http_answer
rest_client(const struct row *r)
{
	return rest_with("GET", r->arg, NULL);
}

static struct http_answer
rest_target(const struct row *r)
{
	(void)r;
	return rest_with("GET", "JP/GOV/1000/Portal", "JP/COM/3000/ss3");
}

static struct http_answer
soap_client(const struct row *r)
{
	const struct service_id s = { FIRM_DATA, "get", "v1" };
	const struct client_id stranger = { NET_INSTANCE, "GOV", "1", "No" };
	const struct soap_call c = { .service = &s,
		.id = "fault",
		.client = r->arg2 ? &TOWN_TLS : &stranger };

	return is_soap(&n, &c);
}

static struct http_answer
soap_target(const struct row *r)
{
	const struct service_id s = { FIRM_DATA, "get", "v1" };
	const struct server_id target = { EVIL, "ss3" };
	const struct soap_call c = {
		.service = &s, .id = "fault", .target = &target
	};

	(void)r;
	return is_soap(&n, &c);
}

/* ---- trouble ---- */

static void
evil_is(struct trick t)
{
	evil_answer(&v, &t);
}

#define EVIL_IS(name, ...)                \
 static void name(void)                   \
 {                                        \
  evil_is((struct trick){ __VA_ARGS__ }); \
 }
EVIL_IS(evil_good, .method = NULL)
EVIL_IS(evil_cut, .cut = true)
EVIL_IS(evil_no_hash, .no_hash = true)
EVIL_IS(evil_404, .status = 404)
EVIL_IS(evil_html, .type = "text/html")
EVIL_IS(evil_after, .after_signature = true)
EVIL_IS(evil_soap, .plain = "<html/>")
EVIL_IS(evil_unsigned, .no_signature = true)
EVIL_IS(evil_hash, .other_hash = true)
EVIL_IS(evil_key, .key = n.stranger_auth.key)
EVIL_IS(evil_member, .signer = &n.firm.sign)
EVIL_IS(evil_usage, .signer = &n.evil_auth)
EVIL_IS(evil_body, .other_body = true, .body = 10)

static struct bytes stale_ocsp, revoked_ocsp;
static struct party old_signer;

EVIL_IS(evil_stale, .ocsp = &stale_ocsp)
EVIL_IS(evil_revoked, .ocsp = &revoked_ocsp)
EVIL_IS(evil_expired, .signer = &old_signer)

/* Two parts are signed, one is sent. */
static void
evil_chain(void)
{
	static struct signature s;
	struct trick t = { .body = 10 };

	evil_answer(&v, &t);
	(void)is_get(&n, FAKE, "fault");
	s = evil_last(&v);
	evil_is((struct trick){ .other = &s });
}

static void
late(void)
{
	clock_shift((int64_t)NET_DAY_MS + 60000);
}

static void
in_time(void)
{
	clock_shift(0);
}

static void
maintain(void)
{
	n.maintenance = true;
	net_publish(&n);
}

static void
maintained(void)
{
	n.maintenance = false;
	net_publish(&n);
}

static void
log_breaks(void)
{
	fault_arm("store.write", 0, 1);
}

static void
no_stamps(void)
{
	struct err e = ERR_INIT;

	n.tsa_down = true;
	(void)is_get(&n, ECHO, "fault");
	ok(messagelog_stamp(n.town.s.log, &e) < 0);
	clock_shift(101 * 1000);
}

static void
stamps(void)
{
	struct err e = ERR_INIT;

	n.tsa_down = false;
	clock_shift(0);
	ok_m(messagelog_stamp(n.town.s.log, &e) >= 0, "%s", e.text);
}

/* The provider's PIN is taken away while its connections stand; new ones fail
   in the handshake. */
static void
log_out(void)
{
	(void)is_get(&n, ECHO, "fault");
	ok(!signer_logout(n.firm.signer, NULL));
}

static void
log_in(void)
{
	ok(!signer_login(n.firm.signer, "1234-abcd", NULL));
}

static void
newer_only(void)
{
	node_restart(&n, &n.firm, "proxy",
		"server-min-supported-client-version", "9.0.0");
}

static void
all_versions(void)
{
	node_restart(&n, &n.firm, "proxy",
		"server-min-supported-client-version", "");
}

/* ---- documents ---- */

#define ENVELOPE(inner)                                    \
 "<s:Envelope xmlns:s=\"" NS_SOAP "\" xmlns:x=\"" NS_XROAD \
 "\" xmlns:id=\"" NS_ID "\">" inner "</s:Envelope>"
#define MEMBER                             \
 "<id:xRoadInstance>JP</id:xRoadInstance>" \
 "<id:memberClass>GOV</id:memberClass><id:memberCode>1000</id:memberCode>"
#define CLIENT "<x:client id:objectType=\"MEMBER\">" MEMBER "</x:client>"
#define SERVICE                                 \
 "<x:service id:objectType=\"SERVICE\">" MEMBER \
 "<id:serviceCode>get</id:serviceCode></x:service>"
#define REST_OF   "<x:id>1</x:id><x:protocolVersion>4.0</x:protocolVersion>"
#define HEADER    "<s:Header>" CLIENT SERVICE REST_OF "</s:Header>"
#define BODY      "<s:Body><get/></s:Body>"
#define MULTIPART "multipart/related; boundary=b"

/* ---- the table ---- */

#define DOOR(c, r, s, dr, ds, a, b)       \
 {                                        \
  c, r, s, dr, ds, a, b, NULL, NULL, NULL \
 }
#define SOAP_IN(c, type, document)                                       \
 {                                                                       \
  c, NULL, "client." c, NULL, soap_raw, type, document, NULL, NULL, NULL \
 }
#define EVIL(c, r, s, b)                                   \
 {                                                         \
  c, r, s, rest, soap_fake, FAKE, NULL, b, evil_good, NULL \
 }
#define TROUBLE(c, r, s, b, a)                      \
 {                                                  \
  c, r, s, rest, soap_data, ECHO, "get", b, a, NULL \
 }
#define NO_DOOR(c, reason)                                  \
 {                                                          \
  c, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, reason \
 }

static const char verify_only[] = "containers: machilink verify, asic_test";
static const char conf_only[] =
	"configurations: confclient_test; messages see global_conf_outdated";
static const char token_only[] =
	"administration of tokens: signer_test, admin_test";
static const char stamp_only[] =
	"diagnostics of time stamps: outage_test, tsp_test";

static const struct row rows[] = {
	EVIL("io_error", CP FAILED "io_error", CP FAILED "io_error", evil_cut),
	DOOR("network_error", CP "network_error", CP "network_error", rest,
		soap_gone, "/r1/JP/COM/4000/Gone/any", NULL),
	DOOR("unknown_host", SP "unknown_host",
		SP "service_failed.unknown_host", rest, soap_data, DATA "lost",
		"lostSoap"),
	EVIL("internal_error", CP "internal_error", CP "internal_error",
		evil_no_hash),
	EVIL("http_error", CP "http_error", CP "http_error", evil_404),
	NO_DOOR("database_error",
		"where a message meets the database it is logging_failed"),
	NO_DOOR("bad_request",
		"/asic answers in plain text: asic_download_test"),
	NO_DOOR("not_found", "/asic answers in plain text: asic_download_test"),
	DOOR("invalid_request", SP "invalid_request", NULL, rest, NULL,
		DATA "getOpenAPI", NULL),
	{ "invalid_content_type", CP FAILED "invalid_content_type",
		"client.invalid_content_type", rest, soap_raw, FAKE, "x",
		evil_html, evil_good, NULL },
	DOOR("invalid_soap_action", NULL, "client.invalid_soap_action", NULL,
		soap_action, NULL, "no"),
	DOOR("invalid_http_method", NULL, "client.invalid_http_method", NULL,
		soap_get, NULL, NULL),
	SOAP_IN("mime_parsing_failed", MULTIPART,
		"--b\r\ncontent-type: text/xml\r\nnonsense\r\n\r\n"),
	EVIL("invalid_message", CP FAILED "invalid_message",
		CP FAILED "invalid_message", evil_after),
	/* what is no XML at all is invalid_soap, as in X-Road */
	SOAP_IN("invalid_xml", NULL,
		ENVELOPE("<s:Header><x:client>" MEMBER
			 "</x:client>" SERVICE REST_OF "</s:Header>" BODY)),
	EVIL("invalid_soap", CP FAILED "invalid_soap", CP FAILED "invalid_soap",
		evil_soap),
	SOAP_IN("missing_soap", MULTIPART, "--b--\r\n"),
	NO_DOOR("missing_rest",
		"a message whose first part is another one is "
		"invalid_content_type; without any: transport_test"),
	EVIL("missing_signature", CP "missing_signature",
		CP "missing_signature", evil_unsigned),
	SOAP_IN("missing_header", NULL, ENVELOPE(BODY)),
	SOAP_IN("missing_header_field", NULL,
		ENVELOPE("<s:Header>" CLIENT SERVICE "</s:Header>" BODY)),
	SOAP_IN("duplicate_header_field", NULL,
		ENVELOPE("<s:Header>" CLIENT CLIENT SERVICE REST_OF
			 "</s:Header>" BODY)),
	SOAP_IN("missing_body", NULL, ENVELOPE(HEADER)),
	SOAP_IN("invalid_body", NULL,
		ENVELOPE(HEADER "<s:Body><get/><get/></s:Body>")),
	SOAP_IN("invalid_protocol_version", NULL,
		ENVELOPE("<s:Header>" CLIENT SERVICE
			 "<x:id>1</x:id><x:protocolVersion>3.1"
			 "</x:protocolVersion></s:Header>" BODY)),
	SOAP_IN("inconsistent_headers", NULL,
		ENVELOPE(HEADER "<s:Body><put/></s:Body>")),
	EVIL("inconsistent_response", CP "inconsistent_response",
		CP "inconsistent_response", evil_hash),
	DOOR("invalid_client_identifier", CP "invalid_client_identifier", NULL,
		rest_nobody, NULL, NULL, NULL),
	DOOR("unknown_member", CP "unknown_member", CP "unknown_member",
		rest_client, soap_client, "JP/GOV/1/No", NULL),
	DOOR("invalid_security_server", CP "invalid_security_server",
		CP "invalid_security_server", rest_target, soap_target, NULL,
		NULL),
	{ "maintenance_mode", CP "maintenance_mode", CP "maintenance_mode",
		rest, soap_gone, "/r1/JP/COM/4000/Gone/any", NULL, maintain,
		maintained, NULL },
	DOOR("unknown_service", SP "unknown_service", SP "unknown_service",
		rest, soap_data, DATA "none", "none"),
	DOOR("service_type", SP "service_type", SP "service_type", rest,
		soap_rest_service, DATA "typed", "echo"),
	DOOR("access_denied", SP "access_denied", SP "access_denied", rest,
		soap_data, DATA "denied", "deny"),
	DOOR("service_disabled", SP "service_disabled", SP "service_disabled",
		rest, soap_data, DATA "closed", "shut"),
	DOOR("service_missing_url", SP "service_missing_url",
		SP "service_missing_url", rest, soap_data, DATA "nowhere",
		"nowhereSoap"),
	DOOR("service_malformed_url", SP "service_malformed_url",
		SP "service_malformed_url", rest, soap_data, DATA "odd",
		"oddSoap"),
	DOOR("service_failed", NULL, SP "service_failed.network_error", NULL,
		soap_data, NULL, "bad"),
	DOOR("ssl_authentication_failed", CP "ssl_authentication_failed",
		CP "ssl_authentication_failed", rest_client, soap_client,
		"JP/GOV/1000/Secure", "tls"),
	NO_DOOR("cannot_create_cert_path",
		"a signer nobody knows is invalid_cert_path: peer_test"),
	EVIL("invalid_cert_path", SIGN "invalid_cert_path",
		SIGN "invalid_cert_path", evil_expired),
	EVIL("cert_validation", SIGN "invalid_cert_path.cert_validation",
		SIGN "invalid_cert_path.cert_validation", evil_revoked),
	EVIL("incorrect_validation_info",
		SIGN "invalid_cert_path.incorrect_validation_info",
		SIGN "invalid_cert_path.incorrect_validation_info", evil_stale),
	EVIL("incorrect_certificate", SIGN "incorrect_certificate",
		SIGN "incorrect_certificate", evil_member),
	EVIL("malformed_signature", SIGN "malformed_signature",
		SIGN "malformed_signature", evil_usage),
	EVIL("invalid_signature_value", SIGN "invalid_signature_value",
		SIGN "invalid_signature_value", evil_key),
	EVIL("invalid_reference", SIGN "malformed_signature.invalid_reference",
		NULL, evil_chain),
	NO_DOOR("cannot_create_signature",
		"a key that cannot sign says why: token_not_active, cannot_sign"),
	EVIL("invalid_hash_chain",
		SIGN "malformed_signature.invalid_hash_chain", NULL, evil_body),
	NO_DOOR("malformed_hash_chain", "chains made by hand: hashchain_test"),
	NO_DOOR("hashchain_unused_inputs",
		"chains made by hand: hashchain_test"),
	NO_DOOR("invalid_hash_chain_ref",
		"containers: hashchain_test; live it is invalid_hash_chain"),
	TROUBLE("client_proxy_version_not_supported",
		SP "client_proxy_version_not_supported",
		SP "client_proxy_version_not_supported", newer_only,
		all_versions),
	TROUBLE("global_conf_outdated", CP "global_conf_outdated",
		CP "global_conf_outdated", late, in_time),
	NO_DOOR("malformed_global_conf", conf_only),
	TROUBLE("logging_failed", CP "logging_failed", CP "logging_failed",
		log_breaks, fault_disarm),
	TROUBLE("timestamping_failed", CP "timestamping_failed",
		CP "timestamping_failed", no_stamps, stamps),
	NO_DOOR("mlog.timestamping_non_ok_response", stamp_only),
	NO_DOOR("mlog.no_timestamping_provider_found", stamp_only),
	NO_DOOR("mlog.timestamp_provider_connection_failed", stamp_only),
	NO_DOOR("mlog.timestamp_request_timed_out", stamp_only),
	NO_DOOR("mlog.malformed_timestamp_server_url", stamp_only),
	NO_DOOR("mlog.timestamp_non_granted_response", stamp_only),
	NO_DOOR("mlog.tsp_certificate_not_found", stamp_only),
	NO_DOOR("mlog.timestamp_signer_verification_failed", stamp_only),
	NO_DOOR("mlog.timestamp_response_validation_failed", stamp_only),
	NO_DOOR("asic_mime_type_not_found", verify_only),
	NO_DOOR("asic_signature_not_found", verify_only),
	NO_DOOR("asic_message_not_found", verify_only),
	NO_DOOR("asic_invalid_mime_type", verify_only),
	NO_DOOR("asic_hash_chain_result_not_found", verify_only),
	NO_DOOR("asic_hash_chain_not_found", verify_only),
	NO_DOOR("asic_timestamp_not_found", verify_only),
	NO_DOOR("asic_manifest_not_found", verify_only),
	TROUBLE("token_not_active", SP "signer.token_not_active",
		SP "signer.token_not_active", log_out, log_in),
	NO_DOOR("key_not_found", token_only),
	NO_DOOR("cert_not_found", token_only),
	NO_DOOR("token_not_initialized", token_only),
	NO_DOOR("cannot_sign", token_only),
	NO_DOOR("unsupported_sign_algorithm", token_only),
	NO_DOOR("failed_to_generate_private_key", token_only),
	NO_DOOR("cert_exists", token_only),
	NO_DOOR("wrong_cert_usage", token_only),
	NO_DOOR("pin_incorrect", token_only),
	NO_DOOR("cert_import_failed", token_only),
	NO_DOOR("token_pin_policy_failure", token_only),
};

/* Of the dossier's table, but of nothing that exists here. */
static const struct absent {
	const char *code, *why;
} absents[] = {
	{ "malformed_server_conf",
		"no door opens on a server without an identity: its clients "
		"get ssl_authentication_failed, in X-Road too" },
	{ "malformed_optional_parts_conf",
		"of X-Road's central server, which describes optional parts "
		"in files; here they are rows of a table" },
	{ "hsm_non_operational",
		"of X-Road's health check; a module that is gone is "
		"token_not_active" },
	{ "timestamper_failed", "X-Road 7.8.0 names it and raises it nowhere" },
	{ "csr_not_found", "a name of the administration API: admin_test" },
	{ "token_not_found", "the administration API says not_found" },
	{ "token_not_available", "a module that is gone is token_not_active" },
	{ "token_readonly", "what a module refuses is what was asked of it" },
	{ "login_failed", "a wrong PIN is pin_incorrect; else there is none" },
	{ "logout_failed", "forgetting the keys cannot fail" },
	{ "mlog.timestamp_token_signer_info_not_found",
		"cannot happen in X-Road either, which asks a token's only "
		"signer for itself; a token without signer is "
		"mlog.timestamp_response_validation_failed" },
};

/* ---- judging the answers ---- */

static void
json_is(const char *what, const struct http_answer *a, const char *code)
{
	json_t *j = NULL, *detail;
	struct err e = ERR_INIT;

	ok_m(str_equal(answer_header(a, "Content-Type"), "application/json"),
		"%s: application/json", what);
	if (json_parse(n.a, a->body, NULL, &j, &e)) {
		ok_m(false, "%s: %s", what, e.text);
		return;
	}
	detail = json_object_get(j, "detail");
	ok_m(str_equal(json_str(j, "type"), code) && json_str(j, "message") &&
			*json_str(j, "message") && detail &&
			(json_is_null(detail) || json_is_string(detail)) &&
			json_object_size(j) == 3,
		"%s: type, message, detail: %.*s", what, (int)a->body.len,
		(const char *)a->body.data);
}

static void
rest_is(const char *what, const struct http_answer *a, const char *code)
{
	int status = str_prefix(code, "server.") ? 500 : 400;

	ok_m(str_equal(is_error(a), code) && a->status == status,
		"%s over REST: %d %s (got %d \"%s\")", what, status, code,
		a->status, is_error(a));
	json_is(what, a, code);
}

/* faultcode, faultstring, faultactor, in the 7.8 form and order. */
static void
soap_is(const char *what, const struct http_answer *a, const char *code)
{
	const char *action = answer_header(a, "SOAPAction");
	const char *type = answer_header(a, "Content-Type");
	struct soap m;
	struct err e = ERR_INIT;

	ok_m(a->status == 200 && action && !*action && type &&
			str_iprefix(type, "text/xml"),
		"%s over SOAP: HTTP %d, %s", what, a->status,
		type ? type : "no type");
	if (soap_parse(n.a, a->body, type, &m, &e)) {
		ok_m(false, "%s: %s", what, e.text);
		return;
	}
	ok_m(m.fault && str_equal(m.fault_code, code) && m.fault_string &&
			*m.fault_string,
		"%s over SOAP: %s (got \"%s\" \"%s\")", what, code,
		m.fault ? m.fault_code : "", m.fault ? m.fault_string : "");
}

static void
test_row(const struct row *r)
{
	enum fault f = fault_by_code(r->code);
	struct http_answer a;

	ok_m(f && str_equal(fault_code(f), r->code), "%s is in fault.def",
		r->code);
	if (r->rest) {
		if (r->before)
			r->before();
		a = r->drive_rest(r);
		rest_is(r->code, &a, r->rest);
		if (r->after)
			r->after();
	}
	if (r->soap) {
		if (r->before)
			r->before();
		a = r->drive_soap(r);
		soap_is(r->code, &a, r->soap);
		if (r->after)
			r->after();
	}
	if (!r->rest && !r->soap)
		tap_note("%s: %s", r->code, r->why);
}

/* A locked token and new connections: the consumer's own is told in X-Road's
   words (ClientMessageHandler.verifyCanProcess), the provider's is a failed
   handshake. */
static void
test_locked(void)
{
	struct http_answer a;

	node_restart(&n, &n.firm, NULL, NULL, NULL);
	ok(!signer_logout(n.town.signer, NULL));
	a = is_get(&n, ECHO, "fault");
	rest_is("our token is locked", &a, CP "ssl_authentication_failed");
	ok(text_has(a.body,
		"Security server has no valid authentication certificate"));
	a = soap_to(&FIRM_DATA, "get", "v1");
	soap_is("our token is locked", &a, CP "ssl_authentication_failed");
	ok(!signer_login(n.town.signer, "1234-abcd", NULL));
	is_int(is_get(&n, ECHO, "fault").status, 200);
	node_restart(&n, &n.firm, NULL, NULL, NULL);
	ok(!signer_logout(n.firm.signer, NULL));
	a = is_get(&n, ECHO, "fault");
	rest_is("theirs is locked", &a, CP "ssl_authentication_failed");
	log_in();
	is_int(is_get(&n, ECHO, "fault").status, 200);
}

/* Before there is a certificate nothing is read, however wrong it may be. */
static void
test_no_certificate(void)
{
	struct tls *kept = n.town.s.peer_client_tls;
	struct http_answer a;

	pthread_mutex_lock(&n.town.s.tls_lock);
	n.town.s.peer_client_tls = NULL;
	pthread_mutex_unlock(&n.town.s.tls_lock);
	a = post("POST", "text/xml", "", "<x/>");
	soap_is("no certificate", &a, CP "ssl_authentication_failed");
	a = is_get(&n, "/r1/JP", "fault");
	rest_is("no certificate", &a, CP "ssl_authentication_failed");
	pthread_mutex_lock(&n.town.s.tls_lock);
	n.town.s.peer_client_tls = kept;
	pthread_mutex_unlock(&n.town.s.tls_lock);
	is_int(is_get(&n, ECHO, "fault").status, 200);
}

/* What cannot be read at all is internal_error, HTTP 500 (1.7). */
static void
test_unreadable(void)
{
	static const char *const path[] = { "/r1/JP/COM/2000",
		"/r1/JP/COM/2000/Data", "/r1/JP/COM/2000/Da%zz/echo",
		"/r1/JP/COM/2000/Data/echo?a|b" };
	struct http_answer a;

	for (size_t i = 0; i < sizeof(path) / sizeof(*path); i++) {
		a = is_get(&n, path[i], "fault");
		rest_is(path[i], &a, CP "internal_error");
	}
	a = rest_with("BREW", "JP/GOV/1000/Portal", NULL);
	rest_is("an unknown verb", &a, CP "internal_error");
}

/* X-Road asks by Accept: XML with the same three. */
static void
test_accept(void)
{
	static const char *const accept[] = { "text/xml", "application/xml",
		"text/*;q=0.1, */*" };
	static const char *const type[] = { "text/xml;charset=utf-8",
		"application/xml;charset=utf-8", "text/xml;charset=utf-8" };

	for (size_t i = 0; i < 3; i++) {
		const struct http_header h[] = { { "X-Road-Client",
							 "JP/GOV/1000/Portal" },
			{ "Accept", accept[i] } };
		const struct is_call c = { .method = "GET",
			.path = DATA "denied",
			.header = h,
			.headers = 2 };
		struct http_answer a = is_call(&n, &n.town, &c);
		struct xml_doc *d = NULL;
		struct xml_node *root;

		is_str(answer_header(&a, "Content-Type"), type[i]);
		is_str(is_error(&a), SP "access_denied");
		if (xml_parse(n.a, a.body, NULL, &d, NULL)) {
			ok_m(false, "no XML");
			continue;
		}
		root = xml_root(d);
		ok(xml_is(root, "", "error"));
		is_str(xml_child_text(root, n.a, "", "type"),
			SP "access_denied");
		ok(*xml_child_text(root, n.a, "", "message"));
		ok(xml_child_text(root, n.a, "", "detail") != NULL);
	}
}

/* ---- the table in the dossier ---- */

static bool
has_row(const char *code)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (str_equal(rows[i].code, code))
			return true;
	return false;
}

static const struct absent *
absent(const char *code)
{
	for (size_t i = 0; i < sizeof(absents) / sizeof(*absents); i++)
		if (str_equal(absents[i].code, code))
			return &absents[i];
	return NULL;
}

/* What stands next between back quotes before `end`, without ".*"; NULL:
   nothing. */
static char *
quoted(const char **at, const char *end)
{
	const char *open = *at ? strchr(*at, '`') : NULL;
	const char *close;
	char *word;

	if (!open || open > end)
		return *at = NULL, NULL;
	close = strchr(open + 1, '`');
	*at = close + 1;
	word = arena_strndup(n.a, open + 1, (size_t)(close - open - 1));
	if (strlen(word) > 2 && str_suffix(word, ".*"))
		word[strlen(word) - 2] = '\0';
	return word;
}

/* missing_header_field: MissingHeaderField. */
static const char *
camel(const char *code)
{
	char *out = arena_strdup(n.a, code), *p = out;
	bool upper = true;

	for (; *code; code++) {
		if (*code != '_')
			*p++ = (char)(upper ? *code - 'a' + 'A' : *code);
		upper = *code == '_';
	}
	*p = '\0';
	return out;
}

/* The second column's own word, or its rule, or nothing: the code is new. */
static void
old_is(const char *code, const char *own, bool rule)
{
	const char *old = own && !str_equal(own, "...") ? own
			  : own || rule                 ? camel(code)
							: NULL;
	const char *full;

	if (!old)
		return;
	full = arena_printf(n.a, "Server.ServerProxy.%s", old);
	is_str(fault_old_code(fault_by_code(code)), old);
	is_str(fault_old_code(fault_by_code(full)), old);
}

static void
code_is_known(const char *code, const char *own, bool rule)
{
	const struct absent *a = absent(code);

	/* these two are prefixes only */
	if (str_equal(code, "mlog") ||
		str_equal(code, "signature_verification"))
		return;
	ok_m(has_row(code) != (a != NULL), "%s of the dossier has a row", code);
	if (a)
		tap_note("%s: %s", code, a->why);
	else
		old_is(code, own, rule);
}

/* Codes of one row's first column; how many. */
static size_t
row_codes(const char *line)
{
	const char *bar = strchr(line + 1, '|'), *end = strchr(bar + 1, '|');
	const char *at = line, *second = bar;
	char *rest = arena_strndup(n.a, bar, (size_t)(end - bar));
	bool rule = strstr(rest, "Camel") || strstr(rest, "...");
	size_t count = 0;

	for (char *code; (code = quoted(&at, bar)) != NULL; count++)
		code_is_known(code, quoted(&second, end), rule);
	return count;
}

static void
test_dossier(void)
{
	const char *path = vectors_path("../interop/xroad-messages.md");
	struct bytes text;
	char *line, *end;
	size_t count = 0;

	if (!path || file_read(n.a, path, 1 << 20, &text, NULL)) {
		tap_skip("the dossier is not here");
		return;
	}
	line = arena_strndup(n.a, (const char *)text.data, text.len);
	line = strstr(line, "Codes relevant on the wire");
	end = line ? strstr(line, "\nWhere:") : NULL;
	for (; line && line < end; line = strchr(line, '\n') + 1)
		if (str_prefix(line, "| `"))
			count += row_codes(line);
	ok_m(count > 80, "%zu codes of the dossier", count);
}

/* ---- X-Road's own queries at the SOAP door ---- */

#define RELATED \
 "multipart/related; charset=UTF-8; boundary=jetty771207119h3h10dty"
#define MTOM                                                \
 "Multipart/Related; start-info=\"application/soap+xml\"; " \
 "type=\"application/xop+xml\"; boundary=\"jetty771207119h3h10dty\""

/* What the files' test cases in X-Road 7.8.0 expect. Nobody of theirs is
   registered here: a good message gets as far as unknown_member. */
static const struct query {
	const char *file, *type, *code;
} queries[] = {
	{ "attachm-error.query", RELATED, "client.invalid_content_type" },
	{ "attachm-faulty-soap.query", RELATED, "client.missing_header_field" },
	{ "attachm-mtom.query", MTOM, NULL },
	{ "attachm-no-soap.query", RELATED, "client.invalid_content_type" },
	{ "attachm.query", RELATED, NULL },
	{ "attachm2-utf8bom-inside.query", RELATED, NULL },
	{ "attachm2.query", RELATED, NULL },
	{ "attachments.query", RELATED, NULL },
	{ "cdata.query", "text/xml", NULL },
	{ "empty.query", RELATED, "client.missing_soap" },
	{ "empty.query", "text/xml", "client.invalid_soap" },
	{ "fault.query", "text/xml", "client.code" },
	{ "faulty-header2.query", "text/xml", "client.duplicate_header_field" },
	{ "getstate-defaultnamespace.query", "text/xml", NULL },
	{ "getstate-subsystem.query", "text/xml", NULL },
	{ "getstate.query", "text/xml", NULL },
	{ "getstate.query", "blah", "client.invalid_content_type" },
	{ "malformed-body1.query", "text/xml", "client.invalid_body" },
	{ "malformed-body2.query", "text/xml", "client.invalid_body" },
	{ "malformed-body3.query", "text/xml", "client.inconsistent_headers" },
	{ "malformed-protocolVersion.query", "text/xml",
		"client.invalid_protocol_version" },
	{ "mimesoap.query", RELATED, NULL },
	{ "missing-body.query", "text/xml", "client.missing_body" },
	{ "missing-org.query", "text/xml", NULL },
	{ "missing-protocolVersion.query", "text/xml",
		"client.missing_header_field" },
	{ "missing-userId.query", "text/xml", NULL },
	{ "missingobjecttype.query", "text/xml", "client.invalid_xml" },
	{ "no-header.query", "text/xml", "client.missing_header" },
	{ "nowhitespace.query", "text/xml", NULL },
	{ "simple-representedparty.query", "text/xml", NULL },
	{ "simple-rpc.query", "text/xml", NULL },
	{ "simple.query", "text/xml", NULL },
	{ "smallAttachment.query", RELATED, NULL },
	{ "soapfault-mtom.query", MTOM, NULL },
	{ "split-header.query", "text/xml", NULL },
	{ "wrong-protocolVersion.query", "text/xml",
		"client.invalid_protocol_version" },
	{ "xml.query", "text/xml", NULL },
	{ "xmlencoded.query", "text/xml", NULL },
};

static void
test_query(const struct query *q)
{
	const char *code = q->code ? q->code : CP "unknown_member";
	const struct http_header h = { "Content-Type", q->type };
	struct is_call c = { .method = "POST",
		.path = "/",
		.header = &h,
		.headers = 1,
		.has_body = true };
	struct http_answer a;
	const char *path =
		vectors_path(arena_printf(n.a, "x-road/queries/%s", q->file));

	ok_m(path && !file_read(n.a, path, 1 << 20, &c.body, NULL), "%s",
		q->file);
	a = is_call(&n, &n.town, &c);
	soap_is(q->file, &a, code);
}

/* ---- life ---- */

static void
more_services(void)
{
	const char *soap = net_url(&n, "/soap"), *web = net_url(&n, "/service");
	const char *lost = "http://no-such-host.invalid/";
	const struct service_row row[] = {
		{ "REST", "lost", "", lost, 2, false, false, &TOWN_PORTAL },
		{ "WSDL", "lostSoap", "v1", lost, 2, false, false,
			&TOWN_PORTAL },
		{ "REST", "nowhere", "", "", 2, false, false, &TOWN_PORTAL },
		{ "WSDL", "nowhereSoap", "v1", "", 2, false, false,
			&TOWN_PORTAL },
		{ "REST", "odd", "", "odd:place", 2, false, false,
			&TOWN_PORTAL },
		{ "WSDL", "oddSoap", "v1", "odd:place", 2, false, false,
			&TOWN_PORTAL },
		{ "WSDL", "shut", "v1", soap, 2, false, true, &TOWN_PORTAL },
		{ "WSDL", "typed", "", web, 2, false, false, &TOWN_PORTAL },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		node_service(&n.firm, n.firm_data, &row[i]);
	node_touch(&n.firm);
}

int
main(void)
{
	const struct cert *c;

	net_fork(&n, "net");
	net_open(&n);
	evil_open(&v, &n);
	more_services();
	c = n.evil_sign.cert;
	stale_ocsp = net_ocsp(&n, n.a, c, OCSP_GOOD, 2 * (int64_t)NET_HOUR_MS);
	revoked_ocsp = net_ocsp(&n, n.a, c, OCSP_REVOKED, 0);
	old_signer = net_issue(&n, KEY_EC, PARTY_SIGN, "COM", "3000", NULL, -1);
	evil_good();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		test_row(&rows[i]);
	test_locked();
	test_no_certificate();
	test_unreadable();
	test_accept();
	test_dossier();
	if (vectors_path("x-road/queries"))
		for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++)
			test_query(&queries[i]);
	else
		tap_skip("no vectors");
	party_drop(&old_signer);
	evil_close(&v);
	net_close(&n);
	return tap_done();
}
