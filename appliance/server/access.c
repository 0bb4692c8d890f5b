/* SPDX-License-Identifier: MIT */
/*
 * Access rights: exact subsystems or members, global groups, local groups of
 * the provider; on the whole service or on REST endpoints. Nobody has a right
 * that is not written down. Rule: interop/xroad-messages.md section 7.
 */
#include "err.h"
#include "mem.h"
#include "model_int.h"
#include "rest.h"
#include "text.h"

static bool
in_local_group(const struct m_group *g, const struct client_id *caller)
{
	for (size_t i = 0; i < g->members; i++)
		if (client_id_equal(&g->member[i], caller))
			return true;
	return false;
}

static bool
right_is_for(const struct m_right *r, const struct globalconf *g,
	const struct client_id *caller)
{
	if (r->kind == SUBJECT_CLIENT)
		return client_id_equal(&r->client, caller);
	if (r->kind == SUBJECT_GLOBAL)
		return globalconf_in_group(g, r->instance, r->group, caller);
	return r->local && r->local->client == r->endpoint->client &&
	       in_local_group(r->local, caller);
}

static bool
endpoint_is_base(const struct m_endpoint *p)
{
	return str_equal(p->method, "*") && str_equal(p->path, "**");
}

static bool
endpoint_covers(
	const struct m_endpoint *p, const char *method, const char *path)
{
	if (endpoint_is_base(p))
		return true;
	if (!method)
		return false;
	return (str_equal(p->method, "*") || str_iequal(p->method, method)) &&
	       rest_path_match(p->path, path);
}

/* Some right of the caller covers the path; NULL: the whole service only. */
static bool
covered(const struct model *m, const struct globalconf *g,
	const struct m_client *provider, const char *code,
	const struct client_id *caller, const char *method, const char *path)
{
	for (size_t i = 0; i < m->rights; i++) {
		const struct m_right *r = &m->right[i];
		const struct m_endpoint *p = r->endpoint;
		if (p->client == provider && str_equal(p->code, code) &&
			(path ? endpoint_covers(p, method, path)
			      : endpoint_is_base(p)) &&
			right_is_for(r, g, caller))
			return true;
	}
	return false;
}

/* A right to the whole service cannot be widened by how a path is written, so
   there X-Road's own, laxer judgement is taken: its peers must not notice a
   difference. A right to a pattern can, wherever the provider's decoder reads
   the raw path otherwise than we do: there ambiguity is refused. */
int
access_check(const struct model *m, const struct globalconf *g,
	const struct m_client *provider, const char *code,
	const struct client_id *caller, const char *method,
	const char *raw_path, struct err *e)
{
	struct arena *a = arena_new();
	char *path = NULL;
	int ret = -1;

	if (covered(m, g, provider, code, caller, NULL, NULL)) {
		ret = method && raw_path ? rest_path_inside(a, raw_path, e) : 0;
		goto out;
	}
	if (method &&
		rest_path_normalize(a, raw_path ? raw_path : "", &path, e))
		goto out;
	if (method && covered(m, g, provider, code, caller, method, path))
		ret = 0;
	else
		fail(e, FAULT_ACCESS_DENIED,
			"Request is not allowed: %s to service '%s' of %s",
			client_id_text(a, caller), code,
			client_id_text(a, &provider->id));
out:
	arena_free(&a);
	return ret;
}

bool
access_some(const struct model *m, const struct globalconf *g,
	const struct m_client *provider, const char *code,
	const struct client_id *caller, bool endpoints)
{
	for (size_t i = 0; i < m->rights; i++) {
		const struct m_right *r = &m->right[i];
		const struct m_endpoint *p = r->endpoint;
		if (p->client == provider && str_equal(p->code, code) &&
			(endpoints || endpoint_is_base(p)) &&
			right_is_for(r, g, caller))
			return true;
	}
	return false;
}

bool
access_endpoint(const struct model *m, const struct globalconf *g,
	const struct m_endpoint *endpoint, const struct client_id *caller)
{
	for (size_t i = 0; i < m->rights; i++) {
		const struct m_right *r = &m->right[i];
		const struct m_endpoint *p = r->endpoint;
		if (p->client == endpoint->client &&
			str_equal(p->code, endpoint->code) &&
			endpoint_covers(p, endpoint->method, endpoint->path) &&
			right_is_for(r, g, caller))
			return true;
	}
	return false;
}
