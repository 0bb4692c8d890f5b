/* SPDX-License-Identifier: MIT */
/*
 * `machilink setup token`: another one-time token for the first administrator,
 * when the one that the service printed was lost.
 */
#include "cli.h"
#include "cli_int.h"

#include <stdio.h>

#include "console.h"
#include "err.h"
#include "file.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

int
cmd_setup(int argc, char **argv)
{
	const char *file = NULL;
	const struct option_row rows[] = { { "config", &file, NULL },
		{ NULL, NULL, NULL } };
	char token[SETUP_TOKEN_MAX];
	struct conf *conf = NULL;
	struct err e = ERR_INIT;
	int ret = EXIT_OK;

	log_level_set(LOG_WARNING); /* the output is for scripts */
	if (options_read(rows, &argc, argv) || argc != 1 || !file ||
		!str_equal(argv[0], "token"))
		return complain(EXIT_USAGE,
			"usage: machilink setup token --config FILE");
	if (conf_load(&conf, file, &e) ||
		dir_make(conf_text(conf, P_DATA_DIR), &e) ||
		console_setup_token(conf, token, &e))
		ret = complain_err(EXIT_FAILED, &e);
	else
		puts(token);
	mem_wipe(token, sizeof(token));
	conf_free(&conf);
	return ret;
}
