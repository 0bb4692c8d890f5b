/* SPDX-License-Identifier: MIT */
/*
 * People who administer this machine: their accounts, passwords, second
 * factors (RFC 6238) and where they are signed in. Rows: sqlite/console/0002.
 */
#pragma once

#ifndef IN_CONSOLE
# error "account_int.h is private to appliance/console"
#endif

#include <stdbool.h>
#include <stdint.h>

#include "console_int.h"

struct db_conn;
struct query;

/* A row of the table; texts live in the arena it was read into. */
struct account {
	int64_t id;
	const char *name, *hash, *display;
	unsigned roles; /* enum admin_role bits */
	bool disabled, must_change;
	int64_t changed, last_login, created; /* ms since 1970 */
	const char *totp, *pending;           /* sealed seeds, NULL: none */
	int64_t step;     /* last time step whose code was used */
	int64_t recovery; /* codes left */
};

/* ---- account.c ---- */
/* False: there is none, or the database failed. */
bool account_find(struct db_conn *conn, struct arena *a, const char *name,
	struct account *out);
/* The same from the columns of account_by_name or account_list. */
void account_row(struct arena *a, struct query *q, struct account *out);
/* Name, roles, proof and what is due, as guards and handlers know a caller. */
void account_caller(const struct console *c, const struct account *account,
	struct caller *out);
/* The caller's own account; FAULT_CONFLICT for an API key, which has none. */
int account_own(struct request *r, struct console *c, struct account *out,
	struct err *e);

/* ---- signin.c: who is that ---- */
enum signin { SIGNIN_PAGE, SIGNIN_BASIC };
struct credentials {
	const char *name, *password;
	const char *code; /* second factor or recovery code, NULL: not given */
};
/* FAULT_UNAUTHORIZED unless the password fits, FAULT_GUESSES and FAULT_LOCKED
   after too many that did not, FAULT_FACTOR_NEEDED and FAULT_FACTOR_WRONG when
   the password fits. Takes as long for a name that does not exist; out->name
   is set when the account exists. A password of an older form is stored anew. */
int account_check(struct console *c, struct request *r,
	const struct credentials *given, enum signin how, struct caller *out,
	struct err *e);
/* The caller's own password once more, for what a stolen session must not do:
   FAULT_PASSWORD_WRONG, FAULT_GUESSES, FAULT_LOCKED. */
int account_confirm(struct console *c, struct request *r,
	const struct account *account, const char *password, struct err *e);

/* ---- policy.c: what names and passwords may be ---- */
enum { PASSWORD_LONGEST = 256, DISPLAY_MAX = 128 };
/* FAULT_BAD_REQUEST, with what is allowed. */
int policy_name(const char *name, struct err *e);
/* FAULT_PASSWORD_WEAK. Length is counted in characters; there are no rules
   about kinds of characters (NIST SP 800-63B 3.1.1.2), but what attackers try
   first is refused: the name, well-known passwords, repetitions, rows. */
int policy_password(const char *name, const char *password, int64_t shortest,
	struct err *e);
/* {"min_length","max_length"} */
json_t *policy_json(const struct conf *c);

/* ---- totp.c: RFC 6238 over RFC 4226, SHA-1, 30 s ---- */
enum { TOTP_SEED = 20, TOTP_SECONDS = 30, TOTP_DIGITS = 6 };
/* Value of the counter with so many decimal digits (6 to 8). */
uint32_t totp_value(struct bytes seed, int64_t step, int digits);
/* The step (now, the one before or the one after) whose code this is, newer
   than `after`; 0 when there is none. Takes the same time for each. */
int64_t totp_match(
	struct bytes seed, const char *code, int64_t seconds, int64_t after);
/* RFC 4648 base32 without padding, upper case. */
char *base32_encode(struct arena *a, struct bytes b);
int base32_decode(
	struct arena *a, const char *text, struct bytes *out, struct err *e);

/* ---- factor.c: second factors of accounts ---- */
/* Code of the device, or a recovery code; each counts once. 0; -1 with
   FAULT_FACTOR_WRONG. */
int factor_check(struct console *c, const struct account *account,
	const char *code, struct err *e);
/* ---- users.c, me.c, factor.c, session_api.c, keys.c: handlers ---- */
#define HANDLER(name) int name(struct request *r, void *state, struct err *e)
HANDLER(users_get);
HANDLER(users_post);
HANDLER(user_get);
HANDLER(user_patch);
HANDLER(user_delete);
HANDLER(user_password);
HANDLER(user_factor_delete);
HANDLER(me_get);
HANDLER(me_password);
HANDLER(factor_post);
HANDLER(factor_put);
HANDLER(factor_removal);
HANDLER(factor_codes);
HANDLER(my_sessions_get);
HANDLER(my_session_delete);
HANDLER(my_others_delete);
HANDLER(sessions_get);
HANDLER(session_delete);
HANDLER(key_list);
HANDLER(key_add);
HANDLER(key_get);
HANDLER(key_set);
HANDLER(key_remove);
HANDLER(keys_get);
HANDLER(keys_post);
HANDLER(key_patch);
#undef HANDLER

/* Makes an account; FAULT_CONFLICT when the name is taken. must_change: the
   person chooses another password at the next sign-in. */
int account_make(struct console *c, const char *name, const char *display,
	const char *password, unsigned roles, bool must_change, struct err *e);
/* A member of a JSON body that is a list of role names: FAULT_BAD_REQUEST. */
int roles_read(const json_t *list, unsigned *out, struct err *e);
/* JSON array of names. */
json_t *roles_value(unsigned roles);
