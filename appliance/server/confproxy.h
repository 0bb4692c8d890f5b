/* SPDX-License-Identifier: MIT */
/*
 * The configuration proxy: downloads the global configuration of another
 * source, verifies it, signs it with keys of its own and publishes it again
 * under an anchor of its own. Rule: interop/xroad-center-admin.md 1.10.
 *
 * An instance of it is a folder <data-dir>/confproxy/NAME: source.xml (the
 * source's anchor) and proxy.json (keys, validity). Its keys are in the
 * machine's key store.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "role.h"

struct arena;
struct conf;
struct err;

extern const struct role role_confproxy;

enum {
	CONFPROXY_KEYS = 2, /* the active one and its successor */
	CONFPROXY_NAME_MAX = 64,
	CONFPROXY_VALIDITY = 600, /* s, unless said otherwise */
};
struct confproxy_key {
	const char *id;
	struct bytes cert; /* DER */
	bool active;
};
struct confproxy_set {
	const char *name;
	int64_t validity_s;
	struct confproxy_key key[CONFPROXY_KEYS];
	size_t keys;
	struct bytes source; /* anchor, XML */
};

/* ---- for commands; the service must not run where keys are touched ---- */
/* FAULT_BAD_REQUEST, FAULT_NOT_FOUND, FAULT_CONFLICT, FAULT_MALFORMED_ANCHOR */
int confproxy_load(const struct conf *c, struct arena *a, const char *name,
	struct confproxy_set *out, struct err *e);
int confproxy_create(const struct conf *c, const char *name,
	struct bytes anchor, int64_t validity_s, struct err *e);
/* Makes a key in the key store (made, too, when there is none); the first
   becomes active. */
int confproxy_key_add(const struct conf *c, const char *name, const char *pin,
	char id[41], struct err *e);
int confproxy_key_activate(
	const struct conf *c, const char *name, const char *id, struct err *e);
int confproxy_key_delete(const struct conf *c, const char *name, const char *id,
	const char *pin, struct err *e);
/* The proxy's own anchor: every key of it. FAULT_CONFLICT without keys. */
int confproxy_anchor(const struct conf *c, struct arena *a, const char *name,
	struct buf *out, struct err *e);
