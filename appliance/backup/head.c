/* SPDX-License-Identifier: MIT */
/*
 * The head of a backup: JSON in the clear, with the content's key sealed for
 * the machine and for the passphrase.
 */
#include <stdio.h>
#include <string.h>

#include "backup_int.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "json_io.h"
#include "mem.h"
#include "param.h"
#include "password.h"
#include "seal.h"
#include "text.h"

enum { FORMAT = 1, HEAD_TEXT_MAX = 16 * 1024, SALT = 16, ROUNDS_MAX = 5000000 };

static const char about[] = "machilink backup content key";

/* The machine's key, made at first use. */
static int
machine_key(const struct backup_self *s, struct arena *a, bool make,
	struct bytes *out, struct err *e)
{
	const char *path = s->key_file ? s->key_file
				       : conf_data_path(s->conf, "backup.key");
	uint8_t fresh[SEAL_KEY];

	if (make && !file_exists(path)) {
		random_bytes(fresh, sizeof(fresh));
		if (file_write(path, bytes_of(fresh, sizeof(fresh)),
			    FILE_PRIVATE, e))
			return -1;
		mem_wipe(fresh, sizeof(fresh));
	}
	if (file_read(a, path, SEAL_KEY, out, e))
		return -1;
	if (out->len != SEAL_KEY)
		return fail(e, FAULT_CONFIG, "%s is no backup key", path);
	return 0;
}

static int
seal_for(json_t *to, struct arena *a, const uint8_t *with, const uint8_t *key,
	struct err *e)
{
	struct bytes box;

	if (seal_make(with, bytes_str(about), bytes_of(key, SEAL_KEY), a, &box,
		    e))
		return -1;
	json_put_str(to, "box", base64_encode(a, box.data, box.len));
	return 0;
}

static int
seal_for_passphrase(json_t *head, const char *passphrase, struct arena *a,
	const uint8_t *key, struct err *e)
{
	uint8_t salt[SALT], with[PASSWORD_KEY];
	json_t *j = json_object();

	json_put_new(head, "passphrase", j);
	random_bytes(salt, sizeof(salt));
	json_put_str(j, "salt", base64_encode(a, salt, sizeof(salt)));
	json_put_int(j, "iterations", PASSWORD_ITERATIONS);
	if (password_key(passphrase, salt, SALT, PASSWORD_ITERATIONS, with, e))
		return -1;
	return seal_for(j, a, with, key, e);
}

int
head_make(const struct backup_self *s, struct arena *a, const uint8_t *key,
	struct bytes *out, struct err *e)
{
	json_t *j = json_keep(a, json_object()), *machine = json_object();
	char now[TIME_TEXT_MAX];
	struct bytes own;
	struct buf b;
	int ret;

	json_put_int(j, "format", FORMAT);
	json_put_str(j, "label", s->label);
	json_put_str(j, "created", time_iso(now, clock_now()));
	json_put_str(j, "program", VERSION);
	json_put_new(j, "machine", machine);
	if (machine_key(s, a, true, &own, e) ||
		seal_for(machine, a, own.data, key, e))
		return -1;
	if (s->passphrase && seal_for_passphrase(j, s->passphrase, a, key, e))
		return -1;
	buf_init(&b, HEAD_TEXT_MAX);
	json_write(&b, j, JSON_PLAIN);
	ret = buf_ok(&b, "the head of the backup", e);
	*out = bytes_of(arena_memdup(a, b.data, b.len), b.len);
	buf_done(&b);
	return ret;
}

static int
head_json(struct arena *a, struct bytes text, json_t **out, struct err *e)
{
	struct err why = ERR_INIT;

	if (json_parse(a, text, NULL, out, &why) ||
		json_int(*out, "format", 0) != FORMAT)
		return fail(e, FAULT_BAD_REQUEST,
			"the backup has a form that this version cannot read");
	return 0;
}

int
head_parse(struct arena *a, struct bytes text, struct backup_head *out,
	struct err *e)
{
	const char *label, *created, *program = "";
	json_t *j;

	if (head_json(a, text, &j, e) ||
		json_need_str(j, "label", BACKUP_LABEL_MAX - 1, &label, e) ||
		json_need_str(
			j, "created", sizeof(out->created) - 1, &created, e) ||
		json_opt_str(
			j, "program", sizeof(out->program) - 1, &program, e))
		return -1;
	snprintf(out->label, sizeof(out->label), "%s", label);
	snprintf(out->created, sizeof(out->created), "%s", created);
	snprintf(out->program, sizeof(out->program), "%s", program);
	out->passphrase = json_sub(j, "passphrase") != NULL;
	return 0;
}

static bool
opened(struct arena *a, const json_t *slot, const uint8_t *with, uint8_t *key)
{
	const char *text = json_str(slot, "box");
	struct bytes box, plain;

	if (!text || base64_decode(a, text, strlen(text), &box, NULL) ||
		seal_open(with, bytes_str(about), box, a, &plain, NULL) ||
		plain.len != SEAL_KEY)
		return false;
	memcpy(key, plain.data, SEAL_KEY);
	return true;
}

static bool
opened_by_passphrase(const char *passphrase, struct arena *a,
	const json_t *slot, uint8_t *key)
{
	const char *text = json_str(slot, "salt");
	int64_t rounds = json_int(slot, "iterations", 0);
	uint8_t with[PASSWORD_KEY];
	struct bytes salt;
	bool good;

	if (!text || rounds < 1 || rounds > ROUNDS_MAX ||
		base64_decode(a, text, strlen(text), &salt, NULL) ||
		password_key(passphrase, salt.data, salt.len, (unsigned)rounds,
			with, NULL))
		return false;
	good = opened(a, slot, with, key);
	mem_wipe(with, sizeof(with));
	return good;
}

int
head_key(const struct backup_self *s, struct arena *a, struct bytes text,
	uint8_t *key, struct err *e)
{
	struct bytes own;
	json_t *j;

	if (head_json(a, text, &j, e))
		return -1;
	if (!machine_key(s, a, false, &own, NULL) &&
		opened(a, json_sub(j, "machine"), own.data, key))
		return 0;
	if (s->passphrase && opened_by_passphrase(s->passphrase, a,
				     json_sub(j, "passphrase"), key))
		return 0;
	return fail(e, FAULT_CANNOT_OPEN,
		"neither this machine's backup key%s opens the backup; give "
		"the key file of the machine that made it, or its passphrase",
		s->passphrase ? " nor the passphrase" : "");
}
