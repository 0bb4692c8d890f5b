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
#include "err.h"
#include "file.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { AGAIN_MS = 5000 };

/* Enough to see that a file is another one. */
struct stamp {
	struct timespec changed;
	off_t size;
	ino_t inode;
};

struct shelf {
	const struct conf *conf;
	pthread_mutex_t lock; /* guards now, why */
	struct catalog *now;
	char why[ERR_TEXT_MAX]; /* the file is not in force; "" it is */
	/* Only of the job. */
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

int
shelf_open(struct shelf **out, const struct conf *conf, struct err *e)
{
	struct shelf *s = mem_alloc(sizeof(*s));

	s->conf = conf;
	pthread_mutex_init(&s->lock, NULL);
	take_stamp(s, &s->stamp);
	if (catalog_load(&s->now, conf, e)) {
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

static void
put_on(struct shelf *s, struct catalog *next)
{
	struct err e = ERR_INIT;
	struct catalog *before;

	pthread_mutex_lock(&s->lock);
	before = s->now;
	s->now = next;
	s->why[0] = '\0';
	pthread_mutex_unlock(&s->lock);
	if (!bytes_equal(before->text, next->text) &&
		file_write(conf_data_path(s->conf, "services.previous.json"),
			before->text, FILE_PRIVATE, &e))
		log_err("data services", &e);
	log_info("%zu data services are in force", next->services);
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

void
shelf_look(struct shelf *s)
{
	struct err e = ERR_INIT;
	struct catalog *next;
	struct stamp now;

	take_stamp(s, &now);
	if (same(&now, &s->stamp) && (!s->again || clock_ticks() < s->again))
		return;
	s->stamp = now;
	s->again = 0;
	if (!catalog_load(&next, s->conf, &e)) {
		put_on(s, next);
		return;
	}
	s->again = clock_ticks() + AGAIN_MS;
	stay(s, &e);
}
