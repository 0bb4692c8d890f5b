/* SPDX-License-Identifier: MIT */
/*
 * What `machilink verify` finds, in Japanese: why something does not hold, and
 * the words of a report.
 */
#include "cli.h"
#include "cli_int.h"

#include <stdio.h>

#include "err.h"
#include "text.h"
#include "verdict.h"

void
print_reason(const struct err *e, const char *where, bool ja)
{
	const char *in = where ? where : "", *colon = where ? ": " : "";

	if (!ja) {
		printf("  why: %s%s%s (%s)\n", in, colon, e->text, e->code);
		return;
	}
	printf("  理由: %s%s%s (%s)\n", in, colon, verdict_ja(e->fault),
		e->code);
	printf("    詳細: %s\n", e->text);
}

/* Words of struct asic_report. */
static const struct {
	const char *en, *ja;
} WORDS[] = {
	{ "SOAP request", "SOAP要求" },
	{ "SOAP response", "SOAP応答" },
	{ "REST request", "REST要求" },
	{ "REST response", "REST応答" },
	{ "verified", "検証済み" },
	{ "not in container", "コンテナに含まれていません" },
	{ "hash chain present but not signed",
		"ハッシュチェーンがありますが、署名されていません" },
};

const char *
report_word(const char *en, bool ja)
{
	for (size_t i = 0; ja && en && i < sizeof(WORDS) / sizeof(*WORDS); i++)
		if (str_equal(WORDS[i].en, en))
			return WORDS[i].ja;
	return en;
}
