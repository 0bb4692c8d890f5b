/* SPDX-License-Identifier: MIT */
/*
 * `machilink import`: takes over keys and certificates of another security
 * server's files before this machine is initialised. Lists as CSV:
 * import_opendata.c.
 */
#include "cli.h"
#include "cli_int.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "err.h"
#include "file.h"
#include "keyimport.h"
#include "language.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "xml.h"

enum { PIN_LINE = 256 };

static const char usage[] =
	"usage: machilink import open-data FILE.csv --config FILE\n"
	"       machilink import x-road DIR --config FILE [--lang ja|en]\n"
	"  takes over the keys and certificates of an X-Road security server:\n"
	"  DIR holds keyconf.xml and softtoken/, or is a copy of its /etc/xroad.\n"
	"  The token's PIN is read from standard input and stays the PIN. A\n"
	"  machine that has a token or keys is never changed; its service must\n"
	"  not run. Owner and server code are set by the initialisation that\n"
	"  follows, with the same PIN.";

static const char usage_ja[] =
	"使い方: machilink import open-data FILE.csv --config FILE\n"
	"        machilink import x-road DIR --config FILE [--lang ja|en]\n"
	"  X-Road セキュリティサーバの鍵と証明書を引き継ぐ。DIR には keyconf.xml と\n"
	"  softtoken/ を置く(/etc/xroad の写しでもよい)。\n"
	"  トークンの PIN は標準入力から読み、そのまま PIN になる。既にトークンや鍵が\n"
	"  ある機器は変更しない。サービスは止めておくこと。所有者とサーバコードは、\n"
	"  続く初期設定で同じ PIN を使って登録する。";

int
line_read(char *out, size_t max, const char *what, struct err *e)
{
	if (!fgets(out, (int)max, stdin))
		return fail(
			e, FAULT_BAD_REQUEST, "no %s on standard input", what);
	if (strlen(out) == max - 1 && !strchr(out, '\n'))
		return fail(e, FAULT_TOO_LARGE, "a %s has at most %zu bytes",
			what, max - 2);
	out[strcspn(out, "\r\n")] = '\0';
	if (!*out)
		return fail(e, FAULT_BAD_REQUEST, "the %s is empty", what);
	return 0;
}

int
data_lock(const struct conf *c, int *fd, struct err *e)
{
	if (dir_make(conf_text(c, P_DATA_DIR), e))
		return -1;
	*fd = open(
		conf_data_path(c, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd >= 0 && !flock(*fd, LOCK_EX | LOCK_NB))
		return 0;
	return fail(e, FAULT_CONFLICT,
		"the service of this machine runs; stop it first");
}

static void
say(const struct keyimport_sum *s, bool ja)
{
	printf(ja ? "引き継いだ鍵 %zu、証明書 %zu\n"
		  : "taken over: %zu keys, %zu certificates\n",
		s->keys, s->certs);
	if (s->anchor)
		puts(ja ? "設定アンカーも引き継いだ"
			: "the configuration anchor too");
	if (s->devices)
		printf(ja ? "対象外の装置(ソフトウェアトークン以外): %zu\n"
			  : "left out, not software tokens: %zu devices\n",
			s->devices);
	if (s->requests)
		printf(ja ? "対象外の証明書要求: %zu(作り直すこと)\n"
			  : "left out: %zu certificate requests; make them "
			    "again\n",
			s->requests);
}

int
cmd_import(int argc, char **argv)
{
	const char *file = NULL, *lang = NULL;
	const struct option_row rows[] = { { "config", &file, NULL },
		{ "lang", &lang, NULL }, { NULL, NULL, NULL } };
	struct keyimport_sum sum = { 0 };
	struct conf *conf = NULL;
	struct err e = ERR_INIT;
	char pin[PIN_LINE] = "";
	int fd = -1, ret = EXIT_OK;
	bool ja;

	if (argc && str_equal(argv[0], "open-data"))
		return import_open_data(argc - 1, argv + 1);
	log_level_set(LOG_WARNING); /* the output is for scripts */
	if (options_read(rows, &argc, argv))
		return EXIT_USAGE;
	ja = language_is_japanese(lang);
	if (argc != 2 || !str_equal(argv[0], "x-road") || !file)
		return complain(EXIT_USAGE, "%s", ja ? usage_ja : usage);
	xml_startup();
	if (conf_load(&conf, file, &e) || data_lock(conf, &fd, &e) ||
		line_read(pin, sizeof(pin), "PIN", &e) ||
		keyimport_xroad(conf, argv[1], pin, &sum, &e))
		ret = complain_err(err_set(&e) && e.fault == FAULT_IO
					   ? EXIT_FAILED
					   : EXIT_INVALID,
			&e);
	else
		say(&sum, ja);
	mem_wipe(pin, sizeof(pin));
	if (fd >= 0)
		close(fd);
	conf_free(&conf);
	xml_shutdown();
	return ret;
}
