/* SPDX-License-Identifier: MIT */
/*
 * `machilink apply` and `machilink export` as commands: which machine, with
 * which key, and how sure we are that it is that machine.
 */
#include "cli.h"
#include "cli_int.h"

#include "apply_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"
#include "err.h"
#include "file.h"
#include "http_client.h"
#include "language.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "tls.h"

enum {
	KEY_FILE_MAX = 4096,
	CERT_FILE_MAX = 64 * 1024,
	WAIT_S = 60,
	FORMAT_MAX = 64 * 1024
};

static const char usage[] =
	"usage: machilink apply FILE [--dry-run] [--yes] WHICH\n"
	"       machilink export [--json] WHICH\n"
	"       machilink apply --format   (all that FILE may say)\n"
	"  apply: brings a security server or a center to the state that FILE\n"
	"      (YAML or JSON) declares; shows the difference and asks first. What\n"
	"      FILE does not mention stays; lists named in \"exclusive\" lose what\n"
	"      they do not name. Stops at the first failure; the next run goes on.\n"
	"  export: writes the present state as such a file\n"
	"  --dry-run: only show; exit 0 nothing to do, 2 there are changes\n"
	"  --yes: do not ask; --ignore-warnings: X-Road's, as in its API\n"
	"  --pin-file FILE: the PIN (- standard input); else MACHILINK_PIN\n"
	"  --wait SECONDS: for what takes a round of the network (60)\n"
	"  WHICH: --url https://HOST:4000 (or MACHILINK_URL) with --certificate "
	"FILE,\n"
	"      its TLS certificate, or --insecure; or --config FILE on the machine\n"
	"      itself. The API key is in MACHILINK_API_KEY or --api-key-file FILE\n"
	"  --lang ja|en";

static const char usage_ja[] =
	"使い方: machilink apply FILE [--dry-run] [--yes] 対象\n"
	"        machilink export [--json] 対象\n"
	"        machilink apply --format   (FILE に書ける項目の一覧)\n"
	"  apply: セキュリティサーバまたはセンターを FILE(YAML か JSON)に書かれ\n"
	"      た状態にする。先に差分を示して確認する。FILE にないものは変えない。\n"
	"      \"exclusive\" に挙げた一覧は、書かれていないものを取り除く。最初の\n"
	"      失敗で止まり、次の実行で続きから行う\n"
	"  export: 現在の状態を同じ書式で出力する\n"
	"  --dry-run: 差分の表示だけ(終了コード 0 変更なし、2 変更あり)\n"
	"  --yes: 確認しない。--ignore-warnings: X-Road の警告を無視する\n"
	"  --pin-file FILE: PIN(- は標準入力)。なければ環境変数 MACHILINK_PIN\n"
	"  --wait 秒: 網への反映を待つ時間(60)\n"
	"  対象: --url https://HOST:4000(または MACHILINK_URL)と、その TLS 証明書\n"
	"      --certificate FILE か --insecure。その機器上では --config FILE。\n"
	"      API キーは MACHILINK_API_KEY か --api-key-file FILE\n"
	"  --lang ja|en";

struct which {
	const char *url, *certificate, *config, *key_file, *wait, *lang;
	bool insecure;
};

/* ---- the machine ---- */

static int
same_cert(void *ctx, struct cert_list chain, struct err *e)
{
	if (!ctx || (chain.n && cert_equal(chain.item[0], ctx)))
		return 0;
	return fail(e, FAULT_SSL_AUTH,
		"the machine shows another certificate than the one given");
}

static int
of_config(struct apply *x, struct which *w, struct err *e)
{
	struct conf *c = NULL;
	const char *address;

	if (conf_load(&c, w->config, e))
		return -1;
	address = conf_text(c, P_ADMIN_ADDRESS);
	if (!w->url)
		w->url = arena_printf(x->a, "%s://%s:%lld",
			conf_bool(c, P_ADMIN_TLS) ? "https" : "http",
			str_equal(address, "0.0.0.0") ? "127.0.0.1" : address,
			(long long)conf_int(c, P_ADMIN_PORT));
	if (!w->certificate && conf_bool(c, P_ADMIN_TLS))
		w->certificate =
			arena_strdup(x->a, conf_data_path(c, "admin.crt"));
	conf_free(&c);
	return 0;
}

/* On this machine. */
static bool
near(const char *url)
{
	return str_iprefix(url, "http://127.") ||
	       str_iprefix(url, "http://localhost") ||
	       str_iprefix(url, "http://[::1]");
}

static int
secure(struct apply *x, const struct which *w, struct err *e)
{
	struct tls_options o = { .policy = TLS_WEB, .judge = same_cert };
	struct bytes pem;

	if (!str_iprefix(w->url, "https://"))
		return w->insecure || w->config || near(w->url)
			       ? 0
			       : fail(e, FAULT_CONFIG,
					 "%s is not https: key and PIN would "
					 "be readable; say --insecure if that "
					 "is meant",
					 w->url);
	if (w->certificate) {
		if (file_read(x->a, w->certificate, CERT_FILE_MAX, &pem, e) ||
			cert_parse(&x->pinned, pem, e))
			return -1;
	} else if (!w->insecure) {
		return fail(e, FAULT_CONFIG,
			"who is at %s? Give --certificate FILE, its TLS "
			"certificate (/api/v1/system/certificate), or "
			"--insecure",
			w->url);
	}
	o.judge_ctx = x->pinned;
	return tls_client_new(&x->tls, &o, e);
}

static int
api_key(struct apply *x, const struct which *w, struct err *e)
{
	struct bytes text;

	x->key = getenv("MACHILINK_API_KEY");
	if (w->key_file) {
		if (file_read(x->a, w->key_file, KEY_FILE_MAX, &text, e))
			return -1;
		x->key = str_trim(arena_strndup(x->a, (const char *)text.data,
			strcspn((const char *)text.data, "\r\n")));
	}
	if (x->key && *x->key && !strpbrk(x->key, "\r\n"))
		return 0;
	return fail(e, FAULT_CONFIG,
		"an API key is needed: set MACHILINK_API_KEY or give "
		"--api-key-file FILE (machilink api-key makes one)");
}

static int
reach(struct apply *x, struct which *w, struct err *e)
{
	int64_t wait = WAIT_S;
	size_t n;

	if (w->wait && int_parse(w->wait, 0, 86400, &wait, e))
		return -1;
	x->wait_ms = wait * 1000;
	if (!w->url)
		w->url = getenv("MACHILINK_URL");
	if (w->config && of_config(x, w, e))
		return -1;
	if (!w->url || (!str_iprefix(w->url, "https://") &&
			       !str_iprefix(w->url, "http://")))
		return fail(e, FAULT_CONFIG,
			"which machine? Give --url https://HOST:4000 or "
			"--config FILE");
	for (n = strlen(w->url); n && w->url[n - 1] == '/'; n--)
		;
	x->base = arena_printf(x->a, "%.*s/api/v1", (int)n, w->url);
	return api_key(x, w, e) || secure(x, w, e) ||
			       http_client_new(&x->http, e)
		       ? -1
		       : 0;
}

static int
with_machine(struct apply *x, struct which *w,
	int (*run)(struct apply *x, void *ctx), void *ctx)
{
	struct err e = ERR_INIT;
	int ret;

	log_level_set(LOG_WARNING); /* the output is for people and scripts */
	x->a = arena_new_secret();
	if (http_startup(&e) || reach(x, w, &e))
		ret = complain_err(EXIT_USAGE, &e);
	else
		ret = run(x, ctx);
	http_client_free(&x->http);
	if (x->tls)
		tls_unref(&x->tls);
	if (x->pinned)
		cert_unref(&x->pinned);
	http_shutdown();
	arena_free(&x->a);
	return ret;
}

/* ---- the commands ---- */

struct apply_call_options {
	const char *file;
	bool dry, yes, json, format;
};

static int
run_apply(struct apply *x, void *ctx)
{
	const struct apply_call_options *o = ctx;

	return apply_run(x, o->file, o->dry, o->yes);
}

static int
run_export(struct apply *x, void *ctx)
{
	const struct apply_call_options *o = ctx;

	return apply_export(x, o->json);
}

static int
show_format(bool ja)
{
	struct err e = ERR_INIT;
	struct buf b;
	int ret;

	buf_init(&b, FORMAT_MAX);
	plan_show(&b, &plan_server, ja);
	buf_char(&b, '\n');
	plan_show(&b, &plan_center, ja);
	ret = buf_ok(&b, "the format", &e);
	if (!ret)
		fputs(b.data, stdout);
	buf_done(&b);
	return ret ? complain_err(EXIT_FAILED, &e) : EXIT_OK;
}

static int
command(int argc, char **argv, int words,
	int (*run)(struct apply *x, void *ctx))
{
	struct apply_call_options o = { 0 };
	struct apply x = { 0 };
	struct which w = { 0 };
	const struct option_row rows[] = { { "url", &w.url, NULL },
		{ "certificate", &w.certificate, NULL },
		{ "config", &w.config, NULL },
		{ "api-key-file", &w.key_file, NULL },
		{ "pin-file", &x.pin_file, NULL }, { "wait", &w.wait, NULL },
		{ "lang", &w.lang, NULL }, { "insecure", NULL, &w.insecure },
		{ "ignore-warnings", NULL, &x.ignore_warnings },
		{ "dry-run", NULL, &o.dry }, { "yes", NULL, &o.yes },
		{ "json", NULL, &o.json }, { "format", NULL, &o.format },
		{ NULL, NULL, NULL } };

	if (options_read(rows, &argc, argv))
		return EXIT_USAGE;
	x.ja = language_is_japanese(w.lang);
	if (o.format && !argc)
		return show_format(x.ja);
	if (argc != words)
		return complain(EXIT_USAGE, "%s", x.ja ? usage_ja : usage);
	o.file = words ? argv[0] : NULL;
	return with_machine(&x, &w, run, &o);
}

int
cmd_apply(int argc, char **argv)
{
	return command(argc, argv, 1, run_apply);
}

int
cmd_export(int argc, char **argv)
{
	return command(argc, argv, 0, run_export);
}
