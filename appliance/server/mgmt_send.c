/* SPDX-License-Identifier: MIT */
/*
 * Sending management requests. The registration service's TLS certificate must
 * be, byte for byte, the one in the global configuration; the other requests
 * take the message path, where the peer is proved as always.
 * Rule: interop/xroad-center-admin.md 2.1-2.3.
 */
#include "mgmt_send_int.h"

#include "http_client.h"
#include "key.h"
#include "keys_int.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tls.h"

enum { ANSWER_MAX = 1024 * 1024 };

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

/* Our own door: it is on this machine. */
static int
anyone(void *ctx, struct cert_list chain, struct err *e)
{
	(void)ctx, (void)chain, (void)e;
	return 0;
}

static const char *
own_door(struct server *s, struct arena *a)
{
	const char *host = conf_text(s->conf, P_CONNECTOR_HOST);

	if (str_equal(host, "0.0.0.0"))
		host = "127.0.0.1";
	if (str_equal(host, "::"))
		host = "[::1]";
	return arena_printf(a, "https://%s:%d/", host, http_port(s->is_https));
}

int
own_door_call(struct server *s, struct arena *a, const char *path,
	struct http_call *call, struct http_answer *out, struct err *e)
{
	call->url = arena_printf(a, "%s%s", own_door(s, a), path);
	call->tls = service_tls(s, a);
	call->judge = anyone;
	call->answer_max = ANSWER_MAX;
	call->connect_timeout_ms = (int)conf_int(s->conf, P_CLIENT_TIMEOUT);
	call->read_timeout_ms =
		(int)conf_int(s->conf, P_CLIENT_HTTPCLIENT_TIMEOUT);
	return http_call(s->http, a, call, out, e);
}

static int
post(struct server *s, struct arena *a, enum mgmt_kind kind,
	struct http_call *call, int64_t *id, struct err *e)
{
	struct http_answer answer;

	call->method = "POST";
	call->has_body = true;
	call->answer_max = ANSWER_MAX;
	call->connect_timeout_ms = (int)conf_int(s->conf, P_CLIENT_TIMEOUT);
	call->read_timeout_ms =
		(int)conf_int(s->conf, P_CLIENT_HTTPCLIENT_TIMEOUT);
	if (http_call(s->http, a, call, &answer, e) ||
		mgmt_result(a, kind, answer.body, id, e))
		return -1;
	if (answer.status != 200)
		return fail(e, FAULT_HTTP, "%s answered %d", call->url,
			answer.status);
	log_info("management request %s: number %lld", mgmt_row(kind)->service,
		(long long)*id);
	return 0;
}

static int
deliver(struct server *s, struct arena *a, const struct mgmt_order *o,
	const struct private_params *p, int64_t *id, struct err *e)
{
	struct tls_options t = { .policy = TLS_WEB,
		.judge = pin_judge,
		.judge_ctx = p->auth_reg_cert };
	struct http_header header = { "Content-Type", NULL };
	struct http_call call = { .header = &header, .headers = 1 };
	char *type;
	int ret;

	if (mgmt_make(a, o, &p->management, &call.body, &type, e))
		return -1;
	header.value = type;
	if (o->kind != MGMT_AUTH_CERT_REG) {
		call.url = own_door(s, a);
		call.tls = service_tls(s, a);
		call.judge = anyone;
		call.pool_key = "management";
		return post(s, a, o->kind, &call, id, e);
	}
	call.url = p->auth_reg_url;
	if (tls_client_new(&call.tls, &t, e))
		return -1;
	ret = post(s, a, o->kind, &call, id, e);
	tls_unref(&call.tls);
	return ret;
}

/* The signing key and certificate of whoever answers for the request. */
static int
prepare(struct server *s, struct arena *a, const struct globalconf *g,
	struct mgmt_order *o, struct err *e)
{
	enum mgmt_signer who = mgmt_row(o->kind)->signer;
	struct client_id member;
	struct signing by;

	if (serverconf_self(s->sc, a, &o->server, e))
		return -1;
	if (who == MGMT_UNSIGNED)
		return 0;
	member = who == MGMT_BY_CLIENT ? o->client : o->server.owner;
	member.subsystem = NULL;
	if (keyconf_signing(s->keys, s->ocsp, g, &member, a, &by, e))
		return -1;
	o->key = by.key;
	o->cert = by.cert;
	o->ocsp = by.ocsp[0];
	return 0;
}

int
management_send(struct server *s, struct arena *a, struct mgmt_order *o,
	int64_t *id, struct err *e)
{
	const struct private_params *p;
	struct globalconf *g = NULL;
	int ret = -1;

	if (confclient_valid(s->confclient, &g, e) || prepare(s, a, g, o, e))
		goto out;
	p = globalconf_private(g);
	if (!p || (o->kind == MGMT_AUTH_CERT_REG &&
			  (!p->auth_reg_url || !p->auth_reg_cert))) {
		fail(e, FAULT_CERT_NOT_FOUND,
			"the global configuration names no registration "
			"service with its certificate");
		goto out;
	}
	ret = deliver(s, a, o, p, id, e);
out:
	globalconf_unref(&g);
	return ret;
}

int
management_send_auth(struct server *s, struct arena *a, struct mgmt_order *o,
	const char *key_id, int64_t *id, struct err *e)
{
	int ret;

	if (keyconf_key(s->keys, key_id, &o->auth_key, e))
		return -1;
	ret = management_send(s, a, o, id, e);
	key_unref(&o->auth_key);
	return ret;
}
