/* SPDX-License-Identifier: MIT */
/*
 * The administration interface where things change and end: keys, requests,
 * certificates, clients, groups; who may; and that a refusal leaves everything
 * as it was.
 */
#define IN_SERVER 1
#include "server_kit.h"
#include "server_sql.h"

#define SUB "/clients/TEST:GOV:1000:Facilities"
#define PEER                                                             \
 "/diagnostics/other-security-server-status?protocol_type=%s&client_id=" \
 "TEST:GOV:1000:Facilities&target_client_id=TEST:COM:2000:Nobody&"       \
 "security_server_id=TEST:COM:2000:SS9"
#define OTHER "/clients/TEST:COM:2000:Extra"

static const char *
path(struct ss *w, const char *before, const char *id, const char *after)
{
	return arena_printf(w->a, "%s%s%s", before, id, after);
}

static bool
has_action(const json_t *list, const char *word)
{
	json_t *v;
	size_t i;

	json_each(v, i, list)
		if (str_equal(json_string_value(v), word))
			return true;
	return false;
}

static void
refused(struct ss *w, const char *method, const char *where, const char *body,
	int status, const char *code)
{
	is_int(ss_call(w, method, where, body), status);
	ok_m(str_equal(ss_code(w), code), "%s %s: %s", method, where,
		ss_code(w) ? ss_code(w) : "?");
}

static const char *
key_make(struct ss *w)
{
	ss_is(w, "POST", "/tokens/0/keys", "{\"label\":\"one\"}", 201);
	return arena_strdup(w->a, json_str(w->json, "id"));
}

static void
test_keys(struct ss *w)
{
	const char *id = key_make(w), *key = path(w, "/keys/", id, "");

	ss_is(w, "GET", path(w, key, "/possible-actions", ""), NULL, 200);
	ok(has_action(w->json, "DELETE"));
	ok(has_action(w->json, "GENERATE_AUTH_CSR"));
	ok(has_action(w->json, "EDIT_FRIENDLY_NAME"));
	ss_is(w, "PATCH", key, "{\"name\":\"two\"}", 200);
	is_str(json_str(w->json, "name"), "two");
	ss_is(w, "PATCH", key, "{\"name\":\"\"}", 400);
	ss_is(w, "GET", key, NULL, 200);
	is_str(json_str(w->json, "name"), "two");
	/* a closed token gives nothing away, not even the key */
	ss_is(w, "PUT", "/tokens/0/logout", "{}", 200);
	refused(w, "DELETE", key, NULL, 409, "action_not_possible");
	refused(w, "POST", "/tokens/0/keys", "{\"label\":\"x\"}", 409,
		"action_not_possible");
	ss_is(w, "GET", path(w, key, "/possible-actions", ""), NULL, 200);
	is_int((int)json_array_size(w->json), 1);
	ss_is(w, "PUT", "/tokens/0/login", "{\"password\":\"1234\"}", 200);
	ss_is(w, "GET", key, NULL, 200);
	w->roles = ADMIN_SYS;
	ss_is(w, "DELETE", key, NULL, 403);
	w->roles = ADMIN_RO;
	ss_is(w, "DELETE", key, NULL, 204);
	w->roles = 0;
	refused(w, "DELETE", key, NULL, 404, "key_not_found");
	refused(w, "PATCH", key, "{\"name\":\"x\"}", 404, "key_not_found");
	refused(w, "GET", path(w, key, "/possible-actions", ""), NULL, 404,
		"key_not_found");
}

/* The request of the only key, whose usage the caller names. */
static void
test_requests(struct ss *w)
{
	struct csr *csr = ss_csr(w, false);
	const char *key, *id, *where;

	ss_is(w, "GET", "/tokens/0", NULL, 200);
	key = json_str(json_array_get(json_list(w->json, "keys"), 0), "id");
	id = json_str(
		json_array_get(
			json_list(json_array_get(json_list(w->json, "keys"), 0),
				"certificate_signing_requests"),
			0),
		"id");
	key = path(w, "/keys/", key, "");
	where = path(w, key, "/csrs/", id);
	ss_is(w, "GET", path(w, where, "/possible-actions", ""), NULL, 200);
	ok(has_action(w->json, "DELETE"));
	/* an authentication key is the security officer's alone */
	w->roles = ADMIN_RO;
	ss_is(w, "DELETE", where, NULL, 403);
	ss_is(w, "DELETE", key, NULL, 403);
	ss_is(w, "GET", where, NULL, 403);
	w->roles = 0;
	ss_is(w, "GET", where, NULL, 200);
	w->roles = ADMIN_SO;
	ss_is(w, "DELETE", where, NULL, 204);
	refused(w, "DELETE", where, NULL, 404, "csr_not_found");
	refused(w, "GET", path(w, where, "/possible-actions", ""), NULL, 404,
		"csr_not_found");
	ss_is(w, "DELETE", key, NULL, 204);
	w->roles = 0;
	(void)csr;
}

static void
status_set(struct ss *w, const char *hash, const char *status)
{
	struct arena *a = arena_new();
	const struct key_model *m;

	ok(!keyconf_model(w->s->keys, a, &m, NULL) &&
		!cert_set_status(w->s, key_model_cert(m, hash), status, NULL));
	arena_free(&a);
}

static void
test_certificate(struct ss *w)
{
	struct csr *csr = ss_csr(w, false);
	struct cert *c = ss_issue(w, csr->key, "1000", KIT_AUTH_USAGE, 100);
	const char *hash = ss_hash(w, c), *where, *key;

	where = path(w, "/token-certificates/", hash, "");
	w->roles = ADMIN_RO;
	is_int(ss_import(w, c), 403);
	w->roles = 0;
	refused(w, "GET", where, NULL, 404, "certificate_not_found");
	w->roles = ADMIN_SO;
	is_int(ss_import(w, c), 201);
	w->roles = ADMIN_SA;
	ss_is(w, "GET", where, NULL, 403);
	w->roles = ADMIN_RO;
	ss_is(w, "PUT", path(w, where, "/activate", ""), "{}", 403);
	ss_is(w, "DELETE", where, NULL, 403);
	w->roles = 0;
	ss_is(w, "GET", path(w, where, "/possible-actions", ""), NULL, 200);
	ok(has_action(w->json, "REGISTER") && has_action(w->json, "DELETE"));
	refused(w, "POST", path(w, where, "/import", ""), "{}", 409,
		"action_not_possible");
	/* the center knows of it: it has to be told first */
	status_set(w, hash, "REGISTERED");
	refused(w, "DELETE", where, NULL, 409, "action_not_possible");
	ss_is(w, "GET", "/tokens/0", NULL, 200);
	key = path(w, "/keys/",
		json_str(json_array_get(json_list(w->json, "keys"), 0), "id"),
		"");
	refused(w, "POST", path(w, key, "/csrs", ""),
		"{\"key_usage_type\":\"AUTHENTICATION\",\"ca_name\":"
		"\"Test CA\",\"csr_format\":\"PEM\","
		"\"subject_field_values\":{\"C\":\"JP\"}}",
		409, "action_not_possible");
	refused(w, "POST", path(w, key, "/csrs", ""),
		"{\"key_usage_type\":\"SIGNING\",\"ca_name\":"
		"\"Test CA\",\"csr_format\":\"PEM\",\"member_id\":"
		"\"TEST:GOV:1000\",\"subject_field_values\":{}}",
		400, "wrong_key_usage");
	refused(w, "DELETE", key, NULL, 400, "warnings_detected");
	is_str(json_str(json_array_get(json_list(w->json, "warnings"), 0),
		       "code"),
		"auth_key_with_registered_cert_warning");
	/* and cannot be */
	refused(w, "DELETE", path(w, key, "?ignore_warnings=true", ""), NULL,
		500, "management_request_sending_failed");
	ss_is(w, "GET", where, NULL, 200);
	is_str(json_str(w->json, "status"), "REGISTERED");
	status_set(w, hash, "DELETION_IN_PROGRESS");
	ss_is(w, "DELETE", where, NULL, 204);
	refused(w, "DELETE", where, NULL, 404, "certificate_not_found");
	refused(w, "POST", path(w, where, "/import", ""), "{}", 404,
		"certificate_not_found");
	ss_is(w, "DELETE", key, NULL, 204);
	cert_unref(&c);
}

static void
client_add(struct ss *w, const char *cls, const char *code, const char *sub)
{
	ss_is(w, "POST", "/clients",
		arena_printf(w->a,
			"{\"client\":{\"member_class\":\"%s\",\"member_code\":"
			"\"%s\",\"subsystem_code\":\"%s\","
			"\"connection_type\":\"HTTP\"},\"ignore_warnings\":"
			"true}",
			cls, code, sub),
		201);
}

static void
client_status(struct ss *w, const char *where, const char *status)
{
	struct arena *a = arena_new();
	const struct model *m;
	struct client_id id;
	struct err e = ERR_INIT;

	ok_m(!admin_client_parse(a, where + strlen("/clients/"), &id, &e) &&
			!serverconf_model(w->s->sc, a, &m, &e) &&
			admin_run(w->s, Q_SERVER_CLIENT_STATUS, &e,
				db_text(status),
				db_int(model_client(m, &id)->row)) == 1,
		"status %s", e.text);
	serverconf_touch(w->s->sc);
	arena_free(&a);
}

static void
test_client_end(struct ss *w)
{
	static const char *const stays[] = { "REGISTERED",
		"REGISTRATION_IN_PROGRESS", "DISABLED", "DISABLING_IN_PROGRESS",
		"ENABLING_IN_PROGRESS" };

	refused(w, "DELETE", "/clients/TEST:GOV:1000", NULL, 409,
		"cannot_delete_owner");
	ss_is(w, "GET", "/clients/TEST:GOV:1000", NULL, 200);
	refused(w, "DELETE", OTHER, NULL, 404, "client_not_found");
	client_add(w, "COM", "2000", "Extra");
	for (size_t i = 0; i < sizeof(stays) / sizeof(stays[0]); i++) {
		client_status(w, OTHER, stays[i]);
		refused(w, "DELETE", OTHER, NULL, 409, "action_not_possible");
	}
	ss_is(w, "GET", OTHER, NULL, 200);
	client_status(w, OTHER, "GLOBAL_ERROR");
	w->roles = ADMIN_ANY & ~ADMIN_RO;
	ss_is(w, "DELETE", OTHER, NULL, 403);
	w->roles = 0;
	ss_is(w, "DELETE", OTHER, NULL, 204);
	refused(w, "GET", OTHER, NULL, 404, "client_not_found");
	ss_is(w, "GET", "/clients/TEST:GOV:1000/security-servers", NULL, 200);
	ss_is(w, "GET", "/clients/junk/security-servers", NULL, 400);
	ss_is(w, "GET", "/clients/TEST:GOV:1000/sign-certificates", NULL, 200);
	refused(w, "GET", "/clients/TEST:GOV:1000/tls-certificates/00ff", NULL,
		404, "certificate_not_found");
	refused(w, "GET", OTHER "/sign-certificates", NULL, 404,
		"client_not_found");
}

static void
test_orphans(struct ss *w)
{
	const char *body =
		"{\"key_label\":\"theirs\",\"csr_generate_request\":{"
		"\"key_usage_type\":\"SIGNING\",\"ca_name\":\"Test CA\","
		"\"csr_format\":\"PEM\",\"member_id\":\"TEST:COM:2000\","
		"\"subject_field_values\":{\"C\":\"JP\"}}}";
	const char *key;

	client_add(w, "COM", "2000", "Extra");
	/* a request that cannot be made leaves no key */
	ss_is(w, "POST", "/tokens/0/keys-with-csrs",
		"{\"key_label\":\"x\",\"csr_generate_request\":{"
		"\"key_usage_type\":\"SIGNING\",\"ca_name\":\"Test CA\","
		"\"csr_format\":\"PEM\",\"member_id\":\"TEST:COM:2000\","
		"\"subject_field_values\":{}}}",
		400);
	ss_is(w, "GET", "/tokens/0", NULL, 200);
	is_int((int)json_array_size(json_list(w->json, "keys")), 0);
	ss_is(w, "POST", "/tokens/0/keys-with-csrs", body, 200);
	key = path(w, "/keys/", json_str(json_sub(w->json, "key"), "id"), "");
	refused(w, "GET", OTHER "/orphans", NULL, 404, "orphans_not_found");
	refused(w, "DELETE", OTHER "/orphans", NULL, 404, "orphans_not_found");
	ss_is(w, "GET", key, NULL, 200);
	client_status(w, OTHER, "SAVED");
	ss_is(w, "DELETE", OTHER, NULL, 204);
	ss_is(w, "GET", OTHER "/orphans", NULL, 200);
	ok(json_bool(w->json, "orphans_exist", false));
	ss_is(w, "PUT", "/tokens/0/logout", "{}", 200);
	refused(w, "DELETE", OTHER "/orphans", NULL, 409,
		"action_not_possible");
	ss_is(w, "PUT", "/tokens/0/login", "{\"password\":\"1234\"}", 200);
	ss_is(w, "DELETE", OTHER "/orphans", NULL, 204);
	refused(w, "GET", key, NULL, 404, "key_not_found");
	refused(w, "DELETE", OTHER "/orphans", NULL, 404, "orphans_not_found");
}

static void
test_groups(struct ss *w)
{
	const char *group, *remove;

	client_add(w, "GOV", "1000", "Facilities");
	ss_is(w, "POST", SUB "/local-groups",
		"{\"code\":\"friends\",\"description\":\"d\"}", 201);
	group = path(w, "/local-groups/", json_str(w->json, "id"), "");
	remove = path(w, group, "/members/delete", "");
	refused(w, "POST", path(w, group, "/members", ""), "{\"items\":[]}",
		400, "missing_member_id");
	ss_is(w, "POST", path(w, group, "/members", ""),
		"{\"items\":[\"TEST:COM:2000:App\"]}", 201);
	is_int((int)json_array_size(json_list(w->json, "items")), 1);
	ss_is(w, "PATCH", group, "{\"description\":\"new\"}", 200);
	is_str(json_str(w->json, "description"), "new");
	ss_is(w, "PATCH", group, "{}", 400);
	/* all that are named leave, or none */
	refused(w, "POST", remove,
		"{\"items\":[\"TEST:COM:2000:App\",\"TEST:COM:2000:No\"]}", 409,
		"local_group_member_not_found");
	ss_is(w, "GET", group, NULL, 200);
	is_int((int)json_int(w->json, "member_count", -1), 1);
	ss_is(w, "POST", remove, "{\"items\":[\"TEST:COM:2000:App\"]}", 204);
	ss_is(w, "GET", group, NULL, 200);
	is_int((int)json_int(w->json, "member_count", -1), 0);
	w->roles = ADMIN_OBS;
	ss_is(w, "DELETE", group, NULL, 403);
	w->roles = 0;
	ss_is(w, "DELETE", group, NULL, 204);
	refused(w, "GET", group, NULL, 404, "local_group_not_found");
	refused(w, "DELETE", "/local-groups/junk", NULL, 404,
		"local_group_not_found");
}

static void
test_token(struct ss *w)
{
	const char *pin = "/tokens/0/pin", *key = key_make(w);

	ss_is(w, "PATCH", "/tokens/0", "{\"name\":\"ours\"}", 200);
	is_str(json_str(w->json, "name"), "ours");
	ok(has_action(
		json_list(w->json, "possible_actions"), "TOKEN_CHANGE_PIN"));
	refused(w, "PATCH", "/tokens/9", "{\"name\":\"x\"}", 404,
		"token_not_found");
	refused(w, "DELETE", "/tokens/0", NULL, 409, "action_not_possible");
	refused(w, "DELETE", "/tokens/9", NULL, 404, "token_not_found");
	w->roles = ADMIN_SO;
	ss_is(w, "PUT", pin, "{\"old_pin\":\"1234\",\"new_pin\":\"1\"}", 403);
	w->roles = 0;
	refused(w, "PUT", pin, "{\"old_pin\":\"4321\",\"new_pin\":\"5\"}", 400,
		"pin_incorrect");
	ss_is(w, "PUT", pin, "{\"old_pin\":\"1234\"}", 400);
	ss_set(w, "signer", "enforce-token-pin-policy", "true");
	refused(w, "PUT", pin, "{\"old_pin\":\"1234\",\"new_pin\":\"Abcd1\"}",
		400, "token_weak_pin");
	refused(w, "PUT", pin,
		"{\"old_pin\":\"1234\",\"new_pin\":\"\u5bc6Abcd12345\"}", 400,
		"invalid_characters_pin");
	ss_is(w, "PUT", pin,
		"{\"old_pin\":\"1234\",\"new_pin\":\"Abcd-12345\"}", 204);
	ss_is(w, "PUT", "/tokens/0/logout", "{}", 200);
	refused(w, "PUT", pin,
		"{\"old_pin\":\"Abcd-12345\",\"new_pin\":\"Abcd-54321\"}", 409,
		"action_not_possible");
	ss_is(w, "PUT", "/tokens/0/login", "{\"password\":\"1234\"}", 400);
	ss_is(w, "PUT", "/tokens/0/login", "{\"password\":\"Abcd-12345\"}",
		200);
	is_str(json_str(w->json, "name"), "ours");
	ss_is(w, "DELETE", path(w, "/keys/", key, ""), NULL, 204);
}

static const char *
error_code(const json_t *j)
{
	return json_str(json_sub(j, "error"), "code");
}

static void
test_diagnostics(struct ss *w)
{
	json_t *one;

	ss_is(w, "GET", "/diagnostics/addon-status", NULL, 200);
	ok(json_bool(w->json, "messagelog_enabled", false));
	ok(!json_bool(w->json, "opmonitoring_enabled", true));
	ss_is(w, "GET", "/diagnostics/backup-encryption-status", NULL, 200);
	ss_is(w, "GET", "/diagnostics/message-log-encryption-status", NULL,
		200);
	is_str(json_str(w->json, "message_log_grouping_rule"), "none");
	ss_is(w, "GET", "/diagnostics/proxy-memory-usage-status", NULL, 200);
	ok(json_int(w->json, "used_memory", 0) > 100000);
	ok(json_int(w->json, "max_memory", 0) >
		json_int(w->json, "used_memory", 0));
	ss_is(w, "GET", "/diagnostics/global-conf-status", NULL, 200);
	one = json_array_get(w->json, 0);
	ok(json_str(one, "download_url") != NULL);
	is_str(json_str(json_sub(one, "connection_status"), "status_class"),
		"OK");
	ss_is(w, "GET", "/diagnostics/auth-cert-req-status", NULL, 200);
	is_str(json_str(w->json, "status_class"), "FAIL");
	is_str(error_code(w->json), fault_code(FAULT_CERT_NOT_FOUND));
	for (int i = 0; i < 2; i++) {
		ss_is(w, "GET", arena_printf(w->a, PEER, i ? "SOAP" : "REST"),
			NULL, 200);
		is_str(json_str(w->json, "status_class"), "FAIL");
		ok_m(str_prefix(error_code(w->json), "server.clientproxy."),
			"%s", error_code(w->json));
	}
	ss_is(w, "GET", arena_printf(w->a, PEER, "MAIL"), NULL, 400);
	refused(w, "GET", "/diagnostics/operational-monitoring", NULL, 501,
		"operation_not_available");
}

static void
test_network(struct ss *w)
{
	json_t *one;

	refused(w, "GET", "/security-servers/TEST:GOV:1000:NONE", NULL, 404,
		"security_server_not_found");
	ss_is(w, "GET", "/security-servers/junk", NULL, 400);
	ss_is(w, "GET", "/member-classes/TEST", NULL, 200);
	ok(json_array_size(w->json) > 0);
	refused(w, "GET", "/member-classes/NONE", NULL, 404,
		"instance_identifier_not_found");
	ss_is(w, "GET", "/xroad-instances", NULL, 200);
	one = json_array_get(w->json, 0);
	is_str(json_str(one, "identifier"), "TEST");
	ok(json_bool(one, "local", false));
	ss_is(w, "GET", "/system/certificate", NULL, 200);
	ss_is(w, "GET", "/system/certificate/export", NULL, 200);
	ss_is(w, "GET", "/system/node-type", NULL, 200);
	is_str(json_str(w->json, "node_type"), "STANDALONE");
	ss_is(w, "GET", "/system/timestamping-services/prioritization-strategy",
		NULL, 200);
	ok(memcmp(w->answer.body.data, "\"NONE\"", 6) == 0);
	ss_is(w, "GET", "/certificate-authorities/ocsp-prioritization-strategy",
		NULL, 200);
}

static void
test_anchor_preview(struct ss *w)
{
	const char *where = "/system/anchor/previews";
	const char *type = "application/octet-stream";

	is_int(ss_send(w, "POST", where, type,
		       kit_anchor(&w->kit, w->a, KIT_INSTANCE)),
		200);
	is_int((int)strlen(json_str(w->json, "hash")), 56);
	is_int(ss_send(w, "POST", where, type, bytes_str("<junk/>")), 400);
	is_str(ss_code(w), "malformed_anchor");
	is_int(ss_send(w, "POST", where, type,
		       kit_anchor(&w->kit, w->a, "OTHER")),
		400);
	is_str(ss_code(w), "internal_anchor_upload_invalid_instance_id");
	is_int(ss_send(w, "POST",
		       "/system/anchor/previews?validate_instance=false", type,
		       kit_anchor(&w->kit, w->a, "OTHER")),
		200);
}

int
main(void)
{
	struct ss w;

	ss_start(&w);
	ss_anchor(&w);
	ss_init(&w);
	ss_is(&w, "PUT", "/tokens/0/login", "{\"password\":\"1234\"}", 200);
	test_keys(&w);
	test_requests(&w);
	test_certificate(&w);
	test_client_end(&w);
	test_orphans(&w);
	test_groups(&w);
	test_network(&w);
	test_diagnostics(&w);
	test_token(&w);
	test_anchor_preview(&w);
	ss_stop(&w);
	return tap_done();
}
