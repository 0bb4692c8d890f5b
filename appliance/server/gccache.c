/* SPDX-License-Identifier: MIT */
/*
 * The global configuration on disk, in X-Road's own form, so that a restart
 * needs no network and other tools can read it. Rule: xroad-center-admin.md
 * 1.8. Each file is replaced atomically, before its metadata: a crash between
 * the two leaves an expiry that is too early, never one that is too late.
 */
#include <string.h>

#include "clock.h"
#include "confclient_int.h"
#include "err.h"
#include "file.h"
#include "json_io.h"
#include "mem.h"
#include "text.h"

enum { METADATA_MAX = 16 * 1024, INSTANCE_FILE_MAX = 1024 };

static const char METADATA[] = ".metadata";
static const char INSTANCE_FILE[] = "instance-identifier";

static char *
instance_dir(struct arena *a, const char *dir, const char *instance)
{
	return path_join(a, dir, form_encode(a, instance));
}

static int
metadata_read(
	struct arena *a, const char *path, struct gc_file *f, struct err *e)
{
	struct bytes text;
	json_t *j;
	const char *s;
	int64_t v = 2; /* metadata without a version is of version 2 */

	if (file_read(a, path, METADATA_MAX, &text, e) ||
		json_parse(a, text, NULL, &j, e))
		return -1;
	if (json_need_str(j, "expirationDate", TIME_TEXT_MAX, &s, e) ||
		time_parse(s, &f->expires, e))
		return -1;
	/* X-Road writes the version as text or as number */
	s = json_str(j, "configurationVersion");
	if (s && int_parse(s, GC_VERSION_MIN, GC_VERSION_MAX, &v, e))
		return -1;
	if (!s)
		v = json_int(j, "configurationVersion", v);
	f->version = (int)v;
	f->identifier = json_str(j, "contentIdentifier");
	f->instance = json_str(j, "instanceIdentifier");
	f->location = json_str(j, "contentLocation");
	return 0;
}

int
gc_cache_read(struct arena *a, const char *dir, const char *instance,
	const char *name, struct gc_file *out, struct err *e)
{
	char *path = path_join(a, instance_dir(a, dir, instance), name);

	*out = (struct gc_file){ .name = name };
	if (metadata_read(a, arena_printf(a, "%s%s", path, METADATA), out, e))
		return -1;
	return file_read(a, path, GC_PART_MAX, &out->content, e);
}

static int
metadata_write(struct arena *a, const char *path, const struct gc_file *f,
	struct err *e)
{
	char time[TIME_TEXT_MAX];
	json_t *j = json_keep(a, json_object());
	struct buf b;
	int ret;

	json_put_str(j, "contentIdentifier", f->identifier);
	json_put_str(j, "instanceIdentifier", f->instance);
	json_put_str(j, "expirationDate", time_iso(time, f->expires));
	json_put_str(j, "contentFileName", f->name);
	json_put_str(j, "contentLocation", f->location);
	json_put_str(
		j, "configurationVersion", arena_printf(a, "%d", f->version));
	buf_init(&b, METADATA_MAX);
	json_write(&b, j, JSON_PLAIN);
	ret = buf_ok(&b, path, e) ||
	      file_write(arena_printf(a, "%s%s", path, METADATA), bytes_buf(&b),
		      FILE_PUBLIC, e);
	buf_done(&b);
	return ret ? -1 : 0;
}

struct keep {
	struct arena *a;
	const char *dir;
	const struct gc_file *file;
	size_t n;
	const char *instance; /* for the upper directory: ours and others */
	const char *const *others;
	size_t n_others;
};

static int
remove_other_file(void *ctx, const char *name)
{
	struct keep *k = ctx;

	for (size_t i = 0; i < k->n; i++) {
		size_t n = strlen(k->file[i].name);
		if (str_prefix(name, k->file[i].name) &&
			(!name[n] || str_equal(name + n, METADATA)))
			return 0;
	}
	(void)file_remove(path_join(k->a, k->dir, name), NULL);
	return 0;
}

static int
remove_other_instance(void *ctx, const char *name)
{
	struct keep *k = ctx;

	for (size_t i = 0; i < k->n_others; i++)
		if (str_equal(name, form_encode(k->a, k->others[i])))
			return 0;
	if (!str_equal(name, INSTANCE_FILE) &&
		!str_equal(name, form_encode(k->a, k->instance)))
		(void)dir_remove(path_join(k->a, k->dir, name), NULL);
	return 0;
}

int
gc_cache_write(const char *dir, const char *instance,
	const struct gc_file *file, size_t n, struct err *e)
{
	struct arena *a = arena_new();
	char *in = instance_dir(a, dir, instance);
	struct keep files = { .a = a, .dir = in, .file = file, .n = n };
	int ret = -1;

	if (dir_make(in, e))
		goto out;
	for (size_t i = 0; i < n; i++) {
		char *path = path_join(a, in, file[i].name);
		if (!file[i].same &&
			file_write(path, file[i].content, FILE_PUBLIC, e))
			goto out;
		if (metadata_write(a, path, &file[i], e))
			goto out;
	}
	ret = dir_each(in, remove_other_file, &files, e);
out:
	arena_free(&a);
	return ret;
}

int
gc_cache_own(const char *dir, const char *instance, const char *const *others,
	size_t n, struct err *e)
{
	struct arena *a = arena_new();
	struct keep k = { .a = a,
		.dir = dir,
		.instance = instance,
		.others = others,
		.n_others = n };
	int ret = file_write(path_join(a, dir, INSTANCE_FILE),
			  bytes_str(instance), FILE_PUBLIC, e) ||
				  dir_each(dir, remove_other_instance, &k, e)
			  ? -1
			  : 0;

	arena_free(&a);
	return ret;
}

int
gc_cache_load(struct arena *a, const char *dir, char **instance,
	struct gc_file *shared, struct gc_file *private_part, struct err *e)
{
	struct bytes text;

	if (file_read(a, path_join(a, dir, INSTANCE_FILE), INSTANCE_FILE_MAX,
		    &text, e))
		return -1;
	*instance = arena_strndup(a, (const char *)text.data, text.len);
	(*instance)[strcspn(*instance, "\r\n")] = '\0';
	if (gc_cache_read(a, dir, *instance, "shared-params.xml", shared, e))
		return -1;
	return gc_cache_read(
		a, dir, *instance, "private-params.xml", private_part, e);
}
