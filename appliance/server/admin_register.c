/* SPDX-License-Identifier: MIT */
/*
 * Administration: registering the authentication certificate at the center,
 * and taking it back. Rule: interop/xroad-center-admin.md 2.1-2.5.
 */
#include <string.h>

#include "admin_int.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "mgmt_send_int.h"
#include "server_sql.h"
#include "text.h"

enum { ADDRESS_MAX = 255 };

int
admin_address_check(const char *s, struct err *e)
{
	if (strlen(s) > ADDRESS_MAX || strpbrk(s, " \t\r\n/\\%;\"'<>"))
		return fail(e, FAULT_BAD_REQUEST,
			"'%s' is no host name or address", s);
	return 0;
}

/* The authentication certificate of the path: 0, 1 refused, -1. */
static int
auth_cert_of_path(struct request *r, struct server *s,
	const struct k_cert **out, struct err *e)
{
	const struct key_model *m;
	int ret;

	if (keyconf_model(s->keys, request_arena(r), &m, e))
		return -1;
	*out = key_model_cert(m, request_segment(r, "hash"));
	if (*out && (*out)->key->usage == USAGE_AUTHENTICATION)
		return 0;
	ret = *out ? admin_refuse(r, 400, "sign_cert_not_supported", NULL, e)
		   : admin_refuse(r, 404, "certificate_not_found", NULL, e);
	return ret ? -1 : 1;
}

int
admin_cert_register(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	struct mgmt_order o = { .kind = MGMT_AUTH_CERT_REG };
	const struct k_cert *c;
	struct err why = ERR_INIT;
	json_t *j;
	int64_t id;
	int ret;

	if (admin_body(r, &j, e) ||
		json_need_str(j, "address", ADDRESS_MAX, &o.address, e) ||
		admin_address_check(o.address, e))
		return -1;
	ret = auth_cert_of_path(r, s, &c, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (!str_equal(c->status, "SAVED"))
		return admin_refuse(r, 409, "action_not_possible", NULL, e);
	o.auth_cert = c->cert;
	if (management_send_auth(s, a, &o, c->key->id, &id, &why))
		return admin_refuse_why(
			r, 500, "management_request_sending_failed", &why, e);
	if (cert_set_status(s, c, "REGISTRATION_IN_PROGRESS", e) ||
		admin_run(s, Q_SERVER_IDENTITY_ADDRESS, e, db_text(o.address)) <
			0)
		return -1;
	serverconf_touch(s->sc);
	log_info("registration request %lld sent for %s", (long long)id,
		cert_subject_text(c->cert, a));
	/* 204 as X-Road answers; its definition says 200 */
	return admin_empty(r, 204, e);
}

/* Only what was sent to the center can be taken back there. */
static int
unregister(struct request *r, struct server *s, bool tell, struct err *e)
{
	struct mgmt_order o = { .kind = MGMT_AUTH_CERT_DELETION };
	const struct k_cert *c;
	struct err why = ERR_INIT;
	int64_t id;
	int ret = auth_cert_of_path(r, s, &c, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (!str_equal(c->status, "REGISTERED") &&
		!str_equal(c->status, "REGISTRATION_IN_PROGRESS"))
		return admin_refuse(r, 409, "action_not_possible", NULL, e);
	o.auth_cert = c->cert;
	if (tell && management_send(s, request_arena(r), &o, &id, &why))
		return admin_refuse_why(
			r, 500, "management_request_sending_failed", &why, e);
	if (cert_set_status(s, c, "DELETION_IN_PROGRESS", e))
		return -1;
	return admin_empty(r, 204, e);
}

int
admin_cert_unregister(struct request *r, void *state, struct err *e)
{
	return unregister(r, state, true, e);
}

/* The same without the center: for when it cannot be reached any more. */
int
admin_cert_mark(struct request *r, void *state, struct err *e)
{
	return unregister(r, state, false, e);
}
