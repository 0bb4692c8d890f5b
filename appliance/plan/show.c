/* SPDX-License-Identifier: MIT */
/* What a file may say, printed from the tables that read it. */
#include "plan.h"

#include <string.h>

enum { INDENT = 2, LINE = 24 };

static const struct {
	const char *en, *ja;
} types[] = {
	[PLAN_TEXT] = { "text", "文字列" },
	[PLAN_INT] = { "whole number", "整数" },
	[PLAN_BOOL] = { "true or false", "true か false" },
	[PLAN_WORD] = { "one of", "次のいずれか:" },
	[PLAN_FILE] = { "a file, or its text", "ファイル名、または内容" },
	[PLAN_CERT] = { "a certificate: file, PEM or SHA-256",
		"証明書: ファイル名、PEM、または SHA-256" },
	[PLAN_VALUE] = { "a mapping", "対応表" },
	[PLAN_MAP] = { "texts by name", "名前ごとの文字列" },
	[PLAN_TEXTS] = { "a set of texts", "文字列の集合" },
	[PLAN_CERTS] = { "a set of certificates: file, PEM or SHA-256",
		"証明書の集合: ファイル名、PEM、または SHA-256" },
	[PLAN_THINGS] = { "a list of", "次の一覧:" },
};
static const struct {
	unsigned flag;
	const char *en, *ja;
} notes[] = {
	{ PLAN_KEY, "tells them apart", "区別に使う" },
	{ PLAN_NEED, "needed", "必須" },
	{ PLAN_ONCE, "cannot be changed", "変更不可" },
	{ PLAN_HINT, "only says how", "方法の指定(比較しない)" },
	{ PLAN_FILED, "as in services.json", "services.json と同じ形" },
	{ PLAN_BLANK, "as the administration API has it, {} for none",
		"管理 API と同じ形。{} は無し" },
};

static void
show_notes(struct buf *b, const struct plan_field *f, bool ja)
{
	const char *sep = "; ";

	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes); i++) {
		if (!(f->flags & notes[i].flag))
			continue;
		buf_fmt(b, "%s%s", sep, ja ? notes[i].ja : notes[i].en);
		sep = ", ";
	}
}

static void
show_kind(struct buf *b, const struct plan_kind *k, int depth, bool ja)
{
	for (const struct plan_field *f = k->field; f->name; f++) {
		int pad = LINE - depth * INDENT - (int)strlen(f->name);

		if (depth)
			pad -= INDENT;
		buf_fmt(b, "%*s%s%s:%*s %s", depth * INDENT, "",
			depth && f == k->field ? "- "
			: depth                ? "  "
					       : "",
			f->name, pad > 0 ? pad : 0, "",
			ja ? types[f->type].ja : types[f->type].en);
		if (f->words)
			buf_fmt(b, " %s", f->words);
		if (f->kind)
			buf_fmt(b, " %s",
				ja ? f->kind->name_ja : f->kind->name);
		show_notes(b, f, ja);
		buf_char(b, '\n');
		if (f->kind)
			show_kind(b, f->kind, depth + 1, ja);
	}
}

void
plan_show(struct buf *b, const struct plan_kind *k, bool japanese)
{
	show_kind(b, k, 0, japanese);
}
