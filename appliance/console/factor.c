/* SPDX-License-Identifier: MIT */
/*
 * Second factors: offering a seed, confirming it, codes, recovery codes. A
 * seed is sealed at rest (accounts.key); it is told once, when it is offered.
 */
#include "account_int.h"

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
#include "text.h"
#include "vault.h"

enum {
	RECOVERY_CODES = 10,
	RECOVERY_BYTES = 10, /* 80 bits: no guess in a stolen table */
	RECOVERY_LETTERS = 16,
	RECOVERY_GROUP = 4,
	CODE_MAX = 64,
	URI_MAX = 4096,
};

static const char *
seed_about(struct arena *a, const struct account *account)
{
	return arena_printf(
		a, "second factor of account %lld", (long long)account->id);
}

static int
seed_open(struct console *c, struct arena *a, const struct account *account,
	const char *sealed, struct bytes *seed, struct err *e)
{
	char *text;

	return vault_unseal(c->vault, seed_about(a, account), sealed, a, &text,
		       e) || base32_decode(a, text, seed, e)
		       ? -1
		       : 0;
}

static const char *
recovery_hash(struct arena *a, const char *letters)
{
	struct digest d;

	digest_of(DIGEST_SHA256, letters, strlen(letters), &d);
	return hex_encode(a, d.value, d.len);
}

/* Without spaces and hyphens, letters in upper case. */
static void
plain_code(char out[CODE_MAX], const char *code)
{
	size_t n = 0;

	for (; *code && n < CODE_MAX - 1; code++) {
		if (*code == ' ' || *code == '-')
			continue;
		out[n++] = *code >= 'a' && *code <= 'z'
				   ? (char)(*code - 'a' + 'A')
				   : *code;
	}
	out[n] = '\0';
}

int
factor_check(struct console *c, const struct account *account, const char *code,
	struct err *e)
{
	struct arena *a = arena_new_secret();
	char plain[CODE_MAX];
	struct db_conn *conn;
	struct bytes seed;
	int64_t step, n = 0;
	int ret = -1;

	plain_code(plain, code);
	if (seed_open(c, a, account, account->totp, &seed, e))
		goto out;
	step = totp_match(seed, plain, clock_seconds(), account->step);
	conn = db_take(c->db);
	if (step)
		n = db_run(conn, Q_CONSOLE_FACTOR_STEP, e, db_int(account->id),
			db_int(step));
	else if (strlen(plain) == RECOVERY_LETTERS)
		n = db_run(conn, Q_CONSOLE_RECOVERY_USE, e, db_int(account->id),
			db_text(recovery_hash(a, plain)));
	db_give(conn);
	if (n > 0)
		ret = 0;
	else if (!n)
		fail(e, FAULT_FACTOR_WRONG,
			"the code is wrong or was used already: take the one "
			"your device shows next, and see that its clock is "
			"right; or a recovery code that you did not use yet");
out:
	mem_wipe(plain, sizeof(plain));
	arena_free(&a);
	return ret;
}

/* The account and its password once more: 0 or -1. */
static int
proven(struct request *r, struct console *c, struct account *me, struct err *e)
{
	const char *password = NULL;
	json_t *body;
	int ret = -1;

	if (request_json(r, &body, e))
		return -1;
	if (!json_need_str(body, "password", PASSWORD_LONGEST, &password, e) &&
		!account_own(r, c, me, e))
		ret = account_confirm(c, r, me, password, e);
	json_wipe(password);
	return ret;
}

/* Percent-encoded, spaces too: authenticators show a plus as a plus. */
static char *
uri_piece(struct arena *a, const char *text)
{
	const char *form = form_encode(a, text);
	struct buf b;
	char *out;

	buf_init(&b, URI_MAX);
	for (; *form; form++)
		if (*form == '+')
			buf_str(&b, "%20");
		else
			buf_char(&b, *form);
	out = arena_strdup(a, b.data);
	buf_done(&b);
	return out;
}

/* What authenticators read (Key Uri Format): this machine and the account. */
static const char *
otpauth(struct arena *a, const struct console *c, const struct account *me,
	const char *secret)
{
	const char *machine = conf_text(c->env->conf, P_NODE_ADDRESS);
	const char *issuer =
		uri_piece(a, *machine ? arena_printf(a, "machilink %s", machine)
				      : "machilink");

	return arena_printf(a,
		"otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1"
		"&digits=%d&period=%d",
		issuer, uri_piece(a, me->name), secret, issuer, TOTP_DIGITS,
		TOTP_SECONDS);
}

/* Offers a seed: nothing changes until a code of it is given back. */
int
factor_post(struct request *r, void *state, struct err *e)
{
	struct arena *a = arena_new_secret();
	struct console *c = state;
	uint8_t seed[TOTP_SEED];
	char *sealed, *secret;
	struct account me;
	struct db_conn *conn;
	json_t *j;
	int ret = -1;

	if (proven(r, c, &me, e))
		goto out;
	if (me.totp) {
		fail(e, FAULT_CONFLICT,
			"there is a second factor already; remove it first");
		goto out;
	}
	random_bytes(seed, sizeof(seed));
	secret = base32_encode(a, bytes_of(seed, sizeof(seed)));
	mem_wipe(seed, sizeof(seed));
	if (vault_seal(c->vault, seed_about(a, &me), secret, a, &sealed, e))
		goto out;
	conn = db_take(c->db);
	ret = db_run(conn, Q_CONSOLE_FACTOR_OFFER, e, db_int(me.id),
		      db_text(sealed)) < 0
		      ? -1
		      : 0;
	db_give(conn);
	if (ret)
		goto out;
	j = json_object();
	json_put_str(j, "secret", secret);
	json_put_str(j, "uri", otpauth(a, c, &me, secret));
	ret = reply_value(r, 200, j, e);
out:
	arena_free(&a);
	return ret;
}

/* ---- recovery codes ---- */

/* New ones instead of the old; the list of texts, shown once. */
static int
codes_make(struct db_conn *conn, const struct account *me, json_t **out,
	struct err *e)
{
	struct arena *a = arena_new_secret();
	json_t *list = json_array();
	int64_t n = db_run(conn, Q_CONSOLE_RECOVERY_CLEAR, e, db_int(me->id));

	for (int i = 0; n >= 0 && i < RECOVERY_CODES; i++) {
		uint8_t bytes[RECOVERY_BYTES];
		char shown[RECOVERY_LETTERS +
			   RECOVERY_LETTERS / RECOVERY_GROUP];
		const char *code;
		size_t at = 0;

		random_bytes(bytes, sizeof(bytes));
		code = base32_encode(a, bytes_of(bytes, sizeof(bytes)));
		for (size_t k = 0; k < RECOVERY_LETTERS; k++) {
			if (k && k % RECOVERY_GROUP == 0)
				shown[at++] = '-';
			shown[at++] = code[k];
		}
		shown[at] = '\0';
		json_array_append_new(list, json_text_new(shown));
		mem_wipe(shown, sizeof(shown));
		n = db_run(conn, Q_CONSOLE_RECOVERY_ADD, e, db_int(me->id),
			db_text(recovery_hash(a, code)));
	}
	arena_free(&a);
	*out = list;
	return n < 0 ? -1 : 0;
}

struct taking {
	struct console *c;
	struct account me;
	int64_t step; /* 0: codes alone */
	json_t *codes;
};

static int
take_do(struct db_conn *conn, void *arg, struct err *e)
{
	struct taking *t = arg;
	int64_t n = 1;

	json_decref(t->codes);
	t->codes = NULL;
	if (t->step)
		n = db_run(conn, Q_CONSOLE_FACTOR_TAKE, e, db_int(t->me.id),
			db_int(t->step));
	if (!n)
		return fail(e, FAULT_CONFLICT, "no second factor is offered");
	return n < 0 ? -1 : codes_make(conn, &t->me, &t->codes, e);
}

static int
take_reply(struct request *r, struct taking *t, struct err *e)
{
	json_t *j;

	if (db_transact(t->c->db, take_do, t, e)) {
		json_decref(t->codes);
		return -1;
	}
	j = json_object();
	json_put_new(j, "recovery_codes", t->codes);
	return reply_value(r, 200, j, e);
}

/* The device shows the right code: from now on it is asked for. */
int
factor_put(struct request *r, void *state, struct err *e)
{
	struct arena *a = arena_new_secret();
	struct taking t = { .c = state };
	char plain[CODE_MAX];
	struct bytes seed;
	json_t *body;
	int ret = -1;

	if (request_json(r, &body, e) || account_own(r, t.c, &t.me, e))
		goto out;
	if (!t.me.pending) {
		fail(e, FAULT_CONFLICT,
			"no second factor is offered; begin with POST");
		goto out;
	}
	if (seed_open(t.c, a, &t.me, t.me.pending, &seed, e))
		goto out;
	plain_code(plain, json_str(body, "code") ? json_str(body, "code") : "");
	t.step = totp_match(seed, plain, clock_seconds(), 0);
	if (!t.step) {
		fail(e, FAULT_BAD_REQUEST,
			"this is not the code that the device shows now; see "
			"that the clocks of device and machine are right");
		goto out;
	}
	ret = take_reply(r, &t, e);
out:
	arena_free(&a);
	return ret;
}

int
factor_codes(struct request *r, void *state, struct err *e)
{
	struct taking t = { .c = state };

	if (proven(r, t.c, &t.me, e))
		return -1;
	if (!t.me.totp)
		return fail(e, FAULT_CONFLICT,
			"recovery codes stand in for a second factor, and "
			"there is none");
	return take_reply(r, &t, e);
}

static int
removal_do(struct db_conn *conn, void *arg, struct err *e)
{
	const struct account *me = arg;

	return db_run(conn, Q_CONSOLE_FACTOR_REMOVE, e, db_int(me->id)) < 0 ||
			       db_run(conn, Q_CONSOLE_RECOVERY_CLEAR, e,
				       db_int(me->id)) < 0
		       ? -1
		       : 0;
}

int
factor_removal(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct account me;

	if (proven(r, c, &me, e) || db_transact(c->db, removal_do, &me, e))
		return -1;
	return reply_nothing(r, e);
}
