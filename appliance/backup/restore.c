/* SPDX-License-Identifier: MIT */
/*
 * Putting a backup back. restore/new is the verified content, restore/ready
 * says that it counts and lists its entries; restore/old takes what stood in
 * their place. Every step can be done again after a crash: an entry that is no
 * longer in restore/new is in place already.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup_int.h"
#include "err.h"
#include "faultpoint.h"
#include "file.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { NAMES_MAX = 8 * 1024 * 1024 };

struct replacing {
	const struct conf *conf;
	struct arena *arena;
	const char *data, *fresh, *old;
	const char *names; /* '\n' before, between and after */
	struct err *e;
};

bool
backup_staged(const struct conf *c)
{
	return file_exists(conf_data_path(c, "restore/ready"));
}

static int
same_label(const struct backup_self *s, const char *path, bool force,
	struct err *e)
{
	struct backup_head h;

	if (backup_read_head(path, &h, e))
		return -1;
	if (force || str_equal(h.label, s->label))
		return 0;
	if (!*s->label)
		return fail(e, FAULT_FORBIDDEN,
			"the backup is of %s and this machine has no identity "
			"yet; to make it that one, force the restore",
			h.label);
	return fail(e, FAULT_FORBIDDEN,
		"the backup is of %s and this machine is %s", h.label,
		s->label);
}

static int
lay_out(const struct backup_self *s, const char *path, struct err *e)
{
	const char *dir = conf_data_path(s->conf, "restore");
	const char *fresh = conf_data_path(s->conf, "restore/new");
	struct backup_sum sum;
	struct buf names;
	int ret = -1;

	buf_init(&names, NAMES_MAX);
	buf_char(&names, '\n');
	if (dir_remove(dir, e) || dir_make(dir, e) ||
		extract(s, path, fresh, &sum, &names, e) ||
		buf_ok(&names, "the list of files", e) ||
		file_write(conf_data_path(s->conf, "restore/ready"),
			bytes_buf(&names), FILE_PRIVATE, e))
		goto out;
	log_info("a backup of %zu files is ready to replace what is there",
		sum.files);
	ret = 0;
out:
	if (ret)
		(void)dir_remove(dir, NULL);
	buf_done(&names);
	return ret;
}

int
backup_stage(const struct backup_self *s, const char *path, bool force,
	struct err *e)
{
	char name[BACKUP_NAME_MAX + 1];
	struct backup_self own = *s;
	struct backup_sum sum;
	int lock, ret;

	own.key_file = NULL;
	if (same_label(s, path, force, e) || backup_verify(s, path, &sum, e))
		return -1;
	/* X-Road too keeps what it is about to replace */
	if (*s->label && backup_create_named(&own, "before-restore-", name, e))
		return -1;
	lock = backup_lock(s->conf, e);
	if (lock < 0)
		return -1;
	ret = lay_out(s, path, e);
	close(lock);
	return ret;
}

static int
move(struct replacing *r, const char *from, const char *to, const char *name)
{
	const char *a = path_join(r->arena, from, name);
	const char *b = path_join(r->arena, to, name);

	if (fault_at("backup.move"))
		return fail(r->e, FAULT_IO, "%s: stopped", name);
	if (rename(a, b))
		return fail(r->e, FAULT_IO, "%s cannot become %s: %s", a, b,
			strerror(errno));
	return 0;
}

static bool
listed(const struct replacing *r, const char *name)
{
	return strstr(r->names, arena_printf(r->arena, "\n%s\n", name)) != NULL;
}

static int
put_away(void *ctx, const char *name)
{
	struct replacing *r = ctx;

	if (choice_of(r->conf, name) == CHOICE_KEEP)
		return 0;
	if (listed(r, name) &&
		!file_exists(path_join(r->arena, r->fresh, name)))
		return 0; /* that is the new one */
	return move(r, r->data, r->old, name);
}

static int
put_in_place(void *ctx, const char *name)
{
	struct replacing *r = ctx;

	/* files from elsewhere: theirs is a directory to look into */
	if (str_equal(name, "restored") &&
		dir_remove(path_join(r->arena, r->data, name), r->e))
		return -1;
	return move(r, r->fresh, r->data, name);
}

static int
directory_sync(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	return ret ? fail(e, FAULT_IO, "%s: %s", path, strerror(errno)) : 0;
}

static int
replace(struct replacing *r, struct err *e)
{
	r->e = e;
	if (dir_make(r->old, e))
		return -1;
	if (dir_each(r->data, put_away, r, e) || directory_sync(r->data, e))
		return -1;
	if (dir_each(r->fresh, put_in_place, r, e) ||
		directory_sync(r->data, e))
		return -1;
	if (file_remove(conf_data_path(r->conf, "restore/ready"), e) ||
		directory_sync(conf_data_path(r->conf, "restore"), e))
		return -1;
	return dir_remove(conf_data_path(r->conf, "restore"), e);
}

int
backup_apply(const struct conf *c, bool *applied, struct err *e)
{
	struct replacing r = { .conf = c,
		.data = conf_text(c, P_DATA_DIR),
		.fresh = conf_data_path(c, "restore/new"),
		.old = conf_data_path(c, "restore/old") };
	struct bytes names;
	int ret;

	*applied = false;
	if (!backup_staged(c))
		return 0;
	r.arena = arena_new();
	ret = file_read(r.arena, conf_data_path(c, "restore/ready"), NAMES_MAX,
		&names, e);
	if (!ret) {
		r.names = (const char *)names.data;
		ret = replace(&r, e);
	}
	*applied = !ret;
	if (!ret)
		log_info("the restored content is in place");
	arena_free(&r.arena);
	return ret;
}
