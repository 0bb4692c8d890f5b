/* SPDX-License-Identifier: MIT */
/*
 * Tests of short secrets at rest.
 */
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "tap.h"
#include "vault.h"

static void
test_round(struct arena *a, const char *path)
{
	char *text, *other, *back;
	struct err e = ERR_INIT;
	struct vault *v;
	struct stat st;

	is_int(vault_open(&v, path, NULL), 0);
	is_int(stat(path, &st), 0);
	is_int(st.st_mode & 0777, 0600);
	is_int(vault_seal(v, "town", "秘密 word", a, &text, NULL), 0);
	ok(vault_is_sealed(text) && !strstr(text, "word"));
	is_int(vault_seal(v, "town", "秘密 word", a, &other, NULL), 0);
	ok(strcmp(text, other) != 0);
	vault_close(&v);
	ok(v == NULL);
	is_int(vault_open(&v, path, NULL), 0); /* the same key */
	is_int(vault_unseal(v, "town", text, a, &back, NULL), 0);
	is_str(back, "秘密 word");
	is_int(vault_unseal(v, "village", text, a, &back, &e), -1);
	is_int(e.fault, FAULT_CANNOT_OPEN);
	text[20] = text[20] == 'A' ? 'B' : 'A';
	is_int(vault_unseal(v, "town", text, a, &back, NULL), -1);
	is_int(vault_unseal(v, "town", "sealed:", a, &back, NULL), -1);
	is_int(vault_unseal(v, "town", "in the clear", a, &back, NULL), -1);
	ok(!vault_is_sealed("in the clear"));
	is_int(vault_seal(v, "town", "", a, &text, NULL), 0);
	is_int(vault_unseal(v, "town", text, a, &back, NULL), 0);
	is_str(back, "");
	vault_close(&v);
}

static void
test_files(struct arena *a, const char *path)
{
	char *other = path_join(a, tap_dir(), "other.key");
	char *text, *back;
	struct err e = ERR_INIT;
	struct vault *v;

	is_int(vault_open(&v, path, NULL), 0);
	is_int(vault_seal(v, "town", "word", a, &text, NULL), 0);
	vault_close(&v);
	is_int(vault_open(&v, other, NULL), 0);
	is_int(vault_unseal(v, "town", text, a, &back, NULL), -1);
	vault_close(&v);
	is_int(chmod(other, 0644), 0);
	is_int(vault_open(&v, other, &e), -1);
	is_int(e.fault, FAULT_CONFIG);
	is_int(file_write(other, bytes_str("short"), FILE_PRIVATE, NULL), 0);
	is_int(vault_open(&v, other, NULL), -1);
	is_int(vault_open(&v, "/nonexistent/x", NULL), -1);
}

int
main(void)
{
	struct arena *a = arena_new();
	char *path = path_join(a, tap_dir(), "vault.key");

	test_round(a, path);
	test_files(a, path);
	arena_free(&a);
	return tap_done();
}
