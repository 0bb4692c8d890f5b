/* SPDX-License-Identifier: MIT */
/*
 * Sealed boxes through the TLS library's AES-GCM.
 */
#include "seal.h"

#include <mbedtls/gcm.h>

#include "err.h"
#include "mem.h"
#include "text.h"

enum { NONCE = 12, TAG = 16 };

static int
begin(mbedtls_gcm_context *gcm, const uint8_t key[SEAL_KEY])
{
	mbedtls_gcm_init(gcm);
	return mbedtls_gcm_setkey(
		gcm, MBEDTLS_CIPHER_ID_AES, key, SEAL_KEY * 8);
}

int
seal_make(const uint8_t key[SEAL_KEY], struct bytes about, struct bytes plain,
	struct arena *a, struct bytes *box, struct err *e)
{
	uint8_t *p = arena_alloc(a, SEAL_OVER + plain.len);
	mbedtls_gcm_context gcm;
	int rc = begin(&gcm, key);

	random_bytes(p, NONCE);
	if (!rc)
		rc = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT,
			plain.len, p, NONCE, about.data, about.len, plain.data,
			p + SEAL_OVER, TAG, p + NONCE);
	mbedtls_gcm_free(&gcm);
	*box = bytes_of(p, SEAL_OVER + plain.len);
	return rc ? fail(e, FAULT_INTERNAL, "encryption failed (%d)", rc) : 0;
}

int
seal_open(const uint8_t key[SEAL_KEY], struct bytes about, struct bytes box,
	struct arena *a, struct bytes *plain, struct err *e)
{
	mbedtls_gcm_context gcm;
	uint8_t *p;
	size_t n;
	int rc;

	*plain = bytes_of(NULL, 0);
	if (box.len < SEAL_OVER)
		return fail(e, FAULT_CANNOT_OPEN, "it is too short");
	n = box.len - SEAL_OVER;
	p = arena_alloc(a, n + 1);
	rc = begin(&gcm, key);
	if (!rc)
		rc = mbedtls_gcm_auth_decrypt(&gcm, n, box.data, NONCE,
			about.data, about.len, box.data + NONCE, TAG,
			box.data + SEAL_OVER, p);
	mbedtls_gcm_free(&gcm);
	if (rc) {
		mem_wipe(p, n);
		return fail(e, FAULT_CANNOT_OPEN,
			"the key is not the right one, or the content was "
			"changed");
	}
	*plain = bytes_of(p, n);
	return 0;
}
