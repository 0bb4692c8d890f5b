/* SPDX-License-Identifier: MIT */
/*
 * Encryption of messages and attachments in the message log's database. Keys
 * are files <id>.key of 64 hex digits in a directory of their own, readable by
 * the server only; the newest is named by a parameter, older ones stay for
 * reading. Without its key nothing is logged and nothing comes out. Rule:
 * interop/xroad-messages.md 4.1 ("DB encryption"); ours is AES-256-GCM.
 */
#include "messagelog_int.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "arena_list_int.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "messagelog_sql.h"
#include "param.h"
#include "seal.h"
#include "text.h"

enum { ID_MAX = 64, FILE_MAX = 4096, HEX = SEAL_KEY * 2 };

#define SUFFIX ".key"
static const char WORD[] = "machilink message log";

struct cipher_key {
	const char *id;
	uint8_t key[SEAL_KEY];
};

struct log_cipher {
	struct arena *a; /* wiped */
	const struct cipher_key *key;
	size_t keys;
	const struct cipher_key *current; /* NULL: nothing is encrypted */
	const char *dir;
};

/* ---- keys ---- */

const char *
log_keys_dir(const struct conf *c)
{
	const char *dir = conf_text(c, P_ML_KEYSTORE);

	return *dir ? dir : conf_data_path(c, "messagelog-keys");
}

static bool
is_key_id(const char *id)
{
	size_t n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return n && n <= ID_MAX && !id[n];
}

struct loading {
	struct log_cipher *k;
	struct list keys;
	struct err *e;
};

static int
read_key(struct loading *l, const char *path, const char *id)
{
	struct cipher_key *key;
	struct bytes text, raw;
	struct stat st;
	char *hex;

	if (file_read(l->k->a, path, FILE_MAX, &text, l->e))
		return -1;
	if (!stat(path, &st) && (st.st_mode & 077))
		return fail(l->e, FAULT_CONFIG,
			"%s may be read by others; its mode must be 0600",
			path);
	hex = arena_strndup(l->k->a, (const char *)text.data, text.len);
	hex[strcspn(hex, "\r\n")] = '\0';
	if (strlen(hex) != HEX || hex_decode(l->k->a, hex, &raw, NULL))
		return fail(l->e, FAULT_CONFIG,
			"%s is not a key: %d hex digits are expected", path,
			HEX);
	key = list_add(&l->keys);
	key->id = arena_strdup(l->k->a, id);
	memcpy(key->key, raw.data, SEAL_KEY);
	return 0;
}

static int
take_file(void *ctx, const char *name)
{
	struct loading *l = ctx;
	char id[ID_MAX + 1];
	size_t n = strlen(name);

	if (!str_suffix(name, SUFFIX) || n - strlen(SUFFIX) > ID_MAX)
		return 0;
	snprintf(id, sizeof(id), "%.*s", (int)(n - strlen(SUFFIX)), name);
	return is_key_id(id)
		       ? read_key(l, path_join(l->k->a, l->k->dir, name), id)
		       : 0;
}

static const struct cipher_key *
key_of(const struct log_cipher *k, const char *id)
{
	for (size_t i = 0; i < k->keys; i++)
		if (str_equal(k->key[i].id, id))
			return &k->key[i];
	return NULL;
}

static int
choose(struct log_cipher *k, const struct conf *c, struct err *e)
{
	const char *id = conf_text(c, P_ML_KEY_ID);

	if (!conf_bool(c, P_ML_ENCRYPT))
		return 0;
	if (!*id)
		return fail(e, FAULT_CONFIG,
			"[message-log] messagelog-encryption-enabled needs "
			"messagelog-key-id; `machilink log key` makes a key");
	k->current = key_of(k, id);
	if (!k->current)
		return fail(e, FAULT_CONFIG,
			"the key %s of the message log is not in %s", id,
			k->dir);
	return 0;
}

int
log_cipher_open(struct log_cipher **out, const struct conf *c, struct err *e)
{
	struct log_cipher *k = mem_alloc(sizeof(*k));
	struct loading l = { .k = k, .e = e };
	int ret = 0;

	k->a = arena_new_secret();
	k->dir = log_keys_dir(c);
	l.keys = list_of(k->a, sizeof(struct cipher_key));
	if (file_exists(k->dir))
		ret = dir_each(k->dir, take_file, &l, e) || err_set(e) ? -1 : 0;
	k->key = l.keys.item;
	k->keys = l.keys.n;
	*out = k;
	return ret ? ret : choose(k, c, e);
}

void
log_cipher_close(struct log_cipher **k)
{
	if (!*k)
		return;
	arena_free(&(*k)->a);
	mem_free(*k);
	*k = NULL;
}

int
log_key_make(const struct conf *c, const char *id, struct err *e)
{
	struct arena *a = arena_new_secret();
	const char *dir = log_keys_dir(c);
	const char *path = path_join(a, dir, arena_printf(a, "%s" SUFFIX, id));
	uint8_t key[SEAL_KEY];
	int ret = -1;

	random_bytes(key, sizeof(key));
	if (!is_key_id(id))
		fail(e, FAULT_BAD_REQUEST,
			"a key id is 1 to %d letters, digits, - or _", ID_MAX);
	else if (file_exists(path))
		fail(e, FAULT_CONFLICT, "%s exists already", path);
	else if (!dir_make(dir, e))
		ret = file_write(path,
			bytes_str(arena_printf(
				a, "%s\n", hex_encode(a, key, sizeof(key)))),
			FILE_PRIVATE, e);
	mem_wipe(key, sizeof(key));
	arena_free(&a);
	return ret;
}

/* ---- is it the key that was used before? ---- */

static int
add_proof(struct db_conn *c, void *arg, struct err *e)
{
	const struct cipher_key *key = arg;
	struct arena *a = arena_new();
	struct bytes box;
	int ret = -1;

	if (!seal_make(key->key, bytes_str(key->id), bytes_str(WORD), a, &box,
		    e) &&
		db_run(c, Q_MESSAGELOG_KEY_ADD, e, db_text(key->id),
			db_blob(box.data, box.len)) >= 0)
		ret = 0;
	arena_free(&a);
	return ret;
}

/* The key's proof; empty when it was never used. */
static int
load_proof(struct messagelog *m, struct arena *a, const char *id,
	struct bytes *out, struct err *e)
{
	struct db_conn *c = db_take(m->db);
	struct query *q = db_query(c, Q_MESSAGELOG_KEY_PROOF, db_text(id));
	int ret;

	*out = query_next(q) ? query_blob_dup(a, q, 0) : bytes_of(NULL, 0);
	ret = query_end(q, e);
	db_give(c);
	return ret;
}

int
log_cipher_prove(struct messagelog *m, struct err *e)
{
	const struct cipher_key *key = m->cipher->current;
	struct arena *a = arena_new();
	struct bytes box, word;
	int ret = -1;

	if (!key) {
		ret = 0;
		goto out;
	}
	if (load_proof(m, a, key->id, &box, e))
		goto out;
	if (!box.len)
		ret = db_transact(m->db, add_proof, (void *)(uintptr_t)key, e);
	else if (seal_open(key->key, bytes_str(key->id), box, a, &word, NULL))
		fail(e, FAULT_CONFIG,
			"the key %s in %s is not the one that this message log "
			"was encrypted with",
			key->id, m->cipher->dir);
	else
		ret = 0;
out:
	arena_free(&a);
	return ret;
}

/* ---- messages ---- */

const char *
log_cipher_current(const struct log_cipher *k)
{
	return k && k->current ? k->current->id : NULL;
}

/* A part belongs to its record: it cannot be moved to another. */
static struct bytes
about(struct arena *a, const struct sealed_part *p)
{
	return bytes_str(arena_printf(a, "%s %d %d %zu", p->request_id,
		p->response, p->as_client, p->number));
}

int
log_seal(const struct log_cipher *k, struct arena *a,
	const struct sealed_part *p, struct bytes *data, struct err *e)
{
	return seal_make(k->current->key, about(a, p), *data, a, data, e);
}

int
log_unseal(const struct log_cipher *k, struct arena *a, const char *id,
	const struct sealed_part *p, struct bytes *data, struct err *e)
{
	const struct cipher_key *key = key_of(k, id);
	struct err why = ERR_INIT;

	if (!key)
		return fail(e, FAULT_KEY_NOT_FOUND,
			"record %lld is encrypted with the key %s, which is "
			"not in %s",
			(long long)p->record, id, k->dir);
	if (seal_open(key->key, about(a, p), *data, a, data, &why))
		return fail(e, FAULT_CANNOT_OPEN,
			"record %lld cannot be decrypted with the key %s: %s",
			(long long)p->record, id, why.text);
	return 0;
}
