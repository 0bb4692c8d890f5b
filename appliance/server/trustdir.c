/* SPDX-License-Identifier: MIT */
/* Trust data for verifiers; contract in trustdir.h. */
#include "trustdir.h"

#include <string.h>

#include "confclient_int.h"
#include "err.h"
#include "file.h"
#include "globalconf.h"
#include "http_client.h"
#include "json_io.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { INSTANCES_MAX = 64, SMALL_MAX = 16 * 1024 };

static const char shared_name[] = "shared-params.xml";

struct found {
	struct arena *a;
	const char *dir;
	const char *own; /* "" unknown */
	struct gc_instance_file file[INSTANCES_MAX];
	const char *instance[INSTANCES_MAX];
	size_t n;
	struct err *e;
};

/* The version the metadata names; 2 without metadata or version (1.8). */
static int
version_of(struct arena *a, const char *path)
{
	struct bytes text;
	int64_t v = 2;
	json_t *j;
	const char *s;

	if (file_read(a, arena_printf(a, "%s.metadata", path), SMALL_MAX, &text,
		    NULL) ||
		json_parse(a, text, NULL, &j, NULL))
		return 2;
	s = json_str(j, "configurationVersion");
	if (s)
		(void)int_parse(s, GC_VERSION_MIN, GC_VERSION_MAX, &v, NULL);
	else
		v = json_int(j, "configurationVersion", 2);
	return v >= GC_VERSION_MIN && v <= GC_VERSION_MAX ? (int)v : 2;
}

static int
take(void *ctx, const char *name)
{
	struct found *f = ctx;
	char *dir = path_join(f->a, f->dir, name);
	char *path = path_join(f->a, dir, shared_name);
	struct gc_instance_file *to = &f->file[f->n];
	char *instance;

	if (!file_exists(path))
		return 0;
	if (f->n == INSTANCES_MAX)
		return fail(f->e, FAULT_TOO_LARGE, "%s: over %d instances",
			f->dir, INSTANCES_MAX);
	if (form_decode(f->a, name, strlen(name), &instance, f->e) ||
		file_read(f->a, path, GC_PART_MAX, &to->shared, f->e))
		return -1;
	to->version = version_of(f->a, path);
	to->expires = INT64_MAX;
	f->instance[f->n++] = instance;
	return 0;
}

static void
own_first(struct found *f)
{
	for (size_t i = 1; i < f->n; i++)
		if (str_equal(f->instance[i], f->own)) {
			struct gc_instance_file file = f->file[0];
			const char *name = f->instance[0];

			f->file[0] = f->file[i];
			f->instance[0] = f->instance[i];
			f->file[i] = file;
			f->instance[i] = name;
			return;
		}
}

static const char *
own_instance(struct arena *a, const char *dir)
{
	struct bytes text;
	char *s;

	if (file_read(a, path_join(a, dir, "instance-identifier"), SMALL_MAX,
		    &text, NULL))
		return "";
	s = arena_strndup(a, (const char *)text.data, text.len);
	s[strcspn(s, "\r\n")] = '\0';
	return s;
}

int
trustdir_load(const char *dir, struct globalconf **out, struct err *e)
{
	struct arena *a = arena_new();
	struct found *f = arena_new_of(a, struct found);
	char *inner = path_join(a, dir, "verificationconf");
	int ret = -1;

	f->a = a;
	f->dir = file_exists(inner) ? inner : dir;
	f->own = own_instance(a, f->dir);
	f->e = e;
	if (dir_each(f->dir, take, f, e) || err_set(e))
		goto out;
	if (!f->n) {
		fail(e, FAULT_NOT_FOUND,
			"%s holds no <instance>/%s; give the directory of an "
			"unpacked verificationconf.zip",
			f->dir, shared_name);
		goto out;
	}
	own_first(f);
	ret = globalconf_new(out, f->file, f->n, f->instance[0], e);
out:
	arena_free(&a);
	return ret;
}

static void
report_fill(
	struct arena *a, const struct gc_round *r, struct trust_fetched *out)
{
	struct trust_part *p = arena_array(a, r->n + 1, sizeof(*p));

	out->instance = r->instance;
	out->url = r->from->url;
	out->parts = r->n;
	out->part = p;
	out->expires = INT64_MAX;
	for (size_t i = 0; i < r->n; i++) {
		p[i].identifier = r->file[i].identifier;
		p[i].location = r->file[i].location;
		p[i].size = r->file[i].content.len;
		out->version = r->file[i].version;
		if (r->file[i].expires < out->expires)
			out->expires = r->file[i].expires;
	}
}

/* The first location that holds; the last one's fault otherwise. */
static int
fetch_any(struct gc_round *r, const struct gc_location *at, size_t n,
	const char *only, struct err *e)
{
	struct gc_location one = { .url = only };
	int ret = -1;

	if (!n)
		return fail(e, FAULT_MALFORMED_ANCHOR,
			"the anchor has no usable source");
	if (only) {
		one.cert = at[0].cert;
		one.certs = at[0].certs;
		at = arena_memdup(r->a, &one, sizeof(one));
		n = 1;
	}
	for (size_t i = 0; i < n && ret; i++) {
		err_reset(e);
		r->from = &at[i];
		ret = gc_round_run(r, e);
	}
	return ret;
}

int
trust_fetch(struct arena *a, struct bytes anchor, const char *url,
	struct trust_fetched *report, struct globalconf **out, struct err *e)
{
	struct conf *conf = conf_defaults();
	struct http_client *http = NULL;
	struct gc_versions versions = { .next = 0 };
	struct gc_source_call call = { .conf = conf, .versions = &versions };
	struct gc_location *at = arena_array(a, GC_LOCATIONS_MAX, sizeof(*at));
	struct gc_round r = { .a = a, .call = &call, .dir = "" };
	struct gc_instance_file file = { .version = 0 };
	struct gc_anchor an;
	int ret = -1;

	if (anchor_parse(a, anchor, &an, e) || http_client_new(&http, e))
		goto out;
	call.http = http;
	r.instance = an.instance;
	if (fetch_any(
		    &r, at, gc_locations(a, &call, &an, NULL, "", at), url, e))
		goto out;
	report_fill(a, &r, report);
	file.shared = gc_round_file(&r, GC_SHARED)->content;
	file.private_part = gc_round_file(&r, GC_PRIVATE)->content;
	file.version = report->version;
	file.expires = report->expires;
	ret = globalconf_new(out, &file, 1, an.instance, e);
out:
	http_client_free(&http);
	conf_free(&conf);
	return ret;
}
