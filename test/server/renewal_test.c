/* SPDX-License-Identifier: MIT */
/*
 * Certificates through their life: ordered over ACME by the administrator,
 * renewed by the job with overlap, told of before their end. The ACME server
 * is acme_kit.h, mails go to a real mail server where there is one.
 */
#define IN_SERVER 1
#include "acme_kit.h"
#include "acme_order_int.h"
#include "expirywatch_int.h"
#include "job.h"
#include "mgmt.h"
#include "notify_int.h"
#include "renewal_int.h"
#include "server_kit.h"
#include "smtp_kit.h"
#include "tls.h"

enum { NEVER = 100 };

struct state {
	struct ss w;
	struct ca ca;
	struct smtpd mail;
	/* the registration service */
	struct http_server *reg;
	struct tls *reg_tls;
	struct key *reg_key;
	struct cert *reg_cert;
	bool reg_down;
	int registered;
	struct digest last; /* certificate asked for last */
};

/* ---- the registration service ---- */

static int
reg_serve(struct request *r, void *state, struct err *e)
{
	struct state *t = state;
	struct arena *a = request_arena(r);
	struct mgmt_received got;
	struct globalconf *g = NULL;
	struct bytes body, soap;
	int ret;

	if (t->reg_down)
		return fail(e, FAULT_INTERNAL, "down");
	if (request_body(r, &body, e) ||
		confclient_valid(t->w.s->confclient, &g, e))
		return -1;
	ret = mgmt_receive(a, MGMT_DOOR_REGISTRATION,
		request_header(r, "Content-Type"), body, g, clock_now(), &got,
		e);
	globalconf_unref(&g);
	if (ret)
		return -1;
	t->registered++;
	cert_digest(got.auth_cert, DIGEST_SHA256, &t->last);
	is_str(got.address, "127.0.0.1");
	if (mgmt_answer(a, &got, 42, &soap, e))
		return -1;
	return reply_send(r, 200, "text/xml", soap, e);
}

static void
reg_start(struct state *t)
{
	static const struct route routes[] = {
		{ "POST", "*", 100000, 0, reg_serve },
		{ 0 },
	};
	struct tls_options o = { .policy = TLS_WEB };
	struct listener l = { .name = "registration",
		.address = "127.0.0.1",
		.threads = 2,
		.routes = routes,
		.state = t };

	ok(!key_generate(&t->reg_key, KEY_EC, 256, NULL));
	t->reg_cert = kit_self(t->reg_key, "localhost", false);
	o.key = t->reg_key;
	o.chain = (struct cert_list){ &t->reg_cert, 1 };
	ok(!tls_server_new(&t->reg_tls, &o, NULL));
	l.tls = t->reg_tls;
	ok(!http_serve(&t->reg, &l, NULL));
	t->w.kit.reg_cert = t->reg_cert;
	t->w.kit.reg_url = arena_printf(
		t->w.a, "https://127.0.0.1:%d/", http_port(t->reg));
}

/* ---- looking ---- */

/* The certificates of a use, as the token shows them; NULL beyond. */
static json_t *
shown(struct state *t, const char *usage, size_t nth)
{
	json_t *keys, *key, *certs, *c;
	size_t i, k;

	ss_is(&t->w, "GET", "/tokens/0", NULL, 200);
	keys = json_list(t->w.json, "keys");
	json_each(key, i, keys) {
		if (!str_equal(json_str(key, "usage"), usage))
			continue;
		certs = json_list(key, "certificates");
		json_each(c, k, certs)
			if (!nth--)
				return c;
	}
	return NULL;
}

static const char *
hash_of(struct state *t, const json_t *c)
{
	return arena_strdup(
		t->w.a, json_str(json_sub(c, "certificate_details"), "hash"));
}

static bool
active(struct state *t, const char *usage, size_t nth)
{
	return json_bool(shown(t, usage, nth), "active", false);
}

static int64_t
keys(struct state *t)
{
	ss_is(&t->w, "GET", "/tokens/0", NULL, 200);
	return (int64_t)json_array_size(json_list(t->w.json, "keys"));
}

/* The member can sign at any moment. */
static bool
signs(struct state *t)
{
	const struct client_id town = { "TEST", "GOV", "1000", NULL };
	struct arena *a = arena_new();
	struct globalconf *g = NULL;
	struct signing by;
	struct err e = ERR_INIT;
	bool good = !confclient_valid(t->w.s->confclient, &g, &e) &&
		    !keyconf_signing(
			    t->w.s->keys, t->w.s->ocsp, g, &town, a, &by, &e);

	if (!good)
		tap_note("signing: %s", e.text);
	globalconf_unref(&g);
	arena_free(&a);
	return good;
}

/* What peers would see at a connection: its SHA-256. */
static const char *
authenticates(struct state *t)
{
	struct arena *a = arena_new();
	struct globalconf *g = NULL;
	struct auth_identity own;
	struct err e = ERR_INIT;
	const char *out = "";

	if (!confclient_valid(t->w.s->confclient, &g, &e) &&
		!keyconf_auth(t->w.s->keys, t->w.s->ocsp, g, a, &own, &e))
		out = ss_hash(&t->w, own.chain[0]);
	else
		tap_note("authenticating: %s", e.text);
	globalconf_unref(&g);
	arena_free(&a);
	return out;
}

static void
round_of(struct state *t)
{
	struct err e = ERR_INIT;
	int64_t wait;

	ok_m(!renewal_round(t->w.s, &wait, &e), "%s", e.text);
	ok(wait > 0 && signs(t));
}

/* ---- mails ---- */

static int mails;

/* The text of the next mail has all of this; "" when there is no server. */
static void
mailed(struct state *t, const char *a, const char *b)
{
	struct bytes eml, text;
	const char *body;

	(void)notify_deliver(t->w.s);
	if (!t->mail.port)
		return;
	mails++;
	if (file_read(t->w.a,
		    path_join(t->w.a, t->mail.folder,
			    arena_printf(t->w.a, "%d.eml", mails)),
		    65536, &eml, NULL)) {
		ok_m(false, "mail %d: %s", mails, a);
		return;
	}
	body = strstr((const char *)eml.data, "\r\n\r\n");
	ok(!base64_decode(t->w.a, body, strlen(body), &text, NULL));
	body = arena_strndup(t->w.a, (const char *)text.data, text.len);
	ok_m(strstr(body, a) && strstr(body, b), "%s %s: %s", a, b, body);
}

static void
no_mail(struct state *t)
{
	(void)notify_deliver(t->w.s);
	ok(!t->mail.port ||
		!file_exists(path_join(t->w.a, t->mail.folder,
			arena_printf(t->w.a, "%d.eml", mails + 1))));
}

static void
test_mail_api(struct state *t, const char *cert)
{
	struct ss *w = &t->w;

	ss_is(w, "GET", "/mail/mail-notification-status", NULL, 200);
	ok(!json_bool(w->json, "configuration_present", true));
	is_int((int)json_array_size(
		       json_list(w->json, "enabled_notifications")),
		5);
	ss_is(w, "PUT", "/mail/send-test-mail",
		"{\"mail_address\":\"ops@example.org\"}", 200);
	is_str(json_str(w->json, "status"), "error");
	smtp_put(w->a, "mail.yml",
		arena_printf(w->a,
			"host: 127.0.0.1\nport: %d\nusername: testuser\n"
			"password: secret\ntls-ca-file: %s\ncontacts:\n"
			"  'TEST:GOV:1000': town@example.org\n",
			t->mail.port ? t->mail.port : 1, cert));
	ss_set(w, "proxy-ui-api", "mail-file",
		path_join(w->a, tap_dir(), "mail.yml"));
	ss_set(w, "proxy-ui-api", "mail-notification-locale", "en");
	ss_is(w, "GET", "/mail/mail-notification-status", NULL, 200);
	ok(json_bool(w->json, "configuration_present", false));
	is_str(json_string_value(json_array_get(
		       json_list(w->json, "recipients_emails"), 0)),
		"TEST:GOV:1000: town@example.org");
	ss_is(w, "PUT", "/mail/send-test-mail", "{\"mail_address\":\"x\"}",
		200);
	is_str(json_str(w->json, "status"), "error");
	ss_is(w, "PUT", "/mail/send-test-mail", "{}", 400);
	if (!t->mail.port)
		return;
	ss_is(w, "PUT", "/mail/send-test-mail",
		"{\"mail_address\":\"ops@example.org\"}", 200);
	is_str(json_str(w->json, "status"), "success");
	mailed(t, "This is a test mail", "TEST/GOV/1000/SS1");
}

/* ---- ordering by hand ---- */

static int
order(struct state *t, const char *csr, const char *usage)
{
	return ss_call(&t->w, "POST",
		"/certificate-authorities/Test%20CA/acme-order",
		arena_printf(t->w.a,
			"{\"csr_id\":\"%s\",\"key_usage_type\":\"%s\"}", csr,
			usage));
}

static const char *
new_request(struct state *t, const char *usage, bool at_once, int want)
{
	bool sign = str_equal(usage, "SIGNING");

	ss_is(&t->w, "POST", "/tokens/0/keys-with-csrs",
		arena_printf(t->w.a,
			"{\"key_label\":\"k\",\"csr_generate_request\":{"
			"\"key_usage_type\":\"%s\",\"ca_name\":\"Test CA\","
			"\"csr_format\":\"DER\"%s%s,\"subject_field_values\":{"
			"\"C\":\"JP\",\"CN\":\"ss1.example\"}}}",
			usage, at_once ? ",\"acme_order\":true" : "",
			sign ? ",\"member_id\":\"TEST:GOV:1000\"" : ""),
		want);
	return json_str(t->w.json, "csr_id");
}

static void
test_binding(struct state *t)
{
	static const char path[] =
		"/certificate-authorities/Test%20CA/has-acme-eab-credentials?"
		"key_usage_type=SIGNING&member_id=TEST:GOV:1000";
	struct ss *w = &t->w;

	ss_is(w, "GET", path, NULL, 200);
	ok(!json_bool(w->json, "acme_eab_required", true));
	ok(!json_bool(w->json, "has_acme_external_account_credentials", true));
	t->ca.eab_kid = "key_3";
	t->ca.eab_key = bytes_str("secret_mac_key_for_signing");
	new_request(t, "SIGNING", true, 404); /* whole or nothing */
	is_str(ss_code(w), "acme.eab_credentials_missing");
	is_int((int)keys(t), 0);
	smtp_put(w->a, "acme.yml",
		"eab-credentials:\n  certificate-authorities:\n"
		"    'Test CA':\n      mac-key-base64-encoded: true\n"
		"      members:\n        'TEST:GOV:1000':\n"
		"          auth-kid: key_3\n"
		"          auth-mac-key: c2VjcmV0X21hY19rZXlfZm9yX3NpZ25pbmc\n"
		"          sign-kid: key_3\n"
		"          sign-mac-key: c2VjcmV0X21hY19rZXlfZm9yX3NpZ25pbmc=\n");
	ss_set(w, "proxy-ui-api", "acme-file",
		path_join(w->a, tap_dir(), "acme.yml"));
	ss_is(w, "GET", path, NULL, 200);
	ok(json_bool(w->json, "acme_eab_required", false));
	ok(json_bool(w->json, "has_acme_external_account_credentials", false));
	ss_is(w, "GET",
		"/certificate-authorities/No/has-acme-eab-credentials?"
		"key_usage_type=SIGNING",
		NULL, 400);
	ss_is(w, "GET",
		"/certificate-authorities/Test%20CA/has-acme-eab-credentials",
		NULL, 400);
	ss_is(w, "GET", "/certificate-authorities?key_usage_type=SIGNING", NULL,
		200);
	ok(json_bool(json_array_get(w->json, 0), "acme_capable", false));
}

static void
test_sign(struct state *t)
{
	const char *csr = new_request(t, "SIGNING", false, 200);
	struct ss *w = &t->w;

	is_int(order(t, "no-such", "SIGNING"), 400);
	is_str(ss_code(w), "csr_not_found");
	is_int(order(t, csr, "AUTHENTICATION"), 400);
	is_str(ss_code(w), "wrong_key_usage");
	t->ca.wrong_usage = true;
	is_int(order(t, csr, "SIGNING"), 400);
	is_str(ss_code(w), "cert_wrong_usage");
	t->ca.wrong_usage = false;
	t->ca.no_http = true;
	is_int(order(t, csr, "SIGNING"), 500);
	is_str(ss_code(w), "acme.http_challenge_missing");
	t->ca.no_http = false;
	ok(!shown(t, "SIGNING", 0));
	is_int(order(t, csr, "SIGNING"), 200);
	ok(str_prefix(t->ca.agent, "profile_id=sign-1 X-Road/"));
	is_str(t->ca.contact, "mailto:town@example.org");
	/* activated by itself only where that is wanted */
	ok(shown(t, "SIGNING", 0) && !active(t, "SIGNING", 0));
	ss_is(w, "PUT",
		arena_printf(w->a, "/token-certificates/%s/activate",
			hash_of(t, shown(t, "SIGNING", 0))),
		"{}", 204);
	ok(signs(t));
	is_int(order(t, csr, "SIGNING"), 400); /* used up */
	no_mail(t);
}

static void
test_auth(struct state *t)
{
	struct ss *w = &t->w;
	const char *hash;

	new_request(t, "AUTHENTICATION", true, 200);
	ok(str_prefix(t->ca.agent, "profile_id=auth-1 X-Road/"));
	hash = hash_of(t, shown(t, "AUTHENTICATION", 0));
	is_str(json_str(shown(t, "AUTHENTICATION", 0), "status"), "SAVED");
	ss_is(w, "PUT",
		arena_printf(w->a, "/token-certificates/%s/register", hash),
		"{\"address\":\"127.0.0.1\"}", 204);
	w->kit.auth_hash = t->last;
	ss_follow(w);
	ok(active(t, "AUTHENTICATION", 0));
	ok(str_iequal(authenticates(t), hash));
	mailed(t, "has been registered", "TEST/GOV/1000/SS1");
	mailed(t, "is active now", "TEST:GOV:1000");
}

/* ---- the door ---- */

static int
door(struct state *t, const char *path)
{
	struct http_call call = { .method = "GET",
		.url = arena_printf(t->w.a, "http://127.0.0.1:%d%s",
			t->ca.proof_port, path),
		.connect_timeout_ms = 2000,
		.total_timeout_ms = 2000 };
	struct http_answer answer = { 0 };

	(void)http_call(t->w.http, t->w.a, &call, &answer, NULL);
	return answer.status;
}

static void
test_door(struct state *t)
{
	struct err e = ERR_INIT;

	ok(!acmedoor_publish(t->w.s, "abc-_1", "text", NULL));
	is_int(door(t, "/.well-known/acme-challenge/abc-_1"), 200);
	acmedoor_withdraw(t->w.s, "abc-_1");
	is_int(door(t, "/.well-known/acme-challenge/abc-_1"), 404);
	is_int(door(t, "/.well-known/acme-challenge/..%2Fserver.db"), 404);
	is_int(door(t, "/.well-known/acme-challenge/%2E%2E"), 404);
	is_int(door(t, "/api/v1/tokens"), 404);
	ok(acmedoor_publish(t->w.s, "../x", "text", &e) &&
		e.fault == FAULT_ACME_FILE);
}

/* ---- renewal ---- */

static void
test_not_due(struct state *t)
{
	int64_t before = keys(t);

	round_of(t);
	is_int((int)keys(t), (int)before);
	ok(json_str(shown(t, "SIGNING", 0), "next_automatic_renewal_time") !=
		NULL);
	no_mail(t);
}

/* The certificates at hand end in 90 days: 80 days pass. */
static void
pass_days(struct state *t, int days)
{
	static int64_t passed;

	passed += days * (int64_t)KIT_DAY_MS;
	clock_shift(passed);
	ss_follow(&t->w);
	{
		int64_t next;
		struct err e = ERR_INIT;
		ok_m(!ocsp_round(t->w.s, &next, &e), "%s", e.text);
	}
}

static void
test_failure(struct state *t)
{
	int64_t before = keys(t);

	t->ca.no_http = true;
	round_of(t);
	is_int((int)keys(t), (int)before);
	ok(strstr(json_str(shown(t, "SIGNING", 0), "renewal_error"),
		   "proof over HTTP") != NULL);
	ok(active(t, "SIGNING", 0) && active(t, "AUTHENTICATION", 0));
	mailed(t, "has failed", "proof over HTTP");
	mailed(t, "has failed", "proof over HTTP");
	round_of(t); /* told once */
	no_mail(t);
	t->ca.no_http = false;
}

static void
test_renewal(struct state *t)
{
	const char *old_auth = authenticates(t), *old_sign, *next;
	struct ss *w = &t->w;
	int sent = t->registered;

	old_sign = hash_of(t, shown(t, "SIGNING", 0));
	ss_set(w, "proxy-ui-api", "automatic-activate-acme-sign-certificate",
		"true");
	t->reg_down = true;
	round_of(t); /* new certificates; registration fails */
	ok(active(t, "SIGNING", 0) && active(t, "SIGNING", 1));
	ok(!json_str(shown(t, "SIGNING", 0), "renewal_error"));
	is_str(json_str(shown(t, "SIGNING", 0), "renewed_cert_hash"),
		hash_of(t, shown(t, "SIGNING", 1)));
	is_str(json_str(shown(t, "AUTHENTICATION", 1), "status"), "SAVED");
	is_str(authenticates(t), old_auth);
	mailed(t, "has been renewed", "TEST:GOV:1000");
	mailed(t, "has failed", "CN=ss1.example");
	t->reg_down = false;
	round_of(t); /* goes on: sent; the old signing certificate retires */
	is_int(t->registered, sent + 1);
	is_str(json_str(shown(t, "AUTHENTICATION", 1), "status"),
		"REGISTRATION_IN_PROGRESS");
	mailed(t, "It was sent to the center", "TEST/GOV/1000/SS1");
	ok(!active(t, "SIGNING", 0) && active(t, "SIGNING", 1));
	ok(!str_equal(old_sign, hash_of(t, shown(t, "SIGNING", 1))));
	round_of(t); /* nothing is sent twice */
	is_int(t->registered, sent + 1);
	/* the center shows both: the new one is activated, the old one serves
	   until everybody can know */
	w->kit.next_auth_hash = t->last;
	ss_follow(w);
	ok(active(t, "AUTHENTICATION", 0) && active(t, "AUTHENTICATION", 1));
	mailed(t, "has been registered", "");
	mailed(t, "is active now", "");
	round_of(t);
	is_str(authenticates(t), old_auth);
	next = hash_of(t, shown(t, "AUTHENTICATION", 1));
	ss_set(w, "proxy-ui-api", "renewal-overlap", "0");
	round_of(t);
	ok(!active(t, "AUTHENTICATION", 0) && active(t, "AUTHENTICATION", 1));
	ok(str_iequal(authenticates(t), next));
	no_mail(t);
	round_of(t);
	is_int((int)keys(t), 4);
}

/* The account's key is a year old; it is changed, and the account stays. */
static void
test_account_key(struct state *t)
{
	int accounts = t->ca.accounts;

	is_int(t->ca.key_changes, 0);
	ss_set(&t->w, "proxy-ui-api",
		"acme-certificate-account-key-pair-expiration", "60");
	round_of(t);
	is_int(t->ca.key_changes, 2); /* auth_ and sign_ */
	is_int(t->ca.accounts, accounts);
	round_of(t);
	is_int(t->ca.key_changes, 2);
	is_int(t->ca.forged, 0);
}

/* In the directory of the accounts' keys. */
static int
in_keys(struct state *t, const char *script)
{
	const char *argv[] = { "sh", "-c", script, "sh",
		conf_data_path(t->w.s->conf, "acme"), NULL };
	char text[1000];

	return tap_run(argv, text, sizeof(text));
}

/* A crash after the server was told and before the fresh key had its place:
   the server being of no help for a while does not lose the key. */
static void
test_account_key_crash(struct state *t)
{
	int accounts = t->ca.accounts, changes = t->ca.key_changes;

	is_int(in_keys(t, "cd $1 && for f in *.key; do cp $f $f.old; done"), 0);
	ss_set(&t->w, "proxy-ui-api",
		"acme-certificate-account-key-pair-expiration", "14");
	round_of(t);
	is_int(t->ca.key_changes, changes + 2);
	is_int(in_keys(t, "cd $1 && for f in *.key; do mv $f ${f%.key}.next; "
			  "mv $f.old $f; done"),
		0);
	t->ca.down = true;
	round_of(t);
	is_int(in_keys(t, "test $(ls $1/*.next | wc -l) = 2"), 0);
	t->ca.down = false;
	round_of(t);
	is_int(t->ca.accounts, accounts);
	is_int(t->ca.key_changes, changes + 4);
	is_int(in_keys(t, "test $(ls $1/*.next 2>&- | wc -l) = 0"), 0);
	ss_set(&t->w, "proxy-ui-api",
		"acme-certificate-account-key-pair-expiration", "365");
}

/* ---- the end of certificates ---- */

static int
expiring(struct state *t)
{
	const json_t *j;
	size_t i;
	int n = 0;

	ss_is(&t->w, "GET", "/machilink/certificates", NULL, 200);
	json_each(j, i, t->w.json)
		n += json_bool(j, "warning", false);
	return n;
}

static void
watch(struct state *t)
{
	struct err e = ERR_INIT;

	ok_m(!expirywatch_round(t->w.s, &e), "%s", e.text);
}

static void
test_expiry(struct state *t)
{
	static const int days[] = { 60, 30, 14, 7, 1 };
	int left = 90;

	watch(t);
	is_int(expiring(t), 0);
	no_mail(t);
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
		pass_days(t, left - days[i]);
		left = days[i];
		watch(t);
		is_int(expiring(t), 2); /* signing and authentication */
		mailed(t, "Days left: ",
			arena_printf(t->w.a, "Days left: %d\n", left));
		mailed(t, "certificate", "Days left");
		watch(t);
		no_mail(t);
	}
	pass_days(t, 2);
	watch(t);
	mailed(t, "not valid any more", "certificate");
	mailed(t, "not valid any more", "certificate");
	watch(t);
	no_mail(t);
}

/* ---- */

static void
open_door(struct state *t)
{
	struct err e = ERR_INIT;
	int port = ss_free_port();

	ss_set(&t->w, "proxy-ui-api", "acme-challenge-port-enabled", "true");
	ss_set(&t->w, "proxy-ui-api", "acme-challenge-address", "127.0.0.1");
	ss_set(&t->w, "proxy-ui-api", "acme-challenge-port",
		arena_printf(t->w.a, "%d", port));
	ok_m(!acmedoor_open(t->w.s, &e), "%s", e.text);
	ca_start(&t->ca, t->w.kit.ca_key, t->w.kit.ca, port);
	t->w.kit.acme_url = arena_printf(
		t->w.a, "http://127.0.0.1:%d/directory", t->ca.port);
}

int
main(void)
{
	struct state t = { 0 };
	const char *cert, *key;

	ss_start(&t.w);
	jobs_stop(&t.w.s->jobs); /* the test runs the rounds */
	ss_set(&t.w, "proxy-ui-api", "automatic-activate-auth-certificate",
		"true");
	ss_set(&t.w, "proxy-ui-api", "acme-authorization-wait-interval", "0");
	ss_set(&t.w, "proxy-ui-api", "acme-certificate-wait-interval", "0");
	smtp_identity(t.w.a, &cert, &key);
	if (smtpd_here())
		t.mail = smtpd_start(t.w.a, "starttls", cert, key);
	else
		tap_skip("python3 has no aiosmtpd: mails are not looked at");
	open_door(&t);
	reg_start(&t);
	ss_anchor(&t.w);
	ss_init(&t.w);
	ss_is(&t.w, "PUT", "/tokens/0/login", "{\"password\":\"1234\"}", 200);
	ss_follow(&t.w);
	test_mail_api(&t, cert);
	test_binding(&t);
	test_door(&t);
	test_sign(&t);
	test_auth(&t);
	test_not_due(&t);
	pass_days(&t, 80);
	test_failure(&t);
	test_renewal(&t);
	test_account_key(&t);
	test_account_key_crash(&t);
	test_expiry(&t);
	if (t.mail.port)
		smtpd_stop(&t.mail);
	ca_stop(&t.ca);
	http_stop(&t.reg);
	tls_unref(&t.reg_tls);
	key_unref(&t.reg_key);
	cert_unref(&t.reg_cert);
	ss_stop(&t.w);
	return tap_done();
}
