/* SPDX-License-Identifier: MIT */
/*
 * The residents' pages with everything real around them: an OpenID provider
 * of other people (npm oidc-provider, twice), Chromium with JavaScript
 * switched off, and plain HTTP for what a browser would not do. This program
 * is the center: pages and model run in it, a small door lets resident.mjs
 * play the organisations and move the clock.
 */
#include "resident.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "db.h"
#include "err.h"
#include "file.h"
#include "http_server.h"
#include "identity.h"
#include "link_sql.h"
#include "linkkit.h"
#include "log.h"
#include "param.h"
#include "tap.h"
#include "text.h"

static struct linkkit kit;
static struct conf *conf;
static int port[4]; /* pages, provider one and two, the door */

/* ---- the door ---- */

static const char *
arg(struct request *r, const char *name)
{
	const char *query = request_query(r);
	const char *v = query ? query_get(request_arena(r), query, name) : NULL;

	return v ? v : "";
}

static int
say_text(struct request *r, const char *text, struct err *e)
{
	return reply_send(r, 200, "text/plain", bytes_str(text), e);
}

/* A request for consent: reference and link. */
static int
ask(struct request *r, void *state, struct err *e)
{
	const char *secret, *reference;

	(void)state;
	linkkit_ask(&kit, COMPANY, &secret, &reference);
	return say_text(r,
		arena_printf(request_arena(r), "%s %s", reference,
			resident_ticket_url(request_arena(r), conf, secret)),
		e);
}

struct making {
	struct ticket_new t;
	const char *secret;
};

static int
make(struct db_conn *c, void *ctx, struct err *e)
{
	struct making *m = ctx;

	return ticket_make(c, &m->t, kit.a, &m->secret, e);
}

/* The company wants to be linked: the link. */
static int
invite(struct request *r, void *state, struct err *e)
{
	struct making m = { .t = { .kind = "link",
				    .organisation = COMPANY,
				    .state = "s1",
				    .seconds = TICKET_LINK_S } };

	(void)state;
	if (db_transact(kit.center.db, make, &m, e))
		return -1;
	return say_text(
		r, resident_ticket_url(request_arena(r), conf, m.secret), e);
}

static int
person(struct request *r, const char *name, int64_t *out, struct err *e)
{
	struct account_claim claim = { arena_printf(request_arena(r),
					       "https://127.0.0.1:%d", port[1]),
		arg(r, name), "2" };

	return person_login(&kit.center, &claim, out, e);
}

/* The company asks for the consent of this person, with whom it is linked. */
static int
ask_for(struct request *r, void *state, struct err *e)
{
	struct consent_wish w = { .service = kit.service };
	struct consent_ask wish = { .consumer = COMPANY,
		.subsystem = COMPANY "/loans",
		.purpose = kit.purpose,
		.wish = &w,
		.wishes = 1 };
	struct arena *a = request_arena(r);
	struct consent_asked asked;
	struct idlink *list;
	int64_t who;
	size_t n;

	(void)state;
	if (person(r, "sub", &who, e) ||
		person_links(&kit.center, who, a, &list, &n, e))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (str_equal(list[i].organisation, COMPANY))
			wish.pairwise = list[i].pairwise;
	if (consent_request(&kit.center, &wish, a, &asked, e))
		return -1;
	return say_text(r, resident_ticket_url(a, conf, asked.secret), e);
}

/* The person is linked with town and company. */
static int
linked(struct request *r, void *state, struct err *e)
{
	int64_t who;

	(void)state;
	if (person(r, "sub", &who, e))
		return -1;
	linkkit_link(&kit, who, TOWN);
	return say_text(r, linkkit_link(&kit, who, COMPANY), e);
}

static int
transfer(struct request *r, void *state, struct err *e)
{
	char id[UUID_LEN + 1];
	struct db_conn *c = db_take(kit.center.db);
	int ret;

	(void)state;
	uuid_make(id);
	ret = db_run(c, Q_LINK_TRANSFER_ADD, e, db_text(id),
		      db_text(arg(r, "reference")), db_int(clock_now()),
		      db_text("[\"income\"]"), db_text(TOWN)) < 0
		      ? -1
		      : 0;
	db_give(c);
	return ret ? -1 : say_text(r, id, e);
}

static int
state_of(struct request *r, void *state, struct err *e)
{
	(void)state;
	return say_text(r, linkkit_state(&kit, arg(r, "reference")), e);
}

static int
shift(struct request *r, void *state, struct err *e)
{
	int64_t s = 0;

	(void)state;
	if (int_parse(arg(r, "s"), 0, 100000000, &s, e))
		return -1;
	clock_shift(1000 * s);
	return say_text(r, "", e);
}

/* The containers that are missing come, as from the round of evidence. */
static int
prove(struct request *r, void *state, struct err *e)
{
	struct db_conn *c = db_take(kit.center.db);
	int64_t step[20];
	size_t n = 0;
	struct query *q = db_query(c, Q_LINK_EVIDENCE_MISSING, db_int(0));

	(void)state;
	while (n < 20 && query_next(q))
		step[n++] = query_int(q, 0);
	(void)query_end(q, e);
	for (size_t i = 0; i < n; i++)
		(void)db_run(c, Q_LINK_EVIDENCE_PUT, e, db_int(step[i]),
			db_blob("a container", 11));
	db_give(c);
	return err_set(e) ? -1 : say_text(r, "", e);
}

/* The town attests that one person may act for another. */
static int
child(struct request *r, void *state, struct err *e)
{
	struct attestation t = { .organisation = TOWN,
		.kind = "child",
		.valid_to = clock_now() + 30 * LINK_DAY_MS };
	int64_t parent, of;
	const char *id;

	(void)state;
	if (person(r, "parent", &parent, e) || person(r, "child", &of, e))
		return -1;
	t.representative = linkkit_link(&kit, parent, TOWN);
	t.person = linkkit_link(&kit, of, TOWN);
	linkkit_link(&kit, of, COMPANY);
	if (representation_add(&kit.center, &t, request_arena(r), &id, e))
		return -1;
	return say_text(r, id, e);
}

static const struct route routes[] = {
	{ "POST", "/ask", 0, 0, ask },
	{ "POST", "/ask-for", 0, 0, ask_for },
	{ "POST", "/invite", 0, 0, invite },
	{ "POST", "/linked", 0, 0, linked },
	{ "POST", "/transfer", 0, 0, transfer },
	{ "POST", "/state", 0, 0, state_of },
	{ "POST", "/prove", 0, 0, prove },
	{ "POST", "/shift", 0, 0, shift },
	{ "POST", "/child", 0, 0, child },
	{ NULL, NULL, 0, 0, NULL },
};

/* ---- around it ---- */

static void
put(const char *name, const char *text)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", tap_dir(), name);
	ok(file_write(path, bytes_str(text), FILE_PRIVATE, NULL) == 0);
}

static void
set(const char *key, const char *value)
{
	struct err e = ERR_INIT;

	ok_m(conf_set(conf, "personal-link", key, value, &e) == 0, "%s %s", key,
		e.text);
}

static const char *
inside(const char *name)
{
	return arena_printf(kit.a, "%s/%s", tap_dir(), name);
}

static void
settings(void)
{
	struct identity_plan op = { tap_dir(), "op", "127.0.0.1", KEY_EC };
	struct cert *cert;
	struct key *key;

	ok(identity_load(&op, &key, &cert, NULL) == 0);
	key_unref(&key);
	cert_unref(&cert);
	for (int i = 0; i < 3; i++)
		port[i] = tap_port("127.0.0.1");
	put("secret", "a secret of 32 bytes, or a bit more\n");
	put("providers.yaml",
		arena_printf(kit.a,
			"providers:\n"
			"- name: one\n  issuer: https://127.0.0.1:%d\n"
			"  clientId: machilink\n  secretFile: secret\n"
			"  level: \"2\"\n"
			"  label: {ja: 一番のカード, en: Card One}\n"
			"- name: two\n  issuer: https://127.0.0.1:%d\n"
			"  clientId: machilink\n  secretFile: secret\n"
			"  authentication: client_secret_post\n"
			"  level: \"1\"\n"
			"  label: {ja: 二番の<b>カード</b>, en: Card <b>Two</b>}\n",
			port[1], port[2]));
	conf = conf_defaults();
	ok(conf_set(conf, "machilink", "data-dir", tap_dir(), NULL) == 0);
	ok(conf_set(conf, "proxy-ui-api", "web-dir", "web/public", NULL) == 0);
	set("resident-listen-address", "127.0.0.1");
	set("resident-port", arena_printf(kit.a, "%d", port[0]));
	set("resident-url",
		arena_printf(kit.a, "https://127.0.0.1:%d", port[0]));
	set("providers-file", inside("providers.yaml"));
	set("provider-trust-anchors", inside("op.crt"));
	set("resident-requests-per-minute", "0");
	set("operator-name", "町の<i>組合</i>");
	set("operator-contact", "help@example.org");
}

/* Every line of the script is a check of this program. */
static void
run_script(void)
{
	enum { OUT_MAX = 1 << 20 };
	static char out[OUT_MAX];
	char pages[16], one[16], two[16], door[16];
	const char *argv[] = { "node", "--no-warnings",
		"test/link/resident.mjs", pages, one, two, door, tap_dir(),
		NULL };
	int code, lines = 0;

	snprintf(pages, sizeof(pages), "%d", port[0]);
	snprintf(one, sizeof(one), "%d", port[1]);
	snprintf(two, sizeof(two), "%d", port[2]);
	snprintf(door, sizeof(door), "%d", port[3]);
	code = tap_run(argv, out, sizeof(out));
	for (char *line = out; *line;) {
		char *end = line + strcspn(line, "\n");
		bool last = !*end;

		*end = '\0';
		lines += str_prefix(line, "ok - ");
		if (str_prefix(line, "ok - ") || str_prefix(line, "not ok - "))
			ok_m(*line == 'o', "%s", strchr(line, '-') + 2);
		else if (*line && !strstr(line, "oidc-provider"))
			tap_note("%s", line);
		line = last ? end : end + 1;
	}
	is_int(code, 0);
	ok(lines > 100);
}

static bool
can_run(void)
{
	return file_exists("/usr/bin/chromium") &&
	       file_exists("test/node_modules/oidc-provider") &&
	       file_exists("web/node_modules/playwright-core") &&
	       file_exists("web/node_modules/axe-core");
}

int
main(void)
{
	struct listener l = { .name = "door",
		.address = "127.0.0.1",
		.threads = 4,
		.routes = routes };
	struct http_server *door = NULL;
	struct resident *pages = NULL;
	struct err e = ERR_INIT;

	if (!can_run()) {
		tap_skip("no chromium, or no packages in test and web");
		return tap_done();
	}
	log_level_set(LOG_ERROR);
	ok(http_startup(&e) == 0);
	linkkit_open(&kit);
	settings();
	ok_m(resident_start(&pages, conf, &kit.center, &e) == 0, "%s", e.text);
	ok(http_serve(&door, &l, &e) == 0);
	if (pages && door) {
		port[3] = http_port(door);
		run_script();
	}
	http_stop(&door);
	resident_stop(&pages);
	linkkit_close(&kit);
	conf_free(&conf);
	http_shutdown();
	return tap_done();
}
