/* SPDX-License-Identifier: MIT */
/*
 * Files and directories. Every failure names the path and what the system
 * said.
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "err.h"
#include "file.h"
#include "mem.h"
#include "text.h"

static int file_fail(struct err *e, const char *what, const char *path)
	__attribute__((cold));

static int
file_fail(struct err *e, const char *what, const char *path)
{
	int code = errno;

	return fail(e, code == ENOENT ? FAULT_NOT_FOUND : FAULT_IO, "%s %s: %s",
		what, path, strerror(code));
}

static int
fd_read(int fd, size_t max, struct buf *b, const char *path, struct err *e)
{
	char part[16384];
	ssize_t n;

	for (;;) {
		n = read(fd, part, sizeof(part));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_fail(e, "cannot read", path);
		if (n == 0)
			return 0;
		buf_add(b, part, (size_t)n);
		if (b->over)
			return fail(e, FAULT_TOO_LARGE,
				"%s is larger than %zu bytes", path, max);
	}
}

int
file_read(struct arena *a, const char *path, size_t max, struct bytes *out,
	struct err *e)
{
	struct buf b;
	int fd, ret;

	*out = (struct bytes){ 0 };
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return file_fail(e, "cannot open", path);
	buf_init(&b, max);
	b.secret = true; /* key files come this way too */
	ret = fd_read(fd, max, &b, path, e);
	if (ret == 0)
		*out = bytes_of(arena_memdup(a, b.data, b.len + 1), b.len);
	buf_done(&b);
	close(fd);
	return ret;
}

static int
fd_write(int fd, struct bytes data)
{
	size_t done = 0;
	ssize_t n;

	while (done < data.len) {
		n = write(fd, data.data + done, data.len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

/* Makes a rename in path's directory durable. */
static int
dir_sync(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	int fd, ret;

	if (snprintf(dir, sizeof(dir), "%s", path) >= (int)sizeof(dir)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	slash = strrchr(dir, '/');
	if (!slash)
		snprintf(dir, sizeof(dir), ".");
	else
		slash[slash == dir] = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = fsync(fd);
	close(fd);
	return ret;
}

int
file_write(
	const char *path, struct bytes data, enum file_mode mode, struct err *e)
{
	char temp[PATH_MAX];
	int fd, ret = -1;

	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >=
		(int)sizeof(temp)) {
		errno = ENAMETOOLONG;
		return file_fail(e, "cannot write", path);
	}
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return file_fail(e, "cannot write", path);
	if (fchmod(fd, (mode_t)mode) != 0 || fd_write(fd, data) != 0 ||
		fsync(fd) != 0 || rename(temp, path) != 0) {
		file_fail(e, "cannot write", path);
		unlink(temp);
		goto out;
	}
	if (dir_sync(path) != 0) {
		file_fail(e, "cannot write", path);
		goto out;
	}
	ret = 0;
out:
	close(fd);
	return ret;
}

int
file_rename(const char *from, const char *to, struct err *e)
{
	if (rename(from, to) != 0 || dir_sync(to) != 0)
		return file_fail(e, "cannot write", to);
	return 0;
}

bool
file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

int
file_remove(const char *path, struct err *e)
{
	if (unlink(path) != 0 && errno != ENOENT)
		return file_fail(e, "cannot remove", path);
	return 0;
}

static int
dir_make_one(const char *path, struct err *e)
{
	struct stat st;

	if (mkdir(path, 0750) == 0)
		return 0;
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return file_fail(e, "cannot make the directory", path);
}

int
dir_make(const char *path, struct err *e)
{
	char part[PATH_MAX];
	char *p;

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part)) {
		errno = ENAMETOOLONG;
		return file_fail(e, "cannot make the directory", path);
	}
	for (p = part + 1; *part && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (dir_make_one(part, e) != 0)
			return -1;
		*p = '/';
	}
	return dir_make_one(part, e);
}

static int
name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
	char **name;
	size_t n;
	size_t cap;
};

static void
names_add(struct names *s, const char *name)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 32;
		s->name = mem_grow(s->name, s->cap * sizeof(*s->name));
	}
	s->name[s->n++] = mem_dup(name);
}

static void
names_done(struct names *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		mem_free(s->name[i]);
	mem_free(s->name);
}

static int
names_read(struct names *s, const char *path, struct err *e)
{
	DIR *d = opendir(path);
	struct dirent *entry;

	if (!d)
		return file_fail(e, "cannot read the directory", path);
	while ((entry = readdir(d)))
		if (!str_equal(entry->d_name, ".") &&
			!str_equal(entry->d_name, ".."))
			names_add(s, entry->d_name);
	closedir(d);
	if (s->n > 0)
		qsort(s->name, s->n, sizeof(*s->name), name_order);
	return 0;
}

int
dir_each(const char *path, int (*fn)(void *ctx, const char *name), void *ctx,
	struct err *e)
{
	struct names s = { 0 };
	size_t i;
	int ret = names_read(&s, path, e);

	for (i = 0; ret == 0 && i < s.n; i++)
		ret = fn(ctx, s.name[i]);
	names_done(&s);
	return ret;
}

/* Removes what `name` in directory `at` is; depth bounded by PATH_MAX. */
static int
tree_remove(int at, const char *name)
{
	struct dirent *entry;
	DIR *d;
	int fd, ret = 0;

	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -1;
	}
	while (ret == 0 && (entry = readdir(d)))
		if (!str_equal(entry->d_name, ".") &&
			!str_equal(entry->d_name, ".."))
			ret = tree_remove(dirfd(d), entry->d_name);
	closedir(d);
	return ret == 0 ? unlinkat(at, name, AT_REMOVEDIR) : ret;
}

int
dir_remove(const char *path, struct err *e)
{
	if (strspn(path, "/.") == strlen(path))
		return fail(e, FAULT_INTERNAL, "refusing to remove '%s'", path);
	if (tree_remove(AT_FDCWD, path) != 0)
		return file_fail(e, "cannot remove", path);
	return 0;
}

char *
path_join(struct arena *a, const char *dir, const char *name)
{
	if (*dir == '\0')
		return arena_strdup(a, name);
	return arena_printf(
		a, "%s%s%s", dir, str_suffix(dir, "/") ? "" : "/", name);
}

int64_t
disk_free(const char *path)
{
	struct statvfs s;

	if (statvfs(path, &s) != 0)
		return -1;
	return (int64_t)s.f_bavail * (int64_t)s.f_frsize;
}

int64_t
disk_size(const char *path)
{
	struct statvfs s;

	if (statvfs(path, &s) != 0)
		return -1;
	return (int64_t)s.f_blocks * (int64_t)s.f_frsize;
}
