/* SPDX-License-Identifier: MIT */
/*
 * Our keys in the signer process: made, found again for a certificate,
 * removed; and the token's state in the words of the administration API.
 */
#include "center_int.h"

#include "key.h"
#include "log.h"
#include "param.h"
#include "signer.h"

int
ring_make(struct center *ct, enum key_type type, const char *label,
	char id[RING_ID_MAX], struct key **out, struct err *e)
{
	unsigned bits = (unsigned)conf_int(ct->conf, P_KEY_LENGTH);

	if (ring_ready(ct, e) || signer_generate(ct->signer, type, bits, id, e))
		return -1;
	log_info("key %s made: %s", id, label);
	if (!signer_key(ct->signer, id, out, e))
		return 0;
	(void)signer_delete(ct->signer, id, NULL);
	return -1;
}

int
ring_get(struct center *ct, const char *id, const struct cert *cert,
	struct key **out, struct err *e)
{
	if (signer_key(ct->signer, id, out, e))
		return -1;
	if (key_same_public(*out, cert_key(cert)))
		return 0;
	key_unref(out);
	return fail(e, FAULT_KEY_NOT_FOUND,
		"key %s does not belong to its certificate", id);
}

int
ring_delete(struct center *ct, const char *id, struct err *e)
{
	return signer_delete(ct->signer, id, e);
}

int
ring_init(struct center *ct, const char *pin, struct err *e)
{
	if (signer_init_pin(ct->signer, pin, e))
		return -1;
	return signer_login(ct->signer, pin, e);
}

int
ring_login(struct center *ct, const char *pin, struct err *e)
{
	return signer_login(ct->signer, pin, e);
}

int
ring_logout(struct center *ct, struct err *e)
{
	return signer_logout(ct->signer, e);
}

int
ring_status(struct center *ct, bool *made, bool *open, struct err *e)
{
	struct signer_state st;

	if (signer_status(ct->signer, &st, e))
		return -1;
	*made = st.initialized;
	*open = st.unlocked;
	return 0;
}

int
ring_ready(struct center *ct, struct err *e)
{
	bool made, open;

	if (ring_status(ct, &made, &open, e))
		return -1;
	if (!made)
		return fail(e, FAULT_TOKEN_NOT_INITIALIZED,
			"the key store has no PIN yet");
	if (!open)
		return fail(e, FAULT_TOKEN_NOT_ACTIVE,
			"the key store is locked; enter the PIN");
	return 0;
}
