/* SPDX-License-Identifier: MIT */
/*
 * Short secrets at rest, such as the password of a database: each is a text
 * that can stand in a configuration file or a table, sealed (seal.h) with a
 * key that lies in a file of its own. Whoever gets the file with the secrets
 * but not the key file gets nothing.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct err;
struct vault; /* immutable, thread-safe */

enum { VAULT_SECRET_MAX = 4096 };

/* The key file; made at random, private to this user, when there is none.
   FAULT_CONFIG when others may read it or it holds something else, FAULT_IO. */
int vault_open(struct vault **out, const char *path, struct err *e);
void vault_close(struct vault **v); /* wipes the key; NULL is fine */

/* "sealed:" and base64. about: what the secret belongs to (the name of the
   source); the same is needed to open it, so that a sealed text cannot be put
   to another use. FAULT_TOO_LARGE. */
int vault_seal(const struct vault *v, const char *about, const char *secret,
	struct arena *a, char **text, struct err *e);
/* a should be secret. FAULT_CANNOT_OPEN: another key, another use, or
   damaged. */
int vault_unseal(const struct vault *v, const char *about, const char *text,
	struct arena *a, char **secret, struct err *e);
/* Does the text look sealed? What does not is a secret in the clear. */
bool vault_is_sealed(const char *text);
