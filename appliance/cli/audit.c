/* SPDX-License-Identifier: MIT */
/*
 * `machilink audit verify`: whether the audit of the administration is as it
 * was written. Works whether or not the service runs.
 */
#include "cli.h"
#include "cli_int.h"

#include <stdio.h>
#include <string.h>

#include "console.h"
#include "err.h"
#include "language.h"
#include "log.h"
#include "param.h"
#include "text.h"

/* "NUMBER:HASH" of somebody who kept it. */
static int
head_parse(char *text, int64_t *number, const char **hash, struct err *e)
{
	char *colon = text ? strchr(text, ':') : NULL;

	*hash = NULL;
	if (!text)
		return 0;
	if (!colon)
		return fail(e, FAULT_BAD_REQUEST,
			"--head takes what this command or the log told: "
			"NUMBER:HASH");
	*colon = '\0';
	*hash = colon + 1;
	return int_parse(text, 1, INT64_MAX, number, e);
}

static void
tell(const struct audit_state *s, bool ja)
{
	if (s->broken)
		printf(ja ? "改変あり: 行 %lld が、その前の行とつながりません\n"
			  : "CHANGED: row %lld does not fit the rows before "
			    "it\n",
			(long long)s->broken);
	else
		printf(ja ? "正常: %lld 行。末尾 %lld:%s\n"
			  : "good: %lld rows; head %lld:%s\n",
			(long long)s->rows, (long long)s->head, s->hash);
	if (s->before)
		printf(ja ? "連鎖より前の行: %lld(検査の対象外)\n"
			  : "rows of before there was a chain: %lld (not "
			    "checked)\n",
			(long long)s->before);
}

int
cmd_audit(int argc, char **argv)
{
	const char *file = NULL, *head = NULL, *hash;
	const struct option_row rows[] = { { "config", &file, NULL },
		{ "head", &head, NULL }, { NULL, NULL, NULL } };
	struct audit_state s = { .rows = 0 };
	struct conf *conf = NULL;
	struct err e = ERR_INIT;
	int64_t number = 0;
	bool found, ja;
	int ret = EXIT_OK;

	log_level_set(LOG_WARNING); /* the output is for scripts */
	if (options_read(rows, &argc, argv) || argc != 1 || !file ||
		!str_equal(argv[0], "verify"))
		return complain(EXIT_USAGE,
			"usage: machilink audit verify --config FILE "
			"[--head NUMBER:HASH]");
	if (head_parse((char *)(uintptr_t)head, &number, &hash, &e) ||
		conf_load(&conf, file, &e) ||
		console_audit_verify(conf, number, hash, &s, &found, &e)) {
		ret = complain_err(EXIT_FAILED, &e);
		goto out;
	}
	ja = language_is_japanese(NULL);
	tell(&s, ja);
	if (hash && !found)
		puts(ja ? "改変あり: 控えにある行がありません"
			: "CHANGED: the row that was kept is not there");
	if (s.broken || (hash && !found))
		ret = EXIT_INVALID;
out:
	conf_free(&conf);
	return ret;
}
