/* SPDX-License-Identifier: MIT */
/*
 * Administration: renaming and deleting keys, deleting certificates and
 * requests. What the center knows of is taken back there before it goes.
 * Who may depends on what the key is for (interop/xroad-center-admin.md 4.1).
 */
#include "admin_int.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "mgmt_send_int.h"
#include "server_sql.h"
#include "signer.h"
#include "text.h"

/* The key of the path: 0, 1 refused, -1. */
static int
key_of_path(struct request *r, struct server *s, const struct key_model **m,
	const struct k_key **out, struct err *e)
{
	const char *id = request_segment(r, "id");

	if (keyconf_model(s->keys, request_arena(r), m, e))
		return -1;
	*out = id ? key_model_key(*m, id) : NULL;
	if (*out)
		return 0;
	return admin_refuse(r, 404, "key_not_found", NULL, e) ? -1 : 1;
}

int
admin_key_patch(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct key_model *m;
	const struct k_key *k;
	const char *name;
	json_t *j;
	int ret = key_of_path(r, s, &m, &k, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (admin_body(r, &j, e) ||
		json_need_str(j, "name", ADMIN_TEXT_MAX, &name, e) ||
		admin_run(s, Q_SERVER_KEY_LABEL, e, db_text(name),
			db_text(k->id)) < 0)
		return -1;
	keyconf_touch(s->keys);
	ret = key_of_path(r, s, &m, &k, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	return admin_reply(r, 200,
		admin_key_json(r, s, m, k, admin_token_active(s, k->token)), e);
}

/* ---- deleting a key ---- */

struct removal {
	struct signer *signer;
	const char *id;
};

/* The row is taken back if the signer does not follow. */
static int
remove_write(struct db_conn *c, void *arg, struct err *e)
{
	const struct removal *x = arg;

	if (db_run(c, Q_SERVER_KEY_DELETE, e, db_text(x->id)) < 0)
		return -1;
	return signer_delete(x->signer, x->id, e);
}

int
admin_key_remove(struct server *s, const char *id, struct err *e)
{
	struct arena *a = arena_new();
	struct removal x = { NULL, id };
	const struct key_model *m;
	const struct k_key *k;
	int ret = keyconf_model(s->keys, a, &m, e);

	if (!ret) {
		k = key_model_key(m, id);
		x.signer = k ? keyconf_signer(s->keys, k->token) : NULL;
		ret = x.signer ? db_transact(s->db, remove_write, &x, e)
			       : fail(e, FAULT_TOKEN_NOT_ACTIVE,
					 "the key's token is not there");
	}
	arena_free(&a);
	keyconf_touch(s->keys);
	if (!ret)
		log_info("key %s deleted", id);
	return ret;
}

static bool
is_registered(const struct k_cert *c, const struct k_key *k)
{
	return c->key == k && admin_cert_actions(c) & ACT_UNREGISTER;
}

/* Takes the key's certificates back at the center: 0, 1 refused, -1. */
static int
unregister_all(struct request *r, struct server *s, const struct key_model *m,
	const struct k_key *k, struct err *e)
{
	struct err why = ERR_INIT;
	int64_t id;

	for (size_t i = 0; i < m->certs; i++) {
		struct mgmt_order o = { .kind = MGMT_AUTH_CERT_DELETION,
			.auth_cert = m->cert[i].cert };
		if (!is_registered(&m->cert[i], k))
			continue;
		if (management_send(s, request_arena(r), &o, &id, &why))
			return admin_refuse_why(r, 500,
				       "management_request_sending_failed",
				       &why, e)
				       ? -1
				       : 1;
		if (cert_set_status(s, &m->cert[i], "DELETION_IN_PROGRESS", e))
			return -1;
	}
	return 0;
}

static bool
any_registered(const struct key_model *m, const struct k_key *k)
{
	for (size_t i = 0; i < m->certs; i++)
		if (is_registered(&m->cert[i], k))
			return true;
	return false;
}

int
admin_key_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct arena *a = request_arena(r);
	const char *ignore = query_get(a, request_query(r), "ignore_warnings");
	const struct key_model *m;
	const struct k_key *k;
	int ret = key_of_path(r, s, &m, &k, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (admin_may_use(r, k->usage, e))
		return -1;
	ret = admin_act(r,
		admin_key_actions(m, k, admin_token_active(s, k->token)),
		ACT_DELETE, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (any_registered(m, k) && !str_equal(ignore, "true"))
		return admin_warn(
			r, "auth_key_with_registered_cert_warning", k->id, e);
	ret = unregister_all(r, s, m, k, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (admin_key_remove(s, k->id, e))
		return -1;
	return admin_empty(r, 204, e);
}

/* ---- requests and certificates ---- */

int
admin_csr_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct key_model *m;
	const struct k_csr *x;

	if (keyconf_model(s->keys, request_arena(r), &m, e))
		return -1;
	x = key_model_csr(
		m, request_segment(r, "id"), request_segment(r, "csr_id"));
	if (!x)
		return admin_refuse(r, 404, "csr_not_found", NULL, e);
	if (admin_may_use(r, x->key->usage, e) ||
		admin_run(s, Q_SERVER_CSR_DELETE, e, db_text(x->id),
			db_text(x->key->id)) < 0)
		return -1;
	keyconf_touch(s->keys);
	log_info("certificate request %s deleted", x->id);
	return admin_empty(r, 204, e);
}

/* The certificate of the path, if the action is possible: 0, 1 refused, -1. */
static int
cert_of_path(struct request *r, struct server *s, enum admin_action wanted,
	const struct k_cert **out, struct err *e)
{
	const struct key_model *m;

	if (keyconf_model(s->keys, request_arena(r), &m, e))
		return -1;
	*out = key_model_cert(m, request_segment(r, "hash"));
	if (*out)
		return admin_act(r, admin_cert_actions(*out), wanted, e);
	return admin_refuse(r, 404, "certificate_not_found", NULL, e) ? -1 : 1;
}

int
admin_cert_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct k_cert *c;
	int ret = cert_of_path(r, s, ACT_DELETE, &c, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (admin_may_use(r, c->key->usage, e) ||
		admin_run(s, Q_SERVER_CERT_DELETE, e, db_int(c->row)) < 0)
		return -1;
	keyconf_touch(s->keys);
	log_info("certificate %s deleted",
		cert_subject_text(c->cert, request_arena(r)));
	return admin_empty(r, 204, e);
}

/* Only hardware tokens hold certificates that were never imported: those of
   ours all were, so the action is never possible. */
int
admin_cert_of_token(struct request *r, void *state, struct err *e)
{
	const struct k_cert *c;
	int ret = cert_of_path(r, state, ACT_IMPORT, &c, e);

	return ret < 0 ? -1 : 0;
}
