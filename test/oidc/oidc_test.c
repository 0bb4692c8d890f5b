/* SPDX-License-Identifier: MIT */
/*
 * The relying party against a provider of ours over TLS, which can lie in
 * every way: what OpenID Connect Core section 3.1.3.7 refuses is refused, keys
 * are exchanged, made-up keys cost one question. The provider of other people
 * is in test/link.
 */
#include "oidc.h"

#include <stdio.h>

#include "bundle.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "http_server.h"
#include "identity.h"
#include "log.h"
#include "oidc_kit.h"
#include "tap.h"
#include "text.h"
#include "tls.h"

enum { KNOWN_MS = 3600 * 1000 };

/* What the provider says; a test changes it. */
static struct provider {
	struct arena *a;
	struct key *key;
	const char *kid, *keys;
	char issuer[64], form[4096], authorization[512];
	const char *head, *claims; /* of the next token */
	const char *access;
	int status, meta_calls, key_calls;
	const char *meta; /* NULL: the right one */
} p;
static struct arena *a;
static struct http_server *server;
static struct http_client *http;
static struct bundle *roots;
static struct tls *tls;

static int
send_text(struct request *r, int status, const char *text, struct err *e)
{
	return reply_send(r, status, "application/json", bytes_str(text), e);
}

static int
meta(struct request *r, void *state, struct err *e)
{
	(void)state;
	p.meta_calls++;
	return send_text(r, 200,
		p.meta ? p.meta
		       : arena_printf(request_arena(r),
				 "{\"issuer\":\"%s\","
				 "\"authorization_endpoint\":\"%s/auth?x=1\","
				 "\"token_endpoint\":\"%s/token\","
				 "\"jwks_uri\":\"%s/jwks\"}",
				 p.issuer, p.issuer, p.issuer, p.issuer),
		e);
}

static int
jwks(struct request *r, void *state, struct err *e)
{
	(void)state;
	p.key_calls++;
	return send_text(r, 200, p.keys, e);
}

static int
token(struct request *r, void *state, struct err *e)
{
	const char *auth = request_header(r, "Authorization");
	struct bytes body;

	(void)state;
	if (request_body(r, &body, e))
		return -1;
	snprintf(p.form, sizeof(p.form), "%s", (const char *)body.data);
	snprintf(p.authorization, sizeof(p.authorization), "%s",
		auth ? auth : "");
	if (p.status != 200)
		return send_text(
			r, p.status, "{\"error\":\"invalid_grant\"}", e);
	return send_text(r, 200,
		arena_printf(request_arena(r),
			"{\"access_token\":\"%s\",\"token_type\":\"bearer\","
			"\"id_token\":\"%s\"}",
			p.access,
			kit_token(request_arena(r), p.head, p.claims, p.key,
				bytes_of("", 0))),
		e);
}

static const struct route routes[] = {
	{ "GET", "/.well-known/openid-configuration", 0, 0, meta },
	{ "GET", "/jwks", 0, 0, jwks },
	{ "POST", "/token", 65536, 0, token },
	{ NULL, NULL, 0, 0, NULL },
};

static void
start(void)
{
	struct identity_plan plan = { tap_dir(), "op", "127.0.0.1", KEY_EC };
	struct listener l = { .name = "provider",
		.address = "127.0.0.1",
		.threads = 4,
		.routes = routes };
	struct tls_options o = { .policy = TLS_WEB };
	struct cert *cert;
	struct err e = ERR_INIT;
	char path[256];

	ok(http_startup(&e) == 0);
	ok(identity_load(&plan, &o.key, &cert, &e) == 0);
	o.chain = (struct cert_list){ &cert, 1 };
	ok(tls_server_new(&l.tls, &o, &e) == 0);
	ok(http_serve(&server, &l, &e) == 0);
	snprintf(path, sizeof(path), "%s/op.crt", tap_dir());
	ok(bundle_open(&roots, path, &e) == 0);
	ok(tls_client_new(
		   &tls, &(struct tls_options){ .policy = TLS_WEB }, &e) == 0);
	ok(http_client_new(&http, &e) == 0);
	snprintf(p.issuer, sizeof(p.issuer), "https://127.0.0.1:%d",
		http_port(server));
	ok(key_generate(&p.key, KEY_EC, 0, &e) == 0);
	p.kid = "k1";
	p.keys = kit_jwks(a, p.key, p.kid, NULL, NULL);
	p.access = "access";
	p.status = 200;
	key_unref(&o.key);
	cert_unref(&cert);
	tls_unref(&l.tls);
	if (err_set(&e))
		tap_note("%s", e.text);
}

static struct oidc_setting setting = {
	.name = "op",
	.client_id = "me&you",
	.secret = "s:%cret",
	.level = "substantial",
	.label_ja = "テスト",
	.label_en = "Test",
};

static int64_t known_ms = KNOWN_MS, retry_ms;

static struct oidc *
relying(int64_t refetch_ms)
{
	struct oidc_env env = { .http = http,
		.tls = tls,
		.roots = roots,
		.base = "https://town.example",
		.connect_timeout_ms = 5000,
		.read_timeout_ms = 5000,
		.known_ms = known_ms,
		.refetch_ms = refetch_ms,
		.retry_ms = retry_ms };
	struct oidc *o = NULL;

	setting.issuer = p.issuer;
	ok(oidc_new(&o, &setting, &env, NULL) == 0);
	return o;
}

/* A whole sign-in: 0, or the fault. `answer` may be NULL: the right one. */
static struct err why;
static struct oidc_identity who;
static struct oidc_attempt attempt;

static const char *
good_claims(int64_t shift_s)
{
	long long now = (long long)(clock_seconds() + shift_s);

	return arena_printf(a,
		"{\"iss\":\"%s\",\"sub\":\"person-1\",\"aud\":\"me&you\","
		"\"exp\":%lld,\"iat\":%lld,\"nonce\":\"%s\"}",
		p.issuer, now + 300, now, attempt.nonce);
}

static enum fault
finish(struct oidc *o, const char *answer)
{
	why = (struct err)ERR_INIT;
	if (oidc_finish(o, a, &attempt,
		    answer ? answer
			   : arena_printf(
				     a, "code=c%%2B1&state=%s", attempt.state),
		    &who, &why) == 0)
		return FAULT_NONE;
	return why.fault;
}

static void
begin(struct oidc *o)
{
	const char *url = "";

	why = (struct err)ERR_INIT;
	ok(oidc_begin(o, a, "ja", &attempt, &url, &why) == 0);
	p.head = arena_printf(a, "{\"alg\":\"ES256\",\"kid\":\"%s\"}", p.kid);
	p.claims = good_claims(0);
}

static void
good(void)
{
	struct oidc *o = relying(60000);
	const char *url, *query;
	struct digest d;

	ok(oidc_begin(o, a, "ja", &attempt, &url, &why) == 0);
	ok(str_prefix(url, arena_printf(a, "%s/auth?x=1&", p.issuer)));
	query = strchr(url, '?') + 1;
	is_str(query_get(a, query, "response_type"), "code");
	is_str(query_get(a, query, "scope"), "openid");
	is_str(query_get(a, query, "prompt"), "login");
	is_str(query_get(a, query, "client_id"), "me&you");
	is_str(query_get(a, query, "redirect_uri"),
		"https://town.example/callback/op");
	is_str(query_get(a, query, "state"), attempt.state);
	is_str(query_get(a, query, "nonce"), attempt.nonce);
	is_str(query_get(a, query, "code_challenge_method"), "S256");
	digest_of(
		DIGEST_SHA256, attempt.verifier, strlen(attempt.verifier), &d);
	is_str(query_get(a, query, "code_challenge"),
		base64url_encode(a, d.value, d.len));
	p.head = "{\"alg\":\"ES256\",\"kid\":\"k1\"}";
	p.claims = good_claims(0);
	is_int(finish(o, NULL), FAULT_NONE);
	is_str(who.sub, "person-1");
	is_str(who.issuer, p.issuer);
	is_str(who.level, "substantial");
	is_str(who.amr, "");
	is_str(query_get(a, p.form, "code"), "c+1");
	is_str(query_get(a, p.form, "code_verifier"), attempt.verifier);
	is_str(query_get(a, p.form, "grant_type"), "authorization_code");
	ok(!query_get(a, p.form, "client_secret"));
	is_str(p.authorization,
		arena_printf(a, "Basic %s",
			base64_encode(a, "me%26you:s%3A%25cret", 20)));
	is_int(p.meta_calls, 1);
	is_int(p.key_calls, 1);
	oidc_free(&o);
	setting.auth = OIDC_POST;
	o = relying(60000);
	begin(o);
	is_int(finish(o, NULL), FAULT_NONE);
	is_str(p.authorization, "");
	is_str(query_get(a, p.form, "client_secret"), "s:%cret");
	setting.auth = OIDC_BASIC;
	oidc_free(&o);
}

/* Good claims with one member set to another value; NULL: without it. */
static const char *
claims_with(const char *name, const char *value)
{
	json_t *j, *v;

	if (json_parse(a, bytes_str(good_claims(0)), NULL, &j, NULL))
		abort();
	if (!value) {
		json_object_del(j, name);
		return kit_json(a, j);
	}
	if (json_parse(a, bytes_str(arena_printf(a, "[%s]", value)), NULL, &v,
		    NULL))
		abort();
	json_object_set(j, name, json_array_get(v, 0));
	return kit_json(a, j);
}

struct claim {
	const char *name, *value, *words; /* words NULL: taken */
};
static const struct claim claims[] = {
	{ "iss", "\"https://evil.example\"", "(iss)" },
	{ "iss", NULL, "(iss)" },
	{ "aud", "\"somebody\"", "(aud)" },
	{ "aud", "[\"somebody\"]", "(aud)" },
	{ "aud", NULL, "(aud)" },
	{ "aud", "[\"me&you\"]", NULL },
	{ "aud", "[\"me&you\",\"somebody\"]", "(azp)" },
	{ "azp", "\"somebody\"", "(azp)" },
	{ "azp", "\"me&you\"", NULL },
	{ "nonce", "\"AAAA\"", "(nonce)" },
	{ "nonce", NULL, "(nonce)" },
	{ "exp", "1000", "expired" },
	{ "exp", NULL, "ends" },
	{ "exp", "\"9999999999\"", "ends" },
	{ "iat", "1000", "too old" },
	{ "iat", NULL, "made" },
	{ "iat", "99999999999", "future" },
	{ "nbf", "99999999999", "not valid yet" },
	{ "nbf", "1000", NULL },
	{ "sub", NULL, "(sub)" },
	{ "sub", "\"\"", "(sub)" },
	{ "sub", "\"\\u3042\"", "(sub)" },
	{ "sub", "1", "(sub)" },
	{ "at_hash", "\"AAAA\"", "(at_hash)" },
	{ "at_hash", "1", "(at_hash)" },
	{ "at_hash", "\"Pxav9eB9pBUXCuDtjzRt8A\"", "(at_hash)" },
	{ "name", "\"Yamada\"", NULL },
};

static void
lying(void)
{
	struct oidc *o = relying(60000);
	struct digest d;

	for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
		const struct claim *c = &claims[i];

		begin(o);
		p.claims = claims_with(c->name, c->value);
		is_int(finish(o, NULL),
			c->words ? FAULT_UNAUTHORIZED : FAULT_NONE);
		ok_m(!c->words || strstr(why.text, c->words), "%s %s: %s",
			c->name, c->value ? c->value : "absent", why.text);
	}
	begin(o);
	digest_of(DIGEST_SHA256, "access", 6, &d);
	p.claims = claims_with(
		"at_hash", arena_printf(a, "\"%s\"",
				   base64url_encode(a, d.value, d.len / 2)));
	is_int(finish(o, NULL), FAULT_NONE);
	oidc_free(&o);
}

static void
levels(void)
{
	static const char *const high[] = { "urn:high", "urn:higher", NULL };
	struct oidc *o;

	setting.acr = high;
	setting.max_age = 300;
	o = relying(60000);
	begin(o);
	is_int(finish(o, NULL), FAULT_UNAUTHORIZED);
	ok(strstr(why.text, "anew"));
	p.claims = claims_with("auth_time",
		arena_printf(a, "%lld", (long long)clock_seconds()));
	is_int(finish(o, NULL), FAULT_UNAUTHORIZED);
	ok(strstr(why.text, "(acr)"));
	setting.max_age = 0;
	p.claims = claims_with("acr", "\"urn:low\"");
	is_int(finish(o, NULL), FAULT_UNAUTHORIZED);
	p.claims = claims_with("acr", "\"urn:higher\"");
	is_int(finish(o, NULL), FAULT_NONE);
	is_str(who.level, "urn:higher");
	setting.acr = NULL;
	p.claims = claims_with("amr", "[\"pin\",\"<b>\",1,\"hwk\"]");
	is_int(finish(o, NULL), FAULT_NONE);
	is_str(who.level, "substantial");
	is_str(who.amr, "pin hwk");
	oidc_free(&o);
}

static void
answers(void)
{
	struct oidc *o = relying(60000);

	begin(o);
	is_int(finish(o, "code=1&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
			 "AAA"),
		FAULT_BAD_REQUEST);
	is_int(finish(o, "code=1"), FAULT_BAD_REQUEST);
	is_int(finish(o, ""), FAULT_BAD_REQUEST);
	is_int(finish(o, arena_printf(a, "state=%s", attempt.state)),
		FAULT_BAD_REQUEST);
	is_int(finish(o, arena_printf(a, "state=%s&error=access_denied<b>",
				 attempt.state)),
		FAULT_FORBIDDEN);
	is_str(why.text, "provider op says: access_denied");
	is_int(finish(o, arena_printf(a,
				 "code=1&state=%s&iss=https%%3A%%2F%%2Fevil",
				 attempt.state)),
		FAULT_UNAUTHORIZED);
	is_int(finish(o, arena_printf(
				 a, "code=1&state=%s&code=2", attempt.state)),
		FAULT_BAD_REQUEST);
	is_int(finish(o, arena_printf(a, "code=1&state=%s&st%%61te=x",
				 attempt.state)),
		FAULT_BAD_REQUEST);
	p.status = 400; /* what a replayed code gets */
	is_int(finish(o, NULL), FAULT_UNAUTHORIZED);
	ok(strstr(why.text, "invalid_grant"));
	p.status = 200;
	p.head = "{\"alg\":\"none\"}";
	is_int(finish(o, NULL), FAULT_UNAUTHORIZED);
	oidc_free(&o);
}

/* The provider changes its key; made-up keys make no further questions. */
static void
rotation(void)
{
	struct oidc *o = relying(KNOWN_MS);
	struct key *old = p.key;
	int calls;

	begin(o);
	is_int(finish(o, NULL), FAULT_NONE);
	calls = p.key_calls;
	ok(key_generate(&p.key, KEY_RSA, 2048, NULL) == 0);
	p.keys = kit_jwks(a, p.key, "k2", old, "k1");
	p.head = "{\"alg\":\"RS256\",\"kid\":\"k2\"}";
	is_int(finish(o, NULL), FAULT_NONE);
	is_int(p.key_calls, calls + 1);
	for (int i = 0; i < 5; i++) {
		p.head = "{\"alg\":\"RS256\",\"kid\":\"made-up\"}";
		is_int(finish(o, NULL), FAULT_UNAUTHORIZED);
	}
	is_int(p.key_calls, calls + 1);
	p.head = "{\"alg\":\"RS256\",\"kid\":\"k2\"}";
	is_int(finish(o, NULL), FAULT_NONE);
	key_unref(&p.key);
	p.key = old;
	p.keys = kit_jwks(a, p.key, p.kid, NULL, NULL);
	oidc_free(&o);
}

/* ... under the name of the old one: the same single question. */
static void
rotation_same_name(void)
{
	struct oidc *o = relying(KNOWN_MS);
	struct key *old = p.key;
	int calls;

	p.head = arena_printf(a, "{\"alg\":\"ES256\",\"kid\":\"%s\"}", p.kid);
	begin(o);
	is_int(finish(o, NULL), FAULT_NONE);
	calls = p.key_calls;
	ok(key_generate(&p.key, KEY_EC, 0, NULL) == 0);
	p.keys = kit_jwks(a, p.key, p.kid, NULL, NULL);
	is_int(finish(o, NULL), FAULT_NONE);
	is_int(p.key_calls, calls + 1);
	key_unref(&p.key);
	p.key = old;
	for (int i = 0; i < 5; i++)
		is_int(finish(o, NULL), FAULT_UNAUTHORIZED);
	is_int(p.key_calls, calls + 1);
	p.keys = kit_jwks(a, p.key, p.kid, NULL, NULL);
	oidc_free(&o);
}

struct description {
	const char *text, *words;
};

static void
descriptions(void)
{
	const struct description rows[] = {
		{ "", "no JSON" },
		{ "{}", "calls itself" },
		{ "{\"issuer\":\"https://evil.example\"}", "calls itself" },
		{ arena_printf(a, "{\"issuer\":\"%s/\"}", p.issuer),
			"calls itself" },
		{ arena_printf(a, "{\"issuer\":\"%s\"}", p.issuer),
			"authorization_endpoint" },
		{ arena_printf(a,
			  "{\"issuer\":\"%s\",\"authorization_endpoint\":"
			  "\"javascript:alert(1)\"}",
			  p.issuer),
			"authorization_endpoint" },
		{ arena_printf(a,
			  "{\"issuer\":\"%s\",\"authorization_endpoint\":"
			  "\"https://x/a\",\"token_endpoint\":\"http://x/t\"}",
			  p.issuer),
			"token_endpoint" },
		{ arena_printf(a,
			  "{\"issuer\":\"%s\",\"authorization_endpoint\":"
			  "\"https://x/a\",\"token_endpoint\":\"https://x/t\","
			  "\"jwks_uri\":\"https://x/j\","
			  "\"code_challenge_methods_supported\":[\"plain\"]}",
			  p.issuer),
			"S256" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct oidc *o = relying(60000);
		const char *url;

		why = (struct err)ERR_INIT;
		p.meta = rows[i].text;
		ok(oidc_begin(o, a, "ja", &attempt, &url, &why) != 0);
		ok_m(strstr(why.text, rows[i].words) != NULL, "%s", why.text);
		p.meta = NULL;
		ok(oidc_begin(o, a, "ja", &attempt, &url, NULL) == 0);
		oidc_free(&o);
	}
}

/* A provider that is down is asked now and then, not for every visitor: each
   question holds a thread until the time is up. */
static void
outage(void)
{
	struct oidc *o;
	const char *url;
	int calls;

	retry_ms = KNOWN_MS;
	o = relying(60000);
	p.meta = "down";
	calls = p.meta_calls;
	for (int i = 0; i < 5; i++) {
		why = (struct err)ERR_INIT;
		ok(oidc_begin(o, a, "ja", &attempt, &url, &why) != 0);
		is_int(why.fault, FAULT_CONFIG);
		ok(strstr(why.text, "is no JSON object") != NULL);
	}
	is_int(p.meta_calls - calls, 1);
	oidc_free(&o);
	/* what was known goes on serving, without a question each time */
	known_ms = 0;
	p.meta = NULL;
	o = relying(60000);
	ok(oidc_begin(o, a, "ja", &attempt, &url, NULL) == 0);
	p.meta = "down";
	calls = p.meta_calls;
	for (int i = 0; i < 5; i++)
		ok(oidc_begin(o, a, "ja", &attempt, &url, NULL) == 0);
	is_int(p.meta_calls - calls, 1);
	oidc_free(&o);
	/* and it is asked again */
	retry_ms = 0;
	known_ms = KNOWN_MS;
	o = relying(60000);
	ok(oidc_begin(o, a, "ja", &attempt, &url, NULL) != 0);
	p.meta = NULL;
	ok(oidc_begin(o, a, "ja", &attempt, &url, NULL) == 0);
	oidc_free(&o);
}

/* Nobody but who the operator trusts is believed to be the provider. */
static void
stranger(void)
{
	struct bundle *mine = roots;
	struct identity_plan plan = { tap_dir(), "no", "127.0.0.1", KEY_EC };
	struct key *key;
	struct cert *cert;
	struct oidc *o;
	const char *url;
	char path[256];

	ok(identity_load(&plan, &key, &cert, NULL) == 0);
	snprintf(path, sizeof(path), "%s/no.crt", tap_dir());
	ok(bundle_open(&roots, path, NULL) == 0);
	o = relying(60000);
	why = (struct err)ERR_INIT;
	ok(oidc_begin(o, a, "ja", &attempt, &url, &why) != 0);
	is_int(why.fault, FAULT_SSL_AUTH);
	oidc_free(&o);
	bundle_close(&roots);
	roots = mine;
	key_unref(&key);
	cert_unref(&cert);
}

int
main(void)
{
	log_level_set(LOG_ERROR);
	a = arena_new();
	start();
	good();
	lying();
	levels();
	answers();
	rotation();
	rotation_same_name();
	descriptions();
	outage();
	stranger();
	http_stop(&server);
	http_client_free(&http);
	tls_unref(&tls);
	bundle_close(&roots);
	key_unref(&p.key);
	http_shutdown();
	arena_free(&a);
	return tap_done();
}
