/* SPDX-License-Identifier: MIT */
/*
 * Administration: the software token "0", tokens in hardware beside it, their
 * PINs and keys. The keys themselves never leave the signers' processes.
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
	json_put_bool(
		j, "available", keyconf_signer(s->keys, k->token) != NULL);
	json_put_new(j, "possible_actions",
		admin_actions_json(admin_key_actions(m, k, active)));
	json_put_str(j, "key_algorithm", k->algorithm);
	return j;
}

static json_t *
infos_json(const struct token_info *info)
{
	json_t *list = json_array();
	const char *const row[][2] = {
		{ "Label", info ? info->label : "" },
		{ "Serial number", info ? info->serial : "" },
		{ "Model", info ? info->model : "" },
		{ "Manufacturer", info ? info->maker : "" },
	};

	for (size_t i = 0; info && i < sizeof(row) / sizeof(row[0]); i++) {
		json_t *j = json_object();
		json_put_str(j, "key", row[i][0]);
		json_put_str(j, "value", row[i][1]);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *
token_json(struct request *r, struct server *s, const struct admin_token *t)
{
	json_t *j = json_object(), *keys = json_array();
	bool saved = str_equal(t->id, TOKEN_SOFTWARE);

	for (size_t i = 0; i < t->m->keys; i++) {
		if (!str_equal(t->m->key[i].token, t->id))
			continue;
		saved = true;
		json_array_append_new(
			keys, admin_key_json(r, s, t->m, &t->m->key[i],
				      t->state.unlocked));
	}
	json_put_str(j, "id", t->id);
	json_put_str(j, "name", t->name);
	json_put_str(j, "type",
		str_equal(t->id, TOKEN_SOFTWARE) ? "SOFTWARE" : "HARDWARE");
	json_put_new(j, "keys", keys);
	json_put_str(j, "status",
		!t->signer || t->state.initialized ? "OK" : "NOT_INITIALIZED");
	json_put_bool(j, "logged_in", t->state.unlocked);
	json_put_bool(j, "available", t->signer != NULL);
	json_put_bool(j, "saved_to_configuration", saved);
	json_put_bool(j, "read_only", false);
	json_put_new(j, "token_infos", infos_json(t->info));
	json_put_new(j, "possible_actions", admin_actions_json(t->actions));
	return j;
}

/* ---- the tokens ---- */

/* A token whose process has ended is not there. */
static void
token_fill(struct server *s, const struct key_model *m, const char *id,
	struct admin_token *t)
{
	struct token_list hard = keyconf_tokens(s->keys);
	const char *given = key_model_name(m, id);

	*t = (struct admin_token){ .id = id,
		.name = str_equal(id, TOKEN_SOFTWARE) ? TOKEN_NAME : id,
		.signer = keyconf_signer(s->keys, id),
		.m = m };
	for (size_t i = 0; i < hard.n; i++)
		if (str_equal(hard.item[i].id, id))
			t->info = &hard.item[i].info;
	if (t->info && *t->info->label)
		t->name = t->info->label;
	if (given)
		t->name = given;
	if (t->signer && signer_status(t->signer, &t->state, NULL))
		t->signer = NULL;
	t->actions =
		admin_token_actions(id, t->signer != NULL, t->state.unlocked);
}

static bool
token_has_keys(const struct key_model *m, const char *id)
{
	for (size_t i = 0; i < m->keys; i++)
		if (str_equal(m->key[i].token, id))
			return true;
	return false;
}

int
admin_token(struct request *r, struct server *s, struct admin_token *out,
	struct err *e)
{
	const char *id = request_segment(r, "id");
	const struct key_model *m;

	if (keyconf_model(s->keys, request_arena(r), &m, e))
		return -1;
	if (!id || (!keyconf_signer(s->keys, id) && !token_has_keys(m, id)))
		return admin_refuse(r, 404, "token_not_found", NULL, e) ? -1
									: 1;
	token_fill(s, m, id, out);
	return 0;
}

static void
list_add_token(struct request *r, struct server *s, const struct key_model *m,
	const char *id, json_t *list)
{
	struct admin_token t;

	token_fill(s, m, id, &t);
	json_array_append_new(list, token_json(r, s, &t));
}

/* The software token, those in hardware, and those that left keys behind. */
int
admin_tokens_get(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct token_list hard = keyconf_tokens(s->keys);
	const struct key_model *m;
	json_t *list;

	if (keyconf_model(s->keys, request_arena(r), &m, e))
		return -1;
	list = json_array();
	list_add_token(r, s, m, TOKEN_SOFTWARE, list);
	for (size_t i = 0; i < hard.n; i++)
		list_add_token(r, s, m, hard.item[i].id, list);
	for (size_t i = 0; i < m->keys; i++) {
		const char *id = m->key[i].token;
		bool first = !keyconf_signer(s->keys, id);
		for (size_t k = 0; first && k < i; k++)
			first = !str_equal(m->key[k].token, id);
		if (first)
			list_add_token(r, s, m, id, list);
	}
	return admin_reply(r, 200, list, e);
}

int
admin_token_get(struct request *r, void *state, struct err *e)
{
	struct admin_token t;
	int ret = admin_token(r, state, &t, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	return admin_reply(r, 200, token_json(r, state, &t), e);
}

int
admin_token_login(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct err why = ERR_INIT;
	struct admin_token t;
	const char *pin;
	json_t *j;
	int ret = admin_token(r, s, &t, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (admin_body(r, &j, e))
		return -1;
	pin = json_str(j, "password");
	if (!pin || !*pin || strlen(pin) > PIN_MAX)
		return admin_refuse(r, 400, "missing_token_password", NULL, e);
	ret = t.signer ? signer_login(t.signer, pin, &why)
		       : fail(&why, FAULT_TOKEN_NOT_ACTIVE,
				 "the token is not there");
	admin_wipe(pin);
	if (ret) {
		if (why.fault == FAULT_PIN_INCORRECT)
			return admin_refuse(r, 400, "pin_incorrect", NULL, e);
		return admin_refuse_why(r, 409, "login_failed", &why, e);
	}
	log_info("token %s is logged in", t.id);
	keyconf_touch(s->keys);
	return admin_token_get(r, s, e);
}

int
admin_token_logout(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct admin_token t;
	int ret = admin_token(r, s, &t, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (t.signer && signer_logout(t.signer, e))
		return -1;
	log_info("token %s is logged out", t.id);
	keyconf_touch(s->keys);
	return admin_token_get(r, s, e);
}

/* ---- keys ---- */

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
	j = admin_key_json(r, s, m, k, admin_token_active(s, k->token));
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
	struct admin_token t;
	json_t *j;
	int ret = admin_token(r, state, &t, e);

	if (!ret && admin_body(r, &j, e))
		return -1;
	if (!ret)
		ret = admin_act(r, t.actions, ACT_GENERATE_KEY, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (json_opt_str(j, "label", ADMIN_TEXT_MAX, &label, e) ||
		token_key_make(state,
			&(struct new_key){ t.id, label, USAGE_NONE, NULL }, id,
			e))
		return -1;
	return key_reply(r, state, 201, id, NULL, e);
}

/* A key on this token for this request? Keys for authentication live on the
   software token only. */
static int
may_make(struct request *r, const struct admin_token *t,
	const struct admin_csr *csr, struct err *e)
{
	bool software = str_equal(t->id, TOKEN_SOFTWARE);

	return admin_act(r,
		csr->usage == USAGE_AUTHENTICATION && !software ? 0
								: t->actions,
		ACT_GENERATE_KEY, e);
}

int
admin_keys_with_csrs(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct admin_refusal no;
	struct admin_csr csr;
	struct admin_token t;
	char id[KEY_ID_LEN + 1];
	const char *label = "";
	char *csr_id;
	json_t *j, *sub;
	int ret = admin_token(r, s, &t, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (admin_body(r, &j, e) ||
		json_opt_str(j, "key_label", ADMIN_TEXT_MAX, &label, e) ||
		json_need_sub(j, "csr_generate_request", &sub, e))
		return -1;
	ret = admin_csr_read(r, s, sub, &csr, e);
	if (!ret)
		ret = may_make(r, &t, &csr, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (token_key_make(s, &(struct new_key){ t.id, label, csr.usage, NULL },
		    id, e))
		return -1;
	if (admin_csr_make(r, s, id, &csr, &csr_id, e)) {
		(void)admin_key_remove(s, id, NULL);
		return -1;
	}
	if (admin_csr_order(s, request_arena(r), id, csr_id, &csr, &no)) {
		(void)admin_key_remove(s, id, NULL);
		return admin_refuse_why(r, no.status, no.code, &no.why, e);
	}
	/* 200 as X-Road answers; its definition says 201 */
	return key_reply(r, s, 200, id, csr_id, e);
}

int
admin_key_get(struct request *r, void *state, struct err *e)
{
	return key_reply(r, state, 200, request_segment(r, "id"), NULL, e);
}
