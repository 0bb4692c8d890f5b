/* SPDX-License-Identifier: MIT */
/* Names, place, age and lock of backups; looking into one. */
#include "backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_int.h"
#include "err.h"
#include "file.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "role.h"
#include "text.h"

enum { PASSPHRASE_MAX = 1024 };
static const int64_t day_ms = 86400000;

int
backup_label(const struct conf *c, const struct role *const *roles,
	struct arena *a, char **out, struct err *e)
{
	char one[ROLE_LABEL_MAX];

	*out = arena_strdup(a, "");
	for (; *roles; roles++) {
		const struct role *r = *roles;

		if (!conf_has(c, P_ROLES, r->name) || !r->label)
			continue;
		if (r->label(c, one, sizeof(one), e))
			return -1;
		if (*one)
			*out = arena_printf(a, "%s%s%s %s", *out,
				**out ? ", " : "", r->name, one);
	}
	return 0;
}

bool
backup_name_valid(const char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_.-";
	size_t n = strlen(name);

	return n > strlen(BACKUP_SUFFIX) && n <= BACKUP_NAME_MAX &&
	       *name != '.' && strspn(name, letters) == n &&
	       str_suffix(name, BACKUP_SUFFIX);
}

const char *
backup_dir(const struct conf *c)
{
	const char *dir = conf_text(c, P_BACKUP_DIR);

	return *dir ? dir : conf_data_path(c, "backup");
}

int
backup_passphrase(
	const struct conf *c, struct arena *a, const char **out, struct err *e)
{
	const char *path = conf_text(c, P_BACKUP_PASSPHRASE);
	struct bytes text;
	char *line;

	*out = NULL;
	if (!*path)
		return 0;
	if (file_read(a, path, PASSPHRASE_MAX, &text, e))
		return -1;
	line = arena_strndup(a, (const char *)text.data, text.len);
	line[strcspn(line, "\r\n")] = '\0';
	if (!*line)
		return fail(e, FAULT_CONFIG, "%s holds no passphrase", path);
	*out = line;
	return 0;
}

int
backup_lock(const struct conf *c, struct err *e)
{
	const char *path = conf_data_path(c, "backup.lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && !flock(fd, LOCK_EX))
		return fd;
	fail(e, FAULT_IO, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

int
backup_read_head(const char *path, struct backup_head *out, struct err *e)
{
	struct arena *a = arena_new();
	struct stream *s;
	struct bytes head;
	int ret = stream_open(&s, path, a, &head, e);

	if (!ret)
		ret = head_parse(a, head, out, e);
	stream_free(&s);
	arena_free(&a);
	return ret;
}

int
backup_verify(const struct backup_self *s, const char *path,
	struct backup_sum *sum, struct err *e)
{
	struct arena *a = arena_new();
	const char *dir = path_join(a, backup_dir(s->conf), ".verify");
	int lock, ret = -1;

	if (dir_make(backup_dir(s->conf), e))
		goto out;
	lock = backup_lock(s->conf, e);
	if (lock < 0)
		goto out;
	ret = dir_remove(dir, e) || extract(s, path, dir, sum, NULL, e) ? -1
									: 0;
	(void)dir_remove(dir, NULL);
	close(lock);
out:
	arena_free(&a);
	return ret;
}

struct expiry {
	const char *dir;
	int64_t before; /* seconds */
};

static int
expire_one(void *ctx, const char *name)
{
	const struct expiry *x = ctx;
	struct arena *a = arena_new();
	const char *path = path_join(a, x->dir, name);
	struct err e = ERR_INIT;
	struct stat st;

	if (str_prefix(name, BACKUP_AUTOMATIC) && backup_name_valid(name) &&
		!stat(path, &st) && st.st_mtime < x->before) {
		if (file_remove(path, &e))
			log_err("removing an old backup", &e);
		else
			log_info("removed the old backup %s", name);
	}
	arena_free(&a);
	return 0;
}

int
backup_expire(const struct conf *c, int64_t now, struct err *e)
{
	struct expiry x = { backup_dir(c),
		(now - conf_int(c, P_BACKUP_KEEP) * day_ms) / 1000 };

	return file_exists(x.dir) ? dir_each(x.dir, expire_one, &x, e) : 0;
}
