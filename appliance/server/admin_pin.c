/* SPDX-License-Identifier: MIT */
/*
 * Administration: the token's PIN, its policy, and the token's name.
 * Rule: interop/xroad-center-admin.md 4.2.
 */
#include <string.h>

#include "admin_int.h"
#include "err.h"
#include "keystore.h"
#include "log.h"
#include "param.h"
#include "server_sql.h"
#include "signer.h"
#include "text.h"

enum { PIN_SHORTEST = 10, PIN_CLASSES = 3 };

/* Kinds of characters: lower, upper, digits, others; -1: not printable. */
static int
pin_classes(const char *pin)
{
	unsigned seen = 0;

	for (const char *p = pin; *p; p++) {
		if (*p < ' ' || *p > '~')
			return -1;
		seen |= *p >= 'a' && *p <= 'z'   ? 1
			: *p >= 'A' && *p <= 'Z' ? 2
			: *p >= '0' && *p <= '9' ? 4
						 : 8;
	}
	return (int)((seen & 1) + (seen >> 1 & 1) + (seen >> 2 & 1) +
		     (seen >> 3));
}

int
admin_pin_check(
	struct request *r, struct server *s, const char *pin, struct err *e)
{
	static const char *const weak[] = { "pin_min_length", "10",
		"pin_min_char_classes_count", "3", NULL };
	int classes = pin_classes(pin);

	if (!conf_bool(s->conf, P_PIN_POLICY))
		return 0;
	if (classes < 0)
		return admin_refuse(r, 400, "invalid_characters_pin", NULL, e)
			       ? -1
			       : 1;
	if (strlen(pin) >= PIN_SHORTEST && classes >= PIN_CLASSES)
		return 0;
	return admin_refuse(r, 400, "token_weak_pin", weak, e) ? -1 : 1;
}

static int
pin_change(struct request *r, struct server *s, const char *old,
	const char *pin, struct err *e)
{
	struct err why = ERR_INIT;
	int ret = admin_pin_check(r, s, pin, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (!signer_change_pin(s->signer, old, pin, &why)) {
		log_info("the token's PIN is changed");
		return admin_empty(r, 204, e);
	}
	if (why.fault == FAULT_PIN_INCORRECT)
		return admin_refuse(r, 400, "pin_incorrect", NULL, e);
	return fail(e, why.fault, "%s", why.text);
}

int
admin_token_pin(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	const char *old = NULL, *pin = NULL;
	struct admin_token t;
	json_t *j;
	int ret = admin_token(r, s, &t, e);

	if (!ret)
		ret = admin_act(r, t.actions, ACT_CHANGE_PIN, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (admin_body(r, &j, e))
		return -1;
	ret = json_need_str(j, "old_pin", PIN_MAX, &old, e) ||
			      json_need_str(j, "new_pin", PIN_MAX, &pin, e)
		      ? -1
		      : pin_change(r, s, old, pin, e);
	admin_wipe(old);
	admin_wipe(pin);
	return ret;
}

int
admin_token_patch(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct admin_token t;
	const char *name;
	json_t *j;
	int ret = admin_token(r, s, &t, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (admin_body(r, &j, e) ||
		json_need_str(j, "name", ADMIN_TEXT_MAX, &name, e) ||
		admin_run(s, Q_SERVER_TOKEN_RENAME, e, db_text(t.id),
			db_text(name)) < 0)
		return -1;
	keyconf_touch(s->keys);
	return admin_token_get(r, s, e);
}

/* Only tokens that are not there any more can be deleted. */
int
admin_token_delete(struct request *r, void *state, struct err *e)
{
	struct server *s = state;
	struct admin_token t;
	int ret = admin_token(r, s, &t, e);

	if (!ret)
		ret = admin_act(r, t.actions, ACT_DELETE, e);
	if (ret)
		return ret < 0 ? -1 : 0;
	if (admin_run(s, Q_SERVER_TOKEN_FORGET, e, db_text(t.id)) < 0)
		return -1;
	keyconf_touch(s->keys);
	log_info("token %s is forgotten", t.id);
	return admin_empty(r, 204, e);
}
