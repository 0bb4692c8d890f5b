/* SPDX-License-Identifier: MIT */
/*
 * One route table out of the console's own rows and the administration APIs
 * of the roles that run in this process, each with its own state.
 */
#include "audit_int.h"
#include "console_int.h"
#include "contract_int.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "http_server.h"
#include "mem.h"
#include "param.h"
#include "setup_int.h"
#include "text.h"

static const char prefix[] = "/api/v1";

struct mount {
	struct arena *arena;
	struct route *route;        /* what the listener sees; ends with NULL */
	const struct route **inner; /* the role's own row */
	void *const **state;        /* where the role's state stands */
	const struct contract **contract; /* or NULL */
	const char **event;               /* for the audit, "" */
	struct console *console;
	bool strict; /* about identifiers */
	void *own_state;
	size_t n;
};

static size_t
count(const struct route *r)
{
	size_t n = 0;

	while (r && r[n].method)
		n++;
	return n;
}

static bool
is_interface(const char *path)
{
	return str_prefix(path, prefix);
}

/* Listener rows lead here; the listener's state is the mount. */
static int
handle(struct request *r, void *state, struct err *e)
{
	struct mount *m = state;
	size_t i = (size_t)(request_route(r) - m->route);
	void *inner_state = *m->state[i];
	bool told = request_changes(r) && console_caller(r);
	const char *detail = NULL;
	int ret;

	if (!inner_state)
		return fail(e, FAULT_CONFLICT,
			"this role has not started yet; try again");
	ret = is_interface(m->route[i].path)
		      ? contract_check(r, m->contract[i], m->strict, e)
		      : 0;
	if (!ret && told)
		detail = audit_detail(r, m->contract[i]);
	if (!ret)
		ret = m->inner[i]->handle(r, inner_state, e);
	if (told)
		console_audit(m->console, r, console_caller(r)->name,
			ret < 0 ? fault_http(e->fault) : reply_status(r),
			detail);
	if (!ret)
		setup_heard(m->console, m->event[i], reply_status(r));
	return ret;
}

/* api: whose interface, see contract_find(). */
static void
add(struct mount *m, const struct route *rows, void *const *state,
	const char *before, char api)
{
	for (; rows && rows->method; rows++) {
		struct route *to = &m->route[m->n];

		*to = *rows;
		to->path = arena_printf(m->arena, "%s%s", before, rows->path);
		to->handle = handle;
		m->inner[m->n] = rows;
		if (is_interface(to->path))
			m->contract[m->n] = contract_find(
				api, to->method, to->path + sizeof(prefix) - 1);
		m->event[m->n] = audit_event(api, to->method, to->path);
		m->state[m->n++] = state;
	}
}

struct mount *
mount_new(const struct role_env *env, const struct route *own, void *state)
{
	struct mount *m = mem_alloc(sizeof(*m));
	size_t n = count(own) + 1;

	for (size_t i = 0; i < env->runs; i++)
		n += count(env->run[i].role->admin);
	m->arena = arena_new();
	m->route = arena_array(m->arena, n, sizeof(*m->route));
	m->inner = arena_array(m->arena, n, sizeof(void *));
	m->state = arena_array(m->arena, n, sizeof(void *));
	m->contract = arena_array(m->arena, n, sizeof(void *));
	m->event = arena_array(m->arena, n, sizeof(char *));
	m->strict = conf_bool(env->conf, P_STRICT_IDENTIFIERS);
	m->console = state;
	m->own_state = state;
	for (size_t i = 0; i < env->runs; i++)
		add(m, env->run[i].role->admin, &env->run[i].state, prefix,
			str_equal(env->run[i].role->name, "center") ? 'C'
								    : 'S');
	add(m, own, &m->own_state, "", 'S');
	return m;
}

const struct route *
mount_routes(const struct mount *m)
{
	return m->route;
}

const char *
mount_event(const struct mount *m, const struct request *r)
{
	return m->event[request_route(r) - m->route];
}

static json_t *
object_of(const char *key, json_t *v)
{
	json_t *j = json_object();

	json_put_new(j, key, v);
	return j;
}

/* Around what was found: who serves it, how one signs in. */
static json_t *
document(json_t *paths, json_t *schemas)
{
	json_t *j = json_object(), *info = json_object();
	json_t *key = json_object(), *parts = json_object();

	json_put_str(info, "title", "machilink administration");
	json_put_str(info, "version", VERSION);
	json_put_str(key, "type", "apiKey");
	json_put_str(key, "in", "header");
	json_put_str(key, "name", "Authorization");
	json_put_str(key, "description", "X-Road-ApiKey token=<api key>");
	json_put_str(j, "openapi", "3.0.3");
	json_put_new(j, "info", info);
	json_put_new(j, "servers", json_array());
	json_array_append_new(json_object_get(j, "servers"),
		object_of("url", json_text_new(prefix)));
	json_put_new(j, "security", json_array());
	json_array_append_new(json_object_get(j, "security"),
		object_of("ApiKeyAuth", json_array()));
	json_put_new(j, "paths", paths);
	json_put_new(parts, "securitySchemes", object_of("ApiKeyAuth", key));
	json_put_new(parts, "schemas", schemas);
	json_put_new(j, "components", parts);
	return j;
}

json_t *
mount_document(const struct mount *m)
{
	json_t *paths = json_object(), *schemas = json_object();

	for (size_t i = 0; i < m->n; i++) {
		const struct route *r = &m->route[i];
		const char *path = r->path + sizeof(prefix) - 1;
		json_t *op, *all;
		char method[16];

		if (!is_interface(r->path) || strchr(r->path, '*') ||
			strlen(r->method) >= sizeof(method) ||
			m->inner[i]->handle == reply_unbacked)
			continue;
		memcpy(method, r->method, strlen(r->method) + 1);
		str_lower(method);
		all = json_object_get(paths, path);
		if (!all) {
			all = json_object();
			json_put_new(paths, path, all);
		}
		if (json_object_get(all, method))
			continue; /* the first row is the one that answers */
		op = json_object();
		contract_describe(m->contract[i], path, op, schemas);
		if (r->flags & ADMIN_PUBLIC)
			json_put_new(op, "security", json_array());
		json_put_new(all, method, op);
	}
	return document(paths, schemas);
}

struct console *
mount_console(struct mount *m)
{
	return m->console;
}

void
mount_free(struct mount **m)
{
	if (!*m)
		return;
	arena_free(&(*m)->arena);
	mem_free(*m);
	*m = NULL;
}
