/* SPDX-License-Identifier: MIT */
/*
 * Taking over the keys of an X-Road security server: its key configuration
 * (keyconf.xml) and the PKCS#12 files of its software token. Rule:
 * interop/xroad-center-admin.md 3.3, 8.3.
 */
#pragma once

#include <stddef.h>

struct conf;
struct err;

struct keyimport_sum {
	size_t keys, certs;
	size_t devices;  /* passed over: not software tokens */
	size_t requests; /* passed over: X-Road keeps no bytes of a CSR */
	int anchor;      /* 1: configuration-anchor.xml was taken over too */
};
/*
 * `dir` holds keyconf.xml and softtoken/, itself or in signer/ (/etc/xroad).
 * All of it is read and proved first: every key opens with the PIN and is the
 * one its public key and certificates name. The keys are then encrypted under
 * the same PIN. A machine that has a token or keys is left alone:
 * FAULT_CONFLICT. FAULT_PIN_INCORRECT, FAULT_NOT_FOUND (half a folder),
 * FAULT_INVALID_XML, FAULT_INVALID_MESSAGE, FAULT_KEY_NOT_FOUND; nothing is
 * changed then. The service must not run: the caller holds the data lock.
 */
int keyimport_xroad(const struct conf *c, const char *dir, const char *pin,
	struct keyimport_sum *out, struct err *e);
