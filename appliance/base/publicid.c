/* SPDX-License-Identifier: MIT */
/* Corporate numbers and municipality codes: shape, check digit, meaning. */
#include "publicid.h"

#include <stdio.h>
#include <string.h>

/* A local public body's corporate number: check digit, this, its code. */
static const char town_base[] = "000020";
enum { TOWN_BASE = 6, PREFECTURES = 47, TOWN_DIGITS = 5 };

static const struct area {
	const char *en, *ja;
} areas[PREFECTURES] = { { "Hokkaido", "北海道" }, { "Aomori", "青森県" },
	{ "Iwate", "岩手県" }, { "Miyagi", "宮城県" }, { "Akita", "秋田県" },
	{ "Yamagata", "山形県" }, { "Fukushima", "福島県" },
	{ "Ibaraki", "茨城県" }, { "Tochigi", "栃木県" }, { "Gunma", "群馬県" },
	{ "Saitama", "埼玉県" }, { "Chiba", "千葉県" }, { "Tokyo", "東京都" },
	{ "Kanagawa", "神奈川県" }, { "Niigata", "新潟県" },
	{ "Toyama", "富山県" }, { "Ishikawa", "石川県" }, { "Fukui", "福井県" },
	{ "Yamanashi", "山梨県" }, { "Nagano", "長野県" }, { "Gifu", "岐阜県" },
	{ "Shizuoka", "静岡県" }, { "Aichi", "愛知県" }, { "Mie", "三重県" },
	{ "Shiga", "滋賀県" }, { "Kyoto", "京都府" }, { "Osaka", "大阪府" },
	{ "Hyogo", "兵庫県" }, { "Nara", "奈良県" }, { "Wakayama", "和歌山県" },
	{ "Tottori", "鳥取県" }, { "Shimane", "島根県" },
	{ "Okayama", "岡山県" }, { "Hiroshima", "広島県" },
	{ "Yamaguchi", "山口県" }, { "Tokushima", "徳島県" },
	{ "Kagawa", "香川県" }, { "Ehime", "愛媛県" }, { "Kochi", "高知県" },
	{ "Fukuoka", "福岡県" }, { "Saga", "佐賀県" }, { "Nagasaki", "長崎県" },
	{ "Kumamoto", "熊本県" }, { "Oita", "大分県" },
	{ "Miyazaki", "宮崎県" }, { "Kagoshima", "鹿児島県" },
	{ "Okinawa", "沖縄県" } };

/* JIS X 0402 by its hundreds: numbers below `end`. */
static const struct sort {
	int end;
	const char *en, *ja;
} sorts[] = { { 1, "prefecture", "都道府県" },
	{ 200, "designated city or ward", "政令指定都市・区" },
	{ 300, "city", "市" }, { 800, "town or village", "町村" },
	{ 1000, "association of local bodies", "一部事務組合等" } };

/* Their code begins with the body's kind: 00 for state and local bodies. */
static const struct {
	const char *base, *en, *ja;
} bodies[] = { { town_base, "local public body", "地方公共団体" },
	{ "00", "state organ or public body", "国の機関等" },
	{ "7", "body without registration", "設立登記のない法人等" },
	{ "", "registered body", "設立登記法人" } };

static size_t
digits(const char *s)
{
	return s ? strspn(s, "0123456789") : 0;
}

/* s: the 12 digits after the check digit. */
static char
corporate_check(const char *s)
{
	int sum = 0;

	for (int n = 1; n < PUBLICID_CORPORATE_LEN; n++)
		sum += (s[PUBLICID_CORPORATE_LEN - 1 - n] - '0') *
		       (n % 2 ? 1 : 2);
	return (char)('0' + 9 - sum % 9);
}

/* s: 5 digits. */
static char
town_check(const char *s)
{
	int sum = 0;

	for (int i = 0; i < TOWN_DIGITS; i++)
		sum += (s[i] - '0') * (TOWN_DIGITS + 1 - i);
	return (char)('0' + (11 - sum % 11) % 10);
}

static int
number(const char *s, int n)
{
	int v = 0;

	while (n--)
		v = v * 10 + (*s++ - '0');
	return v;
}

/* s: at least 5 digits with a prefecture first. */
static void
town_fill(const char *s, struct publicid *out)
{
	const struct sort *sort = sorts;
	int code = number(s + 2, 3);

	snprintf(out->town, sizeof(out->town), "%.5s%c", s, town_check(s));
	snprintf(out->corporate, sizeof(out->corporate), "0%s%s", town_base,
		out->town);
	out->corporate[0] = corporate_check(out->corporate + 1);
	out->area = areas[number(s, 2) - 1].en;
	out->area_ja = areas[number(s, 2) - 1].ja;
	while (code >= sort->end)
		sort++;
	out->body = sort->en;
	out->body_ja = sort->ja;
}

static bool
in_prefecture(const char *s)
{
	int area = number(s, 2);

	return area >= 1 && area <= PREFECTURES;
}

static void
corporate_fill(const char *s, struct publicid *out)
{
	const char *base = s + 1, *town = base + TOWN_BASE;
	size_t i = 0;

	while (strncmp(base, bodies[i].base, strlen(bodies[i].base)) != 0)
		i++;
	if (!i && in_prefecture(town) && town_check(town) == town[5])
		town_fill(town, out);
	out->kind = PUBLICID_CORPORATE;
	out->expected = corporate_check(base);
	out->good = *s == out->expected;
	snprintf(out->corporate, sizeof(out->corporate), "%c%s", out->expected,
		base);
	if (out->body)
		return;
	out->body = bodies[i].en;
	out->body_ja = bodies[i].ja;
}

void
publicid_read(const char *text, struct publicid *out)
{
	size_t n = digits(text);

	*out = (struct publicid){ .kind = PUBLICID_NONE, .good = true };
	if (!n || text[n])
		return;
	if (n == PUBLICID_CORPORATE_LEN && *text != '0') {
		corporate_fill(text, out);
		return;
	}
	if ((n != PUBLICID_TOWN_LEN && n != TOWN_DIGITS) ||
		!in_prefecture(text))
		return;
	town_fill(text, out);
	out->kind = n == TOWN_DIGITS ? PUBLICID_TOWN_SHORT : PUBLICID_TOWN;
	out->expected = town_check(text);
	out->good = n == TOWN_DIGITS || text[TOWN_DIGITS] == out->expected;
}

bool
publicid_doubtful(const char *text)
{
	struct publicid p;

	publicid_read(text, &p);
	return !p.good;
}

static char *
say_ja(const char *text, const struct publicid *p, char *out)
{
	const char *name = p->kind == PUBLICID_CORPORATE
				   ? "法人番号"
				   : "全国地方公共団体コード";
	int n = snprintf(out, PUBLICID_TEXT_MAX, "%s は%s(%s%s%s)の形です。",
		text, name, p->area_ja ? p->area_ja : "", p->area ? " " : "",
		p->body_ja);

	if (!p->good)
		n += snprintf(out + n, PUBLICID_TEXT_MAX - (size_t)n,
			"検査数字が合いません(%c であるべきです)。入力誤りがな"
			"いか確認してください。",
			p->expected);
	else if (p->kind == PUBLICID_TOWN_SHORT)
		n += snprintf(out + n, PUBLICID_TEXT_MAX - (size_t)n,
			"検査数字を付けると %s です。", p->town);
	else
		n += snprintf(out + n, PUBLICID_TEXT_MAX - (size_t)n,
			"検査数字は正しいです。");
	if (p->kind != PUBLICID_CORPORATE && p->good)
		snprintf(out + n, PUBLICID_TEXT_MAX - (size_t)n,
			"メンバーコードには法人番号 %s を提案します。",
			p->corporate);
	else if (p->kind == PUBLICID_CORPORATE && p->good && *p->town)
		snprintf(out + n, PUBLICID_TEXT_MAX - (size_t)n,
			"団体コードは %s です。", p->town);
	return out;
}

static char *
say_en(const char *text, const struct publicid *p, char *out)
{
	const char *name = p->kind == PUBLICID_CORPORATE ? "corporate number"
							 : "municipality code";
	int n = snprintf(out, PUBLICID_TEXT_MAX,
		"%s has the form of a %s (%s%s%s).", text, name,
		p->area ? p->area : "", p->area ? ", " : "", p->body);

	if (!p->good)
		n += snprintf(out + n, PUBLICID_TEXT_MAX - (size_t)n,
			" Its check digit does not fit: it would be %c. Look "
			"for a typing error.",
			p->expected);
	else if (p->kind == PUBLICID_TOWN_SHORT)
		n += snprintf(out + n, PUBLICID_TEXT_MAX - (size_t)n,
			" With its check digit it is %s.", p->town);
	else
		n += snprintf(out + n, PUBLICID_TEXT_MAX - (size_t)n,
			" Its check digit is right.");
	if (p->kind != PUBLICID_CORPORATE && p->good)
		snprintf(out + n, PUBLICID_TEXT_MAX - (size_t)n,
			" Proposed as member code: the corporate number %s.",
			p->corporate);
	else if (p->kind == PUBLICID_CORPORATE && p->good && *p->town)
		snprintf(out + n, PUBLICID_TEXT_MAX - (size_t)n,
			" Its municipality code is %s.", p->town);
	return out;
}

char *
publicid_say(const char *text, bool japanese, char out[PUBLICID_TEXT_MAX])
{
	struct publicid p;

	publicid_read(text, &p);
	*out = '\0';
	if (p.kind == PUBLICID_NONE)
		return out;
	return japanese ? say_ja(text, &p, out) : say_en(text, &p, out);
}
