/* SPDX-License-Identifier: MIT */
/*
 * The software token. Files of the directory:
 *   pin        01 | iterations (4, big endian) | salt (16) | box of 32 zeros
 *   <ID>.key   01 | box of the PKCS#8 key
 * With a PIN that was changed, `pin` begins with 02 and its box holds the
 * master key under the key that the new PIN derives: one file is replaced, so
 * a power cut leaves the old PIN or the new one, and every key readable. Who
 * has both an old copy of the file and its PIN has the master key still.
 * A box is nonce (12) | tag (16) | cipher text under AES-256-GCM with the
 * master key PBKDF2-HMAC-SHA-512(PIN, salt, iterations) and the file's name
 * without suffix as additional data: a key file cannot be renamed to another
 * key. Not thread-safe: the signer process locks around it.
 */
#include "keystore.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <mbedtls/gcm.h>
#include <mbedtls/pkcs5.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "text.h"
#include "trust_int.h"

enum {
	VERSION_BYTE = 1,
	VERSION_WRAPPED = 2, /* of the PIN file */
	ITERATIONS = 200000,
	ITERATIONS_MAX = 10000000,
	SALT_LEN = 16,
	NONCE_LEN = 12,
	TAG_LEN = 16,
	MASTER_LEN = 32,
	CHECK_LEN = 32,
	BOX_OVER = NONCE_LEN + TAG_LEN,
	KEY_FILE_MAX = 32 * 1024,
	PIN_FILE_LEN = 1 + 4 + SALT_LEN + BOX_OVER + CHECK_LEN,
	WRONG_PIN_MS = 200,
};

static const char PIN_NAME[] = "pin";

/* A key in memory, while unlocked. */
struct held {
	struct held *next;
	char id[KEY_ID_LEN + 1];
	struct key *key;
};

struct keystore {
	char *dir;
	bool initialized, unlocked;
	uint8_t master[MASTER_LEN];
	struct held *held;
};

/* ---- boxes ---- */

static int
box_seal(const uint8_t master[MASTER_LEN], const char *name, struct bytes plain,
	struct buf *out, struct err *e)
{
	mbedtls_gcm_context gcm;
	uint8_t nonce[NONCE_LEN], tag[TAG_LEN];
	uint8_t *text = mem_alloc(plain.len + 1);
	random_bytes(nonce, sizeof nonce);
	mbedtls_gcm_init(&gcm);
	int rc = mbedtls_gcm_setkey(
		&gcm, MBEDTLS_CIPHER_ID_AES, master, MASTER_LEN * 8);
	if (rc == 0)
		rc = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT,
			plain.len, nonce, NONCE_LEN, (const uint8_t *)name,
			strlen(name), plain.data, text, TAG_LEN, tag);
	mbedtls_gcm_free(&gcm);
	buf_add(out, nonce, NONCE_LEN);
	buf_add(out, tag, TAG_LEN);
	buf_add(out, text, plain.len);
	mem_free(text);
	return rc ? fail(e, FAULT_INTERNAL, "Encryption failed (%d)", rc)
		  : buf_ok(out, "key file", e);
}

/* Plain text into a secret arena; -1 when key, name or content are wrong. */
static int
box_open(const uint8_t master[MASTER_LEN], const char *name, struct bytes box,
	struct arena *a, struct bytes *plain)
{
	mbedtls_gcm_context gcm;
	if (box.len < BOX_OVER)
		return -1;
	size_t n = box.len - BOX_OVER;
	uint8_t *text = arena_alloc(a, n + 1);
	mbedtls_gcm_init(&gcm);
	int rc = mbedtls_gcm_setkey(
		&gcm, MBEDTLS_CIPHER_ID_AES, master, MASTER_LEN * 8);
	if (rc == 0)
		rc = mbedtls_gcm_auth_decrypt(&gcm, n, box.data, NONCE_LEN,
			(const uint8_t *)name, strlen(name),
			box.data + NONCE_LEN, TAG_LEN, box.data + BOX_OVER,
			text);
	mbedtls_gcm_free(&gcm);
	*plain = bytes_of(text, n);
	return rc ? -1 : 0;
}

static int
master_derive(const char *pin, const uint8_t *salt, unsigned iterations,
	uint8_t master[MASTER_LEN], struct err *e)
{
	size_t n = pin ? strlen(pin) : 0;
	if (n == 0 || n > PIN_MAX)
		return fail(
			e, FAULT_PIN_INCORRECT, "The PIN is empty or too long");
	int rc = mbedtls_pkcs5_pbkdf2_hmac_ext(MBEDTLS_MD_SHA512,
		(const uint8_t *)pin, n, salt, SALT_LEN, iterations, MASTER_LEN,
		master);
	return rc ? fail(e, FAULT_INTERNAL, "Key derivation failed (%d)", rc)
		  : 0;
}

/* ---- the store ---- */

int
keystore_open(struct keystore **out, const char *dir, struct err *e)
{
	if (dir_make(dir, e))
		return -1;
	struct keystore *k = mem_alloc(sizeof *k);
	struct arena *a = arena_new();
	mlock(k->master, sizeof k->master);
	k->dir = mem_dup(dir);
	k->initialized = file_exists(path_join(a, dir, PIN_NAME));
	arena_free(&a);
	*out = k;
	return 0;
}

void
keystore_close(struct keystore **kp)
{
	struct keystore *k = *kp;
	*kp = NULL;
	if (!k)
		return;
	keystore_lock(k);
	munlock(k->master, sizeof k->master);
	mem_free(k->dir);
	mem_free(k);
}

bool
keystore_initialized(const struct keystore *k)
{
	return k->initialized;
}

bool
keystore_unlocked(const struct keystore *k)
{
	return k->unlocked;
}

void
keystore_lock(struct keystore *k)
{
	while (k->held) {
		struct held *h = k->held;
		k->held = h->next;
		key_unref(&h->key);
		mem_free(h);
	}
	mem_wipe(k->master, sizeof k->master);
	k->unlocked = false;
}

/* Writes the PIN file: `plain` under the key that the PIN derives. */
static int
pin_write(const struct keystore *k, const char *pin, uint8_t version,
	const uint8_t plain[CHECK_LEN], struct err *e)
{
	uint8_t salt[SALT_LEN], key[MASTER_LEN];
	struct arena *a = arena_new();
	struct buf b;
	int ret = -1;
	buf_init(&b, KEY_FILE_MAX);
	size_t n = pin ? strlen(pin) : 0;
	if (n == 0 || n > PIN_MAX) {
		fail(e, FAULT_PIN_POLICY, "A PIN has 1 to %d bytes", PIN_MAX);
		goto out;
	}
	random_bytes(salt, sizeof salt);
	if (master_derive(pin, salt, ITERATIONS, key, e))
		goto out;
	buf_char(&b, (char)version);
	for (int i = 3; i >= 0; i--)
		buf_char(&b, (char)(ITERATIONS >> (8 * i)));
	buf_add(&b, salt, sizeof salt);
	if (box_seal(key, PIN_NAME, bytes_of(plain, CHECK_LEN), &b, e) ||
		file_write(path_join(a, k->dir, PIN_NAME), bytes_buf(&b),
			FILE_PRIVATE, e))
		goto out;
	ret = 0;
out:
	mem_wipe(key, sizeof key);
	buf_done(&b);
	arena_free(&a);
	return ret;
}

int
keystore_init(struct keystore *k, const char *pin, struct err *e)
{
	static const uint8_t zeros[CHECK_LEN];
	if (k->initialized)
		return fail(
			e, FAULT_CONFLICT, "The key store has a PIN already");
	if (pin_write(k, pin, VERSION_BYTE, zeros, e))
		return -1;
	k->initialized = true;
	return 0;
}

/* A guess must not be cheap, however fast the machine is. */
static void
delay_until(int64_t ticks)
{
	int64_t left = ticks - clock_ticks();
	struct timespec t = { .tv_sec = left / 1000,
		.tv_nsec = (long)(left % 1000) * 1000000 };
	if (left > 0)
		nanosleep(&t, NULL);
}

/* The master key behind a PIN; a wrong one takes its time. */
static int
master_open(const struct keystore *k, const char *pin,
	uint8_t master[MASTER_LEN], struct err *e)
{
	struct arena *a = arena_new_secret();
	struct bytes f, plain;
	int64_t end = clock_ticks() + WRONG_PIN_MS;
	int ret = -1;
	if (file_read(a, path_join(a, k->dir, PIN_NAME), KEY_FILE_MAX, &f, e))
		goto out;
	unsigned n = f.len == PIN_FILE_LEN
			     ? (unsigned)f.data[1] << 24 | f.data[2] << 16 |
				       f.data[3] << 8 | f.data[4]
			     : 0;
	if (f.len != PIN_FILE_LEN || f.data[0] < VERSION_BYTE ||
		f.data[0] > VERSION_WRAPPED || n == 0 || n > ITERATIONS_MAX) {
		fail(e, FAULT_IO, "The key store's PIN file is damaged");
		goto out;
	}
	if (master_derive(pin, f.data + 5, n, master, e)) {
		delay_until(end);
		goto out;
	}
	struct bytes box =
		bytes_of(f.data + 5 + SALT_LEN, f.len - 5 - SALT_LEN);
	if (box_open(master, PIN_NAME, box, a, &plain)) {
		delay_until(end);
		fail(e, FAULT_PIN_INCORRECT, "The PIN is wrong");
		goto out;
	}
	if (f.data[0] == VERSION_WRAPPED)
		memcpy(master, plain.data, MASTER_LEN);
	ret = 0;
out:
	arena_free(&a);
	return ret;
}

int
keystore_unlock(struct keystore *k, const char *pin, struct err *e)
{
	uint8_t master[MASTER_LEN];
	if (!k->initialized)
		return fail(e, FAULT_TOKEN_NOT_INITIALIZED,
			"The key store has no PIN");
	int ret = master_open(k, pin, master, e);
	if (ret == 0) {
		memcpy(k->master, master, sizeof master);
		k->unlocked = true;
	}
	mem_wipe(master, sizeof master);
	return ret;
}

/* ---- keys ---- */

static int
check_active(const struct keystore *k, struct err *e)
{
	if (!k->initialized)
		return fail(e, FAULT_TOKEN_NOT_INITIALIZED,
			"The key store has no PIN");
	if (!k->unlocked)
		return fail(e, FAULT_TOKEN_NOT_ACTIVE,
			"The key store is locked; enter the PIN");
	return 0;
}

int
keystore_change_pin(
	struct keystore *k, const char *old, const char *pin, struct err *e)
{
	uint8_t master[MASTER_LEN];
	int ret = -1;
	if (check_active(k, e) == 0 && master_open(k, old, master, e) == 0)
		ret = pin_write(k, pin, VERSION_WRAPPED, master, e);
	mem_wipe(master, sizeof master);
	return ret;
}

static bool
id_valid(const char *id)
{
	return strlen(id) == KEY_ID_LEN &&
	       strspn(id, "0123456789ABCDEF") == KEY_ID_LEN;
}

static char *
key_path(const struct keystore *k, struct arena *a, const char *id)
{
	return arena_printf(a, "%s/%s.key", k->dir, id);
}

static void
hold(struct keystore *k, const char *id, struct key *key)
{
	struct held *h = mem_alloc(sizeof *h);
	memcpy(h->id, id, KEY_ID_LEN + 1);
	h->key = key;
	h->next = k->held;
	k->held = h;
}

static int
count_key(void *ctx, const char *name)
{
	int *n = ctx;
	*n += str_suffix(name, ".key");
	return 0;
}

int
keystore_import(struct keystore *k, struct key *key, char id[KEY_ID_LEN + 1],
	struct err *e)
{
	struct arena *a = arena_new_secret();
	uint8_t raw[KEY_ID_LEN / 2];
	struct bytes der;
	struct buf b;
	int ret = -1, n = 0;
	buf_init(&b, KEY_FILE_MAX);
	if (check_active(k, e) || dir_each(k->dir, count_key, &n, e) ||
		key_private_der(key, a, &der, e))
		goto out;
	if (n >= KEYSTORE_KEYS_MAX) {
		fail(e, FAULT_LIMIT, "The key store is full: %d keys", n);
		goto out;
	}
	random_bytes(raw, sizeof raw);
	for (size_t i = 0; i < KEY_ID_LEN; i++)
		id[i] = "0123456789ABCDEF"[i % 2 ? raw[i / 2] & 15
						 : raw[i / 2] >> 4];
	id[KEY_ID_LEN] = '\0';
	buf_char(&b, VERSION_BYTE);
	if (box_seal(k->master, id, der, &b, e) ||
		file_write(key_path(k, a, id), bytes_buf(&b), FILE_PRIVATE, e))
		goto out;
	hold(k, id, key_ref(key));
	ret = 0;
out:
	buf_done(&b);
	arena_free(&a);
	return ret;
}

int
keystore_generate(struct keystore *k, enum key_type type, unsigned bits,
	char id[KEY_ID_LEN + 1], struct err *e)
{
	struct key *key = NULL;
	if (check_active(k, e) || key_generate(&key, type, bits, e))
		return -1;
	int ret = keystore_import(k, key, id, e);
	key_unref(&key);
	return ret;
}

int
keystore_delete(struct keystore *k, const char *id, struct err *e)
{
	struct arena *a = arena_new();
	int ret = -1;
	if (check_active(k, e))
		goto out;
	char *path = key_path(k, a, id);
	if (!id_valid(id) || !file_exists(path)) {
		fail(e, FAULT_KEY_NOT_FOUND, "The key is unknown");
		goto out;
	}
	if (file_remove(path, e))
		goto out;
	for (struct held **h = &k->held; *h; h = &(*h)->next)
		if (str_equal((*h)->id, id)) {
			struct held *gone = *h;
			*h = gone->next;
			key_unref(&gone->key);
			mem_free(gone);
			break;
		}
	ret = 0;
out:
	arena_free(&a);
	return ret;
}

int
keystore_get(
	struct keystore *k, const char *id, struct key **out, struct err *e)
{
	struct bytes f, plain;
	struct key *key = NULL;
	if (check_active(k, e))
		return -1;
	for (struct held *h = k->held; h; h = h->next)
		if (str_equal(h->id, id)) {
			*out = h->key;
			return 0;
		}
	if (!id_valid(id))
		return fail(e, FAULT_KEY_NOT_FOUND, "The key is unknown");
	struct arena *a = arena_new_secret();
	char *path = key_path(k, a, id);
	int ret = -1;
	if (!file_exists(path)) {
		fail(e, FAULT_KEY_NOT_FOUND, "The key is unknown");
		goto out;
	}
	if (file_read(a, path, KEY_FILE_MAX, &f, e))
		goto out;
	if (f.len < 1 || f.data[0] != VERSION_BYTE ||
		box_open(k->master, id, bytes_of(f.data + 1, f.len - 1), a,
			&plain)) {
		fail(e, FAULT_CANNOT_SIGN, "The file of key %s is damaged", id);
		goto out;
	}
	if (key_parse_private(&key, plain, NULL, e))
		goto out;
	hold(k, id, key);
	*out = key;
	ret = 0;
out:
	arena_free(&a);
	return ret;
}
