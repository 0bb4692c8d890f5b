/* SPDX-License-Identifier: MIT */
/*
 * Certificates over ACME for keys of ours: credentials, account keys, the
 * door at which names are proved, and orders (xroad-center-admin.md 3.6).
 */
#pragma once

#ifndef IN_SERVER
# error "acme_order_int.h is private to appliance/server"
#endif

#include "acme.h"
#include "keys_int.h"

/* ---- acmeconf.c ---- */
struct acme_credentials {
	bool found;         /* the member has an entry for this authority */
	const char *prefix; /* "auth-", "sign-" or "" */
	const char *kid;    /* NULL: none */
	struct bytes mac_key;
};
/* Read anew each time; an absent file has no entries. `member` is
   INST:CLASS:CODE. In the arena (a secret one). FAULT_CONFIG,
   FAULT_ACME_MAC_KEY. */
int acmeconf_read(struct arena *a, const struct conf *c, const char *ca,
	const char *member, enum key_usage_type usage,
	struct acme_credentials *out, struct err *e);

/* ---- acmekey.c: the accounts' keys ---- */
struct acme_login {
	struct acme *acme;
	const char *directory; /* URL */
	const char *alias;     /* whose account there */
	struct acme_account who;
};
/* Signs in with the account's key, made at first use; a change of keys that
   was interrupted is settled first. */
int acmekey_login(struct server *s, struct arena *a, const struct acme_login *l,
	struct err *e);
/* The same, and the key is replaced when it is old enough. */
int acmekey_refresh(struct server *s, struct arena *a,
	const struct acme_login *l, struct err *e);

/* ---- acmedoor.c: /.well-known/acme-challenge/ ---- */
/* Nothing when acme-challenge-port-enabled is false. */
int acmedoor_open(struct server *s, struct err *e);
void acmedoor_close(struct server *s);
int acmedoor_publish(
	void *server, const char *token, const char *text, struct err *e);
void acmedoor_withdraw(void *server, const char *token);

/* ---- acmeorder.c ---- */
struct acme_want {
	const struct gc_approved_ca *ca;
	enum key_usage_type usage;
	const char *member; /* INST:CLASS:CODE whose account orders */
	const char *name;   /* to be proved */
	struct bytes csr;   /* DER */
};
/* Does this authority want external accounts? */
int acmeorder_needs_binding(struct server *s, const struct gc_approved_ca *ca,
	bool *out, struct err *e);
/* The certificate: a new reference. Takes as long as proofs take. */
int acmeorder_fetch(struct server *s, const struct acme_want *w,
	struct cert **out, struct err *e);
/* The account's key is replaced when it is old enough. */
int acmeorder_refresh_key(
	struct server *s, const struct acme_want *w, struct err *e);
