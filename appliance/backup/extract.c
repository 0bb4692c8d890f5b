/* SPDX-License-Identifier: MIT */
/*
 * Reading a backup: every chunk is opened, every file written out, every
 * database looked into. What is refused leaves a directory to be removed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_int.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "seal.h"

enum { PIECE = 64 * 1024 };

struct extraction {
	struct stream *in;
	struct arena *arena;
	const char *dir;
	struct backup_sum *sum;
	struct buf *names;
	char top[BACKUP_NAME_MAX + 1]; /* the last one noted */
};

static void
note_name(struct extraction *x, const char *name)
{
	size_t n = strcspn(name, "/");

	if (!x->names || (strlen(x->top) == n && !strncmp(x->top, name, n)))
		return;
	snprintf(x->top, sizeof(x->top), "%.*s", (int)n, name);
	buf_add(x->names, name, n);
	buf_char(x->names, '\n');
}

/* u16 length of the name (0: the end), name, u64 size. */
static int
entry_read(struct extraction *x, char name[4 * BACKUP_NAME_MAX + 8],
	uint64_t *size, struct err *e)
{
	uint8_t n[8];
	size_t len;

	*name = '\0';
	if (stream_read(x->in, n, 2, e))
		return -1;
	len = (size_t)n[0] << 8 | n[1];
	if (!len)
		return 0;
	if (len > 4 * BACKUP_NAME_MAX + 4)
		goto bad;
	if (stream_read(x->in, name, len, e) || stream_read(x->in, n, 8, e))
		return -1;
	name[len] = '\0';
	*size = 0;
	for (int i = 0; i < 8; i++)
		*size = *size << 8 | n[i];
	if (strlen(name) != len || !choice_path_ok(name) ||
		*size > (uint64_t)BACKUP_FILE_SIZE_MAX)
		goto bad;
	x->sum->bytes += (int64_t)*size;
	if (++x->sum->files > BACKUP_FILES_MAX ||
		x->sum->bytes > BACKUP_TOTAL_SIZE_MAX)
		return fail(e, FAULT_TOO_LARGE, "the backup is too large");
	return 0;
bad:
	return fail(e, FAULT_BAD_REQUEST,
		"the backup has a file that cannot be put back");
}

static int
content_write(struct extraction *x, int fd, uint64_t left, struct err *e)
{
	uint8_t piece[PIECE];
	int ret = 0;

	while (left && !ret) {
		size_t n = left < PIECE ? (size_t)left : PIECE;

		if (stream_read(x->in, piece, n, e))
			ret = -1;
		else if (write(fd, piece, n) != (ssize_t)n)
			ret = fail(e, FAULT_IO,
				"the backup cannot be laid out: %s",
				strerror(errno));
		left -= n;
	}
	mem_wipe(piece, sizeof(piece));
	return ret;
}

static int
entry_write(
	struct extraction *x, const char *name, uint64_t size, struct err *e)
{
	char *path = path_join(x->arena, x->dir, name);
	char *slash = strrchr(path, '/');
	int fd, ret;

	*slash = '\0';
	if (dir_make(path, e))
		return -1;
	*slash = '/';
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail(e, FAULT_IO, "%s cannot be made: %s", path,
			strerror(errno));
	ret = content_write(x, fd, size, e);
	close(fd);
	if (ret || !database_content(path))
		return ret;
	x->sum->databases++;
	return db_sound(path, e);
}

static int
disk_flush(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = fd < 0 ? -1 : syncfs(fd);

	if (fd >= 0)
		close(fd);
	return ret ? fail(e, FAULT_IO, "%s: %s", dir, strerror(errno)) : 0;
}

static int
entries_read(struct extraction *x, struct err *e)
{
	char name[4 * BACKUP_NAME_MAX + 8];
	uint64_t size = 0;

	for (;;) {
		if (entry_read(x, name, &size, e))
			return -1;
		if (!*name)
			return stream_end(x->in, e);
		note_name(x, name);
		if (entry_write(x, name, size, e))
			return -1;
	}
}

int
extract(const struct backup_self *s, const char *path, const char *dir,
	struct backup_sum *sum, struct buf *names, struct err *e)
{
	struct extraction x = { .arena = arena_new_secret(),
		.dir = dir,
		.sum = sum,
		.names = names };
	uint8_t key[SEAL_KEY];
	struct bytes head;
	int ret = -1;

	*sum = (struct backup_sum){ 0 };
	if (mkdir(dir, 0700)) {
		fail(e, FAULT_IO, "%s cannot be made: %s", dir,
			strerror(errno));
		goto out;
	}
	if (stream_open(&x.in, path, x.arena, &head, e) ||
		head_key(s, x.arena, head, key, e))
		goto out;
	stream_key(x.in, key);
	mem_wipe(key, sizeof(key));
	ret = entries_read(&x, e) || disk_flush(dir, e) ? -1 : 0;
out:
	stream_free(&x.in);
	arena_free(&x.arena);
	return ret;
}
