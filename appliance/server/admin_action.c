/* SPDX-License-Identifier: MIT */
/*
 * Administration: which actions the state of the token, a key, a certificate
 * or a request permits. What is listed and what is refused come from the same
 * functions. Rule: interop/xroad-center-admin.md 4.2.
 */
#include "admin_int.h"
#include "err.h"
#include "mem.h"
#include "signer.h"
#include "text.h"

static const struct word {
	enum admin_action bit;
	const char *word;
} WORD[] = {
	{ ACT_DELETE, "DELETE" },
	{ ACT_ACTIVATE, "ACTIVATE" },
	{ ACT_DISABLE, "DISABLE" },
	{ ACT_LOGIN, "LOGIN" },
	{ ACT_LOGOUT, "LOGOUT" },
	{ ACT_REGISTER, "REGISTER" },
	{ ACT_UNREGISTER, "UNREGISTER" },
	{ ACT_GENERATE_KEY, "GENERATE_KEY" },
	{ ACT_EDIT_NAME, "EDIT_FRIENDLY_NAME" },
	{ ACT_AUTH_CSR, "GENERATE_AUTH_CSR" },
	{ ACT_SIGN_CSR, "GENERATE_SIGN_CSR" },
	{ ACT_CHANGE_PIN, "TOKEN_CHANGE_PIN" },
	{ ACT_IMPORT, "IMPORT_FROM_TOKEN" },
};

json_t *
admin_actions_json(unsigned mask)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(WORD) / sizeof(WORD[0]); i++)
		if (mask & WORD[i].bit)
			json_array_append_new(
				list, json_text_new(WORD[i].word));
	return list;
}

static bool
is_software(const char *token)
{
	return str_equal(token, TOKEN_SOFTWARE);
}

bool
admin_token_active(struct server *s, const char *token)
{
	struct signer *held = keyconf_signer(s->keys, token);
	struct signer_state st;

	return held && !signer_status(held, &st, NULL) && st.unlocked;
}

/* The software token is always there, so it can never be deleted; the PIN of
   another is changed with its maker's tools. */
unsigned
admin_token_actions(const char *token, bool there, bool active)
{
	unsigned mask = ACT_EDIT_NAME;

	if (!there)
		return mask | ACT_DELETE;
	if (!active)
		return mask | ACT_LOGIN;
	if (is_software(token))
		mask |= ACT_CHANGE_PIN;
	return mask | ACT_GENERATE_KEY | ACT_LOGOUT;
}

static bool
has_cert(const struct key_model *m, const struct k_key *k)
{
	for (size_t i = 0; i < m->certs; i++)
		if (m->cert[i].key == k)
			return true;
	return false;
}

unsigned
admin_key_actions(const struct key_model *m, const struct k_key *k, bool active)
{
	unsigned mask = ACT_EDIT_NAME;

	if (!active)
		return mask;
	mask |= ACT_DELETE;
	if (has_cert(m, k))
		return mask;
	if (k->usage != USAGE_SIGNING && is_software(k->token))
		mask |= ACT_AUTH_CSR;
	if (k->usage != USAGE_AUTHENTICATION)
		mask |= ACT_SIGN_CSR;
	return mask;
}

/* What the center knows of is taken back there first. */
unsigned
admin_cert_actions(const struct k_cert *c)
{
	unsigned mask = c->active ? ACT_DISABLE : ACT_ACTIVATE;

	if (c->key->usage != USAGE_AUTHENTICATION)
		return mask | ACT_DELETE;
	if (str_equal(c->status, "REGISTERED") ||
		str_equal(c->status, "REGISTRATION_IN_PROGRESS"))
		return mask | ACT_UNREGISTER;
	if (str_equal(c->status, "SAVED"))
		mask |= ACT_REGISTER;
	return mask | ACT_DELETE;
}

int
admin_act(struct request *r, unsigned possible, enum admin_action wanted,
	struct err *e)
{
	if (possible & wanted)
		return 0;
	return admin_refuse(r, 409, "action_not_possible", NULL, e) ? -1 : 1;
}

/* ---- asking ---- */

int
admin_key_actions_get(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const char *id = request_segment(r, "id");
	const struct key_model *m;
	const struct k_key *k;

	if (keyconf_model(s->keys, request_arena(r), &m, e))
		return -1;
	k = id ? key_model_key(m, id) : NULL;
	if (!k)
		return admin_refuse(r, 404, "key_not_found", NULL, e);
	return admin_reply(r, 200,
		admin_actions_json(admin_key_actions(
			m, k, admin_token_active(s, k->token))),
		e);
}

int
admin_csr_actions_get(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct k_csr *x;
	const struct key_model *m;

	if (keyconf_model(s->keys, request_arena(r), &m, e))
		return -1;
	x = key_model_csr(
		m, request_segment(r, "id"), request_segment(r, "csr_id"));
	if (!x)
		return admin_refuse(r, 404, "csr_not_found", NULL, e);
	return admin_reply(r, 200, admin_actions_json(ACT_DELETE), e);
}

int
admin_cert_actions_get(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const struct k_cert *c;
	const struct key_model *m;

	if (keyconf_model(s->keys, request_arena(r), &m, e))
		return -1;
	c = key_model_cert(m, request_segment(r, "hash"));
	if (!c)
		return admin_refuse(r, 404, "certificate_not_found", NULL, e);
	return admin_reply(
		r, 200, admin_actions_json(admin_cert_actions(c)), e);
}
