/* SPDX-License-Identifier: MIT */
/*
 * Passwords at rest: PBKDF2-HMAC-SHA-512 with a random salt, written as
 * "pbkdf2-sha512$ITERATIONS$SALT$HASH" (base64).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

/* In the arena; never fails. */
char *password_hash(struct arena *a, const char *password);
/* Constant time; a malformed hash is a wrong password. hash NULL takes as
   long as a real one (unknown users cost the same). */
bool password_check(const char *hash, const char *password);
/* Stored with less work than password_hash() takes now: store it anew when the
   password is at hand. */
bool password_is_old(const char *hash);

/* A key out of a passphrase (PBKDF2-HMAC-SHA-512), for seal.h. The iterations
   are part of what is stored: take PASSWORD_ITERATIONS for a new one. */
enum { PASSWORD_KEY = 32, PASSWORD_ITERATIONS = 210000 };
int password_key(const char *passphrase, const uint8_t *salt, size_t salt_len,
	unsigned iterations, uint8_t out[PASSWORD_KEY], struct err *e);
