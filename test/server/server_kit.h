/* SPDX-License-Identifier: MIT */
/*
 * A whole security server in a test: the role with its signer process, a
 * center of center_kit.h, and its administration interface on a free port.
 * Start it first thing in main(): the signer forks.
 */
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin_int.h"
#include "center_kit.h"
#include "role.h"
#include "server.h"
#include "signer.h"

#define KIT_PIN "1234"

struct ss {
	struct kit kit;
	struct arena *a;
	struct conf *conf;
	struct signer *signer;
	struct server *s;
	struct http_client *http;
	struct http_server *admin;
	struct http_answer answer; /* of the last call */
	json_t *json;              /* its body, if JSON */
	unsigned roles;            /* of the caller; 0: all of them */
};

/* A port nobody uses right now. */
static inline int
ss_free_port(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int port = 0;

	if (!bind(fd, (struct sockaddr *)&sa, sizeof(sa)) &&
		!getsockname(fd, (struct sockaddr *)&sa, &n))
		port = ntohs(sa.sin_port);
	close(fd);
	return port;
}

static inline void
ss_set(struct ss *w, const char *section, const char *key, const char *value)
{
	struct err e = ERR_INIT;

	if (conf_set(w->conf, section, key, value, &e))
		ok_m(false, "%s: %s", key, e.text);
}

static inline void
ss_ports(struct ss *w)
{
	static const char *const key[] = { "client-http-port",
		"client-https-port", "server-listen-port",
		"ocsp-responder-port" };
	static const char *const address[] = { "connector-host",
		"server-listen-address", "ocsp-responder-listen-address" };
	char text[16];

	for (size_t i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), "%d", ss_free_port());
		ss_set(w, "proxy", key[i], text);
	}
	for (size_t i = 0; i < 3; i++)
		ss_set(w, "proxy", address[i], "127.0.0.1");
}

static inline void
ss_error(struct request *r, const struct err *fault, void *state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8192);
	buf_fmt(&b, "{\"status\":%d,\"error\":{\"code\":\"%s\",\"message\":",
		fault_http(fault->fault), fault_code(fault->fault));
	buf_json(&b, fault->text);
	buf_str(&b, "}}");
	(void)reply_send(r, fault_http(fault->fault), "application/json",
		bytes_buf(&b), NULL);
	buf_done(&b);
}

/* As the dashboard's: the caller's roles against the row's. */
static inline int
ss_guard(struct request *r, unsigned flags, void *state, struct err *e)
{
	const char *text = request_header(r, "X-Test-Roles");
	int64_t roles = ADMIN_ANY;

	(void)state;
	if (text && int_parse(text, 1, ADMIN_ANY, &roles, e))
		return -1;
	if (!((unsigned)roles & flags))
		return fail(e, FAULT_FORBIDDEN, "no role permits this");
	request_set_rights(r, (unsigned)roles);
	return 0;
}

/* With tokens in hardware: theirs are signers that run already. */
static inline void
ss_start_with(struct ss *w, const struct token *token, size_t tokens)
{
	struct listener l = { .name = "admin",
		.address = "127.0.0.1",
		.threads = 4,
		.routes = server_admin_routes,
		.guard = ss_guard,
		.error = ss_error };
	struct role_env env = { 0 };
	struct err e = ERR_INIT;
	void *state = NULL;

	*w = (struct ss){ .a = arena_new(), .conf = kit_conf(tap_dir()) };
	ok_m(!signer_start(&w->signer, conf_data_path(w->conf, "keys"), &e),
		"signer %s", e.text);
	xml_startup();
	ok(!http_startup(NULL));
	kit_start(&w->kit);
	ss_ports(w);
	env.conf = w->conf;
	env.signer = w->signer;
	env.token = token;
	env.tokens = tokens;
	ok_m(!role_server.start(&state, &env, &e), "role starts %s", e.text);
	w->s = state;
	l.state = state;
	ok_m(!http_serve(&w->admin, &l, &e), "admin listens %s", e.text);
	ok(!http_client_new(&w->http, NULL));
}

static inline void
ss_start(struct ss *w)
{
	ss_start_with(w, NULL, 0);
}

static inline void
ss_stop(struct ss *w)
{
	http_stop(&w->admin);
	role_server.stop(w->s);
	http_client_free(&w->http);
	signer_stop(&w->signer);
	kit_stop(&w->kit);
	conf_free(&w->conf);
	arena_free(&w->a);
	http_shutdown();
	xml_shutdown();
}

/* One call; the status. Body NULL: none. */
static inline int
ss_send(struct ss *w, const char *method, const char *path, const char *type,
	struct bytes body)
{
	struct http_header h[2];
	size_t n = 0;
	struct http_call call = {
		.method = method,
		.url = arena_printf(w->a, "http://127.0.0.1:%d%s",
			http_port(w->admin), path),
		.header = h,
		.body = body,
		.has_body = body.data != NULL || !str_equal(method, "GET"),
		.connect_timeout_ms = 60000,
		.total_timeout_ms = 60000,
	};
	struct err e = ERR_INIT;

	if (type)
		h[n++] = (struct http_header){ "Content-Type", type };
	if (w->roles)
		h[n++] = (struct http_header){ "X-Test-Roles",
			arena_printf(w->a, "%u", w->roles) };
	call.headers = n;
	w->json = NULL;
	if (http_call(w->http, w->a, &call, &w->answer, &e)) {
		tap_note("%s %s: %s", method, path, e.text);
		return -1;
	}
	if (w->answer.body.len)
		(void)json_parse(w->a, w->answer.body, NULL, &w->json, NULL);
	return w->answer.status;
}

static inline int
ss_call(struct ss *w, const char *method, const char *path, const char *body)
{
	return ss_send(w, method, path, body ? "application/json" : NULL,
		body ? bytes_str(body) : (struct bytes){ 0 });
}

static inline const char *
ss_code(const struct ss *w)
{
	return json_str(json_sub(w->json, "error"), "code");
}

#define ss_is(w, method, path, body, want) \
 ss_expect((w), (method), (path), (body), (want), __LINE__)
static inline void
ss_expect(struct ss *w, const char *method, const char *path, const char *body,
	int want, int line)
{
	int got = ss_call(w, method, path, body);

	ok_m(got == want, "line %d: %s %s gives %d (%.*s)", line, method, path,
		got, got == want ? 0 : (int)w->answer.body.len,
		(const char *)w->answer.body.data);
}

/* ---- bringing it up ---- */

static inline void
ss_anchor(struct ss *w)
{
	is_int(ss_send(w, "POST", "/system/anchor", "application/octet-stream",
		       kit_anchor(&w->kit, w->a, KIT_INSTANCE)),
		201);
}

static inline void
ss_init(struct ss *w)
{
	ss_is(w, "POST", "/initialization",
		"{\"owner_member_class\":\"GOV\",\"owner_member_code\":\"1000\""
		",\"security_server_code\":\"SS1\",\"software_token_pin\":"
		"\"" KIT_PIN "\",\"ignore_warnings\":true}",
		201);
}

/* A key and its CSR through the interface; the CSR parsed. */
static inline struct csr *
ss_csr(struct ss *w, bool sign)
{
	const char *body = arena_printf(w->a,
		"{\"key_label\":\"%s\",\"csr_generate_request\":{"
		"\"key_usage_type\":\"%s\",\"ca_name\":\"Test CA\","
		"\"csr_format\":\"PEM\"%s,\"subject_field_values\":{"
		"\"C\":\"JP\",\"CN\":\"ss1.example\"}}}",
		sign ? "sign" : "auth", sign ? "SIGNING" : "AUTHENTICATION",
		sign ? ",\"member_id\":\"TEST:GOV:1000\"" : "");
	struct err e = ERR_INIT;
	struct csr *csr = NULL;
	const char *key, *id;

	ss_is(w, "POST", "/tokens/0/keys-with-csrs", body, 200);
	key = json_str(json_sub(w->json, "key"), "id");
	id = json_str(w->json, "csr_id");
	ss_is(w, "GET",
		arena_printf(w->a, "/keys/%s/csrs/%s?csr_format=PEM", key, id),
		NULL, 200);
	if (csr_parse(w->a, w->answer.body, &csr, &e))
		ok_m(false, "CSR: %s", e.text);
	return csr;
}

enum {
	KIT_SIGN_USAGE = KU_NON_REPUDIATION,
	KIT_AUTH_USAGE = KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT |
			 KU_DATA_ENCIPHERMENT | KU_KEY_AGREEMENT,
};

/* The center's certificate for a CSR's key with the right subject. */
static inline struct cert *
ss_issue(struct ss *w, struct key *key, const char *code, unsigned usage,
	int64_t days)
{
	const struct rdn name[] = { { "C", "JP" }, { "O", "A town" },
		{ "businessCategory", "GOV" }, { "serialNumber", code },
		{ "CN", "A town" } };

	return kit_issue(&w->kit, key, name, 5, usage,
		usage & KU_DIGITAL_SIGNATURE ? EKU_CLIENT_AUTH : 0, days);
}

static inline int
ss_import(struct ss *w, const struct cert *c)
{
	return ss_send(w, "POST", "/token-certificates",
		"application/octet-stream", cert_der(c));
}

static inline const char *
ss_hash(struct ss *w, const struct cert *c)
{
	struct digest d;

	cert_digest(c, DIGEST_SHA256, &d);
	return hex_encode(w->a, d.value, d.len);
}

static inline void
ss_follow(struct ss *w)
{
	struct err e = ERR_INIT;

	ok_m(!confclient_update(w->s->confclient, &e), "update %s", e.text);
	ok_m(!states_follow(w->s, &e), "states %s", e.text);
}
