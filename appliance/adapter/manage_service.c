/* SPDX-License-Identifier: MIT */
/*
 * Administration: the data services of services.json.
 */
#include <string.h>

#include "datasource.h"
#include "err.h"
#include "json_io.h"
#include "manage.h"
#include "mem.h"
#include "text.h"

/* Members of the interface, not of the file. */
static const char *const extra[] = { "database", "revision", "state", "problem",
	"path" };

int
manage_find_service(struct request *r, const json_t *root, const char *name,
	json_t **list, size_t *at, json_t **out, const char **database,
	struct err *e)
{
	struct arena *a = request_arena(r);
	json_t *source, *item, *services;
	size_t i, j;

	json_each(source, i, json_list(root, "dbSources")) {
		services = json_list(source, "dbServices");
		json_each(item, j, services) {
			if (!str_equal(json_str(item, "name"), name))
				continue;
			if (list)
				*list = services;
			if (at)
				*at = j;
			if (out)
				*out = item;
			if (database)
				*database = source_id(a, root, i);
			return 0;
		}
	}
	return manage_refuse(r, FAULT_NOT_FOUND, NULL,
		arena_printf(a, "データサービス「%.100s」はありません。", name),
		arena_printf(a, "there is no data service \"%.100s\"", name),
		e);
}

json_t *
manage_service_bare(struct arena *a, const json_t *body)
{
	json_t *j = json_keep(a, json_copy((json_t *)(uintptr_t)body));

	for (size_t i = 0; i < sizeof(extra) / sizeof(*extra); i++)
		json_object_del(j, extra[i]);
	return j;
}

/* What the file says, and what became of it. A new reference. */
static json_t *
service_json(struct arena *a, const struct catalog *c, const json_t *item,
	const char *database, char revision[REVISION_LEN + 1])
{
	json_t *j = json_copy((json_t *)(uintptr_t)item);
	const char *name = json_str(item, "name");
	const struct data_service *s = name ? catalog_find(c, name) : NULL;
	const char *state = "in force";

	manage_revision(item, database, revision);
	if (service_is_off(item))
		state = "off";
	else if (!s)
		state = "not read"; /* the file was changed by hand */
	else if (s->asleep)
		state = "asleep";
	json_put_str(j, "database", database);
	json_put_str(j, "revision", revision);
	json_put_str(j, "state", state);
	if (s && s->asleep)
		json_put_new(j, "problem", manage_fault(a, s->asleep));
	return j;
}

int
manage_services(struct request *r, void *state, struct err *e)
{
	struct adapter *ad = state;
	struct arena *a = request_arena(r);
	const struct catalog *c = shelf_of(ad->shelf, r);
	const char *only = query_get(a, request_query(r), "database");
	char revision[REVISION_LEN + 1];
	json_t *root, *source, *item, *list;
	size_t i, j;

	if (manage_file(r, ad, &root, e))
		return -1;
	list = json_array();
	json_each(source, i, json_list(root, "dbSources")) {
		const char *id = source_id(a, root, i);

		if (only && !str_equal(only, id))
			continue;
		json_each(item, j, json_list(source, "dbServices"))
			json_array_append_new(
				list, service_json(a, c, item, id, revision));
	}
	return manage_reply(r, 200, list, NULL, e);
}

static int
reply_service(struct request *r, struct adapter *ad, int status,
	const char *name, struct err *e)
{
	char revision[REVISION_LEN + 1];
	const char *database;
	json_t *root, *item, *j;

	if (manage_file(r, ad, &root, e) ||
		manage_find_service(
			r, root, name, NULL, NULL, &item, &database, e))
		return -1;
	j = service_json(request_arena(r), shelf_of(ad->shelf, r), item,
		database, revision);
	return manage_reply(r, status, j, revision, e);
}

int
manage_service_get(struct request *r, void *state, struct err *e)
{
	return reply_service(r, state, 200, request_segment(r, "name"), e);
}

/* ---- changing ---- */

struct change {
	struct request *r;
	const char *name;   /* of the path; NULL: a new one */
	json_t *body;       /* as it came */
	json_t *bare;       /* for the file */
	const char *status; /* to set, or NULL */
};

/* Nobody else is called so. */
static int
check_name(struct change *x, const json_t *root, struct err *e)
{
	struct arena *a = request_arena(x->r);
	const char *name = json_str(x->bare, "name");
	bool there = !manage_find_service(
		x->r, root, name, NULL, NULL, NULL, NULL, NULL);

	request_set_japanese(x->r, NULL);
	if (!there || str_equal(name, x->name))
		return 0;
	return manage_refuse(x->r, FAULT_CONFLICT, "service_exists",
		arena_printf(a,
			"データサービス「%s」はすでにあります。別の名前にしてください。",
			name),
		arena_printf(a,
			"there is a data service \"%s\" already; choose "
			"another name",
			name),
		e);
}

/* Where the body wants it to be. */
static int
target(struct change *x, json_t *root, const char *otherwise, json_t **list,
	struct err *e)
{
	const char *id = json_str(x->body, "database");
	json_t *source;

	if (!id)
		id = otherwise;
	if (!id)
		return manage_refuse(x->r, FAULT_BAD_REQUEST, NULL,
			"どのデータベースのサービスかを database に指定してください。",
			"\"database\" must say which database it is for", e);
	if (manage_find_source(x->r, root, id, &source, NULL, e))
		return -1;
	*list = json_list(source, "dbServices");
	if (!*list) {
		*list = json_array();
		json_put_new(source, "dbServices", *list);
	}
	return 0;
}

static int
add(void *ctx, json_t *root, struct err *e)
{
	struct change *x = ctx;
	json_t *list;

	if (check_name(x, root, e) || target(x, root, NULL, &list, e))
		return -1;
	json_array_append(list, x->bare);
	return 0;
}

static int
read_body(struct change *x, struct err *e)
{
	if (manage_body(x->r, &x->body, e))
		return -1;
	x->bare = manage_service_bare(request_arena(x->r), x->body);
	if (json_str(x->bare, "name"))
		return 0;
	return manage_refuse(x->r, FAULT_BAD_REQUEST, NULL,
		"サービスの名前 (name) を指定してください。",
		"\"name\", the name of the service, is missing", e);
}

/* A service that is off is not checked. */
static const char *
to_check(const struct change *x)
{
	return service_is_off(x->bare) ? "" : json_str(x->bare, "name");
}

int
manage_service_add(struct request *r, void *state, struct err *e)
{
	struct change x = { .r = r };

	if (read_body(&x, e) ||
		manage_change(r, state, to_check(&x), add, &x, e))
		return -1;
	return reply_service(r, state, 201, json_str(x.bare, "name"), e);
}

/* The stored one, if nobody else was faster. */
static int
find_mine(struct change *x, json_t *root, json_t **list, size_t *at,
	json_t **item, const char **database, struct err *e)
{
	char revision[REVISION_LEN + 1];

	if (manage_find_service(
		    x->r, root, x->name, list, at, item, database, e))
		return -1;
	manage_revision(*item, *database, revision);
	return manage_match(x->r, revision, e);
}

static int
put(void *ctx, json_t *root, struct err *e)
{
	struct change *x = ctx;
	const char *database;
	json_t *list, *to, *item;
	size_t at;

	if (find_mine(x, root, &list, &at, &item, &database, e) ||
		check_name(x, root, e) || target(x, root, database, &to, e))
		return -1;
	if (!json_object_get(x->bare, "status"))
		json_put_from(x->bare, "status", item, "status");
	if (to == list)
		return json_array_set(list, at, x->bare);
	json_array_remove(list, at);
	return json_array_append(to, x->bare);
}

int
manage_service_put(struct request *r, void *state, struct err *e)
{
	struct change x = { .r = r, .name = request_segment(r, "name") };

	if (read_body(&x, e) ||
		manage_change(r, state, to_check(&x), put, &x, e))
		return -1;
	return reply_service(r, state, 200, json_str(x.bare, "name"), e);
}

static int
drop(void *ctx, json_t *root, struct err *e)
{
	struct change *x = ctx;
	const char *database;
	json_t *list, *item;
	size_t at;

	if (find_mine(x, root, &list, &at, &item, &database, e))
		return -1;
	return json_array_remove(list, at);
}

int
manage_service_delete(struct request *r, void *state, struct err *e)
{
	struct change x = { .r = r, .name = request_segment(r, "name") };

	if (manage_change(r, state, "", drop, &x, e))
		return -1;
	return reply_send(r, 204, NULL, bytes_of("", 0), e);
}

static int
set_status(void *ctx, json_t *root, struct err *e)
{
	struct change *x = ctx;
	const char *database;
	json_t *list, *item;
	size_t at;

	if (find_mine(x, root, &list, &at, &item, &database, e))
		return -1;
	json_put_str(item, "status", x->status);
	return 0;
}

static int
turn(struct request *r, void *state, const char *status, bool on, struct err *e)
{
	struct change x = {
		.r = r, .name = request_segment(r, "name"), .status = status
	};

	if (manage_change(r, state, on ? x.name : "", set_status, &x, e))
		return -1;
	return reply_service(r, state, 200, x.name, e);
}

int
manage_service_enable(struct request *r, void *state, struct err *e)
{
	return turn(r, state, "VALID", true, e);
}

int
manage_service_disable(struct request *r, void *state, struct err *e)
{
	return turn(r, state, "DISABLED", false, e);
}
