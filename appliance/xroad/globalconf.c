/* SPDX-License-Identifier: MIT */
/*
 * The loaded configuration: life, and the questions about members, servers
 * and groups. Immutable after globalconf_new(), so any thread may ask.
 * Foreign instances count only while unexpired (xroad-center-admin.md 1.8).
 */
#include <assert.h>

#include "cert.h"
#include "clock.h"
#include "err.h"
#include "globalconf_int.h"
#include "judged_int.h"
#include "mem.h"
#include "text.h"

/* ---- life ---- */

static int
instance_load(struct globalconf *g, struct gc_instance *in,
	const struct gc_instance_file *file, struct err *e)
{
	size_t i;

	if (shared_params_parse(
		    g->arena, file->shared, file->version, &in->shared, e) != 0)
		return -1;
	for (i = 0; i < g->instances; i++)
		if (str_equal(g->instance[i].shared.instance,
			    in->shared.instance))
			return fail(e, FAULT_MALFORMED_GLOBAL_CONF,
				"instance %s is there twice",
				in->shared.instance);
	in->expires = file->expires;
	in->own = g->instances == 0;
	g->instances++;
	return 0;
}

static int
private_load(struct globalconf *g, const struct gc_instance_file *file,
	struct err *e)
{
	if (file->private_part.len == 0)
		return 0;
	if (private_params_parse(
		    g->arena, file->private_part, &g->private_part, e) != 0)
		return -1;
	if (!str_equal(g->private_part.instance, g->own))
		return fail(e, FAULT_GC_PART_INSTANCE,
			"private parameters are of %s, not %s",
			g->private_part.instance, g->own);
	g->has_private = true;
	return 0;
}

static int
options_load(struct globalconf *g, const struct gc_instance_file *file,
	struct err *e)
{
	const struct {
		const char *identifier;
		struct bytes xml;
	} part[] = {
		{ "MONITORING", file->monitoring },
		{ "FETCHINTERVAL", file->fetch_interval },
		{ "NEXTUPDATE", file->next_update },
	};
	size_t i;

	gc_options_default(&g->options);
	for (i = 0; i < sizeof(part) / sizeof(*part); i++)
		if (part[i].xml.len > 0 &&
			gc_options_read(g->arena, part[i].identifier,
				part[i].xml, &g->options, e) != 0)
			return -1;
	return 0;
}

static int
files_load(struct globalconf *g, const struct gc_instance_file *file, size_t n,
	const char *own_instance, struct err *e)
{
	size_t i;

	g->instance = arena_array(g->arena, n, sizeof(*g->instance));
	for (i = 0; i < n; i++)
		if (instance_load(g, &g->instance[i], &file[i], e) != 0)
			return -1;
	g->own = g->instance[0].shared.instance;
	if (own_instance && !str_equal(own_instance, g->own))
		return fail(e, FAULT_GC_PART_INSTANCE,
			"shared parameters are of %s, not %s", g->own,
			own_instance);
	if (options_load(g, &file[0], e) != 0)
		return -1;
	return private_load(g, &file[0], e);
}

int
globalconf_new(struct globalconf **out, const struct gc_instance_file *file,
	size_t n, const char *own_instance, struct err *e)
{
	struct globalconf *g = mem_alloc(sizeof(*g));

	assert(n > 0);
	*out = NULL;
	atomic_init(&g->refs, 1);
	g->arena = arena_new();
	g->memo = memo_new();
	g->judged = judged_new();
	if (files_load(g, file, n, own_instance, e) != 0) {
		globalconf_unref(&g);
		return -1;
	}
	gc_index_build(g);
	*out = g;
	return 0;
}

struct globalconf *
globalconf_ref(struct globalconf *g)
{
	atomic_fetch_add(&g->refs, 1);
	return g;
}

void
globalconf_unref(struct globalconf **g)
{
	struct globalconf *old = *g;

	*g = NULL;
	if (!old || atomic_fetch_sub(&old->refs, 1) != 1)
		return;
	arena_free(&old->arena);
	memo_free(&old->memo);
	judged_free(&old->judged);
	mem_free(old);
}

/* ---- instances ---- */

bool
gc_instance_usable(const struct gc_instance *in)
{
	return in->own || in->expires >= clock_now();
}

const struct gc_instance *
gc_instance_find(const struct globalconf *g, const char *instance)
{
	size_t i;

	for (i = 0; i < g->instances; i++) {
		const struct gc_instance *in = &g->instance[i];

		if (instance ? str_equal(in->shared.instance, instance)
			     : in->own)
			return gc_instance_usable(in) ? in : NULL;
	}
	return NULL;
}

const char *
globalconf_instance(const struct globalconf *g)
{
	return g->own;
}

const struct shared_params *
globalconf_shared(const struct globalconf *g, const char *instance)
{
	const struct gc_instance *in = gc_instance_find(g, instance);

	return in ? &in->shared : NULL;
}

size_t
globalconf_instances(const struct globalconf *g, const char **out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < g->instances && n < max; i++)
		if (gc_instance_usable(&g->instance[i]))
			out[n++] = g->instance[i].shared.instance;
	return n;
}

const struct private_params *
globalconf_private(const struct globalconf *g)
{
	return g->has_private ? &g->private_part : NULL;
}

const struct gc_options *
globalconf_options(const struct globalconf *g)
{
	return &g->options;
}

int64_t
globalconf_expires(const struct globalconf *g)
{
	return g->instance[0].expires;
}

int
globalconf_valid(const struct globalconf *g, int64_t now, struct err *e)
{
	char when[TIME_TEXT_MAX];

	if (now <= globalconf_expires(g))
		return 0;
	return fail(e, FAULT_GLOBAL_CONF_OUTDATED,
		"the global configuration of %s expired at %s", g->own,
		time_iso(when, globalconf_expires(g)));
}

/* ---- members, servers, groups ---- */

static struct gc_entry
client_key(const struct client_id *id)
{
	return (struct gc_entry){ .key = { id->instance, id->cls, id->code,
					  id->subsystem } };
}

bool
globalconf_has_client(const struct globalconf *g, const struct client_id *id)
{
	struct gc_entry key = client_key(id);

	return gc_instance_find(g, id->instance ? id->instance : "") &&
	       gc_index_find(&g->listed, &key, NULL);
}

size_t
globalconf_servers_of(const struct globalconf *g, const struct client_id *id,
	const struct gc_server **out, size_t max)
{
	struct gc_entry key = client_key(id);
	const struct gc_entry *hit;
	size_t i, n = 0;

	if (!gc_instance_find(g, id->instance ? id->instance : ""))
		return 0;
	hit = gc_index_find(&g->hosts, &key, &n);
	for (i = 0; hit && i < n && i < max; i++)
		out[i] = hit[i].value;
	return n < max ? n : max;
}

const struct gc_server *
globalconf_server(const struct globalconf *g, const struct server_id *id)
{
	const struct shared_params *p = globalconf_shared(
		g, id->owner.instance ? id->owner.instance : "");
	size_t i;

	for (i = 0; p && i < p->servers; i++)
		if (server_id_equal(&p->server[i].id, id))
			return &p->server[i];
	return NULL;
}

static const struct gc_server *
server_by_digest(const struct globalconf *g, const struct cert *auth,
	enum digest_alg alg)
{
	struct digest d;
	char hex[2 * DIGEST_MAX + 1];
	static const char digit[] = "0123456789abcdef";
	struct gc_entry key = { .key = { hex } };
	const struct gc_entry *hit;
	const struct gc_server *v;
	size_t i, n = 0;

	cert_digest(auth, alg, &d);
	for (i = 0; i < d.len; i++) {
		hex[2 * i] = digit[d.value[i] >> 4];
		hex[2 * i + 1] = digit[d.value[i] & 15];
	}
	hex[2 * d.len] = '\0';
	hit = gc_index_find(&g->certs, &key, &n);
	for (i = 0; hit && i < n; i++) {
		v = hit[i].value;
		if (gc_instance_find(g, v->id.owner.instance))
			return v;
	}
	return NULL;
}

const struct gc_server *
globalconf_server_by_cert(const struct globalconf *g, const struct cert *auth)
{
	const struct gc_server *v = server_by_digest(g, auth, DIGEST_SHA256);

	return v ? v : server_by_digest(g, auth, DIGEST_SHA1);
}

bool
gc_server_hosts(const struct gc_server *s, const struct client_id *id)
{
	size_t i;

	if (client_id_equal(&s->id.owner, id))
		return true;
	for (i = 0; i < s->clients; i++)
		if (client_id_equal(&s->client[i], id))
			return true;
	return false;
}

bool
globalconf_in_group(const struct globalconf *g, const char *instance,
	const char *group, const struct client_id *id)
{
	struct gc_entry key = { .key = { instance, group, id->instance, id->cls,
					id->code, id->subsystem } };

	return gc_instance_find(g, instance) &&
	       gc_index_find(&g->groups, &key, NULL);
}
