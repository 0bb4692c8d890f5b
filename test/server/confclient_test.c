/* SPDX-License-Identifier: MIT */
/*
 * The configuration client against a center of ours that lies in every way:
 * what is proved is taken, what is not is refused with X-Road's code and
 * leaves the previous configuration in place.
 */
#define IN_SERVER 1
#include "center_kit.h"
#include "file.h"
#include "server_int.h"

struct world {
	struct kit kit;
	struct arena *a;
	struct conf *conf;
	struct http_client *http;
	struct confclient *c;
	struct err e;
};

static void
reopen(struct world *w)
{
	confclient_close(&w->c);
	err_reset(&w->e);
	ok_m(!confclient_open(&w->c, w->conf, w->http, &w->e), "open %s",
		w->e.text);
}

static enum fault
update(struct world *w)
{
	err_reset(&w->e);
	return confclient_update(w->c, &w->e) ? w->e.fault : FAULT_NONE;
}

static bool
valid(struct world *w)
{
	struct globalconf *g = NULL;
	bool is = !confclient_valid(w->c, &g, NULL);

	globalconf_unref(&g);
	return is;
}

static size_t
group_size(struct world *w)
{
	struct globalconf *g = NULL;
	size_t n = 99;

	if (!confclient_get(w->c, &g, NULL))
		n = globalconf_shared(g, NULL)->group[0].members;
	globalconf_unref(&g);
	return n;
}

static void
test_first(struct world *w)
{
	struct confclient_status st;
	struct globalconf *g;

	is_int(update(w), FAULT_NOT_FOUND);
	ok(!valid(w));
	is_int(confclient_get(w->c, &g, NULL), -1);
	confclient_status(w->c, &st);
	ok(!st.has_anchor);
	ok_m(!confclient_set_anchor(
		     w->c, kit_anchor(&w->kit, w->a, KIT_INSTANCE), &w->e),
		"anchor %s", w->e.text);
	ok(valid(w));
	confclient_status(w->c, &st);
	ok(st.has_anchor);
	is_int(st.version, 6);
	is_int(w->kit.last_version, 6);
	ok(st.last_success > 0 && st.expires > clock_now());
	ok(strstr(st.url, "/internalconf") != NULL);
	is_int(update(w), FAULT_NONE);
}

static void
test_unchanged_parts(struct world *w)
{
	int parts = w->kit.parts, dirs = w->kit.directories;

	is_int(update(w), FAULT_NONE);
	is_int(w->kit.parts, parts);
	is_int(w->kit.directories, dirs + 1);
	w->kit.group_size = 2;
	is_int(update(w), FAULT_NONE);
	is_int(w->kit.parts, parts + 1);
	is_int((int)group_size(w), 2);
}

/* Each lie is refused with its code; the truth of before stays. */
static void
test_lies(struct world *w)
{
	struct kit *k = &w->kit;

	k->wrong_key = true;
	is_int(update(w), FAULT_GC_NO_CERT);
	k->claim_conf = true;
	is_int(update(w), FAULT_GC_SIGNATURE);
	k->wrong_key = k->claim_conf = false;
	k->expires_in = -1000;
	is_int(update(w), FAULT_GLOBAL_CONF_OUTDATED);
	k->expires_in = 600000;
	k->stale_digest = true;
	is_int(update(w), FAULT_GC_PART_DIGEST);
	k->stale_digest = false;
	k->instance = "OTHER";
	is_int(update(w), FAULT_GC_PART_INSTANCE);
	k->instance = KIT_INSTANCE;
	k->no_private = true;
	is_int(update(w), FAULT_MALFORMED_GLOBAL_CONF);
	k->no_private = false;
	ok(valid(w));
	is_int((int)group_size(w), 2);
	is_int(update(w), FAULT_NONE);
}

static void
test_malformed_keeps(struct world *w)
{
	struct confclient_status before, after;

	confclient_status(w->c, &before);
	w->kit.broken_shared = true;
	w->kit.expires_in = 1200000;
	is_int(update(w), FAULT_NONE);
	is_int((int)group_size(w), 2);
	confclient_status(w->c, &after);
	/* the kept part expires on its own date */
	ok(after.expires <= before.expires);
	reopen(w);
	is_int((int)group_size(w), 2);
	w->kit.broken_shared = false;
	is_int(update(w), FAULT_NONE);
	confclient_status(w->c, &after);
	ok(after.expires > before.expires);
	w->kit.expires_in = 600000;
}

static void
test_ladder(struct world *w)
{
	struct confclient_status st;

	for (int v = 5; v >= 2; v--) {
		w->kit.newest = v;
		is_int(update(w), FAULT_NONE);
		confclient_status(w->c, &st);
		is_int(st.version, v);
		ok(valid(w));
	}
	w->kit.newest = 1;
	is_int(update(w), FAULT_GC_VERSION);
	ok(valid(w));
	w->kit.newest = 6;
	reopen(w);
	is_int(update(w), FAULT_NONE);
	confclient_status(w->c, &st);
	is_int(st.version, 6);
}

static void
test_restart(struct world *w)
{
	char path[1024];
	struct bytes text;
	int dirs = w->kit.directories;

	reopen(w);
	ok(valid(w));
	is_int((int)group_size(w), 2);
	is_int(w->kit.directories, dirs);
	snprintf(path, sizeof(path), "%s/instance-identifier",
		confclient_dir(w->c));
	ok(!file_read(w->a, path, 100, &text, NULL));
	is_bytes(text.data, text.len, "TEST", 4);
	snprintf(path, sizeof(path), "%s/TEST/shared-params.xml.metadata",
		confclient_dir(w->c));
	ok(!file_read(w->a, path, 4096, &text, NULL));
	ok(strstr((const char *)text.data, "\"expirationDate\":\"20") != NULL);
	ok(strstr((const char *)text.data, "\"SHARED-PARAMETERS\"") != NULL);
	/* past its expiry it is there, but not valid */
	clock_shift(700000);
	ok(!valid(w));
	reopen(w);
	ok(!valid(w));
	is_int((int)group_size(w), 2);
	clock_shift(0);
	ok(valid(w));
	/* leftovers go with the next round */
	snprintf(path, sizeof(path), "%s/TEST/old.xml", confclient_dir(w->c));
	ok(!file_write(path, bytes_str("x"), FILE_PUBLIC, NULL));
	is_int(update(w), FAULT_NONE);
	ok(!file_exists(path));
}

static void
test_anchor(struct world *w)
{
	err_reset(&w->e);
	is_int(confclient_set_anchor(
		       w->c, kit_anchor(&w->kit, w->a, "OTHER"), &w->e),
		-1);
	is_int(w->e.fault, FAULT_CONFLICT);
	err_reset(&w->e);
	is_int(confclient_set_anchor(w->c, bytes_str("<a/>"), &w->e), -1);
	is_int(w->e.fault, FAULT_MALFORMED_ANCHOR);
	/* an anchor whose source does not deliver is not installed */
	err_reset(&w->e);
	w->kit.wrong_key = true;
	is_int(confclient_set_anchor(
		       w->c, kit_anchor(&w->kit, w->a, KIT_INSTANCE), &w->e),
		-1);
	is_int(w->e.fault, FAULT_GC_NO_CERT);
	w->kit.wrong_key = false;
	is_int(update(w), FAULT_NONE);
}

/* A new key announced by the old one is believed; the anchor alone would not
   do (admin dossier 8.1, rotated keys). */
static void
test_rotation(struct world *w)
{
	w->kit.announce_other = true;
	is_int(update(w), FAULT_NONE);
	w->kit.wrong_key = true;
	is_int(update(w), FAULT_NONE);
	w->kit.announce_other = false;
	is_int(update(w), FAULT_NONE);
	is_int(update(w), FAULT_GC_NO_CERT);
	w->kit.wrong_key = false;
	is_int(update(w), FAULT_NONE);
}

/* Caches that real X-Road servers left behind are read as they are. */
static void
test_vectors(struct world *w)
{
	static const struct {
		const char *name;
		bool good;
	} row[] = { { "good_v2", true }, { "good_v3", true },
		{ "good_v4", true }, { "good_v5", true }, { "good_v6", true },
		/* without expiry and private part it is no cache */
		{ "good2_v3", false }, { "malformed", false },
		{ "empty", false } };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const char *from = vectors_path(arena_printf(w->a,
			"x-road/globalconf-core/globalconf_%s", row[i].name));
		const char *dir = arena_printf(w->a, "%s/v%zu", tap_dir(), i);
		const char *const argv[] = { "cp", "-r", from,
			arena_printf(w->a, "%s/globalconf", dir), NULL };
		struct conf *conf = kit_conf(dir);
		struct confclient *c = NULL;
		struct globalconf *g = NULL;
		if (!from) {
			tap_skip("no vectors");
		} else {
			ok(!dir_make(dir, NULL) && !tap_run(argv, NULL, 0));
			ok(!confclient_open(&c, conf, w->http, NULL));
			ok_m(!confclient_get(c, &g, NULL) == row[i].good,
				"cache %s", row[i].name);
		}
		globalconf_unref(&g);
		confclient_close(&c);
		conf_free(&conf);
	}
}

static void
options_are(struct world *w, int64_t fetch_s, bool next_update)
{
	struct globalconf *g = NULL;

	if (!ok_m(!confclient_get(w->c, &g, NULL), "there is a configuration"))
		return;
	is_int(globalconf_options(g)->ocsp_fetch_s, fetch_s);
	is_int(globalconf_options(g)->verify_next_update, next_update);
	globalconf_unref(&g);
}

/* FETCHINTERVAL and NEXTUPDATE rule what this server does; they survive a
   restart; a malformed one counts as absent. */
static void
test_options(struct world *w)
{
	options_are(w, 1200, true);
	w->kit.options = "<ocspFetchInterval>300</ocspFetchInterval>\n"
			 "<verifyNextUpdate>false</verifyNextUpdate>\n";
	is_int(update(w), FAULT_NONE);
	options_are(w, 300, false);
	reopen(w);
	options_are(w, 300, false);
	w->kit.options = "<ocspFetchInterval>soon</ocspFetchInterval>\n"
			 "<verifyNextUpdate>false</verifyNextUpdate>\n";
	is_int(update(w), FAULT_NONE);
	options_are(w, 1200, false);
	reopen(w);
	options_are(w, 1200, false);
	w->kit.options = NULL;
	is_int(update(w), FAULT_NONE);
	options_are(w, 1200, true);
}

static void
test_gone(struct world *w)
{
	struct confclient_status st;

	http_stop(&w->kit.http);
	is_int(update(w), FAULT_GC_CONNECTION);
	ok(valid(w));
	confclient_status(w->c, &st);
	is_int(st.error.fault, FAULT_GC_CONNECTION);
}

int
main(void)
{
	struct world w = { .e = ERR_INIT };

	xml_startup();
	ok(!http_startup(&w.e));
	w.a = arena_new();
	w.conf = kit_conf(tap_dir());
	ok(!http_client_new(&w.http, &w.e));
	kit_start(&w.kit);
	reopen(&w);
	test_first(&w);
	test_unchanged_parts(&w);
	test_lies(&w);
	test_malformed_keeps(&w);
	test_ladder(&w);
	test_restart(&w);
	test_anchor(&w);
	test_rotation(&w);
	test_vectors(&w);
	test_options(&w);
	test_gone(&w);
	confclient_close(&w.c);
	http_client_free(&w.http);
	kit_stop(&w.kit);
	conf_free(&w.conf);
	arena_free(&w.a);
	http_shutdown();
	xml_shutdown();
	return tap_done();
}
