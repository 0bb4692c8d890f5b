/* SPDX-License-Identifier: MIT */
/*
 * The software token: PIN, keys on disk, and what damaged files do.
 */
#include "keystore.h"

#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "err.h"
#include "file.h"
#include "key.h"
#include "mem.h"
#include "tap.h"
#include "text.h"

static enum fault
get_fault(struct keystore *k, const char *id)
{
	struct err e = ERR_INIT;
	struct key *key;
	keystore_get(k, id, &key, &e);
	return e.fault;
}

static void
test_pin(struct keystore *k)
{
	struct err e = ERR_INIT;
	char id[KEY_ID_LEN + 1];
	ok(!keystore_initialized(k) && !keystore_unlocked(k));
	is_int(keystore_unlock(k, "1234", &e), -1);
	is_int(e.fault, FAULT_TOKEN_NOT_INITIALIZED);
	err_reset(&e);
	is_int(keystore_init(k, "", &e), -1);
	is_int(e.fault, FAULT_PIN_POLICY);
	err_reset(&e);
	is_int(keystore_init(k, "1234", &e), 0);
	is_int(keystore_init(k, "1234", &e), -1);
	is_int(e.fault, FAULT_CONFLICT);
	err_reset(&e);
	is_int(keystore_generate(k, KEY_EC, 0, id, &e), -1);
	is_int(e.fault, FAULT_TOKEN_NOT_ACTIVE);
	err_reset(&e);
	int64_t start = clock_ticks();
	is_int(keystore_unlock(k, "1235", &e), -1);
	is_int(e.fault, FAULT_PIN_INCORRECT);
	ok(clock_ticks() - start >= 200);
	ok(!keystore_unlocked(k));
	is_int(keystore_unlock(k, "1234", &e), 0);
	ok(keystore_unlocked(k));
}

static void
test_damage(struct keystore *k, const char *dir, const char *id,
	const char *other, struct arena *a)
{
	struct err e = ERR_INIT;
	struct bytes good;
	char *path = arena_printf(a, "%s/%s.key", dir, id),
	     *path2 = arena_printf(a, "%s/%s.key", dir, other);
	struct stat st;
	is_int(stat(path, &st), 0);
	is_int(st.st_mode & 0777, 0600);
	is_int(file_read(a, path, 65536, &good, &e), 0);
	ok(memmem(good.data, good.len, "\x2a\x86\x48\xce", 4) == NULL);
	for (size_t n = 0; n < good.len; n += 13) {
		file_write(path, bytes_of(good.data, n), FILE_PRIVATE, &e);
		keystore_lock(k);
		if (n == 0)
			is_int(keystore_unlock(k, "1234", &e), 0);
		else
			break;
		is_int(get_fault(k, id), FAULT_CANNOT_SIGN);
	}
	is_int(keystore_unlock(k, "1234", &e), 0);
	for (size_t n = 13; n < good.len; n += 13) {
		file_write(path, bytes_of(good.data, n), FILE_PRIVATE, &e);
		if (get_fault(k, id) != FAULT_CANNOT_SIGN)
			ok_m(false, "key file cut at %zu", n);
	}
	uint8_t *bad = arena_memdup(a, good.data, good.len);
	bad[good.len - 1] ^= 1;
	file_write(path, bytes_of(bad, good.len), FILE_PRIVATE, &e);
	is_int(get_fault(k, id), FAULT_CANNOT_SIGN);
	/* one key's file under another's name */
	file_write(path2, good, FILE_PRIVATE, &e);
	is_int(get_fault(k, other), FAULT_CANNOT_SIGN);
	file_write(path, good, FILE_PRIVATE, &e);
	is_int(get_fault(k, id), FAULT_NONE);
	char *pin = path_join(a, dir, "pin");
	is_int(file_read(a, pin, 65536, &good, &e), 0);
	file_write(pin, bytes_of(good.data, good.len - 1), FILE_PRIVATE, &e);
	keystore_lock(k);
	is_int(keystore_unlock(k, "1234", &e), -1);
	is_int(e.fault, FAULT_IO);
	file_write(pin, good, FILE_PRIVATE, NULL);
}

/* The keys stay readable, the old PIN opens nothing any more. */
static void
test_change(struct keystore *k, const char *id)
{
	struct err e = ERR_INIT;
	is_int(keystore_change_pin(k, "0000", "5678", &e), -1);
	is_int(e.fault, FAULT_PIN_INCORRECT);
	err_reset(&e);
	is_int(keystore_change_pin(k, "1234", "", &e), -1);
	is_int(e.fault, FAULT_PIN_POLICY);
	err_reset(&e);
	is_int(keystore_change_pin(k, "1234", "5678", &e), 0);
	ok(keystore_unlocked(k));
	keystore_lock(k);
	is_int(keystore_change_pin(k, "5678", "1234", &e), -1);
	is_int(e.fault, FAULT_TOKEN_NOT_ACTIVE);
	err_reset(&e);
	is_int(keystore_unlock(k, "1234", &e), -1);
	is_int(e.fault, FAULT_PIN_INCORRECT);
	err_reset(&e);
	is_int(keystore_unlock(k, "5678", &e), 0);
	is_int(get_fault(k, id), FAULT_NONE);
	/* and once more, out of the changed file */
	is_int(keystore_change_pin(k, "5678", "1234", &e), 0);
	keystore_lock(k);
	is_int(keystore_unlock(k, "1234", &e), 0);
	is_int(get_fault(k, id), FAULT_NONE);
}

int
main(void)
{
	struct arena *a = arena_new();
	struct err e = ERR_INIT;
	struct keystore *k = NULL;
	char *dir = path_join(a, tap_dir(), "keys");
	char id[KEY_ID_LEN + 1], id2[KEY_ID_LEN + 1];
	struct key *key = NULL, *again = NULL;
	is_int(keystore_open(&k, dir, &e), 0);
	test_pin(k);
	is_int(keystore_generate(k, KEY_EC, 0, id, &e), 0);
	is_int((long long)strlen(id), KEY_ID_LEN);
	is_int(keystore_generate(k, KEY_RSA, 2048, id2, &e), 0);
	is_int(keystore_get(k, id, &key, &e), 0);
	struct bytes spki = key_spki(key, a);
	keystore_close(&k);
	/* another process, later */
	is_int(keystore_open(&k, dir, &e), 0);
	ok(keystore_initialized(k) && !keystore_unlocked(k));
	is_int(get_fault(k, id), FAULT_TOKEN_NOT_ACTIVE);
	is_int(keystore_unlock(k, "1234", &e), 0);
	is_int(keystore_get(k, id, &again, &e), 0);
	ok(bytes_equal(key_spki(again, a), spki));
	is_int(get_fault(k, "../../etc/passwd"), FAULT_KEY_NOT_FOUND);
	is_int(get_fault(k, "0000000000000000000000000000000000000000"),
		FAULT_KEY_NOT_FOUND);
	is_int(keystore_delete(k, id2, &e), 0);
	is_int(get_fault(k, id2), FAULT_KEY_NOT_FOUND);
	is_int(keystore_delete(k, id2, NULL), -1);
	is_int(keystore_generate(k, KEY_EC, 0, id2, &e), 0);
	keystore_lock(k);
	is_int(keystore_unlock(k, "1234", &e), 0);
	test_damage(k, dir, id, id2, a);
	is_int(keystore_unlock(k, "1234", &e), 0);
	test_change(k, id);
	keystore_close(&k);
	arena_free(&a);
	return tap_done();
}
