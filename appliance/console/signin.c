/* SPDX-License-Identifier: MIT */
/*
 * Who gives a name and a password, and perhaps a code: how often they may try,
 * and that the answer tells nobody which names exist.
 */
#include "account_int.h"

#include "clock.h"
#include "console_sql.h"
#include "db.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "password.h"
#include "text.h"

/* Counts the try as a wrong one, by address and by name, before anything is
   looked up: names that do not exist are locked like others. */
static int
begin(struct console *c, const char *from, const char *name, struct err *e)
{
	int wait;

	if (!guess_begin(c->guesses, from)) {
		log_warning("sign-in from %s: too many wrong passwords", from);
		return fail(e, FAULT_GUESSES,
			"too many wrong passwords from your address; wait %d "
			"minutes",
			GUESS_WINDOW / 60);
	}
	wait = guess_name_begin(c->names, name, from);
	if (!wait)
		return 0;
	guess_right(c->guesses, from);
	log_warning("sign-in from %s: a name waits after many wrong passwords",
		from);
	return fail(e, FAULT_LOCKED,
		"too many wrong passwords for this name, from whatever "
		"address; wait %d seconds",
		wait);
}

/* A form of before our present work factor is replaced while the password is
   at hand. */
static void
strengthen(struct db_conn *conn, struct arena *a, struct account *account,
	const char *password)
{
	char *better;

	if (!password_is_old(account->hash))
		return;
	better = password_hash(a, password);
	if (db_run(conn, Q_CONSOLE_ACCOUNT_REHASH, NULL, db_int(account->id),
		    db_text(account->hash), db_text(better)) == 1)
		account->hash = better;
}

/* The password fits: is that enough? */
static int
second(struct console *c, const struct account *account,
	const struct credentials *given, enum signin how, bool *tried,
	struct err *e)
{
	*tried = false;
	if (account->disabled)
		return fail(e, FAULT_DISABLED,
			"this account is disabled; a system administrator can "
			"enable it");
	if (!account->totp)
		return 0;
	if (how == SIGNIN_BASIC)
		return fail(e, FAULT_FACTOR_NEEDED,
			"this account has a second factor: sign in by the "
			"page, or take an API key");
	if (!given->code || !*given->code)
		return fail(e, FAULT_FACTOR_NEEDED,
			"give the 6 digits that your device shows, or a "
			"recovery code");
	*tried = true;
	return factor_check(c, account, given->code, e);
}

static void
right(struct console *c, const char *from, const char *name, bool whole)
{
	guess_right(c->guesses, from);
	guess_name_right(c->names, name, from, whole);
}

int
account_check(struct console *c, struct request *r,
	const struct credentials *given, enum signin how, struct caller *out,
	struct err *e)
{
	const char *from = request_peer(r);
	struct arena *a = request_arena(r);
	struct account account = { .hash = NULL };
	struct db_conn *conn;
	bool found, tried;
	int ret;

	if (begin(c, from, given->name, e))
		return -1;
	conn = db_take(c->db);
	found = account_find(conn, a, given->name, &account);
	db_give(conn);
	if (found)
		account_caller(c, &account, out);
	if (!password_check(account.hash, given->password))
		return fail(e, FAULT_UNAUTHORIZED,
			"the name or the password is wrong");
	ret = second(c, &account, given, how, &tried, e);
	if (ret && tried)
		return -1;
	right(c, from, given->name, !ret);
	if (ret)
		return -1;
	conn = db_take(c->db);
	strengthen(conn, a, &account, given->password);
	if (how == SIGNIN_PAGE)
		(void)db_run(conn, Q_CONSOLE_ACCOUNT_LOGIN, NULL,
			db_int(account.id), db_int(clock_now()));
	db_give(conn);
	account_caller(c, &account, out);
	return 0;
}

int
account_confirm(struct console *c, struct request *r,
	const struct account *account, const char *password, struct err *e)
{
	const char *from = request_peer(r);

	if (begin(c, from, account->name, e))
		return -1;
	if (!password_check(account->hash, password))
		return fail(e, FAULT_PASSWORD_WRONG,
			"the present password is wrong");
	right(c, from, account->name, true);
	return 0;
}
