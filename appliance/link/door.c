/* SPDX-License-Identifier: MIT */
/*
 * The door between organisations: who calls, what may be called, how it is
 * answered and refused.
 */
#include "door_int.h"

#include <string.h>

#include "err.h"
#include "http_json.h"
#include "ident.h"
#include "link_int.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { REPLY_MAX = 32 * 1024 * 1024, REFUSAL_MAX = 16 * 1024 };

const struct caller *
door_caller(const struct request *r)
{
	return request_user(r);
}

/* The own security server writes the header; nobody else may connect. */
static int
who_calls(struct request *r, struct link *l, struct caller *out, struct err *e)
{
	const char *header = request_header(r, "X-Road-Client");
	struct arena *a = request_arena(r);
	struct client_id id;

	if (!conf_has(l->conf, P_LINK_PEERS, request_peer(r)))
		return fail(e, FAULT_FORBIDDEN,
			"only the security servers of [personal-link] "
			"allowed-peers may connect, not %s",
			request_peer(r));
	if (!header)
		return fail(e, FAULT_UNAUTHORIZED,
			"the header X-Road-Client is missing: call through "
			"the security server");
	if (client_id_parse(a, header, &id, e))
		return -1;
	out->subsystem = client_id_path(a, &id);
	id.subsystem = NULL;
	out->member = client_id_path(a, &id);
	return 0;
}

static bool
allowed(const struct link *l, unsigned flags, const struct caller *c)
{
	return (flags & DOOR_SELF && str_equal(c->member, l->self)) ||
	       (flags & DOOR_PORTAL &&
		       (conf_has(l->conf, P_TRACKER_PORTALS, c->subsystem) ||
			       conf_has(l->conf, P_TRACKER_REPRESENT,
				       c->subsystem))) ||
	       (flags & DOOR_CENTER &&
		       str_equal(c->subsystem, l->center_client));
}

int
door_guard(struct request *r, unsigned flags, void *state, struct err *e)
{
	struct link *l = state;
	struct caller *c = arena_new_of(request_arena(r), struct caller);
	struct organisation o;

	if (who_calls(r, l, c, e))
		return -1;
	request_set_user(r, c);
	if (flags & DOOR_OPEN || allowed(l, flags, c))
		return 0;
	if (flags & DOOR_MEMBER)
		return organisation_get(
			&l->book, c->member, request_arena(r), &o, e);
	return link_refuse(e, LINK_WRONG_CALLER);
}

/* What is no refusal of Personal-Link: the English text has the details. The
   statuses of X-Road's own faults are those of its messages. */
static const struct {
	enum fault fault;
	int status;
	const char *ja;
} others[] = {
	{ FAULT_BAD_REQUEST, 400, "要求の内容が正しくありません" },
	{ FAULT_UNAUTHORIZED, 401, "呼び出し元が分かりません" },
	{ FAULT_FORBIDDEN, 403, "許可されていません" },
	{ FAULT_NOT_FOUND, 404, "このアドレスには何もありません" },
	{ FAULT_INVALID_HTTP_METHOD, 405, "このメソッドは使えません" },
	{ FAULT_TOO_LARGE, 413, "要求が大きすぎます" },
	{ FAULT_LIMIT, 429, "要求が多すぎます。時間をおいてください" },
};
enum { OTHERS = sizeof(others) / sizeof(*others) };

static const char *
words_ja(struct request *r, const struct err *fault, int *status)
{
	const char *ja =
		"処理できませんでした。時間をおいてもう一度試してください";

	*status = fault_http(fault->fault);
	if (str_prefix(fault->code, "link."))
		return link_refusal_ja(fault);
	for (size_t i = 0; i < OTHERS; i++)
		if (others[i].fault == fault->fault) {
			*status = others[i].status;
			ja = others[i].ja;
		}
	return arena_printf(request_arena(r), "%s (%s)", ja, fault->text);
}

void
door_refuse(struct request *r, const struct err *fault, void *state)
{
	int status;
	const char *ja = words_ja(r, fault, &status);
	struct buf b;

	(void)state;
	if (status >= 500)
		log_err("personal-link", fault);
	buf_init(&b, REFUSAL_MAX);
	buf_str(&b, "{\"error\":{\"code\":");
	buf_json(&b, *fault->code ? fault->code : fault_code(fault->fault));
	buf_str(&b, ",\"message\":");
	buf_json(&b, fault->text);
	buf_str(&b, ",\"message_ja\":");
	buf_json(&b, ja);
	buf_str(&b, "}}");
	(void)reply_send(r, status, "application/json", bytes_buf(&b), NULL);
	buf_done(&b);
}

int
door_body(struct request *r, json_t **out, struct err *e)
{
	const struct json_limits limits = { .bytes = DOOR_BODY_MAX };

	return http_json_object(r, &limits, out, e);
}

int
door_reply(struct request *r, int status, json_t *j, struct err *e)
{
	json_drop_nulls(j);
	return http_json_reply(r, status, NULL, 0, j, REPLY_MAX, e);
}

const struct route door_center[] = {
	{ "POST", "/identities/links", DOOR_BODY_MAX, DOOR_MEMBER,
		door_link_start },
	{ "POST", "/identities/inquiry", DOOR_BODY_MAX, DOOR_MEMBER,
		door_inquiry },
	{ "POST", "/identities/completion", DOOR_BODY_MAX, DOOR_MEMBER,
		door_registered },
	{ "POST", "/identities/link-completion", DOOR_BODY_MAX, DOOR_MEMBER,
		door_linked },
	{ "POST", "/identities/unlink", DOOR_BODY_MAX, DOOR_MEMBER,
		door_unlinked },
	{ "POST", "/representations", DOOR_BODY_MAX, DOOR_MEMBER,
		door_represent },
	{ "DELETE", "/representations/{id}", 0, DOOR_MEMBER,
		door_represent_end },
	{ "GET", "/services", 0, DOOR_MEMBER, door_services },
	{ "POST", "/consent-requests", DOOR_BODY_MAX, DOOR_MEMBER,
		door_consent_request },
	{ "GET", "/consent-requests/{id}", 0, DOOR_MEMBER, door_request_get },
	{ "GET", "/consents/{reference}", 0, DOOR_MEMBER, door_consent_get },
	{ "POST", "/consents/{reference}/withdrawal", DOOR_BODY_MAX,
		DOOR_MEMBER, door_consent_end },
	{ "POST", "/transfers", DOOR_BODY_MAX, DOOR_MEMBER,
		door_transfers_take },
	{ "GET", "/changes", 0, DOOR_MEMBER, door_changes_get },
	{ "POST", "/decisions", DOOR_BODY_MAX, DOOR_CENTER, door_decision },
	{ "GET", "/openapi.json", 0, DOOR_OPEN, door_openapi },
	{ NULL, NULL, 0, 0, NULL },
};

/* The three names of the specification set and the one that takes all: each
   takes pages of changes, the path says which kinds may be in them. */
const struct route door_cache[] = {
	{ "POST", "/changes", DOOR_BODY_MAX, DOOR_CENTER, door_changes_put },
	{ "POST", "/id-conversions", DOOR_BODY_MAX, DOOR_CENTER,
		door_changes_put },
	{ "POST", "/id-links", DOOR_BODY_MAX, DOOR_CENTER, door_changes_put },
	{ "POST", "/consents", DOOR_BODY_MAX, DOOR_CENTER, door_changes_put },
	{ "PUT", "/users", DOOR_BODY_MAX, DOOR_SELF, door_users_put },
	{ "DELETE", "/users/{id}", 0, DOOR_SELF, door_user_remove },
	{ "POST", "/usages", DOOR_BODY_MAX, DOOR_SELF, door_usages_keep },
	{ "POST", "/transfers", DOOR_BODY_MAX, DOOR_SELF, door_transfers_pass },
	{ "GET", "/tracker/v2/findUsage", 0, DOOR_PORTAL | DOOR_SELF,
		door_find_usage },
	{ "GET", "/tracker/v2/usagePeriod", 0, DOOR_PORTAL | DOOR_SELF,
		door_usage_period },
	{ "GET", "/tracker/v2/heartbeat", 0, DOOR_PORTAL | DOOR_SELF,
		door_usage_heartbeat },
	{ "GET", "/openapi.json", 0, DOOR_OPEN, door_openapi },
	{ NULL, NULL, 0, 0, NULL },
};
