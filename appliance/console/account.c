/* SPDX-License-Identifier: MIT */
/*
 * Accounts and API keys: made by the command line, looked up by the guard.
 * API keys are random UUIDs kept as SHA-256 (xroad-center-admin.md 5.1).
 */
#include "console_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "console_sql.h"
#include "db.h"
#include "digest.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "password.h"
#include "text.h"

static const struct {
	const char *name;
	unsigned bit;
} names[] = {
	{ "XROAD_SECURITY_OFFICER", ADMIN_SO },
	{ "XROAD_REGISTRATION_OFFICER", ADMIN_RO },
	{ "XROAD_SERVICE_ADMINISTRATOR", ADMIN_SA },
	{ "XROAD_SYSTEM_ADMINISTRATOR", ADMIN_SYS },
	{ "XROAD_SECURITYSERVER_OBSERVER", ADMIN_OBS },
};
enum { NAMES = sizeof(names) / sizeof(*names) };

unsigned
admin_role_by_name(const char *name)
{
	for (size_t i = 0; i < NAMES; i++)
		if (str_equal(names[i].name, name))
			return names[i].bit;
	return 0;
}

const char *
admin_role_name(unsigned n, unsigned *bit)
{
	if (n >= NAMES)
		return NULL;
	*bit = names[n].bit;
	return names[n].name;
}

void
roles_json(struct buf *b, unsigned roles)
{
	const char *name, *sep = "";
	unsigned bit;

	buf_char(b, '[');
	for (unsigned i = 0; (name = admin_role_name(i, &bit)); i++) {
		if (!(roles & bit))
			continue;
		buf_str(b, sep);
		buf_json(b, name);
		sep = ",";
	}
	buf_char(b, ']');
}

int
api_key_make(struct db *db, unsigned roles, char out[API_KEY_TEXT + 1],
	int64_t *id, struct err *e)
{
	struct arena *a = arena_new_secret();
	struct db_conn *c = db_take(db);
	struct digest d;
	int64_t n;

	uuid_make(out);
	digest_of(DIGEST_SHA256, out, API_KEY_TEXT, &d);
	n = db_run(c, Q_CONSOLE_API_KEY_ADD, e,
		db_text(hex_encode(a, d.value, d.len)), db_int(roles),
		db_int(clock_now()));
	*id = db_last_id(c);
	db_give(c);
	arena_free(&a);
	return n < 0 ? -1 : 0;
}

int
console_db_open(struct db **db, const struct conf *c, struct err *e)
{
	return db_open(db, &schema_console, conf_data_path(c, "console.db"),
		DB_EVIDENCE, e);
}

char *
account_load(struct console *c, struct arena *a, const char *name,
	struct caller *out)
{
	struct db_conn *conn = db_take(c->db);
	struct query *q =
		db_query(conn, Q_CONSOLE_ACCOUNT_BY_NAME, db_text(name));
	struct digest d;
	char *hash = NULL;

	if (query_next(q)) {
		hash = query_text_dup(a, q, 2);
		snprintf(out->name, sizeof(out->name), "%s", query_text(q, 1));
		out->roles = (unsigned)query_int(q, 3);
		digest_of(DIGEST_SHA256, hash, strlen(hash), &d);
		snprintf(out->proof, sizeof(out->proof), "%s",
			hex_encode(a, d.value, d.len));
	}
	if (query_end(q, NULL))
		hash = NULL;
	db_give(conn);
	return hash;
}

int
account_check(struct console *c, struct request *r, const char *name,
	const char *password, struct caller *out, struct err *e)
{
	const char *from = request_peer(r);
	char *hash;

	if (!guess_begin(c->guesses, from)) {
		log_warning("sign-in from %s: too many wrong passwords", from);
		return fail(e, FAULT_GUESSES,
			"too many wrong passwords from your address; wait %d "
			"minutes",
			GUESS_WINDOW / 60);
	}
	hash = account_load(c, request_arena(r), name, out);
	if (!password_check(hash, password))
		return fail(e, FAULT_UNAUTHORIZED,
			"the name or the password is wrong");
	guess_right(c->guesses, from);
	return 0;
}

int
console_api_key_add(const struct conf *c, unsigned roles,
	char out[API_KEY_TEXT + 1], struct err *e)
{
	struct db *db = NULL;
	int64_t id;
	int ret;

	if (console_db_open(&db, c, e))
		return -1;
	ret = api_key_make(db, roles, out, &id, e);
	db_close(&db);
	return ret;
}

/* Basic authentication ends names at a colon; the audit calls API keys by
   this prefix. */
static bool
name_is_plain(const char *name)
{
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f || *p == ':')
			return false;
	return utf8_valid(name, strlen(name)) &&
	       !str_iprefix(name, "api-key-") && *name != ' ' &&
	       !str_suffix(name, " ");
}

static int
check_account(
	const char *name, const char *password, int64_t shortest, struct err *e)
{
	if (!*name || strlen(name) >= CALLER_NAME_MAX)
		return fail(e, FAULT_BAD_REQUEST,
			"an account name has 1 to %d bytes",
			CALLER_NAME_MAX - 1);
	if (!name_is_plain(name))
		return fail(e, FAULT_BAD_REQUEST,
			"an account name has no colon, no control character "
			"and no space at its ends, and does not begin with "
			"api-key-");
	if (strlen(password) < (size_t)shortest)
		return fail(e, FAULT_BAD_REQUEST,
			"a password has at least %lld characters",
			(long long)shortest);
	return 0;
}

int
console_account_put(const struct conf *c, const char *name,
	const char *password, unsigned roles, struct err *e)
{
	struct arena *a = arena_new_secret();
	struct db *db = NULL;
	struct db_conn *conn;
	int ret = -1;

	if (check_account(name, password, conf_int(c, P_PASSWORD_MIN), e) ||
		console_db_open(&db, c, e))
		goto out;
	conn = db_take(db);
	if (db_run(conn, Q_CONSOLE_ACCOUNT_PUT, e, db_text(name),
		    db_text(password_hash(a, password)), db_int(roles),
		    db_int(clock_now())) >= 0)
		ret = 0;
	db_give(conn);
out:
	db_close(&db);
	arena_free(&a);
	return ret;
}
