/* SPDX-License-Identifier: MIT */
/* New keys of a token: for the administrator and for renewal. */
#include "admin_int.h"
#include "clock.h"
#include "err.h"
#include "key.h"
#include "param.h"
#include "server_sql.h"
#include "signer.h"

/* A key in the signer and its row; in this order, so that a row always has
   its key. */
int
token_key_make(struct server *s, const struct new_key *k,
	char id[KEY_ID_LEN + 1], struct err *e)
{
	unsigned bits = (unsigned)conf_int(s->conf, P_KEY_LENGTH);
	struct signer *signer = keyconf_signer(s->keys, k->token);
	enum key_type type = KEY_RSA;
	const char *word = k->algorithm;

	if (!word && k->usage == USAGE_SIGNING)
		word = conf_text(s->conf, P_SIGN_KEY_ALGORITHM);
	if (word && key_type_parse(word, &type, e))
		return -1;
	if (!signer)
		return fail(e, FAULT_TOKEN_NOT_ACTIVE,
			"the token %s is not there", k->token);
	if (signer_generate(signer, type, bits, id, e))
		return -1;
	if (admin_run(s, Q_SERVER_KEY_ADD, e, db_text(id), db_text(k->label),
		    db_text(usage_word(k->usage)), db_text(key_type_word(type)),
		    db_int(clock_now()), db_text(k->token)) < 0) {
		(void)signer_delete(signer, id, NULL);
		return -1;
	}
	keyconf_touch(s->keys);
	return 0;
}
