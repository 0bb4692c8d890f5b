/* SPDX-License-Identifier: MIT */
/*
 * Writing a backup. Databases come first: a key that is made meanwhile is in
 * the backup without its row, never a row without its key.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_int.h"
#include "clock.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "param.h"
#include "seal.h"
#include "text.h"

enum { PIECE = 64 * 1024, DEPTH_MAX = 4 };

struct creation {
	const struct backup_self *self;
	struct stream *out;
	struct arena *arena;
	const char *data, *copy; /* directory; a database's copy */
	const char *below;       /* "" or "keys/" */
	bool databases;          /* this round */
	size_t files;
	struct err *e;
};

static int
entry_put(struct creation *c, const char *name, int64_t size, struct err *e)
{
	size_t n = strlen(name);
	uint8_t len[2] = { (uint8_t)(n >> 8), (uint8_t)n }, bytes[8];

	if (++c->files > BACKUP_FILES_MAX || size > BACKUP_FILE_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE,
			"%s: the data directory holds too much", name);
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)size >> (56 - 8 * i));
	return stream_write(c->out, len, 2, e) ||
			       stream_write(c->out, name, n, e) ||
			       stream_write(c->out, bytes, 8, e)
		       ? -1
		       : 0;
}

/* As long as it is now: what is written meanwhile is not in it. */
static int
file_put(struct creation *c, const char *path, const char *name, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint8_t piece[PIECE];
	struct stat st;
	int64_t left;
	int ret = -1;

	if (fd < 0 && errno == ENOENT)
		return 0; /* removed since it was listed */
	if (fd < 0 || fstat(fd, &st)) {
		fail(e, FAULT_IO, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (entry_put(c, name, st.st_size, e))
		goto out;
	for (left = st.st_size; left > 0;) {
		ssize_t n = read(
			fd, piece, left < PIECE ? (size_t)left : (size_t)PIECE);

		if (n <= 0) {
			fail(e, FAULT_IO, "%s: %s", path,
				n ? strerror(errno) : "it became shorter");
			goto out;
		}
		if (stream_write(c->out, piece, (size_t)n, e))
			goto out;
		left -= n;
	}
	ret = 0;
out:
	mem_wipe(piece, sizeof(piece));
	if (fd >= 0)
		close(fd);
	return ret;
}

static int
database_put(
	struct creation *c, const char *path, const char *name, struct err *e)
{
	int ret;

	unlink(c->copy);
	ret = db_copy(path, c->copy, e) || file_put(c, c->copy, name, e) ? -1
									 : 0;
	unlink(c->copy);
	return ret;
}

static int each_below(void *ctx, const char *name);

static int
thing_put(struct creation *c, const char *name, struct err *e)
{
	const char *rel = arena_printf(c->arena, "%s%s", c->below, name);
	const char *path = path_join(c->arena, c->data, rel);
	struct creation below = *c;
	struct stat st;
	int ret;

	if (lstat(path, &st))
		return errno == ENOENT ? 0
				       : fail(e, FAULT_IO, "%s: %s", path,
						 strerror(errno));
	if (S_ISREG(st.st_mode)) {
		bool db = database_name(path);

		if (db != c->databases)
			return 0;
		return db ? database_put(c, path, rel, e)
			  : file_put(c, path, rel, e);
	}
	if (!S_ISDIR(st.st_mode))
		return 0;
	below.below = arena_printf(c->arena, "%s/", rel);
	ret = choice_path_ok(rel) ? dir_each(path, each_below, &below, e) : 0;
	c->files = below.files;
	return ret;
}

static int
each_below(void *ctx, const char *name)
{
	struct creation *c = ctx;

	return thing_put(c, name, c->e);
}

static int
each_top(void *ctx, const char *name)
{
	struct creation *c = ctx;

	if (choice_of(c->self->conf, name) != CHOICE_TAKE)
		return 0;
	return thing_put(c, name, c->e);
}

/* Files that may stand anywhere are put beside the data when restored: where
   they belong is the business of whoever sets this machine up. */
static int
elsewhere_put(struct creation *c, struct err *e)
{
	const char *anchor = conf_text(c->self->conf, P_GC_ANCHOR);
	const char *file = conf_file(c->self->conf);

	if (file && file_exists(file) &&
		file_put(c, file, "restored/machilink.ini", e))
		return -1;
	if (*anchor && file_exists(anchor) &&
		file_put(c, anchor, "restored/configuration-anchor.xml", e))
		return -1;
	return 0;
}

static int
content_put(struct creation *c, struct err *e)
{
	static const uint8_t end[2] = { 0, 0 };
	int ret;

	c->e = e;
	c->databases = true;
	ret = dir_each(c->data, each_top, c, e);
	c->databases = false;
	if (!ret)
		ret = dir_each(c->data, each_top, c, e);
	if (!ret)
		ret = elsewhere_put(c, e);
	if (!ret)
		ret = stream_write(c->out, end, sizeof(end), e);
	return ret ? -1 : stream_finish(c->out, e);
}

static int
create_locked(const struct backup_self *s, const char *path, struct err *e)
{
	struct arena *a = arena_new_secret();
	struct creation c = { .self = s,
		.arena = a,
		.data = conf_text(s->conf, P_DATA_DIR),
		.below = "" };
	const char *part = arena_printf(a, "%s.part", path);
	uint8_t key[SEAL_KEY];
	struct bytes head;
	int ret = -1;

	c.copy = arena_printf(a, "%s.copy", path);
	random_bytes(key, sizeof(key));
	unlink(part);
	if (head_make(s, a, key, &head, e) ||
		stream_create(&c.out, part, head, key, e) || content_put(&c, e))
		goto out;
	if (chmod(part, 0600) || rename(part, path)) {
		fail(e, FAULT_IO, "%s: %s", path, strerror(errno));
		goto out;
	}
	ret = 0;
out:
	mem_wipe(key, sizeof(key));
	stream_free(&c.out);
	if (ret)
		unlink(part);
	arena_free(&a);
	return ret;
}

static int
check_self(const struct backup_self *s, struct err *e)
{
	if (*s->label)
		return 0;
	return fail(e, FAULT_CONFLICT,
		"this machine is not initialised yet: there is nothing to "
		"back up");
}

int
backup_create(const struct backup_self *s, const char *path, struct err *e)
{
	int lock, ret;

	if (check_self(s, e))
		return -1;
	lock = backup_lock(s->conf, e);
	if (lock < 0)
		return -1;
	ret = create_locked(s, path, e);
	close(lock);
	return ret;
}

int
backup_create_named(const struct backup_self *s, const char *prefix,
	char name[BACKUP_NAME_MAX + 1], struct err *e)
{
	struct arena *a = arena_new();
	const char *dir = backup_dir(s->conf), *path = NULL;
	char now[TIME_TEXT_MAX];
	int lock = -1, ret = -1;

	if (check_self(s, e) || dir_make(dir, e))
		goto out;
	lock = backup_lock(s->conf, e);
	if (lock < 0)
		goto out;
	time_compact(now, clock_now());
	for (int i = 1; !path || file_exists(path); i++) {
		snprintf(name, BACKUP_NAME_MAX + 1, "%s%.8s-%.6s%s%.0d%s",
			prefix, now, now + 8, i > 1 ? "-" : "", i > 1 ? i : 0,
			BACKUP_SUFFIX);
		path = path_join(a, dir, name);
	}
	ret = create_locked(s, path, e);
out:
	if (lock >= 0)
		close(lock);
	arena_free(&a);
	return ret;
}
