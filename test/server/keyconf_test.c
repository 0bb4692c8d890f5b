/* SPDX-License-Identifier: MIT */
/*
 * Which key signs, and when none may: activation, OCSP, its age, the token,
 * the member. And the jobs that keep OCSP fresh and activate by themselves.
 */
#define IN_SERVER 1
#include "job.h"
#include "server_kit.h"

struct state {
	struct ss w;
	struct cert *sign, *auth;
};

static enum fault
signing(struct state *t, const char *member)
{
	struct arena *a = arena_new();
	struct globalconf *g = NULL;
	struct signing out = { 0 };
	struct client_id id;
	struct err e = ERR_INIT;

	if (!client_id_parse(a, member, &id, &e) &&
		!confclient_valid(t->w.s->confclient, &g, &e) &&
		!keyconf_signing(
			t->w.s->keys, t->w.s->ocsp, g, &id, a, &out, &e))
		ok(out.key && cert_equal(out.cert, t->sign) && out.ocsps == 1 &&
			out.ocsp[0].len && !out.extra.n);
	globalconf_unref(&g);
	arena_free(&a);
	return e.fault;
}

static enum fault
authenticating(struct state *t)
{
	struct arena *a = arena_new();
	struct globalconf *g = NULL;
	struct auth_identity out;
	struct err e = ERR_INIT;

	if (!confclient_valid(t->w.s->confclient, &g, &e) &&
		!keyconf_auth(t->w.s->keys, t->w.s->ocsp, g, a, &out, &e))
		ok(out.key && out.n == 1 && out.ocsp[0].len &&
			cert_equal(out.chain[0], t->auth));
	globalconf_unref(&g);
	arena_free(&a);
	return e.fault;
}

static void
put(struct state *t, const struct cert *c, const char *what, int want)
{
	ss_is(&t->w, "PUT",
		arena_printf(t->w.a, "/token-certificates/%s/%s",
			ss_hash(&t->w, c), what),
		"{}", want);
}

static void
test_sign(struct state *t)
{
	struct ss *w = &t->w;
	struct csr *csr;

	is_int(signing(t, "TEST/GOV/1000"), FAULT_CANNOT_SIGN);
	csr = ss_csr(w, true);
	t->sign = ss_issue(w, csr->key, "1000", KIT_SIGN_USAGE, 100);
	is_int(ss_import(w, t->sign), 201);
	ok(json_bool(w->json, "active", false));
	is_int(signing(t, "TEST/GOV/1000"), FAULT_NONE);
	/* keys are per member: every subsystem signs with it */
	is_int(signing(t, "TEST/GOV/1000/Facilities"), FAULT_NONE);
	is_int(signing(t, "TEST/COM/2000"), FAULT_CANNOT_SIGN);
	put(t, t->sign, "disable", 204);
	is_int(signing(t, "TEST/GOV/1000"), FAULT_CANNOT_SIGN);
	put(t, t->sign, "activate", 204);
	is_int(signing(t, "TEST/GOV/1000"), FAULT_NONE);
}

/* No message costs a question to the database or the signer. */
static void
test_cached(struct state *t)
{
	struct arena *a = arena_new();
	struct globalconf *g = NULL;
	struct signing one, two;
	struct client_id id = { "TEST", "GOV", "1000", NULL };
	int64_t generation = keyconf_generation(t->w.s->keys);

	ok(!confclient_valid(t->w.s->confclient, &g, NULL));
	ok(!keyconf_signing(t->w.s->keys, t->w.s->ocsp, g, &id, a, &one, NULL));
	ok(!keyconf_signing(t->w.s->keys, t->w.s->ocsp, g, &id, a, &two, NULL));
	ok(one.key == two.key && one.cert == two.cert);
	is_int(keyconf_generation(t->w.s->keys), generation);
	keyconf_touch(t->w.s->keys);
	ok(keyconf_generation(t->w.s->keys) != generation);
	globalconf_unref(&g);
	arena_free(&a);
}

static void
test_ocsp_age(struct state *t)
{
	/* an answer older than the network accepts, no new one to be had */
	t->w.kit.ocsp_down = true;
	t->w.kit.expires_in = 10 * (int64_t)KIT_DAY_MS;
	ss_follow(&t->w);
	clock_shift(3700 * 1000);
	is_int(signing(t, "TEST/GOV/1000"), FAULT_CANNOT_SIGN);
	/* the job fetches it as soon as the responder is back */
	t->w.kit.ocsp_down = false;
	{
		struct err e = ERR_INIT;
		int64_t next = 0;
		ok_m(!ocsp_round(t->w.s, &next, &e), "round %s", e.text);
		ok(next > 60000 && next <= 1200000);
	}
	is_int(signing(t, "TEST/GOV/1000"), FAULT_NONE);
	clock_shift(0);
}

static void
test_revoked(struct state *t)
{
	struct err e = ERR_INIT;
	int64_t next = 0;

	clock_shift(1300 * 1000);
	t->w.kit.ocsp_status = OCSP_REVOKED;
	ok(!ocsp_round(t->w.s, &next, &e));
	is_int(signing(t, "TEST/GOV/1000"), FAULT_CANNOT_SIGN);
	ss_is(&t->w, "GET",
		arena_printf(t->w.a, "/token-certificates/%s",
			ss_hash(&t->w, t->sign)),
		NULL, 200);
	is_str(json_str(t->w.json, "ocsp_status"), "OCSP_RESPONSE_REVOKED");
	t->w.kit.ocsp_status = OCSP_GOOD;
	clock_shift(2600 * 1000);
	ok(!ocsp_round(t->w.s, &next, &e));
	is_int(signing(t, "TEST/GOV/1000"), FAULT_NONE);
	clock_shift(0);
	keyconf_touch(t->w.s->keys);
}

static void
test_token(struct state *t)
{
	ss_is(&t->w, "PUT", "/tokens/0/logout", "{}", 200);
	is_int(signing(t, "TEST/GOV/1000"), FAULT_TOKEN_NOT_ACTIVE);
	ss_is(&t->w, "PUT", "/tokens/0/login", "{\"password\":\"1234\"}", 200);
	is_int(signing(t, "TEST/GOV/1000"), FAULT_NONE);
}

/* Registered by the center and activated without hands, because the operator
   wanted it so; not while OCSP does not vouch for it. */
static void
test_auth(struct state *t)
{
	struct ss *w = &t->w;
	struct csr *csr = ss_csr(w, false);

	is_int(authenticating(t), FAULT_SSL_AUTH);
	t->auth = ss_issue(w, csr->key, "1000", KIT_AUTH_USAGE, 100);
	is_int(ss_import(w, t->auth), 201);
	is_int(authenticating(t), FAULT_SSL_AUTH);
	cert_digest(t->auth, DIGEST_SHA256, &w->kit.auth_hash);
	w->kit.ocsp_down = true;
	ss_follow(w);
	is_int(authenticating(t), FAULT_SSL_AUTH);
	w->kit.ocsp_down = false;
	ss_follow(w);
	is_int(authenticating(t), FAULT_NONE);
	/* switched off by hand it stays off */
	put(t, t->auth, "disable", 204);
	ss_follow(w);
	is_int(authenticating(t), FAULT_SSL_AUTH);
	put(t, t->auth, "activate", 204);
	w->kit.auth_hash.len = 0;
	ss_follow(w);
	is_int(authenticating(t), FAULT_SSL_AUTH);
}

static void
test_internal_tls(struct state *t)
{
	struct key *key = NULL, *again = NULL;
	struct cert *cert = NULL, *same = NULL;
	struct err e = ERR_INIT;

	ok_m(!internal_tls(t->w.conf, &key, &cert, &e), "%s", e.text);
	ok(!internal_tls(t->w.conf, &again, &same, &e));
	ok(cert_equal(cert, same));
	key_unref(&key);
	key_unref(&again);
	cert_unref(&cert);
	cert_unref(&same);
}

int
main(void)
{
	struct state t = { 0 };

	ss_start(&t.w);
	ss_set(&t.w, "proxy-ui-api", "automatic-activate-auth-certificate",
		"true");
	jobs_stop(&t.w.s->jobs); /* the test runs the rounds */
	ss_anchor(&t.w);
	ss_init(&t.w);
	ss_is(&t.w, "PUT", "/tokens/0/login", "{\"password\":\"1234\"}", 200);
	test_sign(&t);
	test_cached(&t);
	test_ocsp_age(&t);
	test_revoked(&t);
	test_token(&t);
	test_auth(&t);
	test_internal_tls(&t);
	cert_unref(&t.sign);
	cert_unref(&t.auth);
	ss_stop(&t.w);
	return tap_done();
}
