/* SPDX-License-Identifier: MIT */
/*
 * `machilink code`: what a corporate number or municipality code is, whether
 * its check digit fits, and which member code follows.
 */
#include "cli.h"
#include "cli_int.h"

#include <stdio.h>

#include "buf.h"
#include "console.h"
#include "err.h"
#include "language.h"
#include "publicid.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

static int
print_json(const char *code)
{
	struct err e = ERR_INIT;
	struct buf b;
	int ret;

	buf_init(&b, LINE_MAX_BYTES);
	console_code_json(&b, code);
	ret = buf_ok(&b, "the code", &e);
	if (!ret)
		puts(b.data);
	buf_done(&b);
	return ret ? complain_err(EXIT_USAGE, &e) : EXIT_OK;
}

static int
print_one(const char *code, bool json, bool ja)
{
	char say[PUBLICID_TEXT_MAX];
	struct publicid p;

	publicid_read(code, &p);
	if (json && print_json(code))
		return EXIT_USAGE;
	if (!json && p.kind == PUBLICID_NONE)
		printf(ja ? "%s は法人番号でも全国地方公共団体コードでもありま"
			    "せん\n"
			  : "%s is neither a corporate number nor a "
			    "municipality code\n",
			code);
	else if (!json)
		puts(publicid_say(code, ja, say));
	if (p.kind == PUBLICID_NONE)
		return EXIT_CANNOT_TELL;
	return p.good ? EXIT_OK : EXIT_INVALID;
}

int
cmd_code(int argc, char **argv)
{
	const char *lang = NULL;
	bool json = false, ja;
	const struct option_row rows[] = { { "json", NULL, &json },
		{ "lang", &lang, NULL }, { NULL, NULL, NULL } };
	int worst = EXIT_OK;

	if (options_read(rows, &argc, argv))
		return EXIT_USAGE;
	ja = language_is_japanese(lang);
	if (!argc)
		return complain(EXIT_USAGE, "%s",
			ja ? "使い方: machilink code CODE... [--json] "
			     "[--lang ja|en]\n"
			     "  終了コード: 0 正しい、1 検査数字が合わない、2 "
			     "どちらでもない"
			   : "usage: machilink code CODE... [--json] "
			     "[--lang ja|en]\n"
			     "  exit: 0 right, 1 the check digit does not fit, "
			     "2 neither");
	for (int i = 0; i < argc; i++) {
		int one = print_one(argv[i], json, ja);

		worst = one > worst ? one : worst;
	}
	return worst;
}
