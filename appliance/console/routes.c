/* SPDX-License-Identifier: MIT */
/*
 * The dashboard's own routes: signing in and out, who am I, API keys, health
 * of the roles, and the pages. Rule: interop/xroad-center-admin.md 5.1, 5.2.
 */
#include "account_int.h"
#include "audit_int.h"

#include <stdio.h>
#include <string.h>

#include "asset.h"
#include "clock.h"
#include "console_sql.h"
#include "db.h"
#include "err.h"
#include "http_server.h"
#include "json_io.h"
#include "mem.h"
#include "param.h"
#include "setup_int.h"
#include "text.h"
#include "yaml_io.h"

enum {
	AUDITORS = ADMIN_SYS | ADMIN_SO | ADMIN_OBS,
	SELF = ADMIN_ANY | ROUTE_DUE,
	HEALTH_MAX = 16 * 1024,
	FORM_MAX = 4096,
	NOTE_MAX = 64 * 1024,
	DOCUMENT_MAX = 4 * 1024 * 1024
};

bool
request_same_origin(struct request *r)
{
	const char *origin = request_header(r, "Origin");
	const char *host = request_host(r);
	const char *at = origin ? strstr(origin, "://") : NULL;

	return !origin || (at && host && str_iequal(at + 3, host));
}

static int
check_login(
	struct request *r, struct console *c, struct caller *who, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *name, *password, *code;
	struct bytes form;
	int ret;

	if (request_body(r, &form, e))
		return -1;
	name = query_get(a, (const char *)form.data, "username");
	password = query_get(a, (const char *)form.data, "password");
	code = query_get(a, (const char *)form.data, "code");
	ret = account_check(c, r,
		&(struct credentials){
			name ? name : "", password ? password : "", code },
		SIGNIN_PAGE, who, e);
	if (password)
		mem_wipe((void *)(uintptr_t)password, strlen(password));
	mem_wipe((void *)(uintptr_t)form.data, form.len);
	return ret;
}

static struct http_header
cookie_header(struct request *r, const char *name, const char *value,
	const char *more)
{
	return (struct http_header){ "Set-Cookie",
		arena_printf(request_arena(r),
			"%s=%s; Path=/; SameSite=Strict%s%s", name, value, more,
			request_is_https(r) ? "; Secure" : "") };
}

const char *
console_why(struct request *r, const struct err *e)
{
	return arena_printf(
		request_arena(r), "{\"error\":\"%s\"}", fault_code(e->fault));
}

static int
login(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct caller who = { .roles = 0 };
	char id[TOKEN_LEN + 1], csrf[TOKEN_LEN + 1];
	const char *old = request_cookie(r, "JSESSIONID");

	if (!request_same_origin(r))
		return fail(e, FAULT_FORBIDDEN,
			"signing in works only from this machine's own page");
	if (check_login(r, c, &who, e)) {
		if (fault_http(e->fault) == 401)
			console_audit(c, r, who.name, 401, console_why(r, e));
		return -1;
	}
	if (old)
		session_end(c->sessions, old);
	caller_host(r, who.host);
	session_start(c->sessions, &who, request_peer(r),
		request_header(r, "User-Agent"), id, csrf);
	console_audit(c, r, who.name, 200, NULL);
	struct http_header h[] = {
		{ "Content-Type", "text/plain" },
		{ "Cache-Control", "no-store" },
		cookie_header(r, "JSESSIONID", id, "; HttpOnly"),
		cookie_header(r, "XSRF-TOKEN", csrf, ""),
	};
	return reply_send_headers(r, 200, h, 4, bytes_str("OK"), e);
}

static int
logout(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	const struct caller *who = console_caller(r);
	struct http_header h[] = {
		cookie_header(r, "JSESSIONID", "", "; Max-Age=0; HttpOnly"),
		cookie_header(r, "XSRF-TOKEN", "", "; Max-Age=0"),
	};

	if (who->session)
		session_end(c->sessions, who->session);
	return reply_send_headers(r, 204, h, 2, bytes_of("", 0), e);
}

static int
user(struct request *r, void *state, struct err *e)
{
	const struct caller *who = console_caller(r);
	struct console *c = state;
	struct buf b;
	int ret;

	buf_init(&b, HEALTH_MAX);
	buf_str(&b, "{\"username\":");
	buf_json(&b, who->name);
	buf_str(&b, ",\"roles\":");
	roles_json(&b, who->roles);
	buf_str(&b, ",\"permissions\":");
	permissions_json(&b, c->env, who->roles);
	buf_char(&b, '}');
	ret = reply_json(r, 200, b.data, e);
	buf_done(&b);
	return ret;
}

static int
user_roles(struct request *r, void *state, struct err *e)
{
	struct buf b;
	int ret;

	(void)state;
	buf_init(&b, FORM_MAX);
	roles_json(&b, console_caller(r)->roles);
	ret = reply_json(r, 200, b.data, e);
	buf_done(&b);
	return ret;
}

static int
user_permissions(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct buf b;
	int ret;

	buf_init(&b, HEALTH_MAX);
	permissions_json(&b, c->env, console_caller(r)->roles);
	ret = reply_json(r, 200, b.data, e);
	buf_done(&b);
	return ret;
}

/* What the pages are shown in, for this browser: they are told by health. */
static int
language_put(struct request *r, void *state, struct err *e)
{
	const char *code = request_segment(r, "code");
	struct http_header h[] = { { "Content-Type", "application/json" },
		{ "Cache-Control", "no-store" }, { NULL, NULL } };

	(void)state;
	if (!str_equal(code, "ja") && !str_equal(code, "en"))
		return fail(
			e, FAULT_BAD_REQUEST, "the languages are ja and en");
	h[2] = cookie_header(r, "language", code, "");
	return reply_send_headers(r, 200, h, 3,
		bytes_str(arena_printf(
			request_arena(r), "{\"id\":\"%s\"}", code)),
		e);
}

/* Whoever gets an answer has passed the guard. */
static int
session_status(struct request *r, void *state, struct err *e)
{
	(void)state;
	return reply_json(r, 200, "{\"valid\":true}", e);
}

static void
role_health(struct buf *b, const struct role_run *run)
{
	char *text = mem_alloc(HEALTH_MAX);

	buf_str(b, "{\"role\":");
	buf_json(b, run->role->name);
	buf_str(b, ",\"summary\":");
	buf_json(b, run->role->summary);
	buf_str(b, ",\"health\":");
	if (!run->state)
		buf_str(b, "{\"ok\":false}");
	else if (!run->role->health)
		buf_str(b, "{\"ok\":true}");
	else
		buf_str(b, run->role->health(run->state, text, HEALTH_MAX)
				   ? "{\"ok\":false}"
				   : text);
	buf_char(b, '}');
	mem_free(text);
}

/* One honest light per role, for the page and for scripts. */
static int
health(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	const char *language = request_cookie(r, "language");
	char now[TIME_TEXT_MAX];
	struct buf b;
	int ret;

	buf_init(&b, HEALTH_MAX * 16);
	buf_fmt(&b,
		"{\"version\":\"%s\",\"time\":\"%s\",\"language\":", VERSION,
		time_iso(now, clock_now()));
	if (!str_equal(language, "ja") && !str_equal(language, "en"))
		language = conf_text(c->env->conf, P_LANGUAGE);
	buf_json(&b, language);
	buf_str(&b, ",\"roles\":[");
	for (size_t i = 0; i < c->env->runs; i++) {
		if (i)
			buf_char(&b, ',');
		role_health(&b, &c->env->run[i]);
	}
	buf_str(&b, "]}");
	ret = buf_ok(&b, "the health report", e);
	if (!ret)
		ret = reply_json(r, 200, b.data, e);
	buf_done(&b);
	return ret;
}

static int
openapi_get(struct request *r, void *state, struct err *e)
{
	static const struct http_header head[] = {
		{ "Content-Type", "application/x-yaml" },
		{ "Content-Disposition",
			"attachment; filename=\"openapi.yaml\"" },
	};
	struct console *c = state;
	json_t *doc = json_keep(request_arena(r), mount_document(c->mount));
	struct buf b;
	int ret;

	buf_init(&b, DOCUMENT_MAX);
	yaml_write(&b, doc);
	ret = buf_ok(&b, "the document", e) ||
			      reply_send_headers(r, 200, head,
				      sizeof(head) / sizeof(head[0]),
				      bytes_buf(&b), e)
		      ? -1
		      : 0;
	buf_done(&b);
	return ret;
}

static int
nothing(struct request *r, void *state, struct err *e)
{
	(void)state;
	return fail(e, FAULT_NOT_FOUND, "there is no operation %s",
		request_path(r));
}

static int
page(struct request *r, void *state, struct err *e)
{
	struct console *c = state;

	return asset_serve(
		r, &web_assets, conf_text(c->env->conf, P_WEB_DIR), e);
}

const struct route console_routes[] = {
	{ "POST", "/login", FORM_MAX, ADMIN_PUBLIC, login },
	{ "POST", "/logout", 0, ADMIN_ANY | ROUTE_DUE, logout },
	{ "POST", "/api/v1/login", FORM_MAX, ADMIN_PUBLIC, login },
	{ "POST", "/api/v1/logout", 0, ADMIN_ANY | ROUTE_DUE, logout },
	{ "GET", "/api/v1/user", 0, ADMIN_ANY | ROUTE_DUE, user },
	{ "GET", "/api/v1/user/roles", 0, ADMIN_ANY | ROUTE_DUE, user_roles },
	{ "GET", "/api/v1/notifications/session-status", 0,
		ADMIN_ANY | ROUTE_DUE, session_status },
	{ "GET", "/api/v1/user/permissions", 0, ADMIN_ANY | ROUTE_DUE,
		user_permissions },
	{ "PUT", "/api/v1/language/{code}", FORM_MAX, ADMIN_ANY | ROUTE_DUE,
		language_put },
	{ "GET", "/api/v1/backups", 0, ADMIN_SYS, backups_get },
	{ "POST", "/api/v1/backups", FORM_MAX, ADMIN_SYS, backups_post },
	{ "POST", "/api/v1/backups/ext", FORM_MAX, ADMIN_SYS,
		backups_post_ext },
	{ "POST", "/api/v1/backups/upload", BACKUP_UPLOAD_MAX, ADMIN_SYS,
		backups_upload },
	{ "DELETE", "/api/v1/backups/{filename}", 0, ADMIN_SYS,
		backups_delete },
	{ "GET", "/api/v1/backups/{filename}/download", 0, ADMIN_SYS,
		backups_download },
	{ "PUT", "/api/v1/backups/{filename}/restore", FORM_MAX, ADMIN_SYS,
		backups_restore },
	{ "GET", "/api/v1/openapi.yaml", 0, ADMIN_PUBLIC, openapi_get },
	{ "GET", "/api/v1/api-keys", 0, ADMIN_SYS | ADMIN_OBS, key_list },
	{ "POST", "/api/v1/api-keys", FORM_MAX, ADMIN_SYS, key_add },
	{ "GET", "/api/v1/api-keys/{id}", 0, ADMIN_SYS | ADMIN_OBS, key_get },
	{ "PUT", "/api/v1/api-keys/{id}", FORM_MAX, ADMIN_SYS, key_set },
	{ "DELETE", "/api/v1/api-keys/{id}", 0, ADMIN_SYS, key_remove },
	{ "GET", "/api/v1/machilink/me", 0, SELF, me_get },
	{ "PUT", "/api/v1/machilink/me/password", FORM_MAX, SELF, me_password },
	{ "POST", "/api/v1/machilink/me/second-factor", FORM_MAX, SELF,
		factor_post },
	{ "PUT", "/api/v1/machilink/me/second-factor", FORM_MAX, SELF,
		factor_put },
	{ "POST", "/api/v1/machilink/me/second-factor/removal", FORM_MAX, SELF,
		factor_removal },
	{ "POST", "/api/v1/machilink/me/second-factor/recovery-codes", FORM_MAX,
		SELF, factor_codes },
	{ "GET", "/api/v1/machilink/me/sessions", 0, SELF, my_sessions_get },
	{ "DELETE", "/api/v1/machilink/me/sessions", 0, SELF,
		my_others_delete },
	{ "DELETE", "/api/v1/machilink/me/sessions/{number}", 0, SELF,
		my_session_delete },
	{ "GET", "/api/v1/machilink/sessions", 0, ADMIN_SYS, sessions_get },
	{ "DELETE", "/api/v1/machilink/sessions/{number}", 0, ADMIN_SYS,
		session_delete },
	{ "GET", "/api/v1/machilink/users", 0, ADMIN_SYS, users_get },
	{ "POST", "/api/v1/machilink/users", FORM_MAX, ADMIN_SYS, users_post },
	{ "GET", "/api/v1/machilink/users/{name}", 0, ADMIN_SYS, user_get },
	{ "PATCH", "/api/v1/machilink/users/{name}", FORM_MAX, ADMIN_SYS,
		user_patch },
	{ "DELETE", "/api/v1/machilink/users/{name}", 0, ADMIN_SYS,
		user_delete },
	{ "PUT", "/api/v1/machilink/users/{name}/password", FORM_MAX, ADMIN_SYS,
		user_password },
	{ "DELETE", "/api/v1/machilink/users/{name}/second-factor", 0,
		ADMIN_SYS, user_factor_delete },
	{ "GET", "/api/v1/machilink/setup", 0, ADMIN_PUBLIC, setup_get },
	{ "POST", "/api/v1/machilink/setup", FORM_MAX, ADMIN_PUBLIC,
		setup_post },
	{ "GET", "/api/v1/machilink/setup/state", 0, ADMIN_ANY, setup_state },
	{ "PUT", "/api/v1/machilink/setup/note", NOTE_MAX, ADMIN_SYS,
		setup_note },
	{ "GET", "/api/v1/machilink/audit", 0, AUDITORS, audit_get },
	{ "GET", "/api/v1/machilink/audit/export", 0, AUDITORS, audit_export },
	{ "GET", "/api/v1/machilink/audit/events", 0, AUDITORS,
		audit_events_get },
	{ "GET", "/api/v1/machilink/audit/verification", 0, AUDITORS,
		audit_verification },
	{ "GET", "/api/v1/machilink/api-keys", 0, ADMIN_SYS | ADMIN_OBS,
		keys_get },
	{ "POST", "/api/v1/machilink/api-keys", FORM_MAX, ADMIN_SYS,
		keys_post },
	{ "PATCH", "/api/v1/machilink/api-keys/{id}", FORM_MAX, ADMIN_SYS,
		key_patch },
	{ "GET", "/api/v1/machilink/health", 0, ADMIN_ANY | ROUTE_DUE, health },
	{ "GET", "/api/v1/machilink/parameters", 0,
		ADMIN_SO | ADMIN_SYS | ADMIN_OBS, parameters_get },
	{ "PUT", "/api/v1/machilink/parameters/{section}/{key}", FORM_MAX,
		ADMIN_SYS, parameter_put },
	{ "DELETE", "/api/v1/machilink/parameters/{section}/{key}", 0,
		ADMIN_SYS, parameter_delete },
	{ "POST", "/api/v1/machilink/restart", FORM_MAX, ADMIN_SYS,
		restart_post },
	{ "GET", "/api/v1/machilink/codes/{code}", 0, ADMIN_ANY, code_get },
	{ "*", "/api/*", BACKUP_UPLOAD_MAX, ADMIN_ANY, nothing },
	{ "GET", "/*", 0, ADMIN_PUBLIC, page },
	{ NULL, NULL, 0, 0, NULL },
};
