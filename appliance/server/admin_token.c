/* SPDX-License-Identifier: MIT */
/*
 * Administration: the software token "0", its PIN and its keys. The keys
 * themselves never leave the signer process.
 */
#include <string.h>

#include "admin_int.h"
#include "clock.h"
#include "err.h"
#include "key.h"
#include "keystore.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "server_sql.h"
#include "signer.h"
#include "text.h"

#define TOKEN_ID   "0"
#define TOKEN_NAME "softToken-0"

/* ---- shapes ---- */

static json_t *
csr_json(struct arena *a, const struct k_csr *x)
{
	json_t *j = json_object();

	json_put_str(j, "id", x->id);
	json_put_str(j, "owner_id",
		x->has_member ? admin_client_id(a, &x->member) : "");
	json_put_str(j, "certificate_profile", x->profile);
	json_put_new(j, "possible_actions", admin_actions_json(ACT_DELETE));
	return j;
}

json_t *
admin_key_json(struct request *r, struct server *s, const struct key_model *m,
	const struct k_key *k, bool active)
{
	json_t *j = json_object(), *certs = json_array(), *csrs = json_array();

	for (size_t i = 0; i < m->certs; i++)
		if (m->cert[i].key == k)
			json_array_append_new(
				certs, admin_cert_json(r, s, &m->cert[i]));
	for (size_t i = 0; i < m->csrs; i++)
		if (m->csr[i].key == k)
			json_array_append_new(
				csrs, csr_json(request_arena(r), &m->csr[i]));
	json_put_str(j, "id", k->id);
	json_put_str(j, "name", k->label);
	json_put_str(j, "label", k->label);
	json_put_bool(j, "saved_to_configuration",
		json_array_size(certs) + json_array_size(csrs) > 0);
	json_put_new(j, "certificates", certs);
	json_put_new(j, "certificate_signing_requests", csrs);
	if (k->usage != USAGE_NONE)
		json_put_str(j, "usage", usage_word(k->usage));
	json_put_bool(j, "available", true);
	json_put_new(j, "possible_actions",
		admin_actions_json(admin_key_actions(m, k, active)));
	json_put_str(j, "key_algorithm", k->algorithm);
	return j;
}

static json_t *
token_json(struct request *r, struct server *s, const struct key_model *m,
	const struct signer_state *st)
{
	json_t *j = json_object(), *keys = json_array();

	for (size_t i = 0; i < m->keys; i++)
		json_array_append_new(keys,
			admin_key_json(r, s, m, &m->key[i], st->unlocked));
	json_put_str(j, "id", TOKEN_ID);
	json_put_str(j, "name", m->token ? m->token : TOKEN_NAME);
	json_put_str(j, "type", "SOFTWARE");
	json_put_new(j, "keys", keys);
	json_put_str(j, "status", st->initialized ? "OK" : "NOT_INITIALIZED");
	json_put_bool(j, "logged_in", st->unlocked);
	json_put_bool(j, "available", true);
	json_put_bool(j, "saved_to_configuration", true);
	json_put_bool(j, "read_only", false);
	json_put_new(j, "token_infos", json_array());
	json_put_new(j, "possible_actions",
		admin_actions_json(admin_token_actions(st->unlocked)));
	return j;
}

/* ---- the token ---- */

int
admin_token_is(struct request *r, struct err *e)
{
	const char *id = request_segment(r, "id");

	if (str_equal(id, TOKEN_ID))
		return 0;
	return fail(e, FAULT_NOT_FOUND, "there is no token '%s'", id ? id : "");
}

static int
token_reply(struct request *r, struct server *s, bool list, struct err *e)
{
	const struct key_model *m;
	struct signer_state st;
	json_t *j;

	if (keyconf_model(s->keys, request_arena(r), &m, e) ||
		signer_status(s->signer, &st, e))
		return -1;
	j = token_json(r, s, m, &st);
	if (list) {
		json_t *l = json_array();
		json_array_append_new(l, j);
		j = l;
	}
	return admin_reply(r, 200, j, e);
}

int
admin_tokens_get(struct request *r, void *state, struct err *e)
{
	return token_reply(r, state, true, e);
}

int
admin_token_get(struct request *r, void *state, struct err *e)
{
	return admin_token_is(r, e) ? -1 : token_reply(r, state, false, e);
}

int
admin_token_login(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct err why = ERR_INIT;
	const char *pin;
	json_t *j;
	int ret;

	if (admin_token_is(r, e) || admin_body(r, &j, e))
		return -1;
	pin = json_str(j, "password");
	if (!pin || !*pin || strlen(pin) > PIN_MAX)
		return admin_refuse(r, 400, "missing_token_password", NULL, e);
	ret = signer_login(s->signer, pin, &why);
	admin_wipe(pin);
	if (ret) {
		if (why.fault == FAULT_PIN_INCORRECT)
			return admin_refuse(r, 400, "pin_incorrect", NULL, e);
		return admin_refuse_why(r, 409, "login_failed", &why, e);
	}
	log_info("the token is logged in");
	keyconf_touch(s->keys);
	return token_reply(r, s, false, e);
}

int
admin_token_logout(struct request *r, void *state, struct err *e)
{
	struct server *s = state;

	if (admin_token_is(r, e) || signer_logout(s->signer, e))
		return -1;
	log_info("the token is logged out");
	keyconf_touch(s->keys);
	return token_reply(r, s, false, e);
}

/* ---- keys ---- */

/* A key in the signer and its row; in this order, so that a row always has
   its key. */
static int
key_make(struct server *s, const char *label, enum key_usage_type usage,
	char id[KEY_ID_LEN + 1], struct err *e)
{
	unsigned bits = (unsigned)conf_int(s->conf, P_KEY_LENGTH);

	if (signer_generate(s->signer, KEY_RSA, bits, id, e))
		return -1;
	if (admin_run(s, Q_SERVER_KEY_ADD, e, db_text(id), db_text(label),
		    db_text(usage_word(usage)), db_text("RSA"),
		    db_int(clock_now())) < 0) {
		(void)signer_delete(s->signer, id, NULL);
		return -1;
	}
	keyconf_touch(s->keys);
	return 0;
}

static int
key_reply(struct request *r, struct server *s, int status, const char *id,
	const char *csr_id, struct err *e)
{
	const struct key_model *m;
	const struct k_key *k;
	json_t *j;

	if (keyconf_model(s->keys, request_arena(r), &m, e))
		return -1;
	k = id ? key_model_key(m, id) : NULL;
	if (!k)
		return admin_refuse(r, 404, "key_not_found", NULL, e);
	j = admin_key_json(r, s, m, k, admin_token_active(s));
	if (csr_id) {
		json_t *both = json_object();
		json_put_new(both, "key", j);
		json_put_str(both, "csr_id", csr_id);
		j = both;
	}
	return admin_reply(r, status, j, e);
}

int
admin_keys_post(struct request *r, void *state, struct err *e)
{
	char id[KEY_ID_LEN + 1];
	const char *label = "";
	json_t *j;
	int ret;

	if (admin_token_is(r, e) || admin_body(r, &j, e))
		return -1;
	ret = admin_act(r, admin_token_actions(admin_token_active(state)),
		ACT_GENERATE_KEY, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (json_opt_str(j, "label", ADMIN_TEXT_MAX, &label, e) ||
		key_make(state, label, USAGE_NONE, id, e))
		return -1;
	return key_reply(r, state, 201, id, NULL, e);
}

int
admin_keys_with_csrs(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct admin_csr csr;
	char id[KEY_ID_LEN + 1];
	const char *label = "";
	char *csr_id;
	json_t *j, *sub;
	int ret;

	if (admin_token_is(r, e) || admin_body(r, &j, e) ||
		json_opt_str(j, "key_label", ADMIN_TEXT_MAX, &label, e) ||
		json_need_sub(j, "csr_generate_request", &sub, e))
		return -1;
	ret = admin_csr_read(r, s, sub, &csr, e);
	if (!ret)
		ret = admin_act(r, admin_token_actions(admin_token_active(s)),
			ACT_GENERATE_KEY, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (key_make(s, label, csr.usage, id, e))
		return -1;
	if (admin_csr_make(r, s, id, &csr, &csr_id, e)) {
		(void)admin_key_remove(s, id, NULL);
		return -1;
	}
	/* 200 as X-Road answers; its definition says 201 */
	return key_reply(r, s, 200, id, csr_id, e);
}

int
admin_key_get(struct request *r, void *state, struct err *e)
{
	return key_reply(r, state, 200, request_segment(r, "id"), NULL, e);
}
