/* SPDX-License-Identifier: MIT */
/*
 * The signer: a process of its own that holds the private keys (keystore.h).
 * The others ask it over socket pairs; private keys never come out. All
 * functions but start and stop may be called by many threads at once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "key.h"
#include "keystore.h"

struct err;
struct signer;

/* Forks; call it before any thread exists. `dir` is the key store's. */
int signer_start(struct signer **out, const char *dir, struct err *e);
/* The same for a token in hardware: a PKCS#11 module and the number of one of
   its slots ("": the first with a token that has a PIN). The module is loaded
   in that process only; when it cannot be, the process ends and says why in
   the log. A static executable loads no modules. */
int signer_start_module(
	struct signer **out, const char *path, const char *slot, struct err *e);
/* A process that has ended, or that left a question unanswered for longer than
   such a question may take (20 s to sign, 5 min to make a key), is ended and
   another one started: logged out, and at growing intervals if that does not
   help. Keys of signer_key() stay valid. The question fails with
   FAULT_TOKEN_NOT_ACTIVE. */
/* Tests: no question may take longer than ms. */
void signer_limit(struct signer *s, int ms);
/* Ends the process, frees, sets NULL. No key of signer_key() may be used
   afterwards (unref'ing is fine). */
void signer_stop(struct signer **s);

struct signer_state {
	bool initialized, unlocked;
	/* Another one (never 0) when the login was lost against our will:
	   with a new process, or with the connection to the hardware. */
	unsigned epoch;
};
/* Every function fails with FAULT_TOKEN_NOT_ACTIVE when the process has
   ended or stalled; else with the faults of keystore.h. */
int signer_status(struct signer *s, struct signer_state *out, struct err *e);
/* What a token in hardware says of itself; FAULT_NOT_FOUND for another. */
struct token_info {
	char label[33], serial[17], model[17], maker[33];
};
int signer_info(struct signer *s, struct token_info *out, struct err *e);

/* The software token's id, and tokens in hardware beside it. */
#define TOKEN_SOFTWARE "0"
enum { TOKEN_ID_MAX = 40, TOKENS_MAX = 8 };
struct token {
	char id[TOKEN_ID_MAX];
	struct signer *signer;
	struct token_info info;
};
struct token_list { /* borrowed */
	const struct token *item;
	size_t n;
};

int signer_init_pin(struct signer *s, const char *pin, struct err *e);
int signer_login(struct signer *s, const char *pin, struct err *e);
/* While unlocked: the new PIN counts at once. */
int signer_change_pin(
	struct signer *s, const char *old, const char *pin, struct err *e);
int signer_logout(struct signer *s, struct err *e);
int signer_generate(struct signer *s, enum key_type type, unsigned bits,
	char id[KEY_ID_LEN + 1], struct err *e);
/* Migration and tests: the key stays the caller's. */
int signer_import(struct signer *s, struct key *key, char id[KEY_ID_LEN + 1],
	struct err *e);
int signer_delete(struct signer *s, const char *id, struct err *e);
/* A key that signs through the signer; a new reference. Works for TLS when
   it is RSA. Asks the signer once, for the public half. */
int signer_key(
	struct signer *s, const char *id, struct key **out, struct err *e);
/* The process id: for the map and for tests. */
int signer_pid(const struct signer *s);
/* The id of our own child that starts that process; without it none can be
   started again. */
int signer_keeper_pid(const struct signer *s);
