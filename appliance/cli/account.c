/* SPDX-License-Identifier: MIT */
/*
 * `machilink api-key` and `machilink user`: who may administer a machine, said
 * on the machine itself.
 */
#include "cli.h"
#include "cli_int.h"

#include <stdio.h>
#include <string.h>

#include "console.h"
#include "err.h"
#include "file.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { PASSWORD_MAX = 256, ALL_ROLES = ADMIN_ANY };

/* "ROLE,ROLE" to bits; NULL means every role. */
static int
parse_roles(const char *text, unsigned *out, struct err *e)
{
	struct arena *a = arena_new();
	char *s = arena_strdup(a, text), *comma;
	int ret = 0;

	*out = text ? 0 : ALL_ROLES;
	for (; s && !ret; s = comma ? comma + 1 : NULL) {
		unsigned bit;

		comma = strchr(s, ',');
		if (comma)
			*comma = '\0';
		bit = admin_role_by_name(str_trim(s));
		if (!bit)
			ret = fail(e, FAULT_BAD_REQUEST, "\"%s\" is not a role",
				s);
		*out |= bit;
	}
	arena_free(&a);
	return ret;
}

int
cmd_api_key(int argc, char **argv)
{
	const char *file = NULL, *roles = NULL;
	const struct option_row rows[] = { { "config", &file, NULL },
		{ "roles", &roles, NULL }, { NULL, NULL, NULL } };
	struct conf *conf = NULL;
	struct err e = ERR_INIT;
	char key[API_KEY_TEXT + 1];
	unsigned bits;
	int ret = EXIT_OK;

	log_level_set(LOG_WARNING); /* the output is for scripts */
	if (options_read(rows, &argc, argv) || argc || !file)
		return complain(EXIT_USAGE,
			"usage: machilink api-key --config FILE "
			"[--roles ROLE,...]");
	if (parse_roles(roles, &bits, &e) || conf_load(&conf, file, &e) ||
		dir_make(conf_text(conf, P_DATA_DIR), &e) ||
		console_api_key_add(conf, bits, key, &e))
		ret = complain_err(EXIT_FAILED, &e);
	else
		puts(key);
	conf_free(&conf);
	return ret;
}

int
cmd_user(int argc, char **argv)
{
	const char *file = NULL, *roles = NULL;
	const struct option_row rows[] = { { "config", &file, NULL },
		{ "roles", &roles, NULL }, { NULL, NULL, NULL } };
	struct conf *conf = NULL;
	struct err e = ERR_INIT;
	char password[PASSWORD_MAX] = "";
	unsigned bits;
	int ret = EXIT_OK;

	log_level_set(LOG_WARNING); /* the output is for scripts */
	if (options_read(rows, &argc, argv) || argc != 2 || !file ||
		!str_equal(argv[0], "add"))
		return complain(EXIT_USAGE,
			"usage: machilink user add NAME --config FILE "
			"[--roles ROLE,...] (password on standard input)");
	if (parse_roles(roles, &bits, &e) ||
		line_read(password, sizeof(password), "password", &e) ||
		conf_load(&conf, file, &e) ||
		dir_make(conf_text(conf, P_DATA_DIR), &e) ||
		console_account_put(conf, argv[1], password, bits, &e))
		ret = complain_err(EXIT_FAILED, &e);
	mem_wipe(password, sizeof(password));
	conf_free(&conf);
	return ret;
}
