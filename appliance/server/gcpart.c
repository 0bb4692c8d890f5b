/* SPDX-License-Identifier: MIT */
/*
 * One round at one location: directory, signature, parts, digests, schema,
 * instance. A part that is what we have already is not fetched; one that is
 * malformed keeps its predecessor, which then expires on its own date. Rule:
 * interop/xroad-center-admin.md 1.4, 1.8.
 */
#include <string.h>

#include "clock.h"
#include "confclient_int.h"
#include "err.h"
#include "log.h"
#include "mem.h"
#include "text.h"

/* Shared and private parts have fixed names here; others keep theirs, which
   must be plain. */
static const char *
part_name(const struct gcdir_part *p, struct err *e)
{
	const char *s = p->file_name;

	if (str_equal(p->identifier, GC_SHARED))
		return "shared-params.xml";
	if (str_equal(p->identifier, GC_PRIVATE))
		return "private-params.xml";
	if (s && *s && *s != '.' && strlen(s) < GC_NAME_MAX &&
		!strpbrk(s, "/\\") && !str_suffix(s, ".metadata"))
		return s;
	fail(e, FAULT_GC_HEADER_WRONG, "'%s' is no file name", s ? s : "");
	return NULL;
}

static bool
part_is_ours(const struct gcdir_part *p)
{
	return str_equal(p->identifier, GC_SHARED) ||
	       str_equal(p->identifier, GC_PRIVATE);
}

/* Parses into a throw-away arena: is it well formed and of our instance? */
static int
part_judge(const struct gc_file *f, const char *instance, struct err *e)
{
	struct arena *a = arena_new();
	struct shared_params shared = { 0 };
	struct private_params priv = { 0 };
	const char *in;
	int ret;

	if (str_equal(f->identifier, GC_SHARED)) {
		ret = shared_params_parse(
			a, f->content, f->version, &shared, e);
		in = shared.instance;
	} else {
		ret = private_params_parse(a, f->content, &priv, e);
		in = priv.instance;
	}
	if (!ret && !str_equal(in, instance))
		ret = fail(e, FAULT_GC_PART_INSTANCE,
			"%s is of instance %s, not %s", f->name,
			in ? in : "(none)", instance);
	arena_free(&a);
	return ret;
}

/* The malformed part is dropped in favour of what we had, if anything. */
static int
part_keep_previous(struct gc_round *r, struct gc_file *f, bool had,
	const struct gc_file *old, const struct err *cause, struct err *e)
{
	if (!had || cause->fault == FAULT_GC_PART_INSTANCE)
		return fail(e, cause->fault, "%s", cause->text);
	log_error("%s from %s is malformed, the previous one is kept: %s",
		f->name, r->from->url, cause->text);
	*f = *old;
	f->same = true;
	return 0;
}

static int
part_fetch(struct gc_round *r, const struct gcdir *dir,
	const struct gcdir_part *p, struct gc_file *f, struct err *e)
{
	struct gc_file old = { 0 };
	struct err cause = ERR_INIT;
	bool had;

	f->identifier = p->identifier;
	f->instance = p->instance ? p->instance : r->instance;
	f->location = p->location;
	f->version = dir->version;
	f->expires = dir->expires;
	f->name = part_name(p, e);
	if (!f->name)
		return -1;
	if (part_is_ours(p) && !str_equal(p->instance, r->instance))
		return fail(e, FAULT_GC_PART_INSTANCE,
			"%s is of instance %s, not %s", p->identifier,
			p->instance ? p->instance : "(none)", r->instance);
	had = !gc_cache_read(r->a, r->dir, r->instance, f->name, &old, NULL);
	f->same = had && old.version == f->version &&
		  !gcdir_check_part(p, old.content, NULL);
	if (f->same) {
		f->content = old.content;
		return 0;
	}
	if (gc_part_get(
		    r->a, r->call, r->from->url, p->location, &f->content, e) ||
		gcdir_check_part(p, f->content, e))
		return -1;
	if (part_is_ours(p) && part_judge(f, r->instance, &cause))
		return part_keep_previous(r, f, had, &old, &cause, e);
	return 0;
}

const struct gc_file *
gc_round_file(const struct gc_round *r, const char *identifier)
{
	for (size_t i = 0; i < r->n; i++)
		if (str_equal(r->file[i].identifier, identifier))
			return &r->file[i];
	return NULL;
}

int
gc_round_run(struct gc_round *r, struct err *e)
{
	struct bytes body;
	struct gcdir dir;

	r->n = 0;
	if (gc_directory(r->a, r->call, r->from->url, &body, e) ||
		gcdir_verify(r->a, body, r->from->cert, r->from->certs,
			clock_now(), &dir, e))
		return -1;
	if (dir.version < GC_VERSION_MIN || dir.version > GC_VERSION_MAX)
		return fail(e, FAULT_GC_HEADER_WRONG,
			"configuration version %d is unknown", dir.version);
	r->file = arena_array(r->a, dir.parts + 1, sizeof(*r->file));
	for (size_t i = 0; i < dir.parts; i++) {
		if (part_fetch(r, &dir, &dir.part[i], &r->file[i], e)) {
			r->n = 0;
			return -1;
		}
		r->n = i + 1;
	}
	if (r->shared_only && gc_round_file(r, GC_SHARED) &&
		!gc_round_file(r, GC_PRIVATE))
		return 0;
	if (r->shared_only)
		return fail(e, FAULT_MALFORMED_GLOBAL_CONF,
			"%s is not an external source", r->from->url);
	if (!gc_round_file(r, GC_SHARED) || !gc_round_file(r, GC_PRIVATE))
		return fail(e, FAULT_MALFORMED_GLOBAL_CONF,
			"%s has no %s parameters: it is not an internal "
			"source",
			r->from->url,
			gc_round_file(r, GC_SHARED) ? "private" : "shared");
	return 0;
}
