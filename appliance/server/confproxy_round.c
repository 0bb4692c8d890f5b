/* SPDX-License-Identifier: MIT */
/*
 * One round of a configuration proxy: each version of the source, verified,
 * signed again and put into place; the directory file last.
 */
#include <string.h>

#include "clock.h"
#include "confproxy_int.h"
#include "err.h"
#include "file.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "signer.h"
#include "text.h"

enum { KEEP_MS = 600000, KNOWN_VERSION = GC_VERSION_MAX };

struct making {
	const struct confproxy_run *run;
	const struct confproxy_set *set;
	struct arena *a;
	struct gc_location *at;
	size_t places;
	struct gc_anchor source;
	const struct confproxy_key *active;
	struct key *key;
};

/* The source's certificates, as its last parameters named them: its keys can
   change without another anchor. */
static const struct shared_params *
known_read(struct making *m)
{
	struct shared_params *p = arena_new_of(m->a, struct shared_params);
	struct bytes xml;

	if (file_read(m->a,
		    confproxy_path(m->run->conf, m->a, m->set->name,
			    "known-params.xml"),
		    GC_PART_MAX, &xml, NULL) ||
		shared_params_parse(m->a, xml, KNOWN_VERSION, p, NULL))
		return NULL;
	return p;
}

/* This version from the first place that gives it. */
static int
download(struct making *m, int version, struct gc_round *r, struct err *e)
{
	struct gc_location *from = arena_new_of(m->a, struct gc_location);
	int ret = -1;

	*r = (struct gc_round){ .a = m->a,
		.call = &m->run->call,
		.dir = "",
		.instance = m->source.instance,
		.from = from };
	if (!m->places)
		return fail(e, FAULT_MALFORMED_ANCHOR,
			"the source's anchor names no http address");
	for (size_t i = 0; i < m->places && ret; i++) {
		const char *url = m->at[i].url;

		*from = m->at[i];
		from->url = arena_printf(m->a, "%s%sversion=%d", url,
			strchr(url, '?') ? "&" : "?", version);
		r->shared_only = strstr(url, "/externalconf") != NULL;
		err_reset(e);
		ret = gc_round_run(r, e);
	}
	if (ret || r->file[0].version == version)
		return ret;
	return fail(e, FAULT_GC_VERSION, "asked for version %d, got %d",
		version, r->file[0].version);
}

/* From version 3 on the sources are named: this proxy, and its keys. */
static int
rewrite(struct making *m, struct gc_file *f, struct err *e)
{
	struct bytes cert[CONFPROXY_KEYS];
	struct gc_source own = { .address = confproxy_address(
					 m->run->conf, m->a, m->set->name),
		.internal_cert = cert,
		.external_cert = cert,
		.internal_certs = m->set->keys,
		.external_certs = m->set->keys };
	struct shared_params p;
	struct buf b;
	int ret = -1;

	for (size_t i = 0; i < m->set->keys; i++)
		cert[i] = m->set->key[i].cert;
	buf_init(&b, GC_PART_MAX);
	if (shared_params_parse(m->a, f->content, f->version, &p, e))
		goto out;
	p.source = &own;
	p.sources = 1;
	if (shared_params_write(&p, f->version, &b, e) ||
		buf_ok(&b, "shared parameters", e))
		goto out;
	f->content = bytes_of(arena_memdup(m->a, b.data, b.len), b.len);
	ret = 0;
out:
	buf_done(&b);
	return ret;
}

static int
parts_write(struct making *m, const struct gc_round *r, const char *stamp,
	struct gcdir_part *part, struct err *e)
{
	const char *dir = path_join(m->a,
		confproxy_public(m->run->conf, m->a, m->set->name, ""),
		path_join(m->a, stamp, segment_encode(m->a, r->instance)));

	if (dir_make(dir, e))
		return -1;
	for (size_t i = 0; i < r->n; i++) {
		struct gc_file *f = &r->file[i];

		if (f->version > GC_VERSION_MIN &&
			str_equal(f->identifier, GC_SHARED) && rewrite(m, f, e))
			return -1;
		part[i] = (struct gcdir_part){
			.identifier = f->identifier,
			.instance = f->instance,
			.file_name = f->name,
			.location = arena_printf(m->a, "/%s/%s/%s/%s",
				m->set->name, stamp,
				segment_encode(m->a, r->instance), f->name),
		};
		digest_of(DIGEST_SHA512, f->content.data, f->content.len,
			&part[i].digest);
		if (file_write(path_join(m->a, dir, f->name), f->content,
			    FILE_PUBLIC, e))
			return -1;
	}
	return 0;
}

/* Valid as long as ours, never longer than the source said. */
static int64_t
expiry(const struct making *m, const struct gc_round *r)
{
	int64_t until = clock_now() + m->set->validity_s * 1000;

	for (size_t i = 0; i < r->n; i++)
		if (r->file[i].expires < until)
			until = r->file[i].expires;
	return until;
}

static int
publish(struct making *m, struct gc_round *r, int version, struct err *e)
{
	struct gcdir d = { .version = version, .parts = r->n };
	struct gcdir_part *part = arena_array(m->a, r->n + 1, sizeof(*part));
	const struct gc_file *shared = gc_round_file(r, GC_SHARED);
	char now[TIME_TEXT_MAX];
	const char *stamp =
		arena_printf(m->a, "%s%03d%d", time_compact(now, clock_now()),
			(int)(clock_now() % 1000), version);
	struct buf b;
	int ret;

	/* as it came: with the source's own addresses and keys */
	if (version == KNOWN_VERSION &&
		file_write(confproxy_path(m->run->conf, m->a, m->set->name,
				   "known-params.xml"),
			shared->content, FILE_PRIVATE, e))
		return -1;
	if (parts_write(m, r, stamp, part, e))
		return -1;
	d.part = part;
	d.expires = expiry(m, r);
	buf_init(&b, GC_DIR_MAX);
	ret = gcdir_write(&d, m->key, m->active->cert, &b, e) ||
	      buf_ok(&b, "the signed configuration", e) ||
	      file_write(confproxy_public(m->run->conf, m->a, m->set->name,
				 arena_printf(m->a, "conf-v%d", version)),
		      bytes_buf(&b), FILE_PUBLIC, e);
	buf_done(&b);
	return ret ? -1 : 0;
}

/* ---- old parts ---- */

struct sweep {
	struct arena *a;
	const char *dir;
	char before[TIME_TEXT_MAX];
};

static int
sweep_one(void *ctx, const char *name)
{
	const struct sweep *w = ctx;

	if (*name >= '0' && *name <= '9' &&
		strncmp(name, w->before, strlen(w->before)) < 0)
		(void)dir_remove(path_join(w->a, w->dir, name), NULL);
	return 0;
}

/* Nobody can have a directory that still names them. */
static void
sweep(struct making *m)
{
	struct sweep w = { m->a,
		confproxy_public(m->run->conf, m->a, m->set->name, ""), "" };

	time_compact(
		w.before, clock_now() - KEEP_MS - m->set->validity_s * 1000);
	(void)dir_each(w.dir, sweep_one, &w, NULL);
}

static int
prepare(struct making *m, struct err *e)
{
	m->at = arena_array(m->a, GC_LOCATIONS_MAX, sizeof(*m->at));
	for (size_t i = 0; i < m->set->keys; i++)
		if (m->set->key[i].active)
			m->active = &m->set->key[i];
	if (!m->active)
		return fail(e, FAULT_CONFLICT, "%s has no signing key yet",
			m->set->name);
	if (anchor_parse(m->a, m->set->source, &m->source, e) ||
		signer_key(m->run->signer, m->active->id, &m->key, e))
		return -1;
	m->places = gc_locations(
		m->a, &m->run->call, &m->source, known_read(m), "", m->at);
	return 0;
}

int
confproxy_round(
	const struct confproxy_run *run, const char *name, struct err *e)
{
	struct arena *a = arena_new();
	struct confproxy_set set;
	struct making m = { .run = run, .set = &set, .a = a };
	struct gc_round r;
	int made = 0;

	if (confproxy_load(run->conf, a, name, &set, e) || prepare(&m, e))
		goto out;
	for (int v = GC_VERSION_MAX; v >= GC_VERSION_MIN; v--) {
		struct err why = ERR_INIT;

		if (!download(&m, v, &r, &why) && !publish(&m, &r, v, &why))
			made++;
		else if (v == GC_VERSION_MAX || !err_set(e))
			*e = why;
	}
	if (made) {
		err_reset(e);
		sweep(&m);
	}
out:
	key_unref(&m.key);
	arena_free(&a);
	return made ? 0 : -1;
}
