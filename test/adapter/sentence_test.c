/* SPDX-License-Identifier: MIT */
/*
 * Tests of the Japanese sentences: what an officer reads when a statement is
 * refused on saving, on a SQLite file.
 */
#define IN_ADAPTER 1
#include "adapter_int.h"

#include <string.h>

#include "datasource.h"
#include "db.h"
#include "err.h"
#include "mem.h"
#include "tap.h"

static const struct db_migration step[] = {
	{ 1, "town",
		"CREATE TABLE site (id INTEGER PRIMARY KEY, name TEXT);"
		"CREATE TABLE secret (pin TEXT);" },
};
static const struct db_schema town = {
	.name = "town", .migration = step, .n_migrations = 1
};
static const char *const tables[] = { "site", NULL };

static struct datasource *
source(struct arena *a)
{
	struct datasource_config c = { .name = "town", .driver = "sqlite" };
	struct datasource *ds = NULL;
	struct db *db = NULL;

	c.file = arena_printf(a, "%s/town.db", tap_dir());
	is_int(db_open(&db, &town, c.file, 0, NULL), 0);
	db_close(&db);
	is_int(datasource_open(&ds, &c, NULL), 0);
	return ds;
}

static void
test_saving(struct arena *a, struct datasource *ds)
{
	static const struct {
		const char *sql, *ja;
	} row[] = {
		{ "SELECT id FROM site; DROP TABLE site", "一つの文だけ" },
		{ "ATTACH '/tmp/x.db' AS o", "SELECT 文だけが使えます" },
		{ "PRAGMA table_info(site)", "SELECT 文だけが使えます" },
		{ "SELECT * FROM pragma_table_info('site')",
			"許可されていない表「pragma_table_info」" },
		{ "SELECT sql FROM sqlite_master",
			"許可されていない表「sqlite_master」" },
		{ "SELECT pin FROM secret", "許可されていない表「secret」" },
		{ "SELECT randomblob(9)",
			"許可されていない関数「randomblob」" },
		{ "SELECT readfile('/etc/passwd')", "SQL が正しくありません" },
		{ "DELETE FROM site", "この SQL はデータを変更します" },
		{ "SELECT id FROM site WHERE id = ?",
			"名前のないパラメーター" },
		{ "SELECT 'x", "閉じられていません" },
		{ "", "SQL が空です" },
		{ "SELEKT 1", "SELECT 文だけが使えます" },
		{ "SELECT colour FROM site", "データベースの説明:no such" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct command_text t = { .sql = row[i].sql, .tables = tables };
		struct err e = ERR_INIT;
		struct command *c = NULL;
		struct description d;
		const char *ja;

		if (!command_new(&c, ds, &t, &e))
			(void)command_describe(c, a, &d, &e);
		command_free(&c);
		ja = sentence_ja(a, &e);
		if (!ok_m(err_set(&e) && strstr(ja, row[i].ja),
			    "refused in Japanese: %s", row[i].sql))
			tap_note("%s / %s", e.text, ja);
	}
}

static void
test_nested(struct arena *a)
{
	static const struct {
		const char *en, *ja;
	} row[] = {
		{ "/x/services.json: service \"会館\": the statement uses :id, "
		  "which is not declared in params",
			"/x/services.json:データサービス「会館」:SQL が使う :id "
			"が params に宣言されていません。params "
			"に加えてください。" },
		{ "the database of data service \"a {} b\" cannot be used: the "
		  "statement divides by zero",
			"データサービス「a {} "
			"b」のデータベースを利用できません。SQL の計算で 0 "
			"による割り算が起きました。" },
		{ "nobody knows this", "設定が正しくありません。" },
		{ "", "設定が正しくありません。" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct err e = ERR_INIT;

		fail(&e, FAULT_CONFIG, "%s", row[i].en);
		is_str(sentence_ja(a, &e), row[i].ja);
	}
}

int
main(void)
{
	struct arena *a = arena_new();
	struct datasource *ds = source(a);

	test_saving(a, ds);
	test_nested(a);
	datasource_close(&ds);
	arena_free(&a);
	return tap_done();
}
