/* SPDX-License-Identifier: MIT */
/*
 * Authenticated encryption of data at rest: AES-256-GCM with a random nonce.
 * A sealed box is nonce (12) | tag (16) | cipher text. One key seals at most
 * 2^32 boxes (NIST SP 800-38D 8.3): change keys before.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct arena;
struct err;

enum { SEAL_KEY = 32, SEAL_OVER = 12 + 16 };

/* `about` is bound to the box but not in it: it must be the same to open. The
   box is in the arena. */
int seal_make(const uint8_t key[SEAL_KEY], struct bytes about,
	struct bytes plain, struct arena *a, struct bytes *box, struct err *e);
/* FAULT_CANNOT_OPEN when key, `about` or content are not those of the box;
   then nothing of the content comes out. */
int seal_open(const uint8_t key[SEAL_KEY], struct bytes about, struct bytes box,
	struct arena *a, struct bytes *plain, struct err *e);
