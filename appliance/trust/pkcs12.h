/* SPDX-License-Identifier: MIT */
/*
 * PKCS#12 files (RFC 7292) that hold one private key: what X-Road's software
 * token keeps, one file a key. Certificates inside are passed over.
 */
#pragma once

#include <stddef.h>

#include "buf.h"

struct err;
struct key;

enum {
	PKCS12_MAX = 256 * 1024,
	PKCS12_PASSWORD_MAX = 31, /* characters; ASCII only */
};

/*
 * Checks the password against the file's MAC (SHA-1, SHA-2), then opens its
 * only key: PKCS#8, plain or PBES2. Neither key nor password stays in memory.
 * FAULT_PIN_INCORRECT, FAULT_INVALID_MESSAGE for anything malformed,
 * FAULT_UNSUPPORTED_ALGORITHM.
 */
int pkcs12_key(struct key **out, struct bytes file, const char *password,
	struct err *e);
