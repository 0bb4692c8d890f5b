/* SPDX-License-Identifier: MIT */
/*
 * The standard open data sets. Marks are columns of one set only, in either
 * edition: 推奨データセット (都道府県コード又は市区町村コード, NO, 住所) and
 * 自治体標準オープンデータセット (全国地方公共団体コード, ID, 所在地_連結表記), as
 * found in files that towns publish. Numbers: データ項目定義書 A.
 */
#include "opendata_int.h"

#include <string.h>

#include "text.h"

static const struct opendata_set sets[] = {
	{ "01", "public-facilities", "公共施設一覧", "public_facility",
		{ "POIコード", "バリアフリー情報" }, { "POIコード" } },
	{ "02", "cultural-properties", "文化財一覧", "cultural_property",
		{ "文化財分類", "文化財指定日", "所有者等" },
		{ "文化財分類", "種類" } },
	{ "03", "evacuation-sites", "指定緊急避難場所一覧", "evacuation_space",
		{ "災害種別_洪水", "災害種別_津波", "指定避難所との重複" },
		{ "災害種別_洪水", "災害種別_津波", "災害種別_地震" } },
	{ "04", "population", "地域・年齢別人口", "population",
		{ "総人口", "0-4歳の男性", "調査年月日" }, { "調査年月日" } },
	{ "05", "childcare-facilities", "子育て施設一覧", "preschool",
		{ "一時預かりの有無", "受入年齢", "病児保育の有無" },
		{ "種別", "一時預かりの有無" } },
	{ "07", "wireless-access-points", "公衆無線LANアクセスポイント一覧",
		"public_wireless_lan", { "SSID", "提供エリア" }, { "SSID" } },
	{ "08", "aed", "AED設置箇所一覧", "aed",
		{ "小児対応設備の有無", "小児対応機器設備の有無" },
		{ "小児対応設備の有無" } },
	{ "09", "care-services", "介護サービス事業所一覧", "care_service",
		{ "介護サービス事業所名称", "実施サービス" },
		{ "実施サービス" } },
	{ "10", "medical-institutions", "医療機関一覧", "hospital",
		{ "医療機関の種類", "診療科目", "医療機関コード" },
		{ "医療機関の種類", "診療科目" } },
	{ "11", "tourist-facilities", "観光施設一覧", "tourism",
		{ "アクセス方法", "料金(基本)", "説明_英語" }, { NULL } },
	{ "12", "events", "イベント一覧", "event",
		{ "イベント名", "開始日", "主催者", "場所名称" },
		{ "開始日", "場所名称", "カテゴリー" } },
	{ "13", "public-toilets", "公衆トイレ一覧", "public_toilet",
		{ "男性トイレ総数", "女性トイレ総数", "男女共用トイレ総数" },
		{ "車椅子使用者用トイレ有無" } },
	{ "14", "fire-water", "消防水利施設一覧", "fire_hydrant",
		{ "口径", "口径(管径mm)", "口径(管径ｍｍ)" }, { "種別" } },
	{ "15", "food-businesses", "食品等営業許可・届出一覧",
		"food_business_all", { "営業の種類", "許可番号", "許可年月日" },
		{ "営業の種類", "業態" } },
};

enum { SETS = sizeof(sets) / sizeof(*sets), MARKS = 4 };

const struct opendata_set *
opendata_set_row(size_t i)
{
	return i < SETS ? &sets[i] : NULL;
}

const struct opendata_set *
opendata_set_find(const char *name)
{
	for (size_t i = 0; i < SETS; i++)
		if (str_equal(sets[i].name, name) ||
			str_equal(sets[i].number, name) ||
			str_equal(sets[i].title, name))
			return &sets[i];
	return NULL;
}

/* A name by towns' convention counts as two columns. */
static int
likeness(
	const struct sheet *s, const struct opendata_set *set, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	const char *at = strstr(base, set->file);
	int n = 0;

	for (size_t i = 0; i < MARKS && set->mark[i]; i++)
		n += sheet_find(s, set->mark[i]) >= 0;
	if (at && (at == base || at[-1] == '_' || at[-1] == '-'))
		n += 2;
	return strstr(base, set->title) ? n + 2 : n;
}

const struct opendata_set *
set_of(const struct sheet *s, const char *path)
{
	const struct opendata_set *best = NULL;
	int most = 0;

	/* Lists of anything else have no code of the town and no ID. */
	if (s->code < 0)
		return NULL;
	for (size_t i = 0; i < SETS; i++) {
		int n = likeness(s, &sets[i], path);

		if (n > most) {
			most = n;
			best = &sets[i];
		}
	}
	return best;
}
