/* SPDX-License-Identifier: MIT */
/*
 * `machilink log`: the message log of a running or a stopped server, read
 * only: records found by what is known of them, and one taken out as a
 * container for `machilink verify`.
 */
#include "cli.h"
#include "cli_int.h"

#include <stdio.h>
#include <string.h>

#include "asic.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "http_server.h"
#include "json_io.h"
#include "language.h"
#include "log.h"
#include "logsearch.h"
#include "mem.h"
#include "param.h"
#include "text.h"

enum { CONDITIONS_MAX = 16, PAGE_MAX = 1024 * 1024 };

struct log_call {
	const char *config, *lang, *out;
	bool json;
	const char *condition[CONDITIONS_MAX]; /* as log_query_names */
};

static const char usage_en[] =
	"usage: machilink log search --config FILE [--json] [conditions]\n"
	"       machilink log get NUMBER --config FILE [--out FILE.asice]\n"
	"       machilink log key ID --config FILE\n"
	"log key makes a key for the encryption of messages; it is used once\n"
	"[message-log] messagelog-key-id names it.\n"
	"conditions:\n"
	"  --message-id ID         exactly this message id\n"
	"  --member I/C/M[/S]      consumer or provider, with all below it\n"
	"  --service I/C/M/S/CODE[/VERSION]\n"
	"  --from TIME --to TIME   2026-11-21 or 2026-11-21T09:00:00+09:00\n"
	"  --protocol rest|soap    --direction request|response\n"
	"  --limit N               1 to 500; 50 if absent\n"
	"  --before NUMBER         older than this record: the next page\n"
	"Exit code: 0 found, 1 nothing found, 70 failed.";
static const char usage_ja[] =
	"使い方: machilink log search --config FILE [--json] [条件]\n"
	"        machilink log get 番号 --config FILE [--out FILE.asice]\n"
	"        machilink log key 鍵ID --config FILE\n"
	"log key はメッセージ暗号化の鍵を作ります。[message-log] の\n"
	"messagelog-key-id に書くと使われます。\n"
	"条件:\n"
	"  --message-id ID         このメッセージID\n"
	"  --member I/C/M[/S]      利用側または提供側のメンバー(配下を含む)\n"
	"  --service I/C/M/S/コード[/版]\n"
	"  --from 時刻 --to 時刻   2026-11-21 または "
	"2026-11-21T09:00:00+09:00\n"
	"  --protocol rest|soap    --direction request|response\n"
	"  --limit N               1〜500 件(省略時 50)\n"
	"  --before 番号           この記録より古いもの(次のページ)\n"
	"終了コード: 0 見つかった、1 見つからない、70 失敗";

static int
usage(bool ja)
{
	fprintf(stderr, "%s\n", ja ? usage_ja : usage_en);
	return EXIT_USAGE;
}

static int
read_options(struct log_call *c, int *argc, char **argv)
{
	struct option_row row[CONDITIONS_MAX + 5] = {
		{ "config", &c->config, NULL },
		{ "lang", &c->lang, NULL },
		{ "out", &c->out, NULL },
		{ "json", NULL, &c->json },
	};
	size_t n = 4;

	for (size_t i = 0; log_query_names[i] && i < CONDITIONS_MAX; i++)
		row[n++] = (struct option_row){ log_query_names[i],
			&c->condition[i], NULL };
	return options_read(row, argc, argv);
}

static int
read_query(struct arena *a, const struct log_call *c, struct log_query *q,
	struct err *e)
{
	for (size_t i = 0; log_query_names[i]; i++)
		if (c->condition[i] && log_query_set(a, q, log_query_names[i],
					       c->condition[i], e))
			return -1;
	return 0;
}

/* ---- search ---- */

static void
print_hit(const struct log_hit *h, bool ja)
{
	char when[TIME_TEXT_MAX];

	printf("%lld  %s  %s %s  %s -> %s  %s%s\n", (long long)h->id,
		time_iso_ms(when, h->time), h->rest ? "REST" : "SOAP",
		h->response ? (ja ? "応答" : "response")
			    : (ja ? "要求" : "request"),
		h->client, h->service, h->message_id,
		h->stamped ? ""
		: ja       ? "  (タイムスタンプ待ち)"
			   : "  (not time-stamped yet)");
}

static void
print_page(const struct log_page *p, bool ja)
{
	for (size_t i = 0; i < p->n; i++)
		print_hit(&p->hit[i], ja);
	if (!p->n && !p->next)
		puts(ja ? "該当する記録はありません" : "no such record");
	if (p->next)
		printf(ja ? "続き: --before %lld\n" : "more: --before %lld\n",
			(long long)p->next);
}

static json_t *
hit_json(const struct log_hit *h)
{
	char when[TIME_TEXT_MAX];
	json_t *o = json_object();

	json_put_int(o, "number", h->id);
	json_put_str(o, "time", time_iso_ms(when, h->time));
	json_put_str(o, "message_id", h->message_id);
	json_put_str(o, "protocol", h->rest ? "rest" : "soap");
	json_put_str(o, "direction", h->response ? "response" : "request");
	json_put_str(o, "side", h->as_client ? "consumer" : "provider");
	json_put_str(o, "client", h->client);
	json_put_str(o, "service", h->service);
	json_put_bool(o, "stamped", h->stamped);
	json_put_bool(o, "archived", h->archived);
	return o;
}

static void
print_page_json(const struct log_page *p)
{
	json_t *o = json_object(), *list = json_array();
	struct buf b;

	json_put_new(o, "records", list);
	for (size_t i = 0; i < p->n; i++)
		json_array_append_new(list, hit_json(&p->hit[i]));
	if (p->next)
		json_put_int(o, "next", p->next);
	buf_init(&b, PAGE_MAX);
	json_write(&b, o, JSON_PRETTY);
	json_decref(o);
	puts(b.data);
	buf_done(&b);
}

static int
search(struct messagelog *m, struct arena *a, const struct log_call *c,
	struct err *e)
{
	struct log_query q = { 0 };
	struct log_page p;

	if (read_query(a, c, &q, e) || log_search(m, a, &q, &p, e))
		return EXIT_FAILED;
	if (c->json)
		print_page_json(&p);
	else
		print_page(&p, language_is_japanese(c->lang));
	return p.n || p.next ? EXIT_OK : EXIT_INVALID;
}

/* ---- get ---- */

static int
get(struct messagelog *m, struct arena *a, const struct log_call *c,
	const char *number, struct err *e)
{
	char *name;
	int64_t id;
	struct buf b;
	int ret = EXIT_FAILED;

	buf_init(&b, ASIC_SIZE_MAX);
	if (!int_parse(number, 1, INT64_MAX, &id, e) &&
		!log_container(m, a, id, &b, &name, e)) {
		const char *path = c->out ? c->out : name;

		if (!file_write(path, bytes_buf(&b), FILE_PRIVATE, e)) {
			puts(path);
			ret = EXIT_OK;
		}
	}
	buf_done(&b);
	return ret;
}

/* ---- key ---- */

static int
make_key(struct conf *conf, const char *id, const char *lang, struct err *e)
{
	if (log_key_make(conf, id, e))
		return EXIT_FAILED;
	printf(language_is_japanese(lang) ? "鍵 %s を %s に作りました。設定:\n"
					  : "the key %s is in %s; to use it:\n",
		id, log_keys_dir(conf));
	printf("[message-log]\nmessagelog-encryption-enabled = true\n"
	       "messagelog-key-id = %s\n",
		id);
	return EXIT_OK;
}

int
cmd_log(int argc, char **argv)
{
	struct log_call c = { 0 };
	struct messagelog *m = NULL;
	struct conf *conf = NULL;
	struct arena *a = arena_new();
	struct err e = ERR_INIT;
	int ret = EXIT_FAILED;
	bool find, take, key;

	log_level_set(LOG_WARNING); /* the output is for scripts */
	if (read_options(&c, &argc, argv))
		argc = 0;
	find = argc == 1 && str_equal(argv[0], "search");
	take = argc == 2 && str_equal(argv[0], "get");
	key = argc == 2 && str_equal(argv[0], "key");
	if (!c.config || (!find && !take && !key)) {
		arena_free(&a);
		return usage(language_is_japanese(c.lang));
	}
	if (conf_load(&conf, c.config, &e))
		ret = EXIT_FAILED;
	else if (key)
		ret = make_key(conf, argv[1], c.lang, &e);
	else if (!messagelog_read(&m, conf, &e))
		ret = find ? search(m, a, &c, &e) : get(m, a, &c, argv[1], &e);
	if (err_set(&e))
		complain_err(ret, &e);
	messagelog_close(&m);
	conf_free(&conf);
	arena_free(&a);
	return ret;
}
