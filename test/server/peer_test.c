/* SPDX-License-Identifier: MIT */
/*
 * Nothing trusts what it should verify: a hostile security server sends
 * messages and answers messages, breaking one rule at a time. Each must be
 * refused with its code, nothing of it may reach an information system, and
 * nothing may be logged that was not proved.
 */
#define IN_SERVER 1

#include "evil.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "mem.h"
#include "messagelog_int.h"
#include "ocspstore_int.h"
#include "tap.h"
#include "text.h"

static struct net n;
static struct evil v;

#define CALL      "/r1/JP/COM/3000/Fake/any"
#define SP        "server.serverproxy."
#define CP        "server.clientproxy."
#define SIGN      "signature_verification."
#define FAILED    "service_failed."
#define MALFORMED "malformed_signature."
#define PATH      "invalid_cert_path."
#define FORM      "malformed_signature"

static size_t
records(struct node *d, const struct client_id *local, const char *id)
{
	struct evidence *list;

	return node_evidence(&n, d, local, id, &list);
}

/* The firm's server refuses this message. */
static void
refused(const char *what, const struct trick *t, const char *code)
{
	int calls = net_seen(&n).calls;
	size_t before = records(&n.firm, &FIRM_DATA, "evil-1");
	const char *got = evil_send(&v, t);

	ok_m(str_equal(got, code), "%s: %s (got %s)", what, code, got);
	ok_m(net_seen(&n).calls == calls, "%s: the service is not called",
		what);
	ok_m(records(&n.firm, &FIRM_DATA, "evil-1") == before,
		"%s: nothing is logged", what);
}

static void
test_good_request(void)
{
	const struct trick good = { .method = NULL }, body = { .body = 5000 };
	size_t before = records(&n.firm, &FIRM_DATA, "evil-1");

	is_str(evil_send(&v, &good), "");
	is_str(evil_send(&v, &body), "");
	is_int(records(&n.firm, &FIRM_DATA, "evil-1"), before + 4);
	/* named one way, signed another: the signature's way counts */
	for (int i = 0; i < 2; i++) {
		const struct trick named[] = { { .hash = "SHA-256" },
			{ .hash = "SHA-384", .body = 5000 } };
		is_str(evil_send(&v, &named[i]), "");
	}
}

/* X-Road looks these up with their case; a request brings one OCSP answer for
   every certificate of the chain but the root. */
static void
test_header_names(void)
{
	const struct trick good = { .method = NULL };
	struct http_answer a;

	is_str(evil_send(&v, &good), "");
	ok_m(strstr(v.names, " content-type ") &&
			strstr(v.names, " x-hash-algorithm ") &&
			strstr(v.names, " x-original-content-type "),
		"lower case:%s", v.names);
	evil_answer(&v, &good);
	a = is_get(&n, "/r1/JP/COM/3000/Fake/any", "names");
	is_int(a.status, 200);
	is_int(v.ocsps, 1);
}

/* A smallest version is demanded; "" stands for a blank header. */
static void
test_version(void)
{
	static const char *const low[] = { "7.5.9", "7.6.0-SNAPSHOT", "unknown",
		"7.6", "", "6.26.3" };
	static const char *const high[] = { "7.6.0", "7.10.0", "8.0.0-beta",
		"7.6.0+build" };

	node_restart(&n, &n.firm, "proxy",
		"server-min-supported-client-version", "7.6.0");
	for (size_t i = 0; i < sizeof(low) / sizeof(*low); i++) {
		const struct trick t = { .version = low[i] };
		refused(low[i], &t, SP "client_proxy_version_not_supported");
	}
	for (size_t i = 0; i < sizeof(high) / sizeof(*high); i++) {
		const struct trick t = { .version = high[i] };
		ok_m(str_equal(evil_send(&v, &t), ""), "%s is enough", high[i]);
	}
	node_restart(&n, &n.firm, "proxy",
		"server-min-supported-client-version", "");
}

/* ---- requests: who signed ---- */

static void
test_signer(void)
{
	struct party old = net_issue(
			     &n, KEY_EC, PARTY_SIGN, "COM", "3000", NULL, -1),
		     strange = net_issue(&n, KEY_EC, PARTY_SIGN, "COM", "3000",
			     &n.other_root, 900);
	const struct trick key = { .key = n.stranger_auth.key };
	const struct trick member = { .signer = &n.town.sign };
	const struct trick expired = { .signer = &old };
	const struct trick root = { .signer = &strange };
	const struct trick usage = { .signer = &n.evil_auth };

	refused("wrong key", &key, SP SIGN "invalid_signature_value");
	refused("another member's certificate", &member,
		SP SIGN "incorrect_certificate");
	refused("expired certificate", &expired, SP SIGN "invalid_cert_path");
	refused("unknown root of the same name", &root,
		SP SIGN "invalid_cert_path");
	refused("authentication certificate", &usage, SP SIGN FORM);
	party_drop(&old);
	party_drop(&strange);
}

static void
test_signer_ocsp(void)
{
	const struct cert *c = n.evil_sign.cert;
	struct bytes revoked = net_ocsp(&n, n.a, c, OCSP_REVOKED, 0);
	struct bytes unknown = net_ocsp(&n, n.a, c, OCSP_UNKNOWN, 0);
	struct bytes stale =
		net_ocsp(&n, n.a, c, OCSP_GOOD, 2 * (int64_t)NET_HOUR_MS);
	struct bytes other = net_ocsp(&n, n.a, n.town.sign.cert, OCSP_GOOD, 0);
	const struct trick t[] = { { .ocsp = &revoked }, { .ocsp = &unknown },
		{ .ocsp = &stale }, { .ocsp = &other } };

	refused("revoked", &t[0], SP SIGN PATH "cert_validation");
	refused("unknown to the CA", &t[1], SP SIGN PATH "cert_validation");
	refused("stale OCSP answer", &t[2],
		SP SIGN PATH "incorrect_validation_info");
	refused("OCSP answer about another", &t[3],
		SP SIGN PATH "cert_validation");
}

/* A signature that was good for another message. */
static void
test_replay(void)
{
	const struct trick first = { .body = 10 }, plain = { .method = NULL };
	struct trick again = { .body = 11 }, cross = { .body = 0 };
	struct signature s;

	is_str(evil_send(&v, &first), "");
	s = evil_last(&v);
	again.other = &s;
	refused("a replayed signature", &again,
		SP SIGN FORM ".invalid_hash_chain");
	cross.other = &s;
	refused("a batch signature on one part", &cross,
		SP SIGN FORM ".invalid_reference");
	is_str(evil_send(&v, &plain), "");
	s = evil_last(&v);
	again.body = 10;
	refused("a plain signature on two parts", &again, SP SIGN FORM);
	again = (struct trick){ .body = 10, .other_body = true };
	refused("another body", &again, SP SIGN FORM ".invalid_hash_chain");
	again = (struct trick){ .other_body = true };
	refused("an unsigned body", &again, SP SIGN FORM);
}

/* ---- requests: who is at the other end of the line ---- */

static void
test_tls_peer(void)
{
	const struct cert *c = n.evil_auth.cert;
	struct bytes revoked = net_ocsp(&n, n.a, c, OCSP_REVOKED, 0);
	struct bytes stale =
		net_ocsp(&n, n.a, c, OCSP_GOOD, 2 * (int64_t)NET_HOUR_MS);
	struct bytes other = net_ocsp(&n, n.a, n.town.auth.cert, OCSP_GOOD, 0);
	const struct trick stranger = { .tls = &n.stranger_auth },
			   nobody = { .no_tls_cert = true },
			   signer = { .tls = &n.evil_sign },
			   expired = { .tls = &n.evil_old_auth },
			   none = { .no_tls_ocsp = true },
			   no[] = { { .tls_ocsp = &revoked },
				   { .tls_ocsp = &stale },
				   { .tls_ocsp = &other } };
	/* registered server, client registered elsewhere, its own signature */
	const struct trick guest = { .client = &TOWN_PORTAL,
		.signer = &n.town.sign };
	const struct trick owner = { .client = &EVIL };
	const char *bad = SP FAILED "ssl_authentication_failed";

	refused("a server nobody registered", &stranger, "-");
	refused("no certificate", &nobody, "-");
	refused("a signing certificate for TLS", &signer, "-");
	refused("registered, but expired", &expired, bad);
	refused("no OCSP answer", &none, bad);
	refused("revoked", &no[0], bad);
	refused("stale OCSP answer", &no[1], bad);
	refused("OCSP answer about another", &no[2], bad);
	refused("a client that is not registered there", &guest, bad);
	/* the owner counts as client: proved, but without a right */
	refused("the owner", &owner, SP "access_denied");
}

static void
test_expired_configuration(void)
{
	const struct trick good = { .method = NULL };

	clock_shift((int64_t)NET_DAY_MS + 60000);
	refused("expired configuration", &good, SP "global_conf_outdated");
	clock_shift(0);
	is_str(evil_send(&v, &good), "");
}

/* ---- requests: form ---- */

#define ENVELOPE(x)                                                   \
 "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">" \
 "<s:Body>" x "</s:Body></s:Envelope>"
#define FAULT_XML                                    \
 ENVELOPE("<s:Fault><faultcode>server.x</faultcode>" \
	  "<faultstring>a</faultstring></s:Fault>")

static void
test_request_form(void)
{
	const struct trick t[] = {
		{ .no_hash = true },
		{ .hash = "SHA-1" },
		{ .method = "PUT" },
		{ .type = "multipart/mixed" },
		{ .type = "application/json" },
		{ .no_message = true },
		{ .no_signature = true },
		{ .after_signature = true },
		{ .no_end = true },
		{ .fault_part = true },
		{ .body = 5 << 20 },
		{ .path = "/r1/JP/COM/4000/Gone/any" },
		{ .path = "/r1/JP/COM/2000/Data/denied" },
		{ .cut = true, .body = 100000 },
		{ .type = "text/xml", .plain = FAULT_XML },
		{ .fault_head = true },
	};

	refused("no x-hash-algorithm", &t[0], SP "internal_error");
	refused("SHA-1 for parts", &t[1], SP "internal_error");
	refused("PUT", &t[2], SP "invalid_http_method");
	refused("no boundary", &t[3], SP FAILED "invalid_content_type");
	refused("JSON", &t[4], SP FAILED "invalid_content_type");
	refused("no message", &t[5], SP FAILED "invalid_content_type");
	refused("no signature", &t[6], SP "missing_signature");
	refused("a part after the signature", &t[7],
		SP FAILED "invalid_message");
	refused("no closing boundary", &t[8], SP FAILED "io_error");
	refused("the sender's fault", &t[9], SP "missing_signature");
	refused("larger than the limit", &t[10], SP FAILED "too_large");
	refused("provider is not here", &t[11], SP FAILED "unknown_member");
	refused("no right", &t[12], SP "access_denied");
	refused("cut in the middle", &t[13], "-");
	refused("nothing but a fault", &t[14],
		SP FAILED "invalid_content_type");
	refused("a fault for a message", &t[15], SP "missing_rest");
}

/* ---- answers ---- */

/* The town's server refuses this answer. */
static void
answer_refused(const char *what, const struct trick *t, const char *code)
{
	struct http_answer a;
	const char *id = arena_printf(n.a, "a-%s", what);

	evil_answer(&v, t);
	a = is_get(&n, CALL, id);
	ok_m(str_equal(is_error(&a), code), "%s: %s (got %d \"%s\")", what,
		code, a.status, is_error(&a));
	ok_m(answer_header(&a, "X-Evil") == NULL, "%s: nothing leaks", what);
	ok_m(records(&n.town, &TOWN_PORTAL, id) == 1,
		"%s: only the request is logged", what);
}

static void
test_good_answer(void)
{
	const struct trick good = { .method = NULL }, body = { .body = 7000 };
	size_t before = records(&n.town, &TOWN_PORTAL, "evil-good");
	struct http_answer a;

	evil_answer(&v, &good);
	a = is_get(&n, CALL, "evil-good");
	ok_m(a.status == 200 && str_equal(answer_header(&a, "X-Evil"), "yes"),
		"a good answer: %d %s", a.status, is_error(&a));
	is_int(records(&n.town, &TOWN_PORTAL, "evil-good"), before + 2);
	evil_answer(&v, &body);
	a = is_get(&n, CALL, "evil-good-body");
	is_int(a.status, 200);
	is_int(a.body.len, 7000);
}

static void
test_answer_signer(void)
{
	struct party old =
		net_issue(&n, KEY_EC, PARTY_SIGN, "COM", "3000", NULL, -1);
	const struct cert *c = n.evil_sign.cert;
	struct bytes revoked = net_ocsp(&n, n.a, c, OCSP_REVOKED, 0);
	struct bytes stale =
		net_ocsp(&n, n.a, c, OCSP_GOOD, 2 * (int64_t)NET_HOUR_MS);
	const struct trick key = { .key = n.stranger_auth.key },
			   member = { .signer = &n.firm.sign },
			   expired = { .signer = &old },
			   ocsp[] = { { .ocsp = &revoked },
				   { .ocsp = &stale } };

	answer_refused("wrong-key", &key, CP SIGN "invalid_signature_value");
	answer_refused("member", &member, CP SIGN "incorrect_certificate");
	answer_refused("expired", &expired, CP SIGN "invalid_cert_path");
	answer_refused("revoked", &ocsp[0], CP SIGN PATH "cert_validation");
	answer_refused(
		"stale", &ocsp[1], CP SIGN PATH "incorrect_validation_info");
	party_drop(&old);
}

/* The answer is signed well, but belongs to another request. */
static void
test_answer_foreign(void)
{
	const struct trick hash = { .other_hash = true },
			   id = { .other_id = true },
			   client = { .other_client = true },
			   good = { .method = NULL };
	struct trick replay = { .method = NULL };
	struct signature s;
	struct http_answer a;

	answer_refused("hash", &hash, CP "inconsistent_response");
	answer_refused("id", &id, CP "inconsistent_response");
	answer_refused("client", &client, CP "inconsistent_response");
	evil_answer(&v, &good);
	a = is_get(&n, CALL, "before-replay");
	is_int(a.status, 200);
	s = evil_last(&v);
	replay.other = &s;
	answer_refused("replay", &replay, CP SIGN "invalid_signature_value");
}

static void
test_answer_form(void)
{
	const struct trick t[] = {
		{ .no_hash = true },
		{ .hash = "MD5" },
		{ .status = 404 },
		{ .type = "text/html" },
		{ .no_message = true },
		{ .no_signature = true },
		{ .after_signature = true },
		{ .no_end = true },
		{ .cut = true, .body = 100000 },
		{ .body = 300 * 1024 },
		{ .plain = "<html/>" },
		{ .plain = ENVELOPE("<x/>") },
		{ .fault_part = true, .fault_code = "Server.Old.Code" },
		{ .other_body = true },
	};

	answer_refused("no-hash", &t[0], CP "internal_error");
	answer_refused("md5", &t[1], CP "internal_error");
	answer_refused("404", &t[2], CP "http_error");
	answer_refused("html", &t[3], CP FAILED "invalid_content_type");
	answer_refused("no-message", &t[4], CP FAILED "invalid_content_type");
	answer_refused("unsigned", &t[5], CP "missing_signature");
	answer_refused("after", &t[6], CP FAILED "invalid_message");
	answer_refused("no-end", &t[7], CP FAILED "io_error");
	answer_refused("cut", &t[8], CP FAILED "io_error");
	answer_refused("large", &t[9], CP FAILED "too_large");
	answer_refused("plain-html", &t[10], CP FAILED "invalid_soap");
	answer_refused("plain-message", &t[11], CP FAILED "missing_header");
	answer_refused("fault-part", &t[12], "Server.Old.Code");
	answer_refused("unsigned-body", &t[13], CP SIGN FORM);
}

/* A peer's fault goes on; its text cannot become a header of ours. */
static void
test_answer_fault(void)
{
	const struct trick good = {
		.plain = ENVELOPE("<s:Fault><faultcode>Server.ServerProxy.X"
				  "</faultcode><faultstring>no &lt;1&gt;"
				  "</faultstring></s:Fault>")
	};
	const struct trick split = {
		.plain = ENVELOPE("<s:Fault><faultcode>server.x&#13;&#10;"
				  "X-Evil: yes</faultcode><faultstring>a"
				  "</faultstring></s:Fault>")
	};
	const struct trick empty = { .plain = ENVELOPE("<s:Fault/>") };
	const struct service_id sid = { EVIL_FAKE, "any", NULL };
	struct trick message = { .method = NULL };
	struct http_answer a;
	struct buf b;

	buf_init(&b, 1 << 20);
	soap_write(&b, &TOWN_PORTAL, &sid, NULL, "1", "anyResponse", "x");
	message.plain = arena_strndup(n.a, b.data, b.len);
	buf_done(&b);
	answer_refused("no-fault", &message, CP FAILED "invalid_message");
	answer_refused("fault", &good, "Server.ServerProxy.X");
	answer_refused("split", &split, "server.x__X-Evil:_yes");
	evil_answer(&v, &empty);
	a = is_get(&n, CALL, NULL);
	ok_m(a.status >= 400, "a fault without code: %d", a.status);
}

/* SOAP: the hash of the request stands in the header. */
static void
test_soap_answer(void)
{
	const struct service_id sid = { EVIL_FAKE, "any", NULL };
	const struct soap_call c = { .service = &sid, .id = "evil-soap" };
	const struct trick good = { .method = NULL }, t[] = {
		{ .other_hash = true }, { .other_id = true },
		{ .other_client = true }, { .key = n.stranger_auth.key },
		{ .signer = &n.firm.sign }, { .no_request_hash = true },
		{ .no_signature = true }, { .no_message = true }
	};
	static const char *const code[] = { CP "inconsistent_response",
		CP FAILED "inconsistent_response",
		CP FAILED "inconsistent_response",
		CP SIGN "invalid_signature_value",
		CP SIGN "incorrect_certificate", CP "inconsistent_response",
		CP "missing_signature", CP FAILED "invalid_content_type" };
	struct http_answer a;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		const char *got;

		evil_answer(&v, &t[i]);
		a = is_soap(&n, &c);
		got = soap_code(&n, &a);
		ok_m(str_equal(got, code[i]), "SOAP %zu: %s (got %s)", i,
			code[i], got);
		is_int(records(&n.town, &TOWN_PORTAL, "evil-soap"), i + 1);
	}
	evil_answer(&v, &good);
	a = is_soap(&n, &c);
	is_str(soap_code(&n, &a), "");
	ok(text_has(a.body, "anyResponse"));
}

/* SOAP attachments are what the provider signed, no more and no less. */
static void
test_soap_attachments(void)
{
	const struct service_id sid = { EVIL_FAKE, "any", NULL };
	const struct soap_call c = { .service = &sid, .id = "evil-parts" };
	const struct trick good = { .body = 200000 }, t[] = {
		{ .body = 100, .other_body = true },
		{ .body = 100, .no_part = true },
		{ .body = 100, .extra_part = true },
		{ .extra_part = true },
		{ .other_body = true },
		{ .body = 200000, .cut = true },
		{ .body = 200000, .fault_part = true, .fault_code = "x.y" },
		{ .body = 100, .no_boundary = true },
	};
	static const char *const code[] = { CP SIGN MALFORMED
		"invalid_hash_chain",
		CP SIGN MALFORMED "invalid_reference",
		CP SIGN MALFORMED "hashchain_unused_inputs",
		CP SIGN "malformed_signature", CP SIGN "malformed_signature",
		CP FAILED "io_error", "x.y", CP "invalid_content_type" };
	struct http_answer a;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		const char *got;

		evil_answer(&v, &t[i]);
		a = is_soap(&n, &c);
		got = soap_code(&n, &a);
		ok_m(str_equal(got, code[i]), "attachments %zu: %s (got %s)", i,
			code[i], got);
	}
	evil_answer(&v, &good);
	a = is_soap(&n, &c);
	is_str(soap_code(&n, &a), "");
	is_str(answer_header(&a, "Content-Type"),
		"multipart/related; boundary=evil");
	ok(text_has(a.body, "Content-ID: <e>\r\n") && a.body.len > 200000);
}

/* A signed answer to a request that is not sent yet is no answer. */
static void
test_early_answer(void)
{
	enum { LARGE = 200000 };
	const struct trick t = { .early = true };
	char *body = arena_alloc(n.a, LARGE);
	struct http_answer a;

	evil_answer(&v, &t);
	a = is_post(&n, CALL, "evil-early", bytes_of(body, LARGE));
	ok_m(a.status == 500 && str_prefix(is_error(&a), CP),
		"answered too early: %d %s", a.status, is_error(&a));
}

/* ---- the server that answers is not the one ---- */

static void
test_wrong_server(void)
{
	const struct trick good = { .method = NULL };
	const char *bad = CP "ssl_authentication_failed";
	struct http_answer a;
	int before;

	evil_answer(&v, &good);
	before = evil_requests(&v);
	/* registered, but it does not host the provider */
	n.hijack = true;
	net_publish(&n);
	a = is_get(&n, ECHO, "hijack-1");
	is_str(is_error(&a), bad);
	is_int(records(&n.town, &TOWN_PORTAL, "hijack-1"), 0);
	n.hijack = false;
	net_publish(&n);
	/* a certificate of the CA, but of no server */
	evil_door(&v, &n.stranger_auth);
	evil_ocsp(&v, n.stranger_auth.cert,
		net_ocsp(&n, n.a, n.stranger_auth.cert, OCSP_GOOD, 0));
	a = is_get(&n, CALL, "stranger-1");
	is_str(is_error(&a), bad);
	is_int(records(&n.town, &TOWN_PORTAL, "stranger-1"), 0);
	evil_door(&v, &n.evil_old_auth);
	evil_ocsp(&v, n.evil_old_auth.cert,
		net_ocsp(&n, n.a, n.evil_old_auth.cert, OCSP_GOOD, 0));
	a = is_get(&n, CALL, "expired-1");
	is_str(is_error(&a), bad);
	is_int(records(&n.town, &TOWN_PORTAL, "expired-1"), 0);
	evil_door(&v, &n.evil_auth);
	is_int(evil_requests(&v), before);
	a = is_get(&n, CALL, NULL);
	is_int(a.status, 200);
}

/* The server's certificate was good an hour ago; now it is not. Kept
   connections are judged too. */
static void
test_revoked_server(void)
{
	const struct cert *c = n.evil_auth.cert;
	struct http_answer a = is_get(&n, CALL, NULL);
	int before = evil_requests(&v);

	is_int(a.status, 200);
	evil_ocsp(&v, c, net_ocsp(&n, n.a, c, OCSP_REVOKED, 0));
	ok(!ocspstore_put_peer(n.town.s.ocsp, c,
		net_ocsp(&n, n.a, c, OCSP_GOOD, 2 * (int64_t)NET_HOUR_MS),
		NULL));
	a = is_get(&n, CALL, "revoked-server");
	is_str(is_error(&a), CP "ssl_authentication_failed");
	evil_ocsp(&v, c,
		net_ocsp(&n, n.a, c, OCSP_GOOD, 2 * (int64_t)NET_HOUR_MS));
	a = is_get(&n, CALL, "stale-server");
	is_str(is_error(&a), CP "ssl_authentication_failed");
	is_int(evil_requests(&v), before);
	is_int(records(&n.town, &TOWN_PORTAL, "revoked-server"), 0);
	evil_ocsp(&v, c, net_ocsp(&n, n.a, c, OCSP_GOOD, 0));
	a = is_get(&n, CALL, NULL);
	is_int(a.status, 200);
}

/* ---- addresses ---- */

static void
test_host(void)
{
	is_str(peer_host(n.a, "ss.example.org"), "ss.example.org");
	is_str(peer_host(n.a, "192.0.2.7"), "192.0.2.7");
	is_str(peer_host(n.a, "2001:db8::7"), "[2001:db8::7]");
	is_str(peer_host(n.a, "[2001:db8::7]"), "[2001:db8::7]");
}

int
main(void)
{
	net_fork(&n, "net");
	net_open(&n);
	evil_open(&v, &n);
	test_host();
	test_good_request();
	test_header_names();
	test_version();
	test_signer();
	test_signer_ocsp();
	test_replay();
	test_tls_peer();
	test_expired_configuration();
	test_request_form();
	test_good_request();
	test_good_answer();
	test_answer_signer();
	test_answer_foreign();
	test_answer_form();
	test_answer_fault();
	test_soap_answer();
	test_soap_attachments();
	test_early_answer();
	test_wrong_server();
	test_revoked_server();
	test_good_answer();
	evil_close(&v);
	net_close(&n);
	return tap_done();
}
