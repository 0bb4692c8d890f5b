/* SPDX-License-Identifier: MIT */
/*
 * API keys: random UUIDs kept as SHA-256. X-Road's calls (xroad-center-admin.md
 * 5.1) know roles alone; ours beside them add what a key is for, its end and
 * its last use.
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
#include "mem.h"
#include "param.h"
#include "text.h"

enum { KEY_NAME_MAX = 128, USED_EVERY_MS = 60000 };

int
api_key_make(struct db *db, struct api_key *k, struct err *e)
{
	struct arena *a = arena_new_secret();
	struct db_conn *c = db_take(db);
	struct digest d;
	int64_t n;

	uuid_make(k->text);
	k->created = clock_now();
	digest_of(DIGEST_SHA256, k->text, API_KEY_TEXT, &d);
	n = db_run(c, Q_CONSOLE_API_KEY_ADD, e,
		db_text(hex_encode(a, d.value, d.len)), db_int(k->roles),
		db_int(k->created), db_text(k->name), db_text(k->maker),
		db_int(k->expires));
	k->id = db_last_id(c);
	db_give(c);
	arena_free(&a);
	return n < 0 ? -1 : 0;
}

bool
api_key_find(struct db *db, const char *text, int64_t *id, unsigned *roles)
{
	struct arena *a = arena_new();
	struct db_conn *c = db_take(db);
	int64_t now = clock_now(), used = 0;
	struct digest d;
	struct query *q;
	bool found;

	digest_of(DIGEST_SHA256, text, strlen(text), &d);
	q = db_query(c, Q_CONSOLE_API_KEY_BY_HASH,
		db_text(hex_encode(a, d.value, d.len)));
	found = query_next(q) && (!query_int(q, 2) || query_int(q, 2) > now);
	if (found) {
		*id = query_int(q, 0);
		*roles = (unsigned)query_int(q, 1);
		used = query_int(q, 3);
	}
	if (query_end(q, NULL))
		found = false;
	if (found && (now - used >= USED_EVERY_MS || now < used))
		(void)db_run(c, Q_CONSOLE_API_KEY_USED, NULL, db_int(*id),
			db_int(now));
	db_give(c);
	arena_free(&a);
	return found;
}

int
console_api_key_add(const struct conf *c, unsigned roles,
	char out[API_KEY_TEXT + 1], struct err *e)
{
	struct api_key k = { .roles = roles, .name = "", .maker = "" };
	struct db *db = NULL;
	char made[CALLER_NAME_MAX];
	int ret;

	if (console_db_open(&db, c, e))
		return -1;
	k.maker = "command line";
	ret = api_key_make(db, &k, e);
	snprintf(made, sizeof(made), "api-key-%lld", (long long)k.id);
	if (!ret)
		audit_note(db, "API key create", made, 200);
	memcpy(out, k.text, sizeof(k.text));
	db_close(&db);
	return ret;
}

/* ---- as JSON ---- */

/* short: what X-Road's call shows. */
static json_t *
key_json(const struct api_key *k, bool brief)
{
	json_t *j = json_object();

	json_put_int(j, "id", k->id);
	if (*k->text)
		json_put_str(j, "key", k->text);
	json_put_new(j, "roles", roles_value(k->roles));
	if (brief)
		return j;
	json_put_str(j, "name", k->name);
	json_put_str(j, "made_by", k->maker);
	json_put_moment(j, "created_at", k->created);
	json_put_moment(j, "expires_at", k->expires);
	json_put_moment(j, "last_used_at", k->used);
	json_put_bool(j, "expired", k->expires && k->expires <= clock_now());
	return j;
}

static int
list_reply(struct request *r, struct console *c, bool brief, struct err *e)
{
	struct arena *a = request_arena(r);
	struct db_conn *conn = db_take(c->db);
	struct query *q = db_query(conn, Q_CONSOLE_API_KEYS, { 0 });
	json_t *list = json_array();

	while (query_next(q)) {
		struct api_key k = { .id = query_int(q, 0),
			.roles = (unsigned)query_int(q, 1),
			.created = query_int(q, 2),
			.name = query_text_dup(a, q, 3),
			.maker = query_text_dup(a, q, 4),
			.expires = query_int(q, 5),
			.used = query_int(q, 6) };

		json_array_append_new(list, key_json(&k, brief));
	}
	if (query_end(q, e)) {
		db_give(conn);
		json_decref(list);
		return -1;
	}
	db_give(conn);
	return reply_value(r, 200, list, e);
}

int
key_list(struct request *r, void *state, struct err *e)
{
	return list_reply(r, state, true, e);
}

int
keys_get(struct request *r, void *state, struct err *e)
{
	return list_reply(r, state, false, e);
}

/* The key of the path, without its text. */
static int
key_of(struct request *r, struct console *c, struct api_key *k, struct err *e)
{
	struct arena *a = request_arena(r);
	struct db_conn *conn;
	struct query *q;
	bool found;

	if (int_parse(request_segment(r, "id"), 1, INT64_MAX, &k->id, NULL))
		return fail(e, FAULT_NOT_FOUND, "there is no such API key");
	conn = db_take(c->db);
	q = db_query(conn, Q_CONSOLE_API_KEY_BY_ID, db_int(k->id));
	found = query_next(q);
	if (found) {
		k->roles = (unsigned)query_int(q, 0);
		k->created = query_int(q, 1);
		k->name = query_text_dup(a, q, 2);
		k->maker = query_text_dup(a, q, 3);
		k->expires = query_int(q, 4);
		k->used = query_int(q, 5);
	}
	if (query_end(q, e))
		found = false;
	db_give(conn);
	return found ? 0 : fail(e, FAULT_NOT_FOUND, "there is no such API key");
}

/* ---- making and changing ---- */

/* Nobody gives roles they do not have. */
static int
roles_wanted(
	struct request *r, const json_t *list, unsigned *out, struct err *e)
{
	if (roles_read(list, out, e))
		return -1;
	if (*out & ~console_caller(r)->roles)
		return fail(e, FAULT_FORBIDDEN,
			"a key cannot have roles that its maker lacks");
	return 0;
}

static int
roles_body(struct request *r, unsigned *out, struct err *e)
{
	struct bytes body;
	json_t *list;

	if (request_body(r, &body, e) ||
		json_parse(request_arena(r), body, NULL, &list, e))
		return -1;
	return roles_wanted(r, list, out, e);
}

int
key_add(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct api_key k = { .name = "", .maker = console_caller(r)->name };

	if (roles_body(r, &k.roles, e) || api_key_make(c->db, &k, e))
		return -1;
	return reply_value(r, 200, key_json(&k, true), e);
}

/* Name and end out of a body; absent leaves them, "" is no end. */
static int
named(struct request *r, struct api_key *k, json_t **body, struct err *e)
{
	const char *until = NULL;

	if (request_json(r, body, e) ||
		json_opt_str(*body, "name", KEY_NAME_MAX, &k->name, e) ||
		json_opt_str(*body, "expires_at", TIME_TEXT_MAX, &until, e))
		return -1;
	if (!until) {
		if (str_equal(json_str(*body, "expires_at"), ""))
			k->expires = 0;
		return 0;
	}
	if (time_parse(until, &k->expires, e))
		return -1;
	if (k->expires <= clock_now())
		return fail(e, FAULT_BAD_REQUEST,
			"expires_at has passed already; revoke a key that "
			"shall not be used any more");
	return 0;
}

int
keys_post(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct api_key k = { .name = "", .maker = console_caller(r)->name };
	json_t *body;

	if (named(r, &k, &body, e) ||
		roles_wanted(r, json_object_get(body, "roles"), &k.roles, e) ||
		api_key_make(c->db, &k, e))
		return -1;
	return reply_value(r, 201, key_json(&k, false), e);
}

int
key_patch(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct api_key k = { .id = 0 };
	struct db_conn *conn;
	json_t *body;
	int64_t n;

	if (key_of(r, c, &k, e) || named(r, &k, &body, e))
		return -1;
	if (k.roles & ~console_caller(r)->roles)
		return fail(e, FAULT_FORBIDDEN,
			"the key has roles that you lack: you may revoke it, "
			"but not change it");
	if (json_object_get(body, "roles") &&
		roles_wanted(r, json_object_get(body, "roles"), &k.roles, e))
		return -1;
	conn = db_take(c->db);
	n = db_run(conn, Q_CONSOLE_API_KEY_CHANGE, e, db_int(k.id),
		db_text(k.name), db_int(k.expires));
	if (n > 0)
		n = db_run(conn, Q_CONSOLE_API_KEY_SET, e, db_int(k.id),
			db_int(k.roles));
	db_give(conn);
	return n < 0 ? -1 : reply_value(r, 200, key_json(&k, false), e);
}

int
key_get(struct request *r, void *state, struct err *e)
{
	struct api_key k = { .id = 0 };

	return key_of(r, state, &k, e)
		       ? -1
		       : reply_value(r, 200, key_json(&k, true), e);
}

int
key_set(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct api_key k = { .id = 0 };
	struct db_conn *conn;
	unsigned roles;
	int64_t n;

	if (key_of(r, c, &k, e) || roles_body(r, &roles, e))
		return -1;
	k.roles = roles;
	conn = db_take(c->db);
	n = db_run(
		conn, Q_CONSOLE_API_KEY_SET, e, db_int(k.id), db_int(k.roles));
	db_give(conn);
	return n < 0 ? -1 : reply_value(r, 200, key_json(&k, true), e);
}

int
key_remove(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct api_key k = { .id = 0 };
	struct db_conn *conn;
	int64_t n;

	if (key_of(r, c, &k, e))
		return -1;
	conn = db_take(c->db);
	n = db_run(conn, Q_CONSOLE_API_KEY_REMOVE, e, db_int(k.id));
	db_give(conn);
	return n < 0 ? -1 : reply_send(r, 204, NULL, bytes_of(NULL, 0), e);
}
