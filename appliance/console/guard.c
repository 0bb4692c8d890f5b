/* SPDX-License-Identifier: MIT */
/*
 * Who calls the administration interface and whether they may: API key, HTTP
 * Basic or session with anti-forgery token; roles; refusals in X-Road's error
 * shape. Rule: interop/xroad-center-admin.md 5.1, 5.3.
 */
#include "account_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "db.h"
#include "err.h"
#include "http_json.h"
#include "log.h"
#include "mem.h"
#include "text.h"
#include "whitelist.h"

enum { CREDENTIALS_MAX = 512, REPLY_MAX = 4 * 1024 * 1024 };

static bool
by_api_key(struct console *c, const char *value, struct caller *out)
{
	const char *token = value + strspn(value, " ");
	int64_t id;

	if (!str_iprefix(token, "token=") ||
		!api_key_find(c->db, token + 6, &id, &out->roles))
		return false;
	snprintf(out->name, sizeof(out->name), "api-key-%lld", (long long)id);
	return true;
}

static int
by_basic(struct console *c, struct request *r, const char *value,
	struct caller *out, struct err *e)
{
	struct arena *a = request_arena(r);
	struct bytes text;
	char *pair, *colon;
	int ret;

	if (strlen(value) > CREDENTIALS_MAX ||
		base64_decode(a, value, strlen(value), &text, NULL))
		return fail(e, FAULT_UNAUTHORIZED,
			"the Authorization header is malformed");
	pair = arena_strndup(a, (const char *)text.data, text.len);
	colon = strchr(pair, ':');
	if (!colon)
		return fail(e, FAULT_UNAUTHORIZED,
			"the Authorization header is malformed");
	*colon = '\0';
	ret = account_check(c, r,
		&(struct credentials){ .name = pair, .password = colon + 1 },
		SIGNIN_BASIC, out, e);
	mem_wipe(pair, text.len);
	if (ret && e->fault == FAULT_UNAUTHORIZED) /* few: guess.c */
		console_audit(c, r, out->name, 401, console_why(r, e));
	return ret;
}

/* The value of a cookie in the arena, or NULL. */
char *
request_cookie(struct request *r, const char *name)
{
	struct arena *a = request_arena(r);
	const char *p = request_header(r, "Cookie");
	size_t n = strlen(name);

	while (p) {
		p += strspn(p, " ;");
		if (!strncmp(p, name, n) && p[n] == '=')
			return arena_strndup(
				a, p + n + 1, strcspn(p + n + 1, ";"));
		p = strchr(p, ';');
	}
	return NULL;
}

bool
request_changes(const struct request *r)
{
	const char *method = request_method(r);

	return !str_equal(method, "GET") && !str_equal(method, "HEAD");
}

/* A new password, or an account that is gone or disabled, ends its sessions;
   other roles count at once. */
static bool
still_true(struct console *c, struct arena *a, struct caller *who)
{
	struct db_conn *conn = db_take(c->db);
	struct account account;
	bool found = account_find(conn, a, who->name, &account);
	struct caller now = { .roles = 0 };

	db_give(conn);
	if (found)
		account_caller(c, &account, &now);
	if (!found || account.disabled ||
		!ct_equal(now.proof, who->proof, PROOF_LEN)) {
		session_end(c->sessions, who->session);
		return false;
	}
	who->roles = now.roles;
	who->due = now.due;
	return true;
}

static bool
by_session(struct console *c, struct request *r, struct caller *out)
{
	bool changes = request_changes(r);
	const char *id = request_cookie(r, "JSESSIONID");
	const char *sent = request_header(r, "X-XSRF-TOKEN");
	const char *kept = request_cookie(r, "XSRF-TOKEN");

	if (!id)
		return false;
	if (changes && (!sent || !kept || !str_equal(sent, kept)))
		return false;
	return session_find(c->sessions, id, changes ? sent : NULL, out) &&
	       still_true(c, request_arena(r), out);
}

/* Names and passwords that manage API keys come from few addresses, other
   credentials from more; pages sign in from anywhere. */
static bool
may_try(const struct console *c, struct request *r, bool basic)
{
	static const char keys[] = "/api/v1/api-keys";
	bool managing = basic && str_prefix(request_path(r), keys);

	return whitelist_has(
		managing ? c->for_keys : c->for_calls, request_peer(r));
}

/* Who sends credentials is judged by them alone, whatever cookies come along. */
static int
identify(
	struct console *c, struct request *r, struct caller *out, struct err *e)
{
	const char *auth = request_header(r, "Authorization");
	bool good, basic = auth && str_iprefix(auth, "Basic ");

	if (auth && !may_try(c, r, basic))
		return fail(e, FAULT_UNAUTHORIZED,
			"credentials are not taken from %s", request_peer(r));
	if (basic)
		return by_basic(c, r, auth + 6, out, e);
	if (auth)
		good = str_iprefix(auth, "X-Road-ApiKey ") &&
		       by_api_key(c, auth + 14, out);
	else
		good = by_session(c, r, out);
	if (!good)
		return fail(
			e, FAULT_UNAUTHORIZED, "sign in, or send an API key");
	return 0;
}

void
caller_host(const struct request *r, char out[CALLER_HOST_MAX])
{
	const char *host = request_host(r);
	const char *v6 = host && *host == '[' ? strchr(host, ']') : NULL;
	size_t n = v6 ? (size_t)(v6 - host) + 1 : host ? strcspn(host, ":") : 0;

	snprintf(out, CALLER_HOST_MAX, "%.*s", (int)n, host ? host : "");
}

/* A page of somebody else's name that leads here (DNS rebinding), or of another
   site, changes nothing in a session. Any name is good to sign in under: which
   ones this machine has, it cannot know. */
static int
same_name(struct console *c, struct request *r, const struct caller *who,
	struct err *e)
{
	char host[CALLER_HOST_MAX];

	if (!who->session || !request_changes(r))
		return 0;
	caller_host(r, host);
	if (request_same_origin(r) && str_iequal(host, who->host))
		return 0;
	console_audit(c, r, who->name, 403, NULL);
	return fail(e, FAULT_OTHER_NAME,
		"this session was opened under %s, the request comes under "
		"another name or from another page; open the page under the "
		"name you mean and sign in there. Behind a reverse proxy: it "
		"has to pass on one name (X-Forwarded-Host)",
		*who->host ? who->host : "no name");
}

/* Somebody else knows the password, or a factor is missing: first that. */
static int
due_first(const struct caller *who, unsigned flags, struct err *e)
{
	if (who->due == DUE_NOTHING || flags & ROUTE_DUE)
		return 0;
	if (who->due == DUE_PASSWORD)
		return fail(e, FAULT_PASSWORD_DUE,
			"somebody else set your password: choose your own "
			"first (PUT /api/v1/machilink/me/password)");
	return fail(e, FAULT_FACTOR_DUE,
		"this machine asks for a second factor: set one up first "
		"(POST /api/v1/machilink/me/second-factor)");
}

int
console_guard(struct request *r, unsigned flags, void *state, struct err *e)
{
	struct console *c = mount_console(state);
	struct caller *who = arena_new_of(request_arena(r), struct caller);

	if (flags & ADMIN_PUBLIC)
		return 0;
	if (identify(c, r, who, e) || same_name(c, r, who, e))
		return -1;
	if (!(who->roles & flags)) {
		if (request_changes(r))
			console_audit(c, r, who->name, 403, NULL);
		return fail(e, FAULT_FORBIDDEN,
			"%s has no role that permits this", who->name);
	}
	if (due_first(who, flags, e))
		return -1;
	request_set_user(r, who);
	request_set_rights(r, who->roles);
	request_set_name(r, who->name);
	return 0;
}

const struct caller *
console_caller(const struct request *r)
{
	return request_user(r);
}

/* Answers for one person: no cache keeps them, no browser guesses a type. */
static const struct http_header private_head[] = {
	{ "Content-Type", "application/json" },
	{ "Cache-Control", "no-store" },
	{ "X-Content-Type-Options", "nosniff" },
};
enum { PRIVATE = sizeof(private_head) / sizeof(private_head[0]) };

static int
reply_private(struct request *r, int status, struct bytes text,
	const struct http_header *extra, struct err *e)
{
	struct http_header h[PRIVATE + 1];

	memcpy(h, private_head, sizeof(private_head));
	if (extra)
		h[PRIVATE] = *extra;
	return reply_send_headers(
		r, status, h, PRIVATE + (extra ? 1 : 0), text, e);
}

int
reply_json(struct request *r, int status, const char *text, struct err *e)
{
	return reply_private(r, status, bytes_str(text), NULL, e);
}

int
reply_value(struct request *r, int status, json_t *j, struct err *e)
{
	return http_json_reply(
		r, status, private_head, PRIVATE, j, REPLY_MAX, e);
}

int
reply_nothing(struct request *r, struct err *e)
{
	return reply_send(r, 204, NULL, bytes_of("", 0), e);
}

int
request_json(struct request *r, json_t **out, struct err *e)
{
	return http_json_object(r, NULL, out, e);
}

void
json_wipe(const char *secret)
{
	if (secret)
		mem_wipe((void *)(uintptr_t)secret, strlen(secret));
}

void
json_put_moment(json_t *j, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	json_put_str(j, key, ms ? time_iso(text, ms) : NULL);
}

void
console_error(struct request *r, const struct err *fault, void *state)
{
	char wait[16];
	struct http_header retry = { "Retry-After", wait };
	static const struct {
		enum fault fault;
		int seconds;
	} waits[] = { { FAULT_GUESSES, GUESS_WINDOW },
		{ FAULT_LOCKED, NAME_WAIT_MAX } };
	int seconds = 1;
	int status = fault->fault == FAULT_INVALID_HTTP_METHOD
			     ? 405
			     : fault_http(fault->fault);
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		if (waits[i].fault == fault->fault)
			seconds = waits[i].seconds;
	snprintf(wait, sizeof(wait), "%d", seconds);
	buf_init(&b, 8192);
	buf_fmt(&b, "{\"status\":%d,\"error\":{\"code\":", status);
	buf_json(&b, *fault->code ? fault->code : fault_code(fault->fault));
	buf_str(&b, ",\"message\":");
	buf_json(&b, fault->text);
	if (request_japanese(r)) {
		buf_str(&b, ",\"message_ja\":");
		buf_json(&b, request_japanese(r));
	}
	buf_str(&b, "}}");
	(void)reply_private(
		r, status, bytes_buf(&b), status == 429 ? &retry : NULL, NULL);
	buf_done(&b);
}
