/* SPDX-License-Identifier: MIT */
/*
 * Registration of authentication certificates: HTTPS on port 4001, open to
 * security servers that nobody knows yet, so every byte is proved before it
 * counts. Rules: interop/xroad-center-admin.md 2.1 to 2.5.
 */
#include "center_int.h"

#include "clock.h"
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

enum { REG_THREADS = 8, FAULT_SIZE_MAX = 16 * 1024 };

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

static void
reply_fault(struct request *r, const struct err *fault, void *state)
{
	struct buf b;

	(void)state;
	log_warning("registration refused for %s: %s (%s)", request_peer(r),
		fault->text, fault->code);
	buf_init(&b, FAULT_SIZE_MAX);
	soap_fault_write(fault, &b);
	reply_soap(r, 500, bytes_buf(&b), NULL);
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
receive(struct center *ct, struct request *r, struct mgmt_received *out,
	struct err *e)
{
	struct arena *a = request_arena(r);
	struct globalconf *g = NULL;
	struct instance in;
	struct bytes body;
	int ret = -1;

	if (request_body(r, &body, e) || proof(ct, a, &in, &g, e) ||
		mgmt_receive(a, MGMT_DOOR_REGISTRATION,
			request_header(r, "content-type"), body, g, clock_now(),
			out, e))
		goto out;
	if (!client_id_equal(&out->management, &in.management)) {
		fail(e, FAULT_MANAGEMENT_ADDRESS,
			"Invalid management service address");
		goto out;
	}
	ret = 0;
out:
	globalconf_unref(&g);
	return ret;
}

/* Stores the request (not on a dry run) and tells its number. */
static int
enter(struct center *ct, const struct mgmt_received *in, int64_t *id,
	struct err *e)
{
	struct mgmt_request m = {
		.type = "AUTH_CERT_REGISTRATION_REQUEST",
		.origin = "SECURITY_SERVER",
		.server = in->server,
		.address = in->address,
		.auth_cert = cert_der(in->auth_cert),
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
handle(struct request *r, void *state, struct err *e)
{
	struct center *ct = state;
	struct mgmt_received in = { 0 };
	struct bytes answer;
	int64_t id;

	if (receive(ct, r, &in, e) || enter(ct, &in, &id, e) ||
		mgmt_answer(request_arena(r), &in, id, &answer, e))
		return -1;
	return reply_soap(r, 200, answer, e);
}

static const struct route routes[] = {
	{ "POST", "/managementservice/", MGMT_SIZE_MAX, 0, handle },
	{ "POST", "/managementservice", MGMT_SIZE_MAX, 0, handle },
	{ 0 },
};

int
register_start(struct center *c, struct err *e)
{
	const struct listener l = {
		.name = "registration",
		.address = conf_text(c->conf, P_CENTER_ADDRESS),
		.port = (int)conf_int(c->conf, P_CENTER_REG_PORT),
		.tls = c->reg_tls,
		.threads = REG_THREADS,
		.routes = routes,
		.state = c,
		.error = reply_fault,
	};

	return http_serve(&c->reg_https, &l, e);
}

int
register_identity(struct center *c, const char *host, struct err *e)
{
	struct key *key = NULL;
	struct cert *chain;
	struct tls_options o = { .policy = TLS_WEB };
	const struct identity_plan plan = { conf_text(c->conf, P_DATA_DIR),
		"registration", host, KEY_RSA };
	int ret = -1;

	if (identity_load(&plan, &key, &c->reg_cert, e))
		goto out;
	chain = c->reg_cert;
	o.key = key;
	o.chain = (struct cert_list){ &chain, 1 };
	ret = tls_server_new(&c->reg_tls, &o, e);
out:
	key_unref(&key);
	return ret;
}

void
register_stop(struct center *c)
{
	http_stop(&c->reg_https);
	tls_unref(&c->reg_tls);
	cert_unref(&c->reg_cert);
}
