/* SPDX-License-Identifier: MIT */
/*
 * `machilink verify` and `machilink conf verify`: what was proved, in words,
 * or exactly what is wrong. Exit 0 valid, 1 invalid, 2 cannot tell.
 */
#include "cli.h"
#include "cli_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asic.h"
#include "clock.h"
#include "err.h"
#include "file.h"
#include "globalconf.h"
#include "http_server.h"
#include "json_io.h"
#include "language.h"
#include "mem.h"
#include "text.h"
#include "trustdir.h"
#include "xml.h"

enum { ANCHOR_MAX = 1024 * 1024, REPORT_MAX = 1024 * 1024 };

static void
line(const char *label, const char *value)
{
	if (value && *value)
		printf("  %s: %s\n", label, value);
}

static void
line_time(const char *label, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	if (ms)
		line(label, time_iso(text, ms));
}

static void
print_report(const struct asic_report *r, bool ja)
{
	line(ja ? "内容" : "content", report_word(r->kind, ja));
	line(ja ? "メッセージID" : "message id", r->message_id);
	line(ja ? "送信者" : "sender", r->sender_text);
	line(ja ? "署名用証明書" : "signing certificate", r->signer_subject);
	line(ja ? "発行者" : "issued by", r->signer_issuer);
	line_time(ja ? "署名時刻 (署名者の申告)" : "signed (signer's claim)",
		r->signing_time);
	line_time(ja ? "OCSP応答" : "OCSP answer", r->ocsp_at);
	line_time(ja ? "タイムスタンプ" : "time-stamped", r->stamped_at);
	line(ja ? "タイムスタンプ局" : "time-stamped by", r->tsa_subject);
	for (size_t i = 0; i < r->parts; i++)
		printf("  %s %s: %s\n", ja ? "部分" : "part", r->part[i].name,
			report_word(r->part[i].state, ja));
}

static void
put_time(json_t *o, const char *key, int64_t ms)
{
	char text[TIME_TEXT_MAX];

	json_put_str(o, key, ms ? time_iso(text, ms) : NULL);
}

static void
print_json(
	const struct asic_report *r, const char *verdict, const struct err *e)
{
	json_t *o = json_object(), *parts = json_array();
	struct buf b;

	json_put_str(o, "verdict", verdict);
	if (err_set(e)) {
		json_put_str(o, "code", e->code);
		json_put_str(o, "reason", e->text);
	}
	json_put_str(o, "content", r->kind);
	json_put_str(o, "message_id", r->message_id);
	json_put_str(o, "sender", r->sender_text);
	json_put_str(o, "signing_certificate", r->signer_subject);
	json_put_str(o, "issuer", r->signer_issuer);
	put_time(o, "signing_time", r->signing_time);
	put_time(o, "ocsp_time", r->ocsp_at);
	put_time(o, "time_stamp", r->stamped_at);
	json_put_str(o, "time_stamp_authority", r->tsa_subject);
	for (size_t i = 0; i < r->parts; i++) {
		json_t *p = json_object();

		json_put_str(p, "name", r->part[i].name);
		json_put_str(p, "state", r->part[i].state);
		json_array_append_new(parts, p);
	}
	json_put_new(o, "parts", parts);
	buf_init(&b, REPORT_MAX);
	json_write(&b, o, JSON_PRETTY);
	puts(b.data);
	buf_done(&b);
	json_decref(o);
}

const char *
verdict_word(int code, bool ja)
{
	static const char *const en[] = { "valid", "invalid", "cannot tell" };
	static const char *const word_ja[] = { "有効", "無効",
		"判定できません" };

	return ja ? word_ja[code] : en[code];
}

int
verify_trust(struct arena *a, const struct verify_call *c,
	struct globalconf **g, struct err *e)
{
	struct trust_fetched report;
	struct bytes xml;

	if (c->dir)
		return trustdir_load(c->dir, g, e);
	if (!c->anchor)
		return fail(e, FAULT_CONFIG,
			"say whom to trust: --globalconf DIR (an unpacked "
			"verificationconf.zip) or --anchor FILE");
	if (file_read(a, c->anchor, ANCHOR_MAX, &xml, e))
		return -1;
	return trust_fetch(a, xml, NULL, &report, g, e);
}

/* Reading what is no container at all is an answer too: invalid. */
static int
judge(struct arena *a, const struct verify_call *c, const struct globalconf *g,
	struct asic_report *r, struct err *e)
{
	struct bytes zip;
	struct asic asic;

	if (file_read(a, c->file, ASIC_SIZE_MAX, &zip, e))
		return EXIT_CANNOT_TELL;
	if (asic_read(a, zip, &asic, e) || asic_verify(a, &asic, g, r, e))
		return EXIT_INVALID;
	return EXIT_OK;
}

static int
verify_file(const struct verify_call *c)
{
	struct arena *a = arena_new();
	struct globalconf *g = NULL;
	struct asic_report r = { .kind = NULL };
	struct err e = ERR_INIT;
	bool ja = language_is_japanese(c->lang);
	int ret = EXIT_CANNOT_TELL;

	xml_startup();
	if (!http_startup(&e) && !verify_trust(a, c, &g, &e))
		ret = judge(a, c, g, &r, &e);
	if (c->json) {
		print_json(&r, verdict_word(ret, false), &e);
	} else {
		printf("%s: %s\n", c->file, verdict_word(ret, ja));
		if (ret)
			print_reason(&e, NULL, ja);
		print_report(&r, ja);
	}
	globalconf_unref(&g);
	arena_free(&a);
	http_shutdown();
	xml_shutdown();
	return ret;
}

int
cmd_verify(int argc, char **argv)
{
	struct verify_call c = { .file = NULL };
	const struct option_row rows[] = { { "globalconf", &c.dir, NULL },
		{ "anchor", &c.anchor, NULL }, { "json", NULL, &c.json },
		{ "lang", &c.lang, NULL },
		{ "linking-only", NULL, &c.linking_only },
		{ NULL, NULL, NULL } };

	if (options_read(rows, &argc, argv) || argc < 1)
		return complain(EXIT_USAGE,
			"usage: machilink verify FILE.asice | ARCHIVE.zip... "
			"[--globalconf DIR | --anchor FILE] [--linking-only] "
			"[--json] [--lang ja|en]");
	if (argc > 1 || c.linking_only || is_archive(argv[0]))
		return verify_archives(&c, argv, (size_t)argc);
	c.file = argv[0];
	return verify_file(&c);
}

/* ---- conf verify ---- */

static void
print_conf(const struct trust_fetched *r, const struct globalconf *g, bool ja)
{
	const struct shared_params *p = globalconf_shared(g, NULL);

	line(ja ? "インスタンス" : "instance", r->instance);
	line(ja ? "取得元" : "source", r->url);
	printf("  %s: %d\n", ja ? "版" : "version", r->version);
	line_time(ja ? "有効期限" : "valid until", r->expires);
	for (size_t i = 0; i < r->parts; i++)
		printf("  %s: %s (%zu %s)\n", r->part[i].identifier,
			r->part[i].location, r->part[i].size,
			ja ? "バイト" : "bytes");
	if (p)
		printf(ja ? "  メンバー %zu、セキュリティサーバ %zu、認証局 %zu、"
			    "タイムスタンプ局 %zu\n"
			  : "  %zu members, %zu security servers, %zu "
			    "certification services, %zu time-stamping "
			    "services\n",
			p->members, p->servers, p->cas, p->tsas);
}

/* Not to be reached is not the same as wrong. */
static bool
unreachable(const struct err *e)
{
	return e->fault == FAULT_GC_CONNECTION || e->fault == FAULT_NETWORK ||
	       e->fault == FAULT_UNKNOWN_HOST || e->fault == FAULT_NOT_FOUND ||
	       e->fault == FAULT_IO || e->fault == FAULT_GC_VERSION ||
	       e->fault == FAULT_GC_PART_DOWNLOAD;
}

static int
conf_verify(const char *anchor, const char *url, bool ja)
{
	struct arena *a = arena_new();
	struct globalconf *g = NULL;
	struct trust_fetched r;
	struct err e = ERR_INIT;
	struct bytes xml;
	int ret = EXIT_OK;

	xml_startup();
	if (http_startup(&e) || file_read(a, anchor, ANCHOR_MAX, &xml, &e) ||
		trust_fetch(a, xml, url, &r, &g, &e))
		ret = unreachable(&e) ? EXIT_CANNOT_TELL : EXIT_INVALID;
	if (!ret) {
		printf("%s: %s\n", anchor, ja ? "有効" : "valid");
		print_conf(&r, g, ja);
	} else {
		printf("%s: %s\n", anchor, verdict_word(ret, ja));
		print_reason(&e, NULL, ja);
	}
	globalconf_unref(&g);
	arena_free(&a);
	http_shutdown();
	xml_shutdown();
	return ret;
}

int
cmd_conf(int argc, char **argv)
{
	const char *anchor = NULL, *url = NULL, *lang = NULL, *file = NULL,
		   *validity = NULL;
	const struct option_row rows[] = { { "anchor", &anchor, NULL },
		{ "url", &url, NULL }, { "lang", &lang, NULL },
		{ "config", &file, NULL }, { "validity", &validity, NULL },
		{ NULL, NULL, NULL } };

	if (options_read(rows, &argc, argv))
		return EXIT_USAGE;
	if (argc && str_equal(argv[0], "proxy"))
		return conf_proxy(&(struct conf_proxy_call){ argv + 1, argc - 1,
			anchor, validity, file, language_is_japanese(lang) });
	if (argc != 1 || !str_equal(argv[0], "verify") || !anchor)
		return complain(EXIT_USAGE,
			"usage: machilink conf verify --anchor FILE "
			"[--url URL] [--lang ja|en]\n"
			"       machilink conf proxy ...");
	return conf_verify(anchor, url, language_is_japanese(lang));
}
