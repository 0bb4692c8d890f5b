/* SPDX-License-Identifier: MIT */
/*
 * Administration: importing certificates, looking at them, switching them on
 * and off (interop/xroad-center-admin.md 3.1).
 */
#include "admin_int.h"
#include "certimport_int.h"
#include "err.h"
#include "log.h"
#include "mem.h"

static const struct k_cert *
cert_of_path(struct request *r, struct server *s, struct err *e)
{
	const struct key_model *m;

	if (keyconf_model(s->keys, request_arena(r), &m, e))
		return NULL;
	return key_model_cert(m, request_segment(r, "hash"));
}

static int
may_import(void *ctx, enum key_usage_type usage, struct err *e)
{
	return admin_may_use(ctx, usage, e);
}

int
admin_cert_import(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct import in = { .permit = may_import, .ctx = r };
	struct err why = ERR_INIT;
	const struct k_cert *c;
	struct bytes data;
	int ret;

	if (request_body(r, &data, e))
		return -1;
	if (cert_parse(&in.cert, data, &why))
		return admin_refuse_why(r, 400, "invalid_certificate", &why, e);
	if (!cert_import(s, request_arena(r), &in, &c, &why))
		ret = admin_reply(r, 201, admin_cert_json(r, s, c), e);
	else if (in.refusal)
		ret = admin_refuse_why(r, in.status, in.refusal, &why, e);
	else
		ret = fail(e, why.fault, "%s", why.text);
	cert_unref(&in.cert);
	return ret;
}

int
admin_cert_get(struct request *r, void *state, struct err *e)
{
	const struct k_cert *c = cert_of_path(r, state, e);

	if (!c)
		return admin_refuse(r, 404, "certificate_not_found", NULL, e);
	if (c->key->usage == USAGE_AUTHENTICATION &&
		admin_may(r, ADMIN_ANY & ~ADMIN_SA, e))
		return -1;
	return admin_reply(r, 200, admin_cert_json(r, state, c), e);
}

static int
set_active(struct request *r, struct server *s, bool active, struct err *e)
{
	const struct k_cert *c = cert_of_path(r, s, e);
	struct err why = ERR_INIT;

	if (!c)
		return admin_refuse(r, 404, "certificate_not_found", NULL, e);
	if (admin_may_use(r, c->key->usage, e))
		return -1;
	if (cert_set_active(s, c, active, &why))
		return admin_refuse_why(r, 409, fault_code(why.fault), &why, e);
	log_info("certificate %s is %s",
		cert_subject_text(c->cert, request_arena(r)),
		active ? "active" : "disabled");
	return admin_empty(r, 204, e);
}

int
admin_cert_activate(struct request *r, void *state, struct err *e)
{
	return set_active(r, state, true, e);
}

int
admin_cert_disable(struct request *r, void *state, struct err *e)
{
	return set_active(r, state, false, e);
}
