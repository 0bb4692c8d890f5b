/* SPDX-License-Identifier: MIT */
/*
 * Notices over TLS to an organisation's address: who hears what, what is tried
 * again, and that nobody hears who asks.
 */
#define IN_LINK 1
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "http_server.h"
#include "identity.h"
#include "linkkit.h"
#include "log.h"
#include "param.h"
#include "resident_int.h"
#include "resident_notice_int.h"
#include "tap.h"
#include "text.h"
#include "tls.h"

static struct linkkit kit;
static struct resident *res;
static int calls, status = 200;
static char body[1000];

static int
hear(struct request *r, void *state, struct err *e)
{
	struct bytes b;

	(void)state;
	calls++;
	if (request_body(r, &b, e))
		return -1;
	snprintf(body, sizeof(body), "%s", (const char *)b.data);
	return reply_send(r, status, NULL, bytes_of("", 0), e);
}

static const struct route routes[] = {
	{ "POST", "/notice", 4096, 0, hear },
	{ NULL, NULL, 0, 0, NULL },
};

static struct http_server *
town(void)
{
	struct identity_plan plan = { tap_dir(), "town", "127.0.0.1", KEY_EC };
	struct tls_options o = { .policy = TLS_WEB };
	struct listener l = { .name = "town",
		.address = "127.0.0.1",
		.threads = 2,
		.routes = routes };
	struct http_server *s = NULL;
	struct cert *cert;

	ok(identity_load(&plan, &o.key, &cert, NULL) == 0);
	o.chain = (struct cert_list){ &cert, 1 };
	ok(tls_server_new(&l.tls, &o, NULL) == 0);
	ok(http_serve(&s, &l, NULL) == 0);
	tls_unref(&l.tls);
	key_unref(&o.key);
	cert_unref(&cert);
	return s;
}

static void
wants_notices(const char *member, int port)
{
	struct organisation o;
	struct err e = ERR_INIT;

	ok(organisation_get(&kit.center, member, kit.a, &o, &e) == 0);
	o.notice_url = arena_printf(kit.a, "https://127.0.0.1:%d/notice", port);
	ok_m(organisation_put(&kit.center, &o, &e) == 0, "%s", e.text);
}

static void
ask(const char *pairwise)
{
	struct consent_wish w = { .service = kit.service };
	struct consent_ask a = { .consumer = COMPANY,
		.subsystem = COMPANY "/loans",
		.purpose = kit.purpose,
		.pairwise = pairwise,
		.wish = &w,
		.wishes = 1 };
	struct consent_asked asked;
	struct err e = ERR_INIT;

	ok_m(consent_request(&kit.center, &a, kit.a, &asked, &e) == 0, "%s",
		e.text);
}

static int
round_of(void)
{
	struct err e = ERR_INIT;
	int before = calls;

	ok_m(resident_notices(res, &e) == 0, "%s", e.text);
	return calls - before;
}

static void
told(void)
{
	int64_t person = linkkit_person(&kit, "hanako");
	const char *at_town = linkkit_link(&kit, person, TOWN);
	const char *at_company = linkkit_link(&kit, person, COMPANY);

	is_int(round_of(), 0);
	ask(at_company);
	is_int(round_of(), 1);
	is_str(body, arena_printf(kit.a,
			     "{\"event\":\"consent-requested\",\"id\":\"%s\","
			     "\"page\":\"https://pages.example\"}",
			     at_town));
	is_int(round_of(), 0); /* once */
	ask(NULL);             /* whoever has the link: nobody to tell */
	is_int(round_of(), 0);
	ask(at_company);
	status = 500;
	is_int(round_of(), 1);
	is_int(round_of(), 0); /* not at once again */
	clock_shift(61 * 1000);
	is_int(round_of(), 1);
	clock_shift(120 * 1000);
	is_int(round_of(), 0); /* longer the second time */
	status = 204;
	clock_shift(500 * 1000);
	is_int(round_of(), 1);
	clock_shift((int64_t)5 * 86400 * 1000);
	is_int(round_of(), 0);
	clock_shift(0);
}

/* After a day of failures it is enough. */
static void
given_up(void)
{
	int64_t person = linkkit_person(&kit, "jiro"), shift = 0;
	int tries = 0;

	linkkit_link(&kit, person, TOWN);
	ask(linkkit_link(&kit, person, COMPANY));
	status = 503;
	for (int i = 0; i < 40; i++) {
		clock_shift(shift);
		tries += round_of();
		shift += 3600 * 1000;
	}
	is_int(tries, 6);
	clock_shift(0);
}

int
main(void)
{
	struct conf *conf = conf_defaults();
	struct http_server *s;
	struct err e = ERR_INIT;

	log_level_set(LOG_ERROR);
	ok(http_startup(&e) == 0);
	linkkit_open(&kit);
	s = town();
	wants_notices(TOWN, http_port(s));
	wants_notices(COMPANY, http_port(s));
	ok(conf_set(conf, "machilink", "data-dir", tap_dir(), &e) == 0);
	ok(conf_set(conf, "personal-link", "resident-listen-address",
		   "127.0.0.1", &e) == 0);
	ok(conf_set(conf, "personal-link", "resident-port", "0", &e) == 0);
	ok(conf_set(conf, "personal-link", "resident-url",
		   "https://pages.example/", &e) == 0);
	ok(conf_set(conf, "personal-link", "provider-trust-anchors",
		   arena_printf(kit.a, "%s/town.crt", tap_dir()), &e) == 0);
	ok_m(resident_start(&res, conf, &kit.center, &e) == 0, "%s", e.text);
	if (res) {
		told();
		given_up();
	}
	resident_stop(&res);
	http_stop(&s);
	linkkit_close(&kit);
	conf_free(&conf);
	http_shutdown();
	return tap_done();
}
