/* SPDX-License-Identifier: MIT */
/*
 * `machilink seal`: the password of a database as the file of data services
 * may hold it, so that the file can be copied and shown.
 */
#include "cli.h"
#include "cli_int.h"

#include <stdio.h>

#include "adapter.h"
#include "err.h"
#include "file.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "vault.h"

int
cmd_seal(int argc, char **argv)
{
	const char *file = NULL;
	const struct option_row rows[] = { { "config", &file, NULL },
		{ NULL, NULL, NULL } };
	struct arena *a = arena_new();
	struct conf *conf = NULL;
	struct err e = ERR_INIT;
	char password[VAULT_SECRET_MAX] = "", *sealed;
	int ret = EXIT_OK;

	log_level_set(LOG_WARNING); /* the output is for scripts */
	if (options_read(rows, &argc, argv) || argc != 1 || !file)
		ret = complain(EXIT_USAGE,
			"usage: machilink seal SOURCE --config FILE "
			"(password on standard input)");
	else if (line_read(password, sizeof(password), "password", &e) ||
		 conf_load(&conf, file, &e) ||
		 dir_make(conf_text(conf, P_DATA_DIR), &e) ||
		 adapter_seal(conf, argv[0], password, a, &sealed, &e))
		ret = complain_err(EXIT_FAILED, &e);
	else
		puts(sealed);
	mem_wipe(password, sizeof(password));
	conf_free(&conf);
	arena_free(&a);
	return ret;
}
