/* SPDX-License-Identifier: MIT */
/*
 * The publisher: writes every version of the signed global configuration
 * below data-dir/public and serves it. A round is all or nothing: everything
 * is made and signed in memory, then the parts are written into a directory of
 * their own, and the signed directory files are renamed into place last.
 * Rules: interop/xroad-center-admin.md 1.1, 1.3, 1.4.
 */
#include "center_int.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "faultpoint.h"
#include "file.h"
#include "gcdir.h"
#include "http_server.h"
#include "key.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum {
	KEEP_SECONDS = 600, /* of older generations' parts */
	KEEP_GENERATIONS = 2,
	STAMP_MIN = 14,
	STAMP_MAX = 40,
	SOURCES = 2,
};

struct publisher {
	struct center *ct;
	char *root;            /* data-dir/public */
	pthread_mutex_t round; /* one at a time */
	pthread_mutex_t lock;  /* guards what follows */
	struct publish_status status;
};

static const struct source_dir {
	const char *source;
	const char *file; /* directory file, also the URL path */
	bool shared_only;
} dirs[SOURCES] = {
	{ "INTERNAL", "internalconf", false },
	{ "EXTERNAL", "externalconf", true },
};

enum { OWN_PARTS = 2, PART_SHARED = 1, PARTS = OWN_PARTS + OPTIONAL_PARTS };
static const struct part_row {
	const char *name, *file;
} own_parts[OWN_PARTS] = {
	{ "PRIVATE-PARAMETERS", "private-params.xml" },
	{ "SHARED-PARAMETERS", "shared-params.xml" },
};

/* One version made in memory. */
struct edition {
	int version;
	struct buf part[OWN_PARTS];
	struct buf dir[SOURCES]; /* empty: the source has no key */
};

struct round {
	struct arena *a;
	const char *stamp; /* directory name of this generation */
	int64_t expires;
	int first; /* version */
	struct edition edition[GC_VERSION_MAX + 1];
	const struct config_key *signer[SOURCES];
	struct key *key[SOURCES];
	const char *instance;
	struct optional_part optional[OPTIONAL_PARTS];
};

static const char *
part_file(int i)
{
	return i < OWN_PARTS ? own_parts[i].file
			     : optional_known[i - OWN_PARTS].file;
}

static const char *
part_name(int i)
{
	return i < OWN_PARTS ? own_parts[i].name
			     : optional_known[i - OWN_PARTS].identifier;
}

/* Empty: an optional part that nobody uploaded. */
static struct bytes
part_bytes(const struct round *r, const struct edition *ed, int i)
{
	return i < OWN_PARTS ? bytes_buf(&ed->part[i])
			     : r->optional[i - OWN_PARTS].xml;
}

int
publisher_open(struct publisher **out, struct center *c, struct err *e)
{
	struct publisher *p = mem_alloc(sizeof(*p));

	p->ct = c;
	p->root = mem_dup(conf_data_path(c->conf, "public"));
	pthread_mutex_init(&p->round, NULL);
	pthread_mutex_init(&p->lock, NULL);
	*out = p;
	return dir_make(p->root, e);
}

void
publisher_close(struct publisher **p)
{
	if (!*p)
		return;
	pthread_mutex_destroy(&(*p)->round);
	pthread_mutex_destroy(&(*p)->lock);
	mem_free((*p)->root);
	mem_free(*p);
	*p = NULL;
}

/* ---- making ---- */

static int
edition_parts(struct center *ct, struct db_conn *c, struct round *r,
	struct edition *ed, struct err *e)
{
	struct shared_params shared;
	struct private_params own;

	if (model_shared(ct, c, r->a, ed->version, &shared, e) ||
		model_private(ct, c, r->a, &own, e) ||
		private_params_write(&own, ed->version, &ed->part[0], e) ||
		shared_params_write(&shared, ed->version, &ed->part[1], e))
		return -1;
	r->instance = shared.instance;
	return buf_ok(&ed->part[0], "private parameters", e) ||
			       buf_ok(&ed->part[1], "shared parameters", e)
		       ? -1
		       : 0;
}

/* Everything the round needs of the database, in one snapshot. */
static int
round_read(struct center *ct, struct round *r, struct err *e)
{
	struct db_conn *c = work_begin(ct, e);
	struct config_key *key;
	size_t n;
	int ret = -1;

	if (!c)
		return -1;
	if (config_keys(c, r->a, &key, &n, e) ||
		optional_parts(c, r->a, r->optional, e))
		goto out;
	for (size_t i = 0; i < n; i++)
		for (int s = 0; s < SOURCES; s++)
			if (key[i].active &&
				str_equal(key[i].source, dirs[s].source))
				r->signer[s] = &key[i];
	for (int v = r->first; v <= GC_VERSION_MAX; v++)
		if (edition_parts(ct, c, r, &r->edition[v], e))
			goto out;
	if (!r->signer[0]) {
		refuse(e, FAULT_CONFLICT,
			"no_configuration_signing_keys_configured",
			"the internal source has no signing key");
		goto out;
	}
	ret = 0;
out:
	work_drop(c);
	return ret;
}

static int
edition_sign(struct round *r, struct edition *ed, int s, struct err *e)
{
	struct gcdir_part part[PARTS] = { 0 };
	struct gcdir d = {
		.version = ed->version, .expires = r->expires, .part = part
	};

	for (int i = 0; i < PARTS; i++) {
		struct bytes xml = part_bytes(r, ed, i);
		struct gcdir_part *p = &part[d.parts];

		if (!xml.len || (dirs[s].shared_only && i != PART_SHARED))
			continue;
		p->identifier = part_name(i);
		p->instance = r->instance;
		p->location = arena_printf(r->a, "/V%d/%s/%s", ed->version,
			r->stamp, part_file(i));
		digest_of(DIGEST_SHA512, xml.data, xml.len, &p->digest);
		d.parts++;
	}
	if (gcdir_write(&d, r->key[s], r->signer[s]->cert, &ed->dir[s], e))
		return -1;
	return buf_ok(&ed->dir[s], "the signed configuration", e);
}

static int
round_sign(struct center *ct, struct round *r, struct err *e)
{
	struct cert *cert = NULL;
	int ret = 0;

	for (int s = 0; s < SOURCES && !ret; s++) {
		if (!r->signer[s])
			continue;
		ret = cert_parse(&cert, r->signer[s]->cert, e) ||
		      ring_get(ct, r->signer[s]->id, cert, &r->key[s], e);
		cert_unref(&cert);
		for (int v = r->first; v <= GC_VERSION_MAX && !ret; v++)
			ret = edition_sign(r, &r->edition[v], s, e);
	}
	return ret ? -1 : 0;
}

/* ---- writing ---- */

static char *
version_dir(struct arena *a, const struct publisher *p, int version)
{
	return arena_printf(a, "%s/V%d", p->root, version);
}

static int
edition_write_parts(struct publisher *p, struct round *r,
	const struct edition *ed, struct err *e)
{
	char *dir =
		path_join(r->a, version_dir(r->a, p, ed->version), r->stamp);

	if (fault_at("center.part"))
		return fail(e, FAULT_IO, "cannot write to %s: test", dir);
	if (dir_make(dir, e))
		return -1;
	for (int i = 0; i < PARTS; i++) {
		struct bytes xml = part_bytes(r, ed, i);

		if (xml.len && file_write(path_join(r->a, dir, part_file(i)),
				       xml, FILE_PUBLIC, e))
			return -1;
	}
	return 0;
}

static int
edition_write_dirs(struct publisher *p, struct round *r,
	const struct edition *ed, struct err *e)
{
	char *dir = version_dir(r->a, p, ed->version);

	if (fault_at("center.directory"))
		return fail(e, FAULT_IO, "cannot write to %s: test", dir);
	for (int s = 0; s < SOURCES; s++) {
		char *path = path_join(r->a, dir, dirs[s].file);

		if (!r->signer[s]) {
			if (file_remove(path, e))
				return -1;
		} else if (file_write(path, bytes_buf(&ed->dir[s]), FILE_PUBLIC,
				   e)) {
			return -1;
		}
	}
	return 0;
}

static bool
all_digits(const char *s, size_t lo, size_t hi)
{
	size_t n = strspn(s, "0123456789");

	return n >= lo && n <= hi && !s[n];
}

struct sweep {
	struct arena *a;
	const char *dir, *before; /* generations older than this may go */
	size_t seen, total;
};

static int
sweep_count(void *ctx, const char *name)
{
	struct sweep *w = ctx;

	w->total += all_digits(name, STAMP_MIN, STAMP_MAX);
	return 0;
}

static int
sweep_one(void *ctx, const char *name)
{
	struct sweep *w = ctx;
	struct err e = ERR_INIT;

	if (!all_digits(name, STAMP_MIN, STAMP_MAX))
		return 0;
	if (++w->seen + KEEP_GENERATIONS > w->total)
		return 0;
	if (strncmp(name, w->before, STAMP_MIN) < 0 &&
		dir_remove(path_join(w->a, w->dir, name), &e))
		log_err("old configuration parts", &e);
	return 0;
}

/* Removes old generations, and versions that are no longer offered. */
static void
round_sweep(struct publisher *p, struct round *r)
{
	char before[TIME_TEXT_MAX];
	struct sweep w = { .a = r->a, .before = before };

	time_compact(before, clock_now() - KEEP_SECONDS * INT64_C(1000));
	for (int v = GC_VERSION_MIN; v <= GC_VERSION_MAX; v++) {
		w.dir = version_dir(r->a, p, v);
		w.seen = w.total = 0;
		if (v < r->first) {
			dir_remove(w.dir, NULL);
			continue;
		}
		if (!dir_each(w.dir, sweep_count, &w, NULL))
			dir_each(w.dir, sweep_one, &w, NULL);
	}
}

static int
round_write(struct publisher *p, struct round *r, struct err *e)
{
	for (int v = r->first; v <= GC_VERSION_MAX; v++)
		if (edition_write_parts(p, r, &r->edition[v], e))
			return -1;
	for (int v = r->first; v <= GC_VERSION_MAX; v++)
		if (edition_write_dirs(p, r, &r->edition[v], e))
			return -1;
	round_sweep(p, r);
	return 0;
}

/* ---- a round ---- */

/* A directory name that no earlier round used: time with nanoseconds. */
static const char *
stamp_make(struct publisher *p, struct arena *a, int64_t now)
{
	char text[TIME_TEXT_MAX];
	char *stamp, *dir = version_dir(a, p, GC_VERSION_MAX);
	int extra = 0;

	time_compact(text, now);
	do {
		stamp = arena_printf(
			a, "%s%03d%06d", text, (int)(now % 1000), extra++);
	} while (file_exists(path_join(a, dir, stamp)));
	return stamp;
}

static void
round_init(struct publisher *p, struct round *r)
{
	const struct conf *conf = p->ct->conf;
	int64_t now = clock_now();

	memset(r, 0, sizeof(*r));
	r->a = arena_new();
	r->stamp = stamp_make(p, r->a, now);
	r->expires = now + conf_int(conf, P_CENTER_EXPIRE) * 1000;
	r->first = (int)conf_int(conf, P_CENTER_MIN_VERSION);
	for (int v = 0; v <= GC_VERSION_MAX; v++) {
		r->edition[v].version = v;
		for (int i = 0; i < OWN_PARTS; i++)
			buf_init(&r->edition[v].part[i], GC_PART_MAX);
		for (int s = 0; s < SOURCES; s++)
			buf_init(&r->edition[v].dir[s], GC_DIR_MAX);
	}
}

static void
round_done(struct round *r)
{
	for (int v = 0; v <= GC_VERSION_MAX; v++) {
		for (int i = 0; i < OWN_PARTS; i++)
			buf_done(&r->edition[v].part[i]);
		for (int s = 0; s < SOURCES; s++)
			buf_done(&r->edition[v].dir[s]);
	}
	for (int s = 0; s < SOURCES; s++)
		key_unref(&r->key[s]);
	arena_free(&r->a);
}

/* Keeps the outcome; tells the log only what is new. */
static void
round_note(struct publisher *p, const struct round *r, const struct err *why)
{
	bool news;

	pthread_mutex_lock(&p->lock);
	news = why ? !str_equal(why->text, p->status.error.text)
		   : !p->status.published || err_set(&p->status.error);
	if (why) {
		p->status.error = *why;
	} else {
		err_reset(&p->status.error);
		p->status.published = clock_now();
		p->status.expires = r->expires;
	}
	pthread_mutex_unlock(&p->lock);
	if (news && why)
		log_warning(
			"global configuration not published: %s", why->text);
	else if (news)
		log_info("global configuration published");
}

int
publisher_run(struct publisher *p, struct err *e)
{
	struct err why = ERR_INIT;
	struct round *r = mem_alloc(sizeof(*r));
	int ret = -1;

	pthread_mutex_lock(&p->round);
	round_init(p, r);
	if (!round_read(p->ct, r, &why) && !round_sign(p->ct, r, &why) &&
		!round_write(p, r, &why))
		ret = 0;
	round_note(p, r, ret ? &why : NULL);
	round_done(r);
	pthread_mutex_unlock(&p->round);
	mem_free(r);
	if (ret && e && !err_set(e))
		*e = why;
	return ret;
}

void
publisher_status(struct publisher *p, struct publish_status *out)
{
	pthread_mutex_lock(&p->lock);
	*out = p->status;
	pthread_mutex_unlock(&p->lock);
}

/* ---- serving ---- */

static int
send_file(struct request *r, const char *path, const char *type, struct err *e)
{
	const struct http_header head[] = {
		{ "Content-Type", type },
		{ "Cache-Control", "no-cache" },
	};
	struct bytes body;

	if (file_read(request_arena(r), path, GC_PART_MAX, &body, e))
		return -1;
	return reply_send_headers(
		r, 200, head, sizeof(head) / sizeof(head[0]), body, e);
}

int
publisher_directory(struct request *r, void *state, struct err *e)
{
	const struct center *ct = state;
	struct arena *a = request_arena(r);
	const char *text = request_query(r)
				   ? query_get(a, request_query(r), "version")
				   : NULL;
	int64_t version = GC_VERSION_MIN;

	if (text &&
		int_parse(text, GC_VERSION_MIN, GC_VERSION_MAX, &version, NULL))
		return fail(
			e, FAULT_NOT_FOUND, "version %s is not offered", text);
	return send_file(r,
		path_join(a, version_dir(a, ct->publisher, (int)version),
			request_path(r) + 1),
		"application/octet-stream", e);
}

static bool
is_part(const char *file)
{
	for (int i = 0; file && i < PARTS; i++)
		if (str_equal(file, part_file(i)))
			return true;
	return false;
}

int
publisher_part(struct request *r, void *state, struct err *e)
{
	const struct center *ct = state;
	struct arena *a = request_arena(r);
	const char *version = request_segment(r, "version");
	const char *stamp = request_segment(r, "stamp");
	const char *file = request_segment(r, "file");
	int64_t v;

	if (!version || version[0] != 'V' || !stamp || !is_part(file) ||
		int_parse(version + 1, GC_VERSION_MIN, GC_VERSION_MAX, &v,
			NULL) ||
		!all_digits(stamp, STAMP_MIN, STAMP_MAX))
		return fail(e, FAULT_NOT_FOUND, "no such file");
	return send_file(r,
		path_join(a,
			path_join(a, version_dir(a, ct->publisher, (int)v),
				stamp),
			file),
		"text/xml; charset=UTF-8", e);
}
