/* SPDX-License-Identifier: MIT */
/*
 * The adapter's databases and data services in a plan. What stands in
 * "connection" and "definition" has the members of services.json; passwords are
 * only named, and never exported.
 */
#include "cli_int.h"

#include "apply_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "text.h"

enum { PASSWORD_MAX = 8 * 1024 };

#define DATABASES "/machilink/adapter/databases"
#define SERVICES  "/machilink/adapter/services"

/* The object without members that are not the author's. */
static json_t *
without(struct apply *x, const json_t *j, const char *const *drop)
{
	json_t *out = json_keep(x->a, json_copy((json_t *)(uintptr_t)j));

	for (; *drop; drop++)
		json_object_del(out, *drop);
	return out;
}

static const char *const database_extra[] = { "id", "revision", "passwordSet",
	"services", "away", NULL };
static const char *const service_extra[] = { "id", "name", "status", "database",
	"revision", "state", "problem", NULL };

static bool
is_on(const json_t *service)
{
	const char *status = json_str(service, "status");

	return !status || str_iequal(status, "VALID");
}

static json_t *
database_thing(struct apply *x, const json_t *d, const json_t *services)
{
	json_t *j = json_keep(x->a, json_object()), *list = json_array(), *v;
	size_t i;

	json_put_from(j, "id", d, "id");
	json_object_set(j, "connection", without(x, d, database_extra));
	json_put_new(j, "data_services", list);
	json_each(v, i, services) {
		json_t *s;

		if (!str_equal(json_str(v, "database"), json_str(d, "id")))
			continue;
		s = json_object();
		json_put_from(s, "name", v, "name");
		json_put_bool(s, "enabled", is_on(v));
		json_object_set(s, "definition", without(x, v, service_extra));
		json_array_append_new(list, s);
	}
	return j;
}

int
apply_read_databases(struct apply *x, json_t *to, struct err *e)
{
	json_t *services, *list, *v;
	struct apply_answer a;
	size_t i;

	if (apply_call(x, "GET", DATABASES, NULL, bytes_of(NULL, 0), &a, e))
		return -1;
	/* no adapter here, or none of the key's business */
	if (a.status == 404 || a.status == 403)
		return 0;
	if (a.status != 200)
		return apply_refused("GET", DATABASES, &a, e);
	if (apply_get(x, SERVICES, &services, e))
		return -1;
	list = json_array();
	json_put_new(to, "databases", list);
	json_each(v, i, a.json)
		json_array_append(list, database_thing(x, v, services));
	return 0;
}

/* In the secret arena; NULL: the plan names none. */
static int
password(struct apply *x, const json_t *want, const char **out, struct err *e)
{
	const char *env = json_str(want, "password_env");
	const char *file = json_str(want, "password_file");
	struct bytes text;

	*out = env ? getenv(env) : NULL;
	if (env && !*out)
		return fail(e, FAULT_CONFIG,
			"the password of the database %s is needed: set %s",
			json_str(want, "id"), env);
	if (env || !file)
		return 0;
	if (file_read(x->a, *file == '/' ? file : path_join(x->a, x->dir, file),
		    PASSWORD_MAX, &text, e))
		return -1;
	*out = arena_strndup(x->a, (const char *)text.data,
		strcspn((const char *)text.data, "\r\n"));
	return 0;
}

static int
send(struct apply *x, const char *method, const char *path, const json_t *body,
	struct err *e)
{
	enum { TEXT_MAX = 1024 * 1024 };
	struct buf b;
	int ret;

	buf_init(&b, TEXT_MAX);
	b.secret = true;
	json_write(&b, body, JSON_PLAIN);
	ret = buf_ok(&b, "the call", e);
	if (!ret)
		ret = apply_send(x, method, path, b.data, NULL, e);
	buf_done(&b);
	return ret;
}

int
apply_database_put(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	json_t *body = without(
		x, json_object_get(s->want, "connection"), database_extra);
	bool new = s->verb == PLAN_ADD;
	const char *secret;

	if (password(x, s->want, &secret, e))
		return -1;
	json_put_from(body, "id", s->want, "id");
	if (secret)
		json_put_str(body, "password", secret);
	if (send(x, new ? "POST" : "PUT",
		    new ? DATABASES : apply_path(x, DATABASES "/", s->id, ""),
		    body, e))
		return -1;
	if (new)
		*now = database_thing(x, body, NULL);
	return 0;
}

int
apply_data_service_put(
	struct apply *x, const struct plan_step *s, json_t **now, struct err *e)
{
	json_t *body = without(
		x, json_object_get(s->want, "definition"), service_extra);
	const char *database = s->parent ? s->parent->id : NULL;
	bool new = s->verb == PLAN_ADD;
	bool on = json_bool(
		s->want, "enabled", json_bool(s->have, "enabled", true));

	(void)now;
	json_put_from(body, "name", s->want, "name");
	json_put_str(body, "database", database);
	json_put_str(body, "status", on ? "VALID" : "DISABLED");
	return send(x, new ? "POST" : "PUT",
		new ? SERVICES : apply_path(x, SERVICES "/", s->id, ""), body,
		e);
}
