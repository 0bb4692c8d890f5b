/* SPDX-License-Identifier: MIT */
/*
 * `machilink backup`: make, check and put back backups of a machine, whether
 * its service runs or not.
 */
#include "cli.h"
#include "cli_int.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "backup.h"
#include "err.h"
#include "file.h"
#include "language.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

struct call {
	const char *file; /* or NULL */
	const char *out;
	bool force, ja;
	struct conf *conf;
	struct arena *arena;
	struct backup_self self;
	struct err e;
};

static const char usage[] =
	"usage: machilink backup create --config FILE [--out FILE]\n"
	"       machilink backup verify FILE --config FILE\n"
	"       machilink backup restore FILE --config FILE [--force]\n"
	"  create: every database but the message log, keys, anchor and the\n"
	"      configuration file, while the service runs; by default into\n"
	"      <data-dir>/backup\n"
	"  restore: replaces them all at once, at the next start; --force: also\n"
	"      on a new machine, or with the backup of another one\n"
	"  --passphrase-file FILE, --key-file FILE: to open a backup of a machine\n"
	"      that is lost (its <data-dir>/backup.key); --lang ja|en";

static const char usage_ja[] =
	"使い方: machilink backup create --config FILE [--out FILE]\n"
	"        machilink backup verify FILE --config FILE\n"
	"        machilink backup restore FILE --config FILE [--force]\n"
	"  create: メッセージログを除く全データベース、鍵、アンカー、設定ファイルを\n"
	"      サービスを止めずに保存する(既定の保存先は <data-dir>/backup)\n"
	"  restore: 次の起動時に全体を一度に置き換える。--force: 新しい機器へ、\n"
	"      または別の機器のバックアップからの復元も許す\n"
	"  --passphrase-file FILE, --key-file FILE: 失われた機器のバックアップを\n"
	"      開くパスフレーズまたは鍵(<data-dir>/backup.key)。--lang ja|en";

static int
do_create(struct call *c)
{
	char name[BACKUP_NAME_MAX + 1];
	const char *path = c->out;

	if (path) {
		if (backup_create(&c->self, path, &c->e))
			return -1;
	} else {
		if (backup_create_named(&c->self, "conf_backup_", name, &c->e))
			return -1;
		path = path_join(c->arena, backup_dir(c->conf), name);
	}
	puts(path);
	return 0;
}

static int
do_verify(struct call *c)
{
	struct backup_head h;
	struct backup_sum sum;

	if (backup_read_head(c->file, &h, &c->e) ||
		backup_verify(&c->self, c->file, &sum, &c->e))
		return -1;
	printf(c->ja ? "%s: 正常。%s、%s 作成、ファイル %zu"
		       "(うちデータベース %zu)、%lld バイト\n"
		     : "%s: good; of %s, made %s, %zu files "
		       "(%zu databases), %lld bytes\n",
		c->file, h.label, h.created, sum.files, sum.databases,
		(long long)sum.bytes);
	return 0;
}

/* Puts it in place at once unless a service holds the data directory. */
static int
do_restore(struct call *c)
{
	const char *path = conf_data_path(c->conf, "lock");
	bool applied = false;
	int fd, ret = 0;

	if (backup_stage(&c->self, c->file, c->force, &c->e))
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB))
		ret = backup_apply(c->conf, &applied, &c->e);
	if (fd >= 0)
		close(fd);
	if (ret)
		return -1;
	if (applied)
		puts(c->ja ? "復元しました" : "restored");
	else
		puts(c->ja ? "検証済み。サービスの再起動時に置き換えます"
			   : "verified; the running service takes it over when "
			     "it is restarted");
	return 0;
}

static const struct verb {
	const char *name;
	int words;
	int (*run)(struct call *c);
} verbs[] = {
	{ "create", 1, do_create },
	{ "verify", 2, do_verify },
	{ "restore", 2, do_restore },
};

static int
prepare(struct call *c, const char *file, const char *passphrase)
{
	char *label;

	c->arena = arena_new_secret();
	if (conf_load(&c->conf, file, &c->e) ||
		(passphrase &&
			conf_set(c->conf, "machilink", "backup-passphrase-file",
				passphrase, &c->e)) ||
		dir_make(conf_text(c->conf, P_DATA_DIR), &c->e) ||
		backup_label(c->conf, all_roles, c->arena, &label, &c->e) ||
		backup_passphrase(
			c->conf, c->arena, &c->self.passphrase, &c->e))
		return -1;
	c->self.conf = c->conf;
	c->self.label = label;
	return 0;
}

int
cmd_backup(int argc, char **argv)
{
	const char *file = NULL, *passphrase = NULL, *lang = NULL;
	struct call c = { .e = ERR_INIT };
	const struct option_row rows[] = { { "config", &file, NULL },
		{ "out", &c.out, NULL }, { "lang", &lang, NULL },
		{ "passphrase-file", &passphrase, NULL },
		{ "key-file", &c.self.key_file, NULL },
		{ "force", NULL, &c.force }, { NULL, NULL, NULL } };
	const struct verb *v = NULL;
	int ret = EXIT_OK;

	log_level_set(LOG_WARNING); /* the output is for scripts */
	if (options_read(rows, &argc, argv))
		return EXIT_USAGE;
	c.ja = language_is_japanese(lang);
	for (size_t i = 0; argc && i < sizeof(verbs) / sizeof(*verbs); i++)
		if (str_equal(verbs[i].name, argv[0]))
			v = &verbs[i];
	if (!v || argc != v->words || !file)
		return complain(EXIT_USAGE, "%s", c.ja ? usage_ja : usage);
	c.file = argc > 1 ? argv[1] : NULL;
	if (prepare(&c, file, passphrase) || v->run(&c))
		ret = complain_err(c.e.fault == FAULT_CANNOT_OPEN ||
						   c.e.fault == FAULT_FORBIDDEN
					   ? EXIT_INVALID
					   : EXIT_FAILED,
			&c.e);
	arena_free(&c.arena);
	conf_free(&c.conf);
	return ret;
}
