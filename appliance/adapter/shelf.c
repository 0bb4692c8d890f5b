/* SPDX-License-Identifier: MIT */
/*
 * The catalog in force. A changed file is read within a second; calls that run
 * finish on the catalog they began with. A file that cannot be used changes
 * nothing: the log and the health say why, and it is tried again now and then,
 * since the database may only be away. The text of the catalog before is kept
 * as services.previous.json in the data directory: put it in the place of the
 * file to go one step back.
 */
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "adapter_int.h"
#include "clock.h"
#include "datasource.h"
#include "err.h"
#include "file.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "vault.h"

enum { AGAIN_MS = 5000 };

/* Enough to see that a file is another one. */
struct stamp {
	struct timespec changed;
	off_t size;
	ino_t inode;
};

struct shelf {
	const struct conf *conf;
	struct db *db;        /* of the versions; borrowed */
	pthread_mutex_t lock; /* guards now, why */
	struct catalog *now;
	char why[ERR_TEXT_MAX]; /* the file is not in force; "" it is */
	/* One reads or changes the file at a time; guards what follows too. */
	pthread_mutex_t file;
	struct stamp stamp;
	int64_t again; /* clock_ticks() of the next try, 0: none */
};

static void
take_stamp(const struct shelf *s, struct stamp *out)
{
	struct stat st;

	*out = (struct stamp){ 0 };
	if (stat(catalog_path(s->conf), &st))
		return;
	out->changed = st.st_mtim;
	out->size = st.st_size;
	out->inode = st.st_ino;
}

static bool
same(const struct stamp *a, const struct stamp *b)
{
	return a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec && a->size == b->size &&
	       a->inode == b->inode;
}

/* A new machine has no services yet; a file that the configuration names must
   be there. */
static int
first_file(const struct conf *conf, struct err *e)
{
	const char *path = catalog_path(conf);

	if (*conf_text(conf, P_ADAPTER_SERVICES) || file_exists(path))
		return 0;
	return file_write(
		path, bytes_str("{\"dbSources\":[]}\n"), FILE_PRIVATE, e);
}

/* Passwords as they are become sealed ones. Returns how many, or -1. */
static int
seal_all(const struct conf *conf, struct arena *secret, json_t *root, bool ours,
	struct err *e)
{
	json_t *item;
	size_t i;
	int n = 0;

	json_each(item, i, json_list(root, "dbSources")) {
		const char *clear = json_str(item, "password");
		const char *about = source_about(item);
		char *sealed;

		if (!clear || !*clear || vault_is_sealed(clear))
			continue;
		if (!ours) {
			log_warning("the password of database %s stands in %s "
				    "as it is; put there what this says: "
				    "machilink seal %s",
				about, catalog_path(conf), about);
			continue;
		}
		if (adapter_seal(conf, about, clear, secret, &sealed, e))
			return -1;
		json_put_str(item, "password", sealed);
		n++;
	}
	return n;
}

/* What people wrote into our own file by hand; a file that the configuration
   names is theirs. One that cannot be read is told of later. */
static void
seal_passwords(struct shelf *s)
{
	bool ours = !*conf_text(s->conf, P_ADAPTER_SERVICES);
	struct arena *secret = arena_new_secret();
	struct stamp was, now;
	struct err e = ERR_INIT;
	json_t *root;
	struct buf b;
	int n;

	buf_init(&b, SERVICES_FILE_MAX);
	take_stamp(s, &was);
	if (!shelf_read(s, secret, &root, NULL)) {
		n = seal_all(s->conf, secret, root, ours, &e);
		json_write(&b, root, JSON_PRETTY);
		buf_char(&b, '\n');
		take_stamp(s, &now);
		if (n > 0 && !same(&was, &now))
			n = 0; /* somebody is faster: next time */
		if (n < 0 || (n > 0 && (buf_ok(&b, "services.json", &e) ||
					       file_write(catalog_path(s->conf),
						       bytes_buf(&b),
						       FILE_PRIVATE, &e))))
			log_err("passwords of databases", &e);
	}
	buf_done(&b);
	arena_free(&secret);
}

int
shelf_open(struct shelf **out, const struct conf *conf, struct db *db,
	struct err *e)
{
	struct shelf *s = mem_alloc(sizeof(*s));

	s->conf = conf;
	s->db = db;
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->file, NULL);
	if (first_file(conf, e)) {
		shelf_close(&s);
		return -1;
	}
	seal_passwords(s);
	take_stamp(s, &s->stamp);
	if (catalog_load(&s->now, conf, e) ||
		versions_note(db, s->now->root, "services.json", e)) {
		shelf_close(&s);
		return -1;
	}
	*out = s;
	return 0;
}

void
shelf_close(struct shelf **s)
{
	if (!*s)
		return;
	catalog_free(&(*s)->now);
	pthread_mutex_destroy(&(*s)->lock);
	pthread_mutex_destroy(&(*s)->file);
	mem_free(*s);
	*s = NULL;
}

struct catalog *
shelf_take(struct shelf *s)
{
	struct catalog *c;

	pthread_mutex_lock(&s->lock);
	c = s->now;
	atomic_fetch_add(&c->users, 1);
	pthread_mutex_unlock(&s->lock);
	return c;
}

static void
give_back(void *catalog)
{
	struct catalog *c = catalog;

	catalog_free(&c);
}

const struct catalog *
shelf_of(struct shelf *s, struct request *r)
{
	struct catalog *c = shelf_take(s);

	arena_defer(request_arena(r), give_back, c);
	return c;
}

void
shelf_trouble(struct shelf *s, char out[ERR_TEXT_MAX])
{
	pthread_mutex_lock(&s->lock);
	memcpy(out, s->why, ERR_TEXT_MAX);
	pthread_mutex_unlock(&s->lock);
}

/* The file is locked. who: of the versions. */
static void
put_on(struct shelf *s, struct catalog *next, const char *who)
{
	struct err e = ERR_INIT;
	struct catalog *before;

	if (versions_note(s->db, next->root, who, &e))
		log_err("versions of data services", &e);
	err_reset(&e);
	pthread_mutex_lock(&s->lock);
	before = s->now;
	s->now = next;
	s->why[0] = '\0';
	pthread_mutex_unlock(&s->lock);
	if (!bytes_equal(before->text, next->text) &&
		file_write(conf_data_path(s->conf, "services.previous.json"),
			before->text, FILE_PRIVATE, &e))
		log_err("data services", &e);
	log_info("%zu data services are in force%s", next->services,
		next->sleeping ? ", some of them asleep" : "");
	catalog_free(&before);
}

static void
stay(struct shelf *s, const struct err *why)
{
	bool new;

	pthread_mutex_lock(&s->lock);
	new = !str_equal(s->why, why->text);
	memcpy(s->why, why->text, ERR_TEXT_MAX);
	pthread_mutex_unlock(&s->lock);
	if (new)
		log_err("data services stay as they were", why);
}

static void
look(struct shelf *s)
{
	struct err e = ERR_INIT;
	struct catalog *next;
	struct stamp now;

	take_stamp(s, &now);
	if (same(&now, &s->stamp) && (!s->again || clock_ticks() < s->again))
		return;
	if (!same(&now, &s->stamp))
		seal_passwords(s);
	take_stamp(s, &now);
	s->stamp = now;
	s->again = 0;
	if (!catalog_load(&next, s->conf, &e)) {
		put_on(s, next, "services.json");
		return;
	}
	s->again = clock_ticks() + AGAIN_MS;
	stay(s, &e);
}

void
shelf_look(struct shelf *s)
{
	pthread_mutex_lock(&s->file);
	look(s);
	pthread_mutex_unlock(&s->file);
}

/* A database that was away answers now. */
static bool
can_wake(struct shelf *s)
{
	struct catalog *c = shelf_take(s);
	bool can = false;

	for (size_t i = 0; c->sleeping && i < c->sources && !can; i++)
		can = c->source[i].away &&
		      !datasource_health(c->source[i].data, NULL);
	catalog_free(&c);
	return can;
}

void
shelf_wake(struct shelf *s)
{
	if (!can_wake(s))
		return;
	pthread_mutex_lock(&s->file);
	s->again = clock_ticks();
	look(s);
	pthread_mutex_unlock(&s->file);
}

/* ---- changing the file ---- */

int
shelf_read(struct shelf *s, struct arena *a, json_t **root, struct err *e)
{
	const struct json_limits limits = { .bytes = SERVICES_FILE_MAX };
	struct err why = ERR_INIT;
	struct bytes text;

	if (file_read(a, catalog_path(s->conf), SERVICES_FILE_MAX, &text, e))
		return -1;
	if (!json_parse(a, text, &limits, root, &why))
		return 0;
	return fail(e, FAULT_CONFLICT,
		"services.json was changed by hand and cannot be read (%s); "
		"correct it, or put services.previous.json in its place",
		why.text);
}

static int
put_text(struct shelf *s, const char *only, const char *who, struct bytes text,
	struct err *e)
{
	struct catalog *next;

	if (catalog_read(&next, s->conf, text, only, e))
		return -1;
	if (file_write(catalog_path(s->conf), text, FILE_PRIVATE, e)) {
		catalog_free(&next);
		return -1;
	}
	take_stamp(s, &s->stamp);
	s->again = 0;
	put_on(s, next, who);
	return 0;
}

static int
put_root(struct shelf *s, const char *only, const char *who, json_t *root,
	struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, SERVICES_FILE_MAX);
	json_write(&b, root, JSON_PRETTY);
	buf_char(&b, '\n');
	ret = buf_ok(&b, "services.json", e);
	if (!ret)
		ret = put_text(s, only, who, bytes_buf(&b), e);
	buf_done(&b);
	return ret;
}

int
shelf_change(struct shelf *s, struct arena *a, const char *only,
	const char *who, shelf_change_fn *fn, void *ctx, struct err *e)
{
	json_t *root;
	int ret;

	pthread_mutex_lock(&s->file);
	ret = shelf_read(s, a, &root, e);
	if (!ret)
		ret = fn(ctx, root, e);
	if (!ret)
		ret = put_root(s, only, who, root, e);
	pthread_mutex_unlock(&s->file);
	return ret;
}
