/* SPDX-License-Identifier: MIT */
/*
 * `machilink conf proxy`: instances of the configuration proxy, their keys and
 * their anchor, said on the machine itself.
 */
#include "cli.h"
#include "cli_int.h"

#include <stdio.h>
#include <string.h>

#include "confproxy.h"
#include "err.h"
#include "file.h"
#include "log.h"
#include "mem.h"
#include "param.h"
#include "text.h"
#include "xml.h"

enum { ANCHOR_MAX = 1024 * 1024, PIN_LINE = 256 };

static const char usage[] =
	"usage: machilink conf proxy create NAME --anchor FILE --config FILE\n"
	"           [--validity SECONDS]\n"
	"       machilink conf proxy add-key NAME --config FILE\n"
	"       machilink conf proxy activate-key NAME KEY --config FILE\n"
	"       machilink conf proxy delete-key NAME KEY --config FILE\n"
	"       machilink conf proxy anchor NAME --config FILE\n"
	"       machilink conf proxy show NAME --config FILE\n"
	"  NAME is published at http://ADDRESS/NAME/conf by a machine with the\n"
	"  role configuration-proxy. --anchor: of the source it takes from.\n"
	"  add-key and delete-key read the key store's PIN from standard input;\n"
	"  the service must not run meanwhile. A second key stands in the\n"
	"  configuration and in new anchors before activate-key signs with it.";

static const char usage_ja[] =
	"使い方: machilink conf proxy create 名前 --anchor FILE --config FILE\n"
	"           [--validity 秒]\n"
	"       machilink conf proxy add-key 名前 --config FILE\n"
	"       machilink conf proxy activate-key 名前 鍵 --config FILE\n"
	"       machilink conf proxy delete-key 名前 鍵 --config FILE\n"
	"       machilink conf proxy anchor 名前 --config FILE\n"
	"       machilink conf proxy show 名前 --config FILE\n"
	"  役割 configuration-proxy の機器が http://アドレス/名前/conf で公開する。\n"
	"  --anchor: 取得元のアンカー。add-key と delete-key は鍵保管庫の PIN を\n"
	"  標準入力から読む(その間サービスは止めておくこと)。二つ目の鍵は、\n"
	"  activate-key で署名に使う前から設定と新しいアンカーに載る。";

struct call {
	const char *name, *key, *anchor, *validity;
	struct conf *conf;
	struct arena *arena;
	char pin[PIN_LINE];
	struct err e;
};

static int
do_create(struct call *c)
{
	int64_t seconds = CONFPROXY_VALIDITY;
	struct bytes xml;

	if (!c->anchor)
		return fail(&c->e, FAULT_BAD_REQUEST,
			"say --anchor FILE of the source");
	if ((c->validity &&
		    int_parse(c->validity, 2, 604800, &seconds, &c->e)) ||
		file_read(c->arena, c->anchor, ANCHOR_MAX, &xml, &c->e))
		return -1;
	return confproxy_create(c->conf, c->name, xml, seconds, &c->e);
}

/* The key store is another process's while a service runs. */
static int
store_call(struct call *c, int *lock)
{
	if (data_lock(c->conf, lock, &c->e))
		return -1;
	return line_read(c->pin, sizeof(c->pin), "PIN", &c->e);
}

static int
do_add(struct call *c)
{
	char id[41] = "";
	int lock;

	if (store_call(c, &lock) ||
		confproxy_key_add(c->conf, c->name, c->pin, id, &c->e))
		return -1;
	puts(id);
	return 0;
}

static int
do_activate(struct call *c)
{
	return confproxy_key_activate(c->conf, c->name, c->key, &c->e);
}

static int
do_delete(struct call *c)
{
	int lock;

	if (store_call(c, &lock))
		return -1;
	return confproxy_key_delete(c->conf, c->name, c->key, c->pin, &c->e);
}

static int
do_anchor(struct call *c)
{
	struct buf b;
	int ret;

	buf_init(&b, ANCHOR_MAX);
	ret = confproxy_anchor(c->conf, c->arena, c->name, &b, &c->e);
	if (!ret)
		fwrite(b.data, 1, b.len, stdout);
	buf_done(&b);
	return ret;
}

static int
do_show(struct call *c)
{
	struct confproxy_set s;

	if (confproxy_load(c->conf, c->arena, c->name, &s, &c->e))
		return -1;
	printf("name: %s\nvalidity: %lld s\n", s.name, (long long)s.validity_s);
	for (size_t i = 0; i < s.keys; i++)
		printf("key: %s%s\n", s.key[i].id,
			s.key[i].active ? " (active)" : "");
	return 0;
}

static const struct verb {
	const char *name;
	int words;
	int (*run)(struct call *c);
} verbs[] = {
	{ "create", 2, do_create },
	{ "add-key", 2, do_add },
	{ "activate-key", 3, do_activate },
	{ "delete-key", 3, do_delete },
	{ "anchor", 2, do_anchor },
	{ "show", 2, do_show },
};

int
conf_proxy(const struct conf_proxy_call *in)
{
	struct call c = {
		.anchor = in->anchor, .validity = in->validity, .e = ERR_INIT
	};
	const struct verb *v = NULL;
	int ret = EXIT_OK;

	log_level_set(LOG_WARNING); /* the output is for scripts */
	for (size_t i = 0; in->words && i < sizeof(verbs) / sizeof(*verbs); i++)
		if (str_equal(verbs[i].name, in->word[0]))
			v = &verbs[i];
	if (!v || in->words != v->words || !in->config)
		return complain(
			EXIT_USAGE, "%s", in->japanese ? usage_ja : usage);
	c.name = in->word[1];
	c.key = v->words > 2 ? in->word[2] : NULL;
	c.arena = arena_new();
	xml_startup();
	if (conf_load(&c.conf, in->config, &c.e) ||
		dir_make(conf_text(c.conf, P_DATA_DIR), &c.e) || v->run(&c))
		ret = complain_err(EXIT_INVALID, &c.e);
	mem_wipe(c.pin, sizeof(c.pin));
	arena_free(&c.arena);
	conf_free(&c.conf);
	xml_shutdown();
	return ret;
}
