/* SPDX-License-Identifier: MIT */
/*
 * machilink: argv to a command. Knows the commands and nothing else.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "lab.h"
#include "language.h"
#include "text.h"

struct command {
	const char *name;
	const char *usage;
	const char *what, *what_ja;
	int (*run)(int argc, char **argv);
};

static int cmd_version(int argc, char **argv);
static int cmd_help(int argc, char **argv);

static const struct command commands[] = {
	{ "serve", "--config FILE", "run the roles of a configuration",
		"設定ファイルの役割を動かす", cmd_serve },
	{ "lab",
		"[--dir D] [--once] [--json] [--without-postgresql] "
		"[--without-residents]",
		"a whole network on this machine",
		"この機器の中にネットワーク全体を作る", cmd_lab },
	{ "verify",
		"FILE.asice | ARCHIVE.zip... [--globalconf DIR | --anchor "
		"FILE]",
		"check a signed container, or message archives and their chain",
		"署名済みコンテナ、またはアーカイブとその連鎖を検査する",
		cmd_verify },
	{ "log",
		"search --config FILE [--message-id ID] [--member I/C/M[/S]] "
		"[--from T]... | get NUMBER | key ID",
		"find records of the message log, take one out as a container",
		"メッセージログを検索し、記録をコンテナとして取り出す",
		cmd_log },
	{ "conf",
		"verify --anchor FILE [--url URL] | proxy create|add-key|"
		"activate-key|delete-key|anchor|show NAME --config FILE",
		"check a global configuration; set up a configuration proxy",
		"グローバル設定を検査する。設定プロキシを用意する", cmd_conf },
	{ "user", "add NAME --config FILE [--roles ROLE,...]",
		"make an account; password on standard input",
		"利用者を作る(パスワードは標準入力から)", cmd_user },
	{ "api-key", "--config FILE [--roles ROLE,...]",
		"make an API key for scripts", "スクリプト用の API キーを作る",
		cmd_api_key },
	{ "audit", "verify --config FILE [--head NUMBER:HASH]",
		"whether the audit of the administration is as it was written",
		"管理操作の監査記録が改変されていないかを検査する", cmd_audit },
	{ "setup", "token --config FILE",
		"another one-time token for the first administrator",
		"最初の管理者を作るための一回限りのトークンを作り直す",
		cmd_setup },
	{ "seal", "SOURCE --config FILE",
		"a database's password as the file of data services may hold "
		"it; password on standard input",
		"データサービスのファイルに書けるように、データベースの"
		"パスワードを暗号化する(標準入力から)",
		cmd_seal },
	{ "backup",
		"create | verify FILE | restore FILE [--force] --config FILE",
		"the machine's state as one encrypted file, and back again",
		"この機器の状態を暗号化した一つのファイルに保存・検証・復元する",
		cmd_backup },
	{ "apply", "FILE [--dry-run] [--yes] --url URL | --config FILE",
		"bring a server or a center to the state a file declares",
		"宣言ファイルに書かれた状態にサーバ・センターを合わせる",
		cmd_apply },
	{ "export", "[--json] --url URL | --config FILE",
		"the present state as such a file",
		"現在の状態を宣言ファイルとして出力する", cmd_export },
	{ "import", "open-data FILE.csv --config FILE | x-road DIR",
		"make data services of a CSV file; take over the keys of an "
		"X-Road server",
		"CSV ファイルからデータサービスを作る。X-Road "
		"サーバの鍵を引き継ぐ",
		cmd_import },
	{ "api", "coverage [--spec FILE] [--missing] [--json]",
		"X-Road's administration operations and which answer",
		"X-Road の管理 API の各操作に応答するかを一覧", cmd_api },
	{ "code", "CODE... [--json]",
		"what a corporate number or municipality code is, and its "
		"check digit",
		"法人番号・全国地方公共団体コードの種類と検査数字を調べる",
		cmd_code },
	{ "param", "list [--lang ja|en]",
		"every parameter with its default and meaning",
		"すべてのパラメータと既定値・意味", cmd_param },
	{ "map", "", "what each role serves, calls and owns",
		"役割ごとの待受・呼出・保有データ", cmd_map },
	{ "bench", "[--json] [--save FILE]",
		"this machine's limits and what we reach",
		"この機器の限界と到達値を測る", cmd_bench },
	{ "version", "", "version and licence", "版とライセンス", cmd_version },
	{ "help", "", "this list", "この一覧", cmd_help },
	{ NULL, NULL, NULL, NULL, NULL },
};

static int
cmd_version(int argc, char **argv)
{
	(void)argc, (void)argv;
	puts("machilink " VERSION " (MIT licence)");
	return EXIT_OK;
}

static int
cmd_help(int argc, char **argv)
{
	bool ja = language_is_japanese(NULL);

	(void)argc, (void)argv;
	puts(ja ? "machilink(町リンク): 小さな自治体のための信頼できるデータ連携"
		  "\n"
		: "machilink: a trusted data-exchange network for small towns\n");
	for (const struct command *c = commands; c->name; c++)
		printf("  machilink %s %s\n      %s\n", c->name, c->usage,
			ja ? c->what_ja : c->what);
	return EXIT_OK;
}

static int
no_such(const char *name)
{
	const char *best = NULL;
	unsigned least = 4;

	for (const struct command *c = commands; c->name; c++) {
		unsigned d = str_distance(c->name, name);

		if (d < least) {
			least = d;
			best = c->name;
		}
	}
	fprintf(stderr, "machilink: no command \"%s\"", name);
	if (best)
		fprintf(stderr, "; did you mean \"%s\"?", best);
	fputs("\nmachilink help lists the commands\n", stderr);
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return cmd_help(0, NULL);
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, argv[1]))
			return c->run(argc - 2, argv + 2);
	return no_such(argv[1]);
}
