/* SPDX-License-Identifier: MIT */
/*
 * What the nouns of the dashboard role offer each other.
 */
#pragma once

#ifndef IN_CONSOLE
# error "console_int.h is private to appliance/console"
#endif

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "console.h"
#include "http_server.h"
#include "json_io.h"

struct arena;
struct backup_self;
struct conf;
struct db;
struct jobs;
struct tls;
struct vault;
struct whitelist;

enum {
	CALLER_HOST_MAX = 256,
	CALLER_NAME_MAX = 64,
	TOKEN_LEN = 64,
	PROOF_LEN = 64
};

/* What somebody must do before anything else. */
enum due { DUE_NOTHING, DUE_PASSWORD, DUE_FACTOR };

/* Rows that serve also who has something due: flag beside enum admin_role. */
enum { ROUTE_DUE = 1 << 9 };

/* Who calls: found by the guard, looked at by handlers. */
struct caller {
	char name[CALLER_NAME_MAX];
	unsigned roles; /* enum admin_role bits */
	enum due due;
	const char *session; /* id when signed in by a page, else NULL */
	/* The name, without port, under which the page was opened that signed
	   in; no browser takes a session to another one. */
	char host[CALLER_HOST_MAX];
	/* SHA-256 (hex) of the stored password hash: changes with it. */
	char proof[PROOF_LEN + 1];
};

/* ---- session.c: signed-in browsers, in memory ---- */
enum { AGENT_MAX = 256, ADDRESS_MAX = 64, SESSIONS_MAX = 256 };
struct sessions;
struct session_view {
	int64_t number; /* names it; says nothing about its tokens */
	char name[CALLER_NAME_MAX], address[ADDRESS_MAX], agent[AGENT_MAX];
	int64_t started, used; /* ms since 1970 */
	bool own;              /* the one that asks */
};
/* ticks: clock_ticks(), or a test's. idle, longest: seconds. */
struct sessions *sessions_new(
	int64_t (*ticks)(void), int64_t idle, int64_t longest);
void sessions_free(struct sessions **s);
/* Two fresh tokens: the cookie's and the anti-forgery one. Address and browser
   are for the list. */
void session_start(struct sessions *s, const struct caller *who,
	const char *address, const char *agent, char id[TOKEN_LEN + 1],
	char csrf[TOKEN_LEN + 1]);
/* Finds and prolongs; csrf NULL when the method changes nothing. What it
   finds was true at sign-in: compare it with the account. */
bool session_find(struct sessions *s, const char *id, const char *csrf,
	struct caller *out);
void session_end(struct sessions *s, const char *id);
/* The password was changed in this session: it stays. */
void session_prove(struct sessions *s, const char *id, const char *proof);
/* Those of an account (name NULL: of all), newest first; how many. own: id of
   the session that asks, or NULL. */
size_t sessions_list(struct sessions *s, const char *name, const char *own,
	struct session_view out[SESSIONS_MAX]);
/* Ends one of the account (name NULL: of anybody); false: there is none. */
bool session_end_number(struct sessions *s, int64_t number, const char *name);
/* Ends all of an account but the session `except` (may be NULL); how many. */
size_t session_end_all(
	struct sessions *s, const char *name, const char *except);

/* ---- guess.c: how often an address may give a wrong password ---- */
enum { GUESSES_MAX = 20, GUESS_WINDOW = 600 }; /* in so many seconds */
struct guesses;
struct guesses *guesses_new(int64_t (*ticks)(void));
void guesses_free(struct guesses **g);
/* Before a password is checked: counts it as wrong, so that simultaneous
   tries count too. False: there were too many. */
bool guess_begin(struct guesses *g, const char *address);
/* It was right: takes it back. Earlier wrong ones stay. */
void guess_right(struct guesses *g, const char *address);
/* The same for names, whether or not there is such an account: after
   NAME_GUESSES wrong ones in a row it waits NAME_WAIT seconds, then twice as
   long and so on. Forgotten after NAME_MEMORY seconds without a try. From an
   address where the name signed in lately, only what is tried there counts: so
   strangers cannot lock anybody out. */
enum {
	NAME_GUESSES = 40,
	NAME_WAIT = 30,
	NAME_WAIT_MAX = 900,
	NAME_MEMORY = 86400
};
struct guesses *guess_names_new(int64_t (*ticks)(void));
/* Counts a wrong one and returns 0, or the seconds that the name waits. */
int guess_name_begin(struct guesses *g, const char *name, const char *from);
/* It was right; whole: with all that was asked for, forgets earlier ones and
   remembers the address. from NULL: forgets those of all unknown addresses. */
void guess_name_right(
	struct guesses *g, const char *name, const char *from, bool whole);

/* ---- mount.c: the roles' administration APIs in one route table ---- */
struct mount;
/* own: the console's rows, without prefix; state: theirs. */
struct mount *mount_new(
	const struct role_env *env, const struct route *own, void *state);
const struct route *mount_routes(const struct mount *m);
struct console *mount_console(struct mount *m);
/* What the audit calls the operation of the request, or "". */
const char *mount_event(const struct mount *m, const struct request *r);
/* The interface as an OpenAPI document: what is served, what it takes. */
json_t *mount_document(const struct mount *m);
void mount_free(struct mount **m);

/* ---- account.c, guard.c ---- */
struct console;
/* name, maker borrowed; times in ms since 1970, 0: never. */
struct api_key {
	char text[API_KEY_TEXT + 1]; /* only when just made */
	int64_t id, created, expires, used;
	unsigned roles;
	const char *name, *maker;
};
/* Sets text, id and created. */
int api_key_make(struct db *db, struct api_key *k, struct err *e);
/* A key that has not ended; notes its use. */
bool api_key_find(
	struct db *db, const char *text, int64_t *id, unsigned *roles);
/* Opens the database; the command line does it while the service runs. */
int console_db_open(struct db **db, const struct conf *c, struct err *e);
/* ---- the role ---- */
struct console {
	const struct role_env *env;
	struct db *db;
	struct sessions *sessions;
	struct guesses *guesses, *names;
	struct vault *vault; /* seeds of second factors */
	struct arena *arena;
	struct whitelist *for_keys, *for_calls, *proxies;
	struct mount *mount;
	struct http_server *http;
	struct tls *tls;
	struct jobs *jobs;
	int64_t backup_due;       /* the job's own */
	pthread_mutex_t changing; /* settings.ini */
};

int console_guard(
	struct request *r, unsigned flags, void *state, struct err *e);
void console_error(struct request *r, const struct err *fault, void *state);
/* The caller the guard found; NULL on public rows. */
const struct caller *console_caller(const struct request *r);
/* A page of somebody else must not act in a browser of ours. */
bool request_same_origin(struct request *r);
/* The name of request_host() without its port; "" for none. */
void caller_host(const struct request *r, char out[CALLER_HOST_MAX]);
/* Neither GET nor HEAD. */
bool request_changes(const struct request *r);
/* One line of evidence; who NULL: not established; detail: see audit_int.h, or
   NULL. */
void console_audit(struct console *c, struct request *r, const char *who,
	int status, const char *detail);
/* Why something was refused, as such a detail. In the request's arena. */
const char *console_why(struct request *r, const struct err *e);
/* The value of a cookie in the request's arena, or NULL. */
char *request_cookie(struct request *r, const char *name);
/* Reply with a JSON text. */
int reply_json(struct request *r, int status, const char *text, struct err *e);
/* The same of a value, whose reference it takes. */
int reply_value(struct request *r, int status, json_t *j, struct err *e);
int reply_nothing(struct request *r, struct err *e); /* 204 */
/* The body, an object; its bytes are wiped: they may hold a password. */
int request_json(struct request *r, json_t **out, struct err *e);
/* Wipes a text inside a JSON value that nobody reads any more; NULL is fine. */
void json_wipe(const char *secret);
/* ISO 8601, or null for 0. */
void json_put_moment(json_t *j, const char *key, int64_t ms);

/* ---- settings.c ---- */
int parameters_get(struct request *r, void *state, struct err *e);
int parameter_put(struct request *r, void *state, struct err *e);
int parameter_delete(struct request *r, void *state, struct err *e);
int restart_post(struct request *r, void *state, struct err *e);
/* Not good when the file system of the data has little room left. */
int console_health(void *state, char *out, unsigned long max);

/* ---- code.c ---- */
int code_get(struct request *r, void *state, struct err *e);
/* ---- permission.c ---- */
/* JSON array of the permissions that these roles have here. */
void permissions_json(
	struct buf *b, const struct role_env *env, unsigned roles);

/* ---- backups.c, autobackup.c ---- */
enum { BACKUP_UPLOAD_MAX = 64 * 1024 * 1024 };
/* Whose backups these are; lives in the arena (a secret one). */
int console_self(struct console *c, struct arena *a, struct backup_self *out,
	struct err *e);
int backups_get(struct request *r, void *state, struct err *e);
int backups_post(struct request *r, void *state, struct err *e);
int backups_post_ext(struct request *r, void *state, struct err *e);
int backups_upload(struct request *r, void *state, struct err *e);
int backups_delete(struct request *r, void *state, struct err *e);
int backups_download(struct request *r, void *state, struct err *e);
int backups_restore(struct request *r, void *state, struct err *e);
int64_t autobackup_run(void *ctx); /* a job's run; ctx: struct console */

/* JSON array of role names. */
void roles_json(struct buf *b, unsigned roles);
