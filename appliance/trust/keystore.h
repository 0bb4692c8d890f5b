/* SPDX-License-Identifier: MIT */
/*
 * The software token: private keys on disk, encrypted under the PIN
 * (PBKDF2-HMAC-SHA-512 + AES-256-GCM), one file a key, plus a PIN check file.
 * Used only inside the signer process.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "key.h"

struct err;
struct keystore;

enum { KEY_ID_LEN = 40, PIN_MAX = 128, KEYSTORE_KEYS_MAX = 10000 };

/* Opens the directory (made if absent); locked. */
int keystore_open(struct keystore **out, const char *dir, struct err *e);
void keystore_close(struct keystore **k); /* wipes */
bool keystore_initialized(const struct keystore *k);
bool keystore_unlocked(const struct keystore *k);
/* First use: sets the PIN. FAULT_CONFLICT when initialised already. */
int keystore_init(struct keystore *k, const char *pin, struct err *e);
/* FAULT_PIN_INCORRECT; a wrong PIN costs at least 200 ms. */
int keystore_unlock(struct keystore *k, const char *pin, struct err *e);
/* Unlocked only. FAULT_PIN_INCORRECT as above, FAULT_PIN_POLICY. Durable when
   it returns; the keys stay as they are. */
int keystore_change_pin(
	struct keystore *k, const char *old, const char *pin, struct err *e);
void keystore_lock(struct keystore *k); /* wipes */
/* New key; id = 20 random bytes in upper-case hex. Durable when it returns. */
int keystore_generate(struct keystore *k, enum key_type type, unsigned bits,
	char id[KEY_ID_LEN + 1], struct err *e);
/* Imports a local private key (tests, migration). */
int keystore_import(struct keystore *k, struct key *key,
	char id[KEY_ID_LEN + 1], struct err *e);
int keystore_delete(struct keystore *k, const char *id, struct err *e);
/* Borrowed; FAULT_KEY_NOT_FOUND, FAULT_TOKEN_NOT_ACTIVE. */
int keystore_get(
	struct keystore *k, const char *id, struct key **out, struct err *e);
