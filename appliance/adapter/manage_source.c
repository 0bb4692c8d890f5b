/* SPDX-License-Identifier: MIT */
/*
 * Administration: the databases of services.json.
 */
#include <string.h>

#include "datasource.h"
#include "err.h"
#include "json_io.h"
#include "manage.h"
#include "mem.h"
#include "text.h"
#include "vault.h"

/* What tells where a password is sent to, and as whom. */
static const char *const place[] = { "databaseType", "host", "port",
	"databaseName", "jdbcUrl", "username", "tls", "caFile", "odbcDriver" };
/* Members of the interface, not of the file. */
static const char *const extra[] = { "revision", "passwordSet", "services",
	"away", "password", "dbServices" };

int
manage_find_source(struct request *r, const json_t *root, const char *id,
	json_t **out, size_t *n, struct err *e)
{
	struct arena *a = request_arena(r);
	json_t *item;
	size_t i;

	json_each(item, i, json_list(root, "dbSources")) {
		if (!str_equal(source_id(a, root, i), id))
			continue;
		*out = item;
		if (n)
			*n = i;
		return 0;
	}
	return manage_refuse(r, FAULT_NOT_FOUND, NULL,
		arena_printf(a, "データベース「%.100s」はありません。", id),
		arena_printf(a, "there is no database \"%.100s\"", id), e);
}

/* A password in an address is none of the answer's business. */
static void
drop_query(json_t *j, const char *key)
{
	const char *text = json_str(j, key);
	size_t n = text ? strcspn(text, "?;") : 0;

	if (text && text[n])
		json_put_new(j, key, json_stringn(text, n));
}

/* A new reference; what a reader may see. */
static json_t *
source_json(struct request *r, const json_t *root, const json_t *item, size_t n,
	char revision[REVISION_LEN + 1])
{
	struct arena *a = request_arena(r);
	const char *id = source_id(a, root, n);
	const char *password = json_str(item, "password");
	json_t *j = json_object(), *bare = json_copy((json_t *)(uintptr_t)item);

	json_object_del(bare, "dbServices");
	manage_revision(bare, id, revision);
	json_put_str(j, "id", id);
	json_object_del(bare, "id");
	json_object_del(bare, "password");
	json_object_update(j, bare);
	json_decref(bare);
	drop_query(j, "jdbcUrl");
	json_put_bool(j, "passwordSet", password && *password);
	json_put_int(j, "services",
		(int64_t)json_array_size(json_list(item, "dbServices")));
	json_put_str(j, "revision", revision);
	return j;
}

/* Why its services sleep, if they do. */
static void
put_away(struct arena *a, const struct catalog *c, json_t *j)
{
	for (size_t i = 0; i < c->sources; i++)
		if (c->source[i].away &&
			str_equal(c->source[i].id, json_str(j, "id")))
			json_put_new(
				j, "away", manage_fault(a, c->source[i].away));
}

int
manage_sources(struct request *r, void *state, struct err *e)
{
	struct adapter *ad = state;
	const struct catalog *c = shelf_of(ad->shelf, r);
	char revision[REVISION_LEN + 1];
	json_t *root, *item, *list;
	size_t i;

	if (manage_file(r, ad, &root, e))
		return -1;
	list = json_array();
	json_each(item, i, json_list(root, "dbSources")) {
		json_t *j = source_json(r, root, item, i, revision);

		put_away(request_arena(r), c, j);
		json_array_append_new(list, j);
	}
	return manage_reply(r, 200, list, NULL, e);
}

static int
reply_source(struct request *r, struct adapter *ad, int status, const char *id,
	struct err *e)
{
	char revision[REVISION_LEN + 1];
	json_t *root, *item, *j;
	size_t n;

	if (manage_file(r, ad, &root, e) ||
		manage_find_source(r, root, id, &item, &n, e))
		return -1;
	j = source_json(r, root, item, n, revision);
	put_away(request_arena(r), shelf_of(ad->shelf, r), j);
	return manage_reply(r, status, j, revision, e);
}

int
manage_source_get(struct request *r, void *state, struct err *e)
{
	return reply_source(r, state, 200, request_segment(r, "id"), e);
}

/* ---- passwords ---- */

static bool
says_nothing(const json_t *v)
{
	return !v || json_is_null(v) ||
	       (json_is_string(v) && !*json_string_value(v));
}

static bool
same_place(const json_t *a, const json_t *b)
{
	for (size_t i = 0; i < sizeof(place) / sizeof(*place); i++) {
		json_t *x = json_object_get(a, place[i]);
		json_t *y = json_object_get(b, place[i]);

		if (says_nothing(x) != says_nothing(y) ||
			(!says_nothing(x) && !json_equal(x, y)))
			return false;
	}
	return true;
}

/* As it is, unsealed, in the secret arena. */
static int
stored_password(struct adapter *ad, const json_t *stored, struct arena *secret,
	char **out, struct err *e)
{
	const char *text = json_str(stored, "password");
	struct vault *v = NULL;
	int ret;

	if (!vault_is_sealed(text)) {
		*out = arena_strdup(secret, text);
		return 0;
	}
	ret = source_vault(&v, ad->conf, e);
	if (!ret)
		ret = vault_unseal(
			v, source_about(stored), text, secret, out, e);
	vault_close(&v);
	return ret;
}

static int
take_password(struct request *r, struct adapter *ad, json_t *body,
	const json_t *stored, struct arena *secret, struct err *e)
{
	const char *given = json_str(body, "password"), *old;
	char *clear = NULL, *sealed;
	struct err why = ERR_INIT;

	old = json_str(stored, "password");
	if (!given && old && *old) {
		if (!same_place(body, stored))
			return manage_refuse(r, FAULT_BAD_REQUEST,
				"password_needed",
				"接続先またはユーザー名を変えるときは、パスワードを入力し直してください。保存済みのパスワードは元の接続先にしか使えません。",
				"enter the password again: the stored one is "
				"only for the place and user it was entered "
				"for",
				e);
		if (stored_password(ad, stored, secret, &clear, &why))
			return manage_fail(r, &why, e);
	} else if (given && *given) {
		clear = arena_strdup(secret, given);
	}
	json_object_del(body, "password");
	if (!clear)
		return 0;
	if (adapter_seal(ad->conf, source_about(body), clear, request_arena(r),
		    &sealed, &why))
		return manage_fail(r, &why, e);
	json_put_str(body, "password", sealed);
	return 0;
}

int
manage_password(struct request *r, struct adapter *ad, json_t *body,
	const json_t *stored, struct err *e)
{
	struct arena *secret = arena_new_secret();
	int ret = take_password(r, ad, body, stored, secret, e);

	arena_free(&secret);
	return ret;
}

/* ---- changing ---- */

struct change {
	struct request *r;
	struct adapter *ad;
	const char *id; /* of the path; NULL: a new one */
	json_t *body;
	bool with_services;
};

/* An id that nobody else has: the one given, else what tells it apart. */
static int
choose_id(struct change *x, const json_t *root, struct err *e)
{
	struct arena *a = request_arena(x->r);
	const char *id = json_str(x->body, "id");
	json_t *item;
	size_t i;

	if (!id || !*id)
		id = x->id;
	if (!id) {
		id = source_about(x->body);
		id = *id && !strchr(id, '/') ? id : "database";
	}
	json_each(item, i, json_list(root, "dbSources")) {
		const char *other = source_id(a, root, i);

		if (!str_equal(other, id) || str_equal(other, x->id))
			continue;
		if (json_str(x->body, "id") || x->id)
			return manage_refuse(x->r, FAULT_CONFLICT,
				"database_exists",
				arena_printf(a,
					"データベース「%s」はすでにあります。別の ID にしてください。",
					id),
				arena_printf(a,
					"there is a database \"%s\" already; "
					"choose another id",
					id),
				e);
		id = arena_printf(a, "%s-%zu", id, i + 2);
	}
	json_put_str(x->body, "id", id);
	return 0;
}

static int
add(void *ctx, json_t *root, struct err *e)
{
	struct change *x = ctx;
	json_t *list = json_list(root, "dbSources");

	if (choose_id(x, root, e) ||
		manage_password(x->r, x->ad, x->body, NULL, e))
		return -1;
	if (!list) {
		list = json_array();
		json_put_new(root, "dbSources", list);
	}
	json_put_new(x->body, "dbServices", json_array());
	json_array_append(list, x->body);
	return 0;
}

static int
change_body(struct change *x, struct err *e)
{
	if (manage_body(x->r, &x->body, e))
		return -1;
	for (size_t i = 0; i < sizeof(extra) / sizeof(*extra); i++)
		if (!str_equal(extra[i], "password"))
			json_object_del(x->body, extra[i]);
	return 0;
}

int
manage_source_add(struct request *r, void *state, struct err *e)
{
	struct change x = { .r = r, .ad = state };

	if (change_body(&x, e) || manage_change(r, state, "", add, &x, e))
		return -1;
	return reply_source(r, state, 201, json_str(x.body, "id"), e);
}

/* The stored one, if nobody else was faster. */
static int
find_mine(
	struct change *x, json_t *root, json_t **item, size_t *n, struct err *e)
{
	char revision[REVISION_LEN + 1];

	if (manage_find_source(x->r, root, x->id, item, n, e))
		return -1;
	json_decref(source_json(x->r, root, *item, *n, revision));
	return manage_match(x->r, revision, e);
}

static int
put(void *ctx, json_t *root, struct err *e)
{
	struct change *x = ctx;
	json_t *item;
	size_t n;

	if (find_mine(x, root, &item, &n, e) || choose_id(x, root, e) ||
		manage_password(x->r, x->ad, x->body, item, e))
		return -1;
	json_put_from(x->body, "dbServices", item, "dbServices");
	json_array_set(json_list(root, "dbSources"), n, x->body);
	return 0;
}

int
manage_source_put(struct request *r, void *state, struct err *e)
{
	struct change x = {
		.r = r, .ad = state, .id = request_segment(r, "id")
	};

	if (change_body(&x, e) || manage_change(r, state, "", put, &x, e))
		return -1;
	return reply_source(r, state, 200, json_str(x.body, "id"), e);
}

static int
drop(void *ctx, json_t *root, struct err *e)
{
	struct change *x = ctx;
	struct arena *a = request_arena(x->r);
	json_t *item;
	size_t n, services;

	if (find_mine(x, root, &item, &n, e))
		return -1;
	services = json_array_size(json_list(item, "dbServices"));
	if (services && !x->with_services)
		return manage_refuse(x->r, FAULT_CONFLICT,
			"database_has_services",
			arena_printf(a,
				"このデータベースには %zu 個のデータサービスがあります。先にサービスを削除するか、with_services=true を付けて一緒に削除してください。",
				services),
			arena_printf(a,
				"the database has %zu data services; remove "
				"them first, or ask with with_services=true",
				services),
			e);
	json_array_remove(json_list(root, "dbSources"), n);
	return 0;
}

int
manage_source_delete(struct request *r, void *state, struct err *e)
{
	const char *with =
		query_get(request_arena(r), request_query(r), "with_services");
	struct change x = { .r = r,
		.ad = state,
		.id = request_segment(r, "id"),
		.with_services = str_equal(with, "true") };

	if (manage_change(r, state, "", drop, &x, e))
		return -1;
	return reply_send(r, 204, NULL, bytes_of("", 0), e);
}
