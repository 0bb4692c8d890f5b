/* SPDX-License-Identifier: MIT */
/*
 * Passwords at rest: PBKDF2-HMAC-SHA-512 with a random salt, written as
 * "pbkdf2-sha512$ITERATIONS$SALT$HASH" (base64).
 */
#pragma once

#include <stdbool.h>

struct arena;

/* In the arena; never fails. */
char *password_hash(struct arena *a, const char *password);
/* Constant time; a malformed hash is a wrong password. hash NULL takes as
   long as a real one (unknown users cost the same). */
bool password_check(const char *hash, const char *password);
