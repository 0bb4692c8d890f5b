/* SPDX-License-Identifier: MIT */
/*
 * Who calls the administration interface and whether they may: API key, HTTP
 * Basic or session with anti-forgery token; roles; refusals in X-Road's error
 * shape. Rule: interop/xroad-center-admin.md 5.1, 5.3.
 */
#include "console_int.h"

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
#include "password.h"
#include "text.h"

enum { CREDENTIALS_MAX = 512 };

static bool
by_api_key(struct console *c, struct arena *a, const char *value,
	struct caller *out)
{
	const char *token = strstr(value, "token=");
	struct db_conn *conn;
	struct query *q;
	struct digest d;
	bool found;

	if (!token)
		return false;
	token += 6;
	digest_of(DIGEST_SHA256, token, strlen(token), &d);
	conn = db_take(c->db);
	q = db_query(conn, Q_CONSOLE_API_KEY_BY_HASH,
		db_text(hex_encode(a, d.value, d.len)));
	found = query_next(q);
	if (found) {
		snprintf(out->name, sizeof(out->name), "api-key-%lld",
			(long long)query_int(q, 0));
		out->roles = (unsigned)query_int(q, 1);
	}
	if (query_end(q, NULL))
		found = false;
	db_give(conn);
	return found;
}

bool
account_check(struct console *c, struct arena *a, const char *name,
	const char *password, struct caller *out)
{
	struct db_conn *conn = db_take(c->db);
	struct query *q =
		db_query(conn, Q_CONSOLE_ACCOUNT_BY_NAME, db_text(name));
	char *hash = NULL;

	if (query_next(q)) {
		snprintf(out->name, sizeof(out->name), "%s", query_text(q, 1));
		hash = query_text_dup(a, q, 2);
		out->roles = (unsigned)query_int(q, 3);
	}
	if (query_end(q, NULL))
		hash = NULL;
	db_give(conn);
	return password_check(hash, password);
}

static bool
by_basic(struct console *c, struct arena *a, const char *value,
	struct caller *out)
{
	struct bytes text;
	char *pair, *colon;

	if (strlen(value) > CREDENTIALS_MAX ||
		base64_decode(a, value, strlen(value), &text, NULL))
		return false;
	pair = arena_strndup(a, (const char *)text.data, text.len);
	colon = strchr(pair, ':');
	if (!colon)
		return false;
	*colon = '\0';
	return account_check(c, a, pair, colon + 1, out);
}

/* The value of a cookie in the arena, or NULL. */
static char *
cookie(struct request *r, const char *name)
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

static bool
by_session(struct console *c, struct request *r, struct caller *out)
{
	const char *method = request_method(r);
	bool reads = str_equal(method, "GET") || str_equal(method, "HEAD");
	const char *id = cookie(r, "JSESSIONID");
	const char *sent = request_header(r, "X-XSRF-TOKEN");
	const char *kept = cookie(r, "XSRF-TOKEN");

	if (!id)
		return false;
	if (!reads && (!sent || !kept || !str_equal(sent, kept)))
		return false;
	return session_find(c->sessions, id, reads ? NULL : sent, out);
}

static bool
identify(struct console *c, struct request *r, struct caller *out)
{
	struct arena *a = request_arena(r);
	const char *auth = request_header(r, "Authorization");

	if (!auth)
		return by_session(c, r, out);
	if (str_iprefix(auth, "X-Road-ApiKey "))
		return by_api_key(c, a, auth + 14, out);
	if (str_iprefix(auth, "Basic "))
		return by_basic(c, a, auth + 6, out);
	return false;
}

int
console_guard(struct request *r, unsigned flags, void *state, struct err *e)
{
	struct console *c = mount_console(state);
	struct caller *who = arena_new_of(request_arena(r), struct caller);

	if (flags & ADMIN_PUBLIC)
		return 0;
	if (!identify(c, r, who))
		return fail(
			e, FAULT_UNAUTHORIZED, "sign in, or send an API key");
	if (!(who->roles & flags))
		return fail(e, FAULT_FORBIDDEN,
			"%s has no role that permits this", who->name);
	request_set_user(r, who);
	return 0;
}

const struct caller *
console_caller(const struct request *r)
{
	return request_user(r);
}

void
console_audit(struct console *c, struct request *r, int status)
{
	struct db_conn *conn = db_take(c->db);
	struct err e = ERR_INIT;

	if (db_run(conn, Q_CONSOLE_AUDIT_ADD, &e, db_int(clock_now()),
		    db_text(console_caller(r)->name), db_text(request_peer(r)),
		    db_text(request_method(r)), db_text(request_path(r)),
		    db_int(status)) < 0)
		log_err("audit", &e);
	db_give(conn);
}

int
reply_json(struct request *r, int status, const char *text, struct err *e)
{
	return reply_send(r, status, "application/json", bytes_str(text), e);
}

void
console_error(struct request *r, const struct err *fault, void *state)
{
	int status = fault_http(fault->fault);
	struct buf b;

	(void)state;
	buf_init(&b, 8192);
	buf_fmt(&b, "{\"status\":%d,\"error\":{\"code\":", status);
	buf_json(&b, *fault->code ? fault->code : fault_code(fault->fault));
	buf_str(&b, ",\"message\":");
	buf_json(&b, fault->text);
	buf_str(&b, "}}");
	(void)reply_send(r, status, "application/json", bytes_buf(&b), NULL);
	buf_done(&b);
}
