/* SPDX-License-Identifier: MIT */
/*
 * Administration: registering the authentication certificate at the center.
 * One HTTPS POST whose server certificate must be, byte for byte, the one in
 * the global configuration; signed by the authentication key and by the
 * owner's signing key. Rule: interop/xroad-center-admin.md 2.1-2.3.
 */
#include <string.h>

#include "admin_int.h"
#include "err.h"
#include "http_client.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "mgmt.h"
#include "param.h"
#include "server_sql.h"
#include "text.h"
#include "tls.h"

enum { ADDRESS_MAX = 255, ANSWER_MAX = 1024 * 1024 };

static int
pin_judge(void *ctx, struct cert_list chain, struct err *e)
{
	const struct cert *pinned = ctx;

	if (!chain.n || !cert_equal(chain.item[0], pinned))
		return fail(e, FAULT_SSL_AUTH,
			"the registration service's certificate is not the "
			"one in the global configuration");
	return 0;
}

static int
address_check(const char *s, struct err *e)
{
	if (strlen(s) > ADDRESS_MAX || strpbrk(s, " \t\r\n/\\%;\"'<>"))
		return fail(e, FAULT_BAD_REQUEST,
			"'%s' is no host name or address", s);
	return 0;
}

/* Sends the message; the center's number for it. */
static int
send_request(struct server *s, struct arena *a, const struct private_params *p,
	struct bytes body, const char *type, int64_t *id, struct err *e)
{
	struct tls_options o = {
		.policy = TLS_WEB,
		.judge = pin_judge,
		.judge_ctx = p->auth_reg_cert,
	};
	struct http_header header = { "Content-Type", type };
	struct http_call call = {
		.method = "POST",
		.url = p->auth_reg_url,
		.header = &header,
		.headers = 1,
		.body = body,
		.has_body = true,
		.answer_max = ANSWER_MAX,
		.connect_timeout_ms = (int)conf_int(s->conf, P_CLIENT_TIMEOUT),
		.total_timeout_ms =
			(int)conf_int(s->conf, P_CLIENT_HTTPCLIENT_TIMEOUT),
	};
	struct http_answer answer;
	int ret;

	if (tls_client_new(&call.tls, &o, e))
		return -1;
	ret = http_call(s->http, a, &call, &answer, e);
	tls_unref(&call.tls);
	if (ret)
		return -1;
	if (auth_cert_reg_result(a, answer.body, id, e))
		return -1;
	if (answer.status != 200)
		return fail(e, FAULT_HTTP, "%s answered %d", p->auth_reg_url,
			answer.status);
	return 0;
}

static int
register_cert(struct server *s, struct arena *a, const struct k_cert *c,
	const char *address, int64_t *id, struct err *e)
{
	struct auth_cert_reg reg = {
		.address = address,
		.auth_cert = c->cert,
	};
	const struct private_params *p;
	struct globalconf *g = NULL;
	struct signing owner;
	struct bytes body;
	char *type;
	int ret = -1;

	if (confclient_valid(s->confclient, &g, e) ||
		serverconf_self(s->sc, a, &reg.server, e) ||
		keyconf_signing(
			s->keys, s->ocsp, g, &reg.server.owner, a, &owner, e) ||
		keyconf_key(s->keys, c->key->id, &reg.auth_key, e))
		goto out;
	p = globalconf_private(g);
	if (!p || !p->auth_reg_url || !p->auth_reg_cert) {
		fail(e, FAULT_CERT_NOT_FOUND,
			"the global configuration names no registration "
			"service with its certificate");
		goto out;
	}
	reg.owner_key = owner.key;
	reg.owner_cert = owner.cert;
	reg.owner_ocsp = owner.ocsp[0];
	if (auth_cert_reg_make(a, &reg, &p->management, &body, &type, e) ||
		send_request(s, a, p, body, type, id, e))
		goto out;
	ret = 0;
out:
	key_unref(&reg.auth_key);
	globalconf_unref(&g);
	return ret;
}

int
admin_cert_register(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	const struct key_model *m;
	const struct k_cert *c;
	struct err why = ERR_INIT;
	const char *address;
	json_t *j;
	int64_t id;

	if (admin_body(r, &j, e) ||
		json_need_str(j, "address", ADDRESS_MAX, &address, e) ||
		address_check(address, e) || keyconf_model(s->keys, a, &m, e))
		return -1;
	c = key_model_cert(m, request_segment(r, "hash"));
	if (!c)
		return admin_refuse(r, 404, "certificate_not_found", NULL, e);
	if (c->key->usage != USAGE_AUTHENTICATION)
		return admin_refuse(r, 400, "sign_cert_not_supported", NULL, e);
	if (!str_equal(c->status, "SAVED"))
		return admin_refuse(r, 409, "action_not_possible", NULL, e);
	if (register_cert(s, a, c, address, &id, &why))
		return admin_refuse_why(
			r, 500, "management_request_sending_failed", &why, e);
	if (cert_set_status(s, c, "REGISTRATION_IN_PROGRESS", e) ||
		admin_run(s, Q_SERVER_IDENTITY_ADDRESS, e, db_text(address)) <
			0)
		return -1;
	serverconf_touch(s->sc);
	log_info("registration request %lld sent for %s", (long long)id,
		cert_subject_text(c->cert, a));
	return admin_empty(r, 200, e);
}
