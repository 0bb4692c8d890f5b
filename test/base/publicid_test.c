/* SPDX-License-Identifier: MIT */
/* Numbers of public bodies, with published ones. */
#include "publicid.h"

#include <string.h>

#include "tap.h"

/* Published by the tax agency, or on the bodies' own pages. */
static const char *const corporate[] = { "7000012050002", "8000012010038",
	"9000020011002", "8000020130001", "6000020271004", "9000020072028",
	"3000020141003", "9000020281000", "3000020401307", "4011001098993",
	"2120901007402", "1130001011420", "1180301018771" };

static const struct {
	const char *code, *corporate, *area, *body;
} town[] = {
	{ "011002", "9000020011002", "Hokkaido", "designated city or ward" },
	{ "130001", "8000020130001", "Tokyo", "prefecture" },
	{ "131016", "8000020131016", "Tokyo", "designated city or ward" },
	{ "271004", "6000020271004", "Osaka", "designated city or ward" },
	{ "072028", "9000020072028", "Fukushima", "city" },
	{ "272035", NULL, "Osaka", "city" },
	{ "401307", "3000020401307", "Fukuoka", "designated city or ward" },
	{ "473821", NULL, "Okinawa", "town or village" },
};

static void
test_corporate(void)
{
	struct publicid p;
	char other[PUBLICID_CORPORATE_LEN + 1];

	for (size_t i = 0; i < sizeof(corporate) / sizeof(*corporate); i++) {
		publicid_read(corporate[i], &p);
		ok_m(p.kind == PUBLICID_CORPORATE && p.good, "%s",
			corporate[i]);
		memcpy(other, corporate[i], sizeof(other));
		other[12] = other[12] == '9' ? '8' : (char)(other[12] + 1);
		publicid_read(other, &p);
		ok_m(!p.good && p.expected != other[0] &&
				p.corporate[0] == p.expected,
			"%s is doubtful", other);
	}
	publicid_read("9000020072028", &p);
	is_str(p.town, "072028");
	is_str(p.area, "Fukushima");
	publicid_read("8000012010038", &p);
	is_str(p.town, "");
	is_str(p.body, "state organ or public body");
}

static void
test_town(void)
{
	struct publicid p;
	char five[6] = "";

	for (size_t i = 0; i < sizeof(town) / sizeof(*town); i++) {
		publicid_read(town[i].code, &p);
		ok_m(p.kind == PUBLICID_TOWN && p.good, "%s", town[i].code);
		if (town[i].corporate)
			is_str(p.corporate, town[i].corporate);
		is_str(p.area, town[i].area);
		is_str(p.body, town[i].body);
		memcpy(five, town[i].code, 5);
		publicid_read(five, &p);
		ok_m(p.kind == PUBLICID_TOWN_SHORT && p.good, "%s", five);
		is_str(p.town, town[i].code);
	}
	publicid_read("131017", &p);
	ok(p.kind == PUBLICID_TOWN && !p.good && p.expected == '6');
	ok(publicid_doubtful("131017") && !publicid_doubtful("131016"));
}

/* Other networks number as they like. */
static void
test_silent(void)
{
	static const char *const other[] = { "", "1234", "0170368015672",
		"480012", "000000", "12345678901", "123456789012",
		"12345678901234", "13101a", "GOV131017", " 131017", "131017 ",
		"1310167", "１３１０１７" };
	char say[PUBLICID_TEXT_MAX];

	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
		ok_m(!publicid_doubtful(other[i]), "\"%s\"", other[i]);
		is_str(publicid_say(other[i], false, say), "");
	}
	ok(!publicid_doubtful(NULL));
}

static void
test_say(void)
{
	char say[PUBLICID_TEXT_MAX];

	is_str(publicid_say("131016", false, say),
		"131016 has the form of a municipality code (Tokyo, designated "
		"city or ward). Its check digit is right. Proposed as member "
		"code: the corporate number 8000020131016.");
	is_str(publicid_say("131017", true, say),
		"131017 は全国地方公共団体コード(東京都 政令指定都市・区)の形で"
		"す。検査数字が合いません(6 であるべきです)。入力誤りがないか確"
		"認してください。");
	is_str(publicid_say("9000020072028", false, say),
		"9000020072028 has the form of a corporate number (Fukushima, "
		"city). Its check digit is right. Its municipality code is "
		"072028.");
	is_str(publicid_say("07202", true, say),
		"07202 は全国地方公共団体コード(福島県 市)の形です。検査数字を付"
		"けると 072028 です。メンバーコードには法人番号 9000020072028 を提案"
		"します。");
}

int
main(void)
{
	test_corporate();
	test_town();
	test_silent();
	test_say();
	return tap_done();
}
