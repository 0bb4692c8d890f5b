/* SPDX-License-Identifier: MIT */
/*
 * Backups by X-Road's administration interface, of whatever roles this process
 * runs. Rule: interop/xroad-center-admin.md 4.5, 5.4. A restore answers when
 * the backup is verified and laid out; the service then starts again with it.
 */
#include "console_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "transport.h"

enum {
	REPLY_MAX = 4 * 1024 * 1024,
	LISTED_MAX = 10000,
	PARTS_MAX = 8,
	PIECE = 64 * 1024,
};

int
console_self(struct console *c, struct arena *a, struct backup_self *out,
	struct err *e)
{
	const struct role **roles =
		arena_array(a, c->env->runs + 1, sizeof(struct role *));
	char *label;

	for (size_t i = 0; i < c->env->runs; i++)
		roles[i] = c->env->run[i].role;
	*out = (struct backup_self){ .conf = c->env->conf };
	if (backup_label(c->env->conf, roles, a, &label, e))
		return -1;
	out->label = label;
	return backup_passphrase(c->env->conf, a, &out->passphrase, e);
}

/* X-Road's shapes of an error and of a warning. */
static int
refuse(struct request *r, int status, const char *code, const char *about,
	struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, REPLY_MAX);
	buf_fmt(&b, "{\"status\":%d,\"error\":{\"code\":", status);
	buf_json(&b, code);
	buf_str(&b, ",\"metadata\":[");
	buf_json(&b, about);
	buf_str(&b, "]}}");
	ret = reply_json(r, status, b.data, e);
	buf_done(&b);
	return ret;
}

static int
warn(struct request *r, const char *code, const char *about, struct err *e)
{
	struct buf b;
	int ret;

	buf_init(&b, REPLY_MAX);
	buf_str(&b, "{\"status\":400,\"error\":{\"code\":\"warnings_detected\"}"
		    ",\"warnings\":[{\"code\":");
	buf_json(&b, code);
	buf_str(&b, ",\"metadata\":[");
	buf_json(&b, about);
	buf_str(&b, "]}]}");
	ret = reply_json(r, 400, b.data, e);
	buf_done(&b);
	return ret;
}

static int64_t
made_at(const char *path)
{
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return -1;
	return (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

static void
backup_json(struct buf *b, const char *name, int64_t at, const char *more)
{
	char text[TIME_TEXT_MAX];

	buf_str(b, "{\"filename\":");
	buf_json(b, name);
	buf_fmt(b, ",\"created_at\":\"%s\"%s}", time_iso_ms(text, at), more);
}

static int
reply_backup(struct request *r, struct console *c, const char *name,
	const char *more, struct err *e)
{
	const char *path =
		path_join(request_arena(r), backup_dir(c->env->conf), name);
	struct buf b;
	int ret;

	buf_init(&b, REPLY_MAX);
	backup_json(&b, name, made_at(path), more);
	ret = reply_json(r, 201, b.data, e);
	buf_done(&b);
	return ret;
}

/* The path of the request's backup; 1: answered that there is none. */
static int
find(struct request *r, struct console *c, const char **path, struct err *e)
{
	const char *name = request_segment(r, "filename");

	if (!name)
		name = "";
	*path = path_join(request_arena(r), backup_dir(c->env->conf), name);
	if (backup_name_valid(name) && made_at(*path) >= 0)
		return 0;
	return refuse(r, 404, "backup_file_not_found", name, e) ? -1 : 1;
}

struct listed {
	const char *name;
	int64_t at;
};
struct listing {
	struct arena *arena;
	const char *dir;
	struct listed item[LISTED_MAX];
	size_t n;
};

static int
list_one(void *ctx, const char *name)
{
	struct listing *l = ctx;
	int64_t at;

	if (!backup_name_valid(name) || l->n == LISTED_MAX)
		return 0;
	at = made_at(path_join(l->arena, l->dir, name));
	if (at >= 0)
		l->item[l->n++] =
			(struct listed){ arena_strdup(l->arena, name), at };
	return 0;
}

static int
newest_first(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	return (x->at < y->at) - (x->at > y->at);
}

int
backups_get(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct listing *l = arena_new_of(request_arena(r), struct listing);
	struct buf b;
	int ret;

	l->arena = request_arena(r);
	l->dir = backup_dir(c->env->conf);
	if (file_exists(l->dir) && dir_each(l->dir, list_one, l, e))
		return -1;
	qsort(l->item, l->n, sizeof(l->item[0]), newest_first);
	buf_init(&b, REPLY_MAX);
	buf_char(&b, '[');
	for (size_t i = 0; i < l->n; i++) {
		buf_str(&b, i ? "," : "");
		backup_json(&b, l->item[i].name, l->item[i].at, "");
	}
	buf_char(&b, ']');
	ret = buf_ok(&b, "the list of backups", e);
	if (!ret)
		ret = reply_json(r, 200, b.data, e);
	buf_done(&b);
	return ret;
}

static int
make(struct request *r, struct console *c, const char *more, struct err *e)
{
	struct arena *a = arena_new_secret();
	char name[BACKUP_NAME_MAX + 1];
	struct err why = ERR_INIT;
	struct backup_self self;
	int ret;

	if (console_self(c, a, &self, &why) ||
		backup_create_named(&self, "conf_backup_", name, &why)) {
		log_err("making a backup", &why);
		ret = refuse(r, 400, "backup_generation_failed", why.text, e);
	} else {
		ret = reply_backup(r, c, name, more, e);
	}
	arena_free(&a);
	return ret;
}

int
backups_post(struct request *r, void *state, struct err *e)
{
	return make(r, state, "", e);
}

/* X-Road means a file of Java options by it: there is none here. */
int
backups_post_ext(struct request *r, void *state, struct err *e)
{
	return make(r, state, ",\"local_conf_present\":false", e);
}

static int
upload_read(
	struct request *r, const char **name, struct bytes *file, struct err *e)
{
	const char *type = request_header(r, "Content-Type"), *d;
	struct arena *a = request_arena(r);
	struct mime_part *part;
	struct bytes body;
	size_t n;

	*name = NULL;
	if (request_body(r, &body, e))
		return -1;
	if (!str_equal(mime_base(a, type ? type : ""), "multipart/form-data") ||
		mime_split(a, type, body, PARTS_MAX, &part, &n, NULL))
		return fail(e, FAULT_BAD_REQUEST,
			"the body must be multipart/form-data");
	for (size_t i = 0; i < n && !*name; i++) {
		d = mime_part_header(&part[i], "content-disposition");
		if (!d || !str_equal(mime_param(a, d, "name"), "file"))
			continue;
		*name = mime_param(a, d, "filename");
		*file = part[i].body;
	}
	if (!*name)
		return fail(e, FAULT_BAD_REQUEST,
			"the form has no file named \"file\"");
	return 0;
}

/* 0 when it is stored; else what was answered: 1, or -1. */
static int
upload_keep(struct request *r, struct console *c, const char *name,
	struct bytes file, bool ignore, struct err *e)
{
	struct arena *a = request_arena(r);
	const char *dir = backup_dir(c->env->conf);
	const char *temp =
		path_join(a, dir, arena_printf(a, ".upload-%s", request_id(r)));
	const char *path = path_join(a, dir, name);
	struct backup_head head;
	struct backup_self self;
	int ret = -1;

	if (!ignore && file_exists(path))
		return warn(r, "warning_file_already_exists", name, e) ? -1 : 1;
	if (console_self(c, a, &self, e) || dir_make(dir, e) ||
		file_write(temp, file, FILE_PRIVATE, e))
		return -1;
	if (backup_read_head(temp, &head, NULL))
		ret = refuse(r, 400, "invalid_backup_file", name, e) ? -1 : 1;
	else if (!ignore && !str_equal(head.label, self.label))
		ret = warn(r, "warning_backup_of_another_server", head.label, e)
			      ? -1
			      : 1;
	else if (rename(temp, path))
		fail(e, FAULT_IO, "%s: %s", path, strerror(errno));
	else
		return 0;
	unlink(temp);
	return ret;
}

int
backups_upload(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	const char *query = request_query(r), *name, *word;
	struct bytes file;
	int ret;

	word = query ? query_get(request_arena(r), query, "ignore_warnings")
		     : NULL;
	if (upload_read(r, &name, &file, e))
		return -1;
	if (!backup_name_valid(name))
		return refuse(r, 400, "invalid_filename", name, e);
	ret = upload_keep(r, c, name, file, str_equal(word, "true"), e);
	if (ret)
		return ret < 0 ? -1 : 0;
	return reply_backup(r, c, name, "", e);
}

int
backups_delete(struct request *r, void *state, struct err *e)
{
	const char *path;
	int ret = find(r, state, &path, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	if (file_remove(path, e))
		return -1;
	return reply_send(r, 204, NULL, bytes_of(NULL, 0), e);
}

static int
send_file(struct request *r, int fd, const char *name, struct err *e)
{
	const struct http_header h[] = {
		{ "Content-Type", "application/octet-stream" },
		{ "Cache-Control", "no-store" },
		{ "Content-Disposition",
			arena_printf(request_arena(r),
				"attachment; filename=\"%s\"", name) },
	};
	uint8_t piece[PIECE];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return fail(e, FAULT_IO, "%s: %s", name, strerror(errno));
	if (reply_begin(r, 200, h, 3, st.st_size, e))
		return -1;
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		if (reply_write(r, piece, (size_t)n, e))
			return -1;
	return n ? fail(e, FAULT_IO, "%s: %s", name, strerror(errno))
		 : reply_end(r, e);
}

int
backups_download(struct request *r, void *state, struct err *e)
{
	const char *path;
	int fd, ret = find(r, state, &path, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(e, FAULT_IO, "%s: %s", path, strerror(errno));
	ret = send_file(r, fd, request_segment(r, "filename"), e);
	close(fd);
	return ret;
}

int
backups_restore(struct request *r, void *state, struct err *e)
{
	struct console *c = state;
	struct err why = ERR_INIT;
	struct backup_self self;
	struct arena *a;
	const char *path;
	int ret = find(r, c, &path, e);

	if (ret)
		return ret < 0 ? -1 : 0;
	a = arena_new_secret();
	if (console_self(c, a, &self, &why) ||
		backup_stage(&self, path, false, &why)) {
		log_err("restoring a backup", &why);
		ret = refuse(r, 400, "restore_process_failed", why.text, e);
	} else {
		/* the tokens' processes start anew too */
		ret = reply_json(r, 200,
			c->env->tokens ? "{\"hsm_tokens_logged_out\":true}"
				       : "{\"hsm_tokens_logged_out\":false}",
			e);
		kill(getpid(), SIGHUP);
	}
	arena_free(&a);
	return ret;
}
