/* SPDX-License-Identifier: MIT */
/*
 * One route table out of the console's own rows and the administration APIs
 * of the roles that run in this process, each with its own state.
 */
#include "console_int.h"
#include "contract_int.h"

#include <string.h>

#include "clock.h"
#include "err.h"
#include "http_server.h"
#include "mem.h"
#include "param.h"
#include "text.h"

static const char prefix[] = "/api/v1";

struct mount {
	struct arena *arena;
	struct route *route;        /* what the listener sees; ends with NULL */
	const struct route **inner; /* the role's own row */
	void *const **state;        /* where the role's state stands */
	const struct contract **contract; /* or NULL */
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
	int ret, status = 200;

	if (!inner_state)
		return fail(e, FAULT_CONFLICT,
			"this role has not started yet; try again");
	ret = is_interface(m->route[i].path)
		      ? contract_check(r, m->contract[i], m->strict, e)
		      : 0;
	if (ret > 0)
		status = 400;
	else if (!ret)
		ret = m->inner[i]->handle(r, inner_state, e);
	if (request_changes(r) && console_caller(r))
		console_audit(m->console, r, console_caller(r)->name,
			ret < 0 ? fault_http(e->fault) : status);
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
