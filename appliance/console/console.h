/* SPDX-License-Identifier: MIT */
/*
 * Face of the dashboard role: port 4000, pages, sign-in, API keys, and the
 * administration APIs of the roles this process runs.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "http_server.h"
#include "role.h"

struct arena;
struct buf;

extern const struct role role_console;
/* The dashboard's own rows, with their whole paths. */
extern const struct route console_routes[];

enum { API_KEY_TEXT = 36 };

/* For the command line: works on the database of a configuration, whether or
   not the service runs. The key is shown once; only its hash is kept. */
int console_api_key_add(const struct conf *c, unsigned roles,
	char out[API_KEY_TEXT + 1], struct err *e);
/* New account, or an old one anew: with this password and these roles, enabled,
   without a second factor. The way out for who lost everything. */
int console_account_put(const struct conf *c, const char *name,
	const char *password, unsigned roles, struct err *e);

/* Another one-time token for the first administrator; FAULT_CONFLICT when there
   is somebody already. */
enum { SETUP_TOKEN_MAX = 64 };
int console_setup_token(
	const struct conf *c, char out[SETUP_TOKEN_MAX], struct err *e);

/* The chain of audit rows as it was found. */
enum { AUDIT_HASH = 64 };
struct audit_state {
	int64_t rows;   /* in the chain */
	int64_t before; /* rows that are older than the chain */
	int64_t head;   /* number of the last good row */
	int64_t broken; /* number of the first row that does not fit, or 0 */
	char hash[AUDIT_HASH + 1]; /* of the head */
};
/* hash NULL, or *found: is there a row with this number and hash. */
int console_audit_verify(const struct conf *c, int64_t number, const char *hash,
	struct audit_state *out, bool *found, struct err *e);

/* "XROAD_SECURITY_OFFICER" and so on to an enum admin_role bit; 0 unknown. */
unsigned admin_role_by_name(const char *name);
/* The n-th role's bit and name, NULL after the last. */
const char *admin_role_name(unsigned n, unsigned *bit);

/* What a member code is (publicid.h) as one JSON object, appended: kind, check
   digit, municipality code, corporate number, sentences in both languages. */
void console_code_json(struct buf *b, const char *code);
