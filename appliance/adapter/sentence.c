/* SPDX-License-Identifier: MIT */
/*
 * Refusals in Japanese: an English sentence finds its row of sentence.def, what
 * its gaps hold goes into the Japanese one. What has no row, such as a
 * database's own words, is told by its fault.
 */
#include <string.h>

#include "adapter_int.h"
#include "err.h"
#include "mem.h"
#include "text.h"

enum { GAPS_MAX = 6, SENTENCE_JA_MAX = 8 * 1024, NESTED_MAX = 6 };

static const struct {
	const char *en, *ja;
} row[] = {
#define SENTENCE(en, ja) { en, ja },
#include "sentence.def"
#undef SENTENCE
};

static const struct {
	enum fault fault;
	const char *ja;
} by_fault[] = {
	{ FAULT_DATA_GONE,
		"データベースに接続できません。データベースが動いている"
		"か、ネットワークがつながっているかを確かめてください。" },
	{ FAULT_DATA_BUSY,
		"データベースへの接続がすべて使用中です。しばらくしてか"
		"らもう一度お試しください。" },
	{ FAULT_DATA_SLOW,
		"処理が、許された時間内に終わりませんでした。条件を絞っ"
		"てください。" },
	{ FAULT_DATA_CANCELLED, "処理は取り消されました。" },
	{ FAULT_DATA_LOGIN,
		"データベースが利用者名かパスワードを受け付けません。"
		"接続の設定を確かめてください。" },
	{ FAULT_DATA_STANDBY,
		"接続先は待機系のデータベースです。SQL の検査は主系"
		"でしか行えません。" },
	{ FAULT_DATA_TEMPORARY,
		"データベースの利用者に TEMPORARY 権限がないため、"
		"SQL を検査できません。権限を与えてください。" },
	{ FAULT_DATA_DENIED,
		"許可されていない操作を SQL が行おうとしています。" },
	{ FAULT_DATA_STATEMENT, "データベースがこの SQL を受け付けません。SQL "
				"を見直してください。" },
	{ FAULT_DATA_TYPE, "値がデータベースの型や範囲に合いません。" },
	{ FAULT_DATA_ROWS,
		"変更される行が上限を超えるため、何も変更しませんでし"
		"た。" },
	{ FAULT_DATA_DIVISION, "SQL の計算で 0 による割り算が起きました。" },
	{ FAULT_DATA_CONSTRAINT,
		"データベースの制約に反するため、何も変更しません"
		"でした。" },
	{ FAULT_DATABASE, "データベースで誤りが起きました。" },
	{ FAULT_BAD_REQUEST, "要求が正しくありません。" },
	{ FAULT_NOT_FOUND, "見つかりません。" },
	{ FAULT_INVALID_HTTP_METHOD, "この HTTP メソッドは使えません。" },
	{ FAULT_TOO_LARGE, "要求が大きすぎます。" },
	{ FAULT_LIMIT, "制限を超えました。" },
	{ FAULT_INVALID_SOAP, "SOAP のメッセージとして正しくありません。" },
	{ FAULT_UNKNOWN_SERVICE, "このサービスはありません。" },
	{ FAULT_INCONSISTENT_HEADERS,
		"ヘッダーのサービスコードと本文の要素が一致しません。" },
	{ FAULT_CONFIG, "設定が正しくありません。" },
};

struct gap {
	const char *text;
	size_t len;
	char how; /* '*' nested, '+' nested or the database's words */
};

/* "{}", "{*}" or "{+}" at the pattern's start: its length. */
static size_t
gap_at(const char *p)
{
	if (p[0] != '{')
		return 0;
	if (p[1] == '}')
		return 2;
	return (p[1] == '*' || p[1] == '+') && p[2] == '}' ? 3 : 0;
}

/* The text before the next gap, or the end. */
static size_t
literal(const char *p)
{
	size_t n = 0;

	while (p[n] && !gap_at(p + n))
		n++;
	return n;
}

static const char *
find(const char *text, const char *s, size_t n)
{
	for (; *text; text++)
		if (strncmp(text, s, n) == 0)
			return text;
	return NULL;
}

/* Where the literal after a gap stands; what ends the pattern ends the text. */
static const char *
after_gap(const char *text, const char *p, size_t n)
{
	size_t len = strlen(text);

	if (p[n])
		return find(text, p, n);
	if (len < n)
		return NULL;
	text += len - n;
	return strncmp(text, p, n) == 0 ? text : NULL;
}

/* The gaps' number, or -1 when the text is not of the pattern. */
static int
match(const char *p, const char *text, struct gap gap[GAPS_MAX])
{
	size_t n = literal(p), mark;
	const char *at;
	int gaps = 0;
	char how;

	if (strncmp(p, text, n) != 0)
		return -1;
	for (p += n, text += n; (mark = gap_at(p)) != 0; p += n) {
		if (gaps == GAPS_MAX)
			return -1;
		how = p[1];
		p += mark;
		n = literal(p);
		at = after_gap(text, p, n);
		if (!at)
			return -1;
		gap[gaps++] = (struct gap){ text, (size_t)(at - text), how };
		text = at + n;
	}
	return *text ? -1 : gaps;
}

static const char *
of_fault(enum fault f)
{
	for (size_t i = 0; i < sizeof(by_fault) / sizeof(*by_fault); i++)
		if (by_fault[i].fault == f)
			return by_fault[i].ja;
	return "処理できませんでした。";
}

/* What no row has is said by somebody else: the database, for its author. */
static const char *
in_words(struct arena *a, enum fault f, const char *text)
{
	bool theirs = f == FAULT_DATABASE ||
		      (f >= FAULT_DATA_GONE && f <= FAULT_DATA_CONSTRAINT);

	if (!theirs)
		return of_fault(f);
	return arena_printf(a, "%sデータベースの説明:%s", of_fault(f), text);
}

static void translate(struct arena *a, const char *text, int deep,
	const char *otherwise, struct buf *b);

static void
put_gap(struct arena *a, const struct gap *g, int deep, struct buf *b)
{
	const char *text = arena_strndup(a, g->text, g->len);

	if (g->how == '}' || deep == NESTED_MAX)
		buf_str(b, text);
	else
		translate(a, text, deep + 1,
			g->how == '+' ? in_words(a, FAULT_DATA_STATEMENT, text)
				      : text,
			b);
}

static void
fill(struct arena *a, const char *ja, const struct gap *gap, int gaps, int deep,
	struct buf *b)
{
	for (; *ja; ja++) {
		int i = ja[0] == '{' && ja[1] >= '1' && ja[1] <= '9' &&
					ja[2] == '}'
				? ja[1] - '1'
				: GAPS_MAX;

		if (i >= gaps) {
			buf_char(b, *ja);
			continue;
		}
		put_gap(a, &gap[i], deep, b);
		ja += 2;
	}
}

static void
translate(struct arena *a, const char *text, int deep, const char *otherwise,
	struct buf *b)
{
	struct gap gap[GAPS_MAX];
	int gaps;

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		gaps = match(row[i].en, text, gap);
		if (gaps < 0)
			continue;
		fill(a, row[i].ja, gap, gaps, deep, b);
		return;
	}
	for (size_t i = 0; i < sizeof(by_fault) / sizeof(*by_fault); i++)
		if (str_equal(text, fault_text(by_fault[i].fault))) {
			buf_str(b, by_fault[i].ja);
			return;
		}
	buf_str(b, otherwise);
}

const char *
sentence_ja(struct arena *a, const struct err *fault)
{
	const char *out;
	struct buf b;

	buf_init(&b, SENTENCE_JA_MAX);
	translate(
		a, fault->text, 0, in_words(a, fault->fault, fault->text), &b);
	out = b.over ? of_fault(fault->fault) : arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return out;
}
