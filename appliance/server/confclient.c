/* SPDX-License-Identifier: MIT */
/*
 * The configuration client: keeps the newest verified global configuration.
 * The loaded one is immutable and swapped whole; a failure of any kind leaves
 * the previous one in place until its own expiry. Rule:
 * interop/xroad-center-admin.md 1.2, 1.3, 1.8.
 */
#include <pthread.h>
#include <stdio.h>

#include "clock.h"
#include "confclient_int.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tls.h"

enum { ANCHOR_MAX = 1024 * 1024 };

struct confclient {
	const struct conf *conf;
	struct http_client *http;
	struct tls *tls;      /* NULL: https sources are left out */
	struct bundle *roots; /* NULL: their certificates are not looked at */
	const char *dir;      /* cache */
	const char *anchor;   /* file */
	/* one update at a time; guards versions and last */
	pthread_mutex_t round;
	struct gc_versions versions;
	char last[GC_URL_MAX];  /* location that succeeded last */
	pthread_mutex_t lock;   /* guards what follows */
	struct globalconf *now; /* or NULL */
	struct confclient_status status;
};

const char *
confclient_anchor_path(const struct conf *c)
{
	const char *path = conf_text(c, P_GC_ANCHOR);

	return *path ? path : conf_data_path(c, "configuration-anchor.xml");
}

/* Takes the reference. */
static void
swap(struct confclient *c, struct globalconf *g, int version)
{
	struct globalconf *old;

	pthread_mutex_lock(&c->lock);
	old = c->now;
	c->now = g;
	c->status.expires = globalconf_expires(g);
	c->status.version = version;
	pthread_mutex_unlock(&c->lock);
	globalconf_unref(&old);
}

/* Optional parts, and the names under which every network keeps them
   (xroad-center-admin.md 1.7). */
static const struct optional {
	const char *identifier, *name;
} optionals[] = {
	{ "MONITORING", "monitoring-params.xml" },
	{ "FETCHINTERVAL", "fetchinterval-params.xml" },
	{ "NEXTUPDATE", "nextupdate-params.xml" },
};
enum { OPTIONALS = sizeof(optionals) / sizeof(*optionals) };

/* A malformed one counts as absent: its default stops nobody's messages. */
static void
option_take(struct gc_instance_file *f, size_t i, struct bytes xml)
{
	struct bytes *const to[OPTIONALS] = { &f->monitoring,
		&f->fetch_interval, &f->next_update };
	struct arena *a = arena_new();
	struct gc_options scratch;
	struct err why = ERR_INIT;

	gc_options_default(&scratch);
	if (!gc_options_read(a, optionals[i].identifier, xml, &scratch, &why))
		*to[i] = xml;
	else
		log_warning("%s is malformed, its default is used: %s",
			optionals[i].name, why.text);
	arena_free(&a);
}

/* f[0] holds the optional parts already; f has room for the partners. */
static int
build(struct gc_instance_file *f, const struct gc_file *shared,
	const struct gc_file *priv, const char *instance,
	const struct gc_partner *partner, size_t partners,
	struct globalconf **out, struct err *e)
{
	f->shared = shared->content;
	f->private_part = priv->content;
	f->version = shared->version;
	f->expires = shared->expires < priv->expires ? shared->expires
						     : priv->expires;
	for (size_t i = 0; i < partners; i++)
		f[1 + i] = (struct gc_instance_file){
			.shared = partner[i].shared.content,
			.version = partner[i].shared.version,
			.expires = partner[i].shared.expires,
		};
	return globalconf_new(out, f, 1 + partners, instance, e);
}

static int
build_round(const struct gc_round *r, const struct gc_partner *partner,
	size_t partners, struct globalconf **out, struct err *e)
{
	struct gc_instance_file *f =
		arena_array(r->a, 1 + GC_PARTNERS_MAX, sizeof(*f));

	for (size_t i = 0; i < OPTIONALS; i++) {
		const struct gc_file *part =
			gc_round_file(r, optionals[i].identifier);
		if (part)
			option_take(f, i, part->content);
	}
	return build(f, gc_round_file(r, GC_SHARED),
		gc_round_file(r, GC_PRIVATE), r->instance, partner, partners,
		out, e);
}

/* What the last run left behind; nothing is fine. */
static void
load_cache(struct confclient *c)
{
	struct arena *a = arena_new();
	struct gc_file shared, priv, part;
	struct gc_instance_file *f =
		arena_array(a, 1 + GC_PARTNERS_MAX, sizeof(*f));
	struct gc_partner *partner =
		arena_array(a, GC_PARTNERS_MAX, sizeof(*partner));
	struct globalconf *g;
	struct err e = ERR_INIT;
	char *instance;
	size_t n;

	if (gc_cache_load(a, c->dir, &instance, &shared, &priv, &e))
		goto out;
	for (size_t i = 0; i < OPTIONALS; i++)
		if (!gc_cache_read(a, c->dir, instance, optionals[i].name,
			    &part, NULL))
			option_take(f, i, part.content);
	n = gc_partners(
		a, c->conf, NULL, c->dir, instance, priv.content, partner);
	if (!build(f, &shared, &priv, instance, partner, n, &g, &e))
		swap(c, g, shared.version);
out:
	if (err_set(&e) && e.fault != FAULT_NOT_FOUND)
		log_warning("the kept global configuration cannot be used: %s",
			e.text);
	arena_free(&a);
}

int
confclient_open(struct confclient **out, const struct conf *conf,
	struct http_client *http, struct err *e)
{
	struct confclient *c = mem_alloc(sizeof(*c));

	c->conf = conf;
	c->http = http;
	c->dir = conf_data_path(conf, "globalconf");
	c->anchor = confclient_anchor_path(conf);
	pthread_mutex_init(&c->round, NULL);
	pthread_mutex_init(&c->lock, NULL);
	*out = c;
	if (dir_make(c->dir, e) || gc_tls_open(conf, &c->tls, &c->roots, e)) {
		confclient_close(out);
		return -1;
	}
	c->status.has_anchor = file_exists(c->anchor);
	load_cache(c);
	return 0;
}

void
confclient_close(struct confclient **p)
{
	struct confclient *c = *p;

	*p = NULL;
	if (!c)
		return;
	globalconf_unref(&c->now);
	tls_unref(&c->tls);
	bundle_close(&c->roots);
	pthread_mutex_destroy(&c->round);
	pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

static struct globalconf *
current(struct confclient *c)
{
	struct globalconf *g;

	pthread_mutex_lock(&c->lock);
	g = c->now ? globalconf_ref(c->now) : NULL;
	pthread_mutex_unlock(&c->lock);
	return g;
}

int
confclient_get(struct confclient *c, struct globalconf **out, struct err *e)
{
	*out = current(c);
	if (!*out)
		return fail(e, FAULT_GLOBAL_CONF_OUTDATED,
			"there is no global configuration yet");
	return 0;
}

int
confclient_valid(struct confclient *c, struct globalconf **out, struct err *e)
{
	if (confclient_get(c, out, e))
		return -1;
	if (globalconf_valid(*out, clock_now(), e)) {
		globalconf_unref(out);
		return -1;
	}
	return 0;
}

const char *
confclient_dir(const struct confclient *c)
{
	return c->dir;
}

void
confclient_status(struct confclient *c, struct confclient_status *out)
{
	pthread_mutex_lock(&c->lock);
	*out = c->status;
	pthread_mutex_unlock(&c->lock);
}

/* A refusal of what came weighs more than a source that is not there. */
static bool
weightier(const struct err *e, const struct err *than)
{
	return !err_set(than) || (than->fault == FAULT_GC_CONNECTION &&
					 e->fault != FAULT_GC_CONNECTION);
}

/* Tries every location until one gives everything. */
static int
try_locations(struct confclient *c, struct gc_round *r,
	const struct gc_anchor *anchor, const struct shared_params *known,
	struct gc_location place[GC_LOCATIONS_MAX], struct err *e)
{
	size_t n = gc_locations(r->a, r->call, anchor, known, c->last, place);
	struct err worst = ERR_INIT;

	for (size_t i = 0; i < n; i++) {
		struct err cause = ERR_INIT;
		r->from = &place[i];
		if (!gc_round_run(r, &cause))
			return 0;
		log_debug("%s: %s", r->from->url, cause.text);
		if (weightier(&cause, &worst))
			worst = cause;
	}
	if (!n)
		return fail(e, FAULT_MALFORMED_ANCHOR,
			"the configuration anchor names no http:// source");
	return fail(e, worst.fault, "%s", worst.text);
}

static void
note(struct confclient *c, const char *url, const struct err *e)
{
	pthread_mutex_lock(&c->lock);
	c->status.last_try = clock_now();
	if (e)
		c->status.error = *e;
	else
		c->status.error = (struct err)ERR_INIT;
	/* also when it failed: a wrong clock is why */
	c->status.clock_ahead = c->versions.ahead;
	c->status.clock_seen = c->versions.seen;
	if (!e) {
		c->status.last_success = c->status.last_try;
		snprintf(c->status.url, sizeof(c->status.url), "%s", url);
	}
	pthread_mutex_unlock(&c->lock);
}

/* The partners of a good round, then everything into one configuration and
   onto the disk. save: the anchor file is replaced as well. */
static int
install(struct confclient *c, struct gc_round *r, struct bytes save,
	struct err *e)
{
	struct gc_partner *partner =
		arena_array(r->a, GC_PARTNERS_MAX, sizeof(*partner));
	const char **name = arena_array(r->a, GC_PARTNERS_MAX, sizeof(*name));
	size_t n = gc_partners(r->a, c->conf, r->call, c->dir, r->instance,
		gc_round_file(r, GC_PRIVATE)->content, partner);
	struct globalconf *g = NULL;

	for (size_t i = 0; i < n; i++)
		name[i] = partner[i].instance;
	if (build_round(r, partner, n, &g, e))
		return -1;
	if ((save.len && file_write(c->anchor, save, FILE_PUBLIC, e)) ||
		gc_cache_write(c->dir, r->instance, r->file, r->n, e) ||
		gc_cache_own(c->dir, r->instance, name, n, e)) {
		globalconf_unref(&g);
		return -1;
	}
	swap(c, g, gc_round_file(r, GC_SHARED)->version);
	return 0;
}

/* One download with this anchor. known: also ask the sources of the
   configuration we have. save: the anchor file is replaced as well, after
   everything has proved good. Needs `round`. */
static int
update_with(struct confclient *c, const struct gc_anchor *anchor, bool known,
	struct bytes save, struct err *e)
{
	struct gc_source_call call = { c->conf, c->http, c->tls, c->roots,
		&c->versions };
	struct gc_round r = {
		.a = arena_new(),
		.call = &call,
		.dir = c->dir,
		.instance = anchor->instance,
	};
	struct gc_location place[GC_LOCATIONS_MAX];
	struct globalconf *old = known ? current(c) : NULL;
	const struct shared_params *shared = NULL;
	int ret = -1;

	if (old && str_equal(globalconf_instance(old), anchor->instance))
		shared = globalconf_shared(old, NULL);
	if (!try_locations(c, &r, anchor, shared, place, e) &&
		!install(c, &r, save, e)) {
		snprintf(c->last, sizeof(c->last), "%s", r.from->url);
		note(c, r.from->url, NULL);
		ret = 0;
	}
	globalconf_unref(&old);
	arena_free(&r.a);
	return ret;
}

int
confclient_update(struct confclient *c, struct err *e)
{
	struct arena *a = arena_new();
	struct gc_anchor anchor;
	struct err cause = ERR_INIT;
	struct bytes xml;
	int ret = -1;

	pthread_mutex_lock(&c->round);
	if (!file_exists(c->anchor))
		fail(&cause, FAULT_NOT_FOUND,
			"there is no configuration anchor: %s", c->anchor);
	else if (!file_read(a, c->anchor, ANCHOR_MAX, &xml, &cause) &&
		 !anchor_parse(a, xml, &anchor, &cause))
		ret = update_with(
			c, &anchor, true, (struct bytes){ 0 }, &cause);
	pthread_mutex_lock(&c->lock);
	c->status.has_anchor = cause.fault != FAULT_NOT_FOUND;
	pthread_mutex_unlock(&c->lock);
	if (ret)
		note(c, "", &cause);
	pthread_mutex_unlock(&c->round);
	arena_free(&a);
	return ret ? fail(e, cause.fault, "%s", cause.text) : 0;
}

int
confclient_set_anchor(struct confclient *c, struct bytes xml, struct err *e)
{
	struct arena *a = arena_new();
	struct globalconf *g = current(c);
	struct gc_anchor anchor;
	int ret = -1;

	if (anchor_parse(a, xml, &anchor, e))
		goto out;
	if (g && !str_equal(globalconf_instance(g), anchor.instance)) {
		fail(e, FAULT_CONFLICT,
			"the anchor is of instance %s, this server of %s",
			anchor.instance, globalconf_instance(g));
		goto out;
	}
	pthread_mutex_lock(&c->round);
	ret = update_with(c, &anchor, false, xml, e);
	pthread_mutex_unlock(&c->round);
	if (ret)
		goto out;
	pthread_mutex_lock(&c->lock);
	c->status.has_anchor = true;
	pthread_mutex_unlock(&c->lock);
	log_info("configuration anchor of instance %s installed",
		anchor.instance);
out:
	globalconf_unref(&g);
	arena_free(&a);
	return ret;
}

/* FAULT_GLOBAL_CONF_OUTDATED unless what we have is valid. */
static int
confclient_check(struct confclient *c, struct err *e)
{
	struct globalconf *g = NULL;
	int ret = confclient_valid(c, &g, e);

	globalconf_unref(&g);
	return ret;
}

int
confclient_links(struct confclient *c, struct arena *a,
	struct confclient_link **out, size_t *n, struct err *e)
{
	struct gc_versions versions = { 0 };
	struct gc_source_call call = { c->conf, c->http, c->tls, c->roots,
		&versions };
	struct gc_location place[GC_LOCATIONS_MAX];
	struct globalconf *g = current(c);
	struct gc_anchor anchor;
	struct bytes xml;
	int ret = -1;

	if (file_read(a, c->anchor, ANCHOR_MAX, &xml, e) ||
		anchor_parse(a, xml, &anchor, e))
		goto out;
	*n = gc_locations(a, &call, &anchor,
		g ? globalconf_shared(g, NULL) : NULL, "", place);
	*out = arena_array(a, *n + 1, sizeof(**out));
	for (size_t i = 0; i < *n; i++) {
		struct confclient_link *x = &(*out)[i];
		struct bytes directory;
		x->url = arena_strdup(a, place[i].url);
		if (!gc_directory(a, &call, x->url, &directory, &x->error))
			(void)confclient_check(c, &x->error);
	}
	ret = 0;
out:
	globalconf_unref(&g);
	return ret;
}
