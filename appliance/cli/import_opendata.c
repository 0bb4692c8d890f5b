/* SPDX-License-Identifier: MIT */
/*
 * `machilink import open-data`: a CSV file becomes a table and its services,
 * beside those that are there. A running adapter serves them at once.
 */
#include "cli.h"
#include "cli_int.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter.h"
#include "buf.h"
#include "err.h"
#include "file.h"
#include "language.h"
#include "log.h"
#include "mem.h"
#include "opendata.h"
#include "param.h"
#include "text.h"

#define DATABASE "opendata.db"

enum { SERVICES_BYTES = 4 * 1024 * 1024 };

static const char usage[] =
	"usage: machilink import open-data FILE.csv --config FILE [--name NAME]\n"
	"         [--title TITLE] [--dry-run] [--lang ja|en]\n"
	"       machilink import open-data --list\n"
	"  Reads a list (UTF-8 or Shift_JIS) into a table beside services.json,\n"
	"  and adds the services NAME (all rows, with filters) and NAME-by-id.\n"
	"  Standard open data sets are recognised by their columns (--list shows\n"
	"  which). Importing again replaces the rows. --dry-run only tells.";
static const char usage_ja[] =
	"使い方: machilink import open-data FILE.csv --config FILE [--name 名前]\n"
	"          [--title 題名] [--dry-run] [--lang ja|en]\n"
	"        machilink import open-data --list\n"
	"  一覧表(UTF-8 または Shift_JIS)を services.json の隣の表に取り込み、\n"
	"  サービス「名前」(全件と絞り込み)と「名前-by-id」(1 件)を作る。\n"
	"  自治体標準オープンデータセットは列名で見分ける(--list で一覧)。\n"
	"  もう一度取り込むと行が入れ替わる。--dry-run は調べるだけ。";

struct job {
	struct arena *arena;
	const char *file, *config, *lang;
	struct opendata_names names;
	bool dry, list, ja;
	struct conf *conf;
	struct sheet *sheet;
	const char *services; /* path */
	char *database;       /* path */
	struct bytes before;  /* services.json as it was */
	bool trouble;         /* it was not in force before */
};

static void
print_sets(bool ja)
{
	const struct opendata_set *s;

	puts(ja ? "自治体標準オープンデータセット(番号、サービスの名前、題名)"
		: "Standard open data sets for municipalities (number, service, "
		  "title)");
	for (size_t i = 0; (s = opendata_set_row(i)); i++)
		printf("  %s  %-24s %s\n", s->number, s->name, s->title);
}

static int
read_sheet(struct job *j, struct err *e)
{
	struct bytes text;

	if (file_read(j->arena, j->file, OPENDATA_BYTES_MAX, &text, e))
		return -1;
	if (opendata_read(j->arena, j->file, text, &j->sheet, e))
		return -1;
	return opendata_name(j->sheet, j->file, &j->names, e);
}

static int
find_place(struct job *j, struct err *e)
{
	const char *slash;

	if (conf_load(&j->conf, j->config, e))
		return -1;
	j->services = adapter_services(j->conf);
	slash = strrchr(j->services, '/');
	j->database = slash ? arena_printf(j->arena, "%.*s/%s",
				      (int)(slash - j->services), j->services,
				      DATABASE)
			    : arena_strdup(j->arena, DATABASE);
	return slash ? dir_make(arena_strndup(j->arena, j->services,
					(size_t)(slash - j->services)),
			       e)
		     : 0;
}

/* services.json as a value; an empty one when there is none yet. */
static int
read_services(struct job *j, json_t **root, struct err *e)
{
	const struct json_limits limits = { .bytes = SERVICES_BYTES };
	struct err why = ERR_INIT;

	if (!file_exists(j->services)) {
		*root = json_keep(j->arena, json_object());
		json_put_str(*root, "name", "machilink");
		return 0;
	}
	if (file_read(j->arena, j->services, SERVICES_BYTES, &j->before, e))
		return -1;
	if (json_parse(j->arena, j->before, &limits, root, &why))
		return fail(e, FAULT_CONFIG, "%s: %s", j->services, why.text);
	return 0;
}

/* Who may read the file stays as it is: it may hold passwords. */
static int
write_services(struct job *j, struct bytes text, struct err *e)
{
	struct stat st;
	bool there = !stat(j->services, &st);

	if (file_write(j->services, text,
		    there && !(st.st_mode & S_IROTH) ? FILE_PRIVATE
						     : FILE_PUBLIC,
		    e))
		return -1;
	if (there && geteuid() == 0 && chown(j->services, st.st_uid, st.st_gid))
		return fail(e, FAULT_IO, "%s cannot be given its owner back",
			j->services);
	return 0;
}

static int
put_in_force(struct job *j, json_t *root, struct err *e)
{
	struct err ignored = ERR_INIT;
	struct buf b;
	int ret;

	j->trouble = j->before.len && adapter_check(j->conf, &ignored);
	buf_init(&b, SERVICES_BYTES);
	json_write(&b, root, JSON_PRETTY);
	ret = buf_ok(&b, "services.json", e) ||
			      opendata_store(
				      j->sheet, &j->names, j->database, e) ||
			      write_services(j, bytes_buf(&b), e)
		      ? -1
		      : 0;
	buf_done(&b);
	if (ret || j->trouble || !adapter_check(j->conf, e))
		return ret;
	if (j->before.len)
		(void)write_services(j, j->before, &ignored);
	else
		(void)file_remove(j->services, &ignored);
	return -1;
}

static void
print_sheet(const struct job *j)
{
	const struct sheet *s = j->sheet;

	if (s->set)
		printf(j->ja ? "%s(自治体標準オープンデータセット %s)"
			     : "%s (standard open data set %s)",
			s->set->title, s->set->number);
	else
		printf("%s", j->names.title);
	printf(j->ja ? ": %zu 行 %zu 列、%s\n"
		     : ": %zu rows, %zu columns, %s\n",
		s->rows, s->columns, s->encoding);
	for (size_t i = 0; i < s->notes; i++)
		printf("  - %s\n", j->ja ? s->note[i].ja : s->note[i].en);
	if (s->unreadable > OPENDATA_NOTES_MAX)
		printf(j->ja ? "  - 置き換えた文字は全部で %lld\n"
			     : "  - %lld characters were replaced in all\n",
			(long long)s->unreadable);
}

static void
print_services(const struct job *j)
{
	const char *by_id = opendata_by_id(j->sheet, &j->names);
	const char *address = conf_text(j->conf, P_ADAPTER_ADDRESS);
	int port = (int)conf_int(j->conf, P_ADAPTER_PORT);

	if (j->dry) {
		puts(j->ja ? "調べただけで、何も変えていません"
			   : "only looked at; nothing was changed");
		return;
	}
	puts(j->ja ? "サービス:" : "services:");
	printf("  http://%s:%d/api/service/%s\n", address, port,
		j->names.service);
	if (by_id)
		printf("  http://%s:%d/api/service/%s?id=%s\n", address, port,
			by_id, j->sheet->cell[j->sheet->key]);
	if (j->trouble)
		puts(j->ja ? "注意: services.json "
			     "のほかの部分に誤りがあり、アダプタにはまだ反映さ"
			     "れません。machilink のログを見てください"
			   : "note: another part of services.json is wrong, so "
			     "the adapter does not take it yet; see its log");
}

static int
import(struct job *j, struct err *e)
{
	json_t *root;

	if (read_sheet(j, e) || find_place(j, e) ||
		read_services(j, &root, e) ||
		opendata_offer(j->sheet, &j->names, DATABASE, root, e))
		return -1;
	print_sheet(j);
	return j->dry ? 0 : put_in_force(j, root, e);
}

int
import_open_data(int argc, char **argv)
{
	struct job j = { .arena = arena_new() };
	const struct option_row rows[] = { { "config", &j.config, NULL },
		{ "name", &j.names.service, NULL },
		{ "title", &j.names.title, NULL }, { "lang", &j.lang, NULL },
		{ "dry-run", NULL, &j.dry }, { "list", NULL, &j.list },
		{ NULL, NULL, NULL } };
	struct err e = ERR_INIT;
	int ret = EXIT_OK;

	log_level_set(LOG_WARNING); /* the output is for scripts */
	if (options_read(rows, &argc, argv)) {
		ret = EXIT_USAGE;
		goto out;
	}
	j.ja = language_is_japanese(j.lang);
	if (j.list) {
		print_sets(j.ja);
	} else if (argc != 1 || !j.config) {
		ret = complain(EXIT_USAGE, "%s", j.ja ? usage_ja : usage);
	} else {
		j.file = argv[0];
		if (import(&j, &e))
			ret = complain(EXIT_INVALID, "%s",
				j.ja ? adapter_sentence(j.arena, &e) : e.text);
		else
			print_services(&j);
	}
out:
	conf_free(&j.conf);
	arena_free(&j.arena);
	return ret;
}
