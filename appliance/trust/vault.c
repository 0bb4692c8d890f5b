/* SPDX-License-Identifier: MIT */
/*
 * Short secrets at rest.
 */
#include "vault.h"

#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "seal.h"
#include "text.h"

static const char mark[] = "sealed:";

struct vault {
	uint8_t key[SEAL_KEY];
};

static int
key_make(struct vault *v, const char *path, struct err *e)
{
	random_bytes(v->key, sizeof(v->key));
	return file_write(
		path, bytes_of(v->key, sizeof(v->key)), FILE_PRIVATE, e);
}

static int
key_read(struct vault *v, const char *path, struct err *e)
{
	struct arena *a = arena_new_secret();
	struct bytes data;
	struct stat st;
	int ret = file_read(a, path, SEAL_KEY, &data, e);

	if (!ret && data.len != SEAL_KEY)
		ret = fail(e, FAULT_CONFIG, "%s holds no key", path);
	if (!ret && (stat(path, &st) || (st.st_mode & 077)))
		ret = fail(e, FAULT_CONFIG,
			"%s may be read by others; chmod 600 it", path);
	if (!ret)
		memcpy(v->key, data.data, SEAL_KEY);
	arena_free(&a);
	return ret;
}

int
vault_open(struct vault **out, const char *path, struct err *e)
{
	struct vault *v = mem_alloc(sizeof(*v));
	int ret =
		file_exists(path) ? key_read(v, path, e) : key_make(v, path, e);

	*out = v;
	if (ret)
		vault_close(out);
	return ret;
}

void
vault_close(struct vault **v)
{
	if (!*v)
		return;
	mem_wipe((*v)->key, SEAL_KEY);
	mem_free(*v);
	*v = NULL;
}

int
vault_seal(const struct vault *v, const char *about, const char *secret,
	struct arena *a, char **text, struct err *e)
{
	struct bytes box;

	if (strlen(secret) > VAULT_SECRET_MAX)
		return fail(e, FAULT_TOO_LARGE,
			"the secret is larger than %d bytes", VAULT_SECRET_MAX);
	if (seal_make(v->key, bytes_str(about), bytes_str(secret), a, &box, e))
		return -1;
	*text = arena_printf(
		a, "%s%s", mark, base64_encode(a, box.data, box.len));
	return 0;
}

int
vault_unseal(const struct vault *v, const char *about, const char *text,
	struct arena *a, char **secret, struct err *e)
{
	struct bytes box, plain;

	if (!vault_is_sealed(text) ||
		base64_decode(a, text + sizeof(mark) - 1,
			strlen(text) - (sizeof(mark) - 1), &box, NULL) ||
		seal_open(v->key, bytes_str(about), box, a, &plain, NULL))
		return fail(e, FAULT_CANNOT_OPEN,
			"the sealed secret of \"%.100s\" cannot be opened: it "
			"belongs to another key file or another use; enter it "
			"again",
			about);
	*secret = arena_strndup(a, (const char *)plain.data, plain.len);
	return 0;
}

bool
vault_is_sealed(const char *text)
{
	return str_prefix(text, mark);
}
