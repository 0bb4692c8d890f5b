/* SPDX-License-Identifier: MIT */
/*
 * The first run: a one-time token makes the first administrator, and what is
 * known of the way from there to the first exchange. The steps themselves are
 * the roles' (GET /machilink/setup/server, /machilink/setup/center).
 */
#include "account_int.h"
#include "audit_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "console_sql.h"
#include "db.h"
#include "digest.h"
#include "err.h"
#include "http_server.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "password.h"
#include "setup_int.h"
#include "text.h"

enum { TOKEN_BYTES = 10, TOKEN_GROUP = 4, NOTE_MAX = 64 * 1024 };

struct state {
	const char *token, *note; /* token: hash, or "" */
	int64_t ends, started, finished, accounts, keys;
};

static int
one(struct db_conn *conn, int statement, int64_t *out, struct err *e)
{
	struct query *q = db_query(conn, statement, { 0 });

	*out = query_next(q) ? query_int(q, 0) : 0;
	return query_end(q, e);
}

static int
state_read(
	struct db_conn *conn, struct arena *a, struct state *s, struct err *e)
{
	struct query *q = db_query(conn, Q_CONSOLE_SETUP_GET, { 0 });

	*s = (struct state){ .token = "", .note = "{}" };
	if (query_next(q)) {
		s->token = query_text_dup(a, q, 0);
		s->ends = query_int(q, 1);
		s->started = query_int(q, 2);
		s->finished = query_int(q, 3);
		s->note = query_text_dup(a, q, 4);
	}
	if (query_end(q, e))
		return -1;
	return one(conn, Q_CONSOLE_ACCOUNTS, &s->accounts, e) ||
			       one(conn, Q_CONSOLE_API_KEY_COUNT, &s->keys, e)
		       ? -1
		       : 0;
}

static const char *
token_hash(struct arena *a, const char *token)
{
	char plain[SETUP_TOKEN_MAX] = "";
	size_t n = 0;
	struct digest d;

	for (; *token && n < sizeof(plain) - 1; token++)
		if (*token != '-' && *token != ' ')
			plain[n++] = *token >= 'a' && *token <= 'z'
					     ? (char)(*token - 'a' + 'A')
					     : *token;
	digest_of(DIGEST_SHA256, plain, n, &d);
	mem_wipe(plain, sizeof(plain));
	return hex_encode(a, d.value, d.len);
}

static int
token_make(struct db *db, const struct conf *conf, char out[SETUP_TOKEN_MAX],
	struct err *e)
{
	struct arena *a = arena_new_secret();
	uint8_t bytes[TOKEN_BYTES];
	struct db_conn *conn;
	const char *code;
	size_t n = 0;
	int64_t changed;

	random_bytes(bytes, sizeof(bytes));
	code = base32_encode(a, bytes_of(bytes, sizeof(bytes)));
	for (size_t i = 0; code[i]; i++) {
		if (i && i % TOKEN_GROUP == 0)
			out[n++] = '-';
		out[n++] = code[i];
	}
	out[n] = '\0';
	mem_wipe(bytes, sizeof(bytes));
	conn = db_take(db);
	changed = db_run(conn, Q_CONSOLE_SETUP_TOKEN, e,
		db_text(token_hash(a, out)),
		db_int(clock_now() + conf_int(conf, P_SETUP_TOKEN) * 1000));
	db_give(conn);
	arena_free(&a);
	return changed < 0 ? -1 : 0;
}

int
console_setup_token(
	const struct conf *c, char out[SETUP_TOKEN_MAX], struct err *e)
{
	struct arena *a = arena_new();
	struct db *db = NULL;
	struct db_conn *conn;
	struct state s;
	int ret = -1;

	if (console_db_open(&db, c, e))
		goto out;
	conn = db_take(db);
	ret = state_read(conn, a, &s, e);
	db_give(conn);
	if (!ret && s.accounts)
		ret = fail(e, FAULT_CONFLICT,
			"there are accounts already: sign in, or make another "
			"with machilink user add");
	if (!ret)
		ret = token_make(db, c, out, e);
	if (!ret)
		audit_note(db, "Make set-up token", "setup", 200);
out:
	db_close(&db);
	arena_free(&a);
	return ret;
}

int
setup_greet(struct console *c, struct err *e)
{
	const struct conf *conf = c->env->conf;
	struct arena *a = arena_new();
	struct db_conn *conn = db_take(c->db);
	char token[SETUP_TOKEN_MAX];
	struct state s;
	int ret = state_read(conn, a, &s, e);

	db_give(conn);
	if (!ret && !s.accounts && !s.keys) {
		ret = token_make(c->db, conf, token, e);
		/* on the terminal or in the journal, never in the log file */
		if (!ret)
			fprintf(stderr,
				"\n"
				"  machilink: 最初の管理者を作るための一回限り"
				"のトークン(%lld 時間有効)\n"
				"  machilink: one-time token for the first "
				"administrator (good for %lld hours)\n"
				"\n    %s\n\n"
				"  %s://%s:%lld/\n\n",
				(long long)conf_int(conf, P_SETUP_TOKEN) / 3600,
				(long long)conf_int(conf, P_SETUP_TOKEN) / 3600,
				token,
				conf_bool(conf, P_ADMIN_TLS) ? "https" : "http",
				*conf_text(conf, P_NODE_ADDRESS)
					? conf_text(conf, P_NODE_ADDRESS)
					: "localhost",
				(long long)conf_int(conf, P_ADMIN_PORT));
		mem_wipe(token, sizeof(token));
	}
	arena_free(&a);
	return ret;
}

/* ---- for everybody: is there something to set up ---- */

int
setup_get(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct db_conn *conn = db_take(c->db);
	struct state s;
	int ret = state_read(conn, request_arena(r), &s, e);
	json_t *j;

	db_give(conn);
	if (ret)
		return -1;
	j = json_object();
	json_put_bool(j, "open", !s.accounts);
	json_put_new(j, "password_policy", policy_json(c->env->conf));
	json_put_str(j, "language", conf_text(c->env->conf, P_LANGUAGE));
	return reply_value(r, 200, j, e);
}

/* ---- the first administrator ---- */

struct first {
	struct console *c;
	struct arena *a;
	const char *name, *display, *token, *hash;
};

/* One transaction: the token counts once, and only while there is nobody. */
static int
first_do(struct db_conn *conn, void *arg, struct err *e)
{
	struct first *x = arg;
	struct state s;
	const char *hash = token_hash(x->a, x->token);
	int64_t now = clock_now();

	if (state_read(conn, x->a, &s, e))
		return -1;
	if (s.accounts)
		return fail(e, FAULT_CONFLICT,
			"this machine has been set up; sign in");
	if (strlen(s.token) != strlen(hash) ||
		!ct_equal(s.token, hash, strlen(hash)) || s.ends <= now)
		return fail(e, FAULT_SETUP_TOKEN,
			"the token is wrong or has ended; see what the service "
			"printed when it started last, or make another with "
			"machilink setup token");
	return db_run(conn, Q_CONSOLE_ACCOUNT_ADD, e, db_text(x->name),
		       db_text(x->hash), db_int(ADMIN_ANY), db_int(now),
		       db_text(x->display), db_int(0)) < 0 ||
			       db_run(conn, Q_CONSOLE_SETUP_STARTED, e,
				       db_int(now)) < 0
		       ? -1
		       : 0;
}

static int
first_read(struct request *r, struct first *x, const char **password,
	struct err *e)
{
	json_t *body;

	x->display = "";
	return request_json(r, &body, e) ||
			       json_need_str(body, "password", PASSWORD_LONGEST,
				       password, e) ||
			       json_need_str(body, "token", SETUP_TOKEN_MAX,
				       &x->token, e) ||
			       json_need_str(body, "name", CALLER_NAME_MAX - 1,
				       &x->name, e) ||
			       json_opt_str(body, "display_name",
				       4 * DISPLAY_MAX, &x->display, e) ||
			       policy_name(x->name, e) ||
			       policy_password(x->name, *password,
				       conf_int(
					       x->c->env->conf, P_PASSWORD_MIN),
				       e)
		       ? -1
		       : 0;
}

/* Before anything is computed for somebody unknown. */
static int
still_open(struct console *c, struct arena *a, struct err *e)
{
	struct db_conn *conn = db_take(c->db);
	struct state s;
	int ret = state_read(conn, a, &s, e);

	db_give(conn);
	if (!ret && s.accounts)
		ret = fail(e, FAULT_CONFLICT,
			"this machine has been set up; sign in");
	return ret;
}

int
setup_post(struct request *r, void *state, struct err *e)
{
	struct first x = { .c = state, .a = request_arena(r) };
	const char *password = NULL, *from = request_peer(r);
	json_t *j;
	int ret = -1;

	if (!request_same_origin(r))
		return fail(e, FAULT_FORBIDDEN,
			"setting up works only from this machine's own page");
	if (!guess_begin(x.c->guesses, from))
		return fail(e, FAULT_GUESSES,
			"too many wrong tokens from your address; wait %d "
			"minutes",
			GUESS_WINDOW / 60);
	if (!first_read(r, &x, &password, e) && !still_open(x.c, x.a, e)) {
		x.hash = password_hash(x.a, password);
		ret = db_transact(x.c->db, first_do, &x, e);
	}
	json_wipe(password);
	json_wipe(x.token);
	if (!ret || e->fault != FAULT_SETUP_TOKEN)
		guess_right(x.c->guesses, from);
	/* wrong tokens are few (guess.c); other refusals change nothing, and
	   anybody could fill the audit with them */
	if (!ret || e->fault == FAULT_SETUP_TOKEN)
		console_audit(x.c, r, ret ? "?" : x.name,
			ret ? fault_http(e->fault) : 201, NULL);
	if (ret)
		return -1;
	j = json_object();
	json_put_str(j, "name", x.name);
	return reply_value(r, 201, j, e);
}

/* ---- how far it is ---- */

int
setup_state(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct arena *a = request_arena(r);
	struct db_conn *conn = db_take(c->db);
	json_t *j, *roles = json_array(), *note;
	struct state s;
	int64_t until;
	int ret = state_read(conn, a, &s, e);

	db_give(conn);
	for (size_t i = 0; i < c->env->runs; i++)
		json_array_append_new(
			roles, json_text_new(c->env->run[i].role->name));
	if (ret) {
		json_decref(roles);
		return -1;
	}
	until = s.finished ? s.finished : clock_now();
	j = json_object();
	json_put_new(j, "roles", roles);
	json_put_moment(j, "started_at", s.started);
	json_put_moment(j, "finished_at", s.finished);
	json_put_int(j, "elapsed_seconds",
		s.started ? (until - s.started) / 1000 : 0);
	if (!json_parse(a, bytes_str(s.note), NULL, &note, NULL))
		json_put_new(j, "note", json_incref(note));
	return reply_value(r, 200, j, e);
}

/* What the person answered so far, so that they can go on elsewhere. The
   page's own; no secrets belong here. */
int
setup_note(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct db_conn *conn;
	json_t *body;
	struct buf b;
	int64_t n = -1;

	if (request_json(r, &body, e))
		return -1;
	if (!json_sub(body, "note"))
		return fail(e, FAULT_BAD_REQUEST, "note must be an object");
	buf_init(&b, NOTE_MAX);
	json_write(&b, json_sub(body, "note"), JSON_PLAIN);
	if (!buf_ok(&b, "note", e)) {
		conn = db_take(c->db);
		n = db_run(conn, Q_CONSOLE_SETUP_NOTE, e, db_text(b.data));
		db_give(conn);
	}
	buf_done(&b);
	return n < 0 ? -1 : reply_nothing(r, e);
}

void
setup_heard(struct console *c, const char *event, int status)
{
	struct db_conn *conn;

	if (status != 200 || !str_equal(event, SETUP_EXCHANGE))
		return;
	conn = db_take(c->db);
	(void)db_run(conn, Q_CONSOLE_SETUP_FINISHED, NULL, db_int(clock_now()));
	db_give(conn);
}
