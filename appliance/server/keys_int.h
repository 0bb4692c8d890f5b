/* SPDX-License-Identifier: MIT */
/*
 * Own keys and certificates as read from the database: immutable, reference
 * counted, read anew after a change. The private halves are the signer's.
 */
#pragma once

#ifndef IN_SERVER
# error "keys_int.h is private to appliance/server"
#endif

#include "keystore.h"
#include "ocspstore_int.h"
#include "server_int.h"

enum key_usage_type { USAGE_NONE, USAGE_SIGNING, USAGE_AUTHENTICATION };

struct k_key {
	const char *id; /* the signer's */
	const char *label, *algorithm;
	const char *token; /* the id of the one that holds it */
	enum key_usage_type usage;
};
struct k_token { /* a name that was given */
	const char *id, *name;
};
struct k_csr {
	const char *id;
	const struct k_key *key;
	bool has_member;
	struct client_id member; /* signing */
	const char *profile;
	struct bytes der;
};
struct k_cert {
	int64_t row;
	const struct k_key *key;
	struct cert *cert;
	char sha1[SHA1_HEX + 1], sha256[SHA256_HEX + 1];
	bool has_member;
	struct client_id member; /* signing */
	const char *status;      /* SAVED, REGISTERED ... */
	bool active;
	const char *ocsp_error;    /* or NULL */
	int64_t active_since;      /* ms; 0: not known */
	const char *renewed_by;    /* SHA-256 of its successor, or NULL */
	const char *renewal_error; /* or NULL */
	int64_t next_renewal;      /* ms; 0: none planned */
};
struct key_model {
	struct arena *a;
	int refs; /* guarded by keyconf's lock */
	struct keyconf *home;
	struct k_token *token;
	size_t tokens;
	struct k_key *key;
	size_t keys;
	struct k_csr *csr;
	size_t csrs;
	struct k_cert *cert;
	size_t certs;
};

/* key_load.c */
int key_model_load(struct key_model **out, struct db *db, struct err *e);
const struct k_key *key_model_key(const struct key_model *m, const char *id);
/* Of a token, NULL: never renamed. */
const char *key_model_name(const struct key_model *m, const char *token);
/* NULL when there is none, or an id is NULL. */
const struct k_csr *key_model_csr(
	const struct key_model *m, const char *key, const char *csr);
/* By SHA-256 in hex, either case. */
const struct k_cert *key_model_cert(
	const struct key_model *m, const char *sha256);
const char *usage_word(enum key_usage_type u); /* NULL for none */
/* USAGE_NONE when unknown. */
enum key_usage_type usage_parse(const char *s);

/* The current model; given back when the arena is freed or reset. */
int keyconf_model(struct keyconf *k, struct arena *a,
	const struct key_model **out, struct err *e);
/* keymake.c: a new key with its row; its id. FAULT_TOKEN_NOT_ACTIVE when the
   token is not there. */
struct new_key {
	const char *token, *label;
	enum key_usage_type usage;
	const char *algorithm; /* RSA, EC; NULL: as configured */
};
int token_key_make(struct server *s, const struct new_key *k,
	char id[KEY_ID_LEN + 1], struct err *e);
/* The private key behind an id; a reference. FAULT_TOKEN_NOT_ACTIVE also
   when its token is not there. */
int keyconf_key(
	struct keyconf *k, const char *id, struct key **out, struct err *e);

/* Who holds the keys of a token; NULL: it is not there. */
struct signer *keyconf_signer(struct keyconf *k, const char *token);
/* The tokens in hardware that are there. */
struct token_list keyconf_tokens(struct keyconf *k);

/* What proves a certificate now, out of the store: path without the anchor
   and a response for each; the verdict is globalconf_prove_cert()'s. */
struct cert_proof {
	struct cert *path[CHAIN_MAX];   /* leaf first */
	size_t n;                       /* without the anchor */
	struct cert *issuer[CHAIN_MAX]; /* of path[i] */
	struct bytes ocsp[CHAIN_MAX];   /* of path[i]; empty when missing */
};
int cert_proof_make(struct arena *a, struct ocspstore *o,
	const struct globalconf *g, struct cert *leaf, struct cert_proof *out,
	struct err *e);
int cert_proof_check(
	const struct globalconf *g, const struct cert_proof *p, struct err *e);

/* ---- proof.c: jobs over own certificates ---- */
/* Fetches what is due; *next is the wait in ms until the next fetch. */
int ocsp_round(struct server *s, int64_t *next, struct err *e);
/* Fetches the responses of one certificate's path now and proves it. */
int ocsp_prove_now(struct server *s, struct cert *leaf, struct err *e);
