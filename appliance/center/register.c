/* SPDX-License-Identifier: MIT */
/*
 * Management requests from outside: authCertReg on port 4001, open to security
 * servers that nobody knows yet, so every byte is proved before it counts; all
 * others on 4002, the information system behind the management service
 * provider's security server. Rules: interop/xroad-center-admin.md 2.1 to 2.5.
 */
#include "center_int.h"

#include "clock.h"
#include "file.h"
#include "http_server.h"
#include "identity.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "mgmt.h"
#include "param.h"
#include "soap.h"
#include "text.h"
#include "tls.h"

enum {
	REG_THREADS = 8,
	FAULT_SIZE_MAX = 16 * 1024,
	CERT_FILE_MAX = 64 * 1024,
};

static int
reply_soap(struct request *r, int status, struct bytes body, struct err *e)
{
	const struct http_header head[] = {
		{ "Content-Type", "text/xml;charset=UTF-8" },
		{ "Cache-Control", "no-store" },
	};

	return reply_send_headers(
		r, status, head, sizeof(head) / sizeof(head[0]), body, e);
}

/* What no SOAP client causes is told by the status alone. */
static int
fault_status(enum fault f)
{
	if (f == FAULT_INVALID_HTTP_METHOD)
		return 405;
	return f == FAULT_LIMIT ? 429 : 500;
}

static void
reply_fault(struct request *r, const struct err *fault, void *state)
{
	struct buf b;

	(void)state;
	if (fault->fault != FAULT_LIMIT) /* a flood would fill the log */
		log_warning("management request refused for %s: %s (%s)",
			request_peer(r), fault->text, fault->code);
	buf_init(&b, FAULT_SIZE_MAX);
	soap_fault_write(fault, &b);
	reply_soap(r, fault_status(fault->fault), bytes_buf(&b), NULL);
	buf_done(&b);
}

/* The configuration that proves the request is the registry as it is. */
static int
proof(struct center *ct, struct arena *a, struct instance *in,
	struct globalconf **g, struct err *e)
{
	struct db_conn *c = work_begin(ct, e);
	int ret = -1;

	if (!c)
		return -1;
	if (!instance_need(c, a, in, e))
		ret = model_globalconf(ct, c, a, g, e);
	work_drop(c);
	return ret;
}

static int
receive(struct center *ct, struct request *r, enum mgmt_door door,
	struct mgmt_received *out, struct err *e)
{
	struct arena *a = request_arena(r);
	struct globalconf *g = NULL;
	struct instance in;
	struct bytes body;
	int ret = -1;

	if (!request_body(r, &body, e) && !proof(ct, a, &in, &g, e))
		ret = mgmt_receive(a, door, request_header(r, "content-type"),
			body, g, clock_now(), out, e);
	globalconf_unref(&g);
	return ret;
}

/* Stores the request (not on a dry run) and tells its number. */
static int
enter(struct center *ct, const struct mgmt_received *in, int64_t *id,
	struct err *e)
{
	struct mgmt_request m = {
		.type = mgmt_row(in->kind)->type,
		.origin = "SECURITY_SERVER",
		.server = in->server,
		.client = in->client,
		.address = in->address,
		.subsystem_name = in->subsystem_name,
		.auth_cert = in->auth_cert_der,
		.comments = in->message,
		.message = in->soap,
	};
	struct db_conn *c = work_begin(ct, e);

	if (!c)
		return -1;
	if (work_done(ct, c, mgmt_add(ct, c, &m, in->dry_run, e), e))
		return -1;
	*id = in->dry_run ? 0 : m.id;
	return 0;
}

static int
handle(struct request *r, struct center *ct, enum mgmt_door door, struct err *e)
{
	struct mgmt_received in = { 0 };
	struct bytes answer;
	int64_t id;

	if (receive(ct, r, door, &in, e) || enter(ct, &in, &id, e) ||
		mgmt_answer(request_arena(r), &in, id, &answer, e))
		return -1;
	return reply_soap(r, 200, answer, e);
}

static int
handle_registration(struct request *r, void *state, struct err *e)
{
	return handle(r, state, MGMT_DOOR_REGISTRATION, e);
}

static int
handle_management(struct request *r, void *state, struct err *e)
{
	return handle(r, state, MGMT_DOOR_MANAGEMENT, e);
}

static const struct route registration_routes[] = {
	{ "POST", "/managementservice/", MGMT_SIZE_MAX, 0,
		handle_registration },
	{ "POST", "/managementservice", MGMT_SIZE_MAX, 0, handle_registration },
	{ 0 },
};
static const struct route management_routes[] = {
	{ "POST", "/managementservice/manage/", MGMT_SIZE_MAX, 0,
		handle_management },
	{ "POST", "/managementservice/manage", MGMT_SIZE_MAX, 0,
		handle_management },
	{ 0 },
};

static int
registration_start(struct center *c, struct err *e)
{
	const struct listener l = {
		.name = "registration",
		.address = conf_text(c->conf, P_CENTER_ADDRESS),
		.port = (int)conf_int(c->conf, P_CENTER_REG_PORT),
		.tls = c->reg_tls,
		.threads = REG_THREADS,
		.per_second = (int)conf_int(c->conf, P_CENTER_RATE_SECOND),
		.per_minute = (int)conf_int(c->conf, P_CENTER_RATE_MINUTE),
		.routes = registration_routes,
		.state = c,
		.error = reply_fault,
	};

	return http_serve(&c->reg_https, &l, e);
}

static int
management_start(struct center *c, const char *host, struct err *e)
{
	struct tls *tls = NULL;
	struct listener l = {
		.name = "management",
		.address = conf_text(c->conf, P_CENTER_MGMT_ADDRESS),
		.port = (int)conf_int(c->conf, P_CENTER_MGMT_PORT),
		.threads = REG_THREADS,
		.per_second = (int)conf_int(c->conf, P_CENTER_RATE_SECOND),
		.per_minute = (int)conf_int(c->conf, P_CENTER_RATE_MINUTE),
		.routes = management_routes,
		.state = c,
		.error = reply_fault,
	};
	int ret;

	if (!l.port)
		return 0;
	if (management_tls(c, host, &tls, NULL, e))
		return -1;
	l.tls = tls;
	ret = http_serve(&c->mgmt_https, &l, e);
	tls_unref(&tls);
	return ret;
}

int
register_start(struct center *c, const char *host, struct err *e)
{
	return registration_start(c, e) || management_start(c, host, e) ? -1
									: 0;
}

/* Key and certificate of a door out of the data folder. */
static int
door_tls(const struct identity_plan *plan, struct tls_options *o,
	struct tls **out, struct cert **cert, struct err *e)
{
	struct key *key = NULL;
	struct cert *own = NULL;
	int ret = identity_load(plan, &key, &own, e);

	if (!ret) {
		o->policy = TLS_WEB;
		o->key = key;
		o->chain = (struct cert_list){ &own, 1 };
		ret = tls_server_new(out, o, e);
	}
	if (!ret && cert)
		*cert = cert_ref(own);
	key_unref(&key);
	cert_unref(&own);
	return ret;
}

/* The provider's security server shows the certificate that the operator named:
   requests without signatures count only from there. */
static int
provider_judge(void *ctx, struct cert_list chain, struct err *e)
{
	const struct center *c = ctx;

	if (chain.n && cert_equal(chain.item[0], c->mgmt_peer))
		return 0;
	return fail(e, FAULT_SSL_AUTH,
		"this is not the certificate of "
		"management-client-certificate-file");
}

static int
provider_load(struct center *c, struct err *e)
{
	const char *path = conf_text(c->conf, P_CENTER_MGMT_CERT);
	struct arena *a = arena_new();
	struct bytes text;
	int ret = 0;

	if (*path && !c->mgmt_peer)
		ret = file_read(a, path, CERT_FILE_MAX, &text, e) ||
		      cert_parse(&c->mgmt_peer, text, e);
	arena_free(&a);
	return ret ? -1 : 0;
}

int
management_tls(struct center *c, const char *host, struct tls **out,
	struct cert **cert, struct err *e)
{
	const struct identity_plan plan = { conf_text(c->conf, P_DATA_DIR),
		"management", host, KEY_EC };
	struct tls_options o = { 0 };

	if (provider_load(c, e))
		return -1;
	if (c->mgmt_peer) {
		o.client_auth = TLS_AUTH_REQUIRED;
		o.judge = provider_judge;
		o.judge_ctx = c;
	}
	return door_tls(&plan, &o, out, cert, e);
}

int
public_tls(struct center *c, const char *host, struct tls **out,
	struct cert **cert, struct err *e)
{
	const struct identity_plan plan = { conf_text(c->conf, P_DATA_DIR),
		"global-conf", host, KEY_RSA };
	struct tls_options o = { 0 };

	return door_tls(&plan, &o, out, cert, e);
}

int
register_identity(struct center *c, const char *host, struct err *e)
{
	const struct identity_plan plan = { conf_text(c->conf, P_DATA_DIR),
		"registration", host, KEY_RSA };
	struct tls_options o = { 0 };
	struct tls *tls = NULL;
	int ret = door_tls(&plan, &o, &c->reg_tls, &c->reg_cert, e);

	if (!ret && conf_int(c->conf, P_CENTER_MGMT_PORT))
		ret = management_tls(c, host, &tls, &c->mgmt_cert, e);
	tls_unref(&tls);
	if (!ret && conf_int(c->conf, P_CENTER_HTTPS_PORT))
		ret = public_tls(c, host, &tls, &c->public_cert, e);
	tls_unref(&tls);
	return ret;
}

void
register_stop(struct center *c)
{
	http_stop(&c->reg_https);
	http_stop(&c->mgmt_https);
	tls_unref(&c->reg_tls);
	cert_unref(&c->reg_cert);
	cert_unref(&c->mgmt_peer);
	cert_unref(&c->mgmt_cert);
	cert_unref(&c->public_cert);
}
