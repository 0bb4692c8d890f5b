/* SPDX-License-Identifier: MIT */
/* Accounts at an ACME server (RFC 8555 section 7.3). */
#include <string.h>

#include "acme_int.h"
#include "jws.h"
#include "key.h"
#include "mem.h"
#include "text.h"

static int
bind_external(struct acme *s, const struct acme_account *who, json_t *body,
	struct err *e)
{
	const struct jws_head h = { .url = s->directory.new_account,
		.kid = who->kid };
	json_t *bound;

	if (!who->kid)
		return 0;
	if (jws_bind(s->a, s->key, &h, who->mac_key, &bound, e))
		return -1;
	json_put_new(body, "externalAccountBinding", bound);
	return 0;
}

static json_t *
account_json(struct acme *s, const struct acme_account *who)
{
	json_t *j = json_object(), *contact;

	json_put_bool(j, "termsOfServiceAgreed", true);
	if (who->contact && *who->contact) {
		contact = json_array();
		json_array_append_new(contact,
			json_text_new(
				arena_printf(s->a, "mailto:%s", who->contact)));
		json_put_new(j, "contact", contact);
	}
	return j;
}

int
acme_login(struct acme *s, struct key *key, const struct acme_account *who,
	struct err *e)
{
	struct acme_post p = { .url = s->directory.new_account,
		.by_key = true };
	json_t *body = account_json(s, who);
	struct http_answer answer;
	const char *url;

	key_unref(&s->key);
	s->key = key_ref(key);
	if (bind_external(s, who, body, e)) {
		json_decref(body);
		return -1;
	}
	p.payload = bytes_str(acme_json(s, body));
	if (acme_post(s, &p, FAULT_ACME_ACCOUNT, &answer, NULL, e))
		return -1;
	url = answer_header(&answer, "Location");
	if (!acme_url_ok(url))
		return fail(e, FAULT_ACME_ACCOUNT,
			"%s does not say where the account is", p.url);
	s->account = arena_strdup(s->a, url);
	return 0;
}

/* 7.3.1 */
int
acme_has_account(struct acme *s, struct key *key, bool *yes, struct err *e)
{
	struct acme_post p = { .url = s->directory.new_account,
		.by_key = true,
		.payload = bytes_str("{\"onlyReturnExisting\":true}") };
	struct http_answer answer;
	struct err why = ERR_INIT;
	const char *type = "";

	key_unref(&s->key);
	s->key = key_ref(key);
	*yes = !acme_post(s, &p, FAULT_ACME_ACCOUNT, &answer, &type, &why);
	if (*yes || str_equal(type, "accountDoesNotExist"))
		return 0;
	return fail(e, why.fault, "%s", why.text);
}

int
acme_change_key(struct acme *s, struct key *fresh, struct err *e)
{
	struct acme_post p = { .url = s->directory.key_change };
	const struct jws_head h = { .url = p.url };
	json_t *body = NULL, *old = NULL, *inner = NULL;
	struct http_answer answer;

	if (!p.url)
		return fail(e, FAULT_ACME_ACCOUNT,
			"the ACME server changes no account keys");
	if (jwk_make(s->a, s->key, &old, e))
		return -1;
	body = json_object();
	json_put_str(body, "account", s->account);
	json_put_new(body, "oldKey", old);
	if (jws_sign(s->a, fresh, &h, bytes_str(acme_json(s, body)), &inner, e))
		return -1;
	p.payload = bytes_str(acme_json(s, inner));
	if (acme_post(s, &p, FAULT_ACME_ACCOUNT, &answer, NULL, e))
		return -1;
	key_unref(&s->key);
	s->key = key_ref(fresh);
	return 0;
}
