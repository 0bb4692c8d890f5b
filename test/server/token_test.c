/* SPDX-License-Identifier: MIT */
/*
 * Administration of several tokens: another signer with a key store stands
 * for the one in hardware (the real thing: test/signer/module_test.c).
 */
#define IN_SERVER 1
#include "server_kit.h"

#include "file.h"

#include <stdio.h>
#include <stdlib.h>

#define HARD "/tokens/HSM-1"
#define CSR(usage, more)                                                      \
 "{\"key_label\":\"k\",\"csr_generate_request\":{\"key_usage_type\":\"" usage \
 "\",\"ca_name\":\"Test CA\",\"csr_format\":\"DER\"" more                     \
 ",\"subject_field_values\":{\"C\":\"JP\",\"CN\":\"ss1.example\"}}}"

static struct token token[1];

static bool
may(const json_t *of, const char *word)
{
	json_t *v;
	size_t i;

	json_each(v, i, json_list(of, "possible_actions"))
		if (str_equal(json_string_value(v), word))
			return true;
	return false;
}

static void
refused(struct ss *w, const char *method, const char *where, const char *body,
	int status, const char *code)
{
	ss_is(w, method, where, body, status);
	is_str(ss_code(w), code);
}

static void
test_list(struct ss *w)
{
	json_t *j;

	ss_is(w, "GET", "/tokens", NULL, 200);
	is_int((int)json_array_size(w->json), 2);
	j = json_array_get(w->json, 0);
	is_str(json_str(j, "id"), "0");
	is_str(json_str(j, "type"), "SOFTWARE");
	j = json_array_get(w->json, 1);
	is_str(json_str(j, "id"), "HSM-1");
	is_str(json_str(j, "type"), "HARDWARE");
	is_str(json_str(j, "name"), "Vault");
	ok(json_bool(j, "available", false));
	ok(!json_bool(j, "logged_in", true));
	ok(!json_bool(j, "saved_to_configuration", true));
	is_int((int)json_array_size(json_list(j, "token_infos")), 4);
	ok(may(j, "LOGIN") && !may(j, "DELETE") && !may(j, "GENERATE_KEY"));
	refused(w, "GET", "/tokens/HSM-2", NULL, 404, "token_not_found");
}

static void
test_login(struct ss *w)
{
	const char *pin = "{\"password\":\"8642\"}";

	refused(w, "POST", HARD "/keys", "{\"label\":\"x\"}", 409,
		"action_not_possible");
	refused(w, "PUT", HARD "/login", "{\"password\":\"1234\"}", 400,
		"pin_incorrect");
	ss_is(w, "PUT", HARD "/login", pin, 200);
	ok(json_bool(w->json, "logged_in", false));
	ok(may(w->json, "GENERATE_KEY") && may(w->json, "LOGOUT"));
	ok(!may(w->json, "TOKEN_CHANGE_PIN"));
	refused(w, "PUT", HARD "/pin",
		"{\"old_pin\":\"8642\",\"new_pin\":\"1\"}", 409,
		"action_not_possible");
	ss_is(w, "PATCH", HARD, "{\"name\":\"Cellar\"}", 200);
	is_str(json_str(w->json, "name"), "Cellar");
	ss_is(w, "GET", "/tokens/0", NULL, 200);
	is_str(json_str(w->json, "name"), "softToken-0");
}

/* The signing key lives there, and signs; its id is answered. */
static const char *
test_key(struct ss *w)
{
	const char *id, *csr;
	struct csr *c = NULL;
	struct cert *cert;
	json_t *keys;

	refused(w, "POST", HARD "/keys-with-csrs", CSR("AUTHENTICATION", ""),
		409, "action_not_possible");
	ss_is(w, "POST", HARD "/keys-with-csrs",
		CSR("SIGNING", ",\"member_id\":\"TEST:GOV:1000\""), 200);
	id = arena_strdup(w->a, json_str(json_sub(w->json, "key"), "id"));
	csr = json_str(w->json, "csr_id");
	ss_is(w, "GET",
		arena_printf(w->a, "/keys/%s/csrs/%s?csr_format=DER", id, csr),
		NULL, 200);
	ok(!csr_parse(w->a, w->answer.body, &c, NULL));
	cert = ss_issue(w, c->key, "1000", KIT_SIGN_USAGE, 100);
	is_int(ss_import(w, cert), 201);
	ss_is(w, "GET", HARD, NULL, 200);
	keys = json_list(w->json, "keys");
	is_int((int)json_array_size(keys), 1);
	is_str(json_str(json_array_get(keys, 0), "id"), id);
	is_int((int)json_array_size(
		       json_list(json_array_get(keys, 0), "certificates")),
		1);
	ss_is(w, "GET", "/tokens/0", NULL, 200);
	is_int((int)json_array_size(json_list(w->json, "keys")), 0);
	cert_unref(&cert);
	return id;
}

static void
test_other_key(struct ss *w)
{
	const char *where;

	ss_is(w, "POST", HARD "/keys", "{\"label\":\"x\"}", 201);
	ok(may(w->json, "GENERATE_SIGN_CSR"));
	ok(!may(w->json, "GENERATE_AUTH_CSR"));
	where = arena_printf(w->a, "/keys/%s", json_str(w->json, "id"));
	ss_is(w, "PUT", "/tokens/0/logout", "{}", 200);
	ss_is(w, "DELETE", where, NULL, 204);
	ss_is(w, "PUT", "/tokens/0/login", "{\"password\":\"1234\"}", 200);
}

/* Another token is in the slot: what is left of the old one can go. */
static void
test_gone(struct ss *w, const char *key)
{
	const char *where = arena_printf(w->a, "/keys/%s", key);

	snprintf(token[0].id, sizeof(token[0].id), "HSM-2");
	keyconf_touch(w->s->keys);
	ss_is(w, "GET", "/tokens", NULL, 200);
	is_int((int)json_array_size(w->json), 3);
	ss_is(w, "GET", HARD, NULL, 200);
	ok(!json_bool(w->json, "available", true));
	ok(json_bool(w->json, "saved_to_configuration", false));
	is_str(json_str(w->json, "name"), "Cellar");
	ok(may(w->json, "DELETE") && !may(w->json, "LOGIN"));
	refused(w, "PUT", HARD "/login", "{\"password\":\"8642\"}", 409,
		"login_failed");
	refused(w, "DELETE", where, NULL, 409, "action_not_possible");
	refused(w, "DELETE", "/tokens/HSM-2", NULL, 409, "action_not_possible");
	ss_is(w, "DELETE", HARD, NULL, 204);
	refused(w, "GET", HARD, NULL, 404, "token_not_found");
	refused(w, "GET", where, NULL, 404, "key_not_found");
}

int
main(void)
{
	struct token *t = &token[0];
	struct arena *a = arena_new();
	const char *key;
	struct ss w;

	snprintf(t->id, sizeof(t->id), "HSM-1");
	snprintf(t->info.label, sizeof(t->info.label), "Vault");
	if (signer_start(
		    &t->signer, path_join(a, tap_dir(), "hardware"), NULL) ||
		signer_init_pin(t->signer, "8642", NULL))
		abort();
	ss_start_with(&w, token, 1);
	ss_anchor(&w);
	ss_init(&w);
	ss_is(&w, "PUT", "/tokens/0/login", "{\"password\":\"1234\"}", 200);
	test_list(&w);
	test_login(&w);
	key = test_key(&w);
	test_other_key(&w);
	test_gone(&w, key);
	ss_stop(&w);
	signer_stop(&t->signer);
	arena_free(&a);
	return tap_done();
}
