/* SPDX-License-Identifier: MIT */
/*
 * The data behind the lab's services: a made-up town's evacuation sites,
 * garbage days and public facilities, and a company's emergency goods.
 * Generated, plausible, always the same.
 */
#include "lab_int.h"

#include <stdio.h>
#include <string.h>

#include "db.h"
#include "err.h"
#include "file.h"
#include "mem.h"
#include "opendata_sql.h"
#include "text.h"

#define TOWN_NUMBER "994014" /* 全国地方公共団体コード, made up */
#define TOWN_NAME   "海風町"

struct quarter {
	const char *kanji, *kana, *english;
	double lat, lon;
	bool coast, hill;
};

static const struct quarter quarters[] = {
	{ "本町", "ホンチョウ", "Honcho", 35.1021, 139.0713, false, false },
	{ "浜町", "ハマチョウ", "Hamacho", 35.0987, 139.0791, true, false },
	{ "港", "ミナト", "Minato", 35.0962, 139.0835, true, false },
	{ "山手", "ヤマテ", "Yamate", 35.1098, 139.0655, false, true },
	{ "川原", "カワラ", "Kawara", 35.1055, 139.0742, false, false },
	{ "松ヶ丘", "マツガオカ", "Matsugaoka", 35.1133, 139.0701, false,
		true },
};

struct kind {
	const char *kanji, *kana, *english;
	int capacity;
	bool shelter;
	const char *poi;
};

static const struct kind kinds[] = {
	{ "小学校", "ショウガッコウ", "Elementary School", 820, true, "1601" },
	{ "中学校", "チュウガッコウ", "Junior High School", 960, true, "1602" },
	{ "公民館", "コウミンカン", "Community Center", 180, true, "1305" },
	{ "公園", "コウエン", "Park", 450, false, "1103" },
};

enum {
	QUARTERS = sizeof(quarters) / sizeof(*quarters),
	KINDS = sizeof(kinds) / sizeof(*kinds)
};

struct place_text {
	char id[16], name[96], kana[128], english[96], address[128], phone[20];
	double lat, lon;
};

static void
describe(struct place_text *t, const struct quarter *q, const struct kind *k,
	int n, char letter)
{
	snprintf(t->id, sizeof(t->id), "%c%04d", letter, n);
	snprintf(t->name, sizeof(t->name), "%s%s", q->kanji, k->kanji);
	snprintf(t->kana, sizeof(t->kana), "%s%s", q->kana, k->kana);
	snprintf(t->english, sizeof(t->english), "%s %s", q->english,
		k->english);
	snprintf(t->address, sizeof(t->address), "海辺県" TOWN_NAME "%s%d-%d",
		q->kanji, n % 5 + 1, n * 7 % 30 + 1);
	snprintf(t->phone, sizeof(t->phone), "0999-%02d-%04d", 20 + n % 8,
		1000 + n * 37);
	t->lat = q->lat + (n % 7) * 0.0004;
	t->lon = q->lon + (n % 5) * 0.0005;
}

static int
add_site(struct db_conn *c, const struct quarter *q, const struct kind *k,
	int n, struct err *e)
{
	struct place_text t;

	describe(&t, q, k, n, 'E');
	return db_run(c, Q_OPENDATA_SITE_ADD, e, db_text(TOWN_NUMBER),
		       db_text(t.id), db_text(TOWN_NAME), db_text(t.name),
		       db_text(t.kana), db_text(t.english), db_text(t.address),
		       db_real(t.lat), db_real(t.lon), db_text(t.phone),
		       db_int(!strstr(q->kanji, "川")), db_int(!q->hill),
		       db_int(!q->coast), db_int(1), db_int(!q->coast),
		       db_int(str_equal(k->kanji, "公園")), db_int(k->shelter),
		       db_int(k->capacity + n * 10),
		       q->coast ? db_text("津波のときは高台へ移動")
				: db_null()) < 0
		       ? -1
		       : 0;
}

static int
add_facility(struct db_conn *c, const struct quarter *q, const struct kind *k,
	int n, struct err *e)
{
	struct place_text t;

	describe(&t, q, k, n, 'P');
	return db_run(c, Q_OPENDATA_FACILITY_ADD, e, db_text(TOWN_NUMBER),
		       db_text(t.id), db_text(TOWN_NAME), db_text(t.name),
		       db_text(t.kana), db_text(t.english), db_text(k->poi),
		       db_text(t.address), db_real(t.lat), db_real(t.lon),
		       db_text(t.phone), db_text("月火水木金土"),
		       db_text("09:00"), db_text(n % 2 ? "17:00" : "21:00"),
		       db_text(n % 3 ? "車椅子可;多目的トイレあり"
				     : "車椅子可")) < 0
		       ? -1
		       : 0;
}

/* The town's calendar of one year: quarters in turn, kinds by weekday. */
static int
add_garbage(struct db_conn *c, struct err *e)
{
	static const struct {
		const char *kind;
		int weekday, week, every; /* 0 Sunday; days */
	} round[] = {
		{ "燃えるごみ", 1, 0, 7 },
		{ "燃えるごみ", 4, 0, 7 },
		{ "プラスチック製容器包装", 3, 0, 7 },
		{ "びん・缶・ペットボトル", 2, 0, 14 },
		{ "古紙・古布", 5, 7, 28 },
		{ "燃えないごみ", 5, 14, 28 },
	};

	for (int q = 0; q < QUARTERS; q++)
		for (size_t i = 0; i < sizeof(round) / sizeof(*round); i++)
			if (db_run(c, Q_OPENDATA_GARBAGE_ADD, e,
				    db_text(TOWN_NUMBER), db_text(TOWN_NAME),
				    db_text(quarters[q].kanji),
				    db_text(round[i].kind),
				    db_int((round[i].weekday + q % 2) % 6),
				    db_int(round[i].week),
				    db_int(round[i].every)) < 0)
				return -1;
	return 0;
}

static int
fill_town(struct db_conn *c, void *arg, struct err *e)
{
	int n = 0;

	(void)arg;
	for (int q = 0; q < QUARTERS; q++)
		for (int k = 0; k < KINDS; k++) {
			n++;
			if (add_site(c, &quarters[q], &kinds[k], n, e) ||
				(k != KINDS - 1 && add_facility(c, &quarters[q],
							   &kinds[k], n, e)))
				return -1;
		}
	return add_garbage(c, e) || sample_income_fill(c, e) ? -1 : 0;
}

static int
fill_firm(struct db_conn *c, void *arg, struct err *e)
{
	static const struct {
		const char *code, *name, *unit;
		int quantity;
	} goods[] = {
		{ "W500", "飲料水 500ml", "本", 48000 },
		{ "R001", "アルファ化米", "食", 12600 },
		{ "B010", "毛布", "枚", 3200 },
		{ "T020", "携帯トイレ", "回分", 25000 },
		{ "G005", "発電機 2.8kVA", "台", 14 },
		{ "M100", "乳児用ミルク", "缶", 640 },
		{ "S030", "簡易ベッド", "台", 410 },
		{ "D007", "大人用おむつ", "枚", 5400 },
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(goods) / sizeof(*goods); i++)
		if (db_run(c, Q_OPENDATA_GOODS_ADD, e, db_text(goods[i].code),
			    db_text(goods[i].name), db_text(goods[i].unit),
			    db_int(goods[i].quantity),
			    db_text(i % 2 ? "港第二倉庫" : "港第一倉庫"),
			    db_text("2026-11-01")) < 0)
			return -1;
	return 0;
}

static const char town_services[] =
	"{\n"
	"  \"name\": \"town\",\n"
	"  \"dbSources\": [ {\n"
	"    \"id\": \"opendata\", \"displayName\": \"オープンデータ\",\n"
	"    \"databaseType\": \"SQLITE\", \"databaseName\": \"sample.db\",\n"
	"    \"dbServices\": [\n"
	"      { \"name\": \"evacuation-sites\",\n"
	"        \"displayName\": \"指定緊急避難場所一覧\",\n"
	"        \"tables\": [\"evacuation_site\"],\n"
	"        \"sqlTemplate\": \"SELECT * FROM evacuation_site WHERE :area "
	"IS NULL OR \\\"所在地_連結表記\\\" LIKE '%' || :area || '%' ORDER BY "
	"\\\"ID\\\"\",\n"
	"        \"params\": [ { \"name\": \"area\", \"type\": \"STRING\", "
	"\"required\": false } ] },\n"
	"      { \"name\": \"garbage-days\",\n"
	"        \"displayName\": \"ごみ収集日\",\n"
	"        \"tables\": [\"garbage_day\"],\n"
	"        \"sqlTemplate\": \"SELECT * FROM garbage_day WHERE (:area IS "
	"NULL OR \\\"地区\\\" = :area) AND (:kind IS NULL OR \\\"品目\\\" = "
	":kind) AND \\\"収集日\\\" >= :from ORDER BY \\\"収集日\\\", "
	"\\\"地区\\\", \\\"品目\\\"\",\n"
	"        \"params\": [ { \"name\": \"area\", \"type\": \"STRING\", "
	"\"required\": false },\n"
	"          { \"name\": \"kind\", \"type\": \"STRING\", \"required\": "
	"false },\n"
	"          { \"name\": \"from\", \"type\": \"DATE\", \"required\": "
	"false, \"default\": \"2026-04-01\" } ] },\n"
	"      { \"name\": \"public-facilities\",\n"
	"        \"displayName\": \"公共施設一覧\",\n"
	"        \"tables\": [\"public_facility\"],\n"
	"        \"sqlTemplate\": \"SELECT * FROM public_facility ORDER BY "
	"\\\"ID\\\"\",\n"
	"        \"params\": [] }";
static const char town_services_end[] = "\n    ] } ]\n"
					"}\n";

static const char firm_services[] =
	"{\n"
	"  \"name\": \"company\",\n"
	"  \"dbSources\": [ {\n"
	"    \"id\": \"stock\", \"displayName\": \"在庫\",\n"
	"    \"databaseType\": \"SQLITE\", \"databaseName\": \"sample.db\",\n"
	"    \"dbServices\": [\n"
	"      { \"name\": \"emergency-goods\",\n"
	"        \"displayName\": \"災害備蓄品の在庫\",\n"
	"        \"tables\": [\"emergency_goods\"],\n"
	"        \"sqlTemplate\": \"SELECT code, name, unit, quantity, "
	"warehouse, updated FROM emergency_goods WHERE quantity >= :least "
	"ORDER BY code\",\n"
	"        \"params\": [ { \"name\": \"least\", \"type\": \"LONG\" } ] }\n"
	"    ] } ]\n"
	"}\n";

static int
make_one(struct lab *l, struct machine *m, db_fn *fill, const char *services,
	struct err *e)
{
	struct db *db = NULL;
	int ret = -1;

	if (db_open(&db, &schema_opendata,
		    path_join(l->arena, m->dir, "sample.db"), 0, e))
		goto out;
	ret = db_transact(db, fill, NULL, e);
	if (!ret)
		ret = file_write(path_join(l->arena, m->dir, "services.json"),
			bytes_str(services), FILE_PUBLIC, e);
out:
	db_close(&db);
	return ret;
}

int
sample_make(struct lab *l, struct err *e)
{
	char *town = arena_printf(l->arena, "%s%s%s", town_services,
		l->residents ? sample_income_service : "", town_services_end);

	if (make_one(l, &l->machine[TOWN], fill_town, town, e))
		return -1;
	return make_one(l, &l->machine[FIRM], fill_firm, firm_services, e);
}

enum { SERVICES_MAX = 256 * 1024 };

/* The town's services.json without the source on PostgreSQL, with `more`. */
static int
change_services(struct lab *l, json_t *more, struct err *e)
{
	char *path = path_join(l->arena, l->machine[TOWN].dir, "services.json");
	struct bytes text;
	json_t *root, *list, *item;
	struct buf b;
	size_t i, n;
	int ret;

	if (file_read(l->arena, path, SERVICES_MAX, &text, e) ||
		json_parse(l->arena, text, NULL, &root, e))
		return -1;
	list = json_list(root, "dbSources");
	n = json_array_size(list);
	for (i = n; i-- > 0;) {
		item = json_array_get(list, i);
		if (str_equal(json_str(item, "id"), SAMPLE_POSTGRES_SOURCE))
			json_array_remove(list, i);
	}
	if (more)
		json_array_append(list, more);
	else if (json_array_size(list) == n)
		return 0; /* stays as somebody wrote it */
	buf_init(&b, SERVICES_MAX);
	json_write(&b, root, JSON_PRETTY);
	ret = file_write(path, bytes_buf(&b), FILE_PUBLIC, e);
	buf_done(&b);
	return ret;
}

int
sample_offer(struct lab *l, const char *password, struct err *e)
{
	const char *text = sample_postgres_source(l, password);
	json_t *source;

	if (json_parse(l->arena, bytes_str(text), NULL, &source, e))
		return -1;
	return change_services(l, source, e);
}

void
sample_withdraw(struct lab *l)
{
	struct err e = ERR_INIT;

	(void)change_services(l, NULL, &e);
}
