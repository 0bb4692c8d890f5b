/* SPDX-License-Identifier: MIT */
/* The table of roles, and `machilink map`: who serves, calls and owns what. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "cli_int.h"

#include "adapter.h"
#include "center.h"
#include "confproxy.h"
#include "console.h"
#include "language.h"
#include "link.h"
#include "monitor.h"
#include "param.h"
#include "server.h"
#include "text.h"

const struct role *const all_roles[] = { &role_monitor, &role_center,
	&role_server, &role_adapter, &role_link, &role_confproxy, &role_console,
	NULL };

static void
print_words(const char *label, const char *const *word)
{
	if (!word || !*word)
		return;
	printf("  %-7s", label);
	for (; *word; word++)
		printf(" %s", *word);
	putchar('\n');
}

static void
print_ports(const char *label, const struct role_port *p)
{
	for (; p && p->name; p++) {
		printf("  %-7s %-28s %s", label, p->name, p->protocol);
		if (p->param >= 0) {
			const struct param *row =
				param_row((enum param_id)p->param);

			printf("  [%s] %s = %s", row->section, row->key,
				row->def);
		}
		putchar('\n');
	}
}

int
cmd_map(int argc, char **argv)
{
	(void)argv;
	if (argc)
		return complain(EXIT_USAGE, "usage: machilink map");
	for (const struct role *const *r = all_roles; *r; r++) {
		printf("%s: %s\n", (*r)->name, (*r)->summary);
		print_ports("serves", (*r)->serves);
		print_ports("calls", (*r)->calls);
		print_words("owns", (*r)->owns);
		print_words("reads", (*r)->reads);
	}
	return EXIT_OK;
}

int
cmd_param(int argc, char **argv)
{
	const char *lang = NULL;
	const struct option_row rows[] = { { "lang", &lang, NULL },
		{ NULL, NULL, NULL } };

	if (options_read(rows, &argc, argv))
		return EXIT_USAGE;
	if (argc != 1 || !str_equal(argv[0], "list"))
		return complain(EXIT_USAGE,
			"usage: machilink param list [--lang ja|en]");
	param_print(stdout, language_is_japanese(lang));
	return EXIT_OK;
}
