/* SPDX-License-Identifier: MIT */
/*
 * The lab's own web site: the OpenID provider that its sample residents sign
 * in with (site_provider.c), and the pages of the town and the company where
 * their story begins (site_portal.c). It is part of the command `machilink
 * lab` and of nothing else: no parameter names it, it listens on loopback
 * addresses only, knows one relying party, and anybody may be anybody there.
 */
#include "lab_int.h"

#include "cert.h"
#include "err.h"
#include "file.h"
#include "html.h"
#include "http_server.h"
#include "identity.h"
#include "key.h"
#include "mem.h"
#include "site_int.h"
#include "text.h"
#include "tls.h"

enum { THREADS = 8, SECRET_MAX = 100 };

static const struct route routes[] = {
	{ "GET", "/.well-known/openid-configuration", 0, 0, site_describe },
	{ "GET", "/jwks", 0, 0, site_keys },
	{ "GET", "/authorize", 0, 0, site_authorize },
	{ "POST", "/choose", SITE_BODY_MAX, SITE_FORM, site_choose },
	{ "POST", "/token", SITE_BODY_MAX, 0, site_redeem },
	{ "GET", "/", 0, 0, portal_home },
	{ "POST", "/town/link", SITE_BODY_MAX, SITE_FORM, portal_link },
	{ "GET", "/town/back", 0, 0, portal_back },
	{ "POST", "/company/ask", SITE_BODY_MAX, SITE_FORM, portal_ask },
	{ "POST", "/company/fetch", SITE_BODY_MAX, SITE_FORM, portal_fetch },
	{ NULL, NULL, 0, 0, NULL },
};

const struct sample_person sample_people[SAMPLE_PEOPLE] = {
	{ "resident-1", "R-2026-0001", "海野 花子", "Hanako Umino" },
	{ "resident-2", "R-2026-0002", "海野 太郎", "Taro Umino" },
	{ "resident-3", "R-2026-0003", "山手 一郎", "Ichiro Yamate" },
};

/* Forms of other sites are none of ours. */
static int
guard(struct request *r, unsigned flags, void *state, struct err *e)
{
	const struct site *s = state;
	const char *origin = request_header(r, "Origin");

	if (!str_prefix(request_peer(r), "127."))
		return fail(e, FAULT_FORBIDDEN,
			"the lab's pages are for this machine alone");
	if (flags & SITE_FORM && origin && !str_equal(origin, s->base))
		return fail(e, FAULT_FORBIDDEN,
			"this form was sent by another site: %.100s", origin);
	return 0;
}

/* ---- pages ---- */

void
site_begin(struct request *r, const struct site *s, struct buf *b,
	const char *ja, const char *en)
{
	const char *title = s->lab->japanese ? ja : en;

	(void)r;
	html_put(b,
		"<!DOCTYPE html><html lang=\"%s\"><head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width\">"
		"<title>%s</title><style>body{font-family:sans-serif;max-width:"
		"42em;margin:2em auto;padding:0 1em;line-height:1.6}button{font:"
		"inherit;padding:.4em 1em;margin:.2em 0}pre{overflow:auto;"
		"background:#eee;color:#111;padding:.8em}</style></head><body>"
		"<main><p><strong>%s</strong></p><h1>%s</h1>",
		s->lab->japanese ? "ja" : "en", title,
		s->lab->japanese
			? "この端末の中だけで動く実験用の画面です。実在の人・"
			  "町・会社とは関係ありません。"
			: "A page of the lab on this machine: nobody here is "
			  "real.",
		title);
}

int
site_send(struct request *r, int status, struct buf *b, struct err *e)
{
	const struct http_header h[] = {
		{ "Content-Type", "text/html; charset=UTF-8" },
		{ "Cache-Control", "no-store" },
		{ "Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; "
			"base-uri 'none'; frame-ancestors 'none'" },
		{ "Referrer-Policy", "no-referrer" },
	};

	buf_str(b, "</main></body></html>\n");
	if (buf_ok(b, "the page", e))
		return -1;
	return reply_send_headers(
		r, status, h, sizeof(h) / sizeof(*h), bytes_buf(b), e);
}

int
site_go(struct request *r, const char *url, struct err *e)
{
	const struct http_header h[] = { { "Location", url },
		{ "Cache-Control", "no-store" } };

	return reply_send_headers(r, 303, h, 2, bytes_of(NULL, 0), e);
}

static void
put_error(struct request *r, const struct err *fault, void *state)
{
	const struct site *s = state;
	struct buf b;

	buf_init(&b, SITE_PAGE_MAX);
	site_begin(r, s, &b, "できませんでした", "This did not work");
	html_put(&b, "<p role=\"alert\">%s</p><p><a href=\"/\">%s</a></p>",
		fault->text, s->lab->japanese ? "最初の画面へ" : "Start again");
	(void)site_send(r, fault_http(fault->fault), &b, NULL);
	buf_done(&b);
}

/* ---- start and end ---- */

char *
site_dir(struct lab *l)
{
	return path_join(l->arena, l->dir, "provider");
}

static int
open_tls(struct lab *l, struct tls **out, struct err *e)
{
	const struct identity_plan plan = { site_dir(l), "provider",
		l->site_address, KEY_EC };
	const struct tls_options o = { .policy = TLS_WEB };

	return identity_serve(&plan, &o, out, e);
}

/* What the center's relying party shows: made once for a lab. */
static int
open_secret(struct lab *l, struct site *s, struct err *e)
{
	char *path = path_join(l->arena, site_dir(l), "secret");
	char made[SECRET_LEN + 1];
	struct bytes text;

	if (dir_make(site_dir(l), e))
		return -1;
	if (!file_exists(path)) {
		random_letters(made, SECRET_LEN);
		if (file_write(path, bytes_str(made), FILE_PRIVATE, e))
			return -1;
	}
	if (file_read(l->arena, path, SECRET_MAX, &text, e))
		return -1;
	s->secret = arena_strndup(l->arena, (const char *)text.data, text.len);
	return 0;
}

static int
serve(struct site *s, struct tls *tls, struct err *e)
{
	struct listener door = {
		.name = "lab site",
		.address = s->lab->site_address,
		.port = lab_port(s->lab, PORT_SITE),
		.tls = tls,
		.threads = THREADS,
		.routes = routes,
		.state = s,
		.guard = guard,
		.error = put_error,
	};

	return http_serve(&s->http, &door, e);
}

int
site_start(struct lab *l, struct err *e)
{
	struct site *s = arena_new_of(l->arena, struct site);
	struct tls *tls = NULL;
	int ret;

	s->lab = l;
	s->base = arena_printf(l->arena, "https://%s:%d", l->site_address,
		lab_port(l, PORT_SITE));
	pthread_mutex_init(&s->lock, NULL);
	if (!str_prefix(l->site_address, "127."))
		return fail(e, FAULT_CONFIG,
			"the lab's OpenID provider is for loopback addresses "
			"alone, not %s",
			l->site_address);
	ret = open_secret(l, s, e) || open_tls(l, &tls, e) ||
			      key_generate(&s->key, KEY_EC, 0, e) ||
			      serve(s, tls, e)
		      ? -1
		      : 0;
	tls_unref(&tls);
	l->site = s;
	return ret;
}

void
site_stop(struct lab *l)
{
	if (!l->site)
		return;
	if (l->site->http)
		http_stop(&l->site->http);
	key_unref(&l->site->key);
	pthread_mutex_destroy(&l->site->lock);
	l->site = NULL;
}
